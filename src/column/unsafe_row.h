/*
 * unsafe_row.h - the bytes of Spark's UnsafeRow, from vectors and back.
 *
 * Keys of state are compared as raw bytes, so the encoding must equal Spark's exactly.
 */
#ifndef COLUMN_UNSAFE_ROW_H
#define COLUMN_UNSAFE_ROW_H

#include "column/vec.h"

/* Appends row i of the n_cols columns as one UnsafeRow to out. */
void unsafe_row_encode(const Vec *cols, uint32_t n_cols, uint32_t i, StrBuf *out);
/* Appends the row's fields to the builders, one a column (types give the layout). Long strings
 * are copied into the builders' arena. Malformed bytes: FB_ERR, the builders unchanged. */
fb_status unsafe_row_decode(const void *row, size_t n, VecBuilder *const *cols, uint32_t n_cols,
                            const Type *const *types, fb_error *err);

#endif
