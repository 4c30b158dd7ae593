/* Decimals against Spark: text, types, arithmetic, conversions (column_decimal.inc). */
#include "column/decimal.h"
#include "column/u256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

typedef struct ParseRow {
    const char *text;
    size_t n;
    uint8_t p, s;
    const char *value; /* unscaled; NULL: none */
    const char *condition;
} ParseRow;

typedef struct OpRow {
    uint8_t p1, s1, p2, s2;
    const char *x, *y;
    int cmp;
    struct {
        uint8_t p, s;
        const char *value;
    } op[5]; /* + - * / % */
    const char *idiv;
} OpRow;

typedef struct CastRow {
    uint8_t p, s;
    const char *x;
    uint8_t q, t;
    const char *half_up, *half_even, *floor, *ceiling;
    const char *plain, *scientific, *hex;
    uint64_t f64;
    const char *i64;
} CastRow;

typedef struct DoubleRow {
    uint64_t bits;
    uint8_t p, s;
    const char *value;
} DoubleRow;

#include "column_decimal.inc"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static int128_t unscaled(const char *text)
{
    int128_t v;
    DecType t;
    assert_int_equal(dec_parse_natural(str_of(text), &v, &t), DEC_OK);
    assert_int_equal(t.s, 0);
    return v;
}

static void expect(const char *what, bool ok, int128_t v, const char *want)
{
    char text[DEC_TEXT_MAX + 1] = "nothing";
    if (ok) {
        text[dec_format(v, 0, text)] = 0;
    }
    if (strcmp(text, want ? want : "nothing") != 0) {
        fail_msg("%s: want %s, got %s", what, want ? want : "nothing", text);
    }
}

static void test_parse(void **state)
{
    (void)state;
    static const char *const conditions[] = {"ok", "CAST_INVALID_INPUT",
                                             "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
                                             "NUMERIC_OUT_OF_SUPPORTED_RANGE"};
    for (size_t i = 0; i < COUNT(parse_rows); i++) {
        const ParseRow *r = &parse_rows[i];
        int128_t v = 0;
        DecStatus st = dec_parse((Str){r->text, r->n}, (DecType){r->p, r->s}, &v);
        assert_string_equal(conditions[st], r->condition);
        expect(r->text, st == DEC_OK, v, r->value);
    }
}

static void test_parse_natural(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int p, s;
    } rows[] = {{"1.50", 3, 2}, {"1E3", 4, 0},  {".05", 2, 2},  {"0", 1, 0},   {"00.0", 1, 1},
                {"-12", 2, 0},  {"1e-5", 5, 5}, {"123.", 3, 0}, {"0e5", 6, 0}, {"12e-1", 2, 1}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        int128_t v;
        DecType t;
        assert_int_equal(dec_parse_natural(str_of(rows[i].text), &v, &t), DEC_OK);
        assert_int_equal(t.p, rows[i].p);
        assert_int_equal(t.s, rows[i].s);
    }
    int128_t v;
    DecType t;
    assert_int_equal(dec_parse_natural(STR_LIT("1e38"), &v, &t), DEC_OVERFLOW);
    assert_int_equal(dec_parse_natural(STR_LIT("1x"), &v, &t), DEC_INVALID);
}

static void test_arithmetic(void **state)
{
    (void)state;
    typedef DecType TypeFn(DecType, DecType, bool);
    typedef bool OpFn(int128_t, int, int128_t, int, DecType, int128_t *);
    static TypeFn *const types[] = {dec_type_add, dec_type_add, dec_type_mul, dec_type_div,
                                    dec_type_mod};
    static OpFn *const ops[] = {dec_add, dec_sub, dec_mul, dec_div, dec_mod};
    for (size_t i = 0; i < COUNT(op_rows); i++) {
        const OpRow *r = &op_rows[i];
        int128_t x = unscaled(r->x), y = unscaled(r->y), v = 0;
        for (int k = 0; k < 5; k++) {
            DecType t = types[k]((DecType){r->p1, r->s1}, (DecType){r->p2, r->s2}, false);
            assert_int_equal(t.p, r->op[k].p);
            assert_int_equal(t.s, r->op[k].s);
            bool ok = (k < 3 || y != 0) && ops[k](x, r->s1, y, r->s2, t, &v);
            expect(r->x, ok, v, r->op[k].value);
        }
        int64_t q = 0;
        bool ok = y != 0 && dec_idiv(x, r->s1, y, r->s2, &q);
        expect(r->x, ok, q, r->idiv);
        assert_int_equal(dec_cmp(x, r->s1, y, r->s2), r->cmp);
        assert_int_equal(dec_cmp(y, r->s2, x, r->s1), -r->cmp);
    }
}

/* spark.sql.decimalOperations.allowPrecisionLoss = false */
static void test_types_that_keep_their_scale(void **state)
{
    (void)state;
    static const uint8_t rows[][12] = {/* a, b, +, *, /, % */
                                       {38, 10, 38, 10, 38, 10, 38, 20, 38, 18, 38, 10},
                                       {38, 20, 5, 5, 38, 20, 38, 25, 38, 20, 20, 20},
                                       {20, 5, 38, 10, 38, 10, 38, 15, 38, 25, 25, 10},
                                       {38, 0, 5, 5, 38, 5, 38, 5, 38, 2, 5, 5},
                                       {38, 0, 10, 0, 38, 0, 38, 0, 38, 5, 10, 0},
                                       {10, 2, 5, 5, 14, 5, 16, 7, 21, 8, 5, 5},
                                       {10, 2, 10, 0, 13, 2, 21, 2, 21, 13, 10, 2},
                                       {38, 38, 5, 5, 38, 38, 38, 38, 38, 35, 38, 38}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const uint8_t *r = rows[i];
        DecType a = {r[0], r[1]}, b = {r[2], r[3]};
        DecType t[] = {dec_type_add(a, b, true), dec_type_mul(a, b, true), dec_type_div(a, b, true),
                       dec_type_mod(a, b, true)};
        for (int k = 0; k < 4; k++) {
            assert_int_equal(t[k].p, r[4 + 2 * k]);
            assert_int_equal(t[k].s, r[5 + 2 * k]);
        }
    }
    DecType w = dec_type_wider((DecType){38, 20}, (DecType){20, 0});
    assert_int_equal(w.p, 38);
    assert_int_equal(w.s, 18); /* integral digits first */
}

static void test_casts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cast_rows); i++) {
        const CastRow *r = &cast_rows[i];
        int128_t x = unscaled(r->x), v = 0;
        DecType to = {r->q, r->t};
        bool ok = dec_rescale(x, r->s, to, DEC_HALF_UP, &v);
        expect(r->x, ok, v, r->half_up);
        ok = dec_rescale(x, r->s, to, DEC_HALF_EVEN, &v);
        expect(r->x, ok, v, r->half_even);
        ok = dec_rescale(x, r->s, to, DEC_FLOOR, &v);
        expect(r->x, ok, v, r->floor);
        ok = dec_rescale(x, r->s, to, DEC_CEILING, &v);
        expect(r->x, ok, v, r->ceiling);
        char text[DEC_TEXT_MAX + 1];
        text[dec_format(x, r->s, text)] = 0;
        assert_string_equal(text, r->plain);
        text[dec_format_sci(x, r->s, text)] = 0;
        assert_string_equal(text, r->scientific);
        uint8_t bytes[DEC_BYTES_MAX];
        size_t n = dec_to_bytes(x, bytes);
        char hex[2 * DEC_BYTES_MAX + 1];
        for (size_t k = 0; k < n; k++) {
            snprintf(hex + 2 * k, 3, "%02x", bytes[k]);
        }
        assert_string_equal(hex, r->hex);
        assert_true(dec_from_bytes(bytes, n, &v) && v == x);
        double d = dec_to_f64(x, r->s);
        assert_memory_equal(&d, &r->f64, sizeof(d));
        expect(r->x, true, dec_to_i64_wrap(x, r->s), r->i64);
        assert_true(dec_fits(x, dec_precision(x)));
        assert_true(x == 0 || !dec_fits(x, dec_precision(x) - 1));
    }
}

static void test_from_double(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(double_rows); i++) {
        const DoubleRow *r = &double_rows[i];
        double d;
        int128_t v = 0;
        memcpy(&d, &r->bits, sizeof(d));
        bool ok = dec_from_f64(d, (DecType){r->p, r->s}, &v);
        char what[64];
        snprintf(what, sizeof(what), "%.17g as (%d,%d)", d, r->p, r->s);
        expect(what, ok, v, r->value);
    }
    int128_t v;
    assert_true(dec_from_f32(0.1f, (DecType){20, 18}, &v)); /* by way of double */
    expect("0.1f", true, v, "100000001490116120");
}

static void test_round_at(void **state)
{
    (void)state;
    int128_t v;
    assert_true(dec_round(123456, 2, 1, (DecType){5, 1}, DEC_HALF_UP, &v));
    expect("1234.56 at 1", true, v, "12346");
    assert_true(dec_round(123456, 2, -2, (DecType){6, 0}, DEC_HALF_UP, &v));
    expect("1234.56 at -2", true, v, "1200");
    assert_true(dec_round(-125000, 2, -3, (DecType){6, 0}, DEC_HALF_EVEN, &v));
    expect("-1250.00 at -3", true, v, "-1000");
    assert_true(dec_round(995, 2, 5, (DecType){6, 5}, DEC_HALF_UP, &v));
    expect("9.95 at 5", true, v, "995000");
    assert_true(dec_round(123456, 2, -40, (DecType){6, 0}, DEC_HALF_UP, &v));
    expect("1234.56 at -40", true, v, "0");
    assert_true(dec_round(123401, 2, 0, (DecType){6, 0}, DEC_CEILING, &v));
    expect("1234.01 ceiling", true, v, "1235");
}

static void test_bytes_of_any_length(void **state)
{
    (void)state;
    int128_t v;
    uint8_t long_minus_one[20], wide[17] = {0, 0x80};
    memset(long_minus_one, 0xFF, sizeof(long_minus_one));
    assert_true(dec_from_bytes(long_minus_one, sizeof(long_minus_one), &v) && v == -1);
    assert_false(dec_from_bytes(wide, sizeof(wide), &v)); /* 2^127 */
    assert_false(dec_from_bytes(wide, 0, &v));
    wide[0] = 1;
    assert_false(dec_from_bytes(wide, sizeof(wide), &v));
}

static void test_u256_division(void **state)
{
    (void)state;
    uint64_t s = 88172645463325252;
    for (int i = 0; i < 200000; i++) {
        U256 a, b, rest, product;
        for (int k = 0; k < 4; k++) {
            s ^= s << 13;
            s ^= s >> 7;
            s ^= s << 17;
            a.w[k] = s & 1 ? s : s & 2 ? UINT64_MAX : 0;
            b.w[k] = k <= i % 4 ? (s >> 5 & 3 ? s * 0x9E3779B97F4A7C15 : UINT64_MAX) : 0;
        }
        if (u256_is_zero(b)) {
            continue;
        }
        U256 q = u256_div(a, b, &rest);
        assert_true(u256_cmp(rest, b) < 0);
        /* q * b + rest = a, word by word of q */
        U256 sum = rest;
        for (int k = 3; k >= 0; k--) {
            U256 part = {{0}};
            assert_true(u256_mul_small(b, q.w[k], &product));
            for (int m = 0; m + k < 4; m++) {
                part.w[m + k] = product.w[m];
            }
            assert_true(u256_add(sum, part, &sum));
        }
        assert_int_equal(u256_cmp(sum, a), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),         cmocka_unit_test(test_parse_natural),
        cmocka_unit_test(test_arithmetic),    cmocka_unit_test(test_types_that_keep_their_scale),
        cmocka_unit_test(test_casts),         cmocka_unit_test(test_from_double),
        cmocka_unit_test(test_round_at),      cmocka_unit_test(test_bytes_of_any_length),
        cmocka_unit_test(test_u256_division),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
