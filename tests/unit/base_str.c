/* Strings: comparison, trimming, the growing buffer, strict number parsing. */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_compare(void **state)
{
    (void)state;
    assert_true(str_eq(str_of("abc"), STR_LIT("abc")));
    assert_true(str_eq((Str){0}, STR_LIT("")));
    assert_false(str_eq(str_of("abc"), str_of("abd")));
    assert_true(str_eq_nocase(str_of("SeLeCt"), str_of("sElEcT")));
    assert_false(str_eq_nocase(str_of("\xC3\xA9"), str_of("\xC3\x89"))); /* é, É: ASCII only */
    assert_false(str_eq_nocase(str_of("@"), str_of("`")));
    assert_false(str_eq_nocase(str_of("["), str_of("{")));
    assert_true(cstr_eq_nocase("TRUE", "true"));
    assert_true(str_cmp(str_of("a"), str_of("b")) < 0);
    assert_true(str_cmp(str_of("ab"), str_of("a")) > 0);
    assert_true(str_cmp(str_of("\xff"), str_of("a")) > 0); /* bytes are unsigned */
    assert_int_equal(str_cmp((Str){0}, STR_LIT("")), 0);
}

static void test_affixes_and_trim(void **state)
{
    (void)state;
    assert_true(str_has_prefix(str_of("spark.sql"), str_of("spark.")));
    assert_false(str_has_prefix(str_of("sp"), str_of("spark.")));
    assert_true(str_has_prefix((Str){0}, (Str){0}));
    assert_true(str_has_suffix(str_of("x.csv"), str_of(".csv")));
    assert_false(str_has_suffix(str_of("csv"), str_of(".csv")));
    assert_true(str_eq(str_trim(str_of(" \t\r\n a b \v\f")), str_of("a b")));
    assert_int_equal(str_trim(str_of("   ")).n, 0);
    assert_int_equal(str_trim((Str){0}).n, 0);
    assert_int_equal(ascii_upper('z'), 'Z');
    assert_int_equal(ascii_upper('{'), '{');
    assert_int_equal(ascii_lower('A'), 'a');
    assert_int_equal(ascii_lower('@'), '@');
}

static void test_buffer(void **state)
{
    (void)state;
    StrBuf b = {0};
    assert_int_equal(strbuf_str(&b).n, 0);
    strbuf_clear(&b);
    for (int i = 0; i < 1000; i++) {
        strbuf_putc(&b, (char)('a' + i % 26));
        assert_int_equal(b.p[b.n], '\0');
    }
    assert_int_equal(b.n, 1000);
    assert_int_equal(b.p[999], 'a' + 999 % 26);
    strbuf_clear(&b);
    assert_string_equal(b.p, "");
    strbuf_append(&b, NULL, 0);
    strbuf_append(&b, "a\0b", 3);
    assert_int_equal(b.n, 3);
    strbuf_clear(&b);
    strbuf_printf(&b, "%d %s", 7, "x");
    strbuf_printf(&b, "%3000s|", "y");
    assert_int_equal(b.n, 3 + 3001);
    assert_memory_equal(b.p, "7 x", 3);
    assert_int_equal(b.p[b.n - 1], '|');
    char *p = strbuf_take(&b);
    assert_null(b.p);
    mem_free(p);
    p = strbuf_take(&b); /* of an empty one */
    assert_string_equal(p, "");
    mem_free(p);
    Arena a = {0};
    strbuf_puts(&b, "into the arena");
    assert_string_equal(strbuf_arena(&b, &a), "into the arena");
    assert_string_equal(strbuf_arena(&b, &a), "");
    arena_free(&a);
    strbuf_free(&b);
}

static bool i64_is(const char *s, int64_t want)
{
    int64_t v = 99;
    return parse_i64(str_of(s), &v) && v == want;
}

static bool i64_bad(const char *s)
{
    int64_t v = 99;
    return !parse_i64(str_of(s), &v) && v == 99;
}

static void test_parse_numbers(void **state)
{
    (void)state;
    assert_true(i64_is("0", 0));
    assert_true(i64_is("-0", 0));
    assert_true(i64_is("+12", 12));
    assert_true(i64_is("007", 7));
    assert_true(i64_is("9223372036854775807", INT64_MAX));
    assert_true(i64_is("-9223372036854775808", INT64_MIN));
    const char *bad[] = {"",
                         "-",
                         "+",
                         " 1",
                         "1 ",
                         "1.0",
                         "0x1",
                         "9223372036854775808",
                         "--1",
                         "1e3",
                         "-9223372036854775809",
                         "99999999999999999999",
                         "\xff"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_true(i64_bad(bad[i]));
    }
    uint64_t u = 5;
    assert_true(parse_u64(str_of("18446744073709551615"), &u));
    assert_true(u == UINT64_MAX);
    assert_false(parse_u64(str_of("18446744073709551616"), &u));
    assert_false(parse_u64(str_of("-1"), &u));
    assert_false(parse_u64((Str){0}, &u));
    assert_true(u == UINT64_MAX);
}

static void test_parse_bool(void **state)
{
    (void)state;
    bool b = false;
    assert_true(parse_bool(str_of("TRUE"), &b) && b);
    assert_true(parse_bool(str_of("False"), &b) && !b);
    assert_false(parse_bool(str_of("1"), &b));
    assert_false(parse_bool(str_of(" true"), &b));
    assert_false(parse_bool(str_of(""), &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),    cmocka_unit_test(test_affixes_and_trim),
        cmocka_unit_test(test_buffer),     cmocka_unit_test(test_parse_numbers),
        cmocka_unit_test(test_parse_bool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
