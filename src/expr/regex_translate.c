/*
 * regex_translate.c - patterns of java.util.regex as patterns of PCRE2.
 *
 * The two languages agree on most things. What is rewritten:
 *   \uXXXX, \0nn                  code points as \x{…}
 *   \d \w \s \h and POSIX classes ASCII, written out
 *   \b \B                         look-arounds: Java's \b knows letters of all scripts
 *   \p{IsHan} \p{L} \p{Alpha} …   PCRE2's names; blocks (\p{InGreek}) are not supported
 *   [a[b]] [a&&[^b]]              alternatives and look-aheads of plain classes
 *   (?i)                          both cases of ASCII letters, as Java does without (?u)
 *   \1, \12                       \g{…} by Java's rule of how many digits count
 * What Java refuses and PCRE2 would take ("a{", \K, (?P<x>…), (*VERB)) is refused.
 *
 * Recursion: nested classes, bounded by MAX_NESTING.
 */
#include "expr/regex.h"

#include "expr/kernel.h"

#include <stdio.h>

#define MAX_NESTING 200u

typedef struct Flags {
    bool nocase;  /* i */
    bool unicode; /* u */
} Flags;

typedef struct Tr {
    Str in;
    size_t at;
    RegexText *out;
    uint32_t n_groups;   /* opened so far */
    uint32_t all_groups; /* in the whole pattern */
    Flags flags;
    Flags stack[MAX_NESTING];
    uint32_t depth;
} Tr;

static void tr_fail(Tr *t, RegexStatus why)
{
    if (t->out->status == REGEX_OK) {
        t->out->status = why;
    }
}

static bool tr_more(const Tr *t)
{
    return t->at < t->in.n && t->out->status == REGEX_OK;
}

static char tr_peek(const Tr *t, size_t ahead)
{
    return t->at + ahead < t->in.n ? t->in.p[t->at + ahead] : '\0';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes of the character at the cursor. */
static size_t tr_width(const Tr *t)
{
    uint8_t b = (uint8_t)t->in.p[t->at];
    size_t w = b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
    return MIN_OF(w, t->in.n - t->at);
}

static uint32_t utf8_decode(const char *p, size_t n)
{
    const uint8_t *b = (const uint8_t *)p;
    switch (n) {
    case 1:
        return b[0];
    case 2:
        return (uint32_t)(b[0] & 0x1F) << 6 | (b[1] & 0x3F);
    case 3:
        return (uint32_t)(b[0] & 0x0F) << 12 | (uint32_t)(b[1] & 0x3F) << 6 | (b[2] & 0x3F);
    default:
        return (uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3F) << 12 |
               (uint32_t)(b[2] & 0x3F) << 6 | (b[3] & 0x3F);
    }
}

static void utf8_put(StrBuf *b, uint32_t c)
{
    if (c < 0x80) {
        strbuf_putc(b, (char)c);
    } else if (c < 0x800) {
        strbuf_putc(b, (char)(0xC0 | c >> 6));
        strbuf_putc(b, (char)(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        strbuf_putc(b, (char)(0xE0 | c >> 12));
        strbuf_putc(b, (char)(0x80 | (c >> 6 & 0x3F)));
        strbuf_putc(b, (char)(0x80 | (c & 0x3F)));
    } else {
        strbuf_putc(b, (char)(0xF0 | c >> 18));
        strbuf_putc(b, (char)(0x80 | (c >> 12 & 0x3F)));
        strbuf_putc(b, (char)(0x80 | (c >> 6 & 0x3F)));
        strbuf_putc(b, (char)(0x80 | (c & 0x3F)));
    }
}

/* One code point of a class or outside of one, quoted where it needs to be. */
static void put_code(StrBuf *b, uint32_t c)
{
    if (c < 0x80 && (is_letter((char)c) || is_digit((char)c))) {
        strbuf_putc(b, (char)c);
    } else {
        strbuf_printf(b, "\\x{%x}", c);
    }
}

static bool case_folds(const Tr *t, uint32_t c)
{
    return t->flags.nocase && c < 0x80 && is_letter((char)c);
}

/* A literal character, with its quantifier still to come. */
static void put_literal(Tr *t, uint32_t c)
{
    StrBuf *b = &t->out->pcre;
    utf8_put(&t->out->text, c);
    if (case_folds(t, c)) {
        t->out->is_text = false;
        strbuf_printf(b, "[%c%c]", ascii_lower((char)c), ascii_upper((char)c));
    } else if (t->flags.nocase && t->flags.unicode && c >= 0x80) {
        t->out->is_text = false;
        strbuf_printf(b, "(?i:\\x{%x})", c);
    } else {
        put_code(b, c);
    }
}

/* ---- escapes ---- */

/* Java's and PCRE2's words for the same set of characters, between brackets of a class. */
typedef struct ClassWord {
    const char *name, *set;
} ClassWord;

#define SPACES " \\t\\n\\x0B\\f\\r"
static const ClassWord posix_words[] = {
    {"Lower", "a-z"},
    {"Upper", "A-Z"},
    {"ASCII", "\\x00-\\x7F"},
    {"Alpha", "a-zA-Z"},
    {"Digit", "0-9"},
    {"Alnum", "a-zA-Z0-9"},
    {"Punct", "!-\\/:-@\\[-`{-~"},
    {"Graph", "!-~"},
    {"Print", " -~"},
    {"Blank", " \\t"},
    {"Cntrl", "\\x00-\\x1F\\x7F"},
    {"XDigit", "0-9a-fA-F"},
    {"Space", SPACES},
};

/* Names of \p{Is…} that PCRE2 knows by others. */
static const ClassWord is_words[] = {
    {"Letter", "L"},
    {"Digit", "Nd"},
    {"Control", "Cc"},
    {"Punctuation", "P"},
    {"WhiteSpace", "White_Space"},
    {"Titlecase", "Lt"},
    {"Assigned", NULL},
    {"Noncharacter_Code_Point", NULL},
};

static bool name_is(Str s, const char *name)
{
    return str_eq_nocase(s, str_of(name));
}

/* \p{name}: inside a class the set goes in as it is, outside in brackets. */
static void put_property(Tr *t, StrBuf *b, Str name, bool negated, bool in_class)
{
    for (size_t k = 0; k < sizeof(posix_words) / sizeof(posix_words[0]); k++) {
        if (str_eq(name, str_of(posix_words[k].name))) {
            if (in_class && negated) { /* no complement inside of brackets */
                tr_fail(t, REGEX_UNSUPPORTED);
            }
            strbuf_printf(b,
                          in_class  ? "%s%s"
                          : negated ? "[^%s%s]"
                                    : "[%s%s]",
                          posix_words[k].set, t->flags.nocase && k < 2 ? "a-zA-Z" : "");
            return;
        }
    }
    const char *eq = memchr(name.p, '=', name.n);
    if (eq) {
        Str key = {name.p, (size_t)(eq - name.p)};
        bool known = name_is(key, "sc") || name_is(key, "script") || name_is(key, "gc") ||
                     name_is(key, "general_category");
        if (!known) {
            tr_fail(t, REGEX_UNSUPPORTED);
        }
        name = (Str){eq + 1, name.n - key.n - 1};
    } else if (name.n > 2 && str_has_prefix(name, STR_LIT("Is"))) {
        name = (Str){name.p + 2, name.n - 2};
        for (size_t k = 0; k < sizeof(is_words) / sizeof(is_words[0]); k++) {
            if (name_is(name, is_words[k].name)) {
                if (!is_words[k].set) {
                    tr_fail(t, REGEX_UNSUPPORTED);
                    return;
                }
                name = str_of(is_words[k].set);
            }
        }
    } else if (str_has_prefix(name, STR_LIT("In")) || str_has_prefix(name, STR_LIT("java"))) {
        tr_fail(t, REGEX_UNSUPPORTED);
    }
    if (t->flags.nocase && (name_is(name, "Lu") || name_is(name, "Ll"))) {
        tr_fail(t, REGEX_UNSUPPORTED);
    }
    strbuf_puts(b, negated ? "\\P{" : "\\p{");
    strbuf_append(b, name.p, name.n);
    strbuf_putc(b, '}');
}

/* After \p or \P. */
static void tr_property(Tr *t, StrBuf *b, bool negated, bool in_class)
{
    if (tr_peek(t, 0) != '{') {
        if (!is_letter(tr_peek(t, 0))) {
            tr_fail(t, REGEX_BAD);
            return;
        }
        put_property(t, b, (Str){t->in.p + t->at, 1}, negated, in_class);
        t->at++;
        return;
    }
    const char *end = memchr(t->in.p + t->at, '}', t->in.n - t->at);
    if (!end || end == t->in.p + t->at + 1) {
        tr_fail(t, REGEX_BAD);
        return;
    }
    Str name = {t->in.p + t->at + 1, (size_t)(end - t->in.p) - t->at - 1};
    for (size_t k = 0; k < name.n; k++) {
        char c = name.p[k];
        if (!is_letter(c) && !is_digit(c) && c != '_' && c != '=' && c != ' ' && c != '-') {
            tr_fail(t, REGEX_BAD);
        }
    }
    t->at += name.n + 2;
    put_property(t, b, name, negated, in_class);
}

static bool tr_hex(Tr *t, uint32_t digits, uint32_t *ret)
{
    uint32_t c = 0;
    for (uint32_t k = 0; k < digits; k++) {
        int d = hex_digit(tr_peek(t, k));
        if (d < 0) {
            return false;
        }
        c = c * 16 + (uint32_t)d;
    }
    t->at += digits;
    *ret = c;
    return true;
}

static uint32_t tr_unicode(Tr *t)
{
    uint32_t c, low;
    if (!tr_hex(t, 4, &c)) {
        tr_fail(t, REGEX_BAD);
        return 0;
    }
    if (c >= 0xD800 && c < 0xDC00 && tr_peek(t, 0) == '\\' && tr_peek(t, 1) == 'u') {
        t->at += 2;
        if (tr_hex(t, 4, &low) && low >= 0xDC00 && low < 0xE000) {
            return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    if (c >= 0xD800 && c < 0xE000) {
        tr_fail(t, REGEX_UNSUPPORTED);
    }
    return c;
}

static uint32_t tr_braced_hex(Tr *t)
{
    uint32_t c = 0, digits = 0;
    for (t->at++; hex_digit(tr_peek(t, 0)) >= 0; t->at++, digits++) {
        c = c * 16 + (uint32_t)hex_digit(tr_peek(t, 0));
        if (c > 0x10FFFF) {
            break;
        }
    }
    if (digits == 0 || c > 0x10FFFF || tr_peek(t, 0) != '}') {
        tr_fail(t, REGEX_BAD);
        return 0;
    }
    t->at++;
    if (c >= 0xD800 && c < 0xE000) {
        tr_fail(t, REGEX_UNSUPPORTED);
    }
    return c;
}

static uint32_t tr_octal(Tr *t)
{
    uint32_t c = 0, digits = 0;
    while (digits < 3 && tr_peek(t, 0) >= '0' && tr_peek(t, 0) <= '7') {
        uint32_t next = c * 8 + (uint32_t)(tr_peek(t, 0) - '0');
        if (next > 0377) {
            break;
        }
        c = next;
        t->at++;
        digits++;
    }
    if (digits == 0) {
        tr_fail(t, REGEX_BAD);
    }
    return c;
}

/* After a backslash: true and *ret if it stands for one code point; the cursor is behind it then.
 */
static bool tr_escaped_code(Tr *t, uint32_t *ret)
{
    static const char names[] = "tnrfae", codes[] = "\t\n\r\f\a\x1B";
    char c = tr_peek(t, 0);
    const char *name = c ? strchr(names, c) : NULL;
    if (t->at >= t->in.n) {
        tr_fail(t, REGEX_BAD);
        return false;
    }
    if (name) {
        t->at++;
        *ret = (uint32_t)codes[name - names];
    } else if (c == 'u') {
        t->at++;
        *ret = tr_unicode(t);
    } else if (c == 'x') {
        t->at++;
        if (tr_peek(t, 0) == '{') {
            *ret = tr_braced_hex(t);
        } else if (!tr_hex(t, 2, ret)) {
            tr_fail(t, REGEX_BAD);
        }
    } else if (c == '0') {
        t->at++;
        *ret = tr_octal(t);
    } else if (c == 'c') {
        *ret = (uint8_t)tr_peek(t, 1) ^ 64u;
        t->at += 2;
        if (t->at > t->in.n) {
            tr_fail(t, REGEX_BAD);
        }
    } else if (!is_letter(c) && !is_digit(c)) {
        size_t w = tr_width(t);
        *ret = utf8_decode(t->in.p + t->at, w);
        t->at += w;
    } else {
        return false;
    }
    return true;
}

/* The set of \d \w \s \h \v, or NULL. */
static const char *escape_set(char c)
{
    switch (ascii_lower(c)) {
    case 'd':
        return "0-9";
    case 'w':
        return "a-zA-Z0-9_";
    case 's':
        return SPACES;
    case 'h':
        return " \\x{A0}\\t\\x{1680}\\x{180e}\\x{2000}-\\x{200a}\\x{202f}\\x{205f}\\x{3000}";
    case 'v':
        return "\\n\\x0B\\f\\r\\x{85}\\x{2028}\\x{2029}";
    default:
        return NULL;
    }
}

/* \1: as many digits as make the number of a group opened so far. */
static void tr_backreference(Tr *t)
{
    uint32_t number = (uint32_t)(tr_peek(t, 0) - '0');
    t->at++;
    while (is_digit(tr_peek(t, 0))) {
        uint32_t more = number * 10 + (uint32_t)(tr_peek(t, 0) - '0');
        if (more > t->n_groups) {
            break;
        }
        number = more;
        t->at++;
    }
    if (number > t->all_groups) {
        strbuf_puts(&t->out->pcre, "(?!)"); /* never matches */
    } else {
        strbuf_printf(&t->out->pcre, t->flags.nocase ? "(?i:\\g{%u})" : "\\g{%u}", number);
    }
}

static void tr_named_reference(Tr *t)
{
    const char *end = memchr(t->in.p + t->at, '>', t->in.n - t->at);
    if (tr_peek(t, 1) != '<' || !end) {
        tr_fail(t, REGEX_BAD);
        return;
    }
    size_t n = (size_t)(end - t->in.p) - t->at + 1;
    strbuf_puts(&t->out->pcre, t->flags.nocase ? "(?i:\\" : "\\");
    strbuf_append(&t->out->pcre, t->in.p + t->at, n);
    strbuf_puts(&t->out->pcre, t->flags.nocase ? ")" : "");
    t->at += n;
}

/* \Q … \E: all of it literal. */
static void tr_quoted(Tr *t)
{
    for (t->at++; t->at < t->in.n;) {
        if (tr_peek(t, 0) == '\\' && tr_peek(t, 1) == 'E') {
            t->at += 2;
            return;
        }
        size_t w = tr_width(t);
        put_literal(t, utf8_decode(t->in.p + t->at, w));
        t->at += w;
    }
}

/* ^ $ \b and the like; Java lets them be repeated, PCRE2 wants a group around them for that. */
static void put_anchor(Tr *t, const char *anchor)
{
    char c = tr_peek(t, 0);
    bool repeated = c && strchr("*+?{", c);
    t->out->is_text = false;
    strbuf_printf(&t->out->pcre, repeated ? "(?:%s)" : "%s", anchor);
}

/*
 * Java's \\b: letters, decimal digits and _ are of a word, and so are marks upon a letter or digit.
 * Four marks are looked back over, since PCRE2's look-behinds have fixed lengths.
 */
#define BASE "[\\p{L}\\p{Nd}]"
#define MARK "\\p{Mn}"
#define MARKED BASE MARK "|" BASE MARK MARK "|" BASE MARK MARK MARK "|" BASE MARK MARK MARK MARK
#define WORD_BEFORE "[\\p{L}\\p{Nd}_]|" MARKED
#define WORD_BEHIND "[\\p{L}\\p{Nd}_]|" MARK "(?<=" MARKED ")"
#define BOUNDARY                                                                                   \
    "(?:(?<=" WORD_BEFORE ")(?!" WORD_BEHIND ")|(?<!" WORD_BEFORE ")(?=" WORD_BEHIND "))"
#define NO_BOUNDARY                                                                                \
    "(?:(?<=" WORD_BEFORE ")(?=" WORD_BEHIND ")|(?<!" WORD_BEFORE ")(?!" WORD_BEHIND "))"

/* A backslash outside of a class; the cursor is behind it. */
static void tr_escape(Tr *t)
{
    StrBuf *b = &t->out->pcre;
    uint32_t code = 0;
    char c = tr_peek(t, 0);
    if (tr_escaped_code(t, &code)) {
        put_literal(t, code);
        return;
    }
    if (c == 'Q') {
        tr_quoted(t);
        return;
    }
    t->out->is_text = false;
    const char *set = escape_set(c);
    if (set) {
        strbuf_printf(b, c >= 'a' ? "[%s]" : "[^%s]", set);
        t->at++;
    } else if (c == 'p' || c == 'P') {
        t->at++;
        tr_property(t, b, c == 'P', false);
    } else if (is_digit(c)) {
        tr_backreference(t);
    } else if (c == 'k') {
        tr_named_reference(t);
    } else if (c && strchr("bBAGZzRX", c)) {
        char anchor[] = {'\\', c, '\0'};
        t->at++;
        if (c == 'b' || c == 'B') {
            put_anchor(t, c == 'b' ? BOUNDARY : NO_BOUNDARY);
        } else if (c == 'R' || c == 'X') {
            strbuf_puts(b, anchor);
        } else {
            put_anchor(t, anchor);
        }
    } else {
        tr_fail(t, c == 'N' && tr_peek(t, 1) == '{' ? REGEX_UNSUPPORTED : REGEX_BAD);
    }
}

/* ---- classes ---- */

static void tr_class(Tr *t, StrBuf *out, uint32_t depth);

/* One end of a range, or a lone character: *ret. false: it was a set and is in b already. */
static bool tr_class_char(Tr *t, StrBuf *b, uint32_t *ret)
{
    if (tr_peek(t, 0) != '\\') {
        size_t w = tr_width(t);
        *ret = utf8_decode(t->in.p + t->at, w);
        t->at += w;
        return true;
    }
    t->at++;
    char c = tr_peek(t, 0);
    if (tr_escaped_code(t, ret)) {
        return true;
    }
    const char *set = escape_set(c);
    if (set && c >= 'a') {
        strbuf_puts(b, set);
        t->at++;
    } else if (set && c != 'H' && c != 'V') {
        strbuf_puts(b, c == 'D'   ? "\\x00-\\/:-\\x{10ffff}"
                       : c == 'W' ? "\\x00-\\/:-@\\[-^`{-\\x{10ffff}"
                                  : "\\x00-\\x08\\x0E-\\x1F!-\\x{10ffff}");
        t->at++;
    } else if (c == 'p' || c == 'P') {
        t->at++;
        tr_property(t, b, c == 'P', true);
    } else {
        tr_fail(t, c == 'Q' || set ? REGEX_UNSUPPORTED : REGEX_BAD);
    }
    return false;
}

static void put_range(const Tr *t, StrBuf *b, uint32_t from, uint32_t to)
{
    put_code(b, from);
    if (to != from) {
        strbuf_putc(b, '-');
        put_code(b, to);
    }
    if (!t->flags.nocase) {
        return;
    }
    for (uint32_t c = 'A'; c <= 'Z'; c++) { /* the other case of ASCII letters inside */
        bool upper = c >= from && c <= to, lower = c + 32 >= from && c + 32 <= to;
        if (upper != lower) {
            strbuf_putc(b, (char)(upper ? c + 32 : c));
        }
    }
}

/* Members up to a nested class, && or the end, into b: characters, ranges and sets. */
static void tr_class_members(Tr *t, StrBuf *b, bool *first)
{
    while (tr_more(t)) {
        char c = tr_peek(t, 0);
        if (c == '[' || (c == ']' && !*first) || (c == '&' && tr_peek(t, 1) == '&')) {
            return;
        }
        *first = false;
        uint32_t from, to;
        if (!tr_class_char(t, b, &from)) {
            continue;
        }
        to = from;
        if (tr_peek(t, 0) == '-' && tr_peek(t, 1) != ']' && tr_peek(t, 1) != '[' && tr_peek(t, 1)) {
            t->at++;
            StrBuf set = {0};
            if (!tr_class_char(t, &set, &to) || to < from) {
                tr_fail(t, REGEX_BAD);
            }
            strbuf_free(&set);
        }
        if (t->out->status == REGEX_OK) {
            put_range(t, b, from, to);
        }
    }
}

/* A union of members and nested classes: "[ab]" or "(?:[ab]|…)". Ends before && or ]. */
static void tr_class_union(Tr *t, StrBuf *out, bool *first, uint32_t depth)
{
    StrBuf members = {0}, nested = {0};
    while (tr_more(t)) {
        tr_class_members(t, &members, first);
        if (tr_peek(t, 0) != '[' || !tr_more(t)) {
            break;
        }
        *first = false;
        strbuf_puts(&nested, nested.n ? "|" : "");
        tr_class(t, &nested, depth + 1);
    }
    if (members.n == 0 && nested.n == 0) {
        tr_fail(t, REGEX_BAD);
    }
    strbuf_puts(out, nested.n ? "(?:" : "");
    if (members.n) {
        strbuf_printf(out, "[%s]%s", members.p, nested.n ? "|" : "");
    }
    strbuf_puts(out, nested.n ? nested.p : "");
    strbuf_puts(out, nested.n ? ")" : "");
    strbuf_free(&members);
    strbuf_free(&nested);
}

/* A class, the cursor on its [: appended to out as one atom. */
static void tr_class(Tr *t, StrBuf *out, uint32_t depth)
{
    bool negated = tr_peek(t, 1) == '^', first = true, simple;
    StrBuf last = {0}, before = {0};
    if (depth > MAX_NESTING) {
        tr_fail(t, REGEX_UNSUPPORTED);
        return;
    }
    t->at += negated ? 2 : 1;
    tr_class_union(t, &last, &first, depth);
    while (tr_more(t) && tr_peek(t, 0) == '&') { /* earlier operands become look-aheads */
        strbuf_printf(&before, "(?=%s)", last.p ? last.p : "");
        strbuf_clear(&last);
        t->at += 2;
        tr_class_union(t, &last, &first, depth);
    }
    if (t->out->status == REGEX_OK && tr_peek(t, 0) != ']') {
        tr_fail(t, REGEX_BAD);
    }
    t->at++;
    const char *set = last.p ? last.p : "";
    simple = before.n == 0 && set[0] == '[';
    if (negated && simple) {
        strbuf_printf(out, "[^%s", set + 1);
    } else if (negated) {
        strbuf_printf(out, "(?:(?!%s%s)[\\x00-\\x{10ffff}])", before.p ? before.p : "", set);
    } else if (before.n) {
        strbuf_printf(out, "(?:%s%s)", before.p, set);
    } else {
        strbuf_puts(out, set);
    }
    strbuf_free(&last);
    strbuf_free(&before);
}

/* ---- groups and the rest ---- */

/* (?flags) or (?flags:…; the cursor is on the first flag. */
static void tr_flags(Tr *t)
{
    StrBuf kept = {0};
    bool off = false;
    for (; tr_more(t); t->at++) {
        char c = tr_peek(t, 0);
        if (c == '-' && !off) {
            off = true;
            strbuf_putc(&kept, '-');
        } else if (c == 'i') {
            t->flags.nocase = !off;
        } else if (c == 'u') {
            t->flags.unicode = !off;
        } else if (c == 'm' || c == 's') {
            strbuf_putc(&kept, c);
        } else if (c == 'd' || c == 'x' || c == 'U') {
            tr_fail(t, REGEX_UNSUPPORTED);
        } else {
            break;
        }
    }
    if (kept.n && kept.p[kept.n - 1] == '-') {
        kept.p[--kept.n] = '\0';
    }
    char c = tr_peek(t, 0);
    if (c == ')') { /* until the end of the group around it */
        t->flags = (Flags){t->flags.nocase, t->flags.unicode};
        if (t->depth > 0) {
            t->depth--;
        }
        strbuf_printf(&t->out->pcre, kept.n ? "(?%s)" : "(?:)", kept.n ? kept.p : "");
    } else if (c == ':') {
        strbuf_printf(&t->out->pcre, "(?%s:", kept.n ? kept.p : "");
    } else {
        tr_fail(t, REGEX_BAD);
    }
    t->at++;
    strbuf_free(&kept);
}

/* A group's name: <letters and digits>. */
static bool tr_group_name(Tr *t)
{
    size_t k = 1;
    if (!is_letter(tr_peek(t, k))) {
        return false;
    }
    while (is_letter(tr_peek(t, k)) || is_digit(tr_peek(t, k))) {
        k++;
    }
    if (tr_peek(t, k) != '>') {
        return false;
    }
    strbuf_puts(&t->out->pcre, "(?");
    strbuf_append(&t->out->pcre, t->in.p + t->at, k + 1);
    t->at += k + 1;
    t->n_groups++;
    return true;
}

static void tr_open(Tr *t)
{
    static const char *const plain[] = {"?:", "?=", "?!", "?>", "?<=", "?<!"};
    Str rest = {t->in.p + t->at + 1, t->in.n - t->at - 1};
    if (t->depth == MAX_NESTING) {
        tr_fail(t, REGEX_UNSUPPORTED);
        return;
    }
    t->stack[t->depth++] = t->flags;
    t->out->is_text = false;
    if (rest.n && rest.p[0] == '*') {
        tr_fail(t, REGEX_BAD);
        return;
    }
    if (!rest.n || rest.p[0] != '?') {
        strbuf_putc(&t->out->pcre, '(');
        t->n_groups++;
        t->at++;
        return;
    }
    for (size_t k = 0; k < sizeof(plain) / sizeof(plain[0]); k++) {
        if (str_has_prefix(rest, str_of(plain[k]))) {
            strbuf_printf(&t->out->pcre, "(%s", plain[k]);
            t->at += 1 + strlen(plain[k]);
            return;
        }
    }
    t->at += 2;
    if (tr_peek(t, 0) == '<') {
        if (!tr_group_name(t)) {
            tr_fail(t, REGEX_BAD);
        }
        return;
    }
    tr_flags(t);
}

static void tr_close(Tr *t)
{
    if (t->depth == 0) {
        tr_fail(t, REGEX_BAD);
        return;
    }
    t->flags = t->stack[--t->depth];
    strbuf_putc(&t->out->pcre, ')');
    t->at++;
}

/* {n}, {n,}, {n,m}; anything else Java refuses. */
static void tr_braces(Tr *t)
{
    size_t k = 1;
    while (is_digit(tr_peek(t, k))) {
        k++;
    }
    bool ok = k > 1;
    if (tr_peek(t, k) == ',') {
        for (k++; is_digit(tr_peek(t, k)); k++) {
        }
    }
    if (!ok || tr_peek(t, k) != '}') {
        tr_fail(t, REGEX_BAD);
        return;
    }
    strbuf_append(&t->out->pcre, t->in.p + t->at, k + 1);
    t->at += k + 1;
}

static uint32_t count_groups(Str s)
{
    uint32_t n = 0;
    bool in_class = false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\') {
            i++;
        } else if (s.p[i] == '[') {
            in_class = true;
        } else if (s.p[i] == ']') {
            in_class = false;
        } else if (s.p[i] == '(' && !in_class) {
            bool special = i + 1 < s.n && s.p[i + 1] == '?';
            bool named = special && i + 3 < s.n && s.p[i + 2] == '<' && s.p[i + 3] != '=' &&
                         s.p[i + 3] != '!';
            n += !special || named;
        }
    }
    return n;
}

void regex_translate(Str java, RegexText *ret)
{
    Tr t = {.in = java, .out = ret, .all_groups = count_groups(java)};
    *ret = (RegexText){.is_text = true};
    while (tr_more(&t)) {
        char c = tr_peek(&t, 0);
        if (c == '\\') {
            t.at++;
            tr_escape(&t);
        } else if (c == '[') {
            ret->is_text = false;
            tr_class(&t, &ret->pcre, 0);
        } else if (c == '(') {
            tr_open(&t);
        } else if (c == ')') {
            tr_close(&t);
        } else if (c == '{') {
            ret->is_text = false;
            tr_braces(&t);
        } else if (c == '^' || c == '$') {
            t.at++;
            put_anchor(&t, c == '^' ? "^" : "$");
        } else if (c && strchr(".|?*+", c)) {
            ret->is_text = false;
            strbuf_putc(&ret->pcre, c);
            t.at++;
        } else {
            size_t w = tr_width(&t);
            put_literal(&t, utf8_decode(java.p + t.at, w));
            t.at += w;
        }
    }
    if (t.depth > 0) {
        tr_fail(&t, REGEX_BAD);
    }
}
