/*
 * Streaming queries through the session: sinks, restarts, names, listeners, and what is refused
 * before anything runs.
 */
#include "session_test.h"

#include <pthread.h>

static PlanTree *stream_of(Test *t, const char *folder, const char *schema, Arena *a)
{
    const char *path = path_in(t, folder, a);
    ReadSpec *read = ARENA_NEW(a, ReadSpec);
    const char **paths = ARENA_ARRAY(a, const char *, 1);
    Plan *p = plan_new(a, P_READ, 0);
    PlanTree *tree = NULL;
    paths[0] = path;
    *read = (ReadSpec){
        .format = "json", .schema = schema, .paths = paths, .n_paths = 1, .streaming = true};
    options_set(&read->options, a, "maxFilesPerTrigger", "1");
    p->read = read;
    p->streaming = true;
    OK(t, vfs()->mkdirs(path, &t->err));
    OK(t, session_analyze(t->session, p, (Str){"", 0}, &tree, &t->err));
    return tree;
}

static void drop_file(Test *t, const char *folder, const char *name, const char *text)
{
    Arena a = {0};
    put_file(t, arena_printf(&a, "%s/%s/%s", t->dir, folder, name), text);
    arena_free(&a);
}

/* Runs to the end of what is there. */
static void run_query(Test *t, PlanTree *p, const StreamWriteSpec *w)
{
    Query *q;
    bool done;
    OK(t, session_start_query(t->session, p, w, &q, &t->err));
    OK(t, query_await(q, 30000, &done, &t->err));
    assert_true(done);
    query_release(q);
}

static void expect_refused(Test *t, PlanTree *p, const StreamWriteSpec *w, const char *condition)
{
    Query *q;
    assert_int_equal(session_start_query(t->session, p, w, &q, &t->err), FB_ERR);
    if (strcmp(err_condition(t->err.id), condition) != 0) {
        fail_msg("%s: %s, expected %s", err_condition(t->err.id), t->err.message, condition);
    }
    err_clear(&t->err);
}

#define NOW(fmt, ...)                                                                              \
    {                                                                                              \
        .format = fmt, .trigger = TRIGGER_AVAILABLE_NOW, __VA_ARGS__                               \
    }

static void test_memory(void **state)
{
    Test *t = *state;
    Arena a = {0};
    PlanTree *p = stream_of(t, "in", "k STRING, v BIGINT", &a);
    StreamWriteSpec w = NOW("memory", .query_name = "m");
    options_set(&w.options, &a, "checkpointLocation", path_in(t, "ck", &a));
    drop_file(t, "in", "1.json", "{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":2}\n");
    drop_file(t, "in", "2.json", "{\"k\":\"a\",\"v\":3}\n");
    run_query(t, p, &w);
    expect(t, "SELECT k, v FROM m ORDER BY v", "a|1\nb|2\na|3\n");
    expect(t, "SHOW TABLES", "|m|true\n");
    expect_refused(t, p, &w, "_LEGACY_ERROR_TEMP_1299");
    plantree_release(p);
    arena_free(&a);
}

static void test_aggregate_restart(void **state)
{
    Test *t = *state;
    Arena a = {0};
    PlanTree *p = stream_of(t, "in", "k STRING, v BIGINT", &a);
    OK(t, session_create_view(t->session, "src", p, false, true, &t->err));
    plantree_release(p);
    p = plan_of(t, "SELECT k, count(*) AS n, sum(v) AS s FROM src GROUP BY k");
    StreamWriteSpec w = NOW("memory", .query_name = "agg", .output_mode = "complete");
    options_set(&w.options, &a, "checkpointLocation", path_in(t, "ck", &a));
    drop_file(t, "in", "1.json", "{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":2}\n");
    run_query(t, p, &w);
    expect(t, "SELECT * FROM agg ORDER BY k", "a|1|1\nb|1|2\n");
    drop_file(t, "in", "2.json", "{\"k\":\"a\",\"v\":3}\n{\"k\":\"c\",\"v\":4}\n");
    run_query(t, p, &w);
    expect(t, "SELECT * FROM agg ORDER BY k", "a|2|4\nb|1|2\nc|1|4\n");
    plantree_release(p);
    arena_free(&a);
}

static fb_status count_one(void *arg, const char *name, fb_error *err)
{
    (void)name;
    (void)err;
    ++*(uint32_t *)arg;
    return FB_OK;
}

/* A query that has ended is remembered, and takes no descriptor. */
static void test_descriptors(void **state)
{
    Test *t = *state;
    Arena a = {0};
    uint32_t first = 0, last = 0;
    PlanTree *p = stream_of(t, "in", "k STRING, v BIGINT", &a);
    StreamWriteSpec w = NOW("noop");
    options_set(&w.options, &a, "checkpointLocation", path_in(t, "ck", &a));
    drop_file(t, "in", "1.json", "{\"k\":\"a\",\"v\":1}\n");
    run_query(t, p, &w);
    OK(t, vfs()->list("/proc/self/fd", count_one, &first, &t->err));
    for (int i = 0; i < 5; i++) {
        run_query(t, p, &w);
    }
    OK(t, vfs()->list("/proc/self/fd", count_one, &last, &t->err));
    assert_int_equal(first, last);
    plantree_release(p);
    arena_free(&a);
}

static void test_files(void **state)
{
    Test *t = *state;
    Arena a = {0};
    PlanTree *p = stream_of(t, "in", "k STRING, v BIGINT", &a);
    OK(t, session_create_view(t->session, "src", p, false, true, &t->err));
    plantree_release(p);
    p = plan_of(t, "SELECT upper(k) AS k, v FROM src WHERE v > 1");
    StreamWriteSpec w = NOW("json", .path = path_in(t, "out", &a));
    options_set(&w.options, &a, "checkpointLocation",
                arena_printf(&a, "file:%s", path_in(t, "ck", &a)));
    drop_file(t, "in", "1.json", "{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":2}\n");
    run_query(t, p, &w);
    drop_file(t, "in", "2.json", "{\"k\":\"c\",\"v\":3}\n");
    run_query(t, p, &w);
    run_query(t, p, &w); /* nothing new */
    expect(t, arena_printf(&a, "SELECT k, v FROM json.`%s` ORDER BY v", path_in(t, "out", &a)),
           "B|2\nC|3\n");
    plantree_release(p);
    arena_free(&a);
}

static void test_refused(void **state)
{
    Test *t = *state;
    Arena a = {0};
    PlanTree *p = stream_of(t, "in", "k STRING, v BIGINT", &a);
    PlanTree *batch = plan_of(t, "SELECT 1 AS a");
    const char *out = path_in(t, "out", &a);
    const char *const by[] = {"k"};
    expect_refused(t, batch, &(StreamWriteSpec)NOW("noop"), "WRITE_STREAM_NOT_ALLOWED");
    expect_refused(t, p, &(StreamWriteSpec)NOW("noop", .output_mode = "foo"),
                   "STREAMING_OUTPUT_MODE.INVALID");
    expect_refused(t, p, &(StreamWriteSpec)NOW("noop", .output_mode = "complete"),
                   "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION");
    expect_refused(t, p, &(StreamWriteSpec)NOW("json", .path = out), "_LEGACY_ERROR_TEMP_1298");
    expect_refused(t, p, &(StreamWriteSpec)NOW("memory"), "_LEGACY_ERROR_TEMP_1194");
    expect_refused(t, p, &(StreamWriteSpec)NOW("memory", .query_name = "a.b"),
                   "TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS");
    expect_refused(
        t, p,
        &(StreamWriteSpec)NOW("memory", .query_name = "m", .partition_by = by, .n_partition_by = 1),
        "_LEGACY_ERROR_TEMP_1197");
    expect_refused(t, p, &(StreamWriteSpec)NOW("nofmt"), "DATA_SOURCE_NOT_FOUND");
    expect_refused(t, batch, &(StreamWriteSpec)NOW("nofmt"), "WRITE_STREAM_NOT_ALLOWED");
    expect_refused(t, p, &(StreamWriteSpec)NOW("json", .table = "t"), "UNSUPPORTED_FEATURE");
    StreamWriteSpec w = NOW("json", .path = out);
    options_set(&w.options, &a, "path", out);
    options_set(&w.options, &a, "checkpointLocation", path_in(t, "ck", &a));
    expect_refused(t, p, &w, "_LEGACY_ERROR_TEMP_1188");
    w = (StreamWriteSpec)NOW("json");
    options_set(&w.options, &a, "checkpointLocation", path_in(t, "ck", &a));
    expect_refused(t, p, &w, "_LEGACY_ERROR_TEMP_2047");
    w.path = out;
    w.output_mode = "update";
    expect_refused(t, p, &w, "STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE");
    w.format = "nofmt";
    w.output_mode = NULL;
    expect_refused(t, p, &w, "DATA_SOURCE_NOT_FOUND");
    RowSet *rows;
    assert_int_equal(session_collect(t->session, p, NULL, &rows, &t->err), FB_ERR);
    assert_string_equal(err_condition(t->err.id), "_LEGACY_ERROR_TEMP_3102");
    err_clear(&t->err);
    Query *none;
    assert_int_equal(session_active_queries(t->session, &none, 1), 0);
    plantree_release(batch);
    plantree_release(p);
    arena_free(&a);
}

static void test_names_and_checkpoints(void **state)
{
    Test *t = *state;
    Arena a = {0};
    Query *q1, *q2, *found;
    PlanTree *p = stream_of(t, "in", "k STRING", &a);
    StreamWriteSpec w = {.format = "noop", .query_name = "dup"};
    OK(t, session_start_query(t->session, p, &w, &q1, &t->err));
    expect_refused(t, p, &w, "");
    assert_int_equal(session_active_queries(t->session, &found, 1), 1);
    query_release(found);
    OK(t, query_stop(q1, &t->err));
    found = session_query(t->session, query_id(q1), query_run_id(q1));
    assert_ptr_equal(found, q1); /* remembered */
    query_release(found);
    query_release(q1);
    /* The name is free again. */
    OK(t, session_start_query(t->session, p, &w, &q1, &t->err));
    OK(t, query_stop(q1, &t->err));
    query_release(q1);

    w = (StreamWriteSpec){.format = "noop"};
    options_set(&w.options, &a, "checkpointLocation", path_in(t, "ck", &a));
    OK(t, session_start_query(t->session, p, &w, &q1, &t->err));
    OK(t, session_start_query(t->session, p, &w, &q2, &t->err)); /* stops the first */
    assert_string_equal(query_id(q1), query_id(q2));
    assert_string_not_equal(query_run_id(q1), query_run_id(q2));
    assert_false(query_is_active(q1));
    assert_false(query_exception(q1, &t->err));
    assert_true(query_is_active(q2));
    found = session_query(t->session, query_id(q1), NULL);
    assert_ptr_equal(found, q2);
    query_release(found);
    OK(t, conf_set(session_conf(t->session), "spark.sql.streaming.stopActiveRunOnRestart", "false",
                   false, &t->err));
    expect_refused(t, p, &w, "");
    OK(t, query_stop(q2, &t->err));
    query_release(q1);
    query_release(q2);
    plantree_release(p);
    arena_free(&a);
}

typedef struct Seen {
    pthread_mutex_t lock;
    StrBuf types;
    Session *session;
    uint64_t handle;
} Seen;

static void see(void *arg, const char *type, const char *json)
{
    Seen *s = arg;
    pthread_mutex_lock(&s->lock);
    assert_non_null(strstr(json, "\"runId\":"));
    strbuf_printf(&s->types, "%s ", type);
    pthread_mutex_unlock(&s->lock);
}

static void see_once(void *arg, const char *type, const char *json)
{
    Seen *s = arg;
    see(arg, type, json);
    session_remove_listener(s->session, s->handle);
}

static void test_events(void **state)
{
    Test *t = *state;
    Arena a = {0};
    Seen all = {.lock = PTHREAD_MUTEX_INITIALIZER};
    Seen one = {.lock = PTHREAD_MUTEX_INITIALIZER, .session = t->session};
    PlanTree *p = stream_of(t, "in", "k STRING", &a);
    drop_file(t, "in", "1.json", "{\"k\":\"a\"}\n");
    drop_file(t, "in", "2.json", "{\"k\":\"b\"}\n");
    uint64_t handle = session_add_listener(t->session, see, &all);
    one.handle = session_add_listener(t->session, see_once, &one);
    run_query(t, p, &(StreamWriteSpec)NOW("noop"));
    session_remove_listener(t->session, handle);
    assert_string_equal(all.types.p, "started progress progress terminated ");
    assert_string_equal(one.types.p, "started ");
    run_query(t, p, &(StreamWriteSpec)NOW("noop"));
    assert_string_equal(all.types.p, "started progress progress terminated ");
    strbuf_free(&all.types);
    strbuf_free(&one.types);
    plantree_release(p);
    arena_free(&a);
}

static void test_await_any(void **state)
{
    Test *t = *state;
    Arena a = {0};
    bool done = true;
    PlanTree *p = stream_of(t, "in", "k STRING, v INT", &a);
    OK(t, session_await_any(t->session, 0, &done, &t->err));
    assert_false(done);
    run_query(t, p, &(StreamWriteSpec)NOW("noop"));
    OK(t, session_await_any(t->session, -1, &done, &t->err));
    assert_true(done);
    session_reset_terminated(t->session);
    OK(t, session_await_any(t->session, 0, &done, &t->err));
    assert_false(done);
    /* A failure is thrown, until reset. */
    OK(t, session_create_view(t->session, "src", p, false, true, &t->err));
    plantree_release(p);
    p = plan_of(t, "SELECT 1 / (v - 1) AS x FROM src");
    drop_file(t, "in", "1.json", "{\"k\":\"a\",\"v\":1}\n");
    Query *q;
    StreamWriteSpec w = NOW("noop");
    options_set(&w.options, &a, "checkpointLocation", path_in(t, "ck", &a));
    OK(t, session_start_query(t->session, p, &w, &q, &t->err));
    assert_int_equal(query_await(q, 30000, &done, &t->err), FB_ERR);
    assert_string_equal(err_condition(t->err.id), "STREAM_FAILED");
    err_clear(&t->err);
    assert_int_equal(session_await_any(t->session, -1, &done, &t->err), FB_ERR);
    assert_string_equal(err_condition(t->err.id), "STREAM_FAILED");
    err_clear(&t->err);
    session_reset_terminated(t->session);
    query_release(q);
    plantree_release(p);
    arena_free(&a);
}

/* The session may go before its queries do. */
static void test_session_goes(void **state)
{
    Test *t = *state;
    Arena a = {0};
    Query *q;
    Session *other = session_new(t->engine, "other"), *mine = t->session;
    t->session = other;
    PlanTree *p = stream_of(t, "in", "k STRING", &a);
    StreamWriteSpec w = {.format = "memory", .query_name = "m"};
    OK(t, session_start_query(other, p, &w, &q, &t->err));
    session_release(other);
    drop_file(t, "in", "1.json", "{\"k\":\"a\"}\n");
    OK(t, query_process_all_available(q, &t->err));
    assert_true(query_is_active(q));
    OK(t, query_stop(q, &t->err));
    query_release(q);
    t->session = mine;
    /* Left running: the engine's end stops it. */
    OK(t, session_start_query(mine, p, &w, &q, &t->err));
    query_release(q);
    plantree_release(p);
    arena_free(&a);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, test_setup, test_teardown)
    const struct CMUnitTest tests[] = {
        T(test_memory), T(test_aggregate_restart), T(test_descriptors),
        T(test_files),  T(test_refused),           T(test_names_and_checkpoints),
        T(test_events), T(test_await_any),         T(test_session_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
