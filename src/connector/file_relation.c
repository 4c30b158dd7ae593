/*
 * file_relation.c - spark.read and spark.readStream over files: schema, partition columns, options.
 */
#include "connector/file_scan.h"

#include "column/datetime.h"
#include "column/timezone.h"

typedef struct FileRelation {
    Relation base;
    FileTable *table;
    Conf *conf; /* the reader's, for a stream's options */
} FileRelation;

FileTable *file_table_retain(FileTable *t)
{
    atomic_fetch_add(&t->refs, 1);
    return t;
}

void file_table_release(FileTable *t)
{
    if (t && atomic_fetch_sub(&t->refs, 1) == 1) {
        arena_free(&t->arena);
        mem_free(t);
    }
}

/* ---- relation ---- */

static void relation_free(Relation *r)
{
    FileRelation *f = (FileRelation *)r;
    file_table_release(f->table);
    conf_free(f->conf);
    mem_free((char *)r->description);
    mem_free(f);
}

static fb_status list_all(FileTable *t, Arena *a, bool must_exist, FileList *list, fb_error *err)
{
    list->after_ms = t->after_ms;
    list->before_ms = t->before_ms;
    for (uint32_t i = 0; i < t->n_paths; i++) {
        TRY(files_list(a, t->paths[i], &t->options, must_exist, list, err));
    }
    return FB_OK;
}

/* Values of the files by the table's keys, whatever order the folders had. */
static void align_values(const FileTable *t, Arena *a, FileList *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const char **values = ARENA_ARRAY(a, const char *, t->n_partitions);
        for (uint32_t k = 0; k < t->n_partitions; k++) {
            for (uint32_t j = 0; j < list->n_keys; j++) {
                if (cstr_eq_nocase(list->keys[j], t->partition_keys[k])) {
                    values[k] = list->file[i].values[j];
                }
            }
        }
        list->file[i].values = values;
    }
}

static fb_status relation_scan(Relation *r, const ScanRequest *req, Source **ret, fb_error *err)
{
    FileTable *t = ((FileRelation *)r)->table;
    Arena a = {0};
    FileList list = {0};
    Source *s = NULL;
    fb_status st = list_all(t, &a, !t->ignore_missing, &list, err);
    if (st == FB_OK) {
        st = file_scan_new(t, req, &s, err);
    }
    if (st == FB_OK) {
        align_values(t, &a, &list);
        file_scan_bind(s, list.file, list.n);
        *ret = s;
    }
    arena_free(&a);
    return st;
}

static fb_status relation_stream(Relation *r, const char *dir, StreamSource **ret, fb_error *err)
{
    FileRelation *f = (FileRelation *)r;
    return file_stream_new(f->table, dir, f->conf, ret, err);
}

static fb_status relation_files(Relation *r, void (*fn)(void *, const char *), void *arg,
                                fb_error *err)
{
    Arena a = {0};
    FileList list = {0};
    fb_status st = list_all(((FileRelation *)r)->table, &a, true, &list, err);
    for (size_t i = 0; st == FB_OK && i < list.n; i++) {
        fn(arg, list.file[i].path);
    }
    arena_free(&a);
    return st;
}

/* ---- schema ---- */

static bool is_partition(const FileTable *t, const char *name)
{
    for (uint32_t k = 0; k < t->n_partitions; k++) {
        if (cstr_eq_nocase(t->partition_keys[k], name)) {
            return true;
        }
    }
    return false;
}

/* Data columns of a schema: all but the partition columns, whose given types win over inferred. */
static void split_schema(FileTable *t, const Type *schema, bool force_nullable)
{
    Field *data = ARENA_ARRAY(&t->arena, Field, schema->n_fields);
    uint32_t n = 0;
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const Field *f = &schema->fields[i];
        if (is_partition(t, f->name)) {
            for (uint32_t k = 0; k < t->n_partitions; k++) {
                if (cstr_eq_nocase(t->partition_keys[k], f->name)) {
                    t->partition_types[k] = f->type;
                }
            }
            continue;
        }
        data[n++] = *f;
    }
    t->data_schema = type_struct(data, n);
    if (force_nullable) {
        t->data_schema = type_as_nullable(t->data_schema);
    }
}

static void join_schema(FileTable *t)
{
    uint32_t n = t->data_schema->n_fields;
    Field *all = ARENA_ARRAY(&t->arena, Field, n + t->n_partitions);
    if (n > 0) {
        memcpy(all, t->data_schema->fields, n * sizeof(*all));
    }
    for (uint32_t k = 0; k < t->n_partitions; k++) {
        all[n + k] =
            (Field){.name = t->partition_keys[k], .type = t->partition_types[k], .nullable = true};
    }
    t->schema = type_struct(all, n + t->n_partitions);
}

static fb_status infer_schema(FileTable *t, const FileList *list, const Conf *conf,
                              const Type **ret, fb_error *err)
{
    const char **paths = ARENA_ARRAY(&t->arena, const char *, list->n);
    for (size_t i = 0; i < list->n; i++) {
        paths[i] = list->file[i].path;
    }
    if (t->format->fixed_schema) {
        *ret = t->format->fixed_schema();
        return FB_OK;
    }
    if (list->n == 0) {
        return err_set(err, ERR_UNABLE_TO_INFER_SCHEMA, "format", t->format->title, NULL);
    }
    return t->format->infer(t->read_options, conf, paths, (uint32_t)list->n, ret, err);
}

static fb_status option_bool(const FileTable *t, const Conf *conf, const char *option,
                             const char *key, bool *ret, fb_error *err)
{
    const char *v = options_get(&t->options, option);
    *ret = conf_get_bool(conf, key);
    if (v && !parse_bool(str_of(v), ret)) {
        return err_set(err, ERR_INVALID_OPTION_BOOLEAN, "option", option, "value", v, NULL);
    }
    return FB_OK;
}

/* A bound on the files' time of modification; streams refuse both. */
static fb_status option_time(const FileTable *t, const Conf *conf, const char *option,
                             int64_t *ret_ms, fb_error *err)
{
    const char *v = options_get(&t->options, option);
    const TimeZone *zone = tz_system();
    Arena a = {0};
    int64_t us;
    if (!v) {
        return FB_OK;
    }
    const char *name = conf_get(conf, "spark.sql.session.timeZone", &a);
    name = options_get_or(&t->options, "timeZone", name);
    fb_status st = name && *name ? tz_get(str_of(name), &zone, err) : FB_OK;
    if (st == FB_OK && !ts_parse(str_of(v), zone, &us)) {
        StrBuf lower = {0};
        for (const char *p = option; *p; p++) {
            strbuf_putc(&lower, ascii_lower(*p));
        }
        st = err_set(err, ERR_LEGACY_1294, "strategy", lower.p, "timeString", v, NULL);
        strbuf_free(&lower);
    } else if (st == FB_OK) {
        *ret_ms = us / 1000;
    }
    arena_free(&a);
    return st;
}

static fb_status open_table(FileTable *t, const FileRelationSpec *spec, const Conf *conf,
                            fb_error *err)
{
    Arena *a = &t->arena;
    FileList list = {0};
    bool infer_types =
        conf_get_bool(conf, "spark.sql.sources.partitionColumnTypeInference.enabled");
    options_copy(&t->options, spec->options, a);
    t->n_paths = spec->n_paths;
    t->paths = ARENA_ARRAY(a, const char *, spec->n_paths);
    for (uint32_t i = 0; i < spec->n_paths; i++) {
        t->paths[i] = arena_strdup(a, spec->paths[i]);
    }
    t->format = format_lookup(spec->format);
    t->pushes = strcmp(t->format->name, "json") == 0 || strcmp(t->format->name, "csv") == 0;
    TRY(option_bool(t, conf, "ignoreCorruptFiles", "spark.sql.files.ignoreCorruptFiles",
                    &t->ignore_corrupt, err));
    TRY(option_bool(t, conf, "ignoreMissingFiles", "spark.sql.files.ignoreMissingFiles",
                    &t->ignore_missing, err));
    if (!spec->streaming) {
        TRY(option_time(t, conf, "modifiedAfter", &t->after_ms, err));
        TRY(option_time(t, conf, "modifiedBefore", &t->before_ms, err));
    }
    TRY(t->format->options(&t->options, conf, false, a, &t->read_options, err));
    list.plain_paths = spec->streaming;
    TRY(list_all(t, a, true, &list, err));
    t->n_partitions = list.n_keys;
    t->partition_keys = list.keys;
    t->partition_types = ARENA_ARRAY(a, const Type *, list.n_keys);
    for (uint32_t k = 0; k < list.n_keys; k++) {
        t->partition_types[k] = files_partition_type(&list, k, infer_types);
    }
    const Type *schema = spec->schema;
    if (!schema) {
        TRY(infer_schema(t, &list, conf, &schema, err));
    }
    split_schema(t, schema, true);
    join_schema(t);
    TRY(type_check_names(t->schema, conf_get_bool(conf, "spark.sql.caseSensitive"), true, err));
    return t->format->check_schema
               ? t->format->check_schema(t->read_options, t->data_schema, false, err)
               : FB_OK;
}

fb_status file_relation(const FileRelationSpec *spec, const Conf *conf, Relation **ret,
                        fb_error *err)
{
    static const RelationVt batch_vt = {"file", relation_free, relation_scan, NULL, relation_files};
    static const RelationVt stream_vt = {"file", relation_free, NULL, relation_stream, NULL};
    FileTable *t = mem_zalloc(sizeof(*t));
    t->refs = 1;
    fb_status st = open_table(t, spec, conf, err);
    if (st != FB_OK) {
        file_table_release(t);
        return st;
    }
    FileRelation *f = mem_zalloc(sizeof(*f));
    StrBuf text = {0};
    strbuf_printf(&text, "%s %s", spec->streaming ? "FileSource" : "FileScan", t->format->name);
    if (t->n_paths) {
        strbuf_printf(&text, "[%s]", t->paths[0]);
    }
    f->base.vt = spec->streaming ? &stream_vt : &batch_vt;
    f->base.schema = t->schema;
    f->base.description = strbuf_take(&text);
    f->base.streaming = spec->streaming;
    f->base.refs = 1;
    f->table = t;
    f->conf = conf_clone(conf);
    *ret = &f->base;
    return FB_OK;
}
