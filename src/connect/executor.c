/*
 * executor.c - threads that run jobs: as many as are needed at a time, up to a limit.
 *
 * A thread is started when a job comes and none is idle; one that has had nothing to do for a while
 * ends. Jobs beyond the limit wait in line. Signals are left to the main thread.
 */
#include "connect/service_priv.h"

#include "base/log.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#define IDLE_SECONDS 10

typedef struct Job {
    struct Job *next;
    JobFn fn;
    void *arg;
} Job;

struct Executor {
    pthread_mutex_t lock;
    pthread_cond_t work, ended;
    Job *first, **last;
    uint32_t n_threads, n_idle, n_jobs; /* n_jobs: in line */
    bool stopping;
};

Executor *executor_new(void)
{
    Executor *x = mem_zalloc(sizeof(*x));
    pthread_condattr_t attr;
    x->last = &x->first;
    pthread_mutex_init(&x->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&x->work, &attr);
    pthread_cond_init(&x->ended, &attr);
    pthread_condattr_destroy(&attr);
    return x;
}

/* The next job, or NULL: nothing came for a while, or all is to end. Under the lock. */
static Job *next_job(Executor *x)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_SECONDS;
    x->n_idle++;
    while (x->first == NULL && !x->stopping) {
        if (pthread_cond_timedwait(&x->work, &x->lock, &until) == ETIMEDOUT) {
            break;
        }
    }
    x->n_idle--;
    Job *j = x->first;
    if (j != NULL) {
        x->first = j->next;
        x->n_jobs--;
        if (x->first == NULL) {
            x->last = &x->first;
        }
    }
    return j;
}

static void *work(void *arg)
{
    Executor *x = arg;
    pthread_mutex_lock(&x->lock);
    for (Job *j; (j = next_job(x)) != NULL;) {
        pthread_mutex_unlock(&x->lock);
        j->fn(j->arg);
        mem_free(j);
        pthread_mutex_lock(&x->lock);
    }
    x->n_threads--;
    pthread_cond_broadcast(&x->ended);
    pthread_mutex_unlock(&x->lock);
    return NULL;
}

static bool start_thread(Executor *x)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, old;
    sigfillset(&all);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, EXECUTOR_STACK);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    int failed = pthread_create(&thread, &attr, work, x);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    if (failed) {
        LOG_WARN("Connect", "no new thread: %s; %u are at work", strerror(failed), x->n_threads);
    }
    return !failed;
}

void executor_run(Executor *x, JobFn fn, void *arg)
{
    Job *j = mem_zalloc(sizeof(*j));
    j->fn = fn;
    j->arg = arg;
    pthread_mutex_lock(&x->lock);
    *x->last = j;
    x->last = &j->next;
    x->n_jobs++;
    if (x->n_jobs > x->n_idle && x->n_threads < EXECUTOR_THREADS) {
        x->n_threads++;
        if (!start_thread(x)) {
            x->n_threads--;
            FB_ASSERT(x->n_threads > 0); /* the job would never run */
        }
    }
    pthread_cond_signal(&x->work);
    pthread_mutex_unlock(&x->lock);
}

void executor_free(Executor *x)
{
    pthread_mutex_lock(&x->lock);
    x->stopping = true;
    pthread_cond_broadcast(&x->work);
    while (x->n_threads > 0) {
        pthread_cond_wait(&x->ended, &x->lock);
    }
    pthread_mutex_unlock(&x->lock);
    pthread_mutex_destroy(&x->lock);
    pthread_cond_destroy(&x->work);
    pthread_cond_destroy(&x->ended);
    mem_free(x);
}
