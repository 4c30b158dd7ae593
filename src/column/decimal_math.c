/*
 * decimal_math.c - Spark's result types and arithmetic of decimals.
 *
 * Spark calculates with java.math.BigDecimal and brings the exact sum, product or remainder, or a
 * quotient of ample length, to the scale of the result, HALF_UP. Here that happens on 256-bit
 * integers; sums and products that fit 128 bits take a short way.
 */
#include "column/decimal.h"
#include "column/u256.h"

#define KEPT_DIGITS 39 /* Decimal.MATH_CONTEXT */

/* ---- types ---- */

static int min_int(int a, int b)
{
    return a < b ? a : b;
}
static int max_int(int a, int b)
{
    return a > b ? a : b;
}

DecType dec_type_bounded(int p, int s)
{
    return (DecType){(uint8_t)min_int(p, DEC_MAX_PRECISION),
                     (uint8_t)min_int(s, DEC_MAX_PRECISION)};
}

DecType dec_type_adjusted(int p, int s)
{
    if (p <= DEC_MAX_PRECISION) {
        return (DecType){(uint8_t)p, (uint8_t)s};
    }
    int integral = p - s;
    int scale = max_int(DEC_MAX_PRECISION - integral, min_int(s, 6));
    return (DecType){DEC_MAX_PRECISION, (uint8_t)scale};
}

static DecType result(int p, int s, bool keep_scale)
{
    return keep_scale ? dec_type_bounded(p, s) : dec_type_adjusted(p, s);
}

DecType dec_type_add(DecType a, DecType b, bool keep_scale)
{
    int s = max_int(a.s, b.s);
    return result(max_int(a.p - a.s, b.p - b.s) + s + 1, s, keep_scale);
}

DecType dec_type_mul(DecType a, DecType b, bool keep_scale)
{
    return result(a.p + b.p + 1, a.s + b.s, keep_scale);
}

DecType dec_type_div(DecType a, DecType b, bool keep_scale)
{
    int integral = a.p - a.s + b.s;
    int scale = max_int(6, a.s + b.p + 1);
    if (!keep_scale) {
        return dec_type_adjusted(integral + scale, scale);
    }
    integral = min_int(DEC_MAX_PRECISION, integral);
    scale = min_int(DEC_MAX_PRECISION, scale);
    int over = integral + scale - DEC_MAX_PRECISION;
    if (over > 0) {
        scale -= over / 2 + 1;
        integral = DEC_MAX_PRECISION - scale;
    }
    return dec_type_bounded(integral + scale, scale);
}

DecType dec_type_mod(DecType a, DecType b, bool keep_scale)
{
    int s = max_int(a.s, b.s);
    return result(min_int(a.p - a.s, b.p - b.s) + s, s, keep_scale);
}

DecType dec_type_idiv(DecType a, DecType b, bool keep_scale)
{
    int p = a.p - a.s + b.s;
    return result(p == 0 ? 1 : p, 0, keep_scale);
}

DecType dec_type_wider(DecType a, DecType b)
{
    int s = max_int(a.s, b.s);
    int p = max_int(a.p - a.s, b.p - b.s) + s;
    if (p > DEC_MAX_PRECISION) { /* integral digits are kept first */
        s = max_int(0, s - (p - DEC_MAX_PRECISION));
        p = DEC_MAX_PRECISION;
    }
    return (DecType){(uint8_t)p, (uint8_t)s};
}

/* ---- magnitudes ---- */

static inline uint128_t magnitude(int128_t v)
{
    return v < 0 ? 0 - (uint128_t)v : (uint128_t)v;
}

/* a / 10^k HALF_UP. */
static U256 drop_digits(U256 a, int k)
{
    if (k <= 0) {
        return a;
    }
    U256 rest, one = u256_of(1), unit;
    if (!u256_pow10(k, &unit)) {
        return u256_of(0);
    }
    U256 q = u256_div(a, unit, &rest);
    U256 twice;
    bool up = !u256_add(rest, rest, &twice) || u256_cmp(twice, unit) >= 0;
    if (up) {
        u256_add(q, one, &q);
    }
    return q;
}

/* The magnitude a of the given scale as a value of type r. */
static bool finish(U256 a, int scale, bool negative, DecType r, int128_t *ret)
{
    if (scale > r.s) {
        a = drop_digits(a, scale - r.s);
    } else if (scale < r.s) {
        int up = r.s - scale;
        if (up > DEC_MAX_PRECISION) {
            *ret = 0;
            return u256_is_zero(a);
        }
        if (!u256_mul_small(a, dec_pow10[up], &a)) {
            return false;
        }
    }
    if (!u256_fits_128(a) || u256_low(a) >= dec_pow10[r.p]) {
        return false;
    }
    *ret = (int128_t)(negative ? 0 - u256_low(a) : u256_low(a));
    return true;
}

/* ---- operations ---- */

static bool add_signed(int128_t a, int sa, int128_t b, int sb, DecType r, int128_t *ret)
{
    int s = max_int(sa, sb);
    U256 ma = u256_mul(magnitude(a), dec_pow10[s - sa]);
    U256 mb = u256_mul(magnitude(b), dec_pow10[s - sb]);
    bool negative = a < 0;
    U256 sum;
    if ((a < 0) == (b < 0)) {
        u256_add(ma, mb, &sum); /* both below 10^76 */
    } else if (u256_cmp(ma, mb) >= 0) {
        sum = u256_sub(ma, mb);
    } else {
        sum = u256_sub(mb, ma);
        negative = !negative;
    }
    return finish(sum, s, negative, r, ret);
}

bool dec_add(int128_t a, int sa, int128_t b, int sb, DecType r, int128_t *ret)
{
    if (sa == sb && sa == r.s) { /* both below 10^38: no overflow */
        *ret = a + b;
        return dec_fits(*ret, r.p);
    }
    return add_signed(a, sa, b, sb, r, ret);
}

bool dec_sub(int128_t a, int sa, int128_t b, int sb, DecType r, int128_t *ret)
{
    return dec_add(a, sa, -b, sb, r, ret);
}

bool dec_mul(int128_t a, int sa, int128_t b, int sb, DecType r, int128_t *ret)
{
    bool negative = (a < 0) != (b < 0);
    uint128_t ma = magnitude(a), mb = magnitude(b);
    int scale = sa + sb;
    if (scale == r.s && ma <= UINT64_MAX && mb <= UINT64_MAX) {
        uint128_t p = ma * mb;
        *ret = (int128_t)(negative ? 0 - p : p);
        return p < dec_pow10[r.p];
    }
    U256 p = u256_mul(ma, mb);
    return finish(p, scale, negative, r, ret);
}

bool dec_div(int128_t a, int sa, int128_t b, int sb, DecType r, int128_t *ret)
{
    bool negative = (a < 0) != (b < 0);
    U256 num = u256_of(magnitude(a)), div = u256_of(magnitude(b)), unit;
    int up = r.s - sa + sb;
    if (!u256_pow10(up < 0 ? -up : up, &unit)) {
        return false;
    }
    if (up >= 0) {
        int first = min_int(up, DEC_MAX_PRECISION);
        if (!u256_mul_small(num, dec_pow10[first], &num) ||
            !u256_mul_small(num, dec_pow10[up - first], &num)) {
            return false; /* above 10^77, and the divisor is below 10^38 */
        }
    } else if (!u256_mul_small(div, dec_pow10[min_int(-up, DEC_MAX_PRECISION)], &div)) {
        return false;
    }
    U256 rest, twice;
    U256 q = u256_div(num, div, &rest);
    bool round_up = !u256_add(rest, rest, &twice) || u256_cmp(twice, div) >= 0;
    if (round_up) {
        u256_add(q, u256_of(1), &q);
    }
    return finish(q, r.s, negative, r, ret);
}

bool dec_mod(int128_t a, int sa, int128_t b, int sb, DecType r, int128_t *ret)
{
    int s = max_int(sa, sb);
    U256 ma = u256_mul(magnitude(a), dec_pow10[s - sa]);
    U256 mb = u256_mul(magnitude(b), dec_pow10[s - sb]);
    U256 rest, q = u256_div(ma, mb, &rest), dropped;
    int digits = u256_fits_128(q) ? 0 : u256_digits(q);
    if (digits > KEPT_DIGITS) { /* BigDecimal: "Division impossible", if the digits matter */
        u256_div_pow10(q, digits - KEPT_DIGITS, &dropped);
        if (!u256_is_zero(dropped)) {
            return false;
        }
    }
    return finish(rest, s, a < 0, r, ret);
}

bool dec_idiv(int128_t a, int sa, int128_t b, int sb, int64_t *ret)
{
    int s = max_int(sa, sb);
    U256 ma = u256_mul(magnitude(a), dec_pow10[s - sa]);
    U256 mb = u256_mul(magnitude(b), dec_pow10[s - sb]);
    U256 rest, q = u256_div(ma, mb, &rest);
    bool negative = (a < 0) != (b < 0);
    *ret = (int64_t)(negative ? 0 - q.w[0] : q.w[0]);
    return u256_fits_128(q) && u256_low(q) < dec_pow10[DEC_MAX_PRECISION];
}

int dec_cmp(int128_t a, int scale_a, int128_t b, int scale_b)
{
    if (scale_a == scale_b || (a < 0) != (b < 0)) {
        return (a > b) - (a < b);
    }
    int s = max_int(scale_a, scale_b);
    int c = u256_cmp(u256_mul(magnitude(a), dec_pow10[s - scale_a]),
                     u256_mul(magnitude(b), dec_pow10[s - scale_b]));
    return a < 0 ? -c : c;
}
