/*
 * json_token.c - the tolerant scanner: bytes to tokens as Jackson 2.21's UTF-8 parser gives them.
 *
 * What makes a line corrupt in Spark, and what of it is kept, follows from where Jackson notices an
 * error and how it goes on afterwards, so this scanner has the same states:
 *
 *   - a name and the beginning of its value are scanned together: a bad number is an error of the
 *     step to its name. The name is current then and nothing is behind it (JT_NONE comes next);
 *   - a string in double quotes is not looked at before somebody wants its text or the next token,
 *     so an error in it belongs to the value; one in single quotes is read at once;
 *   - after an error scanning goes on behind the byte at fault.
 *
 * Strings are decoded to UTF-16 there. Here that shows in bytes that are not quite UTF-8: overlong
 * forms pass; and in escapes, whose lone surrogates become '?'.
 *
 * Behaviour from running Jackson (tests/unit/format_json.c), not speed, decides here.
 */
#include "format/json_token.h"

#include <unicode/uchar.h>

#include "base/error.h"

#define CHAR_END (-1)
#define CHAR_ERROR (-2)
#define TOKEN_TEXT_MAX 256 /* how much of an unknown word Jackson reads for its message */

static bool fail(JsonParser *j, const char *why)
{
    j->why = why;
    return false;
}

static inline int byte_at(const char *p)
{
    return (unsigned char)*p;
}

static inline bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* ---- levels ---- */

static inline bool bit_at(const uint64_t *bits, uint32_t i)
{
    return bits[i >> 6] >> (i & 63) & 1;
}

static inline void bit_put(uint64_t *bits, uint32_t i, bool v)
{
    bits[i >> 6] = (bits[i >> 6] & ~(UINT64_C(1) << (i & 63))) | (uint64_t)v << (i & 63);
}

static bool push(JsonParser *j, bool object)
{
    if (j->depth == JSON_DEPTH_MAX) {
        j->broken = true;
        return fail(j, "nested too deep");
    }
    j->depth++;
    bit_put(j->is_object, j->depth, object);
    bit_put(j->is_begun, j->depth, false);
    j->name[j->depth] = (Str){0};
    return true;
}

static bool enter(JsonParser *j, JsonTok t)
{
    if ((t == JT_START_OBJECT || t == JT_START_ARRAY) && !push(j, t == JT_START_OBJECT)) {
        return false;
    }
    j->tok = t;
    return true;
}

static bool close_level(JsonParser *j, bool object)
{
    j->start = j->p - 1;
    if (j->depth == 0 || bit_at(j->is_object, j->depth) != object) {
        return fail(j, "the wrong closing bracket");
    }
    j->depth--;
    j->tok = object ? JT_END_OBJECT : JT_END_ARRAY;
    return true;
}

/* ---- UTF-8 and UTF-16 ---- */

/* Length of the well-formed UTF-8 character at p, 0 if it is not one. */
static size_t utf8_strict(const char *p, const char *end)
{
    int c = byte_at(p);
    size_t need = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;

    if (need == 0 || (size_t)(end - p) < need) {
        return 0;
    }
    for (size_t i = 1; i < need; i++) {
        if ((byte_at(p + i) & 0xC0) != 0x80) {
            return 0;
        }
    }
    int d = need > 1 ? byte_at(p + 1) : 0;
    if ((c == 0xE0 && d < 0xA0) || (c == 0xED && d > 0x9F) || (c == 0xF0 && d < 0x90) ||
        (c == 0xF4 && d > 0x8F)) {
        return 0;
    }
    return need;
}

/* UTF-8 made of UTF-16 units. The room is what the units were made of: never less is needed. */
typedef struct Units {
    char *p;
    size_t n;
    unsigned high; /* a high surrogate that waits for its other half */
} Units;

static void put_byte(Units *u, unsigned c)
{
    u->p[u->n++] = (char)(unsigned char)c;
}

static void put_code(Units *u, unsigned c)
{
    if (c < 0x80) {
        put_byte(u, c);
    } else if (c < 0x800) {
        put_byte(u, 0xC0 | c >> 6);
        put_byte(u, 0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put_byte(u, 0xE0 | c >> 12);
        put_byte(u, 0x80 | (c >> 6 & 0x3F));
        put_byte(u, 0x80 | (c & 0x3F));
    } else {
        put_byte(u, 0xF0 | c >> 18);
        put_byte(u, 0x80 | (c >> 12 & 0x3F));
        put_byte(u, 0x80 | (c >> 6 & 0x3F));
        put_byte(u, 0x80 | (c & 0x3F));
    }
}

static void put_unit(Units *u, unsigned c)
{
    if (!u->p) {
        return; /* skipping */
    }
    if (u->high != 0) {
        unsigned high = u->high;
        u->high = 0;
        if ((c & 0xFC00) == 0xDC00) {
            put_code(u, 0x10000 + ((high & 0x3FF) << 10) + (c & 0x3FF));
            return;
        }
        put_byte(u, '?');
    }
    if ((c & 0xFC00) == 0xD800) {
        u->high = c;
    } else if ((c & 0xFC00) == 0xDC00) {
        put_byte(u, '?');
    } else {
        put_code(u, c);
    }
}

static Str units_end(Units *u)
{
    if (u->high != 0) {
        put_byte(u, '?');
    }
    return (Str){u->p, u->n};
}

/* One character of Jackson's lenient UTF-8 whose first byte c was read; *pp goes behind what was
 * looked at. false: not even that. */
static bool put_multibyte(Units *u, int c, const char **pp, const char *end)
{
    int need = (c & 0xE0) == 0xC0 ? 1 : (c & 0xF0) == 0xE0 ? 2 : (c & 0xF8) == 0xF0 ? 3 : 0;
    int32_t code = need == 1 ? c & 0x1F : need == 2 ? c & 0x0F : c & 0x07;

    if (need == 0) {
        return false;
    }
    for (int i = 0; i < need; i++) {
        if (*pp >= end) {
            return false;
        }
        int d = byte_at((*pp)++);
        if ((d & 0xC0) != 0x80) {
            return false;
        }
        code = code << 6 | (d & 0x3F);
    }
    if (need == 2 && u->p && (code & 0xF800) == 0xD800) {
        return false; /* a surrogate; nobody notices when the text is not wanted */
    }
    if (need == 3) {
        code -= 0x10000;
        put_unit(u, (uint16_t)(0xD800 | code >> 10));
        put_unit(u, (uint16_t)(0xDC00 | (code & 0x3FF)));
    } else {
        put_unit(u, (unsigned)code);
    }
    return true;
}

/* The character whose first byte c was read, for a message that says it is wrong; -1: broken. */
static int decode_for_error(JsonParser *j, int c)
{
    int need = c < 0x80             ? 0
               : (c & 0xE0) == 0xC0 ? 1
               : (c & 0xF0) == 0xE0 ? 2
               : (c & 0xF8) == 0xF0 ? 3
                                    : -1;
    int code = need == 1 ? c & 0x1F : need == 2 ? c & 0x0F : need == 3 ? c & 0x07 : c;

    for (int i = 0; i < need; i++) {
        if (j->p >= j->end) {
            return -1;
        }
        int d = byte_at(j->p++);
        if ((d & 0xC0) != 0x80) {
            return -1;
        }
        code = code << 6 | (d & 0x3F);
    }
    return need < 0 ? -1 : code;
}

/* ---- space and comments ---- */

static bool skip_line_comment(JsonParser *j)
{
    Units none = {0};

    while (j->p < j->end) {
        int c = byte_at(j->p++);
        if (c == '\n') {
            return true;
        }
        if (c == '\r') {
            j->p += j->p < j->end && *j->p == '\n';
            return true;
        }
        if ((c < ' ' && c != '\t') || (c >= 0x80 && !put_multibyte(&none, c, &j->p, j->end))) {
            return fail(j, "a bad character in a comment");
        }
    }
    return true;
}

static bool skip_block_comment(JsonParser *j)
{
    Units none = {0};

    while (j->p < j->end) {
        int c = byte_at(j->p++);
        if (c == '*') {
            if (j->p < j->end && *j->p == '/') {
                j->p++;
                return true;
            }
        } else if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') ||
                   (c >= 0x80 && !put_multibyte(&none, c, &j->p, j->end))) {
            return fail(j, "a bad character in a comment");
        }
    }
    return fail(j, "the input ends in a comment");
}

/* The slash was read. */
static bool skip_comment(JsonParser *j)
{
    if (!(j->features & JSON_COMMENTS)) {
        return fail(j, "a comment, which the option allowComments would allow");
    }
    if (j->p >= j->end) {
        return fail(j, "the input ends in a comment");
    }
    int c = byte_at(j->p++);
    if (c == '/') {
        return skip_line_comment(j);
    }
    if (c == '*') {
        return skip_block_comment(j);
    }
    return fail(j, "a slash that begins no comment");
}

/* The next byte that is neither space nor comment; CHAR_END, CHAR_ERROR. */
static int skip_space_or_end(JsonParser *j)
{
    while (j->p < j->end) {
        int c = byte_at(j->p++);
        if (c == '/') {
            if (!skip_comment(j)) {
                return CHAR_ERROR;
            }
        } else if (c > ' ') {
            return c;
        } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
            fail(j, "a control character between tokens");
            return CHAR_ERROR;
        }
    }
    return CHAR_END;
}

static int skip_space(JsonParser *j)
{
    int c = skip_space_or_end(j);

    if (c == CHAR_END) {
        fail(j, "the input ends inside of an object or array");
        return CHAR_ERROR;
    }
    return c;
}

static int skip_colon(JsonParser *j)
{
    int c = skip_space(j);

    if (c >= 0 && c != ':') {
        fail(j, "no colon behind a name");
        return CHAR_ERROR;
    }
    return c < 0 ? c : skip_space(j);
}

/* ---- strings ---- */

static int hex_digit(int c)
{
    return is_digit(c)            ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The UTF-16 unit of an escape whose backslash was read; -1: an error. */
static int decode_escape(JsonParser *j)
{
    if (j->p >= j->end) {
        fail(j, "the input ends in an escape sequence");
        return -1;
    }
    int c = byte_at(j->p++);
    switch (c) {
    case 'b':
        return '\b';
    case 't':
        return '\t';
    case 'n':
        return '\n';
    case 'f':
        return '\f';
    case 'r':
        return '\r';
    case '"':
    case '/':
    case '\\':
        return c;
    case 'u':
        break;
    default:
        c = decode_for_error(j, c);
        if (c >= 0 && ((j->features & JSON_ANY_ESCAPE) ||
                       (c == '\'' && (j->features & JSON_SINGLE_QUOTES)))) {
            return (uint16_t)c;
        }
        fail(j, "an unknown escape sequence");
        return -1;
    }
    int value = 0;
    for (int i = 0; i < 4; i++) {
        int d = j->p < j->end ? hex_digit(byte_at(j->p++)) : -1;
        if (d < 0) {
            fail(j, "a bad \\u escape sequence");
            return -1;
        }
        value = value << 4 | d;
    }
    return value;
}

/* How far a string can go: up to the first quote that no backslash protects. */
static size_t string_bound(const char *p, const char *end, char quote)
{
    const char *q = p;

    while (q < end && *q != quote) {
        q += *q == '\\' && q + 1 < end ? 2 : 1;
    }
    return (size_t)(q - p);
}

static bool decode_string(JsonParser *j, char quote, bool want)
{
    Units u = {0};

    if (want) {
        size_t n = string_bound(j->p, j->end, quote) + 1;
        if (!arena_reserve(j->arena, n)) { /* which ends the query */
            return fail(j, "a string that is too long");
        }
        u.p = arena_alloc(j->arena, n);
    }
    for (;;) {
        if (j->p >= j->end) {
            return fail(j, "the input ends in a string");
        }
        int c = byte_at(j->p++);
        if (c == (unsigned char)quote) {
            break;
        }
        if (c == '\\') {
            c = decode_escape(j);
            if (c < 0) {
                return false;
            }
            put_unit(&u, (unsigned)c);
        } else if (c < ' ' && (quote == '\'' || !(j->features & JSON_CONTROL_CHARS))) {
            return fail(j, "a control character in a string");
        } else if (c < 0x80) {
            put_unit(&u, (unsigned)c);
        } else if (!put_multibyte(&u, c, &j->p, j->end)) {
            return fail(j, "a string that is not UTF-8");
        }
    }
    if (want) {
        j->text = units_end(&u);
    }
    return true;
}

/* The rest of a string whose opening quote was read; its text if wanted. */
static bool read_string(JsonParser *j, char quote, bool want)
{
    const char *q = j->p;

    while (q < j->end && *q != quote && *q != '\\' && byte_at(q) >= ' ') {
        size_t n = utf8_strict(q, j->end);
        if (n == 0) {
            break;
        }
        q += n;
    }
    if (q < j->end && *q == quote) {
        j->text = (Str){j->p, (size_t)(q - j->p)};
        j->p = q + 1;
    } else if (!decode_string(j, quote, want)) {
        return false;
    }
    if (want && j->text.n > JSON_STRING_MAX) {
        return fail(j, "a string that is too long");
    }
    return true;
}

/* ---- names ---- */

/* The bytes of a name, escapes replaced, as Jackson collects them before it decodes. */
static bool collect_name(JsonParser *j, char quote, Units *raw)
{
    for (;;) {
        if (j->p >= j->end) {
            return fail(j, "the input ends in a name");
        }
        int c = byte_at(j->p++);
        if (c == (unsigned char)quote) {
            return true;
        }
        if (c == '\\') {
            c = decode_escape(j);
            if (c < 0) {
                return false;
            }
            put_code(raw, (unsigned)c); /* surrogates apart, three bytes each */
        } else if (c < ' ' && !(j->features & JSON_CONTROL_CHARS)) {
            return fail(j, "a control character in a name");
        } else {
            put_byte(raw, (unsigned)c);
        }
    }
}

static bool decode_name(JsonParser *j, Str raw, Str *ret)
{
    Units u = {.p = arena_alloc(j->arena, raw.n + 1)};
    const char *p = raw.p, *end = raw.p + raw.n;

    while (p < end) {
        int c = byte_at(p++);
        if (c < 0x80) {
            put_unit(&u, (unsigned)c);
        } else if (!put_multibyte(&u, c, &p, end)) {
            return fail(j, "a name that is not UTF-8");
        }
    }
    *ret = units_end(&u);
    return true;
}

static bool read_name(JsonParser *j, char quote, Str *ret)
{
    const char *q = j->p;

    while (q < j->end && *q != quote && *q != '\\' && byte_at(q) >= ' ') {
        size_t n = utf8_strict(q, j->end);
        if (n == 0) {
            break;
        }
        q += n;
    }
    if (q < j->end && *q == quote) {
        *ret = (Str){j->p, (size_t)(q - j->p)};
        j->p = q + 1;
    } else {
        Units raw = {.p = arena_alloc(j->arena, string_bound(j->p, j->end, quote) + 1)};
        if (!collect_name(j, quote, &raw) || !decode_name(j, (Str){raw.p, raw.n}, ret)) {
            return false;
        }
    }
    return ret->n <= JSON_NAME_MAX || fail(j, "a name that is too long");
}

static bool is_ascii_name_char(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '$' || c == 0x7F;
}

/* Bytes of other characters are taken for characters of their own, as Jackson does. */
static bool is_unquoted_name_char(int c)
{
    return (c < 0x80 ? is_ascii_name_char(c) : u_isJavaIDPart(c)) || c == '@' || c == '#' ||
           c == '*' || c == '-' || c == '+';
}

/* The first byte of the name was read. */
static bool parse_name(JsonParser *j, int c, Str *ret)
{
    if (c == '"' || (c == '\'' && (j->features & JSON_SINGLE_QUOTES))) {
        return read_name(j, (char)c, ret);
    }
    if (!(j->features & JSON_UNQUOTED_NAMES)) {
        decode_for_error(j, c);
        return fail(j, "a name that is not in quotes");
    }
    if (!is_unquoted_name_char(c)) {
        return fail(j, "a character that can't begin a name");
    }
    const char *from = j->p - 1;
    while (j->p < j->end && is_unquoted_name_char(byte_at(j->p))) {
        j->p++;
    }
    if (j->p >= j->end) {
        return fail(j, "the input ends in a name");
    }
    return decode_name(j, (Str){from, (size_t)(j->p - from)}, ret);
}

/* ---- values ---- */

static JsonTok bad_value(JsonParser *j, const char *why)
{
    fail(j, why);
    return JT_NONE;
}

/* Character.isJavaIdentifierPart, which holds for most control characters too. */
static bool is_word_part(int c)
{
    return u_isJavaIDPart((uint16_t)c);
}

/* Reads on to the end of a word that is none of JSON's. Jackson's parser of bytes takes what ends
 * the word too, the one of characters leaves it. */
static JsonTok unknown_word(JsonParser *j)
{
    for (int n = 0; j->p < j->end && n < TOKEN_TEXT_MAX; n++) {
        const char *from = j->p;
        int c = decode_for_error(j, byte_at(j->p++));
        if (c < 0 || !is_word_part(c)) {
            j->p = j->by_char ? from : j->p;
            break;
        }
    }
    return bad_value(j, "an unknown word");
}

/* Matches word from its character i on; nothing that could belong to a word may follow. */
static bool match_word(JsonParser *j, const char *word, size_t i)
{
    for (; word[i]; i++) {
        if (j->p >= j->end || *j->p != word[i]) {
            unknown_word(j);
            return false;
        }
        j->p++;
    }
    int c = j->p < j->end ? byte_at(j->p) : ' ';
    if (c >= 0x80) {
        j->p += c >= 0xC0 && c < 0xF8; /* its next byte is looked for where it is itself */
        return fail(j, "an unknown word");
    }
    if (is_ascii_name_char(c)) {
        unknown_word(j);
        return false;
    }
    return true;
}

static JsonTok constant(JsonParser *j, const char *word, JsonTok t)
{
    return match_word(j, word, 1) ? t : JT_NONE;
}

static JsonTok non_numeric(JsonParser *j, const char *word, size_t i)
{
    if (!match_word(j, word, i)) {
        return JT_NONE;
    }
    if (!(j->features & JSON_NON_NUMERIC)) {
        return bad_value(j, "a number that is not numeric");
    }
    j->text = str_of(word);
    return JT_FLOAT;
}

/* c is what follows a sign, and no digit. */
static JsonTok signed_word(JsonParser *j, int c, bool negative)
{
    if (c == 'I') {
        if (j->p >= j->end) {
            return bad_value(j, "the input ends in a number");
        }
        c = byte_at(j->p++);
        if (c == 'N') {
            return non_numeric(j, negative ? "-INF" : "+INF", 3);
        }
        if (c == 'n') {
            return non_numeric(j, negative ? "-Infinity" : "+Infinity", 3);
        }
    }
    return bad_value(j, "a sign without a number");
}

/* Between root values there has to be space; the byte behind a number is looked at. */
static bool root_space(JsonParser *j)
{
    if (j->depth > 0 || j->p >= j->end || *j->p == '\r') {
        return true;
    }
    int c = byte_at(j->p++);
    return c == ' ' || c == '\t' || c == '\n' || fail(j, "no space behind a number");
}

/* A number that breaks off. Jackson's parser of bytes has taken the byte at fault, that of
 * characters goes on at resume, unless the input ends. */
static JsonTok bad_number(JsonParser *j, const char *resume, const char *why)
{
    if (j->p < j->end) {
        j->p = resume ? resume : j->p + 1;
    }
    return bad_value(j, why);
}

/* Behind the integer part; digits counts what was there. zero: it begins with one, which the parser
 * of characters reads like that of bytes. */
static JsonTok fraction(JsonParser *j, size_t digits, bool zero)
{
    const char *resume = j->by_char && !zero ? j->p + 1 : NULL;

    if (*j->p == '.') {
        const char *from = ++j->p;
        while (j->p < j->end && is_digit(byte_at(j->p))) {
            j->p++;
        }
        digits += (size_t)(j->p - from);
        if (j->p == from) {
            return bad_number(j, resume, "a decimal point without digits");
        }
    }
    if (j->p < j->end && (*j->p | 0x20) == 'e') {
        j->p++;
        if (j->p < j->end && (*j->p == '+' || *j->p == '-')) {
            j->p++;
        }
        const char *from = j->p;
        while (j->p < j->end && is_digit(byte_at(j->p))) {
            j->p++;
        }
        digits += (size_t)(j->p - from);
        if (j->p == from) {
            return bad_number(j, resume, "an exponent without digits");
        }
    }
    if (!root_space(j)) {
        return JT_NONE;
    }
    return digits > JSON_NUMBER_MAX ? bad_value(j, "a number that is too long") : JT_FLOAT;
}

/* The first digit was read. */
static JsonTok number(JsonParser *j, bool negative)
{
    bool zero = j->p[-1] == '0';
    bool gap = false; /* zeros between the sign and the digits that count */

    if (j->p[-1] == '0' && j->p < j->end && is_digit(byte_at(j->p))) {
        if (!(j->features & JSON_LEADING_ZEROS)) {
            return bad_value(j, "a leading zero");
        }
        while (j->p[-1] == '0' && j->p < j->end && is_digit(byte_at(j->p))) {
            j->p++;
            gap = true;
        }
    }
    const char *first = j->p - 1;
    while (j->p < j->end && is_digit(byte_at(j->p))) {
        j->p++;
    }
    size_t digits = (size_t)(j->p - first);
    const char *stop;
    JsonTok t = JT_INT;
    if (j->p < j->end && (*j->p == '.' || (*j->p | 0x20) == 'e')) {
        t = fraction(j, digits, zero);
        stop = j->p - (t != JT_NONE && j->depth == 0 && j->p[-1] <= ' ');
    } else {
        stop = j->p;
        if (!root_space(j)) {
            return JT_NONE;
        }
        t = digits > JSON_NUMBER_MAX ? bad_value(j, "a number that is too long") : JT_INT;
    }
    if (t == JT_NONE) {
        return t;
    }
    j->text = (Str){first - (negative && !gap), (size_t)(stop - first) + (negative && !gap)};
    if (negative && gap) {
        char *copy = arena_alloc(j->arena, j->text.n + 1);
        copy[0] = '-';
        memcpy(copy + 1, j->text.p, j->text.n);
        j->text = (Str){copy, j->text.n + 1};
    }
    return t;
}

static JsonTok odd_value(JsonParser *j, int c)
{
    switch (c) {
    case ']':
    case ',':
    case '}':
        return bad_value(j, "no value where one is expected");
    case '\'':
        if (j->features & JSON_SINGLE_QUOTES) {
            return read_string(j, '\'', true) ? JT_STRING : JT_NONE;
        }
        break;
    case 'N':
        return non_numeric(j, "NaN", 1);
    case 'I':
        return non_numeric(j, "Infinity", 1);
    case '+':
        if (j->p >= j->end) {
            return bad_value(j, "the input ends in a number");
        }
        return signed_word(j, byte_at(j->p++), false);
    default:
        break;
    }
    if (c < 0x7F ? is_ascii_name_char(c) && !is_digit(c) : u_isJavaIDStart(c)) {
        return unknown_word(j);
    }
    return bad_value(j, "a character that begins no value");
}

/* The kind of the value whose first byte was read, and the value itself unless it is a string in
 * double quotes, an object or an array. JT_NONE: an error. */
static JsonTok value(JsonParser *j, int c)
{
    switch (c) {
    case '"':
        j->unread = true;
        return JT_STRING;
    case '[':
        return JT_START_ARRAY;
    case '{':
        return JT_START_OBJECT;
    case 't':
        return constant(j, "true", JT_TRUE);
    case 'f':
        return constant(j, "false", JT_FALSE);
    case 'n':
        return constant(j, "null", JT_NULL);
    case '-':
        if (j->p >= j->end) {
            return bad_value(j, "the input ends in a number");
        }
        c = byte_at(j->p++);
        return is_digit(c) ? number(j, true) : signed_word(j, c, true);
    default:
        return is_digit(c) ? number(j, false) : odd_value(j, c);
    }
}

/* ---- the scanner ---- */

static bool next_scanned(JsonParser *j)
{
    if (j->tok == JT_NAME) {
        JsonTok t = j->pending;
        j->pending = JT_NONE;
        return enter(j, t);
    }
    if (j->unread) {
        j->unread = false;
        if (!read_string(j, '"', false)) {
            return false;
        }
    }
    int c = skip_space_or_end(j);
    if (c == CHAR_END && j->depth == 0) {
        j->tok = JT_NONE;
        return true;
    }
    if (c < 0) {
        return c == CHAR_ERROR ? false : fail(j, "the input ends inside of an object or array");
    }
    if (c == ']' || c == '}') {
        return close_level(j, c == '}');
    }
    if (j->depth > 0) {
        if (bit_at(j->is_begun, j->depth)) {
            if (c != ',') {
                return fail(j, "no comma between entries");
            }
            c = skip_space(j);
            if (c < 0) {
                return false;
            }
        }
        bit_put(j->is_begun, j->depth, true);
    }
    if (j->depth == 0 || !bit_at(j->is_object, j->depth)) {
        j->start = j->p - 1;
        JsonTok t = value(j, c);
        return t != JT_NONE && enter(j, t);
    }
    if (!parse_name(j, c, &j->name[j->depth])) {
        return false;
    }
    j->tok = JT_NAME;
    c = skip_colon(j);
    if (c < 0) {
        return false;
    }
    j->start = j->p - 1;
    j->pending = value(j, c);
    return j->pending != JT_NONE;
}

/* ---- the tape ---- */

static bool next_taped(JsonParser *j)
{
    const JsonTapeTok *t = j->tape_at;

    j->unread = false;
    j->start = t->p;
    j->tok = (JsonTok)t->kind;
    switch (j->tok) {
    case JT_NONE:
        return true;
    case JT_START_OBJECT:
    case JT_START_ARRAY:
        j->depth++; /* simdjson has bounded it */
        j->name[j->depth] = (Str){0};
        break;
    case JT_END_OBJECT:
    case JT_END_ARRAY:
        j->depth--;
        break;
    case JT_NAME:
        j->name[j->depth] = (Str){t->p, t->n};
        break;
    default:
        j->text = (Str){t->p, t->n};
        j->unread = t->escaped;
        break;
    }
    j->tape_at++;
    return true;
}

/* From behind a start token to its end. */
static void jump_taped(JsonParser *j)
{
    const JsonTapeTok *start = j->tape_at - 1;

    j->tape_at = start + start->next + 1;
    j->tok = (JsonTok)j->tape_at[-1].kind;
    j->depth--;
}

/* ---- the interface ---- */

void json_start(JsonParser *j, const char *p, size_t n)
{
    j->p = j->start = p;
    j->end = p + n;
    if (!j->by_char && n >= 4 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
        j->p += 3;
    }
    j->tok = j->pending = JT_NONE;
    j->unread = j->broken = false;
    j->depth = 0;
    j->name[0] = (Str){0};
    j->tape = j->tape_at = NULL;
    j->why = NULL;
}

void json_start_tape(JsonParser *j, const JsonTapeTok *tape)
{
    json_start(j, "", 0);
    j->tape = j->tape_at = tape;
}

bool json_next(JsonParser *j)
{
    if (j->tape) {
        return next_taped(j);
    }
    return !j->broken && next_scanned(j);
}

bool json_read_text(JsonParser *j)
{
    if (!j->unread) {
        return true;
    }
    j->unread = false;
    if (j->tape) {
        j->text = json_unescape(j->arena, j->text);
        return true;
    }
    return read_string(j, '"', true);
}

bool json_skip_children(JsonParser *j)
{
    if (j->tok != JT_START_OBJECT && j->tok != JT_START_ARRAY) {
        return true;
    }
    if (j->tape) {
        jump_taped(j);
        return true;
    }
    uint32_t depth = j->depth - 1;
    while (j->depth > depth) {
        if (!json_next(j)) {
            return false;
        }
        if (j->tok == JT_NONE) {
            return fail(j, "the input ends inside of an object or array");
        }
    }
    return true;
}

bool json_read_raw(JsonParser *j, Str *ret)
{
    const char *from = j->start;

    if (j->tape) {
        const JsonTapeTok *t = j->tape_at - 1;
        *ret = (Str){t->p, t->n};
        return json_skip_children(j);
    }
    if (!json_skip_children(j)) {
        return false;
    }
    *ret = (Str){from, (size_t)(j->p - from)};
    return true;
}

Str json_current_name(const JsonParser *j)
{
    bool start = j->tok == JT_START_OBJECT || j->tok == JT_START_ARRAY;

    return j->name[j->depth - (start && j->depth > 0)];
}

/* ---- checks and decoding for text that was split by others ---- */

bool json_escapes_valid(const char *p, size_t n)
{
    const char *end = p + n;

    while (p < end && (p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
        if (end - p < 2) {
            return false;
        }
        if (p[1] == 'u') {
            for (int i = 2; i < 6; i++) {
                if (p + i >= end || hex_digit(byte_at(p + i)) < 0) {
                    return false;
                }
            }
            p += 6;
        } else if (memchr("\"\\/bfnrt", p[1], 8)) {
            p += 2;
        } else {
            return false;
        }
    }
    return true;
}

Str json_unescape(Arena *a, Str s)
{
    if (!arena_reserve(a, s.n + 1)) { /* which ends the query */
        return STR_LIT("");
    }
    Units u = {.p = arena_alloc(a, s.n + 1)};
    const char *p = s.p, *end = s.p + s.n;

    while (p < end) {
        const char *q = memchr(p, '\\', (size_t)(end - p));
        q = q ? q : end;
        if (q > p && u.high != 0) {
            put_byte(&u, '?');
            u.high = 0;
        }
        memcpy(u.p + u.n, p, (size_t)(q - p));
        u.n += (size_t)(q - p);
        if (q == end) {
            break;
        }
        static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
        const char *hit = memchr(from, q[1], 5);
        if (q[1] == 'u') {
            int v = 0;
            for (int i = 2; i < 6; i++) {
                v = v << 4 | hex_digit(byte_at(q + i));
            }
            put_unit(&u, (unsigned)v);
            p = q + 6;
        } else {
            put_unit(&u, (unsigned char)(hit ? to[hit - from] : q[1]));
            p = q + 2;
        }
    }
    return units_end(&u);
}

bool json_number_valid(const char *p, size_t n, bool *ret_float)
{
    const char *end = p + n, *q;
    size_t digits = n;

    p += p < end && *p == '-';
    for (q = p; q < end && is_digit(byte_at(q)); q++) {
    }
    if (q == p || (*p == '0' && q - p > 1)) {
        return false;
    }
    *ret_float = q < end;
    if (q < end && *q == '.') {
        p = ++q;
        for (; q < end && is_digit(byte_at(q)); q++) {
        }
        if (q == p) {
            return false;
        }
    }
    if (q < end && (*q | 0x20) == 'e') {
        q++;
        q += q < end && (*q == '+' || *q == '-');
        p = q;
        for (; q < end && is_digit(byte_at(q)); q++) {
        }
        if (q == p) {
            return false;
        }
    }
    return q == end && digits <= JSON_NUMBER_MAX;
}
