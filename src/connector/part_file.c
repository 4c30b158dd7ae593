/*
 * part_file.c - see part_file.h.
 *
 * Bytes are gathered and written in pieces; with a codec each piece is a member of its own, which
 * readers of gzip and zstd accept. Formats with an encoder keep rows in memory for a while.
 */
#include "connector/part_file.h"

#include "base/clock.h"

#define PIECE_BYTES ((size_t)1 << 20)
#define CODEC_PIECE_BYTES ((size_t)4 << 20)

static fb_status flush(PartFile *f, fb_error *err)
{
    fb_status st;
    if (!f->pending.n) {
        return FB_OK;
    }
    if (f->format->codec) {
        StrBuf packed = {0};
        st = codec_compress(f->format->codec, f->pending.p, f->pending.n, &packed, err);
        if (st == FB_OK) {
            st = vfs()->write(f->file, packed.p, packed.n, err);
            f->size += (int64_t)packed.n;
        }
        strbuf_free(&packed);
    } else {
        st = vfs()->write(f->file, f->pending.p, f->pending.n, err);
        f->size += (int64_t)f->pending.n;
    }
    strbuf_clear(&f->pending);
    return st;
}

/* The bytes of an encoder. */
static fb_status take_bytes(void *to, const void *p, size_t n, fb_error *err)
{
    PartFile *f = to;
    strbuf_append(&f->pending, p, n);
    return f->pending.n >= PIECE_BYTES ? flush(f, err) : FB_OK;
}

fb_status part_file_open(PartFormat *format, uint32_t part, const char *folder, uint64_t hash,
                         uint32_t counter, PartFile **ret, fb_error *err)
{
    Arena a = {0};
    char id[37];
    uuid_new(id);
    const char *dir = *folder ? vfs_join(&a, format->root, folder) : format->root;
    const char *name =
        arena_printf(&a, "part-%05u-%s%sc%03u%s", part, format->shared_id ? format->shared_id : id,
                     format->in_folders ? "." : "-", counter, format->extension);
    PartFile *f = mem_zalloc(sizeof(*f));
    f->format = format;
    f->folder = mem_strdup(folder);
    f->hash = hash;
    f->part = part;
    f->counter = counter;
    f->name = mem_strdup(name);
    f->path = mem_strdup(vfs_join(&a, dir, name));
    pthread_mutex_lock(&format->lock);
    fb_status st = vfs()->mkdirs(dir, err);
    pthread_mutex_unlock(&format->lock);
    if (st == FB_OK) {
        st = vfs()->create(f->path, &f->file, err);
    }
    if (st == FB_OK && format->format->encoder) {
        st = format->format->encoder->open(format->options, format->schema, format->tz, take_bytes,
                                           f, &f->encoder, err);
    }
    arena_free(&a);
    if (st != FB_OK) {
        part_file_free(f, f->file != NULL);
        return st;
    }
    *ret = f;
    return FB_OK;
}

fb_status part_file_write(PartFile *f, const Batch *b, fb_error *err)
{
    const PartFormat *p = f->format;
    f->n_rows += b->n_rows;
    if (f->encoder) {
        return p->format->encoder->add(f->encoder, b, err);
    }
    TRY(p->format->write(p->options, p->schema, b, !f->any, p->tz, &f->pending, err));
    f->any = true;
    return f->pending.n >= (p->codec ? CODEC_PIECE_BYTES : PIECE_BYTES) ? flush(f, err) : FB_OK;
}

int64_t part_file_held(const PartFile *f)
{
    return (int64_t)f->pending.cap +
           (f->encoder ? f->format->format->encoder->held(f->encoder) : 0);
}

fb_status part_file_relieve(PartFile *f, fb_error *err)
{
    if (f->encoder) {
        TRY(f->format->format->encoder->flush(f->encoder, err));
    }
    TRY(flush(f, err));
    strbuf_free(&f->pending);
    return FB_OK;
}

fb_status part_file_finish(PartFile *f, fb_error *err)
{
    const FormatVt *format = f->format->format;
    if (f->encoder) {
        TRY(format->encoder->finish(f->encoder, err));
        format->encoder->free(f->encoder);
        f->encoder = NULL;
    } else if (!f->any && format->write_empty) {
        TRY(format->write_empty(f->format->options, f->format->schema, &f->pending, err));
    }
    TRY(flush(f, err));
    TRY(vfs_settle_file(f->file, err));
    vfs()->close(f->file);
    f->file = NULL;
    return FB_OK;
}

void part_file_free(PartFile *f, bool remove)
{
    if (f->encoder) {
        f->format->format->encoder->free(f->encoder);
    }
    if (f->file) {
        vfs()->close(f->file);
    }
    if (remove) {
        fb_error ignored = {0};
        (void)vfs()->remove(f->path, &ignored);
        err_clear(&ignored);
    }
    strbuf_free(&f->pending);
    mem_free(f->folder);
    mem_free(f->path);
    mem_free(f->name);
    mem_free(f);
}
