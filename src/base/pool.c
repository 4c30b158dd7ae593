/*
 * pool.c - worker threads that wait for a round of work.
 *
 * A round has a number. pool_run() publishes function and argument under the lock, raises the
 * number and wakes all; a worker runs each round once, because it remembers the number of its last.
 * The caller is worker 0 and sleeps until the others have counted down. A second lock is held for a
 * whole pool_run(), so that callers take turns.
 *
 * Workers block all signals: those are for the threads that expect them.
 */
#include "base/pool.h"
#include "base/arena.h"
#include "base/error.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define POOL_STACK_BYTES ((size_t)8 << 20)
#define POOL_WORKERS_MAX 1024

typedef struct PoolThread {
    Pool *pool;
    uint32_t worker;
    pthread_t id;
} PoolThread;

struct Pool {
    uint32_t n;
    PoolThread *threads; /* n, of which [0] is the caller's and unused */
    bool started;        /* under turn */
    pthread_mutex_t turn;
    pthread_mutex_t lock; /* all below */
    pthread_cond_t work, done;
    uint64_t round;
    uint32_t running;
    bool stop;
    PoolFn fn;
    void *arg;
};

static void *pool_thread(void *arg)
{
    PoolThread *t = arg;
    Pool *p = t->pool;
    uint64_t seen = 0;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->round == seen && !p->stop) {
            pthread_cond_wait(&p->work, &p->lock);
        }
        if (p->stop) {
            break;
        }
        seen = p->round;
        PoolFn fn = p->fn;
        void *fn_arg = p->arg;
        pthread_mutex_unlock(&p->lock);
        fn(fn_arg, t->worker);
        pthread_mutex_lock(&p->lock);
        if (--p->running == 0) {
            pthread_cond_signal(&p->done);
        }
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static void pool_start(Pool *p)
{
    pthread_attr_t attr;
    sigset_t all, old;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, POOL_STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    for (uint32_t w = 1; w < p->n; w++) {
        PoolThread *t = &p->threads[w];
        t->pool = p;
        t->worker = w;
        int e = pthread_create(&t->id, &attr, pool_thread, t);
        if (e != 0) { /* like memory: without its threads the process can't go on */
            fprintf(stderr, "forebay: can't start a thread: %s\n", strerrordesc_np(e));
            abort();
        }
        char name[32];
        snprintf(name, sizeof(name), "fb-worker-%u", w);
        name[15] = '\0'; /* the kernel's limit */
        pthread_setname_np(t->id, name);
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    p->started = true;
}

Pool *pool_new(uint32_t n_workers)
{
    Pool *p = mem_zalloc(sizeof(*p));
    p->n = n_workers < 1 ? 1 : n_workers;
    p->n = p->n > POOL_WORKERS_MAX ? POOL_WORKERS_MAX : p->n;
    p->threads = mem_zalloc(mem_mul(p->n, sizeof(PoolThread)));
    pthread_mutex_init(&p->turn, NULL);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->done, NULL);
    return p;
}

void pool_free(Pool *p)
{
    if (p == NULL) {
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (uint32_t w = 1; p->started && w < p->n; w++) {
        pthread_join(p->threads[w].id, NULL);
    }
    pthread_cond_destroy(&p->done);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    pthread_mutex_destroy(&p->turn);
    mem_free(p->threads);
    mem_free(p);
}

uint32_t pool_size(const Pool *p)
{
    return p->n;
}

void pool_run(Pool *p, PoolFn fn, void *arg)
{
    pthread_mutex_lock(&p->turn);
    if (p->n == 1) {
        fn(arg, 0);
        pthread_mutex_unlock(&p->turn);
        return;
    }
    if (!p->started) {
        pool_start(p);
    }
    pthread_mutex_lock(&p->lock);
    p->fn = fn;
    p->arg = arg;
    p->running = p->n - 1;
    p->round++;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    fn(arg, 0);
    pthread_mutex_lock(&p->lock);
    while (p->running > 0) {
        pthread_cond_wait(&p->done, &p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    pthread_mutex_unlock(&p->turn);
}
