/*
 * cast_time.c - casts among dates, timestamps, intervals, and between them and numbers.
 *
 * A timestamp is a number of seconds to numbers: integers take floor(seconds), fractions keep the
 * microseconds. ANSI intervals of one field are a number of that unit. Casts between intervals of
 * other fields cut off what is below the last field.
 */
#include "expr/cast.h"

#include "column/datetime.h"
#include "expr/coerce.h"

/* ---- dates and timestamps ---- */

static fb_status date_of_ts(CastRun *c)
{
    const int64_t *x = c->in->data;
    int32_t *r = kernel_alloc(c->cx, c->out);
    TzCursor cursor = tz_cursor(c->in->type->id == T_TIMESTAMP ? c->cx->tz : tz_utc());
    for (uint32_t i = 0; i < c->in->len; i++) {
        r[i] = ts_local_to_date(tz_cursor_to_local(&cursor, x[i]));
    }
    return FB_OK;
}

static fb_status ntz_of_ts(CastRun *c)
{
    const int64_t *x = c->in->data;
    int64_t *r = kernel_alloc(c->cx, c->out);
    TzCursor cursor = tz_cursor(c->cx->tz);
    for (uint32_t i = 0; i < c->in->len; i++) {
        r[i] = tz_cursor_to_local(&cursor, x[i]);
    }
    return FB_OK;
}

static fb_status ts_of_ntz(CastRun *c)
{
    const int64_t *x = c->in->data;
    int64_t *r = kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        r[i] = tz_local_to_utc(c->cx->tz, x[i]);
    }
    return FB_OK;
}

static fb_status ts_of_date(CastRun *c)
{
    const int32_t *x = c->in->data;
    int64_t *r = kernel_alloc(c->cx, c->out);
    bool local = c->out->type->id == T_TIMESTAMP_NTZ;
    for (uint32_t i = 0; i < c->in->len; i++) {
        r[i] = 0;
        bool fits = local ? date_to_ts_ntz(x[i], &r[i]) : date_to_ts(x[i], c->cx->tz, &r[i]);
        if (!fits && kernel_wants(c->out, i)) {
            if (c->mode != EVAL_TRY) {
                return err_set(c->err, ERR_JAVA_OVERFLOW, "type", "long", "operation",
                               "cast a date", NULL);
            }
            kernel_null(c->cx, c->out, i);
        }
    }
    return FB_OK;
}

/* ---- timestamps and numbers ---- */

static int64_t int_at(const Vec *v, uint32_t i)
{
    switch (type_width(v->type)) {
    case 1:
        return VEC_DATA(int8_t, v)[i];
    case 2:
        return VEC_DATA(int16_t, v)[i];
    case 4:
        return VEC_DATA(int32_t, v)[i];
    default:
        return VEC_DATA(int64_t, v)[i];
    }
}

/* TimeUnit.SECONDS.toMicros saturates. */
static fb_status ts_of_int(CastRun *c)
{
    int64_t *r = kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        int64_t seconds = int_at(c->in, i);
        if (__builtin_mul_overflow(seconds, US_PER_SECOND, &r[i])) {
            r[i] = seconds < 0 ? INT64_MIN : INT64_MAX;
        }
    }
    return FB_OK;
}

static fb_status ts_of_boolean(CastRun *c)
{
    const uint8_t *x = c->in->data;
    int64_t *r = kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        r[i] = x[i] ? 1 : 0; /* one microsecond */
    }
    return FB_OK;
}

/* The overflow that Spark reports here is that of the microseconds as a bigint. */
static fb_status micros_overflow(CastRun *c, double us)
{
    Vec in = {.type = type_double, .len = 1, .data = &us};
    Vec out = {.type = type_long, .len = 1};
    CastRun run = {.cx = c->cx, .in = &in, .out = &out, .mode = EVAL_ANSI, .err = c->err};
    return cast_overflow(&run, 0);
}

static fb_status ts_of_float(CastRun *c)
{
    int64_t *r = kernel_alloc(c->cx, c->out);
    bool single = c->in->type->id == T_FLOAT;
    for (uint32_t i = 0; i < c->in->len; i++) {
        double x = single ? (double)VEC_DATA(float, c->in)[i] : VEC_DATA(double, c->in)[i];
        double us = x * (double)US_PER_SECOND;
        r[i] = 0;
        if (!kernel_wants(c->out, i)) {
            continue;
        }
        if (x - x != 0) {
            TRY(cast_invalid(c, i));
        } else if (us < 9223372036854775808.0 && us >= -9223372036854775808.0) {
            ts_from_f64(x, &r[i]);
        } else if (c->mode == EVAL_ANSI) {
            return micros_overflow(c, us);
        } else if (c->mode == EVAL_TRY) {
            kernel_null(c->cx, c->out, i);
        } else {
            r[i] = f64_to_i64_saturating(us);
        }
    }
    return FB_OK;
}

/* v * 10^-drop, rounded half to even. */
static int128_t drop_digits(int128_t v, int drop)
{
    int128_t unit = (int128_t)dec_pow10[drop], q = v / unit, rest = v % unit;
    int128_t twice = 2 * (rest < 0 ? -rest : rest);
    bool up = twice > unit || (twice == unit && (q & 1));
    return up ? q + (v < 0 ? -1 : 1) : q;
}

/* The microseconds of v * 10^-scale seconds, truncated and wrapped. Spark multiplies with 34 digits
 * of precision (Java's DECIMAL128); what is beyond them is rounded first. */
static int64_t micros_of_decimal(int128_t v, int scale)
{
    int exponent = 6 - scale; /* of the result, for v as the digits */
    int drop = dec_precision(v) + 6 - 34;
    if (drop > 6) {
        v = drop_digits(v, drop - 6);
        exponent += drop - 6;
    }
    if (exponent < 0) {
        return (int64_t)(v / (int128_t)dec_pow10[-exponent]);
    }
    return (int64_t)((uint128_t)v * dec_pow10[exponent]);
}

static fb_status ts_of_decimal(CastRun *c)
{
    const int128_t *x = c->in->data;
    int64_t *r = kernel_alloc(c->cx, c->out);
    int scale = c->in->type->scale;
    for (uint32_t i = 0; i < c->in->len; i++) {
        r[i] = micros_of_decimal(x[i], scale);
    }
    return FB_OK;
}

static fb_status int_of_ts(CastRun *c)
{
    const int64_t *x = c->in->data;
    void *r = kernel_alloc(c->cx, c->out);
    TypeId to = c->out->type->id;
    for (uint32_t i = 0; i < c->in->len; i++) {
        int64_t s = dt_floor_div(x[i], US_PER_SECOND), back = s;
        switch (to) {
        case T_BYTE:
            back = ((int8_t *)r)[i] = (int8_t)s;
            break;
        case T_SHORT:
            back = ((int16_t *)r)[i] = (int16_t)s;
            break;
        case T_INT:
            back = ((int32_t *)r)[i] = (int32_t)s;
            break;
        default:
            ((int64_t *)r)[i] = s;
            break;
        }
        if (back != s && kernel_wants(c->out, i)) { /* null in legacy mode */
            TRY(cast_overflow(c, i));
        }
    }
    return FB_OK;
}

static fb_status fraction_of_ts(CastRun *c)
{
    const int64_t *x = c->in->data;
    void *r = kernel_alloc(c->cx, c->out);
    DecType to = {c->out->type->precision, c->out->type->scale};
    for (uint32_t i = 0; i < c->in->len; i++) {
        double seconds = ts_to_f64(x[i]);
        if (c->out->type->id == T_FLOAT) {
            ((float *)r)[i] = (float)seconds;
        } else if (c->out->type->id == T_DOUBLE) {
            ((double *)r)[i] = seconds;
        } else {
            int128_t *d = &((int128_t *)r)[i];
            *d = 0;
            if (kernel_wants(c->out, i) && !dec_rescale(x[i], 6, to, DEC_HALF_UP, d)) {
                *d = 0;
                TRY(cast_out_of_decimal(c, i));
            }
        }
    }
    return FB_OK;
}

static fb_status boolean_of_ts(CastRun *c)
{
    const int64_t *x = c->in->data;
    uint8_t *r = kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        r[i] = x[i] != 0;
    }
    return FB_OK;
}

/* Legacy: a date has no number; every row is null. */
static fb_status null_of_date(CastRun *c)
{
    vec_init_null(c->out, c->out->type, c->in->len, c->cx->arena);
    Vec constant = *c->out;
    vec_flatten(c->out, &constant, c->cx->arena);
    return FB_OK;
}

/* ---- intervals ---- */

/* Units of a last field, in months or microseconds. */
static int64_t unit_of(const Type *t)
{
    static const int64_t dt[] = {US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND};
    if (t->id == T_INTERVAL_YM) {
        return t->scale == 0 ? 12 : 1;
    }
    return dt[t->scale];
}

static int64_t interval_at(const Vec *v, uint32_t i)
{
    return v->type->id == T_INTERVAL_YM ? VEC_DATA(int32_t, v)[i] : VEC_DATA(int64_t, v)[i];
}

static fb_status interval_of_interval(CastRun *c)
{
    int64_t unit = unit_of(c->out->type);
    bool whole = c->out->type->id == T_INTERVAL_DT && c->out->type->scale == 3;
    void *r = kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        int64_t x = interval_at(c->in, i);
        x = whole ? x : x - x % unit;
        if (c->out->type->id == T_INTERVAL_YM) {
            ((int32_t *)r)[i] = (int32_t)x;
        } else {
            ((int64_t *)r)[i] = x;
        }
    }
    return FB_OK;
}

/* An error in legacy mode too. */
static fb_status interval_overflow(CastRun *c, uint32_t i)
{
    CastRun strict = *c;
    strict.mode = c->mode == EVAL_TRY ? EVAL_TRY : EVAL_ANSI;
    return cast_overflow(&strict, i);
}

static fb_status interval_store(CastRun *c, uint32_t i, bool fits, int64_t x)
{
    bool ym = c->out->type->id == T_INTERVAL_YM;
    if (ym) {
        fits = fits && x >= INT32_MIN && x <= INT32_MAX;
        VEC_DATA(int32_t, c->out)[i] = (int32_t)x;
    } else {
        VEC_DATA(int64_t, c->out)[i] = x;
    }
    return fits || !kernel_wants(c->out, i) ? FB_OK : interval_overflow(c, i);
}

static fb_status interval_of_int(CastRun *c)
{
    int64_t unit = unit_of(c->out->type);
    kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        int64_t x = 0;
        bool fits = !__builtin_mul_overflow(int_at(c->in, i), unit, &x);
        TRY(interval_store(c, i, fits, x));
    }
    return FB_OK;
}

static fb_status interval_of_decimal(CastRun *c)
{
    int64_t unit = unit_of(c->out->type);
    int scale = c->in->type->scale;
    const int128_t *v = c->in->data;
    kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        int128_t product = 0, rounded = 0;
        bool fits = !__builtin_mul_overflow(v[i], (int128_t)unit, &product) &&
                    dec_rescale(product, scale, (DecType){38, 0}, DEC_HALF_UP, &rounded) &&
                    rounded >= INT64_MIN && rounded <= INT64_MAX;
        TRY(interval_store(c, i, fits, fits ? (int64_t)rounded : 0));
    }
    return FB_OK;
}

static fb_status int_of_interval(CastRun *c)
{
    int64_t unit = unit_of(c->in->type);
    void *r = kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        int64_t x = interval_at(c->in, i) / unit, back = x;
        switch (c->out->type->id) {
        case T_BYTE:
            back = ((int8_t *)r)[i] = (int8_t)x;
            break;
        case T_SHORT:
            back = ((int16_t *)r)[i] = (int16_t)x;
            break;
        case T_INT:
            back = ((int32_t *)r)[i] = (int32_t)x;
            break;
        default:
            ((int64_t *)r)[i] = x;
            break;
        }
        if (back != x && kernel_wants(c->out, i)) {
            TRY(interval_overflow(c, i));
        }
    }
    return FB_OK;
}

static fb_status decimal_of_interval(CastRun *c)
{
    int64_t unit = unit_of(c->in->type);
    DecType to = dec_type_of(c->out->type);
    int128_t *r = kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        int64_t x = interval_at(c->in, i);
        bool fits = c->in->type->id == T_INTERVAL_YM ? dec_from_i64(x / unit, to, &r[i])
                                                     : dec_div(x, 0, unit, 0, to, &r[i]);
        if (!fits) {
            r[i] = 0;
            if (kernel_wants(c->out, i)) {
                TRY(cast_out_of_decimal(c, i));
            }
        }
    }
    return FB_OK;
}

/* ---- choosing ---- */

static CastKernel to_ts(const Type *from)
{
    if (type_is_integral(from)) {
        return ts_of_int;
    }
    switch (from->id) {
    case T_BOOLEAN:
        return ts_of_boolean;
    case T_FLOAT:
    case T_DOUBLE:
        return ts_of_float;
    case T_DECIMAL:
        return ts_of_decimal;
    case T_DATE:
        return ts_of_date;
    case T_TIMESTAMP_NTZ:
        return ts_of_ntz;
    default:
        return NULL;
    }
}

static CastKernel from_ts(const Type *to)
{
    if (type_is_integral(to)) {
        return int_of_ts;
    }
    switch (to->id) {
    case T_BOOLEAN:
        return boolean_of_ts;
    case T_DATE:
        return date_of_ts;
    case T_TIMESTAMP_NTZ:
        return ntz_of_ts;
    default:
        return type_is_numeric(to) ? fraction_of_ts : NULL;
    }
}

CastKernel cast_time_kernel(const Type *from, const Type *to)
{
    bool from_interval = from->id == T_INTERVAL_YM || from->id == T_INTERVAL_DT;
    if (to->id == T_INTERVAL_YM || to->id == T_INTERVAL_DT) {
        if (from_interval) {
            return from->id == to->id ? interval_of_interval : NULL;
        }
        return from->id == T_DECIMAL ? interval_of_decimal : interval_of_int;
    }
    if (from_interval) {
        return to->id == T_DECIMAL ? decimal_of_interval : int_of_interval;
    }
    if (to->id == T_TIMESTAMP) {
        return to_ts(from);
    }
    switch (from->id) {
    case T_TIMESTAMP:
        return from_ts(to);
    case T_TIMESTAMP_NTZ:
        return to->id == T_DATE ? date_of_ts : NULL;
    case T_DATE:
        return to->id == T_TIMESTAMP_NTZ ? ts_of_date : null_of_date;
    default:
        return NULL;
    }
}
