/*
 * metadata_log.h - the logs of a checkpoint: one small file an id, never overwritten.
 *
 * offsets/, commits/, sources/<k>/ and _spark_metadata/ are such logs. The
 * first line of a file is "v<version>". Names that are not plain numbers are not entries. Writes
 * are temp file, fsync, link without overwrite, directory fsync: an id that exists already means
 * that another run writes here, and is CONCURRENT_STREAM_LOG_UPDATE.
 *
 * The compacting form (file source, file sink) writes every interval-th entry as "<id>.compact"
 * with all entries before it that are still wanted.
 */
#ifndef STREAM_METADATA_LOG_H
#define STREAM_METADATA_LOG_H

#include "base/vfs.h"

typedef struct MetadataLog {
    const char *dir;
} MetadataLog;

/* body: the lines after "v1\n". After an error the entry may be there. */
fb_status log_add(const MetadataLog *l, int64_t id, Str body, fb_error *err);
/* The lines after the version line, malloc'ed; *ret NULL if there is no such entry. Versions above
 * max_version, or no version line: MALFORMED_LOG_FILE / UNSUPPORTED_LOG_VERSION, naming the file.
 */
fb_status log_read(const MetadataLog *l, int64_t id, int max_version, int *ret_version, char **ret,
                   fb_error *err);
/* Ids present, ascending, in the arena. A missing folder is empty. */
fb_status log_ids(const MetadataLog *l, Arena *a, int64_t **ret, size_t *ret_n, fb_error *err);
/* Deletes entries below id, with their hidden .crc files. */
fb_status log_purge(const MetadataLog *l, int64_t below, fb_error *err);

/* ---- compacting ---- */

/* One entry is a line of JSON; the log knows nothing else of it. */
typedef struct CompactLog {
    MetadataLog log;
    int64_t interval; /* of the conf; an existing log fixes it, see compact_log_open */
    int64_t keep;     /* batches that stay as files of their own (minBatchesToRetain) */
    int64_t delay_ms; /* files younger than this are not deleted (cleanupDelay) */
    int64_t newest;   /* -1: empty */
} CompactLog;

/* Finds the newest id and the interval an existing log has. Changes nothing: for readers, beside
 * which a writer may be at work. */
fb_status compact_log_find(CompactLog *l, const char *dir, int64_t interval, fb_error *err);
/* For the log's only writer: what is there is durable afterwards, and what killed runs left is
 * gone.
 */
fb_status compact_log_open(CompactLog *l, const char *dir, int64_t interval, int64_t keep,
                           int64_t delay_ms, fb_error *err);
/* Entry id = newest + 1. lines: the new entries, each without its newline. After an error the entry
 * may be there (compact_log_has tells): what it lists must not be undone then. */
fb_status compact_log_add(CompactLog *l, int64_t id, const char *const *lines, size_t n,
                          fb_error *err);
/* Looks into the folder. */
fb_status compact_log_has(const CompactLog *l, int64_t id, bool *ret, fb_error *err);
/* Calls fn for each entry line, oldest first, with the id of the file it was found in. An entry
 * that is missing before the newest is an illegal state that names it, as in Spark. */
fb_status compact_log_each(const CompactLog *l,
                           fb_status (*fn)(void *arg, int64_t id, const char *line, fb_error *err),
                           void *arg, fb_error *err);

#endif
