/*
 * operation.c - an operation and its responses: what survives a lost stream.
 *
 * The thread that runs the operation appends responses; the attached stream takes them in order.
 * A response stays after it was sent until the client releases it, so that a client whose stream
 * broke gets exactly what follows the last response that it has seen.
 *
 *     first ... [sent, kept] ... unsent ... [to be sent] ... last
 *
 * Back pressure: the running thread waits while its responses take all that they may (response.c).
 * It is away from its lane meanwhile, so that others run. A client that never releases loses the
 * oldest sent ones when there is no room for more, and beyond KEPT_MAX anyway, as with Spark; it
 * can't reattach so far back then.
 *
 * The bytes of a response are lent to the transport, so that a response is counted.
 *
 * A cancelled operation goes on until what it runs notices; one that waits without a thread ends at
 * once. Operations that nobody reads for ABANDON_US are given up.
 */
#include "connect/service_priv.h"

#include "base/clock.h"
#include "base/log.h"
#include "connect/proto_guard.h"

#include <stdatomic.h>

#define KEPT_MAX ((size_t)10 << 20)
#define HEARTBEAT_US INT64_C(2000000)
#define ABANDON_US INT64_C(300000000)
#define ABANDON_SHORT_US INT64_C(20000000)    /* for what has ended, where others wait for room */
#define REQUEST_FREE_BYTES ((size_t)32 << 10) /* of a request that do not count */
#define TAGS_MAX 1000

/* ---- responses ---- */

static void name_response(const Operation *op, SC(ExecutePlanResponse) * m, char id[37])
{
    uuid_new(id);
    m->session_id = op->conn->id;
    m->server_side_session_id = op->conn->server_id;
    m->operation_id = op->id;
    m->response_id = id;
}

static Response *pack_response(const Operation *op, SC(ExecutePlanResponse) * m, size_t taken)
{
    char id[37];
    name_response(op, m, id);
    Response *r = response_new(op->account, protobuf_c_message_get_packed_size(&m->base), taken);
    memcpy(r->id, id, sizeof(id));
    r->n = proto_pack_to(&m->base, r->bytes);
    m->response_id = NULL;
    return r;
}

static size_t response_size(const Operation *op, SC(ExecutePlanResponse) * m)
{
    char id[37];
    name_response(op, m, id);
    size_t n = protobuf_c_message_get_packed_size(&m->base);
    m->response_id = NULL;
    return n;
}

/* Lets go of the first response, which has been sent. */
static void drop_first(Operation *op)
{
    Response *r = op->first;
    op->first = r->next;
    if (op->first == NULL) {
        op->last = NULL;
    }
    op->sent_bytes -= r->n;
    op->n_released++;
    memcpy(op->last_released, r->id, sizeof(r->id));
    response_release(r);
}

static void drop_all(Operation *op)
{
    while (op->first != NULL) {
        Response *r = op->first;
        op->first = r->next;
        response_release(r);
    }
    op->last = NULL;
    op->unsent = NULL;
    op->sent_bytes = 0;
    op->unsent_bytes = 0;
}

static void append(Operation *op, Response *r)
{
    if (op->abandoned) {
        response_release(r);
        return;
    }
    if (op->last != NULL) {
        op->last->next = r;
    } else {
        op->first = r;
    }
    op->last = r;
    if (op->unsent == NULL) {
        op->unsent = r;
    }
    op->unsent_bytes += r->n;
}

/* Gives the stream what it takes, and the end behind the last. Under the lock. */
static void send_some(Operation *op)
{
    bool sent = false;
    while (op->call != NULL && op->unsent != NULL) {
        Response *r = op->unsent;
        atomic_fetch_add(&r->refs, 1);
        if (rpc_send(op->call, r->bytes, r->n, response_bytes_release) != RPC_SENT) {
            atomic_fetch_sub(&r->refs, 1);
            break;
        }
        op->unsent = r->next;
        op->unsent_bytes -= r->n;
        op->sent_bytes += r->n;
        sent = true;
        size_t keep = op->reattachable ? KEPT_MAX : 0;
        while (op->sent_bytes > keep && op->first != op->unsent) {
            drop_first(op);
        }
    }
    if (sent) {
        op->spoke_us = clock_mono_us();
    }
    if (op->call != NULL && op->unsent == NULL && op->state == OPERATION_DONE) {
        rpc_end(op->call, &op->end);
    }
}

/* ---- life ---- */

static char **copy_tags(char *const *tags, size_t n)
{
    char **copy = mem_zalloc(mem_mul(n + 1, sizeof(char *)));
    for (size_t i = 0; i < n; i++) {
        copy[i] = mem_strdup(tags[i]);
    }
    return copy;
}

#define REQUEST_OPTION(name)                                                                       \
    SPARK__CONNECT__EXECUTE_PLAN_REQUEST__REQUEST_OPTION__REQUEST_OPTION_##name

static bool wants_reattach(const SC(ExecutePlanRequest) * in)
{
    for (size_t i = 0; i < in->n_request_options; i++) {
        const SC(ExecutePlanRequest__RequestOption) *o = in->request_options[i];
        if (o->request_option_case == REQUEST_OPTION(REATTACH_OPTIONS) &&
            o->reattach_options->reattachable) {
            return true;
        }
    }
    return false;
}

static Operation *operation_new(ConnSession *s, const SC(ExecutePlanRequest) * in, const char *id,
                                Arena *request, int64_t charged)
{
    Operation *op = mem_zalloc(sizeof(*op));
    atomic_init(&op->refs, 1);
    op->conn = conn_retain(s);
    op->id = mem_strdup(id);
    op->tags = copy_tags(in->tags, in->n_tags);
    op->n_tags = in->n_tags;
    op->reattachable = wants_reattach(in);
    op->plan = in->plan;
    op->account = account_new(s->server->responses);
    op->charged = charged;
    op->arena = *request;
    *request = (Arena){0};
    op->spoke_us = op->left_us = clock_mono_us();
    pthread_mutex_init(&op->lock, NULL);
    atomic_fetch_add(&s->n_running, 1);
    atomic_fetch_add(&s->server->n_running, 1);
    return op;
}

Operation *operation_retain(Operation *op)
{
    atomic_fetch_add(&op->refs, 1);
    return op;
}

void operation_release(Operation *op)
{
    if (atomic_fetch_sub(&op->refs, 1) != 1) {
        return;
    }
    drop_all(op);
    if (op->call != NULL) {
        rpc_unref(op->call);
    }
    if (op->wake_free != NULL) {
        op->wake_free(op->wake_arg);
    }
    rpc_end_free(&op->end);
    for (size_t i = 0; i < op->n_tags; i++) {
        mem_free(op->tags[i]);
    }
    mem_free(op->tags);
    mem_free(op->id);
    arena_free(&op->arena);
    (void)budget_try(engine_budget(op->conn->server->engine), -op->charged);
    account_release(op->account);
    pthread_mutex_destroy(&op->lock);
    conn_release(op->conn);
    mem_free(op);
}

/* Under the session's lock. */
static Operation *lookup(ConnSession *s, const char *id)
{
    for (Operation *op = s->operations; op != NULL; op = op->next) {
        if (strcmp(op->id, id) == 0) {
            return op;
        }
    }
    return NULL;
}

Operation *operation_find(ConnSession *s, const char *id)
{
    pthread_mutex_lock(&s->lock);
    Operation *op = id != NULL ? lookup(s, id) : NULL;
    if (op != NULL) {
        operation_retain(op);
    }
    pthread_mutex_unlock(&s->lock);
    return op;
}

static size_t count_operations(const ConnSession *s)
{
    size_t n = 0;
    for (const Operation *op = s->operations; op != NULL; op = op->next) {
        n++;
    }
    return n;
}

/* What has ended and nobody reads goes when there are too many: the oldest. */
static void make_place(ConnSession *s)
{
    Operation *old = NULL;
    pthread_mutex_lock(&s->lock);
    bool full = count_operations(s) >= OPERATIONS_MAX;
    for (Operation *op = s->operations; full && op != NULL; op = op->next) {
        pthread_mutex_lock(&op->lock);
        old = op->state == OPERATION_DONE && op->call == NULL ? op : old;
        pthread_mutex_unlock(&op->lock);
    }
    if (old != NULL) {
        operation_retain(old);
    }
    pthread_mutex_unlock(&s->lock);
    if (old != NULL) {
        operation_release_until(old, NULL);
        operation_release(old);
    }
}

/* Under the session's lock. */
static fb_status check_bounds(const ConnSession *s, fb_error *err)
{
    if (count_operations(s) >= OPERATIONS_MAX) {
        return err_unsupported(err, "more than %d operations of a session at a time",
                               OPERATIONS_MAX);
    }
    if (atomic_load(&s->n_running) >= SESSION_RUNNING_MAX) {
        return err_unsupported(err, "more than %d running operations of a session",
                               SESSION_RUNNING_MAX);
    }
    if (atomic_load(&s->server->n_running) >= SERVER_RUNNING_MAX) {
        return err_unsupported(err, "more than %d running operations of a server",
                               SERVER_RUNNING_MAX);
    }
    return FB_OK;
}

static fb_status find_or_make(ConnSession *s, const SC(ExecutePlanRequest) * in, const char *id,
                              Arena *request, uint64_t request_hash, Operation **ret, bool *ret_new,
                              fb_error *err)
{
    Operation *op = lookup(s, id);
    *ret_new = op == NULL;
    if (s->closed) {
        return err_set(err, ERR_INVALID_HANDLE_SESSION_CLOSED, "handle", s->id, NULL);
    }
    if (op != NULL && (op->request_hash != request_hash || !op->reattachable)) {
        return err_set(err, ERR_INVALID_HANDLE_OPERATION_EXISTS, "handle", id, NULL);
    }
    if (op == NULL) {
        size_t n = request->allocated > REQUEST_FREE_BYTES ? request->allocated : 0;
        TRY(check_bounds(s, err));
        TRY(budget_charge(engine_budget(s->server->engine), (int64_t)n, err));
        op = operation_new(s, in, id, request, (int64_t)n);
        op->request_hash = request_hash;
        op->next = s->operations;
        s->operations = op;
    }
    *ret = operation_retain(op);
    return FB_OK;
}

fb_status operation_open(ConnSession *s, const SC(ExecutePlanRequest) * in, Arena *request,
                         uint64_t request_hash, Operation **ret, bool *ret_new, fb_error *err)
{
    char made[37];
    const char *id = in->operation_id;
    if (id == NULL || id[0] == '\0') {
        uuid_new(made);
        id = made;
    } else if (!is_uuid(id)) {
        return err_set(err, ERR_INVALID_HANDLE_FORMAT, "handle", id, NULL);
    }
    if (in->n_tags > TAGS_MAX) {
        return err_unsupported(err, "an operation of %zu tags", in->n_tags);
    }
    make_place(s);
    pthread_mutex_lock(&s->lock);
    fb_status st = find_or_make(s, in, id, request, request_hash, ret, ret_new, err);
    pthread_mutex_unlock(&s->lock);
    return st;
}

void operation_forget(Operation *op)
{
    ConnSession *s = op->conn;
    bool listed = false;
    pthread_mutex_lock(&s->lock);
    for (Operation **at = &s->operations; *at != NULL && !listed; at = &(*at)->next) {
        if (*at == op) {
            *at = op->next;
            listed = true;
            break;
        }
    }
    pthread_mutex_unlock(&s->lock);
    if (listed) {
        operation_release(op);
    }
}

/* ---- streams ---- */

static fb_status find_position(Operation *op, const char *after, Response **ret, fb_error *err)
{
    if (after == NULL || after[0] == '\0') {
        if (op->n_released > 0) {
            return err_set(err, ERR_INVALID_CURSOR_POSITION_NOT_AVAILABLE, "index", "1",
                           "responseId", op->last_released, NULL);
        }
        *ret = op->first;
        return FB_OK;
    }
    if (op->n_released > 0 && strcmp(after, op->last_released) == 0) {
        *ret = op->first;
        return FB_OK;
    }
    for (Response *r = op->first; r != NULL; r = r->next) {
        if (strcmp(r->id, after) == 0) {
            *ret = r->next;
            return FB_OK;
        }
    }
    return err_set(err, ERR_INVALID_CURSOR_POSITION_NOT_FOUND, "responseId", after, NULL);
}

/* From now on what begins with r is to be sent. */
static void move_position(Operation *op, Response *from)
{
    op->unsent = from;
    op->sent_bytes = 0;
    op->unsent_bytes = 0;
    bool sent = true;
    for (Response *r = op->first; r != NULL; r = r->next) {
        sent = sent && r != from;
        *(sent ? &op->sent_bytes : &op->unsent_bytes) += r->n;
    }
}

fb_status operation_attach(Operation *op, RpcCall *call, const char *after, fb_error *err)
{
    Response *from = NULL;
    RpcCall *old = NULL;
    pthread_mutex_lock(&op->lock);
    fb_status st = find_position(op, after, &from, err);
    if (st == FB_OK) {
        move_position(op, from);
        old = op->call;
        op->call = rpc_ref(call);
        op->left_us = 0;
        op->spoke_us = clock_mono_us();
        send_some(op);
    }
    pthread_mutex_unlock(&op->lock);
    if (old != NULL) {
        fb_error gone = {0};
        (void)err_set(&gone, ERR_INVALID_CURSOR_DISCONNECTED, NULL);
        rpc_fail(old, NULL, &gone);
        rpc_unref(old);
    }
    return st;
}

void operation_detach(Operation *op, RpcCall *call)
{
    bool gone = false;
    pthread_mutex_lock(&op->lock);
    if (op->call == call) {
        rpc_unref(call);
        op->call = NULL;
        op->left_us = clock_mono_us();
        gone = !op->reattachable;
    }
    pthread_mutex_unlock(&op->lock);
    if (gone) { /* nobody can ever read the rest */
        operation_interrupt(op);
        operation_forget(op);
    }
}

void operation_pump(Operation *op)
{
    pthread_mutex_lock(&op->lock);
    send_some(op);
    pthread_mutex_unlock(&op->lock);
}

/* ---- sending ---- */

/* A client that does not release what it has read: the oldest goes, so that it can have more. */
static void drop_written(Operation *op)
{
    pthread_mutex_lock(&op->lock);
    while (!op->releases && op->first != op->unsent && response_is_written(op->first)) {
        drop_first(op);
    }
    pthread_mutex_unlock(&op->lock);
}

fb_status operation_take_room(Operation *op, size_t n, fb_error *err)
{
    Executor *x = op->conn->server->executor;
    bool taken = false, away = false;
    fb_status st = FB_OK;
    while (st == FB_OK && !taken) {
        if (atomic_load(&op->cancel)) {
            st = err_set(err, ERR_OPERATION_CANCELED, NULL);
            break;
        }
        st = account_try(op->account, n, &taken, err);
        if (st == FB_OK && !taken) {
            if (!away) {
                away = true;
                executor_leave(x, op->lane);
            }
            drop_written(op);
            account_wait(op->account, &op->cancel);
        }
    }
    if (away) {
        executor_return(x, op->lane);
    }
    return st;
}

fb_status operation_send_taken(Operation *op, SC(ExecutePlanResponse) * m, size_t taken,
                               fb_error *err)
{
    Response *r = pack_response(op, m, taken);
    pthread_mutex_lock(&op->lock);
    bool cancelled = atomic_load(&op->cancel) || op->state == OPERATION_DONE;
    if (cancelled) {
        response_release(r);
    } else {
        append(op, r);
        send_some(op);
    }
    pthread_mutex_unlock(&op->lock);
    return cancelled ? err_set(err, ERR_OPERATION_CANCELED, NULL) : FB_OK;
}

fb_status operation_send(Operation *op, SC(ExecutePlanResponse) * m, fb_error *err)
{
    size_t n = response_size(op, m);
    TRY(operation_take_room(op, n, err));
    return operation_send_taken(op, m, n, err);
}

bool operation_offer(Operation *op, SC(ExecutePlanResponse) * m)
{
    size_t n = response_size(op, m);
    fb_error refused = {0};
    bool taken = false;
    if (account_try(op->account, n, &taken, &refused) != FB_OK) {
        err_clear(&refused);
    }
    if (!taken) {
        return false;
    }
    Response *r = pack_response(op, m, n);
    pthread_mutex_lock(&op->lock);
    taken = op->state != OPERATION_DONE && !op->abandoned;
    if (taken) {
        append(op, r);
        send_some(op);
    } else {
        response_release(r);
    }
    pthread_mutex_unlock(&op->lock);
    return taken;
}

/* The operation has no thread any more. Under the lock. */
static void leave_running(Operation *op, OperationState to)
{
    if (op->state == OPERATION_RUNNING) {
        atomic_fetch_sub(&op->conn->n_running, 1);
        atomic_fetch_sub(&op->conn->server->n_running, 1);
    }
    op->state = to;
}

/* Under the lock; last may be NULL. */
static void finish(Operation *op, Response *last, RpcEnd end)
{
    if (op->state == OPERATION_DONE) {
        rpc_end_free(&end);
        if (last != NULL) {
            response_release(last);
        }
        return;
    }
    if (last != NULL) {
        append(op, last);
    }
    leave_running(op, OPERATION_DONE);
    op->end = end;
    send_some(op);
}

void operation_complete(Operation *op)
{
    SC(ExecutePlanResponse) m = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__INIT;
    SC(ExecutePlanResponse__ResultComplete)
    complete = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__RESULT_COMPLETE__INIT;
    m.response_type_case = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__RESPONSE_TYPE_RESULT_COMPLETE;
    m.result_complete = &complete;
    Response *r = pack_response(op, &m, 0);
    pthread_mutex_lock(&op->lock);
    finish(op, r, (RpcEnd){.code = RPC_OK});
    pthread_mutex_unlock(&op->lock);
}

void operation_fail(Operation *op, fb_error *err)
{
    RpcEnd end = error_end(op->conn, err);
    pthread_mutex_lock(&op->lock);
    finish(op, NULL, end);
    pthread_mutex_unlock(&op->lock);
}

bool operation_interrupt(Operation *op)
{
    pthread_mutex_lock(&op->lock);
    bool running = op->state != OPERATION_DONE && !atomic_load(&op->cancel);
    bool waiting = op->state == OPERATION_WAITING && !op->woken;
    if (running) {
        atomic_store(&op->cancel, true);
        op->woken = op->woken || waiting;
    }
    pthread_mutex_unlock(&op->lock);
    if (running) {
        account_wake(op->account);
    }
    if (running && waiting) {
        fb_error err = {0};
        (void)err_set(&err, ERR_OPERATION_CANCELED, NULL);
        operation_fail(op, &err);
    }
    return running;
}

void operation_release_until(Operation *op, const char *response_id)
{
    if (response_id == NULL) {
        pthread_mutex_lock(&op->lock);
        op->abandoned = true;
        drop_all(op);
        pthread_mutex_unlock(&op->lock);
        operation_interrupt(op);
        operation_forget(op);
        return;
    }
    pthread_mutex_lock(&op->lock);
    op->releases = true;
    const Response *found = op->first;
    while (found != op->unsent && strcmp(found->id, response_id) != 0) {
        found = found->next;
    }
    bool known = found != op->unsent;
    for (bool more = known; more;) {
        more = op->first != found;
        drop_first(op);
    }
    pthread_mutex_unlock(&op->lock);
}

/* ---- waiting without a thread ---- */

static void run_wake(void *arg)
{
    Operation *op = arg;
    op->wake(op, op->wake_arg, op->timed_out);
    operation_release(op);
}

/* Under the lock. */
static void wake(Operation *op, bool timed_out)
{
    if (op->state == OPERATION_WAITING && !op->woken) {
        op->woken = true;
        op->timed_out = timed_out;
        op->lane = LANE_SHORT;
        executor_run(op->conn->server->executor, LANE_SHORT, run_wake, operation_retain(op));
    }
}

void operation_wait(Operation *op, const char *run_id, int64_t deadline_us, WakeFn fn, void *arg,
                    void (*free_arg)(void *arg))
{
    pthread_mutex_lock(&op->lock);
    op->wake = fn;
    op->wake_arg = arg;
    op->wake_free = free_arg;
    bool cancelled = atomic_load(&op->cancel);
    if (op->state == OPERATION_RUNNING && !cancelled) {
        leave_running(op, OPERATION_WAITING);
        op->deadline_us = deadline_us;
        if (run_id != NULL) {
            memcpy(op->waits_for, run_id, strnlen(run_id, sizeof(op->waits_for) - 1));
        }
    }
    pthread_mutex_unlock(&op->lock);
    if (cancelled) {
        fb_error err = {0};
        (void)err_set(&err, ERR_OPERATION_CANCELED, NULL);
        operation_fail(op, &err);
    } else if (deadline_us) {
        housekeeper_by(op->conn->server, deadline_us);
    }
}

void operations_wake(ConnSession *s, const char *run_id)
{
    pthread_mutex_lock(&s->lock);
    for (Operation *op = s->operations; op != NULL; op = op->next) {
        pthread_mutex_lock(&op->lock);
        if (strcmp(op->waits_for, run_id) == 0) {
            wake(op, false);
        }
        pthread_mutex_unlock(&op->lock);
    }
    pthread_mutex_unlock(&s->lock);
}

void operation_wake(Operation *op)
{
    pthread_mutex_lock(&op->lock);
    wake(op, false);
    pthread_mutex_unlock(&op->lock);
}

/* ---- the passing of time ---- */

static void heartbeat(Operation *op)
{
    SC(ExecutePlanResponse) m = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__INIT;
    SC(ExecutePlanResponse__ExecutionProgress)
    progress = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__EXECUTION_PROGRESS__INIT;
    m.response_type_case = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__RESPONSE_TYPE_EXECUTION_PROGRESS;
    m.execution_progress = &progress;
    append(op, pack_response(op, &m, 0));
    send_some(op);
}

/* True: nobody has read it for too long. Under the session's lock. */
static bool tick(Operation *op, int64_t now_us, bool room_is_short, int64_t *next_us)
{
    pthread_mutex_lock(&op->lock);
    bool waiting = op->state == OPERATION_WAITING && !op->woken && op->deadline_us;
    if (waiting && now_us >= op->deadline_us) {
        wake(op, true);
    } else if (waiting && op->deadline_us < *next_us) {
        *next_us = op->deadline_us;
    }
    if (op->call != NULL && op->state != OPERATION_DONE && op->unsent == NULL &&
        now_us - op->spoke_us >= HEARTBEAT_US) {
        heartbeat(op);
    }
    bool soon = room_is_short && op->state == OPERATION_DONE && op->first != NULL;
    bool given_up = op->left_us && now_us - op->left_us >= (soon ? ABANDON_SHORT_US : ABANDON_US);
    pthread_mutex_unlock(&op->lock);
    return given_up;
}

int64_t operations_tick(ConnSession *s, int64_t now_us)
{
    Operation *given_up = NULL;
    int64_t next_us = INT64_MAX;
    bool room_is_short = response_pool_is_short(s->server->responses);
    do {
        if (given_up != NULL) {
            LOG_INFO("Connect", "nobody reads operation %s, it is given up", given_up->id);
            operation_release_until(given_up, NULL);
            operation_release(given_up);
            given_up = NULL;
        }
        pthread_mutex_lock(&s->lock);
        for (Operation *op = s->operations; op != NULL && given_up == NULL; op = op->next) {
            given_up = tick(op, now_us, room_is_short, &next_us) ? operation_retain(op) : NULL;
        }
        pthread_mutex_unlock(&s->lock);
    } while (given_up != NULL);
    return next_us;
}

bool operation_has_tag(const Operation *op, const char *tag)
{
    for (size_t i = 0; tag != NULL && i < op->n_tags; i++) {
        if (strcmp(op->tags[i], tag) == 0) {
            return true;
        }
    }
    return false;
}
