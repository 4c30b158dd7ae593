/*
 * csv_convert.c - fields of a column to values, by the rules of Spark's UnivocityParser.
 *
 * Numbers are Java's: no white space, a sign may lead; decimals may have commas anywhere. Booleans
 * are true and false. Dates and timestamps follow their patterns, or without one CAST's rules; the
 * fallbacks of Spark 2 take "GMT" out of the text first. The common layouts of numbers, dates and
 * timestamps are read eight bytes at a time, everything else by the functions of column/.
 *
 * A call converts a column of a block of records: the type is looked at once, and each loop fills
 * a word of the validity bitmap at a time.
 */
#include <math.h>
#include <unicode/uchar.h>

#include "column/decimal.h"
#include "column/interval.h"
#include "column/number.h"
#include "format/csv_convert.h"
#include "format/csv_scan.h"

/* ---- digits ---- */

#define ZEROS UINT64_C(0x3030303030303030)

/* The number of n <= 8 digits at p, where eight bytes can be read. */
static inline bool digits8(const char *p, uint32_t n, uint64_t *ret)
{
    uint64_t x;

    memcpy(&x, p, 8);
    x ^= ZEROS;
    x <<= 64 - 8 * n; /* n > 0 */
    if (((x + UINT64_C(0x7676767676767676)) | x) & UINT64_C(0x8080808080808080)) {
        return false;
    }
    x = x * 10 + (x >> 8);
    *ret = (((x & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064)) +
            ((x >> 16 & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001))) >>
           32;
    return true;
}

/* Digits outside ASCII count too in Java: the text with ASCII ones, in buf. */
static bool ascii_digits(Str s, char buf[static CSV_DECIMAL_MAX], Str *ret)
{
    size_t k = 0, n;
    bool any = false;

    for (size_t i = 0; i < s.n; i += n) {
        int32_t c = csv_code_point(s.p + i, s.n - i, &n);
        int32_t d = c >= 0x80 ? u_charDigitValue(c) : -1;
        if (c < 0 || (c >= 0x80 && d < 0) || k == CSV_DECIMAL_MAX) {
            return false;
        }
        any |= c >= 0x80;
        buf[k++] = (char)(c < 0x80 ? c : '0' + d);
    }
    *ret = (Str){buf, k};
    return any;
}

static bool parse_long_slow(Str s, int64_t *ret)
{
    size_t i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');
    bool negative = i > 0 && s.p[0] == '-';
    uint64_t limit = (uint64_t)INT64_MAX + negative, v = 0;

    if (i == s.n) {
        return false;
    }
    for (; i < s.n; i++) {
        unsigned d = (unsigned char)s.p[i] - (unsigned)'0';
        if (d > 9 || v > (limit - d) / 10) {
            return false;
        }
        v = v * 10 + d;
    }
    *ret = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

bool csv_parse_long(Str s, int64_t *ret)
{
    char buf[CSV_DECIMAL_MAX];
    Str ascii;

    return parse_long_slow(s, ret) ||
           (s.n > 1 && ascii_digits(s, buf, &ascii) && parse_long_slow(ascii, ret));
}

/* 16 bytes can be read at p. */
static inline bool parse_long(const char *p, uint32_t n, int64_t *ret)
{
    uint32_t sign = *p == '-' || *p == '+';
    uint64_t hi = 0, lo;

    if (__builtin_expect(n - sign - 1 < 8, 1)) {
        if (digits8(p + sign, n - sign, &lo)) {
            *ret = *p == '-' ? -(int64_t)lo : (int64_t)lo;
            return true;
        }
    } else if (n - sign - 1 < 16) {
        uint32_t head = n - sign - 8;
        if (digits8(p + sign, head, &hi) && digits8(p + sign + head, 8, &lo)) {
            lo += hi * 100000000;
            *ret = *p == '-' ? -(int64_t)lo : (int64_t)lo;
            return true;
        }
    }
    return csv_parse_long((Str){p, n}, ret);
}

static bool parse_long_unpadded(const char *p, uint32_t n, int64_t *ret)
{
    return csv_parse_long((Str){p, n}, ret);
}

/* ---- numbers with a fraction ---- */

static bool double_word(const CsvText *t, Str s, double *ret)
{
    if (str_eq(s, t->o->nan)) {
        *ret = NAN;
    } else if (str_eq(s, t->o->negative_inf)) {
        *ret = -INFINITY;
    } else if (str_eq(s, t->o->positive_inf)) {
        *ret = INFINITY;
    } else {
        return false;
    }
    return true;
}

/* "-12.345" with at most 18 digits: digits and their scale. */
static inline bool plain_fraction(Str s, bool *ret_negative, uint64_t *ret, uint32_t *ret_scale)
{
    const char *p = s.p, *end = s.p + s.n, *point = NULL;
    uint64_t v = 0;

    *ret_negative = s.n > 0 && *p == '-';
    p += s.n > 0 && (*p == '-' || *p == '+');
    if (p == end || end - p > 19) {
        return false;
    }
    for (const char *q = p; q < end; q++) {
        unsigned d = (unsigned char)*q - (unsigned)'0';
        if (d <= 9) {
            v = v * 10 + d;
        } else if (*q == '.' && !point) {
            point = q;
        } else {
            return false;
        }
    }
    if (end - p - (point != NULL) < 1 || end - p - (point != NULL) > 18) {
        return false;
    }
    *ret = v;
    *ret_scale = point ? (uint32_t)(end - point - 1) : 0;
    return true;
}

static bool parse_double(const CsvText *t, Str s, double *ret)
{
    bool negative;
    uint64_t digits;
    uint32_t scale;

    if (t->odd_words && double_word(t, s, ret)) {
        return true;
    }
    if (plain_fraction(s, &negative, &digits, &scale) &&
        num_make_f64(digits, -(int32_t)scale, negative, ret)) {
        return true;
    }
    return double_word(t, s, ret) || num_parse_f64_java(s, ret);
}

static bool parse_float(const CsvText *t, Str s, float *ret)
{
    double d;

    if (double_word(t, s, &d)) {
        *ret = (float)d;
        return true;
    }
    return num_parse_f32_java(s, ret);
}

bool csv_parse_boolean(Str s, uint8_t *ret)
{
    bool yes = str_eq_nocase(s, STR_LIT("true"));

    *ret = yes;
    return yes || str_eq_nocase(s, STR_LIT("false"));
}

bool csv_decimal_text(Str s, char buf[static CSV_DECIMAL_MAX], Str *ret)
{
    size_t n = 0;
    char digits[CSV_DECIMAL_MAX];
    Str ascii;

    s = ascii_digits(s, digits, &ascii) ? ascii : s;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == ',') {
            continue;
        }
        if (n == CSV_DECIMAL_MAX ||
            ((s.p[i] < '0' || s.p[i] > '9') && !memchr("+-.eE", s.p[i], 5))) {
            return false;
        }
        buf[n++] = s.p[i];
    }
    *ret = (Str){buf, n};
    return n > 0;
}

static bool parse_decimal(Str s, DecType t, int128_t *ret)
{
    char buf[CSV_DECIMAL_MAX];
    bool negative;
    uint64_t digits;
    uint32_t scale;

    if (plain_fraction(s, &negative, &digits, &scale) && scale <= t.s) {
        int128_t v = (int128_t)digits;
        int128_t by = (int128_t)dec_pow10[t.s - scale];
        if (!__builtin_mul_overflow(v, by, &v) && dec_fits(v, t.p)) {
            *ret = negative ? -v : v;
            return true;
        }
        return false;
    }
    return csv_decimal_text(s, buf, &s) && dec_parse(s, t, ret) == DEC_OK;
}

/* ---- dates and timestamps ---- */

/* Days since 1970 of the ten bytes "2024-02-29"; false: another form, or no such day. */
static inline bool iso_date(const char *p, int32_t *ret)
{
    uint64_t x;
    uint16_t y;

    memcpy(&x, p, 8);
    memcpy(&y, p + 8, 2);
    x ^= UINT64_C(0x2D30302D30303030); /* "0000-00-": digits are 0 to 9 then, the dashes 0 */
    y ^= 0x3030;
    uint64_t over = (x + UINT64_C(0x7F76767F76767676)) | x |
                    ((y + UINT64_C(0x7676)) | y) << 48; /* where x has a digit and a dash */
    if ((over & UINT64_C(0x8080808080808080)) != 0 || (y & 0xF0F0) != 0) {
        return false;
    }
    unsigned year = (unsigned)(x & 15) * 1000 + (unsigned)(x >> 8 & 15) * 100 +
                    (unsigned)(x >> 16 & 15) * 10 + (unsigned)(x >> 24 & 15);
    unsigned month = (unsigned)(x >> 40 & 15) * 10 + (unsigned)(x >> 48 & 15);
    unsigned day = (y & 15u) * 10 + (y >> 8 & 15u);
    if (month - 1 > 11 || day - 1 > 30 || (day > 28 && day > date_month_length(year, month))) {
        return false;
    }
    /* Years begin in March, so that the leap day is the last; 400 years have 146,097 days. */
    unsigned v = year + 400 - (month <= 2), m = month > 2 ? month - 3 : month + 9;
    unsigned n = v * 365 + v / 4 - v / 100 + v / 400 + (153 * m + 2) / 5 + day - 1;
    *ret = (int32_t)n - 719468 - 146097;
    return true;
}

/* Microseconds of the eight bytes "23:59:59". */
static inline bool iso_time(const char *p, int64_t *ret)
{
    uint64_t x;

    memcpy(&x, p, 8);
    x ^= UINT64_C(0x30303A30303A3030);
    if ((((x + UINT64_C(0x76767F76767F7676)) | x) & UINT64_C(0x8080808080808080)) != 0) {
        return false;
    }
    unsigned h = (unsigned)(x & 15) * 10 + (unsigned)(x >> 8 & 15);
    unsigned m = (unsigned)(x >> 24 & 15) * 10 + (unsigned)(x >> 32 & 15);
    unsigned s = (unsigned)(x >> 48 & 15) * 10 + (unsigned)(x >> 56 & 15);
    *ret = ((int64_t)h * 3600 + m * 60 + s) * US_PER_SECOND;
    return h < 24 && m < 60 && s < 60;
}

/* "2013-07-25 00:00:00.5" with T or a space and up to six digits behind the point. */
static inline bool iso_local(Str s, int64_t *ret)
{
    int32_t day;
    int64_t us, fraction = 0;

    if (s.n < 19 || s.n == 20 || s.n > 26 || (s.p[10] != ' ' && s.p[10] != 'T') ||
        !iso_date(s.p, &day) || !iso_time(s.p + 11, &us)) {
        return false;
    }
    if (s.n > 19) {
        if (s.p[19] != '.') {
            return false;
        }
        for (size_t i = 20; i < 26; i++) {
            unsigned d = i < s.n ? (unsigned char)s.p[i] - (unsigned)'0' : 0;
            if (d > 9) {
                return false;
            }
            fraction = fraction * 10 + d;
        }
    }
    *ret = (int64_t)day * US_PER_DAY + us + fraction;
    return true;
}

static bool parse_date(const CsvText *t, Str s, int32_t *ret)
{
    char buf[WITHOUT_GMT_MAX];

    if (!t->date && s.n == 10 && iso_date(s.p, ret)) {
        return true;
    }
    if (t->date ? datefmt_parse_date(t->date, s, ret) : date_parse(s, ret)) {
        return true;
    }
    return t->o->date_fallback && date_parse(without_gmt(s, buf), ret);
}

static bool parse_ts(const CsvText *t, Str s, int64_t *ret)
{
    char buf[WITHOUT_GMT_MAX];

    if (!t->ts && iso_local(s, ret)) {
        *ret = t->tz_fixed ? *ret - t->tz_offset_us : tz_local_to_utc(t->tz, *ret);
        return true;
    }
    if (t->ts ? datefmt_parse_ts(t->ts, s, ret) : ts_parse(s, t->tz, ret)) {
        return true;
    }
    return t->o->ts_fallback && ts_parse(without_gmt(s, buf), t->tz, ret);
}

static bool parse_ts_ntz(const CsvText *t, Str s, int64_t *ret)
{
    if (!t->ts_ntz) {
        return iso_local(s, ret) || ts_ntz_parse(s, false, ret);
    }
    return datefmt_parse_ts_ntz(t->ts_ntz, s, false, ret);
}

static bool parse_ym(const Type *type, Str s, int32_t *ret)
{
    fb_error quiet = {0};
    bool ok = interval_parse_ym(s, type->precision, type->scale, ret, &quiet) == FB_OK;

    err_clear(&quiet);
    return ok;
}

static bool parse_dt(const Type *type, Str s, int64_t *ret)
{
    fb_error quiet = {0};
    bool ok = interval_parse_dt(s, type->precision, type->scale, ret, &quiet) == FB_OK;

    err_clear(&quiet);
    return ok;
}

/* ---- columns ---- */

/*
 * A loop over the fields. `parse` is an expression over s, a Str, and the lvalue x of type ctype
 * that says whether s is a value; x is the value then.
 */
#define CONVERT(ctype, parse)                                                                      \
    do {                                                                                           \
        ctype *data = VEC_DATA(ctype, v) + row;                                                    \
        for (uint32_t i = 0; i < n; i += 64) {                                                     \
            uint32_t m = n - i < 64 ? n - i : 64;                                                  \
            uint64_t good = 0, wrong = 0;                                                          \
            for (uint32_t k = 0; k < m; k++) {                                                     \
                const CsvField *c = &f[i + k];                                                     \
                ctype x = 0;                                                                       \
                if (!csv_field_is_null(o, c)) {                                                    \
                    Str s = {c->p, c->n};                                                          \
                    bool ok = s.n > 0 && (parse);                                                  \
                    x = ok ? x : 0;                                                                \
                    good |= (uint64_t)ok << k;                                                     \
                    wrong |= (uint64_t)!ok << k;                                                   \
                }                                                                                  \
                data[i + k] = x;                                                                   \
            }                                                                                      \
            v->valid[(row + i) / 64] = good;                                                       \
            bad[i / 64] |= wrong;                                                                  \
        }                                                                                          \
    } while (0)

#define CONVERT_INT(ctype, min, max)                                                               \
    do {                                                                                           \
        int64_t l;                                                                                 \
        if (padded) {                                                                              \
            CONVERT(ctype, parse_long(s.p, (uint32_t)s.n, &l) && l >= (min) && l <= (max) &&       \
                               ((x = (ctype)l), true));                                            \
        } else {                                                                                   \
            CONVERT(ctype, parse_long_unpadded(s.p, (uint32_t)s.n, &l) && l >= (min) &&            \
                               l <= (max) && ((x = (ctype)l), true));                              \
        }                                                                                          \
    } while (0)

static void convert_int(const CsvOptions *o, const CsvField *f, uint32_t n, bool padded, Vec *v,
                        uint32_t row, uint64_t *bad)
{
    switch (v->type->id) {
    case T_BYTE:
        CONVERT_INT(int8_t, INT8_MIN, INT8_MAX);
        break;
    case T_SHORT:
        CONVERT_INT(int16_t, INT16_MIN, INT16_MAX);
        break;
    case T_INT:
        CONVERT_INT(int32_t, INT32_MIN, INT32_MAX);
        break;
    default:
        CONVERT_INT(int64_t, INT64_MIN, INT64_MAX);
        break;
    }
}

static void convert_string(const CsvOptions *o, const CsvField *f, uint32_t n, bool padded, Vec *v,
                           uint32_t row)
{
    View *data = VEC_DATA(View, v) + row;

    for (uint32_t i = 0; i < n; i += 64) {
        uint32_t m = n - i < 64 ? n - i : 64;
        uint64_t good = 0;
        for (uint32_t k = 0; k < m; k++) {
            const CsvField *c = &f[i + k];
            bool null = csv_field_is_null(o, c);
            good |= (uint64_t)!null << k;
            if (null) {
                data[i + k] = (View){0};
            } else if (padded) {
                data[i + k] = view_padded(c->p, c->n);
            } else {
                data[i + k] = view_of(c->p, c->n);
            }
        }
        v->valid[(row + i) / 64] = good;
    }
}

static void convert_decimal(const CsvText *t, const CsvField *f, uint32_t n, Vec *v, uint32_t row,
                            uint64_t *bad)
{
    const CsvOptions *o = t->o;
    DecType type = {v->type->precision, v->type->scale};

    CONVERT(int128_t, parse_decimal(s, type, &x));
}

static void convert_time(const CsvText *t, const CsvField *f, uint32_t n, Vec *v, uint32_t row,
                         uint64_t *bad)
{
    const CsvOptions *o = t->o;

    switch (v->type->id) {
    case T_DATE:
        CONVERT(int32_t, parse_date(t, s, &x));
        break;
    case T_TIMESTAMP:
        CONVERT(int64_t, parse_ts(t, s, &x));
        break;
    case T_TIMESTAMP_NTZ:
        CONVERT(int64_t, parse_ts_ntz(t, s, &x));
        break;
    case T_INTERVAL_YM:
        CONVERT(int32_t, parse_ym(v->type, s, &x));
        break;
    default:
        CONVERT(int64_t, parse_dt(v->type, s, &x));
        break;
    }
}

void csv_convert(const CsvText *t, const CsvField *f, uint32_t n, bool padded, Vec *v, uint32_t row,
                 uint64_t *bad)
{
    const CsvOptions *o = t->o;

    switch (v->type->id) {
    case T_BOOLEAN:
        CONVERT(uint8_t, csv_parse_boolean(s, &x));
        break;
    case T_BYTE:
    case T_SHORT:
    case T_INT:
    case T_LONG:
        convert_int(o, f, n, padded, v, row, bad);
        break;
    case T_FLOAT:
        CONVERT(float, parse_float(t, s, &x));
        break;
    case T_DOUBLE:
        CONVERT(double, parse_double(t, s, &x));
        break;
    case T_DECIMAL:
        convert_decimal(t, f, n, v, row, bad);
        break;
    case T_STRING:
    case T_BINARY:
        convert_string(o, f, n, padded, v, row);
        break;
    default:
        convert_time(t, f, n, v, row, bad);
        break;
    }
}

/* ---- preparing ---- */

static bool looks_like_number(Str s)
{
    return s.n > 0 && ((s.p[0] >= '0' && s.p[0] <= '9') || memchr("+-.", s.p[0], 3)) &&
           ((s.p[s.n - 1] >= '0' && s.p[s.n - 1] <= '9') || s.p[s.n - 1] == '.');
}

static fb_status compile(const Type *schema, TypeId id, const char *pattern, const TimeZone *tz,
                         DateFmt **ret, fb_error *err)
{
    for (uint32_t i = 0; pattern && i < schema->n_fields; i++) {
        if (schema->fields[i].type->id == id) {
            return datefmt_compile(str_of(pattern), DATEFMT_PARSE, tz, ret, err);
        }
    }
    return FB_OK;
}

fb_status csv_text_init(CsvText *t, const CsvOptions *o, const TimeZone *tz, const Type *schema,
                        fb_error *err)
{
    const char *date = o->date_format;
    int32_t offset;

    *t = (CsvText){.o = o, .tz = tz};
    t->tz_fixed = tz_is_fixed(tz, &offset);
    t->tz_offset_us = offset * US_PER_SECOND;
    t->odd_words = looks_like_number(o->nan) || looks_like_number(o->positive_inf) ||
                   looks_like_number(o->negative_inf);
    /* What the pattern takes that stands for none, CAST takes too. */
    if (!date && o->prefer_date && !o->date_fallback) {
        date = DATEFMT_DEFAULT_DATE;
    }
    TRY(compile(schema, T_DATE, date, tz_utc(), &t->date, err));
    TRY(compile(schema, T_TIMESTAMP, o->ts_format, tz, &t->ts, err));
    return compile(schema, T_TIMESTAMP_NTZ, o->ts_ntz_format, tz_utc(), &t->ts_ntz, err);
}

void csv_text_free(CsvText *t)
{
    datefmt_free(t->date);
    datefmt_free(t->ts);
    datefmt_free(t->ts_ntz);
    *t = (CsvText){0};
}
