/* Intervals against Spark: calendar, year-month, day-time, triggers (column_interval.inc). */
#include "column/interval.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>

typedef struct ParseRow {
    const char *text;
    size_t n;
    const char *outcome, *value; /* "ok" and the interval as text, or condition;parameter=value… */
    const char *trigger_ms;      /* NULL: refused */
} ParseRow;

typedef struct AnsiRow {
    const char *text;
    size_t n;
    int first, last;
    const char *outcome, *value;
} AnsiRow;

typedef struct ShowRow {
    bool year_month;
    int first, last;
    const char *number, *text;
} ShowRow;

typedef struct CalendarRow {
    int32_t months, days;
    const char *micros, *text;
} CalendarRow;

#include "column_interval.inc"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const ErrParam *)a)->key, ((const ErrParam *)b)->key);
}

static void expect_outcome(const char *text, fb_status st, fb_error *err, const char *want)
{
    StrBuf got = {0};
    strbuf_puts(&got, st == FB_OK ? "ok" : err_condition(err->id));
    if (strcmp(want, "IllegalArgumentException") == 0) { /* a plain requirement of Spark's */
        assert_string_equal(got.p, "");
    } else {
        if (err->n_params > 1) {
            qsort(err->params, err->n_params, sizeof(ErrParam), compare_keys);
        }
        for (size_t i = 0; i < err->n_params; i++) {
            strbuf_printf(&got, ";%s=%s", err->params[i].key, err->params[i].value);
        }
        if (strcmp(got.p, want) != 0) {
            fail_msg("'%s': want %s, got %s", text, want, got.p);
        }
    }
    strbuf_free(&got);
    err_clear(err);
}

static void test_calendar(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(parse_rows); i++) {
        const ParseRow *r = &parse_rows[i];
        Str s = {r->text, r->n};
        IntervalCal v, quiet;
        fb_error err = {0};
        fb_status st = interval_parse(s, &v, &err);
        expect_outcome(r->text, st, &err, r->outcome);
        assert_int_equal(interval_parse_quiet(s, &quiet), st == FB_OK);
        if (st == FB_OK) {
            StrBuf b = {0};
            interval_format(v, &b);
            assert_string_equal(b.p, r->value);
            strbuf_free(&b);
            assert_true(v.months == quiet.months && v.days == quiet.days &&
                        v.micros == quiet.micros);
        }
    }
}

static void test_trigger(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(parse_rows); i++) {
        const ParseRow *r = &parse_rows[i];
        fb_error err = {0};
        int64_t ms = 0;
        fb_status st = interval_parse_millis((Str){r->text, r->n}, &ms, &err);
        if (r->trigger_ms) {
            assert_int_equal(st, FB_OK);
            assert_int_equal(ms, strtoll(r->trigger_ms, NULL, 10));
        } else {
            assert_true(st != FB_OK || ms < 0); /* the trigger refuses negative ones itself */
        }
        err_clear(&err);
    }
    fb_error err = {0};
    int64_t ms;
    assert_int_equal(interval_parse_millis(STR_LIT("1 month"), &ms, &err), FB_ERR);
    expect_outcome("1 month", FB_ERR, &err, "_LEGACY_ERROR_TEMP_3262;interval=1 month");
}

static void test_delay(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {{"10 minutes", 600000},
                {"1 month", INT64_C(31) * 86400000},
                {"1 year", INT64_C(372) * 86400000},
                {"INTERVAL 1 DAY", 86400000},
                {"-10 seconds", -10000},
                {"1500 microseconds", 1},
                {"-1500 microseconds", -1}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        fb_error err = {0};
        int64_t ms = 0;
        assert_int_equal(interval_parse_delay_millis(str_of(rows[i].text), &ms, &err), FB_OK);
        assert_int_equal(ms, rows[i].ms);
    }
    static const char *const refused[][2] = {
        {"abc", "CANNOT_PARSE_INTERVAL;intervalString='abc'"},
        {"", "CANNOT_PARSE_INTERVAL;intervalString=''"},
        {"'1' day", "CANNOT_PARSE_INTERVAL;intervalString='\\'1\\' day'"},
        {"interval 1 month 1 day",
         "CANNOT_PARSE_INTERVAL;intervalString='interval 1 month 1 day'"}};
    for (size_t i = 0; i < COUNT(refused); i++) {
        fb_error err = {0};
        int64_t ms;
        fb_status st = interval_parse_delay_millis(str_of(refused[i][0]), &ms, &err);
        expect_outcome(refused[i][0], st, &err, refused[i][1]);
    }
}

static void test_ansi(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ym_rows); i++) {
        const AnsiRow *r = &ym_rows[i];
        fb_error err = {0};
        int32_t months = 0;
        fb_status st = interval_parse_ym((Str){r->text, r->n}, r->first, r->last, &months, &err);
        expect_outcome(r->text, st, &err, r->outcome);
        if (st == FB_OK) {
            assert_int_equal(months, strtol(r->value, NULL, 10));
        }
    }
    for (size_t i = 0; i < COUNT(dt_rows); i++) {
        const AnsiRow *r = &dt_rows[i];
        fb_error err = {0};
        int64_t us = 0;
        fb_status st = interval_parse_dt((Str){r->text, r->n}, r->first, r->last, &us, &err);
        expect_outcome(r->text, st, &err, r->outcome);
        if (st == FB_OK) {
            assert_true(us == strtoll(r->value, NULL, 10));
        }
    }
}

/* Where Spark fails with "long overflow" or wraps, Forebay refuses. */
static void test_ansi_overflow(void **state)
{
    (void)state;
    fb_error err = {0};
    int64_t us;
    fb_status st = interval_parse_dt(STR_LIT("106751991 04:00:54.775808"), 0, 3, &us, &err);
    expect_outcome("too long", st, &err,
                   "INVALID_INTERVAL_FORMAT.ARITHMETIC_EXCEPTION;input=106751991 04:00:54.775808");
    st = interval_parse_dt(STR_LIT("9999999999"), 1, 1, &us, &err);
    expect_outcome("too long", st, &err,
                   "INVALID_INTERVAL_FORMAT.ARITHMETIC_EXCEPTION;input=9999999999");
}

static void test_show(void **state)
{
    (void)state;
    StrBuf b = {0};
    for (size_t i = 0; i < COUNT(show_rows); i++) {
        const ShowRow *r = &show_rows[i];
        int64_t v = strtoll(r->number, NULL, 10);
        if (r->year_month) {
            interval_format_ym((int32_t)v, r->first, r->last, &b);
        } else {
            interval_format_dt(v, r->first, r->last, &b);
        }
        assert_string_equal(b.p, r->text);
        strbuf_clear(&b);
    }
    for (size_t i = 0; i < COUNT(calendar_rows); i++) {
        const CalendarRow *r = &calendar_rows[i];
        interval_format((IntervalCal){r->months, r->days, strtoll(r->micros, NULL, 10)}, &b);
        assert_string_equal(b.p, r->text);
        strbuf_clear(&b);
    }
    strbuf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar),      cmocka_unit_test(test_trigger),
        cmocka_unit_test(test_delay),         cmocka_unit_test(test_ansi),
        cmocka_unit_test(test_ansi_overflow), cmocka_unit_test(test_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
