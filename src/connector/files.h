/*
 * files.h - finding the files of a dataset: globs, folders, and the listing that a file sink left
 * in _spark_metadata.
 *
 * Everything returned lives in the arena given. Names that begin with _ or . are not data, except
 * partition folders such as _k=v. Which of the files found belong to the dataset depends on its
 * partition columns: partitions.h.
 */
#ifndef CONNECTOR_FILES_H
#define CONNECTOR_FILES_H

#include "base/conf.h"
#include "base/options.h"
#include "base/vfs.h"
#include "column/vec.h"

typedef struct FileEntry {
    const char *path; /* absolute */
    const char *uri;  /* of the path; made by who reads */
    int64_t size, mtime_ms;
    uint32_t folder;   /* of the list */
    const Vec *values; /* of the dataset's partition columns, constants; NULL if it has none */
} FileEntry;

/* A folder that has files of its own. */
typedef struct FileFolder {
    const char *path;
    size_t first, n; /* its files in the list */
    uint32_t n_keys; /* partition columns that its path tells, the outermost first */
    const char **keys, **raw;
} FileFolder;

/* What the caller named, globs resolved. */
typedef struct FileRoot {
    const char *path;
    bool is_file;
} FileRoot;

typedef struct FileList {
    FileEntry *file; /* by folder, then by name; none twice */
    size_t n, cap;
    FileFolder *folder;
    uint32_t n_folders;
    FileRoot *root;
    uint32_t n_roots, cap_roots;
    bool plain_paths; /* a stream's: PATH_NOT_FOUND shows no scheme */
} FileList;

/* Adds what is at the path or glob. must_exist: PATH_NOT_FOUND when nothing matches; of a stream's
 * glob nothing ever must. */
fb_status files_add(Arena *a, const char *given, bool must_exist, FileList *list, fb_error *err);
/* What the log of the file sink says that is in the folder. */
fb_status files_add_logged(Arena *a, const char *given, FileList *list, fb_error *err);
/* After the last add: sorts, and groups by folder. */
void files_group(Arena *a, FileList *list);
/* Whether the only path is a folder that a file sink wrote, whose log says what is in it. */
fb_status files_has_sink_log(const char *given, const Conf *conf, bool *ret, fb_error *err);
/* Whether the file passes pathGlobFilter (NULL: all) and the bounds of time. */
typedef struct NameFilter {
    const char **pattern;
    size_t n;
} NameFilter;
fb_status files_name_filter(Arena *a, const char *glob, NameFilter *ret, fb_error *err);
bool files_name_passes(const NameFilter *f, const char *path);
bool files_is_glob(const char *path);

/* "k=v" with what Hive escapes; and back, with a 0 behind it: %E9 is the character U+00E9. */
void files_escape(Str s, StrBuf *out);
Str files_unescape(Arena *a, Str s);
/* "file:/a/b": how Spark shows a path. */
char *files_display(Arena *a, const char *path);

#endif
