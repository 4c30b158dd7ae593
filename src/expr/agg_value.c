/*
 * agg_value.c - values remembered by aggregates: storing, comparing, giving back.
 *
 * Dispatch on the type happens once a vector. Nested values are kept as UnsafeRow bytes; to compare
 * them, an update decodes the stored one at its group's first row, follows the winner as a
 * reference into the input from there on, and encodes it once at the end of the vector.
 *
 * Ownership and threads: see agg_value.h.
 */
#include "expr/agg_value.h"

#include "column/unsafe_row.h"
#include "expr/kernel.h"

#include <math.h>

static bool is_wide(const Type *t)
{
    return type_is_view(t) || t->id == T_DECIMAL || t->id == T_INTERVAL_CAL;
}

size_t aggval_size(const Type *t)
{
    return is_wide(t) || type_is_nested(t) ? 32 : 16;
}

uint32_t *agg_all_rows(Arena *a, uint32_t n)
{
    uint32_t *rows = arena_alloc(a, mem_mul(n ? n : 1, sizeof(uint32_t)));
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = i;
    }
    return rows;
}

bool agg_is_orderable(const Type *t)
{
    if (t->id == T_INTERVAL_CAL || t->id == T_MAP) {
        return false;
    }
    for (uint32_t k = 0; k < t->n_fields; k++) {
        if (!agg_is_orderable(t->fields[k].type)) {
            return false;
        }
    }
    return true;
}

/* Room for n bytes in the buffer; what it held may be lost. */
static char *aggval_room(AggHead *h, char **buf, uint32_t n, Arena *keep)
{
    if (h->cap < n) {
        uint32_t cap = h->cap ? h->cap : 32;
        while (cap < n) {
            cap = cap > UINT32_MAX / 2 ? n : cap * 2;
        }
        *buf = arena_alloc(keep, cap);
        h->cap = cap;
    }
    return *buf;
}

static inline void aggval_set_view(AggVal16 *s, const View *x, Arena *keep)
{
    s->h.has = 1;
    s->h.null = 0;
    s->view = *x;
    if (x->len > 12) {
        char *p = aggval_room(&s->h, &s->buf, x->len, keep);
        memcpy(p, x->ptr, x->len);
        s->view.ptr = p;
    }
}

static void aggval_set_nested(AggValNested *s, const Vec *v, uint32_t i, StrBuf *scratch,
                              Arena *keep)
{
    strbuf_clear(scratch);
    unsafe_row_encode(v, 1, i, scratch);
    FB_ASSERT(scratch->n <= UINT32_MAX);
    s->len = (uint32_t)scratch->n;
    memcpy(aggval_room(&s->h, &s->buf, s->len, keep), scratch->p, s->len);
}

static void aggval_store_nested(uint8_t *const *state, size_t off, const Vec *v,
                                const uint32_t *rows, uint32_t n_rows, Arena *keep)
{
    StrBuf scratch = {0};
    for (uint32_t k = 0; k < n_rows; k++) {
        uint32_t i = rows[k];
        AggValNested *s = (AggValNested *)(void *)(state[i] + off);
        s->h.has = 1;
        s->h.null = !vec_is_valid(v, i);
        if (!s->h.null) {
            aggval_set_nested(s, v, i, &scratch, keep);
        }
    }
    strbuf_free(&scratch);
}

#define STORE_AS(STATE, CT, MEMBER)                                                                \
    do {                                                                                           \
        const CT *data = v->data;                                                                  \
        for (uint32_t k = 0; k < n_rows; k++) {                                                    \
            uint32_t i = rows[k];                                                                  \
            STATE *s = (STATE *)(void *)(state[i] + off);                                          \
            s->h.has = 1;                                                                          \
            s->h.null = !vec_is_valid(v, i);                                                       \
            s->MEMBER = data[i & mask];                                                            \
        }                                                                                          \
    } while (0)

void aggval_store(const Type *t, uint8_t *const *state, size_t off, const Vec *v,
                  const uint32_t *rows, uint32_t n_rows, Arena *keep)
{
    uint32_t mask = vec_mask(v);

    if (type_is_nested(t)) {
        aggval_store_nested(state, off, v, rows, n_rows, keep);
        return;
    }
    if (type_is_view(t)) {
        for (uint32_t k = 0; k < n_rows; k++) {
            uint32_t i = rows[k];
            AggVal16 *s = (AggVal16 *)(void *)(state[i] + off);
            if (vec_is_valid(v, i)) {
                aggval_set_view(s, &VEC_DATA(View, v)[i & mask], keep);
            } else {
                s->h.has = s->h.null = 1;
            }
        }
        return;
    }
    switch (type_width(t)) {
    case 1:
        STORE_AS(AggVal8, uint8_t, u8);
        break;
    case 2:
        STORE_AS(AggVal8, int16_t, i16);
        break;
    case 4:
        STORE_AS(AggVal8, int32_t, i32);
        break;
    case 8:
        STORE_AS(AggVal8, int64_t, i64);
        break;
    case 16:
        STORE_AS(AggVal16, int128_t, i128);
        break;
    default: /* void */
        for (uint32_t k = 0; k < n_rows; k++) {
            AggHead *h = (AggHead *)(void *)(state[rows[k]] + off);
            h->has = h->null = 1;
        }
    }
}

/* ---- giving back ---- */

static fb_status aggval_vec_nested(const Type *t, uint8_t *const *state, size_t off, uint32_t n,
                                   Vec *out, Arena *a, fb_error *err)
{
    VecBuilder *b = vecb_new(a, t);
    for (uint32_t i = 0; i < n; i++) {
        const AggValNested *s = (const AggValNested *)(const void *)(state[i] + off);
        if (!s->h.has || s->h.null) {
            vecb_null(b);
            continue;
        }
        /* The decoder may refer to the bytes, and the state may change them. */
        char *copy = arena_alloc(a, s->len);
        memcpy(copy, s->buf, s->len);
        TRY(unsafe_row_decode(copy, s->len, &b, 1, &t, err));
    }
    vecb_finish(b, out);
    return FB_OK;
}

#define GIVE_AS(STATE, CT, MEMBER)                                                                 \
    do {                                                                                           \
        CT *data = out->data;                                                                      \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            const STATE *s = (const STATE *)(const void *)(state[i] + off);                        \
            data[i] = s->MEMBER;                                                                   \
        }                                                                                          \
    } while (0)

fb_status aggval_vec(const Type *t, uint8_t *const *state, size_t off, uint32_t n, Vec *out,
                     Arena *a, fb_error *err)
{
    if (type_is_nested(t)) {
        return aggval_vec_nested(t, state, off, n, out, a, err);
    }
    vec_init(out, t, n, a);
    if (type_is_view(t)) {
        for (uint32_t i = 0; i < n; i++) {
            const AggVal16 *s = (const AggVal16 *)(const void *)(state[i] + off);
            if (s->h.has && !s->h.null) {
                VEC_DATA(View, out)[i] = view_copy(a, s->view);
            }
        }
    } else {
        switch (type_width(t)) {
        case 1:
            GIVE_AS(AggVal8, uint8_t, u8);
            break;
        case 2:
            GIVE_AS(AggVal8, int16_t, i16);
            break;
        case 4:
            GIVE_AS(AggVal8, int32_t, i32);
            break;
        case 8:
            GIVE_AS(AggVal8, int64_t, i64);
            break;
        case 16:
            GIVE_AS(AggVal16, int128_t, i128);
            break;
        default: /* void: all null anyway */
            return FB_OK;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        const AggHead *h = (const AggHead *)(const void *)(state[i] + off);
        if (!h->has || h->null) {
            vec_set_null(out, a, i);
        }
    }
    return FB_OK;
}

/* ---- extremes ---- */

typedef struct Extreme {
    EvalCtx *cx;
    const Type *type;
    AggOrder order;
    uint8_t *const *state;
    size_t off;
    const Vec *v;
    uint32_t n;
    Arena *keep;
    uint32_t *rows;
} Extreme;

#define LESS(a, b) ((a) < (b))
/* NaN is above everything, -0.0 equals 0.0. */
#define LESS_FLOAT(a, b) ((a) < (b) || (isnan(b) && !isnan(a)))
#define LESS_VIEW(a, b) (view_cmp(&(a), &(b)) < 0)

#define SET_PLAIN(s, MEMBER, x) ((s)->MEMBER = (x))
#define SET_VIEW(s, MEMBER, x) aggval_set_view((s), &(x), e->keep)

/* One loop a type and order: the order is a constant in each inlined copy. */
#define EXTREME_OF(NAME, STATE, CT, MEMBER, LT, SET)                                               \
    static inline __attribute__((always_inline))                                                   \
    uint32_t extreme_loop_##NAME(const Extreme *e, bool max, bool last_tie)                        \
    {                                                                                              \
        const CT *restrict data = e->v->data;                                                      \
        uint32_t mask = vec_mask(e->v), n_rows = 0;                                                \
        bool nulls = vec_may_have_nulls(e->v);                                                     \
        for (uint32_t i = 0; i < e->n; i++) {                                                      \
            if (nulls && !vec_is_valid(e->v, i)) {                                                 \
                continue;                                                                          \
            }                                                                                      \
            STATE *s = (STATE *)(void *)(e->state[i] + e->off);                                    \
            CT x = data[i & mask], cur = s->MEMBER;                                                \
            bool better = max ? (last_tie ? !LT(x, cur) : LT(cur, x))                              \
                              : (last_tie ? !LT(cur, x) : LT(x, cur));                             \
            if (better || !s->h.has) {                                                             \
                s->h.has = 1;                                                                      \
                SET(s, MEMBER, x);                                                                 \
                e->rows[n_rows++] = i;                                                             \
            }                                                                                      \
        }                                                                                          \
        return n_rows;                                                                             \
    }                                                                                              \
    static uint32_t extreme_##NAME(const Extreme *e)                                               \
    {                                                                                              \
        if (e->order.max) {                                                                        \
            return e->order.last_tie ? extreme_loop_##NAME(e, true, true)                          \
                                     : extreme_loop_##NAME(e, true, false);                        \
        }                                                                                          \
        return e->order.last_tie ? extreme_loop_##NAME(e, false, true)                             \
                                 : extreme_loop_##NAME(e, false, false);                           \
    }

EXTREME_OF(u8, AggVal8, uint8_t, u8, LESS, SET_PLAIN)
EXTREME_OF(i8, AggVal8, int8_t, i8, LESS, SET_PLAIN)
EXTREME_OF(i16, AggVal8, int16_t, i16, LESS, SET_PLAIN)
EXTREME_OF(i32, AggVal8, int32_t, i32, LESS, SET_PLAIN)
EXTREME_OF(i64, AggVal8, int64_t, i64, LESS, SET_PLAIN)
EXTREME_OF(f32, AggVal8, float, f32, LESS_FLOAT, SET_PLAIN)
EXTREME_OF(f64, AggVal8, double, f64, LESS_FLOAT, SET_PLAIN)
EXTREME_OF(i128, AggVal16, int128_t, i128, LESS, SET_PLAIN)
EXTREME_OF(view, AggVal16, View, view, LESS_VIEW, SET_VIEW)

static bool nested_wins(AggOrder o, int c) /* c: the new value against the old */
{
    return c == 0 ? o.last_tie : (c > 0) == o.max;
}

static fb_status extreme_nested(const Extreme *e, uint32_t *ret_n, fb_error *err)
{
    uint32_t n_rows = 0;
    for (uint32_t i = 0; i < e->n; i++) {
        if (!vec_is_valid(e->v, i)) {
            continue;
        }
        AggValNested *s = (AggValNested *)(void *)(e->state[i] + e->off);
        if (s->h.has && !s->cur) {
            Vec *old = ARENA_NEW(e->cx->arena, Vec);
            TRY(aggval_vec_nested(e->type, &e->state[i], e->off, 1, old, e->cx->arena, err));
            s->cur = old;
            s->cur_row = 0;
        }
        if (!s->h.has || nested_wins(e->order, vec_cmp_at(e->v, i, s->cur, s->cur_row))) {
            s->h.has = s->h.dirty = 1;
            s->cur = e->v;
            s->cur_row = i;
            e->rows[n_rows++] = i;
        }
    }
    StrBuf scratch = {0};
    for (uint32_t i = 0; i < e->n; i++) {
        AggValNested *s = (AggValNested *)(void *)(e->state[i] + e->off);
        if (s->h.dirty) {
            aggval_set_nested(s, s->cur, s->cur_row, &scratch, e->keep);
        }
        s->h.dirty = 0;
        s->cur = NULL;
    }
    strbuf_free(&scratch);
    *ret_n = n_rows;
    return FB_OK;
}

fb_status aggval_extreme(EvalCtx *cx, const Type *t, AggOrder order, uint8_t *const *state,
                         size_t off, const Vec *v, uint32_t n, Arena *keep, uint32_t *rows,
                         uint32_t *ret_n, fb_error *err)
{
    Extreme e = {cx, t, order, state, off, v, n, keep, rows};

    switch (t->id) {
    case T_NULL:
        *ret_n = 0;
        return FB_OK;
    case T_BOOLEAN:
        *ret_n = extreme_u8(&e);
        return FB_OK;
    case T_BYTE:
        *ret_n = extreme_i8(&e);
        return FB_OK;
    case T_SHORT:
        *ret_n = extreme_i16(&e);
        return FB_OK;
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM:
        *ret_n = extreme_i32(&e);
        return FB_OK;
    case T_LONG:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        *ret_n = extreme_i64(&e);
        return FB_OK;
    case T_FLOAT:
        *ret_n = extreme_f32(&e);
        return FB_OK;
    case T_DOUBLE:
        *ret_n = extreme_f64(&e);
        return FB_OK;
    case T_DECIMAL:
        *ret_n = extreme_i128(&e);
        return FB_OK;
    case T_STRING:
    case T_BINARY:
        *ret_n = extreme_view(&e);
        return FB_OK;
    case T_ARRAY:
    case T_STRUCT:
        return extreme_nested(&e, ret_n, err);
    default:
        return err_internal(err, "There is no order for a minimum or maximum of this type.");
    }
}
