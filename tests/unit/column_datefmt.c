/* Datetime patterns against Spark: which are taken, printing, reading (column_datefmt.inc). */
#include "column/datefmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct CompileRow {
    const char *pattern, *format, *parse; /* "ok", or condition;parameter=value… */
} CompileRow;

typedef struct FormatRow {
    const char *pattern, *zone;
    int64_t us;
    const char *ts, *ntz, *date; /* NULL: refused */
} FormatRow;

typedef struct ParseRow {
    const char *pattern, *zone, *text;
    size_t n;
    const char *ts, *ntz_any, *ntz_plain;
} ParseRow;

#include "column_datefmt.inc"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const ErrParam *)a)->key, ((const ErrParam *)b)->key);
}

static void expect_outcome(const char *pattern, DateFmtUse use, const char *want)
{
    DateFmt *f;
    fb_error err = {0};
    StrBuf got = {0};
    if (datefmt_compile(str_of(pattern), use, tz_utc(), &f, &err) == FB_OK) {
        strbuf_puts(&got, "ok");
    } else {
        strbuf_puts(&got, err_condition(err.id));
        qsort(err.params, err.n_params, sizeof(ErrParam), compare_keys);
        for (size_t i = 0; i < err.n_params; i++) {
            strbuf_printf(&got, ";%s=%s", err.params[i].key, err.params[i].value);
        }
    }
    assert_string_equal(got.p, want);
    strbuf_free(&got);
    err_clear(&err);
    datefmt_free(f);
}

static void test_compile(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(compile_rows); i++) {
        expect_outcome(compile_rows[i].pattern, DATEFMT_FORMAT, compile_rows[i].format);
        expect_outcome(compile_rows[i].pattern, DATEFMT_PARSE, compile_rows[i].parse);
    }
}

static void test_limits(void **state)
{
    (void)state;
    StrBuf p = {0};
    for (int i = 0; i < 17; i++) {
        strbuf_puts(&p, "[y");
    }
    expect_outcome(
        p.p, DATEFMT_FORMAT,
        "UNSUPPORTED_FEATURE;feature=datetime patterns with more than 16 nested sections");
    for (int i = 0; i < 3000; i++) {
        strbuf_puts(&p, "--");
    }
    expect_outcome(p.p, DATEFMT_PARSE,
                   "UNSUPPORTED_FEATURE;feature=a datetime pattern of more than 4096 bytes");
    strbuf_free(&p);
    expect_outcome("v", DATEFMT_FORMAT,
                   "UNSUPPORTED_FEATURE;feature=the letters v and g in a datetime pattern");
}

static DateFmt *compiled(const char *pattern, DateFmtUse use, const char *zone)
{
    DateFmt *f;
    fb_error err = {0};
    assert_int_equal(datefmt_compile(str_of(pattern), use, tz_find(str_of(zone)), &f, &err), FB_OK);
    return f;
}

static void expect_text(const FormatRow *r, bool ok, StrBuf *got, const char *want)
{
    const char *text = ok ? got->p + 1 : NULL; /* behind the mark */
    if ((text != NULL) != (want != NULL) || (want && strcmp(text, want) != 0)) {
        fail_msg("[%s] %s %" PRId64 ": want %s, got %s", r->pattern, r->zone, r->us,
                 want ? want : "nothing", text ? text : "nothing");
    }
    if (!ok) {
        assert_int_equal(got->n, 1); /* what was there stays */
    }
    strbuf_clear(got);
    strbuf_putc(got, '>');
}

static void test_format(void **state)
{
    (void)state;
    StrBuf b = {0};
    strbuf_putc(&b, '>');
    for (size_t i = 0; i < COUNT(format_rows); i++) {
        const FormatRow *r = &format_rows[i];
        DateFmt *f = compiled(r->pattern, DATEFMT_FORMAT, r->zone);
        bool ok = datefmt_ts(f, r->us, &b);
        expect_text(r, ok, &b, r->ts);
        ok = datefmt_ts_ntz(f, r->us, &b);
        expect_text(r, ok, &b, r->ntz);
        ok = datefmt_date(f, (int32_t)dt_floor_div(r->us, US_PER_DAY), &b);
        expect_text(r, ok, &b, r->date);
        datefmt_free(f);
    }
    strbuf_free(&b);
}

static void expect_number(const ParseRow *r, const char *what, bool ok, int64_t v, const char *want)
{
    char got[32] = "nothing";
    if (ok) {
        snprintf(got, sizeof(got), "%" PRId64, v);
    }
    if (strcmp(got, want ? want : "nothing") != 0) {
        fail_msg("[%s] %s '%s' as %s: want %s, got %s", r->pattern, r->zone, r->text, what,
                 want ? want : "nothing", got);
    }
}

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(parse_rows); i++) {
        const ParseRow *r = &parse_rows[i];
        DateFmt *f = compiled(r->pattern, DATEFMT_PARSE, r->zone);
        Str s = {r->text, r->n};
        int64_t v = 0;
        bool ok = datefmt_parse_ts(f, s, &v);
        expect_number(r, "timestamp", ok, v, r->ts);
        ok = datefmt_parse_ts_ntz(f, s, true, &v);
        expect_number(r, "ntz", ok, v, r->ntz_any);
        ok = datefmt_parse_ts_ntz(f, s, false, &v);
        expect_number(r, "ntz without zone", ok, v, r->ntz_plain);
        int32_t d;
        if (datefmt_parse_ts_ntz(f, s, true, &v)) {
            assert_true(datefmt_parse_date(f, s, &d));
            assert_int_equal(d, ts_local_to_date(v));
        }
        datefmt_free(f);
    }
}

static void test_cache(void **state)
{
    (void)state;
    DateFmtCache *c = datefmt_cache_new(DATEFMT_FORMAT, tz_utc());
    fb_error err = {0};
    const DateFmt *f;
    char pattern[32];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 500; i++) {
            snprintf(pattern, sizeof(pattern), "yyyy'%d'", i);
            assert_int_equal(datefmt_cache_get(c, str_of(pattern), &f, &err), FB_OK);
            StrBuf b = {0};
            assert_true(datefmt_date(f, 0, &b));
            snprintf(pattern, sizeof(pattern), "1970%d", i);
            assert_string_equal(b.p, pattern);
            strbuf_free(&b);
        }
    }
    assert_int_equal(datefmt_cache_get(c, STR_LIT("{"), &f, &err), FB_ERR);
    err_clear(&err);
    datefmt_cache_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compile), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_format),  cmocka_unit_test(test_parse),
        cmocka_unit_test(test_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
