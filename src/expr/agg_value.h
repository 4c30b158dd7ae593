/*
 * agg_value.h - one remembered value of any type inside an aggregate's state.
 *
 * min, max, max_by, first and the like keep a value of their input. An AggVal of 16 bytes holds
 * values of up to 8 bytes; 32 bytes hold decimals, views with the bytes of a long string, and the
 * UnsafeRow of a nested value. Bytes of strings and rows lie in a buffer that grows by doubling in
 * the table's arena and is reused by later, shorter values, so a maximum that keeps rising does not
 * grow without bound.
 *
 * Ownership: buffers belong to the arena `keep`. Threads: as the group table.
 */
#ifndef EXPR_AGG_VALUE_H
#define EXPR_AGG_VALUE_H

#include "expr/builtins.h"

typedef struct AggHead {
    uint8_t has;   /* a value, possibly null, was stored */
    uint8_t null;  /* and it is null */
    uint8_t dirty; /* nested: replaced in the update under way */
    uint8_t unused;
    uint32_t cap; /* of buf */
} AggHead;

typedef struct AggVal8 {
    AggHead h;
    union {
        uint8_t u8;
        int8_t i8;
        int16_t i16;
        int32_t i32;
        int64_t i64;
        float f32;
        double f64;
    };
} AggVal8;

typedef struct AggVal16 {
    AggHead h;
    char *buf;
    union {
        int128_t i128;
        View view;
        IntervalCal cal;
    };
} AggVal16;

typedef struct AggValNested {
    AggHead h;
    char *buf; /* UnsafeRow of one column */
    const Vec *cur;
    uint32_t cur_row, len;
} AggValNested;

/* Bytes of state for a value of the type; a multiple of 16. */
size_t aggval_size(const Type *t);

/* The value at state[i] + off becomes row i of v, null or not, for each i = rows[0..n_rows). */
void aggval_store(const Type *t, uint8_t *const *state, size_t off, const Vec *v,
                  const uint32_t *rows, uint32_t n_rows, Arena *keep);

/* out = the values at state[0..n) + off; what has no value is null. */
fb_status aggval_vec(const Type *t, uint8_t *const *state, size_t off, uint32_t n, Vec *out,
                     Arena *a, fb_error *err);

/* Which of several values stays. */
typedef struct AggOrder {
    bool max;      /* else the minimum */
    bool last_tie; /* of equal ones the later (max_by), else the earlier */
} AggOrder;

/* Updates the extreme at state[i] + off with row i of v, nulls skipped. rows (room for n) gets the
 * rows that replaced the value, ascending; their number is *ret_n. */
fb_status aggval_extreme(EvalCtx *cx, const Type *t, AggOrder order, uint8_t *const *state,
                         size_t off, const Vec *v, uint32_t n, Arena *keep, uint32_t *rows,
                         uint32_t *ret_n, fb_error *err);

/* Rows 0, 1, …, n-1 in the arena. */
uint32_t *agg_all_rows(Arena *a, uint32_t n);
/* Types that Spark can order: atomic ones but for calendar intervals, and nestings of them. */
bool agg_is_orderable(const Type *t);

#endif
