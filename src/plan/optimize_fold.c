/*
 * optimize_fold.c - constant folding, and filters whose condition became true.
 *
 * An expression whose evaluation fails is left as it is: it fails when, and if, a row reaches it.
 * So is one whose value is not small, which then runs as rows do, under the budget and cancel.
 */
#include "column/datetime.h"
#include "column/timezone.h"
#include "plan/optimize.h"

/* The clock is read when the plan runs, which for a stream is once a batch. */
static bool reads_no_clock(void *arg, const Expr *e)
{
    static const char *const clock[] = {
        "current_timestamp", "now",          "current_date",  "curdate",
        "localtimestamp",    "current_time", "unix_timestamp"};
    (void)arg;
    for (size_t i = 0; e->kind == E_CALL && i < sizeof(clock) / sizeof(clock[0]); i++) {
        if (strcmp(e->fn->name, clock[i]) == 0) {
            return false;
        }
    }
    /* 'today' and its like; 'epoch' is none of the clock's */
    int32_t day_a, day_b;
    const Expr *text = e->kind == E_CAST && type_is_datetime(e->type) ? e->args[0] : NULL;
    if (!text || text->kind != E_LITERAL || text->type->id != T_STRING ||
        !vec_is_valid(text->value, 0)) {
        return true;
    }
    Str s = view_str(&VEC_DATA(View, text->value)[0]);
    return !date_parse_special(s, tz_utc(), 0, &day_a) ||
           !date_parse_special(s, tz_utc(), US_PER_DAY, &day_b) || day_a == day_b;
}

bool fold_reads_no_clock(const Expr *e)
{
    return expr_visit(e, reads_no_clock, NULL);
}

#define FOLDED_MAX ((uint64_t)64 << 10)    /* bytes of a constant */
#define FOLDED_ALL_MAX ((uint64_t)4 << 20) /* of all of a plan */

bool fold_may(const Expr *e)
{
    switch (e->kind) {
    case E_CALL:
    case E_CAST:
    case E_CASE:
    case E_FIELD:
    case E_AND:
    case E_OR:
        return true;
    default:
        return false;
    }
}

/* NULL: it has none, or not a small one. */
static Expr *value_of(OptimizeCtx *cx, Arena *a, const Expr *e)
{
    Vec v;
    Arena work = {0};
    Expr *lit = NULL;
    fb_error err = {0};
    EvalCtx eval = cx->eval;
    eval.arena = &work;
    if (expr_fold(&eval, e, &v, &err) == FB_OK) {
        uint64_t bytes = vec_bytes(&v, true);
        if (bytes <= FOLDED_MAX && bytes <= FOLDED_ALL_MAX - cx->folded_bytes) {
            cx->folded_bytes += bytes;
            lit = expr_literal_vec(a, &v, 0);
            lit->type = e->type;
            lit->nullable = e->nullable;
        }
    }
    err_clear(&err);
    arena_free(&work);
    return lit;
}

static Expr *fold_one(void *arg, Arena *a, Expr *e)
{
    OptimizeCtx *cx = arg;
    if (!fold_may(e) || !expr_is_foldable(e) || !fold_reads_no_clock(e)) {
        return e;
    }
    for (uint32_t i = 0; i < e->n_args; i++) {
        if (fold_may(e->args[i])) {
            return e; /* was not folded, and would only be tried again */
        }
    }
    Expr *lit = value_of(cx, a, e);
    return lit ? lit : e;
}

/* IS NULL and IS NOT NULL of what is never null need no value, so none that fails. */
static Expr *known_null(Arena *a, Expr *e)
{
    bool not_null = e->kind == E_CALL && strcmp(e->fn->name, "isnotnull") == 0;
    bool asks = not_null || (e->kind == E_CALL && strcmp(e->fn->name, "isnull") == 0);
    return asks && !e->args[0]->nullable ? expr_literal_bool(a, not_null) : e;
}

/* Operators' literal shortcuts: true AND x, false OR x. */
static Expr *simplify_one(void *arg, Arena *a, Expr *e)
{
    e = fold_one(arg, a, known_null(a, e));
    if (e->kind != E_AND && e->kind != E_OR) {
        return e;
    }
    uint8_t neutral = e->kind == E_AND;
    for (int i = 0; i < 2; i++) {
        const Expr *x = e->args[i];
        if (x->kind == E_LITERAL && vec_is_valid(x->value, 0) &&
            VEC_AT(uint8_t, x->value, 0) == neutral) {
            return e->args[1 - i];
        }
    }
    return e;
}

static Expr **fold_list(OptimizeCtx *cx, Expr *const *in, size_t n)
{
    Expr **out = n ? ARENA_ARRAY(cx->arena, Expr *, n) : NULL;
    for (size_t i = 0; i < n; i++) {
        out[i] = expr_rewrite(cx->arena, in[i], simplify_one, cx);
    }
    return out;
}

static bool is_true(const Expr *e)
{
    return e->kind == E_LITERAL && vec_is_valid(e->value, 0) && VEC_AT(uint8_t, e->value, 0);
}

static bool is_shown(const Plan *p, const Expr *group)
{
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        const Expr *e = p->exprs[i]->kind == E_ALIAS ? p->exprs[i]->args[0] : p->exprs[i];
        if (expr_equal(e, group)) {
            return true;
        }
    }
    return false;
}

/* Constants tell no groups apart, so no row evaluates them: 0 stands in for them. A stream's state
 * is laid out by the keys as they are. */
static void drop_constant_groups(OptimizeCtx *cx, Plan *p)
{
    Expr **groups = p->n_groups ? ARENA_ARRAY(cx->arena, Expr *, p->n_groups) : NULL;
    for (uint32_t i = 0; i < p->n_groups; i++) {
        Expr *g = p->groups[i];
        bool drop = fold_may(g) && expr_is_foldable(g) && !is_shown(p, g);
        groups[i] = drop ? expr_literal_int(cx->arena, type_int, 0) : g;
    }
    p->groups = groups;
}

Plan *optimize_fold(OptimizeCtx *cx, Plan *p)
{
    Plan *q = plan_copy(cx->arena, p);
    q->child = ARENA_ARRAY(cx->arena, Plan *, p->n_children);
    for (uint32_t i = 0; i < p->n_children; i++) {
        q->child[i] = optimize_fold(cx, p->child[i]);
    }
    if (p->kind == P_AGGREGATE) {
        if (!p->streaming) {
            drop_constant_groups(cx, q);
        }
        return q; /* outputs are matched against the grouping expressions as they are written */
    }
    q->exprs = fold_list(cx, p->exprs, p->n_exprs);
    if (q->kind == P_FILTER && is_true(q->exprs[0])) {
        return q->child[0];
    }
    return q;
}
