/*
 * service.c - the server: its start and end, the table of calls, and the answers to the short ones.
 *
 * Every call first unpacks its request and finds its session. What may take long (AnalyzePlan,
 * which may read files to infer a schema, and ReleaseSession, which stops queries) goes to the
 * executor; ExecutePlan becomes an operation there.
 *
 * The calls that stream (ExecutePlan, ReattachExecute) hold their operation by rpc_user(), from the
 * request until on_detach; AddArtifacts holds its upload so.
 */
#include "connect/service_priv.h"

#include "base/clock.h"
#include "base/log.h"
#include "connect/proto_guard.h"

#include <signal.h>
#include <time.h>

#define SERVICE "/spark.connect.SparkConnectService/"
#define SESSION_IDLE_MS INT64_C(3600000)
#define TICK_US INT64_C(1000000)
#define STOP_GRACE_MS 2000

/* ---- requests and answers ---- */

void rpc_answer(RpcCall *call, const ProtobufCMessage *m)
{
    size_t n;
    uint8_t *bytes = proto_pack(m, &n);
    if (rpc_send(call, bytes, n, mem_free) != RPC_SENT) {
        mem_free(bytes);
    }
    rpc_finish(call, RPC_OK, "", NULL, 0);
}

/* All requests have the same parts that say who asks. */
#define CALLER(in)                                                                                 \
    ((Caller){.session_id = (in)->session_id,                                                      \
              .user = (in)->user_context != NULL ? (in)->user_context->user_id : NULL,             \
              .observed = (in)->client_observed_server_side_session_id})

static bool unpack(RpcCall *call, const ProtobufCMessageDescriptor *d, const uint8_t *bytes,
                   size_t n, Arena *a, void *ret)
{
    fb_error err = {0};
    ProtobufCMessage *m;
    if (proto_unpack(d, bytes, n, a, &m, &err) != FB_OK) {
        rpc_fail(call, NULL, &err);
        arena_free(a);
        return false;
    }
    *(ProtobufCMessage **)ret = m;
    return true;
}

static ConnSession *session_of(RpcCall *call, ConnectServer *server, Caller who, SessionNeed need)
{
    fb_error err = {0};
    ConnSession *s;
    if (sessions_find(server, &who, need, &s, &err) != FB_OK) {
        rpc_fail(call, NULL, &err);
        return NULL;
    }
    return s;
}

static void nothing_to_detach(RpcCall *call, void *arg, bool cancelled)
{
    (void)call;
    (void)arg;
    (void)cancelled;
}

/* ---- ExecutePlan, ReattachExecute, ReleaseExecute ---- */

/* What asks, stops or waits for streaming queries takes no time. */
static Lane lane_of(const SC(Plan) * p)
{
    if (p == NULL || p->op_type_case != SPARK__CONNECT__PLAN__OP_TYPE_COMMAND) {
        return LANE_PLANS;
    }
    switch (p->command->command_type_case) {
    case SPARK__CONNECT__COMMAND__COMMAND_TYPE_STREAMING_QUERY_COMMAND:
    case SPARK__CONNECT__COMMAND__COMMAND_TYPE_STREAMING_QUERY_MANAGER_COMMAND:
    case SPARK__CONNECT__COMMAND__COMMAND_TYPE_STREAMING_QUERY_LISTENER_BUS_COMMAND:
        return LANE_SHORT;
    default:
        return LANE_PLANS;
    }
}

static void on_execute(RpcCall *call, void *arg, const uint8_t *bytes, size_t n)
{
    ConnectServer *server = arg;
    Arena a = {0};
    fb_error err = {0};
    SC(ExecutePlanRequest) * in;
    if (!unpack(call, SC_DESC(execute_plan_request), bytes, n, &a, &in)) {
        return;
    }
    ConnSession *s = session_of(call, server, CALLER(in), SESSION_CREATE);
    if (s != NULL) {
        Operation *op;
        bool is_new;
        if (operation_open(s, in, &a, hash_bytes(bytes, n, 0), &op, &is_new, &err) != FB_OK) {
            rpc_fail(call, s, &err);
        } else {
            rpc_set_user(call, op);
            if (operation_attach(op, call, NULL, &err) != FB_OK) {
                rpc_fail(call, s, &err);
            }
            if (is_new) {
                op->lane = lane_of(in->plan);
                executor_run(server->executor, op->lane, execute_operation, operation_retain(op));
            }
        }
        conn_release(s);
    }
    arena_free(&a);
}

static void on_reattach(RpcCall *call, void *arg, const uint8_t *bytes, size_t n)
{
    Arena a = {0};
    fb_error err = {0};
    SC(ReattachExecuteRequest) * in;
    if (!unpack(call, SC_DESC(reattach_execute_request), bytes, n, &a, &in)) {
        return;
    }
    ConnSession *s = session_of(call, arg, CALLER(in), SESSION_PRESENT);
    if (s != NULL) {
        fb_status st;
        Operation *op = operation_find(s, in->operation_id);
        if (op == NULL) {
            st = err_set(&err, ERR_INVALID_HANDLE_OPERATION_NOT_FOUND, "handle",
                         in->operation_id != NULL ? in->operation_id : "", NULL);
        } else if (!op->reattachable) {
            st = err_set(&err, ERR_INVALID_CURSOR_NOT_REATTACHABLE, NULL);
            operation_release(op);
        } else {
            rpc_set_user(call, op);
            st = operation_attach(op, call, in->last_response_id, &err);
        }
        if (st != FB_OK) {
            rpc_fail(call, s, &err);
        }
        conn_release(s);
    }
    arena_free(&a);
}

static void on_stream_writable(RpcCall *call, void *arg)
{
    (void)arg;
    Operation *op = rpc_user(call);
    if (op != NULL) {
        operation_pump(op);
    }
}

static void on_stream_detach(RpcCall *call, void *arg, bool cancelled)
{
    (void)arg;
    (void)cancelled;
    Operation *op = rpc_user(call);
    if (op != NULL) {
        operation_detach(op, call);
        operation_release(op);
    }
}

static void on_release_execute(RpcCall *call, void *arg, const uint8_t *bytes, size_t n)
{
    Arena a = {0};
    SC(ReleaseExecuteRequest) * in;
    if (!unpack(call, SC_DESC(release_execute_request), bytes, n, &a, &in)) {
        return;
    }
    ConnSession *s = session_of(call, arg, CALLER(in), SESSION_PRESENT);
    if (s != NULL) {
        SC(ReleaseExecuteResponse) out = SPARK__CONNECT__RELEASE_EXECUTE_RESPONSE__INIT;
        out.session_id = s->id;
        out.server_side_session_id = s->server_id;
        Operation *op = operation_find(s, in->operation_id);
        if (op != NULL) {
            bool all =
                in->release_case == SPARK__CONNECT__RELEASE_EXECUTE_REQUEST__RELEASE_RELEASE_ALL;
            if (all) {
                operation_release_until(op, NULL);
            } else if (in->release_case ==
                           SPARK__CONNECT__RELEASE_EXECUTE_REQUEST__RELEASE_RELEASE_UNTIL &&
                       in->release_until->response_id != NULL) {
                operation_release_until(op, in->release_until->response_id);
            }
            out.operation_id = in->operation_id;
            operation_release(op);
        }
        rpc_answer(call, &out.base);
        conn_release(s);
    }
    arena_free(&a);
}

/* ---- Interrupt, GetStatus ---- */

typedef struct Ids {
    Arena *arena;
    Operation **v; /* retained */
    size_t n;
} Ids;

static void all_operations(ConnSession *s, Ids *ids)
{
    size_t cap = 0;
    pthread_mutex_lock(&s->lock);
    for (Operation *op = s->operations; op != NULL; op = op->next) {
        cap++;
    }
    ids->v = ARENA_ARRAY(ids->arena, Operation *, cap);
    for (Operation *op = s->operations; op != NULL; op = op->next) {
        ids->v[ids->n++] = operation_retain(op);
    }
    pthread_mutex_unlock(&s->lock);
}

static bool is_meant(const SC(InterruptRequest) * in, const Operation *op)
{
    switch (in->interrupt_type) {
    case SPARK__CONNECT__INTERRUPT_REQUEST__INTERRUPT_TYPE__INTERRUPT_TYPE_ALL:
        return true;
    case SPARK__CONNECT__INTERRUPT_REQUEST__INTERRUPT_TYPE__INTERRUPT_TYPE_TAG:
        return in->interrupt_case == SPARK__CONNECT__INTERRUPT_REQUEST__INTERRUPT_OPERATION_TAG &&
               operation_has_tag(op, in->operation_tag);
    case SPARK__CONNECT__INTERRUPT_REQUEST__INTERRUPT_TYPE__INTERRUPT_TYPE_OPERATION_ID:
        return in->interrupt_case == SPARK__CONNECT__INTERRUPT_REQUEST__INTERRUPT_OPERATION_ID &&
               strcmp(in->operation_id, op->id) == 0;
    default:
        return false;
    }
}

static void on_interrupt(RpcCall *call, void *arg, const uint8_t *bytes, size_t n)
{
    Arena a = {0};
    SC(InterruptRequest) * in;
    if (!unpack(call, SC_DESC(interrupt_request), bytes, n, &a, &in)) {
        return;
    }
    ConnSession *s = session_of(call, arg, CALLER(in), SESSION_CREATE);
    if (s != NULL) {
        Ids ids = {.arena = &a};
        SC(InterruptResponse) out = SPARK__CONNECT__INTERRUPT_RESPONSE__INIT;
        out.session_id = s->id;
        out.server_side_session_id = s->server_id;
        all_operations(s, &ids);
        out.interrupted_ids = ARENA_ARRAY(&a, char *, ids.n);
        for (size_t i = 0; i < ids.n; i++) {
            if (is_meant(in, ids.v[i]) && operation_interrupt(ids.v[i])) {
                out.interrupted_ids[out.n_interrupted_ids++] = arena_strdup(&a, ids.v[i]->id);
            }
            operation_release(ids.v[i]);
        }
        rpc_answer(call, &out.base);
        conn_release(s);
    }
    arena_free(&a);
}

#define STATE(name)                                                                                \
    SPARK__CONNECT__GET_STATUS_RESPONSE__OPERATION_STATUS__OPERATION_STATE__OPERATION_STATE_##name

static SC(GetStatusResponse__OperationStatus__OperationState) state_of(Operation *op)
{
    pthread_mutex_lock(&op->lock);
    OperationState state = op->state;
    bool failed = op->end.code != RPC_OK, cancelled = atomic_load(&op->cancel);
    pthread_mutex_unlock(&op->lock);
    if (state != OPERATION_DONE) {
        return cancelled ? STATE(TERMINATING) : STATE(RUNNING);
    }
    if (!failed) {
        return STATE(SUCCEEDED);
    }
    return cancelled ? STATE(CANCELLED) : STATE(FAILED);
}

static void add_status(SC(GetStatusResponse) * out, Arena *a, const char *id, Operation *op)
{
    SC(GetStatusResponse__OperationStatus) *st =
        ARENA_NEW(a, SC(GetStatusResponse__OperationStatus));
    spark__connect__get_status_response__operation_status__init(st);
    st->operation_id = arena_strdup(a, id);
    st->has_state = true;
    st->state = op != NULL ? state_of(op) : STATE(UNKNOWN);
    out->operation_statuses[out->n_operation_statuses++] = st;
}

static void on_get_status(RpcCall *call, void *arg, const uint8_t *bytes, size_t n)
{
    typedef SC(GetStatusResponse__OperationStatus) Status;
    Arena a = {0};
    SC(GetStatusRequest) * in;
    if (!unpack(call, SC_DESC(get_status_request), bytes, n, &a, &in)) {
        return;
    }
    ConnSession *s = session_of(call, arg, CALLER(in), SESSION_CREATE);
    if (s != NULL) {
        SC(GetStatusResponse) out = SPARK__CONNECT__GET_STATUS_RESPONSE__INIT;
        const SC(GetStatusRequest__OperationStatusRequest) *which = in->operation_status;
        size_t n_ids = which != NULL ? which->n_operation_ids : 0;
        out.session_id = s->id;
        out.server_side_session_id = s->server_id;
        out.operation_statuses = ARENA_ARRAY(&a, Status *, n_ids);
        for (size_t i = 0; i < n_ids; i++) {
            Operation *op = operation_find(s, which->operation_ids[i]);
            add_status(&out, &a, which->operation_ids[i], op);
            if (op != NULL) {
                operation_release(op);
            }
        }
        if (which != NULL && n_ids == 0) {
            Ids ids = {.arena = &a};
            all_operations(s, &ids);
            out.operation_statuses = ARENA_ARRAY(&a, Status *, ids.n);
            for (size_t i = 0; i < ids.n; i++) {
                add_status(&out, &a, ids.v[i]->id, ids.v[i]);
                operation_release(ids.v[i]);
            }
        }
        rpc_answer(call, &out.base);
        conn_release(s);
    }
    arena_free(&a);
}

/* ---- calls that go to the executor ---- */

typedef struct CallJob {
    ConnectServer *server;
    RpcCall *call; /* counted */
    Arena arena;
    const void *in;
} CallJob;

static void start_job(RpcCall *call, ConnectServer *server, Arena a, const void *in, JobFn fn)
{
    CallJob *j = mem_zalloc(sizeof(*j));
    *j = (CallJob){.server = server, .call = rpc_ref(call), .arena = a, .in = in};
    executor_run(server->executor, LANE_SHORT, fn, j);
}

static void end_job(CallJob *j)
{
    rpc_unref(j->call);
    arena_free(&j->arena);
    mem_free(j);
}

static void analyze_job(void *arg)
{
    CallJob *j = arg;
    const SC(AnalyzePlanRequest) *in = j->in;
    fb_error err = {0};
    ConnSession *s = session_of(j->call, j->server, CALLER(in), SESSION_CREATE);
    if (s != NULL) {
        SC(AnalyzePlanResponse) out = SPARK__CONNECT__ANALYZE_PLAN_RESPONSE__INIT;
        out.session_id = s->id;
        out.server_side_session_id = s->server_id;
        if (answer_analyze(s, in, &j->arena, &out, &err) == FB_OK) {
            rpc_answer(j->call, &out.base);
        } else {
            rpc_fail(j->call, s, &err);
        }
        conn_release(s);
    }
    end_job(j);
}

static void on_analyze(RpcCall *call, void *arg, const uint8_t *bytes, size_t n)
{
    Arena a = {0};
    SC(AnalyzePlanRequest) * in;
    if (unpack(call, SC_DESC(analyze_plan_request), bytes, n, &a, &in)) {
        start_job(call, arg, a, in, analyze_job);
    }
}

static void release_session_job(void *arg)
{
    CallJob *j = arg;
    const SC(ReleaseSessionRequest) *in = j->in;
    fb_error err = {0};
    char server_id[37];
    Caller who = {.session_id = in->session_id,
                  .user = in->user_context != NULL ? in->user_context->user_id : NULL};
    if (sessions_close(j->server, &who, in->allow_reconnect, server_id, &err) == FB_OK) {
        SC(ReleaseSessionResponse) out = SPARK__CONNECT__RELEASE_SESSION_RESPONSE__INIT;
        out.session_id = in->session_id;
        out.server_side_session_id = server_id;
        rpc_answer(j->call, &out.base);
    } else {
        rpc_fail(j->call, NULL, &err);
    }
    end_job(j);
}

static void on_release_session(RpcCall *call, void *arg, const uint8_t *bytes, size_t n)
{
    Arena a = {0};
    SC(ReleaseSessionRequest) * in;
    if (unpack(call, SC_DESC(release_session_request), bytes, n, &a, &in)) {
        start_job(call, arg, a, in, release_session_job);
    }
}

/* ---- Config, artifacts, sessions, errors ---- */

static void on_config(RpcCall *call, void *arg, const uint8_t *bytes, size_t n)
{
    Arena a = {0};
    fb_error err = {0};
    SC(ConfigRequest) * in;
    if (!unpack(call, SC_DESC(config_request), bytes, n, &a, &in)) {
        return;
    }
    ConnSession *s = session_of(call, arg, CALLER(in), SESSION_CREATE);
    if (s != NULL) {
        SC(ConfigResponse) out = SPARK__CONNECT__CONFIG_RESPONSE__INIT;
        out.session_id = s->id;
        out.server_side_session_id = s->server_id;
        if (answer_config(s, in, &a, &out, &err) == FB_OK) {
            rpc_answer(call, &out.base);
        } else {
            rpc_fail(call, s, &err);
        }
        conn_release(s);
    }
    arena_free(&a);
}

static void on_artifact_status(RpcCall *call, void *arg, const uint8_t *bytes, size_t n)
{
    Arena a = {0};
    fb_error err = {0};
    SC(ArtifactStatusesRequest) * in;
    if (!unpack(call, SC_DESC(artifact_statuses_request), bytes, n, &a, &in)) {
        return;
    }
    ConnSession *s = session_of(call, arg, CALLER(in), SESSION_CREATE);
    if (s != NULL) {
        SC(ArtifactStatusesResponse) out = SPARK__CONNECT__ARTIFACT_STATUSES_RESPONSE__INIT;
        out.session_id = s->id;
        out.server_side_session_id = s->server_id;
        if (answer_artifact_status(s, in, &a, &out, &err) == FB_OK) {
            rpc_answer(call, &out.base);
        } else {
            rpc_fail(call, s, &err);
        }
        conn_release(s);
    }
    arena_free(&a);
}

static void on_upload_open(RpcCall *call, void *arg)
{
    rpc_set_user(call, upload_new(arg));
}

static void on_upload_message(RpcCall *call, void *arg, const uint8_t *bytes, size_t n)
{
    (void)arg;
    Arena a = {0};
    fb_error err = {0};
    Upload *u = rpc_user(call);
    SC(AddArtifactsRequest) * in;
    if (!unpack(call, SC_DESC(add_artifacts_request), bytes, n, &a, &in)) {
        return;
    }
    if (upload_message(u, in, &err) != FB_OK) {
        rpc_fail(call, upload_session(u), &err);
    }
    arena_free(&a);
}

static void on_upload_end(RpcCall *call, void *arg)
{
    (void)arg;
    Arena a = {0};
    fb_error err = {0};
    Upload *u = rpc_user(call);
    SC(AddArtifactsResponse) out = SPARK__CONNECT__ADD_ARTIFACTS_RESPONSE__INIT;
    if (upload_finish(u, &a, &out, &err) == FB_OK) {
        rpc_answer(call, &out.base);
    } else {
        rpc_fail(call, upload_session(u), &err);
    }
    arena_free(&a);
}

static void on_upload_detach(RpcCall *call, void *arg, bool cancelled)
{
    (void)arg;
    (void)cancelled;
    upload_free(rpc_user(call));
}

static void on_clone_session(RpcCall *call, void *arg, const uint8_t *bytes, size_t n)
{
    Arena a = {0};
    fb_error err = {0};
    SC(CloneSessionRequest) * in;
    if (!unpack(call, SC_DESC(clone_session_request), bytes, n, &a, &in)) {
        return;
    }
    ConnSession *s = session_of(call, arg, CALLER(in), SESSION_PRESENT);
    if (s != NULL) {
        ConnSession *clone;
        if (sessions_clone(arg, s, in->new_session_id, &clone, &err) == FB_OK) {
            SC(CloneSessionResponse) out = SPARK__CONNECT__CLONE_SESSION_RESPONSE__INIT;
            out.session_id = s->id;
            out.server_side_session_id = s->server_id;
            out.new_session_id = clone->id;
            out.new_server_side_session_id = clone->server_id;
            rpc_answer(call, &out.base);
            conn_release(clone);
        } else {
            rpc_fail(call, s, &err);
        }
        conn_release(s);
    }
    arena_free(&a);
}

static void on_fetch_error(RpcCall *call, void *arg, const uint8_t *bytes, size_t n)
{
    Arena a = {0};
    SC(FetchErrorDetailsRequest) * in;
    if (!unpack(call, SC_DESC(fetch_error_details_request), bytes, n, &a, &in)) {
        return;
    }
    ConnSession *s = session_of(call, arg, CALLER(in), SESSION_PRESENT);
    if (s != NULL) {
        rpc_fetch_error(call, s, in);
        conn_release(s);
    }
    arena_free(&a);
}

#define UNARY(name, fn)                                                                            \
    {                                                                                              \
        .path = SERVICE name, .on_message = fn, .on_detach = nothing_to_detach                     \
    }
#define STREAMING(name, fn)                                                                        \
    {                                                                                              \
        .path = SERVICE name, .on_message = fn, .on_writable = on_stream_writable,                 \
        .on_detach = on_stream_detach                                                              \
    }

static const RpcMethod methods[] = {
    STREAMING("ExecutePlan", on_execute),
    STREAMING("ReattachExecute", on_reattach),
    UNARY("AnalyzePlan", on_analyze),
    UNARY("Config", on_config),
    {.path = SERVICE "AddArtifacts",
     .client_stream = true,
     .on_open = on_upload_open,
     .on_message = on_upload_message,
     .on_half_close = on_upload_end,
     .on_detach = on_upload_detach},
    UNARY("ArtifactStatus", on_artifact_status),
    UNARY("Interrupt", on_interrupt),
    UNARY("ReleaseExecute", on_release_execute),
    UNARY("ReleaseSession", on_release_session),
    UNARY("FetchErrorDetails", on_fetch_error),
    UNARY("CloneSession", on_clone_session),
    UNARY("GetStatus", on_get_status),
};

/* ---- the housekeeper ---- */

void housekeeper_by(ConnectServer *server, int64_t when_us)
{
    pthread_mutex_lock(&server->lock);
    if (when_us < server->next_tick_us) {
        server->next_tick_us = when_us;
        pthread_cond_signal(&server->tick);
    }
    pthread_mutex_unlock(&server->lock);
}

typedef struct Tick {
    int64_t now_us, next_us;
} Tick;

static void tick_session(ConnSession *s, void *arg)
{
    Tick *t = arg;
    int64_t next = operations_tick(s, t->now_us);
    t->next_us = next < t->next_us ? next : t->next_us;
}

static void *keep_house(void *arg)
{
    ConnectServer *server = arg;
    pthread_mutex_lock(&server->lock);
    while (!server->stopping) {
        int64_t when = server->next_tick_us;
        struct timespec until = {.tv_sec = when / 1000000, .tv_nsec = when % 1000000 * 1000};
        if (clock_mono_us() < when) {
            pthread_cond_timedwait(&server->tick, &server->lock, &until);
            continue;
        }
        server->next_tick_us = INT64_MAX;
        pthread_mutex_unlock(&server->lock);
        Tick t = {.now_us = clock_mono_us()};
        t.next_us = t.now_us + TICK_US;
        sessions_each(server, tick_session, &t);
        sessions_close_idle(server, t.now_us);
        pthread_mutex_lock(&server->lock);
        if (t.next_us < server->next_tick_us) {
            server->next_tick_us = t.next_us;
        }
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

static int start_housekeeper(ConnectServer *server)
{
    pthread_attr_t attr;
    sigset_t all, old;
    sigfillset(&all);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, EXECUTOR_STACK);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    int failed = pthread_create(&server->housekeeper, &attr, keep_house, server);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    return failed;
}

/* ---- start and end ---- */

static ConnectServer *server_new(Engine *e, const ConnectOptions *o)
{
    ConnectServer *s = mem_zalloc(sizeof(*s));
    pthread_condattr_t attr;
    int64_t idle_ms = o->session_idle_ms ? o->session_idle_ms : SESSION_IDLE_MS;
    s->engine = e;
    s->session_idle_us = idle_ms < 0 || idle_ms > INT64_MAX / 1000 ? -1 : idle_ms * 1000;
    s->executor = executor_new();
    s->responses = response_pool_new(engine_budget(e));
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->tick, &attr);
    pthread_condattr_destroy(&attr);
    return s;
}

static void server_free(ConnectServer *s)
{
    sessions_close_all(s); /* what blocks a job ends */
    executor_free(s->executor);
    sessions_close_all(s); /* of the last jobs */
    response_pool_release(s->responses);
    for (size_t i = 0; i < CLOSED_KEPT; i++) {
        mem_free(s->closed[i]);
    }
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->tick);
    mem_free(s);
}

fb_status connect_server_start(Engine *e, const ConnectOptions *o, ConnectServer **ret,
                               fb_error *err)
{
    ConnectServer *s = server_new(e, o);
    TransportOptions t = {
        .host = o->host, .port = o->port, .token = o->token, .threads = o->threads};
    fb_status st =
        transport_start(&t, methods, sizeof(methods) / sizeof(methods[0]), s, &s->transport, err);
    if (st != FB_OK) {
        server_free(s);
        return st;
    }
    int failed = start_housekeeper(s);
    if (failed) {
        transport_stop(s->transport, 0);
        server_free(s);
        return err_errno(err, failed, "start a thread for", "the Spark Connect server");
    }
    *ret = s;
    return FB_OK;
}

uint16_t connect_server_port(const ConnectServer *s)
{
    return transport_port(s->transport);
}

void connect_server_stop(ConnectServer *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_broadcast(&s->tick);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->housekeeper, NULL);
    sessions_close_all(s);
    transport_stop(s->transport, STOP_GRACE_MS);
    server_free(s);
}
