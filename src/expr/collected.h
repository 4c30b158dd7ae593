/*
 * collected.h - aggregates that need all values of a group: a scalar function over what $collect,
 * an aggregate of its own, has gathered as an array.
 *
 * Such an aggregate can't be kept as Spark keeps it in a stream's state; FN_BATCH_ONLY on $collect
 * says so.
 */
#ifndef EXPR_COLLECTED_H
#define EXPR_COLLECTED_H

#include "expr/fn_util.h"

/* The orderings of WITHIN GROUP are call's last arguments. */
uint32_t collected_orderings(const Expr *call);
/* Spark's checks of WITHIN GROUP: exactly n orderings, no DISTINCT. */
fb_status collected_check(BindCtx *cx, const Expr *call, uint32_t n, fb_error *err);
/* The column's name with WITHIN GROUP behind the first n_args arguments. plain: ASC and the order
 * of nulls don't show; turned: what is written ASC shows as DESC. */
void collected_show(BindCtx *cx, Expr *call, uint32_t n_args, bool plain, bool turned);
/* call becomes fn over the collected values (nulls are left out), with data as its fn_data. */
fb_status collected_replace(BindCtx *cx, Expr *call, Expr *values, const char *fn, const void *data,
                            const Type *type, fb_error *err);
/* The same of several values at a time, as a struct, which is never null. */
fb_status collected_struct(BindCtx *cx, Expr **values, uint32_t n, Expr **ret, fb_error *err);

/* max_by or min_by with a third argument: how many. */
fb_status bind_top_by(BindCtx *cx, Expr *call, bool max, fb_error *err);

#endif
