/*
 * fn_string_case.h - case mapping of a vector, for functions that ignore case.
 */
#ifndef EXPR_FN_STRING_CASE_H
#define EXPR_FN_STRING_CASE_H

#include "expr/expr.h"

typedef enum CaseFn { CASE_UPPER, CASE_LOWER, CASE_TITLE } CaseFn;

/* out->type, len and valid are set; gets n strings in cx->arena. */
fb_status map_case_vec(EvalCtx *cx, const Vec *v, uint32_t n, CaseFn fn, Vec *out, fb_error *err);

#endif
