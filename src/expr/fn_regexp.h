/*
 * fn_regexp.h - what the functions with a regular expression share.
 *
 * Binders leave the compiled constant pattern in fn_data; kernels walk rows with a RegexpRow, which
 * compiles again only where a pattern that is data changes.
 */
#ifndef EXPR_FN_REGEXP_H
#define EXPR_FN_REGEXP_H

#include "expr/fn_util.h"
#include "expr/regex.h"

/* fn_data = the pattern of argument i if that is constant. */
void regexp_bind_pattern(BindCtx *cx, Expr *call, uint32_t i);

typedef struct RegexpRow {
    EvalCtx *cx;
    const Expr *call;
    const Vec *patterns;
    RegexMatcher matcher; /* re NULL before the first row */
} RegexpRow;

RegexpRow regexp_rows(EvalCtx *cx, const Expr *call, const Vec *patterns);
/* Makes the matcher that of row i, whose pattern is not null. INVALID_PARAMETER_VALUE.PATTERN. */
fb_status regexp_row(RegexpRow *r, uint32_t i, fb_error *err);

#endif
