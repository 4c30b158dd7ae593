/*
 * expr_eval.c - values, types, names and errors of expressions, as real Spark has them.
 *
 * expr_cases.inc was recorded from Spark by expr_cases.py: a mode, an expression in the notation of
 * expr_harness.h, and Spark's type, nullability, column name and value, or its error condition.
 * Each case is evaluated as a constant, and again with its literals replaced by columns that have
 * nulls in some rows, so that the loops over vectors give the same.
 */
#include "expr_harness.h"

#include <locale.h>

typedef struct Case {
    EvalMode mode;
    const char *expr, *type, *name,
        *value;   /* value "!CONDITION": an error; type NULL: when binding */
    int nullable; /* -1: not compared */
} Case;

static const Case cases[] = {
#define CASE(mode, expr, type, nullable, name, value) {mode, expr, type, name, value, nullable},
#include "expr_cases.inc"
#undef CASE
};

#define N_ROWS 70 /* more than one word of validity */

static bool nulls_in_rows = true; /* off for maps, whose keys must not be null */

static bool row_is_null(uint32_t i)
{
    return nulls_in_rows && i % 7 == 3;
}

/* Literals become columns of N_ROWS rows with a null in every seventh. */
static Expr *literal_to_column(void *arg, Arena *a, Expr *e)
{
    Harness *h = arg;
    if (e->kind != E_LITERAL || e->type->id == T_NULL || h->n_columns == 16) {
        return e;
    }
    VecBuilder *b = vecb_new(a, e->type);
    for (uint32_t i = 0; i < N_ROWS; i++) {
        if (row_is_null(i) || !vec_is_valid(e->value, 0)) {
            vecb_null(b);
        } else {
            vecb_from(b, e->value, 0);
        }
    }
    Vec v;
    vecb_finish(b, &v);
    harness_column(h, "c", &v);
    return expr_copy(a, h->columns[h->n_columns - 1]);
}

static int failures;

static void report(const Case *c, const char *what, const char *got, const char *wanted)
{
    print_message("%s %s: %s is %s, Spark has %s\n", c->mode == EVAL_ANSI ? "ansi" : "legacy",
                  c->expr, what, got, wanted);
    failures++;
}

static void compare_value(Harness *h, const Case *c, fb_status st, const Vec *v, uint32_t row,
                          const char *how)
{
    bool wants_error = c->value[0] == '!';
    if (st != FB_OK) {
        const char *condition = err_condition(h->err.id);
        if (!wants_error || strcmp(condition, c->value + 1) != 0) {
            report(c, how, h->err.message, c->value);
        }
        return;
    }
    const char *got = harness_value(h, v, row);
    if (strcmp(got, c->value) != 0) {
        report(c, how, got, c->value);
    }
}

static void check_columns(Harness *h, const Case *c, const Expr *e)
{
    nulls_in_rows = !strstr(c->expr, "(map ");
    Expr *over_columns = expr_rewrite(&h->arena, e, literal_to_column, h);
    Vec v;
    err_clear(&h->err);
    h->batch.n_rows = N_ROWS;
    fb_status st = expr_eval(&h->eval, over_columns, &h->batch, &v, &h->err);
    compare_value(h, c, st, &v, 0, "value over columns");
    if (st == FB_OK) {
        assert_int_equal(v.len, N_ROWS);
        compare_value(h, c, st, &v, N_ROWS - 1, "last value over columns");
    }
}

static void check_case(const Case *c)
{
    Harness h;
    harness_init(&h, c->mode);
    Expr *e = NULL;
    Vec v;
    fb_status st = harness_read(&h, c->expr, &e);
    if (st != FB_OK || !c->type) {
        bool same =
            st != FB_OK && c->value[0] == '!' && strcmp(err_condition(h.err.id), c->value + 1) == 0;
        if (!same) {
            report(c, "binding", st == FB_OK ? "allowed" : h.err.message, c->value);
        }
        harness_free(&h);
        return;
    }
    const char *type = harness_type(&h, e->type), *name = harness_name(&h, e);
    if (strcmp(type, c->type) != 0) {
        report(c, "type", type, c->type);
    }
    if (strcmp(name, c->name) != 0) {
        report(c, "name", name, c->name);
    }
    if (c->nullable >= 0 && e->nullable != (c->nullable != 0)) {
        report(c, "nullable", e->nullable ? "true" : "false", c->nullable ? "true" : "false");
    }
    st = expr_fold(&h.eval, e, &v, &h.err);
    compare_value(&h, c, st, &v, 0, "value");
    check_columns(&h, c, e);
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
    (void)setlocale(LC_ALL, ""); /* as an embedding program may: no answer follows it */
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
