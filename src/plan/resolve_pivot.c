/*
 * resolve_pivot.c - PIVOT with explicit values, lowered to an aggregate.
 *
 * Each aggregate becomes one output column a value, filtered to the rows that have the value in the
 * pivot columns. The input is grouped by the columns that neither the aggregates nor the pivot use.
 */
#include "plan/analyzer_priv.h"

static bool note_attrs(void *arg, const Expr *e)
{
    bool *used = ((void **)arg)[0];
    const Plan *child = ((void **)arg)[1];
    for (uint32_t i = 0; e->kind == E_ATTR && i < child->n_out; i++) {
        used[i] |= child->out[i].id == e->attr;
    }
    return true;
}

/* All pivot columns equal the value's parts, nulls included. */
static fb_status value_condition(AnalyzeCtx *cx, Expr *const *columns, Expr *const *value,
                                 uint32_t n, Expr **ret, fb_error *err)
{
    *ret = NULL;
    for (uint32_t i = 0; i < n; i++) {
        Expr *args[2] = {columns[i], value[i]}, *same;
        TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, "<=>", NULL, 0), args, 2, &same,
                      err));
        if (*ret) {
            Expr *both[2] = {*ret, same};
            TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, "and", NULL, 0), both, 2, ret,
                          err));
        } else {
            *ret = same;
        }
    }
    return FB_OK;
}

static fb_status value_name(AnalyzeCtx *cx, Expr *const *value, uint32_t n, StrBuf *out,
                            fb_error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        Vec v;
        strbuf_puts(out, i ? ", " : n > 1 ? "{" : "");
        if (!expr_is_foldable(value[i])) {
            return err_unsupported(err, "a PIVOT value that is no constant");
        }
        TRY(expr_fold(&cx->eval, value[i], &v, err));
        if (vec_is_valid(&v, 0)) {
            vec_value_text(&v, 0, cx->bind.tz, out);
        } else {
            strbuf_puts(out, "null");
        }
    }
    strbuf_puts(out, n > 1 ? "}" : "");
    return FB_OK;
}

static Expr *with_filter(void *arg, Arena *a, Expr *e)
{
    (void)a;
    if (e->kind == E_AGG) {
        e->filter = arg;
    }
    return e;
}

/* The columns of one value: an aggregate each. */
static fb_status value_columns(AnalyzeCtx *cx, const Plan *in, const Scope *s, Expr *const *columns,
                               Expr *const *raw, Expr **aggs, Expr ***list, uint32_t *n,
                               uint32_t *cap, fb_error *err)
{
    Expr **value = ARENA_ARRAY(cx->arena, Expr *, in->n_set_cols);
    const char *given = raw[0]->kind == E_ALIAS ? raw[0]->name : NULL;
    Expr *cond;
    StrBuf name = {0};
    for (uint32_t i = 0; i < in->n_set_cols; i++) {
        const Expr *e = raw[i]->kind == E_ALIAS ? raw[i]->args[0] : raw[i];
        TRY(resolve_expr(cx, s, e, &value[i], err));
    }
    TRY(value_condition(cx, columns, value, in->n_set_cols, &cond, err));
    if (given) {
        strbuf_puts(&name, given);
    } else {
        fb_status st = value_name(cx, value, in->n_set_cols, &name, err);
        if (st != FB_OK) {
            strbuf_free(&name);
            return st;
        }
    }
    const char *base = strbuf_arena(&name, cx->arena);
    for (uint32_t k = 0; k < in->n_exprs; k++) {
        const Expr *agg = aggs[k]->kind == E_ALIAS ? aggs[k]->args[0] : aggs[k];
        const char *full = base;
        if (in->n_exprs > 1) {
            StrBuf b = {0};
            strbuf_printf(&b, "%s_", base);
            if (aggs[k]->kind == E_ALIAS) {
                strbuf_puts(&b, aggs[k]->name);
            } else {
                expr_name(agg, &b);
            }
            full = strbuf_arena(&b, cx->arena);
        }
        Expr *column = expr_alias(cx->arena, expr_rewrite(cx->arena, agg, with_filter, cond), full);
        column->attr = attr_new_id();
        list_push(cx->arena, list, n, cap, column);
    }
    return FB_OK;
}

fb_status resolve_pivot(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    Scope s = scope_of(&child, 1, cx->arena);
    bool *used = ARENA_ARRAY(cx->arena, bool, child->n_out);
    void *note[2] = {used, child};
    Expr **aggs = ARENA_ARRAY(cx->arena, Expr *, in->n_exprs);
    Expr **columns = ARENA_ARRAY(cx->arena, Expr *, in->n_groups);
    Expr **list = NULL, **groups = NULL;
    uint32_t n = 0, cap = 0, n_groups = 0, cap_groups = 0;
    if (in->n_sets == 0) {
        return err_unsupported(err, "pivot without the list of values");
    }
    for (uint32_t i = 0; i < in->n_exprs; i++) {
        TRY(resolve_expr(cx, &s, in->exprs[i], &aggs[i], err));
        (void)expr_visit(aggs[i], note_attrs, note);
    }
    for (uint32_t i = 0; i < in->n_groups; i++) {
        TRY(resolve_expr(cx, &s, in->groups[i], &columns[i], err));
        (void)expr_visit(columns[i], note_attrs, note);
    }
    for (uint32_t i = 0; i < child->n_out; i++) {
        if (!used[i]) {
            list_push(cx->arena, &groups, &n_groups, &cap_groups, ref_of_attr(cx, &child->out[i]));
            list_push(cx->arena, &list, &n, &cap, ref_of_attr(cx, &child->out[i]));
        }
    }
    for (uint32_t v = 0; v < in->n_sets; v++) {
        TRY(value_columns(cx, in, &s, columns, in->sets + (size_t)v * in->n_set_cols, aggs, &list,
                          &n, &cap, err));
    }
    return make_aggregate(cx, child, groups, n_groups, list, n, ret, err);
}
