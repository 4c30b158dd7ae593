/*
 * json_fast.c - lines that look like the line before, straight to the columns.
 *
 * Files of JSON lines are written by programs: line after line has the same fields in the same
 * order with the same spaces. A layout is learned from a line that was read: for each field the
 * bytes between the value before and its own value (`,"date":"`), and what to do with the value.
 * Reading a line is then comparing those bytes sixteen at a time and parsing what stands between by
 * its column's type, without looking for the end of the line first. Whatever differs, a value that
 * is not in its plainest form, an escape, a control character, makes the attempt fail, and the line
 * goes the general way; nothing of the attempt remains but values that the general way overwrites.
 *
 * A few layouts are kept, the last one that fitted first, because files mix a few kinds of lines.
 * When layouts do not fit, fewer and fewer lines are learned from, up to one in 1,024.
 *
 * What is accepted here is a subset of what the other readers accept, with equal values: each
 * string is checked to be UTF-8, each number to be JSON's.
 */
#include "column/decimal.h"
#include "column/number.h"
#include "format/json_priv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define KEY_MAX 112 /* bytes between two values */
#define FIELDS_MAX 256
#define LAYOUTS 4
#define BACKOFF_MAX 10 /* log2 of the lines that are passed over before one is learned from */
#define LOOKAHEAD JSON_LOOKAHEAD
#define NO_COLUMN UINT32_MAX

typedef struct FastField {
    char key[KEY_MAX];           /* zeros behind */
    uint16_t mask[KEY_MAX / 16]; /* which bytes of each sixteen count */
    uint32_t n_key, n_blocks;
    uint32_t column; /* NO_COLUMN: the value is not wanted */
} FastField;

typedef struct FastLayout {
    FastField *field; /* the last one is the end of the line; it has no value */
    uint32_t n, cap;
    uint32_t *absent; /* columns that have no field */
    uint32_t n_absent;
} FastLayout;

struct JsonFast {
    FastLayout layout[LAYOUTS];
    uint32_t order[LAYOUTS]; /* of all; the first n_layouts are good, the last used first */
    uint32_t n_layouts;
    uint32_t backoff, wait;
    uint32_t run;                            /* texts that were read one after the other */
    bool plain_date, plain_ts, plain_ts_ntz; /* no patterns were given */
    bool fixed_zone;
    int64_t zone_us; /* east of UTC */
    uint32_t *seen;  /* scratch of learning: 1 for columns that have a field */
};

/* ---- learning ---- */

static bool is_fast_type(const Type *t)
{
    return t->id >= T_BOOLEAN && t->id <= T_TIMESTAMP_NTZ && t->id != T_BINARY;
}

static bool is_quoted_type(const Type *t)
{
    return t->id == T_STRING || type_is_datetime(t);
}

JsonFast *json_fast_new(JsonReader *r)
{
    int32_t offset = 0;

    for (uint32_t k = 0; k < r->n_col; k++) {
        if (!is_fast_type(r->col[k].node.type)) {
            return NULL;
        }
    }
    JsonFast *f = ARENA_NEW(&r->arena, JsonFast);
    f->plain_date = !r->text.date;
    f->plain_ts = !r->text.ts;
    f->plain_ts_ntz = !r->text.ts_ntz;
    f->fixed_zone = tz_is_fixed(r->text.tz, &offset);
    f->zone_us = offset * US_PER_SECOND;
    f->seen = ARENA_ARRAY(&r->arena, uint32_t, r->n_col);
    for (uint32_t i = 0; i < LAYOUTS; i++) {
        f->order[i] = i;
    }
    return f;
}

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t')) {
        p++;
    }
    return p;
}

/* Behind a value of clean JSON that is no object or array; NULL for those. */
static const char *skip_value(const char *p, const char *end)
{
    if (p < end && *p == '"') {
        for (p++; p < end && *p != '"'; p++) {
            p += *p == '\\';
        }
        return p < end ? p + 1 : NULL;
    }
    if (p < end && (*p == '{' || *p == '[')) {
        return NULL;
    }
    while (p < end && *p != ',' && *p != '}' && *p != ' ' && *p != '\t') {
        p++;
    }
    return p;
}

static bool set_key(FastField *f, const char *p, const char *end, bool add_quote)
{
    size_t n = (size_t)(end - p) + add_quote;

    if (n > KEY_MAX) {
        return false;
    }
    memset(f->key, 0, sizeof(f->key));
    memcpy(f->key, p, (size_t)(end - p));
    if (add_quote) {
        f->key[n - 1] = '"';
    }
    f->n_key = (uint32_t)n;
    f->n_blocks = (uint32_t)(n + 15) / 16;
    for (uint32_t b = 0; b < f->n_blocks; b++) {
        size_t left = n - (size_t)b * 16;
        f->mask[b] = (uint16_t)(left >= 16 ? 0xFFFF : (1u << left) - 1);
    }
    return true;
}

/* One field whose key's bytes begin at p; *pp goes behind its value. false: not for layouts. */
static bool learn_field(JsonReader *r, FastField *f, const char **pp, const char *end)
{
    const char *from = *pp, *p = skip_space(from, end);

    p = skip_space(p + 1, end); /* behind the bracket or comma */
    const char *name = p + 1;
    if (p >= end || *p != '"') {
        return false;
    }
    p = memchr(name, '"', (size_t)(end - name));
    if (!p || memchr(name, '\\', (size_t)(p - name))) {
        return false;
    }
    int64_t k = json_names_find(r->names, (Str){name, (size_t)(p - name)}, UINT32_MAX);
    p = skip_space(p + 1, end);
    p = skip_space(p + 1, end); /* behind the colon */
    f->column = k < 0 ? NO_COLUMN : (uint32_t)k;
    bool quoted = k >= 0 && is_quoted_type(r->col[k].node.type), open = p < end && *p == '"';
    if (p >= end || (k >= 0 && (r->fast->seen[k]++ > 0 || (open != quoted && *p != 'n')))) {
        return false;
    }
    bool ok = set_key(f, from, p + (quoted && open), quoted && !open);
    *pp = skip_value(p, end);
    return ok && *pp;
}

static bool learn_layout(JsonReader *r, FastLayout *l, Str line)
{
    const char *p = line.p, *end = line.p + line.n;

    l->n = 0;
    memset(r->fast->seen, 0, r->n_col * sizeof(*r->fast->seen));
    for (;;) {
        if (l->n + 1 >= l->cap) {
            return false;
        }
        const char *q = skip_space(p, end);
        bool more = q < end && (*q == ',' || (*q == '{' && l->n == 0));
        if (!more) {
            break;
        }
        if (!learn_field(r, &l->field[l->n], &p, end)) {
            return false;
        }
        l->n++;
    }
    const char *q = skip_space(p, end);
    l->field[l->n].column = NO_COLUMN;
    if (l->n == 0 || q >= end || *q != '}' || skip_space(q + 1, end) != end ||
        !set_key(&l->field[l->n], p, end, false)) {
        return false;
    }
    l->n++;
    l->n_absent = 0;
    for (uint32_t k = 0; k < r->n_col; k++) {
        if (r->fast->seen[k] == 0) {
            l->absent[l->n_absent++] = k;
        }
    }
    return true;
}

static void to_front(JsonFast *f, uint32_t i)
{
    uint32_t x = f->order[i];

    memmove(&f->order[1], &f->order[0], i * sizeof(f->order[0]));
    f->order[0] = x;
}

void json_fast_learn(JsonReader *r, Str line)
{
    JsonFast *f = r->fast;

    if (f->wait > 0) {
        f->wait--;
        return;
    }
    f->wait = (1u << f->backoff) - 1;
    f->backoff += f->backoff < BACKOFF_MAX;
    uint32_t slot = f->n_layouts < LAYOUTS ? f->n_layouts : LAYOUTS - 1;
    FastLayout *l = &f->layout[f->order[slot]];
    uint32_t commas = 2;
    for (size_t i = 0; i < line.n && commas < FIELDS_MAX; i++) {
        commas += line.p[i] == ',';
    }
    if (commas >= l->cap) {
        l->cap = commas + 8;
        l->field = ARENA_ARRAY(&r->arena, FastField, l->cap);
        l->absent = ARENA_ARRAY(&r->arena, uint32_t, r->n_col);
    }
    if (learn_layout(r, l, line)) {
        f->n_layouts += slot == f->n_layouts;
        to_front(f, slot);
    } else if (slot < f->n_layouts) {
        f->n_layouts--; /* what was there is gone */
    }
}

/* ---- reading ---- */

static inline bool key_matches(const FastField *f, const char *p)
{
#ifdef __SSE2__
    for (uint32_t b = 0; b < f->n_blocks; b++) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(p + (size_t)b * 16));
        __m128i y = _mm_loadu_si128((const __m128i *)(const void *)(f->key + (size_t)b * 16));
        unsigned m = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y));
        if ((m & f->mask[b]) != f->mask[b]) {
            return false;
        }
    }
    return true;
#else
    return memcmp(p, f->key, f->n_key) == 0;
#endif
}

static inline bool is_null_word(const char *p)
{
    return memcmp(p, "null", 4) == 0;
}

static const uint64_t pow10_u64[] = {UINT64_C(1),
                                     UINT64_C(10),
                                     UINT64_C(100),
                                     UINT64_C(1000),
                                     UINT64_C(10000),
                                     UINT64_C(100000),
                                     UINT64_C(1000000),
                                     UINT64_C(10000000),
                                     UINT64_C(100000000),
                                     UINT64_C(1000000000),
                                     UINT64_C(10000000000),
                                     UINT64_C(100000000000),
                                     UINT64_C(1000000000000),
                                     UINT64_C(10000000000000),
                                     UINT64_C(100000000000000),
                                     UINT64_C(1000000000000000),
                                     UINT64_C(10000000000000000),
                                     UINT64_C(100000000000000000),
                                     UINT64_C(1000000000000000000)};

/* How many of the eight bytes at p are digits before the first that is none, and their number. */
static inline unsigned eight_digits(const char *p, uint64_t *ret)
{
    uint64_t x;

    memcpy(&x, p, 8);
    uint64_t odd = (x & (x + UINT64_C(0x0606060606060606)) & UINT64_C(0xF0F0F0F0F0F0F0F0)) ^
                   UINT64_C(0x3030303030303030);
    unsigned n = odd == 0 ? 8 : (unsigned)__builtin_ctzll(odd) / 8;
    if (n == 0) {
        return 0;
    }
    /* The digits to the end, zeros in front; then pairs, fours and eight are put together. */
    x = (x << (64 - 8 * n)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    x = (x * 10 + (x >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    x = (x * 100 + (x >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    *ret = (x * 10000 + (x >> 32)) & UINT64_C(0xFFFFFFFF);
    return n;
}

/* At most 18 digits; 0: none, or more than that. */
static inline unsigned digits(const char *p, uint64_t *ret)
{
    uint64_t v = 0, more = 0;
    unsigned n = eight_digits(p, &v);

    if (__builtin_expect(n == 8, 0)) {
        unsigned k;
        while ((k = eight_digits(p + n, &more)) > 0) {
            if (n + k > 18) {
                return 0;
            }
            v = v * pow10_u64[k] + more;
            n += k;
        }
    }
    *ret = v;
    return n;
}

/* Behind an integer of JSON. */
static inline const char *fast_integer(const char *p, int64_t *ret)
{
    uint64_t v;
    bool negative = *p == '-';

    p += negative;
    unsigned n = digits(p, &v);
    if (n == 0 || (*p == '0' && n > 1)) {
        return NULL;
    }
    *ret = negative ? -(int64_t)v : (int64_t)v;
    return p + n;
}

/* A number with at most 18 digits: (-1)^negative * digits * 10^exp10. */
typedef struct FastNumber {
    uint64_t digits;
    int32_t exp10;
    bool negative, integer;
} FastNumber;

static inline const char *fast_number(const char *p, FastNumber *ret)
{
    uint64_t v, w, e;

    *ret = (FastNumber){.negative = *p == '-', .integer = true};
    p += ret->negative;
    unsigned n = digits(p, &v);
    if (n == 0 || (*p == '0' && n > 1)) {
        return NULL;
    }
    p += n;
    if (*p == '.') {
        unsigned k = digits(p + 1, &w);
        if (k == 0 || n + k > 18) {
            return NULL;
        }
        v = v * pow10_u64[k] + w;
        ret->exp10 = -(int32_t)k;
        ret->integer = false;
        p += 1 + k;
    }
    if ((*p | 0x20) == 'e') {
        bool minus = p[1] == '-';
        p += 1 + (minus || p[1] == '+');
        unsigned k = digits(p, &e);
        if (k == 0 || k > 3) {
            return NULL;
        }
        ret->exp10 += minus ? -(int32_t)e : (int32_t)e;
        ret->integer = false;
        p += k;
    }
    ret->digits = v;
    return p;
}

static const double pow10_f64[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static inline bool fast_double(const FastNumber *x, double *ret)
{
    if (x->integer && x->digits == 0) {
        *ret = 0; /* an integer's zero has no sign */
        return true;
    }
    /* Both parts are exact, so one division rounds once. */
    if (x->digits <= UINT64_C(1) << 53 && x->exp10 <= 0 && x->exp10 >= -22) {
        double d = (double)x->digits / pow10_f64[-x->exp10];
        *ret = x->negative ? -d : d;
        return true;
    }
    return num_make_f64(x->digits, x->exp10, x->negative, ret);
}

static bool fast_decimal(const FastNumber *x, const Type *t, int128_t *ret)
{
    int32_t up = t->scale + x->exp10;

    if (up < 0 || up > 18) {
        return false;
    }
    int128_t v = (int128_t)x->digits * (int128_t)pow10_u64[up];
    *ret = x->negative ? -v : v;
    return dec_fits(*ret, t->precision);
}

/* Behind the UTF-8 characters at p that are not ASCII; NULL: not UTF-8. */
static const char *skip_utf8(const char *p)
{
    while ((signed char)*p < 0) {
        unsigned a = (unsigned char)p[0], b = (unsigned char)p[1];
        if (a < 0xE0) {
            if (a < 0xC2 || (b & 0xC0) != 0x80) {
                return NULL;
            }
            p += 2;
            continue;
        }
        unsigned c = (unsigned char)p[2];
        if ((b & 0xC0) != 0x80 || (c & 0xC0) != 0x80) {
            return NULL;
        }
        if (a < 0xF0) {
            if ((a == 0xE0 && b < 0xA0) || (a == 0xED && b > 0x9F)) {
                return NULL;
            }
            p += 3;
            continue;
        }
        if (((unsigned char)p[3] & 0xC0) != 0x80 || a > 0xF4 || (a == 0xF0 && b < 0x90) ||
            (a == 0xF4 && b > 0x8F)) {
            return NULL;
        }
        p += 4;
    }
    return p;
}

/* The quote that ends the string whose content begins at p; NULL: it has escapes or control
 * characters, is not UTF-8, or is too near to limit. */
static inline const char *string_end(const char *p, const char *limit)
{
    while (limit - p >= 16) {
#ifdef __SSE2__
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i hit = _mm_or_si128(_mm_cmplt_epi8(x, _mm_set1_epi8(' ')), /* bytes from 0x80 too */
                                   _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
                                                _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'))));
        unsigned m = (unsigned)_mm_movemask_epi8(hit);
        if (m == 0) {
            p += 16;
            continue;
        }
        p += __builtin_ctz(m);
#endif
        if (*p == '"') {
            return p;
        }
        if ((signed char)*p >= 0) {
            if (*p == '\\' || *p < ' ') {
                return NULL;
            }
            p++;
            continue;
        }
        p = skip_utf8(p);
        if (!p) {
            return NULL;
        }
    }
    return NULL;
}

static inline bool two_digits(const char *p, unsigned most, unsigned *ret)
{
    unsigned a = (unsigned)(unsigned char)p[0] - '0', b = (unsigned)(unsigned char)p[1] - '0';

    *ret = a * 10 + b;
    return a <= 9 && b <= 9 && *ret <= most;
}

/* Microseconds of "2024-02-29 10:00:00[.fraction][Z]", with T or a space in the middle. */
static bool fast_local_ts(Str s, int64_t *ret, bool *ret_utc)
{
    unsigned h, m, sec;
    int32_t days;

    if (s.n < 19 || !json_iso_date(s.p, &days) || (s.p[10] != ' ' && s.p[10] != 'T') ||
        !two_digits(s.p + 11, 23, &h) || s.p[13] != ':' || !two_digits(s.p + 14, 59, &m) ||
        s.p[16] != ':' || !two_digits(s.p + 17, 59, &sec)) {
        return false;
    }
    *ret = days * US_PER_DAY + (int64_t)(h * 3600 + m * 60 + sec) * US_PER_SECOND;
    *ret_utc = s.n > 19 && s.p[s.n - 1] == 'Z';
    size_t end = s.n - *ret_utc;
    if (end == 19) {
        return true;
    }
    if (s.p[19] != '.' || end == 20 || end > 26) {
        return false;
    }
    int64_t us = 0, unit = 100000;
    for (size_t i = 20; i < end; i++, unit /= 10) {
        unsigned d = (unsigned)(unsigned char)s.p[i] - '0';
        if (d > 9) {
            return false;
        }
        us += unit * d;
    }
    *ret += us;
    return true;
}

static bool fast_ts(const JsonFast *f, const JsonReader *r, const Type *t, Str s, int64_t *ret)
{
    bool utc;

    if (t->id == T_TIMESTAMP_NTZ) {
        return (f->plain_ts_ntz && fast_local_ts(s, ret, &utc) && !utc) ||
               json_parse_ts_ntz(&r->text, s, ret);
    }
    if (f->plain_ts && fast_local_ts(s, ret, &utc)) {
        if (!utc) {
            *ret = f->fixed_zone ? *ret - f->zone_us : tz_local_to_utc(r->text.tz, *ret);
        }
        return true;
    }
    return json_parse_ts(&r->text, s, ret);
}

static inline void set_null(Vec *v, uint32_t row)
{
    v->valid[row >> 6] &= ~(UINT64_C(1) << (row & 63));
}

/* A value that nobody wants: any string, number or word of clean JSON. */
static const char *pass_value(const char *p, const char *limit)
{
    FastNumber x;

    switch (*p) {
    case '"':
        p = string_end(p + 1, limit);
        return p ? p + 1 : NULL;
    case 't':
        return memcmp(p, "true", 4) == 0 ? p + 4 : NULL;
    case 'n':
        return is_null_word(p) ? p + 4 : NULL;
    case 'f':
        return memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
    default:
        return fast_number(p, &x);
    }
}

/* The integer types and boolean. */
static const char *take_small(const char *p, Vec *v, uint32_t row)
{
    int64_t i = 0;

    if (v->type->id == T_BOOLEAN) {
        bool yes = memcmp(p, "true", 4) == 0;
        if (!yes && memcmp(p, "false", 5) != 0) {
            return NULL;
        }
        VEC_DATA(uint8_t, v)[row] = yes;
        return p + (yes ? 4 : 5);
    }
    p = fast_integer(p, &i);
    if (v->type->id == T_BYTE) {
        VEC_DATA(int8_t, v)[row] = (int8_t)i;
        return i >= INT8_MIN && i <= INT8_MAX ? p : NULL;
    }
    VEC_DATA(int16_t, v)[row] = (int16_t)i;
    return i >= INT16_MIN && i <= INT16_MAX ? p : NULL;
}

static const char *take_fraction(const char *p, Vec *v, uint32_t row)
{
    const char *from = p;
    FastNumber x;
    bool ok;

    p = fast_number(p, &x);
    if (!p) {
        return NULL;
    }
    if (v->type->id == T_DOUBLE) {
        ok = fast_double(&x, &VEC_DATA(double, v)[row]);
    } else if (v->type->id == T_FLOAT) {
        ok = json_parse_float((Str){from, (size_t)(p - from)}, &VEC_DATA(float, v)[row]);
    } else {
        int128_t d = 0;
        ok = fast_decimal(&x, v->type, &d);
        memcpy(VEC_DATA(char, v) + row * sizeof(d), &d, sizeof(d));
    }
    return ok ? p : NULL;
}

/* A string whose opening quote was part of the key. */
static inline const char *take_text(const JsonFast *f, const JsonReader *r, const char *p,
                                    const char *limit, Vec *v, uint32_t row)
{
    TypeId id = v->type->id;

    if (id == T_DATE && f->plain_date && p[10] == '"' &&
        json_iso_date(p, &VEC_DATA(int32_t, v)[row])) {
        return p + 11;
    }
    const char *end = string_end(p, limit);
    if (!end || end - p > JSON_STRING_MAX) {
        return NULL;
    }
    if (id == T_STRING) {
        VEC_DATA(View, v)[row] = view_padded(p, (uint32_t)(end - p));
        return end + 1;
    }
    Str s = {p, (size_t)(end - p)};
    bool ok = id == T_DATE ? json_parse_date(&r->text, s, &VEC_DATA(int32_t, v)[row])
                           : fast_ts(f, r, v->type, s, &VEC_DATA(int64_t, v)[row]);
    return ok && s.n > 0 ? end + 1 : NULL;
}

/* Behind the value at p, which is row's in v. */
static inline const char *take_value(const JsonFast *f, const JsonReader *r, const char *p,
                                     const char *limit, Vec *v, uint32_t row)
{
    int64_t i = 0;

    switch (v->type->id) {
    case T_LONG:
        p = fast_integer(p, &i);
        VEC_DATA(int64_t, v)[row] = i;
        return p;
    case T_INT:
        p = fast_integer(p, &i);
        VEC_DATA(int32_t, v)[row] = (int32_t)i;
        return i == (int32_t)i ? p : NULL;
    case T_STRING:
    case T_DATE:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
        return take_text(f, r, p, limit, v, row);
    case T_FLOAT:
    case T_DOUBLE:
    case T_DECIMAL:
        return take_fraction(p, v, row);
    default:
        return take_small(p, v, row);
    }
}

/* A null where a value was expected; the key of texts has the quote that null has not. */
static const char *take_null(const FastField *f, const char *p, bool quoted)
{
    size_t n = f->n_key - quoted;

    return memcmp(p, f->key, n) == 0 && is_null_word(p + n) ? p + n + 4 : NULL;
}

/* The line at p by one layout; NULL: it is different. */
static const char *read_line(JsonFast *f, JsonReader *r, const FastLayout *l, const char *p,
                             const char *limit, bool any_eol)
{
    const FastField *field = l->field, *last = l->field + l->n - 1;
    uint32_t row = r->row;

    for (; field < last; field++) {
        if (__builtin_expect(limit - p < LOOKAHEAD, 0)) {
            return NULL;
        }
        Vec *v = field->column == NO_COLUMN ? NULL : &r->col[field->column].vec;
        const char *q = NULL;
        if (__builtin_expect(key_matches(field, p), 1)) {
            p += field->n_key;
            q = v ? take_value(f, r, p, limit, v, row) : pass_value(p, limit);
            p -= field->n_key;
        }
        if (__builtin_expect(!q, 0)) {
            q = v ? take_null(field, p, is_quoted_type(v->type)) : NULL;
            if (!q) {
                return NULL;
            }
            set_null(v, row);
        }
        p = q;
    }
    if (limit - p < LOOKAHEAD || !key_matches(last, p)) {
        return NULL;
    }
    p += last->n_key;
    if (*p != '\n') {
        if (!any_eol || *p != '\r') {
            return NULL;
        }
        p += p[1] == '\n';
    }
    for (uint32_t i = 0; i < l->n_absent; i++) {
        set_null(&r->col[l->absent[i]].vec, row);
    }
    return p + 1;
}

/* The line at p by any layout, into the row being built; NULL: none fits, and nothing was done. */
static const char *read_any(JsonFast *f, JsonReader *r, const char *p, const char *limit,
                            bool any_eol)
{
    for (uint32_t i = 0; i < f->n_layouts; i++) {
        const char *next = read_line(f, r, &f->layout[f->order[i]], p, limit, any_eol);
        if (next) {
            if (i > 0) {
                to_front(f, i);
            }
            return next;
        }
        json_forget_row(r); /* nulls that were set */
    }
    return NULL;
}

#define LONG_RUN 8 /* layouts fit: all lines are learned from again */

void json_fast_lines(JsonReader *r, LineReader *lines)
{
    JsonFast *f = r->fast;
    const char *p = lines->p, *limit = lines->end;
    const char *stop = lines->stop < limit ? lines->stop : limit;
    uint32_t from = r->row;

    while (p < stop && r->row < BATCH_ROWS) {
        const char *next = read_any(f, r, p, limit, lines->any_eol);
        if (!next) {
            break;
        }
        p = next;
        r->row++;
    }
    if (r->row - from >= LONG_RUN) {
        f->backoff = f->wait = 0;
    }
    if (p != lines->p) {
        lines->p = p;
        lines->scanned = 0;
    }
}

bool json_fast_text(JsonReader *r, Str text)
{
    JsonFast *f = r->fast;
    const char *end = text.p + text.n;
    const char *next = read_any(f, r, text.p, end + JSON_LOOKAHEAD, false);

    if (next == end + 1) {
        f->run++;
        if (f->run == LONG_RUN) {
            f->backoff = f->wait = 0;
        }
        return true;
    }
    if (next) { /* there is an end of a line inside of the text */
        json_forget_row(r);
    }
    f->run = 0;
    return false;
}
