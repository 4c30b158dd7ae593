/*
 * interval.h - Spark's interval texts.
 *
 * Calendar intervals ("interval 1 year 2 days 3 hours") are IntervalCal; ANSI intervals are a
 * number of months (int32) or microseconds (int64) with first and last field as in type.h:
 * year-month 0 year 1 month; day-time 0 day 1 hour 2 minute 3 second.
 *
 * Ownership: nothing is kept; outputs are values or appended to a StrBuf. Threads: pure.
 */
#ifndef COLUMN_INTERVAL_H
#define COLUMN_INTERVAL_H

#include "base/error.h"
#include "column/type.h"

/* "1 day 2 hours", "INTERVAL -3.5 seconds", any case, units singular or plural.
 * Errors: INVALID_INTERVAL_FORMAT.* */
fb_status interval_parse(Str s, IntervalCal *ret, fb_error *err);
bool interval_parse_quiet(Str s, IntervalCal *ret); /* CAST without ANSI: false = NULL */
/* Trigger intervals in milliseconds, rounded down; may be negative. Errors: as interval_parse, and
 * _LEGACY_ERROR_TEMP_3262 for months and years. */
fb_status interval_parse_millis(Str s, int64_t *ret_ms, fb_error *err);
/* The delay of withWatermark in milliseconds; a month counts 31 days; may be negative. Error:
 * CANNOT_PARSE_INTERVAL. Of the forms that Spark reads here by its SQL parser only INTERVAL with
 * unquoted numbers is taken. */
fb_status interval_parse_delay_millis(Str s, int64_t *ret_ms, fb_error *err);

/* ANSI, from "1-2", "+1 02:03:04.5" or the full "INTERVAL '…' … TO …" text: CAST. Errors:
 * INVALID_INTERVAL_FORMAT.{UNMATCHED_FORMAT_STRING, UNMATCHED_FORMAT_STRING_WITH_NOTICE,
 * INTERVAL_PARSING, ARITHMETIC_EXCEPTION}, and a failed requirement for a field out of range. */
fb_status interval_parse_ym(Str s, int first, int last, int32_t *ret, fb_error *err);
fb_status interval_parse_dt(Str s, int first, int last, int64_t *ret, fb_error *err);
/* The value of a literal INTERVAL '…' <first> TO <last>: read alike. */
fb_status interval_literal_ym(Str s, int first, int last, int32_t *ret, fb_error *err);
fb_status interval_literal_dt(Str s, int first, int last, int64_t *ret, fb_error *err);

/* CAST to string: "INTERVAL '1-2' YEAR TO MONTH", "INTERVAL '0 03:00:00' DAY TO SECOND". */
void interval_format_ym(int32_t months, int first, int last, StrBuf *out);
void interval_format_dt(int64_t us, int first, int last, StrBuf *out);
/* "1 years 2 months 3 days 4 hours 5.5 seconds"; "0 seconds". */
void interval_format(IntervalCal v, StrBuf *out);

#endif
