/*
 * functions_later.c - which names are functions of Spark that are not built yet.
 *
 * functions_later.def is kept in byte order and searched by bisection.
 */
#include "expr/function.h"

static const char *const later_names[] = {
#define LATER(name) name,
#include "expr/functions_later.def"
#undef LATER
};

#define N_LATER (sizeof(later_names) / sizeof(later_names[0]))
#define LATER_MAX_LENGTH 64

bool func_is_later(const char *name)
{
    char lower[LATER_MAX_LENGTH];
    size_t n = 0, low = 0, high = N_LATER;
    for (; name[n] && n < LATER_MAX_LENGTH - 1; n++) {
        lower[n] = ascii_lower(name[n]);
    }
    lower[n] = '\0';
    while (low < high) {
        size_t mid = (low + high) / 2;
        int c = strcmp(lower, later_names[mid]);
        if (c == 0) {
            return true;
        }
        if (c < 0) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return false;
}

const char *const *func_all_later(size_t *ret_n)
{
    *ret_n = N_LATER;
    return later_names;
}
