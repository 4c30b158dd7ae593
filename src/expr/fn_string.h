/*
 * fn_string.h - kernels that functions of several types share.
 */
#ifndef EXPR_FN_STRING_H
#define EXPR_FN_STRING_H

#include "expr/expr.h"

/* reverse of strings or binary: out->type and len are set. */
void reverse_strings(EvalCtx *cx, const Vec *v, uint32_t n, Vec *out);
/* concat of arrays of one type; rows that out has as null become empty. */
fb_status concat_arrays(EvalCtx *cx, const Vec *args, uint32_t n_args, uint32_t n, Vec *out,
                        fb_error *err);

#endif
