/*
 * inflate.h - the decompressed bytes of a file, a piece at a time.
 *
 * Ownership: the file is mapped until inflate_close(). Threads: one at a time per handle.
 */
#ifndef FORMAT_INFLATE_H
#define FORMAT_INFLATE_H

#include "base/error.h"

typedef enum InflateKind { INFLATE_NONE, INFLATE_GZIP, INFLATE_ZLIB, INFLATE_ZSTD } InflateKind;

/* The codec that the file's extension asks for, any case. Codecs that Spark has and Forebay has not
 * (.bz2, .lz4, .snappy, .lzo) are refused by name. */
fb_status inflate_kind(const char *path, InflateKind *ret, fb_error *err);

typedef struct Inflate Inflate;
fb_status inflate_open(const char *path, InflateKind kind, Inflate **ret, fb_error *err);
/* Up to cap bytes into to; *ret_n 0: the end. Errors name what is wrong with the data, not the
 * file; what was read before stays good. */
fb_status inflate_read(Inflate *z, char *to, size_t cap, size_t *ret_n, fb_error *err);
void inflate_close(Inflate *z);

#endif
