/*
 * stream_checkpoint.c - the root of a checkpoint: what Spark wrote is read, what is written is what
 * Spark reads, and what a restart refuses.
 */
#include "stream/checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "temp_dir.h"

#include <stdio.h>
#include <unistd.h>

/* An entry of Spark 4.3 after a watermark had moved. */
static const char spark_offsets[] =
    "v1\n{\"batchWatermarkMs\":1704067202000,\"batchTimestampMs\":1795504526100,\"conf\":{"
    "\"spark.sql.streaming.stateStore.providerClass\":\"org.apache.spark.sql.execution.streaming."
    "state.HDFSBackedStateStoreProvider\",\"spark.sql.shuffle.partitions\":\"3\","
    "\"spark.sql.streaming.aggregation.stateFormatVersion\":\"2\"}}\n{\"logOffset\":7}";

#define ID "88d8b2bb-c765-4e28-8cf3-5d521916b994"

static void put(const char *name, const char *text)
{
    fb_error err = {0};
    assert_int_equal(vfs_write_file(at(name), text, strlen(text), true, NULL, &err), FB_OK);
}

static void take_away(const char *name)
{
    fb_error err = {0};
    assert_int_equal(vfs()->remove(at(name), &err), FB_OK);
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

static void expect_refused(uint32_t n_sources, const char *condition, const char *named)
{
    Checkpoint c;
    fb_error err = {0};
    assert_int_equal(checkpoint_open(&c, dir, n_sources, &err), FB_ERR);
    checkpoint_close(&c);
    if (strcmp(err_condition(err.id), condition) != 0 ||
        !strstr(err.message, *named ? at(named) : dir)) {
        fail_msg("%s", err.message);
    }
    err_clear(&err);
}

static void open_ok(Checkpoint *c, uint32_t n_sources)
{
    fb_error err = {0};
    if (checkpoint_open(c, dir, n_sources, &err) != FB_OK) {
        fail_msg("%s", err.message);
    }
}

/* Batches 0 to 2 are in the offset log, 0 and 1 are committed. */
static void put_query(void)
{
    put("metadata", "{\"id\":\"" ID "\"}");
    put("offsets/0", "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1,\"conf\":{}}\n5");
    put("offsets/1", "v1\n{\"batchWatermarkMs\":3,\"batchTimestampMs\":2,\"conf\":{}}\n-");
    put("offsets/2", spark_offsets);
    put("commits/0", "v1\n{\"nextBatchWatermarkMs\":0}");
    put("commits/1", "v1\n{\"nextBatchWatermarkMs\":1704067202000}");
}

static void test_new(void **state)
{
    Checkpoint c;
    fb_error err = {0};
    char id[37], again[37];
    (void)state;
    assert_int_equal(checkpoint_identify(at("deep/new"), id, &err), FB_OK);
    assert_int_equal(strlen(id), 36);
    assert_int_equal(checkpoint_identify(at("deep/new"), again, &err), FB_OK);
    assert_string_equal(id, again);
    assert_int_equal(checkpoint_open(&c, at("deep/new"), 2, &err), FB_OK);
    assert_string_equal(c.id, id);
    assert_int_equal(c.last_offset, -1);
    assert_int_equal(c.last_commit, -1);
    assert_int_equal(c.next_watermark_ms, 0);
    checkpoint_close(&c);
}

static void test_reads_spark(void **state)
{
    Checkpoint c;
    (void)state;
    put_query();
    open_ok(&c, 1);
    assert_string_equal(c.id, ID);
    assert_int_equal(c.last_offset, 2);
    assert_int_equal(c.last_commit, 1);
    assert_int_equal(c.next_watermark_ms, 1704067202000);
    assert_int_equal(c.last.watermark_ms, 1704067202000);
    assert_int_equal(c.last.timestamp_ms, 1795504526100);
    assert_string_equal(options_get(&c.last.conf, "spark.sql.shuffle.partitions"), "3");
    assert_int_equal(c.last.n, 1);
    assert_string_equal(c.last.offsets[0], "{\"logOffset\":7}");
    assert_int_equal(c.before.n, 1);
    assert_null(c.before.offsets[0]); /* "-" */
    assert_int_equal(c.before.watermark_ms, 3);
    /* The entry decides what it names; what it does not name has the value of before there was the
     * setting. */
    Conf *conf = conf_new();
    Arena a = {0};
    fb_error err = {0};
    assert_int_equal(checkpoint_restore_conf(&c.last, conf, &err), FB_OK);
    assert_string_equal(conf_get(conf, "spark.sql.shuffle.partitions", &a), "3");
    assert_string_equal(conf_get(conf, "spark.sql.streaming.aggregation.stateFormatVersion", &a),
                        "2");
    assert_string_equal(conf_get(conf, "spark.sql.streaming.join.stateFormatVersion", &a), "1");
    conf_free(conf);
    arena_free(&a);
    checkpoint_close(&c);
}

static void test_writes(void **state)
{
    static const char *const offsets[] = {"{\"logOffset\":8}", NULL};
    Checkpoint c;
    Arena a = {0};
    fb_error err = {0};
    OffsetEntry e = {.watermark_ms = 5, .timestamp_ms = 6, .offsets = (const char **)offsets};
    (void)state;
    put_query();
    open_ok(&c, 1);
    e.n = 2;
    options_set(&e.conf, &a, "spark.sql.shuffle.partitions", "3");
    assert_int_equal(checkpoint_write_offsets(&c, 3, &e, &err), FB_OK);
    expect_file("offsets/3", "v1\n{\"batchWatermarkMs\":5,\"batchTimestampMs\":6,\"conf\":{"
                             "\"spark.sql.shuffle.partitions\":\"3\"}}\n{\"logOffset\":8}\n-");
    assert_int_equal(checkpoint_write_offsets(&c, 3, &e, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), "CONCURRENT_STREAM_LOG_UPDATE");
    err_clear(&err);
    assert_int_equal(checkpoint_write_commit(&c, 2, 1704067203000, &err), FB_OK);
    expect_file("commits/2", "v1\n{\"nextBatchWatermarkMs\":1704067203000}");
    checkpoint_close(&c);
    put("offsets/2", "v1\n{}\n{\"logOffset\":7}\n-");
    open_ok(&c, 2);
    assert_int_equal(c.last_offset, 3);
    assert_int_equal(c.last_commit, 2);
    assert_int_equal(c.next_watermark_ms, 1704067203000);
    assert_int_equal(c.last.n, 2);
    assert_null(c.last.offsets[1]);
    /* The 17 settings. */
    Conf *conf = conf_new();
    Options all = {0};
    checkpoint_conf(conf, &all, &a);
    assert_int_equal(all.n, 17);
    conf_free(conf);
    checkpoint_close(&c);
    arena_free(&a);
}

static void test_purge(void **state)
{
    Checkpoint c;
    fb_error err = {0};
    (void)state;
    put_query();
    open_ok(&c, 1);
    assert_int_equal(checkpoint_purge(&c, 2, 2, &err), FB_OK);
    assert_int_equal(access(at("offsets/0"), F_OK), 0);
    assert_int_equal(checkpoint_purge(&c, 3, 2, &err), FB_OK);
    assert_int_not_equal(access(at("offsets/0"), F_OK), 0);
    assert_int_not_equal(access(at("commits/0"), F_OK), 0);
    assert_int_equal(access(at("offsets/1"), F_OK), 0);
    assert_int_equal(access(at("commits/1"), F_OK), 0);
    checkpoint_close(&c);
    open_ok(&c, 1);
    checkpoint_close(&c);
}

static void test_not_whole(void **state)
{
    (void)state;
    put_query();
    take_away("metadata");
    expect_refused(1, "STREAMING_CHECKPOINT_MISSING_METADATA_FILE", "");
    put("metadata", "{\"id\":\"" ID "\"}");
    take_away("offsets/1");
    expect_refused(1, "", "offsets");
    put_query();
    put("commits/3", "v1\n{}");
    expect_refused(1, "CONCURRENT_STREAM_LOG_UPDATE", "");
    take_away("commits/3");
    expect_refused(2, "", "offsets/2");
    put("offsets/1", "v1\n{}\n4\n4"); /* the entry before counts too */
    expect_refused(1, "", "offsets/1");
    put("offsets/1", "v1\n{}\n4");
    put("offsets/2", "v1\n{}\n5\n\n");
    expect_refused(1, "", "offsets/2");
    take_away("offsets/0");
    take_away("offsets/1");
    take_away("offsets/2");
    expect_refused(1, "", "");
    take_away("commits/0");
    take_away("commits/1");
    put("state/0/0/1.delta", "x");
    expect_refused(1, "STATE_STORE_CHECKPOINT_LOCATION_NOT_EMPTY", "state");
}

static void test_damage(void **state)
{
    static const struct {
        const char *file, *text, *condition;
    } cases[] = {
        {"metadata", "", "MALFORMED_LOG_FILE"},
        {"metadata", "{\"id\":", "MALFORMED_LOG_FILE"},
        {"metadata", "{\"id\":5}", "MALFORMED_LOG_FILE"},
        {"metadata", "{\"id\":\"hello\"}", ""},
        {"metadata", "{\"id\":\"\"}", ""},
        {"offsets/2", "", "MALFORMED_LOG_FILE"},
        {"offsets/2", "v1\n{\"batchWatermarkMs\":\"7\"}\n5", "MALFORMED_LOG_FILE"},
        {"commits/1", "v1\n{\"nextBatchWatermarkMs\":\"7\"}", "MALFORMED_LOG_FILE"},
        {"offsets/2", "v1\n{\"batchWater", "MALFORMED_LOG_FILE"},
        {"offsets/2", "v1\n[]\n5", "MALFORMED_LOG_FILE"},
        {"offsets/2", "v9\n{}\n5", "INVALID_LOG_VERSION.MAX_SUPPORTED_VERSION"},
        {"offsets/2", "v2\n{}\n{}", "UNSUPPORTED_FEATURE"},
        {"offsets/1", "x", "MALFORMED_LOG_FILE"},
        {"commits/1", "", "MALFORMED_LOG_FILE"},
        /* Taken for a commit without a watermark, late rows would come back. */
        {"commits/1", "v1\n{\"nextBatchWaterm", "MALFORMED_LOG_FILE"},
        {"commits/1", "v1\nnull", "MALFORMED_LOG_FILE"},
        {"commits/1", "v9\n{}", "INVALID_LOG_VERSION.MAX_SUPPORTED_VERSION"},
        {"commits/1", "v2\n{}", "UNSUPPORTED_FEATURE"},
    };
    Checkpoint c;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put_query();
        put(cases[i].file, cases[i].text);
        expect_refused(1, cases[i].condition, cases[i].file);
    }
    put_query();
    put("commits/1", "v1"); /* an empty commit is one */
    put("metadata", "{\"id\":\"1-A-1-1-1\"}");
    put("offsets/2", "v1\n{\"batchWatermarkMs\":7.9}\n5\n");
    open_ok(&c, 1);
    assert_int_equal(c.next_watermark_ms, 0);
    assert_int_equal(c.last.watermark_ms, 7);
    assert_string_equal(c.id, "00000001-000a-0001-0001-000000000001");
    checkpoint_close(&c);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_new),   T(test_reads_spark), T(test_writes),
        T(test_purge), T(test_not_whole),   T(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
