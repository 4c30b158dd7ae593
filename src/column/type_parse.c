/*
 * type_parse.c - data types and column lists from DDL text.
 *
 * A recursive descent parser for the part of Spark 4.3's grammar (SqlBaseParser.g4) that
 * DataType.fromDDL, StructType.fromDDL and CAST use, with its depth bounded:
 *
 *   columns  column {"," column}          column  name type ["NOT" "NULL"] ["COMMENT" string]
 *   fields   the same with an optional ":" behind the name
 *   type     array "<" type ">" | map "<" type "," type ">" | struct ("<" [fields] ">" | "<>")
 *            | interval [unit ["to" unit]] | name ["(" number {"," number} ")"] | ...
 *
 * Key words are not reserved, so that "select int" is a column and "timestamp" a fine name. As in
 * Spark an unknown type name is an error of the finished tree, a syntax error anywhere in the text
 * comes first: what is wrong with the types is kept aside until the text has been read.
 *
 * CHAR(n) and VARCHAR(n) are strings; a column keeps the declared type in its metadata under the
 * key that Spark's own tables use.
 *
 * Ownership: the parser borrows the text; results are interned types. Threads: no state.
 */
#include "column/type.h"

#include "column/collation.h"
#include "column/type_priv.h"

typedef enum TokenKind {
    TOK_END,
    TOK_NAME,   /* key words too */
    TOK_QUOTED, /* `name` */
    TOK_NUMBER,
    TOK_STRING, /* 'a', "a", r'a' */
    TOK_PUNCT   /* one byte, or <> */
} TokenKind;

typedef struct Token {
    TokenKind kind;
    Str text; /* as it stands in the source */
} Token;

typedef struct Parser {
    Str sql;
    size_t pos; /* behind tok */
    Token tok;
    fb_error *err;     /* syntax */
    fb_error meaning;  /* the first thing wrong with a type; err_move()d to err at the end */
    Str char_type;     /* "CHAR(5)" when the last type was one; else empty */
    Token angle;       /* the outermost open "<"; TOK_END when there is none */
    bool may_be_extra; /* the last type is one behind which Spark calls one token superfluous */
    bool in_list;      /* the type is that of an array's element, or of a map's key or value */
    int depth;
} Parser;

typedef enum ListForm { LIST_COLUMNS, LIST_FIELDS } ListForm;

/* ---- tokens ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_byte(char c)
{
    char l = ascii_lower(c);
    return (l >= 'a' && l <= 'z') || is_digit(c) || c == '_' || (unsigned char)c >= 0x80;
}

static char byte_at(const Parser *p, size_t at)
{
    return at < p->sql.n ? p->sql.p[at] : '\0';
}

/* Skips white space and comments. */
static fb_status skip_blanks(Parser *p)
{
    for (;;) {
        char c = byte_at(p, p->pos);
        if (p->pos < p->sql.n && (c == ' ' || (c >= '\t' && c <= '\r'))) {
            p->pos++;
        } else if (c == '-' && byte_at(p, p->pos + 1) == '-') {
            while (p->pos < p->sql.n && p->sql.p[p->pos] != '\n') {
                p->pos++;
            }
        } else if (c == '/' && byte_at(p, p->pos + 1) == '*') {
            const char *rest = p->sql.p + p->pos + 2;
            const char *end = memmem(rest, p->sql.n - p->pos - 2, "*/", 2);
            if (!end) {
                return err_set(p->err, ERR_UNCLOSED_BRACKETED_COMMENT, NULL);
            }
            p->pos = (size_t)(end - p->sql.p) + 2;
        } else {
            return FB_OK;
        }
    }
}

/* The position behind a quoted text that starts at from; 0 when it does not end. A doubled quote
 * stays inside, and so does what a backslash precedes unless the text is raw or in backquotes. */
static size_t end_of_quoted(const Parser *p, size_t from, bool escapes)
{
    char quote = p->sql.p[from];

    for (size_t i = from + 1; i < p->sql.n; i++) {
        char c = p->sql.p[i];
        if (c == '\\' && escapes) {
            i++;
        } else if (c == quote && byte_at(p, i + 1) == quote) {
            i++;
        } else if (c == quote) {
            return i + 1;
        }
    }
    return 0;
}

static fb_status syntax_error(Parser *p, const char *hint)
{
    StrBuf text = {0};
    /* Spark's parser gives up on a nested type as a whole: the place is where it opens. */
    Token at = p->angle.kind != TOK_END ? p->angle : p->tok;
    Str t = at.text;

    if (at.kind == TOK_END) {
        strbuf_puts(&text, "end of input");
    } else {
        strbuf_putc(&text, '\'');
        strbuf_append(&text, t.p, t.n);
        strbuf_putc(&text, '\'');
    }
    StrBuf more = {0};
    if (hint) {
        strbuf_printf(&more, ": %s ", hint);
        strbuf_append(&more, text.p, text.n);
    }
    err_set(p->err, ERR_PARSE_SYNTAX_ERROR, "error", text.p, "hint", more.p ? more.p : "", NULL);
    int start = (int)(t.p - p->sql.p);
    err_where(p->err, start, start + (int)t.n, p->sql);
    strbuf_free(&more);
    strbuf_free(&text);
    return FB_ERR;
}

static fb_status invalid_identifier(Parser *p, Str name)
{
    StrBuf ident = {0};

    strbuf_append(&ident, name.p, name.n);
    err_set(p->err, ERR_INVALID_IDENTIFIER, "ident", ident.p, NULL);
    int start = (int)(name.p - p->sql.p);
    err_where(p->err, start, start + (int)name.n, p->sql);
    strbuf_free(&ident);
    return FB_ERR;
}

static fb_status read_name(Parser *p)
{
    bool digits = true, ascii = true;
    size_t end = p->pos;

    for (; end < p->sql.n && is_name_byte(p->sql.p[end]); end++) {
        digits = digits && is_digit(p->sql.p[end]);
        ascii = ascii && (unsigned char)p->sql.p[end] < 0x80;
    }
    p->tok = (Token){digits ? TOK_NUMBER : TOK_NAME, {p->sql.p + p->pos, end - p->pos}};
    p->pos = end;
    return ascii ? FB_OK : invalid_identifier(p, p->tok.text);
}

static fb_status next(Parser *p)
{
    TRY(skip_blanks(p));
    size_t from = p->pos, end = from + 1;
    char c = byte_at(p, from), after = byte_at(p, from + 1);
    TokenKind kind = TOK_PUNCT;

    if (from == p->sql.n) {
        p->tok = (Token){TOK_END, {p->sql.p + from, 0}};
        return FB_OK;
    }
    if (ascii_lower(c) == 'r' && (after == '\'' || after == '"')) {
        kind = TOK_STRING;
        end = end_of_quoted(p, from + 1, false);
    } else if (is_name_byte(c)) {
        return read_name(p);
    } else if (c == '\'' || c == '"') {
        kind = TOK_STRING;
        end = end_of_quoted(p, from, true);
    } else if (c == '`') {
        kind = TOK_QUOTED;
        end = end_of_quoted(p, from, false);
    } else if (c == '<' && after == '>') {
        end = from + 2;
    }
    p->pos = end > 0 ? end : p->sql.n;
    p->tok = (Token){kind, {p->sql.p + from, p->pos - from}};
    return end > 0 ? FB_OK : syntax_error(p, NULL);
}

static bool at_punct(const Parser *p, const char *text)
{
    return p->tok.kind == TOK_PUNCT && str_eq(p->tok.text, str_of(text));
}

static bool at_word(const Parser *p, const char *word)
{
    return p->tok.kind == TOK_NAME && str_eq_nocase(p->tok.text, str_of(word));
}

static fb_status expect_punct(Parser *p, const char *text)
{
    return at_punct(p, text) ? next(p) : syntax_error(p, NULL);
}

static fb_status expect_word(Parser *p, const char *word)
{
    return at_word(p, word) ? next(p) : syntax_error(p, NULL);
}

/* ---- string literals ---- */

static void put_utf8(StrBuf *out, uint32_t c)
{
    if (c < 0x80) {
        strbuf_putc(out, (char)c);
    } else if (c < 0x800) {
        strbuf_putc(out, (char)(0xc0 | c >> 6));
        strbuf_putc(out, (char)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        strbuf_putc(out, (char)(0xe0 | c >> 12));
        strbuf_putc(out, (char)(0x80 | (c >> 6 & 63)));
        strbuf_putc(out, (char)(0x80 | (c & 63)));
    } else {
        strbuf_putc(out, (char)(0xf0 | c >> 18));
        strbuf_putc(out, (char)(0x80 | (c >> 12 & 63)));
        strbuf_putc(out, (char)(0x80 | (c >> 6 & 63)));
        strbuf_putc(out, (char)(0x80 | (c & 63)));
    }
}

/* n digits of the base at the start of s. */
static bool read_digits(Str s, size_t n, uint32_t base, uint32_t *ret)
{
    uint32_t x = 0;

    for (size_t i = 0; i < n; i++) {
        char c = i < s.n ? ascii_lower(s.p[i]) : '\0';
        uint32_t d = is_digit(c)            ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                                            : 99;
        if (d >= base) {
            return false;
        }
        x = x * base + d;
    }
    *ret = x;
    return n > 0;
}

/* What follows a backslash (ParserUtils.unescapeSQLString); returns how many bytes it took. */
static size_t put_escape(Str s, StrBuf *out)
{
    static const char from[] = "0bnrtZ", to[] = "\0\b\n\r\t\032";
    uint32_t x;

    if (s.p[0] == 'u' && read_digits((Str){s.p + 1, s.n - 1}, 4, 16, &x)) {
        put_utf8(out, x);
        return 5;
    }
    if (s.p[0] == 'U' && read_digits((Str){s.p + 1, s.n - 1}, 8, 16, &x) && x <= 0x10ffff) {
        put_utf8(out, x);
        return 9;
    }
    if (s.p[0] <= '1' && read_digits(s, 3, 8, &x)) {
        put_utf8(out, x);
        return 3;
    }
    const char *at = memchr(from, s.p[0], sizeof(from) - 1);
    if (at) {
        strbuf_putc(out, to[at - from]);
    } else {
        if (s.p[0] == '%' || s.p[0] == '_') {
            strbuf_putc(out, '\\'); /* stays for LIKE */
        }
        strbuf_putc(out, s.p[0]);
    }
    return 1;
}

static void put_string(Str token, StrBuf *out)
{
    bool raw = token.p[0] == 'r' || token.p[0] == 'R';
    size_t skip = raw ? 2 : 1;
    char quote = token.p[skip - 1];
    Str s = {token.p + skip, token.n - skip - 1};

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' && !raw && i + 1 < s.n) {
            i += put_escape((Str){s.p + i + 1, s.n - i - 1}, out);
        } else {
            strbuf_putc(out, s.p[i]);
            i += s.p[i] == quote && !raw; /* one of a pair */
        }
    }
}

/* ---- types ---- */

static fb_status parse_type(Parser *p, const Type **ret);
static fb_status parse_list(Parser *p, ListForm form, const Type **ret);

fb_status type_checked_decimal(int64_t p, int64_t s, const Type **ret, fb_error *err)
{
    char precision[32], scale[32];
    StrBuf b = {0};

    strbuf_printf(&b, "%lld", (long long)p);
    memcpy(precision, b.p, b.n + 1);
    strbuf_clear(&b);
    strbuf_printf(&b, "%lld", (long long)s);
    memcpy(scale, b.p, b.n + 1);
    strbuf_free(&b);
    if (s < 0) {
        return err_set(err, ERR_NEGATIVE_SCALE_DISALLOWED, "scale", scale, "sqlConf",
                       "\"spark.sql.legacy.allowNegativeScaleOfDecimal\"", NULL);
    }
    if (s > p) {
        return err_set(err, ERR_DECIMAL_SCALE_EXCEEDS_PRECISION, "scale", scale, "precision",
                       precision, NULL);
    }
    if (p > 38) {
        return err_set(err, ERR_DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION, "precision", precision,
                       "maxPrecision", "38", NULL);
    }
    if (p < 1) {
        return err_unsupported(err, "decimals of no digits");
    }
    *ret = type_decimal((uint8_t)p, (uint8_t)s);
    return FB_OK;
}

/* "(" number {"," number} ")"; at most max of them are kept, all are counted. */
static fb_status parse_args(Parser *p, int64_t *args, uint32_t max, uint32_t *ret_n)
{
    *ret_n = 0;
    if (!at_punct(p, "(")) {
        return FB_OK;
    }
    do {
        TRY(next(p));
        if (p->tok.kind != TOK_NUMBER) {
            return syntax_error(p, NULL);
        }
        int64_t x;
        if (!parse_i64(p->tok.text, &x)) {
            x = INT64_MAX;
        }
        if (*ret_n < max) {
            args[*ret_n] = x;
        }
        ++*ret_n;
        TRY(next(p));
    } while (at_punct(p, ","));
    return expect_punct(p, ")");
}

static void unknown_type(Parser *p, Str text)
{
    StrBuf b = {0};

    strbuf_putc(&b, '"');
    for (size_t i = 0; i < text.n; i++) {
        strbuf_putc(&b, ascii_upper(text.p[i]));
    }
    strbuf_putc(&b, '"');
    err_set(&p->meaning, ERR_UNSUPPORTED_DATATYPE, "typeName", b.p, NULL);
    strbuf_free(&b);
}

static fb_status parse_interval(Parser *p, const Type **ret)
{
    static const char *const units[] = {"year", "month", "day", "hour", "minute", "second"};
    int first = -1, last;

    *ret = type_interval_cal;
    for (int i = 0; i < 6; i++) {
        first = at_word(p, units[i]) ? i : first;
    }
    if (first < 0) {
        return FB_OK;
    }
    last = first;
    TRY(next(p));
    if (at_word(p, "to")) {
        Parser ahead = *p;
        fb_error quiet = {0};
        ahead.err = &quiet;
        last = -1;
        if (next(&ahead) == FB_OK) {
            for (int i = first + 1; i < (first < 2 ? 2 : 6); i++) {
                last = at_word(&ahead, units[i]) ? i : last;
            }
        }
        err_clear(&quiet);
        if (last < 0) {
            return syntax_error(p, NULL);
        }
        TRY(next(p));
        TRY(next(p));
    }
    *ret = first < 2 ? type_interval_ym((uint8_t)first, (uint8_t)last)
                     : type_interval_dt((uint8_t)(first - 2), (uint8_t)(last - 2));
    return FB_OK;
}

static fb_status parse_timestamp(Parser *p, const Type **ret)
{
    Token from = p->tok;

    *ret = type_timestamp;
    if (at_word(p, "without")) {
        *ret = type_timestamp_ntz;
        TRY(next(p));
    } else if (at_word(p, "with")) {
        TRY(next(p));
        if (!at_word(p, "local")) {
            p->tok = from;
            return syntax_error(p, NULL);
        }
        TRY(next(p));
    } else {
        return FB_OK;
    }
    TRY(expect_word(p, "time"));
    return expect_word(p, "zone");
}

static char *unquoted(Token t)
{
    StrBuf b = {0};

    if (t.kind == TOK_NAME) {
        strbuf_append(&b, t.text.p, t.text.n);
    }
    for (size_t i = 1; t.kind == TOK_QUOTED && i + 1 < t.text.n; i++) {
        strbuf_putc(&b, t.text.p[i] == '\0' ? CSTR_NUL : t.text.p[i]);
        i += t.text.p[i] == '`'; /* one of a pair */
    }
    return strbuf_take(&b);
}

/* COLLATE name */
static fb_status parse_collation(Parser *p, const Type **ret)
{
    TRY(next(p));
    if (p->tok.kind != TOK_NAME && p->tok.kind != TOK_QUOTED) {
        return syntax_error(p, NULL);
    }
    char *name = p->tok.kind == TOK_QUOTED ? unquoted(p->tok) : NULL;
    if (collation_type(name ? str_of(name) : p->tok.text, ret, &p->meaning) != FB_OK) {
        *ret = type_string; /* the error waits for those of the form */
    }
    mem_free(name);
    return next(p);
}

static fb_status parse_string_type(Parser *p, const Type **ret)
{
    *ret = type_string;
    return at_word(p, "collate") ? parse_collation(p, ret) : FB_OK;
}

static bool name_is(Str name, const char *word)
{
    return str_eq_nocase(name, str_of(word));
}

/* Types with numbers in parentheses, and all names that are not known. */
static fb_status parse_with_args(Parser *p, Str name, const Type **ret)
{
    int64_t args[2] = {10, 0};
    uint32_t n;

    *ret = type_null;
    TRY(parse_args(p, args, 2, &n));
    const char *end = n > 0 ? memchr(name.p, ')', p->sql.n - (size_t)(name.p - p->sql.p)) : NULL;
    Str whole = {name.p, end ? (size_t)(end + 1 - name.p) : name.n};
    bool is_char = name_is(name, "char") || name_is(name, "character");
    if (name_is(name, "decimal") || name_is(name, "dec") || name_is(name, "numeric")) {
        if (n <= 2) {
            type_checked_decimal(args[0], args[1], ret, &p->meaning);
            return FB_OK;
        }
    } else if ((is_char || name_is(name, "varchar")) && n <= 1) {
        *ret = type_string;
        if (n == 0) {
            err_set(&p->meaning, ERR_DATATYPE_MISSING_SIZE, "type",
                    is_char ? "\"CHAR\"" : "\"VARCHAR\"", NULL);
        } else if (args[0] < 1 || args[0] > INT32_MAX) {
            unknown_type(p, whole);
        } else if (p->in_list) {
            err_unsupported(&p->meaning, "CHAR and VARCHAR inside arrays and maps");
        } else {
            p->char_type = whole;
        }
        return at_word(p, "collate") ? parse_collation(p, ret) : FB_OK;
    } else if (name_is(name, "variant") || name_is(name, "time") || name_is(name, "geometry") ||
               name_is(name, "geography")) {
        err_unsupported(&p->meaning, "the data type %.*s", (int)name.n, name.p);
        return FB_OK;
    }
    unknown_type(p, whole);
    p->may_be_extra = true;
    return FB_OK;
}

static const Type *simple_type(Str name)
{
    static const struct {
        const char *name;
        const Type *const *type;
    } names[] = {
        {"boolean", &type_boolean}, {"tinyint", &type_byte},
        {"byte", &type_byte},       {"smallint", &type_short},
        {"short", &type_short},     {"int", &type_int},
        {"integer", &type_int},     {"bigint", &type_long},
        {"long", &type_long},       {"float", &type_float},
        {"real", &type_float},      {"double", &type_double},
        {"date", &type_date},       {"timestamp_ntz", &type_timestamp_ntz},
        {"binary", &type_binary},   {"timestamp_ltz", &type_timestamp},
        {"void", &type_null},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (name_is(name, names[i].name)) {
            return *names[i].type;
        }
    }
    return NULL;
}

static fb_status parse_array(Parser *p, const Type **ret)
{
    const Type *element;

    *ret = type_null;
    if (!at_punct(p, "<") && !at_punct(p, "<>")) {
        err_set(&p->meaning, ERR_INCOMPLETE_TYPE_DEFINITION_ARRAY, "elementType", "<INT>", NULL);
        return FB_OK;
    }
    TRY(expect_punct(p, "<"));
    TRY(parse_type(p, &element));
    TRY(expect_punct(p, ">"));
    *ret = type_array(element, true);
    return FB_OK;
}

static fb_status parse_map(Parser *p, const Type **ret)
{
    const Type *key, *value;

    *ret = type_null;
    if (!at_punct(p, "<") && !at_punct(p, "<>")) {
        err_set(&p->meaning, ERR_INCOMPLETE_TYPE_DEFINITION_MAP, NULL);
        return FB_OK;
    }
    TRY(expect_punct(p, "<"));
    TRY(parse_type(p, &key));
    TRY(expect_punct(p, ","));
    TRY(parse_type(p, &value));
    TRY(expect_punct(p, ">"));
    *ret = type_map(key, value, true);
    return FB_OK;
}

static fb_status parse_struct(Parser *p, const Type **ret)
{
    *ret = type_null;
    if (at_punct(p, "<>")) {
        *ret = type_struct(NULL, 0);
        return next(p);
    }
    if (!at_punct(p, "<")) {
        err_set(&p->meaning, ERR_INCOMPLETE_TYPE_DEFINITION_STRUCT, NULL);
        return FB_OK;
    }
    TRY(next(p));
    if (at_punct(p, ">")) {
        *ret = type_struct(NULL, 0);
        return next(p);
    }
    TRY(parse_list(p, LIST_FIELDS, ret));
    return expect_punct(p, ">");
}

static fb_status parse_nested(Parser *p, Str name, const Type **ret)
{
    bool in_list = p->in_list;
    fb_status st;

    if (p->depth == TYPE_MAX_DEPTH) {
        return err_unsupported(p->err, "types nested deeper than %d levels", TYPE_MAX_DEPTH);
    }
    if (p->depth++ == 0 && at_punct(p, "<")) {
        p->angle = p->tok;
    }
    p->in_list = !name_is(name, "struct");
    if (name_is(name, "array")) {
        st = parse_array(p, ret);
    } else if (name_is(name, "map")) {
        st = parse_map(p, ret);
    } else {
        st = parse_struct(p, ret);
    }
    if (--p->depth == 0) {
        p->angle = (Token){0};
    }
    p->in_list = in_list;
    p->char_type = (Str){0};
    p->may_be_extra = true;
    return st;
}

static fb_status parse_named(Parser *p, Str name, const Type **ret)
{
    if (name_is(name, "array") || name_is(name, "map") || name_is(name, "struct")) {
        return parse_nested(p, name, ret);
    }
    if (name_is(name, "interval")) {
        return parse_interval(p, ret);
    }
    if (name_is(name, "timestamp")) {
        return parse_timestamp(p, ret);
    }
    if (name_is(name, "string") && !at_punct(p, "(")) {
        return parse_string_type(p, ret);
    }
    *ret = at_punct(p, "(") ? NULL : simple_type(name);
    return *ret ? FB_OK : parse_with_args(p, name, ret);
}

static fb_status parse_type(Parser *p, const Type **ret)
{
    Token t = p->tok;
    int start = (int)(t.text.p - p->sql.p);

    p->may_be_extra = false;
    p->char_type = (Str){0};
    if (t.kind != TOK_NAME && t.kind != TOK_QUOTED) {
        return syntax_error(p, NULL);
    }
    TRY(next(p));
    if (t.kind == TOK_NAME) {
        TRY(parse_named(p, t.text, ret));
    } else {
        *ret = type_null;
        unknown_type(p, t.text);
    }
    if (err_is_set(&p->meaning) && err_class(p->meaning.id) == EC_PARSE) {
        err_where(&p->meaning, start, start, p->sql);
    }
    return FB_OK;
}

/* ---- columns ---- */

static fb_status parse_name(Parser *p, char **ret)
{
    Token t = p->tok;

    if (t.kind != TOK_NAME && t.kind != TOK_QUOTED) {
        return syntax_error(p, NULL);
    }
    TRY(next(p));
    if (t.kind == TOK_NAME && at_punct(p, "-")) {
        TRY(next(p));
        if (p->tok.kind == TOK_NAME) {
            const char *end = p->tok.text.p + p->tok.text.n;
            return invalid_identifier(p, (Str){t.text.p, (size_t)(end - t.text.p)});
        }
        return syntax_error(p, NULL);
    }
    *ret = unquoted(t);
    return FB_OK;
}

/* {"comment":"...","__CHAR_VARCHAR_TYPE_STRING":"char(5)"} of what there is; NULL for neither. */
static char *column_metadata(const StrBuf *comment, bool has_comment, Str char_type)
{
    StrBuf b = {0};

    if (!has_comment && char_type.n == 0) {
        return NULL;
    }
    strbuf_putc(&b, '{');
    if (has_comment) {
        strbuf_puts(&b, "\"comment\":");
        type_put_json_string(&b, strbuf_str(comment));
    }
    if (char_type.n > 0) {
        strbuf_puts(&b, has_comment ? "," : "");
        strbuf_puts(&b, "\"__CHAR_VARCHAR_TYPE_STRING\":\"");
        bool is_varchar = ascii_lower(char_type.p[0]) == 'v';
        strbuf_puts(&b, is_varchar ? "varchar(" : "char(");
        for (size_t i = 0; i < char_type.n; i++) {
            if (is_digit(char_type.p[i])) {
                strbuf_putc(&b, char_type.p[i]);
            }
        }
        strbuf_puts(&b, ")\"");
    }
    strbuf_putc(&b, '}');
    return strbuf_take(&b);
}

/* name [":"] type ["NOT" "NULL"] ["COMMENT" string]; name and metadata are the caller's to free,
 * after a failure too. */
static fb_status parse_column(Parser *p, ListForm form, Field *ret, char **name, char **metadata)
{
    StrBuf comment = {0};
    bool has_comment = false;
    fb_status st;

    TRY_DONE(parse_name(p, name));
    ret->name = *name;
    if (form == LIST_FIELDS && at_punct(p, ":")) {
        TRY_DONE(next(p));
    }
    TRY_DONE(parse_type(p, &ret->type));
    Str char_type = p->char_type;
    ret->nullable = true;
    if (at_word(p, "not")) {
        TRY_DONE(next(p));
        TRY_DONE(expect_word(p, "null"));
        ret->nullable = false;
    }
    if (at_word(p, "comment")) {
        TRY_DONE(next(p));
        if (p->tok.kind != TOK_STRING) {
            st = syntax_error(p, NULL);
            goto done;
        }
        has_comment = true;
        p->may_be_extra = false;
        while (p->tok.kind == TOK_STRING) {
            put_string(p->tok.text, &comment);
            TRY_DONE(next(p));
        }
    }
    *metadata = column_metadata(&comment, has_comment, char_type);
    ret->metadata = *metadata;
done:
    strbuf_free(&comment);
    return st;
}

typedef struct Columns {
    Field *fields;
    char **names, **metadata;
    uint32_t n, cap;
} Columns;

static void columns_grow(Columns *c)
{
    if (c->n == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 8;
        c->fields = mem_realloc(c->fields, mem_mul(c->cap, sizeof(*c->fields)));
        c->names = mem_realloc(c->names, mem_mul(c->cap, sizeof(*c->names)));
        c->metadata = mem_realloc(c->metadata, mem_mul(c->cap, sizeof(*c->metadata)));
    }
    c->fields[c->n] = (Field){0};
    c->names[c->n] = c->metadata[c->n] = NULL;
    c->n++;
}

static fb_status parse_list(Parser *p, ListForm form, const Type **ret)
{
    Columns c = {0};
    fb_status st;

    for (;;) {
        columns_grow(&c);
        uint32_t k = c.n - 1;
        TRY_DONE(parse_column(p, form, &c.fields[k], &c.names[k], &c.metadata[k]));
        if (!at_punct(p, ",")) {
            break;
        }
        TRY_DONE(next(p));
    }
    *ret = type_struct(c.fields, c.n);
done:
    for (uint32_t k = 0; k < c.n; k++) {
        mem_free(c.names[k]);
        mem_free(c.metadata[k]);
    }
    mem_free(c.fields);
    mem_free(c.names);
    mem_free(c.metadata);
    return st;
}

/* ---- entry points ---- */

/* Spark calls the last token superfluous when the text would be right without it. */
static fb_status expect_end(Parser *p)
{
    if (p->tok.kind == TOK_END) {
        return FB_OK;
    }
    Parser ahead = *p;
    fb_error quiet = {0};
    ahead.err = &quiet;
    bool is_last = next(&ahead) == FB_OK && ahead.tok.kind == TOK_END;
    err_clear(&quiet);
    return syntax_error(p, is_last && p->may_be_extra ? "extra input" : NULL);
}

typedef enum Goal { GOAL_TYPE, GOAL_COLUMNS, GOAL_FIELDS } Goal;

static fb_status parse(Str ddl, Goal goal, const Type **ret, fb_error *err)
{
    Parser p = {.sql = ddl, .err = err};
    fb_status st;

    TRY_DONE(next(&p));
    if (p.tok.kind == TOK_END) {
        st = err_set(err, ERR_PARSE_EMPTY_STATEMENT, NULL);
        goto done;
    }
    if (goal == GOAL_TYPE) {
        TRY_DONE(parse_type(&p, ret));
    } else {
        TRY_DONE(parse_list(&p, goal == GOAL_COLUMNS ? LIST_COLUMNS : LIST_FIELDS, ret));
    }
    TRY_DONE(expect_end(&p));
    if (err_is_set(&p.meaning)) {
        err_move(err, &p.meaning);
        st = FB_ERR;
    }
done:
    err_clear(&p.meaning);
    return st;
}

/* What is no text can't be in the metadata, which is JSON. */
static fb_status check_text(Str ddl, fb_error *err)
{
    if (ddl.n > INT32_MAX) {
        return err_unsupported(err, "a data type of more than 2 GiB");
    }
    return str_is_utf8(ddl) ? FB_OK
                            : err_set(err, ERR_PARSE_SYNTAX_ERROR, "error",
                                      "a byte that is not UTF-8", "hint", "", NULL);
}

fb_status type_from_name(Str ddl, const Type **ret, fb_error *err)
{
    TRY(check_text(ddl, err));
    return parse((Str){ddl.p ? ddl.p : "", ddl.n}, GOAL_TYPE, ret, err);
}

/* The order and the error of PySpark's _parse_datatype_string: a column list, else a type, else
 * the fields of a struct; when all fail, what was wrong with the column list. */
fb_status type_from_ddl(Str ddl, const Type **ret, fb_error *err)
{
    static const Goal others[] = {GOAL_TYPE, GOAL_FIELDS};
    fb_error first = {0}, other = {0};
    Str s = {ddl.p ? ddl.p : "", ddl.n};

    TRY(check_text(ddl, err));
    if (str_trim(s).n == 0) {
        *ret = type_struct(NULL, 0);
        return FB_OK;
    }
    if (parse(s, GOAL_COLUMNS, ret, &first) == FB_OK) {
        return FB_OK;
    }
    for (size_t i = 0; i < 2; i++) {
        fb_status st = parse(s, others[i], ret, &other);
        if (st == FB_OK) {
            err_clear(&first);
            return FB_OK;
        }
        /* A type that Spark knows and Forebay does not: say that rather than a syntax error. */
        if (other.id == ERR_UNSUPPORTED_FEATURE) {
            err_clear(&first);
            err_move(&first, &other);
        }
        err_clear(&other);
    }
    if (!err_is_set(err)) {
        err_move(err, &first);
    }
    err_clear(&first);
    return FB_ERR;
}
