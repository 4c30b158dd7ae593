/*
 * connector.c - the tables of sources and sinks by format name.
 */
#include "connector/connector_priv.h"

#include "base/vfs.h"
#include "format/format.h"

typedef fb_status (*ReadFn)(const ReadSpec *spec, const Conf *conf, Relation **ret, fb_error *err);
typedef fb_status (*SinkFn)(const SinkSpec *spec, const Conf *conf, StreamSink **ret,
                            fb_error *err);

typedef struct Connector {
    const char *name;
    ReadFn read;
    SinkFn sink;
} Connector;

/* File formats are format_lookup()'s; these are the others. */
static const Connector connectors[] = {
    {"socket", socket_relation, NULL},
    {"console", NULL, console_sink_new},
    {"memory", NULL, memory_sink_new}, /* a sink alone: no reader finds it */
    {"noop", NULL, noop_sink_new},
};

/* What Spark has and Forebay does not have yet. */
static const char *const later[] = {"orc",    "avro",  "xml",        "binaryfile",       "jdbc",
                                    "rate",   "kafka", "delta",      "rate-micro-batch", "image",
                                    "libsvm", "hive",  "statestore", "state-metadata"};

static const Connector *find(const char *name)
{
    for (size_t i = 0; i < sizeof(connectors) / sizeof(connectors[0]); i++) {
        if (cstr_eq_nocase(connectors[i].name, name)) {
            return &connectors[i];
        }
    }
    return NULL;
}

static fb_status not_found(const char *format, fb_error *err)
{
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        if (cstr_eq_nocase(later[i], format)) {
            return err_unsupported(err, "the data source %s", later[i]);
        }
    }
    return err_set(err, ERR_DATA_SOURCE_NOT_FOUND, "provider", format, NULL);
}

/* ---- reading ---- */

static fb_status given_schema(const ReadSpec *spec, const Type **ret, fb_error *err)
{
    *ret = spec->schema_type;
    if (*ret || !spec->schema || !*spec->schema) {
        return FB_OK;
    }
    Str text = str_trim(str_of(spec->schema));
    if (text.n && text.p[0] == '{') {
        TRY(type_from_json(text, ret, err));
    } else {
        TRY(type_from_ddl(text, ret, err));
    }
    if ((*ret)->id != T_STRUCT) {
        return err_set(err, ERR_INVALID_SCHEMA_NON_STRUCT_TYPE, "inputSchema", spec->schema,
                       "dataType", "no struct", NULL);
    }
    return FB_OK;
}

static fb_status read_files(const ReadSpec *spec, const FormatVt *format, const Conf *conf,
                            Relation **ret, fb_error *err)
{
    const char *option = options_get(&spec->options, "path");
    FileRelationSpec f = {.format = format->name,
                          .options = &spec->options,
                          .paths = spec->n_paths ? spec->paths : &option,
                          .n_paths = spec->n_paths ? spec->n_paths : option != NULL,
                          .streaming = spec->streaming};
    TRY(given_schema(spec, &f.schema, err));
    if (f.n_paths == 0) {
        return spec->streaming
                   ? err_set(err, ERR_LEGACY_2047, NULL)
                   : err_set(err, ERR_UNABLE_TO_INFER_SCHEMA, "format", format->title, NULL);
    }
    if (spec->streaming && f.n_paths > 1) {
        return err_unsupported(err, "a stream of several paths");
    }
    if (spec->streaming && !f.schema && !format->fixed_schema &&
        !conf_get_bool(conf, "spark.sql.streaming.schemaInference")) {
        return err_set(err, ERR_LEGACY_2048, NULL);
    }
    return file_relation(&f, conf, ret, err);
}

/* Paths are lines of their own: "path=…". */
static char *identity_of(const ReadSpec *spec, const FormatVt *format)
{
    StrBuf b = {0};
    Arena a = {0};
    strbuf_printf(&b, "%s\n", format->name);
    for (uint32_t i = 0; i < spec->n_paths; i++) {
        char *path;
        fb_error ignored = {0};
        bool local = vfs_path_of_uri(&a, spec->paths[i], &path, &ignored) == FB_OK;
        err_clear(&ignored);
        strbuf_printf(&b, "path=%s\n", local ? vfs_absolute(&a, path) : spec->paths[i]);
    }
    for (uint32_t i = 0; i < spec->options.n; i++) {
        strbuf_printf(&b, "%s=%s\n", spec->options.keys[i], spec->options.values[i]);
    }
    char *text = mem_strdup(b.p);
    arena_free(&a);
    strbuf_free(&b);
    return text;
}

fb_status connector_read(const ReadSpec *spec, const Conf *conf, Relation **ret, fb_error *err)
{
    const char *name = spec->format ? spec->format : "parquet";
    const FormatVt *format = format_lookup(name);
    if (format) {
        TRY(read_files(spec, format, conf, ret, err));
        (*ret)->identity = identity_of(spec, format);
        return FB_OK;
    }
    const Connector *c = find(name);
    if (!c || c->sink == memory_sink_new) {
        return not_found(name, err);
    }
    if (!c->read) {
        return err_set(err, spec->streaming ? ERR_LEGACY_2049 : ERR_LEGACY_1135, "className", name,
                       spec->streaming ? "operator" : NULL, "reading", NULL);
    }
    return c->read(spec, conf, ret, err);
}

/* ---- sinks ---- */

fb_status connector_sink_check(const char *format, const Options *o, OutputMode mode, fb_error *err)
{
    if (format_lookup(format)) {
        return file_sink_check(format, o, mode, err);
    }
    const Connector *c = find(format);
    if (!c) {
        return not_found(format, err);
    }
    return c->sink
               ? FB_OK
               : err_set(err, ERR_LEGACY_2049, "className", format, "operator", "writing", NULL);
}

fb_status connector_sink(const SinkSpec *spec, const Conf *conf, StreamSink **ret, fb_error *err)
{
    TRY(connector_sink_check(spec->format, spec->options, spec->mode, err));
    if (format_lookup(spec->format)) {
        return file_sink_new(spec, conf, ret, err);
    }
    return find(spec->format)->sink(spec, conf, ret, err);
}
