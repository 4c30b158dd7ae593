/*
 * inflate.c - fuzz target: gzip, zlib, zstd and bzip2 files.
 *
 * The first byte chooses the codec. Read in large pieces and in small ones, the file must end alike
 * and give the same bytes; of damaged data zlib hands out more or less before it says so. A few
 * bytes can stand for gigabytes, so no more than OUT_MAX are asked for: the reader hands out what
 * fits its buffer and never more.
 */
#include "format/inflate.h"
#include "support/fuzz.h"

#define OUT_MAX ((size_t)1 << 20)

static fb_status read_all(InflateKind kind, size_t file_size, size_t piece, StrBuf *out,
                          fb_error *err)
{
    Inflate *z = NULL;
    char *buffer = mem_alloc(piece);
    size_t n = 1;

    fb_status st = inflate_open(FUZZ_DIR "/a", kind, 0, (int64_t)file_size, &z, err);
    while (st == FB_OK && n > 0 && out->n < OUT_MAX) {
        size_t room = OUT_MAX - out->n < piece ? OUT_MAX - out->n : piece;
        st = inflate_read(z, buffer, room, &n, err);
        FB_ASSERT(n <= room);
        strbuf_append(out, buffer, n);
    }
    inflate_close(z);
    mem_free(buffer);
    return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const InflateKind kinds[] = {INFLATE_GZIP, INFLATE_ZLIB, INFLATE_ZSTD, INFLATE_BZIP2};
    FuzzIn in = {data, size};
    StrBuf large = {0}, small = {0};
    fb_error err = {0};
    InflateKind kind = kinds[fuzz_choice(&in, 4)];
    size_t piece = 1 + fuzz_byte(&in);

    fuzz_put_file(FUZZ_DIR "/a", in.p, in.n);
    fb_status st = read_all(kind, in.n, OUT_MAX, &large, &err);
    fuzz_failed(st, &err);
    if (large.n < 65536) {
        fb_status again = read_all(kind, in.n, piece, &small, &err);
        fuzz_failed(again, &err);
        size_t n = small.n < large.n ? small.n : large.n;
        FB_ASSERT(again == st && (st == FB_ERR || small.n == large.n));
        FB_ASSERT(n == 0 || memcmp(small.p, large.p, n) == 0);
    }
    strbuf_free(&large);
    strbuf_free(&small);
    fuzz_remove_files();
    return 0;
}
