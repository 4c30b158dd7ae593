/*
 * u256.h - unsigned 256-bit integers, as far as decimal arithmetic needs them: products of two
 * 128-bit numbers, sums, comparison, division. Little-endian 64-bit words.
 */
#ifndef COLUMN_U256_H
#define COLUMN_U256_H

#include "column/decimal.h"

typedef struct U256 {
    uint64_t w[4];
} U256;

static inline U256 u256_of(uint128_t v)
{
    return (U256){{(uint64_t)v, (uint64_t)(v >> 64), 0, 0}};
}
static inline bool u256_fits_128(U256 v)
{
    return (v.w[2] | v.w[3]) == 0;
}
static inline uint128_t u256_low(U256 v)
{
    return (uint128_t)v.w[1] << 64 | v.w[0];
}
static inline bool u256_is_zero(U256 v)
{
    return (v.w[0] | v.w[1] | v.w[2] | v.w[3]) == 0;
}
U256 u256_mul(uint128_t a, uint128_t b);
bool u256_mul_small(U256 a, uint128_t b, U256 *ret); /* false: more than 256 bits */
bool u256_add(U256 a, U256 b, U256 *ret);            /* false: carry */
U256 u256_sub(U256 a, U256 b);                       /* a >= b */
int u256_cmp(U256 a, U256 b);
U256 u256_div(U256 a, U256 b, U256 *ret_rest); /* b > 0 */
/* a / 10^k, 0 <= k <= 77, with the rest. */
U256 u256_div_pow10(U256 a, int k, U256 *ret_rest);
bool u256_pow10(int k, U256 *ret); /* 10^k; false for k > 77 */
int u256_digits(U256 a);           /* decimal digits, 1 for 0 */

#endif
