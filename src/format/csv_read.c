/*
 * csv_read.c - lines, or with multiLine the records of a file, to batches.
 *
 * Records are gathered in blocks of some hundred: csv_scan() puts simple lines there, all others
 * go one by one through csv_split.c. A full block is converted column by column into the batch, and
 * records that turn out malformed are then treated as the mode says.
 *
 * A record is malformed when a field is no value of its column's type, or when it has another
 * number of fields than the schema. With column pruning only the fields of the wanted columns are
 * looked at, and unless all are wanted their number does not count. Nobody wants a column: lines
 * are only counted.
 *
 * The first record of a file is taken apart completely, later ones only where columns are wanted:
 * as in Spark, which shows where quotes are wrong.
 *
 * Memory: a batch and what had to be copied for it are in the worker's arena, which is reset after
 * the batch; other views point into the lines.
 */
#include <stdio.h>

#include "base/log.h"
#include "base/vfs.h"
#include "column/number.h"
#include "format/csv_convert.h"
#include "format/csv_scan.h"

#define NO_SLOT UINT32_MAX

typedef struct CsvReader {
    const ReadPlan *plan;
    const CsvOptions *o;
    const FileRange *range;
    Worker *w;
    EmitFn emit;
    void *to;
    uint64_t *n_rows;
    Arena arena; /* lives as long as the reader */
    CsvText text;
    CsvSplitter *split;
    CsvLayout layout;
    CsvBlock block;
    bool *wanted;     /* of the fields of the file; NULL: all */
    bool skip_fields; /* no column is wanted, and lines are not looked at */
    bool padded;      /* LINES_PADDING bytes can be read behind all fields */
    bool first_taken; /* the first record is through */
    uint32_t n_slots;
    const Type **type;          /* of each slot */
    const Field **schema_field; /* of each field of the file */
    uint32_t *slot_of;          /* of each field of the file, or NO_SLOT */
    uint32_t *out_slot;         /* of each output column; NO_SLOT: the corrupt records */
    bool want_corrupt;
    Vec *col; /* of each slot */
    Vec corrupt;
    uint32_t row;      /* rows complete in the batch */
    uint64_t *dropped; /* bit a row of the batch */
    bool any_dropped;
} CsvReader;

/* ---- batches ---- */

static Vec new_column(const Type *t, Arena *a)
{
    Vec v = {.type = t, .len = BATCH_ROWS};

    v.data = arena_alloc(a, type_width(t) * BATCH_ROWS);
    v.valid = arena_alloc(a, VEC_WORDS(BATCH_ROWS) * sizeof(uint64_t));
    return v;
}

static void start_batch(CsvReader *r)
{
    Arena *a = &r->w->arena;

    r->row = 0;
    for (uint32_t k = 0; k < r->n_slots; k++) {
        r->col[k] = new_column(r->type[k], a);
    }
    if (r->want_corrupt) {
        r->corrupt = new_column(type_string, a);
        memset(r->corrupt.valid, 0, VEC_WORDS(BATCH_ROWS) * sizeof(uint64_t));
        memset(r->corrupt.data, 0, BATCH_ROWS * sizeof(View));
    }
    memset(r->dropped, 0, VEC_WORDS(BATCH_ROWS) * sizeof(uint64_t));
    r->any_dropped = false;
}

/* The rows that are left, without those that were dropped. */
static void keep_rows(CsvReader *r, Batch *b)
{
    Arena *a = &r->w->arena;
    uint32_t *rows = arena_alloc(a, BATCH_ROWS * sizeof(*rows)), n = 0;
    Batch all = *b;

    for (uint32_t i = 0; i < b->n_rows; i++) {
        rows[n] = i;
        n += !(r->dropped[i / 64] >> (i % 64) & 1);
    }
    if (b->n_cols > 0) {
        batch_gather(b, &all, rows, n, a);
    }
    b->n_rows = n;
}

static fb_status flush_batch(CsvReader *r, fb_error *err)
{
    Batch b = {.n_rows = r->row, .n_cols = r->plan->n_columns};
    fb_status st = FB_OK;

    b.col = ARENA_ARRAY(&r->w->arena, Vec, b.n_cols);
    for (uint32_t i = 0; i < b.n_cols; i++) {
        b.col[i] =
            finish_flat(r->out_slot[i] == NO_SLOT ? r->corrupt : r->col[r->out_slot[i]], r->row);
    }
    if (r->any_dropped) {
        keep_rows(r, &b);
    }
    if (b.n_rows > 0) {
        *r->n_rows += b.n_rows;
        st = r->emit(r->to, r->w, &b, err);
    }
    arena_reset(&r->w->arena);
    start_batch(r);
    return st;
}

/* ---- malformed records ---- */

/* Without the end of its line, as Scala's stripLineEnd. */
static Str strip_line_end(Str s)
{
    if (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r')) {
        bool two = s.p[s.n - 1] == '\n' && s.n > 1 && s.p[s.n - 2] == '\r';
        s.n -= two ? 2 : 1;
    }
    return s;
}

Str csv_record_text(const CsvBlock *b, uint32_t i)
{
    const CsvField *f = &b->record[i];

    return strip_line_end((Str){f->p, f->n});
}

void csv_bad_cause(const CsvText *t, const CsvBlock *b, const Type *const *type, uint32_t i,
                   fb_error *cause)
{
    Arena a = {0};
    Str record = csv_record_text(b, i);

    if (b->miscount[i / 64] >> (i % 64) & 1) {
        err_set(cause, ERR_MALFORMED_CSV_RECORD, "badRecord", arena_strndup(&a, record.p, record.n),
                NULL);
    }
    for (uint32_t k = 0; k < b->n_slots && !err_is_set(cause); k++) {
        const CsvField *f = &b->field[(size_t)k * b->cap + i];
        Vec v = new_column(type[k], &a);
        uint64_t bad = 0;
        csv_convert(t, f, 1, false, &v, 0, &bad);
        if (bad != 0) {
            StrBuf name = {0};
            ErrId id = type_is_datetime(type[k]) ? ERR_CAST_INVALID_INPUT_DATETIME
                                                 : ERR_CAST_INVALID_INPUT;
            type_sql(type[k], &name);
            err_set(cause, id, "expression",
                    arena_printf(&a, "'%.*s'", (int)(f->n < 1000 ? f->n : 1000), f->p),
                    "sourceType", "\"STRING\"", "targetType", arena_printf(&a, "\"%s\"", name.p),
                    NULL);
            strbuf_free(&name);
        }
    }
    arena_free(&a);
}

/* FAILFAST: record i of the block, which is row `row` of the batch, ends the query. */
static fb_status fail_record(CsvReader *r, uint32_t i, uint32_t row, fb_error *err)
{
    StrBuf text = {0};
    fb_error cause = {0};
    Str record = csv_record_text(&r->block, i);
    const char *between = "[";

    for (uint32_t k = 0, file = 0; k < r->plan->schema->n_fields; k++) {
        const Field *f = &r->plan->schema->fields[k];
        bool is_corrupt = strcmp(f->name, r->o->corrupt_name) == 0;
        uint32_t slot = is_corrupt ? NO_SLOT : r->slot_of[file++];
        if (is_corrupt ? !r->want_corrupt : slot == NO_SLOT) {
            continue;
        }
        strbuf_puts(&text, between);
        between = ",";
        if (is_corrupt) {
            strbuf_append(&text, record.p, record.n);
        } else {
            put_internal(&r->col[slot], row, &text);
        }
    }
    strbuf_puts(&text, *between == '[' ? "[empty row]" : "]");
    csv_bad_cause(&r->text, &r->block, r->type, i, &cause);
    err_set_cause(err, &cause, ERR_MALFORMED_RECORD_IN_PARSING, "badRecord", text.p, "failFastMode",
                  "FAILFAST", NULL);
    strbuf_free(&text);
    return format_read_failed(r->range, false, err);
}

static fb_status treat_bad(CsvReader *r, fb_error *err)
{
    CsvBlock *b = &r->block;

    for (uint32_t i = 0; i < VEC_WORDS(b->n); i++) {
        for (uint64_t m = b->bad[i]; m != 0; m &= m - 1) {
            uint32_t k = i * 64 + (uint32_t)__builtin_ctzll(m), row = r->row + k;
            if (r->o->mode == MODE_FAILFAST) {
                return fail_record(r, k, row, err);
            }
            if (r->o->mode == MODE_DROPMALFORMED) {
                r->dropped[row / 64] |= UINT64_C(1) << (row % 64);
                r->any_dropped = true;
            } else if (r->want_corrupt && b->record[k].n > 0) {
                Str s = csv_record_text(&r->block, k);
                VEC_DATA(View, &r->corrupt)[row] = view_of(s.p, s.n);
                r->corrupt.valid[row / 64] |= UINT64_C(1) << (row % 64);
            }
        }
    }
    return FB_OK;
}

/* ---- blocks ---- */

static void clear_block(CsvReader *r)
{
    CsvBlock *b = &r->block;

    b->n = 0;
    memset(b->miscount, 0, VEC_WORDS(b->cap) * sizeof(uint64_t));
}

/* The records of the block become rows of the batch. */
static fb_status convert_block(CsvReader *r, fb_error *err)
{
    CsvBlock *b = &r->block;
    bool any = false;

    memcpy(b->bad, b->miscount, VEC_WORDS(b->cap) * sizeof(uint64_t));
    for (uint32_t k = 0; k < r->n_slots; k++) {
        csv_convert(&r->text, b->field + (size_t)k * b->cap, b->n, r->padded, &r->col[k], r->row,
                    b->bad);
    }
    for (uint32_t i = 0; i < VEC_WORDS(b->n); i++) {
        any |= b->bad[i] != 0;
    }
    fb_status st = any ? treat_bad(r, err) : FB_OK;
    r->row += b->n;
    clear_block(r);
    return st;
}

/* The block is full, or at its end: on with it. */
static fb_status finish_block(CsvReader *r, LineReader *l, bool end, fb_error *err)
{
    TRY(convert_block(r, err));
    if (end || r->row == BATCH_ROWS || (l && lines_are_heavy(l))) {
        TRY(flush_batch(r, err));
        if (l) {
            lines_release(l);
        }
    }
    return FB_OK;
}

/* ---- records one by one ---- */

static bool is_blank(Str s)
{
    size_t i = 0;

    while (i < s.n && (unsigned char)s.p[i] <= ' ') {
        i++;
    }
    return i == s.n;
}

static bool is_skipped(const CsvReader *r, Str line)
{
    return is_blank(line) || (r->o->has_comment && *line.p == r->o->comment);
}

static void add_record(CsvReader *r, const CsvField *f, uint32_t n, Str record)
{
    CsvBlock *b = &r->block;
    const CsvLayout *layout = &r->layout;

    for (uint32_t k = 0; k < layout->n_file; k++) {
        layout->column[k][b->n] = k < n ? f[k] : (CsvField){NULL, 0};
    }
    if (layout->count && n != layout->n_file) {
        b->miscount[b->n / 64] |= UINT64_C(1) << (b->n % 64);
    }
    b->record[b->n] = (CsvField){record.p, (uint32_t)record.n};
    b->n++;
    if (!r->first_taken) {
        r->first_taken = true;
        csv_split_wanted(r->split, r->wanted, layout->n_file);
    }
}

/* Errors that end the query in every mode. */
static fb_status split_failed(CsvReader *r, CsvSplit res, Str record, fb_error *err)
{
    csv_split_failed(res, record, err);
    return format_read_failed(r->range, false, err);
}

static fb_status add_line(CsvReader *r, Str line, fb_error *err)
{
    const CsvField *f = NULL;
    uint32_t n = 0;

    if (is_skipped(r, line)) {
        return FB_OK;
    }
    if (r->skip_fields) {
        add_record(r, NULL, 0, line);
        return FB_OK;
    }
    if (!csv_is_utf8(line.p, line.n)) {
        line = csv_repaired(line, &r->w->arena);
    }
    CsvSplit res = csv_split_line(r->split, line, &r->w->arena, &f, &n);
    if (res == CSV_SPLIT_ROW || res == CSV_SPLIT_NONE) {
        add_record(r, f, n, csv_split_record(r->split));
        return FB_OK;
    }
    TRY(convert_block(r, err)); /* a record before it may fail first */
    return split_failed(r, res, line, err);
}

/* ---- headers ---- */

static void put_names(StrBuf *out, const CsvReader *r, const CsvField *f, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        Str s = f[i].p ? (Str){f[i].p, f[i].n} : r->o->null_value;
        strbuf_puts(out, i > 0 ? ", " : "");
        strbuf_append(out, s.p, s.n);
    }
}

static bool names_match(const CsvReader *r, const char *name, const CsvField *f)
{
    Str s = f->p ? (Str){f->p, f->n} : r->o->null_value;

    return csv_same_name(str_of(name), s, r->o->case_sensitive);
}

/* The header's fields against the names of the columns that are read. */
static fb_status check_names(CsvReader *r, const CsvField *f, uint32_t n, fb_error *err)
{
    StrBuf msg = {0};
    Arena a = {0};
    uint32_t n_want = 0, bad = UINT32_MAX;
    const char **want = ARENA_ARRAY(&a, const char *, r->layout.n_file);
    CsvField *have = ARENA_ARRAY(&a, CsvField, n > r->layout.n_file ? n : r->layout.n_file);

    for (uint32_t k = 0; k < r->layout.n_file; k++) {
        if (!r->wanted || r->wanted[k]) {
            have[n_want] = k < n ? f[k] : (CsvField){NULL, 0};
            want[n_want++] = r->schema_field[k]->name;
        }
    }
    if (!r->wanted && n != n_want) {
        strbuf_printf(&msg,
                      "Number of column in CSV header is not equal to number of fields in the "
                      "schema:\n Header length: %u, schema size: %u\n",
                      n, n_want);
    }
    for (uint32_t k = 0; k < n_want && msg.n == 0 && bad == UINT32_MAX; k++) {
        bad = names_match(r, want[k], &have[k]) ? bad : k;
    }
    if (bad != UINT32_MAX) {
        strbuf_puts(&msg, "CSV header does not conform to the schema.\n Header: ");
        put_names(&msg, r, have, n_want);
        strbuf_puts(&msg, "\n Schema: ");
        for (uint32_t k = 0; k < n_want; k++) {
            strbuf_puts(&msg, k > 0 ? ", " : "");
            strbuf_puts(&msg, want[k]);
        }
        strbuf_printf(&msg, "\nExpected: %s but found: ", want[bad]);
        put_names(&msg, r, &have[bad], 1);
        strbuf_putc(&msg, '\n');
    }
    fb_status st = FB_OK;
    if (msg.n > 0) {
        strbuf_printf(&msg, "CSV file: %s", vfs_uri_of_path(&a, r->range->path));
    }
    if (msg.n > 0 && r->o->enforce_schema) {
        LOG_WARN("CSVHeaderChecker", "%s", msg.p);
    } else if (msg.n > 0) {
        err_set(err, ERR_CSV_HEADER_MISMATCH, "msg", msg.p, NULL);
        st = format_read_failed(r->range, false, err);
    }
    strbuf_free(&msg);
    arena_free(&a);
    return st;
}

/* The first line that counts. */
static fb_status take_header_line(CsvReader *r, LineReader *l, fb_error *err)
{
    const CsvField *f;
    uint32_t n;
    Str line;

    do {
        lines_release(l);
        fb_status st = lines_next(l, &line, err);
        if (st != FB_OK) {
            return st;
        }
    } while (is_skipped(r, line));
    if (r->skip_fields) {
        return FB_OK;
    }
    if (!csv_is_utf8(line.p, line.n)) {
        line = csv_repaired(line, &r->arena);
    }
    CsvSplit res = csv_split_line(r->split, line, &r->arena, &f, &n);
    if (res == CSV_SPLIT_TOO_MANY || res == CSV_SPLIT_UNESCAPED) {
        return split_failed(r, res, line, err);
    }
    r->first_taken = true;
    csv_split_wanted(r->split, r->wanted, r->layout.n_file);
    return res == CSV_SPLIT_ROW ? check_names(r, f, n, err) : FB_OK;
}

/* ---- files ---- */

/* Lines of which nothing is wanted but their number. */
static fb_status count_lines(CsvReader *r, LineReader *l, fb_error *err)
{
    View line[256];
    uint32_t n;

    while (l->any_eol && (n = lines_take(l, line, 256)) > 0) {
        for (uint32_t i = 0; i < n; i++) {
            TRY(add_line(r, view_str(&line[i]), err));
            if (r->block.n == r->block.cap) {
                TRY(finish_block(r, NULL, false, err));
            }
        }
    }
    return FB_OK;
}

static fb_status read_lines(CsvReader *r, LineReader *l, fb_error *err)
{
    bool scan = csv_can_scan(r->o) && !r->skip_fields;
    Str line;

    for (;;) {
        if (r->skip_fields) {
            TRY(count_lines(r, l, err));
        }
        if (scan && r->first_taken && r->block.n < r->block.cap) {
            csv_scan(r->o, &r->layout, l, &r->block);
        }
        if (r->block.n == r->block.cap) {
            TRY(finish_block(r, l, false, err));
            continue;
        }
        fb_status st = lines_next(l, &line, err);
        if (st == FB_STOP || (st != FB_OK && format_skips_error(r->plan, err))) {
            return FB_OK;
        }
        TRY(st);
        if (lines_are_heavy(l)) { /* lines that are skipped fill no batch */
            TRY(finish_block(r, l, false, err));
        }
        TRY(add_line(r, line, err));
    }
}

static fb_status read_whole(CsvReader *r, Str content, fb_error *err)
{
    const CsvField *f = NULL;
    uint32_t n = 0;

    if (!csv_is_utf8(content.p, content.n)) {
        content = csv_repaired(content, &r->arena);
    }
    csv_split_start(r->split, content);
    for (bool header = r->o->header;; header = false) {
        CsvSplit res = csv_split_next(r->split, &r->w->arena, &f, &n);
        if (res == CSV_SPLIT_NONE) {
            return FB_OK;
        }
        Str record = csv_split_record(r->split);
        if (res != CSV_SPLIT_ROW) {
            TRY(convert_block(r, err));
            return split_failed(r, res, record, err);
        }
        if (header) {
            TRY(r->skip_fields ? FB_OK : check_names(r, f, n, err));
            r->first_taken = true;
            csv_split_wanted(r->split, r->wanted, r->layout.n_file);
            continue;
        }
        add_record(r, f, n, record);
        if (r->block.n == r->block.cap) {
            TRY(finish_block(r, NULL, false, err));
        }
    }
}

static fb_status open_and_read(CsvReader *r, fb_error *err)
{
    LineReader *l = NULL;
    Str content = {0};

    fb_status st = r->o->multi_line ? lines_whole(r->range, &l, &content, err)
                                    : lines_open(r->range, r->o->line_sep, &l, err);
    if (st != FB_OK) {
        return format_skips_error(r->plan, err) ? FB_OK : st;
    }
    if (r->o->multi_line && content.n > INT32_MAX) {
        err_unsupported(err, "CSV files of more than 2 GiB with multiLine");
        st = format_read_failed(r->range, false, err);
    } else if (r->o->multi_line) {
        st = read_whole(r, content, err);
    } else {
        if (r->o->header && r->range->from == 0) {
            st = take_header_line(r, l, err);
        }
        if (st == FB_OK) {
            st = read_lines(r, l, err);
        } else if (st == FB_STOP || format_skips_error(r->plan, err)) {
            st = FB_OK;
        }
    }
    if (st == FB_OK) {
        st = finish_block(r, l, true, err);
    }
    lines_close(l);
    return st;
}

/* ---- the reader ---- */

#define BLOCK_FIELDS 4096u

/* Records of a block: a power of two, so that blocks fill a batch exactly. */
static uint32_t block_rows(uint32_t n_slots)
{
    uint32_t n = 512;

    while (n > 64 && n * n_slots > BLOCK_FIELDS) {
        n /= 2;
    }
    return n;
}

static void make_block(CsvReader *r)
{
    CsvBlock *b = &r->block;
    Arena *a = &r->arena;

    b->cap = block_rows(r->n_slots);
    b->n_slots = r->n_slots;
    b->field = ARENA_ARRAY(a, CsvField, (size_t)(r->n_slots + 1) * b->cap);
    b->record = ARENA_ARRAY(a, CsvField, b->cap);
    b->miscount = ARENA_ARRAY(a, uint64_t, VEC_WORDS(b->cap));
    b->bad = ARENA_ARRAY(a, uint64_t, VEC_WORDS(b->cap));
    r->layout.column = ARENA_ARRAY(a, CsvField *, r->layout.n_file);
    for (uint32_t k = 0; k < r->layout.n_file; k++) {
        uint32_t slot = r->slot_of[k] == NO_SLOT ? r->n_slots : r->slot_of[k];
        r->layout.column[k] = b->field + (size_t)slot * b->cap;
    }
}

/* Which fields of the file are there, and which of them are wanted. */
static fb_status plan_columns(CsvReader *r, fb_error *err)
{
    const ReadPlan *plan = r->plan;
    const Type *schema = plan->schema;
    Arena *a = &r->arena;
    uint32_t *file_of = ARENA_ARRAY(a, uint32_t, schema->n_fields), n_file = 0;

    r->slot_of = ARENA_ARRAY(a, uint32_t, schema->n_fields);
    r->schema_field = ARENA_ARRAY(a, const Field *, schema->n_fields);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        bool is_corrupt = strcmp(schema->fields[i].name, r->o->corrupt_name) == 0;
        file_of[i] = is_corrupt ? NO_SLOT : n_file;
        if (!is_corrupt) {
            r->slot_of[n_file] = NO_SLOT;
            r->schema_field[n_file++] = &schema->fields[i];
        }
    }
    for (uint32_t i = 0; i < plan->n_columns; i++) {
        FB_ASSERT(plan->columns[i] < schema->n_fields);
        uint32_t file = file_of[plan->columns[i]];
        r->want_corrupt |= file == NO_SLOT;
        if (file != NO_SLOT) {
            r->slot_of[file] = 0;
        }
    }
    r->type = ARENA_ARRAY(a, const Type *, n_file);
    r->wanted = ARENA_ARRAY(a, bool, n_file);
    for (uint32_t k = 0; k < n_file; k++) {
        r->wanted[k] = r->slot_of[k] != NO_SLOT;
        if (r->wanted[k]) {
            r->type[r->n_slots] = r->schema_field[k]->type;
            r->slot_of[k] = r->n_slots++;
        }
    }
    r->out_slot = ARENA_ARRAY(a, uint32_t, plan->n_columns);
    for (uint32_t i = 0; i < plan->n_columns; i++) {
        uint32_t file = file_of[plan->columns[i]];
        r->out_slot[i] = file == NO_SLOT ? NO_SLOT : r->slot_of[file];
    }
    r->layout.n_file = n_file;
    r->layout.count = !r->o->prune || r->n_slots == n_file;
    if (r->layout.count) {
        r->wanted = NULL;
    }
    r->skip_fields = r->o->prune && r->n_slots == 0 && !r->o->multi_line;
    if (r->skip_fields) {
        r->layout.n_file = 0;
        r->layout.count = false;
    }
    return r->n_slots == 0 && r->want_corrupt
               ? err_set(err, ERR_QUERY_ONLY_CORRUPT_RECORD_COLUMN, NULL)
               : FB_OK;
}

fb_status csv_read(const ReadPlan *plan, const FileRange *range, Worker *w, EmitFn emit, void *to,
                   uint64_t *n_rows, fb_error *err)
{
    const CsvOptions *o = plan->options;
    CsvReader *r = mem_zalloc(sizeof(*r));

    r->plan = plan;
    r->o = o;
    r->range = range;
    r->w = w;
    r->emit = emit;
    r->to = to;
    r->n_rows = n_rows;
    r->padded = !o->multi_line;
    fb_status st = plan_columns(r, err);
    if (st == FB_OK) {
        st = csv_text_init(&r->text, o, o->tz ? o->tz : plan->tz, plan->schema, err);
    }
    if (st == FB_OK) {
        r->split = csv_splitter_new(o);
        if (range->from > 0) {
            r->first_taken = true;
            csv_split_wanted(r->split, r->wanted, r->layout.n_file);
        }
        r->col = ARENA_ARRAY(&r->arena, Vec, r->n_slots);
        r->dropped = ARENA_ARRAY(&r->arena, uint64_t, VEC_WORDS(BATCH_ROWS));
        make_block(r);
        start_batch(r);
        st = open_and_read(r, err);
        csv_splitter_free(r->split);
    }
    arena_reset(&w->arena);
    csv_text_free(&r->text);
    arena_free(&r->arena);
    mem_free(r);
    return st;
}
