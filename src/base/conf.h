/*
 * conf.h - configuration: the keys the engine knows (conf.def), and the values set on them.
 *
 * A Conf is a session's settings; keys that nobody set have the default of conf.def. Unknown keys
 * can be set and read back, as on Spark. Threads: all functions lock inside; conf_get copies.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/error.h"

/* int and long are Java's, of 32 and 64 bits. A plain number is bytes, MiB, milliseconds or
 * seconds. */
typedef enum ConfKind {
    CONF_STRING,
    CONF_BOOL,
    CONF_INT,
    CONF_LONG,
    CONF_DOUBLE,
    CONF_BYTES,
    CONF_MIB,
    CONF_TIME_MS,
    CONF_TIME_S
} ConfKind;

typedef struct ConfDef {
    const char *key;
    const char *deflt; /* NULL: no default */
    ConfKind kind;
    bool is_static; /* can't be changed in a running session: CANNOT_MODIFY_STATIC_CONFIG */
} ConfDef;

typedef struct Conf Conf;

Conf *conf_new(void);
Conf *conf_clone(const Conf *from);
void conf_free(Conf *c);
const ConfDef *conf_def(const char *key); /* NULL if unknown */
/* What a running session may not change: CANNOT_MODIFY_STATIC_CONFIG, and for keys of Spark's core
 * (conf_core.def) CANNOT_MODIFY_CONFIG. */
fb_status conf_check_modifiable(const char *key, fb_error *err);
/* Static keys are refused unless force, those of Spark's core taken; the value as
 * conf_check_value() has it. */
fb_status conf_set(Conf *c, const char *key, const char *value, bool force, fb_error *err);
/* What the key takes: INVALID_CONF_VALUE.* for what is not of its kind or out of its range,
 * UNSUPPORTED_FEATURE for what would change answers and is not built (conf_fixed.def), and a word
 * about settings that Spark has removed. */
fb_status conf_check_value(const char *key, const char *value, fb_error *err);
/* What setting the key should warn of (deprecated, without effect); NULL: nothing. */
const char *conf_warning(const char *key, Arena *a);
void conf_unset(Conf *c, const char *key);
bool conf_is_set(const Conf *c, const char *key);
/* Copy of the value or default in the arena; NULL when there is neither. */
const char *conf_get(const Conf *c, const char *key, Arena *a);
bool conf_get_bool(const Conf *c, const char *key);
int64_t conf_get_int(const Conf *c, const char *key); /* in the unit of the key's kind */
/* Calls fn for each key set or with default, sorted by key. */
void conf_each(const Conf *c, void (*fn)(void *arg, const char *key, const char *value), void *arg);
bool conf_parse_bytes(Str s, int64_t *ret);   /* "128m", "1g", "64KB"; a plain number is bytes */
bool conf_parse_time_ms(Str s, int64_t *ret); /* "10s", "1min", "500ms" or plain number of ms */
/* The value of a whole-number kind in its unit. */
bool conf_parse_number(ConfKind kind, Str s, int64_t *ret);
/* The setting that the key has its value from while it is not set itself; NULL: none. */
const char *conf_fallback(const char *key);

#endif
