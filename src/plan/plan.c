/*
 * plan.c - making, copying and walking logical plans, and the trees that keep them alive.
 *
 * A node and its operands lie in one arena and are never freed one by one. A PlanTree adds what an
 * arena can't hold: references to relations and row sets, which are dropped with the tree.
 *
 * Recursion: plan_visit() goes down to the plan's depth, which the parser and the analyzer bound
 * (PLAN_MAX_DEPTH). Threads: nodes are read-only once built; plantree_retain and _release may be
 * called from any thread, plantree_keep_* only by the thread that builds the tree.
 */
#include "plan/plan.h"

#include <stdarg.h>
#include <stdatomic.h>

#define TREE_EXEMPT ((size_t)1 << 20) /* what ordinary plans take */

Plan *plan_new(Arena *a, PlanKind kind, uint32_t n_children, ...)
{
    Plan *p = ARENA_NEW(a, Plan);
    p->kind = kind;
    p->start = -1;
    p->stop = -1;
    p->n_children = n_children;
    if (n_children == 0) {
        return p;
    }
    p->child = ARENA_ARRAY(a, Plan *, n_children);
    va_list ap;
    va_start(ap, n_children);
    for (uint32_t i = 0; i < n_children; i++) {
        p->child[i] = va_arg(ap, Plan *);
        p->streaming |= p->child[i] && p->child[i]->streaming;
    }
    va_end(ap);
    return p;
}

Plan *plan_copy(Arena *a, const Plan *p)
{
    Plan *c = arena_alloc(a, sizeof(*c));
    *c = *p;
    return c;
}

static const char *join_node_name(const Plan *p)
{
    return p->lateral ? "LateralJoin" : "Join";
}

static const char *set_op_node_name(const Plan *p)
{
    switch (p->set_op) {
    case SET_UNION:
        return "Union";
    case SET_EXCEPT:
        return p->all ? "Except All" : "Except";
    case SET_INTERSECT:
        return p->all ? "Intersect All" : "Intersect";
    }
    return "Union";
}

const char *plan_node_name(const Plan *p)
{
    static const char *const names[] = {
        [P_UNRESOLVED_TABLE] = "UnresolvedRelation",
        [P_UNRESOLVED_TVF] = "UnresolvedTableValuedFunction",
        [P_READ] = "UnresolvedDataSource",
        [P_INLINE_TABLE] = "UnresolvedInlineTable",
        [P_WITH] = "UnresolvedWith",
        [P_WITH_COLUMNS] = "Project",
        [P_RENAME_COLUMNS] = "Project",
        [P_DROP_COLUMNS] = "DataFrameDropColumns",
        [P_TO_DF] = "Project",
        [P_TO_SCHEMA] = "Project",
        [P_HINT] = "UnresolvedHint",
        [P_SUBQUERY_ALIAS] = "SubqueryAlias",
        [P_LATERAL_VIEW] = "Generate",
        [P_FILL_NA] = "Project",
        [P_DROP_NA] = "Filter",
        [P_UNPIVOT] = "Unpivot",
        [P_PIVOT] = "Pivot",
        [P_PROJECT] = "Project",
        [P_FILTER] = "Filter",
        [P_AGGREGATE] = "Aggregate",
        [P_SORT] = "Sort",
        [P_LIMIT] = "GlobalLimit",
        [P_OFFSET] = "Offset",
        [P_TAIL] = "Tail",
        [P_DISTINCT] = "Distinct",
        [P_DEDUPLICATE] = "Deduplicate",
        [P_WATERMARK] = "EventTimeWatermark",
        [P_COLLECT_METRICS] = "CollectMetrics",
        [P_SAMPLE] = "Sample",
        [P_RANGE] = "Range",
        [P_LOCAL] = "LocalRelation",
        [P_ONE_ROW] = "OneRowRelation",
        [P_GENERATE] = "Generate",
        [P_EXPAND] = "Expand",
        [P_CACHED] = "InMemoryRelation",
        [P_COMMAND] = "Command",
    };
    switch (p->kind) {
    case P_JOIN:
        return join_node_name(p);
    case P_SET_OP:
        return set_op_node_name(p);
    case P_DEDUPLICATE:
        return p->within_watermark ? "DeduplicateWithinWatermark" : "Deduplicate";
    case P_REPARTITION:
        return p->n_exprs > 0 ? "RepartitionByExpression" : "Repartition";
    case P_RELATION:
        return p->streaming ? "StreamingRelation" : "Relation";
    default:
        FB_ASSERT((size_t)p->kind < sizeof(names) / sizeof(names[0]) && names[p->kind]);
        return names[p->kind];
    }
}

const Type *plan_schema(const Plan *p)
{
    Field *fields = p->n_out ? mem_alloc(mem_mul(p->n_out, sizeof(*fields))) : NULL;
    for (uint32_t i = 0; i < p->n_out; i++) {
        fields[i] = (Field){.name = p->out[i].name,
                            .type = p->out[i].type,
                            .nullable = p->out[i].nullable,
                            .metadata = p->out[i].metadata};
    }
    const Type *t = type_struct(fields, p->n_out);
    mem_free(fields);
    return t;
}

bool plan_visit(const Plan *p, PlanVisit fn, void *arg)
{
    if (!fn(arg, p)) {
        return false;
    }
    for (uint32_t i = 0; i < p->n_children; i++) {
        if (!plan_visit(p->child[i], fn, arg)) {
            return false;
        }
    }
    return true;
}

/* ---- trees ---- */

/* ---- binding ---- */

typedef struct Binder {
    const Attr *in;
    uint32_t n;
    const Expr *missing;
} Binder;

static Expr *bind_one(void *arg, Arena *a, Expr *e)
{
    Binder *b = arg;
    if (e->kind != E_ATTR) {
        return e;
    }
    for (uint32_t i = 0; i < b->n; i++) {
        if (b->in[i].id == e->attr) {
            Expr *c = expr_new(a, E_COLUMN, 0);
            c->type = e->type;
            c->nullable = e->nullable;
            c->name = e->name;
            c->column = i;
            return c;
        }
    }
    b->missing = e;
    return e;
}

Expr *attrs_bind(Arena *a, const Expr *e, const Attr *in, uint32_t n_in, const Expr **ret_missing)
{
    Binder b = {.in = in, .n = n_in};
    while (e->kind == E_ALIAS) {
        e = e->args[0];
    }
    Expr *bound = expr_rewrite(a, e, bind_one, &b);
    *ret_missing = b.missing;
    return bound;
}

PlanTree *plantree_new(void)
{
    PlanTree *t = mem_zalloc(sizeof(*t));
    atomic_init(&t->refs, 1);
    return t;
}

void plantree_limit(PlanTree *t, struct MemBudget *budget)
{
    t->quota.budget = budget;
    t->quota.exempt = TREE_EXEMPT;
    t->arena.quota = budget ? &t->quota : NULL;
}

PlanTree *plantree_retain(PlanTree *t)
{
    atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    return t;
}

void plantree_release(PlanTree *t)
{
    if (!t || atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (uint32_t i = 0; i < t->n_relations; i++) {
        relation_release(t->relations[i]);
    }
    for (uint32_t i = 0; i < t->n_rowsets; i++) {
        rowset_release(t->rowsets[i]);
    }
    for (uint32_t i = 0; i < t->n_observed; i++) {
        observed_release(t->observed[i]);
    }
    /* As deep as views are nested in views, which the depth of plans bounds. */
    for (uint32_t i = 0; i < t->n_trees; i++) {
        plantree_release(t->trees[i]);
    }
    mem_free(t->relations);
    mem_free(t->rowsets);
    mem_free(t->observed);
    mem_free(t->trees);
    arena_free(&t->arena);
    mem_free(t);
}

void plantree_keep_relation(PlanTree *t, Relation *r)
{
    if (t->n_relations == t->cap_relations) {
        t->cap_relations = t->cap_relations ? t->cap_relations * 2 : 4;
        t->relations = mem_realloc(t->relations, mem_mul(t->cap_relations, sizeof(Relation *)));
    }
    t->relations[t->n_relations++] = r;
}

void plantree_keep_rows(PlanTree *t, RowSet *r)
{
    if (t->n_rowsets == t->cap_rowsets) {
        t->cap_rowsets = t->cap_rowsets ? t->cap_rowsets * 2 : 4;
        t->rowsets = mem_realloc(t->rowsets, mem_mul(t->cap_rowsets, sizeof(RowSet *)));
    }
    t->rowsets[t->n_rowsets++] = r;
}

void plantree_keep_observed(PlanTree *t, Observed *o)
{
    if (t->n_observed == t->cap_observed) {
        t->cap_observed = t->cap_observed ? t->cap_observed * 2 : 4;
        t->observed = mem_realloc(t->observed, mem_mul(t->cap_observed, sizeof(Observed *)));
    }
    t->observed[t->n_observed++] = o;
}

void plantree_keep_tree(PlanTree *t, PlanTree *other)
{
    if (t->n_trees == t->cap_trees) {
        t->cap_trees = t->cap_trees ? t->cap_trees * 2 : 4;
        t->trees = mem_realloc(t->trees, mem_mul(t->cap_trees, sizeof(PlanTree *)));
    }
    t->trees[t->n_trees++] = other;
}
