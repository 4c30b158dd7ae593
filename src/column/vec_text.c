/*
 * vec_text.c - values as text, as Spark 4.3 prints them.
 *
 * There are two manners. Plain is CAST(x AS STRING) under ANSI (ToStringBase): binary is taken as
 * UTF-8, a null inside a nested value is "null". Pretty is show() (ToPrettyString): binary is
 * "[00 FF]", nulls are "NULL". Nested values are [1, 2], {k -> v} and {a, b} in both.
 *
 * Ownership: everything is appended to the caller's buffer. Threads: no state.
 */
#include "column/datetime.h"
#include "column/decimal.h"
#include "column/interval.h"
#include "column/number.h"
#include "column/timezone.h"
#include "column/vec.h"

typedef struct Manner {
    const TimeZone *tz;
    const char *null;
    bool hex_binary;
} Manner;

static void put_value(const Vec *v, uint32_t i, const Manner *m, StrBuf *out);

static void put_hex(Str s, StrBuf *out)
{
    static const char hex[] = "0123456789ABCDEF";

    strbuf_putc(out, '[');
    for (size_t i = 0; i < s.n; i++) {
        if (i > 0) {
            strbuf_putc(out, ' ');
        }
        strbuf_putc(out, hex[(unsigned char)s.p[i] >> 4]);
        strbuf_putc(out, hex[s.p[i] & 15]);
    }
    strbuf_putc(out, ']');
}

static void put_lists(const Vec *v, uint32_t i, const Manner *m, StrBuf *out)
{
    const uint32_t *offsets = VEC_DATA(uint32_t, v) + (i & vec_mask(v));
    bool is_map = v->type->id == T_MAP;

    strbuf_putc(out, is_map ? '{' : '[');
    for (uint32_t k = offsets[0]; k < offsets[1]; k++) {
        if (k > offsets[0]) {
            strbuf_puts(out, ", ");
        }
        put_value(&v->child[0], k, m, out);
        if (is_map) {
            strbuf_puts(out, " -> ");
            put_value(&v->child[1], k, m, out);
        }
    }
    strbuf_putc(out, is_map ? '}' : ']');
}

static void put_struct(const Vec *v, uint32_t i, const Manner *m, StrBuf *out)
{
    strbuf_putc(out, '{');
    for (uint32_t k = 0; k < v->type->n_fields; k++) {
        if (k > 0) {
            strbuf_puts(out, ", ");
        }
        put_value(&v->child[k], i, m, out);
    }
    strbuf_putc(out, '}');
}

static void put_integer(int64_t x, StrBuf *out)
{
    char text[NUM_I64_TEXT_MAX];

    strbuf_append(out, text, num_format_i64(x, text));
}

static void put_time(const Vec *v, uint32_t i, const Manner *m, StrBuf *out)
{
    char text[TS_TEXT_MAX > DATE_TEXT_MAX ? TS_TEXT_MAX : DATE_TEXT_MAX];
    size_t n;

    if (v->type->id == T_DATE) {
        n = date_format(VEC_AT(int32_t, v, i), text);
    } else if (v->type->id == T_TIMESTAMP) {
        n = ts_format(VEC_AT(int64_t, v, i), m->tz, text);
    } else {
        n = ts_local_format(VEC_AT(int64_t, v, i), text);
    }
    strbuf_append(out, text, n);
}

/* Numbers with a fraction. */
static void put_fractional(const Vec *v, uint32_t i, StrBuf *out)
{
    char text[DEC_TEXT_MAX > NUM_F64_TEXT_MAX ? DEC_TEXT_MAX : NUM_F64_TEXT_MAX];
    size_t n;

    if (v->type->id == T_FLOAT) {
        n = num_format_f32(VEC_AT(float, v, i), text);
    } else if (v->type->id == T_DOUBLE) {
        n = num_format_f64(VEC_AT(double, v, i), text);
    } else {
        n = dec_format(VEC_AT(int128_t, v, i), v->type->scale, text);
    }
    strbuf_append(out, text, n);
}

static void put_valid(const Vec *v, uint32_t i, const Manner *m, StrBuf *out)
{
    const Type *t = v->type;

    switch (t->id) {
    case T_BOOLEAN:
        strbuf_puts(out, VEC_AT(uint8_t, v, i) ? "true" : "false");
        break;
    case T_BYTE:
        put_integer(VEC_AT(int8_t, v, i), out);
        break;
    case T_SHORT:
        put_integer(VEC_AT(int16_t, v, i), out);
        break;
    case T_INT:
        put_integer(VEC_AT(int32_t, v, i), out);
        break;
    case T_LONG:
        put_integer(VEC_AT(int64_t, v, i), out);
        break;
    case T_FLOAT:
    case T_DOUBLE:
    case T_DECIMAL:
        put_fractional(v, i, out);
        break;
    case T_STRING:
    case T_BINARY: {
        Str s = view_str(&VEC_AT(View, v, i));
        if (t->id == T_BINARY && m->hex_binary) {
            put_hex(s, out);
        } else {
            strbuf_append(out, s.p, s.n);
        }
        break;
    }
    case T_DATE:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
        put_time(v, i, m, out);
        break;
    case T_INTERVAL_YM:
        interval_format_ym(VEC_AT(int32_t, v, i), t->precision, t->scale, out);
        break;
    case T_INTERVAL_DT:
        interval_format_dt(VEC_AT(int64_t, v, i), t->precision, t->scale, out);
        break;
    case T_INTERVAL_CAL:
        interval_format(VEC_AT(IntervalCal, v, i), out);
        break;
    case T_ARRAY:
    case T_MAP:
        put_lists(v, i, m, out);
        break;
    case T_STRUCT:
        put_struct(v, i, m, out);
        break;
    case T_NULL:
        break;
    }
}

static void put_value(const Vec *v, uint32_t i, const Manner *m, StrBuf *out)
{
    if (vec_is_valid(v, i)) {
        put_valid(v, i, m, out);
    } else {
        strbuf_puts(out, m->null);
    }
}

void vec_value_text(const Vec *v, uint32_t i, const struct TimeZone *tz, StrBuf *out)
{
    put_value(v, i, &(Manner){.tz = tz, .null = "null"}, out);
}

void vec_value_pretty(const Vec *v, uint32_t i, const struct TimeZone *tz, StrBuf *out)
{
    put_value(v, i, &(Manner){.tz = tz, .null = "NULL", .hex_binary = true}, out);
}
