/*
 * file_sink.c - the streaming file sink: FileStreamSink of Spark.
 *
 * Files are written straight to their names in the output folder; they exist once
 * _spark_metadata/<batch id> lists them. A batch id that is not above the newest in that log is in
 * the sink already and is skipped: that is what makes a batch count once.
 */
#include "connector/connector_priv.h"
#include "connector/file_writer.h"

#include "base/log.h"
#include "base/vfs.h"
#include "stream/metadata_log.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#define BLOCK_SIZE 33554432

typedef struct FileSink {
    StreamSink base;
    Arena arena;
    FileWriter *writer;
    const char *path;
    CompactLog log;
} FileSink;

static fb_status sink_begin(StreamSink *sink, int64_t batch, bool *ret_skip, fb_error *err)
{
    FileSink *s = (FileSink *)sink;
    *ret_skip = batch <= s->log.newest;
    return *ret_skip ? FB_OK : file_writer_start(s->writer, s->path, false, err);
}

/* One line of the log, malloc'ed by jansson. */
static char *entry_line(Arena *a, const WrittenFile *f, fb_error *err)
{
    VfsStat st;
    if (vfs()->stat(f->path, &st, err) != FB_OK) {
        return NULL;
    }
    json_t *o = json_pack("{s:s, s:I, s:b, s:I, s:i, s:i, s:s}", "path",
                          vfs_uri_of_path(a, f->path), "size", (json_int_t)f->size, "isDir", 0,
                          "modificationTime", (json_int_t)st.mtime_ms, "blockReplication", 1,
                          "blockSize", BLOCK_SIZE, "action", "add");
    char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(o);
    if (!text) {
        (void)err_set(err, ERR_IO, "action", "record the name of", "path", f->path, "reason",
                      "it is not valid UTF-8", NULL);
    }
    return text;
}

static fb_status sink_commit(StreamSink *sink, int64_t batch, fb_error *err)
{
    FileSink *s = (FileSink *)sink;
    const WrittenFile *f;
    size_t n;
    Arena a = {0};
    TRY(file_writer_finish(s->writer, &f, &n, err));
    TRY(file_writer_sync_folders(s->path, f, n, err));
    const char **lines = ARENA_ARRAY(&a, const char *, n);
    fb_status st = FB_OK;
    for (size_t i = 0; i < n && st == FB_OK; i++) {
        char *text = entry_line(&a, &f[i], err);
        if (!text) {
            st = FB_ERR;
            break;
        }
        lines[i] = arena_strdup(&a, text);
        free(text); /* checksrc-allow: jansson's own allocation */
    }
    if (st == FB_OK) {
        st = compact_log_add(&s->log, batch, lines, n, err);
    }
    arena_free(&a);
    return st;
}

/* The log decides, not the error: once it has the batch the files are the sink's rows, whatever
 * failed after that. When it can't be asked they stay too: readers pass over files that no entry
 * lists. */
static void sink_abort(StreamSink *sink, int64_t batch)
{
    FileSink *s = (FileSink *)sink;
    fb_error err = {0};
    bool listed = true;
    if (compact_log_has(&s->log, batch, &listed, &err) != FB_OK) {
        LOG_WARN("FileStreamSink", "the files of batch %" PRId64 " stay: %s", batch, err.message);
        listed = true;
    }
    err_clear(&err);
    if (!listed) {
        file_writer_discard(s->writer);
    }
}

static void sink_free(StreamSink *sink)
{
    FileSink *s = (FileSink *)sink;
    arena_free(&s->arena);
    mem_free(s->base.description);
    mem_free(s);
}

fb_status file_sink_check(const char *format, const Options *o, OutputMode mode, fb_error *err)
{
    if (!options_get(o, "path")) {
        return err_set(err, ERR_LEGACY_2047, NULL);
    }
    if (mode != OUTPUT_APPEND) {
        return err_set(err, ERR_STREAMING_OUTPUT_MODE_UNSUPPORTED_DATASOURCE, "className", format,
                       "outputMode", output_mode_name(mode), NULL);
    }
    return FB_OK;
}

fb_status file_sink_new(const SinkSpec *spec, const Conf *conf, StreamSink **ret, fb_error *err)
{
    static const StreamSinkVt vt = {sink_begin, sink_commit, sink_abort, sink_free};
    const char *given = options_get(spec->options, "path");
    char *path;
    TRY(file_sink_check(spec->format, spec->options, spec->mode, err));
    if (options_get(spec->options, "retention")) {
        return err_unsupported(err, "the option retention of the file sink");
    }
    FileSink *s = mem_zalloc(sizeof(*s));
    s->base.vt = &vt;
    s->base.n_rows = -1;
    fb_status st = vfs_path_of_uri(&s->arena, given, &path, err);
    if (st == FB_OK) {
        s->path = vfs_absolute(&s->arena, path);
        FileWriteSpec w = {.format = spec->format,
                           .options = spec->options,
                           .path = s->path,
                           .schema = spec->schema,
                           .partition_by = spec->partition_by,
                           .n_partition_by = spec->n_partition_by,
                           .time_zone = spec->time_zone,
                           .streaming = true};
        st = file_writer_new(&w, conf, &s->writer, &s->base.op, err);
    }
    if (st == FB_OK) {
        const char *log = vfs_join(&s->arena, s->path, "_spark_metadata");
        st = compact_log_open(
            &s->log, log, conf_get_int(conf, "spark.sql.streaming.fileSink.log.compactInterval"),
            conf_get_int(conf, "spark.sql.streaming.minBatchesToRetain"),
            conf_get_int(conf, "spark.sql.streaming.fileSink.log.cleanupDelay"), err);
        if (st == FB_OK) { /* from its start on the folder is the sink's, and can be read */
            st = vfs()->mkdirs(log, err);
        }
        if (st != FB_OK) {
            s->base.op->vt->free(s->base.op);
        }
    }
    if (st != FB_OK) {
        sink_free(&s->base);
        return st;
    }
    StrBuf text = {0};
    strbuf_printf(&text, "FileSink[file:%s]", s->path);
    s->base.description = strbuf_take(&text);
    *ret = &s->base;
    return FB_OK;
}
