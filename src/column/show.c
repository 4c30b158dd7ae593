/*
 * show.c - drawing of tables, after Dataset.showString of Spark 4.3.
 */
#include "column/show.h"

#include "column/timezone.h"

#include <inttypes.h>
#include <stdio.h>

#define MIN_WIDTH 3

/* ---- characters ---- */

/* Decodes one character; malformed bytes count as one each. */
static uint32_t next_char(Str s, size_t *at)
{
    unsigned char c = (unsigned char)s.p[*at];
    size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    if (*at + n > s.n) {
        n = 1;
    }
    uint32_t u = n == 1 ? c : n == 2 ? c & 0x1fu : n == 3 ? c & 0xfu : c & 7u;
    for (size_t i = 1; i < n; i++) {
        u = u << 6 | ((unsigned char)s.p[*at + i] & 0x3f);
    }
    *at += n;
    return u;
}

/* The ranges that Spark's Utils.fullWidthRegex lists. */
static bool is_full_width(uint32_t u)
{
    return (u >= 0x1100 && u <= 0x115f) || (u >= 0x2e80 && u <= 0xa4cf) ||
           (u >= 0xac00 && u <= 0xd7a3) || (u >= 0xf900 && u <= 0xfaff) ||
           (u >= 0xfe30 && u <= 0xfe6f) || (u >= 0xff00 && u <= 0xff60) ||
           (u >= 0xffe0 && u <= 0xffe6);
}

/* Java counts UTF-16 units; a character beyond the BMP is two. */
static size_t java_units(uint32_t u)
{
    return u > 0xffff ? 2 : 1;
}

static size_t width_of(Str s)
{
    size_t w = 0;
    for (size_t at = 0; at < s.n;) {
        uint32_t u = next_char(s, &at);
        w += java_units(u) + is_full_width(u);
    }
    return w;
}

static size_t units_of(Str s)
{
    size_t n = 0;
    for (size_t at = 0; at < s.n;) {
        n += java_units(next_char(s, &at));
    }
    return n;
}

/* Bytes of the first n UTF-16 units. */
static size_t bytes_of_units(Str s, size_t n)
{
    size_t at = 0;
    for (size_t units = 0; at < s.n;) {
        size_t before = at;
        units += java_units(next_char(s, &at));
        if (units > n) {
            return before;
        }
    }
    return at;
}

static void escape_into(Str s, StrBuf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '\n':
            strbuf_puts(out, "\\n");
            break;
        case '\r':
            strbuf_puts(out, "\\r");
            break;
        case '\t':
            strbuf_puts(out, "\\t");
            break;
        case '\f':
            strbuf_puts(out, "\\f");
            break;
        case '\b':
            strbuf_puts(out, "\\b");
            break;
        case '\a':
            strbuf_puts(out, "\\a");
            break;
        case '\v':
            strbuf_puts(out, "\\v");
            break;
        default:
            strbuf_putc(out, s.p[i]);
        }
    }
}

/* ---- cells ---- */

typedef struct Table {
    Arena arena;
    Str *cell;     /* header row, then rows */
    size_t n_rows; /* without the header */
    uint32_t n_cols;
} Table;

static Str make_cell(Arena *a, Str text, int64_t truncate)
{
    StrBuf b = {0};
    escape_into(text, &b);
    Str s = strbuf_str(&b);
    if (truncate > 0 && units_of(s) > (size_t)truncate) {
        size_t units = truncate < 4 ? (size_t)truncate : (size_t)truncate - 3;
        b.n = bytes_of_units(s, units);
        if (units_of((Str){s.p, b.n}) < units) { /* half a character, which Java can't encode */
            strbuf_putc(&b, '?');
        }
        strbuf_puts(&b, truncate < 4 ? "" : "...");
    }
    return strbuf_bytes(&b, a);
}

static Str cell_of(Table *t, const Vec *v, uint32_t i, int64_t truncate, const TimeZone *tz)
{
    StrBuf b = {0};
    if (!vec_is_valid(v, i)) {
        strbuf_puts(&b, "NULL");
    } else {
        vec_value_pretty(v, i, tz, &b);
    }
    Str cell = make_cell(&t->arena, strbuf_str(&b), truncate);
    strbuf_free(&b);
    return cell;
}

static void fill_table(Table *t, const RowSet *rows, int64_t n_rows, int64_t truncate,
                       const TimeZone *tz)
{
    size_t want = n_rows < 0                        ? 0
                  : (uint64_t)n_rows < rows->n_rows ? (size_t)n_rows
                                                    : (size_t)rows->n_rows;
    t->n_cols = rows->schema->n_fields; /* whose names are never cut */
    t->cell = ARENA_ARRAY(&t->arena, Str, mem_mul(want + 1, t->n_cols ? t->n_cols : 1));
    for (uint32_t c = 0; c < t->n_cols; c++) {
        t->cell[c] = make_cell(&t->arena, str_text(&t->arena, rows->schema->fields[c].name), 0);
    }
    for (uint32_t b = 0; b < rows->n_batches && t->n_rows < want; b++) {
        const Batch *batch = &rows->batches[b];
        for (uint32_t i = 0; i < batch->n_rows && t->n_rows < want; i++) {
            t->n_rows++;
            for (uint32_t c = 0; c < t->n_cols; c++) {
                t->cell[t->n_rows * t->n_cols + c] = cell_of(t, &batch->col[c], i, truncate, tz);
            }
        }
    }
}

/* ---- drawing ---- */

static void pad(StrBuf *out, size_t n, char c)
{
    strbuf_reserve(out, n);
    for (size_t i = 0; i < n; i++) {
        strbuf_putc(out, c);
    }
}

static void rule(StrBuf *out, const size_t *width, uint32_t n)
{
    strbuf_putc(out, '+');
    for (uint32_t c = 0; c < n; c++) {
        pad(out, width[c], '-');
        strbuf_putc(out, '+');
    }
    strbuf_putc(out, '\n');
    if (n == 0) {
        out->n--;
        strbuf_puts(out, "+\n");
    }
}

static void draw_row(StrBuf *out, const Table *t, size_t row, const size_t *width, bool right)
{
    strbuf_putc(out, '|');
    for (uint32_t c = 0; c < t->n_cols; c++) {
        Str s = t->cell[row * t->n_cols + c];
        size_t fill = width[c] - width_of(s);
        pad(out, right ? fill : 0, ' ');
        strbuf_append(out, s.p, s.n);
        pad(out, right ? 0 : fill, ' ');
        strbuf_putc(out, '|');
    }
    if (t->n_cols == 0) {
        strbuf_putc(out, '|');
    }
    strbuf_putc(out, '\n');
}

static void draw_table(const Table *t, bool right, StrBuf *out)
{
    Arena a = {0};
    size_t *width = ARENA_ARRAY(&a, size_t, t->n_cols + 1);
    for (uint32_t c = 0; c < t->n_cols; c++) {
        width[c] = MIN_WIDTH;
        for (size_t r = 0; r <= t->n_rows; r++) {
            size_t w = width_of(t->cell[r * t->n_cols + c]);
            width[c] = w > width[c] ? w : width[c];
        }
    }
    rule(out, width, t->n_cols);
    draw_row(out, t, 0, width, right);
    rule(out, width, t->n_cols);
    for (size_t r = 1; r <= t->n_rows; r++) {
        draw_row(out, t, r, width, right);
    }
    rule(out, width, t->n_cols);
    arena_free(&a);
}

/* A block a row: "-RECORD 0---", then "name | value". */
static void draw_vertical(const Table *t, StrBuf *out)
{
    size_t name_w = MIN_WIDTH, value_w = MIN_WIDTH;
    for (uint32_t c = 0; c < t->n_cols; c++) {
        size_t w = width_of(t->cell[c]);
        name_w = w > name_w ? w : name_w;
        for (size_t r = 1; r <= t->n_rows; r++) {
            w = width_of(t->cell[r * t->n_cols + c]);
            value_w = w > value_w ? w : value_w;
        }
    }
    for (size_t r = 0; r < t->n_rows; r++) {
        char head[48];
        int n = snprintf(head, sizeof(head), "-RECORD %zu", r);
        strbuf_append(out, head, (size_t)n);
        size_t total = name_w + value_w + 5;
        pad(out, total > (size_t)n ? total - (size_t)n : 0, '-');
        strbuf_putc(out, '\n');
        for (uint32_t c = 0; c < t->n_cols; c++) {
            Str name = t->cell[c], value = t->cell[(r + 1) * t->n_cols + c];
            strbuf_putc(out, ' ');
            strbuf_append(out, name.p, name.n);
            pad(out, name_w - width_of(name), ' ');
            strbuf_puts(out, " | ");
            strbuf_append(out, value.p, value.n);
            pad(out, value_w - width_of(value), ' ');
            strbuf_puts(out, " \n");
        }
    }
}

void show_rows(const RowSet *rows, int64_t n_rows, int64_t truncate, bool vertical, bool has_more,
               const TimeZone *tz, StrBuf *out)
{
    Table t = {0};
    fill_table(&t, rows, n_rows, truncate, tz);
    if (vertical) {
        draw_vertical(&t, out);
    } else {
        draw_table(&t, truncate > 0, out);
    }
    if (vertical && t.n_rows == 0) {
        strbuf_puts(out, "(0 rows)");
    } else if (has_more) {
        strbuf_printf(out, "only showing top %" PRId64 " row%s", n_rows < 0 ? 0 : n_rows,
                      n_rows == 1 ? "" : "s");
    }
    arena_free(&t.arena);
}

static void html_text(Str s, StrBuf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&':
            strbuf_puts(out, "&amp;");
            break;
        case '<':
            strbuf_puts(out, "&lt;");
            break;
        case '>':
            strbuf_puts(out, "&gt;");
            break;
        case '"':
            strbuf_puts(out, "&quot;");
            break;
        default:
            strbuf_putc(out, s.p[i]);
        }
    }
}

void show_html(const RowSet *rows, int64_t n_rows, int64_t truncate, bool has_more,
               const TimeZone *tz, StrBuf *out)
{
    Table t = {0};
    fill_table(&t, rows, n_rows, truncate, tz);
    strbuf_puts(out, "<table border='1'>\n");
    for (size_t r = 0; r <= t.n_rows; r++) {
        const char *open = r ? "<td>" : "<th>", *close = r ? "</td>" : "</th>";
        strbuf_puts(out, "<tr>");
        for (uint32_t c = 0; c < t.n_cols; c++) {
            strbuf_puts(out, open);
            html_text(t.cell[r * t.n_cols + c], out);
            strbuf_puts(out, close);
        }
        strbuf_puts(out, "</tr>\n");
    }
    strbuf_puts(out, "</table>\n");
    if (has_more) {
        strbuf_printf(out, "only showing top %" PRId64 " row%s\n", n_rows, n_rows == 1 ? "" : "s");
    }
    arena_free(&t.arena);
}
