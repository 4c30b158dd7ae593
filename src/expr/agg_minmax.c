/*
 * agg_minmax.c - min, max, max_by, min_by, and bool_and, bool_or, which are min and max of
 * booleans.
 *
 * The order is Spark's (NaN above all, structs and arrays by element). max_by(x, y) keeps, of rows
 * with equal y, the one that came last; rows whose y is null do not count.
 * Buffers: the extreme; for max_by the value and the extreme of the ordering.
 *
 * Ownership: states belong to the caller, bytes of strings and nested values to the table's arena.
 * Threads: as the group table.
 */
#include "expr/agg_value.h"
#include "expr/collected.h"
#include "expr/kernel.h"

static bool agg_is_max(const Expr *agg)
{
    return agg->fn_data != NULL;
}

/* The mark that bind leaves in fn_data. */
static const char max_mark = 1;

/* ---- min, max ---- */

static size_t extreme_size(const Expr *agg)
{
    return aggval_size(agg->type);
}

static uint32_t extreme_buffers(const Expr *agg, Field *fields)
{
    const char *name = agg_is_max(agg) ? "max" : "min";
    fields[0] = (Field){.name = name, .type = agg->type, .nullable = true};
    return 1;
}

static fb_status extreme_take(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *v,
                              uint32_t n, fb_error *err)
{
    AggOrder order = {.max = agg_is_max(agg)};
    uint32_t n_rows, *rows = arena_alloc(cx->eval->arena, mem_mul(n ? n : 1, sizeof(uint32_t)));
    return aggval_extreme(cx->eval, agg->type, order, state, 0, v, n, cx->keep, rows, &n_rows, err);
}

static fb_status extreme_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                                uint32_t n, fb_error *err)
{
    return extreme_take(cx, agg, state, &args[0], n, err);
}

static fb_status extreme_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into,
                               uint8_t *const *from, uint32_t n, fb_error *err)
{
    Vec v;
    TRY(aggval_vec(agg->type, from, 0, n, &v, cx->eval->arena, err));
    return extreme_take(cx, agg, into, &v, n, err);
}

static fb_status extreme_finish(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                                Vec *out, fb_error *err)
{
    return aggval_vec(agg->type, state, 0, n, out, cx->eval->arena, err);
}

const AggDef agg_minmax = {extreme_size,   extreme_buffers, extreme_update, extreme_merge,
                           extreme_finish, extreme_finish,  extreme_update};

static fb_status bind_orderable(BindCtx *cx, Expr *call, const Type *t, fb_error *err)
{
    if (!agg_is_orderable(t)) {
        return err_set(err, ERR_DATATYPE_MISMATCH_INVALID_ORDERING_TYPE, "functionName",
                       arena_printf(cx->arena, "`%s`", call->name), "dataType",
                       bind_type_sql(cx, t), "sqlExpr", bind_sql(cx, call), NULL);
    }
    return FB_OK;
}

fb_status bind_min(BindCtx *cx, Expr *call, fb_error *err)
{
    call->type = call->args[0]->type;
    call->nullable = true;
    return bind_orderable(cx, call, call->type, err);
}

fb_status bind_max(BindCtx *cx, Expr *call, fb_error *err)
{
    call->fn_data = &max_mark;
    return bind_min(cx, call, err);
}

fb_status bind_bool_and(BindCtx *cx, Expr *call, fb_error *err)
{
    TRY(bind_cast(cx, call, 0, type_boolean, err));
    return bind_min(cx, call, err);
}

fb_status bind_bool_or(BindCtx *cx, Expr *call, fb_error *err)
{
    TRY(bind_cast(cx, call, 0, type_boolean, err));
    return bind_max(cx, call, err);
}

/* ---- max_by, min_by: the value first, then the ordering ---- */

static const Type *by_order_type(const Expr *agg)
{
    return agg->args[1]->type;
}

static size_t by_order_at(const Expr *agg)
{
    return aggval_size(agg->type);
}

static size_t by_size(const Expr *agg)
{
    return by_order_at(agg) + aggval_size(by_order_type(agg));
}

static uint32_t by_buffers(const Expr *agg, Field *fields)
{
    fields[0] = (Field){.name = "valueWithExtremumOrdering", .type = agg->type, .nullable = true};
    fields[1] = (Field){.name = "extremumOrdering", .type = by_order_type(agg), .nullable = true};
    return 2;
}

static fb_status by_update_of(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                              uint32_t n, bool last_tie, fb_error *err)
{
    AggOrder order = {.max = agg_is_max(agg), .last_tie = last_tie};
    uint32_t n_rows, *rows = arena_alloc(cx->eval->arena, mem_mul(n ? n : 1, sizeof(uint32_t)));
    TRY(aggval_extreme(cx->eval, by_order_type(agg), order, state, by_order_at(agg), &args[1], n,
                       cx->keep, rows, &n_rows, err));
    aggval_store(agg->type, state, 0, &args[0], rows, n_rows, cx->keep);
    return FB_OK;
}

static fb_status by_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                           uint32_t n, fb_error *err)
{
    return by_update_of(cx, agg, state, args, n, true, err);
}

static fb_status by_store(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n, Vec *out,
                          fb_error *err)
{
    TRY(aggval_vec(agg->type, state, 0, n, &out[0], cx->eval->arena, err));
    return aggval_vec(by_order_type(agg), state, by_order_at(agg), n, &out[1], cx->eval->arena,
                      err);
}

static fb_status by_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into, uint8_t *const *from,
                          uint32_t n, fb_error *err)
{
    Vec cols[2];
    TRY(by_store(cx, agg, from, n, cols, err));
    return by_update(cx, agg, into, cols, n, err);
}

/* Of a value and its collation key: the first of equal ones stays, as with max. */
static fb_status by_key_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                               uint32_t n, fb_error *err)
{
    return by_update_of(cx, agg, state, args, n, false, err);
}

static fb_status by_key_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into,
                              uint8_t *const *from, uint32_t n, fb_error *err)
{
    Vec cols[2];
    TRY(by_store(cx, agg, from, n, cols, err));
    return by_key_update(cx, agg, into, cols, n, err);
}

const AggDef agg_by_key = {by_size,        by_buffers, by_key_update, by_key_merge,
                           extreme_finish, by_store,   by_key_update};

const AggDef agg_by = {by_size,        by_buffers, by_update, by_merge,
                       extreme_finish, by_store,   by_update};

fb_status bind_min_by(BindCtx *cx, Expr *call, fb_error *err)
{
    if (call->n_args == 3) {
        return bind_top_by(cx, call, agg_is_max(call), err);
    }
    call->type = call->args[0]->type;
    call->nullable = true;
    return bind_orderable(cx, call, call->args[1]->type, err);
}

fb_status bind_max_by(BindCtx *cx, Expr *call, fb_error *err)
{
    call->fn_data = &max_mark;
    return bind_min_by(cx, call, err);
}
