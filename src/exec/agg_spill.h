/*
 * agg_spill.h - groups that have no place in memory: tables written out by partitions of the key's
 * hash, and their partitions put together again one by one.
 *
 * Ownership: an AggSpill borrows the layout. Threads: each set belongs to one thread at a time;
 * partitions may be read by several threads, each its own, once nothing is written any more.
 */
#ifndef EXEC_AGG_SPILL_H
#define EXEC_AGG_SPILL_H

#include "exec/aggregate.h"
#include "exec/spill.h"

typedef struct AggSpill AggSpill;

/* n_sets: how many threads write, each to a set of partitions of its own. */
fb_status agg_spill_new(const AggLayout *l, Exec *x, uint32_t n_sets, AggSpill **ret,
                        fb_error *err);
void agg_spill_free(AggSpill *s); /* NULL is fine */
/* Writes all groups of t, and the values that DISTINCT has seen (NULL: no such aggregate). */
fb_status agg_spill_table(AggSpill *s, uint32_t set, GroupTable *t, GroupTable *const *seen,
                          fb_error *err);
/* Gets the finished groups: a table that holds some of them all, and no other holds those. */
typedef fb_status (*AggGroupsFn)(void *arg, const GroupTable *t, fb_error *err);
/* Puts the partition part < SPILL_FANOUT together, in pieces that the budget has room for. */
fb_status agg_spill_run(AggSpill *s, uint32_t part, AggGroupsFn fn, void *arg, fb_error *err);

/* The tables that DISTINCT aggregates keep of (group, arguments), by aggregate; aggregate.c. */
GroupTable **agg_seen_new(const AggLayout *l);
void agg_seen_free(const AggLayout *l, GroupTable **seen);
size_t agg_seen_bytes(const AggLayout *l, GroupTable *const *seen);

#endif
