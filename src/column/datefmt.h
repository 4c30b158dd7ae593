/*
 * datefmt.h - Java DateTimeFormatter patterns, as Spark lets them through, with en-US names.
 *
 * datefmt_compile() checks the pattern as Spark does and binds the time zone; after that formatting
 * and parsing touch no locks and allocate nothing but the output's growth. The two patterns that
 * CSV and JSON use by default have paths of their own.
 *
 * Errors of datefmt_compile: INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION (the
 * old SimpleDateFormat would take it) or .DATETIME_WEEK_BASED_PATTERN, and
 * INVALID_DATETIME_PATTERN.{ILLEGAL_CHARACTER, LENGTH, SECONDS_FRACTION, WITH_SUGGESTION}.
 *
 * Ownership: the caller frees with datefmt_free(). Threads: a compiled DateFmt is immutable and may
 *            be shared.
 */
#ifndef COLUMN_DATEFMT_H
#define COLUMN_DATEFMT_H

#include "base/error.h"
#include "column/datetime.h"

#define DATEFMT_DEFAULT_DATE "yyyy-MM-dd"
#define DATEFMT_DEFAULT_TS "yyyy-MM-dd HH:mm:ss" /* date_format, from_unixtime */
#define DATEFMT_CSV_JSON_TS "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]"
#define DATEFMT_CSV_JSON_TS_NTZ "yyyy-MM-dd'T'HH:mm:ss[.SSS]"

typedef struct DateFmt DateFmt;

typedef enum DateFmtUse { DATEFMT_FORMAT, DATEFMT_PARSE } DateFmtUse;

/* tz is used for zone letters and to place local times; for dates and NTZ pass tz_utc(). */
fb_status datefmt_compile(Str pattern, DateFmtUse use, const TimeZone *tz, DateFmt **ret,
                          fb_error *err);
void datefmt_free(DateFmt *f);
/* Compiled patterns by text, a bounded number of them, for patterns that are data (date_format with
 * a column). What datefmt_cache_get() returns is good until the next call. */
typedef struct DateFmtCache DateFmtCache;
DateFmtCache *datefmt_cache_new(DateFmtUse use, const TimeZone *tz);
fb_status datefmt_cache_get(DateFmtCache *c, Str pattern, const DateFmt **ret, fb_error *err);
void datefmt_cache_free(DateFmtCache *c); /* one thread at a time uses a cache */

/* Append the text. false: the pattern asks for what the value has not (hours of a date…). */
bool datefmt_date(const DateFmt *f, int32_t days, StrBuf *out);
bool datefmt_ts(const DateFmt *f, int64_t us, StrBuf *out);
bool datefmt_ts_ntz(const DateFmt *f, int64_t local_us, StrBuf *out);

/* The whole text must match. false: it does not, or fields contradict, or the range is left. */
bool datefmt_parse_date(const DateFmt *f, Str s, int32_t *ret);
bool datefmt_parse_ts(const DateFmt *f, Str s, int64_t *ret);
/* allow_zone false: a pattern's zone that matched makes it fail, as CSV and JSON inference want. */
bool datefmt_parse_ts_ntz(const DateFmt *f, Str s, bool allow_zone, int64_t *ret);

#endif
