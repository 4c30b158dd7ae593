/*
 * progress_value.c - values in progress, as Spark's Row.json writes them.
 *
 * Structs and maps of strings are objects, other maps lists of key and value; times have no
 * fraction; what is no number of JSON (NaN, intervals, binary as base64) is a string.
 */
#include "stream/query_priv.h"

#include "column/number.h"
#include "column/timezone.h"

#include <math.h>

static json_t *text_json(const StrBuf *b)
{
    json_t *v = json_stringn(b->p ? b->p : "", b->n);
    return v ? v : json_string(""); /* not UTF-8 */
}

static json_t *real_json(double d)
{
    return isnan(d)   ? json_string("NaN")
           : isinf(d) ? json_string(d > 0 ? "Infinity" : "-Infinity")
                      : json_real(d);
}

static json_t *base64_json(Str s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    StrBuf b = {0};
    for (size_t i = 0; i < s.n; i += 3) {
        size_t n = s.n - i < 3 ? s.n - i : 3;
        uint32_t v = 0;
        for (size_t k = 0; k < 3; k++) {
            v = v << 8 | (k < n ? (uint8_t)s.p[i + k] : 0);
        }
        for (size_t k = 0; k < 4; k++) {
            strbuf_putc(&b, k <= n ? digits[v >> (18 - 6 * k) & 63] : '=');
        }
    }
    json_t *v = text_json(&b);
    strbuf_free(&b);
    return v;
}

/* As CAST AS STRING; times without what follows the seconds. */
static json_t *cast_json(const Vec *v, uint32_t i, const struct TimeZone *tz)
{
    StrBuf b = {0};
    vec_value_text(v, i, tz, &b);
    bool is_time = v->type->id == T_TIMESTAMP || v->type->id == T_TIMESTAMP_NTZ;
    const char *dot = is_time && b.n ? memchr(b.p, '.', b.n) : NULL;
    if (dot) {
        b.n = (size_t)(dot - b.p);
    }
    double d = 0;
    bool is_number = v->type->id == T_DECIMAL && num_parse_f64(strbuf_str(&b), &d);
    json_t *out = is_number ? json_real(d) : text_json(&b);
    strbuf_free(&b);
    return out;
}

static json_t *struct_json(const Vec *v, uint32_t i, const struct TimeZone *tz)
{
    json_t *o = json_object();
    for (uint32_t k = 0; k < v->type->n_fields; k++) {
        json_object_set_new_nocheck(o, v->type->fields[k].name, value_json(&v->child[k], i, tz));
    }
    return o;
}

static json_t *list_json(const Vec *v, uint32_t from, uint32_t to, const struct TimeZone *tz)
{
    json_t *list = json_array();
    for (uint32_t i = from; i < to; i++) {
        json_array_append_new(list, value_json(v, i, tz));
    }
    return list;
}

static json_t *map_json(const Vec *v, uint32_t from, uint32_t to, const struct TimeZone *tz)
{
    bool by_name = v->type->fields[0].type->id == T_STRING;
    json_t *out = by_name ? json_object() : json_array();
    for (uint32_t i = from; i < to; i++) {
        json_t *key = value_json(&v->child[0], i, tz), *value = value_json(&v->child[1], i, tz);
        if (by_name) {
            json_object_set_new(out, json_string_value(key), value);
            json_decref(key);
        } else {
            json_array_append_new(out, json_pack("{s:o, s:o}", "key", key, "value", value));
        }
    }
    return out;
}

json_t *value_json(const Vec *v, uint32_t i, const struct TimeZone *tz)
{
    i &= vec_mask(v);
    const uint32_t *offset = v->data;
    if (!vec_is_valid(v, i)) {
        return json_null();
    }
    switch (v->type->id) {
    case T_BOOLEAN:
        return json_boolean(VEC_AT(uint8_t, v, i));
    case T_BYTE:
        return json_integer(VEC_AT(int8_t, v, i));
    case T_SHORT:
        return json_integer(VEC_AT(int16_t, v, i));
    case T_INT:
        return json_integer(VEC_AT(int32_t, v, i));
    case T_LONG:
        return json_integer(VEC_AT(int64_t, v, i));
    case T_FLOAT:
        return real_json((double)VEC_AT(float, v, i));
    case T_DOUBLE:
        return real_json(VEC_AT(double, v, i));
    case T_BINARY:
        return base64_json(view_str(&VEC_DATA(View, v)[i]));
    case T_STRUCT:
        return struct_json(v, i, tz);
    case T_ARRAY:
        return list_json(&v->child[0], offset[i], offset[i + 1], tz);
    case T_MAP:
        return map_json(v, offset[i], offset[i + 1], tz);
    default:
        return cast_json(v, i, tz);
    }
}
