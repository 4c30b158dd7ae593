/*
 * engine.c - the process: worker pool, memory budget, and the list of sessions.
 *
 * Ownership: the engine knows its sessions but holds no reference to them; engine_free() ends those
 * that are left. Threads: any.
 */
#include "session/session_priv.h"

#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#define MEMORY_LIMIT "spark.forebay.memory.limit"
#define MAX_WORKERS 1024

static uint32_t usable_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0) {
        return (uint32_t)CPU_COUNT(&set);
    }
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (uint32_t)n : 1;
}

static char *user_name(void)
{
    char buf[4096];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(geteuid(), &entry, buf, sizeof(buf), &found) == 0 && found) {
        return mem_strdup(found->pw_name);
    }
    (void)snprintf(buf, sizeof(buf), "%lu", (unsigned long)geteuid());
    return mem_strdup(buf);
}

Engine *engine_new(uint32_t n_workers)
{
    Engine *e = mem_zalloc(sizeof(*e));
    uint32_t n = n_workers ? n_workers : usable_cores();
    e->pool = pool_new(n < MAX_WORKERS ? n : MAX_WORKERS);
    e->budget.limit = budget_default_limit();
    e->conf = conf_new();
    e->user = user_name();
    pthread_mutex_init(&e->lock, NULL);
    pthread_mutex_init(&e->cache_lock, NULL);
    e->budget.reclaim = cache_reclaim;
    e->budget.reclaim_arg = e;
    return e;
}

fb_status engine_set_conf(Engine *e, const char *key, const char *value, fb_error *err)
{
    int64_t limit;
    if (strcmp(key, MEMORY_LIMIT) == 0) {
        if (!conf_parse_bytes(str_of(value), &limit) || limit < 0) {
            return err_set(err, ERR_INVALID_CONF_VALUE_TYPE_MISMATCH, "confName", key, "confValue",
                           value, "confType", "byte size", NULL);
        }
        e->budget.limit = limit;
    }
    TRY(conf_set(e->conf, key, value, true, err));
    if (strcmp(key, "spark.forebay.fsync") == 0) {
        vfs_set_fsync(conf_get_bool(e->conf, key));
    }
    return FB_OK;
}

MemBudget *engine_budget(Engine *e)
{
    return &e->budget;
}

/* Any session that is left, retained. */
static Session *some_session(Engine *e)
{
    pthread_mutex_lock(&e->lock);
    Session *s = e->sessions;
    if (s) {
        session_retain(s);
    }
    pthread_mutex_unlock(&e->lock);
    return s;
}

void engine_free(Engine *e)
{
    if (!e) {
        return;
    }
    queries_stop(e, NULL);
    queries_forget(e, NULL);
    for (Session *s; (s = some_session(e)) != NULL;) {
        atomic_store(&s->refs, 1);
        session_release(s);
    }
    views_free(&e->global_views);
    cache_clear(e);
    for (int i = 0; i < SPARE_POOLS; i++) {
        pool_free(e->spare[i]);
    }
    pool_free(e->pool);
    conf_free(e->conf);
    mem_free(e->user);
    pthread_mutex_destroy(&e->lock);
    pthread_mutex_destroy(&e->cache_lock);
    mem_free(e);
}
