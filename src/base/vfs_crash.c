/*
 * vfs_crash.c - dying on purpose, at a chosen step.
 *
 * The table passes every call on to vfs_posix and counts, across all threads, the calls that change
 * what is on disk: create, write, sync, rename, link, remove, sync_dir. With FOREBAY_CRASH_AT=k the
 * process gets SIGKILL in place of the k-th such step, so that everything before it happened and
 * nothing after it. With FOREBAY_CRASH_TORN=1 a k-th step that is a write leaves half of its bytes
 * first. FOREBAY_CRASH_LOG=file gets one line a step, "k name path", before the step is done; a run
 * with the log alone tells a harness how many steps there are.
 *
 * SIGKILL takes the process, not the machine: bytes written but not synced survive, which makes the
 * counted steps the truth about order, and the sync steps visible only by their place in the log.
 * So they are counted, and not done: hundreds of runs would wait for the disk.
 */
#include "base/vfs_priv.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/* Set once by vfs_crash_from_env() before any step. */
static struct {
    uint64_t at; /* 0 = never */
    bool torn;
    int log_fd; /* -1 = none */
    _Atomic uint64_t step;
} crash = {.log_fd = -1};

static _Noreturn void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;) {
        pause();
    }
}

/* Counts one step; true when it is the last of this process. */
static bool step_is_last(const char *name, const char *path)
{
    uint64_t k = atomic_fetch_add(&crash.step, 1) + 1;
    if (crash.log_fd >= 0) {
        StrBuf b = {0};
        strbuf_printf(&b, "%llu %s %s\n", (unsigned long long)k, name, path);
        if (write(crash.log_fd, b.p, b.n) != (ssize_t)b.n) {
            die(); /* a harness without its log must not go on */
        }
        strbuf_free(&b);
    }
    return k == crash.at;
}

static void step(const char *name, const char *path)
{
    if (step_is_last(name, path)) {
        die();
    }
}

static fb_status crash_create(const char *path, VfsFile **ret, fb_error *err)
{
    step("create", path);
    return vfs_posix.create(path, ret, err);
}

static fb_status crash_write(VfsFile *f, const void *buf, size_t n, fb_error *err)
{
    if (step_is_last("write", f->path)) {
        if (crash.torn) {
            vfs_posix.write(f, buf, n / 2, err);
        }
        die();
    }
    return vfs_posix.write(f, buf, n, err);
}

static fb_status crash_sync(VfsFile *f, fb_error *err)
{
    (void)err;
    step("sync", f->path);
    return FB_OK;
}

static fb_status crash_rename(const char *from, const char *to, fb_error *err)
{
    step("rename", to);
    return vfs_posix.rename(from, to, err);
}

static fb_status crash_link_new(const char *from, const char *to, bool *ret_exists, fb_error *err)
{
    step("link", to);
    return vfs_posix.link_new(from, to, ret_exists, err);
}

static fb_status crash_remove(const char *path, fb_error *err)
{
    step("remove", path);
    return vfs_posix.remove(path, err);
}

static fb_status crash_sync_dir(const char *path, fb_error *err)
{
    (void)err;
    step("sync_dir", path);
    return FB_OK;
}

static Vfs crash_table; /* vfs_posix with the counting calls put in */

const Vfs *vfs_crash_from_env(void)
{
    const char *at = getenv("FOREBAY_CRASH_AT");
    const char *torn = getenv("FOREBAY_CRASH_TORN");
    const char *log = getenv("FOREBAY_CRASH_LOG");
    if (at == NULL && log == NULL) {
        return NULL;
    }
    if (at != NULL && !parse_u64(str_of(at), &crash.at)) {
        fb_assert_fail("FOREBAY_CRASH_AT is a number", __FILE__, __LINE__);
    }
    crash.torn = torn != NULL && strcmp(torn, "1") == 0;
    if (log != NULL) {
        crash.log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (crash.log_fd < 0) {
            fb_assert_fail("FOREBAY_CRASH_LOG can be opened", __FILE__, __LINE__);
        }
    }
    crash_table = vfs_posix;
    crash_table.create = crash_create;
    crash_table.write = crash_write;
    crash_table.sync = crash_sync;
    crash_table.rename = crash_rename;
    crash_table.link_new = crash_link_new;
    crash_table.remove = crash_remove;
    crash_table.sync_dir = crash_sync_dir;
    return &crash_table;
}
