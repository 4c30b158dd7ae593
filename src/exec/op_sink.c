/*
 * op_sink.c - ends of plans: collecting rows, discarding them, handing them to a function.
 */
#include "exec/exec_priv.h"

#include <pthread.h>

/* ---- collect ---- */

typedef struct CollectOp {
    Op op;
    RowSet *rows;
    pthread_mutex_t lock;
    int64_t charged;
    Exec *x;
} CollectOp;

static fb_status collect_open(Op *op, Exec *x, fb_error *err)
{
    (void)err;
    ((CollectOp *)op)->x = x;
    return FB_OK;
}

static fb_status collect_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    CollectOp *c = (CollectOp *)op;
    (void)w;
    pthread_mutex_lock(&c->lock);
    fb_status st = exec_append(c->x, c->rows, b, err);
    if (st == FB_OK) {
        st = exec_charge(c->x, &c->charged, c->rows->arena.allocated, err);
    }
    pthread_mutex_unlock(&c->lock);
    return st;
}

static fb_status collect_finish(Op *op, Exec *x, fb_error *err)
{
    (void)x;
    (void)err;
    rowset_sort_by_seq(((CollectOp *)op)->rows);
    return FB_OK;
}

static void collect_free(Op *op)
{
    CollectOp *c = (CollectOp *)op;
    fb_error ignored = {0};
    if (c->x) {
        (void)exec_charge(c->x, &c->charged, 0, &ignored);
    }
    rowset_release(c->rows);
    pthread_mutex_destroy(&c->lock);
    mem_free(c);
}

Op *op_collect(RowSet *into)
{
    static const OpVt vt = {.name = "Collect",
                            .open = collect_open,
                            .push = collect_push,
                            .finish = collect_finish,
                            .free = collect_free};
    CollectOp *c = mem_zalloc(sizeof(*c));
    c->op.vt = &vt;
    c->rows = rowset_retain(into);
    pthread_mutex_init(&c->lock, NULL);
    return &c->op;
}

/* ---- collect by partition ---- */

typedef struct KeepOp {
    CollectOp collect;
    int64_t *charged;
    uint32_t *n_parts;
    uint64_t n_batches;
} KeepOp;

static fb_status keep_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    KeepOp *k = (KeepOp *)op;
    CollectOp *c = &k->collect;
    Batch kept = *b;
    pthread_mutex_lock(&c->lock);
    kept.seq = (uint64_t)w->eval.partition << 32 | (k->n_batches++ & UINT32_MAX);
    fb_status st = exec_append(c->x, c->rows, &kept, err);
    if (st == FB_OK) {
        c->rows->batches[c->rows->n_batches - 1].seq = kept.seq;
        st = exec_charge(c->x, k->charged, c->rows->arena.allocated, err);
    }
    pthread_mutex_unlock(&c->lock);
    return st;
}

static fb_status keep_finish(Op *op, Exec *x, fb_error *err)
{
    KeepOp *k = (KeepOp *)op;
    *k->n_parts = exec_parts(x);
    return collect_finish(op, x, err);
}

Op *op_keep_parts(RowSet *into, int64_t *charged, uint32_t *n_parts)
{
    static const OpVt vt = {.name = "InMemoryRelation",
                            .open = collect_open,
                            .push = keep_push,
                            .finish = keep_finish,
                            .free = collect_free};
    KeepOp *k = mem_zalloc(sizeof(*k));
    k->collect.op.vt = &vt;
    k->collect.op.by_part = true;
    k->collect.rows = rowset_retain(into);
    k->charged = charged;
    k->n_parts = n_parts;
    pthread_mutex_init(&k->collect.lock, NULL);
    return &k->collect.op;
}

/* ---- discard ---- */

typedef struct DiscardOp {
    Op op;
    _Atomic uint64_t rows;
} DiscardOp;

static fb_status discard_open(Op *op, Exec *x, fb_error *err)
{
    (void)x;
    (void)err;
    atomic_store(&((DiscardOp *)op)->rows, 0);
    return FB_OK;
}

static fb_status discard_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    (void)w;
    (void)err;
    atomic_fetch_add_explicit(&((DiscardOp *)op)->rows, b->n_rows, memory_order_relaxed);
    return FB_OK;
}

Op *op_discard(void)
{
    static const OpVt vt = {.name = "Discard", .open = discard_open, .push = discard_push};
    DiscardOp *d = mem_zalloc(sizeof(*d));
    d->op.vt = &vt;
    return &d->op;
}

uint64_t op_discarded(const Op *op)
{
    return atomic_load(&((const DiscardOp *)op)->rows);
}

/* ---- callback ---- */

typedef struct CallbackOp {
    Op op;
    BatchFn fn;
    void *arg;
    pthread_mutex_t lock;
} CallbackOp;

static fb_status callback_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    CallbackOp *c = (CallbackOp *)op;
    (void)w;
    pthread_mutex_lock(&c->lock);
    fb_status st = c->fn(c->arg, b, err);
    pthread_mutex_unlock(&c->lock);
    return st;
}

static void callback_free(Op *op)
{
    pthread_mutex_destroy(&((CallbackOp *)op)->lock);
    mem_free(op);
}

Op *op_callback(BatchFn fn, void *arg)
{
    static const OpVt vt = {.name = "Callback", .push = callback_push, .free = callback_free};
    CallbackOp *c = mem_zalloc(sizeof(*c));
    c->op.vt = &vt;
    c->fn = fn;
    c->arg = arg;
    pthread_mutex_init(&c->lock, NULL);
    return &c->op;
}
