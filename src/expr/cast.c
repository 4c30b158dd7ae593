/*
 * cast.c - CAST: which types can be cast, and casting vectors.
 *
 * The rules are those of Spark's Cast: canAnsiCast, canCast (legacy) and canTryCast say what is
 * allowed; in ANSI mode a value that does not fit raises an error, TRY gives null for it, and
 * legacy mode wraps, saturates or gives null as Java's conversions do. The kernels stand in
 * cast_number.c, cast_string.c and cast_time.c; here is what is nested: arrays and maps cast their
 * elements, structs their fields by position.
 *
 * Elements under a null row are not looked at, so that rubbish there raises no error.
 *
 * Recursion: by the depth of types. Threads and memory: as eval.c.
 */
#include "expr/cast.h"

#include "column/number.h"
#include "expr/coerce.h"

#include <stdio.h>

/* ---- rules ---- */

static bool is_ansi_interval(const Type *t)
{
    return t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT;
}

/* Numbers go to and from an interval, counting its last field. */
static bool interval_and_number(const Type *interval, const Type *number)
{
    return is_ansi_interval(interval) && (type_is_integral(number) || number->id == T_DECIMAL);
}

static bool allowed_from_string(const Type *to)
{
    return type_is_numeric(to) || type_is_datetime(to) || to->id == T_BINARY ||
           to->id == T_BOOLEAN || to->id == T_INTERVAL_CAL || is_ansi_interval(to);
}

static bool allowed_flat(const Type *from, const Type *to, EvalMode mode)
{
    bool legacy = mode == EVAL_LEGACY;
    if (to->id == T_STRING || from->id == T_NULL) {
        return true;
    }
    if (from->id == T_STRING) {
        return allowed_from_string(to);
    }
    if (type_is_numeric(from)) {
        return type_is_numeric(to) || to->id == T_BOOLEAN || to->id == T_TIMESTAMP ||
               interval_and_number(to, from) ||
               (legacy && to->id == T_BINARY && type_is_integral(from));
    }
    switch (from->id) {
    case T_BOOLEAN:
        return type_is_numeric(to) || (legacy && to->id == T_TIMESTAMP);
    case T_DATE:
        return type_is_datetime(to) || (legacy && (type_is_numeric(to) || to->id == T_BOOLEAN));
    case T_TIMESTAMP:
        return type_is_datetime(to) || type_is_numeric(to) || (legacy && to->id == T_BOOLEAN);
    case T_TIMESTAMP_NTZ:
        return type_is_datetime(to);
    case T_INTERVAL_YM:
    case T_INTERVAL_DT:
        return from->id == to->id || interval_and_number(from, to);
    default:
        return false;
    }
}

/* A part of a nested type: nulls must not get where there are to be none. */
static bool allowed_field(const Field *from, const Field *to, EvalMode mode)
{
    if (!cast_allowed(from->type, to->type, mode)) {
        return false;
    }
    return to->nullable || !(from->nullable || cast_forces_null(from->type, to->type, mode));
}

bool cast_allowed(const Type *from, const Type *to, EvalMode mode)
{
    if (from == to) {
        return true;
    }
    if (type_is_udt(from) || type_is_udt(to)) { /* what a JVM class makes of it is not known here */
        return from->id == T_NULL || (to == type_string && !from->udt.jvm_class);
    }
    if (!type_is_nested(from) || from->id != to->id) {
        return (!type_is_nested(from) || to->id == T_STRING) && allowed_flat(from, to, mode);
    }
    if (from->n_fields != to->n_fields) {
        return false;
    }
    for (uint32_t i = 0; i < from->n_fields; i++) {
        if (from->id == T_MAP && i == 0 && mode == EVAL_ANSI) {
            /* in ANSI mode a key that can't be cast is an error and never null */
            if (!cast_allowed(from->fields[0].type, to->fields[0].type, mode)) {
                return false;
            }
        } else if (!allowed_field(&from->fields[i], &to->fields[i], mode)) {
            return false;
        }
    }
    return true;
}

static bool decimal_holds(const Type *from, const Type *to)
{
    if (from->id == T_BOOLEAN) {
        return to->precision > to->scale;
    }
    if (!type_is_integral(from) && from->id != T_DECIMAL) {
        return false;
    }
    DecType d = coerce_decimal_for(from);
    int room = to->precision - to->scale, need = d.p - d.s;
    /* With a digit more in front, rounding to fewer decimals has room for its carry. */
    return (room >= need && to->scale >= d.s) || (from->id == T_DECIMAL && room > need);
}

static bool can_fail_flat(const Type *from, const Type *to)
{
    if (to->id == T_STRING || from->id == T_NULL) {
        return false;
    }
    if (from->id == T_STRING) {
        return to->id != T_BINARY;
    }
    if (to->id == T_DECIMAL) {
        return !decimal_holds(from, to);
    }
    if (type_is_integral(to)) {
        return !(type_is_integral(from) && from->id <= to->id) && from->id != T_BOOLEAN;
    }
    if (to->id == T_TIMESTAMP) {
        return from->id == T_FLOAT || from->id == T_DOUBLE || from->id == T_DATE;
    }
    return is_ansi_interval(to) && !is_ansi_interval(from);
}

bool cast_can_fail(const Type *from, const Type *to)
{
    if (from == to) {
        return false;
    }
    if (!type_is_nested(from) || from->id != to->id) {
        return can_fail_flat(from, to);
    }
    for (uint32_t i = 0; i < from->n_fields && i < to->n_fields; i++) {
        if (cast_can_fail(from->fields[i].type, to->fields[i].type)) {
            return true;
        }
    }
    return false;
}

static bool up_cast_flat(const Type *from, const Type *to)
{
    if (from->id == T_DECIMAL || to->id == T_DECIMAL) {
        return to->id == T_DECIMAL && decimal_holds(from, to) && from->id != T_BOOLEAN &&
               to->scale >= coerce_decimal_for(from).s;
    }
    if (type_is_numeric(from) && type_is_numeric(to)) {
        return from->id <= to->id;
    }
    switch (from->id) {
    case T_DATE:
        return to->id == T_TIMESTAMP || to->id == T_TIMESTAMP_NTZ;
    case T_TIMESTAMP:
        return to->id == T_TIMESTAMP_NTZ || to->id == T_LONG;
    case T_TIMESTAMP_NTZ:
        return to->id == T_TIMESTAMP;
    case T_LONG:
        return to->id == T_TIMESTAMP;
    case T_STRING:
        return to->id == T_BINARY;
    default:
        return from->id == to->id; /* intervals */
    }
}

/* Cast.canUpCast as far as nullability goes: no information is lost. */
static bool is_up_cast(const Type *from, const Type *to)
{
    if (from == to || from->id == T_NULL) {
        return true;
    }
    if (to->id == T_STRING) {
        return !type_is_nested(from);
    }
    if (!type_is_nested(from) || from->id != to->id || from->n_fields != to->n_fields) {
        return !type_is_nested(from) && up_cast_flat(from, to);
    }
    for (uint32_t i = 0; i < from->n_fields; i++) {
        const Field *f = &from->fields[i], *t = &to->fields[i];
        if ((f->nullable && !t->nullable) || !is_up_cast(f->type, t->type)) {
            return false;
        }
    }
    return true;
}

bool cast_forces_null(const Type *from, const Type *to, EvalMode mode)
{
    if (from == to || from->id == T_NULL) {
        return false;
    }
    if (mode == EVAL_TRY) {
        return !is_up_cast(from, to);
    }
    if (from->id == T_STRING || to->id == T_STRING) {
        return from->id == T_STRING && to->id != T_BINARY && to->id != T_STRING;
    }
    if (to->id == T_DATE || from->id == T_DATE) {
        return !(from->id == T_TIMESTAMP && to->id == T_DATE) &&
               !(from->id == T_DATE && to->id == T_TIMESTAMP);
    }
    if (from->id == T_TIMESTAMP && (to->id == T_BYTE || to->id == T_SHORT || to->id == T_INT)) {
        return true;
    }
    if (to->id == T_TIMESTAMP && (from->id == T_FLOAT || from->id == T_DOUBLE)) {
        return true;
    }
    if (to->id == T_DECIMAL) {
        /* one digit more before the point takes what rounding may carry over */
        bool carries =
            from->id == T_DECIMAL && from->precision - from->scale < to->precision - to->scale;
        return !carries && !decimal_holds(from, to);
    }
    return to->id == T_INTERVAL_CAL || (type_is_fractional(from) && type_is_integral(to));
}

/* ---- errors ---- */

static fb_status cast_error(CastRun *c, uint32_t i, ErrId id, const char *value_key)
{
    StrBuf value = {0}, from = {0}, to = {0};
    literal_sql(c->cx->tz, c->in, i, &value);
    strbuf_putc(&from, '"');
    type_sql(c->in->type->id == T_STRING ? type_string : c->in->type, &from);
    strbuf_putc(&from, '"');
    strbuf_putc(&to, '"');
    type_sql(c->out->type, &to);
    strbuf_putc(&to, '"');
    fb_status st = err_set(c->err, id, value_key, value.p, "sourceType", from.p, "targetType", to.p,
                           "ansiConfig", "\"spark.sql.ansi.enabled\"", NULL);
    strbuf_free(&value);
    strbuf_free(&from);
    strbuf_free(&to);
    return st;
}

fb_status cast_overflow(CastRun *c, uint32_t i)
{
    if (c->mode != EVAL_ANSI) {
        kernel_null(c->cx, c->out, i);
        return FB_OK;
    }
    return cast_error(c, i, ERR_CAST_OVERFLOW, "value");
}

fb_status cast_invalid(CastRun *c, uint32_t i)
{
    if (c->mode != EVAL_ANSI) {
        kernel_null(c->cx, c->out, i);
        return FB_OK;
    }
    const Type *to = c->out->type;
    ErrId id = type_is_datetime(to)  ? ERR_CAST_INVALID_INPUT_DATETIME
               : to->id == T_BOOLEAN ? ERR_CAST_INVALID_INPUT_BOOLEAN
                                     : ERR_CAST_INVALID_INPUT;
    return cast_error(c, i, id, "expression");
}

/* The value as BigDecimal prints it: a double without exponent where 38 digits hold it. */
static void print_decimal_source(CastRun *c, uint32_t i, StrBuf *out)
{
    const Vec *in = c->in;
    if (in->type->id == T_DOUBLE || in->type->id == T_FLOAT) {
        double x =
            in->type->id == T_FLOAT ? (double)VEC_DATA(float, in)[i] : VEC_DATA(double, in)[i];
        int32_t exp10 = 0;
        int128_t v;
        if (x - x == 0 && x != 0) {
            num_shortest_f64(x < 0 ? -x : x, &exp10);
        }
        int scale = exp10 < 0 ? -exp10 : 0;
        if (scale <= 20 && dec_from_f64(x, (DecType){38, (uint8_t)scale}, &v)) {
            char buf[DEC_TEXT_MAX];
            strbuf_append(out, buf, dec_format(v, scale, buf));
            return;
        }
    }
    vec_value_text(in, i, c->cx->tz, out);
}

fb_status cast_out_of_decimal(CastRun *c, uint32_t i)
{
    if (c->mode != EVAL_ANSI) {
        kernel_null(c->cx, c->out, i);
        return FB_OK;
    }
    char precision[8], scale[8];
    StrBuf value = {0};
    print_decimal_source(c, i, &value);
    snprintf(precision, sizeof(precision), "%d", c->out->type->precision);
    snprintf(scale, sizeof(scale), "%d", c->out->type->scale);
    fb_status st = err_set(c->err, ERR_NUMERIC_VALUE_OUT_OF_RANGE, "value", value.p, "precision",
                           precision, "scale", scale, "config", "\"spark.sql.ansi.enabled\"", NULL);
    strbuf_free(&value);
    return st;
}

/* ---- nested ---- */

static fb_status cast_flat_vec(EvalCtx *cx, const Vec *in, const Type *to, EvalMode mode, Vec *out,
                               fb_error *err);

/* The elements of the rows that are not null, end to end, and the offsets of all rows in them. */
static void compact_lists(EvalCtx *cx, const Vec *in, uint32_t n_children, Vec *children,
                          uint32_t **ret_offsets)
{
    uint32_t n = in->len;
    const uint32_t *from = in->data;
    uint32_t *to = arena_alloc(cx->arena, mem_mul((size_t)n + 1, sizeof(*to)));
    bool dense = true;
    to[0] = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t len = vec_is_valid(in, i) ? from[i + 1] - from[i] : 0;
        dense = dense && len == from[i + 1] - from[i];
        to[i + 1] = to[i] + len;
    }
    *ret_offsets = to;
    if (dense) {
        for (uint32_t k = 0; k < n_children; k++) {
            children[k] = vec_slice(&in->child[k], from[0], to[n], cx->arena);
        }
        return;
    }
    uint32_t *rows = ARENA_ARRAY(cx->arena, uint32_t, (size_t)to[n] + 1), m = 0;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < to[i + 1] - to[i]; k++) {
            rows[m++] = from[i] + k;
        }
    }
    for (uint32_t k = 0; k < n_children; k++) {
        vec_gather(&children[k], &in->child[k], rows, m, cx->arena);
    }
}

static fb_status cast_lists(CastRun *c)
{
    const Type *to = c->out->type;
    uint32_t *offsets;
    Vec *children = ARENA_ARRAY(c->cx->arena, Vec, to->n_fields);
    compact_lists(c->cx, c->in, to->n_fields, children, &offsets);
    c->out->data = offsets;
    c->out->child = ARENA_ARRAY(c->cx->arena, Vec, to->n_fields);
    for (uint32_t k = 0; k < to->n_fields; k++) {
        TRY(cast_flat_vec(c->cx, &children[k], to->fields[k].type, c->mode, &c->out->child[k],
                          c->err));
    }
    return FB_OK;
}

static fb_status cast_struct(CastRun *c)
{
    const Type *to = c->out->type;
    c->out->child = ARENA_ARRAY(c->cx->arena, Vec, to->n_fields + 1);
    for (uint32_t k = 0; k < to->n_fields; k++) {
        Vec *flat = ARENA_NEW(c->cx->arena, Vec);
        vec_flatten(flat, &c->in->child[k], c->cx->arena);
        if (c->in->valid) {
            const Vec *both[2] = {c->in, flat};
            Vec *masked = ARENA_NEW(c->cx->arena, Vec);
            *masked = *flat;
            vec_and_validity(masked, both, 2, c->cx->arena);
            flat = masked;
        }
        TRY(cast_flat_vec(c->cx, flat, to->fields[k].type, c->mode, &c->out->child[k], c->err));
    }
    return FB_OK;
}

/* Same content, another nullability or other names: only types are replaced. */
static void relabel(const Vec *in, const Type *to, Arena *a, Vec *out)
{
    *out = *in;
    out->type = to;
    if (to->n_fields && in->child) {
        out->child = ARENA_ARRAY(a, Vec, to->n_fields);
        for (uint32_t k = 0; k < to->n_fields; k++) {
            relabel(&in->child[k], to->fields[k].type, a, &out->child[k]);
        }
    }
}

/* ---- dispatch ---- */

static CastKernel kernel_for(const Type *from, const Type *to)
{
    if (type_is_nested(from) && from->id == to->id) {
        return from->id == T_STRUCT ? cast_struct : cast_lists;
    }
    CastKernel k = NULL;
    if (from->id == T_STRING || to->id == T_STRING || to->id == T_BINARY) {
        k = cast_string_kernel(from, to);
    } else {
        k = cast_number_kernel(from, to);
        k = k ? k : cast_time_kernel(from, to);
    }
    return k;
}

static fb_status cast_flat_vec(EvalCtx *cx, const Vec *in, const Type *to, EvalMode mode, Vec *out,
                               fb_error *err)
{
    const Type *from = in->type;
    if (from == to || type_same(from, to) || (from->id == T_STRING && to->id == T_STRING)) {
        relabel(in, to, cx->arena, out);
        return FB_OK;
    }
    if (from->id == T_NULL) {
        vec_init_null(out, to, in->len, cx->arena);
        Vec constant = *out;
        vec_flatten(out, &constant, cx->arena);
        return FB_OK;
    }
    CastKernel kernel = kernel_for(from, to);
    if (!kernel) {
        return err_internal(err, "There is no cast from type %d to type %d.", (int)from->id,
                            (int)to->id);
    }
    *out = (Vec){.type = to, .len = in->len};
    if (in->valid) {
        const Vec *one[1] = {in};
        vec_and_validity(out, one, 1, cx->arena);
    }
    CastRun run = {.cx = cx, .in = in, .out = out, .mode = mode, .err = err};
    return kernel(&run);
}

fb_status cast_vec(EvalCtx *cx, const Vec *in, const Type *to, EvalMode mode, Vec *out,
                   fb_error *err)
{
    if (!in->is_const) {
        return cast_flat_vec(cx, in, to, mode, out, err);
    }
    if (!vec_is_valid(in, 0)) {
        vec_init_null(out, to, in->len, cx->arena);
        return FB_OK;
    }
    uint32_t row = 0;
    Vec one;
    vec_gather(&one, in, &row, 1, cx->arena);
    if (one.is_const) {
        Vec constant = one;
        vec_flatten(&one, &constant, cx->arena);
    }
    TRY(cast_flat_vec(cx, &one, to, mode, out, err));
    vec_make_const(out, in->len, cx->arena);
    return FB_OK;
}
