/*
 * aggregate.c - updating, merging and reading groups.
 *
 * A batch is aggregated column by column: the keys are evaluated and hashed once, the table gives
 * each row a pointer to its group, and each aggregate runs its own loop over those pointers.
 *
 * DISTINCT keeps a table of (group, arguments) an aggregate and passes on first sightings only;
 * group identity is the address of its payload, so such aggregates run on one worker and one table.
 */
#include "exec/aggregate.h"

#include "exec/agg_spill.h"
#include "exec/exec_priv.h"
#include "expr/eval_list.h"
#include "expr/kernel.h"

static size_t align16(size_t n)
{
    return (n + 15) & ~(size_t)15;
}

void agg_layout_init(AggLayout *l, const AggSpec *spec, Arena *a)
{
    l->spec = spec;
    l->key_types = ARENA_ARRAY(a, const Type *, spec->n_keys);
    l->offset = ARENA_ARRAY(a, size_t, spec->n_aggs);
    l->payload_size = 0;
    l->has_distinct = false;
    for (uint32_t k = 0; k < spec->n_keys; k++) {
        l->key_types[k] = spec->keys[k]->type;
    }
    for (uint32_t k = 0; k < spec->n_aggs; k++) {
        const Expr *e = spec->aggs[k];
        l->offset[k] = l->payload_size;
        l->payload_size += align16(e->fn->agg->state_size(e));
        l->has_distinct |= e->distinct;
    }
}

GroupTable *agg_table_new(const AggLayout *l, size_t extra)
{
    return group_table_new(l->key_types, l->spec->n_keys, l->payload_size + extra);
}

/* What Spark evaluates for a row. */
static fb_status eval_one_row(EvalCtx *cx, const void *arg, const Batch *row, fb_error *err)
{
    const AggSpec *spec = ((const AggLayout *)arg)->spec;
    Vec *v = ARENA_NEW(cx->arena, Vec);
    for (uint32_t k = 0; k < spec->n_keys; k++) {
        TRY(expr_eval(cx, spec->keys[k], row, v, err));
    }
    for (uint32_t k = 0; k < spec->n_aggs; k++) {
        const Expr *agg = spec->aggs[k];
        uint32_t rows[1], n = 1;
        if (agg->filter) {
            TRY(expr_select(cx, agg->filter, row, rows, &n, err));
        }
        bool ordered = agg->fn->flags & FN_LAST_FIRST;
        for (uint32_t i = 0; n && i < agg->n_args; i++) {
            TRY(expr_eval(cx, agg->args[ordered ? agg->n_args - 1 - i : i], row, v, err));
            n = !ordered || vec_is_valid(v, 0);
        }
    }
    return FB_OK;
}

fb_status agg_keys(const AggLayout *l, Worker *w, const Batch *b, Vec **ret_keys,
                   uint64_t **ret_hash, fb_error *err)
{
    const AggSpec *spec = l->spec;
    Vec *keys = ARENA_ARRAY(&w->arena, Vec, spec->n_keys);
    uint64_t *hash = ARENA_ARRAY(&w->arena, uint64_t, b->n_rows);
    for (uint32_t k = 0; k < spec->n_keys; k++) {
        Vec v;
        if (expr_eval(&w->eval, spec->keys[k], b, &v, err) != FB_OK) {
            return eval_first_error(&w->eval, eval_one_row, l, b, err);
        }
        vec_normalize_floats(&keys[k], &v, &w->arena);
        vec_hash(&keys[k], b->n_rows, hash);
    }
    *ret_keys = keys;
    *ret_hash = hash;
    return FB_OK;
}

/* Of n rows those whose arguments a group sees for the first time: *ret_n of them. */
static uint32_t *first_seen(const Expr *agg, Worker *w, GroupTable *seen, uint8_t *const *state,
                            const Vec *args, uint32_t n, uint32_t *ret_n)
{
    Vec *keys = ARENA_ARRAY(&w->arena, Vec, agg->n_args + 1);
    uint8_t **payload = ARENA_ARRAY(&w->arena, uint8_t *, n);
    uint8_t *is_new = ARENA_ARRAY(&w->arena, uint8_t, n);
    uint32_t *first = arena_alloc(&w->arena, mem_mul(n, sizeof(*first)));
    uint32_t kept = 0;
    vec_init(&keys[0], type_long, n, &w->arena);
    for (uint32_t i = 0; i < n; i++) {
        VEC_DATA(uint64_t, &keys[0])[i] = (uint64_t)(uintptr_t)state[i];
    }
    for (uint32_t k = 0; k < agg->n_args; k++) {
        vec_normalize_floats(&keys[k + 1], &args[k], &w->arena);
    }
    group_table_upsert(seen, keys, n, NULL, payload, is_new, &w->arena);
    for (uint32_t i = 0; i < n; i++) {
        first[kept] = i;
        kept += is_new[i];
    }
    *ret_n = kept;
    return first;
}

/* The arguments of max_by and min_by: the orderings first, and values only of rows that have one,
 * which are all that count. rows as of filtered_args(). */
static fb_status ordered_args(const Expr *agg, Worker *w, const Batch *b, uint32_t **rows,
                              uint32_t *n, Vec *args, fb_error *err)
{
    Vec ordering;
    TRY(eval_rows(&w->eval, agg->args[1], b, *rows, *n, &ordering, err));
    uint32_t *kept = arena_alloc(&w->arena, mem_mul(*n, sizeof(*kept))), m = 0;
    uint32_t *at = arena_alloc(&w->arena, mem_mul(*n, sizeof(*at)));
    for (uint32_t i = 0; i < *n; i++) {
        at[m] = i;
        kept[m] = *rows ? (*rows)[i] : i;
        m += vec_is_valid(&ordering, i);
    }
    if (m == *n) {
        args[1] = ordering;
        return eval_rows(&w->eval, agg->args[0], b, *rows, *n, &args[0], err);
    }
    vec_gather(&args[1], &ordering, at, m, &w->arena);
    *rows = kept;
    *n = m;
    return m ? eval_rows(&w->eval, agg->args[0], b, kept, m, &args[0], err) : FB_OK;
}

/* The rows that FILTER lets through, NULL for all, and the arguments for these alone. */
static fb_status filtered_args(const Expr *agg, Worker *w, const Batch *b, uint32_t **ret_rows,
                               uint32_t *ret_n, Vec *args, fb_error *err)
{
    uint32_t *rows = NULL, n = b->n_rows;
    if (agg->filter) {
        rows = arena_alloc(&w->arena, mem_mul(b->n_rows, sizeof(*rows)));
        TRY(expr_select(&w->eval, agg->filter, b, rows, &n, err));
    }
    if (n && agg->fn->flags & FN_LAST_FIRST) {
        TRY(ordered_args(agg, w, b, &rows, &n, args, err));
    } else {
        for (uint32_t i = 0; n && i < agg->n_args; i++) {
            TRY(eval_rows(&w->eval, agg->args[i], b, rows, n, &args[i], err));
        }
    }
    *ret_rows = rows;
    *ret_n = n;
    return FB_OK;
}

static fb_status update_one(const AggLayout *l, uint32_t k, Worker *w, Arena *keep,
                            GroupTable *seen, const Batch *b, uint8_t *const *payload,
                            uint8_t **state, fb_error *err)
{
    const Expr *agg = l->spec->aggs[k];
    AggCtx cx = {.eval = &w->eval, .keep = keep};
    Vec *args = ARENA_ARRAY(&w->arena, Vec, agg->n_args);
    uint32_t *rows, n;
    if (filtered_args(agg, w, b, &rows, &n, args, err) != FB_OK) {
        return eval_first_error(&w->eval, eval_one_row, l, b, err);
    }
    for (uint32_t i = 0; i < n; i++) {
        state[i] = payload[rows ? rows[i] : i] + l->offset[k];
    }
    if (agg->distinct && n) {
        uint32_t *first = first_seen(agg, w, seen, state, args, n, &n);
        for (uint32_t i = 0; i < agg->n_args; i++) {
            Vec picked;
            vec_gather(&picked, &args[i], first, n, &w->arena);
            args[i] = picked;
        }
        for (uint32_t i = 0; i < n; i++) {
            state[i] = state[first[i]];
        }
    }
    return n ? agg->fn->agg->update(&cx, agg, state, args, n, err) : FB_OK;
}

fb_status agg_update(const AggLayout *l, Worker *w, Arena *keep, GroupTable **seen, const Batch *b,
                     uint8_t *const *payload, fb_error *err)
{
    uint8_t **state = arena_alloc(&w->arena, mem_mul(b->n_rows, sizeof(*state)));
    for (uint32_t k = 0; k < l->spec->n_aggs; k++) {
        TRY(update_one(l, k, w, keep, seen ? seen[k] : NULL, b, payload, state, err));
    }
    return FB_OK;
}

fb_status agg_merge(const AggLayout *l, EvalCtx *cx, Arena *keep, uint8_t *const *into,
                    uint8_t *const *from, uint32_t n, fb_error *err)
{
    AggCtx ac = {.eval = cx, .keep = keep};
    uint8_t **a = arena_alloc(cx->arena, mem_mul(n, sizeof(*a)));
    uint8_t **b = arena_alloc(cx->arena, mem_mul(n, sizeof(*b)));
    for (uint32_t k = 0; k < l->spec->n_aggs; k++) {
        const Expr *agg = l->spec->aggs[k];
        for (uint32_t i = 0; i < n; i++) {
            a[i] = into[i] + l->offset[k];
            b[i] = from[i] + l->offset[k];
        }
        TRY(agg->fn->agg->merge(&ac, agg, a, b, n, err));
    }
    return FB_OK;
}

fb_status agg_finish(const AggLayout *l, EvalCtx *cx, const GroupTable *t, uint8_t *const *payload,
                     uint32_t n, Batch *out, fb_error *err)
{
    const AggSpec *spec = l->spec;
    AggCtx ac = {.eval = cx, .keep = cx->arena};
    uint8_t **state = arena_alloc(cx->arena, mem_mul(n, sizeof(*state)));
    out->n_rows = n;
    out->n_cols = spec->n_keys + spec->n_aggs;
    out->col = ARENA_ARRAY(cx->arena, Vec, out->n_cols);
    if (spec->n_keys) {
        group_table_keys(t, payload, n, out->col, cx->arena);
    }
    for (uint32_t k = 0; k < spec->n_aggs; k++) {
        const Expr *agg = spec->aggs[k];
        Vec *v = &out->col[spec->n_keys + k];
        v->type = agg->type;
        v->len = n;
        for (uint32_t i = 0; i < n; i++) {
            state[i] = payload[i] + l->offset[k];
        }
        TRY(agg->fn->agg->finish(&ac, agg, state, n, v, err));
    }
    return FB_OK;
}

fb_status agg_outputs(const AggLayout *l, EvalCtx *cx, const Batch *finished, Batch *out,
                      fb_error *err)
{
    const AggSpec *spec = l->spec;
    out->n_rows = finished->n_rows;
    out->n_cols = spec->n_outs;
    out->col = ARENA_ARRAY(cx->arena, Vec, spec->n_outs);
    for (uint32_t i = 0; i < spec->n_outs; i++) {
        TRY(expr_eval(cx, spec->outs[i], finished, &out->col[i], err));
    }
    return FB_OK;
}

/* ---- partial tables ---- */

GroupTable **agg_seen_new(const AggLayout *l)
{
    GroupTable **seen = mem_zalloc(mem_mul(l->spec->n_aggs + 1, sizeof(*seen)));
    for (uint32_t k = 0; k < l->spec->n_aggs; k++) {
        const Expr *agg = l->spec->aggs[k];
        if (!agg->distinct) {
            continue;
        }
        const Type **types = mem_alloc(mem_mul(agg->n_args + 1, sizeof(*types)));
        types[0] = type_long;
        for (uint32_t i = 0; i < agg->n_args; i++) {
            types[i + 1] = agg->args[i]->type;
        }
        seen[k] = group_table_new(types, agg->n_args + 1, 0);
        mem_free(types);
    }
    return seen;
}

void agg_seen_free(const AggLayout *l, GroupTable **seen)
{
    for (uint32_t k = 0; seen && k < l->spec->n_aggs; k++) {
        group_table_free(seen[k]);
    }
    mem_free(seen);
}

size_t agg_seen_bytes(const AggLayout *l, GroupTable *const *seen)
{
    size_t n = 0;
    for (uint32_t k = 0; seen && k < l->spec->n_aggs; k++) {
        n += seen[k] ? group_table_bytes(seen[k]) : 0;
    }
    return n;
}

size_t agg_partial_bytes(const AggPartial *p, uint32_t w)
{
    return p->table[w] ? group_table_bytes(p->table[w]) + agg_seen_bytes(p->layout, p->seen[w]) : 0;
}

fb_status agg_partial_drop(AggPartial *p, uint32_t w, fb_error *err)
{
    group_table_free(p->table[w]);
    agg_seen_free(p->layout, p->seen[w]);
    p->table[w] = NULL;
    p->seen[w] = NULL;
    return exec_charge(p->x, &p->charged[w], 0, err);
}

void agg_partial_init(AggPartial *p, const AggLayout *l, Exec *x)
{
    p->layout = l;
    p->x = x;
    p->table = mem_zalloc(mem_mul(x->n_workers, sizeof(*p->table)));
    p->seen = mem_zalloc(mem_mul(x->n_workers, sizeof(*p->seen)));
    p->charged = mem_zalloc(mem_mul(x->n_workers, sizeof(*p->charged)));
}

void agg_partial_clear(AggPartial *p)
{
    for (uint32_t w = 0; w < p->x->n_workers; w++) {
        if (p->table[w]) {
            group_table_clear(p->table[w]);
        }
        agg_seen_free(p->layout, p->seen[w]);
        p->seen[w] = NULL;
    }
}

void agg_partial_free(AggPartial *p)
{
    for (uint32_t w = 0; p->table && w < p->x->n_workers; w++) {
        fb_error ignored = {0};
        group_table_free(p->table[w]);
        agg_seen_free(p->layout, p->seen[w]);
        (void)exec_charge(p->x, &p->charged[w], 0, &ignored);
    }
    mem_free(p->table);
    mem_free(p->seen);
    mem_free(p->charged);
    *p = (AggPartial){0};
}

fb_status agg_partial_push(AggPartial *p, Worker *w, Batch *b, fb_error *err)
{
    const AggLayout *l = p->layout;
    Vec *keys;
    uint64_t *hash;
    if (!p->table[w->id]) {
        p->table[w->id] = agg_table_new(l, 0);
    }
    if (l->has_distinct && !p->seen[w->id]) {
        p->seen[w->id] = agg_seen_new(l);
    }
    GroupTable *t = p->table[w->id];
    uint8_t **payload = arena_alloc(&w->arena, mem_mul(b->n_rows, sizeof(*payload)));
    TRY(agg_keys(l, w, b, &keys, &hash, err));
    if (l->spec->n_keys) {
        group_table_upsert(t, keys, b->n_rows, hash, payload, NULL, &w->arena);
    } else {
        uint64_t zero = 0;
        group_table_upsert(t, NULL, 1, &zero, payload, NULL, &w->arena);
        for (uint32_t i = 1; i < b->n_rows; i++) {
            payload[i] = payload[0];
        }
    }
    TRY(agg_update(l, w, group_table_arena(t), p->seen[w->id], b, payload, err));
    size_t bytes = agg_partial_bytes(p, w->id);
    if (exec_fits(p->x, &p->charged[w->id], bytes)) {
        return FB_OK;
    }
    return p->over ? p->over(p->over_arg, w->id, err)
                   : exec_charge(p->x, &p->charged[w->id], bytes, err);
}
