/*
 * memory_vfs.c - a vfs whose folder /fuzz is in memory, so that a target runs thousands of times a
 * second and leaves nothing behind.
 *
 * A few files at most: they are a list. Folders are there when something is in them.
 */
#include "support/fuzz.h"

#include <errno.h>
#include <stdlib.h>

#define PAGE 4096u
#define LIST_MAX 256 /* files that are in memory at a time */

typedef struct MemFile {
    struct MemFile *next;
    char *path;
    char *data;
    size_t n, cap; /* cap: whole pages */
} MemFile;

struct VfsFile {
    MemFile *file;
    VfsFile *disk; /* a file that is not in memory */
};

static struct {
    const Vfs *disk;
    Vfs table;
    MemFile *files;
} mem;

static bool is_ours(const char *path)
{
    return strncmp(path, FUZZ_DIR, strlen(FUZZ_DIR)) == 0;
}

static MemFile *find(const char *path)
{
    MemFile *f = mem.files;

    while (f && strcmp(f->path, path) != 0) {
        f = f->next;
    }
    return f;
}

/* What follows dir and its slash in the path, or NULL. */
static const char *inside(const char *dir, const char *path)
{
    size_t n = strlen(dir);

    return strncmp(path, dir, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

/* No file is inside another. */
static bool has_room(const char *path)
{
    for (const MemFile *f = mem.files; f; f = f->next) {
        if (inside(path, f->path) || inside(f->path, path)) {
            return false;
        }
    }
    return true;
}

static void set_size(MemFile *f, size_t n)
{
    size_t cap = (n / PAGE + (n % PAGE != 0)) * PAGE;

    if (cap > f->cap) {
        char *data = aligned_alloc(PAGE, cap);
        FB_ASSERT(data != NULL);
        memset(data, 0, cap);
        if (f->n > 0) {
            memcpy(data, f->data, f->n);
        }
        free(f->data); /* checksrc-allow: aligned_alloc's memory */
        f->data = data;
        f->cap = cap;
    }
    f->n = n;
}

static MemFile *make(const char *path)
{
    MemFile *f = find(path);

    if (!f) {
        f = mem_zalloc(sizeof(*f));
        f->path = mem_strdup(path);
        f->next = mem.files;
        mem.files = f;
    }
    free(f->data); /* checksrc-allow: aligned_alloc's memory */
    f->data = NULL;
    f->n = f->cap = 0;
    return f;
}

static void unlink_file(const char *path)
{
    for (MemFile **at = &mem.files; *at; at = &(*at)->next) {
        MemFile *f = *at;
        if (strcmp(f->path, path) == 0) {
            *at = f->next;
            free(f->data); /* checksrc-allow: aligned_alloc's memory */
            mem_free(f->path);
            mem_free(f);
            return;
        }
    }
}

static fb_status open_file(const char *path, MemFile *f, VfsFile **ret, fb_error *err)
{
    VfsFile *h = mem_zalloc(sizeof(*h));

    h->file = f;
    if (!is_ours(path)) {
        fb_status st = mem.disk->open_read(path, &h->disk, err);
        if (st != FB_OK) {
            mem_free(h);
            return st;
        }
    }
    *ret = h;
    return FB_OK;
}

static fb_status mem_open_read(const char *path, VfsFile **ret, fb_error *err)
{
    MemFile *f = find(path);

    if (is_ours(path) && !f) {
        return err_errno(err, ENOENT, "open", path);
    }
    return open_file(path, f, ret, err);
}

static fb_status mem_create(const char *path, VfsFile **ret, fb_error *err)
{
    FB_ASSERT(is_ours(path));
    if (!has_room(path)) {
        return err_errno(err, ENOTDIR, "create", path);
    }
    return open_file(path, make(path), ret, err);
}

static fb_status mem_read_at(VfsFile *f, void *buf, size_t n, int64_t offset, size_t *ret_n,
                             fb_error *err)
{
    if (f->disk) {
        return mem.disk->read_at(f->disk, buf, n, offset, ret_n, err);
    }
    size_t at = (size_t)offset < f->file->n ? (size_t)offset : f->file->n;
    size_t left = f->file->n - at;
    *ret_n = n < left ? n : left;
    if (*ret_n > 0) {
        memcpy(buf, f->file->data + at, *ret_n);
    }
    return FB_OK;
}

static fb_status mem_write(VfsFile *f, const void *buf, size_t n, fb_error *err)
{
    size_t at = f->file->n;

    (void)err;
    set_size(f->file, at + n);
    if (n > 0) {
        memcpy(f->file->data + at, buf, n);
    }
    return FB_OK;
}

static fb_status mem_sync(VfsFile *f, fb_error *err)
{
    (void)f;
    (void)err;
    return FB_OK;
}

static void mem_close(VfsFile *f)
{
    if (f->disk) {
        mem.disk->close(f->disk);
    }
    mem_free(f);
}

static fb_status mem_rename(const char *from, const char *to, fb_error *err)
{
    MemFile *f = find(from);

    FB_ASSERT(is_ours(to));
    if (!f) {
        return err_errno(err, ENOENT, "rename", from);
    }
    unlink_file(to);
    mem_free(f->path);
    f->path = mem_strdup(to);
    return FB_OK;
}

static fb_status mem_link_new(const char *from, const char *to, bool *ret_exists, fb_error *err)
{
    *ret_exists = find(to) != NULL;
    return *ret_exists ? FB_OK : mem_rename(from, to, err);
}

static fb_status mem_remove(const char *path, fb_error *err)
{
    (void)err;
    FB_ASSERT(is_ours(path));
    unlink_file(path);
    return FB_OK;
}

static fb_status mem_folder(const char *path, fb_error *err)
{
    (void)path;
    (void)err;
    return FB_OK;
}

static fb_status mem_stat(const char *path, VfsStat *ret, fb_error *err)
{
    const MemFile *f = find(path);

    if (!is_ours(path)) {
        return mem.disk->stat(path, ret, err);
    }
    *ret = (VfsStat){0};
    if (f) {
        *ret = (VfsStat){.exists = true, .size = (int64_t)f->n, .mtime_ms = 1700000000000};
    }
    for (const MemFile *g = mem.files; g && !f; g = g->next) {
        if (inside(path, g->path)) {
            *ret = (VfsStat){.exists = true, .is_dir = true};
            break;
        }
    }
    return FB_OK;
}

/* The names are gathered first: fn may remove files. */
static fb_status mem_list(const char *path, VfsListFn fn, void *arg, fb_error *err)
{
    const char *names[LIST_MAX];
    Arena a = {0};
    size_t n = 0;
    fb_status st = FB_OK;

    if (!is_ours(path)) {
        return mem.disk->list(path, fn, arg, err);
    }
    if (find(path)) {
        return err_errno(err, ENOTDIR, "list", path);
    }
    for (const MemFile *f = mem.files; f && n < LIST_MAX; f = f->next) {
        const char *name = inside(path, f->path);
        bool seen = !name;
        names[n] = name ? arena_strndup(&a, name, strcspn(name, "/")) : NULL;
        for (size_t i = 0; i < n && !seen; i++) {
            seen = strcmp(names[i], names[n]) == 0;
        }
        n += !seen;
    }
    for (size_t i = 0; i < n && st == FB_OK; i++) {
        st = fn(arg, names[i], err);
    }
    arena_free(&a);
    return st;
}

static void start(void)
{
    if (mem.disk) {
        return;
    }
    mem.disk = vfs();
    mem.table = (Vfs){.open_read = mem_open_read,
                      .create = mem_create,
                      .read_at = mem_read_at,
                      .write = mem_write,
                      .sync = mem_sync,
                      .close = mem_close,
                      .rename = mem_rename,
                      .link_new = mem_link_new,
                      .remove = mem_remove,
                      .mkdirs = mem_folder,
                      .sync_dir = mem_folder,
                      .stat = mem_stat,
                      .list = mem_list};
    vfs_set(&mem.table);
}

void fuzz_put_file(const char *path, const void *data, size_t n)
{
    start();
    if (!has_room(path)) {
        return;
    }
    MemFile *f = make(path);
    set_size(f, n);
    if (n > 0) {
        memcpy(f->data, data, n);
    }
}

void fuzz_remove_files(void)
{
    while (mem.files) {
        unlink_file(mem.files->path);
    }
}
