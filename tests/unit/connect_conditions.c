/*
 * connect_conditions.c - errors.def against Spark's table of conditions, and what is sent of an
 * error that a client of the JVM can't make a message of.
 */
#include "connect/service_priv.h"

#include <stdio.h>
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

/* Conditions of our own, for what Spark does not have; sent without their names. */
static const char *const own[] = {"ARROW_STREAM_FAILED",  "FAILED_IO",
                                  "INVALID_OPTION_VALUE", "PLAN_TOO_DEEP",
                                  "STATE_FILE_CORRUPT",   "UNSUPPORTED_FEATURE"};

static bool is_own(const char *condition)
{
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (strcmp(own[i], condition) == 0) {
            return true;
        }
    }
    return false;
}

static void test_table(void **state)
{
    (void)state;
    int unknown = 0;
    for (int id = 1; id < ERR_COUNT; id++) {
        const char *condition = err_condition((ErrId)id), *parameters;
        if (*condition == '\0') {
            continue;
        }
        if (spark_has_condition(condition, &parameters) == is_own(condition)) {
            print_error("%s: %s\n", condition,
                        is_own(condition) ? "Spark has it" : "Spark does not have it");
            unknown++;
        }
    }
    assert_int_equal(unknown, 0);
}

static void test_can_format(void **state)
{
    (void)state;
    fb_error err = {0};
    (void)err_set(&err, ERR_TABLE_OR_VIEW_NOT_FOUND, "relationName", "`t`", "searchPath", "[]",
                  NULL);
    assert_true(spark_can_format(&err));
    err_clear(&err);
    (void)err_set(&err, ERR_TABLE_OR_VIEW_NOT_FOUND, "relationName", "`t`", NULL);
    assert_false(spark_can_format(&err)); /* a parameter is missing */
    err_clear(&err);
    (void)err_unsupported(&err, "this");
    assert_false(spark_can_format(&err)); /* Spark has it with sub-conditions only */
    err_clear(&err);
    (void)err_set(&err, ERR_CHECKPOINT_SOURCES, NULL);
    assert_false(spark_can_format(&err)); /* no condition */
    err_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table),
                                       cmocka_unit_test(test_can_format)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
