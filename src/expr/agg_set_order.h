/*
 * agg_set_order.h - the order in which Scala's mutable.HashSet iterates over Spark's values, which
 * is the order of collect_set's result.
 */
#ifndef EXPR_AGG_SET_ORDER_H
#define EXPR_AGG_SET_ORDER_H

#include "column/vec.h"

/* order[k] = number of the k-th element in iteration order. data: n distinct elements of the type,
 * in the order they were added; nested ones as views of UnsafeRows of one column. */
void scala_set_order(const Type *t, const void *data, size_t width, uint32_t n, uint32_t *order,
                     Arena *scratch);

#endif
