/*
 * resolve_pivot.c - PIVOT with explicit values, lowered to an aggregate.
 *
 * Each aggregate becomes one output column a value, filtered to the rows that have the value in the
 * pivot columns. In SQL the input is grouped by the columns that neither the aggregates nor the
 * pivot use; a DataFrame says by what.
 *
 * Spark aggregates twice where the results are numbers or booleans (PivotFirst): a group without a
 * row of the value has null there, whatever the aggregate would give for no rows. Where one of them
 * is of another type it aggregates once, as here, with first and last ignoring nulls.
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

typedef struct Pivot {
    AnalyzeCtx *cx;
    const Scope *scope;
    const Plan *in;
    Expr **columns; /* the pivot columns */
    Expr **aggs;
    bool by_group;   /* all results are such that Spark aggregates twice */
    Expr *condition; /* of the value at hand */
    Expr **list;     /* the output */
    uint32_t n, cap;
    fb_status st;
    fb_error *err;
} Pivot;

static Expr *both(Pivot *p, Expr *a, Expr *b)
{
    Expr *args[2] = {a, b}, *e = a;
    if (p->st == FB_OK) {
        p->st = func_bind(&p->cx->bind, expr_unresolved_func(p->cx->arena, "and", NULL, 0), args, 2,
                          &e, p->err);
    }
    return e;
}

static Expr *with_filter(void *arg, Arena *a, Expr *e)
{
    Pivot *p = arg;
    (void)a;
    if (e->kind == E_AGG) {
        bool first = strcmp(e->fn->name, "first") == 0 || strcmp(e->fn->name, "last") == 0;
        e->filter = e->filter ? both(p, p->condition, e->filter) : p->condition;
        e->ignore_nulls |= first && !p->by_group;
    }
    return e;
}

/* The result where the group has a row of the value, else null. */
static fb_status or_null(Pivot *p, Expr *result, Expr **ret)
{
    AnalyzeCtx *cx = p->cx;
    Expr *one = expr_literal_int(cx->arena, type_int, 1), *count, *some;
    Expr count_call = *expr_unresolved_func(cx->arena, "count", NULL, 0);
    count_call.filter = p->condition;
    TRY(func_bind(&cx->bind, &count_call, &one, 1, &count, p->err));
    Expr *args[3] = {count, expr_literal_int(cx->arena, type_long, 0), NULL};
    TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, ">", NULL, 0), args, 2, &some,
                  p->err));
    args[0] = some;
    args[1] = result;
    args[2] = expr_literal_null(cx->arena, result->type);
    return func_bind(&cx->bind, expr_unresolved_func(cx->arena, "if", NULL, 0), args, 3, ret,
                     p->err);
}

static bool keeps_by_group(const Type *t)
{
    return t->id == T_BOOLEAN || type_is_numeric(t);
}

/* Every column of the result has to come out of an aggregate function. */
static fb_status check_aggregate(AnalyzeCtx *cx, const Expr *e, fb_error *err)
{
    if (e->kind == E_AGG || e->kind == E_LITERAL) {
        return FB_OK;
    }
    if (e->n_args == 0 || (e->kind == E_ALIAS && !expr_contains(e, E_AGG))) {
        StrBuf sql = {0};
        expr_sql(e->kind == E_ALIAS ? e->args[0] : e, &sql);
        return err_set(err, ERR_LEGACY_1006, "sql", strbuf_arena(&sql, cx->arena), NULL);
    }
    for (uint32_t i = 0; i < e->n_args; i++) {
        TRY(check_aggregate(cx, e->args[i], err));
    }
    return FB_OK;
}

/* A value of the list as one of the pivot column. */
static fb_status pivot_value(Pivot *p, const Expr *raw, const Expr *column, Expr **ret)
{
    AnalyzeCtx *cx = p->cx;
    StrBuf sql = {0}, from = {0}, to = {0};
    Expr *e;
    TRY(resolve_expr(cx, p->scope, raw, &e, p->err));
    if (!expr_is_foldable(e)) {
        expr_sql(e, &sql);
        return err_set(p->err, ERR_NON_LITERAL_PIVOT_VALUES, "expression",
                       arena_printf(cx->arena, "\"%s\"", strbuf_arena(&sql, cx->arena)), NULL);
    }
    if (e->type != column->type && !cast_allowed(e->type, column->type, EVAL_ANSI)) {
        expr_sql(e, &sql);
        type_simple_string(e->type, &from);
        type_simple_string(column->type, &to);
        return err_set(p->err, ERR_PIVOT_VALUE_DATA_TYPE_MISMATCH, "value",
                       strbuf_arena(&sql, cx->arena), "valueType", strbuf_arena(&from, cx->arena),
                       "pivotType", strbuf_arena(&to, cx->arena), NULL);
    }
    *ret = e;
    return FB_OK;
}

static const char *column_name(AnalyzeCtx *cx, const char *value, const Expr *agg, bool one)
{
    StrBuf b = {0};
    if (one) {
        return value;
    }
    strbuf_printf(&b, "%s_", value);
    if (agg->kind == E_ALIAS) {
        strbuf_puts(&b, agg->name);
    } else {
        expr_name(agg, &b);
    }
    return strbuf_arena(&b, cx->arena);
}

/* The columns of one value: an aggregate each. */
static fb_status value_columns(Pivot *p, Expr *const *raw)
{
    AnalyzeCtx *cx = p->cx;
    uint32_t n = p->in->n_set_cols;
    Expr **value = ARENA_ARRAY(cx->arena, Expr *, n), **cast = ARENA_ARRAY(cx->arena, Expr *, n);
    const char *given = raw[0]->kind == E_ALIAS ? raw[0]->name : NULL;
    StrBuf name = {0};
    for (uint32_t i = 0; i < n; i++) {
        const Expr *e = raw[i]->kind == E_ALIAS ? raw[i]->args[0] : raw[i];
        TRY(pivot_value(p, e, p->columns[i], &value[i]));
        cast[i] = value[i]->type == p->columns[i]->type
                      ? value[i]
                      : expr_cast(cx->arena, value[i], p->columns[i]->type, EVAL_ANSI, false);
    }
    TRY(value_condition(cx, p->columns, cast, n, &p->condition, p->err));
    if (given) {
        strbuf_puts(&name, given);
    } else if (value_name(cx, value, n, &name, p->err) != FB_OK) {
        strbuf_free(&name);
        return FB_ERR;
    }
    const char *base = strbuf_arena(&name, cx->arena);
    for (uint32_t k = 0; k < p->in->n_exprs; k++) {
        const Expr *agg = p->aggs[k]->kind == E_ALIAS ? p->aggs[k]->args[0] : p->aggs[k];
        Expr *result = expr_rewrite(cx->arena, agg, with_filter, p);
        TRY(p->st);
        if (p->by_group) {
            TRY(or_null(p, result, &result));
        }
        result =
            expr_alias(cx->arena, result, column_name(cx, base, p->aggs[k], p->in->n_exprs == 1));
        result->attr = attr_new_id();
        list_push(cx->arena, &p->list, &p->n, &p->cap, result);
    }
    return FB_OK;
}

/* What the result is grouped by, which its columns begin with. */
static fb_status pivot_groups(Pivot *p, const Plan *child, const bool *used, Expr ***ret,
                              uint32_t *ret_n)
{
    AnalyzeCtx *cx = p->cx;
    uint32_t n = 0, cap = 0;
    for (uint32_t i = 0; i < p->in->n_by; i++) {
        Expr *e;
        TRY(resolve_expr(cx, p->scope, p->in->by[i], &e, p->err));
        list_push(cx->arena, &p->list, &p->n, &p->cap, name_expr(cx, e));
        while (e->kind == E_ALIAS) {
            e = e->args[0];
        }
        list_push(cx->arena, ret, &n, &cap, e);
    }
    for (uint32_t i = 0; !p->in->all && i < child->n_out; i++) {
        if (!used[i]) {
            list_push(cx->arena, ret, &n, &cap, ref_of_attr(cx, &child->out[i]));
            list_push(cx->arena, &p->list, &p->n, &p->cap, ref_of_attr(cx, &child->out[i]));
        }
    }
    *ret_n = n;
    return FB_OK;
}

static fb_status pivot_columns(Pivot *p, void *note)
{
    AnalyzeCtx *cx = p->cx;
    p->columns = ARENA_ARRAY(cx->arena, Expr *, p->in->n_groups);
    for (uint32_t i = 0; i < p->in->n_groups; i++) {
        TRY(resolve_expr(cx, p->scope, p->in->groups[i], &p->columns[i], p->err));
        while (p->columns[i]->kind == E_ALIAS) {
            p->columns[i] = p->columns[i]->args[0];
        }
        (void)expr_visit(p->columns[i], note_attrs, note);
        if (!type_is_orderable(p->columns[i]->type)) {
            StrBuf sql = {0};
            expr_sql(p->columns[i], &sql);
            return err_set(p->err, ERR_INCOMPARABLE_PIVOT_COLUMN, "columnName",
                           arena_printf(cx->arena, "`%s`", strbuf_arena(&sql, cx->arena)), NULL);
        }
    }
    return FB_OK;
}

fb_status resolve_pivot(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    Scope s = scope_of(&child, 1, cx->arena);
    bool *used = ARENA_ARRAY(cx->arena, bool, child->n_out);
    void *note[2] = {used, child};
    Pivot p = {.cx = cx, .scope = &s, .in = in, .by_group = true, .err = err};
    Expr **groups = NULL;
    uint32_t n_groups = 0;
    p.aggs = ARENA_ARRAY(cx->arena, Expr *, in->n_exprs);
    for (uint32_t i = 0; i < in->n_exprs; i++) {
        TRY(resolve_expr(cx, &s, in->exprs[i], &p.aggs[i], err));
        TRY(check_aggregate(cx, p.aggs[i], err));
        (void)expr_visit(p.aggs[i], note_attrs, note);
        p.by_group &= keeps_by_group(p.aggs[i]->type);
    }
    TRY(pivot_columns(&p, note));
    TRY(pivot_groups(&p, child, used, &groups, &n_groups));
    for (uint32_t v = 0; v < in->n_sets; v++) {
        TRY(value_columns(&p, in->sets + (size_t)v * in->n_set_cols));
    }
    TRY(make_aggregate(cx, child, groups, n_groups, p.list, p.n, ret, err));
    (*ret)->in_steps = p.by_group;
    return FB_OK;
}
