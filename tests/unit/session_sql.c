/* Statements: queries, temp views, settings, SHOW and DESCRIBE, as Spark 4.3 answers them. */
#include "session_test.h"

static void test_queries(void **state)
{
    Test *t = *state;
    expect(t, "SELECT 1 AS a, 'x' AS b", "1|x\n");
    expect(t, "SELECT id, id * 2 FROM range(4) WHERE id > 1", "2|4\n3|6\n");
    expect(t,
           "SELECT k, count(*) AS n, sum(v) FROM VALUES ('a', 1), ('b', 2), ('a', 3) AS t(k, v) "
           "GROUP BY k ORDER BY k",
           "a|2|4\nb|1|2\n");
    expect(t, "SELECT id FROM range(10) ORDER BY id DESC LIMIT 3", "9\n8\n7\n");
    expect(t, "SELECT a.id, b.id FROM range(3) a JOIN range(2, 5) b ON a.id = b.id", "2|2\n");
    expect(t, "SELECT a.id, b.id FROM range(3) a LEFT JOIN range(2, 5) b ON a.id = b.id ORDER BY 1",
           "0|NULL\n1|NULL\n2|2\n");
    expect(t, "SELECT count(*) FROM range(100000)", "100000\n");
    expect(t, "SELECT DISTINCT id % 3 AS m FROM range(100) ORDER BY m", "0\n1\n2\n");
    expect(t, "SELECT 1 UNION ALL SELECT 2", "1\n2\n");
    expect(t, "SELECT 1/0", "error DIVIDE_BY_ZERO\n");
    expect(t, "SELECT nope", "error UNRESOLVED_COLUMN.WITHOUT_SUGGESTION\n");
    expect(t, "SELECT 1 AS (a)", "error MULTI_ALIAS_WITHOUT_GENERATOR\n");
    expect(t, "SELECT explode(array(7)) AS (a)", "7\n");
    expect(t, "SELECT * FROM nope", "error TABLE_OR_VIEW_NOT_FOUND\n");
    expect(t, "SELEC 1", "error PARSE_SYNTAX_ERROR\n");
    expect(t, "WITH c AS (SELECT 1 AS a) SELECT a + 1 FROM c", "2\n");
    expect(t, "SELECT explode(array(1, 2)) AS x", "1\n2\n");
}

static void test_views(void **state)
{
    Test *t = *state;
    expect(t, "CREATE TEMP VIEW v AS SELECT 1 AS a, 'x' AS b", "");
    expect(t, "SELECT B, a FROM V", "x|1\n");
    expect(t, "CREATE TEMP VIEW V AS SELECT 2", "error TEMP_TABLE_OR_VIEW_ALREADY_EXISTS\n");
    expect(t, "CREATE TEMP VIEW w AS SELECT * FROM w", "error TABLE_OR_VIEW_NOT_FOUND\n");
    expect(t, "CREATE OR REPLACE TEMP VIEW v AS SELECT * FROM v", "error RECURSIVE_VIEW\n");
    expect(t, "CREATE OR REPLACE TEMP VIEW v2 AS SELECT * FROM v", "");
    expect(t, "CREATE OR REPLACE TEMP VIEW v AS SELECT * FROM v2", "error RECURSIVE_VIEW\n");
    /* A name of the query's own is no recursion. */
    expect(t,
           "CREATE OR REPLACE TEMP VIEW v AS WITH v AS (SELECT 5 AS a, 'y' AS b) SELECT * FROM v",
           "");
    expect(t, "SELECT * FROM v2", "5|y\n");
    expect(t, "CREATE TEMP VIEW v3(p, q) AS SELECT 1, 2", "");
    expect(t, "SELECT q FROM v3", "2\n");
    expect(t, "CREATE TEMP VIEW v4(p) AS SELECT 1, 2",
           "error CREATE_VIEW_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS\n");
    expect(t, "CREATE TEMP VIEW v4(p, q) AS SELECT 1",
           "error CREATE_VIEW_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS\n");
    expect(t, "CREATE TEMP VIEW v4 AS SELECT 1 AS a, 2 AS A", "error COLUMN_ALREADY_EXISTS\n");
    expect(t, "CREATE VIEW pv AS SELECT 1", "error UNSUPPORTED_FEATURE\n");
    expect(t, "DROP VIEW v3", "");
    expect(t, "SELECT * FROM v3", "error TABLE_OR_VIEW_NOT_FOUND\n");
    expect(t, "DROP VIEW v3", "error TABLE_OR_VIEW_NOT_FOUND\n");
    expect(t, "DROP VIEW IF EXISTS v3", "");
    expect(t, "DROP TABLE v2", "");
}

/* A view reads what the views below it are now, by the columns it had. */
static void test_views_follow(void **state)
{
    Test *t = *state;
    expect(t, "CREATE TEMP VIEW b AS SELECT 1 AS x", "");
    expect(t, "CREATE TEMP VIEW d AS SELECT * FROM b", "");
    expect(t, "CREATE TEMP VIEW e AS SELECT x + 1 AS y FROM d", "");
    expect(t, "CREATE OR REPLACE TEMP VIEW b AS SELECT 1 AS y, 2 AS x", "");
    expect(t, "SELECT * FROM d", "2\n");
    expect(t, "SELECT * FROM e", "3\n");
    expect(t, "CREATE OR REPLACE TEMP VIEW b AS SELECT 1 AS y", "");
    expect(t, "SELECT * FROM d", "error INCOMPATIBLE_VIEW_SCHEMA_CHANGE\n");
    expect(t, "SELECT * FROM e", "error INCOMPATIBLE_VIEW_SCHEMA_CHANGE\n");
    expect(t, "DROP VIEW b", "");
    expect(t, "SELECT * FROM d", "error TABLE_OR_VIEW_NOT_FOUND\n");
    expect(t, "CREATE TEMP VIEW b AS SELECT 7 AS x", "");
    expect(t, "SELECT * FROM e", "8\n");
}

static void test_global_views(void **state)
{
    Test *t = *state;
    Session *mine = t->session;
    expect(t, "CREATE TEMP VIEW l AS SELECT 1 AS a", "");
    expect(t, "CREATE GLOBAL TEMPORARY VIEW g AS SELECT a + 1 AS c FROM l", "");
    expect(t, "SELECT * FROM global_temp.g", "2\n");
    expect(t, "SELECT * FROM g", "error TABLE_OR_VIEW_NOT_FOUND\n");
    t->session = session_new(t->engine, NULL);
    expect(t, "SELECT * FROM l", "error TABLE_OR_VIEW_NOT_FOUND\n");
    session_release(t->session);
    t->session = session_clone(mine, NULL);
    expect(t, "SELECT * FROM l, global_temp.g", "1|2\n");
    expect(t, "CREATE TEMP VIEW only_here AS SELECT 1", "");
    session_release(t->session);
    t->session = mine;
    expect(t, "SELECT * FROM only_here", "error TABLE_OR_VIEW_NOT_FOUND\n");
    expect(t, "DROP VIEW global_temp.g", "");
    expect(t, "DROP VIEW global_temp.g", "error TABLE_OR_VIEW_NOT_FOUND\n");
}

static void test_dataframe_views(void **state)
{
    Test *t = *state;
    PlanTree *p = plan_of(t, "SELECT 1 AS a");
    OK(t, session_create_view(t->session, "df", p, false, false, &t->err));
    assert_int_equal(session_create_view(t->session, "DF", p, false, false, &t->err), FB_ERR);
    assert_string_equal(err_condition(t->err.id), "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS");
    err_clear(&t->err);
    assert_int_equal(session_create_view(t->session, "a.b", p, false, false, &t->err), FB_ERR);
    assert_string_equal(err_condition(t->err.id), "TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS");
    err_clear(&t->err);
    assert_int_equal(session_create_view(t->session, "a b", p, false, true, &t->err), FB_ERR);
    assert_string_equal(err_condition(t->err.id), "_LEGACY_ERROR_TEMP_1321");
    err_clear(&t->err);
    plantree_release(p);
    /* A DataFrame may replace the view that it was made of. */
    p = plan_of(t, "SELECT a + 1 AS a FROM df");
    OK(t, session_create_view(t->session, "df", p, false, true, &t->err));
    plantree_release(p);
    expect(t, "SELECT * FROM df", "2\n");
    static const char *const names[] = {"df", "x"};
    bool there;
    OK(t, session_table_exists(t->session, names, 1, &there, &t->err));
    assert_true(there);
    OK(t, session_table_exists(t->session, names, 2, &there, &t->err));
    assert_false(there);
    assert_true(session_drop_view(t->session, "Df", false));
    assert_false(session_drop_view(t->session, "df", false));
}

static void test_show(void **state)
{
    Test *t = *state;
    expect(t, "CREATE TEMP VIEW v AS SELECT 1 AS a, 'x' AS b", "");
    expect(t, "CREATE TEMP VIEW v2 AS SELECT 1 AS a", "");
    expect(t, "CREATE GLOBAL TEMP VIEW g AS SELECT 1 AS a", "");
    expect(t, "SHOW TABLES", "|v|true\n|v2|true\n");
    expect_schema(t, "SHOW TABLES",
                  "struct<namespace:string,tableName:string,isTemporary:boolean>");
    expect(t, "SHOW VIEWS IN global_temp", "global_temp|g|true\n|v|true\n|v2|true\n");
    expect_schema(t, "SHOW VIEWS", "struct<namespace:string,viewName:string,isTemporary:boolean>");
    expect(t, "SHOW TABLES LIKE 'v*'", "|v|true\n|v2|true\n");
    expect(t, "SHOW TABLES 'v|g'", "|v|true\n");
    expect(t, "SHOW TABLES IN nope", "error SCHEMA_NOT_FOUND\n");
    expect(t, "SHOW DATABASES", "default\n");
    expect(t, "SHOW SCHEMAS LIKE 'x*'", "");
    expect(t, "SHOW COLUMNS IN v", "a\nb\n");
    expect(t, "SHOW COLUMNS IN nope", "error TABLE_OR_VIEW_NOT_FOUND\n");
    expect(t, "SHOW FUNCTIONS LIKE 'abs'", "abs\n");
    expect(t, "SHOW USER FUNCTIONS", "");
    expect(t, "SHOW FUNCTIONS abs", "abs\n");
    expect(t, "DESCRIBE v", "a|int|NULL\nb|string|NULL\n");
    expect(t, "DESCRIBE v a", "col_name|a\ndata_type|int\ncomment|NULL\n");
    expect(t, "DESCRIBE v nocol", "error COLUMN_NOT_FOUND\n");
    expect(t, "DESCRIBE QUERY SELECT 1 x, 'a' y", "x|int|NULL\ny|string|NULL\n");
    expect(t, "DESCRIBE nope", "error TABLE_OR_VIEW_NOT_FOUND\n");
    expect(t, "DESCRIBE FUNCTION nofn", "error UNRESOLVED_ROUTINE\n");
    expect(t, "USE default", "");
    expect(t, "USE spark_catalog.default", "");
    expect(t, "USE nope", "error SCHEMA_NOT_FOUND\n");
    expect(t, "USE global_temp", "error _LEGACY_ERROR_TEMP_1068\n");
}

static void test_settings(void **state)
{
    Test *t = *state;
    expect(t, "SET spark.sql.shuffle.partitions=3", "spark.sql.shuffle.partitions|3\n");
    expect(t, "SET spark.sql.shuffle.partitions", "spark.sql.shuffle.partitions|3\n");
    expect(t, "SET nosuch.key", "nosuch.key|<undefined>\n");
    expect(t, "SET a.b = 1 2", "a.b|1 2\n");
    expect(t, "SET", "a.b|1 2\nspark.sql.session.timeZone|UTC\nspark.sql.shuffle.partitions|3\n");
    expect(t, "SET spark.sql.shuffle.partitions=abc", "error INVALID_CONF_VALUE.TYPE_MISMATCH\n");
    expect(t, "SET spark.sql.warehouse.dir=/x", "error CANNOT_MODIFY_STATIC_CONFIG\n");
    expect(t, "RESET spark.sql.warehouse.dir", "error CANNOT_MODIFY_STATIC_CONFIG\n");
    expect(t, "SET TIME ZONE 'Europe/Madrid'", "spark.sql.session.timeZone|Europe/Madrid\n");
    expect(t, "SET TIME ZONE 'nowhere'", "error INVALID_CONF_VALUE.TIME_ZONE\n");
    expect(t, "RESET spark.sql.shuffle.partitions", "");
    expect(t, "SET spark.sql.shuffle.partitions", "spark.sql.shuffle.partitions|200\n");
    expect(t, "RESET", "");
    expect(t, "SET", "");
}

static void test_refused(void **state)
{
    Test *t = *state;
    static const char *const statements[] = {
        "CREATE TABLE t (a INT) USING json", "INSERT INTO t SELECT 1",
        "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE", "SHOW PARTITIONS t"};
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        expect(t, statements[i], "error UNSUPPORTED_FEATURE\n");
    }
    expect(t, "SHOW CREATE TABLE t", "error TABLE_OR_VIEW_NOT_FOUND\n");
    expect(t, "CLEAR CACHE", "");
    expect(t, "CACHE TABLE t", "error TABLE_OR_VIEW_NOT_FOUND\n");
    expect(t, "UNCACHE TABLE IF EXISTS t", "");
    expect(t, "REFRESH TABLE t", "error TABLE_OR_VIEW_NOT_FOUND\n");
}

static void test_explain(void **state)
{
    Test *t = *state;
    char *got = run_sql(t, "EXPLAIN EXTENDED SELECT 1 AS a", NULL);
    assert_non_null(strstr(got, "== Parsed Logical Plan ==\n"));
    assert_non_null(strstr(got, "\n\n== Analyzed Logical Plan ==\na: int\n"));
    assert_non_null(strstr(got, "\n\n== Optimized Logical Plan ==\n"));
    assert_non_null(strstr(got, "\n\n== Physical Plan ==\n"));
    mem_free(got);
    got = run_sql(t, "EXPLAIN SELECT count(*) FROM range(10)", NULL);
    assert_memory_equal(got, "== Physical Plan ==\n", 20);
    mem_free(got);
    got = run_sql(t, "EXPLAIN SELECT nope", NULL);
    assert_memory_equal(got, "Error occurred during query planning: \n", 39);
    mem_free(got);
}

static void test_show_string(void **state)
{
    Test *t = *state;
    StrBuf out = {0};
    PlanTree *p = plan_of(t, "SELECT id FROM range(3)");
    OK(t, session_show(t->session, p, 2, 20, false, &out, &t->err));
    assert_string_equal(out.p, "+---+\n| id|\n+---+\n|  0|\n|  1|\n+---+\nonly showing top 2 rows");
    strbuf_clear(&out);
    OK(t, session_show(t->session, p, 3, 20, false, &out, &t->err));
    assert_string_equal(out.p, "+---+\n| id|\n+---+\n|  0|\n|  1|\n|  2|\n+---+\n");
    strbuf_free(&out);
    plantree_release(p);
}

typedef struct Rows {
    int64_t next;
    _Atomic bool *cancel;
} Rows;

static fb_status in_order(void *arg, const Batch *b, fb_error *err)
{
    Rows *r = arg;
    (void)err;
    for (uint32_t i = 0; i < b->n_rows; i++) {
        assert_int_equal(VEC_AT(int64_t, &b->col[0], i), r->next++);
    }
    if (r->cancel) {
        atomic_store(r->cancel, true);
    }
    return FB_OK;
}

static void test_run_order(void **state)
{
    Test *t = *state;
    Rows r = {0};
    PlanTree *p = plan_of(t, "SELECT id FROM range(100000)");
    OK(t, session_run(t->session, p, NULL, in_order, &r, &t->err));
    assert_int_equal(r.next, 100000);
    _Atomic bool cancel = true;
    r = (Rows){0};
    assert_int_equal(session_run(t->session, p, &cancel, in_order, &r, &t->err), FB_ERR);
    assert_string_equal(err_condition(t->err.id), "OPERATION_CANCELED");
    err_clear(&t->err);
    assert_int_equal(r.next, 0);
    plantree_release(p);
}

static void test_cached_plans(void **state)
{
    Test *t = *state;
    PlanTree *p = plan_of(t, "SELECT 1");
    assert_null(session_cached_plan(t->session, "x"));
    session_cache_plan(t->session, "x", p);
    session_cache_plan(t->session, "x", p);
    plantree_release(p);
    p = session_cached_plan(t->session, "x");
    assert_non_null(p);
    plantree_release(p);
    session_uncache_plan(t->session, "x");
    assert_null(session_cached_plan(t->session, "x"));
    session_uncache_plan(t->session, "x");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, test_setup, test_teardown)
    const struct CMUnitTest tests[] = {
        T(test_queries), T(test_views),       T(test_views_follow), T(test_global_views),
        T(test_show),    T(test_settings),    T(test_refused),      T(test_dataframe_views),
        T(test_explain), T(test_show_string), T(test_run_order),    T(test_cached_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
