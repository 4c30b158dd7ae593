/*
 * Queries and commands: the plan that each statement gives.
 */
#include "column/timezone.h"
#include "sql_dump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

typedef struct Case {
    const char *sql, *tree;
} Case;

static const Case queries[] = {
    {"SELECT 1", "Project[1](One)"},
    {"SELECT a, b c FROM t", "Project[a, b AS c](Table[t])"},
    {"SELECT DISTINCT a FROM t WHERE b", "Distinct[](Project[a](Filter[b](Table[t])))"},
    {"SELECT a FROM t AS x, s y JOIN u ON v",
     "Project[a](Join[inner ](As[x ](Table[t]), Join[inner v](As[y ](Table[s]), Table[u])))"},
    {"SELECT * FROM a NATURAL JOIN b CROSS JOIN c LEFT SEMI JOIN d USING (k, l) ANTI JOIN e ON p",
     "Project[*](Join[anti p](Join[semi k.l](Join[cross ](Join[inner natural ](Table[a], T"
     "able[b]), Table[c]), Table[d]), Table[e]))"},
    {"SELECT * FROM a LEFT OUTER JOIN b ON x RIGHT JOIN c ON y FULL JOIN d ON z",
     "Project[*](Join[full z](Join[right y](Join[left x](Table[a], Table[b]), Table[c]), T"
     "able[d]))"},
    {"SELECT * FROM a, LATERAL (SELECT a.x) l",
     "Project[*](LateralJoin[inner lateral ](Table[a], As[l ](Project[a.x](One))))"},
    {"SELECT * FROM a LEFT JOIN LATERAL explode(a.x) l(c) ON true",
     "Project[*](LateralJoin[left lateral true](Table[a], As[l  : c](Tvf[explode a.x])))"},
    {"SELECT * FROM a LATERAL VIEW explode(x) t AS y LATERAL VIEW OUTER posexplode(y) u AS"
     " p, q WHERE z",
     "Project[*](Filter[z](LateralViewOuter[u (posexplode y) : p.q](LateralView[t (explode"
     " x) : y](Table[a]))))"},
    {"SELECT * FROM (a JOIN b ON x) AS j(c1, c2)",
     "Project[*](As[j  : c1.c2](Join[inner x](Table[a], Table[b])))"},
    {"SELECT * FROM (SELECT 1)",
     "Project[*](As[__auto_generated_subquery_name ](Project[1](One)))"},
    {"SELECT * FROM ((SELECT 1) UNION (SELECT 2))",
     "Project[*](As[__auto_generated_subquery_name ](Union[](Project[1](One), Project[2](One))))"},
    {"SELECT * FROM ((SELECT 1) x JOIN t)",
     "Project[*](Join[inner ](As[x ](Project[1](One)), Table[t]))"},
    {"SELECT * FROM VALUES (1, 'a'), (2, 'b') AS t(x, y)",
     "Project[*](As[t ](Values[1, 'a', 2, 'b' : x.y]))"},
    {"VALUES 1, (2), struct(3)", "Values[1, 2, 3 : col1]"},
    {"SELECT * FROM range(0, 10, step => 2) r", "Project[*](As[r ](Tvf[range 0, 10, step=>2]))"},
    {"SELECT * FROM db.t WITH (a = 'b', 'c.d' = 3)", "Project[*](Table[db.t a=b c.d=3])"},
    {"SELECT * FROM json.`/x/y`", "Project[*](Table[json./x/y])"},
    {"SELECT * FROM STREAM t", "Project[*](Stream[t])"},
    {"SELECT * FROM STREAM(t) WATERMARK ts DELAY OF INTERVAL 10 SECONDS AS s",
     "Project[*](EventTimeWatermark[10 SECONDS ts](As[s ](Stream[t])))"},
    {"SELECT * FROM STREAM range(10)", "Project[*](StreamTvf[range 10])"},
    {"SELECT * FROM t TABLESAMPLE (50 PERCENT) REPEATABLE (7) AS s",
     "Project[*](Sample[0..0.5 seed 7](As[s ](Table[t])))"},
    {"SELECT * FROM t TABLESAMPLE (5 ROWS)", "Project[*](Limit[5](Table[t]))"},
    {"SELECT a, count(*) FROM t GROUP BY a HAVING count(*) > 1",
     "Having[(> (count *) 1)](Aggregate[a, (count *) by a](Table[t]))"},
    {"SELECT sum(a) FROM t HAVING sum(a) > 1",
     "Having[(> (sum a) 1)](Aggregate[(sum a)](Table[t]))"},
    {"SELECT a FROM t GROUP BY ALL ORDER BY ALL",
     "SortAll[ALL asc first](AggregateAll[a](Table[t]))"},
    {"SELECT a FROM t GROUP BY a, b WITH ROLLUP", "Aggregate[a by a, b sets 3,1,0](Table[t])"},
    {"SELECT a FROM t GROUP BY CUBE(a, (b, c))", "Aggregate[a by a, b, c sets 7,1,6,0](Table[t])"},
    {"SELECT a FROM t GROUP BY a, B GROUPING SETS ((a), (b), ())",
     "Aggregate[a by a, B sets 1,2,0](Table[t])"},
    {"SELECT a FROM t GROUP BY a, ROLLUP(b), GROUPING SETS((c), ROLLUP(d, e))",
     "Aggregate[a by a, b, c, d, e sets 7,1b,b,3,5,19,9,1](Table[t])"},
    {"SELECT a FROM t ORDER BY a DESC, b NULLS LAST LIMIT 10 OFFSET 5",
     "Limit[10](Offset[5](Sort[a desc last, b asc last](Project[a](Table[t]))))"},
    {"SELECT a FROM t DISTRIBUTE BY a SORT BY b",
     "SortLocal[b asc first](RepartitionByExpression[a](Project[a](Table[t])))"},
    {"SELECT a FROM t CLUSTER BY a",
     "SortLocal[a asc first](RepartitionByExpression[a](Project[a](Table[t])))"},
    {"SELECT a FROM t LIMIT ALL", "Project[a](Table[t])"},
    {"SELECT 1 UNION SELECT 2 EXCEPT SELECT 3 INTERSECT ALL SELECT 4",
     "Except[](Union[](Project[1](One), Project[2](One)), Intersect All[](Project[3](One),"
     " Project[4](One)))"},
    {"SELECT 1 UNION ALL SELECT 2 MINUS SELECT 3 ORDER BY 1",
     "Sort[1 asc first](Except[](UnionAll[](Project[1](One), Project[2](One)), Project[3](One)))"},
    {"(SELECT 1 LIMIT 1) UNION (SELECT 2)", "Union[](Limit[1](Project[1](One)), Project[2](One))"},
    {"WITH a AS (SELECT 1), b(x) AS (SELECT * FROM a) SELECT * FROM b",
     "With[a.b](Project[*](Table[b]), Project[1](One), As[b  : x](Project[*](Table[a])))"},
    {"WITH RECURSIVE r(n) AS (SELECT 1) TABLE r",
     "WithRecursive[r](Table[r], As[r  : n](Project[1](One)))"},
    {"SELECT /*+ BROADCAST(a), REPARTITION(3) */ * FROM a",
     "Hint[BROADCAST a](Hint[REPARTITION 3](Project[*](Table[a])))"},
    {"SELECT * FROM t PIVOT (sum(x) AS s FOR (a, b) IN ((1, 2) AS p, (3, 4))) AS q",
     "Project[*](As[q ](Pivot[(sum x) AS s by a, b {1 AS p, 2} {3, 4}](Table[t])))"},
    {"SELECT * FROM t UNPIVOT INCLUDE NULLS (v FOR n IN (a, b AS bb))",
     "Project[*](Unpivot[n  {a} {b AS bb} : v](Table[t]))"},
    {"FROM t SELECT a WHERE b", "Project[a](Filter[b](Table[t]))"},
    {"FROM t", "Table[t]"},
    {"FROM t |> WHERE a > 1 |> SELECT a, b AS c", "Project[a, b AS c](Filter[(> a 1)](Table[t]))"},
    {"FROM t |> EXTEND a + 1 AS b |> SET b = 2, c = b |> DROP a",
     "Project[*-(a)](SetColumns[b AS c](SetColumns[2 AS b](Project[*, (+ a 1) AS b](Table[t]))))"},
    {"FROM t |> AGGREGATE count(*) AS n GROUP BY b, c + 1 AS d",
     "Aggregate[b, (+ c 1) AS d, (count *) AS n by b, (+ c 1) AS d](Table[t])"},
    {"FROM t |> JOIN s USING (k) |> ORDER BY k |> LIMIT 3 |> AS u |> UNION ALL TABLE v",
     "UnionAll[](As[u ](Limit[3](Sort[k asc first](Join[inner k](Table[t], Table[s])))), T"
     "able[v])"},
    {"FROM t | WHERE a | 1 > 0", "Filter[(> (| a 1) 0)](Table[t])"},
    {"SELECT a FROM t -- comment \n WHERE b /* c /* d */ e */ ;;",
     "Project[a](Filter[b](Table[t]))"},
    {"SELECT from FROM t", "Project[from](Table[t])"},
    {"SELECT a FROM t where", "Project[a](As[where ](Table[t]))"},
    {"SELECT a AS FROM t", "Project[a AS AS](Table[t])"},
    {"SELECT a left FROM t", "Project[a AS left](Table[t])"},
    {"SELECT FROM t", "Project[FROM AS t](One)"},
    {"SELECT stream.a FROM stream", "Project[stream.a](Table[stream])"},
};

static const Case commands[] = {
    {"CREATE OR REPLACE TEMP VIEW v(x, y) COMMENT 'c' AS SELECT 1, 2",
     "Command[CREATE TEMPORARY VIEW v replace temp](ToDf[x.y](Project[1, 2](One)))"},
    {"CREATE GLOBAL TEMPORARY VIEW v AS SELECT 1",
     "Command[CREATE TEMPORARY VIEW v temp global](Project[1](One))"},
    {"CREATE VIEW IF NOT EXISTS a.v AS TABLE t",
     "Command[CREATE VIEW a.v if_not_exists](Table[t])"},
    {"DROP VIEW IF EXISTS a.b", "Command[DROP VIEW a.b if_exists]"},
    {"SET a.b = 1 2 3;", "Command[SET key=a.b value=1 2 3]"},
    {"SET a.b", "Command[SET key=a.b]"},
    {"SET `x y` = `z w`", "Command[SET key=x y value=z w]"},
    {"SET k = 'v'", "Command[SET key=k value='v']"},
    {"SET", "Command[SET]"},
    {"SET -v", "Command[SET key=-v]"},
    {"SET TIME ZONE 'Europe/Paris'",
     "Command[SET key=spark.sql.session.timeZone value=Europe/Paris]"},
    {"SET TIME ZONE INTERVAL -1 HOUR", "Command[SET key=spark.sql.session.timeZone value=-01:00]"},
    {"RESET", "Command[RESET]"},
    {"RESET a.b", "Command[RESET key=a.b]"},
    {"SHOW TABLES IN db LIKE 'a*'", "Command[SHOW TABLES db key=a*]"},
    {"SHOW TABLES", "Command[SHOW TABLES]"},
    {"SHOW VIEWS", "Command[SHOW VIEWS]"},
    {"SHOW DATABASES 'x'", "Command[SHOW DATABASES key=x]"},
    {"SHOW SCHEMAS", "Command[SHOW DATABASES]"},
    {"SHOW COLUMNS FROM t IN db", "Command[SHOW COLUMNS db.t]"},
    {"SHOW USER FUNCTIONS LIKE 'a*'", "Command[SHOW FUNCTIONS key=a* value=USER]"},
    {"SHOW FUNCTIONS LIKE a.b", "Command[SHOW FUNCTIONS a key=b]"},
    {"SHOW CREATE TABLE t", "Command[SHOW CREATE TABLE t]"},
    {"DESCRIBE t", "Command[DESCRIBE t]"},
    {"DESC TABLE EXTENDED a.b", "Command[DESCRIBE a.b extended]"},
    {"DESCRIBE QUERY SELECT 1", "Command[DESCRIBE](Project[1](One))"},
    {"DESC SELECT 1", "Command[DESCRIBE](Project[1](One))"},
    {"DESC FUNCTION EXTENDED abs", "Command[DESCRIBE FUNCTION abs extended]"},
    {"DESC FUNCTION +", "Command[DESCRIBE FUNCTION +]"},
    {"USE db", "Command[USE db]"},
    {"USE SCHEMA db", "Command[USE db]"},
    {"EXPLAIN SELECT 1", "Command[EXPLAIN key=simple](Project[1](One))"},
    {"EXPLAIN EXTENDED SELECT 1", "Command[EXPLAIN key=extended](Project[1](One))"},
    {"CREATE TABLE IF NOT EXISTS t (a INT) USING csv", "Command[CREATE TABLE t if_not_exists]"},
    {"DROP TABLE IF EXISTS t PURGE", "Command[DROP TABLE t if_exists]"},
    {"INSERT INTO t VALUES (1)", "Command[INSERT t key=into](Values[1 : col1])"},
    {"INSERT OVERWRITE TABLE t BY NAME SELECT 1",
     "Command[INSERT t key=overwrite value=name](Project[1](One))"},
    {"MERGE INTO t USING s ON a = b WHEN MATCHED THEN DELETE", "Command[MERGE INTO t]"},
    {"CACHE LAZY TABLE t", "Command[CACHE TABLE t key=lazy]"},
    {"UNCACHE TABLE IF EXISTS t", "Command[UNCACHE TABLE t if_exists]"},
    {"CLEAR CACHE", "Command[CLEAR CACHE]"},
    {"REFRESH TABLE t", "Command[REFRESH TABLE t]"},
};

static void check(const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        Arena a = {0};
        fb_error err = {0};
        StrBuf b = {0};
        Plan *p = NULL;
        if (sql_parse_statement(&a, str_of(cases[i].sql), NULL, &p, &err) != FB_OK) {
            fail_msg("%s: %s", cases[i].sql, err.message);
        }
        dump_plan(&b, p);
        if (strcmp(b.p, cases[i].tree) != 0) {
            fail_msg("%s:\nwant %s\ngot  %s", cases[i].sql, cases[i].tree, b.p);
        }
        strbuf_free(&b);
        arena_free(&a);
    }
}

static void test_queries(void **state)
{
    (void)state;
    check(queries, sizeof(queries) / sizeof(queries[0]));
}

static void test_commands(void **state)
{
    (void)state;
    check(commands, sizeof(commands) / sizeof(commands[0]));
}

static void parse_with(const char *sql, const SqlArgs *args, const char *tree)
{
    Arena a = {0};
    fb_error err = {0};
    StrBuf b = {0};
    Plan *p = NULL;
    assert_int_equal(sql_parse_statement(&a, str_of(sql), args, &p, &err), FB_OK);
    dump_plan(&b, p);
    assert_string_equal(b.p, tree);
    strbuf_free(&b);
    arena_free(&a);
}

static void test_parameters(void **state)
{
    (void)state;
    Arena a = {0};
    Expr *values[] = {expr_literal_int(&a, type_int, 7), expr_literal_str(&a, STR_LIT("s"))};
    const char *names[] = {"n", "text"};
    SqlArgs positional = {.values = values, .n = 2};
    SqlArgs named = {.names = names, .values = values, .n = 2};
    parse_with("SELECT ? + 1, ?", &positional, "Project[(+ 7 1), 's'](One)");
    parse_with("SELECT :text, :n LIMIT :n", &named, "Limit[7](Project['s', 7](One))");
    parse_with("SELECT * FROM IDENTIFIER(:text)", &named, "Project[*](Table[s])");
    arena_free(&a);
}

static void test_streaming_flag(void **state)
{
    (void)state;
    Arena a = {0};
    fb_error err = {0};
    Plan *p = NULL;
    Str sql = STR_LIT("WITH x AS (SELECT * FROM STREAM t) SELECT * FROM x JOIN s");
    assert_int_equal(sql_parse_statement(&a, sql, NULL, &p, &err), FB_OK);
    assert_true(p->streaming);
    assert_false(p->child[0]->streaming);
    arena_free(&a);
}

typedef struct Pieces {
    char text[256];
    int n;
} Pieces;

static fb_status collect(void *arg, Str statement, fb_error *err)
{
    Pieces *p = arg;
    size_t n = strlen(p->text);
    (void)err;
    snprintf(p->text + n, sizeof(p->text) - n, "%.*s|", (int)statement.n, statement.p);
    return ++p->n == 4 ? FB_ERR : FB_OK;
}

static void test_split(void **state)
{
    (void)state;
    Pieces p = {0};
    fb_error err = {0};
    Str script = STR_LIT("SELECT 1; -- no; end\n;; SELECT ';' ; /* ; */ SELECT `;`");
    assert_int_equal(sql_split(script, collect, &p, &err), FB_OK);
    assert_string_equal(p.text, "SELECT 1|SELECT ';'|SELECT `;`|");
    p = (Pieces){0};
    assert_int_equal(sql_split(STR_LIT("a;b;c;d;e"), collect, &p, &err), FB_ERR);
    assert_string_equal(p.text, "a|b|c|d|");
}

static void test_names(void **state)
{
    (void)state;
    Arena a = {0};
    fb_error err = {0};
    const char **parts;
    uint32_t n;
    assert_int_equal(sql_parse_name(&a, STR_LIT("a.`b c`.`d``e`.1x.select"), &parts, &n, &err),
                     FB_OK);
    assert_int_equal(n, 5);
    assert_string_equal(parts[1], "b c");
    assert_string_equal(parts[2], "d`e");
    assert_string_equal(parts[4], "select");
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queries),    cmocka_unit_test(test_commands),
        cmocka_unit_test(test_parameters), cmocka_unit_test(test_streaming_flag),
        cmocka_unit_test(test_split),      cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
