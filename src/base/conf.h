/*
 * conf.h - configuration: the keys the engine knows (conf.def), and the values set on them.
 *
 * A Conf is a session's settings; keys that nobody set have the default of conf.def. Unknown keys
 * can be set and read back, as on Spark. Threads: all functions lock inside; conf_get copies.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/error.h"

typedef enum ConfKind { CONF_STRING, CONF_BOOL, CONF_INT, CONF_BYTES, CONF_TIME_MS } ConfKind;

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
/* Checks the value against the key's kind (INVALID_CONF_VALUE.TYPE_MISMATCH etc.); static keys
 * refused unless force, those of Spark's core taken. */
fb_status conf_set(Conf *c, const char *key, const char *value, bool force, fb_error *err);
void conf_unset(Conf *c, const char *key);
bool conf_is_set(const Conf *c, const char *key);
/* Copy of the value or default in the arena; NULL when there is neither. */
const char *conf_get(const Conf *c, const char *key, Arena *a);
bool conf_get_bool(const Conf *c, const char *key);
int64_t conf_get_int(const Conf *c,
                     const char *key); /* CONF_INT; CONF_BYTES in bytes; CONF_TIME_MS in ms */
/* Calls fn for each key set or with default, sorted by key. */
void conf_each(const Conf *c, void (*fn)(void *arg, const char *key, const char *value), void *arg);
bool conf_parse_bytes(Str s,
                      int64_t *ret); /* "128m", "1g", "64KB" as Spark's JavaUtils.byteStringAs */
bool conf_parse_time_ms(Str s, int64_t *ret); /* "10s", "1min", "500ms" or plain number of ms */

#endif
