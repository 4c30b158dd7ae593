/*
 * sinks.c - the sinks that keep nothing on disk: console, memory, noop.
 */
#include "connector/connector_priv.h"

#include "column/show.h"
#include "column/timezone.h"
#include "exec/source.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

/* ---- console: draws each batch on standard output when it commits ---- */

typedef struct ConsoleSink {
    StreamSink base;
    RowSet *rows;
    int64_t n_rows, truncate;
    const TimeZone *tz;
    fb_error bad; /* of the options: as with Spark the query fails, not its start */
} ConsoleSink;

static fb_status console_begin(StreamSink *sink, int64_t batch, bool *ret_skip, fb_error *err)
{
    ConsoleSink *s = (ConsoleSink *)sink;
    (void)batch;
    *ret_skip = false;
    if (err_is_set(&s->bad)) {
        err_move(err, &s->bad);
        return FB_ERR;
    }
    rowset_clear(s->rows);
    return FB_OK;
}

static fb_status console_commit(StreamSink *sink, int64_t batch, fb_error *err)
{
    static const char rule[] = "-------------------------------------------";
    ConsoleSink *s = (ConsoleSink *)sink;
    StrBuf out = {0};
    (void)err;
    strbuf_printf(&out, "%s\nBatch: %" PRId64 "\n%s\n", rule, batch, rule);
    show_rows(s->rows, s->n_rows, s->truncate, false, s->rows->n_rows > (uint64_t)s->n_rows, s->tz,
              &out);
    strbuf_putc(&out, '\n');
    (void)fwrite(out.p, 1, out.n, stdout);
    (void)fflush(stdout);
    s->base.n_rows = (int64_t)s->rows->n_rows;
    strbuf_free(&out);
    return FB_OK;
}

static void no_abort(StreamSink *sink, int64_t batch)
{
    (void)sink;
    (void)batch;
}

static void console_free(StreamSink *sink)
{
    ConsoleSink *s = (ConsoleSink *)sink;
    rowset_release(s->rows);
    err_clear(&s->bad);
    mem_free(s->base.description);
    mem_free(s);
}

fb_status console_options(const Options *o, int64_t *ret_rows, int64_t *ret_truncate, fb_error *err)
{
    const char *rows = options_get_or(o, "numRows", "20");
    const char *truncate = options_get_or(o, "truncate", "true");
    bool cut;
    if (!parse_i64(str_of(rows), ret_rows) || *ret_rows > INT32_MAX || *ret_rows < INT32_MIN) {
        return err_set(err, ERR_INVALID_OPTION_NUMBER, "option", "numRows", "value", rows, NULL);
    }
    if (!parse_bool(str_of(truncate), &cut)) {
        return err_set(err, ERR_INVALID_OPTION_BOOLEAN, "option", "truncate", "value", truncate,
                       NULL);
    }
    *ret_rows = *ret_rows < 0 ? 0 : *ret_rows;
    *ret_truncate = cut ? 20 : 0;
    return FB_OK;
}

fb_status console_sink_new(const SinkSpec *spec, const Conf *conf, StreamSink **ret, fb_error *err)
{
    static const StreamSinkVt vt = {console_begin, console_commit, no_abort, console_free};
    ConsoleSink *s = mem_zalloc(sizeof(*s));
    (void)conf;
    s->base.vt = &vt;
    s->tz = tz_system();
    if (spec->time_zone && tz_get(str_of(spec->time_zone), &s->tz, err) != FB_OK) {
        mem_free(s);
        return FB_ERR;
    }
    (void)console_options(spec->options, &s->n_rows, &s->truncate, &s->bad);
    s->rows = rowset_new(spec->schema);
    s->base.op = op_collect(s->rows);
    s->base.description =
        mem_strdup("org.apache.spark.sql.execution.streaming.ConsoleTable$@forebay");
    *ret = &s->base;
    return FB_OK;
}

/* ---- memory: a table that the temp view of the query's name shows ---- */

typedef struct MemoryTable {
    pthread_mutex_t lock;
    RowSet *rows; /* committed batches */
    _Atomic int refs;
} MemoryTable;

typedef struct MemorySink {
    StreamSink base;
    RowSet *pending;
    MemoryTable *table;
    bool replaces; /* complete mode */
} MemorySink;

typedef struct MemoryRelation {
    Relation base;
    MemoryTable *table;
} MemoryRelation;

static void table_release(MemoryTable *t)
{
    if (atomic_fetch_sub(&t->refs, 1) == 1) {
        rowset_release(t->rows);
        pthread_mutex_destroy(&t->lock);
        mem_free(t);
    }
}

static fb_status memory_begin(StreamSink *sink, int64_t batch, bool *ret_skip, fb_error *err)
{
    (void)batch;
    (void)err;
    *ret_skip = false;
    rowset_clear(((MemorySink *)sink)->pending);
    return FB_OK;
}

static void append_all(RowSet *to, const RowSet *from)
{
    for (uint32_t i = 0; i < from->n_batches; i++) {
        rowset_append(to, &from->batches[i]);
    }
}

static fb_status memory_commit(StreamSink *sink, int64_t batch, fb_error *err)
{
    MemorySink *s = (MemorySink *)sink;
    (void)batch;
    (void)err;
    s->base.n_rows = (int64_t)s->pending->n_rows;
    pthread_mutex_lock(&s->table->lock);
    if (s->replaces) {
        rowset_clear(s->table->rows);
    }
    append_all(s->table->rows, s->pending);
    pthread_mutex_unlock(&s->table->lock);
    return FB_OK;
}

static void memory_free(StreamSink *sink)
{
    MemorySink *s = (MemorySink *)sink;
    rowset_release(s->pending);
    table_release(s->table);
    mem_free(s->base.description);
    mem_free(s);
}

fb_status memory_sink_new(const SinkSpec *spec, const Conf *conf, StreamSink **ret, fb_error *err)
{
    static const StreamSinkVt vt = {memory_begin, memory_commit, no_abort, memory_free};
    (void)conf;
    if (!spec->query_name) {
        return err_set(err, ERR_LEGACY_1194, NULL);
    }
    MemorySink *s = mem_zalloc(sizeof(*s));
    s->base.vt = &vt;
    s->replaces = spec->mode == OUTPUT_COMPLETE;
    s->pending = rowset_new(spec->schema);
    s->base.op = op_collect(s->pending);
    s->base.description = mem_strdup("MemorySink");
    s->table = mem_zalloc(sizeof(*s->table));
    s->table->refs = 1;
    s->table->rows = rowset_new(spec->schema);
    pthread_mutex_init(&s->table->lock, NULL);
    *ret = &s->base;
    return FB_OK;
}

static void memory_relation_free(Relation *r)
{
    table_release(((MemoryRelation *)r)->table);
    mem_free((char *)r->description);
    mem_free(r);
}

/* A scan reads a copy of what is committed when it begins. */
static fb_status memory_scan(Relation *r, const ScanRequest *req, Source **ret, fb_error *err)
{
    MemoryTable *t = ((MemoryRelation *)r)->table;
    RowSet *copy = rowset_new(r->schema);
    (void)err;
    pthread_mutex_lock(&t->lock);
    append_all(copy, t->rows);
    pthread_mutex_unlock(&t->lock);
    *ret = source_rowset(copy, req->columns, req->n_columns);
    rowset_release(copy);
    return FB_OK;
}

fb_status memory_sink_relation(StreamSink *sink, Relation **ret, fb_error *err)
{
    static const RelationVt vt = {
        .kind = "MemoryPlan", .free = memory_relation_free, .scan = memory_scan};
    MemorySink *s = (MemorySink *)sink;
    MemoryRelation *r = mem_zalloc(sizeof(*r));
    (void)err;
    r->base.vt = &vt;
    r->base.schema = s->table->rows->schema;
    r->base.description = mem_strdup("MemoryPlan");
    r->base.refs = 1;
    r->table = s->table;
    atomic_fetch_add(&s->table->refs, 1);
    *ret = &r->base;
    return FB_OK;
}

/* ---- noop ---- */

static fb_status noop_begin(StreamSink *sink, int64_t batch, bool *ret_skip, fb_error *err)
{
    (void)sink;
    (void)batch;
    (void)err;
    *ret_skip = false;
    return FB_OK;
}

static fb_status noop_commit(StreamSink *sink, int64_t batch, fb_error *err)
{
    (void)batch;
    (void)err;
    sink->n_rows = (int64_t)op_discarded(sink->op);
    return FB_OK;
}

static void noop_free(StreamSink *sink)
{
    mem_free(sink->description);
    mem_free(sink);
}

fb_status noop_sink_new(const SinkSpec *spec, const Conf *conf, StreamSink **ret, fb_error *err)
{
    static const StreamSinkVt vt = {noop_begin, noop_commit, no_abort, noop_free};
    StreamSink *s = mem_zalloc(sizeof(*s));
    (void)spec;
    (void)conf;
    (void)err;
    s->vt = &vt;
    s->op = op_discard();
    s->description = mem_strdup("NoopTable");
    *ret = s;
    return FB_OK;
}
