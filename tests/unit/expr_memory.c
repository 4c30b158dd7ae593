/*
 * expr_memory.c - functions that make much of little, under a budget that has not got it: each ends
 * with UNABLE_TO_ACQUIRE_MEMORY, takes no more than the budget, and gives all back.
 */
#include "expr_calls.h"

#include "base/budget.h"

#define LIMIT ((int64_t)8 << 20)

typedef struct Limited {
    Harness h;
    MemBudget budget;
    ArenaQuota quota;
    Arena work; /* of the evaluation */
} Limited;

static void limited_init(Limited *l, int64_t limit)
{
    *l = (Limited){0};
    harness_init(&l->h, EVAL_ANSI);
    l->budget.limit = limit;
    l->quota.budget = &l->budget;
    l->work.quota = &l->quota;
    l->h.eval.arena = &l->work;
}

static void limited_free(Limited *l)
{
    arena_free(&l->work);
    assert_int_equal(atomic_load(&l->budget.used), 0);
    harness_free(&l->h);
}

static fb_status run(Limited *l, const char *text, uint32_t n, Vec *out)
{
    const char *p = text;
    Expr *e;
    if (call_expr(&l->h, &p, &e) != FB_OK) {
        fail_msg("%s: %s", text, l->h.err.message);
    }
    l->h.batch.n_rows = n;
    if (e->kind != E_GENERATOR) {
        return expr_eval(&l->h.eval, e, &l->h.batch, out, &l->h.err);
    }
    Vec args[8];
    uint32_t *rows, n_out;
    for (uint32_t k = 0; k < e->n_args; k++) {
        TRY(expr_eval(&l->h.eval, e->args[k], &l->h.batch, &args[k], &l->h.err));
    }
    TRY(e->fn->generate(&l->h.eval, e, args, n, &rows, &n_out, out, &l->h.err));
    return arena_check(&l->work, &l->h.err); /* as the operator does */
}

static void add_columns(Limited *l, uint32_t n)
{
    VecBuilder *ints = vecb_new(&l->h.arena, type_int);
    VecBuilder *words = vecb_new(&l->h.arena, type_string);
    VecBuilder *lists = vecb_new(&l->h.arena, type_array(type_int, false));
    Vec v[3];
    for (uint32_t i = 0; i < n; i++) {
        vecb_int(ints, 2000 + (int64_t)i);
        vecb_str(words, STR_LIT("1234567890123456789012345678901234567890"));
        for (uint32_t k = 0; k < 1000; k++) {
            vecb_int(vecb_child(lists, 0), k);
        }
        vecb_end_row(lists);
    }
    vecb_finish(ints, &v[0]);
    vecb_finish(words, &v[1]);
    vecb_finish(lists, &v[2]);
    harness_column(&l->h, "many", &v[0]);
    harness_column(&l->h, "word", &v[1]);
    harness_column(&l->h, "list", &v[2]);
}

#define ROWS 1000

static void test_over(void **state)
{
    static const char *const one[] = {
        "sequence(1, 1000000000)",
        "sequence(1L, 2000000000L, 1L)",
        "sequence(DATE'0001-01-01', DATE'9999-12-31', INTERVAL '1' DAY)",
        "array_repeat('x', 2000000000)",
        "array_repeat(1, 10000000)",
        "array_insert(array(1), 100000000, 2)",
        "array_insert(array(1), -100000000, 2)",
        "repeat('x', 2000000000)",
        "repeat('xx', 2000000000)",
        "repeat(repeat(repeat('abc', 1000), 1000), 1000)",
        "space(2147483647)",
        "lpad('x', 2147483647, ' ')",
        "rpad('x', 100000000, 'ab')",
        "replace(repeat('a', 10000), 'a', repeat('b', 10000))",
        "regexp_replace(repeat('a', 10000), '[a]', repeat('b', 10000), 1)",
        "translate(repeat('a', 5000000), 'a', 'b')",
        "format_string(repeat('%1$1000d', 100000), 1)",
        "concat(repeat('a', 3000000), repeat('b', 3000000))",
        "concat_ws(repeat(',', 100000), array_repeat('x', 1000))",
        "array_join(array_repeat('x', 1000), repeat(',', 100000))",
        "concat(array_repeat(1L, 400000), array_repeat(1L, 400000))",
        "flatten(array_repeat(array_repeat(1, 1000), 10000))",
        "split(repeat('a', 2000000), '')",
        "split(repeat('a,', 2000000), ',')",
        "regexp_extract_all(repeat('a', 2000000), '(a)', 1)",
        "string(array_repeat(repeat('a', 100000), 1000))",
        "map_concat(map(0, 1), map_from_arrays(sequence(1, 500000), sequence(1, 500000)))",
    };
    static const char *const many[] = {
        "repeat(word, many)",
        "lpad(word, 20000, 'x')",
        "sequence(1, many)",
        "array_repeat(1L, many)",
        "concat(list, list, list)",
        "array_union(list, list)",
        "reverse(list)",
        "explode(array_repeat(1L, many))",
        "posexplode(list)",
        "stack(2, list, list, list, list)",
        "regexp_replace(word, '[0-9]', repeat('x', 1000), 1)",
    };
    (void)state;
    size_t n_one = sizeof(one) / sizeof(one[0]), n_many = sizeof(many) / sizeof(many[0]);
    for (size_t i = 0; i < n_one + n_many; i++) {
        Limited l;
        Vec out[8];
        const char *text = i < n_one ? one[i] : many[i - n_one];
        bool rows = i >= n_one;
        limited_init(&l, rows ? LIMIT / 2 : LIMIT);
        if (rows) {
            add_columns(&l, ROWS);
        }
        if (run(&l, text, rows ? ROWS : 1, out) == FB_OK) {
            fail_msg("%s is made", text);
        }
        if (l.h.err.id != ERR_UNABLE_TO_ACQUIRE_MEMORY) {
            fail_msg("%s: %s", text, l.h.err.message);
        }
        assert_true(atomic_load(&l.budget.peak) <= l.budget.limit);
        if (l.work.allocated > 2 * (size_t)LIMIT) {
            fail_msg("%s takes %zu bytes", text, l.work.allocated);
        }
        limited_free(&l);
    }
}

static void test_beyond_java_arrays(void **state)
{
    static const struct {
        const char *text;
        ErrId id;
    } cases[] = {
        {"array_repeat('x', 2147483633)", ERR_COLLECTION_SIZE_LIMIT_EXCEEDED_PARAMETER},
        {"sequence(1, 2147483647)", ERR_COLLECTION_SIZE_LIMIT_EXCEEDED_PARAMETER},
        {"array_insert(array(1), 2147483647, 2)", ERR_COLLECTION_SIZE_LIMIT_EXCEEDED_FUNCTION},
        {"array_insert(array(1), -2147483640, 2)", ERR_COLLECTION_SIZE_LIMIT_EXCEEDED_FUNCTION},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Limited l;
        Vec out;
        limited_init(&l, LIMIT);
        assert_int_equal(run(&l, cases[i].text, 1, &out), FB_ERR);
        assert_int_equal(l.h.err.id, cases[i].id);
        limited_free(&l);
    }
}

static void test_within(void **state)
{
    (void)state;
    Limited l;
    Vec out;
    limited_init(&l, LIMIT);
    assert_int_equal(run(&l, "repeat('x', 3000000)", 1, &out), FB_OK);
    assert_int_equal(VEC_AT(View, &out, 0).len, 3000000);
    arena_reset(&l.work);
    assert_int_equal(run(&l, "sequence(1, 1000000)", 1, &out), FB_OK);
    assert_int_equal(out.child[0].len, 1000000);
    assert_int_equal(VEC_AT(int32_t, &out.child[0], 999999), 1000000);
    limited_free(&l);
}

/* Constants are folded within a bound of their own, and nothing stays of one that is too large. */
static void test_fold(void **state)
{
    (void)state;
    Harness h;
    Expr *e;
    Vec v;
    harness_init(&h, EVAL_ANSI);
    const char *small = "repeat('x', 1000)", *large = "repeat('x', 2000000000)";
    assert_int_equal(call_expr(&h, &small, &e), FB_OK);
    assert_int_equal(expr_fold(&h.eval, e, &v, &h.err), FB_OK);
    assert_int_equal(VEC_AT(View, &v, 0).len, 1000);
    assert_int_equal(call_expr(&h, &large, &e), FB_OK);
    size_t before = h.arena.allocated;
    assert_int_equal(expr_fold(&h.eval, e, &v, &h.err), FB_ERR);
    assert_int_equal(h.err.id, ERR_UNABLE_TO_ACQUIRE_MEMORY);
    assert_true(h.arena.allocated <= before + 65536);
    assert_null(h.arena.quota);
    harness_free(&h);
}

/* More elements than offsets can count are refused even without a limit. */
static void test_elements(void **state)
{
    (void)state;
    Limited l;
    Vec out;
    uint32_t n = 5000000;
    limited_init(&l, 0);
    add_columns(&l, 1);
    uint32_t *rows = ARENA_ARRAY(&l.h.arena, uint32_t, n);
    vec_gather(&out, &l.h.batch.col[2], rows, n, &l.work);
    assert_true(arena_is_over(&l.work));
    assert_int_equal(VEC_DATA(uint32_t, &out)[n], 0);
    assert_int_equal(arena_check(&l.work, &l.h.err), FB_ERR);
    assert_int_equal(l.h.err.id, ERR_UNABLE_TO_ACQUIRE_MEMORY);
    limited_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_over),     cmocka_unit_test(test_beyond_java_arrays),
        cmocka_unit_test(test_within),   cmocka_unit_test(test_fold),
        cmocka_unit_test(test_elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
