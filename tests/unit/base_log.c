/* The log: pattern, levels, long lines; standard error is caught in a temporary file. */
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static char *catch_lines(void (*fn)(void))
{
    FILE *f = tmpfile();
    assert_non_null(f);
    fflush(stderr);
    int saved = dup(2);
    assert_true(saved >= 0 && dup2(fileno(f), 2) == 2);
    fn();
    fflush(stderr);
    assert_int_equal(dup2(saved, 2), 2);
    close(saved);
    long n = ftell(f);
    fseek(f, 0, SEEK_END);
    n = ftell(f);
    assert_true(n >= 0);
    rewind(f);
    char *text = mem_zalloc((size_t)n + 1);
    assert_int_equal(fread(text, 1, (size_t)n, f), n);
    fclose(f);
    return text;
}

static void write_some(void)
{
    clock_set_manual(1732608638000000);
    LOG_INFO("Quiet", "below the level");
    LOG_WARN("MicroBatchExecution", "batch %d took %s", 7, "long");
    LOG_ERROR("Pool", "no");
    log_write(LOG_LEVEL_OFF, "Never", "x");
    clock_set_manual(-1);
}

static void write_long(void)
{
    clock_set_manual(946684799000000);
    LOG_WARN("L", "%5000d|", 1);
    clock_set_manual(-1);
}

static void test_pattern(void **state)
{
    (void)state;
    assert_int_equal(log_level(), LOG_LEVEL_WARN);
    char *text = catch_lines(write_some);
    assert_string_equal(text, "24/11/26 08:10:38 WARN MicroBatchExecution: batch 7 took long\n"
                              "24/11/26 08:10:38 ERROR Pool: no\n");
    mem_free(text);
    log_set_level(LOG_LEVEL_INFO);
    text = catch_lines(write_some);
    assert_true(
        str_has_prefix(str_of(text), STR_LIT("24/11/26 08:10:38 INFO Quiet: below the level\n")));
    mem_free(text);
    log_set_level(LOG_LEVEL_OFF);
    text = catch_lines(write_some);
    assert_string_equal(text, "");
    mem_free(text);
    log_set_level(LOG_LEVEL_WARN);
}

static void test_long_line(void **state)
{
    (void)state;
    char *text = catch_lines(write_long);
    assert_true(str_has_prefix(str_of(text), STR_LIT("99/12/31 23:59:59 WARN L:   ")));
    assert_true(str_has_suffix(str_of(text), STR_LIT("   1|\n")));
    assert_int_equal(strlen(text), strlen("99/12/31 23:59:59 WARN L: ") + 5002);
    mem_free(text);
}

static void test_parse(void **state)
{
    (void)state;
    assert_int_equal(log_level_parse("WARN"), LOG_LEVEL_WARN);
    assert_int_equal(log_level_parse("debug"), LOG_LEVEL_DEBUG);
    assert_int_equal(log_level_parse("Off"), LOG_LEVEL_OFF);
    assert_int_equal(log_level_parse("ALL"), LOG_LEVEL_TRACE);
    assert_int_equal(log_level_parse("FATAL"), LOG_LEVEL_ERROR);
    assert_int_equal(log_level_parse("Warning"), -1);
    assert_int_equal(log_level_parse(""), -1);
}

int main(void)
{
    setenv("TZ", "UTC0", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pattern),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
