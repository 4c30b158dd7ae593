/*
 * collation.h - collated strings as arguments of functions.
 *
 * Kernels know one kind of string and compare bytes. Hence a call with collated strings in it is
 * made one without, or refused: comparisons get keys (column/collation.h) for arguments, functions
 * that do not compare get plain strings and have the collation put on their result.
 */
#ifndef EXPR_COLLATION_H
#define EXPR_COLLATION_H

#include "expr/function.h"

/* Before fn->bind: strings meet in one collation, by Spark's precedence (explicit, columns,
 * literals). *ret_type is what a string that the call gives has for a type, or NULL: as bound.
 * Errors: COLLATION_MISMATCH.EXPLICIT, INDETERMINATE_COLLATION_IN_EXPRESSION;
 * UNSUPPORTED_FEATURE for functions whose answer depends on the collation and that do not know it.
 */
fb_status collation_prepare(BindCtx *cx, Expr *call, const Type **ret_type, fb_error *err);
/* In comparisons, whose arguments have one type: keys for collated strings. */
fb_status collation_keys(BindCtx *cx, Expr *call, fb_error *err);
/* The key of a collated string, binary; any other expression as it is. */
Expr *collation_key_of(BindCtx *cx, Expr *e);

#endif
