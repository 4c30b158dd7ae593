/*
 * source.h - where rows come from: the leaves of physical plans.
 *
 * A Source is read by several workers at once. Each worker calls produce() once per run; it takes
 * morsels (file ranges, batches) from a shared counter until none is left, and pushes batches.
 * A source may be run again after another begin(): that is how a micro-batch re-binds its input.
 *
 * Partitions. A pipeline is run by partition where something looks at them (partition.h): then
 * produce() takes tasks, which are runs of partitions, each for one worker, and sets the worker's
 * eval.partition before it pushes rows of another one.
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
    /* How many partitions its rows are in, once it could begin. NULL: one, and the run sees to all
     * that has to do with partitions. */
    uint32_t (*parts)(Source *s);
    /* The first partition from p on that has rows; UINT32_MAX: none. NULL: each may have some. */
    uint32_t (*present)(Source *s, uint32_t p);
} SourceVt;

/* When a pipeline that begins with this source is run by partition. */
typedef enum Parting {
    PARTING_ASKED,  /* when an operator looks at partitions */
    PARTING_LIKED,  /* also when the end of the pipeline would like it: files */
    PARTING_ALWAYS, /* it has dealt its rows to partitions anyway */
} Parting;

struct Source {
    const SourceVt *vt;
    _Atomic uint64_t n_rows; /* rows read since begin(); the source counts, before any filter */
    uint32_t n_morsels;      /* set by begin(): no more workers than this can be busy; 0 unknown */
    _Atomic bool *cancel; /* set by the run: produce returns FB_STOP soon after it becomes true; may
                             be NULL */
    Parting parting;
    bool by_part;                          /* set by the run before begin() */
    bool (*joined)(void *arg, uint32_t p); /* p and p + 1 belong to one task; set by the run */
    void *joined_arg;
    _Atomic uint32_t next_part; /* 0 when the pipeline begins */
};

/* The next task: partitions *from to *to - 1; false: all are taken. */
bool source_task(Source *s, uint32_t *from, uint32_t *to);
static inline uint32_t source_parts(Source *s)
{
    return s->vt->parts ? s->vt->parts(s) : 1;
}
/* In a task: the next partition to read from p on; to: no more. */
static inline uint32_t source_present(Source *s, uint32_t p, uint32_t to)
{
    uint32_t next = s->vt->present ? s->vt->present(s, p) : p;
    return next < to ? next : to;
}

/* Rows of a RowSet, retained; columns as ordinals (NULL: all). */
Source *source_rowset(RowSet *rows, const uint32_t *columns, uint32_t n_columns);
/* Its rows are in n equal parts, or as many as there are rows; without the call in one. */
void source_rowset_slices(Source *s, uint32_t n);
/* Its rows are in the n partitions that op_keep_parts() kept them by. */
void source_rowset_kept(Source *s, uint32_t n);
void source_rowset_bind(Source *s, RowSet *rows, uint32_t from_batch,
                        uint32_t to_batch); /* other rows or a range of batches for the next run */
Source *source_range(int64_t start, int64_t end, int64_t step, uint32_t n_parts);
Source *source_one_row(void); /* one row, no columns */

#endif
