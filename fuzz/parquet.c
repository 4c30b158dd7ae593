/*
 * parquet.c - fuzz target: a Parquet file to a schema and rows.
 *
 * The first bytes choose a schema (that of the file first) and the ranges, the rest is the file.
 * What libparquet decodes is not instrumented; what is made of it here is: the schema's nodes, the
 * columns that are picked, the conversion of what Arrow hands over.
 */
#include "support/rows.h"

#define MOST_ROWS 100000u /* a footer may claim any number for columns that nobody reads */

static const char *const schemas[] = {
    NULL,
    "b TINYINT, s SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, o BOOLEAN, t STRING, y BINARY",
    "da DATE, ts TIMESTAMP, tn TIMESTAMP_NTZ, d9 DECIMAL(9,2), d18 DECIMAL(18,4), d38 "
    "DECIMAL(38,10)",
    "al ARRAY<BIGINT>, m MAP<STRING,INT>, st STRUCT<x:INT,q:ARRAY<STRUCT<z:STRING,no:INT>>>",
    "i DOUBLE, b DECIMAL(20,2), da TIMESTAMP_NTZ, st STRUCT<no:INT>, T BINARY, NO STRING",
    "no INT",
};

typedef struct Seen {
    uint64_t n_rows;
} Seen;

static fb_status take_rows(void *to, Worker *w, Batch *b, fb_error *err)
{
    Seen *seen = to;
    StrBuf out = {0};
    fb_status st = fuzz_take_rows(&out, w, b, err);

    strbuf_free(&out);
    seen->n_rows += b->n_rows;
    return st == FB_OK && seen->n_rows > MOST_ROWS ? FB_STOP : st;
}

static void read_file(const ReadPlan *plan, const char *path, int64_t size, int64_t step)
{
    Worker w = {0};
    Seen seen = {0};
    fb_error err = {0};
    fb_status st = FB_OK;
    uint64_t n_rows = 0;

    w.eval.arena = &w.arena;
    w.eval.tz = tz_utc();
    for (int64_t from = 0; st == FB_OK && from < size; from += step) {
        FileRange range = {.path = path,
                           .from = from,
                           .to = from + step < size ? from + step : size,
                           .size = size};
        st = format_parquet.read(plan, &range, &w, take_rows, &seen, &n_rows, &err);
    }
    FB_ASSERT(n_rows == seen.n_rows);
    fuzz_failed(st == FB_STOP ? FB_OK : st, &err);
    arena_free(&w.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Conf *conf;
    static const char path[] = FUZZ_DIR "/a.parquet";
    const char *const paths[] = {path};
    Arena a = {0};
    FuzzIn in = {data, size};
    Options o = {0};
    fb_error err = {0};
    ReadPlan plan = {.format = &format_parquet, .tz = tz_utc()};

    conf = conf ? conf : fuzz_conf();
    const char *ddl = schemas[fuzz_choice(&in, sizeof(schemas) / sizeof(schemas[0]))];
    int64_t pieces = 1 + fuzz_choice(&in, 4);
    Str file = fuzz_rest(&in);
    fuzz_put_file(path, file.p, file.n);
    FB_ASSERT(format_parquet.options(&o, conf, false, &a, &plan.options, &err) == FB_OK);
    fb_status st = ddl ? type_from_ddl(str_of(ddl), &plan.schema, &err)
                       : format_parquet.infer(plan.options, conf, paths, 1, &plan.schema, &err);
    FB_ASSERT(st == FB_OK || !ddl);
    if (st == FB_OK) {
        st = format_parquet.check_schema(plan.options, plan.schema, false, &err);
    }
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        fuzz_all_columns(&plan, &a);
        read_file(&plan, path, (int64_t)file.n, (int64_t)file.n / pieces + 1);
    }
    fuzz_remove_files();
    arena_free(&a);
    return 0;
}
