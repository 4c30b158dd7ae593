/*
 * arrow_priv.h - what the files of arrow_*.c share.
 */
#ifndef COLUMN_ARROW_PRIV_H
#define COLUMN_ARROW_PRIV_H

#include "column/arrow.h"

/* Nesting of types that is followed, on both ways; libarrow's own bound for IPC is the same. */
#define ARROW_MAX_DEPTH 64
/* Key under which Spark keeps a field's metadata. */
#define ARROW_METADATA_KEY "SPARK::metadata::json"

/* As arrow_export_batch, but buffers that have Arrow's layout already are not copied: the result
 * points into the batch and into scratch, and must be released before either goes. */
fb_status arrow_export_borrowed(const Batch *b, const Type *schema, Arena *scratch,
                                struct ArrowArray *ret, fb_error *err);
/* As arrow_import_array for a schema that is known to be the rowset's. */
fb_status arrow_import_rows(const struct ArrowArray *a, const struct ArrowSchema *s, RowSet *to,
                            fb_error *err);

/* ---- reading: arrow_schema.c and arrow_import.c ---- */

/* How the values lie in Arrow's buffers. */
typedef enum ArrowLayout {
    ARROW_NULL,
    ARROW_BOOL,
    ARROW_SAME, /* as in a Vec */
    ARROW_UINT8,
    ARROW_UINT16,
    ARROW_UINT32,
    ARROW_UINT64,
    ARROW_DECIMAL32,
    ARROW_DECIMAL64,
    ARROW_DECIMAL128,
    ARROW_UTF8, /* 32-bit offsets and bytes */
    ARROW_LARGE_UTF8,
    ARROW_VIEW,
    ARROW_FIXED_BINARY,
    ARROW_DATE64,
    ARROW_SCALED,   /* int64 times ArrowFormat.scale */
    ARROW_DIVIDED,  /* int64 divided by ArrowFormat.scale */
    ARROW_DAY_TIME, /* int32 days, int32 ms */
    ARROW_MONTH_DAY_NANO,
    ARROW_LIST,
    ARROW_LARGE_LIST,
    ARROW_FIXED_LIST,
    ARROW_MAP,
    ARROW_STRUCT
} ArrowLayout;

typedef struct ArrowFormat {
    ArrowLayout layout;
    const Type *type; /* NULL for nested ones */
    int64_t scale;    /* ARROW_SCALED, ARROW_DIVIDED: factor; ARROW_FIXED_*: size */
} ArrowFormat;

/* Fails with UNSUPPORTED_ARROWTYPE for what has no Spark type. */
fb_status arrow_format_parse(const char *f, ArrowFormat *ret, fb_error *err);
/* "Can't read Arrow data: reason." */
fb_status arrow_corrupt(fb_error *err, const char *reason);

/* Value i of an array that need not be aligned. */
static inline int32_t arrow_get_i32(const void *p, int64_t i)
{
    int32_t v;
    memcpy(&v, (const char *)p + i * 4, 4);
    return v;
}

static inline int64_t arrow_get_i64(const void *p, int64_t i)
{
    int64_t v;
    memcpy(&v, (const char *)p + i * 8, 8);
    return v;
}

#endif
