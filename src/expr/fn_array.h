/*
 * fn_array.h - arrays made by choosing elements of others.
 *
 * A kernel names the elements of each result row by their numbers in a source vector; ListOut
 * collects the numbers and gathers the child in one go. A list that the quota has no room for is
 * emptied and goes on so; all its rows come out empty, in an evaluation that fails (arena.h).
 */
#ifndef EXPR_FN_ARRAY_H
#define EXPR_FN_ARRAY_H

#include "expr/fn_util.h"

#define LIST_NULL UINT32_MAX /* an element that is null */

typedef struct ListOut {
    Arena *arena;
    uint32_t *offsets; /* n + 1 */
    uint32_t *elements;
    uint32_t n_elements, cap, n_rows;
    bool nulls; /* LIST_NULL was pushed */
    bool over;  /* emptied */
} ListOut;

ListOut list_out(EvalCtx *cx, uint32_t n);
void list_out_grow(ListOut *o);
/* Room for so many more elements, and their gathering from source: for kernels whose arguments say
 * how many they are to be. Errors: more than a vector may have, or than the quota has. */
fb_status list_out_reserve(ListOut *o, uint64_t more, const Vec *source, fb_error *err);
static inline void list_out_push(ListOut *o, uint32_t element)
{
    if (o->n_elements == o->cap) {
        list_out_grow(o);
    }
    o->nulls |= element == LIST_NULL;
    o->elements[o->n_elements++] = element;
}
static inline void list_out_end_row(ListOut *o, uint32_t i)
{
    o->offsets[i + 1] = o->n_elements;
}
/* out's data and child: the chosen elements of source. */
void list_out_finish(ListOut *o, const Vec *source, Vec *out);
/* out, a map, = the chosen keys and values; errors: a key that is null, or there twice. */
fb_status map_finish(EvalCtx *cx, ListOut *o, const Vec *keys, const Vec *values, uint32_t n,
                     Vec *out, fb_error *err);

/* Elements of row i of an array or map vector, as numbers in its children. */
static inline uint32_t list_from(const Vec *v, uint32_t i)
{
    return ((const uint32_t *)v->data)[i & vec_mask(v)];
}
static inline uint32_t list_to(const Vec *v, uint32_t i)
{
    return ((const uint32_t *)v->data)[(i & vec_mask(v)) + 1];
}

/* The elements of both arrays in one vector; those of b start at number *ret_base. */
fb_status list_both(EvalCtx *cx, const Vec *a, const Vec *b, Vec *ret, uint32_t *ret_base,
                    fb_error *err);
/* Whether parts of those lengths may be one vector, and cx has room for it. */
fb_status list_concat_check(EvalCtx *cx, const Vec *parts, uint32_t n_parts, fb_error *err);

/* ---- a set of elements of one vector, by number; equality is that of grouping ---- */
typedef struct ElementSet {
    const Vec *v;
    const uint64_t *hash; /* of every element */
    uint32_t *slots;      /* number + 1, or 0 */
    uint32_t mask, cap;
    Arena *arena;
} ElementSet;

ElementSet element_set(EvalCtx *cx, const Vec *v);
void element_set_clear(ElementSet *s, uint32_t n);     /* room for n elements */
bool element_set_add(ElementSet *s, uint32_t element); /* false: it was in already */
bool element_set_has(const ElementSet *s, uint32_t element);

#endif
