/*
 * session_faults.c - whose failure it is. A sink that fails while files are read into it is the
 * sink's failure, whatever the reader was told to pass over; a process without descriptors has not
 * met a corrupt file. And what comes of more partition values than files may be open.
 *
 * The table that fails is put in place before the engine's threads start; they read what it is
 * told.
 */
#include "session_test.h"

#include "base/vfs_priv.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/resource.h>

#define N_ROWS 2000

static struct {
    _Atomic int create, write, open; /* errno that calls on paths with the marks get; 0: none */
} faults;

static bool hits(_Atomic int *which, const char *path, const char *mark)
{
    return atomic_load(which) != 0 && strstr(path, mark) != NULL;
}

static fb_status faulty_create(const char *path, VfsFile **ret, fb_error *err)
{
    return hits(&faults.create, path, "/out") ? err_errno(err, faults.create, "create", path)
                                              : vfs_posix.create(path, ret, err);
}

static fb_status faulty_write(VfsFile *f, const void *buf, size_t n, fb_error *err)
{
    return hits(&faults.write, f->path, "/out") ? err_errno(err, faults.write, "write", f->path)
                                                : vfs_posix.write(f, buf, n, err);
}

static fb_status faulty_open(const char *path, VfsFile **ret, fb_error *err)
{
    return hits(&faults.open, path, "/in") ? err_errno(err, faults.open, "open", path)
                                           : vfs_posix.open_read(path, ret, err);
}

static int faulty_setup(void **state)
{
    static Vfs table;
    table = vfs_posix;
    table.create = faulty_create;
    table.write = faulty_write;
    table.open_read = faulty_open;
    vfs_set_fsync(false); /* thousands of files, and no machine that ends */
    vfs_set(&table);
    return test_setup(state);
}

static int faulty_teardown(void **state)
{
    faults.create = faults.write = faults.open = 0;
    int rc = test_teardown(state);
    vfs_set(NULL);
    vfs_set_fsync(true);
    return rc;
}

/* ---- reading into a sink ---- */

/* DIR/in-<format>: N_ROWS strings in two files. */
static void make_input(Test *t, const char *format)
{
    Arena a = {0};
    PlanTree *p = plan_of(t, "SELECT cast(id AS STRING) AS value FROM range(2000)");
    WriteSpec w = {.format = format,
                   .path = arena_printf(&a, "%s/in-%s", t->dir, format),
                   .mode = SAVE_OVERWRITE};
    options_set(&w.options, &a, "maxRecordsPerFile", "1000");
    OK(t, session_write(t->session, p, &w, NULL, &t->err));
    plantree_release(p);
    arena_free(&a);
}

/* A stream of the input, tolerant of everything, into files; its failure is in t->err. */
static fb_status copy(Test *t, const char *format, const char *out)
{
    Arena a = {0};
    PlanTree *tree = NULL;
    Query *q;
    bool done;
    const char *path = arena_printf(&a, "%s/in-%s", t->dir, format);
    ReadSpec read = {.format = format,
                     .schema = "value STRING",
                     .paths = &path,
                     .n_paths = 1,
                     .streaming = true};
    options_set(&read.options, &a, "ignoreCorruptFiles", "true");
    options_set(&read.options, &a, "ignoreMissingFiles", "true");
    Plan *p = plan_new(&a, P_READ, 0);
    p->read = &read;
    p->streaming = true;
    StreamWriteSpec w = {.format = "csv",
                         .path = arena_printf(&a, "%s/%s", t->dir, out),
                         .trigger = TRIGGER_AVAILABLE_NOW};
    options_set(&w.options, &a, "checkpointLocation", arena_printf(&a, "%s/ck-%s", t->dir, out));
    OK(t, session_analyze(t->session, p, (Str){"", 0}, &tree, &t->err));
    OK(t, session_start_query(t->session, tree, &w, &q, &t->err));
    fb_status st = query_await(q, 30000, &done, &t->err);
    query_release(q);
    plantree_release(tree);
    arena_free(&a);
    return st;
}

/* It failed, naming the side and the reason and no input file. */
static void expect_failure(Test *t, fb_status st, const char *side, const char *reason)
{
    assert_int_equal(st, FB_ERR);
    if (!strstr(t->err.message, side) || !strstr(t->err.message, reason) ||
        (strcmp(side, "/out") == 0 && strstr(t->err.message, "FAILED_READ_FILE"))) {
        fail_msg("%s", t->err.message);
    }
    err_clear(&t->err);
}

static void expect_rows(Test *t, const char *out, const char *rows)
{
    Arena a = {0};
    expect(t, arena_printf(&a, "SELECT count(DISTINCT _c0) FROM csv.`%s/%s`", t->dir, out), rows);
    arena_free(&a);
}

static void test_sides(void **state)
{
    static const char *const formats[] = {"text", "csv", "json", "parquet"};
    Test *t = *state;
    for (size_t k = 0; k < sizeof(formats) / sizeof(formats[0]); k++) {
        Arena a = {0};
        const char *out = arena_printf(&a, "out-%s", formats[k]);
        make_input(t, formats[k]);
        faults.create = EMFILE;
        expect_failure(t, copy(t, formats[k], out), "/out", "Too many open files");
        faults.create = 0;
        faults.write = ENOSPC;
        expect_failure(t, copy(t, formats[k], out), "/out", "No space left on device");
        faults.write = 0;
        faults.open = EMFILE;
        expect_failure(t, copy(t, formats[k], out), "/in", "FAILED_READ_FILE");
        faults.open = 0;
        OK(t, copy(t, formats[k], out));
        expect_rows(t, out, "2000\n");
        out = arena_printf(&a, "out-unreadable-%s", formats[k]);
        faults.open = EIO; /* this may be passed over, and is */
        OK(t, copy(t, formats[k], out));
        faults.open = 0;
        expect(t, arena_printf(&a, "SELECT count(*) FROM csv.`%s/%s`", t->dir, out), "0\n");
        arena_free(&a);
    }
}

/* ---- many partitions ---- */

static void write_values(Test *t, const char *format, uint32_t n, const char *out)
{
    static const char *const by = "k";
    Arena a = {0};
    PlanTree *p = plan_of(t, arena_printf(&a, "SELECT id, id %% %u AS k FROM range(20000)", n));
    WriteSpec w = {.format = format,
                   .path = arena_printf(&a, "%s/%s", t->dir, out),
                   .mode = SAVE_OVERWRITE,
                   .partition_by = &by,
                   .n_partition_by = 1};
    OK(t, session_write(t->session, p, &w, NULL, &t->err));
    plantree_release(p);
    arena_free(&a);
}

/* What DIR/out-<format> says of the ids and their n values of k. */
static void expect_values(Test *t, const char *format, const char *id, uint32_t n)
{
    Arena a = {0};
    expect(t,
           arena_printf(&a,
                        "SELECT count(*), count(DISTINCT id), count(DISTINCT k), "
                        "sum(CASE WHEN id %% %u = k THEN 0 ELSE 1 END) FROM "
                        "(SELECT %s AS id, k FROM %s.`%s/out-%s`)",
                        n, id, format, t->dir, format),
           arena_printf(&a, "20000|20000|%u|0\n", n));
    arena_free(&a);
}

static fb_status count_name(void *arg, const char *name, fb_error *err)
{
    (void)err;
    *(uint32_t *)arg += strncmp(name, "part-", 5) == 0;
    return FB_OK;
}

static void test_more_values_than_files(void **state)
{
    Test *t = *state;
    Arena a = {0};
    struct rlimit was, few = {.rlim_cur = 100};
    uint32_t n = 0;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    few.rlim_max = was.rlim_max;
    write_values(t, "parquet", 2, "warm"); /* loads the library */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    /* By the default bound, and by the process's own where the setting is above it. */
    for (int round = 0; round < 2; round++) {
        write_values(t, "csv", 300, "out-csv");
        write_values(t, "parquet", 150, "out-parquet");
        OK(t, conf_set(session_conf(t->session), "spark.sql.maxConcurrentOutputFileWriters", "5000",
                       false, &t->err));
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    expect_values(t, "csv", "cast(_c0 AS INT)", 300);
    expect_values(t, "parquet", "id", 150);
    /* One file a worker and value, as ever; its rows in the order in which they came. */
    OK(t, vfs()->list(arena_printf(&a, "%s/out-csv/k=299", t->dir), count_name, &n, &t->err));
    assert_in_range(n, 1, 2);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sides, faulty_setup, faulty_teardown),
        cmocka_unit_test_setup_teardown(test_more_values_than_files, faulty_setup, faulty_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
