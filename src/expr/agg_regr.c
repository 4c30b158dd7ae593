/*
 * agg_regr.c - regr_*: linear regression of y on x over the pairs that have both.
 *
 * The state holds what Spark's covariance (the averages, ck) and its central moments (m2 of each
 * side) hold, updated and merged by the same formulas, so that the last digits agree.
 *
 * Ownership: states belong to the caller. Threads: as the group table.
 */
#include "expr/agg_util.h"
#include "expr/kernel.h"

#include <math.h>

typedef enum RegrFn { REGR_R2, REGR_SLOPE, REGR_INTERCEPT, REGR_SXX, REGR_SXY, REGR_SYY } RegrFn;

typedef struct RegrOp {
    RegrFn fn;
} RegrOp;

static const RegrOp regr_r2 = {REGR_R2}, regr_slope = {REGR_SLOPE},
                    regr_intercept = {REGR_INTERCEPT}, regr_sxx = {REGR_SXX}, regr_sxy = {REGR_SXY},
                    regr_syy = {REGR_SYY};

typedef struct RegrState {
    double n, x, y;  /* averages */
    double ck, kc;   /* co-moment of x and y, and of y and x, which is rounded differently */
    double mx, my;   /* squares as the correlation sums them */
    double m2x, m2y; /* and as the variance does */
} RegrState;

#define REGR_DOUBLES 9u

static RegrState *regr_of(uint8_t *state)
{
    return (RegrState *)(void *)state;
}

static size_t regr_size(const Expr *agg)
{
    (void)agg;
    return (sizeof(RegrState) + 15) / 16 * 16;
}

static uint32_t regr_buffers(const Expr *agg, Field *fields)
{
    static const char *const names[REGR_DOUBLES] = {"n",   "xAvg", "yAvg", "ck", "kc",
                                                    "xMk", "yMk",  "xM2",  "yM2"};
    (void)agg;
    for (uint32_t k = 0; k < REGR_DOUBLES; k++) {
        fields[k] = (Field){.name = names[k], .type = type_double, .nullable = true};
    }
    return REGR_DOUBLES;
}

static void regr_add(RegrState *s, double x, double y)
{
    double n = s->n + 1.0, dx = x - s->x, dy = y - s->y, dx_n = dx / n, dy_n = dy / n;
    double x_avg = s->x + dx_n, y_avg = s->y + dy_n;
    s->ck += dx * (y - y_avg);
    s->kc += dy * (x - x_avg);
    s->mx += dx * (x - x_avg);
    s->my += dy * (y - y_avg);
    s->m2x += dx * (dx - dx_n);
    s->m2y += dy * (dy - dy_n);
    s->n = n;
    s->x = x_avg;
    s->y = y_avg;
}

static fb_status regr_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                             uint32_t n, fb_error *err)
{
    (void)cx;
    (void)agg;
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (vec_is_valid(&args[0], i) && vec_is_valid(&args[1], i)) {
            regr_add(regr_of(state[i]), VEC_AT(double, &args[1], i), VEC_AT(double, &args[0], i));
        }
    }
    return FB_OK;
}

static fb_status regr_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into, uint8_t *const *from,
                            uint32_t n, fb_error *err)
{
    (void)cx;
    (void)agg;
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        RegrState *a = regr_of(into[i]);
        const RegrState *b = regr_of(from[i]);
        double total = a->n + b->n, dx = b->x - a->x, dy = b->y - a->y;
        double dx_n = total == 0.0 ? 0.0 : dx / total, dy_n = total == 0.0 ? 0.0 : dy / total;
        a->ck = a->ck + b->ck + dx * dy_n * a->n * b->n;
        a->kc = a->kc + b->kc + dy * dx_n * a->n * b->n;
        a->mx = a->mx + b->mx + dx * dx_n * a->n * b->n;
        a->my = a->my + b->my + dy * dy_n * a->n * b->n;
        a->m2x = a->m2x + b->m2x + dx * dx_n * a->n * b->n;
        a->m2y = a->m2y + b->m2y + dy * dy_n * a->n * b->n;
        a->x += dx_n * b->n;
        a->y += dy_n * b->n;
        a->n = total;
    }
    return FB_OK;
}

static bool regr_result(RegrFn fn, const RegrState *s, double *ret)
{
    double corr;
    switch (fn) {
    case REGR_R2:
        corr = s->kc / sqrt(s->my * s->mx);
        *ret = s->my == 0.0 ? 1.0 : corr * corr;
        return s->mx != 0.0;
    case REGR_SLOPE:
        *ret = s->ck / s->m2x;
        return s->m2x != 0.0;
    case REGR_INTERCEPT:
        *ret = s->y - s->ck / s->m2x * s->x;
        return s->m2x != 0.0;
    case REGR_SXX:
        *ret = s->m2x;
        return s->n != 0.0;
    case REGR_SXY:
        *ret = s->kc;
        return s->n != 0.0;
    case REGR_SYY:
        *ret = s->m2y;
        return s->n != 0.0;
    }
    return false;
}

static fb_status regr_finish(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                             Vec *out, fb_error *err)
{
    (void)err;
    const RegrOp *op = agg->fn_data;
    double *data = agg_alloc(cx, out, n);
    out->valid = NULL;
    for (uint32_t i = 0; i < n; i++) {
        double x = 0.0;
        bool known = regr_result(op->fn, regr_of(state[i]), &x);
        data[i] = known ? x : 0.0;
        if (!known) {
            vec_set_null(out, cx->eval->arena, i);
        }
    }
    return FB_OK;
}

static fb_status regr_store(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                            Vec *out, fb_error *err)
{
    (void)agg;
    (void)err;
    for (uint32_t k = 0; k < REGR_DOUBLES; k++) {
        double *data = agg_alloc(cx, &out[k], n);
        out[k].valid = NULL;
        for (uint32_t i = 0; i < n; i++) {
            data[i] = ((const double *)(const void *)state[i])[k];
        }
    }
    return FB_OK;
}

static fb_status regr_load(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *cols,
                           uint32_t n, fb_error *err)
{
    (void)cx;
    (void)agg;
    (void)err;
    for (uint32_t k = 0; k < REGR_DOUBLES; k++) {
        for (uint32_t i = 0; i < n; i++) {
            ((double *)(void *)state[i])[k] =
                vec_is_valid(&cols[k], i) ? VEC_AT(double, &cols[k], i) : 0.0;
        }
    }
    return FB_OK;
}

const AggDef agg_regr = {regr_size,   regr_buffers, regr_update, regr_merge,
                         regr_finish, regr_store,   regr_load};

static fb_status bind_regr(BindCtx *cx, Expr *call, const RegrOp *op, fb_error *err)
{
    TRY(bind_cast(cx, call, 0, type_double, err));
    TRY(bind_cast(cx, call, 1, type_double, err));
    call->fn_data = op;
    call->type = type_double;
    call->nullable = true;
    return FB_OK;
}

#define BIND_REGR(NAME)                                                                            \
    fb_status bind_##NAME(BindCtx *cx, Expr *call, fb_error *err)                                  \
    {                                                                                              \
        return bind_regr(cx, call, &NAME, err);                                                    \
    }

BIND_REGR(regr_r2)
BIND_REGR(regr_slope)
BIND_REGR(regr_intercept)
BIND_REGR(regr_sxx)
BIND_REGR(regr_sxy)
BIND_REGR(regr_syy)

/* count(y, x), which counts rows that have both. */
fb_status bind_regr_count(BindCtx *cx, Expr *call, fb_error *err)
{
    Expr *count;
    for (uint32_t i = 0; i < 2; i++) {
        const Type *t = call->args[i]->type;
        if (!type_is_numeric(t) && t->id != T_STRING && t->id != T_NULL) {
            return bind_type_error(cx, call, i, "\"NUMERIC\"", err);
        }
    }
    TRY(bind_call(cx, "count", call->args, 2, &count, err));
    count->filter = call->filter;
    count->distinct = call->distinct;
    bind_replace(cx, call, count);
    return FB_OK;
}

/* avg of one side where the other is there. */
static fb_status bind_regr_avg(BindCtx *cx, Expr *call, uint32_t i, fb_error *err)
{
    Expr *other = call->args[1 - i], *there, *avg;
    TRY(bind_call(cx, "isnotnull", &other, 1, &there, err));
    Expr *args[3] = {there, call->args[i], expr_literal_null(cx->arena, call->args[i]->type)},
         *value;
    TRY(bind_call(cx, "if", args, 3, &value, err));
    TRY(bind_call(cx, "avg", &value, 1, &avg, err));
    avg->filter = call->filter;
    avg->distinct = call->distinct;
    bind_replace(cx, call, avg);
    return FB_OK;
}

fb_status bind_regr_avgx(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_regr_avg(cx, call, 1, err);
}

fb_status bind_regr_avgy(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_regr_avg(cx, call, 0, err);
}
