/*
 * arith.h - what the files of arithmetic share.
 */
#ifndef EXPR_ARITH_H
#define EXPR_ARITH_H

#include "expr/coerce.h"
#include "expr/kernel.h"

typedef enum ArithOp { AR_ADD, AR_SUB, AR_MUL, AR_DIV, AR_IDIV, AR_MOD, AR_PMOD } ArithOp;

/* fn_data of a numeric call. */
typedef struct Arith {
    ArithOp op;
    DecType result; /* decimals; for div the type of the quotient */
    int scale_a, scale_b;
} Arith;

const char *arith_symbol(ArithOp op);
const char *arith_try_name(ArithOp op); /* "try_add" */

/* + - * / of a date, timestamp or interval: sets *ret_done when it was one and is bound. */
fb_status bind_time_arith(BindCtx *cx, Expr *call, ArithOp op, bool *ret_done, fb_error *err);

fb_status arith_overflow_error(const char *message, const char *try_name, fb_error *err);
fb_status interval_overflow_error(const char *try_name, fb_error *err);
/* Decimal out of range: the unrounded value as far as 128 bits hold it. */
fb_status arith_decimal_error(int128_t value, int scale, DecType to, fb_error *err);

#endif
