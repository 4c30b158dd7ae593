/*
 * op_join.c - hash join: BroadcastHashJoin / ShuffledHashJoin of every type, and nested loops when
 * there is no equality.
 *
 * The right side is kept whole; a group table over its keys points to the first row of a chain of
 * rows with that key (chain[row] = next row + 1). The left side probes batch by batch. Candidate
 * pairs are made up to BATCH_ROWS at a time, the rest of the condition is evaluated over them, and
 * what survives is emitted. Null keys never match unless the comparison is <=>.
 *
 * Outer joins on the right remember which kept rows matched (relaxed atomic bytes: all writers
 * store the same value) and give out the others through a source of their own after the probe.
 */
#include "exec/exec_priv.h"

#include "exec/group_table.h"

#include <pthread.h>

typedef struct Join {
    JoinSpec spec;
    Exec *x;
    RowSet *rows; /* the right side */
    pthread_mutex_t lock;
    int64_t charged;
    Vec *col; /* its columns end to end; in arena */
    Arena arena;
    uint32_t n_rows;
    GroupTable *table; /* payload: uint32_t first row + 1 */
    uint32_t *chain;
    _Atomic uint8_t *matched;
    uint32_t refs; /* build and probe operators */
} Join;

typedef struct BuildOp {
    Op op;
    Join *j;
} BuildOp;

typedef struct ProbeOp {
    Op op;
    Join *j;
} ProbeOp;

typedef struct UnmatchedSource {
    Source base;
    Join *j;
} UnmatchedSource;

static bool keeps_right(JoinType t)
{
    return t == JOIN_RIGHT || t == JOIN_FULL;
}

static bool keeps_left(JoinType t)
{
    return t == JOIN_LEFT || t == JOIN_FULL;
}

static void reset(Join *j)
{
    rowset_clear(j->rows);
    arena_reset(&j->arena);
    group_table_free(j->table);
    mem_free(j->chain);
    mem_free((void *)j->matched);
    j->table = NULL;
    j->chain = NULL;
    j->matched = NULL;
    j->n_rows = 0;
}

static void release(Join *j)
{
    if (--j->refs) {
        return;
    }
    fb_error ignored = {0};
    (void)exec_charge(j->x, &j->charged, 0, &ignored);
    reset(j);
    arena_free(&j->arena);
    rowset_release(j->rows);
    pthread_mutex_destroy(&j->lock);
    mem_free(j);
}

/* ---- build ---- */

static fb_status build_open(Op *op, Exec *x, fb_error *err)
{
    (void)x;
    (void)err;
    reset(((BuildOp *)op)->j);
    return FB_OK;
}

static fb_status build_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    Join *j = ((BuildOp *)op)->j;
    (void)w;
    pthread_mutex_lock(&j->lock);
    rowset_append(j->rows, b);
    fb_status st = exec_charge(j->x, &j->charged, j->rows->arena.allocated, err);
    pthread_mutex_unlock(&j->lock);
    return st;
}

/* Rows of v.. whose keys may match: all valid, or compared null-safe. */
static uint32_t joinable(const Join *j, const Vec *keys, uint32_t n, uint32_t *rows)
{
    uint32_t m = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool ok = true;
        for (uint32_t k = 0; k < j->spec.n_keys; k++) {
            ok &= j->spec.null_safe[k] || vec_is_valid(&keys[k], i);
        }
        if (ok) {
            rows[m++] = i;
        }
    }
    return m;
}

static fb_status eval_keys(const Join *j, EvalCtx *cx, Expr *const *exprs, const Batch *b,
                           Vec **ret, fb_error *err)
{
    Vec *keys = ARENA_ARRAY(cx->arena, Vec, j->spec.n_keys);
    for (uint32_t k = 0; k < j->spec.n_keys; k++) {
        Vec v;
        TRY(expr_eval(cx, exprs[k], b, &v, err));
        vec_normalize_floats(&keys[k], &v, cx->arena);
    }
    *ret = keys;
    return FB_OK;
}

/* Enters one batch of kept rows, whose first is row number base, into the table. */
static fb_status build_batch(Join *j, EvalCtx *cx, const Batch *b, uint32_t base, fb_error *err)
{
    Vec *keys;
    TRY(eval_keys(j, cx, j->spec.right_keys, b, &keys, err));
    uint32_t *rows = arena_alloc(cx->arena, mem_mul(b->n_rows, sizeof(*rows)));
    uint32_t n = joinable(j, keys, b->n_rows, rows);
    if (n < b->n_rows) {
        for (uint32_t k = 0; k < j->spec.n_keys; k++) {
            Vec v;
            vec_gather(&v, &keys[k], rows, n, cx->arena);
            keys[k] = v;
        }
    }
    uint8_t **payload = arena_alloc(cx->arena, mem_mul(n, sizeof(*payload)));
    group_table_upsert(j->table, keys, n, NULL, payload, NULL, cx->arena);
    for (uint32_t i = n; i-- > 0;) {
        uint32_t first;
        uint32_t row = base + rows[i];
        memcpy(&first, payload[i], sizeof(first));
        j->chain[row] = first;
        first = row + 1;
        memcpy(payload[i], &first, sizeof(first));
    }
    return FB_OK;
}

/* Chains are entered last row first, so that walking one gives the rows in input order. */
static fb_status build_table(Join *j, fb_error *err)
{
    const Type **types = ARENA_ARRAY(&j->arena, const Type *, j->spec.n_keys);
    for (uint32_t k = 0; k < j->spec.n_keys; k++) {
        types[k] = j->spec.right_keys[k]->type;
    }
    j->table = group_table_new(types, j->spec.n_keys, sizeof(uint32_t));
    j->chain = mem_zalloc(mem_mul(j->n_rows + 1, sizeof(*j->chain)));
    Arena scratch = {0};
    EvalCtx cx = exec_eval(j->x, &scratch);
    fb_status st = FB_OK;
    uint32_t base = j->n_rows;
    for (uint32_t i = j->rows->n_batches; i-- > 0 && st == FB_OK;) {
        base -= j->rows->batches[i].n_rows;
        st = build_batch(j, &cx, &j->rows->batches[i], base, err);
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    return st;
}

static void concat_columns(Join *j)
{
    j->col = ARENA_ARRAY(&j->arena, Vec, j->spec.n_right);
    Vec *parts = ARENA_ARRAY(&j->arena, Vec, j->rows->n_batches);
    for (uint32_t c = 0; c < j->spec.n_right; c++) {
        for (uint32_t i = 0; i < j->rows->n_batches; i++) {
            parts[i] = j->rows->batches[i].col[c];
        }
        if (j->rows->n_batches) {
            vec_concat(&j->col[c], parts, j->rows->n_batches, &j->arena);
        } else {
            vec_init(&j->col[c], j->spec.right_types[c], 0, &j->arena);
        }
    }
}

static fb_status build_finish(Op *op, Exec *x, fb_error *err)
{
    Join *j = ((BuildOp *)op)->j;
    (void)x;
    if (j->rows->n_rows >= UINT32_MAX - 1) {
        return err_unsupported(err, "a join side of more than 4 billion rows");
    }
    rowset_sort_by_seq(j->rows);
    j->n_rows = (uint32_t)j->rows->n_rows;
    concat_columns(j);
    j->matched = mem_zalloc(j->n_rows + 1);
    if (j->spec.n_keys) {
        TRY(build_table(j, err));
    }
    return FB_OK;
}

static void build_free(Op *op)
{
    release(((BuildOp *)op)->j);
    mem_free(op);
}

/* ---- probe ---- */

/* Candidate pairs of a probe batch, produced piece by piece. */
typedef struct Pairs {
    uint32_t *left, *right; /* row numbers */
    uint32_t n;
    uint32_t at;   /* probe row being expanded */
    uint32_t next; /* its next candidate + 1; 0: not begun */
    bool begun;
} Pairs;

static uint32_t first_candidate(const Join *j, uint8_t *const *payload, uint32_t row)
{
    uint32_t first = 0;
    if (!j->spec.n_keys) {
        return j->n_rows ? 1 : 0;
    }
    if (payload[row]) {
        memcpy(&first, payload[row], sizeof(first));
    }
    return first;
}

static uint32_t next_candidate(const Join *j, uint32_t c)
{
    if (!j->spec.n_keys) {
        return c < j->n_rows ? c + 1 : 0;
    }
    return j->chain[c - 1];
}

static void fill_pairs(const Join *j, uint8_t *const *payload, uint32_t n_rows, Pairs *p)
{
    p->n = 0;
    while (p->at < n_rows && p->n < BATCH_ROWS) {
        if (!p->begun) {
            p->next = first_candidate(j, payload, p->at);
            p->begun = true;
        }
        while (p->next && p->n < BATCH_ROWS) {
            p->left[p->n] = p->at;
            p->right[p->n++] = p->next - 1;
            p->next = next_candidate(j, p->next);
        }
        if (!p->next) {
            p->at++;
            p->begun = false;
        }
    }
}

/* Looks the probe rows up; payload[i] is NULL where there is no candidate. */
static fb_status look_up(const Join *j, Worker *w, const Batch *b, uint8_t ***ret, fb_error *err)
{
    uint8_t **payload = ARENA_ARRAY(&w->arena, uint8_t *, b->n_rows);
    *ret = payload;
    if (!j->spec.n_keys || !j->n_rows) {
        return FB_OK;
    }
    Vec *keys;
    TRY(eval_keys(j, &w->eval, j->spec.left_keys, b, &keys, err));
    group_table_find(j->table, keys, b->n_rows, NULL, payload, &w->arena);
    uint32_t *rows = arena_alloc(&w->arena, mem_mul(b->n_rows, sizeof(*rows)));
    uint32_t n = joinable(j, keys, b->n_rows, rows);
    if (n < b->n_rows) {
        for (uint32_t i = 0, k = 0; i < b->n_rows; i++) {
            if (k < n && rows[k] == i) {
                k++;
            } else {
                payload[i] = NULL;
            }
        }
    }
    return FB_OK;
}

static void pair_batch(const Join *j, Worker *w, const Batch *b, const uint32_t *left,
                       const uint32_t *right, uint32_t n, const bool *need, Batch *out)
{
    out->n_rows = n;
    out->n_cols = j->spec.n_left + j->spec.n_right;
    out->col = ARENA_ARRAY(&w->arena, Vec, out->n_cols);
    out->seq = b->seq;
    for (uint32_t c = 0; c < out->n_cols; c++) {
        if (need && !need[c]) {
            continue;
        }
        if (c < j->spec.n_left) {
            vec_gather(&out->col[c], &b->col[c], left, n, &w->arena);
        } else {
            vec_gather_nullable(&out->col[c], &j->col[c - j->spec.n_left], right, n, &w->arena);
        }
    }
}

static fb_status emit_pairs(Op *op, Worker *w, const Batch *b, const uint32_t *left,
                            const uint32_t *right, uint32_t n, fb_error *err)
{
    const Join *j = ((ProbeOp *)op)->j;
    if (n == 0) {
        return FB_OK;
    }
    Batch out = {.n_rows = n, .n_cols = j->spec.n_out, .seq = b->seq};
    out.col = ARENA_ARRAY(&w->arena, Vec, j->spec.n_out);
    for (uint32_t k = 0; k < j->spec.n_out; k++) {
        uint32_t c = j->spec.out[k];
        if (c < j->spec.n_left) {
            vec_gather(&out.col[k], &b->col[c], left, n, &w->arena);
        } else if (right) {
            vec_gather_nullable(&out.col[k], &j->col[c - j->spec.n_left], right, n, &w->arena);
        } else {
            vec_init_null(&out.col[k], j->spec.right_types[c - j->spec.n_left], n, &w->arena);
        }
    }
    return op_emit(op, w, &out, err);
}

static bool mark_columns(void *arg, const Expr *e)
{
    bool *need = arg;
    if (e->kind == E_COLUMN) {
        need[e->column] = true;
    }
    return true;
}

/* Keeps the pairs for which the rest of the condition is true. */
static fb_status apply_condition(const Join *j, Worker *w, const Batch *b, Pairs *p, fb_error *err)
{
    if (!j->spec.condition || p->n == 0) {
        return FB_OK;
    }
    Batch both;
    uint32_t n;
    bool *need = ARENA_ARRAY(&w->arena, bool, j->spec.n_left + j->spec.n_right);
    uint32_t *rows = arena_alloc(&w->arena, mem_mul(p->n, sizeof(*rows)));
    (void)expr_visit(j->spec.condition, mark_columns, need);
    pair_batch(j, w, b, p->left, p->right, p->n, need, &both);
    TRY(expr_select(&w->eval, j->spec.condition, &both, rows, &n, err));
    for (uint32_t i = 0; i < n; i++) {
        p->left[i] = p->left[rows[i]];
        p->right[i] = p->right[rows[i]];
    }
    p->n = n;
    return FB_OK;
}

static fb_status probe_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    Join *j = ((ProbeOp *)op)->j;
    JoinType t = j->spec.type;
    bool semi = t == JOIN_LEFT_SEMI || t == JOIN_LEFT_ANTI;
    uint8_t **payload;
    uint8_t *hit = ARENA_ARRAY(&w->arena, uint8_t, b->n_rows);
    Pairs p = {.left = arena_alloc(&w->arena, BATCH_ROWS * sizeof(uint32_t)),
               .right = arena_alloc(&w->arena, BATCH_ROWS * sizeof(uint32_t))};
    TRY(look_up(j, w, b, &payload, err));
    while (p.at < b->n_rows) {
        ArenaMark mark = arena_mark(&w->arena);
        fill_pairs(j, payload, b->n_rows, &p);
        TRY(apply_condition(j, w, b, &p, err));
        for (uint32_t i = 0; i < p.n; i++) {
            hit[p.left[i]] = 1;
        }
        for (uint32_t i = 0; keeps_right(t) && i < p.n; i++) {
            atomic_store_explicit(&j->matched[p.right[i]], 1, memory_order_relaxed);
        }
        if (!semi) {
            TRY(emit_pairs(op, w, b, p.left, p.right, p.n, err));
        }
        arena_rewind(&w->arena, mark);
    }
    if (!semi && !keeps_left(t)) {
        return FB_OK;
    }
    uint32_t *rows = arena_alloc(&w->arena, mem_mul(b->n_rows, sizeof(*rows)));
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->n_rows; i++) {
        if (hit[i] == (t == JOIN_LEFT_SEMI)) {
            rows[n++] = i;
        }
    }
    return emit_pairs(op, w, b, rows, NULL, n, err);
}

static void probe_free(Op *op)
{
    release(((ProbeOp *)op)->j);
    mem_free(op);
}

/* ---- rows of the right side without a match ---- */

static fb_status unmatched_begin(Source *s, uint32_t n_workers, fb_error *err)
{
    (void)n_workers;
    (void)err;
    s->n_morsels = 1;
    return FB_OK;
}

static fb_status unmatched_produce(Source *src, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    const Join *j = ((UnmatchedSource *)src)->j;
    uint32_t row = 0;
    uint64_t k = 0;
    while (row < j->n_rows) {
        uint32_t *rows = arena_alloc(&w->arena, BATCH_ROWS * sizeof(*rows));
        uint32_t n = 0;
        for (; row < j->n_rows && n < BATCH_ROWS; row++) {
            if (!atomic_load_explicit(&j->matched[row], memory_order_relaxed)) {
                rows[n++] = row;
            }
        }
        if (n == 0) {
            break;
        }
        Batch out = {.n_rows = n, .n_cols = j->spec.n_out, .seq = source_seq(w, 0, k++)};
        out.col = ARENA_ARRAY(&w->arena, Vec, j->spec.n_out);
        for (uint32_t c = 0; c < j->spec.n_out; c++) {
            uint32_t from = j->spec.out[c];
            if (from < j->spec.n_left) {
                vec_init_null(&out.col[c], j->spec.left_types[from], n, &w->arena);
            } else {
                vec_gather(&out.col[c], &j->col[from - j->spec.n_left], rows, n, &w->arena);
            }
        }
        fb_status st = emit(to, w, &out, err);
        arena_reset(&w->arena);
        if (st != FB_OK) {
            return st;
        }
    }
    return FB_OK;
}

static void unmatched_free(Source *src)
{
    mem_free(src);
}

void op_join(Exec *x, const JoinSpec *spec, Op **ret_build, Op **ret_probe, Source **ret_unmatched)
{
    static const OpVt build_vt = {.name = "HashJoinBuild",
                                  .open = build_open,
                                  .push = build_push,
                                  .finish = build_finish,
                                  .free = build_free};
    static const OpVt probe_vt = {.name = "HashJoin", .push = probe_push, .free = probe_free};
    static const SourceVt source_vt = {unmatched_begin, unmatched_produce, unmatched_free};
    Join *j = mem_zalloc(sizeof(*j));
    Field *fields = ARENA_ARRAY(&x->arena, Field, spec->n_right);
    for (uint32_t c = 0; c < spec->n_right; c++) {
        fields[c] = (Field){.name = "c", .type = spec->right_types[c], .nullable = true};
    }
    j->spec = *spec;
    j->x = x;
    j->rows = rowset_new(type_struct(fields, spec->n_right));
    j->refs = 2;
    pthread_mutex_init(&j->lock, NULL);
    BuildOp *build = mem_zalloc(sizeof(*build));
    build->op.vt = &build_vt;
    build->j = j;
    ProbeOp *probe = mem_zalloc(sizeof(*probe));
    probe->op.vt = &probe_vt;
    probe->j = j;
    *ret_build = &build->op;
    *ret_probe = &probe->op;
    *ret_unmatched = NULL;
    if (keeps_right(spec->type)) {
        UnmatchedSource *u = mem_zalloc(sizeof(*u));
        u->base.vt = &source_vt;
        u->j = j;
        *ret_unmatched = &u->base;
    }
}
