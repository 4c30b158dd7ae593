/*
 * json_value.c - texts of single JSON values to values, by the rules of Spark's JSON source.
 *
 * Dates and timestamps without a pattern are read as CAST reads them; then, and where the option
 * enableDateTimeParsingFallback says so, by the ways of Spark 1 and 2: "GMT" is taken out of the
 * text, and a date may be a number of days, counted in the calendar that was Julian before 1582.
 */
#include <math.h>

#include "column/decimal.h"
#include "column/number.h"
#include "format/json_priv.h"

/* ---- numbers ---- */

bool json_parse_long(Str s, int64_t *ret)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    uint64_t limit = (uint64_t)INT64_MAX + negative, v = 0;

    for (size_t i = negative; i < s.n; i++) {
        unsigned d = (unsigned char)s.p[i] - (unsigned)'0';
        if (d > 9 || v > (limit - d) / 10) {
            return false;
        }
        v = v * 10 + d;
    }
    *ret = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

bool json_double_word(Str s, double *ret)
{
    static const struct {
        Str text;
        double value;
    } words[] = {
        {{"NaN", 3}, NAN},
        {{"Infinity", 8}, INFINITY},
        {{"+Infinity", 9}, INFINITY},
        {{"-Infinity", 9}, -INFINITY},
        {{"+INF", 4}, INFINITY},
        {{"-INF", 4}, -INFINITY},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_eq(s, words[i].text)) {
            *ret = words[i].value;
            return true;
        }
    }
    return false;
}

/* An integer's zero has no sign. */
static bool is_minus_zero(Str s)
{
    return s.n == 2 && s.p[0] == '-' && s.p[1] == '0';
}

bool json_parse_double(Str s, double *ret)
{
    if (is_minus_zero(s)) {
        *ret = 0;
        return true;
    }
    return num_parse_f64_java(s, ret) || json_double_word(s, ret);
}

bool json_parse_float(Str s, float *ret)
{
    double d;

    if (is_minus_zero(s)) {
        *ret = 0;
        return true;
    }
    if (num_parse_f32_java(s, ret)) {
        return true;
    }
    bool ok = json_double_word(s, &d);
    *ret = ok ? (float)d : 0;
    return ok;
}

/* java.math.BigDecimal after commas are taken out; no space. */
bool json_parse_decimal_string(Str s, const Type *type, int128_t *ret)
{
    char plain[256]; /* more than that is no decimal that somebody grouped with commas */
    size_t n = 0;
    bool commas = false;

    for (size_t i = 0; i < s.n; i++) {
        if ((s.p[i] < '0' || s.p[i] > '9') && !memchr("+-.eE,", s.p[i], 6)) {
            return false;
        }
        commas |= s.p[i] == ',';
    }
    if (commas) {
        for (size_t i = 0; i < s.n; i++) {
            if (n == sizeof(plain)) {
                return false;
            }
            plain[n] = s.p[i];
            n += s.p[i] != ',';
        }
        s = (Str){plain, n};
    }
    return dec_parse(s, (DecType){type->precision, type->scale}, ret) == DEC_OK;
}

/* ---- dates and timestamps ---- */

static bool type_has(const Type *t, TypeId id)
{
    if (t->id == id) {
        return true;
    }
    for (uint32_t i = 0; i < t->n_fields; i++) {
        if (type_has(t->fields[i].type, id)) {
            return true;
        }
    }
    return false;
}

fb_status json_text_init(JsonText *t, const JsonOptions *o, const TimeZone *tz, const Type *type,
                         fb_error *err)
{
    t->o = o;
    t->tz = tz;
    if (o->date_format && !t->date && type_has(type, T_DATE)) {
        TRY(datefmt_compile(str_of(o->date_format), DATEFMT_PARSE, tz_utc(), &t->date, err));
    }
    if (o->ts_format && !t->ts && type_has(type, T_TIMESTAMP)) {
        TRY(datefmt_compile(str_of(o->ts_format), DATEFMT_PARSE, tz, &t->ts, err));
    }
    if (o->ts_ntz_format && !t->ts_ntz && type_has(type, T_TIMESTAMP_NTZ)) {
        TRY(datefmt_compile(str_of(o->ts_ntz_format), DATEFMT_PARSE, tz_utc(), &t->ts_ntz, err));
    }
    return FB_OK;
}

void json_text_free(JsonText *t)
{
    datefmt_free(t->date);
    datefmt_free(t->ts);
    datefmt_free(t->ts_ntz);
    *t = (JsonText){0};
}

/* Integer.parseInt */
static bool parse_java_int(Str s, int64_t *ret)
{
    size_t sign = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');
    int64_t v = 0;

    if (s.n == sign) {
        return false;
    }
    for (size_t i = sign; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || v > INT32_MAX) {
            return false;
        }
        v = v * 10 + (s.p[i] - '0');
    }
    *ret = s.p[0] == '-' ? -v : v;
    return *ret >= INT32_MIN && *ret <= INT32_MAX;
}

#define GREGORIAN_START (-141427) /* 1582-10-15 */
#define JULIAN_EPOCH                                                                               \
    INT64_C(719470) /* days from 0000-03-01 of the Julian calendar to 1970-01-01                   \
                     */

/* The same year, month and day in the Gregorian calendar, of days that were counted by the calendar
 * that is Julian before 1582-10-15. */
static bool rebase_days(int64_t days, int32_t *ret)
{
    if (days >= GREGORIAN_START) {
        *ret = (int32_t)days;
        return true;
    }
    /* Years begin in March here, so that the leap day is the last; four years have 1461 days. */
    int64_t z = days + JULIAN_EPOCH, cycle = dt_floor_div(z, 1461), in_cycle = z - cycle * 1461;
    int64_t year_in = in_cycle / 365 > 3 ? 3 : in_cycle / 365, in_year = in_cycle - year_in * 365;
    int64_t mp = (5 * in_year + 2) / 153, day = in_year - (153 * mp + 2) / 5 + 1;
    int64_t month = mp < 10 ? mp + 3 : mp - 9, year = 4 * cycle + year_in + (month <= 2);
    int64_t r = date_from_civil(year, (unsigned)month, 1) + day - 1;
    *ret = (int32_t)r;
    return r >= INT32_MIN && r <= INT32_MAX;
}

bool json_parse_date(const JsonText *t, Str s, int32_t *ret)
{
    char buf[WITHOUT_GMT_MAX];
    int64_t days;

    if (!t->date && s.n == 10 && json_iso_date(s.p, ret)) {
        return true;
    }
    if (t->date ? datefmt_parse_date(t->date, s, ret) : date_parse(s, ret)) {
        return true;
    }
    if (!t->o->date_fallback) {
        return false;
    }
    return date_parse(without_gmt(s, buf), ret) ||
           (parse_java_int(s, &days) && rebase_days(days, ret));
}

bool json_parse_ts(const JsonText *t, Str s, int64_t *ret)
{
    char buf[WITHOUT_GMT_MAX];

    if (t->ts ? datefmt_parse_ts(t->ts, s, ret) : ts_parse(s, t->tz, ret)) {
        return true;
    }
    return t->o->ts_fallback && ts_parse(without_gmt(s, buf), t->tz, ret);
}

bool json_parse_ts_ntz(const JsonText *t, Str s, int64_t *ret)
{
    return t->ts_ntz ? datefmt_parse_ts_ntz(t->ts_ntz, s, false, ret) : ts_ntz_parse(s, false, ret);
}

/* ---- base64 ---- */

static int base64_digit(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

/* MIME's alphabet with padding; space is allowed in front of a group of four, and groups with
 * padding may be followed by others. */
bool json_parse_base64(Str s, Arena *a, Str *ret)
{
    char *out = arena_alloc(a, s.n / 4 * 3 + 3);
    size_t n = 0, i = 0;

    for (;;) {
        while (i < s.n && (unsigned char)s.p[i] <= ' ') {
            i++;
        }
        if (i == s.n) {
            break;
        }
        if (s.n - i < 4) {
            return false;
        }
        int d[4];
        for (size_t k = 0; k < 4; k++) {
            d[k] = base64_digit(s.p[i + k]);
        }
        bool pad3 = s.p[i + 3] == '=', pad2 = pad3 && s.p[i + 2] == '=';
        if (d[0] < 0 || d[1] < 0 || (d[2] < 0 && !pad2) || (d[3] < 0 && !pad3)) {
            return false;
        }
        out[n++] = (char)(d[0] << 2 | d[1] >> 4);
        if (!pad2) {
            out[n++] = (char)(d[1] << 4 | d[2] >> 2);
        }
        if (!pad3) {
            out[n++] = (char)(d[2] << 6 | d[3]);
        }
        i += 4;
    }
    *ret = (Str){out, n};
    return true;
}
