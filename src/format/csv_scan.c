/*
 * csv_scan.c - lines of simple fields to blocks, as fast as memory goes.
 *
 * 64 bytes at a time, one bit mask says where separators and ends of lines are; a field is what is
 * between two of its bits. A field that begins with a quote is simple when no escaped or unescaped
 * quote is in it: it ends at the next quote, and a separator or the end of the line follows. A line
 * where anything else is met is given back untouched, to be taken apart by csv_split.c: both give
 * the same fields where both can.
 *
 * Scanning needs 64 readable bytes behind each place it looks at; it stops where the window of the
 * LineReader does not have them.
 */
#include "format/csv_scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef struct Scan {
    const CsvOptions *o;
    const CsvLayout *layout;
    CsvBlock *b;
    const char *end; /* 64 bytes can be read from here */
    char sep, quote, escape, ee;
#ifdef __SSE2__
    __m128i vsep, vquote, vescape, vee;
#endif
} Scan;

/* ---- masks ---- */

#ifdef __SSE2__
/* Bit i: p[i] is a separator or ends a line. *high gets bits of bytes that are not ASCII. */
static inline uint64_t mark_mask(const Scan *s, const char *p, uint64_t *high)
{
    const __m128i nl = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
    uint64_t m = 0;
    unsigned h = 0;

    for (unsigned k = 0; k < 4; k++) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * k));
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(x, nl), _mm_cmpeq_epi8(x, cr));
        hit = _mm_or_si128(hit, _mm_cmpeq_epi8(x, s->vsep));
        m |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << (16 * k);
        h |= (unsigned)_mm_movemask_epi8(x);
    }
    *high |= h;
    return m;
}

/* Bit i of 16: p[i] is a quote, an escape, what escapes it, or ends a line. */
static inline unsigned quote_mask(const Scan *s, const char *p)
{
    const __m128i nl = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(x, nl), _mm_cmpeq_epi8(x, cr));

    hit = _mm_or_si128(hit, _mm_cmpeq_epi8(x, s->vquote));
    hit = _mm_or_si128(hit, _mm_cmpeq_epi8(x, s->vescape));
    hit = _mm_or_si128(hit, _mm_cmpeq_epi8(x, s->vee));
    return (unsigned)_mm_movemask_epi8(hit);
}
#else
static inline uint64_t mark_mask(const Scan *s, const char *p, uint64_t *high)
{
    uint64_t m = 0;

    for (unsigned i = 0; i < 64; i++) {
        m |= (uint64_t)(p[i] == s->sep || p[i] == '\n' || p[i] == '\r') << i;
        *high |= (unsigned char)p[i] & 0x80u;
    }
    return m;
}

static inline unsigned quote_mask(const Scan *s, const char *p)
{
    unsigned m = 0;

    for (unsigned i = 0; i < 16; i++) {
        bool hit =
            p[i] == s->quote || p[i] == s->escape || p[i] == s->ee || p[i] == '\n' || p[i] == '\r';
        m |= (unsigned)hit << i;
    }
    return m;
}
#endif

/* ---- fields ---- */

static inline bool ends_line(char c)
{
    return c == '\n' || c == '\r';
}

/* The closing quote of the field that begins behind the opening one at p; NULL: it is not simple.
 */
static const char *closing_quote(const Scan *s, const char *p)
{
    /* What the parser takes for something else in the last field of a line. */
    bool escapes = s->escape == '\0' && p[1] == s->quote;

    if (s->quote == '\0') {
        return NULL; /* it has odd ways in the parser */
    }
    for (const char *base = p + 1; base < s->end; base += 16) {
        for (unsigned m = quote_mask(s, base); m != 0; m &= m - 1) {
            const char *q = base + __builtin_ctz(m);
            if (q >= s->end || ends_line(*q)) {
                return NULL;
            }
            if (*q == s->quote) {
                bool good = q[-1] != s->escape && (q[1] == s->sep || (ends_line(q[1]) && !escapes));
                return good ? q : NULL;
            }
            if (*q == s->escape && (q[1] == s->quote || q[1] == s->ee)) {
                return NULL;
            }
            escapes |= *q != s->escape || *q == '\0';
        }
    }
    return NULL;
}

static void fill_missing(const CsvLayout *layout, uint32_t from, uint32_t row)
{
    for (uint32_t k = from; k < layout->n_file; k++) {
        layout->column[k][row] = (CsvField){NULL, 0};
    }
}

/* A line into record b->n; the start of the next one, or NULL: the line is not for us. */
static inline const char *scan_line(const Scan *s, const char *line)
{
    const CsvLayout *layout = s->layout;
    uint32_t k = 0, row = s->b->n, n_file = layout->n_file;
    const char *start = line, *base = line, *at;
    uint64_t high = 0;

    if ((unsigned char)*line <= ' ' || (s->o->has_comment && *line == s->o->comment)) {
        return NULL;
    }
    uint64_t m = mark_mask(s, base, &high);
    for (;;) {
        CsvField f;
        if (__builtin_expect(*start == s->quote, 0)) {
            const char *close = closing_quote(s, start);
            if (!close || close + 1 >= s->end) {
                return NULL;
            }
            f = (CsvField){start + 1, (uint32_t)(close - start - 1)};
            if (f.n == 0) {
                f = (CsvField){s->o->empty_value.p, (uint32_t)s->o->empty_value.n};
            }
            high |= (uint64_t)(close + 1 >= base + 64) << 63; /* bytes were passed unseen */
            at = base = close + 1;
            m = mark_mask(s, base, &high) & (UINT64_MAX - 1);
        } else {
            while (m == 0) {
                base += 64;
                if (base >= s->end) {
                    return NULL;
                }
                m = mark_mask(s, base, &high);
            }
            at = base + __builtin_ctzll(m);
            m &= m - 1;
            f = (CsvField){at == start ? NULL : start, (uint32_t)(at - start)};
        }
        if (k < n_file) {
            layout->column[k][row] = f;
        }
        k++;
        if (*at != s->sep) {
            break;
        }
        start = at + 1;
    }
    size_t n = (size_t)(at - line);
    if (n > INT32_MAX || k > s->o->max_columns || (high != 0 && !csv_is_utf8(line, n))) {
        return NULL;
    }
    if (__builtin_expect(k != n_file, 0)) {
        fill_missing(layout, k, row);
        s->b->miscount[row / 64] |= (uint64_t)layout->count << (row % 64);
    }
    s->b->record[row] = (CsvField){line, (uint32_t)n};
    return at + 1 + (*at == '\r' && at[1] == '\n');
}

bool csv_can_scan(const CsvOptions *o)
{
    char sep = o->sep.p[0];

    return o->sep.n == 1 && !ends_line(sep) && o->quote != sep && !ends_line(o->quote) &&
           !o->line_sep && !o->trim_leading && !o->trim_trailing && o->max_chars < 0 &&
           o->unescaped != CSV_BACK_TO_DELIMITER;
}

void csv_scan(const CsvOptions *o, const CsvLayout *layout, LineReader *l, CsvBlock *b)
{
    Scan s = {.o = o, .layout = layout, .b = b, .sep = o->sep.p[0], .quote = o->quote};
    const char *end = l->end, *line = l->p;

    s.escape = o->escape;
    s.ee = o->escape_escape;
#ifdef __SSE2__
    s.vsep = _mm_set1_epi8(s.sep);
    s.vquote = _mm_set1_epi8(s.quote);
    s.vescape = _mm_set1_epi8(s.escape);
    s.vee = _mm_set1_epi8(s.ee);
#endif
    if (end - line <= 64) {
        return;
    }
    s.end = end - 64;
    while (b->n < b->cap && line < s.end && line < l->stop) {
        const char *next = scan_line(&s, line);
        if (!next) {
            break;
        }
        line = next;
        b->n++;
    }
    if (line != l->p) {
        l->p = line;
        l->scanned = 0;
    }
}

/* ---- UTF-8 ---- */

int32_t csv_code_point(const char *p, size_t n, size_t *ret_n)
{
    const unsigned char *u = (const unsigned char *)p;
    unsigned c = u[0], low = 0x80, high = 0xBF;
    size_t need = c < 0xC2 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : c < 0xF5 ? 3 : 0;
    unsigned code = c & (0x3Fu >> need);

    *ret_n = 1;
    if (c < 0x80) {
        return (int32_t)c;
    }
    low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : low;
    high = c == 0xF4 ? 0x8F : high;
    for (size_t k = 1; k <= need; k++) {
        if (k >= n || u[k] < low || u[k] > high) {
            return -1;
        }
        code = code << 6 | (u[k] & 0x3F);
        *ret_n = k + 1;
        low = 0x80;
        high = 0xBF;
    }
    return need == 0 || (code >= 0xD800 && code < 0xE000) ? -1 : (int32_t)code;
}

bool csv_is_utf8(const char *p, size_t n)
{
    size_t i = 0, k;

    while (i < n) {
        uint64_t x;
        if (n - i >= 8) {
            memcpy(&x, p + i, 8);
            if ((x & UINT64_C(0x8080808080808080)) == 0) {
                i += 8;
                continue;
            }
        }
        if (csv_code_point(p + i, n - i, &k) < 0) {
            return false;
        }
        i += k;
    }
    return true;
}

Str csv_repaired(Str s, Arena *a)
{
    StrBuf out = {0};
    size_t k;

    strbuf_reserve(&out, s.n + s.n / 8);
    for (size_t i = 0; i < s.n; i += k) {
        if (csv_code_point(s.p + i, s.n - i, &k) < 0) {
            strbuf_append(&out, "\xEF\xBF\xBD", 3);
        } else {
            strbuf_append(&out, s.p + i, k);
        }
    }
    size_t n = out.n;
    char *copy = arena_zalloc(a, n + LINES_PADDING);
    if (n > 0) {
        memcpy(copy, out.p, n);
    }
    strbuf_free(&out);
    return (Str){copy, n};
}
