/*
 * format.h - file formats: how bytes of a file become rows, and rows bytes.
 *
 * One FormatVt a format (text.c, csv.c, json.c, parquet.c), found by name in format_lookup().
 * Reading works on a byte range of one file so that a large file is split between workers: a range
 * reads the records that begin in [from, to), as Hadoop's LineRecordReader does. Compressed and
 * multi-line files are one range.
 *
 * What emit is given is the consumer's from there on, and so are its failures: a reader gets FB_OK,
 * or FB_STOP when it is to end, never the consumer's error (connector/file_scan.c keeps it). So
 * each error that a reader returns is about the file.
 *
 * Ownership: options are parsed once into the arena and are read-only afterwards (shared by
 * workers). Batches given to emit are borrowed; views point into the read buffer.
 */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include "base/conf.h"
#include "base/options.h"
#include "exec/source.h"
#include "expr/text_codec.h"

typedef struct FormatVt FormatVt;

/* What a reader must deliver from each file. */
typedef struct ReadPlan {
    const FormatVt *format;
    const void *options;     /* made by format->options */
    const Type *schema;      /* full data schema (without partition columns), in declared order */
    const uint32_t *columns; /* ordinals of schema wanted, in output order; may be empty */
    uint32_t n_columns;
    const struct TimeZone *tz;
    bool ignore_corrupt, ignore_missing;
    /* Rows that fail one of these are not wanted, and may be left out: columnar formats skip whole
     * pieces. Column k of theirs is number pushed_column[k] of those above; n_columns: not one. */
    struct Expr *const *pushed;
    uint32_t n_pushed;
    const uint32_t *pushed_column;
} ReadPlan;

typedef struct FileRange {
    const char *path;
    int64_t from, to; /* bytes; to = size of the file for the last range */
    int64_t size, mtime_ms;
    bool whole;        /* not split: compressed, multiLine, wholetext */
    ArenaQuota *quota; /* of who reads: what long lines and whole files take; NULL: none */
} FileRange;

typedef fb_status (*WriterSink)(void *to, const void *p, size_t n, fb_error *err);

/* The writer of one file of a format whose bytes are not those of batches put together. */
typedef struct FileEncoder FileEncoder;
typedef struct EncoderVt {
    /* Bytes go to sink, which gets the file's in order. schema outlives the encoder. */
    fb_status (*open)(const void *options, const Type *schema, const struct TimeZone *tz,
                      WriterSink sink, void *to, FileEncoder **ret, fb_error *err);
    fb_status (*add)(FileEncoder *e, const Batch *b, fb_error *err);
    int64_t (*held)(const FileEncoder *e);              /* bytes of memory until the next flush */
    fb_status (*flush)(FileEncoder *e, fb_error *err);  /* gives them back, for smaller pieces */
    fb_status (*finish)(FileEncoder *e, fb_error *err); /* all bytes are out; only free follows */
    void (*free)(FileEncoder *e);                       /* unfinished: the file is given up */
} EncoderVt;

struct FormatVt {
    const char *name;      /* "json" */
    const char *title;     /* "JSON", as messages name it */
    const char *extension; /* ".json" */
    /* Parses and checks reader or writer options: unknown ones are ignored as in Spark, bad values
     * and values that are not supported yet are refused by name. */
    fb_status (*options)(const Options *o, const Conf *conf, bool writing, Arena *a,
                         const void **ret, fb_error *err);
    bool (*splittable)(const void *options);
    /* Schema of a sample of the files (Spark's inference); NULL entry: fixed by fixed_schema. */
    fb_status (*infer)(const void *options, const Conf *conf, const char *const *paths,
                       uint32_t n_paths, const Type **ret, fb_error *err);
    const Type *(*fixed_schema)(void); /* text: value string */
    /* Whether the schema can be read / written (UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE). */
    fb_status (*check_schema)(const void *options, const Type *schema, bool writing, fb_error *err);
    /* Reads the range and emits batches of plan->n_columns columns, at most BATCH_ROWS rows each.
     * n_rows: records met (also malformed ones that were dropped do not count). After each emit the
     * worker's arena is reset by the reader. */
    fb_status (*read)(const ReadPlan *plan, const FileRange *range, Worker *w, EmitFn emit,
                      void *to, uint64_t *n_rows, fb_error *err);
    /* Turns a batch into bytes appended to out; first: nothing was written to this file yet
     * (headers). */
    fb_status (*write)(const void *options, const Type *schema, const Batch *b, bool first,
                       const struct TimeZone *tz, StrBuf *out, fb_error *err);
    /* What a file without rows holds (csv with header); may be NULL. */
    fb_status (*write_empty)(const void *options, const Type *schema, StrBuf *out, fb_error *err);
    /* Formats that compress by themselves have an encoder in place of write and write_empty, and
     * say what their files are called. */
    const char *(*extension_of)(const void *options);
    const EncoderVt *encoder;
    bool counts_rows; /* a range is a whole file and its rows come in order: they have numbers */
};

const FormatVt *format_lookup(const char *name); /* "json", "csv" … in any case, or a class; NULL */
/* JSON and CSV for from_json and its like. */
const TextCodecs *format_text_codecs(void);

/* ---- shared by the line formats (lines.c) ---- */
/* Bytes of a range, a piece at a time; gzip/zstd/… inflated by extension (".gz" …). */
typedef struct LineReader LineReader;
/* line_sep NULL or "": \n, \r\n, \r. The reader owns its buffers; lines are borrowed
 * until lines_release(), so views into them stay good for the batch. */
fb_status lines_open(const FileRange *r, const char *line_sep, LineReader **ret, fb_error *err);
/* Next line without its separator; FB_STOP at the end of the range. */
fb_status lines_next(LineReader *r, Str *ret, fb_error *err);
/* The lines handed out so far are not used any more: after a batch was emitted. */
void lines_release(LineReader *r);
void lines_close(LineReader *r);
/* Whole content of a file, decompressed; caller lines_close()s the handle that keeps it. */
fb_status lines_whole(const FileRange *r, LineReader **ret, Str *content, fb_error *err);

/* ---- errors of readers (format.c) ---- */
/* Wraps what err holds in Spark's FAILED_READ_FILE (missing: .FILE_NOT_EXIST); lines_*() have done
 * it already. For malformed records. Always FB_ERR. */
fb_status format_read_failed(const FileRange *r, bool missing, fb_error *err);
/* Whether the plan says to skip the rest of the file after the error of lines_*(); err is cleared
 * then. Never after a shortage (err_is_shortage). */
bool format_skips_error(const ReadPlan *plan, fb_error *err);

/* ---- codecs of written files (codec.c): the option compression, NULL for none, any case ---- */
const char *
codec_extension(const char *codec); /* "gzip" -> ".gz"; "" when none; NULL: unknown codec */
/* CODEC_NOT_AVAILABLE…, or UNSUPPORTED_FEATURE for the codecs that only Spark has. */
fb_status codec_check(const char *codec, fb_error *err);
fb_status codec_compress(const char *codec, const void *p, size_t n, StrBuf *out,
                         fb_error *err); /* one complete member */

#endif
