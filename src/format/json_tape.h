/*
 * json_tape.h - the border between the engine and simdjson (json_simdjson.cc, C++).
 *
 * json_tape_line() turns one line into tokens if it is a JSON object that Jackson would accept
 * without any leniency, and says no to everything else: the tolerant scanner looks at those lines.
 * What follows the object on the line is not looked at, as Spark does.
 *
 * Ownership: the tape belongs to the JsonTape and is good until the next line; tokens point into
 * the line. Threads: one at a time per JsonTape.
 */
#ifndef FORMAT_JSON_TAPE_H
#define FORMAT_JSON_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum JsonTok {
    JT_NONE,
    JT_START_OBJECT,
    JT_END_OBJECT,
    JT_START_ARRAY,
    JT_END_ARRAY,
    JT_NAME,
    JT_STRING,
    JT_INT,
    JT_FLOAT, /* also NaN and the infinities, which only the scanner gives */
    JT_TRUE,
    JT_FALSE,
    JT_NULL
} JsonTok;

typedef struct JsonTapeTok {
    const char *p; /* strings and names: without the quotes */
    uint32_t n;    /* bytes; objects and arrays: up to and with the end */
    uint32_t next; /* objects and arrays: how many tokens further their end is */
    uint8_t kind;  /* JsonTok */
    bool escaped;  /* strings: has escapes, all of them valid */
} JsonTapeTok;

typedef struct JsonTape JsonTape;

#define JSON_TAPE_LINE_MAX ((size_t)1 << 20) /* a tape has room for a token a byte */
#define JSON_TAPE_PADDING 64                 /* bytes that must be readable behind a line */

JsonTape *json_tape_new(void);
void json_tape_free(JsonTape *t);
/* The tokens of the object, JT_NONE behind them; NULL: not a line for simdjson. */
const JsonTapeTok *json_tape_line(JsonTape *t, const char *p, size_t n);

#ifdef __cplusplus
}
#endif
#endif
