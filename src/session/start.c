/*
 * start.c - starting a streaming query: what writeStream.start() checks and prepares.
 *
 * Everything that can be wrong with the plan, the options and the place is found here, on the
 * caller's thread, before anything runs: unsupported operations, output mode, sink, checkpoint. The
 * sink is made here too, and handed to the query when its thread asks for it; a memory sink's view
 * is there as soon as start() returns.
 *
 * Two queries never run on one checkpoint: the list of entries is the place where a start reserves
 * its name and its checkpoint's id. Waiting for an older run to stop holds no lock.
 */
#include "session/session_priv.h"

#include "base/clock.h"
#include "connector/connector.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CHECKPOINT "checkpointLocation"
#define CHECKPOINT_CONF "spark.sql.streaming.checkpointLocation"

/* What a start has found out so far. */
typedef struct Start {
    Session *session;
    PlanTree *tree;
    const StreamWriteSpec *w;
    Arena arena;
    Options options; /* the writer's, with the path */
    const char *format;
    const char *checkpoint;
    const char *time_zone;
    OutputMode mode;
    bool temporary, is_memory;
    PlanTree *view; /* of a memory sink */
    char id[37];
} Start;

/* ---- checks ---- */

static bool keeps_nothing(const Start *st)
{
    static const char *const names[] = {"console", "memory", "noop"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (cstr_eq_nocase(st->format, names[i])) {
            return true;
        }
    }
    return st->w->make_sink != NULL;
}

static fb_status find_checkpoint(Start *st, fb_error *err)
{
    Arena *a = &st->arena;
    const char *given = options_get(&st->options, CHECKPOINT);
    const char *base = conf_get(st->session->conf, CHECKPOINT_CONF, a);
    char id[37], *path;
    uuid_new(id);
    if (given) {
        TRY(vfs_path_of_uri(a, given, &path, err));
    } else if (base) {
        TRY(vfs_path_of_uri(a, base, &path, err));
        path = vfs_join(a, path, st->w->query_name ? st->w->query_name : id);
    } else if (keeps_nothing(st)) {
        const char *tmp = getenv("TMPDIR");
        path = arena_printf(a, "%s/temporary-%s", tmp && *tmp ? tmp : "/tmp", id);
        st->temporary = true;
    } else {
        return err_set(err, ERR_LEGACY_1298, "config", CHECKPOINT_CONF, NULL);
    }
    st->checkpoint = vfs_absolute(a, path);
    return FB_OK;
}

/* Rows of a memory sink in append or update mode are lost with the process: no going on. */
static fb_status check_recovery(Start *st, fb_error *err)
{
    VfsStat offsets;
    const char *path = vfs_join(&st->arena, st->checkpoint, "offsets");
    if (!st->is_memory || st->mode == OUTPUT_COMPLETE) {
        return FB_OK;
    }
    TRY(vfs()->stat(path, &offsets, err));
    return offsets.exists ? err_set(err, ERR_LEGACY_1299, "checkpointPath", path, NULL) : FB_OK;
}

static fb_status check_memory(Start *st, fb_error *err)
{
    const char *view;
    if (!st->w->query_name) {
        return err_set(err, ERR_LEGACY_1194, NULL);
    }
    if (st->w->n_partition_by) {
        return err_set(err, ERR_LEGACY_1197, "operation", "memory", NULL);
    }
    return views_name(&st->arena, st->w->query_name, &view, err);
}

static fb_status check(Start *st, fb_error *err)
{
    const StreamWriteSpec *w = st->w;
    Conf *conf = st->session->conf;
    char *path;
    if (!st->tree->plan->streaming) {
        return err_set(err, ERR_WRITE_STREAM_NOT_ALLOWED, NULL);
    }
    TRY(output_mode_parse(w->output_mode, &st->mode, err));
    if (w->table) {
        return err_unsupported(err, "writing a stream to the table %s", w->table);
    }
    if (w->trigger == TRIGGER_PROCESSING_TIME && w->interval_ms < 0) {
        return err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                       "the interval of trigger should not be negative", NULL);
    }
    st->format = w->format && *w->format ? w->format
                                         : conf_get(conf, "spark.sql.sources.default", &st->arena);
    st->is_memory = !w->make_sink && cstr_eq_nocase(st->format, "memory");
    st->time_zone = conf_get(conf, "spark.sql.session.timeZone", &st->arena);
    options_copy(&st->options, &w->options, &st->arena);
    TRY(write_path(&st->arena, conf, w->path, &w->options, ERR_LEGACY_1188, &path, err));
    if (path) {
        options_set(&st->options, &st->arena, "path", path);
    }
    if (st->is_memory) {
        TRY(check_memory(st, err));
    }
    return w->make_sink ? FB_OK : connector_sink_check(st->format, &st->options, st->mode, err);
}

/* ---- entries ---- */

static void entry_release(void *arg)
{
    Entry *e = arg;
    if (atomic_fetch_sub(&e->refs, 1) != 1) {
        return;
    }
    if (e->sink) { /* nobody took it */
        if (e->sink->op->vt->free) {
            e->sink->op->vt->free(e->sink->op);
        } else {
            mem_free(e->sink->op);
        }
        e->sink->vt->free(e->sink);
    }
    if (e->free_arg) {
        e->free_arg(e->make_sink_arg);
    }
    plantree_release(e->tree);
    pthread_mutex_destroy(&e->gate);
    mem_free(e->started);
    mem_free(e->name);
    mem_free(e);
}

bool entry_is_active(const Entry *e)
{
    return e->query ? query_is_active(e->query) : e->active;
}

/* Out of the list; the caller releases. Under Engine.lock. */
static void unlist(Engine *g, const Entry *e)
{
    Entry **at = &g->entries;
    while (*at && *at != e) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = e->next;
    }
}

void entry_forget(Entry *e)
{
    Query *q = e->query;
    e->query = NULL;
    query_release(q);
    entry_release(e);
}

static fb_status name_taken(const char *name, fb_error *err)
{
    StrBuf b = {0};
    strbuf_printf(&b,
                  "Cannot start query with name %s as a query with that name is already active in "
                  "this SparkSession",
                  name);
    fb_status st = err_set(err, ERR_LEGACY_ILLEGAL_ARGUMENT, "message", b.p, NULL);
    strbuf_free(&b);
    return st;
}

static fb_status id_taken(const char *id, fb_error *err)
{
    StrBuf b = {0};
    strbuf_printf(&b,
                  "Cannot start query with id %s as another query with same id is already active. "
                  "Perhaps you are attempting to restart a query from checkpoint that is already "
                  "active. You may stop the old query by setting the SQL configuration: "
                  "spark.conf.set(\"spark.sql.streaming.stopActiveRunOnRestart\", true) and retry.",
                  id);
    fb_status st = err_set(err, ERR_LEGACY_ILLEGAL_STATE, "message", b.p, NULL);
    strbuf_free(&b);
    return st;
}

/* Lists e unless its name or its checkpoint is in use; *ret_old: a retained query to stop first. */
static fb_status try_reserve(const Start *st, Entry *e, Query **ret_old, fb_error *err)
{
    Engine *g = e->engine;
    bool stops = conf_get_bool(st->session->conf, "spark.sql.streaming.stopActiveRunOnRestart");
    fb_status rc = FB_OK;
    *ret_old = NULL;
    pthread_mutex_lock(&g->lock);
    for (const Entry *o = g->entries; o && rc == FB_OK && !*ret_old; o = o->next) {
        if (!entry_is_active(o)) {
            continue;
        }
        if (strcmp(o->id, e->id) == 0) {
            if (!stops || !o->query) {
                rc = id_taken(e->id, err);
            } else {
                *ret_old = query_retain(o->query);
            }
        } else if (o->session == e->session && e->name && o->name &&
                   strcmp(o->name, e->name) == 0) {
            rc = name_taken(e->name, err);
        }
    }
    if (rc == FB_OK && !*ret_old) {
        e->next = g->entries;
        g->entries = e;
        atomic_fetch_add(&e->refs, 1);
    }
    pthread_mutex_unlock(&g->lock);
    return rc;
}

static fb_status reserve(const Start *st, Entry *e, fb_error *err)
{
    for (;;) {
        Query *old;
        TRY(try_reserve(st, e, &old, err));
        if (!old) {
            return FB_OK;
        }
        fb_status rc = query_stop(old, err);
        query_release(old);
        TRY(rc);
    }
}

static Entry *new_entry(const Start *st)
{
    Entry *e = mem_zalloc(sizeof(*e));
    e->refs = 1;
    e->engine = st->session->engine;
    e->session = session_retain(st->session);
    e->tree = plantree_retain(st->tree);
    e->name = st->w->query_name ? mem_strdup(st->w->query_name) : NULL;
    e->active = true;
    e->make_sink = st->w->make_sink;
    e->make_sink_arg = st->w->make_sink_arg;
    e->free_arg = st->w->free_arg;
    memcpy(e->id, st->id, sizeof(e->id));
    pthread_mutex_init(&e->gate, NULL);
    return e;
}

/* ---- the sink ---- */

static PlanTree *relation_view(Relation *r)
{
    PlanTree *t = plantree_new();
    Plan *p = plan_new(&t->arena, P_RELATION, 0);
    uint32_t n = r->schema->n_fields;
    plantree_keep_relation(t, r);
    p->relation = r;
    p->out = ARENA_ARRAY(&t->arena, Attr, n);
    p->n_out = n;
    for (uint32_t i = 0; i < n; i++) {
        const Field *f = &r->schema->fields[i];
        p->out[i] = (Attr){.id = attr_new_id(),
                           .name = f->name,
                           .type = f->type,
                           .nullable = f->nullable,
                           .metadata = f->metadata,
                           .watermark_us = -1};
    }
    t->plan = p;
    return t;
}

static SinkSpec sink_spec(const Start *st)
{
    return (SinkSpec){.format = st->format,
                      .options = &st->options,
                      .schema = plan_schema(st->tree->plan),
                      .mode = st->mode,
                      .query_name = st->w->query_name,
                      .query_id = st->id,
                      .partition_by = st->w->partition_by,
                      .n_partition_by = st->w->n_partition_by,
                      .time_zone = st->time_zone};
}

static fb_status make_sink(Start *st, Entry *e, fb_error *err)
{
    Relation *r;
    VfsStat offsets;
    SinkSpec spec = sink_spec(st);
    if (e->make_sink) {
        return FB_OK;
    }
    TRY(vfs()->stat(vfs_join(&st->arena, st->checkpoint, "offsets"), &offsets, err));
    spec.is_restart = offsets.exists;
    TRY(connector_sink(&spec, st->session->conf, &e->sink, err));
    if (st->is_memory) {
        TRY(memory_sink_relation(e->sink, &r, err));
        st->view = relation_view(r);
    }
    return FB_OK;
}

/* The query asks on its own thread. */
static fb_status give_sink(void *arg, const SinkSpec *spec, StreamSink **ret, fb_error *err)
{
    Entry *e = arg;
    if (e->make_sink) {
        return e->make_sink(e->make_sink_arg, spec, ret, err);
    }
    *ret = e->sink;
    e->sink = NULL;
    return FB_OK;
}

/* ---- events ---- */

static char *started_json(const Query *q)
{
    char when[40];
    int64_t now = clock_now_ms();
    time_t seconds = (time_t)(now / 1000);
    struct tm tm;
    (void)gmtime_r(&seconds, &tm);
    size_t n = strftime(when, 32, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(when + n, sizeof(when) - n, ".%03dZ", (int)(now % 1000));
    json_t *o = json_pack("{s:s, s:s, s:s?, s:s, s:[]}", "id", query_id(q), "runId",
                          query_run_id(q), "name", query_name(q), "timestamp", when, "jobTags");
    char *text = json_dumps(o, JSON_COMPACT);
    char *copy = mem_strdup(text ? text : "{}");
    free(text); /* checksrc-allow: jansson's own allocation */
    json_decref(o);
    return copy;
}

static void on_event(void *arg, Query *q, const char *type, const char *json)
{
    Entry *e = arg;
    (void)q;
    pthread_mutex_lock(&e->gate); /* "started" is out */
    pthread_mutex_unlock(&e->gate);
    session_send_event(e->session, type, json);
}

static fb_status launch(Start *st, Entry *e, fb_error *err)
{
    PlanTree *best = plantree_new();
    best->plan = optimize(&st->session->catalog, &best->arena, st->tree->plan);
    QuerySpec spec = {.plan = best,
                      .name = st->w->query_name,
                      .checkpoint = st->checkpoint,
                      .temporary_checkpoint = st->temporary,
                      .mode = st->mode,
                      .trigger = st->w->trigger,
                      .interval_ms = st->w->interval_ms,
                      .conf = conf_clone(st->session->conf),
                      .pool = st->session->engine->pool,
                      .budget = &st->session->engine->budget,
                      .make_sink = give_sink,
                      .make_sink_arg = e,
                      .free_arg = entry_release,
                      .sink = sink_spec(st),
                      .on_event = on_event,
                      .on_event_arg = e};
    Query *q;
    atomic_fetch_add(&e->refs, 1); /* the query's, which free_arg gives back in any case */
    fb_status rc = query_start(&spec, &q, err);
    plantree_release(best);
    if (rc == FB_OK) {
        pthread_mutex_lock(&e->engine->lock);
        e->query = q;
        e->started = started_json(q);
        pthread_mutex_unlock(&e->engine->lock);
    }
    return rc;
}

static fb_status start_entry(Start *st, Entry *e, fb_error *err)
{
    TRY(make_sink(st, e, err));
    pthread_mutex_lock(&e->gate);
    fb_status rc = launch(st, e, err);
    if (rc == FB_OK && st->view) {
        fb_status made =
            session_create_view(st->session, st->w->query_name, st->view, false, true, err);
        FB_ASSERT(made == FB_OK); /* the name was looked at before, and it may replace */
    }
    if (rc == FB_OK) {
        session_send_event(st->session, "started", e->started);
    }
    pthread_mutex_unlock(&e->gate);
    return rc;
}

/* Of a start that came to nothing; one that a client named is left as it is. */
static void drop_temporary(const Start *st)
{
    fb_error ignored = {0};
    if (st->temporary) {
        (void)vfs_remove_tree(st->checkpoint, &ignored);
        err_clear(&ignored);
    }
}

fb_status session_start_query(Session *s, PlanTree *t, const StreamWriteSpec *w, Query **ret,
                              fb_error *err)
{
    Start st = {.session = s, .tree = t, .w = w};
    Entry *e = NULL;
    fb_status rc = check(&st, err);
    if (rc == FB_OK) {
        rc = find_checkpoint(&st, err);
    }
    if (rc == FB_OK) {
        rc = check_recovery(&st, err);
    }
    if (rc == FB_OK) { /* after the sink and the checkpoint, as in Spark */
        rc = check_streaming(t->plan, st.mode, s->conf, err);
    }
    if (rc == FB_OK) {
        rc = checkpoint_identify(st.checkpoint, st.id, err);
    }
    if (rc != FB_OK) {
        if (w->free_arg) {
            w->free_arg(w->make_sink_arg);
        }
        arena_free(&st.arena);
        return rc;
    }
    e = new_entry(&st);
    rc = reserve(&st, e, err);
    if (rc == FB_OK) {
        rc = start_entry(&st, e, err);
        if (rc == FB_OK) {
            *ret = query_retain(e->query);
            query_on_end(e->query, queries_ended, e);
        } else {
            pthread_mutex_lock(&e->engine->lock);
            unlist(e->engine, e);
            pthread_mutex_unlock(&e->engine->lock);
            entry_release(e);
        }
    }
    if (rc != FB_OK) {
        drop_temporary(&st);
        session_release(e->session);
    }
    entry_release(e);
    plantree_release(st.view);
    arena_free(&st.arena);
    return rc;
}
