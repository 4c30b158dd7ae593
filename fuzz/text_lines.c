/*
 * text_lines.c - fuzz target: a file into lines.
 *
 * The first bytes choose the separator, the ranges, what the file begins with and whether it is
 * compressed; the rest is the text. The lines must be those of a plain search, whatever the ranges;
 * LINES_PADDING bytes behind each must be readable; and taking many at once is the same.
 */
#include "format/format_priv.h"
#include "format/lines_priv.h"
#include "support/fuzz.h"

static const char *const separators[] = {NULL, "\n", "\r\n", "||", "a", "\xC3\xA9", "aab"};

#define GZIP_FILL ((size_t)256 << 10) /* bytes of a chunk of the inflated stream */

typedef struct Want {
    Str text;
    const char *sep;
} Want;

/* The next line by the book; false: none. */
static bool next_line(Want *w, Str *ret)
{
    Str sep = str_of(w->sep);
    const char *p = w->text.p, *end = p + w->text.n, *e = NULL, *next = end;

    if (w->text.n == 0) {
        return false;
    }
    if (w->sep) {
        e = memmem(p, w->text.n, sep.p, sep.n);
        next = e ? e + sep.n : end;
    } else {
        for (e = p; e < end && *e != '\n' && *e != '\r'; e++) {
        }
        next = e < end ? e + 1 + (*e == '\r' && e + 1 < end && e[1] == '\n') : end;
    }
    e = e ? e : end;
    *ret = (Str){p, (size_t)(e - p)};
    w->text = (Str){next, (size_t)(end - next)};
    return true;
}

static void expect_line(Want *w, Str got)
{
    volatile char sum = 0;
    Str line;

    FB_ASSERT(next_line(w, &line));
    FB_ASSERT(str_eq(line, got));
    for (size_t i = 0; i < LINES_PADDING; i++) {
        sum = (char)(sum ^ got.p[got.n + i]);
    }
}

static void read_range(const FileRange *r, Want *w, uint8_t many)
{
    LineReader *l = NULL;
    fb_error err = {0};
    View views[16];
    Str line;

    FB_ASSERT(lines_open(r, w->sep, &l, &err) == FB_OK);
    for (;;) {
        uint32_t n = w->sep ? 0 : lines_take(l, views, many % 16);
        for (uint32_t i = 0; i < n; i++) {
            Str got = view_str(&views[i]);
            if (got.n > 12) {
                expect_line(w, got);
            } else {
                Str want;
                FB_ASSERT(next_line(w, &want) && str_eq(want, got));
            }
        }
        fb_status st = lines_next(l, &line, &err);
        if (st == FB_STOP) {
            break;
        }
        FB_ASSERT(st == FB_OK);
        expect_line(w, line);
        if (many > 128) {
            lines_release(l);
        }
    }
    lines_close(l);
}

static void read_plain(Want w, uint8_t step, uint8_t many)
{
    int64_t n = (int64_t)w.text.n;
    bool split = !line_sep_overlaps(w.sep) && step > 0;

    fuzz_put_file(FUZZ_DIR "/a.txt", w.text.p, w.text.n);
    if (w.text.n >= 3 && memcmp(w.text.p, "\xEF\xBB\xBF", 3) == 0) {
        w.text = (Str){w.text.p + 3, w.text.n - 3};
    }
    for (int64_t from = 0, by = split ? step : n; from < n; from += by) {
        int64_t to = from + by < n ? from + by : n;
        read_range(&(FileRange){.path = FUZZ_DIR "/a.txt", .from = from, .to = to, .size = n}, &w,
                   many);
    }
    FB_ASSERT(w.text.n == 0);
}

static void read_gzip(Want w, uint8_t many)
{
    StrBuf packed = {0};
    fb_error err = {0};

    FB_ASSERT(codec_compress("gzip", w.text.p, w.text.n, &packed, &err) == FB_OK);
    fuzz_put_file(FUZZ_DIR "/a.gz", packed.p, packed.n);
    if (w.text.n >= 3 && memcmp(w.text.p, "\xEF\xBB\xBF", 3) == 0) {
        w.text = (Str){w.text.p + 3, w.text.n - 3};
    }
    read_range(&(FileRange){.path = FUZZ_DIR "/a.gz",
                            .to = (int64_t)packed.n,
                            .size = (int64_t)packed.n,
                            .whole = true},
               &w, many);
    FB_ASSERT(w.text.n == 0);
    strbuf_free(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzIn in = {data, size};
    Want w = {.sep = separators[fuzz_choice(&in, sizeof(separators) / sizeof(separators[0]))]};
    uint8_t step = fuzz_byte(&in), many = fuzz_byte(&in), fill = fuzz_byte(&in);
    StrBuf text = {0};
    bool gzip = fill & 1;

    /* In front of the text: nothing, or so much that the text is about the end of a page or chunk.
     */
    size_t n = fill < 64 ? 0 : gzip && fill < 72 ? GZIP_FILL : 4096;
    if (n > in.n) {
        strbuf_reserve(&text, n + 64);
        memset(text.p, '-', n - in.n + fill % 64);
        text.n = n - in.n + fill % 64;
        if (!w.sep || strcmp(w.sep, "\n") == 0) {
            text.p[text.n - 1] = '\n';
        }
        step = n > 4096 || step < 16 ? 0 : step;
    }
    strbuf_append(&text, in.p, in.n);
    w.text = strbuf_str(&text);
    if (gzip) {
        read_gzip(w, many);
    } else {
        read_plain(w, step, many);
    }
    fuzz_remove_files();
    strbuf_free(&text);
    return 0;
}
