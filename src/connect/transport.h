/*
 * transport.h - a gRPC server that knows calls and bytes, and nothing of what they mean.
 *
 * The service fills a table of methods; the transport calls it back. All callbacks of one call come
 * on the same polling thread, one after the other, in this order:
 *     on_open, on_message (once; any number for client_stream), on_half_close (client_stream),
 *     on_writable whenever room returns, and last, always and once, on_detach.
 * Once rpc_finish() has been called only on_detach follows.
 * A callback holds up every other call of its polling thread, so what takes long belongs on a
 * thread of the service. No transport lock is held meanwhile: a callback may call anything here
 * but transport_stop(). Polling threads have 64 MiB stacks and take no signals.
 *
 * Answers: rpc_send() and rpc_finish() may be called from any thread. Neither blocks. A call's
 * queue is bounded (TransportOptions.max_queued): rpc_send() says RPC_FULL and on_writable tells
 * when half of it is free again.
 *
 * Ownership of an RpcCall: the transport keeps it valid from on_open until on_detach has returned,
 * and no longer. A thread that can't be stopped before on_detach returns takes rpc_ref() while the
 * call is valid, and rpc_unref() afterwards; on a call that has gone rpc_send() says RPC_GONE and
 * rpc_finish() does nothing. References may outlive the Transport.
 */
#ifndef CONNECT_TRANSPORT_H
#define CONNECT_TRANSPORT_H

#include "base/error.h"

/* Bytes of one message, either way: what PySpark's client accepts. A longer one from the client is
 * answered RESOURCE_EXHAUSTED; rpc_send() of a longer one ends the call with that status. */
#define RPC_MESSAGE_MAX ((size_t)128 << 20)
/*
 * Room for the end of a call, bytes: message (percent-encoded, as it travels) and details together.
 * Clients refuse more than about 8,000 at random and report RESOURCE_EXHAUSTED instead of the
 * error.
 */
#define RPC_TRAILER_MAX 7000

typedef struct Transport Transport;
typedef struct RpcCall RpcCall;

/* The codes of gRPC that are used here. */
enum RpcCode {
    RPC_OK = 0,
    RPC_CANCELLED = 1,
    RPC_INVALID_ARGUMENT = 3,
    RPC_RESOURCE_EXHAUSTED = 8,
    RPC_UNIMPLEMENTED = 12,
    RPC_INTERNAL = 13,
    RPC_UNAVAILABLE = 14,
    RPC_UNAUTHENTICATED = 16
};

typedef struct RpcMethod {
    const char *path;   /* "/spark.connect.SparkConnectService/Config" */
    bool client_stream; /* the client sends any number of messages */
    /* Optional: before anything is read. The place for rpc_set_user(). */
    void (*on_open)(RpcCall *call, void *arg);
    /* A request message; the bytes are lent until the callback returns. */
    void (*on_message)(RpcCall *call, void *arg, const uint8_t *bytes, size_t n);
    /* client_stream only: the client has sent all that it wants to send. */
    void (*on_half_close)(RpcCall *call, void *arg);
    /* Optional: after RPC_FULL, half of the queue is free again. */
    void (*on_writable)(RpcCall *call, void *arg);
    /* The call is over: finished (cancelled = false), or the client cancelled, ran out of time or
     * was lost. After the return the service does not touch the call, see above. */
    void (*on_detach)(RpcCall *call, void *arg, bool cancelled);
} RpcMethod;

typedef struct TransportOptions {
    const char *host;  /* name or address to listen on, and no other; NULL: 127.0.0.1. A wildcard
                          (0.0.0.0, ::) stands for every address of either family. */
    uint16_t port;     /* 0: any that is free */
    const char *token; /* NULL, or what every call must carry as "authorization: Bearer <token>";
                          any other call is answered UNAUTHENTICATED and not read */
    uint32_t threads;  /* polling threads; 0: 1 */
    size_t max_queued; /* bytes of a call's queue; 0: 8 MiB. One message is always accepted. */
} TransportOptions;

/*
 * Starts to listen. methods and arg stay valid until transport_stop(). Options and their strings
 * are copied. Fails with FAILED_IO that names host and port: not found, taken, not allowed.
 */
fb_status transport_start(const TransportOptions *options, const RpcMethod *methods,
                          size_t n_methods, void *arg, Transport **ret, fb_error *err);
uint16_t transport_port(const Transport *t);

/*
 * Takes no new calls, gives the present ones grace_ms milliseconds to end, cancels the rest, waits
 * for their on_detach, and frees t. Not from a callback.
 */
void transport_stop(Transport *t, uint32_t grace_ms);

const RpcMethod *rpc_method(const RpcCall *call);
const char *rpc_authorization(const RpcCall *call); /* the header's value, or NULL */
void rpc_set_user(RpcCall *call, void *user);       /* in on_open or another callback */
void *rpc_user(const RpcCall *call);                /* NULL until set; from the callbacks */

RpcCall *rpc_ref(RpcCall *call);
void rpc_unref(RpcCall *call);

typedef enum RpcSent {
    RPC_SENT, /* queued, in order */
    RPC_FULL, /* not queued: wait for on_writable, then send it again */
    RPC_GONE  /* not queued: the call is over, or rpc_finish() was called */
} RpcSent;

/*
 * Queues a response message. With release the bytes are used in place, and release(bytes) is called
 * once when they are no longer needed, from any thread and perhaps before rpc_send() returns, so
 * that it must take no lock that a caller of rpc_send() holds; without they are copied. Unless the
 * result is RPC_SENT the bytes remain the caller's, and release is not called.
 */
RpcSent rpc_send(RpcCall *call, const void *bytes, size_t n, void (*release)(void *bytes));
size_t rpc_queued(RpcCall *call); /* bytes that are queued and have not left; 0 when it is over */

/*
 * Ends the call after what is queued. details: the n bytes of a google.rpc.Status, or NULL; the
 * client wants its message to equal `message`. If the two do not fit into RPC_TRAILER_MAX the
 * details are left out, and without them a message is cut to what fits. Only the first call counts.
 */
void rpc_finish(RpcCall *call, enum RpcCode code, const char *message, const void *details,
                size_t n);
/* Bytes that a message takes of RPC_TRAILER_MAX, for who builds details that fit. */
size_t rpc_message_size(const char *message);

#endif
