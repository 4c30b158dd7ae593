/*
 * json_read.c - lines to batches.
 *
 * A line is tried by three readers, the fastest first:
 *   1. json_fast.c, when the lines before had the same fields in the same order,
 *   2. simdjson's tape, when the line is an object of clean JSON,
 *   3. the tolerant scanner, which decides what is corrupt.
 * The last two give tokens, which json_convert.c turns into columns.
 *
 * A record that is an array gives a row an element. Whether its rows are good is known at its end
 * only, and then all of them are, or all go with the record's text: it is read twice, first into
 * the row that is built next, then for good.
 *
 * Memory: columns of a batch and texts that had to be decoded are in the worker's arena, which is
 * reset after each batch; other views point into the lines.
 */
#include <stdio.h>

#include "base/budget.h"
#include "format/json_priv.h"

/* ---- batches ---- */

static bool is_built(const Type *t)
{
    return type_is_nested(t) || t->id == T_NULL;
}

Vec json_new_flat(const Type *t, uint32_t n, bool valid, Arena *a)
{
    Vec v = {.type = t, .len = n};

    v.data = arena_alloc(a, mem_mul(n, type_width(t)));
    if (type_is_view(t)) {
        memset(v.data, 0, n * sizeof(View)); /* those of null rows are copied too */
    }
    v.valid = vec_new_validity(a, n, valid);
    return v;
}

void json_column_start(JsonColumn *c, uint32_t n, Arena *a)
{
    if (is_built(c->node.type)) {
        c->builder = vecb_new(a, c->node.type);
    } else {
        c->vec = json_new_flat(c->node.type, n, true, a);
    }
}

void json_column_finish(JsonColumn *c, uint32_t n, Vec *ret)
{
    if (c->builder) {
        vecb_finish(c->builder, ret);
    } else {
        *ret = finish_flat(c->vec, n);
    }
}

static void start_batch(JsonReader *r)
{
    Arena *a = &r->w->arena;

    r->row = 0;
    for (uint32_t k = 0; k < r->n_col; k++) {
        json_column_start(&r->col[k], BATCH_ROWS, a);
    }
    if (r->corrupt.type) {
        r->corrupt = json_new_flat(type_string, BATCH_ROWS, false, a);
    }
}

static void finish_columns(JsonReader *r, Vec *out)
{
    const ReadPlan *plan = r->plan;
    Vec *done = ARENA_ARRAY(&r->w->arena, Vec, r->n_col);

    for (uint32_t k = 0; k < r->n_col; k++) {
        json_column_finish(&r->col[k], r->row, &done[k]);
    }
    for (uint32_t i = 0; i < plan->n_columns; i++) {
        out[i] =
            r->out_col[i] == UINT32_MAX ? finish_flat(r->corrupt, r->row) : done[r->out_col[i]];
    }
}

static fb_status flush_batch(JsonReader *r, fb_error *err)
{
    Batch b = {.n_rows = r->row, .n_cols = r->plan->n_columns};
    fb_status st = FB_OK;

    if (r->row > 0) {
        b.col = ARENA_ARRAY(&r->w->arena, Vec, b.n_cols);
        finish_columns(r, b.col);
        *r->n_rows += r->row;
        st = r->emit(r->to, r->w, &b, err);
    }
    arena_reset(&r->w->arena);
    start_batch(r);
    return st;
}

/* The row being built is complete; bad: it goes with the text of its record. */
static fb_status add_row(JsonReader *r, bool bad, Str record, fb_error *err)
{
    json_end_row(r);
    if (r->corrupt.type && bad) {
        VEC_DATA(View, &r->corrupt)[r->row] = view_of(record.p, record.n);
        r->corrupt.valid[r->row >> 6] |= UINT64_C(1) << (r->row & 63);
    }
    r->row++;
    return r->row == BATCH_ROWS ? flush_batch(r, err) : FB_OK;
}

/* ---- FAILFAST ---- */

/* The record ends the query; the row being built holds what of it could be read. */
static fb_status fail_record(JsonReader *r, Str record, fb_error *err)
{
    Vec *row = ARENA_ARRAY(&r->w->arena, Vec, r->plan->n_columns);
    uint32_t at = r->row;

    json_end_row(r);
    r->row++;
    finish_columns(r, row);
    json_fail_record(r, row, r->plan->n_columns, at, record, err);
    return format_read_failed(r->range, false, err);
}

/* ---- records ---- */

/* The record was read into the row being built. */
static fb_status take_record(JsonReader *r, JsonResult res, Str record, fb_error *err)
{
    if (res == JR_OK) {
        return add_row(r, false, record, err);
    }
    if (r->o->mode == MODE_DROPMALFORMED) {
        json_forget_row(r);
        return FB_OK;
    }
    if (res == JR_BAD) {
        json_clear_row(r);
    }
    return r->o->mode == MODE_FAILFAST ? fail_record(r, record, err)
                                       : add_row(r, true, record, err);
}

/* The next element of the array at the root into the row being built; *ret_end: there is none. */
static JsonResult read_element(JsonReader *r, bool *ret_end)
{
    JsonParser *j = &r->parser;

    *ret_end = false;
    if (!json_next(j)) {
        json_note_bad(r, JB_SYNTAX, NULL);
        return JR_BAD;
    }
    *ret_end = j->tok == JT_END_ARRAY || j->tok == JT_NONE;
    if (*ret_end) {
        return JR_OK;
    }
    if (j->tok != JT_START_OBJECT) {
        json_note_bad(r, j->tok == JT_NULL ? JB_NULL_ROOT : JB_FIELD, r->plan->schema);
        return JR_BAD;
    }
    json_clear_row(r);
    JsonResult res = json_convert_root(r);
    return res == JR_PARTIAL && !r->o->partial_results ? JR_BAD : res;
}

static fb_status read_array(JsonReader *r, Str record, fb_error *err)
{
    JsonResult result = JR_OK;
    bool end = false;

    while (!end && result != JR_BAD) {
        JsonResult res = read_element(r, &end);
        result = res == JR_OK ? result : res;
    }
    if (result == JR_BAD || (result == JR_PARTIAL && r->o->mode == MODE_DROPMALFORMED)) {
        return take_record(r, result, record, err);
    }
    json_start(&r->parser, record.p, record.n);
    json_next(&r->parser);
    for (read_element(r, &end); !end; read_element(r, &end)) {
        TRY(take_record(r, result, record, err));
    }
    json_forget_row(r);
    return FB_OK;
}

/* A record by the scanner. */
static fb_status scan_record(JsonReader *r, Str record, fb_error *err)
{
    JsonParser *j = &r->parser;

    json_start(j, record.p, record.n);
    r->bad.kind = JB_NONE;
    json_clear_row(r);
    if (!json_next(j)) {
        json_note_bad(r, JB_SYNTAX, NULL);
        return take_record(r, JR_BAD, record, err);
    }
    switch (j->tok) {
    case JT_NONE:
        json_forget_row(r);
        return FB_OK;
    case JT_START_OBJECT:
        return take_record(r, json_convert_root(r), record, err);
    case JT_START_ARRAY:
        return read_array(r, record, err);
    default:
        json_note_bad(r, j->tok == JT_NULL ? JB_NULL_ROOT : JB_FIELD, r->plan->schema);
        return take_record(r, JR_BAD, record, err);
    }
}

static fb_status read_line(JsonReader *r, Str line, fb_error *err)
{
    const JsonTapeTok *tape = json_tape_line(r->tape, line.p, line.n);

    if (!tape) {
        return scan_record(r, line, err);
    }
    json_start_tape(&r->parser, tape);
    r->bad.kind = JB_NONE;
    json_clear_row(r);
    json_next(&r->parser);
    JsonResult res = json_convert_root(r);
    if (res == JR_OK && r->fast) {
        json_fast_learn(r, line);
    }
    return take_record(r, res, line, err);
}

/* ---- files ---- */

/* Lines that look like those before, as many as there are at hand. */
static fb_status read_fast(JsonReader *r, LineReader *l, fb_error *err)
{
    for (;;) {
        json_fast_lines(r, l);
        if (r->row < BATCH_ROWS) {
            return FB_OK;
        }
        TRY(flush_batch(r, err));
        lines_release(l);
    }
}

static fb_status read_lines(JsonReader *r, LineReader *l, fb_error *err)
{
    bool fast = r->fast && (l->any_eol || str_eq(l->sep, STR_LIT("\n")));
    Str line;

    for (;;) {
        if (fast) {
            TRY(read_fast(r, l, err));
        }
        fb_status st = lines_next(l, &line, err);
        if (st == FB_STOP || (st != FB_OK && format_skips_error(r->plan, err))) {
            return FB_OK;
        }
        TRY(st);
        TRY(read_line(r, line, err));
        TRY(arena_check(&r->w->arena, err));
        TRY(lines_are_heavy(l) ? flush_batch(r, err) : FB_OK);
        if (r->row == 0) {
            lines_release(l); /* a batch was just handed on */
        }
    }
}

static fb_status open_and_read(JsonReader *r, fb_error *err)
{
    LineReader *l = NULL;
    Str content = {0};

    r->exact_strings = r->o->exact_strings;
    fb_status st = r->o->multi_line ? lines_whole(r->range, &l, &content, err)
                                    : lines_open(r->range, r->o->line_sep, &l, err);
    if (st != FB_OK) {
        return format_skips_error(r->plan, err) ? FB_OK : st;
    }
    if (!r->o->multi_line) {
        st = read_lines(r, l, err);
    } else if (content.n > INT32_MAX) {
        err_unsupported(err, "JSON files of more than 2 GiB with multiLine");
        st = format_read_failed(r->range, false, err);
    } else {
        /* Spark can't go back in such a file, and writes the tokens anew. */
        r->exact_strings = r->exact_strings && !l->compressed;
        st = scan_record(r, content, err);
    }
    if (st == FB_OK) {
        st = flush_batch(r, err);
    }
    lines_close(l);
    return st;
}

/* ---- the reader ---- */

static bool has_odd_map(const Type *t)
{
    if (t->id == T_MAP && t->fields[0].type->id != T_STRING) {
        return true;
    }
    for (uint32_t i = 0; i < t->n_fields; i++) {
        if (has_odd_map(t->fields[i].type)) {
            return true;
        }
    }
    return false;
}

/* Sorts out the columns that are wanted. */
static fb_status plan_columns(JsonReader *r, fb_error *err)
{
    const ReadPlan *plan = r->plan;
    uint32_t *seen = ARENA_ARRAY(&r->arena, uint32_t, plan->schema->n_fields);
    Str *names = ARENA_ARRAY(&r->arena, Str, plan->n_columns);

    r->col = ARENA_ARRAY(&r->arena, JsonColumn, plan->n_columns);
    r->out_col = ARENA_ARRAY(&r->arena, uint32_t, plan->n_columns);
    for (uint32_t i = 0; i < plan->n_columns; i++) {
        uint32_t at = plan->columns[i];
        FB_ASSERT(at < plan->schema->n_fields);
        const Field *f = &plan->schema->fields[at];
        if (strcmp(f->name, r->o->corrupt_name) == 0) {
            r->out_col[i] = UINT32_MAX;
            r->corrupt.type = type_string;
            continue;
        }
        if (has_odd_map(f->type)) {
            return err_unsupported(err, "reading JSON into maps with keys that are no strings (%s)",
                                   f->name);
        }
        if (seen[at] == 0) {
            names[r->n_col] = str_text(&r->arena, f->name);
            json_node_init(&r->col[r->n_col].node, f->type, &r->arena);
            seen[at] = ++r->n_col;
        }
        r->out_col[i] = seen[at] - 1;
    }
    if (r->n_col == 0 && r->corrupt.type) {
        return err_set(err, ERR_QUERY_ONLY_CORRUPT_RECORD_COLUMN, NULL);
    }
    r->names = json_names_new(&r->arena, names, r->n_col);
    return FB_OK;
}

fb_status json_read(const ReadPlan *plan, const FileRange *range, Worker *w, EmitFn emit, void *to,
                    uint64_t *n_rows, fb_error *err)
{
    const JsonOptions *o = plan->options;
    JsonReader *r = mem_zalloc(sizeof(*r));

    r->plan = plan;
    r->o = o;
    r->range = range;
    r->w = w;
    r->emit = emit;
    r->to = to;
    r->n_rows = n_rows;
    r->keep_bad = o->mode == MODE_FAILFAST;
    r->parser.arena = &w->arena;
    r->parser.features = o->features;
    const TimeZone *tz = o->tz ? o->tz : plan->tz;
    fb_status st = json_text_init(&r->text, o, tz, type_null, err);
    if (st == FB_OK) {
        st = plan_columns(r, err);
    }
    for (uint32_t k = 0; k < r->n_col && st == FB_OK; k++) {
        st = json_text_init(&r->text, o, tz, r->col[k].node.type, err);
    }
    if (st == FB_OK) {
        r->tape = json_tape_new();
        r->fast = json_fast_new(r);
        start_batch(r);
        st = open_and_read(r, err);
        json_tape_free(r->tape);
    }
    arena_reset(&w->arena);
    json_text_free(&r->text);
    arena_free(&r->arena);
    mem_free(r);
    return st;
}
