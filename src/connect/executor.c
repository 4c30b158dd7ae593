/*
 * executor.c - threads that run jobs: as many as are needed at a time, up to a limit a lane.
 *
 * What is short (analysing, ending a session, asking a streaming query) has a lane of its own, so
 * that plans that run for long don't keep it waiting. A lane starts a thread when a job comes and
 * none is idle; one that has had nothing to do for a while ends, but for the last, so that a
 * machine without room for new threads still serves what comes. Jobs beyond the limit wait in line.
 *
 * A job that waits for a client is away from its lane meanwhile: its thread does not count, and
 * another takes the next job. When it comes back there may be more threads than the limit; one ends
 * after its job then. How many may be away is bounded where operations are opened (operation.c).
 *
 * Signals are left to the main thread.
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

/* All under the executor's lock. */
typedef struct LaneState {
    Executor *executor;
    pthread_cond_t work;
    Job *first, **last;
    uint32_t n_jobs;                    /* in line */
    uint32_t n_threads, n_idle, n_away; /* the latter two are among the first */
    uint32_t limit;                     /* of threads that are not away */
} LaneState;

struct Executor {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    LaneState lanes[LANES];
    bool stopping;
};

Executor *executor_new(void)
{
    static const uint32_t limits[LANES] = {
        [LANE_SHORT] = SHORT_THREADS, [LANE_PLANS] = PLAN_THREADS};
    Executor *x = mem_zalloc(sizeof(*x));
    pthread_condattr_t attr;
    pthread_mutex_init(&x->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&x->ended, &attr);
    for (int i = 0; i < LANES; i++) {
        LaneState *l = &x->lanes[i];
        l->executor = x;
        l->last = &l->first;
        l->limit = limits[i];
        pthread_cond_init(&l->work, &attr);
    }
    pthread_condattr_destroy(&attr);
    return x;
}

static Job *take_job(LaneState *l)
{
    Job *j = l->first;
    if (j != NULL) {
        l->first = j->next;
        l->n_jobs--;
        if (l->first == NULL) {
            l->last = &l->first;
        }
    }
    return j;
}

/* The next job, or NULL: the thread is one too many, or all is to end. Under the lock. */
static Job *next_job(LaneState *l)
{
    Executor *x = l->executor;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_SECONDS;
    if (l->n_threads - l->n_away > l->limit) {
        return NULL;
    }
    l->n_idle++;
    while (l->first == NULL && !x->stopping) {
        if (l->n_threads - l->n_away == 1) {
            pthread_cond_wait(&l->work, &x->lock);
        } else if (pthread_cond_timedwait(&l->work, &x->lock, &until) == ETIMEDOUT &&
                   l->n_threads - l->n_away > 1) {
            break;
        }
    }
    l->n_idle--;
    return take_job(l);
}

static void *work(void *arg)
{
    LaneState *l = arg;
    Executor *x = l->executor;
    pthread_mutex_lock(&x->lock);
    for (Job *j; (j = next_job(l)) != NULL;) {
        pthread_mutex_unlock(&x->lock);
        j->fn(j->arg);
        mem_free(j);
        pthread_mutex_lock(&x->lock);
    }
    l->n_threads--;
    pthread_cond_broadcast(&x->ended);
    pthread_mutex_unlock(&x->lock);
    return NULL;
}

static bool start_thread(LaneState *l)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, old;
    sigfillset(&all);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, EXECUTOR_STACK);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    int failed = pthread_create(&thread, &attr, work, l);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    if (failed) {
        LOG_WARN("Connect", "no new thread: %s; there are %u", strerror(failed), l->n_threads);
    }
    return !failed;
}

/* Sees that a thread takes what is in line. One that can't be started is tried again with the next
 * job; the line waits for those that there are. Under the lock. */
static void staff(LaneState *l)
{
    if (l->n_jobs > l->n_idle && l->n_threads - l->n_away < l->limit) {
        l->n_threads++;
        if (!start_thread(l)) {
            l->n_threads--;
        }
    }
    pthread_cond_signal(&l->work);
}

void executor_run(Executor *x, Lane lane, JobFn fn, void *arg)
{
    LaneState *l = &x->lanes[lane];
    Job *j = mem_zalloc(sizeof(*j));
    j->fn = fn;
    j->arg = arg;
    pthread_mutex_lock(&x->lock);
    *l->last = j;
    l->last = &j->next;
    l->n_jobs++;
    staff(l);
    pthread_mutex_unlock(&x->lock);
}

void executor_leave(Executor *x, Lane lane)
{
    LaneState *l = &x->lanes[lane];
    pthread_mutex_lock(&x->lock);
    l->n_away++;
    if (l->n_jobs > 0) {
        staff(l);
    }
    pthread_mutex_unlock(&x->lock);
}

void executor_return(Executor *x, Lane lane)
{
    pthread_mutex_lock(&x->lock);
    x->lanes[lane].n_away--;
    pthread_mutex_unlock(&x->lock);
}

/* What no thread could be started for. */
static void run_rest(Executor *x, LaneState *l)
{
    for (Job *j; (j = take_job(l)) != NULL;) {
        pthread_mutex_unlock(&x->lock);
        j->fn(j->arg);
        mem_free(j);
        pthread_mutex_lock(&x->lock);
    }
}

void executor_free(Executor *x)
{
    pthread_mutex_lock(&x->lock);
    x->stopping = true;
    for (int i = 0; i < LANES; i++) {
        pthread_cond_broadcast(&x->lanes[i].work);
    }
    for (int i = 0; i < LANES; i++) {
        while (x->lanes[i].n_threads > 0) {
            pthread_cond_wait(&x->ended, &x->lock);
        }
    }
    for (int i = 0; i < LANES; i++) {
        run_rest(x, &x->lanes[i]);
    }
    pthread_mutex_unlock(&x->lock);
    for (int i = 0; i < LANES; i++) {
        pthread_cond_destroy(&x->lanes[i].work);
    }
    pthread_mutex_destroy(&x->lock);
    pthread_cond_destroy(&x->ended);
    mem_free(x);
}
