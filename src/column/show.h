/*
 * show.h - the tables that show() and the console sink print, drawn as Spark draws them.
 *
 * Cells are right-aligned when truncated to a width, left-aligned when shown whole; full-width
 * characters count as two; control characters are escaped (\n, \t, \\…).
 */
#ifndef COLUMN_SHOW_H
#define COLUMN_SHOW_H

#include "column/vec.h"

struct TimeZone;

/* The first n_rows (negative: 0) of rows. truncate 0: whole values; else cut to that many
 * characters
 * ("..." ends a cut value when truncate >= 4). has_more adds "only showing top n rows". */
void show_rows(const RowSet *rows, int64_t n_rows, int64_t truncate, bool vertical, bool has_more,
               const struct TimeZone *tz, StrBuf *out);
/* As _repr_html_ shows it. */
void show_html(const RowSet *rows, int64_t n_rows, int64_t truncate, bool has_more,
               const struct TimeZone *tz, StrBuf *out);

#endif
