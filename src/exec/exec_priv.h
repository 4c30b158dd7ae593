/*
 * exec_priv.h - the operators' constructors, for compile.c; each is described in its file.
 *
 * All expressions are bound. A constructor's memory is malloc'ed and freed by the operator's free.
 */
#ifndef EXEC_EXEC_PRIV_H
#define EXEC_EXEC_PRIV_H

#include "exec/exec.h"

Op *op_filter(Expr *predicate);
Op *op_project(Expr *const *exprs, uint32_t n);
Op *op_generate(Expr *generator, const uint32_t *carried, uint32_t n_carried, uint32_t n_generated,
                const uint32_t *order, uint32_t n_out);
Op *op_expand(Expr *const *sets, uint32_t n_sets, uint32_t n_cols);
Op *op_limit(int64_t limit, int64_t offset);
Op *op_observe(Exec *x, const Plan *p, const AggSpec *spec);
/* A limit takes no more than n rows of what the node p gives. */
void op_observe_most(const Exec *x, const Plan *p, int64_t n);
Op *op_deduplicate(Exec *x, Expr *const *keys, uint32_t n_keys);

/* Breakers: the operator and the source of what it kept. The source belongs to the operator. */
Op *op_sort(Exec *x, Expr *const *orders, uint32_t n, const Type *const *types, uint32_t n_cols,
            Source **ret);
Op *op_aggregate(Exec *x, const AggSpec *spec, Source **ret);
Op *op_tail(Exec *x, int64_t n, const Type *schema, Source **ret);

/* What a hash join needs; keys are over the sides' own columns, condition over left ++ right. */
typedef struct JoinSpec {
    JoinType type;
    Expr **left_keys, **right_keys;
    bool *null_safe;
    uint32_t n_keys;
    Expr *condition; /* or NULL */
    const Type *const *left_types;
    uint32_t n_left;
    const Type *const *right_types;
    uint32_t n_right;
    const uint32_t *out; /* output columns as ordinals of left ++ right */
    uint32_t n_out;
} JoinSpec;
/* build is a breaker for the right side; probe runs on the left; rest, if not NULL, gives after the
 * probe what only then is known: build rows without a match (right and full outer), and the joined
 * rows of partitions that were written to a file. */
void op_join(Exec *x, const JoinSpec *spec, Op **ret_build, Op **ret_probe, Source **ret_rest);

/* op_stream.c: a pipeline that ends in the sink begins, for the first n_running workers, none of
 * whose batches has a seq below this one; a worker has got to a seq; it has ended, and how. The
 * statuses: FB_STOP when the consumer wants no more. */
void stream_begin(Op *op, uint64_t seq, uint32_t n_running);
fb_status stream_at(Op *op, uint32_t worker, uint64_t seq, fb_error *err);
fb_status stream_done(Op *op, uint32_t worker, fb_status how, fb_error *err);

/* Charges what a growing structure took since the last call; *charged is the caller's account. */
fb_status exec_charge(Exec *x, int64_t *charged, size_t now, fb_error *err);
/* The same for who can do with less: false above the limit, and nothing is charged. */
bool exec_fits(Exec *x, int64_t *charged, size_t now);
/* How many workers may each have a spilled partition in memory at a time; at least 1. */
uint32_t exec_part_workers(const Exec *x);
uint32_t exec_parts(const Exec *x); /* partitions of the result, once the last pipeline began */
/* Work that is not driven by a source asks now and then; true: return FB_STOP. */
bool exec_is_cancelled(const Exec *x);
/* rowset_append() of a batch that may be larger than it looks: rows that share one long string, or
 * elements that do, are copied each. One that would take half of the limit at once is refused. */
fb_status exec_append(Exec *x, RowSet *rows, const Batch *b, fb_error *err);
fb_status exec_may_copy(Exec *x, const Batch *b, fb_error *err);
EvalCtx exec_eval(Exec *x, Arena *a); /* a gets the run's quota */

#endif
