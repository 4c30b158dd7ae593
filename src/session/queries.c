/*
 * queries.c - the streaming queries that there are: looking them up, waiting for any of them, and
 * what happens when one ends.
 *
 * The engine has one list of entries, newest first. An entry whose query has ended stays until
 * MAX_ENDED newer ones of its session have ended too, so that a client can ask why it did. Whether
 * an entry is active is the query's own word: a caller that saw the end of a query can start
 * another of the same name at once.
 */
#include "session/session_priv.h"

#include <errno.h>
#include <time.h>

/* The oldest ended entry of the session beyond the bound, out of the list; under Engine.lock. */
static Entry *take_surplus(Engine *g, const Session *s)
{
    uint32_t n = 0;
    for (Entry **at = &g->entries; *at; at = &(*at)->next) {
        Entry *e = *at;
        if (e->session == s && !entry_is_active(e) && ++n > MAX_ENDED) {
            *at = e->next;
            return e;
        }
    }
    return NULL;
}

static void call_waiters(EndWaiter *first)
{
    while (first) {
        EndWaiter *next = first->next;
        first->fn(first->arg);
        mem_free(first);
        first = next;
    }
}

/* The rule of Spark's StreamingQueryManager: the first end counts, and any failure after it. */
static void note_end(Session *s, Query *q)
{
    fb_error failure = {0};
    Query *old = NULL;
    bool failed = query_exception(q, &failure);
    err_clear(&failure);
    pthread_mutex_lock(&s->lock);
    if (failed) {
        old = s->failed;
        s->failed = query_retain(q);
    }
    s->any_terminated = true;
    EndWaiter *waiters = s->end_waiters;
    s->end_waiters = NULL;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    query_release(old);
    call_waiters(waiters);
}

void queries_close_waiters(Session *s)
{
    pthread_mutex_lock(&s->lock);
    EndWaiter *waiters = s->end_waiters;
    s->end_waiters = NULL;
    s->closed = true;
    pthread_mutex_unlock(&s->lock);
    call_waiters(waiters);
}

void session_on_any_end(Session *s, void (*fn)(void *arg), void *arg)
{
    pthread_mutex_lock(&s->lock);
    bool now = s->any_terminated || s->closed;
    if (!now) {
        EndWaiter *w = mem_alloc(sizeof(*w));
        *w = (EndWaiter){fn, arg, s->end_waiters};
        s->end_waiters = w;
    }
    pthread_mutex_unlock(&s->lock);
    if (now) {
        fn(arg);
    }
}

/* On the query's thread, or the starter's if it has ended already. The query holds the entry. */
void queries_ended(void *arg)
{
    Entry *e = arg;
    Engine *g = e->engine;
    Session *s = e->session;
    note_end(s, e->query);
    pthread_mutex_lock(&g->lock);
    e->active = false;
    Entry *surplus = take_surplus(g, s);
    pthread_mutex_unlock(&g->lock);
    if (surplus) {
        entry_forget(surplus);
    }
    session_release(s);
}

/* Retained queries of the session, or of all. */
static Query **all_queries(Engine *g, const Session *only, uint32_t *ret_n)
{
    Query **list = NULL;
    uint32_t n = 0;
    pthread_mutex_lock(&g->lock);
    for (const Entry *e = g->entries; e; e = e->next) {
        if (e->query && (!only || e->session == only)) {
            list = mem_realloc(list, mem_mul((size_t)n + 1, sizeof(*list)));
            list[n++] = query_retain(e->query);
        }
    }
    pthread_mutex_unlock(&g->lock);
    *ret_n = n;
    return list;
}

void queries_stop(Engine *g, const Session *only)
{
    uint32_t n;
    Query **list = all_queries(g, only, &n);
    for (uint32_t i = 0; i < n; i++) {
        fb_error ignored = {0};
        (void)query_stop(list[i], &ignored);
        err_clear(&ignored);
        query_release(list[i]);
    }
    mem_free(list);
}

void queries_forget(Engine *g, const Session *only)
{
    for (;;) {
        pthread_mutex_lock(&g->lock);
        Entry **at = &g->entries;
        while (*at && only && (*at)->session != only) {
            at = &(*at)->next;
        }
        Entry *e = *at;
        if (e) {
            *at = e->next;
        }
        pthread_mutex_unlock(&g->lock);
        if (!e) {
            return;
        }
        entry_forget(e);
    }
}

Query *session_query(Session *s, const char *id, const char *run_id)
{
    Engine *g = s->engine;
    Query *found = NULL;
    pthread_mutex_lock(&g->lock);
    for (const Entry *e = g->entries; e; e = e->next) {
        if (!e->query || e->session != s || (id && strcmp(e->id, id) != 0) ||
            (run_id && strcmp(query_run_id(e->query), run_id) != 0)) {
            continue;
        }
        bool active = query_is_active(e->query);
        if (active || !found) {
            found = e->query;
        }
        if (active) {
            break;
        }
    }
    if (found) {
        query_retain(found);
    }
    pthread_mutex_unlock(&g->lock);
    return found;
}

uint32_t session_active_queries(Session *s, Query **ret, uint32_t max)
{
    Engine *g = s->engine;
    uint32_t n = 0;
    pthread_mutex_lock(&g->lock);
    for (const Entry *e = g->entries; e && n < max; e = e->next) {
        if (e->session == s && e->query && query_is_active(e->query)) {
            ret[n++] = query_retain(e->query);
        }
    }
    pthread_mutex_unlock(&g->lock);
    return n;
}

bool session_started_event(Session *s, const char *run_id, StrBuf *out)
{
    Engine *g = s->engine;
    bool found = false;
    pthread_mutex_lock(&g->lock);
    for (const Entry *e = g->entries; e && !found; e = e->next) {
        if (e->session == s && e->query && strcmp(query_run_id(e->query), run_id) == 0) {
            strbuf_puts(out, e->started);
            found = true;
        }
    }
    pthread_mutex_unlock(&g->lock);
    return found;
}

fb_status session_await_any(Session *s, int64_t timeout_ms, bool *ret_terminated, fb_error *err)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    int64_t ms = timeout_ms < 0 ? 0 : timeout_ms;
    end.tv_sec += ms / 1000;
    end.tv_nsec += ms % 1000 * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&s->lock);
    int rc = 0;
    while (!s->any_terminated && rc != ETIMEDOUT) {
        rc = timeout_ms < 0 ? pthread_cond_wait(&s->changed, &s->lock)
                            : pthread_cond_timedwait(&s->changed, &s->lock, &end);
    }
    *ret_terminated = s->any_terminated;
    Query *failed = s->any_terminated && s->failed ? query_retain(s->failed) : NULL;
    pthread_mutex_unlock(&s->lock);
    bool threw = failed && query_exception(failed, err);
    query_release(failed);
    return threw ? FB_ERR : FB_OK;
}

void session_reset_terminated(Session *s)
{
    pthread_mutex_lock(&s->lock);
    Query *failed = s->failed;
    s->failed = NULL;
    s->any_terminated = false;
    pthread_mutex_unlock(&s->lock);
    query_release(failed);
}
