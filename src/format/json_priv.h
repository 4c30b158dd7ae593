/*
 * json_priv.h - what the files of the JSON format share.
 *
 *   json.c           options, check_schema, the table's entry
 *   json_read.c      lines to batches: modes, corrupt records, top-level arrays
 *   json_fast.c      lines that look like the line before: straight to the columns
 *   json_convert.c   tokens to columns, as Spark's JacksonParser does
 *   json_value.c     texts of single values to values
 *   json_token.c     the tolerant scanner; json_simdjson.cc the tape
 *   json_infer.c     schema inference
 *   json_write.c     rows to lines
 *   json_bad.c       errors of FAILFAST
 *   json_codec.c     from_json and its like
 *   json_query.c     get_json_object and its like
 */
#ifndef FORMAT_JSON_PRIV_H
#define FORMAT_JSON_PRIV_H

#include "column/datefmt.h"
#include "format/format_priv.h"
#include "format/json_token.h"
#include "format/lines_priv.h"

typedef struct JsonOptions {
    bool writing;
    unsigned features; /* of JsonFeature */
    ParseMode mode;
    const char *corrupt_name; /* column for corrupt records */
    const char *line_sep;     /* NULL: any when reading, \n when writing */
    bool multi_line;
    const TimeZone *tz;                                  /* NULL: the session's */
    const TimeZone *session_tz;                          /* for inference */
    const char *date_format, *ts_format, *ts_ntz_format; /* patterns; NULL: not given */
    bool date_fallback, ts_fallback; /* try CAST's forms when the pattern does not fit */
    bool partial_results;            /* a bad value inside a struct spoils only itself */
    bool exact_strings;      /* objects and numbers read as strings keep their source text */
    bool allow_empty_string; /* "" is NULL for some types */
    /* inference */
    double sampling_ratio;
    bool primitives_as_string, prefers_decimal, infer_timestamp, drop_null_fields;
    bool ntz_by_default, case_sensitive;
    bool ignore_corrupt, ignore_missing; /* files */
    /* writing */
    bool ignore_null_fields, pretty, sort_keys, ascii_only;
} JsonOptions;

/* ---- single values (json_value.c) ---- */

/* What texts of values need to be understood. */
typedef struct JsonText {
    const JsonOptions *o;
    const TimeZone *tz;
    DateFmt *date, *ts, *ts_ntz; /* NULL: CAST's forms */
} JsonText;

/* Compiles the patterns that values of the type need, beside those that t has already; a zeroed t
 * has none. */
fb_status json_text_init(JsonText *t, const JsonOptions *o, const TimeZone *tz, const Type *type,
                         fb_error *err);
void json_text_free(JsonText *t);

typedef union JsonValue {
    int64_t i; /* integers, boolean, dates, timestamps, intervals */
    double d;
    float f;
    int128_t dec;
    Str s;
} JsonValue;

bool json_parse_long(Str digits, int64_t *ret);  /* of a number token without fraction */
bool json_parse_double(Str number, double *ret); /* of any number token, words too */
bool json_parse_float(Str number, float *ret);
/* The words that a string may hold for a double: NaN, Infinity… */
bool json_double_word(Str s, double *ret);
/* Days since 1970 of the ten bytes "2024-02-29"; false: another form, or no such day. */
static inline bool json_iso_date(const char *p, int32_t *ret)
{
    uint64_t x;

    memcpy(&x, p, 8);
    x ^= UINT64_C(0x2D30302D30303030); /* "0000-00-": digits are 0 to 9, the dashes 0 then */
    uint64_t odd = (x | (x + UINT64_C(0x0006060006060606))) & UINT64_C(0x00F0F000F0F0F0F0);
    unsigned d1 = (unsigned)(unsigned char)p[8] - '0', d2 = (unsigned)(unsigned char)p[9] - '0';
    if (odd != 0 || (x & UINT64_C(0xFF0000FF00000000)) != 0 || d1 > 9 || d2 > 9) {
        return false;
    }
    unsigned year = (unsigned)(x & 15) * 1000 + (unsigned)(x >> 8 & 15) * 100 +
                    (unsigned)(x >> 16 & 15) * 10 + (unsigned)(x >> 24 & 15);
    unsigned month = (unsigned)(x >> 40 & 15) * 10 + (unsigned)(x >> 48 & 15), day = d1 * 10 + d2;
    if (month - 1 > 11 || day - 1 > 30 || (day > 28 && day > date_month_length(year, month))) {
        return false;
    }
    /* Years begin in March, so that the leap day is the last; 400 years have 146,097 days. */
    unsigned y = year + 400 - (month <= 2), m = month > 2 ? month - 3 : month + 9;
    unsigned n = y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
    *ret = (int32_t)n - 719468 - 146097;
    return true;
}

bool json_parse_date(const JsonText *t, Str s, int32_t *ret);
bool json_parse_ts(const JsonText *t, Str s, int64_t *ret);
bool json_parse_ts_ntz(const JsonText *t, Str s, int64_t *ret);
bool json_parse_decimal_string(Str s, const Type *type, int128_t *ret);
bool json_parse_base64(Str s, Arena *a, Str *ret);

/* ---- the reader ---- */

/* A type and how its values are found: the tree that conversion walks. */
typedef struct JsonNode {
    const Type *type;
    struct JsonNode *child;  /* struct: its fields; array: the element; map: the value */
    struct JsonNames *names; /* struct: field names to ordinals */
} JsonNode;

/* Field names to ordinals, exact. */
typedef struct JsonNames {
    const Str *name;
    uint32_t n, mask;
    bool repeated;   /* some are there twice: a guess may be the wrong one */
    uint32_t *slots; /* ordinal + 1, 0: empty */
} JsonNames;
JsonNames *json_names_new(Arena *a, const Str *names,
                          uint32_t n); /* of equal names the last wins */
int64_t json_names_find(const JsonNames *t, Str name, uint32_t guess); /* -1: none */

/* A column that is read: flat ones are written in place, nested ones are built. */
typedef struct JsonColumn {
    JsonNode node;
    Vec vec;             /* flat: data and validity for BATCH_ROWS rows */
    VecBuilder *builder; /* nested and void */
} JsonColumn;

/* Why a record is bad, for FAILFAST. */
typedef enum JsonBadKind {
    JB_NONE,
    JB_SYNTAX,
    JB_FIELD,
    JB_EMPTY,
    JB_STRING_AS,
    JB_NULL_ROOT,
    JB_ARRAY_ROOT,
    JB_VALUE
} JsonBadKind;
typedef struct JsonBad {
    JsonBadKind kind;
    Str field, value;
    JsonTok tok;
    const Type *type;
} JsonBad;

typedef struct JsonFast JsonFast;

typedef struct JsonReader {
    const ReadPlan *plan;
    const JsonOptions *o;
    const FileRange *range;
    Worker *w;
    EmitFn emit;
    void *to;
    uint64_t *n_rows;
    Arena arena; /* lives as long as the reader */
    JsonText text;
    JsonColumn *col; /* the distinct columns wanted, without that for corrupt records */
    uint32_t n_col;
    JsonNames *names;  /* of col */
    uint32_t *out_col; /* output column to col; UINT32_MAX: corrupt records */
    Vec corrupt;       /* views of the lines; type NULL: not wanted */
    uint32_t row;      /* rows complete in the batch */
    JsonParser parser;
    JsonTape *tape;
    JsonFast *fast;     /* NULL: the columns are not for it */
    bool exact_strings; /* as the option, if the input allows it */
    bool keep_bad;      /* FAILFAST: remember why */
    JsonBad bad;
} JsonReader;

/* ---- tokens to columns (json_convert.c) ---- */

/* OK; PARTIAL: there is a value, but something in it was bad; BAD: no value. */
typedef enum JsonResult { JR_OK, JR_PARTIAL, JR_BAD } JsonResult;

void json_node_init(JsonNode *n, const Type *t, Arena *a);
/* The row being built: all null. */
void json_clear_row(JsonReader *r);
/* There is no such row: as at the start of a batch, where rows are valid before they are read. */
void json_forget_row(JsonReader *r);
/* Nulls for the columns that the row has no value for. */
void json_end_row(JsonReader *r);
/* Reads the object that the parser is at the start of into the row being built. */
JsonResult json_convert_root(JsonReader *r);
/* Reads the value that the parser is at the start of, which is not null, into the only column. */
JsonResult json_convert_value(JsonReader *r);
/* Remembers the first reason. */
void json_note_bad(JsonReader *r, JsonBadKind kind, const Type *type);

/* ---- columns (json_read.c) ---- */
Vec json_new_flat(const Type *t, uint32_t n, bool valid, Arena *a);
/* Room for n rows, valid until they are read. */
void json_column_start(JsonColumn *c, uint32_t n, Arena *a);
void json_column_finish(JsonColumn *c, uint32_t n, Vec *ret);

/* FAILFAST (json_bad.c): the record ends the query. row[0..n) is what could be read of it, at row
 * `at` of the columns. */
fb_status json_fail_record(const JsonReader *r, const Vec *row, uint32_t n, uint32_t at, Str record,
                           fb_error *err);

/* ---- the fast path (json_fast.c) ---- */

/* NULL when a column is of a type that it does not know. */
JsonFast *json_fast_new(JsonReader *r);
/* Learns from a line that was read and is clean JSON: the lines after it are expected to look like
 * it. */
void json_fast_learn(JsonReader *r, Str line);
/* Reads lines until the batch is full, a line is different or no more can be looked at safely. */
void json_fast_lines(JsonReader *r, LineReader *l);

/* ---- the entries of the table ---- */
fb_status json_read(const ReadPlan *plan, const FileRange *range, Worker *w, EmitFn emit, void *to,
                    uint64_t *n_rows, fb_error *err);
fb_status json_infer(const void *options, const Conf *conf, const char *const *paths,
                     uint32_t n_paths, const Type **ret, fb_error *err);
fb_status json_write(const void *options, const Type *schema, const Batch *b, bool first,
                     const TimeZone *tz, StrBuf *out, fb_error *err);

/* The type of the one value in the text (schema_of_json). */
fb_status json_infer_text(const void *options, Str text, const Type **ret, fb_error *err);

/* ---- single values (json_write.c) ---- */
typedef struct JsonWriter JsonWriter;
fb_status json_writer_new(const JsonOptions *o, const TimeZone *tz, JsonWriter **ret,
                          fb_error *err);
void json_writer_free(JsonWriter *w);
StrBuf *json_writer_text(JsonWriter *w); /* where values are appended */
void json_write_value(JsonWriter *w, const Vec *v, uint32_t i);

/* Appends s between quotes, escaped as Jackson's generator does. */
void json_put_string(Str s, bool ascii_only, StrBuf *out);
/* The value at the parser again as Jackson's generator writes it: no space, numbers in Java's form.
 * false: a syntax error. */
bool json_copy_value(JsonParser *j, StrBuf *out);
void json_put_double(double v, StrBuf *out);

#endif
