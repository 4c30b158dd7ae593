/*
 * json.c - fuzz target: JSON lines to rows.
 *
 * The first bytes choose a schema and options, the rest is the file. A line has three readers: the
 * layout that was learned from the lines before, simdjson's tape, and the tolerant scanner. The
 * file as a whole is read by whichever comes first; line by line there is no layout; and as a whole
 * file of one record (multiLine) only the scanner. All must give the same rows, as must any ranges.
 */
#include "support/rows.h"

static const char *const schemas[] = {
    "a STRING, b BIGINT, c DOUBLE, d BOOLEAN",
    "a INT, b SMALLINT, c TINYINT, d FLOAT, e DECIMAL(10,2)",
    "a DATE, b TIMESTAMP, c TIMESTAMP_NTZ",
    "a STRING, b STRING, _corrupt_record STRING",
    "a STRUCT<b: BIGINT, c: STRING>, d ARRAY<INT>, e MAP<STRING, DOUBLE>",
    "a BINARY, b INTERVAL DAY TO SECOND, c INTERVAL YEAR TO MONTH, d VOID",
    "a ARRAY<STRUCT<b: ARRAY<STRING>, c: MAP<STRING, STRUCT<d: DATE>>>>, _corrupt_record STRING",
    "a BIGINT, b DOUBLE, c TIMESTAMP, _corrupt_record STRING",
    "a DECIMAL(38,18), b DECIMAL(5,0), c STRING",
};

#define FLAG                                                                                       \
    {                                                                                              \
        NULL, "true", "false"                                                                      \
    }
static const FuzzOption options[] = {
    {"mode", {NULL, "DROPMALFORMED", "FAILFAST"}, 3},
    {"allowComments", FLAG, 3},
    {"allowUnquotedFieldNames", FLAG, 3},
    {"allowSingleQuotes", FLAG, 3},
    {"allowNumericLeadingZeros", FLAG, 3},
    {"allowNonNumericNumbers", FLAG, 3},
    {"allowBackslashEscapingAnyCharacter", FLAG, 3},
    {"allowUnquotedControlChars", FLAG, 3},
    {"dateFormat", {NULL, "dd/MM/yyyy", "yyyy-MM-dd"}, 3},
    {"timestampFormat", {NULL, "yyyy-MM-dd HH:mm[:ss]", "dd.MM.yyyy"}, 3},
    {"lineSep", {NULL, "\n"}, 2},
};
#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

typedef struct Ways {
    ReadPlan plan, multi; /* multi: with multiLine */
    Str text;
    bool only_nl;
} Ways;

/* Each line as a file of its own. */
static fb_status read_lines(const Ways *w, const ReadPlan *plan, StrBuf *out, fb_error *err)
{
    Str left = w->text;
    uint64_t n_rows = 0;
    fb_status st = FB_OK;

    while (left.n > 0 && st == FB_OK) {
        Str line = fuzz_line(&left, w->only_nl);
        fuzz_put_file(FUZZ_DIR "/line.json", line.p, line.n);
        st = fuzz_read(plan, FUZZ_DIR "/line.json", 0, &n_rows, out, err);
    }
    return st;
}

static void compare(const Ways *w, int64_t step)
{
    StrBuf all = {0}, other = {0};
    fb_error err = {0};
    uint64_t n_rows = 0;

    fuzz_put_file(FUZZ_DIR "/a.json", w->text.p, w->text.n);
    fb_status want = fuzz_read(&w->plan, FUZZ_DIR "/a.json", 0, &n_rows, &all, &err);
    fuzz_failed(want, &err);
    fb_status st = fuzz_read(&w->plan, FUZZ_DIR "/a.json", step, &n_rows, &other, &err);
    fuzz_failed(st, &err);
    fuzz_expect_alike("ranges", st, &other, want, &all);
    /* The mark of byte order counts at the start of a file only, and so with every line. */
    if (!memmem(w->text.p, w->text.n, "\xEF\xBB\xBF", 3)) {
        strbuf_clear(&other);
        st = read_lines(w, &w->plan, &other, &err);
        fuzz_failed(st, &err);
        fuzz_expect_alike("lines", st, &other, want, &all);
        strbuf_clear(&other);
        st = read_lines(w, &w->multi, &other, &err);
        fuzz_failed(st, &err);
        fuzz_expect_alike("scanner", st, &other, want, &all);
    }
    strbuf_free(&all);
    strbuf_free(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Conf *conf;
    Arena a = {0};
    FuzzIn in = {data, size};
    Options o = {0};
    fb_error err = {0};
    Ways w = {.plan = {.format = &format_json, .tz = tz_utc()}};

    conf = conf ? conf : fuzz_conf();
    const char *ddl = schemas[fuzz_choice(&in, sizeof(schemas) / sizeof(schemas[0]))];
    FB_ASSERT(type_from_ddl(str_of(ddl), &w.plan.schema, &err) == FB_OK);
    fuzz_options(&in, options, N_OPTIONS, &o, &a);
    int64_t step = 1 + fuzz_byte(&in);
    fuzz_all_columns(&w.plan, &a);
    w.multi = w.plan;
    FB_ASSERT(format_json.options(&o, conf, false, &a, &w.plan.options, &err) == FB_OK);
    options_set(&o, &a, "multiLine", "true");
    FB_ASSERT(format_json.options(&o, conf, false, &a, &w.multi.options, &err) == FB_OK);
    w.only_nl = options_get(&o, "lineSep") != NULL;
    w.text = fuzz_rest(&in);
    compare(&w, step);
    fuzz_remove_files();
    arena_free(&a);
    return 0;
}
