/*
 * op_dedup.c - dropDuplicates: the first row of each key passes.
 *
 * When the table of keys is more than the budget has room for, it takes no more: rows whose key it
 * has are dropped as before, the others wait in a temporary file, by partition of the key's hash.
 * After the last input the table is given up, and each partition is treated as the input was, with
 * other bits of the hash, SPILL_LEVELS deep.
 *
 * Runs on one worker, since only one table knows what was first.
 */
#include "exec/exec_priv.h"
#include "exec/group_table.h"
#include "exec/spill.h"

/* One table and the rows that it left for later. */
typedef struct Pass {
    GroupTable *table;
    int64_t charged;
    uint32_t level;
    SpillFile *file; /* NULL: the table takes all */
    SpillPart part[SPILL_FANOUT];
    RowSet *small; /* gathered, not dealt yet */
} Pass;

typedef struct DedupOp {
    Op op;
    Exec *x;
    Expr *const *keys;
    uint32_t n_keys;
    const Type **key_types;
    const Type **types; /* of the rows, once some wait */
    uint32_t n_types;
    uint64_t seq; /* of the last batch */
    Pass pass;
} DedupOp;

static void pass_end(const DedupOp *d, Pass *p)
{
    fb_error ignored = {0};
    group_table_free(p->table);
    p->table = NULL;
    (void)exec_charge(d->x, &p->charged, 0, &ignored);
    for (uint32_t i = 0; i < SPILL_FANOUT; i++) {
        spill_part_clear(&p->part[i]);
    }
    spill_gather_drop(&p->small);
    spill_free(p->file);
    p->file = NULL;
}

static fb_status dedup_open(Op *op, Exec *x, fb_error *err)
{
    DedupOp *d = (DedupOp *)op;
    (void)x;
    (void)err;
    pass_end(d, &d->pass);
    d->pass.table = group_table_new(d->key_types, d->n_keys, 0);
    return FB_OK;
}

static fb_status emit_rows(DedupOp *d, Worker *w, const Batch *b, const uint32_t *rows, uint32_t n,
                           fb_error *err)
{
    if (n == 0) {
        return FB_OK;
    }
    Batch out;
    batch_gather(&out, b, rows, n, &w->arena);
    out.seq = d->seq;
    return op_emit_mixed(&d->op, w, &out, err);
}

static fb_status start_file(DedupOp *d, Pass *p, const Batch *b, fb_error *err)
{
    if (p->level == SPILL_LEVELS) {
        return exec_charge(d->x, &p->charged, group_table_bytes(p->table), err);
    }
    if (!d->types) {
        d->n_types = b->n_cols;
        d->types = mem_alloc(mem_mul(b->n_cols + 1, sizeof(*d->types)));
        for (uint32_t c = 0; c < b->n_cols; c++) {
            d->types[c] = b->col[c].type;
        }
    }
    return spill_new(d->x, "Deduplicate", &p->file, err);
}

static fb_status make_keys(const DedupOp *d, Worker *w, const Batch *b, Vec **ret_keys,
                           uint64_t **ret_hash, fb_error *err)
{
    Vec *keys = ARENA_ARRAY(&w->arena, Vec, d->n_keys);
    uint64_t *hash = ARENA_ARRAY(&w->arena, uint64_t, b->n_rows);
    for (uint32_t k = 0; k < d->n_keys; k++) {
        Vec v;
        TRY(expr_eval(&w->eval, d->keys[k], b, &v, err));
        vec_normalize_floats(&keys[k], &v, &w->arena);
        vec_hash(&keys[k], b->n_rows, hash);
    }
    *ret_keys = keys;
    *ret_hash = hash;
    return FB_OK;
}

static fb_status deal(const DedupOp *d, Pass *p, Worker *w, const Batch *b, fb_error *err)
{
    Vec *keys;
    uint64_t *hash;
    TRY(make_keys(d, w, b, &keys, &hash, err));
    return spill_deal(p->file, p->part, b, hash, p->level, &w->arena, err);
}

/* Rows that the full table does not know wait. */
static fb_status put_off(const DedupOp *d, Pass *p, Worker *w, const Vec *keys,
                         const uint64_t *hash, const Batch *b, fb_error *err)
{
    uint8_t **payload = ARENA_ARRAY(&w->arena, uint8_t *, b->n_rows);
    uint32_t *rows = ARENA_ARRAY(&w->arena, uint32_t, b->n_rows), n = 0;
    group_table_find(p->table, keys, b->n_rows, hash, payload, &w->arena);
    for (uint32_t i = 0; i < b->n_rows; i++) {
        if (!payload[i]) {
            rows[n++] = i;
        }
    }
    Batch picked, all;
    batch_gather(&picked, b, rows, n, &w->arena);
    return spill_gather(&p->small, &picked, &w->arena, &all) ? deal(d, p, w, &all, err) : FB_OK;
}

static fb_status pass_rows(DedupOp *d, Pass *p, Worker *w, const Batch *b, fb_error *err)
{
    Vec *keys;
    uint64_t *hash;
    TRY(make_keys(d, w, b, &keys, &hash, err));
    if (p->file) {
        return put_off(d, p, w, keys, hash, b, err);
    }
    uint8_t **payload = ARENA_ARRAY(&w->arena, uint8_t *, b->n_rows);
    uint8_t *is_new = ARENA_ARRAY(&w->arena, uint8_t, b->n_rows);
    uint32_t *rows = ARENA_ARRAY(&w->arena, uint32_t, b->n_rows), n = 0;
    group_table_upsert(p->table, keys, b->n_rows, hash, payload, is_new, &w->arena);
    for (uint32_t i = 0; i < b->n_rows; i++) {
        if (is_new[i]) {
            rows[n++] = i;
        }
    }
    if (!exec_fits(d->x, &p->charged, group_table_bytes(p->table))) {
        TRY(start_file(d, p, b, err));
    }
    return emit_rows(d, w, b, rows, n, err);
}

static fb_status dedup_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    DedupOp *d = (DedupOp *)op;
    d->seq = b->seq;
    return pass_rows(d, &d->pass, w, b, err);
}

static fb_status pass_rest(DedupOp *d, Pass *p, Worker *w, fb_error *err);

static fb_status pass_part(DedupOp *d, const Pass *p, const SpillPart *part, Worker *w,
                           fb_error *err)
{
    Arena a = {0};
    Pass sub = {.table = group_table_new(d->key_types, d->n_keys, 0), .level = p->level + 1};
    fb_status st = FB_OK;
    for (uint32_t k = 0; k < part->n && st == FB_OK; k++) {
        Batch b;
        st = spill_read(p->file, &part->block[k], d->types, d->n_types, &a, &b, err);
        st = st == FB_OK ? pass_rows(d, &sub, w, &b, err) : st;
        arena_reset(&a);
        arena_reset(&w->arena);
    }
    arena_free(&a);
    st = st == FB_OK ? pass_rest(d, &sub, w, err) : st;
    pass_end(d, &sub);
    return st;
}

/* The rows that wait. Recursion: SPILL_LEVELS deep. */
static fb_status pass_rest(DedupOp *d, Pass *p, Worker *w, fb_error *err)
{
    Batch all;
    if (!p->file) {
        return FB_OK;
    }
    if (spill_gather_end(&p->small, &w->arena, &all)) {
        TRY(deal(d, p, w, &all, err));
    }
    group_table_free(p->table);
    p->table = NULL;
    TRY(exec_charge(d->x, &p->charged, 0, err));
    for (uint32_t i = 0; i < SPILL_FANOUT; i++) {
        TRY(pass_part(d, p, &p->part[i], w, err));
    }
    return FB_OK;
}

static fb_status dedup_flush(Op *op, Worker *w, fb_error *err)
{
    DedupOp *d = (DedupOp *)op;
    bool more = w->seq_base >> 48 < op->last_pipe; /* of the input: a union's next branch */
    return more ? FB_OK : pass_rest(d, &d->pass, w, err);
}

static void dedup_free(Op *op)
{
    DedupOp *d = (DedupOp *)op;
    pass_end(d, &d->pass);
    mem_free(d->types);
    mem_free(d);
}

Op *op_deduplicate(Exec *x, Expr *const *keys, uint32_t n_keys)
{
    static const OpVt vt = {.name = "Deduplicate",
                            .open = dedup_open,
                            .push = dedup_push,
                            .flush = dedup_flush,
                            .free = dedup_free};
    DedupOp *d = mem_zalloc(sizeof(*d));
    d->key_types = ARENA_ARRAY(&x->arena, const Type *, n_keys);
    for (uint32_t k = 0; k < n_keys; k++) {
        d->key_types[k] = keys[k]->type;
    }
    d->op.vt = &vt;
    d->op.one_worker = true;
    d->x = x;
    d->keys = keys;
    d->n_keys = n_keys;
    return &d->op;
}
