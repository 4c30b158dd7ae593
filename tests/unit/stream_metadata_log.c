/*
 * stream_metadata_log.c - logs of a checkpoint: entries, what damage is called, two writers,
 * purging, and the compacting form: when it compacts, the interval of an existing log, what it
 * deletes.
 *
 * What Spark 4.3 says of damaged logs was looked up by reading a folder with such a
 * _spark_metadata.
 */
#include "stream/metadata_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "temp_dir.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void put(const char *name, const char *text)
{
    fb_error err = {0};
    assert_int_equal(vfs_write_file(at(name), text, strlen(text), true, NULL, &err), FB_OK);
}

static bool exists(const char *name)
{
    return access(at(name), F_OK) == 0;
}

static void expect_file(const char *name, const char *want)
{
    fb_error err = {0};
    char *text;
    size_t n;
    assert_int_equal(vfs_read_file(at(name), &text, &n, &err), FB_OK);
    assert_string_equal(text, want);
    mem_free(text);
}

/* The error's condition, and that it names the file. */
static void expect_error(fb_status st, fb_error *err, const char *condition, const char *file)
{
    assert_int_equal(st, FB_ERR);
    assert_string_equal(err_condition(err->id), condition);
    assert_non_null(strstr(err->message, at(file)));
    err_clear(err);
}

/* ---- entries ---- */

static void test_entries(void **state)
{
    MetadataLog log = {dir};
    Arena a = {0};
    fb_error err = {0};
    int64_t *ids;
    size_t n;
    int version = 0;
    char *text;

    (void)state;
    assert_int_equal(log_ids(&(MetadataLog){at("none")}, &a, &ids, &n, &err), FB_OK);
    assert_int_equal(n, 0);
    assert_int_equal(log_add(&log, 0, STR_LIT("{}\n{\"logOffset\":0}"), &err), FB_OK);
    assert_int_equal(log_add(&log, 10, STR_LIT(""), &err), FB_OK);
    assert_int_equal(log_add(&log, 9, STR_LIT("x"), &err), FB_OK);
    expect_file("0", "v1\n{}\n{\"logOffset\":0}");
    expect_file("10", "v1");
    assert_int_equal(log_read(&log, 0, 1, &version, &text, &err), FB_OK);
    assert_int_equal(version, 1);
    assert_string_equal(text, "{}\n{\"logOffset\":0}");
    mem_free(text);
    assert_int_equal(log_read(&log, 10, 1, NULL, &text, &err), FB_OK);
    assert_string_equal(text, "");
    mem_free(text);
    assert_int_equal(log_read(&log, 5, 1, NULL, &text, &err), FB_OK);
    assert_null(text);
    /* Names that are no entries: temp files, checksums, folders' names, other ways to write a
     * number, and numbers that no query reaches. */
    const char *const odd[] = {".11.x.tmp",
                               ".0.crc",
                               "12.compact",
                               "007",
                               "-1",
                               "+1",
                               "1x",
                               "1099511627776",
                               "99999999999999999999",
                               "9223372036854775807"};
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        put(odd[i], "v1");
    }
    assert_int_equal(log_ids(&log, &a, &ids, &n, &err), FB_OK);
    assert_int_equal(n, 3);
    assert_true(ids[0] == 0 && ids[1] == 9 && ids[2] == 10); /* as numbers */
    arena_free(&a);
}

/* Whoever comes second with an id is told, and changes nothing. */
static void test_second_writer(void **state)
{
    MetadataLog log = {dir};
    fb_error err = {0};
    (void)state;
    assert_int_equal(log_add(&log, 3, STR_LIT("first"), &err), FB_OK);
    expect_error(log_add(&log, 3, STR_LIT("second"), &err), &err, "CONCURRENT_STREAM_LOG_UPDATE",
                 "3");
    expect_file("3", "v1\nfirst");
    CompactLog one, two;
    assert_int_equal(compact_log_open(&one, at("c"), 2, 100, 0, &err), FB_OK);
    assert_int_equal(compact_log_open(&two, one.log.dir, 2, 100, 0, &err), FB_OK);
    const char *const lines[] = {"a"};
    assert_int_equal(compact_log_add(&one, 0, lines, 1, &err), FB_OK);
    expect_error(compact_log_add(&two, 0, lines, 1, &err), &err, "CONCURRENT_STREAM_LOG_UPDATE",
                 "c/0");
    assert_int_equal(two.newest, -1);
    assert_int_equal(compact_log_add(&one, 1, lines, 1, &err), FB_OK);
    expect_error(compact_log_add(&two, 1, lines, 1, &err), &err, "CONCURRENT_STREAM_LOG_UPDATE",
                 "c/1.compact");
}

static void test_damage(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        const char *condition;
    } cases[] = {
        {"", 0, "MALFORMED_LOG_FILE"}, /* what a crash leaves of a file that was not synced */
        {"v", 1, "MALFORMED_LOG_FILE"},
        {"v\n", 2, "MALFORMED_LOG_FILE"},
        {"x1\n{}", 5, "MALFORMED_LOG_FILE"},
        {"v0\n{}", 5, "MALFORMED_LOG_FILE"},
        {"v-1\n{}", 6, "MALFORMED_LOG_FILE"},
        {"v1 \n{}", 6, "MALFORMED_LOG_FILE"},
        {"v99999999999999999999\n{}", 24, "MALFORMED_LOG_FILE"},
        {"{}", 2, "MALFORMED_LOG_FILE"},
        {"v1\n{}\0\0\0", 8, "MALFORMED_LOG_FILE"},
        {"\0\0\0\0\0\0\0\0", 8, "MALFORMED_LOG_FILE"},
        {"v2\n{}", 5, "INVALID_LOG_VERSION.MAX_SUPPORTED_VERSION"},
        {"v7", 2, "INVALID_LOG_VERSION.MAX_SUPPORTED_VERSION"},
    };
    MetadataLog log = {dir};
    fb_error err = {0};
    char *text;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(vfs_write_file(at("4"), cases[i].text, cases[i].n, true, NULL, &err),
                         FB_OK);
        expect_error(log_read(&log, 4, 1, NULL, &text, &err), &err, cases[i].condition, "4");
    }
    int version = 0;
    put("4", "v2\nnew");
    assert_int_equal(log_read(&log, 4, 2, &version, &text, &err), FB_OK);
    assert_int_equal(version, 2);
    assert_string_equal(text, "new");
    mem_free(text);
}

static void test_purge(void **state)
{
    MetadataLog log = {dir};
    fb_error err = {0};
    char name[16];
    (void)state;
    assert_int_equal(log_purge(&(MetadataLog){at("none")}, 5, &err), FB_OK);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(log_add(&log, i, STR_LIT("x"), &err), FB_OK);
        (void)snprintf(name, sizeof(name), ".%d.crc", i);
        put(name, "crc");
    }
    put("other", "kept");
    assert_int_equal(log_purge(&log, 5, &err), FB_OK);
    for (int i = 0; i < 8; i++) {
        (void)snprintf(name, sizeof(name), ".%d.crc", i);
        assert_int_equal(exists(name), i >= 5);
        assert_int_equal(exists(name + 1), false);
        name[2] = '\0';
        assert_int_equal(exists(name + 1), i >= 5);
    }
    assert_true(exists("other"));
}

/* ---- compacting ---- */

static fb_status add_text(void *arg, int64_t id, const char *line, fb_error *err)
{
    StrBuf *b = arg;
    (void)err;
    strbuf_printf(b, "%lld:%s ", (long long)id, line);
    return FB_OK;
}

static void expect_entries(const CompactLog *log, const char *want)
{
    StrBuf b = {0};
    fb_error err = {0};
    if (compact_log_each(log, add_text, &b, &err) != FB_OK) {
        fail_msg("%s", err.message);
    }
    assert_string_equal(strbuf_str(&b).p, want);
    strbuf_free(&b);
}

static void add(CompactLog *log, const char *a, const char *b)
{
    const char *const lines[] = {a, b};
    fb_error err = {0};
    if (compact_log_add(log, log->newest + 1, lines, b ? 2 : a ? 1 : 0, &err) != FB_OK) {
        fail_msg("%s", err.message);
    }
}

static void test_compact(void **state)
{
    CompactLog log, again;
    fb_error err = {0};
    (void)state;
    assert_int_equal(compact_log_open(&log, dir, 3, 100, 0, &err), FB_OK);
    assert_int_equal(log.newest, -1);
    expect_entries(&log, "");
    add(&log, "a", "b");
    add(&log, NULL, NULL); /* a batch without files */
    expect_file("1", "v1");
    expect_entries(&log, "0:a 0:b ");
    add(&log, "c", NULL);
    assert_false(exists("2"));
    expect_file("2.compact", "v1\na\nb\nc");
    add(&log, "d", NULL);
    expect_entries(&log, "2:a 2:b 2:c 3:d ");
    add(&log, "e", NULL);
    add(&log, NULL, NULL);
    expect_file("5.compact", "v1\na\nb\nc\nd\ne");
    assert_int_equal(compact_log_open(&again, dir, 10, 100, 0, &err), FB_OK);
    assert_int_equal(again.newest, 5);
    assert_int_equal(again.interval, 3); /* the log's, not the conf's */
    add(&again, "f", NULL);
    expect_entries(&again, "5:a 5:b 5:c 5:d 5:e 6:f ");
}

/* One compact file only: its id + 1 if that is no more than the conf's interval, else the least
 * divisor from the conf's on. */
static void test_interval(void **state)
{
    static const struct {
        const char *file;
        int64_t conf, want;
    } cases[] = {
        {"4.compact", 10, 5},
        {"9.compact", 10, 10},
        {"19.compact", 10, 10},
        {"20.compact", 10, 21},
        {"24.compact", 10, 25},
        {"29.compact", 8, 10},
        {"29.compact", 7, 10},
        {"28.compact", 3, 29},
        {"29.compact", 1, 1},
        /* The largest id: a search one by one would take long. */
        {"1099511627775.compact", 10, 16},
        {"1099511627774.compact", 10, 11},
    };
    CompactLog log;
    fb_error err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put(cases[i].file, "v1");
        assert_int_equal(compact_log_open(&log, dir, cases[i].conf, 100, 0, &err), FB_OK);
        assert_int_equal(log.interval, cases[i].want);
        assert_int_equal(vfs()->remove(at(cases[i].file), &err), FB_OK);
    }
    put("7.compact", "v1");
    put("11.compact", "v1");
    put("011.compact", "v1"); /* not a second file of 11 */
    assert_int_equal(compact_log_open(&log, dir, 10, 100, 0, &err), FB_OK);
    assert_int_equal(log.interval, 4);
    assert_int_equal(compact_log_open(&log, at("none"), 0, 100, 0, &err), FB_OK);
    assert_int_equal(log.interval, 1);
}

static void test_gaps(void **state)
{
    CompactLog log;
    StrBuf b = {0};
    fb_error err = {0};
    (void)state;
    put("0", "v1\na");
    put("2", "v1\nc");
    assert_int_equal(compact_log_open(&log, dir, 10, 100, 0, &err), FB_OK);
    expect_error(compact_log_each(&log, add_text, &b, &err), &err, "", "1");
    put("1", "v1\nb");
    expect_entries(&log, "0:a 1:b 2:c ");
    assert_int_equal(vfs()->remove(at("0"), &err), FB_OK);
    expect_error(compact_log_each(&log, add_text, &b, &err), &err, "", "0");
    put("3.compact", "v1\nz");
    expect_entries(&log, "3:z "); /* what is before a compact file need not be there */
    put("5", "v1");
    expect_error(compact_log_each(&log, add_text, &b, &err), &err, "", "4");
    /* Nor does a compaction lose what it can't find. */
    log.interval = 4;
    put("6", "v1");
    const char *const lines[] = {"x"};
    expect_error(compact_log_add(&log, 7, lines, 1, &err), &err, "", "4");
    assert_false(exists("7.compact"));
    put("4", "v1\nfour");
    assert_int_equal(compact_log_add(&log, 7, lines, 1, &err), FB_OK);
    expect_file("7.compact", "v1\nz\nfour\nx");
    strbuf_free(&b);
}

static void test_damaged_entry(void **state)
{
    CompactLog log;
    StrBuf b = {0};
    fb_error err = {0};
    (void)state;
    put("0", "v1\na");
    put("1", "");
    assert_int_equal(compact_log_open(&log, dir, 3, 100, 0, &err), FB_OK);
    expect_error(compact_log_each(&log, add_text, &b, &err), &err, "MALFORMED_LOG_FILE", "1");
    const char *const lines[] = {"x"};
    expect_error(compact_log_add(&log, 2, lines, 1, &err), &err, "MALFORMED_LOG_FILE", "1");
    assert_false(exists("2.compact"));
    put("1", "v2\nb");
    strbuf_clear(&b);
    expect_error(compact_log_each(&log, add_text, &b, &err), &err,
                 "INVALID_LOG_VERSION.MAX_SUPPORTED_VERSION", "1");
    strbuf_free(&b);
}

/* Files before the last compaction that is older than `keep` batches go, if they are old enough. */
static void test_clean_up(void **state)
{
    CompactLog log;
    fb_error err = {0};
    char name[32], line[16];
    (void)state;
    assert_int_equal(compact_log_open(&log, dir, 3, 4, -1, &err), FB_OK); /* any age */
    for (int i = 0; i < 11; i++) {
        (void)snprintf(line, sizeof(line), "f%d", i);
        if (i == 3) {
            put(".2.compact.crc", "crc");
            put(".1.crc", "crc");
        }
        add(&log, line, NULL);
    }
    /* The compaction at 8 kept 4 batches: 5 to 8, and so everything from 2.compact on. */
    for (int i = 0; i < 11; i++) {
        (void)snprintf(name, sizeof(name), i % 3 == 2 ? "%d.compact" : "%d", i);
        assert_int_equal(exists(name), i >= 2);
    }
    assert_false(exists(".1.crc"));
    add(&log, "f11", NULL); /* 11.compact: 8 to 11 stay, and 5.compact before them */
    assert_false(exists("2.compact") || exists(".2.compact.crc") || exists("4"));
    assert_true(exists("5.compact") && exists("6") && exists("11.compact"));
    expect_entries(&log, "11:f0 11:f1 11:f2 11:f3 11:f4 11:f5 11:f6 11:f7 11:f8 11:f9 11:f10 "
                         "11:f11 ");
    /* Young files stay: somebody may be reading them. */
    log.delay_ms = 600000;
    for (int i = 12; i < 30; i++) {
        add(&log, "x", NULL);
    }
    assert_true(exists("5.compact") && exists("12"));
}

/* The entry is the point of no return: what fails after it, call by call, does not fail the add,
 * and before it leaves nothing. But for the folder's fsync: the entry is there, and this is told.
 */
static void test_point_of_no_return(void **state)
{
    (void)state;
    uint64_t n = 0, warned = 0;
    for (bool hit = true; hit; n++) {
        CompactLog log;
        fb_error err = {0};
        bool has, later;
        const char *line = "x";
        assert_int_equal(vfs_remove_tree(dir, &err), FB_OK);
        assert_int_equal(compact_log_open(&log, dir, 2, 1, -1, &err), FB_OK);
        add(&log, "a", NULL);
        add(&log, "b", NULL);
        add(&log, "c", NULL);
        vfs_fault_set(n + 1, EIO);
        fb_status st = compact_log_add(&log, 3, &line, 1, &err);
        const char *what = vfs_fault_what();
        bool synced = strncmp(what, "sync the folder", 15) != 0;
        vfs_set(NULL);
        assert_int_equal(compact_log_has(&log, 3, &has, &(fb_error){0}), FB_OK);
        assert_int_equal(compact_log_has(&log, 4, &later, &(fb_error){0}), FB_OK);
        assert_true(has == (st == FB_OK || !synced));
        assert_false(later);
        hit = *what != '\0';
        warned += st == FB_OK && hit;
        err_clear(&err);
        assert_int_equal(compact_log_open(&log, dir, 2, 1, -1, &err), FB_OK);
        assert_int_equal(log.newest, has ? 3 : 2);
    }
    assert_in_range(warned, 3, n - 5); /* list, stat and remove of the clean-up */
    fb_error err = {0};
    bool has;
    CompactLog log;
    assert_int_equal(compact_log_open(&log, dir, 2, 1, -1, &err), FB_OK);
    vfs_fault_set(1, EACCES);
    assert_int_equal(compact_log_has(&log, 3, &has, &err), FB_ERR);
    vfs_set(NULL);
    err_clear(&err);
}

/* Opening a log removes the temp files of killed runs, and nothing that only looks like one. */
static void test_temps(void **state)
{
    CompactLog log;
    fb_error err = {0};
    (void)state;
    put(".3.0b5f3e0a-55a5-4d05-9c5e-3f4a4b1f7e60.tmp", "half");
    put(".3.compact.0b5f3e0a-55a5-4d05-9c5e-3f4a4b1f7e61.tmp", "half");
    put(".3.not-a-uuid.tmp", "kept");
    put("3.0b5f3e0a-55a5-4d05-9c5e-3f4a4b1f7e60.tmp", "kept");
    put(".0b5f3e0a-55a5-4d05-9c5e-3f4a4b1f7e60.tmp", "kept");
    assert_int_equal(compact_log_find(&log, dir, 2, &err),
                     FB_OK); /* a reader leaves a writer's be */
    assert_true(exists(".3.0b5f3e0a-55a5-4d05-9c5e-3f4a4b1f7e60.tmp"));
    assert_int_equal(compact_log_open(&log, dir, 2, 1, -1, &err), FB_OK);
    assert_false(exists(".3.0b5f3e0a-55a5-4d05-9c5e-3f4a4b1f7e60.tmp"));
    assert_false(exists(".3.compact.0b5f3e0a-55a5-4d05-9c5e-3f4a4b1f7e61.tmp"));
    assert_true(exists(".3.not-a-uuid.tmp"));
    assert_true(exists("3.0b5f3e0a-55a5-4d05-9c5e-3f4a4b1f7e60.tmp"));
    assert_true(exists(".0b5f3e0a-55a5-4d05-9c5e-3f4a4b1f7e60.tmp"));
}

int main(void)
{
    (void)unsetenv("FOREBAY_CLOCK_SHIFT_S"); /* ages of files are told by the kernel's clock */
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_entries),  T(test_second_writer),      T(test_damage), T(test_purge),
        T(test_compact),  T(test_interval),           T(test_gaps),   T(test_damaged_entry),
        T(test_clean_up), T(test_point_of_no_return), T(test_temps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
