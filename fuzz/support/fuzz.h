/*
 * fuzz.h - what the fuzz targets share: taking an input apart, and files that are only in memory.
 *
 * Most targets spend the first bytes of the input on choices (options, a schema), the rest is the
 * text that is parsed. An input that is too short chooses zeros.
 *
 * Threads: a target runs on one thread.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/vfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct FuzzIn {
    const uint8_t *p;
    size_t n;
} FuzzIn;

static inline uint8_t fuzz_byte(FuzzIn *in)
{
    if (in->n == 0) {
        return 0;
    }
    in->n--;
    return *in->p++;
}

/* One of n choices, n <= 256. */
static inline uint32_t fuzz_choice(FuzzIn *in, uint32_t n)
{
    return fuzz_byte(in) % n;
}

/* Up to the next byte of that value, which is dropped, or all that is left. */
static inline Str fuzz_until(FuzzIn *in, uint8_t end)
{
    const uint8_t *e = in->n > 0 ? memchr(in->p, end, in->n) : NULL;
    Str s = {(const char *)in->p, e ? (size_t)(e - in->p) : in->n};

    in->p += s.n + (e != NULL);
    in->n -= s.n + (e != NULL);
    return s;
}

static inline Str fuzz_rest(FuzzIn *in)
{
    Str s = {(const char *)in->p, in->n};

    in->p += in->n;
    in->n = 0;
    return s;
}

/* A copy that ends at the end of an allocation, where a sanitizer sees the first byte too many. */
static inline Str fuzz_exact(Str s)
{
    char *p = mem_alloc(s.n);

    if (s.n > 0) {
        memcpy(p, s.p, s.n);
    }
    return (Str){p, s.n};
}

/* What failed says why, in a text that can be shown. Empties err. */
static inline void fuzz_failed(fb_status st, fb_error *err)
{
    FB_ASSERT((st == FB_ERR) == err_is_set(err));
    if (st == FB_ERR) {
        Arena a = {0};
        FB_ASSERT(err->message && err_text(err, &a));
        arena_free(&a);
    }
    err_clear(err);
}

/* ---- memory_vfs.c ---- */

/* Files below this folder are in memory from the first call on; all others are those on disk. */
#define FUZZ_DIR "/fuzz"

/* The file with this content, in place of what there was; nothing if it would be inside a file or
 * is a folder. Mapping it gives memory up to the end of
 * the page, as it does on disk, and not a byte more. */
void fuzz_put_file(const char *path, const void *data, size_t n);
void fuzz_remove_files(void); /* all of them */

#endif
