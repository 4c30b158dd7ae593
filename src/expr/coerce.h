/*
 * coerce.h - Spark's type coercion, for the binders of this folder.
 *
 * Every function is pure; types are interned, so results live as long as the process. NULL means
 * that Spark has no such type.
 */
#ifndef EXPR_COERCE_H
#define EXPR_COERCE_H

#include "column/decimal.h"
#include "expr/function.h"

/* findTightestCommonType: without decimals of two precisions, without strings. */
const Type *coerce_tightest(EvalMode mode, const Type *a, const Type *b);
/* findWiderTypeWithoutStringPromotionForTwo, and with strings findWiderTypeForTwo. */
const Type *coerce_wider(EvalMode mode, const Type *a, const Type *b, bool strings);
/* The type in which a and b are compared by = < > …; legacy mode differs from coerce_wider. */
const Type *coerce_compare(EvalMode mode, const Type *a, const Type *b);
/* Whether a value of type from is cast to type to without being asked: implicitCast. */
bool coerce_implicit(EvalMode mode, const Type *from, const Type *to);

static inline DecType dec_type_of(const Type *t)
{
    return (DecType){t->precision, t->scale};
}
/* decimal(3,0) for byte … decimal(20,0) for long; decimals as they are; float (14,7), double
 * (30,15). */
DecType coerce_decimal_for(const Type *t);
/* The smallest decimal that holds an integer literal: 5 is (1,0). */
DecType coerce_decimal_of_literal(const Expr *e);

#endif
