/*
 * compare.h - comparison operators as filters use them, without making a boolean vector.
 */
#ifndef EXPR_COMPARE_H
#define EXPR_COMPARE_H

#include "expr/function.h"

/*
 * If call is a comparison that can be done right away (a column with a constant), appends those of
 * the rows in (NULL: 0..n_in) for which it is true to out, sets *ret_n and returns true. false: not
 * such a call; nothing has been written. The columns come from the batch.
 */
bool compare_select(const Expr *call, const Batch *batch, const uint32_t *in, uint32_t n_in,
                    uint32_t *out, uint32_t *ret_n);

#endif
