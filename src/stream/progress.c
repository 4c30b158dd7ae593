/*
 * progress.c - what a query reports: StreamingQueryProgress and the listener events, in the key
 * order and rounding of Spark's StreamingQueryProgress.
 */
#include "stream/query_priv.h"

#include "base/clock.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void utc_text(int64_t ms, char out[40])
{
    time_t s = (time_t)(ms / 1000);
    struct tm tm;
    (void)gmtime_r(&s, &tm);
    size_t n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(out + n, 40 - n, ".%03dZ", (int)(ms % 1000));
}

/* Rounded half up to one decimal; 0 for the first batch, which has no time to compare with. */
static void set_rate(json_t *o, const char *key, int64_t rows, int64_t ms)
{
    double rate = ms > 0 ? (double)rows * 1000.0 / (double)ms : 0.0;
    json_object_set_new(o, key, json_real(floor(rate * 10.0 + 0.5) / 10.0));
}

static json_t *offset_json(const char *text)
{
    if (!text) {
        return json_null();
    }
    json_error_t je;
    json_t *v = json_loads(text, JSON_DECODE_ANY, &je);
    return v ? v : json_string(text);
}

static json_t *duration_json(const Durations *d, bool ran)
{
    json_t *o = json_object();
    if (ran) {
        json_object_set_new(o, "addBatch", json_integer(d->add_batch));
        json_object_set_new(o, "commitOffsets", json_integer(d->commit_offsets));
        json_object_set_new(o, "getBatch", json_integer(d->get_batch));
    }
    json_object_set_new(o, "latestOffset", json_integer(d->latest_offset));
    if (ran) {
        json_object_set_new(o, "queryPlanning", json_integer(d->query_planning));
    }
    json_object_set_new(o, "triggerExecution", json_integer(d->trigger_execution));
    if (ran) {
        json_object_set_new(o, "walCommit", json_integer(d->wal_commit));
    }
    return o;
}

/* Each store has an entry of its own, up to a number. */
static json_t *store_json(const Query *q, const StatefulMetrics *m)
{
    int64_t most = conf_get_int(
        q->conf, "spark.sql.streaming.stateStore.numStateStoreInstanceMetricsToReport");
    json_t *o = json_object();
    for (uint32_t p = 0; p < m->n_stores && p < most; p++) {
        char key[64];
        (void)snprintf(key, sizeof(key), "SnapshotLastUploaded.partition_%" PRIu32 "_default", p);
        json_object_set_new(o, key, json_integer(-1));
    }
    json_object_set_new(o, "forceSnapshotCount", json_integer(0));
    json_object_set_new(o, "loadedMapCacheHitCount", json_integer(m->cache_hits));
    json_object_set_new(o, "loadedMapCacheMissCount", json_integer(m->cache_misses));
    json_object_set_new(o, "numSnapshotsAutoRepaired", json_integer(0));
    json_object_set_new(o, "stateOnCurrentVersionSizeBytes", json_integer(m->memory_bytes));
    return o;
}

static json_t *stateful_json(const Query *q, bool ran)
{
    json_t *list = json_array();
    for (uint32_t i = 0; ran && i < q->n_stateful; i++) {
        StatefulMetrics m = {0};
        q->stateful[i].op->vt->metrics(q->stateful[i].op, &m);
        json_t *custom = store_json(q, &m);
        json_array_append_new(
            list,
            json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
                      "operatorName", m.operator_name, "numRowsTotal", (json_int_t)m.rows_total,
                      "numRowsUpdated", (json_int_t)m.rows_updated, "allUpdatesTimeMs",
                      (json_int_t)m.updates_ms, "numRowsRemoved", (json_int_t)m.rows_removed,
                      "allRemovalsTimeMs", (json_int_t)m.removals_ms, "commitTimeMs",
                      (json_int_t)m.commit_ms, "memoryUsedBytes", (json_int_t)m.memory_bytes,
                      "numRowsDroppedByWatermark", (json_int_t)m.rows_dropped_by_watermark,
                      "numShufflePartitions", (json_int_t)m.n_partitions, "numStateStoreInstances",
                      (json_int_t)m.n_stores, "customMetrics", custom));
    }
    return list;
}

static char *dump(json_t *o, size_t digits)
{
    char *text = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(digits));
    char *copy = mem_strdup(text);
    free(text); /* checksrc-allow: jansson's own allocation */
    json_decref(o);
    return copy;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(ExecMetrics *const *)a)->node->name, (*(ExecMetrics *const *)b)->node->name);
}

/* Appended to the object that text is, in the order of the names. Numbers have all their digits,
 * unlike rates. */
static char *with_observed(const Query *q, char *text)
{
    Exec *x = q->exec;
    json_t *all = json_object();
    if (x->n_metrics) {
        qsort(x->metrics, x->n_metrics, sizeof(x->metrics[0]), by_name);
    }
    for (uint32_t i = 0; i < x->n_metrics; i++) {
        const ExecMetrics *m = x->metrics[i];
        if (!m->row) { /* the batch did not run again: the sink had it */
            continue;
        }
        json_t *o = json_object();
        for (uint32_t k = 0; k < m->schema->n_fields; k++) {
            json_object_set_new(o, m->schema->fields[k].name,
                                value_json(&m->row->batches[0].col[k], 0, x->tz));
        }
        json_object_set_new(all, m->node->name, o);
    }
    if (json_object_size(all) == 0) {
        json_decref(all);
        return text;
    }
    StrBuf b = {0};
    char *observed = dump(all, 17);
    strbuf_append(&b, text, strlen(text) - 1);
    strbuf_printf(&b, ",\"observedMetrics\":%s}", observed);
    mem_free(observed);
    mem_free(text);
    return strbuf_take(&b);
}

static int64_t source_rows(const Query *q, uint32_t k, bool ran)
{
    int64_t rows = 0;
    for (uint32_t i = 0; ran && i < q->n_leaves; i++) {
        if (q->leaves[i].source == k && q->leaves[i].scan) {
            rows += (int64_t)atomic_load(&q->leaves[i].scan->n_rows);
        }
    }
    return rows;
}

static json_t *sources_json(const Query *q, bool ran, int64_t since_ms, int64_t took_ms)
{
    json_t *list = json_array();
    for (uint32_t k = 0; k < q->n_sources; k++) {
        const QuerySource *s = &q->sources[k];
        int64_t rows = source_rows(q, k, ran);
        json_t *o = json_object();
        json_object_set_new(o, "description", json_string(s->stream->description));
        json_object_set_new(o, "startOffset", offset_json(s->start));
        json_object_set_new(o, "endOffset", offset_json(s->end));
        json_object_set_new(o, "latestOffset", json_null());
        json_object_set_new(o, "numInputRows", json_integer(rows));
        set_rate(o, "inputRowsPerSecond", rows, since_ms);
        set_rate(o, "processedRowsPerSecond", rows, took_ms);
        json_array_append_new(list, o);
    }
    return list;
}

/* Takes over the text. */
static void remember(Query *q, char *text)
{
    pthread_mutex_lock(&q->lock);
    /* As Spark, which drops when the buffer has reached the limit: one less is kept. */
    while (q->n_progress && q->n_progress + 1 >= q->cap_progress) {
        mem_free(q->progress[q->first_progress]);
        q->first_progress = (q->first_progress + 1) % q->cap_progress;
        q->n_progress--;
    }
    q->progress[(q->first_progress + q->n_progress++) % q->cap_progress] = text;
    pthread_mutex_unlock(&q->lock);
}

static void send_event(Query *q, const char *type, char *json)
{
    if (q->spec.on_event) {
        q->spec.on_event(q->spec.on_event_arg, q, type, json);
    }
    mem_free(json);
}

/* The progress object, malloc'ed; ran: a batch ran in this trigger. */
static char *progress_text(Query *q, int64_t trigger_start_ms, bool ran)
{
    char when[40];
    int64_t total = 0;
    int64_t since = q->last_trigger_ms ? trigger_start_ms - q->last_trigger_ms : 0;
    int64_t took = q->took.trigger_execution > 0 ? q->took.trigger_execution : 1;
    utc_text(trigger_start_ms, when);
    for (uint32_t k = 0; k < q->n_sources; k++) {
        total += source_rows(q, k, ran);
    }
    json_t *o = json_object();
    json_object_set_new(o, "id", json_string(q->id));
    json_object_set_new(o, "runId", json_string(q->run_id));
    json_object_set_new(o, "name", q->name ? json_string(q->name) : json_null());
    json_object_set_new(o, "timestamp", json_string(when));
    json_object_set_new(o, "batchId", json_integer(q->batch));
    json_object_set_new(o, "batchDuration", json_integer(q->took.trigger_execution));
    json_object_set_new(o, "numInputRows", json_integer(total));
    set_rate(o, "inputRowsPerSecond", total, since);
    set_rate(o, "processedRowsPerSecond", total, took);
    json_object_set_new(o, "durationMs", duration_json(&q->took, ran));
    json_object_set_new(o, "stateOperators", stateful_json(q, ran));
    json_object_set_new(o, "sources", sources_json(q, ran, since, took));
    json_object_set_new(o, "sink",
                        json_pack("{s:s, s:I}", "description", q->sink->description,
                                  "numOutputRows",
                                  (json_int_t)(ran || q->sink->n_rows < 0 ? q->sink->n_rows : 0)));
    q->last_progress_ms = clock_now_ms();
    char *text = dump(o, 15);
    return ran ? with_observed(q, text) : text;
}

void progress_report(Query *q, int64_t trigger_start_ms)
{
    char *text = progress_text(q, trigger_start_ms, true);
    StrBuf event = {0};
    strbuf_printf(&event, "{\"progress\":%s}", text);
    remember(q, text);
    send_event(q, "progress", strbuf_take(&event));
}

/* A trigger without data is told at once if nothing was told before, then every so often. */
void progress_idle(Query *q, int64_t now_ms)
{
    int64_t every = conf_get_int(q->conf, "spark.sql.streaming.noDataProgressEventInterval");
    bool first = q->last_progress_ms == 0;
    if (!first && now_ms - q->last_progress_ms < every) {
        return;
    }
    remember(q, progress_text(q, now_ms, false));
    if (!first) {
        char when[40];
        utc_text(now_ms, when);
        send_event(
            q, "idle",
            dump(json_pack("{s:s, s:s, s:s}", "id", q->id, "runId", q->run_id, "timestamp", when),
                 15));
    }
}

void progress_terminated(Query *q)
{
    bool failed = err_is_set(&q->failure);
    json_t *o = json_pack("{s:s, s:s}", "id", q->id, "runId", q->run_id);
    json_object_set_new(o, "exception", failed ? json_string(q->failure.message) : json_null());
    json_object_set_new(
        o, "errorClassOnException",
        failed ? json_string(err_condition(q->failure.cause ? q->failure.cause->id : q->failure.id))
               : json_null());
    send_event(q, "terminated", dump(o, 15));
}
