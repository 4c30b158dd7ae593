/*
 * CSV against recorded answers of Spark (format_csv.inc), the ways of reading against each other,
 * and written files read back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/vfs.h"
#include "column/timezone.h"
#include "format/format.h"

/* ---- cases ---- */

typedef struct Text {
    const char *p;
    size_t n;
} Text;
#define T(s)                                                                                       \
    {                                                                                              \
        "" s, sizeof(s) - 1                                                                        \
    }

typedef struct ReadCase {
    const char *ddl, *options, *columns;
    Text text, expected;
} ReadCase;

typedef struct WriteCase {
    const char *table, *options;
    Text expected;
} WriteCase;

typedef struct InferCase {
    const char *options;
    int n_files;
    Text file[2];
    const char *expected;
} InferCase;

#define READ(ddl, options, columns, text, expected) {ddl, options, columns, T(text), T(expected)},
#define WRITE(table, options, expected)
#define INFER(options, n, a, b, expected)
#define TEXT(s)
#define NAME(s)
static const ReadCase read_cases[] = {
#include "format_csv.inc"
};
#undef READ
#undef WRITE
#define READ(ddl, options, columns, text, expected)
#define WRITE(table, options, expected) {table, options, T(expected)},
static const WriteCase write_cases[] = {
#include "format_csv.inc"
};
#undef WRITE
#undef INFER
#define WRITE(table, options, expected)
#define INFER(options, n, a, b, expected) {options, n, {T(a), T(b)}, expected},
static const InferCase infer_cases[] = {
#include "format_csv.inc"
};
#undef INFER
#undef TEXT
#define INFER(options, n, a, b, expected)
#define TEXT(s) s,
static const char *const texts[] = {
#include "format_csv.inc"
};
#undef TEXT
#undef NAME
#define TEXT(s)
#define NAME(s) s,
static const char *const names[] = {
#include "format_csv.inc"
};

#define COUNT(a) (sizeof(a) / sizeof(a[0]))

/* ---- options, files, errors ---- */

static char dir[] = "/tmp/forebay_csv_XXXXXX";

static const char *file_name(const char *name)
{
    static char path[64];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static void put_file(const char *path, const char *p, size_t n)
{
    fb_error err = {0};

    assert_int_equal(vfs_write_file(path, p, n, true, NULL, &err), FB_OK);
}

/* "key=value\vkey=value"; keys that begin with spark. go to the configuration. */
static Conf *parse_options(const char *text, Options *o, Arena *a)
{
    Conf *conf = conf_new();
    fb_error err = {0};

    assert_int_equal(conf_set(conf, "spark.sql.session.timeZone", "UTC", true, &err), FB_OK);
    while (*text) {
        const char *eq = strchr(text, '=');
        size_t n = strcspn(text, "\v");
        const char *key = arena_strndup(a, text, (size_t)(eq - text));
        const char *value = arena_strndup(a, eq + 1, n - (size_t)(eq + 1 - text));
        if (strncmp(key, "spark.", 6) == 0) {
            conf_set(conf, key, value, true, &err);
        } else {
            options_set(o, a, key, value);
        }
        text += n + (text[n] != '\0');
    }
    return conf;
}

/* "!CONDITION>CONDITION record", the first two of Spark's. */
static void put_error(const fb_error *err, StrBuf *out)
{
    const char *record = NULL;
    int n = 0;

    strbuf_clear(out);
    strbuf_putc(out, '!');
    for (const fb_error *e = err; e; e = e->cause) {
        const char *name = err_condition(e->id);
        for (size_t i = 0; e->id == ERR_MALFORMED_RECORD_IN_PARSING && i < e->n_params; i++) {
            if (strcmp(e->params[i].key, "badRecord") == 0) {
                record = e->params[i].value;
            }
        }
        if (*name && n < 2) {
            strbuf_printf(out, "%s%s", n++ > 0 ? ">" : "", name);
        }
    }
    if (record) {
        strbuf_printf(out, " %s", record);
    }
}

/* ---- reading ---- */

typedef struct Sink {
    StrBuf text;
    uint64_t n_rows;
} Sink;

static fb_status take_rows(void *to, Worker *w, Batch *b, fb_error *err)
{
    Sink *s = to;

    (void)w;
    (void)err;
    assert_true(b->n_rows > 0 && b->n_rows <= BATCH_ROWS);
    for (uint32_t i = 0; i < b->n_rows; i++) {
        for (uint32_t k = 0; k < b->n_cols; k++) {
            if (k > 0) {
                strbuf_putc(&s->text, '|');
            }
            assert_int_equal(b->col[k].len, b->n_rows);
            if (vec_is_valid(&b->col[k], i)) {
                vec_value_text(&b->col[k], i, tz_utc(), &s->text);
            } else {
                strbuf_puts(&s->text, "<null>");
            }
        }
        if (b->n_cols > 0) {
            strbuf_putc(&s->text, '\n');
        }
    }
    s->n_rows += b->n_rows;
    return FB_OK;
}

static uint32_t parse_columns(const Type *schema, const char *text, uint32_t *column)
{
    uint32_t n = 0;

    if (strcmp(text, "*") == 0) {
        for (; n < schema->n_fields; n++) {
            column[n] = n;
        }
        return n;
    }
    while (*text) {
        size_t k = strcspn(text, ",");
        int at = type_field_index(schema, (Str){text, k}, true);
        assert_true(at >= 0);
        column[n++] = (uint32_t)at;
        text += k + (text[k] == ',');
    }
    return n;
}

/* Reads the file in ranges of `step` bytes; 0: whole. What comes out is text as in the cases. */
static void read_csv(const char *ddl, const char *options, const char *columns, const char *path,
                     size_t size, size_t step, StrBuf *out)
{
    const FormatVt *csv = format_lookup("csv");
    Arena a = {0};
    Options o = {0};
    fb_error err = {0};
    Conf *conf = parse_options(options, &o, &a);
    const Type *schema = NULL;
    ReadPlan plan = {.format = csv, .tz = tz_utc()};
    uint32_t column[64];
    Worker w = {0};
    Sink sink = {0};
    uint64_t n_rows = 0;

    w.eval.arena = &w.arena;
    fb_status st = type_from_ddl(str_of(ddl), &schema, &err);
    if (st == FB_OK) {
        st = csv->options(&o, conf, false, &a, &plan.options, &err);
    }
    if (st == FB_OK) {
        plan.schema = type_as_nullable(schema);
        plan.columns = column;
        plan.n_columns = parse_columns(plan.schema, columns, column);
        st = csv->check_schema(plan.options, plan.schema, false, &err);
    }
    step = step ? step : size + 1;
    for (size_t at = 0; st == FB_OK && (at < size || at == 0); at += step) {
        FileRange r = {.path = path, .from = (int64_t)at, .size = (int64_t)size};
        r.to = (int64_t)(at + step < size ? at + step : size);
        r.whole = step > size;
        st = csv->read(&plan, &r, &w, take_rows, &sink, &n_rows, &err);
    }
    if (st != FB_OK) {
        put_error(&err, out);
    } else if (plan.n_columns == 0) {
        strbuf_printf(out, "%llu rows", (unsigned long long)n_rows);
    } else {
        strbuf_append(out, sink.text.p, sink.text.n);
    }
    if (st == FB_OK) {
        assert_int_equal(n_rows, sink.n_rows);
    }
    strbuf_free(&sink.text);
    arena_free(&w.arena);
    conf_free(conf);
    arena_free(&a);
    err_clear(&err);
}

static void fail_with(const char *what, size_t k, Str have, Str want)
{
    fail_msg("%s case %zu:\n--- have\n%.*s\n--- want\n%.*s\n", what, k, (int)have.n,
             have.p ? have.p : "", (int)want.n, want.p ? want.p : "");
}

/* Ranges do not matter: but the first record of a file is read in full, and the parser remembers
 * things from line to line with some options. */
static bool ranges_do_not_matter(const ReadCase *c)
{
    return strcmp(c->columns, "*") == 0 && c->expected.p[0] != '!' &&
           !strstr(c->options, "sep=||") && !strstr(c->options, "sep=aab") &&
           !strstr(c->options, "BACK_TO") && !strstr(c->options, "multiLine") &&
           !strstr(c->options, "Trailing") && !strstr(c->options, "header");
}

static void test_read(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(read_cases); k++) {
        const ReadCase *c = &read_cases[k];
        Str want = {c->expected.p, c->expected.n};
        const char *path = file_name("read.csv");
        put_file(path, c->text.p, c->text.n);
        for (size_t step = 0; step < 20; step += 1 + 2 * step) {
            StrBuf have = {0};
            if (step > 0 && !ranges_do_not_matter(c)) {
                break;
            }
            read_csv(c->ddl, c->options, c->columns, path, c->text.n, step, &have);
            if (!str_eq(strbuf_str(&have), want)) {
                fail_with(c->options, k, strbuf_str(&have), want);
            }
            strbuf_free(&have);
        }
    }
}

/* ---- writing ---- */

static const struct {
    const char *name, *ddl;
    Text value[4]; /* NULL: null */
} type_columns[] = {
    {"b", "tinyint", {T("1"), {0}, T("-128"), T("1")}},
    {"s", "smallint", {T("-2"), {0}, T("-32768"), T("1")}},
    {"i", "int", {T("3"), {0}, T("-2147483648"), T("1")}},
    {"l", "bigint", {T("4"), {0}, T("-9223372036854775808"), T("1")}},
    {"f", "float", {T("1.5"), {0}, T("NaN"), T("1e20")}},
    {"d", "double", {T("2.5"), {0}, T("Infinity"), T("1e-7")}},
    {"dec", "decimal(10,2)", {T("1.10"), {0}, T("-1.10"), T("0")}},
    {"dec2", "decimal(20,10)", {T("0.0000001"), {0}, T("0"), T("1")}},
    {"bo", "boolean", {T("true"), {0}, T("false"), T("false")}},
    {"da", "date", {T("2024-02-29"), {0}, T("0001-01-01"), T("+12345-01-02")}},
    {"ts",
     "timestamp",
     {T("2024-02-29 01:02:03.456789"), {0}, T("1000-02-28 01:02:03"), T("+12345-01-02 00:00:00")}},
    {"tn",
     "timestamp_ntz",
     {T("2024-02-29 01:02:03.456789"),
      {0},
      T("1969-12-31 23:59:59.000001"),
      T("0000-01-01 00:00:00")}},
    {"bi", "binary", {T("abc"), {0}, T("\000\377\054\042"), T("")}},
    {"ym", "interval year to month", {T("1-2"), {0}, T("-1-2"), T("0-3")}},
    {"dt", "interval day to second", {T("1 02:03:04.5"), {0}, T("-1 02:03:04.5"), T("3 00:00:00")}},
};

static Vec text_column(const Text *t, uint32_t n, Arena *a)
{
    VecBuilder *b = vecb_new(a, type_string);
    Vec v;

    for (uint32_t i = 0; i < n; i++) {
        if (t[i].p) {
            vecb_str(b, (Str){t[i].p, t[i].n});
        } else {
            vecb_null(b);
        }
    }
    vecb_finish(b, &v);
    return v;
}

static const Type *make_types(Batch *b, Arena *a)
{
    Field field[COUNT(type_columns)];
    EvalCtx cx = {.arena = a, .tz = tz_utc(), .tz_name = "UTC"};
    fb_error err = {0};

    b->n_rows = 4;
    b->n_cols = COUNT(type_columns);
    b->col = ARENA_ARRAY(a, Vec, b->n_cols);
    for (uint32_t k = 0; k < b->n_cols; k++) {
        Vec text = text_column(type_columns[k].value, 4, a);
        const Type *t = NULL;
        assert_int_equal(type_from_name(str_of(type_columns[k].ddl), &t, &err), FB_OK);
        assert_int_equal(cast_vec(&cx, &text, t, EVAL_LEGACY, &b->col[k], &err), FB_OK);
        assert_int_equal(vec_count_nulls(&b->col[k]), 1);
        field[k] = (Field){.name = type_columns[k].name, .type = t, .nullable = true};
    }
    return type_struct(field, b->n_cols);
}

static const Type *make_table(const char *name, Batch *b, Arena *a)
{
    Text value[COUNT(texts) + 1];
    Field field[COUNT(names)];
    uint32_t n = COUNT(texts);

    if (strcmp(name, "types") == 0) {
        return make_types(b, a);
    }
    if (strcmp(name, "names") == 0 || strcmp(name, "empty") == 0) {
        b->n_rows = strcmp(name, "names") == 0;
        b->n_cols = COUNT(names);
        b->col = ARENA_ARRAY(a, Vec, b->n_cols);
        for (uint32_t k = 0; k < b->n_cols; k++) {
            b->col[k] = text_column(&(Text)T("x"), b->n_rows, a);
            field[k] = (Field){.name = names[k], .type = type_string, .nullable = true};
        }
        return type_struct(field, b->n_cols);
    }
    for (uint32_t i = 0; i <= n; i++) { /* the first again at the end */
        value[i] = (Text){texts[i % n], texts[i % n] ? strlen(texts[i % n]) : 0};
    }
    b->n_cols = strcmp(name, "one") == 0 ? 1 : 2;
    b->n_rows = n;
    b->col = ARENA_ARRAY(a, Vec, 2);
    b->col[0] = text_column(value, n, a);
    b->col[1] = text_column(value + 1, n, a);
    field[0] = (Field){.name = "a", .type = type_string, .nullable = true};
    field[1] = (Field){.name = "b", .type = type_string, .nullable = true};
    return type_struct(field, b->n_cols);
}

/* The bytes that the batch gives, written in pieces of `rows` rows. */
static void write_csv(const char *options, const Type *schema, const Batch *b, uint32_t rows,
                      StrBuf *out)
{
    const FormatVt *csv = format_lookup("csv");
    Arena a = {0};
    Options o = {0};
    fb_error err = {0};
    const void *parsed = NULL;
    Conf *conf = parse_options(options, &o, &a);

    fb_status st = csv->options(&o, conf, true, &a, &parsed, &err);
    if (st == FB_OK) {
        st = csv->check_schema(parsed, schema, true, &err);
    }
    if (st == FB_OK && b->n_rows == 0) {
        st = csv->write_empty(parsed, schema, out, &err);
    }
    for (uint32_t i = 0; st == FB_OK && i < b->n_rows; i += rows) {
        Batch part = batch_slice(b, i, b->n_rows - i < rows ? b->n_rows - i : rows, &a);
        st = csv->write(parsed, schema, &part, i == 0, tz_utc(), out, &err);
    }
    if (st != FB_OK) {
        put_error(&err, out);
    }
    conf_free(conf);
    arena_free(&a);
    err_clear(&err);
}

static void test_write(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(write_cases); k++) {
        const WriteCase *c = &write_cases[k];
        Str want = {c->expected.p, c->expected.n};
        for (uint32_t rows = 1; rows < 1000; rows *= 30) {
            Arena a = {0};
            Batch b = {0};
            StrBuf have = {0};
            const Type *schema = make_table(c->table, &b, &a);
            write_csv(c->options, schema, &b, rows, &have);
            if (!str_eq(strbuf_str(&have), want)) {
                fail_with(c->options, k, strbuf_str(&have), want);
            }
            strbuf_free(&have);
            arena_free(&a);
        }
    }
}

static void expect_schema_error(const char *ddl, bool writing, const char *want)
{
    const FormatVt *csv = format_lookup("CSV");
    Arena a = {0};
    Options o = {0};
    fb_error err = {0};
    const void *parsed = NULL;
    const Type *schema = NULL;
    Conf *conf = parse_options("", &o, &a);
    StrBuf have = {0};

    assert_int_equal(csv->options(&o, conf, writing, &a, &parsed, &err), FB_OK);
    assert_int_equal(type_from_ddl(str_of(ddl), &schema, &err), FB_OK);
    assert_int_equal(csv->check_schema(parsed, schema, writing, &err), FB_ERR);
    put_error(&err, &have);
    assert_string_equal(have.p, want);
    strbuf_free(&have);
    conf_free(conf);
    arena_free(&a);
    err_clear(&err);
}

static void test_schemas(void **state)
{
    static const char *const refused[] = {"a array<int>", "a map<int,int>", "a struct<x:int>",
                                          "a void", "a interval"};

    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        expect_schema_error(refused[i], true, "!UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE");
        expect_schema_error(refused[i], false, "!UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE");
    }
}

/* What Spark has and Forebay has not is refused by name. */
static void test_refused_options(void **state)
{
    static const char *const refused[] = {
        "encoding=UTF-16",
        "locale=fr-FR",
        "quote=\303\251",
        "escape=\303\251",
        "comment=\303\251",
        "charToEscapeQuoteEscaping=\303\251",
        "singleVariantColumn=v",
        "spark.sql.legacy.timeParserPolicy=LEGACY",
        "unescapedQuoteHandling=SKIP_VALUE\vsep=||",
        "unescapedQuoteHandling=BACK_TO_DELIMITER\vsep=||",
        "unescapedQuoteHandling=BACK_TO_DELIMITER\vmultiLine=true",
        "lineSep=\303\251\vmultiLine=true",
    };
    static const char *const wrong[][2] = {
        {"header=x", "!_LEGACY_ERROR_TEMP_2147"},
        {"maxColumns=x", "!_LEGACY_ERROR_TEMP_2146"},
        {"maxColumns=-1", "!INVALID_OPTION_VALUE"},
        {"maxCharsPerColumn=-2", "!INVALID_OPTION_VALUE"},
        {"multiLine=x", "!"},
        {"unescapedQuoteHandling=foo", "!INVALID_OPTION_VALUE"},
        {"sep=", "!INVALID_DELIMITER_VALUE.EMPTY_STRING"},
        {"sep=\\", "!INVALID_DELIMITER_VALUE.SINGLE_BACKSLASH"},
        {"extension=a1b2", "!INVALID_PARAMETER_VALUE.EXTENSION"},
    };

    (void)state;
    put_file(file_name("opt.csv"), "a\n", 2);
    for (size_t i = 0; i < COUNT(refused); i++) {
        StrBuf have = {0};
        read_csv("a string", refused[i], "*", file_name("opt.csv"), 2, 0, &have);
        assert_string_equal(have.p, "!UNSUPPORTED_FEATURE");
        strbuf_free(&have);
    }
    for (size_t i = 0; i < COUNT(wrong); i++) {
        StrBuf have = {0};
        read_csv("a string", wrong[i][0], "*", file_name("opt.csv"), 2, 0, &have);
        assert_string_equal(have.p, wrong[i][1]);
        strbuf_free(&have);
    }
}

/* ---- inference ---- */

static void test_infer(void **state)
{
    const FormatVt *csv = format_lookup("csv");

    (void)state;
    for (size_t k = 0; k < COUNT(infer_cases); k++) {
        const InferCase *c = &infer_cases[k];
        Arena a = {0};
        Options o = {0};
        fb_error err = {0};
        const void *parsed = NULL;
        const Type *schema = NULL;
        StrBuf have = {0};
        const char *path[2];
        Conf *conf = parse_options(c->options, &o, &a);
        for (int i = 0; i < c->n_files; i++) {
            path[i] = arena_printf(&a, "%s/infer%d.csv", dir, i);
            put_file(path[i], c->file[i].p, c->file[i].n);
        }
        fb_status st = csv->options(&o, conf, false, &a, &parsed, &err);
        if (st == FB_OK) {
            st = csv->infer(parsed, conf, path, (uint32_t)c->n_files, &schema, &err);
        }
        if (st == FB_OK) {
            type_simple_string(schema, &have);
        } else {
            put_error(&err, &have);
        }
        if (strcmp(have.p, c->expected) != 0) {
            fail_with(c->options, k, strbuf_str(&have), str_of(c->expected));
        }
        strbuf_free(&have);
        conf_free(conf);
        arena_free(&a);
        err_clear(&err);
    }
}

/* ---- ways of reading against each other ---- */

static uint64_t random_state = 88172645463325252u;

static uint32_t random_below(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state >> 33) % n);
}

static void random_text(const char *alphabet, size_t n, StrBuf *out)
{
    size_t letters = strlen(alphabet);

    strbuf_clear(out);
    for (size_t i = 0; i < n; i++) {
        strbuf_putc(out, alphabet[random_below((uint32_t)letters)]);
    }
}

/* Long lines are cut at a limit that is never met: such files are read line by line. */
#define SLOWLY "\vmaxCharsPerColumn=1000000"

static void test_ways_agree(void **state)
{
    static const char *const options[] = {"nullValue=",
                                          "escape=\"",
                                          "sep=;",
                                          "quote='",
                                          "emptyValue=E\vnullValue=a",
                                          "comment=#",
                                          "mode=DROPMALFORMED",
                                          "charToEscapeQuoteEscaping=!",
                                          "escape=",
                                          "columnPruning=false"};
    static const char *const columns[] = {"*", "a,d", "_corrupt_record,b", "c"};
    const char *ddl = "a int, b string, c string, d date, _corrupt_record string";
    StrBuf text = {0};

    (void)state;
    for (size_t round = 0; round < 400; round++) {
        const char *opts = options[round % COUNT(options)];
        const char *cols = columns[random_below(COUNT(columns))];
        StrBuf fast = {0}, slow = {0}, ranges = {0}, slow_opts = {0};
        if (round % 3 == 0) {
            random_text("abc,,,;\"\\'!# \r\n\n\xC3\xA9\xFF", 1 + random_below(3000), &text);
        } else if (round % 3 == 1) {
            random_text("1,2,\n3\"", 1 + random_below(3000), &text);
        } else {
            strbuf_clear(&text);
            for (uint32_t i = 0; i < 200; i++) {
                bool quoted = random_below(4) == 0;
                strbuf_printf(
                    &text, quoted ? "%u,\"%.*s\",x,\"2024-%02u-11\"\n" : "%u,%.*s,,2024-%02u-1\r\n",
                    random_below(100000), (int)random_below(40),
                    "a text that is longer than twelve bytes, and more", random_below(14));
            }
        }
        strbuf_puts(&slow_opts, opts);
        strbuf_puts(&slow_opts, SLOWLY);
        const char *path = file_name("ways.csv");
        put_file(path, text.p, text.n);
        read_csv(ddl, opts, cols, path, text.n, 0, &fast);
        read_csv(ddl, slow_opts.p, cols, path, text.n, 0, &slow);
        if (!str_eq(strbuf_str(&fast), strbuf_str(&slow))) {
            fail_with(opts, round, strbuf_str(&fast), strbuf_str(&slow));
        }
        if (strcmp(cols, "*") == 0) {
            read_csv(ddl, opts, cols, path, text.n, 1 + random_below(700), &ranges);
            if (!str_eq(strbuf_str(&fast), strbuf_str(&ranges))) {
                fail_with("ranges", round, strbuf_str(&ranges), strbuf_str(&fast));
            }
        }
        strbuf_free(&fast);
        strbuf_free(&slow);
        strbuf_free(&ranges);
        strbuf_free(&slow_opts);
    }
    strbuf_free(&text);
}

/* Nothing that a file holds makes the reader do more than refuse it. */
static void test_random_bytes(void **state)
{
    static const char *const options[] = {"sep=||",
                                          "unescapedQuoteHandling=STOP_AT_CLOSING_QUOTE",
                                          "unescapedQuoteHandling=BACK_TO_DELIMITER",
                                          "unescapedQuoteHandling=SKIP_VALUE",
                                          "unescapedQuoteHandling=RAISE_ERROR",
                                          "ignoreLeadingWhiteSpace=true\vsep=||",
                                          "ignoreTrailingWhiteSpace=true",
                                          "escape=\"",
                                          "quote=",
                                          "lineSep=,",
                                          "sep=\\t",
                                          "multiLine=true\vlineSep=\n",
                                          "header=true\vmultiLine=true",
                                          "sep=\303\251",
                                          "multiLine=true\vsep=||",
                                          "maxColumns=3",
                                          "multiLine=true\vescape=\""};
    const char *ddl =
        "a int, b string, c timestamp, d decimal(5,2), e double, _corrupt_record string";
    StrBuf text = {0};

    (void)state;
    for (size_t round = 0; round < 600; round++) {
        StrBuf out = {0};
        random_text(round % 2 ? "a\"\"\\,|\n \xC3\xA9" : "\"|1.,e- 2T:\r\n\t\\\x80\xFF",
                    random_below(400), &text);
        put_file(file_name("random.csv"), text.p ? text.p : "", text.n);
        read_csv(ddl, options[round % COUNT(options)], round % 5 ? "*" : "b",
                 file_name("random.csv"), text.n, 0, &out);
        strbuf_free(&out);
    }
    strbuf_free(&text);
}

/* More rows than a batch, and rows that are dropped from it. */
static void test_many_rows(void **state)
{
    StrBuf text = {0}, have = {0}, want = {0};
    const uint32_t n = 3 * BATCH_ROWS + 17;

    (void)state;
    for (uint32_t i = 0; i < n; i++) {
        bool bad = i % 7 == 3 || i / 1000 == 5;
        strbuf_printf(&text, bad ? "x%u,%u\n" : "%u,%u\n", i, i * 2);
        if (!bad) {
            strbuf_printf(&want, "%u|%u\n", i * 2, i);
        }
    }
    put_file(file_name("many.csv"), text.p, text.n);
    read_csv("a int, b bigint", "mode=DROPMALFORMED", "b,a", file_name("many.csv"), text.n, 0,
             &have);
    assert_true(str_eq(strbuf_str(&have), strbuf_str(&want)));
    strbuf_free(&have);
    read_csv("a int, b bigint", "", "", file_name("many.csv"), text.n, 1000, &have);
    assert_string_equal(have.p, "12305 rows");
    strbuf_free(&have);
    strbuf_free(&want);
    strbuf_free(&text);
}

/* A file that was written has the rows that it was made of. */
static void test_round_trip(void **state)
{
    const char *options = "escape=\"\vignoreLeadingWhiteSpace=false\v"
                          "ignoreTrailingWhiteSpace=false\vnullValue=NUL\vemptyValue=\"\"";
    Field field[] = {{.name = "a", .type = type_string, .nullable = true},
                     {.name = "b", .type = type_string, .nullable = true}};
    const Type *schema = type_struct(field, 2);

    (void)state;
    for (size_t round = 0; round < 30; round++) {
        Arena a = {0};
        StrBuf text = {0}, file = {0}, have = {0}, want = {0};
        Batch b = {.n_rows = 300, .n_cols = 2, .col = ARENA_ARRAY(&a, Vec, 2)};
        for (uint32_t k = 0; k < 2; k++) {
            VecBuilder *v = vecb_new(&a, type_string);
            for (uint32_t i = 0; i < b.n_rows; i++) {
                random_text("ab,\"\\ \n#'", 1 + random_below(20), &text);
                vecb_str_copy(v, strbuf_str(&text));
            }
            vecb_finish(v, &b.col[k]);
        }
        Sink sink = {0};
        Batch all = b;
        assert_int_equal(take_rows(&sink, NULL, &all, NULL), FB_OK);
        write_csv(options, schema, &b, 4096, &file);
        put_file(file_name("trip.csv"), file.p, file.n);
        read_csv("a string, b string", "escape=\"\vmultiLine=true\vnullValue=NUL", "*",
                 file_name("trip.csv"), file.n, 0, &have);
        if (!str_eq(strbuf_str(&have), strbuf_str(&sink.text))) {
            fail_with("round trip", round, strbuf_str(&have), strbuf_str(&sink.text));
        }
        strbuf_free(&sink.text);
        strbuf_free(&text);
        strbuf_free(&file);
        strbuf_free(&have);
        strbuf_free(&want);
        arena_free(&a);
    }
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    fb_error err = {0};

    (void)state;
    return vfs_remove_tree(dir, &err) == FB_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write),           cmocka_unit_test(test_read),
        cmocka_unit_test(test_infer),           cmocka_unit_test(test_schemas),
        cmocka_unit_test(test_refused_options), cmocka_unit_test(test_ways_agree),
        cmocka_unit_test(test_random_bytes),    cmocka_unit_test(test_many_rows),
        cmocka_unit_test(test_round_trip),
    };
    log_set_level(LOG_LEVEL_OFF); /* headers that do not fit are warned about */
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
