/*
 * java_trig.c - sine and cosine, and the inverses of trigonometric functions, as Java has them.
 *
 * The inverses' methods and constants are those that Sun published with fdlibm 5.3 (1993); see
 * java_math.c. The sine and cosine are those of Intel's mathematical library (2014), which the JVM
 * takes on x86-64: the argument is N * pi/32 + r + c, and
 *
 *   sin(B + r + c) = [S_hi + sigma * r] + C_hl * r + S_lo + S_hi * [(cos(r) - 1) - r * c]
 *                    + (C_hl + sigma) * [(sin(r) - r) + c]
 *
 * where S_hi + S_lo is sin(B), sigma a power of two near cos(B) and C_hl the rest of it.
 *
 * Threads: no state.
 */
#include "expr/java_trig.h"
#include "expr/java_math.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline int32_t high_word(double x)
{
    uint64_t b;
    memcpy(&b, &x, sizeof(b));
    return (int32_t)(uint32_t)(b >> 32);
}

static inline double chopped(double x)
{
    uint64_t b;
    memcpy(&b, &x, sizeof(b));
    b &= ~UINT64_C(0xffffffff);
    memcpy(&x, &b, sizeof(b));
    return x;
}

#define PI 3.14159265358979311600e+00
#define PI_2_HI 1.57079632679489655800e+00
#define PI_2_LO 6.12323399573676603587e-17
#define PI_4_HI 7.85398163397448278999e-01

/* ---- asin, acos ---- */

/* asin(x) = x + x * R(x^2), z = x^2 */
static double asin_ratio(double z)
{
    double p =
        z * (1.66666666666666657415e-01 +
             z * (-3.25565818622400915405e-01 +
                  z * (2.01212532134862925881e-01 +
                       z * (-4.00555345006794114027e-02 +
                            z * (7.91534994289814532176e-04 + z * 3.47933107596021167570e-05)))));
    double q = 1 + z * (-2.40339491173441421878e+00 +
                        z * (2.02094576023350569471e+00 +
                             z * (-6.88283971605453293030e-01 + z * 7.70381505559019352791e-02)));
    return p / q;
}

double java_asin(double x)
{
    double ax = fabs(x);
    if (!(ax < 1)) {
        return ax == 1 ? x * PI_2_HI + x * PI_2_LO : (double)NAN;
    }
    if (ax < 0.5) {
        return ax < 0x1p-27 ? x : x + x * asin_ratio(x * x);
    }
    /* pi/2 - 2 asin(sqrt((1 - |x|) / 2)) */
    double t = (1 - ax) * 0.5, r = asin_ratio(t), s = sqrt(t);
    if (high_word(ax) >= 0x3fef3333) { /* over 0.975 */
        t = PI_2_HI - (2 * (s + s * r) - PI_2_LO);
    } else {
        double w = chopped(s), c = (t - w * w) / (s + w);
        double p = 2 * s * r - (PI_2_LO - 2 * c), q = PI_4_HI - 2 * w;
        t = PI_4_HI - (p - q);
    }
    return x > 0 ? t : -t;
}

double java_acos(double x)
{
    double ax = fabs(x);
    if (!(ax < 1)) {
        return x == 1 ? 0 : x == -1 ? PI + 2 * PI_2_LO : (double)NAN;
    }
    if (ax < 0.5) {
        if (high_word(ax) <= 0x3c600000) {
            return PI_2_HI + PI_2_LO;
        }
        double r = asin_ratio(x * x);
        return PI_2_HI - (x - (PI_2_LO - x * r));
    }
    if (x < 0) {
        double z = (1 + x) * 0.5, s = sqrt(z), w = asin_ratio(z) * s - PI_2_LO;
        return PI - 2 * (s + w);
    }
    double z = (1 - x) * 0.5, s = sqrt(z), df = chopped(s), c = (z - df * df) / (s + df);
    double w = asin_ratio(z) * s + c;
    return 2 * (df + w);
}

/* ---- atan, atan2 ---- */

/* x - x * (odd and even terms of atan's series) */
static double atan_terms(double x)
{
    static const double a[] = {
        3.33333333333329318027e-01,  -1.99999999998764832476e-01, 1.42857142725034663711e-01,
        -1.11111104054623557880e-01, 9.09088713343650656196e-02,  -7.69187620504482999495e-02,
        6.66107313738753120669e-02,  -5.83357013379057348645e-02, 4.97687799461593236017e-02,
        -3.65315727442169155270e-02, 1.62858201153657823623e-02};
    double z = x * x, w = z * z;
    double s1 = z * (a[0] + w * (a[2] + w * (a[4] + w * (a[6] + w * (a[8] + w * a[10])))));
    double s2 = w * (a[1] + w * (a[3] + w * (a[5] + w * (a[7] + w * a[9]))));
    return x * (s1 + s2);
}

double java_atan(double x)
{
    /* of 0.5, 1, 1.5 and infinity */
    static const double hi[] = {4.63647609000806093515e-01, PI_4_HI, 9.82793723247329054082e-01,
                                PI_2_HI};
    static const double lo[] = {2.26987774529616870924e-17, 3.06161699786838301793e-17,
                                1.39033110312309984516e-17, PI_2_LO};
    int32_t ix = high_word(x) & 0x7fffffff;
    double ax = fabs(x), t;
    int id;
    if (x != x) {
        return x;
    }
    if (ix >= 0x44100000) { /* 2^66 */
        return x > 0 ? PI_2_HI + PI_2_LO : -PI_2_HI - PI_2_LO;
    }
    if (ix < 0x3fdc0000) { /* 7/16 */
        return ix < 0x3e200000 ? x : x - atan_terms(x);
    }
    if (ix < 0x3fe60000) { /* 11/16 */
        id = 0;
        t = (2 * ax - 1) / (2 + ax);
    } else if (ix < 0x3ff30000) { /* 19/16 */
        id = 1;
        t = (ax - 1) / (ax + 1);
    } else if (ix < 0x40038000) { /* 39/16 */
        id = 2;
        t = (ax - 1.5) / (1 + 1.5 * ax);
    } else {
        id = 3;
        t = -1 / ax;
    }
    double z = hi[id] - ((atan_terms(t) - lo[id]) - t);
    return x < 0 ? -z : z;
}

double java_atan2(double y, double x)
{
    static const double pi_lo = 1.2246467991473531772e-16;
    if (x != x || y != y) {
        return (double)NAN;
    }
    if (x == 1) {
        return java_atan(y);
    }
    if (y == 0) {
        return signbit(x) ? copysign(PI, y) : y;
    }
    if (x == 0) {
        return copysign(PI_2_HI, y);
    }
    if (isinf(x)) {
        double angle = isinf(y) ? (x > 0 ? PI_4_HI : 3 * PI_4_HI) : x > 0 ? 0 : PI;
        return copysign(angle, y);
    }
    if (isinf(y)) {
        return copysign(PI_2_HI, y);
    }
    int32_t k = ((high_word(fabs(y)) - high_word(fabs(x))) >> 20);
    double z;
    if (k > 60) {
        z = PI_2_HI + 0.5 * pi_lo;
    } else if (x < 0 && k < -60) {
        z = 0;
    } else {
        z = java_atan(fabs(y / x));
    }
    if (x > 0) {
        return y < 0 ? -z : z;
    }
    return y < 0 ? (z - pi_lo) - PI : PI - (z - pi_lo);
}

/* ---- sin, cos ---- */

/* For B = k * pi/32: C_hl, S_hi, S_lo, sigma. */
static const double sines[17][4] = {
    {0x0.0p+0, 0x0.0p+0, 0x0.0p+0, 0x1.0000000000000p+0},
    {-0x1.3b92e176d6d31p-8, 0x1.917a6bc29b42cp-4, -0x1.e2718e0000000p-60, 0x1.0000000000000p+0},
    {-0x1.3ad06011469fbp-6, 0x1.8f8b83c69a60bp-3, -0x1.26d19c0000000p-57, 0x1.0000000000000p+0},
    {-0x1.60bea939d225ap-5, 0x1.294062ed59f06p-2, -0x1.5d28da0000000p-56, 0x1.0000000000000p+0},
    {-0x1.37ca1866b95cfp-4, 0x1.87de2a6aea963p-2, -0x1.72cede0000000p-57, 0x1.0000000000000p+0},
    {-0x1.e3a6873fa1279p-4, 0x1.e2b5d3806f63bp-2, 0x1.e0d8920000000p-58, 0x1.0000000000000p+0},
    {-0x1.592675bc57974p-3, 0x1.1c73b39ae68c8p-1, 0x1.b25dd20000000p-55, 0x1.0000000000000p+0},
    {-0x1.d0dfe53aba2fdp-3, 0x1.44cf325091dd6p-1, 0x1.8076a20000000p-57, 0x1.0000000000000p+0},
    {0x1.a827999fcef32p-3, 0x1.6a09e667f3bcdp-1, -0x1.bdd3420000000p-55, 0x1.0000000000000p-1},
    {0x1.133cc94247758p-3, 0x1.8bc806b151741p-1, -0x1.2c5e120000000p-55, 0x1.0000000000000p-1},
    {0x1.c73b39ae68c87p-5, 0x1.a9b66290ea1a3p-1, 0x1.9f630e0000000p-60, 0x1.0000000000000p-1},
    {-0x1.d4a2c7f909c4ep-6, 0x1.c38b2f180bdb1p-1, -0x1.6e0b180000000p-56, 0x1.0000000000000p-1},
    {-0x1.e087565455a75p-4, 0x1.d906bcf328d46p-1, 0x1.457e620000000p-56, 0x1.0000000000000p-1},
    {0x1.4a03176acf82dp-5, 0x1.e9f4156c62ddap-1, 0x1.760b1e0000000p-55, 0x1.0000000000000p-2},
    {-0x1.c1d1f0e5967d5p-5, 0x1.f6297cff75cb0p-1, 0x1.5621720000000p-56, 0x1.0000000000000p-2},
    {-0x1.ba1650f592f50p-6, 0x1.fd88da3d12526p-1, -0x1.87df640000000p-55, 0x1.0000000000000p-3},
    {0x0.0p+0, 0x1.0000000000000p+0, 0x0.0p+0, 0x0.0p+0},
};

/* Bits of 2/pi, behind two words of none. */
static const uint32_t two_over_pi[] = {
    0,          0,          0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599,
    0x3c439041, 0xfe5163ab, 0xdebbc561, 0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c,
    0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41, 0x3991d639,
    0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f,
    0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b, 0x3d0739f7,
    0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab, 0xf0cfbc20};

/* 192 bits of x * 2/pi; a is the top, and c's low half is not exact. */
typedef struct Bits192 {
    uint64_t a, b, c;
} Bits192;

/* The words of the product that say something: what is a whole number of circles is left out, and
 * what lies too far behind the point. */
static Bits192 multiply_window(uint64_t mantissa, const uint32_t *window)
{
    uint64_t low = (uint32_t)mantissa, high = mantissa >> 32;
    unsigned __int128 sum = 0;
    uint32_t z[6];
    for (int k = 0; k < 6; k++) {
        sum += high * window[6 - k];
        sum += low * window[5 - k];
        z[k] = (uint32_t)sum;
        sum >>= 32;
    }
    return (Bits192){(uint64_t)z[5] << 32 | z[4], (uint64_t)z[3] << 32 | z[2],
                     (uint64_t)z[1] << 32 | z[0]};
}

/* from * 2^128 - x */
static void bits_negate(Bits192 *x, uint64_t from)
{
    bool borrow_c = x->c != 0, borrow_b = x->b != 0 || borrow_c;
    x->a = from - x->a - borrow_b;
    x->b = 0 - x->b - borrow_c;
    x->c = 0 - x->c;
}

/* Moves the top bit to bit 29 of a; returns by how many places to the left. */
static int bits_normalize(Bits192 *x)
{
    int moved = 0;
    while (x->a == 0 && moved < 128) {
        *x = (Bits192){x->b, x->c, 0};
        moved += 64;
    }
    int n = x->a ? __builtin_clzll(x->a) - 34 : 0;
    if (n > 0) {
        *x = (Bits192){x->a << n | x->b >> (64 - n), x->b << n | x->c >> (64 - n), x->c};
    } else if (n < 0) {
        *x = (Bits192){x->a >> -n, x->b >> -n | x->a << (64 + n), x->c};
    }
    return moved + n;
}

Remainder java_reduce_huge(double x, int unit_bit)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    int exponent = (int)(bits >> 52 & 0x7ff);
    int word = (exponent - 1014) >> 5, point = 32 * word + 19 - (exponent - 1023);
    uint64_t mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    Bits192 z = multiply_window(mantissa, two_over_pi + word);
    uint32_t units;
    uint32_t unit = UINT32_C(1) << unit_bit;
    int least = unit_bit == 29 ? 1 : 0;
    bool negative; /* the remainder is rounded to the nearest unit */
    if (point >= least) {
        int n = 29 - point;
        uint32_t top = (uint32_t)(z.a >> 32) << n;
        units = top;
        negative = top & (unit >> 1);
        z.a = (uint64_t)((top & (unit - 1)) >> n) << 32 | (uint32_t)z.a;
        if (negative) {
            bits_negate(&z, (uint64_t)(unit >> n) << 32);
        }
    } else {
        int n = least - 1 - point;
        uint64_t top = z.a << n;
        units = (uint32_t)(top >> (32 - unit_bit));
        negative = top & UINT64_C(0x80000000);
        z.a = (uint32_t)top >> n;
        if (negative) {
            bits_negate(&z, UINT64_C(0x100000000) >> n);
        }
    }
    units = (units + (negative ? unit : 0)) >> unit_bit;
    int scale = point + 32 + bits_normalize(&z);
    double sign = (x < 0) != negative ? -1 : 1;
    double hi = (double)z.a * ldexp(sign, -scale);
    double lo = (double)(int64_t)(z.b >> 1) * ldexp(sign, -scale - 63);
    /* times pi/4 or pi/2, in two parts */
    double pi_hi = unit_bit == 29 ? 0x1.921fb4p-1 : 0x1.921fbp-1;
    double pi_lo = unit_bit == 29 ? 0x1.4442d18469899p-25 : 0x1.5110b4611a626p-23;
    lo = (hi + lo) * pi_lo + lo * pi_hi;
    hi = hi * pi_hi;
    double sum = hi + lo;
    return (Remainder){sum, lo + (hi - sum), x < 0 ? -(int32_t)units : (int32_t)units};
}

/* sin(x + lo + first * pi/32) for |x| below 90112. */
static double sine_of(double x, double lo, int32_t first)
{
    int32_t n = (int32_t)(x * 0x1.45f306dc9c883p+3 + copysign(0.5, x));
    uint32_t m = (uint32_t)(n + first) & 63, k = m & 31;
    const double *t = sines[k > 16 ? 32 - k : k];
    double s_sign = m < 32 ? 1 : -1, c_sign = m > 16 && m < 48 ? -1 : 1;
    double c_hl = c_sign * t[0], s_hi = s_sign * t[1], s_lo = s_sign * t[2];
    double sigma = c_sign * t[3], dn = n;
    /* the argument less n * pi/32, in two parts */
    double m2 = dn * 0x1.0b4611a6p-38;
    double r1 = x - dn * 0x1.921fb544p-4, r = r1 - m2;
    double minus_c = dn * 0x1.3198a2e037073p-73 - ((r1 - r) - m2) - lo;
    double r2 = r * r, r4 = r2 * r2, c = c_hl + sigma;
    double corr = minus_c * (s_hi * r - c);
    /* sin(r) - r and cos(r) - 1 */
    double s_poly = (-0x1.5555555555555p-3 + 0x1.1111111111111p-7 * r2) +
                    (-0x1.a01a01a01a01ap-13 + 0x1.71de3a556c734p-19 * r1 * r) * r4;
    double c_poly = (-0.5 + 0x1.5555555555555p-5 * r2) +
                    (-0x1.6c16c16c16c17p-10 + 0x1.a01a01a01a01ap-16 * r1 * r) * r4;
    double rs = sigma * r, high = s_hi + rs, med = c_hl * r, result = high + med;
    double rest = corr + s_lo;
    rest += (s_hi - high) + rs;
    rest += (high - result) + med;
    rest += s_poly * (c * r * r2);
    rest += c_poly * (s_hi * r2);
    return result + rest;
}

/* first: 0 for the sine, 16 for the cosine. */
static double sine_or_cosine(double x, int32_t first)
{
    if (x - x != 0) {
        return (double)NAN;
    }
    int32_t top = high_word(x) & 0x7fff0000;
    if (top > 0x40f50000) {
        Remainder r = java_reduce_huge(x, 29);
        return sine_of(r.hi, r.lo, first + 8 * r.units);
    }
    if (top < 0x30300000) {
        return first ? 1 : x;
    }
    return sine_of(x, 0, first);
}

double java_sin(double x)
{
    return sine_or_cosine(x, 0);
}

double java_cos(double x)
{
    return sine_or_cosine(x, 16);
}
