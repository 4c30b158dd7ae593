/* budget.h - the memory that queries may take (spark.forebay.memory.limit); thread-safe counters.
 */
#ifndef BASE_BUDGET_H
#define BASE_BUDGET_H

#include "base/error.h"
#include <stdatomic.h>

typedef struct MemBudget {
    int64_t limit; /* bytes; 0 = none */
    _Atomic int64_t used;
    _Atomic int64_t peak;       /* the most that was ever used */
    _Atomic int64_t given_back; /* since budget_trim() did something */
    _Atomic int64_t exempt;     /* what runs may have beside it, see budget_exempt() */
    /* Asked to give up what can be had again when n more bytes do not fit; true: it gave up some.
     * From any thread. NULL: there is nothing of the kind. */
    bool (*reclaim)(void *arg, int64_t n);
    void *reclaim_arg;
} MemBudget;

/* Adds n (may be negative) to used; above the limit: undone, and UNABLE_TO_ACQUIRE_MEMORY. */
fb_status budget_charge(MemBudget *b, int64_t n, fb_error *err);
/* The same for who can do with less: false above the limit. */
bool budget_try(MemBudget *b, int64_t n);
/* What a run may have without a charge, so that ordinary batches pass while operators fill the
 * budget: `want`, or less the more others have, but no less than `least`. The sum of all is at most
 * 2 * want, and least for each. To be given back by budget_exempt_end(). */
int64_t budget_exempt(MemBudget *b, int64_t want, int64_t least);
void budget_exempt_end(MemBudget *b, int64_t n);
/* After a run: what malloc holds of memory that was given back goes back to the system, now and
 * then, since others may use what the budget has again. */
void budget_trim(MemBudget *b);
/* UNABLE_TO_ACQUIRE_MEMORY if a charge of the quota was refused. */
fb_status quota_check(const ArenaQuota *q, fb_error *err);
static inline fb_status arena_check(const Arena *a, fb_error *err)
{
    return __builtin_expect(arena_is_over(a), 0) ? quota_check(a->quota, err) : FB_OK;
}
int64_t budget_default_limit(void); /* 60 % of the machine's or the cgroup's memory, bytes */

#endif
