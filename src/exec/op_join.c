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
 *
 * A right side that the budget has no room for goes to a temporary file by hash partition, and so
 * does the left side then; the source after the probe joins the partitions (join_spill.c). Without
 * equality there are no partitions, and the query fails.
 */
#include "exec/join_priv.h"
#include "expr/eval_list.h"

#define ROW_COST 96u /* bytes of the index for a row: its table row, slots, chain, mark */

typedef struct BuildOp {
    Op op;
    Join *j;
} BuildOp;

typedef struct ProbeOp {
    Op op;
    Join *j;
} ProbeOp;

typedef struct RestSource {
    Source base;
    Join *j;
    _Atomic uint32_t next_part;
} RestSource;

/* ---- sides ---- */

void join_side_init(const Join *j, Side *s)
{
    *s = (Side){.rows = rowset_new(j->right_schema)};
}

void join_side_clear(Side *s)
{
    rowset_clear(s->rows);
    arena_free(&s->rows->arena);
    arena_free(&s->arena);
    group_table_free(s->table);
    mem_free(s->chain);
    mem_free((void *)s->matched);
    s->col = NULL;
    s->table = NULL;
    s->chain = NULL;
    s->matched = NULL;
    s->n_rows = 0;
}

void join_side_free(Side *s)
{
    join_side_clear(s);
    rowset_release(s->rows);
}

/* The columns are there twice: as they came, and end to end. */
size_t join_side_cost(const Join *j, const Side *s)
{
    return s->rows->arena.allocated * 2 + (size_t)s->rows->n_rows * (j->spec.n_keys ? ROW_COST : 1);
}

static void reset(Join *j)
{
    join_side_clear(&j->side);
    join_spill_free(atomic_exchange(&j->spill, NULL));
}

static void release(Join *j)
{
    if (--j->refs) {
        return;
    }
    fb_error ignored = {0};
    (void)exec_charge(j->x, &j->charged, 0, &ignored);
    join_side_free(&j->side);
    join_spill_free(atomic_load(&j->spill));
    pthread_mutex_destroy(&j->lock);
    mem_free(j);
}

/* ---- build ---- */

static fb_status build_open(Op *op, Exec *x, fb_error *err)
{
    Join *j = ((BuildOp *)op)->j;
    (void)x;
    reset(j);
    return exec_charge(j->x, &j->charged, 0, err);
}

/* Under the lock: the rows kept so far go to partitions. */
static fb_status spill_side(Join *j, uint32_t worker, fb_error *err)
{
    JoinSpill *spill;
    Arena scratch = {0};
    EvalCtx cx = exec_eval(j->x, &scratch);
    TRY(join_spill_new(j, 0, &spill, err));
    fb_status st = FB_OK;
    for (uint32_t i = 0; i < j->side.rows->n_batches && st == FB_OK; i++) {
        st = join_spill_right(spill, &cx, worker, &j->side.rows->batches[i], err);
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    atomic_store(&j->spill, spill);
    join_side_clear(&j->side);
    return st == FB_OK ? exec_charge(j->x, &j->charged, 0, err) : st;
}

static fb_status build_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    Join *j = ((BuildOp *)op)->j;
    JoinSpill *spill = atomic_load(&j->spill);
    if (spill) {
        return join_spill_right(spill, &w->eval, w->id, b, err);
    }
    fb_status st = FB_OK;
    pthread_mutex_lock(&j->lock);
    spill = atomic_load(&j->spill);
    if (!spill) {
        st = exec_append(j->x, j->side.rows, b, err);
        size_t cost = join_side_cost(j, &j->side);
        if (st == FB_OK && !exec_fits(j->x, &j->charged, cost)) {
            st = j->spec.n_keys ? spill_side(j, w->id, err)
                                : exec_charge(j->x, &j->charged, cost, err);
        }
    }
    pthread_mutex_unlock(&j->lock);
    return spill ? join_spill_right(spill, &w->eval, w->id, b, err) : st;
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
    Vec *made = ARENA_ARRAY(cx->arena, Vec, j->spec.n_keys);
    Vec *keys = ARENA_ARRAY(cx->arena, Vec, j->spec.n_keys);
    TRY(eval_list(cx, exprs, j->spec.n_keys, b, made, err));
    for (uint32_t k = 0; k < j->spec.n_keys; k++) {
        vec_normalize_floats(&keys[k], &made[k], cx->arena);
    }
    *ret = keys;
    return FB_OK;
}

fb_status join_hash(const Join *j, EvalCtx *cx, Expr *const *exprs, const Batch *b, uint64_t **ret,
                    fb_error *err)
{
    Vec *keys;
    uint64_t *hash = ARENA_ARRAY(cx->arena, uint64_t, b->n_rows);
    TRY(eval_keys(j, cx, exprs, b, &keys, err));
    for (uint32_t k = 0; k < j->spec.n_keys; k++) {
        vec_hash(&keys[k], b->n_rows, hash);
    }
    *ret = hash;
    return FB_OK;
}

/* Enters one batch of kept rows, whose first is row number base, into the table. */
static fb_status build_batch(const Join *j, Side *s, EvalCtx *cx, const Batch *b, uint32_t base,
                             fb_error *err)
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
    group_table_upsert(s->table, keys, n, NULL, payload, NULL, cx->arena);
    for (uint32_t i = n; i-- > 0;) {
        uint32_t first;
        uint32_t row = base + rows[i];
        memcpy(&first, payload[i], sizeof(first));
        s->chain[row] = first;
        first = row + 1;
        memcpy(payload[i], &first, sizeof(first));
    }
    return FB_OK;
}

/* Chains are entered last row first, so that walking one gives the rows in input order. */
static fb_status build_table(const Join *j, Side *s, fb_error *err)
{
    const Type **types = ARENA_ARRAY(&s->arena, const Type *, j->spec.n_keys);
    for (uint32_t k = 0; k < j->spec.n_keys; k++) {
        types[k] = j->spec.right_keys[k]->type;
    }
    s->table = group_table_new(types, j->spec.n_keys, sizeof(uint32_t));
    s->chain = mem_zalloc(mem_mul((size_t)s->n_rows + 1, sizeof(*s->chain)));
    Arena scratch = {0};
    EvalCtx cx = exec_eval(j->x, &scratch);
    fb_status st = FB_OK;
    uint32_t base = s->n_rows;
    for (uint32_t i = s->rows->n_batches; i-- > 0 && st == FB_OK;) {
        base -= s->rows->batches[i].n_rows;
        st = build_batch(j, s, &cx, &s->rows->batches[i], base, err);
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    return st;
}

static void concat_columns(const Join *j, Side *s)
{
    s->col = ARENA_ARRAY(&s->arena, Vec, j->spec.n_right);
    Vec *parts = ARENA_ARRAY(&s->arena, Vec, s->rows->n_batches);
    for (uint32_t c = 0; c < j->spec.n_right; c++) {
        for (uint32_t i = 0; i < s->rows->n_batches; i++) {
            parts[i] = s->rows->batches[i].col[c];
        }
        if (s->rows->n_batches) {
            vec_concat(&s->col[c], parts, s->rows->n_batches, &s->arena);
        } else {
            vec_init(&s->col[c], j->spec.right_types[c], 0, &s->arena);
        }
    }
}

fb_status join_index(const Join *j, Side *s, fb_error *err)
{
    if (s->rows->n_rows >= UINT32_MAX - 1) {
        return err_unsupported(err, "a join side of more than 4 billion rows");
    }
    rowset_sort_by_seq(s->rows);
    s->n_rows = (uint32_t)s->rows->n_rows;
    concat_columns(j, s);
    s->matched = mem_zalloc((size_t)s->n_rows + 1);
    return j->spec.n_keys ? build_table(j, s, err) : FB_OK;
}

static fb_status build_finish(Op *op, Exec *x, fb_error *err)
{
    Join *j = ((BuildOp *)op)->j;
    (void)x;
    return atomic_load(&j->spill) ? FB_OK : join_index(j, &j->side, err);
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

static uint32_t first_candidate(const Join *j, const Side *s, uint8_t *const *payload, uint32_t row)
{
    uint32_t first = 0;
    if (!j->spec.n_keys) {
        return s->n_rows ? 1 : 0;
    }
    if (payload[row]) {
        memcpy(&first, payload[row], sizeof(first));
    }
    return first;
}

static uint32_t next_candidate(const Join *j, const Side *s, uint32_t c)
{
    if (!j->spec.n_keys) {
        return c < s->n_rows ? c + 1 : 0;
    }
    return s->chain[c - 1];
}

static void fill_pairs(const Join *j, const Side *s, uint8_t *const *payload, uint32_t n_rows,
                       Pairs *p)
{
    p->n = 0;
    while (p->at < n_rows && p->n < BATCH_ROWS) {
        if (!p->begun) {
            p->next = first_candidate(j, s, payload, p->at);
            p->begun = true;
        }
        while (p->next && p->n < BATCH_ROWS) {
            p->left[p->n] = p->at;
            p->right[p->n++] = p->next - 1;
            p->next = next_candidate(j, s, p->next);
        }
        if (!p->next) {
            p->at++;
            p->begun = false;
        }
    }
}

/* Looks the probe rows up; payload[i] is NULL where there is no candidate. */
static fb_status look_up(const Join *j, const Side *s, Worker *w, const Batch *b, uint8_t ***ret,
                         fb_error *err)
{
    uint8_t **payload = ARENA_ARRAY(&w->arena, uint8_t *, b->n_rows);
    *ret = payload;
    if (!j->spec.n_keys || !s->n_rows) {
        return FB_OK;
    }
    Vec *keys;
    TRY(eval_keys(j, &w->eval, j->spec.left_keys, b, &keys, err));
    group_table_find(s->table, keys, b->n_rows, NULL, payload, &w->arena);
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

static void pair_batch(const Join *j, const Side *s, Worker *w, const Batch *b,
                       const uint32_t *left, const uint32_t *right, uint32_t n, const bool *need,
                       Batch *out)
{
    out->n_rows = n;
    out->n_cols = j->spec.n_left + j->spec.n_right;
    out->col = ARENA_ARRAY(&w->arena, Vec, out->n_cols);
    out->seq = b->seq;
    for (uint32_t c = 0; c < out->n_cols; c++) {
        if (!need[c]) { /* of its type all the same: the evaluator may cut the batch down */
            const Type *t = c < j->spec.n_left ? j->spec.left_types[c]
                                               : j->spec.right_types[c - j->spec.n_left];
            vec_init_null(&out->col[c], t, n, &w->arena);
        } else if (c < j->spec.n_left) {
            vec_gather(&out->col[c], &b->col[c], left, n, &w->arena);
        } else {
            vec_gather_nullable(&out->col[c], &s->col[c - j->spec.n_left], right, n, &w->arena);
        }
    }
}

/* Where joined rows go. */
typedef struct Out {
    EmitFn emit;
    void *to;
} Out;

/* s and right NULL: left rows alone. */
static fb_status emit_pairs(const Join *j, const Side *s, Worker *w, const Batch *b,
                            const uint32_t *left, const uint32_t *right, uint32_t n, Out to,
                            fb_error *err)
{
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
            vec_gather_nullable(&out.col[k], &s->col[c - j->spec.n_left], right, n, &w->arena);
        } else {
            vec_init_null(&out.col[k], j->spec.right_types[c - j->spec.n_left], n, &w->arena);
        }
    }
    return to.emit(to.to, w, &out, err);
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
static fb_status apply_condition(const Join *j, const Side *s, Worker *w, const Batch *b, Pairs *p,
                                 fb_error *err)
{
    if (!j->spec.condition || p->n == 0) {
        return FB_OK;
    }
    Batch both;
    uint32_t n;
    bool *need = ARENA_ARRAY(&w->arena, bool, j->spec.n_left + j->spec.n_right);
    uint32_t *rows = arena_alloc(&w->arena, mem_mul(p->n, sizeof(*rows)));
    (void)expr_visit(j->spec.condition, mark_columns, need);
    pair_batch(j, s, w, b, p->left, p->right, p->n, need, &both);
    TRY(expr_select(&w->eval, j->spec.condition, &both, rows, &n, err));
    for (uint32_t i = 0; i < n; i++) {
        p->left[i] = p->left[rows[i]];
        p->right[i] = p->right[rows[i]];
    }
    p->n = n;
    return FB_OK;
}

fb_status join_left_alone(const Join *j, Worker *w, const Batch *b, const uint8_t *hits,
                          EmitFn emit, void *to, fb_error *err)
{
    uint32_t *rows = arena_alloc(&w->arena, mem_mul(b->n_rows, sizeof(*rows)));
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->n_rows; i++) {
        if (hits[i] == (j->spec.type == JOIN_LEFT_SEMI)) {
            rows[n++] = i;
        }
    }
    return emit_pairs(j, NULL, w, b, rows, NULL, n, (Out){emit, to}, err);
}

fb_status join_probe(const Join *j, const Side *s, Worker *w, const Batch *b, uint8_t *hits,
                     EmitFn emit, void *to, fb_error *err)
{
    JoinType t = j->spec.type;
    uint8_t **payload;
    uint8_t *hit = hits ? hits : ARENA_ARRAY(&w->arena, uint8_t, b->n_rows);
    Pairs p = {.left = arena_alloc(&w->arena, BATCH_ROWS * sizeof(uint32_t)),
               .right = arena_alloc(&w->arena, BATCH_ROWS * sizeof(uint32_t))};
    TRY(look_up(j, s, w, b, &payload, err));
    while (p.at < b->n_rows) {
        ArenaMark mark = arena_mark(&w->arena);
        fill_pairs(j, s, payload, b->n_rows, &p);
        TRY(apply_condition(j, s, w, b, &p, err));
        for (uint32_t i = 0; i < p.n; i++) {
            hit[p.left[i]] = 1;
        }
        for (uint32_t i = 0; join_keeps_right(t) && i < p.n; i++) {
            atomic_store_explicit(&s->matched[p.right[i]], 1, memory_order_relaxed);
        }
        if (!join_is_semi(t)) {
            TRY(emit_pairs(j, s, w, b, p.left, p.right, p.n, (Out){emit, to}, err));
        }
        arena_rewind(&w->arena, mark);
    }
    bool alone = !hits && (join_is_semi(t) || join_keeps_left(t));
    return alone ? join_left_alone(j, w, b, hit, emit, to, err) : FB_OK;
}

static fb_status emit_next(void *to, Worker *w, Batch *b, fb_error *err)
{
    return op_emit(to, w, b, err);
}

static fb_status probe_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    const Join *j = ((ProbeOp *)op)->j;
    JoinSpill *spill = atomic_load_explicit(&j->spill, memory_order_relaxed);
    return spill ? join_spill_left(spill, &w->eval, w->id, b, err)
                 : join_probe(j, &j->side, w, b, NULL, emit_next, op, err);
}

static void probe_free(Op *op)
{
    release(((ProbeOp *)op)->j);
    mem_free(op);
}

/* ---- what comes after the probe: partitions, or rows of the right side without a match ---- */

fb_status join_right_alone(const Join *j, const Side *s, Worker *w, uint64_t morsel, uint64_t *k,
                           EmitFn emit, void *to, fb_error *err)
{
    uint32_t row = 0;
    while (row < s->n_rows) {
        uint32_t *rows = arena_alloc(&w->arena, BATCH_ROWS * sizeof(*rows));
        uint32_t n = 0;
        for (; row < s->n_rows && n < BATCH_ROWS; row++) {
            if (!atomic_load_explicit(&s->matched[row], memory_order_relaxed)) {
                rows[n++] = row;
            }
        }
        if (n == 0) {
            break;
        }
        Batch out = {.n_rows = n, .n_cols = j->spec.n_out, .seq = source_seq(w, morsel, (*k)++)};
        out.col = ARENA_ARRAY(&w->arena, Vec, j->spec.n_out);
        for (uint32_t c = 0; c < j->spec.n_out; c++) {
            uint32_t from = j->spec.out[c];
            if (from < j->spec.n_left) {
                vec_init_null(&out.col[c], j->spec.left_types[from], n, &w->arena);
            } else {
                vec_gather(&out.col[c], &s->col[from - j->spec.n_left], rows, n, &w->arena);
            }
        }
        fb_status st = emit(to, w, &out, err);
        arena_reset(&w->arena);
        TRY(st);
    }
    return FB_OK;
}

static fb_status rest_begin(Source *src, uint32_t n_workers, fb_error *err)
{
    RestSource *r = (RestSource *)src;
    JoinSpill *spill = atomic_load(&r->j->spill);
    (void)n_workers;
    atomic_store(&r->next_part, 0);
    src->n_morsels = spill ? SPILL_FANOUT : 1;
    return spill ? join_spill_end(spill, err) : FB_OK;
}

static fb_status rest_produce(Source *src, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    RestSource *r = (RestSource *)src;
    const Join *j = r->j;
    JoinSpill *spill = atomic_load(&j->spill);
    if (!spill) {
        uint64_t k = 0;
        return join_keeps_right(j->spec.type)
                   ? join_right_alone(j, &j->side, w, 0, &k, emit, to, err)
                   : FB_OK;
    }
    if (w->id >= exec_part_workers(j->x)) {
        return FB_OK;
    }
    for (;;) {
        uint32_t part = atomic_fetch_add(&r->next_part, 1);
        if (part >= SPILL_FANOUT) {
            return FB_OK;
        }
        TRY(join_spill_run(spill, w, part, emit, to, err));
    }
}

/* One, if there can be rows. The run takes one worker for it, which then takes all there is. */
static uint32_t rest_parts(Source *src)
{
    const RestSource *r = (RestSource *)src;
    return atomic_load(&r->j->spill) || join_keeps_right(r->j->spec.type) ? 1 : 0;
}

static void rest_free(Source *src)
{
    release(((RestSource *)src)->j);
    mem_free(src);
}

void op_join(Exec *x, const JoinSpec *spec, Op **ret_build, Op **ret_probe, Source **ret_rest)
{
    static const OpVt build_vt = {.name = "HashJoinBuild",
                                  .open = build_open,
                                  .push = build_push,
                                  .finish = build_finish,
                                  .free = build_free};
    static const OpVt probe_vt = {.name = "HashJoin", .push = probe_push, .free = probe_free};
    static const SourceVt source_vt = {
        .begin = rest_begin, .produce = rest_produce, .free = rest_free, .parts = rest_parts};
    Join *j = mem_zalloc(sizeof(*j));
    Field *fields = ARENA_ARRAY(&x->arena, Field, spec->n_right);
    for (uint32_t c = 0; c < spec->n_right; c++) {
        fields[c] = (Field){.name = "c", .type = spec->right_types[c], .nullable = true};
    }
    j->spec = *spec;
    j->x = x;
    j->right_schema = type_struct(fields, spec->n_right);
    join_side_init(j, &j->side);
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
    *ret_rest = NULL;
    if (spec->n_keys || join_keeps_right(spec->type)) {
        RestSource *r = mem_zalloc(sizeof(*r));
        r->base.vt = &source_vt;
        r->j = j;
        j->refs++;
        *ret_rest = &r->base;
    }
}
