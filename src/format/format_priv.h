/*
 * format_priv.h - what the formats share: the table's entries and the reading of options.
 */
#ifndef FORMAT_FORMAT_PRIV_H
#define FORMAT_FORMAT_PRIV_H

#include "column/timezone.h"
#include "format/format.h"

extern const FormatVt format_csv, format_json, format_parquet, format_text;
extern const TextCodec csv_codec, json_codec;
extern const JsonQueries json_queries;

/* Schemas are inferred before a query runs: each time under the limit of the setting, by itself. */
void infer_limit(const Conf *conf, struct MemBudget *budget, ArenaQuota *quota);

/* The option as true or false in any case, *ret unchanged when it is not set. */
fb_status option_bool(const Options *o, const char *key, bool *ret, fb_error *err);
fb_status option_int(const Options *o, const char *key, int64_t *ret, fb_error *err);
fb_status option_double(const Options *o, const char *key, double *ret, fb_error *err);
/* lineSep, copied; NULL when not set. Empty is refused. */
fb_status option_line_sep(const Options *o, Arena *a, const char **ret, fb_error *err);
/* The modes of parsers; other words are taken for PERMISSIVE, with a warning. */
typedef enum ParseMode { MODE_PERMISSIVE, MODE_DROPMALFORMED, MODE_FAILFAST } ParseMode;
ParseMode option_mode(const Options *o);
/* encoding or charset: UTF-8 passes, Spark's other charsets are not supported, the rest are
 * unknown. function is the name in Spark's error. */
fb_status option_charset(const Options *o, const char *function, fb_error *err);
/* locale: en-US passes. */
fb_status option_locale(const Options *o, fb_error *err);
/* timeZone, or NULL when not set. */
fb_status option_time_zone(const Options *o, const struct TimeZone **ret, fb_error *err);

/* What JSON and CSV write for timestamps without a pattern: "2024-02-29T10:00:00.000+01:00", "Z"
 * for no offset, seconds of the offset if it has some. */
void put_default_ts(TzCursor *zone, int64_t us, StrBuf *out);
void put_default_ts_ntz(int64_t local_us, StrBuf *out);

/* UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE for the field. */
fb_status unsupported_type(const char *format, const Field *f, fb_error *err);
/* Whether a line separator can overlap itself, as "aa" does: the lines of a range depend on what is
 * before it then, and the file must not be split. */
bool line_sep_overlaps(const char *line_sep);

#define WITHOUT_GMT_MAX 128
/* The text without its first "GMT", in buf; texts that are too long for a timestamp stay whole. */
Str without_gmt(Str s, char buf[static WITHOUT_GMT_MAX]);
/* The column of n rows, finished; without its bitmap if there are no nulls. */
Vec finish_flat(Vec v, uint32_t n);
static inline Str text_at(const Vec *v, uint32_t i)
{
    return view_str(&VEC_AT(View, v, i));
}
/* The string column of n rows, null where values are, whose texts stand one behind the other in
 * text: that of row i ends at end[i]. They are copied. */
void text_column(const Vec *values, const size_t *end, uint32_t n, const StrBuf *text, Arena *a,
                 Vec *out);
/* While the texts of rows gather in a buffer, after each row: whether there is room to make twice n
 * bytes of them and copy them. *checked starts as 0. */
fb_status text_check(Arena *a, size_t n, size_t *checked, fb_error *err);
/* A value as Spark's rows show the form that they keep: a date is its days. Messages quote so. */
void put_internal(const Vec *v, uint32_t i, StrBuf *out);
/* INVALID_CORRUPT_RECORD_TYPE unless the schema's column of that name is a nullable string. */
fb_status check_corrupt_column(const char *column, const Type *schema, fb_error *err);
/* PARSE_MODE_UNSUPPORTED for DROPMALFORMED, in a function. */
fb_status check_function_mode(ParseMode mode, const char *function, fb_error *err);

#endif
