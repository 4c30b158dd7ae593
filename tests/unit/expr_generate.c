/*
 * expr_generate.c - generators: rows, columns, types and errors as Spark 4.3.0 has them, and that
 * explode shares the elements of an array without nulls.
 */
#include "expr_calls.h"

typedef struct GenCase {
    const char *text, *type, *rows; /* rows: values of a row joined by ',', rows by ';' */
} GenCase;

static const GenCase cases[] = {
    {"explode(array(1,NULL))", "struct<col:int>", "1;null"},
    {"explode_outer(array())", "struct<col:void>", "null"},
    {"explode(array())", "struct<col:void>", ""},
    {"explode_outer(array(1))", "struct<col:int>", "1"},
    {"explode(map('a', 1, 'b', NULL))", "struct<key:string,value:int>", "a,1;b,null"},
    {"posexplode(array('a', 'b'))", "struct<pos:int,col:string>", "0,a;1,b"},
    {"posexplode_outer(array('a', 'b'))", "struct<pos:int,col:string>", "0,a;1,b"},
    {"posexplode_outer(slice(array(1), 1, 0))", "struct<pos:int,col:int>", "null,null"},
    {"posexplode(map('a', 1))", "struct<pos:int,key:string,value:int>", "0,a,1"},
    {"explode_outer(map_concat())", "struct<key:string,value:string>", "null,null"},
    {"inline(array(struct(1, 'a'), struct(2, 'b'), NULL))", "struct<col1:int,col2:string>",
     "1,a;2,b;null,null"},
    {"inline_outer(array(struct(1, 'a')))", "struct<col1:int,col2:string>", "1,a"},
    {"inline_outer(slice(array(struct(1, 'a')), 1, 0))", "struct<col1:int,col2:string>",
     "null,null"},
    {"stack(2, 1, 2, 3)", "struct<col0:int,col1:int>", "1,2;3,null"},
    {"stack(2, 1, 'a', 2, 'b')", "struct<col0:int,col1:string>", "1,a;2,b"},
    {"stack(3, 1, 2)", "struct<col0:int>", "1;2;null"},
    {"stack(2, NULL, 'a')", "struct<col0:string>", "null;a"},
    {"explode(1)", NULL, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
    {"explode(NULL)", NULL, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
    {"inline(array(1))", NULL, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
    {"stack(2, 1, 2.5, 'x')", NULL, "DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES"},
    {"stack(0, 1, 2)", NULL, "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE"},
    {"stack(2)", NULL, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION"},
    {"stack(2L, 1, 2)", NULL, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
};

static fb_status generate(Harness *h, const Expr *e, uint32_t n, uint32_t **rows, uint32_t *ret_n,
                          Vec *out)
{
    Vec args[64];
    h->batch.n_rows = n;
    for (uint32_t k = 0; k < e->n_args; k++) {
        TRY(expr_eval(&h->eval, e->args[k], &h->batch, &args[k], &h->err));
    }
    return e->fn->generate(&h->eval, e, args, n, rows, ret_n, out, &h->err);
}

/* The output rows of input row `row`. */
static char *rows_text(Harness *h, const Expr *e, uint32_t row, const uint32_t *rows, uint32_t n,
                       const Vec *out)
{
    StrBuf b = {0};
    for (uint32_t i = 0; i < n; i++) {
        if (rows[i] != row) {
            continue;
        }
        strbuf_puts(&b, b.n ? ";" : "");
        for (uint32_t k = 0; k < e->type->n_fields; k++) {
            const char *value = call_value(h, &out[k], i);
            strbuf_printf(&b, "%s%s", k ? "," : "", value ? value : "null");
        }
    }
    return strbuf_arena(&b, &h->arena);
}

static void check_rows(Harness *h, const GenCase *c, const Expr *e, uint32_t n)
{
    Vec out[8];
    uint32_t *rows, n_out;
    assert_int_equal(generate(h, e, n, &rows, &n_out, out), FB_OK);
    for (uint32_t k = 0; k < e->type->n_fields; k++) {
        assert_int_equal(out[k].len, n_out);
        assert_ptr_equal(out[k].type, e->type->fields[k].type);
    }
    bool outer = strstr(e->fn->name, "outer") != NULL;
    for (uint32_t row = 0; row < n; row++) {
        if (n > 1 && call_row_is_null(row) && strcmp(e->fn->name, "stack") != 0) {
            const char *empty = rows_text(h, e, row, rows, n_out, out);
            assert_int_equal(strncmp(empty, "null", 4) == 0, outer);
        } else if (n == 1 || !call_row_is_null(row)) {
            assert_string_equal(rows_text(h, e, row, rows, n_out, out), c->rows);
        }
    }
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const GenCase *c = &cases[i];
        const char *text = c->text;
        Harness h;
        Expr *e;
        harness_init(&h, EVAL_ANSI);
        fb_status st = call_expr(&h, &text, &e);
        if (!c->type) {
            assert_int_equal(st, FB_ERR);
            assert_string_equal(err_condition(h.err.id), c->rows);
            harness_free(&h);
            continue;
        }
        assert_int_equal(st, FB_OK);
        assert_string_equal(harness_type(&h, e->type), c->type);
        check_rows(&h, c, e, 1);
        if (e->n_args == 1) { /* the same array in many rows, some of them null */
            Vec v;
            assert_int_equal(expr_fold(&h.eval, e->args[0], &v, &h.err), FB_OK);
            e->args[0] = call_column(&h, expr_literal_vec(&h.arena, &v, 0));
            check_rows(&h, c, e, CALL_ROWS);
        }
        harness_free(&h);
    }
}

static void test_shared(void **state)
{
    (void)state;
    Harness h;
    Expr *e;
    const char *text = "explode(words)";
    harness_init(&h, EVAL_ANSI);
    VecBuilder *b = vecb_new(&h.arena, type_array(type_string, false));
    for (uint32_t i = 0; i < 100; i++) {
        for (uint32_t k = 0; k < i % 4; k++) {
            vecb_str(vecb_child(b, 0), STR_LIT("a word of more than twelve bytes"));
        }
        vecb_end_row(b);
    }
    Vec v, out;
    vecb_finish(b, &v);
    harness_column(&h, "words", &v);
    assert_int_equal(call_expr(&h, &text, &e), FB_OK);
    uint32_t *rows, n;
    assert_int_equal(generate(&h, e, 100, &rows, &n, &out), FB_OK);
    assert_int_equal(n, 150);
    assert_ptr_equal(out.data, v.child[0].data);
    assert_int_equal(rows[0], 1);
    assert_int_equal(rows[n - 1], 99);
    harness_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_shared)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
