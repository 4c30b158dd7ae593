/*
 * datefmt_parse.c - reading dates and timestamps by a compiled pattern.
 *
 * Two steps, as java.time does it with a strict resolver. First the text is matched op by op into
 * field values; a field that gets two different values does not match; an optional section that
 * does not match leaves position and fields as they were. The whole text has to match. Then the
 * fields are combined: era and year of era to a year; year, month and day (or day of year) to a
 * date; the hours of all kinds, minute, second and fraction to a time; whatever is left over must
 * agree with them. At last Spark's defaults fill what is missing: 1970-01-01, 00:00:00.
 */
#include "column/datefmt_priv.h"
#include "column/timezone_names.h"
#include "column/timezone_priv.h"

#include <stdlib.h>

typedef struct Fields {
    uint32_t set; /* bit per FmtField */
    int64_t v[FF_COUNT];
    bool has_zone;        /* from VV or z */
    const TimeZone *zone; /* NULL: the zone is zone_offset */
    int32_t zone_offset;
} Fields;

typedef struct Reader {
    const DateFmt *f;
    Str s;
    Fields fields;
    bool broken; /* java.time would throw: no optional section saves the text */
} Reader;

#define NO_MATCH ((size_t)-1)
#define OFFSET_MAX (18 * 3600)

static inline bool has(const Fields *f, FmtField k)
{
    return f->set >> k & 1;
}

static bool set_field(Fields *f, FmtField k, int64_t v)
{
    if (has(f, k)) {
        return f->v[k] == v;
    }
    f->set |= 1u << k;
    f->v[k] = v;
    return true;
}

static void drop(Fields *f, FmtField k)
{
    f->set &= ~(1u << k);
}

static inline int digit_at(const Reader *r, size_t pos)
{
    if (pos >= r->s.n) {
        return -1;
    }
    unsigned d = (unsigned)(unsigned char)r->s.p[pos] - '0';
    return d <= 9 ? (int)d : -1;
}

static inline char char_at(const Reader *r, size_t pos)
{
    return pos < r->s.n ? r->s.p[pos] : 0;
}

static size_t match_text(const Reader *r, size_t pos, const char *text, size_t n)
{
    if (n > r->s.n - pos || !str_eq_nocase((Str){r->s.p + pos, n}, (Str){text, n})) {
        return NO_MATCH;
    }
    return pos + n;
}

/* ---- numbers ---- */

static bool sign_allowed(SignRule rule, bool positive)
{
    return rule == SIGN_EXCEEDS_PAD || (rule == SIGN_NORMAL && !positive);
}

/* Up to max digits from pos; *v saturates (no field holds more than nine digits). */
static size_t take_digits(const Reader *r, size_t pos, size_t max, int64_t *v)
{
    int64_t total = 0;
    size_t n = 0;
    for (int d; n < max && (d = digit_at(r, pos + n)) >= 0; n++) {
        total = total < INT64_MAX / 20 ? total * 10 + d : INT64_MAX / 2;
    }
    *v = total;
    return n;
}

static size_t read_number(Reader *r, const FmtOp *op, size_t pos)
{
    size_t n, min = op->min, max = op->max;
    char c = char_at(r, pos);
    bool positive = c == '+', negative = c == '-';
    int64_t v;
    if (positive || negative) {
        if (!sign_allowed(op->sign, positive)) {
            return NO_MATCH;
        }
        pos++;
    }
    if (op->subsequent > 0) {
        max += (size_t)op->subsequent;
    }
    n = take_digits(r, pos, max, &v);
    if (n < min || n == 0) {
        return NO_MATCH;
    }
    if (op->subsequent > 0) { /* leave the digits of those behind */
        size_t keep = n > (size_t)op->subsequent ? n - (size_t)op->subsequent : 0;
        n = take_digits(r, pos, keep > min ? keep : min, &v);
    }
    if (negative) {
        if (v == 0) {
            return NO_MATCH;
        }
        v = -v;
    } else if (op->sign == SIGN_EXCEEDS_PAD && (positive ? n <= min : n > min)) {
        return NO_MATCH;
    }
    if (op->kind == OP_YEAR2 && n == 2) {
        v += 2000;
    }
    return set_field(&r->fields, op->field, v) ? pos + n : NO_MATCH;
}

static size_t read_fraction(Reader *r, const FmtOp *op, size_t pos)
{
    int64_t v;
    size_t n = take_digits(r, pos, op->max, &v);
    if (n < op->min) {
        return NO_MATCH;
    }
    for (size_t i = n; i < 9; i++) {
        v *= 10;
    }
    return set_field(&r->fields, FF_NANO, v) ? pos + n : NO_MATCH;
}

static size_t read_text(Reader *r, const FmtOp *op, size_t pos)
{
    const char *name;
    for (int v = 0; v <= 12; v++) {
        name = datefmt_name(op->field, op->is_full, v);
        size_t end = name ? match_text(r, pos, name, strlen(name)) : NO_MATCH;
        if (end != NO_MATCH) {
            return set_field(&r->fields, op->field, v) ? end : NO_MATCH;
        }
    }
    return NO_MATCH;
}

/* ---- zones ---- */

/* [:]dd up to 59; false leaves *pos. */
static bool read_pair(const Reader *r, bool colon, size_t *pos, int32_t *ret)
{
    size_t p = *pos;
    if (colon) {
        if (char_at(r, p) != ':') {
            return false;
        }
        p++;
    }
    int a = digit_at(r, p), b = digit_at(r, p + 1);
    if (a < 0 || b < 0 || a > 5) {
        return false;
    }
    *ret = a * 10 + b;
    *pos = p + 2;
    return true;
}

/* +hh… of a shape; the value goes to *ret. */
static size_t scan_offset(Reader *r, OffsetShape shape, const char *zero, size_t pos, int32_t *ret)
{
    size_t end = match_text(r, pos, zero, strlen(zero));
    *ret = 0;
    if (end != NO_MATCH) {
        return end;
    }
    char sign = char_at(r, pos);
    if (sign != '+' && sign != '-') {
        return NO_MATCH;
    }
    bool colon = shape % 2 == 0;
    int32_t h = 0, m = 0, s = 0;
    pos++;
    if (!read_pair(r, false, &pos, &h)) {
        return NO_MATCH;
    }
    if (read_pair(r, colon, &pos, &m)) {
        if (shape >= OFFSET_HHMMss) {
            (void)read_pair(r, colon, &pos, &s);
        }
    } else if (shape >= OFFSET_HHMM) {
        return NO_MATCH;
    }
    if (h > 23) {
        r->broken = true;
        return NO_MATCH;
    }
    int32_t total = h * 3600 + m * 60 + s;
    *ret = sign == '-' ? -total : total;
    return pos;
}

static size_t read_offset(Reader *r, const FmtOp *op, size_t pos)
{
    int32_t offset;
    if (pos == r->s.n) {
        return NO_MATCH;
    }
    size_t end = scan_offset(r, op->shape, op->zero, pos, &offset);
    return end != NO_MATCH && set_field(&r->fields, FF_OFFSET, offset) ? end : NO_MATCH;
}

static size_t read_localized_offset(Reader *r, const FmtOp *op, size_t pos)
{
    pos = match_text(r, pos, "GMT", 3);
    if (pos == NO_MATCH) {
        return NO_MATCH;
    }
    char sign = char_at(r, pos);
    if (sign != '+' && sign != '-') {
        return set_field(&r->fields, FF_OFFSET, 0) ? pos : NO_MATCH;
    }
    pos++;
    int h = digit_at(r, pos), m = 0, s = 0, d = digit_at(r, pos + 1);
    if (h < 0 || (op->is_full && d < 0)) {
        r->broken |= pos + (op->is_full && h >= 0) >= r->s.n;
        return NO_MATCH;
    }
    pos += d >= 0 ? 2 : 1;
    h = d >= 0 ? h * 10 + d : h;
    for (int k = 0; k < 2; k++) {
        int a = digit_at(r, pos + 1), b = digit_at(r, pos + 2);
        if (char_at(r, pos) != ':' || a < 0 || b < 0) {
            if (op->is_full && k == 0) {
                return NO_MATCH;
            }
            break;
        }
        *(k == 0 ? &m : &s) = a * 10 + b;
        pos += 3;
    }
    int32_t total = h * 3600 + m * 60 + s;
    return set_field(&r->fields, FF_OFFSET, sign == '-' ? -total : total) ? pos : NO_MATCH;
}

static bool set_zone(Reader *r, const char *id, size_t n)
{
    r->fields.has_zone = true;
    r->fields.zone = tz_find((Str){id, n});
    return r->fields.zone != NULL;
}

/* UTC, GMT, UT or nothing, and an offset. */
static size_t read_prefixed(Reader *r, size_t from, size_t pos)
{
    size_t prefix = pos - from;
    char c = char_at(r, pos);
    if (prefix > 0 && (pos >= r->s.n || c == '0' || (c | 32) == 'z')) {
        return set_zone(r, "UTC", 3) ? pos : NO_MATCH; /* all prefixes mean the same time */
    }
    int32_t offset;
    size_t end = scan_offset(r, OFFSET_HH_MM_ss, prefix > 0 ? "0" : "Z", pos, &offset);
    if (end == NO_MATCH) {
        return prefix > 0 && set_zone(r, "UTC", 3) ? pos : NO_MATCH;
    }
    if (abs(offset) > OFFSET_MAX) {
        return NO_MATCH;
    }
    r->fields.has_zone = true;
    r->fields.zone = NULL;
    r->fields.zone_offset = offset;
    return end;
}

static size_t read_zone(Reader *r, TzNameKind kind, size_t pos)
{
    if (pos == r->s.n) {
        return NO_MATCH;
    }
    char c = char_at(r, pos), c1 = char_at(r, pos + 1), c2 = char_at(r, pos + 2),
         c3 = char_at(r, pos + 3);
    if (c == '+' || c == '-') {
        return read_prefixed(r, pos, pos);
    }
    if ((c | 32) == 'u' && (c1 | 32) == 't') {
        if ((c2 | 32) != 'c') {
            return read_prefixed(r, pos, pos + 2);
        }
        if (pos + 3 == r->s.n || c3 == '+' || c3 == '-') {
            return read_prefixed(r, pos, pos + 3);
        }
    } else if ((c | 32) == 'g' && (c1 | 32) == 'm' && (c2 | 32) == 't') {
        if (c3 == '0') {
            return set_zone(r, "GMT0", 4) ? pos + 4 : NO_MATCH;
        }
        return read_prefixed(r, pos, pos + 3);
    }
    size_t n;
    const char *id = tz_name_prefix((Str){r->s.p + pos, r->s.n - pos}, kind, &n);
    if (id) {
        return set_zone(r, id, strlen(id)) ? pos + n : NO_MATCH;
    }
    if ((c | 32) == 'z') {
        return set_zone(r, "Z", 1) ? pos + 1 : NO_MATCH;
    }
    return NO_MATCH;
}

/* ---- matching ---- */

static size_t read_op(Reader *r, const FmtOp *op, size_t pos)
{
    switch (op->kind) {
    case OP_LITERAL:
        return match_text(r, pos, r->f->text + op->from, op->len);
    case OP_NUMBER:
    case OP_YEAR2:
        return read_number(r, op, pos);
    case OP_FRACTION:
        return read_fraction(r, op, pos);
    case OP_TEXT:
        return read_text(r, op, pos);
    case OP_OFFSET:
        return read_offset(r, op, pos);
    case OP_LOCALIZED_OFFSET:
        return read_localized_offset(r, op, pos);
    case OP_ZONE_ID:
        return read_zone(r, TZ_NAME_ID, pos);
    case OP_ZONE_NAME:
        return read_zone(r, op->is_full ? TZ_NAME_LONG : TZ_NAME_SHORT, pos);
    case OP_OPTIONAL:
    case OP_END:
        break;
    }
    return NO_MATCH;
}

/* Ops [from, to) at pos; recursion is as deep as the sections, at most FMT_DEPTH_MAX. */
static size_t read_ops(Reader *r, uint32_t from, uint32_t to, size_t pos)
{
    for (uint32_t i = from; i < to && pos != NO_MATCH; i++) {
        const FmtOp *op = &r->f->ops[i];
        if (op->kind == OP_OPTIONAL) {
            Fields before = r->fields;
            size_t end = read_ops(r, i + 1, op->from, pos);
            if (end == NO_MATCH) {
                r->fields = before;
            } else {
                pos = end;
            }
            i = op->from;
        } else {
            pos = read_op(r, op, pos);
        }
        if (r->broken) {
            return NO_MATCH;
        }
    }
    return pos;
}

/* ---- combining ---- */

typedef struct Result {
    bool has_date, has_time;
    int64_t days;
    int64_t hour, minute, second, nano;
} Result;

static bool in_range(const Fields *f, FmtField k, int64_t min, int64_t max)
{
    return !has(f, k) || (f->v[k] >= min && f->v[k] <= max);
}

static bool agrees(const Fields *f, FmtField k, int64_t v)
{
    return !has(f, k) || f->v[k] == v;
}

#define YEAR_MAX 999999999

static bool make_days(int64_t y, int64_t m, int64_t d, int64_t *ret)
{
    if (y < -YEAR_MAX || y > YEAR_MAX || m < 1 || m > 12 || d < 1 ||
        d > date_month_length(y, (unsigned)m)) {
        return false;
    }
    *ret = date_from_civil(y, (unsigned)m, (unsigned)d);
    return true;
}

static bool combine_date(Fields *f, Result *res)
{
    if (!has(f, FF_ERA)) { /* the pattern's own default */
        set_field(f, FF_ERA, 1);
    }
    if (has(f, FF_YEAR_OF_ERA)) {
        int64_t y = f->v[FF_YEAR_OF_ERA];
        if (y < 1 || y > YEAR_MAX + 1 || !set_field(f, FF_YEAR, f->v[FF_ERA] == 1 ? y : 1 - y)) {
            return false;
        }
        drop(f, FF_YEAR_OF_ERA);
        drop(f, FF_ERA);
    }
    if (!has(f, FF_YEAR)) {
        return true;
    }
    int64_t y = f->v[FF_YEAR];
    if (has(f, FF_MONTH) && has(f, FF_DAY)) {
        res->has_date = make_days(y, f->v[FF_MONTH], f->v[FF_DAY], &res->days);
        if (!res->has_date) {
            return false;
        }
    } else if (has(f, FF_DAY_OF_YEAR)) {
        int64_t doy = f->v[FF_DAY_OF_YEAR];
        if (y < -YEAR_MAX || y > YEAR_MAX || doy < 1 || doy > 365 + date_is_leap(y)) {
            return false;
        }
        res->has_date = true;
        res->days = date_from_civil(y, 1, 1) + doy - 1;
    } else {
        return true;
    }
    CivilDate d = date_to_civil(res->days);
    return agrees(f, FF_MONTH, d.month) && agrees(f, FF_DAY, d.day) &&
           agrees(f, FF_DAY_OF_YEAR, res->days - date_from_civil(d.year, 1, 1) + 1);
}

/* All kinds of hours to FF_HOUR where that is possible. */
static bool combine_hours(Fields *f)
{
    if (has(f, FF_CLOCK_HOUR)) {
        int64_t h = f->v[FF_CLOCK_HOUR];
        if (h < 1 || h > 24 || !set_field(f, FF_HOUR, h == 24 ? 0 : h)) {
            return false;
        }
        drop(f, FF_CLOCK_HOUR);
    }
    if (has(f, FF_CLOCK_HOUR_AMPM)) {
        int64_t h = f->v[FF_CLOCK_HOUR_AMPM];
        if (h < 1 || h > 12 || !set_field(f, FF_HOUR_AMPM, h == 12 ? 0 : h)) {
            return false;
        }
        drop(f, FF_CLOCK_HOUR_AMPM);
    }
    if (has(f, FF_AMPM) && has(f, FF_HOUR_AMPM)) {
        int64_t h = f->v[FF_HOUR_AMPM];
        if (h < 0 || h > 11 || !set_field(f, FF_HOUR, f->v[FF_AMPM] * 12 + h)) {
            return false;
        }
        drop(f, FF_AMPM);
        drop(f, FF_HOUR_AMPM);
    }
    return in_range(f, FF_HOUR, 0, 23) && in_range(f, FF_HOUR_AMPM, 0, 11) &&
           in_range(f, FF_MINUTE, 0, 59) && in_range(f, FF_SECOND, 0, 59);
}

static bool combine_time(Fields *f, Result *res)
{
    if (!combine_hours(f)) {
        return false;
    }
    bool m = has(f, FF_MINUTE), s = has(f, FF_SECOND), n = has(f, FF_NANO);
    res->minute = m ? f->v[FF_MINUTE] : 0;
    res->second = s ? f->v[FF_SECOND] : 0;
    res->nano = n ? f->v[FF_NANO] : 0;
    if (has(f, FF_HOUR)) {
        res->hour = f->v[FF_HOUR];
        res->has_time = !(!m && (s || n)) && !(m && !s && n);
        return !res->has_time ||
               (agrees(f, FF_AMPM, res->hour / 12) && agrees(f, FF_HOUR_AMPM, res->hour % 12));
    }
    /* No hour: Spark takes the half of the day for what it can. */
    res->hour = has(f, FF_HOUR_AMPM)                    ? f->v[FF_HOUR_AMPM]
                : has(f, FF_AMPM) && f->v[FF_AMPM] == 1 ? 12
                                                        : 0;
    return true;
}

/* Spark's date for what is there: year 1970, January, first. */
static bool default_date(const Fields *f, int64_t *ret)
{
    int64_t year = has(f, FF_YEAR) ? f->v[FF_YEAR] : 1970;
    if (has(f, FF_DAY_OF_YEAR)) {
        int64_t doy = f->v[FF_DAY_OF_YEAR];
        if (doy < 1 || doy > 365 + date_is_leap(year)) {
            return false;
        }
        *ret = date_from_civil(year, 1, 1) + doy - 1;
        CivilDate d = date_to_civil(*ret);
        return agrees(f, FF_MONTH, d.month) && agrees(f, FF_DAY, d.day);
    }
    return make_days(year, has(f, FF_MONTH) ? f->v[FF_MONTH] : 1, has(f, FF_DAY) ? f->v[FF_DAY] : 1,
                     ret);
}

static bool read_all(const DateFmt *f, Str s, Fields *fields, Result *res)
{
    Reader r = {.f = f, .s = s};
    *res = (Result){0};
    if (read_ops(&r, 0, f->n, 0) != s.n || r.broken) {
        return false;
    }
    *fields = r.fields;
    if (!combine_date(fields, res) || !combine_time(fields, res)) {
        return false;
    }
    if (res->has_date && res->has_time && !in_range(fields, FF_OFFSET, -OFFSET_MAX, OFFSET_MAX)) {
        return false; /* java.time makes an instant of the three */
    }
    return res->has_date || default_date(fields, &res->days);
}

static int64_t us_of_day(const Result *r)
{
    return r->hour * US_PER_HOUR + r->minute * US_PER_MINUTE + r->second * US_PER_SECOND +
           r->nano / 1000;
}

static bool join(int64_t days, int64_t us, int32_t offset, int64_t *ret)
{
    __int128 v = (__int128)days * US_PER_DAY + us - offset * US_PER_SECOND;
    *ret = (int64_t)v;
    return v == *ret;
}

bool datefmt_parse_date(const DateFmt *f, Str s, int32_t *ret)
{
    Fields fields;
    Result r;
    if (!read_all(f, s, &fields, &r) || r.days != (int32_t)r.days) {
        return false;
    }
    *ret = (int32_t)r.days;
    return true;
}

bool datefmt_parse_ts(const DateFmt *f, Str s, int64_t *ret)
{
    Fields fields;
    Result r;
    if (!read_all(f, s, &fields, &r)) {
        return false;
    }
    int64_t us = us_of_day(&r);
    const TimeZone *tz = f->tz;
    if (fields.has_zone && !fields.zone) {
        return join(r.days, us, fields.zone_offset, ret);
    }
    if (fields.has_zone) {
        tz = fields.zone;
    } else if (has(&fields, FF_OFFSET)) {
        int64_t offset = fields.v[FF_OFFSET];
        return offset >= -OFFSET_MAX && offset <= OFFSET_MAX &&
               join(r.days, us, (int32_t)offset, ret);
    }
    return join(r.days, us, tz_offset_at_local(tz, r.days * 86400 + us / US_PER_SECOND), ret);
}

bool datefmt_parse_ts_ntz(const DateFmt *f, Str s, bool allow_zone, int64_t *ret)
{
    Fields fields;
    Result r;
    if (!read_all(f, s, &fields, &r) ||
        (!allow_zone && (fields.has_zone || has(&fields, FF_OFFSET)))) {
        return false;
    }
    return join(r.days, us_of_day(&r), 0, ret);
}
