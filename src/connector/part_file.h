/*
 * part_file.h - one part file being written: its name, its rows as bytes, its end.
 *
 * A file belongs to the thread that writes its rows. What a file holds in memory is told by
 * part_file_held(); part_file_relieve() writes it out.
 */
#ifndef CONNECTOR_PART_FILE_H
#define CONNECTOR_PART_FILE_H

#include "base/vfs.h"
#include "format/format.h"

#include <pthread.h>

/* What all files of a write have in common. */
typedef struct PartFormat {
    const FormatVt *format;
    const void *options;
    const Type *schema; /* columns that are written */
    const struct TimeZone *tz;
    const char *codec, *extension;
    bool in_folders;       /* partitioned: "part-00000-<id>.c000", else "part-00000-<id>-c000" */
    const char *shared_id; /* NULL: each file has an id of its own */
    const char *root;
    pthread_mutex_t lock; /* folders being made */
} PartFormat;

typedef struct PartFile {
    char *folder;
    uint64_t hash; /* of folder */
    char *path, *name;
    const PartFormat *format;
    VfsFile *file;
    StrBuf pending;
    FileEncoder *encoder; /* of formats that have one; until the file is finished */
    int64_t size;
    int64_t n_rows;
    uint32_t part;    /* the first number in its name */
    uint32_t counter; /* of the files that one worker makes for a folder */
    bool any;         /* something was formatted: the header is out */
    struct PartFile *next;
} PartFile;

/* Makes the folder, too. A failure leaves no file. */
fb_status part_file_open(PartFormat *format, uint32_t part, const char *folder, uint64_t hash,
                         uint32_t counter, PartFile **ret, fb_error *err);
fb_status part_file_write(PartFile *f, const Batch *b, fb_error *err);
/* The bytes of memory that it takes. */
int64_t part_file_held(const PartFile *f);
/* Writes out what it holds, for smaller pieces. */
fb_status part_file_relieve(PartFile *f, fb_error *err);
/* All rows are in: writes the rest, syncs, closes; only free follows. */
fb_status part_file_finish(PartFile *f, fb_error *err);
/* remove: the file is given up. */
void part_file_free(PartFile *f, bool remove);

#endif
