/*
 * vfs_posix.c - the file table over Linux's system calls.
 *
 * Every call is retried after EINTR and reports what was tried, on which path, and the kernel's
 * reason. link_new() uses renameat2(RENAME_NOREPLACE), which is atomic and leaves no second name
 * behind; where the file system has no such call, link() and unlink() do the same in two steps.
 *
 * Threads: no state besides the open files; a VfsFile belongs to one thread at a time, except that
 * read_at() may be called on it from several.
 */
#include "base/vfs_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define IO_PIECE_MAX ((size_t)1 << 30) /* Linux moves at most 2 GiB - 4 KiB in a call */

static int open_retry(const char *path, int flags)
{
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, 0666);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static VfsFile *file_new(int fd, const char *path)
{
    VfsFile *f = mem_alloc(sizeof(*f));
    f->fd = fd;
    f->path = mem_strdup(path);
    return f;
}

static fb_status posix_open_read(const char *path, VfsFile **ret, fb_error *err)
{
    /* O_NONBLOCK: a FIFO in an input folder must not stop the engine; it is refused below. */
    int fd = open_retry(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0) {
        return err_errno(err, errno, "open", path);
    }
    struct stat st;
    int e = fstat(fd, &st) != 0                            ? errno
            : S_ISDIR(st.st_mode)                          ? EISDIR
            : S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) ? EINVAL
                                                           : 0;
    if (e != 0) {
        close(fd);
        return err_errno(err, e, "open", path);
    }
    *ret = file_new(fd, path);
    return FB_OK;
}

static fb_status posix_create(const char *path, VfsFile **ret, fb_error *err)
{
    int fd = open_retry(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (fd < 0) {
        return err_errno(err, errno, "create", path);
    }
    *ret = file_new(fd, path);
    return FB_OK;
}

/* Where the file system has no files without a name, one is made and its name removed at once. */
static int open_named_temp(const char *dir)
{
    StrBuf path = {0};
    strbuf_printf(&path, "%s/.forebay-XXXXXX", dir);
    int fd = mkostemp(path.p, O_CLOEXEC);
    if (fd >= 0 && unlink(path.p) != 0) {
        int e = errno;
        close(fd);
        fd = -1;
        errno = e;
    }
    strbuf_free(&path);
    return fd;
}

static fb_status posix_create_temp(const char *dir, VfsFile **ret, fb_error *err)
{
    int fd;
    do {
        fd = open(dir, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        fd = open_named_temp(dir);
    }
    if (fd < 0) {
        return err_errno(err, errno, "create a temporary file in", dir);
    }
    *ret = file_new(fd, dir);
    return FB_OK;
}

static fb_status posix_read_at(VfsFile *f, void *buf, size_t n, int64_t offset, size_t *ret_n,
                               fb_error *err)
{
    size_t done = 0;
    while (done < n) {
        size_t piece = n - done < IO_PIECE_MAX ? n - done : IO_PIECE_MAX;
        ssize_t r = pread(f->fd, (char *)buf + done, piece, offset + (int64_t)done);
        if (r < 0 && errno == EINTR) {
            continue;
        }
        if (r < 0) {
            return err_errno(err, errno, "read", f->path);
        }
        if (r == 0) {
            break;
        }
        done += (size_t)r;
    }
    *ret_n = done;
    return FB_OK;
}

static fb_status posix_write(VfsFile *f, const void *buf, size_t n, fb_error *err)
{
    size_t done = 0;
    while (done < n) {
        size_t piece = n - done < IO_PIECE_MAX ? n - done : IO_PIECE_MAX;
        ssize_t r = write(f->fd, (const char *)buf + done, piece);
        if (r < 0 && errno == EINTR) {
            continue;
        }
        if (r <= 0) { /* 0 would be a device that takes nothing: as good as full */
            return err_errno(err, r < 0 ? errno : ENOSPC, "write", f->path);
        }
        done += (size_t)r;
    }
    return FB_OK;
}

static fb_status posix_sync(VfsFile *f, fb_error *err)
{
    int r;
    do {
        r = fsync(f->fd);
    } while (r != 0 && errno == EINTR);
    return r == 0 ? FB_OK : err_errno(err, errno, "sync", f->path);
}

static void posix_close(VfsFile *f)
{
    if (f != NULL) {
        close(f->fd);
        mem_free(f->path);
        mem_free(f);
    }
}

/* An error of a step that has two paths. */
static fb_status err_two(fb_error *err, int errnum, const char *action, const char *from,
                         const char *to)
{
    StrBuf b = {0};
    strbuf_printf(&b, "%s to %s", from, to);
    err_errno(err, errnum, action, b.p);
    strbuf_free(&b);
    return FB_ERR;
}

static fb_status posix_rename(const char *from, const char *to, fb_error *err)
{
    return rename(from, to) == 0 ? FB_OK : err_two(err, errno, "rename", from, to);
}

static fb_status posix_link_new(const char *from, const char *to, bool *ret_exists, fb_error *err)
{
    *ret_exists = false;
    int r = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
    if (r != 0 && (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)) {
        r = link(from, to);
        if (r == 0) {
            (void)unlink(from); /* to is there: a second name that stays does no harm */
        }
    }
    if (r != 0 && errno == EEXIST) {
        *ret_exists = true;
        return FB_OK;
    }
    return r == 0 ? FB_OK : err_two(err, errno, "link", from, to);
}

static fb_status posix_remove(const char *path, fb_error *err)
{
    int r = unlink(path);
    if (r != 0 && (errno == EISDIR || errno == EPERM)) {
        r = rmdir(path);
    }
    return r == 0 || errno == ENOENT ? FB_OK : err_errno(err, errno, "remove", path);
}

/* 0, or errno. A folder that exists is as good as a new one. */
static int make_dir(const char *path)
{
    struct stat st;
    if (mkdir(path, 0777) == 0) {
        return 0;
    }
    int e = errno;
    if (e == EEXIST && stat(path, &st) == 0) {
        return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
    }
    return e;
}

static fb_status posix_mkdirs(const char *path, fb_error *err)
{
    int e = make_dir(path);
    if (e == ENOENT && path[0] != '\0') {
        char *copy = mem_strdup(path);
        e = 0;
        for (char *p = copy + 1; e == 0 && *p != '\0'; p++) {
            if (*p == '/') {
                *p = '\0';
                e = make_dir(copy);
                *p = '/';
            }
        }
        e = e != 0 ? e : make_dir(path);
        mem_free(copy);
    }
    return e == 0 ? FB_OK : err_errno(err, e, "create the folder", path);
}

static fb_status posix_sync_dir(const char *path, fb_error *err)
{
    int fd = open_retry(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0) {
        return err_errno(err, errno, "open the folder", path);
    }
    int r;
    do {
        r = fsync(fd);
    } while (r != 0 && errno == EINTR);
    int e = errno;
    close(fd);
    /* Some file systems have nothing to sync for a folder and say so with EINVAL. */
    return r == 0 || e == EINVAL ? FB_OK : err_errno(err, e, "sync the folder", path);
}

static fb_status posix_stat(const char *path, VfsStat *ret, fb_error *err)
{
    struct stat st;
    *ret = (VfsStat){0};
    int r = lstat(path, &st);
    if (r == 0 && S_ISLNK(st.st_mode)) {
        ret->is_link = true;
        r = stat(path, &st);
    }
    if (r != 0) {
        /* A link to itself leads nowhere, as one to a name that is not there. */
        bool missing = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
        return missing ? FB_OK : err_errno(err, errno, "stat", path);
    }
    ret->exists = true;
    ret->is_dir = S_ISDIR(st.st_mode);
    ret->size = st.st_size;
    ret->mtime_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
    return FB_OK;
}

static fb_status posix_list(const char *path, VfsListFn fn, void *arg, fb_error *err)
{
    DIR *d = opendir(path);
    if (d == NULL) {
        return err_errno(err, errno, "list", path);
    }
    fb_status st = FB_OK;
    while (st == FB_OK) {
        errno = 0;
        struct dirent *e = readdir(d);
        if (e == NULL) {
            st = errno == 0 ? FB_OK : err_errno(err, errno, "list", path);
            break;
        }
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            st = fn(arg, e->d_name, err);
        }
    }
    closedir(d);
    return st;
}

const Vfs vfs_posix = {
    .open_read = posix_open_read,
    .create = posix_create,
    .create_temp = posix_create_temp,
    .read_at = posix_read_at,
    .write = posix_write,
    .sync = posix_sync,
    .close = posix_close,
    .rename = posix_rename,
    .link_new = posix_link_new,
    .remove = posix_remove,
    .mkdirs = posix_mkdirs,
    .sync_dir = posix_sync_dir,
    .stat = posix_stat,
    .list = posix_list,
};
