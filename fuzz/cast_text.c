/*
 * cast_text.c - fuzz target: texts that CAST reads as values: numbers, dates, timestamps,
 * intervals.
 *
 * The first byte chooses the type. What is read and printed must read back as the same value.
 * Floating point is compared with the C library where both know the form.
 */
#include <stdlib.h>

#include "column/datetime.h"
#include "column/decimal.h"
#include "column/interval.h"
#include "column/number.h"
#include "support/fuzz.h"

static void try_integers(Str s)
{
    char buf[NUM_I64_TEXT_MAX];
    int64_t v, again, wide;
    int32_t i;
    int16_t h;
    int8_t b;

    if (num_parse_i64(s, false, &v)) {
        FB_ASSERT(num_parse_i64((Str){buf, num_format_i64(v, buf)}, false, &again) && again == v);
        FB_ASSERT(num_parse_i64(s, true, &again) && again == v);
    }
    bool is_wide = num_parse_i64(s, true, &wide);
    bool is_int = num_parse_i32(s, true, &i);
    bool is_short = num_parse_i16(s, true, &h), is_byte = num_parse_i8(s, true, &b);
    FB_ASSERT(is_int == (is_wide && wide >= INT32_MIN && wide <= INT32_MAX));
    FB_ASSERT(is_short == (is_wide && wide >= INT16_MIN && wide <= INT16_MAX));
    FB_ASSERT(is_byte == (is_wide && wide >= INT8_MIN && wide <= INT8_MAX));
    FB_ASSERT((!is_int || i == wide) && (!is_short || h == wide) && (!is_byte || b == wide));
}

static bool is_plain_number(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!s.p[i] || !strchr("0123456789.eE+-", s.p[i])) {
            return false;
        }
    }
    return s.n > 0;
}

static bool same_f64(double a, double b)
{
    return memcmp(&a, &b, sizeof(a)) == 0 || (a != a && b != b);
}

static void try_floats(Str s)
{
    char buf[NUM_F64_TEXT_MAX];
    Arena a = {0};
    double d, d2;
    float f, f2;
    bool is_f64 = num_parse_f64(s, &d), is_f32 = num_parse_f32(s, &f);

    FB_ASSERT(is_f64 == is_f32);
    if (is_f64) {
        FB_ASSERT(num_parse_f64((Str){buf, num_format_f64(d, buf)}, &d2) && same_f64(d, d2));
        FB_ASSERT(num_parse_f32((Str){buf, num_format_f32(f, buf)}, &f2) &&
                  same_f64((double)f, (double)f2));
    }
    if (is_f64 && is_plain_number(s)) {
        char *text = arena_strndup(&a, s.p, s.n), *end;
        FB_ASSERT(same_f64(d, strtod(text, &end)) && *end == '\0');
        FB_ASSERT(same_f64((double)f, (double)strtof(text, &end)));
    }
    if (num_parse_f64_java(s, &d2)) {
        FB_ASSERT(is_f64 && same_f64(d, d2));
    }
    if (num_parse_f32_java(s, &f2)) {
        FB_ASSERT(is_f32 && same_f64((double)f, (double)f2));
    }
    bool b;
    (void)num_parse_bool(s, &b);
    arena_free(&a);
}

static void try_decimals(Str s, FuzzIn *in)
{
    char buf[DEC_TEXT_MAX];
    DecType t = {(uint8_t)(1 + fuzz_choice(in, 38)), 0}, natural;
    int128_t v, again;

    t.s = (uint8_t)fuzz_choice(in, t.p + 1u);
    s = fuzz_rest(in);
    if (dec_parse(s, t, &v) == DEC_OK) {
        FB_ASSERT(dec_fits(v, t.p));
        FB_ASSERT(dec_parse((Str){buf, dec_format(v, t.s, buf)}, t, &again) == DEC_OK);
        FB_ASSERT(again == v);
        FB_ASSERT(dec_parse((Str){buf, dec_format_sci(v, t.s, buf)}, t, &again) == DEC_OK);
        FB_ASSERT(again == v);
    }
    if (dec_parse_natural(s, &v, &natural) == DEC_OK) {
        FB_ASSERT(natural.p >= 1 && natural.p <= 38 && natural.s <= natural.p);
        FB_ASSERT(dec_fits(v, natural.p));
        FB_ASSERT(dec_parse((Str){buf, dec_format(v, natural.s, buf)}, natural, &again) == DEC_OK);
        FB_ASSERT(again == v);
    }
}

/* A local time that the clock shows twice reads as the first of both: texts are compared. */
static void try_ts(Str s, const TimeZone *tz)
{
    char buf[TS_TEXT_MAX], buf2[TS_TEXT_MAX];
    int64_t us, again;

    if (!memchr(s.p, '-', s.n)) {
        return; /* a time alone takes today's date */
    }
    if (ts_parse(s, tz, &us)) {
        size_t n = ts_format(us, tz, buf);
        FB_ASSERT(n <= TS_TEXT_MAX);
        if (ts_parse((Str){buf, n}, tz, &again)) {
            FB_ASSERT(ts_format(again, tz, buf2) == n && memcmp(buf, buf2, n) == 0);
        }
    }
    if (ts_ntz_parse(s, true, &us)) {
        size_t n = ts_local_format(us, buf);
        FB_ASSERT(ts_ntz_parse((Str){buf, n}, true, &again) && again == us);
    }
}

static void try_times(Str s)
{
    char buf[DATE_TEXT_MAX];
    const TimeZone *berlin = tz_find(STR_LIT("Europe/Berlin"));
    int32_t days, again;
    int64_t us;

    if (date_parse(s, &days)) {
        FB_ASSERT(date_parse((Str){buf, date_format(days, buf)}, &again) && again == days);
    }
    try_ts(s, tz_utc());
    if (berlin) {
        try_ts(s, berlin);
    }
    (void)ts_text_has_zone(s);
    (void)date_parse_special(s, tz_utc(), 0, &days);
    (void)ts_parse_special(s, tz_utc(), 0, &us);
    (void)ts_ntz_parse_special(s, tz_utc(), 0, &us);
    (void)tz_find(s);
}

static void try_calendar(Str s)
{
    StrBuf text = {0};
    fb_error err = {0};
    IntervalCal v, again;
    int64_t ms;

    fb_status st = interval_parse(s, &v, &err);
    fuzz_failed(st, &err);
    FB_ASSERT(interval_parse_quiet(s, &again) == (st == FB_OK));
    if (st == FB_OK) {
        interval_format(v, &text);
        FB_ASSERT(interval_parse_quiet(strbuf_str(&text), &again));
        FB_ASSERT(again.months == v.months && again.days == v.days && again.micros == v.micros);
    }
    fuzz_failed(interval_parse_millis(s, &ms, &err), &err);
    fuzz_failed(interval_parse_delay_millis(s, &ms, &err), &err);
    strbuf_free(&text);
}

static void try_ansi(FuzzIn *in)
{
    StrBuf text = {0};
    fb_error err = {0};
    int first = (int)fuzz_choice(in, 4), last = first + (int)fuzz_choice(in, 4u - (uint32_t)first);
    int ym_first = first % 2, ym_last = ym_first ? 1 : last % 2;
    int32_t months, months2;
    int64_t us, us2;
    Str s = fuzz_rest(in);

    fb_status st = interval_parse_ym(s, ym_first, ym_last, &months, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        interval_format_ym(months, ym_first, ym_last, &text);
        st = interval_parse_ym(strbuf_str(&text), ym_first, ym_last, &months2, &err);
        FB_ASSERT(st == FB_OK && months2 == months);
    }
    strbuf_clear(&text);
    st = interval_parse_dt(s, first, last, &us, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        interval_format_dt(us, first, last, &text);
        st = interval_parse_dt(strbuf_str(&text), first, last, &us2, &err);
        FB_ASSERT(st == FB_OK && us2 == us);
    }
    fuzz_failed(interval_literal_ym(s, ym_first, ym_last, &months, &err), &err);
    fuzz_failed(interval_literal_dt(s, first, last, &us, &err), &err);
    strbuf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzIn in = {data, size};
    uint32_t what = fuzz_choice(&in, 6);
    Str copy = fuzz_exact((Str){(const char *)in.p, in.n});

    in = (FuzzIn){(const uint8_t *)copy.p, copy.n};
    switch (what) {
    case 0:
        try_integers(copy);
        break;
    case 1:
        try_floats(copy);
        break;
    case 2:
        try_decimals(copy, &in);
        break;
    case 3:
        try_times(copy);
        break;
    case 4:
        try_calendar(copy);
        break;
    default:
        try_ansi(&in);
        break;
    }
    mem_free((void *)(uintptr_t)copy.p);
    return 0;
}
