/*
 * java_math.c - exponentials, logarithms, powers, roots and hyperbolic functions as StrictMath has
 * them.
 *
 * The methods and constants are those that Sun published with fdlibm 5.3 (1993), which Java's
 * StrictMath is defined by: reduce the argument, a minimax polynomial or rational function, put
 * together again. The order of the operations is part of the method: each rounds. Where a
 * threshold is a hexadecimal number, it is compared with the high word of the argument: sign,
 * exponent and 20 bits of the fraction.
 *
 * Threads: no state.
 */
#include "expr/java_math.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* ---- words of doubles ---- */

static inline uint64_t bits_of(double x)
{
    uint64_t b;
    memcpy(&b, &x, sizeof(b));
    return b;
}

static inline double of_bits(uint64_t b)
{
    double x;
    memcpy(&x, &b, sizeof(x));
    return x;
}

static inline int32_t high_word(double x)
{
    return (int32_t)(uint32_t)(bits_of(x) >> 32);
}

static inline double of_high(int32_t high)
{
    return of_bits((uint64_t)(uint32_t)high << 32);
}

static inline double with_high(double x, int32_t high)
{
    return of_bits((uint64_t)(uint32_t)high << 32 | (bits_of(x) & 0xffffffffu));
}

/* Without its low word: so many zeros behind that products of two of these are exact. */
static inline double chopped(double x)
{
    return of_bits(bits_of(x) & ~UINT64_C(0xffffffff));
}

/* x * 2^k where both are normal numbers. */
static inline double add_exponent(double x, int k)
{
    return of_bits(bits_of(x) + ((uint64_t)(int64_t)k << 52));
}

#define LN2_HI 6.93147180369123816490e-01 /* 0x3fe62e42 fee00000 */
#define LN2_LO 1.90821492927058770002e-10 /* 0x3dea39ef 35793c76 */
#define INV_LN2 1.44269504088896338700e+00
#define EXP_OVERFLOW 7.09782712893383973096e+02
#define EXP_UNDERFLOW (-7.45133219101941108420e+02)
#define TWO54 18014398509481984.0

/* ---- exp, expm1 ---- */

/* x - x^2 * P(x^2), by which exp is 1 + 2x / (c - 2) … */
static double exp_poly(double x)
{
    double t = x * x;
    return x - t * (1.66666666666666019037e-01 +
                    t * (-2.77777777770155933842e-03 +
                         t * (6.61375632143793436117e-05 +
                              t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))));
}

/* x = k * ln2 + hi - lo, for |x| over ln2 / 2; from 1.5 ln2 on k is rounded. */
static int reduce_by_ln2(double x, double *hi, double *lo)
{
    bool negative = x < 0;
    if ((high_word(x) & 0x7fffffff) < 0x3ff0a2b2) {
        *hi = negative ? x + LN2_HI : x - LN2_HI;
        *lo = negative ? -LN2_LO : LN2_LO;
        return negative ? -1 : 1;
    }
    int k = (int)(INV_LN2 * x + (negative ? -0.5 : 0.5));
    double t = k;
    *hi = x - t * LN2_HI;
    *lo = t * LN2_LO;
    return k;
}

double java_exp(double x)
{
    int32_t ix = high_word(x) & 0x7fffffff;
    if (x != x) {
        return x;
    }
    if (x > EXP_OVERFLOW) {
        return HUGE_VAL;
    }
    if (x < EXP_UNDERFLOW) {
        return 0;
    }
    if (ix <= 0x3fd62e42) {
        if (ix < 0x3e300000) {
            return 1 + x;
        }
        double c = exp_poly(x);
        return 1 - ((x * c) / (c - 2) - x);
    }
    double hi, lo;
    int k = reduce_by_ln2(x, &hi, &lo);
    x = hi - lo;
    double c = exp_poly(x);
    double y = 1 - ((lo - (x * c) / (2 - c)) - hi);
    if (k >= -1021) {
        return add_exponent(y, k);
    }
    return add_exponent(y, k + 1000) * 0x1p-1000;
}

/* exp(k * ln2 + x - c) - 1 where x * e - x^2 / 2 stands for exp(x) - 1 - x. */
static double expm1_scale(double x, double e, int k)
{
    double y;
    if (k == -1) {
        return 0.5 * (x - e) - 0.5;
    }
    if (k == 1) {
        return x < -0.25 ? -2 * (e - (x + 0.5)) : 1 + 2 * (x - e);
    }
    if (k <= -2 || k > 56) {
        y = 1 - (e - x);
        return add_exponent(y, k) - 1;
    }
    if (k < 20) {
        double t = of_high(0x3ff00000 - (0x200000 >> k)); /* 1 - 2^-k */
        y = t - (e - x);
    } else {
        double t = of_high((0x3ff - k) << 20); /* 2^-k */
        y = x - (e + t);
        y += 1;
    }
    return add_exponent(y, k);
}

double java_expm1(double x)
{
    int32_t ix = high_word(x) & 0x7fffffff;
    if (x != x) {
        return x;
    }
    if (x > EXP_OVERFLOW) {
        return HUGE_VAL;
    }
    if (x < 0 && ix >= 0x4043687a) { /* beyond 56 ln2 nothing is left of exp(x) */
        return -1;
    }
    double c = 0;
    int k = 0;
    if (ix > 0x3fd62e42) {
        double hi, lo;
        k = reduce_by_ln2(x, &hi, &lo);
        x = hi - lo;
        c = (hi - x) - lo;
    } else if (ix < 0x3c900000) {
        return x;
    }
    double half = 0.5 * x, hxs = x * half;
    double r1 = 1 + hxs * (-3.33333333333331316428e-02 +
                           hxs * (1.58730158725481460165e-03 +
                                  hxs * (-7.93650757867487942473e-05 +
                                         hxs * (4.00821782732936239552e-06 +
                                                hxs * -2.01099218183624371326e-07))));
    double t = 3 - r1 * half;
    double e = hxs * ((r1 - t) / (6 - x * t));
    if (k == 0) {
        return x - (x * e - hxs);
    }
    e = x * (e - c) - c;
    e -= hxs;
    return expm1_scale(x, e, k);
}

/* ---- logarithms ---- */

/* Coefficients of log(1 + f) - f = -(f^2 / 2 - s * (f^2 / 2 + R(s^2))), s = f / (2 + f). */
static const double log_c[] = {6.666666666666735130e-01, 3.999999999940941908e-01,
                               2.857142874366239149e-01, 2.222219843214978396e-01,
                               1.818357216161805012e-01, 1.531383769920937332e-01,
                               1.479819860511658591e-01};

/* log(2^k * (1 + f)); near a power of two that is done by the start of the series. */
static double log_series(double f, double k)
{
    if (f == 0) {
        return k == 0 ? 0 : k * LN2_HI + k * LN2_LO;
    }
    double r = f * f * (0.5 - 0.33333333333333333 * f);
    return k == 0 ? f - r : k * LN2_HI - ((r - k * LN2_LO) - f);
}

double java_log(double x)
{
    int k = 0;
    int32_t hx = high_word(x);
    if (hx < 0x00100000) {
        if (x == 0) {
            return -HUGE_VAL;
        }
        if (hx < 0) {
            return (double)NAN;
        }
        k -= 54;
        x *= TWO54;
        hx = high_word(x);
    }
    if (hx >= 0x7ff00000) {
        return x;
    }
    k += (hx >> 20) - 1023;
    hx &= 0x000fffff;
    int32_t i = (hx + 0x95f64) & 0x100000;
    x = with_high(x, hx | (i ^ 0x3ff00000)); /* between sqrt(2) / 2 and sqrt(2) */
    k += i >> 20;
    double f = x - 1, dk = k;
    if ((0x000fffff & (2 + hx)) < 3) {
        return log_series(f, dk);
    }
    double s = f / (2 + f), z = s * s, w = z * z;
    double t1 = w * (log_c[1] + w * (log_c[3] + w * log_c[5]));
    double t2 = z * (log_c[0] + w * (log_c[2] + w * (log_c[4] + w * log_c[6])));
    double r = t2 + t1;
    if (((hx - 0x6147a) | (0x6b851 - hx)) > 0) {
        double half_square = 0.5 * f * f;
        return k == 0 ? f - (half_square - s * (half_square + r))
                      : dk * LN2_HI - ((half_square - (s * (half_square + r) + dk * LN2_LO)) - f);
    }
    return k == 0 ? f - s * (f - r) : dk * LN2_HI - ((s * (f - r) - dk * LN2_LO) - f);
}

double java_log10(double x)
{
    int k = 0;
    int32_t hx = high_word(x);
    if (hx < 0x00100000) {
        if (x == 0) {
            return -HUGE_VAL;
        }
        if (hx < 0) {
            return (double)NAN;
        }
        k -= 54;
        x *= TWO54;
        hx = high_word(x);
    }
    if (hx >= 0x7ff00000) {
        return x;
    }
    k += (hx >> 20) - 1023;
    int i = k < 0;
    double y = k + i;
    x = with_high(x, (hx & 0x000fffff) | ((0x3ff - i) << 20));
    double z = y * 3.69423907715893078616e-13 + 4.34294481903251816668e-01 * java_log(x);
    return z + y * 3.01029995663611771306e-01;
}

/* 1 + x = 2^k * (1 + *f), and *c what the sum has lost, relative to it. *hu is the fraction's high
 * part. */
static int log1p_reduce(double x, double *f, double *c, int32_t *hu)
{
    double u = x;
    *c = 0;
    if (high_word(x) < 0x43400000) {
        u = 1 + x;
    }
    int k = (high_word(u) >> 20) - 1023;
    if (high_word(x) < 0x43400000) {
        *c = k > 0 ? 1 - (u - x) : x - (u - 1);
        *c /= u;
    }
    int32_t high = high_word(u) & 0x000fffff;
    if (high < 0x6a09e) {
        u = with_high(u, high | 0x3ff00000);
    } else {
        k++;
        u = with_high(u, high | 0x3fe00000);
        high = (0x00100000 - high) >> 2;
    }
    *f = u - 1;
    *hu = high;
    return k;
}

double java_log1p(double x)
{
    int32_t hx = high_word(x), ax = hx & 0x7fffffff, hu = 1;
    if (x <= -1) {
        return x == -1 ? -HUGE_VAL : (double)NAN;
    }
    if (hx >= 0x7ff00000 || x != x) {
        return x;
    }
    if (ax < 0x3e200000) {
        return ax < 0x3c900000 ? x : x - x * x * 0.5;
    }
    double f = x, c = 0;
    int k = 0;
    bool near_one = hx < 0x3fda827a && (hx > 0 || hx <= (int32_t)0xbfd2bec3);
    if (!near_one) {
        k = log1p_reduce(x, &f, &c, &hu);
    }
    double half_square = 0.5 * f * f, dk = k;
    if (hu == 0) {
        if (f == 0) {
            c += dk * LN2_LO;
            return k == 0 ? 0 : dk * LN2_HI + c;
        }
        double r = half_square * (1 - 0.66666666666666666 * f);
        return k == 0 ? f - r : dk * LN2_HI - ((r - (dk * LN2_LO + c)) - f);
    }
    double s = f / (2 + f), z = s * s;
    double r = log_c[6];
    for (int i = 5; i >= 0; i--) {
        r = log_c[i] + z * r;
    }
    r = z * r;
    return k == 0 ? f - (half_square - s * (half_square + r))
                  : dk * LN2_HI - ((half_square - (s * (half_square + r) + (dk * LN2_LO + c))) - f);
}

/* ---- pow ---- */

/* 0: y is not an integer, 1: odd, 2: even. */
static int parity(double y)
{
    double a = fabs(y);
    if (a >= 0x1p53) {
        return 2;
    }
    if (a != floor(a)) {
        return 0;
    }
    return fmod(a, 2) == 1 ? 1 : 2;
}

/* pow where it needs no logarithm; false: it does, and x and y are finite and x is neither 0 nor 1
 * nor a negative number with a fraction in y. */
static bool pow_special(double x, double y, double *ret)
{
    double ax = fabs(x);
    if (y == 0) {
        *ret = 1;
    } else if (x != x || y != y || (ax == 1 && isinf(y))) {
        *ret = (double)NAN;
    } else if (isinf(y)) {
        *ret = (ax > 1) == (y > 0) ? HUGE_VAL : 0;
    } else if (y == 1 || y == 2) {
        *ret = y == 1 ? x : x * x;
    } else if (y == -1) {
        *ret = 1 / x;
    } else if (y == 0.5 && !isinf(x)) {
        *ret = sqrt(x + 0.0);
    } else if (ax == 0 || ax == 1 || isinf(x)) {
        double z = y < 0 ? 1 / ax : ax;
        int p = parity(y);
        *ret = !signbit(x) ? z : ax == 1 && p == 0 ? (double)NAN : p == 1 ? -z : z;
    } else if (x < 0 && parity(y) == 0) {
        *ret = (double)NAN;
    } else {
        return false;
    }
    return true;
}

/* log2(ax) = *t1 + *t2, where |y| is so large that only an ax near 1 does not overflow. */
static void log2_near_one(double ax, double *t1, double *t2)
{
    double t = ax - 1;
    double w = (t * t) * (0.5 - t * (0.3333333333333333333333 - t * 0.25));
    double u = 1.44269502162933349609e+00 * t; /* the first 24 bits of 1 / ln2 */
    double v = t * 1.92596299112661746887e-08 - w * INV_LN2;
    *t1 = chopped(u + v);
    *t2 = v - (*t1 - u);
}

static void log2_split(double ax, double *t1, double *t2)
{
    static const double bp[] = {1.0, 1.5}, dp_h[] = {0.0, 5.84962487220764160156e-01},
                        dp_l[] = {0.0, 1.35003920212974897128e-08};
    int n = 0, k;
    int32_t ix = high_word(ax);
    if (ix < 0x00100000) {
        ax *= 9007199254740992.0;
        n -= 53;
        ix = high_word(ax);
    }
    n += (ix >> 20) - 0x3ff;
    int32_t j = ix & 0x000fffff;
    ix = j | 0x3ff00000;
    if (j <= 0x3988E) { /* below sqrt(3/2) */
        k = 0;
    } else if (j < 0xBB67A) { /* below sqrt(3) */
        k = 1;
    } else {
        k = 0;
        n++;
        ix -= 0x00100000;
    }
    ax = with_high(ax, ix);
    /* s = s_h + s_l = (ax - bp) / (ax + bp) */
    double u = ax - bp[k], v = 1 / (ax + bp[k]);
    double s = u * v, s_h = chopped(s);
    double t_h = of_high(((ix >> 1) | 0x20000000) + 0x00080000 + (k << 18));
    double t_l = ax - (t_h - bp[k]);
    double s_l = v * ((u - s_h * t_h) - s_h * t_l);
    double s2 = s * s;
    double r =
        s2 * s2 *
        (5.99999999999994648725e-01 +
         s2 * (4.28571428578550184252e-01 +
               s2 * (3.33333329818377432918e-01 +
                     s2 * (2.72728123808534006489e-01 +
                           s2 * (2.30660745775561754067e-01 + s2 * 2.06975017800338417784e-01)))));
    r += s_l * (s_h + s);
    s2 = s_h * s_h;
    t_h = chopped(3 + s2 + r);
    t_l = r - ((t_h - 3) - s2);
    u = s_h * t_h;
    v = s_l * t_h + t_l * s;
    double p_h = chopped(u + v), p_l = v - (p_h - u);
    /* times 2 / (3 ln2), in two parts */
    double z_h = 9.61796700954437255859e-01 * p_h;
    double z_l = -7.02846165095275826516e-09 * p_h + p_l * 9.61796693925975554329e-01 + dp_l[k];
    double t = n;
    *t1 = chopped(((z_h + z_l) + dp_h[k]) + t);
    *t2 = z_l - (((*t1 - t) - dp_h[k]) - z_h);
}

/* sign * 2^(p_h + p_l) */
static double exp2_split(double sign, double p_h, double p_l)
{
    double z = p_l + p_h;
    int32_t j = high_word(z), i = j & 0x7fffffff;
    int n = 0;
    if (z >= 1024 && (z > 1024 || p_l + 8.0085662595372944372e-17 > z - p_h)) {
        return sign * HUGE_VAL;
    }
    if (z <= -1075 && (z < -1075 || p_l <= z - p_h)) {
        return sign * 0.0;
    }
    if (i > 0x3fe00000) { /* |z| over a half: n = z rounded */
        int k = (i >> 20) - 0x3ff;
        n = j + (0x00100000 >> (k + 1));
        k = ((n & 0x7fffffff) >> 20) - 0x3ff;
        double t = of_high(n & ~(0x000fffff >> k));
        n = ((n & 0x000fffff) | 0x00100000) >> (20 - k);
        if (j < 0) {
            n = -n;
        }
        p_h -= t;
    }
    double t = chopped(p_l + p_h);
    double u = t * 6.93147182464599609375e-01;
    double v = (p_l - (t - p_h)) * 6.93147180559945286227e-01 + t * -1.90465429995776804525e-09;
    z = u + v;
    double w = v - (z - u);
    double t1 = exp_poly(z);
    double r = (z * t1) / (t1 - 2) - (w + z * w);
    z = 1 - (r - z);
    if ((high_word(z) >> 20) + n <= 0) {
        return sign * scalbn(z, n); /* subnormal */
    }
    return sign * add_exponent(z, n);
}

double java_pow(double x, double y)
{
    double special, t1, t2, ax = fabs(x);
    if (pow_special(x, y, &special)) {
        return special;
    }
    double sign = x < 0 && parity(y) == 1 ? -1 : 1;
    int32_t ix = high_word(ax), iy = high_word(fabs(y));
    if (iy > 0x41e00000) { /* |y| over 2^31 */
        bool far = iy > 0x43f00000;
        if (ix < 0x3fefffff || (far && ix <= 0x3fefffff)) {
            return y < 0 ? sign * HUGE_VAL : sign * 0.0;
        }
        if (ix > 0x3ff00000 || (far && ix >= 0x3ff00000)) {
            return y > 0 ? sign * HUGE_VAL : sign * 0.0;
        }
        log2_near_one(ax, &t1, &t2);
    } else {
        log2_split(ax, &t1, &t2);
    }
    double y1 = chopped(y);
    double p_l = (y - y1) * t1 + y * t2, p_h = y1 * t1;
    return exp2_split(sign, p_h, p_l);
}

/* ---- roots ---- */

double java_cbrt(double x)
{
    if (x == 0 || x - x != 0) {
        return x;
    }
    double ax = fabs(x), t;
    if (high_word(ax) < 0x00100000) {
        t = of_high(high_word(ax * TWO54) / 3 + 696219795);
    } else {
        t = of_high(high_word(ax) / 3 + 715094163);
    }
    /* from 5 bits to 23 */
    double r = t * t / ax;
    double s = 5.42857142857142815906e-01 + r * t;
    t *= 3.57142857142857150787e-01 +
         1.60714285714285720630e+00 /
             (s + 1.41428571428571436819e+00 + -7.05306122448979611050e-01 / s);
    /* to 20 bits, upwards, and by a step of Newton's to 53 */
    t = of_high(high_word(t) + 1);
    s = t * t;
    r = ax / s;
    double w = t + t;
    r = (r - t) / (w + r);
    t = t + t * r;
    return copysign(t, x);
}

/* sqrt(a^2 + b^2) of a >= b of a middling size. */
static double hypot_medium(double a, double b)
{
    double w = a - b;
    if (w > b) {
        double t1 = chopped(a), t2 = a - t1;
        return sqrt(t1 * t1 - (b * (-b) - t2 * (a + t1)));
    }
    double t1 = of_high(high_word(a) + 0x00100000), y1 = chopped(b), y2 = b - y1;
    a = a + a;
    double t2 = a - t1;
    return sqrt(t1 * y1 - (w * (-w) - (t1 * y2 + t2 * b)));
}

double java_hypot(double x, double y)
{
    double a = fabs(x), b = fabs(y);
    if (isinf(a) || isinf(b)) {
        return HUGE_VAL;
    }
    if (x != x || y != y) {
        return (double)NAN;
    }
    if (high_word(b) > high_word(a)) {
        double t = a;
        a = b;
        b = t;
    }
    if (high_word(a) - high_word(b) > 0x3c00000) { /* 2^60 apart */
        return a + b;
    }
    int k = 0;
    if (high_word(a) > 0x5f300000) {
        a *= 0x1p-600;
        b *= 0x1p-600;
        k += 600;
    }
    if (high_word(b) < 0x20b00000) {
        if (b < 0x1p-1022) {
            if (b == 0) {
                return a;
            }
            a *= 0x1p1022;
            b *= 0x1p1022;
            k -= 1022;
        } else {
            a *= 0x1p600;
            b *= 0x1p600;
            k -= 600;
        }
    }
    double w = hypot_medium(a, b);
    return k == 0 ? w : of_high(0x3ff00000 + k * (1 << 20)) * w;
}

/* ---- hyperbolic functions ---- */

#define COSH_OVERFLOW 7.10475860073943863426e+02 /* 0x408633ce 8fb9f87d */

double java_sinh(double x)
{
    int32_t ix = high_word(x) & 0x7fffffff;
    double h = x < 0 ? -0.5 : 0.5, ax = fabs(x);
    if (x - x != 0) {
        return x;
    }
    if (ix < 0x40360000) { /* 22 */
        if (ix < 0x3e300000) {
            return x;
        }
        double t = java_expm1(ax);
        return ix < 0x3ff00000 ? h * (2 * t - t * t / (t + 1)) : h * (t + t / (t + 1));
    }
    if (ix < 0x40862e42) {
        return h * java_exp(ax);
    }
    if (ax <= COSH_OVERFLOW) {
        double w = java_exp(0.5 * ax);
        return h * w * w;
    }
    return copysign(HUGE_VAL, x);
}

double java_cosh(double x)
{
    int32_t ix = high_word(x) & 0x7fffffff;
    double ax = fabs(x);
    if (x - x != 0) {
        return x * x;
    }
    if (ix < 0x3fd62e43) { /* ln2 / 2 */
        double t = java_expm1(ax), w = 1 + t;
        return ix < 0x3c800000 ? w : 1 + (t * t) / (w + w);
    }
    if (ix < 0x40360000) {
        double t = java_exp(ax);
        return 0.5 * t + 0.5 / t;
    }
    if (ix < 0x40862e42) {
        return 0.5 * java_exp(ax);
    }
    if (ax <= COSH_OVERFLOW) {
        double w = java_exp(0.5 * ax), t = 0.5 * w;
        return t * w;
    }
    return HUGE_VAL;
}

double java_tanh(double x)
{
    int32_t ix = high_word(x) & 0x7fffffff;
    double ax = fabs(x), z;
    if (x != x) {
        return x;
    }
    if (ix < 0x3c800000) {
        return x * (1 + x);
    }
    if (ix >= 0x40360000) {
        z = 1;
    } else if (ix >= 0x3ff00000) {
        double t = java_expm1(2 * ax);
        z = 1 - 2 / (t + 2);
    } else {
        double t = java_expm1(-2 * ax);
        z = -t / (t + 2);
    }
    return x < 0 ? -z : z;
}
