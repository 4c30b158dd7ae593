/*
 * vec.c - views, validity bitmaps, and making, slicing and sharing vectors.
 *
 * Bitmaps are little-endian by bit in 64-bit words; bits from len on are unspecified, so whoever
 * counts masks the last word.
 *
 * Ownership: see vec.h; all memory made here comes from the caller's arena.
 * Threads:   none of these functions has state; a vector may be read by any number of threads.
 */
#include "column/vec.h"

#include "column/vec_priv.h"

#include <math.h>

/* ---- views ---- */

View view_of(const char *p, size_t n)
{
    View v = {0};

    FB_ASSERT(n <= UINT32_MAX);
    v.len = (uint32_t)n;
    if (n > 12) {
        memcpy(v.prefix, p, 4);
        v.ptr = p;
    } else if (n > 0) {
        memcpy((char *)&v + offsetof(View, prefix), p, n);
    }
    return v;
}

static uint64_t load_big_endian(const char *p)
{
    uint64_t x;

    memcpy(&x, p, 8);
    return __builtin_bswap64(x);
}

int view_cmp(const View *a, const View *b)
{
    uint32_t x, y;

    memcpy(&x, a->prefix, 4);
    memcpy(&y, b->prefix, 4);
    if (x != y) {
        return __builtin_bswap32(x) < __builtin_bswap32(y) ? -1 : 1;
    }
    if (a->len <= 12 && b->len <= 12) {
        /* Zero padding sorts a shorter string first; only lengths tell "a" from "a\0". */
        uint64_t p = load_big_endian(a->rest), q = load_big_endian(b->rest);
        if (p != q) {
            return p < q ? -1 : 1;
        }
    } else {
        uint32_t n = a->len < b->len ? a->len : b->len;
        int c = memcmp(view_ptr(a), view_ptr(b), n);
        if (c != 0) {
            return c < 0 ? -1 : 1;
        }
    }
    return (a->len > b->len) - (a->len < b->len);
}

View view_copy(Arena *a, View v)
{
    if (v.len > 12) {
        char *p = arena_alloc(a, v.len);
        memcpy(p, v.ptr, v.len);
        v.ptr = p;
    }
    return v;
}

/* ---- validity ---- */

void bits_fill(uint64_t *dst, uint32_t at, uint32_t n, bool value)
{
    while (n > 0) {
        uint32_t from = at & 63, take = 64 - from < n ? 64 - from : n;
        uint64_t mask = (take == 64 ? ~0ull : (1ull << take) - 1) << from;
        if (value) {
            dst[at >> 6] |= mask;
        } else {
            dst[at >> 6] &= ~mask;
        }
        at += take;
        n -= take;
    }
}

/* The n (1..64) bits of src from bit at on, in the low bits; the others are unspecified. */
static uint64_t bits_load(const uint64_t *src, uint32_t at, uint32_t n)
{
    uint32_t word = at >> 6, shift = at & 63;
    uint64_t x = src[word] >> shift;

    if (shift != 0 && shift + n > 64) {
        x |= src[word + 1] << (64 - shift);
    }
    return x;
}

void bits_copy(uint64_t *dst, uint32_t dst_at, const uint64_t *src, uint32_t src_at, uint32_t n)
{
    while (n > 0) {
        uint32_t to = dst_at & 63, take = 64 - to < n ? 64 - to : n;
        uint64_t mask = (take == 64 ? ~0ull : (1ull << take) - 1) << to;
        uint64_t x = bits_load(src, src_at, take) << to;
        dst[dst_at >> 6] = (dst[dst_at >> 6] & ~mask) | (x & mask);
        dst_at += take;
        src_at += take;
        n -= take;
    }
}

uint64_t *vec_new_validity(Arena *a, uint32_t n, bool all_valid)
{
    size_t bytes = VEC_WORDS(n) * sizeof(uint64_t);
    uint64_t *bits = arena_alloc(a, bytes > 0 ? bytes : sizeof(uint64_t));

    memset(bits, all_valid ? 0xff : 0, bytes > 0 ? bytes : sizeof(uint64_t));
    return bits;
}

void vec_set_null(Vec *v, Arena *a, uint32_t i)
{
    if (v->type->id == T_NULL) {
        return;
    }
    if (!v->valid) {
        v->valid = vec_new_validity(a, vec_stored(v), true);
    }
    bit_clear(v->valid, i);
}

uint32_t vec_count_nulls(const Vec *v)
{
    if (v->type->id == T_NULL) {
        return v->len;
    }
    if (!v->valid || v->len == 0) {
        return 0;
    }
    if (v->is_const) {
        return v->valid[0] & 1 ? 0 : v->len;
    }
    uint32_t valid = 0, words = v->len >> 6;
    for (uint32_t w = 0; w < words; w++) {
        valid += (uint32_t)__builtin_popcountll(v->valid[w]);
    }
    if (v->len & 63) {
        uint64_t mask = (1ull << (v->len & 63)) - 1;
        valid += (uint32_t)__builtin_popcountll(v->valid[words] & mask);
    }
    return v->len - valid;
}

bool vec_may_have_nulls(const Vec *v)
{
    if (v->type->id == T_NULL) {
        return v->len > 0;
    }
    return v->valid && !(v->is_const && (v->valid[0] & 1));
}

void vec_and_validity(Vec *out, const Vec *const *ins, uint32_t n_ins, Arena *a)
{
    uint32_t n = vec_stored(out);
    size_t words = VEC_WORDS(n);
    uint64_t *bits = NULL;

    out->valid = NULL;
    for (uint32_t k = 0; k < n_ins; k++) {
        const Vec *in = ins[k];
        if (in->type->id == T_NULL || (in->is_const && !vec_is_valid(in, 0))) {
            out->valid = vec_new_validity(a, n, false);
            return;
        }
        if (in->is_const || !in->valid) {
            continue;
        }
        if (!bits) {
            bits = vec_new_validity(a, n, true);
        }
        const uint64_t *restrict src = in->valid;
        uint64_t *restrict dst = bits;
        for (size_t w = 0; w < words; w++) {
            dst[w] &= src[w];
        }
    }
    out->valid = bits;
}

/* ---- making vectors ---- */

static Vec *new_children(const Type *t, Arena *a)
{
    return ARENA_ARRAY(a, Vec, t->n_fields > 0 ? t->n_fields : 1);
}

void vec_init_raw(Vec *v, const Type *t, uint32_t n, Arena *a)
{
    size_t width = type_width(t);

    *v = (Vec){.type = t, .len = n};
    if (t->id == T_ARRAY || t->id == T_MAP) {
        v->data = arena_alloc(a, mem_mul((size_t)n + 1, width));
        v->child = new_children(t, a);
    } else if (t->id == T_STRUCT) {
        v->child = new_children(t, a);
    } else if (width > 0) {
        v->data = arena_alloc(a, mem_mul(n > 0 ? n : 1, width));
    }
}

void vec_init(Vec *v, const Type *t, uint32_t n, Arena *a)
{
    vec_init_raw(v, t, n, a);
    if (type_is_view(t)) {
        /* A view left unset by a kernel that skips null rows must not point anywhere. */
        memset(v->data, 0, (size_t)(n > 0 ? n : 1) * sizeof(View));
    } else if (t->id == T_ARRAY || t->id == T_MAP) {
        memset(v->data, 0, ((size_t)n + 1) * sizeof(uint32_t));
    }
    for (uint32_t k = 0; k < t->n_fields; k++) {
        vec_init(&v->child[k], t->fields[k].type, t->id == T_STRUCT ? n : 0, a);
    }
}

void vec_init_const(Vec *v, const Type *t, uint32_t n, Arena *a)
{
    vec_init(v, t, 1, a);
    v->len = n;
    v->is_const = true;
    if (t->id == T_STRUCT) {
        for (uint32_t k = 0; k < t->n_fields; k++) {
            vec_init_const(&v->child[k], t->fields[k].type, n, a);
        }
    }
}

void vec_init_null(Vec *v, const Type *t, uint32_t n, Arena *a)
{
    vec_init_const(v, t, n, a);
    if (v->data && t->id != T_ARRAY && t->id != T_MAP) {
        memset(v->data, 0, type_width(t));
    }
    if (t->id != T_NULL) {
        v->valid = vec_new_validity(a, 1, false);
    }
    if (t->id == T_STRUCT) {
        for (uint32_t k = 0; k < t->n_fields; k++) {
            vec_init_null(&v->child[k], t->fields[k].type, n, a);
        }
    }
}

Vec vec_slice(const Vec *v, uint32_t from, uint32_t n, Arena *a)
{
    Vec out = *v;

    FB_ASSERT(from <= v->len && n <= v->len - from);
    out.len = n;
    if (!v->is_const) {
        if (v->data) {
            out.data = (char *)v->data + (size_t)from * type_width(v->type);
        }
        if (v->valid && (from & 63) == 0) {
            out.valid = v->valid + (from >> 6);
        } else if (v->valid) {
            out.valid = vec_new_validity(a, n, true);
            bits_copy(out.valid, 0, v->valid, from, n);
        }
    }
    if (v->type->id == T_STRUCT) {
        out.child = new_children(v->type, a);
        for (uint32_t k = 0; k < v->type->n_fields; k++) {
            out.child[k] = vec_slice(&v->child[k], from, n, a);
        }
    }
    return out;
}

Batch batch_slice(const Batch *b, uint32_t from, uint32_t n, Arena *a)
{
    Batch out = {.n_rows = n, .n_cols = b->n_cols, .seq = b->seq};

    out.col = ARENA_ARRAY(a, Vec, b->n_cols > 0 ? b->n_cols : 1);
    for (uint32_t k = 0; k < b->n_cols; k++) {
        out.col[k] = vec_slice(&b->col[k], from, n, a);
    }
    return out;
}

/* ---- normalizing floats ---- */

static void normalize_doubles(double *restrict out, const double *restrict in, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        double x = in[i] + 0.0; /* -0.0 + 0.0 is 0.0 */
        out[i] = x == x ? x : (double)NAN;
    }
}

static void normalize_floats(float *restrict out, const float *restrict in, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        float x = in[i] + 0.0f;
        out[i] = x == x ? x : NAN;
    }
}

static bool has_floats(const Type *t)
{
    if (t->id == T_FLOAT || t->id == T_DOUBLE) {
        return true;
    }
    for (uint32_t k = 0; k < t->n_fields; k++) {
        if (has_floats(t->fields[k].type)) {
            return true;
        }
    }
    return false;
}

void vec_normalize_floats(Vec *out, const Vec *v, Arena *a)
{
    const Type *t = v->type;
    uint32_t n = vec_stored(v);

    *out = *v;
    if (!has_floats(t)) {
        return;
    }
    if (t->id == T_DOUBLE) {
        out->data = arena_alloc(a, mem_mul(n > 0 ? n : 1, sizeof(double)));
        normalize_doubles(out->data, v->data, n);
    } else if (t->id == T_FLOAT) {
        out->data = arena_alloc(a, mem_mul(n > 0 ? n : 1, sizeof(float)));
        normalize_floats(out->data, v->data, n);
    } else {
        out->child = new_children(t, a);
        for (uint32_t k = 0; k < t->n_fields; k++) {
            vec_normalize_floats(&out->child[k], &v->child[k], a);
        }
    }
}
