/*
 * optimize_local.c - the errors of small local rows and of constants.
 *
 * What Spark's optimizer evaluates by itself fails a query even if no row would have met it:
 *
 * - Projections, filters and limits over local rows (VALUES, createDataFrame) are evaluated before
 *   columns are dropped or filters moved: all rows of one before the next, and the lowest ones of
 *   all branches before those above, from left to right. optimize_local() goes the same way, for
 *   the errors alone: the rows are made again when the plan runs, and passes that follow need not
 *   mind what fails. Rows that are many or large are left to the run.
 * - Constants that are left after columns were dropped are folded wherever they stand, but in
 *   branches that may not be taken (CASE, IF, COALESCE). optimize_constants() looks at those that
 *   optimize_fold() left because they fail.
 */
#include "base/budget.h"
#include "expr/eval_list.h"
#include "expr/function.h"
#include "plan/optimize.h"

#define LOCAL_ROWS 1024
#define LOCAL_BYTES ((int64_t)8 << 20)

typedef struct LocalRows {
    const Plan *plan;
    Batch rows;
    struct LocalRows *next;
} LocalRows;

typedef struct Locals {
    OptimizeCtx *cx;
    EvalCtx eval; /* in an arena of its own, which is bounded */
    LocalRows *known;
    bool grew;
} Locals;

static const Batch *rows_of(const Locals *l, const Plan *p)
{
    for (const LocalRows *k = l->known; k; k = k->next) {
        if (k->plan == p) {
            return &k->rows;
        }
    }
    return NULL;
}

static void know(Locals *l, const Plan *p, const Batch *rows)
{
    LocalRows *k = ARENA_NEW(l->cx->arena, LocalRows);
    *k = (LocalRows){p, *rows, l->known};
    l->known = k;
    l->grew = true;
}

static bool is_stable(Expr *const *e, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!expr_is_deterministic(e[i]) || !fold_reads_no_clock(e[i])) {
            return false;
        }
    }
    return true;
}

static bool bind_all(Locals *l, const Plan *p, Expr ***ret)
{
    const Plan *child = p->child[0];
    *ret = ARENA_ARRAY(l->cx->arena, Expr *, p->n_exprs + 1);
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        const Expr *missing = NULL;
        (*ret)[i] = attrs_bind(l->cx->arena, p->exprs[i], child->out, child->n_out, &missing);
        if (missing) {
            return false;
        }
    }
    return true;
}

static fb_status project_rows(Locals *l, const Plan *p, const Batch *in, fb_error *err)
{
    Expr **e;
    Batch out = {.n_rows = in->n_rows, .n_cols = p->n_exprs};
    out.col = ARENA_ARRAY(l->eval.arena, Vec, p->n_exprs + 1);
    if (bind_all(l, p, &e)) {
        TRY(eval_list(&l->eval, e, p->n_exprs, in, out.col, err));
        know(l, p, &out);
    }
    return FB_OK;
}

static fb_status filter_rows(Locals *l, const Plan *p, const Batch *in, fb_error *err)
{
    Expr **e;
    if (bind_all(l, p, &e)) {
        Batch out;
        uint32_t *rows = ARENA_ARRAY(l->eval.arena, uint32_t, in->n_rows + 1), n;
        TRY(eval_filter(&l->eval, e[0], in, rows, &n, err));
        batch_gather(&out, in, rows, n, l->eval.arena);
        know(l, p, &out);
    }
    return FB_OK;
}

static void limit_rows(Locals *l, const Plan *p, const Batch *in)
{
    Batch out = batch_slice(in, 0, p->n < in->n_rows ? (uint32_t)p->n : in->n_rows, l->eval.arena);
    know(l, p, &out);
}

static bool is_small(const RowSet *r)
{
    return r->n_rows <= LOCAL_ROWS && r->n_batches <= 1;
}

/* The rows of a leaf, if they are few and in one batch. */
static void leaf_rows(Locals *l, const Plan *p)
{
    const RowSet *r = p->rows;
    if (!is_small(r)) {
        return;
    }
    Batch none = {.n_cols = p->n_out, .col = ARENA_ARRAY(l->eval.arena, Vec, p->n_out + 1)};
    for (uint32_t i = 0; r->n_batches == 0 && i < p->n_out; i++) {
        vec_init(&none.col[i], p->out[i].type, 0, l->eval.arena);
    }
    know(l, p, r->n_batches ? &r->batches[0] : &none);
}

/* One way from the top down: a node over rows that are known becomes such rows itself. */
static fb_status visit(Locals *l, const Plan *p, fb_error *err)
{
    if (rows_of(l, p)) {
        return FB_OK;
    }
    const Batch *in = p->n_children == 1 ? rows_of(l, p->child[0]) : NULL;
    if (in && p->kind == P_PROJECT && is_stable(p->exprs, p->n_exprs)) {
        return project_rows(l, p, in, err);
    }
    if (in && p->kind == P_FILTER && is_stable(p->exprs, p->n_exprs)) {
        return filter_rows(l, p, in, err);
    }
    if (in && p->kind == P_LIMIT) {
        limit_rows(l, p, in);
        return FB_OK;
    }
    for (uint32_t i = 0; i < p->n_children; i++) {
        TRY(visit(l, p->child[i], err));
    }
    return FB_OK;
}

static void find_leaves(Locals *l, const Plan *p)
{
    if (p->kind == P_LOCAL) {
        leaf_rows(l, p);
    }
    for (uint32_t i = 0; i < p->n_children; i++) {
        find_leaves(l, p->child[i]);
    }
}

static Plan *leaf_of(const Plan *p)
{
    while (p->n_children) {
        p = p->child[0];
    }
    return (Plan *)p;
}

fb_status optimize_local(OptimizeCtx *cx, const Plan *p, fb_error *err)
{
    MemBudget budget = {.limit = LOCAL_BYTES};
    ArenaQuota quota = {.budget = &budget};
    Arena work = {.quota = &quota};
    Locals l = {.cx = cx, .eval = cx->eval};
    l.eval.arena = &work;
    l.eval.kept = NULL;
    l.eval.as_written = true;
    fb_status st = FB_OK;
    find_leaves(&l, p);
    while (st == FB_OK && l.grew) {
        l.grew = false;
        st = visit(&l, p, err);
    }
    for (const LocalRows *k = l.known; st == FB_OK && k; k = k->next) {
        if (k->rows.n_rows == 0) {
            leaf_of(k->plan)->no_rows = true;
        }
    }
    if (st != FB_OK && err_is_shortage(err)) {
        err_clear(err); /* of the room here, which says nothing about that of the run */
        st = FB_OK;
    }
    arena_free(&work);
    return st;
}

/* ---- constants ---- */

/* How many of a conditional's arguments are evaluated in any case. */
static uint32_t always_evaluated(const Expr *e)
{
    static const char *const first_only[] = {"if", "coalesce", "nvl", "ifnull", "nvl2", "nullif"};
    if (e->kind == E_CASE) {
        return 1;
    }
    for (size_t i = 0; e->kind == E_CALL && i < sizeof(first_only) / sizeof(first_only[0]); i++) {
        if (strcmp(e->fn->name, first_only[i]) == 0) {
            return 1;
        }
    }
    return e->n_args;
}

/* IS NULL and IS NOT NULL of what is never null need no value. */
static bool is_known(const Expr *e)
{
    return e->kind == E_CALL && e->n_args == 1 && !e->args[0]->nullable &&
           (strcmp(e->fn->name, "isnull") == 0 || strcmp(e->fn->name, "isnotnull") == 0);
}

static fb_status check(OptimizeCtx *cx, const Expr *e, fb_error *err)
{
    if (e->kind == E_LITERAL || e->kind == E_ATTR || is_known(e)) {
        return FB_OK;
    }
    if (fold_may(e) && expr_is_foldable(e) && fold_reads_no_clock(e)) {
        Vec v;
        EvalCtx eval = cx->eval;
        fb_status st = expr_fold(&eval, e, &v, err);
        if (st != FB_OK && err_is_shortage(err)) {
            err_clear(err);
            st = FB_OK;
        }
        return st;
    }
    uint32_t n = always_evaluated(e);
    for (uint32_t i = 0; i < n; i++) {
        TRY(check(cx, e->args[i], err));
    }
    return e->filter ? check(cx, e->filter, err) : FB_OK;
}

/* Projections over local rows: optimize_local() has been there. */
static bool is_local(const Plan *p)
{
    while (p->kind == P_PROJECT || p->kind == P_FILTER || p->kind == P_LIMIT) {
        p = p->child[0];
    }
    return p->kind == P_LOCAL && is_small(p->rows);
}

/* Rows that are known not to be: what is above them is not evaluated. */
static bool is_empty(const Plan *p)
{
    switch (p->kind) {
    case P_LOCAL:
        return p->no_rows || p->rows->n_rows == 0;
    case P_PROJECT:
    case P_FILTER:
    case P_LIMIT:
    case P_SORT:
    case P_GENERATE:
        return is_empty(p->child[0]);
    case P_AGGREGATE:
        return p->n_groups && is_empty(p->child[0]);
    case P_JOIN:
        return (p->join_type != JOIN_RIGHT && p->join_type != JOIN_FULL && is_empty(p->child[0])) ||
               ((p->join_type == JOIN_INNER || p->join_type == JOIN_CROSS ||
                 p->join_type == JOIN_RIGHT) &&
                is_empty(p->child[1]));
    default:
        return false;
    }
}

fb_status optimize_constants(OptimizeCtx *cx, const Plan *p, fb_error *err)
{
    if (is_local(p) || is_empty(p)) {
        return FB_OK;
    }
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        TRY(check(cx, p->exprs[i], err));
    }
    for (uint32_t i = 0; i < p->n_groups; i++) {
        TRY(check(cx, p->groups[i], err));
    }
    for (uint32_t i = 0; i < p->n_children; i++) {
        TRY(optimize_constants(cx, p->child[i], err));
    }
    return FB_OK;
}
