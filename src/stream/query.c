/*
 * query.c - starting a query, and what one can ask it from outside.
 */
#include "stream/query_priv.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* Threads walk plans recursively (PLAN_MAX_DEPTH) and hold batches of row pointers. */
#define THREAD_STACK ((size_t)64 << 20)

static void copy_spec(Query *q, const QuerySpec *spec)
{
    Arena *a = &q->arena;
    SinkSpec *s = &q->spec.sink;
    Options *options = ARENA_NEW(a, Options);
    q->spec = *spec;
    q->name = spec->name ? arena_strdup(a, spec->name) : NULL;
    q->spec.name = q->name;
    q->spec.checkpoint = arena_strdup(a, spec->checkpoint);
    if (s->options) {
        options_copy(options, s->options, a);
    }
    s->options = options;
    s->format = s->format ? arena_strdup(a, s->format) : NULL;
    s->query_name = q->name;
    s->query_id = q->id;
    s->mode = spec->mode;
    s->time_zone = s->time_zone ? arena_strdup(a, s->time_zone) : NULL;
    const char **by = ARENA_ARRAY(a, const char *, s->n_partition_by);
    for (uint32_t i = 0; i < s->n_partition_by; i++) {
        by[i] = arena_strdup(a, s->partition_by[i]);
    }
    s->partition_by = by;
}

static void query_free(Query *q)
{
    if (q->spec.free_arg) {
        q->spec.free_arg(q->spec.make_sink_arg);
    }
    for (uint32_t i = 0; i < q->n_progress; i++) {
        mem_free(q->progress[(q->first_progress + i) % q->cap_progress]);
    }
    mem_free(q->progress);
    mem_free(q->logical_text);
    mem_free(q->physical_text);
    err_clear(&q->failure);
    if (q->wake_fd >= 0) {
        (void)close(q->wake_fd);
    }
    plantree_release(q->tree);
    conf_free(q->conf);
    arena_free(&q->offsets[0]);
    arena_free(&q->offsets[1]);
    arena_free(&q->arena);
    pthread_mutex_destroy(&q->lock);
    pthread_cond_destroy(&q->changed);
    mem_free(q);
}

static fb_status start_thread(Query *q, fb_error *err)
{
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, THREAD_STACK);
    q->active = true;
    atomic_fetch_add(&q->refs, 1); /* the thread's own */
    int rc = pthread_create(&q->thread, &attr, query_thread, q);
    pthread_attr_destroy(&attr);
    if (rc) {
        atomic_fetch_sub(&q->refs, 1);
        q->active = false;
        return err_errno(err, rc, "start a thread for", "a streaming query");
    }
    return FB_OK;
}

fb_status query_start(const QuerySpec *spec, Query **ret, fb_error *err)
{
    Query *q = mem_zalloc(sizeof(*q));
    pthread_condattr_t attr;
    q->refs = 1;
    q->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    q->message = "Initializing StreamExecution";
    q->conf = spec->conf;
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&q->changed, &attr);
    pthread_condattr_destroy(&attr);
    uuid_new(q->run_id);
    copy_spec(q, spec);
    q->tree = plantree_retain(spec->plan);
    int64_t keep = conf_get_int(q->conf, "spark.sql.streaming.numRecentProgressUpdates");
    q->cap_progress = keep < 1 ? 1 : keep > 100000 ? 100000 : (uint32_t)keep;
    q->progress = mem_zalloc(mem_mul(q->cap_progress, sizeof(*q->progress)));
    fb_status st = q->wake_fd < 0 ? err_errno(err, errno, "create", "an eventfd")
                                  : checkpoint_identify(q->spec.checkpoint, q->id, err);
    if (st == FB_OK) {
        st = start_thread(q, err);
    }
    if (st != FB_OK) {
        query_free(q);
        return st;
    }
    *ret = q;
    return FB_OK;
}

Query *query_retain(Query *q)
{
    atomic_fetch_add(&q->refs, 1);
    return q;
}

void query_release(Query *q)
{
    if (!q || atomic_fetch_sub(&q->refs, 1) != 1) {
        return;
    }
    /* The thread holds a reference while it runs, so it has ended, or is this very thread. */
    if (!q->joined) {
        (void)pthread_detach(q->thread);
    }
    query_free(q);
}

const char *query_id(const Query *q)
{
    return q->id;
}

const char *query_run_id(const Query *q)
{
    return q->run_id;
}

const char *query_name(const Query *q)
{
    return q->name;
}

bool query_is_active(const Query *q)
{
    Query *m = (Query *)q;
    pthread_mutex_lock(&m->lock);
    bool active = m->active;
    pthread_mutex_unlock(&m->lock);
    return active;
}

void query_set_status(Query *q, const char *message, bool data_available, bool trigger_active)
{
    pthread_mutex_lock(&q->lock);
    if (message) {
        q->message = message;
    }
    q->data_available = data_available;
    q->trigger_active = trigger_active;
    pthread_mutex_unlock(&q->lock);
}

void query_status(Query *q, StrBuf *message, bool *ret_data, bool *ret_trigger)
{
    pthread_mutex_lock(&q->lock);
    strbuf_puts(message, q->message);
    *ret_data = q->data_available;
    *ret_trigger = q->trigger_active;
    pthread_mutex_unlock(&q->lock);
}

void query_recent_progress(Query *q, void (*fn)(void *arg, const char *json), void *arg)
{
    pthread_mutex_lock(&q->lock);
    for (uint32_t i = 0; i < q->n_progress; i++) {
        fn(arg, q->progress[(q->first_progress + i) % q->cap_progress]);
    }
    pthread_mutex_unlock(&q->lock);
}

bool query_last_progress(Query *q, StrBuf *out)
{
    pthread_mutex_lock(&q->lock);
    bool any = q->n_progress > 0;
    if (any) {
        uint32_t last = (q->first_progress + q->n_progress - 1) % q->cap_progress;
        strbuf_puts(out, q->progress[last]);
    }
    pthread_mutex_unlock(&q->lock);
    return any;
}

/* Under the lock: the descriptor goes with the query's thread. */
static void wake(const Query *q)
{
    uint64_t one = 1;
    if (q->wake_fd < 0) {
        return;
    }
    ssize_t n = write(q->wake_fd, &one, sizeof(one)); /* checksrc-allow: an eventfd */
    (void)n;                                          /* full: it is awake already */
}

static void deadline_after(struct timespec *ts, int64_t ms)
{
    clock_gettime(CLOCK_MONOTONIC, ts);
    ts->tv_sec += ms / 1000;
    ts->tv_nsec += ms % 1000 * 1000000;
    if (ts->tv_nsec >= 1000000000) {
        ts->tv_sec++;
        ts->tv_nsec -= 1000000000;
    }
}

void query_ask_to_stop(Query *q)
{
    pthread_mutex_lock(&q->lock);
    q->stopping = true;
    if (q->exec) {
        atomic_store(&q->exec->cancel, true);
    }
    wake(q);
    pthread_mutex_unlock(&q->lock);
}

fb_status query_stop(Query *q, fb_error *err)
{
    (void)err;
    query_ask_to_stop(q);
    pthread_mutex_lock(&q->lock);
    while (q->active) {
        pthread_cond_wait(&q->changed, &q->lock);
    }
    bool join = !q->joined && !pthread_equal(pthread_self(), q->thread);
    q->joined |= join;
    pthread_mutex_unlock(&q->lock);
    if (join) {
        (void)pthread_join(q->thread, NULL);
    }
    return FB_OK;
}

static void copy_failure(const fb_error *from, fb_error *to)
{
    const char *params[2 * 4 + 1];
    size_t n = 0;
    for (size_t i = 0; i < from->n_params && n < 8; i++) {
        params[n++] = from->params[i].key;
        params[n++] = from->params[i].value;
    }
    while (n < 9) {
        params[n++] = NULL;
    }
    (void)err_set(to, from->id, params[0], params[1], params[2], params[3], params[4], params[5],
                  params[6], params[7], NULL);
}

bool query_exception(Query *q, fb_error *err)
{
    pthread_mutex_lock(&q->lock);
    bool failed = err_is_set(&q->failure);
    if (failed) {
        copy_failure(&q->failure, err);
    }
    pthread_mutex_unlock(&q->lock);
    return failed;
}

fb_status query_await(Query *q, int64_t timeout_ms, bool *ret_terminated, fb_error *err)
{
    struct timespec end;
    deadline_after(&end, timeout_ms < 0 ? 0 : timeout_ms);
    pthread_mutex_lock(&q->lock);
    int rc = 0;
    while (q->active && rc != ETIMEDOUT) {
        rc = timeout_ms < 0 ? pthread_cond_wait(&q->changed, &q->lock)
                            : pthread_cond_timedwait(&q->changed, &q->lock, &end);
    }
    *ret_terminated = !q->active;
    pthread_mutex_unlock(&q->lock);
    return *ret_terminated && query_exception(q, err) ? FB_ERR : FB_OK;
}

fb_status query_process_all_available(Query *q, fb_error *err)
{
    pthread_mutex_lock(&q->lock);
    uint64_t before = q->n_triggers;
    wake(q);
    while (q->active && q->idle_since <= before) {
        pthread_cond_wait(&q->changed, &q->lock);
    }
    pthread_mutex_unlock(&q->lock);
    return query_exception(q, err) ? FB_ERR : FB_OK;
}

void query_explain(Query *q, bool extended, StrBuf *out)
{
    pthread_mutex_lock(&q->lock);
    if (q->logical_text && extended) {
        strbuf_puts(out, q->logical_text);
    }
    strbuf_puts(out, q->physical_text ? q->physical_text : "No physical plan. Waiting for data.");
    pthread_mutex_unlock(&q->lock);
}

void query_call_hooks(QueryHook *first)
{
    while (first) {
        QueryHook *next = first->next;
        first->fn(first->arg);
        mem_free(first);
        first = next;
    }
}

/* Adds to the list, or calls at once where the query has ended. */
static void add_hook(Query *q, QueryHook **list, void (*fn)(void *arg), void *arg)
{
    pthread_mutex_lock(&q->lock);
    bool now = !q->active;
    if (!now) {
        QueryHook *h = mem_alloc(sizeof(*h));
        *h = (QueryHook){.fn = fn, .arg = arg, .after = q->n_triggers, .next = *list};
        *list = h;
        if (list == &q->on_processed) {
            wake(q);
        }
    }
    pthread_mutex_unlock(&q->lock);
    if (now) {
        fn(arg);
    }
}

void query_on_end(Query *q, void (*fn)(void *arg), void *arg)
{
    add_hook(q, &q->on_end, fn, arg);
}

void query_on_processed(Query *q, void (*fn)(void *arg), void *arg)
{
    add_hook(q, &q->on_processed, fn, arg);
}
