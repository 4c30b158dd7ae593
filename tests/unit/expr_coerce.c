/*
 * expr_coerce.c - result types of operators and functions over every pair of types, against Spark.
 *
 * expr_coerce.inc holds for each mode, operator and left type a row of Spark's result types, one
 * for each right type, in the order of `types`: a number of `results`, or 0 where Spark refuses the
 * pair. It was recorded by expr_coerce.py. Columns have these types, so no literal rule applies.
 */
#include "expr_harness.h"

typedef struct Row {
    EvalMode mode;
    const char *op;
    int left; /* -1: unary operators, one result for each type */
    const uint8_t results[32];
} Row;

#define TYPES(...) static const char *const types[] = {__VA_ARGS__};
#define RESULTS(...) static const char *const results[] = {__VA_ARGS__};
#define ROW(mode, op, left, ...)
#include "expr_coerce.inc"
#undef TYPES
#undef RESULTS
#undef ROW

#define TYPES(...)
#define RESULTS(...)
#define ROW(mode, op, left, ...) {mode, op, left, {__VA_ARGS__}},
static const Row rows[] = {
#include "expr_coerce.inc"
};

#define N_TYPES (sizeof(types) / sizeof(types[0]))

static Expr *column_of(Harness *h, size_t i)
{
    const Type *t;
    fb_error err = {0};
    assert_int_equal(type_from_name(str_of(types[i]), &t, &err), FB_OK);
    Expr *e = expr_new(&h->arena, E_COLUMN, 0);
    e->type = t;
    e->nullable = true;
    e->name = "c";
    return e;
}

static fb_status bind_pair(Harness *h, const Row *row, size_t right, Expr **ret)
{
    Expr *args[2];
    uint32_t n = 0;
    if (strcmp(row->op, "cast") == 0 || strcmp(row->op, "try_cast") == 0) {
        Expr *to = column_of(h, right);
        EvalMode mode = row->op[0] == 't' ? EVAL_TRY : row->mode;
        *ret = expr_cast(&h->arena, column_of(h, (size_t)row->left), to->type, mode, true);
        return bind_cast_check(&h->bind, *ret, &h->err);
    }
    if (row->left >= 0) {
        args[n++] = column_of(h, (size_t)row->left);
    }
    args[n++] = column_of(h, right);
    const char *op = row->op;
    if (strcmp(op, "if") == 0) {
        Expr *three[3] = {expr_literal_bool(&h->arena, true), args[0], args[1]};
        return func_bind(&h->bind, expr_unresolved_func(&h->arena, op, NULL, 0), three, 3, ret,
                         &h->err);
    }
    if (strcmp(op, "array_contains") == 0) {
        Expr *array;
        TRY(func_bind(&h->bind, expr_unresolved_func(&h->arena, "array", NULL, 0), args, 1, &array,
                      &h->err));
        args[0] = array;
    }
    op = strcmp(op, "neg") == 0 ? "-" : strcmp(op, "[]") == 0 ? "extractvalue" : op;
    return func_bind(&h->bind, expr_unresolved_func(&h->arena, op, NULL, 0), args, n, ret, &h->err);
}

static int check_row(const Row *row)
{
    int wrong = 0;
    for (size_t k = 0; k < N_TYPES; k++) {
        Harness h;
        harness_init(&h, row->mode);
        Expr *e = NULL;
        fb_status st = bind_pair(&h, row, k, &e);
        const char *wanted = results[row->results[k]];
        const char *got = st == FB_OK ? harness_type(&h, e->type) : "error";
        if (strcmp(got, wanted) != 0) {
            print_message("%s %s: %s, %s is %s, Spark has %s\n",
                          row->mode == EVAL_ANSI ? "ansi" : "legacy", row->op,
                          row->left >= 0 ? types[row->left] : "", types[k], got, wanted);
            wrong++;
        }
        harness_free(&h);
    }
    return wrong;
}

static void test_pairs(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        wrong += check_row(&rows[i]);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
