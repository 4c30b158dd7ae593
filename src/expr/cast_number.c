/*
 * cast_number.c - casts among booleans and numbers.
 *
 * Widening and floating point are plain loops. A narrowing cast first converts all rows and notes
 * whether any did not fit (a loop without branches); only then the rows are looked at one by one,
 * and those that are null already are passed over.
 *
 * Legacy mode follows Java: integers wrap, a double goes to int or long saturating (NaN is 0) and
 * from int on to short and byte by wrapping.
 */
#include "expr/cast.h"

#include "expr/coerce.h"

#include <math.h>

/* ---- integers ---- */

#define WIDEN(name, F, T)                                                                          \
    static fb_status widen_##name(CastRun *c)                                                      \
    {                                                                                              \
        uint32_t n = c->in->len;                                                                   \
        const F *restrict x = c->in->data;                                                         \
        T *restrict r = kernel_alloc(c->cx, c->out);                                               \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            r[i] = (T)x[i];                                                                        \
        }                                                                                          \
        return FB_OK;                                                                              \
    }

WIDEN(i8_i16, int8_t, int16_t)
WIDEN(i8_i32, int8_t, int32_t)
WIDEN(i8_i64, int8_t, int64_t)
WIDEN(i16_i32, int16_t, int32_t)
WIDEN(i16_i64, int16_t, int64_t)
WIDEN(i32_i64, int32_t, int64_t)
WIDEN(i8_f32, int8_t, float)
WIDEN(i8_f64, int8_t, double)
WIDEN(i16_f32, int16_t, float)
WIDEN(i16_f64, int16_t, double)
WIDEN(i32_f32, int32_t, float)
WIDEN(i32_f64, int32_t, double)
WIDEN(i64_f32, int64_t, float)
WIDEN(i64_f64, int64_t, double)
WIDEN(f32_f64, float, double)
WIDEN(f64_f32, double, float)

/* After a sticky test: reports or nulls the rows for which bad(i) holds. */
#define BAD_ROWS(c, BAD)                                                                           \
    do {                                                                                           \
        for (uint32_t i = 0; i < (c)->in->len; i++) {                                              \
            if ((BAD) && kernel_wants((c)->out, i)) {                                              \
                TRY(cast_overflow((c), i));                                                        \
            }                                                                                      \
        }                                                                                          \
    } while (0)

#define NARROW(name, F, T)                                                                         \
    static fb_status narrow_##name(CastRun *c)                                                     \
    {                                                                                              \
        uint32_t n = c->in->len;                                                                   \
        const F *restrict x = c->in->data;                                                         \
        T *restrict r = kernel_alloc(c->cx, c->out);                                               \
        int bad = 0;                                                                               \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            r[i] = (T)x[i];                                                                        \
            bad |= (F)r[i] != x[i];                                                                \
        }                                                                                          \
        if (bad && c->mode != EVAL_LEGACY) {                                                       \
            BAD_ROWS(c, (F)r[i] != x[i]);                                                          \
        }                                                                                          \
        return FB_OK;                                                                              \
    }

NARROW(i16_i8, int16_t, int8_t)
NARROW(i32_i8, int32_t, int8_t)
NARROW(i32_i16, int32_t, int16_t)
NARROW(i64_i8, int64_t, int8_t)
NARROW(i64_i16, int64_t, int16_t)
NARROW(i64_i32, int64_t, int32_t)

/* ---- from floating point ---- */

int64_t f64_to_i64_saturating(double x)
{
    if (x != x) {
        return 0;
    }
    if (x >= 9223372036854775808.0) {
        return INT64_MAX;
    }
    return x <= -9223372036854775808.0 ? INT64_MIN : (int64_t)x;
}

static int32_t f64_to_i32_saturating(double x)
{
    if (x != x) {
        return 0;
    }
    if (x >= 2147483647.0) {
        return INT32_MAX;
    }
    return x <= -2147483648.0 ? INT32_MIN : (int32_t)x;
}

/* Spark's test: floor(x) <= max and ceil(x) >= min; 2^63 as a double is max of long plus one. */
static bool f64_fits(double x, double min, double max_plus_1)
{
    return x == x && floor(x) < max_plus_1 && ceil(x) >= min;
}

static bool f64_fits_type(double x, TypeId t)
{
    switch (t) {
    case T_BYTE:
        return f64_fits(x, -128, 128);
    case T_SHORT:
        return f64_fits(x, -32768, 32768);
    case T_INT:
        return f64_fits(x, -2147483648.0, 2147483648.0);
    default:
        /* Java compares with (double)Long.MAX_VALUE, which is 2^63 itself */
        return x == x && floor(x) <= 9223372036854775808.0 && ceil(x) >= -9223372036854775808.0;
    }
}

static double float_at(const Vec *v, uint32_t i)
{
    return v->type->id == T_FLOAT ? (double)VEC_DATA(float, v)[i] : VEC_DATA(double, v)[i];
}

static void store_int(Vec *out, uint32_t i, int64_t x)
{
    switch (out->type->id) {
    case T_BYTE:
        VEC_DATA(int8_t, out)[i] = (int8_t)x;
        break;
    case T_SHORT:
        VEC_DATA(int16_t, out)[i] = (int16_t)x;
        break;
    case T_INT:
        VEC_DATA(int32_t, out)[i] = (int32_t)x;
        break;
    default:
        VEC_DATA(int64_t, out)[i] = x;
        break;
    }
}

static fb_status float_to_int(CastRun *c)
{
    TypeId to = c->out->type->id;
    kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        double x = float_at(c->in, i);
        if (c->mode != EVAL_LEGACY && !f64_fits_type(x, to) && kernel_wants(c->out, i)) {
            TRY(cast_overflow(c, i));
        }
        store_int(c->out, i, to == T_LONG ? f64_to_i64_saturating(x) : f64_to_i32_saturating(x));
    }
    return FB_OK;
}

/* ---- booleans ---- */

#define TO_BOOLEAN(name, F)                                                                        \
    static fb_status bool_of_##name(CastRun *c)                                                    \
    {                                                                                              \
        uint32_t n = c->in->len;                                                                   \
        const F *restrict x = c->in->data;                                                         \
        uint8_t *restrict r = kernel_alloc(c->cx, c->out);                                         \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            r[i] = x[i] != 0;                                                                      \
        }                                                                                          \
        return FB_OK;                                                                              \
    }

TO_BOOLEAN(i8, int8_t)
TO_BOOLEAN(i16, int16_t)
TO_BOOLEAN(i32, int32_t)
TO_BOOLEAN(i64, int64_t)
TO_BOOLEAN(f32, float)
TO_BOOLEAN(f64, double)
TO_BOOLEAN(i128, int128_t)

/* ---- decimals ---- */

static fb_status decimal_of_int(CastRun *c)
{
    const Vec *in = c->in;
    DecType to = dec_type_of(c->out->type);
    int128_t *r = kernel_alloc(c->cx, c->out);
    int64_t limit = 0; /* values up to here fit for certain */
    for (int p = to.p - to.s; p > 0 && limit == 0; p--) {
        limit = p <= 18 ? (int64_t)dec_pow10[p] - 1 : 0;
    }
    int128_t scale = (int128_t)dec_pow10[to.s];
    for (uint32_t i = 0; i < in->len; i++) {
        int64_t x;
        switch (in->type->id) {
        case T_BOOLEAN:
            x = VEC_DATA(uint8_t, in)[i] != 0;
            break;
        case T_BYTE:
            x = VEC_DATA(int8_t, in)[i];
            break;
        case T_SHORT:
            x = VEC_DATA(int16_t, in)[i];
            break;
        case T_INT:
            x = VEC_DATA(int32_t, in)[i];
            break;
        default:
            x = VEC_DATA(int64_t, in)[i];
            break;
        }
        r[i] = 0;
        if (x <= limit && x >= -limit) {
            r[i] = x * scale;
        } else if (kernel_wants(c->out, i) && !dec_from_i64(x, to, &r[i])) {
            TRY(cast_out_of_decimal(c, i));
        }
    }
    return FB_OK;
}

static fb_status decimal_of_float(CastRun *c)
{
    DecType to = dec_type_of(c->out->type);
    int128_t *r = kernel_alloc(c->cx, c->out);
    bool single = c->in->type->id == T_FLOAT;
    for (uint32_t i = 0; i < c->in->len; i++) {
        r[i] = 0;
        if (!kernel_wants(c->out, i)) {
            continue;
        }
        double x = float_at(c->in, i);
        bool fits = single ? dec_from_f32(VEC_DATA(float, c->in)[i], to, &r[i])
                           : dec_from_f64(x, to, &r[i]);
        if (x - x != 0) {
            kernel_null(c->cx, c->out, i); /* NaN and infinities are null in every mode */
        } else if (!fits) {
            TRY(cast_out_of_decimal(c, i));
        }
    }
    return FB_OK;
}

static fb_status decimal_of_decimal(CastRun *c)
{
    int from = c->in->type->scale;
    DecType to = dec_type_of(c->out->type);
    const int128_t *x = c->in->data;
    int128_t *r = kernel_alloc(c->cx, c->out);
    bool widening = to.s >= from && to.p - to.s >= c->in->type->precision - from;
    if (widening) {
        int128_t scale = (int128_t)dec_pow10[to.s - from];
        for (uint32_t i = 0; i < c->in->len; i++) {
            r[i] = (int128_t)((uint128_t)x[i] * (uint128_t)scale); /* null rows may wrap */
        }
        return FB_OK;
    }
    for (uint32_t i = 0; i < c->in->len; i++) {
        r[i] = 0;
        if (kernel_wants(c->out, i) && !dec_rescale(x[i], from, to, DEC_HALF_UP, &r[i])) {
            r[i] = 0;
            TRY(cast_out_of_decimal(c, i));
        }
    }
    return FB_OK;
}

static fb_status int_of_decimal(CastRun *c)
{
    static const int64_t min[] = {
        [T_BYTE] = INT8_MIN, [T_SHORT] = INT16_MIN, [T_INT] = INT32_MIN, [T_LONG] = INT64_MIN};
    static const int64_t max[] = {
        [T_BYTE] = INT8_MAX, [T_SHORT] = INT16_MAX, [T_INT] = INT32_MAX, [T_LONG] = INT64_MAX};
    TypeId to = c->out->type->id;
    int scale = c->in->type->scale;
    const int128_t *x = c->in->data;
    kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        int64_t whole = 0;
        if (!kernel_wants(c->out, i)) {
            store_int(c->out, i, 0);
            continue;
        }
        bool fits = dec_to_i64(x[i], scale, &whole) && whole >= min[to] && whole <= max[to];
        if (!fits && c->mode == EVAL_LEGACY) {
            whole = dec_to_i64_wrap(x[i], scale);
        } else if (!fits) {
            TRY(cast_overflow(c, i));
        }
        store_int(c->out, i, whole);
    }
    return FB_OK;
}

static fb_status float_of_decimal(CastRun *c)
{
    int scale = c->in->type->scale;
    const int128_t *x = c->in->data;
    void *r = kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        if (c->out->type->id == T_FLOAT) {
            ((float *)r)[i] = dec_to_f32(x[i], scale);
        } else {
            ((double *)r)[i] = dec_to_f64(x[i], scale);
        }
    }
    return FB_OK;
}

/* ---- choosing ---- */

static CastKernel from_integral(TypeId from, TypeId to)
{
    static const CastKernel table[4][6] = {
        {NULL, widen_i8_i16, widen_i8_i32, widen_i8_i64, widen_i8_f32, widen_i8_f64},
        {narrow_i16_i8, NULL, widen_i16_i32, widen_i16_i64, widen_i16_f32, widen_i16_f64},
        {narrow_i32_i8, narrow_i32_i16, NULL, widen_i32_i64, widen_i32_f32, widen_i32_f64},
        {narrow_i64_i8, narrow_i64_i16, narrow_i64_i32, NULL, widen_i64_f32, widen_i64_f64}};
    static const CastKernel to_bool[] = {bool_of_i8, bool_of_i16, bool_of_i32, bool_of_i64};
    if (to == T_BOOLEAN) {
        return to_bool[from - T_BYTE];
    }
    if (to == T_DECIMAL) {
        return decimal_of_int;
    }
    return to >= T_BYTE && to <= T_DOUBLE ? table[from - T_BYTE][to - T_BYTE] : NULL;
}

static CastKernel from_boolean(TypeId to)
{
    /* A boolean is stored as 0 or 1, as a byte is. */
    static const CastKernel table[] = {
        [T_SHORT] = widen_i8_i16, [T_INT] = widen_i8_i32,    [T_LONG] = widen_i8_i64,
        [T_FLOAT] = widen_i8_f32, [T_DOUBLE] = widen_i8_f64, [T_DECIMAL] = decimal_of_int,
        [T_BYTE] = bool_of_i8};
    return to >= T_BYTE && to <= T_DECIMAL ? table[to] : NULL;
}

CastKernel cast_number_kernel(const Type *from, const Type *to)
{
    if (type_is_integral(from)) {
        return from_integral(from->id, to->id);
    }
    switch (from->id) {
    case T_BOOLEAN:
        return from_boolean(to->id);
    case T_FLOAT:
    case T_DOUBLE:
        if (to->id == T_BOOLEAN) {
            return from->id == T_FLOAT ? bool_of_f32 : bool_of_f64;
        }
        if (to->id == T_DECIMAL) {
            return decimal_of_float;
        }
        if (to->id == T_FLOAT || to->id == T_DOUBLE) {
            return from->id == T_FLOAT ? widen_f32_f64 : widen_f64_f32;
        }
        return type_is_integral(to) ? float_to_int : NULL;
    case T_DECIMAL:
        if (to->id == T_BOOLEAN) {
            return bool_of_i128;
        }
        if (to->id == T_DECIMAL) {
            return decimal_of_decimal;
        }
        if (type_is_integral(to)) {
            return int_of_decimal;
        }
        return to->id == T_FLOAT || to->id == T_DOUBLE ? float_of_decimal : NULL;
    default:
        return NULL;
    }
}
