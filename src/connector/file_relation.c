/*
 * file_relation.c - spark.read and spark.readStream over files: schema, partition columns, options.
 */
#include "connector/file_scan.h"

#include "column/datetime.h"
#include "column/timezone.h"
#include "connector/file_metadata.h"

typedef struct FileRelation {
    Relation base;
    FileTable *table;
} FileRelation;

FileTable *file_table_retain(FileTable *t)
{
    atomic_fetch_add(&t->refs, 1);
    return t;
}

void file_table_release(FileTable *t)
{
    if (t && atomic_fetch_sub(&t->refs, 1) == 1) {
        conf_free(t->conf);
        arena_free(&t->arena);
        mem_free(t);
    }
}

/* ---- relation ---- */

static void relation_free(Relation *r)
{
    FileRelation *f = (FileRelation *)r;
    file_table_release(f->table);
    mem_free((char *)r->description);
    mem_free(f);
}

/* What is there, in folders; which files are the dataset's is for the partitions to say. */
static fb_status list_all(const FileTable *t, const Conf *conf, Arena *a, bool must_exist,
                          FileList *list, fb_error *err)
{
    bool logged = false;
    if (t->n_paths == 1) {
        TRY(files_has_sink_log(t->paths[0], conf, &logged, err));
    }
    for (uint32_t i = 0; i < t->n_paths; i++) {
        TRY(logged ? files_add_logged(a, t->paths[i], list, err)
                   : files_add(a, t->paths[i], must_exist, list, err));
    }
    files_group(a, list);
    return FB_OK;
}

fb_status file_table_list(FileTable *t, Arena *a, bool must_exist, FileList *ret, fb_error *err)
{
    PartitionKeys found;
    TRY(list_all(t, t->conf, a, must_exist, ret, err));
    TRY(partitions_find(a, &t->rules, ret, t->schema, &found, err));
    partitions_choose(a, &t->rules, false, ret);
    for (size_t i = 0; i < ret->n; i++) {
        FileFolder *f = &ret->folder[ret->file[i].folder];
        if (i == 0 || ret->file[i].folder != ret->file[i - 1].folder) {
            TRY(partition_values(a, &t->rules, &t->keys, f, &ret->file[i].values, err));
        } else {
            ret->file[i].values = ret->file[i - 1].values;
        }
    }
    return FB_OK;
}

static fb_status relation_scan(Relation *r, const ScanRequest *req, Source **ret, fb_error *err)
{
    FileTable *t = ((FileRelation *)r)->table;
    Arena a = {0};
    FileList list = {0};
    Source *s = NULL;
    fb_status st = file_table_list(t, &a, !t->ignore_missing, &list, err);
    if (st == FB_OK) {
        st = file_scan_new(t, req, &s, err);
    }
    if (st == FB_OK) {
        file_scan_bind(s, list.file, list.n);
        *ret = s;
    }
    arena_free(&a);
    return st;
}

static fb_status relation_stream(Relation *r, const char *dir, StreamSource **ret, fb_error *err)
{
    FileRelation *f = (FileRelation *)r;
    return file_stream_new(f->table, dir, f->table->conf, ret, err);
}

static fb_status relation_files(Relation *r, void (*fn)(void *, const char *), void *arg,
                                fb_error *err)
{
    Arena a = {0};
    FileList list = {0};
    fb_status st = file_table_list(((FileRelation *)r)->table, &a, true, &list, err);
    for (size_t i = 0; st == FB_OK && i < list.n; i++) {
        fn(arg, list.file[i].path);
    }
    arena_free(&a);
    return st;
}

/* ---- schema ---- */

static uint32_t key_of(const FileTable *t, const char *name)
{
    uint32_t k = 0;
    while (k < t->keys.n && !(t->rules.case_sensitive ? strcmp(t->keys.name[k], name) == 0
                                                      : cstr_eq_nocase(t->keys.name[k], name))) {
        k++;
    }
    return k;
}

/* The columns: those of the files, then those of the folders. Of a schema that was inferred,
 * columns that are both stay where they are; of a given one the folders' go last. */
static void make_schema(FileTable *t, const Type *schema, bool inferred)
{
    Arena *a = &t->arena;
    uint32_t n = 0, n_all = 0, at = 0;
    Field *data = ARENA_ARRAY(a, Field, schema->n_fields);
    Field *all = ARENA_ARRAY(a, Field, schema->n_fields + t->keys.n);
    bool *used = ARENA_ARRAY(a, bool, t->keys.n + 1);
    const char **metadata = ARENA_ARRAY(a, const char *, t->keys.n + 1);
    schema = type_as_nullable(schema);
    t->place = ARENA_ARRAY(a, uint32_t, schema->n_fields + t->keys.n);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        uint32_t k = key_of(t, schema->fields[i].name);
        if (k == t->keys.n) {
            data[n++] = schema->fields[i];
        } else if (!inferred) {
            metadata[k] = schema->fields[i].metadata;
        }
    }
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        uint32_t k = key_of(t, schema->fields[i].name);
        if (k == t->keys.n) {
            all[n_all] = schema->fields[i];
            t->place[n_all++] = at++;
        } else if (inferred) {
            all[n_all] = (Field){t->keys.name[k], t->keys.type[k], true, NULL};
            t->place[n_all++] = n + k;
            used[k] = true;
        }
    }
    for (uint32_t k = 0; k < t->keys.n; k++) {
        if (!used[k]) {
            all[n_all] = (Field){t->keys.name[k], t->keys.type[k], true, metadata[k]};
            t->place[n_all++] = n + k;
        }
    }
    t->data_schema = type_struct(data, n);
    t->schema = type_struct(all, n_all);
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
static fb_status option_time(const FileTable *t, const char *option, int64_t *ret_us, fb_error *err)
{
    const char *v = options_get(&t->options, option);
    if (!v || ts_parse(str_of(v), tz_utc(), ret_us)) {
        return FB_OK;
    }
    StrBuf lower = {0};
    for (const char *p = option; *p; p++) {
        strbuf_putc(&lower, ascii_lower(*p));
    }
    fb_status st = err_set(err, ERR_LEGACY_1294, "strategy", lower.p, "timeString", v, NULL);
    strbuf_free(&lower);
    return st;
}

static fb_status open_table(FileTable *t, const FileRelationSpec *spec, const Conf *conf,
                            fb_error *err)
{
    Arena *a = &t->arena;
    FileList list = {.plain_paths = spec->streaming};
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
    TRY(t->format->options(&t->options, conf, false, a, &t->read_options, err));
    TRY(partition_rules(a, &t->options, conf, &t->rules, err));
    if (!spec->streaming) {
        TRY(option_time(t, "modifiedAfter", &t->rules.after_us, err));
        TRY(option_time(t, "modifiedBefore", &t->rules.before_us, err));
    }
    TRY(list_all(t, conf, a, true, &list, err));
    TRY(partitions_find(a, &t->rules, &list, spec->schema, &t->keys, err));
    const Type *schema = spec->schema;
    if (!schema) {
        partitions_choose(a, &t->rules, true, &list);
        TRY(infer_schema(t, &list, conf, &schema, err));
    }
    make_schema(t, schema, !spec->schema);
    t->metadata = file_metadata_schema(t->format, t->schema, a);
    TRY(type_check_names(t->schema, conf_get_bool(conf, "spark.sql.caseSensitive"), true, err));
    return t->format->check_schema && (t->data_schema->n_fields || !t->keys.n)
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
    t->conf = conf_clone(conf);
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
    f->base.hidden = t->metadata;
    f->base.description = strbuf_take(&text);
    f->base.streaming = spec->streaming;
    f->base.refs = 1;
    f->table = t;
    *ret = &f->base;
    return FB_OK;
}
