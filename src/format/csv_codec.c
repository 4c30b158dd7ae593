/*
 * csv_codec.c - from_csv, to_csv and schema_of_csv: values in texts, with the reader and writer of
 * the files.
 *
 * Each text is one record, also with ends of lines in it, and there are no headers. All columns are
 * wanted, so that a record with more or fewer fields is malformed; a schema without columns looks
 * at nothing. to_csv gives NULL where a line would be empty.
 *
 * Memory: strings are views of the texts, or of the batch's arena where something was decoded.
 */
#include "column/timezone.h"
#include "format/csv_convert.h"
#include "format/csv_scan.h"

typedef struct ValueReader {
    const CsvOptions *o;
    const Type *type;
    CsvText text;
    CsvSplitter *split;
    CsvBlock block;    /* the texts of a batch */
    const Type **kind; /* of each column without that of corrupt records */
    uint32_t *slot;    /* of each field of the type; UINT32_MAX: the corrupt records */
    uint32_t n_slots;
    Arena arena; /* lives as long as the reader */
} ValueReader;

/* ---- reading ---- */

static void reader_free(void *reader)
{
    ValueReader *v = reader;

    csv_splitter_free(v->split);
    csv_text_free(&v->text);
    arena_free(&v->arena);
    mem_free(v);
}

static fb_status reader_new(const void *options, const Type *type, const TimeZone *tz, void **ret,
                            fb_error *err)
{
    ValueReader *v = mem_zalloc(sizeof(*v));

    v->o = options;
    v->type = type;
    v->split = csv_splitter_new(v->o);
    v->kind = ARENA_ARRAY(&v->arena, const Type *, type->n_fields);
    v->slot = ARENA_ARRAY(&v->arena, uint32_t, type->n_fields);
    for (uint32_t i = 0; i < type->n_fields; i++) {
        bool corrupt = strcmp(type->fields[i].name, v->o->corrupt_name) == 0;
        v->slot[i] = corrupt ? UINT32_MAX : v->n_slots;
        if (!corrupt) {
            v->kind[v->n_slots++] = type->fields[i].type;
        }
    }
    fb_status st = csv_text_init(&v->text, v->o, v->o->tz ? v->o->tz : tz, type, err);
    if (st != FB_OK) {
        reader_free(v);
        return st;
    }
    *ret = v;
    return FB_OK;
}

static void start_block(ValueReader *v, uint32_t n, Arena *a)
{
    CsvBlock *b = &v->block;
    uint32_t cap = (uint32_t)VEC_WORDS(n) * 64;

    *b = (CsvBlock){.n = n, .cap = cap, .n_slots = v->n_slots};
    b->field = ARENA_ARRAY(a, CsvField, mem_mul(v->n_slots + 1, cap));
    b->record = ARENA_ARRAY(a, CsvField, cap + 1);
    b->miscount = ARENA_ARRAY(a, uint64_t, VEC_WORDS(n) + 1);
    b->bad = ARENA_ARRAY(a, uint64_t, VEC_WORDS(n) + 1);
}

/* Text i to the fields of record i. */
static fb_status split_text(ValueReader *v, Str text, uint32_t i, Arena *a, fb_error *err)
{
    CsvBlock *b = &v->block;
    const CsvField *f = NULL;
    uint32_t n = 0;

    if (!csv_is_utf8(text.p, text.n)) {
        text = csv_repaired(text, a);
    }
    CsvSplit res = csv_split_line(v->split, text, a, &f, &n);
    if (res != CSV_SPLIT_ROW && res != CSV_SPLIT_NONE) {
        return csv_split_failed(res, text, err);
    }
    for (uint32_t k = 0; k < v->n_slots && k < n; k++) {
        b->field[(size_t)k * b->cap + i] = f[k];
    }
    if (n != v->n_slots) {
        b->miscount[i / 64] |= UINT64_C(1) << (i % 64);
    }
    Str record = csv_split_record(v->split);
    b->record[i] = (CsvField){record.p, (uint32_t)record.n};
    return FB_OK;
}

static Vec new_column(const Type *t, uint32_t n, Arena *a)
{
    Vec v = {.type = t, .len = n};

    v.data = arena_zalloc(a, mem_mul(VEC_WORDS(n) * 64 + 1, type_width(t)));
    v.valid = vec_new_validity(a, n, false);
    return v;
}

static fb_status fail(const ValueReader *v, const Vec *child, uint32_t i, fb_error *err)
{
    StrBuf text = {0};
    fb_error cause = {0};
    Str record = csv_record_text(&v->block, i);

    strbuf_putc(&text, '[');
    for (uint32_t k = 0; k < v->type->n_fields; k++) {
        strbuf_puts(&text, k > 0 ? "," : "");
        if (v->slot[k] == UINT32_MAX) {
            strbuf_append(&text, record.p, record.n);
        } else {
            put_internal(&child[k], i, &text);
        }
    }
    strbuf_putc(&text, ']');
    csv_bad_cause(&v->text, &v->block, v->kind, i, &cause);
    fb_status st = err_set_cause(err, &cause, ERR_MALFORMED_RECORD_IN_PARSING, "badRecord", text.p,
                                 "failFastMode", "FAILFAST", NULL);
    strbuf_free(&text);
    return st;
}

/* The malformed records: FAILFAST ends, else their texts go into the column for them. */
static fb_status treat_bad(const ValueReader *v, Vec *child, fb_error *err)
{
    const CsvBlock *b = &v->block;

    for (uint32_t w = 0; w < VEC_WORDS(b->n); w++) {
        for (uint64_t m = b->bad[w]; m != 0; m &= m - 1) {
            uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(m);
            if (v->o->mode == MODE_FAILFAST) {
                return fail(v, child, i, err);
            }
            Str s = csv_record_text(b, i);
            for (uint32_t k = 0; k < v->type->n_fields && b->record[i].n > 0; k++) {
                if (v->slot[k] == UINT32_MAX) {
                    VEC_DATA(View, &child[k])[i] = view_of(s.p, s.n);
                    child[k].valid[w] |= UINT64_C(1) << (i % 64);
                }
            }
        }
    }
    return FB_OK;
}

static fb_status csv_codec_read(void *reader, const Vec *texts, uint32_t n, Arena *a, Vec *out,
                                fb_error *err)
{
    ValueReader *v = reader;
    CsvBlock *b = &v->block;
    const Type *t = v->type;
    uint64_t *valid = vec_new_validity(a, n, true);

    start_block(v, n, a);
    for (uint32_t i = 0; i < n; i++) {
        if (!vec_is_valid(texts, i)) {
            valid[i / 64] &= ~(UINT64_C(1) << (i % 64));
        } else if (v->n_slots > 0) {
            TRY(split_text(v, text_at(texts, i), i, a, err));
        }
    }
    memcpy(b->bad, b->miscount, VEC_WORDS(n) * sizeof(uint64_t));
    *out = (Vec){.type = t, .len = n, .valid = vec_may_have_nulls(texts) ? valid : NULL};
    out->child = ARENA_ARRAY(a, Vec, t->n_fields + 1);
    for (uint32_t k = 0; k < t->n_fields; k++) {
        out->child[k] = new_column(t->fields[k].type, n, a);
        if (v->slot[k] != UINT32_MAX) {
            const CsvField *f = b->field + (size_t)v->slot[k] * b->cap;
            csv_convert(&v->text, f, n, false, &out->child[k], 0, b->bad);
        }
    }
    TRY(treat_bad(v, out->child, err));
    for (uint32_t k = 0; k < t->n_fields; k++) {
        out->child[k] = finish_flat(out->child[k], n);
    }
    return FB_OK;
}

/* ---- the table's entry ---- */

static fb_status csv_codec_options(const Options *o, const Conf *conf, TextUse use, Arena *a,
                                   const void **ret, fb_error *err)
{
    const void *options = NULL;
    CsvOptions *c = ARENA_NEW(a, CsvOptions);

    TRY(csv_options(o, conf, use == TEXT_WRITE, a, &options, err));
    *c = *(const CsvOptions *)options;
    c->header = c->multi_line = false;
    c->infer_schema = true;
    if (use == TEXT_READ) {
        c->line_sep = "\xFF"; /* is in no text: ends of lines are text */
        TRY(check_function_mode(c->mode, "`from_csv`", err));
    }
    *ret = c;
    return FB_OK;
}

static fb_status csv_codec_check(const void *options, const Type *type, TextUse use, fb_error *err)
{
    const CsvOptions *o = options;

    for (uint32_t i = 0; i < type->n_fields && use == TEXT_READ; i++) {
        const Type *t = type->fields[i].type;
        if (t->id == T_INTERVAL_CAL) {
            return err_unsupported(err, "from_csv for INTERVAL");
        }
        if (t->id == T_NULL || type_is_nested(t)) {
            StrBuf name = {0};
            strbuf_putc(&name, '"');
            type_sql(t, &name);
            strbuf_putc(&name, '"');
            fb_status st = err_set(err, ERR_UNSUPPORTED_DATATYPE, "typeName", name.p, NULL);
            strbuf_free(&name);
            return st;
        }
    }
    return use == TEXT_READ ? check_corrupt_column(o->corrupt_name, type, err) : FB_OK;
}

const TextCodec csv_codec = {
    .options = csv_codec_options,
    .check = csv_codec_check,
    .reader_new = reader_new,
    .read = csv_codec_read,
    .reader_free = reader_free,
    .writer_new = csv_writer_new,
    .write = csv_write_values,
    .writer_free = csv_writer_free,
    .infer = csv_infer_text,
};
