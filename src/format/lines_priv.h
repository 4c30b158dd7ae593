/*
 * lines_priv.h - the inside of LineReader, for readers that take lines faster than one call each.
 */
#ifndef FORMAT_LINES_PRIV_H
#define FORMAT_LINES_PRIV_H

#include "format/format.h"

#define LINES_PADDING 64 /* bytes that may be read behind each line */

typedef struct LineChunk LineChunk;
struct Inflate;

/*
 * The window [p, end) is what is at hand: the whole mapped file, or a chunk of the inflated stream.
 * When all is set nothing comes after end, and a line belongs to the range if it begins before
 * stop.
 */
struct LineReader {
    const char *p; /* where the next line begins */
    const char *end;
    const char *stop;
    const char *safe; /* LINES_PADDING bytes may be read from here and from all before */
    bool all;
    bool any_eol;   /* separators are \n, \r\n and \r */
    Str sep;        /* else this */
    size_t scanned; /* bytes of [p, end) that are known to hold no separator */
    const char *map;
    size_t map_n;
    struct Inflate *in;
    LineChunk *chunk; /* the one in use; older ones behind it */
    LineChunk *spare;
    Arena arena; /* copies of lines that end too close to the end of the map; sep */
    const FileRange *range;
    ArenaQuota *quota; /* NULL: none */
};

/* As many of the next lines as are at hand, at most cap, as views; 0: call lines_next(). out may be
 * NULL to count only. Only for any_eol. */
uint32_t lines_take(LineReader *r, View *out, uint32_t cap);

/* A view of n bytes of which at least 12 can be read. */
static inline View view_padded(const char *p, uint32_t n)
{
    View v;

    v.len = n;
    if (__builtin_expect(n > 12, 0)) {
        memcpy(v.prefix, p, 4);
        v.ptr = p;
        return v;
    }
    uint64_t a;
    uint32_t b;
    memcpy(&a, p, 8);
    memcpy(&b, p + 8, 4);
    if (n < 8) {
        a &= (UINT64_C(1) << (8 * n)) - 1;
        b = 0;
    } else {
        b = n == 12 ? b : b & (uint32_t)((UINT64_C(1) << (8 * (n - 8))) - 1);
    }
    uint32_t head = (uint32_t)a;
    uint64_t rest = a >> 32 | (uint64_t)b << 32;
    memcpy(v.prefix, &head, 4);
    memcpy(v.rest, &rest, 8);
    return v;
}

#endif
