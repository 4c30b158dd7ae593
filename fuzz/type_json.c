/*
 * type_json.c - fuzz target: types and their metadata in Spark's JSON form.
 *
 * What is accepted must come back from the JSON that it is written as.
 */
#include "column/type.h"
#include "support/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const Type *t = NULL, *again = NULL;
    StrBuf text = {0}, second = {0};
    fb_error err = {0};

    if (size > 4096) {
        return 0;
    }
    Str in = fuzz_exact((Str){(const char *)data, size});
    fb_status st = type_from_json(in, &t, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        type_json(t, &text);
        if (type_from_json(strbuf_str(&text), &again, &err) != FB_OK) {
            fb_assert_fail(err.message, __FILE__, __LINE__);
        }
        FB_ASSERT(again == t);
        FB_ASSERT(type_as_nullable(type_as_nullable(t)) == type_as_nullable(t));
    }
    strbuf_clear(&text);
    if (type_metadata_normalize(in, &text)) {
        FB_ASSERT(type_metadata_normalize(strbuf_str(&text), &second));
        FB_ASSERT(str_eq(strbuf_str(&text), strbuf_str(&second)));
    }
    strbuf_free(&text);
    strbuf_free(&second);
    mem_free((void *)(uintptr_t)in.p);
    return 0;
}
