/*
 * op_sort.c - ORDER BY, tail, and the rows of partitions: rows are kept, ordered at the end, and
 * given out again.
 *
 * The sort keys are evaluated as the rows come and kept beside them. Ordering moves references
 * (batch, row) with the first key's 64-bit order-preserving prefix, so that most comparisons touch
 * nothing else; equal rows stay in input order.
 *
 * Rows that the budget has no room for are ordered and written as a run to a temporary file; then
 * the source is the merge of the runs (sort_run.c). A tail keeps its rows in memory.
 *
 * Behind a deal (partition.h) the first order is the number of the partition. Then the source has
 * partitions, which workers read beside each other; of runs one worker reads them all in turn. An
 * adaptive deal's small neighbours become one partition, in which the rows are in the order of the
 * partitions they came from, and only then by those of the deal: so Spark's tasks read what they
 * fetch.
 */
#include "exec/partition.h"
#include "exec/sort_run.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct RowRef {
    uint64_t prefix;
    uint32_t batch, row;
} RowRef;

typedef enum SortMode {
    SORT_ALL,
    SORT_TAIL,  /* only the last rows, no order */
    SORT_PARTS, /* by the number of a partition first */
    SORT_SLICES /* no order, given out in equal parts */
} SortMode;

/* Rows refs[at] to the next start's are those of a partition. */
typedef struct PartStart {
    uint32_t part;
    uint64_t at;
} PartStart;

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
    SortRuns *runs;     /* NULL: all rows are in memory */
    bool merged;        /* this time the source gives those of runs */
    _Atomic bool taken; /* by the one worker that gives all rows */
    SortMode mode;
    int64_t tail;     /* SORT_TAIL: so many */
    uint32_t n_given; /* of the n_cols columns, those that leave */
    /* SORT_PARTS and SORT_SLICES */
    const uint32_t *n_parts; /* as the deal counts them */
    bool adaptive;
    PartStart *starts; /* of partitions with rows; one more marks the end; NULL: runs */
    uint32_t n_starts;
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
    sort_runs_free(s->runs);
    s->runs = NULL;
    mem_free(s->starts);
    s->starts = NULL;
    s->n_starts = 0;
    return FB_OK;
}

/* Rows kept, the references that ordering them takes, and the partitions' starts. */
static size_t held_bytes(const SortOp *s)
{
    return s->rows->arena.allocated + (size_t)s->rows->n_rows * sizeof(RowRef) +
           (s->starts ? s->n_starts * sizeof(PartStart) : 0);
}

static fb_status spill_run(SortOp *s, fb_error *err);

/* Charges what is kept; above the limit the rows go to a run. */
static fb_status keep_rows(SortOp *s, fb_error *err)
{
    if (exec_fits(s->x, &s->charged, held_bytes(s))) {
        return FB_OK;
    }
    if (s->mode == SORT_TAIL) {
        return exec_charge(s->x, &s->charged, held_bytes(s), err);
    }
    return spill_run(s, err);
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
    fb_status st = exec_append(s->x, s->rows, &wide, err);
    st = st == FB_OK ? keep_rows(s, err) : st;
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
uint64_t sort_prefix(const Expr *order, const Vec *v, uint32_t i)
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
    int d = sort_compare(s->orders, s->n_orders, &s->rows->batches[x->batch].col[s->n_cols], x->row,
                         &s->rows->batches[y->batch].col[s->n_cols], y->row);
    if (d) {
        return d;
    }
    if (x->batch != y->batch) {
        return x->batch < y->batch ? -1 : 1;
    }
    return x->row < y->row ? -1 : x->row > y->row;
}

/* References to all rows in memory, in order. */
static void order_rows(SortOp *s)
{
    rowset_sort_by_seq(s->rows);
    s->refs = mem_alloc(mem_mul((size_t)s->rows->n_rows + 1, sizeof(*s->refs)));
    s->n_refs = 0;
    for (uint32_t b = 0; b < s->rows->n_batches; b++) {
        const Batch *batch = &s->rows->batches[b];
        for (uint32_t i = 0; i < batch->n_rows; i++) {
            RowRef *r = &s->refs[s->n_refs++];
            r->batch = b;
            r->row = i;
            r->prefix = s->n_orders ? sort_prefix(s->orders[0], &batch->col[s->n_cols], i) : 0;
        }
    }
    if (s->n_orders) {
        qsort_r(s->refs, s->n_refs, sizeof(*s->refs), compare_refs, s);
    }
}

/* Gathers rows that lie in several batches: parts are the batches met, interleaved by reference. */
static void gather_refs(const SortOp *s, const RowRef *refs, uint32_t n, uint32_t n_cols,
                        Batch *out, Arena *a)
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
    out->n_cols = n_cols;
    out->col = ARENA_ARRAY(a, Vec, n_cols);
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
    for (uint32_t c = 0; c < n_cols; c++) {
        for (uint32_t p = 0; p < n_parts; p++) {
            vec_gather(&parts[p], &s->rows->batches[batch_of[p]].col[c], sorted + start[p],
                       start[p + 1] - start[p], a);
        }
        Vec all;
        vec_concat(&all, parts, n_parts, a);
        vec_gather(&out->col[c], &all, at, n, a);
    }
}

/* The seq of each row's batch, as a run's last column. */
static void seq_column(const SortOp *s, const RowRef *refs, uint32_t n, Vec *out, Arena *a)
{
    vec_init(out, type_long, n, a);
    for (uint32_t i = 0; i < n; i++) {
        VEC_DATA(uint64_t, out)[i] = s->rows->batches[refs[i].batch].seq;
    }
}

static fb_status write_run(SortOp *s, fb_error *err)
{
    Arena a = {0};
    uint32_t n_wide = s->n_cols + s->n_orders;
    fb_status st = FB_OK;
    sort_runs_begin(s->runs);
    for (uint64_t from = 0; from < s->n_refs && st == FB_OK; from += BATCH_ROWS) {
        uint32_t n = s->n_refs - from < BATCH_ROWS ? (uint32_t)(s->n_refs - from) : BATCH_ROWS;
        Batch b;
        gather_refs(s, s->refs + from, n, n_wide, &b, &a);
        Vec *wide = ARENA_ARRAY(&a, Vec, n_wide + 1);
        memcpy(wide, b.col, n_wide * sizeof(Vec));
        seq_column(s, s->refs + from, n, &wide[n_wide], &a);
        b.col = wide;
        b.n_cols = n_wide + 1;
        st = sort_runs_add(s->runs, &b, err);
        arena_reset(&a);
    }
    arena_free(&a);
    return st;
}

static fb_status spill_run(SortOp *s, fb_error *err)
{
    const Type **types = mem_alloc(mem_mul(s->n_cols + 1, sizeof(*types)));
    for (uint32_t c = 0; c < s->n_cols; c++) {
        types[c] = s->rows->schema->fields[c].type;
    }
    fb_status st =
        s->runs ? FB_OK
                : sort_runs_new(s->x, s->orders, s->n_orders, types, s->n_cols, &s->runs, err);
    mem_free(types);
    TRY(st);
    order_rows(s);
    st = write_run(s, err);
    mem_free(s->refs);
    s->refs = NULL;
    s->n_refs = 0;
    rowset_clear(s->rows);
    arena_free(&s->rows->arena);
    return st == FB_OK ? exec_charge(s->x, &s->charged, 0, err) : st;
}

/* ---- partitions ---- */

static uint32_t part_of(const SortOp *s, const RowRef *r)
{
    return (uint32_t)VEC_AT(int32_t, &s->rows->batches[r->batch].col[s->n_given], r->row);
}

/* In one partition of several that became one: where rows came from is in the seq. */
static int compare_origins(const void *a, const void *b, void *arg)
{
    const RowRef *x = a, *y = b;
    const SortOp *s = arg;
    uint64_t from = s->rows->batches[x->batch].seq >> 24, to = s->rows->batches[y->batch].seq >> 24;
    if (from != to) {
        return from < to ? -1 : 1;
    }
    return compare_refs(a, b, arg);
}

/* Spark's ShufflePartitionsUtil: neighbours are one partition until it has the size that a task
 * should have, which is what there is for each worker, in bounds. */
static void join_small(SortOp *s)
{
    const Conf *conf = s->x->conf;
    uint64_t total = s->rows->arena.allocated;
    uint64_t most = (uint64_t)conf_get_int(conf, "spark.sql.adaptive.advisoryPartitionSizeInBytes");
    uint64_t least =
        (uint64_t)conf_get_int(conf, "spark.sql.adaptive.coalescePartitions.minPartitionSize");
    bool spread = conf_get_bool(conf, "spark.sql.adaptive.coalescePartitions.parallelismFirst");
    uint64_t size = spread ? total / s->x->parallelism + 1 : total;
    size = size > most ? most : size;
    size = size < least ? least : size;
    double row_bytes = (double)total / (double)(s->n_refs ? s->n_refs : 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n_starts; i++) {
        uint64_t rows = s->starts[i + 1].at - (n ? s->starts[n - 1].at : 0);
        if (n == 0 || (double)rows * row_bytes > (double)size) {
            s->starts[n].at = s->starts[i].at;
            s->starts[n].part = n;
            n++;
        }
    }
    s->starts[n].at = s->n_refs;
    s->n_starts = n;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t at = s->starts[i].at, rows = s->starts[i + 1].at - at;
        qsort_r(s->refs + at, rows, sizeof(*s->refs), compare_origins, s);
    }
}

static void find_partitions(SortOp *s)
{
    uint32_t n = 0;
    for (uint64_t i = 0; i < s->n_refs; i++) {
        n += i == 0 || part_of(s, &s->refs[i]) != part_of(s, &s->refs[i - 1]);
    }
    s->starts = mem_alloc(mem_mul((size_t)n + 1, sizeof(*s->starts)));
    for (uint64_t i = 0; i < s->n_refs; i++) {
        uint32_t p = part_of(s, &s->refs[i]);
        if (i == 0 || p != s->starts[s->n_starts - 1].part) {
            s->starts[s->n_starts++] = (PartStart){p, i};
        }
    }
    s->starts[s->n_starts] = (PartStart){UINT32_MAX, s->n_refs};
    if (s->adaptive) {
        join_small(s);
    }
}

static void cut_slices(SortOp *s)
{
    uint32_t n = s->n_refs < s->x->parallelism ? (uint32_t)s->n_refs : s->x->parallelism;
    s->starts = mem_alloc(mem_mul((size_t)n + 1, sizeof(*s->starts)));
    for (uint32_t p = 0; p <= n; p++) {
        s->starts[p] = (PartStart){p, n ? (uint64_t)((unsigned __int128)s->n_refs * p / n) : 0};
    }
    s->n_starts = n;
}

static uint32_t sort_parts(Source *src)
{
    const SortOp *s = of_source(src);
    if (s->mode == SORT_SLICES) {
        return s->starts ? s->n_starts : 1;
    }
    if (s->mode != SORT_PARTS) {
        return 1;
    }
    return s->adaptive && s->starts ? s->n_starts : *s->n_parts;
}

/* The first start that is not below p. */
static uint32_t find_start(const SortOp *s, uint32_t p)
{
    uint32_t lo = 0, hi = s->n_starts;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        lo = s->starts[mid].part < p ? mid + 1 : lo;
        hi = s->starts[mid].part < p ? hi : mid;
    }
    return lo;
}

static uint32_t sort_present(Source *src, uint32_t p)
{
    const SortOp *s = of_source(src);
    if (!s->starts) {
        return p;
    }
    uint32_t at = find_start(s, p);
    return at < s->n_starts ? s->starts[at].part : UINT32_MAX;
}

static fb_status sort_finish(Op *op, Exec *x, fb_error *err)
{
    SortOp *s = (SortOp *)op;
    (void)x;
    if (s->runs) {
        if (s->rows->n_rows) {
            TRY(spill_run(s, err));
        }
        return sort_runs_reduce(s->runs, err);
    }
    order_rows(s);
    if (s->mode == SORT_PARTS) {
        find_partitions(s);
    } else if (s->mode == SORT_SLICES) {
        cut_slices(s);
    }
    if (s->mode == SORT_TAIL) {
        uint64_t skip = s->n_refs > (uint64_t)s->tail ? s->n_refs - (uint64_t)s->tail : 0;
        memmove(s->refs, s->refs + skip, (s->n_refs - skip) * sizeof(*s->refs));
        s->n_refs -= skip;
    }
    return exec_charge(s->x, &s->charged, held_bytes(s), err);
}

/* ---- giving out ---- */

static fb_status sort_begin(Source *src, uint32_t n_workers, fb_error *err)
{
    SortOp *s = of_source(src);
    (void)n_workers;
    (void)err;
    s->merged = s->runs != NULL;
    atomic_store(&s->taken, false);
    src->n_morsels = 1;
    return FB_OK;
}

/* Rows of runs, whose last column is the number of the partition: those of one at a time. */
static fb_status give_merged(SortOp *s, const Batch *all, uint64_t *k, Worker *w, EmitFn emit,
                             void *to, fb_error *err)
{
    const Vec *part = s->mode == SORT_PARTS ? &all->col[s->n_given] : NULL;
    for (uint32_t from = 0, until; from < all->n_rows; from = until) {
        until = part ? from + 1 : all->n_rows;
        while (until < all->n_rows && VEC_AT(int32_t, part, until) == VEC_AT(int32_t, part, from)) {
            until++;
        }
        ArenaMark mark = arena_mark(&w->arena);
        Batch out = batch_slice(all, from, until - from, &w->arena);
        out.n_cols = s->n_given;
        out.seq = source_seq(w, *k >> 24, *k);
        ++*k;
        w->eval.partition = part ? (uint32_t)VEC_AT(int32_t, part, from) : w->eval.partition;
        TRY(emit(to, w, &out, err));
        arena_rewind(&w->arena, mark);
    }
    return FB_OK;
}

static fb_status produce_merged(SortOp *s, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    for (uint64_t k = 0;;) {
        Batch out;
        TRY(sort_runs_next(s->runs, &w->arena, &out, err));
        if (out.n_rows == 0) {
            break;
        }
        atomic_fetch_add(&s->source.n_rows, out.n_rows);
        fb_status st = give_merged(s, &out, &k, w, emit, to, err);
        arena_reset(&w->arena);
        TRY(st);
    }
    sort_runs_free(s->runs);
    s->runs = NULL;
    return FB_OK;
}

/* References lo to hi; morsel: their partition, if they are of one. */
static fb_status give_refs(SortOp *s, uint64_t lo, uint64_t hi, uint32_t morsel, Worker *w,
                           EmitFn emit, void *to, fb_error *err)
{
    for (uint64_t from = lo, k = 0; from < hi; from += BATCH_ROWS, k++) {
        uint32_t n = hi - from < BATCH_ROWS ? (uint32_t)(hi - from) : BATCH_ROWS;
        Batch out;
        gather_refs(s, s->refs + from, n, s->n_given, &out, &w->arena);
        out.seq = source_seq(w, morsel, k);
        atomic_fetch_add(&s->source.n_rows, n);
        fb_status st = emit(to, w, &out, err);
        arena_reset(&w->arena);
        if (st != FB_OK) {
            return st;
        }
    }
    return FB_OK;
}

static fb_status sort_produce(Source *src, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    SortOp *s = of_source(src);
    uint32_t from, until;
    if (s->merged || !src->by_part || !s->starts) { /* one worker gives all */
        if (atomic_exchange(&s->taken, true)) {
            return FB_OK;
        }
        return s->merged ? produce_merged(s, w, emit, to, err)
                         : give_refs(s, 0, s->n_refs, 0, w, emit, to, err);
    }
    while (source_task(src, &from, &until)) {
        for (uint32_t p = source_present(src, from, until); p < until;
             p = source_present(src, p + 1, until)) {
            const PartStart *at = &s->starts[find_start(s, p)];
            w->eval.partition = p;
            TRY(give_refs(s, at[0].at, at[1].at, p, w, emit, to, err));
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
    sort_runs_free(s->runs);
    rowset_release(s->rows);
    mem_free(s->refs);
    mem_free(s->starts);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

static SortOp *make(Exec *x, SortMode mode, Expr *const *orders, uint32_t n, const Type *schema,
                    uint32_t n_cols)
{
    static const OpVt sort_vt = {.name = "Sort",
                                 .open = sort_open,
                                 .push = sort_push,
                                 .finish = sort_finish,
                                 .free = sort_free};
    static const OpVt tail_vt = {.name = "CollectTail",
                                 .open = sort_open,
                                 .push = sort_push,
                                 .finish = sort_finish,
                                 .free = sort_free};
    static const SourceVt source_vt = {.begin = sort_begin,
                                       .produce = sort_produce,
                                       .free = sort_source_free,
                                       .parts = sort_parts,
                                       .present = sort_present};
    SortOp *s = mem_zalloc(sizeof(*s));
    s->op.vt = mode == SORT_TAIL ? &tail_vt : &sort_vt;
    s->source.vt = &source_vt;
    s->source.parting = mode == SORT_PARTS ? PARTING_ALWAYS : PARTING_LIKED;
    s->x = x;
    s->orders = orders;
    s->n_orders = n;
    s->n_cols = n_cols;
    s->n_given = mode == SORT_PARTS ? n_cols - 1 : n_cols;
    s->mode = mode;
    s->rows = rowset_new(schema);
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

/* The rows and their keys, as they are kept. */
static const Type *wide_schema(Exec *x, Expr *const *orders, uint32_t n, const Type *const *types,
                               uint32_t n_cols)
{
    Field *fields = ARENA_ARRAY(&x->arena, Field, n_cols + n);
    for (uint32_t c = 0; c < n_cols + n; c++) {
        fields[c] = (Field){.name = "c",
                            .type = c < n_cols ? types[c] : orders[c - n_cols]->args[0]->type,
                            .nullable = true};
    }
    return type_struct(fields, n_cols + n);
}

Op *op_sort(Exec *x, Expr *const *orders, uint32_t n, const Type *const *types, uint32_t n_cols,
            Source **ret)
{
    SortOp *s = make(x, SORT_ALL, orders, n, wide_schema(x, orders, n, types, n_cols), n_cols);
    *ret = &s->source;
    return &s->op;
}

Op *op_part_sort(Exec *x, Expr *const *orders, uint32_t n, const Type *const *types,
                 uint32_t n_cols, const uint32_t *n_parts, bool adaptive, Source **ret)
{
    SortOp *s = make(x, SORT_PARTS, orders, n, wide_schema(x, orders, n, types, n_cols), n_cols);
    s->n_parts = n_parts;
    s->adaptive = adaptive;
    *ret = &s->source;
    return &s->op;
}

Op *op_slices(Exec *x, const Type *const *types, uint32_t n_cols, Source **ret)
{
    SortOp *s = make(x, SORT_SLICES, NULL, 0, wide_schema(x, NULL, 0, types, n_cols), n_cols);
    *ret = &s->source;
    return &s->op;
}

Op *op_tail(Exec *x, int64_t n, const Type *schema, Source **ret)
{
    SortOp *s = make(x, SORT_TAIL, NULL, 0, schema, schema->n_fields);
    s->tail = n;
    *ret = &s->source;
    return &s->op;
}
