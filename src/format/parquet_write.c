/*
 * parquet_write.c - rows to Parquet files, as Spark lays them out.
 *
 * The schema is Spark's (parquet_schema.c), the footer says the Spark schema and version, pages are
 * version 1 with dictionaries and checksums. A row group ends when its columns hold
 * parquet.block.size bytes; until then its pages are in memory. The file writer ends it sooner when
 * many files are open.
 *
 * Values cross as Arrow arrays. Intervals go as the integers that they are stored as, timestamps in
 * milliseconds are rounded down here, void columns are booleans that are always null.
 */
#include "column/arrow.h"
#include "column/datetime.h"
#include "format/parquet_priv.h"

#define WRITER_SPARK_VERSION "4.3.0" /* whose calendar and layout the file has */

struct FileEncoder {
    Arena arena, scratch;
    const ParquetShim *shim;
    ParquetWriter *writer;
    const Type *schema;  /* Spark's */
    const Type *carried; /* as it crosses */
    int64_t group_bytes;
    WriterSink sink;
    void *to;
    fb_error io;
};

/* ---- the types that cross ---- */

static const Type *carried_type(const Type *t, bool millis, Arena *a)
{
    switch (t->id) {
    case T_NULL:
        return type_boolean;
    case T_INTERVAL_YM:
        return type_int;
    case T_INTERVAL_DT:
        return type_long;
    case T_TIMESTAMP:
        return millis ? type_long : t;
    case T_ARRAY:
        return type_array(carried_type(t->fields[0].type, millis, a), t->fields[0].nullable);
    case T_MAP:
        return type_map(carried_type(t->fields[0].type, millis, a),
                        carried_type(t->fields[1].type, millis, a), t->fields[1].nullable);
    case T_STRUCT: {
        Field *fields = ARENA_ARRAY(a, Field, t->n_fields);
        for (uint32_t k = 0; k < t->n_fields; k++) {
            fields[k] = (Field){.name = t->fields[k].name,
                                .type = carried_type(t->fields[k].type, millis, a),
                                .nullable = t->fields[k].nullable};
        }
        return type_struct(fields, t->n_fields);
    }
    default:
        return t;
    }
}

static Vec carry_millis(const Vec *v, Arena *a)
{
    Vec flat, out;

    vec_flatten(&flat, v, a);
    vec_init(&out, type_long, v->len, a);
    out.valid = flat.valid;
    for (uint32_t i = 0; i < v->len; i++) {
        VEC_DATA(int64_t, &out)[i] = dt_floor_div(VEC_DATA(int64_t, &flat)[i], US_PER_MS);
    }
    return out;
}

/* A field that is not nullable is null where its struct is, and there alone: Parquet has no place
 * for those nulls. One that is null elsewhere keeps its nulls, which the writer then refuses. */
static void drop_nulls(const Vec *of, Vec *field)
{
    for (size_t w = 0; field->valid && w < VEC_WORDS(of->len); w++) {
        uint32_t left = of->len - (uint32_t)w * 64;
        uint64_t rows = left < 64 ? (UINT64_C(1) << left) - 1 : ~UINT64_C(0);
        if (rows & (of->valid ? of->valid[w] : rows) & ~field->valid[w]) {
            return;
        }
    }
    field->valid = NULL;
}

/* The column as a type that carried_type() gave. */
static Vec carry(const Vec *v, const Type *as, Arena *a)
{
    Vec flat, out = *v;

    if (v->type->id == T_NULL) {
        vec_init_null(&out, as, v->len, a);
        return out;
    }
    if (v->type->id == T_TIMESTAMP && as->id == T_LONG) {
        return carry_millis(v, a);
    }
    if (type_is_nested(as)) {
        vec_flatten(&flat, v, a);
        out = flat;
        out.child = ARENA_ARRAY(a, Vec, as->n_fields);
        for (uint32_t k = 0; k < as->n_fields; k++) {
            Vec part = carry(&flat.child[k], as->fields[k].type, a);
            vec_flatten(&out.child[k], &part, a);
            if (as->id == T_STRUCT && !as->fields[k].nullable) {
                drop_nulls(&out, &out.child[k]);
            }
        }
    }
    out.type = as;
    return out;
}

/* ---- a file ---- */

static int sink_bytes(void *arg, const void *p, int64_t n)
{
    FileEncoder *e = arg;

    return e->sink(e->to, p, (size_t)n, &e->io) == FB_OK ? 0 : -1;
}

static fb_status failed(FileEncoder *e, const ParquetWhy *why, fb_error *err)
{
    if (why->io && err_is_set(&e->io)) {
        err_move(err, &e->io);
        return FB_ERR;
    }
    return err_set(err, ERR_IO, "action", "write", "path", "a Parquet file", "reason", why->text,
                   NULL);
}

static void encoder_free(FileEncoder *e)
{
    if (e->writer) {
        e->shim->free(e->writer);
    }
    err_clear(&e->io);
    arena_free(&e->arena);
    arena_free(&e->scratch);
    mem_free(e);
}

static fb_status create(FileEncoder *e, const ParquetOptions *o, fb_error *err)
{
    struct ArrowSchema rows;
    const ParquetNode *nodes;
    int32_t n_nodes;
    StrBuf json = {0};
    ParquetWhy why = {0};

    TRY(parquet_shim(&e->shim, err));
    TRY(parquet_nodes_of(e->schema, o, &e->arena, &nodes, &n_nodes, err));
    TRY(arrow_export_schema(e->carried, "UTC", &rows, err));
    type_json(e->schema, &json);
    const char *pairs[] = {PARQUET_ROW_METADATA, json.p, PARQUET_SPARK_VERSION,
                           WRITER_SPARK_VERSION};
    ParquetWriteOptions options = {
        .codec = o->codec, .created_by = "forebay version " FOREBAY_VERSION, .pairs = pairs, 2};
    int rc = e->shim->create(nodes, n_nodes, &options, &rows, sink_bytes, e, &e->writer, &why);
    strbuf_free(&json);
    return rc == 0 ? FB_OK : failed(e, &why, err);
}

static bool has_nul_name(const Type *t)
{
    for (uint32_t k = 0; k < t->n_fields; k++) {
        if (strchr(t->fields[k].name, CSTR_NUL) || has_nul_name(t->fields[k].type)) {
            return true;
        }
    }
    return false;
}

static fb_status encoder_open(const void *options, const Type *schema, const struct TimeZone *tz,
                              WriterSink sink, void *to, FileEncoder **ret, fb_error *err)
{
    const ParquetOptions *o = options;
    if (has_nul_name(schema)) {
        return err_unsupported(err, "a Parquet column with the character NUL in its name");
    }
    FileEncoder *e = mem_zalloc(sizeof(*e));

    (void)tz;
    e->schema = schema;
    e->carried = carried_type(schema, o->timestamp_unit == 3, &e->arena);
    e->group_bytes = o->group_bytes;
    e->sink = sink;
    e->to = to;
    fb_status st = create(e, o, err);
    if (st != FB_OK) {
        encoder_free(e);
        return st;
    }
    *ret = e;
    return FB_OK;
}

static fb_status encoder_flush(FileEncoder *e, fb_error *err)
{
    ParquetWhy why = {0};

    return e->shim->end_group(e->writer, &why) == 0 ? FB_OK : failed(e, &why, err);
}

static int64_t encoder_held(const FileEncoder *e)
{
    return e->shim->held(e->writer);
}

static fb_status encoder_add(FileEncoder *e, const Batch *b, fb_error *err)
{
    struct ArrowArray rows;
    ParquetWhy why = {0};
    Vec whole = {.type = e->schema, .len = b->n_rows, .child = b->col};

    arena_reset(&e->scratch);
    Vec carried = carry(&whole, e->carried, &e->scratch);
    Batch out = {.n_rows = b->n_rows, .n_cols = b->n_cols, .col = carried.child};
    TRY(arrow_export_batch(&out, e->carried, &rows, err));
    if (e->shim->write(e->writer, &rows, &why) != 0) {
        return failed(e, &why, err);
    }
    return encoder_held(e) >= e->group_bytes ? encoder_flush(e, err) : FB_OK;
}

static fb_status encoder_finish(FileEncoder *e, fb_error *err)
{
    ParquetWhy why = {0};

    return e->shim->finish(e->writer, &why) == 0 ? FB_OK : failed(e, &why, err);
}

const EncoderVt parquet_encoder = {.open = encoder_open,
                                   .add = encoder_add,
                                   .held = encoder_held,
                                   .flush = encoder_flush,
                                   .finish = encoder_finish,
                                   .free = encoder_free};
