/*
 * csv_priv.h - what the files of the CSV format share.
 *
 *   csv.c           check_schema, the table's entry
 *   csv_options.c   options
 *   csv_split.c     a record to fields
 *   csv_convert.c   fields to columns
 *   csv_scan.c      lines of plain fields to fields, many at once
 *   csv_read.c      lines to batches: headers, modes, corrupt records
 *   csv_infer.c     schema inference
 *   csv_write.c     rows to lines
 *   csv_codec.c     from_csv and its like
 */
#ifndef FORMAT_CSV_PRIV_H
#define FORMAT_CSV_PRIV_H

#include "column/datefmt.h"
#include "format/format_priv.h"

/* What happens when a quote stands inside a quoted field without an escape. */
typedef enum CsvUnescaped {
    CSV_STOP_AT_DELIMITER,
    CSV_STOP_AT_CLOSING_QUOTE,
    CSV_BACK_TO_DELIMITER,
    CSV_SKIP_VALUE,
    CSV_RAISE_ERROR
} CsvUnescaped;

typedef struct CsvOptions {
    bool writing;
    Str sep;
    bool multi_sep;     /* sep is more than one UTF-16 unit */
    char quote, escape; /* '\0': the character NUL, that is to say none in most files */
    char escape_escape; /* what escapes escape; '\0': nothing */
    char comment;       /* if has_comment, else the one that the writer avoids */
    bool has_comment;
    bool header;
    bool trim_leading, trim_trailing;
    Str null_value, empty_value;
    Str nan, positive_inf, negative_inf;
    const char *line_sep;       /* NULL: any when reading, \n when writing */
    const TimeZone *tz;         /* NULL: the session's */
    const TimeZone *session_tz; /* for inference */
    const char *date_format, *ts_format, *ts_ntz_format; /* patterns; NULL: not given */
    /* reading */
    ParseMode mode;
    const char *corrupt_name; /* column for corrupt records */
    bool multi_line;
    bool enforce_schema, case_sensitive;
    bool prune;                      /* only the columns wanted are looked at */
    bool date_fallback, ts_fallback; /* try CAST's forms when the pattern does not fit */
    int64_t max_columns, max_chars;  /* max_chars -1: no limit */
    CsvUnescaped unescaped;
    /* inference */
    bool infer_schema, prefer_date, ntz_by_default;
    double sampling_ratio;
    /* writing */
    bool quote_all, escape_quotes;
    bool null_is_empty; /* nulls are written as strings that hold null_value */
} CsvOptions;

fb_status csv_options(const Options *o, const Conf *conf, bool writing, Arena *a, const void **ret,
                      fb_error *err);

/* ---- writing (csv_write.c) ---- */
fb_status csv_write(const void *options, const Type *schema, const Batch *b, bool first,
                    const struct TimeZone *tz, StrBuf *out, fb_error *err);
fb_status csv_write_empty(const void *options, const Type *schema, StrBuf *out, fb_error *err);

/* Structs to texts, for to_csv: see TextCodec. */
fb_status csv_writer_new(const void *options, const Type *type, const struct TimeZone *tz,
                         void **ret, fb_error *err);
fb_status csv_write_values(void *writer, const Vec *values, uint32_t n, Arena *a, Vec *out,
                           fb_error *err);
void csv_writer_free(void *writer);

/* ---- reading ---- */
fb_status csv_read(const ReadPlan *plan, const FileRange *range, Worker *w, EmitFn emit, void *to,
                   uint64_t *n_rows, fb_error *err);
fb_status csv_infer(const void *options, const Conf *conf, const char *const *paths,
                    uint32_t n_paths, const Type **ret, fb_error *err);
/* The type of the record in the text (schema_of_csv). */
fb_status csv_infer_text(const void *options, Str text, const Type **ret, fb_error *err);

#endif
