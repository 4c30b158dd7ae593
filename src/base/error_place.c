/*
 * error_place.c - where in a SQL text an error lies, and how that is shown.
 *
 * Positions come in bytes and are shown as Spark counts them, in code points: lines from 1, columns
 * from 0 (from 1 in a summary). Spark has three forms, by class of exception:
 *
 *   parse      "\n<message> (line 2, pos 5)\n\n== SQL ==\n", the lines up to the one at fault, a
 * line of dashes that ends in "^^^", the other lines analysis   "<message>; line 2 pos 5" others
 * "<message>\n" and the summary: "== SQL (line 2, position 6) ==", each line that the fragment
 * touches with "^" under its part of it; on the first and the last of them at most SUMMARY_AROUND
 * characters around the fragment, then "..."
 *
 * Ownership and threads: as error.c.
 */
#include "base/error.h"

#include <limits.h>

#define SUMMARY_AROUND 32

static bool starts_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

/* Characters in sql[from, to); bytes that continue one are not counted. */
static int count_characters(Str sql, size_t from, size_t to)
{
    int n = 0;
    for (size_t i = from; i < to; i++) {
        n += starts_character(sql.p[i]);
    }
    return n;
}

static void repeat(StrBuf *b, char c, int n)
{
    for (; n > 0; n--) {
        strbuf_putc(b, c);
    }
}

static size_t line_start(Str sql, size_t at)
{
    while (at > 0 && sql.p[at - 1] != '\n') {
        at--;
    }
    return at;
}

/* Goes back from at by at most n characters, to no less than floor. */
static size_t back_characters(Str sql, size_t at, size_t floor, int n)
{
    for (; at > floor && n > 0; n--) {
        do {
            at--;
        } while (at > floor && !starts_character(sql.p[at]));
    }
    return at;
}

static size_t forward_characters(Str sql, size_t at, size_t ceiling, int n)
{
    for (; at < ceiling && n > 0; n--) {
        do {
            at++;
        } while (at < ceiling && !starts_character(sql.p[at]));
    }
    return at;
}

/* What a summary shows: sql[from, to), of which [start, stop) is the fragment. */
typedef struct Excerpt {
    Str sql;
    size_t from, start, stop, to;
    bool cut_left, cut_right; /* "..." for what the line has beyond */
} Excerpt;

static Excerpt make_excerpt(Str sql, size_t start, size_t stop)
{
    size_t line = line_start(sql, start);
    size_t end = stop;
    while (end < sql.n && sql.p[end] != '\n') {
        end++;
    }
    return (Excerpt){
        .sql = sql,
        .from = back_characters(sql, start, line, SUMMARY_AROUND),
        .start = start,
        .stop = stop,
        .to = forward_characters(sql, stop, end, SUMMARY_AROUND),
        .cut_left = count_characters(sql, line, start) >= SUMMARY_AROUND,
        .cut_right = count_characters(sql, stop, end) >= SUMMARY_AROUND,
    };
}

/* One line of the excerpt, [at, end), and its marks. */
static void append_marked(StrBuf *b, const Excerpt *x, size_t at, size_t end)
{
    bool cut_left = x->cut_left && at == x->from;
    bool cut_right = x->cut_right && end == x->to;
    size_t mark = x->start > at ? x->start : at;
    size_t mark_end = x->stop < end ? x->stop : end;
    strbuf_puts(b, cut_left ? "..." : "");
    strbuf_append(b, x->sql.p + at, end - at);
    strbuf_puts(b, cut_right ? "...\n" : "\n");
    repeat(b, ' ', cut_left ? 3 : 0);
    repeat(b, ' ', count_characters(x->sql, at, mark));
    repeat(b, '^', count_characters(x->sql, mark, mark_end));
    strbuf_putc(b, '\n');
}

/* The end of the line that starts at at, or limit. */
static size_t line_end(Str sql, size_t at, size_t limit)
{
    const char *newline = at < limit ? memchr(sql.p + at, '\n', limit - at) : NULL;
    return newline != NULL ? (size_t)(newline - sql.p) : limit;
}

static char *make_summary(const fb_error *e, Str sql)
{
    Excerpt x = make_excerpt(sql, (size_t)e->start, (size_t)e->stop);
    StrBuf b = {0};
    strbuf_printf(&b, "== SQL (line %d, position %d) ==\n", e->line, e->column + 1);
    for (size_t at = x.from, end; at <= x.to; at = end + 1) {
        end = line_end(sql, at, x.to);
        append_marked(&b, &x, at, end);
    }
    return strbuf_take(&b);
}

/* A parser's error shows the whole statement, without the empty lines at its end. */
static char *make_parse_summary(const fb_error *e, Str sql)
{
    StrBuf b = {0};
    int line = 0;
    size_t n = sql.n;
    while (n > 0 && sql.p[n - 1] == '\n') {
        n--;
    }
    strbuf_puts(&b, "== SQL ==\n");
    for (size_t at = 0, end; at <= n; at = end + 1) {
        end = line_end(sql, at, n);
        strbuf_append(&b, sql.p + at, end - at);
        strbuf_putc(&b, '\n');
        line++;
        if (line == e->line || (end == n && line < e->line)) {
            repeat(&b, '-', e->column);
            strbuf_puts(&b, "^^^\n");
        }
    }
    return strbuf_take(&b);
}

/* Where the text stops being SQL there is a point to show; what is SQL but means nothing has an
 * extent. */
static bool is_point(const fb_error *e)
{
    static const ErrId points[] = {ERR_PARSE_SYNTAX_ERROR, ERR_PARSE_EMPTY_STATEMENT,
                                   ERR_UNCLOSED_BRACKETED_COMMENT, ERR_INVALID_IDENTIFIER,
                                   ERR_FAILED_TO_PARSE_TOO_COMPLEX};
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        if (e->id == points[i]) {
            return true;
        }
    }
    return err_class(e->id) == EC_PARSE && e->start == e->stop;
}

void err_where(fb_error *e, int start, int stop, Str sql)
{
    if (e == NULL || !err_is_set(e) || e->start >= 0 || start < 0 || stop < start) {
        return;
    }
    e->start = start;
    e->stop = stop;
    if (sql.p == NULL || (size_t)stop > sql.n || sql.n > INT_MAX / 4) {
        return;
    }
    size_t from = (size_t)start;
    size_t to = (size_t)stop;
    StrBuf fragment = {0};
    strbuf_append(&fragment, sql.p + from, to - from);
    e->fragment = strbuf_take(&fragment);
    e->line = 1;
    for (size_t i = 0; i < from; i++) {
        e->line += sql.p[i] == '\n';
    }
    e->column = count_characters(sql, line_start(sql, from), from);
    e->first = count_characters(sql, 0, from);
    e->last = e->first + count_characters(sql, from, to) - 1;
    e->point = is_point(e);
    e->summary = e->point ? make_parse_summary(e, sql) : make_summary(e, sql);
}

void err_unplace(fb_error *e)
{
    mem_free(e->fragment);
    mem_free(e->summary);
    e->fragment = e->summary = NULL;
    e->start = e->stop = -1;
    e->line = e->column = e->first = e->last = 0;
    e->point = false;
}

char *err_text(const fb_error *e, Arena *a)
{
    if (!err_is_set(e) || e->message == NULL) {
        return arena_strdup(a, "");
    }
    if (e->summary == NULL) {
        return arena_strdup(a, e->message);
    }
    switch (err_class(e->id)) {
    case EC_PARSE:
        return e->point ? arena_printf(a, "\n%s (line %d, pos %d)\n\n%s", e->message, e->line,
                                       e->column, e->summary)
                        : arena_printf(a, "\n%s\n%s", e->message, e->summary);
    case EC_ANALYSIS:
        return arena_printf(a, "%s; line %d pos %d", e->message, e->line, e->column);
    default:
        return arena_printf(a, "%s\n%s", e->message, e->summary);
    }
}
