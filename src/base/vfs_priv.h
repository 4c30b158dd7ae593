/* vfs_priv.h - what vfs.c, vfs_posix.c, vfs_crash.c and vfs_fault.c share. */
#ifndef BASE_VFS_PRIV_H
#define BASE_VFS_PRIV_H

#include "base/vfs.h"

struct VfsFile {
    int fd;
    char *path; /* for messages */
};

extern const Vfs vfs_posix;

/* The table that counts steps, if FOREBAY_CRASH_AT or FOREBAY_CRASH_LOG asks for it, or NULL.
 * Reads the environment; called once, before the first use of any table. */
const Vfs *vfs_crash_from_env(void);

#endif
