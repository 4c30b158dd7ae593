/*
 * cast.h - what the files of cast*.c share.
 *
 * A CastRun is one cast of one flat vector under way. out->type, len, and valid (a copy of in's, so
 * that rows can be cleared) are set before a kernel runs; the kernel allocates out->data.
 */
#ifndef EXPR_CAST_H
#define EXPR_CAST_H

#include "expr/kernel.h"

typedef struct CastRun {
    EvalCtx *cx;
    const Vec *in; /* flat */
    Vec *out;
    EvalMode mode;
    fb_error *err;
} CastRun;

typedef fb_status (*CastKernel)(CastRun *c);

/* Row i can't be cast: null it, or the error of ANSI mode. */
fb_status cast_overflow(CastRun *c, uint32_t i);       /* CAST_OVERFLOW */
fb_status cast_invalid(CastRun *c, uint32_t i);        /* CAST_INVALID_INPUT */
fb_status cast_out_of_decimal(CastRun *c, uint32_t i); /* NUMERIC_VALUE_OUT_OF_RANGE */

/* The kernel of a pair of types, NULL if there is none in this family. */
CastKernel cast_number_kernel(const Type *from, const Type *to); /* numbers and booleans */
CastKernel cast_time_kernel(const Type *from,
                            const Type *to); /* one side a date, timestamp, interval */
CastKernel cast_string_kernel(const Type *from, const Type *to); /* one side a string or binary */

#endif
