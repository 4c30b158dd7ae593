/*
 * fn_bits.c - & | ^ ~ << >> >>> shiftleft shiftright shiftrightunsigned bit_count bit_get.
 *
 * Shift distances count modulo the width of the value, as Java's do. bit_count counts the bits of
 * the value as a bigint.
 */
#include "expr/coerce.h"
#include "expr/kernel.h"

#include <stdio.h>

typedef enum BitOp { BIT_AND, BIT_OR, BIT_XOR, SHIFT_LEFT, SHIFT_RIGHT, SHIFT_UNSIGNED } BitOp;

static const BitOp bit_ops[] = {BIT_AND, BIT_OR, BIT_XOR, SHIFT_LEFT, SHIFT_RIGHT, SHIFT_UNSIGNED};

/* ---- binding ---- */

static fb_status bind_bits(BindCtx *cx, Expr *call, BitOp op, fb_error *err)
{
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    bool strings = a->id == T_STRING || b->id == T_STRING;
    const Type *t = a->id == T_NULL && b->id == T_NULL ? type_int
                    : strings ? coerce_wider(cx->mode, a, b, cx->mode == EVAL_ANSI)
                              : coerce_tightest(cx->mode, a, b);
    if (!t) {
        return bind_diff_types(cx, call, err);
    }
    if (!type_is_integral(t) && !type_same(a, b)) {
        return bind_diff_types(cx, call, err); /* nothing is cast to what the operator refuses */
    }
    if (!type_is_integral(t)) {
        return err_set(err, ERR_DATATYPE_MISMATCH_BINARY_OP_WRONG_TYPE, "inputType", "\"INTEGRAL\"",
                       "actualDataType", bind_type_sql(cx, t), "sqlExpr", bind_sql(cx, call), NULL);
    }
    for (uint32_t i = 0; i < 2; i++) {
        call->args[i] = bind_cast_expr(cx, call->args[i], t);
    }
    call->fn_data = &bit_ops[op];
    call->type = t;
    call->nullable = bind_any_nullable(call);
    return FB_OK;
}

fb_status bind_bit_and(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_bits(cx, call, BIT_AND, err);
}

fb_status bind_bit_or(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_bits(cx, call, BIT_OR, err);
}

fb_status bind_bit_xor(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_bits(cx, call, BIT_XOR, err);
}

fb_status bind_bit_not(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type;
    if (t->id == T_NULL) {
        t = type_int;
        call->args[0] = bind_cast_expr(cx, call->args[0], t);
    }
    if (!type_is_integral(t)) {
        return bind_type_error(cx, call, 0, "INTEGRAL", err);
    }
    call->type = t;
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

static fb_status bind_shift(BindCtx *cx, Expr *call, BitOp op, fb_error *err)
{
    const Type *t = call->args[0]->type;
    if (t->id != T_LONG) {
        if (t->id != T_INT && !coerce_implicit(cx->mode, t, type_int)) {
            return bind_type_error(cx, call, 0, "(\"INT\" or \"BIGINT\")", err);
        }
        call->args[0] = bind_cast_expr(cx, call->args[0], type_int);
    }
    TRY(bind_cast(cx, call, 1, type_int, err));
    call->fn_data = &bit_ops[op];
    call->type = call->args[0]->type;
    call->nullable = bind_any_nullable(call);
    return FB_OK;
}

fb_status bind_shift_left(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_shift(cx, call, SHIFT_LEFT, err);
}

fb_status bind_shift_right(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_shift(cx, call, SHIFT_RIGHT, err);
}

fb_status bind_shift_unsigned(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_shift(cx, call, SHIFT_UNSIGNED, err);
}

fb_status bind_bit_count(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type;
    if (t->id == T_NULL) {
        call->args[0] = bind_cast_expr(cx, call->args[0], type_long);
    } else if (!type_is_integral(t) && t->id != T_BOOLEAN) {
        return bind_type_error(cx, call, 0, "(\"INTEGRAL\" or \"BOOLEAN\")", err);
    }
    call->type = type_int;
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

fb_status bind_bit_get(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type;
    if (t->id == T_NULL) {
        call->args[0] = bind_cast_expr(cx, call->args[0], type_long);
    } else if (!type_is_integral(t)) {
        return bind_type_error(cx, call, 0, "INTEGRAL", err);
    }
    TRY(bind_cast(cx, call, 1, type_int, err));
    call->type = type_byte;
    call->nullable = bind_any_nullable(call);
    return FB_OK;
}

/* ---- kernels ---- */

#define BITS(T, OP)                                                                                \
    do {                                                                                           \
        const T *x = args[0].data, *y = args[1].data;                                              \
        T *r = kernel_alloc(cx, out);                                                              \
        uint32_t mx = vec_mask(&args[0]), my = vec_mask(&args[1]);                                 \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            r[i] = (T)(x[i & mx] OP y[i & my]);                                                    \
        }                                                                                          \
    } while (0)

#define BITS_OF_WIDTH(OP)                                                                          \
    switch (type_width(out->type)) {                                                               \
    case 1:                                                                                        \
        BITS(int8_t, OP);                                                                          \
        break;                                                                                     \
    case 2:                                                                                        \
        BITS(int16_t, OP);                                                                         \
        break;                                                                                     \
    case 4:                                                                                        \
        BITS(int32_t, OP);                                                                         \
        break;                                                                                     \
    default:                                                                                       \
        BITS(int64_t, OP);                                                                         \
        break;                                                                                     \
    }

fb_status k_bits(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                 fb_error *err)
{
    (void)err;
    switch (*(const BitOp *)call->fn_data) {
    case BIT_AND:
        BITS_OF_WIDTH(&)
        break;
    case BIT_OR:
        BITS_OF_WIDTH(|)
        break;
    default:
        BITS_OF_WIDTH(^)
        break;
    }
    return FB_OK;
}

static int64_t int_at(const Vec *v, uint32_t i)
{
    switch (type_width(v->type)) {
    case 1:
        return VEC_AT(int8_t, v, i);
    case 2:
        return VEC_AT(int16_t, v, i);
    case 4:
        return VEC_AT(int32_t, v, i);
    default:
        return VEC_AT(int64_t, v, i);
    }
}

fb_status k_bit_not(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                    fb_error *err)
{
    (void)call;
    (void)err;
    size_t bytes = (size_t)n * type_width(out->type);
    const uint8_t *restrict x = args[0].data;
    uint8_t *restrict r = kernel_alloc(cx, out);
    for (size_t i = 0; i < bytes; i++) {
        r[i] = (uint8_t)~x[i];
    }
    return FB_OK;
}

fb_status k_shift(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                  fb_error *err)
{
    (void)err;
    BitOp op = *(const BitOp *)call->fn_data;
    void *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        unsigned by = (unsigned)VEC_AT(int32_t, &args[1], i);
        if (out->type->id == T_INT) {
            int32_t x = VEC_AT(int32_t, &args[0], i);
            by &= 31;
            ((int32_t *)r)[i] = op == SHIFT_LEFT    ? (int32_t)((uint32_t)x << by)
                                : op == SHIFT_RIGHT ? x >> by
                                                    : (int32_t)((uint32_t)x >> by);
        } else {
            int64_t x = VEC_AT(int64_t, &args[0], i);
            by &= 63;
            ((int64_t *)r)[i] = op == SHIFT_LEFT    ? (int64_t)((uint64_t)x << by)
                                : op == SHIFT_RIGHT ? x >> by
                                                    : (int64_t)((uint64_t)x >> by);
        }
    }
    return FB_OK;
}

fb_status k_bit_count(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                      fb_error *err)
{
    (void)call;
    (void)err;
    int32_t *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        r[i] = __builtin_popcountll((uint64_t)int_at(&args[0], i));
    }
    return FB_OK;
}

fb_status k_bit_get(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                    fb_error *err)
{
    (void)call;
    int8_t *r = kernel_alloc(cx, out);
    int bits = (int)type_width(args[0].type) * 8;
    for (uint32_t i = 0; i < n; i++) {
        int32_t at = VEC_AT(int32_t, &args[1], i);
        r[i] = 0;
        if (at >= 0 && at < bits) {
            r[i] = (int8_t)(int_at(&args[0], i) >> at & 1);
        } else if (kernel_wants(out, i)) {
            char lower[16], upper[16], given[16];
            snprintf(lower, sizeof(lower), "0");
            snprintf(upper, sizeof(upper), "%d", bits);
            snprintf(given, sizeof(given), "%d", at);
            return err_set(err, ERR_INVALID_PARAMETER_VALUE_BIT_POSITION_RANGE, "parameter",
                           "`pos`", "functionName", "`bit_get`", "lower", lower, "upper", upper,
                           "invalidValue", given, NULL);
        }
    }
    return FB_OK;
}
