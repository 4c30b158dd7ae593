/*
 * json_bad.c - FAILFAST: the error of a record that is bad, as Spark words it.
 */
#include "format/json_priv.h"

static void put_type(const Type *t, StrBuf *out)
{
    strbuf_putc(out, '"');
    type_sql(t, out);
    strbuf_putc(out, '"');
}

static char *quoted(Arena *a, Str s)
{
    return arena_printf(a, "'%.*s'", (int)(s.n < 1000 ? s.n : 1000), s.p ? s.p : "null");
}

static fb_status fail_as_string(const JsonReader *r, Str record, fb_error *err)
{
    Arena a = {0};
    const char *field = arena_strndup(&a, r->bad.field.p ? r->bad.field.p : "", r->bad.field.n);

    fb_status st = err_set(err, ERR_MALFORMED_RECORD_IN_PARSING_CANNOT_PARSE_STRING_AS_DATATYPE,
                           "badRecord", arena_strndup(&a, record.p, record.n), "failFastMode",
                           "FAILFAST", "fieldName", arena_printf(&a, "`%s`", field), "fieldValue",
                           quoted(&a, r->bad.value), "inputType", "StringType", "targetType",
                           r->bad.type->id == T_FLOAT ? "FloatType" : "DoubleType", NULL);
    arena_free(&a);
    return st;
}

static void bad_cause(const JsonReader *r, fb_error *cause)
{
    static const char *const tokens[] = {
        [JT_NONE] = "NOT_AVAILABLE",       [JT_START_OBJECT] = "START_OBJECT",
        [JT_END_OBJECT] = "END_OBJECT",    [JT_START_ARRAY] = "START_ARRAY",
        [JT_END_ARRAY] = "END_ARRAY",      [JT_NAME] = "FIELD_NAME",
        [JT_STRING] = "VALUE_STRING",      [JT_INT] = "VALUE_NUMBER_INT",
        [JT_FLOAT] = "VALUE_NUMBER_FLOAT", [JT_TRUE] = "VALUE_TRUE",
        [JT_FALSE] = "VALUE_FALSE",        [JT_NULL] = "VALUE_NULL"};
    Arena a = {0};
    StrBuf type = {0};

    if (r->bad.type) {
        put_type(r->bad.type, &type);
    }
    char *type_text = strbuf_arena(&type, &a);
    if (r->bad.kind == JB_FIELD) {
        err_set(cause, ERR_CANNOT_PARSE_JSON_FIELD, "fieldName", quoted(&a, r->bad.field),
                "fieldValue",
                arena_strndup(&a, r->bad.value.p ? r->bad.value.p : "", r->bad.value.n), "jsonType",
                tokens[r->bad.tok], "dataType", type_text, NULL);
    } else if (r->bad.kind == JB_EMPTY) {
        err_set(cause, ERR_EMPTY_JSON_FIELD_VALUE, "dataType", type_text, NULL);
    } else if (r->bad.kind == JB_NULL_ROOT) {
        err_set(cause, ERR_INVALID_JSON_ROOT_FIELD, NULL);
    } else if (r->bad.kind == JB_VALUE && type_is_datetime(r->bad.type)) {
        err_set(cause, ERR_CAST_INVALID_INPUT_DATETIME, "expression", quoted(&a, r->bad.value),
                "sourceType", "\"STRING\"", "targetType", type_text, NULL);
    } else if (r->bad.kind == JB_VALUE) {
        const char *value = quoted(&a, r->bad.value);
        err_set(cause, ERR_MALFORMED_JSON, "reason",
                arena_printf(&a, "%s can't be read as %s", value, type_text), NULL);
    } else {
        err_set(cause, ERR_MALFORMED_JSON, "reason", r->parser.why ? r->parser.why : "", NULL);
    }
    arena_free(&a);
}

static fb_status fail_as_struct(Str record, fb_error *err)
{
    Arena a = {0};

    fb_status st = err_set(err, ERR_MALFORMED_RECORD_IN_PARSING_CANNOT_PARSE_JSON_ARRAYS_AS_STRUCTS,
                           "badRecord", arena_strndup(&a, record.p, record.n), "failFastMode",
                           "FAILFAST", NULL);
    arena_free(&a);
    return st;
}

fb_status json_fail_record(const JsonReader *r, const Vec *row, uint32_t n, uint32_t at, Str record,
                           fb_error *err)
{
    StrBuf text = {0};
    fb_error cause = {0};

    if (r->bad.kind == JB_STRING_AS) {
        return fail_as_string(r, record, err);
    }
    if (r->bad.kind == JB_ARRAY_ROOT) {
        return fail_as_struct(record, err);
    }
    strbuf_putc(&text, '[');
    for (uint32_t i = 0; i < n; i++) {
        strbuf_puts(&text, i > 0 ? "," : "");
        if (r->out_col[i] == UINT32_MAX) {
            strbuf_append(&text, record.p, record.n);
        } else {
            put_internal(&row[i], at, &text);
        }
    }
    strbuf_putc(&text, ']');
    bad_cause(r, &cause);
    fb_status st = err_set_cause(err, &cause, ERR_MALFORMED_RECORD_IN_PARSING, "badRecord", text.p,
                                 "failFastMode", "FAILFAST", NULL);
    strbuf_free(&text);
    return st;
}
