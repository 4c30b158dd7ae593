/*
 * csv.c - fuzz target: CSV to rows.
 *
 * The first bytes choose a schema, options and columns, the rest is the file. Runs of plain lines
 * are split many at once (csv_scan.c), others one by one (csv_split.c); line by line, each a file
 * of its own, only the second way is left. Both must give the same rows, as must any ranges.
 */
#include "support/rows.h"

static const char *const schemas[] = {
    "a STRING, b BIGINT, c DOUBLE",
    "a INT, b SMALLINT, c TINYINT, d FLOAT, e DECIMAL(10,2), f BOOLEAN",
    "a DATE, b TIMESTAMP, c TIMESTAMP_NTZ",
    "a STRING, b STRING, _corrupt_record STRING",
    "a INTERVAL DAY TO SECOND, b INTERVAL YEAR TO MONTH, c BINARY",
    "a STRING",
    "a DECIMAL(38,18), b STRING, _corrupt_record STRING, c INT",
};

#define FLAG                                                                                       \
    {                                                                                              \
        NULL, "true", "false"                                                                      \
    }
static const FuzzOption options[] = {
    {"mode", {NULL, "DROPMALFORMED", "FAILFAST"}, 3},
    {"sep", {NULL, "\\t", "||", ";", "\xE2\x82\xAC"}, 5},
    {"quote", {NULL, "'", ""}, 3},
    {"escape", {NULL, "\"", ""}, 3},
    {"charToEscapeQuoteEscaping", {NULL, "!"}, 2},
    {"comment", {NULL, "#"}, 2},
    {"header", FLAG, 3},
    {"multiLine", FLAG, 3},
    {"ignoreLeadingWhiteSpace", FLAG, 3},
    {"ignoreTrailingWhiteSpace", FLAG, 3},
    {"nullValue", {NULL, "x", "NULL"}, 3},
    {"emptyValue", {NULL, "-"}, 2},
    {"unescapedQuoteHandling",
     {NULL, "STOP_AT_CLOSING_QUOTE", "BACK_TO_DELIMITER", "SKIP_VALUE", "RAISE_ERROR"},
     5},
    {"maxCharsPerColumn", {NULL, "5"}, 2},
    {"maxColumns", {NULL, "3"}, 2},
    {"columnPruning", FLAG, 3},
    {"enforceSchema", FLAG, 3},
    {"lineSep", {NULL, "\n", "|"}, 3},
    {"dateFormat", {NULL, "dd/MM/yyyy"}, 2},
    {"timestampFormat", {NULL, "dd.MM.yyyy"}, 2},
};

static fb_status read_lines(const ReadPlan *plan, Str text, bool only_nl, StrBuf *out,
                            fb_error *err)
{
    uint64_t n_rows = 0;
    fb_status st = FB_OK;

    while (text.n > 0 && st == FB_OK) {
        Str line = fuzz_line(&text, only_nl);
        fuzz_put_file(FUZZ_DIR "/line.csv", line.p, line.n);
        st = fuzz_read(plan, FUZZ_DIR "/line.csv", 0, &n_rows, out, err);
    }
    return st;
}

static bool is_set(const Options *o, const char *key, const char *value)
{
    const char *v = options_get(o, key);

    return v && strcmp(v, value) == 0;
}

static void compare(const ReadPlan *plan, const Options *o, Str text, int64_t step)
{
    StrBuf all = {0}, other = {0};
    fb_error err = {0};
    uint64_t n_rows = 0;

    fuzz_put_file(FUZZ_DIR "/a.csv", text.p, text.n);
    fb_status want = fuzz_read(plan, FUZZ_DIR "/a.csv", 0, &n_rows, &all, &err);
    fuzz_failed(want, &err);
    bool header = is_set(o, "header", "true");
    fb_status st = fuzz_read(plan, FUZZ_DIR "/a.csv", step, &n_rows, &other, &err);
    fuzz_failed(st, &err);
    /* The first record of a range is special in Spark: behind the first range a header is a record,
     * a mark of byte order is dropped, and columns that nobody wants are taken apart with care. */
    bool mark = memmem(text.p, text.n, "\xEF\xBB\xBF", 3) != NULL;
    bool pruned = plan->n_columns < plan->schema->n_fields && !is_set(o, "columnPruning", "false");
    bool alike = !header && !mark && !pruned;
    if (alike) {
        fuzz_expect_alike("ranges", st, &other, want, &all);
    }
    if (alike && !is_set(o, "multiLine", "true") && !is_set(o, "lineSep", "|")) {
        strbuf_clear(&other);
        st = read_lines(plan, text, options_get(o, "lineSep") != NULL, &other, &err);
        fuzz_failed(st, &err);
        fuzz_expect_alike("lines", st, &other, want, &all);
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
    ReadPlan plan = {.format = &format_csv, .tz = tz_utc()};

    conf = conf ? conf : fuzz_conf();
    const char *ddl = schemas[fuzz_choice(&in, sizeof(schemas) / sizeof(schemas[0]))];
    FB_ASSERT(type_from_ddl(str_of(ddl), &plan.schema, &err) == FB_OK);
    fuzz_options(&in, options, sizeof(options) / sizeof(options[0]), &o, &a);
    uint8_t wanted = fuzz_byte(&in);
    int64_t step = 1 + fuzz_byte(&in);
    fuzz_all_columns(&plan, &a);
    if (wanted > 0) { /* one column, or none */
        uint32_t *one = ARENA_ARRAY(&a, uint32_t, 1);
        *one = wanted % plan.schema->n_fields;
        plan.columns = one;
        plan.n_columns = wanted < 128;
    }
    fb_status st = format_csv.options(&o, conf, false, &a, &plan.options, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        compare(&plan, &o, fuzz_rest(&in), step);
    }
    fuzz_remove_files();
    arena_free(&a);
    return 0;
}
