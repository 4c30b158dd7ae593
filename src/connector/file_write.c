/*
 * file_write.c - batch writes: df.write.
 *
 * Files are made below <path>/_temporary/<uuid>. When the whole job is done, what the folder had is
 * set aside if it is to be overwritten (by renames, into the same temporary folder), the new files
 * are moved into place, and _SUCCESS is written: that is the point of no return, and only then the
 * temporary folder goes. An error before it moves everything back, so that a write that fails
 * leaves what there was; one after it is a warning. A job that is killed leaves nothing that
 * counts.
 */
#include "connector/file_writer.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/vfs.h"

struct FileWrite {
    Arena arena;
    FileWriter *writer;
    const char *path, *temp;
    const char *aside; /* where the old entries go */
    const char **old;  /* their names */
    size_t n_old, cap_old, n_aside;
    const char **moved; /* new files that are in place */
    size_t n_moved;
    bool first_success; /* there was no _SUCCESS before */
    bool in_doubt;      /* what was set aside could not be moved back: it is all there is of it */
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
        w->aside = vfs_join(&w->arena, w->temp, "_overwritten");
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

static fb_status note_old(void *arg, const char *name, fb_error *err)
{
    FileWrite *w = arg;
    (void)err;
    if (strcmp(name, "_temporary") == 0) {
        return FB_OK;
    }
    if (w->n_old == w->cap_old) {
        size_t cap = w->cap_old ? w->cap_old * 2 : 64;
        const char **grown = ARENA_ARRAY(&w->arena, const char *, cap);
        if (w->n_old) {
            memcpy(grown, w->old, w->n_old * sizeof(*grown));
        }
        w->old = grown;
        w->cap_old = cap;
    }
    w->old[w->n_old++] = arena_strdup(&w->arena, name);
    return FB_OK;
}

static fb_status set_aside(FileWrite *w, fb_error *err)
{
    TRY(vfs()->list(w->path, note_old, w, err));
    if (w->n_old == 0) {
        return FB_OK;
    }
    TRY(vfs()->mkdirs(w->aside, err));
    for (; w->n_aside < w->n_old; w->n_aside++) {
        const char *name = w->old[w->n_aside];
        TRY(vfs()->rename(vfs_join(&w->arena, w->path, name), vfs_join(&w->arena, w->aside, name),
                          err));
    }
    return FB_OK;
}

static fb_status move_files(FileWrite *w, const WrittenFile *f, size_t n, fb_error *err)
{
    w->moved = ARENA_ARRAY(&w->arena, const char *, n);
    for (size_t i = 0; i < n; i++) {
        const char *dir = *f[i].folder ? vfs_join(&w->arena, w->path, f[i].folder) : w->path;
        const char *to = vfs_join(&w->arena, dir, f[i].name);
        TRY(vfs()->mkdirs(dir, err));
        TRY(vfs()->rename(f[i].path, to, err));
        w->moved[w->n_moved++] = to;
    }
    return file_writer_sync_folders(w->path, f, n, err);
}

static fb_status commit(FileWrite *w, bool overwrite, fb_error *err)
{
    const WrittenFile *f;
    size_t n;
    TRY(file_writer_finish(w->writer, &f, &n, err));
    TRY(overwrite ? set_aside(w, err) : FB_OK);
    TRY(move_files(w, f, n, err));
    const char *success = vfs_join(&w->arena, w->path, "_SUCCESS");
    VfsStat st;
    TRY(vfs()->stat(success, &st, err));
    w->first_success = !st.exists;
    return vfs_write_file(success, "", 0, true, NULL, err);
}

/* Removes a folder below path that the write made, and those above it: for as long as they are
 * empty. */
static void remove_empty(FileWrite *w, const char *dir)
{
    fb_error ignored = {0};
    while (strlen(dir) > strlen(w->path) && vfs()->remove(dir, &ignored) == FB_OK) {
        dir = vfs_dirname(&w->arena, dir);
    }
    err_clear(&ignored);
}

/* Back to what there was. */
static void undo(FileWrite *w)
{
    fb_error err = {0};
    for (size_t i = w->n_moved; i-- > 0;) {
        (void)vfs()->remove(w->moved[i], &err);
        err_clear(&err);
        remove_empty(w, vfs_dirname(&w->arena, w->moved[i]));
    }
    if (w->first_success) {
        (void)vfs()->remove(vfs_join(&w->arena, w->path, "_SUCCESS"), &err);
        err_clear(&err);
    }
    for (; w->n_aside > 0; w->n_aside--) {
        const char *name = w->old[w->n_aside - 1];
        if (vfs()->rename(vfs_join(&w->arena, w->aside, name), vfs_join(&w->arena, w->path, name),
                          &err) != FB_OK) {
            LOG_ERROR("FileFormatWriter",
                      "a write failed, and what it would have replaced is in %s now: %s", w->aside,
                      err.message);
            err_clear(&err);
            w->in_doubt = true;
            return;
        }
    }
}

static void end(FileWrite *w)
{
    arena_free(&w->arena);
    mem_free(w);
}

fb_status file_write_commit(FileWrite *w, bool overwrite, fb_error *err)
{
    fb_error failed = {0};
    fb_status st = commit(w, overwrite, err);
    if (st != FB_OK) {
        undo(w);
        file_write_abort(w);
        return st;
    }
    if (vfs_remove_tree(vfs_join(&w->arena, w->path, "_temporary"), &failed) != FB_OK) {
        LOG_WARN("FileFormatWriter", "can't remove the temporary folder of a write: %s",
                 failed.message);
        err_clear(&failed);
    }
    end(w);
    return FB_OK;
}

void file_write_abort(FileWrite *w)
{
    fb_error ignored = {0};
    if (!w->in_doubt) {
        (void)vfs_remove_tree(w->temp, &ignored);
        err_clear(&ignored);
        /* Other writes may have theirs in it: it goes if it is empty. */
        (void)vfs()->remove(vfs_dirname(&w->arena, w->temp), &ignored);
        err_clear(&ignored);
    }
    end(w);
}
