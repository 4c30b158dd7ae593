/*
 * source.h - where rows come from: the leaves of physical plans.
 *
 * A Source is read by several workers at once. Each worker calls produce() once per run; it takes
 * morsels (file ranges, batches) from a shared counter until none is left, and pushes batches.
 * A source may be run again after another begin(): that is how a micro-batch re-binds its input.
 *
 * Ownership: the batch pushed and its memory are the source's; valid until emit returns.
 */
#ifndef EXEC_SOURCE_H
#define EXEC_SOURCE_H

#include "expr/expr.h"

typedef struct Source Source;

/* What a worker brings along: its number, its arena for the current batch, its EvalCtx. */
typedef struct Worker {
    uint32_t id;
    Arena arena;           /* reset by the source after each batch it pushed */
    EvalCtx eval;          /* eval.arena == &arena */
    struct EvalKept *kept; /* by eval */
    uint64_t seq_base;     /* of the pipeline being run; see source_seq() */
} Worker;

/* Batch.seq for the k-th batch of a morsel: later pipelines after earlier ones, then by morsel. */
static inline uint64_t source_seq(const Worker *w, uint64_t morsel, uint64_t k)
{
    return w->seq_base | (morsel & 0xffffff) << 24 | (k & 0xffffff);
}

/* Takes the batch; FB_STOP: no more rows are wanted, the source returns FB_STOP. */
typedef fb_status (*EmitFn)(void *to, Worker *w, Batch *b, fb_error *err);

typedef struct SourceVt {
    fb_status (*begin)(Source *s, uint32_t n_workers, fb_error *err);
    fb_status (*produce)(Source *s, Worker *w, EmitFn emit, void *to, fb_error *err);
    void (*free)(Source *s);
} SourceVt;

struct Source {
    const SourceVt *vt;
    _Atomic uint64_t n_rows; /* rows read since begin(); the source counts, before any filter */
    uint32_t n_morsels;      /* set by begin(): no more workers than this can be busy; 0 unknown */
    _Atomic bool *cancel; /* set by the run: produce returns FB_STOP soon after it becomes true; may
                             be NULL */
};

/* Rows of a RowSet, retained; columns as ordinals (NULL: all). */
Source *source_rowset(RowSet *rows, const uint32_t *columns, uint32_t n_columns);
void source_rowset_bind(Source *s, RowSet *rows, uint32_t from_batch,
                        uint32_t to_batch); /* other rows or a range of batches for the next run */
Source *source_range(int64_t start, int64_t end, int64_t step);
Source *source_one_row(void); /* one row, no columns */

#endif
