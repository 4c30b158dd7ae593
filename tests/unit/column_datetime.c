/* Dates and timestamps against Spark: text, fields, arithmetic (column_datetime.inc). */
#include "base/clock.h"
#include "column/datetime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct ParseRow {
    const char *text;
    size_t n;
    const char *zone;
    const char *date, *ts, *ntz_any, *ntz_plain; /* NULL: not one */
} ParseRow;

typedef struct FormatRow {
    const char *zone, *us, *ts, *days, *date;
} FormatRow;

typedef struct MathRow {
    const char *zone;
    int64_t us, us2, add;
    int32_t days, months, more_days;
    int unit;
    const char *want[29];
} MathRow;

#include "column_datetime.inc"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void expect(const char *what, const char *text, bool ok, int64_t v, const char *want)
{
    char got[32] = "nothing";
    if (ok) {
        snprintf(got, sizeof(got), "%" PRId64, v);
    }
    if (strcmp(got, want ? want : "nothing") != 0) {
        fail_msg("%s of %s: want %s, got %s", what, text, want ? want : "nothing", got);
    }
}

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(parse_rows); i++) {
        const ParseRow *r = &parse_rows[i];
        const TimeZone *tz = tz_find(str_of(r->zone));
        Str s = {r->text, r->n};
        int32_t d = 0;
        int64_t us = 0;
        bool ok = date_parse(s, &d);
        expect("date", r->text, ok, d, r->date);
        ok = ts_parse(s, tz, &us);
        expect("timestamp", r->text, ok, us, r->ts);
        ok = ts_ntz_parse(s, true, &us);
        expect("ntz", r->text, ok, us, r->ntz_any);
        ok = ts_ntz_parse(s, false, &us);
        expect("ntz without zone", r->text, ok, us, r->ntz_plain);
        if (r->ntz_any) {
            assert_int_equal(ts_text_has_zone(s), r->ntz_plain == NULL);
        }
    }
}

/* A time without a date is one of today, in the zone. */
static void test_time_only(void **state)
{
    (void)state;
    clock_set_manual(INT64_C(1709251200) * 1000000); /* 2024-03-01T00:00:00Z */
    static const struct {
        const char *text;
        int64_t us;
    } rows[] = {{"10:30", INT64_C(1709231400) * 1000000}, /* Feb 29 in Los Angeles */
                {"T10:30:00.5", INT64_C(17092314005) * 100000},
                {"10:30:00Z", INT64_C(1709289000) * 1000000},
                {"10:30:00-08:00", INT64_C(1709231400) * 1000000},
                {"10:30:00 Asia/Tokyo", INT64_C(1709256600) * 1000000}};
    const TimeZone *tz = tz_find(STR_LIT("America/Los_Angeles"));
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t us = 0;
        assert_true(ts_parse(str_of(rows[i].text), tz, &us));
        assert_int_equal(us, rows[i].us);
        assert_false(ts_ntz_parse(str_of(rows[i].text), true, &us));
    }
    int64_t us;
    assert_false(ts_parse(STR_LIT(" T10:30"), tz, &us));
    assert_false(ts_parse(STR_LIT("-10:30"), tz, &us));
    clock_set_manual(-1);
}

static void test_special_words(void **state)
{
    (void)state;
    const TimeZone *tz = tz_find(STR_LIT("America/Los_Angeles"));
    int64_t now = INT64_C(1709251200123456), us;
    int32_t d;
    assert_true(date_parse_special(STR_LIT(" Today "), tz, now, &d));
    assert_int_equal(d, 19782);
    assert_true(date_parse_special(STR_LIT("tomorrow CET"), tz, now, &d));
    assert_int_equal(d, 19783);
    assert_true(ts_parse_special(STR_LIT("NOW"), tz, now, &us));
    assert_int_equal(us, now);
    assert_true(ts_parse_special(STR_LIT("yesterday"), tz, now, &us));
    assert_int_equal(us, (INT64_C(19781) * 86400 + 8 * 3600) * 1000000);
    assert_true(ts_ntz_parse_special(STR_LIT("today"), tz, now, &us));
    assert_int_equal(us, INT64_C(19782) * 86400 * 1000000);
    assert_true(ts_parse_special(STR_LIT("epoch UTC"), tz, now, &us));
    assert_int_equal(us, 0);
    assert_false(ts_parse_special(STR_LIT("now UTC"), tz, now, &us));
    assert_false(ts_parse_special(STR_LIT("today XYZ"), tz, now, &us));
    assert_false(date_parse_special(STR_LIT("2024-01-01"), tz, now, &d));
}

static void test_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(format_rows); i++) {
        const FormatRow *r = &format_rows[i];
        int64_t us = strtoll(r->us, NULL, 10);
        char text[TS_TEXT_MAX + 1];
        text[ts_format(us, tz_find(str_of(r->zone)), text)] = 0;
        assert_string_equal(text, r->ts);
        if (strcmp(r->zone, "UTC") == 0) {
            text[ts_local_format(us, text)] = 0;
            assert_string_equal(text, r->ts);
        }
        text[date_format((int32_t)strtol(r->days, NULL, 10), text)] = 0;
        assert_string_equal(text, r->date);
    }
}

static void test_fields(const MathRow *r, const TimeZone *tz)
{
    static const DateField fields[] = {DF_YEAR, DF_YEAR_OF_WEEK, DF_QUARTER, DF_MONTH,      DF_WEEK,
                                       DF_DAY,  DF_DAY_OF_WEEK,  DF_WEEKDAY, DF_DAY_OF_YEAR};
    static const DateField times[] = {DF_HOUR, DF_MINUTE, DF_SECOND, DF_SECOND_US};
    for (size_t k = 0; k < COUNT(fields); k++) {
        expect("field", r->zone, true, date_field(fields[k], r->days), r->want[k]);
    }
    for (size_t k = 0; k < COUNT(times); k++) {
        expect("time field", r->zone, true, ts_local_field(times[k], tz_utc_to_local(tz, r->us)),
               r->want[9 + k]);
    }
    assert_int_equal(date_field(DF_DAY_OF_WEEK_ISO, r->days), date_field(DF_WEEKDAY, r->days) + 1);
}

static int64_t bits_of(double v)
{
    int64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    return bits;
}

static void test_math(void **state)
{
    (void)state;
    const TimeZone *london = tz_find(STR_LIT("Europe/London"));
    for (size_t i = 0; i < COUNT(math_rows); i++) {
        const MathRow *r = &math_rows[i];
        const TimeZone *tz = tz_find(str_of(r->zone));
        const char *const *w = r->want + 13;
        DateUnit unit = (DateUnit)r->unit;
        IntervalCal v = {r->months, r->more_days, r->add};
        int32_t d = 0;
        int64_t us = 0;
        test_fields(r, tz);
        expect("to date", r->zone, true, ts_to_date(r->us, tz), *w++);
        bool ok = date_to_ts(r->days, tz, &us);
        expect("from date", r->zone, ok, us, *w++);
        ok = date_add_months(r->days, r->months, &d);
        expect("add months", r->zone, ok, d, *w++);
        expect("last day", r->zone, true, date_last_day(r->days), *w++);
        expect("next day", r->zone, true, date_next_day(r->days, (unsigned)r->unit % 7), *w++);
        ok = date_trunc(r->days, unit < DU_WEEK ? DU_WEEK : unit, &d);
        expect("trunc", r->zone, ok, d, *w++);
        ok = ts_trunc(r->us, unit, tz, &us);
        expect("date_trunc", r->zone, ok, us, *w++);
        ok = ts_add_months(r->us, r->months, tz, &us);
        expect("timestamp + months", r->zone, ok, us, *w++);
        ok = ts_add_interval(r->us, v, tz, &us);
        expect("timestamp + interval", r->zone, ok, us, *w++);
        ok = ts_add_day_time(r->us, r->add, tz, &us);
        expect("timestamp + day-time", r->zone, ok, us, *w++);
        us = bits_of(ts_months_between(r->us, r->us2, true, tz));
        expect("months_between", r->zone, true, us, *w++);
        us = bits_of(ts_months_between(r->us, r->us2, false, tz));
        expect("months_between exact", r->zone, true, us, *w++);
        ok = ts_add_unit(r->us, unit, r->more_days, tz, &us);
        expect("timestampadd", r->zone, ok, us, *w++);
        us = ts_diff_unit(r->us, r->us2, unit, tz);
        expect("timestampdiff", r->zone, true, us, *w++);
        expect("convert", r->zone, true, tz_convert(london, tz, r->us), *w++);
        v.micros = 0;
        ok = date_add_interval(r->days, v, &d);
        expect("date + interval", r->zone, ok, d, *w++);
    }
}

static void test_calendar_is_continuous(void **state)
{
    (void)state;
    CivilDate before = date_to_civil(-1000001);
    for (int64_t d = -1000000; d < 4000000; d++) {
        CivilDate c = date_to_civil(d);
        assert_int_equal(date_from_civil(c.year, c.month, c.day), d);
        bool next_day = c.day == before.day + 1 && c.month == before.month;
        bool next_month = c.day == 1 && before.day == date_month_length(before.year, before.month);
        assert_true(next_day || next_month);
        before = c;
    }
    for (int64_t d = INT32_MIN; d <= INT32_MAX; d += 999983) {
        CivilDate c = date_to_civil(d);
        assert_int_equal(date_from_civil(c.year, c.month, c.day), d);
    }
}

static void test_make(void **state)
{
    (void)state;
    int32_t d;
    int64_t us;
    assert_true(date_make(2024, 2, 29, &d));
    assert_int_equal(d, 19782);
    assert_false(date_make(2023, 2, 29, &d));
    assert_false(date_make(2024, 0, 1, &d));
    assert_false(date_make(5881581, 1, 1, &d));
    assert_true(ts_make_local(2024, 2, 29, 23, 59, 60000000, &us)); /* rolls over */
    assert_int_equal(us, INT64_C(19783) * 86400 * 1000000);
    assert_false(ts_make_local(2024, 2, 29, 23, 59, 60000001, &us));
    assert_false(ts_make_local(2024, 2, 29, 24, 0, 0, &us));
    assert_false(ts_make_local(300000, 1, 1, 0, 0, 0, &us));
}

static void test_seconds_as_double(void **state)
{
    (void)state;
    int64_t us;
    assert_true(ts_from_f64(1.9999999, &us));
    assert_int_equal(us, 1999999);
    assert_true(ts_from_f64(-1.5, &us));
    assert_int_equal(us, -1500000);
    assert_false(ts_from_f64((double)NAN, &us));
    assert_int_equal(us, 0);
    assert_false(ts_from_f64(1e300, &us));
    assert_true(us == INT64_MAX);
    assert_true(ts_to_f64(1500000) == 1.5);
}

static void test_names(void **state)
{
    (void)state;
    DateField f;
    DateUnit u;
    unsigned day;
    assert_true(date_field_of_name(STR_LIT("yrs"), &f) && f == DF_YEAR);
    assert_true(date_field_of_name(STR_LIT("dow_iso"), &f) && f == DF_DAY_OF_WEEK_ISO);
    assert_true(date_field_of_name(STR_LIT("SECONDS"), &f) && f == DF_SECOND_US);
    assert_false(date_field_of_name(STR_LIT("millisecond"), &f));
    assert_true(date_unit_of_name(STR_LIT("yy"), &u) && u == DU_YEAR);
    assert_true(date_unit_of_name(STR_LIT("dd"), &u) && u == DU_DAY);
    assert_false(date_unit_of_name(STR_LIT("dayofyear"), &u));
    assert_true(date_unit_of_add_name(STR_LIT("DayOfYear"), &u) && u == DU_DAY);
    assert_true(date_day_of_week_of_name(STR_LIT("mon"), &day));
    assert_int_equal(date_next_day(0, day), 4); /* Monday after Thursday */
    assert_false(date_day_of_week_of_name(STR_LIT("mond"), &day));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),         cmocka_unit_test(test_time_only),
        cmocka_unit_test(test_special_words), cmocka_unit_test(test_format),
        cmocka_unit_test(test_math),          cmocka_unit_test(test_calendar_is_continuous),
        cmocka_unit_test(test_make),          cmocka_unit_test(test_seconds_as_double),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
