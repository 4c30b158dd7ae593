/*
 * arrow_schema.c - schemas of the Arrow C Data Interface as types.
 *
 * Every format string is read into an ArrowFormat: how the values are stored, and the Spark type
 * that they become. The types that Spark's ArrowUtils reads map as there; wider ones are taken too:
 * unsigned integers become the next wider type (uint64 decimal(20,0)), timestamps and durations of
 * any unit become microseconds (rounded down), date64 becomes days, dictionaries are looked up.
 * What has no such type is refused by name (UNSUPPORTED_ARROWTYPE): float16, times, decimal256,
 * unions, list views, run-end encoding, dictionaries of nested values, and fixed-size lists of what
 * takes no memory (void, empty structs), since their offsets would take memory that nobody sent.
 *
 * Schemas may come from an untrusted client: counts, depth, UTF-8 of names and JSON of metadata are
 * checked; lengths inside the metadata block have no stated bound and are libarrow's to know.
 *
 * Ownership: nothing of the Arrow structs is kept or released; types are interned. Threads: pure.
 */
#include "column/arrow_priv.h"

#include <jansson.h>

static fb_status unsupported_type(fb_error *err, const char *name)
{
    return err_set(err, ERR_UNSUPPORTED_ARROWTYPE, "typeName", name, NULL);
}

fb_status arrow_corrupt(fb_error *err, const char *reason)
{
    return err_set(err, ERR_IO, "action", "read", "path", "Arrow data", "reason", reason, NULL);
}

/* ---- format strings ---- */

/* "precision,scale" or "precision,scale,bits" */
static bool format_decimal(const char *args, ArrowFormat *ret)
{
    int64_t v[3] = {0, 0, 128};
    int n = 0;
    for (const char *at = args; at; n++) {
        const char *comma = strchr(at, ',');
        Str number = {at, comma ? (size_t)(comma - at) : strlen(at)};
        if (n == 3 || !parse_i64(number, &v[n])) {
            return false;
        }
        at = comma ? comma + 1 : NULL;
    }
    if (n < 2 || v[0] < 1 || v[0] > 38 || v[1] < 0 || v[1] > v[0]) {
        return false;
    }
    switch (v[2]) {
    case 32:
        ret->layout = ARROW_DECIMAL32;
        break;
    case 64:
        ret->layout = ARROW_DECIMAL64;
        break;
    case 128:
        ret->layout = ARROW_DECIMAL128;
        break;
    default:
        return false;
    }
    ret->type = type_decimal((uint8_t)v[0], (uint8_t)v[1]);
    return true;
}

/* Sets layout and scale of an int64 in unit s, m, u or n so that it becomes microseconds. */
static bool format_unit(char unit, ArrowFormat *ret)
{
    switch (unit) {
    case 's':
        *ret = (ArrowFormat){ARROW_SCALED, ret->type, 1000000};
        return true;
    case 'm':
        *ret = (ArrowFormat){ARROW_SCALED, ret->type, 1000};
        return true;
    case 'u':
        *ret = (ArrowFormat){ARROW_SAME, ret->type, 1};
        return true;
    case 'n':
        *ret = (ArrowFormat){ARROW_DIVIDED, ret->type, 1000};
        return true;
    default:
        return false;
    }
}

/* Dates, times, timestamps, durations and intervals: f starts with 't'. */
static bool format_temporal(const char *f, ArrowFormat *ret)
{
    switch (f[1]) {
    case 'd':
        *ret = (ArrowFormat){f[2] == 'D' ? ARROW_SAME : ARROW_DATE64, type_date, 1};
        return (f[2] == 'D' || f[2] == 'm') && f[3] == '\0';
    case 's':
        if (f[2] == '\0' || f[3] != ':') {
            return false;
        }
        ret->type = f[4] == '\0' ? type_timestamp_ntz : type_timestamp;
        return format_unit(f[2], ret);
    case 'D':
        ret->type = type_interval_dt(0, 3);
        return format_unit(f[2], ret) && f[3] == '\0';
    case 'i':
        switch (f[2]) {
        case 'M':
            *ret = (ArrowFormat){ARROW_SAME, type_interval_ym(0, 1), 1};
            break;
        case 'D':
            *ret = (ArrowFormat){ARROW_DAY_TIME, type_interval_dt(0, 3), 1};
            break;
        case 'n':
            *ret = (ArrowFormat){ARROW_MONTH_DAY_NANO, type_interval_cal, 1};
            break;
        default:
            return false;
        }
        return f[3] == '\0';
    default:
        return false;
    }
}

static bool format_nested(const char *f, ArrowFormat *ret)
{
    switch (f[1]) {
    case 'l':
        *ret = (ArrowFormat){.layout = ARROW_LIST};
        return f[2] == '\0';
    case 'L':
        *ret = (ArrowFormat){.layout = ARROW_LARGE_LIST};
        return f[2] == '\0';
    case 'm':
        *ret = (ArrowFormat){.layout = ARROW_MAP};
        return f[2] == '\0';
    case 's':
        *ret = (ArrowFormat){.layout = ARROW_STRUCT};
        return f[2] == '\0';
    case 'w':
        *ret = (ArrowFormat){.layout = ARROW_FIXED_LIST};
        return f[2] == ':' && parse_i64(str_of(f + 3), &ret->scale) && ret->scale >= 1 &&
               ret->scale <= INT32_MAX;
    default:
        return false;
    }
}

/* Formats of one letter. */
static bool format_simple(char c, ArrowFormat *ret)
{
    const struct {
        char c;
        ArrowLayout layout;
        const Type *type;
    } table[] = {{'n', ARROW_NULL, type_null},         {'b', ARROW_BOOL, type_boolean},
                 {'c', ARROW_SAME, type_byte},         {'s', ARROW_SAME, type_short},
                 {'i', ARROW_SAME, type_int},          {'l', ARROW_SAME, type_long},
                 {'C', ARROW_UINT8, type_short},       {'S', ARROW_UINT16, type_int},
                 {'I', ARROW_UINT32, type_long},       {'L', ARROW_UINT64, NULL},
                 {'f', ARROW_SAME, type_float},        {'g', ARROW_SAME, type_double},
                 {'u', ARROW_UTF8, type_string},       {'z', ARROW_UTF8, type_binary},
                 {'U', ARROW_LARGE_UTF8, type_string}, {'Z', ARROW_LARGE_UTF8, type_binary}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].c == c) {
            *ret = (ArrowFormat){table[i].layout, table[i].type, 1};
            if (!ret->type) {
                ret->type = type_decimal(20, 0);
            }
            return true;
        }
    }
    return false;
}

/* Why a format was not taken, named as Spark names the type. */
static fb_status refuse_format(const char *f, fb_error *err)
{
    static const struct {
        const char *prefix, *name;
    } names[] = {{"e", "FloatingPoint(HALF)"},
                 {"tts", "Time(SECOND, 32)"},
                 {"ttm", "Time(MILLISECOND, 32)"},
                 {"ttu", "Time(MICROSECOND, 64)"},
                 {"ttn", "Time(NANOSECOND, 64)"},
                 {"+ud", "Union(Dense)"},
                 {"+us", "Union(Sparse)"},
                 {"+r", "RunEndEncoded"},
                 {"+vl", "ListView"},
                 {"+vL", "LargeListView"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_has_prefix(str_of(f), str_of(names[i].prefix))) {
            return unsupported_type(err, names[i].name);
        }
    }
    StrBuf name = {0};
    if (str_has_prefix(str_of(f), STR_LIT("d:"))) {
        strbuf_printf(&name, "Decimal(%.40s)", f + 2);
    } else {
        strbuf_printf(&name, "\"%.40s\"", f);
    }
    fb_status st = unsupported_type(err, name.p);
    strbuf_free(&name);
    return st;
}

fb_status arrow_format_parse(const char *f, ArrowFormat *ret, fb_error *err)
{
    *ret = (ArrowFormat){0};
    if (!f) {
        return arrow_corrupt(err, "a field has no format");
    }
    bool ok = false;
    if (f[0] != '\0' && f[1] == '\0') {
        ok = format_simple(f[0], ret);
    } else if (f[0] == 't') {
        ok = format_temporal(f, ret);
    } else if (f[0] == '+') {
        ok = format_nested(f, ret);
    } else if (f[0] == 'd' && f[1] == ':') {
        ok = format_decimal(f + 2, ret);
    } else if (f[0] == 'w' && f[1] == ':') {
        *ret = (ArrowFormat){.layout = ARROW_FIXED_BINARY, .type = type_binary};
        ok = parse_i64(str_of(f + 2), &ret->scale) && ret->scale >= 0 && ret->scale <= INT32_MAX;
    } else if (strcmp(f, "vu") == 0) {
        *ret = (ArrowFormat){ARROW_VIEW, type_string, 1};
        ok = true;
    } else if (strcmp(f, "vz") == 0) {
        *ret = (ArrowFormat){ARROW_VIEW, type_binary, 1};
        ok = true;
    }
    return ok ? FB_OK : refuse_format(f, err);
}

/* ---- schema ---- */

/* The value of ARROW_METADATA_KEY; p NULL when there is none. */
static fb_status metadata_find(const char *m, Str *ret, fb_error *err)
{
    *ret = (Str){NULL, 0};
    if (!m) {
        return FB_OK;
    }
    int32_t n = arrow_get_i32(m, 0);
    m += 4;
    for (int32_t i = 0; i < n; i++) {
        Str part[2];
        for (int k = 0; k < 2; k++) {
            int32_t len = arrow_get_i32(m, 0);
            if (len < 0) {
                return arrow_corrupt(err, "a field's metadata has a negative length");
            }
            part[k] = (Str){m + 4, (size_t)len};
            m += 4 + (size_t)len;
        }
        if (str_eq(part[0], STR_LIT(ARROW_METADATA_KEY))) {
            *ret = part[1];
        }
    }
    return FB_OK;
}

/* The metadata as types keep it; NULL for {}. */
static fb_status metadata_import(Str json, Arena *a, const char **ret, fb_error *err)
{
    StrBuf text = {0};
    *ret = NULL;
    if (!type_metadata_normalize(json, &text)) {
        strbuf_free(&text);
        return arrow_corrupt(err, "the metadata of a field is not a JSON object");
    }
    const char *kept = strbuf_arena(&text, a);
    if (strcmp(kept, "{}") != 0) {
        *ret = kept;
    }
    return FB_OK;
}

static bool is_utf8(const char *s)
{
    json_t *text = json_string(s); /* NULL when it is not */
    json_decref(text);
    return text != NULL;
}

static fb_status import_type(const struct ArrowSchema *s, int depth, Arena *a, const Type **ret,
                             fb_error *err);

static fb_status import_field(const struct ArrowSchema *s, int depth, Arena *a, Field *ret,
                              fb_error *err)
{
    Str json;
    *ret = (Field){.name = s->name ? s->name : "", .nullable = s->flags & ARROW_FLAG_NULLABLE};
    if (!is_utf8(ret->name)) {
        return arrow_corrupt(err, "a field's name is not UTF-8");
    }
    TRY(metadata_find(s->metadata, &json, err));
    if (json.p) {
        TRY(metadata_import(json, a, &ret->metadata, err));
    }
    return import_type(s, depth, a, &ret->type, err);
}

static fb_status check_children(const struct ArrowSchema *s, int64_t n, fb_error *err)
{
    if (s->n_children != n || (n > 0 && !s->children)) {
        return arrow_corrupt(err, "a type has the wrong number of children");
    }
    for (int64_t i = 0; i < n; i++) {
        if (!s->children[i]) {
            return arrow_corrupt(err, "a child of a type is missing");
        }
    }
    return FB_OK;
}

static fb_status import_struct_type(const struct ArrowSchema *s, int depth, Arena *a,
                                    const Type **ret, fb_error *err)
{
    if (s->n_children < 0 || s->n_children > INT32_MAX) {
        return arrow_corrupt(err, "a struct has an impossible number of fields");
    }
    uint32_t n = (uint32_t)s->n_children;
    TRY(check_children(s, n, err));
    Field *fields = ARENA_ARRAY(a, Field, n);
    for (uint32_t i = 0; i < n; i++) {
        TRY(import_field(s->children[i], depth + 1, a, &fields[i], err));
    }
    *ret = type_struct(fields, n);
    return FB_OK;
}

/* No memory is behind its rows but the validity of structs. */
static bool takes_no_memory(const Type *t)
{
    bool ret = t->id == T_NULL || t->id == T_STRUCT;
    for (uint32_t i = 0; ret && t->id == T_STRUCT && i < t->n_fields; i++) {
        ret = takes_no_memory(t->fields[i].type);
    }
    return ret;
}

static fb_status import_list_type(const struct ArrowSchema *s, ArrowLayout layout, int depth,
                                  Arena *a, const Type **ret, fb_error *err)
{
    TRY(check_children(s, 1, err));
    const struct ArrowSchema *child = s->children[0];
    if (layout != ARROW_MAP) {
        Field element;
        TRY(import_field(child, depth + 1, a, &element, err));
        if (layout == ARROW_FIXED_LIST && takes_no_memory(element.type)) {
            return unsupported_type(err, "FixedSizeList of void or empty structs");
        }
        *ret = type_array(element.type, element.nullable);
        return FB_OK;
    }
    if (!child->format || strcmp(child->format, "+s") != 0 || child->dictionary) {
        return arrow_corrupt(err, "the entries of a map are not a struct");
    }
    TRY(check_children(child, 2, err));
    Field key, value;
    TRY(import_field(child->children[0], depth + 2, a, &key, err));
    TRY(import_field(child->children[1], depth + 2, a, &value, err));
    *ret = type_map(key.type, value.type, value.nullable);
    return FB_OK;
}

static fb_status import_type(const struct ArrowSchema *s, int depth, Arena *a, const Type **ret,
                             fb_error *err)
{
    if (depth > ARROW_MAX_DEPTH) {
        return err_unsupported(err, "Arrow types nested more than %d deep", ARROW_MAX_DEPTH);
    }
    ArrowFormat f;
    TRY(arrow_format_parse(s->format, &f, err));
    if (s->dictionary) {
        bool integers = f.layout == ARROW_UINT64 || (f.type && type_is_integral(f.type));
        if (!integers || s->dictionary->dictionary) {
            return arrow_corrupt(err, "the indices of a dictionary are not integers");
        }
        TRY(arrow_format_parse(s->dictionary->format, &f, err));
        if (!f.type) {
            return unsupported_type(err, "Dictionary of nested values");
        }
    }
    if (f.type) {
        *ret = f.type;
        return FB_OK;
    }
    if (f.layout == ARROW_STRUCT) {
        return import_struct_type(s, depth, a, ret, err);
    }
    return import_list_type(s, f.layout, depth, a, ret, err);
}

fb_status arrow_import_schema(const struct ArrowSchema *s, const Type **ret, fb_error *err)
{
    if (!s->format || strcmp(s->format, "+s") != 0 || s->dictionary) {
        return arrow_corrupt(err, "the schema is not a struct");
    }
    Arena scratch = {0};
    fb_status st = import_type(s, 0, &scratch, ret, err);
    arena_free(&scratch);
    return st;
}
