/*
 * select.c - the rows of a batch for which a predicate is true.
 *
 * A conjunction narrows the rows side by side, a disjunction adds the rows of the right side that
 * the left has not taken: so that the right side is only looked at where it decides, as in Spark.
 * A comparison of a column with a constant runs over the rows under way without making a vector;
 * everything else is evaluated, on a gathered subset when that is smaller.
 *
 * Threads and memory: as eval.c.
 */
#include "expr/compare.h"
#include "expr/kernel.h"

/* A subset is gathered when fewer than 1 row in this many is left, or the predicate is not cheap.
 */
#define SUBSET_RATIO 4

/* Of the rows in[0..n_in) (NULL: all rows of the batch), those where e is true, into out. */
static fb_status select_from(EvalCtx *cx, const Expr *e, const Batch *batch, const uint32_t *in,
                             uint32_t n_in, uint32_t *out, uint32_t *ret_n, fb_error *err);

static fb_status select_general(EvalCtx *cx, const Expr *e, const Batch *batch, const uint32_t *in,
                                uint32_t n_in, uint32_t *out, uint32_t *ret_n, fb_error *err)
{
    Vec *v = ARENA_NEW(cx->arena, Vec);
    if (!in || n_in == batch->n_rows) {
        TRY(expr_eval(cx, e, batch, v, err));
        *ret_n = vec_true_rows(v, true, n_in, out);
        return FB_OK;
    }
    if (n_in >= batch->n_rows / SUBSET_RATIO && expr_is_cheap(e)) {
        TRY(expr_eval(cx, e, batch, v, err));
        uint32_t m = 0;
        for (uint32_t k = 0; k < n_in; k++) {
            uint32_t row = in[k];
            out[m] = row;
            m += vec_is_valid(v, row) && VEC_AT(uint8_t, v, row);
        }
        *ret_n = m;
        return FB_OK;
    }
    TRY(eval_rows(cx, e, batch, in, n_in, v, err));
    uint32_t m = 0;
    for (uint32_t k = 0; k < n_in; k++) {
        out[m] = in[k];
        m += vec_is_valid(v, k) && VEC_AT(uint8_t, v, k);
    }
    *ret_n = m;
    return FB_OK;
}

static fb_status select_and(EvalCtx *cx, const Expr *e, const Batch *batch, const uint32_t *in,
                            uint32_t n_in, uint32_t *out, uint32_t *ret_n, fb_error *err)
{
    uint32_t m = 0;
    uint32_t *left = ARENA_ARRAY(cx->arena, uint32_t, n_in + 1);
    TRY(select_from(cx, e->args[0], batch, in, n_in, left, &m, err));
    return select_from(cx, e->args[1], batch, left, m, out, ret_n, err);
}

/* Merges two ascending lists without common rows. */
static uint32_t merge_rows(const uint32_t *a, uint32_t n_a, const uint32_t *b, uint32_t n_b,
                           uint32_t *out)
{
    uint32_t i = 0, j = 0, m = 0;
    while (i < n_a && j < n_b) {
        out[m++] = a[i] < b[j] ? a[i++] : b[j++];
    }
    while (i < n_a) {
        out[m++] = a[i++];
    }
    while (j < n_b) {
        out[m++] = b[j++];
    }
    return m;
}

static fb_status select_or(EvalCtx *cx, const Expr *e, const Batch *batch, const uint32_t *in,
                           uint32_t n_in, uint32_t *out, uint32_t *ret_n, fb_error *err)
{
    uint32_t n_left = 0, n_rest = 0, n_right = 0;
    uint32_t *left = ARENA_ARRAY(cx->arena, uint32_t, n_in + 1);
    uint32_t *rest = ARENA_ARRAY(cx->arena, uint32_t, n_in + 1);
    TRY(select_from(cx, e->args[0], batch, in, n_in, left, &n_left, err));
    for (uint32_t k = 0, at = 0; k < n_in; k++) {
        uint32_t row = in ? in[k] : k;
        bool taken = at < n_left && left[at] == row;
        rest[n_rest] = row;
        n_rest += !taken;
        at += taken;
    }
    uint32_t *right = ARENA_ARRAY(cx->arena, uint32_t, n_in + 1);
    TRY(select_from(cx, e->args[1], batch, rest, n_rest, right, &n_right, err));
    *ret_n = merge_rows(left, n_left, right, n_right, out);
    return FB_OK;
}

static fb_status select_from(EvalCtx *cx, const Expr *e, const Batch *batch, const uint32_t *in,
                             uint32_t n_in, uint32_t *out, uint32_t *ret_n, fb_error *err)
{
    if (n_in == 0) {
        *ret_n = 0;
        return FB_OK;
    }
    if (compare_select(e, batch, in, n_in, out, ret_n)) {
        return FB_OK;
    }
    switch (e->kind) {
    case E_ALIAS:
        return select_from(cx, e->args[0], batch, in, n_in, out, ret_n, err);
    case E_AND:
        if (cx->as_written) { /* a null on the left does not spare the right side */
            return select_general(cx, e, batch, in, n_in, out, ret_n, err);
        }
        return select_and(cx, e, batch, in, n_in, out, ret_n, err);
    case E_OR:
        return select_or(cx, e, batch, in, n_in, out, ret_n, err);
    default:
        return select_general(cx, e, batch, in, n_in, out, ret_n, err);
    }
}

fb_status expr_select(EvalCtx *cx, const Expr *e, const Batch *in, uint32_t *rows, uint32_t *ret_n,
                      fb_error *err)
{
    return select_from(cx, e, in, NULL, in->n_rows, rows, ret_n, err);
}
