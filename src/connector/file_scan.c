/*
 * file_scan.c - reading files in parallel.
 *
 * Files are cut into ranges of about RANGE_BYTES; workers take them in order from a counter, so
 * that rows can be put in input order again (Batch.seq). Partition columns are constant over a
 * file.
 */
#include "connector/file_scan.h"

#include "column/timezone.h"
#include "connector/file_metadata.h"

#define RANGE_BYTES ((int64_t)8 << 20)

typedef struct FileScan {
    Source base;
    FileTable *table;
    ReadPlan plan;
    Arena arena; /* of the request */
    /* Output column k: column place[k] of the plan; from n_data on a key of the table, and behind
     * those what is known of the file. */
    uint32_t *place;
    uint32_t n_data, n_out;
    bool counts_rows; /* row_index is asked for: the format must not skip any */
    Expr **pushed;
    uint32_t n_pushed;
    Arena bound; /* of the files bound */
    FileRange *range;
    const FileEntry **file; /* of each range */
    size_t n_ranges;
    _Atomic size_t next;
} FileScan;

/* ---- one range ---- */

typedef struct Deliver {
    FileScan *s;
    const FileEntry *file;
    const FileRange *range;
    InputFile input;
    EmitFn emit;
    void *to;
    uint64_t morsel, k, n_rows;
    int64_t row; /* of the file, before filters */
} Deliver;

static void file_column(const Deliver *d, uint32_t which, uint32_t n, Worker *w, Vec *out)
{
    const FileTable *t = d->s->table;
    if (which < t->keys.n) {
        *out = d->file->values[which];
        out->len = n;
    } else {
        file_metadata_column(t->metadata, d->file, d->range, d->row, n, &w->arena, out);
    }
}

static fb_status drop_pushed(FileScan *s, Worker *w, Batch *b, fb_error *err)
{
    for (uint32_t i = 0; i < s->n_pushed && b->n_rows; i++) {
        uint32_t *rows = arena_alloc(&w->arena, mem_mul(b->n_rows, sizeof(*rows))), n;
        TRY(expr_select(&w->eval, s->pushed[i], b, rows, &n, err));
        if (n < b->n_rows) {
            Batch kept;
            batch_gather(&kept, b, rows, n, &w->arena);
            kept.seq = b->seq;
            *b = kept;
        }
    }
    return FB_OK;
}

static fb_status deliver(void *arg, Worker *w, Batch *b, fb_error *err)
{
    Deliver *d = arg;
    FileScan *s = d->s;
    Batch out = {.n_rows = b->n_rows, .n_cols = s->n_out};
    out.seq = source_seq(w, d->morsel, d->k++);
    out.col = ARENA_ARRAY(&w->arena, Vec, s->n_out);
    for (uint32_t c = 0; c < s->n_out; c++) {
        if (s->place[c] < s->n_data) {
            out.col[c] = b->col[s->place[c]];
        } else {
            file_column(d, s->place[c] - s->n_data, b->n_rows, w, &out.col[c]);
        }
    }
    d->row += b->n_rows;
    TRY(drop_pushed(s, w, &out, err));
    d->n_rows += out.n_rows;
    if (out.n_rows == 0) {
        return FB_OK;
    }
    if (s->base.cancel && atomic_load_explicit(s->base.cancel, memory_order_relaxed)) {
        return FB_STOP;
    }
    w->eval.input = &d->input;
    fb_status st = d->emit(d->to, w, &out, err);
    w->eval.input = NULL;
    return st;
}

static fb_status read_failed(const FileRange *r, fb_error *cause, fb_error *err)
{
    Arena a = {0};
    const char *path = arena_printf(&a, "file://%s", r->path);
    fb_status st = err_set_cause(err, cause, ERR_FAILED_READ_FILE_NO_HINT, "path", path, NULL);
    arena_free(&a);
    return st;
}

static fb_status read_range(FileScan *s, size_t i, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    FileRange range = s->range[i], *r = &range;
    Deliver d = {.s = s,
                 .file = s->file[i],
                 .range = r,
                 .input = {s->file[i]->uri, r->from, r->to - r->from},
                 .emit = emit,
                 .to = to,
                 .morsel = i};
    uint64_t met = 0;
    fb_error cause = {0};
    range.quota = w->arena.quota;
    fb_status st = s->table->format->read(&s->plan, r, w, deliver, &d, &met, &cause);
    atomic_fetch_add(&s->base.n_rows, d.n_rows);
    arena_reset(&w->arena);
    if (st != FB_ERR) {
        return st;
    }
    VfsStat file;
    fb_error ignored = {0};
    bool io = cause.id == ERR_IO || cause.id == ERR_MALFORMED_RECORD_IN_PARSING;
    bool missing = vfs()->stat(r->path, &file, &ignored) == FB_OK && !file.exists;
    err_clear(&ignored);
    if ((missing && s->table->ignore_missing) || (cause.id == ERR_IO && s->table->ignore_corrupt)) {
        err_clear(&cause);
        return FB_OK;
    }
    if (missing) {
        Arena a = {0};
        st = err_set_cause(err, &cause, ERR_FAILED_READ_FILE_FILE_NOT_EXIST, "path",
                           arena_printf(&a, "file://%s", r->path), NULL);
        arena_free(&a);
        return st;
    }
    if (io) {
        return read_failed(r, &cause, err);
    }
    err_move(err, &cause);
    return FB_ERR;
}

/* ---- the source ---- */

static fb_status scan_begin(Source *src, uint32_t n_workers, fb_error *err)
{
    FileScan *s = (FileScan *)src;
    (void)n_workers;
    (void)err;
    atomic_store(&s->next, 0);
    atomic_store(&src->n_rows, 0);
    src->n_morsels = s->n_ranges == 0 ? 1 : s->n_ranges > 4096 ? 4096 : (uint32_t)s->n_ranges;
    return FB_OK;
}

static fb_status scan_produce(Source *src, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    FileScan *s = (FileScan *)src;
    for (;;) {
        size_t i = atomic_fetch_add(&s->next, 1);
        if (i >= s->n_ranges || (src->cancel && atomic_load(src->cancel))) {
            return FB_OK;
        }
        fb_status st = read_range(s, i, w, emit, to, err);
        if (st != FB_OK) {
            return st;
        }
    }
}

static void scan_free(Source *src)
{
    FileScan *s = (FileScan *)src;
    file_table_release(s->table);
    arena_free(&s->arena);
    arena_free(&s->bound);
    mem_free(s);
}

/* Filters that the format may use to skip data; they are applied above in any case. */
static void push_to_format(FileScan *s, const ScanRequest *req)
{
    Expr **pushed = ARENA_ARRAY(&s->arena, Expr *, req->n_pushed);
    uint32_t *column = ARENA_ARRAY(&s->arena, uint32_t, req->n_columns);
    memcpy(pushed, req->pushed, req->n_pushed * sizeof(Expr *));
    for (uint32_t k = 0; k < req->n_columns; k++) {
        column[k] = s->place[k] < s->n_data ? s->place[k] : s->n_data;
    }
    s->plan.pushed = pushed;
    s->plan.n_pushed = req->n_pushed;
    s->plan.pushed_column = column;
}

fb_status file_scan_new(FileTable *t, const ScanRequest *req, Source **ret, fb_error *err)
{
    static const SourceVt vt = {scan_begin, scan_produce, scan_free};
    const TimeZone *tz = tz_system();
    const char *zone = options_get(&t->options, "timeZone");
    if (zone || req->time_zone) {
        TRY(tz_get(str_of(zone ? zone : req->time_zone), &tz, err));
    }
    FileScan *s = mem_zalloc(sizeof(*s));
    uint32_t n_schema = t->data_schema->n_fields, n_all = t->schema->n_fields;
    uint32_t *columns = ARENA_ARRAY(&s->arena, uint32_t, req->n_columns + 1);
    s->base.vt = &vt;
    s->table = file_table_retain(t);
    s->n_out = req->n_columns;
    s->place = ARENA_ARRAY(&s->arena, uint32_t, req->n_columns + 1);
    for (uint32_t k = 0; k < req->n_columns; k++) {
        uint32_t c = req->columns[k];
        s->place[k] = c < n_all ? t->place[c] : n_schema + t->keys.n;
        s->counts_rows |= c >= n_all && file_metadata_counts(t->metadata);
        if (s->place[k] < n_schema) {
            columns[s->n_data++] = s->place[k];
        }
    }
    for (uint32_t k = 0, data = 0; k < req->n_columns; k++) {
        s->place[k] = s->place[k] < n_schema ? data++ : s->n_data + s->place[k] - n_schema;
    }
    if (t->pushes && req->n_pushed) {
        s->pushed = ARENA_ARRAY(&s->arena, Expr *, req->n_pushed);
        memcpy(s->pushed, req->pushed, req->n_pushed * sizeof(Expr *));
        s->n_pushed = req->n_pushed;
    }
    s->plan = (ReadPlan){.format = t->format,
                         .options = t->read_options,
                         .schema = t->data_schema,
                         .columns = columns,
                         .n_columns = s->n_data,
                         .tz = tz,
                         .ignore_corrupt = t->ignore_corrupt,
                         .ignore_missing = t->ignore_missing};
    if (!t->pushes && req->n_pushed && !s->counts_rows) {
        push_to_format(s, req);
    }
    *ret = &s->base;
    return FB_OK;
}

static bool is_compressed(const char *path)
{
    static const char *const ext[] = {".gz", ".deflate", ".zst", ".bz2", ".lz4", ".snappy"};
    for (size_t i = 0; i < sizeof(ext) / sizeof(ext[0]); i++) {
        if (str_has_suffix(str_of(path), str_of(ext[i]))) {
            return true;
        }
    }
    return false;
}

static const Vec *copy_values(FileScan *s, const Vec *values)
{
    Vec *copy = ARENA_ARRAY(&s->bound, Vec, s->table->keys.n);
    for (uint32_t k = 0; k < s->table->keys.n; k++) {
        vec_copy(&copy[k], &values[k], &s->bound);
    }
    return copy;
}

void file_scan_bind(Source *src, const FileEntry *files, size_t n)
{
    FileScan *s = (FileScan *)src;
    bool splits =
        s->table->format->splittable && s->table->format->splittable(s->table->read_options);
    size_t most = 0;
    const Vec *values = NULL;
    arena_reset(&s->bound);
    for (size_t i = 0; i < n; i++) {
        most += splits ? (size_t)(files[i].size / RANGE_BYTES) + 1 : 1;
    }
    s->range = ARENA_ARRAY(&s->bound, FileRange, most);
    s->file = ARENA_ARRAY(&s->bound, const FileEntry *, most);
    s->n_ranges = 0;
    for (size_t i = 0; i < n; i++) {
        FileEntry *f = ARENA_NEW(&s->bound, FileEntry);
        *f = files[i];
        f->path = arena_strdup(&s->bound, files[i].path);
        f->uri = vfs_uri_of_path(&s->bound, f->path);
        if (i > 0 && files[i].values == files[i - 1].values) {
            f->values = values;
        } else {
            f->values = values = copy_values(s, files[i].values);
        }
        bool whole = !splits || is_compressed(f->path);
        int64_t from = 0;
        while (from < f->size) {
            int64_t to =
                whole || f->size - from < RANGE_BYTES * 3 / 2 ? f->size : from + RANGE_BYTES;
            s->range[s->n_ranges] = (FileRange){.path = f->path,
                                                .from = from,
                                                .to = to,
                                                .size = f->size,
                                                .mtime_ms = f->mtime_ms,
                                                .whole = whole};
            s->file[s->n_ranges++] = f;
            from = to;
        }
    }
}
