/*
 * optimize_lower.c - operators that are others in disguise: DISTINCT is an aggregate without
 * functions, EXCEPT and INTERSECT are null-safe anti and semi joins of distinct rows. Names of
 * tables have done their work and go. Keys whose values can be equal and yet differ (0.0 and -0.0,
 * maps) are made alike below: in a group the aggregate sees to floats itself.
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
    bool renamed = false;
    for (uint32_t i = 0; i < child->n_out; i++) {
        const Attr *c = &child->out[i];
        p->groups[i] = expr_attr(a, c->id, c->name, c->type, c->nullable);
        p->out[i] = out[i];
        renamed |= out[i].id != c->id;
    }
    if (renamed) {
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

static bool contains(const Type *t, bool maps)
{
    bool found = maps ? t->id == T_MAP : t->id == T_DOUBLE || t->id == T_FLOAT;
    for (uint32_t i = 0; type_is_nested(t) && !found && i < t->n_fields; i++) {
        found = contains(t->fields[i].type, maps);
    }
    return found;
}

static Expr *group_key(OptimizeCtx *cx, Expr *e)
{
    fb_error err = {0};
    Expr *key;
    Expr *call = expr_unresolved_func(cx->arena, "group key", NULL, 0);
    fb_status st = func_bind(&cx->bind, call, &e, 1, &key, &err);
    FB_ASSERT(st == FB_OK); /* it takes any type */
    return key;
}

static Plan *project_all(OptimizeCtx *cx, Plan *child, uint32_t more)
{
    Plan *p = plan_new(cx->arena, P_PROJECT, 1, child);
    p->exprs = ARENA_ARRAY(cx->arena, Expr *, (size_t)child->n_out + more);
    p->out = ARENA_ARRAY(cx->arena, Attr, (size_t)child->n_out + more);
    p->n_exprs = p->n_out = child->n_out;
    p->streaming = child->streaming;
    for (uint32_t i = 0; i < child->n_out; i++) {
        const Attr *a = &child->out[i];
        p->exprs[i] = expr_attr(cx->arena, a->id, a->name, a->type, a->nullable);
        p->out[i] = *a;
    }
    return p;
}

/* dropDuplicates of a batch shows the keys as an aggregate would. */
static Plan *lower_deduplicate(OptimizeCtx *cx, const Plan *p, Plan *child)
{
    Plan *project = NULL;
    for (uint32_t k = 0; k < p->n_groups && !p->streaming; k++) {
        const Expr *g = p->groups[k];
        for (uint32_t i = 0; contains(g->type, false) && i < child->n_out; i++) {
            if (child->out[i].id == g->attr) {
                project = project ? project : project_all(cx, child, 0);
                project->exprs[i] =
                    expr_alias(cx->arena, group_key(cx, project->exprs[i]), child->out[i].name);
                project->exprs[i]->attr = g->attr;
            }
        }
    }
    Plan *below[1] = {project ? project : child};
    return with_children(cx->arena, p, below);
}

typedef struct KeyOf {
    const Expr *from;
    Expr *to;
} KeyOf;

static Expr *replace_key(Arena *a, const Expr *e, const KeyOf *k)
{
    if (e->kind == E_AGG) {
        return (Expr *)e;
    }
    if (e->kind != E_ALIAS && expr_equal(e, k->from)) {
        return k->to;
    }
    Expr *copy = expr_copy(a, e);
    copy->args = ARENA_ARRAY(a, Expr *, e->n_args);
    for (uint32_t i = 0; i < e->n_args; i++) {
        copy->args[i] = replace_key(a, e->args[i], k);
    }
    return copy;
}

/* GROUP BY a map: by the map with its entries in order. */
static Plan *lower_map_keys(OptimizeCtx *cx, Plan *p)
{
    Plan *project = NULL;
    for (uint32_t g = 0; g < p->n_groups; g++) {
        Expr *from = p->groups[g];
        if (!contains(from->type, true)) {
            continue;
        }
        if (!project) {
            project = project_all(cx, p->child[0], p->n_groups);
            p = plan_copy(cx->arena, p);
            p->child = ARENA_ARRAY(cx->arena, Plan *, 1);
            p->child[0] = project;
            Expr **groups = ARENA_ARRAY(cx->arena, Expr *, p->n_groups);
            memcpy(groups, p->groups, p->n_groups * sizeof(*groups));
            p->groups = groups;
            Expr **exprs = ARENA_ARRAY(cx->arena, Expr *, p->n_exprs);
            memcpy(exprs, p->exprs, p->n_exprs * sizeof(*exprs));
            p->exprs = exprs;
        }
        Expr *made = expr_alias(cx->arena, group_key(cx, from), "_groupkey");
        made->attr = attr_new_id();
        KeyOf k = {from, expr_attr(cx->arena, made->attr, made->name, from->type, from->nullable)};
        project->exprs[project->n_exprs++] = made;
        project->out[project->n_out++] = (Attr){.id = made->attr,
                                                .name = made->name,
                                                .type = from->type,
                                                .nullable = from->nullable,
                                                .watermark_us = -1};
        p->groups[g] = k.to;
        for (uint32_t i = 0; i < p->n_exprs; i++) {
            Expr *e = replace_key(cx->arena, p->exprs[i], &k);
            if (e->kind == E_ATTR && e->attr != p->out[i].id) {
                e = expr_alias(cx->arena, e, p->out[i].name);
                e->attr = p->out[i].id;
            }
            p->exprs[i] = e;
        }
    }
    return p;
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
    case P_DEDUPLICATE:
        return lower_deduplicate(cx, p, child[0]);
    case P_AGGREGATE:
        return lower_map_keys(cx, with_children(cx->arena, p, child));
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
