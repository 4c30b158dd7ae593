/*
 * eval_list.c - several expressions over one batch, and whose error it is when they fail.
 *
 * Expressions are evaluated one after the other, each over all rows. Spark goes by rows: what a
 * query reports is the first error of the first row that has one. Hence, once something has failed,
 * the batch is looked at again row by row; that happens once a query, which is over then.
 *
 * Threads and memory: as eval.c.
 */
#include "expr/eval_list.h"

/* Whether it is the data's: another order of evaluation changes nothing about the others. */
static bool is_of_data(const fb_error *e)
{
    return e->id != ERR_OPERATION_CANCELED && e->id != ERR_INTERNAL_ERROR && !err_is_shortage(e);
}

fb_status eval_first_error(EvalCtx *cx, EvalRow fn, const void *arg, const Batch *in, fb_error *err)
{
    if (in->n_rows < 1 || !is_of_data(err)) {
        return FB_ERR;
    }
    for (uint32_t i = 0; i < in->n_rows; i++) {
        fb_error first = {0};
        ArenaMark mark = arena_mark(cx->arena);
        Batch row = batch_slice(in, i, 1, cx->arena);
        row.seq = in->seq;
        fb_status st = fn(cx, arg, &row, &first);
        arena_rewind(cx->arena, mark);
        if (st != FB_OK) {
            err_clear(err);
            *err = first;
            return FB_ERR;
        }
    }
    return FB_ERR;
}

typedef struct List {
    Expr *const *e;
    uint32_t n;
} List;

static fb_status eval_one_row(EvalCtx *cx, const void *arg, const Batch *row, fb_error *err)
{
    const List *list = arg;
    for (uint32_t i = 0; i < list->n; i++) {
        Vec *v = ARENA_NEW(cx->arena, Vec);
        TRY(expr_eval(cx, list->e[i], row, v, err));
    }
    return FB_OK;
}

fb_status eval_list(EvalCtx *cx, Expr *const *e, uint32_t n, const Batch *in, Vec *out,
                    fb_error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        if (expr_eval(cx, e[i], in, &out[i], err) != FB_OK) {
            List list = {e, n};
            return eval_first_error(cx, eval_one_row, &list, in, err);
        }
    }
    return FB_OK;
}

static fb_status select_one_row(EvalCtx *cx, const void *arg, const Batch *row, fb_error *err)
{
    uint32_t rows[1], n;
    return expr_select(cx, arg, row, rows, &n, err);
}

fb_status eval_filter(EvalCtx *cx, const Expr *e, const Batch *in, uint32_t *rows, uint32_t *ret_n,
                      fb_error *err)
{
    if (expr_select(cx, e, in, rows, ret_n, err) == FB_OK) {
        return FB_OK;
    }
    return eval_first_error(cx, select_one_row, e, in, err);
}
