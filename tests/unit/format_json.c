/*
 * format_json.c - the JSON format: what Spark was recorded to read, infer and write, and that the
 * fast ways through the reader give what the slow one gives.
 */
#include "format_harness.h"

#define CASE(name, options, schema, columns, file, data, n, expected)                              \
    harness_check(&format_json, name, options, schema, columns, file, data, n, expected,           \
                  sizeof(expected) - 1);
#define WRITE(name, options, schema, data, expected)                                               \
    harness_check_write(&format_json, name, options, schema, data, expected, sizeof(expected) - 1);

static void test_recorded(void **state)
{
    (void)state;
#include "format_json.inc"
}

/* ---- lines by themselves and in a file ---- */

static uint64_t random_state = 88172645463325252ull;

static uint32_t random_below(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % n;
}

typedef struct Kind {
    const char *name;
    const char *values[12]; /* the first is the plainest */
} Kind;

static const Kind kinds[] = {
    {"by", {"1", "-128", "127", "128", "255", "256", "01", "null", "\"1\""}},
    {"i", {"7", "-2147483648", "2147483647", "2147483648", "-0", "null", "1e2", "12345678"}},
    {"l",
     {"123456789", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "null",
      "123456789012345678", "1234567890123456789"}},
    {"f", {"1.5", "0.1", "-0", "-0.0", "1e39", "16777217", "null", "\"NaN\""}},
    {"d",
     {"1.5", "0.1", "-0", "1e308", "1e309", "9007199254740993", "null", "123456789012345678",
      "1E-5", "12345678901234567890", "0.30000000000000004", "1e23"}},
    {"c", {"1.25", "1.255", "-1.005", "99999999.99", "100000000", "null", "\"1.5\"", "1e2"}},
    {"s",
     {"\"short\"", "\"\"", "\"a string beyond twelve\"", "\"caf\303\251\"", "\"twelve bytes\"",
      "\"\344\270\226\347\225\214\360\237\230\200\"", "\"a\\\"b\"", "\"\\u0041\"", "null", "5",
      "\"tab\there\"", "\"bad \303\""}},
    {"da",
     {"\"2024-01-02\"", "\"2024-02-29\"", "\"2023-02-29\"", "\"0001-01-01\"", "\"2024-1-2\"",
      "null", "\"2024-13-01\"", "\"2024-01-32\"", "\"1900-02-29\"", "\"9999-12-31\"", "5"}},
    {"ts",
     {"\"2024-01-02 03:04:05\"", "\"2024-01-02T03:04:05Z\"", "\"2024-01-02T03:04:05.123\"",
      "\"2024-01-02T03:04:05.1234567\"", "\"2024-01-02T03:04:05+01:00\"", "null", "1704164645",
      "\"2024-01-02 23:59:60\"", "\"2024-01-02T03:04:05.\"", "\"\""}},
    {"b", {"true", "false", "null", "\"true\"", "tru"}},
    {"u", {"1", "\"x\"", "true", "null", "1.5e10", "\"\\n\"", "-0", "01", "\"\\q\"", "[1]"}},
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* A line with some of the fields; most values are plain, so that lines look alike. */
static void add_line(StrBuf *out, uint32_t layout)
{
    const char *comma = layout & 1 ? ", " : ",", *colon = layout & 2 ? ": " : ":";
    bool odd = random_below(4) == 0, first = true;

    strbuf_putc(out, '{');
    for (uint32_t i = 0; i < N_KINDS; i++) {
        const Kind *k = &kinds[(i + layout) % N_KINDS];
        uint32_t n = 0;
        if ((layout >> (i % 5) & 1) && i > 4) {
            continue;
        }
        while (n < 12 && k->values[n]) {
            n++;
        }
        strbuf_puts(out, first ? "" : comma);
        first = false;
        strbuf_printf(out, "\"%s\"%s%s", k->name, colon,
                      k->values[odd && random_below(4) == 0 ? random_below(n) : 0]);
    }
    strbuf_puts(out, random_below(40) == 0 ? "" : "}");
}

static const char mixed_schema[] =
    "by BYTE, i INT, l LONG, f FLOAT, d DOUBLE, c DECIMAL(10,2), s STRING, da DATE, ts TIMESTAMP, "
    "b BOOLEAN, absent INT, _corrupt_record STRING";

/* Lines in files of their own are too short for the fast path, and a comment in front keeps
 * simdjson away too; together they are read by all of it. */
static void read_apart(const StrBuf *file, const char *options, StrBuf *out)
{
    Arena a = {0};
    const char *p = file->p, *end = file->p + file->n;

    for (const char *q; p < end; p = q + 1) {
        StrBuf one = {0}, line = {0};
        q = memchr(p, '\n', (size_t)(end - p));
        strbuf_append(&line, p, (size_t)(q - p));
        ReadCase c = {.format = &format_json,
                      .options = options,
                      .schema = mixed_schema,
                      .columns = "-",
                      .path = harness_put(&a, "one.json", line.p, line.n)};
        harness_read(&c, &one);
        if (out->n > 0 && one.n > 0) {
            strbuf_putc(out, '\n');
        }
        strbuf_append(out, one.p, one.n);
        strbuf_free(&one);
        strbuf_free(&line);
        arena_reset(&a);
    }
    arena_free(&a);
}

static void test_lines_alike(void **state)
{
    static const char *const options[] = {"", "mode=DROPMALFORMED", "timeZone=America/New_York"};
    Arena a = {0};

    (void)state;
    vfs_set_fsync(false);
    for (size_t o = 0; o < 3; o++) {
        StrBuf file = {0}, apart = {0}, together = {0};
        uint32_t layout = 0;
        for (int i = 0; i < 500; i++) {
            layout = random_below(20) == 0 ? random_below(32) : layout;
            add_line(&file, layout);
            strbuf_putc(&file, '\n');
        }
        read_apart(&file, options[o], &apart);
        ReadCase c = {.format = &format_json,
                      .options = options[o],
                      .schema = mixed_schema,
                      .columns = "-",
                      .path = harness_put(&a, "all.json", file.p, file.n)};
        for (c.split = 0; c.split < 100000; c.split += 33333) {
            harness_read(&c, &together);
            assert_int_equal(together.n, apart.n);
            assert_memory_equal(together.p, apart.p, apart.n);
            strbuf_clear(&together);
        }
        strbuf_free(&file);
        strbuf_free(&apart);
        strbuf_free(&together);
    }
    arena_free(&a);
}

/* More rows than a batch has, of one array, whose texts live in the arena that batches reset. */
static void test_large_array(void **state)
{
    Arena a = {0};
    StrBuf file = {0}, want = {0}, got = {0};
    const uint32_t n = BATCH_ROWS + 1000;

    (void)state;
    for (uint32_t i = 0; i < n; i++) {
        strbuf_printf(&file, "%c{\"l\":%u,\"s\":\"a text with \\u0041 in it %u\"}",
                      i == 0 ? '[' : ',', i, i);
        strbuf_printf(&want, "%s%u|a text with A in it %u", i == 0 ? "" : "\n", i, i);
    }
    strbuf_putc(&file, ']');
    ReadCase c = {.format = &format_json,
                  .options = "",
                  .schema = "l LONG, s STRING",
                  .columns = "-",
                  .path = harness_put(&a, "array.json", file.p, file.n)};
    harness_read(&c, &got);
    assert_string_equal(got.p, want.p);
    strbuf_free(&file);
    strbuf_free(&want);
    strbuf_free(&got);
    arena_free(&a);
}

static void expect_refused(const char *options, const char *schema, const char *file,
                           const char *condition)
{
    Arena a = {0};
    StrBuf out = {0};
    ReadCase c = {.format = &format_json,
                  .options = options,
                  .schema = schema,
                  .columns = "-",
                  .path = harness_put(&a, file, "{\"a\":1}\n", 8)};

    harness_read(&c, &out);
    assert_string_equal(out.p, condition);
    strbuf_free(&out);
    arena_free(&a);
}

/* What Spark has and Forebay has not is named. */
static void test_refused(void **state)
{
    (void)state;
    expect_refused("encoding=ISO-8859-1;lineSep=|", "a INT", "f.json", "ERR UNSUPPORTED_FEATURE");
    expect_refused("locale=de-DE", "a INT", "f.json", "ERR UNSUPPORTED_FEATURE");
    expect_refused("singleVariantColumn=v", "a INT", "f.json", "ERR UNSUPPORTED_FEATURE");
    expect_refused("", "a MAP<INT,INT>", "f.json", "ERR UNSUPPORTED_FEATURE");
    expect_refused("", "a INT", "f.json.lz4", "ERR UNSUPPORTED_FEATURE");
    expect_refused("", "a INT", "f.json.snappy", "ERR UNSUPPORTED_FEATURE");
    expect_refused("spark.sql.legacy.timeParserPolicy=LEGACY", "a INT", "f.json",
                   "ERR UNSUPPORTED_FEATURE");
    expect_refused("timestampFormat=QQQQQ", "a INT, t TIMESTAMP", "f.json",
                   "ERR INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER");
}

static void test_missing_file(void **state)
{
    fb_error err = {0};
    FileRange range = {.path = "/tmp/forebay_no_such_file.json", .to = 10, .size = 10};
    LineReader *l = NULL;
    ReadPlan plan = {.ignore_missing = true};

    (void)state;
    assert_int_equal(lines_open(&range, NULL, &l, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), "FAILED_READ_FILE.FILE_NOT_EXIST");
    assert_true(format_skips_error(&plan, &err));
    assert_false(err_is_set(&err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded),     cmocka_unit_test(test_lines_alike),
        cmocka_unit_test(test_large_array),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_missing_file),
    };
    return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
