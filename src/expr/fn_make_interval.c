/*
 * fn_make_interval.c - make_dt_interval, make_ym_interval, make_interval, try_make_interval.
 *
 * Seconds are decimal(18,6), so their unscaled value is microseconds. Arguments that are left out
 * are zero and show in the column's name. Each step of a sum is checked as Spark checks it, in the
 * order days, months first: a product out of range is an error though the sum would not be.
 */
#include "column/datetime.h"
#include "expr/arith.h"
#include "expr/fn_util.h"

static const char unchecked; /* fn_data: out of range is null */

/* At most 8.9e18: always in range. */
static int64_t time_part(const Vec *hours, const Vec *mins, const Vec *secs, uint32_t i)
{
    return VEC_AT(int32_t, hours, i) * US_PER_HOUR + VEC_AT(int32_t, mins, i) * US_PER_MINUTE +
           (int64_t)VEC_AT(int128_t, secs, i);
}

KERNEL(fn_make_dt_interval)
{
    int64_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int64_t days;
        data[i] = 0;
        if (kernel_wants(out, i) &&
            (__builtin_mul_overflow((int64_t)VEC_AT(int32_t, &args[0], i), US_PER_DAY, &days) ||
             __builtin_add_overflow(days, time_part(&args[1], &args[2], &args[3], i), &data[i]))) {
            return interval_overflow_error(NULL, err);
        }
    }
    return FB_OK;
}

KERNEL(fn_make_ym_interval)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int32_t months;
        data[i] = 0;
        if (kernel_wants(out, i) &&
            (__builtin_mul_overflow(VEC_AT(int32_t, &args[0], i), 12, &months) ||
             __builtin_add_overflow(months, VEC_AT(int32_t, &args[1], i), &data[i]))) {
            return interval_overflow_error(NULL, err);
        }
    }
    return FB_OK;
}

KERNEL(fn_make_interval)
{
    IntervalCal *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        IntervalCal v = {0};
        data[i] = v;
        if (!kernel_wants(out, i)) {
            continue;
        }
        if (__builtin_mul_overflow(VEC_AT(int32_t, &args[0], i), 12, &v.months) ||
            __builtin_add_overflow(v.months, VEC_AT(int32_t, &args[1], i), &v.months) ||
            __builtin_mul_overflow(VEC_AT(int32_t, &args[2], i), 7, &v.days) ||
            __builtin_add_overflow(v.days, VEC_AT(int32_t, &args[3], i), &v.days)) {
            if (call->fn_data != &unchecked) {
                return arith_overflow_error("overflow", NULL, err);
            }
            kernel_null(cx, out, i);
            continue;
        }
        v.micros = time_part(&args[4], &args[5], &args[6], i);
        data[i] = v;
    }
    return FB_OK;
}

/* n numbers; with seconds the last of them. */
static fb_status bind_parts(BindCtx *cx, Expr *call, uint32_t n, bool seconds, const Type *t,
                            fb_error *err)
{
    const Type *second_type = type_decimal(18, 6);
    for (uint32_t i = call->n_args; i < n; i++) {
        bind_add_arg(cx, call,
                     seconds && i == n - 1 ? expr_literal_decimal(cx->arena, second_type, 0)
                                           : expr_literal_int(cx->arena, type_int, 0));
    }
    for (uint32_t i = 0; i < n; i++) {
        TRY(bind_cast(cx, call, i, seconds && i == n - 1 ? second_type : type_int, err));
    }
    return bind_done(call, t);
}

BINDER(bind_make_dt_interval)
{
    return bind_parts(cx, call, 4, true, type_interval_dt(0, 3), err);
}

BINDER(bind_make_ym_interval)
{
    return bind_parts(cx, call, 2, false, type_interval_ym(0, 1), err);
}

BINDER(bind_make_interval)
{
    TRY(bind_parts(cx, call, 7, true, type_interval_cal, err));
    if (cx->mode != EVAL_ANSI) {
        call->fn_data = &unchecked;
        call->nullable = true;
    }
    return FB_OK;
}

BINDER(bind_try_make_interval)
{
    TRY(bind_parts(cx, call, 7, true, type_interval_cal, err));
    call->fn_data = &unchecked;
    call->nullable = true;
    return FB_OK;
}
