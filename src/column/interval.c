/*
 * interval.c - calendar intervals from and to text.
 *
 * The grammar is that of Spark's stringToInterval: [INTERVAL] ([+|-] number unit)+, in any case,
 * where only seconds have a fraction of up to nine digits, cut to microseconds. It is read by one
 * pass; what goes wrong where decides the condition, and the word at that place goes into it.
 */
#include "column/interval.h"
#include "column/datetime.h"
#include "column/interval_priv.h"

typedef struct Reader {
    Str input; /* as given */
    Str s;     /* trimmed */
    size_t i;
    IntervalCal v;
    ErrId failed; /* ERR_NONE until something is wrong */
} Reader;

static inline bool is_space(char c)
{
    return (unsigned char)c <= 32 || c == 127;
}

static Str trim_all(Str s)
{
    while (s.n > 0 && is_space(*s.p)) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_space(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

static inline bool at_end(const Reader *r)
{
    return r->i == r->s.n;
}

static inline char peek(const Reader *r)
{
    return ascii_lower(r->s.p[r->i]);
}

static void skip_space(Reader *r)
{
    while (!at_end(r) && is_space(peek(r))) {
        r->i++;
    }
}

static bool fail(Reader *r, ErrId id)
{
    r->failed = id;
    return false;
}

static bool starts_with(const Reader *r, const char *word)
{
    size_t n = strlen(word);
    return r->s.n - r->i >= n && str_eq_nocase((Str){r->s.p + r->i, n}, (Str){word, n});
}

/* INTERVAL and a space, if the text starts with the word. */
static bool skip_prefix(Reader *r)
{
    if (!starts_with(r, "interval")) {
        return true;
    }
    if (r->s.n == strlen("interval")) {
        return fail(r, ERR_INVALID_INTERVAL_INPUT_IS_EMPTY);
    }
    if (!is_space(r->s.p[strlen("interval")])) {
        return fail(r, ERR_INVALID_INTERVAL_PREFIX);
    }
    r->i = strlen("interval") + 1;
    return true;
}

typedef struct Number {
    int64_t whole;
    int32_t fraction; /* nanoseconds, then microseconds */
    bool negative, has_fraction;
} Number;

/* The digits behind a point, up to white space; a point that starts the number needs one. */
static bool read_fraction(Reader *r, Number *n, bool point_first)
{
    int32_t unit = 100000000;
    bool any = false;
    n->has_fraction = true;
    for (; !at_end(r) && !is_space(peek(r)); r->i++) {
        char c = peek(r);
        if (c < '0' || c > '9') {
            return fail(r, ERR_INVALID_INTERVAL_VALUE);
        }
        if (unit == 0) {
            return fail(r, ERR_INVALID_INTERVAL_PRECISION);
        }
        n->fraction += (c - '0') * unit;
        unit /= 10;
        any = true;
    }
    if (at_end(r)) {
        return fail(r, ERR_INVALID_INTERVAL_MISSING_UNIT);
    }
    if (point_first && !any) {
        return fail(r, ERR_INVALID_INTERVAL_VALUE);
    }
    n->fraction /= 1000;
    return true;
}

static bool read_number(Reader *r, Number *n)
{
    *n = (Number){0};
    char c = peek(r);
    if (c == '-' || c == '+') {
        n->negative = c == '-';
        r->i++;
        skip_space(r);
        if (at_end(r)) {
            return fail(r, ERR_INVALID_INTERVAL_MISSING_NUMBER);
        }
    } else if (c == '.') {
        r->i++;
        return read_fraction(r, n, true);
    } else if (c < '0' || c > '9') {
        return fail(r, ERR_INVALID_INTERVAL_UNRECOGNIZED_NUMBER);
    }
    for (; !at_end(r) && !is_space(c = peek(r)); r->i++) {
        if (c == '.') {
            r->i++;
            return read_fraction(r, n, false);
        }
        if (c < '0' || c > '9') {
            return fail(r, ERR_INVALID_INTERVAL_VALUE);
        }
        if (__builtin_mul_overflow(n->whole, 10, &n->whole) ||
            __builtin_add_overflow(n->whole, c - '0', &n->whole)) {
            return fail(r, ERR_INVALID_INTERVAL_ARITHMETIC);
        }
    }
    return !at_end(r) || fail(r, ERR_INVALID_INTERVAL_MISSING_UNIT);
}

typedef struct Unit {
    const char *name;
    enum { U_MONTHS, U_DAYS, U_MICROS } kind;
    int64_t size;
} Unit;

static const Unit units[] = {
    {"year", U_MONTHS, 12},
    {"week", U_DAYS, 7},
    {"day", U_DAYS, 1},
    {"hour", U_MICROS, US_PER_HOUR},
    {"second", U_MICROS, US_PER_SECOND},
    {"month", U_MONTHS, 1},
    {"minute", U_MICROS, US_PER_MINUTE},
    {"millisecond", U_MICROS, US_PER_MS},
    {"microsecond", U_MICROS, 1},
};

static bool add32(int32_t *to, int64_t value, int64_t size)
{
    int64_t v;
    return !__builtin_mul_overflow(value, size, &v) && v == (int32_t)v &&
           !__builtin_add_overflow(*to, (int32_t)v, to);
}

static bool add(IntervalCal *to, const Number *n, const Unit *u)
{
    int64_t whole = n->negative ? -n->whole : n->whole, v;
    switch (u->kind) {
    case U_MONTHS:
        return add32(&to->months, whole, u->size);
    case U_DAYS:
        return add32(&to->days, whole, u->size);
    case U_MICROS:
        break;
    }
    return !__builtin_mul_overflow(whole, u->size, &v) &&
           !__builtin_add_overflow(to->micros, v, &to->micros) &&
           !__builtin_add_overflow(to->micros, n->negative ? -n->fraction : n->fraction,
                                   &to->micros);
}

static bool read_unit(Reader *r, const Number *n)
{
    if (n->has_fraction && peek(r) != 's') {
        return fail(r, ERR_INVALID_INTERVAL_FRACTION);
    }
    for (size_t k = 0; k < sizeof(units) / sizeof(*units); k++) {
        if (!starts_with(r, units[k].name)) {
            continue;
        }
        if (!add(&r->v, n, &units[k])) {
            return fail(r, ERR_INVALID_INTERVAL_ARITHMETIC);
        }
        r->i += strlen(units[k].name);
        if (!at_end(r) && peek(r) == 's') {
            r->i++;
        }
        return at_end(r) || is_space(peek(r)) || fail(r, ERR_INVALID_INTERVAL_UNIT);
    }
    return fail(r, ERR_INVALID_INTERVAL_UNIT);
}

static bool read_all(Reader *r)
{
    r->s = trim_all(r->input);
    if (r->s.n == 0) {
        return fail(r, ERR_INVALID_INTERVAL_INPUT_IS_EMPTY);
    }
    if (!skip_prefix(r)) {
        return false;
    }
    Number n;
    for (skip_space(r); !at_end(r); skip_space(r)) {
        if (!read_number(r, &n)) {
            return false;
        }
        skip_space(r);
        if (!read_unit(r, &n)) {
            return false;
        }
    }
    return true;
}

/* The word around r->i, or before it where that is white space or the end; in lower case. */
static void word_at(const Reader *r, StrBuf *out)
{
    size_t to = r->i, from;
    if (to < r->s.n && !is_space(r->s.p[to])) {
        while (to < r->s.n && !is_space(r->s.p[to])) {
            to++;
        }
    } else {
        while (to > 0 && is_space(r->s.p[to - 1])) {
            to--;
        }
    }
    for (from = to; from > 0 && !is_space(r->s.p[from - 1]);) {
        from--;
    }
    for (; from < to; from++) {
        strbuf_putc(out, ascii_lower(r->s.p[from]));
    }
}

static fb_status raise(const Reader *r, fb_error *err)
{
    const char *key;
    switch (r->failed) {
    case ERR_INVALID_INTERVAL_PREFIX:
        key = "prefix";
        break;
    case ERR_INVALID_INTERVAL_UNRECOGNIZED_NUMBER:
        key = "number";
        break;
    case ERR_INVALID_INTERVAL_VALUE:
    case ERR_INVALID_INTERVAL_PRECISION:
        key = "value";
        break;
    case ERR_INVALID_INTERVAL_UNIT:
    case ERR_INVALID_INTERVAL_FRACTION:
        key = "unit";
        break;
    case ERR_INVALID_INTERVAL_MISSING_NUMBER:
    case ERR_INVALID_INTERVAL_MISSING_UNIT:
        key = "word";
        break;
    default:
        key = NULL;
        break;
    }
    StrBuf input = {0}, word = {0};
    strbuf_append(&input, r->input.p, r->input.n);
    word_at(r, &word);
    const char *text = strbuf_str(&word).p;
    err_set(err, r->failed, "input", strbuf_str(&input).p, key, text, NULL);
    strbuf_free(&input);
    strbuf_free(&word);
    return FB_ERR;
}

fb_status interval_parse(Str s, IntervalCal *ret, fb_error *err)
{
    Reader r = {.input = s};
    bool ok = read_all(&r);
    *ret = r.v;
    return ok ? FB_OK : raise(&r, err);
}

bool interval_parse_quiet(Str s, IntervalCal *ret)
{
    Reader r = {.input = s};
    bool ok = read_all(&r);
    *ret = r.v;
    return ok;
}

/* ---- milliseconds ---- */

static bool total_us(IntervalCal v, int days_per_month, int64_t *ret)
{
    __int128 us = ((__int128)v.months * days_per_month + v.days) * US_PER_DAY + v.micros;
    *ret = (int64_t)us;
    return us == *ret;
}

static fb_status with_text(fb_error *err, ErrId id, const char *key, Str s)
{
    StrBuf text = {0};
    strbuf_append(&text, s.p, s.n);
    err_set(err, id, key, strbuf_str(&text).p, NULL);
    strbuf_free(&text);
    return FB_ERR;
}

fb_status interval_parse_millis(Str s, int64_t *ret_ms, fb_error *err)
{
    IntervalCal v;
    int64_t us;
    TRY(interval_parse(s, &v, err));
    if (v.months != 0) {
        return with_text(err, ERR_LEGACY_3262, "interval", s);
    }
    if (!total_us(v, 0, &us)) {
        return with_text(err, ERR_INVALID_INTERVAL_ARITHMETIC, "input", s);
    }
    *ret_ms = dt_floor_div(us, US_PER_MS);
    return FB_OK;
}

/* As Spark quotes it in the parameter: in single quotes, with \ before ' and \. */
static fb_status not_a_delay(Str s, fb_error *cause, fb_error *err)
{
    StrBuf text = {0};
    strbuf_putc(&text, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'' || s.p[i] == '\\') {
            strbuf_putc(&text, '\\');
        }
        strbuf_putc(&text, s.p[i]);
    }
    strbuf_putc(&text, '\'');
    const char *value = strbuf_str(&text).p;
    if (err_is_set(cause)) {
        err_set_cause(err, cause, ERR_CANNOT_PARSE_INTERVAL, "intervalString", value, NULL);
    } else {
        err_set(err, ERR_CANNOT_PARSE_INTERVAL, "intervalString", value, NULL);
    }
    strbuf_free(&text);
    return FB_ERR;
}

fb_status interval_parse_delay_millis(Str s, int64_t *ret_ms, fb_error *err)
{
    IntervalCal v;
    int64_t us;
    fb_error cause = {0};
    if (interval_parse(s, &v, &cause) != FB_OK) {
        fb_status st = not_a_delay(s, &cause, err);
        err_clear(&cause);
        return st;
    }
    Str t = trim_all(s);
    bool literal = t.n >= 8 && str_eq_nocase((Str){t.p, 8}, STR_LIT("interval"));
    if (literal && v.months != 0 && (v.days != 0 || v.micros != 0)) {
        return not_a_delay(s, &cause, err); /* read as a literal, where the two do not mix */
    }
    if (!total_us(v, 31, &us)) {
        return with_text(err, ERR_INVALID_INTERVAL_ARITHMETIC, "input", s);
    }
    *ret_ms = us / US_PER_MS;
    return FB_OK;
}

/* ---- printing ---- */

void interval_put_seconds(StrBuf *out, int64_t us, bool two_digits)
{
    int64_t a = us < 0 ? -us : us; /* below an hour */
    strbuf_printf(out, two_digits ? "%s%02d" : "%s%d", us < 0 ? "-" : "", (int)(a / US_PER_SECOND));
    int fraction = (int)(a % US_PER_SECOND);
    if (fraction) {
        strbuf_printf(out, ".%06d", fraction);
        while (out->p[out->n - 1] == '0') {
            out->p[--out->n] = 0;
        }
    }
}

static void put_unit(StrBuf *out, size_t start, int64_t v, const char *unit)
{
    if (v != 0) {
        strbuf_printf(out, "%s%lld %s", out->n > start ? " " : "", (long long)v, unit);
    }
}

void interval_format(IntervalCal v, StrBuf *out)
{
    size_t start = out->n;
    put_unit(out, start, v.months / 12, "years");
    put_unit(out, start, v.months % 12, "months");
    put_unit(out, start, v.days, "days");
    put_unit(out, start, v.micros / US_PER_HOUR, "hours");
    put_unit(out, start, v.micros % US_PER_HOUR / US_PER_MINUTE, "minutes");
    int64_t rest = v.micros % US_PER_MINUTE;
    if (rest != 0) {
        strbuf_puts(out, out->n > start ? " " : "");
        interval_put_seconds(out, rest, false);
        strbuf_puts(out, " seconds");
    }
    if (out->n == start) {
        strbuf_puts(out, "0 seconds");
    }
}
