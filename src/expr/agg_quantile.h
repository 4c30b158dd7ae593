/*
 * agg_quantile.h - the percentages that percentile functions take.
 */
#ifndef EXPR_AGG_QUANTILE_H
#define EXPR_AGG_QUANTILE_H

#include "expr/builtins.h"

typedef struct Percentages {
    const double *p; /* each in [0, 1]; in the plan's arena */
    uint32_t n;
    bool is_array;
} Percentages;

/* Argument i: a constant double or array of doubles, cast to that. */
fb_status bind_percentages(BindCtx *cx, Expr *call, uint32_t i, Percentages *ret, fb_error *err);

#endif
