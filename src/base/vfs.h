/*
 * vfs.h - every file the engine touches goes through this table, so that a test can fail or stop
 * the process at the Nth write, fsync or rename.
 *
 * Paths are local absolute or relative paths, UTF-8, no URI; vfs_path_of_uri() strips "file:".
 * Threads: all functions may be called from any thread.
 */
#ifndef BASE_VFS_H
#define BASE_VFS_H

#include "base/error.h"
#include <stdint.h>

typedef struct VfsFile VfsFile; /* an open file for writing or reading */

typedef struct VfsStat {
    bool exists, is_dir; /* of what a symbolic link points to */
    bool is_link;        /* path itself is a symbolic link */
    int64_t size;        /* bytes */
    int64_t mtime_ms;    /* since 1970, UTC */
} VfsStat;

/* Called for each name in a directory, without "." and "..". A status other than FB_OK ends the
 * walk. */
typedef fb_status (*VfsListFn)(void *arg, const char *name, fb_error *err);

typedef struct Vfs {
    fb_status (*open_read)(const char *path, VfsFile **ret, fb_error *err);
    fb_status (*create)(const char *path, VfsFile **ret, fb_error *err); /* truncates */
    /* A file without a name in the folder, to be written and read by this process alone: gone once
     * it is closed, however the process ends. */
    fb_status (*create_temp)(const char *dir, VfsFile **ret, fb_error *err);
    fb_status (*read_at)(VfsFile *f, void *buf, size_t n, int64_t offset, size_t *ret_n,
                         fb_error *err);
    fb_status (*write)(VfsFile *f, const void *buf, size_t n, fb_error *err); /* appends all n */
    fb_status (*sync)(VfsFile *f, fb_error *err);
    void (*close)(VfsFile *f);
    fb_status (*rename)(const char *from, const char *to, fb_error *err); /* replaces */
    fb_status (*link_new)(const char *from, const char *to, bool *ret_exists,
                          fb_error *err); /* removes from; if to exists: true, and both stay; never
                                             an error once to is there */
    fb_status (*remove)(const char *path, fb_error *err); /* missing is fine */
    fb_status (*mkdirs)(const char *path, fb_error *err);
    fb_status (*sync_dir)(const char *path, fb_error *err);
    fb_status (*stat)(const char *path, VfsStat *ret,
                      fb_error *err); /* missing: exists=false, FB_OK */
    fb_status (*list)(const char *path, VfsListFn fn, void *arg, fb_error *err);
} Vfs;

/* The table in force. vfs_set() is for tests and for the crash harness, before any thread starts.
 * Environment variable FOREBAY_CRASH_AT=k ends the process (as kill -9 does) in place of the k-th
 * create, write, sync, rename, link, remove or sync_dir, counted from 1; with FOREBAY_CRASH_TORN=1
 * a write leaves half of its bytes first. FOREBAY_CRASH_LOG=file records each step as "k name
 * path". */
const Vfs *vfs(void);
void vfs_set(const Vfs *v);

/* For tests of errors, between runs: puts a table in force (vfs_set(NULL) ends it) whose at-th call
 * from now on, counted from 1 over all of them but close and unmap, fails with errnum; 0: none. A
 * write that fails leaves half of its bytes; nothing is synced. */
void vfs_fault_set(uint64_t at, int errnum);
uint64_t vfs_fault_steps(void);   /* calls since then */
const char *vfs_fault_what(void); /* the call that failed and its path; "" if none did */

/* Durability of vfs_write_file and vfs_settle: fsync of file and directory (default on;
 * spark.forebay.fsync). */
void vfs_set_fsync(bool on);

/* Temp file ".<name>.<uuid>.tmp" in the same folder, write, fsync, rename, directory fsync.
 * overwrite=false: an existing target leaves it alone and sets *ret_exists (may be NULL when
 * overwrite). Creates the folder if missing. After an error the file may be there all the same: the
 * rename is the point of no return, and the folder's fsync comes after it. */
fb_status vfs_write_file(const char *path, const void *data, size_t n, bool overwrite,
                         bool *ret_exists, fb_error *err);
/* As mkdirs; the new folders' names are durable, if writes are. */
fb_status vfs_make_dirs(const char *path, fb_error *err);
/* The names in a folder are durable afterwards, if writes are (vfs_set_fsync). For who finds a name
 * there that a run which failed may not have synced, and is about to rely on it. */
fb_status vfs_settle(const char *dir, fb_error *err);
/* The same for what was written to a file. */
fb_status vfs_settle_file(VfsFile *f, fb_error *err);
/* Removes what killed runs left of vfs_write_file() in the folder; for its only writer. What can't
 * be removed stays. */
void vfs_remove_temps(const char *dir);
/* Whole file into a new malloc'ed, NUL-terminated buffer; caller mem_free()s. Missing: FB_ERR IO.
 */
fb_status vfs_read_file(const char *path, char **ret, size_t *ret_n, fb_error *err);
fb_status vfs_remove_tree(const char *path, fb_error *err);
char *vfs_join(Arena *a, const char *dir, const char *name);
const char *vfs_basename(const char *path); /* borrowed */
char *vfs_dirname(Arena *a, const char *path);
char *vfs_absolute(Arena *a, const char *path); /* against the working directory; no symlink
                                                   resolution; "." and ".." folded */
fb_status vfs_path_of_uri(
    Arena *a, const char *uri, char **ret,
    fb_error *err); /* "file:/x", "file:///x%20y", or a plain path; other schemes refused */
char *vfs_uri_of_path(
    Arena *a,
    const char *path); /* "file:///…": space, %, and what java.net.URI escapes; non-ASCII kept */

#endif
