/*
 * parquet_read.c - reading a range of a Parquet file.
 *
 * A row group belongs to the range that holds its middle byte, as Spark splits files; so a range
 * may have none. Row groups are read one after the other, column chunks through a buffer, and
 * batches go on without a copy of what the engine can share with Arrow.
 *
 * A file that is no Parquet file, or whose data can't be decoded, is FAILED_READ_FILE.NO_HINT with
 * the reason as its cause; types that do not fit have conditions of their own.
 */
#include "base/log.h"
#include "column/arrow.h"
#include "forebay.h"
#include "format/parquet_priv.h"

#define ARROW_ROWS ((int64_t)BATCH_ROWS * 4)

typedef struct Reading {
    const ReadPlan *plan;
    Worker *w;
    EmitFn emit;
    void *to;
    uint64_t *n_rows;
    Picks picks;
} Reading;

/* ---- rows ---- */

static fb_status emit_batch(Reading *r, Batch *b, fb_error *err)
{
    fb_status st = r->emit(r->to, r->w, b, err);

    *r->n_rows += b->n_rows;
    arena_reset(&r->w->arena);
    return st;
}

/* Rows as Arrow gives them: the columns wanted are found by name. */
static fb_status take_batch(void *arg, Batch *got, fb_error *err)
{
    Reading *r = arg;
    uint32_t n = r->plan->n_columns;
    Vec *col = ARENA_ARRAY(&r->w->arena, Vec, n);
    Batch b = {.n_rows = got->n_rows, .n_cols = n, .col = col};

    for (uint32_t k = 0; k < n; k++) {
        const Pick *pick = &r->picks.column[k];
        if (!pick->name) {
            vec_init_null(&col[k], pick->type, got->n_rows, &r->w->arena);
            continue;
        }
        TRY(parquet_convert(pick, &got->col[r->picks.place[k]], &r->w->arena, &col[k], err));
    }
    return emit_batch(r, &b, err);
}

/* Where the columns wanted are among those that are read. */
static fb_status find_places(Reading *r, const Type *got, fb_error *err)
{
    for (uint32_t k = 0; k < r->plan->n_columns; k++) {
        const char *name = r->picks.column[k].name;
        int at = name ? type_field_index(got, str_of(name), true) : 0;
        if (at < 0) {
            return err_unsupported(err, "a Parquet file with several columns of the name %s", name);
        }
        r->picks.place[k] = (uint32_t)at;
    }
    return FB_OK;
}

static fb_status stream_failed(ParquetInput *in, struct ArrowArrayStream *s, fb_error *err)
{
    const char *why = s->get_last_error(s);

    return parquet_failed(in, why ? why : "no reason was given", err_is_set(&in->io), err);
}

static fb_status read_stream(Reading *r, ParquetInput *in, struct ArrowArrayStream *s,
                             fb_error *err)
{
    struct ArrowSchema schema = {0};
    const Type *got;

    if (s->get_schema(s, &schema) != 0) {
        return stream_failed(in, s, err);
    }
    fb_status st = arrow_import_schema(&schema, &got, err);
    if (st == FB_OK) {
        st = find_places(r, got, err);
    }
    while (st == FB_OK) {
        struct ArrowArray batch = {0};
        if (s->get_next(s, &batch) != 0) {
            st = stream_failed(in, s, err);
            break;
        }
        if (!batch.release) {
            break;
        }
        st = arrow_import_each(&batch, &schema, got, take_batch, r, err);
        batch.release(&batch);
    }
    schema.release(&schema);
    return st;
}

static fb_status read_groups(Reading *r, ParquetInput *in, const int32_t *groups, int32_t n,
                             fb_error *err)
{
    struct ArrowArrayStream s = {0};
    ParquetWhy why = {0};

    if (in->shim->read(in->file, groups, n, r->picks.leaf, r->picks.n_leaves, ARROW_ROWS, &s,
                       &why) != 0) {
        return parquet_failed(in, why.text, why.io, err);
    }
    fb_status st = read_stream(r, in, &s, err);
    s.release(&s);
    return st;
}

/* Rows of which no column is in the file. */
static fb_status read_nothing(Reading *r, int64_t rows, fb_error *err)
{
    while (rows > 0) {
        uint32_t n = rows < BATCH_ROWS ? (uint32_t)rows : BATCH_ROWS;
        TRY(take_batch(r, &(Batch){.n_rows = n}, err));
        rows -= n;
    }
    return FB_OK;
}

/* ---- a range ---- */

static fb_status read_open(Reading *r, const FileRange *range, ParquetInput *in, Arena *a,
                           fb_error *err)
{
    int32_t n = 0, all = in->shim->n_groups(in->file);
    int32_t *groups = ARENA_ARRAY(a, int32_t, (size_t)all);
    int64_t rows = 0;

    TRY(parquet_pick(in, r->plan->options, r->plan, a, &r->picks, err));
    for (int32_t i = 0; i < all; i++) {
        ParquetGroup g;
        in->shim->group(in->file, i, &g);
        if (g.n_rows < 0) {
            return parquet_failed(in, "the footer has a negative number of rows", false, err);
        }
        bool mine = g.middle >= range->from && g.middle < range->to;
        if ((mine || range->whole) && g.n_rows > 0 &&
            parquet_may_match(in, r->plan, &r->picks, i)) {
            groups[n++] = i;
            rows += g.n_rows;
        }
    }
    if (n == 0) {
        return FB_OK;
    }
    return r->picks.n_leaves > 0 ? read_groups(r, in, groups, n, err) : read_nothing(r, rows, err);
}

fb_status parquet_read(const ReadPlan *plan, const FileRange *range, Worker *w, EmitFn emit,
                       void *to, uint64_t *n_rows, fb_error *err)
{
    Reading r = {.plan = plan, .w = w, .emit = emit, .to = to, .n_rows = n_rows};
    ParquetInput in;
    Arena a = {0};
    VfsStat file;
    bool missing = false;

    fb_status st = parquet_open(range->path, range->size, &in, err);
    if (st == FB_OK) {
        st = read_open(&r, range, &in, &a, err);
    } else {
        fb_error ignored = {0};
        missing = vfs()->stat(range->path, &file, &ignored) == FB_OK && !file.exists;
        err_clear(&ignored);
    }
    parquet_close(&in);
    arena_reset(&w->arena);
    arena_free(&a);
    if (st != FB_ERR) {
        return st;
    }
    if (err->id == ERR_IO || err->id == ERR_NOT_NULL_ASSERT_VIOLATION ||
        err->id == ERR_LEGACY_2093) {
        st = format_read_failed(range, missing, err);
    }
    if (plan->ignore_corrupt && err->id == ERR_FAILED_READ_FILE_PARQUET_COLUMN_DATA_TYPE_MISMATCH) {
        LOG_WARN("ParquetFormat", "Skipped a file: %s", err->message);
        err_clear(err);
        return FB_OK;
    }
    return format_skips_error(plan, err) ? FB_OK : st;
}
