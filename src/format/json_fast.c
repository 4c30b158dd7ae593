/*
 * json_fast.c - lines that look like the line before, straight to the columns.
 *
 * Files of JSON lines are written by programs: line after line has the same fields in the same
 * order with the same spaces. A layout is learned from a line that was read: for each field the
 * bytes between the value before and its own value (`,"date":"`), and what to do with the value.
 * Reading a line is then comparing those bytes sixteen at a time and parsing what stands between by
 * its column's type, without looking for the end of the line first. Whatever differs, a value that
 * is not in its plainest form, an escape, a control character, makes the attempt fail, and the line
 * goes the general way; nothing of the attempt remains but values that the general way overwrites.
 *
 * A few layouts are kept, the last one that fitted first, because files mix a few kinds of lines.
 * When layouts do not fit, fewer and fewer lines are learned from, up to one in 1,024.
 *
 * What is accepted here is a subset of what the other readers accept, with equal values: each
 * string is checked to be UTF-8, each number to be JSON's.
 */
#include "column/decimal.h"
#include "column/number.h"
#include "format/json_priv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define KEY_MAX 112      /* bytes between two values */
#define FIELDS_MAX 256
#define LAYOUTS 4
#define BACKOFF_MAX 10   /* log2 of the lines that are passed over before one is learned from */
#define LOOKAHEAD 256    /* a field's key and a number are shorter: so far must be readable */
#define NO_COLUMN UINT32_MAX

typedef struct FastField {
    char key[KEY_MAX];     /* zeros behind */
    uint16_t mask[KEY_MAX / 16]; /* which bytes of each sixteen count */
    uint32_t n_key, n_blocks;
    uint32_t column; /* NO_COLUMN: the value is not wanted */
    bool quoted;     /* the key ends with the quote of a string */
} FastField;

typedef struct FastLayout {
    FastField *field; /* the last one is the end of the line; it has no value */
    uint32_t n;       /* with the last */
    uint32_t *absent; /* columns that have no field */
    uint32_t n_absent;
} FastLayout;

struct JsonFast {
    FastLayout layout[LAYOUTS];
    uint32_t order[LAYOUTS]; /* most recently used first */
    uint32_t n_layouts;
    uint32_t backoff, wait;
    bool default_date, default_ts;
};

/* ---- learning ---- */

static bool is_fast_type(const Type *t)
{
    return t->id >= T_BOOLEAN && t->id <= T_TIMESTAMP_NTZ && t->id != T_BINARY;
}

JsonFast *json_fast_new(JsonReader *r)
{
    for (uint32_t k = 0; k < r->n_col; k++) {
        if (!is_fast_type(r->col[k].node.type)) {
            return NULL;
        }
    }
    JsonFast *f = ARENA_NEW(&r->arena, JsonFast);
    f->default_date = !r->text.date;
    f->default_ts = !r->text.ts;
    return f;
}
