/*
 * run.c - analysing and running plans that are no streams.
 *
 * A run optimizes into an arena of its own, compiles, and executes on the calling thread with the
 * engine's pool. A run whose rows go to a caller as they come has threads of its own instead: they
 * wait when the caller is slow, and must not keep those of others waiting, least of all a query
 * that this caller makes before it takes more rows.
 */
#include "session/session_priv.h"

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

static fb_status run_on(Session *s, Pool *pool, const Plan *plan, _Atomic bool *cancel, Op *sink,
                        RunThen then, void *arg, fb_error *err)
{
    Arena a = {0};
    Exec *x = NULL;
    Plan *best = optimize(&s->catalog, &a, (Plan *)plan);
    fb_status st = exec_compile(best, s->conf, pool, &s->engine->budget, NULL, sink, &x, err);
    if (st == FB_OK) {
        x->caller_cancel = cancel;
        st = exec_run(x, clock_now_us(), err);
        if (st == FB_OK && then) {
            st = then(arg, err);
        }
        exec_free(x);
    }
    arena_free(&a);
    return st;
}

fb_status run_then(Session *s, const Plan *plan, _Atomic bool *cancel, Op *sink, RunThen then,
                   void *arg, fb_error *err)
{
    return run_on(s, s->engine->pool, plan, cancel, sink, then, arg, err);
}

fb_status run_into(Session *s, const Plan *plan, _Atomic bool *cancel, Op *sink, fb_error *err)
{
    return run_then(s, plan, cancel, sink, NULL, NULL, err);
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
    fb_status st = run_on(s, own, t->plan, cancel, op_stream(fn, arg), NULL, NULL, err);
    give_pool(s->engine, own);
    return st;
}
