/*
 * expr_agg.c - aggregate functions against what Spark 4.3.0 answers for three groups of twelve
 * rows.
 *
 * expr_agg.inc was recorded from Spark: COLUMN rows are the table, AGG_CASE rows an aggregate's
 * name, type, nullability and values by group as text, AGG_FAIL and AGG_BAD the condition of its
 * failure. Each is computed in one update; in parts that are merged; and in parts between which the
 * states go through Spark's buffer columns and back.
 */
#include "expr_calls.h"

#include <math.h>

#define N_GROUPS 3
#define N_ROWS 12

typedef struct AggCase {
    const char *text, *name, *type;
    int nullable;
    const char *values[N_GROUPS];
    const char *condition;
    bool bad;
} AggCase;

#define AGG_CASE(text, name, type, nullable, a, b, c)                                              \
    {text, name, type, nullable, {a, b, c}, NULL, false},
#define AGG_FAIL(text, condition) {text, NULL, NULL, 0, {NULL, NULL, NULL}, condition, false},
#define AGG_BAD(text, condition) {text, NULL, NULL, 0, {NULL, NULL, NULL}, condition, true},
static const AggCase cases[] = {
#include "expr_agg.inc"
};
#undef AGG_CASE

typedef struct ColumnText {
    const char *name, *type, *values[N_ROWS];
} ColumnText;

#define COLUMN(name, type, ...) {name, type, {__VA_ARGS__}},
static const ColumnText columns[] = {
#include "expr_agg.inc"
};

static int failures;

static void report(const AggCase *c, const char *how, const char *got, const char *wanted)
{
    print_message("%s (%s): %s, Spark has %s\n", c->text, how, got ? got : "null",
                  wanted ? wanted : "null");
    failures++;
}

static void read_column(Harness *h, const ColumnText *c)
{
    const Type *t;
    assert_int_equal(type_from_name(str_of(c->type), &t, &h->err), FB_OK);
    VecBuilder *b = vecb_new(&h->arena, t);
    for (uint32_t i = 0; i < N_ROWS; i++) {
        const char *text = c->values[i];
        Expr *e;
        Vec v;
        assert_int_equal(call_expr(h, &text, &e), FB_OK);
        e = expr_cast(&h->arena, e, t, EVAL_ANSI, false);
        assert_int_equal(expr_fold(&h->eval, e, &v, &h->err), FB_OK);
        vecb_from(b, &v, 0);
    }
    Vec v;
    vecb_finish(b, &v);
    harness_column(h, c->name, &v);
}

static void read_table(Harness *h)
{
    harness_init(h, EVAL_ANSI);
    h->bind.tz_name = h->eval.tz_name = "America/Los_Angeles";
    h->bind.tz = h->eval.tz = tz_find(STR_LIT("America/Los_Angeles"));
    for (size_t k = 0; k < sizeof(columns) / sizeof(columns[0]); k++) {
        read_column(h, &columns[k]);
    }
}

/* ---- running ---- */

typedef struct Run {
    Harness *h;
    const Expr *agg;
    const Vec *args; /* N_ROWS */
    AggCtx cx;
    size_t size;
} Run;

static uint8_t *new_states(Run *r)
{
    return arena_zalloc(&r->h->arena, r->size * N_GROUPS);
}

static uint32_t group_of(const Run *r, uint32_t row)
{
    return (uint32_t)VEC_AT(int32_t, &r->h->batch.col[0], row) - 1;
}

/* Rows from..from+n into the states. */
static fb_status update(Run *r, uint8_t *states, uint32_t from, uint32_t n)
{
    uint8_t *state[N_ROWS];
    Vec *part = ARENA_ARRAY(&r->h->arena, Vec, r->agg->n_args + 1);
    for (uint32_t i = 0; i < n; i++) {
        state[i] = states + group_of(r, from + i) * r->size;
    }
    for (uint32_t k = 0; k < r->agg->n_args; k++) {
        part[k] = vec_slice(&r->args[k], from, n, &r->h->arena);
    }
    return r->agg->fn->agg->update(&r->cx, r->agg, state, part, n, &r->h->err);
}

static void pointers(const Run *r, uint8_t *states, uint8_t *state[N_GROUPS])
{
    for (uint32_t g = 0; g < N_GROUPS; g++) {
        state[g] = states + g * r->size;
    }
}

static fb_status merge(Run *r, uint8_t *into, uint8_t *from)
{
    uint8_t *a[N_GROUPS], *b[N_GROUPS];
    pointers(r, into, a);
    pointers(r, from, b);
    return r->agg->fn->agg->merge(&r->cx, r->agg, a, b, N_GROUPS, &r->h->err);
}

/* Through the buffer columns into new states. */
static fb_status reload(Run *r, uint8_t **states)
{
    Field fields[AGG_MAX_BUFFERS];
    Vec bufs[AGG_MAX_BUFFERS];
    uint8_t *a[N_GROUPS], *b[N_GROUPS];
    uint32_t n = r->agg->fn->agg->buffers(r->agg, fields);
    for (uint32_t k = 0; k < n; k++) {
        bufs[k] = (Vec){.type = fields[k].type, .len = N_GROUPS};
    }
    pointers(r, *states, a);
    TRY(r->agg->fn->agg->store(&r->cx, r->agg, a, N_GROUPS, bufs, &r->h->err));
    *states = new_states(r);
    pointers(r, *states, b);
    return r->agg->fn->agg->load(&r->cx, r->agg, b, bufs, N_GROUPS, &r->h->err);
}

static bool same_text(const char *got, const char *wanted, bool exact)
{
    if (!got || !wanted) {
        return got == wanted;
    }
    if (strcmp(got, wanted) == 0) {
        return true;
    }
    double a, b;
    return !exact && num_parse_f64(str_of(got), &a) && num_parse_f64(str_of(wanted), &b) &&
           fabs(a - b) <= 1e-9 * (fabs(a) + fabs(b));
}

static void check_result(Run *r, const AggCase *c, fb_status st, uint8_t *states, bool exact,
                         const char *how)
{
    uint8_t *state[N_GROUPS];
    Vec out = {.type = r->agg->type, .len = N_GROUPS};
    pointers(r, states, state);
    if (st == FB_OK) {
        st = r->agg->fn->agg->finish(&r->cx, r->agg, state, N_GROUPS, &out, &r->h->err);
    }
    if (st != FB_OK) {
        if (!c->condition || strcmp(err_condition(r->h->err.id), c->condition) != 0) {
            report(c, how, r->h->err.message, c->condition);
        }
        err_clear(&r->h->err);
        return;
    }
    for (uint32_t g = 0; g < N_GROUPS && !c->condition; g++) {
        const char *got = call_value(r->h, &out, g);
        if (!same_text(got, c->values[g], exact)) {
            report(c, how, got, c->values[g]);
        }
    }
}

static void check_runs(Run *r, const AggCase *c)
{
    uint8_t *states = new_states(r);
    fb_status st = update(r, states, 0, N_ROWS);
    check_result(r, c, st, states, true, "one update");

    uint8_t *first = new_states(r), *second = new_states(r);
    st = update(r, first, 0, 5);
    st = st ? st : update(r, second, 5, 4);
    st = st ? st : update(r, second, 9, 3);
    st = st ? st : merge(r, first, second);
    check_result(r, c, st, first, false, "merged");

    uint8_t *kept = new_states(r);
    st = update(r, kept, 0, 5);
    st = st ? st : reload(r, &kept);
    st = st ? st : update(r, kept, 5, 7);
    st = st ? st : reload(r, &kept);
    check_result(r, c, st, kept, true, "stored and loaded");
}

static void check_case(const AggCase *c)
{
    Harness h;
    const char *text = c->text;
    Expr *e;
    read_table(&h);
    fb_status st = call_expr(&h, &text, &e);
    if (st != FB_OK || c->bad) {
        const char *got = st == FB_OK ? "no error" : err_condition(h.err.id);
        if (!c->bad || strcmp(got, c->condition) != 0) {
            report(c, "binding", st == FB_OK ? got : h.err.message, c->condition);
        }
        harness_free(&h);
        return;
    }
    if (c->name) {
        if (strcmp(harness_name(&h, e), c->name) != 0) {
            report(c, "name", harness_name(&h, e), c->name);
        }
        if (strcmp(harness_type(&h, e->type), c->type) != 0) {
            report(c, "type", harness_type(&h, e->type), c->type);
        }
        if (e->nullable != (c->nullable != 0)) {
            report(c, "nullable", e->nullable ? "1" : "0", c->nullable ? "1" : "0");
        }
    }
    Run r = {.h = &h, .agg = e, .cx = {&h.eval, &h.arena}};
    Vec *args = ARENA_ARRAY(&h.arena, Vec, e->n_args + 1);
    r.size = (e->fn->agg->state_size(e) + 15) / 16 * 16;
    r.args = args;
    for (uint32_t k = 0; k < e->n_args && st == FB_OK; k++) {
        st = expr_eval(&h.eval, e->args[k], &h.batch, &args[k], &h.err);
    }
    if (st == FB_OK) {
        check_runs(&r, c);
    } else {
        check_result(&r, c, st, new_states(&r), true, "arguments");
    }
    harness_free(&h);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_case(&cases[i]);
    }
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
