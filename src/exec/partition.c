/*
 * partition.c - counting partitions, and the operators that give rows another one.
 *
 * An exchange is a deal and a sort: the deal appends the number of each row's partition as a
 * column, and the sort by that number, stable and with all its means against a full memory
 * (op_sort.c), has the rows of one partition together, in the order of their input. In front of a
 * deal in turn the rows of a partition are put in the order of their hashes, as Spark does so that
 * the deal is the same when it is made again; a deal by range has a sort before it that keeps the
 * rows until the bounds of the ranges are known.
 *
 * Bounds come from a sample of the keys, as in Spark's RangePartitioner: all of them if a partition
 * has few rows, else a part of them (SAMPLE_MAX) by reservoir; then each bound is a key, and a row
 * goes to the first range whose bound is not below it.
 */
#include "exec/partition.h"

#include "base/random.h"
#include "column/unsafe_row.h"
#include "exec/sort_run.h"

#include <pthread.h>
#include <stdlib.h>

#define SEED 42u                    /* of the hash that decides partitions */
#define SAMPLE_MAX UINT64_C(300000) /* keys kept */

/* ---- counts ---- */

static Parts *parts_new(Exec *x, PartsKind kind)
{
    Parts *p = ARENA_NEW(&x->arena, Parts);
    p->kind = kind;
    return p;
}

const Parts *parts_source(Exec *x, Source *s)
{
    Parts *p = parts_new(x, PARTS_SOURCE);
    p->source = s;
    return p;
}

const Parts *parts_sum(Exec *x, const Parts *const *child, uint32_t n)
{
    Parts *p = parts_new(x, PARTS_SUM);
    const Parts **copy = ARENA_ARRAY(&x->arena, const Parts *, n);
    memcpy(copy, child, n * sizeof(*copy));
    p->child = copy;
    p->n = n;
    return p;
}

const Parts *parts_most(Exec *x, const Parts *child, uint32_t most)
{
    Parts *p = parts_new(x, PARTS_MOST);
    const Parts **one = ARENA_ARRAY(&x->arena, const Parts *, 1);
    one[0] = child;
    p->child = one;
    p->n = 1;
    p->most = most;
    return p;
}

const Parts *parts_one(Exec *x)
{
    return parts_new(x, PARTS_ONE);
}

/* As deep as unions are nested in unions. */
uint32_t parts_count(const Parts *p)
{
    uint64_t n = 0;
    switch (p->kind) {
    case PARTS_SOURCE:
        return source_parts(p->source);
    case PARTS_ONE:
        return 1;
    case PARTS_MOST:
        n = parts_count(p->child[0]);
        return n < p->most ? (uint32_t)n : p->most;
    case PARTS_SUM:
        for (uint32_t i = 0; i < p->n; i++) {
            n += parts_count(p->child[i]);
        }
        return n < INT32_MAX ? (uint32_t)n : INT32_MAX;
    }
    return 1;
}

uint32_t exec_parts(const Exec *x)
{
    return parts_count(x->parts);
}

/* ---- other numbers for the same partitions ---- */

typedef struct PartOp {
    Op op;
    const Parts *parts; /* before, or of the input */
    uint32_t n;         /* counted */
    uint32_t most;
} PartOp;

static void part_count(Op *op)
{
    PartOp *p = (PartOp *)op;
    p->n = parts_count(p->parts);
}

static fb_status part_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    uint32_t was = w->eval.partition;
    w->eval.partition = op->vt->part(op, was);
    fb_status st = op_emit(op, w, b, err);
    w->eval.partition = was;
    return st;
}

static void part_free(Op *op)
{
    mem_free(op);
}

static Op *part_op(const OpVt *vt, const Parts *parts, uint32_t most)
{
    PartOp *p = mem_zalloc(sizeof(*p));
    p->op.vt = vt;
    p->parts = parts;
    p->most = most;
    return &p->op;
}

static uint32_t part_after(const Op *op, uint32_t p)
{
    return ((const PartOp *)op)->n + p;
}

Op *op_part_after(const Parts *before)
{
    static const OpVt vt = {.name = "Union",
                            .push = part_push,
                            .free = part_free,
                            .part = part_after,
                            .count = part_count};
    return part_op(&vt, before, 0);
}

/* Group i of most has the partitions from i * n / most on. */
static uint32_t merged_part(uint32_t p, uint32_t n, uint32_t most)
{
    return n <= most ? p : (uint32_t)((((uint64_t)p + 1) * most - 1) / n);
}

static uint32_t part_coalesced(const Op *op, uint32_t p)
{
    const PartOp *c = (const PartOp *)op;
    return merged_part(p, c->n, c->most);
}

Op *op_part_coalesce(const Parts *in, uint32_t n)
{
    static const OpVt vt = {.name = "Coalesce",
                            .push = part_push,
                            .free = part_free,
                            .part = part_coalesced,
                            .count = part_count};
    return part_op(&vt, in, n);
}

static uint32_t part_first(const Op *op, uint32_t p)
{
    (void)op;
    (void)p;
    return 0;
}

Op *op_part_one(void)
{
    static const OpVt vt = {
        .name = "Coalesce", .push = part_push, .free = part_free, .part = part_first};
    return part_op(&vt, NULL, 1);
}

/* ---- deals ---- */

/* Where a worker is in a deal in turn. */
typedef struct Turn {
    bool begun;
    uint32_t partition;
    uint64_t position;
} Turn;

typedef struct DealOp {
    Op op;
    DealSpec spec;
    Turn *turn; /* one a worker */
    Exec *x;
    Vec *bound; /* DEAL_RANGE: one vector a key, of n_bounds rows */
    uint32_t n_bounds;
    uint32_t n_in;  /* DEAL_MERGE: partitions of the input */
    uint32_t n_out; /* partitions there are; what op_deal_count() points at */
} DealOp;

static fb_status deal_open(Op *op, Exec *x, fb_error *err)
{
    DealOp *d = (DealOp *)op;
    (void)err;
    d->turn = d->turn ? d->turn : mem_zalloc(mem_mul(x->n_workers, sizeof(*d->turn)));
    memset(d->turn, 0, x->n_workers * sizeof(*d->turn));
    d->n_out = d->spec.n;
    return FB_OK;
}

static fb_status deal_hash(const DealOp *d, Worker *w, const Batch *b, int32_t *part, fb_error *err)
{
    uint32_t *h = arena_alloc(&w->arena, mem_mul(b->n_rows + 1, sizeof(*h)));
    for (uint32_t i = 0; i < b->n_rows; i++) {
        h[i] = SEED;
    }
    for (uint32_t k = 0; k < d->spec.n_keys; k++) {
        Vec v;
        TRY(expr_eval(&w->eval, d->spec.key[k], b, &v, err));
        vec_murmur3(&v, b->n_rows, h);
    }
    for (uint32_t i = 0; i < b->n_rows; i++) {
        part[i] = (int32_t)murmur3_partition(h[i], d->spec.n);
    }
    return FB_OK;
}

static void deal_in_turn(const DealOp *d, const Worker *w, uint32_t n, int32_t *part)
{
    Turn *t = &d->turn[w->id];
    if (!t->begun || t->partition != w->eval.partition) {
        XorShift r;
        xorshift_seed(&r, w->eval.partition);
        t->begun = true;
        t->partition = w->eval.partition;
        t->position = (uint64_t)xorshift_below(&r, (int32_t)d->spec.n);
    }
    for (uint32_t i = 0; i < n; i++) {
        part[i] = (int32_t)(++t->position % d->spec.n);
    }
}

static fb_status deal_range(const DealOp *d, Worker *w, const Batch *b, int32_t *part,
                            fb_error *err)
{
    Vec *key = ARENA_ARRAY(&w->arena, Vec, d->spec.n_keys);
    for (uint32_t k = 0; k < d->spec.n_keys; k++) {
        TRY(expr_eval(&w->eval, d->spec.key[k]->args[0], b, &key[k], err));
    }
    for (uint32_t i = 0; i < b->n_rows; i++) {
        uint32_t lo = 0, hi = d->n_bounds;
        while (lo < hi) {
            uint32_t mid = lo + (hi - lo) / 2;
            bool above = sort_compare(d->spec.key, d->spec.n_keys, key, i, d->bound, mid) > 0;
            lo = above ? mid + 1 : lo;
            hi = above ? hi : mid;
        }
        part[i] = (int32_t)lo;
    }
    return FB_OK;
}

static fb_status deal_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    DealOp *d = (DealOp *)op;
    uint32_t drop = d->spec.drop;
    Batch in = *b, out = {.n_rows = b->n_rows, .n_cols = b->n_cols - drop + 1, .seq = b->seq};
    in.n_cols -= drop;
    out.col = ARENA_ARRAY(&w->arena, Vec, out.n_cols);
    memcpy(out.col, b->col, in.n_cols * sizeof(Vec));
    Vec *part = &out.col[in.n_cols];
    uint32_t here = w->eval.partition;
    switch (d->spec.kind) {
    case DEAL_KEEP:
    case DEAL_MERGE:
        vec_init_const(part, type_int, b->n_rows, &w->arena);
        VEC_DATA(int32_t, part)
        [0] = (int32_t)(d->spec.kind == DEAL_KEEP ? here : merged_part(here, d->n_in, d->spec.n));
        break;
    case DEAL_HASH:
        vec_init(part, type_int, b->n_rows, &w->arena);
        TRY(deal_hash(d, w, &in, VEC_DATA(int32_t, part), err));
        break;
    case DEAL_ROUND:
        vec_init(part, type_int, b->n_rows, &w->arena);
        deal_in_turn(d, w, b->n_rows, VEC_DATA(int32_t, part));
        break;
    case DEAL_RANGE:
        vec_init(part, type_int, b->n_rows, &w->arena);
        TRY(deal_range(d, w, &in, VEC_DATA(int32_t, part), err));
        break;
    }
    return op_emit(op, w, &out, err);
}

static void deal_count(Op *op)
{
    DealOp *d = (DealOp *)op;
    if (d->spec.in) {
        d->n_in = parts_count(d->spec.in);
        d->n_out = d->spec.kind == DEAL_MERGE && d->spec.n < d->n_in ? d->spec.n : d->n_in;
    }
}

static void deal_free(Op *op)
{
    DealOp *d = (DealOp *)op;
    mem_free(d->turn);
    mem_free(d);
}

Op *op_deal(Exec *x, const DealSpec *spec)
{
    static const OpVt vt = {.name = "Exchange",
                            .open = deal_open,
                            .push = deal_push,
                            .free = deal_free,
                            .count = deal_count};
    DealOp *d = mem_zalloc(sizeof(*d));
    d->op.vt = &vt;
    d->op.by_part = spec->kind != DEAL_HASH && spec->kind != DEAL_RANGE;
    d->op.by_part |= spec->adaptive; /* neighbours become one by the partition they come from */
    d->spec = *spec;
    d->x = x;
    return &d->op;
}

const uint32_t *op_deal_count(const Op *deal)
{
    return &((const DealOp *)deal)->n_out;
}

/* ---- the hash of a row ---- */

static fb_status row_hash_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    Batch out = *b;
    StrBuf row = {0};
    out.n_cols = b->n_cols + 1;
    out.col = ARENA_ARRAY(&w->arena, Vec, out.n_cols);
    memcpy(out.col, b->col, b->n_cols * sizeof(Vec));
    Vec *hash = &out.col[b->n_cols];
    vec_init(hash, type_int, b->n_rows, &w->arena);
    for (uint32_t i = 0; i < b->n_rows; i++) {
        strbuf_clear(&row);
        unsafe_row_encode(b->col, b->n_cols, i, &row);
        VEC_DATA(uint32_t, hash)[i] = murmur3_bytes(row.p, row.n, SEED);
    }
    strbuf_free(&row);
    return op_emit(op, w, &out, err);
}

Op *op_row_hash(void)
{
    static const OpVt vt = {.name = "Exchange", .push = row_hash_push, .free = part_free};
    PartOp *p = mem_zalloc(sizeof(*p));
    p->op.vt = &vt;
    return &p->op;
}

/* ---- bounds of ranges ---- */

typedef struct BoundsOp {
    Op op;
    Expr *const *key;
    uint32_t n_keys;
    DealOp *deal; /* that they are for */
    Exec *x;
    pthread_mutex_t lock;
    RowSet *keys; /* the sample: as it came, and what replaced some of it */
    uint64_t n_seen;
    XorShift random;
    uint64_t *slot; /* row of keys that is in the sample's place k */
    uint64_t n_slots, cap_slots;
    int64_t charged;
} BoundsOp;

static fb_status bounds_open(Op *op, Exec *x, fb_error *err)
{
    BoundsOp *s = (BoundsOp *)op;
    (void)x;
    rowset_clear(s->keys);
    s->n_seen = s->n_slots = 0;
    xorshift_seed(&s->random, 0);
    return exec_charge(s->x, &s->charged, 0, err);
}

/* Which of n new keys are kept: their rows into take, and where. Under the lock. */
static uint32_t choose_keys(BoundsOp *s, uint32_t n, uint32_t *take)
{
    uint32_t m = 0;
    uint64_t base = s->keys->n_rows;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t place = s->n_seen++;
        if (place >= SAMPLE_MAX) {
            place = (uint64_t)(xorshift_double(&s->random) * (double)s->n_seen);
        }
        if (place >= SAMPLE_MAX) {
            continue;
        }
        if (place == s->n_slots) {
            if (s->n_slots == s->cap_slots) {
                s->cap_slots = s->cap_slots ? s->cap_slots * 2 : 1024;
                s->slot = mem_realloc(s->slot, mem_mul(s->cap_slots, sizeof(*s->slot)));
            }
            s->n_slots++;
        }
        s->slot[place] = base + m;
        take[m++] = i;
    }
    return m;
}

static fb_status keep_keys(BoundsOp *s, const Batch *keys, Arena *a, fb_error *err)
{
    uint32_t *take = arena_alloc(a, mem_mul(keys->n_rows + 1, sizeof(*take)));
    uint32_t m = choose_keys(s, keys->n_rows, take);
    if (m == 0) {
        return FB_OK;
    }
    Batch chosen;
    batch_gather(&chosen, keys, take, m, a);
    TRY(exec_append(s->x, s->keys, &chosen, err));
    size_t held = s->keys->arena.allocated + s->cap_slots * sizeof(*s->slot);
    return exec_charge(s->x, &s->charged, held, err);
}

static fb_status bounds_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    BoundsOp *s = (BoundsOp *)op;
    Batch keys = {.n_rows = b->n_rows, .n_cols = s->n_keys};
    keys.col = ARENA_ARRAY(&w->arena, Vec, s->n_keys);
    for (uint32_t k = 0; k < s->n_keys; k++) {
        TRY(expr_eval(&w->eval, s->key[k]->args[0], b, &keys.col[k], err));
    }
    pthread_mutex_lock(&s->lock);
    fb_status st = keep_keys(s, &keys, &w->arena, err);
    pthread_mutex_unlock(&s->lock);
    TRY(st);
    return op_emit(op, w, b, err);
}

typedef struct KeyRef {
    const Batch *batch;
    uint32_t row;
} KeyRef;

static int compare_keys(const void *a, const void *b, void *arg)
{
    const KeyRef *x = a, *y = b;
    const DealSpec *spec = arg;
    return sort_compare(spec->key, spec->n_keys, x->batch->col, x->row, y->batch->col, y->row);
}

/* The sampled keys in order. */
static KeyRef *ordered_keys(const BoundsOp *s)
{
    KeyRef *all = mem_alloc(mem_mul((size_t)s->keys->n_rows + 1, sizeof(*all)));
    KeyRef *ref = mem_alloc(mem_mul((size_t)s->n_slots + 1, sizeof(*ref)));
    uint64_t n = 0;
    for (uint32_t i = 0; i < s->keys->n_batches; i++) {
        for (uint32_t r = 0; r < s->keys->batches[i].n_rows; r++) {
            all[n++] = (KeyRef){&s->keys->batches[i], r};
        }
    }
    for (uint64_t k = 0; k < s->n_slots; k++) {
        ref[k] = all[s->slot[k]];
    }
    mem_free(all);
    qsort_r(ref, s->n_slots, sizeof(*ref), compare_keys, &s->deal->spec);
    return ref;
}

/* A bound lies where another n-th of the keys is full, and not twice on the same key. */
static fb_status bounds_finish(Op *op, Exec *x, fb_error *err)
{
    BoundsOp *s = (BoundsOp *)op;
    DealOp *d = s->deal;
    KeyRef *ref = ordered_keys(s);
    double step = (double)s->n_slots / d->spec.n, target = step;
    VecBuilder **col = ARENA_ARRAY(&s->keys->arena, VecBuilder *, d->spec.n_keys);
    const KeyRef *last = NULL;
    for (uint32_t k = 0; k < d->spec.n_keys; k++) {
        col[k] = vecb_new(&s->keys->arena, d->spec.key[k]->args[0]->type);
    }
    d->n_bounds = 0;
    for (uint64_t i = 0; i < s->n_slots && d->n_bounds + 1 < d->spec.n; i++) {
        if ((double)(i + 1) < target || (last && compare_keys(&ref[i], last, &d->spec) <= 0)) {
            continue;
        }
        for (uint32_t k = 0; k < d->spec.n_keys; k++) {
            vecb_from(col[k], &ref[i].batch->col[k], ref[i].row);
        }
        last = &ref[i];
        target += step;
        d->n_bounds++;
    }
    d->bound = ARENA_ARRAY(&s->keys->arena, Vec, d->spec.n_keys);
    for (uint32_t k = 0; k < d->spec.n_keys; k++) {
        vecb_finish(col[k], &d->bound[k]);
    }
    d->n_out = d->n_bounds + 1;
    mem_free(ref);
    (void)x;
    (void)err;
    return FB_OK;
}

static void bounds_free(Op *op)
{
    BoundsOp *s = (BoundsOp *)op;
    fb_error ignored = {0};
    (void)exec_charge(s->x, &s->charged, 0, &ignored);
    rowset_release(s->keys);
    mem_free(s->slot);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

Op *op_range_bounds(Exec *x, Expr *const *key, uint32_t n_keys)
{
    static const OpVt vt = {.name = "Exchange",
                            .open = bounds_open,
                            .push = bounds_push,
                            .finish = bounds_finish,
                            .free = bounds_free};
    BoundsOp *s = mem_zalloc(sizeof(*s));
    Field *fields = ARENA_ARRAY(&x->arena, Field, n_keys);
    for (uint32_t k = 0; k < n_keys; k++) {
        fields[k] = (Field){.name = "k", .type = key[k]->args[0]->type, .nullable = true};
    }
    s->op.vt = &vt;
    s->op.by_part = true; /* the sample is then the same each time */
    s->key = key;
    s->n_keys = n_keys;
    s->x = x;
    s->keys = rowset_new(type_struct(fields, n_keys));
    pthread_mutex_init(&s->lock, NULL);
    return &s->op;
}

void op_range_deal(Op *bounds, Op *deal)
{
    ((BoundsOp *)bounds)->deal = (DealOp *)deal;
}
