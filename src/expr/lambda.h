/*
 * lambda.h - calling the lambda of a higher-order function for many elements at once.
 *
 * A resolved lambda is an E_LAMBDA: args[0] its body, `column` how many parameters it has. Its body
 * is evaluated over a batch of one row an element: the columns of the batch that the function was
 * called on, gathered by the element's row, and behind them the parameters. A parameter in the body
 * (E_LAMBDA_VAR) is named by its distance from the end of that batch, `column` (1: the last one),
 * so lambdas nest, and expressions with lambdas may be moved and copied as any other.
 *
 * Ownership: results are in cx->arena and may share memory with the batch and the parameters.
 */
#ifndef EXPR_LAMBDA_H
#define EXPR_LAMBDA_H

#include "expr/fn_array.h"

/* The elements of an array or map vector, row after row; rows that are null have none. */
typedef struct Elements {
    uint32_t *offsets;  /* n + 1: of each row, as the vector of an array wants them */
    uint32_t *rows;     /* of each element */
    uint32_t *elements; /* its number in the vector's children */
    uint32_t n;
    bool contiguous; /* elements are first, first + 1, … */
} Elements;

fb_status lambda_elements(EvalCtx *cx, const Vec *v, uint32_t n, Elements *ret, fb_error *err);
/* Child k of v, an element a row. */
void lambda_child(EvalCtx *cx, const Vec *v, uint32_t k, const Elements *e, Vec *out);
/* The body over m elements; rows: of in, for each of them. params: as many as the lambda has, of m
 * values each. */
fb_status lambda_eval(EvalCtx *cx, const Expr *lambda, const Batch *in, const uint32_t *rows,
                      uint32_t m, const Vec *params, Vec *out, fb_error *err);
/* Whether the body reads no column of the batch. */
bool lambda_is_closed(const Expr *lambda, const Batch *in);

#endif
