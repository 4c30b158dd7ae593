/*
 * Parquet: the layout that Spark writes, files there and back over any ranges, damaged files,
 * writers that fail. What Spark and Forebay read of each other is in tests/compat.
 */
#include "format_harness.h"

#include "format/parquet_priv.h"

#define ALL_TYPES                                                                                  \
    "b tinyint, s smallint, i int, l bigint, f float, d double, o boolean, t string, y binary, "   \
    "da date, ts timestamp, tn timestamp_ntz, d9 decimal(9,2), d18 decimal(18,4), "                \
    "d38 decimal(38,10), al array<bigint>, m map<string,int>, "                                    \
    "st struct<x:int,q:array<struct<z:string>>>"

/* ---- files ---- */

typedef struct Encoded {
    FileEncoder *e;
    StrBuf bytes;
    uint32_t left; /* writes that go well; UINT32_MAX: all */
} Encoded;

static fb_status take_bytes(void *to, const void *p, size_t n, fb_error *err)
{
    Encoded *x = to;

    if (x->left == 0) {
        return err_set(err, ERR_IO, "action", "write", "path", "here", "reason", "no more", NULL);
    }
    x->left -= x->left != UINT32_MAX;
    strbuf_append(&x->bytes, p, n);
    return FB_OK;
}

static fb_status add_rows(void *to, Worker *w, Batch *b, fb_error *err)
{
    (void)w;
    return parquet_encoder.add(((Encoded *)to)->e, b, err);
}

/* JSON lines as a Parquet file in x->bytes. */
static fb_status encode(const char *json, const char *schema, const char *options, Encoded *x,
                        fb_error *err)
{
    Arena a = {0};
    Options none = {0}, o = {0};
    Conf *conf = conf_new();
    Worker w = {0};
    StrBuf unused = {0};
    uint64_t n_rows = 0;
    const void *made;
    ReadCase c = {.format = &format_json, .schema = schema, .columns = "-", .path = json};
    ReadPlan plan = {.format = &format_json};
    VfsStat stat;

    harness_options(options, &o, conf, &a);
    assert_int_equal(harness_plan(&c, &none, conf, &a, &plan, &unused, err), FB_OK);
    assert_int_equal(vfs()->stat(json, &stat, err), FB_OK);
    FileRange range = {.path = json, .to = stat.size, .size = stat.size};
    w.eval.arena = &w.arena;
    fb_status st = format_parquet.options(&o, conf, true, &a, &made, err);
    assert_int_equal(st, FB_OK);
    st = parquet_encoder.open(made, plan.schema, tz_utc(), take_bytes, x, &x->e, err);
    if (st == FB_OK) {
        st = format_json.read(&plan, &range, &w, add_rows, x, &n_rows, err);
        st = st == FB_OK ? parquet_encoder.finish(x->e, err) : st;
        parquet_encoder.free(x->e);
    }
    arena_free(&w.arena);
    conf_free(conf);
    arena_free(&a);
    return st;
}

static void encode_well(const char *json, const char *schema, const char *options, Encoded *x)
{
    fb_error err = {0};

    *x = (Encoded){.left = UINT32_MAX};
    if (encode(json, schema, options, x, &err) != FB_OK) {
        fail_msg("%s", err.message);
    }
}

/* Rows of every type, each null now and then. */
static char *put_json(Arena *a, uint32_t n)
{
    StrBuf b = {0};

    for (uint32_t i = 0; i < n; i++) {
        strbuf_printf(&b,
                      "{\"b\":%u,\"s\":%u,\"i\":%u,\"l\":%u000000007,\"f\":%u.5,\"d\":%u.25,"
                      "\"o\":%s,\"t\":\"%u a string that is long\",\"y\":\"eHk=\"",
                      i % 100, i % 30000, i, i, i, i, i % 2 ? "true" : "false", i);
        if (i % 3) {
            strbuf_printf(&b,
                          ",\"da\":\"%u-02-03\",\"ts\":\"%u-01-02T03:04:05.678901Z\","
                          "\"tn\":\"%u-01-02T03:04:05.678901\",\"d9\":%u.25,\"d18\":-%u.0001,"
                          "\"d38\":%u.5",
                          1000 + i % 3000, 1900 + i % 300, 1000 + i % 3000, i, i, i);
        }
        if (i % 4) {
            strbuf_printf(&b,
                          ",\"al\":[%u,null],\"m\":{\"k%u\":%u,\"n\":null},"
                          "\"st\":{\"x\":%u,\"q\":[{\"z\":\"s\"},null]}",
                          i, i, i, i);
        }
        strbuf_puts(&b, "}\n");
    }
    char *path = harness_put(a, "in.json", b.p, b.n);
    strbuf_free(&b);
    return path;
}

static void test_round_trip(void **state)
{
    static const char *const options[] = {
        "compression=none", "parquet.block.size=20000;compression=zstd",
        "spark.sql.parquet.outputTimestampType=TIMESTAMP_MICROS",
        "spark.sql.parquet.writeLegacyFormat=true;compression=gzip"};

    (void)state;
    for (size_t k = 0; k < sizeof(options) / sizeof(options[0]); k++) {
        Arena a = {0};
        Encoded x;
        StrBuf want = {0}, got = {0};
        char *json = put_json(&a, 6000);
        ReadCase c = {.format = &format_json,
                      .schema = ALL_TYPES,
                      .options = "",
                      .columns = "-",
                      .path = json};
        encode_well(json, ALL_TYPES, options[k], &x);
        harness_read(&c, &want);
        c.format = &format_parquet;
        c.path = harness_put(&a, "out.parquet", x.bytes.p, x.bytes.n);
        for (c.split = 0; c.split < 300000; c.split = c.split * 3 + 1001) {
            strbuf_clear(&got);
            harness_read(&c, &got);
            if (!str_eq(strbuf_str(&got), strbuf_str(&want))) {
                fail_msg("%s, ranges of %d: other rows", options[k], (int)c.split);
            }
        }
        strbuf_free(&want);
        strbuf_free(&got);
        strbuf_free(&x.bytes);
        arena_free(&a);
    }
}

static void test_columns_and_counts(void **state)
{
    Arena a = {0};
    Encoded x;
    StrBuf got = {0};
    const char *json = harness_put(&a, "in.json", "{\"a\":1,\"b\":\"x\"}\n{\"b\":\"y\"}\n", 26);
    ReadCase c = {.format = &format_parquet, .options = ""};

    (void)state;
    encode_well(json, "a int, b string", "", &x);
    c.path = harness_put(&a, "out.parquet", x.bytes.p, x.bytes.n);
    static const struct {
        const char *schema, *columns, *rows;
    } cases[] = {{NULL, "-", "struct<a:int,b:string>"},
                 {"a int, b string", "b,a", "x|1\ny|~"},
                 {"B string, no int", "-", "x|~\ny|~"},
                 {"no int", "-", "~\n~"},
                 {"a int", "", "COUNT 2"},
                 {"a decimal(12,1)", "-", "1.0\n~"},
                 {"a string", "-", "ERR FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH"},
                 {"a struct<x:int>", "-", "ERR FAILED_READ_FILE.NO_HINT < FAILED_IO"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        c.schema = cases[i].schema;
        c.columns = cases[i].columns;
        strbuf_clear(&got);
        harness_read(&c, &got);
        assert_string_equal(got.p, cases[i].rows);
    }
    strbuf_free(&got);
    strbuf_free(&x.bytes);
    arena_free(&a);
}

/* A file of an old Spark: its old dates are refused, its modern ones are not. */
static void test_old_calendar(void **state)
{
    static const struct {
        const char *day, *rows;
    } cases[] = {{"1582-10-14", "ERR UNSUPPORTED_FEATURE"}, {"1582-10-15", "1582-10-15"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        Arena a = {0};
        Encoded x;
        StrBuf got = {0};
        const char *json = arena_printf(&a, "{\"d\":\"%s\"}\n", cases[i].day);
        encode_well(harness_put(&a, "in.json", json, strlen(json)), "d date", "", &x);
        ReadCase c = {.format = &format_parquet, .options = "", .schema = "d date", .columns = "-"};
        c.path = harness_put(&a, "out.parquet", x.bytes.p, x.bytes.n);
        harness_read(&c, &got);
        assert_string_equal(got.p, cases[i].day);
        char *version = memmem(x.bytes.p, x.bytes.n, "4.3.0", 5);
        assert_non_null(version);
        memcpy(version, "2.4.8", 5);
        c.path = harness_put(&a, "out.parquet", x.bytes.p, x.bytes.n);
        strbuf_clear(&got);
        harness_read(&c, &got);
        assert_string_equal(got.p, cases[i].rows);
        strbuf_free(&got);
        strbuf_free(&x.bytes);
        arena_free(&a);
    }
}

/* Any byte may be wrong, and the file may end anywhere: rows or an error, nothing else. */
static void test_damage(void **state)
{
    Arena a = {0};
    Encoded x;
    StrBuf got = {0};
    char *json = put_json(&a, 7);
    ReadCase c = {.format = &format_parquet, .options = "", .schema = ALL_TYPES, .columns = "-"};
    uint32_t n_errors = 0;

    (void)state;
    encode_well(json, ALL_TYPES, "compression=none", &x);
    for (size_t i = 0; i < x.bytes.n; i += 3) {
        char was = x.bytes.p[i];
        x.bytes.p[i] = (char)(was ^ (i % 2 ? 0x81 : 0xff));
        c.path = harness_put(&a, "bad.parquet", x.bytes.p, x.bytes.n);
        strbuf_clear(&got);
        harness_read(&c, &got);
        n_errors += got.n > 3 && memcmp(got.p, "ERR", 3) == 0;
        x.bytes.p[i] = was;
    }
    for (size_t n = 1; n < x.bytes.n; n += 101) {
        c.path = harness_put(&a, "bad.parquet", x.bytes.p, n);
        strbuf_clear(&got);
        harness_read(&c, &got);
        assert_string_equal(got.p, "ERR FAILED_READ_FILE.NO_HINT < FAILED_IO");
    }
    assert_true(n_errors > 10);
    strbuf_free(&got);
    strbuf_free(&x.bytes);
    arena_free(&a);
}

/* Whichever write fails, that failure comes out and nothing is written after it. */
static void test_failing_writes(void **state)
{
    Arena a = {0};
    char *json = put_json(&a, 3000);
    uint32_t n = 0;
    fb_status st;

    (void)state;
    do {
        Encoded x = {.left = n};
        fb_error err = {0};
        st = encode(json, ALL_TYPES, "parquet.block.size=20000", &x, &err);
        if (st != FB_OK) {
            assert_int_equal(err.id, ERR_IO);
            assert_non_null(strstr(err.message, "no more"));
            assert_int_equal(x.left, 0);
        }
        err_clear(&err);
        strbuf_free(&x.bytes);
        n = n * 2 + 1;
    } while (st != FB_OK);
    assert_true(n > 30);
    arena_free(&a);
}

/* ---- layouts ---- */

static void put_nodes(const ParquetNode *nodes, int32_t *at, StrBuf *out)
{
    static const char *const repetition[] = {"", "?", "*"};
    const ParquetNode *n = &nodes[(*at)++];

    strbuf_printf(out, "%s%s ", n->name, repetition[n->repetition]);
    parquet_type_text(n, out);
    if (n->physical == PARQUET_FIXED) {
        strbuf_printf(out, "[%d]", n->length);
    }
    if (n->physical != PARQUET_GROUP) {
        return;
    }
    strbuf_puts(out, " {");
    for (int32_t i = 0; i < n->n_children; i++) {
        strbuf_puts(out, i > 0 ? "; " : "");
        put_nodes(nodes, at, out);
    }
    strbuf_putc(out, '}');
}

static void test_layouts(void **state)
{
    static const struct {
        const char *ddl;
        int32_t unit;
        bool legacy;
        const char *nodes;
    } cases[] = {
        {"a tinyint, b smallint not null", 0, false,
         "a? INT32 (INTEGER(8,true)); b INT32 (INTEGER(16,true))"},
        {"t timestamp, n timestamp_ntz", 0, false, "t? INT96; n? INT64 (TIMESTAMP(MICROS,false))"},
        {"t timestamp, n timestamp_ntz", 3, false,
         "t? INT64 (TIMESTAMP(MILLIS,true)); n? INT64 (TIMESTAMP(MICROS,false))"},
        {"a decimal(9,2), b decimal(18,2), c decimal(19,2), d decimal(38,2)", 0, false,
         "a? INT32 (DECIMAL(9,2)); b? INT64 (DECIMAL(18,2)); "
         "c? FIXED_LEN_BYTE_ARRAY (DECIMAL(19,2))[9]; "
         "d? FIXED_LEN_BYTE_ARRAY (DECIMAL(38,2))[16]"},
        {"a decimal(1,0), b decimal(9,2)", 0, true,
         "a? FIXED_LEN_BYTE_ARRAY (DECIMAL(1,0))[1]; b? FIXED_LEN_BYTE_ARRAY (DECIMAL(9,2))[4]"},
        {"v void, s string, y binary, d date", 0, false,
         "v? BOOLEAN (UNKNOWN); s? BINARY (STRING); y? BINARY; d? INT32 (DATE)"},
        {"a array<int>, m map<string,int>", 0, false,
         "a? group (LIST) {list* group {element? INT32}}; "
         "m? group (MAP) {key_value* group {key BINARY (STRING); value? INT32}}"},
        {"a array<array<int>>", 0, true,
         "a? group (LIST) {bag* group {array? group (LIST) {bag* group {array? INT32}}}}"},
        {"s struct<x:int,y:struct<z:date>>", 0, false,
         "s? group {x? INT32; y? group {z? INT32 (DATE)}}"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena a = {0};
        StrBuf out = {0};
        fb_error err = {0};
        const Type *t;
        const ParquetNode *nodes;
        int32_t n, at = 1;
        ParquetOptions o = {.timestamp_unit = cases[i].unit, .legacy = cases[i].legacy};
        assert_int_equal(type_from_ddl(str_of(cases[i].ddl), &t, &err), FB_OK);
        assert_int_equal(parquet_nodes_of(t, &o, &a, &nodes, &n, &err), FB_OK);
        while (at < n) {
            strbuf_puts(&out, out.n > 0 ? "; " : "");
            put_nodes(nodes, &at, &out);
        }
        assert_string_equal(out.p, cases[i].nodes);
        strbuf_free(&out);
        arena_free(&a);
    }
}

static void test_merge(void **state)
{
    static const struct {
        const char *a, *b, *merged; /* NULL: they do not fit */
    } cases[] = {{"a int", "b string, A int", "struct<a:int,b:string>"},
                 {"s struct<x:int>", "s struct<y:date,x:int>", "struct<s:struct<x:int,y:date>>"},
                 {"l array<struct<x:int>>", "l array<struct<y:int>>",
                  "struct<l:array<struct<x:int,y:int>>>"},
                 {"m map<string,int>", "m map<string,int>", "struct<m:map<string,int>>"},
                 {"a int", "a bigint", NULL},
                 {"a decimal(5,2)", "a decimal(6,2)", NULL},
                 {"a array<int>", "a map<int,int>", NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        StrBuf out = {0};
        fb_error err = {0};
        const Type *a, *b, *merged;
        assert_int_equal(type_from_ddl(str_of(cases[i].a), &a, &err), FB_OK);
        assert_int_equal(type_from_ddl(str_of(cases[i].b), &b, &err), FB_OK);
        if (parquet_merge(a, b, false, &merged, &err) == FB_OK) {
            type_simple_string(merged, &out);
            assert_non_null(cases[i].merged);
            assert_string_equal(out.p, cases[i].merged);
        } else {
            assert_null(cases[i].merged);
            assert_string_equal(err_condition(err.id), "CANNOT_MERGE_SCHEMAS");
        }
        err_clear(&err);
        strbuf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layouts),        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_columns_and_counts),
        cmocka_unit_test(test_old_calendar),   cmocka_unit_test(test_damage),
        cmocka_unit_test(test_failing_writes),
    };
    return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
