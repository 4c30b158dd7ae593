/*
 * u256.c - schoolbook 256-bit arithmetic; division is Knuth's algorithm D (TAOCP 4.3.1) on 32-bit
 * digits, with a short cut when both numbers fit 128 bits.
 */
#include "column/u256.h"

U256 u256_mul(uint128_t a, uint128_t b)
{
    uint64_t a0 = (uint64_t)a, a1 = (uint64_t)(a >> 64);
    uint64_t b0 = (uint64_t)b, b1 = (uint64_t)(b >> 64);
    uint128_t p00 = (uint128_t)a0 * b0, p01 = (uint128_t)a0 * b1;
    uint128_t p10 = (uint128_t)a1 * b0, p11 = (uint128_t)a1 * b1;
    uint128_t mid = (p00 >> 64) + (uint64_t)p01 + (uint64_t)p10;
    uint128_t high = p11 + (p01 >> 64) + (p10 >> 64) + (mid >> 64);
    return (U256){{(uint64_t)p00, (uint64_t)mid, (uint64_t)high, (uint64_t)(high >> 64)}};
}

bool u256_add(U256 a, U256 b, U256 *ret)
{
    uint128_t carry = 0;
    for (int i = 0; i < 4; i++) {
        carry += (uint128_t)a.w[i] + b.w[i];
        ret->w[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return carry == 0;
}

U256 u256_sub(U256 a, U256 b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < 4; i++) {
        uint128_t d = (uint128_t)a.w[i] - b.w[i] - borrow;
        a.w[i] = (uint64_t)d;
        borrow = (uint64_t)(d >> 64) & 1;
    }
    return a;
}

int u256_cmp(U256 a, U256 b)
{
    for (int i = 3; i >= 0; i--) {
        if (a.w[i] != b.w[i]) {
            return a.w[i] < b.w[i] ? -1 : 1;
        }
    }
    return 0;
}

bool u256_mul_small(U256 a, uint128_t b, U256 *ret)
{
    U256 low = u256_mul(u256_low(a), b);
    U256 high = u256_mul((uint128_t)a.w[3] << 64 | a.w[2], b);
    return u256_fits_128(high) && u256_add(low, (U256){{0, 0, high.w[0], high.w[1]}}, ret);
}

/* 32-bit digits of a, returns how many are used. */
static int split(U256 a, uint32_t d[static 8])
{
    int n = 0;
    for (int i = 0; i < 8; i++) {
        d[i] = (uint32_t)(a.w[i / 2] >> (i % 2 * 32));
        n = d[i] ? i + 1 : n;
    }
    return n;
}

static U256 join(const uint32_t d[static 8])
{
    U256 r;
    for (int i = 0; i < 4; i++) {
        r.w[i] = (uint64_t)d[2 * (size_t)i + 1] << 32 | d[2 * (size_t)i];
    }
    return r;
}

static U256 divide_by_digit(U256 a, uint32_t digit, U256 *ret_rest)
{
    uint64_t rest = 0;
    for (int i = 7; i >= 0; i--) {
        int shift = i % 2 * 32;
        uint64_t v = rest << 32 | (uint32_t)(a.w[i / 2] >> shift);
        uint64_t q = v / digit;
        rest = v % digit;
        a.w[i / 2] = (a.w[i / 2] & ~((uint64_t)UINT32_MAX << shift)) | q << shift;
    }
    *ret_rest = u256_of(rest);
    return a;
}

/* One digit of the quotient: u[0..n] / v[0..n-1], v normalised; u becomes the rest. */
static uint32_t quotient_digit(uint32_t *u, const uint32_t *v, int n)
{
    uint64_t top = (uint64_t)u[n] << 32 | u[n - 1];
    uint64_t q = top / v[n - 1], r = top % v[n - 1];
    while (q >> 32 || q * v[n - 2] > (r << 32 | u[n - 2])) {
        q--;
        r += v[n - 1];
        if (r >> 32) {
            break;
        }
    }
    uint64_t carry = 0;
    int64_t borrow = 0;
    for (int i = 0; i < n; i++) {
        carry += q * v[i];
        int64_t t = (int64_t)u[i] - (int64_t)(uint32_t)carry + borrow;
        u[i] = (uint32_t)t;
        borrow = t >> 32;
        carry >>= 32;
    }
    int64_t t = (int64_t)u[n] - (int64_t)carry + borrow;
    u[n] = (uint32_t)t;
    if (t < 0) { /* one too many: add v back */
        q--;
        carry = 0;
        for (int i = 0; i < n; i++) {
            carry += (uint64_t)u[i] + v[i];
            u[i] = (uint32_t)carry;
            carry >>= 32;
        }
        u[n] += (uint32_t)carry;
    }
    return (uint32_t)q;
}

U256 u256_div(U256 a, U256 b, U256 *ret_rest)
{
    if (u256_fits_128(a) && u256_fits_128(b)) {
        *ret_rest = u256_of(u256_low(a) % u256_low(b));
        return u256_of(u256_low(a) / u256_low(b));
    }
    if (u256_cmp(a, b) < 0) {
        *ret_rest = a;
        return u256_of(0);
    }
    uint32_t u[9] = {0}, v[8], q[8] = {0};
    int m = split(a, u), n = split(b, v);
    if (n == 1) {
        return divide_by_digit(a, v[0], ret_rest);
    }
    int s = __builtin_clz(v[n - 1]);
    for (int i = n - 1; i > 0; i--) {
        v[i] = (uint32_t)(((uint64_t)v[i] << 32 | v[i - 1]) << s >> 32);
    }
    v[0] <<= s;
    for (int i = m; i > 0; i--) {
        u[i] = (uint32_t)(((uint64_t)u[i] << 32 | u[i - 1]) << s >> 32);
    }
    u[0] <<= s;
    for (int j = m - n; j >= 0; j--) {
        q[j] = quotient_digit(u + j, v, n);
    }
    uint32_t rest[8] = {0};
    for (int i = 0; i < n; i++) {
        rest[i] = (uint32_t)(((uint64_t)u[i + 1] << 32 | u[i]) >> s);
    }
    *ret_rest = join(rest);
    return join(q);
}

bool u256_pow10(int k, U256 *ret)
{
    if (k <= DEC_MAX_PRECISION) {
        *ret = u256_of(dec_pow10[k]);
        return true;
    }
    if (k > 77) {
        return false;
    }
    *ret = u256_mul(dec_pow10[DEC_MAX_PRECISION], dec_pow10[k < 76 ? k - DEC_MAX_PRECISION : 38]);
    return k <= 76 || u256_mul_small(*ret, 10, ret);
}

U256 u256_div_pow10(U256 a, int k, U256 *ret_rest)
{
    U256 unit;
    u256_pow10(k, &unit);
    return u256_div(a, unit, ret_rest);
}

int u256_digits(U256 a)
{
    int lo = 1, hi = 78; /* fewest, most */
    while (lo < hi) {
        int mid = (lo + hi) / 2;
        U256 unit;
        u256_pow10(mid, &unit);
        if (u256_cmp(a, unit) < 0) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    return lo;
}
