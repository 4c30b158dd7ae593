/*
 * number.c - integers and booleans to and from text.
 *
 * Reading mirrors UTF8String.toLong/toInt of Spark: white space and ISO control bytes around are
 * skipped, one sign, digits; in the lenient form a point and further digits, which are checked and
 * dropped. Printing writes two digits at a time from a table of the 100 pairs.
 */
#include "column/number.h"

static const char digit_pairs[201] = "00010203040506070809101112131415161718192021222324"
                                     "25262728293031323334353637383940414243444546474849"
                                     "50515253545556575859606162636465666768697071727374"
                                     "75767778798081828384858687888990919293949596979899";

static inline bool is_space_or_control(char c)
{
    return (unsigned char)c <= 32 || c == 127;
}

static Str trim_all(Str s)
{
    while (s.n > 0 && is_space_or_control(*s.p)) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_space_or_control(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

bool num_parse_i64(Str s, bool allow_fraction, int64_t *ret)
{
    s = trim_all(s);
    const char *p = s.p, *end = s.p + s.n;
    if (p == end) {
        return false;
    }
    bool negative = *p == '-';
    if (negative || *p == '+') {
        p++;
        if (p == end) {
            return false;
        }
    }
    uint64_t v = 0;
    const char *safe = end - p > 18 ? p + 18 : end; /* 18 digits can't overflow */
    unsigned d = 10;
    while (p < safe && (d = (unsigned)(unsigned char)*p - '0') <= 9) {
        v = v * 10 + d;
        p++;
    }
    while (p < end && (d = (unsigned)(unsigned char)*p - '0') <= 9) {
        if (v > (uint64_t)INT64_MAX / 10 + 1) {
            return false;
        }
        v = v * 10 + d;
        if (v > (uint64_t)INT64_MAX + negative) {
            return false;
        }
        p++;
    }
    if (p < end) {
        if (*p != '.' || !allow_fraction) {
            return false;
        }
        for (p++; p < end; p++) {
            if ((unsigned)(unsigned char)*p - '0' > 9) {
                return false;
            }
        }
    }
    *ret = (int64_t)(negative ? 0 - v : v);
    return true;
}

bool num_parse_i32(Str s, bool allow_fraction, int32_t *ret)
{
    int64_t v;
    if (!num_parse_i64(s, allow_fraction, &v) || v < INT32_MIN || v > INT32_MAX) {
        return false;
    }
    *ret = (int32_t)v;
    return true;
}

bool num_parse_i16(Str s, bool allow_fraction, int16_t *ret)
{
    int64_t v;
    if (!num_parse_i64(s, allow_fraction, &v) || v < INT16_MIN || v > INT16_MAX) {
        return false;
    }
    *ret = (int16_t)v;
    return true;
}

bool num_parse_i8(Str s, bool allow_fraction, int8_t *ret)
{
    int64_t v;
    if (!num_parse_i64(s, allow_fraction, &v) || v < INT8_MIN || v > INT8_MAX) {
        return false;
    }
    *ret = (int8_t)v;
    return true;
}

bool num_parse_bool(Str s, bool *ret)
{
    static const Str yes[] = {{"t", 1}, {"true", 4}, {"y", 1}, {"yes", 3}, {"1", 1}};
    static const Str no[] = {{"f", 1}, {"false", 5}, {"n", 1}, {"no", 2}, {"0", 1}};
    s = trim_all(s);
    for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
        if (str_eq_nocase(s, yes[i])) {
            *ret = true;
            return true;
        }
        if (str_eq_nocase(s, no[i])) {
            *ret = false;
            return true;
        }
    }
    return false;
}

static inline unsigned count_digits(uint64_t v)
{
    static const uint64_t pow10[20] = {0,
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
                                       10000000000000000000u};
    /* 1233 / 4096 is a little more than log10(2): the guess is right or one too small. */
    unsigned guess = (unsigned)(64 - __builtin_clzll(v | 1)) * 1233 >> 12;
    return guess + (v >= pow10[guess]);
}

size_t num_format_u64(uint64_t v, char buf[static NUM_I64_TEXT_MAX])
{
    unsigned n = count_digits(v);
    char *p = buf + n;
    while (v >= 100) {
        unsigned pair = (unsigned)(v % 100);
        v /= 100;
        p -= 2;
        memcpy(p, digit_pairs + 2 * pair, 2);
    }
    if (v >= 10) {
        memcpy(p - 2, digit_pairs + 2 * v, 2);
    } else {
        p[-1] = (char)('0' + v);
    }
    return n;
}

size_t num_format_i64(int64_t v, char buf[static NUM_I64_TEXT_MAX])
{
    if (v >= 0) {
        return num_format_u64((uint64_t)v, buf);
    }
    char digits[NUM_I64_TEXT_MAX];
    size_t n = num_format_u64(0 - (uint64_t)v, digits);
    buf[0] = '-';
    memcpy(buf + 1, digits, n); /* at most 19 digits */
    return n + 1;
}
