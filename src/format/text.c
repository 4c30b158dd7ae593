/*
 * text.c - the text format: a row a line, or a row a file (wholetext).
 *
 * Reading makes views into the mapped file; nothing is copied, and bytes that are not UTF-8 pass as
 * they are, as in Spark. The option encoding has no effect there and has none here.
 */
#include <stdio.h>

#include "format/format_priv.h"
#include "format/lines_priv.h"

typedef struct TextOptions {
    const char *line_sep; /* NULL: any */
    bool wholetext;
} TextOptions;

static fb_status text_options(const Options *o, const Conf *conf, bool writing, Arena *a,
                              const void **ret, fb_error *err)
{
    TextOptions *t = ARENA_NEW(a, TextOptions);

    (void)conf;
    TRY(option_bool(o, "wholetext", &t->wholetext, err));
    TRY(option_line_sep(o, a, &t->line_sep, err));
    if (writing) {
        TRY(codec_check(options_get(o, "compression"), err));
    }
    *ret = t;
    return FB_OK;
}

static bool text_splittable(const void *options)
{
    const TextOptions *t = options;

    return !t->wholetext && !line_sep_overlaps(t->line_sep);
}

static const Type *text_schema(void)
{
    return type_struct(&(Field){.name = "value", .type = type_string, .nullable = true}, 1);
}

static fb_status text_check_schema(const void *options, const Type *schema, bool writing,
                                   fb_error *err)
{
    (void)options;
    (void)writing;
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (schema->fields[i].type->id != T_STRING) {
            return unsupported_type("Text", &schema->fields[i], err);
        }
    }
    if (schema->n_fields != 1) {
        char n[16];
        snprintf(n, sizeof(n), "%u", schema->n_fields);
        return err_set(err, ERR_LEGACY_1290, "schemaSize", n, NULL);
    }
    return FB_OK;
}

/* The next lines, at most BATCH_ROWS, into out (NULL: counted only); FB_STOP: they are the last. */
static fb_status next_lines(LineReader *r, View *out, uint32_t *ret_n, fb_error *err)
{
    uint32_t n = 0;
    fb_status st = FB_OK;

    while (n < BATCH_ROWS && !lines_are_heavy(r)) {
        uint32_t got = r->any_eol ? lines_take(r, out ? out + n : NULL, BATCH_ROWS - n) : 0;
        n += got;
        if (got > 0) {
            continue;
        }
        Str line;
        st = lines_next(r, &line, err);
        if (st != FB_OK) {
            break;
        }
        if (out) {
            out[n] = view_padded(line.p, (uint32_t)line.n);
        }
        n++;
    }
    *ret_n = n; /* also before an error: these lines were good */
    return st;
}

static fb_status emit_lines(const ReadPlan *plan, Worker *w, Vec *v, uint32_t n, EmitFn emit,
                            void *to, fb_error *err)
{
    Batch b = {.n_rows = n, .n_cols = plan->n_columns, .col = v};

    for (uint32_t k = 0; k < plan->n_columns; k++) {
        v[k].len = n;
    }
    fb_status st = emit(to, w, &b, err);
    arena_reset(&w->arena);
    return st;
}

static fb_status read_lines(const ReadPlan *plan, LineReader *r, Worker *w, EmitFn emit, void *to,
                            uint64_t *n_rows, fb_error *err)
{
    fb_status st;
    bool more;
    uint32_t n;

    do {
        Vec *v = ARENA_ARRAY(&w->arena, Vec, plan->n_columns);
        View *views =
            plan->n_columns > 0 ? arena_alloc(&w->arena, BATCH_ROWS * sizeof(View)) : NULL;
        for (uint32_t k = 0; k < plan->n_columns; k++) {
            v[k] = (Vec){.type = type_string, .data = views};
        }
        st = next_lines(r, views, &n, err);
        more = st == FB_OK;
        if (st == FB_STOP || (st == FB_ERR && format_skips_error(plan, err))) {
            st = FB_OK;
        }
        if (n > 0) {
            *n_rows += n;
            fb_status emitted = emit_lines(plan, w, v, n, emit, to, err);
            st = st == FB_OK ? emitted : st;
        }
        lines_release(r);
    } while (st == FB_OK && more);
    arena_reset(&w->arena);
    return st;
}

static fb_status read_whole(const ReadPlan *plan, const FileRange *range, Worker *w, EmitFn emit,
                            void *to, uint64_t *n_rows, fb_error *err)
{
    LineReader *r = NULL;
    Str content;

    fb_status st = lines_whole(range, &r, &content, err);
    if (st == FB_OK && content.n > INT32_MAX) {
        err_unsupported(err, "whole files of more than 2 GiB");
        st = format_read_failed(range, false, err);
    }
    if (st != FB_OK) {
        lines_close(r);
        return format_skips_error(plan, err) ? FB_OK : st;
    }
    Vec *v = ARENA_ARRAY(&w->arena, Vec, plan->n_columns);
    for (uint32_t k = 0; k < plan->n_columns; k++) {
        View *view = arena_alloc(&w->arena, sizeof(View));
        *view = view_of(content.p, content.n);
        v[k] = (Vec){.type = type_string, .data = view};
    }
    *n_rows += 1;
    st = emit_lines(plan, w, v, 1, emit, to, err);
    lines_close(r);
    return st;
}

static fb_status text_read(const ReadPlan *plan, const FileRange *range, Worker *w, EmitFn emit,
                           void *to, uint64_t *n_rows, fb_error *err)
{
    const TextOptions *t = plan->options;
    LineReader *r = NULL;

    if (t->wholetext) {
        return range->size == 0 ? FB_OK : read_whole(plan, range, w, emit, to, n_rows, err);
    }
    fb_status st = lines_open(range, t->line_sep, &r, err);
    if (st == FB_OK) {
        st = read_lines(plan, r, w, emit, to, n_rows, err);
        lines_close(r);
    } else if (format_skips_error(plan, err)) {
        st = FB_OK;
    }
    return st;
}

static fb_status text_write(const void *options, const Type *schema, const Batch *b, bool first,
                            const struct TimeZone *tz, StrBuf *out, fb_error *err)
{
    const TextOptions *t = options;
    Str sep = str_of(t->line_sep ? t->line_sep : "\n");

    (void)schema;
    (void)first;
    (void)tz;
    (void)err;
    for (uint32_t i = 0; i < b->n_rows; i++) {
        if (vec_is_valid(&b->col[0], i)) {
            Str s = view_str(&VEC_AT(View, &b->col[0], i));
            strbuf_append(out, s.p, s.n);
        }
        strbuf_append(out, sep.p, sep.n);
    }
    return FB_OK;
}

const FormatVt format_text = {
    .name = "text",
    .title = "Text",
    .extension = ".txt",
    .options = text_options,
    .splittable = text_splittable,
    .fixed_schema = text_schema,
    .check_schema = text_check_schema,
    .read = text_read,
    .write = text_write,
};
