/*
 * arrow.h - batches to and from Apache Arrow: the C Data Interface, and IPC streams.
 *
 * The C Data structs are those of forebay.h, the published ABI. IPC goes through libarrow of the
 * pyarrow package, in a shim library (arrow_shim.cc -> libforebay_arrow.so) that is loaded at first
 * use.
 */
#ifndef COLUMN_ARROW_H
#define COLUMN_ARROW_H

#include "column/vec.h"
#include "forebay.h"

/* Schema as Spark's ArrowUtils.toArrowSchema gives it: utf8, binary, timestamp[us, tz] with the
 * session time zone for TIMESTAMP, no zone for NTZ, month/day-time intervals as Spark maps them;
 * field metadata under key SPARK::metadata::json. The caller releases ret. */
fb_status arrow_export_schema(const Type *schema, const char *time_zone, struct ArrowSchema *ret,
                              fb_error *err);
/* Copies the batch into a struct array whose release callback frees it. */
fb_status arrow_export_batch(const Batch *b, const Type *schema, struct ArrowArray *ret,
                             fb_error *err);
fb_status arrow_import_schema(const struct ArrowSchema *s, const Type **ret, fb_error *err);
/* Appends the array's rows to the rowset (deep copy), which has the imported schema. Accepts utf8,
 * large_utf8, utf8_view, dictionary, every integer width, timestamps of any unit, and offsets.
 * Does not release a. */
fb_status arrow_import_array(const struct ArrowArray *a, const struct ArrowSchema *s, RowSet *to,
                             fb_error *err);

/* Gets the next rows, which are borrowed until it returns. */
typedef fb_status (*ArrowBatchFn)(void *arg, Batch *b, fb_error *err);
/* Hands the array's rows, at most BATCH_ROWS at a time, to fn without copying what can be shared; t
 * is what arrow_import_schema() made of s. Does not release a. A status other than FB_OK of fn ends
 * it. */
fb_status arrow_import_each(const struct ArrowArray *a, const struct ArrowSchema *s, const Type *t,
                            ArrowBatchFn fn, void *arg, fb_error *err);

/* One complete IPC stream (schema, the batch, end marker) of the batch, appended to out. */
fb_status arrow_ipc_encode(const Batch *b, const Type *schema, const char *time_zone, StrBuf *out,
                           fb_error *err);
/* All rows of an IPC stream of any number of batches (compressed bodies included); caller releases.
 */
fb_status arrow_ipc_decode(const void *p, size_t n, RowSet **ret, fb_error *err);

#endif
