/*
 * json_token.h - JSON text as tokens, as the Jackson parser that Spark drives gives them.
 *
 * Two sources, one form: the tolerant scanner of json_token.c, which accepts and refuses what
 * Jackson does (single quotes, NaN, comments… by feature) and can go on after an error as Jackson
 * does, and a tape of tokens that simdjson found in a clean line (json_simdjson.cc).
 *
 * Ownership: texts point into the input, or into the arena when something had to be decoded; the
 * parser keeps no memory of its own but the stack of names. Threads: one at a time per parser.
 */
#ifndef FORMAT_JSON_TOKEN_H
#define FORMAT_JSON_TOKEN_H

#include "base/arena.h"
#include "base/str.h"
#include "format/json_tape.h"

#define JSON_DEPTH_MAX 1000 /* Jackson's bounds, as Spark leaves them */
#define JSON_NUMBER_MAX 1000
#define JSON_NAME_MAX 50000
#define JSON_STRING_MAX 20000000

typedef enum JsonFeature {
    JSON_COMMENTS = 1,
    JSON_UNQUOTED_NAMES = 2,
    JSON_SINGLE_QUOTES = 4,
    JSON_LEADING_ZEROS = 8,
    JSON_NON_NUMERIC = 16,
    JSON_ANY_ESCAPE = 32,
    JSON_CONTROL_CHARS = 64
} JsonFeature;

typedef struct JsonParser {
    const char *p, *end; /* what was not read yet */
    const char *start;   /* where the current value begins */
    Arena *arena;
    unsigned features; /* of JsonFeature */
    JsonTok tok;       /* the current token; JT_NONE before the first and after the last */
    JsonTok pending;   /* the value behind the name that is current */
    bool unread;       /* the current token is a string whose content was not looked at yet */
    bool broken;       /* nested too deep: every call fails from now on */
    bool by_char;      /* Spark reads characters here, not bytes: errors go on elsewhere */
    Str text;          /* of a string that was read, or of a number */
    uint32_t depth;    /* 0: outside of the first value */
    uint64_t is_object[JSON_DEPTH_MAX / 64 + 1]; /* bit d: level d is an object */
    uint64_t is_begun[JSON_DEPTH_MAX / 64 + 1];  /* bit d: level d has had an entry */
    Str name[JSON_DEPTH_MAX + 1];                /* the current name of each level */
    const JsonTapeTok *tape, *tape_at;           /* NULL: the scanner */
    const char *why;                             /* what the last error was; constant text */
} JsonParser;

/* The rest of the parser may be used again for any number of inputs. */
void json_start(JsonParser *j, const char *p, size_t n);
/* The same for a tape that ends with JT_NONE. */
void json_start_tape(JsonParser *j, const JsonTapeTok *tape);
/* The next token into j->tok; JT_NONE at the end. false: an error, j->tok is the token before. */
bool json_next(JsonParser *j);
/* Reads j->text if the token is a string; false: its content is bad. Numbers have it already. */
bool json_read_text(JsonParser *j);
/* At the start of an object or array: goes to its end. Anything else stays. */
bool json_skip_children(JsonParser *j);
/* The source of the current value, whatever it is; goes to its end. */
bool json_read_raw(JsonParser *j, Str *ret);
/* The name that belongs to the current token; n 0 and p NULL when there is none. */
Str json_current_name(const JsonParser *j);

/* As the content of a JSON string between quotes: decodes escapes into the arena. The text must be
 * one that json_escapes_valid() accepts. */
Str json_unescape(Arena *a, Str s);
bool json_escapes_valid(const char *p, size_t n);
/* Whether the whole text is a number of JSON's grammar; *ret_float: it has a fraction or exponent.
 */
bool json_number_valid(const char *p, size_t n, bool *ret_float);

#endif
