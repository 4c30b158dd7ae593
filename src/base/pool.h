/*
 * pool.h - worker threads for parallel work.
 *
 * A pool has n workers, the caller being worker 0. pool_run() calls fn(arg, w) once for each
 * worker w in 0..n-1, each on a thread of its own, and returns when all have returned. Calls of
 * pool_run() on the same pool from several threads take turns. fn must not call pool_run() on the
 * same pool.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdint.h>

typedef struct Pool Pool;
typedef void (*PoolFn)(void *arg, uint32_t worker);

Pool *
pool_new(uint32_t n_workers); /* at least 1; threads have 8 MiB stacks and start at first use */
void pool_free(Pool *p);
uint32_t pool_size(const Pool *p);
void pool_run(Pool *p, PoolFn fn, void *arg);

#endif
