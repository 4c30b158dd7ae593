/* Arenas: alignment, marks, reuse, accounting; the malloc family's end of the process. */
#include "base/arena.h"
#include "base/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_alloc_is_aligned_and_separate(void **state)
{
    (void)state;
    Arena a = {0};
    char *p[2000];
    for (size_t i = 0; i < 2000; i++) {
        p[i] = arena_alloc(&a, i % 97);
        assert_non_null(p[i]);
        assert_int_equal((uintptr_t)p[i] % 16, 0);
        memset(p[i], (int)(i & 0xff), i % 97);
    }
    for (size_t i = 0; i < 2000; i++) {
        for (size_t j = 0; j < i % 97; j++) {
            assert_int_equal((unsigned char)p[i][j], i & 0xff);
        }
    }
    arena_free(&a);
    assert_null(a.head);
    assert_int_equal(a.allocated, 0);
}

static void test_large_and_small_together(void **state)
{
    (void)state;
    Arena a = {0};
    for (int i = 0; i < 20; i++) {
        char *big = arena_zalloc(&a, (size_t)3 << 20);
        char *small = arena_zalloc(&a, 24);
        big[0] = big[((size_t)3 << 20) - 1] = 1;
        small[23] = 1;
    }
    assert_true(a.allocated >= (size_t)60 << 20);
    assert_true(a.allocated < (size_t)140 << 20);
    arena_free(&a);
}

static void test_strings(void **state)
{
    (void)state;
    Arena a = {0};
    assert_string_equal(arena_strdup(&a, "abc"), "abc");
    assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
    assert_string_equal(arena_strndup(&a, NULL, 0), "");
    assert_string_equal(arena_printf(&a, "%s-%d", "x", 42), "x-42");
    assert_int_equal(strlen(arena_printf(&a, "%5000d", 1)), 5000);
    int *n = ARENA_ARRAY(&a, int, 10);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(n[i], 0);
    }
    arena_free(&a);
}

static void test_mark_and_rewind(void **state)
{
    (void)state;
    Arena a = {0};
    ArenaMark empty = arena_mark(&a);
    char *kept = arena_strdup(&a, "kept");
    ArenaMark m = arena_mark(&a);
    size_t before = a.allocated;
    char *first = arena_alloc(&a, 100);
    arena_alloc(&a, (size_t)1 << 20);
    arena_alloc(&a, 100);
    assert_true(a.allocated > before);
    arena_rewind(&a, m);
    assert_int_equal(a.allocated, before);
    assert_string_equal(kept, "kept");
    assert_ptr_equal(arena_alloc(&a, 100), first);
    arena_rewind(&a, empty);
    memset(arena_alloc(&a, 64), 1, 64);
    arena_rewind(&a, empty);
    arena_free(&a);
}

static void test_reset_keeps_one_chunk(void **state)
{
    (void)state;
    Arena a = {0};
    size_t steady = 0;
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 1000; i++) {
            memset(arena_alloc(&a, 1000), round, 1000);
        }
        arena_reset(&a);
        if (round == 3) {
            steady = a.allocated;
        }
    }
    assert_true(steady > 0);
    assert_int_equal(a.allocated, steady);
    arena_alloc(&a, (size_t)64 << 20);
    arena_reset(&a); /* an enormous chunk is not kept */
    assert_true(a.allocated <= (size_t)16 << 20);
    arena_free(&a);
    arena_reset(&a);
    assert_int_equal(a.allocated, 0);
}

static void expect_abort(void (*fn)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        if (freopen("/dev/null", "w", stderr) != NULL) {
            fn();
        }
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void overflow_product(void)
{
    mem_mul(SIZE_MAX / 2, 3);
}

static void huge_alloc(void)
{
    mem_alloc(SIZE_MAX - 5);
}

static void huge_arena(void)
{
    Arena a = {0};
    arena_alloc(&a, SIZE_MAX - 5);
}

static void test_mem(void **state)
{
    (void)state;
    char *p = mem_zalloc(10);
    assert_int_equal(p[9], 0);
    p = mem_realloc(p, 100);
    assert_int_equal(p[9], 0);
    mem_free(p);
    mem_free(NULL);
    p = mem_alloc(0);
    assert_non_null(p);
    mem_free(p);
    p = mem_strdup("xyz");
    assert_string_equal(p, "xyz");
    mem_free(p);
    assert_int_equal(mem_mul(6, 7), 42);
    expect_abort(overflow_product);
    expect_abort(huge_alloc);
    expect_abort(huge_arena);
}

static void test_quota(void **state)
{
    (void)state;
    MemBudget budget = {.limit = 1 << 20};
    ArenaQuota quota = {.budget = &budget, .exempt = 100000};
    Arena a = {.quota = &quota}, b = {.quota = &quota};
    fb_error err = {0};
    arena_alloc(&a, 50000);
    assert_int_equal(atomic_load(&budget.used), 0); /* within the exemption */
    ArenaMark mark = arena_mark(&a);
    assert_true(arena_reserve(&a, 600000));
    int64_t used = atomic_load(&budget.used);
    assert_true(used >= 550000 && used < 700000);
    arena_alloc(&a, 600000);
    assert_int_equal(atomic_load(&budget.used), used); /* what was reserved */
    assert_int_equal(arena_check(&b, &err), FB_OK);
    assert_false(arena_has_room(&b, 900000));
    atomic_store(&quota.over, false);
    assert_true(arena_has_room(&b, 400000));
    assert_int_equal(atomic_load(&budget.used), used);
    assert_false(arena_reserve(&b, 900000));
    assert_true(arena_is_over(&a) && arena_is_over(&b));
    assert_int_equal(arena_check(&a, &err), FB_ERR);
    assert_int_equal(err.id, ERR_UNABLE_TO_ACQUIRE_MEMORY);
    arena_rewind(&a, mark);
    assert_int_equal(atomic_load(&budget.used), 0);
    atomic_store(&quota.over, false);
    memset(arena_alloc(&b, 2000000), 1, 2000000); /* never fails, but is noted */
    assert_true(arena_is_over(&b));
    assert_int_equal(atomic_load(&budget.used), 0);
    assert_false(arena_reserve(&b, SIZE_MAX));
    arena_reset(&b);
    arena_free(&a);
    arena_free(&b);
    assert_int_equal(atomic_load(&budget.used), 0);
    err_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc_is_aligned_and_separate),
        cmocka_unit_test(test_large_and_small_together),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_mark_and_rewind),
        cmocka_unit_test(test_reset_keeps_one_chunk),
        cmocka_unit_test(test_quota),
        cmocka_unit_test(test_mem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
