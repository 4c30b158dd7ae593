/*
 * run.c - analysing and running plans that are no streams.
 *
 * A run optimizes into an arena of its own, compiles, and executes on the calling thread with the
 * engine's pool. A run whose rows go to a caller as they come has threads of its own instead: they
 * wait when the caller is slow, and must not keep those of others waiting, least of all a query
 * that this caller makes before it takes more rows.
 */
#include "session/session_priv.h"

#include "base/budget.h"

#include "base/clock.h"

fb_status session_resolve(Session *s, PlanTree *t, Str sql, fb_error *err)
{
    const Plan *in = t->plan;
    if (in->kind == P_COMMAND) {
        return err_internal(err, "the statement %s is no query", in->command->what);
    }
    return analyze(&s->catalog, in, sql, t, err);
}

fb_status session_analyze(Session *s, const Plan *in, Str sql, PlanTree **ret, fb_error *err)
{
    PlanTree *t = plantree_new();
    plantree_limit(t, &s->engine->budget);
    t->plan = (Plan *)in; /* read only, until the resolved plan replaces it */
    fb_status st = session_resolve(s, t, sql, err);
    if (st != FB_OK) {
        plantree_release(t);
        return st;
    }
    *ret = t;
    return FB_OK;
}

Plan *limit_of(Arena *a, Plan *child, int64_t n)
{
    Plan *p = plan_new(a, P_LIMIT, 1, child);
    p->n = n;
    p->out = child->out;
    p->n_out = child->n_out;
    p->start = p->stop = -1;
    return p;
}

#define OPTIMIZER_EXEMPT ((size_t)4 << 20)

typedef struct Run {
    Session *session;
    Pool *pool;
    _Atomic bool *cancel;
    const CacheEntry *self; /* whose rows are being computed, or NULL */
    RunThen then;
    void *arg;
} Run;

/* What was observed, for who asked. */
static void tell_observed(Exec *x)
{
    for (uint32_t i = 0; i < x->n_metrics; i++) {
        ExecMetrics *m = x->metrics[i];
        if (m->node->observed) {
            observed_set(m->node->observed, m->row, &m->failed);
        }
    }
}

static fb_status run_optimized(const Run *r, const Plan *best, Op *sink, fb_error *err)
{
    Session *s = r->session;
    Exec *x = NULL;
    TRY(exec_compile(best, s->conf, r->pool, &s->engine->budget, NULL, sink, &x, err));
    x->caller_cancel = r->cancel;
    fb_status st = exec_run(x, clock_now_us(), err);
    if (st == FB_OK && r->then) {
        st = r->then(r->arg, err);
    }
    if (st == FB_OK) {
        tell_observed(x);
    }
    exec_free(x);
    return st;
}

/* The sink is taken over in any case. */
static fb_status run_on(const Run *r, const Plan *plan, Op *sink, fb_error *err)
{
    ArenaQuota quota = {.budget = &r->session->engine->budget, .exempt = OPTIMIZER_EXEMPT};
    Arena a = {.quota = &quota};
    PlanTree *keep = plantree_new(); /* rows that are read from the cache */
    CacheUse use = {
        .session = r->session, .arena = &a, .keep = keep, .self = r->self, .cancel = r->cancel};
    fb_status st = cache_use(&use, plan, &plan, err);
    Plan *best = NULL;
    if (st == FB_OK) {
        st = optimize_to_run(&r->session->catalog, &a, (Plan *)plan, &best, err);
        st = st == FB_OK ? arena_check(&a, err) : st;
    }
    if (st == FB_OK) {
        st = run_optimized(r, best, sink, err);
    } else {
        sink->vt->free(sink);
    }
    arena_free(&a);
    plantree_release(keep);
    return st;
}

fb_status run_then(Session *s, const Plan *plan, _Atomic bool *cancel, Op *sink, RunThen then,
                   void *arg, fb_error *err)
{
    Run r = {.session = s, .pool = s->engine->pool, .cancel = cancel, .then = then, .arg = arg};
    return run_on(&r, plan, sink, err);
}

fb_status run_into(Session *s, const Plan *plan, _Atomic bool *cancel, Op *sink, fb_error *err)
{
    return run_then(s, plan, cancel, sink, NULL, NULL, err);
}

fb_status run_inside(Session *s, const CacheEntry *self, const Plan *plan, _Atomic bool *cancel,
                     Op *sink, fb_error *err)
{
    Run r = {.session = s, .pool = s->engine->pool, .cancel = cancel, .self = self};
    return run_on(&r, plan, sink, err);
}

static fb_status collect(Session *s, const Plan *plan, _Atomic bool *cancel, RowSet **ret,
                         fb_error *err)
{
    TRY(check_batch(plan, err));
    RowSet *rows = rowset_new(plan_schema(plan));
    fb_status st = run_into(s, plan, cancel, op_collect(rows), err);
    if (st != FB_OK) {
        rowset_release(rows);
        return st;
    }
    *ret = rows;
    return FB_OK;
}

fb_status session_collect(Session *s, const PlanTree *t, _Atomic bool *cancel, RowSet **ret,
                          fb_error *err)
{
    return collect(s, t->plan, cancel, ret, err);
}

/* Beyond as many threads a run has its caller's only: clients that don't read hold them. */
#define OWN_THREADS_A_WORKER 8

static Pool *take_pool(Engine *e)
{
    Pool *p = NULL;
    uint32_t n = pool_size(e->pool);
    pthread_mutex_lock(&e->lock);
    if (e->own_threads + n - 1 > OWN_THREADS_A_WORKER * n) {
        n = 1;
    }
    for (int i = 0; i < SPARE_POOLS && n > 1 && !p; i++) {
        p = e->spare[i];
        e->spare[i] = NULL;
    }
    e->own_threads += n - 1;
    pthread_mutex_unlock(&e->lock);
    return p ? p : pool_new(n); /* its threads start when they are needed */
}

static void give_pool(Engine *e, Pool *p)
{
    bool whole = pool_size(p) == pool_size(e->pool);
    pthread_mutex_lock(&e->lock);
    e->own_threads -= pool_size(p) - 1;
    for (int i = 0; i < SPARE_POOLS && whole && p; i++) {
        if (!e->spare[i]) {
            e->spare[i] = p;
            p = NULL;
        }
    }
    pthread_mutex_unlock(&e->lock);
    pool_free(p);
}

fb_status session_run(Session *s, const PlanTree *t, _Atomic bool *cancel, BatchFn fn, void *arg,
                      fb_error *err)
{
    TRY(check_batch(t->plan, err));
    Pool *own = take_pool(s->engine);
    Run r = {.session = s, .pool = own, .cancel = cancel};
    fb_status st = run_on(&r, t->plan, op_stream(fn, arg), err);
    give_pool(s->engine, own);
    return st;
}
