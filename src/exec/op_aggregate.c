/*
 * op_aggregate.c - batch aggregation: HashAggregate.
 *
 * Each worker fills a table of its own. At the end the tables are merged: into one when they are
 * small, else by hash partition, a partition a worker. The merged tables are the source of the
 * pipeline that follows. Without keys there is always one group, also for no input.
 *
 * A worker whose table the budget has no room for writes it out by hash partition and begins anew.
 * From then on each worker keeps to its share of half the limit, lest one that came late has to
 * write tables of a few rows. At the end all tables are written, and the source puts partition by
 * partition together (agg_spill.c), each by one worker.
 */
#include "exec/agg_spill.h"
#include "exec/exec_priv.h"

#include <pthread.h>

#define PARALLEL_MERGE_GROUPS 65536u

typedef struct AggOp {
    Op op;
    Source source;
    Exec *x;
    AggSpec spec;
    AggLayout layout;
    AggPartial partial;
    GroupTable **merged; /* one a partition; shares worker tables when there was only one */
    uint32_t n_merged;
    bool owns_merged;
    int64_t charged; /* for merged, if it is owned */
    _Atomic uint32_t next_part;
    pthread_mutex_t lock;    /* the making of spill */
    AggSpill *_Atomic spill; /* NULL: all groups are in memory */
} AggOp;

static AggOp *of_source(Source *s)
{
    return (AggOp *)((char *)s - offsetof(AggOp, source));
}

static void drop_merged(AggOp *a)
{
    fb_error ignored = {0};
    for (uint32_t i = 0; a->owns_merged && i < a->n_merged; i++) {
        group_table_free(a->merged[i]);
    }
    mem_free(a->merged);
    a->merged = NULL;
    a->n_merged = 0;
    (void)exec_charge(a->x, &a->charged, 0, &ignored);
}

static fb_status agg_open(Op *op, Exec *x, fb_error *err)
{
    AggOp *a = (AggOp *)op;
    (void)x;
    (void)err;
    drop_merged(a);
    agg_partial_clear(&a->partial);
    agg_spill_free(atomic_exchange(&a->spill, NULL));
    return FB_OK;
}

static fb_status get_spill(AggOp *a, AggSpill **ret, fb_error *err)
{
    fb_status st = FB_OK;
    pthread_mutex_lock(&a->lock);
    *ret = atomic_load(&a->spill);
    if (!*ret) {
        st = agg_spill_new(&a->layout, a->x, a->x->n_workers, ret, err);
        if (st == FB_OK) {
            atomic_store(&a->spill, *ret);
        }
    }
    pthread_mutex_unlock(&a->lock);
    return st;
}

/* Writes a worker's table out. */
static fb_status spill_worker(void *arg, uint32_t worker, fb_error *err)
{
    AggOp *a = arg;
    AggSpill *spill;
    if (!a->partial.table[worker]) {
        return FB_OK;
    }
    TRY(get_spill(a, &spill, err));
    TRY(agg_spill_table(spill, worker, a->partial.table[worker], a->partial.seen[worker], err));
    return agg_partial_drop(&a->partial, worker, err);
}

static bool is_above_share(const AggOp *a, uint32_t worker)
{
    size_t share = a->x->budget ? (size_t)a->x->budget->limit / (2 * a->x->n_workers) : 0;
    return share && agg_partial_bytes(&a->partial, worker) > share;
}

static fb_status agg_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    AggOp *a = (AggOp *)op;
    TRY(agg_partial_push(&a->partial, w, b, err));
    if (atomic_load_explicit(&a->spill, memory_order_relaxed) && is_above_share(a, w->id)) {
        return spill_worker(a, w->id, err);
    }
    return FB_OK;
}

/* Merges the rows of `from` whose hash falls to part of n_parts into `into`. */
static fb_status merge_part(AggOp *a, Arena *scratch, GroupTable *into, GroupTable *from,
                            uint32_t part, uint32_t n_parts, fb_error *err)
{
    uint8_t *row[BATCH_ROWS], *dst[BATCH_ROWS];
    uint64_t hash[BATCH_ROWS], pos = 0;
    EvalCtx cx = exec_eval(a->x, scratch);
    uint32_t n;
    while ((n = group_table_scan(from, &pos, row, BATCH_ROWS)) > 0) {
        uint32_t m = 0;
        for (uint32_t i = 0; i < n; i++) {
            uint64_t h = group_table_hash_of(from, row[i]);
            if ((h >> 32) % n_parts == part) {
                row[m] = row[i];
                hash[m++] = h;
            }
        }
        if (m) {
            Vec *keys = ARENA_ARRAY(scratch, Vec, a->spec.n_keys);
            group_table_keys(from, row, m, keys, scratch);
            group_table_upsert(into, keys, m, hash, dst, NULL, scratch);
            TRY(agg_merge(&a->layout, &cx, group_table_arena(into), dst, row, m, err));
        }
        arena_reset(scratch);
    }
    return FB_OK;
}

typedef struct MergeRun {
    AggOp *a;
    fb_error *errors;
    fb_status *status;
} MergeRun;

static void merge_worker(void *arg, uint32_t part)
{
    MergeRun *r = arg;
    AggOp *a = r->a;
    if (part >= a->n_merged) {
        return;
    }
    Arena scratch = {0};
    for (uint32_t w = 0; w < a->x->n_workers && r->status[part] == FB_OK; w++) {
        if (a->partial.table[w]) {
            r->status[part] = merge_part(a, &scratch, a->merged[part], a->partial.table[w], part,
                                         a->n_merged, &r->errors[part]);
        }
    }
    arena_free(&scratch);
}

static fb_status merge_parallel(AggOp *a, uint32_t n_parts, fb_error *err)
{
    MergeRun r = {.a = a};
    a->n_merged = n_parts;
    a->owns_merged = true;
    a->merged = mem_zalloc(mem_mul(n_parts, sizeof(*a->merged)));
    r.errors = mem_zalloc(mem_mul(n_parts, sizeof(*r.errors)));
    r.status = mem_zalloc(mem_mul(n_parts, sizeof(*r.status)));
    for (uint32_t i = 0; i < n_parts; i++) {
        a->merged[i] = agg_table_new(&a->layout, 0);
    }
    if (n_parts == 1) {
        merge_worker(&r, 0);
    } else {
        pool_run(a->x->pool, merge_worker, &r);
    }
    fb_status st = FB_OK;
    for (uint32_t i = 0; i < n_parts; i++) {
        if (r.status[i] != FB_OK && st == FB_OK) {
            st = r.status[i];
            err_move(err, &r.errors[i]);
        }
        err_clear(&r.errors[i]);
    }
    mem_free(r.errors);
    mem_free(r.status);
    return st;
}

static fb_status spill_all(AggOp *a, fb_error *err)
{
    for (uint32_t w = 0; w < a->x->n_workers; w++) {
        TRY(spill_worker(a, w, err));
    }
    return FB_OK;
}

/* While they are merged, groups may be there twice. */
static fb_status merge_all(AggOp *a, uint32_t n_parts, fb_error *err)
{
    size_t bytes = 0;
    for (uint32_t w = 0; w < a->x->n_workers; w++) {
        bytes += agg_partial_bytes(&a->partial, w);
    }
    if (!exec_fits(a->x, &a->charged, bytes)) {
        return spill_all(a, err);
    }
    TRY(merge_parallel(a, n_parts, err));
    for (uint32_t w = 0; w < a->x->n_workers; w++) {
        TRY(agg_partial_drop(&a->partial, w, err));
    }
    return FB_OK;
}

static fb_status agg_finish_op(Op *op, Exec *x, fb_error *err)
{
    AggOp *a = (AggOp *)op;
    uint32_t n_tables = 0;
    uint64_t groups = 0;
    GroupTable *only = NULL;
    if (atomic_load(&a->spill)) {
        return spill_all(a, err);
    }
    for (uint32_t w = 0; w < x->n_workers; w++) {
        GroupTable *t = a->partial.table[w];
        if (t && group_table_size(t)) {
            n_tables++;
            groups += group_table_size(t);
            only = t;
        }
    }
    if (n_tables == 0) {
        if (a->spec.n_keys == 0) {
            uint64_t zero = 0;
            uint8_t *payload;
            Arena scratch = {0};
            if (!a->partial.table[0]) {
                a->partial.table[0] = agg_table_new(&a->layout, 0);
            }
            only = a->partial.table[0];
            group_table_upsert(only, NULL, 1, &zero, &payload, NULL, &scratch);
            arena_free(&scratch);
        }
        n_tables = only != NULL;
    }
    if (n_tables > 1) {
        return merge_all(a, groups > PARALLEL_MERGE_GROUPS ? x->n_workers : 1, err);
    }
    a->owns_merged = false;
    a->n_merged = n_tables;
    a->merged = mem_zalloc(sizeof(*a->merged));
    a->merged[0] = only;
    return FB_OK;
}

static void agg_free(Op *op)
{
    AggOp *a = (AggOp *)op;
    drop_merged(a);
    agg_partial_free(&a->partial);
    agg_spill_free(atomic_load(&a->spill));
    pthread_mutex_destroy(&a->lock);
    mem_free(a);
}

/* ---- as a source ---- */

static fb_status agg_begin(Source *s, uint32_t n_workers, fb_error *err)
{
    AggOp *a = of_source(s);
    (void)n_workers;
    (void)err;
    atomic_store(&a->next_part, 0);
    s->n_morsels = atomic_load(&a->spill) ? SPILL_FANOUT : a->n_merged ? a->n_merged : 1;
    return FB_OK;
}

/* Where the groups of a table go. */
typedef struct Giving {
    AggOp *a;
    Worker *w;
    EmitFn emit;
    void *to;
    uint32_t part;
    uint64_t k; /* batches of the part */
} Giving;

static fb_status give_groups(void *arg, const GroupTable *t, fb_error *err)
{
    Giving *g = arg;
    AggOp *a = g->a;
    Worker *w = g->w;
    uint8_t *row[BATCH_ROWS];
    uint64_t pos = 0;
    uint32_t n;
    while ((n = group_table_scan(t, &pos, row, BATCH_ROWS)) > 0) {
        Batch finished, out;
        TRY(agg_finish(&a->layout, &w->eval, t, row, n, &finished, err));
        TRY(agg_outputs(&a->layout, &w->eval, &finished, &out, err));
        out.seq = source_seq(w, g->part, g->k++);
        atomic_fetch_add(&a->source.n_rows, n);
        fb_status st = g->emit(g->to, w, &out, err);
        arena_reset(&w->arena);
        TRY(st);
    }
    return FB_OK;
}

static fb_status agg_produce(Source *s, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    AggOp *a = of_source(s);
    AggSpill *spill = atomic_load(&a->spill);
    uint32_t n_parts = spill ? SPILL_FANOUT : a->n_merged;
    if (spill && w->id >= exec_part_workers(a->x)) {
        return FB_OK;
    }
    for (;;) {
        Giving g = {.a = a, .w = w, .emit = emit, .to = to};
        g.part = atomic_fetch_add(&a->next_part, 1);
        if (g.part >= n_parts) {
            return FB_OK;
        }
        TRY(spill ? agg_spill_run(spill, g.part, give_groups, &g, err)
                  : give_groups(&g, a->merged[g.part], err));
    }
}

static void agg_source_free(Source *s)
{
    (void)s; /* part of the operator */
}

Op *op_aggregate(Exec *x, const AggSpec *spec, Source **ret)
{
    static const OpVt vt = {.name = "HashAggregate",
                            .open = agg_open,
                            .push = agg_push,
                            .finish = agg_finish_op,
                            .free = agg_free};
    static const SourceVt source_vt = {
        .begin = agg_begin, .produce = agg_produce, .free = agg_source_free};
    AggOp *a = mem_zalloc(sizeof(*a));
    a->op.vt = &vt;
    a->source.vt = &source_vt;
    a->x = x;
    a->spec = *spec;
    agg_layout_init(&a->layout, &a->spec, &x->arena);
    agg_partial_init(&a->partial, &a->layout, x);
    a->partial.over = spill_worker;
    a->partial.over_arg = a;
    pthread_mutex_init(&a->lock, NULL);
    a->op.one_worker = a->layout.has_distinct;
    *ret = &a->source;
    return &a->op;
}
