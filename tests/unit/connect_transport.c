/*
 * connect_transport.c - the gRPC server against a client of the same library, in one process.
 *
 * The service below answers by what the request says. Its callbacks run on polling threads and only
 * write down what happened, under a lock; the test looks at it, waiting for what must come.
 */
#include "connect/transport.h"

#include <arpa/inet.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#define BIG_MESSAGE ((size_t)64 << 10)

/* ---- The service ---- */

typedef struct Service {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int opened, messages, half_closed, writable, detached, cancelled;
    size_t bytes, max_seen;
    int flood_left; /* messages that Flood has still to send */
    bool full;
    RpcCall *held; /* with a reference, by Hold */
    atomic_int released;
} Service;

static Service *service_new(void)
{
    Service *s = mem_zalloc(sizeof(*s));
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    return s;
}

static void service_free(Service *s)
{
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

static void bump(Service *s, int *counter)
{
    pthread_mutex_lock(&s->lock);
    (*counter)++;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static int count(Service *s, const int *counter)
{
    pthread_mutex_lock(&s->lock);
    int n = *counter;
    pthread_mutex_unlock(&s->lock);
    return n;
}

static void wait_for(Service *s, const int *counter, int n)
{
    pthread_mutex_lock(&s->lock);
    while (*counter < n) {
        pthread_cond_wait(&s->changed, &s->lock);
    }
    pthread_mutex_unlock(&s->lock);
}

static void on_open(RpcCall *c, void *arg)
{
    rpc_set_user(c, arg);
    bump(arg, &((Service *)arg)->opened);
}

static void on_detach(RpcCall *c, void *arg, bool cancelled)
{
    Service *s = arg;
    assert_ptr_equal(rpc_user(c), rpc_method(c)->on_open != NULL ? arg : NULL);
    if (cancelled) {
        bump(s, &s->cancelled);
    }
    bump(s, &s->detached);
}

static void on_echo(RpcCall *c, void *arg, const uint8_t *p, size_t n)
{
    bump(arg, &((Service *)arg)->messages);
    rpc_send(c, p, n, NULL);
    rpc_finish(c, RPC_OK, "", NULL, 0);
    rpc_finish(c, RPC_INTERNAL, "a second end is of no effect", NULL, 0);
    if (rpc_send(c, p, n, NULL) != RPC_GONE) {
        bump(arg, &((Service *)arg)->writable);
    }
}

/* Fails with a message of p[0] * 100 bytes and details of p[1] * 100. */
static void on_fail(RpcCall *c, void *arg, const uint8_t *p, size_t n)
{
    (void)arg;
    (void)n;
    char message[25600] = "", details[25600];
    memset(message, 'm', (size_t)p[0] * 100);
    memset(details, 'd', sizeof(details));
    rpc_finish(c, RPC_INTERNAL, message, p[1] ? details : NULL, (size_t)p[1] * 100);
}

/* A hundred bytes that the service counts back. */
typedef struct Counted {
    char bytes[100];
    Service *s;
} Counted;

static void count_back(void *bytes)
{
    Counted *b = bytes;
    atomic_fetch_add(&b->s->released, 1);
    mem_free(b);
}

static void on_stream(RpcCall *c, void *arg, const uint8_t *p, size_t n)
{
    for (int i = 0; i < (n > 0 ? p[0] : 0); i++) {
        Counted *b = mem_zalloc(sizeof(*b));
        b->s = arg;
        b->bytes[0] = (char)i;
        rpc_send(c, b, sizeof(b->bytes), count_back);
    }
    rpc_finish(c, RPC_OK, "", NULL, 0);
}

/* Sends what is left until the queue is full, numbered downwards. */
static void flood(RpcCall *c, Service *s)
{
    static const char zeros[BIG_MESSAGE];
    pthread_mutex_lock(&s->lock);
    s->full = false;
    while (s->flood_left > 0 && !s->full) {
        s->full = rpc_send(c, zeros, sizeof(zeros), NULL) != RPC_SENT;
        s->flood_left -= !s->full;
        size_t queued = rpc_queued(c);
        s->max_seen = queued > s->max_seen ? queued : s->max_seen;
    }
    if (s->flood_left == 0) {
        rpc_finish(c, RPC_OK, "", NULL, 0);
    }
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void on_flood(RpcCall *c, void *arg, const uint8_t *p, size_t n)
{
    (void)p;
    (void)n;
    flood(c, arg);
    bump(arg, &((Service *)arg)->messages);
}

static void on_flood_writable(RpcCall *c, void *arg)
{
    bump(arg, &((Service *)arg)->writable);
    flood(c, arg);
}

/* Keeps the call, with a reference. */
static void on_hold(RpcCall *c, void *arg, const uint8_t *p, size_t n)
{
    Service *s = arg;
    (void)p;
    (void)n;
    pthread_mutex_lock(&s->lock);
    s->held = rpc_ref(c);
    pthread_mutex_unlock(&s->lock);
    bump(s, &s->messages);
}

static void on_part(RpcCall *c, void *arg, const uint8_t *p, size_t n)
{
    Service *s = arg;
    (void)c;
    (void)p;
    pthread_mutex_lock(&s->lock);
    s->bytes += n;
    pthread_mutex_unlock(&s->lock);
    bump(s, &s->messages);
}

static void on_half_close(RpcCall *c, void *arg)
{
    Service *s = arg;
    char text[64];
    snprintf(text, sizeof(text), "%d messages, %zu bytes", s->messages, s->bytes);
    bump(s, &s->half_closed);
    rpc_send(c, text, strlen(text), NULL);
    rpc_finish(c, RPC_OK, "", NULL, 0);
}

static const RpcMethod methods[] = {
    {.path = "/t.T/Echo", .on_open = on_open, .on_message = on_echo, .on_detach = on_detach},
    {.path = "/t.T/Fail", .on_message = on_fail, .on_detach = on_detach},
    {.path = "/t.T/Stream", .on_message = on_stream, .on_detach = on_detach},
    {.path = "/t.T/Flood",
     .on_message = on_flood,
     .on_writable = on_flood_writable,
     .on_detach = on_detach},
    {.path = "/t.T/Hold", .on_message = on_hold, .on_detach = on_detach},
    {.path = "/t.T/Upload",
     .client_stream = true,
     .on_message = on_part,
     .on_half_close = on_half_close,
     .on_detach = on_detach},
};

/* ---- The client: blocking, one call at a time on each queue ---- */

typedef struct Client {
    grpc_channel *channel;
    grpc_completion_queue *queue;
} Client;

typedef struct ClientCall {
    Client *client;
    grpc_call *call;
    grpc_metadata_array initial, trailing;
    bool have_initial;
    grpc_status_code status;
    char message[8192];
    size_t n_details;
} ClientCall;

static Client client_new(uint16_t port)
{
    char address[64];
    snprintf(address, sizeof(address), "127.0.0.1:%u", port);
    grpc_init();
    grpc_arg args[2] = {{.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH},
                        {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL}};
    args[0].value.integer = -1;
    args[1].value.integer = 1;
    grpc_channel_args all = {2, args};
    grpc_channel_credentials *plain = grpc_insecure_credentials_create();
    Client c = {grpc_channel_create(address, plain, &all),
                grpc_completion_queue_create_for_pluck(NULL)};
    grpc_channel_credentials_release(plain);
    return c;
}

static void client_free(Client *c)
{
    grpc_channel_destroy(c->channel);
    grpc_completion_queue_shutdown(c->queue);
    grpc_completion_queue_destroy(c->queue);
    grpc_shutdown_blocking();
}

static bool run(ClientCall *k, const grpc_op *ops, size_t n)
{
    if (grpc_call_start_batch(k->call, ops, n, k, NULL) != GRPC_CALL_OK) {
        return false;
    }
    gpr_timespec forever = gpr_inf_future(GPR_CLOCK_REALTIME);
    return grpc_completion_queue_pluck(k->client->queue, k, forever, NULL).success != 0;
}

static ClientCall *call_open_until(Client *c, const char *path, const char *authorization,
                                   gpr_timespec deadline)
{
    ClientCall *k = mem_zalloc(sizeof(*k));
    k->client = c;
    k->call = grpc_channel_create_call(c->channel, NULL, GRPC_PROPAGATE_DEFAULTS, c->queue,
                                       grpc_slice_from_static_string(path), NULL, deadline, NULL);
    grpc_metadata_array_init(&k->initial);
    grpc_metadata_array_init(&k->trailing);
    grpc_metadata md = {.key = grpc_slice_from_static_string("authorization"),
                        .value = grpc_slice_from_static_string(authorization ? authorization : "")};
    grpc_op op = {.op = GRPC_OP_SEND_INITIAL_METADATA};
    op.data.send_initial_metadata.count = authorization != NULL;
    op.data.send_initial_metadata.metadata = &md;
    run(k, &op, 1);
    return k;
}

static ClientCall *call_open(Client *c, const char *path, const char *authorization)
{
    return call_open_until(c, path, authorization, gpr_inf_future(GPR_CLOCK_REALTIME));
}

static bool call_write(ClientCall *k, const void *p, size_t n, bool last)
{
    grpc_slice slice = grpc_slice_from_copied_buffer(p, n);
    grpc_byte_buffer *b = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    grpc_op ops[2] = {{.op = GRPC_OP_SEND_MESSAGE}, {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT}};
    ops[0].data.send_message.send_message = b;
    bool ok = run(k, ops, last ? 2 : 1);
    grpc_byte_buffer_destroy(b);
    return ok;
}

static bool call_close(ClientCall *k)
{
    grpc_op op = {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};
    return run(k, &op, 1);
}

/* The next message, for the caller to free with mem_free(); NULL if there is none. */
static char *call_read(ClientCall *k, size_t *n)
{
    grpc_byte_buffer *b = NULL;
    grpc_op ops[2] = {{.op = GRPC_OP_RECV_MESSAGE}, {.op = GRPC_OP_RECV_INITIAL_METADATA}};
    ops[0].data.recv_message.recv_message = &b;
    ops[1].data.recv_initial_metadata.recv_initial_metadata = &k->initial;
    bool ok = run(k, ops, k->have_initial ? 1 : 2);
    k->have_initial = true;
    if (!ok || b == NULL) {
        return NULL;
    }
    grpc_byte_buffer_reader reader;
    grpc_byte_buffer_reader_init(&reader, b);
    grpc_slice s = grpc_byte_buffer_reader_readall(&reader);
    *n = GRPC_SLICE_LENGTH(s);
    char *p = mem_alloc(*n + 1);
    memcpy(p, GRPC_SLICE_START_PTR(s), *n);
    p[*n] = '\0';
    grpc_slice_unref(s);
    grpc_byte_buffer_reader_destroy(&reader);
    grpc_byte_buffer_destroy(b);
    return p;
}

/* Waits for the end of the call and says its status. */
static int call_status(ClientCall *k)
{
    grpc_slice message;
    grpc_op ops[2] = {{.op = GRPC_OP_RECV_STATUS_ON_CLIENT}, {.op = GRPC_OP_RECV_INITIAL_METADATA}};
    ops[0].data.recv_status_on_client.status = &k->status;
    ops[0].data.recv_status_on_client.status_details = &message;
    ops[0].data.recv_status_on_client.trailing_metadata = &k->trailing;
    ops[1].data.recv_initial_metadata.recv_initial_metadata = &k->initial;
    if (!run(k, ops, k->have_initial ? 1 : 2)) {
        return -1;
    }
    k->have_initial = true;
    snprintf(k->message, sizeof(k->message), "%.*s", (int)GRPC_SLICE_LENGTH(message),
             (const char *)GRPC_SLICE_START_PTR(message));
    grpc_slice_unref(message);
    for (size_t i = 0; i < k->trailing.count; i++) {
        if (grpc_slice_str_cmp(k->trailing.metadata[i].key, "grpc-status-details-bin") == 0) {
            k->n_details = GRPC_SLICE_LENGTH(k->trailing.metadata[i].value);
        }
    }
    return (int)k->status;
}

static void call_free(ClientCall *k)
{
    grpc_metadata_array_destroy(&k->initial);
    grpc_metadata_array_destroy(&k->trailing);
    grpc_call_unref(k->call);
    mem_free(k);
}

/* A unary call: its status; the response's length, or -1, goes to n. */
static int unary(Client *c, const char *path, const char *authorization, const void *p, size_t size,
                 int64_t *n)
{
    ClientCall *k = call_open(c, path, authorization);
    call_write(k, p, size, true);
    size_t length = 0;
    char *response = call_read(k, &length);
    *n = response != NULL ? (int64_t)length : -1;
    if (response != NULL && size == length && memcmp(p, response, size) != 0) {
        *n = -2;
    }
    mem_free(response);
    int status = call_status(k);
    call_free(k);
    return status;
}

/* ---- Tests ---- */

typedef struct Fixture {
    Service *s;
    Transport *t;
    Client c;
} Fixture;

static Fixture begin(TransportOptions o)
{
    Fixture f = {.s = service_new()};
    fb_error err = {0};
    fb_status st =
        transport_start(&o, methods, sizeof(methods) / sizeof(methods[0]), f.s, &f.t, &err);
    if (st != FB_OK) {
        fail_msg("%s", err.message);
    }
    assert_true(transport_port(f.t) != 0);
    f.c = client_new(transport_port(f.t));
    return f;
}

static void end(Fixture *f)
{
    transport_stop(f->t, 0);
    client_free(&f->c);
    service_free(f->s);
}

static void test_unary(void **state)
{
    (void)state;
    Fixture f = begin((TransportOptions){0});
    int64_t n;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(unary(&f.c, "/t.T/Echo", NULL, "hello", 5, &n), RPC_OK);
        assert_int_equal(n, 5);
    }
    assert_int_equal(unary(&f.c, "/t.T/Echo", NULL, "", 0, &n), RPC_OK);
    assert_int_equal(n, 0);
    size_t size = (size_t)20 << 20; /* larger than the bound of a queue */
    char *big = mem_alloc(size);
    for (size_t i = 0; i < size; i++) {
        big[i] = (char)(i * 7 >> 3);
    }
    assert_int_equal(unary(&f.c, "/t.T/Echo", NULL, big, size, &n), RPC_OK);
    assert_int_equal(n, size);
    mem_free(big);
    assert_int_equal(unary(&f.c, "/t.T/None", NULL, "", 0, &n), RPC_UNIMPLEMENTED);
    wait_for(f.s, &f.s->detached, 102);
    assert_int_equal(count(f.s, &f.s->opened), 102);
    assert_int_equal(count(f.s, &f.s->messages), 102);
    assert_int_equal(count(f.s, &f.s->cancelled), 0);
    assert_int_equal(count(f.s, &f.s->writable), 0);
    end(&f);
}

static void test_no_message(void **state)
{
    (void)state;
    Fixture f = begin((TransportOptions){0});
    ClientCall *k = call_open(&f.c, "/t.T/Echo", NULL);
    assert_true(call_close(k));
    assert_int_equal(call_status(k), RPC_INTERNAL);
    call_free(k);
    wait_for(f.s, &f.s->detached, 1);
    assert_int_equal(count(f.s, &f.s->messages), 0);
    end(&f);
}

static void fail_with(Client *c, uint8_t message, uint8_t details, size_t want_message,
                      size_t want_details)
{
    ClientCall *k = call_open(c, "/t.T/Fail", NULL);
    call_write(k, (const uint8_t[]){message, details}, 2, true);
    assert_int_equal(call_status(k), RPC_INTERNAL);
    assert_int_equal(strlen(k->message), want_message);
    assert_int_equal(k->n_details, want_details);
    call_free(k);
}

static void test_errors(void **state)
{
    (void)state;
    Fixture f = begin((TransportOptions){0});
    for (int i = 0; i < 20; i++) { /* clients refuse large trailers at random */
        fail_with(&f.c, 5, 0, 500, 0);
        fail_with(&f.c, 5, 60, 500, 6000);
        fail_with(&f.c, 10, 60, 1000, 6000);
        fail_with(&f.c, 10, 61, 1000, 0);
        fail_with(&f.c, 255, 255, RPC_TRAILER_MAX, 0);
    }
    assert_int_equal(rpc_message_size("a %\n\xC3\xA9"), 2 + 3 + 3 + 6);
    end(&f);
}

static void test_server_stream(void **state)
{
    (void)state;
    Fixture f = begin((TransportOptions){0});
    ClientCall *k = call_open(&f.c, "/t.T/Stream", NULL);
    call_write(k, "\x32", 1, true);
    size_t n;
    for (int i = 0; i < 50; i++) {
        char *p = call_read(k, &n);
        assert_non_null(p);
        assert_int_equal(n, 100);
        assert_int_equal(p[0], i);
        mem_free(p);
    }
    assert_null(call_read(k, &n));
    assert_int_equal(call_status(k), RPC_OK);
    call_free(k);
    wait_for(f.s, &f.s->detached, 1);
    transport_stop(f.t, 1000);
    assert_int_equal(atomic_load(&f.s->released), 50);
    client_free(&f.c);
    service_free(f.s);
}

static void test_back_pressure(void **state)
{
    (void)state;
    Fixture f = begin((TransportOptions){.max_queued = 10 * BIG_MESSAGE + 5});
    f.s->flood_left = 1000; /* 64 MiB: more than sockets and windows take up */
    ClientCall *k = call_open(&f.c, "/t.T/Flood", NULL);
    call_write(k, "", 0, true);
    wait_for(f.s, &f.s->messages, 1);
    assert_true(count(f.s, &f.s->flood_left) > 0);
    size_t n, sum = 0;
    for (int i = 0; i < 1000; i++) {
        char *p = call_read(k, &n);
        sum += n;
        mem_free(p);
    }
    assert_int_equal(sum, 1000 * BIG_MESSAGE);
    assert_null(call_read(k, &n));
    assert_int_equal(call_status(k), RPC_OK);
    call_free(k);
    wait_for(f.s, &f.s->detached, 1);
    assert_true(count(f.s, &f.s->writable) > 0);
    assert_int_equal(f.s->max_seen, 10 * BIG_MESSAGE);
    end(&f);
}

static void test_client_stream(void **state)
{
    (void)state;
    Fixture f = begin((TransportOptions){0});
    ClientCall *k = call_open(&f.c, "/t.T/Upload", NULL);
    for (int i = 0; i < 10; i++) {
        assert_true(call_write(k, "0123456789", (size_t)i, false));
    }
    assert_true(call_close(k));
    size_t n;
    char *p = call_read(k, &n);
    assert_string_equal(p, "10 messages, 45 bytes");
    mem_free(p);
    assert_int_equal(call_status(k), RPC_OK);
    call_free(k);
    end(&f);
}

/* A client that goes away in the middle has not said that this was all. */
static void test_lost_upload(void **state)
{
    (void)state;
    Fixture f = begin((TransportOptions){0});
    for (int i = 1; i <= 100; i++) {
        ClientCall *k = call_open(&f.c, "/t.T/Upload", NULL);
        call_write(k, "0123456789", 10, false);
        wait_for(f.s, &f.s->messages, i);
        grpc_call_cancel(k->call, NULL);
        assert_int_equal(call_status(k), RPC_CANCELLED);
        call_free(k);
    }
    wait_for(f.s, &f.s->cancelled, 100);
    assert_int_equal(count(f.s, &f.s->half_closed), 0);
    end(&f);
}

static void test_token(void **state)
{
    (void)state;
    Fixture f = begin((TransportOptions){.token = "s3cret"});
    static const char *const wrong[] = {NULL,
                                        "",
                                        "Bearer ",
                                        "Bearer s3cre",
                                        "Bearer S3cret",
                                        "Bearer s3cretx",
                                        "s3cret",
                                        "Basic s3cret",
                                        "Bearer s3cretBearer s3cret"};
    int64_t n;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(unary(&f.c, "/t.T/Echo", wrong[i], "x", 1, &n), RPC_UNAUTHENTICATED);
        assert_int_equal(n, -1);
        assert_int_equal(unary(&f.c, "/t.T/None", wrong[i], "x", 1, &n), RPC_UNAUTHENTICATED);
    }
    assert_int_equal(count(f.s, &f.s->opened), 0);
    assert_int_equal(unary(&f.c, "/t.T/Echo", "Bearer s3cret", "x", 1, &n), RPC_OK);
    assert_int_equal(n, 1);
    end(&f);
}

/* A call that the service still holds when the client has left. */
static void test_cancel(void **state)
{
    (void)state;
    Fixture f = begin((TransportOptions){0});
    ClientCall *k = call_open(&f.c, "/t.T/Hold", "who I am");
    call_write(k, "", 0, true);
    wait_for(f.s, &f.s->messages, 1);
    assert_int_equal(rpc_send(f.s->held, "a", 1, NULL), RPC_SENT);
    size_t n;
    char *p = call_read(k, &n);
    assert_string_equal(p, "a");
    mem_free(p);
    grpc_call_cancel(k->call, NULL);
    assert_int_equal(call_status(k), RPC_CANCELLED);
    call_free(k);
    wait_for(f.s, &f.s->detached, 1);
    assert_int_equal(count(f.s, &f.s->cancelled), 1);
    assert_int_equal(rpc_send(f.s->held, "b", 1, NULL), RPC_GONE);
    assert_int_equal(rpc_queued(f.s->held), 0);
    rpc_finish(f.s->held, RPC_OK, "", NULL, 0);
    assert_string_equal(rpc_authorization(f.s->held), "who I am");
    transport_stop(f.t, 0);
    assert_int_equal(rpc_send(f.s->held, "c", 1, NULL), RPC_GONE);
    rpc_unref(f.s->held);
    client_free(&f.c);
    service_free(f.s);
}

static void test_deadline(void **state)
{
    (void)state;
    Fixture f = begin((TransportOptions){0});
    gpr_timespec soon =
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(100, GPR_TIMESPAN));
    ClientCall *k = call_open_until(&f.c, "/t.T/Hold", NULL, soon);
    call_write(k, "", 0, true);
    wait_for(f.s, &f.s->messages, 1);
    assert_int_equal(call_status(k), 4); /* DEADLINE_EXCEEDED */
    call_free(k);
    wait_for(f.s, &f.s->detached, 1);
    assert_int_equal(count(f.s, &f.s->cancelled), 1);
    rpc_unref(f.s->held);
    end(&f);
}

/* Stopping with calls open: those that end in time end well, the rest are cancelled. */
static void test_stop(void **state)
{
    (void)state;
    Fixture f = begin((TransportOptions){0});
    ClientCall *k = call_open(&f.c, "/t.T/Hold", NULL);
    call_write(k, "", 0, true);
    wait_for(f.s, &f.s->messages, 1);
    transport_stop(f.t, 10);
    assert_int_equal(count(f.s, &f.s->detached), 1);
    assert_int_equal(count(f.s, &f.s->cancelled), 1);
    int status = call_status(k);
    assert_true(status == RPC_UNAVAILABLE || status == RPC_CANCELLED);
    call_free(k);
    rpc_unref(f.s->held);
    client_free(&f.c);
    service_free(f.s);
}

static void *finish_held(void *arg)
{
    Service *s = arg;
    rpc_send(s->held, "late", 4, NULL);
    rpc_finish(s->held, RPC_OK, "", NULL, 0);
    rpc_unref(s->held);
    return NULL;
}

static void test_graceful_stop(void **state)
{
    (void)state;
    Fixture f = begin((TransportOptions){0});
    ClientCall *k = call_open(&f.c, "/t.T/Hold", NULL);
    call_write(k, "", 0, true);
    wait_for(f.s, &f.s->messages, 1);
    pthread_t thread;
    pthread_create(&thread, NULL, finish_held, f.s);
    transport_stop(f.t, 600000); /* ends as soon as the call does */
    pthread_join(thread, NULL);
    assert_int_equal(count(f.s, &f.s->cancelled), 0);
    size_t n;
    char *p = call_read(k, &n);
    assert_string_equal(p, "late");
    mem_free(p);
    assert_int_equal(call_status(k), RPC_OK);
    call_free(k);
    client_free(&f.c);
    service_free(f.s);
}

static void refused_start(const char *host, uint16_t port, const char *message)
{
    fb_error err = {0};
    Transport *t = NULL;
    TransportOptions o = {.host = host, .port = port};
    assert_int_equal(transport_start(&o, methods, 1, NULL, &t, &err), FB_ERR);
    assert_null(t);
    if (strstr(err.message, message) == NULL) {
        fail_msg("%s\nlacks: %s", err.message, message);
    }
    err_clear(&err);
}

static bool can_connect(const char *host, uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, host, &a.sin_addr);
    bool ok = connect(fd, (struct sockaddr *)(void *)&a, sizeof(a)) == 0;
    close(fd);
    return ok;
}

static void test_addresses(void **state)
{
    (void)state;
    Fixture f = begin((TransportOptions){.host = "127.0.0.1"});
    uint16_t port = transport_port(f.t);
    char want[64];
    snprintf(want, sizeof(want), "127.0.0.1:%u: Address already in use", port);
    refused_start("127.0.0.1", port, want);
    refused_start("localhost", port, "Address already in use");
    refused_start("192.0.2.1", 0, "192.0.2.1:0: Cannot assign requested address");
    refused_start("not a host", 0, "not a host");
    assert_true(can_connect("127.0.0.1", port));
    assert_false(can_connect("127.0.0.2", port)); /* the loopback has them all */
    end(&f);
    f = begin((TransportOptions){.host = "localhost"});
    assert_true(can_connect("127.0.0.1", transport_port(f.t)));
    end(&f);
}

/* ---- Service threads that answer while the client leaves ---- */

typedef struct Storm {
    Service *s;
    uint16_t port;
    int n;
} Storm;

static void *answer(void *arg)
{
    RpcCall *c = arg;
    RpcSent sent;
    for (int i = 0; i < 40 && (sent = rpc_send(c, "0123456789", 10, NULL)) != RPC_GONE; i++) {
    }
    rpc_finish(c, RPC_OK, "", NULL, 0);
    rpc_unref(c);
    return NULL;
}

static void on_storm(RpcCall *c, void *arg, const uint8_t *p, size_t n)
{
    (void)arg;
    (void)p;
    (void)n;
    pthread_t thread;
    if (pthread_create(&thread, NULL, answer, rpc_ref(c)) == 0) {
        pthread_detach(thread);
    } else {
        rpc_unref(c);
    }
}

static void *storm_client(void *arg)
{
    Storm *storm = arg;
    Client c = client_new(storm->port);
    for (int i = 0; i < 200; i++) {
        ClientCall *k = call_open(&c, "/t.T/Storm", NULL);
        call_write(k, "", 0, true);
        size_t n;
        char *p = call_read(k, &n);
        for (int r = 0; p != NULL && (i % 3 == 0 || r < i % 7); r++) {
            mem_free(p);
            p = call_read(k, &n);
        }
        mem_free(p);
        grpc_call_cancel(k->call, NULL); /* of no effect where all has been read */
        call_status(k);
        call_free(k);
    }
    client_free(&c);
    return NULL;
}

static void test_storm(void **state)
{
    (void)state;
    static const RpcMethod storm_methods[] = {
        {.path = "/t.T/Storm", .on_open = on_open, .on_message = on_storm, .on_detach = on_detach}};
    Service *s = service_new();
    Transport *t = NULL;
    fb_error err = {0};
    TransportOptions o = {.threads = 2, .max_queued = 100};
    assert_int_equal(transport_start(&o, storm_methods, 1, s, &t, &err), FB_OK);
    pthread_t threads[3];
    Storm storm = {.s = s, .port = transport_port(t)};
    for (int i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, storm_client, &storm);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    transport_stop(t, 0);
    assert_int_equal(s->detached, s->opened);
    service_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unary),         cmocka_unit_test(test_no_message),
        cmocka_unit_test(test_errors),        cmocka_unit_test(test_server_stream),
        cmocka_unit_test(test_back_pressure), cmocka_unit_test(test_client_stream),
        cmocka_unit_test(test_lost_upload),   cmocka_unit_test(test_token),
        cmocka_unit_test(test_cancel),        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_stop),          cmocka_unit_test(test_graceful_stop),
        cmocka_unit_test(test_addresses),     cmocka_unit_test(test_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
