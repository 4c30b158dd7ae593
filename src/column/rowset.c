/*
 * rowset.c - rows kept in memory: batches copied into an arena that the RowSet owns.
 *
 * Ownership: counted references; the last release frees the arena and with it all rows.
 * Threads:   one writer; any number of readers while nobody writes. The count is atomic.
 */
#include "column/vec.h"

RowSet *rowset_new(const Type *schema)
{
    RowSet *r = mem_zalloc(sizeof(RowSet));

    r->schema = schema;
    r->refs = 1;
    return r;
}

RowSet *rowset_retain(RowSet *r)
{
    r->refs++;
    return r;
}

void rowset_release(RowSet *r)
{
    if (r && --r->refs == 0) {
        arena_free(&r->arena);
        mem_free(r->batches);
        mem_free(r);
    }
}

void rowset_append(RowSet *r, const Batch *b)
{
    if (b->n_rows == 0) {
        return;
    }
    if (r->n_batches == r->cap) {
        FB_ASSERT(r->cap < UINT32_MAX / 2);
        r->cap = r->cap ? r->cap * 2 : 8;
        r->batches = mem_realloc(r->batches, mem_mul(r->cap, sizeof(Batch)));
    }
    batch_copy(&r->batches[r->n_batches], b, &r->arena);
    r->n_batches++;
    r->n_rows += b->n_rows;
}

/* Bottom-up merge sort: stable, and linear when the batches came in order. */
void rowset_sort_by_seq(RowSet *r)
{
    uint32_t n = r->n_batches;
    bool sorted = true;

    for (uint32_t i = 1; i < n && sorted; i++) {
        sorted = r->batches[i - 1].seq <= r->batches[i].seq;
    }
    if (sorted) {
        return;
    }
    Batch *from = r->batches, *to = mem_alloc(mem_mul(n, sizeof(Batch)));
    for (uint64_t run = 1; run < n; run *= 2) {
        for (uint64_t lo = 0; lo < n; lo += 2 * run) {
            uint64_t mid = lo + run < n ? lo + run : n, hi = lo + 2 * run < n ? lo + 2 * run : n;
            uint64_t i = lo, j = mid;
            for (uint64_t k = lo; k < hi; k++) {
                bool left = i < mid && (j >= hi || from[i].seq <= from[j].seq);
                to[k] = left ? from[i++] : from[j++];
            }
        }
        Batch *swap = from;
        from = to;
        to = swap;
    }
    r->batches = from;
    r->cap = n;
    mem_free(to);
}

void rowset_clear(RowSet *r)
{
    arena_reset(&r->arena);
    r->n_batches = 0;
    r->n_rows = 0;
}
