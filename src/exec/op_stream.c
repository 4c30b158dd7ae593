/*
 * op_stream.c - the sink that hands rows on while the query runs, in the order of Batch.seq.
 *
 * Worker 0 runs on the thread that called exec_run(), and is the only one that calls the consumer:
 * with each batch of its own, and when it has none left, until the others are done. The others put
 * copies of their batches into queues, one a worker. With one worker nothing is copied.
 *
 * Order. A worker's batches come with growing seq, and exec.c tells the seq of each batch that a
 * source pushes, also if nothing of it gets here. So at[w] is the least seq that may still come
 * from worker w, and a queued batch is due when its seq is not above the least of all at[].
 *
 * Bound. A worker waits while the queues hold more than their limit, with one exception: when
 * nothing is due, the worker with the least at[] goes on, since all wait for it; what it puts is
 * due at once. So there is always someone to wait for: worker 0 if something is due, else the one
 * with the least at[], which is not waiting.
 *
 * Ends. When the consumer wants no more or fails, a worker fails, or the run is cancelled, all
 * waiting ends with FB_STOP. The run's cancel flags have no condition variable, so waits are short
 * and look at them again.
 */
#include "exec/exec_priv.h"

#include <pthread.h>
#include <time.h>

#define BYTES_A_WORKER ((size_t)32 << 20) /* rows of a morsel or two, which order makes wait */
#define LIMIT_SHARE 8                     /* of the memory that is left */
#define WAIT_NS 50000000
#define DONE UINT64_MAX

typedef struct Queued {
    struct Queued *next;
    Arena arena;
    Batch batch;
    size_t bytes;
} Queued;

typedef struct Queue {
    Queued *first, *last;
} Queue;

typedef struct StreamOp {
    Op op;
    BatchFn fn;
    void *arg;
    Exec *x;
    uint32_t n;
    size_t limit;
    int64_t charged; /* of the budget, for bytes */
    pthread_mutex_t lock;
    pthread_cond_t due, room;
    uint64_t *at;
    Queue *queue;
    Queued *spare; /* used up, with their memory; a few */
    uint32_t n_spare;
    size_t bytes; /* queued */
    bool stopped; /* the consumer wants no more */
} StreamOp;

/* ---- queues; all under the lock ---- */

static uint64_t least(const StreamOp *s)
{
    uint64_t at = DONE;
    for (uint32_t w = 0; w < s->n; w++) {
        at = s->at[w] < at ? s->at[w] : at;
    }
    return at;
}

/* The queue with the first batch in order if that is due, or NULL. */
static Queue *due_queue(StreamOp *s)
{
    Queue *best = NULL;
    for (uint32_t w = 0; w < s->n; w++) {
        Queue *q = &s->queue[w];
        if (q->first && (!best || q->first->batch.seq < best->first->batch.seq)) {
            best = q;
        }
    }
    return best && best->first->batch.seq <= least(s) ? best : NULL;
}

static bool is_over(const StreamOp *s)
{
    return s->stopped || exec_is_cancelled(s->x);
}

static void wait_for(StreamOp *s, pthread_cond_t *cond)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WAIT_NS;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    (void)pthread_cond_timedwait(cond, &s->lock, &until);
}

static void move_to(StreamOp *s, uint32_t w, uint64_t seq)
{
    if (s->at[w] < seq) {
        s->at[w] = seq;
        pthread_cond_signal(&s->due);
        pthread_cond_broadcast(&s->room);
    }
}

/* What the queues may hold: a part of what the budget has left, so that queries whose clients don't
 * read leave room for others. */
static size_t bound(const StreamOp *s)
{
    const MemBudget *b = s->x->budget;
    if (!b || b->limit <= 0) {
        return s->limit;
    }
    int64_t used = atomic_load_explicit(&b->used, memory_order_relaxed) - s->charged;
    size_t part = used < b->limit ? (size_t)(b->limit - used) / LIMIT_SHARE : 0;
    return part < s->limit ? part : s->limit;
}

/* Charges the queued bytes as far as the budget goes: beyond it the queues count as full. */
static bool has_room(StreamOp *s, size_t bytes)
{
    return s->bytes + bytes <= bound(s) && exec_fits(s->x, &s->charged, s->bytes + bytes);
}

static Queued *copy_batch(StreamOp *s, const Batch *b)
{
    pthread_mutex_lock(&s->lock);
    Queued *q = s->spare;
    if (q) {
        s->spare = q->next;
        s->n_spare--;
    }
    pthread_mutex_unlock(&s->lock);
    q = q ? q : mem_zalloc(sizeof(*q));
    batch_copy(&q->batch, b, &q->arena);
    q->batch.seq = b->seq;
    q->bytes = q->arena.allocated;
    q->next = NULL;
    return q;
}

static void put(StreamOp *s, uint32_t w, Queued *q)
{
    Queue *to = &s->queue[w];
    if (to->last) {
        to->last->next = q;
    } else {
        to->first = q;
    }
    to->last = q;
    s->bytes += q->bytes;
}

static void let_go(StreamOp *s, Queued *q)
{
    if (s->n_spare >= s->n) {
        arena_free(&q->arena);
        mem_free(q);
        return;
    }
    arena_reset(&q->arena);
    q->next = s->spare;
    s->spare = q;
    s->n_spare++;
}

static Queued *take(Queue *from)
{
    Queued *q = from->first;
    from->first = q->next;
    if (!from->first) {
        from->last = NULL;
    }
    return q;
}

static void drop_all(StreamOp *s)
{
    for (uint32_t w = 0; w < s->n; w++) {
        while (s->queue[w].first) {
            let_go(s, take(&s->queue[w]));
        }
    }
    while (s->spare) {
        Queued *q = s->spare;
        s->spare = q->next;
        arena_free(&q->arena);
        mem_free(q);
    }
    s->n_spare = 0;
    s->bytes = 0;
    fb_error ignored = {0};
    (void)exec_charge(s->x, &s->charged, 0, &ignored);
}

/* ---- worker 0 ---- */

/* Calls the consumer without the lock. */
static fb_status consume(StreamOp *s, const Batch *b, fb_error *err)
{
    pthread_mutex_unlock(&s->lock);
    fb_status st = s->fn(s->arg, b, err);
    pthread_mutex_lock(&s->lock);
    if (st != FB_OK) {
        s->stopped = true;
        pthread_cond_broadcast(&s->room);
    }
    return st;
}

static fb_status consume_due(StreamOp *s, fb_error *err)
{
    Queue *from;
    while (!is_over(s) && (from = due_queue(s)) != NULL) {
        Queued *q = take(from);
        fb_status st = consume(s, &q->batch, err);
        s->bytes -= q->bytes;
        (void)exec_fits(s->x, &s->charged,
                        s->bytes < (size_t)s->charged ? s->bytes : (size_t)s->charged);
        let_go(s, q);
        pthread_cond_broadcast(&s->room);
        TRY(st);
    }
    return is_over(s) ? FB_STOP : FB_OK;
}

static fb_status push_own(StreamOp *s, const Batch *b, fb_error *err)
{
    for (;;) {
        TRY(consume_due(s, err));
        if (b->seq <= least(s)) {
            return consume(s, b, err);
        }
        if (s->bytes < bound(s)) {
            break;
        }
        wait_for(s, &s->due);
    }
    TRY(exec_may_copy(s->x, b, err));
    pthread_mutex_unlock(&s->lock);
    Queued *q = copy_batch(s, b);
    pthread_mutex_lock(&s->lock);
    (void)has_room(s, q->bytes);
    put(s, 0, q);
    return FB_OK;
}

static fb_status consume_rest(StreamOp *s, fb_error *err)
{
    for (;;) {
        TRY(consume_due(s, err));
        if (least(s) == DONE) {
            return FB_OK; /* and so all that was queued was due */
        }
        wait_for(s, &s->due);
    }
}

/* ---- other workers ---- */

static fb_status push_other(StreamOp *s, uint32_t w, Queued *q)
{
    while (!is_over(s) && !has_room(s, q->bytes) && (due_queue(s) || s->at[w] != least(s))) {
        wait_for(s, &s->room);
    }
    if (is_over(s)) {
        let_go(s, q);
        return FB_STOP;
    }
    put(s, w, q);
    pthread_cond_signal(&s->due);
    return FB_OK;
}

static fb_status stream_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    StreamOp *s = (StreamOp *)op;
    if (w->id) {
        TRY(exec_may_copy(s->x, b, err));
    }
    Queued *q = w->id ? copy_batch(s, b) : NULL;
    pthread_mutex_lock(&s->lock);
    move_to(s, w->id, b->seq);
    fb_status st = w->id ? push_other(s, w->id, q) : push_own(s, b, err);
    pthread_mutex_unlock(&s->lock);
    return st;
}

/* ---- what exec.c tells ---- */

void stream_begin(Op *op, uint64_t seq, uint32_t n_running)
{
    StreamOp *s = (StreamOp *)op;
    pthread_mutex_lock(&s->lock);
    for (uint32_t w = 0; w < s->n; w++) {
        s->at[w] = w < n_running ? seq : DONE;
    }
    pthread_mutex_unlock(&s->lock);
}

fb_status stream_at(Op *op, uint32_t w, uint64_t seq, fb_error *err)
{
    StreamOp *s = (StreamOp *)op;
    pthread_mutex_lock(&s->lock);
    move_to(s, w, seq);
    fb_status st = w == 0 ? consume_due(s, err) : is_over(s) ? FB_STOP : FB_OK;
    pthread_mutex_unlock(&s->lock);
    return st;
}

fb_status stream_done(Op *op, uint32_t w, fb_status how, fb_error *err)
{
    StreamOp *s = (StreamOp *)op;
    pthread_mutex_lock(&s->lock);
    move_to(s, w, DONE);
    if (how == FB_ERR) {
        pthread_cond_broadcast(&s->room);
    }
    fb_status st = how == FB_ERR || w ? how : consume_rest(s, err);
    pthread_mutex_unlock(&s->lock);
    return st;
}

static fb_status stream_open(Op *op, Exec *x, fb_error *err)
{
    StreamOp *s = (StreamOp *)op;
    (void)err;
    if (!s->x) {
        pthread_condattr_t attr;
        pthread_condattr_init(&attr);
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        pthread_cond_init(&s->due, &attr);
        pthread_cond_init(&s->room, &attr);
        pthread_condattr_destroy(&attr);
        s->x = x;
        s->n = x->n_workers;
        s->at = mem_zalloc(mem_mul(s->n, sizeof(*s->at)));
        s->queue = mem_zalloc(mem_mul(s->n, sizeof(*s->queue)));
    }
    x->stream = op;
    s->stopped = false;
    s->limit = BYTES_A_WORKER * s->n;
    drop_all(s);
    return FB_OK;
}

static fb_status stream_finish(Op *op, Exec *x, fb_error *err)
{
    (void)x;
    (void)err;
    drop_all((StreamOp *)op);
    return FB_OK;
}

static void stream_free(Op *op)
{
    StreamOp *s = (StreamOp *)op;
    if (s->x) {
        drop_all(s);
        pthread_cond_destroy(&s->due);
        pthread_cond_destroy(&s->room);
    }
    mem_free(s->at);
    mem_free(s->queue);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

Op *op_stream(BatchFn fn, void *arg)
{
    static const OpVt vt = {.name = "Collect",
                            .open = stream_open,
                            .push = stream_push,
                            .finish = stream_finish,
                            .free = stream_free};
    StreamOp *s = mem_zalloc(sizeof(*s));
    s->op.vt = &vt;
    s->fn = fn;
    s->arg = arg;
    pthread_mutex_init(&s->lock, NULL);
    return &s->op;
}
