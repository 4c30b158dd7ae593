/*
 * inflate.c - gzip, zlib ("deflate" in Hadoop) and zstd files, decompressed as they are read.
 *
 * The compressed file is mapped, so the only buffer is the caller's. As Hadoop's codecs do, a gzip
 * file may be several members and a zstd file several frames, one after the other; what follows the
 * last of them has to be another one. An empty file holds nothing. Data that ends early is an
 * error: Spark reports "Unexpected end of input stream".
 */
#include "format/inflate.h"

#include <zlib.h>
#include <zstd.h>

#include "base/vfs.h"

struct Inflate {
    InflateKind kind;
    const char *path;
    const char *map;
    size_t n, at;       /* bytes of the file, and how many were consumed */
    bool inside;        /* a member or frame has begun and not ended */
    const char *broken; /* why no more can be read; reported once all before it was handed out */
    z_stream zs;
    ZSTD_DStream *zstd;
};

/* zlib counts in unsigned int. */
#define ZLIB_STEP ((size_t)1 << 30)
#define CUT_SHORT "unexpected end of input stream"

fb_status inflate_kind(const char *path, InflateKind *ret, fb_error *err)
{
    static const struct {
        const char *suffix;
        InflateKind kind;
        bool supported;
    } kinds[] = {
        {".gz", INFLATE_GZIP, true},   {".deflate", INFLATE_ZLIB, true},
        {".zst", INFLATE_ZSTD, true},  {".bz2", INFLATE_NONE, false},
        {".lz4", INFLATE_NONE, false}, {".snappy", INFLATE_NONE, false},
        {".lzo", INFLATE_NONE, false}, {".lzo_deflate", INFLATE_NONE, false},
    };
    Str name = str_of(vfs_basename(path));

    *ret = INFLATE_NONE;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        Str suffix = str_of(kinds[i].suffix);
        if (name.n < suffix.n ||
            !str_eq_nocase((Str){name.p + name.n - suffix.n, suffix.n}, suffix)) {
            continue;
        }
        if (!kinds[i].supported) {
            return err_unsupported(err, "reading %s files: %s", kinds[i].suffix, path);
        }
        *ret = kinds[i].kind;
        break;
    }
    return FB_OK;
}

fb_status inflate_open(const char *path, InflateKind kind, Inflate **ret, fb_error *err)
{
    const char *map = NULL;
    size_t n = 0;

    TRY(vfs()->map(path, &map, &n, err));
    Inflate *z = mem_zalloc(sizeof(*z));
    z->kind = kind;
    z->path = mem_strdup(path);
    z->map = map;
    z->n = n;
    if (kind == INFLATE_ZSTD) {
        z->zstd = ZSTD_createDStream();
        FB_ASSERT(z->zstd != NULL);
    } else {
        /* 15 window bits, 16 more: a gzip header and nothing else. */
        FB_ASSERT(inflateInit2(&z->zs, kind == INFLATE_GZIP ? 15 + 16 : 15) == Z_OK);
    }
    *ret = z;
    return FB_OK;
}

/* Each reads up to cap bytes and returns how many; sets z->broken when the data is. */
static size_t read_zlib(Inflate *z, char *to, size_t cap)
{
    size_t room = cap < ZLIB_STEP ? cap : ZLIB_STEP;

    z->zs.next_out = (Bytef *)to;
    z->zs.avail_out = (uInt)room;
    while (z->zs.avail_out > 0 && !z->broken) {
        size_t left = z->n - z->at, step = left < ZLIB_STEP ? left : ZLIB_STEP;
        if (left == 0) {
            z->broken = z->inside ? CUT_SHORT : NULL;
            break;
        }
        z->zs.next_in = (Bytef *)(uintptr_t)(z->map + z->at);
        z->zs.avail_in = (uInt)step;
        z->inside = true;
        int r = inflate(&z->zs, Z_NO_FLUSH);
        z->at += step - z->zs.avail_in;
        if (r == Z_STREAM_END) {
            z->inside = false;
            FB_ASSERT(inflateReset(&z->zs) == Z_OK);
        } else if (r != Z_OK && r != Z_BUF_ERROR) {
            z->broken = z->zs.msg ? z->zs.msg : "the data is damaged";
        }
    }
    return room - z->zs.avail_out;
}

static size_t read_zstd(Inflate *z, char *to, size_t cap)
{
    ZSTD_outBuffer out = {to, cap, 0};

    while (out.pos < cap && !z->broken) {
        ZSTD_inBuffer in = {z->map, z->n, z->at};
        size_t before = out.pos;
        size_t r = ZSTD_decompressStream(z->zstd, &out, &in);
        if (ZSTD_isError(r)) {
            z->broken = ZSTD_getErrorName(r);
            break;
        }
        bool moved = in.pos > z->at || out.pos > before;
        if (in.pos > z->at || z->inside) {
            z->inside = r != 0;
        }
        z->at = in.pos;
        if (!moved) {
            z->broken = z->inside ? CUT_SHORT : NULL;
            break;
        }
    }
    return out.pos;
}

fb_status inflate_read(Inflate *z, char *to, size_t cap, size_t *ret_n, fb_error *err)
{
    *ret_n = z->kind == INFLATE_ZSTD ? read_zstd(z, to, cap) : read_zlib(z, to, cap);
    if (*ret_n == 0 && z->broken) {
        return err_set(err, ERR_IO, "action", "decompress", "path", z->path, "reason", z->broken,
                       NULL);
    }
    return FB_OK;
}

void inflate_close(Inflate *z)
{
    if (!z) {
        return;
    }
    if (z->kind == INFLATE_ZSTD) {
        ZSTD_freeDStream(z->zstd);
    } else {
        inflateEnd(&z->zs);
    }
    vfs()->unmap(z->map, z->n);
    mem_free((void *)(uintptr_t)z->path);
    mem_free(z);
}
