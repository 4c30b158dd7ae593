/*
 * optimize_lower.c - operators that are others in disguise: DISTINCT is an aggregate without
 * functions, EXCEPT and INTERSECT are null-safe anti and semi joins of distinct rows. Names of
 * tables have done their work and go.
 */
#include "plan/optimize.h"

static Plan *distinct_of(Arena *a, Plan *child, const Attr *out)
{
    Plan *p = plan_new(a, P_AGGREGATE, 1, child);
    p->n_groups = p->n_exprs = p->n_out = child->n_out;
    p->groups = ARENA_ARRAY(a, Expr *, child->n_out);
    p->exprs = p->groups;
    p->out = ARENA_ARRAY(a, Attr, child->n_out);
    p->streaming = child->streaming;
    for (uint32_t i = 0; i < child->n_out; i++) {
        const Attr *c = &child->out[i];
        p->groups[i] = expr_attr(a, c->id, c->name, c->type, c->nullable);
        p->out[i] = out[i];
    }
    if (out != child->out) {
        p->exprs = ARENA_ARRAY(a, Expr *, child->n_out);
        for (uint32_t i = 0; i < child->n_out; i++) {
            p->exprs[i] = expr_alias(a, p->groups[i], out[i].name);
            p->exprs[i]->attr = out[i].id;
        }
    }
    return p;
}

static Plan *lower_set_op(OptimizeCtx *cx, const Plan *p, Plan *const *child)
{
    Plan *l = child[0], *r = child[1];
    Plan *join = plan_new(cx->arena, P_JOIN, 2, l, r);
    Expr **list = ARENA_ARRAY(cx->arena, Expr *, l->n_out);
    fb_error err = {0};
    for (uint32_t i = 0; i < l->n_out; i++) {
        Expr *args[2] = {
            expr_attr(cx->arena, l->out[i].id, l->out[i].name, l->out[i].type, l->out[i].nullable),
            expr_attr(cx->arena, r->out[i].id, r->out[i].name, r->out[i].type, r->out[i].nullable)};
        Expr *call = expr_unresolved_func(cx->arena, "<=>", NULL, 0);
        fb_status st = func_bind(&cx->bind, call, args, 2, &list[i], &err);
        FB_ASSERT(st == FB_OK); /* the columns have one type, which the analyzer saw to */
    }
    join->join_type = p->set_op == SET_EXCEPT ? JOIN_LEFT_ANTI : JOIN_LEFT_SEMI;
    join->exprs = ARENA_ARRAY(cx->arena, Expr *, 1);
    join->exprs[0] = join_and(cx->arena, list, l->n_out);
    join->n_exprs = 1;
    join->out = l->out;
    join->n_out = l->n_out;
    join->streaming = p->streaming;
    return distinct_of(cx->arena, join, p->out);
}

/* A deal of rows that were just dealt makes the first one pointless. A coalesce keeps it, unless
 * there are no more partitions than it wants. */
static Plan *lower_repartition(OptimizeCtx *cx, Plan *p, Plan *child)
{
    if (child->kind == P_REPARTITION) {
        bool both = p->shuffle || !child->shuffle;
        if (!both && !child->adaptive && p->n >= child->n) {
            return child;
        }
        child = both ? child->child[0] : child;
    }
    return with_children(cx->arena, p, &child);
}

Plan *optimize_lower(OptimizeCtx *cx, Plan *p)
{
    Plan **child = ARENA_ARRAY(cx->arena, Plan *, p->n_children);
    for (uint32_t i = 0; i < p->n_children; i++) {
        child[i] = optimize_lower(cx, p->child[i]);
    }
    switch (p->kind) {
    case P_SUBQUERY_ALIAS:
        return child[0];
    case P_REPARTITION:
        return lower_repartition(cx, p, child[0]);
    case P_DISTINCT:
        return distinct_of(cx->arena, child[0], p->out);
    case P_SET_OP:
        if (p->set_op != SET_UNION && !p->all) {
            return lower_set_op(cx, p, child);
        }
        break;
    default:
        break;
    }
    return with_children(cx->arena, p, child);
}
