/*
 * source_simple.c - sources that need no file: kept rows, ranges of numbers, the one row of SELECT.
 */
#include "exec/source.h"

#include <stdatomic.h>

static bool cancelled(const Source *s)
{
    return s->cancel && atomic_load_explicit(s->cancel, memory_order_relaxed);
}

/* ---- rows of a RowSet, a batch a morsel ---- */

typedef struct RowSetSource {
    Source base;
    RowSet *rows;
    uint32_t *columns; /* NULL: all */
    uint32_t n_columns;
    uint32_t from, to; /* batches; to UINT32_MAX: all there are */
    _Atomic uint32_t next;
} RowSetSource;

static fb_status rowset_begin(Source *src, uint32_t n_workers, fb_error *err)
{
    RowSetSource *s = (RowSetSource *)src;
    (void)n_workers;
    (void)err;
    uint32_t to = s->to < s->rows->n_batches ? s->to : s->rows->n_batches;
    atomic_store(&s->next, s->from);
    atomic_store(&src->n_rows, 0);
    src->n_morsels = to > s->from ? to - s->from : 1;
    return FB_OK;
}

static fb_status rowset_produce(Source *src, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    RowSetSource *s = (RowSetSource *)src;
    uint32_t end = s->to < s->rows->n_batches ? s->to : s->rows->n_batches;
    while (!cancelled(src)) {
        uint32_t i = atomic_fetch_add(&s->next, 1);
        if (i >= end) {
            return FB_OK;
        }
        Batch b = s->rows->batches[i];
        if (s->columns) {
            b.col = ARENA_ARRAY(&w->arena, Vec, s->n_columns);
            b.n_cols = s->n_columns;
            for (uint32_t c = 0; c < s->n_columns; c++) {
                b.col[c] = s->rows->batches[i].col[s->columns[c]];
            }
        }
        b.seq = source_seq(w, i, 0);
        atomic_fetch_add(&src->n_rows, b.n_rows);
        fb_status st = emit(to, w, &b, err);
        arena_reset(&w->arena);
        if (st != FB_OK) {
            return st;
        }
    }
    return FB_STOP;
}

static void rowset_free(Source *src)
{
    RowSetSource *s = (RowSetSource *)src;
    rowset_release(s->rows);
    mem_free(s->columns);
    mem_free(s);
}

Source *source_rowset(RowSet *rows, const uint32_t *columns, uint32_t n_columns)
{
    static const SourceVt vt = {rowset_begin, rowset_produce, rowset_free};
    RowSetSource *s = mem_zalloc(sizeof(*s));
    s->base.vt = &vt;
    s->rows = rowset_retain(rows);
    s->to = UINT32_MAX;
    if (columns) {
        s->columns = mem_alloc(mem_mul(n_columns ? n_columns : 1, sizeof(*columns)));
        memcpy(s->columns, columns, n_columns * sizeof(*columns));
        s->n_columns = n_columns;
    }
    return &s->base;
}

void source_rowset_bind(Source *src, RowSet *rows, uint32_t from_batch, uint32_t to_batch)
{
    RowSetSource *s = (RowSetSource *)src;
    RowSet *old = s->rows;
    s->rows = rowset_retain(rows);
    rowset_release(old);
    s->from = from_batch;
    s->to = to_batch;
}

/* ---- range ---- */

typedef struct RangeSource {
    Source base;
    int64_t start, step;
    uint64_t count;
    _Atomic uint64_t next; /* batches given out */
} RangeSource;

static fb_status range_begin(Source *src, uint32_t n_workers, fb_error *err)
{
    RangeSource *s = (RangeSource *)src;
    (void)n_workers;
    (void)err;
    uint64_t batches = (s->count + BATCH_ROWS - 1) / BATCH_ROWS;
    atomic_store(&s->next, 0);
    atomic_store(&src->n_rows, 0);
    src->n_morsels = batches == 0 ? 1 : batches > 1024 ? 1024 : (uint32_t)batches;
    return FB_OK;
}

static fb_status range_produce(Source *src, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    RangeSource *s = (RangeSource *)src;
    while (!cancelled(src)) {
        uint64_t i = atomic_fetch_add(&s->next, 1), from = i * BATCH_ROWS;
        if (from >= s->count) {
            return FB_OK;
        }
        uint32_t n = s->count - from < BATCH_ROWS ? (uint32_t)(s->count - from) : BATCH_ROWS;
        Vec v;
        vec_init(&v, type_long, n, &w->arena);
        uint64_t first = (uint64_t)s->start + from * (uint64_t)s->step;
        for (uint32_t k = 0; k < n; k++) {
            VEC_DATA(uint64_t, &v)[k] = first + k * (uint64_t)s->step;
        }
        Batch b = {.n_rows = n, .n_cols = 1, .col = &v, .seq = source_seq(w, i, 0)};
        atomic_fetch_add(&src->n_rows, n);
        fb_status st = emit(to, w, &b, err);
        arena_reset(&w->arena);
        if (st != FB_OK) {
            return st;
        }
    }
    return FB_STOP;
}

static void plain_free(Source *src)
{
    mem_free(src);
}

Source *source_range(int64_t start, int64_t end, int64_t step)
{
    static const SourceVt vt = {range_begin, range_produce, plain_free};
    RangeSource *s = mem_zalloc(sizeof(*s));
    s->base.vt = &vt;
    s->start = start;
    s->step = step;
    if (step > 0 && end > start) {
        s->count = ((uint64_t)end - (uint64_t)start - 1) / (uint64_t)step + 1;
    } else if (step < 0 && end < start) {
        s->count = ((uint64_t)start - (uint64_t)end - 1) / (0 - (uint64_t)step) + 1;
    }
    return &s->base;
}

/* ---- one row without columns ---- */

static fb_status one_begin(Source *src, uint32_t n_workers, fb_error *err)
{
    (void)n_workers;
    (void)err;
    src->n_morsels = 1;
    atomic_store(&src->n_rows, 1);
    return FB_OK;
}

static fb_status one_produce(Source *src, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    Batch b = {.n_rows = 1, .seq = source_seq(w, 0, 0)};
    (void)src;
    fb_status st = emit(to, w, &b, err);
    arena_reset(&w->arena);
    return st;
}

Source *source_one_row(void)
{
    static const SourceVt vt = {one_begin, one_produce, plain_free};
    Source *s = mem_zalloc(sizeof(*s));
    s->vt = &vt;
    return s;
}
