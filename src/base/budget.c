/*
 * budget.c - counting the memory of queries against one limit.
 *
 * The count is one atomic, changed by compare-and-swap so that a refused charge never shows, not
 * even for a moment. The default limit is 60 % of what the process may use: the machine's memory or
 * the smallest limit of its control group and the groups above, for both versions of cgroups.
 */
#include "base/budget.h"
#include "base/vfs.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#define LIMIT_PERCENT 60
#define TRIM_SHARE 4 /* of the limit, that may lie about */
#define TRIM_KEEP ((size_t)4 << 20)
#define CGROUP_DEPTH_MAX 64

static void note_peak(MemBudget *b, int64_t used)
{
    int64_t peak = atomic_load_explicit(&b->peak, memory_order_relaxed);
    while (used > peak && !atomic_compare_exchange_weak_explicit(
                              &b->peak, &peak, used, memory_order_relaxed, memory_order_relaxed)) {
    }
}

static bool try_once(MemBudget *b, int64_t n)
{
    int64_t used = atomic_load_explicit(&b->used, memory_order_relaxed);
    int64_t want;
    do {
        bool over = __builtin_add_overflow(used, n, &want);
        FB_ASSERT(over || want >= 0);
        if (n > 0 && (over || (b->limit > 0 && want > b->limit))) {
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(&b->used, &used, want, memory_order_relaxed,
                                                    memory_order_relaxed));
    note_peak(b, want);
    if (n < 0) {
        atomic_fetch_sub_explicit(&b->given_back, n, memory_order_relaxed);
    }
    return true;
}

bool budget_try(MemBudget *b, int64_t n)
{
    return try_once(b, n) || (b->reclaim && b->reclaim(b->reclaim_arg, n) && try_once(b, n));
}

int64_t budget_exempt(MemBudget *b, int64_t want, int64_t least)
{
    int64_t given = atomic_load_explicit(&b->exempt, memory_order_relaxed), n;
    do {
        n = given < 2 * want ? want - given / 2 : 0; /* half of what is left of 2 * want */
        n = n < least ? least : n;
    } while (!atomic_compare_exchange_weak_explicit(&b->exempt, &given, given + n,
                                                    memory_order_relaxed, memory_order_relaxed));
    return n;
}

void budget_exempt_end(MemBudget *b, int64_t n)
{
    atomic_fetch_sub_explicit(&b->exempt, n, memory_order_relaxed);
}

void budget_trim(MemBudget *b)
{
#ifdef __GLIBC__
    int64_t n = atomic_load_explicit(&b->given_back, memory_order_relaxed);
    if (b->limit > 0 && n >= b->limit / TRIM_SHARE &&
        atomic_compare_exchange_strong_explicit(&b->given_back, &n, 0, memory_order_relaxed,
                                                memory_order_relaxed)) {
        (void)malloc_trim(TRIM_KEEP);
    }
#else
    (void)b;
#endif
}

static fb_status refused(const MemBudget *b, int64_t n, fb_error *err)
{
    char asked[32], left[32];
    int64_t used = atomic_load_explicit(&b->used, memory_order_relaxed);
    int64_t room = b->limit > used ? b->limit - used : 0;
    snprintf(asked, sizeof(asked), "%lld", (long long)n);
    snprintf(left, sizeof(left), "%lld", (long long)room);
    return err_set(err, ERR_UNABLE_TO_ACQUIRE_MEMORY, "requestedBytes", asked, "receivedBytes",
                   left, NULL);
}

fb_status budget_charge(MemBudget *b, int64_t n, fb_error *err)
{
    return budget_try(b, n) ? FB_OK : refused(b, n, err);
}

fb_status quota_check(const ArenaQuota *q, fb_error *err)
{
    if (!atomic_load_explicit(&q->over, memory_order_relaxed)) {
        return FB_OK;
    }
    return refused(q->budget, atomic_load_explicit(&q->refused, memory_order_relaxed), err);
}

/* The content of a small file, or NULL when it can't be read; caller mem_free()s. */
static char *read_quietly(const char *path)
{
    fb_error ignored = {0};
    char *text = NULL;
    if (vfs_read_file(path, &text, NULL, &ignored) != FB_OK) {
        err_clear(&ignored);
        return NULL;
    }
    return text;
}

/* The limit in the file, or best if there is none or it is larger. */
static int64_t smaller_limit(const char *path, int64_t best)
{
    uint64_t v;
    char *text = read_quietly(path);
    if (text != NULL && parse_u64(str_trim(str_of(text)), &v) && v < (uint64_t)best) {
        best = (int64_t)v; /* "max" of version 2 is not a number, version 1's "none" is huge */
    }
    mem_free(text);
    return best;
}

/* Goes from the group up to the root of the hierarchy mounted at mount. */
static int64_t group_limit(Arena *a, const char *mount, const char *group, const char *file,
                           int64_t best)
{
    const char *g = group;
    for (int depth = 0; depth < CGROUP_DEPTH_MAX; depth++) {
        best = smaller_limit(arena_printf(a, "%s%s/%s", mount, g, file), best);
        if (strcmp(g, "/") == 0 || g[0] != '/') {
            break;
        }
        g = vfs_dirname(a, g);
    }
    return best;
}

int64_t budget_default_limit(void)
{
    Arena a = {0};
    int64_t best = INT64_MAX;
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    if (pages > 0 && page > 0 && __builtin_mul_overflow((int64_t)pages, (int64_t)page, &best)) {
        best = INT64_MAX;
    }
    /* Lines "id:controllers:path"; version 2 is the one with id 0 and no controllers. */
    char *text = read_quietly("/proc/self/cgroup");
    for (char *line = text; line != NULL && *line != '\0';) {
        char *end = strchrnul(line, '\n');
        char *names = memchr(line, ':', (size_t)(end - line));
        char *path = names ? memchr(names + 1, ':', (size_t)(end - names - 1)) : NULL;
        if (path != NULL) {
            const char *group = arena_strndup(&a, path + 1, (size_t)(end - path - 1));
            Str controllers = {names + 1, (size_t)(path - names - 1)};
            if (controllers.n == 0) {
                best = group_limit(&a, "/sys/fs/cgroup", group, "memory.max", best);
            } else if (memmem(controllers.p, controllers.n, "memory", 6) != NULL) {
                best =
                    group_limit(&a, "/sys/fs/cgroup/memory", group, "memory.limit_in_bytes", best);
            }
        }
        line = *end != '\0' ? end + 1 : end;
    }
    mem_free(text);
    arena_free(&a);
    return best / 100 * LIMIT_PERCENT;
}
