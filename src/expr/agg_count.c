/*
 * agg_count.c - count(*), count(x, …) and count_if(x).
 *
 * count counts rows in which no argument is null; count(*) arrives as count(1). The state is the
 * buffer that Spark keeps: one bigint.
 *
 * Ownership: states belong to the caller. Threads: as the group table.
 */
#include "expr/builtins.h"

#include "expr/kernel.h"

static size_t count_size(const Expr *agg)
{
    (void)agg;
    return sizeof(int64_t);
}

static uint32_t count_buffers(const Expr *agg, Field *fields)
{
    (void)agg;
    fields[0] = (Field){.name = "count", .type = type_long, .nullable = true};
    return 1;
}

static inline int64_t *count_of(uint8_t *state)
{
    return (int64_t *)(void *)state;
}

static fb_status count_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                              uint32_t n, fb_error *err)
{
    (void)err;
    Vec all = {.type = type_long, .len = n};
    const Vec **ins = ARENA_ARRAY(cx->eval->arena, const Vec *, agg->n_args);
    for (uint32_t k = 0; k < agg->n_args; k++) {
        ins[k] = &args[k];
    }
    vec_and_validity(&all, ins, agg->n_args, cx->eval->arena);
    if (!all.valid) {
        for (uint32_t i = 0; i < n; i++) {
            ++*count_of(state[i]);
        }
        return FB_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        *count_of(state[i]) += bit_get(all.valid, i);
    }
    return FB_OK;
}

static fb_status count_if_update(AggCtx *cx, const Expr *agg, uint8_t *const *state,
                                 const Vec *args, uint32_t n, fb_error *err)
{
    (void)cx;
    (void)agg;
    (void)err;
    if (args[0].type->id == T_NULL) {
        return FB_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        *count_of(state[i]) += vec_is_valid(&args[0], i) && VEC_AT(uint8_t, &args[0], i);
    }
    return FB_OK;
}

static fb_status count_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into,
                             uint8_t *const *from, uint32_t n, fb_error *err)
{
    (void)cx;
    (void)agg;
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        *count_of(into[i]) += *count_of(from[i]);
    }
    return FB_OK;
}

static fb_status count_finish(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                              Vec *out, fb_error *err)
{
    (void)agg;
    (void)err;
    int64_t *data = arena_alloc(cx->eval->arena, mem_mul(n ? n : 1, sizeof(int64_t)));
    for (uint32_t i = 0; i < n; i++) {
        data[i] = *count_of(state[i]);
    }
    out->data = data;
    out->valid = NULL;
    return FB_OK;
}

static fb_status count_load(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *cols,
                            uint32_t n, fb_error *err)
{
    (void)cx;
    (void)agg;
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        *count_of(state[i]) = vec_is_valid(&cols[0], i) ? VEC_AT(int64_t, &cols[0], i) : 0;
    }
    return FB_OK;
}

const AggDef agg_count = {count_size,   count_buffers, count_update, count_merge,
                          count_finish, count_finish,  count_load};
const AggDef agg_count_if = {count_size,   count_buffers, count_if_update, count_merge,
                             count_finish, count_finish,  count_load};

fb_status bind_count(BindCtx *cx, Expr *call, fb_error *err)
{
    (void)cx;
    if (call->n_args == 0) {
        return err_set(err, ERR_WRONG_NUM_ARGS_WITH_SUGGESTION, "functionName", "`count`",
                       "expectedNum", " >= 1", "actualNum", "0", "legacyNum", "0", "legacyConfKey",
                       "\"spark.sql.legacy.allowParameterlessCount\"", "legacyConfValue",
                       "\"true\"", NULL);
    }
    call->type = type_long;
    call->nullable = false;
    return FB_OK;
}

fb_status bind_count_if(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type;
    if (t->id != T_BOOLEAN && t->id != T_NULL && t->id != T_STRING) {
        return bind_type_error(cx, call, 0, "\"BOOLEAN\"", err);
    }
    TRY(bind_cast(cx, call, 0, type_boolean, err));
    call->type = type_long;
    call->nullable = false;
    return FB_OK;
}
