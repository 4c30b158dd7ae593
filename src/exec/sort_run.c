/*
 * sort_run.c - merging sorted runs.
 *
 * Each run being merged has one block in memory; a heap of runs gives the next row. Rows are
 * compared by the first key's prefix, then by all keys, then by the seq of their batch, then by the
 * number of the run: a later run holds later rows of a batch, so the merge is as stable as the sort
 * in memory. Output is gathered column by column from the blocks of all runs, at the latest when a
 * block is used up, for only then it is replaced.
 *
 * The fan-in is what the budget has room for, at most MERGE_MAX. More runs than that are merged in
 * passes: neighbours become one run in a new file, and the old file goes.
 */
#include "exec/sort_run.h"

#include "exec/exec_priv.h"

#define MERGE_MAX 64u
#define BLOCK_COST 3 /* bytes in memory for a byte of a block: views, the arena's rounding */

typedef struct Reader {
    const SpillPart *run;
    uint32_t next; /* block */
    uint32_t row;  /* in batch */
    uint64_t prefix;
    Batch batch;
    Arena arena;
} Reader;

typedef struct Merge {
    Reader *reader; /* NULL: not begun */
    uint32_t n;
    uint32_t *heap; /* readers with a row, the least first */
    uint32_t n_heap;
    bool reload; /* the first reader of the heap has used up its block */
} Merge;

struct SortRuns {
    Exec *x;
    Expr *const *orders;
    uint32_t n_orders;
    const Type **types; /* columns, keys, seq; in memory of its own */
    uint32_t n_cols, n_wide;
    SpillFile *file;
    SpillPart *run;
    uint32_t n_runs, cap;
    Merge merge;
    int64_t charged;
};

/* ---- runs ---- */

fb_status sort_runs_new(Exec *x, Expr *const *orders, uint32_t n_orders, const Type *const *types,
                        uint32_t n_cols, SortRuns **ret, fb_error *err)
{
    SpillFile *file;
    TRY(spill_new(x, "Sort", &file, err));
    SortRuns *r = mem_zalloc(sizeof(*r));
    r->x = x;
    r->orders = orders;
    r->n_orders = n_orders;
    r->n_cols = n_cols;
    r->n_wide = n_cols + n_orders + 1;
    r->types = mem_alloc(mem_mul(r->n_wide, sizeof(*r->types)));
    for (uint32_t c = 0; c < r->n_wide; c++) {
        r->types[c] = c < n_cols              ? types[c]
                      : c < n_cols + n_orders ? orders[c - n_cols]->args[0]->type
                                              : type_long;
    }
    r->file = file;
    *ret = r;
    return FB_OK;
}

static void merge_end(Merge *m)
{
    for (uint32_t i = 0; i < m->n; i++) {
        arena_free(&m->reader[i].arena);
    }
    mem_free(m->reader);
    mem_free(m->heap);
    *m = (Merge){0};
}

void sort_runs_free(SortRuns *r)
{
    if (!r) {
        return;
    }
    fb_error ignored = {0};
    merge_end(&r->merge);
    for (uint32_t i = 0; i < r->n_runs; i++) {
        spill_part_clear(&r->run[i]);
    }
    (void)exec_charge(r->x, &r->charged, 0, &ignored);
    mem_free(r->run);
    spill_free(r->file);
    mem_free(r->types);
    mem_free(r);
}

void sort_runs_begin(SortRuns *r)
{
    if (r->n_runs == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 16;
        r->run = mem_realloc(r->run, mem_mul(r->cap, sizeof(*r->run)));
    }
    r->run[r->n_runs++] = (SpillPart){0};
}

fb_status sort_runs_add(SortRuns *r, const Batch *b, fb_error *err)
{
    return spill_append(r->file, &r->run[r->n_runs - 1], b, err);
}

/* ---- the heap ---- */

static void note_prefix(const SortRuns *r, Reader *d)
{
    d->prefix = r->n_orders ? sort_prefix(r->orders[0], &d->batch.col[r->n_cols], d->row) : 0;
}

static bool is_before(const SortRuns *r, uint32_t a, uint32_t b)
{
    const Reader *x = &r->merge.reader[a], *y = &r->merge.reader[b];
    if (x->prefix != y->prefix) {
        return x->prefix < y->prefix;
    }
    const Vec *vx = &x->batch.col[r->n_cols], *vy = &y->batch.col[r->n_cols];
    int d = sort_compare(r->orders, r->n_orders, vx, x->row, vy, y->row);
    if (d) {
        return d < 0;
    }
    uint64_t sx = VEC_AT(uint64_t, &vx[r->n_orders], x->row);
    uint64_t sy = VEC_AT(uint64_t, &vy[r->n_orders], y->row);
    return sx != sy ? sx < sy : a < b;
}

static void sift_down(SortRuns *r, uint32_t at)
{
    Merge *m = &r->merge;
    uint32_t moved = m->heap[at];
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= m->n_heap) {
            break;
        }
        if (child + 1 < m->n_heap && is_before(r, m->heap[child + 1], m->heap[child])) {
            child++;
        }
        if (!is_before(r, m->heap[child], moved)) {
            break;
        }
        m->heap[at] = m->heap[child];
        at = child;
    }
    m->heap[at] = moved;
}

/* The reader's next block; false in *ret_any: there is none. */
static fb_status load(SortRuns *r, Reader *d, bool *ret_any, fb_error *err)
{
    *ret_any = d->next < d->run->n;
    if (!*ret_any) {
        return FB_OK; /* its last block stays: other columns may still be gathered from it */
    }
    arena_reset(&d->arena);
    TRY(spill_read(r->file, &d->run->block[d->next++], r->types, r->n_wide, &d->arena, &d->batch,
                   err));
    d->row = 0;
    note_prefix(r, d);
    return FB_OK;
}

static fb_status merge_begin(SortRuns *r, const SpillPart *runs, uint32_t n, fb_error *err)
{
    Merge *m = &r->merge;
    m->reader = mem_zalloc(mem_mul(n, sizeof(*m->reader)));
    m->heap = mem_zalloc(mem_mul(n, sizeof(*m->heap)));
    m->n = n;
    for (uint32_t i = 0; i < n; i++) {
        bool any;
        m->reader[i].run = &runs[i];
        TRY(load(r, &m->reader[i], &any, err));
        if (any) {
            m->heap[m->n_heap++] = i;
        }
    }
    for (uint32_t i = m->n_heap / 2; i-- > 0;) {
        sift_down(r, i);
    }
    return FB_OK;
}

/* Up to BATCH_ROWS rows in order; n_cols of the columns. */
static fb_status merge_next(SortRuns *r, uint32_t n_cols, Arena *a, Batch *out, fb_error *err)
{
    Merge *m = &r->merge;
    if (m->reload) {
        bool any;
        m->reload = false;
        TRY(load(r, &m->reader[m->heap[0]], &any, err));
        if (!any) {
            m->heap[0] = m->heap[--m->n_heap];
        }
        if (m->n_heap) {
            sift_down(r, 0);
        }
    }
    uint8_t *part = arena_alloc(a, BATCH_ROWS);
    uint32_t *row = arena_alloc(a, BATCH_ROWS * sizeof(*row)), n = 0;
    while (m->n_heap && n < BATCH_ROWS) {
        Reader *d = &m->reader[m->heap[0]];
        part[n] = (uint8_t)m->heap[0];
        row[n++] = d->row++;
        if (d->row == d->batch.n_rows) {
            m->reload = true;
            break;
        }
        note_prefix(r, d);
        sift_down(r, 0);
    }
    *out = (Batch){.n_rows = n, .n_cols = n_cols};
    if (n == 0) {
        return FB_OK;
    }
    out->col = ARENA_ARRAY(a, Vec, n_cols);
    Vec *parts = ARENA_ARRAY(a, Vec, m->n);
    for (uint32_t c = 0; c < n_cols; c++) {
        for (uint32_t i = 0; i < m->n; i++) {
            parts[i] = m->reader[i].batch.col[c];
        }
        vec_interleave(&out->col[c], parts, part, row, n, a);
    }
    return FB_OK;
}

/* ---- passes ---- */

/* How many of the runs from first on can be merged at once, for which memory is then charged. */
static fb_status choose_fan_in(SortRuns *r, uint32_t first, uint32_t *ret, fb_error *err)
{
    uint32_t n = r->n_runs - first < MERGE_MAX ? r->n_runs - first : MERGE_MAX;
    for (;;) {
        size_t need = 0;
        for (uint32_t i = 0; i < n; i++) {
            need += (size_t)r->run[first + i].largest * BLOCK_COST;
        }
        if (exec_fits(r->x, &r->charged, need)) {
            *ret = n;
            return FB_OK;
        }
        if (n <= 2) {
            return exec_charge(r->x, &r->charged, need, err);
        }
        n = n / 2 < 2 ? 2 : n / 2;
    }
}

/* Merges the runs [first, first + n) into a run of another file. */
static fb_status merge_into(SortRuns *r, uint32_t first, uint32_t n, SpillFile *file,
                            SpillPart *into, fb_error *err)
{
    Arena a = {0};
    fb_status st = merge_begin(r, r->run + first, n, err);
    while (st == FB_OK) {
        Batch b;
        st = merge_next(r, r->n_wide, &a, &b, err);
        if (st != FB_OK || b.n_rows == 0) {
            break;
        }
        st = spill_append(file, into, &b, err);
        arena_reset(&a);
    }
    merge_end(&r->merge);
    arena_free(&a);
    return st;
}

static fb_status one_pass(SortRuns *r, fb_error *err)
{
    SpillFile *file;
    TRY(spill_new(r->x, "Sort", &file, err));
    SpillPart *made = mem_zalloc(mem_mul(r->n_runs, sizeof(*made)));
    uint32_t n_made = 0;
    fb_status st = FB_OK;
    for (uint32_t at = 0, n = 0; at < r->n_runs && st == FB_OK; at += n) {
        st = choose_fan_in(r, at, &n, err);
        if (st != FB_OK) {
            break;
        }
        st = merge_into(r, at, n, file, &made[n_made++], err);
    }
    for (uint32_t i = 0; i < r->n_runs; i++) {
        spill_part_clear(&r->run[i]);
    }
    mem_free(r->run);
    spill_free(r->file);
    r->file = file;
    r->run = made;
    r->cap = r->n_runs;
    r->n_runs = n_made;
    return st;
}

fb_status sort_runs_reduce(SortRuns *r, fb_error *err)
{
    for (;;) {
        uint32_t n = 0;
        TRY(choose_fan_in(r, 0, &n, err));
        if (n == r->n_runs) {
            return FB_OK;
        }
        TRY(one_pass(r, err));
    }
}

fb_status sort_runs_next(SortRuns *r, Arena *a, Batch *out, fb_error *err)
{
    if (!r->merge.reader) {
        TRY(merge_begin(r, r->run, r->n_runs, err));
    }
    return merge_next(r, r->n_cols, a, out, err);
}
