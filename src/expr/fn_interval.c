/*
 * fn_interval.c - + - * / where a date, a timestamp or an interval takes part.
 *
 * Binding chooses as Spark's ResolveBinaryArithmetic does: date + days is date_add, a date with a
 * day-time interval becomes a timestamp, timestamps and dates subtract to an interval, an interval
 * is scaled by a number. The calls made have names that can't be written in SQL ("+ interval"), and
 * show as the operator without parentheses, as in Spark.
 *
 * What leaves the range of its type is an error in legacy mode as well; TRY gives null.
 */
#include "expr/arith.h"
#include "expr/fn_util.h"

#include "column/datetime.h"

#include <math.h>

/* ---- binding ---- */

static bool is_timestamp(const Type *t)
{
    return t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ;
}

static bool is_ansi_interval(const Type *t)
{
    return t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT;
}

static bool is_interval(const Type *t)
{
    return is_ansi_interval(t) || t->id == T_INTERVAL_CAL;
}

static bool is_whole_days(const Type *t)
{
    return t->id == T_INTERVAL_DT && t->precision == 0 && t->scale == 0;
}

static const int plus_minus[] = {1, -1};

/* call becomes name(a, b); the mode of call is kept, as for try_add. */
static fb_status become(BindCtx *cx, Expr *call, const char *name, Expr *a, Expr *b, fb_error *err)
{
    Expr *bound;
    Expr *args[2] = {a, b};
    EvalMode mode = cx->mode;
    BindCtx inner = *cx;
    int start = call->start, stop = call->stop;
    TRY(bind_call(&inner, name, args, b ? 2 : 1, &bound, err));
    if (call->eval_mode == EVAL_TRY) {
        bound->eval_mode = EVAL_TRY;
        bound->nullable = true;
    } else {
        bound->eval_mode = bound->eval_mode == EVAL_LEGACY ? EVAL_LEGACY : mode;
    }
    *call = *bound;
    call->start = start;
    call->stop = stop;
    return FB_OK;
}

/* moment +- interval; a string is taken for a timestamp, and the sum made a string again. */
static fb_status move_by_interval(BindCtx *cx, Expr *call, Expr *moment, Expr *interval, ArithOp op,
                                  fb_error *err)
{
    const char *name = op == AR_ADD ? "+ interval" : "- interval";
    const Type *t = moment->type;
    if (t->id == T_DATE && interval->type->id == T_INTERVAL_DT) {
        moment = bind_cast_expr(cx, moment, type_timestamp);
    }
    TRY(become(cx, call, name, moment, interval, err));
    if (t->id == T_STRING) {
        Expr *sum = expr_copy(cx->arena, call);
        *call = *expr_cast(cx->arena, sum, type_string, cx->mode, false);
    }
    return FB_OK;
}

static fb_status add_days(BindCtx *cx, Expr *call, Expr *date, Expr *days, ArithOp op,
                          fb_error *err)
{
    if (is_whole_days(days->type)) {
        Expr *count;
        TRY(bind_call(cx, "extractansiintervaldays", &days, 1, &count, err));
        if (op == AR_SUB) {
            Expr *positive = count;
            TRY(bind_call(cx, "-", &positive, 1, &count, err));
        }
        return become(cx, call, "date_add", date, count, err);
    }
    return become(cx, call, op == AR_ADD ? "date_add" : "date_sub", date, days, err);
}

/* NULL beside a moment is taken for an interval; beside a calendar interval it is refused. */
static fb_status bind_sum_with_null(BindCtx *cx, Expr *call, Expr *other, const Type *t,
                                    bool *ret_done, fb_error *err)
{
    if (t->id == T_DATE || is_timestamp(t)) {
        Expr *null = expr_literal_null(cx->arena, type_interval_dt(0, 3));
        return move_by_interval(cx, call, other, null, AR_ADD, err);
    }
    *ret_done = false;
    return t->id == T_INTERVAL_CAL ? bind_diff_types(cx, call, err) : FB_OK;
}

static fb_status bind_time_sum(BindCtx *cx, Expr *call, bool *ret_done, fb_error *err)
{
    Expr *l = call->args[0], *r = call->args[1];
    const Type *a = l->type, *b = r->type;
    *ret_done = true;
    if (a->id == T_DATE && is_whole_days(b)) {
        return add_days(cx, call, l, r, AR_ADD, err);
    }
    if (b->id == T_DATE && is_whole_days(a)) {
        return add_days(cx, call, r, l, AR_ADD, err);
    }
    if ((a->id == T_NULL && is_ansi_interval(b)) || (b->id == T_NULL && is_ansi_interval(a)) ||
        (a->id == b->id && is_interval(a))) {
        *ret_done = false; /* two intervals add as numbers do */
        return FB_OK;
    }
    if (a->id == T_NULL || b->id == T_NULL) {
        const Type *other = a->id == T_NULL ? b : a;
        return bind_sum_with_null(cx, call, a->id == T_NULL ? r : l, other, ret_done, err);
    }
    if (is_interval(b) && (a->id == T_DATE || is_timestamp(a))) {
        return move_by_interval(cx, call, l, r, AR_ADD, err);
    }
    if (is_interval(a) && (b->id == T_DATE || is_timestamp(b))) {
        return move_by_interval(cx, call, r, l, AR_ADD, err);
    }
    if (b->id == T_INTERVAL_CAL || b->id == T_INTERVAL_DT) {
        return move_by_interval(cx, call, l, r, AR_ADD, err);
    }
    if (a->id == T_INTERVAL_CAL || a->id == T_INTERVAL_DT) {
        return move_by_interval(cx, call, r, l, AR_ADD, err);
    }
    if (a->id == T_DATE && b->id != T_STRING) {
        return add_days(cx, call, l, r, AR_ADD, err);
    }
    if (b->id == T_DATE && a->id != T_STRING) {
        return add_days(cx, call, r, l, AR_ADD, err);
    }
    if (cx->mode == EVAL_ANSI && (a->id == T_DATE || b->id == T_DATE)) {
        /* the string is taken for a date, which can't be added: the error is date_add's */
        bool first = a->id == T_DATE;
        Expr *date = first ? l : r, *other = bind_cast_expr(cx, first ? r : l, type_date);
        return add_days(cx, call, date, other, AR_ADD, err);
    }
    *ret_done = false;
    return FB_OK;
}

static fb_status bind_time_difference(BindCtx *cx, Expr *call, bool *ret_done, fb_error *err)
{
    Expr *l = call->args[0], *r = call->args[1];
    const Type *a = l->type, *b = r->type;
    *ret_done = true;
    if (a->id == T_DATE && is_whole_days(b)) {
        return add_days(cx, call, l, r, AR_SUB, err);
    }
    if ((a->id == T_NULL && is_ansi_interval(b)) || (b->id == T_NULL && is_ansi_interval(a)) ||
        (a->id == b->id && is_interval(a))) {
        *ret_done = false;
        return FB_OK;
    }
    if (is_interval(b) && (a->id == T_DATE || is_timestamp(a))) {
        return move_by_interval(cx, call, l, r, AR_SUB, err);
    }
    if (a->id == T_NULL && b->id == T_INTERVAL_CAL) {
        return bind_diff_types(cx, call, err);
    }
    if (b->id == T_INTERVAL_CAL || b->id == T_INTERVAL_DT) {
        return move_by_interval(cx, call, l, r, AR_SUB, err);
    }
    if (a->id == T_DATE && b->id == T_NULL) {
        return become(cx, call, "- date", l, r, err);
    }
    if (is_timestamp(a) || is_timestamp(b)) {
        return become(cx, call, "- timestamp", l, r, err);
    }
    if (b->id == T_DATE || (a->id == T_DATE && b->id == T_STRING && cx->mode == EVAL_ANSI)) {
        return become(cx, call, "- date", l, r, err);
    }
    if (a->id == T_DATE && b->id != T_STRING) {
        return add_days(cx, call, l, r, AR_SUB, err);
    }
    *ret_done = false;
    return FB_OK;
}

fb_status bind_time_arith(BindCtx *cx, Expr *call, ArithOp op, bool *ret_done, fb_error *err)
{
    Expr *l = call->args[0], *r = call->args[1];
    *ret_done = false;
    switch (op) {
    case AR_ADD:
        return bind_time_sum(cx, call, ret_done, err);
    case AR_SUB:
        return bind_time_difference(cx, call, ret_done, err);
    case AR_MUL:
        if (is_interval(l->type) || is_interval(r->type)) {
            bool first = is_interval(l->type);
            const Type *t = first ? l->type : r->type;
            *ret_done = true;
            return become(cx, call, t->id == T_INTERVAL_CAL ? "multiply_interval" : "* interval",
                          first ? l : r, first ? r : l, err);
        }
        return FB_OK;
    default:
        if (is_interval(l->type)) {
            *ret_done = true;
            return become(cx, call,
                          l->type->id == T_INTERVAL_CAL ? "divide_interval" : "/ interval", l, r,
                          err);
        }
        return FB_OK;
    }
}

static fb_status bind_move(BindCtx *cx, Expr *call, const int *sign, fb_error *err)
{
    const Type *t = call->args[0]->type;
    if (!is_timestamp(t) && t->id != T_DATE) {
        if (!coerce_implicit(cx->mode, t, type_timestamp)) {
            return bind_type_error(cx, call, 0,
                                   "(\"TIMESTAMP\" or \"TIMESTAMP WITHOUT TIME ZONE\")", err);
        }
        t = type_timestamp;
        call->args[0] = bind_cast_expr(cx, call->args[0], t);
    }
    if (!is_interval(call->args[1]->type)) {
        return bind_type_error(cx, call, 1, "INTERVAL", err);
    }
    call->fn_data = sign;
    call->type = t;
    call->nullable = bind_any_nullable(call);
    return FB_OK;
}

fb_status bind_plus_interval(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_move(cx, call, &plus_minus[0], err);
}

fb_status bind_minus_interval(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_move(cx, call, &plus_minus[1], err);
}

fb_status bind_minus_timestamp(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    bool ntz = a->id == T_TIMESTAMP_NTZ || b->id == T_TIMESTAMP_NTZ;
    bool ltz = a->id == T_TIMESTAMP || b->id == T_TIMESTAMP;
    const Type *t = ntz && !ltz ? type_timestamp_ntz : type_timestamp;
    for (uint32_t i = 0; cx->mode != EVAL_ANSI && i < 2; i++) {
        if (call->args[i]->type->id == T_STRING) {
            return bind_type_error(cx, call, i, "TIMESTAMP", err);
        }
    }
    TRY(bind_cast(cx, call, 0, t, err));
    TRY(bind_cast(cx, call, 1, t, err));
    call->type = type_interval_dt(0, 3);
    call->nullable = bind_any_nullable(call);
    return FB_OK;
}

fb_status bind_minus_date(BindCtx *cx, Expr *call, fb_error *err)
{
    TRY(bind_cast(cx, call, 0, type_date, err));
    TRY(bind_cast(cx, call, 1, type_date, err));
    call->type = type_interval_dt(0, 0);
    call->nullable = bind_any_nullable(call);
    return FB_OK;
}

fb_status bind_interval_days(BindCtx *cx, Expr *call, fb_error *err)
{
    if (call->args[0]->type->id != T_INTERVAL_DT) {
        return bind_type_error(cx, call, 0, "INTERVAL DAY", err);
    }
    call->type = type_int;
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

fb_status bind_scale_interval(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type, *by = call->args[1]->type;
    if (t->id != T_INTERVAL_YM && t->id != T_INTERVAL_DT) { /* who calls it by its name */
        TRY(bind_exact(cx, call, 0, type_interval_cal, err));
        t = call->args[0]->type;
    }
    if (t->id == T_INTERVAL_CAL || by->id == T_STRING || by->id == T_NULL) {
        if (!type_is_numeric(by) && by->id != T_STRING && by->id != T_NULL) {
            return bind_type_error(cx, call, 1, "DOUBLE", err);
        }
        call->args[1] = bind_cast_expr(cx, call->args[1], type_double);
    } else if (!type_is_numeric(by)) {
        return bind_type_error(cx, call, 1, "NUMERIC", err);
    } else if (type_is_integral(by)) {
        call->args[1] = bind_cast_expr(cx, call->args[1], type_long);
    } else if (by->id == T_FLOAT) {
        call->args[1] = bind_cast_expr(cx, call->args[1], type_double);
    }
    call->type = t->id == T_INTERVAL_YM   ? type_interval_ym(0, 1)
                 : t->id == T_INTERVAL_DT ? type_interval_dt(0, 3)
                                          : t;
    call->nullable = bind_any_nullable(call) || t->id == T_INTERVAL_CAL;
    return FB_OK;
}

/* ---- moving dates and timestamps ---- */

static IntervalCal interval_value(const Vec *v, uint32_t i, int sign, bool *ret_fits)
{
    IntervalCal x = {0};
    switch (v->type->id) {
    case T_INTERVAL_YM:
        x.months = VEC_AT(int32_t, v, i);
        break;
    case T_INTERVAL_DT:
        x.micros = VEC_AT(int64_t, v, i); /* whole days are days of the local calendar */
        x.days = (int32_t)(x.micros / US_PER_DAY);
        x.micros %= US_PER_DAY;
        break;
    default:
        x = VEC_AT(IntervalCal, v, i);
        break;
    }
    *ret_fits = true;
    if (sign < 0) {
        *ret_fits = x.months != INT32_MIN && x.days != INT32_MIN && x.micros != INT64_MIN;
        x = *ret_fits ? (IntervalCal){-x.months, -x.days, -x.micros} : (IntervalCal){0};
    }
    return x;
}

static fb_status moment_overflow(EvalCtx *cx, const Expr *call, uint32_t i, Vec *out, fb_error *err)
{
    if (call->eval_mode == EVAL_TRY) {
        kernel_null(cx, out, i);
        return FB_OK;
    }
    if (call->type->id == T_DATE) {
        return arith_overflow_error("overflow", NULL, err);
    }
    bool add = *(const int *)call->fn_data > 0;
    return err_set(err, ERR_JAVA_OVERFLOW, "type", "long", "operation",
                   add ? "add an interval" : "subtract an interval", NULL);
}

static bool move_date(int32_t days, IntervalCal v, const Expr *call, int32_t *ret)
{
    if (v.micros != 0 && call->eval_mode == EVAL_LEGACY) {
        int64_t whole = v.days + dt_floor_div(v.micros, US_PER_DAY);
        v.days = whole > INT32_MAX || whole < INT32_MIN ? 0 : (int32_t)whole;
        v.micros = 0;
    }
    return date_add_interval(days, v, ret);
}

static fb_status move_dates(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                            fb_error *err)
{
    int sign = *(const int *)call->fn_data;
    int32_t *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        bool fits;
        IntervalCal v = interval_value(&args[1], i, sign, &fits);
        r[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        if (v.micros != 0 && call->eval_mode == EVAL_ANSI) {
            return err_set(err, ERR_INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION, NULL);
        }
        if (!fits || !move_date(VEC_AT(int32_t, &args[0], i), v, call, &r[i])) {
            r[i] = 0;
            TRY(moment_overflow(cx, call, i, out, err));
        }
    }
    return FB_OK;
}

fb_status k_move(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                 fb_error *err)
{
    if (call->type->id == T_DATE) {
        return move_dates(cx, call, args, n, out, err);
    }
    int sign = *(const int *)call->fn_data;
    const TimeZone *tz = call->type->id == T_TIMESTAMP ? cx->tz : tz_utc();
    int64_t *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        bool fits;
        IntervalCal v = interval_value(&args[1], i, sign, &fits);
        int64_t t = VEC_AT(int64_t, &args[0], i);
        r[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        if (fits && v.months == 0 && v.days == 0) {
            fits = !__builtin_add_overflow(t, v.micros, &r[i]);
        } else {
            fits = fits && ts_add_interval(t, v, tz, &r[i]);
        }
        if (!fits) {
            r[i] = 0;
            TRY(moment_overflow(cx, call, i, out, err));
        }
    }
    return FB_OK;
}

/* ---- differences ---- */

fb_status k_minus_timestamp(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                            fb_error *err)
{
    /* The difference of local times, so that days keep 24 hours across changes of the offset. */
    int64_t *r = kernel_alloc(cx, out);
    TzCursor ca = tz_cursor(args[0].type->id == T_TIMESTAMP ? cx->tz : tz_utc()), cb = ca;
    for (uint32_t i = 0; i < n; i++) {
        int64_t a = tz_cursor_to_local(&ca, VEC_AT(int64_t, &args[0], i));
        int64_t b = tz_cursor_to_local(&cb, VEC_AT(int64_t, &args[1], i));
        if (__builtin_sub_overflow(a, b, &r[i]) && kernel_wants(out, i)) {
            if (call->eval_mode != EVAL_TRY) {
                return err_set(err, ERR_JAVA_OVERFLOW, "type", "long", "operation",
                               "subtract timestamps", NULL);
            }
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

fb_status k_minus_date(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                       fb_error *err)
{
    int64_t *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int64_t days = (int64_t)VEC_AT(int32_t, &args[0], i) - VEC_AT(int32_t, &args[1], i);
        if (__builtin_mul_overflow(days, US_PER_DAY, &r[i]) && kernel_wants(out, i)) {
            if (call->eval_mode != EVAL_TRY) {
                return err_set(err, ERR_JAVA_OVERFLOW, "type", "long", "operation",
                               "subtract dates", NULL);
            }
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

fb_status k_interval_days(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                          fb_error *err)
{
    (void)call;
    (void)err;
    int32_t *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        r[i] = (int32_t)(VEC_AT(int64_t, &args[0], i) / US_PER_DAY);
    }
    return FB_OK;
}

/* ---- scaling ---- */

/* a * b or a / b rounded half up (away from zero), b a bigint; false: beyond int64. */
static bool scale_by_int(int64_t a, int64_t b, bool divide, int64_t *ret)
{
    if (!divide) {
        return !__builtin_mul_overflow(a, b, ret);
    }
    int128_t q = (int128_t)a / b, rest = (int128_t)a % b;
    int128_t twice = (rest < 0 ? -rest : rest) * 2, size = b < 0 ? -(int128_t)b : b;
    if (twice >= size) {
        q += (a < 0) == (b < 0) ? 1 : -1;
    }
    *ret = (int64_t)q;
    return q <= INT64_MAX && q >= INT64_MIN;
}

static bool scale_by_double(int64_t a, double b, bool divide, int64_t *ret)
{
    double x = divide ? (double)a / b : (double)a * b;
    double rounded = round(x); /* half away from zero */
    if (!(rounded >= -9223372036854775808.0 && rounded < 9223372036854775808.0)) {
        return false;
    }
    *ret = (int64_t)rounded;
    return true;
}

static bool scale_by_decimal(int64_t a, int128_t b, int scale, bool divide, int64_t *ret)
{
    int128_t r;
    DecType whole = {38, 0};
    bool fits = divide ? dec_div(a, 0, b, scale, whole, &r) : dec_mul(a, 0, b, scale, whole, &r);
    if (!fits || r > INT64_MAX || r < INT64_MIN) {
        return false;
    }
    *ret = (int64_t)r;
    return true;
}

static bool divisor_is_zero(const Vec *v, uint32_t i)
{
    switch (v->type->id) {
    case T_LONG:
        return VEC_AT(int64_t, v, i) == 0;
    case T_DECIMAL:
        return VEC_AT(int128_t, v, i) == 0;
    default:
        return VEC_AT(double, v, i) == 0;
    }
}

static bool scale_one(int64_t x, const Vec *by, uint32_t i, bool divide, int64_t *ret)
{
    switch (by->type->id) {
    case T_LONG:
        return scale_by_int(x, VEC_AT(int64_t, by, i), divide, ret);
    case T_DECIMAL:
        return scale_by_decimal(x, VEC_AT(int128_t, by, i), by->type->scale, divide, ret);
    default:
        return scale_by_double(x, VEC_AT(double, by, i), divide, ret);
    }
}

static bool to_int32(double x, int32_t *ret)
{
    if (!(x > -2147483649.0 && x < 2147483648.0)) {
        return false;
    }
    *ret = (int32_t)x;
    return true;
}

/* The fraction of the days goes into the microseconds, that of the months is dropped. */
static bool scale_calendar(IntervalCal v, double by, bool divide, IntervalCal *ret)
{
    double months = divide ? v.months / by : v.months * by;
    double days = divide ? v.days / by : v.days * by;
    double micros = divide ? (double)v.micros / by : (double)v.micros * by;
    if (!to_int32(months, &ret->months) || !to_int32(days, &ret->days)) {
        return false;
    }
    micros = round((double)US_PER_DAY * (days - ret->days) + micros);
    if (!(micros >= -9223372036854775808.0 && micros < 9223372036854775808.0)) {
        return false;
    }
    ret->micros = (int64_t)micros;
    return true;
}

static fb_status scale_row(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t i, bool divide,
                           Vec *out, fb_error *err)
{
    bool fits;
    if (divide && divisor_is_zero(&args[1], i)) {
        if (call->eval_mode != EVAL_TRY) {
            return err_set(err, ERR_INTERVAL_DIVIDED_BY_ZERO, NULL);
        }
        kernel_null(cx, out, i);
        return FB_OK;
    }
    if (out->type->id == T_INTERVAL_CAL) {
        fits = scale_calendar(VEC_AT(IntervalCal, &args[0], i), VEC_AT(double, &args[1], i), divide,
                              &VEC_DATA(IntervalCal, out)[i]);
    } else if (out->type->id == T_INTERVAL_YM) {
        int64_t x = 0;
        fits = scale_one(VEC_AT(int32_t, &args[0], i), &args[1], i, divide, &x) && x >= INT32_MIN &&
               x <= INT32_MAX;
        VEC_DATA(int32_t, out)[i] = (int32_t)x;
    } else {
        fits = scale_one(VEC_AT(int64_t, &args[0], i), &args[1], i, divide,
                         &VEC_DATA(int64_t, out)[i]);
    }
    if (!fits && call->eval_mode == EVAL_TRY) {
        kernel_null(cx, out, i);
    } else if (!fits && out->type->id == T_INTERVAL_CAL) {
        return interval_overflow_error(NULL, err);
    } else if (!fits) {
        return err_set(err, ERR_JAVA_OVERFLOW, "type",
                       out->type->id == T_INTERVAL_YM ? "integer" : "long", "operation",
                       divide ? "divide an interval" : "multiply an interval", NULL);
    }
    return FB_OK;
}

static fb_status scale_intervals(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,
                                 bool divide, Vec *out, fb_error *err)
{
    void *r = kernel_alloc(cx, out);
    memset(r, 0, mem_mul(n, type_width(out->type)));
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            TRY(scale_row(cx, call, args, i, divide, out, err));
        }
    }
    return FB_OK;
}

fb_status k_multiply_interval(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                              fb_error *err)
{
    return scale_intervals(cx, call, args, n, false, out, err);
}

fb_status k_divide_interval(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                            fb_error *err)
{
    return scale_intervals(cx, call, args, n, true, out, err);
}
