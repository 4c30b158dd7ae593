/*
 * resolve_select.c - projections, aggregates, HAVING, ORDER BY, and generators.
 *
 * HAVING and ORDER BY may use what the select list does not show: aggregates and columns of the
 * input. Such expressions are exposed as hidden output columns of the node that can compute them
 * and projected away above.
 */
#include "plan/analyzer_priv.h"

#include "column/collation.h"

/* more, its_value: a second parameter, or NULL. */
static fb_status select_error(AnalyzeCtx *cx, ErrId id, const char *key, const char *value,
                              const char *more, const char *its_value, const Expr *at,
                              fb_error *err)
{
    fb_status st = err_set(err, id, key, value, more, its_value, NULL);
    err_where(err, at->start, at->stop, cx->sql);
    return st;
}

static fb_status generator_error(AnalyzeCtx *cx, ErrId id, const char *key, const char *value,
                                 const Expr *at, fb_error *err)
{
    return select_error(cx, id, key, value, NULL, NULL, at, err);
}

static const char *quoted_sql(AnalyzeCtx *cx, const Expr *e)
{
    StrBuf b = {0};
    strbuf_putc(&b, '"');
    expr_sql(e, &b);
    strbuf_putc(&b, '"');
    return strbuf_arena(&b, cx->arena);
}

/* The aggregate calls in e as SQL, separated by commas. */
static void list_aggregates(const Expr *e, StrBuf *out)
{
    if (e->kind == E_AGG) {
        strbuf_puts(out, out->n ? ", " : "");
        expr_sql(e, out);
        return;
    }
    for (uint32_t i = 0; i < e->n_args; i++) {
        list_aggregates(e->args[i], out);
    }
}

static const Expr *below_alias(const Expr *e)
{
    while (e->kind == E_ALIAS) {
        e = e->args[0];
    }
    return e;
}

/* ---- generators ---- */

static Plan *make_generate(AnalyzeCtx *cx, Plan *child, Expr *gen, bool outer)
{
    Plan *p = plan_new(cx->arena, P_GENERATE, 1, child);
    p->exprs = ARENA_ARRAY(cx->arena, Expr *, 1);
    p->exprs[0] = gen;
    p->n_exprs = 1;
    p->outer = outer;
    p->streaming = child->streaming;
    p->n_gen_out = gen->type->n_fields;
    p->gen_out = ARENA_ARRAY(cx->arena, Attr, p->n_gen_out);
    p->n_out = child->n_out + p->n_gen_out;
    p->out = ARENA_ARRAY(cx->arena, Attr, p->n_out);
    if (child->n_out) {
        memcpy(p->out, child->out, child->n_out * sizeof(Attr));
    }
    for (uint32_t i = 0; i < p->n_gen_out; i++) {
        const Field *f = &gen->type->fields[i];
        p->gen_out[i] = (Attr){.id = attr_new_id(),
                               .name = f->name,
                               .type = f->type,
                               .nullable = f->nullable || outer,
                               .watermark_us = -1};
        p->out[child->n_out + i] = p->gen_out[i];
    }
    return p;
}

static fb_status alias_mismatch(AnalyzeCtx *cx, const char *const *names, uint32_t n,
                                uint32_t n_columns, const Expr *at, fb_error *err)
{
    StrBuf b = {0};
    for (uint32_t i = 0; i < n; i++) {
        strbuf_printf(&b, "%s%s", i ? "," : "", names[i]);
    }
    fb_status st = err_set(err, ERR_UDTF_ALIAS_NUMBER_MISMATCH, "aliasesSize",
                           arena_printf(cx->arena, "%u", n_columns), "aliasesNames",
                           strbuf_arena(&b, cx->arena), NULL);
    err_where(err, at->start, at->stop, cx->sql);
    return st;
}

/* The aliases of a generator item: one name, or as many as it has columns. */
static fb_status generator_names(AnalyzeCtx *cx, const Expr *item, Plan *generate, fb_error *err)
{
    const char *const *names = item->parts;
    uint32_t n = item->n_parts;
    if (item->kind != E_ALIAS || item->auto_alias) {
        return FB_OK;
    }
    if (n == 0) {
        names = &item->name;
        n = 1;
    }
    if (n != generate->n_gen_out) {
        return alias_mismatch(cx, names, n, generate->n_gen_out, item, err);
    }
    for (uint32_t i = 0; i < n; i++) {
        generate->gen_out[i].name = names[i];
        generate->out[generate->n_out - n + i].name = names[i];
    }
    return FB_OK;
}

static bool contains_generator(const Expr *e)
{
    return expr_contains(e, E_GENERATOR);
}

/* A generator is an item of its own, and its arguments hold none. */
static fb_status check_generator_nesting(AnalyzeCtx *cx, const Expr *item, fb_error *err)
{
    bool nested = item->kind != E_GENERATOR && contains_generator(item);
    for (uint32_t i = 0; item->kind == E_GENERATOR && i < item->n_args; i++) {
        nested |= contains_generator(item->args[i]);
    }
    return nested ? generator_error(cx, ERR_UNSUPPORTED_GENERATOR_NESTED, "expression",
                                    quoted_sql(cx, item), item, err)
                  : FB_OK;
}

/* Moves each generator of the list into a P_GENERATE under the projection. */
static fb_status extract_generators(AnalyzeCtx *cx, Expr ***list, uint32_t *n, Plan **child,
                                    fb_error *err)
{
    Expr **in = *list, **out = NULL;
    uint32_t n_out = 0, cap = 0;
    for (uint32_t i = 0; i < *n; i++) {
        const Expr *inner = below_alias(in[i]);
        TRY(check_generator_nesting(cx, inner, err));
        if (inner->kind != E_GENERATOR) {
            list_push(cx->arena, &out, &n_out, &cap, in[i]);
            continue;
        }
        bool outer = strstr(inner->fn->name, "_outer") != NULL;
        Plan *g = make_generate(cx, *child, (Expr *)inner, outer);
        TRY(generator_names(cx, in[i], g, err));
        for (uint32_t k = 0; k < g->n_gen_out; k++) {
            list_push(cx->arena, &out, &n_out, &cap, ref_of_attr(cx, &g->gen_out[k]));
        }
        *child = g;
    }
    *list = out;
    *n = n_out;
    return FB_OK;
}

/* LATERAL VIEW OUTER f(x) is f_outer(x). */
static fb_status outer_variant(AnalyzeCtx *cx, Expr **gen, fb_error *err)
{
    const char *name = arena_printf(cx->arena, "%s_outer", (*gen)->fn->name);
    if (!func_lookup(name)) {
        return err_unsupported(err, "LATERAL VIEW OUTER %s", (*gen)->fn->name);
    }
    Expr *call = expr_unresolved_func(cx->arena, name, NULL, 0);
    return func_bind(&cx->bind, call, (*gen)->args, (*gen)->n_args, gen, err);
}

fb_status resolve_lateral_view(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret,
                               fb_error *err)
{
    Scope s = scope_of(&child, 1, cx->arena);
    Expr *gen;
    TRY(resolve_expr(cx, &s, in->exprs[0], &gen, err));
    if (gen->kind != E_GENERATOR) {
        return generator_error(cx, ERR_UNSUPPORTED_GENERATOR_NOT_GENERATOR, "functionName",
                               quoted_sql(cx, gen), gen, err);
    }
    bool outer = strstr(gen->fn->name, "_outer") != NULL;
    if (in->outer && !outer) {
        TRY(outer_variant(cx, &gen, err));
        outer = true;
    }
    Plan *g = make_generate(cx, child, gen, outer);
    if (in->n_names && in->n_names != g->n_gen_out) {
        return alias_mismatch(cx, in->names, in->n_names, g->n_gen_out, gen, err);
    }
    const char **qualifier = ARENA_ARRAY(cx->arena, const char *, 1);
    qualifier[0] = in->name;
    for (uint32_t i = 0; i < g->n_gen_out; i++) {
        Attr *a = &g->out[child->n_out + i];
        if (in->n_names) {
            a->name = in->names[i];
        }
        a->qualifier = qualifier;
        a->n_qualifier = in->name ? 1 : 0;
        g->gen_out[i] = *a;
    }
    *ret = g;
    return FB_OK;
}

/* ---- projection ---- */

fb_status resolve_item(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr ***list, uint32_t *n,
                       uint32_t *cap, fb_error *err)
{
    if (expands(in)) {
        return expand_item(cx, s, in, list, n, cap, err);
    }
    Expr *r;
    TRY(resolve_expr(cx, s, in, &r, err));
    if (in->kind == E_UNRESOLVED_ATTR && in->n_parts > 1 && r->kind == E_CALL) {
        r = expr_alias(cx->arena, r, in->parts[in->n_parts - 1]); /* m.key is called key */
        r->attr = attr_new_id();
    }
    list_push(cx->arena, list, n, cap, r);
    return FB_OK;
}

fb_status resolve_list(AnalyzeCtx *cx, const Scope *scope, const Plan *in, Expr ***ret,
                       uint32_t *ret_n, fb_error *err)
{
    Expr **list = NULL;
    uint32_t n = 0, cap = 0;
    Scope s = *scope;
    for (uint32_t i = 0; i < in->n_exprs; i++) {
        s.aliases = list;
        s.n_aliases = n;
        TRY(resolve_item(cx, &s, in->exprs[i], &list, &n, &cap, err));
    }
    *ret = list;
    *ret_n = n;
    return check_lateral(cx, err);
}

void name_list(AnalyzeCtx *cx, Expr **list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        list[i] = name_expr(cx, list[i]);
    }
}

fb_status resolve_project(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    Scope s = scope_of(&child, 1, cx->arena);
    Expr **list;
    uint32_t n;
    TRY(resolve_list(cx, &s, in, &list, &n, err));
    return project_items(cx, child, list, n, ret, err);
}

/* A list with aggregates is that of all rows as one group. */
fb_status project_items(AnalyzeCtx *cx, Plan *child, Expr **list, uint32_t n, Plan **ret,
                        fb_error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        if (expr_contains(list[i], E_AGG)) {
            return make_aggregate(cx, child, NULL, 0, list, n, ret, err);
        }
    }
    TRY(extract_generators(cx, &list, &n, &child, err));
    name_list(cx, list, n);
    *ret = make_project(cx, child, list, n);
    return FB_OK;
}

/* ---- aggregate ---- */

static bool is_group(Expr *const *groups, uint32_t n_groups, const Expr *e)
{
    for (uint32_t i = 0; i < n_groups; i++) {
        if (expr_equal(below_alias(groups[i]), e)) {
            return true;
        }
    }
    return false;
}

static fb_status check_nested(AnalyzeCtx *cx, const Expr *agg, fb_error *err)
{
    for (uint32_t i = 0; i < agg->n_args; i++) {
        if (expr_contains(agg->args[i], E_AGG)) {
            fb_status st =
                err_set(err, ERR_NESTED_AGGREGATE_FUNCTION, "aggFunc", agg->fn->name, NULL);
            err_where(err, agg->start, agg->stop, cx->sql);
            return st;
        }
    }
    return FB_OK;
}

/* Outside of aggregates, only grouping expressions may appear. */
static fb_status check_output(AnalyzeCtx *cx, Expr *const *groups, uint32_t n_groups, const Expr *e,
                              fb_error *err)
{
    if (is_group(groups, n_groups, e)) {
        return FB_OK;
    }
    if (e->kind == E_AGG) {
        return check_nested(cx, e, err);
    }
    if (e->kind == E_ATTR) {
        const char *text = arena_printf(cx->arena, "\"%s\"", e->name);
        fb_status st =
            n_groups
                ? err_set(err, ERR_MISSING_AGGREGATION, "expression", text, "expressionAnyValue",
                          arena_printf(cx->arena, "\"any_value(%s)\"", e->name), NULL)
                : err_set(err, ERR_MISSING_GROUP_BY, NULL);
        err_where(err, e->start, e->stop, cx->sql);
        return st;
    }
    for (uint32_t i = 0; i < e->n_args; i++) {
        TRY(check_output(cx, groups, n_groups, e->args[i], err));
    }
    return FB_OK;
}

/* Maps are compared as if sorted by key. */
static bool can_group(const Type *t)
{
    bool can = type_is_nested(t) || type_is_orderable(t);
    for (uint32_t i = 0; type_is_nested(t) && can && i < t->n_fields; i++) {
        can = can_group(t->fields[i].type);
    }
    return can;
}

static fb_status check_group(AnalyzeCtx *cx, const Expr *g, fb_error *err)
{
    const Expr *e = below_alias(g);
    if (type_is_nested(e->type) && type_is_collated(e->type)) {
        return err_unsupported(err, "GROUP BY of collated strings inside of %s",
                               bind_type_sql(&cx->bind, e->type));
    }
    if (expr_contains(e, E_AGG)) {
        fb_status st = err_set(err, ERR_GROUP_BY_AGGREGATE, "sqlExpr", quoted_sql(cx, e), NULL);
        err_where(err, e->start, e->stop, cx->sql);
        return st;
    }
    if (contains_generator(e)) {
        return err_set(err, ERR_UNSUPPORTED_EXPR_FOR_OPERATOR, "operator", "Aggregate",
                       "invalidExprSqls", quoted_sql(cx, e), NULL);
    }
    if (!can_group(e->type)) {
        StrBuf b = {0};
        type_sql(e->type, &b);
        return err_set(err, ERR_GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE, "sqlExpr",
                       quoted_sql(cx, e), "dataType",
                       arena_printf(cx->arena, "\"%s\"", strbuf_arena(&b, cx->arena)), NULL);
    }
    return FB_OK;
}

/* explode(collect_list(x)): the aggregate gives the generator's arguments, and a projection over it
 * generates. */
static fb_status generate_over_aggregate(AnalyzeCtx *cx, Plan *child, Expr **groups,
                                         uint32_t n_groups, Expr **exprs, uint32_t n_exprs,
                                         uint32_t n_generators, Plan **ret, fb_error *err)
{
    Expr **inner = NULL, **outer = ARENA_ARRAY(cx->arena, Expr *, n_exprs);
    uint32_t n = 0, cap = 0;
    Plan *aggregate;
    for (uint32_t i = 0; i < n_exprs; i++) {
        const Expr *item = below_alias(exprs[i]);
        if (item->kind != E_GENERATOR) {
            Expr *named = name_expr(cx, exprs[i]);
            list_push(cx->arena, &inner, &n, &cap, named);
            Attr a = attr_of_expr(named);
            outer[i] = ref_of_attr(cx, &a);
            continue;
        }
        if (n_generators > 1) {
            return generator_error(cx, ERR_UNSUPPORTED_GENERATOR_MULTI, "num",
                                   arena_printf(cx->arena, "%u", n_generators), item, err);
        }
        Expr *generator = expr_copy(cx->arena, item);
        generator->args = ARENA_ARRAY(cx->arena, Expr *, item->n_args);
        for (uint32_t k = 0; k < item->n_args; k++) {
            Expr *named =
                expr_alias(cx->arena, item->args[k], arena_printf(cx->arena, "_gen_input_%u", k));
            named->attr = attr_new_id();
            list_push(cx->arena, &inner, &n, &cap, named);
            Attr a = attr_of_expr(named);
            generator->args[k] = ref_of_attr(cx, &a);
        }
        outer[i] = generator;
        if (exprs[i]->kind == E_ALIAS) {
            outer[i] = expr_copy(cx->arena, exprs[i]);
            outer[i]->args = ARENA_ARRAY(cx->arena, Expr *, 1);
            outer[i]->args[0] = generator;
        }
    }
    TRY(make_aggregate(cx, child, groups, n_groups, inner, n, &aggregate, err));
    return project_items(cx, aggregate, outer, n_exprs, ret, err);
}

fb_status make_aggregate(AnalyzeCtx *cx, Plan *child, Expr **groups, uint32_t n_groups,
                         Expr **exprs, uint32_t n_exprs, Plan **ret, fb_error *err)
{
    for (uint32_t i = 0; i < n_groups; i++) {
        TRY(check_group(cx, groups[i], err));
    }
    uint32_t n_generators = 0;
    for (uint32_t i = 0; i < n_exprs; i++) {
        TRY(check_generator_nesting(cx, below_alias(exprs[i]), err));
        TRY(check_output(cx, groups, n_groups, below_alias(exprs[i]), err));
        n_generators += contains_generator(exprs[i]);
    }
    if (n_generators) {
        return generate_over_aggregate(cx, child, groups, n_groups, exprs, n_exprs, n_generators,
                                       ret, err);
    }
    name_list(cx, exprs, n_exprs);
    Plan *p = plan_new(cx->arena, P_AGGREGATE, 1, child);
    p->groups = groups;
    p->n_groups = n_groups;
    p->exprs = exprs;
    p->n_exprs = n_exprs;
    p->streaming = child->streaming;
    set_output_from_exprs(cx, p);
    widen_stateful(cx, p);
    *ret = p;
    return FB_OK;
}

/* GROUP BY 1: the item of the select list. */
static fb_status group_by_position(AnalyzeCtx *cx, const Expr *g, Expr *const *list, uint32_t n,
                                   Expr **ret, fb_error *err)
{
    int64_t pos = VEC_AT(int32_t, g->value, 0);
    if (pos < 1 || pos > n) {
        fb_status st = err_set(err, ERR_GROUP_BY_POS_OUT_OF_RANGE, "index",
                               arena_printf(cx->arena, "%lld", (long long)pos), "size",
                               arena_printf(cx->arena, "%u", n), NULL);
        err_where(err, g->start, g->stop, cx->sql);
        return st;
    }
    *ret = (Expr *)below_alias(list[pos - 1]);
    if (expr_contains(*ret, E_AGG)) {
        fb_status st = err_set(err, ERR_GROUP_BY_POS_AGGREGATE, "index",
                               arena_printf(cx->arena, "%lld", (long long)pos), "aggExpr",
                               quoted_sql(cx, *ret), NULL);
        err_where(err, g->start, g->stop, cx->sql);
        return st;
    }
    return FB_OK;
}

fb_status resolve_group(AnalyzeCtx *cx, const Scope *s, const Expr *g, Expr *const *list,
                        uint32_t n, Expr **ret, fb_error *err)
{
    if (g->kind == E_LITERAL && g->type == type_int && vec_is_valid(g->value, 0)) {
        return group_by_position(cx, g, list, n, ret, err);
    }
    if (g->kind == E_UNRESOLVED_ATTR) {
        Expr *hit;
        TRY(resolve_name(cx, s, g, &hit, err));
        for (uint32_t i = 0; !hit && g->n_parts == 1 && i < n; i++) {
            if (list[i]->kind == E_ALIAS && name_eq(cx, list[i]->name, g->parts[0])) {
                *ret = list[i]->args[0];
                return FB_OK;
            }
        }
    }
    TRY(resolve_expr(cx, s, g, ret, err));
    return FB_OK;
}

static bool is_built(void *arg, const Expr *e)
{
    (void)arg;
    return e->kind != E_UNRESOLVED_FUNC || !e->n_parts || func_lookup(e->parts[e->n_parts - 1]);
}

/* GROUP BY window(…) makes a column `window` for the select list: what is missing is the function,
 * and that is to be said first. */
static fb_status refuse_groups(AnalyzeCtx *cx, const Scope *s, const Plan *in, fb_error *err)
{
    for (uint32_t i = 0; i < in->n_groups; i++) {
        Expr *ignored;
        if (!expr_visit(in->groups[i], is_built, NULL)) {
            TRY(resolve_expr(cx, s, in->groups[i], &ignored, err));
        }
    }
    return FB_OK;
}

fb_status resolve_aggregate(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    Scope s = scope_of(&child, 1, cx->arena);
    Expr **list, **groups = NULL;
    uint32_t n, n_groups = 0, cap = 0;
    TRY(refuse_groups(cx, &s, in, err));
    if (in->n_sets) {
        TRY(resolve_grouping_sets(cx, in, &child, &groups, &n_groups, &list, &n, err));
        return make_aggregate(cx, child, groups, n_groups, list, n, ret, err);
    }
    TRY(resolve_list(cx, &s, in, &list, &n, err));
    if (in->all) {
        for (uint32_t i = 0; i < n; i++) {
            if (!expr_contains(list[i], E_AGG)) {
                list_push(cx->arena, &groups, &n_groups, &cap, (Expr *)below_alias(list[i]));
            }
        }
    }
    for (uint32_t i = 0; i < in->n_groups; i++) {
        Expr *g;
        TRY(resolve_group(cx, &s, in->groups[i], list, n, &g, err));
        list_push(cx->arena, &groups, &n_groups, &cap, (Expr *)below_alias(g));
    }
    return make_aggregate(cx, child, groups, n_groups, list, n, ret, err);
}

/* ---- hidden columns for HAVING and ORDER BY ---- */

static bool in_output(const Plan *p, AttrId id)
{
    for (uint32_t i = 0; i < p->n_out; i++) {
        if (p->out[i].id == id) {
            return true;
        }
    }
    return false;
}

/* The node below p whose input the hidden expressions are over: the nearest aggregate under
 * filters and projections made here, or p itself if it is a projection. NULL: none. */
static Plan *select_base(Plan *p)
{
    Plan *q = p;
    while (q->kind == P_FILTER && q->having) {
        q = q->child[0];
    }
    if (q->kind == P_AGGREGATE) {
        return q;
    }
    if (q->kind == P_PROJECT) {
        Plan *below = q->child[0];
        while (below->kind == P_FILTER && below->having) {
            below = below->child[0];
        }
        return below->kind == P_AGGREGATE && below != q->child[0] ? below : q;
    }
    return NULL;
}

typedef struct Expose {
    AnalyzeCtx *cx;
    Plan *base;      /* a copy that may be extended */
    const Plan *top; /* whose output is visible without exposing */
    Expr **hidden;   /* aliases to add to base */
    uint32_t n, cap;
    fb_error *err;
    fb_status st;
} Expose;

static Expr *expose_expr(Expose *x, Expr *e)
{
    for (uint32_t i = 0; i < x->base->n_exprs; i++) {
        const Expr *have = x->base->exprs[i];
        if (expr_equal(below_alias(have), e) && in_output(x->top, have->attr)) {
            return expr_attr(x->cx->arena, have->attr, have->name, e->type, e->nullable);
        }
    }
    for (uint32_t i = 0; i < x->n; i++) {
        if (expr_equal(x->hidden[i]->args[0], e)) {
            return expr_attr(x->cx->arena, x->hidden[i]->attr, x->hidden[i]->name, e->type,
                             e->nullable);
        }
    }
    Expr *alias = name_expr(x->cx, e->kind == E_ALIAS ? e->args[0] : e);
    if (alias->kind != E_ALIAS) {
        alias = expr_alias(x->cx->arena, e, e->name);
        alias->attr = attr_new_id();
    }
    list_push(x->cx->arena, &x->hidden, &x->n, &x->cap, alias);
    return expr_attr(x->cx->arena, alias->attr, alias->name, e->type, e->nullable);
}

/* A column of the aggregate's input that no group has: to HAVING and ORDER BY it is not there. */
static fb_status not_grouped(Expose *x, const Expr *e)
{
    if (is_group(x->base->groups, x->base->n_groups, e)) {
        return FB_OK;
    }
    Plan *top = (Plan *)x->top;
    Scope s = scope_of(&top, 1, x->cx->arena);
    Expr *ref = expr_new(x->cx->arena, E_UNRESOLVED_ATTR, 0);
    ref->parts = ARENA_ARRAY(x->cx->arena, const char *, 1);
    ref->parts[0] = e->name;
    ref->n_parts = 1;
    ref->start = e->start;
    ref->stop = e->stop;
    return unresolved_column(x->cx, &s, ref, x->err);
}

/* Replaces what only the base can compute by references to hidden columns, outermost first. */
static Expr *expose_tree(Expose *x, const Expr *e)
{
    bool aggregate = x->base->kind == P_AGGREGATE;
    if (aggregate && e->kind == E_AGG) {
        x->st = check_nested(x->cx, e, x->err);
        return expose_expr(x, (Expr *)e);
    }
    if (aggregate && e->kind != E_LITERAL && is_group(x->base->groups, x->base->n_groups, e) &&
        !(e->kind == E_ATTR && in_output(x->top, e->attr))) {
        return expose_expr(x, (Expr *)e);
    }
    if (e->kind == E_ATTR && !in_output(x->top, e->attr)) {
        if (aggregate) {
            x->st = not_grouped(x, e);
        }
        return expose_expr(x, (Expr *)e);
    }
    Expr *copy = expr_copy(x->cx->arena, e);
    copy->args = ARENA_ARRAY(x->cx->arena, Expr *, e->n_args);
    for (uint32_t i = 0; i < e->n_args && x->st == FB_OK; i++) {
        copy->args[i] = expose_tree(x, e->args[i]);
    }
    return copy;
}

/* Rebuilds the path from p down to base with the hidden columns passed up. */
static Plan *pass_hidden(Expose *x, Plan *p)
{
    AnalyzeCtx *cx = x->cx;
    Plan *q = plan_copy(cx->arena, p);
    bool is_base = p->kind == x->base->kind && p->exprs == x->base->exprs;
    if (p->kind == P_FILTER) {
        q->child = ARENA_ARRAY(cx->arena, Plan *, 1);
        q->child[0] = pass_hidden(x, p->child[0]);
        q->out = q->child[0]->out;
        q->n_out = q->child[0]->n_out;
        return q;
    }
    q->n_exprs = p->n_exprs + x->n;
    q->exprs = ARENA_ARRAY(cx->arena, Expr *, q->n_exprs);
    memcpy(q->exprs, p->exprs, p->n_exprs * sizeof(Expr *));
    for (uint32_t i = 0; i < x->n; i++) {
        Expr *h = x->hidden[i];
        q->exprs[p->n_exprs + i] =
            is_base ? h : expr_attr(cx->arena, h->attr, h->name, h->type, h->nullable);
    }
    if (!is_base) {
        q->child = ARENA_ARRAY(cx->arena, Plan *, 1);
        q->child[0] = pass_hidden(x, p->child[0]);
    }
    set_output_from_exprs(cx, q);
    if (q->kind == P_AGGREGATE) {
        widen_stateful(cx, q);
    }
    return q;
}

Plan *project_to(AnalyzeCtx *cx, Plan *child, const Plan *like)
{
    Expr **refs = ARENA_ARRAY(cx->arena, Expr *, like->n_out);
    for (uint32_t i = 0; i < like->n_out; i++) {
        refs[i] = ref_of_attr(cx, &like->out[i]);
    }
    Plan *p = make_project(cx, child, refs, like->n_out);
    p->out = like->out;
    return p;
}

/* The expansion for the grouping sets of an aggregate, or NULL. */
static const Plan *expansion_of(const Plan *base)
{
    bool sets = base->kind == P_AGGREGATE && base->child[0]->kind == P_EXPAND;
    return sets ? base->child[0] : NULL;
}

static Scope select_scope(AnalyzeCtx *cx, Plan *const *child, Scope *fallback, Plan **base)
{
    Scope s = scope_of(child, 1, cx->arena);
    *base = select_base(child[0]);
    if (*base) {
        const Plan *sets = expansion_of(*base);
        *fallback = scope_of(sets ? sets->child : (*base)->child, 1, cx->arena);
        s.next = fallback;
    }
    return s;
}

static bool is_not_generator(void *arg, const Expr *e)
{
    const FuncDef *fn =
        e->kind == E_UNRESOLVED_FUNC && e->n_parts ? func_lookup(e->parts[e->n_parts - 1]) : NULL;
    (void)arg;
    return !fn || fn->kind != FK_GENERATOR;
}

fb_status refuse_generators(AnalyzeCtx *cx, const Plan *in, const char *plan, fb_error *err)
{
    for (uint32_t i = 0; i < in->n_exprs; i++) {
        if (!expr_visit(in->exprs[i], is_not_generator, NULL)) {
            return generator_error(cx, ERR_UNSUPPORTED_GENERATOR_OUTSIDE_SELECT, "plan", plan,
                                   in->exprs[i], err);
        }
    }
    return FB_OK;
}

/* An expression of HAVING or ORDER BY; base: select_scope()'s. */
static fb_status resolve_late(AnalyzeCtx *cx, const Scope *s, const Plan *base, const Expr *in,
                              Expr **ret, fb_error *err)
{
    const Plan *sets = base ? expansion_of(base) : NULL;
    return sets ? resolve_over_sets(cx, sets, s, in, ret, err) : resolve_expr(cx, s, in, ret, err);
}

fb_status resolve_filter(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    Scope s, fallback;
    Plan *base = NULL, *top = child;
    Expr *cond;
    TRY(refuse_generators(cx, in, "Filter", err));
    /* df.select("a").where(df.b > 1): a DataFrame's filter sees what its select took from. */
    if (in->having || (in->plan_id && child->kind == P_PROJECT && select_base(child) == child)) {
        s = select_scope(cx, &child, &fallback, &base);
    } else {
        s = scope_of(&child, 1, cx->arena);
    }
    TRY(resolve_late(cx, &s, base, in->exprs[0], &cond, err));
    if (in->having && cond->type->id != T_BOOLEAN) {
        cond = coerce_to(cx, cond, type_boolean); /* as Spark: HAVING casts, WHERE doesn't */
    }
    TRY(require_boolean(cx, cond, err));
    if (!in->having && expr_contains(cond, E_AGG)) {
        StrBuf calls = {0};
        list_aggregates(cond, &calls);
        return select_error(cx, ERR_INVALID_WHERE_CONDITION, "condition", quoted_sql(cx, cond),
                            "expressionList", strbuf_arena(&calls, cx->arena), cond, err);
    }
    if (base) {
        Expose x = {.cx = cx, .base = base, .top = child, .err = err};
        cond = expose_tree(&x, cond);
        TRY(x.st);
        if (x.n) {
            top = pass_hidden(&x, child);
        }
    }
    Plan *p = plan_new(cx->arena, P_FILTER, 1, top);
    p->exprs = ARENA_ARRAY(cx->arena, Expr *, 1);
    p->exprs[0] = cond;
    p->n_exprs = 1;
    p->having = in->having;
    p->streaming = top->streaming;
    p->out = top->out;
    p->n_out = top->n_out;
    *ret = top == child ? p : project_to(cx, p, child);
    return FB_OK;
}

/* ---- sort ---- */

static fb_status sort_by_position(AnalyzeCtx *cx, const Expr *key, const Plan *child, Expr **ret,
                                  fb_error *err)
{
    int64_t pos = VEC_AT(int32_t, key->value, 0);
    if (pos < 1 || pos > child->n_out) {
        fb_status st = err_set(err, ERR_ORDER_BY_POS_OUT_OF_RANGE, "index",
                               arena_printf(cx->arena, "%lld", (long long)pos), "size",
                               arena_printf(cx->arena, "%u", child->n_out), NULL);
        err_where(err, key->start, key->stop, cx->sql);
        return st;
    }
    *ret = ref_of_attr(cx, &child->out[pos - 1]);
    return FB_OK;
}

static fb_status resolve_sort_key(AnalyzeCtx *cx, const Scope *s, const Plan *base, const Expr *in,
                                  const Plan *child, Expr **ret, fb_error *err)
{
    const Expr *key = in->kind == E_SORT_ORDER ? in->args[0] : in;
    Expr *order = expr_new(cx->arena, E_SORT_ORDER, 1);
    if (in->kind == E_SORT_ORDER) {
        order->desc = in->desc;
        order->nulls_first = in->nulls_first;
    } else {
        order->nulls_first = true;
    }
    if (key->kind == E_LITERAL && key->type == type_int && vec_is_valid(key->value, 0)) {
        TRY(sort_by_position(cx, key, child, &order->args[0], err));
    } else {
        TRY(resolve_late(cx, s, base, key, &order->args[0], err));
    }
    order->type = order->args[0]->type;
    if (type_is_nested(order->type) && type_is_collated(order->type)) {
        return err_unsupported(err, "ORDER BY of collated strings inside of %s",
                               bind_type_sql(&cx->bind, order->type));
    }
    if (!type_is_orderable(order->type)) {
        StrBuf b = {0};
        type_sql(order->type, &b);
        return err_set(err, ERR_DATATYPE_MISMATCH_INVALID_ORDERING_TYPE, "sqlExpr",
                       quoted_sql(cx, order->args[0]), "functionName", "`sortorder`", "dataType",
                       arena_printf(cx->arena, "\"%s\"", strbuf_arena(&b, cx->arena)), NULL);
    }
    *ret = order;
    return FB_OK;
}

/* Aggregates over rows that are no groups. */
static fb_status refuse_aggregates(AnalyzeCtx *cx, Expr *const *keys, uint32_t n, fb_error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        if (expr_contains(keys[i], E_AGG)) {
            return err_set(err, ERR_UNSUPPORTED_EXPR_FOR_OPERATOR, "operator", "Sort",
                           "invalidExprSqls", quoted_sql(cx, keys[i]), NULL);
        }
    }
    return FB_OK;
}

fb_status resolve_sort(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    Scope fallback;
    Plan *base, *top = child;
    TRY(refuse_generators(cx, in, "Sort", err));
    Scope s = select_scope(cx, &child, &fallback, &base);
    uint32_t n = in->all ? child->n_out : in->n_exprs;
    Expr **keys = ARENA_ARRAY(cx->arena, Expr *, n);
    for (uint32_t i = 0; i < n; i++) {
        if (in->all) {
            keys[i] = expr_new(cx->arena, E_SORT_ORDER, 1);
            keys[i]->args[0] = ref_of_attr(cx, &child->out[i]);
            keys[i]->type = child->out[i].type;
            keys[i]->desc = in->n_exprs && in->exprs[0]->desc;
            keys[i]->nulls_first = !in->n_exprs || in->exprs[0]->nulls_first;
        } else {
            TRY(resolve_sort_key(cx, &s, base, in->exprs[i], child, &keys[i], err));
        }
    }
    if (base) {
        Expose x = {.cx = cx, .base = base, .top = child, .err = err};
        for (uint32_t i = 0; i < n; i++) {
            keys[i] = expose_tree(&x, keys[i]);
            TRY(x.st);
        }
        if (x.n) {
            top = pass_hidden(&x, child);
        }
    }
    TRY(refuse_aggregates(cx, keys, n, err));
    Plan *p = plan_new(cx->arena, P_SORT, 1, top);
    p->exprs = keys;
    p->n_exprs = n;
    p->global = in->global;
    p->streaming = top->streaming;
    p->out = top->out;
    p->n_out = top->n_out;
    *ret = top == child ? p : project_to(cx, p, child);
    return FB_OK;
}
