/*
 * exec.h - physical operators and pipelines.
 *
 * A physical plan is a list of pipelines in the order in which they run. A pipeline is a Source,
 * then operators that batches are pushed through, the last of which keeps them (a breaker: group
 * table, join build, sort, collector, writer) and may be the source of a later pipeline. Workers of
 * the pool run a pipeline together; each operator keeps what belongs to a worker in a slot of its
 * own, so that nothing is locked on the way.
 *
 * Life of an operator in one run:
 *     open       once, before any push: forget the last run
 *     push       by workers, batch after batch
 *     flush      by each worker after its last push: emit what it holds back (partial results)
 *     finish     once, after all workers: breakers merge what the workers gathered
 * A plan can be run any number of times: a streaming query compiles once and runs each micro-batch.
 */
#ifndef EXEC_EXEC_H
#define EXEC_EXEC_H

#include "base/budget.h"
#include "base/pool.h"
#include "exec/source.h"
#include "plan/analyzer.h"

typedef struct Op Op;
typedef struct Exec Exec;
typedef struct AggSpec AggSpec;

typedef struct OpVt {
    const char *name; /* as explain shows it: "Filter", "HashAggregate" … */
    fb_status (*open)(Op *op, Exec *x, fb_error *err);
    fb_status (*push)(Op *op, Worker *w, Batch *b, fb_error *err);
    fb_status (*flush)(Op *op, Worker *w, fb_error *err);
    fb_status (*finish)(Op *op, Exec *x, fb_error *err);
    void (*free)(Op *op);
    /* What changes the numbers of partitions (partition.h): the one that rows of p are in from here
     * on, which grows with p; and a pipeline through it begins, so that their counts are known. */
    uint32_t (*part)(const Op *op, uint32_t p);
    void (*count)(Op *op);
} OpVt; /* any entry but push may be NULL */

struct Op {
    const OpVt *vt;
    Op *next;         /* where push emits to; NULL at a breaker */
    bool one_worker;  /* the pipeline must run on one worker (ordered limit, distinct aggregates) */
    bool by_part;     /* it looks at partitions: its pipelines run by partition */
    bool likes_parts; /* at the end of pipelines: they do if the source has partitions at hand */
    bool in_parts;    /* set by the compiler at the last operator: they do */
    uint32_t last_pipe; /* pipeline after which finish() is called; set by the compiler */
};
static inline fb_status op_emit(Op *op, Worker *w, Batch *b, fb_error *err)
{
    TRY(arena_check(&w->arena, err)); /* what an arena over its quota holds may be rubbish */
    return op->next->vt->push(op->next, w, b, err);
}

/* As op_emit(), of rows that an exchange has brought together: the file that they were read from is
 * not known any more. */
static inline fb_status op_emit_mixed(Op *op, Worker *w, Batch *b, fb_error *err)
{
    const InputFile *input = w->eval.input;
    w->eval.input = NULL;
    fb_status st = op_emit(op, w, b, err);
    w->eval.input = input;
    return st;
}

typedef struct Pipeline {
    Source *source;
    bool source_owned; /* false: part of an operator, which frees it */
    Op *first;         /* chain by next; all owned by the plan */
    bool by_part;
} Pipeline;

/* What lower layers need from higher ones to compile: filled by stream/ for streaming queries. */
typedef struct ExecHooks {
    void *self;
    /* Source for a streaming P_RELATION (bound to a range by the caller before each run). */
    fb_status (*stream_source)(void *self, Exec *x, const Plan *relation, Source **ret,
                               fb_error *err);
    /* The operator of a node over a stream that keeps state, or NULL: compile as usual. A breaker
     * (P_AGGREGATE) is also a Source and gets groups and aggregates bound to its input columns;
     * rows go through others (P_LIMIT), whose *ret_source and agg are NULL. */
    fb_status (*stateful)(void *self, Exec *x, const Plan *p, const AggSpec *agg, Op **ret_op,
                          Source **ret_source, fb_error *err);
} ExecHooks;

/* What a P_COLLECT_METRICS node saw in the last run. */
typedef struct ExecMetrics {
    const Plan *node;
    const Type *schema;
    RowSet *row;     /* one row; NULL: it could not be made */
    fb_error failed; /* why */
} ExecMetrics;

/* A compiled plan and the means to run it. */
struct Exec {
    Arena arena; /* operators, bound expressions */
    Pipeline *pipes;
    uint32_t n_pipes, cap_pipes;
    Op **ops; /* all, for free */
    uint32_t n_ops, cap_ops;
    Pool *pool;
    uint32_t n_workers;
    uint32_t parallelism; /* partitions of leaves that nobody gave a number */
    Worker *workers;
    const Conf *conf;
    MemBudget *budget;      /* may be NULL */
    ArenaQuota quota;       /* of the workers' arenas and those of exec_eval() */
    int64_t exempt;         /* of it, of all workers together */
    const ExecHooks *hooks; /* NULL: batch */
    const struct TimeZone *tz;
    const char *tz_name;
    int64_t now_us;
    uint64_t reseed;             /* as EvalCtx has it */
    uint64_t run;                /* its number among the process's runs */
    _Atomic bool cancel;         /* set from outside: the run ends with OPERATION_CANCELED */
    _Atomic bool *caller_cancel; /* the same, owned by the caller of exec_run; NULL: none */
    bool ansi;
    bool sees_parts;           /* something in the plan looks at partitions */
    const struct Parts *parts; /* of the result */
    ExecMetrics **metrics;     /* parts of operators */
    uint32_t n_metrics, cap_metrics;
    Op *stream; /* the sink, if it is one of op_stream() */
};

/* Compiles an optimized plan; the rows end in sink (owned by the Exec afterwards), whose input
 * columns are plan->out in order. The conf, pool, budget and hooks must outlive the Exec. */
fb_status exec_compile(const Plan *plan, const Conf *conf, Pool *pool, MemBudget *budget,
                       const ExecHooks *hooks, Op *sink, Exec **ret, fb_error *err);
/* Runs all pipelines; now_us is current_timestamp() of the run. Errors: the first that any worker
 * met. */
fb_status exec_run(Exec *x, int64_t now_us, fb_error *err);
void exec_free(Exec *x);
void exec_explain(const Exec *x, const Plan *plan, StrBuf *out); /* "== Physical Plan ==" text */

/* Sinks */
Op *op_collect(RowSet *into); /* keeps order by seq; into is retained */
/* Keeps rows by partition (source_rowset_kept). What they take is charged to the caller's account,
 * which outlives the run; n_parts: how many partitions there are. */
Op *op_keep_parts(RowSet *into, int64_t *charged, uint32_t *n_parts);
Op *op_discard(void);
uint64_t op_discarded(const Op *op); /* rows of the last run */
/* Hands each batch to fn: from any worker, one at a time, in no order (Batch.seq tells it). */
typedef fb_status (*BatchFn)(void *arg, const Batch *b, fb_error *err);
Op *op_callback(BatchFn fn, void *arg);
/* The same in order and on the thread that called exec_run(), while the query runs; workers that
 * are ahead wait once they have made a bounded amount of rows. FB_STOP from fn ends the run. */
Op *op_stream(BatchFn fn, void *arg);

/* ---- for operators ---- */
/* Binds an expression over attributes to ordinals of the input columns. */
fb_status exec_bind(Exec *x, const Expr *e, const Attr *in, uint32_t n_in, Expr **ret,
                    fb_error *err);

/* The predicates over a P_RELATION that its source is to apply, bound to its columns. */
fb_status exec_pushed(Exec *x, const Plan *relation, Expr ***ret, uint32_t *ret_n, fb_error *err);

/* An aggregate bound to its input: key and argument expressions are over the child's columns. */
struct AggSpec {
    Expr **keys; /* n_keys expressions; floats normalized by the operator */
    const char **key_names;
    uint32_t n_keys;
    Expr **aggs; /* E_AGG, arguments and filter bound */
    uint32_t n_aggs;
    /* Output columns: E_COLUMN < n_keys is a key, n_keys + k is the result of aggs[k]; any
     * expression over those. */
    Expr **outs;
    const Attr *out_attrs;
    uint32_t n_outs;
};

#endif
