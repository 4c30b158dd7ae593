/*
 * agg_util.h - loops that the aggregates share.
 */
#ifndef EXPR_AGG_UTIL_H
#define EXPR_AGG_UTIL_H

#include "expr/builtins.h"

/* Runs BODY for each non-null row with i its number and x its value. */
#define AGG_EACH(CT, v, n, BODY)                                                                   \
    do {                                                                                           \
        const CT *restrict agg_data_ = (v)->data;                                                  \
        if (!(v)->is_const && !(v)->valid) {                                                       \
            for (uint32_t i = 0; i < (n); i++) {                                                   \
                CT x = agg_data_[i];                                                               \
                BODY                                                                               \
            }                                                                                      \
        } else {                                                                                   \
            uint32_t agg_mask_ = vec_mask(v);                                                      \
            for (uint32_t i = 0; i < (n); i++) {                                                   \
                if (vec_is_valid((v), i)) {                                                        \
                    CT x = agg_data_[i & agg_mask_];                                               \
                    BODY                                                                           \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    } while (0)

/* AGG_EACH for any of the integral types. */
#define AGG_EACH_INTEGRAL(v, n, BODY)                                                              \
    do {                                                                                           \
        switch ((v)->type->id) {                                                                   \
        case T_BYTE:                                                                               \
            AGG_EACH(int8_t, v, n, BODY);                                                          \
            break;                                                                                 \
        case T_SHORT:                                                                              \
            AGG_EACH(int16_t, v, n, BODY);                                                         \
            break;                                                                                 \
        case T_INT:                                                                                \
            AGG_EACH(int32_t, v, n, BODY);                                                         \
            break;                                                                                 \
        case T_LONG:                                                                               \
            AGG_EACH(int64_t, v, n, BODY);                                                         \
            break;                                                                                 \
        default:                                                                                   \
            break;                                                                                 \
        }                                                                                          \
    } while (0)

/* Whether all rows go to one state, as in an aggregate without keys; costs nothing otherwise. */
static inline bool agg_one_state(uint8_t *const *state, uint32_t n)
{
    uint32_t i = 1;
    while (i < n && state[i] == state[0]) {
        i++;
    }
    return n > 0 && i >= n;
}

/* Data for n values of a result or buffer column in the batch's arena. */
static inline void *agg_alloc(AggCtx *cx, Vec *out, uint32_t n)
{
    out->data = arena_alloc(cx->eval->arena, mem_mul(n ? n : 1, type_width(out->type)));
    return out->data;
}

/* A numeric argument: strings and NULL become double. required as bind_type_error wants it. */
fb_status agg_bind_numeric(BindCtx *cx, Expr *call, uint32_t i, const char *required,
                           fb_error *err);

#endif
