/*
 * files.h - finding the files of a dataset: globs, folders, partition folders k=v, and the listing
 * that a file sink left in _spark_metadata.
 *
 * Everything returned lives in the arena given. Names that begin with _ or . are not data, except
 * partition folders such as _k=v.
 */
#ifndef CONNECTOR_FILES_H
#define CONNECTOR_FILES_H

#include "base/options.h"
#include "base/vfs.h"
#include "column/type.h"

typedef struct FileEntry {
    const char *path; /* absolute */
    int64_t size, mtime_ms;
    const char *
        *values; /* partition values as text, unescaped; NULL: the Hive null; n_keys of the list */
} FileEntry;

typedef struct FileList {
    FileEntry *file;
    size_t n, cap;
    const char **keys; /* partition columns found, in order of depth */
    uint32_t n_keys;
    bool plain_paths;            /* a stream's: PATH_NOT_FOUND shows no scheme */
    int64_t after_ms, before_ms; /* only files modified between them are listed; 0: no bound */
} FileList;

/* Lists the files of one path or glob, sorted by path. keys already in the list must match (a later
 * path may not have other partition columns). must_exist: PATH_NOT_FOUND when nothing matches. */
fb_status files_list(Arena *a, const char *given, const Options *o, bool must_exist, FileList *list,
                     fb_error *err);
/* Whether the path is a folder that a file sink wrote, whose log says what is in it. */
fb_status files_has_sink_log(const char *path, bool *ret, fb_error *err);
/* Types of the partition columns as Spark infers them from the values: int, long, double, date,
 * timestamp, string. */
const Type *files_partition_type(const FileList *list, uint32_t key, bool infer);
/* "k=v" with what Hive escapes; and back. */
void files_escape(Str s, StrBuf *out);
char *files_unescape(Arena *a, Str s);
/* "file:/a/b": how Spark shows a path. */
char *files_display(Arena *a, const char *path);

#endif
