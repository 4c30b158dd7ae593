/*
 * agg_spill.c - aggregation beyond memory.
 *
 * A group is written as a row of its keys and of the buffer columns of its aggregates (store), a
 * partition after the other, so that blocks are full. A partition is put together by loading its
 * rows into states and merging those into a table. When that table outgrows the budget as well, it
 * is written out again by other bits of the hash, the rest of the partition follows, and each of
 * its parts is treated the same way, SPILL_LEVELS deep; then the query fails.
 *
 * States of a DISTINCT aggregate can't be merged, for both may have seen a value. Their rows are
 * not used; instead the (keys, arguments) seen are written, and when a partition's table is
 * complete they are made distinct again and given to the aggregate as its input. The values of one
 * group alone may be too many: those are partitioned by the hash of the arguments, and each part
 * is made distinct by itself, as equal values fall to the same part.
 *
 * An order between rows is kept for one worker: a set's blocks are read in the order in which they
 * were written, so first() stays the first.
 */
#include "exec/agg_spill.h"

#include "exec/exec_priv.h"

#define EXPORT_BYTES ((size_t)1 << 20) /* of states turned into columns at once */
#define SEEN_ROW_COST 96u              /* bytes a distinct value takes besides itself */
#define SEEN_SMALL 4096u               /* so few values are not worth parts */

typedef struct AggSet {
    SpillPart state[SPILL_FANOUT];
    SpillPart (*seen)[SPILL_FANOUT]; /* by aggregate */
} AggSet;

struct AggSpill {
    const AggLayout *l;
    Exec *x;
    uint32_t level;
    SpillFile *file;
    AggSet *sets;
    uint32_t n_sets;
    const Type **types; /* of a group's row */
    uint32_t n_types;
};

static uint32_t list_buffers(const AggLayout *l, Field *fields)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < l->spec->n_aggs; k++) {
        const Expr *agg = l->spec->aggs[k];
        n += agg->distinct ? 0 : agg->fn->agg->buffers(agg, fields + n);
    }
    return n;
}

fb_status agg_spill_new(const AggLayout *l, Exec *x, uint32_t n_sets, AggSpill **ret, fb_error *err)
{
    SpillFile *file;
    TRY(spill_new(x, "HashAggregate", &file, err));
    AggSpill *s = mem_zalloc(sizeof(*s));
    uint32_t n_keys = l->spec->n_keys, n_aggs = l->spec->n_aggs;
    s->l = l;
    s->x = x;
    s->file = file;
    s->n_sets = n_sets;
    s->sets = mem_zalloc(mem_mul(n_sets, sizeof(*s->sets)));
    for (uint32_t i = 0; i < n_sets; i++) {
        s->sets[i].seen = mem_zalloc(mem_mul(n_aggs + 1, sizeof(*s->sets[i].seen)));
    }
    Field *fields = mem_zalloc(mem_mul((size_t)n_aggs * AGG_MAX_BUFFERS + 1, sizeof(*fields)));
    uint32_t n = list_buffers(l, fields);
    s->n_types = n_keys + n;
    s->types = mem_alloc(mem_mul(s->n_types + 1, sizeof(*s->types)));
    for (uint32_t k = 0; k < n_keys; k++) {
        s->types[k] = l->key_types[k];
    }
    for (uint32_t k = 0; k < n; k++) {
        s->types[n_keys + k] = fields[k].type;
    }
    mem_free(fields);
    *ret = s;
    return FB_OK;
}

void agg_spill_free(AggSpill *s)
{
    if (!s) {
        return;
    }
    for (uint32_t i = 0; i < s->n_sets; i++) {
        AggSet *set = &s->sets[i];
        for (uint32_t p = 0; p < SPILL_FANOUT; p++) {
            spill_part_clear(&set->state[p]);
            for (uint32_t k = 0; k < s->l->spec->n_aggs; k++) {
                spill_part_clear(&set->seen[k][p]);
            }
        }
        mem_free(set->seen);
    }
    mem_free(s->sets);
    mem_free(s->types);
    spill_free(s->file);
    mem_free(s);
}

/* ---- writing ---- */

static fb_status state_columns(const AggSpill *s, EvalCtx *cx, const GroupTable *t,
                               uint8_t *const *payload, uint32_t n, Batch *out, fb_error *err)
{
    AggCtx ac = {.eval = cx, .keep = cx->arena};
    Field ignored[AGG_MAX_BUFFERS];
    uint8_t **state = arena_alloc(cx->arena, mem_mul(n, sizeof(*state)));
    uint32_t at = s->l->spec->n_keys;
    *out = (Batch){.n_rows = n, .n_cols = s->n_types};
    out->col = ARENA_ARRAY(cx->arena, Vec, s->n_types + 1);
    group_table_keys(t, payload, n, out->col, cx->arena);
    for (uint32_t c = at; c < s->n_types; c++) {
        out->col[c].type = s->types[c];
        out->col[c].len = n;
    }
    for (uint32_t k = 0; k < s->l->spec->n_aggs; k++) {
        const Expr *agg = s->l->spec->aggs[k];
        if (agg->distinct) {
            continue;
        }
        for (uint32_t i = 0; i < n; i++) {
            state[i] = payload[i] + s->l->offset[k];
        }
        TRY(agg->fn->agg->store(&ac, agg, state, n, out->col + at, err));
        at += agg->fn->agg->buffers(agg, ignored);
    }
    return FB_OK;
}

static fb_status write_part(AggSpill *s, SpillPart *to, const GroupTable *t, uint32_t part,
                            uint32_t step, Arena *scratch, fb_error *err)
{
    uint8_t *row[BATCH_ROWS];
    EvalCtx cx = exec_eval(s->x, scratch);
    uint64_t pos = 0;
    uint32_t n = 0, got;
    do {
        got = group_table_scan(t, &pos, row + n, step - n);
        uint32_t m = n;
        for (uint32_t i = 0; i < got; i++) {
            row[m] = row[n + i];
            m += spill_partition(group_table_hash_of(t, row[m]), s->level) == part;
        }
        n = m;
        if (n && (n == step || got == 0)) {
            Batch b;
            TRY(state_columns(s, &cx, t, row, n, &b, err));
            TRY(spill_append(s->file, to, &b, err));
            arena_reset(scratch);
            n = 0;
        }
    } while (got);
    return FB_OK;
}

/* What DISTINCT has seen, with the group's keys in place of its address. */
static fb_status write_seen(AggSpill *s, SpillPart *parts, uint32_t k, const GroupTable *t,
                            const GroupTable *seen, Arena *scratch, fb_error *err)
{
    const Expr *agg = s->l->spec->aggs[k];
    uint32_t n_keys = s->l->spec->n_keys, n;
    uint8_t *row[BATCH_ROWS];
    uint64_t pos = 0;
    while ((n = group_table_scan(seen, &pos, row, BATCH_ROWS)) > 0) {
        Vec *kept = ARENA_ARRAY(scratch, Vec, agg->n_args + 1);
        uint8_t **group = ARENA_ARRAY(scratch, uint8_t *, n);
        uint64_t *hash = ARENA_ARRAY(scratch, uint64_t, n);
        Batch b = {.n_rows = n, .n_cols = n_keys + agg->n_args};
        group_table_keys(seen, row, n, kept, scratch);
        for (uint32_t i = 0; i < n; i++) {
            /* what identifies a group there is the address of its state of this aggregate */
            group[i] = (uint8_t *)(uintptr_t)VEC_AT(uint64_t, &kept[0], i) - s->l->offset[k];
            hash[i] = group_table_hash_of(t, group[i]);
        }
        b.col = ARENA_ARRAY(scratch, Vec, b.n_cols);
        group_table_keys(t, group, n, b.col, scratch);
        memcpy(b.col + n_keys, kept + 1, agg->n_args * sizeof(Vec));
        TRY(spill_deal(s->file, parts, &b, hash, s->level, scratch, err));
        arena_reset(scratch);
    }
    return FB_OK;
}

static uint32_t export_step(const GroupTable *t)
{
    size_t a_group = group_table_bytes(t) / (group_table_size(t) + 1) + 1;
    size_t step = EXPORT_BYTES / a_group;
    return step < 1 ? 1 : step > BATCH_ROWS ? BATCH_ROWS : (uint32_t)step;
}

fb_status agg_spill_table(AggSpill *s, uint32_t set, GroupTable *t, GroupTable *const *seen,
                          fb_error *err)
{
    Arena scratch = {0};
    AggSet *to = &s->sets[set];
    fb_status st = FB_OK;
    uint32_t step = export_step(t);
    for (uint32_t p = 0; p < SPILL_FANOUT && st == FB_OK; p++) {
        st = write_part(s, &to->state[p], t, p, step, &scratch, err);
    }
    for (uint32_t k = 0; seen && k < s->l->spec->n_aggs && st == FB_OK; k++) {
        if (seen[k]) {
            st = write_seen(s, to->seen[k], k, t, seen[k], &scratch, err);
        }
    }
    arena_free(&scratch);
    return st;
}

/* ---- putting a partition together ---- */

typedef struct PartRun {
    AggSpill *s;
    uint32_t part;
    AggGroupsFn fn;
    void *arg;
    GroupTable *table;
    AggSpill *sub; /* the partition's own partitions, once it is too large; NULL */
    int64_t charged;
    Arena scratch;
} PartRun;

/* Loads a block's states and merges them into the table's groups. */
static fb_status absorb(PartRun *r, const Batch *b, fb_error *err)
{
    const AggLayout *l = r->s->l;
    EvalCtx cx = exec_eval(r->s->x, &r->scratch);
    AggCtx ac = {.eval = &cx, .keep = &r->scratch};
    Field ignored[AGG_MAX_BUFFERS];
    uint32_t n = b->n_rows, at = l->spec->n_keys;
    uint8_t **into = ARENA_ARRAY(&r->scratch, uint8_t *, n);
    uint8_t **from = ARENA_ARRAY(&r->scratch, uint8_t *, n);
    uint8_t **state = ARENA_ARRAY(&r->scratch, uint8_t *, n);
    size_t size = l->payload_size ? l->payload_size : 1;
    uint8_t *states = arena_zalloc(&r->scratch, mem_mul(n, size));
    for (uint32_t i = 0; i < n; i++) {
        from[i] = states + i * size;
    }
    for (uint32_t k = 0; k < l->spec->n_aggs; k++) {
        const Expr *agg = l->spec->aggs[k];
        if (agg->distinct) {
            continue; /* stays as new: merging adds nothing */
        }
        for (uint32_t i = 0; i < n; i++) {
            state[i] = from[i] + l->offset[k];
        }
        TRY(agg->fn->agg->load(&ac, agg, state, b->col + at, n, err));
        at += agg->fn->agg->buffers(agg, ignored);
    }
    group_table_upsert(r->table, b->col, n, NULL, into, NULL, &r->scratch);
    return agg_merge(l, &cx, group_table_arena(r->table), into, from, n, err);
}

/* Room for the table; with DISTINCT half of it is left to the values. */
static size_t table_cost(const PartRun *r)
{
    return group_table_bytes(r->table) * (r->s->l->has_distinct ? 2 : 1);
}

static fb_status move_to_sub(PartRun *r, fb_error *err)
{
    AggSpill *s = r->s;
    if (!r->sub) {
        if (s->level + 1 == SPILL_LEVELS) {
            return exec_charge(s->x, &r->charged, table_cost(r), err);
        }
        TRY(agg_spill_new(s->l, s->x, 1, &r->sub, err));
        r->sub->level = s->level + 1;
    }
    TRY(agg_spill_table(r->sub, 0, r->table, NULL, err));
    group_table_free(r->table);
    r->table = agg_table_new(s->l, 0);
    return exec_charge(s->x, &r->charged, 0, err);
}

static fb_status absorb_all(PartRun *r, fb_error *err)
{
    AggSpill *s = r->s;
    for (uint32_t i = 0; i < s->n_sets; i++) {
        const SpillPart *p = &s->sets[i].state[r->part];
        for (uint32_t k = 0; k < p->n; k++) {
            Batch b;
            TRY(spill_read(s->file, &p->block[k], s->types, s->n_types, &r->scratch, &b, err));
            TRY(absorb(r, &b, err));
            arena_reset(&r->scratch);
            if (!exec_fits(s->x, &r->charged, table_cost(r))) {
                TRY(move_to_sub(r, err));
            }
        }
    }
    return FB_OK;
}

/* ---- DISTINCT ---- */

typedef struct Dedup {
    PartRun *r;
    uint32_t agg;
    const Type **types; /* keys, arguments */
    uint32_t n_types;
} Dedup;

/* One block: finds the values not seen yet and gives them to the aggregate. */
static fb_status update_distinct(const Dedup *d, GroupTable *seen, const Batch *b, fb_error *err)
{
    PartRun *r = d->r;
    const AggLayout *l = r->s->l;
    const Expr *agg = l->spec->aggs[d->agg];
    Arena *a = &r->scratch;
    EvalCtx cx = exec_eval(r->s->x, a);
    AggCtx ac = {.eval = &cx, .keep = group_table_arena(r->table)};
    uint32_t n = b->n_rows, fresh = 0;
    uint8_t **group = ARENA_ARRAY(a, uint8_t *, n), **ignored = ARENA_ARRAY(a, uint8_t *, n);
    uint8_t *is_new = ARENA_ARRAY(a, uint8_t, n);
    uint32_t *rows = ARENA_ARRAY(a, uint32_t, n);
    Vec *keys = ARENA_ARRAY(a, Vec, agg->n_args + 1), *args = ARENA_ARRAY(a, Vec, agg->n_args);
    group_table_upsert(r->table, b->col, n, NULL, group, NULL, a);
    vec_init(&keys[0], type_long, n, a);
    for (uint32_t i = 0; i < n; i++) {
        VEC_DATA(uint64_t, &keys[0])[i] = (uint64_t)(uintptr_t)group[i];
    }
    memcpy(keys + 1, b->col + l->spec->n_keys, agg->n_args * sizeof(Vec));
    group_table_upsert(seen, keys, n, NULL, ignored, is_new, a);
    for (uint32_t i = 0; i < n; i++) {
        if (is_new[i]) {
            group[fresh] = group[i] + l->offset[d->agg];
            rows[fresh++] = i;
        }
    }
    for (uint32_t k = 0; k < agg->n_args; k++) {
        vec_gather(&args[k], &keys[k + 1], rows, fresh, a);
    }
    return fresh ? agg->fn->agg->update(&ac, agg, group, args, fresh, err) : FB_OK;
}

static fb_status dedup_here(const Dedup *d, SpillFile *file, SpillPart *const *parts,
                            uint32_t n_parts, fb_error *err)
{
    PartRun *r = d->r;
    int64_t charged = 0;
    fb_error ignored = {0};
    fb_status st = FB_OK;
    GroupTable **seen = agg_seen_new(r->s->l);
    for (uint32_t i = 0; i < n_parts && st == FB_OK; i++) {
        for (uint32_t k = 0; k < parts[i]->n && st == FB_OK; k++) {
            Batch b;
            st = spill_read(file, &parts[i]->block[k], d->types, d->n_types, &r->scratch, &b, err);
            if (st == FB_OK) {
                st = update_distinct(d, seen[d->agg], &b, err);
            }
            if (st == FB_OK) {
                st = exec_charge(r->s->x, &charged, group_table_bytes(seen[d->agg]), err);
            }
            if (st == FB_OK && group_table_bytes(r->table) > (size_t)r->charged) {
                st = exec_charge(r->s->x, &r->charged, group_table_bytes(r->table), err);
            }
            arena_reset(&r->scratch);
        }
    }
    agg_seen_free(r->s->l, seen);
    (void)exec_charge(r->s->x, &charged, 0, &ignored);
    return st;
}

static fb_status dedup(const Dedup *d, SpillFile *file, SpillPart *const *parts, uint32_t n_parts,
                       uint32_t level, fb_error *err);

/* Deals the values to parts by the hash of the arguments, then takes part by part. */
static fb_status dedup_parts(const Dedup *d, SpillFile *file, SpillPart *const *parts,
                             uint32_t n_parts, uint32_t level, fb_error *err)
{
    PartRun *r = d->r;
    uint32_t n_keys = r->s->l->spec->n_keys;
    SpillPart part[SPILL_FANOUT] = {0};
    SpillFile *sub;
    TRY(spill_new(r->s->x, "HashAggregate", &sub, err));
    fb_status st = FB_OK;
    for (uint32_t i = 0; i < n_parts && st == FB_OK; i++) {
        for (uint32_t k = 0; k < parts[i]->n && st == FB_OK; k++) {
            Batch b;
            st = spill_read(file, &parts[i]->block[k], d->types, d->n_types, &r->scratch, &b, err);
            if (st == FB_OK) {
                uint64_t *hash = ARENA_ARRAY(&r->scratch, uint64_t, b.n_rows);
                for (uint32_t c = n_keys; c < d->n_types; c++) {
                    vec_hash(&b.col[c], b.n_rows, hash);
                }
                st = spill_deal(sub, part, &b, hash, level, &r->scratch, err);
            }
            arena_reset(&r->scratch);
        }
    }
    for (uint32_t p = 0; p < SPILL_FANOUT; p++) {
        SpillPart *one = &part[p];
        if (st == FB_OK) {
            st = dedup(d, sub, &one, 1, level + 1, err);
        }
        spill_part_clear(one);
    }
    spill_free(sub);
    return st;
}

static fb_status dedup(const Dedup *d, SpillFile *file, SpillPart *const *parts, uint32_t n_parts,
                       uint32_t level, fb_error *err)
{
    uint64_t rows = 0, raw = 0;
    int64_t probe = 0;
    fb_error ignored = {0};
    for (uint32_t i = 0; i < n_parts; i++) {
        rows += parts[i]->rows;
        raw += parts[i]->raw;
    }
    bool fits = rows <= SEEN_SMALL || level == SPILL_LEVELS ||
                exec_fits(d->r->s->x, &probe, raw * 2 + rows * SEEN_ROW_COST);
    (void)exec_charge(d->r->s->x, &probe, 0, &ignored);
    return fits ? dedup_here(d, file, parts, n_parts, err)
                : dedup_parts(d, file, parts, n_parts, level, err);
}

static const Type **seen_types(const AggLayout *l, const Expr *agg, Arena *a)
{
    const Type **types = ARENA_ARRAY(a, const Type *, l->spec->n_keys + agg->n_args + 1);
    for (uint32_t k = 0; k < l->spec->n_keys; k++) {
        types[k] = l->key_types[k];
    }
    for (uint32_t k = 0; k < agg->n_args; k++) {
        types[l->spec->n_keys + k] = agg->args[k]->type;
    }
    return types;
}

static fb_status dedup_all(PartRun *r, fb_error *err)
{
    AggSpill *s = r->s;
    Arena a = {0};
    fb_status st = FB_OK;
    for (uint32_t k = 0; k < s->l->spec->n_aggs && st == FB_OK; k++) {
        const Expr *agg = s->l->spec->aggs[k];
        if (!agg->distinct) {
            continue;
        }
        Dedup d = {.r = r,
                   .agg = k,
                   .types = seen_types(s->l, agg, &a),
                   .n_types = s->l->spec->n_keys + agg->n_args};
        SpillPart **parts = ARENA_ARRAY(&a, SpillPart *, s->n_sets);
        for (uint32_t i = 0; i < s->n_sets; i++) {
            parts[i] = &s->sets[i].seen[k][r->part];
        }
        st = dedup(&d, s->file, parts, s->n_sets, 0, err);
    }
    arena_free(&a);
    return st;
}

/* The values seen follow their groups to the partition's partitions. */
static fb_status deal_seen(PartRun *r, fb_error *err)
{
    AggSpill *s = r->s;
    uint32_t n_keys = s->l->spec->n_keys;
    for (uint32_t i = 0; i < s->n_sets; i++) {
        for (uint32_t k = 0; k < s->l->spec->n_aggs; k++) {
            const SpillPart *p = &s->sets[i].seen[k][r->part];
            const Expr *agg = s->l->spec->aggs[k];
            for (uint32_t j = 0; j < p->n; j++) {
                Batch b;
                const Type **types = seen_types(s->l, agg, &r->scratch);
                TRY(spill_read(s->file, &p->block[j], types, n_keys + agg->n_args, &r->scratch, &b,
                               err));
                uint64_t *hash = ARENA_ARRAY(&r->scratch, uint64_t, b.n_rows);
                for (uint32_t c = 0; c < n_keys; c++) {
                    vec_hash(&b.col[c], b.n_rows, hash);
                }
                for (uint32_t row = 0; row < b.n_rows; row++) {
                    hash[row] |= 1; /* as the table keeps it */
                }
                TRY(spill_deal(r->sub->file, r->sub->sets[0].seen[k], &b, hash, r->sub->level,
                               &r->scratch, err));
                arena_reset(&r->scratch);
            }
        }
    }
    return FB_OK;
}

static fb_status run_sub(PartRun *r, fb_error *err)
{
    TRY(move_to_sub(r, err));
    TRY(deal_seen(r, err));
    group_table_free(r->table);
    r->table = NULL;
    for (uint32_t p = 0; p < SPILL_FANOUT; p++) {
        TRY(agg_spill_run(r->sub, p, r->fn, r->arg, err));
    }
    return FB_OK;
}

/* Recursion: SPILL_LEVELS deep. */
fb_status agg_spill_run(AggSpill *s, uint32_t part, AggGroupsFn fn, void *arg, fb_error *err)
{
    PartRun r = {.s = s, .part = part, .fn = fn, .arg = arg, .table = agg_table_new(s->l, 0)};
    fb_error ignored = {0};
    fb_status st = absorb_all(&r, err);
    if (st == FB_OK && r.sub) {
        st = run_sub(&r, err);
    } else if (st == FB_OK) {
        st = dedup_all(&r, err);
        st = st == FB_OK ? fn(arg, r.table, err) : st;
    }
    agg_spill_free(r.sub);
    group_table_free(r.table);
    arena_free(&r.scratch);
    (void)exec_charge(s->x, &r.charged, 0, &ignored);
    return st;
}
