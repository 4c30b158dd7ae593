/*
 * vec_builder.c - vectors built a row at a time.
 *
 * A builder has the shape of its type: one builder a child. Data and validity grow by doubling
 * inside the arena; what is outgrown stays there until the arena goes, at most as much again as the
 * result. Rows of arrays and maps are open until they are ended: what the children hold beyond the
 * last offset belongs to the row being built, and vecb_null() and vecb_truncate() drop it.
 *
 * Ownership: builder and results live in the arena given to vecb_new().
 * Threads:   one at a time, as the arena.
 */
#include "column/vec.h"

#include "column/vec_priv.h"

#define FIRST_ROWS 16u

struct VecBuilder {
    Arena *arena;
    const Type *type;
    size_t width;
    uint32_t len, cap;
    uint64_t *valid; /* NULL while there is no null */
    void *data;      /* cap values; cap + 1 offsets */
    VecBuilder *child;
};

static bool is_list(const VecBuilder *b)
{
    return b->type->id == T_ARRAY || b->type->id == T_MAP;
}

static void vecb_init(VecBuilder *b, Arena *a, const Type *t)
{
    *b = (VecBuilder){.arena = a, .type = t, .width = type_width(t)};
    if (t->n_fields > 0) {
        b->child = ARENA_ARRAY(a, VecBuilder, t->n_fields);
        for (uint32_t k = 0; k < t->n_fields; k++) {
            vecb_init(&b->child[k], a, t->fields[k].type);
        }
    }
}

VecBuilder *vecb_new(Arena *a, const Type *t)
{
    VecBuilder *b = ARENA_NEW(a, VecBuilder);

    vecb_init(b, a, t);
    return b;
}

static void vecb_grow(VecBuilder *b)
{
    FB_ASSERT(b->cap < UINT32_MAX / 2);
    uint32_t cap = b->cap ? b->cap * 2 : FIRST_ROWS;

    if (b->width > 0) {
        size_t extra = is_list(b) ? 1 : 0;
        void *data = arena_alloc(b->arena, mem_mul((size_t)cap + extra, b->width));
        if (b->cap > 0) {
            memcpy(data, b->data, (b->len + extra) * b->width);
        } else if (is_list(b)) {
            *(uint32_t *)data = 0;
        }
        b->data = data;
    }
    if (b->valid) {
        uint64_t *valid = vec_new_validity(b->arena, cap, true);
        memcpy(valid, b->valid, VEC_WORDS(b->cap) * sizeof(uint64_t));
        b->valid = valid;
    }
    b->cap = cap;
}

/* Room for the value of the row that is about to be added. */
static inline void *vecb_next(VecBuilder *b)
{
    if (b->len == b->cap) {
        vecb_grow(b);
    }
    return (char *)b->data + b->len * b->width;
}

static uint32_t vecb_children_end(const VecBuilder *b)
{
    return b->cap > 0 ? ((const uint32_t *)b->data)[b->len] : 0;
}

void vecb_null(VecBuilder *b)
{
    if (b->len == b->cap) {
        vecb_grow(b);
    }
    if (is_list(b)) {
        uint32_t end = vecb_children_end(b);
        for (uint32_t k = 0; k < b->type->n_fields; k++) {
            vecb_truncate(&b->child[k], end);
        }
        ((uint32_t *)b->data)[b->len + 1] = end;
    } else if (b->type->id == T_STRUCT) {
        for (uint32_t k = 0; k < b->type->n_fields; k++) {
            vecb_truncate(&b->child[k], b->len);
            vecb_null(&b->child[k]);
        }
    } else if (b->width > 0) {
        memset((char *)b->data + b->len * b->width, 0, b->width);
    }
    if (b->type->id != T_NULL) {
        if (!b->valid) {
            b->valid = vec_new_validity(b->arena, b->cap, true);
        }
        bit_clear(b->valid, b->len);
    }
    b->len++;
}

void vecb_bool(VecBuilder *b, bool v)
{
    *(uint8_t *)vecb_next(b) = v;
    b->len++;
}

void vecb_int(VecBuilder *b, int64_t v)
{
    void *to = vecb_next(b);

    switch (b->width) {
    case 1:
        *(int8_t *)to = (int8_t)v;
        break;
    case 2:
        *(int16_t *)to = (int16_t)v;
        break;
    case 4:
        *(int32_t *)to = (int32_t)v;
        break;
    default:
        FB_ASSERT(b->width == 8);
        *(int64_t *)to = v;
        break;
    }
    b->len++;
}

void vecb_double(VecBuilder *b, double v)
{
    void *to = vecb_next(b);

    if (b->type->id == T_FLOAT) {
        *(float *)to = (float)v;
    } else {
        FB_ASSERT(b->type->id == T_DOUBLE);
        *(double *)to = v;
    }
    b->len++;
}

void vecb_decimal(VecBuilder *b, int128_t unscaled)
{
    FB_ASSERT(b->type->id == T_DECIMAL);
    memcpy(vecb_next(b), &unscaled, sizeof(unscaled));
    b->len++;
}

void vecb_str(VecBuilder *b, Str s)
{
    FB_ASSERT(type_is_view(b->type));
    *(View *)vecb_next(b) = view_of(s.p, s.n);
    b->len++;
}

void vecb_str_copy(VecBuilder *b, Str s)
{
    FB_ASSERT(type_is_view(b->type));
    *(View *)vecb_next(b) = view_copy(b->arena, view_of(s.p, s.n));
    b->len++;
}

void vecb_interval(VecBuilder *b, IntervalCal v)
{
    FB_ASSERT(b->type->id == T_INTERVAL_CAL);
    *(IntervalCal *)vecb_next(b) = v;
    b->len++;
}

void vecb_from(VecBuilder *b, const Vec *v, uint32_t i)
{
    if (!vec_is_valid(v, i)) {
        vecb_null(b);
        return;
    }
    uint32_t at = i & vec_mask(v);
    if (is_list(b)) {
        const uint32_t *offsets = v->data;
        for (uint32_t k = 0; k < b->type->n_fields; k++) {
            for (uint32_t e = offsets[at]; e < offsets[at + 1]; e++) {
                vecb_from(&b->child[k], &v->child[k], e);
            }
        }
        vecb_end_row(b);
    } else if (b->type->id == T_STRUCT) {
        for (uint32_t k = 0; k < b->type->n_fields; k++) {
            vecb_from(&b->child[k], &v->child[k], i);
        }
        vecb_end_row(b);
    } else {
        memcpy(vecb_next(b), (const char *)v->data + at * b->width, b->width);
        b->len++;
    }
}

VecBuilder *vecb_child(VecBuilder *b, uint32_t k)
{
    FB_ASSERT(k < b->type->n_fields);
    return &b->child[k];
}

void vecb_end_row(VecBuilder *b)
{
    if (b->len == b->cap) {
        vecb_grow(b);
    }
    if (is_list(b)) {
        for (uint32_t k = 1; k < b->type->n_fields; k++) {
            FB_ASSERT(b->child[k].len == b->child[0].len);
        }
        ((uint32_t *)b->data)[b->len + 1] = b->child[0].len;
    } else {
        for (uint32_t k = 0; k < b->type->n_fields; k++) {
            FB_ASSERT(b->child[k].len == b->len + 1);
        }
    }
    b->len++;
}

uint32_t vecb_len(const VecBuilder *b)
{
    return b->len;
}

void vecb_truncate(VecBuilder *b, uint32_t len)
{
    if (len > b->len) {
        return;
    }
    if (b->valid && len < b->len) {
        bits_fill(b->valid, len, b->len - len, true);
    }
    b->len = len;
    for (uint32_t k = 0; k < b->type->n_fields; k++) {
        vecb_truncate(&b->child[k], is_list(b) ? vecb_children_end(b) : len);
    }
}

void vecb_finish(VecBuilder *b, Vec *out)
{
    if (b->cap == 0) {
        vecb_grow(b); /* an empty vector has data and offsets too */
    }
    *out = (Vec){.type = b->type, .len = b->len, .valid = b->valid, .data = b->data};
    if (b->type->n_fields > 0) {
        if (is_list(b)) {
            uint32_t end = vecb_children_end(b);
            for (uint32_t k = 0; k < b->type->n_fields; k++) {
                vecb_truncate(&b->child[k], end);
            }
        }
        out->child = ARENA_ARRAY(b->arena, Vec, b->type->n_fields);
        for (uint32_t k = 0; k < b->type->n_fields; k++) {
            vecb_finish(&b->child[k], &out->child[k]);
        }
    }
    b->len = b->cap = 0;
    b->valid = NULL;
    b->data = NULL;
}
