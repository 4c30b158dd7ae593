/*
 * agg_stats.c - central moments (stddev, variance, skewness, kurtosis) and those of pairs
 * (covariance, correlation, regr_count aside).
 *
 * One pass, by the update and merge formulas of Spark's CentralMomentAgg, Covariance and Corr
 * (Chan et al., Pebay), in the same order of operations so that the last digit agrees. The state is
 * an array of doubles in the order of Spark's buffers:
 *     n avg m2 [m3 [m4]]         n xAvg yAvg ck [xMk yMk]
 *
 * Ownership: states belong to the caller. Threads: as the group table.
 */
#include "expr/agg_util.h"
#include "expr/kernel.h"

#include <math.h>

/* ---- one variable ---- */

typedef enum MomentFn { STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP, SKEWNESS, KURTOSIS } MomentFn;

typedef struct MomentOp {
    MomentFn fn;
    uint32_t order; /* highest moment kept: 2..4 */
} MomentOp;

static const MomentOp moment_stddev_pop = {STDDEV_POP, 2}, moment_stddev_samp = {STDDEV_SAMP, 2},
                      moment_var_pop = {VAR_POP, 2}, moment_var_samp = {VAR_SAMP, 2},
                      moment_skewness = {SKEWNESS, 3}, moment_kurtosis = {KURTOSIS, 4};

static inline double *doubles_of(uint8_t *state)
{
    return (double *)(void *)state;
}

static uint32_t moment_count(const Expr *agg)
{
    const MomentOp *op = agg->fn_data;
    return op->order + 1;
}

static size_t moment_size(const Expr *agg)
{
    return moment_count(agg) * sizeof(double);
}

static uint32_t doubles_buffers(const char *const *names, uint32_t n, Field *fields)
{
    for (uint32_t k = 0; k < n; k++) {
        fields[k] = (Field){.name = names[k], .type = type_double, .nullable = true};
    }
    return n;
}

static uint32_t moment_buffers(const Expr *agg, Field *fields)
{
    static const char *const names[] = {"n", "avg", "m2", "m3", "m4"};
    return doubles_buffers(names, moment_count(agg), fields);
}

static inline void moment_add(double *s, double x, uint32_t order)
{
    double n = s[0] + 1.0;
    double delta = x - s[1];
    double delta_n = delta / n;
    double m2 = s[2] + delta * (delta - delta_n);
    if (order >= 3) {
        double delta2 = delta * delta, delta_n2 = delta_n * delta_n;
        double m3 = s[3] - 3.0 * delta_n * m2 + delta * (delta2 - delta_n2);
        if (order >= 4) {
            s[4] = s[4] - 4.0 * delta_n * m3 - 6.0 * delta_n2 * m2 +
                   delta * (delta * delta2 - delta_n * delta_n2);
        }
        s[3] = m3;
    }
    s[0] = n;
    s[1] += delta_n;
    s[2] = m2;
}

static fb_status moment_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                               uint32_t n, fb_error *err)
{
    (void)cx;
    (void)err;
    const MomentOp *op = agg->fn_data;
    switch (op->order) {
    case 2:
        AGG_EACH(double, &args[0], n, { moment_add(doubles_of(state[i]), x, 2); });
        break;
    case 3:
        AGG_EACH(double, &args[0], n, { moment_add(doubles_of(state[i]), x, 3); });
        break;
    default:
        AGG_EACH(double, &args[0], n, { moment_add(doubles_of(state[i]), x, 4); });
    }
    return FB_OK;
}

/* A side without rows leaves the other as it is; by the formulas a huge mean would become NaN. */
static inline bool both_have_rows(double n1, double n2)
{
    return n1 != 0.0 && n2 != 0.0;
}

static inline double merged_mean(double n1, double n2, double mean1, double mean2, double delta_n)
{
    return n1 == 0.0 ? mean2 : n2 == 0.0 ? mean1 : mean1 + delta_n * n2;
}

static void moment_merge_one(double *a, const double *b, uint32_t order)
{
    double n1 = a[0], n2 = b[0], n = n1 + n2;
    double delta = both_have_rows(n1, n2) ? b[1] - a[1] : 0.0;
    double delta_n = n == 0.0 ? 0.0 : delta / n;
    double m2 = a[2] + b[2] + delta * delta_n * n1 * n2;
    if (order >= 4) {
        a[4] = a[4] + b[4] +
               delta_n * delta_n * delta_n * delta * n1 * n2 * (n1 * n1 - n1 * n2 + n2 * n2) +
               6.0 * delta_n * delta_n * (n1 * n1 * b[2] + n2 * n2 * a[2]) +
               4.0 * delta_n * (n1 * b[3] - n2 * a[3]);
    }
    if (order >= 3) {
        a[3] = a[3] + b[3] + delta_n * delta_n * delta * n1 * n2 * (n1 - n2) +
               3.0 * delta_n * (n1 * b[2] - n2 * a[2]);
    }
    a[0] = n;
    a[1] = merged_mean(n1, n2, a[1], b[1], delta_n);
    a[2] = m2;
}

static fb_status moment_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into,
                              uint8_t *const *from, uint32_t n, fb_error *err)
{
    (void)cx;
    (void)err;
    const MomentOp *op = agg->fn_data;
    for (uint32_t i = 0; i < n; i++) {
        moment_merge_one(doubles_of(into[i]), doubles_of(from[i]), op->order);
    }
    return FB_OK;
}

/* false: null. A division by zero is null, too. */
static bool moment_result(MomentFn fn, const double *s, double *ret)
{
    double n = s[0], m2 = s[2];
    if (n == 0.0) {
        return false;
    }
    switch (fn) {
    case STDDEV_POP:
        *ret = sqrt(m2 / n);
        return true;
    case STDDEV_SAMP:
        *ret = sqrt(m2 / (n - 1.0));
        return n != 1.0;
    case VAR_POP:
        *ret = m2 / n;
        return true;
    case VAR_SAMP:
        *ret = m2 / (n - 1.0);
        return n != 1.0;
    case SKEWNESS:
        *ret = sqrt(n) * s[3] / sqrt(m2 * m2 * m2);
        return m2 != 0.0;
    case KURTOSIS:
        *ret = n * s[4] / (m2 * m2) - 3.0;
        return m2 != 0.0;
    }
    return false;
}

static fb_status moment_finish(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                               Vec *out, fb_error *err)
{
    (void)err;
    const MomentOp *op = agg->fn_data;
    double *data = agg_alloc(cx, out, n);
    out->valid = NULL;
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0.0;
        if (!moment_result(op->fn, doubles_of(state[i]), &data[i])) {
            vec_set_null(out, cx->eval->arena, i);
        }
    }
    return FB_OK;
}

static void doubles_store(AggCtx *cx, uint8_t *const *state, uint32_t n_cols, uint32_t n, Vec *out)
{
    for (uint32_t k = 0; k < n_cols; k++) {
        double *data = agg_alloc(cx, &out[k], n);
        out[k].valid = NULL;
        for (uint32_t i = 0; i < n; i++) {
            data[i] = doubles_of(state[i])[k];
        }
    }
}

static void doubles_load(uint8_t *const *state, const Vec *cols, uint32_t n_cols, uint32_t n)
{
    for (uint32_t k = 0; k < n_cols; k++) {
        for (uint32_t i = 0; i < n; i++) {
            doubles_of(state[i])[k] = vec_is_valid(&cols[k], i) ? VEC_AT(double, &cols[k], i) : 0.0;
        }
    }
}

static fb_status moment_store(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                              Vec *out, fb_error *err)
{
    (void)err;
    doubles_store(cx, state, moment_count(agg), n, out);
    return FB_OK;
}

static fb_status moment_load(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *cols,
                             uint32_t n, fb_error *err)
{
    (void)cx;
    (void)err;
    doubles_load(state, cols, moment_count(agg), n);
    return FB_OK;
}

const AggDef agg_moment = {moment_size,   moment_buffers, moment_update, moment_merge,
                           moment_finish, moment_store,   moment_load};

static fb_status bind_doubles(BindCtx *cx, Expr *call, const void *op, fb_error *err)
{
    for (uint32_t i = 0; i < call->n_args; i++) {
        TRY(bind_cast(cx, call, i, type_double, err));
    }
    call->fn_data = op;
    call->type = type_double;
    call->nullable = true;
    return FB_OK;
}

#define BIND_DOUBLES(NAME, OP)                                                                     \
    fb_status NAME(BindCtx *cx, Expr *call, fb_error *err)                                         \
    {                                                                                              \
        return bind_doubles(cx, call, &(OP), err);                                                 \
    }

BIND_DOUBLES(bind_stddev_pop, moment_stddev_pop)
BIND_DOUBLES(bind_stddev_samp, moment_stddev_samp)
BIND_DOUBLES(bind_var_pop, moment_var_pop)
BIND_DOUBLES(bind_var_samp, moment_var_samp)
BIND_DOUBLES(bind_skewness, moment_skewness)
BIND_DOUBLES(bind_kurtosis, moment_kurtosis)

/* ---- two variables ---- */

typedef enum PairFn { COVAR_POP, COVAR_SAMP, CORR } PairFn;

typedef struct PairOp {
    PairFn fn;
    uint32_t n_doubles;
} PairOp;

static const PairOp pair_covar_pop = {COVAR_POP, 4}, pair_covar_samp = {COVAR_SAMP, 4},
                    pair_corr = {CORR, 6};

enum { P_N, P_X_AVG, P_Y_AVG, P_CK, P_X_MK, P_Y_MK };

static size_t pair_size(const Expr *agg)
{
    const PairOp *op = agg->fn_data;
    return op->n_doubles * sizeof(double);
}

static uint32_t pair_buffers(const Expr *agg, Field *fields)
{
    static const char *const names[] = {"n", "xAvg", "yAvg", "ck", "xMk", "yMk"};
    const PairOp *op = agg->fn_data;
    return doubles_buffers(names, op->n_doubles, fields);
}

static inline void pair_add(double *s, double x, double y, bool squares)
{
    double n = s[P_N] + 1.0;
    double dx = x - s[P_X_AVG], dy = y - s[P_Y_AVG];
    double x_avg = s[P_X_AVG] + dx / n, y_avg = s[P_Y_AVG] + dy / n;
    s[P_CK] += dx * (y - y_avg);
    if (squares) {
        s[P_X_MK] += dx * (x - x_avg);
        s[P_Y_MK] += dy * (y - y_avg);
    }
    s[P_N] = n;
    s[P_X_AVG] = x_avg;
    s[P_Y_AVG] = y_avg;
}

static fb_status pair_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                             uint32_t n, fb_error *err)
{
    (void)cx;
    (void)err;
    const PairOp *op = agg->fn_data;
    bool squares = op->n_doubles > 4;
    const Vec *xs = &args[0], *ys = &args[1];
    for (uint32_t i = 0; i < n; i++) {
        if (vec_is_valid(xs, i) && vec_is_valid(ys, i)) {
            pair_add(doubles_of(state[i]), VEC_AT(double, xs, i), VEC_AT(double, ys, i), squares);
        }
    }
    return FB_OK;
}

static void pair_merge_one(double *a, const double *b, bool squares)
{
    double n1 = a[P_N], n2 = b[P_N], n = n1 + n2;
    bool both = both_have_rows(n1, n2);
    double dx = both ? b[P_X_AVG] - a[P_X_AVG] : 0.0, dy = both ? b[P_Y_AVG] - a[P_Y_AVG] : 0.0;
    double dx_n = n == 0.0 ? 0.0 : dx / n, dy_n = n == 0.0 ? 0.0 : dy / n;
    a[P_CK] = a[P_CK] + b[P_CK] + dx * dy_n * n1 * n2;
    if (squares) {
        a[P_X_MK] = a[P_X_MK] + b[P_X_MK] + dx * dx_n * n1 * n2;
        a[P_Y_MK] = a[P_Y_MK] + b[P_Y_MK] + dy * dy_n * n1 * n2;
    }
    a[P_N] = n;
    a[P_X_AVG] = merged_mean(n1, n2, a[P_X_AVG], b[P_X_AVG], dx_n);
    a[P_Y_AVG] = merged_mean(n1, n2, a[P_Y_AVG], b[P_Y_AVG], dy_n);
}

static fb_status pair_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into, uint8_t *const *from,
                            uint32_t n, fb_error *err)
{
    (void)cx;
    (void)err;
    const PairOp *op = agg->fn_data;
    for (uint32_t i = 0; i < n; i++) {
        pair_merge_one(doubles_of(into[i]), doubles_of(from[i]), op->n_doubles > 4);
    }
    return FB_OK;
}

static bool pair_result(PairFn fn, const double *s, double *ret)
{
    double n = s[P_N];
    if (n == 0.0) {
        return false;
    }
    switch (fn) {
    case COVAR_POP:
        *ret = s[P_CK] / n;
        return true;
    case COVAR_SAMP:
        *ret = s[P_CK] / (n - 1.0);
        return n != 1.0;
    case CORR:
        *ret = s[P_CK] / sqrt(s[P_X_MK] * s[P_Y_MK]);
        return n != 1.0 && s[P_X_MK] != 0.0 && s[P_Y_MK] != 0.0;
    }
    return false;
}

static fb_status pair_finish(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                             Vec *out, fb_error *err)
{
    (void)err;
    const PairOp *op = agg->fn_data;
    double *data = agg_alloc(cx, out, n);
    out->valid = NULL;
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0.0;
        if (!pair_result(op->fn, doubles_of(state[i]), &data[i])) {
            vec_set_null(out, cx->eval->arena, i);
        }
    }
    return FB_OK;
}

static fb_status pair_store(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                            Vec *out, fb_error *err)
{
    (void)err;
    const PairOp *op = agg->fn_data;
    doubles_store(cx, state, op->n_doubles, n, out);
    return FB_OK;
}

static fb_status pair_load(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *cols,
                           uint32_t n, fb_error *err)
{
    (void)cx;
    (void)err;
    const PairOp *op = agg->fn_data;
    doubles_load(state, cols, op->n_doubles, n);
    return FB_OK;
}

const AggDef agg_pair = {pair_size,   pair_buffers, pair_update, pair_merge,
                         pair_finish, pair_store,   pair_load};

BIND_DOUBLES(bind_covar_pop, pair_covar_pop)
BIND_DOUBLES(bind_covar_samp, pair_covar_samp)
BIND_DOUBLES(bind_corr, pair_corr)
