/*
 * fn_hash.c - hash (Murmur3) and xxhash64 of any values but maps, as Spark computes them.
 *
 * Each column's hash is the seed of the next; 42 is the first. XXH64 of 4 and 8 bytes and of byte
 * strings is the published algorithm. Arrays and structs chain their elements.
 *
 * Recursion: by the depth of the type.
 */
#include "expr/fn_hash.h"

#include "column/decimal.h"
#include "expr/fn_util.h"

#include <math.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static inline uint64_t xx_int(int32_t x, uint64_t seed)
{
    return XXH64(&x, sizeof(x), seed);
}

static inline uint64_t xx_long(int64_t x, uint64_t seed)
{
    return XXH64(&x, sizeof(x), seed);
}

static inline uint64_t xx_float(float x, uint64_t seed)
{
    int32_t bits;
    x = x == 0.0f ? 0.0f : isnan(x) ? NAN : x;
    memcpy(&bits, &x, sizeof(bits));
    return xx_int(bits, seed);
}

static inline uint64_t xx_double(double x, uint64_t seed)
{
    int64_t bits;
    x = x == 0.0 ? 0.0 : isnan(x) ? (double)NAN : x;
    memcpy(&bits, &x, sizeof(bits));
    return xx_long(bits, seed);
}

static inline uint64_t xx_view(View x, uint64_t seed)
{
    return XXH64(view_ptr(&x), x.len, seed);
}

static inline uint64_t xx_big_decimal(int128_t x, uint64_t seed)
{
    uint8_t bytes[DEC_BYTES_MAX];
    return XXH64(bytes, dec_to_bytes(x, bytes), seed);
}

static inline uint64_t xx_small_decimal(int128_t x, uint64_t seed)
{
    return xx_long((int64_t)x, seed);
}

static inline uint64_t xx_interval(IntervalCal x, uint64_t seed)
{
    return xx_int(x.months, xx_int(x.days, xx_long(x.micros, seed)));
}

#define HASH_EACH(CT, HASH)                                                                        \
    do {                                                                                           \
        const CT *data = v->data;                                                                  \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            if (!nulls || vec_is_valid(v, from + i)) {                                             \
                h[i] = HASH(data[(from + i) & mask], h[i]);                                        \
            }                                                                                      \
        }                                                                                          \
    } while (0)

/* Rows from..from+n of v into h[0..n). */
static void xx_rows(const Vec *v, uint32_t from, uint32_t n, uint64_t *h);

static void xx_array(const Vec *v, uint32_t from, uint32_t n, uint64_t *h)
{
    uint32_t mask = vec_mask(v);
    const uint32_t *offsets = v->data;
    for (uint32_t i = 0; i < n; i++) {
        if (!vec_is_valid(v, from + i)) {
            continue;
        }
        uint32_t at = (from + i) & mask;
        for (uint32_t k = offsets[at]; k < offsets[at + 1]; k++) {
            xx_rows(&v->child[0], k, 1, &h[i]);
        }
    }
}

static void xx_struct(const Vec *v, uint32_t from, uint32_t n, uint64_t *h)
{
    for (uint32_t i = 0; i < n; i++) {
        if (vec_is_valid(v, from + i)) {
            for (uint32_t k = 0; k < v->type->n_fields; k++) {
                xx_rows(&v->child[k], from + i, 1, &h[i]);
            }
        }
    }
}

static void xx_rows(const Vec *v, uint32_t from, uint32_t n, uint64_t *h)
{
    bool nulls = vec_may_have_nulls(v);
    uint32_t mask = vec_mask(v);
    switch (v->type->id) {
    case T_BOOLEAN:
        HASH_EACH(uint8_t, xx_int);
        break;
    case T_BYTE:
        HASH_EACH(int8_t, xx_int);
        break;
    case T_SHORT:
        HASH_EACH(int16_t, xx_int);
        break;
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM:
        HASH_EACH(int32_t, xx_int);
        break;
    case T_LONG:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        HASH_EACH(int64_t, xx_long);
        break;
    case T_FLOAT:
        HASH_EACH(float, xx_float);
        break;
    case T_DOUBLE:
        HASH_EACH(double, xx_double);
        break;
    case T_DECIMAL:
        if (v->type->precision <= 18) {
            HASH_EACH(int128_t, xx_small_decimal);
        } else {
            HASH_EACH(int128_t, xx_big_decimal);
        }
        break;
    case T_STRING:
    case T_BINARY:
        HASH_EACH(View, xx_view);
        break;
    case T_INTERVAL_CAL:
        HASH_EACH(IntervalCal, xx_interval);
        break;
    case T_ARRAY:
        xx_array(v, from, n, h);
        break;
    case T_STRUCT:
        xx_struct(v, from, n, h);
        break;
    default: /* void; maps are refused by the binder */
        break;
    }
}

void vec_xxhash64(const Vec *v, uint32_t n, uint64_t *h)
{
    xx_rows(v, 0, n, h);
}

KERNEL(fn_hash)
{
    uint32_t *h = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        h[i] = 42;
    }
    for (uint32_t k = 0; k < call->n_args; k++) {
        vec_murmur3(&args[k], n, h);
    }
    return FB_OK;
}

KERNEL(fn_xxhash64)
{
    uint64_t *h = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        h[i] = 42;
    }
    for (uint32_t k = 0; k < call->n_args; k++) {
        vec_xxhash64(&args[k], n, h);
    }
    return FB_OK;
}

static bool has_map(const Type *t)
{
    bool found = t->id == T_MAP;
    for (uint32_t k = 0; !found && k < t->n_fields; k++) {
        found = has_map(t->fields[k].type);
    }
    return found;
}

static fb_status bind_hash_as(BindCtx *cx, Expr *call, const Type *t, fb_error *err)
{
    for (uint32_t i = 0; i < call->n_args; i++) {
        if (has_map(call->args[i]->type)) {
            return err_set(err, ERR_DATATYPE_MISMATCH_HASH_MAP_TYPE, "functionName",
                           arena_printf(cx->arena, "`%s`", call->name), "sqlExpr",
                           bind_sql(cx, call), NULL);
        }
    }
    call->type = t;
    call->nullable = false;
    return FB_OK;
}

BINDER(bind_hash)
{
    return bind_hash_as(cx, call, type_int, err);
}

BINDER(bind_xxhash64)
{
    return bind_hash_as(cx, call, type_long, err);
}
