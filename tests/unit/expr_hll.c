/*
 * expr_hll.c - approx_count_distinct over 0 … n-1 as several types, against Spark 4.3.0's
 * estimates.
 */
#include "expr_calls.h"

typedef struct Estimate {
    int64_t n;
    int64_t of[4]; /* of bigint; of the string of 7 * i; of i / 3.0; of int */
} Estimate;

static const Estimate estimates[] = {
    {0, {0, 0, 0, 0}},
    {1, {1, 1, 1, 1}},
    {2, {2, 2, 2, 2}},
    {3, {3, 3, 3, 3}},
    {10, {10, 10, 10, 10}},
    {50, {52, 50, 52, 50}},
    {100, {103, 99, 104, 99}},
    {200, {195, 208, 205, 199}},
    {300, {296, 300, 304, 295}},
    {400, {397, 401, 414, 399}},
    {450, {437, 456, 476, 447}},
    {500, {484, 518, 538, 494}},
    {600, {612, 625, 632, 592}},
    {700, {698, 722, 760, 698}},
    {1000, {1026, 997, 1065, 1026}},
    {1500, {1400, 1481, 1500, 1525}},
    {2000, {1947, 1908, 1981, 2023}},
    {2400, {2262, 2357, 2478, 2425}},
    {2560, {2450, 2605, 2566, 2617}},
    {3000, {2770, 2984, 3051, 2963}},
    {5000, {4671, 4823, 5118, 4956}},
    {10000, {9571, 10037, 9842, 9823}},
    {100000, {95546, 102891, 100800, 94954}},
};

static Vec value_column(Arena *a, int kind, int64_t from, uint32_t n)
{
    static const Type *const *const types[] = {&type_long, &type_string, &type_double, &type_int};
    VecBuilder *b = vecb_new(a, *types[kind]);
    Vec v;
    for (uint32_t k = 0; k < n; k++) {
        int64_t i = from + k;
        char text[NUM_I64_TEXT_MAX];
        if (kind == 1) {
            vecb_str_copy(b, (Str){text, num_format_i64(i * 7, text)});
        } else if (kind == 2) {
            vecb_double(b, (double)i / 3);
        } else {
            vecb_int(b, i);
        }
    }
    vecb_finish(b, &v);
    return v;
}

static void bind_over(Harness *h, const Type *t, Expr **ret)
{
    const char *text = "approx_count_distinct(x)";
    Vec none;
    vec_init(&none, t, 0, &h->arena);
    harness_column(h, "x", &none);
    assert_int_equal(call_expr(h, &text, ret), FB_OK);
    assert_ptr_equal((*ret)->type, type_long);
}

/* The estimate with two states, one fed by even and one by odd vectors, merged and reloaded. */
static int64_t estimate(int kind, int64_t n)
{
    Harness h;
    Expr *e;
    harness_init(&h, EVAL_ANSI);
    Vec sample = value_column(&h.arena, kind, 0, 1);
    bind_over(&h, sample.type, &e);
    const AggDef *agg = e->fn->agg;
    AggCtx cx = {&h.eval, &h.arena};
    uint8_t *two[2] = {arena_zalloc(&h.arena, agg->state_size(e)),
                       arena_zalloc(&h.arena, agg->state_size(e))};
    uint8_t **state = arena_alloc(&h.arena, BATCH_ROWS * sizeof(*state));
    for (int64_t from = 0; from < n; from += 1000) {
        uint32_t m = (uint32_t)(n - from < 1000 ? n - from : 1000);
        Vec v = value_column(&h.arena, kind, from, m);
        for (uint32_t i = 0; i < m; i++) {
            state[i] = two[from / 1000 % 2];
        }
        assert_int_equal(agg->update(&cx, e, state, &v, m, &h.err), FB_OK);
    }
    assert_int_equal(agg->merge(&cx, e, &two[0], &two[1], 1, &h.err), FB_OK);
    Field fields[AGG_MAX_BUFFERS];
    Vec bufs[AGG_MAX_BUFFERS], out = {.type = e->type, .len = 1};
    uint32_t n_bufs = agg->buffers(e, fields);
    assert_int_equal(n_bufs, 52);
    assert_string_equal(fields[51].name, "MS[51]");
    for (uint32_t k = 0; k < n_bufs; k++) {
        bufs[k] = (Vec){.type = fields[k].type, .len = 1};
    }
    assert_int_equal(agg->store(&cx, e, &two[0], 1, bufs, &h.err), FB_OK);
    assert_int_equal(agg->load(&cx, e, &two[1], bufs, 1, &h.err), FB_OK);
    assert_int_equal(agg->finish(&cx, e, &two[1], 1, &out, &h.err), FB_OK);
    int64_t count = VEC_AT(int64_t, &out, 0);
    harness_free(&h);
    return count;
}

static void test_estimates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(estimates) / sizeof(estimates[0]); i++) {
        for (int kind = 0; kind < 4; kind++) {
            assert_int_equal(estimate(kind, estimates[i].n), estimates[i].of[kind]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_estimates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
