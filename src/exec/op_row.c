/*
 * op_row.c - operators that handle each batch by itself: filter, project, generate, expand, limit.
 */
#include "exec/exec_priv.h"

#include "expr/eval_list.h"
#include "expr/function.h"

static void free_op(Op *op)
{
    mem_free(op);
}

/* ---- filter ---- */

typedef struct FilterOp {
    Op op;
    Expr *predicate;
} FilterOp;

static fb_status filter_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    const FilterOp *f = (const FilterOp *)op;
    uint32_t *rows = arena_alloc(&w->arena, mem_mul(b->n_rows, sizeof(*rows)));
    uint32_t n;
    TRY(eval_filter(&w->eval, f->predicate, b, rows, &n, err));
    if (n == b->n_rows) {
        return op_emit(op, w, b, err);
    }
    if (n == 0) {
        return FB_OK;
    }
    Batch out;
    batch_gather(&out, b, rows, n, &w->arena);
    out.seq = b->seq;
    return op_emit(op, w, &out, err);
}

Op *op_filter(Expr *predicate)
{
    static const OpVt vt = {.name = "Filter", .push = filter_push, .free = free_op};
    FilterOp *f = mem_zalloc(sizeof(*f));
    f->op.vt = &vt;
    f->predicate = predicate;
    return &f->op;
}

/* ---- project ---- */

typedef struct ProjectOp {
    Op op;
    Expr *const *exprs;
    uint32_t n;
} ProjectOp;

static fb_status project_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    const ProjectOp *p = (const ProjectOp *)op;
    Batch out = {.n_rows = b->n_rows, .n_cols = p->n, .seq = b->seq};
    out.col = ARENA_ARRAY(&w->arena, Vec, p->n);
    TRY(eval_list(&w->eval, p->exprs, p->n, b, out.col, err));
    return op_emit(op, w, &out, err);
}

Op *op_project(Expr *const *exprs, uint32_t n)
{
    static const OpVt vt = {.name = "Project", .push = project_push, .free = free_op};
    ProjectOp *p = mem_zalloc(sizeof(*p));
    p->op.vt = &vt;
    p->exprs = exprs;
    p->n = n;
    return &p->op;
}

/* ---- generate: explode and its family ---- */

typedef struct GenerateOp {
    Op op;
    Expr *generator;
    const uint32_t *carried; /* input columns kept beside the generated ones */
    uint32_t n_carried, n_generated;
    const uint32_t *order; /* output column k is carried (< n_carried) or generated */
    uint32_t n_out;
} GenerateOp;

/* Emits the rows in slices, so that what follows works on batches that stay in the cache. */
static fb_status emit_slices(Op *op, Worker *w, Batch *b, fb_error *err)
{
    if (b->n_rows <= BATCH_ROWS) {
        return op_emit(op, w, b, err);
    }
    for (uint32_t from = 0; from < b->n_rows; from += BATCH_ROWS) {
        uint32_t n = b->n_rows - from < BATCH_ROWS ? b->n_rows - from : BATCH_ROWS;
        ArenaMark mark = arena_mark(&w->arena);
        Batch slice = batch_slice(b, from, n, &w->arena);
        slice.seq = b->seq;
        TRY(op_emit(op, w, &slice, err));
        arena_rewind(&w->arena, mark);
    }
    return FB_OK;
}

static fb_status generate_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    const GenerateOp *g = (const GenerateOp *)op;
    const Expr *call = g->generator;
    Vec *args = ARENA_ARRAY(&w->arena, Vec, call->n_args);
    Vec *made = ARENA_ARRAY(&w->arena, Vec, g->n_generated);
    uint32_t *rows, n;
    TRY(eval_list(&w->eval, call->args, call->n_args, b, args, err));
    TRY(call->fn->generate(&w->eval, call, args, b->n_rows, &rows, &n, made, err));
    TRY(arena_check(&w->arena, err));
    if (n == 0) {
        return FB_OK;
    }
    Batch out = {.n_rows = n, .n_cols = g->n_out, .seq = b->seq};
    out.col = ARENA_ARRAY(&w->arena, Vec, g->n_out);
    size_t width = 0;
    for (uint32_t c = 0; c < g->n_carried; c++) {
        width += type_width(b->col[g->carried[c]].type);
    }
    if (!arena_reserve(&w->arena, mem_mul(n, width))) {
        return arena_check(&w->arena, err);
    }
    for (uint32_t k = 0; k < g->n_out; k++) {
        uint32_t c = g->order[k];
        if (c < g->n_carried) {
            vec_gather(&out.col[k], &b->col[g->carried[c]], rows, n, &w->arena);
        } else {
            out.col[k] = made[c - g->n_carried];
        }
    }
    return emit_slices(op, w, &out, err);
}

Op *op_generate(Expr *generator, const uint32_t *carried, uint32_t n_carried, uint32_t n_generated,
                const uint32_t *order, uint32_t n_out)
{
    static const OpVt vt = {.name = "Generate", .push = generate_push, .free = free_op};
    GenerateOp *g = mem_zalloc(sizeof(*g));
    g->op.vt = &vt;
    g->generator = generator;
    g->carried = carried;
    g->n_carried = n_carried;
    g->n_generated = n_generated;
    g->order = order;
    g->n_out = n_out;
    return &g->op;
}

/* ---- expand: each row once for every grouping set ---- */

typedef struct ExpandOp {
    Op op;
    Expr *const *sets;
    uint32_t n_sets, n_cols;
} ExpandOp;

static fb_status expand_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    const ExpandOp *e = (const ExpandOp *)op;
    for (uint32_t s = 0; s < e->n_sets; s++) {
        ArenaMark mark = arena_mark(&w->arena);
        Batch out = {.n_rows = b->n_rows, .n_cols = e->n_cols, .seq = b->seq};
        out.col = ARENA_ARRAY(&w->arena, Vec, e->n_cols);
        for (uint32_t c = 0; c < e->n_cols; c++) {
            TRY(expr_eval(&w->eval, e->sets[s * e->n_cols + c], b, &out.col[c], err));
        }
        TRY(op_emit(op, w, &out, err));
        arena_rewind(&w->arena, mark);
    }
    return FB_OK;
}

Op *op_expand(Expr *const *sets, uint32_t n_sets, uint32_t n_cols)
{
    static const OpVt vt = {.name = "Expand", .push = expand_push, .free = free_op};
    ExpandOp *e = mem_zalloc(sizeof(*e));
    e->op.vt = &vt;
    e->sets = sets;
    e->n_sets = n_sets;
    e->n_cols = n_cols;
    return &e->op;
}

/* ---- limit and offset: the first rows in input order, so one worker reads ---- */

typedef struct LimitOp {
    Op op;
    int64_t limit, offset; /* limit -1: none */
    int64_t seen;
} LimitOp;

static fb_status limit_open(Op *op, Exec *x, fb_error *err)
{
    (void)x;
    (void)err;
    ((LimitOp *)op)->seen = 0;
    return FB_OK;
}

static fb_status limit_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    LimitOp *l = (LimitOp *)op;
    int64_t from = l->seen, to = l->seen + b->n_rows;
    int64_t last =
        l->limit < 0 || l->limit > INT64_MAX - l->offset ? INT64_MAX : l->offset + l->limit;
    l->seen = to;
    int64_t lo = from > l->offset ? from : l->offset, hi = to < last ? to : last;
    if (lo < hi) {
        Batch part = *b;
        if (lo != from || hi != to) {
            part = batch_slice(b, (uint32_t)(lo - from), (uint32_t)(hi - lo), &w->arena);
            part.seq = b->seq;
        }
        TRY(op_emit_mixed(op, w, &part, err));
    }
    return to >= last ? FB_STOP : FB_OK;
}

Op *op_limit(int64_t limit, int64_t offset)
{
    static const OpVt vt = {
        .name = "CollectLimit", .open = limit_open, .push = limit_push, .free = free_op};
    LimitOp *l = mem_zalloc(sizeof(*l));
    l->op.vt = &vt;
    l->op.one_worker = true;
    l->limit = limit;
    l->offset = offset;
    return &l->op;
}
