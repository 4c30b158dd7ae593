/*
 * fn_str_to_map.c - str_to_map: a text cut into pairs, and each pair into a key and a value.
 *
 * Both delimiters are regular expressions, as those of split. A pair without delimiter has a null
 * value. Keys and values refer to the bytes of the input.
 *
 * Ownership: results are in cx->arena.
 */
#include "expr/fn_array.h"
#include "expr/fn_split.h"

/* fn_data: the two delimiters as calls of their own, whose patterns may be constant. */
typedef struct Delimiters {
    Expr pair, key;
} Delimiters;

/* The keys of all rows lie at even places of ps, the values behind them. */
typedef struct Entries {
    Pieces pairs, ps;
    uint64_t *null_value; /* bit k: entry k has none */
    uint32_t cap;
} Entries;

static fb_status mark_null(Entries *e, uint32_t k, fb_error *err)
{
    if (k >= e->cap) {
        size_t cap = MAX_OF((size_t)64, (size_t)e->cap * 2);
        if (!arena_reserve(e->ps.arena, cap / 8)) {
            return arena_check(e->ps.arena, err);
        }
        while (cap <= k) {
            cap *= 2;
        }
        uint64_t *bits = arena_zalloc(e->ps.arena, cap / 8);
        if (e->cap) {
            memcpy(bits, e->null_value, e->cap / 8);
        }
        e->null_value = bits;
        e->cap = (uint32_t)cap;
    }
    e->null_value[k >> 6] |= UINT64_C(1) << (k & 63);
    return FB_OK;
}

static fb_status add_pairs(Entries *e, RegexpRow *by, fb_error *err)
{
    for (uint32_t k = 0; k < e->pairs.n; k++) {
        uint32_t before = e->ps.n;
        TRY(split_row(&e->ps, by, view_str(&e->pairs.p[k]), 2, err));
        if (e->ps.n == before + 1) {
            TRY(pieces_reserve(&e->ps, 1, err));
            e->ps.p[e->ps.n++] = (View){0};
            TRY(mark_null(e, before / 2, err));
        }
    }
    return FB_OK;
}

/* Keys and values as vectors of their own. */
static fb_status spread(EvalCtx *cx, const Entries *e, Vec *keys, Vec *values, fb_error *err)
{
    uint32_t n = e->ps.n / 2;
    TRY(eval_reserve(cx, n, 2 * sizeof(View), err));
    vec_init(keys, type_string, n, cx->arena);
    vec_init(values, type_string, n, cx->arena);
    for (uint32_t k = 0; k < n; k++) {
        VEC_DATA(View, keys)[k] = e->ps.p[2 * k];
        VEC_DATA(View, values)[k] = e->ps.p[2 * k + 1];
        if (k < e->cap && bit_get(e->null_value, k)) {
            vec_set_null(values, cx->arena, k);
        }
    }
    return FB_OK;
}

KERNEL(fn_str_to_map)
{
    const Delimiters *d = call->fn_data;
    Entries e = {.pairs = {.arena = cx->arena}, .ps = {.arena = cx->arena}};
    RegexpRow by_pair = regexp_rows(cx, &d->pair, &args[1]);
    RegexpRow by_key = regexp_rows(cx, &d->key, &args[2]);
    ListOut o = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t from = e.ps.n / 2;
        if (kernel_wants(out, i)) {
            e.pairs.n = 0;
            TRY(regexp_row(&by_pair, i, err));
            TRY(regexp_row(&by_key, i, err));
            TRY(split_row(&e.pairs, &by_pair, arg_str(&args[0], i), -1, err));
            TRY(add_pairs(&e, &by_key, err));
        }
        for (uint32_t k = from; k < e.ps.n / 2; k++) {
            list_out_push(&o, k);
        }
        list_out_end_row(&o, i);
    }
    Vec keys, values;
    TRY(spread(cx, &e, &keys, &values, err));
    return map_finish(cx, &o, &keys, &values, n, out, err);
}

BINDER(bind_str_to_map)
{
    Delimiters *d = ARENA_NEW(cx->arena, Delimiters);
    if (call->n_args < 2) {
        bind_add_arg(cx, call, expr_literal_str(cx->arena, STR_LIT(",")));
    }
    if (call->n_args < 3) {
        bind_add_arg(cx, call, expr_literal_str(cx->arena, STR_LIT(":")));
    }
    for (uint32_t i = 0; i < 3; i++) {
        TRY(bind_exact(cx, call, i, type_string, err));
    }
    d->pair = d->key = *call;
    regexp_bind_pattern(cx, &d->pair, 1);
    regexp_bind_pattern(cx, &d->key, 2);
    call->fn_data = d;
    return bind_done(call, type_map(type_string, type_string, true));
}
