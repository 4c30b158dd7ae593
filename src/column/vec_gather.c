/*
 * vec_gather.c - rows picked, joined end to end, merged and copied.
 *
 * All functions dispatch on the type once a vector and then run one loop by value width over
 * restrict pointers. Nested vectors become one such loop a child: structs pass their row list on,
 * arrays and maps turn it into the list of the elements of those rows. Views are copied as 16
 * bytes and share what they point to; only vec_copy() moves those bytes.
 *
 * Lists can become much longer by being picked many times: they are measured first, and what the
 * arena's quota does not allow becomes empty lists, in a run that is over (arena.h).
 *
 * Ownership: results are in the caller's arena and share what the header says they share.
 * Threads:   no state.
 */
#include "column/vec.h"

#include "column/vec_priv.h"

#define NO_ROW UINT32_MAX
#define LISTS_SMALL 65536 /* elements: less is not worth asking for */

typedef struct Bytes16 {
    uint64_t a, b;
} Bytes16;

/* ---- gather ---- */

#define DEFINE_GATHER(name, ctype)                                                                 \
    static void name(ctype *restrict out, const ctype *restrict in, const uint32_t *restrict rows, \
                     uint32_t n)                                                                   \
    {                                                                                              \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            out[i] = in[rows[i]];                                                                  \
        }                                                                                          \
    }                                                                                              \
    static void name##_nullable(ctype *restrict out, const ctype *restrict in,                     \
                                const uint32_t *restrict rows, uint32_t n)                         \
    {                                                                                              \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            if (rows[i] != NO_ROW) {                                                               \
                out[i] = in[rows[i]];                                                              \
            } else {                                                                               \
                memset(&out[i], 0, sizeof(out[i]));                                                \
            }                                                                                      \
        }                                                                                          \
    }

DEFINE_GATHER(gather_1, uint8_t)
DEFINE_GATHER(gather_2, uint16_t)
DEFINE_GATHER(gather_4, uint32_t)
DEFINE_GATHER(gather_8, uint64_t)
DEFINE_GATHER(gather_16, Bytes16)

static void gather_fixed(void *out, const void *in, size_t width, const uint32_t *rows, uint32_t n,
                         bool nullable)
{
    switch (width) {
    case 1:
        (nullable ? gather_1_nullable : gather_1)(out, in, rows, n);
        break;
    case 2:
        (nullable ? gather_2_nullable : gather_2)(out, in, rows, n);
        break;
    case 4:
        (nullable ? gather_4_nullable : gather_4)(out, in, rows, n);
        break;
    case 8:
        (nullable ? gather_8_nullable : gather_8)(out, in, rows, n);
        break;
    default:
        (nullable ? gather_16_nullable : gather_16)(out, in, rows, n);
        break;
    }
}

/* The bits of the rows, a word at a time; NO_ROW gives 0. */
static uint64_t *gather_validity(const uint64_t *restrict src, const uint32_t *restrict rows,
                                 uint32_t n, bool nullable, Arena *a)
{
    uint64_t *bits = vec_new_validity(a, n, false);

    for (uint32_t at = 0; at < n; at += 64) {
        uint32_t m = n - at < 64 ? n - at : 64;
        uint64_t word = 0;
        if (!nullable) {
            for (uint32_t k = 0; k < m; k++) {
                uint32_t r = rows[at + k];
                word |= (src[r >> 6] >> (r & 63) & 1) << k;
            }
        } else {
            for (uint32_t k = 0; k < m; k++) {
                uint32_t r = rows[at + k];
                uint64_t bit = r == NO_ROW ? 0 : src ? src[r >> 6] >> (r & 63) & 1 : 1;
                word |= bit << k;
            }
        }
        bits[at >> 6] = word;
    }
    return bits;
}

static void gather(Vec *out, const Vec *v, const uint32_t *rows, uint32_t n, bool nullable,
                   Arena *a);

/* Whether a list vector of that many elements may be made; if not, all its rows are empty. */
static bool lists_allowed(Vec *out, uint64_t total, Arena *a)
{
    size_t width = sizeof(uint32_t); /* of the elements' numbers */

    for (uint32_t k = 0; k < out->type->n_fields; k++) {
        width += type_width(out->type->fields[k].type);
    }
    if (total < LISTS_SMALL) {
        return true;
    }
    if (total < UINT32_MAX && arena_reserve(a, mem_mul(total, width))) {
        return true;
    }
    FB_ASSERT(a->quota); /* without one nobody would look */
    if (total >= UINT32_MAX) {
        arena_refuse(a, total > SIZE_MAX / width ? SIZE_MAX : total * width);
    }
    memset(out->data, 0, ((size_t)out->len + 1) * sizeof(uint32_t));
    return false;
}

/* Offsets of the result and the list of the elements; null rows are empty. */
static void gather_lists(Vec *out, const Vec *v, const uint32_t *rows, uint32_t n, Arena *a)
{
    const uint32_t *in = v->data;
    uint32_t *offsets = out->data;
    uint64_t total = 0;

    offsets[0] = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t r = rows[i];
        if (r != NO_ROW && (!v->valid || bit_get(v->valid, r))) {
            total += in[r + 1] - in[r];
        }
        offsets[i + 1] = (uint32_t)total;
    }
    total = lists_allowed(out, total, a) ? total : 0;
    uint32_t *elements = mem_alloc(mem_mul(total > 0 ? total : 1, sizeof(uint32_t)));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t m = offsets[i + 1] - offsets[i], first = m > 0 ? in[rows[i]] : 0;
        uint32_t *restrict to = elements + offsets[i];
        for (uint32_t k = 0; k < m; k++) {
            to[k] = first + k;
        }
    }
    for (uint32_t k = 0; k < v->type->n_fields; k++) {
        gather(&out->child[k], &v->child[k], elements, (uint32_t)total, false, a);
    }
    mem_free(elements);
}

static void gather_flat(Vec *out, const Vec *v, const uint32_t *rows, uint32_t n, bool nullable,
                        Arena *a)
{
    vec_init_raw(out, v->type, n, a);
    if (v->type->id == T_NULL) {
        return;
    }
    if (nullable || v->valid) {
        out->valid = gather_validity(v->valid, rows, n, nullable, a);
    }
    if (v->type->id == T_STRUCT) {
        for (uint32_t k = 0; k < v->type->n_fields; k++) {
            gather(&out->child[k], &v->child[k], rows, n, nullable, a);
        }
    } else if (v->type->id == T_ARRAY || v->type->id == T_MAP) {
        gather_lists(out, v, rows, n, a);
    } else {
        gather_fixed(out->data, v->data, type_width(v->type), rows, n, nullable);
    }
}

/* A constant with another number of rows; out may be v. */
static void const_resize(Vec *out, const Vec *v, uint32_t n, Arena *a)
{
    const Type *t = v->type;
    const Vec *from = v->child;

    *out = *v;
    out->len = n;
    if (t->id == T_STRUCT) {
        out->child = ARENA_ARRAY(a, Vec, t->n_fields > 0 ? t->n_fields : 1);
        for (uint32_t k = 0; k < t->n_fields; k++) {
            const_resize(&out->child[k], &from[k], n, a);
        }
    }
}

/* A flat vector of one row over the memory of a constant. */
static void const_as_row(Vec *out, const Vec *v, Arena *a)
{
    const_resize(out, v, 1, a);
    out->is_const = false;
    if (v->type->id == T_STRUCT) {
        for (uint32_t k = 0; k < v->type->n_fields; k++) {
            const_as_row(&out->child[k], &out->child[k], a);
        }
    }
}

static void gather(Vec *out, const Vec *v, const uint32_t *rows, uint32_t n, bool nullable,
                   Arena *a)
{
    if (!v->is_const) {
        gather_flat(out, v, rows, n, nullable, a);
        return;
    }
    bool missing = false;
    for (uint32_t i = 0; nullable && i < n && !missing; i++) {
        missing = rows[i] == NO_ROW;
    }
    if (!missing || !vec_is_valid(v, 0)) {
        const_resize(out, v, n, a);
        return;
    }
    Vec row;
    const_as_row(&row, v, a);
    uint32_t *zeros = mem_alloc(mem_mul(n > 0 ? n : 1, sizeof(uint32_t)));
    for (uint32_t i = 0; i < n; i++) {
        zeros[i] = rows[i] == NO_ROW ? NO_ROW : 0;
    }
    gather_flat(out, &row, zeros, n, true, a);
    mem_free(zeros);
}

void vec_gather(Vec *out, const Vec *v, const uint32_t *rows, uint32_t n, Arena *a)
{
    gather(out, v, rows, n, false, a);
}

void vec_gather_nullable(Vec *out, const Vec *v, const uint32_t *rows, uint32_t n, Arena *a)
{
    gather(out, v, rows, n, true, a);
}

void batch_gather(Batch *out, const Batch *b, const uint32_t *rows, uint32_t n, Arena *a)
{
    Batch made = {.n_rows = n, .n_cols = b->n_cols, .seq = b->seq};

    made.col = ARENA_ARRAY(a, Vec, b->n_cols > 0 ? b->n_cols : 1);
    for (uint32_t k = 0; k < b->n_cols; k++) {
        gather(&made.col[k], &b->col[k], rows, n, false, a);
    }
    *out = made;
}

/* ---- flatten ---- */

#define DEFINE_FILL(name, ctype)                                                                   \
    static void name(ctype *restrict out, const ctype *restrict in, uint32_t n)                    \
    {                                                                                              \
        ctype x = *in;                                                                             \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            out[i] = x;                                                                            \
        }                                                                                          \
    }

DEFINE_FILL(fill_1, uint8_t)
DEFINE_FILL(fill_2, uint16_t)
DEFINE_FILL(fill_4, uint32_t)
DEFINE_FILL(fill_8, uint64_t)
DEFINE_FILL(fill_16, Bytes16)

static void fill_fixed(void *out, const void *in, size_t width, uint32_t n)
{
    switch (width) {
    case 1:
        fill_1(out, in, n);
        break;
    case 2:
        fill_2(out, in, n);
        break;
    case 4:
        fill_4(out, in, n);
        break;
    case 8:
        fill_8(out, in, n);
        break;
    default:
        fill_16(out, in, n);
        break;
    }
}

static bool is_flat(const Vec *v)
{
    bool flat = !v->is_const;

    for (uint32_t k = 0; flat && v->type->id == T_STRUCT && k < v->type->n_fields; k++) {
        flat = is_flat(&v->child[k]);
    }
    return flat;
}

void vec_flatten(Vec *out, const Vec *v, Arena *a)
{
    const Type *t = v->type;
    Vec in = *v; /* out may be v */

    if (is_flat(&in)) {
        *out = in;
        return;
    }
    if (!in.is_const) { /* a struct with some constant child */
        Vec *children = ARENA_ARRAY(a, Vec, t->n_fields);
        for (uint32_t k = 0; k < t->n_fields; k++) {
            vec_flatten(&children[k], &in.child[k], a);
        }
        *out = in;
        out->child = children;
        return;
    }
    if (t->id == T_ARRAY || t->id == T_MAP) {
        Vec row;
        const_as_row(&row, &in, a);
        uint32_t *zeros = mem_zalloc(mem_mul(in.len > 0 ? in.len : 1, sizeof(uint32_t)));
        gather_flat(out, &row, zeros, in.len, false, a);
        mem_free(zeros);
        return;
    }
    vec_init_raw(out, t, in.len, a);
    if (in.valid && !(in.valid[0] & 1)) {
        out->valid = vec_new_validity(a, in.len, false);
    }
    if (t->id == T_STRUCT) {
        for (uint32_t k = 0; k < t->n_fields; k++) {
            vec_flatten(&out->child[k], &in.child[k], a);
        }
    } else if (in.data) {
        fill_fixed(out->data, in.data, type_width(t), in.len);
    }
}

/* ---- concat ---- */

static void concat_validity(Vec *out, const Vec *parts, uint32_t n_parts, Arena *a)
{
    bool any = false;

    for (uint32_t p = 0; p < n_parts; p++) {
        any = any || (parts[p].len > 0 && vec_may_have_nulls(&parts[p]));
    }
    if (!any || out->type->id == T_NULL) {
        return;
    }
    out->valid = vec_new_validity(a, out->len, true);
    uint32_t at = 0;
    for (uint32_t p = 0; p < n_parts; p++) {
        const Vec *v = &parts[p];
        if (v->is_const || v->type->id == T_NULL) {
            bits_fill(out->valid, at, v->len, v->len > 0 && vec_is_valid(v, 0));
        } else if (v->valid) {
            bits_copy(out->valid, at, v->valid, 0, v->len);
        }
        at += v->len;
    }
}

static void concat_fixed(Vec *out, const Vec *parts, uint32_t n_parts)
{
    size_t width = type_width(out->type);
    char *to = out->data;

    for (uint32_t p = 0; p < n_parts; p++) {
        if (parts[p].len == 0) {
            continue;
        }
        if (parts[p].is_const) {
            fill_fixed(to, parts[p].data, width, parts[p].len);
        } else {
            memcpy(to, parts[p].data, parts[p].len * width);
        }
        to += parts[p].len * width;
    }
}

static void concat_lists(Vec *out, const Vec *parts, uint32_t n_parts, Arena *a)
{
    Vec *flat = mem_alloc(mem_mul(n_parts, 2 * sizeof(Vec))), *piece = flat + n_parts;
    uint32_t *offsets = out->data;
    uint64_t total = 0;
    uint32_t at = 0;

    offsets[0] = 0;
    for (uint32_t p = 0; p < n_parts; p++) {
        vec_flatten(&flat[p], &parts[p], a);
        const uint32_t *in = flat[p].data;
        for (uint32_t i = 0; i < flat[p].len; i++) {
            total += in[i + 1] - in[i];
            offsets[++at] = (uint32_t)total;
        }
    }
    bool allowed = lists_allowed(out, total, a);
    for (uint32_t k = 0; k < out->type->n_fields; k++) {
        for (uint32_t p = 0; p < n_parts; p++) {
            const uint32_t *in = flat[p].data;
            uint32_t from = in[0], n = allowed ? in[flat[p].len] - from : 0;
            piece[p] = vec_slice(&flat[p].child[k], from, n, a);
        }
        vec_concat(&out->child[k], piece, n_parts, a);
    }
    mem_free(flat);
}

void vec_concat(Vec *out, const Vec *parts, uint32_t n_parts, Arena *a)
{
    uint64_t total = 0;

    FB_ASSERT(n_parts > 0);
    for (uint32_t p = 0; p < n_parts; p++) {
        total += parts[p].len;
    }
    FB_ASSERT(total < UINT32_MAX);
    Vec made;
    const Type *t = parts[0].type;
    vec_init_raw(&made, t, (uint32_t)total, a);
    concat_validity(&made, parts, n_parts, a);
    if (t->id == T_STRUCT) {
        Vec *pieces = mem_alloc(mem_mul(n_parts, sizeof(Vec)));
        for (uint32_t k = 0; k < t->n_fields; k++) {
            for (uint32_t p = 0; p < n_parts; p++) {
                pieces[p] = parts[p].child[k];
            }
            vec_concat(&made.child[k], pieces, n_parts, a);
        }
        mem_free(pieces);
    } else if (t->id == T_ARRAY || t->id == T_MAP) {
        concat_lists(&made, parts, n_parts, a);
    } else if (t->id != T_NULL) {
        concat_fixed(&made, parts, n_parts);
    }
    *out = made;
}

/* ---- interleave ---- */

/* Where a part's values are, and how to mask a row number for it. */
typedef struct Source {
    const void *data;
    const uint64_t *valid;
    uint32_t mask;
} Source;

#define DEFINE_INTERLEAVE(name, ctype)                                                             \
    static void name(ctype *restrict out, const Source *restrict src,                              \
                     const uint8_t *restrict part, const uint32_t *restrict row, uint32_t n)       \
    {                                                                                              \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            const Source *s = &src[part[i]];                                                       \
            out[i] = ((const ctype *)s->data)[row[i] & s->mask];                                   \
        }                                                                                          \
    }

DEFINE_INTERLEAVE(interleave_1, uint8_t)
DEFINE_INTERLEAVE(interleave_2, uint16_t)
DEFINE_INTERLEAVE(interleave_4, uint32_t)
DEFINE_INTERLEAVE(interleave_8, uint64_t)
DEFINE_INTERLEAVE(interleave_16, Bytes16)

static void interleave_fixed(Vec *out, const Source *src, const uint8_t *part, const uint32_t *row)
{
    switch (type_width(out->type)) {
    case 1:
        interleave_1(out->data, src, part, row, out->len);
        break;
    case 2:
        interleave_2(out->data, src, part, row, out->len);
        break;
    case 4:
        interleave_4(out->data, src, part, row, out->len);
        break;
    case 8:
        interleave_8(out->data, src, part, row, out->len);
        break;
    default:
        interleave_16(out->data, src, part, row, out->len);
        break;
    }
}

static void interleave_validity(Vec *out, const Source *src, const uint8_t *part,
                                const uint32_t *row, Arena *a)
{
    uint64_t *bits = vec_new_validity(a, out->len, true);

    for (uint32_t i = 0; i < out->len; i++) {
        const Source *s = &src[part[i]];
        if (s->valid && !bit_get(s->valid, row[i] & s->mask)) {
            bit_clear(bits, i);
        }
    }
    out->valid = bits;
}

static void interleave_lists(Vec *out, const Vec *parts, uint32_t n_parts, const Source *src,
                             const uint8_t *part, const uint32_t *row, Arena *a)
{
    uint32_t *offsets = out->data;
    uint64_t total = 0;

    offsets[0] = 0;
    for (uint32_t i = 0; i < out->len; i++) {
        const Source *s = &src[part[i]];
        const uint32_t *in = (const uint32_t *)s->data + (row[i] & s->mask);
        if (!out->valid || bit_get(out->valid, i)) {
            total += in[1] - in[0];
        }
        offsets[i + 1] = (uint32_t)total;
    }
    total = lists_allowed(out, total, a) ? total : 0;
    uint8_t *from = mem_alloc(total > 0 ? total : 1);
    uint32_t *element = mem_alloc(mem_mul(total > 0 ? total : 1, sizeof(uint32_t)));
    for (uint32_t i = 0; i < out->len; i++) {
        const Source *s = &src[part[i]];
        uint32_t first = ((const uint32_t *)s->data)[row[i] & s->mask];
        for (uint32_t k = offsets[i]; k < offsets[i + 1]; k++) {
            from[k] = part[i];
            element[k] = first + (k - offsets[i]);
        }
    }
    Vec *children = mem_alloc(mem_mul(n_parts, sizeof(Vec)));
    for (uint32_t k = 0; k < out->type->n_fields; k++) {
        for (uint32_t p = 0; p < n_parts; p++) {
            children[p] = parts[p].child[k];
        }
        vec_interleave(&out->child[k], children, from, element, (uint32_t)total, a);
    }
    mem_free(children);
    mem_free(element);
    mem_free(from);
}

void vec_interleave(Vec *out, const Vec *parts, const uint8_t *part, const uint32_t *row,
                    uint32_t n, Arena *a)
{
    const Type *t = parts[0].type;
    Source src[256];
    uint32_t n_parts = 1;
    bool nulls = false;

    for (uint32_t i = 0; i < n; i++) {
        n_parts = part[i] >= n_parts ? part[i] + 1u : n_parts;
    }
    for (uint32_t p = 0; p < n_parts; p++) {
        src[p] = (Source){parts[p].data, parts[p].valid, vec_mask(&parts[p])};
        nulls = nulls || vec_may_have_nulls(&parts[p]);
    }
    vec_init_raw(out, t, n, a);
    if (t->id == T_NULL) {
        return;
    }
    if (nulls) {
        interleave_validity(out, src, part, row, a);
    }
    if (t->id == T_ARRAY || t->id == T_MAP) {
        interleave_lists(out, parts, n_parts, src, part, row, a);
    } else if (t->id == T_STRUCT) {
        Vec children[256];
        for (uint32_t k = 0; k < t->n_fields; k++) {
            for (uint32_t p = 0; p < n_parts; p++) {
                children[p] = parts[p].child[k];
            }
            vec_interleave(&out->child[k], children, part, row, n, a);
        }
    } else {
        interleave_fixed(out, src, part, row);
    }
}

/* ---- copy ---- */

static void copy_views(View *restrict to, const View *restrict from, uint32_t n, Arena *a)
{
    size_t total = 0;

    for (uint32_t i = 0; i < n; i++) {
        total += from[i].len > 12 ? from[i].len : 0;
    }
    char *p = total > 0 ? arena_alloc(a, total) : NULL;
    for (uint32_t i = 0; i < n; i++) {
        to[i] = from[i];
        if (from[i].len > 12) {
            memcpy(p, from[i].ptr, from[i].len);
            to[i].ptr = p;
            p += from[i].len;
        }
    }
}

static void copy_lists(Vec *out, const Vec *v, uint32_t n, Arena *a)
{
    const uint32_t *in = v->data;
    uint32_t *offsets = out->data;
    uint32_t base = in[0];

    for (uint32_t i = 0; i <= n; i++) {
        offsets[i] = in[i] - base;
    }
    for (uint32_t k = 0; k < v->type->n_fields; k++) {
        Vec used = vec_slice(&v->child[k], base, offsets[n], a);
        vec_copy(&out->child[k], &used, a);
    }
}

void vec_copy(Vec *out, const Vec *v, Arena *a)
{
    uint32_t n = vec_stored(v);
    Vec made;

    vec_init_raw(&made, v->type, n, a);
    if (v->valid) {
        made.valid = vec_new_validity(a, n, true);
        memcpy(made.valid, v->valid, VEC_WORDS(n) * sizeof(uint64_t));
    }
    if (v->type->id == T_ARRAY || v->type->id == T_MAP) {
        copy_lists(&made, v, n, a);
    } else if (v->type->id == T_STRUCT) {
        for (uint32_t k = 0; k < v->type->n_fields; k++) {
            vec_copy(&made.child[k], &v->child[k], a);
        }
    } else if (type_is_view(v->type)) {
        copy_views(made.data, v->data, n, a);
    } else if (n > 0 && made.data) {
        memcpy(made.data, v->data, n * type_width(v->type));
    }
    made.len = v->len;
    made.is_const = v->is_const;
    *out = made;
}

void batch_copy(Batch *out, const Batch *b, Arena *a)
{
    Batch made = {.n_rows = b->n_rows, .n_cols = b->n_cols, .seq = b->seq};

    made.col = ARENA_ARRAY(a, Vec, b->n_cols > 0 ? b->n_cols : 1);
    for (uint32_t k = 0; k < b->n_cols; k++) {
        vec_copy(&made.col[k], &b->col[k], a);
    }
    *out = made;
}

/* ---- measure ---- */

static uint64_t bytes_of_rows(const Vec *v, uint32_t from, uint32_t n, bool whole)
{
    uint32_t stored = v->is_const && n > 0 ? 1 : n;
    uint64_t total = (uint64_t)stored * type_width(v->type);

    from = v->is_const ? 0 : from;
    if (v->type->id == T_ARRAY || v->type->id == T_MAP) {
        const uint32_t *offsets = v->data;
        for (uint32_t k = 0; stored > 0 && k < v->type->n_fields; k++) {
            uint32_t first = offsets[from], count = offsets[from + stored] - first;
            total += bytes_of_rows(&v->child[k], first, count, true);
        }
    } else if (v->type->id == T_STRUCT) {
        for (uint32_t k = 0; k < v->type->n_fields; k++) {
            total += bytes_of_rows(&v->child[k], from, stored, whole);
        }
    } else if (type_is_view(v->type)) {
        const View *views = v->data;
        for (uint32_t i = 0; i < stored; i++) {
            total += views[from + i].len > 12 ? views[from + i].len : 0;
        }
    }
    return whole && v->is_const ? total * n : total;
}

uint64_t vec_bytes(const Vec *v, bool whole)
{
    return bytes_of_rows(v, 0, v->len, whole);
}

uint64_t batch_bytes(const Batch *b, bool whole)
{
    uint64_t total = 0;

    for (uint32_t k = 0; k < b->n_cols; k++) {
        total += vec_bytes(&b->col[k], whole);
    }
    return total;
}
