/*
 * parquet_shim.h - the C interface of the shim library libforebay_parquet.so (parquet_shim.cc).
 *
 * Only C types cross it, so that the engine never links libparquet and no C++ exception or type of
 * it gets in. parquet_load.c loads the library and gets the table of functions below. Bytes come
 * and go through callbacks: the library opens no file. Rows cross as Arrow C Data.
 *
 * Functions that can fail return 0, or -1 with why filled in.
 * Threads: one thread at a time for each ParquetFile and ParquetWriter.
 */
#ifndef FORMAT_PARQUET_SHIM_H
#define FORMAT_PARQUET_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ArrowSchema;
struct ArrowArray;
struct ArrowArrayStream;

/* Changes whenever something below does: a library of another build is refused. */
#define PARQUET_SHIM_ABI 1
#define PARQUET_SHIM_NAME "fb_parquet_shim"

typedef enum ParquetRepetition {
    PARQUET_REQUIRED,
    PARQUET_OPTIONAL,
    PARQUET_REPEATED
} ParquetRepetition;

/* The numbers of parquet.thrift; groups have none there. */
typedef enum ParquetPhysical {
    PARQUET_GROUP = -1,
    PARQUET_BOOLEAN,
    PARQUET_INT32,
    PARQUET_INT64,
    PARQUET_INT96,
    PARQUET_FLOAT,
    PARQUET_DOUBLE,
    PARQUET_BYTE_ARRAY,
    PARQUET_FIXED
} ParquetPhysical;

typedef enum ParquetLogical {
    PARQUET_NONE,
    PARQUET_STRING,
    PARQUET_ENUM,
    PARQUET_JSON,
    PARQUET_BSON,
    PARQUET_UUID,
    PARQUET_DECIMAL, /* precision, scale */
    PARQUET_DATE,
    PARQUET_TIME,      /* unit, utc */
    PARQUET_TIMESTAMP, /* unit, utc */
    PARQUET_INT,       /* bits, is_signed */
    PARQUET_LIST,
    PARQUET_MAP,
    PARQUET_MAP_ENTRIES, /* of old layouts; only in writing */
    PARQUET_NULL,
    PARQUET_INTERVAL,
    PARQUET_FLOAT16,
    PARQUET_OTHER
} ParquetLogical;

/* A node of a schema. Schemas are arrays of nodes in depth-first order, the root first. */
typedef struct ParquetNode {
    const char *name;
    int32_t repetition; /* ParquetRepetition */
    int32_t physical;   /* ParquetPhysical */
    int32_t logical;    /* ParquetLogical */
    int32_t n_children;
    int32_t span;   /* nodes of the subtree, this one included; not used in writing */
    int32_t column; /* ordinal of a leaf among the leaves; -1 for groups; not used in writing */
    int32_t length; /* bytes of PARQUET_FIXED */
    int32_t precision, scale;
    int32_t bits, is_signed;
    int32_t utc;      /* adjusted to UTC */
    int32_t unit;     /* digits of a second: 3 ms, 6 us, 9 ns */
    int32_t field_id; /* -1: none */
} ParquetNode;

#define PARQUET_WHY_BYTES 1024
typedef struct ParquetWhy {
    int32_t io; /* a callback failed; it knows more */
    char text[PARQUET_WHY_BYTES];
} ParquetWhy;

/* ---- reading ---- */
typedef struct ParquetFile ParquetFile;
/* Reads exactly n bytes at offset; not 0: failed. */
typedef int (*ParquetReadAt)(void *arg, int64_t offset, int64_t n, void *to);

typedef struct ParquetGroup {
    int64_t n_rows;
    int64_t middle; /* the byte that decides which range of the file has the row group */
} ParquetGroup;

/* Least and greatest value of a leaf in a row group. */
typedef struct ParquetStats {
    int32_t has_bounds, has_null_count;
    int64_t n_values, n_nulls; /* with nulls */
    int64_t low, high;         /* INT32 and INT64 */
} ParquetStats;

/* ---- writing ---- */
typedef struct ParquetWriter ParquetWriter;
/* Takes the next n bytes of the file; not 0: failed. */
typedef int (*ParquetSink)(void *arg, const void *p, int64_t n);

typedef struct ParquetWriteOptions {
    const char *codec; /* none, snappy, gzip, zstd, brotli, lz4 (Hadoop's framing), lz4_raw */
    const char *created_by;
    const char *const *pairs; /* key, value, key, value, … of the footer */
    int32_t n_pairs;
} ParquetWriteOptions;

typedef struct ParquetShim {
    int32_t abi;
    /* Reads the footer. What the file needs of memory is at most memory_limit bytes. */
    int (*open)(ParquetReadAt read_at, void *arg, int64_t size, int64_t memory_limit,
                ParquetFile **ret, ParquetWhy *why);
    void (*close)(ParquetFile *f);
    /* The file's; n nodes. */
    const ParquetNode *(*schema)(ParquetFile *f, int32_t *ret_n);
    const char *(*pair)(ParquetFile *f, const char *key); /* of the footer; NULL: none */
    int32_t (*n_groups)(ParquetFile *f);
    void (*group)(ParquetFile *f, int32_t i, ParquetGroup *ret);
    void (*stats)(ParquetFile *f, int32_t group, int32_t column, ParquetStats *ret);
    /* The leaves of these row groups; ret and its batches are released before f is closed. */
    int (*read)(ParquetFile *f, const int32_t *groups, int32_t n_groups, const int32_t *columns,
                int32_t n_columns, int64_t batch_rows, struct ArrowArrayStream *ret,
                ParquetWhy *why);

    /* Consumes rows (the schema of the batches to come), also when it fails. */
    int (*create)(const ParquetNode *nodes, int32_t n_nodes, const ParquetWriteOptions *options,
                  struct ArrowSchema *rows, ParquetSink sink, void *arg, ParquetWriter **ret,
                  ParquetWhy *why);
    /* Consumes batch. */
    int (*write)(ParquetWriter *w, struct ArrowArray *batch, ParquetWhy *why);
    int64_t (*held)(ParquetWriter *w);                   /* bytes of memory of the open row group */
    int (*end_group)(ParquetWriter *w, ParquetWhy *why); /* the next rows begin a new one */
    int (*finish)(ParquetWriter *w, ParquetWhy *why);    /* the footer */
    void (*free)(ParquetWriter *w);
} ParquetShim;

typedef const ParquetShim *(*ParquetShimGet)(void);

#ifdef __cplusplus
}
#endif

#endif
