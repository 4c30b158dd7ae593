/* pow10.h - 128-bit powers of ten for reading and printing floating point (number_*.c). */
#ifndef COLUMN_POW10_H
#define COLUMN_POW10_H

#include <stdint.h>

#define POW10_MIN (-342)
#define POW10_MAX 324

/* 10^k ~ (hi * 2^64 + lo) * 2^(floor(log2(10^k)) - 127); see pow10.c for the rounding. */
typedef struct Pow10 {
    uint64_t hi, lo;
} Pow10;

extern const Pow10 pow10_table[POW10_MAX - POW10_MIN + 1];

static inline Pow10 pow10_128(int k) /* POW10_MIN <= k <= POW10_MAX */
{
    return pow10_table[k - POW10_MIN];
}
/* floor(log2(10^k)) for |k| <= 1233 */
static inline int pow10_floor_log2(int k)
{
    return (k * 1741647) >> 19;
}

#endif
