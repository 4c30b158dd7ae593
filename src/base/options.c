/* options.c - a short list searched in order: readers have a handful of options. */
#include "base/options.h"

void options_set(Options *o, Arena *a, const char *key, const char *value)
{
    for (uint32_t i = 0; i < o->n; i++) {
        if (cstr_eq_nocase(o->keys[i], key)) {
            o->values[i] = arena_strdup(a, value);
            return;
        }
    }
    if (o->n == o->cap) {
        uint32_t cap = o->cap ? o->cap * 2 : 8;
        const char **keys = ARENA_ARRAY(a, const char *, cap);
        const char **values = ARENA_ARRAY(a, const char *, cap);
        for (uint32_t i = 0; i < o->n; i++) {
            keys[i] = o->keys[i];
            values[i] = o->values[i];
        }
        o->keys = keys;
        o->values = values;
        o->cap = cap;
    }
    o->keys[o->n] = arena_strdup(a, key);
    o->values[o->n++] = arena_strdup(a, value);
}

const char *options_get(const Options *o, const char *key)
{
    for (uint32_t i = 0; i < o->n; i++) {
        if (cstr_eq_nocase(o->keys[i], key)) {
            return o->values[i];
        }
    }
    return NULL;
}

const char *options_get_or(const Options *o, const char *key, const char *otherwise)
{
    const char *v = options_get(o, key);
    return v ? v : otherwise;
}

void options_copy(Options *to, const Options *from, Arena *a)
{
    for (uint32_t i = 0; i < from->n; i++) {
        options_set(to, a, from->keys[i], from->values[i]);
    }
}
