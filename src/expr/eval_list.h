/* eval_list.h - what operators evaluate over a batch, with the error that Spark would meet first.
 */
#ifndef EXPR_EVAL_LIST_H
#define EXPR_EVAL_LIST_H

#include "expr/expr.h"

/* expr_eval() of each of n expressions. */
fb_status eval_list(EvalCtx *cx, Expr *const *e, uint32_t n, const Batch *in, Vec *out,
                    fb_error *err);
/* expr_select(). */
fb_status eval_filter(EvalCtx *cx, const Expr *e, const Batch *in, uint32_t *rows, uint32_t *ret_n,
                      fb_error *err);

/* After an error over a batch: fn is called for each of its rows until one fails, whose error takes
 * the place of *err. Returns FB_ERR. */
typedef fb_status (*EvalRow)(EvalCtx *cx, const void *arg, const Batch *row, fb_error *err);
fb_status eval_first_error(EvalCtx *cx, EvalRow fn, const void *arg, const Batch *in,
                           fb_error *err);

#endif
