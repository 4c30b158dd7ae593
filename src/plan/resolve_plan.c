/*
 * resolve_plan.c - the walk over plan nodes: children first, then the node by its kind.
 */
#include "plan/analyzer_priv.h"

#include "base/budget.h"

#include "column/interval.h"

void set_output_from_exprs(AnalyzeCtx *cx, Plan *p)
{
    p->out = ARENA_ARRAY(cx->arena, Attr, p->n_exprs);
    p->n_out = p->n_exprs;
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        const Expr *e = p->exprs[i];
        p->out[i] = attr_of_expr(e);
        for (uint32_t c = 0; e->kind == E_ATTR && c < p->n_children; c++) {
            for (uint32_t k = 0; k < p->child[c]->n_out; k++) {
                if (p->child[c]->out[k].id == e->attr) {
                    p->out[i] = p->child[c]->out[k];
                    p->out[i].name = e->name; /* as the query spells it */
                }
            }
        }
    }
}

void widen_stateful(AnalyzeCtx *cx, Plan *p)
{
    Attr *out = p->streaming ? ARENA_ARRAY(cx->arena, Attr, p->n_out) : NULL;
    for (uint32_t i = 0; out && i < p->n_out; i++) {
        out[i] = p->out[i];
        out[i].type = type_as_nullable(out[i].type);
        out[i].nullable = true;
    }
    p->out = out ? out : p->out;
}

static void pass_output(Plan *p, const Plan *child)
{
    p->out = child->out;
    p->n_out = child->n_out;
}

Plan *make_project(AnalyzeCtx *cx, Plan *child, Expr **exprs, uint32_t n)
{
    Plan *p = plan_new(cx->arena, P_PROJECT, 1, child);
    p->exprs = exprs;
    p->n_exprs = n;
    p->streaming = child->streaming;
    set_output_from_exprs(cx, p);
    return p;
}

/* ---- instances of views ---- */

/* Old to new attribute ids; ids are dense enough for a short open-addressed table. */
typedef struct IdMap {
    AttrId *from, *to;
    uint32_t cap, n;
} IdMap;

static AttrId idmap_get(IdMap *m, Arena *a, AttrId id)
{
    if (m->n * 2 >= m->cap) {
        IdMap grown = {.cap = m->cap ? m->cap * 2 : 64};
        grown.from = ARENA_ARRAY(a, AttrId, grown.cap);
        grown.to = ARENA_ARRAY(a, AttrId, grown.cap);
        for (uint32_t i = 0; i < m->cap; i++) {
            if (m->from[i]) {
                uint32_t k = m->from[i] * 2654435761u & (grown.cap - 1);
                while (grown.from[k]) {
                    k = (k + 1) & (grown.cap - 1);
                }
                grown.from[k] = m->from[i];
                grown.to[k] = m->to[i];
                grown.n++;
            }
        }
        *m = grown;
    }
    uint32_t k = id * 2654435761u & (m->cap - 1);
    while (m->from[k] && m->from[k] != id) {
        k = (k + 1) & (m->cap - 1);
    }
    if (!m->from[k]) {
        m->from[k] = id;
        m->to[k] = attr_new_id();
        m->n++;
    }
    return m->to[k];
}

typedef struct Renew {
    IdMap ids;
    Arena *arena;
} Renew;

static Expr *renew_expr(void *arg, Arena *a, Expr *e)
{
    Renew *r = arg;
    if (e->attr) {
        e->attr = idmap_get(&r->ids, a, e->attr);
    }
    return e;
}

static Expr **renew_list(Renew *r, Expr *const *in, size_t n)
{
    Expr **out = n ? ARENA_ARRAY(r->arena, Expr *, n) : NULL;
    for (size_t i = 0; i < n; i++) {
        out[i] = expr_rewrite(r->arena, in[i], renew_expr, r);
    }
    return out;
}

static Attr *renew_attrs(Renew *r, const Attr *in, uint32_t n)
{
    Attr *out = ARENA_ARRAY(r->arena, Attr, n);
    for (uint32_t i = 0; i < n; i++) {
        out[i] = in[i];
        out[i].id = idmap_get(&r->ids, r->arena, in[i].id);
    }
    return out;
}

static Plan *renew_plan(Renew *r, const Plan *in)
{
    Plan *p = plan_copy(r->arena, in);
    if (in->n_children) {
        p->child = ARENA_ARRAY(r->arena, Plan *, in->n_children);
        for (uint32_t i = 0; i < in->n_children; i++) {
            p->child[i] = renew_plan(r, in->child[i]);
        }
    }
    p->exprs = renew_list(r, in->exprs, in->n_exprs);
    p->groups = renew_list(r, in->groups, in->n_groups);
    p->sets = renew_list(r, in->sets, (size_t)in->n_sets * in->n_set_cols);
    p->pushed = renew_list(r, in->pushed, in->n_pushed);
    p->out = renew_attrs(r, in->out, in->n_out);
    p->hidden = in->hidden ? renew_attrs(r, in->hidden, in->n_hidden) : NULL;
    p->gen_out = renew_attrs(r, in->gen_out, in->n_gen_out);
    return p;
}

static bool keep_leaf(void *arg, const Plan *p)
{
    PlanTree *tree = arg;
    if (p->relation) {
        plantree_keep_relation(tree, relation_retain(p->relation));
    }
    if (p->rows) {
        plantree_keep_rows(tree, rowset_retain(p->rows));
    }
    if (p->observed) {
        plantree_keep_observed(tree, observed_retain(p->observed));
    }
    return true;
}

Plan *plan_instance(AnalyzeCtx *cx, const PlanTree *view)
{
    Renew r = {.arena = cx->arena};
    Plan *p = renew_plan(&r, view->plan);
    plan_visit(p, keep_leaf, cx->tree);
    return p;
}

/* ---- nodes with little to do ---- */

static fb_status resolve_subquery_alias(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret,
                                        fb_error *err)
{
    Plan *p = plan_new(cx->arena, P_SUBQUERY_ALIAS, 1, child);
    if (in->n_names && in->n_names != child->n_out) {
        return err_set(err, ERR_NUM_TABLE_VALUE_ALIASES_MISMATCH, "aliasesNum",
                       arena_printf(cx->arena, "%u", in->n_names), "funcName", in->name,
                       "outColsNum", arena_printf(cx->arena, "%u", child->n_out), NULL);
    }
    const char **qualifier = ARENA_ARRAY(cx->arena, const char *, 1);
    bool named = strcmp(in->name, PLAN_NO_NAME) != 0; /* else no qualifier finds its columns */
    qualifier[0] = in->name;
    p->name = in->name;
    p->streaming = child->streaming;
    p->n_out = child->n_out;
    p->out = ARENA_ARRAY(cx->arena, Attr, child->n_out);
    for (uint32_t i = 0; i < child->n_out; i++) {
        p->out[i] = child->out[i];
        p->out[i].qualifier = qualifier;
        p->out[i].n_qualifier = named ? 1 : 0;
    }
    if (in->n_names) {
        Expr **exprs = ARENA_ARRAY(cx->arena, Expr *, child->n_out);
        for (uint32_t i = 0; i < child->n_out; i++) {
            exprs[i] = expr_alias(cx->arena, ref_of_attr(cx, &child->out[i]), in->names[i]);
            exprs[i]->attr = attr_new_id();
        }
        p->child[0] = make_project(cx, child, exprs, child->n_out);
        for (uint32_t i = 0; i < child->n_out; i++) {
            p->out[i] = p->child[0]->out[i];
            p->out[i].qualifier = qualifier;
            p->out[i].n_qualifier = 1;
        }
    }
    *ret = p;
    return FB_OK;
}

static fb_status resolve_count(AnalyzeCtx *cx, const Plan *in, Plan *child, const char *what,
                               Plan **ret, fb_error *err)
{
    Scope scope = scope_of(&child, 1, cx->arena); /* a column is no constant, as will be said */
    Expr *e;
    Vec v;
    TRY(resolve_expr(cx, &scope, in->exprs[0], &e, err));
    StrBuf sql = {0};
    expr_sql(e, &sql);
    const char *text = arena_printf(cx->arena, "\"%s\"", strbuf_arena(&sql, cx->arena));
    if (!expr_is_foldable(e)) {
        return err_set(err, ERR_INVALID_LIMIT_LIKE_EXPRESSION_IS_UNFOLDABLE, "name", what, "expr",
                       text, NULL);
    }
    if (e->type->id != T_INT) {
        StrBuf type = {0};
        type_sql(e->type, &type);
        return err_set(err, ERR_INVALID_LIMIT_LIKE_EXPRESSION_DATA_TYPE, "name", what, "expr", text,
                       "dataType",
                       arena_printf(cx->arena, "\"%s\"", strbuf_arena(&type, cx->arena)), NULL);
    }
    TRY(expr_fold(&cx->eval, e, &v, err));
    if (!vec_is_valid(&v, 0)) {
        return err_set(err, ERR_INVALID_LIMIT_LIKE_EXPRESSION_IS_NULL, "name", what, "expr", text,
                       NULL);
    }
    int32_t n = VEC_AT(int32_t, &v, 0);
    if (n < 0) {
        return err_set(err, ERR_INVALID_LIMIT_LIKE_EXPRESSION_IS_NEGATIVE, "name", what, "expr",
                       text, "v", arena_printf(cx->arena, "%d", (int)n), NULL);
    }
    Plan *p = plan_new(cx->arena, in->kind, 1, child);
    p->n = n;
    p->streaming = child->streaming;
    pass_output(p, child);
    if (p->kind == P_LIMIT) {
        widen_stateful(cx, p);
    }
    *ret = p;
    return FB_OK;
}

static fb_status resolve_passing(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret)
{
    Plan *p = plan_copy(cx->arena, in);
    p->child = ARENA_ARRAY(cx->arena, Plan *, 1);
    p->child[0] = child;
    p->streaming = child->streaming;
    pass_output(p, child);
    *ret = p;
    return FB_OK;
}

/* Of a batch: checked, and without effect, as in Spark. */
static fb_status resolve_watermark(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret,
                                   fb_error *err)
{
    Scope s = scope_of(&child, 1, cx->arena);
    Expr *time;
    int64_t delay_ms;
    TRY(interval_parse_delay_millis(str_of(in->name), &delay_ms, err));
    if (delay_ms < 0) {
        return err_set(
            err, ERR_LEGACY_REQUIREMENT, "message",
            arena_printf(cx->arena, "delay threshold (%s) should not be negative.", in->name),
            NULL);
    }
    if (!child->streaming) { /* says nothing of a batch, whatever it names */
        *ret = child;
        return FB_OK;
    }
    TRY(resolve_expr(cx, &s, in->exprs[0], &time, err));
    bool window = time->type->id == T_STRUCT &&
                  type_field_index(time->type, STR_LIT("end"), true) >= 0 &&
                  type_field_index(time->type, STR_LIT("start"), true) >= 0;
    if (time->type->id != T_TIMESTAMP && !window) {
        StrBuf name = {0}, type = {0};
        expr_sql(time, &name);
        type_sql(time->type, &type);
        return err_set(err, ERR_EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE, "eventName",
                       arena_printf(cx->arena, "`%s`", strbuf_arena(&name, cx->arena)), "eventType",
                       arena_printf(cx->arena, "\"%s\"", strbuf_arena(&type, cx->arena)), NULL);
    }
    return err_unsupported(err, "withWatermark");
}

static fb_status resolve_with(AnalyzeCtx *cx, const Plan *in, Plan **ret, fb_error *err)
{
    CteDef *outer = cx->ctes;
    if (in->recursive) {
        return err_unsupported(err, "WITH RECURSIVE");
    }
    for (uint32_t i = 0; i < in->n_names; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (name_eq(cx, in->names[i], in->names[k])) {
                return err_set(err, ERR_DUPLICATED_CTE_NAMES, "duplicateNames", in->names[i], NULL);
            }
        }
        CteDef *def = ARENA_NEW(cx->arena, CteDef);
        def->name = in->names[i];
        def->plan = in->child[i + 1];
        def->visible = cx->ctes;
        def->next = cx->ctes;
        cx->ctes = def;
    }
    fb_status st = resolve_plan(cx, in->child[0], ret, err);
    cx->ctes = outer;
    return st;
}

/* ---- dispatch ---- */

static fb_status resolve_unary(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret,
                               fb_error *err)
{
    switch (in->kind) {
    case P_PROJECT:
        return resolve_project(cx, in, child, ret, err);
    case P_FILTER:
        return resolve_filter(cx, in, child, ret, err);
    case P_AGGREGATE:
        return resolve_aggregate(cx, in, child, ret, err);
    case P_SORT:
        return resolve_sort(cx, in, child, ret, err);
    case P_LATERAL_VIEW:
        return resolve_lateral_view(cx, in, child, ret, err);
    case P_SUBQUERY_ALIAS:
        return resolve_subquery_alias(cx, in, child, ret, err);
    case P_LIMIT:
        return resolve_count(cx, in, child, "limit", ret, err);
    case P_OFFSET:
        return resolve_count(cx, in, child, "offset", ret, err);
    case P_TAIL:
        return resolve_count(cx, in, child, "tail", ret, err);
    case P_REPARTITION:
        return resolve_repartition(cx, in, child, ret, err);
    case P_HINT:
        return resolve_hint(cx, in, child, ret, err);
    case P_DISTINCT:
        TRY(refuse_maps(cx, child->out, child->n_out, err));
        TRY(resolve_passing(cx, in, child, ret));
        widen_stateful(cx, *ret);
        return FB_OK;
    case P_WITH_COLUMNS:
    case P_RENAME_COLUMNS:
    case P_DROP_COLUMNS:
    case P_TO_DF:
    case P_TO_SCHEMA:
    case P_FILL_NA:
    case P_DROP_NA:
    case P_DEDUPLICATE:
        return resolve_columns(cx, in, child, ret, err);
    case P_SAMPLE:
        return resolve_sample(cx, in, child, ret, err);
    case P_WATERMARK:
        return resolve_watermark(cx, in, child, ret, err);
    case P_COLLECT_METRICS:
        return resolve_observe(cx, in, child, ret, err);
    case P_PIVOT:
        return resolve_pivot(cx, in, child, ret, err);
    case P_UNPIVOT:
        return resolve_unpivot(cx, in, child, ret, err);
    default:
        return err_internal(err, "the analyzer met a node of kind %d", (int)in->kind);
    }
}

static fb_status resolve_node(AnalyzeCtx *cx, const Plan *in, Plan **ret, fb_error *err)
{
    if (in->kind == P_WITH) {
        return resolve_with(cx, in, ret, err);
    }
    if (in->kind == P_COMMAND) {
        return err_unsupported(err, "the statement %s inside a query", in->command->what);
    }
    if (in->n_children == 0) {
        return resolve_leaf(cx, in, ret, err);
    }
    if (in->kind == P_JOIN && in->lateral) { /* its right side sees columns of the left one */
        return err_unsupported(err, "LATERAL subqueries");
    }
    Plan **child = ARENA_ARRAY(cx->arena, Plan *, in->n_children);
    for (uint32_t i = 0; i < in->n_children; i++) {
        TRY(resolve_plan(cx, in->child[i], &child[i], err));
    }
    cx->hidden_used = false;
    if (in->kind == P_JOIN) {
        TRY(resolve_join(cx, in, child[0], child[1], ret, err));
    } else if (in->kind == P_SET_OP) {
        TRY(resolve_set_op(cx, in, child, in->n_children, ret, err));
    } else {
        TRY(resolve_unary(cx, in, child[0], ret, err));
    }
    if (cx->hidden_used) {
        *ret = show_hidden(cx, *ret);
    }
    return FB_OK;
}

fb_status resolve_plan(AnalyzeCtx *cx, const Plan *in, Plan **ret, fb_error *err)
{
    if (++cx->depth > PLAN_MAX_DEPTH) {
        cx->depth--;
        return err_set(err, ERR_PLAN_TOO_DEEP, "limit", "2000", NULL);
    }
    fb_status st = resolve_node(cx, in, ret, err);
    st = st == FB_OK ? arena_check(cx->arena, err) : st;
    cx->depth--;
    if (st == FB_OK && in->plan_id) {
        /* A node that resolved to its child keeps the child's own id: wrap is not needed, since
         * both have the same output. */
        if ((*ret)->plan_id && (*ret)->plan_id != in->plan_id) {
            Plan *same = plan_new(cx->arena, P_SUBQUERY_ALIAS, 1, *ret);
            same->streaming = (*ret)->streaming;
            pass_output(same, *ret);
            *ret = same;
        }
        (*ret)->plan_id = in->plan_id;
    }
    return st;
}
