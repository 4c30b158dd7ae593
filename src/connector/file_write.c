/*
 * file_write.c - batch writes: df.write.
 *
 * Files are made below <path>/_temporary/<uuid>, moved into place when the whole job is done, and
 * then _SUCCESS is written, so that a reader never sees half a file and a killed job leaves nothing
 * that counts.
 */
#include "connector/file_writer.h"

#include "base/clock.h"
#include "base/vfs.h"

struct FileWrite {
    Arena arena;
    FileWriter *writer;
    const char *path, *temp;
};

fb_status file_write_begin(const FileWriteSpec *spec, const Conf *conf, FileWrite **ret,
                           Op **ret_op, fb_error *err)
{
    FileWrite *w = mem_zalloc(sizeof(*w));
    char *path, id[37];
    uuid_new(id);
    fb_status st = vfs_path_of_uri(&w->arena, spec->path, &path, err);
    if (st == FB_OK) {
        w->path = vfs_absolute(&w->arena, path);
        w->temp = arena_printf(&w->arena, "%s/_temporary/%s", w->path, id);
        st = file_writer_new(spec, conf, &w->writer, ret_op, err);
    }
    if (st == FB_OK) {
        st = file_writer_start(w->writer, w->temp, true, err);
        if (st != FB_OK) {
            (*ret_op)->vt->free(*ret_op);
        }
    }
    if (st != FB_OK) {
        arena_free(&w->arena);
        mem_free(w);
        return st;
    }
    *ret = w;
    return FB_OK;
}

typedef struct Old {
    FileWrite *w;
    const char **name;
    size_t n, cap;
} Old;

static fb_status note_old(void *arg, const char *name, fb_error *err)
{
    Old *o = arg;
    (void)err;
    if (strcmp(name, "_temporary") == 0) {
        return FB_OK;
    }
    if (o->n == o->cap) {
        size_t cap = o->cap ? o->cap * 2 : 64;
        const char **grown = ARENA_ARRAY(&o->w->arena, const char *, cap);
        if (o->n) {
            memcpy(grown, o->name, o->n * sizeof(*grown));
        }
        o->name = grown;
        o->cap = cap;
    }
    o->name[o->n++] = arena_strdup(&o->w->arena, name);
    return FB_OK;
}

static fb_status remove_old(FileWrite *w, fb_error *err)
{
    Old old = {.w = w};
    TRY(vfs()->list(w->path, note_old, &old, err));
    for (size_t i = 0; i < old.n; i++) {
        TRY(vfs_remove_tree(vfs_join(&w->arena, w->path, old.name[i]), err));
    }
    return FB_OK;
}

static fb_status move_files(FileWrite *w, fb_error *err)
{
    const WrittenFile *f;
    size_t n;
    TRY(file_writer_finish(w->writer, &f, &n, err));
    for (size_t i = 0; i < n; i++) {
        const char *dir = *f[i].folder ? vfs_join(&w->arena, w->path, f[i].folder) : w->path;
        TRY(vfs()->mkdirs(dir, err));
        TRY(vfs()->rename(f[i].path, vfs_join(&w->arena, dir, f[i].name), err));
        TRY(vfs()->sync_dir(dir, err));
    }
    return FB_OK;
}

static fb_status commit(FileWrite *w, bool overwrite, fb_error *err)
{
    if (overwrite) {
        TRY(remove_old(w, err));
    }
    TRY(move_files(w, err));
    TRY(vfs_remove_tree(vfs_join(&w->arena, w->path, "_temporary"), err));
    return vfs_write_file(vfs_join(&w->arena, w->path, "_SUCCESS"), "", 0, true, NULL, err);
}

static void end(FileWrite *w)
{
    arena_free(&w->arena);
    mem_free(w);
}

fb_status file_write_commit(FileWrite *w, bool overwrite, fb_error *err)
{
    fb_status st = commit(w, overwrite, err);
    if (st != FB_OK) {
        file_write_abort(w);
        return st;
    }
    end(w);
    return FB_OK;
}

void file_write_abort(FileWrite *w)
{
    fb_error ignored = {0};
    (void)vfs_remove_tree(vfs_join(&w->arena, w->path, "_temporary"), &ignored);
    err_clear(&ignored);
    end(w);
}
