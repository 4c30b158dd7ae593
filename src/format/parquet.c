/*
 * parquet.c - the Parquet format: options, schemas that it takes, the schema of files, and the
 * table's entry. The other parquet_*.c do the work.
 *
 * A file is split by row groups: a range of bytes stands for the row groups whose middle is in it.
 * Dates and timestamps are those of the proleptic Gregorian calendar (CORRECTED in Spark's words).
 */
#include "base/log.h"
#include "format/parquet_priv.h"

static const struct {
    const char *name, *codec, *extension;
} codecs[] = {{"none", "none", ".parquet"},
              {"uncompressed", "none", ".parquet"},
              {"snappy", "snappy", ".snappy.parquet"},
              {"gzip", "gzip", ".gz.parquet"},
              {"zstd", "zstd", ".zstd.parquet"},
              {"lz4", "lz4", ".lz4hadoop.parquet"},
              {"lz4_raw", "lz4_raw", ".lz4raw.parquet"},
              {"brotli", "brotli", ".br.parquet"},
              {"lzo", NULL, NULL}};

/* ---- options ---- */

static fb_status codec_option(const Options *o, const Conf *conf, Arena *a, ParquetOptions *p,
                              fb_error *err)
{
    const char *v = options_get(o, "compression");

    v = v ? v : options_get(o, "parquet.compression");
    const char *given = v;
    v = v ? v : conf_get(conf, "spark.sql.parquet.compression.codec", a);
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        if (cstr_eq_nocase(v, codecs[i].name)) {
            p->codec = codecs[i].codec;
            p->extension = codecs[i].extension;
            return p->codec ? FB_OK : err_unsupported(err, "the compression codec %s", v);
        }
    }
    static const char all[] = "brotli, uncompressed, lzo, snappy, lz4_raw, none, zstd, lz4, gzip";
    return given ? err_set(err, ERR_CODEC_NOT_AVAILABLE_WITH_AVAILABLE_CODECS_SUGGESTION,
                           "codecName", v, "availableCodecs", all, NULL)
                 : err_set(err, ERR_INVALID_CONF_VALUE_OUT_OF_RANGE_OF_OPTIONS, "confName",
                           "spark.sql.parquet.compression.codec", "confValue", v, "confOptions",
                           all, NULL);
}

static fb_status block_option(const Options *o, ParquetOptions *p, fb_error *err)
{
    const char *v = options_get(o, "parquet.block.size");

    p->group_bytes = INT64_C(128) << 20;
    if (v && (!parse_i64(str_trim(str_of(v)), &p->group_bytes) || p->group_bytes <= 0)) {
        return err_set(err, ERR_INVALID_OPTION_NUMBER, "value", v, "option", "parquet.block.size",
                       NULL);
    }
    return FB_OK;
}

/* The calendar of old files: only the modern one is known. option NULL: the setting alone counts.
 */
static fb_status calendar_option(const Options *o, const Conf *conf, const char *option,
                                 const char *key, Arena *a, fb_error *err)
{
    const char *v = option ? options_get(o, option) : NULL;

    option = v ? option : key;
    v = v ? v : conf_get(conf, key, a);
    return !v || cstr_eq_nocase(v, "CORRECTED") ? FB_OK : err_unsupported(err, "%s=%s", option, v);
}

static fb_status write_options(const Options *o, const Conf *conf, Arena *a, ParquetOptions *p,
                               fb_error *err)
{
    const char *type = conf_get(conf, "spark.sql.parquet.outputTimestampType", a);

    for (uint32_t i = 0; i < o->n; i++) {
        if (str_has_prefix(str_of(o->keys[i]), STR_LIT("parquet.encryption."))) {
            return err_unsupported(err, "the option %s", o->keys[i]);
        }
    }
    p->timestamp_unit = cstr_eq_nocase(type, "TIMESTAMP_MICROS")   ? 6
                        : cstr_eq_nocase(type, "TIMESTAMP_MILLIS") ? 3
                                                                   : 0;
    if (p->timestamp_unit == 0 && !cstr_eq_nocase(type, "INT96")) {
        return err_set(err, ERR_INVALID_CONF_VALUE_OUT_OF_RANGE_OF_OPTIONS, "confName",
                       "spark.sql.parquet.outputTimestampType", "confValue", type, "confOptions",
                       "INT96, TIMESTAMP_MICROS, TIMESTAMP_MILLIS", NULL);
    }
    TRY(calendar_option(o, conf, NULL, "spark.sql.parquet.datetimeRebaseModeInWrite", a, err));
    TRY(calendar_option(o, conf, NULL, "spark.sql.parquet.int96RebaseModeInWrite", a, err));
    p->field_ids = conf_get_bool(conf, "spark.sql.parquet.fieldId.write.enabled");
    p->legacy = conf_get_bool(conf, "spark.sql.parquet.writeLegacyFormat");
    TRY(block_option(o, p, err));
    return codec_option(o, conf, a, p, err);
}

static fb_status read_options(const Options *o, const Conf *conf, Arena *a, ParquetOptions *p,
                              fb_error *err)
{
    p->merge_schema = conf_get_bool(conf, "spark.sql.parquet.mergeSchema");
    TRY(option_bool(o, "mergeSchema", &p->merge_schema, err));
    p->ignore_corrupt = conf_get_bool(conf, "spark.sql.files.ignoreCorruptFiles");
    TRY(option_bool(o, "ignoreCorruptFiles", &p->ignore_corrupt, err));
    TRY(calendar_option(o, conf, "datetimeRebaseMode", "spark.sql.parquet.datetimeRebaseModeInRead",
                        a, err));
    TRY(calendar_option(o, conf, "int96RebaseMode", "spark.sql.parquet.int96RebaseModeInRead", a,
                        err));
    if (conf_get_bool(conf, "spark.sql.parquet.fieldId.read.enabled")) {
        return err_unsupported(err, "spark.sql.parquet.fieldId.read.enabled=true");
    }
    if (conf_get_bool(conf, "spark.sql.parquet.int96TimestampConversion")) {
        return err_unsupported(err, "spark.sql.parquet.int96TimestampConversion=true");
    }
    p->prune = conf_get_bool(conf, "spark.sql.parquet.filterPushdown");
    if (conf_get_bool(conf, "spark.sql.legacy.parquet.returnNullStructIfAllFieldsMissing")) {
        return err_unsupported(err,
                               "spark.sql.legacy.parquet.returnNullStructIfAllFieldsMissing=true");
    }
    p->case_sensitive = conf_get_bool(conf, "spark.sql.caseSensitive");
    p->binary_as_string = conf_get_bool(conf, "spark.sql.parquet.binaryAsString");
    p->int96_as_timestamp = conf_get_bool(conf, "spark.sql.parquet.int96AsTimestamp");
    p->infer_ntz = conf_get_bool(conf, "spark.sql.parquet.inferTimestampNTZ.enabled");
    p->nanos_as_long = conf_get_bool(conf, "spark.sql.legacy.parquet.nanosAsLong");
    return p->nanos_as_long ? err_unsupported(err, "spark.sql.legacy.parquet.nanosAsLong=true")
                            : FB_OK;
}

static fb_status parquet_options(const Options *o, const Conf *conf, bool writing, Arena *a,
                                 const void **ret, fb_error *err)
{
    ParquetOptions *p = ARENA_NEW(a, ParquetOptions);

    TRY(writing ? write_options(o, conf, a, p, err) : read_options(o, conf, a, p, err));
    *ret = p;
    return FB_OK;
}

static const char *parquet_extension(const void *options)
{
    return ((const ParquetOptions *)options)->extension;
}

static bool parquet_splittable(const void *options)
{
    (void)options;
    return true;
}

/* ---- schemas ---- */

typedef enum Verdict { TYPE_FITS, TYPE_UNKNOWN, TYPE_EMPTY } Verdict;

static Verdict judge(const Type *t, bool writing, int depth)
{
    if (t->id == T_INTERVAL_CAL || depth > PARQUET_MAX_DEPTH) {
        return TYPE_UNKNOWN;
    }
    if (writing && t->id == T_STRUCT && t->n_fields == 0) {
        return TYPE_EMPTY;
    }
    for (uint32_t k = 0; k < t->n_fields; k++) {
        Verdict v = judge(t->fields[k].type, writing, depth + 1);
        if (v != TYPE_FITS) {
            return v;
        }
    }
    return TYPE_FITS;
}

static fb_status parquet_check_schema(const void *options, const Type *schema, bool writing,
                                      fb_error *err)
{
    (void)options;
    if (judge(schema, writing, 0) == TYPE_EMPTY) {
        return err_set(err, ERR_EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE, "format", "Parquet",
                       NULL);
    }
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (judge(schema->fields[i].type, writing, 1) != TYPE_FITS) {
            return unsupported_type("Parquet", &schema->fields[i], err);
        }
    }
    return FB_OK;
}

/* The schema of one file. */
static fb_status footer_type(const ParquetOptions *o, const char *path, int64_t size,
                             const Type **ret, fb_error *err)
{
    ParquetInput in;
    fb_error cause = {0};
    fb_status st = parquet_open(path, size, &in, &cause);

    if (st == FB_OK) {
        st = parquet_file_type(&in, o, ret, err);
    } else {
        Arena a = {0};
        st = err_set_cause(err, &cause, ERR_FAILED_READ_FILE_CANNOT_READ_FILE_FOOTER, "path",
                           arena_printf(&a, "file:%s", path), NULL);
        arena_free(&a);
    }
    parquet_close(&in);
    return st;
}

static fb_status parquet_infer(const void *options, const Conf *conf, const char *const *paths,
                               uint32_t n_paths, const Type **ret, fb_error *err)
{
    const ParquetOptions *o = options;

    (void)conf;
    *ret = NULL;
    for (uint32_t i = 0; i < n_paths; i++) {
        VfsStat st;
        TRY(vfs()->stat(paths[i], &st, err));
        if (!st.exists || st.size == 0) {
            continue;
        }
        const Type *type = NULL;
        fb_status status = footer_type(o, paths[i], st.size, &type, err);
        bool skip = status != FB_OK && o->ignore_corrupt &&
                    err->id == ERR_FAILED_READ_FILE_CANNOT_READ_FILE_FOOTER;
        if (skip) {
            LOG_WARN("ParquetFormat", "Skipped a file: %s", err->message);
            err_clear(err);
        } else {
            TRY(status);
            if (*ret) {
                TRY(parquet_merge(*ret, type, o->case_sensitive, &type, err));
            }
            *ret = type;
        }
        if (!o->merge_schema) { /* one file is looked at, as in Spark */
            break;
        }
    }
    return *ret ? FB_OK : err_set(err, ERR_UNABLE_TO_INFER_SCHEMA, "format", "Parquet", NULL);
}

const FormatVt format_parquet = {
    .name = "parquet",
    .title = "Parquet",
    .extension = ".parquet",
    .options = parquet_options,
    .splittable = parquet_splittable,
    .infer = parquet_infer,
    .check_schema = parquet_check_schema,
    .read = parquet_read,
    .extension_of = parquet_extension,
    .encoder = &parquet_encoder,
};
