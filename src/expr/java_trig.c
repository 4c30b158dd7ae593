/*
 * java_trig.c - trigonometric functions and their inverses as Java has them.
 *
 * The inverses' methods and constants are those that Sun published with fdlibm 5.3 (1993); see
 * java_math.c.
 *
 * Threads: no state.
 */
#include "expr/java_math.h"

#include <math.h>
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
