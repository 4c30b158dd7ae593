/* The pool: every worker once a round, rounds one after another, callers that take turns. Written
 * to be run under ThreadSanitizer: all shared counters are plain and ordered only by the pool. */
#include "base/arena.h"
#include "base/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>

#define WORKERS 4

typedef struct Round {
    uint64_t per_worker[WORKERS];
    pthread_t thread[WORKERS];
} Round;

static void count_worker(void *arg, uint32_t w)
{
    Round *r = arg;
    r->per_worker[w]++;
    r->thread[w] = pthread_self();
}

static void test_each_worker_once(void **state)
{
    (void)state;
    Pool *p = pool_new(WORKERS);
    assert_int_equal(pool_size(p), WORKERS);
    Round r = {0};
    for (uint64_t i = 1; i <= 2000; i++) {
        pool_run(p, count_worker, &r);
        for (int w = 0; w < WORKERS; w++) {
            assert_true(r.per_worker[w] == i);
        }
    }
    assert_true(pthread_equal(r.thread[0], pthread_self()));
    for (int w = 1; w < WORKERS; w++) {
        for (int v = 0; v < w; v++) {
            assert_false(pthread_equal(r.thread[w], r.thread[v]));
        }
    }
    pool_free(p);
}

static void meet(void *arg, uint32_t w)
{
    (void)w;
    pthread_barrier_wait(arg);
}

static void test_workers_run_together(void **state)
{
    (void)state;
    Pool *p = pool_new(WORKERS);
    pthread_barrier_t b;
    pthread_barrier_init(&b, NULL, WORKERS);
    for (int i = 0; i < 100; i++) {
        pool_run(p, meet, &b); /* would hang if two workers shared a thread */
    }
    pthread_barrier_destroy(&b);
    pool_free(p);
}

typedef struct Shared {
    Pool *pool;
    Round round; /* plain: callers must not overlap */
} Shared;

static void *call_often(void *arg)
{
    Shared *s = arg;
    for (int i = 0; i < 300; i++) {
        pool_run(s->pool, count_worker, &s->round);
    }
    return NULL;
}

static void test_callers_take_turns(void **state)
{
    (void)state;
    Shared s = {.pool = pool_new(WORKERS)};
    pthread_t t[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&t[i], NULL, call_often, &s), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(t[i], NULL);
    }
    for (int w = 0; w < WORKERS; w++) {
        assert_true(s.round.per_worker[w] == 900);
    }
    pool_free(s.pool);
}

static void test_small_pools(void **state)
{
    (void)state;
    Round r = {0};
    Pool *p = pool_new(0);
    assert_int_equal(pool_size(p), 1);
    pool_run(p, count_worker, &r);
    assert_true(r.per_worker[0] == 1);
    pool_free(p);
    pool_free(pool_new(8)); /* never used: no thread was started */
    pool_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_worker_once),
        cmocka_unit_test(test_workers_run_together),
        cmocka_unit_test(test_callers_take_turns),
        cmocka_unit_test(test_small_pools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
