/*
 * session.h - what a user holds: configuration, temp views, running plans, writing, streaming
 * queries.
 *
 * An Engine is the process: worker pool, memory budget, sessions, all streaming queries. A Session
 * belongs to one client. Everything here may be called from any thread; plans and their runs are
 * independent, so a long run blocks nobody else's analysis.
 *
 * Ownership: trees and row sets returned are retained for the caller.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "column/show.h"
#include "stream/query.h"

#include <stdatomic.h>

typedef struct Engine Engine;
typedef struct Session Session;

/* n_workers 0: one a core that the process may use. warehouse: default "spark-warehouse". */
Engine *engine_new(uint32_t n_workers);
void engine_free(Engine *e); /* stops all queries, frees all sessions */
MemBudget *engine_budget(Engine *e);
/* What new sessions begin with; static settings (spark.forebay.memory.limit) count here only. */
fb_status engine_set_conf(Engine *e, const char *key, const char *value, fb_error *err);

Session *session_new(Engine *e, const char *id); /* id: copied; NULL makes one */
Session *session_retain(Session *s);
void session_release(Session *s);
/* Another session with copies of the settings and temp views (CloneSession, foreachBatch). */
Session *session_clone(Session *s, const char *id);
const char *session_id(const Session *s);
MemBudget *session_budget(Session *s);
Conf *session_conf(Session *s);
/* As conf_set, with the checks of values that Spark makes beyond their kind (time zones). */
fb_status session_set_conf(Session *s, const char *key, const char *value, fb_error *err);
/* Stops the session's queries and drops its views and cached plans; what runs goes on to its end.
 */
void session_close(Session *s);

/* ---- plans ---- */

/* Resolved plan of an unresolved one, whose arena must outlive it. sql: the text that positions
 * refer to, or empty. Commands are refused: they are session_command()'s. */
fb_status session_analyze(Session *s, const Plan *in, Str sql, PlanTree **ret, fb_error *err);
/* The same for a plan that was built in the tree's own arena: t->plan becomes the resolved one. */
fb_status session_resolve(Session *s, PlanTree *t, Str sql, fb_error *err);
/* Runs a resolved plan that is no stream; fn gets the batches in order, on the calling thread.
 * cancel (may be NULL): set from another thread to stop with OPERATION_CANCELED. */
fb_status session_run(Session *s, const PlanTree *t, _Atomic bool *cancel, BatchFn fn, void *arg,
                      fb_error *err);
fb_status session_collect(Session *s, const PlanTree *t, _Atomic bool *cancel, RowSet **ret,
                          fb_error *err);
/* A statement: SELECT gives *ret_tree (analysed, not run); a command runs at once and gives
 * *ret_rows (an empty struct schema for commands without a result). sql_args as for
 * sql_parse_statement. */
struct SqlArgs;
fb_status session_sql(Session *s, Str sql, const struct SqlArgs *args, PlanTree **ret_tree,
                      RowSet **ret_rows, fb_error *err);
fb_status session_command(Session *s, const Plan *command, Str sql, RowSet **ret_rows,
                          fb_error *err);

typedef enum ExplainMode {
    EXPLAIN_SIMPLE,
    EXPLAIN_EXTENDED,
    EXPLAIN_CODEGEN,
    EXPLAIN_COST,
    EXPLAIN_FORMATTED
} ExplainMode;
fb_status session_explain(Session *s, const PlanTree *t, ExplainMode mode, StrBuf *out,
                          fb_error *err);

/* The table that show() prints. truncate 0: whole values, else cut to that many characters;
 * vertical as show(vertical=True). n_rows < 0 means 0. */
fb_status session_show(Session *s, const PlanTree *t, int64_t n_rows, int64_t truncate,
                       bool vertical, StrBuf *out, fb_error *err);
/* ---- temp views and the catalog ---- */
fb_status session_create_view(Session *s, const char *name, PlanTree *t, bool global, bool replace,
                              fb_error *err);
bool session_drop_view(Session *s, const char *name, bool global);
fb_status session_table_exists(Session *s, const char *const *parts, uint32_t n, bool *ret,
                               fb_error *err);
/* Rows that a client sent or cached under an id (cached_remote_relation, cached local relations).
 */
void session_cache_plan(Session *s, const char *id, PlanTree *t);
PlanTree *session_cached_plan(Session *s, const char *id); /* NULL: unknown */
void session_uncache_plan(Session *s, const char *id);

/* ---- cached plans: of all sessions, found by what a plan means ---- */
typedef struct StorageLevel {
    bool disk, memory, off_heap, deserialized;
    int32_t replication;
} StorageLevel; /* kept and told; rows are in memory, and computed again when they had to go */
fb_status session_cache(Session *s, PlanTree *t, const StorageLevel *level, fb_error *err);
bool session_uncache(Session *s, const Plan *p); /* false: it was not cached */
bool session_is_cached(Session *s, const Plan *p, StorageLevel *ret);
void session_clear_cache(Session *s);
/* Computes the rows now, if the plan is cached. */
fb_status session_fill_cache(Session *s, const Plan *p, _Atomic bool *cancel, fb_error *err);

/* ---- writing ---- */
typedef enum SaveMode { SAVE_ERROR_IF_EXISTS, SAVE_APPEND, SAVE_OVERWRITE, SAVE_IGNORE } SaveMode;
typedef struct WriteSpec {
    const char *format; /* NULL: spark.sql.sources.default */
    const char *path;
    const char *table;
    SaveMode mode;
    Options options;
    const char *const *partition_by;
    uint32_t n_partition_by;
} WriteSpec;
fb_status session_write(Session *s, const PlanTree *t, const WriteSpec *w, _Atomic bool *cancel,
                        fb_error *err);

/* ---- streaming queries ---- */
typedef struct StreamWriteSpec {
    const char *format;
    const char *path;  /* start(path) or NULL */
    const char *table; /* toTable or NULL */
    Options options;
    const char *output_mode;
    const char *query_name;
    TriggerKind trigger;
    int64_t interval_ms;
    const char *const *partition_by;
    uint32_t n_partition_by;
    /* A sink of the caller's own instead of format (foreach, foreachBatch); free_arg is called
     * once, also when the start fails. */
    fb_status (*make_sink)(void *arg, const SinkSpec *spec, StreamSink **ret, fb_error *err);
    void *make_sink_arg;
    void (*free_arg)(void *arg);
} StreamWriteSpec;
fb_status session_start_query(Session *s, PlanTree *t, const StreamWriteSpec *w, Query **ret,
                              fb_error *err);
/* Retained; NULL if there is none. run_id NULL: any run, the active one first. Queries that ended
 * are remembered, up to a bound. */
Query *session_query(Session *s, const char *id, const char *run_id);
/* Retained active queries; returns how many, at most max. */
uint32_t session_active_queries(Session *s, Query **ret, uint32_t max);
/* spark.streams.awaitAnyTermination: as query_await, over all queries of the session. */
fb_status session_await_any(Session *s, int64_t timeout_ms, bool *ret_terminated, fb_error *err);
/* For waiters that must not block a thread: fn runs once, from the thread of the query that ends,
 * or at once where one has ended, when session_await_any() would return; also when the session is
 * closed. */
void session_on_any_end(Session *s, void (*fn)(void *arg), void *arg);
void session_reset_terminated(Session *s);
/* Listener events of all queries of the session: type ("started", "progress", "idle", "terminated")
 * and JSON. "started" comes from the thread that starts the query, before any other event of it;
 * the others from the query's thread. fn must not wait for a query. Returns a handle to remove by.
 */
typedef void (*EventFn)(void *arg, const char *type, const char *json);
uint64_t session_add_listener(Session *s, EventFn fn, void *arg);
void session_remove_listener(Session *s,
                             uint64_t handle); /* no call to fn is running once it returns */
/* The "started" event of a query of the session, as listeners get it; false: not known. */
bool session_started_event(Session *s, const char *run_id, StrBuf *out);

#endif
