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

/* Values as doubles, dates and intervals by their numbers; and back to type t. */
fb_status quantile_doubles(EvalCtx *cx, const Vec *v, uint32_t n, Vec *out, fb_error *err);
fb_status quantile_values(EvalCtx *cx, const Vec *v, const Type *t, Vec *out, fb_error *err);

#endif
