/*
 * format_lines.c - lines of ranges and of compressed files: every way to cut a file gives the lines
 * of the whole, lines have room behind them, and damaged files say so.
 */
#include "format_harness.h"

#include <unistd.h>
#include <zstd.h>

#include "base/budget.h"
#include "format/lines_priv.h"

/* The lines of one range, each in brackets. */
static fb_status range_lines(const FileRange *range, const char *sep, bool taking, StrBuf *out,
                             fb_error *err)
{
    LineReader *r = NULL;
    View views[3];
    Str line;
    fb_status st;

    TRY(lines_open(range, sep, &r, err));
    for (;;) {
        uint32_t n = taking && r->any_eol ? lines_take(r, views, 3) : 0;
        for (uint32_t i = 0; i < n; i++) {
            Str s = view_str(&views[i]);
            strbuf_putc(out, '[');
            strbuf_append(out, s.p, s.n);
            strbuf_putc(out, ']');
        }
        if (n > 0) {
            continue;
        }
        st = lines_next(r, &line, err);
        if (st != FB_OK) {
            break;
        }
        unsigned sum = 0;
        for (size_t i = 0; i < LINES_PADDING; i++) {
            sum += (unsigned char)line.p[line.n + i]; /* has to be readable */
        }
        assert_true(sum < 256 * LINES_PADDING);
        strbuf_putc(out, '[');
        strbuf_append(out, line.p, line.n);
        strbuf_putc(out, ']');
    }
    lines_close(r);
    return st == FB_STOP ? FB_OK : st;
}

static void cut_lines(const char *path, size_t size, size_t step, const char *sep, bool taking,
                      StrBuf *out)
{
    fb_error err = {0};

    for (size_t from = 0; from < size; from += step) {
        size_t to = from + step < size ? from + step : size;
        FileRange range = {
            .path = path, .from = (int64_t)from, .to = (int64_t)to, .size = (int64_t)size};
        if (range_lines(&range, sep, taking, out, &err) != FB_OK) {
            fail_msg("%s", err.message);
        }
    }
}

static void check_cuts(const char *text, const char *sep, const char *expected)
{
    Arena a = {0};
    size_t n = strlen(text);
    const char *path = harness_put(&a, "cut.txt", text, n);

    for (size_t step = 1; step <= n; step++) {
        for (int taking = 0; taking < 2; taking++) {
            StrBuf out = {0};
            cut_lines(path, n, step, sep, taking, &out);
            assert_string_equal(strbuf_str(&out).p, expected);
            strbuf_free(&out);
        }
    }
    arena_free(&a);
}

static void test_cuts(void **state)
{
    (void)state;
    check_cuts("a\nbb\r\nccc\rd\n\ne", NULL, "[a][bb][ccc][d][][e]");
    check_cuts("\n\r\n\r\r\n\n\r", NULL, "[][][][][][]");
    check_cuts("\r\n\r\n", NULL, "[][]");
    check_cuts("one line only", NULL, "[one line only]");
    check_cuts("\xEF\xBB\xBFmark\nx\n", NULL, "[mark][x]");
    check_cuts("\xEF\xBB\xBF", NULL, "");
    check_cuts("a|b||c|", "|", "[a][b][][c]");
    check_cuts("a<>b<c<><>d", "<>", "[a][b<c][][d]");
    check_cuts("a\r\nb\rc\nd\r\n", "\r\n", "[a][b\rc\nd]");
    check_cuts("a\r\nb\n", "\n", "[a\r][b]");
    check_cuts("0123456789012345678901234567890123456789012345678901234567890123456789\n"
               "0123456789abcde\r\n0123456789abcdef\n0123456789abcdefg\r",
               NULL,
               "[0123456789012345678901234567890123456789012345678901234567890123456789]"
               "[0123456789abcde][0123456789abcdef][0123456789abcdefg]");
}

/* A separator that can overlap itself forbids splitting. */
static void test_overlap(void **state)
{
    (void)state;
    assert_false(line_sep_overlaps(NULL));
    assert_false(line_sep_overlaps("|"));
    assert_false(line_sep_overlaps("::x"));
    assert_true(line_sep_overlaps("||"));
    assert_true(line_sep_overlaps("aba"));
}

/* Lines of growing length, some longer than the reader's chunks; lf or crlf at their ends. */
static void add_long_lines(StrBuf *text, StrBuf *want)
{
    for (uint32_t i = 0; i < 24; i++) {
        strbuf_putc(want, '[');
        for (uint32_t k = 0; k < (1u << i) / 8 + i; k++) {
            char c = (char)('a' + (k * k + i) % 26);
            strbuf_putc(text, c);
            strbuf_putc(want, c);
        }
        strbuf_puts(text, i % 2 ? "\r\n" : "\n");
        strbuf_putc(want, ']');
    }
}

/* Lines that chunks cut, in ranges that begin and end anywhere in them. */
static void test_long_lines(void **state)
{
    Arena a = {0};
    StrBuf text = {0}, want = {0};
    static const size_t steps[] = {SIZE_MAX / 4, 262144, 262145, 1000003};
    LineReader *r = NULL;
    Str content;
    fb_error err = {0};

    (void)state;
    add_long_lines(&text, &want);
    const char *path = harness_put(&a, "long.txt", text.p, text.n);
    for (size_t k = 0; k < 4; k++) {
        for (int taking = 0; taking < 2; taking++) {
            StrBuf out = {0};
            cut_lines(path, text.n, steps[k], NULL, taking, &out);
            assert_int_equal(out.n, want.n);
            assert_memory_equal(out.p, want.p, want.n);
            strbuf_free(&out);
        }
    }
    FileRange range = {.path = path, .to = (int64_t)text.n, .size = (int64_t)text.n};
    assert_int_equal(lines_whole(&range, &r, &content, &err), FB_OK);
    assert_int_equal(content.n, text.n);
    assert_memory_equal(content.p, text.p, text.n);
    lines_close(r);
    strbuf_free(&text);
    strbuf_free(&want);
    arena_free(&a);
}

/* Files that end with a page. */
static void test_page_ends(void **state)
{
    Arena a = {0};

    (void)state;
    for (size_t size = 8192 - 70; size <= 8192; size++) {
        StrBuf text = {0}, out = {0}, want = {0};
        for (size_t i = 0; text.n < size; i++) {
            strbuf_putc(&text, i % 23 == 22 ? '\n' : (char)('a' + i % 26));
        }
        for (size_t i = 0; i < size; i++) {
            strbuf_puts(&want, i == 0 || text.p[i - 1] == '\n' ? "[" : "");
            if (text.p[i] != '\n') {
                strbuf_putc(&want, text.p[i]);
            }
            strbuf_puts(&want, text.p[i] == '\n' || i + 1 == size ? "]" : "");
        }
        const char *path = harness_put(&a, "page.txt", text.p, size);
        cut_lines(path, size, 3000, NULL, size % 2, &out);
        assert_string_equal(out.p, want.p);
        strbuf_free(&text);
        strbuf_free(&out);
        strbuf_free(&want);
        arena_reset(&a);
    }
    arena_free(&a);
}

/* ---- long lines, compressed files ---- */

static void put_zstd(const char *p, size_t n, StrBuf *out)
{
    size_t cap = ZSTD_compressBound(n);

    strbuf_reserve(out, cap);
    size_t got = ZSTD_compress(out->p + out->n, cap, p, n, 1);
    assert_false(ZSTD_isError(got));
    out->n += got;
}

static void compress_to(const char *name, const char *p, size_t n, StrBuf *out)
{
    fb_error err = {0};

    if (strcmp(name, "zstd") == 0) {
        put_zstd(p, n, out);
    } else {
        assert_int_equal(codec_compress(name, p, n, out, &err), FB_OK);
    }
}

static void test_compressed(void **state)
{
    static const char *const codecs[][2] = {
        {"gzip", "f.gz"}, {"deflate", "f.deflate"}, {"zstd", "f.zst"}, {"bzip2", "f.BZ2"}};
    Arena a = {0};
    StrBuf text = {0}, want = {0};
    fb_error err = {0};

    (void)state;
    add_long_lines(&text, &want);
    for (size_t k = 0; k < 4; k++) {
        StrBuf file = {0}, out = {0};
        size_t half = text.n / 3; /* members end anywhere */
        compress_to(codecs[k][0], text.p, half, &file);
        compress_to(codecs[k][0], text.p + half, text.n - half, &file);
        FileRange range = {.path = harness_put(&a, codecs[k][1], file.p, file.n),
                           .to = (int64_t)file.n,
                           .size = (int64_t)file.n,
                           .whole = true};
        for (int taking = 0; taking < 2; taking++) {
            strbuf_clear(&out);
            assert_int_equal(range_lines(&range, NULL, taking, &out, &err), FB_OK);
            assert_int_equal(out.n, want.n);
            assert_memory_equal(out.p, want.p, want.n);
        }
        LineReader *r = NULL;
        Str content;
        assert_int_equal(lines_whole(&range, &r, &content, &err), FB_OK);
        assert_int_equal(content.n, text.n);
        assert_memory_equal(content.p, text.p, text.n);
        lines_close(r);
        strbuf_free(&file);
        strbuf_free(&out);
    }
    strbuf_free(&text);
    strbuf_free(&want);
    arena_free(&a);
}

/* Lines stay good until they are released, over many chunks. */
static void test_lines_stay(void **state)
{
    Arena a = {0};
    StrBuf text = {0}, file = {0};
    fb_error err = {0};
    LineReader *r = NULL;
    Str line, kept[500];
    size_t n_kept = 0, n = 0;

    (void)state;
    for (uint32_t i = 0; i < 200000; i++) {
        strbuf_printf(&text, "line %u\n", i);
    }
    compress_to("gzip", text.p, text.n, &file);
    FileRange range = {.path = harness_put(&a, "f.gz", file.p, file.n),
                       .to = (int64_t)file.n,
                       .size = (int64_t)file.n,
                       .whole = true};
    assert_int_equal(lines_open(&range, NULL, &r, &err), FB_OK);
    while (lines_next(r, &line, &err) == FB_OK) {
        if (n % 200 == 0) {
            kept[n_kept++] = line;
        }
        if (++n % 100000 == 0) {
            for (size_t k = 0; k < n_kept; k++) {
                char expected[32];
                snprintf(expected, sizeof(expected), "line %zu", n - 100000 + k * 200);
                assert_true(str_eq(kept[k], str_of(expected)));
            }
            n_kept = 0;
            lines_release(r);
        }
    }
    assert_int_equal(n, 200000);
    lines_close(r);
    strbuf_free(&text);
    strbuf_free(&file);
    arena_free(&a);
}

/* A file cut anywhere gives lines of its start, then an error that names it. */
static void test_cut_short(void **state)
{
    static const char *const codecs[][2] = {
        {"gzip", "f.gz"}, {"deflate", "f.deflate"}, {"zstd", "f.zst"}, {"bzip2", "f.bz2"}};
    Arena a = {0};

    (void)state;
    for (size_t k = 0; k < 4; k++) {
        StrBuf file = {0};
        compress_to(codecs[k][0], "first\nsecond\nthird\n", 19, &file);
        for (size_t n = 1; n < file.n; n++) {
            StrBuf out = {0};
            fb_error err = {0};
            FileRange range = {.path = harness_put(&a, codecs[k][1], file.p, n),
                               .to = (int64_t)n,
                               .size = (int64_t)n,
                               .whole = true};
            assert_int_equal(range_lines(&range, NULL, false, &out, &err), FB_ERR);
            assert_string_equal(err_condition(err.id), "FAILED_READ_FILE.NO_HINT");
            assert_non_null(strstr(err.message, codecs[k][1]));
            assert_true(out.n == 0 || strncmp("[first][second][third]", out.p, out.n) == 0);
            err_clear(&err);
            strbuf_free(&out);
        }
        strbuf_free(&file);
    }
    arena_free(&a);
}

/* A file that loses its end while it is read: the lines before, then an error. */
static void test_cut_while_read(void **state)
{
    static const char *const codecs[][2] = {
        {"none", "f.txt"}, {"gzip", "f.gz"}, {"bzip2", "f.bz2"}};
    Arena a = {0};
    StrBuf text = {0};

    (void)state;
    for (uint32_t i = 0, x = 1; i < 200000; i++) {
        x = x * 1664525u + 1013904223u; /* does not compress well */
        strbuf_printf(&text, "%u\n", x);
    }
    for (size_t k = 0; k < 3; k++) {
        StrBuf file = {0};
        fb_error err = {0};
        LineReader *r = NULL;
        Str line, content;
        size_t n = 0;
        fb_status st;
        compress_to(codecs[k][0], text.p, text.n, &file);
        FileRange range = {.path = harness_put(&a, codecs[k][1], file.p, file.n),
                           .to = (int64_t)file.n,
                           .size = (int64_t)file.n};
        assert_int_equal(lines_open(&range, NULL, &r, &err), FB_OK);
        assert_int_equal(lines_next(r, &line, &err), FB_OK);
        assert_int_equal(truncate(range.path, (off_t)file.n / 2), 0);
        while ((st = lines_next(r, &line, &err)) == FB_OK) {
            n++;
            lines_release(r);
        }
        assert_int_equal(st, FB_ERR);
        assert_true(n > 10000 && n < 190000);
        assert_string_equal(err_condition(err.id), "FAILED_READ_FILE.NO_HINT");
        assert_non_null(strstr(err.message, codecs[k][1]));
        lines_close(r);
        err_clear(&err);
        assert_int_equal(lines_whole(&range, &r, &content, &err), FB_ERR);
        assert_string_equal(err_condition(err.id), "FAILED_READ_FILE.NO_HINT");
        err_clear(&err);
        strbuf_free(&file);
    }
    strbuf_free(&text);
    arena_free(&a);
}

/* Long lines are charged to the budget of who reads, and given back. */
static void test_budget(void **state)
{
    Arena a = {0};
    StrBuf text = {0}, want = {0};
    MemBudget budget = {.limit = 1 << 20};
    ArenaQuota quota = {.budget = &budget, .exempt = 1 << 20};
    fb_error err = {0};
    LineReader *r = NULL;
    Str content;

    (void)state;
    add_long_lines(&text, &want);
    FileRange range = {.path = harness_put(&a, "f.txt", text.p, text.n),
                       .to = (int64_t)text.n,
                       .size = (int64_t)text.n,
                       .quota = &quota};
    strbuf_clear(&want);
    assert_int_equal(range_lines(&range, NULL, false, &want, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), "UNABLE_TO_ACQUIRE_MEMORY");
    err_clear(&err);
    assert_int_equal(lines_whole(&range, &r, &content, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), "UNABLE_TO_ACQUIRE_MEMORY");
    err_clear(&err);
    budget.limit = 0;
    strbuf_clear(&want);
    assert_int_equal(range_lines(&range, NULL, false, &want, &err), FB_OK);
    assert_true(budget.peak > (int64_t)text.n / 4);
    assert_int_equal(budget.used, 0);
    strbuf_free(&text);
    strbuf_free(&want);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts),       cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_page_ends),  cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_lines_stay), cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_long_lines), cmocka_unit_test(test_cut_while_read),
        cmocka_unit_test(test_budget),
    };
    vfs_set_fsync(false);
    return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
