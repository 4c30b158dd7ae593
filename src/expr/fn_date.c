/*
 * fn_date.c - functions of dates: fields, date_add, date_sub, datediff, add_months, last_day,
 * next_day, trunc, make_date, unix_date, date_from_unix_date, names of days and months.
 *
 * The calendar is column/datetime.h's. date_add and date_sub wrap around as int does, as in Spark.
 *
 * Ownership: results are in cx->arena.
 */
#include "expr/fn_util.h"

#include "column/datetime.h"
#include "expr/fn_date.h"

/* ---- fields of a date ---- */

static void date_fields(EvalCtx *cx, const Vec *v, DateField f, uint32_t n, Vec *out)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = date_field(f, VEC_AT(int32_t, v, i));
    }
}

#define DATE_FIELD(NAME, FIELD)                                                                    \
    KERNEL(NAME)                                                                                   \
    {                                                                                              \
        date_fields(cx, &args[0], FIELD, n, out);                                                  \
        return FB_OK;                                                                              \
    }

DATE_FIELD(fn_year, DF_YEAR)
DATE_FIELD(fn_quarter, DF_QUARTER)
DATE_FIELD(fn_month, DF_MONTH)
DATE_FIELD(fn_weekofyear, DF_WEEK)
DATE_FIELD(fn_day, DF_DAY)
DATE_FIELD(fn_dayofweek, DF_DAY_OF_WEEK)
DATE_FIELD(fn_weekday, DF_WEEKDAY)
DATE_FIELD(fn_dayofyear, DF_DAY_OF_YEAR)

BINDER(bind_date_to_int)
{
    TRY(bind_cast(cx, call, 0, type_date, err));
    return bind_done(call, type_int);
}

/* ---- names ---- */

KERNEL(fn_dayname)
{
    static const char names[][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    View *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = make_view(names[date_field(DF_WEEKDAY, VEC_AT(int32_t, &args[0], i))], 3);
    }
    return FB_OK;
}

KERNEL(fn_monthname)
{
    static const char names[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    View *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = make_view(names[date_field(DF_MONTH, VEC_AT(int32_t, &args[0], i)) - 1], 3);
    }
    return FB_OK;
}

BINDER(bind_date_to_string)
{
    TRY(bind_cast(cx, call, 0, type_date, err));
    return bind_done(call, type_string);
}

/* ---- days ---- */

KERNEL(fn_date_add)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t days = (uint32_t)VEC_AT(int32_t, &args[0], i);
        data[i] = (int32_t)(days + (uint32_t)VEC_AT(int32_t, &args[1], i));
    }
    return FB_OK;
}

KERNEL(fn_date_sub)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t days = (uint32_t)VEC_AT(int32_t, &args[0], i);
        data[i] = (int32_t)(days - (uint32_t)VEC_AT(int32_t, &args[1], i));
    }
    return FB_OK;
}

static fb_status bind_days(BindCtx *cx, Expr *call, fb_error *err)
{
    TypeId t = call->args[1]->type->id;
    TRY(bind_cast(cx, call, 0, type_date, err));
    if (t != T_INT && t != T_SHORT && t != T_BYTE && t != T_STRING && t != T_NULL) {
        return bind_type_error(cx, call, 1, "(\"INT\" or \"SMALLINT\" or \"TINYINT\")", err);
    }
    TRY(bind_cast(cx, call, 1, type_int, err));
    return bind_done(call, type_date);
}

/* dateadd(unit, n, moment) is timestampadd. */
static fb_status bind_as(BindCtx *cx, Expr *call, const char *name, fb_error *err)
{
    Expr *other;
    TRY(bind_call(cx, name, call->args, call->n_args, &other, err));
    int start = call->start, stop = call->stop;
    *call = *other;
    call->start = start;
    call->stop = stop;
    return FB_OK;
}

BINDER(bind_date_add)
{
    return call->n_args == 3 ? bind_as(cx, call, "timestampadd", err) : bind_days(cx, call, err);
}

BINDER(bind_date_sub)
{
    return bind_days(cx, call, err);
}

KERNEL(fn_datediff)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t end = (uint32_t)VEC_AT(int32_t, &args[0], i);
        data[i] = (int32_t)(end - (uint32_t)VEC_AT(int32_t, &args[1], i));
    }
    return FB_OK;
}

BINDER(bind_datediff)
{
    if (call->n_args == 3) {
        return bind_as(cx, call, "timestampdiff", err);
    }
    TRY(bind_cast_all(cx, call, 0, 2, type_date, err));
    return bind_done(call, type_int);
}

/* ---- months ---- */

KERNEL(fn_add_months)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int32_t days = VEC_AT(int32_t, &args[0], i), months = VEC_AT(int32_t, &args[1], i);
        data[i] = 0;
        if (kernel_wants(out, i) && !date_add_months(days, months, &data[i])) {
            return err_set(err, ERR_ARITHMETIC_OVERFLOW, "message", "overflow", "alternative", "",
                           "config", "\"spark.sql.ansi.enabled\"", NULL);
        }
    }
    return FB_OK;
}

BINDER(bind_add_months)
{
    TRY(bind_cast(cx, call, 0, type_date, err));
    TRY(bind_cast(cx, call, 1, type_int, err));
    return bind_done(call, type_date);
}

KERNEL(fn_last_day)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = date_last_day(VEC_AT(int32_t, &args[0], i));
    }
    return FB_OK;
}

BINDER(bind_last_day)
{
    TRY(bind_cast(cx, call, 0, type_date, err));
    return bind_done(call, type_date);
}

KERNEL(fn_next_day)
{
    int32_t *data = kernel_alloc(cx, out);
    Str last = {0};
    unsigned day = 0;
    bool known = false;
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        Str name = arg_str(&args[1], i);
        if (!last.p || !str_eq(last, name)) {
            known = date_day_of_week_of_name(name, &day);
            last = name;
        }
        if (!known && call->eval_mode == EVAL_ANSI) {
            return err_set(err, ERR_ILLEGAL_DAY_OF_WEEK, "string",
                           arena_strndup(cx->arena, name.p, name.n), NULL);
        }
        if (known) {
            data[i] = date_next_day(VEC_AT(int32_t, &args[0], i), day);
        } else {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

BINDER(bind_next_day)
{
    TRY(bind_cast(cx, call, 0, type_date, err));
    TRY(bind_cast(cx, call, 1, type_string, err));
    call->type = type_date;
    call->nullable = true;
    return FB_OK;
}

KERNEL(fn_trunc)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        DateUnit unit;
        data[i] = 0;
        if (!date_unit_of_name(arg_str(&args[1], i), &unit) || unit < DU_WEEK ||
            !date_trunc(VEC_AT(int32_t, &args[0], i), unit, &data[i])) {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

BINDER(bind_trunc)
{
    Str unit;
    DateUnit known;
    TRY(bind_cast(cx, call, 0, type_date, err));
    TRY(bind_cast(cx, call, 1, type_string, err));
    if (bind_const_str(cx, call, 1, &unit) &&
        (!date_unit_of_name(unit, &known) || known < DU_WEEK)) {
        bind_replace(cx, call, expr_literal_null(cx->arena, type_date));
        return FB_OK; /* the date is not looked at */
    }
    call->type = type_date;
    call->nullable = true;
    return FB_OK;
}

/* ---- numbers and dates ---- */

KERNEL(fn_unix_date)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = VEC_AT(int32_t, &args[0], i);
    }
    return FB_OK;
}

BINDER(bind_unix_date)
{
    TRY(bind_exact(cx, call, 0, type_date, err));
    return bind_done(call, type_int);
}

BINDER(bind_date_from_unix_date)
{
    TRY(bind_cast(cx, call, 0, type_int, err));
    return bind_done(call, type_date);
}

static const char *const month_names[] = {"JANUARY",   "FEBRUARY", "MARCH",    "APRIL",
                                          "MAY",       "JUNE",     "JULY",     "AUGUST",
                                          "SEPTEMBER", "OCTOBER",  "NOVEMBER", "DECEMBER"};

/* What java.time says of a date that does not exist. */
char *date_range_message(Arena *a, int64_t year, int64_t month, int64_t day)
{
    if (year < -999999999 || year > 999999999) {
        return arena_printf(a, "Invalid value for Year (valid values -999999999 - 999999999): %lld",
                            (long long)year);
    }
    if (month < 1 || month > 12) {
        return arena_printf(a, "Invalid value for MonthOfYear (valid values 1 - 12): %lld",
                            (long long)month);
    }
    if (day < 1 || day > 31) {
        return arena_printf(a, "Invalid value for DayOfMonth (valid values 1 - 28/31): %lld",
                            (long long)day);
    }
    if (month == 2 && day == 29) {
        return arena_printf(a, "Invalid date 'February 29' as '%lld' is not a leap year",
                            (long long)year);
    }
    return arena_printf(a, "Invalid date '%s %lld'", month_names[month - 1], (long long)day);
}

KERNEL(fn_make_date)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int32_t y = VEC_AT(int32_t, &args[0], i), m = VEC_AT(int32_t, &args[1], i);
        int32_t d = VEC_AT(int32_t, &args[2], i);
        data[i] = 0;
        if (!kernel_wants(out, i) || date_make(y, m, d, &data[i])) {
            continue;
        }
        if (call->eval_mode == EVAL_ANSI) {
            return err_set(err, ERR_DATETIME_FIELD_OUT_OF_BOUNDS, "rangeMessage",
                           date_range_message(cx->arena, y, m, d), NULL);
        }
        kernel_null(cx, out, i);
    }
    return FB_OK;
}

BINDER(bind_make_date)
{
    TRY(bind_cast_all(cx, call, 0, 3, type_int, err));
    TRY(bind_done(call, type_date));
    call->nullable |= cx->mode != EVAL_ANSI;
    return FB_OK;
}
