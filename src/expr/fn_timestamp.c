/*
 * fn_timestamp.c - functions of timestamps: hour, minute, second, date_trunc, months_between,
 * timestamp_seconds and its relatives, make_timestamp, zone conversion, timestampadd and -diff,
 * date_part, and what the clock says.
 *
 * Text goes through fn_date_text.c. Local fields come from a cursor over the zone's transitions, so
 * that a vector of neighbouring moments looks the offset up once.
 *
 * Ownership: results are in cx->arena.
 */
#include "expr/fn_util.h"

#include "column/datetime.h"
#include "column/decimal.h"
#include "expr/fn_date.h"

/* ---- local time ---- */

/* Row i of a timestamp vector as local time; c is for T_TIMESTAMP. */
static inline int64_t local_at(const Vec *v, uint32_t i, TzCursor *c)
{
    int64_t us = VEC_AT(int64_t, v, i);
    return v->type->id == T_TIMESTAMP ? tz_cursor_to_local(c, us) : us;
}

static void local_fields(EvalCtx *cx, const Vec *v, DateField f, uint32_t n, Vec *out)
{
    int32_t *data = kernel_alloc(cx, out);
    TzCursor c = tz_cursor(cx->tz);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = ts_local_field(f, local_at(v, i, &c));
    }
}

KERNEL(fn_hour)
{
    local_fields(cx, &args[0], DF_HOUR, n, out);
    return FB_OK;
}

KERNEL(fn_minute)
{
    local_fields(cx, &args[0], DF_MINUTE, n, out);
    return FB_OK;
}

KERNEL(fn_second)
{
    local_fields(cx, &args[0], DF_SECOND, n, out);
    return FB_OK;
}

/* TIMESTAMP_NTZ stays; dates and strings become timestamps. */
static fb_status bind_any_timestamp(BindCtx *cx, Expr *call, uint32_t i, fb_error *err)
{
    if (call->args[i]->type->id == T_TIMESTAMP_NTZ) {
        return FB_OK;
    }
    return bind_cast(cx, call, i, type_timestamp, err);
}

BINDER(bind_time_field)
{
    TRY(bind_any_timestamp(cx, call, 0, err));
    return bind_done(call, type_int);
}

/* ---- date_part, extract ---- */

static const char date_field_marks[DF_COUNT]; /* their addresses stand for fields in fn_data */

static DateField field_of(const Expr *call)
{
    return (DateField)((const char *)call->fn_data - date_field_marks);
}

/* Fields of ANSI intervals, with the interval's sign. */
static int32_t interval_field(DateField f, const Vec *v, uint32_t i)
{
    if (v->type->id == T_INTERVAL_YM) {
        int32_t months = VEC_AT(int32_t, v, i);
        return f == DF_YEAR ? months / 12 : months % 12;
    }
    int64_t us = VEC_AT(int64_t, v, i);
    switch (f) {
    case DF_DAY:
        return (int32_t)(us / US_PER_DAY);
    case DF_HOUR:
        return (int32_t)(us % US_PER_DAY / US_PER_HOUR);
    case DF_MINUTE:
        return (int32_t)(us % US_PER_HOUR / US_PER_MINUTE);
    default:
        return (int32_t)(us % US_PER_MINUTE);
    }
}

static void interval_fields(EvalCtx *cx, DateField f, const Vec *v, uint32_t n, Vec *out)
{
    void *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int32_t x = interval_field(f, v, i);
        if (out->type->id == T_DECIMAL) {
            ((int128_t *)data)[i] = x;
        } else if (out->type->id == T_BYTE) {
            ((int8_t *)data)[i] = (int8_t)x;
        } else {
            ((int32_t *)data)[i] = x;
        }
    }
}

KERNEL(fn_date_part)
{
    DateField f = field_of(call);
    const Vec *v = &args[1];
    if (v->type->id == T_INTERVAL_YM || v->type->id == T_INTERVAL_DT) {
        interval_fields(cx, f, v, n, out);
        return FB_OK;
    }
    TzCursor c = tz_cursor(cx->tz);
    if (v->type->id == T_NULL) {
        memset(kernel_alloc(cx, out), 0, (size_t)n * type_width(out->type));
        return FB_OK;
    }
    bool decimal = out->type->id == T_DECIMAL, date = v->type->id == T_DATE;
    void *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int32_t x = date ? (f > DF_DAY_OF_YEAR ? 0 : date_field(f, VEC_AT(int32_t, v, i)))
                         : ts_local_field(f, local_at(v, i, &c));
        if (decimal) {
            ((int128_t *)data)[i] = x;
        } else {
            ((int32_t *)data)[i] = x;
        }
    }
    return FB_OK;
}

static fb_status bad_field(BindCtx *cx, const Expr *call, Str name, fb_error *err)
{
    return err_set(err, ERR_INVALID_EXTRACT_FIELD, "field",
                   arena_printf(cx->arena, "`%.*s`", (int)name.n, name.p), "expr",
                   bind_sql(cx, call->args[1]), NULL);
}

static fb_status bind_interval_part(BindCtx *cx, Expr *call, Str name, DateField f, fb_error *err)
{
    bool ym = call->args[1]->type->id == T_INTERVAL_YM;
    switch (f) {
    case DF_YEAR:
    case DF_DAY:
        call->type = type_int;
        break;
    case DF_MONTH:
    case DF_HOUR:
    case DF_MINUTE:
        call->type = type_byte;
        break;
    case DF_SECOND_US:
        call->type = type_decimal(8, 6);
        break;
    default:
        return bad_field(cx, call, name, err);
    }
    if (ym != (f == DF_YEAR || f == DF_MONTH)) {
        return bad_field(cx, call, name, err);
    }
    call->fn_data = &date_field_marks[f];
    call->nullable = call->args[1]->nullable;
    return FB_OK;
}

static fb_status bind_part(BindCtx *cx, Expr *call, fb_error *err)
{
    Str name;
    DateField f;
    const Type *t = call->args[1]->type;
    if (!bind_const_str(cx, call, 0, &name)) {
        if (!bind_is_null_literal(call->args[0])) {
            return err_set(err, ERR_NON_FOLDABLE_ARGUMENT, "funcName",
                           arena_printf(cx->arena, "`%s`", call->name), "paramName", "`field`",
                           "paramType", "\"STRING\"", NULL);
        }
        bind_replace(cx, call, expr_literal_null(cx->arena, type_double));
        return FB_OK;
    }
    if (t->id == T_INTERVAL_CAL) {
        return err_unsupported(err, "%s of a calendar interval", call->name);
    }
    if (!date_field_of_name(name, &f)) {
        return bad_field(cx, call, name, err);
    }
    if (t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT) {
        return bind_interval_part(cx, call, name, f, err);
    }
    if (!type_is_datetime(t) && t->id != T_NULL) {
        TRY(bind_cast(cx, call, 1, f <= DF_DAY_OF_YEAR ? type_date : type_timestamp, err));
    }
    call->fn_data = &date_field_marks[f];
    call->type = f == DF_SECOND_US ? type_decimal(8, 6) : type_int;
    call->nullable = call->args[1]->nullable;
    return FB_OK;
}

BINDER(bind_date_part)
{
    return bind_part(cx, call, err);
}

/* extract(YEAR FROM x), datepart(…) */
BINDER(bind_extract_part)
{
    Str name;
    StrBuf text = {0};
    if (bind_const_str(cx, call, 0, &name)) {
        strbuf_printf(&text, "%s(%.*s FROM ", call->name, (int)name.n, name.p);
        expr_name(call->args[1], &text);
        strbuf_putc(&text, ')');
        bind_show(cx, call, &text);
    }
    return bind_part(cx, call, err);
}

/* ---- date_trunc, months_between ---- */

KERNEL(fn_date_trunc)
{
    int64_t *data = kernel_alloc(cx, out);
    DateUnit unit = DU_DAY;
    bool known = false;
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0;
        if (i == 0 || !args[0].is_const) {
            known = date_unit_of_name(arg_str(&args[0], i), &unit);
        }
        if (!known) {
            kernel_null(cx, out, i);
        } else if (kernel_wants(out, i) &&
                   !ts_trunc(VEC_AT(int64_t, &args[1], i), unit, cx->tz, &data[i])) {
            return err_set(err, ERR_JAVA_OVERFLOW, "type", "long", "operation",
                           "truncate a timestamp", NULL);
        }
    }
    return FB_OK;
}

BINDER(bind_date_trunc)
{
    Str unit;
    DateUnit ignored;
    TRY(bind_cast(cx, call, 0, type_string, err));
    TRY(bind_cast(cx, call, 1, type_timestamp, err));
    if (bind_const_str(cx, call, 0, &unit) && !date_unit_of_name(unit, &ignored)) {
        bind_replace(cx, call, expr_literal_null(cx->arena, type_timestamp));
        return FB_OK; /* the moment is not looked at */
    }
    call->type = type_timestamp;
    call->nullable = true;
    return FB_OK;
}

KERNEL(fn_months_between)
{
    double *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = ts_months_between(VEC_AT(int64_t, &args[0], i), VEC_AT(int64_t, &args[1], i),
                                    VEC_AT(uint8_t, &args[2], i), cx->tz);
    }
    return FB_OK;
}

BINDER(bind_months_between)
{
    TRY(bind_cast_all(cx, call, 0, 2, type_timestamp, err));
    if (call->n_args == 2) {
        bind_add_arg(cx, call, expr_literal_bool(cx->arena, true));
    }
    TRY(bind_cast(cx, call, 2, type_boolean, err));
    return bind_done(call, type_double);
}

/* ---- numbers to timestamps and back ---- */

static fb_status create_overflow(EvalCtx *cx, int64_t x, const char *unit, fb_error *err)
{
    return err_set(err, ERR_DATETIME_OVERFLOW, "operation",
                   arena_printf(cx->arena, "create a TIMESTAMP from %lldL %s since the epoch",
                                (long long)x, unit),
                   NULL);
}

static fb_status from_units(EvalCtx *cx, const Vec *v, int64_t us_per_unit, const char *unit,
                            uint32_t n, Vec *out, fb_error *err)
{
    int64_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int64_t x = VEC_AT(int64_t, v, i);
        if (__builtin_mul_overflow(x, us_per_unit, &data[i]) && kernel_wants(out, i)) {
            return create_overflow(cx, x, unit, err);
        }
    }
    return FB_OK;
}

static fb_status seconds_overflow(EvalCtx *cx, const Vec *v, uint32_t i, fb_error *err)
{
    StrBuf b = {0};
    strbuf_puts(&b, "create a TIMESTAMP from ");
    literal_sql(cx->tz, v, i, &b);
    strbuf_puts(&b, " seconds since the epoch");
    return err_set(err, ERR_DATETIME_OVERFLOW, "operation", strbuf_arena(&b, cx->arena), NULL);
}

KERNEL(fn_timestamp_seconds)
{
    const Vec *v = &args[0];
    if (v->type->id == T_LONG) {
        return from_units(cx, v, US_PER_SECOND, "seconds", n, out, err);
    }
    int64_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        if (v->type->id == T_DOUBLE) {
            double x = VEC_AT(double, v, i);
            if (x - x != 0) {
                kernel_null(cx, out, i);
            } else {
                data[i] = f64_to_i64_saturating(x * (double)US_PER_SECOND);
            }
            continue;
        }
        int128_t us, x = VEC_AT(int128_t, v, i);
        int scale = v->type->scale;
        bool fits = dec_rescale(x, scale, (DecType){38, 6}, DEC_DOWN, &us);
        if (scale > 6 && x % (int128_t)dec_pow10[scale - 6] != 0) {
            return err_set(err, ERR_ROUNDING_NECESSARY, NULL);
        }
        if (!fits || us > INT64_MAX || us < INT64_MIN) {
            return seconds_overflow(cx, v, i, err);
        }
        data[i] = (int64_t)us;
    }
    return FB_OK;
}

BINDER(bind_timestamp_seconds)
{
    const Type *t = call->args[0]->type;
    if (!type_is_numeric(t) && t->id != T_NULL) {
        return bind_type_error(cx, call, 0, "\"NUMERIC\"", err);
    }
    bool real = t->id == T_FLOAT || t->id == T_DOUBLE;
    if (t->id != T_DECIMAL) {
        TRY(bind_cast(cx, call, 0, real ? type_double : type_long, err));
    }
    TRY(bind_done(call, type_timestamp));
    call->nullable |= real;
    return FB_OK;
}

KERNEL(fn_timestamp_millis)
{
    return from_units(cx, &args[0], US_PER_MS, "milliseconds", n, out, err);
}

KERNEL(fn_timestamp_micros)
{
    return from_units(cx, &args[0], 1, "microseconds", n, out, err);
}

BINDER(bind_timestamp_units)
{
    const Type *t = call->args[0]->type;
    if (!type_is_integral(t) && t->id != T_NULL) {
        return bind_type_error(cx, call, 0, "\"INTEGRAL\"", err);
    }
    TRY(bind_cast(cx, call, 0, type_long, err));
    return bind_done(call, type_timestamp);
}

static void to_units(EvalCtx *cx, const Vec *v, int64_t us_per_unit, uint32_t n, Vec *out)
{
    int64_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = dt_floor_div(VEC_AT(int64_t, v, i), us_per_unit);
    }
}

KERNEL(fn_unix_seconds)
{
    to_units(cx, &args[0], US_PER_SECOND, n, out);
    return FB_OK;
}

KERNEL(fn_unix_millis)
{
    to_units(cx, &args[0], US_PER_MS, n, out);
    return FB_OK;
}

KERNEL(fn_unix_micros)
{
    to_units(cx, &args[0], 1, n, out);
    return FB_OK;
}

BINDER(bind_unix_units)
{
    TypeId t = call->args[0]->type->id;
    if (t == T_NULL) {
        TRY(bind_cast(cx, call, 0, type_timestamp, err));
    } else if (t != T_TIMESTAMP && t != T_TIMESTAMP_NTZ) {
        return bind_type_error(cx, call, 0, "\"(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)\"", err);
    }
    return bind_done(call, type_long);
}

/* ---- make_timestamp ---- */

typedef struct TsParts {
    int32_t year, month, day, hour, minute;
    int64_t second_us;
} TsParts;

static fb_status parts_error(EvalCtx *cx, const TsParts *p, fb_error *err)
{
    char *why;
    int32_t whole = (int32_t)(p->second_us / US_PER_SECOND);
    if (whole == 60 && p->second_us % US_PER_SECOND) {
        char text[DEC_TEXT_MAX];
        size_t len = dec_format(p->second_us, 6, text);
        while (len > 0 && text[len - 1] == '0') {
            len--;
        }
        return err_set(err, ERR_INVALID_FRACTION_OF_SECOND, "secAndMicros",
                       arena_strndup(cx->arena, text, len), NULL);
    }
    if (p->hour < 0 || p->hour > 23) {
        why = arena_printf(cx->arena, "Invalid value for HourOfDay (valid values 0 - 23): %d",
                           p->hour);
    } else if (p->minute < 0 || p->minute > 59) {
        why = arena_printf(cx->arena, "Invalid value for MinuteOfHour (valid values 0 - 59): %d",
                           p->minute);
    } else if (whole < 0 || whole > 60) {
        why = arena_printf(cx->arena, "Invalid value for SecondOfMinute (valid values 0 - 59): %d",
                           whole);
    } else {
        why = date_range_message(cx->arena, p->year, p->month, p->day);
    }
    return err_set(err, ERR_DATETIME_FIELD_OUT_OF_BOUNDS, "rangeMessage", why, NULL);
}

KERNEL(fn_make_timestamp)
{
    int64_t *data = kernel_alloc(cx, out);
    const TimeZone *tz = cx->tz;
    Str last = {0};
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        TsParts p = {VEC_AT(int32_t, &args[0], i), VEC_AT(int32_t, &args[1], i),
                     VEC_AT(int32_t, &args[2], i), VEC_AT(int32_t, &args[3], i),
                     VEC_AT(int32_t, &args[4], i), (int64_t)VEC_AT(int128_t, &args[5], i)};
        if (call->n_args == 7) {
            Str name = arg_str(&args[6], i);
            if (!last.p || !str_eq(last, name)) {
                TRY(tz_get(name, &tz, err));
                last = name;
            }
        }
        if (!ts_make_local(p.year, p.month, p.day, p.hour, p.minute, p.second_us, &data[i])) {
            if (call->eval_mode == EVAL_ANSI) {
                return parts_error(cx, &p, err);
            }
            kernel_null(cx, out, i);
        } else if (out->type->id == T_TIMESTAMP) {
            data[i] = tz_local_to_utc(tz, data[i]);
        }
    }
    return FB_OK;
}

static fb_status bind_make(BindCtx *cx, Expr *call, const Type *t, fb_error *err)
{
    if (call->n_args < 6) {
        return err_unsupported(err, "%s of a date and a time", call->name);
    }
    TRY(bind_cast_all(cx, call, 0, 5, type_int, err));
    TRY(bind_cast(cx, call, 5, type_decimal(16, 6), err));
    if (call->n_args == 7) {
        TRY(bind_cast(cx, call, 6, type_string, err));
    }
    TRY(bind_done(call, t));
    call->nullable |= call->eval_mode != EVAL_ANSI;
    return FB_OK;
}

BINDER(bind_make_timestamp)
{
    return bind_make(cx, call, type_timestamp, err);
}

BINDER(bind_make_timestamp_ntz)
{
    return bind_make(cx, call, type_timestamp_ntz, err);
}

/* Spark's name leaves the zone out. */
static void show_without_zone(BindCtx *cx, Expr *call)
{
    StrBuf text = {0};
    uint32_t n = call->n_args;
    call->n_args = MIN_OF(n, 6u);
    expr_name(call, &text);
    call->n_args = n;
    bind_show(cx, call, &text);
}

BINDER(bind_try_make_timestamp)
{
    call->eval_mode = EVAL_TRY;
    if (call->n_args == 7 && strcmp(call->name, "try_make_timestamp") == 0) {
        show_without_zone(cx, call);
    }
    return bind_make(cx, call, type_timestamp, err);
}

BINDER(bind_try_make_timestamp_ntz)
{
    call->eval_mode = EVAL_TRY;
    return bind_make(cx, call, type_timestamp_ntz, err);
}

/* ---- zones ---- */

/* A zone column: looked up again only where the name changes. */
typedef struct ZoneRow {
    Str last;
    const TimeZone *tz;
} ZoneRow;

static fb_status zone_row(ZoneRow *z, Str name, fb_error *err)
{
    if (!z->tz || !str_eq(z->last, name)) {
        TRY(tz_get(name, &z->tz, err));
        z->last = name;
    }
    return FB_OK;
}

static fb_status convert_utc(EvalCtx *cx, const Vec *args, bool from_utc, uint32_t n, Vec *out,
                             fb_error *err)
{
    int64_t *data = kernel_alloc(cx, out);
    ZoneRow z = {0};
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0;
        if (kernel_wants(out, i)) {
            int64_t us = VEC_AT(int64_t, &args[0], i);
            TRY(zone_row(&z, arg_str(&args[1], i), err));
            data[i] = from_utc ? tz_convert(z.tz, tz_utc(), us) : tz_convert(tz_utc(), z.tz, us);
            if ((data[i] == INT64_MIN || data[i] == INT64_MAX) && z.tz != tz_utc()) {
                return err_set(err, ERR_JAVA_OVERFLOW, "type", "long", "operation",
                               "convert a timestamp", NULL);
            }
        }
    }
    return FB_OK;
}

KERNEL(fn_from_utc_timestamp)
{
    return convert_utc(cx, args, true, n, out, err);
}

KERNEL(fn_to_utc_timestamp)
{
    return convert_utc(cx, args, false, n, out, err);
}

BINDER(bind_utc_timestamp)
{
    TRY(bind_cast(cx, call, 0, type_timestamp, err));
    TRY(bind_cast(cx, call, 1, type_string, err));
    return bind_done(call, type_timestamp);
}

KERNEL(fn_convert_timezone)
{
    int64_t *data = kernel_alloc(cx, out);
    ZoneRow from = {0}, to = {0};
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0;
        if (kernel_wants(out, i)) {
            TRY(zone_row(&from, arg_str(&args[0], i), err));
            TRY(zone_row(&to, arg_str(&args[1], i), err));
            int64_t utc = tz_local_to_utc(from.tz, VEC_AT(int64_t, &args[2], i));
            data[i] = tz_utc_to_local(to.tz, utc);
        }
    }
    return FB_OK;
}

BINDER(bind_convert_timezone)
{
    if (call->n_args == 2) {
        Expr *zone, **args = ARENA_ARRAY(cx->arena, Expr *, 3);
        TRY(bind_call(cx, "current_timezone", NULL, 0, &zone, err));
        args[0] = zone;
        args[1] = call->args[0];
        args[2] = call->args[1];
        call->args = args;
        call->n_args = 3;
    }
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    TRY(bind_cast(cx, call, 2, type_timestamp_ntz, err));
    return bind_done(call, type_timestamp_ntz);
}

/* ---- timestampadd, timestampdiff: the unit is a constant string ---- */

static const char date_unit_marks[DU_YEAR + 1]; /* as date_field_marks */

static DateUnit unit_of(const Expr *call)
{
    return (DateUnit)((const char *)call->fn_data - date_unit_marks);
}

/* NTZ reckons without a zone. */
static const TimeZone *zone_of(const EvalCtx *cx, const Type *t)
{
    return t->id == T_TIMESTAMP ? cx->tz : tz_utc();
}

static fb_status add_overflow(EvalCtx *cx, const Vec *args, uint32_t i, fb_error *err)
{
    StrBuf b = {0};
    Str unit = arg_str(&args[0], i);
    strbuf_printf(&b, "add %lldL ", (long long)VEC_AT(int64_t, &args[1], i));
    strbuf_append(&b, unit.p, unit.n);
    strbuf_puts(&b, " to ");
    literal_sql(cx->tz, &args[2], i, &b);
    return err_set(err, ERR_DATETIME_OVERFLOW, "operation", strbuf_arena(&b, cx->arena), NULL);
}

KERNEL(fn_timestampadd)
{
    int64_t *data = kernel_alloc(cx, out);
    const TimeZone *tz = zone_of(cx, out->type);
    for (uint32_t i = 0; i < n; i++) {
        int64_t count = VEC_AT(int64_t, &args[1], i), us = VEC_AT(int64_t, &args[2], i);
        data[i] = 0;
        if (kernel_wants(out, i) && !ts_add_unit(us, unit_of(call), count, tz, &data[i])) {
            return add_overflow(cx, args, i, err);
        }
    }
    return FB_OK;
}

KERNEL(fn_timestampdiff)
{
    int64_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = ts_diff_unit(VEC_AT(int64_t, &args[1], i), VEC_AT(int64_t, &args[2], i),
                               unit_of(call), zone_of(cx, args[1].type));
    }
    return FB_OK;
}

static fb_status bind_unit(BindCtx *cx, Expr *call, fb_error *err)
{
    Str name = {0};
    DateUnit unit;
    bool known = bind_const_str(cx, call, 0, &name);
    bool diff = strcmp(call->fn->name, "timestampdiff") == 0;
    if (!known || !date_unit_of_add_name(name, &unit) ||
        (diff && str_eq_nocase(name, STR_LIT("dayofyear")))) {
        return err_set(err, ERR_INVALID_DATETIME_UNIT, "functionName",
                       diff ? "`TIMESTAMPDIFF`" : "`TIMESTAMPADD`", "parameter", "`unit`",
                       "invalidValue",
                       arena_printf(cx->arena, "'%.*s'", (int)name.n, name.p ? name.p : ""), NULL);
    }
    call->fn_data = &date_unit_marks[unit];
    return FB_OK;
}

BINDER(bind_timestampadd)
{
    TRY(bind_unit(cx, call, err));
    TRY(bind_cast(cx, call, 1, type_long, err));
    TRY(bind_any_timestamp(cx, call, 2, err));
    return bind_done(call, call->args[2]->type);
}

BINDER(bind_timestampdiff)
{
    TRY(bind_unit(cx, call, err));
    TRY(bind_cast_all(cx, call, 1, 3, type_timestamp, err));
    return bind_done(call, type_long);
}

/* ---- the clock: one moment for a whole query or micro-batch ---- */

KERNEL(fn_current_timestamp)
{
    int64_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = cx->now_us;
    }
    return FB_OK;
}

KERNEL(fn_current_date)
{
    int32_t *data = kernel_alloc(cx, out), today = ts_to_date(cx->now_us, cx->tz);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = today;
    }
    return FB_OK;
}

KERNEL(fn_localtimestamp)
{
    int64_t *data = kernel_alloc(cx, out), local = tz_utc_to_local(cx->tz, cx->now_us);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = local;
    }
    return FB_OK;
}

KERNEL(fn_current_timezone)
{
    View *data = kernel_alloc(cx, out);
    const char *name = cx->tz_name ? cx->tz_name : tz_id(cx->tz);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = view_of(name, strlen(name));
    }
    return FB_OK;
}

static fb_status bind_clock(Expr *call, const Type *t)
{
    call->type = t;
    call->nullable = false;
    return FB_OK;
}

BINDER(bind_current_timestamp)
{
    return bind_clock(call, type_timestamp);
}

BINDER(bind_current_date)
{
    return bind_clock(call, type_date);
}

BINDER(bind_localtimestamp)
{
    return bind_clock(call, type_timestamp_ntz);
}

BINDER(bind_current_timezone)
{
    return bind_clock(call, type_string);
}
