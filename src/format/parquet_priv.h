/*
 * parquet_priv.h - what the files of parquet*.c share.
 */
#ifndef FORMAT_PARQUET_PRIV_H
#define FORMAT_PARQUET_PRIV_H

#include "base/vfs.h"
#include "format/format_priv.h"
#include "format/parquet_shim.h"

typedef struct ParquetOptions {
    /* reading */
    bool merge_schema, case_sensitive, ignore_corrupt, prune;
    bool binary_as_string, int96_as_timestamp, infer_ntz, nanos_as_long;
    /* writing */
    const char *codec;      /* the shim's name */
    const char *extension;  /* ".snappy.parquet" */
    int32_t timestamp_unit; /* 0: INT96, 3: ms, 6: us */
    bool legacy;            /* writeLegacyFormat */
    bool field_ids;         /* of fields whose metadata have one */
    int64_t group_bytes;    /* of memory of a row group */
} ParquetOptions;

/* Keys of the footer. */
#define PARQUET_ROW_METADATA "org.apache.spark.sql.parquet.row.metadata"
#define PARQUET_SPARK_VERSION "org.apache.spark.version"

/* ---- parquet_load.c ---- */
fb_status parquet_shim(const ParquetShim **ret, fb_error *err);

/* ---- parquet_file.c: an open file ---- */
typedef struct ParquetInput {
    const ParquetShim *shim;
    ParquetFile *file;
    VfsFile *bytes;
    const char *path;
    fb_error io; /* what a read of the vfs failed with */
    const ParquetNode *nodes;
    int32_t n_nodes;
} ParquetInput;

/* Opens the file and reads its footer. A file that is no Parquet file: ERR_IO with the reason. */
fb_status parquet_open(const char *path, int64_t size, ParquetInput *in, fb_error *err);
void parquet_close(ParquetInput *in);
/* What the shim said, or what the vfs said to it. */
fb_status parquet_failed(ParquetInput *in, const char *reason, bool io, fb_error *err);

/* ---- parquet_schema.c ---- */
/* Deeper types are refused. */
#define PARQUET_MAX_DEPTH 60
/* The Spark type of the file's rows: of Spark's own metadata, else of the Parquet schema. */
fb_status parquet_file_type(ParquetInput *in, const ParquetOptions *o, const Type **ret,
                            fb_error *err);
/* What files of both types can be read as: the columns of a, then those that only b has.
 * CANNOT_MERGE_SCHEMAS. */
fb_status parquet_merge(const Type *a, const Type *b, bool case_sensitive, const Type **ret,
                        fb_error *err);
/* The Spark type of a leaf. PARQUET_TYPE_ILLEGAL, PARQUET_TYPE_NOT_SUPPORTED. */
fb_status parquet_leaf_type(const ParquetNode *n, const ParquetOptions *o, const Type **ret,
                            fb_error *err);
/* "INT64 (TIMESTAMP(NANOS,false))" */
void parquet_type_text(const ParquetNode *n, StrBuf *out);
/* Node i is a group: the node of its elements; -1 when it is not a list as the format has them. */
int32_t parquet_list_element(const ParquetNode *nodes, int32_t i);
/* Node i is a group: the node of its keys (the values' comes next), or -1. */
int32_t parquet_map_key(const ParquetNode *nodes, int32_t i);
/* The schema that rows of a Spark type are written with, in the arena. */
fb_status parquet_nodes_of(const Type *schema, const ParquetOptions *o, Arena *a,
                           const ParquetNode **ret, int32_t *ret_n, fb_error *err);

/* ---- parquet_pick.c: which leaves of a file give the columns wanted ---- */
/* A wanted value: what of the file it is made from. */
typedef struct Pick {
    const Type *type;   /* wanted */
    const char *name;   /* of the field in the file; NULL: the file does not have it */
    struct Pick *child; /* of nested types, type->n_fields */
    bool old_calendar;  /* dates or timestamps may be Julian */
    int32_t leaf;       /* of a value whose integers mean the same in the file, else -1 */
} Pick;

typedef struct Picks {
    Pick *column;    /* one a wanted column */
    uint32_t *place; /* of each among those that Arrow reads; set by the reader */
    int32_t *leaf;   /* columns of the file to read, ascending, each once */
    int32_t n_leaves;
} Picks;

/* FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH and others where types do not fit. */
fb_status parquet_pick(const ParquetInput *in, const ParquetOptions *o, const ReadPlan *plan,
                       Arena *a, Picks *ret, fb_error *err);

/* ---- parquet_prune.c ---- */
/* Whether a row group may have rows that the plan's filters let through, by its statistics. */
bool parquet_may_match(const ParquetInput *in, const ReadPlan *plan, const Picks *picks,
                       int32_t group);

/* ---- parquet_convert.c: what Arrow gives to what is wanted ---- */
/* Rows of pick->type from v, which Arrow gave for it. */
fb_status parquet_convert(const Pick *pick, const Vec *v, Arena *a, Vec *out, fb_error *err);

/* ---- parquet_read.c, parquet_write.c ---- */
fb_status parquet_read(const ReadPlan *plan, const FileRange *range, Worker *w, EmitFn emit,
                       void *to, uint64_t *n_rows, fb_error *err);
extern const EncoderVt parquet_encoder;

#endif
