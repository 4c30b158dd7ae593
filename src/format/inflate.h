/*
 * inflate.h - the bytes of a file, decompressed if its name says so, a piece at a time.
 *
 * Ownership: the file is open until inflate_close(). Threads: one at a time per handle.
 */
#ifndef FORMAT_INFLATE_H
#define FORMAT_INFLATE_H

#include "base/error.h"

typedef enum InflateKind {
    INFLATE_NONE,
    INFLATE_GZIP,
    INFLATE_ZLIB,
    INFLATE_ZSTD,
    INFLATE_BZIP2
} InflateKind;

/* The codec that the file's extension asks for, any case. Codecs that Spark has and Forebay has not
 * (.lz4, .snappy, .lzo) are refused by name. */
fb_status inflate_kind(const char *path, InflateKind *ret, fb_error *err);

typedef struct Inflate Inflate;
/* from: where to begin in a file that is not compressed, else 0. A file that ends before size bytes
 * was cut short since it was listed: an error when its end is met. */
fb_status inflate_open(const char *path, InflateKind kind, int64_t from, int64_t size,
                       Inflate **ret, fb_error *err);
/* Up to cap bytes into to; *ret_n 0: the end. Errors name what is wrong with the data, not the
 * file; what was read before stays good. */
fb_status inflate_read(Inflate *z, char *to, size_t cap, size_t *ret_n, fb_error *err);
void inflate_close(Inflate *z);

#endif
