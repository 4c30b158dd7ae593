/*
 * format_text.c - the text format against what Spark was recorded to read and write, and many rows.
 */
#include "format_harness.h"

#define CASE(name, options, schema, columns, file, data, n, expected)                              \
    harness_check(&format_text, name, options, schema, columns, file, data, n, expected,           \
                  sizeof(expected) - 1);
#define WRITE(name, options, schema, data, expected)                                               \
    harness_check_write(&format_text, name, options, schema, data, expected, sizeof(expected) - 1);

static void test_recorded(void **state)
{
    (void)state;
#include "format_text.inc"
}

/* Several batches, with lines of all lengths around that of an inline view. */
static void test_many_lines(void **state)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    Arena a = {0};
    StrBuf file = {0}, want = {0}, got = {0};

    (void)state;
    for (uint32_t i = 0; i < 3 * BATCH_ROWS + 17; i++) {
        /* An empty line must not follow \r with \n. */
        for (uint32_t k = 0; k < i * 7 % 31 + (i % 150 == 0 && i > 0); k++) {
            strbuf_putc(&file, (char)('a' + (i + k) % 26));
            strbuf_putc(&want, (char)('a' + (i + k) % 26));
        }
        strbuf_puts(&file, ends[i / 50 % 3]);
        strbuf_putc(&want, '\n');
    }
    strbuf_putc(&file, 'x');
    strbuf_putc(&want, 'x');
    ReadCase c = {.format = &format_text,
                  .options = "",
                  .columns = "-",
                  .path = harness_put(&a, "many.txt", file.p, file.n)};
    for (c.split = 0; c.split < 80000; c.split += 10007) {
        /* The first row is empty, so the rendering has no newline in front of the second. */
        harness_read(&c, &got);
        assert_int_equal(got.n + 1, want.n);
        assert_memory_equal(got.p, want.p + 1, got.n);
        strbuf_clear(&got);
    }
    c.columns = "";
    c.split = 4096;
    harness_read(&c, &got);
    assert_string_equal(got.p, "COUNT 12306");
    strbuf_free(&file);
    strbuf_free(&want);
    strbuf_free(&got);
    arena_free(&a);
}

static void test_codecs(void **state)
{
    fb_error err = {0};

    (void)state;
    assert_string_equal(codec_extension(NULL), "");
    assert_string_equal(codec_extension("uncompressed"), "");
    assert_string_equal(codec_extension("GZIP"), ".gz");
    assert_string_equal(codec_extension("org.apache.hadoop.io.compress.GzipCodec"), ".gz");
    assert_string_equal(codec_extension("deflate"), ".deflate");
    assert_null(codec_extension("zstd")); /* Spark's text formats have it not */
    assert_int_equal(codec_check("zstd", &err), FB_ERR);
    assert_string_equal(err_condition(err.id),
                        "CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION");
    err_clear(&err);
    assert_int_equal(codec_check("lz4", &err), FB_ERR);
    assert_string_equal(err_condition(err.id), "UNSUPPORTED_FEATURE");
    err_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded),
        cmocka_unit_test(test_many_lines),
        cmocka_unit_test(test_codecs),
    };
    return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
