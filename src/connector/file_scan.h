/*
 * file_scan.h - a Source over files of one format, and relations of such files.
 */
#ifndef CONNECTOR_FILE_SCAN_H
#define CONNECTOR_FILE_SCAN_H

#include "connector/connector.h"
#include "connector/partitions.h"
#include "format/format.h"

/* A dataset: format, options, data schema and partition columns. Read-only once made. */
typedef struct FileTable {
    Arena arena;
    const FormatVt *format;
    const void *read_options;
    Options options;
    const char **paths;
    uint32_t n_paths;
    const Type *data_schema; /* what is in the files */
    PartitionRules rules;
    PartitionKeys keys;
    const Type *schema;   /* data columns and partition columns */
    const Type *metadata; /* of the hidden column behind them */
    uint32_t *place; /* of each of them: number of the data column, or of the key behind those */
    bool pushes;     /* the format drops rows by pushed predicates: json, csv */
    bool ignore_corrupt, ignore_missing;
    Conf *conf; /* the reader's */
    _Atomic int refs;
} FileTable;

FileTable *file_table_retain(FileTable *t);
void file_table_release(FileTable *t);

/* A source of the table's files, not bound yet; retains the table. pushed predicates are over the
 * requested columns and are applied: rows that fail are not counted. */
fb_status file_scan_new(FileTable *t, const ScanRequest *req, Source **ret, fb_error *err);
/* The files that the table has now, chosen and with their values. */
fb_status file_table_list(FileTable *t, Arena *a, bool must_exist, FileList *ret, fb_error *err);
/* The files to read in the next run; the entries are copied. values are by the table's keys. */
void file_scan_bind(Source *s, const FileEntry *files, size_t n);

/* Relation of a batch or streaming read; a relation owns a reference to its table. */
fb_status file_stream_new(FileTable *t, const char *checkpoint_dir, const Conf *conf,
                          StreamSource **ret, fb_error *err);

#endif
