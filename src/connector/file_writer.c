/*
 * file_writer.c - rows to part files.
 *
 * Each worker has a file of its own for each partition folder it meets, so nothing is locked while
 * rows are formatted. Bytes are gathered and written in pieces; with a codec each piece is a member
 * of its own, which readers of gzip and zstd accept. Formats with an encoder keep rows in memory
 * for a while: when a worker's files hold more than HELD_BYTES, the one that holds most lets go.
 * Files are synced when they are closed, folders once at the end.
 */
#include "connector/file_writer.h"

#include "base/clock.h"
#include "base/hash.h"
#include "column/timezone.h"
#include "connector/files.h"
#include "format/format.h"

#include <pthread.h>
#include <stdio.h>

#define PIECE_BYTES ((size_t)1 << 20)
#define CODEC_PIECE_BYTES ((size_t)4 << 20)
#define HELD_BYTES (INT64_C(256) << 20) /* of one worker */
#define HIVE_NULL "__HIVE_DEFAULT_PARTITION__"

typedef struct OpenFile {
    char *folder;
    char *path, *name;
    VfsFile *file;
    StrBuf pending;
    FileWriter *writer;
    FileEncoder *encoder; /* of formats that have one; until the file is finished */
    int64_t held;         /* by the encoder */
    int64_t size;
    bool any; /* something was formatted: the header is out */
    struct OpenFile *next;
} OpenFile;

typedef struct WriterSlot {
    OpenFile *files;
    uint32_t n_files;
    int64_t held;
} WriterSlot;

struct FileWriter {
    Op op;
    Arena arena;
    const FormatVt *format;
    const void *options;
    const Type *schema; /* columns that are written */
    uint32_t *columns;  /* their ordinals in the input */
    uint32_t *keys;     /* partition columns' ordinals */
    const char **key_names;
    uint32_t n_columns, n_keys;
    const TimeZone *tz;
    const char *codec, *extension;
    char *root;
    char shared_id[37];
    bool use_shared_id;
    WriterSlot *slot; /* one a worker */
    uint32_t n_slots;
    Arena list_arena;
    WrittenFile *list;
    size_t n_list;
    pthread_mutex_t lock; /* folders being made */
};

/* ---- files ---- */

static void free_file(OpenFile *f)
{
    if (f->encoder) {
        f->writer->format->encoder->free(f->encoder);
    }
    if (f->file) {
        vfs()->close(f->file);
    }
    strbuf_free(&f->pending);
    mem_free(f->folder);
    mem_free(f->path);
    mem_free(f->name);
    mem_free(f);
}

static void drop_files(FileWriter *w, bool remove)
{
    for (uint32_t i = 0; i < w->n_slots; i++) {
        while (w->slot[i].files) {
            OpenFile *f = w->slot[i].files;
            w->slot[i].files = f->next;
            if (remove) {
                fb_error ignored = {0};
                (void)vfs()->remove(f->path, &ignored);
                err_clear(&ignored);
            }
            free_file(f);
        }
        w->slot[i].n_files = 0;
        w->slot[i].held = 0;
    }
}

static fb_status flush(FileWriter *w, OpenFile *f, fb_error *err);

/* The bytes of an encoder. */
static fb_status take_bytes(void *to, const void *p, size_t n, fb_error *err)
{
    OpenFile *f = to;
    strbuf_append(&f->pending, p, n);
    return f->pending.n >= PIECE_BYTES ? flush(f->writer, f, err) : FB_OK;
}

static fb_status open_file(FileWriter *w, uint32_t worker, const char *folder, OpenFile **ret,
                           fb_error *err)
{
    Arena a = {0};
    char id[37];
    WriterSlot *slot = &w->slot[worker];
    uuid_new(id);
    const char *dir = *folder ? vfs_join(&a, w->root, folder) : w->root;
    const char *name =
        arena_printf(&a, "part-%05u-%s%sc000%s", worker, w->use_shared_id ? w->shared_id : id,
                     w->n_keys ? "." : "-", w->extension);
    OpenFile *f = mem_zalloc(sizeof(*f));
    f->writer = w;
    f->folder = mem_strdup(folder);
    f->name = mem_strdup(name);
    f->path = mem_strdup(vfs_join(&a, dir, name));
    pthread_mutex_lock(&w->lock);
    fb_status st = vfs()->mkdirs(dir, err);
    pthread_mutex_unlock(&w->lock);
    if (st == FB_OK) {
        st = vfs()->create(f->path, &f->file, err);
    }
    if (st == FB_OK && w->format->encoder) {
        st =
            w->format->encoder->open(w->options, w->schema, w->tz, take_bytes, f, &f->encoder, err);
    }
    arena_free(&a);
    if (st != FB_OK) {
        if (f->file) {
            fb_error ignored = {0};
            (void)vfs()->remove(f->path, &ignored);
            err_clear(&ignored);
        }
        free_file(f);
        return st;
    }
    f->next = slot->files;
    slot->files = f;
    slot->n_files++;
    *ret = f;
    return FB_OK;
}

static fb_status find_file(FileWriter *w, uint32_t worker, const char *folder, OpenFile **ret,
                           fb_error *err)
{
    for (OpenFile *f = w->slot[worker].files; f; f = f->next) {
        if (strcmp(f->folder, folder) == 0) {
            *ret = f;
            return FB_OK;
        }
    }
    return open_file(w, worker, folder, ret, err);
}

static fb_status flush(FileWriter *w, OpenFile *f, fb_error *err)
{
    fb_status st;
    if (!f->pending.n) {
        return FB_OK;
    }
    if (w->codec) {
        StrBuf packed = {0};
        st = codec_compress(w->codec, f->pending.p, f->pending.n, &packed, err);
        if (st == FB_OK) {
            st = vfs()->write(f->file, packed.p, packed.n, err);
            f->size += (int64_t)packed.n;
        }
        strbuf_free(&packed);
    } else {
        st = vfs()->write(f->file, f->pending.p, f->pending.n, err);
        f->size += (int64_t)f->pending.n;
    }
    strbuf_clear(&f->pending);
    return st;
}

static void set_held(WriterSlot *slot, OpenFile *f, int64_t held)
{
    slot->held += held - f->held;
    f->held = held;
}

static fb_status encode_rows(FileWriter *w, WriterSlot *slot, OpenFile *f, const Batch *b,
                             fb_error *err)
{
    const EncoderVt *vt = w->format->encoder;
    TRY(vt->add(f->encoder, b, err));
    set_held(slot, f, vt->held(f->encoder));
    if (slot->held <= HELD_BYTES) {
        return FB_OK;
    }
    OpenFile *most = f;
    for (OpenFile *k = slot->files; k; k = k->next) {
        most = k->held > most->held ? k : most;
    }
    TRY(vt->flush(most->encoder, err));
    set_held(slot, most, vt->held(most->encoder));
    return FB_OK;
}

static fb_status finish_file(FileWriter *w, OpenFile *f, fb_error *err)
{
    if (f->encoder) {
        TRY(w->format->encoder->finish(f->encoder, err));
        w->format->encoder->free(f->encoder);
        f->encoder = NULL;
    }
    TRY(flush(w, f, err));
    return vfs()->sync(f->file, err);
}

static fb_status write_rows(FileWriter *w, uint32_t worker, const char *folder, const Batch *b,
                            fb_error *err)
{
    OpenFile *f;
    TRY(find_file(w, worker, folder, &f, err));
    if (f->encoder) {
        return encode_rows(w, &w->slot[worker], f, b, err);
    }
    TRY(w->format->write(w->options, w->schema, b, !f->any, w->tz, &f->pending, err));
    f->any = true;
    return f->pending.n >= (w->codec ? CODEC_PIECE_BYTES : PIECE_BYTES) ? flush(w, f, err) : FB_OK;
}

/* ---- the operator ---- */

/* "a=1/b=x" of a row. */
static void folder_of(const FileWriter *w, const Batch *b, uint32_t row, StrBuf *out)
{
    StrBuf value = {0};
    strbuf_clear(out);
    for (uint32_t k = 0; k < w->n_keys; k++) {
        const Vec *v = &b->col[w->keys[k]];
        if (k) {
            strbuf_putc(out, '/');
        }
        files_escape(str_of(w->key_names[k]), out);
        strbuf_putc(out, '=');
        strbuf_clear(&value);
        if (vec_is_valid(v, row)) {
            vec_value_text(v, row, w->tz, &value);
        }
        if (value.n) {
            files_escape(strbuf_str(&value), out);
        } else {
            strbuf_puts(out, HIVE_NULL);
        }
    }
    strbuf_free(&value);
}

/* Splits the batch by folder: rows of one folder are gathered and written together. */
static fb_status write_partitioned(FileWriter *fw, Worker *w, const Batch *b, const Batch *data,
                                   fb_error *err)
{
    uint32_t *group = arena_alloc(&w->arena, mem_mul(b->n_rows, sizeof(*group)));
    char **folders = ARENA_ARRAY(&w->arena, char *, b->n_rows);
    uint32_t *rows = arena_alloc(&w->arena, mem_mul(b->n_rows, sizeof(*rows)));
    uint32_t n_groups = 0;
    StrBuf text = {0};
    for (uint32_t i = 0; i < b->n_rows; i++) {
        folder_of(fw, b, i, &text);
        uint32_t g = 0;
        while (g < n_groups && strcmp(folders[g], text.p) != 0) {
            g++;
        }
        if (g == n_groups) {
            folders[n_groups++] = arena_strdup(&w->arena, text.p);
        }
        group[i] = g;
    }
    strbuf_free(&text);
    for (uint32_t g = 0; g < n_groups; g++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < b->n_rows; i++) {
            if (group[i] == g) {
                rows[n++] = i;
            }
        }
        Batch part;
        batch_gather(&part, data, rows, n, &w->arena);
        TRY(write_rows(fw, w->id, folders[g], &part, err));
    }
    return FB_OK;
}

static fb_status writer_push(Op *op, Worker *w, Batch *b, fb_error *err)
{
    FileWriter *fw = (FileWriter *)op;
    if (b->n_rows == 0) {
        return FB_OK;
    }
    if (!fw->n_keys) {
        return write_rows(fw, w->id, "", b, err);
    }
    Batch data = {.n_rows = b->n_rows, .n_cols = fw->n_columns};
    data.col = ARENA_ARRAY(&w->arena, Vec, fw->n_columns);
    for (uint32_t c = 0; c < fw->n_columns; c++) {
        data.col[c] = b->col[fw->columns[c]];
    }
    return write_partitioned(fw, w, b, &data, err);
}

static fb_status writer_open(Op *op, Exec *x, fb_error *err)
{
    FileWriter *fw = (FileWriter *)op;
    (void)err;
    if (!fw->slot) {
        fw->n_slots = x->n_workers;
        fw->slot = mem_zalloc(mem_mul(x->n_workers, sizeof(*fw->slot)));
    }
    return FB_OK;
}

static void writer_free(Op *op)
{
    FileWriter *fw = (FileWriter *)op;
    drop_files(fw, false);
    mem_free(fw->slot);
    mem_free(fw->root);
    arena_free(&fw->arena);
    arena_free(&fw->list_arena);
    pthread_mutex_destroy(&fw->lock);
    mem_free(fw);
}

/* ---- around a run ---- */

fb_status file_writer_start(FileWriter *w, const char *root, bool shared_id, fb_error *err)
{
    drop_files(w, false);
    arena_reset(&w->list_arena);
    w->n_list = 0;
    mem_free(w->root);
    w->root = mem_strdup(root);
    w->use_shared_id = shared_id;
    uuid_new(w->shared_id);
    return vfs()->mkdirs(root, err);
}

static fb_status make_empty_file(FileWriter *w, fb_error *err)
{
    OpenFile *f;
    if (!w->slot) {
        w->n_slots = 1;
        w->slot = mem_zalloc(sizeof(*w->slot));
    }
    TRY(open_file(w, 0, "", &f, err));
    return w->format->write_empty ? w->format->write_empty(w->options, w->schema, &f->pending, err)
                                  : FB_OK;
}

static fb_status sync_folders(FileWriter *w, fb_error *err)
{
    for (size_t i = 0; i < w->n_list; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++) {
            again |= strcmp(w->list[k].folder, w->list[i].folder) == 0;
        }
        if (!again) {
            TRY(vfs()->sync_dir(vfs_dirname(&w->list_arena, w->list[i].path), err));
        }
    }
    return FB_OK;
}

fb_status file_writer_finish(FileWriter *w, const WrittenFile **ret, size_t *ret_n, fb_error *err)
{
    size_t n = 0;
    for (uint32_t i = 0; i < w->n_slots; i++) {
        n += w->slot[i].n_files;
    }
    if (n == 0 && !w->n_keys) {
        TRY(make_empty_file(w, err));
        n = 1;
    }
    w->list = ARENA_ARRAY(&w->list_arena, WrittenFile, n);
    for (uint32_t i = 0; i < w->n_slots; i++) {
        for (OpenFile *f = w->slot[i].files; f; f = f->next) {
            TRY(finish_file(w, f, err));
            vfs()->close(f->file);
            f->file = NULL;
            w->list[w->n_list++] = (WrittenFile){.path = arena_strdup(&w->list_arena, f->path),
                                                 .folder = arena_strdup(&w->list_arena, f->folder),
                                                 .name = arena_strdup(&w->list_arena, f->name),
                                                 .size = f->size};
        }
    }
    TRY(sync_folders(w, err));
    drop_files(w, false);
    *ret = w->list;
    *ret_n = w->n_list;
    return FB_OK;
}

void file_writer_discard(FileWriter *w)
{
    fb_error ignored = {0};
    for (size_t i = 0; i < w->n_list; i++) {
        (void)vfs()->remove(w->list[i].path, &ignored);
        err_clear(&ignored);
    }
    w->n_list = 0;
    drop_files(w, true);
}

/* ---- making ---- */

/* A batch and a stream are told of it by conditions of their own. */
static fb_status no_such_key(const FileWriteSpec *spec, const char *name, fb_error *err)
{
    StrBuf b = {0};
    fb_status st;
    if (spec->streaming) {
        for (uint32_t i = 0; i < spec->schema->n_fields; i++) {
            strbuf_printf(&b, "%s%s", i ? ", " : "", spec->schema->fields[i].name);
        }
        st = err_set(err, ERR_LEGACY_1196, "columnType", "Partition", "columnName", name,
                     "validColumnNames", b.p ? b.p : "", NULL);
    } else {
        type_simple_string(spec->schema, &b);
        st = err_set(err, ERR_LEGACY_1155, "col", name, "schemaCatalog", b.p ? b.p : "", NULL);
    }
    strbuf_free(&b);
    return st;
}

/* The values have to be told by the names of folders. */
static fb_status check_key_type(const Type *t, fb_error *err)
{
    if (!type_is_nested(t) && t->id != T_INTERVAL_CAL) {
        return FB_OK;
    }
    StrBuf b = {0};
    strbuf_putc(&b, '"');
    type_sql(t, &b);
    strbuf_putc(&b, '"');
    fb_status st = err_set(err, ERR_INVALID_PARTITION_COLUMN_DATA_TYPE, "type", b.p, NULL);
    strbuf_free(&b);
    return st;
}

static fb_status split_columns(FileWriter *w, const FileWriteSpec *spec, fb_error *err)
{
    const Type *in = spec->schema;
    Field *fields = ARENA_ARRAY(&w->arena, Field, in->n_fields);
    w->columns = ARENA_ARRAY(&w->arena, uint32_t, in->n_fields);
    w->keys = ARENA_ARRAY(&w->arena, uint32_t, spec->n_partition_by);
    w->key_names = ARENA_ARRAY(&w->arena, const char *, spec->n_partition_by);
    bool *is_key = ARENA_ARRAY(&w->arena, bool, in->n_fields);
    Field *keys = ARENA_ARRAY(&w->arena, Field, spec->n_partition_by);
    for (uint32_t k = 0; k < spec->n_partition_by; k++) {
        int c = type_field_index(in, str_of(spec->partition_by[k]), false);
        if (c < 0) {
            return no_such_key(spec, spec->partition_by[k], err);
        }
        TRY(check_key_type(in->fields[c].type, err));
        keys[k] = in->fields[c];
        w->keys[k] = (uint32_t)c;
        /* A folder is called as partitionBy spells the column, a stream's as the column is. */
        w->key_names[k] = spec->streaming ? in->fields[c].name
                                          : arena_strdup(&w->arena, spec->partition_by[k]);
        is_key[c] = true;
    }
    TRY(type_check_names(type_struct(keys, spec->n_partition_by), false, false, err));
    w->n_keys = spec->n_partition_by;
    for (uint32_t c = 0; c < in->n_fields; c++) {
        if (!is_key[c]) {
            w->columns[w->n_columns] = c;
            fields[w->n_columns++] = in->fields[c];
        }
    }
    if (w->n_columns == 0 && w->n_keys) {
        return err_set(err, ERR_ALL_PARTITION_COLUMNS_NOT_ALLOWED, NULL);
    }
    w->schema = type_struct(fields, w->n_columns);
    return FB_OK;
}

static fb_status refuse_record_limit(const Options *o, const Conf *conf, fb_error *err)
{
    const char *given = options_get(o, "maxRecordsPerFile");
    int64_t n = conf_get_int(conf, "spark.sql.files.maxRecordsPerFile");
    if (given && !parse_i64(str_trim(str_of(given)), &n)) {
        return err_set(err, ERR_INVALID_OPTION_NUMBER, "option", "maxRecordsPerFile", "value",
                       given, NULL);
    }
    return n > 0 ? err_unsupported(err, "maxRecordsPerFile") : FB_OK;
}

/* The codec of formats that do not compress by themselves, and what their files are called. */
static fb_status set_codec(FileWriter *w, const Options *options, fb_error *err)
{
    const char *codec = options_get(options, "compression");
    if (!codec) {
        codec = options_get(options, "codec");
    }
    const char *ext = codec_extension(codec);
    if (!ext) {
        return err_set(err, ERR_CODEC_NOT_AVAILABLE, "codecName", codec, "availableCodecs",
                       "none, uncompressed, gzip, deflate, zstd", NULL);
    }
    w->codec = *ext ? arena_strdup(&w->arena, codec) : NULL;
    const char *extension = options_get(options, "extension");
    w->extension = extension && strcmp(w->format->name, "csv") == 0
                       ? arena_printf(&w->arena, ".%s%s", extension, ext)
                       : arena_printf(&w->arena, "%s%s", w->format->extension, ext);
    return FB_OK;
}

static fb_status set_up(FileWriter *w, const FileWriteSpec *spec, const Conf *conf, fb_error *err)
{
    const char *zone = options_get(spec->options, "timeZone");
    TRY(refuse_record_limit(spec->options, conf, err));
    w->format = format_lookup(spec->format);
    w->tz = tz_system();
    if (zone || spec->time_zone) {
        TRY(tz_get(str_of(zone ? zone : spec->time_zone), &w->tz, err));
    }
    if (!w->format->extension_of) {
        TRY(set_codec(w, spec->options, err));
    }
    TRY(type_check_names(spec->schema, conf_get_bool(conf, "spark.sql.caseSensitive"), true, err));
    TRY(split_columns(w, spec, err));
    TRY(w->format->options(spec->options, conf, true, &w->arena, &w->options, err));
    if (w->format->extension_of) {
        w->extension = w->format->extension_of(w->options);
    }
    return w->format->check_schema ? w->format->check_schema(w->options, w->schema, true, err)
                                   : FB_OK;
}

fb_status file_writer_new(const FileWriteSpec *spec, const Conf *conf, FileWriter **ret,
                          Op **ret_op, fb_error *err)
{
    static const OpVt vt = {
        .name = "WriteFiles", .open = writer_open, .push = writer_push, .free = writer_free};
    FileWriter *w = mem_zalloc(sizeof(*w));
    w->op.vt = &vt;
    pthread_mutex_init(&w->lock, NULL);
    fb_status st = set_up(w, spec, conf, err);
    if (st != FB_OK) {
        writer_free(&w->op);
        return st;
    }
    *ret = w;
    *ret_op = &w->op;
    return FB_OK;
}
