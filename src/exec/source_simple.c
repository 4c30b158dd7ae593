/*
 * source_simple.c - sources that need no file: kept rows, ranges of numbers, the one row of SELECT.
 */
#include "exec/source.h"

#include <stdatomic.h>

static bool cancelled(const Source *s)
{
    return s->cancel && atomic_load_explicit(s->cancel, memory_order_relaxed);
}

bool source_task(Source *s, uint32_t *from, uint32_t *to)
{
    uint32_t n = source_parts(s), at = atomic_load(&s->next_part);
    do {
        *from = source_present(s, at, n);
        if (*from >= n) {
            return false;
        }
        *to = *from + 1;
        while (*to < n && s->joined && s->joined(s->joined_arg, *to - 1)) {
            ++*to;
        }
    } while (!atomic_compare_exchange_weak(&s->next_part, &at, *to));
    return true;
}

/* Where the p-th of n equal parts of count things begins. */
static uint64_t slice_start(uint64_t count, uint32_t p, uint32_t n)
{
    return n ? (uint64_t)((unsigned __int128)count * p / n) : 0;
}

/* ---- rows of a RowSet, a batch a morsel ---- */

typedef struct RowSetSource {
    Source base;
    RowSet *rows;
    uint32_t *columns; /* NULL: all */
    uint32_t n_columns;
    uint32_t from, to; /* batches; to UINT32_MAX: all there are */
    uint32_t n_slices; /* 0: one */
    bool kept;         /* the slices are partitions, whose numbers are in the batches' seq */
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

static uint32_t rowset_end(const RowSetSource *s)
{
    return s->to < s->rows->n_batches ? s->to : s->rows->n_batches;
}

static uint64_t rowset_count(const RowSetSource *s)
{
    uint64_t n = 0;
    for (uint32_t i = s->from; i < rowset_end(s); i++) {
        n += s->rows->batches[i].n_rows;
    }
    return n;
}

static uint32_t rowset_parts(Source *src)
{
    const RowSetSource *s = (RowSetSource *)src;
    if (!s->n_slices || s->kept) {
        return s->kept ? s->n_slices : 1;
    }
    uint64_t n = rowset_count(s);
    return n < s->n_slices ? (uint32_t)n : s->n_slices;
}

/* Rows lo to hi of batch i. */
static fb_status push_rows(RowSetSource *s, uint32_t i, uint32_t lo, uint32_t hi, uint64_t seq,
                           Worker *w, EmitFn emit, void *to, fb_error *err)
{
    Batch b = s->rows->batches[i];
    if (s->columns) {
        b.col = ARENA_ARRAY(&w->arena, Vec, s->n_columns);
        b.n_cols = s->n_columns;
        for (uint32_t c = 0; c < s->n_columns; c++) {
            b.col[c] = s->rows->batches[i].col[s->columns[c]];
        }
    }
    if (lo > 0 || hi < b.n_rows) {
        b = batch_slice(&b, lo, hi - lo, &w->arena);
    }
    b.seq = seq;
    atomic_fetch_add(&s->base.n_rows, b.n_rows);
    fb_status st = emit(to, w, &b, err);
    arena_reset(&w->arena);
    return st;
}

static fb_status push_slice(RowSetSource *s, uint32_t p, Worker *w, EmitFn emit, void *to,
                            fb_error *err)
{
    uint64_t n = rowset_count(s), at = 0, k = 0;
    uint32_t n_parts = rowset_parts(&s->base);
    uint64_t lo = slice_start(n, p, n_parts), hi = slice_start(n, p + 1, n_parts);
    for (uint32_t i = s->from; i < rowset_end(s) && at < hi; i++) {
        uint32_t len = s->rows->batches[i].n_rows;
        uint64_t a = lo > at ? lo - at : 0, z = hi - at < len ? hi - at : len;
        if (a < z) {
            TRY(push_rows(s, i, (uint32_t)a, (uint32_t)z, source_seq(w, p, k++), w, emit, to, err));
        }
        at += len;
    }
    return FB_OK;
}

static fb_status push_kept(RowSetSource *s, uint32_t p, Worker *w, EmitFn emit, void *to,
                           fb_error *err)
{
    const RowSet *r = s->rows;
    uint32_t lo = 0, hi = r->n_batches;
    uint64_t k = 0;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        bool before = r->batches[mid].seq >> 32 < p;
        lo = before ? mid + 1 : lo;
        hi = before ? hi : mid;
    }
    for (; lo < r->n_batches && r->batches[lo].seq >> 32 == p; lo++) {
        TRY(push_rows(s, lo, 0, r->batches[lo].n_rows, source_seq(w, p, k++), w, emit, to, err));
    }
    return FB_OK;
}

static fb_status rowset_produce(Source *src, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    RowSetSource *s = (RowSetSource *)src;
    uint32_t end = rowset_end(s), from, until;
    while (src->by_part && !cancelled(src)) {
        if (!source_task(src, &from, &until)) {
            return FB_OK;
        }
        for (uint32_t p = from; p < until; p++) {
            w->eval.partition = p;
            TRY(s->kept ? push_kept(s, p, w, emit, to, err) : push_slice(s, p, w, emit, to, err));
        }
    }
    while (!cancelled(src)) {
        uint32_t i = atomic_fetch_add(&s->next, 1);
        if (i >= end) {
            return FB_OK;
        }
        TRY(push_rows(s, i, 0, s->rows->batches[i].n_rows, source_seq(w, i, 0), w, emit, to, err));
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
    static const SourceVt vt = {.begin = rowset_begin,
                                .produce = rowset_produce,
                                .free = rowset_free,
                                .parts = rowset_parts};
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

void source_rowset_slices(Source *src, uint32_t n)
{
    ((RowSetSource *)src)->n_slices = n;
    src->parting = PARTING_LIKED;
}

void source_rowset_kept(Source *src, uint32_t n)
{
    source_rowset_slices(src, n);
    ((RowSetSource *)src)->kept = true;
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
    uint32_t n_parts;
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

static uint32_t range_parts(Source *src)
{
    const RangeSource *s = (RangeSource *)src;
    return s->count ? s->n_parts : 0;
}

/* The numbers from..from + n of the range, counted from 0. */
static fb_status push_numbers(RangeSource *s, uint64_t from, uint32_t n, uint64_t seq, Worker *w,
                              EmitFn emit, void *to, fb_error *err)
{
    Vec v;
    vec_init(&v, type_long, n, &w->arena);
    uint64_t first = (uint64_t)s->start + from * (uint64_t)s->step;
    for (uint32_t k = 0; k < n; k++) {
        VEC_DATA(uint64_t, &v)[k] = first + k * (uint64_t)s->step;
    }
    Batch b = {.n_rows = n, .n_cols = 1, .col = &v, .seq = seq};
    atomic_fetch_add(&s->base.n_rows, n);
    fb_status st = emit(to, w, &b, err);
    arena_reset(&w->arena);
    return st;
}

static fb_status push_range_part(RangeSource *s, uint32_t p, Worker *w, EmitFn emit, void *to,
                                 fb_error *err)
{
    uint64_t end = slice_start(s->count, p + 1, s->n_parts), k = 0;
    for (uint64_t at = slice_start(s->count, p, s->n_parts); at < end; at += BATCH_ROWS) {
        uint32_t n = end - at < BATCH_ROWS ? (uint32_t)(end - at) : BATCH_ROWS;
        TRY(push_numbers(s, at, n, source_seq(w, p, k++), w, emit, to, err));
        if (cancelled(&s->base)) {
            return FB_STOP;
        }
    }
    return FB_OK;
}

static fb_status range_produce(Source *src, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    RangeSource *s = (RangeSource *)src;
    uint32_t first, until;
    while (src->by_part && !cancelled(src)) {
        if (!source_task(src, &first, &until)) {
            return FB_OK;
        }
        for (uint32_t p = first; p < until; p++) {
            w->eval.partition = p;
            TRY(push_range_part(s, p, w, emit, to, err));
        }
    }
    while (!cancelled(src)) {
        uint64_t i = atomic_fetch_add(&s->next, 1), from = i * BATCH_ROWS;
        if (from >= s->count) {
            return FB_OK;
        }
        uint32_t n = s->count - from < BATCH_ROWS ? (uint32_t)(s->count - from) : BATCH_ROWS;
        TRY(push_numbers(s, from, n, source_seq(w, i, 0), w, emit, to, err));
    }
    return FB_STOP;
}

static void plain_free(Source *src)
{
    mem_free(src);
}

Source *source_range(int64_t start, int64_t end, int64_t step, uint32_t n_parts)
{
    static const SourceVt vt = {
        .begin = range_begin, .produce = range_produce, .free = plain_free, .parts = range_parts};
    RangeSource *s = mem_zalloc(sizeof(*s));
    s->base.vt = &vt;
    s->base.parting = PARTING_LIKED;
    s->n_parts = n_parts;
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
    static const SourceVt vt = {.begin = one_begin, .produce = one_produce, .free = plain_free};
    Source *s = mem_zalloc(sizeof(*s));
    s->vt = &vt;
    return s;
}
