/*
 * json_codec.c - from_json, to_json and schema_of_json: values in texts, with the reader and writer
 * of the files.
 *
 * Each text is one value, and what follows it does not count. A struct is read field by field into
 * its columns; an array or a map is the one value of a column, and an object counts as an array of
 * one struct where such an array is expected. As in Spark a text without any token is NULL, one
 * that is bad is a struct of nulls, and strings that stand for objects and numbers are written
 * anew.
 *
 * A text is tried by the readers that lines of files have (json_read.c): the layouts that were
 * learned from texts before, simdjson's tape, the tolerant scanner.
 *
 * Memory: the first two look beyond the end of a text, so texts are copied, one behind the other,
 * into the arena of the batch; strings that need no decoding are views of the copies.
 */
#include "format/json_priv.h"

typedef struct ValueReader {
    JsonReader r;
    const Type *type;
} ValueReader;

/* ---- reading ---- */

static void plan_struct(JsonReader *r, const Type *t)
{
    Str *names = ARENA_ARRAY(&r->arena, Str, t->n_fields);

    r->col = ARENA_ARRAY(&r->arena, JsonColumn, t->n_fields);
    r->out_col = ARENA_ARRAY(&r->arena, uint32_t, t->n_fields);
    for (uint32_t i = 0; i < t->n_fields; i++) {
        if (strcmp(t->fields[i].name, r->o->corrupt_name) == 0) {
            r->out_col[i] = UINT32_MAX;
            r->corrupt.type = type_string;
            continue;
        }
        names[r->n_col] = str_text(&r->arena, t->fields[i].name);
        json_node_init(&r->col[r->n_col].node, t->fields[i].type, &r->arena);
        r->out_col[i] = r->n_col++;
    }
    r->names = json_names_new(&r->arena, names, r->n_col);
}

static void plan_value(JsonReader *r, const Type *t)
{
    r->col = ARENA_NEW(&r->arena, JsonColumn);
    r->out_col = ARENA_NEW(&r->arena, uint32_t);
    json_node_init(&r->col[0].node, t, &r->arena);
    r->n_col = 1;
}

static void reader_free(void *reader)
{
    ValueReader *v = reader;

    json_tape_free(v->r.tape);
    json_text_free(&v->r.text);
    arena_free(&v->r.arena);
    mem_free(v);
}

static fb_status reader_new(const void *options, const Type *type, const TimeZone *tz, void **ret,
                            fb_error *err)
{
    const JsonOptions *o = options;
    ValueReader *v = mem_zalloc(sizeof(*v));
    JsonReader *r = &v->r;

    v->type = type;
    r->o = o;
    r->keep_bad = o->mode == MODE_FAILFAST;
    r->parser.features = o->features;
    r->parser.by_char = true;
    r->tape = json_tape_new();
    if (type->id == T_STRUCT) {
        plan_struct(r, type);
    } else {
        plan_value(r, type);
    }
    fb_status st = json_text_init(&r->text, o, o->tz ? o->tz : tz, type, err);
    if (st != FB_OK) {
        reader_free(v);
        return st;
    }
    r->fast = json_fast_new(r);
    *ret = v;
    return FB_OK;
}

/* Columns for n rows. */
static void start(ValueReader *v, uint32_t n, Arena *a)
{
    JsonReader *r = &v->r;

    r->row = 0;
    r->parser.arena = a;
    for (uint32_t k = 0; k < r->n_col; k++) {
        json_column_start(&r->col[k], n, a);
    }
    if (r->corrupt.type) {
        r->corrupt = json_new_flat(type_string, n, false, a);
    }
}

static void finish(ValueReader *v, Arena *a, Vec *out)
{
    JsonReader *r = &v->r;
    Vec *done = ARENA_ARRAY(a, Vec, r->n_col + 1);

    for (uint32_t k = 0; k < r->n_col; k++) {
        json_column_finish(&r->col[k], r->row, &done[k]);
    }
    if (v->type->id != T_STRUCT) {
        *out = done[0];
        return;
    }
    out->child = ARENA_ARRAY(a, Vec, v->type->n_fields + 1);
    for (uint32_t i = 0; i < v->type->n_fields; i++) {
        out->child[i] =
            r->out_col[i] == UINT32_MAX ? finish_flat(r->corrupt, r->row) : done[r->out_col[i]];
    }
}

/* The texts of the rows with an end of a line behind each, and room. */
static const char *copy_texts(const Vec *texts, uint32_t n, Arena *a)
{
    size_t size = JSON_LOOKAHEAD + JSON_TAPE_PADDING;

    for (uint32_t i = 0; i < n; i++) {
        size_t len = vec_is_valid(texts, i) ? text_at(texts, i).n : 0;
        size += len <= JSON_TAPE_LINE_MAX ? len + 1 : 0;
    }
    char *copy = arena_alloc(a, size), *p = copy;
    for (uint32_t i = 0; i < n; i++) {
        Str s = vec_is_valid(texts, i) ? text_at(texts, i) : STR_LIT("");
        if (s.n <= JSON_TAPE_LINE_MAX) {
            memcpy(p, s.p, s.n);
            p += s.n;
            *p++ = '\n';
        }
    }
    memset(p, 0, (size_t)(copy + size - p));
    return copy;
}

/* The value at the parser's first token into the row being built. *ret_null: there is no token. */
static JsonResult read_root(ValueReader *v, bool *ret_null)
{
    JsonReader *r = &v->r;
    JsonParser *j = &r->parser;

    if (!json_next(j)) {
        json_note_bad(r, JB_SYNTAX, NULL);
        return JR_BAD;
    }
    *ret_null = j->tok == JT_NONE;
    if (j->tok == JT_NONE) {
        return JR_OK;
    }
    if (v->type->id != T_STRUCT && j->tok != JT_NULL) {
        return json_convert_value(r);
    }
    if (j->tok == JT_START_OBJECT) {
        return json_convert_root(r);
    }
    JsonBadKind kind = j->tok == JT_NULL          ? JB_NULL_ROOT
                       : j->tok == JT_START_ARRAY ? JB_ARRAY_ROOT
                                                  : JB_FIELD;
    json_note_bad(r, kind, v->type);
    return JR_BAD;
}

static fb_status fail(ValueReader *v, Str text, Arena *a, fb_error *err)
{
    JsonReader *r = &v->r;
    Vec out = {.type = v->type};
    uint32_t at = r->row;

    json_end_row(r);
    r->row++;
    finish(v, a, &out);
    return v->type->id == T_STRUCT
               ? json_fail_record(r, out.child, v->type->n_fields, at, text, err)
               : json_fail_record(r, &out, 1, at, text, err);
}

static void keep_bad_text(JsonReader *r, Str text)
{
    if (r->corrupt.type) {
        VEC_DATA(View, &r->corrupt)[r->row] = view_of(text.p, text.n);
        r->corrupt.valid[r->row >> 6] |= UINT64_C(1) << (r->row & 63);
    }
}

/* A text that has room behind it, if padded is set, into the row being built, which is all null. */
static fb_status read_text(ValueReader *v, Str text, bool padded, Arena *a, bool *ret_null,
                           fb_error *err)
{
    JsonReader *r = &v->r;
    const JsonTapeTok *tape = padded ? json_tape_line(r->tape, text.p, text.n) : NULL;

    if (tape) {
        json_start_tape(&r->parser, tape);
    } else {
        json_start(&r->parser, text.p, text.n);
    }
    r->bad.kind = JB_NONE;
    JsonResult res = read_root(v, ret_null);
    if (res == JR_OK) {
        if (tape && r->fast && v->type->id == T_STRUCT) {
            json_fast_learn(r, text);
        }
        return FB_OK;
    }
    if (res == JR_BAD) {
        json_clear_row(r);
    }
    if (r->o->mode == MODE_FAILFAST) {
        return fail(v, text, a, err);
    }
    keep_bad_text(r, text);
    return FB_OK;
}

static fb_status json_codec_read(void *reader, const Vec *texts, uint32_t n, Arena *a, Vec *out,
                                 fb_error *err)
{
    ValueReader *v = reader;
    const char *p = copy_texts(texts, n, a);
    uint64_t *valid = vec_new_validity(a, n, true);
    uint32_t n_null = 0;

    start(v, n, a);
    for (uint32_t i = 0; i < n; i++) {
        bool null = !vec_is_valid(texts, i);
        Str text = null ? STR_LIT("") : text_at(texts, i);
        bool padded = text.n <= JSON_TAPE_LINE_MAX;
        if (padded) {
            text.p = p;
            p += text.n + 1;
        }
        if (!null && padded && v->r.fast && json_fast_text(&v->r, text)) {
            v->r.row++;
            continue;
        }
        json_clear_row(&v->r);
        if (!null) {
            TRY(read_text(v, text, padded, a, &null, err));
        }
        if (null) {
            valid[i >> 6] &= ~(UINT64_C(1) << (i & 63));
            n_null++;
        }
        json_end_row(&v->r);
        v->r.row++;
    }
    *out = (Vec){.type = v->type, .len = n, .valid = n_null > 0 ? valid : NULL};
    finish(v, a, out);
    return FB_OK;
}

/* ---- writing ---- */

static fb_status json_codec_write(void *writer, const Vec *values, uint32_t n, Arena *a, Vec *out,
                                  fb_error *err)
{
    JsonWriter *w = writer;
    StrBuf *text = json_writer_text(w);
    size_t *end = arena_alloc(a, mem_mul(n + 1, sizeof(*end))), checked = 0;

    strbuf_clear(text);
    for (uint32_t i = 0; i < n; i++) {
        if (vec_is_valid(values, i)) {
            json_write_value(w, values, i);
            TRY(text_check(a, text->n, &checked, err));
        }
        end[i] = text->n;
    }
    text_column(values, end, n, text, a, out);
    return FB_OK;
}

/* ---- the table's entry ---- */

static fb_status json_codec_options(const Options *o, const Conf *conf, TextUse use, Arena *a,
                                    const void **ret, fb_error *err)
{
    TRY(format_json.options(o, conf, use == TEXT_WRITE, a, ret, err));
    const JsonOptions *j = *ret;
    return use == TEXT_READ ? check_function_mode(j->mode, "`from_json`", err) : FB_OK;
}

static bool has_calendar_interval(const Type *t)
{
    if (t->id == T_INTERVAL_CAL) {
        return true;
    }
    for (uint32_t i = 0; i < t->n_fields; i++) {
        if (has_calendar_interval(t->fields[i].type)) {
            return true;
        }
    }
    return false;
}

static fb_status json_codec_check(const void *options, const Type *type, TextUse use, fb_error *err)
{
    const JsonOptions *o = options;

    if (use != TEXT_READ) {
        return FB_OK;
    }
    if (has_calendar_interval(type)) {
        return err_unsupported(err, "from_json for INTERVAL");
    }
    return type->id == T_STRUCT ? check_corrupt_column(o->corrupt_name, type, err) : FB_OK;
}

static fb_status json_codec_writer(const void *options, const Type *type, const TimeZone *tz,
                                   void **ret, fb_error *err)
{
    JsonWriter *w = NULL;

    (void)type;
    TRY(json_writer_new(options, tz, &w, err));
    *ret = w;
    return FB_OK;
}

static void json_codec_writer_free(void *writer)
{
    json_writer_free(writer);
}

const TextCodec json_codec = {
    .options = json_codec_options,
    .check = json_codec_check,
    .reader_new = reader_new,
    .read = json_codec_read,
    .reader_free = reader_free,
    .writer_new = json_codec_writer,
    .write = json_codec_write,
    .writer_free = json_codec_writer_free,
    .infer = json_infer_text,
};
