/*
 * clock.c - wall clock, monotonic clock, random bytes.
 *
 * One atomic holds the test's frozen time; while it is not negative both clocks return it, so that
 * intervals of the monotonic clock move by hand too. FOREBAY_CLOCK_SHIFT_S moves the wall clock of
 * a whole process by so many seconds: tests run at another date with it. Random bytes are the
 * kernel's.
 */
#include "base/clock.h"
#include "base/error.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#define SHIFT_S_MAX (INT64_C(100) * 366 * 86400)

static _Atomic int64_t manual_us = -1; /* set by clock_set_manual() only */
static pthread_once_t shift_once = PTHREAD_ONCE_INIT;
static int64_t shift_us; /* set once */

static void read_shift(void)
{
    const char *v = getenv("FOREBAY_CLOCK_SHIFT_S");
    int64_t s;
    if (v && parse_i64(str_of(v), &s) && s >= -SHIFT_S_MAX && s <= SHIFT_S_MAX) {
        shift_us = s * 1000000;
    }
}

static int64_t read_clock(clockid_t id)
{
    int64_t frozen = atomic_load_explicit(&manual_us, memory_order_relaxed);
    if (frozen >= 0) {
        return frozen;
    }
    struct timespec ts;
    clock_gettime(id, &ts);
    int64_t us = (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
    if (id == CLOCK_REALTIME) {
        pthread_once(&shift_once, read_shift);
        us += shift_us;
    }
    return us;
}

int64_t clock_now_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_now_ms(void)
{
    return read_clock(CLOCK_REALTIME) / 1000;
}

int64_t clock_mono_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void clock_set_manual(int64_t now_us)
{
    atomic_store_explicit(&manual_us, now_us < 0 ? -1 : now_us, memory_order_relaxed);
}

static void random_fill(void *p, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t r = getrandom((char *)p + done, n - done, 0);
        if (r < 0) {
            FB_ASSERT(errno == EINTR); /* the only failure with flags 0 and a good address */
            continue;
        }
        done += (size_t)r;
    }
}

uint64_t random_u64(void)
{
    uint64_t v;
    random_fill(&v, sizeof(v));
    return v;
}

/* Up to 16 hex digits, of which the low `keep` count. */
static bool parse_group(Str s, unsigned keep, uint64_t *ret)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        unsigned lower = (unsigned char)c | 0x20u;
        if (c >= '0' && c <= '9') {
            v = v << 4 | (unsigned)(c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            v = v << 4 | (lower - 'a' + 10);
        } else {
            return false;
        }
    }
    *ret = v & ((UINT64_C(1) << 4 * keep) - 1);
    return s.n > 0 && s.n <= 16;
}

bool uuid_parse(Str s, char out[37])
{
    static const unsigned digits[] = {8, 4, 4, 4, 12};
    uint64_t group[5];
    if (s.n > 36) {
        return false;
    }
    for (int i = 0; i < 5; i++) {
        const char *dash = s.n ? memchr(s.p, '-', s.n) : NULL;
        Str part = {s.p, dash ? (size_t)(dash - s.p) : s.n};
        if ((i < 4) != (dash != NULL) || !parse_group(part, digits[i], &group[i])) {
            return false;
        }
        s = dash ? (Str){dash + 1, s.n - part.n - 1} : (Str){"", 0};
    }
    (void)snprintf(out, 37, "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
                   group[0], group[1], group[2], group[3], group[4]);
    return true;
}

void uuid_new(char out[37])
{
    unsigned char b[16];
    random_fill(b, sizeof(b));
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* version 4 */
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80); /* the RFC's variant */
    snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}
