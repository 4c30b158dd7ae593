/*
 * column_vec_text.c - values as text, as CAST(x AS STRING) and show() of Spark 4.3 gave them.
 */
#include "column/timezone.h"
#include "column_notation.h"

typedef struct Case {
    const char *type, *value, *cast, *show; /* show: NULL = the same */
} Case;

static const Case cases[] = {
    {"struct<a:int,b:int>", "(1,null)", "{1, null}", "{1, NULL}"},
    {"array<int>", "[1,null,2]", "[1, null, 2]", "[1, NULL, 2]"},
    {"array<int>", "[null,1]", "[null, 1]", "[NULL, 1]"},
    {"array<void>", "[]", "[]", NULL},
    {"map<string,int>", "{'a':1,'b':null}", "{a -> 1, b -> null}", "{a -> 1, b -> NULL}"},
    {"map<void,void>", "{}", "{}", NULL},
    {"struct<x:array<struct<y:double,z:string>>>", "([(f1.5,'q')])", "{[{1.5, q}]}", NULL},
    {"array<map<int,array<string>>>", "[{1:['a,b','c']}]", "[{1 -> [a,b, c]}]", NULL},
    {"array<decimal(5,2)>", "[150,0]", "[1.50, 0.00]", NULL},
    {"array<double>", "[f1e10,f1e-5,fnan,f-inf,f-0.0,f1e7,f123456789.125,f0.001]",
     "[1.0E10, 1.0E-5, NaN, -Infinity, -0.0, 1.0E7, 1.23456789125E8, 0.001]", NULL},
    {"array<float>", "[f0.1,f1e20]", "[0.1, 1.0E20]", NULL},
    {"binary", "x'5A41'", "ZA", "[5A 41]"},
    {"array<binary>", "[x'0aff41',x'61']", "[\n\xff\x41, a]", "[[0A FF 41], [61]]"},
    {"struct<b:binary>", "(x'c3a9')", "{\xc3\xa9}", "{[C3 A9]}"},
    {"date", "19724", "2024-01-02", NULL},
    {"array<date>", "[-719162,3789391]", "[0001-01-01, +12345-01-01]", NULL},
    {"timestamp", "1704193445500000", "2024-01-02 03:04:05.5", NULL},
    {"array<timestamp>", "[1704193445123456,-3786797222000000]",
     "[2024-01-02 03:04:05.123456, 1850-01-01 00:00:00]", NULL},
    {"timestamp_ntz", "1704164645000000", "2024-01-02 03:04:05", NULL},
    {"array<timestamp_ntz>", "[1704164645100000]", "[2024-01-02 03:04:05.1]", NULL},
    {"interval year to month", "14", "INTERVAL '1-2' YEAR TO MONTH", NULL},
    {"array<interval year to month>", "[14,-14]",
     "[INTERVAL '1-2' YEAR TO MONTH, INTERVAL '-1-2' YEAR TO MONTH]", NULL},
    {"array<interval day to second>", "[93784500000]", "[INTERVAL '1 02:03:04.5' DAY TO SECOND]",
     NULL},
    {"array<interval>", "[i14 25 18367500000]",
     "[1 years 2 months 25 days 5 hours 6 minutes 7.5 seconds]", NULL},
    {"array<boolean>", "[true,false]", "[true, false]", NULL},
    {"array<void>", "[null]", "[null]", "[NULL]"},
    {"decimal(38,10)", "10000000000", "1.0000000000", NULL},
    {"decimal(38,10)", "1", "0.0000000001", NULL},
    {"array<interval day>", "[259200000000]", "[INTERVAL '3' DAY]", NULL},
    {"interval hour", "18000000000", "INTERVAL '05' HOUR", NULL},
    {"interval month", "5", "INTERVAL '5' MONTH", NULL},
    {"struct<>", "()", "{}", NULL},
    {"struct<a:struct<>>", "(())", "{{}}", NULL},
    {"map<struct<a:int>,array<int>>", "{(1):[1,2]}", "{{1} -> [1, 2]}", NULL},
    {"array<array<int>>", "[[1],null,[]]", "[[1], null, []]", "[[1], NULL, []]"},
    {"struct<a:struct<b:string>,c:string>", "((null),'')", "{{null}, }", "{{NULL}, }"},
    {"array<tinyint>", "[-128]", "[-128]", NULL},
    {"array<smallint>", "[-32768]", "[-32768]", NULL},
    {"bigint", "-9223372036854775807", "-9223372036854775807", NULL},
    {"string", "'any text, as it is'", "any text, as it is", NULL},
    {"int", "null", "null", "NULL"},
};

static void test_texts(void **state)
{
    (void)state;
    const TimeZone *tz = tz_find(STR_LIT("America/Los_Angeles"));

    assert_non_null(tz);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const Case *c = &cases[i];
        Arena a = {0};
        fb_error err = {0};
        const Type *t = NULL;
        StrBuf text = {0};
        Vec v;
        assert_int_equal(type_from_ddl(str_of(c->type), &t, &err), FB_OK);
        VecBuilder *b = vecb_new(&a, t);
        vecb_null(b);
        assert_string_equal(add_value(b, t, c->value), "");
        vecb_finish(b, &v);
        vec_value_text(&v, 1, tz, &text);
        assert_string_equal(text.p, c->cast);
        strbuf_clear(&text);
        vec_value_pretty(&v, 1, tz, &text);
        assert_string_equal(text.p, c->show ? c->show : c->cast);
        strbuf_free(&text);
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
