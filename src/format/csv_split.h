/*
 * csv_split.h - a record of a CSV file to its fields.
 *
 * A splitter works on one text after the other: a line at a time, or with multiLine a whole file,
 * of which it gives the records. Fields that stand in the text as they are are views of it; the
 * others are in the arena.
 *
 * Ownership: the splitter borrows options, text and arena. Threads: one thread uses a splitter.
 */
#ifndef FORMAT_CSV_SPLIT_H
#define FORMAT_CSV_SPLIT_H

#include "format/csv_priv.h"

#define CSV_PADDING 16 /* bytes that can be read behind a field that is no view of the text */

/* p is NULL for a field that is null: nothing between two separators. */
typedef struct CsvField {
    const char *p;
    uint32_t n;
} CsvField;

typedef enum CsvSplit {
    CSV_SPLIT_ROW,
    CSV_SPLIT_NONE,     /* a line without a record; with multiLine the end of the file */
    CSV_SPLIT_TOO_MANY, /* more than maxColumns fields, or a field beyond maxCharsPerColumn */
    CSV_SPLIT_UNESCAPED /* a quote that RAISE_ERROR does not take */
} CsvSplit;

typedef struct CsvSplitter CsvSplitter;

CsvSplitter *csv_splitter_new(const CsvOptions *o);
void csv_splitter_free(CsvSplitter *s);
/* wanted[k]: the text of field k is needed, of n; fields behind are not. NULL: all are. What is not
 * needed is given as null, and taken apart less carefully, as Spark does. */
void csv_split_wanted(CsvSplitter *s, const bool *wanted, uint32_t n);
/* The fields of a line; *ret is good until the next call, their bytes as long as the arena's. */
CsvSplit csv_split_line(CsvSplitter *s, Str line, Arena *a, const CsvField **ret, uint32_t *ret_n);
/* The records of a file, one a call. */
void csv_split_start(CsvSplitter *s, Str content);
CsvSplit csv_split_next(CsvSplitter *s, Arena *a, const CsvField **ret, uint32_t *ret_n);
/* The error for a result that is neither a row nor none. */
fb_status csv_split_failed(CsvSplit res, Str record, fb_error *err);
/* The text of the record that was given last, with its end of line. */
Str csv_split_record(const CsvSplitter *s);

#endif
