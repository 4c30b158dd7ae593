/*
 * fn_split.h - texts cut up row by row, for split and what else cuts by a regular expression.
 */
#ifndef EXPR_FN_SPLIT_H
#define EXPR_FN_SPLIT_H

#include "expr/fn_regexp.h"

/* The views of all pieces so far. */
typedef struct Pieces {
    Arena *arena;
    View *p;
    uint32_t n, cap;
} Pieces;

fb_status pieces_reserve(Pieces *ps, uint64_t more, fb_error *err);
/* Appends the pieces of s, which keep referring to its bytes, by re's pattern of the row. At most
 * limit pieces if that is > 0. There is always one. */
fb_status split_row(Pieces *ps, RegexpRow *re, Str s, int32_t limit, fb_error *err);

#endif
