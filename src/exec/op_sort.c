/*
 * op_sort.c - ORDER BY and tail: rows are kept, ordered at the end, and given out again.
 *
 * The sort keys are evaluated as the rows come and kept beside them. Ordering moves references
 * (batch, row) with the first key's 64-bit order-preserving prefix, so that most comparisons touch
 * nothing else; equal rows stay in input order.
 */
#include "exec/exec_priv.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct RowRef {
    uint64_t prefix;
    uint32_t batch, row;
} RowRef;

typedef struct SortOp {
    Op op;
    Source source;
    Exec *x;
    Expr *const *orders;
    uint32_t n_orders;
    uint32_t n_cols; /* of the rows; the keys follow */
    RowSet *rows;
    pthread_mutex_t lock;
    RowRef *refs;
    uint64_t n_refs;
    int64_t charged;
    int64_t tail; /* tail: only the last so many rows, no order; -1: sort */
} SortOp;

static SortOp *of_source(Source *s)
{
    return (SortOp *)((char *)s - offsetof(SortOp, source));
}

static fb_status sort_open(Op *op, Exec *x, fb_error *err)
{
    SortOp *s = (SortOp *)op;
    (void)x;
    (void)err;
    rowset_clear(s->rows);
    mem_free(s->refs);
    s->refs = NULL;
    s->n_refs = 0;
    return FB_OK;
}

static fb_status sort_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    SortOp *s = (SortOp *)op;
    Batch wide = {.n_rows = b->n_rows, .n_cols = s->n_cols + s->n_orders, .seq = b->seq};
    wide.col = ARENA_ARRAY(&w->arena, Vec, wide.n_cols);
    for (uint32_t c = 0; c < s->n_cols; c++) {
        wide.col[c] = b->col[c];
    }
    for (uint32_t k = 0; k < s->n_orders; k++) {
        TRY(expr_eval(&w->eval, s->orders[k]->args[0], b, &wide.col[s->n_cols + k], err));
    }
    pthread_mutex_lock(&s->lock);
    rowset_append(s->rows, &wide);
    fb_status st = exec_charge(s->x, &s->charged, s->rows->arena.allocated, err);
    pthread_mutex_unlock(&s->lock);
    return st;
}

/* ---- ordering ---- */

static uint64_t flip_double(double d)
{
    uint64_t u;
    if (d == 0) {
        d = 0;
    }
    memcpy(&u, &d, sizeof(u));
    if (d != d) {
        return UINT64_MAX;
    }
    return u >> 63 ? ~u : u | 1ull << 63;
}

static uint64_t flip_int(int64_t v)
{
    return (uint64_t)v ^ 1ull << 63;
}

static uint64_t view_prefix(const View *v)
{
    unsigned char b[8] = {0};
    memcpy(b, view_ptr(v), v->len < 8 ? v->len : 8);
    uint64_t u;
    memcpy(&u, b, 8);
    return __builtin_bswap64(u);
}

/* A number that orders as the value does, as far as 64 bits go. */
static uint64_t value_prefix(const Vec *v, uint32_t i)
{
    switch (v->type->id) {
    case T_BOOLEAN:
        return VEC_AT(uint8_t, v, i);
    case T_BYTE:
        return flip_int(VEC_AT(int8_t, v, i));
    case T_SHORT:
        return flip_int(VEC_AT(int16_t, v, i));
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM:
        return flip_int(VEC_AT(int32_t, v, i));
    case T_LONG:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        return flip_int(VEC_AT(int64_t, v, i));
    case T_FLOAT:
        return flip_double(VEC_AT(float, v, i));
    case T_DOUBLE:
        return flip_double(VEC_AT(double, v, i));
    case T_DECIMAL:
        return flip_int((int64_t)(VEC_AT(int128_t, v, i) >> 64));
    case T_STRING:
    case T_BINARY:
        return view_prefix(&VEC_AT(View, v, i));
    default:
        return 0;
    }
}

/* Nulls take the ends of the range; a value that collides with them is told apart by the full
 * comparison. */
static uint64_t order_prefix(const Expr *order, const Vec *v, uint32_t i)
{
    if (!vec_is_valid(v, i)) {
        return order->nulls_first ? 0 : UINT64_MAX;
    }
    uint64_t p = value_prefix(v, i);
    return order->desc ? ~p : p;
}

static int compare_refs(const void *a, const void *b, void *arg)
{
    const RowRef *x = a, *y = b;
    const SortOp *s = arg;
    if (x->prefix != y->prefix) {
        return x->prefix < y->prefix ? -1 : 1;
    }
    for (uint32_t k = 0; k < s->n_orders; k++) {
        const Expr *o = s->orders[k];
        const Vec *vx = &s->rows->batches[x->batch].col[s->n_cols + k];
        const Vec *vy = &s->rows->batches[y->batch].col[s->n_cols + k];
        bool nx = !vec_is_valid(vx, x->row), ny = !vec_is_valid(vy, y->row);
        int d = 0;
        if (nx || ny) {
            d = nx == ny ? 0 : (nx == o->nulls_first ? -1 : 1);
        } else {
            d = vec_cmp_at(vx, x->row, vy, y->row);
            d = o->desc ? -d : d;
        }
        if (d) {
            return d;
        }
    }
    if (x->batch != y->batch) {
        return x->batch < y->batch ? -1 : 1;
    }
    return x->row < y->row ? -1 : x->row > y->row;
}

static fb_status sort_finish(Op *op, Exec *x, fb_error *err)
{
    SortOp *s = (SortOp *)op;
    (void)x;
    rowset_sort_by_seq(s->rows);
    s->refs = mem_alloc(mem_mul((size_t)s->rows->n_rows + 1, sizeof(*s->refs)));
    for (uint32_t b = 0; b < s->rows->n_batches; b++) {
        const Batch *batch = &s->rows->batches[b];
        for (uint32_t i = 0; i < batch->n_rows; i++) {
            RowRef *r = &s->refs[s->n_refs++];
            r->batch = b;
            r->row = i;
            r->prefix = s->n_orders ? order_prefix(s->orders[0], &batch->col[s->n_cols], i) : 0;
        }
    }
    if (s->tail >= 0) {
        uint64_t skip = s->n_refs > (uint64_t)s->tail ? s->n_refs - (uint64_t)s->tail : 0;
        memmove(s->refs, s->refs + skip, (s->n_refs - skip) * sizeof(*s->refs));
        s->n_refs -= skip;
    } else {
        qsort_r(s->refs, s->n_refs, sizeof(*s->refs), compare_refs, s);
    }
    return exec_charge(s->x, &s->charged, s->rows->arena.allocated + s->n_refs * sizeof(RowRef),
                       err);
}

/* ---- giving out ---- */

static fb_status sort_begin(Source *src, uint32_t n_workers, fb_error *err)
{
    (void)n_workers;
    (void)err;
    src->n_morsels = 1;
    return FB_OK;
}

/* Gathers rows that lie in several batches: parts are the batches met, interleaved by reference. */
static void gather_refs(const SortOp *s, const RowRef *refs, uint32_t n, Batch *out, Arena *a)
{
    uint32_t *row = arena_alloc(a, mem_mul(n, sizeof(*row)));
    uint32_t *group = arena_alloc(a, mem_mul(n, sizeof(*group)));
    uint32_t *batch_of = arena_alloc(a, mem_mul(n, sizeof(*batch_of)));
    uint32_t *place = ARENA_ARRAY(a, uint32_t, s->rows->n_batches);
    uint32_t n_parts = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t b = refs[i].batch;
        if (!place[b]) {
            batch_of[n_parts] = b;
            place[b] = ++n_parts;
        }
        group[i] = place[b] - 1;
        row[i] = refs[i].row;
    }
    out->n_rows = n;
    out->n_cols = s->n_cols;
    out->col = ARENA_ARRAY(a, Vec, s->n_cols);
    /* Each batch's rows are gathered together, then put in order by one more gather. */
    uint32_t *start = ARENA_ARRAY(a, uint32_t, n_parts + 1);
    uint32_t *sorted = arena_alloc(a, mem_mul(n, sizeof(*sorted)));
    uint32_t *at = arena_alloc(a, mem_mul(n, sizeof(*at)));
    for (uint32_t i = 0; i < n; i++) {
        start[group[i] + 1]++;
    }
    for (uint32_t p = 0; p < n_parts; p++) {
        start[p + 1] += start[p];
    }
    uint32_t *fill = arena_alloc(a, mem_mul(n_parts + 1, sizeof(*fill)));
    memcpy(fill, start, n_parts * sizeof(*fill));
    for (uint32_t i = 0; i < n; i++) {
        at[i] = fill[group[i]]++;
        sorted[at[i]] = row[i];
    }
    Vec *parts = ARENA_ARRAY(a, Vec, n_parts);
    for (uint32_t c = 0; c < s->n_cols; c++) {
        for (uint32_t p = 0; p < n_parts; p++) {
            vec_gather(&parts[p], &s->rows->batches[batch_of[p]].col[c], sorted + start[p],
                       start[p + 1] - start[p], a);
        }
        Vec all;
        vec_concat(&all, parts, n_parts, a);
        vec_gather(&out->col[c], &all, at, n, a);
    }
}

static fb_status sort_produce(Source *src, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    SortOp *s = of_source(src);
    for (uint64_t from = 0, k = 0; from < s->n_refs; from += BATCH_ROWS, k++) {
        uint32_t n = s->n_refs - from < BATCH_ROWS ? (uint32_t)(s->n_refs - from) : BATCH_ROWS;
        Batch out;
        gather_refs(s, s->refs + from, n, &out, &w->arena);
        out.seq = source_seq(w, k, 0);
        atomic_fetch_add(&src->n_rows, n);
        fb_status st = emit(to, w, &out, err);
        arena_reset(&w->arena);
        if (st != FB_OK) {
            return st;
        }
    }
    return FB_OK;
}

static void sort_source_free(Source *src)
{
    (void)src; /* part of the operator */
}

static void sort_free(Op *op)
{
    SortOp *s = (SortOp *)op;
    fb_error ignored = {0};
    (void)exec_charge(s->x, &s->charged, 0, &ignored);
    rowset_release(s->rows);
    mem_free(s->refs);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

static Op *make(Exec *x, const OpVt *vt, Expr *const *orders, uint32_t n, const Type *schema,
                uint32_t n_cols, int64_t tail, Source **ret)
{
    static const SourceVt source_vt = {sort_begin, sort_produce, sort_source_free};
    SortOp *s = mem_zalloc(sizeof(*s));
    s->op.vt = vt;
    s->source.vt = &source_vt;
    s->x = x;
    s->orders = orders;
    s->n_orders = n;
    s->n_cols = n_cols;
    s->tail = tail;
    s->rows = rowset_new(schema);
    pthread_mutex_init(&s->lock, NULL);
    *ret = &s->source;
    return &s->op;
}

Op *op_sort(Exec *x, Expr *const *orders, uint32_t n, const Type *const *types, uint32_t n_cols,
            Source **ret)
{
    static const OpVt vt = {.name = "Sort",
                            .open = sort_open,
                            .push = sort_push,
                            .finish = sort_finish,
                            .free = sort_free};
    Field *fields = ARENA_ARRAY(&x->arena, Field, n_cols + n);
    for (uint32_t c = 0; c < n_cols + n; c++) {
        fields[c] = (Field){.name = "c",
                            .type = c < n_cols ? types[c] : orders[c - n_cols]->type,
                            .nullable = true};
    }
    return make(x, &vt, orders, n, type_struct(fields, n_cols + n), n_cols, -1, ret);
}

Op *op_tail(Exec *x, int64_t n, const Type *schema, Source **ret)
{
    static const OpVt vt = {.name = "CollectTail",
                            .open = sort_open,
                            .push = sort_push,
                            .finish = sort_finish,
                            .free = sort_free};
    return make(x, &vt, NULL, 0, schema, schema->n_fields, n, ret);
}
