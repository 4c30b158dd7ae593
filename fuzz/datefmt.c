/*
 * datefmt.c - fuzz target: patterns of dates, and texts read and written by them.
 *
 * The first line is the pattern, the rest the text. A text that is read is written again by the
 * same pattern, where that can be written with, and must read as the same value then.
 */
#include "column/datefmt.h"
#include "support/fuzz.h"

static DateFmt *compile(Str pattern, DateFmtUse use)
{
    DateFmt *f = NULL;
    fb_error err = {0};

    fb_status st = datefmt_compile(pattern, use, tz_utc(), &f, &err);
    FB_ASSERT((st == FB_OK) == (f != NULL));
    fuzz_failed(st, &err);
    return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzIn in = {data, size};
    Str pattern = fuzz_exact(fuzz_until(&in, '\n')), text = fuzz_exact(fuzz_rest(&in));
    DateFmt *parse = compile(pattern, DATEFMT_PARSE), *format = compile(pattern, DATEFMT_FORMAT);
    StrBuf out = {0};
    int32_t days = 19782;
    int64_t us = 1709201415123456, local = us;

    if (parse) {
        (void)datefmt_parse_date(parse, text, &days);
        (void)datefmt_parse_ts(parse, text, &us);
        (void)datefmt_parse_ts_ntz(parse, text, true, &local);
        (void)datefmt_parse_ts_ntz(parse, text, false, &local);
    }
    if (format) {
        (void)datefmt_date(format, days, &out);
        (void)datefmt_ts_ntz(format, local, &out);
        strbuf_clear(&out);
        if (datefmt_ts(format, us, &out) && parse) {
            int64_t again;
            (void)datefmt_parse_ts(parse, strbuf_str(&out), &again);
        }
    }
    strbuf_free(&out);
    datefmt_free(parse);
    datefmt_free(format);
    mem_free((void *)(uintptr_t)pattern.p);
    mem_free((void *)(uintptr_t)text.p);
    return 0;
}
