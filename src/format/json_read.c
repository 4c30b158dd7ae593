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

#include "format/json_priv.h"

/* ---- batches ---- */

static bool is_built(const Type *t)
{
    return type_is_nested(t) || t->id == T_NULL;
}

static Vec new_flat(const Type *t, bool valid, Arena *a)
{
    Vec v = {.type = t, .len = BATCH_ROWS};

    v.data = arena_alloc(a, type_width(t) * BATCH_ROWS);
    v.valid = vec_new_validity(a, BATCH_ROWS, valid);
    return v;
}

static void start_batch(JsonReader *r)
{
    Arena *a = &r->w->arena;

    r->row = 0;
    for (uint32_t k = 0; k < r->n_col; k++) {
        JsonColumn *c = &r->col[k];
        if (is_built(c->node.type)) {
            c->builder = vecb_new(a, c->node.type);
        } else {
            c->vec = new_flat(c->node.type, true, a);
        }
    }
    if (r->corrupt.type) {
        r->corrupt = new_flat(type_string, false, a);
    }
}

static void finish_columns(JsonReader *r, Vec *out)
{
    const ReadPlan *plan = r->plan;
    Vec *done = ARENA_ARRAY(&r->w->arena, Vec, r->n_col);

    for (uint32_t k = 0; k < r->n_col; k++) {
        if (r->col[k].builder) {
            vecb_finish(r->col[k].builder, &done[k]);
        } else {
            done[k] = finish_flat(r->col[k].vec, r->row);
        }
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

/* A value as Spark's InternalRow.toString() shows it. */
static void put_internal(const Vec *v, uint32_t i, StrBuf *out)
{
    if (!vec_is_valid(v, i)) {
        strbuf_puts(out, "null");
        return;
    }
    switch (v->type->id) {
    case T_STRUCT:
        strbuf_putc(out, '[');
        for (uint32_t k = 0; k < v->type->n_fields; k++) {
            strbuf_puts(out, k > 0 ? "," : "");
            put_internal(&v->child[k], i, out);
        }
        strbuf_putc(out, ']');
        break;
    case T_ARRAY:
    case T_MAP:
        for (uint32_t k = 0; k < v->type->n_fields; k++) {
            const char *head = v->type->id == T_ARRAY ? "[" : k == 0 ? "keys: [" : ", values: [";
            strbuf_puts(out, head);
            const uint32_t *offsets = VEC_DATA(uint32_t, v);
            for (uint32_t e = offsets[i]; e < offsets[i + 1]; e++) {
                strbuf_puts(out, e > offsets[i] ? (v->type->id == T_ARRAY ? "," : ", ") : "");
                put_internal(&v->child[k], e, out);
            }
            strbuf_putc(out, ']');
        }
        break;
    case T_DATE:
    case T_INTERVAL_YM:
        strbuf_printf(out, "%d", VEC_AT(int32_t, v, i));
        break;
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        strbuf_printf(out, "%lld", (long long)VEC_AT(int64_t, v, i));
        break;
    default:
        vec_value_text(v, i, tz_utc(), out);
        break;
    }
}

static void put_type(const Type *t, StrBuf *out)
{
    strbuf_putc(out, '"');
    type_sql(t, out);
    strbuf_putc(out, '"');
}

static char *quoted(Arena *a, Str s)
{
    return arena_printf(a, "'%.*s'", (int)(s.n < 1000 ? s.n : 1000), s.p ? s.p : "null");
}

static fb_status fail_as_string(const JsonReader *r, Str record, fb_error *err)
{
    Arena a = {0};
    const char *field = arena_strndup(&a, r->bad.field.p ? r->bad.field.p : "", r->bad.field.n);

    fb_status st = err_set(err, ERR_MALFORMED_RECORD_IN_PARSING_CANNOT_PARSE_STRING_AS_DATATYPE,
                           "badRecord", arena_strndup(&a, record.p, record.n), "failFastMode",
                           "FAILFAST", "fieldName", arena_printf(&a, "`%s`", field), "fieldValue",
                           quoted(&a, r->bad.value), "inputType", "StringType", "targetType",
                           r->bad.type->id == T_FLOAT ? "FloatType" : "DoubleType", NULL);
    arena_free(&a);
    return st;
}

static void bad_cause(const JsonReader *r, fb_error *cause)
{
    static const char *const tokens[] = {
        [JT_NONE] = "NOT_AVAILABLE",       [JT_START_OBJECT] = "START_OBJECT",
        [JT_END_OBJECT] = "END_OBJECT",    [JT_START_ARRAY] = "START_ARRAY",
        [JT_END_ARRAY] = "END_ARRAY",      [JT_NAME] = "FIELD_NAME",
        [JT_STRING] = "VALUE_STRING",      [JT_INT] = "VALUE_NUMBER_INT",
        [JT_FLOAT] = "VALUE_NUMBER_FLOAT", [JT_TRUE] = "VALUE_TRUE",
        [JT_FALSE] = "VALUE_FALSE",        [JT_NULL] = "VALUE_NULL"};
    Arena a = {0};
    StrBuf type = {0};

    if (r->bad.type) {
        put_type(r->bad.type, &type);
    }
    char *type_text = strbuf_arena(&type, &a);
    if (r->bad.kind == JB_FIELD) {
        err_set(cause, ERR_CANNOT_PARSE_JSON_FIELD, "fieldName", quoted(&a, r->bad.field),
                "fieldValue",
                arena_strndup(&a, r->bad.value.p ? r->bad.value.p : "", r->bad.value.n), "jsonType",
                tokens[r->bad.tok], "dataType", type_text, NULL);
    } else if (r->bad.kind == JB_EMPTY) {
        err_set(cause, ERR_EMPTY_JSON_FIELD_VALUE, "dataType", type_text, NULL);
    } else if (r->bad.kind == JB_NULL_ROOT) {
        err_set(cause, ERR_INVALID_JSON_ROOT_FIELD, NULL);
    } else if (r->bad.kind == JB_VALUE && type_is_datetime(r->bad.type)) {
        err_set(cause, ERR_CAST_INVALID_INPUT_DATETIME, "expression", quoted(&a, r->bad.value),
                "sourceType", "\"STRING\"", "targetType", type_text, NULL);
    } else if (r->bad.kind == JB_VALUE) {
        const char *value = quoted(&a, r->bad.value);
        err_set(cause, ERR_MALFORMED_JSON, "reason",
                arena_printf(&a, "%s can't be read as %s", value, type_text), NULL);
    } else {
        err_set(cause, ERR_MALFORMED_JSON, "reason", r->parser.why ? r->parser.why : "", NULL);
    }
    arena_free(&a);
}

/* The record ends the query; the row being built holds what of it could be read. */
static fb_status fail_record(JsonReader *r, Str record, fb_error *err)
{
    StrBuf text = {0};
    fb_error cause = {0};
    Vec *row = ARENA_ARRAY(&r->w->arena, Vec, r->plan->n_columns);

    if (r->bad.kind == JB_STRING_AS) {
        fail_as_string(r, record, err);
        return format_read_failed(r->range, false, err);
    }
    uint32_t at = r->row;
    json_end_row(r);
    r->row++;
    finish_columns(r, row);
    strbuf_putc(&text, '[');
    for (uint32_t i = 0; i < r->plan->n_columns; i++) {
        strbuf_puts(&text, i > 0 ? "," : "");
        if (r->out_col[i] == UINT32_MAX) {
            strbuf_append(&text, record.p, record.n);
        } else {
            put_internal(&row[i], at, &text);
        }
    }
    strbuf_putc(&text, ']');
    bad_cause(r, &cause);
    err_set_cause(err, &cause, ERR_MALFORMED_RECORD_IN_PARSING, "badRecord", text.p, "failFastMode",
                  "FAILFAST", NULL);
    strbuf_free(&text);
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
        r->exact_strings = r->exact_strings && !l->in;
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
            names[r->n_col] = str_of(f->name);
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
