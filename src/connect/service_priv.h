/*
 * service_priv.h - the service from the inside, for the files of connect/.
 *
 * Objects: a ConnectServer has ConnSessions (one for each session id and user), a session has
 * Operations (one for each ExecutePlan). An operation is what a plan's run sends into; a stream of
 * the client is attached to it, and may be lost and attached anew (ReattachExecute).
 *
 * Threads. Callbacks of the transport only look things up, and answer at once what is quick. What
 * analyses or runs plans is a job on the executor's threads, which have 64 MiB stacks, as plans are
 * walked recursively. One housekeeper thread sends heartbeats and lets idle things go.
 *
 * Locks, in the order in which they may be taken: ConnectServer.lock, ConnSession.lock,
 * Operation.lock. The transport's own lock comes last. None is held while a plan is analysed, run
 * or waited for.
 *
 * Counting: who finds a session or an operation gets it retained.
 */
#ifndef CONNECT_SERVICE_PRIV_H
#define CONNECT_SERVICE_PRIV_H

#include "connect/artifacts.h"
#include "connect/convert.h"
#include "connect/response.h"
#include "connect/service.h"
#include "connect/transport.h"

#include <pthread.h>

typedef struct ConnSession ConnSession;
typedef struct Operation Operation;
typedef struct Executor Executor;

/* ---- executor.c: threads for what takes long ---- */

/* Jobs at a time, without those that are away; more wait in line. A query that waits for its
 * foreachBatch worker needs the worker's own calls to run meanwhile, hence many plans. */
#define SHORT_THREADS 32
#define PLAN_THREADS 64
#define EXECUTOR_STACK ((size_t)64 << 20)

/* What is short has threads of its own. */
typedef enum Lane { LANE_SHORT, LANE_PLANS, LANES } Lane;

typedef void (*JobFn)(void *arg);
Executor *executor_new(void);
void executor_run(Executor *x, Lane lane, JobFn fn, void *arg);
/* From a job: it waits for a client, and its thread does not count until it is back. */
void executor_leave(Executor *x, Lane lane);
void executor_return(Executor *x, Lane lane);
void executor_free(Executor *x); /* waits for all jobs, those in line too */

/* ---- errors.c ---- */

#define ERRORS_KEPT 64 /* errors of a session whose details can be fetched */

typedef struct KeptError {
    char id[37];
    fb_error err;
} KeptError;

/* The end of a call: what rpc_finish() takes. */
typedef struct RpcEnd {
    enum RpcCode code;
    char *message;
    uint8_t *details; /* a google.rpc.Status, or NULL */
    size_t n_details;
} RpcEnd;

/* Makes the end of a failed call; the error moves to the session's list, if there is a session. */
RpcEnd error_end(ConnSession *s, fb_error *err);
void rpc_end(RpcCall *call, const RpcEnd *end);
void rpc_end_free(RpcEnd *end);
/* error_end() and rpc_end() at once. */
void rpc_fail(RpcCall *call, ConnSession *s, fb_error *err);
/* The message as Spark's getMessage(). */
char *error_message(const fb_error *err, Arena *a);
void errors_free(ConnSession *s);
/* spark_conditions.c: whether Spark's own table has the condition, and the parameters, separated by
 * spaces; and whether a client with that table can put the message of the error together. */
bool spark_has_condition(const char *name, const char **ret_parameters);
bool spark_can_format(const fb_error *err);
/* The error and its causes, the first being the root. */
SC(FetchErrorDetailsResponse__Error) *
    *error_messages(const fb_error *err, Arena *a, size_t *ret_n);
void rpc_fetch_error(RpcCall *call, ConnSession *s, const SC(FetchErrorDetailsRequest) * in);

/* ---- sessions.c ---- */

struct ConnSession {
    _Atomic int refs;
    ConnectServer *server;
    ConnSession *next; /* ConnectServer.lock */
    char *id, *user;
    char server_id[37];
    Session *session;
    _Atomic int64_t used_us;    /* monotonic */
    _Atomic uint32_t n_running; /* of its operations */
    pthread_mutex_t lock;
    Operation *operations;
    Artifacts artifacts;
    KeptError errors[ERRORS_KEPT];
    uint32_t next_error;
    Operation *listener; /* the bus that the client listens to; retained */
    uint64_t listener_handle;
    struct Watch *watches; /* runs whose end is reported to waiting operations */
    bool closed;
};

/* Who a request says it is from. */
typedef struct Caller {
    const char *session_id, *user, *observed; /* observed: the server's id that the client knows */
} Caller;

typedef enum SessionNeed { SESSION_CREATE, SESSION_PRESENT } SessionNeed;

fb_status sessions_find(ConnectServer *server, const Caller *who, SessionNeed need,
                        ConnSession **ret, fb_error *err);
ConnSession *conn_retain(ConnSession *s);
void conn_release(ConnSession *s);
/* Ends operations and queries; a later use of the id is refused unless reconnect. */
fb_status sessions_close(ConnectServer *server, const Caller *who, bool reconnect,
                         char server_id[37], fb_error *err);
fb_status sessions_clone(ConnectServer *server, ConnSession *from, const char *new_id,
                         ConnSession **ret, fb_error *err);
void sessions_close_idle(ConnectServer *server, int64_t now_us);
void sessions_close_all(ConnectServer *server);
/* Calls fn for every session, retained meanwhile. */
void sessions_each(ConnectServer *server, void (*fn)(ConnSession *s, void *arg), void *arg);
bool is_uuid(const char *s);

/* ---- operation.c ---- */

typedef enum OperationState {
    OPERATION_RUNNING,
    OPERATION_WAITING, /* no thread: a callback or the housekeeper goes on with it */
    OPERATION_DONE
} OperationState;

/* Operations at a time: of a session, and of a server those that have a thread or wait for one.
 * More are refused. */
#define OPERATIONS_MAX 2000
#define SESSION_RUNNING_MAX 256
#define SERVER_RUNNING_MAX 2048

typedef void (*WakeFn)(Operation *op, void *arg, bool timed_out);

struct Operation {
    _Atomic int refs;
    ConnSession *conn; /* retained */
    Operation *next;   /* ConnSession.lock */
    char *id;
    char **tags;
    size_t n_tags;
    bool reattachable;
    Arena arena;     /* the request */
    int64_t charged; /* to the budget, for the request */
    const SC(Plan) * plan;
    uint64_t request_hash;
    _Atomic bool cancel; /* what runs stops with OPERATION_CANCELED */
    Account *account;    /* for its responses */
    Lane lane;           /* of its job; set before that is in line */

    pthread_mutex_t lock;
    OperationState state;
    bool releases;          /* the client has released a response */
    bool abandoned;         /* nobody will read it any more: responses are dropped */
    Response *first, *last; /* kept: sent and not released, and to be sent */
    Response *unsent;       /* the next to send */
    size_t sent_bytes, unsent_bytes;
    uint64_t n_released;    /* responses before first */
    char last_released[37]; /* id of the last of them */
    RpcCall *call;          /* attached; counted */
    RpcEnd end;             /* once done */
    int64_t spoke_us;       /* monotonic: when something was last sent */
    int64_t left_us;        /* since when no stream is attached; 0: one is */

    /* Waiting operations: for the end of a run of a query, or for a deadline. */
    char waits_for[37];  /* run id, or "" */
    int64_t deadline_us; /* monotonic; 0: none */
    bool woken, timed_out;
    WakeFn wake; /* on an executor thread, once, unless interrupted; it ends the operation */
    void *wake_arg;
    void (*wake_free)(void *arg);
};

/*
 * The operation of a request, in its session's list and retained for the caller, with the request's
 * arena moved into it. *ret_new false: the same request came before, and there is its operation.
 */
fb_status operation_open(ConnSession *s, const SC(ExecutePlanRequest) * in, Arena *request,
                         uint64_t request_hash, Operation **ret, bool *ret_new, fb_error *err);
Operation *operation_retain(Operation *op);
void operation_release(Operation *op);
Operation *operation_find(ConnSession *s, const char *id); /* retained, or NULL */
/* Attaches the stream and sends what there is behind `after` (a response id, or NULL: all). A
 * stream that was attached before ends. */
fb_status operation_attach(Operation *op, RpcCall *call, const char *after, fb_error *err);
void operation_detach(Operation *op, RpcCall *call);
void operation_pump(Operation *op); /* the stream can take more */
/* Fills in the ids and sends; blocks while the client does not read. Fails when cancelled. */
fb_status operation_send(Operation *op, SC(ExecutePlanResponse) * m, fb_error *err);
/* The same in two steps, so that nothing is made before there is room for it: a message of about n
 * bytes; then operation_send_taken(), or account_give() if it is not made. */
fb_status operation_take_room(Operation *op, size_t n, fb_error *err);
fb_status operation_send_taken(Operation *op, SC(ExecutePlanResponse) * m, size_t taken,
                               fb_error *err);
/* Never blocks; false: too much is waiting, and the message is dropped. */
bool operation_offer(Operation *op, SC(ExecutePlanResponse) * m);
void operation_complete(Operation *op);            /* result_complete, and the end */
void operation_fail(Operation *op, fb_error *err); /* the error is moved */
bool operation_interrupt(Operation *op);           /* false: it has ended already */
/* Lets go of responses up to and including one; NULL: of all, and of the operation. */
void operation_release_until(Operation *op, const char *response_id);
void operation_forget(Operation *op); /* out of its session's list */
/* The operation leaves its thread; run_id and deadline_us as above. Takes over arg. */
void operation_wait(Operation *op, const char *run_id, int64_t deadline_us, WakeFn fn, void *arg,
                    void (*free_arg)(void *arg));
/* Wakes those of the session that wait for the run. */
void operations_wake(ConnSession *s, const char *run_id);
void operation_wake(Operation *op); /* no-op unless it waits */
/* Heartbeats, deadlines, and giving up what nobody reads. Returns the next deadline, or
 * INT64_MAX. */
int64_t operations_tick(ConnSession *s, int64_t now_us);
bool operation_has_tag(const Operation *op, const char *tag);

/* ---- results.c ---- */
/* Schema and rows of a resolved plan. */
fb_status send_plan(Operation *op, const PlanTree *t, fb_error *err);
/* All rows as a LocalRelation, in the arena. */
fb_status rows_message(Session *s, const RowSet *rows, Arena *a, SC(LocalRelation) * ret,
                       fb_error *err);
/* The session's zone as it is called. */
fb_status session_time_zone(Session *s, Arena *a, const char **ret, fb_error *err);

/* ---- execute.c, command.c, stream_command.c: what an operation does ---- */
void execute_operation(void *arg); /* a job; takes over the reference to the Operation */
/* observe.c: what the request's DataFrames observed, if there is any */
fb_status send_observed(Operation *op, const Convert *c, fb_error *err);
fb_status run_command(Operation *op, Convert *c, const SC(Command) * in, fb_error *err);
fb_status run_stream_start(Operation *op, Convert *c, const SC(WriteStreamOperationStart) * in,
                           fb_error *err);
fb_status run_stream_query(Operation *op, const SC(StreamingQueryCommand) * in, fb_error *err);
fb_status run_stream_manager(Operation *op, const SC(StreamingQueryManagerCommand) * in,
                             fb_error *err);
fb_status run_listener_bus(Operation *op, const SC(StreamingQueryListenerBusCommand) * in,
                           fb_error *err);
void listener_stop(ConnSession *s);

/* ---- analyze.c, config.c, artifacts.c: unary calls ---- */
fb_status answer_analyze(ConnSession *s, const SC(AnalyzePlanRequest) * in, Arena *a,
                         SC(AnalyzePlanResponse) * out, fb_error *err);
fb_status answer_config(ConnSession *s, const SC(ConfigRequest) * in, Arena *a,
                        SC(ConfigResponse) * out, fb_error *err);
fb_status answer_artifact_status(ConnSession *s, const SC(ArtifactStatusesRequest) * in, Arena *a,
                                 SC(ArtifactStatusesResponse) * out, fb_error *err);

/* The state of one AddArtifacts call. */
typedef struct Upload Upload;
Upload *upload_new(ConnectServer *server);
fb_status upload_message(Upload *u, const SC(AddArtifactsRequest) * in, fb_error *err);
/* The answer's parts; NULL session: no message came. */
ConnSession *upload_session(const Upload *u);
fb_status upload_finish(Upload *u, Arena *a, SC(AddArtifactsResponse) * out, fb_error *err);
void upload_free(Upload *u);

/* ---- service.c ---- */

#define CLOSED_KEPT 1000 /* ids of closed sessions that are told from unknown ones */

struct ConnectServer {
    Engine *engine;
    Transport *transport;
    Executor *executor;
    ResponsePool *responses;
    _Atomic uint32_t n_running; /* operations */
    int64_t session_idle_us;    /* -1: never */
    pthread_mutex_t lock;
    pthread_cond_t tick; /* wakes the housekeeper */
    ConnSession *sessions;
    char *closed[CLOSED_KEPT]; /* "user\0id" keys, a ring */
    uint32_t next_closed;
    bool stopping;
    int64_t next_tick_us; /* monotonic: the earliest deadline known */
    pthread_t housekeeper;
};

/* The housekeeper looks after operations at that time at the latest. */
void housekeeper_by(ConnectServer *server, int64_t when_us);

/* Packs and sends the only answer of a call, and ends it. */
void rpc_answer(RpcCall *call, const ProtobufCMessage *m);

#endif
