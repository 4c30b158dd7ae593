/*
 * decimal.c - decimals from and to text, other numbers and bytes.
 *
 * Text follows java.math.BigDecimal: the constructor's grammar on the way in (with String.trim),
 * toPlainString and toString on the way out. Nothing here needs more than 128 bits: what is read is
 * cut to the digits that the target scale keeps before it becomes a number.
 */
#include "column/decimal.h"
#include "column/number.h"

#include <math.h>

#define P19 ((uint128_t)10000000000000000000u)

const uint128_t dec_pow10[DEC_MAX_PRECISION + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    P19,
    P19 * 10,
    P19 * 100,
    P19 * 1000,
    P19 * 10000,
    P19 * 100000,
    P19 * 1000000,
    P19 * 10000000,
    P19 * 100000000,
    P19 * 1000000000,
    P19 * 10000000000,
    P19 * 100000000000,
    P19 * 1000000000000,
    P19 * 10000000000000,
    P19 * 100000000000000,
    P19 * 1000000000000000,
    P19 * 10000000000000000,
    P19 * 100000000000000000,
    P19 * 1000000000000000000,
    P19 *P19,
};

static inline uint128_t magnitude(int128_t v)
{
    return v < 0 ? 0 - (uint128_t)v : (uint128_t)v;
}

static inline int128_t with_sign(uint128_t v, bool negative)
{
    return (int128_t)(negative ? 0 - v : v);
}

int dec_precision(int128_t v)
{
    uint128_t a = magnitude(v);
    int n = a >= P19 ? 20 : 1;
    while (n <= DEC_MAX_PRECISION && a >= dec_pow10[n]) {
        n++;
    }
    return n;
}

/* ---- reading ---- */

/* Digits of a decimal text: value = 0.(digits) * 10^point. */
typedef struct DecText {
    const char *first, *end; /* from the first digit that is not 0; a point may be inside */
    int64_t digits;          /* of [first, end), without the point */
    int64_t point;
    int64_t scale; /* BigDecimal.scale() */
    bool negative;
} DecText;

static inline bool is_digit(char c)
{
    return (unsigned)(unsigned char)c - '0' <= 9;
}

static Str trim_java(Str s)
{
    while (s.n > 0 && (unsigned char)*s.p <= ' ') {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ') {
        s.n--;
    }
    return s;
}

/* [eE][+-]digits up to ten of them, to the end of the text. */
static bool scan_exponent(const char *p, const char *end, int64_t *ret)
{
    *ret = 0;
    if (p == end) {
        return true;
    }
    if ((*p | 32) != 'e') {
        return false;
    }
    p++;
    bool negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    if (p == end) {
        return false;
    }
    int64_t e = 0;
    for (; p < end; p++) {
        if (!is_digit(*p) || e > INT32_MAX) {
            return false;
        }
        e = e * 10 + (*p - '0');
    }
    *ret = negative ? -e : e;
    return e <= INT32_MAX;
}

static bool scan(Str s, DecText *t)
{
    s = trim_java(s);
    const char *p = s.p, *end = s.p + s.n;
    t->negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    const char *start = p, *dot = NULL;
    while (p < end && (is_digit(*p) || (*p == '.' && !dot))) {
        if (*p == '.') {
            dot = p;
        }
        p++;
    }
    int64_t fraction = dot ? p - dot - 1 : 0;
    int64_t n = p - start - (dot ? 1 : 0);
    int64_t exp;
    if (n == 0 || !scan_exponent(p, end, &exp)) {
        return false;
    }
    t->scale = fraction - exp;
    t->end = p;
    const char *first = start;
    while (first < p && (*first == '0' || *first == '.')) {
        first++;
    }
    t->first = first;
    t->digits = p - first - (dot && dot >= first ? 1 : 0);
    t->point = t->digits - t->scale;
    return t->scale <= INT32_MAX && t->scale >= INT32_MIN;
}

/* The first n digits as a number, n <= 38; zeros follow where the text has fewer. */
static uint128_t take_digits(const DecText *t, int64_t n, bool *ret_round_up)
{
    uint128_t v = 0;
    const char *c = t->first;
    int64_t i = 0;
    while (i < n && c < t->end) {
        uint64_t part = 0;
        int64_t from = i;
        while (i < n && i - from < 18 && c < t->end) {
            if (*c != '.') {
                part = part * 10 + (unsigned)(*c - '0');
                i++;
            }
            c++;
        }
        v = v * dec_pow10[i - from] + part;
    }
    if (i < n) {
        v *= dec_pow10[n - i];
    }
    if (c < t->end && *c == '.') {
        c++;
    }
    *ret_round_up = c < t->end && *c >= '5';
    return v;
}

static DecStatus from_text(const DecText *t, DecType type, int128_t *ret)
{
    int64_t kept = t->point + type.s;
    *ret = 0;
    if (t->digits == 0 || kept < 0) {
        return DEC_OK;
    }
    if (t->point > DEC_MAX_PRECISION) {
        return DEC_OUT_OF_RANGE;
    }
    if (kept > type.p) {
        return DEC_OVERFLOW;
    }
    bool up;
    uint128_t v = take_digits(t, kept, &up);
    v += up;
    *ret = with_sign(v, t->negative);
    return v < dec_pow10[type.p] ? DEC_OK : DEC_OVERFLOW;
}

/* Plain digits with at most 18 of them: most of what files hold. false: something else. */
static bool parse_short(Str s, DecType type, int128_t *ret)
{
    const char *p = s.p, *end = s.p + s.n;
    if (s.n == 0 || s.n > 19) {
        return false;
    }
    bool negative = *p == '-';
    p += negative;
    uint64_t v = 0;
    const char *start = p, *dot = NULL;
    for (; p < end; p++) {
        if (is_digit(*p)) {
            v = v * 10 + (unsigned)(*p - '0');
        } else if (*p == '.' && !dot) {
            dot = p;
        } else {
            return false;
        }
    }
    int64_t scale = dot ? end - dot - 1 : 0;
    int64_t digits = end - start - (dot ? 1 : 0);
    if (digits == 0 || digits > 18 || scale > type.s) {
        return false;
    }
    int shift = type.s - (int)scale;
    if (shift > 19) {
        return false;
    }
    uint128_t r = v * dec_pow10[shift];
    if (r >= dec_pow10[type.p]) {
        return false;
    }
    *ret = with_sign(r, negative);
    return true;
}

DecStatus dec_parse(Str s, DecType t, int128_t *ret)
{
    DecText text;
    if (parse_short(s, t, ret)) {
        return DEC_OK;
    }
    return scan(s, &text) ? from_text(&text, t, ret) : DEC_INVALID;
}

DecStatus dec_parse_natural(Str s, int128_t *ret, DecType *ret_type)
{
    DecText t;
    if (!scan(s, &t)) {
        return DEC_INVALID;
    }
    int64_t scale = t.scale < 0 ? 0 : t.scale;
    int64_t precision = (t.digits > 0 ? t.digits : 1) - (t.scale < 0 ? t.scale : 0);
    precision = precision < scale ? scale : precision;
    if (precision > DEC_MAX_PRECISION) {
        return DEC_OVERFLOW;
    }
    *ret_type = (DecType){(uint8_t)precision, (uint8_t)scale};
    return from_text(&t, *ret_type, ret);
}

/* ---- printing ---- */

/* The digits of v, no leading zeros. */
static size_t put_digits(uint128_t v, char buf[static 40])
{
    if (v <= UINT64_MAX) {
        return num_format_u64((uint64_t)v, buf);
    }
    uint128_t high = v / P19;
    uint64_t low = (uint64_t)(v % P19);
    size_t n = put_digits(high, buf); /* one level more: high has at most 20 digits */
    char digits[NUM_I64_TEXT_MAX];
    size_t k = num_format_u64(low, digits);
    memset(buf + n, '0', 19 - k);
    memcpy(buf + n + 19 - k, digits, k);
    return n + 19;
}

size_t dec_format(int128_t v, int scale, char buf[static DEC_TEXT_MAX])
{
    char digits[40];
    char *p = buf;
    int n = (int)put_digits(magnitude(v), digits);
    *p = '-';
    p += v < 0;
    if (n <= scale) {
        *p++ = '0';
        *p++ = '.';
        memset(p, '0', (size_t)(scale - n));
        p += scale - n;
        memcpy(p, digits, (size_t)n);
        return (size_t)(p - buf) + (size_t)n;
    }
    memcpy(p, digits, (size_t)(n - scale));
    p += n - scale;
    if (scale > 0) {
        *p++ = '.';
        memcpy(p, digits + n - scale, (size_t)scale);
        p += scale;
    }
    return (size_t)(p - buf);
}

size_t dec_format_sci(int128_t v, int scale, char buf[static DEC_TEXT_MAX])
{
    char digits[40];
    int n = (int)put_digits(magnitude(v), digits);
    int exp = n - 1 - scale;
    if (exp >= -6) {
        return dec_format(v, scale, buf);
    }
    char *p = buf;
    *p = '-';
    p += v < 0;
    *p++ = digits[0];
    if (n > 1) {
        *p++ = '.';
        memcpy(p, digits + 1, (size_t)n - 1);
        p += n - 1;
    }
    *p++ = 'E';
    *p++ = '-';
    exp = -exp;
    if (exp >= 10) {
        *p++ = (char)('0' + exp / 10);
    }
    *p++ = (char)('0' + exp % 10);
    return (size_t)(p - buf);
}

/* ---- scales ---- */

/* v / 10^k rounded, 0 <= k; larger k than 38 leaves less than half a unit. */
static uint128_t divide_rounded(uint128_t v, int k, bool negative, DecRound mode)
{
    uint128_t q = 0, rest = v;
    bool up = false;
    if (k <= DEC_MAX_PRECISION) {
        uint128_t unit = dec_pow10[k];
        q = v / unit;
        rest = v - q * unit;
        uint128_t half = unit / 2; /* exact but for k = 0, where rest is 0 */
        if (mode == DEC_HALF_UP) {
            up = rest >= half && k > 0;
        } else if (mode == DEC_HALF_EVEN) {
            up = rest > half || (rest == half && k > 0 && (q & 1));
        }
    }
    if (mode == DEC_CEILING) {
        up = rest > 0 && !negative;
    } else if (mode == DEC_FLOOR) {
        up = rest > 0 && negative;
    }
    return q + up;
}

bool dec_rescale(int128_t v, int from_scale, DecType to, DecRound mode, int128_t *ret)
{
    bool negative = v < 0;
    uint128_t a = magnitude(v);
    if (to.s >= from_scale) {
        int up = to.s - from_scale;
        if (up > to.p ? a > 0 : a >= dec_pow10[to.p - up]) {
            return false;
        }
        *ret = a == 0 ? 0 : with_sign(a * dec_pow10[up], negative);
        return true;
    }
    a = divide_rounded(a, from_scale - to.s, negative, mode);
    *ret = with_sign(a, negative);
    return a < dec_pow10[to.p];
}

bool dec_round(int128_t v, int scale, int digits, DecType to, DecRound mode, int128_t *ret)
{
    if (digits >= scale) {
        return dec_rescale(v, scale, to, mode, ret);
    }
    bool negative = v < 0;
    int64_t drop = (int64_t)scale - digits;
    uint128_t a = divide_rounded(magnitude(v), drop > 39 ? 39 : (int)drop, negative, mode);
    /* a counts units of 10^-digits; digits may be negative */
    int64_t up = (int64_t)to.s - digits;
    if (up < 0) {
        return dec_rescale(with_sign(a, negative), digits, to, mode, ret);
    }
    if (up > to.p ? a > 0 : a >= dec_pow10[to.p - up]) {
        return false;
    }
    *ret = a == 0 ? 0 : with_sign(a * dec_pow10[up], negative);
    return true;
}

/* ---- other numbers ---- */

bool dec_from_i64(int64_t v, DecType to, int128_t *ret)
{
    return dec_rescale(v, 0, to, DEC_HALF_UP, ret);
}

bool dec_from_f64(double v, DecType to, int128_t *ret)
{
    if (isnan(v) || isinf(v)) {
        return false;
    }
    *ret = 0;
    if (v == 0) {
        return true;
    }
    int32_t exp10;
    uint64_t digits = num_shortest_f64(fabs(v), &exp10);
    int128_t d = with_sign(digits, v < 0);
    if (exp10 <= 0) {
        return exp10 < -DEC_MAX_PRECISION - 20 || dec_rescale(d, -exp10, to, DEC_HALF_UP, ret);
    }
    return exp10 + to.s <= to.p &&
           dec_rescale(d, 0, (DecType){(uint8_t)(to.p - exp10), to.s}, DEC_HALF_UP, ret) &&
           (*ret *= (int128_t)dec_pow10[exp10], true);
}

bool dec_from_f32(float v, DecType to, int128_t *ret)
{
    return dec_from_f64((double)v, to, ret);
}

double dec_to_f64(int128_t v, int scale)
{
    uint128_t a = magnitude(v);
    double r;
    if (a <= UINT64_MAX && num_make_f64((uint64_t)a, -scale, v < 0, &r)) {
        return r;
    }
    char text[DEC_TEXT_MAX];
    r = 0;
    num_parse_f64_java((Str){text, dec_format(v, scale, text)}, &r);
    return r;
}

float dec_to_f32(int128_t v, int scale)
{
    char text[DEC_TEXT_MAX];
    float r = 0;
    num_parse_f32_java((Str){text, dec_format(v, scale, text)}, &r);
    return r;
}

bool dec_to_i64(int128_t v, int scale, int64_t *ret)
{
    v /= (int128_t)dec_pow10[scale];
    *ret = (int64_t)v;
    return v == *ret;
}

int64_t dec_to_i64_wrap(int128_t v, int scale)
{
    return (int64_t)(v / (int128_t)dec_pow10[scale]);
}

/* ---- bytes ---- */

size_t dec_to_bytes(int128_t v, uint8_t buf[static DEC_BYTES_MAX])
{
    size_t n = DEC_BYTES_MAX;
    while (n > 1) { /* the top byte goes as long as it only repeats the sign */
        int128_t rest = v >> (8 * (n - 1) - 1);
        if (rest != 0 && rest != -1) {
            break;
        }
        n--;
    }
    for (size_t i = 0; i < n; i++) {
        buf[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
    }
    return n;
}

bool dec_from_bytes(const uint8_t *p, size_t n, int128_t *ret)
{
    if (n == 0) {
        return false;
    }
    uint8_t sign = p[0] & 0x80 ? 0xFF : 0;
    while (n > DEC_BYTES_MAX) {
        if (*p != sign) {
            return false;
        }
        p++;
        n--;
    }
    uint128_t v = sign ? ~(uint128_t)0 : 0;
    if (n == DEC_BYTES_MAX && (p[0] & 0x80) != (sign & 0x80)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        v = v << 8 | p[i];
    }
    *ret = (int128_t)v;
    return true;
}
