/*
 * agg_first.c - first, last and any_value.
 *
 * first keeps the first row's value, null or not; with the flag (a second argument true, or IGNORE
 * NULLS) the first that is not null. any_value is first. Buffers: the value, and valueSet.
 *
 * Ownership: states belong to the caller, bytes of strings and nested values to the table's arena.
 * Threads: as the group table.
 */
#include "expr/agg_util.h"
#include "expr/agg_value.h"
#include "expr/kernel.h"

/* The mark that bind leaves in fn_data. */
static const char last_mark = 1;

static bool first_is_last(const Expr *agg)
{
    return agg->fn_data != NULL;
}

static size_t first_size(const Expr *agg)
{
    return aggval_size(agg->type);
}

static uint32_t first_buffers(const Expr *agg, Field *fields)
{
    const char *name = first_is_last(agg) ? "last" : "first";
    fields[0] = (Field){.name = name, .type = agg->type, .nullable = true};
    fields[1] = (Field){.name = "valueSet", .type = type_boolean, .nullable = true};
    return 2;
}

/* Takes the rows of v that count; set, if given, says which rows have a value at all. */
static void first_take(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *v,
                       uint8_t *const *set, uint32_t n)
{
    uint32_t n_rows = 0, *rows = arena_alloc(cx->eval->arena, mem_mul(n ? n : 1, sizeof(*rows)));
    bool last = first_is_last(agg), skip_nulls = agg->ignore_nulls && vec_may_have_nulls(v);

    for (uint32_t i = 0; i < n; i++) {
        AggHead *h = (AggHead *)(void *)state[i];
        bool counts = last || !h->has;
        counts = counts && (!skip_nulls || vec_is_valid(v, i));
        counts = counts && (!set || ((const AggHead *)(const void *)set[i])->has);
        if (counts) {
            h->has = 1;
            rows[n_rows++] = i;
        }
    }
    aggval_store(agg->type, state, 0, v, rows, n_rows, cx->keep);
}

static fb_status first_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                              uint32_t n, fb_error *err)
{
    (void)err;
    first_take(cx, agg, state, &args[0], NULL, n);
    return FB_OK;
}

static fb_status first_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into,
                             uint8_t *const *from, uint32_t n, fb_error *err)
{
    Vec v;
    TRY(aggval_vec(agg->type, from, 0, n, &v, cx->eval->arena, err));
    first_take(cx, agg, into, &v, from, n);
    return FB_OK;
}

static fb_status first_finish(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                              Vec *out, fb_error *err)
{
    return aggval_vec(agg->type, state, 0, n, out, cx->eval->arena, err);
}

static fb_status first_store(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                             Vec *out, fb_error *err)
{
    TRY(first_finish(cx, agg, state, n, &out[0], err));
    uint8_t *set = agg_alloc(cx, &out[1], n);
    out[1].valid = NULL;
    for (uint32_t i = 0; i < n; i++) {
        set[i] = ((const AggHead *)(const void *)state[i])->has;
    }
    return FB_OK;
}

static fb_status first_load(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *cols,
                            uint32_t n, fb_error *err)
{
    (void)err;
    aggval_store(agg->type, state, 0, &cols[0], agg_all_rows(cx->eval->arena, n), n, cx->keep);
    for (uint32_t i = 0; i < n; i++) {
        AggHead *h = (AggHead *)(void *)state[i];
        h->has = vec_is_valid(&cols[1], i) && VEC_AT(uint8_t, &cols[1], i);
    }
    return FB_OK;
}

const AggDef agg_first = {first_size,   first_buffers, first_update, first_merge,
                          first_finish, first_store,   first_load};

/* The second argument goes into ignore_nulls; what is left takes one. */
fb_status bind_first(BindCtx *cx, Expr *call, fb_error *err)
{
    (void)cx;
    if (call->ignore_nulls) { /* by IGNORE NULLS: Spark forgets the alias then */
        if (strcmp(call->name, "first_value") == 0) {
            call->name = "first";
        } else if (strcmp(call->name, "last_value") == 0) {
            call->name = "last";
        }
    }
    if (call->n_args == 2) {
        const Expr *flag = call->args[1];
        if (flag->kind != E_LITERAL || flag->type->id != T_BOOLEAN ||
            !vec_is_valid(flag->value, 0)) {
            return err_set(err, ERR_SECOND_ARGUMENT_NOT_BOOLEAN, "funcName", call->name, NULL);
        }
        call->ignore_nulls |= VEC_AT(uint8_t, flag->value, 0);
        call->n_args = 1;
    }
    call->type = call->args[0]->type;
    call->nullable = true;
    return FB_OK;
}

fb_status bind_last(BindCtx *cx, Expr *call, fb_error *err)
{
    call->fn_data = &last_mark;
    return bind_first(cx, call, err);
}
