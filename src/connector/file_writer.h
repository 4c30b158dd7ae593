/*
 * file_writer.h - the operator that writes rows into part files: one file a worker and partition
 * folder, more of them with maxRecordsPerFile. Used by batch writes and by the streaming file sink,
 * which differ in where files go first and what makes them count.
 */
#ifndef CONNECTOR_FILE_WRITER_H
#define CONNECTOR_FILE_WRITER_H

#include "connector/connector.h"

typedef struct FileWriter FileWriter;

/* A file that was written and synced. */
typedef struct WrittenFile {
    const char *path;   /* where it is */
    const char *folder; /* partition folders below the root: "a=1/b=2", or "" */
    const char *name;   /* part-00000-… */
    int64_t size;
} WrittenFile;

/* The writer is the operator's; it lives as long as the Exec does. root is set by start. */
fb_status file_writer_new(const FileWriteSpec *spec, const Conf *conf, FileWriter **ret,
                          Op **ret_op, fb_error *err);
/* Before a run: files go below root (made if missing). shared_id: one uuid for all files, as in a
 * batch write; else one a file. */
fb_status file_writer_start(FileWriter *w, const char *root, bool shared_id, fb_error *err);
/* After a run, which ended and synced all files; an empty one is made if there is none and the data
 * is not partitioned. The list is the writer's until the next start. */
fb_status file_writer_finish(FileWriter *w, const WrittenFile **ret, size_t *ret_n, fb_error *err);
/* Makes the names of the files durable below root, with those of their folders. */
fb_status file_writer_sync_folders(const char *root, const WrittenFile *f, size_t n, fb_error *err);
/* Removes what the run wrote so far. */
void file_writer_discard(FileWriter *w);

#endif
