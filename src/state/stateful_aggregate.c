/*
 * stateful_aggregate.c - aggregation whose groups live over micro-batches: StateStoreSave.
 *
 * Algorithm. Workers aggregate the batch into tables of their own. When the input is at its end
 * each group goes to partition pmod(murmur3(keys, 42), n) and is merged into that partition's
 * table; the rows so changed are listed once. The source then gives all rows (complete) or the
 * changed ones (update). commit turns the changed rows into UnsafeRow pairs, key and Spark's buffer
 * columns, and writes a delta in every partition, also where nothing changed.
 *
 * Payload of a row: the aggregates' states, then a RowMark. Global aggregates (no keys) have one
 * row in partition 0 and no other partition folder, as in Spark.
 *
 * Crash story: deltas are durable before the sink commits; a version found on disk without a commit
 * is computed anew and overwritten. Source mirrored: StateStoreSaveExec,
 * StatefulAggregationStrategy (state format 2) of Spark 4.3.
 */
#include "state/stateful.h"

#include "base/clock.h"
#include "column/unsafe_row.h"
#include "exec/aggregate.h"
#include "exec/exec_priv.h"

#define NOT_LOADED (-1)
#define PARALLEL_GROUPS 16384u
#define PARALLEL_COMMITS 4u

typedef struct RowMark {
    uint32_t changed; /* listed in this batch */
    uint32_t unused[3];
} RowMark;

typedef struct Part {
    GroupTable *table;
    StateStore *store;
    uint8_t **changed;
    uint32_t n_changed, cap_changed;
} Part;

#define EMPTY_PART_BYTES (13 * 1024) /* its table's slots, its store's arena: as measured */

typedef struct StateAgg {
    Op op;
    Source source;
    StatefulOp handle;
    Exec *x;
    AggSpec spec;
    AggLayout layout;
    AggPartial partial;
    OutputMode mode;
    const Conf *conf;
    const char *state_dir;
    uint32_t op_id, n_partitions,
        n_parts; /* n_parts: partitions with state, 1 for a global aggregate */
    Part *part;
    Field *buffers; /* all aggregates' buffer columns, in order */
    uint32_t n_buffers;
    const Type **buffer_types, *key_schema, *value_schema;
    int64_t version; /* that the tables hold; NOT_LOADED */
    _Atomic uint32_t next_part;
    int64_t charged, charged_parts; /* for the groups; for the partitions themselves */
    StatefulMetrics metrics;
} StateAgg;

static StateAgg *of_source(Source *s)
{
    return (StateAgg *)((char *)s - offsetof(StateAgg, source));
}

static StateAgg *of_handle(const StatefulOp *h)
{
    return (StateAgg *)((char *)(uintptr_t)h - offsetof(StateAgg, handle));
}

static RowMark *mark_of(const StateAgg *a, uint8_t *payload)
{
    return (RowMark *)(payload + a->layout.payload_size);
}

static int64_t ms_since(int64_t began_us)
{
    return (clock_mono_us() - began_us) / 1000;
}

/* ---- running work on the pool, a partition at a time ---- */

typedef fb_status (*PartFn)(StateAgg *a, uint32_t part, Arena *scratch, fb_error *err);

typedef struct PartRun {
    StateAgg *a;
    PartFn fn;
    _Atomic uint32_t next;
    _Atomic bool failed;
    fb_error *errors; /* one a worker */
} PartRun;

static void run_parts(void *arg, uint32_t worker)
{
    PartRun *r = arg;
    Arena scratch = {0};
    while (!atomic_load(&r->failed)) {
        uint32_t p = atomic_fetch_add(&r->next, 1);
        if (p >= r->a->n_parts) {
            break;
        }
        fb_status st = r->fn(r->a, p, &scratch, &r->errors[worker]);
        st = st == FB_OK ? arena_check(&scratch, &r->errors[worker]) : st;
        if (st != FB_OK) {
            atomic_store(&r->failed, true);
        }
        arena_reset(&scratch);
    }
    arena_free(&scratch);
}

static fb_status for_parts(StateAgg *a, PartFn fn, bool parallel, fb_error *err)
{
    uint32_t workers = pool_size(a->x->pool);
    PartRun r = {.a = a, .fn = fn};
    r.errors = mem_zalloc(mem_mul(workers, sizeof(*r.errors)));
    if (parallel && a->n_parts > 1) {
        pool_run(a->x->pool, run_parts, &r);
    } else {
        run_parts(&r, 0);
    }
    fb_status st = atomic_load(&r.failed) ? FB_ERR : FB_OK;
    bool moved = false;
    for (uint32_t w = 0; w < workers; w++) {
        if (err_is_set(&r.errors[w]) && !moved) {
            err_move(err, &r.errors[w]);
            moved = true;
        }
        err_clear(&r.errors[w]);
    }
    mem_free(r.errors);
    return st;
}

/* ---- merging a batch ---- */

static void list_changed(StateAgg *a, Part *p, uint8_t *const *payload, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        RowMark *m = mark_of(a, payload[i]);
        if (m->changed) {
            continue;
        }
        if (p->n_changed == p->cap_changed) {
            p->cap_changed = p->cap_changed ? p->cap_changed * 2 : 256;
            p->changed = mem_realloc(p->changed, mem_mul(p->cap_changed, sizeof(*p->changed)));
        }
        m->changed = 1;
        p->changed[p->n_changed++] = payload[i];
    }
}

static fb_status merge_rows(StateAgg *a, Part *p, EvalCtx *cx, const GroupTable *from,
                            uint8_t **row, const Vec *keys, uint32_t n, fb_error *err)
{
    uint64_t *hash = arena_alloc(cx->arena, mem_mul(n, sizeof(*hash)));
    uint8_t **into = arena_alloc(cx->arena, mem_mul(n, sizeof(*into)));
    for (uint32_t i = 0; i < n; i++) {
        hash[i] = group_table_hash_of(from, row[i]);
    }
    group_table_upsert(p->table, keys, n, hash, into, NULL, cx->arena);
    TRY(agg_merge(&a->layout, cx, group_table_arena(p->table), into, row, n, err));
    list_changed(a, p, into, n);
    return FB_OK;
}

/* The groups of a worker's table that belong to the partition. */
static fb_status merge_table(StateAgg *a, uint32_t part, const GroupTable *from, Arena *scratch,
                             fb_error *err)
{
    uint8_t *row[BATCH_ROWS];
    uint64_t pos = 0;
    uint32_t n;
    EvalCtx cx = exec_eval(a->x, scratch);
    while ((n = group_table_scan(from, &pos, row, BATCH_ROWS)) > 0) {
        Vec *keys = ARENA_ARRAY(scratch, Vec, a->spec.n_keys);
        group_table_keys(from, row, n, keys, scratch);
        if (a->n_parts > 1) {
            uint32_t *h = arena_alloc(scratch, mem_mul(n, sizeof(*h)));
            uint32_t *mine = arena_alloc(scratch, mem_mul(n, sizeof(*mine))), m = 0;
            for (uint32_t i = 0; i < n; i++) {
                h[i] = 42;
            }
            for (uint32_t k = 0; k < a->spec.n_keys; k++) {
                vec_murmur3(&keys[k], n, h);
            }
            for (uint32_t i = 0; i < n; i++) {
                if (murmur3_partition(h[i], a->n_partitions) == part) {
                    mine[m] = i;
                    row[m++] = row[i];
                }
            }
            for (uint32_t k = 0; k < a->spec.n_keys; k++) {
                Vec all = keys[k];
                vec_gather(&keys[k], &all, mine, m, scratch);
            }
            n = m;
        }
        if (n) {
            TRY(merge_rows(a, &a->part[part], &cx, from, row, keys, n, err));
        }
        arena_reset(scratch);
    }
    return FB_OK;
}

static fb_status merge_part(StateAgg *a, uint32_t part, Arena *scratch, fb_error *err)
{
    for (uint32_t w = 0; w < a->x->n_workers; w++) {
        if (a->partial.table[w]) {
            TRY(merge_table(a, part, a->partial.table[w], scratch, err));
        }
    }
    return FB_OK;
}

/* A global aggregate has its row from the first batch on, whatever the input. */
static void ensure_global_row(StateAgg *a)
{
    Arena scratch = {0};
    uint64_t zero = 0;
    uint8_t *payload;
    group_table_upsert(a->part[0].table, NULL, 1, &zero, &payload, NULL, &scratch);
    list_changed(a, &a->part[0], &payload, 1);
    arena_free(&scratch);
}

static fb_status charge(StateAgg *a, fb_error *err)
{
    size_t bytes = 0;
    for (uint32_t p = 0; p < a->n_parts; p++) {
        bytes += group_table_bytes(a->part[p].table);
    }
    a->metrics.memory_bytes = (int64_t)bytes;
    return exec_charge(a->x, &a->charged, bytes, err);
}

static fb_status agg_finish_op(Op *op, Exec *x, fb_error *err)
{
    StateAgg *a = (StateAgg *)op;
    int64_t began = clock_mono_us();
    uint64_t groups = 0;
    for (uint32_t w = 0; w < x->n_workers; w++) {
        groups += a->partial.table[w] ? group_table_size(a->partial.table[w]) : 0;
    }
    if (groups) {
        TRY(for_parts(a, merge_part, groups > PARALLEL_GROUPS, err));
    }
    if (a->spec.n_keys == 0) {
        ensure_global_row(a);
    }
    a->metrics.rows_total = a->metrics.rows_updated = 0;
    for (uint32_t p = 0; p < a->n_parts; p++) {
        a->metrics.rows_total += (int64_t)group_table_size(a->part[p].table);
        a->metrics.rows_updated += a->part[p].n_changed;
    }
    a->metrics.updates_ms = ms_since(began);
    return charge(a, err);
}

static fb_status agg_open(Op *op, Exec *x, fb_error *err)
{
    (void)x;
    (void)err;
    agg_partial_clear(&((StateAgg *)op)->partial);
    return FB_OK;
}

static fb_status agg_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    return agg_partial_push(&((StateAgg *)op)->partial, w, b, err);
}

/* ---- giving out ---- */

static fb_status agg_begin(Source *s, uint32_t n_workers, fb_error *err)
{
    StateAgg *a = of_source(s);
    (void)n_workers;
    (void)err;
    atomic_store(&a->next_part, 0);
    atomic_store(&s->n_rows, 0);
    s->n_morsels = a->metrics.rows_total > BATCH_ROWS ? a->n_parts : 1;
    return FB_OK;
}

static fb_status emit_rows(StateAgg *a, const Part *p, uint8_t *const *row, uint32_t n,
                           uint64_t seq, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    Batch finished, out;
    TRY(agg_finish(&a->layout, &w->eval, p->table, row, n, &finished, err));
    TRY(agg_outputs(&a->layout, &w->eval, &finished, &out, err));
    out.seq = seq;
    atomic_fetch_add(&a->source.n_rows, n);
    fb_status st = emit(to, w, &out, err);
    arena_reset(&w->arena);
    return st;
}

static fb_status agg_produce(Source *s, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    StateAgg *a = of_source(s);
    uint8_t *row[BATCH_ROWS];
    for (;;) {
        uint32_t part = atomic_fetch_add(&a->next_part, 1), n;
        uint64_t pos = 0, k = 0;
        if (part >= a->n_parts) {
            return FB_OK;
        }
        const Part *p = &a->part[part];
        if (a->mode == OUTPUT_UPDATE) {
            for (uint32_t from = 0; from < p->n_changed; from += n) {
                n = p->n_changed - from < BATCH_ROWS ? p->n_changed - from : BATCH_ROWS;
                TRY(emit_rows(a, p, p->changed + from, n, source_seq(w, part, k++), w, emit, to,
                              err));
            }
            continue;
        }
        while ((n = group_table_scan(p->table, &pos, row, BATCH_ROWS)) > 0) {
            TRY(emit_rows(a, p, row, n, source_seq(w, part, k++), w, emit, to, err));
        }
    }
}

static void agg_source_free(Source *s)
{
    (void)s; /* part of the operator */
}

/* ---- loading a version ---- */

typedef struct Loader {
    StateAgg *a;
    Part *p;
    Arena *scratch;
    VecBuilder **key, **value;
    uint32_t n;
} Loader;

static fb_status load_batch(Loader *l, fb_error *err)
{
    StateAgg *a = l->a;
    Vec *keys = ARENA_ARRAY(l->scratch, Vec, a->spec.n_keys);
    Vec *values = ARENA_ARRAY(l->scratch, Vec, a->n_buffers);
    uint8_t **row = ARENA_ARRAY(l->scratch, uint8_t *, l->n);
    uint8_t **state = ARENA_ARRAY(l->scratch, uint8_t *, l->n);
    EvalCtx cx = exec_eval(a->x, l->scratch);
    AggCtx ac = {.eval = &cx, .keep = group_table_arena(l->p->table)};
    uint64_t zero = 0;
    for (uint32_t k = 0; k < a->spec.n_keys; k++) {
        vecb_finish(l->key[k], &keys[k]);
    }
    for (uint32_t k = 0; k < a->n_buffers; k++) {
        vecb_finish(l->value[k], &values[k]);
    }
    group_table_upsert(l->p->table, keys, l->n, a->spec.n_keys ? NULL : &zero, row, NULL,
                       l->scratch);
    for (uint32_t k = 0, col = 0; k < a->spec.n_aggs; k++) {
        const Expr *agg = a->spec.aggs[k];
        Field ignored[AGG_MAX_BUFFERS];
        for (uint32_t i = 0; i < l->n; i++) {
            state[i] = row[i] + a->layout.offset[k];
        }
        TRY(agg->fn->agg->load(&ac, agg, state, values + col, l->n, err));
        col += agg->fn->agg->buffers(agg, ignored);
    }
    l->n = 0;
    return FB_OK;
}

static void new_builders(Loader *l)
{
    StateAgg *a = l->a;
    arena_reset(l->scratch);
    l->key = ARENA_ARRAY(l->scratch, VecBuilder *, a->spec.n_keys);
    l->value = ARENA_ARRAY(l->scratch, VecBuilder *, a->n_buffers);
    for (uint32_t k = 0; k < a->spec.n_keys; k++) {
        l->key[k] = vecb_new(l->scratch, a->layout.key_types[k]);
    }
    for (uint32_t k = 0; k < a->n_buffers; k++) {
        l->value[k] = vecb_new(l->scratch, a->buffer_types[k]);
    }
}

static fb_status load_row(void *arg, const uint8_t *key, size_t n_key, const uint8_t *value,
                          size_t n_value, fb_error *err)
{
    Loader *l = arg;
    StateAgg *a = l->a;
    TRY(unsafe_row_decode(key, n_key, l->key, a->spec.n_keys, a->layout.key_types, err));
    TRY(unsafe_row_decode(value, n_value, l->value, a->n_buffers, a->buffer_types, err));
    if (++l->n == BATCH_ROWS) {
        TRY(load_batch(l, err));
        new_builders(l);
    }
    return FB_OK;
}

static fb_status load_part(StateAgg *a, uint32_t part, Arena *scratch, fb_error *err)
{
    Part *p = &a->part[part];
    Loader l = {.a = a, .p = p, .scratch = scratch};
    group_table_clear(p->table);
    p->n_changed = 0;
    new_builders(&l);
    TRY(state_store_load(p->store, a->version, load_row, &l, err));
    return l.n ? load_batch(&l, err) : FB_OK;
}

static void forget_changes(StateAgg *a)
{
    for (uint32_t i = 0; i < a->n_parts; i++) {
        Part *p = &a->part[i];
        for (uint32_t k = 0; k < p->n_changed; k++) {
            mark_of(a, p->changed[k])->changed = 0;
        }
        p->n_changed = 0;
    }
}

static fb_status handle_prepare(StatefulOp *h, int64_t version, bool first, fb_error *err)
{
    StateAgg *a = of_handle(h);
    if (first) {
        StateStoreInfo info = {.name = "default", .key = a->key_schema, .value = a->value_schema};
        TRY(state_operator_check(a->state_dir, a->op_id, "stateStoreSave", a->n_partitions, &info,
                                 1, version > 0, err));
    }
    if (a->version == version) {
        a->metrics.cache_hits += a->n_parts;
        forget_changes(a);
        return FB_OK;
    }
    a->metrics.cache_misses += version > 0 ? a->n_parts : 0;
    a->version = version;
    fb_status st = for_parts(a, load_part, version > 0, err);
    if (st != FB_OK) {
        a->version = NOT_LOADED;
    }
    return st;
}

/* ---- committing ---- */

/* Puts rows of the table into the store: keys, and the buffer columns of all aggregates. */
static fb_status put_rows(StateAgg *a, const Part *p, uint8_t *const *row, uint32_t n,
                          Arena *scratch, fb_error *err)
{
    EvalCtx cx = exec_eval(a->x, scratch);
    AggCtx ac = {.eval = &cx, .keep = scratch};
    Vec *keys = ARENA_ARRAY(scratch, Vec, a->spec.n_keys);
    Vec *cols = ARENA_ARRAY(scratch, Vec, a->n_buffers);
    uint8_t **state = arena_alloc(scratch, mem_mul(n, sizeof(*state)));
    group_table_keys(p->table, row, n, keys, scratch);
    for (uint32_t c = 0; c < a->n_buffers; c++) {
        cols[c].type = a->buffer_types[c];
        cols[c].len = n;
    }
    for (uint32_t k = 0, col = 0; k < a->spec.n_aggs; k++) {
        const Expr *agg = a->spec.aggs[k];
        Field ignored[AGG_MAX_BUFFERS];
        for (uint32_t i = 0; i < n; i++) {
            state[i] = row[i] + a->layout.offset[k];
        }
        TRY(agg->fn->agg->store(&ac, agg, state, n, cols + col, err));
        col += agg->fn->agg->buffers(agg, ignored);
    }
    StrBuf key = {0}, value = {0};
    for (uint32_t i = 0; i < n; i++) {
        strbuf_clear(&key);
        strbuf_clear(&value);
        unsafe_row_encode(keys, a->spec.n_keys, i, &key);
        unsafe_row_encode(cols, a->n_buffers, i, &value);
        state_store_put(p->store, key.p ? key.p : "", key.n, value.p ? value.p : "", value.n);
    }
    strbuf_free(&key);
    strbuf_free(&value);
    return FB_OK;
}

static fb_status commit_part(StateAgg *a, uint32_t part, Arena *scratch, fb_error *err)
{
    Part *p = &a->part[part];
    state_store_begin(p->store, a->version);
    for (uint32_t from = 0, n; from < p->n_changed; from += n) {
        n = p->n_changed - from < BATCH_ROWS ? p->n_changed - from : BATCH_ROWS;
        TRY(put_rows(a, p, p->changed + from, n, scratch, err));
        arena_reset(scratch);
    }
    return state_store_commit(p->store, err);
}

static fb_status handle_commit(StatefulOp *h, fb_error *err)
{
    StateAgg *a = of_handle(h);
    int64_t began = clock_mono_us();
    TRY(for_parts(a, commit_part, a->n_parts >= PARALLEL_COMMITS, err));
    a->version++;
    a->metrics.commit_ms = ms_since(began);
    return FB_OK;
}

static void handle_abort(StatefulOp *h)
{
    StateAgg *a = of_handle(h);
    a->version = NOT_LOADED;
    for (uint32_t p = 0; p < a->n_parts; p++) {
        state_store_abort(a->part[p].store);
    }
}

static fb_status maintain_part(StateAgg *a, uint32_t part, Arena *scratch, fb_error *err)
{
    Part *p = &a->part[part];
    int64_t min_deltas =
        conf_get_int(a->conf, "spark.sql.streaming.stateStore.minDeltasForSnapshot");
    if (!state_store_snapshot_due(p->store, min_deltas)) {
        return FB_OK;
    }
    uint8_t *row[BATCH_ROWS];
    uint64_t pos = 0;
    uint32_t n;
    state_snapshot_begin(p->store);
    while ((n = group_table_scan(p->table, &pos, row, BATCH_ROWS)) > 0) {
        TRY(put_rows(a, p, row, n, scratch, err));
        arena_reset(scratch);
    }
    TRY(state_snapshot_commit(p->store, err));
    return state_store_cleanup(
        p->store, conf_get_int(a->conf, "spark.sql.streaming.minBatchesToRetain"), err);
}

static fb_status handle_maintain(StatefulOp *h, fb_error *err)
{
    StateAgg *a = of_handle(h);
    return a->version > 0 ? for_parts(a, maintain_part, true, err) : FB_OK;
}

static void handle_metrics(const StatefulOp *h, StatefulMetrics *out)
{
    const StateAgg *a = of_handle(h);
    *out = a->metrics;
    out->operator_name = "stateStoreSave";
    out->n_partitions = a->n_partitions;
    out->n_stores = a->n_parts;
}

/* ---- making and freeing ---- */

static void agg_free(Op *op)
{
    StateAgg *a = (StateAgg *)op;
    fb_error ignored = {0};
    (void)exec_charge(a->x, &a->charged, 0, &ignored);
    (void)exec_charge(a->x, &a->charged_parts, 0, &ignored);
    for (uint32_t p = 0; a->part && p < a->n_parts; p++) {
        group_table_free(a->part[p].table);
        state_store_close(a->part[p].store);
        mem_free(a->part[p].changed);
    }
    mem_free(a->part);
    agg_partial_free(&a->partial);
    mem_free(a);
}

static void make_schemas(StateAgg *a)
{
    Arena *arena = &a->x->arena;
    Field *keys = ARENA_ARRAY(arena, Field, a->spec.n_keys);
    a->buffers = ARENA_ARRAY(arena, Field, (size_t)a->spec.n_aggs * AGG_MAX_BUFFERS + 1);
    for (uint32_t k = 0; k < a->spec.n_keys; k++) {
        keys[k] =
            (Field){.name = a->spec.key_names[k], .type = a->layout.key_types[k], .nullable = true};
    }
    for (uint32_t k = 0; k < a->spec.n_aggs; k++) {
        const Expr *agg = a->spec.aggs[k];
        a->n_buffers += agg->fn->agg->buffers(agg, a->buffers + a->n_buffers);
    }
    a->buffer_types = ARENA_ARRAY(arena, const Type *, a->n_buffers + 1);
    for (uint32_t k = 0; k < a->n_buffers; k++) {
        a->buffer_types[k] = a->buffers[k].type;
    }
    a->key_schema = type_struct(keys, a->spec.n_keys);
    a->value_schema = type_struct(a->buffers, a->n_buffers);
}

static fb_status check_format(const Conf *conf, fb_error *err)
{
    TRY(stateful_check_conf(conf, err));
    int64_t format = conf_get_int(conf, "spark.sql.streaming.aggregation.stateFormatVersion");
    return format == 2 ? FB_OK
                       : err_unsupported(err, "aggregation state format %lld", (long long)format);
}

static fb_status check_aggregates(const StateAgg *a, fb_error *err)
{
    for (uint32_t k = 0; k < a->spec.n_aggs; k++) {
        const Expr *agg = a->spec.aggs[k];
        if (agg->fn->flags & FN_BATCH_ONLY) {
            StrBuf name = {0};
            expr_name(agg, &name);
            fb_status st = err_unsupported(err, "the aggregate %s on a stream", name.p);
            strbuf_free(&name);
            return st;
        }
    }
    return FB_OK;
}

/* The number of partitions is a client's: they are paid for before they are made. */
static fb_status open_stores(StateAgg *a, fb_error *err)
{
    const char *codec =
        conf_get(a->conf, "spark.sql.streaming.stateStore.compression.codec", &a->x->arena);
    TRY(exec_charge(a->x, &a->charged_parts, (int64_t)a->n_parts * EMPTY_PART_BYTES, err));
    a->part = mem_zalloc(mem_mul(a->n_parts, sizeof(*a->part)));
    for (uint32_t p = 0; p < a->n_parts; p++) {
        a->part[p].table = agg_table_new(&a->layout, sizeof(RowMark));
        TRY(state_store_open(a->state_dir, a->op_id, p, NULL, codec, &a->part[p].store, err));
    }
    return FB_OK;
}

fb_status stateful_aggregate(Exec *x, const AggSpec *agg, const StatefulSpec *spec, Op **ret_op,
                             Source **ret_source, StatefulOp **ret, fb_error *err)
{
    static const OpVt vt = {.name = "StateStoreSave",
                            .open = agg_open,
                            .push = agg_push,
                            .finish = agg_finish_op,
                            .free = agg_free};
    static const SourceVt source_vt = {
        .begin = agg_begin, .produce = agg_produce, .free = agg_source_free};
    static const StatefulVt handle_vt = {handle_prepare, handle_commit, handle_abort,
                                         handle_metrics, handle_maintain};
    TRY(check_format(spec->conf, err));
    StateAgg *a = mem_zalloc(sizeof(*a));
    a->op.vt = &vt;
    a->source.vt = &source_vt;
    a->handle.vt = &handle_vt;
    a->x = x;
    a->spec = *agg;
    a->mode = spec->mode;
    a->conf = spec->conf;
    a->state_dir = arena_strdup(&x->arena, spec->state_dir);
    a->op_id = spec->op_id;
    a->n_partitions = spec->n_partitions;
    a->n_parts = agg->n_keys ? spec->n_partitions : 1;
    a->version = NOT_LOADED;
    agg_layout_init(&a->layout, &a->spec, &x->arena);
    agg_partial_init(&a->partial, &a->layout, x);
    make_schemas(a);
    fb_status st = a->layout.has_distinct ? err_unsupported(err, "DISTINCT aggregates on a stream")
                                          : check_aggregates(a, err);
    if (st == FB_OK) {
        st = open_stores(a, err);
    }
    if (st != FB_OK) {
        agg_free(&a->op);
        return st;
    }
    *ret_op = &a->op;
    *ret_source = &a->source;
    *ret = &a->handle;
    return FB_OK;
}
