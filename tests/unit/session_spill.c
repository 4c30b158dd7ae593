/*
 * Queries whose rows do not fit the memory limit: the same answers as with memory enough, and no
 * more memory than the limit; what happens when the disk is full or the query is cancelled.
 */
#include "session_test.h"

#include "session/session_priv.h"

#include <errno.h>
#include <stdlib.h>

#define SMALL (2 << 20)
#define AGG_SMALL (6 << 20) /* a group table takes 1 MiB at least */

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of a text in one order; takes the text over. */
static char *sorted_lines(char *text)
{
    size_t n = 0;
    StrBuf out = {0};
    for (const char *p = text; *p; p++) {
        n += *p == '\n';
    }
    char **line = mem_zalloc(mem_mul(n + 1, sizeof(char *)));
    char *p = text;
    for (size_t i = 0; i < n; i++) {
        line[i] = p;
        p = strchr(p, '\n');
        *p++ = '\0';
    }
    qsort(line, n, sizeof(char *), compare_lines);
    for (size_t i = 0; i < n; i++) {
        strbuf_puts(&out, line[i]);
        strbuf_putc(&out, '\n');
    }
    mem_free(line);
    mem_free(text);
    return strbuf_take(&out);
}

typedef struct Seen {
    StrBuf text;
    uint64_t rows;
} Seen;

static fb_status see(void *arg, const Batch *b, fb_error *err)
{
    Seen *s = arg;
    Batch one = *b;
    RowSet r = {.batches = &one, .n_batches = 1};
    (void)err;
    rows_text(&r, &s->text);
    s->rows += b->n_rows;
    return FB_OK;
}

/* dropDuplicates(k) of a query; SQL has no words for it. */
static PlanTree *without_duplicates(Test *t, const char *sql)
{
    static const char *const key[] = {"k"};
    PlanTree *p = plantree_new();
    Plan *query;
    OK(t, sql_parse_statement(&p->arena, str_of(sql), NULL, &query, &t->err));
    p->plan = plan_new(&p->arena, P_DEDUPLICATE, 1, query);
    p->plan->names = (const char **)key;
    p->plan->n_names = 1;
    OK(t, session_resolve(t->session, p, str_of(sql), &t->err));
    return p;
}

/* Runs the plan under a limit; the rows as text or "error CONDITION", the budget empty after. */
static char *run_plan(Test *t, PlanTree *p, int64_t limit, int64_t *ret_peak)
{
    Seen seen = {0};
    t->engine->budget.limit = limit;
    atomic_store(&t->engine->budget.peak, 0);
    fb_status st = session_run(t->session, p, NULL, see, &seen, &t->err);
    if (st != FB_OK) {
        strbuf_clear(&seen.text);
        strbuf_printf(&seen.text, "error %s\n", err_condition(t->err.id));
        err_clear(&t->err);
    }
    plantree_release(p);
    if (ret_peak) {
        *ret_peak = atomic_load(&t->engine->budget.peak);
    }
    assert_int_equal(atomic_load(&t->engine->budget.used), 0);
    t->engine->budget.limit = 0;
    return strbuf_take(&seen.text);
}

static char *run_limited(Test *t, const char *sql, int64_t limit, int64_t *ret_peak)
{
    return run_plan(t, plan_of(t, sql), limit, ret_peak);
}

static void same_rows(Test *t, const char *sql, int64_t limit, bool ordered)
{
    int64_t need, peak;
    char *want = run_limited(t, sql, 0, &need);
    char *got = run_limited(t, sql, limit, &peak);
    if (!ordered) {
        want = sorted_lines(want);
        got = sorted_lines(got);
    }
    if (strncmp(want, "error", 5) == 0 || strcmp(want, got) != 0) {
        fail_msg("%s\n%.300s\ninstead of\n%.300s", sql, got, want);
    }
    if (need <= limit) {
        fail_msg("%s needs %lld bytes only", sql, (long long)need);
    }
    assert_in_range(peak, 1, limit);
    mem_free(want);
    mem_free(got);
}

static void test_sort(void **state)
{
    Test *t = *state;
    same_rows(t, "SELECT id * 7919 % 100003 AS k, id FROM range(200000) ORDER BY k DESC", SMALL,
              true);
    same_rows(t,
              "SELECT if(id % 7 = 0, NULL, concat('a long enough string ', id * 7919 % 1009)) AS s,"
              " id, named_struct('a', array(id, NULL), 'm', map(id, cast(id AS string))) AS n"
              " FROM range(60000) ORDER BY s NULLS LAST, id % 5 DESC",
              SMALL, true);
    same_rows(t, "SELECT id, 1 AS k FROM range(300000) ORDER BY k", SMALL, true);
    same_rows(t,
              "SELECT cast(id % 3 AS decimal(30,2)) AS d, id / 3 AS x FROM range(100000)"
              " ORDER BY d, x DESC LIMIT 50000",
              SMALL, true);
    same_rows(t, "SELECT id, -id AS k FROM range(400000) ORDER BY k", 300 << 10, true);
}

static void test_aggregate(void **state)
{
    Test *t = *state;
    same_rows(t,
              "SELECT id % 150000 AS k, count(*), sum(id), min(id), max(-id) FROM range(300000)"
              " GROUP BY id % 150000",
              AGG_SMALL, false);
    same_rows(
        t,
        "SELECT k, count(s), avg(id), first(id % 9000), sum(CAST(id AS DECIMAL(20,3))), max(s), "
        "min_by(s, id),"
        " collect_list(id % 9000), collect_set(s), stddev(id), approx_count_distinct(id),"
        " max(named_struct('a', id, 'b', array(s))), bool_or(id = 5)"
        " FROM (SELECT id, if(id % 9000 = 3, NULL, concat('a key with many bytes ', id % 9000))"
        "       AS k, if(id % 5 = 0, NULL, concat('value no. ', id % 9000)) AS s FROM range(36000))"
        " GROUP BY k",
        AGG_SMALL, false);
    same_rows(t,
              "SELECT DISTINCT id % 170000, named_struct('a', array(id % 170000, NULL)) FROM "
              "range(300000)",
              AGG_SMALL, false);
    same_rows(
        t,
        "SELECT sum(x), count(*) FROM (SELECT id % 170000 AS g, count(*) AS x FROM range(300000)"
        " GROUP BY 1)",
        AGG_SMALL, false);
}

static void test_distinct(void **state)
{
    Test *t = *state;
    same_rows(t,
              "SELECT count(DISTINCT id % 200000), sum(DISTINCT id % 100000), count(*), max(id) "
              "FROM range(300000)",
              AGG_SMALL, false);
    same_rows(t,
              "SELECT id % 30000 AS k, count(DISTINCT id % 90000, 'x'), sum(id), count(DISTINCT "
              "if(id % 3 = 0, NULL, id % 45000))"
              " FILTER (WHERE id % 2 = 0) FROM range(300000) GROUP BY 1",
              AGG_SMALL, false);
    same_rows(t,
              "SELECT if(id < 10, id, 11) AS k, count(DISTINCT concat('text of some length ', id)) "
              "FROM range(100000) GROUP BY 1",
              AGG_SMALL, false);
}

static const char *const join_types[] = {"INNER", "LEFT",      "RIGHT",
                                         "FULL",  "LEFT SEMI", "LEFT ANTI"};

/* Every type of join over two tables and a condition. */
static void join_all(Test *t, const char *left, const char *right, const char *on, int64_t limit)
{
    for (size_t i = 0; i < sizeof(join_types) / sizeof(join_types[0]); i++) {
        Arena a = {0};
        bool semi = strncmp(join_types[i], "LEFT ", 5) == 0;
        same_rows(t,
                  arena_printf(&a, "SELECT %s FROM (%s) l %s JOIN (%s) r ON %s",
                               semi ? "*" : "l.*, r.*", left, join_types[i], right, on),
                  limit, false);
        arena_free(&a);
    }
}

static void test_join(void **state)
{
    Test *t = *state;
    join_all(
        t, "SELECT if(id % 100 = 0, NULL, id) AS k, id AS x FROM range(60000)",
        "SELECT if(id % 90 = 0, NULL, id * 3 % 100000) AS k, concat('right row number ', id) AS s,"
        " array(id, NULL) AS a FROM range(50000)",
        "l.k = r.k AND (x % 5 != 0 OR s IS NULL)", AGG_SMALL);
    join_all(t,
             "SELECT if(id % 1000 = 0, NULL, concat('some key that is long ', id)) AS k, id AS x "
             "FROM range(30000)",
             "SELECT if(id % 900 = 0, NULL, concat('some key that is long ', id * 2)) AS k, "
             "struct(id, map('a', id)) AS y FROM range(40000)",
             "l.k <=> r.k", AGG_SMALL);
}

static void test_join_skew(void **state)
{
    Test *t = *state;
    join_all(t, "SELECT id AS x, if(id % 10 = 9, 2, 1) AS k FROM range(30)",
             "SELECT id AS y, if(id < 40000, 1, id) AS k, 'a string of some length that is kept' "
             "AS s FROM range(40100)",
             "l.k = r.k AND x * 1000 >= y AND y % 7 != 0", 4 << 20);
}

static void test_drop_duplicates(void **state)
{
    Test *t = *state;
    const char *sql =
        "SELECT if(id % 170000 = 7, NULL, concat('a key of some length ', id % 170000))"
        " AS k, array(id % 170000, NULL) AS a FROM range(400000) UNION ALL"
        " SELECT 'a key of some length 8', NULL FROM range(10)";
    int64_t peak;
    char *want = sorted_lines(run_plan(t, without_duplicates(t, sql), 0, &peak));
    assert_true(peak > AGG_SMALL);
    char *got = sorted_lines(run_plan(t, without_duplicates(t, sql), AGG_SMALL, &peak));
    assert_in_range(peak, 1, AGG_SMALL);
    assert_string_equal(want, got);
    mem_free(want);
    mem_free(got);
}

static void test_refused(void **state)
{
    Test *t = *state;
    char *got = run_limited(t, "SELECT * FROM range(100000) l JOIN range(200000) r ON l.id > r.id",
                            1 << 20, NULL);
    assert_string_equal(got, "error UNABLE_TO_ACQUIRE_MEMORY\n");
    mem_free(got);
    got = run_limited(t, "SELECT collect_list(id) FROM range(3000000)", 4 << 20, NULL);
    assert_string_equal(got, "error UNABLE_TO_ACQUIRE_MEMORY\n");
    mem_free(got);
}

/* ---- what goes wrong ---- */

static const char *const spilling[] = {
    "SELECT id, -id AS k FROM range(400000) ORDER BY k",
    "SELECT id % 250000 AS k, count(*), max(id) FROM range(300000) GROUP BY 1",
    "SELECT id % 50000 AS k, count(DISTINCT id) FROM range(200000) GROUP BY 1",
    "SELECT l.id FROM range(300000) l JOIN (SELECT id, 'some text, longer than twelve' AS s"
    " FROM range(200000)) r ON l.id = r.id AND s > 'a'",
};
#define N_SPILLING (sizeof(spilling) / sizeof(spilling[0]))

static struct Fault {
    Vfs table;
    const Vfs *intact;
    _Atomic int64_t left;  /* writes until the fault; below 0: after it */
    _Atomic bool *cancel;  /* the fault is a cancel */
    _Atomic int64_t files; /* open temporary files */
} fault;

static fb_status fault_write(VfsFile *f, const void *buf, size_t n, fb_error *err)
{
    if (atomic_fetch_sub(&fault.left, 1) == 0) {
        if (!fault.cancel) {
            return err_errno(err, ENOSPC, "write", "/the/folder");
        }
        atomic_store(fault.cancel, true);
    }
    return fault.intact->write(f, buf, n, err);
}

static fb_status fault_create(const char *dir, VfsFile **ret, fb_error *err)
{
    fb_status st = fault.intact->create_temp(dir, ret, err);
    fault.files += st == FB_OK;
    return st;
}

static void fault_close(VfsFile *f)
{
    fault.files--;
    fault.intact->close(f);
}

static void fault_begin(int64_t at, _Atomic bool *cancel)
{
    fault.intact = fault.intact ? fault.intact : vfs();
    fault.table = *fault.intact;
    fault.table.write = fault_write;
    fault.table.create_temp = fault_create;
    fault.table.close = fault_close;
    fault.left = at;
    fault.cancel = cancel;
    fault.files = 0;
    vfs_set(&fault.table);
}

static fb_status no_file(void *arg, const char *name, fb_error *err)
{
    (void)arg;
    (void)err;
    fail_msg("%s is left", name);
    return FB_ERR;
}

/* Runs the query with a fault; true: it met it. */
static bool run_fault(Test *t, const char *sql, int64_t at, bool cancels)
{
    Seen seen = {0};
    _Atomic bool cancel = false;
    PlanTree *p = plan_of(t, sql);
    t->engine->budget.limit = AGG_SMALL;
    fault_begin(at, cancels ? &cancel : NULL);
    fb_status st = session_run(t->session, p, &cancel, see, &seen, &t->err);
    bool met = fault.left < 0;
    vfs_set(NULL);
    plantree_release(p);
    strbuf_free(&seen.text);
    assert_int_equal(st, met ? FB_ERR : FB_OK);
    if (met) {
        assert_string_equal(err_condition(t->err.id),
                            cancels ? "OPERATION_CANCELED" : "SPILL_OUT_OF_MEMORY");
        assert_true(cancels || strstr(t->err.message, "/the/folder: No space left on device"));
    }
    err_clear(&t->err);
    assert_int_equal(fault.files, 0);
    assert_int_equal(atomic_load(&t->engine->budget.used), 0);
    t->engine->budget.limit = 0;
    return met;
}

static void test_faults(void **state)
{
    Test *t = *state;
    static const int64_t at[] = {0, 1, 2, 5, 17, 40, 100, 300, 1000, 3000, 10000, 100000};
    Arena a = {0};
    const char *dir = path_in(t, "local", &a);
    OK(t, engine_set_conf(t->engine, "spark.local.dir", dir, &t->err));
    session_release(t->session);
    t->session = session_new(t->engine, NULL);
    for (size_t q = 0; q < N_SPILLING; q++) {
        for (int cancels = 0; cancels < 2; cancels++) {
            size_t k = 0;
            while (run_fault(t, spilling[q], at[k], cancels)) {
                k++;
            }
            assert_true(k > 3);
        }
    }
    OK(t, vfs()->list(dir, no_file, NULL, &t->err));
    OK(t, engine_set_conf(t->engine, "spark.local.dir", "/proc/none, /proc/self/no", &t->err));
    session_release(t->session);
    t->session = session_new(t->engine, NULL);
    char *got = run_limited(t, spilling[0], SMALL, NULL);
    assert_string_equal(got, "error SPILL_OUT_OF_MEMORY\n");
    mem_free(got);
    arena_free(&a);
}

/* ---- rows handed on while the query runs ---- */

typedef struct Taker {
    Test *t;
    int64_t last;
    uint64_t batches, rows;
    uint64_t stop_at, fail_at, cancel_at, ask_at; /* batches; 0: never */
    _Atomic bool cancel;
} Taker;

static fb_status take(void *arg, const Batch *b, fb_error *err)
{
    Taker *k = arg;
    for (uint32_t i = 0; i < b->n_rows; i++) {
        int64_t v = VEC_AT(int64_t, &b->col[0], i);
        assert_true(v > k->last);
        k->last = v;
    }
    k->batches++;
    k->rows += b->n_rows;
    if (k->batches == k->ask_at) {
        expect(k->t, "SELECT count(*), max(id) FROM range(1000000)", "1000000|999999\n");
    }
    if (k->batches == k->cancel_at) {
        atomic_store(&k->cancel, true);
    }
    if (k->batches == k->fail_at) {
        return err_set(err, ERR_DIVIDE_BY_ZERO, "config", "none", NULL);
    }
    return k->batches == k->stop_at ? FB_STOP : FB_OK;
}

static void take_all(Test *t, const char *sql, Taker *k, const char *condition)
{
    PlanTree *p = plan_of(t, sql);
    k->t = t;
    k->last = -1;
    fb_status st = session_run(t->session, p, &k->cancel, take, k, &t->err);
    plantree_release(p);
    assert_int_equal(st, condition ? FB_ERR : FB_OK);
    if (condition) {
        assert_string_equal(err_condition(t->err.id), condition);
    }
    err_clear(&t->err);
    assert_int_equal(atomic_load(&t->engine->budget.used), 0);
}

static void test_stream(void **state)
{
    Test *t = *state;
    const char *all = "SELECT id FROM range(3000000)";
    const char *some = "SELECT id, concat('text to be kept ', id) FROM range(3000000)"
                       " WHERE id % 3 = 0 AND (id < 900000 OR id > 1100000)";
    Taker k = {.ask_at = 7};
    take_all(t, all, &k, NULL);
    assert_int_equal(k.rows, 3000000);
    t->engine->budget.limit = 1 << 20; /* room for few batches */
    k = (Taker){0};
    take_all(t, some, &k, NULL);
    assert_int_equal(k.rows, 933333);
    k = (Taker){0};
    take_all(t, "SELECT id FROM range(3000000) ORDER BY id LIMIT 1000", &k, NULL);
    assert_int_equal(k.rows, 1000);
    k = (Taker){.stop_at = 5};
    take_all(t, some, &k, NULL);
    assert_int_equal(k.batches, 5);
    k = (Taker){.fail_at = 3};
    take_all(t, some, &k, "DIVIDE_BY_ZERO");
    assert_int_equal(k.batches, 3);
    k = (Taker){.cancel_at = 3};
    take_all(t, some, &k, "OPERATION_CANCELED");
    k = (Taker){0};
    take_all(t, "SELECT id, 1 / (id - 2500000) FROM range(3000000)", &k, "DIVIDE_BY_ZERO");
    k = (Taker){0};
    take_all(t, "SELECT * FROM range(500000) UNION ALL SELECT id + 500000 FROM range(1000)", &k,
             NULL);
    assert_int_equal(k.rows, 501000);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, test_setup, test_teardown)
    const struct CMUnitTest tests[] = {
        T(test_sort),      T(test_aggregate), T(test_distinct),        T(test_join),
        T(test_join_skew), T(test_refused),   T(test_drop_duplicates), T(test_faults),
        T(test_stream)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
