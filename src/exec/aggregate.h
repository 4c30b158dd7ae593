/*
 * aggregate.h - grouped aggregation over group tables: what the batch operator and the stateful
 * streaming operators share.
 *
 * A group's payload holds the states of all aggregates side by side. Ownership: an AggLayout
 * borrows the AggSpec; partial tables belong to the AggPartial.
 */
#ifndef EXEC_AGGREGATE_H
#define EXEC_AGGREGATE_H

#include "exec/exec.h"
#include "exec/group_table.h"
#include "expr/function.h"

typedef struct AggLayout {
    const AggSpec *spec;
    const Type **key_types;
    size_t *offset;      /* of each aggregate's state in the payload */
    size_t payload_size; /* of the states; the owner may add fields behind it */
    bool has_distinct;
} AggLayout;

void agg_layout_init(AggLayout *l, const AggSpec *spec, Arena *a);
/* extra: bytes the owner wants behind the states, 16-byte aligned at payload_size. */
GroupTable *agg_table_new(const AggLayout *l, size_t extra);

/* Evaluates the keys of a batch (normalized) and their hash. */
fb_status agg_keys(const AggLayout *l, Worker *w, const Batch *b, Vec **ret_keys,
                   uint64_t **ret_hash, fb_error *err);
/* Updates the states of the groups that payload[] names with the rows of b. seen: one table an
 * aggregate for DISTINCT, else NULL. */
fb_status agg_update(const AggLayout *l, Worker *w, Arena *keep, GroupTable **seen, const Batch *b,
                     uint8_t *const *payload, fb_error *err);
/* Merges states of rows `from` into rows `into`. */
fb_status agg_merge(const AggLayout *l, EvalCtx *cx, Arena *keep, uint8_t *const *into,
                    uint8_t *const *from, uint32_t n, fb_error *err);
/* Results of n groups: key columns, then one column an aggregate. */
fb_status agg_finish(const AggLayout *l, EvalCtx *cx, const GroupTable *t, uint8_t *const *payload,
                     uint32_t n, Batch *out, fb_error *err);
/* Output expressions over agg_finish's columns. */
fb_status agg_outputs(const AggLayout *l, EvalCtx *cx, const Batch *finished, Batch *out,
                      fb_error *err);

/* Workers' own tables. */
typedef struct AggPartial {
    const AggLayout *layout;
    Exec *x;
    GroupTable **table; /* one a worker */
    GroupTable ***seen; /* DISTINCT: one an aggregate, worker 0 only */
    int64_t *charged;
    /* Called when a worker's table is more than the budget has room for; NULL: an error. */
    fb_status (*over)(void *arg, uint32_t worker, fb_error *err);
    void *over_arg;
} AggPartial;
void agg_partial_init(AggPartial *p, const AggLayout *l, Exec *x);
void agg_partial_clear(AggPartial *p);
void agg_partial_free(AggPartial *p);
fb_status agg_partial_push(AggPartial *p, Worker *w, Batch *b, fb_error *err);
size_t agg_partial_bytes(const AggPartial *p, uint32_t worker);
/* Frees a worker's table, which is elsewhere now; the next push makes a new one. */
fb_status agg_partial_drop(AggPartial *p, uint32_t worker, fb_error *err);

#endif
