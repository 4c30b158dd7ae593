/*
 * optimize_prune.c - columns that nobody reads are not made, and neighbouring projections become
 * one.
 *
 * The set of needed attribute ids travels down. The top keeps all its columns in order; below it a
 * node's output may shrink, which its parent, bound by id, does not notice. Inputs of a union keep
 * the columns of the union that are needed, by position.
 */
#include "plan/optimize.h"

typedef struct Needs {
    AttrId *id; /* open addressing, 0 free */
    uint32_t cap, n;
    Arena *arena;
} Needs;

static void need(Needs *s, AttrId id)
{
    if (s->n * 2 >= s->cap) {
        Needs grown = {.cap = s->cap ? s->cap * 2 : 64, .arena = s->arena};
        grown.id = ARENA_ARRAY(s->arena, AttrId, grown.cap);
        for (uint32_t i = 0; i < s->cap; i++) {
            if (s->id[i]) {
                need(&grown, s->id[i]);
            }
        }
        *s = grown;
    }
    uint32_t k = id * 2654435761u & (s->cap - 1);
    while (s->id[k] && s->id[k] != id) {
        k = (k + 1) & (s->cap - 1);
    }
    if (!s->id[k]) {
        s->id[k] = id;
        s->n++;
    }
}

static bool needed(const Needs *s, AttrId id)
{
    for (uint32_t k = s->cap ? id * 2654435761u & (s->cap - 1) : 0; s->cap && s->id[k];
         k = (k + 1) & (s->cap - 1)) {
        if (s->id[k] == id) {
            return true;
        }
    }
    return false;
}

static bool need_attrs_of(void *arg, const Expr *e)
{
    if (e->kind == E_ATTR) {
        need(arg, e->attr);
    }
    if (e->filter) {
        (void)expr_visit(e->filter, need_attrs_of, arg);
    }
    return true;
}

static void need_list(Needs *s, Expr *const *e, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        (void)expr_visit(e[i], need_attrs_of, s);
    }
}

static Needs needs_of(const Needs *outer, Arena *a)
{
    Needs s = {.arena = a};
    for (uint32_t i = 0; outer && i < outer->cap; i++) {
        if (outer->id[i]) {
            need(&s, outer->id[i]);
        }
    }
    return s;
}

static Plan *prune(OptimizeCtx *cx, Plan *p, const Needs *wanted);

static Plan *prune_child(OptimizeCtx *cx, const Plan *p, const Needs *s)
{
    Plan *child = prune(cx, p->child[0], s);
    Plan *q = plan_copy(cx->arena, p);
    q->child = ARENA_ARRAY(cx->arena, Plan *, 1);
    q->child[0] = child;
    return q;
}

/* Output list and attributes of a project or aggregate, reduced to what is wanted. */
static void keep_wanted(OptimizeCtx *cx, Plan *q, const Plan *p, const Needs *wanted)
{
    q->exprs = ARENA_ARRAY(cx->arena, Expr *, p->n_exprs);
    q->out = ARENA_ARRAY(cx->arena, Attr, p->n_exprs);
    q->n_exprs = q->n_out = 0;
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        if (needed(wanted, p->out[i].id)) {
            q->exprs[q->n_exprs++] = p->exprs[i];
            q->out[q->n_out++] = p->out[i];
        }
    }
}

typedef struct Uses {
    AttrId id;
    uint32_t n;
} Uses;

static bool count_uses(void *arg, const Expr *e)
{
    Uses *u = arg;
    u->n += e->kind == E_ATTR && e->attr == u->id;
    return true;
}

/* A project over a project is one, unless that would compute something twice. */
static bool can_collapse(const Plan *upper, const Plan *lower)
{
    for (uint32_t i = 0; i < lower->n_exprs; i++) {
        const Expr *e = lower->exprs[i];
        if (e->kind == E_ATTR || e->args[0]->kind == E_ATTR || e->args[0]->kind == E_LITERAL) {
            continue;
        }
        Uses u = {.id = e->attr};
        for (uint32_t k = 0; k < upper->n_exprs; k++) {
            (void)expr_visit(upper->exprs[k], count_uses, &u);
        }
        if (u.n > 1 || (u.n && !expr_is_deterministic(e))) {
            return false;
        }
    }
    return true;
}

static Plan *collapse(OptimizeCtx *cx, Plan *upper)
{
    Plan *lower = upper->child[0];
    if (lower->kind != P_PROJECT || !can_collapse(upper, lower)) {
        return upper;
    }
    Plan *q = plan_copy(cx->arena, upper);
    q->child = lower->child;
    q->exprs = ARENA_ARRAY(cx->arena, Expr *, upper->n_exprs);
    for (uint32_t i = 0; i < upper->n_exprs; i++) {
        Expr *e = substitute(cx->arena, upper->exprs[i], lower->exprs, lower->n_exprs);
        if (e->kind != E_ALIAS && e->attr != upper->out[i].id) {
            e = expr_alias(cx->arena, e, upper->out[i].name);
            e->attr = upper->out[i].id;
            e->metadata = upper->out[i].metadata;
        }
        q->exprs[i] = e;
    }
    return q;
}

static Plan *prune_project(OptimizeCtx *cx, Plan *p, const Needs *wanted)
{
    Plan *q = plan_copy(cx->arena, p);
    keep_wanted(cx, q, p, wanted);
    q = collapse(cx, q);
    Needs s = {.arena = cx->arena};
    need_list(&s, q->exprs, q->n_exprs);
    Plan **child = ARENA_ARRAY(cx->arena, Plan *, 1);
    child[0] = prune(cx, q->child[0], &s);
    q->child = child;
    return collapse(cx, q);
}

static Plan *prune_relation(OptimizeCtx *cx, const Plan *p, const Needs *wanted)
{
    Plan *q = plan_copy(cx->arena, p);
    uint32_t *columns = ARENA_ARRAY(cx->arena, uint32_t, p->n_out);
    q->out = ARENA_ARRAY(cx->arena, Attr, p->n_out);
    q->n_out = 0;
    for (uint32_t i = 0; i < p->n_out; i++) {
        if (needed(wanted, p->out[i].id)) {
            columns[q->n_out] = p->columns ? p->columns[i] : i;
            q->out[q->n_out++] = p->out[i];
        }
    }
    q->columns = columns;
    return q;
}

static void join_outputs(OptimizeCtx *cx, Plan *q, const Plan *p)
{
    uint32_t n = 0;
    q->out = ARENA_ARRAY(cx->arena, Attr, p->n_out);
    for (uint32_t i = 0; i < p->n_out; i++) {
        for (uint32_t c = 0; c < q->n_children; c++) {
            if (has_attr(q->child[c]->out, q->child[c]->n_out, p->out[i].id)) {
                q->out[n++] = p->out[i];
                break;
            }
        }
    }
    q->n_out = n;
}

static Plan *prune_join(OptimizeCtx *cx, const Plan *p, const Needs *wanted)
{
    Needs s = needs_of(wanted, cx->arena);
    need_list(&s, p->exprs, p->n_exprs);
    Plan *q = plan_copy(cx->arena, p);
    q->child = ARENA_ARRAY(cx->arena, Plan *, 2);
    q->child[0] = prune(cx, p->child[0], &s);
    q->child[1] = prune(cx, p->child[1], &s);
    join_outputs(cx, q, p);
    return q;
}

static Plan *prune_union(OptimizeCtx *cx, const Plan *p, const Needs *wanted)
{
    Plan *q = plan_copy(cx->arena, p);
    q->child = ARENA_ARRAY(cx->arena, Plan *, p->n_children);
    q->out = ARENA_ARRAY(cx->arena, Attr, p->n_out);
    q->n_out = 0;
    for (uint32_t i = 0; i < p->n_out; i++) {
        if (needed(wanted, p->out[i].id)) {
            q->out[q->n_out++] = p->out[i];
        }
    }
    for (uint32_t c = 0; c < p->n_children; c++) {
        Plan *in = p->child[c];
        Plan *list = plan_new(cx->arena, P_PROJECT, 1, in);
        list->exprs = ARENA_ARRAY(cx->arena, Expr *, q->n_out);
        list->out = ARENA_ARRAY(cx->arena, Attr, q->n_out);
        list->streaming = in->streaming;
        Needs s = {.arena = cx->arena};
        for (uint32_t i = 0; i < p->n_out; i++) {
            const Attr *a = &in->out[i];
            if (needed(wanted, p->out[i].id)) {
                list->exprs[list->n_exprs++] =
                    expr_attr(cx->arena, a->id, a->name, a->type, a->nullable);
                list->out[list->n_out++] = *a;
                need(&s, a->id);
            }
        }
        q->child[c] = prune_project(cx, list, &s);
    }
    return q;
}

static Plan *prune_generate(OptimizeCtx *cx, const Plan *p, const Needs *wanted)
{
    Needs s = needs_of(wanted, cx->arena);
    need_list(&s, p->exprs, p->n_exprs);
    Plan *q = prune_child(cx, p, &s);
    uint32_t n = 0;
    q->out = ARENA_ARRAY(cx->arena, Attr, p->n_out);
    for (uint32_t i = 0; i < p->n_out; i++) {
        bool generated = has_attr(p->gen_out, p->n_gen_out, p->out[i].id);
        /* Generated columns come as a whole; carried ones only as far as they are wanted. */
        if (generated || needed(wanted, p->out[i].id)) {
            q->out[n++] = p->out[i];
        }
    }
    q->n_out = n;
    return q;
}

static Plan *prune_expand(OptimizeCtx *cx, const Plan *p, const Needs *wanted)
{
    Plan *q = plan_copy(cx->arena, p);
    q->out = ARENA_ARRAY(cx->arena, Attr, p->n_out);
    q->sets = ARENA_ARRAY(cx->arena, Expr *, (size_t)p->n_sets * p->n_set_cols);
    uint32_t *kept = ARENA_ARRAY(cx->arena, uint32_t, p->n_out);
    q->n_out = 0;
    for (uint32_t i = 0; i < p->n_out; i++) {
        if (needed(wanted, p->out[i].id)) {
            kept[q->n_out] = i;
            q->out[q->n_out++] = p->out[i];
        }
    }
    q->n_set_cols = q->n_out;
    for (uint32_t s = 0; s < p->n_sets; s++) {
        for (uint32_t i = 0; i < q->n_out; i++) {
            q->sets[s * q->n_out + i] = p->sets[s * p->n_set_cols + kept[i]];
        }
    }
    Needs s = {.arena = cx->arena};
    need_list(&s, q->sets, q->n_sets * q->n_set_cols);
    Plan *child = prune(cx, p->child[0], &s);
    q->child = ARENA_ARRAY(cx->arena, Plan *, 1);
    q->child[0] = child;
    return q;
}

/* The child without columns that nobody needs, where it could not leave them out itself. */
static Plan *without_rest(OptimizeCtx *cx, Plan *child, const Needs *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < child->n_out; i++) {
        n += needed(s, child->out[i].id);
    }
    if (n == child->n_out) {
        return child;
    }
    Plan *p = plan_new(cx->arena, P_PROJECT, 1, child);
    p->streaming = child->streaming;
    p->exprs = ARENA_ARRAY(cx->arena, Expr *, n);
    p->out = ARENA_ARRAY(cx->arena, Attr, n);
    for (uint32_t i = 0; i < child->n_out; i++) {
        const Attr *a = &child->out[i];
        if (needed(s, a->id)) {
            p->exprs[p->n_exprs++] = expr_attr(cx->arena, a->id, a->name, a->type, a->nullable);
            p->out[p->n_out++] = *a;
        }
    }
    return p;
}

/* Nodes whose output is their child's, and which use the columns in their expressions. */
static Plan *prune_passing(OptimizeCtx *cx, const Plan *p, const Needs *wanted)
{
    Needs s = needs_of(wanted, cx->arena);
    need_list(&s, p->exprs, p->n_exprs);
    need_list(&s, p->groups, p->n_groups);
    Plan *q = prune_child(cx, p, &s);
    if (p->kind == P_REPARTITION) { /* rows are dealt by what they hold */
        q->child[0] = without_rest(cx, q->child[0], &s);
    }
    q->out = q->child[0]->out;
    q->n_out = q->child[0]->n_out;
    return q;
}

static Plan *prune_all_kept(OptimizeCtx *cx, Plan *p)
{
    Plan **child = ARENA_ARRAY(cx->arena, Plan *, p->n_children);
    for (uint32_t i = 0; i < p->n_children; i++) {
        Needs s = {.arena = cx->arena};
        for (uint32_t k = 0; k < p->child[i]->n_out; k++) {
            need(&s, p->child[i]->out[k].id);
        }
        child[i] = prune(cx, p->child[i], &s);
    }
    return with_children(cx->arena, p, child);
}

static Plan *prune(OptimizeCtx *cx, Plan *p, const Needs *wanted)
{
    switch (p->kind) {
    case P_PROJECT:
        return prune_project(cx, p, wanted);
    case P_AGGREGATE: {
        Plan *q = plan_copy(cx->arena, p);
        Needs s = {.arena = cx->arena};
        keep_wanted(cx, q, p, wanted);
        need_list(&s, q->exprs, q->n_exprs);
        need_list(&s, q->groups, q->n_groups);
        return prune_child(cx, q, &s);
    }
    case P_RELATION:
        return prune_relation(cx, p, wanted);
    case P_JOIN:
        return prune_join(cx, p, wanted);
    case P_SET_OP:
        return p->set_op == SET_UNION ? prune_union(cx, p, wanted) : prune_all_kept(cx, p);
    case P_GENERATE:
        return prune_generate(cx, p, wanted);
    case P_EXPAND:
        return prune_expand(cx, p, wanted);
    case P_FILTER:
    case P_SORT:
    case P_LIMIT:
    case P_OFFSET:
    case P_TAIL:
    case P_REPARTITION:
    case P_SAMPLE:
    case P_DEDUPLICATE:
    case P_COLLECT_METRICS:
        return prune_passing(cx, p, wanted);
    default:
        return prune_all_kept(cx, p);
    }
}

Plan *optimize_prune(OptimizeCtx *cx, Plan *p)
{
    Needs all = {.arena = cx->arena};
    for (uint32_t i = 0; i < p->n_out; i++) {
        need(&all, p->out[i].id);
    }
    Plan *q = prune(cx, p, &all);
    /* The root's columns keep their order and number, duplicates included. */
    bool same = q->n_out == p->n_out;
    for (uint32_t i = 0; same && i < p->n_out; i++) {
        same = q->out[i].id == p->out[i].id;
    }
    if (same) {
        return q;
    }
    Plan *top = plan_new(cx->arena, P_PROJECT, 1, q);
    top->n_exprs = top->n_out = p->n_out;
    top->exprs = ARENA_ARRAY(cx->arena, Expr *, p->n_out);
    top->out = p->out;
    top->streaming = q->streaming;
    for (uint32_t i = 0; i < p->n_out; i++) {
        const Attr *a = &p->out[i];
        top->exprs[i] = expr_attr(cx->arena, a->id, a->name, a->type, a->nullable);
    }
    return top;
}
