/* Files: durable writes, failures that name action, path and reason, trees, paths and URIs. The URI
 * expectations were read from Spark's org.apache.hadoop.fs.Path. */
#include "base/vfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64]; /* a fresh folder for each test */
static Arena arena;

static int setup(void **state)
{
    (void)state;
    snprintf(dir, sizeof(dir), "/tmp/forebay_vfs_XXXXXX");
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    fb_error e = {0};
    vfs_set(NULL);
    vfs_set_fsync(true);
    fb_status st = vfs_remove_tree(dir, &e);
    err_clear(&e);
    arena_free(&arena);
    return st == FB_OK ? 0 : -1;
}

static const char *at(const char *name)
{
    return vfs_join(&arena, dir, name);
}

static void must(fb_status st, fb_error *e)
{
    if (st != FB_OK) {
        fail_msg("%s", e->message);
    }
}

static void put(const char *path, const char *text)
{
    fb_error e = {0};
    must(vfs_write_file(path, text, strlen(text), true, NULL, &e), &e);
}

static void expect_content(const char *path, const char *text)
{
    fb_error e = {0};
    char *p = NULL;
    size_t n = 0;
    must(vfs_read_file(path, &p, &n, &e), &e);
    assert_int_equal(n, strlen(text));
    assert_string_equal(p, text);
    mem_free(p);
}

static fb_status count_name(void *arg, const char *name, fb_error *err)
{
    (void)name;
    (void)err;
    ++*(int *)arg;
    return FB_OK;
}

static int names_in(const char *path)
{
    fb_error e = {0};
    int n = 0;
    must(vfs()->list(path, count_name, &n, &e), &e);
    return n;
}

static void expect_error(fb_error *e, const char *text)
{
    assert_int_equal(e->id, ERR_IO);
    if (strstr(e->message, text) == NULL) {
        fail_msg("%s is not in %s", text, e->message);
    }
    err_clear(e);
}

static void test_write_and_read(void **state)
{
    (void)state;
    fb_error e = {0};
    bool exists = true;
    const char *path = at("a/b/c/0"); /* folders are made */
    must(vfs_write_file(path, "one", 3, false, &exists, &e), &e);
    assert_false(exists);
    expect_content(path, "one");
    must(vfs_write_file(path, "two", 3, false, &exists, &e), &e);
    assert_true(exists);
    expect_content(path, "one");
    must(vfs_write_file(path, "three", 5, true, NULL, &e), &e);
    expect_content(path, "three");
    must(vfs_write_file(path, NULL, 0, true, NULL, &e), &e);
    expect_content(path, "");
    vfs_set_fsync(false);
    put(path, "four");
    expect_content(path, "four");
    assert_int_equal(names_in(at("a/b/c")), 1); /* no temp file is left */
}

static void test_large_file(void **state)
{
    (void)state;
    fb_error e = {0};
    size_t n = 3000000;
    char *data = mem_alloc(n);
    for (size_t i = 0; i < n; i++) {
        data[i] = (char)(i * 7 % 251);
    }
    must(vfs_write_file(at("big"), data, n, true, NULL, &e), &e);
    char *back = NULL;
    size_t back_n = 0;
    must(vfs_read_file(at("big"), &back, &back_n, &e), &e);
    assert_int_equal(back_n, n);
    assert_memory_equal(back, data, n);
    assert_int_equal(back[n], '\0');
    mem_free(back);
    VfsFile *f = NULL;
    must(vfs()->open_read(at("big"), &f, &e), &e);
    char part[16];
    must(vfs()->read_at(f, part, sizeof(part), 2999990, &back_n, &e), &e);
    assert_int_equal(back_n, 10);
    assert_memory_equal(part, data + 2999990, 10);
    must(vfs()->read_at(f, part, sizeof(part), 5000000, &back_n, &e), &e);
    assert_int_equal(back_n, 0);
    vfs()->close(f);
    mem_free(data);
    char *proc = NULL; /* a file that reports size 0 */
    must(vfs_read_file("/proc/self/status", &proc, NULL, &e), &e);
    assert_true(str_has_prefix(str_of(proc), STR_LIT("Name:")));
    mem_free(proc);
}

static void test_errors_name_everything(void **state)
{
    (void)state;
    fb_error e = {0};
    char *p = NULL;
    size_t n;
    VfsFile *f = NULL;
    bool exists;
    assert_int_equal(vfs_read_file(at("none"), &p, &n, &e), FB_ERR);
    expect_error(&e, arena_printf(&arena,
                                  "[FAILED_IO] Can't open %s/none: No such file or "
                                  "directory. SQLSTATE: 58030",
                                  dir));
    assert_int_equal(vfs()->open_read(dir, &f, &e), FB_ERR);
    expect_error(&e, "Is a directory");
    must(vfs()->create("/dev/full", &f, &e), &e);
    assert_int_equal(vfs()->write(f, "x", 1, &e), FB_ERR);
    vfs()->close(f);
    expect_error(&e, "Can't write /dev/full: No space left on device.");
    put(at("file"), "x");
    assert_int_equal(vfs()->mkdirs(at("file/sub/x"), &e), FB_ERR);
    expect_error(&e, arena_printf(&arena, "create the folder %s/file/sub/x: Not a dir", dir));
    assert_int_equal(vfs()->mkdirs("", &e), FB_ERR);
    expect_error(&e, "No such file");
    assert_int_equal(vfs()->rename(at("none"), at("other"), &e), FB_ERR);
    expect_error(&e, arena_printf(&arena, "rename %s/none to %s/other: No such", dir, dir));
    assert_int_equal(vfs()->link_new(at("none"), at("other"), &exists, &e), FB_ERR);
    expect_error(&e, "No such file");
    assert_int_equal(vfs()->list(at("none"), count_name, NULL, &e), FB_ERR);
    expect_error(&e, "list");
    assert_int_equal(vfs()->sync_dir(at("none"), &e), FB_ERR);
    expect_error(&e, "No such file");
    assert_int_equal(mkfifo(at("fifo"), 0600), 0);
    assert_int_equal(vfs()->open_read(at("fifo"), &f, &e), FB_ERR); /* and does not wait */
    expect_error(&e, "open");
}

static void test_stat_and_remove(void **state)
{
    (void)state;
    fb_error e = {0};
    VfsStat s;
    put(at("f"), "12345");
    must(vfs()->stat(at("f"), &s, &e), &e);
    assert_true(s.exists && !s.is_dir && !s.is_link && s.size == 5 && s.mtime_ms > 1700000000000);
    must(vfs()->stat(dir, &s, &e), &e);
    assert_true(s.exists && s.is_dir);
    must(vfs()->stat(at("f/x"), &s, &e), &e);
    assert_false(s.exists);
    must(vfs()->remove(at("f"), &e), &e);
    must(vfs()->remove(at("f"), &e), &e); /* missing is fine */
    must(vfs()->stat(at("f"), &s, &e), &e);
    assert_false(s.exists);
    assert_int_equal(symlink("nowhere", at("dangling")), 0);
    must(vfs()->stat(at("dangling"), &s, &e), &e);
    assert_true(!s.exists && s.is_link);
}

static void test_link_new(void **state)
{
    (void)state;
    fb_error e = {0};
    bool exists = true;
    put(at("from"), "1");
    must(vfs()->link_new(at("from"), at("to"), &exists, &e), &e);
    assert_false(exists);
    put(at("from"), "2");
    must(vfs()->link_new(at("from"), at("to"), &exists, &e), &e);
    assert_true(exists);
    expect_content(at("to"), "1");
    expect_content(at("from"), "2");
}

static void test_remove_tree(void **state)
{
    (void)state;
    fb_error e = {0};
    VfsStat s;
    put(at("out/kept"), "x");
    for (int i = 0; i < 50; i++) {
        put(arena_printf(&arena, "%s/tree/d%d/e/f%d", dir, i % 5, i), "x");
    }
    assert_int_equal(symlink(at("out"), at("tree/link")), 0); /* removed, not followed */
    must(vfs_remove_tree(at("tree"), &e), &e);
    must(vfs()->stat(at("tree"), &s, &e), &e);
    assert_false(s.exists);
    expect_content(at("out/kept"), "x");
    must(vfs_remove_tree(at("tree"), &e), &e); /* missing is fine */
    must(vfs_remove_tree(at("out/kept"), &e), &e);
    assert_int_equal(names_in(at("out")), 0);
}

/* A table that fails the n-th call of one kind, as a full or broken disk does. */
static Vfs broken;
static const Vfs *intact;
static int writes_left, syncs_left;

static fb_status broken_write(VfsFile *f, const void *buf, size_t n, fb_error *err)
{
    if (writes_left-- == 0) {
        intact->write(f, buf, n / 2, err);
        return err_errno(err, ENOSPC, "write", "the disk");
    }
    return intact->write(f, buf, n, err);
}

static fb_status broken_sync(VfsFile *f, fb_error *err)
{
    return syncs_left-- == 0 ? err_errno(err, EIO, "sync", "the disk") : intact->sync(f, err);
}

static fb_status broken_rename(const char *from, const char *to, fb_error *err)
{
    (void)from;
    return err_errno(err, EDQUOT, "rename", to);
}

static void test_failed_write_leaves_the_old(void **state)
{
    (void)state;
    fb_error e = {0};
    put(at("f"), "old");
    intact = vfs();
    broken = *intact;
    broken.write = broken_write;
    broken.sync = broken_sync;
    vfs_set(&broken);
    writes_left = 0;
    syncs_left = -1;
    assert_int_equal(vfs_write_file(at("f"), "new content", 11, true, NULL, &e), FB_ERR);
    expect_error(&e, "Can't write the disk: No space left on device.");
    assert_int_equal(names_in(dir), 1);
    expect_content(at("f"), "old");
    writes_left = -1;
    syncs_left = 0;
    bool exists = false;
    assert_int_equal(vfs_write_file(at("g"), "new", 3, false, &exists, &e), FB_ERR);
    expect_error(&e, "Can't sync the disk: Input/output error.");
    broken.rename = broken_rename;
    syncs_left = -1;
    assert_int_equal(vfs_write_file(at("f"), "new", 3, true, NULL, &e), FB_ERR);
    expect_error(&e, "Disk quota exceeded");
    assert_int_equal(names_in(dir), 1);
    expect_content(at("f"), "old");
}

static void test_long_names(void **state)
{
    (void)state;
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    put(at(name), "fits"); /* the temp file's name must fit too */
    expect_content(at(name), "fits");
    fb_error e = {0};
    const char *longer = arena_printf(&arena, "%s/x%s", dir, name);
    assert_int_equal(vfs_write_file(longer, "x", 1, true, NULL, &e), FB_ERR);
    expect_error(&e, "File name too long");
}

static void test_paths(void **state)
{
    (void)state;
    Arena *a = &arena;
    assert_string_equal(vfs_join(a, "/a", "b"), "/a/b");
    assert_string_equal(vfs_join(a, "/a/", "b"), "/a/b");
    assert_string_equal(vfs_join(a, "/", "b"), "/b");
    assert_string_equal(vfs_join(a, "", "b"), "b");
    assert_string_equal(vfs_basename("/a/b"), "b");
    assert_string_equal(vfs_basename("b"), "b");
    assert_string_equal(vfs_dirname(a, "/a/b"), "/a");
    assert_string_equal(vfs_dirname(a, "/a/b/"), "/a");
    assert_string_equal(vfs_dirname(a, "/a//b"), "/a");
    assert_string_equal(vfs_dirname(a, "/a"), "/");
    assert_string_equal(vfs_dirname(a, "/"), "/");
    assert_string_equal(vfs_dirname(a, "a"), ".");
    assert_string_equal(vfs_dirname(a, "."), ".");
    assert_string_equal(vfs_dirname(a, "a/b"), "a");
    assert_string_equal(vfs_dirname(a, ""), ".");
    assert_string_equal(vfs_absolute(a, "/a/./b//../c/"), "/a/c");
    assert_string_equal(vfs_absolute(a, "/../.."), "/");
    assert_string_equal(vfs_absolute(a, "/"), "/");
    assert_string_equal(vfs_absolute(a, "/..a/.b/c.."), "/..a/.b/c..");
    assert_int_equal(chdir(dir), 0);
    assert_string_equal(vfs_absolute(a, "x/../y"), at("y"));
    assert_string_equal(vfs_absolute(a, ""), dir);
    assert_int_equal(chdir("/"), 0);
    assert_string_equal(vfs_absolute(a, "x"), "/x");
}

static void test_uris(void **state)
{
    (void)state;
    static const char *const good[][2] = {
        {"file:/tmp/x", "/tmp/x"},
        {"file:///tmp/a%20b", "/tmp/a b"},
        {"FILE:/tmp", "/tmp"},
        {"/tmp/a%20b", "/tmp/a%20b"}, /* a plain path is not decoded */
        {"relative/p", "relative/p"},
        {"./a:b", "./a:b"},
        {"file:///%C3%a9", "/\xC3\xA9"},
        {"", ""},
    };
    static const char *const bad[] = {
        "s3a://b/x",       "hdfs:/x",     "a:b",        "file:tmp",
        "file://host/tmp", "file:",       "file:/a%zz", "file:/a%2",
        "file:/a%",        "file:/a%00b", "file://",    "file://localhost/x",
    };
    static const char *const uris[][2] = {
        {"/tmp/a b", "file:///tmp/a%20b"},
        {"/tmp/a%20b", "file:///tmp/a%2520b"},
        {"/tmp/\xC3\xA9", "file:///tmp/\xC3\xA9"},
        {"/tmp/a#b?c[d]{e}|f^g`h\"i<j>k\\l",
         "file:///tmp/a%23b%3Fc%5Bd%5D%7Be%7D%7Cf%5Eg%60h%22i%3Cj%3Ek%5Cl"},
        {"/tmp/x\xC2\xA0y\xE3\x80\x80z\xC2\x85", "file:///tmp/x%C2%A0y%E3%80%80z%C2%85"},
        {"/tmp/~!*'();:@&=+$,-_.", "file:///tmp/~!*'();:@&=+$,-_."},
        {"/tmp/a\tb", "file:///tmp/a%09b"},
        {"/", "file:///"},
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        fb_error e = {0};
        char *p = NULL;
        must(vfs_path_of_uri(&arena, good[i][0], &p, &e), &e);
        assert_string_equal(p, good[i][1]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        fb_error e = {0};
        char *p = NULL;
        assert_int_equal(vfs_path_of_uri(&arena, bad[i], &p, &e), FB_ERR);
        assert_non_null(strstr(e.message, bad[i]));
        err_clear(&e);
    }
    for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
        fb_error e = {0};
        char *p = NULL;
        assert_string_equal(vfs_uri_of_path(&arena, uris[i][0]), uris[i][1]);
        must(vfs_path_of_uri(&arena, uris[i][1], &p, &e), &e);
        assert_string_equal(p, uris[i][0]);
    }
}

static fb_status no_name(void *arg, const char *name, fb_error *e)
{
    (void)arg;
    (void)e;
    fail_msg("%s has a name", name);
    return FB_ERR;
}

static void test_temp(void **state)
{
    (void)state;
    fb_error e = {0};
    VfsFile *f;
    char buf[16];
    size_t n;
    must(vfs()->create_temp(dir, &f, &e), &e);
    must(vfs()->list(dir, no_name, NULL, &e), &e);
    must(vfs()->write(f, "hello ", 6, &e), &e);
    must(vfs()->write(f, "world", 5, &e), &e);
    must(vfs()->read_at(f, buf, sizeof(buf), 4, &n, &e), &e);
    assert_int_equal(n, 7);
    assert_memory_equal(buf, "o world", 7);
    vfs()->close(f);
    must(vfs()->list(dir, no_name, NULL, &e), &e);
    assert_int_equal(vfs()->create_temp(at("none"), &f, &e), FB_ERR);
    assert_non_null(strstr(e.message, "none: No such file or directory"));
    err_clear(&e);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_temp),
        CASE(test_write_and_read),
        CASE(test_large_file),
        CASE(test_errors_name_everything),
        CASE(test_stat_and_remove),
        CASE(test_link_new),
        CASE(test_remove_tree),
        CASE(test_failed_write_leaves_the_old),
        CASE(test_long_names),
        CASE(test_paths),
        CASE(test_uris),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
