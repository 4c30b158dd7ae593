/*
 * exec.c - running a compiled plan.
 *
 * Pipelines run one after another; within one, the pool's workers each call the source's produce.
 * A pipeline that can keep only one worker busy runs on the calling thread, without the pool: a
 * small micro-batch never waits for a thread to wake.
 */
#include "exec/exec_priv.h"

#include "base/clock.h"
#include "column/timezone.h"

typedef struct PipeRun {
    Exec *x;
    Pipeline *pipe;
    Op *stream;       /* the pipeline's end, if it hands rows on; else NULL */
    fb_error *errors; /* one a worker */
    fb_status *status;
} PipeRun;

bool exec_is_cancelled(const Exec *x)
{
    return atomic_load_explicit(&x->cancel, memory_order_relaxed) ||
           (x->caller_cancel && atomic_load_explicit(x->caller_cancel, memory_order_relaxed));
}

/* A source looks at one flag, the caller's if there is one; here both are seen. */
static fb_status push_first(void *to, Worker *w, Batch *b, fb_error *err)
{
    const PipeRun *r = to;
    Op *first = r->pipe->first;
    if (r->stream) {
        TRY(stream_at(r->stream, w->id, b->seq, err));
    }
    if (exec_is_cancelled(r->x)) {
        return FB_STOP;
    }
    TRY(arena_check(&w->arena, err));
    fb_status st = first->vt->push(first, w, b, err);
    return st == FB_OK ? arena_check(&w->arena, err) : st;
}

static fb_status flush_chain(Op *op, Worker *w, fb_error *err)
{
    for (; op; op = op->next) {
        if (op->vt->flush) {
            fb_status st = op->vt->flush(op, w, err);
            if (st == FB_ERR) {
                return st;
            }
            arena_reset(&w->arena);
        }
    }
    return FB_OK;
}

static void run_worker(void *arg, uint32_t id)
{
    PipeRun *r = arg;
    if (id >= r->x->n_workers) {
        return;
    }
    Worker *w = &r->x->workers[id];
    fb_status st = r->pipe->source->vt->produce(r->pipe->source, w, push_first, r, &r->errors[id]);
    if (st != FB_ERR) {
        st = flush_chain(r->pipe->first, w, &r->errors[id]);
    }
    arena_reset(&w->arena);
    if (st == FB_ERR) {
        atomic_store(&r->x->cancel, true);
    }
    if (r->stream) {
        st = stream_done(r->stream, id, st, &r->errors[id]);
    }
    if (st == FB_ERR) {
        atomic_store(&r->x->cancel, true);
    }
    r->status[id] = st;
}

/* The partition, behind the pipeline's operators, of the source's partition p. */
static uint32_t part_at_end(const Pipeline *pipe, uint32_t p)
{
    for (const Op *op = pipe->first; op; op = op->next) {
        p = op->vt->part ? op->vt->part(op, p) : p;
    }
    return p;
}

static bool joins_next(void *arg, uint32_t p)
{
    return part_at_end(arg, p) == part_at_end(arg, p + 1);
}

static void begin_parts(Pipeline *p)
{
    bool changes = false;
    for (Op *op = p->first; op; op = op->next) {
        changes |= op->vt->part != NULL;
        if (op->vt->count) {
            op->vt->count(op);
        }
    }
    p->source->joined = changes ? joins_next : NULL;
    p->source->joined_arg = p;
    atomic_store(&p->source->next_part, 0);
}

static bool is_one_task(const Pipeline *p)
{
    uint32_t n = source_parts(p->source);
    return n <= 1 || part_at_end(p, 0) == part_at_end(p, n - 1);
}

static bool wants_one_worker(const Exec *x, const Pipeline *p)
{
    if (x->n_workers == 1 || (p->by_part ? is_one_task(p) : p->source->n_morsels == 1)) {
        return true;
    }
    for (const Op *op = p->first; op; op = op->next) {
        if (op->one_worker) {
            return true;
        }
    }
    return false;
}

static const Op *last_op(const Pipeline *p)
{
    const Op *op = p->first;
    while (op && op->next) {
        op = op->next;
    }
    return op;
}

static fb_status run_pipeline(Exec *x, uint32_t i, fb_error *err)
{
    Pipeline *p = &x->pipes[i];
    PipeRun r = {.x = x, .pipe = p};
    p->source->cancel = x->caller_cancel ? x->caller_cancel : &x->cancel;
    p->source->by_part = p->by_part;
    TRY(p->source->vt->begin(p->source, x->n_workers, err));
    begin_parts(p);
    r.errors = mem_zalloc(mem_mul(x->n_workers, sizeof(*r.errors)));
    r.status = mem_zalloc(mem_mul(x->n_workers, sizeof(*r.status)));
    for (uint32_t w = 0; w < x->n_workers; w++) {
        x->workers[w].seq_base = (uint64_t)i << 48;
        x->workers[w].eval.now_us = x->now_us;
        x->workers[w].eval.partition = w;
        x->workers[w].eval.run = x->run;
        x->workers[w].eval.reseed = x->reseed;
    }
    bool one = wants_one_worker(x, p);
    r.stream = x->stream && last_op(p) == x->stream ? x->stream : NULL;
    if (r.stream) {
        stream_begin(r.stream, (uint64_t)i << 48, one ? 1 : x->n_workers);
    }
    if (one) {
        run_worker(&r, 0);
    } else {
        pool_run(x->pool, run_worker, &r);
    }
    fb_status st = FB_OK;
    for (uint32_t w = 0; w < x->n_workers; w++) {
        if (r.status[w] == FB_ERR && err_is_set(&r.errors[w])) {
            if (st == FB_OK) {
                err_move(err, &r.errors[w]);
            }
            st = FB_ERR;
        }
        err_clear(&r.errors[w]);
    }
    mem_free(r.errors);
    mem_free(r.status);
    if (st == FB_OK) {
        st = quota_check(&x->quota, err);
    }
    if (st == FB_OK && exec_is_cancelled(x)) {
        st = err_set(err, ERR_OPERATION_CANCELED, NULL);
    }
    return st;
}

static fb_status finish_ops(Exec *x, uint32_t pipe, fb_error *err)
{
    for (Op *op = x->pipes[pipe].first; op; op = op->next) {
        if (op->last_pipe == pipe && op->vt->finish) {
            fb_status st = op->vt->finish(op, x, err);
            if (st == FB_STOP) { /* cancelled meanwhile */
                return err_set(err, ERR_OPERATION_CANCELED, NULL);
            }
            TRY(st);
        }
    }
    return quota_check(&x->quota, err);
}

fb_status exec_run(Exec *x, int64_t now_us, fb_error *err)
{
    static _Atomic uint64_t runs;
    x->now_us = now_us;
    x->run = atomic_fetch_add(&runs, 1) + 1;
    x->reseed = x->hooks ? random_u64() : 0;
    atomic_store(&x->quota.over, false);
    for (uint32_t i = 0; i < x->n_ops; i++) {
        if (x->ops[i]->vt->open) {
            TRY(x->ops[i]->vt->open(x->ops[i], x, err));
        }
    }
    for (uint32_t i = 0; i < x->n_pipes; i++) {
        TRY(run_pipeline(x, i, err));
        TRY(finish_ops(x, i, err));
    }
    return FB_OK;
}

void exec_free(Exec *x)
{
    if (!x) {
        return;
    }
    for (uint32_t i = 0; i < x->n_pipes; i++) {
        if (x->pipes[i].source_owned) {
            x->pipes[i].source->vt->free(x->pipes[i].source);
        }
    }
    for (uint32_t i = 0; i < x->n_ops; i++) {
        if (x->ops[i]->vt->free) {
            x->ops[i]->vt->free(x->ops[i]);
        } else {
            mem_free(x->ops[i]);
        }
    }
    for (uint32_t w = 0; w < x->n_workers; w++) {
        eval_kept_free(&x->workers[w].kept);
        arena_free(&x->workers[w].arena);
    }
    MemBudget *budget = x->budget;
    if (budget) {
        budget_exempt_end(budget, x->exempt);
    }
    mem_free(x->workers);
    mem_free(x->metrics);
    mem_free(x->ops);
    mem_free(x->pipes);
    arena_free(&x->arena);
    mem_free(x);
    if (budget) {
        budget_trim(budget);
    }
}

fb_status exec_charge(Exec *x, int64_t *charged, size_t now, fb_error *err)
{
    int64_t more = (int64_t)now - *charged;
    if (!x->budget || more == 0) {
        return FB_OK;
    }
    TRY(budget_charge(x->budget, more, err));
    *charged += more;
    return FB_OK;
}

bool exec_fits(Exec *x, int64_t *charged, size_t now)
{
    int64_t more = (int64_t)now - *charged;
    if (x->budget && more != 0) {
        if (!budget_try(x->budget, more)) {
            return false;
        }
        *charged += more;
    }
    return true;
}

fb_status exec_may_copy(Exec *x, const Batch *b, fb_error *err)
{
    if (!x->budget || x->budget->limit <= 0) {
        return FB_OK;
    }
    uint64_t bytes = batch_bytes(b, false), half = (uint64_t)x->budget->limit / 2;
    if (bytes <= x->quota.exempt || bytes <= half) {
        return FB_OK;
    }
    int64_t n = bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
    fb_status st = budget_charge(x->budget, n, err);
    return st == FB_OK && budget_try(x->budget, -n) ? FB_OK : st;
}

fb_status exec_append(Exec *x, RowSet *rows, const Batch *b, fb_error *err)
{
    TRY(exec_may_copy(x, b, err));
    rowset_append(rows, b);
    return FB_OK;
}

#define PART_BYTES ((int64_t)16 << 20) /* below that, tables' own minimum would be most of it */

uint32_t exec_part_workers(const Exec *x)
{
    int64_t n = x->budget && x->budget->limit > 0 ? x->budget->limit / PART_BYTES : x->n_workers;
    return n < 1 ? 1 : n < x->n_workers ? (uint32_t)n : x->n_workers;
}

EvalCtx exec_eval(Exec *x, Arena *a)
{
    EvalCtx cx = x->workers[0].eval;
    a->quota = x->workers[0].arena.quota;
    cx.arena = a;
    cx.now_us = x->now_us;
    cx.kept = NULL; /* the caller's thread may be any */
    return cx;
}
