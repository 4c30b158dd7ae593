/*
 * query.h - a running streaming query: the micro-batch loop, its checkpoint, and what one can ask
 * it.
 *
 * Lifetime: query_start returns a retained query whose thread runs until it stops, fails or its
 * trigger ends; query_release after that frees it. Threads: all functions from any thread.
 */
#ifndef STREAM_QUERY_H
#define STREAM_QUERY_H

#include "stream/sink.h"
#include "stream/source.h"

typedef struct Query Query;

typedef enum TriggerKind {
    TRIGGER_PROCESSING_TIME,
    TRIGGER_ONCE,
    TRIGGER_AVAILABLE_NOW
} TriggerKind;

/* What session/ gives; everything is copied or retained by query_start. */
typedef struct QuerySpec {
    PlanTree *plan;         /* analysed, checked, optimized; retained */
    const char *name;       /* or NULL */
    const char *checkpoint; /* folder path; NULL: a temporary one, removed at a clean stop */
    bool temporary_checkpoint;
    OutputMode mode;
    TriggerKind trigger;
    int64_t interval_ms; /* TRIGGER_PROCESSING_TIME */
    Conf *conf;          /* a clone of the session's, taken over */
    Pool *pool;
    MemBudget *budget;
    /* Makes the sink once the query id and whether it is a restart are known. */
    fb_status (*make_sink)(void *arg, const SinkSpec *spec, StreamSink **ret, fb_error *err);
    void *make_sink_arg;
    void (*free_arg)(void *arg);
    SinkSpec sink; /* query_id and is_restart are filled in */
    /* Another query on the same checkpoint in this process is stopped or refused by session/. */
    /* Events, called from the query's thread: JSON texts as Spark's listeners get them. */
    void (*on_event)(void *arg, Query *q, const char *type,
                     const char *json); /* "progress", "idle", "terminated" */
    void *on_event_arg;
} QuerySpec;

/* Opens the checkpoint, makes sources and sink, compiles; then starts the thread. Errors of the
 * plan, the options and of a foreign or locked checkpoint surface here. */
fb_status query_start(const QuerySpec *spec, Query **ret, fb_error *err);
Query *query_retain(Query *q);
void query_release(Query *q);
const char *query_id(const Query *q);
const char *query_run_id(const Query *q);
const char *query_name(const Query *q); /* NULL: none */
bool query_is_active(const Query *q);
void query_status(Query *q, StrBuf *message, bool *ret_data_available, bool *ret_trigger_active);
/* JSON texts of recent progress, oldest first, each appended by fn. */
void query_recent_progress(Query *q, void (*fn)(void *arg, const char *json), void *arg);
bool query_last_progress(Query *q, StrBuf *out);
void query_ask_to_stop(Query *q);
/* Blocks until the thread has ended. */
fb_status query_stop(Query *q, fb_error *err);
/* FB_OK: *ret_terminated says whether it ended within timeout_ms (-1: for ever); FB_ERR: the query
 * failed (STREAM_FAILED). */
fb_status query_await(Query *q, int64_t timeout_ms, bool *ret_terminated, fb_error *err);
/* Blocks until a trigger that began after the call finds no new data, or the query ends. */
fb_status query_process_all_available(Query *q, fb_error *err);
/* The failure, or empty: err is set to STREAM_FAILED. */
bool query_exception(Query *q, fb_error *err);
void query_explain(Query *q, bool extended, StrBuf *out);
/* For waiters that must not block a thread: fn runs once, from the query's thread or at once, when
 * the query has ended. */
void query_on_end(Query *q, void (*fn)(void *arg), void *arg);
/* The same when query_process_all_available() would return. */
void query_on_processed(Query *q, void (*fn)(void *arg), void *arg);

#endif
