/*
 * transport.c - the gRPC server, on the C core of gRPC.
 *
 * The core is asynchronous: an operation is started with a tag and the tag comes back from a
 * completion queue. Each polling thread has a queue of its own and one request for the next call
 * outstanding on it. A call is bound to the queue that it arrived on, so that its tags all come
 * back on one thread, and its callbacks need no lock against each other.
 *
 * A call has up to three operations under way: the notice of its end (from the start on), the read
 * of one message, and one batch of sending. Messages to be sent wait in a list; a batch takes one
 * off, with the headers before the first and the status behind the last. While a callback of the
 * call runs, sending waits for its return (cork), so that the answer to a unary call is one batch.
 *
 * End of life: the end notice closes the call under its lock, from then on nothing is started any
 * more, and on_detach runs. When the last operation under way has come back the core's call is
 * given up, on the polling thread, which is what transport_stop() waits for. The RpcCall itself is
 * a shell that lives until its last reference is gone, and touches neither core nor Transport then.
 *
 * SO_REUSEPORT is off, as a second server on a taken port must fail. The core says about a failed
 * bind only that it failed, so that the reason is found by trying the same with a plain socket.
 * Compressed requests are refused by the core: over loopback they are of no use, and a few bytes of
 * gzip unpack to any size. What the core logs about faults of its peers is of no interest to
 * whoever runs the server, and goes to our log as INFO.
 *
 * Process-wide state: the core's own (grpc_init counts), and its log function, set once.
 */
#include "connect/transport.h"

#include "base/log.h"

#include <errno.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/log.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS 16
#define MAX_STREAMS 4096 /* calls at a time on one connection */
#define DEFAULT_QUEUED ((size_t)8 << 20)
#define POLLER_STACK                                                                               \
    ((size_t)64 << 20)             /* callbacks unpack deep messages; only what is used counts */
#define KEEPALIVE_MS 60000         /* ask a silent client whether it is there ... */
#define KEEPALIVE_TIMEOUT_MS 20000 /* ... and wait that long for the answer */
#define AUTHORIZATION_MAX 4096

typedef struct Poller Poller;

typedef enum TagKind { TAG_NEW, TAG_READ, TAG_WRITE, TAG_END, TAG_KINDS } TagKind;

typedef struct Tag {
    TagKind kind;
    RpcCall *call;
} Tag;

typedef struct OutMessage {
    struct OutMessage *next;
    grpc_byte_buffer *buffer;
    size_t n;
} OutMessage;

/* Bytes that the service lent to the core, which gives them back on a thread of its own. */
typedef struct Lent {
    void *bytes;
    void (*release)(void *bytes);
    atomic_bool lent; /* orders lending and giving back in terms that ThreadSanitizer can see */
} Lent;

struct RpcCall {
    const RpcMethod *method; /* NULL: refused, no callbacks */
    void *arg, *user;
    char *authorization;
    atomic_uint refs;
    Tag tags[TAG_KINDS];

    /* Polling thread only. */
    Poller *poller;
    grpc_call_details details;
    grpc_metadata_array metadata;
    grpc_byte_buffer *in;
    int cancelled;

    /* The rest is under the lock. */
    pthread_mutex_t lock;
    grpc_call *call;
    uint32_t pending; /* operations under way */
    bool closed;      /* the end notice has come */
    bool broken;      /* a batch of sending failed; the end notice follows */
    bool corked;
    bool headers_sent, writing, finishing, status_sent;
    bool was_full;
    size_t queued, max_queued;
    OutMessage *out, **out_tail;
    OutMessage *writing_message;
    enum RpcCode code;
    grpc_slice message, trailer_value;
    grpc_metadata trailer;
    size_t n_trailers;
};

struct Poller {
    Transport *t;
    grpc_completion_queue *queue;
    pthread_t thread;
    bool started;
};

struct Transport {
    grpc_server *server;
    const RpcMethod *methods;
    size_t n_methods;
    void *arg;
    char *expected; /* "Bearer <token>", or NULL */
    size_t max_queued;
    uint16_t port;
    uint32_t n_pollers;
    Poller pollers[MAX_THREADS];
    pthread_mutex_t lock;
    pthread_cond_t stopped_cond;
    bool stopped; /* under the lock */
};

#if defined(__SANITIZE_THREAD__)
/* The system's gRPC is not instrumented: what it does under its own atomics looks like races. */
__attribute__((visibility("default"))) const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "ignore_noninstrumented_modules=1";
}
#endif

static pthread_once_t log_once = PTHREAD_ONCE_INIT;

static void log_from_core(gpr_log_func_args *args)
{
    LOG_INFO("gRPC", "%s", args->message);
}

static void set_log(void)
{
    gpr_set_log_function(log_from_core);
}

/* ---- Calls ---- */

static RpcCall *call_new(Poller *p)
{
    RpcCall *c = mem_zalloc(sizeof(*c));
    c->poller = p;
    c->arg = p->t->arg;
    c->max_queued = p->t->max_queued;
    c->out_tail = &c->out;
    c->message = grpc_empty_slice();
    c->trailer_value = grpc_empty_slice();
    atomic_init(&c->refs, 1);
    pthread_mutex_init(&c->lock, NULL);
    for (int i = 0; i < TAG_KINDS; i++) {
        c->tags[i] = (Tag){(TagKind)i, c};
    }
    grpc_call_details_init(&c->details);
    grpc_metadata_array_init(&c->metadata);
    return c;
}

static void out_free(OutMessage *m)
{
    grpc_byte_buffer_destroy(m->buffer);
    mem_free(m);
}

RpcCall *rpc_ref(RpcCall *c)
{
    atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void rpc_unref(RpcCall *c)
{
    if (atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    pthread_mutex_destroy(&c->lock);
    mem_free(c->authorization);
    mem_free(c);
}

/* Gives up what belongs to the core. The last thing the transport does with a call. */
static void call_release(RpcCall *c)
{
    grpc_call_details_destroy(&c->details);
    grpc_metadata_array_destroy(&c->metadata);
    grpc_slice_unref(c->message);
    grpc_slice_unref(c->trailer_value);
    if (c->call != NULL) {
        grpc_call_unref(c->call);
        c->call = NULL;
    }
    rpc_unref(c);
}

static void start_batch(RpcCall *c, const grpc_op *ops, size_t n, TagKind kind)
{
    c->pending++;
    grpc_call_error e = grpc_call_start_batch(c->call, ops, n, &c->tags[kind], NULL);
    FB_ASSERT(e == GRPC_CALL_OK); /* the ways to fail are misuses by this file */
}

/* Starts the next batch of sending if there is reason to. Under the lock. */
static void call_flush(RpcCall *c)
{
    if (c->corked || c->writing || c->closed || c->broken || c->status_sent ||
        (c->out == NULL && !c->finishing)) {
        return;
    }
    grpc_op ops[3];
    memset(ops, 0, sizeof(ops));
    size_t n = 0;
    if (!c->headers_sent) {
        ops[n++].op = GRPC_OP_SEND_INITIAL_METADATA;
        c->headers_sent = true;
    }
    if (c->out != NULL) {
        OutMessage *m = c->out;
        c->out = m->next;
        c->out_tail = c->out == NULL ? &c->out : c->out_tail;
        c->writing_message = m;
        ops[n].op = GRPC_OP_SEND_MESSAGE;
        ops[n++].data.send_message.send_message = m->buffer;
    }
    if (c->out == NULL && c->finishing) {
        ops[n].op = GRPC_OP_SEND_STATUS_FROM_SERVER;
        ops[n].data.send_status_from_server.status = (grpc_status_code)c->code;
        ops[n].data.send_status_from_server.status_details = &c->message;
        ops[n].data.send_status_from_server.trailing_metadata_count = c->n_trailers;
        ops[n++].data.send_status_from_server.trailing_metadata = &c->trailer;
        c->status_sent = true;
    }
    c->writing = true;
    start_batch(c, ops, n, TAG_WRITE);
}

static void call_cork(RpcCall *c)
{
    pthread_mutex_lock(&c->lock);
    c->corked = true;
    pthread_mutex_unlock(&c->lock);
}

static void call_uncork(RpcCall *c)
{
    pthread_mutex_lock(&c->lock);
    c->corked = false;
    call_flush(c);
    pthread_mutex_unlock(&c->lock);
}

/* Takes all that waits off the queue; the caller frees it outside of the lock. */
static OutMessage *call_take_queue(RpcCall *c)
{
    OutMessage *m = c->out;
    c->out = NULL;
    c->out_tail = &c->out;
    c->queued = 0;
    return m;
}

static void out_free_all(OutMessage *m)
{
    while (m != NULL) {
        OutMessage *next = m->next;
        out_free(m);
        m = next;
    }
}

const RpcMethod *rpc_method(const RpcCall *c)
{
    return c->method;
}

const char *rpc_authorization(const RpcCall *c)
{
    return c->authorization;
}

void rpc_set_user(RpcCall *c, void *user)
{
    c->user = user;
}

void *rpc_user(const RpcCall *c)
{
    return c->user;
}

/* Whether n more bytes may be queued; remembers a refusal for on_writable. Under the lock. */
static RpcSent call_room(RpcCall *c, size_t n)
{
    if (c->closed || c->broken || c->finishing) {
        return RPC_GONE;
    }
    if (c->queued > 0 && (c->queued >= c->max_queued || n > c->max_queued - c->queued)) {
        c->was_full = true;
        return RPC_FULL;
    }
    return RPC_SENT;
}

static void give_back(void *arg)
{
    Lent *l = arg;
    if (atomic_load_explicit(&l->lent, memory_order_acquire)) {
        l->release(l->bytes);
    }
    mem_free(l);
}

static grpc_slice lend(void *bytes, size_t n, void (*release)(void *))
{
    Lent *l = mem_alloc(sizeof(*l));
    l->bytes = bytes;
    l->release = release;
    atomic_init(&l->lent, false);
    atomic_store_explicit(&l->lent, true, memory_order_release);
    return grpc_slice_new_with_user_data(bytes, n, give_back, l);
}

RpcSent rpc_send(RpcCall *c, const void *bytes, size_t n, void (*release)(void *bytes))
{
    pthread_mutex_lock(&c->lock);
    RpcSent sent = call_room(c, n);
    if (sent == RPC_SENT) {
        grpc_slice slice;
        if (release != NULL) {
            slice = lend((void *)(uintptr_t)bytes, n, release);
        } else {
            slice = grpc_slice_from_copied_buffer(bytes, n);
        }
        OutMessage *m = mem_zalloc(sizeof(*m));
        m->buffer = grpc_raw_byte_buffer_create(&slice, 1);
        m->n = n;
        grpc_slice_unref(slice);
        *c->out_tail = m;
        c->out_tail = &m->next;
        c->queued += n;
        call_flush(c);
    }
    pthread_mutex_unlock(&c->lock);
    return sent;
}

size_t rpc_queued(RpcCall *c)
{
    pthread_mutex_lock(&c->lock);
    size_t n = c->queued;
    pthread_mutex_unlock(&c->lock);
    return n;
}

/* In grpc-message printable ASCII other than '%' stands for itself, all else is %XX. */
static size_t percent_encoded(char ch)
{
    return ch >= ' ' && ch <= '~' && ch != '%' ? 1 : 3;
}

size_t rpc_message_size(const char *message)
{
    size_t size = 0;
    for (const char *p = message; *p != '\0'; p++) {
        size += percent_encoded(*p);
    }
    return size;
}

/* Bytes of the longest start of the message that fits and does not end within a character. */
static size_t message_cut(const char *message)
{
    size_t size = 0, i = 0, whole = 0;
    for (; message[i] != '\0'; i++) {
        if (((unsigned char)message[i] & 0xC0) != 0x80) {
            whole = i;
        }
        size += percent_encoded(message[i]);
        if (size > RPC_TRAILER_MAX) {
            return whole;
        }
    }
    return i;
}

static void set_status(RpcCall *c, enum RpcCode code, const char *message, const void *details,
                       size_t n)
{
    size_t size = rpc_message_size(message);
    c->code = code;
    if (details != NULL && size <= RPC_TRAILER_MAX && n <= RPC_TRAILER_MAX - size) {
        c->trailer_value = grpc_slice_from_copied_buffer(details, n);
        c->trailer.key = grpc_slice_from_static_string("grpc-status-details-bin");
        c->trailer.value = c->trailer_value;
        c->n_trailers = 1;
    }
    c->message = grpc_slice_from_copied_buffer(message, message_cut(message));
    str_restore_nul((char *)GRPC_SLICE_START_PTR(c->message), GRPC_SLICE_LENGTH(c->message));
    c->finishing = true;
}

void rpc_finish(RpcCall *c, enum RpcCode code, const char *message, const void *details, size_t n)
{
    pthread_mutex_lock(&c->lock);
    if (!c->closed && !c->finishing) {
        set_status(c, code, message, details, n);
        call_flush(c);
    }
    pthread_mutex_unlock(&c->lock);
}

/* ---- What comes back from the completion queue ---- */

static void request_next_call(Poller *p)
{
    RpcCall *c = call_new(p);
    grpc_call_error e = grpc_server_request_call(p->t->server, &c->call, &c->details, &c->metadata,
                                                 p->queue, p->queue, &c->tags[TAG_NEW]);
    if (e == GRPC_CALL_ERROR_COMPLETION_QUEUE_SHUTDOWN) { /* stopped before this thread began */
        call_release(c);
    } else {
        FB_ASSERT(e == GRPC_CALL_OK);
    }
}

static void read_next(RpcCall *c)
{
    grpc_op op;
    memset(&op, 0, sizeof(op));
    op.op = GRPC_OP_RECV_MESSAGE;
    op.data.recv_message.recv_message = &c->in;
    pthread_mutex_lock(&c->lock);
    if (!c->closed && !c->finishing) {
        start_batch(c, &op, 1, TAG_READ);
    }
    pthread_mutex_unlock(&c->lock);
}

static void watch_end(RpcCall *c)
{
    grpc_op op;
    memset(&op, 0, sizeof(op));
    op.op = GRPC_OP_RECV_CLOSE_ON_SERVER;
    op.data.recv_close_on_server.cancelled = &c->cancelled;
    pthread_mutex_lock(&c->lock);
    start_batch(c, &op, 1, TAG_END);
    pthread_mutex_unlock(&c->lock);
}

static const RpcMethod *find_method(const Transport *t, const grpc_slice *path)
{
    for (size_t i = 0; i < t->n_methods; i++) {
        if (grpc_slice_str_cmp(*path, t->methods[i].path) == 0) {
            return &t->methods[i];
        }
    }
    return NULL;
}

static char *find_authorization(const grpc_metadata_array *md)
{
    for (size_t i = 0; i < md->count; i++) {
        size_t n = GRPC_SLICE_LENGTH(md->metadata[i].value);
        if (grpc_slice_str_cmp(md->metadata[i].key, "authorization") == 0 &&
            n <= AUTHORIZATION_MAX) {
            char *s = mem_alloc(n + 1);
            memcpy(s, GRPC_SLICE_START_PTR(md->metadata[i].value), n);
            s[n] = '\0';
            return s;
        }
    }
    return NULL;
}

/* Takes the same time whatever the given text is, but for its length. */
static bool authorized(const char *expected, const char *given)
{
    if (expected == NULL) {
        return true;
    }
    if (given == NULL) {
        return false;
    }
    size_t n_expected = strlen(expected), n_given = strlen(given);
    unsigned diff = n_expected != n_given;
    for (size_t i = 0; i < n_given; i++) {
        diff |=
            (unsigned)(unsigned char)given[i] ^ (unsigned)(unsigned char)expected[i % n_expected];
    }
    return diff == 0;
}

static void on_new(RpcCall *c, bool ok)
{
    Transport *t = c->poller->t;
    if (!ok) { /* the server shuts down */
        call_release(c);
        return;
    }
    request_next_call(c->poller);
    watch_end(c);
    c->authorization = find_authorization(&c->metadata);
    const RpcMethod *method = find_method(t, &c->details.method);
    if (!authorized(t->expected, c->authorization)) {
        rpc_finish(c, RPC_UNAUTHENTICATED,
                   c->authorization == NULL ? "An authentication token is needed."
                                            : "The authentication token is not the right one.",
                   NULL, 0);
        return;
    }
    if (method == NULL) {
        rpc_finish(c, RPC_UNIMPLEMENTED, "There is no such method.", NULL, 0);
        return;
    }
    c->method = method;
    if (method->on_open != NULL) {
        call_cork(c);
        method->on_open(c, c->arg);
        call_uncork(c);
    }
    read_next(c);
}

static void deliver(RpcCall *c, grpc_byte_buffer *in)
{
    grpc_byte_buffer_reader reader;
    grpc_slice whole;
    bool in_place = in->data.raw.slice_buffer.count == 1;
    int ready = grpc_byte_buffer_reader_init(&reader, in);
    FB_ASSERT(ready == 1);
    if (!in_place || !grpc_byte_buffer_reader_next(&reader, &whole)) {
        whole = grpc_byte_buffer_reader_readall(&reader);
    }
    call_cork(c);
    c->method->on_message(c, c->arg, GRPC_SLICE_START_PTR(whole), GRPC_SLICE_LENGTH(whole));
    call_uncork(c);
    grpc_slice_unref(whole);
    grpc_byte_buffer_reader_destroy(&reader);
}

/* A message came, or with none the client will send no more, or the call broke. */
static void on_read(RpcCall *c, bool ok)
{
    grpc_byte_buffer *in = c->in;
    c->in = NULL;
    pthread_mutex_lock(&c->lock);
    bool over = !ok || c->closed || c->finishing ||
                (in == NULL && grpc_call_failed_before_recv_message(c->call));
    pthread_mutex_unlock(&c->lock);
    if (!over) {
        if (in != NULL) {
            deliver(c, in);
            if (c->method->client_stream) {
                read_next(c);
            }
        } else if (c->method->client_stream) {
            call_cork(c);
            c->method->on_half_close(c, c->arg);
            call_uncork(c);
        } else {
            rpc_finish(c, RPC_INTERNAL, "The call has no request message.", NULL, 0);
        }
    }
    if (in != NULL) {
        grpc_byte_buffer_destroy(in);
    }
}

static void on_write(RpcCall *c, bool ok)
{
    OutMessage *drop = NULL;
    pthread_mutex_lock(&c->lock);
    OutMessage *done = c->writing_message;
    c->writing_message = NULL;
    c->writing = false;
    c->queued -= done != NULL && !c->closed ? done->n : 0;
    if (ok) {
        call_flush(c);
    } else {
        c->broken = true;
        drop = call_take_queue(c);
    }
    bool writable =
        ok && c->was_full && !c->closed && !c->finishing && c->queued <= c->max_queued / 2;
    c->was_full = c->was_full && !writable;
    c->corked = writable;
    pthread_mutex_unlock(&c->lock);
    if (done != NULL) {
        out_free(done);
    }
    out_free_all(drop);
    if (writable) {
        if (c->method->on_writable != NULL) {
            c->method->on_writable(c, c->arg);
        }
        call_uncork(c);
    }
}

static void on_end(RpcCall *c)
{
    pthread_mutex_lock(&c->lock);
    c->closed = true;
    OutMessage *drop = call_take_queue(c);
    pthread_mutex_unlock(&c->lock);
    out_free_all(drop);
    if (c->method != NULL) {
        c->method->on_detach(c, c->arg, c->cancelled != 0);
    }
}

static void dispatch(Tag *tag, bool ok)
{
    RpcCall *c = tag->call;
    switch (tag->kind) {
    case TAG_NEW:
        on_new(c, ok);
        return;
    case TAG_READ:
        on_read(c, ok);
        break;
    case TAG_WRITE:
        on_write(c, ok);
        break;
    default:
        on_end(c);
        break;
    }
    pthread_mutex_lock(&c->lock);
    bool last = --c->pending == 0 && c->closed;
    pthread_mutex_unlock(&c->lock);
    if (last) {
        call_release(c);
    }
}

static void poll_loop(Poller *p)
{
    for (;;) {
        grpc_event e =
            grpc_completion_queue_next(p->queue, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
        if (e.type == GRPC_QUEUE_SHUTDOWN) {
            return;
        }
        if (e.tag == p->t) { /* the server has shut down */
            pthread_mutex_lock(&p->t->lock);
            p->t->stopped = true;
            pthread_cond_signal(&p->t->stopped_cond);
            pthread_mutex_unlock(&p->t->lock);
        } else {
            dispatch(e.tag, e.success != 0);
        }
    }
}

static void *poll_main(void *arg)
{
    request_next_call(arg);
    poll_loop(arg);
    return NULL;
}

/* ---- Start and stop ---- */

static grpc_arg int_arg(const char *key, int value)
{
    grpc_arg a = {.type = GRPC_ARG_INTEGER, .key = (char *)(uintptr_t)key};
    a.value.integer = value;
    return a;
}

static grpc_server *server_new(void)
{
    grpc_arg args[] = {
        int_arg(GRPC_ARG_ALLOW_REUSEPORT, 0),
        int_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, (int)RPC_MESSAGE_MAX),
        int_arg(GRPC_ARG_MAX_SEND_MESSAGE_LENGTH, (int)RPC_MESSAGE_MAX),
        int_arg(GRPC_ARG_MAX_CONCURRENT_STREAMS, MAX_STREAMS),
        int_arg(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1), /* identity */
        /* PySpark's client sends PING every 60 s, also without calls. */
        int_arg(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1),
        int_arg(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1000),
        int_arg(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0),
        int_arg(GRPC_ARG_KEEPALIVE_TIME_MS, KEEPALIVE_MS),
        int_arg(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, KEEPALIVE_TIMEOUT_MS),
    };
    grpc_channel_args all = {sizeof(args) / sizeof(args[0]), args};
    return grpc_server_create(&all, NULL);
}

/* Why an address can't be listened on: errno of doing it by hand, 0 if that works. */
static int probe(const struct addrinfo *ai)
{
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    int one = 1, result = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 || listen(fd, 1) != 0) {
        result = errno;
    }
    close(fd);
    return result;
}

static void set_port(struct addrinfo *ai, uint16_t port)
{
    if (ai->ai_family == AF_INET) {
        ((struct sockaddr_in *)(void *)ai->ai_addr)->sin_port = htons(port);
    } else if (ai->ai_family == AF_INET6) {
        ((struct sockaddr_in6 *)(void *)ai->ai_addr)->sin6_port = htons(port);
    }
}

/* Adds one address to the server. Returns 0 and the port, or an errno; EIO if nobody knows why. */
static int listen_on(Transport *t, struct addrinfo *ai, uint16_t port, uint16_t *ret_port)
{
    char address[NI_MAXHOST + 16], digits[NI_MAXHOST];
    if (getnameinfo(ai->ai_addr, ai->ai_addrlen, digits, sizeof(digits), NULL, 0, NI_NUMERICHOST) !=
        0) {
        return EAFNOSUPPORT;
    }
    snprintf(address, sizeof(address), ai->ai_family == AF_INET6 ? "[%s]:%u" : "%s:%u", digits,
             (unsigned)port);
    grpc_server_credentials *plain = grpc_insecure_server_credentials_create();
    int bound = grpc_server_add_http2_port(t->server, address, plain);
    grpc_server_credentials_release(plain);
    if (bound > 0) {
        *ret_port = (uint16_t)bound;
        return 0;
    }
    set_port(ai, port);
    int why = probe(ai);
    return why != 0 ? why : EIO;
}

/* Whether the list has the same address before ai: /etc/hosts may well name one twice. */
static bool listed_before(const struct addrinfo *list, const struct addrinfo *ai)
{
    for (; list != ai; list = list->ai_next) {
        if (list->ai_addrlen == ai->ai_addrlen &&
            memcmp(list->ai_addr, ai->ai_addr, ai->ai_addrlen) == 0) {
            return true;
        }
    }
    return false;
}

/*
 * Listens on every address that the host name stands for, all with the same port. An address of a
 * family that this machine does not have is passed over; one that somebody else holds is an error
 * even if others are free, since clients would then reach that somebody.
 */
static fb_status listen_all(Transport *t, const char *host, uint16_t port, fb_error *err)
{
    char place[NI_MAXHOST + 16];
    snprintf(place, sizeof(place), strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host,
             (unsigned)port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list = NULL;
    int found = getaddrinfo(host, NULL, &hints, &list);
    if (found != 0) {
        return err_set(err, ERR_IO, "action", "find the address to listen on,", "path", host,
                       "reason", gai_strerror(found), NULL);
    }
    int missing = EADDRNOTAVAIL, failed = 0;
    for (struct addrinfo *ai = list; ai != NULL && failed == 0; ai = ai->ai_next) {
        int e = listed_before(list, ai) ? 0 : listen_on(t, ai, t->port ? t->port : port, &t->port);
        if (e == EADDRNOTAVAIL || e == EAFNOSUPPORT) {
            missing = e;
        } else {
            failed = e;
        }
    }
    freeaddrinfo(list);
    if (failed == 0 && t->port == 0) {
        failed = missing;
    }
    return failed != 0 ? err_errno(err, failed, "listen on", place) : FB_OK;
}

static fb_status start_pollers(Transport *t, fb_error *err)
{
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, POLLER_STACK);
    int e = 0;
    for (uint32_t i = 0; i < t->n_pollers && e == 0; i++) {
        e = pthread_create(&t->pollers[i].thread, &attr, poll_main, &t->pollers[i]);
        t->pollers[i].started = e == 0;
    }
    pthread_attr_destroy(&attr);
    return e != 0 ? err_errno(err, e, "start", "a polling thread") : FB_OK;
}

static Transport *transport_new(const TransportOptions *o, const RpcMethod *methods,
                                size_t n_methods, void *arg)
{
    pthread_once(&log_once, set_log);
    grpc_init();
    Transport *t = mem_zalloc(sizeof(*t));
    t->methods = methods;
    t->n_methods = n_methods;
    t->arg = arg;
    t->max_queued = o->max_queued != 0 ? o->max_queued : DEFAULT_QUEUED;
    if (o->token != NULL) {
        StrBuf b = {0};
        strbuf_printf(&b, "Bearer %s", o->token);
        t->expected = strbuf_take(&b);
    }
    pthread_mutex_init(&t->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&t->stopped_cond, &monotonic);
    pthread_condattr_destroy(&monotonic);
    t->server = server_new();
    t->n_pollers = o->threads == 0 ? 1 : o->threads;
    t->n_pollers = t->n_pollers > MAX_THREADS ? MAX_THREADS : t->n_pollers;
    for (uint32_t i = 0; i < t->n_pollers; i++) {
        t->pollers[i].t = t;
        t->pollers[i].queue = grpc_completion_queue_create_for_next(NULL);
        grpc_server_register_completion_queue(t->server, t->pollers[i].queue, NULL);
    }
    return t;
}

/* All calls have ended: takes everything down. Pollers that never ran are drained here. */
static void transport_free(Transport *t)
{
    for (uint32_t i = 0; i < t->n_pollers; i++) {
        Poller *p = &t->pollers[i];
        grpc_completion_queue_shutdown(p->queue);
        if (p->started) {
            pthread_join(p->thread, NULL);
        } else {
            poll_loop(p);
        }
        grpc_completion_queue_destroy(p->queue);
    }
    grpc_server_destroy(t->server);
    grpc_shutdown_blocking();
    pthread_cond_destroy(&t->stopped_cond);
    pthread_mutex_destroy(&t->lock);
    mem_free(t->expected);
    mem_free(t);
}

static fb_status transport_run(Transport *t, const TransportOptions *o, fb_error *err)
{
    TRY(listen_all(t, o->host != NULL ? o->host : "127.0.0.1", o->port, err));
    grpc_server_start(t->server);
    return start_pollers(t, err);
}

fb_status transport_start(const TransportOptions *o, const RpcMethod *methods, size_t n_methods,
                          void *arg, Transport **ret, fb_error *err)
{
    /* The threads of the core and of ours inherit this: signals are for the program's own. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    Transport *t = transport_new(o, methods, n_methods, arg);
    fb_status st = transport_run(t, o, err);
    if (st == FB_OK) {
        *ret = t;
    } else {
        transport_stop(t, 0);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return st;
}

uint16_t transport_port(const Transport *t)
{
    return t->port;
}

/* Waits until the server has shut down, at most grace_ms if that is not negative. */
static bool wait_stopped(Transport *t, int64_t grace_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += grace_ms / 1000;
    until.tv_nsec += grace_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&t->lock);
    int e = 0;
    while (!t->stopped && e != ETIMEDOUT) {
        e = grace_ms < 0 ? pthread_cond_wait(&t->stopped_cond, &t->lock)
                         : pthread_cond_timedwait(&t->stopped_cond, &t->lock, &until);
    }
    bool stopped = t->stopped;
    pthread_mutex_unlock(&t->lock);
    return stopped;
}

void transport_stop(Transport *t, uint32_t grace_ms)
{
    for (uint32_t i = 0; i < t->n_pollers; i++) {
        FB_ASSERT(!t->pollers[i].started || !pthread_equal(t->pollers[i].thread, pthread_self()));
    }
    grpc_server_shutdown_and_notify(t->server, t->pollers[0].queue, t);
    if (t->pollers[0].started && !wait_stopped(t, grace_ms)) {
        grpc_server_cancel_all_calls(t->server);
        wait_stopped(t, -1);
    }
    transport_free(t);
}
