/*
 * fn_collected.c - mode, listagg (string_agg), max_by and min_by of several: functions of all
 * values of a group; and what they and percentiles share.
 */
#include "expr/coerce.h"
#include "expr/collected.h"

#include "expr/agg_value.h"

#include <stdlib.h>

/* ---- shared ---- */

uint32_t collected_orderings(const Expr *call)
{
    uint32_t n = 0;
    while (n < call->n_args && call->args[call->n_args - 1 - n]->kind == E_SORT_ORDER) {
        n++;
    }
    return n;
}

static const char *quoted_name(BindCtx *cx, const Expr *call)
{
    return arena_printf(cx->arena, "`%s`", call->name);
}

fb_status collected_check(BindCtx *cx, const Expr *call, uint32_t n, fb_error *err)
{
    uint32_t given = collected_orderings(call);
    const char *name = quoted_name(cx, call);
    if (given == 0) {
        return err_set(err, ERR_INVALID_WITHIN_GROUP_MISSING, "funcName", name, NULL);
    }
    if (call->distinct) {
        return err_set(err, ERR_INVALID_WITHIN_GROUP_DISTINCT, "funcName", name, NULL);
    }
    if (given != n) {
        return err_set(err, ERR_INVALID_WITHIN_GROUP_ORDERINGS, "funcName", name, "expectedNum",
                       arena_printf(cx->arena, "%u", n), "actualNum",
                       arena_printf(cx->arena, "%u", given), NULL);
    }
    return FB_OK;
}

static void show_filter(const Expr *call, StrBuf *b)
{
    if (call->filter) {
        strbuf_puts(b, " FILTER (WHERE ");
        expr_name(call->filter, b);
        strbuf_putc(b, ')');
    }
}

void collected_show(BindCtx *cx, Expr *call, uint32_t n_args, bool plain, bool turned)
{
    StrBuf b = {0};
    strbuf_printf(&b, "%s(%s", call->name, call->distinct ? "DISTINCT " : "");
    for (uint32_t i = 0; i < n_args; i++) {
        strbuf_puts(&b, i ? ", " : "");
        expr_name(call->args[i], &b);
    }
    strbuf_putc(&b, ')');
    uint32_t n = collected_orderings(call);
    for (uint32_t i = call->n_args - n; i < call->n_args; i++) {
        const Expr *o = call->args[i];
        strbuf_puts(&b, i == call->n_args - n ? " WITHIN GROUP (ORDER BY " : ", ");
        if (plain) {
            expr_name(o->args[0], &b);
            strbuf_puts(&b, o->desc != turned ? " DESC" : "");
        } else {
            expr_name(o, &b);
        }
    }
    strbuf_puts(&b, n ? ")" : "");
    show_filter(call, &b);
    bind_show(cx, call, &b);
}

fb_status collected_replace(BindCtx *cx, Expr *call, Expr *values, const char *fn, const void *data,
                            const Type *type, fb_error *err)
{
    Expr *agg, *result;
    StrBuf shown = {0};
    expr_name(call, &shown);
    TRY(bind_call(cx, "$collect", &values, 1, &agg, err));
    agg->distinct = call->distinct;
    agg->filter = call->filter;
    agg->parts = ARENA_ARRAY(cx->arena, const char *, 1);
    agg->parts[0] = strbuf_arena(&shown, cx->arena);
    agg->n_parts = 1;
    agg->start = call->start;
    agg->stop = call->stop;
    TRY(bind_call(cx, fn, &agg, 1, &result, err));
    result->fn_data = data;
    result->type = type;
    result->nullable = true;
    bind_replace(cx, call, result);
    call->distinct = false;
    call->filter = NULL;
    return FB_OK;
}

fb_status collected_struct(BindCtx *cx, Expr **values, uint32_t n, Expr **ret, fb_error *err)
{
    Expr **args = ARENA_ARRAY(cx->arena, Expr *, 2 * (size_t)n + 1);
    for (uint32_t i = 0; i < n; i++) {
        args[2 * i] = expr_literal_str(cx->arena, str_of(arena_printf(cx->arena, "v%u", i)));
        args[2 * i + 1] = values[i];
    }
    return bind_call(cx, "named_struct", args, 2 * n, ret, err);
}

/* Typed by collected_replace(). */
BINDER(bind_collected)
{
    call->type = type_null;
    return FB_OK;
}

/* ---- sorting the rows of a group ---- */

typedef struct Key {
    const Vec *v;
    bool desc, nulls_first;
} Key;

typedef struct Order {
    const Key *keys;
    uint32_t n;
} Order;

static int compare_rows(const void *pa, const void *pb, void *arg)
{
    const Order *o = arg;
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    for (uint32_t k = 0; k < o->n; k++) {
        const Key *key = &o->keys[k];
        bool va = vec_is_valid(key->v, a), vb = vec_is_valid(key->v, b);
        int c = 0;
        if (va && vb) {
            c = vec_cmp_at(key->v, a, key->v, b);
            c = key->desc ? -c : c;
        } else if (va != vb) {
            c = va == key->nulls_first ? 1 : -1;
        }
        if (c != 0) {
            return c;
        }
    }
    return (a > b) - (a < b); /* as they came */
}

static uint32_t *sorted_rows(EvalCtx *cx, const Vec *lists, uint32_t i, const Order *o,
                             uint32_t *ret_n)
{
    const uint32_t *at = VEC_DATA(uint32_t, lists);
    uint32_t from = at[i & vec_mask(lists)], n = at[(i & vec_mask(lists)) + 1] - from;
    uint32_t *rows = arena_alloc(cx->arena, mem_mul((size_t)n + 1, sizeof(uint32_t)));
    for (uint32_t k = 0; k < n; k++) {
        rows[k] = from + k;
    }
    if (o->n && n > 1) {
        qsort_r(rows, n, sizeof(uint32_t), compare_rows, (void *)o);
    }
    *ret_n = n;
    return rows;
}

/* ---- mode ---- */

typedef struct ModeOp {
    bool largest; /* of values that are as frequent */
} ModeOp;

KERNEL(fn_mode)
{
    const ModeOp *op = call->fn_data;
    const Vec *v = &args[0].child[0];
    Key key = {v, op->largest, false};
    Order o = {&key, 1};
    uint32_t *chosen = ARENA_ARRAY(cx->arena, uint32_t, (size_t)n + 1);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t m, best = 0;
        uint32_t *rows = sorted_rows(cx, &args[0], i, &o, &m);
        chosen[i] = UINT32_MAX;
        for (uint32_t k = 0, run = 0; k < m; k++) {
            bool same = k > 0 && vec_eq_at(v, rows[k], v, rows[k - 1]);
            run = same ? run + 1 : 1;
            if (run > best) {
                best = run;
                chosen[i] = rows[k];
            }
        }
    }
    vec_gather_nullable(out, v, chosen, n, cx->arena);
    out->type = call->type;
    return FB_OK;
}

/* mode(x [, deterministic]), mode() WITHIN GROUP (ORDER BY x) */
BINDER(bind_mode)
{
    ModeOp *op = ARENA_NEW(cx->arena, ModeOp);
    uint32_t orders = collected_orderings(call), n = call->n_args - orders;
    Expr *value = call->args[0];
    if (n > 2 || (orders == 0 && n == 0)) {
        return bind_arity_error("mode", orders ? 0 : 1, orders ? 0 : 2, n, err);
    }
    if (orders) {
        TRY(n ? bind_arity_error("mode", 0, 0, n, err) : collected_check(cx, call, 1, err));
        op->largest = call->args[0]->desc;
        value = call->args[0]->args[0];
        collected_show(cx, call, 0, true, true);
    }
    if (n == 2) {
        Vec v;
        if (!expr_is_foldable(call->args[1]) || call->args[1]->type->id != T_BOOLEAN) {
            return bind_type_error(cx, call, 1, "\"BOOLEAN\"", err);
        }
        TRY(bind_fold(cx, call->args[1], &v, err));
        bool ordered = vec_is_valid(&v, 0) && VEC_AT(uint8_t, &v, 0);
        StrBuf text = {0}; /* as Spark's rewriting shows it */
        strbuf_puts(&text, ordered ? "mode() WITHIN GROUP (ORDER BY " : "mode(");
        expr_name(value, &text);
        strbuf_puts(&text, ordered ? " DESC)" : ")");
        show_filter(call, &text);
        bind_show(cx, call, &text);
    }
    if (!agg_is_orderable(value->type)) {
        return err_unsupported(err, "mode of %s", bind_type_sql(cx, value->type));
    }
    return collected_replace(cx, call, value, "$mode", op, value->type, err);
}

/* ---- listagg ---- */

typedef struct ListaggOp {
    Str delimiter;
    uint32_t n_keys;
    bool own_key; /* the one key is the value itself: no struct */
    bool desc[8], nulls_first[8];
} ListaggOp;

#define LISTAGG_MAX_KEYS 8

static fb_status join_texts(EvalCtx *cx, const ListaggOp *op, const Vec *v, const uint32_t *rows,
                            uint32_t m, StrOut *o, View *ret, bool *ret_any, fb_error *err)
{
    uint64_t bytes = 0;
    uint32_t n = 0;
    for (uint32_t k = 0; k < m; k++) {
        bytes += vec_is_valid(v, rows[k]) ? arg_str(v, rows[k]).n + op->delimiter.n : 0;
    }
    TRY(str_out_reserve(o, bytes + 1, err));
    char *p = str_out_room(o, bytes + 1), *end = p;
    for (uint32_t k = 0; k < m; k++) {
        if (!vec_is_valid(v, rows[k])) {
            continue;
        }
        Str s = arg_str(v, rows[k]);
        if (n++ && op->delimiter.n) {
            memcpy(end, op->delimiter.p, op->delimiter.n);
            end += op->delimiter.n;
        }
        if (s.n) {
            memcpy(end, s.p, s.n);
        }
        end += s.n;
    }
    (void)cx;
    *ret = str_out_take(o, (size_t)(end - p));
    *ret_any = n > 0;
    return FB_OK;
}

KERNEL(fn_listagg)
{
    const ListaggOp *op = call->fn_data;
    const Vec *child = &args[0].child[0];
    const Vec *v = op->n_keys && !op->own_key ? &child->child[0] : child;
    Key keys[LISTAGG_MAX_KEYS];
    Order order = {keys, op->n_keys};
    StrOut o = str_out(cx);
    View *data = kernel_alloc(cx, out);
    for (uint32_t k = 0; k < op->n_keys; k++) {
        keys[k] =
            (Key){op->own_key ? child : &child->child[1 + k], op->desc[k], op->nulls_first[k]};
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t m;
        bool any;
        uint32_t *rows = sorted_rows(cx, &args[0], i, &order, &m);
        TRY(join_texts(cx, op, v, rows, m, &o, &data[i], &any, err));
        if (!any) {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

static fb_status listagg_delimiter(BindCtx *cx, Expr *call, const Type *t, Str *ret, fb_error *err)
{
    Vec v;
    const Type *given = call->args[1]->type;
    if (given->id != T_BINARY && !coerce_implicit(cx->mode, given, type_string)) {
        return bind_type_error(cx, call, 1, "(\"STRING\" or \"BINARY\" or \"VOID\")", err);
    }
    bool text = given->id == T_STRING || given->id == T_BINARY;
    if (text && given->id != t->id) {
        return bind_data_diff_types(cx, call, call->args, 2, call->name, err);
    }
    if (!expr_is_foldable(call->args[1])) {
        return bind_non_foldable(cx, call, 1, "delimiter", err);
    }
    TRY(bind_fold(cx, bind_cast_expr(cx, call->args[1], t), &v, err));
    *ret = (Str){"", 0};
    if (vec_is_valid(&v, 0)) {
        Str s = arg_str(&v, 0);
        *ret = (Str){arena_bytes(cx->arena, s.p, s.n), s.n};
    }
    return FB_OK;
}

static fb_status listagg_keys(BindCtx *cx, Expr *call, ListaggOp *op, Expr **value, fb_error *err)
{
    uint32_t first = call->n_args - op->n_keys;
    Expr *fields[LISTAGG_MAX_KEYS + 1] = {*value};
    for (uint32_t k = 0; k < op->n_keys; k++) {
        const Expr *o = call->args[first + k];
        op->desc[k] = o->desc;
        op->nulls_first[k] = o->nulls_first;
        fields[k + 1] = o->args[0];
    }
    if (op->n_keys == 1 && expr_equal(call->args[0], fields[1])) {
        op->own_key = true;
        return FB_OK;
    }
    if (call->distinct && op->n_keys) {
        return err_set(err, ERR_INVALID_WITHIN_GROUP_MISMATCH, "funcName", quoted_name(cx, call),
                       "funcArg", bind_sql(cx, call->args[0]), "orderingExpr",
                       bind_sql(cx, fields[1]), NULL);
    }
    return op->n_keys ? collected_struct(cx, fields, op->n_keys + 1, value, err) : FB_OK;
}

/* listagg(x [, delimiter]) [WITHIN GROUP (ORDER BY …)] */
BINDER(bind_listagg)
{
    ListaggOp *op = ARENA_NEW(cx->arena, ListaggOp);
    op->n_keys = collected_orderings(call);
    uint32_t n = call->n_args - op->n_keys;
    if (n < 1 || n > 2) {
        return bind_arity_error(call->fn->name, 1, 2, n, err);
    }
    if (op->n_keys > LISTAGG_MAX_KEYS) {
        return err_unsupported(err, "more than %d orderings in listagg", LISTAGG_MAX_KEYS);
    }
    if (n == 1) {
        Expr **args = ARENA_ARRAY(cx->arena, Expr *, (size_t)call->n_args + 1);
        args[0] = call->args[0];
        args[1] = expr_literal_null(cx->arena, type_null);
        memcpy(args + 2, call->args + 1, op->n_keys * sizeof(Expr *));
        call->args = args;
        call->n_args++;
    }
    if (op->n_keys) {
        call->name = "listagg"; /* however it was called */
    }
    collected_show(cx, call, 2, false, false);
    const Type *t = call->args[0]->type->id == T_BINARY ? type_binary : type_string;
    TRY(listagg_delimiter(cx, call, t, &op->delimiter, err));
    Expr *value = call->args[0];
    if (!type_is_view(value->type)) {
        TRY(bind_cast(cx, call, 0, t, err));
        value = call->args[0];
    }
    TRY(listagg_keys(cx, call, op, &value, err));
    return collected_replace(cx, call, value, "$listagg", op, t, err);
}

/* ---- max_by, min_by with a number ---- */

typedef struct TopOp {
    uint32_t k;
    bool max;
} TopOp;

KERNEL(fn_top_by)
{
    const TopOp *op = call->fn_data;
    const Vec *child = &args[0].child[0], *v = &child->child[0];
    Key key = {&child->child[1], op->max, false};
    Order o = {&key, 1};
    uint32_t *offsets = ARENA_ARRAY(cx->arena, uint32_t, (size_t)n + 1), total = 0;
    uint32_t *chosen = arena_alloc(cx->arena, mem_mul((size_t)child->len + 1, sizeof(uint32_t)));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t m, taken = 0;
        uint32_t *rows = sorted_rows(cx, &args[0], i, &o, &m);
        for (uint32_t r = 0; r < m && taken < op->k; r++) {
            if (vec_is_valid(key.v, rows[r])) {
                chosen[total++] = rows[r];
                taken++;
            }
        }
        offsets[i + 1] = total;
    }
    out->data = offsets;
    out->child = ARENA_ARRAY(cx->arena, Vec, 1);
    vec_gather(&out->child[0], v, chosen, total, cx->arena);
    return FB_OK;
}

#define TOP_MAX 100000

/* max_by(value, ordering, k): an array of at most k values. */
fb_status bind_top_by(BindCtx *cx, Expr *call, bool max, fb_error *err)
{
    TopOp *op = ARENA_NEW(cx->arena, TopOp);
    Expr *values;
    Vec v;
    if (!agg_is_orderable(call->args[1]->type)) {
        return err_set(err, ERR_DATATYPE_MISMATCH_INVALID_ORDERING_TYPE, "functionName",
                       quoted_name(cx, call), "dataType", bind_type_sql(cx, call->args[1]->type),
                       "sqlExpr", bind_sql(cx, call), NULL);
    }
    if (!type_is_integral(call->args[2]->type)) {
        return bind_type_error(cx, call, 2, "\"INT\"", err);
    }
    if (!expr_is_foldable(call->args[2])) {
        return bind_non_foldable(cx, call, 2, "k", err);
    }
    TRY(bind_fold(cx, bind_cast_expr(cx, call->args[2], type_long), &v, err));
    int64_t k = vec_is_valid(&v, 0) ? VEC_AT(int64_t, &v, 0) : 0;
    if (k < 1 || k > TOP_MAX) {
        return err_set(err, ERR_DATATYPE_MISMATCH_VALUE_OUT_OF_RANGE, "exprName", "`k`",
                       "valueRange", "[1, 100000]", "currentValue",
                       arena_printf(cx->arena, "%lld", (long long)k), "sqlExpr", bind_sql(cx, call),
                       NULL);
    }
    op->k = (uint32_t)k;
    op->max = max;
    TRY(collected_struct(cx, call->args, 2, &values, err));
    const Type *t = type_array(call->args[0]->type, true);
    return collected_replace(cx, call, values, "$top_by", op, t, err);
}
