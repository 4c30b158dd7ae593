/*
 * response.c - the memory of responses that wait for clients.
 *
 * The pool may become POOL_SHARE of the memory limit. It keeps POOL_FLOOR of that for itself from
 * the start, and draws the rest on the budget while it needs it: when queries have taken all that
 * there is, responses wait for the floor, which only clients hold, so that no query waits for its
 * own memory.
 *
 * An account gets at most a part of what is left (dynamic thresholds, as switches share a buffer):
 * k clients that don't read leave 1/(1 + k/4) of the pool to whoever comes. The first message of an
 * account needs only its own size, and a few bytes have room always, outside of the pool: their sum
 * is bounded by the number of operations. So what is small is answered however many don't read.
 *
 * A message larger than the floor can't be promised: it waits until its account is empty, then
 * draws on the budget by itself or fails.
 */
#include "connect/response.h"

#include "base/error.h"

#include <stdatomic.h>
#include <stddef.h>

#define POOL_SHARE 8 /* of the limit */
#define POOL_MIN ((size_t)1 << 20)
#define POOL_MAX ((size_t)512 << 20)
#define POOL_FLOOR 4       /* of the pool */
#define MESSAGES_A_POOL 64 /* pieces that results are cut to */
#define MESSAGE_MIN ((size_t)32 << 10)
#define MESSAGE_MAX ((size_t)8 << 20)
#define ACCOUNT_PART 4 /* of what is left */
#define ACCOUNT_MAX ((size_t)32 << 20)
#define ALWAYS_BYTES ((size_t)16 << 10)
#define CHARGE_STEP ((size_t)256 << 10)

struct ResponsePool {
    _Atomic int refs;
    MemBudget *budget;
    size_t floor, max, message;
    pthread_mutex_t lock;
    size_t used;      /* of all accounts, without what is large */
    size_t charged;   /* to the budget */
    uint64_t given;   /* counts room that was given back */
    Account *waiting; /* list of those who wait */
};

/* All but refs and pool under the pool's lock. */
struct Account {
    _Atomic int refs;
    ResponsePool *pool; /* retained */
    size_t held;        /* of the pool, or by itself */
    uint64_t changes;   /* counts what else is a reason to ask again */
    struct {
        size_t need;
        uint64_t given, changes;
    } refused; /* what was asked for and refused last, and when */
    pthread_cond_t changed;
    Account *next, *prev; /* of the pool's list */
};

/* ---- the pool ---- */

ResponsePool *response_pool_new(MemBudget *budget)
{
    ResponsePool *p = mem_zalloc(sizeof(*p));
    size_t max = budget->limit > 0 ? (size_t)budget->limit / POOL_SHARE : POOL_MAX;
    atomic_init(&p->refs, 1);
    p->budget = budget;
    p->max = max < POOL_MIN ? POOL_MIN : max > POOL_MAX ? POOL_MAX : max;
    p->message = p->max / MESSAGES_A_POOL;
    p->message = p->message < MESSAGE_MIN ? MESSAGE_MIN : p->message;
    p->message = p->message > MESSAGE_MAX ? MESSAGE_MAX : p->message;
    p->floor = p->max / POOL_FLOOR;
    p->charged = budget_try(budget, (int64_t)p->floor) ? p->floor : 0;
    pthread_mutex_init(&p->lock, NULL);
    return p;
}

void response_pool_release(ResponsePool *p)
{
    if (atomic_fetch_sub(&p->refs, 1) == 1) {
        (void)budget_try(p->budget, -(int64_t)p->charged);
        pthread_mutex_destroy(&p->lock);
        mem_free(p);
    }
}

size_t response_pool_message(const ResponsePool *p)
{
    return p->message;
}

bool response_pool_is_short(ResponsePool *p)
{
    pthread_mutex_lock(&p->lock);
    bool waited = p->waiting != NULL;
    pthread_mutex_unlock(&p->lock);
    return waited;
}

/* ---- room; all under the lock ---- */

static bool is_large(const ResponsePool *p, size_t n)
{
    return n > p->floor;
}

/* Whether the account may have n more, if the budget agrees. */
static bool may_take(const Account *a, size_t n)
{
    const ResponsePool *p = a->pool;
    if (a->held + n <= ALWAYS_BYTES) {
        return true;
    }
    if (is_large(p, n)) {
        return a->held == 0;
    }
    size_t left = p->used < p->max ? p->max - p->used : 0;
    size_t part = left / ACCOUNT_PART < ACCOUNT_MAX ? left / ACCOUNT_PART : ACCOUNT_MAX;
    return n <= left && (a->held == 0 || a->held + n <= part);
}

/* Charges what the pool takes with n more, in steps. */
static bool charge(ResponsePool *p, size_t n)
{
    if (p->used + n <= p->charged) {
        return true;
    }
    size_t more = p->used + n - p->charged;
    size_t step = more < CHARGE_STEP ? CHARGE_STEP : more;
    if (!budget_try(p->budget, (int64_t)step)) {
        step = more;
        if (!budget_try(p->budget, (int64_t)step)) {
            return false;
        }
    }
    p->charged += step;
    return true;
}

static void discharge(ResponsePool *p)
{
    size_t keep = p->used + CHARGE_STEP > p->floor ? p->used + CHARGE_STEP : p->floor;
    if (p->charged > keep + CHARGE_STEP) {
        (void)budget_try(p->budget, -(int64_t)(p->charged - keep));
        p->charged = keep;
    }
}

/* Whether it makes sense to ask again. */
static bool is_due(const Account *a)
{
    return a->changes != a->refused.changes ||
           (a->pool->given != a->refused.given && may_take(a, a->refused.need));
}

static void give(Account *a, size_t n, bool large)
{
    ResponsePool *p = a->pool;
    a->held -= n;
    if (large) {
        (void)budget_try(p->budget, -(int64_t)n);
    } else {
        p->used -= n;
        discharge(p);
    }
    p->given++;
    a->changes++;
    for (Account *w = p->waiting; w != NULL; w = w->next) {
        if (is_due(w)) {
            pthread_cond_signal(&w->changed);
        }
    }
}

/* ---- accounts ---- */

Account *account_new(ResponsePool *p)
{
    Account *a = mem_zalloc(sizeof(*a));
    atomic_init(&a->refs, 1);
    atomic_fetch_add(&p->refs, 1);
    a->pool = p;
    pthread_cond_init(&a->changed, NULL);
    return a;
}

void account_release(Account *a)
{
    if (atomic_fetch_sub(&a->refs, 1) == 1) {
        response_pool_release(a->pool);
        pthread_cond_destroy(&a->changed);
        mem_free(a);
    }
}

/* Under the lock. */
static fb_status take(Account *a, size_t n, bool *ret_taken, fb_error *err)
{
    ResponsePool *p = a->pool;
    *ret_taken = may_take(a, n);
    if (*ret_taken && is_large(p, n)) {
        TRY(budget_charge(p->budget, (int64_t)n, err));
    } else if (*ret_taken && (a->held + n <= ALWAYS_BYTES || charge(p, n))) {
        p->used += n;
    } else {
        *ret_taken = false;
        a->refused.need = n;
        a->refused.given = p->given;
        a->refused.changes = a->changes;
    }
    a->held += *ret_taken ? n : 0;
    return FB_OK;
}

fb_status account_try(Account *a, size_t n, bool *ret_taken, fb_error *err)
{
    pthread_mutex_lock(&a->pool->lock);
    fb_status st = take(a, n, ret_taken, err);
    pthread_mutex_unlock(&a->pool->lock);
    return st;
}

void account_give(Account *a, size_t n)
{
    pthread_mutex_lock(&a->pool->lock);
    give(a, n, is_large(a->pool, n));
    pthread_mutex_unlock(&a->pool->lock);
}

void account_wait(Account *a, const _Atomic bool *stop)
{
    ResponsePool *p = a->pool;
    pthread_mutex_lock(&p->lock);
    a->next = p->waiting;
    a->prev = NULL;
    if (a->next != NULL) {
        a->next->prev = a;
    }
    p->waiting = a;
    while (!is_due(a) && !atomic_load(stop)) {
        pthread_cond_wait(&a->changed, &p->lock);
    }
    *(a->prev != NULL ? &a->prev->next : &p->waiting) = a->next;
    if (a->next != NULL) {
        a->next->prev = a->prev;
    }
    pthread_mutex_unlock(&p->lock);
}

void account_wake(Account *a)
{
    pthread_mutex_lock(&a->pool->lock);
    a->changes++;
    pthread_cond_signal(&a->changed);
    pthread_mutex_unlock(&a->pool->lock);
}

/* ---- responses ---- */

Response *response_new(Account *a, size_t n, size_t taken)
{
    Response *r = mem_alloc(sizeof(Response) + n);
    atomic_init(&r->refs, 1);
    atomic_fetch_add(&a->refs, 1);
    r->account = a;
    r->next = NULL;
    r->n = n;
    r->taken = taken;
    r->forced = n > taken ? n - taken : 0;
    pthread_mutex_lock(&a->pool->lock);
    a->held += r->forced;
    a->pool->used += r->forced;
    pthread_mutex_unlock(&a->pool->lock);
    return r;
}

void response_release(Response *r)
{
    if (atomic_fetch_sub(&r->refs, 1) != 1) {
        return;
    }
    Account *a = r->account;
    size_t taken = r->taken, forced = r->forced;
    mem_free(r);
    pthread_mutex_lock(&a->pool->lock);
    give(a, forced, false);
    give(a, taken, is_large(a->pool, taken));
    pthread_mutex_unlock(&a->pool->lock);
    account_release(a);
}

void response_bytes_release(void *bytes)
{
    Response *r = (Response *)((char *)bytes - offsetof(Response, bytes));
    Account *a = r->account;
    atomic_fetch_add(&a->refs, 1);
    response_release(r);
    account_wake(a); /* the operation may let go of what has been written */
    account_release(a);
}

bool response_is_written(const Response *r)
{
    return atomic_load(&r->refs) == 1;
}
