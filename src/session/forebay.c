/*
 * forebay.c - the C API over sessions: what include/forebay.h promises.
 *
 * A fb_session is one engine with one session, counted by the frames and queries that were made of
 * it, so that they may outlive fb_session_close(). Frames are immutable plans. The functions check
 * what comes from outside; below them arguments are trusted.
 */
#include "base/options.h"
#include "column/arrow.h"
#include "column/timezone.h"
#include "session/session.h"
#include "sql/sql.h"

#include <errno.h>
#include <stdatomic.h>

#define TIME_ZONE "spark.sql.session.timeZone"

struct fb_session {
    _Atomic int refs;
    Engine *engine;
    Session *session;
};

struct fb_frame {
    fb_session *session;
    PlanTree *tree;
};

struct fb_query {
    fb_session *session;
    Query *query;
};

/* ---- errors ---- */

/* The caller's error, emptied, or one to be thrown away. */
typedef struct Outcome {
    fb_error own;
    fb_error *err;
} Outcome;

static fb_error *begin(Outcome *o, fb_error *err)
{
    *o = (Outcome){.err = err ? err : &o->own};
    err_clear(o->err);
    return o->err;
}

static fb_status end(Outcome *o, fb_status st)
{
    err_clear(&o->own);
    return st == FB_STOP ? FB_OK : st;
}

fb_error *fb_error_new(void)
{
    return mem_zalloc(sizeof(fb_error));
}

void fb_error_free(fb_error *err)
{
    if (err) {
        err_clear(err);
        mem_free(err);
    }
}

const char *fb_error_message(const fb_error *err)
{
    return err && err->message ? err->message : "";
}

const char *fb_error_condition(const fb_error *err)
{
    return err && err_is_set(err) ? err_condition(err->id) : "";
}

const char *fb_error_sqlstate(const fb_error *err)
{
    return err && err_is_set(err) ? err_sqlstate(err->id) : NULL;
}

int fb_error_parameter(const fb_error *err, uint32_t i, const char **ret_key,
                       const char **ret_value)
{
    if (!err || i >= err->n_params) {
        return 0;
    }
    *ret_key = err->params[i].key;
    *ret_value = err->params[i].value;
    return 1;
}

const fb_error *fb_error_cause(const fb_error *err)
{
    return err ? err->cause : NULL;
}

void fb_free(void *text)
{
    mem_free(text);
}

const char *fb_version(void)
{
    return FOREBAY_VERSION;
}

/* ---- sessions ---- */

static fb_session *retain(fb_session *s)
{
    atomic_fetch_add(&s->refs, 1);
    return s;
}

static void release(fb_session *s)
{
    if (s && atomic_fetch_sub(&s->refs, 1) == 1) {
        session_release(s->session);
        engine_free(s->engine);
        mem_free(s);
    }
}

/* "local[4]" gives 4, all else 0: one a core. */
static uint32_t workers_of(const char *const *settings)
{
    int64_t n = 0;
    for (uint32_t i = 0; settings && settings[i] && settings[i + 1]; i += 2) {
        Str v = str_of(settings[i + 1]);
        if (strcmp(settings[i], "spark.master") == 0 && str_has_prefix(v, STR_LIT("local[")) &&
            str_has_suffix(v, STR_LIT("]"))) {
            Str digits = {v.p + 6, v.n - 7};
            n = parse_i64(digits, &n) && n > 0 && n <= 1024 ? n : 0;
        }
    }
    return (uint32_t)n;
}

fb_status fb_session_open(const char *const *settings, fb_session **ret, fb_error *err)
{
    Outcome o;
    err = begin(&o, err);
    Engine *e = engine_new(workers_of(settings));
    for (uint32_t i = 0; settings && settings[i]; i += 2) {
        fb_status st = settings[i + 1]
                           ? engine_set_conf(e, settings[i], settings[i + 1], err)
                           : err_internal(err, "the setting %s has no value", settings[i]);
        if (st != FB_OK) {
            engine_free(e);
            return end(&o, st);
        }
    }
    fb_session *s = mem_zalloc(sizeof(*s));
    s->refs = 1;
    s->engine = e;
    s->session = session_new(e, NULL);
    *ret = s;
    return end(&o, FB_OK);
}

void fb_session_close(fb_session *s)
{
    if (s) {
        session_close(s->session);
        release(s);
    }
}

fb_status fb_conf_set(fb_session *s, const char *key, const char *value, fb_error *err)
{
    Outcome o;
    err = begin(&o, err);
    return end(&o, session_set_conf(s->session, key, value, err));
}

char *fb_conf_get(fb_session *s, const char *key)
{
    Arena a = {0};
    const char *v = conf_get(session_conf(s->session), key, &a);
    char *copy = v ? mem_strdup(v) : NULL;
    arena_free(&a);
    return copy;
}

/* ---- making frames ---- */

/* Takes over the tree. */
static fb_frame *new_frame(fb_session *s, PlanTree *t)
{
    fb_frame *f = mem_zalloc(sizeof(*f));
    f->session = retain(s);
    f->tree = t;
    return f;
}

void fb_frame_free(fb_frame *f)
{
    if (f) {
        plantree_release(f->tree);
        release(f->session);
        mem_free(f);
    }
}

/* Resolves t->plan, which is in t's arena. Takes over the tree. */
static fb_status finish_frame(fb_session *s, PlanTree *t, fb_frame **ret, fb_error *err)
{
    fb_status st = session_resolve(s->session, t, (Str){"", 0}, err);
    if (st != FB_OK) {
        plantree_release(t);
        return st;
    }
    *ret = new_frame(s, t);
    return FB_OK;
}

/* Takes over the rows. */
static fb_status rows_frame(fb_session *s, RowSet *rows, fb_frame **ret, fb_error *err)
{
    PlanTree *t = plantree_new();
    plantree_keep_rows(t, rows);
    t->plan = plan_new(&t->arena, P_LOCAL, 0);
    t->plan->rows = rows;
    return finish_frame(s, t, ret, err);
}

fb_status fb_sql(fb_session *s, const char *sql, fb_frame **ret, fb_error *err)
{
    Outcome o;
    PlanTree *t;
    RowSet *rows;
    err = begin(&o, err);
    fb_status st = session_sql(s->session, str_of(sql), NULL, &t, &rows, err);
    if (st == FB_OK && t) {
        *ret = new_frame(s, t);
    } else if (st == FB_OK) {
        st = rows_frame(s, rows, ret, err);
    }
    return end(&o, st);
}

static fb_status take_options(Options *to, Arena *a, const char *const *options, fb_error *err)
{
    for (uint32_t i = 0; options && options[i]; i += 2) {
        if (!options[i + 1]) {
            return err_internal(err, "the option %s has no value", options[i]);
        }
        options_set(to, a, options[i], options[i + 1]);
    }
    return FB_OK;
}

static fb_status read_frame(fb_session *s, const ReadSpec *given, const char *path,
                            const char *const *options, fb_frame **ret, fb_error *err)
{
    PlanTree *t = plantree_new();
    Arena *a = &t->arena;
    ReadSpec *r = ARENA_NEW(a, ReadSpec);
    const char **paths = ARENA_ARRAY(a, const char *, 1);
    *r = *given;
    r->format = given->format ? arena_strdup(a, given->format) : NULL;
    r->schema = given->schema ? arena_strdup(a, given->schema) : NULL;
    if (path) {
        paths[0] = arena_strdup(a, path);
        r->paths = paths;
        r->n_paths = 1;
    }
    fb_status st = take_options(&r->options, a, options, err);
    if (st != FB_OK) {
        plantree_release(t);
        return st;
    }
    t->plan = plan_new(a, P_READ, 0);
    t->plan->read = r;
    t->plan->streaming = r->streaming;
    return finish_frame(s, t, ret, err);
}

fb_status fb_read(fb_session *s, const char *format, const char *schema, const char *path,
                  const char *const *options, fb_frame **ret, fb_error *err)
{
    Outcome o;
    ReadSpec r = {.format = format, .schema = schema};
    err = begin(&o, err);
    return end(&o, read_frame(s, &r, path, options, ret, err));
}

fb_status fb_read_stream(fb_session *s, const char *format, const char *schema, const char *path,
                         const char *const *options, fb_frame **ret, fb_error *err)
{
    Outcome o;
    ReadSpec r = {.format = format, .schema = schema, .streaming = true};
    err = begin(&o, err);
    return end(&o, read_frame(s, &r, path, options, ret, err));
}

static fb_status stream_failed(struct ArrowArrayStream *in, int code, fb_error *err)
{
    const char *why = in->get_last_error ? in->get_last_error(in) : NULL;
    return err_set(err, ERR_ARROW_STREAM_FAILED, "reason", why ? why : strerror(code), NULL);
}

static fb_status read_batches(struct ArrowArrayStream *in, const struct ArrowSchema *schema,
                              RowSet *rows, fb_error *err)
{
    for (;;) {
        struct ArrowArray a = {0};
        int code = in->get_next(in, &a);
        if (code) {
            return stream_failed(in, code, err);
        }
        if (!a.release) {
            return FB_OK;
        }
        fb_status st = arrow_import_array(&a, schema, rows, err);
        a.release(&a);
        TRY(st);
    }
}

static fb_status import_rows(struct ArrowArrayStream *in, RowSet **ret, fb_error *err)
{
    struct ArrowSchema schema = {0};
    const Type *type = NULL;
    int code = in->get_schema(in, &schema);
    if (code) {
        return stream_failed(in, code, err);
    }
    fb_status st = arrow_import_schema(&schema, &type, err);
    RowSet *rows = NULL;
    if (st == FB_OK) {
        rows = rowset_new(type);
        st = read_batches(in, &schema, rows, err);
    }
    if (schema.release) {
        schema.release(&schema);
    }
    if (st != FB_OK) {
        rowset_release(rows);
        return st;
    }
    *ret = rows;
    return FB_OK;
}

fb_status fb_frame_from_stream(fb_session *s, struct ArrowArrayStream *rows, fb_frame **ret,
                               fb_error *err)
{
    Outcome o;
    RowSet *copy = NULL;
    err = begin(&o, err);
    fb_status st = import_rows(rows, &copy, err);
    if (rows->release) {
        rows->release(rows);
    }
    if (st == FB_OK) {
        st = rows_frame(s, copy, ret, err);
    }
    return end(&o, st);
}

/* ---- using frames ---- */

int fb_frame_is_streaming(const fb_frame *f)
{
    return f->tree->plan->streaming;
}

static const char *zone_of(const fb_frame *f, Arena *a)
{
    const char *zone = conf_get(session_conf(f->session->session), TIME_ZONE, a);
    return zone ? zone : tz_id(tz_system());
}

fb_status fb_frame_schema(const fb_frame *f, struct ArrowSchema *ret, fb_error *err)
{
    Outcome o;
    Arena a = {0};
    err = begin(&o, err);
    fb_status st = arrow_export_schema(plan_schema(f->tree->plan), zone_of(f, &a), ret, err);
    arena_free(&a);
    return end(&o, st);
}

/* A stream over rows that are there. */
typedef struct RowStream {
    RowSet *rows;
    uint32_t next;
    char *zone;
    fb_error err;
} RowStream;

static int rows_schema(struct ArrowArrayStream *s, struct ArrowSchema *out)
{
    RowStream *r = s->private_data;
    err_clear(&r->err);
    return arrow_export_schema(r->rows->schema, r->zone, out, &r->err) == FB_OK ? 0 : EINVAL;
}

static int rows_next(struct ArrowArrayStream *s, struct ArrowArray *out)
{
    RowStream *r = s->private_data;
    err_clear(&r->err);
    if (r->next == r->rows->n_batches) {
        *out = (struct ArrowArray){0};
        return 0;
    }
    const Batch *b = &r->rows->batches[r->next];
    if (arrow_export_batch(b, r->rows->schema, out, &r->err) != FB_OK) {
        return EINVAL;
    }
    r->next++;
    return 0;
}

static const char *rows_error(struct ArrowArrayStream *s)
{
    const RowStream *r = s->private_data;
    return r->err.message;
}

static void rows_release(struct ArrowArrayStream *s)
{
    RowStream *r = s->private_data;
    rowset_release(r->rows);
    err_clear(&r->err);
    mem_free(r->zone);
    mem_free(r);
    s->release = NULL;
}

fb_status fb_frame_stream(const fb_frame *f, struct ArrowArrayStream *ret, fb_error *err)
{
    Outcome o;
    RowSet *rows;
    err = begin(&o, err);
    fb_status st = session_collect(f->session->session, f->tree, NULL, &rows, err);
    if (st == FB_OK) {
        Arena a = {0};
        RowStream *r = mem_zalloc(sizeof(*r));
        r->rows = rows;
        r->zone = mem_strdup(zone_of(f, &a));
        arena_free(&a);
        *ret = (struct ArrowArrayStream){rows_schema, rows_next, rows_error, rows_release, r};
    }
    return end(&o, st);
}

fb_status fb_frame_show(const fb_frame *f, int64_t n_rows, int64_t truncate, char **ret,
                        fb_error *err)
{
    Outcome o;
    StrBuf out = {0};
    err = begin(&o, err);
    fb_status st = session_show(f->session->session, f->tree, n_rows, truncate < 0 ? 0 : truncate,
                                false, &out, err);
    if (st == FB_OK) {
        *ret = strbuf_take(&out);
    }
    strbuf_free(&out);
    return end(&o, st);
}

fb_status fb_frame_create_view(const fb_frame *f, const char *name, fb_error *err)
{
    Outcome o;
    err = begin(&o, err);
    return end(&o, session_create_view(f->session->session, name, f->tree, false, true, err));
}

static fb_status save_mode(const char *mode, SaveMode *ret, fb_error *err)
{
    static const struct {
        const char *name;
        SaveMode mode;
    } modes[] = {{"errorifexists", SAVE_ERROR_IF_EXISTS}, {"error", SAVE_ERROR_IF_EXISTS},
                 {"default", SAVE_ERROR_IF_EXISTS},       {"append", SAVE_APPEND},
                 {"overwrite", SAVE_OVERWRITE},           {"ignore", SAVE_IGNORE}};
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (!mode || cstr_eq_nocase(mode, modes[i].name)) {
            *ret = modes[i].mode;
            return FB_OK;
        }
    }
    StrBuf b = {0};
    strbuf_printf(&b, "\"%s\"", mode);
    fb_status st = err_set(err, ERR_INVALID_SAVE_MODE, "mode", b.p, NULL);
    strbuf_free(&b);
    return st;
}

static uint32_t count(const char *const *list)
{
    uint32_t n = 0;
    while (list && list[n]) {
        n++;
    }
    return n;
}

fb_status fb_write(const fb_frame *f, const char *format, const char *path, const char *mode,
                   const char *const *partition_by, const char *const *options, fb_error *err)
{
    Outcome o;
    Arena a = {0};
    WriteSpec w = {.format = format,
                   .path = path,
                   .partition_by = partition_by,
                   .n_partition_by = count(partition_by)};
    err = begin(&o, err);
    fb_status st = save_mode(mode, &w.mode, err);
    if (st == FB_OK) {
        st = take_options(&w.options, &a, options, err);
    }
    if (st == FB_OK) {
        st = session_write(f->session->session, f->tree, &w, NULL, err);
    }
    arena_free(&a);
    return end(&o, st);
}

/* ---- queries ---- */

static fb_status start(const fb_frame *f, const fb_stream_spec *spec, Arena *a, fb_query **ret,
                       fb_error *err)
{
    static const TriggerKind triggers[] = {TRIGGER_PROCESSING_TIME, TRIGGER_ONCE,
                                           TRIGGER_AVAILABLE_NOW};
    if (spec->size < sizeof(*spec) || (uint32_t)spec->trigger > FB_TRIGGER_AVAILABLE_NOW) {
        return err_internal(err, "the fb_stream_spec has a wrong size or trigger");
    }
    StreamWriteSpec w = {.format = spec->format,
                         .path = spec->path,
                         .output_mode = spec->output_mode,
                         .query_name = spec->name,
                         .trigger = triggers[spec->trigger],
                         .interval_ms = spec->interval_ms,
                         .partition_by = spec->partition_by,
                         .n_partition_by = count(spec->partition_by)};
    Query *q;
    TRY(take_options(&w.options, a, spec->options, err));
    TRY(session_start_query(f->session->session, f->tree, &w, &q, err));
    *ret = mem_zalloc(sizeof(**ret));
    (*ret)->session = retain(f->session);
    (*ret)->query = q;
    return FB_OK;
}

fb_status fb_write_stream(const fb_frame *f, const fb_stream_spec *spec, fb_query **ret,
                          fb_error *err)
{
    Outcome o;
    Arena a = {0};
    err = begin(&o, err);
    fb_status st = start(f, spec, &a, ret, err);
    arena_free(&a);
    return end(&o, st);
}

void fb_query_free(fb_query *q)
{
    if (q) {
        query_release(q->query);
        release(q->session);
        mem_free(q);
    }
}

const char *fb_query_id(const fb_query *q)
{
    return query_id(q->query);
}

const char *fb_query_run_id(const fb_query *q)
{
    return query_run_id(q->query);
}

int fb_query_is_active(const fb_query *q)
{
    return query_is_active(q->query);
}

fb_status fb_query_await(fb_query *q, int64_t timeout_ms, int *ret_ended, fb_error *err)
{
    Outcome o;
    bool ended = false;
    err = begin(&o, err);
    fb_status st = query_await(q->query, timeout_ms, &ended, err);
    if (st == FB_OK && ret_ended) {
        *ret_ended = ended;
    }
    return end(&o, st);
}

fb_status fb_query_process_all_available(fb_query *q, fb_error *err)
{
    Outcome o;
    err = begin(&o, err);
    return end(&o, query_process_all_available(q->query, err));
}

fb_status fb_query_stop(fb_query *q, fb_error *err)
{
    Outcome o;
    err = begin(&o, err);
    return end(&o, query_stop(q->query, err));
}

char *fb_query_progress(fb_query *q)
{
    StrBuf out = {0};
    if (query_last_progress(q->query, &out)) {
        return strbuf_take(&out);
    }
    strbuf_free(&out);
    return NULL;
}

/* The messages are the engine's own; a source's description in one may need escapes. */
static void json_text(StrBuf *out, const char *s)
{
    strbuf_putc(out, '"');
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') {
            strbuf_putc(out, '\\');
        }
        if (c < 0x20) {
            strbuf_printf(out, "\\u%04x", c);
        } else {
            strbuf_putc(out, *s);
        }
    }
    strbuf_putc(out, '"');
}

char *fb_query_status(fb_query *q)
{
    bool data, active;
    StrBuf message = {0}, out = {0};
    query_status(q->query, &message, &data, &active);
    strbuf_puts(&out, "{\"message\":");
    json_text(&out, message.p ? message.p : "");
    strbuf_printf(&out, ",\"isDataAvailable\":%s,\"isTriggerActive\":%s}", data ? "true" : "false",
                  active ? "true" : "false");
    strbuf_free(&message);
    return strbuf_take(&out);
}
