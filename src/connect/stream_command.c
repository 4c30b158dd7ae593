/*
 * stream_command.c - streaming queries: starting them, asking them, waiting for them, listening.
 *
 * Waiting holds no thread: awaitTermination, awaitAnyTermination, stop and processAllAvailable turn
 * the operation into one that waits; the end of a run (query_on_end), of any (session_on_any_end),
 * a trigger without new data (query_on_processed) or the deadline brings it back. A run, and the
 * end of any, is watched once a session, however often a client polls with a timeout.
 *
 * A client's listeners share one long operation, the bus, whose responses are events. "started" is
 * not among them: the client takes it from the answer to the start. Events are dropped when the
 * client does not read, as Spark's own bus does.
 */
#include "connect/service_priv.h"

#include "base/clock.h"
#include "base/log.h"
#include "column/interval.h"

#define ACTIVE_MAX 10000
#define ANY_RUN "any" /* in place of a run id */
#define DEADLINE_MAX_MS (INT64_C(1000) * 3600 * 24 * 365 * 100)

/* ---- starting ---- */

static fb_status trigger(const SC(WriteStreamOperationStart) * in, StreamWriteSpec *w,
                         fb_error *err)
{
    w->trigger = TRIGGER_PROCESSING_TIME;
    switch (in->trigger_case) {
    case SPARK__CONNECT__WRITE_STREAM_OPERATION_START__TRIGGER_PROCESSING_TIME_INTERVAL:
        TRY(interval_parse_millis(str_of(in->processing_time_interval), &w->interval_ms, err));
        if (w->interval_ms < 0) {
            return err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                           "the interval of trigger should not be negative", NULL);
        }
        return FB_OK;
    case SPARK__CONNECT__WRITE_STREAM_OPERATION_START__TRIGGER_AVAILABLE_NOW:
        w->trigger = TRIGGER_AVAILABLE_NOW;
        return FB_OK;
    case SPARK__CONNECT__WRITE_STREAM_OPERATION_START__TRIGGER_ONCE:
        w->trigger = TRIGGER_ONCE;
        return FB_OK;
    case SPARK__CONNECT__WRITE_STREAM_OPERATION_START__TRIGGER_CONTINUOUS_CHECKPOINT_INTERVAL:
        return err_unsupported(err, "continuous processing");
    case SPARK__CONNECT__WRITE_STREAM_OPERATION_START__TRIGGER_REAL_TIME_BATCH_DURATION:
        return err_unsupported(err, "the real-time mode");
    default:
        return FB_OK;
    }
}

static fb_status stream_spec(Convert *c, const SC(WriteStreamOperationStart) * in,
                             StreamWriteSpec *w, fb_error *err)
{
    if (in->foreach_batch != NULL) {
        return err_unsupported(err, "foreachBatch");
    }
    if (in->foreach_writer != NULL) {
        return err_unsupported(err, "foreach");
    }
    if (in->n_clustering_column_names) {
        return err_unsupported(err, "clusterBy of a stream writer");
    }
    TRY(trigger(in, w, err));
    w->format = in->format != NULL && in->format[0] ? in->format : NULL;
    w->output_mode = in->output_mode != NULL && in->output_mode[0] ? in->output_mode : NULL;
    w->query_name = in->query_name != NULL && in->query_name[0] ? in->query_name : NULL;
    if (in->sink_destination_case ==
        SPARK__CONNECT__WRITE_STREAM_OPERATION_START__SINK_DESTINATION_PATH) {
        w->path = in->path;
    } else if (in->sink_destination_case ==
               SPARK__CONNECT__WRITE_STREAM_OPERATION_START__SINK_DESTINATION_TABLE_NAME) {
        w->table = in->table_name;
    }
    for (size_t i = 0; i < in->n_options; i++) {
        options_set(&w->options, c->arena, convert_str(c, in->options[i]->key),
                    convert_str(c, in->options[i]->value));
    }
    w->partition_by =
        convert_names(c, in->partitioning_column_names, in->n_partitioning_column_names);
    w->n_partition_by = (uint32_t)in->n_partitioning_column_names;
    return FB_OK;
}

static void instance_id(SC(StreamingQueryInstanceId) * id, const Query *q)
{
    spark__connect__streaming_query_instance_id__init(id);
    id->id = (char *)query_id(q);
    id->run_id = (char *)query_run_id(q);
}

static bool has_listener(ConnSession *s)
{
    pthread_mutex_lock(&s->lock);
    bool has = s->listener != NULL;
    pthread_mutex_unlock(&s->lock);
    return has;
}

static fb_status send_started(Operation *op, const Query *q, fb_error *err)
{
    StrBuf event = {0};
    SC(StreamingQueryInstanceId) id;
    SC(ExecutePlanResponse) m = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__INIT;
    SC(WriteStreamOperationStartResult)
    result = SPARK__CONNECT__WRITE_STREAM_OPERATION_START_RESULT__INIT;
    instance_id(&id, q);
    result.query_id = &id;
    result.name = (char *)(query_name(q) != NULL ? query_name(q) : "");
    if (has_listener(op->conn) &&
        session_started_event(op->conn->session, query_run_id(q), &event)) {
        result.query_started_event_json = event.p;
    }
    m.response_type_case =
        SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__RESPONSE_TYPE_WRITE_STREAM_OPERATION_START_RESULT;
    m.write_stream_operation_start_result = &result;
    fb_status st = operation_send(op, &m, err);
    strbuf_free(&event);
    return st;
}

fb_status run_stream_start(Operation *op, Convert *c, const SC(WriteStreamOperationStart) * in,
                           fb_error *err)
{
    PlanTree *t;
    Query *q;
    StreamWriteSpec w = {0};
    TRY(stream_spec(c, in, &w, err));
    TRY(convert_analyze(c, in->input, &t, err));
    convert_strip_positions(t);
    fb_status st = session_start_query(op->conn->session, t, &w, &q, err);
    plantree_release(t);
    TRY(st);
    st = send_started(op, q, err);
    query_release(q);
    return st;
}

/* ---- one query ---- */

static fb_status find_query(Operation *op, const SC(StreamingQueryInstanceId) * id, Query **ret,
                            fb_error *err)
{
    const char *query = id != NULL && id->id != NULL ? id->id : "";
    const char *run = id != NULL && id->run_id != NULL ? id->run_id : "";
    *ret = session_query(op->conn->session, query, run);
    if (*ret != NULL) {
        return FB_OK;
    }
    Query *other = session_query(op->conn->session, query, NULL);
    if (other == NULL) {
        return err_set(err, ERR_CONNECT_NO_QUERY, "id", query, NULL);
    }
    fb_status st = err_set(err, ERR_CONNECT_QUERY_RUN, "id", query, "runId", run, "serverRunId",
                           query_run_id(other), NULL);
    query_release(other);
    return st;
}

typedef SC(StreamingQueryCommandResult) QueryResult;

static fb_status send_result(Operation *op, const Query *q, QueryResult *result, fb_error *err)
{
    SC(StreamingQueryInstanceId) id;
    SC(ExecutePlanResponse) m = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__INIT;
    instance_id(&id, q);
    result->query_id = &id;
    m.response_type_case =
        SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__RESPONSE_TYPE_STREAMING_QUERY_COMMAND_RESULT;
    m.streaming_query_command_result = result;
    return operation_send(op, &m, err);
}

static fb_status send_status(Operation *op, Query *q, fb_error *err)
{
    QueryResult r = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__INIT;
    SC(StreamingQueryCommandResult__StatusResult)
    s = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__STATUS_RESULT__INIT;
    StrBuf message = {0};
    bool available, active;
    query_status(q, &message, &available, &active);
    s.status_message = (char *)strbuf_str(&message).p;
    s.has_is_data_available = true;
    s.is_data_available = available;
    s.has_is_trigger_active = true;
    s.is_trigger_active = active;
    s.has_is_active = true;
    s.is_active = query_is_active(q);
    r.result_type_case = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__RESULT_TYPE_STATUS;
    r.status = &s;
    fb_status st = send_result(op, q, &r, err);
    strbuf_free(&message);
    return st;
}

typedef struct Texts {
    Arena arena;
    char **v;
    size_t n, cap;
} Texts;

static void add_text(void *arg, const char *json)
{
    Texts *t = arg;
    if (t->n == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 16;
        char **v = ARENA_ARRAY(&t->arena, char *, cap);
        if (t->n) {
            memcpy(v, t->v, t->n * sizeof(*v));
        }
        t->v = v;
        t->cap = cap;
    }
    t->v[t->n++] = arena_strdup(&t->arena, json);
}

static fb_status send_progress(Operation *op, Query *q, bool last_only, fb_error *err)
{
    QueryResult r = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__INIT;
    SC(StreamingQueryCommandResult__RecentProgressResult)
    p = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__RECENT_PROGRESS_RESULT__INIT;
    Texts texts = {0};
    StrBuf last = {0};
    if (!last_only) {
        query_recent_progress(q, add_text, &texts);
    } else if (query_last_progress(q, &last)) {
        add_text(&texts, strbuf_str(&last).p);
    }
    p.n_recent_progress_json = texts.n;
    p.recent_progress_json = texts.v;
    r.result_type_case =
        SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__RESULT_TYPE_RECENT_PROGRESS;
    r.recent_progress = &p;
    fb_status st = send_result(op, q, &r, err);
    strbuf_free(&last);
    arena_free(&texts.arena);
    return st;
}

static fb_status send_explain(Operation *op, Query *q, bool extended, fb_error *err)
{
    QueryResult r = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__INIT;
    SC(StreamingQueryCommandResult__ExplainResult)
    e = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__EXPLAIN_RESULT__INIT;
    StrBuf text = {0};
    query_explain(q, extended, &text);
    e.result = (char *)strbuf_str(&text).p;
    r.result_type_case = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__RESULT_TYPE_EXPLAIN;
    r.explain = &e;
    fb_status st = send_result(op, q, &r, err);
    strbuf_free(&text);
    return st;
}

/* The client takes what follows the first ": ". */
static fb_status send_exception(Operation *op, Query *q, fb_error *err)
{
    QueryResult r = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__INIT;
    SC(StreamingQueryCommandResult__ExceptionResult)
    x = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__EXCEPTION_RESULT__INIT;
    Arena a = {0};
    fb_error failure = {0};
    r.result_type_case = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__RESULT_TYPE_EXCEPTION;
    r.exception = &x;
    if (query_exception(q, &failure)) {
        x.exception_message = arena_printf(&a, "%s: %s", err_class_name(err_class(failure.id)),
                                           error_message(&failure, &a));
        x.error_class = (char *)err_condition(failure.id);
    }
    fb_status st = send_result(op, q, &r, err);
    err_clear(&failure);
    arena_free(&a);
    return st;
}

/* ---- waiting for one query ---- */

struct Watch {
    struct Watch *next;
    ConnSession *conn; /* retained */
    char run_id[37];
};

static void run_ended(void *arg)
{
    struct Watch *w = arg;
    ConnSession *s = w->conn;
    pthread_mutex_lock(&s->lock);
    for (struct Watch **at = &s->watches; *at != NULL; at = &(*at)->next) {
        if (*at == w) {
            *at = w->next;
            break;
        }
    }
    pthread_mutex_unlock(&s->lock);
    operations_wake(s, w->run_id);
    mem_free(w);
    conn_release(s);
}

/* A Watch of the run for the session, or NULL: there is one. */
static struct Watch *watch_new(ConnSession *s, const char *run_id)
{
    struct Watch *w = mem_zalloc(sizeof(*w));
    memcpy(w->run_id, run_id, strlen(run_id));
    pthread_mutex_lock(&s->lock);
    const struct Watch *other = s->watches;
    while (other != NULL && strcmp(other->run_id, run_id) != 0) {
        other = other->next;
    }
    if (other == NULL) {
        w->conn = conn_retain(s);
        w->next = s->watches;
        s->watches = w;
    }
    pthread_mutex_unlock(&s->lock);
    if (other != NULL) {
        mem_free(w);
        return NULL;
    }
    return w;
}

static void watch_run(ConnSession *s, Query *q)
{
    struct Watch *w = watch_new(s, query_run_id(q));
    if (w != NULL) {
        query_on_end(q, run_ended, w);
    }
}

static void watch_any(ConnSession *s)
{
    struct Watch *w = watch_new(s, ANY_RUN);
    if (w != NULL) {
        session_on_any_end(s->session, run_ended, w);
    }
}

static fb_status send_awaited(Operation *op, const Query *q, bool terminated, fb_error *err)
{
    QueryResult r = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__INIT;
    SC(StreamingQueryCommandResult__AwaitTerminationResult)
    t = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__AWAIT_TERMINATION_RESULT__INIT;
    t.has_terminated = true;
    t.terminated = terminated;
    r.result_type_case =
        SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__RESULT_TYPE_AWAIT_TERMINATION;
    r.await_termination = &t;
    return send_result(op, q, &r, err);
}

static void end_with(Operation *op, fb_status st, fb_error *err)
{
    if (st == FB_OK) {
        operation_complete(op);
    } else {
        operation_fail(op, err);
    }
}

/* The query has ended, or time is up. */
static void awaited(Operation *op, void *arg, bool timed_out)
{
    Query *q = arg;
    fb_error err = {0};
    bool terminated = false;
    fb_status st = query_await(q, timed_out ? 0 : -1, &terminated, &err);
    if (st == FB_OK) {
        st = send_awaited(op, q, terminated, &err);
    }
    end_with(op, st, &err);
}

static void release_query(void *arg)
{
    query_release(arg);
}

/* 0: none. */
static fb_status deadline_of(bool has, int64_t timeout_ms, int64_t *ret, fb_error *err)
{
    if (has && timeout_ms <= 0) {
        return err_set(err, ERR_LEGACY_REQUIREMENT, "message", "Timeout has to be positive", NULL);
    }
    int64_t ms = timeout_ms > DEADLINE_MAX_MS ? DEADLINE_MAX_MS : timeout_ms;
    *ret = has ? clock_mono_us() + ms * 1000 + 1 : 0;
    return FB_OK;
}

static fb_status await_query(Operation *op, Query *q,
                             const SC(StreamingQueryCommand__AwaitTerminationCommand) * in,
                             fb_error *err)
{
    int64_t deadline = 0;
    TRY(deadline_of(in->has_timeout_ms, in->timeout_ms, &deadline, err));
    operation_wait(op, query_run_id(q), deadline, awaited, query_retain(q), release_query);
    watch_run(op->conn, q);
    return FB_OK;
}

/* The query has stopped. */
static void stopped(Operation *op, void *arg, bool timed_out)
{
    (void)timed_out;
    QueryResult none = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__INIT;
    fb_error err = {0};
    end_with(op, send_result(op, arg, &none, &err), &err);
}

static void stop_query(Operation *op, Query *q)
{
    query_ask_to_stop(q);
    operation_wait(op, query_run_id(q), 0, stopped, query_retain(q), release_query);
    watch_run(op->conn, q);
}

/* All that had come in is processed, or the query has ended. */
static void processed(Operation *op, void *arg, bool timed_out)
{
    (void)timed_out;
    Query *q = arg;
    QueryResult none = SPARK__CONNECT__STREAMING_QUERY_COMMAND_RESULT__INIT;
    fb_error err = {0};
    fb_status st = query_exception(q, &err) ? FB_ERR : send_result(op, q, &none, &err);
    end_with(op, st, &err);
}

static void wake_operation(void *arg)
{
    Operation *op = arg;
    operation_wake(op);
    operation_release(op);
}

static void await_processed(Operation *op, Query *q)
{
    operation_wait(op, NULL, 0, processed, query_retain(q), release_query);
    query_on_processed(q, wake_operation, operation_retain(op));
}

static fb_status ask(Operation *op, Query *q, const SC(StreamingQueryCommand) * in, fb_error *err)
{
    switch (in->command_case) {
    case SPARK__CONNECT__STREAMING_QUERY_COMMAND__COMMAND_STATUS:
        return send_status(op, q, err);
    case SPARK__CONNECT__STREAMING_QUERY_COMMAND__COMMAND_LAST_PROGRESS:
        return send_progress(op, q, true, err);
    case SPARK__CONNECT__STREAMING_QUERY_COMMAND__COMMAND_RECENT_PROGRESS:
        return send_progress(op, q, false, err);
    case SPARK__CONNECT__STREAMING_QUERY_COMMAND__COMMAND_STOP:
        stop_query(op, q);
        return FB_OK;
    case SPARK__CONNECT__STREAMING_QUERY_COMMAND__COMMAND_PROCESS_ALL_AVAILABLE:
        await_processed(op, q);
        return FB_OK;
    case SPARK__CONNECT__STREAMING_QUERY_COMMAND__COMMAND_EXPLAIN:
        return send_explain(op, q, in->explain->extended, err);
    case SPARK__CONNECT__STREAMING_QUERY_COMMAND__COMMAND_EXCEPTION:
        return send_exception(op, q, err);
    case SPARK__CONNECT__STREAMING_QUERY_COMMAND__COMMAND_AWAIT_TERMINATION:
        return await_query(op, q, in->await_termination, err);
    default:
        return err_set(err, ERR_CONNECT_ONE_OF_NOT_SET, "name", "command", "fullName",
                       "spark.connect.StreamingQueryCommand", NULL);
    }
}

fb_status run_stream_query(Operation *op, const SC(StreamingQueryCommand) * in, fb_error *err)
{
    Query *q;
    TRY(find_query(op, in->query_id, &q, err));
    fb_status st = ask(op, q, in, err);
    query_release(q);
    return st;
}

/* ---- all queries of the session ---- */

typedef SC(StreamingQueryManagerCommandResult) ManagerResult;
typedef SC(StreamingQueryManagerCommandResult__StreamingQueryInstance) Instance;

#define MANAGER(name) SPARK__CONNECT__STREAMING_QUERY_MANAGER_COMMAND__COMMAND_##name
#define MANAGER_RESULT(name)                                                                       \
    SPARK__CONNECT__STREAMING_QUERY_MANAGER_COMMAND_RESULT__RESULT_TYPE_##name

static fb_status send_manager(Operation *op, ManagerResult *r, fb_error *err)
{
    SC(ExecutePlanResponse) m = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__INIT;
    m.response_type_case =
        SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__RESPONSE_TYPE_STREAMING_QUERY_MANAGER_COMMAND_RESULT;
    m.streaming_query_manager_command_result = r;
    return operation_send(op, &m, err);
}

static Instance *instance_of(const Query *q, Arena *a)
{
    Instance *i = ARENA_NEW(a, Instance);
    spark__connect__streaming_query_manager_command_result__streaming_query_instance__init(i);
    i->id = ARENA_NEW(a, SC(StreamingQueryInstanceId));
    instance_id(i->id, q);
    i->name = (char *)query_name(q);
    return i;
}

static fb_status send_active(Operation *op, fb_error *err)
{
    Arena a = {0};
    ManagerResult r = SPARK__CONNECT__STREAMING_QUERY_MANAGER_COMMAND_RESULT__INIT;
    SC(StreamingQueryManagerCommandResult__ActiveResult)
    active = SPARK__CONNECT__STREAMING_QUERY_MANAGER_COMMAND_RESULT__ACTIVE_RESULT__INIT;
    Query **queries = ARENA_ARRAY(&a, Query *, ACTIVE_MAX);
    uint32_t n = session_active_queries(op->conn->session, queries, ACTIVE_MAX);
    active.n_active_queries = n;
    active.active_queries = ARENA_ARRAY(&a, Instance *, n);
    for (uint32_t i = 0; i < n; i++) {
        active.active_queries[i] = instance_of(queries[i], &a);
    }
    r.result_type_case = MANAGER_RESULT(ACTIVE);
    r.active = &active;
    fb_status st = send_manager(op, &r, err);
    for (uint32_t i = 0; i < n; i++) {
        query_release(queries[i]);
    }
    arena_free(&a);
    return st;
}

static fb_status send_query(Operation *op, const char *id, fb_error *err)
{
    Arena a = {0};
    ManagerResult r = SPARK__CONNECT__STREAMING_QUERY_MANAGER_COMMAND_RESULT__INIT;
    char uuid[37];
    if (!uuid_parse(str_of(id != NULL ? id : ""), uuid)) {
        fb_status bad = err_set(err, ERR_LEGACY_ILLEGAL_ARGUMENT, "message",
                                arena_printf(&a, "Invalid UUID string: %.64s", id ? id : ""), NULL);
        arena_free(&a);
        return bad;
    }
    Query *q = session_query(op->conn->session, uuid, NULL);
    if (q != NULL && query_is_active(q)) {
        r.result_type_case = MANAGER_RESULT(QUERY);
        r.query = instance_of(q, &a);
    }
    fb_status st = send_manager(op, &r, err);
    if (q != NULL) {
        query_release(q);
    }
    arena_free(&a);
    return st;
}

static fb_status send_any_awaited(Operation *op, bool terminated, fb_error *err)
{
    ManagerResult r = SPARK__CONNECT__STREAMING_QUERY_MANAGER_COMMAND_RESULT__INIT;
    SC(StreamingQueryManagerCommandResult__AwaitAnyTerminationResult)
    t = SPARK__CONNECT__STREAMING_QUERY_MANAGER_COMMAND_RESULT__AWAIT_ANY_TERMINATION_RESULT__INIT;
    t.has_terminated = true;
    t.terminated = terminated;
    r.result_type_case = MANAGER_RESULT(AWAIT_ANY_TERMINATION);
    r.await_any_termination = &t;
    return send_manager(op, &r, err);
}

/* A query has ended, or time is up. */
static void any_awaited(Operation *op, void *arg, bool timed_out)
{
    (void)arg;
    fb_error err = {0};
    bool terminated = false;
    fb_status st = session_await_any(op->conn->session, 0, &terminated, &err);
    if (st == FB_OK) { /* it may have been reset since */
        st = send_any_awaited(op, terminated || !timed_out, &err);
    }
    end_with(op, st, &err);
}

static fb_status await_any(Operation *op,
                           const SC(StreamingQueryManagerCommand__AwaitAnyTerminationCommand) * in,
                           fb_error *err)
{
    int64_t deadline = 0;
    TRY(deadline_of(in->has_timeout_ms, in->timeout_ms, &deadline, err));
    operation_wait(op, ANY_RUN, deadline, any_awaited, NULL, NULL);
    watch_any(op->conn);
    return FB_OK;
}

fb_status run_stream_manager(Operation *op, const SC(StreamingQueryManagerCommand) * in,
                             fb_error *err)
{
    ManagerResult r = SPARK__CONNECT__STREAMING_QUERY_MANAGER_COMMAND_RESULT__INIT;
    switch (in->command_case) {
    case MANAGER(ACTIVE):
        return send_active(op, err);
    case MANAGER(GET_QUERY):
        return send_query(op, in->get_query, err);
    case MANAGER(AWAIT_ANY_TERMINATION):
        return await_any(op, in->await_any_termination, err);
    case MANAGER(RESET_TERMINATED):
        session_reset_terminated(op->conn->session);
        r.result_type_case = MANAGER_RESULT(RESET_TERMINATED);
        r.reset_terminated = true;
        return send_manager(op, &r, err);
    case MANAGER(ADD_LISTENER):
    case MANAGER(REMOVE_LISTENER):
    case MANAGER(LIST_LISTENERS):
        return err_unsupported(err, "listeners that run on the server");
    default:
        return err_set(err, ERR_CONNECT_ONE_OF_NOT_SET, "name", "command", "fullName",
                       "spark.connect.StreamingQueryManagerCommand", NULL);
    }
}

/* ---- listeners ---- */

static bool event_type(const char *type, SC(StreamingQueryEventType) * ret)
{
    if (strcmp(type, "progress") == 0) {
        *ret = SPARK__CONNECT__STREAMING_QUERY_EVENT_TYPE__QUERY_PROGRESS_EVENT;
    } else if (strcmp(type, "idle") == 0) {
        *ret = SPARK__CONNECT__STREAMING_QUERY_EVENT_TYPE__QUERY_IDLE_EVENT;
    } else if (strcmp(type, "terminated") == 0) {
        *ret = SPARK__CONNECT__STREAMING_QUERY_EVENT_TYPE__QUERY_TERMINATED_EVENT;
    } else {
        return false;
    }
    return true;
}

/* Events before the client has been told that it listens are not for it. */
static void on_event(void *arg, const char *type, const char *json)
{
    Operation *op = arg;
    ConnSession *s = op->conn;
    SC(StreamingQueryListenerEvent) e = SPARK__CONNECT__STREAMING_QUERY_LISTENER_EVENT__INIT;
    SC(StreamingQueryListenerEvent) * list[1] = {&e};
    SC(StreamingQueryListenerEventsResult)
    events = SPARK__CONNECT__STREAMING_QUERY_LISTENER_EVENTS_RESULT__INIT;
    SC(ExecutePlanResponse) m = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__INIT;
    if (!event_type(type, &e.event_type)) {
        return;
    }
    e.has_event_type = true;
    e.event_json = (char *)json;
    events.n_events = 1;
    events.events = list;
    m.response_type_case =
        SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__RESPONSE_TYPE_STREAMING_QUERY_LISTENER_EVENTS_RESULT;
    m.streaming_query_listener_events_result = &events;
    pthread_mutex_lock(&s->lock);
    bool dropped = s->listener == op && !operation_offer(op, &m);
    pthread_mutex_unlock(&s->lock);
    if (dropped) {
        LOG_INFO("Connect", "a %s event is dropped: the client does not read", type);
    }
}

static void never(Operation *op, void *arg, bool timed_out)
{
    (void)op;
    (void)arg;
    (void)timed_out;
}

static bool is_done(Operation *op)
{
    pthread_mutex_lock(&op->lock);
    bool done = op->state == OPERATION_DONE;
    pthread_mutex_unlock(&op->lock);
    return done;
}

void listener_stop(ConnSession *s)
{
    pthread_mutex_lock(&s->lock);
    Operation *op = s->listener;
    uint64_t handle = s->listener_handle;
    s->listener = NULL;
    s->listener_handle = 0;
    pthread_mutex_unlock(&s->lock);
    if (op == NULL) {
        return;
    }
    if (handle) {
        session_remove_listener(s->session, handle);
    }
    operation_complete(op);
    operation_release(op);
}

/* Whether the client has a bus that works; one that was cancelled is taken away. */
static bool has_bus(ConnSession *s)
{
    pthread_mutex_lock(&s->lock);
    Operation *old = s->listener != NULL ? operation_retain(s->listener) : NULL;
    pthread_mutex_unlock(&s->lock);
    if (old == NULL) {
        return false;
    }
    bool stale = is_done(old);
    operation_release(old);
    if (stale) {
        listener_stop(s);
    }
    return !stale;
}

static void add_bus(Operation *op)
{
    ConnSession *s = op->conn;
    SC(ExecutePlanResponse) m = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__INIT;
    SC(StreamingQueryListenerEventsResult)
    events = SPARK__CONNECT__STREAMING_QUERY_LISTENER_EVENTS_RESULT__INIT;
    if (has_bus(s)) {
        return;
    }
    events.has_listener_bus_listener_added = true;
    events.listener_bus_listener_added = true;
    m.response_type_case =
        SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__RESPONSE_TYPE_STREAMING_QUERY_LISTENER_EVENTS_RESULT;
    m.streaming_query_listener_events_result = &events;
    uint64_t handle = session_add_listener(s->session, on_event, operation_retain(op));
    pthread_mutex_lock(&s->lock);
    bool taken = s->listener == NULL && !s->closed && operation_offer(op, &m);
    if (taken) {
        s->listener = op; /* with the reference that is the listener's argument */
        s->listener_handle = handle;
    }
    pthread_mutex_unlock(&s->lock);
    if (taken) {
        operation_wait(op, NULL, 0, never, NULL, NULL);
    } else {
        session_remove_listener(s->session, handle);
        operation_release(op);
    }
}

fb_status run_listener_bus(Operation *op, const SC(StreamingQueryListenerBusCommand) * in,
                           fb_error *err)
{
    switch (in->command_case) {
    case SPARK__CONNECT__STREAMING_QUERY_LISTENER_BUS_COMMAND__COMMAND_ADD_LISTENER_BUS_LISTENER:
        add_bus(op);
        return FB_OK;
    case SPARK__CONNECT__STREAMING_QUERY_LISTENER_BUS_COMMAND__COMMAND_REMOVE_LISTENER_BUS_LISTENER:
        listener_stop(op->conn);
        return FB_OK;
    default:
        return err_set(err, ERR_CONNECT_ONE_OF_NOT_SET, "name", "command", "fullName",
                       "spark.connect.StreamingQueryListenerBusCommand", NULL);
    }
}
