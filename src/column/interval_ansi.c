/*
 * interval_ansi.c - year-month and day-time intervals from and to text.
 *
 * Read are the bare value ("1-2", "-3 04:05:06.7", with a sign in front) and the whole literal
 * (INTERVAL -'1-2' YEAR TO MONTH, any case), each exactly in the fields of the type. The first
 * field may be large, the following ones have two digits and stay in their range, seconds have up
 * to nine decimals that are cut to microseconds. Printed is the literal.
 */
#include "column/datetime.h"
#include "column/interval.h"
#include "column/interval_priv.h"

#include <stdio.h>

static const char *const ym_names[] = {"YEAR", "MONTH"};
static const char *const dt_names[] = {"DAY", "HOUR", "MINUTE", "SECOND"};
static const int64_t dt_sizes[] = {US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND};

typedef struct Cursor {
    const char *p, *end;
} Cursor;

static bool is_java_space(char c)
{
    return c == ' ' || (c >= 9 && c <= 13);
}

static bool take(Cursor *c, char ch)
{
    if (c->p < c->end && *c->p == ch) {
        c->p++;
        return true;
    }
    return false;
}

static bool take_spaces(Cursor *c)
{
    const char *start = c->p;
    while (c->p < c->end && is_java_space(*c->p)) {
        c->p++;
    }
    return c->p > start;
}

static bool take_word(Cursor *c, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(c->end - c->p) < n || !str_eq_nocase((Str){c->p, n}, (Str){word, n})) {
        return false;
    }
    c->p += n;
    return true;
}

/* A sign, of which Spark's patterns take '|' for one too. */
static bool take_sign(Cursor *c)
{
    bool negative = c->p < c->end && *c->p == '-';
    if (c->p < c->end && (*c->p == '-' || *c->p == '+' || *c->p == '|')) {
        c->p++;
    }
    return negative;
}

/* 1 to max digits; *ret saturates. */
static bool take_digits(Cursor *c, int max, int64_t *ret)
{
    int n = 0;
    int64_t v = 0;
    for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++, n++) {
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *c->p - '0', &v)) {
            v = INT64_MAX;
        }
    }
    *ret = v;
    return n >= 1 && n <= max;
}

/*
 * Takes off INTERVAL sign ' … ' FIRST [TO LAST], if the text is of that form, and the sign in
 * front of the value; body is what remains. false: no text of the type.
 */
static bool open_value(Str s, const char *first, const char *last, Str *body, bool *negative)
{
    while (s.n > 0 && ((unsigned char)*s.p <= 32 || *s.p == 127)) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && ((unsigned char)s.p[s.n - 1] <= 32 || s.p[s.n - 1] == 127)) {
        s.n--;
    }
    Cursor c = {s.p, s.p + s.n};
    bool outer = false;
    if (take_word(&c, "INTERVAL")) {
        if (!take_spaces(&c)) {
            return false;
        }
        outer = take_sign(&c);
        const char *close = c.p < c.end ? memchr(c.p + 1, '\'', (size_t)(c.end - c.p - 1)) : NULL;
        if (!take(&c, '\'') || !close) {
            return false;
        }
        Cursor tail = {close + 1, c.end};
        if (!take_spaces(&tail) || !take_word(&tail, first) ||
            (last && (!take_spaces(&tail) || !take_word(&tail, "TO") || !take_spaces(&tail) ||
                      !take_word(&tail, last))) ||
            tail.p != tail.end) {
            return false;
        }
        c.end = close;
    }
    *negative = take_sign(&c) != outer;
    *body = (Str){c.p, (size_t)(c.end - c.p)};
    return true;
}

/* ---- errors ---- */

static fb_status bad_form(Str s, bool year_month, int first, int last, fb_error *err)
{
    static const char *const ym_forms[2][2] = {{"y", "y-m"}, {"", "m"}};
    static const char *const dt_forms[4][4] = {{"d", "d h", "d h:m", "d h:m:s.n"},
                                               {"", "h", "h:m", "h:m:s.n"},
                                               {"", "", "m", "m:s.n"},
                                               {"", "", "", "s.n"}};
    const char *const *names = year_month ? ym_names : dt_names;
    const char *form = year_month ? ym_forms[first][last] : dt_forms[first][last];
    StrBuf input = {0}, forms = {0}, fields = {0}, type = {0};
    strbuf_append(&input, s.p, s.n);
    strbuf_puts(&fields, names[first]);
    if (last != first) {
        strbuf_printf(&fields, " TO %s", names[last]);
    }
    strbuf_puts(&type, "interval ");
    for (size_t i = 0; i < fields.n; i++) {
        strbuf_putc(&type, ascii_lower(fields.p[i]));
    }
    strbuf_printf(&forms, "`[+|-]%s`, `INTERVAL [+|-]'[+|-]%s' %s`", form, form, fields.p);
    err_set(err,
            year_month ? ERR_INVALID_INTERVAL_UNMATCHED
                       : ERR_INVALID_INTERVAL_UNMATCHED_WITH_NOTICE,
            "intervalStr", year_month ? "year-month" : "day-time", "supportedFormat", forms.p,
            "typeName", type.p, "input", strbuf_str(&input).p, NULL);
    strbuf_free(&input);
    strbuf_free(&forms);
    strbuf_free(&fields);
    strbuf_free(&type);
    return FB_ERR;
}

static fb_status out_of_bounds(Str s, ErrId id, fb_error *err)
{
    StrBuf input = {0};
    strbuf_append(&input, s.p, s.n);
    if (id == ERR_INVALID_INTERVAL_PARSING) {
        err_set(err, id, "input", strbuf_str(&input).p, "interval", "year-month", NULL);
    } else {
        err_set(err, id, "input", strbuf_str(&input).p, NULL);
    }
    strbuf_free(&input);
    return FB_ERR;
}

/* ---- year-month ---- */

fb_status interval_parse_ym(Str s, int first, int last, int32_t *ret, fb_error *err)
{
    Str body;
    bool negative;
    if (!open_value(s, ym_names[first], last == first ? NULL : ym_names[last], &body, &negative)) {
        return bad_form(s, true, first, last, err);
    }
    Cursor c = {body.p, body.p + body.n};
    int64_t years = 0, months = 0;
    bool ok = take_digits(&c, INT32_MAX, first == 0 ? &years : &months);
    bool in_range = true;
    if (first != last) {
        ok = ok && take(&c, '-') && take_digits(&c, INT32_MAX, &months);
        in_range = years <= INT32_MAX / 12 && months <= 11;
    }
    if (!ok || c.p != c.end) {
        return bad_form(s, true, first, last, err);
    }
    __int128 v = (__int128)years * 12 + months;
    v = negative ? -v : v;
    if (!in_range || v != (int32_t)v) {
        return out_of_bounds(str_trim(s), ERR_INVALID_INTERVAL_PARSING, err);
    }
    *ret = (int32_t)v;
    return FB_OK;
}

void interval_format_ym(int32_t months, int first, int last, StrBuf *out)
{
    int64_t a = months < 0 ? -(int64_t)months : months;
    const char *sign = months < 0 ? "-" : "";
    if (first != last) {
        strbuf_printf(out, "INTERVAL '%s%lld-%lld' YEAR TO MONTH", sign, (long long)(a / 12),
                      (long long)(a % 12));
    } else {
        strbuf_printf(out, "INTERVAL '%s%lld' %s", sign, (long long)(first == 0 ? a / 12 : a),
                      ym_names[first]);
    }
}

/* ---- day-time ---- */

/* ".digits", up to nine, as microseconds. */
static bool take_fraction(Cursor *c, int64_t *ret)
{
    *ret = 0;
    if (!take(c, '.')) {
        return true;
    }
    const char *start = c->p;
    int64_t unit = 100000;
    for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++) {
        *ret += (*c->p - '0') * unit;
        unit /= 10;
    }
    return c->p > start && c->p - start <= 9;
}

fb_status interval_parse_dt(Str s, int first, int last, int64_t *ret, fb_error *err)
{
    static const int max_digits[] = {9, 10, 12, 13};
    static const int64_t max_first[] = {106751991, 2562047788, 153722867280, 9223372036854};
    static const int max_next[] = {0, 23, 59, 59};
    static const char *const field_names[] = {"day", "hour", "minute", "second"};
    Str body;
    bool negative;
    FB_ASSERT(0 <= first && first <= last && last <= 3);
    if (!open_value(s, dt_names[first], last == first ? NULL : dt_names[last], &body, &negative)) {
        return bad_form(s, false, first, last, err);
    }
    Cursor c = {body.p, body.p + body.n};
    int64_t value[4] = {0}, fraction = 0;
    bool ok = true;
    for (int f = first; f <= last && ok; f++) {
        ok = (f == first || take(&c, f == 1 ? ' ' : ':')) &&
             take_digits(&c, f == first ? max_digits[f] : 2, &value[f]) &&
             (f != 3 || take_fraction(&c, &fraction));
    }
    if (!ok || c.p != c.end) {
        return bad_form(s, false, first, last, err);
    }
    __int128 v = fraction;
    for (int f = first; f <= last; f++) {
        int64_t max = f == first ? max_first[f] : max_next[f];
        if (value[f] > max && first != last) {
            char text[96];
            snprintf(text, sizeof(text), "%s %lld outside range [0, %lld]", field_names[f],
                     (long long)value[f], (long long)max);
            return err_set(err, ERR_LEGACY_REQUIREMENT, "message", text, NULL);
        }
        v += (__int128)value[f] * dt_sizes[f];
    }
    v = negative ? -v : v;
    if (v != (int64_t)v) {
        return out_of_bounds(s, ERR_INVALID_INTERVAL_ARITHMETIC, err);
    }
    *ret = (int64_t)v;
    return FB_OK;
}

void interval_format_dt(int64_t us, int first, int last, StrBuf *out)
{
    uint64_t rest = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
    FB_ASSERT(0 <= first && first <= last && last <= 3);
    strbuf_puts(out, us < 0 ? "INTERVAL '-" : "INTERVAL '");
    for (int f = first; f <= last; f++) {
        uint64_t n = rest / (uint64_t)dt_sizes[f];
        if (f > first) {
            strbuf_putc(out, f == 1 ? ' ' : ':');
        }
        if (f == 3 && first != 3) {
            interval_put_seconds(out, (int64_t)rest, true);
            break;
        }
        strbuf_printf(out, f == 0 ? "%llu" : "%02llu", (unsigned long long)n);
        rest -= n * (uint64_t)dt_sizes[f];
        if (f == 3 && rest > 0) {
            strbuf_printf(out, ".%06u", (unsigned)rest);
            while (out->p[out->n - 1] == '0') {
                out->p[--out->n] = 0;
            }
        }
    }
    strbuf_printf(out, "' %s", dt_names[first]);
    if (last != first) {
        strbuf_printf(out, " TO %s", dt_names[last]);
    }
}

/* ---- literals: Spark reads the two alike ---- */

fb_status interval_literal_ym(Str s, int first, int last, int32_t *ret, fb_error *err)
{
    return interval_parse_ym(s, first, last, ret, err);
}

fb_status interval_literal_dt(Str s, int first, int last, int64_t *ret, fb_error *err)
{
    return interval_parse_dt(s, first, last, ret, err);
}
