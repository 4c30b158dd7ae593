/*
 * csv_infer.c - fuzz target: the schema of a CSV file, and the file read with it.
 *
 * The first bytes choose options. Every schema that is inferred must be one that the reader takes.
 */
#include "support/rows.h"

#define FLAG                                                                                       \
    {                                                                                              \
        NULL, "true", "false"                                                                      \
    }
static const FuzzOption options[] = {
    {"header", FLAG, 3},
    {"inferSchema", {"true", NULL}, 2},
    {"sep", {NULL, ";", "||"}, 3},
    {"quote", {NULL, "'", ""}, 3},
    {"escape", {NULL, "\""}, 2},
    {"comment", {NULL, "#"}, 2},
    {"multiLine", FLAG, 3},
    {"preferDate", FLAG, 3},
    {"samplingRatio", {NULL, "0.5"}, 2},
    {"nullValue", {NULL, "x"}, 2},
    {"ignoreLeadingWhiteSpace", FLAG, 3},
    {"maxColumns", {NULL, "3"}, 2},
    {"timestampFormat", {NULL, "dd.MM.yyyy"}, 2},
    {"lineSep", {NULL, "\n"}, 2},
};

static void read_back(const Type *schema, const void *opts, Arena *a)
{
    StrBuf rows = {0};
    uint64_t n_rows = 0;
    fb_error err = {0};
    ReadPlan plan = {.format = &format_csv, .tz = tz_utc(), .schema = schema, .options = opts};

    fb_status st = format_csv.check_schema(opts, schema, false, &err);
    FB_ASSERT(st == FB_OK);
    fuzz_all_columns(&plan, a);
    st = fuzz_read(&plan, FUZZ_DIR "/a.csv", 0, &n_rows, &rows, &err);
    fuzz_failed(st, &err);
    strbuf_free(&rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Conf *conf;
    static const char *const path = FUZZ_DIR "/a.csv";
    Arena a = {0};
    FuzzIn in = {data, size};
    Options o = {0};
    fb_error err = {0};
    const void *opts = NULL;
    const Type *schema = NULL;

    if (size > 4096) { /* types live as long as the process */
        return 0;
    }
    conf = conf ? conf : fuzz_conf();
    fuzz_options(&in, options, sizeof(options) / sizeof(options[0]), &o, &a);
    fb_status st = format_csv.options(&o, conf, false, &a, &opts, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        Str text = fuzz_rest(&in);
        fuzz_put_file(path, text.p, text.n);
        st = format_csv.infer(opts, conf, &path, 1, &schema, &err);
        fuzz_failed(st, &err);
    }
    if (st == FB_OK) {
        FB_ASSERT(schema->id == T_STRUCT);
        read_back(schema, opts, &a);
    }
    fuzz_remove_files();
    arena_free(&a);
    return 0;
}
