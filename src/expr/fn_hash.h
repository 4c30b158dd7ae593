/*
 * fn_hash.h - Spark's xxhash64 of a vector, chained: h[i] is the seed of row i and becomes its
 * hash; nulls leave it.
 */
#ifndef EXPR_FN_HASH_H
#define EXPR_FN_HASH_H

#include "column/vec.h"

void vec_xxhash64(const Vec *v, uint32_t n, uint64_t *h);

#endif
