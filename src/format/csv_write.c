/*
 * csv_write.c - rows to lines, as the univocity writer does it with Spark's settings.
 *
 * A value is quoted when it holds the separator or an end of a line, when it begins with a quote,
 * when it holds a quote and escapeQuotes is on, when it is in the first column and begins with the
 * comment character, and with quoteAll. Inside quotes, quotes and escapes are escaped, and \n
 * becomes a line separator of two characters. White space (all up to U+0020) around is cut off
 * unless the options say otherwise, and nulls and empty strings have texts of their own.
 *
 * Most values need none of that. Numbers and dates are written in place when no character that they
 * can have means anything; strings are looked at in words and copied. What is left goes through
 * put_odd(), which follows the writer step by step, its odd corners included: see put_odd().
 *
 * Ownership: nothing is kept between calls. Threads: a call has a state of its own.
 */
#include "column/decimal.h"
#include "column/interval.h"
#include "column/number.h"
#include "format/csv_priv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* How the values of a column are written. */
typedef enum CellKind {
    CELL_BOOLEAN,
    CELL_BYTE,
    CELL_SHORT,
    CELL_INT,
    CELL_LONG,
    CELL_DATE,
    CELL_STRING,
    CELL_PLAIN, /* text of put_text(), in which nothing has a meaning */
    CELL_TEXT   /* text of put_text(), which is looked at */
} CellKind;

#define FIXED_MAX 24 /* bytes that the kinds up to CELL_DATE write at most */

typedef struct Cell {
    CellKind kind;
    const Vec *v;
    const uint64_t *valid;
    const void *data;
    uint32_t mask;
    Str null, empty; /* texts of null and of the empty string in this column */
} Cell;

typedef struct CsvWriter {
    const CsvOptions *o;
    const TimeZone *tz;
    DateFmt *date, *ts, *ts_ntz;
    DateFmt *ts_old; /* for times whose offset may have seconds; NULL: a pattern was given */
    Str line_end;
    bool plain;       /* numbers and dates hold nothing that has a meaning */
    bool simple_ends; /* line_end has no other characters than \n and \r */
    Cell *cell;
    uint32_t n_cells;
    StrBuf text;  /* of the value being written */
    StrBuf field; /* what put_odd() makes */
    StrBuf *out;
    Arena arena;
    int32_t last_day; /* whose text is day_text */
    char day_text[DATE_TEXT_MAX];
    unsigned day_n;
} CsvWriter;

/* ---- the writer's rules, step by step ---- */

/* Its buffer for a value: what it holds is chars[0, n - spaces). */
typedef struct Appender {
    StrBuf *chars;
    size_t spaces; /* stays as it is when more is appended */
} Appender;

static void append_bytes(Appender *a, const char *p, size_t n)
{
    strbuf_append(a->chars, p, n);
}

static void count_spaces(Appender *a)
{
    a->spaces = 0;
    while (a->spaces < a->chars->n &&
           (unsigned char)a->chars->p[a->chars->n - 1 - a->spaces] <= ' ') {
        a->spaces++;
    }
}

static bool matches(Str s, size_t at, Str what)
{
    return s.n - at >= what.n && memcmp(s.p + at, what.p, what.n) == 0;
}

/* Length in bytes of the character at p. */
static size_t char_length(const char *p, size_t n)
{
    unsigned char c = (unsigned char)*p;
    size_t k = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;

    return k < n ? k : n;
}

/* Whether the separator, an end of a line or, if it is to be escaped, a quote stands there. */
static bool is_trigger(const CsvWriter *w, Str s, size_t at)
{
    char c = s.p[at];

    if (c == '\n' || c == '\r' || (w->o->escape_quotes && c == w->o->quote) ||
        matches(s, at, w->o->sep)) {
        return true;
    }
    if (w->simple_ends) {
        return false;
    }
    size_t n = char_length(w->line_end.p, w->line_end.n);
    return matches(s, at, (Str){w->line_end.p, n}) ||
           (n < w->line_end.n && matches(s, at, (Str){w->line_end.p + n, w->line_end.n - n}));
}

static void append_quoted(const CsvWriter *w, Appender *a, Str s, size_t from)
{
    const CsvOptions *o = w->o;
    char c = '\0';

    for (size_t i = from; i < s.n; i++) {
        c = s.p[i];
        if (c == o->quote) {
            append_bytes(a, &o->escape, 1);
        } else if (c == o->escape && o->escape_escape != '\0') {
            append_bytes(a, &o->escape_escape, 1);
        }
        if (c == '\n' && w->line_end.n > 1) {
            append_bytes(a, w->line_end.p, w->line_end.n);
        } else {
            append_bytes(a, &c, 1);
        }
    }
    if (o->trim_trailing && from < s.n && (unsigned char)c <= ' ') {
        count_spaces(a);
    }
}

/* Appends the value; true: it goes between quotes. */
static bool append_value(const CsvWriter *w, Appender *a, Str s, bool first, bool quoted,
                         bool special)
{
    const CsvOptions *o = w->o;
    size_t start = 0;

    while (o->trim_leading && start < s.n && (unsigned char)s.p[start] <= ' ') {
        start++;
    }
    if (start < s.n && (s.p[start] == o->quote || (first && s.p[0] == o->comment))) {
        quoted = true;
    }
    if (quoted) {
        if (special && s.n >= 2 && s.p[0] == o->quote && s.p[s.n - 1] == o->quote) {
            append_bytes(a, s.p, s.n);
            return false;
        }
        append_quoted(w, a, s, start);
        return true;
    }
    for (size_t i = start; i < s.n; i++) {
        bool mark = s.p[i] == o->quote || s.p[i] == o->escape;
        bool trigger = is_trigger(w, s, i);
        if (!mark && !trigger) {
            continue;
        }
        for (size_t k = i; mark && !trigger && k < s.n; k++) {
            trigger = is_trigger(w, s, k);
        }
        if (trigger) {
            append_bytes(a, s.p + start, i - start);
            append_quoted(w, a, s, i);
            return true;
        }
        break; /* a quote or escape that needs nothing, and nothing comes behind it */
    }
    append_bytes(a, s.p + start, s.n - start);
    if (o->trim_trailing && start < s.n && (unsigned char)s.p[s.n - 1] <= ' ') {
        count_spaces(a);
    }
    return false;
}

static bool is_blank(Str s)
{
    size_t i = 0;

    while (i < s.n && (unsigned char)s.p[i] <= ' ') {
        i++;
    }
    return i == s.n;
}

/*
 * The value as a field. Where leading white space stays and trailing is cut off, a blank string is
 * first written and cut to nothing, and the text for empty strings is then written behind the
 * white space that counts as cut: that takes as many characters off its end, and the quotes around
 * it are missing. That is what the writer does.
 */
static void put_odd(CsvWriter *w, Str s, bool is_null, bool first, StrBuf *out)
{
    const CsvOptions *o = w->o;
    Appender a = {.chars = &w->field};
    bool special = is_null || s.n == 0;

    strbuf_clear(&w->field);
    if (is_null) {
        s = o->null_value;
    } else if (s.n == 0 || (o->trim_leading && is_blank(s))) {
        s = o->empty_value;
        special = true;
    }
    bool quoted = append_value(w, &a, s, first, o->quote_all, special);
    if (a.chars->n == a.spaces && !special) {
        append_value(w, &a, o->empty_value, first, quoted, false);
    }
    if (quoted) {
        strbuf_putc(out, o->quote);
    }
    if (a.chars->n > a.spaces) {
        strbuf_append(out, a.chars->p, a.chars->n - a.spaces);
    }
    if (quoted) {
        strbuf_putc(out, o->quote);
    }
}

/* ---- texts of values ---- */

/* Offsets have no seconds since 1972-07; the default pattern shows those that had. */
#define MINUTE_OFFSETS (INT64_C(78796800) * US_PER_SECOND)
#define OLD_TS "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXXXX]"

static fb_status put_text(CsvWriter *w, const Vec *v, uint32_t i, StrBuf *out, fb_error *err);

/* Behind what is before it: a value behind a space, nullValue too unless it is empty. The first of
 * an array or struct has a space only when it is null. */
static fb_status put_element(CsvWriter *w, const Vec *v, uint32_t i, bool first, StrBuf *out,
                             fb_error *err)
{
    if (vec_is_valid(v, i)) {
        strbuf_puts(out, first ? "" : " ");
        return put_text(w, v, i, out, err);
    }
    if (w->o->null_value.n > 0) {
        strbuf_putc(out, ' ');
        strbuf_append(out, w->o->null_value.p, w->o->null_value.n);
    }
    return FB_OK;
}

/* "[1, 2]", "{k -> v}", "{1, x}": the schema bounds the depth. */
static fb_status put_nested(CsvWriter *w, const Vec *v, uint32_t i, StrBuf *out, fb_error *err)
{
    bool is_struct = v->type->id == T_STRUCT, is_map = v->type->id == T_MAP;
    const uint32_t *offsets = is_struct ? NULL : (const uint32_t *)v->data + (i & vec_mask(v));
    uint32_t from = is_struct ? 0 : offsets[0], to = is_struct ? v->type->n_fields : offsets[1];

    strbuf_putc(out, v->type->id == T_ARRAY ? '[' : '{');
    for (uint32_t k = from; k < to; k++) {
        const Vec *e = is_struct ? &v->child[k] : &v->child[0];
        strbuf_puts(out, k > from ? "," : "");
        TRY(put_element(w, e, is_struct ? i : k, k == from, out, err));
        if (is_map) {
            strbuf_puts(out, " ->");
            TRY(put_element(w, &v->child[1], k, false, out, err));
        }
    }
    strbuf_putc(out, v->type->id == T_ARRAY ? ']' : '}');
    return FB_OK;
}

/* The text of a value that is not null, as it is before quotes. */
static fb_status put_text(CsvWriter *w, const Vec *v, uint32_t i, StrBuf *out, fb_error *err)
{
    char buf[DEC_TEXT_MAX];
    int64_t us;
    bool ok = true;

    switch (v->type->id) {
    case T_ARRAY:
    case T_MAP:
    case T_STRUCT:
        return put_nested(w, v, i, out, err);
    case T_FLOAT:
        strbuf_append(out, buf, num_format_f32(VEC_AT(float, v, i), buf));
        break;
    case T_DOUBLE:
        strbuf_append(out, buf, num_format_f64(VEC_AT(double, v, i), buf));
        break;
    case T_DECIMAL: {
        int128_t d;
        memcpy(&d, (const char *)v->data + sizeof(d) * (i & vec_mask(v)), sizeof(d));
        strbuf_append(out, buf, dec_format_sci(d, v->type->scale, buf));
        break;
    }
    case T_DATE:
        ok = datefmt_date(w->date, VEC_AT(int32_t, v, i), out);
        break;
    case T_TIMESTAMP:
        us = VEC_AT(int64_t, v, i);
        ok = datefmt_ts(w->ts_old && us < MINUTE_OFFSETS ? w->ts_old : w->ts, us, out);
        break;
    case T_TIMESTAMP_NTZ:
        ok = datefmt_ts_ntz(w->ts_ntz, VEC_AT(int64_t, v, i), out);
        break;
    case T_BINARY:
        vec_value_pretty(v, i, w->tz, out);
        break;
    default:
        vec_value_text(v, i, w->tz, out);
        break;
    }
    if (ok) {
        return FB_OK;
    }
    const char *option = v->type->id == T_DATE        ? "dateFormat"
                         : v->type->id == T_TIMESTAMP ? "timestampFormat"
                                                      : "timestampNTZFormat";
    const char *pattern = v->type->id == T_DATE        ? w->o->date_format
                          : v->type->id == T_TIMESTAMP ? w->o->ts_format
                                                       : w->o->ts_ntz_format;
    return err_set(err, ERR_INVALID_OPTION_VALUE, "option", option, "value", pattern ? pattern : "",
                   "expected", "a pattern of fields that the values have", NULL);
}

/* Text of an integer. */
static inline char *put_long(char *p, int64_t v)
{
    return p + num_format_i64(v, p);
}

static inline char *put_date(CsvWriter *w, char *p, int32_t day)
{
    if (day != w->last_day || w->day_n == 0) {
        w->last_day = day;
        w->day_n = (unsigned)date_format(day, w->day_text);
    }
    memcpy(p, w->day_text, DATE_TEXT_MAX);
    return p + w->day_n;
}

/* ---- strings ---- */

#ifdef __SSE2__
typedef struct Marks {
    __m128i sep, quote, escape;
} Marks;

static inline Marks marks_of(const CsvOptions *o)
{
    return (Marks){_mm_set1_epi8(o->sep.p[0]), _mm_set1_epi8(o->quote), _mm_set1_epi8(o->escape)};
}

/* Nothing in the 16 bytes can have a meaning. */
static inline bool is_clean(const Marks *m, __m128i x)
{
    __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(x, m->sep), _mm_cmpeq_epi8(x, m->quote));

    hit = _mm_or_si128(hit, _mm_cmpeq_epi8(x, m->escape));
    hit = _mm_or_si128(hit, _mm_cmpeq_epi8(x, _mm_set1_epi8('\n')));
    hit = _mm_or_si128(hit, _mm_cmpeq_epi8(x, _mm_set1_epi8('\r')));
    return _mm_movemask_epi8(hit) == 0;
}

/* Copies the string if nothing in it can have a meaning. There is room for 16 bytes more. */
static inline bool copy_clean(const Marks *m, const View *v, char *to)
{
    uint32_t n = v->len;

    if (n <= 12) { /* the rest of an inline view is zero */
        __m128i x = _mm_srli_si128(_mm_loadu_si128((const __m128i *)(const void *)v), 4);
        _mm_storeu_si128((__m128i *)(void *)to, x);
        return is_clean(m, x);
    }
    const char *p = v->ptr;
    if (n < 16) {
        uint64_t a, b;
        memcpy(&a, p, 8);
        memcpy(&b, p + n - 8, 8);
        memcpy(to, &a, 8);
        memcpy(to + n - 8, &b, 8);
        return is_clean(m, _mm_set_epi64x((long long)b, (long long)a));
    }
    for (uint32_t i = 0; i + 16 <= n; i += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        _mm_storeu_si128((__m128i *)(void *)(to + i), x);
        if (!is_clean(m, x)) {
            return false;
        }
    }
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(p + n - 16));
    _mm_storeu_si128((__m128i *)(void *)(to + n - 16), x);
    return is_clean(m, x);
}
#else
typedef struct Marks {
    char sep, quote, escape;
} Marks;

static inline Marks marks_of(const CsvOptions *o)
{
    return (Marks){o->sep.p[0], o->quote, o->escape};
}

static inline bool copy_clean(const Marks *m, const View *v, char *to)
{
    const char *p = view_ptr(v);

    for (uint32_t i = 0; i < v->len; i++) {
        char c = p[i];
        if (c == m->sep || c == m->quote || c == m->escape || c == '\n' || c == '\r') {
            return false;
        }
        to[i] = c;
    }
    return true;
}
#endif

/* ---- rows ---- */

static char *room(StrBuf *out, char *p, size_t n)
{
    out->n = (size_t)(p - out->p);
    strbuf_reserve(out, n);
    return out->p + out->n;
}

static char *write_odd(CsvWriter *w, char *p, Str s, bool first)
{
    w->out->n = (size_t)(p - w->out->p);
    put_odd(w, s, false, first, w->out);
    return room(w->out, w->out->p + w->out->n, FIXED_MAX + 16);
}

static inline char *write_string(CsvWriter *w, const Marks *m, char *p, const Cell *c, uint32_t i,
                                 bool first)
{
    const View *v = &((const View *)c->data)[i & c->mask];
    uint32_t n = v->len;

    if (n == 0) {
        p = room(w->out, p, c->empty.n + FIXED_MAX + 16);
        memcpy(p, c->empty.p, c->empty.n);
        return p + c->empty.n;
    }
    if ((size_t)(w->out->p + w->out->cap - p) < (size_t)n + FIXED_MAX + 32) {
        p = room(w->out, p, (size_t)n + FIXED_MAX + 32);
    }
    const char *s = view_ptr(v);
    if (__builtin_expect((unsigned char)s[0] <= ' ' || (unsigned char)s[n - 1] <= ' ' ||
                             (first && s[0] == w->o->comment) || !w->simple_ends ||
                             w->o->quote_all || !copy_clean(m, v, p),
                         0)) {
        return write_odd(w, p, view_str(v), first);
    }
    return p + n;
}

/* A value that takes FIXED_MAX bytes at most. */
static inline char *write_fixed(CsvWriter *w, char *p, const Cell *c, uint32_t r)
{
    switch (c->kind) {
    case CELL_BOOLEAN: {
        bool b = ((const uint8_t *)c->data)[r] != 0;
        memcpy(p, b ? "true " : "false", 5);
        return p + (b ? 4 : 5);
    }
    case CELL_BYTE:
        return put_long(p, ((const int8_t *)c->data)[r]);
    case CELL_SHORT:
        return put_long(p, ((const int16_t *)c->data)[r]);
    case CELL_INT:
        return put_long(p, ((const int32_t *)c->data)[r]);
    case CELL_LONG:
        return put_long(p, ((const int64_t *)c->data)[r]);
    default:
        return put_date(w, p, ((const int32_t *)c->data)[r]);
    }
}

static fb_status write_text(CsvWriter *w, char **p, const Cell *c, uint32_t i, bool first,
                            fb_error *err)
{
    strbuf_clear(&w->text);
    TRY(put_text(w, c->v, i, &w->text, err));
    if (c->kind == CELL_TEXT) {
        *p = write_odd(w, *p, strbuf_str(&w->text), first);
        return FB_OK;
    }
    *p = room(w->out, *p, w->text.n + FIXED_MAX + 16);
    memcpy(*p, w->text.p, w->text.n);
    *p += w->text.n;
    return FB_OK;
}

static inline fb_status write_row(CsvWriter *w, const Marks *m, uint32_t i, char **at,
                                  fb_error *err)
{
    char *p = *at;
    size_t offset = (size_t)(p - w->out->p);
    Str sep = w->o->sep;

    for (uint32_t k = 0; k < w->n_cells; k++) {
        const Cell *c = &w->cell[k];
        uint32_t r = i & c->mask;
        if ((size_t)(w->out->p + w->out->cap - p) < FIXED_MAX + 16 + sep.n + c->null.n) {
            p = room(w->out, p, FIXED_MAX + 16 + sep.n + c->null.n);
        }
        if (k > 0 && sep.n == 1) {
            *p++ = *sep.p;
        } else if (k > 0) {
            memcpy(p, sep.p, sep.n);
            p += sep.n;
        }
        if (c->valid && !(c->valid[r >> 6] >> (r & 63) & 1)) {
            memcpy(p, c->null.p, c->null.n);
            p += c->null.n;
        } else if (c->kind == CELL_STRING) {
            p = write_string(w, m, p, c, i, k == 0);
        } else if (c->kind < CELL_STRING) {
            p = write_fixed(w, p, c, r);
        } else {
            TRY(write_text(w, &p, c, i, k == 0, err));
        }
    }
    if (p > w->out->p + offset) { /* empty lines are left out */
        p = room(w->out, p, w->line_end.n + FIXED_MAX);
        memcpy(p, w->line_end.p, w->line_end.n);
        p += w->line_end.n;
    }
    *at = p;
    return FB_OK;
}

static fb_status write_rows(CsvWriter *w, const Batch *b, fb_error *err)
{
    Marks m = marks_of(w->o);
    char *p = room(w->out, w->out->p + w->out->n, (size_t)b->n_rows * 32 + FIXED_MAX + 16);

    for (uint32_t i = 0; i < b->n_rows; i++) {
        TRY(write_row(w, &m, i, &p, err));
    }
    w->out->n = (size_t)(p - w->out->p);
    w->out->p[w->out->n] = '\0';
    return FB_OK;
}

/* ---- preparing ---- */

static CellKind kind_of(const CsvWriter *w, const Type *t)
{
    static const CellKind kinds[] = {
        [T_BOOLEAN] = CELL_BOOLEAN, [T_BYTE] = CELL_BYTE,
        [T_SHORT] = CELL_SHORT,     [T_INT] = CELL_INT,
        [T_LONG] = CELL_LONG,       [T_FLOAT] = CELL_PLAIN,
        [T_DOUBLE] = CELL_PLAIN,    [T_DECIMAL] = CELL_PLAIN,
        [T_TIMESTAMP] = CELL_PLAIN, [T_TIMESTAMP_NTZ] = CELL_PLAIN,
    };

    if (t->id == T_STRING) {
        return CELL_STRING;
    }
    if (!w->plain || t->id > T_TIMESTAMP_NTZ || t->id == T_BINARY ||
        (t->id == T_TIMESTAMP && w->o->ts_format) ||
        (t->id == T_TIMESTAMP_NTZ && w->o->ts_ntz_format)) {
        return CELL_TEXT;
    }
    if (t->id == T_DATE) {
        return w->o->date_format ? CELL_TEXT : CELL_DATE;
    }
    return kinds[t->id];
}

/* Whether numbers, dates and the like can be written without a look at their characters. */
static bool are_numbers_plain(const CsvWriter *w)
{
    const CsvOptions *o = w->o;
    const char marks[] = {o->sep.p[0], o->quote, o->escape, o->comment};

    if (o->quote_all || !w->simple_ends) {
        return false;
    }
    for (size_t i = 0; i < sizeof(marks); i++) {
        if (marks[i] != '\0' && strchr("0123456789+-.:TZENaIefilnrstuy", marks[i])) {
            return false;
        }
    }
    return true;
}

static Str special_text(CsvWriter *w, bool is_null, bool first)
{
    StrBuf text = {0};

    put_odd(w, (Str){"", 0}, is_null && !w->o->null_is_empty, first, &text);
    if (is_null && w->o->null_is_empty) {
        strbuf_clear(&text);
        put_odd(w, w->o->null_value, false, first, &text);
    }
    return strbuf_bytes(&text, &w->arena);
}

static bool has_type(const Type *t, TypeId id)
{
    bool found = t->id == id;

    for (uint32_t i = 0; i < t->n_fields && !found; i++) {
        found = has_type(t->fields[i].type, id);
    }
    return found;
}

static fb_status compile(const char *pattern, const char *otherwise, const TimeZone *tz,
                         DateFmt **ret, fb_error *err)
{
    return datefmt_compile(str_of(pattern ? pattern : otherwise), DATEFMT_FORMAT, tz, ret, err);
}

static fb_status writer_init(CsvWriter *w, const CsvOptions *o, const Type *schema,
                             const TimeZone *tz, StrBuf *out, fb_error *err)
{
    *w = (CsvWriter){.o = o, .tz = o->tz ? o->tz : tz, .out = out};
    w->line_end = str_of(o->line_sep ? o->line_sep : "\n");
    w->simple_ends = true;
    for (size_t i = 0; i < w->line_end.n; i++) {
        w->simple_ends &= w->line_end.p[i] == '\n' || w->line_end.p[i] == '\r';
    }
    w->plain = are_numbers_plain(w);
    if (has_type(schema, T_DATE)) {
        TRY(compile(o->date_format, DATEFMT_DEFAULT_DATE, tz_utc(), &w->date, err));
    }
    if (has_type(schema, T_TIMESTAMP)) {
        int32_t offset;
        TRY(compile(o->ts_format, DATEFMT_CSV_JSON_TS, w->tz, &w->ts, err));
        if (!o->ts_format && (!tz_is_fixed(w->tz, &offset) || offset % 60 != 0)) {
            TRY(compile(OLD_TS, OLD_TS, w->tz, &w->ts_old, err));
        }
    }
    if (has_type(schema, T_TIMESTAMP_NTZ)) {
        TRY(compile(o->ts_ntz_format, DATEFMT_CSV_JSON_TS_NTZ, tz_utc(), &w->ts_ntz, err));
    }
    return FB_OK;
}

static void writer_free(CsvWriter *w)
{
    datefmt_free(w->date);
    datefmt_free(w->ts);
    datefmt_free(w->ts_old);
    datefmt_free(w->ts_ntz);
    strbuf_free(&w->text);
    strbuf_free(&w->field);
    arena_free(&w->arena);
}

static void make_cells(CsvWriter *w, const Type *schema, const Vec *col)
{
    static const uint64_t none = 0; /* of void: every row is null */

    w->n_cells = schema->n_fields;
    w->cell = ARENA_ARRAY(&w->arena, Cell, w->n_cells);
    for (uint32_t k = 0; k < w->n_cells; k++) {
        const Vec *v = &col[k];
        w->cell[k] = (Cell){.kind = kind_of(w, v->type),
                            .v = v,
                            .valid = v->valid,
                            .data = v->data,
                            .mask = vec_mask(v)};
        if (v->type->id == T_NULL) {
            w->cell[k].valid = &none;
            w->cell[k].mask = 0;
        }
        w->cell[k].null = k < 2 ? special_text(w, true, k == 0) : w->cell[1].null;
        w->cell[k].empty = k < 2 ? special_text(w, false, k == 0) : w->cell[1].empty;
    }
}

/* The name as the writer takes it: quotes ' around it are dropped, and no name is two of them. */
static Str header_name(Arena *a, const char *name)
{
    Str s = str_text(a, name), t = s;

    while (t.n > 0 && (unsigned char)*t.p <= ' ') {
        t.p++;
        t.n--;
    }
    while (t.n > 0 && (unsigned char)t.p[t.n - 1] <= ' ') {
        t.n--;
    }
    if (t.n > 2 && *t.p == '\'' && t.p[t.n - 1] == '\'') {
        return (Str){s.p + 1, s.n - 2};
    }
    return s.n == 0 ? STR_LIT("''") : s;
}

static void put_header(CsvWriter *w, const Type *schema)
{
    size_t before = w->out->n;

    for (uint32_t k = 0; k < schema->n_fields; k++) {
        if (k > 0) {
            strbuf_append(w->out, w->o->sep.p, w->o->sep.n);
        }
        put_odd(w, header_name(&w->arena, schema->fields[k].name), false, k == 0, w->out);
    }
    if (w->out->n > before) {
        strbuf_append(w->out, w->line_end.p, w->line_end.n);
    }
}

fb_status csv_write(const void *options, const Type *schema, const Batch *b, bool first,
                    const struct TimeZone *tz, StrBuf *out, fb_error *err)
{
    CsvWriter w;

    fb_status st = writer_init(&w, options, schema, tz, out, err);
    if (st == FB_OK) {
        if (first && w.o->header) {
            put_header(&w, schema);
        }
        make_cells(&w, schema, b->col);
        st = write_rows(&w, b, err);
    }
    writer_free(&w);
    return st;
}

fb_status csv_write_empty(const void *options, const Type *schema, StrBuf *out, fb_error *err)
{
    CsvWriter w;

    fb_status st = writer_init(&w, options, schema, tz_utc(), out, err);
    if (st == FB_OK && w.o->header) {
        put_header(&w, schema);
    }
    writer_free(&w);
    return st;
}

/* ---- texts of structs ---- */

typedef struct ValueWriter {
    CsvWriter w;
    StrBuf out;
} ValueWriter;

fb_status csv_writer_new(const void *options, const Type *type, const struct TimeZone *tz,
                         void **ret, fb_error *err)
{
    ValueWriter *v = mem_zalloc(sizeof(*v));

    fb_status st = writer_init(&v->w, options, type, tz, &v->out, err);
    if (st != FB_OK) {
        csv_writer_free(v);
        return st;
    }
    *ret = v;
    return FB_OK;
}

void csv_writer_free(void *writer)
{
    ValueWriter *v = writer;

    writer_free(&v->w);
    strbuf_free(&v->out);
    mem_free(v);
}

fb_status csv_write_values(void *writer, const Vec *values, uint32_t n, Arena *a, Vec *out,
                           fb_error *err)
{
    ValueWriter *v = writer;
    CsvWriter *w = &v->w;
    size_t *end = arena_alloc(a, mem_mul(n + 1, sizeof(*end))), checked = 0;

    arena_reset(&w->arena);
    strbuf_clear(&v->out);
    make_cells(w, values->type, values->child);
    Marks m = marks_of(w->o);
    char *p = room(&v->out, v->out.p, FIXED_MAX + 16);
    for (uint32_t i = 0; i < n; i++) {
        size_t at = (size_t)(p - v->out.p);
        if (vec_is_valid(values, i)) {
            TRY(write_row(w, &m, i, &p, err));
            p -= p > v->out.p + at ? w->line_end.n : 0; /* the end of the line */
        }
        end[i] = (size_t)(p - v->out.p);
        TRY(text_check(a, end[i], &checked, err));
    }
    v->out.n = (size_t)(p - v->out.p);
    text_column(values, end, n, &v->out, a, out);
    for (uint32_t i = 0; i < n; i++) {
        if (VEC_DATA(View, out)[i].len == 0) {
            vec_set_null(out, a, i);
        }
    }
    return FB_OK;
}
