/*
 * agg_freq.c - DataFrame.stat.freqItems: items that are frequent, and some that are not.
 *
 * Karp, Schenker and Papadimitriou's algorithm ("A simple algorithm for finding frequent elements
 * in streams and bags", 2003) as Spark has it: at most `size` counters; an item that finds them all
 * taken lowers all counts by the least of them, and takes a place that gets free. The items come in
 * the order in which Scala's mutable.HashMap iterates over them.
 *
 * A slot keeps its item's bytes in a buffer that later items use again, so memory is bounded by the
 * number of counters and the longest items.
 *
 * Ownership: states belong to the caller, slots to the table's arena. Threads: as the group table.
 */
#include "column/unsafe_row.h"
#include "expr/agg_set_order.h"
#include "expr/agg_util.h"
#include "expr/fn_util.h"

typedef struct FreqSlot {
    union {
        View view;
        int128_t number; /* any value of up to 16 bytes, at its beginning */
    };
    char *buf;
    uint32_t cap;
    uint64_t hash;
    int64_t count;
} FreqSlot;

typedef struct FreqState {
    FreqSlot *slot;
    uint32_t *table; /* slot + 1, or 0; open addressing */
    uint32_t n, cap, table_cap;
} FreqState;

typedef struct FreqHow {
    const Type *type;
    size_t width;
    bool views;
    uint32_t size;
    Arena *keep;
} FreqHow;

static FreqState *freq_of(uint8_t *state)
{
    return (FreqState *)(void *)state;
}

static FreqHow freq_how(const Expr *agg, Arena *keep)
{
    const Type *t = agg->type->fields[0].type;
    bool views = type_is_view(t) || type_is_nested(t);
    return (FreqHow){t, views ? sizeof(View) : type_width(t), views,
                     *(const uint32_t *)agg->fn_data, keep};
}

static size_t freq_size(const Expr *agg)
{
    (void)agg;
    return sizeof(FreqState);
}

static uint32_t freq_buffers(const Expr *agg, Field *fields)
{
    fields[0] = (Field){.name = "items", .type = agg->type, .nullable = true};
    fields[1] = (Field){.name = "counts", .type = type_array(type_long, false), .nullable = true};
    return 2;
}

/* ---- the counters ---- */

static uint64_t item_hash(const FreqHow *how, const void *x)
{
    return how->views ? view_hash(x, 0) : hash_bytes(x, how->width, 0);
}

static bool item_equal(const FreqHow *how, const FreqSlot *s, const void *x)
{
    return how->views ? view_eq(&s->view, x) : memcmp(&s->number, x, how->width) == 0;
}

static void put_in_table(FreqState *s, uint32_t k)
{
    uint64_t at = s->slot[k].hash & (s->table_cap - 1);
    while (s->table[at]) {
        at = (at + 1) & (s->table_cap - 1);
    }
    s->table[at] = k + 1;
}

static void make_table(FreqState *s, const FreqHow *how)
{
    uint32_t cap = s->table_cap ? s->table_cap : 16;
    while (cap < s->cap * 2) {
        cap *= 2;
    }
    if (cap != s->table_cap) {
        s->table = arena_alloc(how->keep, mem_mul(cap, sizeof(uint32_t)));
        s->table_cap = cap;
    }
    memset(s->table, 0, s->table_cap * sizeof(uint32_t));
    for (uint32_t k = 0; k < s->n; k++) {
        put_in_table(s, k);
    }
}

static FreqSlot *find_item(const FreqState *s, const FreqHow *how, const void *x, uint64_t hash)
{
    if (s->table_cap == 0) {
        return NULL;
    }
    for (uint64_t at = hash & (s->table_cap - 1); s->table[at];
         at = (at + 1) & (s->table_cap - 1)) {
        FreqSlot *slot = &s->slot[s->table[at] - 1];
        if (slot->hash == hash && item_equal(how, slot, x)) {
            return slot;
        }
    }
    return NULL;
}

static void set_item(FreqSlot *slot, const FreqHow *how, const void *x, uint64_t hash,
                     int64_t count)
{
    slot->hash = hash;
    slot->count = count;
    if (!how->views) {
        memcpy(&slot->number, x, how->width);
        return;
    }
    const View *v = x;
    slot->view = *v;
    if (v->len > 12) {
        if (slot->cap < v->len) {
            slot->cap = v->len < UINT32_MAX / 2 ? v->len * 2 : v->len;
            slot->buf = arena_alloc(how->keep, slot->cap);
        }
        memcpy(slot->buf, v->ptr, v->len);
        slot->view.ptr = slot->buf;
    }
}

static void push_item(FreqState *s, const FreqHow *how, const void *x, uint64_t hash, int64_t count)
{
    if (s->n == s->cap) {
        uint32_t cap = s->cap ? s->cap * 2 : 8;
        FreqSlot *grown = arena_zalloc(how->keep, mem_mul(cap, sizeof(FreqSlot)));
        if (s->n) {
            memcpy(grown, s->slot, s->n * sizeof(FreqSlot));
        }
        s->slot = grown;
        s->cap = cap;
        make_table(s, how);
    }
    set_item(&s->slot[s->n++], how, x, hash, count);
    put_in_table(s, s->n - 1);
}

/* Counts lowered by `by`; items that had no more are gone, their buffers behind the others. */
static void lower_counts(FreqState *s, const FreqHow *how, int64_t by)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < s->n; k++) {
        if (s->slot[k].count > by) {
            FreqSlot kept = s->slot[k];
            s->slot[k] = s->slot[n];
            kept.count -= by;
            s->slot[n++] = kept;
        }
    }
    if (n != s->n) {
        s->n = n;
        make_table(s, how);
    }
}

static void freq_add(FreqState *s, const FreqHow *how, const void *x, int64_t count)
{
    uint64_t hash = item_hash(how, x);
    FreqSlot *slot = find_item(s, how, x, hash);
    if (slot) {
        slot->count += count;
        return;
    }
    if (s->n < how->size) {
        push_item(s, how, x, hash, count);
        return;
    }
    int64_t least = s->n ? s->slot[0].count : 0;
    for (uint32_t k = 1; k < s->n; k++) {
        least = s->slot[k].count < least ? s->slot[k].count : least;
    }
    int64_t by = count < least ? count : least;
    lower_counts(s, how, by);
    if (count > by) {
        push_item(s, how, x, hash, count - by);
    }
}

/* ---- the aggregate ---- */

static void freq_take(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *v, uint32_t n)
{
    FreqHow how = freq_how(agg, cx->keep);
    StrBuf row = {0};
    const char *data = v->data;
    uint32_t mask = vec_mask(v);
    for (uint32_t i = 0; i < n; i++) {
        if (!vec_is_valid(v, i)) {
            continue;
        }
        if (type_is_nested(how.type)) {
            strbuf_clear(&row);
            unsafe_row_encode(v, 1, i, &row);
            View x = view_of(row.p, row.n);
            freq_add(freq_of(state[i]), &how, &x, 1);
        } else {
            freq_add(freq_of(state[i]), &how, data + (i & mask) * how.width, 1);
        }
    }
    strbuf_free(&row);
}

static fb_status freq_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                             uint32_t n, fb_error *err)
{
    (void)err;
    freq_take(cx, agg, state, &args[0], n);
    return FB_OK;
}

static fb_status freq_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into, uint8_t *const *from,
                            uint32_t n, fb_error *err)
{
    FreqHow how = freq_how(agg, cx->keep);
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const FreqState *s = freq_of(from[i]);
        for (uint32_t k = 0; k < s->n; k++) {
            freq_add(freq_of(into[i]), &how, &s->slot[k].number, s->slot[k].count);
        }
    }
    return FB_OK;
}

static fb_status put_item(VecBuilder *b, const FreqHow *how, const FreqSlot *s, Arena *a,
                          fb_error *err)
{
    if (type_is_nested(how->type)) {
        char *copy = arena_bytes(a, view_ptr(&s->view), s->view.len);
        return unsafe_row_decode(copy, s->view.len, &b, 1, &how->type, err);
    }
    FreqSlot copy = *s;
    copy.view = how->views ? view_copy(a, s->view) : s->view;
    Vec one = {.type = how->type, .len = 1, .is_const = true, .data = &copy.number};
    vecb_from(b, &one, 0);
    return FB_OK;
}

/* The items in order as an array, and their counts if asked for. */
static fb_status freq_arrays(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                             Vec *items, Vec *counts, fb_error *err)
{
    FreqHow how = freq_how(agg, cx->keep);
    Arena *a = cx->eval->arena;
    VecBuilder *b = vecb_new(a, agg->type), *c = vecb_new(a, type_array(type_long, false));
    for (uint32_t i = 0; i < n; i++) {
        const FreqState *s = freq_of(state[i]);
        char *data = arena_alloc(a, mem_mul(s->n ? s->n : 1, how.width ? how.width : 1));
        uint32_t *order = ARENA_ARRAY(a, uint32_t, s->n ? s->n : 1);
        for (uint32_t k = 0; k < s->n; k++) {
            memcpy(data + k * how.width, &s->slot[k].number, how.width);
        }
        scala_set_order(how.type, data, how.width, s->n, order, a);
        for (uint32_t k = 0; k < s->n; k++) {
            TRY(put_item(vecb_child(b, 0), &how, &s->slot[order[k]], a, err));
            vecb_int(vecb_child(c, 0), s->slot[order[k]].count);
        }
        vecb_end_row(b);
        vecb_end_row(c);
    }
    vecb_finish(b, items);
    if (counts) {
        vecb_finish(c, counts);
    }
    return FB_OK;
}

static fb_status freq_finish(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                             Vec *out, fb_error *err)
{
    return freq_arrays(cx, agg, state, n, out, NULL, err);
}

static fb_status freq_store(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                            Vec *out, fb_error *err)
{
    return freq_arrays(cx, agg, state, n, &out[0], &out[1], err);
}

static fb_status freq_load(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *cols,
                           uint32_t n, fb_error *err)
{
    FreqHow how = freq_how(agg, cx->keep);
    const Vec *v = &cols[0].child[0], *counts = &cols[1].child[0];
    StrBuf row = {0};
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *at = (const uint32_t *)cols[0].data + (i & vec_mask(&cols[0]));
        *freq_of(state[i]) = (FreqState){0};
        for (uint32_t k = at[0]; vec_is_valid(&cols[0], i) && k < at[1]; k++) {
            View x;
            const void *item = (const char *)v->data + (k & vec_mask(v)) * how.width;
            if (type_is_nested(how.type)) {
                strbuf_clear(&row);
                unsafe_row_encode(v, 1, k, &row);
                x = view_of(row.p, row.n);
                item = &x;
            }
            freq_add(freq_of(state[i]), &how, item, VEC_AT(int64_t, counts, k));
        }
    }
    strbuf_free(&row);
    return FB_OK;
}

const AggDef agg_freq_items = {freq_size,   freq_buffers, freq_update, freq_merge,
                               freq_finish, freq_store,   freq_load};

/* (value, how many counters) */
fb_status bind_freq_items(BindCtx *cx, Expr *call, fb_error *err)
{
    Vec v;
    uint32_t *size = ARENA_NEW(cx->arena, uint32_t);
    TRY(bind_fold(cx, call->args[1], &v, err));
    *size = (uint32_t)VEC_AT(int32_t, &v, 0);
    call->fn_data = size;
    call->type = type_array(call->args[0]->type, false);
    call->nullable = false;
    return FB_OK;
}
