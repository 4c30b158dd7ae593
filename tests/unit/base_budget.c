/* The memory budget: limits, refusals that leave no trace, charges from several threads. */
#include "base/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <unistd.h>

static void test_limit(void **state)
{
    (void)state;
    MemBudget b = {.limit = 1000};
    fb_error e = {0};
    assert_int_equal(budget_charge(&b, 600, &e), FB_OK);
    assert_int_equal(budget_charge(&b, 400, &e), FB_OK);
    assert_int_equal(budget_charge(&b, 0, &e), FB_OK);
    assert_int_equal(budget_charge(&b, -300, &e), FB_OK);
    assert_int_equal(budget_charge(&b, 301, &e), FB_ERR);
    assert_int_equal(e.id, ERR_UNABLE_TO_ACQUIRE_MEMORY);
    assert_string_equal(err_sqlstate(e.id), "53200");
    assert_non_null(strstr(e.message, "[UNABLE_TO_ACQUIRE_MEMORY] "));
    assert_non_null(strstr(e.message, "301"));
    assert_non_null(strstr(e.message, "300"));
    assert_true(b.used == 700);
    err_clear(&e);
    assert_int_equal(budget_charge(&b, INT64_MAX, &e), FB_ERR);
    assert_true(b.used == 700);
    err_clear(&e);
    assert_false(budget_try(&b, 301));
    assert_true(budget_try(&b, 200));
    assert_true(budget_try(&b, -200));
    assert_int_equal(budget_charge(&b, -700, &e), FB_OK);
    assert_true(b.used == 0);
    assert_true(b.peak == 1000);
}

static void test_no_limit(void **state)
{
    (void)state;
    MemBudget b = {0};
    fb_error e = {0};
    assert_int_equal(budget_charge(&b, (int64_t)1 << 60, &e), FB_OK);
    assert_int_equal(budget_charge(&b, INT64_MAX, &e), FB_ERR); /* the count can't hold it */
    assert_true(b.used == (int64_t)1 << 60);
    err_clear(&e);
}

static void *charge_often(void *arg)
{
    MemBudget *b = arg;
    for (int i = 0; i < 20000; i++) {
        fb_error e = {0};
        if (budget_charge(b, 3, &e) == FB_OK) {
            FB_ASSERT(b->used <= b->limit);
            budget_charge(b, -3, &e);
        }
        err_clear(&e);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    MemBudget b = {.limit = 7}; /* room for two of four */
    pthread_t t[4];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&t[i], NULL, charge_often, &b), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(t[i], NULL);
    }
    assert_true(b.used == 0);
}

static void test_default_limit(void **state)
{
    (void)state;
    int64_t machine = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
    int64_t limit = budget_default_limit();
    assert_true(limit > 0 && limit <= machine / 100 * 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_no_limit),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_default_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
