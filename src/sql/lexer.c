/*
 * lexer.c - the lexical grammar of Spark SQL 4.3 (SqlBaseLexer).
 *
 * The longest match wins: "1L" is a bigint, "1Lx" a name; a number with a point is one only when
 * no letter, digit or underscore follows it, so that "1.a" is a field of 1. Comments and white
 * space leave no token. Bracketed comments nest; slash-star-plus starts a hint, not a comment.
 *
 * Bytes of 128 and above count as letters unless they encode one of Unicode's spaces: Spark asks
 * for letters there, but nothing else can stand at such a place either.
 *
 * The text is hostile: every look-ahead is checked against its end, and positions fit 32 bits
 * because longer texts are refused. Threads: pure.
 */
#include "sql/lexer.h"

#define SQL_MAX_BYTES (UINT32_C(1) << 28)

typedef struct Lexer {
    Str s;
    uint32_t at;
    Token *tok;
    uint32_t n, cap;
    Arena *a;
    fb_error *err;
} Lexer;

static unsigned char peek(const Lexer *l, uint32_t ahead)
{
    size_t i = (size_t)l->at + ahead;
    return i < l->s.n ? (unsigned char)l->s.p[i] : 0;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

static bool is_word(unsigned char c)
{
    return is_letter(c) || is_digit(c) || c == '_';
}

/* Bytes of the white space at i, 0 if there is none: Spark's list of spaces in UTF-8. */
static uint32_t space_at(Str s, size_t i)
{
    unsigned char c = (unsigned char)s.p[i];
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
        return 1;
    }
    if (c < 0x80) {
        return 0;
    }
    unsigned char d = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
    unsigned char e = i + 2 < s.n ? (unsigned char)s.p[i + 2] : 0;
    if (c == 0xC2 && d == 0xA0) {
        return 2; /* U+00A0 */
    }
    bool found = (c == 0xE1 && d == 0x9A && e == 0x80) ||                /* U+1680 */
                 (c == 0xE2 && d == 0x80 && e >= 0x80 && e <= 0x8A) ||   /* U+2000..200A */
                 (c == 0xE2 && d == 0x80 && (e == 0xA8 || e == 0xAF)) || /* U+2028, U+202F */
                 (c == 0xE2 && d == 0x81 && e == 0x9F) ||                /* U+205F */
                 (c == 0xE3 && d == 0x80 && e == 0x80);                  /* U+3000 */
    return found ? 3 : 0;
}

/* ---- keywords ---- */

static const char *const keyword_text[KW_COUNT] = {
    [KW_NONE] = "",
#define KW(name) [KW_##name] = #name,
#include "sql/keywords.def"
#undef KW
};

static int cmp_keyword(Str word, const char *kw)
{
    for (size_t i = 0; i < word.n; i++) {
        int d = (unsigned char)ascii_upper(word.p[i]) - (unsigned char)kw[i];
        if (d != 0) {
            return d; /* also at kw's NUL */
        }
    }
    return kw[word.n] ? -1 : 0;
}

static Keyword find_keyword(Str word)
{
    int lo = KW_NONE + 1, hi = KW_COUNT - 1;
    while (lo <= hi) {
        int mid = (lo + hi) / 2;
        int d = cmp_keyword(word, keyword_text[mid]);
        if (d == 0) {
            return (Keyword)mid;
        }
        if (d < 0) {
            hi = mid - 1;
        } else {
            lo = mid + 1;
        }
    }
    return KW_NONE;
}

/* ---- tokens ---- */

static void push(Lexer *l, TokenKind kind, uint32_t len)
{
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? l->cap * 2 : 64;
        Token *t = arena_alloc(l->a, mem_mul(cap, sizeof(*t)));
        if (l->n) {
            memcpy(t, l->tok, l->n * sizeof(*t));
        }
        l->tok = t;
        l->cap = cap;
    }
    Keyword kw = KW_NONE;
    if (kind == TK_WORD) {
        kw = find_keyword((Str){l->s.p + l->at, len});
    }
    l->tok[l->n++] = (Token){.kind = kind, .kw = kw, .start = l->at, .stop = l->at + len};
    l->at += len;
}

/* Length of the word at `from` bytes ahead. */
static uint32_t word_length(const Lexer *l, uint32_t from)
{
    uint32_t i = from;
    while (is_word(peek(l, i)) && space_at(l->s, l->at + i) == 0) {
        i++;
    }
    return i - from;
}

/* "s3://bucket/key" after ADD JAR and the like is one word. */
static uint32_t uri_length(const Lexer *l, uint32_t word)
{
    for (uint32_t i = 0; i < word; i++) {
        if (!is_letter(peek(l, i))) {
            return 0;
        }
    }
    if (peek(l, word) != ':' || peek(l, word + 1) != '/' || peek(l, word + 2) != '/') {
        return 0;
    }
    uint32_t i = word + 3;
    for (unsigned char c = peek(l, i);
         c && (is_word(c) || strchr("#%&-./=?", c)) && space_at(l->s, l->at + i) == 0;) {
        c = peek(l, ++i);
    }
    return i > word + 3 ? i : 0;
}

static void lex_word(Lexer *l)
{
    uint32_t n = word_length(l, 0);
    uint32_t uri = uri_length(l, n);
    push(l, TK_WORD, uri ? uri : n);
}

/* Length of an exponent ("e+3") at `from`, 0 if there is none. */
static uint32_t exponent_length(const Lexer *l, uint32_t from)
{
    unsigned char c = peek(l, from);
    if (c != 'e' && c != 'E') {
        return 0;
    }
    uint32_t i = from + 1;
    if (peek(l, i) == '+' || peek(l, i) == '-') {
        i++;
    }
    if (!is_digit(peek(l, i))) {
        return 0;
    }
    while (is_digit(peek(l, i))) {
        i++;
    }
    return i - from;
}

/* Kind and length of a suffix at `from`; plain when there is none. */
static TokenKind number_suffix(const Lexer *l, uint32_t from, TokenKind plain, bool whole,
                               uint32_t *len)
{
    unsigned char c = (unsigned char)ascii_upper((char)peek(l, from));
    *len = 1;
    switch (c) {
    case 'L':
        if (whole) {
            return TK_LONG;
        }
        break;
    case 'S':
        if (whole) {
            return TK_SHORT;
        }
        break;
    case 'Y':
        if (whole) {
            return TK_BYTE;
        }
        break;
    case 'F':
        return TK_FLOAT;
    case 'D':
        return TK_DOUBLE;
    case 'B':
        if (ascii_upper((char)peek(l, from + 1)) == 'D') {
            *len = 2;
            return TK_BIGDECIMAL;
        }
        break;
    default:
        break;
    }
    *len = 0;
    return plain;
}

/* A number starts here: a digit, or a point and a digit. */
static void lex_number(Lexer *l)
{
    uint32_t digits = 0, suffix;
    while (is_digit(peek(l, digits))) {
        digits++;
    }
    /* The form with a point first; it stands only if no word goes on behind it. */
    if (peek(l, digits) == '.') {
        uint32_t i = digits + 1;
        while (is_digit(peek(l, i))) {
            i++;
        }
        uint32_t e = exponent_length(l, i);
        for (int with_exponent = e > 0; with_exponent >= 0; with_exponent--) {
            uint32_t end = with_exponent ? i + e : i;
            TokenKind kind =
                number_suffix(l, end, with_exponent ? TK_EXPONENT : TK_DECIMAL, false, &suffix);
            if (!is_word(peek(l, end + suffix)) ||
                space_at(l->s, (size_t)l->at + end + suffix) > 0) {
                push(l, kind, end + suffix);
                return;
            }
        }
    }
    if (digits == 0) {
        push(l, TK_DOT, 1);
        return;
    }
    uint32_t word = word_length(l, 0);
    uint32_t e = exponent_length(l, digits);
    TokenKind kind = number_suffix(l, digits + e, e ? TK_EXPONENT : TK_INT, e == 0, &suffix);
    /* "1e+3" is longer than the word "1e"; "1e3x" is a word. */
    if (digits + e + suffix >= word) {
        push(l, kind, digits + e + suffix);
    } else {
        push(l, TK_WORD, word);
    }
}

/* A quoted piece that starts at `from` (its opening quote); the length up to the closing quote,
 * 0 when there is none. A doubled quote stands for itself. */
static uint32_t quoted_length(const Lexer *l, uint32_t from, bool escapes, bool doubling)
{
    char quote = (char)peek(l, from);
    size_t i = (size_t)l->at + from + 1;
    while (i < l->s.n) {
        char c = l->s.p[i];
        if (c == '\\' && escapes) {
            i += 2;
        } else if (c != quote) {
            i++;
        } else if (doubling && i + 1 < l->s.n && l->s.p[i + 1] == quote) {
            i += 2;
        } else {
            return (uint32_t)(i + 1 - l->at);
        }
    }
    return 0;
}

static bool lex_quoted(Lexer *l)
{
    unsigned char c = peek(l, 0);
    uint32_t n = 0;
    TokenKind kind = TK_STRING;
    if (c == '\'' || c == '"') {
        n = quoted_length(l, 0, true, true);
    } else if (c == '`') {
        n = quoted_length(l, 0, false, true);
        kind = TK_QUOTED;
    } else if ((c == 'r' || c == 'R') && (peek(l, 1) == '\'' || peek(l, 1) == '"')) {
        n = quoted_length(l, 1, false, false);
        if (n == 0) {
            return false; /* a word, and then a quote that is not closed */
        }
    } else {
        return false;
    }
    if (n == 0) {
        push(l, TK_BAD, 1);
    } else {
        push(l, kind, n);
    }
    return true;
}

static bool lex_operator(Lexer *l)
{
    static const struct {
        const char *text; /* longer ones first */
        TokenKind kind;
    } ops[] = {
        {">>>", TK_SHIFT_RIGHT_UNSIGNED},
        {"<=>", TK_NSEQ},
        {"/*+", TK_HINT_START},
        {"*/", TK_HINT_END},
        {"==", TK_EQ},
        {"<>", TK_NEQ},
        {"!=", TK_NEQ},
        {"<=", TK_LTE},
        {"!>", TK_LTE},
        {">=", TK_GTE},
        {"!<", TK_GTE},
        {"<<", TK_SHIFT_LEFT},
        {">>", TK_SHIFT_RIGHT},
        {"||", TK_CONCAT},
        {"|>", TK_OPERATOR_PIPE},
        {"::", TK_DOUBLE_COLON},
        {"->", TK_ARROW},
        {"=>", TK_FAT_ARROW},
        {"(", TK_LPAREN},
        {")", TK_RPAREN},
        {"[", TK_LBRACKET},
        {"]", TK_RBRACKET},
        {",", TK_COMMA},
        {".", TK_DOT},
        {";", TK_SEMICOLON},
        {"!", TK_BANG},
        {"=", TK_EQ},
        {"<", TK_LT},
        {">", TK_GT},
        {"+", TK_PLUS},
        {"-", TK_MINUS},
        {"*", TK_STAR},
        {"/", TK_SLASH},
        {"%", TK_PERCENT},
        {"~", TK_TILDE},
        {"&", TK_AMPERSAND},
        {"|", TK_PIPE},
        {"^", TK_HAT},
        {":", TK_COLON},
        {"@", TK_AT},
        {"?", TK_QUESTION},
    };
    Str rest = {l->s.p + l->at, l->s.n - l->at};
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        if (str_has_prefix(rest, str_of(ops[i].text))) {
            push(l, ops[i].kind, (uint32_t)strlen(ops[i].text));
            return true;
        }
    }
    return false;
}

/* ---- comments ---- */

static void skip_line_comment(Lexer *l)
{
    while (l->at < l->s.n && peek(l, 0) != '\n' && peek(l, 0) != '\r') {
        l->at += peek(l, 0) == '\\' && peek(l, 1) == '\n' ? 2 : 1;
    }
}

static fb_status skip_bracketed_comment(Lexer *l)
{
    uint32_t start = l->at, level = 0;
    while (l->at < l->s.n) {
        if (peek(l, 0) == '/' && peek(l, 1) == '*' && peek(l, 2) != '+') {
            level++;
            l->at += 2;
        } else if (peek(l, 0) == '*' && peek(l, 1) == '/') {
            l->at += 2;
            if (--level == 0) {
                return FB_OK;
            }
        } else {
            l->at++;
        }
    }
    err_set(l->err, ERR_UNCLOSED_BRACKETED_COMMENT, NULL);
    err_where(l->err, (int)start, (int)l->s.n, l->s);
    return FB_ERR;
}

/* *ret_skipped: something that leaves no token was passed over. */
static fb_status skip_blank(Lexer *l, bool *ret_skipped)
{
    uint32_t space = space_at(l->s, l->at);
    *ret_skipped = true;
    if (space > 0) {
        l->at += space;
    } else if (peek(l, 0) == '-' && peek(l, 1) == '-') {
        skip_line_comment(l);
    } else if (peek(l, 0) == '/' && peek(l, 1) == '*' && peek(l, 2) != '+') {
        return skip_bracketed_comment(l);
    } else {
        *ret_skipped = false;
    }
    return FB_OK;
}

fb_status sql_lex(Arena *a, Str sql, Token **ret, uint32_t *ret_n, fb_error *err)
{
    Lexer l = {.s = sql, .a = a, .err = err};
    if (sql.n > SQL_MAX_BYTES) {
        return err_set(err, ERR_FAILED_TO_PARSE_TOO_COMPLEX, NULL);
    }
    for (size_t i = 0, n; i < sql.n; i += n) {
        n = utf8_sequence(sql.p + i, sql.n - i);
        if (n == 0) {
            err_set(err, ERR_PARSE_SYNTAX_ERROR, "error", "a byte that is not UTF-8", "hint", "",
                    NULL);
            err_where(err, (int)i, (int)i + 1, sql);
            return FB_ERR;
        }
    }
    while (l.at < sql.n) {
        bool skipped;
        TRY(skip_blank(&l, &skipped));
        if (skipped) {
            continue;
        }
        unsigned char c = peek(&l, 0);
        if (lex_quoted(&l)) {
            continue;
        }
        if (is_digit(c) || (c == '.' && is_digit(peek(&l, 1)))) {
            lex_number(&l);
        } else if (is_word(c)) {
            lex_word(&l);
        } else if (!lex_operator(&l)) {
            push(&l, TK_BAD, 1);
        }
    }
    l.at = (uint32_t)sql.n;
    push(&l, TK_EOF, 0);
    *ret = l.tok;
    *ret_n = l.n;
    return FB_OK;
}

/* ---- literals ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put_utf8(StrBuf *out, uint32_t cp)
{
    if (cp < 0x80) {
        strbuf_putc(out, (char)cp);
    } else if (cp < 0x800) {
        strbuf_putc(out, (char)(0xC0 | cp >> 6));
        strbuf_putc(out, (char)(0x80 | (cp & 0x3F)));
    } else if (cp < 0x10000) {
        strbuf_putc(out, (char)(0xE0 | cp >> 12));
        strbuf_putc(out, (char)(0x80 | (cp >> 6 & 0x3F)));
        strbuf_putc(out, (char)(0x80 | (cp & 0x3F)));
    } else {
        strbuf_putc(out, (char)(0xF0 | cp >> 18));
        strbuf_putc(out, (char)(0x80 | (cp >> 12 & 0x3F)));
        strbuf_putc(out, (char)(0x80 | (cp >> 6 & 0x3F)));
        strbuf_putc(out, (char)(0x80 | (cp & 0x3F)));
    }
}

/* n hex digits at s[i]. */
static bool hex_at(Str s, size_t i, size_t n, uint32_t *ret)
{
    uint32_t v = 0;
    if (i + n > s.n) {
        return false;
    }
    for (size_t k = 0; k < n; k++) {
        int d = hex_value(s.p[i + k]);
        if (d < 0) {
            return false;
        }
        v = v << 4 | (uint32_t)d;
    }
    *ret = v;
    return true;
}

/* \uXXXX and \UXXXXXXXX at s[i] = '\\'; bytes consumed, 0 if it is not one. Two \u may make a
 * surrogate pair; a lone half becomes '?', as Java encodes it. */
static size_t unescape_unicode(Str s, size_t i, StrBuf *out)
{
    uint32_t cp, low;
    if (s.p[i + 1] == 'U' && hex_at(s, i + 2, 8, &cp) && cp <= 0x10FFFF) {
        put_utf8(out, cp >= 0xD800 && cp <= 0xDFFF ? '?' : cp);
        return 10;
    }
    if (s.p[i + 1] != 'u' || !hex_at(s, i + 2, 4, &cp)) {
        return 0;
    }
    if (cp >= 0xD800 && cp <= 0xDBFF && i + 7 < s.n && s.p[i + 6] == '\\' && s.p[i + 7] == 'u' &&
        hex_at(s, i + 8, 4, &low) && low >= 0xDC00 && low <= 0xDFFF) {
        put_utf8(out, 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00));
        return 12;
    }
    put_utf8(out, cp >= 0xD800 && cp <= 0xDFFF ? '?' : cp);
    return 6;
}

/* One escape at s[i] = '\\', where a byte follows; returns the bytes consumed. */
static size_t unescape_one(Str s, size_t i, StrBuf *out)
{
    size_t n = unescape_unicode(s, i, out);
    if (n > 0) {
        return n;
    }
    char c = s.p[i + 1];
    if (c >= '0' && c <= '3' && i + 3 < s.n && s.p[i + 2] >= '0' && s.p[i + 2] <= '7' &&
        s.p[i + 3] >= '0' && s.p[i + 3] <= '7') {
        put_utf8(out, (uint32_t)((c - '0') << 6 | (s.p[i + 2] - '0') << 3 | (s.p[i + 3] - '0')));
        return 4;
    }
    switch (c) {
    case '0':
        strbuf_putc(out, '\0');
        break;
    case 'b':
        strbuf_putc(out, '\b');
        break;
    case 'n':
        strbuf_putc(out, '\n');
        break;
    case 'r':
        strbuf_putc(out, '\r');
        break;
    case 't':
        strbuf_putc(out, '\t');
        break;
    case 'Z':
        strbuf_putc(out, 0x1A);
        break;
    case '%':
    case '_': /* LIKE wants to see these escapes itself */
        strbuf_putc(out, '\\');
        strbuf_putc(out, c);
        break;
    default:
        strbuf_putc(out, c);
        break;
    }
    return 2;
}

void sql_unescape(Str literal, StrBuf *out)
{
    bool raw = literal.p[0] == 'r' || literal.p[0] == 'R';
    char quote = literal.p[raw];
    Str s = {literal.p + raw + 1, literal.n - raw - 2};
    if (raw) {
        strbuf_append(out, s.p, s.n);
        return;
    }
    for (size_t i = 0; i < s.n;) {
        if (s.p[i] == '\\' && i + 1 < s.n) {
            i += unescape_one(s, i, out);
        } else {
            strbuf_putc(out, s.p[i]);
            i += s.p[i] == quote ? 2 : 1; /* a quote in here is a doubled one */
        }
    }
}

char *sql_unquote_name(Arena *a, Str quoted)
{
    char *name = arena_alloc(a, quoted.n);
    size_t n = 0;
    for (size_t i = 1; i + 1 < quoted.n; i++) {
        name[n++] = quoted.p[i] == '\0' ? CSTR_NUL : quoted.p[i];
        i += quoted.p[i] == '`';
    }
    name[n] = '\0';
    return name;
}
