/*
 * builtins.h - the C functions that the rows of functions.def name.
 *
 * Families include this header, so that a binder or kernel whose form is wrong does not compile.
 */
#ifndef EXPR_BUILTINS_H
#define EXPR_BUILTINS_H

#include "expr/function.h"

#define FN(name, min, max, flags, bind, kernel)                                                    \
    fb_status bind(BindCtx *cx, Expr *call, fb_error *err);                                        \
    fb_status kernel(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,         \
                     fb_error *err);
#define FN_LAZY_(name, min, max, flags, bind, lazy)                                                \
    fb_status bind(BindCtx *cx, Expr *call, fb_error *err);                                        \
    fb_status lazy(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err);
#define AGG(name, min, max, flags, bind, agg)                                                      \
    fb_status bind(BindCtx *cx, Expr *call, fb_error *err);                                        \
    extern const AggDef agg;
#define GEN(name, min, max, flags, bind, generate)                                                 \
    fb_status bind(BindCtx *cx, Expr *call, fb_error *err);                                        \
    fb_status generate(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,                 \
                       uint32_t **ret_rows, uint32_t *ret_n, Vec *out, fb_error *err);
#define ALIAS(name, of)
#define ALIAS_AS(name, of)
#include "expr/functions.def"
#undef FN
#undef FN_LAZY_
#undef AGG
#undef GEN
#undef ALIAS
#undef ALIAS_AS

#endif
