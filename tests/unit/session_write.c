/* df.write: save modes, partitions, formats, order; and the catalog's file tables. */
#include "session_test.h"

static fb_status write_to(Test *t, const char *sql, WriteSpec w)
{
    PlanTree *p = plan_of(t, sql);
    fb_status st = session_write(t->session, p, &w, NULL, &t->err);
    plantree_release(p);
    return st;
}

static void expect_refused(Test *t, const char *sql, WriteSpec w, const char *condition)
{
    assert_int_equal(write_to(t, sql, w), FB_ERR);
    assert_string_equal(err_condition(t->err.id), condition);
    err_clear(&t->err);
}

static void test_modes(void **state)
{
    Test *t = *state;
    Arena a = {0};
    const char *out = path_in(t, "out", &a);
    const char *all = arena_printf(&a, "SELECT id FROM json.`%s` ORDER BY id", out);
    WriteSpec w = {.format = "json", .path = out};
    OK(t, write_to(t, "SELECT id FROM range(2)", w));
    expect(t, all, "0\n1\n");
    expect_refused(t, "SELECT id FROM range(2)", w, "PATH_ALREADY_EXISTS");
    w.mode = SAVE_IGNORE;
    OK(t, write_to(t, "SELECT id FROM range(9)", w));
    expect(t, all, "0\n1\n");
    w.mode = SAVE_APPEND;
    w.path = arena_printf(&a, "file://%s", out);
    OK(t, write_to(t, "SELECT id FROM range(2, 3)", w));
    expect(t, all, "0\n1\n2\n");
    w.mode = SAVE_OVERWRITE;
    OK(t, write_to(t, "SELECT id FROM range(7, 8)", w));
    expect(t, all, "7\n");
    /* What is overwritten may be read by the same job. */
    OK(t, write_to(t, arena_printf(&a, "SELECT id + 1 AS id FROM json.`%s`", out), w));
    expect(t, all, "8\n");
    /* A job that fails leaves what was there. */
    expect_refused(t, "SELECT 1 / id AS id FROM range(2)", w, "DIVIDE_BY_ZERO");
    expect(t, all, "8\n");
    VfsStat st;
    OK(t, vfs()->stat(arena_printf(&a, "%s/_SUCCESS", out), &st, &t->err));
    assert_true(st.exists);
    arena_free(&a);
}

static void test_partitions(void **state)
{
    Test *t = *state;
    Arena a = {0};
    const char *out = path_in(t, "out", &a);
    const char *const by[] = {"k"}, *const none[] = {"zz"}, *const every[] = {"id", "k"};
    const char *sql = "SELECT id, id % 2 AS k FROM range(4)";
    WriteSpec w = {.format = "json", .path = out, .partition_by = by, .n_partition_by = 1};
    OK(t, write_to(t, sql, w));
    expect(t, arena_printf(&a, "SELECT id, k FROM json.`%s` ORDER BY id", out),
           "0|0\n1|1\n2|0\n3|1\n");
    VfsStat st;
    OK(t, vfs()->stat(arena_printf(&a, "%s/k=1", out), &st, &t->err));
    assert_true(st.is_dir);
    w.path = path_in(t, "out2", &a);
    w.partition_by = none;
    expect_refused(t, sql, w, "_LEGACY_ERROR_TEMP_1155");
    w.partition_by = every;
    w.n_partition_by = 2;
    expect_refused(t, sql, w, "ALL_PARTITION_COLUMNS_NOT_ALLOWED");
    arena_free(&a);
}

static void test_formats(void **state)
{
    Test *t = *state;
    Arena a = {0};
    const char *sql = "SELECT id FROM range(2)";
    expect_refused(t, sql, (WriteSpec){.format = "json"}, "_LEGACY_ERROR_TEMP_2047");
    expect_refused(t, sql, (WriteSpec){.format = "noop"}, "UNSUPPORTED_DATA_SOURCE_SAVE_MODE");
    OK(t, write_to(t, sql, (WriteSpec){.format = "noop", .mode = SAVE_APPEND}));
    expect_refused(t, sql, (WriteSpec){.format = "memory", .mode = SAVE_APPEND},
                   "DATA_SOURCE_NOT_FOUND");
    expect_refused(t, sql, (WriteSpec){.format = "nofmt", .mode = SAVE_APPEND},
                   "DATA_SOURCE_NOT_FOUND");
    expect_refused(t, sql, (WriteSpec){.format = "json", .table = "t"}, "UNSUPPORTED_FEATURE");
    expect_refused(t, sql, (WriteSpec){.format = "orc", .path = path_in(t, "a", &a)},
                   "UNSUPPORTED_FEATURE");
    WriteSpec w = {.path = path_in(t, "default", &a)};
    OK(t, write_to(t, sql, w));
    expect(t, arena_printf(&a, "SELECT sum(id) FROM parquet.`%s`", w.path), "1\n");
    /* A field that is not nullable inside of a struct that is. */
    w = (WriteSpec){.format = "parquet", .path = path_in(t, "nested", &a)};
    OK(t, write_to(t,
                   "SELECT id, if(id = 1, NULL, named_struct('x', id, 'y', named_struct('z', "
                   "string(id)))) AS s FROM range(3)",
                   w));
    expect(t, arena_printf(&a, "SELECT id, s FROM parquet.`%s` ORDER BY id", w.path),
           "0|{0, {0}}\n1|NULL\n2|{2, {2}}\n");
    w = (WriteSpec){.format = "json", .path = path_in(t, "a", &a)};
    options_set(&w.options, &a, "path", path_in(t, "b", &a));
    expect_refused(t, sql, w, "_LEGACY_ERROR_TEMP_1307");
    w.path = NULL;
    OK(t, write_to(t, sql, w));
    arena_free(&a);
}

static fb_status count_part(void *arg, const char *name, fb_error *err)
{
    (void)err;
    *(int *)arg += strncmp(name, "part-", 5) == 0;
    return FB_OK;
}

/* A sorted result is one file, in its order. */
static void test_sorted(void **state)
{
    Test *t = *state;
    Arena a = {0};
    int n = 0;
    const char *out = path_in(t, "out", &a);
    OK(t, write_to(t, "SELECT id FROM range(20000) ORDER BY id DESC",
                   (WriteSpec){.format = "json", .path = out}));
    OK(t, vfs()->list(out, count_part, &n, &t->err));
    assert_int_equal(n, 1);
    expect(t, arena_printf(&a, "SELECT * FROM json.`%s` LIMIT 2", out), "19999\n19998\n");
    expect(t, arena_printf(&a, "SELECT count(*), sum(id) FROM json.`%s`", out),
           "20000|199990000\n");
    arena_free(&a);
}

/* A bit for each file of "part-00000-<uuid>-c002.json": its counter. */
static fb_status note_part(void *arg, const char *name, fb_error *err)
{
    (void)err;
    if (strncmp(name, "part-", 5) == 0) {
        assert_int_equal(strspn(name + 48, "c"), 1);
        *(uint64_t *)arg |= UINT64_C(1) << (name[51] - '0');
    }
    return FB_OK;
}

static void expect_parts(Test *t, const char *dir, uint64_t counters)
{
    uint64_t got = 0;
    OK(t, vfs()->list(dir, note_part, &got, &t->err));
    assert_int_equal(got, counters);
}

/* As Spark: -c000, -c001 … of a worker, and .c000 in each folder. */
static void test_records_per_file(void **state)
{
    Test *t = *state;
    Arena a = {0};
    const char *const by[] = {"k"};
    const char *sql = "SELECT id, id % 2 AS k FROM range(10) ORDER BY id";
    WriteSpec w = {.format = "json", .path = path_in(t, "out", &a)};
    options_set(&w.options, &a, "maxRecordsPerFile", "3");
    OK(t, write_to(t, sql, w));
    expect_parts(t, w.path, 0xf);
    expect(t, arena_printf(&a, "SELECT count(*), sum(id) FROM json.`%s`", w.path), "10|45\n");
    w.path = path_in(t, "by", &a);
    w.partition_by = by;
    w.n_partition_by = 1;
    OK(t, write_to(t, sql, w));
    expect_parts(t, arena_printf(&a, "%s/k=0", w.path), 0x3);
    expect_parts(t, arena_printf(&a, "%s/k=1", w.path), 0x3);
    expect(t, arena_printf(&a, "SELECT count(*), sum(id) FROM json.`%s`", w.path), "10|45\n");
    /* With one file at a time all the same. */
    OK(t, conf_set(session_conf(t->session), "spark.sql.maxConcurrentOutputFileWriters", "1", false,
                   &t->err));
    w.path = path_in(t, "sorted", &a);
    OK(t, write_to(t, sql, w));
    expect_parts(t, arena_printf(&a, "%s/k=0", w.path), 0x3);
    expect_parts(t, arena_printf(&a, "%s/k=1", w.path), 0x3);
    expect(t, arena_printf(&a, "SELECT id FROM json.`%s/k=1`", w.path), "1\n3\n5\n7\n9\n");
    /* None below the limit of the setting; a text is no number. */
    OK(t, conf_set(session_conf(t->session), "spark.sql.files.maxRecordsPerFile", "4", false,
                   &t->err));
    w = (WriteSpec){.format = "json", .path = path_in(t, "conf", &a)};
    OK(t, write_to(t, sql, w));
    expect_parts(t, w.path, 0x7);
    options_set(&w.options, &a, "maxRecordsPerFile", "few");
    w.path = path_in(t, "bad", &a);
    expect_refused(t, sql, w, err_condition(ERR_INVALID_OPTION_NUMBER));
    arena_free(&a);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, test_setup, test_teardown)
    const struct CMUnitTest tests[] = {
        T(test_modes),  T(test_partitions),       T(test_formats),
        T(test_sorted), T(test_records_per_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
