/*
 * microbatch.c - the micro-batch loop: Spark's MicroBatchExecution.
 *
 * The order of writes is the contract:
 *     sources/K/n -> offsets/N -> run -> state N+1 -> sink's commit -> commits/N
 * A crash between any two restarts into the same answer: an offsets file without its commit makes
 * the batch run again with the same end offsets, on the state it had, into a sink that knows
 * whether it has the batch. A streaming plan is compiled once; a batch only binds its sources.
 */
#include "stream/query_priv.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define LOG_NAME "MicroBatchExecution"
#define MAX_WAIT_FDS 64

/* ---- hooks of the compiler ---- */

static fb_status hook_source(void *self, Exec *x, const Plan *node, Source **ret, fb_error *err)
{
    Query *q = self;
    for (uint32_t i = 0; i < q->n_leaves; i++) {
        QueryLeaf *leaf = &q->leaves[i];
        if (leaf->node != node) {
            continue;
        }
        StreamSource *s = q->sources[leaf->source].stream;
        uint32_t *columns = ARENA_ARRAY(&q->arena, uint32_t, node->n_out);
        for (uint32_t c = 0; c < node->n_out; c++) {
            columns[c] = node->columns ? node->columns[c] : c;
        }
        Expr **pushed;
        ScanRequest req = {
            .columns = columns, .n_columns = node->n_out, .time_zone = q->spec.sink.time_zone};
        TRY(exec_pushed(x, node, &pushed, &req.n_pushed, err));
        req.pushed = pushed;
        TRY(s->vt->scan(s, &req, &leaf->scan, err));
        *ret = leaf->scan;
        return FB_OK;
    }
    return err_internal(err, "the plan reads a stream that the query does not have");
}

static bool counts_nothing(void *arg, const Plan *p)
{
    const Query *q = arg;
    return !plan_is_stateful(p, q->spec.mode);
}

static fb_status hook_stateful(void *self, Exec *x, const Plan *node, const AggSpec *agg,
                               Op **ret_op, Source **ret_source, fb_error *err)
{
    Query *q = self;
    uint32_t i = 0;
    while (i < q->n_stateful && q->stateful[i].node != node) {
        i++;
    }
    if (i == q->n_stateful) {
        *ret_op = NULL;
        return FB_OK;
    }
    int64_t n = conf_get_int(q->conf, "spark.sql.shuffle.partitions");
    StatefulSpec spec = {.state_dir = arena_printf(&q->arena, "%s/state", q->checkpoint.dir),
                         .op_id = i,
                         .n_partitions = n < 1 ? 1 : (uint32_t)n,
                         .mode = q->spec.mode,
                         .conf = q->conf};
    if (node->kind == P_LIMIT) {
        bool may_stop = plan_visit(node->child[0], counts_nothing, q);
        return stateful_limit(x, node->n, may_stop, &spec, ret_op, &q->stateful[i].op, err);
    }
    return stateful_aggregate(x, agg, &spec, ret_op, ret_source, &q->stateful[i].op, err);
}

/* ---- opening ---- */

static bool find_leaf(void *arg, const Plan *p)
{
    Query *q = arg;
    if (p->kind == P_RELATION && p->relation->streaming) {
        uint32_t k = 0;
        while (k < q->n_sources && q->sources[k].relation != p->relation) {
            k++;
        }
        if (k == q->n_sources) {
            q->sources[q->n_sources++].relation = p->relation;
        }
        q->leaves[q->n_leaves++] = (QueryLeaf){.node = p, .source = k};
    }
    /* Pre-order gives the operator next to the sink the id 0, as Spark numbers them. */
    if (plan_is_stateful(p, q->spec.mode)) {
        q->stateful[q->n_stateful++].node = p;
    }
    return true;
}

static bool count_nodes(void *arg, const Plan *p)
{
    (void)p;
    ++*(uint32_t *)arg;
    return true;
}

static fb_status open_sources(Query *q, fb_error *err)
{
    for (uint32_t k = 0; k < q->n_sources; k++) {
        Relation *r = q->sources[k].relation;
        const char *dir = arena_printf(&q->arena, "%s/sources/%u", q->checkpoint.dir, k);
        TRY(r->vt->stream(r, dir, &q->sources[k].stream, err));
    }
    return FB_OK;
}

/* Where the query goes on. */
static fb_status find_start(Query *q, fb_error *err)
{
    const Checkpoint *c = &q->checkpoint;
    const OffsetEntry *start = NULL;
    q->first_run = true;
    if (c->last_offset < 0) {
        q->batch = 0;
        return FB_OK;
    }
    if (c->last_commit == c->last_offset) {
        q->batch = c->last_offset + 1;
        start = &c->last;
        q->watermark_ms = c->last.watermark_ms > c->next_watermark_ms ? c->last.watermark_ms
                                                                      : c->next_watermark_ms;
    } else {
        if (c->last_commit < c->last_offset - 1) {
            LOG_WARN(LOG_NAME,
                     "batches between %" PRId64 " and %" PRId64
                     " have no commit; they are taken as done",
                     c->last_commit, c->last_offset);
        }
        q->batch = c->last_offset;
        q->rerun = true;
        q->watermark_ms = c->last.watermark_ms;
        start = c->before.n ? &c->before : NULL;
    }
    for (uint32_t i = 0; i < q->n_leaves; i++) {
        QuerySource *s = &q->sources[q->leaves[i].source];
        s->start = start ? start->offsets[i] : NULL;
        if (start == &c->last && !s->start && c->before.n) {
            s->start = c->before.offsets[i]; /* a line without an offset moves nothing */
        }
        s->end = q->rerun ? c->last.offsets[i] : s->start;
        if (s->stream->vt->check) {
            const char *before = c->before.n ? c->before.offsets[i] : NULL;
            TRY(s->stream->vt->check(s->stream, before, c->last.offsets[i], err));
        }
    }
    return FB_OK;
}

static fb_status compile(Query *q, fb_error *err)
{
    Exec *x;
    q->spec.sink.is_restart = q->checkpoint.last_offset >= 0;
    TRY(q->spec.make_sink(q->spec.make_sink_arg, &q->spec.sink, &q->sink, err));
    q->hooks = (ExecHooks){q, hook_source, hook_stateful};
    TRY(exec_compile(q->tree->plan, q->conf, q->spec.pool, q->spec.budget, &q->hooks, q->sink->op,
                     &x, err));
    StrBuf logical = {0}, physical = {0};
    strbuf_puts(&logical, "== Optimized Logical Plan ==\n");
    plan_explain(q->tree->plan, &logical);
    strbuf_putc(&logical, '\n');
    strbuf_puts(&physical, "== Physical Plan ==\n");
    exec_explain(x, q->tree->plan, &physical);
    pthread_mutex_lock(&q->lock);
    q->exec = x;
    q->logical_text = strbuf_take(&logical);
    q->physical_text = strbuf_take(&physical);
    if (q->stopping) {
        atomic_store(&x->cancel, true);
    }
    pthread_mutex_unlock(&q->lock);
    return FB_OK;
}

static fb_status open_query(Query *q, fb_error *err)
{
    uint32_t n = 0;
    plan_visit(q->tree->plan, count_nodes, &n);
    q->sources = ARENA_ARRAY(&q->arena, QuerySource, n);
    q->leaves = ARENA_ARRAY(&q->arena, QueryLeaf, n);
    q->stateful = ARENA_ARRAY(&q->arena, QueryStateful, n);
    plan_visit(q->tree->plan, find_leaf, q);
    q->checkpoint_open = true;
    TRY(checkpoint_open(&q->checkpoint, q->spec.checkpoint, q->n_leaves, err));
    if (q->checkpoint.last_offset >= 0) {
        TRY(checkpoint_restore_conf(&q->checkpoint.last, q->conf, err));
    }
    query_set_status(q, "Initializing sources", false, false);
    TRY(open_sources(q, err));
    TRY(find_start(q, err));
    if (q->spec.trigger == TRIGGER_AVAILABLE_NOW) {
        for (uint32_t k = 0; k < q->n_sources; k++) {
            StreamSource *s = q->sources[k].stream;
            if (s->vt->prepare_available_now) {
                TRY(s->vt->prepare_available_now(s, err));
            }
        }
    }
    return compile(q, err);
}

/* ---- one batch ---- */

static bool same_offset(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* A source that can't be split by AvailableNow makes the whole query one batch, as in Spark. */
static bool all_available_now(const Query *q)
{
    for (uint32_t k = 0; k < q->n_sources; k++) {
        if (!q->sources[k].stream->vt->prepare_available_now) {
            return false;
        }
    }
    return true;
}

static ReadLimit read_limit(const Query *q)
{
    bool all = q->spec.trigger == TRIGGER_ONCE ||
               (q->spec.trigger == TRIGGER_AVAILABLE_NOW && !all_available_now(q));
    return all ? READ_ALL : READ_BY_OPTIONS;
}

/* Asks every source how far it can go; *ret_new: at least one has something. */
static fb_status plan_offsets(Query *q, bool *ret_new, fb_error *err)
{
    Arena *a = &q->offsets[q->turn];
    int64_t began = clock_mono_us();
    *ret_new = false;
    for (uint32_t k = 0; k < q->n_sources; k++) {
        QuerySource *s = &q->sources[k];
        const char *end = NULL;
        pthread_mutex_lock(&q->lock);
        (void)snprintf(q->message_buf, sizeof(q->message_buf), "Getting offsets from %s",
                       s->stream->description);
        q->message = q->message_buf;
        pthread_mutex_unlock(&q->lock);
        TRY(s->stream->vt->latest_offset(s->stream, s->start, read_limit(q), a, &end, err));
        s->end = end ? end : s->start;
        *ret_new |= !same_offset(s->start, s->end);
    }
    q->took.latest_offset = (clock_mono_us() - began) / 1000;
    return FB_OK;
}

static fb_status write_offsets(Query *q, fb_error *err)
{
    Arena a = {0};
    OffsetEntry e = {.watermark_ms = q->watermark_ms, .n = q->n_leaves};
    int64_t began = clock_mono_us();
    e.timestamp_ms = q->batch_time_ms = clock_now_ms();
    e.offsets = ARENA_ARRAY(&a, const char *, q->n_leaves);
    for (uint32_t i = 0; i < q->n_leaves; i++) {
        e.offsets[i] = q->sources[q->leaves[i].source].end;
    }
    checkpoint_conf(q->conf, &e.conf, &a);
    fb_status st = checkpoint_write_offsets(&q->checkpoint, q->batch, &e, err);
    arena_free(&a);
    TRY(st);
    for (uint32_t k = 0; k < q->n_sources; k++) {
        QuerySource *s = &q->sources[k];
        if (s->stream->vt->commit && s->start) {
            TRY(s->stream->vt->commit(s->stream, s->start, err));
        }
    }
    fb_error failed = {0};
    if (checkpoint_purge(&q->checkpoint, q->batch,
                         conf_get_int(q->conf, "spark.sql.streaming.minBatchesToRetain"),
                         &failed) != FB_OK) { /* the batch is written down; the next one tries */
        LOG_WARN(LOG_NAME, "can't remove old entries of the checkpoint: %s", failed.message);
        err_clear(&failed);
    }
    q->took.wal_commit = (clock_mono_us() - began) / 1000;
    return FB_OK;
}

static fb_status run_plan(Query *q, fb_error *err)
{
    for (uint32_t k = 0; k < q->n_sources; k++) {
        QuerySource *s = &q->sources[k];
        if (s->end) {
            TRY(s->stream->vt->bind(s->stream, s->start, s->end, err));
        }
    }
    for (uint32_t i = 0; i < q->n_stateful; i++) {
        StatefulOp *op = q->stateful[i].op;
        TRY(op->vt->prepare(op, q->batch, q->first_run, err));
    }
    TRY(exec_run(q->exec, q->batch_time_ms * 1000, err));
    for (uint32_t i = 0; i < q->n_stateful; i++) {
        StatefulOp *op = q->stateful[i].op;
        TRY(op->vt->commit(op, err));
    }
    return q->sink->vt->commit(q->sink, q->batch, err);
}

static void abort_batch(Query *q)
{
    q->sink->vt->abort(q->sink, q->batch);
    for (uint32_t i = 0; i < q->n_stateful; i++) {
        q->stateful[i].op->vt->abort(q->stateful[i].op);
    }
}

/* A restarted query must have the stateful operators that the checkpoint was made by. */
static fb_status check_operators(Query *q, fb_error *err)
{
    Arena a = {0};
    StateOperator *ops = ARENA_ARRAY(&a, StateOperator, q->n_stateful);
    for (uint32_t i = 0; i < q->n_stateful; i++) {
        StatefulMetrics m;
        q->stateful[i].op->vt->metrics(q->stateful[i].op, &m);
        ops[i] = (StateOperator){i, m.operator_name};
    }
    fb_status st = state_operators_check(arena_printf(&a, "%s/state", q->checkpoint.dir), ops,
                                         q->n_stateful, err);
    arena_free(&a);
    return st;
}

static fb_status run_batch(Query *q, fb_error *err)
{
    bool skip = false;
    int64_t began = clock_mono_us();
    if (q->first_run && q->batch > 0) {
        TRY(check_operators(q, err));
    }
    TRY(q->sink->vt->begin(q->sink, q->batch, &skip, err));
    if (skip) {
        LOG_INFO(LOG_NAME, "batch %" PRId64 " is in the sink already", q->batch);
    } else {
        fb_status st = run_plan(q, err);
        if (st != FB_OK) {
            abort_batch(q);
            return st;
        }
    }
    int64_t ran = clock_mono_us();
    q->took.add_batch = (ran - began) / 1000;
    TRY(checkpoint_write_commit(&q->checkpoint, q->batch, q->watermark_ms, err));
    q->took.commit_offsets = (clock_mono_us() - ran) / 1000;
    return FB_OK;
}

/* Snapshots and old state files; Spark does this in the background once a minute. A failure does
 * not hurt the query. */
static void maintain(Query *q)
{
    for (uint32_t i = 0; i < q->n_stateful; i++) {
        fb_error err = {0};
        if (q->stateful[i].op->vt->maintain(q->stateful[i].op, &err) != FB_OK) {
            LOG_WARN(LOG_NAME, "maintenance of state failed: %s", err.message);
            err_clear(&err);
        }
    }
}

/* Values that could not be made fail the query, behind the batch, as in Spark. */
static fb_status check_observed(Query *q, fb_error *err)
{
    for (uint32_t i = 0; i < q->exec->n_metrics; i++) {
        ExecMetrics *m = q->exec->metrics[i];
        if (err_is_set(&m->failed)) {
            err_move(err, &m->failed);
            return FB_ERR;
        }
    }
    return FB_OK;
}

/* Plans and runs a batch if there is something to do. */
static fb_status trigger(Query *q, bool *ret_ran, fb_error *err)
{
    int64_t now = clock_now_ms(), began = clock_mono_us();
    bool have = q->rerun;
    q->took = (Durations){0};
    query_set_status(q, NULL, false, true);
    if (q->rerun) {
        q->batch_time_ms = q->checkpoint.last.timestamp_ms;
    } else {
        arena_reset(&q->offsets[q->turn]);
        TRY(plan_offsets(q, &have, err));
        if (have) {
            query_set_status(q, "Writing offsets to log", true, true);
            TRY(write_offsets(q, err));
        }
    }
    *ret_ran = have;
    if (have) {
        query_set_status(q, "Processing new data", true, true);
        TRY(run_batch(q, err));
        q->took.trigger_execution = (clock_mono_us() - began) / 1000;
        TRY(check_observed(q, err));
        progress_report(q, now);
        for (uint32_t k = 0; k < q->n_sources; k++) {
            q->sources[k].start = q->sources[k].end;
        }
        q->turn ^= 1;
        q->rerun = q->first_run = false;
        q->batch++;
        maintain(q);
    }
    q->took.trigger_execution = (clock_mono_us() - began) / 1000;
    query_set_status(q, have ? "Waiting for next trigger" : "Waiting for data to arrive", false,
                     false);
    q->last_trigger_ms = now;
    return FB_OK;
}

/* ---- the loop ---- */

/* Sleeps until there may be data, the time is up, or the query is woken. */
static void wait_for(Query *q, int64_t ms, bool for_data)
{
    struct pollfd fds[MAX_WAIT_FDS] = {{.fd = q->wake_fd, .events = POLLIN}};
    nfds_t n = 1;
    for (uint32_t k = 0; for_data && k < q->n_sources && n < MAX_WAIT_FDS; k++) {
        if (q->sources[k].stream->wake_fd >= 0) {
            fds[n++] = (struct pollfd){.fd = q->sources[k].stream->wake_fd, .events = POLLIN};
        }
    }
    int timeout = ms < 0 ? 0 : ms > INT32_MAX ? INT32_MAX : (int)ms;
    if (poll(fds, n, timeout) > 0 && fds[0].revents) {
        uint64_t count;
        ssize_t got = read(q->wake_fd, &count, sizeof(count)); /* checksrc-allow: an eventfd */
        (void)got;
    }
}

static bool stopping(Query *q)
{
    pthread_mutex_lock(&q->lock);
    bool s = q->stopping;
    pthread_mutex_unlock(&q->lock);
    return s;
}

static void begin_trigger(Query *q)
{
    pthread_mutex_lock(&q->lock);
    q->n_triggers++;
    pthread_mutex_unlock(&q->lock);
}

/* Tells who asked before this trigger looked: what came in before they asked has been processed. */
static void found_nothing(Query *q)
{
    QueryHook *due = NULL;
    pthread_mutex_lock(&q->lock);
    q->idle_since = q->n_triggers;
    for (QueryHook **at = &q->on_processed; *at;) {
        QueryHook *h = *at;
        if (h->after < q->n_triggers) {
            *at = h->next;
            h->next = due;
            due = h;
        } else {
            at = &h->next;
        }
    }
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
    query_call_hooks(due);
}

/* Until the next multiple of the interval; a batch that took longer is followed at once. */
static void wait_interval(Query *q, int64_t began_ms)
{
    int64_t interval = q->spec.interval_ms;
    int64_t next = began_ms / interval * interval + interval;
    for (int64_t now = clock_now_ms(); now < next && !stopping(q); now = clock_now_ms()) {
        wait_for(q, next - now, false);
    }
}

static fb_status loop(Query *q, fb_error *err)
{
    int64_t polling = conf_get_int(q->conf, "spark.sql.streaming.pollingDelay");
    bool one_batch = q->spec.trigger == TRIGGER_ONCE ||
                     (q->spec.trigger == TRIGGER_AVAILABLE_NOW && !all_available_now(q));
    while (!stopping(q)) {
        bool ran = false;
        int64_t began = clock_now_ms();
        begin_trigger(q);
        TRY(trigger(q, &ran, err));
        if (!ran) {
            progress_idle(q, began);
            found_nothing(q);
        }
        if (one_batch || (q->spec.trigger == TRIGGER_AVAILABLE_NOW && !ran)) {
            return FB_OK;
        }
        if (q->spec.trigger == TRIGGER_PROCESSING_TIME && q->spec.interval_ms > 0) {
            wait_interval(q, began);
        } else if (!ran) {
            wait_for(q, polling, true);
        }
    }
    return FB_OK;
}

static void fail(Query *q, fb_error *cause)
{
    fb_error failed = {0};
    const char *message = cause->message ? cause->message : "unknown";
    char *text = mem_strdup(message);
    LOG_ERROR(LOG_NAME, "Query %s [id = %s, runId = %s] terminated with error: %s",
              q->name ? q->name : "", q->id, q->run_id, text);
    (void)err_set_cause(&failed, cause, ERR_STREAM_FAILED, "id", q->id, "runId", q->run_id,
                        "message", text, NULL);
    mem_free(text);
    pthread_mutex_lock(&q->lock);
    err_move(&q->failure, &failed);
    pthread_mutex_unlock(&q->lock);
}

static void close_query(Query *q)
{
    for (uint32_t k = 0; k < q->n_sources; k++) {
        StreamSource *s = q->sources[k].stream;
        if (s && s->vt->stop) {
            s->vt->stop(s);
        }
    }
    pthread_mutex_lock(&q->lock);
    Exec *x = q->exec;
    q->exec = NULL;
    pthread_mutex_unlock(&q->lock);
    exec_free(x);
    for (uint32_t k = 0; k < q->n_sources; k++) {
        if (q->sources[k].stream) {
            q->sources[k].stream->vt->free(q->sources[k].stream);
            q->sources[k].stream = NULL;
        }
    }
    if (q->sink) {
        q->sink->vt->free(q->sink);
        q->sink = NULL;
    }
    if (q->checkpoint_open) {
        checkpoint_close(&q->checkpoint);
        q->checkpoint_open = false;
    }
}

static void end(Query *q)
{
    pthread_mutex_lock(&q->lock);
    QueryHook *ended = q->on_end, *processed = q->on_processed;
    q->on_end = q->on_processed = NULL;
    q->message = "Stopped";
    if (err_is_set(&q->failure)) {
        const fb_error *why = q->failure.cause ? q->failure.cause : &q->failure;
        (void)snprintf(q->message_buf, sizeof(q->message_buf), "Terminated with exception: %s",
                       why->message);
        q->message = q->message_buf;
    }
    q->data_available = q->trigger_active = false;
    q->active = false;
    (void)close(q->wake_fd); /* a session keeps queries that ended: a descriptor each adds up */
    q->wake_fd = -1;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
    query_call_hooks(ended);
    query_call_hooks(processed);
}

void *query_thread(void *arg)
{
    Query *q = arg;
    fb_error err = {0};
    fb_status st = open_query(q, &err);
    if (st == FB_OK) {
        st = loop(q, &err);
    }
    /* A batch cut off by stop() is no failure: it runs again at the next start. */
    bool failed = st == FB_ERR && !(stopping(q) && err.id == ERR_OPERATION_CANCELED);
    if (failed) {
        fail(q, &err);
    }
    err_clear(&err);
    close_query(q);
    if (!failed && q->spec.temporary_checkpoint && vfs_remove_tree(q->spec.checkpoint, &err)) {
        LOG_WARN(LOG_NAME, "can't remove the temporary checkpoint: %s", err.message);
        err_clear(&err);
    }
    progress_terminated(q);
    end(q);
    query_release(q);
    return NULL;
}
