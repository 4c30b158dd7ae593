/*
 * optimize_limits.c - limits over streams that need not be there.
 *
 * Each limit over a stream keeps state (plan_is_stateful()), so which limits are left decides what
 * is in a checkpoint. As in Spark (CombineLimits, EliminateLimits, PropagateEmptyRelation): of two
 * limits with nothing between them but projections the smaller one stays; a limit over what can't
 * have more rows goes, and so does one of what has none.
 */
#include "plan/optimize.h"

#include "column/decimal.h"

#define UNKNOWN (-1)

static int64_t range_rows(const Plan *p)
{
    int128_t step = p->range_step, span = (int128_t)p->range_end - p->range_start;
    if (step == 0 || (span > 0) != (step > 0)) {
        return 0;
    }
    int128_t n = span / step + (span % step != 0);
    return n > INT64_MAX ? UNKNOWN : (int64_t)n;
}

static int64_t times(int64_t a, int64_t b)
{
    int64_t n;
    return a < 0 || b < 0 || __builtin_mul_overflow(a, b, &n) ? UNKNOWN : n;
}

static int64_t plus(int64_t a, int64_t b)
{
    int64_t n;
    return a < 0 || b < 0 || __builtin_add_overflow(a, b, &n) ? UNKNOWN : n;
}

static int64_t most_rows(const Plan *p);

static int64_t join_rows(const Plan *p)
{
    int64_t left = most_rows(p->child[0]), right = most_rows(p->child[1]);
    switch (p->join_type) {
    case JOIN_LEFT_SEMI:
    case JOIN_LEFT_ANTI:
        return left;
    case JOIN_INNER:
    case JOIN_CROSS:
        return times(left, right);
    case JOIN_LEFT:
        return right == 0 ? left : times(left, right);
    case JOIN_RIGHT:
        return left == 0 ? right : times(left, right);
    default:
        return UNKNOWN;
    }
}

/* A bound of the rows that a plan, without streams or with limits over them, can give. */
static int64_t most_rows(const Plan *p)
{
    int64_t n = UNKNOWN;
    switch (p->kind) {
    case P_LIMIT:
        n = most_rows(p->child[0]);
        return n >= 0 && n < p->n ? n : p->n;
    case P_AGGREGATE:
        return p->n_groups == 0 && p->n_sets == 0 ? 1 : most_rows(p->child[0]);
    case P_PROJECT:
    case P_FILTER:
    case P_SORT:
    case P_REPARTITION:
    case P_DEDUPLICATE:
    case P_COLLECT_METRICS:
        return most_rows(p->child[0]);
    case P_JOIN:
        return join_rows(p);
    case P_SET_OP:
        if (p->set_op == SET_UNION) {
            n = 0;
            for (uint32_t i = 0; i < p->n_children; i++) {
                n = plus(n, most_rows(p->child[i]));
            }
        }
        return n;
    case P_LOCAL:
        return (int64_t)p->rows->n_rows;
    case P_RANGE:
        return range_rows(p);
    case P_ONE_ROW:
        return 1;
    default:
        return UNKNOWN;
    }
}

static bool is_false(const Expr *e)
{
    return e->kind == E_LITERAL && !(vec_is_valid(e->value, 0) && VEC_AT(uint8_t, e->value, 0));
}

static bool has_no_rows(const Plan *p)
{
    switch (p->kind) {
    case P_FILTER:
        return is_false(p->exprs[0]) || has_no_rows(p->child[0]);
    case P_LIMIT:
    case P_PROJECT:
    case P_GENERATE:
    case P_REPARTITION:
    case P_DEDUPLICATE:
        return has_no_rows(p->child[0]);
    default:
        return false;
    }
}

/* LIMIT 0. The child stays, since the query's sources are to be found in it. */
static Plan *nothing_of(Arena *a, const Plan *limit)
{
    Plan *p = plan_copy(a, limit);
    Expr *no = expr_literal_bool(a, false);
    p->kind = P_FILTER;
    p->exprs = ARENA_ARRAY(a, Expr *, 1);
    p->exprs[0] = no;
    p->n_exprs = 1;
    return p;
}

static bool is_fixed(const Plan *p)
{
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        if (!expr_is_deterministic(p->exprs[i])) {
            return false;
        }
    }
    return true;
}

/* The smaller number goes to the lower limit: rows behind it are not computed. */
static Plan *lower_limit(Arena *a, const Plan *p, int64_t n)
{
    Plan *q = plan_copy(a, p);
    if (p->kind == P_LIMIT) {
        q->n = n < p->n ? n : p->n;
        return q;
    }
    Plan *child = lower_limit(a, p->child[0], n);
    return with_children(a, q, &child);
}

static Plan *simplify(Arena *a, Plan *p)
{
    Plan *child = p->child[0];
    if (p->n == 0) {
        return has_no_rows(child) ? child : nothing_of(a, p);
    }
    int64_t most = most_rows(child);
    if (has_no_rows(child) || (most >= 0 && most <= p->n)) {
        return child;
    }
    const Plan *below = child;
    while (below->kind == P_PROJECT && is_fixed(below)) {
        below = below->child[0];
    }
    return below->kind == P_LIMIT ? lower_limit(a, child, p->n) : p;
}

Plan *optimize_limits(OptimizeCtx *cx, Plan *p)
{
    if (!p->streaming) {
        return p;
    }
    Plan **child = ARENA_ARRAY(cx->arena, Plan *, p->n_children);
    for (uint32_t i = 0; i < p->n_children; i++) {
        child[i] = optimize_limits(cx, p->child[i]);
    }
    Plan *q = with_children(cx->arena, p, child);
    return q->kind == P_LIMIT ? simplify(cx->arena, q) : q;
}
