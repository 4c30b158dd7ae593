/*
 * rows.h - for targets that read files: a format, options chosen by bytes, rows as text.
 *
 * Rows are written "a|b\n", nulls as ~, so that ways of reading can be compared.
 */
#ifndef FUZZ_ROWS_H
#define FUZZ_ROWS_H

#include <stdio.h>
#include <stdlib.h>

#include "column/timezone.h"
#include "format/format_priv.h"
#include "support/fuzz.h"

/* An option and the values that a byte chooses from; NULL: the option is not set. */
typedef struct FuzzOption {
    const char *key;
    const char *values[8];
    uint32_t n;
} FuzzOption;

static inline void fuzz_options(FuzzIn *in, const FuzzOption *all, uint32_t n, Options *o, Arena *a)
{
    for (uint32_t i = 0; i < n; i++) {
        const char *value = all[i].values[fuzz_choice(in, all[i].n)];
        if (value) {
            options_set(o, a, all[i].key, value);
        }
    }
}

/* Settings with their defaults, and UTC. */
static inline Conf *fuzz_conf(void)
{
    Conf *conf = conf_new();
    fb_error err = {0};

    FB_ASSERT(conf_set(conf, "spark.sql.session.timeZone", "UTC", true, &err) == FB_OK);
    return conf;
}

static inline fb_status fuzz_take_rows(void *to, Worker *w, Batch *b, fb_error *err)
{
    StrBuf *out = to;

    (void)w;
    (void)err;
    FB_ASSERT(b->n_rows > 0 && b->n_rows <= BATCH_ROWS);
    for (uint32_t i = 0; i < b->n_rows; i++) {
        for (uint32_t k = 0; k < b->n_cols; k++) {
            FB_ASSERT(b->col[k].len == b->n_rows);
            strbuf_puts(out, k > 0 ? "|" : "");
            if (vec_is_valid(&b->col[k], i)) {
                vec_value_text(&b->col[k], i, tz_utc(), out);
            } else {
                strbuf_putc(out, '~');
            }
        }
        strbuf_putc(out, '\n');
    }
    return FB_OK;
}

/* Reads the file in ranges of step bytes (0: one range). */
static inline fb_status fuzz_read(const ReadPlan *plan, const char *path, int64_t step,
                                  uint64_t *n_rows, StrBuf *out, fb_error *err)
{
    VfsStat stat = {0};
    Worker w = {0};
    fb_status st = vfs()->stat(path, &stat, err);

    w.eval.arena = &w.arena;
    w.eval.tz = tz_utc();
    step = step > 0 && plan->format->splittable(plan->options) ? step : stat.size + 1;
    for (int64_t from = 0; st == FB_OK && from < stat.size; from += step) {
        int64_t to = from + step < stat.size ? from + step : stat.size;
        FileRange range = {.path = path,
                           .from = from,
                           .to = to,
                           .size = stat.size,
                           .whole = !plan->format->splittable(plan->options)};
        st = plan->format->read(plan, &range, &w, fuzz_take_rows, out, n_rows, err);
    }
    arena_free(&w.arena);
    return st;
}

/* All columns of the schema. */
static inline void fuzz_all_columns(ReadPlan *plan, Arena *a)
{
    uint32_t *columns = ARENA_ARRAY(a, uint32_t, plan->schema->n_fields);

    plan->n_columns = plan->schema->n_fields;
    for (uint32_t i = 0; i < plan->n_columns; i++) {
        columns[i] = i;
    }
    plan->columns = columns;
}

/* Two ways of reading one text must end alike; with rows, if they end well. */
static inline void fuzz_expect_alike(const char *how, fb_status a, const StrBuf *rows_a,
                                     fb_status b, const StrBuf *rows_b)
{
    if (a == b && (a != FB_OK || str_eq(strbuf_str(rows_a), strbuf_str(rows_b)))) {
        return;
    }
    fprintf(stderr, "%s: %d\n%s-- otherwise: %d\n%s", how, a, strbuf_str(rows_a).p, b,
            strbuf_str(rows_b).p);
    abort();
}

/* The first line of text, which is cut off: ended by \n, \r\n, \r, or (only_nl) \n alone. */
static inline Str fuzz_line(Str *text, bool only_nl)
{
    size_t n = 0;

    while (n < text->n && text->p[n] != '\n' && (only_nl || text->p[n] != '\r')) {
        n++;
    }
    Str line = {text->p, n};
    size_t next = n < text->n ? n + 1 : n;
    next += n + 1 < text->n && text->p[n] == '\r' && text->p[n + 1] == '\n';
    *text = (Str){text->p + next, text->n - next};
    return line;
}

#endif
