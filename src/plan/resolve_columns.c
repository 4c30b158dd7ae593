/*
 * resolve_columns.c - the DataFrame API's column operations, each lowered to a projection, a filter
 * or a deduplication: withColumns, withColumnsRenamed, drop, toDF, fillna, dropna, dropDuplicates.
 */
#include "plan/analyzer_priv.h"

static bool name_in(const AnalyzeCtx *cx, const char *const *names, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++) {
        if (name_eq(cx, names[i], name)) {
            return true;
        }
    }
    return false;
}

/* The child's column of that name, which must exist and be one. */
static fb_status column_of(AnalyzeCtx *cx, const Plan *child, const char *name, Expr **ret,
                           fb_error *err)
{
    Scope s = {.attrs = child->out, .n_attrs = child->n_out};
    const char **parts = ARENA_ARRAY(cx->arena, const char *, 1);
    Expr *ref = expr_new(cx->arena, E_UNRESOLVED_ATTR, 0);
    parts[0] = name;
    ref->parts = parts;
    ref->n_parts = 1;
    return resolve_expr(cx, &s, ref, ret, err);
}

/* New columns replace those of the same name in place and come last otherwise. */
static fb_status with_columns(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret,
                              fb_error *err)
{
    Scope s = scope_of(&child, 1, cx->arena);
    Expr **added = ARENA_ARRAY(cx->arena, Expr *, in->n_exprs);
    Expr **list = NULL;
    uint32_t n = 0, cap = 0;
    for (uint32_t i = 0; i < in->n_exprs; i++) {
        TRY(resolve_expr(cx, &s, in->exprs[i], &added[i], err));
        if (in->plan_id) { /* withColumn says what metadata there is: none, if it does not */
            added[i]->metadata = in->exprs[i]->metadata;
        }
        for (uint32_t k = 0; k < i; k++) {
            if (name_eq(cx, added[k]->name, added[i]->name)) {
                char *name = arena_printf(cx->arena, "`%s`", added[i]->name);
                for (char *p = name; *p && !cx->case_sensitive; p++) {
                    *p = ascii_lower(*p);
                }
                return err_set(err, ERR_COLUMN_ALREADY_EXISTS, "columnName", name, NULL);
            }
        }
    }
    bool *used = ARENA_ARRAY(cx->arena, bool, in->n_exprs);
    for (uint32_t c = 0; c < child->n_out; c++) {
        Expr *e = ref_of_attr(cx, &child->out[c]);
        for (uint32_t i = 0; i < in->n_exprs; i++) {
            if (name_eq(cx, added[i]->name, child->out[c].name)) {
                e = added[i];
                used[i] = true;
            }
        }
        list_push(cx->arena, &list, &n, &cap, e);
    }
    for (uint32_t i = 0; i < in->n_exprs; i++) {
        if (!used[i] && in->by_name) { /* |> SET replaces only */
            Expr *ref = expr_new(cx->arena, E_UNRESOLVED_ATTR, 0);
            ref->parts = &added[i]->name;
            ref->n_parts = 1;
            return unresolved_column(cx, &s, ref, err);
        }
        if (!used[i]) {
            list_push(cx->arena, &list, &n, &cap, added[i]);
        }
    }
    return project_items(cx, child, list, n, ret, err);
}

/* Each renaming sees what those before it made. */
static fb_status rename_columns(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret)
{
    Expr **list = ARENA_ARRAY(cx->arena, Expr *, child->n_out);
    for (uint32_t c = 0; c < child->n_out; c++) {
        const char *name = child->out[c].name;
        bool renamed = false;
        for (uint32_t i = 0; i + 1 < in->n_names; i += 2) {
            if (name_eq(cx, in->names[i], name)) {
                name = in->names[i + 1];
                renamed = true;
            }
        }
        list[c] = ref_of_attr(cx, &child->out[c]);
        if (renamed) {
            list[c] = expr_alias(cx->arena, list[c], name);
            list[c]->attr = attr_new_id();
            list[c]->metadata = child->out[c].metadata;
        }
    }
    *ret = make_project(cx, child, list, child->n_out);
    return FB_OK;
}

/* Names that don't exist are ignored, as in Spark. */
static fb_status drop_columns(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret,
                              fb_error *err)
{
    Scope s = scope_of(&child, 1, cx->arena);
    Expr **list = NULL;
    uint32_t n = 0, cap = 0;
    AttrId *dropped = ARENA_ARRAY(cx->arena, AttrId, in->n_exprs);
    for (uint32_t i = 0; i < in->n_exprs; i++) {
        Expr *e = NULL;
        if (in->exprs[i]->kind == E_UNRESOLVED_ATTR) {
            int64_t id = in->exprs[i]->plan_id;
            TRY(resolve_name(cx, &s, in->exprs[i], &e, err));
            if (!e && id && !has_dataframe(child, id)) {
                return no_dataframe_column(cx, in->exprs[i], err);
            }
        }
        dropped[i] = e && e->kind == E_ATTR ? e->attr : 0;
    }
    for (uint32_t c = 0; c < child->n_out; c++) {
        bool drop = name_in(cx, in->names, in->n_names, child->out[c].name);
        for (uint32_t i = 0; i < in->n_exprs; i++) {
            drop |= dropped[i] == child->out[c].id;
        }
        if (!drop) {
            list_push(cx->arena, &list, &n, &cap, ref_of_attr(cx, &child->out[c]));
        }
    }
    *ret = make_project(cx, child, list, n);
    return FB_OK;
}

static fb_status to_df(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    if (in->n_names != child->n_out) {
        return err_set(err, ERR_ASSIGNMENT_ARITY_MISMATCH, "numExpr",
                       arena_printf(cx->arena, "%u", in->n_names), "numTarget",
                       arena_printf(cx->arena, "%u", child->n_out), NULL);
    }
    Expr **list = ARENA_ARRAY(cx->arena, Expr *, child->n_out);
    for (uint32_t c = 0; c < child->n_out; c++) {
        list[c] = expr_alias(cx->arena, ref_of_attr(cx, &child->out[c]), in->names[c]);
        list[c]->attr = attr_new_id();
        list[c]->metadata = child->out[c].metadata;
    }
    *ret = make_project(cx, child, list, child->n_out);
    return FB_OK;
}

/* Whether fillna with a value of one type touches a column of another: numbers fill numbers,
 * and collated strings are none that a string fills. */
static bool fills(const Type *column, const Type *value)
{
    if (type_is_numeric(value)) {
        return type_is_numeric(column);
    }
    return column->id == value->id && column->precision == value->precision;
}

static fb_status fill_na(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    Expr **list = ARENA_ARRAY(cx->arena, Expr *, child->n_out);
    for (uint32_t i = 0; i < in->n_names; i++) {
        Expr *e;
        TRY(column_of(cx, child, in->names[i], &e, err));
    }
    for (uint32_t c = 0; c < child->n_out; c++) {
        const Attr *a = &child->out[c];
        const Expr *value = in->n_names == 0 ? in->exprs[0] : NULL;
        list[c] = ref_of_attr(cx, a);
        for (uint32_t i = 0; i < in->n_names; i++) {
            if (name_eq(cx, in->names[i], a->name)) {
                value = in->exprs[in->n_exprs == 1 ? 0 : i];
            }
        }
        if (!value || !fills(a->type, value->type)) {
            continue;
        }
        Expr *args[2] = {list[c], coerce_to(cx, expr_copy(cx->arena, value), a->type)};
        Expr *e;
        if (a->type->id == T_DOUBLE || a->type->id == T_FLOAT) { /* NaN is filled like NULL */
            Expr *sides[2] = {args[0], expr_literal_null(cx->arena, a->type)};
            TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, "nanvl", NULL, 0), sides, 2,
                          &args[0], err));
        }
        TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, "coalesce", NULL, 0), args, 2, &e,
                      err));
        list[c] = expr_alias(cx->arena, e, a->name);
        list[c]->attr = attr_new_id();
    }
    *ret = make_project(cx, child, list, child->n_out);
    return FB_OK;
}

/* Sum over the columns of (not null ? 1 : 0) >= the threshold. */
static fb_status drop_na(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    Expr *sum = expr_literal_int(cx->arena, type_int, 0);
    uint32_t n = in->n_names ? in->n_names : child->n_out;
    for (uint32_t i = 0; i < n; i++) {
        Expr *col, *flag, *args[2];
        if (in->n_names) {
            TRY(column_of(cx, child, in->names[i], &col, err));
        } else {
            col = ref_of_attr(cx, &child->out[i]);
        }
        TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, "isnotnull", NULL, 0), &col, 1,
                      &flag, err));
        args[0] = sum;
        args[1] = expr_cast(cx->arena, flag, type_int, EVAL_ANSI, false);
        TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, "+", NULL, 0), args, 2, &sum,
                      err));
    }
    Expr *args[2] = {sum, expr_literal_int(cx->arena, type_int, in->n < 0 ? n : in->n)};
    Plan *p = plan_new(cx->arena, P_FILTER, 1, child);
    p->exprs = ARENA_ARRAY(cx->arena, Expr *, 1);
    p->n_exprs = 1;
    TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, ">=", NULL, 0), args, 2, &p->exprs[0],
                  err));
    p->streaming = child->streaming;
    p->out = child->out;
    p->n_out = child->n_out;
    *ret = p;
    return FB_OK;
}

static fb_status deduplicate(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    Plan *p = plan_copy(cx->arena, in);
    if (in->within_watermark && !child->streaming) {
        return err_set(err, ERR_LEGACY_3102, "msg",
                       "dropDuplicatesWithinWatermark is not supported with batch "
                       "DataFrames/DataSets",
                       NULL);
    }
    p->child = ARENA_ARRAY(cx->arena, Plan *, 1);
    p->child[0] = child;
    Expr **keys = NULL;
    uint32_t n = 0, cap = 0;
    for (uint32_t i = 0; i < in->n_names; i++) {
        TRY(require_among(cx, child, in->names[i], err));
        for (uint32_t c = 0; c < child->n_out; c++) { /* all columns of the name */
            if (name_eq(cx, in->names[i], child->out[c].name)) {
                TRY(refuse_maps(cx, &child->out[c], 1, err));
                list_push(cx->arena, &keys, &n, &cap, ref_of_attr(cx, &child->out[c]));
            }
        }
    }
    for (uint32_t c = 0; !in->n_names && c < child->n_out; c++) {
        TRY(refuse_maps(cx, &child->out[c], 1, err));
        list_push(cx->arena, &keys, &n, &cap, ref_of_attr(cx, &child->out[c]));
    }
    p->groups = keys;
    p->n_groups = n;
    p->streaming = child->streaming;
    p->out = child->out;
    p->n_out = child->n_out;
    widen_stateful(cx, p);
    *ret = p;
    return FB_OK;
}

fb_status resolve_columns(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    switch (in->kind) {
    case P_WITH_COLUMNS:
        return with_columns(cx, in, child, ret, err);
    case P_RENAME_COLUMNS:
        return rename_columns(cx, in, child, ret);
    case P_DROP_COLUMNS:
        return drop_columns(cx, in, child, ret, err);
    case P_TO_DF:
        return to_df(cx, in, child, ret, err);
    case P_TO_SCHEMA:
        return resolve_to_schema(cx, in, child, ret, err);
    case P_FILL_NA:
        return fill_na(cx, in, child, ret, err);
    case P_DROP_NA:
        return drop_na(cx, in, child, ret, err);
    case P_DEDUPLICATE:
        return deduplicate(cx, in, child, ret, err);
    default:
        return err_internal(err, "no column operation of kind %d", (int)in->kind);
    }
}
