/*
 * datefmt_format.c - printing dates and timestamps by a compiled pattern.
 *
 * A value is taken apart once; an op then asks for a field. Room for the longest text that the
 * pattern can give is reserved before, and the ops write without looking at the end. What the value
 * does not have (the hour of a date, the zone of a TIMESTAMP_NTZ) drops the optional section that
 * asks for it, or makes the whole fail. The patterns of CSV, JSON and date_format's default are
 * written straight.
 */
#include "column/datefmt_priv.h"
#include "column/number.h"
#include "column/timezone_priv.h"

#include <stdlib.h>

typedef struct Parts {
    int64_t days;
    CivilDate date;
    int64_t us_of_day;
    bool has_time, has_zone;
    int32_t offset;
    const TimeZone *tz;
    int64_t utc_seconds;
} Parts;

typedef enum Outcome { PRINTED, MISSING, FAILED } Outcome;

static bool field_value(const Parts *p, FmtField f, int64_t *ret)
{
    int64_t year = p->date.year;
    int32_t hour = (int32_t)(p->us_of_day / US_PER_HOUR);
    switch (f) {
    case FF_ERA:
        *ret = year > 0;
        return true;
    case FF_YEAR_OF_ERA:
        *ret = year > 0 ? year : 1 - year;
        return true;
    case FF_YEAR:
        *ret = year;
        return true;
    case FF_QUARTER:
        *ret = (p->date.month - 1) / 3 + 1;
        return true;
    case FF_MONTH:
        *ret = p->date.month;
        return true;
    case FF_DAY_OF_YEAR:
        *ret = p->days - date_from_civil(year, 1, 1) + 1;
        return true;
    case FF_DAY:
        *ret = p->date.day;
        return true;
    case FF_WEEKDAY_IN_MONTH: /* java.time 17: ALIGNED_DAY_OF_WEEK_IN_MONTH */
        *ret = (p->date.day - 1) % 7 + 1;
        return true;
    case FF_DAY_OF_WEEK:
        *ret = ((p->days + 3) % 7 + 7) % 7 + 1;
        return true;
    case FF_AMPM:
        *ret = hour / 12;
        break;
    case FF_HOUR:
        *ret = hour;
        break;
    case FF_CLOCK_HOUR:
        *ret = hour == 0 ? 24 : hour;
        break;
    case FF_HOUR_AMPM:
        *ret = hour % 12;
        break;
    case FF_CLOCK_HOUR_AMPM:
        *ret = hour % 12 == 0 ? 12 : hour % 12;
        break;
    case FF_MINUTE:
        *ret = p->us_of_day / US_PER_MINUTE % 60;
        break;
    case FF_SECOND:
        *ret = p->us_of_day / US_PER_SECOND % 60;
        break;
    case FF_NANO:
        *ret = p->us_of_day % US_PER_SECOND * 1000;
        break;
    case FF_OFFSET:
        *ret = p->offset;
        return p->has_zone;
    case FF_COUNT:
        return false;
    }
    return p->has_time;
}

static inline void put_char(StrBuf *out, char c)
{
    out->p[out->n++] = c;
}

static inline void put_bytes(StrBuf *out, const char *p, size_t n)
{
    memcpy(out->p + out->n, p, n);
    out->n += n;
}

static inline void put_text(StrBuf *out, const char *text)
{
    put_bytes(out, text, strlen(text));
}

static Outcome put_number(const FmtOp *op, int64_t v, StrBuf *out)
{
    static const int64_t exceed[10] = {1,      10,      100,      1000,      10000,
                                       100000, 1000000, 10000000, 100000000, 1000000000};
    char text[NUM_I64_TEXT_MAX];
    uint64_t a = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    if (op->kind == OP_YEAR2) {
        a %= 100;
        v = (int64_t)a;
    }
    size_t n = num_format_u64(a, text);
    if (n > op->max || (v < 0 && op->sign == SIGN_NONE)) {
        return FAILED;
    }
    if (v < 0) {
        put_char(out, '-');
    } else if (op->sign == SIGN_EXCEEDS_PAD && op->min < 10 && v >= exceed[op->min]) {
        put_char(out, '+');
    }
    for (size_t i = n; i < op->min; i++) {
        put_char(out, '0');
    }
    put_bytes(out, text, n);
    return PRINTED;
}

static void put_pair(char *p, unsigned v)
{
    p[0] = (char)('0' + v / 10);
    p[1] = (char)('0' + v % 10);
}

static void put_offset(const FmtOp *op, int32_t offset, StrBuf *out)
{
    uint32_t a = (uint32_t)abs(offset);
    uint32_t h = a / 3600 % 100, m = a / 60 % 60, s = a % 60;
    bool colon = op->shape % 2 == 0;
    bool minutes = op->shape >= OFFSET_HHMM || m > 0;
    bool seconds = minutes && op->shape >= OFFSET_HHMMss && s > 0;
    if (offset == 0 || (h == 0 && !(minutes && m > 0) && !seconds)) {
        put_text(out, op->zero);
        return;
    }
    char text[9];
    size_t n = 0;
    text[n++] = offset < 0 ? '-' : '+';
    put_pair(text + n, h);
    n += 2;
    for (int k = 0; k < 2; k++) {
        if (k == 0 ? !minutes : !seconds) {
            break;
        }
        if (colon) {
            text[n++] = ':';
        }
        put_pair(text + n, k == 0 ? m : s);
        n += 2;
    }
    put_bytes(out, text, n);
}

static void put_localized_offset(bool is_full, int32_t offset, StrBuf *out)
{
    put_text(out, "GMT");
    if (offset == 0) {
        return;
    }
    unsigned a = (unsigned)abs(offset);
    unsigned h = a / 3600 % 100, m = a / 60 % 60, s = a % 60;
    char text[9] = {offset < 0 ? '-' : '+'};
    size_t n = 1;
    if (is_full || h >= 10) {
        put_pair(text + n, h);
        n += 2;
    } else {
        text[n++] = (char)('0' + h);
    }
    if (is_full || m != 0 || s != 0) {
        text[n] = ':';
        put_pair(text + n + 1, m);
        n += 3;
    }
    if (s != 0) {
        text[n] = ':';
        put_pair(text + n + 1, s);
        n += 3;
    }
    put_bytes(out, text, n);
}

static Outcome put_op(const DateFmt *f, const FmtOp *op, const Parts *p, StrBuf *out)
{
    int64_t v;
    switch (op->kind) {
    case OP_LITERAL:
        put_bytes(out, f->text + op->from, op->len);
        return PRINTED;
    case OP_NUMBER:
    case OP_YEAR2:
        return field_value(p, op->field, &v) ? put_number(op, v, out) : MISSING;
    case OP_FRACTION: {
        char digits[9];
        if (!field_value(p, FF_NANO, &v)) {
            return MISSING;
        }
        for (int i = 8; i >= 0; i--) {
            digits[i] = (char)('0' + v % 10);
            v /= 10;
        }
        put_bytes(out, digits, op->max);
        return PRINTED;
    }
    case OP_TEXT:
        if (!field_value(p, op->field, &v)) {
            return MISSING;
        }
        put_text(out, datefmt_name(op->field, op->is_full, (int)v));
        return PRINTED;
    case OP_OFFSET:
    case OP_LOCALIZED_OFFSET:
    case OP_ZONE_ID:
    case OP_ZONE_NAME:
        if (!p->has_zone) {
            return MISSING;
        }
        if (op->kind == OP_OFFSET) {
            put_offset(op, p->offset, out);
        } else if (op->kind == OP_LOCALIZED_OFFSET) {
            put_localized_offset(op->is_full, p->offset, out);
        } else if (op->kind == OP_ZONE_ID) {
            put_text(out, tz_id(p->tz));
        } else {
            tz_display_name(p->tz, p->utc_seconds, op->is_full, out);
            strbuf_reserve(out, f->max_text);
        }
        return PRINTED;
    case OP_OPTIONAL:
    case OP_END:
        break;
    }
    return PRINTED;
}

/* Ops [from, to); recursion is as deep as the sections, at most FMT_DEPTH_MAX. */
static Outcome put_ops(const DateFmt *f, uint32_t from, uint32_t to, const Parts *p, StrBuf *out)
{
    for (uint32_t i = from; i < to; i++) {
        const FmtOp *op = &f->ops[i];
        if (op->kind == OP_OPTIONAL) {
            size_t start = out->n;
            Outcome o = put_ops(f, i + 1, op->from, p, out);
            if (o == FAILED) {
                return FAILED;
            }
            if (o == MISSING) {
                out->n = start;
            }
            i = op->from;
            continue;
        }
        Outcome o = put_op(f, op, p, out);
        if (o != PRINTED) {
            return o;
        }
    }
    return PRINTED;
}

static bool put_all(const DateFmt *f, const Parts *p, StrBuf *out)
{
    size_t start = out->n;
    strbuf_reserve(out, f->max_text);
    bool ok = put_ops(f, 0, f->n, p, out) == PRINTED;
    if (!ok) {
        out->n = start;
    }
    out->p[out->n] = 0;
    return ok;
}

/* ---- the usual patterns ---- */

static bool fast(const DateFmt *f, const Parts *p, StrBuf *out)
{
    if (f->fast == FAST_NONE || p->date.year < 0 || p->date.year > 9999 ||
        (f->fast != FAST_DATE && !p->has_time)) {
        return false;
    }
    char b[32];
    put_pair(b, (unsigned)p->date.year / 100);
    put_pair(b + 2, (unsigned)p->date.year % 100);
    b[4] = '-';
    put_pair(b + 5, p->date.month);
    b[7] = '-';
    put_pair(b + 8, p->date.day);
    if (f->fast == FAST_DATE) {
        strbuf_append(out, b, 10);
        return true;
    }
    unsigned seconds = (unsigned)(p->us_of_day / US_PER_SECOND);
    unsigned ms = (unsigned)(p->us_of_day % US_PER_SECOND / US_PER_MS);
    b[10] = f->fast == FAST_SPACE ? ' ' : 'T';
    put_pair(b + 11, seconds / 3600);
    b[13] = ':';
    put_pair(b + 14, seconds / 60 % 60);
    b[16] = ':';
    put_pair(b + 17, seconds % 60);
    if (f->fast == FAST_SPACE) {
        strbuf_append(out, b, 19);
        return true;
    }
    b[19] = '.';
    b[20] = (char)('0' + ms / 100);
    put_pair(b + 21, ms % 100);
    strbuf_append(out, b, 23);
    if (f->fast == FAST_ISO && p->has_zone) {
        strbuf_reserve(out, 16);
        put_offset(&(FmtOp){.shape = OFFSET_HH_MM, .zero = "Z"}, p->offset, out);
        out->p[out->n] = 0;
    }
    return true;
}

bool datefmt_date(const DateFmt *f, int32_t days, StrBuf *out)
{
    Parts p = {.days = days, .date = date_to_civil(days)};
    return fast(f, &p, out) || put_all(f, &p, out);
}

bool datefmt_ts_ntz(const DateFmt *f, int64_t local_us, StrBuf *out)
{
    int64_t days = dt_floor_div(local_us, US_PER_DAY);
    Parts p = {.days = days,
               .date = date_to_civil(days),
               .us_of_day = ts_local_us_of_day(local_us),
               .has_time = true};
    return fast(f, &p, out) || put_all(f, &p, out);
}

bool datefmt_ts(const DateFmt *f, int64_t us, StrBuf *out)
{
    int64_t seconds = dt_floor_div(us, US_PER_SECOND);
    int32_t offset = tz_offset_at(f->tz, seconds);
    int64_t days = dt_floor_div(us, US_PER_DAY);
    int64_t rest = ts_local_us_of_day(us) + offset * US_PER_SECOND;
    int64_t carry = dt_floor_div(rest, US_PER_DAY);
    days += carry;
    Parts p = {.days = days,
               .date = date_to_civil(days),
               .us_of_day = rest - carry * US_PER_DAY,
               .has_time = true,
               .has_zone = true,
               .offset = offset,
               .tz = f->tz,
               .utc_seconds = seconds};
    return fast(f, &p, out) || put_all(f, &p, out);
}
