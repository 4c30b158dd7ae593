/*
 * join_priv.h - the hash join from the inside: op_join.c and join_spill.c.
 *
 * A Side is right rows with an index over their keys; the whole right side, or as much of one
 * partition of it as there is memory for. Threads: any number may probe an indexed side.
 */
#ifndef EXEC_JOIN_PRIV_H
#define EXEC_JOIN_PRIV_H

#include "exec/exec_priv.h"
#include "exec/group_table.h"
#include "exec/spill.h"

#include <pthread.h>

typedef struct Side {
    RowSet *rows;
    Vec *col;    /* its columns end to end; in arena */
    Arena arena; /* of the index */
    uint32_t n_rows;
    GroupTable *table; /* payload: uint32_t first row + 1 */
    uint32_t *chain;
    _Atomic uint8_t *matched;
} Side;

typedef struct JoinSpill JoinSpill;

typedef struct Join {
    JoinSpec spec;
    Exec *x;
    const Type *right_schema;
    Side side;
    pthread_mutex_t lock; /* side while it is built; the making of spill */
    int64_t charged;
    JoinSpill *_Atomic spill; /* NULL: the right side is in memory */
    uint32_t refs;            /* operators and source */
} Join;

static inline bool join_keeps_right(JoinType t)
{
    return t == JOIN_RIGHT || t == JOIN_FULL;
}

static inline bool join_keeps_left(JoinType t)
{
    return t == JOIN_LEFT || t == JOIN_FULL;
}

static inline bool join_is_semi(JoinType t)
{
    return t == JOIN_LEFT_SEMI || t == JOIN_LEFT_ANTI;
}

void join_side_init(const Join *j, Side *s);
void join_side_clear(Side *s); /* no rows, no memory */
void join_side_free(Side *s);
/* Bytes the side takes once it is indexed, estimated from its rows. */
size_t join_side_cost(const Join *j, const Side *s);
fb_status join_index(const Join *j, Side *s, fb_error *err);
/* Hashes of the keys of a batch, in the context's arena. */
fb_status join_hash(const Join *j, EvalCtx *cx, Expr *const *exprs, const Batch *b, uint64_t **ret,
                    fb_error *err);
/* Joins a batch of left rows. hits NULL: all that the join type says about these rows is emitted.
 * Else the side is not the whole: pairs are emitted (semi and anti joins: nothing), and hits[row]
 * becomes 1 for rows that have a match. */
fb_status join_probe(const Join *j, const Side *s, Worker *w, const Batch *b, uint8_t *hits,
                     EmitFn emit, void *to, fb_error *err);
/* Left rows of the batch that the join type gives out on their own, by hits. */
fb_status join_left_alone(const Join *j, Worker *w, const Batch *b, const uint8_t *hits,
                          EmitFn emit, void *to, fb_error *err);
/* Right rows without a match; *k counts the batches of the morsel. */
fb_status join_right_alone(const Join *j, const Side *s, Worker *w, uint64_t morsel, uint64_t *k,
                           EmitFn emit, void *to, fb_error *err);

/* ---- join_spill.c ---- */
fb_status join_spill_new(Join *j, uint32_t level, JoinSpill **ret, fb_error *err);
void join_spill_free(JoinSpill *s); /* NULL is fine */
/* Deals rows of one side to the worker's partitions. */
fb_status join_spill_right(JoinSpill *s, EvalCtx *cx, uint32_t worker, const Batch *b,
                           fb_error *err);
fb_status join_spill_left(JoinSpill *s, EvalCtx *cx, uint32_t worker, const Batch *b,
                          fb_error *err);
/* Joins the partition part < SPILL_FANOUT. */
fb_status join_spill_run(JoinSpill *s, Worker *w, uint32_t part, EmitFn emit, void *to,
                         fb_error *err);

#endif
