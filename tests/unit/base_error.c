/* Errors: messages, parameters, causes, and the three forms in which a place in a SQL text is
 * shown. The places' expectations were recorded from Spark 4.3. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

static void test_message(void **state)
{
    (void)state;
    fb_error e = {0};
    assert_false(err_is_set(&e));
    assert_int_equal(
        err_set(&e, ERR_IO, "action", "open", "path", "/x/<reason>", "reason", "it is gone", NULL),
        FB_ERR);
    assert_true(err_is_set(&e));
    assert_string_equal(e.message,
                        "[FAILED_IO] Can't open /x/<reason>: it is gone. SQLSTATE: 58030");
    assert_int_equal(e.n_params, 3);
    assert_string_equal(e.params[1].key, "path");
    assert_string_equal(e.params[1].value, "/x/<reason>");
    assert_true(e.start == -1 && e.stop == -1 && e.line == 0);
    err_clear(&e);
    assert_false(err_is_set(&e));
    assert_null(e.message);
    err_clear(&e);
    err_set(&e, ERR_IO, "action", "open", "reason", NULL, NULL);
    assert_string_equal(e.message, "[FAILED_IO] Can't open <path>: null. SQLSTATE: 58030");
    err_clear(&e);
    assert_int_equal(err_set(NULL, ERR_IO, NULL), FB_ERR);
}

static void test_first_wins(void **state)
{
    (void)state;
    fb_error e = {0};
    fb_error cause = {0};
    err_internal(&e, "first %d", 1);
    err_unsupported(&e, "second");
    err_internal(&cause, "third");
    err_set_cause(&e, &cause, ERR_IO, NULL);
    assert_string_equal(e.message, "[INTERNAL_ERROR] first 1 SQLSTATE: XX000");
    assert_null(e.cause);
    assert_false(err_is_set(&cause));
    err_clear(&e);
}

static void test_helpers(void **state)
{
    (void)state;
    fb_error e = {0};
    err_errno(&e, ENOSPC, "write", "/data/x");
    assert_string_equal(
        e.message, "[FAILED_IO] Can't write /data/x: No space left on device. SQLSTATE: 58030");
    err_clear(&e);
    err_errno(&e, 9999, "write", "/data/x");
    assert_non_null(strstr(e.message, "error 9999"));
    err_clear(&e);
    char big[3000];
    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    err_unsupported(&e, "%s", big);
    assert_int_equal(e.id, ERR_UNSUPPORTED_FEATURE);
    assert_non_null(strstr(e.message, big));
    err_clear(&e);
}

static void test_causes(void **state)
{
    (void)state;
    fb_error e = {0};
    err_internal(&e, "inner");
    for (int i = 0; i < 3; i++) { /* wrapping an error in place */
        err_set_cause(&e, &e, ERR_IO, "action", "run", "path", "x", "reason", "y", NULL);
    }
    assert_int_equal(e.id, ERR_IO);
    assert_int_equal(e.cause->cause->cause->id, ERR_INTERNAL_ERROR);
    fb_error moved = {0};
    err_move(&moved, &e);
    assert_false(err_is_set(&e));
    assert_null(e.cause);
    assert_non_null(moved.cause);
    err_clear(&moved);
    err_set_cause(&e, NULL, ERR_IO, NULL);
    assert_null(e.cause);
    err_clear(&e);
}

static void test_table(void **state)
{
    (void)state;
    assert_string_equal(err_condition(ERR_DIVIDE_BY_ZERO), "DIVIDE_BY_ZERO");
    assert_string_equal(err_sqlstate(ERR_DIVIDE_BY_ZERO), "22012");
    assert_int_equal(err_class(ERR_DIVIDE_BY_ZERO), EC_ARITHMETIC);
    assert_string_equal(err_class_name(EC_ARITHMETIC), "org.apache.spark.SparkArithmeticException");
    for (int c = 0; c <= (int)EC_CONCURRENT; c++) {
        const char *const *chain = err_class_chain((ErrClass)c);
        assert_string_equal(chain[0], err_class_name((ErrClass)c));
        while (chain[1] != NULL) {
            chain++;
        }
        assert_string_equal(chain[0], "java.lang.Object");
    }
    for (int i = 1; i < (int)ERR_COUNT; i++) {
        const char *state_code = err_sqlstate((ErrId)i);
        assert_non_null(err_condition((ErrId)i));
        assert_non_null(err_class_name(err_class((ErrId)i)));
        assert_true(state_code == NULL || strlen(state_code) == 5);
        fb_error e = {0};
        err_set(&e, (ErrId)i, NULL);
        bool nameless = *err_condition((ErrId)i) == 0 ||
                        strncmp(err_condition((ErrId)i), "_LEGACY_ERROR_", 14) == 0;
        assert_true(nameless ? e.message[0] != '[' : e.message[0] == '[');
        err_clear(&e);
    }
}

/* Sets an error at the given fragment of sql and compares its text behind the message. */
static void expect_place(ErrId id, const char *sql, const char *fragment, const char *want)
{
    fb_error e = {0};
    Arena a = {0};
    const char *at = strstr(sql, fragment);
    assert_non_null(at);
    int start = (int)(at - sql);
    err_set(&e, id, NULL);
    err_where(&e, start, start + (int)strlen(fragment), str_of(sql));
    err_where(&e, 0, 1, str_of("not any more"));
    assert_string_equal(e.fragment, fragment);
    char *text = err_text(&e, &a);
    const char *message = strstr(text, e.message);
    assert_non_null(message);
    assert_string_equal(message + strlen(e.message), want);
    assert_int_equal(message - text, err_class(id) == EC_PARSE ? 1 : 0);
    arena_free(&a);
    err_clear(&e);
}

#define P40 "'pppppppppppppppppppppppppppppppppppppppp'"
#define CAST "cast('abc' as int)"
#define CARETS "^^^^^^^^^^^^^^^^^^"

static void test_runtime_place(void **state)
{
    (void)state;
    ErrId id = ERR_CAST_INVALID_INPUT;
    expect_place(id, "select " CAST, CAST,
                 "\n== SQL (line 1, position 8) ==\nselect " CAST "\n       " CARETS "\n");
    expect_place(id, "select " P40 ", " CAST ", " P40 ", 1", CAST,
                 "\n== SQL (line 1, position 52) ==\n...ppppppppppppppppppppppppppppp', " CAST
                 ", 'ppppppppppppppppppppppppppppp...\n                                   " CARETS
                 "\n");
    expect_place(id, "select 'ppppppppppppppppppppp'," CAST ",'qqqqqqqqqqqqqqqqqqqqqqqqqqqq'", CAST,
                 "\n== SQL (line 1, position 32) ==\nselect 'ppppppppppppppppppppp'," CAST
                 ",'qqqqqqqqqqqqqqqqqqqqqqqqqqqq'\n                               " CARETS "\n");
    expect_place(
        id, "select 'pppppppppppppppppppppp'," CAST ",'qqqqqqqqqqqqqqqqqqqqqqqqqqqqq'", CAST,
        "\n== SQL (line 1, position 33) ==\n...select 'pppppppppppppppppppppp'," CAST
        ",'qqqqqqqqqqqqqqqqqqqqqqqqqqqqq'...\n                                   " CARETS "\n");
    expect_place(id, "select 1,\n " P40 ", cast(\n'abc'\n\n as int), " P40 ", \n2",
                 "cast(\n'abc'\n\n as int)",
                 "\n== SQL (line 2, position 46) ==\n...ppppppppppppppppppppppppppppp', cast(\n"
                 "                                   ^^^^^\n'abc'\n^^^^^\n\n\n as int), "
                 "'ppppppppppppppppppppppppppppp...\n^^^^^^^^\n");
    expect_place(id, "select 1 +\r\n cast('x' as int)\r\n, 3", "cast('x' as int)",
                 "\n== SQL (line 2, position 2) ==\n cast('x' as int)\r\n ^^^^^^^^^^^^^^^^\n");
    expect_place(id, "select '\xF0\x9F\x98\x80\xC3\xA9',\t" CAST "\n", CAST,
                 "\n== SQL (line 1, position 14) ==\nselect '\xF0\x9F\x98\x80\xC3\xA9',\t" CAST
                 "\n             " CARETS "\n");
}

static void test_parse_place(void **state)
{
    (void)state;
    ErrId id = ERR_NONE; /* some condition of the class */
    for (int i = 1; i < (int)ERR_COUNT && id == ERR_NONE; i++) {
        id = err_class((ErrId)i) == EC_PARSE ? (ErrId)i : ERR_NONE;
    }
    if (id == ERR_NONE) {
        skip();
    }
    expect_place(id, "selec 1", "selec", " (line 1, pos 0)\n\n== SQL ==\nselec 1\n^^^\n");
    expect_place(id, "select '\xF0\x9F\x98\x80\xC3\xA9' 1 2 3", "1",
                 " (line 1, pos 12)\n\n== SQL ==\nselect '\xF0\x9F\x98\x80\xC3\xA9' 1 2 3\n"
                 "------------^^^\n");
    expect_place(id, "select 1\n\n\nfrom a b c d\nwhere x\n\n", "c d",
                 " (line 4, pos 9)\n\n== SQL ==\nselect 1\n\n\nfrom a b c d\n---------^^^\n"
                 "where x\n");
    expect_place(id, "", "", " (line 1, pos 0)\n\n== SQL ==\n\n^^^\n");
    fb_error e = {0};
    Arena a = {0};
    err_set(&e, id, NULL);
    err_where(&e, 10, 10, str_of("select 1\n\n")); /* the end of the input */
    assert_string_equal(strstr(err_text(&e, &a), "== SQL"), "== SQL ==\nselect 1\n^^^\n");
    arena_free(&a);
    err_clear(&e);
}

static void test_analysis_place(void **state)
{
    (void)state;
    ErrId id = ERR_NONE;
    for (int i = 1; i < (int)ERR_COUNT && id == ERR_NONE; i++) {
        id = err_class((ErrId)i) == EC_ANALYSIS ? (ErrId)i : ERR_NONE;
    }
    if (id == ERR_NONE) {
        skip();
    }
    fb_error e = {0};
    Arena a = {0};
    const char *sql = "select\n  '\xC3\xA9', foo from t";
    expect_place(id, sql, "foo", "; line 2 pos 7");
    err_set(&e, id, NULL);
    err_where(&e, 15, 18, str_of(sql));
    assert_string_equal(e.summary,
                        "== SQL (line 2, position 8) ==\n  '\xC3\xA9', foo from t\n       ^^^\n");
    assert_true(e.first == 14 && e.last == 16 && e.line == 2 && e.column == 7);
    err_clear(&e);
    arena_free(&a);
}

static void test_odd_places(void **state)
{
    (void)state;
    fb_error e = {0};
    Arena a = {0};
    err_where(&e, 0, 1, str_of("x")); /* nothing is set */
    assert_null(e.fragment);
    assert_string_equal(err_text(&e, &a), "");
    err_internal(&e, "x");
    err_where(&e, -1, 3, str_of("select"));
    err_where(&e, 3, 2, str_of("select"));
    assert_int_equal(e.start, -1);
    err_where(&e, 3, 100, str_of("select")); /* beyond the text: kept, but not shown */
    assert_true(e.start == 3 && e.stop == 100 && e.summary == NULL && e.fragment == NULL);
    assert_string_equal(err_text(&e, &a), e.message);
    err_clear(&e);
    err_internal(&e, "x");
    err_where(&e, 1, 2, (Str){0});
    assert_null(e.summary);
    err_clear(&e);
    const char broken[] = "\x80\xF0\x9F(\xFF"; /* not UTF-8: no byte outside is read */
    for (int start = 0; start <= 5; start++) {
        for (int stop = start; stop <= 5; stop++) {
            char *copy = mem_alloc(5);
            memcpy(copy, broken, 5);
            err_internal(&e, "x");
            err_where(&e, start, stop, (Str){copy, 5});
            assert_non_null(e.summary);
            err_clear(&e);
            mem_free(copy);
        }
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message),     cmocka_unit_test(test_first_wins),
        cmocka_unit_test(test_helpers),     cmocka_unit_test(test_causes),
        cmocka_unit_test(test_table),       cmocka_unit_test(test_runtime_place),
        cmocka_unit_test(test_parse_place), cmocka_unit_test(test_analysis_place),
        cmocka_unit_test(test_odd_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
