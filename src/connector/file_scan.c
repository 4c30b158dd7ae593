/*
 * file_scan.c - reading files in parallel.
 *
 * Files are cut into ranges of about RANGE_BYTES; workers take them in order from a counter, so
 * that rows can be put in input order again (Batch.seq). Partition columns are constant over a
 * file.
 *
 * A batch read takes large files first, as Spark does: files are cut to pieces of a size that gives
 * each worker something, and these are sorted. Where the number of a partition is looked at
 * (exec/partition.h), they are put together as Spark's FilePartition does, one after the other
 * until a partition is full, each file counting some bytes for being opened; else they are cut
 * further.
 */
#include "connector/file_scan.h"

#include "column/timezone.h"
#include "connector/file_metadata.h"

#include <stdlib.h>

#define RANGE_BYTES ((int64_t)8 << 20)
#define LAST_RANGE_BYTES (RANGE_BYTES * 3 / 2 - 1) /* of the last one of a file, or piece */
#define MAX_PARTITIONS 1000000 /* whatever the settings say: the list of ranges is in memory */

typedef struct FileScan {
    Source base;
    FileTable *table;
    ReadPlan plan;
    Arena arena; /* of the request */
    /* Output column k: column place[k] of the plan; from n_data on a key of the table, and behind
     * those what is known of the file. */
    uint32_t *place;
    uint32_t n_data, n_out;
    bool counts_rows;  /* row_index is asked for: the format must not skip any */
    bool shows_blocks; /* _metadata is: ranges are as Spark cuts them */
    Expr **pushed;
    uint32_t n_pushed;
    Arena bound; /* of the files bound */
    FileEntry *files;
    size_t n_files;
    uint32_t parallelism;
    int64_t max_partition_bytes; /* 0: a stream's, whose files are partitions */
    int64_t open_cost;
    Arena cut; /* of the ranges */
    FileRange *range;
    const FileEntry **file; /* of each range */
    uint32_t *part;         /* of each range; NULL: no partitions */
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
    int64_t row;     /* of the file, before filters */
    fb_error failed; /* of who takes the rows: no reader gets to see it */
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

static fb_status hand_on(Deliver *d, Worker *w, Batch *b, fb_error *err)
{
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

/* A failure behind the reader is not the file's: it is kept apart, and the reader only stops, so
 * that nothing takes it for a file that can't be read or that may be passed over. */
static fb_status deliver(void *arg, Worker *w, Batch *b, fb_error *err)
{
    Deliver *d = arg;
    (void)err;
    if (err_is_set(&d->failed)) {
        return FB_STOP;
    }
    fb_status st = hand_on(d, w, b, &d->failed);
    return st == FB_ERR ? FB_STOP : st;
}

static fb_status read_failed(const FileRange *r, fb_error *cause, fb_error *err)
{
    Arena a = {0};
    const char *path = arena_printf(&a, "file://%s", r->path);
    fb_status st = err_set_cause(err, cause, ERR_FAILED_READ_FILE_NO_HINT, "path", path, NULL);
    arena_free(&a);
    return st;
}

/* k: batches of the morsel, before and after. */
static fb_status read_range(FileScan *s, size_t i, uint64_t morsel, uint64_t *k, Worker *w,
                            EmitFn emit, void *to, fb_error *err)
{
    FileRange range = s->range[i], *r = &range;
    Deliver d = {.s = s,
                 .file = s->file[i],
                 .range = r,
                 .input = {s->file[i]->uri, r->from, r->to - r->from},
                 .emit = emit,
                 .to = to,
                 .morsel = morsel,
                 .k = *k};
    uint64_t met = 0;
    fb_error cause = {0};
    range.quota = w->arena.quota;
    fb_status st = s->table->format->read(&s->plan, r, w, deliver, &d, &met, &cause);
    *k = d.k;
    atomic_fetch_add(&s->base.n_rows, d.n_rows);
    arena_reset(&w->arena);
    if (err_is_set(&d.failed)) {
        err_clear(&cause);
        err_move(err, &d.failed);
        return FB_ERR;
    }
    if (st != FB_ERR) {
        return st;
    }
    VfsStat file;
    fb_error ignored = {0};
    bool io = cause.id == ERR_IO || cause.id == ERR_MALFORMED_RECORD_IN_PARSING;
    bool missing = vfs()->stat(r->path, &file, &ignored) == FB_OK && !file.exists;
    err_clear(&ignored);
    bool corrupt = cause.id == ERR_IO && !err_is_shortage(&cause);
    if ((missing && s->table->ignore_missing) || (corrupt && s->table->ignore_corrupt)) {
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

/* Cuts the files to ranges of so many bytes; the last one has what is left, up to most_bytes. */
static void cut_files(FileScan *s, int64_t bytes, int64_t most_bytes)
{
    const FormatVt *format = s->table->format;
    bool splits = format->splittable && format->splittable(s->table->read_options);
    size_t most = 0;
    FB_ASSERT(bytes > 0);
    arena_reset(&s->cut);
    for (size_t i = 0; i < s->n_files; i++) {
        most += splits ? (size_t)(s->files[i].size / bytes) + 1 : 1;
    }
    s->range = ARENA_ARRAY(&s->cut, FileRange, most);
    s->file = ARENA_ARRAY(&s->cut, const FileEntry *, most);
    s->part = NULL;
    s->n_ranges = 0;
    for (size_t i = 0; i < s->n_files; i++) {
        const FileEntry *f = &s->files[i];
        bool whole = !splits || is_compressed(f->path);
        int64_t from = 0;
        while (from < f->size) {
            int64_t to = whole || f->size - from <= most_bytes ? f->size : from + bytes;
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

typedef struct Piece {
    FileRange range;
    const FileEntry *file;
    size_t place;
} Piece;

static int larger_first(const void *a, const void *b)
{
    const Piece *x = a, *y = b;
    int64_t n = x->range.to - x->range.from, m = y->range.to - y->range.from;
    return n != m ? (n > m ? -1 : 1) : (x->place > y->place) - (x->place < y->place);
}

static void sort_ranges(FileScan *s)
{
    Piece *piece = ARENA_ARRAY(&s->cut, Piece, s->n_ranges + 1);
    for (size_t i = 0; i < s->n_ranges; i++) {
        piece[i] = (Piece){s->range[i], s->file[i], i};
    }
    qsort(piece, s->n_ranges, sizeof(*piece), larger_first);
    for (size_t i = 0; i < s->n_ranges; i++) {
        s->range[i] = piece[i].range;
        s->file[i] = piece[i].file;
    }
}

/* What a partition holds at most, and the size of ranges that are cut for partitions. */
static int64_t partition_bytes(const FileScan *s)
{
    int64_t total = 0, size = s->max_partition_bytes;
    for (size_t i = 0; i < s->n_files; i++) {
        total += s->files[i].size + s->open_cost;
    }
    int64_t share = total / s->parallelism;
    share = share < s->open_cost ? s->open_cost : share;
    size = share < size ? share : size;
    int64_t least = total / MAX_PARTITIONS + 1;
    return size < least ? least : size;
}

/* Pieces to ranges as workers take them, in their order. */
static void cut_ranges(FileScan *s)
{
    size_t most = 0, n = 0;
    for (size_t i = 0; i < s->n_ranges; i++) {
        most += (size_t)((s->range[i].to - s->range[i].from) / RANGE_BYTES) + 1;
    }
    FileRange *range = ARENA_ARRAY(&s->cut, FileRange, most);
    const FileEntry **file = ARENA_ARRAY(&s->cut, const FileEntry *, most);
    for (size_t i = 0; i < s->n_ranges; i++) {
        FileRange r = s->range[i];
        int64_t end = r.to;
        for (; r.from < end; r.from = r.to) {
            r.to = r.whole || end - r.from <= LAST_RANGE_BYTES ? end : r.from + RANGE_BYTES;
            range[n] = r;
            file[n++] = s->file[i];
        }
    }
    s->range = range;
    s->file = file;
    s->n_ranges = n;
}

/* As many pieces one after another as a partition holds. */
static void make_partitions(FileScan *s, int64_t size)
{
    s->part = ARENA_ARRAY(&s->cut, uint32_t, s->n_ranges + 1);
    int64_t filled = 0;
    uint32_t p = 0;
    for (size_t i = 0; i < s->n_ranges; i++) {
        int64_t n = s->range[i].to - s->range[i].from;
        if (i > 0 && filled + n > size) {
            p++;
            filled = 0;
        }
        filled += n + s->open_cost;
        s->part[i] = p;
    }
}

static fb_status scan_begin(Source *src, uint32_t n_workers, fb_error *err)
{
    FileScan *s = (FileScan *)src;
    (void)n_workers;
    (void)err;
    if (s->max_partition_bytes) {
        int64_t bytes = partition_bytes(s);
        cut_files(s, bytes, bytes);
        sort_ranges(s);
        if (src->by_part) {
            make_partitions(s, bytes);
        } else if (!s->shows_blocks) {
            cut_ranges(s);
        }
    } else {
        bool whole = src->by_part || s->shows_blocks;
        cut_files(s, whole ? INT64_MAX : RANGE_BYTES, whole ? INT64_MAX : LAST_RANGE_BYTES);
    }
    atomic_store(&s->next, 0);
    atomic_store(&src->n_rows, 0);
    src->n_morsels = s->n_ranges == 0 ? 1 : s->n_ranges > 4096 ? 4096 : (uint32_t)s->n_ranges;
    return FB_OK;
}

static uint32_t part_of(const FileScan *s, size_t i)
{
    return s->part ? s->part[i] : (uint32_t)i;
}

static uint32_t scan_parts(Source *src)
{
    const FileScan *s = (FileScan *)src;
    return s->n_ranges ? part_of(s, s->n_ranges - 1) + 1 : 0;
}

static fb_status read_part(FileScan *s, uint32_t p, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    size_t lo = 0, hi = s->n_ranges;
    uint64_t k = 0;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        lo = part_of(s, mid) < p ? mid + 1 : lo;
        hi = part_of(s, mid) < p ? hi : mid;
    }
    for (; lo < s->n_ranges && part_of(s, lo) == p; lo++) {
        TRY(read_range(s, lo, p, &k, w, emit, to, err));
        if (s->base.cancel && atomic_load(s->base.cancel)) {
            return FB_STOP;
        }
    }
    return FB_OK;
}

static fb_status scan_produce(Source *src, Worker *w, EmitFn emit, void *to, fb_error *err)
{
    FileScan *s = (FileScan *)src;
    uint32_t from, until;
    while (src->by_part) {
        if (!source_task(src, &from, &until)) {
            return FB_OK;
        }
        for (uint32_t p = from; p < until; p++) {
            w->eval.partition = p;
            TRY(read_part(s, p, w, emit, to, err));
        }
    }
    for (;;) {
        size_t i = atomic_fetch_add(&s->next, 1);
        uint64_t k = 0;
        if (i >= s->n_ranges || (src->cancel && atomic_load(src->cancel))) {
            return FB_OK;
        }
        fb_status st = read_range(s, i, i, &k, w, emit, to, err);
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
    arena_free(&s->cut);
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
    static const SourceVt vt = {
        .begin = scan_begin, .produce = scan_produce, .free = scan_free, .parts = scan_parts};
    const TimeZone *tz = tz_system();
    const char *zone = options_get(&t->options, "timeZone");
    if (zone || req->time_zone) {
        TRY(tz_get(str_of(zone ? zone : req->time_zone), &tz, err));
    }
    FileScan *s = mem_zalloc(sizeof(*s));
    uint32_t n_schema = t->data_schema->n_fields, n_all = t->schema->n_fields;
    uint32_t *columns = ARENA_ARRAY(&s->arena, uint32_t, req->n_columns + 1);
    s->base.vt = &vt;
    s->base.parting = req->max_partition_bytes ? PARTING_LIKED : PARTING_ASKED;
    s->parallelism = req->parallelism;
    s->max_partition_bytes = req->max_partition_bytes;
    s->open_cost = req->open_cost_bytes;
    s->table = file_table_retain(t);
    s->n_out = req->n_columns;
    s->place = ARENA_ARRAY(&s->arena, uint32_t, req->n_columns + 1);
    for (uint32_t k = 0; k < req->n_columns; k++) {
        uint32_t c = req->columns[k];
        s->place[k] = c < n_all ? t->place[c] : n_schema + t->keys.n;
        s->shows_blocks |= c >= n_all;
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
    const Vec *values = NULL;
    arena_reset(&s->bound);
    s->files = ARENA_ARRAY(&s->bound, FileEntry, n);
    s->n_files = n;
    for (size_t i = 0; i < n; i++) {
        FileEntry *f = &s->files[i];
        *f = files[i];
        f->path = arena_strdup(&s->bound, files[i].path);
        f->uri = vfs_uri_of_path(&s->bound, f->path);
        if (i > 0 && files[i].values == files[i - 1].values) {
            f->values = values;
        } else {
            f->values = values = copy_values(s, files[i].values);
        }
    }
}
