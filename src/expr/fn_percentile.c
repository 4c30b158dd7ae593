/*
 * fn_percentile.c - percentile, median, percentile_cont and percentile_disc: exact, over all values
 * of a group.
 *
 * Values are compared and interpolated as doubles; intervals by their numbers. A frequency counts a
 * value so many times. percentile_disc gives the first value that at least the fraction p of the
 * values does not exceed.
 */
#include "expr/agg_quantile.h"
#include "expr/collected.h"

#include <math.h>
#include <stdlib.h>

typedef struct PercentileOp {
    Percentages p;
    bool discrete, desc, weighted;
    const Expr *frequency; /* for messages */
} PercentileOp;

typedef struct Weighted {
    double value;
    int64_t count; /* of this value, then of all up to it */
} Weighted;

static int by_value(const void *pa, const void *pb)
{
    double a = ((const Weighted *)pa)->value, b = ((const Weighted *)pb)->value;
    if (a < b || a > b) {
        return a < b ? -1 : 1;
    }
    return (isnan(a) != 0) - (isnan(b) != 0);
}

/* The value with at least `rank` values up to it. */
static double value_at(const Weighted *w, uint32_t n, int64_t rank)
{
    uint32_t low = 0, high = n - 1;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (w[mid].count >= rank) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return w[low].value;
}

static double percentile_of(const Weighted *w, uint32_t n, const PercentileOp *op, double p)
{
    int64_t total = w[n - 1].count;
    if (op->discrete) {
        int64_t rank = (int64_t)ceil((double)total * p);
        return value_at(w, n, rank > 1 ? rank : 1);
    }
    double position = (double)(total - 1) * p;
    double low = floor(position), high = ceil(position);
    double a = value_at(w, n, (int64_t)low + 1), b = value_at(w, n, (int64_t)high + 1);
    return high == low || a == b ? a : a + (b - a) * (position - low);
}

/* The values of a row that count, sorted, with running counts; their number, 0: none. */
static fb_status weigh(EvalCtx *cx, const PercentileOp *op, const Vec *values, const Vec *counts,
                       uint32_t from, uint32_t to, Weighted *w, uint32_t *ret, fb_error *err)
{
    uint32_t n = 0;
    for (uint32_t k = from; k < to; k++) {
        int64_t count = counts ? (vec_is_valid(counts, k) ? VEC_AT(int64_t, counts, k) : 0) : 1;
        if (count < 0) {
            StrBuf name = {0};
            expr_sql(op->frequency, &name);
            return err_set(err, ERR_NEGATIVE_FREQUENCY, "frequencyExpression",
                           arena_printf(cx->arena, "\"%s\"", strbuf_arena(&name, cx->arena)),
                           "negativeValue", arena_printf(cx->arena, "%lldL", (long long)count),
                           NULL);
        }
        if (count > 0 && vec_is_valid(values, k)) {
            w[n++] = (Weighted){VEC_AT(double, values, k), count};
        }
    }
    qsort(w, n, sizeof(Weighted), by_value);
    for (uint32_t k = 0; op->desc && k < n / 2; k++) {
        Weighted swap = w[k];
        w[k] = w[n - 1 - k];
        w[n - 1 - k] = swap;
    }
    for (uint32_t k = 1; k < n; k++) {
        w[k].count += w[k - 1].count;
    }
    *ret = n;
    return FB_OK;
}

static fb_status percentile_rows(EvalCtx *cx, const Expr *call, const Vec *lists, const Vec *values,
                                 const Vec *counts, uint32_t n, double *made, bool *empty,
                                 fb_error *err)
{
    const PercentileOp *op = call->fn_data;
    TRY(eval_reserve(cx, values->len, sizeof(Weighted), err));
    Weighted *w = ARENA_ARRAY(cx->arena, Weighted, (size_t)values->len + 1);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *at = VEC_DATA(uint32_t, lists) + (i & vec_mask(lists));
        uint32_t m = 0;
        TRY(weigh(cx, op, values, counts, at[0], at[1], w, &m, err));
        empty[i] = m == 0;
        for (uint32_t k = 0; k < op->p.n; k++) {
            made[(size_t)i * op->p.n + k] = m ? percentile_of(w, m, op, op->p.p[k]) : 0.0;
        }
    }
    return FB_OK;
}

KERNEL(fn_percentile)
{
    const PercentileOp *op = call->fn_data;
    const Vec *child = &args[0].child[0];
    Vec values, all, typed;
    uint64_t total = (uint64_t)n * op->p.n;
    TRY(total > INT32_MAX ? err_unsupported(err, "more than 2147483647 percentiles in a batch")
                          : eval_reserve(cx, total, sizeof(double), err));
    const Vec *v = op->weighted ? &child->child[0] : child;
    TRY(quantile_doubles(cx, v, v->len, &values, err));
    bool *empty = ARENA_ARRAY(cx->arena, bool, (size_t)n + 1);
    vec_init(&all, type_double, (uint32_t)total, cx->arena);
    TRY(percentile_rows(cx, call, &args[0], &values, op->weighted ? &child->child[1] : NULL, n,
                        all.data, empty, err));
    const Type *t = op->p.is_array ? call->type->fields[0].type : call->type;
    TRY(quantile_values(cx, &all, t, &typed, err));
    if (op->p.is_array) {
        uint32_t *offsets = ARENA_ARRAY(cx->arena, uint32_t, (size_t)n + 1);
        for (uint32_t i = 0; i < n; i++) {
            offsets[i + 1] = (i + 1) * op->p.n;
        }
        out->data = offsets;
        out->child = ARENA_ARRAY(cx->arena, Vec, 1);
        out->child[0] = typed;
    } else {
        out->data = typed.data;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (empty[i] || op->p.n == 0) {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

/* ---- binding ---- */

/* Numbers stay what they are and are read as doubles; the result of intervals is one. */
static fb_status value_type(BindCtx *cx, Expr *call, Expr **value, const Type **ret, fb_error *err)
{
    const Type *t = (*value)->type;
    *ret = type_double;
    if (t->id == T_STRING || t->id == T_NULL) {
        *value = bind_cast_expr(cx, *value, type_double);
    } else if (t->id == T_INTERVAL_YM) {
        *ret = type_interval_ym(0, 1);
    } else if (t->id == T_INTERVAL_DT) {
        *ret = type_interval_dt(0, 3);
    } else if (!type_is_numeric(t)) {
        return bind_type_error(cx, call, 0, "(\"NUMERIC\" or \"ANSI INTERVAL\")", err);
    }
    return FB_OK;
}

static fb_status finish(BindCtx *cx, Expr *call, PercentileOp *op, Expr *value, Expr *frequency,
                        fb_error *err)
{
    const Type *t = NULL;
    TRY(value_type(cx, call, &value, &t, err));
    if (frequency) {
        Expr *both[2] = {value, bind_cast_expr(cx, frequency, type_long)};
        op->weighted = true;
        op->frequency = frequency;
        TRY(collected_struct(cx, both, 2, &value, err));
    }
    t = op->p.is_array ? type_array(t, false) : t;
    return collected_replace(cx, call, value, "$percentile", op, t, err);
}

BINDER(bind_percentile)
{
    PercentileOp *op = ARENA_NEW(cx->arena, PercentileOp);
    if (call->n_args == 2) {
        bind_add_arg(cx, call, expr_literal_int(cx->arena, type_int, 1));
    }
    const Expr *f = call->args[2];
    if (!type_is_integral(f->type)) {
        return bind_type_error(cx, call, 2, "\"INTEGRAL\"", err);
    }
    TRY(bind_percentages(cx, call, 1, &op->p, err));
    bool one = f->kind == E_LITERAL && vec_is_valid(f->value, 0) && literal_int(f) == 1;
    return finish(cx, call, op, call->args[0], one ? NULL : call->args[2], err);
}

BINDER(bind_median)
{
    static const double half[] = {0.5};
    PercentileOp *op = ARENA_NEW(cx->arena, PercentileOp);
    op->p = (Percentages){half, 1, false};
    return finish(cx, call, op, call->args[0], NULL, err);
}

static fb_status bind_within(BindCtx *cx, Expr *call, bool discrete, fb_error *err)
{
    PercentileOp *op = ARENA_NEW(cx->arena, PercentileOp);
    uint32_t n = call->n_args - collected_orderings(call);
    if (n != 1) {
        return bind_arity_error(call->fn->name, 1, 1, n, err);
    }
    TRY(collected_check(cx, call, 1, err));
    collected_show(cx, call, 1, true, false);
    TRY(bind_percentages(cx, call, 0, &op->p, err));
    op->discrete = discrete;
    op->desc = call->args[1]->desc;
    return finish(cx, call, op, call->args[1]->args[0], NULL, err);
}

BINDER(bind_percentile_cont)
{
    return bind_within(cx, call, false, err);
}

BINDER(bind_percentile_disc)
{
    return bind_within(cx, call, true, err);
}
