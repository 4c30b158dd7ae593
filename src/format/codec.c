/*
 * codec.c - compression of written files: the codecs that Spark's text formats have.
 *
 * What they write is Hadoop's: gzip with a header that names no system, zlib for "deflate". The
 * codec is given by its short name or by Hadoop's class.
 */
#include <bzlib.h>
#include <zlib.h>

#include "format/format.h"

#define OUT_STEP ((size_t)64 << 10)
#define IN_STEP ((size_t)1 << 30) /* zlib and bzip2 count in unsigned int */

typedef enum Codec {
    CODEC_NONE,
    CODEC_GZIP,
    CODEC_DEFLATE,
    CODEC_BZIP2,
    CODEC_OTHERS,
    CODEC_UNKNOWN
} Codec;

static const struct {
    const char *name, *class_name, *extension;
    Codec codec;
} codecs[] = {
    {"none", "", "", CODEC_NONE},
    {"uncompressed", "", "", CODEC_NONE},
    {"gzip", "org.apache.hadoop.io.compress.GzipCodec", ".gz", CODEC_GZIP},
    {"deflate", "org.apache.hadoop.io.compress.DeflateCodec", ".deflate", CODEC_DEFLATE},
    {"bzip2", "org.apache.hadoop.io.compress.BZip2Codec", ".bz2", CODEC_BZIP2},
    {"lz4", "org.apache.hadoop.io.compress.Lz4Codec", ".lz4", CODEC_OTHERS},
    {"snappy", "org.apache.hadoop.io.compress.SnappyCodec", ".snappy", CODEC_OTHERS},
};

static Codec find_codec(const char *name, const char **ret_extension)
{
    *ret_extension = "";
    if (!name) {
        return CODEC_NONE;
    }
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        if (cstr_eq_nocase(name, codecs[i].name) || strcmp(name, codecs[i].class_name) == 0) {
            *ret_extension = codecs[i].extension;
            return codecs[i].codec;
        }
    }
    *ret_extension = NULL;
    return CODEC_UNKNOWN;
}

const char *codec_extension(const char *codec)
{
    const char *extension;

    find_codec(codec, &extension);
    return extension;
}

fb_status codec_check(const char *codec, fb_error *err)
{
    const char *extension;

    switch (find_codec(codec, &extension)) {
    case CODEC_OTHERS:
        return err_unsupported(err, "the compression codec %s", codec);
    case CODEC_UNKNOWN:
        return err_set(err, ERR_CODEC_NOT_AVAILABLE_WITH_AVAILABLE_CODECS_SUGGESTION, "codecName",
                       codec, "availableCodecs",
                       "bzip2, deflate, uncompressed, snappy, none, lz4, gzip", NULL);
    default:
        return FB_OK;
    }
}

static fb_status zlib_member(bool gzip, const char *p, size_t n, StrBuf *out, fb_error *err)
{
    z_stream zs = {0};
    gz_header header = {0}; /* operating system 0, no time, as Hadoop writes */

    if (deflateInit2(&zs, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip ? 15 + 16 : 15, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return err_internal(err, "zlib can't be set up");
    }
    if (gzip) {
        deflateSetHeader(&zs, &header);
    }
    int r;
    do {
        size_t step = n < IN_STEP ? n : IN_STEP;
        zs.next_in = (Bytef *)(uintptr_t)p;
        zs.avail_in = (uInt)step;
        strbuf_reserve(out, OUT_STEP);
        zs.next_out = (Bytef *)out->p + out->n;
        zs.avail_out = (uInt)OUT_STEP;
        r = deflate(&zs, n <= IN_STEP ? Z_FINISH : Z_NO_FLUSH);
        out->n += OUT_STEP - zs.avail_out;
        p += step - zs.avail_in;
        n -= step - zs.avail_in;
    } while (r == Z_OK || r == Z_BUF_ERROR);
    deflateEnd(&zs);
    strbuf_reserve(out, 1);
    out->p[out->n] = '\0';
    return r == Z_STREAM_END ? FB_OK : err_internal(err, "zlib failed with %d", r);
}

static fb_status bzip2_stream(const char *p, size_t n, StrBuf *out, fb_error *err)
{
    bz_stream bz = {0};
    int r = BZ2_bzCompressInit(&bz, 9, 0, 0);

    while (r == BZ_OK || r == BZ_RUN_OK || r == BZ_FINISH_OK) {
        size_t step = n < IN_STEP ? n : IN_STEP;
        bz.next_in = (char *)(uintptr_t)p;
        bz.avail_in = (unsigned)step;
        strbuf_reserve(out, OUT_STEP);
        bz.next_out = out->p + out->n;
        bz.avail_out = (unsigned)OUT_STEP;
        r = BZ2_bzCompress(&bz, n <= IN_STEP ? BZ_FINISH : BZ_RUN);
        out->n += OUT_STEP - bz.avail_out;
        p += step - bz.avail_in;
        n -= step - bz.avail_in;
    }
    (void)BZ2_bzCompressEnd(&bz);
    strbuf_reserve(out, 1);
    out->p[out->n] = '\0';
    return r == BZ_STREAM_END ? FB_OK : err_internal(err, "bzip2 failed with %d", r);
}

fb_status codec_compress(const char *codec, const void *p, size_t n, StrBuf *out, fb_error *err)
{
    const char *extension;
    Codec c = find_codec(codec, &extension);

    TRY(codec_check(codec, err));
    if (c == CODEC_NONE) {
        strbuf_append(out, p, n);
        return FB_OK;
    }
    if (c == CODEC_BZIP2) {
        return bzip2_stream(p, n, out, err);
    }
    return zlib_member(c == CODEC_GZIP, p, n, out, err);
}
