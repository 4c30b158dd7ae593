/*
 * optimize_filters.c - filters moved towards the sources.
 *
 * A set of conjuncts travels down; each node lets through those that mean the same below it, and
 * the rest stays above it as a filter. Conjuncts that can fail or are not deterministic stop at the
 * first node that would show them other rows.
 */
#include "plan/optimize.h"

typedef struct Conjuncts {
    Expr **e;
    uint32_t n, cap;
} Conjuncts;

static void add(OptimizeCtx *cx, Conjuncts *c, Expr *e)
{
    list_push(cx->arena, &c->e, &c->n, &c->cap, e);
}

static Plan *filter_above(OptimizeCtx *cx, Plan *p, const Conjuncts *c)
{
    if (!c->n) {
        return p;
    }
    Plan *f = plan_new(cx->arena, P_FILTER, 1, p);
    f->exprs = ARENA_ARRAY(cx->arena, Expr *, 1);
    f->exprs[0] = join_and(cx->arena, c->e, c->n);
    f->n_exprs = 1;
    f->out = p->out;
    f->n_out = p->n_out;
    f->streaming = p->streaming;
    return f;
}

static Plan *push(OptimizeCtx *cx, Plan *p, Conjuncts *in);

static Plan *push_children(OptimizeCtx *cx, Plan *p)
{
    Plan **child = ARENA_ARRAY(cx->arena, Plan *, p->n_children);
    for (uint32_t i = 0; i < p->n_children; i++) {
        Conjuncts none = {0};
        child[i] = push(cx, p->child[i], &none);
    }
    return with_children(cx->arena, p, child);
}

static Plan *push_one(OptimizeCtx *cx, Plan *p, Conjuncts *below)
{
    Plan *child = push(cx, p->child[0], below);
    return with_children(cx->arena, p, &child);
}

static bool all_deterministic(Expr *const *e, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!expr_is_deterministic(e[i])) {
            return false;
        }
    }
    return true;
}

static Plan *push_project(OptimizeCtx *cx, Plan *p, Conjuncts *in)
{
    Conjuncts below = {0}, stay = {0};
    bool pure = all_deterministic(p->exprs, p->n_exprs);
    for (uint32_t i = 0; i < in->n; i++) {
        bool moves = pure && expr_is_deterministic(in->e[i]);
        add(cx, moves ? &below : &stay,
            moves ? substitute(cx->arena, in->e[i], p->exprs, p->n_exprs) : in->e[i]);
    }
    return filter_above(cx, push_one(cx, p, &below), &stay);
}

/* Predicates over grouping columns that pass through unchanged select whole groups. */
static Plan *push_aggregate(OptimizeCtx *cx, Plan *p, Conjuncts *in)
{
    Conjuncts below = {0}, stay = {0};
    for (uint32_t i = 0; i < in->n; i++) {
        Expr *e = substitute(cx->arena, in->e[i], p->exprs, p->n_exprs);
        Attr *keys = ARENA_ARRAY(cx->arena, Attr, p->n_groups);
        uint32_t n = 0;
        for (uint32_t k = 0; k < p->n_groups; k++) {
            if (p->groups[k]->kind == E_ATTR) {
                keys[n++].id = p->groups[k]->attr;
            }
        }
        bool moves = p->n_groups && expr_is_deterministic(e) && !expr_contains(e, E_AGG) &&
                     only_uses(e, keys, n) && !expr_is_foldable(e);
        add(cx, moves ? &below : &stay, moves ? e : in->e[i]);
    }
    return filter_above(cx, push_one(cx, p, &below), &stay);
}

static bool can_push_left(JoinType t)
{
    return t != JOIN_RIGHT && t != JOIN_FULL;
}

static bool can_push_right(JoinType t)
{
    return t == JOIN_INNER || t == JOIN_CROSS || t == JOIN_RIGHT;
}

/* Distributes conjuncts over the sides. Those over both sides of an inner join become conditions.
 */
static Plan *push_join(OptimizeCtx *cx, Plan *p, Conjuncts *in)
{
    Conjuncts left = {0}, right = {0}, stay = {0}, cond = {0}, on = {0};
    const Plan *l = p->child[0], *r = p->child[1];
    bool inner = p->join_type == JOIN_INNER || p->join_type == JOIN_CROSS;
    for (uint32_t i = 0; i < in->n; i++) {
        Expr *e = in->e[i];
        if (!expr_is_deterministic(e)) {
            add(cx, &stay, e);
        } else if (only_uses(e, l->out, l->n_out) && can_push_left(p->join_type)) {
            add(cx, &left, e);
        } else if (only_uses(e, r->out, r->n_out) && can_push_right(p->join_type)) {
            add(cx, &right, e);
        } else {
            add(cx, inner ? &cond : &stay, e);
        }
    }
    if (p->n_exprs) {
        split_and(cx->arena, p->exprs[0], &on.e, &on.n, &on.cap);
    }
    for (uint32_t i = 0; i < on.n; i++) {
        Expr *e = on.e[i];
        bool pure = expr_is_deterministic(e);
        bool l_only = pure && only_uses(e, l->out, l->n_out);
        bool r_only = pure && only_uses(e, r->out, r->n_out);
        JoinType t = p->join_type;
        if (l_only && (inner || t == JOIN_RIGHT || t == JOIN_LEFT_SEMI)) {
            add(cx, &left, e);
        } else if (r_only &&
                   (inner || t == JOIN_LEFT || t == JOIN_LEFT_SEMI || t == JOIN_LEFT_ANTI)) {
            add(cx, &right, e);
        } else {
            add(cx, &cond, e);
        }
    }
    Plan *q = plan_copy(cx->arena, p);
    q->child = ARENA_ARRAY(cx->arena, Plan *, 2);
    q->child[0] = push(cx, p->child[0], &left);
    q->child[1] = push(cx, p->child[1], &right);
    q->n_exprs = cond.n ? 1 : 0;
    q->exprs = ARENA_ARRAY(cx->arena, Expr *, 1);
    q->exprs[0] = join_and(cx->arena, cond.e, cond.n);
    if (cond.n && q->join_type == JOIN_CROSS) {
        q->join_type = JOIN_INNER;
    }
    return filter_above(cx, q, &stay);
}

static Plan *push_union(OptimizeCtx *cx, Plan *p, Conjuncts *in)
{
    Conjuncts stay = {0};
    Plan **child = ARENA_ARRAY(cx->arena, Plan *, p->n_children);
    for (uint32_t c = 0; c < p->n_children; c++) {
        Conjuncts below = {0};
        Expr **named = ARENA_ARRAY(cx->arena, Expr *, p->n_out);
        for (uint32_t i = 0; i < p->n_out; i++) {
            const Attr *a = &p->child[c]->out[i];
            named[i] = expr_alias(
                cx->arena, expr_attr(cx->arena, a->id, a->name, a->type, a->nullable), a->name);
            named[i]->attr = p->out[i].id;
        }
        for (uint32_t i = 0; i < in->n; i++) {
            if (expr_is_deterministic(in->e[i])) {
                add(cx, &below, substitute(cx->arena, in->e[i], named, p->n_out));
            } else if (c == 0) {
                add(cx, &stay, in->e[i]);
            }
        }
        child[c] = push(cx, p->child[c], &below);
    }
    return filter_above(cx, with_children(cx->arena, p, child), &stay);
}

/* Generate: what does not use the generated columns. */
static Plan *push_generate(OptimizeCtx *cx, Plan *p, Conjuncts *in)
{
    Conjuncts below = {0}, stay = {0};
    for (uint32_t i = 0; i < in->n; i++) {
        bool moves = expr_is_deterministic(in->e[i]) &&
                     only_uses(in->e[i], p->child[0]->out, p->child[0]->n_out);
        add(cx, moves ? &below : &stay, in->e[i]);
    }
    return filter_above(cx, push_one(cx, p, &below), &stay);
}

static Plan *push(OptimizeCtx *cx, Plan *p, Conjuncts *in)
{
    switch (p->kind) {
    case P_FILTER: {
        Conjuncts all = {0};
        split_and(cx->arena, p->exprs[0], &all.e, &all.n, &all.cap);
        for (uint32_t i = 0; i < in->n; i++) {
            add(cx, &all, in->e[i]);
        }
        return push(cx, p->child[0], &all);
    }
    case P_PROJECT:
        return push_project(cx, p, in);
    case P_AGGREGATE:
        return push_aggregate(cx, p, in);
    case P_JOIN:
        return push_join(cx, p, in);
    case P_SET_OP:
        if (p->set_op == SET_UNION) {
            return push_union(cx, p, in);
        }
        break;
    case P_GENERATE:
        return push_generate(cx, p, in);
    case P_SORT:
    case P_REPARTITION:
        if (all_deterministic(in->e, in->n)) {
            return push_one(cx, p, in);
        }
        break;
    case P_RELATION: {
        Plan *q = plan_copy(cx->arena, p);
        q->pushed = in->e;
        q->n_pushed = in->n;
        return filter_above(cx, q, in);
    }
    default:
        break;
    }
    return filter_above(cx, push_children(cx, p), in);
}

Plan *optimize_filters(OptimizeCtx *cx, Plan *p)
{
    Conjuncts none = {0};
    return push(cx, p, &none);
}
