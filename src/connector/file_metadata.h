/*
 * file_metadata.h - the hidden column _metadata of files: where a row comes from.
 */
#ifndef CONNECTOR_FILE_METADATA_H
#define CONNECTOR_FILE_METADATA_H

#include "connector/files.h"
#include "format/format.h"

/* A struct of the one hidden column of a table, called _metadata unless the schema has such a
 * column: then another _ is put before. */
const Type *file_metadata_schema(const FormatVt *format, const Type *schema, Arena *a);
/* Whether the type numbers the rows of a file. */
bool file_metadata_counts(const Type *hidden);
/* The column for n rows of a range, which begin with row number `row` of the file. */
void file_metadata_column(const Type *hidden, const FileEntry *file, const FileRange *range,
                          int64_t row, uint32_t n, Arena *a, Vec *out);

#endif
