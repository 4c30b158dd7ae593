/*
 * fn_date_text.c - dates and timestamps as text by pattern: date_format, from_unixtime, to_date,
 * to_timestamp, unix_timestamp, to_unix_timestamp.
 *
 * A pattern is compiled at the first row that needs it (column/datefmt.h) and again only where a
 * pattern that is data changes. Without a pattern to_date and to_timestamp are casts.
 *
 * Ownership: results are in cx->arena; a compiled pattern lives for one vector.
 */
#include "expr/fn_util.h"

#include "expr/coerce.h"

#include "column/datefmt.h"
#include "column/datetime.h"

/* The formatter of the row at hand. */
typedef struct FmtRow {
    DateFmtUse use;
    const TimeZone *tz;
    Str pattern;
    DateFmt *fmt;
} FmtRow;

static fb_status fmt_row(FmtRow *f, Str pattern, fb_error *err)
{
    if (f->fmt && str_eq(f->pattern, pattern)) {
        return FB_OK;
    }
    if (f->fmt) {
        datefmt_free(f->fmt);
        f->fmt = NULL;
    }
    f->pattern = pattern;
    return datefmt_compile(pattern, f->use, f->tz, &f->fmt, err);
}

static void fmt_row_end(FmtRow *f)
{
    if (f->fmt) {
        datefmt_free(f->fmt);
    }
}

/* ---- formatting ---- */

/* us_per_unit: 1 for timestamps, 1000000 for seconds. */
static fb_status format_rows(EvalCtx *cx, const Vec *args, int64_t us_per_unit, FmtRow *f,
                             StrBuf *buf, uint32_t n, Vec *out, fb_error *err)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        int64_t us;
        data[i] = (View){0};
        if (!kernel_wants(out, i)) {
            continue;
        }
        /* Seconds beyond the range of timestamps wrap, as Spark's long arithmetic does. */
        (void)__builtin_mul_overflow(VEC_AT(int64_t, &args[0], i), us_per_unit, &us);
        TRY(fmt_row(f, arg_str(&args[1], i), err));
        strbuf_clear(buf);
        if (datefmt_ts(f->fmt, us, buf)) {
            data[i] = str_out_copy(&o, strbuf_str(buf));
        } else {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

static fb_status format_all(EvalCtx *cx, const Vec *args, int64_t us_per_unit, uint32_t n, Vec *out,
                            fb_error *err)
{
    FmtRow f = {.use = DATEFMT_FORMAT, .tz = cx->tz};
    StrBuf buf = {0};
    fb_status st = format_rows(cx, args, us_per_unit, &f, &buf, n, out, err);
    fmt_row_end(&f);
    strbuf_free(&buf);
    return st;
}

KERNEL(fn_date_format)
{
    return format_all(cx, args, 1, n, out, err);
}

BINDER(bind_date_format)
{
    TRY(bind_cast(cx, call, 0, type_timestamp, err));
    TRY(bind_cast(cx, call, 1, type_string, err));
    return bind_done(call, type_string);
}

KERNEL(fn_from_unixtime)
{
    return format_all(cx, args, US_PER_SECOND, n, out, err);
}

static void add_default_pattern(BindCtx *cx, Expr *call)
{
    bind_add_arg(cx, call, expr_literal_str(cx->arena, str_of(DATEFMT_DEFAULT_TS)));
}

BINDER(bind_from_unixtime)
{
    TRY(bind_cast(cx, call, 0, type_long, err));
    if (call->n_args == 1) {
        add_default_pattern(cx, call);
    }
    TRY(bind_cast(cx, call, 1, type_string, err));
    call->type = type_string;
    call->nullable = true;
    return FB_OK;
}

/* ---- parsing ---- */

static fb_status cannot_parse(EvalCtx *cx, Str s, const char *instead, fb_error *err)
{
    return err_set(
        err, ERR_CANNOT_PARSE_TIMESTAMP, "message",
        arena_printf(cx->arena, "Text '%.*s' could not be parsed", (int)MIN_OF(s.n, 1000u), s.p),
        "func", arena_printf(cx->arena, "`%s`", instead), NULL);
}

/* Row i of a string column by the pattern; NTZ gives local time. */
static bool parse_one(const FmtRow *f, const Type *t, Str s, int64_t *ret)
{
    return t->id == T_TIMESTAMP_NTZ ? datefmt_parse_ts_ntz(f->fmt, s, true, ret)
                                    : datefmt_parse_ts(f->fmt, s, ret);
}

/* Strings by pattern to t (timestamp or NTZ). What does not parse: error under ANSI, else null. */
static fb_status parse_rows(EvalCtx *cx, const Expr *call, const Vec *args, const Type *t,
                            const char *instead, FmtRow *f, int64_t *to, uint32_t n, Vec *out,
                            fb_error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        to[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        Str s = arg_str(&args[0], i);
        TRY(fmt_row(f, arg_str(&args[1], i), err));
        if (parse_one(f, t, s, &to[i])) {
            continue;
        }
        if (call->eval_mode == EVAL_ANSI) {
            return cannot_parse(cx, s, instead, err);
        }
        kernel_null(cx, out, i);
    }
    return FB_OK;
}

static fb_status parse_all(EvalCtx *cx, const Expr *call, const Vec *args, const Type *t,
                           const char *instead, int64_t *to, uint32_t n, Vec *out, fb_error *err)
{
    FmtRow f = {.use = DATEFMT_PARSE, .tz = t->id == T_TIMESTAMP ? cx->tz : tz_utc()};
    fb_status st = parse_rows(cx, call, args, t, instead, &f, to, n, out, err);
    fmt_row_end(&f);
    return st;
}

KERNEL(fn_parse_timestamp)
{
    return parse_all(cx, call, args, out->type, "try_to_timestamp", kernel_alloc(cx, out), n, out,
                     err);
}

KERNEL(fn_parse_date)
{
    int64_t *us = arena_alloc(cx->arena, mem_mul(n ? n : 1, sizeof(int64_t)));
    TRY(parse_all(cx, call, args, type_timestamp, "try_to_date", us, n, out, err));
    int32_t *data = kernel_alloc(cx, out);
    TzCursor c = tz_cursor(cx->tz);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = ts_local_to_date(tz_cursor_to_local(&c, us[i]));
    }
    return FB_OK;
}

/* What is no date or timestamp is read as its text. */
static fb_status moment_error(BindCtx *cx, const Expr *call, fb_error *err)
{
    return bind_type_error(cx, call, 0,
                           "(\"STRING\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP_NTZ\")", err);
}

static fb_status bind_moment_or_string(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type;
    if (type_is_datetime(t)) {
        return FB_OK;
    }
    if (!coerce_implicit(cx->mode, t, type_string)) {
        return moment_error(cx, call, err);
    }
    return bind_cast(cx, call, 0, type_string, err);
}

/* to_date(x), to_timestamp(x): a cast that shows as it was written. */
static fb_status bind_as_cast(BindCtx *cx, Expr *call, const Type *t, fb_error *err)
{
    Expr *from = call->args[0];
    /* the try_ functions cast as outside ANSI mode */
    EvalMode mode = call->eval_mode == EVAL_TRY ? EVAL_LEGACY : call->eval_mode;
    (void)err;
    Expr *cast = from->type == t ? from : expr_cast(cx->arena, from, t, mode, false);
    bool nullable = cast->nullable;
    if (call->n_args > 1) { /* as if a pattern could be at fault */
        nullable = mode != EVAL_ANSI || bind_any_nullable(call);
    }
    bind_replace(cx, call, expr_copy(cx->arena, cast));
    call->nullable = nullable;
    return FB_OK;
}

/* With a pattern: strings are parsed, dates and timestamps are cast. */
static fb_status bind_parse(BindCtx *cx, Expr *call, const Type *t, fb_error *err)
{
    if (call->n_args == 2) {
        TRY(bind_cast(cx, call, 1, type_string, err));
    }
    bool seconds = t == type_timestamp && type_is_numeric(call->args[0]->type);
    if (!seconds) {
        TRY(bind_moment_or_string(cx, call, err));
    }
    TypeId from = call->args[0]->type->id;
    if (call->n_args == 1 || seconds) {
        return bind_as_cast(cx, call, t, err);
    }
    if (from == T_DATE || from == T_TIMESTAMP || from == T_TIMESTAMP_NTZ) {
        return bind_as_cast(cx, call, t, err);
    }
    TRY(bind_done(call, t));
    call->nullable |= call->eval_mode != EVAL_ANSI;
    return FB_OK;
}

BINDER(bind_to_date)
{
    return bind_parse(cx, call, type_date, err);
}

BINDER(bind_try_to_date)
{
    call->eval_mode = EVAL_TRY;
    return bind_parse(cx, call, type_date, err);
}

BINDER(bind_to_timestamp)
{
    return bind_parse(cx, call, type_timestamp, err);
}

BINDER(bind_try_to_timestamp)
{
    call->eval_mode = EVAL_TRY;
    return bind_parse(cx, call, type_timestamp, err);
}

BINDER(bind_to_timestamp_ntz)
{
    return bind_parse(cx, call, type_timestamp_ntz, err);
}

/* ---- unix_timestamp, to_unix_timestamp ---- */

KERNEL(fn_to_unix_timestamp)
{
    int64_t *data = kernel_alloc(cx, out);
    const Vec *v = &args[0];
    switch (v->type->id) {
    case T_STRING:
        TRY(parse_all(cx, call, args, type_timestamp, "try_to_timestamp", data, n, out, err));
        break;
    case T_DATE:
        for (uint32_t i = 0; i < n; i++) {
            data[i] = 0;
            if (kernel_wants(out, i) && !date_to_ts(VEC_AT(int32_t, v, i), cx->tz, &data[i])) {
                return err_set(err, ERR_JAVA_OVERFLOW, "type", "long", "operation", "cast a date",
                               NULL);
            }
        }
        break;
    default:
        for (uint32_t i = 0; i < n; i++) {
            data[i] = VEC_AT(int64_t, v, i);
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        data[i] /= US_PER_SECOND; /* towards zero, as Spark */
    }
    return FB_OK;
}

BINDER(bind_to_unix_timestamp)
{
    if (call->n_args == 0) {
        Expr *now;
        TRY(bind_call(cx, "current_timestamp", NULL, 0, &now, err));
        bind_add_arg(cx, call, now);
    }
    if (call->n_args == 1) {
        add_default_pattern(cx, call);
    }
    TypeId from = call->args[0]->type->id; /* nothing is cast to what is taken, but a null */
    if (from != T_STRING && from != T_NULL && !type_is_datetime(call->args[0]->type)) {
        return moment_error(cx, call, err);
    }
    TRY(bind_moment_or_string(cx, call, err));
    TRY(bind_exact(cx, call, 1, type_string, err));
    TRY(bind_done(call, type_long));
    call->nullable |= cx->mode != EVAL_ANSI;
    return FB_OK;
}
