/*
 * cast_string.c - casts from text and to text.
 *
 * Parsing is column/'s (number.h, decimal.h, datetime.h, interval.h), which follows Spark's; here
 * are the loops and what a failure means in each mode. Integers, the common case of text to be
 * made, are written straight into views; other values go through vec_value_text.
 */
#include "expr/cast.h"

#include "column/datetime.h"
#include "column/decimal.h"
#include "column/interval.h"
#include "column/number.h"
#include "expr/coerce.h"

/* ---- from text ---- */

#define PARSE_LOOP(T, CALL)                                                                        \
    const View *x = c->in->data;                                                                   \
    T *r = kernel_alloc(c->cx, c->out);                                                            \
    for (uint32_t i = 0; i < c->in->len; i++) {                                                    \
        T value = 0;                                                                               \
        if (kernel_wants(c->out, i)) {                                                             \
            Str s = view_str(&x[i]);                                                               \
            if (!(CALL)) {                                                                         \
                value = 0;                                                                         \
                TRY(cast_invalid(c, i));                                                           \
            }                                                                                      \
        }                                                                                          \
        r[i] = value;                                                                              \
    }                                                                                              \
    return FB_OK

static fb_status parse_i8(CastRun *c)
{
    bool fraction = c->mode == EVAL_LEGACY;
    PARSE_LOOP(int8_t, num_parse_i8(s, fraction, &value));
}

static fb_status parse_i16(CastRun *c)
{
    bool fraction = c->mode == EVAL_LEGACY;
    PARSE_LOOP(int16_t, num_parse_i16(s, fraction, &value));
}

static fb_status parse_i32(CastRun *c)
{
    bool fraction = c->mode == EVAL_LEGACY;
    PARSE_LOOP(int32_t, num_parse_i32(s, fraction, &value));
}

static fb_status parse_long(CastRun *c)
{
    bool fraction = c->mode == EVAL_LEGACY;
    PARSE_LOOP(int64_t, num_parse_i64(s, fraction, &value));
}

static fb_status parse_f32(CastRun *c)
{
    PARSE_LOOP(float, num_parse_f32(s, &value));
}

static fb_status parse_f64(CastRun *c)
{
    PARSE_LOOP(double, num_parse_f64(s, &value));
}

static bool parse_boolean_value(Str s, uint8_t *ret)
{
    bool b = false;
    bool ok = num_parse_bool(s, &b);
    *ret = b;
    return ok;
}

static fb_status parse_boolean(CastRun *c)
{
    PARSE_LOOP(uint8_t, parse_boolean_value(s, &value));
}

static fb_status parse_date(CastRun *c)
{
    PARSE_LOOP(int32_t, date_parse(s, &value));
}

static fb_status parse_timestamp(CastRun *c)
{
    const TimeZone *tz = c->cx->tz;
    PARSE_LOOP(int64_t, ts_parse(s, tz, &value));
}

static fb_status parse_timestamp_ntz(CastRun *c)
{
    PARSE_LOOP(int64_t, ts_ntz_parse(s, true, &value));
}

static fb_status out_of_range(CastRun *c, Str s)
{
    char *text = arena_strndup(c->cx->arena, s.p, s.n);
    return err_set(c->err, ERR_NUMERIC_OUT_OF_SUPPORTED_RANGE, "value", text, NULL);
}

static fb_status parse_decimal(CastRun *c)
{
    const View *x = c->in->data;
    DecType to = dec_type_of(c->out->type);
    int128_t *r = kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        r[i] = 0;
        if (!kernel_wants(c->out, i)) {
            continue;
        }
        int128_t value = 0;
        DecStatus st = dec_parse(view_str(&x[i]), to, &value);
        if (st == DEC_OK) {
            r[i] = value;
        } else if (st == DEC_INVALID) {
            TRY(cast_invalid(c, i));
        } else if (st == DEC_OUT_OF_RANGE && c->mode == EVAL_ANSI) {
            return out_of_range(c, view_str(&x[i]));
        } else {
            TRY(cast_out_of_decimal(c, i));
        }
    }
    return FB_OK;
}

/* Text that is no interval is an error in legacy mode too, but for calendar intervals. */
static fb_status parse_ansi_interval(CastRun *c)
{
    const View *x = c->in->data;
    const Type *to = c->out->type;
    bool ym = to->id == T_INTERVAL_YM;
    void *r = kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        int32_t months = 0;
        int64_t us = 0;
        if (kernel_wants(c->out, i)) {
            Str s = view_str(&x[i]);
            fb_error ignored = {0};
            fb_error *err = c->mode == EVAL_TRY ? &ignored : c->err;
            fb_status st = ym ? interval_parse_ym(s, to->precision, to->scale, &months, err)
                              : interval_parse_dt(s, to->precision, to->scale, &us, err);
            if (st != FB_OK && c->mode != EVAL_TRY) {
                return st;
            }
            if (st != FB_OK) {
                err_clear(&ignored);
                kernel_null(c->cx, c->out, i);
                months = 0;
                us = 0;
            }
        }
        if (ym) {
            ((int32_t *)r)[i] = months;
        } else {
            ((int64_t *)r)[i] = us;
        }
    }
    return FB_OK;
}

static fb_status parse_calendar_interval(CastRun *c)
{
    const View *x = c->in->data;
    IntervalCal *r = kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        IntervalCal value = {0};
        if (kernel_wants(c->out, i)) {
            Str s = view_str(&x[i]);
            if (c->mode == EVAL_ANSI) {
                TRY(interval_parse(s, &value, c->err));
            } else if (!interval_parse_quiet(s, &value)) {
                value = (IntervalCal){0};
                kernel_null(c->cx, c->out, i);
            }
        }
        r[i] = value;
    }
    return FB_OK;
}

/* ---- to text ---- */

static View text_of_i64(Arena *a, int64_t v)
{
    char buf[NUM_I64_TEXT_MAX];
    size_t n = num_format_i64(v, buf);
    return n <= 12 ? view_of(buf, n) : view_of(arena_strndup(a, buf, n), n);
}

#define FORMAT_INTS(name, T)                                                                       \
    static fb_status text_of_##name(CastRun *c)                                                    \
    {                                                                                              \
        const T *x = c->in->data;                                                                  \
        View *r = kernel_alloc(c->cx, c->out);                                                     \
        for (uint32_t i = 0; i < c->in->len; i++) {                                                \
            r[i] = text_of_i64(c->cx->arena, x[i]);                                                \
        }                                                                                          \
        return FB_OK;                                                                              \
    }

FORMAT_INTS(byte, int8_t)
FORMAT_INTS(short, int16_t)
FORMAT_INTS(int, int32_t)
FORMAT_INTS(long, int64_t)

static fb_status text_of_boolean(CastRun *c)
{
    const uint8_t *x = c->in->data;
    View *r = kernel_alloc(c->cx, c->out);
    const View yes = view_of("true", 4), no = view_of("false", 5);
    for (uint32_t i = 0; i < c->in->len; i++) {
        r[i] = x[i] ? yes : no;
    }
    return FB_OK;
}

/* Legacy mode prints decimals as BigDecimal.toString, with an exponent where that is shorter. */
static fb_status text_of_decimal(CastRun *c)
{
    const int128_t *x = c->in->data;
    View *r = kernel_alloc(c->cx, c->out);
    for (uint32_t i = 0; i < c->in->len; i++) {
        char buf[DEC_TEXT_MAX];
        size_t n = 0;
        if (kernel_wants(c->out, i)) {
            n = c->mode == EVAL_LEGACY ? dec_format_sci(x[i], c->in->type->scale, buf)
                                       : dec_format(x[i], c->in->type->scale, buf);
        }
        r[i] = n <= 12 ? view_of(buf, n) : view_of(arena_strndup(c->cx->arena, buf, n), n);
    }
    return FB_OK;
}

/* The type with strings in the place of decimals. */
static const Type *without_decimals(const Type *t, Arena *a)
{
    if (t->id == T_DECIMAL) {
        return type_string;
    }
    if (!type_is_nested(t)) {
        return t;
    }
    Field *fields = ARENA_ARRAY(a, Field, t->n_fields + 1);
    for (uint32_t k = 0; k < t->n_fields; k++) {
        fields[k] = t->fields[k];
        fields[k].type = without_decimals(t->fields[k].type, a);
    }
    if (t->id == T_STRUCT) {
        return type_struct(fields, t->n_fields);
    }
    return t->id == T_ARRAY ? type_array(fields[0].type, fields[0].nullable)
                            : type_map(fields[0].type, fields[1].type, fields[1].nullable);
}

static fb_status text_of_any(CastRun *c)
{
    View *r = kernel_alloc(c->cx, c->out);
    StrBuf b = {0};
    const Vec *in = c->in;
    if (c->mode == EVAL_LEGACY && type_is_nested(in->type)) {
        /* decimals inside have legacy mode's text too: they are cast first */
        Vec *plain = ARENA_NEW(c->cx->arena, Vec);
        TRY(cast_vec(c->cx, in, without_decimals(in->type, c->cx->arena), c->mode, plain, c->err));
        in = plain;
    }
    if (type_is_nested(in->type)) {
        TRY(eval_reserve(c->cx, vec_bytes(in, false), 1, c->err));
    }
    for (uint32_t i = 0; i < c->in->len; i++) {
        r[i] = (View){0};
        if (!kernel_wants(c->out, i)) {
            continue;
        }
        strbuf_clear(&b);
        vec_value_text(in, i, c->cx->tz, &b);
        Str s = strbuf_str(&b);
        r[i] = view_copy(c->cx->arena, view_of(s.p, s.n));
    }
    strbuf_free(&b);
    return FB_OK;
}

/* The same bytes under another type. */
static fb_status share_bytes(CastRun *c)
{
    c->out->data = c->in->data;
    return FB_OK;
}

/* Legacy: an integer as its big-endian bytes. */
static fb_status bytes_of_int(CastRun *c)
{
    View *r = kernel_alloc(c->cx, c->out);
    size_t width = type_width(c->in->type);
    for (uint32_t i = 0; i < c->in->len; i++) {
        char buf[8];
        const char *x = (const char *)c->in->data + (size_t)i * width;
        for (size_t k = 0; k < width; k++) {
            buf[k] = x[width - 1 - k];
        }
        r[i] = view_of(buf, width);
    }
    return FB_OK;
}

/* ---- choosing ---- */

static CastKernel parser_for(const Type *to)
{
    switch (to->id) {
    case T_BOOLEAN:
        return parse_boolean;
    case T_BYTE:
        return parse_i8;
    case T_SHORT:
        return parse_i16;
    case T_INT:
        return parse_i32;
    case T_LONG:
        return parse_long;
    case T_FLOAT:
        return parse_f32;
    case T_DOUBLE:
        return parse_f64;
    case T_DECIMAL:
        return parse_decimal;
    case T_BINARY:
        return share_bytes;
    case T_DATE:
        return parse_date;
    case T_TIMESTAMP:
        return parse_timestamp;
    case T_TIMESTAMP_NTZ:
        return parse_timestamp_ntz;
    case T_INTERVAL_YM:
    case T_INTERVAL_DT:
        return parse_ansi_interval;
    case T_INTERVAL_CAL:
        return parse_calendar_interval;
    default:
        return NULL;
    }
}

CastKernel cast_string_kernel(const Type *from, const Type *to)
{
    if (from->id == T_STRING) {
        return parser_for(to);
    }
    if (to->id == T_BINARY) {
        return type_is_integral(from) ? bytes_of_int : NULL;
    }
    switch (from->id) {
    case T_BOOLEAN:
        return text_of_boolean;
    case T_BYTE:
        return text_of_byte;
    case T_SHORT:
        return text_of_short;
    case T_INT:
        return text_of_int;
    case T_LONG:
        return text_of_long;
    case T_DECIMAL:
        return text_of_decimal;
    case T_BINARY:
        return share_bytes;
    default:
        return text_of_any;
    }
}
