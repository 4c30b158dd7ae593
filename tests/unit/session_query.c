/*
 * session_query.c - whole queries from SQL text to rows: parser, analyzer, optimizer, operators.
 *
 * Expected rows are what Spark 4.3 answers to the same statements (ordered where the statement
 * orders them, else sorted here).
 */
#include "column/timezone.h"
#include "exec/exec.h"
#include "sql/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct World {
    Conf *conf;
    Pool *pool;
    Catalog cat;
} World;

static PlanTree *no_view(void *self, const char *const *parts, uint32_t n)
{
    (void)self;
    (void)parts;
    (void)n;
    return NULL;
}

static fb_status no_table(void *self, const char *const *parts, uint32_t n, bool streaming,
                          Relation **ret, fb_error *err)
{
    (void)self;
    (void)parts;
    (void)n;
    (void)streaming;
    (void)err;
    *ret = NULL;
    return FB_OK;
}

static const char *default_database(void *self)
{
    (void)self;
    return "default";
}

static int set_up(void **state)
{
    World *w = mem_zalloc(sizeof(*w));
    fb_error err = {0};
    w->conf = conf_new();
    assert_int_equal(conf_set(w->conf, "spark.sql.session.timeZone", "UTC", true, &err), FB_OK);
    w->pool = pool_new(2);
    w->cat = (Catalog){.conf = w->conf,
                       .view = no_view,
                       .table = no_table,
                       .current_database = default_database,
                       .user = "me"};
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    World *w = *state;
    pool_free(w->pool);
    conf_free(w->conf);
    mem_free(w);
    return 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "1,a;2,b": rows of the result; sorted unless the statement orders them. */
static char *rows_text(const RowSet *rows, bool ordered)
{
    StrBuf out = {0}, line = {0};
    char **lines = mem_zalloc(mem_mul((size_t)rows->n_rows + 1, sizeof(*lines)));
    size_t n = 0;
    for (uint32_t b = 0; b < rows->n_batches; b++) {
        for (uint32_t i = 0; i < rows->batches[b].n_rows; i++) {
            strbuf_clear(&line);
            for (uint32_t c = 0; c < rows->batches[b].n_cols; c++) {
                const Vec *v = &rows->batches[b].col[c];
                strbuf_puts(&line, c ? "," : "");
                if (vec_is_valid(v, i)) {
                    vec_value_text(v, i, tz_utc(), &line);
                } else {
                    strbuf_puts(&line, "~");
                }
            }
            strbuf_putc(&line, 0);
            lines[n++] = mem_strdup(line.p);
        }
    }
    if (!ordered) {
        qsort(lines, n, sizeof(*lines), by_text);
    }
    for (size_t i = 0; i < n; i++) {
        strbuf_printf(&out, "%s%s", i ? ";" : "", lines[i]);
        mem_free(lines[i]);
    }
    mem_free(lines);
    strbuf_free(&line);
    return strbuf_take(&out);
}

/* The rows, or "!CONDITION". */
static char *run(World *w, const char *sql)
{
    Arena a = {0};
    fb_error err = {0};
    Plan *parsed;
    Exec *x = NULL;
    PlanTree *tree = plantree_new();
    RowSet *rows = NULL;
    char *text;
    fb_status st = sql_parse_statement(&a, str_of(sql), NULL, &parsed, &err);
    if (st == FB_OK) {
        st = analyze(&w->cat, parsed, str_of(sql), tree, &err);
    }
    if (st == FB_OK) {
        rows = rowset_new(plan_schema(tree->plan));
        Plan *plan = optimize(&w->cat, &tree->arena, tree->plan);
        st = exec_compile(plan, w->conf, w->pool, NULL, NULL, op_collect(rows), &x, &err);
    }
    if (st == FB_OK) {
        st = exec_run(x, 1700000000000000, &err);
    }
    if (st == FB_OK) {
        text = rows_text(rows, strstr(sql, "ORDER BY") != NULL);
    } else {
        StrBuf b = {0};
        strbuf_printf(&b, "!%s", err_condition(err.id));
        if (getenv("QUERY_TRACE")) {
            (void)fprintf(stderr, "%s\n", err.message);
        }
        text = strbuf_take(&b);
    }
    exec_free(x);
    if (rows) {
        rowset_release(rows);
    }
    plantree_release(tree);
    err_clear(&err);
    arena_free(&a);
    return text;
}

typedef struct Case {
    const char *sql, *rows;
} Case;

#define T "(VALUES (1,'a',10),(2,'b',20),(3,'a',30),(4,NULL,NULL),(5,'c',7)) t(id,k,v)"
#define U "(VALUES ('a','Ana'),('b','Bob'),('b','Ben'),('z','Zoe'),(NULL,'Nil')) u(k,name)"

static const Case cases[] = {
    {"SELECT 1", "1"},
    {"SELECT id, v * 2 AS w FROM " T " WHERE k = 'a' ORDER BY id DESC", "3,60;1,20"},
    {"SELECT k, count(*), sum(v), avg(v), min(v), max(id) FROM " T " GROUP BY k",
     "a,2,40,20.0,10,3;b,1,20,20.0,20,2;c,1,7,7.0,7,5;~,1,~,~,~,4"},
    {"SELECT count(*), sum(id) FROM " T " WHERE id > 100", "0,~"},
    {"SELECT count(DISTINCT k), count(k), count(*) FROM " T, "3,4,5"},
    {"SELECT k, sum(v) s FROM " T " GROUP BY k HAVING sum(v) > 10 ORDER BY s DESC", "a,40;b,20"},
    {"SELECT k FROM " T " GROUP BY k ORDER BY count(*) DESC, k", "a;~;b;c"},
    {"SELECT DISTINCT k FROM " T " ORDER BY k", "~;a;b;c"},
    {"SELECT t.id, u.name FROM " T " JOIN " U " ON t.k = u.k", "1,Ana;2,Ben;2,Bob;3,Ana"},
    {"SELECT id, name FROM " T " LEFT JOIN " U " ON t.k = u.k", "1,Ana;2,Ben;2,Bob;3,Ana;4,~;5,~"},
    {"SELECT id, name FROM " T " RIGHT JOIN " U " ON t.k = u.k",
     "1,Ana;2,Ben;2,Bob;3,Ana;~,Nil;~,Zoe"},
    {"SELECT id, name FROM " T " FULL JOIN " U " ON t.k = u.k",
     "1,Ana;2,Ben;2,Bob;3,Ana;4,~;5,~;~,Nil;~,Zoe"},
    {"SELECT id FROM " T " LEFT SEMI JOIN " U " ON t.k = u.k", "1;2;3"},
    {"SELECT id FROM " T " LEFT ANTI JOIN " U " ON t.k = u.k", "4;5"},
    {"SELECT count(*) FROM " T " CROSS JOIN " U, "25"},
    {"SELECT id, name FROM " T " JOIN " U " ON t.k <=> u.k AND id > 2", "3,Ana;4,Nil"},
    {"SELECT * FROM (SELECT 1 a, 2 b) x FULL JOIN (SELECT 4 a, 3 c) y USING (a) ORDER BY a",
     "1,2,~;4,~,3"},
    {"SELECT * FROM " T " ORDER BY v NULLS LAST, id LIMIT 2", "5,c,7;1,a,10"},
    {"SELECT id FROM range(10) ORDER BY id DESC LIMIT 3 OFFSET 1", "8;7;6"},
    {"SELECT 1 a UNION ALL SELECT 2.5", "1.0;2.5"},
    {"SELECT 1 a UNION SELECT 1 UNION ALL SELECT 3", "1;3"},
    {"SELECT k FROM " T " EXCEPT SELECT k FROM " U, "c"},
    {"SELECT k FROM " T " INTERSECT SELECT k FROM " U, "a;b;~"},
    {"SELECT k, grouping(k) g, grouping_id() i, sum(id) FROM " T " WHERE id < 4 GROUP BY ROLLUP(k)",
     "a,0,0,4;b,0,0,2;~,1,1,6"},
    {"SELECT k, v > 15 p, count(*) FROM " T
     " WHERE id < 4 GROUP BY GROUPING SETS ((k), (v > 15), ())",
     "a,~,2;b,~,1;~,false,1;~,true,2;~,~,3"},
    {"SELECT * FROM (SELECT k, id FROM " T ") PIVOT (sum(id) FOR k IN ('a', 'b' AS bee))", "4,2"},
    {"SELECT * FROM " T " PIVOT (sum(v) s, count(*) n FOR k IN ('a')) ORDER BY id",
     "1,10,1;2,~,~;3,30,1;4,~,~;5,~,~"},
    {"SELECT id, p, w FROM " T " LATERAL VIEW OUTER posexplode(split(k, 'x')) e AS p, w",
     "1,0,a;2,0,b;3,0,a;4,~,~;5,0,c"},
    {"SELECT explode(array(1, 2, 3)) x", "1;2;3"},
    {"SELECT id, w FROM " T " LATERAL VIEW explode(split(concat(k, ' x'), ' ')) e AS w",
     "1,a;1,x;2,b;2,x;3,a;3,x;5,c;5,x"},
    {"WITH q AS (SELECT id FROM " T
     " WHERE id < 3) SELECT sum(a.id + b.id) FROM q a JOIN q b ON a.id = b.id",
     "6"},
    {"SELECT CASE WHEN v > 15 THEN 'big' WHEN v IS NULL THEN 'none' ELSE 'small' END c FROM " T
     " ORDER BY id",
     "small;big;big;none;small"},
    {"SELECT sum(id) FROM range(0, 1000000, 3)", "166666833333"},
    {"SELECT count(*) FROM range(1000000) WHERE id % 7 = 3", "142857"},
    {"SELECT named_struct('a', id, 'b', array(id, v)).b[1] x FROM " T " WHERE id = 2", "20"},
    {"SELECT nope FROM " T, "!UNRESOLVED_COLUMN.WITH_SUGGESTION"},
    {"SELECT k, v FROM " T " GROUP BY k", "!MISSING_AGGREGATION"},
    {"SELECT sum(sum(id)) FROM " T, "!NESTED_AGGREGATE_FUNCTION"},
    {"SELECT 1/0", "!DIVIDE_BY_ZERO"},
    {"SELECT id FROM " T " WHERE id / (id - 1) > 0 AND id > 1", "!DIVIDE_BY_ZERO"},
    {"SELECT id FROM " T " WHERE id > 1 AND 1 / (id - 1) > 0.3 ORDER BY id", "2;3;4"},
    {"SELECT x.id FROM " T " JOIN " U " ON k = name", "!AMBIGUOUS_REFERENCE"},
    {"SELECT * FROM nowhere", "!TABLE_OR_VIEW_NOT_FOUND"},
    {"SELECT nosuchfunction(1)", "!UNRESOLVED_ROUTINE"},
};

static void test_cases(void **state)
{
    int failed = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *got = run(*state, cases[i].sql);
        if (strcmp(got, cases[i].rows) != 0) {
            print_error("%s\n   want %s\n   got  %s\n", cases[i].sql, cases[i].rows, got);
            failed++;
        }
        mem_free(got);
    }
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cases, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
