/*
 * type_json.c - Spark's JSON form of types (DataType.json, DataType.fromJson of Spark 4.3).
 *
 * A type without fields is a string with its name; array, map and struct are objects. Members are
 * written in Spark's order, and what is read must have exactly Spark's members (nullable and
 * metadata of a field may be missing).
 *
 * Ownership: texts are appended to the caller's buffer; the jansson tree lives within the call.
 * Threads:   no state.
 */
#include "column/type.h"

#include "column/collation.h"
#include "column/type_priv.h"

/* ---- writing ---- */

#define COLLATIONS "__COLLATIONS" /* in the metadata: path in the type -> provider.name */

void type_put_json_string(StrBuf *out, Str s)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char from[] = "\"\\\n\r\t\f\b", to[] = "\"\\nrtfb";

    strbuf_putc(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i] == CSTR_NUL ? '\0' : s.p[i];
        const char *at = c ? strchr(from, c) : NULL;
        if (at) {
            strbuf_putc(out, '\\');
            strbuf_putc(out, to[at - from]);
        } else if ((unsigned char)c < 0x20) {
            strbuf_puts(out, "\\u00");
            strbuf_putc(out, hex[(unsigned char)c >> 4]);
            strbuf_putc(out, hex[c & 15]);
        } else {
            strbuf_putc(out, c);
        }
    }
    strbuf_putc(out, '"');
}

static void put_bool(const char *key, bool value, StrBuf *out)
{
    strbuf_printf(out, ",\"%s\":%s", key, value ? "true" : "false");
}

/* "a.element":"spark.UTF8_LCASE" for each collated string at the path, those in structs left out.
 */
static void put_collations(const Type *t, StrBuf *path, StrBuf *out)
{
    if (t->id == T_STRING && t->precision != 0) {
        strbuf_puts(out, out->n > 0 ? "," : "");
        type_put_json_string(out, strbuf_str(path));
        strbuf_printf(out, ":\"%s.%s\"", collation_provider(t), collation_name(t));
    }
    for (uint32_t i = 0; i < t->n_fields && t->id != T_STRUCT; i++) {
        size_t n = path->n;
        strbuf_printf(path, ".%s", t->fields[i].name);
        put_collations(t->fields[i].type, path, out);
        path->n = n;
        path->p[n] = '\0';
    }
}

static void put_metadata(const Field *f, StrBuf *out)
{
    const char *rest = f->metadata ? f->metadata : "{}";
    StrBuf path = {0}, list = {0};
    strbuf_puts(&path, f->name);
    put_collations(f->type, &path, &list);
    if (list.n > 0) {
        strbuf_printf(out, "{\"" COLLATIONS "\":{%s}%s%s", list.p, rest[1] == '}' ? "" : ",",
                      rest + 1);
    } else {
        strbuf_puts(out, rest);
    }
    strbuf_free(&path);
    strbuf_free(&list);
}

static void put_class(const char *key, const char *name, StrBuf *out)
{
    if (name) {
        strbuf_printf(out, ",\"%s\":", key);
        type_put_json_string(out, str_of(name));
    }
}

static void put_udt(const Type *t, StrBuf *out)
{
    strbuf_puts(out, "{\"type\":\"udt\"");
    put_class("class", t->udt.jvm_class, out);
    put_class("pyClass", t->udt.py_class, out);
    put_class("serializedClass", t->udt.serialized, out);
    strbuf_puts(out, ",\"sqlType\":");
    type_json(type_sql_type(t), out);
    strbuf_putc(out, '}');
}

void type_json(const Type *t, StrBuf *out)
{
    if (type_is_udt(t)) {
        put_udt(t, out);
    } else if (t->id == T_ARRAY) {
        strbuf_puts(out, "{\"type\":\"array\",\"elementType\":");
        type_json(t->fields[0].type, out);
        put_bool("containsNull", t->fields[0].nullable, out);
        strbuf_putc(out, '}');
    } else if (t->id == T_MAP) {
        strbuf_puts(out, "{\"type\":\"map\",\"keyType\":");
        type_json(t->fields[0].type, out);
        strbuf_puts(out, ",\"valueType\":");
        type_json(t->fields[1].type, out);
        put_bool("valueContainsNull", t->fields[1].nullable, out);
        strbuf_putc(out, '}');
    } else if (t->id == T_STRUCT) {
        strbuf_puts(out, "{\"type\":\"struct\",\"fields\":[");
        for (uint32_t i = 0; i < t->n_fields; i++) {
            const Field *f = &t->fields[i];
            strbuf_puts(out, i > 0 ? ",{\"name\":" : "{\"name\":");
            type_put_json_string(out, str_of(f->name));
            strbuf_puts(out, ",\"type\":");
            type_json(f->type, out);
            put_bool("nullable", f->nullable, out);
            strbuf_puts(out, ",\"metadata\":");
            put_metadata(f, out);
            strbuf_putc(out, '}');
        }
        strbuf_puts(out, "]}");
    } else {
        strbuf_putc(out, '"');
        type_put_name(t->id == T_STRING ? type_string : t, out); /* collations: put_metadata() */
        strbuf_putc(out, '"');
    }
}

/* ---- reading ---- */

static fb_status invalid_type(Str text, fb_error *err)
{
    StrBuf b = {0};

    strbuf_append(&b, text.p, text.n);
    strbuf_putc(&b, '\0');
    err_set(err, ERR_INVALID_JSON_DATA_TYPE, "invalidType", b.p, NULL);
    strbuf_free(&b);
    return FB_ERR;
}

static int append_json(const char *p, size_t n, void *out)
{
    strbuf_append(out, p, n);
    return 0;
}

static fb_status invalid_value(const json_t *v, fb_error *err)
{
    StrBuf b = {0};

    json_dump_callback(v, append_json, &b, JSON_COMPACT | JSON_ENCODE_ANY);
    invalid_type(strbuf_str(&b), err);
    strbuf_free(&b);
    return FB_ERR;
}

static fb_status too_deep(fb_error *err)
{
    return err_unsupported(err, "types nested deeper than %d levels", TYPE_MAX_DEPTH);
}

static fb_status decimal_from_text(Str args, const Type **ret, Str whole, fb_error *err)
{
    const char *comma = memchr(args.p, ',', args.n);
    int64_t p, s;

    if (!comma) {
        return invalid_type(whole, err);
    }
    Str first = str_trim((Str){args.p, (size_t)(comma - args.p)});
    Str second = str_trim((Str){comma + 1, args.n - (size_t)(comma - args.p) - 1});
    if (!parse_i64(first, &p) || !parse_i64(second, &s)) {
        return invalid_type(whole, err);
    }
    return type_checked_decimal(p, s, ret, err);
}

/* A type without fields from its JSON name. */
static fb_status leaf_from_json(Str name, const Type **ret, fb_error *err)
{
    static const struct {
        const char *name;
        const Type *const *type;
    } names[] = {
        {"void", &type_null},
        {"null", &type_null},
        {"boolean", &type_boolean},
        {"byte", &type_byte},
        {"short", &type_short},
        {"integer", &type_int},
        {"long", &type_long},
        {"float", &type_float},
        {"double", &type_double},
        {"string", &type_string},
        {"binary", &type_binary},
        {"date", &type_date},
        {"timestamp", &type_timestamp},
        {"timestamp_ltz", &type_timestamp},
        {"interval", &type_interval_cal},
        {"timestamp_ntz", &type_timestamp_ntz},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_eq(name, str_of(names[i].name))) {
            *ret = *names[i].type;
            return FB_OK;
        }
    }
    if (str_eq(name, STR_LIT("decimal"))) {
        *ret = type_decimal(10, 0);
        return FB_OK;
    }
    if (str_has_prefix(name, STR_LIT("decimal(")) && str_has_suffix(name, STR_LIT(")"))) {
        return decimal_from_text((Str){name.p + 8, name.n - 9}, ret, name, err);
    }
    if (str_has_prefix(name, STR_LIT("interval "))) {
        return type_from_name(name, ret, err);
    }
    if (str_has_prefix(name, STR_LIT("char(")) || str_has_prefix(name, STR_LIT("varchar("))) {
        return err_set(err, ERR_UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING, NULL);
    }
    static const char *const known[] = {"variant", "time(", "string ", "geography", "geometry"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (str_has_prefix(name, str_of(known[i]))) {
            return err_unsupported(err, "the data type %.*s", (int)(name.n < 100 ? name.n : 100),
                                   name.p);
        }
    }
    return invalid_type(name, err);
}

static fb_status from_value(const json_t *v, int depth, const Type **ret, fb_error *err);

/* The string as a C string: the tree is ours, and is not read again. */
static const char *name_of(const json_t *name)
{
    char *p = (char *)json_string_value(name), *end = p + json_string_length(name);
    for (char *nul = p; (nul = memchr(nul, '\0', (size_t)(end - nul))) != NULL;) {
        *nul++ = CSTR_NUL;
    }
    return p;
}

/* The type with the collations that the map of paths has for its strings. */
static fb_status with_collations(const Type *t, const json_t *collations, StrBuf *path,
                                 const Type **ret, fb_error *err)
{
    *ret = t;
    const char *name = json_string_value(json_object_get(collations, path->p));
    if (name && t->id != T_STRING) {
        return err_set(err, ERR_INVALID_JSON_DATA_TYPE_FOR_COLLATIONS, "jsonType", name, NULL);
    }
    if (name) {
        const char *dot = strchr(name, '.'); /* the provider before it */
        return collation_type(str_of(dot ? dot + 1 : name), ret, err);
    }
    if (t->id != T_ARRAY && t->id != T_MAP) {
        return FB_OK;
    }
    const Type *part[2];
    for (uint32_t i = 0; i < t->n_fields; i++) {
        size_t n = path->n;
        strbuf_printf(path, ".%s", t->fields[i].name);
        TRY(with_collations(t->fields[i].type, collations, path, &part[i], err));
        path->n = n;
        path->p[n] = '\0';
    }
    *ret = t->id == T_ARRAY ? type_array(part[0], t->fields[0].nullable)
                            : type_map(part[0], part[1], t->fields[1].nullable);
    return FB_OK;
}

static fb_status field_from_json(const json_t *v, int depth, Field *ret, StrBuf *metadata,
                                 fb_error *err)
{
    const json_t *name = json_object_get(v, "name"), *type = json_object_get(v, "type");
    const json_t *nullable = json_object_get(v, "nullable");
    const json_t *meta = json_object_get(v, "metadata");
    size_t members = 2u + (nullable ? 1u : 0u) + (meta ? 1u : 0u);

    if (!json_is_string(name) || !type || (nullable && !json_is_boolean(nullable)) ||
        (meta && !json_is_object(meta)) || json_object_size(v) != members) {
        return invalid_value(v, err);
    }
    TRY(from_value(type, depth + 1, &ret->type, err));
    ret->name = name_of(name);
    ret->nullable = !json_is_false(nullable);
    json_t *collations = meta ? json_object_get(meta, COLLATIONS) : NULL;
    if (json_is_object(collations)) {
        StrBuf path = {0};
        strbuf_puts(&path, ret->name);
        fb_status st = with_collations(ret->type, collations, &path, &ret->type, err);
        strbuf_free(&path);
        json_object_del((json_t *)meta, COLLATIONS); /* the tree is ours */
        TRY(st);
    }
    if (meta && json_object_size(meta) > 0) {
        if (!metadata_put_value(meta, 0, metadata)) {
            return too_deep(err);
        }
        ret->metadata = metadata->p;
    }
    return FB_OK;
}

static fb_status struct_from_json(const json_t *v, int depth, const Type **ret, fb_error *err)
{
    const json_t *list = json_object_get(v, "fields");
    size_t n = json_array_size(list);
    fb_status st = FB_OK;

    if (!json_is_array(list) || json_object_size(v) != 2 || n > UINT32_MAX) {
        return invalid_value(v, err);
    }
    Field *fields = mem_zalloc(mem_mul(n > 0 ? n : 1, sizeof(Field)));
    StrBuf *metadata = mem_zalloc(mem_mul(n > 0 ? n : 1, sizeof(StrBuf)));
    for (size_t i = 0; i < n; i++) {
        TRY_DONE(field_from_json(json_array_get(list, i), depth, &fields[i], &metadata[i], err));
    }
    *ret = type_struct(fields, (uint32_t)n);
done:
    for (size_t i = 0; i < n; i++) {
        strbuf_free(&metadata[i]);
    }
    mem_free(metadata);
    mem_free(fields);
    return st;
}

static fb_status from_value(const json_t *v, int depth, const Type **ret, fb_error *err)
{
    const Type *key, *value;

    if (depth > TYPE_MAX_DEPTH) {
        return too_deep(err);
    }
    if (json_is_string(v)) {
        return leaf_from_json((Str){json_string_value(v), json_string_length(v)}, ret, err);
    }
    const char *kind = json_string_value(json_object_get(v, "type"));
    if (kind && strcmp(kind, "struct") == 0) {
        return struct_from_json(v, depth, ret, err);
    }
    if (kind && strcmp(kind, "array") == 0) {
        const json_t *element = json_object_get(v, "elementType");
        const json_t *nulls = json_object_get(v, "containsNull");
        if (element && json_is_boolean(nulls) && json_object_size(v) == 3) {
            TRY(from_value(element, depth + 1, &value, err));
            *ret = type_array(value, json_is_true(nulls));
            return FB_OK;
        }
    }
    if (kind && strcmp(kind, "map") == 0) {
        const json_t *keys = json_object_get(v, "keyType");
        const json_t *values = json_object_get(v, "valueType");
        const json_t *nulls = json_object_get(v, "valueContainsNull");
        if (keys && values && json_is_boolean(nulls) && json_object_size(v) == 4) {
            TRY(from_value(keys, depth + 1, &key, err));
            TRY(from_value(values, depth + 1, &value, err));
            *ret = type_map(key, value, json_is_true(nulls));
            return FB_OK;
        }
    }
    if (kind && strcmp(kind, "udt") == 0 && json_object_get(v, "sqlType")) {
        UdtNames names = {json_string_value(json_object_get(v, "class")),
                          json_string_value(json_object_get(v, "pyClass")),
                          json_string_value(json_object_get(v, "serializedClass"))};
        TRY(from_value(json_object_get(v, "sqlType"), depth + 1, &value, err));
        if (names.jvm_class || names.py_class) {
            *ret = type_udt(value, &names);
            return FB_OK;
        }
    }
    return invalid_value(v, err);
}

fb_status type_from_json(Str json, const Type **ret, fb_error *err)
{
    json_t *root = json_loadb(json.p ? json.p : "", json.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    if (!root) {
        return invalid_type(json, err);
    }
    fb_status st = from_value(root, 0, ret, err);
    json_decref(root);
    return st;
}
