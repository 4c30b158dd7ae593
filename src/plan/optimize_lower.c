/*
 * optimize_lower.c - operators that are others in disguise: DISTINCT is an aggregate without
 * functions, EXCEPT and INTERSECT are null-safe anti and semi joins of distinct rows, with ALL an
 * aggregate that counts. Names of tables have done their work and go. Keys whose values can be
 * equal and yet differ (0.0 and -0.0, maps) are made alike below: in a group the aggregate sees to
 * floats itself.
 */
#include "plan/optimize.h"

#include "column/collation.h"
#include "expr/collation.h"

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

/* ---- EXCEPT ALL, INTERSECT ALL ---- */

static Expr *bound(OptimizeCtx *cx, const char *fn, Expr **args, uint32_t n)
{
    fb_error err = {0};
    Expr *e = NULL;
    fb_status st =
        func_bind(&cx->bind, expr_unresolved_func(cx->arena, fn, NULL, 0), args, n, &e, &err);
    FB_ASSERT(st == FB_OK); /* of longs that are made here */
    return e;
}

static Expr *ref(OptimizeCtx *cx, const Attr *a)
{
    return expr_attr(cx->arena, a->id, a->name, a->type, a->nullable);
}

static Attr long_attr(const char *name)
{
    return (Attr){.id = attr_new_id(), .name = name, .type = type_long, .watermark_us = -1};
}

/* A side's rows with two numbers behind: 1 in the column of its side, 0 in the other's. */
static Plan *marked(OptimizeCtx *cx, Plan *side, bool left)
{
    Plan *p = plan_new(cx->arena, P_PROJECT, 1, side);
    p->n_exprs = p->n_out = side->n_out + 2;
    p->exprs = ARENA_ARRAY(cx->arena, Expr *, p->n_exprs);
    p->out = ARENA_ARRAY(cx->arena, Attr, p->n_out);
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        if (i < side->n_out) {
            p->exprs[i] = ref(cx, &side->out[i]);
            p->out[i] = side->out[i];
            continue;
        }
        bool own = (i == side->n_out) == left;
        p->out[i] = long_attr(i == side->n_out ? "left" : "right");
        p->exprs[i] =
            expr_alias(cx->arena, expr_literal_int(cx->arena, type_long, own), p->out[i].name);
        p->exprs[i]->attr = p->out[i].id;
    }
    p->streaming = side->streaming;
    return p;
}

/* Rows grouped by all columns, with how many each side has of them. */
static Plan *counted(OptimizeCtx *cx, Plan *both, uint32_t n)
{
    Plan *p = plan_new(cx->arena, P_AGGREGATE, 1, both);
    p->n_groups = n;
    p->n_exprs = p->n_out = n + 2;
    p->groups = ARENA_ARRAY(cx->arena, Expr *, n);
    p->exprs = ARENA_ARRAY(cx->arena, Expr *, n + 2);
    p->out = ARENA_ARRAY(cx->arena, Attr, n + 2);
    for (uint32_t i = 0; i < n; i++) {
        p->groups[i] = p->exprs[i] = ref(cx, &both->out[i]);
        p->out[i] = both->out[i];
    }
    for (uint32_t i = n; i < n + 2; i++) {
        Expr *mark = ref(cx, &both->out[i]);
        p->out[i] = long_attr(both->out[i].name);
        p->exprs[i] = expr_alias(cx->arena, bound(cx, "sum", &mark, 1), p->out[i].name);
        p->exprs[i]->attr = p->out[i].id;
    }
    p->streaming = both->streaming;
    return p;
}

/* How often a row is in the result: the surplus of the left side, or what both have. */
static Expr *times_of(OptimizeCtx *cx, const Plan *p, const Plan *counts, uint32_t n)
{
    Expr *sides[2] = {ref(cx, &counts->out[n]), ref(cx, &counts->out[n + 1])};
    return bound(cx, p->set_op == SET_EXCEPT ? "-" : "least", sides, 2);
}

/* Both sides' rows are counted in one aggregate, and each row comes as often as it is due. */
static Plan *lower_all(OptimizeCtx *cx, const Plan *p, Plan *const *child)
{
    uint32_t n = child[0]->n_out;
    Plan *l = marked(cx, child[0], true), *r = marked(cx, child[1], false);
    Plan *both = plan_new(cx->arena, P_SET_OP, 2, l, r);
    both->set_op = SET_UNION;
    both->all = true;
    both->streaming = p->streaming;
    both->n_out = n + 2;
    both->out = ARENA_ARRAY(cx->arena, Attr, n + 2);
    for (uint32_t i = 0; i < n + 2; i++) {
        both->out[i] = l->out[i];
        both->out[i].id = attr_new_id();
        both->out[i].nullable |= r->out[i].nullable;
    }
    Plan *counts = counted(cx, both, n);
    Plan *g = plan_new(cx->arena, P_GENERATE, 1, counts);
    Expr *times = times_of(cx, p, counts, n);
    g->exprs = ARENA_ARRAY(cx->arena, Expr *, 1);
    g->exprs[0] = bound(cx, "$replicate", &times, 1);
    g->n_exprs = 1;
    g->streaming = p->streaming;
    g->n_gen_out = 1;
    g->gen_out = ARENA_ARRAY(cx->arena, Attr, 1);
    g->gen_out[0] =
        (Attr){.id = attr_new_id(), .name = "copy", .type = type_int, .watermark_us = -1};
    g->n_out = n + 3;
    g->out = ARENA_ARRAY(cx->arena, Attr, n + 3);
    memcpy(g->out, counts->out, (n + 2) * sizeof(Attr));
    g->out[n + 2] = g->gen_out[0];
    Plan *named = plan_new(cx->arena, P_PROJECT, 1, g);
    named->n_exprs = named->n_out = n;
    named->exprs = ARENA_ARRAY(cx->arena, Expr *, n);
    named->out = p->out;
    named->streaming = p->streaming;
    for (uint32_t i = 0; i < n; i++) {
        named->exprs[i] = expr_alias(cx->arena, ref(cx, &counts->out[i]), p->out[i].name);
        named->exprs[i]->attr = p->out[i].id;
        named->exprs[i]->metadata = p->out[i].metadata;
    }
    return named;
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

/* GROUP BY a collated string: by its key, and the first value of the group is shown. */
static Plan *lower_collated_keys(OptimizeCtx *cx, Plan *p)
{
    bool any = false;
    for (uint32_t g = 0; g < p->n_groups; g++) {
        any = any || type_is_collated(p->groups[g]->type);
    }
    if (!any) {
        return p;
    }
    p = plan_copy(cx->arena, p);
    Expr **from = p->groups, **exprs = p->exprs;
    p->groups = ARENA_ARRAY(cx->arena, Expr *, p->n_groups);
    p->exprs = ARENA_ARRAY(cx->arena, Expr *, p->n_exprs);
    memcpy(p->exprs, exprs, p->n_exprs * sizeof(*exprs));
    for (uint32_t g = 0; g < p->n_groups; g++) {
        p->groups[g] = collation_key_of(&cx->bind, from[g]);
        for (uint32_t i = 0; p->groups[g] != from[g] && i < p->n_exprs; i++) {
            KeyOf k = {from[g], bound(cx, "first", &from[g], 1)};
            Expr *e = replace_key(cx->arena, p->exprs[i], &k);
            if (e == k.to) {
                e = expr_alias(cx->arena, e, p->out[i].name);
                e->attr = p->out[i].id;
            }
            p->exprs[i] = e;
        }
    }
    return p;
}

static Plan *project_first(OptimizeCtx *cx, Plan *child, uint32_t n)
{
    Plan *p = project_all(cx, child, 0);
    p->n_exprs = p->n_out = n;
    return p;
}

/* dropDuplicates by collated strings: by their keys, in columns of their own. */
static Plan *deduplicate_collated(OptimizeCtx *cx, Plan *p)
{
    Plan *child = p->child[0], *project = NULL;
    uint32_t n = child->n_out;
    for (uint32_t k = 0; k < p->n_groups; k++) {
        Expr *key = collation_key_of(&cx->bind, p->groups[k]);
        if (key == p->groups[k]) {
            continue;
        }
        if (!project) {
            project = project_all(cx, child, p->n_groups);
            p = plan_copy(cx->arena, p);
            Expr **groups = ARENA_ARRAY(cx->arena, Expr *, p->n_groups);
            memcpy(groups, p->groups, p->n_groups * sizeof(*groups));
            p->groups = groups;
        }
        Expr *made = expr_alias(cx->arena, key, "_collationkey");
        made->attr = attr_new_id();
        project->exprs[project->n_exprs++] = made;
        project->out[project->n_out++] = (Attr){.id = made->attr,
                                                .name = made->name,
                                                .type = key->type,
                                                .nullable = key->nullable,
                                                .watermark_us = -1};
        p->groups[k] = expr_attr(cx->arena, made->attr, made->name, key->type, key->nullable);
    }
    if (!project) {
        return p;
    }
    p = with_children(cx->arena, p, &project);
    p->out = project->out;
    p->n_out = project->n_out;
    return project_first(cx, p, n);
}

static void sort_by_keys(OptimizeCtx *cx, Plan *p)
{
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        Expr *key = collation_key_of(&cx->bind, p->exprs[i]->args[0]);
        if (key != p->exprs[i]->args[0]) {
            p->exprs[i] = expr_copy(cx->arena, p->exprs[i]);
            p->exprs[i]->args = ARENA_ARRAY(cx->arena, Expr *, 1);
            p->exprs[i]->args[0] = key;
            p->exprs[i]->type = key->type;
        }
    }
}

static Plan *lower_sort(OptimizeCtx *cx, Plan *p)
{
    p = plan_copy(cx->arena, p);
    Expr **exprs = ARENA_ARRAY(cx->arena, Expr *, p->n_exprs + 1);
    memcpy(exprs, p->exprs, p->n_exprs * sizeof(*exprs));
    p->exprs = exprs;
    sort_by_keys(cx, p);
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
    case P_REPARTITION:
        return lower_repartition(cx, p, child[0]);
    case P_DEDUPLICATE:
        return deduplicate_collated(cx, lower_deduplicate(cx, p, child[0]));
    case P_AGGREGATE:
        p = lower_map_keys(cx, with_children(cx->arena, p, child));
        return lower_collated_keys(cx, p);
    case P_DISTINCT:
        return lower_collated_keys(cx, distinct_of(cx->arena, child[0], p->out));
    case P_SORT:
        return lower_sort(cx, with_children(cx->arena, p, child));
    case P_SET_OP:
        if (p->set_op != SET_UNION) {
            return p->all ? lower_all(cx, p, child)
                          : lower_collated_keys(cx, lower_set_op(cx, p, child));
        }
        break;
    default:
        break;
    }
    return with_children(cx->arena, p, child);
}
