/*
 * csv_split.c - a record to its fields, by the rules of the univocity parser (2.9.1) with the
 * settings that Spark gives it.
 *
 * What is quoted well is simple: a field that begins with a quote ends at the next quote that a
 * separator follows, and inside it an escape makes a quote a part of the text. The rest of this
 * file is about text that is quoted badly, where only the parser's own steps say what comes out. It
 * is an automaton with one character in hand (ch) and the one before it (prev), and these rules:
 *
 *   - a quote inside a quoted field that neither is escaped nor ends the field is handled by
 *     unescapedQuoteHandling; by default the field is the text up to the next separator, with the
 *     quote in front that had been taken off;
 *   - white space behind the closing quote is dropped, unless text follows;
 *   - an empty quoted field is emptyValue when a separator follows at once, else it is null;
 *   - the end of the text can come anywhere, and the field in work is what was gathered;
 *   - fields that nobody wants are skipped by a simpler scan (skip_quoted());
 *   - with a separator of several characters the automaton is a variant of the first, which goes on
 *     in the first one's ways, without a separator, when text follows a quoted field and a space.
 *
 * Characters are bytes here; a separator of one character that has several bytes counts as the
 * character SEP. An end of a line is the character newline.
 */
#include "format/csv_split.h"

#define SEP 256   /* ch: a separator of several bytes */
#define NOTHING 0 /* ch, prev: none; also the character NUL, as in the parser */

/* The text of the field in work: a piece of the input, or gathered bytes. */
#define GATHER_FREE_BYTES ((size_t)1 << 20)

typedef struct Gather {
    const char *view;
    size_t view_n;
    StrBuf buf;   /* used when view_n is 0 */
    Arena *arena; /* whose quota it asks before it becomes large */
} Gather;

struct CsvSplitter {
    const CsvOptions *o;
    Arena *arena;
    const char *p, *end; /* what is not read */
    const char *record;  /* where the record begins */
    int ch, prev;
    int delim; /* 0 with a separator of several characters */
    int newline;
    char eol1, eol2; /* the end of a line in the text, read as newline; eol1 '\0': none */
    bool unescaped, trim, skip, failed_unescaped, failed_count;
    bool keep_eol; /* ends of lines are text now */
    bool started;  /* a line was split: a byte order mark counts no more */
    bool ended;    /* the end of the text was met: no record follows */
    size_t match;  /* bytes of the separator seen (multi_sep) */
    Gather text, spaces;
    const bool *wanted;
    uint32_t n_wanted;
    CsvField *field;
    uint32_t n, cap;
};

/* ---- gathering ---- */

/* As the readers of fields expect it. */
static const char *copy_padded(Arena *a, const char *p, size_t n)
{
    char *copy = arena_alloc(a, n + CSV_PADDING);

    memcpy(copy, p, n);
    memset(copy + n, 0, CSV_PADDING);
    return copy;
}

static void gather_bytes(Gather *g, const char *p, size_t n)
{
    if (n == 0) {
        return;
    }
    if (g->view_n == 0 && g->buf.n == 0) {
        g->view = p;
        g->view_n = n;
        return;
    }
    if (g->view_n > 0 && g->view + g->view_n == p) {
        g->view_n += n;
        return;
    }
    size_t want = g->buf.n + g->view_n + n;
    if (want > g->buf.cap && want > GATHER_FREE_BYTES &&
        (arena_is_over(g->arena) || !arena_has_room(g->arena, 2 * (want + g->buf.cap)))) {
        return; /* which ends the query */
    }
    if (g->view_n > 0) {
        strbuf_append(&g->buf, g->view, g->view_n);
        g->view_n = 0;
    }
    strbuf_append(&g->buf, p, n);
}

static Str gathered(const Gather *g)
{
    return g->view_n > 0 ? (Str){g->view, g->view_n} : strbuf_str(&g->buf);
}

static void gather_clear(Gather *g)
{
    g->view_n = 0;
    strbuf_clear(&g->buf);
}

/* The bytes of a character; those of single ones are constant, for views. */
static Str char_bytes(const CsvSplitter *s, int c)
{
    static const char all[256 + CSV_PADDING] = {
#define ROW(x) x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, x + 7
        ROW(0),         ROW(8),         ROW(16),        ROW(24),        ROW(32),
        ROW(40),        ROW(48),        ROW(56),        ROW(64),        ROW(72),
        ROW(80),        ROW(88),        ROW(96),        ROW(104),       ROW(112),
        ROW(120),       ROW(128 - 256), ROW(136 - 256), ROW(144 - 256), ROW(152 - 256),
        ROW(160 - 256), ROW(168 - 256), ROW(176 - 256), ROW(184 - 256), ROW(192 - 256),
        ROW(200 - 256), ROW(208 - 256), ROW(216 - 256), ROW(224 - 256), ROW(232 - 256),
        ROW(240 - 256), ROW(248 - 256)
#undef ROW
    };
    return c == SEP ? s->o->sep : (Str){&all[c], 1};
}

static void append(CsvSplitter *s, int c)
{
    if (!s->skip) {
        Str b = char_bytes(s, c);
        if (b.n == 1 && c == s->ch && s->p > s->record && s->p[-1] == *b.p) {
            b.p = s->p - 1; /* the character in hand: a view of the text */
        }
        gather_bytes(&s->text, b.p, b.n);
    }
}

/* In front of all. */
static void prepend(CsvSplitter *s, char c)
{
    if (s->skip) {
        return;
    }
    StrBuf b = {0};
    Str t = gathered(&s->text);
    strbuf_reserve(&b, t.n + 1);
    strbuf_putc(&b, c);
    strbuf_append(&b, t.p, t.n);
    s->text.view_n = 0;
    strbuf_free(&s->text.buf);
    s->text.buf = b;
}

/* ---- characters ---- */

static bool at_sep(const CsvSplitter *s, const char *p)
{
    Str sep = s->o->sep;

    return (size_t)(s->end - p) >= sep.n && memcmp(p, sep.p, sep.n) == 0;
}

/* Whether an end of a line stands at p; *ret_n its bytes. */
static bool at_eol(const CsvSplitter *s, const char *p, size_t *ret_n)
{
    if (s->eol1 == '\0' || *p != s->eol1 || s->keep_eol) {
        return false;
    }
    *ret_n = s->eol2 != '\0' ? 2 : 1;
    return s->eol2 == '\0' || (p + 1 < s->end && p[1] == s->eol2);
}

/* On to the next character; false: the text is at its end, and ch stays. */
static bool next(CsvSplitter *s)
{
    size_t n;

    if (s->p >= s->end) {
        return false;
    }
    if (at_eol(s, s->p, &n)) {
        s->ch = s->newline;
        s->p += n;
    } else if (s->delim == SEP && at_sep(s, s->p)) {
        s->ch = SEP;
        s->p += s->o->sep.n;
    } else {
        s->ch = (unsigned char)*s->p++;
    }
    return true;
}

static bool is_space(int c)
{
    return c <= ' ';
}

/* Gathers from ch on until a or b or c is in hand. At the end of the text ch is what it was. */
static bool append_until(CsvSplitter *s, int a, int b, int c)
{
    int before = s->ch, sep = s->delim == SEP ? (unsigned char)s->o->sep.p[0] : -1;
    size_t n;

    while (s->ch != a && s->ch != b && s->ch != c) {
        append(s, s->ch);
        const char *p = s->p;
        while (p < s->end) {
            int x = (unsigned char)*p;
            if (x == a || x == b || x == c || x == sep || at_eol(s, p, &n)) {
                break;
            }
            p++;
        }
        if (p > s->p && !s->skip) {
            gather_bytes(&s->text, s->p, (size_t)(p - s->p));
        }
        s->p = p;
        if (!next(s)) {
            s->ch = before;
            return false;
        }
    }
    return true;
}

/* The character in hand is appended, all of its bytes. (Those of four are two units in the parser,
 * which has only the first in hand; none of them means anything.) */
static void append_char(CsvSplitter *s)
{
    append(s, s->ch);
    if (s->ch >= 0xC0 && s->ch < 0xF0) {
        while (s->p < s->end && ((unsigned char)*s->p & 0xC0) == 0x80) {
            append(s, (unsigned char)*s->p++);
        }
    }
}

/* ---- fields ---- */

static void start_field(CsvSplitter *s)
{
    s->skip = s->wanted && (s->n >= s->n_wanted || !s->wanted[s->n]);
}

static void push_field(CsvSplitter *s, const char *p, size_t n)
{
    if (s->n >= s->o->max_columns) {
        s->failed_count = true;
        return;
    }
    if (s->n == s->cap) {
        s->cap = s->cap < 16 ? 16 : s->cap * 2;
        s->field = mem_realloc(s->field, mem_mul(s->cap, sizeof(*s->field)));
    }
    s->field[s->n++] = (CsvField){p, (uint32_t)n};
    start_field(s);
}

static void check_length(CsvSplitter *s, Str t)
{
    int64_t n = 0;

    if (s->o->max_chars < 0 || t.n <= (size_t)s->o->max_chars) {
        return;
    }
    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.p[i];
        n += (c & 0xC0) == 0x80 ? 0 : c >= 0xF0 ? 2 : 1;
    }
    s->failed_count |= n > s->o->max_chars;
}

static size_t without_trailing_space(Str t)
{
    size_t n = t.n;

    while (n > 0 && is_space((unsigned char)t.p[n - 1])) {
        n--;
    }
    return n;
}

static void empty_parsed(CsvSplitter *s)
{
    push_field(s, NULL, 0);
}

/* The text that was gathered is the field. */
static void value_parsed(CsvSplitter *s)
{
    Str t = gathered(&s->text);

    check_length(s, t);
    size_t n = s->trim ? without_trailing_space(t) : t.n;
    if (s->skip) {
        push_field(s, NULL, 0);
        return; /* what was gathered before stays */
    }
    if (n == 0) {
        push_field(s, s->o->empty_value.p, s->o->empty_value.n);
    } else if (s->text.view_n > 0) {
        push_field(s, t.p, n);
    } else {
        push_field(s, copy_padded(s->arena, t.p, n), n);
    }
    gather_clear(&s->text);
}

static void view_parsed(CsvSplitter *s, const char *p, size_t n)
{
    check_length(s, (Str){p, n});
    push_field(s, s->skip ? NULL : p, s->skip ? 0 : n);
}

/* ---- quotes that should not be there ---- */

static bool skip_value(CsvSplitter *s)
{
    gather_clear(&s->text);
    s->skip = true;
    return append_until(s, s->delim, s->newline, s->newline);
}

typedef enum Step { STEP_GO_ON, STEP_END_OF_TEXT, STEP_FAILED } Step;

static Step skip_or_fail(CsvSplitter *s)
{
    if (s->o->unescaped == CSV_RAISE_ERROR) {
        s->failed_unescaped = true;
        return STEP_FAILED;
    }
    return skip_value(s) ? STEP_GO_ON : STEP_END_OF_TEXT;
}

static bool appends_unescaped(const CsvSplitter *s)
{
    return s->o->unescaped != CSV_SKIP_VALUE && s->o->unescaped != CSV_RAISE_ERROR;
}

/* ch or prev is a quote or an escape; *ret_unquoted: what follows is read as if it was not quoted
 * (read_escaped()). */
static Step quote_or_escape(CsvSplitter *s, bool *ret_unquoted)
{
    const CsvOptions *o = s->o;
    int quote = (unsigned char)o->quote, escape = (unsigned char)o->escape;
    int ee = (unsigned char)o->escape_escape;

    *ret_unquoted = false;
    if (s->ch == escape && s->prev == ee && ee != NOTHING) {
        append(s, escape);
        s->ch = NOTHING;
    } else if (s->prev == escape) {
        append(s, s->ch == quote ? quote : s->prev);
        s->ch = s->ch == quote ? NOTHING : s->ch;
    } else if (s->ch == quote && s->prev == quote) {
        append(s, quote);
    } else if (s->prev == quote) {
        if (!appends_unescaped(s)) {
            return skip_or_fail(s);
        }
        append(s, quote);
        s->prev = s->ch;
        *ret_unquoted = true;
    }
    return STEP_GO_ON;
}

/*
 * Up to a separator, with escapes. Where the parser calls itself it returns with the separator in
 * hand and drops it: depth counts those calls.
 */
static Step read_escaped(CsvSplitter *s)
{
    const CsvOptions *o = s->o;
    int quote = (unsigned char)o->quote, escape = (unsigned char)o->escape;
    size_t depth = 0;

    for (;;) {
        if (s->ch == s->delim || s->ch == s->newline) {
            if (depth == 0) {
                return STEP_GO_ON;
            }
            depth--;
        } else if (s->ch != quote && s->ch != escape) {
            if (s->prev == quote) {
                if (!appends_unescaped(s)) {
                    Step st = skip_or_fail(s);
                    if (st != STEP_GO_ON || depth == 0) {
                        return st;
                    }
                    depth--;
                } else {
                    append(s, quote);
                    s->prev = s->ch;
                    continue;
                }
            } else {
                append(s, s->ch);
            }
        } else {
            bool unquoted;
            Step st = quote_or_escape(s, &unquoted);
            if (st != STEP_GO_ON) {
                return st;
            }
            if (unquoted) {
                depth++;
                continue;
            }
        }
        s->prev = s->ch;
        if (!next(s)) {
            return STEP_END_OF_TEXT;
        }
    }
}

/* BACK_TO_DELIMITER: the separators inside what was gathered are separators after all. Where a
 * field comes that is not wanted, the rest of the text stays behind for the next that is. */
static void back_to_separator(CsvSplitter *s)
{
    Str t = gathered(&s->text), sep = s->o->sep;
    const char *p = s->skip ? NULL : copy_padded(s->arena, t.p, t.n), *end = p ? p + t.n : NULL;

    while (!s->skip && !s->failed_count) {
        const char *q = memmem(p, (size_t)(end - p), sep.p, sep.n);
        if (!q) {
            break;
        }
        push_field(s, p, (size_t)(q - p));
        p = s->skip ? p : q + sep.n;
    }
    if (p) {
        gather_clear(&s->text);
        gather_bytes(&s->text, p, (size_t)(end - p));
    }
    append(s, s->ch);
    s->prev = NOTHING;
}

/* ---- quoted fields ---- */

/* Behind the separator that was in hand when a piece of the text was over. */
static bool match_sep(CsvSplitter *s, bool keep, Step *ret)
{
    Str sep = s->o->sep;

    *ret = STEP_GO_ON;
    while (s->ch == (unsigned char)sep.p[s->match]) {
        if (++s->match == sep.n) {
            s->match = 0;
            return true;
        }
        if (!next(s)) {
            *ret = STEP_END_OF_TEXT;
            return false;
        }
    }
    if (s->match > 0 && !keep) {
        if (!s->skip) {
            gather_bytes(&s->text, sep.p, s->match);
        }
        s->match = 0;
    }
    return false;
}

static bool append_until_multi(CsvSplitter *s)
{
    Str sep = s->o->sep;

    while (s->match < sep.n && s->ch != s->newline) {
        if (s->ch == (unsigned char)sep.p[s->match]) {
            if (++s->match == sep.n) {
                break;
            }
        } else if (s->match > 0) {
            if (!s->skip) {
                gather_bytes(&s->text, sep.p, s->match);
            }
            s->match = 0;
            continue;
        } else {
            append(s, s->ch);
        }
        if (!next(s)) {
            return false;
        }
    }
    if (s->match > 0 && s->match < sep.n && !s->skip) {
        gather_bytes(&s->text, sep.p, s->match);
    }
    s->match = 0;
    return true;
}

/* White space behind the closing quote; *ret_more: text follows it, and is a part of the field. */
static Step spaces_behind(CsvSplitter *s, bool multi, bool *ret_more)
{
    const CsvOptions *o = s->o;
    int quote = (unsigned char)o->quote, escape = (unsigned char)o->escape;
    Step st = STEP_GO_ON;

    *ret_more = false;
    gather_clear(&s->spaces);
    do {
        Str b = char_bytes(s, s->ch);
        gather_bytes(&s->spaces, b.p, b.n);
        if (!next(s)) {
            return STEP_END_OF_TEXT;
        }
        if (s->ch == s->newline || (multi && match_sep(s, true, &st)) || st != STEP_GO_ON) {
            return st;
        }
    } while (is_space(s->ch) && (multi || s->ch != s->delim));
    if (multi ? match_sep(s, true, &st) : s->ch == s->delim) {
        return STEP_GO_ON;
    }
    if (st != STEP_GO_ON || (multi && o->unescaped == CSV_RAISE_ERROR)) {
        return st;
    }
    if (o->unescaped == CSV_RAISE_ERROR) {
        s->failed_unescaped = true;
        return STEP_FAILED;
    }
    if (!s->skip) {
        append(s, quote);
        Str t = gathered(&s->spaces);
        gather_bytes(&s->text, copy_padded(s->arena, t.p, t.n), t.n);
    }
    if (o->unescaped != CSV_STOP_AT_CLOSING_QUOTE || (s->ch != quote && s->ch != escape)) {
        append_char(s);
    }
    s->prev = s->ch;
    *ret_more = true;
    return STEP_GO_ON;
}

/* An unescaped quote and the character behind it, in hand. false: the field is over. */
static Step unescaped_quote(CsvSplitter *s, bool *ret_go_on)
{
    *ret_go_on = true;
    s->unescaped = true;
    if (s->o->unescaped == CSV_BACK_TO_DELIMITER) {
        back_to_separator(s);
        return STEP_GO_ON;
    }
    if (appends_unescaped(s)) {
        append(s, (unsigned char)s->o->quote);
        append_char(s);
        s->prev = s->ch;
        return STEP_GO_ON;
    }
    *ret_go_on = false;
    return skip_or_fail(s);
}

/* The text behind a quote that has ended nothing, up to the separator. */
static Step read_behind_quote(CsvSplitter *s, bool multi)
{
    const CsvOptions *o = s->o;

    if (o->unescaped == CSV_SKIP_VALUE) {
        return skip_value(s) ? STEP_GO_ON : STEP_END_OF_TEXT;
    }
    prepend(s, o->quote);
    if (!next(s)) {
        return STEP_END_OF_TEXT;
    }
    s->trim = o->trim_trailing;
    bool more = multi ? append_until_multi(s) : append_until(s, s->delim, s->newline, s->newline);
    return more ? STEP_GO_ON : STEP_END_OF_TEXT;
}

/* Text between quotes, up to the next quote or escape, and the character behind that. */
static Step read_between_quotes(CsvSplitter *s)
{
    int quote = (unsigned char)s->o->quote, escape = (unsigned char)s->o->escape;

    if (s->prev == escape && escape != NOTHING) {
        append(s, escape);
    }
    if (!append_until(s, quote, escape, (unsigned char)s->o->escape_escape)) {
        return STEP_END_OF_TEXT;
    }
    s->prev = s->ch;
    return next(s) ? STEP_GO_ON : STEP_END_OF_TEXT;
}

/* A quote or escape between quotes, and the character behind it; *ret_over: the field is over. */
static Step read_mark(CsvSplitter *s, bool multi, bool *ret_over)
{
    bool unquoted;
    Step st = quote_or_escape(s, &unquoted);

    if (st == STEP_GO_ON && unquoted) {
        st = read_escaped(s);
    }
    if (st != STEP_GO_ON) {
        return st;
    }
    s->prev = s->ch;
    if (!next(s)) {
        return STEP_END_OF_TEXT;
    }
    *ret_over = s->unescaped && (s->ch == s->newline || (!multi && s->ch == s->delim) ||
                                 (multi && match_sep(s, false, &st)));
    return st;
}

/* From the opening quote in hand, or from text behind a quote (prev is set), to the separator. */
static Step read_quoted(CsvSplitter *s, bool multi)
{
    const CsvOptions *o = s->o;
    int quote = (unsigned char)o->quote, escape = (unsigned char)o->escape;
    bool go_on, over = false;
    Step st = STEP_GO_ON;

again:
    if (s->prev != NOTHING && o->unescaped != CSV_STOP_AT_CLOSING_QUOTE &&
        o->unescaped != CSV_RAISE_ERROR) {
        return read_behind_quote(s, multi);
    }
    if (!next(s)) {
        return STEP_END_OF_TEXT;
    }
    while (s->prev != quote ||
           !(is_space(s->ch) || s->ch == s->newline || (!multi && s->ch == s->delim))) {
        if (multi && s->prev == quote && (match_sep(s, false, &st) || st != STEP_GO_ON)) {
            return st;
        }
        if (s->ch == quote || s->ch == escape) {
            st = read_mark(s, multi, &over);
        } else if (s->prev != quote) {
            st = read_between_quotes(s);
        } else {
            st = unescaped_quote(s, &go_on);
            if (st != STEP_GO_ON || !go_on) {
                return st;
            }
            multi = o->multi_sep;
            goto again;
        }
        if (st != STEP_GO_ON || over) {
            return st;
        }
    }
    if (s->ch == s->newline || (!multi && s->ch == s->delim)) {
        return STEP_GO_ON;
    }
    if (multi && (match_sep(s, true, &st) || st != STEP_GO_ON)) {
        return st;
    }
    st = spaces_behind(s, multi, &go_on);
    if (st == STEP_GO_ON && go_on) {
        multi = false; /* so it is in the parser */
        goto again;
    }
    return st;
}

/* The quoted field that begins before p, when it is simple: NULL, or its closing quote. */
static const char *simple_quoted(const CsvSplitter *s)
{
    const CsvOptions *o = s->o;
    size_t n;

    for (const char *p = s->p; p < s->end; p++) {
        if (*p == o->quote) {
            bool ends = p + 1 < s->end && (s->delim == SEP ? at_sep(s, p + 1)
                                                           : (unsigned char)p[1] == s->delim ||
                                                                 p[1] == (char)s->newline);
            return p[-1] != o->escape && ends ? p : NULL;
        }
        if (*p == o->escape) {
            if (p + 1 < s->end && (p[1] == o->quote || p[1] == o->escape_escape)) {
                return NULL;
            }
        } else if (at_eol(s, p, &n)) {
            return NULL;
        }
    }
    return NULL;
}

/* The same for a field that is not wanted. */
static const char *skip_quoted(const CsvSplitter *s)
{
    const CsvOptions *o = s->o;
    size_t n;

    for (const char *p = s->p; p < s->end; p++) {
        if (*p == o->quote) {
            if (p[-1] == o->escape) {
                continue;
            }
            bool ends = p + 1 < s->end && (s->delim == SEP ? at_sep(s, p + 1)
                                                           : (unsigned char)p[1] == s->delim ||
                                                                 p[1] == (char)s->newline);
            return ends ? p : NULL;
        }
        if (at_eol(s, p, &n)) {
            return NULL;
        }
    }
    return NULL;
}

/* Between quotes, lineSep of two characters is text with multiLine; the end of a line that was
 * found out is read as \n there. */
static bool keeps_eol(const CsvSplitter *s)
{
    return s->o->line_sep && s->o->multi_line;
}

/* A simple quoted field, and the separator behind it. false: it is not simple. */
static bool take_simple_quoted(CsvSplitter *s, bool *ret_end)
{
    if (s->p >= s->end || (!s->skip && gathered(&s->text).n > 0)) {
        return false;
    }
    s->keep_eol = keeps_eol(s);
    const char *close = s->skip ? skip_quoted(s) : simple_quoted(s);
    s->keep_eol = false;
    if (!close) {
        return false;
    }
    size_t n = (size_t)(close - s->p);
    if (s->skip) {
        value_parsed(s);
    } else if (n == 0) {
        Str e = s->o->empty_value;
        view_parsed(s, e.p, e.n);
    } else {
        view_parsed(s, s->p, n);
    }
    s->p = close + 1;
    *ret_end = !next(s);
    if (!*ret_end && s->ch == s->delim) {
        *ret_end = !next(s);
        if (*ret_end || s->ch == s->newline) {
            empty_parsed(s);
        }
    }
    return true;
}

/* ---- fields without quotes ---- */

/* The field that ch begins, when a separator ends it. */
static bool take_unquoted(CsvSplitter *s)
{
    const char *from = s->p - (s->ch == SEP ? s->o->sep.n : 1), *p = from;
    size_t n = 0;

    if (!s->skip && gathered(&s->text).n > 0) {
        return false;
    }
    for (;; p++) {
        if (p >= s->end) {
            return false;
        }
        if (s->delim == SEP ? at_sep(s, p) : (unsigned char)*p == s->delim) {
            s->ch = s->delim;
            n = s->delim == SEP ? s->o->sep.n : 1;
            break;
        }
        if (at_eol(s, p, &n)) {
            s->ch = s->newline;
            break;
        }
    }
    Str t = {from, (size_t)(p - from)};
    size_t len = s->o->trim_trailing ? without_trailing_space(t) : t.n;
    view_parsed(s, len > 0 ? from : NULL, len);
    s->p = p + n;
    return true;
}

static bool read_unquoted(CsvSplitter *s)
{
    if (take_unquoted(s)) {
        return true;
    }
    s->trim = s->o->trim_trailing;
    if (!append_until(s, s->delim, s->newline, s->newline)) {
        return false;
    }
    value_parsed(s);
    return true;
}

/* ---- records ---- */

static bool skip_space(CsvSplitter *s)
{
    while (is_space(s->ch) && s->ch != s->delim && s->ch != s->newline &&
           s->ch != (unsigned char)s->o->quote) {
        if (!next(s)) {
            return false;
        }
    }
    return true;
}

static bool keep_field(const CsvSplitter *s)
{
    return !(s->unescaped && s->o->unescaped == CSV_BACK_TO_DELIMITER && !s->skip &&
             gathered(&s->text).n == 0);
}

/* From the first character in hand to the newline. */
static Step read_record(CsvSplitter *s)
{
    bool leading = s->o->trim_leading, end = false;

    if (leading && !skip_space(s)) {
        return STEP_END_OF_TEXT;
    }
    while (s->ch != s->newline) {
        if (leading && !skip_space(s)) {
            return STEP_END_OF_TEXT;
        }
        s->prev = NOTHING;
        if (s->ch == s->delim || s->ch == s->newline) {
            empty_parsed(s);
        } else if (s->ch == (unsigned char)s->o->quote) {
            s->unescaped = false;
            if (take_simple_quoted(s, &end)) {
                if (end) {
                    return STEP_GO_ON;
                }
                continue;
            }
            s->trim = false;
            s->keep_eol = keeps_eol(s);
            Step st = read_quoted(s, false);
            s->keep_eol = false;
            if (st != STEP_GO_ON) {
                return st;
            }
            if (keep_field(s)) {
                value_parsed(s);
            }
        } else {
            s->unescaped = false;
            if (!read_unquoted(s)) {
                return STEP_END_OF_TEXT;
            }
        }
        if (s->failed_count) {
            return STEP_FAILED;
        }
        if (s->ch != s->newline) {
            if (!next(s)) {
                return STEP_END_OF_TEXT;
            }
            if (s->ch == s->newline) {
                empty_parsed(s);
            }
        }
    }
    return STEP_GO_ON;
}

static void save_match(CsvSplitter *s)
{
    if (s->match > 0 && s->match < s->o->sep.n && !s->skip) {
        gather_bytes(&s->text, s->o->sep.p, s->match);
    }
    s->match = 0;
}

static Step skip_space_multi(CsvSplitter *s)
{
    Str sep = s->o->sep;
    Step st;

    while (is_space(s->ch) && s->match < sep.n && s->ch != s->newline &&
           s->ch != (unsigned char)s->o->quote) {
        if (!next(s)) {
            return STEP_END_OF_TEXT;
        }
        if (s->ch == (unsigned char)sep.p[s->match]) {
            bool full = match_sep(s, false, &st);
            if (st != STEP_GO_ON) {
                return st;
            }
            if (full) {
                empty_parsed(s);
                if (!next(s)) {
                    return STEP_END_OF_TEXT;
                }
            }
        }
    }
    save_match(s);
    return STEP_GO_ON;
}

static Step read_field_multi(CsvSplitter *s)
{
    Step st = STEP_GO_ON;

    if (s->ch == s->newline || match_sep(s, false, &st)) {
        empty_parsed(s);
        return STEP_GO_ON;
    }
    if (st != STEP_GO_ON) {
        return st;
    }
    s->unescaped = false;
    s->prev = NOTHING;
    if (s->ch == (unsigned char)s->o->quote && !s->skip && gathered(&s->text).n == 0) {
        s->trim = false;
        s->keep_eol = keeps_eol(s);
        st = read_quoted(s, true);
        s->keep_eol = false;
        if (st != STEP_GO_ON) {
            return st;
        }
        if (keep_field(s)) {
            value_parsed(s);
        }
        return STEP_GO_ON;
    }
    if (!append_until_multi(s)) {
        return STEP_END_OF_TEXT;
    }
    /* The trim that is in force stays so. */
    bool trim = s->trim;
    s->trim |= s->o->trim_trailing;
    value_parsed(s);
    s->trim = trim;
    return STEP_GO_ON;
}

static Step read_record_multi(CsvSplitter *s)
{
    bool leading = s->o->trim_leading;
    Step st = STEP_GO_ON;

    if (leading && is_space(s->ch)) {
        st = skip_space_multi(s);
    }
    while (st == STEP_GO_ON && s->ch != s->newline) {
        if (leading && is_space(s->ch)) {
            st = skip_space_multi(s);
        }
        if (st == STEP_GO_ON) {
            st = read_field_multi(s);
        }
        if (s->failed_count) {
            return STEP_FAILED;
        }
        if (st == STEP_GO_ON && s->ch != s->newline) {
            if (!next(s)) {
                return STEP_END_OF_TEXT;
            }
            if (s->ch == s->newline) {
                empty_parsed(s);
            }
        }
    }
    return st;
}

/* Whether a field was in work when the text ended. */
static bool field_at_end(CsvSplitter *s)
{
    int quote = (unsigned char)s->o->quote;

    if (s->ch == quote) {
        if (s->prev == quote) {
            return true;
        }
        if (!s->unescaped) {
            append(s, quote);
        }
    }
    bool in_work = s->prev != NOTHING && s->ch != s->delim && s->ch != s->newline &&
                   s->ch != (unsigned char)s->o->comment;
    s->ch = s->prev = NOTHING;
    if (s->match > 0) {
        save_match(s);
        return true;
    }
    return in_work;
}

static void end_of_text(CsvSplitter *s)
{
    bool in_work = field_at_end(s);
    bool any = !s->skip && gathered(&s->text).n > 0, content = s->p > s->record;

    if (s->n > 0 || in_work) {
        if (any || in_work) {
            value_parsed(s);
        } else if (content) {
            empty_parsed(s);
        }
    } else if (any) {
        value_parsed(s);
    } else if (content) {
        empty_parsed(s);
    }
}

static void skip_line(CsvSplitter *s)
{
    size_t n = 0;

    s->p--;
    while (s->p < s->end && !at_eol(s, s->p, &n)) {
        s->p++;
    }
    s->p += s->p < s->end ? n : 0;
}

/* What BACK_TO_DELIMITER left behind must outlive the text. */
static void keep_rest(CsvSplitter *s)
{
    if (s->text.view_n > 0) {
        strbuf_append(&s->text.buf, s->text.view, s->text.view_n);
        s->text.view_n = 0;
    }
}

static CsvSplit split_record(CsvSplitter *s, Arena *a, const CsvField **ret, uint32_t *ret_n)
{
    s->arena = s->text.arena = s->spaces.arena = a;
    s->n = 0;
    s->failed_count = s->failed_unescaped = false;
    start_field(s);
    do {
        s->record = s->p;
        if (!next(s)) {
            if (s->ended || (s->match == 0 && gathered(&s->text).n == 0)) {
                return CSV_SPLIT_NONE;
            }
            s->ended = true;
            end_of_text(s); /* a piece of a separator was left behind */
            break;
        }
        if (s->o->has_comment && s->ch == (unsigned char)s->o->comment) {
            skip_line(s);
            continue;
        }
        Step st = s->o->multi_sep ? read_record_multi(s) : read_record(s);
        if (st == STEP_END_OF_TEXT) {
            s->ended = true;
            end_of_text(s);
        }
        keep_rest(s);
        if (s->failed_unescaped || s->failed_count) {
            return s->failed_count ? CSV_SPLIT_TOO_MANY : CSV_SPLIT_UNESCAPED;
        }
    } while (s->n == 0);
    *ret = s->field;
    *ret_n = s->n;
    return CSV_SPLIT_ROW;
}

/* ---- the splitter ---- */

CsvSplitter *csv_splitter_new(const CsvOptions *o)
{
    CsvSplitter *s = mem_zalloc(sizeof(*s));

    s->o = o;
    s->delim = o->multi_sep ? 0 : o->sep.n > 1 ? SEP : (unsigned char)o->sep.p[0];
    s->newline = o->line_sep && !o->line_sep[1] ? (unsigned char)o->line_sep[0] : '\n';
    return s;
}

void csv_splitter_free(CsvSplitter *s)
{
    if (s) {
        strbuf_free(&s->text.buf);
        strbuf_free(&s->spaces.buf);
        mem_free(s->field);
        mem_free(s);
    }
}

void csv_split_wanted(CsvSplitter *s, const bool *wanted, uint32_t n)
{
    s->wanted = wanted;
    s->n_wanted = n;
}

static bool has_bom(Str s)
{
    return s.n >= 3 && memcmp(s.p, "\xEF\xBB\xBF", 3) == 0;
}

CsvSplit csv_split_line(CsvSplitter *s, Str line, Arena *a, const CsvField **ret, uint32_t *ret_n)
{
    s->p = line.p;
    s->end = line.p + line.n;
    s->ended = false;
    if (!s->started) {
        s->started = true;
        s->p += has_bom(line) ? 3 : 0;
    }
    return split_record(s, a, ret, ret_n);
}

void csv_split_start(CsvSplitter *s, Str content)
{
    const CsvOptions *o = s->o;

    s->p = content.p;
    s->end = content.p + content.n;
    s->ended = false;
    s->p += has_bom(content) ? 3 : 0;
    s->eol1 = '\n';
    s->eol2 = '\0';
    if (o->line_sep) {
        s->eol1 = o->line_sep[0];
        s->eol2 = o->line_sep[1];
        return;
    }
    for (const char *p = s->p; p < s->end; p++) {
        if (*p == '\n' || *p == '\r') {
            s->eol1 = *p;
            s->eol2 = *p == '\r' && p + 1 < s->end && p[1] == '\n' ? '\n' : '\0';
            break;
        }
    }
}

CsvSplit csv_split_next(CsvSplitter *s, Arena *a, const CsvField **ret, uint32_t *ret_n)
{
    return split_record(s, a, ret, ret_n);
}

Str csv_split_record(const CsvSplitter *s)
{
    return (Str){s->record, (size_t)(s->p - s->record)};
}

fb_status csv_split_failed(CsvSplit res, Str record, fb_error *err)
{
    Arena a = {0};

    err_set(err, res == CSV_SPLIT_TOO_MANY ? ERR_MALFORMED_CSV_RECORD : ERR_CSV_UNESCAPED_QUOTE,
            "badRecord", arena_strndup(&a, record.p, record.n < 1000 ? record.n : 1000), NULL);
    arena_free(&a);
    return FB_ERR;
}
