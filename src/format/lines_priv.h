/*
 * lines_priv.h - the inside of LineReader, for readers that take lines faster than one call each.
 */
#ifndef FORMAT_LINES_PRIV_H
#define FORMAT_LINES_PRIV_H

#include "format/format.h"

#define LINES_PADDING 64 /* bytes that may be read behind each line */

typedef struct LineChunk LineChunk;
struct Inflate;

#define LINES_HELD_MAX ((size_t)16 << 20)

/*
 * The window [p, end) is what is at hand of the file's bytes, inflated. A line belongs to the range
 * if it begins before stop, which is behind end until the end of the range is at hand. When all is
 * set nothing comes after end.
 */
struct LineReader {
    const char *p; /* where the next line begins */
    const char *end;
    const char *stop;
    bool all;
    bool compressed;
    bool any_eol;   /* separators are \n, \r\n and \r */
    Str sep;        /* else this */
    size_t scanned; /* bytes of [p, end) that are known to hold no separator */
    int64_t at, to; /* offset of end in the file, or what it inflates to; the end of the range */
    struct Inflate *in; /* NULL: there is nothing to read */
    LineChunk *chunk;   /* the one in use; older ones behind it */
    LineChunk *spare;
    uint32_t n_spare;
    size_t held; /* bytes of the chunks in use */
    int64_t charged;
    Arena arena; /* sep */
    const FileRange *range;
};

/* Whether the lines not released yet keep so much memory that the batch should go on its way. */
bool lines_are_heavy(const LineReader *r);

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
