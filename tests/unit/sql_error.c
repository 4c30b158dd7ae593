/*
 * Errors and bounds: conditions with their parameters and places as Spark 4.3 gives them, nesting
 * up to and beyond the limit, and random mutations of statements that must not crash.
 */
#include "sql/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

typedef struct Wrong {
    const char *sql, *condition, *params;
    int start, stop;
} Wrong;

static const Wrong wrong[] = {
    {"", "PARSE_EMPTY_STATEMENT", "", 0, 0},
    {"-- c", "PARSE_SYNTAX_ERROR", "error=end of input hint=", 4, 4},
    {";", "PARSE_SYNTAX_ERROR", "error=';' hint=", 0, 1},
    {"SELEC 1", "PARSE_SYNTAX_ERROR", "error='SELEC' hint=", 0, 5},
    {"SELECT", "PARSE_SYNTAX_ERROR", "error=end of input hint=", 6, 6},
    {"SELECT 1 +", "PARSE_SYNTAX_ERROR", "error=end of input hint=", 10, 10},
    {"SELECT 1 )", "PARSE_SYNTAX_ERROR", "error=')' hint=: extra input ')'", 9, 10},
    {"SELECT (1", "PARSE_SYNTAX_ERROR", "error=end of input hint=", 9, 9},
    {"SELECT f(1 2)", "PARSE_SYNTAX_ERROR", "error='2' hint=: extra input '2'", 11, 12},
    {"SELECT f(1 2, 3)", "PARSE_SYNTAX_ERROR", "error='2' hint=: extra input '2'", 11, 12},
    {"SELECT a b c FROM t", "PARSE_SYNTAX_ERROR", "error='c' hint=", 11, 12},
    {"SELECT a FROM t WHERE x =", "PARSE_SYNTAX_ERROR", "error=end of input hint=", 25, 25},
    {"SELECT a FROM (SELECT 1", "PARSE_SYNTAX_ERROR", "error=end of input hint=: missing ')'", 23,
     23},
    {"SELECT a FROM (SELECT 1) x y", "PARSE_SYNTAX_ERROR", "error='y' hint=: extra input 'y'", 27,
     28},
    {"SELECT a FROM t JOIN s ON", "PARSE_SYNTAX_ERROR", "error=end of input hint=", 25, 25},
    {"SELECT a FROM t LEFT s", "PARSE_SYNTAX_ERROR", "error='s' hint=", 21, 22},
    {"SELECT 1; SELECT 2", "PARSE_SYNTAX_ERROR", "error='SELECT' hint=: extra input 'SELECT'", 10,
     16},
    {"SELECT CAST(1 AS)", "PARSE_SYNTAX_ERROR", "error=')' hint=", 16, 17},
    {"SELECT CAST(1 INT)", "PARSE_SYNTAX_ERROR", "error='INT' hint=", 14, 17},
    {"SELECT 'abc", "PARSE_SYNTAX_ERROR", "error=''' hint=", 7, 8},
    {"SELECT 1 /* abc", "UNCLOSED_BRACKETED_COMMENT", "", 9, 15},
    {"SELECT a IS b", "PARSE_SYNTAX_ERROR", "error='b' hint=: extra input 'b'", 12, 13},
    {"SELECT a BETWEEN 1 OR 2", "PARSE_SYNTAX_ERROR", "error='OR' hint=: missing 'AND'", 19, 21},
    {"SELECT a IN ()", "INVALID_SQL_SYNTAX.EMPTY_IN_PREDICATE", "", 9, 14},
    {"SELECT a LIKE ANY ()", "INVALID_SQL_SYNTAX.EMPTY_QUANTIFIED_PATTERN", "", 7, 20},
    {"SELECT a LIKE 'x' ESCAPE 'ab'", "INVALID_ESC", "invalidEscape='ab'", 7, 29},
    {"SELECT 1 IS NULL = false", "PARSE_SYNTAX_ERROR", "error='=' hint=", 17, 18},
    {"SELECT DATE 'x'", "INVALID_TYPED_LITERAL", "valueType=\"DATE\" value='x'", 7, 15},
    {"SELECT TIMESTAMP_LTZ 'x'", "INVALID_TYPED_LITERAL", "valueType=\"TIMESTAMP_LTZ\" value='x'",
     7, 24},
    {"SELECT foo 'x'", "UNSUPPORTED_TYPED_LITERAL", "unsupportedType=\"FOO\"", 7, 14},
    {"SELECT TIME '10:00:00'", "UNSUPPORTED_TIME_TYPE", "", 7, 22},
    {"SELECT X'zz'", "INVALID_TYPED_LITERAL", "valueType=\"X\" value='zz'", 7, 12},
    {"SELECT 300Y", "INVALID_NUMERIC_LITERAL_RANGE",
     "rawStrippedQualifier=300 minValue=-128 maxValue=127 typeName=tinyint", 7, 11},
    {"SELECT 1e400", "INVALID_NUMERIC_LITERAL_RANGE",
     "rawStrippedQualifier=1e400 minValue=-1.7976931348623157E+308 maxValue=1.797693134862"
     "3157E+308 typeName=double",
     7, 12},
    {"SELECT 1e40F", "INVALID_NUMERIC_LITERAL_RANGE",
     "rawStrippedQualifier=1e40 minValue=-3.4028234663852886E+38 maxValue=3.40282346638528"
     "86E+38 typeName=float",
     7, 12},
    {"SELECT 999999999999999999999999999999999999999", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
     "precision=39 maxPrecision=38", 7, 46},
    {"SELECT INTERVAL 1", "PARSE_SYNTAX_ERROR", "error=end of input hint=", 17, 17},
    {"SELECT INTERVAL '1'", "INVALID_TYPED_LITERAL", "valueType=\"INTERVAL\" value='1'", 7, 19},
    {"SELECT INTERVAL 'x' DAY", "_LEGACY_ERROR_TEMP_0026", "value=x", 16, 19},
    {"SELECT INTERVAL 1 DAY 2 MONTH", "_LEGACY_ERROR_TEMP_0029", "literal=INTERVAL 1 DAY 2 MONTH",
     7, 29},
    {"SELECT INTERVAL '1-2' YEAR TO DAY", "INVALID_INTERVAL_FORMAT.UNSUPPORTED_FROM_TO_EXPRESSION",
     "input=1-2 from=year to=day", 16, 33},
    {"SELECT INTERVAL 12 YEAR TO MONTH", "_LEGACY_ERROR_TEMP_0027", "", 16, 32},
    {"SELECT INTERVAL '1-2' YEAR TO MONTH 3 DAY", "_LEGACY_ERROR_TEMP_0024", "", 7, 41},
    {"SELECT CAST(1 AS foo)", "UNSUPPORTED_DATATYPE", "typeName=\"FOO\"", 17, 20},
    {"SELECT DATE 'x' FROM t WHERE", "INVALID_TYPED_LITERAL", "valueType=\"DATE\" value='x'", 7,
     15},
    {"SELECT 1 FROM a.b-c.d", "INVALID_IDENTIFIER", "ident=b-c", 17, 18},
    {"SELECT ?", "UNBOUND_SQL_PARAMETER", "name=_7", 7, 8},
    {"SELECT :x", "UNBOUND_SQL_PARAMETER", "name=x", 7, 9},
    {"SELECT * FROM t TABLESAMPLE (200 PERCENT)", "INVALID_TABLESAMPLE_FRACTION", "fraction=2.0",
     16, 40},
    {"SELECT * FROM t TABLESAMPLE (x)", "_LEGACY_ERROR_TEMP_0016", "bytesStr=x", 16, 30},
    {"SELECT * FROM range(10) TABLESAMPLE (100 PERCENT)", "PARSE_SYNTAX_ERROR",
     "error='TABLESAMPLE' hint=", 24, 35},
    {"SELECT * FROM LATERAL t", "INVALID_SQL_SYNTAX.LATERAL_WITHOUT_SUBQUERY_OR_TABLE_VALUED_FUNC",
     "", 22, 23},
    {"VALUES (1, 2), (3)", "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH",
     "expectedNumCols=2 actualNumCols=1 rowIndex=1", 0, 18},
    {"WITH a AS (SELECT 1), a AS (SELECT 2) SELECT 1", "DUPLICATED_CTE_NAMES", "duplicateNames=`a`",
     22, 23},
    {"SELECT dateadd('day', 1, d)", "INVALID_PARAMETER_VALUE.DATETIME_UNIT",
     "functionName=`dateadd` parameter=`unit` invalidValue='day'", 7, 27},
    {"SELECT a FROM t ORDER BY a SORT BY b", "UNSUPPORTED_FEATURE.COMBINATION_QUERY_RESULT_CLAUSES",
     "", 16, 36},
    {"FROM t |> ORDER BY a LIMIT 1", "MULTIPLE_QUERY_RESULT_CLAUSES_WITH_PIPE_OPERATORS",
     "clause1=ORDER BY clause2=LIMIT", 10, 28},
    {"FROM t |> AGGREGATE", "_LEGACY_ERROR_TEMP_0035",
     "message=The AGGREGATE clause requires a list of aggregate expressions or a list of g"
     "rouping expressions, or both",
     10, 19},
    {"FROM t |> AGGREGATE count(*) GROUP BY ALL",
     "UNSUPPORTED_FEATURE.PIPE_OPERATOR_AGGREGATE_UNSUPPORTED_CASE", "case=GROUP BY ALL", 10, 41},
    {"FROM t |> EXTEND count(a)", "PIPE_OPERATOR_CONTAINS_AGGREGATE_FUNCTION",
     "expr=count(a) clause=EXTEND", 17, 25},
    {"FROM t |> AGGREGATE a", "PIPE_OPERATOR_AGGREGATE_EXPRESSION_CONTAINS_NO_AGGREGATE_FUNCTION",
     "expr=a", 20, 21},
    {"CREATE TEMP VIEW a.b AS SELECT 1", "INVALID_TEMP_OBJ_QUALIFIER",
     "objectType=VIEW objectName=`b` qualifier=`a`", 0, 32},
    {"CREATE TEMP VIEW IF NOT EXISTS v AS SELECT 1", "_LEGACY_ERROR_TEMP_0053", "", 0, 44},
    {"CREATE TEMP VIEW v AS SELECT :x",
     "UNSUPPORTED_FEATURE.PARAMETER_MARKER_IN_UNEXPECTED_STATEMENT",
     "statement=the query of CREATE VIEW", 29, 31},
    {"SET a b", "INVALID_SET_SYNTAX", "", 0, 7},
    {"RESET a b", "INVALID_RESET_COMMAND_FORMAT", "", 0, 9},
    {"SET TIME ZONE x", "_LEGACY_ERROR_TEMP_0045", "", 14, 15},
    {"OPTIMIZE t", "PARSE_SYNTAX_ERROR", "error='OPTIMIZE' hint=", 0, 8},
    {"GRANT x", "INVALID_STATEMENT_OR_CLAUSE", "operation=GRANT", 0, 7},
    {"ALTER TABLE t ADD COLUMN x INT", "UNSUPPORTED_FEATURE", "feature=the statement ALTER", 0, 30},
    {"SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1", "UNSUPPORTED_FEATURE",
     "feature=QUALIFY", 16, 23},
    {"SELECT a:b", "UNSUPPORTED_FEATURE", "feature=paths into VARIANT values (a:b)", 7, 8},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        Arena a = {0};
        fb_error err = {0};
        StrBuf b = {0};
        Plan *p = NULL;
        const Wrong *w = &wrong[i];
        if (sql_parse_statement(&a, str_of(w->sql), NULL, &p, &err) != FB_ERR) {
            fail_msg("%s: parsed", w->sql);
        }
        for (size_t k = 0; k < err.n_params; k++) {
            strbuf_printf(&b, "%s%s=%s", k ? " " : "", err.params[k].key, err.params[k].value);
        }
        strbuf_puts(&b, "");
        if (strcmp(err_condition(err.id), w->condition) != 0 ||
            !str_has_prefix(strbuf_str(&b), str_of(w->params)) || err.start != w->start ||
            err.stop != w->stop) {
            fail_msg("%s: got %s {%.*s} %d..%d", w->sql, err_condition(err.id), (int)b.n, b.p,
                     err.start, err.stop);
        }
        strbuf_free(&b);
        err_clear(&err);
        arena_free(&a);
    }
}

static void expect_name_error(const char *s, const char *condition)
{
    Arena a = {0};
    fb_error err = {0};
    const char **parts;
    uint32_t n;
    assert_int_equal(sql_parse_name(&a, str_of(s), &parts, &n, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), condition);
    err_clear(&err);
    arena_free(&a);
}

static void test_name_errors(void **state)
{
    (void)state;
    expect_name_error("a-b", "INVALID_IDENTIFIER");
    expect_name_error("a.", "PARSE_SYNTAX_ERROR");
    expect_name_error("a b", "PARSE_SYNTAX_ERROR");
    expect_name_error("*", "PARSE_SYNTAX_ERROR");
    expect_name_error("", "PARSE_SYNTAX_ERROR");
}

/* ---- depth ---- */

typedef struct Nest {
    const char *head, *open, *middle, *close, *tail;
} Nest;

static ErrId parse_nested(const Nest *n, int levels)
{
    StrBuf b = {0};
    Arena a = {0};
    fb_error err = {0};
    Plan *p = NULL;
    strbuf_puts(&b, n->head);
    for (int i = 0; i < levels; i++) {
        strbuf_puts(&b, n->open);
    }
    strbuf_puts(&b, n->middle);
    for (int i = 0; i < levels; i++) {
        strbuf_puts(&b, n->close);
    }
    strbuf_puts(&b, n->tail);
    fb_status st = sql_parse_statement(&a, strbuf_str(&b), NULL, &p, &err);
    ErrId id = err.id;
    assert_true((st == FB_OK) == (id == ERR_NONE));
    err_clear(&err);
    strbuf_free(&b);
    arena_free(&a);
    return id;
}

static void test_depth(void **state)
{
    static const Nest nests[] = {
        {"SELECT ", "(", "1", ")", ""},
        {"SELECT ", "- ", "a", "", ""},
        {"SELECT ", "NOT ", "a", "", ""},
        {"SELECT ", "f(", "1", ")", ""},
        {"SELECT ", "1 = 1 | 1 ^ 1 & 1 << 1 + 1 * (", "1", ")", ""},
        {"SELECT ", "CASE WHEN ", "a", " THEN 1 END", ""},
        {"SELECT ", "CASE a WHEN 1 THEN ", "a", " END", ""},
        {"SELECT ", "CAST(", "a", " AS INT)", ""},
        {"SELECT ", "a IN (", "1", ")", ""},
        {"SELECT ", "x -> ", "1", "", ""},
        {"SELECT ", "(x, y) -> ", "1", "", ""},
        {"SELECT a", "[a", "", "]", ""},
        {"SELECT a", ".b", "", "", ""},
        {"SELECT f()", ".b", "", "", ""},
        {"SELECT a", "::int", "", "", ""},
        {"SELECT 1", " + 1", "", "", ""},
        {"SELECT 1", " || 1", "", "", ""},
        {"SELECT ", "(1, ", "1", ")", ""},
        {"SELECT ", "(SELECT ", "1", ")", ""},
        {"SELECT ", "EXISTS (SELECT ", "1", ")", ""},
        {"SELECT * FROM ", "(", "t", ")", ""},
        {"SELECT * FROM ", "(SELECT * FROM ", "t", ")", ""},
        {"", "(", "SELECT 1", ")", ""},
        {"", "EXPLAIN ", "SELECT 1", "", ""},
        {"SELECT 1", " UNION SELECT 1", "", "", ""},
        {"SELECT 1", " UNION (SELECT 1", "", ")", ""},
        {"SELECT * FROM t", " JOIN t", "", "", ""},
        {"SELECT * FROM t", ", t", "", "", ""},
        {"FROM t", " |> WHERE a", "", "", ""},
        {"", "WITH a AS (", "SELECT 1", ") SELECT 1", ""},
        {"SELECT a FROM t GROUP BY ", "GROUPING SETS (", "a", ")", ""},
        {"SELECT CAST(a AS ", "ARRAY<", "INT", ">", ")"},
        {"SELECT a FROM t WHERE a LIKE ", "ANY (", "a", ")", ""},
        {"SELECT sum(a) OVER (PARTITION BY ", "sum(a) OVER (PARTITION BY ", "a", ")", ")"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(nests) / sizeof(nests[0]); i++) {
        assert_int_equal(parse_nested(&nests[i], 60), ERR_NONE);
        parse_nested(&nests[i], 1000);
        ErrId id = parse_nested(&nests[i], 20000);
        if (id == ERR_NONE) { /* what is flat may be long */
            assert_true(nests[i].open[0] == '.' || strchr(nests[i].open, ','));
        }
    }
}

static void test_long_chains(void **state)
{
    static const Nest conjunction = {"SELECT a", " AND a", "", "", ""};
    static const Nest list = {"SELECT a", ", a", "", "", ""};
    static const Nest rows = {"VALUES (1, 2)", ", (1, 2)", "", "", ""};
    (void)state;
    assert_int_equal(parse_nested(&conjunction, 50000), ERR_NONE);
    assert_int_equal(parse_nested(&list, 50000), ERR_NONE);
    assert_int_equal(parse_nested(&rows, 50000), ERR_NONE);
}

/* ---- mutations ---- */

static const char *const seeds[] = {
    "SELECT a.b[0] AS x, -1.5e3, 'it''s' || r'\\n', DATE '2024-01-01', INTERVAL 1 DAY FROM t AS s",
    "SELECT CASE WHEN a IS NOT NULL THEN CAST(b AS ARRAY<MAP<INT, STRING>>) ELSE NULL END FROM t",
    "SELECT * EXCEPT (a, b) FROM VALUES (1, 'a'), (2, 'b') AS t(x, y) WHERE x NOT BETWEEN 1 AND 2",
    "WITH a(x) AS (SELECT 1), b AS (TABLE a) SELECT sum(x) FILTER (WHERE x > 1) OVER w FROM a, b",
    "SELECT k, count(DISTINCT v) c FROM t GROUP BY CUBE(k, (v, w)) HAVING c > 1 ORDER BY k DESC "
    "NULLS LAST LIMIT 10 OFFSET 2",
    "SELECT * FROM a LEFT JOIN LATERAL (SELECT 1) l ON true FULL OUTER JOIN c USING (k, l)",
    "SELECT * FROM ((SELECT 1) UNION ALL (SELECT 2)) x LATERAL VIEW OUTER explode(m) e AS k, v",
    "SELECT * FROM STREAM(t) WITH (a = 1, 'b' = 'c') WATERMARK ts DELAY OF INTERVAL 10 SECONDS s",
    "FROM t |> WHERE a LIKE ANY ('x', 'y') ESCAPE '/' |> AGGREGATE sum(a) AS s GROUP BY b |> AS u",
    "SELECT transform(a, (x, i) -> x + i), trim(BOTH 'x' FROM y), substring(z FROM 1 FOR 2)",
    "SELECT * FROM t TABLESAMPLE (10.5 PERCENT) REPEATABLE (3) PIVOT (sum(a) FOR b IN (1, 2))",
    "SELECT /*+ BROADCAST(t), COALESCE(1) */ ((a + 1) * (SELECT max(b) FROM u)) IN (SELECT 1)",
    "CREATE OR REPLACE TEMPORARY VIEW v(a, b) COMMENT 'x' AS SELECT /* c */ 1, ? -- end\n",
    "SET spark.sql.shuffle.partitions = 4; RESET `a b`; SHOW TABLES IN db LIKE 'x*'",
    "DESCRIBE FUNCTION EXTENDED abs",
    "SELECT IDENTIFIER('a' || :b)(1), x'1F', 12L, 300Y, 1.5BD, a:b, c::decimal(10,2), * FROM a-b",
};

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

static void mutate(StrBuf *b, uint64_t *r)
{
    static const char alphabet[] = "()[]'\"`,.;:-+*/<>=!|&? 0aEx_%@#$\\\n\xC3\xA9\xFF";
    const char *seed = seeds[next_random(r) % (sizeof(seeds) / sizeof(seeds[0]))];
    size_t n = strlen(seed), from = next_random(r) % n, len = next_random(r) % (n - from);
    switch (next_random(r) % 5) {
    case 0: /* a piece of one statement in another */
        strbuf_append(b, seed + from, len);
        break;
    case 1: /* the text cut short */
        b->n = b->n ? next_random(r) % b->n : 0;
        break;
    case 2: /* one byte changed */
        if (b->n) {
            b->p[next_random(r) % b->n] = alphabet[next_random(r) % (sizeof(alphabet) - 1)];
        }
        break;
    case 3: /* a piece put in front */
    {
        StrBuf whole = {0};
        strbuf_append(&whole, seed + from, len);
        strbuf_append(&whole, b->p ? b->p : "", b->n);
        strbuf_free(b);
        *b = whole;
    } break;
    default: /* a piece taken out */
        if (b->n > 1) {
            size_t at = next_random(r) % b->n, cut = next_random(r) % (b->n - at) % 8;
            memmove(b->p + at, b->p + at + cut, b->n - at - cut);
            b->n -= cut;
        }
        break;
    }
}

static void parse_everything(Str s)
{
    Arena a = {0};
    fb_error err = {0};
    Plan *p = NULL;
    Expr *e = NULL;
    const char **parts;
    uint32_t n;
    fb_status st = sql_parse_statement(&a, s, NULL, &p, &err);
    assert_true((st == FB_OK) != err_is_set(&err));
    if (st != FB_OK) {
        assert_true(err.start >= 0 && err.stop >= err.start && (size_t)err.stop <= s.n);
    }
    err_clear(&err);
    st = sql_parse_expr(&a, s, &e, &err);
    assert_true((st == FB_OK) != err_is_set(&err));
    err_clear(&err);
    st = sql_parse_name(&a, s, &parts, &n, &err);
    assert_true((st == FB_OK) != err_is_set(&err));
    err_clear(&err);
    arena_free(&a);
}

static void test_mutations(void **state)
{
    (void)state;
    uint64_t r = 0x9E3779B97F4A7C15ull;
    for (int i = 0; i < 20000; i++) {
        StrBuf b = {0};
        strbuf_puts(&b, seeds[next_random(&r) % (sizeof(seeds) / sizeof(seeds[0]))]);
        for (uint64_t k = next_random(&r) % 6; k > 0; k--) {
            mutate(&b, &r);
        }
        /* An exact copy, so that a sanitizer sees a read past the end. */
        char *copy = mem_alloc(b.n ? b.n : 1);
        memcpy(copy, b.p ? b.p : "", b.n);
        parse_everything((Str){copy, b.n});
        mem_free(copy);
        strbuf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),    cmocka_unit_test(test_name_errors),
        cmocka_unit_test(test_depth),     cmocka_unit_test(test_long_chains),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
