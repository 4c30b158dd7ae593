/*
 * session_priv.h - engine, sessions and their lists from the inside, for the files of session/.
 *
 * Locks, in the order in which they may be taken: Entry.gate, Engine.lock, Session.lock. None of
 * them is held while a plan is analyzed or run, or while a query is waited for.
 */
#ifndef SESSION_SESSION_PRIV_H
#define SESSION_SESSION_PRIV_H

#include "session/session.h"
#include "sql/sql.h"
#include "stream/checkpoint.h"

#include <pthread.h>

#define GLOBAL_TEMP "global_temp"
#define SPARE_POOLS 4
#define MAX_ENDED 100 /* queries remembered after their end, a session */

/* A temp view. Its tree is what the analyzer made of it; sql is the CREATE VIEW statement, whose
 * names are looked up anew when views that it reads have changed since. */
typedef struct TempView {
    char *name;
    PlanTree *tree;
    char *sql;    /* NULL: made of a DataFrame */
    char **reads; /* the views that it was resolved with: "v", "global_temp.v", lower case */
    uint32_t n_reads;
    uint64_t stamp; /* Engine.view_clock when it was resolved */
    struct TempView *next;
} TempView;

typedef struct ViewList {
    TempView *first; /* sorted by name, without case */
} ViewList;

typedef struct CachedPlan {
    char *id;
    PlanTree *tree;
    struct CachedPlan *next;
} CachedPlan;

/* A call to a listener that has not returned; on the stack of the thread that makes it. */
typedef struct ListenerCall {
    pthread_t thread;
    struct ListenerCall *next;
} ListenerCall;

typedef struct Listener {
    uint64_t handle;
    EventFn fn;
    void *arg;
    ListenerCall *calls;
    bool removed;
    bool removed_by_itself; /* from inside of its function */
    struct Listener *next;
} Listener;

/* A streaming query of a session: starting, active, or ended and remembered. Held by the engine's
 * list and by the query (QuerySpec.make_sink_arg). */
typedef struct Entry {
    _Atomic int refs;
    Engine *engine;
    Session *session; /* retained until the query ends, then a name only: compared, not used */
    Query *query;     /* retained; NULL while starting */
    char id[37];
    char *name;           /* or NULL */
    char *started;        /* JSON of the event */
    bool active;          /* starting counts; under Engine.lock */
    pthread_mutex_t gate; /* held by the starter until "started" is out */
    PlanTree *tree;       /* the analyzed plan, which the optimized one shares nodes with */
    StreamSink *sink;     /* made at the start, until the query takes it */
    fb_status (*make_sink)(void *arg, const SinkSpec *spec, StreamSink **ret, fb_error *err);
    void *make_sink_arg;
    void (*free_arg)(void *arg);
    struct Entry *next;
} Entry;

/* What a Catalog's self points to: the session, and the views that an analysis came across. */
typedef struct Lookup {
    Session *session;
    char **reads; /* "v", "global_temp.v", lower case; NULL unless recorded */
    uint32_t n_reads, cap_reads;
    bool records;
    uint32_t depth; /* of views being resolved anew */
} Lookup;

typedef struct CacheEntry CacheEntry;

struct Engine {
    Pool *pool;
    Pool *spare[SPARE_POOLS]; /* of runs that have their own, between two of those; under lock */
    uint32_t own_threads;     /* of the pools that runs have at the time, without the callers */
    MemBudget budget;
    Conf *conf;
    char *user; /* who runs the process: current_user() */
    pthread_mutex_t lock;
    Session *sessions; /* by next; not retained */
    Entry *entries;    /* newest first */
    ViewList global_views;
    _Atomic uint64_t view_clock; /* counts changes of views */
    CacheEntry *cache;           /* cached plans; cache.c */
    _Atomic uint32_t n_cached;
    pthread_mutex_t cache_lock; /* after Session.lock */
};

/* Somebody who waits for the end of any query; called once. */
typedef struct EndWaiter {
    void (*fn)(void *arg);
    void *arg;
    struct EndWaiter *next;
} EndWaiter;

struct Session {
    _Atomic int refs;
    Engine *engine;
    char *id;
    Conf *conf;
    Conf *initial; /* what RESET goes back to */
    Catalog catalog;
    Lookup lookup; /* its self */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* termination, listeners */
    ViewList views;
    CachedPlan *cached;
    Listener *listeners;
    uint64_t next_handle;
    bool any_terminated, closed;
    EndWaiter *end_waiters;
    Query *failed; /* the first failed query since the last reset; retained */
    struct Session *next;
};

/* views.c */
PlanTree *catalog_view(void *self, const char *const *parts, uint32_t n);
fb_status catalog_table(void *self, const char *const *parts, uint32_t n, bool streaming,
                        Relation **ret, fb_error *err);
void views_free(ViewList *l);
void views_copy(Session *to, Session *from);
/* CREATE TEMPORARY VIEW: analyses the query and keeps the statement. */
fb_status views_create(Session *s, const Command *c, Str sql, fb_error *err);
/* The one part of a view's name, or Spark's refusal; in the arena. */
fb_status views_name(Arena *a, const char *name, const char **ret, fb_error *err);
void views_each(Session *s, bool global, void (*fn)(void *arg, const char *name, bool global),
                void *arg);

/* run.c: a run of a batch plan into an operator, which is taken over. then: called while the
 * operator is still there, if the run went well. */
typedef fb_status (*RunThen)(void *arg, fb_error *err);
fb_status run_then(Session *s, const Plan *plan, _Atomic bool *cancel, Op *sink, RunThen then,
                   void *arg, fb_error *err);
fb_status run_into(Session *s, const Plan *plan, _Atomic bool *cancel, Op *sink, fb_error *err);
Plan *limit_of(Arena *a, Plan *child, int64_t n);

/* The same of a cached plan for its own rows, which are not looked for. */
fb_status run_inside(Session *s, const CacheEntry *self, const Plan *plan, _Atomic bool *cancel,
                     Op *sink, fb_error *err);

/* cache.c: the plan with what is cached in the place of what it stands for. Nodes go into the
 * arena; rows are retained by keep, which must outlive the run. */
typedef struct CacheUse {
    Session *session;
    Arena *arena;
    PlanTree *keep;
    const CacheEntry *self; /* the entry whose rows are being computed, or NULL */
    _Atomic bool *cancel;
} CacheUse;
fb_status cache_use(CacheUse *u, const Plan *p, const Plan **ret, fb_error *err);
bool cache_reclaim(void *engine, int64_t n); /* MemBudget.reclaim */
void cache_forget_path(Engine *g, const char *path);
void cache_clear(Engine *g);

/* explain.c */
fb_status explain_text(Session *s, const Plan *parsed, const Plan *analyzed, ExplainMode mode,
                       StrBuf *out, fb_error *err);
fb_status explain_mode_parse(const char *name, ExplainMode *ret, fb_error *err);

/* start.c */
bool entry_is_active(const Entry *e); /* under Engine.lock */
void entry_forget(Entry *e);          /* of an entry just taken out of the list */

/* queries.c */
void queries_ended(void *arg);
/* Lets go those who wait for any query, now and from now on. */
void queries_close_waiters(Session *s);
void queries_stop(Engine *g, const Session *only);
void queries_forget(Engine *g, const Session *only);

/* events.c */
void session_send_event(Session *s, const char *type, const char *json);

/* paths and options that reading and writing share; write.c */
/* conf: whether the method's path wins, where there is also the option. */
#define LEGACY_PATH_OPTION "spark.sql.legacy.pathOptionBehavior.enabled"
fb_status write_path(Arena *a, const Conf *conf, const char *given, const Options *o, ErrId twice,
                     char **ret, fb_error *err);
#endif
