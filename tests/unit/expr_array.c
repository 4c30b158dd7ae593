/* expr_array.c - the array functions against what Spark 4.3.0 answers (expr_array.inc, see
 * expr_calls.h). */
#include "expr_calls.h"

static const CallCase cases[] = {
#include "expr_array.inc"
};

static void test_cases(void **state)
{
    (void)state;
    call_check_all(cases, sizeof(cases) / sizeof(cases[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
