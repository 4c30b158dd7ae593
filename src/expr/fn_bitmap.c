/*
 * fn_bitmap.c - bitmap_bit_position, bitmap_bucket_number, bitmap_count: numbers as bits of many
 * bitmaps of 32,768 bits each.
 */
#include "expr/fn_util.h"

#define BITMAP_BITS 32768

/* Positive numbers count from 1. */
KERNEL(fn_bitmap_bit_position)
{
    int64_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int64_t x = VEC_AT(int64_t, &args[0], i);
        uint64_t distance = x > 0 ? (uint64_t)x - 1 : 0 - (uint64_t)x;
        data[i] = (int64_t)(distance % BITMAP_BITS);
    }
    return FB_OK;
}

KERNEL(fn_bitmap_bucket_number)
{
    int64_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int64_t x = VEC_AT(int64_t, &args[0], i);
        data[i] = x > 0 ? 1 + (x - 1) / BITMAP_BITS : x / BITMAP_BITS;
    }
    return FB_OK;
}

BINDER(bind_bitmap_place)
{
    TRY(bind_cast(cx, call, 0, type_long, err));
    return bind_done(call, type_long);
}

KERNEL(fn_bitmap_count)
{
    int64_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(&args[0], i);
        size_t k = 0;
        data[i] = 0;
        for (; k + 8 <= s.n; k += 8) {
            data[i] += __builtin_popcountll(load64(s.p + k));
        }
        for (; k < s.n; k++) {
            data[i] += __builtin_popcount((uint8_t)s.p[k]);
        }
    }
    return FB_OK;
}

BINDER(bind_bitmap_count)
{
    if (call->args[0]->type->id != T_BINARY) {
        return bind_type_error(cx, call, 0, "\"BINARY\"", err);
    }
    return bind_done(call, type_long);
}
