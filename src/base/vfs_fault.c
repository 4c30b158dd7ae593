/*
 * vfs_fault.c - calls that fail on purpose, one at a time.
 *
 * The table passes every call but close on to vfs_posix and counts them across all
 * threads. The chosen one returns an error with the chosen errno in place of being done; a write
 * leaves half of its bytes, as a disk that gets full does. Nothing is synced: a test of errors ends
 * no machine, and thousands of its runs would wait for the disk.
 */
#include "base/vfs_priv.h"

#include <stdatomic.h>
#include <stdio.h>

static struct {
    uint64_t at; /* 0 = never */
    int errnum;
    _Atomic uint64_t step;
    char what[512]; /* the call that failed; written by it alone */
} fault;

static fb_status step(const char *name, const char *path, fb_error *err)
{
    if (atomic_fetch_add(&fault.step, 1) + 1 != fault.at) {
        return FB_OK;
    }
    (void)snprintf(fault.what, sizeof(fault.what), "%s %s", name, path);
    return err_errno(err, fault.errnum, name, path);
}

static fb_status fault_open_read(const char *path, VfsFile **ret, fb_error *err)
{
    TRY(step("open", path, err));
    return vfs_posix.open_read(path, ret, err);
}

static fb_status fault_create(const char *path, VfsFile **ret, fb_error *err)
{
    TRY(step("create", path, err));
    return vfs_posix.create(path, ret, err);
}

static fb_status fault_create_temp(const char *dir, VfsFile **ret, fb_error *err)
{
    TRY(step("create a temporary file in", dir, err));
    return vfs_posix.create_temp(dir, ret, err);
}

static fb_status fault_read_at(VfsFile *f, void *buf, size_t n, int64_t offset, size_t *ret_n,
                               fb_error *err)
{
    TRY(step("read", f->path, err));
    return vfs_posix.read_at(f, buf, n, offset, ret_n, err);
}

static fb_status fault_write(VfsFile *f, const void *buf, size_t n, fb_error *err)
{
    if (step("write", f->path, err) != FB_OK) {
        fb_error ignored = {0};
        (void)vfs_posix.write(f, buf, n / 2, &ignored);
        err_clear(&ignored);
        return FB_ERR;
    }
    return vfs_posix.write(f, buf, n, err);
}

static fb_status fault_sync(VfsFile *f, fb_error *err)
{
    return step("sync", f->path, err);
}

static fb_status fault_rename(const char *from, const char *to, fb_error *err)
{
    TRY(step("rename", to, err));
    return vfs_posix.rename(from, to, err);
}

static fb_status fault_link_new(const char *from, const char *to, bool *ret_exists, fb_error *err)
{
    TRY(step("link", to, err));
    return vfs_posix.link_new(from, to, ret_exists, err);
}

static fb_status fault_remove(const char *path, fb_error *err)
{
    TRY(step("remove", path, err));
    return vfs_posix.remove(path, err);
}

static fb_status fault_mkdirs(const char *path, fb_error *err)
{
    TRY(step("create the folder", path, err));
    return vfs_posix.mkdirs(path, err);
}

static fb_status fault_sync_dir(const char *path, fb_error *err)
{
    return step("sync the folder", path, err);
}

static fb_status fault_stat(const char *path, VfsStat *ret, fb_error *err)
{
    *ret = (VfsStat){0};
    TRY(step("stat", path, err));
    return vfs_posix.stat(path, ret, err);
}

static fb_status fault_list(const char *path, VfsListFn fn, void *arg, fb_error *err)
{
    TRY(step("list", path, err));
    return vfs_posix.list(path, fn, arg, err);
}

void vfs_fault_set(uint64_t at, int errnum)
{
    static Vfs table;
    table = vfs_posix;
    table.open_read = fault_open_read;
    table.create = fault_create;
    table.create_temp = fault_create_temp;
    table.read_at = fault_read_at;
    table.write = fault_write;
    table.sync = fault_sync;
    table.rename = fault_rename;
    table.link_new = fault_link_new;
    table.remove = fault_remove;
    table.mkdirs = fault_mkdirs;
    table.sync_dir = fault_sync_dir;
    table.stat = fault_stat;
    table.list = fault_list;
    fault.at = at;
    fault.errnum = errnum;
    fault.what[0] = '\0';
    atomic_store(&fault.step, 0);
    vfs_set(&table);
}

uint64_t vfs_fault_steps(void)
{
    return atomic_load(&fault.step);
}

const char *vfs_fault_what(void)
{
    return fault.what;
}
