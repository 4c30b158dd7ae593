/* options.h - the option maps of readers, writers and sessions: string keys without regard to case.
 */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include "base/str.h"

/* Keys and values belong to the arena given to options_set(). A zeroed Options is empty. */
typedef struct Options {
    const char **keys, **values;
    uint32_t n, cap;
} Options;

void options_set(Options *o, Arena *a, const char *key,
                 const char *value);                        /* replaces; key keeps its spelling */
const char *options_get(const Options *o, const char *key); /* NULL when not set */
const char *options_get_or(const Options *o, const char *key, const char *otherwise);
void options_copy(Options *to, const Options *from, Arena *a); /* adds all of from */

#endif
