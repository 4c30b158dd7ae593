/*
 * sink.h - streaming sinks: where a micro-batch's rows go, idempotent by batch id.
 *
 * A sink gives the physical plan its last operator once; before each run the query calls begin with
 * the batch id, after it commit (or abort). Threads: begin, commit, abort on the query's thread;
 * the operator on the workers.
 */
#ifndef STREAM_SINK_H
#define STREAM_SINK_H

#include "exec/exec.h"

typedef struct StreamSink StreamSink;

typedef struct StreamSinkVt {
    /* *ret_skip: the batch is in the sink already, do not write it again. */
    fb_status (*begin)(StreamSink *s, int64_t batch_id, bool *ret_skip, fb_error *err);
    fb_status (*commit)(StreamSink *s, int64_t batch_id, fb_error *err); /* durable afterwards */
    void (*abort)(StreamSink *s, int64_t batch_id);
    void (*free)(StreamSink *s);
} StreamSinkVt;

struct StreamSink {
    const StreamSinkVt *vt;
    Op *op;            /* last operator; owned by the Exec once compiled in */
    char *description; /* progress: "FileSink[file:/out]", "MemorySink" … owned */
    int64_t n_rows;    /* rows of the last committed batch; -1: not known (V1 sinks) */
};

/* What a sink is made from. */
typedef struct SinkSpec {
    const char *format;
    const Options *options;
    const Type *schema;
    OutputMode mode;
    const char *query_name; /* may be NULL */
    const char *query_id;
    const char *const *partition_by;
    uint32_t n_partition_by;
    const char *time_zone;
    bool is_restart; /* the checkpoint has batches */
} SinkSpec;

#endif
