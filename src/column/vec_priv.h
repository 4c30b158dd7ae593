/*
 * vec_priv.h - what the files of vec*.c share.
 */
#ifndef COLUMN_VEC_PRIV_H
#define COLUMN_VEC_PRIV_H

#include "column/vec.h"

/* The number of entries that data and validity hold. */
static inline uint32_t vec_stored(const Vec *v)
{
    return v->is_const ? 1u : v->len;
}

static inline bool bit_get(const uint64_t *bits, uint32_t i)
{
    return bits[i >> 6] >> (i & 63) & 1;
}

static inline void bit_clear(uint64_t *bits, uint32_t i)
{
    bits[i >> 6] &= ~(1ull << (i & 63));
}

/* dst and src need not be aligned to words; dst's other bits are kept. */
void bits_copy(uint64_t *dst, uint32_t dst_at, const uint64_t *src, uint32_t src_at, uint32_t n);
void bits_fill(uint64_t *dst, uint32_t at, uint32_t n, bool value);

/* As vec_init, but the data of views is not cleared and no child is made: for who fills all. */
void vec_init_raw(Vec *v, const Type *t, uint32_t n, Arena *a);

#endif
