/* Numbers from and to text, against what Spark and Java 17 do (column_number.inc). */
#include "column/number.h"
#include "column/pow10.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct ParseRow {
    const char *text;
    size_t n;
    const char *exact, *i64, *i32, *i16, *i8, *boolean; /* NULL: not one */
    bool is_f64;
    uint64_t f64;
    bool is_f32;
    uint32_t f32;
} ParseRow;

typedef struct Format64Row {
    uint64_t bits;
    const char *text;
} Format64Row;

typedef struct Format32Row {
    uint32_t bits;
    const char *text;
} Format32Row;

#include "column_number.inc"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void expect_integer(const ParseRow *r, const char *want, bool ok, int64_t v)
{
    char text[32] = "";
    if (ok) {
        text[num_format_i64(v, text)] = 0;
    }
    if (ok != (want != NULL) || (ok && strcmp(text, want) != 0)) {
        fail_msg("'%s': want %s, got %s", r->text, want ? want : "nothing", ok ? text : "nothing");
    }
}

static void test_parse_integers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(parse_rows); i++) {
        const ParseRow *r = &parse_rows[i];
        Str s = {r->text, r->n};
        int64_t v = 0;
        int32_t v32 = 0;
        int16_t v16 = 0;
        int8_t v8 = 0;
        bool b = false, ok = num_parse_i64(s, false, &v);
        expect_integer(r, r->exact, ok, v);
        ok = num_parse_i64(s, true, &v);
        expect_integer(r, r->i64, ok, v);
        ok = num_parse_i32(s, true, &v32);
        expect_integer(r, r->i32, ok, v32);
        ok = num_parse_i16(s, true, &v16);
        expect_integer(r, r->i16, ok, v16);
        ok = num_parse_i8(s, true, &v8);
        expect_integer(r, r->i8, ok, v8);
        ok = num_parse_bool(s, &b);
        assert_int_equal(ok, r->boolean != NULL);
        if (ok) {
            assert_string_equal(b ? "true" : "false", r->boolean);
        }
    }
}

static void test_parse_floats(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(parse_rows); i++) {
        const ParseRow *r = &parse_rows[i];
        Str s = {r->text, r->n};
        double d;
        float f;
        bool ok = num_parse_f64(s, &d);
        if (ok != r->is_f64) {
            fail_msg("'%s' as double: %d", r->text, ok);
        }
        if (ok && !isnan(d)) {
            assert_memory_equal(&d, &r->f64, sizeof(d));
        } else if (ok) {
            assert_int_equal(r->f64, 0x7FF8000000000000);
        }
        ok = num_parse_f32(s, &f);
        assert_int_equal(ok, r->is_f32);
        if (ok && !isnan(f)) {
            assert_memory_equal(&f, &r->f32, sizeof(f));
        }
    }
}

static void test_format_floats(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(format64_rows); i++) {
        char text[NUM_F64_TEXT_MAX + 1];
        double d, back;
        memcpy(&d, &format64_rows[i].bits, sizeof(d));
        text[num_format_f64(d, text)] = 0;
        assert_string_equal(text, format64_rows[i].text);
        assert_true(num_parse_f64_java(str_of(text), &back));
        assert_memory_equal(&d, &back, sizeof(d));
    }
    for (size_t i = 0; i < COUNT(format32_rows); i++) {
        char text[NUM_F32_TEXT_MAX + 1];
        float f, back;
        memcpy(&f, &format32_rows[i].bits, sizeof(f));
        text[num_format_f32(f, text)] = 0;
        assert_string_equal(text, format32_rows[i].text);
        assert_true(num_parse_f32_java(str_of(text), &back));
        assert_memory_equal(&f, &back, sizeof(f));
    }
}

static void test_nan_has_one_text(void **state)
{
    (void)state;
    char text[NUM_F64_TEXT_MAX];
    assert_int_equal(num_format_f64(-(double)NAN, text), 3);
    assert_memory_equal(text, "NaN", 3);
    assert_int_equal(num_format_f32(NAN, text), 3);
}

static uint64_t next_random(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

/* Printing and reading are inverse, and reading agrees with strtod on the printf form. */
static void test_random_round_trips(void **state)
{
    (void)state;
    uint64_t seed = 0x9E3779B97F4A7C15;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = next_random(&seed);
        double d, back;
        memcpy(&d, &bits, sizeof(d));
        if (isnan(d) || isinf(d)) {
            continue;
        }
        char text[64];
        assert_true(num_parse_f64_java((Str){text, num_format_f64(d, text)}, &back));
        assert_memory_equal(&d, &back, sizeof(d));
        int n = snprintf(text, sizeof(text), "%.*e", (int)(bits % 25), d);
        double want = strtod(text, NULL);
        assert_true(num_parse_f64_java((Str){text, (size_t)n}, &back));
        assert_memory_equal(&want, &back, sizeof(d));
        float wantf = strtof(text, NULL), backf;
        assert_true(num_parse_f32_java((Str){text, (size_t)n}, &backf));
        assert_memory_equal(&wantf, &backf, sizeof(wantf));
    }
}

static void test_integers_round_trip(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (int i = 0; i < 100000; i++) {
        int64_t v = (int64_t)(next_random(&seed) >> (i % 64)), back;
        v = i % 2 ? v : (int64_t)(0 - (uint64_t)v);
        char text[NUM_I64_TEXT_MAX];
        size_t n = num_format_i64(v, text);
        char want[32];
        assert_int_equal(n, snprintf(want, sizeof(want), "%lld", (long long)v));
        assert_memory_equal(text, want, n);
        assert_true(num_parse_i64((Str){text, n}, false, &back));
        assert_true(v == back);
    }
}

/* number_format.c adds one to the low word of inexact powers: it must never carry. */
static void test_powers_of_ten(void **state)
{
    (void)state;
    for (int k = POW10_MIN; k <= POW10_MAX; k++) {
        Pow10 p = pow10_128(k);
        assert_true(p.hi >> 63);
        assert_true(p.lo != UINT64_MAX);
    }
    Pow10 exact = pow10_128(19);
    assert_true(exact.hi == 10000000000000000000u && exact.lo == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_integers),     cmocka_unit_test(test_parse_floats),
        cmocka_unit_test(test_format_floats),      cmocka_unit_test(test_nan_has_one_text),
        cmocka_unit_test(test_random_round_trips), cmocka_unit_test(test_integers_round_trip),
        cmocka_unit_test(test_powers_of_ten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
