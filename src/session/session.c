/*
 * session.c - one client's settings, views and cached plans.
 *
 * A session is counted: its maker holds a reference, and so does each query that runs in it, so
 * that a client may go while its queries stay.
 */
#include "session/session_priv.h"

#include "base/clock.h"
#include "base/log.h"
#include "column/timezone.h"
#include "connector/connector.h"
#include "format/format.h"

#define TIME_ZONE "spark.sql.session.timeZone"
#define LOG_LEVEL "spark.log.level"

/* load(path) beside option("path"): Spark takes neither, unless it is to forget the option. */
static fb_status path_twice(const ReadSpec *spec, const Conf *conf, fb_error *err)
{
    static const char key[] = LEGACY_PATH_OPTION;
    if (spec->n_paths == 1 && conf_get_bool(conf, key)) {
        return FB_OK;
    }
    return spec->streaming ? err_set(err, ERR_LEGACY_1188, "method", "load", "config", key, NULL)
                           : err_set(err, ERR_LEGACY_1306, "config", key, NULL);
}

static fb_status catalog_read(void *self, const ReadSpec *spec, Relation **ret, fb_error *err)
{
    const Session *s = ((Lookup *)self)->session;
    Arena a = {0};
    ReadSpec named = *spec;
    if (spec->n_paths && options_get(&spec->options, "path")) {
        TRY(path_twice(spec, s->conf, err));
    }
    if (!spec->format) {
        named.format = conf_get(s->conf, "spark.sql.sources.default", &a);
    }
    fb_status st = connector_read(&named, s->conf, ret, err);
    arena_free(&a);
    return st;
}

static const char *catalog_database(void *self)
{
    (void)self;
    return "default";
}

/* Takes over both settings. */
static Session *make(Engine *e, const char *id, Conf *conf, Conf *initial)
{
    char made[37];
    Session *s = mem_zalloc(sizeof(*s));
    pthread_condattr_t attr;
    if (!id) {
        uuid_new(made);
        id = made;
    }
    s->refs = 1;
    s->engine = e;
    s->id = mem_strdup(id);
    s->conf = conf;
    s->initial = initial;
    s->lookup.session = s;
    s->catalog = (Catalog){.self = &s->lookup,
                           .conf = s->conf,
                           .view = catalog_view,
                           .table = catalog_table,
                           .read = catalog_read,
                           .current_database = catalog_database,
                           .user = e->user,
                           .codecs = format_text_codecs()};
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_lock(&e->lock);
    s->next = e->sessions;
    e->sessions = s;
    pthread_mutex_unlock(&e->lock);
    return s;
}

Session *session_new(Engine *e, const char *id)
{
    return make(e, id, conf_clone(e->conf), conf_clone(e->conf));
}

Session *session_clone(Session *s, const char *id)
{
    Session *c = make(s->engine, id, conf_clone(s->conf), conf_clone(s->initial));
    views_copy(c, s);
    return c;
}

Session *session_retain(Session *s)
{
    atomic_fetch_add(&s->refs, 1);
    return s;
}

static void drop_cached(Session *s)
{
    pthread_mutex_lock(&s->lock);
    CachedPlan *c = s->cached;
    s->cached = NULL;
    pthread_mutex_unlock(&s->lock);
    while (c) {
        CachedPlan *next = c->next;
        plantree_release(c->tree);
        mem_free(c->id);
        mem_free(c);
        c = next;
    }
}

static void drop_views(Session *s)
{
    pthread_mutex_lock(&s->lock);
    ViewList views = s->views;
    s->views = (ViewList){0};
    pthread_mutex_unlock(&s->lock);
    views_free(&views);
}

void session_close(Session *s)
{
    queries_stop(s->engine, s);
    queries_close_waiters(s);
    drop_views(s);
    drop_cached(s);
}

/* False: another thread has found the session in the engine's list meanwhile. */
static bool unlist(Session *s)
{
    Engine *e = s->engine;
    pthread_mutex_lock(&e->lock);
    bool last = atomic_fetch_sub(&s->refs, 1) == 1;
    for (Session **at = &e->sessions; last && *at; at = &(*at)->next) {
        if (*at == s) {
            *at = s->next;
            break;
        }
    }
    pthread_mutex_unlock(&e->lock);
    return last;
}

void session_release(Session *s)
{
    if (!s || !unlist(s)) {
        return;
    }
    queries_forget(s->engine, s);
    queries_close_waiters(s);
    drop_views(s);
    drop_cached(s);
    while (s->listeners) {
        Listener *l = s->listeners;
        s->listeners = l->next;
        mem_free(l);
    }
    query_release(s->failed);
    conf_free(s->conf);
    conf_free(s->initial);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->changed);
    mem_free(s->id);
    mem_free(s);
}

const char *session_id(const Session *s)
{
    return s->id;
}

MemBudget *session_budget(Session *s)
{
    return &s->engine->budget;
}

Conf *session_conf(Session *s)
{
    return s->conf;
}

fb_status session_set_conf(Session *s, const char *key, const char *value, fb_error *err)
{
    const TimeZone *tz;
    fb_error ignored = {0};
    if (strcmp(key, TIME_ZONE) == 0 && tz_get(str_of(value), &tz, &ignored) != FB_OK) {
        err_clear(&ignored);
        return err_set(err, ERR_INVALID_CONF_VALUE_TIME_ZONE, "confValue", value, "confName", key,
                       NULL);
    }
    if (strcmp(key, LOG_LEVEL) == 0) {
        int level = log_level_parse(value);
        if (level < 0) {
            Arena a = {0};
            fb_status st = err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                                   arena_printf(&a,
                                                "Supplied level %s did not match one of: "
                                                "ALL,DEBUG,ERROR,WARN,INFO,OFF,FATAL,TRACE",
                                                value),
                                   NULL);
            arena_free(&a);
            return st;
        }
        log_set_level((LogLevel)level); /* of the process, as in Spark */
    }
    return conf_set(s->conf, key, value, false, err);
}

/* ---- plans kept under an id ---- */

static CachedPlan **find_cached(Session *s, const char *id)
{
    CachedPlan **at = &s->cached;
    while (*at && strcmp((*at)->id, id) != 0) {
        at = &(*at)->next;
    }
    return at;
}

void session_cache_plan(Session *s, const char *id, PlanTree *t)
{
    PlanTree *old = NULL;
    pthread_mutex_lock(&s->lock);
    CachedPlan **at = find_cached(s, id);
    if (*at) {
        old = (*at)->tree;
    } else {
        *at = mem_zalloc(sizeof(**at));
        (*at)->id = mem_strdup(id);
    }
    (*at)->tree = plantree_retain(t);
    pthread_mutex_unlock(&s->lock);
    plantree_release(old);
}

PlanTree *session_cached_plan(Session *s, const char *id)
{
    pthread_mutex_lock(&s->lock);
    const CachedPlan *c = *find_cached(s, id);
    PlanTree *t = c ? plantree_retain(c->tree) : NULL;
    pthread_mutex_unlock(&s->lock);
    return t;
}

void session_uncache_plan(Session *s, const char *id)
{
    pthread_mutex_lock(&s->lock);
    CachedPlan **at = find_cached(s, id), *c = *at;
    if (c) {
        *at = c->next;
    }
    pthread_mutex_unlock(&s->lock);
    if (c) {
        plantree_release(c->tree);
        mem_free(c->id);
        mem_free(c);
    }
}
