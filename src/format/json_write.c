/*
 * json_write.c - rows to lines of JSON, as Spark's JacksonGenerator writes them.
 *
 * Fields keep the schema's order; fields that are null are left out unless ignoreNullFields is off,
 * elements of arrays and values of maps are written as null. Strings are escaped as Jackson does:
 * control characters, the quote and the backslash, with capital hexadecimal digits. NaN and the
 * infinities are strings. Decimals are written as BigDecimal.toString() has them, map keys as the
 * value that Spark keeps for them: a date is its days.
 */
#include <math.h>

#include "column/decimal.h"
#include "column/interval.h"
#include "column/number.h"
#include "format/json_priv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef struct JsonWriter {
    const JsonOptions *o;
    const TimeZone *tz;
    TzCursor zone;
    DateFmt *date, *ts, *ts_ntz; /* NULL: the default forms */
    StrBuf *out;
    unsigned level; /* of objects, for pretty */
    StrBuf text;    /* of single values */
} Writer;

static void put_value(Writer *w, const Vec *v, uint32_t i);

/* ---- texts ---- */

static void put_unit_escape(unsigned c, StrBuf *out)
{
    static const char hex[] = "0123456789ABCDEF";
    char text[6] = {'\\', 'u', hex[c >> 12 & 15], hex[c >> 8 & 15], hex[c >> 4 & 15], hex[c & 15]};

    strbuf_append(out, text, sizeof(text));
}

/* The code point at p, which is UTF-8 or counts as U+FFFD; *ret_n its bytes. */
static unsigned code_point(const char *p, const char *end, size_t *ret_n)
{
    size_t left = (size_t)(end - p), n = utf8_sequence(p, left);
    if (n == 0) {
        *ret_n = utf8_malformed(p, left, true);
        return 0xFFFD;
    }
    unsigned code = (unsigned char)*p;
    code = n == 2 ? code & 0x1F : n == 3 ? code & 0x0F : n == 4 ? code & 0x07 : code;
    for (size_t k = 1; k < n; k++) {
        code = code << 6 | ((unsigned char)p[k] & 0x3F);
    }
    *ret_n = n;
    return code;
}

static void put_non_ascii(const char *p, size_t n, unsigned code, bool ascii_only, StrBuf *out)
{
    if (!ascii_only) {
        strbuf_append(out, code == 0xFFFD ? "\xEF\xBF\xBD" : p, code == 0xFFFD ? 3 : n);
    } else if (code < 0x10000) {
        put_unit_escape(code, out);
    } else {
        put_unit_escape(0xD800 + ((code - 0x10000) >> 10), out);
        put_unit_escape(0xDC00 + ((code - 0x10000) & 0x3FF), out);
    }
}

/* The first byte that is not ASCII or has to be escaped, or end. */
static const char *find_special(const char *p, const char *end)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i hit = _mm_or_si128(_mm_cmplt_epi8(x, _mm_set1_epi8(' ')), /* bytes from 0x80 too */
                                   _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
                                                _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'))));
        unsigned m = (unsigned)_mm_movemask_epi8(hit);
        if (m != 0) {
            return p + __builtin_ctz(m);
        }
    }
#endif
    while (p < end && (unsigned char)*p >= ' ' && (unsigned char)*p < 0x80 && *p != '"' &&
           *p != '\\') {
        p++;
    }
    return p;
}

/* Room for n bytes was reserved. */
static inline void put_raw(StrBuf *out, const char *p, size_t n)
{
    memcpy(out->p + out->n, p, n);
    out->n += n;
}

static void put_escaped(char c, StrBuf *out)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *hit = memchr(from, c, sizeof(from) - 1);

    if (hit) {
        strbuf_append(out, (char[]){'\\', to[hit - from]}, 2);
    } else {
        put_unit_escape((unsigned char)c, out);
    }
}

void json_put_string(Str s, bool ascii_only, StrBuf *out)
{
    const char *p = s.p, *end = s.p + s.n;

    strbuf_putc(out, '"');
    while (p < end) {
        const char *q = find_special(p, end);
        strbuf_reserve(out, (size_t)(q - p) + 2);
        put_raw(out, p, (size_t)(q - p));
        p = q;
        if (p < end && (unsigned char)*p >= 0x80) {
            size_t n;
            unsigned code = code_point(p, end, &n);
            put_non_ascii(p, n, code, ascii_only, out);
            p += n;
        } else if (p < end) {
            put_escaped(*p++, out);
        }
    }
    strbuf_putc(out, '"');
}

void json_put_double(double v, StrBuf *out)
{
    char text[NUM_F64_TEXT_MAX];

    size_t n = num_format_f64(v, text);
    if (isfinite(v)) {
        strbuf_append(out, text, n);
    } else {
        json_put_string((Str){text, n}, false, out);
    }
}

static void put_float(float v, StrBuf *out)
{
    char text[NUM_F32_TEXT_MAX];

    size_t n = num_format_f32(v, text);
    if (isfinite(v)) {
        strbuf_append(out, text, n);
    } else {
        json_put_string((Str){text, n}, false, out);
    }
}

static void put_long(int64_t v, StrBuf *out)
{
    char text[NUM_I64_TEXT_MAX];

    strbuf_append(out, text, num_format_i64(v, text));
}

static void put_base64(Str s, StrBuf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    strbuf_putc(out, '"');
    for (size_t i = 0; i < s.n; i += 3) {
        size_t n = s.n - i < 3 ? s.n - i : 3;
        uint32_t x = 0;
        for (size_t k = 0; k < 3; k++) {
            x = x << 8 | (k < n ? (unsigned char)s.p[i + k] : 0u);
        }
        char text[4] = {digits[x >> 18], digits[x >> 12 & 63], n > 1 ? digits[x >> 6 & 63] : '=',
                        n > 2 ? digits[x & 63] : '='};
        strbuf_append(out, text, sizeof(text));
    }
    strbuf_putc(out, '"');
}

/* ---- layout ---- */

static void put_indent(Writer *w)
{
    strbuf_putc(w->out, '\n');
    for (unsigned k = 0; k < w->level; k++) {
        strbuf_puts(w->out, "  ");
    }
}

/* In front of an entry; the first of its object or array, or another one. */
static void put_entry(Writer *w, bool first, bool in_array)
{
    if (!first) {
        strbuf_putc(w->out, ',');
    }
    if (w->o->pretty && in_array) {
        strbuf_putc(w->out, ' ');
    } else if (w->o->pretty) {
        put_indent(w);
    }
}

static void put_colon(Writer *w)
{
    strbuf_puts(w->out, w->o->pretty ? " : " : ":");
}

static void put_end(Writer *w, bool empty, bool array)
{
    if (w->o->pretty && !array && !empty) {
        put_indent(w);
    } else if (w->o->pretty) {
        strbuf_putc(w->out, ' ');
    }
    strbuf_putc(w->out, array ? ']' : '}');
}

/* ---- nested values ---- */

static int order_of_names(const Field *a, const Field *b)
{
    return strcmp(a->name, b->name);
}

/* The field that comes k-th; with sortKeys by name. */
static uint32_t field_at(const Writer *w, const Type *t, uint32_t k)
{
    if (!w->o->sort_keys) {
        return k;
    }
    for (uint32_t i = 0; i < t->n_fields; i++) {
        uint32_t before = 0;
        for (uint32_t x = 0; x < t->n_fields; x++) {
            int c = order_of_names(&t->fields[x], &t->fields[i]);
            before += c < 0 || (c == 0 && x < i);
        }
        if (before == k) {
            return i;
        }
    }
    return k;
}

static void put_name(Writer *w, const char *name)
{
    Arena own = {0};
    json_put_string(str_text(&own, name), w->o->ascii_only, w->out);
    arena_free(&own);
}

static void put_struct(Writer *w, const Type *t, const Vec *fields, uint32_t i)
{
    bool first = true;

    strbuf_putc(w->out, '{');
    w->level++;
    for (uint32_t x = 0; x < t->n_fields; x++) {
        uint32_t k = field_at(w, t, x);
        if (w->o->ignore_null_fields && !vec_is_valid(&fields[k], i)) {
            continue;
        }
        put_entry(w, first, false);
        first = false;
        put_name(w, t->fields[k].name);
        put_colon(w);
        put_value(w, &fields[k], i);
    }
    w->level--;
    put_end(w, first, false);
}

static void put_array(Writer *w, const Vec *v, uint32_t i)
{
    const uint32_t *offsets = (const uint32_t *)v->data + (i & vec_mask(v));

    strbuf_putc(w->out, '[');
    for (uint32_t e = offsets[0]; e < offsets[1]; e++) {
        put_entry(w, e == offsets[0], true);
        put_value(w, &v->child[0], e);
    }
    put_end(w, offsets[0] == offsets[1], true);
}

/* A key as the text of the value that Spark keeps for it. */
static void put_key(Writer *w, const Vec *v, uint32_t i)
{
    StrBuf text = {0};

    put_internal(v, i, &text);
    json_put_string(strbuf_str(&text), w->o->ascii_only, w->out);
    strbuf_free(&text);
}

/* The entry of a map that comes k-th; with sortKeys by the text of the key. */
static uint32_t map_entry_at(const Writer *w, const Vec *keys, uint32_t from, uint32_t to,
                             uint32_t k)
{
    if (!w->o->sort_keys || keys->type->id != T_STRING) {
        return from + k;
    }
    for (uint32_t i = from; i < to; i++) {
        uint32_t before = 0;
        for (uint32_t x = from; x < to; x++) {
            int c = view_cmp(&VEC_AT(View, keys, x), &VEC_AT(View, keys, i));
            before += c < 0 || (c == 0 && x < i);
        }
        if (before == k) {
            return i;
        }
    }
    return from + k;
}

static void put_map(Writer *w, const Vec *v, uint32_t i)
{
    const uint32_t *offsets = (const uint32_t *)v->data + (i & vec_mask(v));
    uint32_t from = offsets[0], to = offsets[1];

    strbuf_putc(w->out, '{');
    w->level++;
    for (uint32_t k = 0; k < to - from; k++) {
        uint32_t e = map_entry_at(w, &v->child[0], from, to, k);
        put_entry(w, k == 0, false);
        put_key(w, &v->child[0], e);
        put_colon(w);
        put_value(w, &v->child[1], e);
    }
    w->level--;
    put_end(w, from == to, false);
}

/* ---- values ---- */

static void put_time(Writer *w, const Vec *v, uint32_t i)
{
    char text[DATE_TEXT_MAX];

    strbuf_putc(w->out, '"');
    if (v->type->id == T_DATE && w->date) {
        datefmt_date(w->date, VEC_AT(int32_t, v, i), w->out);
    } else if (v->type->id == T_DATE) {
        strbuf_append(w->out, text, date_format(VEC_AT(int32_t, v, i), text));
    } else if (v->type->id == T_TIMESTAMP && w->ts) {
        datefmt_ts(w->ts, VEC_AT(int64_t, v, i), w->out);
    } else if (v->type->id == T_TIMESTAMP) {
        put_default_ts(&w->zone, VEC_AT(int64_t, v, i), w->out);
    } else if (w->ts_ntz) {
        datefmt_ts_ntz(w->ts_ntz, VEC_AT(int64_t, v, i), w->out);
    } else {
        put_default_ts_ntz(VEC_AT(int64_t, v, i), w->out);
    }
    strbuf_putc(w->out, '"');
}

static void put_number(const Vec *v, uint32_t i, StrBuf *out)
{
    char text[DEC_TEXT_MAX];

    switch (v->type->id) {
    case T_BYTE:
        put_long(VEC_AT(int8_t, v, i), out);
        break;
    case T_SHORT:
        put_long(VEC_AT(int16_t, v, i), out);
        break;
    case T_INT:
        put_long(VEC_AT(int32_t, v, i), out);
        break;
    case T_LONG:
        put_long(VEC_AT(int64_t, v, i), out);
        break;
    case T_FLOAT:
        put_float(VEC_AT(float, v, i), out);
        break;
    case T_DOUBLE:
        json_put_double(VEC_AT(double, v, i), out);
        break;
    default:
        strbuf_append(out, text, dec_format_sci(VEC_AT(int128_t, v, i), v->type->scale, text));
        break;
    }
}

static void put_value(Writer *w, const Vec *v, uint32_t i)
{
    if (!vec_is_valid(v, i)) {
        strbuf_puts(w->out, "null");
        return;
    }
    switch (v->type->id) {
    case T_BOOLEAN:
        strbuf_puts(w->out, VEC_AT(uint8_t, v, i) ? "true" : "false");
        break;
    case T_STRING:
        json_put_string(view_str(&VEC_AT(View, v, i)), w->o->ascii_only, w->out);
        break;
    case T_BINARY:
        put_base64(view_str(&VEC_AT(View, v, i)), w->out);
        break;
    case T_DATE:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
        put_time(w, v, i);
        break;
    case T_INTERVAL_YM:
    case T_INTERVAL_DT:
    case T_INTERVAL_CAL:
        strbuf_putc(w->out, '"');
        vec_value_text(v, i, w->tz, w->out);
        strbuf_putc(w->out, '"');
        break;
    case T_STRUCT:
        put_struct(w, v->type, v->child, i);
        break;
    case T_ARRAY:
        put_array(w, v, i);
        break;
    case T_MAP:
        put_map(w, v, i);
        break;
    default:
        put_number(v, i, w->out);
        break;
    }
}

/* A row in the plain layout; names are the fields' names as they are written. */
static void put_row(Writer *w, const Str *names, const Batch *b, uint32_t i)
{
    bool first = true;

    strbuf_putc(w->out, '{');
    for (uint32_t k = 0; k < b->n_cols; k++) {
        if (w->o->ignore_null_fields && !vec_is_valid(&b->col[k], i)) {
            continue;
        }
        strbuf_reserve(w->out, names[k].n + 1);
        if (!first) {
            put_raw(w->out, ",", 1);
        }
        put_raw(w->out, names[k].p, names[k].n);
        first = false;
        put_value(w, &b->col[k], i);
    }
    strbuf_putc(w->out, '}');
}

static Str *written_names(const JsonOptions *o, const Type *schema, Arena *a)
{
    Str *names = ARENA_ARRAY(a, Str, schema->n_fields);

    for (uint32_t k = 0; k < schema->n_fields; k++) {
        StrBuf b = {0};
        json_put_string(str_text(a, schema->fields[k].name), o->ascii_only, &b);
        strbuf_putc(&b, ':');
        names[k] = strbuf_bytes(&b, a);
    }
    return names;
}

static void put_rows(Writer *w, const Type *schema, const Batch *b)
{
    Arena a = {0};
    const Str *names = written_names(w->o, schema, &a);
    Str sep = str_of(w->o->line_sep ? w->o->line_sep : "\n");

    for (uint32_t i = 0; i < b->n_rows; i++) {
        if (w->o->pretty || w->o->sort_keys) {
            put_struct(w, schema, b->col, i);
        } else {
            put_row(w, names, b, i);
        }
        strbuf_append(w->out, sep.p, sep.n);
    }
    arena_free(&a);
}

static void writer_end(Writer *w)
{
    datefmt_free(w->date);
    datefmt_free(w->ts);
    datefmt_free(w->ts_ntz);
    strbuf_free(&w->text);
}

static fb_status writer_init(Writer *w, const JsonOptions *o, const TimeZone *tz, fb_error *err)
{
    fb_status st = FB_OK;

    *w = (Writer){.o = o, .tz = o->tz ? o->tz : tz};
    w->zone = tz_cursor(w->tz);
    if (o->date_format) {
        st = datefmt_compile(str_of(o->date_format), DATEFMT_FORMAT, tz_utc(), &w->date, err);
    }
    if (st == FB_OK && o->ts_format) {
        st = datefmt_compile(str_of(o->ts_format), DATEFMT_FORMAT, w->tz, &w->ts, err);
    }
    if (st == FB_OK && o->ts_ntz_format) {
        st = datefmt_compile(str_of(o->ts_ntz_format), DATEFMT_FORMAT, tz_utc(), &w->ts_ntz, err);
    }
    if (st != FB_OK) {
        writer_end(w);
    }
    return st;
}

fb_status json_write(const void *options, const Type *schema, const Batch *b, bool first,
                     const TimeZone *tz, StrBuf *out, fb_error *err)
{
    Writer w;

    (void)first;
    TRY(writer_init(&w, options, tz, err));
    w.out = out;
    put_rows(&w, schema, b);
    writer_end(&w);
    return FB_OK;
}

/* ---- single values ---- */

fb_status json_writer_new(const JsonOptions *o, const TimeZone *tz, JsonWriter **ret, fb_error *err)
{
    Writer *w = mem_zalloc(sizeof(*w));

    fb_status st = writer_init(w, o, tz, err);
    if (st != FB_OK) {
        mem_free(w);
        return st;
    }
    w->out = &w->text;
    *ret = w;
    return FB_OK;
}

void json_writer_free(JsonWriter *w)
{
    writer_end(w);
    mem_free(w);
}

StrBuf *json_writer_text(JsonWriter *w)
{
    return &w->text;
}

void json_write_value(JsonWriter *w, const Vec *v, uint32_t i)
{
    put_value(w, v, i);
}

/* ---- copying tokens ---- */

static bool copy_token(JsonParser *j, StrBuf *out)
{
    double d;

    switch (j->tok) {
    case JT_STRING:
        if (!json_read_text(j)) {
            return false;
        }
        json_put_string(j->text, false, out);
        break;
    case JT_INT: {
        bool minus_zero = j->text.n == 2 && j->text.p[0] == '-' && j->text.p[1] == '0';
        strbuf_append(out, j->text.p + minus_zero, j->text.n - minus_zero);
        break;
    }
    case JT_FLOAT:
        if (!json_parse_double(j->text, &d)) {
            return false;
        }
        json_put_double(d, out);
        break;
    case JT_TRUE:
        strbuf_puts(out, "true");
        break;
    case JT_FALSE:
        strbuf_puts(out, "false");
        break;
    default:
        strbuf_puts(out, "null");
        break;
    }
    return true;
}

bool json_copy_value(JsonParser *j, StrBuf *out)
{
    uint32_t open = 0;
    bool first = true; /* of its object or array, or a value behind its name */

    do {
        JsonTok t = j->tok;
        bool end = t == JT_END_OBJECT || t == JT_END_ARRAY;
        if (end && open == 0) {
            return false; /* left behind by an error */
        }
        if (!first && !end) {
            strbuf_putc(out, ',');
        }
        first = t == JT_NAME || t == JT_START_OBJECT || t == JT_START_ARRAY;
        if (t == JT_START_OBJECT || t == JT_START_ARRAY) {
            strbuf_putc(out, t == JT_START_OBJECT ? '{' : '[');
            open++;
        } else if (end) {
            strbuf_putc(out, t == JT_END_OBJECT ? '}' : ']');
            open--;
        } else if (t == JT_NAME) {
            json_put_string(json_current_name(j), false, out);
            strbuf_putc(out, ':');
        } else if (!copy_token(j, out)) {
            return false;
        }
        if (open > 0 && (!json_next(j) || j->tok == JT_NONE)) {
            return false;
        }
    } while (open > 0);
    return true;
}
