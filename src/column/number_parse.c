/*
 * number_parse.c - text to double and float, correctly rounded.
 *
 * The grammar is that of Java's Double.parseDouble. A decimal is scanned into its first 19
 * significant digits w and a power of ten q. Then, in this order:
 *   1. w <= 2^53 and |q| <= 22: both exact in a double, one multiplication or division rounds once
 *      (Clinger);
 *   2. w times a 128-bit power of ten gives the answer or the knowledge that it can't tell
 *      (Lemire, "Number parsing at a gigabyte per second", 2021); with more than 19 digits both w
 *      and w + 1 have to agree;
 *   3. strtod_l in a "C" locale made for it, on a copy of at most 800 digits. No more can matter: a
 *      half-way point between two doubles has at most 767 digits, and what follows is folded into
 *      one sticky digit.
 * Hexadecimal numbers are collected exactly into 64 bits with a sticky bit, and rounded once.
 *
 * Threads: the only state is the locale object, made once.
 */
#include "base/error.h"
#include "column/number.h"
#include "column/pow10.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

/* What differs between the two formats in step 2. */
typedef struct FloatForm {
    int mantissa_bits; /* explicit ones */
    int bias;
    int inf_exp;            /* biased exponent of infinity */
    int min_q, max_q;       /* outside is zero or infinity, for any 64-bit w */
    int even_min, even_max; /* powers of ten for which a product can be a tie */
} FloatForm;

static const FloatForm form64 = {52, 1023, 0x7FF, -342, 308, -4, 23};
static const FloatForm form32 = {23, 127, 0xFF, -65, 38, -17, 10};

typedef struct Binary {
    uint64_t mantissa; /* without the implicit bit */
    int exp;           /* biased; -1: undecided */
} Binary;

/* An unsigned decimal: digits * 10^exp10. */
typedef struct Scan {
    uint64_t digits;
    int32_t exp10;
    bool truncated;    /* non-zero digits behind the 19th were dropped */
    const char *first; /* text of the digits, from the first that is not 0 */
    const char *end;
    int64_t point; /* value = 0.(first…) * 10^point */
} Scan;

#define EXP_BOUND 100000000 /* beyond this every number is zero or infinity */
#define SLOW_DIGITS 800

static inline bool is_digit(char c)
{
    return (unsigned)(unsigned char)c - '0' <= 9;
}

static inline int32_t clamp_exp(int64_t e)
{
    return (int32_t)(e < -EXP_BOUND ? -EXP_BOUND : e > EXP_BOUND ? EXP_BOUND : e);
}

/* ---- step 2 ---- */

static Binary from_product(const FloatForm *f, uint64_t w, int32_t q)
{
    if (w == 0 || q < f->min_q) {
        return (Binary){0, 0};
    }
    if (q > f->max_q) {
        return (Binary){0, f->inf_exp};
    }
    int lz = __builtin_clzll(w);
    w <<= lz;
    Pow10 t = pow10_128(q);
    unsigned __int128 product = (unsigned __int128)w * t.hi;
    uint64_t precision_mask = UINT64_MAX >> (f->mantissa_bits + 3);
    if (((uint64_t)(product >> 64) & precision_mask) == precision_mask) {
        product += (uint64_t)((unsigned __int128)w * t.lo >> 64);
    }
    uint64_t hi = (uint64_t)(product >> 64), lo = (uint64_t)product;
    if (lo == UINT64_MAX && (q < -27 || q > 55)) {
        return (Binary){0, -1};
    }
    int upper = (int)(hi >> 63);
    int shift = upper + 64 - f->mantissa_bits - 3;
    uint64_t m = hi >> shift;
    int e = pow10_floor_log2(q) + 63 + upper - lz + f->bias;
    if (e <= 0) { /* subnormal */
        if (e < -62) {
            return (Binary){0, 0};
        }
        m >>= -e + 1;
        m += m & 1;
        m >>= 1;
        return (Binary){m, m >> f->mantissa_bits ? 1 : 0};
    }
    if (lo <= 1 && q >= f->even_min && q <= f->even_max && (m & 3) == 1 && m << shift == hi) {
        m &= ~UINT64_C(1); /* exactly half-way: down to even */
    }
    m += m & 1;
    m >>= 1;
    if (m >> (f->mantissa_bits + 1)) {
        m >>= 1;
        e++;
    }
    return e >= f->inf_exp ? (Binary){0, f->inf_exp} : (Binary){m, e};
}

static double binary_to_f64(Binary b, bool negative)
{
    uint64_t bits = b.mantissa & ((UINT64_C(1) << 52) - 1);
    bits |= (uint64_t)b.exp << 52 | (uint64_t)negative << 63;
    double v;
    memcpy(&v, &bits, sizeof(v));
    return v;
}

static float binary_to_f32(Binary b, bool negative)
{
    uint32_t bits = (uint32_t)b.mantissa & ((1u << 23) - 1);
    bits |= (uint32_t)b.exp << 23 | (uint32_t)negative << 31;
    float v;
    memcpy(&v, &bits, sizeof(v));
    return v;
}

/* Step 2 for a scanned number; exp -1 when it stays open. */
static Binary from_scan(const FloatForm *f, const Scan *s)
{
    Binary b = from_product(f, s->digits, s->exp10);
    if (s->truncated && b.exp >= 0) {
        Binary above = from_product(f, s->digits + 1, s->exp10);
        if (above.mantissa != b.mantissa || above.exp != b.exp) {
            b.exp = -1;
        }
    }
    return b;
}

/* ---- step 1 ---- */

bool num_make_f64(uint64_t digits, int32_t exp10, bool negative, double *ret)
{
    static const double exact[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (digits <= UINT64_C(1) << 53 && exp10 >= -22 && exp10 <= 22) {
        double v = (double)digits;
        v = exp10 < 0 ? v / exact[-exp10] : v * exact[exp10];
        *ret = negative ? -v : v;
        return true;
    }
    Binary b = from_product(&form64, digits, exp10);
    if (b.exp < 0) {
        return false;
    }
    *ret = binary_to_f64(b, negative);
    return true;
}

/* ---- step 3 ---- */

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    FB_ASSERT(c_locale != (locale_t)0);
}

/* "digits" "e" "exponent" for strtod_l. exp10 is the exponent that the text names. */
static void slow_text(const Scan *s, int32_t exp10, char buf[static SLOW_DIGITS + 32])
{
    size_t n = 0;
    bool sticky = false;
    for (const char *c = s->first; c < s->end; c++) {
        if (*c == '.') {
            continue;
        }
        if (n < SLOW_DIGITS) {
            buf[n++] = *c;
        } else if (*c != '0') {
            sticky = true;
            break;
        }
    }
    if (sticky) {
        buf[n++] = '1';
    }
    int64_t e = s->point - (int64_t)n + exp10;
    buf[n++] = 'e';
    n += num_format_i64(clamp_exp(e), buf + n);
    buf[n] = 0;
    pthread_once(&c_locale_once, make_c_locale);
}

/* ---- scanning ---- */

/* More than 19 digits, with [start, end) and the point (or NULL) found: keeps 19 of them. */
static void scan_long(Scan *s, const char *start, const char *dot, const char *end)
{
    const char *c = start;
    while (c < end && (*c == '0' || *c == '.')) {
        c++;
    }
    s->first = c;
    s->end = end;
    if (!dot) {
        dot = end;
    }
    s->point = c < dot ? dot - c : -(c - (dot + 1));
    s->digits = 0;
    s->truncated = false;
    if (c == end) {
        s->exp10 = 0;
        return;
    }
    int kept = 0;
    for (; c < end && kept < 19; c++) {
        if (*c != '.') {
            s->digits = s->digits * 10 + (unsigned)(*c - '0');
            kept++;
        }
    }
    for (; c < end; c++) {
        if (*c != '.' && *c != '0') {
            s->truncated = true;
            break;
        }
    }
    s->exp10 = clamp_exp(s->point - kept);
}

/* Digits with at most one point; *pp moves behind them. false: no digit. */
static bool scan_digits(const char **pp, const char *end, Scan *s)
{
    const char *p = *pp, *start = p, *dot = NULL;
    uint64_t w = 0;
    while (p < end && is_digit(*p)) {
        w = w * 10 + (unsigned)(*p - '0');
        p++;
    }
    ptrdiff_t n = p - start;
    ptrdiff_t fraction = 0;
    if (p < end && *p == '.') {
        dot = p++;
        while (p < end && is_digit(*p)) {
            w = w * 10 + (unsigned)(*p - '0');
            p++;
        }
        fraction = p - (dot + 1);
        n += fraction;
    }
    if (n == 0) {
        return false;
    }
    *pp = p;
    if (n > 19) {
        scan_long(s, start, dot, p);
        return true;
    }
    s->digits = w;
    s->exp10 = -(int32_t)fraction;
    s->truncated = false;
    s->first = start;
    s->end = p;
    s->point = n - fraction;
    return true;
}

/* [eE][+-]digits, if there is one; false: an e without digits. */
static bool scan_exponent(const char **pp, const char *end, int32_t *ret)
{
    const char *p = *pp;
    *ret = 0;
    if (p == end || (*p | 32) != 'e') {
        return true;
    }
    p++;
    bool negative = false;
    if (p < end && (*p == '-' || *p == '+')) {
        negative = *p == '-';
        p++;
    }
    if (p == end || !is_digit(*p)) {
        return false;
    }
    int32_t e = 0;
    for (; p < end && is_digit(*p); p++) {
        e = e < EXP_BOUND ? e * 10 + (*p - '0') : e;
    }
    *ret = negative ? -clamp_exp(e) : clamp_exp(e);
    *pp = p;
    return true;
}

/* ---- hexadecimal ---- */

static int hex_value(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* m * 2^e with a sticky bit below, to a float of f's form, ties to even. */
static Binary round_binary(const FloatForm *f, uint64_t m, int64_t e, bool sticky)
{
    if (m == 0) {
        return (Binary){0, 0};
    }
    int lz = __builtin_clzll(m);
    m <<= lz;
    e += 63 - lz; /* m is 1.xxx * 2^e */
    if (e > f->bias) {
        return (Binary){0, f->inf_exp};
    }
    int64_t biased = e + f->bias;
    int64_t drop = 63 - f->mantissa_bits;
    if (biased < 1) {
        drop += 1 - biased;
        biased = 0;
    }
    if (drop > 64) {
        return (Binary){0, 0};
    }
    uint64_t kept = drop == 64 ? 0 : m >> drop;
    uint64_t rest = drop == 64 ? m : m << (64 - drop); /* the dropped bits, left-aligned */
    uint64_t half = UINT64_C(1) << 63;
    if (rest > half || (rest == half && (sticky || (kept & 1)))) {
        kept++;
    }
    uint64_t implicit = UINT64_C(1) << f->mantissa_bits;
    if (biased == 0) {
        return (Binary){kept & (implicit - 1), kept >= implicit};
    }
    if (kept == implicit << 1) {
        kept = implicit;
        biased++;
    }
    return biased >= f->inf_exp ? (Binary){0, f->inf_exp}
                                : (Binary){kept & (implicit - 1), (int)biased};
}

/* Behind "0x": digits with a point, p, exponent. */
static bool scan_hex(const FloatForm *f, const char **pp, const char *end, Binary *ret)
{
    const char *p = *pp;
    uint64_t m = 0;
    int64_t e = 0;
    bool sticky = false, dot = false, any = false;
    for (; p < end; p++) {
        if (*p == '.') {
            if (dot) {
                return false;
            }
            dot = true;
            continue;
        }
        int h = hex_value(*p);
        if (h < 0) {
            break;
        }
        any = true;
        if (m >> 60) {
            sticky |= h != 0;
            e += dot ? 0 : 4;
        } else {
            m = m << 4 | (unsigned)h;
            e -= dot ? 4 : 0;
        }
    }
    if (!any || p == end || (*p | 32) != 'p') {
        return false;
    }
    p++;
    bool negative = false;
    if (p < end && (*p == '-' || *p == '+')) {
        negative = *p == '-';
        p++;
    }
    if (p == end || !is_digit(*p)) {
        return false;
    }
    int32_t x = 0;
    for (; p < end && is_digit(*p); p++) {
        x = x < EXP_BOUND ? x * 10 + (*p - '0') : x;
    }
    *ret = round_binary(f, m, e + (negative ? -x : x), sticky);
    *pp = p;
    return true;
}

/* ---- the whole number ---- */

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

static bool rest_is(const char *p, const char *end, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(end - p) == n && memcmp(p, word, n) == 0;
}

/* An optional d, D, f or F, and then the end. */
static bool at_end(const char *p, const char *end)
{
    if (p < end && ((*p | 32) == 'd' || (*p | 32) == 'f')) {
        p++;
    }
    return p == end;
}

typedef enum TextKind { TEXT_BAD, TEXT_NAN, TEXT_INF, TEXT_BINARY, TEXT_DECIMAL } TextKind;

typedef struct Text {
    TextKind kind;
    bool negative;
    Binary binary;
    Scan scan;
    int32_t exp10; /* the exponent that the text names; part of scan.exp10 */
} Text;

static inline void read_text(const FloatForm *f, Str s, Text *t)
{
    s = trim_java(s);
    const char *p = s.p, *end = s.p + s.n;
    t->kind = TEXT_BAD;
    t->negative = false;
    if (p < end && (*p == '-' || *p == '+')) {
        t->negative = *p == '-';
        p++;
    }
    if (p == end) {
        return;
    }
    if (*p == 'N' || *p == 'I') {
        t->kind = rest_is(p, end, "NaN")        ? TEXT_NAN
                  : rest_is(p, end, "Infinity") ? TEXT_INF
                                                : TEXT_BAD;
        return;
    }
    if (end - p > 1 && *p == '0' && (p[1] | 32) == 'x') {
        p += 2;
        if (scan_hex(f, &p, end, &t->binary) && at_end(p, end)) {
            t->kind = TEXT_BINARY;
        }
        return;
    }
    if (scan_digits(&p, end, &t->scan) && scan_exponent(&p, end, &t->exp10) && at_end(p, end)) {
        t->scan.exp10 = clamp_exp((int64_t)t->scan.exp10 + t->exp10);
        t->kind = TEXT_DECIMAL;
    }
}

bool num_parse_f64_java(Str s, double *ret)
{
    Text t;
    read_text(&form64, s, &t);
    switch (t.kind) {
    case TEXT_DECIMAL:
        break;
    case TEXT_BINARY:
        *ret = binary_to_f64(t.binary, t.negative);
        return true;
    case TEXT_NAN:
        *ret = (double)NAN;
        return true;
    case TEXT_INF:
        *ret = t.negative ? -(double)INFINITY : (double)INFINITY;
        return true;
    case TEXT_BAD:
        return false;
    }
    if (!t.scan.truncated && num_make_f64(t.scan.digits, t.scan.exp10, t.negative, ret)) {
        return true;
    }
    Binary b = from_scan(&form64, &t.scan);
    if (b.exp >= 0) {
        *ret = binary_to_f64(b, t.negative);
        return true;
    }
    char buf[SLOW_DIGITS + 32];
    slow_text(&t.scan, t.exp10, buf);
    double v = strtod_l(buf, NULL, c_locale);
    *ret = t.negative ? -v : v;
    return true;
}

bool num_parse_f32_java(Str s, float *ret)
{
    Text t;
    read_text(&form32, s, &t);
    switch (t.kind) {
    case TEXT_DECIMAL:
        break;
    case TEXT_BINARY:
        *ret = binary_to_f32(t.binary, t.negative);
        return true;
    case TEXT_NAN:
        *ret = NAN;
        return true;
    case TEXT_INF:
        *ret = t.negative ? -INFINITY : INFINITY;
        return true;
    case TEXT_BAD:
        return false;
    }
    Binary b = from_scan(&form32, &t.scan);
    if (b.exp >= 0) {
        *ret = binary_to_f32(b, t.negative);
        return true;
    }
    char buf[SLOW_DIGITS + 32];
    slow_text(&t.scan, t.exp10, buf);
    float v = strtof_l(buf, NULL, c_locale);
    *ret = t.negative ? -v : v;
    return true;
}

/* Spark's own words for NaN and the infinities, any case, trimmed as Java's String.trim. */
static bool parse_word(Str s, double *ret)
{
    s = trim_java(s);
    bool negative = s.n > 0 && *s.p == '-';
    Str word = s;
    if (s.n > 0 && (*s.p == '-' || *s.p == '+')) {
        word = (Str){s.p + 1, s.n - 1};
    }
    if (str_eq_nocase(word, STR_LIT("inf")) || str_eq_nocase(word, STR_LIT("infinity"))) {
        *ret = negative ? -(double)INFINITY : (double)INFINITY;
        return true;
    }
    if (str_eq_nocase(s, STR_LIT("nan"))) {
        *ret = (double)NAN;
        return true;
    }
    return false;
}

bool num_parse_f64(Str s, double *ret)
{
    return num_parse_f64_java(s, ret) || parse_word(s, ret);
}

bool num_parse_f32(Str s, float *ret)
{
    double v;
    if (num_parse_f32_java(s, ret)) {
        return true;
    }
    if (!parse_word(s, &v)) {
        return false;
    }
    *ret = (float)v;
    return true;
}
