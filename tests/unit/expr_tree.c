/*
 * expr_tree.c - expressions as trees, and when their parts are evaluated.
 *
 * Equality, rewriting, what is foldable or may fail, texts, the registry; then evaluation over
 * batches: AND, OR, CASE, COALESCE and the second operand raise no error for rows on which Spark
 * would not evaluate them, and selecting rows agrees with evaluating the predicate.
 */
#include "expr_harness.h"

static Expr *read_ok(Harness *h, const char *text)
{
    Expr *e = NULL;
    if (harness_read(h, text, &e) != FB_OK) {
        fail_msg("%s: %s", text, h->err.message);
    }
    return e;
}

/* Columns k (0..n), d (k % 7 as double), s (a string), z (0 in every third row), all with nulls. */
static void add_columns(Harness *h, uint32_t n)
{
    VecBuilder *k = vecb_new(&h->arena, type_int), *d = vecb_new(&h->arena, type_double);
    VecBuilder *s = vecb_new(&h->arena, type_string), *z = vecb_new(&h->arena, type_int);
    VecBuilder *l = vecb_new(&h->arena, type_array(type_int, true));
    for (uint32_t i = 0; i < n; i++) {
        vecb_int(k, i);
        if (i % 11 == 5) {
            vecb_null(d);
            vecb_null(s);
        } else {
            vecb_double(d, i % 7);
            vecb_str_copy(s, str_of(i % 2 ? "odd" : "even, and longer than twelve"));
        }
        if (i % 5 == 4) {
            vecb_null(z);
            vecb_null(l);
        } else {
            vecb_int(z, i % 3);
            for (uint32_t j = 0; j < i % 4; j++) {
                vecb_int(vecb_child(l, 0), j);
            }
            vecb_end_row(l);
        }
    }
    const char *names[] = {"k", "d", "s", "z", "l"};
    VecBuilder *builders[] = {k, d, s, z, l};
    for (int i = 0; i < 5; i++) {
        Vec v;
        vecb_finish(builders[i], &v);
        harness_column(h, names[i], &v);
    }
}

/* ---- trees ---- */

static bool equal_texts(Harness *h, const char *a, const char *b)
{
    return expr_equal(read_ok(h, a), read_ok(h, b));
}

static void test_equal(void **state)
{
    (void)state;
    Harness h;
    harness_init(&h, EVAL_ANSI);
    add_columns(&h, 4);
    assert_true(equal_texts(&h, "(+ $k 1)", "(+ $k 1)"));
    assert_true(equal_texts(&h, "(+ $k 1)", "(+ 1 $k)"));
    assert_false(equal_texts(&h, "(- $k 1)", "(- 1 $k)"));
    assert_false(equal_texts(&h, "(+ $k 1)", "(+ $k 2)"));
    assert_false(equal_texts(&h, "(+ $k 1)", "(+ $k 1L)"));
    assert_false(equal_texts(&h, "(+ $k 1)", "(+ $z 1)"));
    assert_true(equal_texts(&h, "(as x (+ $k 1))", "(as y (+ $k 1))"));
    assert_true(equal_texts(&h, "(and (> $k 1) (< $k 9))", "(and (< $k 9) (> $k 1))"));
    assert_true(equal_texts(&h, "(cast \"string\" $k)", "(cast \"string\" $k)"));
    assert_false(equal_texts(&h, "(cast \"string\" $k)", "(cast \"bigint\" $k)"));
    assert_true(equal_texts(&h, "'abc'", "'abc'"));
    assert_true(equal_texts(&h, "null", "null"));
    assert_false(equal_texts(&h, "null", "'abc'"));
    harness_free(&h);
}

static void test_attributes(void **state)
{
    (void)state;
    Harness h;
    harness_init(&h, EVAL_ANSI);
    AttrId id = attr_new_id(), other = attr_new_id();
    assert_true(id != other && id != 0);
    Expr *a = expr_attr(&h.arena, id, "a", type_int, true);
    Expr *b = expr_attr(&h.arena, id, "renamed", type_int, true);
    Expr *c = expr_attr(&h.arena, other, "a", type_int, true);
    assert_true(expr_equal(a, b));
    assert_false(expr_equal(a, c));
    assert_false(expr_is_foldable(a));
    assert_true(expr_is_deterministic(a));
    harness_free(&h);
}

/* Names as a client writes them: what Spark's col() takes and refuses. */
static void test_names(void **state)
{
    static const char *const bad[] = {"`",    "a.",   ".a",   "a..s", "`a",
                                      "`a`b", "a`b`", "`a``", "s.",   "a.`b"};
    Arena a = {0};
    Expr *e;
    fb_error err = {0};

    (void)state;
    assert_int_equal(expr_unresolved_attr(&a, STR_LIT("t.`a.b`.`c``d`"), &e, &err), FB_OK);
    assert_int_equal(e->n_parts, 3);
    assert_string_equal(e->parts[0], "t");
    assert_string_equal(e->parts[1], "a.b");
    assert_string_equal(e->parts[2], "c`d");
    assert_int_equal(expr_unresolved_attr(&a, STR_LIT("``.a b"), &e, &err), FB_OK);
    assert_int_equal(e->n_parts, 2);
    assert_string_equal(e->parts[0], "");
    assert_string_equal(e->parts[1], "a b");
    assert_int_equal(expr_unresolved_attr(&a, STR_LIT(""), &e, &err), FB_OK);
    assert_int_equal(e->n_parts, 1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(expr_unresolved_attr(&a, str_of(bad[i]), &e, &err), FB_ERR);
        assert_string_equal(err_condition(err.id), "INVALID_ATTRIBUTE_NAME_SYNTAX");
        assert_string_equal(err.params[0].value, bad[i]);
        err_clear(&err);
    }
    arena_free(&a);
}

static void test_properties(void **state)
{
    (void)state;
    Harness h;
    harness_init(&h, EVAL_ANSI);
    add_columns(&h, 4);
    assert_true(expr_is_foldable(read_ok(&h, "(+ 1 (coalesce null 2))")));
    assert_false(expr_is_foldable(read_ok(&h, "(+ 1 $k)")));
    assert_true(expr_can_fail(read_ok(&h, "(+ $k 1)")));
    assert_false(expr_can_fail(read_ok(&h, "(+ $d 1)")));
    assert_true(expr_can_fail(read_ok(&h, "(/ $d 2)")));
    assert_true(expr_can_fail(read_ok(&h, "(cast \"int\" $s)")));
    assert_false(expr_can_fail(read_ok(&h, "(try_cast \"int\" $s)")));
    assert_false(expr_can_fail(read_ok(&h, "(cast \"bigint\" $k)")));
    assert_false(expr_can_fail(read_ok(&h, "(try_add $k 1)")));
    assert_int_equal(expr_depth(read_ok(&h, "(+ (+ $k 1) 2)")), 3);
    assert_true(expr_contains(read_ok(&h, "(not (= $k 1))"), E_COLUMN));
    assert_false(expr_contains(read_ok(&h, "(not (= $k 1))"), E_CAST));
    harness_free(&h);
}

static Expr *replace_column(void *arg, Arena *a, Expr *e)
{
    (void)a;
    return e->kind == E_COLUMN && strcmp(e->name, "k") == 0 ? arg : e;
}

static void test_rewrite(void **state)
{
    (void)state;
    Harness h;
    harness_init(&h, EVAL_ANSI);
    add_columns(&h, 4);
    Expr *e = read_ok(&h, "(+ (* $k 2) $z)");
    Expr *r = expr_rewrite(&h.arena, e, replace_column, expr_literal_int(&h.arena, type_int, 7));
    assert_string_equal(harness_name(&h, r), "((7 * 2) + z)");
    assert_string_equal(harness_name(&h, e), "((k * 2) + z)");
    harness_free(&h);
}

static void test_explain(void **state)
{
    (void)state;
    Harness h;
    harness_init(&h, EVAL_ANSI);
    Expr *a = expr_attr(&h.arena, 12, "a", type_int, true);
    Expr *b = expr_attr(&h.arena, 13, "b", type_long, true);
    Expr *args[2] = {a, b}, *e, *cmp;
    StrBuf out = {0};
    assert_int_equal(bind_common_type2(&h.bind, type_int, type_long, false) == type_long, true);
    assert_int_equal(
        func_bind(&h.bind, expr_unresolved_func(&h.arena, ">", NULL, 0), args, 2, &cmp, &h.err),
        FB_OK);
    expr_explain(cmp, &out);
    assert_string_equal(out.p, "(cast(a#12 as bigint) > b#13L)");
    strbuf_clear(&out);
    e = expr_alias(&h.arena, cmp, "x");
    e->attr = 14;
    expr_explain(e, &out);
    assert_string_equal(out.p, "(cast(a#12 as bigint) > b#13L) AS x#14");
    strbuf_free(&out);
    harness_free(&h);
}

static void test_registry(void **state)
{
    (void)state;
    const char *names[] = {"==",    ">",  "and",  "or",    "not",      "!",          "+",
                           "-",     "*",  "/",    "%",     "negative", "isNull",     "isNotNull",
                           "isNaN", "in", "like", "rlike", "contains", "startsWith", "endsWith",
                           "<=>",   "&",  "|",    "^",     "~",        "when",       "POWER"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!func_lookup(names[i])) {
            fail_msg("no function %s", names[i]);
        }
    }
    assert_null(func_lookup("no_such_function"));
    assert_null(func_lookup(""));
    size_t n;
    const FuncDef *all = func_all(&n);
    for (size_t i = 0; i < n; i++) {
        assert_ptr_equal(func_lookup(all[i].name), &all[i]);
        assert_non_null(all[i].bind);
        assert_true(all[i].kind != FK_SCALAR || all[i].kernel || all[i].lazy);
    }
    const char *close[3];
    assert_true(func_suggest("coalesc", close, 3) > 0);
    assert_string_equal(close[0], "coalesce");
}

static void test_arity(void **state)
{
    (void)state;
    Harness h;
    harness_init(&h, EVAL_ANSI);
    Expr *e;
    assert_int_equal(harness_read(&h, "(coalesce)", &e), FB_ERR);
    assert_string_equal(h.err.params[0].value, "`coalesce`");
    assert_string_equal(h.err.params[1].value, "> 0");
    assert_string_equal(h.err.params[2].value, "0");
    err_clear(&h.err);
    assert_int_equal(harness_read(&h, "(round 1 2 3)", &e), FB_ERR);
    assert_string_equal(h.err.params[1].value, "[1, 2]");
    harness_free(&h);
}

/* ---- evaluation ---- */

static Vec eval_ok(Harness *h, const char *text)
{
    Vec v;
    if (expr_eval(&h->eval, read_ok(h, text), &h->batch, &v, &h->err) != FB_OK) {
        fail_msg("%s: %s", text, h->err.message);
    }
    assert_int_equal(v.len, h->batch.n_rows);
    return v;
}

static void check_row(Harness *h, const Vec *v, uint32_t row, const char *wanted)
{
    assert_string_equal(harness_value(h, v, row), wanted);
}

/* z is 0, 1, 2, 0, null, 2, 0, 1, … */
static void test_lazy(void **state)
{
    (void)state;
    Harness h;
    harness_init(&h, EVAL_ANSI);
    add_columns(&h, 100);
    Vec v = eval_ok(&h, "(and (!= $z 0) (> (/ 6 $z) 3D))");
    check_row(&h, &v, 0, "false");
    check_row(&h, &v, 1, "true");
    check_row(&h, &v, 2, "false");
    check_row(&h, &v, 4, "null");
    v = eval_ok(&h, "(or (= $z 0) (= (/ 6 $z) 3D))");
    check_row(&h, &v, 0, "true");
    check_row(&h, &v, 1, "false");
    check_row(&h, &v, 2, "true");
    check_row(&h, &v, 4, "null");
    v = eval_ok(&h, "(when (= $z 0) -1D (= $z 1) (/ 1 $z) (cast \"double\" $k))");
    check_row(&h, &v, 0, "-1.0");
    check_row(&h, &v, 1, "1.0");
    check_row(&h, &v, 4, "4.0");
    check_row(&h, &v, 99, "99.0");
    v = eval_ok(&h, "(if (= $z 0) null (/ 10 $z))");
    check_row(&h, &v, 0, "null");
    check_row(&h, &v, 2, "5.0");
    v = eval_ok(&h, "(coalesce $z (/ 1 (- $k 5)) 9D)");
    check_row(&h, &v, 3, "0.0");
    check_row(&h, &v, 9, "0.25");
    harness_free(&h);
}

/* Spark does not look at the second operand where the first is null. */
static void test_null_first(void **state)
{
    (void)state;
    Harness h;
    Vec v;
    harness_init(&h, EVAL_ANSI);
    add_columns(&h, 100);
    const char *null_where_zero = "(+ (nullif $z 0) (div 6 $z))";
    v = eval_ok(&h, null_where_zero);
    check_row(&h, &v, 0, "null");
    check_row(&h, &v, 1, "7");
    check_row(&h, &v, 2, "5");
    check_row(&h, &v, 4, "null");
    Expr *e = read_ok(&h, "(+ (div 6 $z) (nullif $z 0))");
    assert_int_equal(expr_eval(&h.eval, e, &h.batch, &v, &h.err), FB_ERR);
    assert_string_equal(err_condition(h.err.id), "DIVIDE_BY_ZERO");
    harness_free(&h);
}

static void test_error_only_for_rows_there(void **state)
{
    (void)state;
    Harness h;
    Vec v;
    harness_init(&h, EVAL_ANSI);
    add_columns(&h, 100);
    h.batch.n_rows = 0;
    assert_int_equal(expr_eval(&h.eval, read_ok(&h, "(/ 1 0)"), &h.batch, &v, &h.err), FB_OK);
    assert_int_equal(v.len, 0);
    h.batch.n_rows = 100;
    assert_int_equal(expr_eval(&h.eval, read_ok(&h, "(/ 1 0)"), &h.batch, &v, &h.err), FB_ERR);
    harness_free(&h);
}

static void test_constants(void **state)
{
    (void)state;
    Harness h;
    harness_init(&h, EVAL_ANSI);
    add_columns(&h, 100);
    Vec v = eval_ok(&h, "(+ 1 2)");
    assert_true(v.is_const);
    v = eval_ok(&h, "(struct 1 'a')");
    assert_true(v.is_const && v.child[1].is_const && v.child[1].len == 100);
    v = eval_ok(&h, "(extractvalue (struct $k 5) 'col2')");
    check_row(&h, &v, 50, "5");
    v = eval_ok(&h, "(extractvalue (array $k 5) 0)");
    check_row(&h, &v, 50, "50");
    v = eval_ok(&h, "(+ $k null)");
    assert_true(v.is_const && !vec_is_valid(&v, 0));
    harness_free(&h);
}

/* A list column whose null rows and slices keep elements that must not be looked at. */
static void test_nested_casts(void **state)
{
    (void)state;
    Harness h;
    Vec out;
    harness_init(&h, EVAL_ANSI);
    VecBuilder *b = vecb_new(&h.arena, type_array(type_string, true));
    const char *words[] = {"1", "bad", "2", "x"};
    for (int i = 0; i < 4; i++) {
        vecb_str(vecb_child(b, 0), str_of(words[i]));
        vecb_end_row(b);
    }
    Vec v;
    vecb_finish(b, &v);
    vec_set_null(&v, &h.arena, 1);
    Vec head = vec_slice(&v, 0, 3, &h.arena);
    const Type *ints = type_array(type_int, true);
    assert_int_equal(cast_vec(&h.eval, &head, ints, EVAL_ANSI, &out, &h.err), FB_OK);
    check_row(&h, &out, 0, "[1]");
    check_row(&h, &out, 1, "null");
    check_row(&h, &out, 2, "[2]");
    assert_int_equal(cast_vec(&h.eval, &v, ints, EVAL_ANSI, &out, &h.err), FB_ERR);
    err_clear(&h.err);
    Vec tail = vec_slice(&v, 2, 2, &h.arena);
    assert_int_equal(cast_vec(&h.eval, &tail, ints, EVAL_TRY, &out, &h.err), FB_OK);
    check_row(&h, &out, 0, "[2]");
    check_row(&h, &out, 1, "[null]");
    harness_free(&h);
}

/* ---- selecting ---- */

static void check_select(Harness *h, const char *text)
{
    Expr *e = read_ok(h, text);
    uint32_t *rows = ARENA_ARRAY(&h->arena, uint32_t, h->batch.n_rows), n = 0, k = 0;
    if (expr_select(&h->eval, e, &h->batch, rows, &n, &h->err) != FB_OK) {
        fail_msg("%s: %s", text, h->err.message);
    }
    Vec v = eval_ok(h, text);
    for (uint32_t i = 0; i < h->batch.n_rows; i++) {
        bool wanted = vec_is_valid(&v, i) && VEC_AT(uint8_t, &v, i);
        if (wanted != (k < n && rows[k] == i)) {
            fail_msg("%s: row %u", text, i);
        }
        k += wanted;
    }
    assert_int_equal(k, n);
}

static void test_select(void **state)
{
    (void)state;
    Harness h;
    harness_init(&h, EVAL_ANSI);
    add_columns(&h, 1000);
    const char *predicates[] = {"(= $k 7)",
                                "(> $k 500)",
                                "(<= 500 $k)",
                                "(< $d 3D)",
                                "(>= $d 6D)",
                                "(= $s 'odd')",
                                "(= $s 'even, and longer than twelve')",
                                "(> $s 'f')",
                                "(!= $s 'odd')",
                                "(isnull $s)",
                                "(and (> $k 100) (< $k 200))",
                                "(and (= $s 'odd') (> $d 2D))",
                                "(or (= $k 1) (= $k 3))",
                                "(or (< $d 1D) (= $s 'odd'))",
                                "(not (> $d 2D))",
                                "(and (!= $z 0) (> (/ 6 $z) 3D))",
                                "(or (= $z 0) (= (/ 6 $z) 3D))",
                                "(and (> $k 100) (or (= $z 1) (and (= $z 2) (= $s 'odd'))))",
                                "(in $k 3 5 7 null)",
                                "(in $s 'odd' 'x')",
                                "(between $k 5 9)",
                                "true",
                                "false",
                                "null",
                                "(= $k null)",
                                "(and true (> $k 990))",
                                "(> $k $z)",
                                "(= 1 1)",
                                "(and (and (and (> $k 10) (> $d 0D)) (= $s 'odd')) (!= $z 1))"};
    for (size_t i = 0; i < sizeof(predicates) / sizeof(predicates[0]); i++) {
        check_select(&h, predicates[i]);
    }
    harness_free(&h);
}

/* Rows that AND has sorted out raise no error in the rest of a filter. */
static void test_select_lazy(void **state)
{
    (void)state;
    Harness h;
    harness_init(&h, EVAL_ANSI);
    add_columns(&h, 100);
    uint32_t rows[100], n;
    Expr *e = read_ok(&h, "(and (> $z 0) (= (div 2 $z) 1))");
    assert_int_equal(expr_select(&h.eval, e, &h.batch, rows, &n, &h.err), FB_OK);
    assert_int_equal(rows[0], 2);
    e = read_ok(&h, "(and (= (div 2 $z) 1) (> $z 0))");
    assert_int_equal(expr_select(&h.eval, e, &h.batch, rows, &n, &h.err), FB_ERR);
    harness_free(&h);
}

/* As deep as the analyzer lets through, to either side. */
static void test_deep(void **state)
{
    (void)state;
    for (int right = 0; right < 2; right++) {
        Harness h;
        harness_init(&h, EVAL_ANSI);
        add_columns(&h, 100);
        Expr *e = expr_copy(&h.arena, h.columns[0]);
        for (int i = 0; i < 2000; i++) {
            Expr *one = expr_literal_int(&h.arena, type_int, 1);
            Expr *args[2] = {right ? one : e, right ? e : one};
            Expr *plus = expr_unresolved_func(&h.arena, "+", NULL, 0);
            assert_int_equal(func_bind(&h.bind, plus, args, 2, &e, &h.err), FB_OK);
        }
        Vec v;
        assert_int_equal(expr_depth(e), 2001);
        assert_int_equal(expr_eval(&h.eval, e, &h.batch, &v, &h.err), FB_OK);
        check_row(&h, &v, 99, "2099");
        assert_true(expr_equal(e, e));
        assert_true(strlen(harness_name(&h, e)) > 2000);
        harness_free(&h);
    }
}

static void test_time_zone(void **state)
{
    (void)state;
    Harness h;
    harness_init(&h, EVAL_ANSI);
    const TimeZone *tz = tz_find(STR_LIT("America/New_York"));
    assert_non_null(tz);
    h.eval.tz = tz;
    h.bind.tz = tz;
    const char *cases[][2] = {
        {"(cast \"string\" t'2024-07-01 12:00:00')", "2024-07-01 08:00:00"},
        {"(cast \"string\" (cast \"timestamp\" '2024-01-01 00:00:00'))", "2024-01-01 00:00:00"},
        {"(cast \"bigint\" (cast \"timestamp\" '2024-01-01 00:00:00'))", "1704085200"},
        {"(cast \"date\" t'2024-07-01 02:00:00')", "2024-06-30"},
        {"(cast \"bigint\" (cast \"timestamp\" d'2024-01-01'))", "1704085200"},
        {"(cast \"string\" (cast \"timestamp_ntz\" t'2024-07-01 12:00:00'))",
         "2024-07-01 08:00:00"},
        {"(cast \"bigint\" (cast \"timestamp\" n'2024-01-01 00:00:00'))", "1704085200"},
        /* days over the change to summer time keep the hour */
        {"(cast \"string\" (+ t'2024-03-09 17:00:00' i\"interval month\"'1'))",
         "2024-04-09 12:00:00"},
        {"(cast \"string\" (+ t'2024-03-09 17:00:00' i\"interval day\"'1'))",
         "2024-03-10 12:00:00"},
        {"(cast \"string\" (- t'2024-03-10 16:00:00' t'2024-03-09 17:00:00'))",
         "INTERVAL '1 00:00:00' DAY TO SECOND"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Vec v;
        if (expr_fold(&h.eval, read_ok(&h, cases[i][0]), &v, &h.err) != FB_OK) {
            fail_msg("%s: %s", cases[i][0], h.err.message);
        }
        assert_string_equal(harness_value(&h, &v, 0), cases[i][1]);
    }
    Expr *e = read_ok(&h, "(isnull t'2024-07-01 12:00:00')");
    assert_string_equal(harness_name(&h, e), "(TIMESTAMP '2024-07-01 08:00:00' IS NULL)");
    harness_free(&h);
}

/* More branches than a byte can number. */
static void test_long_case(void **state)
{
    (void)state;
    Harness h;
    harness_init(&h, EVAL_ANSI);
    add_columns(&h, 700);
    const Expr *k = h.columns[0];
    uint32_t n = 600;
    Expr **args = ARENA_ARRAY(&h.arena, Expr *, 2 * n + 1), *e;
    for (uint32_t i = 0; i < n; i++) {
        Expr *pair[2] = {expr_copy(&h.arena, k), expr_literal_int(&h.arena, type_int, i)};
        assert_int_equal(func_bind(&h.bind, expr_unresolved_func(&h.arena, "=", NULL, 0), pair, 2,
                                   &args[2 * i], &h.err),
                         FB_OK);
        args[2 * i + 1] = expr_literal_int(&h.arena, type_int, 2 * i);
    }
    args[2 * n] = expr_literal_int(&h.arena, type_int, -1);
    assert_int_equal(func_bind(&h.bind, expr_unresolved_func(&h.arena, "when", NULL, 0), args,
                               2 * n + 1, &e, &h.err),
                     FB_OK);
    Vec v;
    assert_int_equal(expr_eval(&h.eval, e, &h.batch, &v, &h.err), FB_OK);
    check_row(&h, &v, 0, "0");
    check_row(&h, &v, 249, "498");
    check_row(&h, &v, 250, "500");
    check_row(&h, &v, 599, "1198");
    check_row(&h, &v, 600, "-1");
    harness_free(&h);
}

static void test_error_text(void **state)
{
    (void)state;
    Harness h;
    Vec v;
    harness_init(&h, EVAL_ANSI);
    Expr *e = read_ok(&h, "(cast \"tinyint\" 128)");
    e->start = 7;
    e->stop = 11;
    assert_int_equal(expr_fold(&h.eval, e, &v, &h.err), FB_ERR);
    assert_string_equal(err_condition(h.err.id), "CAST_OVERFLOW");
    assert_string_equal(h.err.params[0].value, "128");
    assert_string_equal(h.err.params[1].value, "\"INT\"");
    assert_string_equal(h.err.params[2].value, "\"TINYINT\"");
    assert_int_equal(h.err.start, 7);
    err_clear(&h.err);
    assert_int_equal(harness_read(&h, "(+ (array 1) 1)", &e), FB_ERR);
    assert_string_equal(h.err.params[2].value, "\"(array(1) + 1)\"");
    harness_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_properties),
        cmocka_unit_test(test_rewrite),
        cmocka_unit_test(test_explain),
        cmocka_unit_test(test_registry),
        cmocka_unit_test(test_arity),
        cmocka_unit_test(test_lazy),
        cmocka_unit_test(test_null_first),
        cmocka_unit_test(test_error_only_for_rows_there),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_nested_casts),
        cmocka_unit_test(test_select),
        cmocka_unit_test(test_select_lazy),
        cmocka_unit_test(test_long_case),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_time_zone),
        cmocka_unit_test(test_error_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
