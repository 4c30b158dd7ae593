/*
 * inflate.c - gzip, zlib ("deflate" in Hadoop), zstd and bzip2 files, decompressed as they are
 * read; plain files go straight to the caller's buffer.
 *
 * As Hadoop's codecs do, a gzip file may be several members, a zstd file several frames and a bzip2
 * file several streams, one after the other; what follows the last of them has to be another one.
 * An empty file holds nothing. Data that ends early is an error: Spark reports "Unexpected end of
 * input stream". So is a file that is shorter than it was when it was listed: its rows would be
 * missing without a word.
 */
#include "format/inflate.h"

#include <bzlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/vfs.h"

#define IN_BYTES ((size_t)128 << 10)
/* zlib and bzip2 count in unsigned int. */
#define OUT_STEP ((size_t)1 << 30)
#define CUT_SHORT "unexpected end of input stream"
#define DAMAGED "the data is damaged"

struct Inflate {
    InflateKind kind;
    const char *path;
    VfsFile *file;
    int64_t offset, size; /* of the next byte to be read from the file; what it had when listed */
    char *buf;            /* IN_BYTES of the file, unless it is plain */
    size_t n, at;         /* bytes in buf, and how many were consumed */
    bool inside;          /* a member or frame has begun and not ended */
    const char *broken;   /* why no more can be read; reported once all before it was handed out */
    z_stream zs;
    bz_stream bz;
    ZSTD_DStream *zstd;
};

fb_status inflate_kind(const char *path, InflateKind *ret, fb_error *err)
{
    static const struct {
        const char *suffix;
        InflateKind kind;
        bool supported;
    } kinds[] = {
        {".gz", INFLATE_GZIP, true},   {".deflate", INFLATE_ZLIB, true},
        {".zst", INFLATE_ZSTD, true},  {".bz2", INFLATE_BZIP2, true},
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

static void start_bzip2(Inflate *z)
{
    z->bz = (bz_stream){0};
    FB_ASSERT(BZ2_bzDecompressInit(&z->bz, 0, 0) == BZ_OK);
}

fb_status inflate_open(const char *path, InflateKind kind, int64_t from, int64_t size,
                       Inflate **ret, fb_error *err)
{
    VfsFile *file = NULL;

    TRY(vfs()->open_read(path, &file, err));
    Inflate *z = mem_zalloc(sizeof(*z));
    z->kind = kind;
    z->path = mem_strdup(path);
    z->file = file;
    z->offset = from;
    z->size = size;
    z->buf = kind != INFLATE_NONE ? mem_alloc(IN_BYTES) : NULL;
    if (kind == INFLATE_ZSTD) {
        z->zstd = ZSTD_createDStream();
        FB_ASSERT(z->zstd != NULL);
    } else if (kind == INFLATE_BZIP2) {
        start_bzip2(z);
    } else if (kind != INFLATE_NONE) {
        /* 15 window bits, 16 more: a gzip header and nothing else. */
        FB_ASSERT(inflateInit2(&z->zs, kind == INFLATE_GZIP ? 15 + 16 : 15) == Z_OK);
    }
    *ret = z;
    return FB_OK;
}

/* Bytes of the file as they are; 0 at its end. */
static fb_status read_file(Inflate *z, char *to, size_t cap, size_t *ret_n, fb_error *err)
{
    TRY(vfs()->read_at(z->file, to, cap, z->offset, ret_n, err));
    if (*ret_n == 0 && cap > 0 && z->offset < z->size) {
        return err_set(err, ERR_IO, "action", "read", "path", z->path, "reason",
                       "it was cut short while it was read", NULL);
    }
    z->offset += (int64_t)*ret_n;
    return FB_OK;
}

/* Makes sure that there is input; what is at hand then, 0 at the end of the file. */
static fb_status fill(Inflate *z, size_t *ret_left, fb_error *err)
{
    if (z->at == z->n) {
        z->at = 0;
        z->n = 0;
        TRY(read_file(z, z->buf, IN_BYTES, &z->n, err));
    }
    *ret_left = z->n - z->at;
    return FB_OK;
}

/* Each decompresses from buf to [to, to + cap) and returns how many bytes that made; sets z->broken
 * when the data is damaged. */
static size_t step_zlib(Inflate *z, char *to, size_t cap)
{
    size_t room = cap < OUT_STEP ? cap : OUT_STEP;

    z->zs.next_out = (Bytef *)to;
    z->zs.avail_out = (uInt)room;
    z->zs.next_in = (Bytef *)z->buf + z->at;
    z->zs.avail_in = (uInt)(z->n - z->at);
    z->inside = true;
    int r = inflate(&z->zs, Z_NO_FLUSH);
    z->at = z->n - z->zs.avail_in;
    if (r == Z_STREAM_END) {
        z->inside = false;
        FB_ASSERT(inflateReset(&z->zs) == Z_OK);
    } else if (r != Z_OK && r != Z_BUF_ERROR) {
        z->broken = z->zs.msg ? z->zs.msg : DAMAGED;
    }
    return room - z->zs.avail_out;
}

static size_t step_bzip2(Inflate *z, char *to, size_t cap)
{
    size_t room = cap < OUT_STEP ? cap : OUT_STEP;

    z->bz.next_out = to;
    z->bz.avail_out = (unsigned)room;
    z->bz.next_in = z->buf + z->at;
    z->bz.avail_in = (unsigned)(z->n - z->at);
    z->inside = true;
    int r = BZ2_bzDecompress(&z->bz);
    size_t made = room - z->bz.avail_out;
    z->at = z->n - z->bz.avail_in;
    if (r == BZ_STREAM_END) {
        z->inside = false;
        BZ2_bzDecompressEnd(&z->bz);
        start_bzip2(z);
    } else if (r != BZ_OK) {
        z->broken = DAMAGED;
    }
    return made;
}

static size_t step_zstd(Inflate *z, char *to, size_t cap)
{
    ZSTD_outBuffer out = {to, cap, 0};
    ZSTD_inBuffer in = {z->buf, z->n, z->at};

    size_t r = ZSTD_decompressStream(z->zstd, &out, &in);
    if (ZSTD_isError(r)) {
        z->broken = ZSTD_getErrorName(r);
        return out.pos;
    }
    z->inside = r != 0;
    z->at = in.pos;
    return out.pos;
}

fb_status inflate_read(Inflate *z, char *to, size_t cap, size_t *ret_n, fb_error *err)
{
    size_t done = 0;

    *ret_n = 0;
    if (z->kind == INFLATE_NONE) {
        return read_file(z, to, cap, ret_n, err);
    }
    while (done < cap && !z->broken) {
        size_t left, made;
        fb_status st = fill(z, &left, err);
        if (st != FB_OK && done > 0) {
            err_clear(err); /* comes again with the next call */
            break;
        }
        TRY(st);
        /* With no more input there may still be output that did not fit. */
        if (left == 0 && !z->inside) {
            break;
        }
        made = z->kind == INFLATE_ZSTD    ? step_zstd(z, to + done, cap - done)
               : z->kind == INFLATE_BZIP2 ? step_bzip2(z, to + done, cap - done)
                                          : step_zlib(z, to + done, cap - done);
        done += made;
        if (left == 0 && made == 0 && z->inside && !z->broken) {
            z->broken = CUT_SHORT;
        }
    }
    *ret_n = done;
    if (done == 0 && z->broken) {
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
    } else if (z->kind == INFLATE_BZIP2) {
        BZ2_bzDecompressEnd(&z->bz);
    } else if (z->kind != INFLATE_NONE) {
        inflateEnd(&z->zs);
    }
    vfs()->close(z->file);
    mem_free(z->buf);
    mem_free((void *)(uintptr_t)z->path);
    mem_free(z);
}
