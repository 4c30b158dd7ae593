/*
 * type_ddl.c - fuzz target: types in DDL text.
 *
 * What is accepted must come back from its own texts: a type from its SQL form, and a schema from
 * its list of columns, except that CHAR(n) and VARCHAR(n) columns are strings in that list. Types
 * are interned, so that equal ones are one pointer; for the life of the process, hence the bound of
 * the input.
 */
#include "column/type.h"
#include "support/fuzz.h"

static void expect_same(const Type *t, Str text, bool list)
{
    const Type *again = NULL;
    fb_error err = {0};

    fb_status st = list ? type_from_ddl(text, &again, &err) : type_from_name(text, &again, &err);
    if (st != FB_OK) {
        fb_assert_fail(err.message, __FILE__, __LINE__);
    }
    if (list) {
        StrBuf second = {0};
        type_ddl(again, &second);
        FB_ASSERT(str_eq(strbuf_str(&second), text));
        strbuf_free(&second);
    } else {
        FB_ASSERT(again == t);
    }
}

/* SQL texts of fields that are not null say so, but arrays and maps have no word for it. */
static bool has_silent_null(const Type *t)
{
    bool silent =
        (t->id == T_ARRAY && !t->fields[0].nullable) || (t->id == T_MAP && !t->fields[1].nullable);

    for (uint32_t i = 0; i < t->n_fields && !silent; i++) {
        silent = has_silent_null(t->fields[i].type);
    }
    return silent;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const Type *t = NULL;
    StrBuf text = {0};
    fb_error err = {0};

    if (size > 4096) {
        return 0;
    }
    Str in = fuzz_exact((Str){(const char *)data, size});
    fb_status st = type_from_name(in, &t, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        FB_ASSERT(!has_silent_null(t));
        type_sql(t, &text);
        expect_same(t, strbuf_str(&text), false);
        strbuf_clear(&text);
        type_simple_string(t, &text);
    }
    st = type_from_ddl(in, &t, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK && t->id == T_STRUCT && t->n_fields > 0) {
        strbuf_clear(&text);
        type_ddl(t, &text);
        expect_same(t, strbuf_str(&text), true);
        strbuf_clear(&text);
        type_tree_string(t, 0, &text);
    }
    strbuf_free(&text);
    mem_free((void *)(uintptr_t)in.p);
    return 0;
}
