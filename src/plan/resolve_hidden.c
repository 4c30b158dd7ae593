/*
 * resolve_hidden.c - columns that a plan has but does not show: the sides' own keys of a join
 * USING, and the metadata columns of relations, such as _metadata of files.
 *
 * The projection over such a join shows one column for both keys and lists the others as hidden.
 * They are found by qualified names (y.k, y.*) and through DataFrames only, from every operator
 * whose input passes columns on. Metadata columns are found by plain names too, and also through
 * names of subqueries, but by no star, and not above a join USING, a view or a CTE. An operator
 * that uses one gets a plan below it in which the column is shown on the way up, and a projection
 * above it if its own output would show it; so do Spark's metadata columns and its rule
 * AddMetadataColumns.
 *
 * A distinct or a deduplication that a hidden column goes through has it among its columns, which
 * is what Spark does.
 */
#include "plan/analyzer_priv.h"

typedef struct AttrList {
    Arena *arena;
    Attr *a;
    uint32_t n, cap;
} AttrList;

static void attr_push(AttrList *l, const Attr *a)
{
    if (l->n == l->cap) {
        uint32_t more = l->cap ? l->cap * 2 : 8;
        Attr *grown = ARENA_ARRAY(l->arena, Attr, more);
        if (l->n) {
            memcpy(grown, l->a, l->n * sizeof(*grown));
        }
        l->a = grown;
        l->cap = more;
    }
    l->a[l->n++] = *a;
}

/* The output is the first child's, and every column of it could be there. */
static bool passes_columns(const Plan *p)
{
    switch (p->kind) {
    case P_FILTER:
    case P_SORT:
    case P_LIMIT:
    case P_OFFSET:
    case P_TAIL:
    case P_DISTINCT:
    case P_DEDUPLICATE:
    case P_REPARTITION:
    case P_WATERMARK:
    case P_SAMPLE:
    case P_COLLECT_METRICS:
    case P_GENERATE:
        return true;
    case P_SUBQUERY_ALIAS:
        return !p->opaque;
    default:
        return false;
    }
}

/* What goes through the name of a subquery: metadata columns, which answer to that name. One
 * without a name only carries a DataFrame's id. */
static void rename_hidden(AttrList *l, uint32_t from, const Plan *p)
{
    uint32_t kept = from;
    const char **q = ARENA_ARRAY(l->arena, const char *, 1);
    q[0] = p->name;
    for (uint32_t i = from; i < l->n; i++) {
        if (l->a[i].metadata_column) {
            l->a[kept] = l->a[i];
            l->a[kept].qualifier = q;
            l->a[kept++].n_qualifier = strcmp(p->name, PLAN_NO_NAME) == 0 ? 0 : 1;
        }
    }
    l->n = kept;
}

static void gather(AttrList *l, const Plan *p)
{
    uint32_t before = l->n;
    if (p->hidden) {
        for (uint32_t i = 0; i < p->n_hidden; i++) {
            attr_push(l, &p->hidden[i]);
        }
    } else if (p->kind == P_PROJECT || passes_columns(p)) {
        gather(l, p->child[0]);
        if (p->kind == P_SUBQUERY_ALIAS && p->name) {
            rename_hidden(l, before, p);
        }
    } else if (p->kind == P_JOIN) {
        gather(l, p->child[0]);
        for (uint32_t i = before; i < l->n; i++) {
            l->a[i].nullable |= join_left_nullable(p->join_type);
        }
        before = l->n;
        if (!join_is_semi(p->join_type)) {
            gather(l, p->child[1]);
        }
        for (uint32_t i = before; i < l->n; i++) {
            l->a[i].nullable |= join_right_nullable(p->join_type);
        }
    }
}

uint32_t hidden_output(AnalyzeCtx *cx, Plan *const *plans, uint32_t n, Attr **ret)
{
    AttrList l = {.arena = cx->arena};
    for (uint32_t i = 0; i < n; i++) {
        gather(&l, plans[i]);
    }
    *ret = l.a;
    return l.n;
}

const Attr *attr_by_id(const Attr *attrs, uint32_t n, AttrId id)
{
    for (uint32_t i = 0; i < n; i++) {
        if (attrs[i].id == id) {
            return &attrs[i];
        }
    }
    return NULL;
}

/* ---- showing them ---- */

typedef struct Used {
    AnalyzeCtx *cx;
    AttrId *id;
    uint32_t n, cap;
} Used;

static void use_id(Used *u, AttrId id)
{
    for (uint32_t i = 0; i < u->n; i++) {
        if (u->id[i] == id) {
            return;
        }
    }
    if (u->n == u->cap) {
        uint32_t more = u->cap ? u->cap * 2 : 16;
        AttrId *grown = ARENA_ARRAY(u->cx->arena, AttrId, more);
        if (u->n) {
            memcpy(grown, u->id, u->n * sizeof(*grown));
        }
        u->id = grown;
        u->cap = more;
    }
    u->id[u->n++] = id;
}

static bool use_attrs(void *arg, const Expr *e)
{
    if (e->kind == E_ATTR) {
        use_id(arg, e->attr);
    }
    if (e->filter) {
        (void)expr_visit(e->filter, use_attrs, arg);
    }
    return true;
}

static void use_list(Used *u, Expr *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)expr_visit(list[i], use_attrs, u);
    }
}

/* The ids of u that p hides. */
static Used hidden_of(AnalyzeCtx *cx, Plan *p, const Used *u)
{
    Used lacking = {.cx = cx};
    Attr *hidden;
    uint32_t n = hidden_output(cx, &p, 1, &hidden);
    for (uint32_t i = 0; n && i < u->n; i++) {
        if (!attr_by_id(p->out, p->n_out, u->id[i]) && attr_by_id(hidden, n, u->id[i])) {
            use_id(&lacking, u->id[i]);
        }
    }
    return lacking;
}

/* A relation with those of its hidden columns, which come behind the others. */
static Plan *show_of_relation(AnalyzeCtx *cx, const Plan *p, const Used *ids)
{
    Plan *q = plan_copy(cx->arena, p);
    uint32_t *columns = ARENA_ARRAY(cx->arena, uint32_t, (size_t)p->n_out + ids->n);
    q->out = ARENA_ARRAY(cx->arena, Attr, (size_t)p->n_out + ids->n);
    for (uint32_t i = 0; i < p->n_out; i++) {
        q->out[i] = p->out[i];
        columns[i] = p->columns ? p->columns[i] : i;
    }
    for (uint32_t i = 0; i < p->n_hidden; i++) {
        if (attr_by_id(p->out, p->n_out, p->hidden[i].id)) {
            continue;
        }
        for (uint32_t k = 0; k < ids->n; k++) {
            if (ids->id[k] == p->hidden[i].id) {
                columns[q->n_out] = p->relation->schema->n_fields + i;
                q->out[q->n_out++] = p->hidden[i];
            }
        }
    }
    q->columns = columns;
    return q;
}

/* The expressions of p and one more for each id, taken from the child's output. */
static void append_refs(AnalyzeCtx *cx, Plan *p, const Used *ids)
{
    const Plan *child = p->child[0];
    Expr **exprs = ARENA_ARRAY(cx->arena, Expr *, (size_t)p->n_exprs + ids->n);
    Attr *out = ARENA_ARRAY(cx->arena, Attr, (size_t)p->n_out + ids->n);
    memcpy(exprs, p->exprs, p->n_exprs * sizeof(*exprs));
    memcpy(out, p->out, p->n_out * sizeof(*out));
    for (uint32_t i = 0; i < ids->n; i++) {
        const Attr *a = attr_by_id(child->out, child->n_out, ids->id[i]);
        FB_ASSERT(a);
        exprs[p->n_exprs + i] = ref_of_attr(cx, a);
        out[p->n_out + i] = *a;
    }
    p->exprs = exprs;
    p->out = out;
    p->n_exprs += ids->n;
    p->n_out += ids->n;
}

/* The output of a node that passes columns on, from its children's. */
static void renew_output(AnalyzeCtx *cx, Plan *p)
{
    const Plan *child = p->child[0];
    if (p->kind == P_JOIN) {
        join_output(cx, p);
    } else if (p->kind == P_GENERATE) {
        p->n_out = child->n_out + p->n_gen_out;
        p->out = ARENA_ARRAY(cx->arena, Attr, p->n_out);
        memcpy(p->out, child->out, child->n_out * sizeof(Attr));
        for (uint32_t i = 0; i < p->n_gen_out; i++) {
            p->out[child->n_out + i] = p->gen_out[i];
        }
    } else {
        p->out = child->out;
        p->n_out = child->n_out;
    }
}

/* p with those of the ids in its output that it hides. */
static Plan *show(AnalyzeCtx *cx, Plan *p, const Used *ids)
{
    Used lacking = hidden_of(cx, p, ids);
    if (!lacking.n) {
        return p;
    }
    if (p->kind == P_RELATION) {
        return show_of_relation(cx, p, &lacking);
    }
    Plan *q = plan_copy(cx->arena, p);
    q->child = ARENA_ARRAY(cx->arena, Plan *, p->n_children);
    for (uint32_t i = 0; i < p->n_children; i++) {
        q->child[i] = show(cx, p->child[i], &lacking);
    }
    if (p->kind == P_PROJECT) {
        append_refs(cx, q, &lacking);
    } else {
        renew_output(cx, q);
    }
    return q;
}

/* The columns of an expansion that its input has got in addition. */
static void widen_expand(AnalyzeCtx *cx, Plan *p, uint32_t n_before)
{
    const Plan *child = p->child[0];
    uint32_t more = child->n_out - n_before, n = p->n_out + more;
    Attr *out = ARENA_ARRAY(cx->arena, Attr, n);
    Expr **sets = ARENA_ARRAY(cx->arena, Expr *, (size_t)n * p->n_sets);
    memcpy(out, p->out, p->n_out * sizeof(*out));
    for (uint32_t i = 0; i < more; i++) {
        out[p->n_out + i] = child->out[n_before + i];
    }
    for (uint32_t s = 0; s < p->n_sets; s++) {
        Expr **row = sets + (size_t)s * n;
        memcpy(row, p->sets + (size_t)s * p->n_set_cols, p->n_set_cols * sizeof(*row));
        for (uint32_t i = 0; i < more; i++) {
            row[p->n_set_cols + i] = ref_of_attr(cx, &out[p->n_out + i]);
        }
    }
    p->out = out;
    p->sets = sets;
    p->n_out = p->n_set_cols = n;
}

static Used used_by(AnalyzeCtx *cx, const Plan *p)
{
    Used u = {.cx = cx};
    use_list(&u, p->exprs, p->n_exprs);
    use_list(&u, p->groups, p->n_groups);
    use_list(&u, p->sets, (size_t)p->n_sets * p->n_set_cols);
    return u;
}

Plan *show_hidden(AnalyzeCtx *cx, Plan *p)
{
    if (p->n_children == 0) {
        return p;
    }
    Plan **child = ARENA_ARRAY(cx->arena, Plan *, p->n_children);
    Used u = used_by(cx, p);
    bool changed = false, wider = false;
    for (uint32_t i = 0; i < p->n_children; i++) {
        child[i] = show_hidden(cx, p->child[i]);
        if (p->kind == P_AGGREGATE && child[i]->kind == P_EXPAND) {
            Plan *expand = plan_copy(cx->arena, child[i]), *below = expand->child[0];
            expand->child = ARENA_ARRAY(cx->arena, Plan *, 1);
            expand->child[0] = show(cx, below, &u);
            if (expand->child[0] != below) {
                widen_expand(cx, expand, below->n_out);
                child[i] = expand;
            }
        }
        Plan *shown = show(cx, child[i], &u);
        wider |= shown != child[i];
        changed |= shown != p->child[i];
        child[i] = shown;
    }
    if (!changed) {
        return p;
    }
    Plan *q = plan_copy(cx->arena, p);
    q->child = child;
    if (!wider || !(passes_columns(p) || p->kind == P_JOIN)) {
        return q;
    }
    renew_output(cx, q);
    return project_to(cx, q, p);
}
