/*
 * stateful.h - stateful operators: tables that live over micro-batches, partitioned as Spark does,
 * with their state stores.
 *
 * The aggregate is a breaker: workers aggregate a batch into tables of their own
 * (exec/aggregate.h); at the end of the input the groups go to the partition pmod(murmur3(keys,
 * 42), partitions) and are merged into that partition's table, which marks the rows it changed. Its
 * source then gives the rows that the output mode asks for. commit writes the changed rows as
 * UnsafeRows into each partition's store. A limit (stateful_limit.c) is no breaker: rows go through
 * it.
 *
 * Threads: prepare and commit on the query's thread; the operator on the workers.
 */
#ifndef STATE_STATEFUL_H
#define STATE_STATEFUL_H

#include "exec/exec.h"
#include "state/state.h"

typedef struct StatefulOp StatefulOp;

/* What progress says of a stateful operator: StateOperatorProgress. Times in ms, memory in bytes.
 */
typedef struct StatefulMetrics {
    const char *operator_name;
    int64_t rows_total, rows_updated, rows_removed, rows_dropped_by_watermark;
    int64_t updates_ms, removals_ms, commit_ms, memory_bytes;
    uint32_t n_partitions, n_stores;
    int64_t cache_hits, cache_misses;
} StatefulMetrics;

typedef struct StatefulVt {
    /* Before a run of the batch that reads version `version`: loads it from disk unless the tables
     * hold it already. first: the first batch of this run of the query (metadata and schema are
     * checked against the checkpoint, or written). */
    fb_status (*prepare)(StatefulOp *s, int64_t version, bool first, fb_error *err);
    /* After the run: version + 1 becomes durable in every partition. */
    fb_status (*commit)(StatefulOp *s, fb_error *err);
    void (*abort)(StatefulOp *s); /* the run failed: the tables are dropped */
    void (*metrics)(const StatefulOp *s, StatefulMetrics *out);
    /* Snapshots and deletion of old files, when due (maintenance). */
    fb_status (*maintain)(StatefulOp *s, fb_error *err);
} StatefulVt;

struct StatefulOp {
    const StatefulVt *vt;
};

typedef struct StatefulSpec {
    const char *state_dir; /* <checkpoint>/state; copied */
    uint32_t op_id;
    uint32_t n_partitions;
    OutputMode mode;
    const Conf *conf; /* outlives the operator */
} StatefulSpec;

/* Refuses providers and encodings of state other than the HDFS-backed one's. */
fb_status stateful_check_conf(const Conf *conf, fb_error *err);
/* Operators belong to the Exec; the StatefulOp is part of them. Aggregation refuses state formats
 * other than 2. */
fb_status stateful_aggregate(Exec *x, const AggSpec *agg, const StatefulSpec *spec, Op **ret_op,
                             Source **ret_source, StatefulOp **ret, fb_error *err);
/* may_stop: nothing below needs to see rows that do not go through. */
fb_status stateful_limit(Exec *x, int64_t limit, bool may_stop, const StatefulSpec *spec,
                         Op **ret_op, StatefulOp **ret, fb_error *err);

#endif
