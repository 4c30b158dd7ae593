/*
 * session_disk_full.c - a disk that fills up while a streaming query runs. From the k-th write on
 * every write and every new file fails with ENOSPC, for each k that a query gets to: the query
 * alone fails and names a file and the reason; once there is room again a restart goes on where it
 * was, with each row once.
 *
 * The table that fails is put in place before the engine's threads start; they read its counter.
 */
#include "session_test.h"

#include "base/vfs_priv.h"

#include <errno.h>
#include <stdatomic.h>

#define FIRST_WRITES 5 /* fewer would mean that the table is not asked */
#define MOST_WRITES 200

static _Atomic int room; /* writes that still succeed; negative: any number */

static bool is_full(void)
{
    int n = atomic_load(&room);
    while (n > 0 && !atomic_compare_exchange_weak(&room, &n, n - 1)) {
    }
    return n == 0;
}

static fb_status full_create(const char *path, VfsFile **ret, fb_error *err)
{
    return atomic_load(&room) == 0 ? err_errno(err, ENOSPC, "create", path)
                                   : vfs_posix.create(path, ret, err);
}

/* Half of the bytes fit, as on a real disk. */
static fb_status full_write(VfsFile *f, const void *buf, size_t n, fb_error *err)
{
    if (!is_full()) {
        return vfs_posix.write(f, buf, n, err);
    }
    TRY(vfs_posix.write(f, buf, n / 2, err));
    return err_errno(err, ENOSPC, "write", f->path);
}

static fb_status full_mkdirs(const char *path, fb_error *err)
{
    VfsStat st;
    TRY(vfs_posix.stat(path, &st, err));
    return !st.exists && atomic_load(&room) == 0 ? err_errno(err, ENOSPC, "create the folder", path)
                                                 : vfs_posix.mkdirs(path, err);
}

/* ---- a query ---- */

static void add_input(Test *t, int k, int file, const char *text)
{
    Arena a = {0};
    put_file(t, arena_printf(&a, "%s/in%d/%d.json", t->dir, k, file), text);
    arena_free(&a);
}

/* A stream over the folder in<k>, as the view src. */
static void make_view(Test *t, int k)
{
    Arena a = {0};
    Plan *p = plan_new(&a, P_READ, 0);
    PlanTree *tree = NULL;
    const char *path = arena_printf(&a, "%s/in%d", t->dir, k);
    ReadSpec read = {.format = "json",
                     .schema = "k STRING, v BIGINT",
                     .paths = &path,
                     .n_paths = 1,
                     .streaming = true};
    p->read = &read;
    p->streaming = true;
    OK(t, vfs()->mkdirs(path, &t->err));
    OK(t, session_analyze(t->session, p, (Str){"", 0}, &tree, &t->err));
    OK(t, session_create_view(t->session, "src", tree, false, true, &t->err));
    plantree_release(tree);
    arena_free(&a);
}

static fb_status try_query(Test *t, PlanTree *p, const StreamWriteSpec *w)
{
    Query *q;
    bool done;
    TRY(session_start_query(t->session, p, w, &q, &t->err));
    fb_status st = query_await(q, 30000, &done, &t->err);
    query_release(q);
    return st;
}

/* Runs with room for n writes, then with room for all. True: n were enough. */
static bool fill_and_free(Test *t, PlanTree *p, const StreamWriteSpec *w, int n)
{
    atomic_store(&room, n);
    bool enough = try_query(t, p, w) == FB_OK;
    atomic_store(&room, -1);
    if (!enough &&
        !(strstr(t->err.message, t->dir) && strstr(t->err.message, "No space left on device"))) {
        fail_msg("%s", t->err.message);
    }
    err_clear(&t->err);
    expect(t, "SELECT 1 AS a", "1\n"); /* the session lives */
    return enough;
}

static StreamWriteSpec spec_of(Test *t, int k, const char *format, Arena *a)
{
    StreamWriteSpec w = {.format = format, .trigger = TRIGGER_AVAILABLE_NOW};
    options_set(&w.options, a, "checkpointLocation", arena_printf(a, "%s/ck%d", t->dir, k));
    return w;
}

static void test_file_sink(void **state)
{
    Test *t = *state;
    int k = 0;
    for (bool enough = false; !enough; k++) {
        Arena a = {0};
        assert_true(k < MOST_WRITES);
        make_view(t, k);
        PlanTree *p = plan_of(t, "SELECT upper(k) AS k, v FROM src");
        StreamWriteSpec w = spec_of(t, k, "json", &a);
        w.path = arena_printf(&a, "%s/out%d", t->dir, k);
        add_input(t, k, 1, "{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":2}\n");
        enough = fill_and_free(t, p, &w, k);
        add_input(t, k, 2, "{\"k\":\"c\",\"v\":3}\n");
        OK(t, try_query(t, p, &w));
        expect(t, arena_printf(&a, "SELECT k, v FROM json.`%s` ORDER BY v", w.path),
               "A|1\nB|2\nC|3\n");
        plantree_release(p);
        arena_free(&a);
    }
    assert_true(k > FIRST_WRITES);
}

/* The disk fills up in the second batch, when there is state. */
static void test_state(void **state)
{
    Test *t = *state;
    int k = 0;
    for (bool enough = false; !enough; k++) {
        Arena a = {0};
        assert_true(k < MOST_WRITES);
        make_view(t, k);
        PlanTree *p = plan_of(t, "SELECT k, count(*) AS n, sum(v) AS s FROM src GROUP BY k");
        StreamWriteSpec w = spec_of(t, k, "memory", &a);
        w.query_name = "agg";
        w.output_mode = "complete";
        add_input(t, k, 1, "{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":2}\n");
        OK(t, try_query(t, p, &w));
        add_input(t, k, 2, "{\"k\":\"a\",\"v\":3}\n");
        enough = fill_and_free(t, p, &w, k);
        add_input(t, k, 3, "{\"k\":\"c\",\"v\":4}\n");
        OK(t, try_query(t, p, &w));
        expect(t, "SELECT * FROM agg ORDER BY k", "a|2|4\nb|1|2\nc|1|4\n");
        plantree_release(p);
        arena_free(&a);
    }
    assert_true(k > FIRST_WRITES);
}

int main(void)
{
    Vfs full = vfs_posix;
    full.create = full_create;
    full.write = full_write;
    full.mkdirs = full_mkdirs;
    atomic_store(&room, -1);
    vfs_set(&full);
    vfs_set_fsync(false);
#define T(f) cmocka_unit_test_setup_teardown(f, test_setup, test_teardown)
    const struct CMUnitTest tests[] = {T(test_file_sink), T(test_state)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
