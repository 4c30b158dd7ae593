/*
 * sort_run.h - sorted runs in a temporary file and their merge; and the order of rows itself.
 *
 * A row of a run is the sorted row's columns, its sort keys, and the seq of the batch it came in,
 * which decides between equal keys. Runs are added in the order in which their rows came.
 *
 * Ownership: SortRuns borrows the orders and types. Threads: one at a time.
 */
#ifndef EXEC_SORT_RUN_H
#define EXEC_SORT_RUN_H

#include "exec/spill.h"

/* A number that orders as the key does, as far as 64 bits go, nulls included: rows with different
 * ones are in order. */
uint64_t sort_prefix(const Expr *order, const Vec *v, uint32_t i);
/* Compares all keys of two rows. In line, for it is the sort's inner loop. */
static inline int sort_compare(Expr *const *orders, uint32_t n, const Vec *x, uint32_t i,
                               const Vec *y, uint32_t j)
{
    for (uint32_t k = 0; k < n; k++) {
        const Expr *o = orders[k];
        bool nx = !vec_is_valid(&x[k], i), ny = !vec_is_valid(&y[k], j);
        int d = 0;
        if (nx || ny) {
            d = nx == ny ? 0 : (nx == o->nulls_first ? -1 : 1);
        } else {
            d = vec_cmp_at(&x[k], i, &y[k], j);
            d = o->desc ? -d : d;
        }
        if (d) {
            return d;
        }
    }
    return 0;
}

typedef struct SortRuns SortRuns;

/* types: of the n_cols columns of a row; keys and seq follow. */
fb_status sort_runs_new(Exec *x, Expr *const *orders, uint32_t n_orders, const Type *const *types,
                        uint32_t n_cols, SortRuns **ret, fb_error *err);
void sort_runs_free(SortRuns *r); /* NULL is fine */
/* A new run, then its batches in order: columns, keys, seq as bigint. */
void sort_runs_begin(SortRuns *r);
fb_status sort_runs_add(SortRuns *r, const Batch *b, fb_error *err);
/* Merges runs into longer ones until the rest can be merged at once within the budget. */
fb_status sort_runs_reduce(SortRuns *r, fb_error *err);
/* The next rows in order (their columns only), in the arena; none: n_rows is 0. */
fb_status sort_runs_next(SortRuns *r, Arena *a, Batch *out, fb_error *err);

#endif
