/* The C API: rows out and in by the Arrow stream interface, files, queries, errors, lifetimes. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/vfs.h"
#include "forebay.h"

#include <stdio.h>

typedef struct Test {
    fb_session *session;
    fb_error *err;
    char dir[128], path[4][160];
} Test;

static int setup(void **state)
{
    static const char *const settings[] = {"spark.master",
                                           "local[2]",
                                           "spark.sql.session.timeZone",
                                           "UTC",
                                           "spark.sql.shuffle.partitions",
                                           "2",
                                           NULL};
    char id[37];
    Test *t = mem_zalloc(sizeof(*t));
    t->err = fb_error_new();
    assert_int_equal(fb_session_open(settings, &t->session, t->err), FB_OK);
    uuid_new(id);
    (void)snprintf(t->dir, sizeof(t->dir), "/tmp/forebay-unit-%s", id);
    for (int i = 0; i < 4; i++) {
        static const char *const names[] = {"in", "out", "ck", "in/1.json"};
        (void)snprintf(t->path[i], sizeof(t->path[i]), "%s/%s", t->dir, names[i]);
    }
    assert_int_equal(vfs()->mkdirs(t->path[0], t->err), FB_OK);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    Test *t = *state;
    fb_session_close(t->session);
    assert_int_equal(vfs_remove_tree(t->dir, t->err), FB_OK);
    fb_error_free(t->err);
    mem_free(t);
    return 0;
}

#define OK(expr)                                                                                   \
    do {                                                                                           \
        if ((expr) != FB_OK) {                                                                     \
            fail_msg("%s", fb_error_message(t->err));                                              \
        }                                                                                          \
    } while (0)

static void expect_show(Test *t, const char *sql, const char *table)
{
    fb_frame *f;
    char *text;
    OK(fb_sql(t->session, sql, &f, t->err));
    OK(fb_frame_show(f, 20, 0, &text, t->err));
    assert_string_equal(text, table);
    fb_free(text);
    fb_frame_free(f);
}

static void test_rows(void **state)
{
    Test *t = *state;
    fb_frame *f, *back;
    struct ArrowSchema schema;
    struct ArrowArray batch;
    struct ArrowArrayStream rows;
    OK(fb_sql(t->session, "SELECT id, CAST(id AS STRING) AS s FROM range(10000)", &f, t->err));
    assert_false(fb_frame_is_streaming(f));
    OK(fb_frame_schema(f, &schema, t->err));
    assert_string_equal(schema.format, "+s");
    assert_int_equal(schema.n_children, 2);
    assert_string_equal(schema.children[0]->format, "l");
    assert_string_equal(schema.children[1]->name, "s");
    schema.release(&schema);
    int64_t next = 0;
    OK(fb_frame_stream(f, &rows, t->err));
    assert_int_equal(rows.get_schema(&rows, &schema), 0);
    schema.release(&schema);
    while (rows.get_next(&rows, &batch) == 0 && batch.release) {
        const int64_t *ids = batch.children[0]->buffers[1];
        for (int64_t i = 0; i < batch.length; i++) {
            assert_int_equal(ids[batch.children[0]->offset + i], next++);
        }
        batch.release(&batch);
    }
    assert_int_equal(next, 10000);
    assert_int_equal(rows.get_next(&rows, &batch), 0); /* the end stays the end */
    assert_null(batch.release);
    rows.release(&rows);
    assert_null(rows.release);
    /* Out and in again. */
    OK(fb_frame_stream(f, &rows, t->err));
    OK(fb_frame_from_stream(t->session, &rows, &back, t->err));
    assert_null(rows.release);
    OK(fb_frame_create_view(back, "back", t->err));
    expect_show(t, "SELECT count(*) AS n, sum(id) AS s, max(length(s)) AS l FROM back",
                "+-----+--------+---+\n|n    |s       |l  |\n+-----+--------+---+\n"
                "|10000|49995000|4  |\n+-----+--------+---+\n");
    fb_frame_free(back);
    fb_frame_free(f);
}

static int fails_schema(struct ArrowArrayStream *s, struct ArrowSchema *out)
{
    (void)s;
    (void)out;
    return 5;
}

static const char *says_why(struct ArrowArrayStream *s)
{
    (void)s;
    return "the disk is gone";
}

static void is_released(struct ArrowArrayStream *s)
{
    *(bool *)s->private_data = true;
    s->release = NULL;
}

static void test_errors(void **state)
{
    Test *t = *state;
    fb_frame *f = NULL;
    struct ArrowArrayStream rows = {0};
    const char *key, *value;
    bool released = false;
    assert_string_equal(fb_error_condition(t->err), "");
    assert_int_equal(fb_sql(t->session, "SELECT * FROM nope", &f, t->err), FB_ERR);
    assert_null(f);
    assert_string_equal(fb_error_condition(t->err), "TABLE_OR_VIEW_NOT_FOUND");
    assert_string_equal(fb_error_sqlstate(t->err), "42P01");
    assert_true(fb_error_parameter(t->err, 0, &key, &value));
    assert_string_equal(key, "relationName");
    assert_string_equal(value, "`nope`");
    assert_false(fb_error_parameter(t->err, 99, &key, &value));
    assert_int_equal(fb_sql(t->session, "SELECT nope", &f, NULL), FB_ERR); /* none wanted */
    OK(fb_sql(t->session, "SELECT 1 / id FROM range(1)", &f, t->err));
    assert_string_equal(fb_error_message(t->err), "");
    assert_int_equal(fb_frame_stream(f, &rows, t->err), FB_ERR);
    assert_string_equal(fb_error_condition(t->err), "DIVIDE_BY_ZERO");
    fb_frame_free(f);
    rows = (struct ArrowArrayStream){fails_schema, NULL, says_why, is_released, &released};
    assert_int_equal(fb_frame_from_stream(t->session, &rows, &f, t->err), FB_ERR);
    assert_non_null(strstr(fb_error_message(t->err), "the disk is gone"));
    assert_true(released);
    assert_int_equal(fb_conf_set(t->session, "spark.sql.warehouse.dir", "/x", t->err), FB_ERR);
    assert_string_equal(fb_error_condition(t->err), "CANNOT_MODIFY_STATIC_CONFIG");
    OK(fb_conf_set(t->session, "my.key", "v", t->err));
    char *set = fb_conf_get(t->session, "my.key");
    assert_string_equal(set, "v");
    fb_free(set);
    assert_null(fb_conf_get(t->session, "other.key"));
    static const char *const bad[] = {"spark.forebay.memory.limit", "much", NULL};
    fb_session *none = NULL;
    assert_int_equal(fb_session_open(bad, &none, t->err), FB_ERR);
    assert_string_equal(fb_error_condition(t->err), "INVALID_CONF_VALUE.TYPE_MISMATCH");
    assert_null(none);
}

static void test_files(void **state)
{
    Test *t = *state;
    fb_frame *f;
    static const char *const by[] = {"k", NULL};
    OK(fb_sql(t->session, "SELECT id, id % 2 AS k FROM range(4)", &f, t->err));
    assert_int_equal(fb_write(f, "json", t->path[1], "sometimes", NULL, NULL, t->err), FB_ERR);
    assert_string_equal(fb_error_condition(t->err), "INVALID_SAVE_MODE");
    OK(fb_write(f, "json", t->path[1], NULL, by, NULL, t->err));
    assert_int_equal(fb_write(f, "json", t->path[1], NULL, by, NULL, t->err), FB_ERR);
    assert_string_equal(fb_error_condition(t->err), "PATH_ALREADY_EXISTS");
    fb_frame_free(f);
    OK(fb_read(t->session, "json", "id BIGINT", t->path[1], NULL, &f, t->err));
    OK(fb_frame_create_view(f, "files", t->err));
    fb_frame_free(f);
    expect_show(t, "SELECT id, k FROM files ORDER BY id",
                "+---+---+\n|id |k  |\n+---+---+\n|0  |0  |\n|1  |1  |\n|2  |0  |\n|3  |1  |\n"
                "+---+---+\n");
    assert_int_equal(fb_read(t->session, "json", NULL, "/no/such/folder", NULL, &f, t->err),
                     FB_ERR);
    assert_string_equal(fb_error_condition(t->err), "PATH_NOT_FOUND");
}

static void test_stream(void **state)
{
    Test *t = *state;
    fb_frame *words, *counts;
    fb_query *q;
    static const char text[] = "{\"w\":\"a\"}\n{\"w\":\"b\"}\n{\"w\":\"a\"}\n";
    const char *const options[] = {"checkpointLocation", t->path[2], NULL};
    fb_stream_spec spec = FB_STREAM_SPEC_INIT;
    OK(vfs_write_file(t->path[3], text, sizeof(text) - 1, true, NULL, t->err));
    OK(fb_read_stream(t->session, "json", "w STRING", t->path[0], NULL, &words, t->err));
    assert_true(fb_frame_is_streaming(words));
    OK(fb_frame_create_view(words, "words", t->err));
    OK(fb_sql(t->session, "SELECT w, count(*) AS n FROM words GROUP BY w", &counts, t->err));
    spec.format = "memory";
    spec.name = "counts";
    spec.output_mode = "complete";
    spec.options = options;
    OK(fb_write_stream(counts, &spec, &q, t->err));
    OK(fb_query_process_all_available(q, t->err));
    expect_show(t, "SELECT * FROM counts ORDER BY w",
                "+---+---+\n|w  |n  |\n+---+---+\n|a  |2  |\n|b  |1  |\n+---+---+\n");
    char *progress = fb_query_progress(q), *status = fb_query_status(q);
    assert_non_null(strstr(progress, "\"numInputRows\":3"));
    assert_non_null(strstr(status, "\"isTriggerActive\":"));
    fb_free(progress);
    fb_free(status);
    int ended = 1;
    OK(fb_query_await(q, 0, &ended, t->err));
    assert_false(ended);
    assert_true(fb_query_is_active(q));
    OK(fb_query_stop(q, t->err));
    assert_false(fb_query_is_active(q));
    assert_int_equal(strlen(fb_query_id(q)), 36);
    assert_string_not_equal(fb_query_id(q), fb_query_run_id(q));
    fb_query_free(q);
    spec.size = 3;
    assert_int_equal(fb_write_stream(counts, &spec, &q, t->err), FB_ERR);
    fb_frame_free(words);
    fb_frame_free(counts);
}

/* Frames and queries outlive their session; the query's failure is its own. */
static void test_lifetimes(void **state)
{
    Test *t = *state;
    fb_session *s;
    fb_frame *f, *stream;
    fb_query *q;
    struct ArrowArrayStream rows;
    fb_stream_spec spec = FB_STREAM_SPEC_INIT;
    static const char text[] = "{\"n\":1}\n";
    OK(vfs_write_file(t->path[3], text, sizeof(text) - 1, true, NULL, t->err));
    OK(fb_session_open(NULL, &s, t->err));
    OK(fb_read_stream(s, "json", "n INT", t->path[0], NULL, &stream, t->err));
    OK(fb_frame_create_view(stream, "s", t->err));
    fb_frame_free(stream);
    OK(fb_sql(s, "SELECT 1 / (n - 1) AS x FROM s", &stream, t->err));
    const char *const options[] = {"checkpointLocation", t->path[2], NULL};
    spec.format = "noop";
    spec.options = options;
    OK(fb_write_stream(stream, &spec, &q, t->err));
    assert_int_equal(fb_query_await(q, -1, NULL, t->err), FB_ERR);
    assert_string_equal(fb_error_condition(t->err), "STREAM_FAILED");
    OK(fb_sql(s, "SELECT 7 AS x", &f, t->err));
    fb_session_close(s);
    OK(fb_frame_stream(f, &rows, t->err));
    fb_frame_free(f);
    fb_frame_free(stream);
    assert_int_equal(fb_query_await(q, -1, NULL, t->err), FB_ERR);
    fb_query_free(q);
    struct ArrowArray batch;
    assert_int_equal(rows.get_next(&rows, &batch), 0);
    assert_int_equal(batch.length, 1);
    batch.release(&batch);
    rows.release(&rows);
    fb_session_close(NULL);
    fb_frame_free(NULL);
    fb_query_free(NULL);
    fb_error_free(NULL);
}

int main(void)
{
    (void)setlocale(LC_ALL, ""); /* as an embedding program may: no answer follows it */
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_rows), T(test_errors), T(test_files), T(test_stream),
                                       T(test_lifetimes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
