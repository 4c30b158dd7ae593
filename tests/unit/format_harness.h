/*
 * format_harness.h - reading files in tests: options and rows as text.
 *
 * Rows are rendered as format_record.py renders Spark's: values as CAST prints them (hex for
 * binary) with | between them and ~ for null; an error as "ERR" and its conditions, outermost
 * first.
 */
#ifndef FORMAT_HARNESS_H
#define FORMAT_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/vfs.h"
#include "column/timezone.h"
#include "format/format_priv.h"

typedef struct ReadCase {
    const FormatVt *format;
    const char *options; /* "key=value;key=value"; keys of the session begin with spark. */
    const char *schema;  /* DDL; NULL: inferred or fixed */
    const char *columns; /* "a,b"; "-" all */
    const char *path;
    int64_t split; /* bytes of a range; 0: one */
} ReadCase;

static char harness_dir[64];

static inline int harness_setup(void **state)
{
    (void)state;
    snprintf(harness_dir, sizeof(harness_dir), "/tmp/forebay_format_XXXXXX");
    return mkdtemp(harness_dir) ? 0 : -1;
}

static inline int harness_teardown(void **state)
{
    fb_error err = {0};

    (void)state;
    fb_status st = vfs_remove_tree(harness_dir, &err);
    err_clear(&err);
    return st == FB_OK ? 0 : -1;
}

static inline char *harness_put(Arena *a, const char *name, const void *data, size_t n)
{
    fb_error err = {0};
    char *path = vfs_join(a, harness_dir, name);

    if (vfs_write_file(path, data, n, true, NULL, &err) != FB_OK) {
        fail_msg("%s", err.message);
    }
    return path;
}

static inline void harness_options(const char *text, Options *o, Conf *conf, Arena *a)
{
    fb_error err = {0};

    while (*text) {
        const char *end = text + strcspn(text, ";"), *eq = memchr(text, '=', (size_t)(end - text));
        assert_non_null(eq);
        char *key = arena_strndup(a, text, (size_t)(eq - text));
        char *value = arena_strndup(a, eq + 1, (size_t)(end - eq - 1));
        if (strncmp(key, "spark.", 6) != 0) {
            options_set(o, a, key, value);
        } else if (conf_set(conf, key, value, true, &err) != FB_OK) {
            fail_msg("%s", err.message);
        }
        text = *end ? end + 1 : end;
    }
}

static inline void harness_value(const Vec *v, uint32_t i, StrBuf *out)
{
    if (!vec_is_valid(v, i)) {
        strbuf_putc(out, '~');
    } else if (v->type->id == T_BINARY) {
        Str s = view_str(&VEC_AT(View, v, i));
        for (size_t k = 0; k < s.n; k++) {
            strbuf_printf(out, "%02X", (unsigned)(unsigned char)s.p[k]);
        }
    } else {
        vec_value_text(v, i, tz_utc(), out);
    }
}

static inline fb_status harness_emit(void *to, Worker *w, Batch *b, fb_error *err)
{
    StrBuf *out = to;

    (void)w;
    (void)err;
    assert_true(b->n_rows > 0 && b->n_rows <= BATCH_ROWS);
    for (uint32_t i = 0; i < b->n_rows; i++) {
        if (out->n > 0) {
            strbuf_putc(out, '\n');
        }
        for (uint32_t k = 0; k < b->n_cols; k++) {
            assert_int_equal(b->col[k].len, b->n_rows);
            strbuf_puts(out, k > 0 ? "|" : "");
            harness_value(&b->col[k], i, out);
        }
    }
    return FB_OK;
}

static inline void harness_error(fb_error *err, StrBuf *out)
{
    strbuf_clear(out);
    strbuf_puts(out, "ERR");
    for (const fb_error *e = err; e; e = e->cause) {
        strbuf_puts(out, e == err ? " " : " < ");
        strbuf_puts(out, err_condition(e->id));
    }
    err_clear(err);
}

static inline fb_status harness_ranges(const ReadCase *c, const ReadPlan *plan, uint64_t *n_rows,
                                       StrBuf *out, fb_error *err)
{
    VfsStat stat = {0};
    Worker w = {0};
    fb_status st = FB_OK;
    bool whole = c->split == 0 || !c->format->splittable(plan->options);

    TRY(vfs()->stat(c->path, &stat, err));
    int64_t step = whole || stat.size == 0 ? stat.size + 1 : c->split;
    w.eval.arena = &w.arena;
    w.eval.tz = tz_utc();
    for (int64_t from = 0; st == FB_OK && from < stat.size; from += step) {
        int64_t to = from + step < stat.size ? from + step : stat.size;
        FileRange range = {
            .path = c->path, .from = from, .to = to, .size = stat.size, .whole = whole};
        st = c->format->read(plan, &range, &w, harness_emit, out, n_rows, err);
    }
    arena_free(&w.arena);
    return st;
}

static inline fb_status harness_plan(const ReadCase *c, const Options *o, const Conf *conf,
                                     Arena *a, ReadPlan *plan, StrBuf *out, fb_error *err)
{
    static uint32_t columns[64];
    bool ignore = false;

    TRY(c->format->options(o, conf, false, a, &plan->options, err));
    if (c->schema) {
        TRY(type_from_ddl(str_of(c->schema), &plan->schema, err));
    } else if (c->format->fixed_schema) {
        plan->schema = c->format->fixed_schema();
    } else {
        TRY(c->format->infer(plan->options, conf, &c->path, 1, &plan->schema, err));
        type_simple_string(plan->schema, out);
        return FB_STOP;
    }
    TRY(c->format->check_schema(plan->options, plan->schema, false, err));
    TRY(option_bool(o, "ignoreCorruptFiles", &ignore, err));
    plan->ignore_corrupt = ignore;
    plan->tz = tz_utc();
    plan->columns = columns;
    for (uint32_t i = 0; i < plan->schema->n_fields && strcmp(c->columns, "-") == 0; i++) {
        columns[plan->n_columns++] = i;
    }
    for (const char *p = c->columns; *p && *p != '-';) {
        size_t n = strcspn(p, ",");
        columns[plan->n_columns++] = (uint32_t)type_field_index(plan->schema, (Str){p, n}, true);
        p += n + (p[n] == ',');
    }
    return FB_OK;
}

/* The rows of the file, or its schema where that is inferred; the caller frees out. */
static inline void harness_read(const ReadCase *c, StrBuf *out)
{
    Arena a = {0};
    Options o = {0};
    Conf *conf = conf_new();
    fb_error err = {0};
    ReadPlan plan = {.format = c->format};
    uint64_t n_rows = 0;

    harness_options("spark.sql.session.timeZone=UTC", &o, conf, &a);
    harness_options(c->options, &o, conf, &a);
    fb_status st = harness_plan(c, &o, conf, &a, &plan, out, &err);
    if (st == FB_OK) {
        st = harness_ranges(c, &plan, &n_rows, out, &err);
        if (st == FB_OK && plan.n_columns == 0) {
            strbuf_clear(out);
            strbuf_printf(out, "COUNT %llu", (unsigned long long)n_rows);
        }
    }
    if (st == FB_ERR) {
        harness_error(&err, out);
    }
    conf_free(conf);
    arena_free(&a);
}

/* Reads JSON of the schema, and writes it in the format. */
typedef struct WriteTo {
    const FormatVt *format;
    const void *options;
    const Type *schema;
    StrBuf *out;
} WriteTo;

static inline fb_status harness_write_batch(void *to, Worker *w, Batch *b, fb_error *err)
{
    WriteTo *x = to;

    (void)w;
    return x->format->write(x->options, x->schema, b, x->out->n == 0, tz_utc(), x->out, err);
}

static inline void harness_write(const FormatVt *format, const char *options, const char *schema,
                                 const char *path, StrBuf *out)
{
    Arena a = {0};
    Options none = {0}, o = {0};
    Conf *conf = conf_new();
    fb_error err = {0};
    Worker w = {0};
    VfsStat stat = {0};
    uint64_t n_rows = 0;
    ReadCase c = {.format = &format_json, .schema = schema, .columns = "-", .path = path};
    ReadPlan plan = {.format = &format_json};

    harness_options("spark.sql.session.timeZone=UTC", &o, conf, &a);
    harness_options(options, &o, conf, &a);
    fb_status st = harness_plan(&c, &none, conf, &a, &plan, out, &err);
    WriteTo to = {.format = format, .schema = plan.schema, .out = out};
    if (st == FB_OK) {
        st = format->options(&o, conf, true, &a, &to.options, &err);
    }
    if (st == FB_OK) {
        st = format->check_schema(to.options, plan.schema, true, &err);
    }
    if (st == FB_OK) {
        st = vfs()->stat(path, &stat, &err);
    }
    if (st == FB_OK) {
        FileRange range = {.path = path, .to = stat.size, .size = stat.size};
        st = format_json.read(&plan, &range, &w, harness_write_batch, &to, &n_rows, &err);
    }
    if (st != FB_OK) {
        harness_error(&err, out);
    }
    arena_free(&w.arena);
    conf_free(conf);
    arena_free(&a);
}

/* One recorded case; a recorded error need not be all of ours. */
static inline void harness_check(const FormatVt *format, const char *name, const char *options,
                                 const char *schema, const char *columns, const char *file,
                                 const char *data, size_t n, const char *expected,
                                 size_t n_expected)
{
    Arena a = {0};
    StrBuf out = {0};
    ReadCase c = {.format = format, .options = options, .schema = schema, .columns = columns};

    c.path = harness_put(&a, file, data, n);
    for (c.split = 0; c.split <= 7; c.split += 7) {
        harness_read(&c, &out);
        Str got = strbuf_str(&out), want = {expected, n_expected};
        if (strncmp(expected, "ERR", 3) == 0 && got.n > want.n) {
            got.n = want.n;
        }
        if (!str_eq(got, want)) {
            fail_msg("%s, ranges of %d:\n%s\n-- Spark:\n%s", name, (int)c.split, strbuf_str(&out).p,
                     expected);
        }
        strbuf_clear(&out);
    }
    strbuf_free(&out);
    arena_free(&a);
}

static inline void harness_check_write(const FormatVt *format, const char *name,
                                       const char *options, const char *schema, const char *data,
                                       const char *expected, size_t n_expected)
{
    Arena a = {0};
    StrBuf out = {0};

    harness_write(format, options, schema, harness_put(&a, "in.json", data, strlen(data)), &out);
    if (!str_eq(strbuf_str(&out), (Str){expected, n_expected})) {
        fail_msg("%s:\n%s\n-- Spark:\n%s", name, strbuf_str(&out).p, expected);
    }
    strbuf_free(&out);
    arena_free(&a);
}

#endif
