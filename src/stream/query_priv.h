/*
 * query_priv.h - a query from the inside: shared by query.c (what one can ask), microbatch.c (the
 * loop) and progress.c (what it reports).
 *
 * The query's thread owns everything but the block guarded by lock.
 */
#ifndef STREAM_QUERY_PRIV_H
#define STREAM_QUERY_PRIV_H

#include "state/stateful.h"
#include "stream/checkpoint.h"
#include "stream/query.h"

#include <jansson.h>
#include <pthread.h>

/* A distinct source relation of the plan. */
typedef struct QuerySource {
    Relation *relation;
    StreamSource *stream;
    const char *start, *end; /* offsets of the batch being run; in query's offsets arena */
} QuerySource;

/* A place in the plan that reads a source: a line of the offset log. */
typedef struct QueryLeaf {
    const Plan *node;
    uint32_t source; /* index of QuerySource */
    Source *scan;    /* in the compiled plan, borrowed */
} QueryLeaf;

typedef struct QueryStateful {
    const Plan *node;
    StatefulOp *op;
} QueryStateful;

/* Milliseconds of the parts of a trigger, as durationMs names them. */
typedef struct Durations {
    int64_t latest_offset, get_batch, query_planning, wal_commit, add_batch, commit_offsets,
        trigger_execution;
} Durations;

/* To be called once. */
typedef struct QueryHook {
    void (*fn)(void *arg);
    void *arg;
    uint64_t after; /* on_processed: triggers that had begun when it was asked for */
    struct QueryHook *next;
} QueryHook;

struct Query {
    _Atomic int refs;
    QuerySpec spec;
    Arena arena; /* copies of the spec's strings, sources, leaves */
    char id[37], run_id[37];
    const char *name; /* NULL: none */
    Conf *conf;
    PlanTree *tree;
    pthread_t thread;

    /* the query's thread */
    Checkpoint checkpoint;
    bool checkpoint_open;
    QuerySource *sources;
    uint32_t n_sources;
    QueryLeaf *leaves;
    uint32_t n_leaves;
    QueryStateful *stateful;
    uint32_t n_stateful;
    StreamSink *sink;
    Exec *exec;
    ExecHooks hooks;
    Arena offsets[2]; /* offset texts of this and the last batch, in turn */
    uint32_t turn;
    int64_t batch;  /* id of the batch to run next */
    bool rerun;     /* it is in the offset log already */
    bool first_run; /* nothing has run in this run of the query */
    int64_t watermark_ms;
    int64_t batch_time_ms;
    int64_t last_trigger_ms, last_progress_ms;
    Durations took;
    int wake_fd; /* eventfd: stop, processAllAvailable; -1 once the thread is done, under lock */

    /* under lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool started, active, stopping, joined;
    uint64_t n_triggers; /* begun so far */
    uint64_t idle_since; /* the last of them that found nothing; 0: none did */
    const char *message; /* of status; static text, or in message_buf */
    char message_buf[512];
    bool data_available, trigger_active;
    char **progress; /* ring of JSON texts */
    uint32_t n_progress, cap_progress, first_progress;
    fb_error failure;
    char *logical_text, *physical_text; /* explain */
    QueryHook *on_end, *on_processed;
};

/* Calls and frees them; not under the lock. */
void query_call_hooks(QueryHook *first);
void query_set_status(Query *q, const char *message, bool data_available, bool trigger_active);
/* The thread's body. */
void *query_thread(void *arg);

/* progress_value.c: row i of a vector */
struct TimeZone;
json_t *value_json(const Vec *v, uint32_t i, const struct TimeZone *tz);

/* progress.c */
void progress_report(Query *q, int64_t trigger_start_ms);
void progress_idle(Query *q, int64_t now_ms);
void progress_terminated(Query *q);

#endif
