/*
 * number_format.c - double and float to text, as Java 17's Double.toString and Float.toString.
 *
 * Whole numbers below 2^63 are printed from the integer; digits that a double (float) can't tell
 * apart are rounded away in whole decimal places only, so that 2^57 shows 18 digits.
 *
 * Everything else gets the shortest digits that lie strictly inside the interval of numbers that
 * round to the value, of those the closest. Java 17's peculiarities (later versions differ):
 *   - where the mantissa is a power of two it takes the smaller of the two half gaps for both
 *     sides: 2^-44 is 5.6843418860808015E-14 and the least normal float 1.17549435E-38;
 *   - when the upper end of the interval is itself the short decimal, it counts as inside where
 *     Java calculates in big integers (above 2^86; no smaller number can meet its end);
 *   - from 2^63 to there an overflow of its 64-bit integers shows: long_digits();
 *   - numbers with an exponent have at least two digits, which shows in subnormals: 4.9E-324.
 * From 10^-3 to below 10^7 the plain form is used, else one digit, a point, one or more digits, E.
 *
 * The digits come from Schubfach (R. Giulietti, "The Schubfach way to render doubles", 2020): with
 * v = c * 2^q and k = floor(log10(2^q)), the ends and the middle of the interval times 10^-k are
 * made from a 128-bit power of ten and rounded to odd, so that comparisons stay exact. Doubling c
 * brings a power of two to the symmetric case. Floats use the same code with their c and q.
 */
#include "column/number.h"
#include "column/pow10.h"

#include <math.h>

#define F64_MIN_EXP2 (-1074)
#define F32_MIN_EXP2 (-149)

/* v = c * 2^q; bits: the width of c in its format, fewer for subnormals. */
typedef struct Binary {
    uint64_t c;
    int q;
    int bits;
} Binary;

static inline int bit_length(uint64_t v)
{
    return 64 - __builtin_clzll(v);
}

/* The high 64 of the 192 bits of g * cp, with everything below folded into the last bit. */
static inline uint64_t round_to_odd(Pow10 g, uint64_t cp)
{
    unsigned __int128 x = (unsigned __int128)g.lo * cp;
    unsigned __int128 y = (unsigned __int128)g.hi * cp + (uint64_t)(x >> 64);
    return (uint64_t)(y >> 64) | ((uint64_t)y > 1);
}

/* 10^k rounded up where it is not exact; the table rounds down outside -27..55. */
static inline Pow10 pow10_ceil(int k)
{
    Pow10 g = pow10_128(k);
    if (k < -27 || k > 55) {
        g.lo++; /* never carries: checked by the test of all entries */
    }
    return g;
}

static uint64_t strip_zeros(uint64_t d, int32_t *exp10)
{
    if (d % 100000000 == 0) {
        d /= 100000000;
        *exp10 += 8;
    }
    while (d % 100 == 0) {
        d /= 100;
        *exp10 += 2;
    }
    if (d % 10 == 0) {
        d /= 10;
        *exp10 += 1;
    }
    return d;
}

static uint64_t schubfach(Binary v, int32_t *exp10)
{
    uint64_t c = v.c;
    int q = v.q;
    int scale = 0;
    if ((c & (c - 1)) == 0) {
        c *= 2;
        q--;
    }
    if (v.c < 8 && (v.q == F32_MIN_EXP2 || v.c == 1)) {
        c *= 10; /* below 10 units of 10^k: ten times the value gives a second digit */
        scale = 1;
    }
    int k = (q * 1262611) >> 22; /* floor(log10(2^q)) */
    int h = q + pow10_floor_log2(-k) + 1;
    Pow10 g = pow10_ceil(-k);
    uint64_t low = round_to_odd(g, (4 * c - 2) << h);
    uint64_t mid = round_to_odd(g, (4 * c) << h);
    uint64_t high = round_to_odd(g, (4 * c + 2) << h);
    uint64_t s = mid / 4;
    uint64_t s10 = s / 10;
    *exp10 = k - scale;
    low++; /* the ends do not count, but for the upper one of large numbers */
    high -= v.q <= 0;
    if (s >= 96) { /* from 96 on Java takes a number of two digits for one of three */
        bool down = low <= 40 * s10, up = 40 * s10 + 40 <= high;
        if (down != up) {
            *exp10 += 1;
            return strip_zeros(s10 + up, exp10);
        }
    }
    bool down = low <= 4 * s, up = 4 * s + 4 <= high;
    if (down == up) {
        up = mid > 4 * s + 2 || (mid == 4 * s + 2 && (s & 1));
    }
    return strip_zeros(s + up, exp10);
}

/*
 * From 2^63 to about 2^86 Java 17 generates digits by division in 64-bit integers: v = b/s * 10^dec
 * with the half gap m. Its test for the upper end adds without a look at overflow, so some numbers
 * above 2^84 get the lower neighbour of the right digits; here are the same integers and the same
 * overflow. false: Java would not use 64 bits.
 */
static bool long_digits(Binary v, uint64_t *ret, int32_t *exp10)
{
    enum { FIRST = 18, LAST = 25 };
    static const struct {
        uint64_t power;
        int bits_of_next;
    } pow5[] = {{3814697265625, 45},     {19073486328125, 47},    {95367431640625, 49},
                {476837158203125, 52},   {2384185791015625, 54},  {11920928955078125, 56},
                {59604644775390625, 59}, {298023223876953125, 61}};
    int len = bit_length(v.c);
    int exp2 = v.q + len - 1;
    int used = len - __builtin_ctzll(v.c);
    double unit = ldexp((double)v.c, 1 - len); /* in [1, 2); the sum is Java's estimate of log10 */
    int dec = (int)floor((unit - 1.5) * 0.289529654 + 0.176091259 + exp2 * 0.301029995663981);
    int b2 = exp2 - (used - 1);
    int common = b2 < dec ? b2 : dec;
    int m2 = exp2 - v.bits - common - (used == 1);
    b2 -= common;
    int s2 = dec - common;
    if (m2 < 0) {
        b2 -= m2;
        s2 -= m2;
        m2 = 0;
    }
    if (dec < FIRST || dec > LAST || used + b2 >= 64 ||
        s2 + 1 + pow5[dec - FIRST].bits_of_next >= 64) {
        return false;
    }
    uint64_t b = v.c >> (len - used) << b2, s = pow5[dec - FIRST].power << s2;
    uint64_t m = UINT64_C(1) << m2, tens = 10 * s, digits = 0;
    bool low = false, high = false;
    int n = 0;
    while (!low && !high) {
        digits = digits * 10 + b / s;
        b = 10 * (b % s);
        m *= 10;
        low = b < m || (int64_t)m <= 0;
        high = (int64_t)(b + m) > (int64_t)tens || (int64_t)m <= 0;
        if (n == 0) {
            if (digits == 0 && !high) {
                dec--;
                n--;
            }
            low = high = false; /* at least two digits */
        }
        n++;
    }
    if (high && (!low || b * 2 > tens || (b * 2 == tens && (digits & 1)))) {
        digits++;
    }
    *exp10 = dec - (n - 1);
    *ret = strip_zeros(digits, exp10);
    return true;
}

/* A whole number below 2^63. */
static uint64_t whole_digits(Binary v, int32_t *exp10)
{
    uint64_t n = v.q >= 0 ? v.c << v.q : v.c >> -v.q;
    int spare = v.q + bit_length(v.c) - 1 - v.bits - 1;
    *exp10 = 0;
    if (spare > 1) {
        int drop = (spare * 1233) >> 12; /* floor(spare * log10(2)) for spare < 40 */
        uint64_t unit = 1;
        for (int i = 0; i < drop; i++) {
            unit *= 10;
        }
        if (drop > 0) {
            n = n / unit + (n % unit >= unit / 2);
            *exp10 = drop;
        }
    }
    return strip_zeros(n, exp10);
}

static inline uint64_t java_digits(Binary v, int32_t *exp10)
{
    int exp2 = v.q + bit_length(v.c) - 1;
    if (exp2 <= 62 && exp2 >= 0 && (v.q >= 0 || __builtin_ctzll(v.c) >= -v.q)) {
        return whole_digits(v, exp10);
    }
    uint64_t digits;
    if (exp2 >= 63 && exp2 < 90 && long_digits(v, &digits, exp10)) {
        return digits;
    }
    return schubfach(v, exp10);
}

static Binary split_f64(uint64_t bits)
{
    uint64_t c = bits & ((UINT64_C(1) << 52) - 1);
    int e = (int)(bits >> 52 & 0x7FF);
    if (e == 0) {
        return (Binary){c, F64_MIN_EXP2, bit_length(c)};
    }
    return (Binary){c | UINT64_C(1) << 52, e - 1075, 53};
}

static Binary split_f32(uint32_t bits)
{
    uint64_t c = bits & ((1u << 23) - 1);
    int e = (int)(bits >> 23 & 0xFF);
    if (e == 0) {
        return (Binary){c, F32_MIN_EXP2, bit_length(c)};
    }
    return (Binary){c | 1u << 23, e - 150, 24};
}

/*
 * Numbers of at most three decimals and 15 digits, as most data has: if n / 1000 is v, n are the
 * digits, since no two numbers of 15 digits are the same double.
 */
static inline bool short_digits(double v, uint64_t *ret, int32_t *exp10)
{
    if (!(v >= 1e-3 && v < 1e12)) {
        return false;
    }
    int64_t n = (int64_t)(v * 1000 + 0.5);
    if ((double)n / 1000 != v) {
        return false;
    }
    *exp10 = -3;
    *ret = strip_zeros((uint64_t)n, exp10);
    return true;
}

uint64_t num_shortest_f64(double v, int32_t *exp10)
{
    uint64_t bits, digits;
    if (short_digits(v, &digits, exp10)) {
        return digits;
    }
    memcpy(&bits, &v, sizeof(bits));
    return java_digits(split_f64(bits), exp10);
}

uint64_t num_shortest_f32(float v, int32_t *exp10)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof(bits));
    return java_digits(split_f32(bits), exp10);
}

static size_t put_word(char *buf, const char *word)
{
    size_t n = strlen(word);
    memcpy(buf, word, n);
    return n;
}

static char *put_exponent(int e, char *p)
{
    *p++ = 'E';
    if (e < 0) {
        *p++ = '-';
        e = -e;
    }
    if (e >= 100) {
        *p++ = (char)('0' + e / 100);
    }
    if (e >= 10) {
        *p++ = (char)('0' + e / 10 % 10);
    }
    *p++ = (char)('0' + e % 10);
    return p;
}

/* digits * 10^exp10 in Java's form. */
static size_t put_java(uint64_t digits, int32_t exp10, char *buf)
{
    char d[NUM_I64_TEXT_MAX];
    int n = (int)num_format_u64(digits, d);
    int point = n + exp10; /* digits before the point */
    char *p = buf;
    if (point > 7 || point < -2) {
        *p++ = d[0];
        *p++ = '.';
        if (n == 1) {
            *p++ = '0';
        } else {
            memcpy(p, d + 1, (size_t)n - 1);
            p += n - 1;
        }
        return (size_t)(put_exponent(point - 1, p) - buf);
    }
    if (point <= 0) {
        memcpy(p, "0.00", 4);
        p += 2 - point;
        memcpy(p, d, (size_t)n);
        return (size_t)(p - buf) + (size_t)n;
    }
    if (n <= point) {
        memcpy(p, d, (size_t)n);
        memset(p + n, '0', (size_t)(point - n));
        memcpy(p + point, ".0", 2);
        return (size_t)point + 2;
    }
    memcpy(p, d, (size_t)point);
    p[point] = '.';
    memcpy(p + point + 1, d + point, (size_t)(n - point));
    return (size_t)n + 1;
}

size_t num_format_f64(double v, char buf[static NUM_F64_TEXT_MAX])
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    uint64_t magnitude = bits & (UINT64_MAX >> 1);
    bool negative = bits >> 63;
    if (magnitude > UINT64_C(0x7FF) << 52) {
        return put_word(buf, "NaN");
    }
    if (magnitude == UINT64_C(0x7FF) << 52) {
        return put_word(buf, negative ? "-Infinity" : "Infinity");
    }
    buf[0] = '-';
    if (magnitude == 0) {
        return negative + put_word(buf + negative, "0.0");
    }
    int32_t exp10;
    uint64_t digits = num_shortest_f64(fabs(v), &exp10);
    return negative + put_java(digits, exp10, buf + negative);
}

size_t num_format_f32(float v, char buf[static NUM_F32_TEXT_MAX])
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof(bits));
    uint32_t magnitude = bits & (UINT32_MAX >> 1);
    bool negative = bits >> 31;
    if (magnitude > 0xFFu << 23) {
        return put_word(buf, "NaN");
    }
    if (magnitude == 0xFFu << 23) {
        return put_word(buf, negative ? "-Infinity" : "Infinity");
    }
    buf[0] = '-';
    if (magnitude == 0) {
        return negative + put_word(buf + negative, "0.0");
    }
    int32_t exp10;
    uint64_t digits = java_digits(split_f32(magnitude), &exp10);
    return negative + put_java(digits, exp10, buf + negative);
}

void num_cut_digits(char *d, int32_t *n, int32_t *point, int64_t keep, bool up)
{
    *n = keep > 0 ? (int32_t)keep : 0;
    if (!up) {
        return;
    }
    int32_t i = *n - 1;
    while (i >= 0 && d[i] == '9') {
        d[i--] = '0';
    }
    if (i >= 0) {
        d[i]++;
        return;
    }
    d[0] = '1'; /* 9.99 became 10.0 */
    *n = *n ? *n : 1;
    ++*point;
}
