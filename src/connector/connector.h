/*
 * connector.h - sources and sinks by format name: the two tables that session/ looks in.
 *
 * A format is a file format (format/), or one of socket, rate, console, memory, noop.
 */
#ifndef CONNECTOR_CONNECTOR_H
#define CONNECTOR_CONNECTOR_H

#include "plan/catalog.h"
#include "stream/sink.h"
#include "stream/source.h"

/* Makes the relation of spark.read / readStream. DATA_SOURCE_NOT_FOUND for an unknown format;
 * PATH_NOT_FOUND, UNABLE_TO_INFER_SCHEMA, schema rules of streams: as Spark. */
fb_status connector_read(const ReadSpec *spec, const Conf *conf, Relation **ret, fb_error *err);
/* A relation over files of a format with a known schema; used by readers and by tables. */
typedef struct FileRelationSpec {
    const char *format;
    const Options *options;
    const char *const *paths;
    uint32_t n_paths;
    const Type *schema; /* NULL: infer */
    bool streaming;
} FileRelationSpec;
fb_status file_relation(const FileRelationSpec *spec, const Conf *conf, Relation **ret,
                        fb_error *err);

/* Makes a streaming sink. memory: rows go to *spec->options "…"; see memory_sink_rows(). */
fb_status connector_sink(const SinkSpec *spec, const Conf *conf, StreamSink **ret, fb_error *err);
/* Whether there is such a sink, and takes the mode; touches nothing. */
fb_status connector_sink_check(const char *format, const Options *o, OutputMode mode,
                               fb_error *err);
/* The console's: numRows, at least 0, and the width that cells are cut to, 0: not. */
fb_status console_options(const Options *o, int64_t *ret_rows, int64_t *ret_truncate,
                          fb_error *err);
/* Rows of a memory sink: a table that session/ shows as the temp view of the query's name. Batches
 * become visible at commit. The relation reads what is there when a scan begins. */
fb_status memory_sink_relation(StreamSink *sink, Relation **ret, fb_error *err);

/* Batch write of files: the operator that writes and the commit protocol (_temporary, rename,
 * _SUCCESS). begin before the run, then commit or abort. */
typedef struct FileWrite FileWrite;
typedef struct FileWriteSpec {
    const char *format;
    const Options *options;
    const char *path;
    const Type *schema;
    const char *const *partition_by;
    uint32_t n_partition_by;
    const char *time_zone;
    bool streaming; /* a sink's: only the error conditions differ */
} FileWriteSpec;
fb_status file_write_begin(const FileWriteSpec *spec, const Conf *conf, FileWrite **ret,
                           Op **ret_op, fb_error *err);
/* The rows were written; the Exec with the operator must still be there. overwrite: what was there
 * before goes. Frees w. */
fb_status file_write_commit(FileWrite *w, bool overwrite, fb_error *err);
void file_write_abort(FileWrite *w); /* after the Exec is gone; frees w */

#endif
