/*
 * op_observe.c - DataFrame.observe(): rows pass, and their aggregates are kept.
 *
 * Each worker has states of its own, as in any aggregate without keys; at the end they are merged
 * and give one row. Values that can't be made then (1 / sum(0)) do not fail the run, since the rows
 * have gone by: the row is missing, with the reason.
 *
 * Below a limit Spark counts what the limit takes of each partition. Here a batch is cut to as many
 * rows, which is the same where a partition is one batch.
 */
#include "exec/aggregate.h"
#include "exec/exec_priv.h"

typedef struct ObserveOp {
    Op op;
    ExecMetrics seen;
    Exec *x;
    AggSpec spec;
    AggLayout layout;
    AggPartial partial;
    uint32_t most; /* rows of a batch that pass */
} ObserveOp;

static void forget(ObserveOp *o)
{
    rowset_release(o->seen.row);
    o->seen.row = NULL;
    err_clear(&o->seen.failed);
}

static fb_status observe_open(Op *op, Exec *x, fb_error *err)
{
    ObserveOp *o = (ObserveOp *)op;
    (void)x;
    (void)err;
    agg_partial_clear(&o->partial);
    forget(o);
    return FB_OK;
}

static fb_status observe_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    ObserveOp *o = (ObserveOp *)op;
    Batch part = *b;
    if (b->n_rows > o->most) {
        part = batch_slice(b, 0, o->most, &w->arena);
        part.seq = b->seq;
    }
    if (part.n_rows) {
        TRY(agg_partial_push(&o->partial, w, &part, err));
    }
    return op_emit(op, w, &part, err);
}

/* The row of all workers' states. */
static fb_status make_row(ObserveOp *o, GroupTable *into, Arena *scratch, fb_error *err)
{
    EvalCtx cx = exec_eval(o->x, scratch);
    uint64_t zero = 0, pos;
    uint8_t *mine, *theirs;
    Batch finished, out;
    group_table_upsert(into, NULL, 1, &zero, &mine, NULL, scratch);
    for (uint32_t w = 0; w < o->x->n_workers; w++) {
        pos = 0;
        if (o->partial.table[w] && group_table_scan(o->partial.table[w], &pos, &theirs, 1)) {
            TRY(agg_merge(&o->layout, &cx, group_table_arena(into), &mine, &theirs, 1, err));
        }
    }
    TRY(agg_finish(&o->layout, &cx, into, &mine, 1, &finished, err));
    TRY(agg_outputs(&o->layout, &cx, &finished, &out, err));
    TRY(arena_check(scratch, err));
    o->seen.row = rowset_new(o->seen.schema);
    return exec_append(o->x, o->seen.row, &out, err);
}

static fb_status observe_finish(Op *op, Exec *x, fb_error *err)
{
    ObserveOp *o = (ObserveOp *)op;
    Arena scratch = {0};
    (void)x;
    (void)err;
    GroupTable *into = agg_table_new(&o->layout, 0);
    if (make_row(o, into, &scratch, &o->seen.failed) != FB_OK) {
        rowset_release(o->seen.row);
        o->seen.row = NULL;
    }
    group_table_free(into);
    arena_free(&scratch);
    return FB_OK;
}

static void observe_free(Op *op)
{
    ObserveOp *o = (ObserveOp *)op;
    forget(o);
    agg_partial_free(&o->partial);
    mem_free(o);
}

static const Type *row_type(const Plan *p, Arena *a)
{
    Field *f = ARENA_ARRAY(a, Field, p->n_gen_out);
    for (uint32_t i = 0; i < p->n_gen_out; i++) {
        const Attr *m = &p->gen_out[i];
        f[i] = (Field){.name = m->name, .type = m->type, .nullable = m->nullable};
    }
    return type_struct(f, p->n_gen_out);
}

Op *op_observe(Exec *x, const Plan *p, const AggSpec *spec)
{
    static const OpVt vt = {.name = "CollectMetrics",
                            .open = observe_open,
                            .push = observe_push,
                            .finish = observe_finish,
                            .free = observe_free};
    ObserveOp *o = mem_zalloc(sizeof(*o));
    o->op.vt = &vt;
    o->x = x;
    o->spec = *spec;
    o->most = UINT32_MAX;
    o->seen.node = p;
    o->seen.schema = row_type(p, &x->arena);
    agg_layout_init(&o->layout, &o->spec, &x->arena);
    agg_partial_init(&o->partial, &o->layout, x);
    if (x->n_metrics == x->cap_metrics) {
        x->cap_metrics = x->cap_metrics ? x->cap_metrics * 2 : 4;
        x->metrics = mem_realloc(x->metrics, mem_mul(x->cap_metrics, sizeof(*x->metrics)));
    }
    x->metrics[x->n_metrics++] = &o->seen;
    return &o->op;
}

void op_observe_most(const Exec *x, const Plan *p, int64_t n)
{
    for (uint32_t i = 0; i < x->n_metrics; i++) {
        if (x->metrics[i]->node == p && n < UINT32_MAX) {
            ObserveOp *o = (ObserveOp *)((char *)x->metrics[i] - offsetof(ObserveOp, seen));
            o->most = (uint32_t)n;
        }
    }
}
