/*
 * format_util.c - the options that several formats have, and the errors of their readers.
 *
 * Threads: nothing here has state.
 */
#include "base/budget.h"
#include "base/log.h"
#include "base/vfs.h"
#include "column/datetime.h"
#include "column/number.h"
#include "column/timezone.h"
#include "format/format_priv.h"

void infer_limit(const Conf *conf, MemBudget *budget, ArenaQuota *quota)
{
    Arena a = {0};
    const char *limit = conf ? conf_get(conf, "spark.forebay.memory.limit", &a) : NULL;
    int64_t n;

    budget->limit =
        limit && conf_parse_bytes(str_of(limit), &n) && n >= 0 ? n : budget_default_limit();
    quota->budget = budget;
    arena_free(&a);
}

/* ---- errors ---- */

fb_status format_read_failed(const FileRange *r, bool missing, fb_error *err)
{
    Arena a = {0};
    fb_error cause = {0};

    err_move(&cause, err);
    fb_status st = err_set_cause(
        err, &cause, missing ? ERR_FAILED_READ_FILE_FILE_NOT_EXIST : ERR_FAILED_READ_FILE_NO_HINT,
        "path", vfs_uri_of_path(&a, r->path), NULL);
    arena_free(&a);
    return st;
}

bool format_skips_error(const ReadPlan *plan, fb_error *err)
{
    bool skip = err->id == ERR_FAILED_READ_FILE_FILE_NOT_EXIST ? plan->ignore_missing
                : err->id == ERR_FAILED_READ_FILE_NO_HINT      ? plan->ignore_corrupt
                                                               : false;

    /* A process without descriptors or memory has not found out anything about the file. */
    skip &= !err_is_shortage(err);
    if (skip) {
        LOG_WARN("FileScan", "Skipped the rest of a file: %s", err->message);
        err_clear(err);
    }
    return skip;
}

fb_status unsupported_type(const char *format, const Field *f, fb_error *err)
{
    StrBuf name = {0}, type = {0};

    strbuf_putc(&name, '`');
    for (const char *p = f->name; *p; p++) {
        strbuf_puts(&name, *p == '`' ? "``" : (const char[]){*p, '\0'});
    }
    strbuf_putc(&name, '`');
    strbuf_putc(&type, '"');
    type_sql(f->type, &type);
    strbuf_putc(&type, '"');
    fb_status st = err_set(err, ERR_UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE, "format", format,
                           "columnName", name.p, "columnType", type.p, NULL);
    strbuf_free(&name);
    strbuf_free(&type);
    return st;
}

fb_status check_corrupt_column(const char *column, const Type *schema, fb_error *err)
{
    int at = type_field_index(schema, str_of(column), true);

    if (at < 0 || (schema->fields[at].type->id == T_STRING && schema->fields[at].nullable)) {
        return FB_OK;
    }
    Arena a = {0};
    StrBuf type = {0};
    type_sql(schema->fields[at].type, &type);
    fb_status st = err_set(err, ERR_INVALID_CORRUPT_RECORD_TYPE, "columnName",
                           arena_printf(&a, "`%s`", column), "actualType",
                           arena_printf(&a, "\"%s\"", type.p), NULL);
    strbuf_free(&type);
    arena_free(&a);
    return st;
}

/* ---- timestamps ---- */

static void put_two(char *p, unsigned v)
{
    p[0] = (char)('0' + v / 10);
    p[1] = (char)('0' + v % 10);
}

void put_default_ts_ntz(int64_t local_us, StrBuf *out)
{
    unsigned ms = (unsigned)(ts_local_us_of_day(local_us) / US_PER_MS), s = ms / 1000;

    strbuf_reserve(out, DATE_TEXT_MAX + 13);
    out->n += date_format(ts_local_to_date(local_us), out->p + out->n);
    char *p = out->p + out->n;
    memcpy(p, "T00:00:00.000", 13);
    put_two(p + 1, s / 3600);
    put_two(p + 4, s / 60 % 60);
    put_two(p + 7, s % 60);
    p[10] = (char)('0' + ms / 100 % 10);
    put_two(p + 11, ms % 100);
    p[13] = '\0';
    out->n += 13;
}

void put_default_ts(TzCursor *zone, int64_t us, StrBuf *out)
{
    put_default_ts_ntz(tz_cursor_to_local(zone, us), out);
    unsigned a = (unsigned)(zone->offset < 0 ? -zone->offset : zone->offset);
    if (a == 0) {
        strbuf_putc(out, 'Z');
        return;
    }
    char text[9] = "+00:00:00";
    text[0] = zone->offset < 0 ? '-' : '+';
    put_two(text + 1, a / 3600);
    put_two(text + 4, a / 60 % 60);
    put_two(text + 7, a % 60);
    strbuf_append(out, text, a % 60 != 0 ? 9 : 6);
}

/* ---- options ---- */

fb_status option_bool(const Options *o, const char *key, bool *ret, fb_error *err)
{
    const char *v = options_get(o, key);

    if (v && !parse_bool(str_of(v), ret)) {
        return err_set(err, ERR_INVALID_OPTION_BOOLEAN, "value", v, "option", key, NULL);
    }
    return FB_OK;
}

fb_status option_int(const Options *o, const char *key, int64_t *ret, fb_error *err)
{
    const char *v = options_get(o, key);

    if (v && !parse_i64(str_of(v), ret)) {
        return err_set(err, ERR_INVALID_OPTION_NUMBER, "value", v, "option", key, NULL);
    }
    return FB_OK;
}

fb_status option_double(const Options *o, const char *key, double *ret, fb_error *err)
{
    const char *v = options_get(o, key);

    if (v && !num_parse_f64_java(str_of(v), ret)) {
        return err_set(err, ERR_INVALID_OPTION_NUMBER, "value", v, "option", key, NULL);
    }
    return FB_OK;
}

fb_status option_line_sep(const Options *o, Arena *a, const char **ret, fb_error *err)
{
    const char *v = options_get(o, "lineSep");

    *ret = v ? arena_strdup(a, v) : NULL;
    if (v && !*v) {
        return err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                       "'lineSep' cannot be an empty string.", NULL);
    }
    if (v && strchr(v, CSTR_NUL)) {
        return err_unsupported(err, "a lineSep with the character NUL");
    }
    return FB_OK;
}

ParseMode option_mode(const Options *o)
{
    const char *v = options_get_or(o, "mode", "PERMISSIVE");

    if (cstr_eq_nocase(v, "DROPMALFORMED")) {
        return MODE_DROPMALFORMED;
    }
    if (cstr_eq_nocase(v, "FAILFAST")) {
        return MODE_FAILFAST;
    }
    if (!cstr_eq_nocase(v, "PERMISSIVE")) {
        LOG_WARN("ParseMode", "%s is not a parse mode. Using PERMISSIVE.", v);
    }
    return MODE_PERMISSIVE;
}

fb_status check_function_mode(ParseMode mode, const char *function, fb_error *err)
{
    return mode == MODE_DROPMALFORMED ? err_set(err, ERR_PARSE_MODE_UNSUPPORTED, "funcName",
                                                function, "mode", "DROPMALFORMED", NULL)
                                      : FB_OK;
}

fb_status option_charset(const Options *o, const char *function, fb_error *err)
{
    static const char *const charsets[] = {"iso-8859-1", "us-ascii", "utf-16", "utf-16be",
                                           "utf-16le",   "utf-32",   "utf-8"};
    const char *v = options_get(o, "encoding");

    v = v ? v : options_get(o, "charset");
    if (!v || cstr_eq_nocase(v, "utf-8")) {
        return FB_OK;
    }
    for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++) {
        if (cstr_eq_nocase(v, charsets[i])) {
            return err_unsupported(err, "the encoding %s", v);
        }
    }
    return err_set(err, ERR_INVALID_PARAMETER_VALUE_CHARSET, "functionName", function, "parameter",
                   "`charset`", "charset", v, "charsets",
                   "iso-8859-1, us-ascii, utf-16, utf-16be, utf-16le, utf-32, utf-8", NULL);
}

fb_status option_locale(const Options *o, fb_error *err)
{
    const char *v = options_get(o, "locale");

    if (v && !cstr_eq_nocase(v, "en-US") && !cstr_eq_nocase(v, "en")) {
        return err_unsupported(err, "the locale %s", v);
    }
    return FB_OK;
}

fb_status option_time_zone(const Options *o, const struct TimeZone **ret, fb_error *err)
{
    const char *v = options_get(o, "timeZone");

    *ret = NULL;
    return v ? tz_get(str_of(v), ret, err) : FB_OK;
}

bool line_sep_overlaps(const char *line_sep)
{
    size_t n = line_sep ? strlen(line_sep) : 0;

    for (size_t k = 1; k < n; k++) {
        if (memcmp(line_sep, line_sep + k, n - k) == 0) {
            return true;
        }
    }
    return false;
}

Str without_gmt(Str s, char buf[static WITHOUT_GMT_MAX])
{
    const char *gmt = s.n <= WITHOUT_GMT_MAX ? memmem(s.p, s.n, "GMT", 3) : NULL;

    if (!gmt) {
        return s;
    }
    size_t head = (size_t)(gmt - s.p), tail = s.n - head - 3;
    memcpy(buf, s.p, head);
    memcpy(buf + head, gmt + 3, tail);
    return (Str){buf, head + tail};
}

Vec finish_flat(Vec v, uint32_t n)
{
    bool all = true;

    v.len = n;
    for (uint32_t i = 0; i < n / 64; i++) {
        all &= v.valid[i] == ~UINT64_C(0);
    }
    if (n % 64 != 0) {
        uint64_t mask = (UINT64_C(1) << (n % 64)) - 1;
        all &= (v.valid[n / 64] & mask) == mask;
    }
    v.valid = all ? NULL : v.valid;
    return v;
}

/* ---- values in messages ---- */

void put_internal(const Vec *v, uint32_t i, StrBuf *out)
{
    if (!vec_is_valid(v, i)) {
        strbuf_puts(out, "null");
        return;
    }
    switch (v->type->id) {
    case T_STRUCT:
        strbuf_putc(out, '[');
        for (uint32_t k = 0; k < v->type->n_fields; k++) {
            strbuf_puts(out, k > 0 ? "," : "");
            put_internal(&v->child[k], i, out);
        }
        strbuf_putc(out, ']');
        break;
    case T_ARRAY:
    case T_MAP:
        for (uint32_t k = 0; k < v->type->n_fields; k++) {
            const char *head = v->type->id == T_ARRAY ? "[" : k == 0 ? "keys: [" : ", values: [";
            strbuf_puts(out, head);
            const uint32_t *offsets = VEC_DATA(uint32_t, v);
            for (uint32_t e = offsets[i]; e < offsets[i + 1]; e++) {
                strbuf_puts(out, e > offsets[i] ? (v->type->id == T_ARRAY ? "," : ", ") : "");
                put_internal(&v->child[k], e, out);
            }
            strbuf_putc(out, ']');
        }
        break;
    case T_DATE:
    case T_INTERVAL_YM:
        strbuf_printf(out, "%d", VEC_AT(int32_t, v, i));
        break;
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        strbuf_printf(out, "%lld", (long long)VEC_AT(int64_t, v, i));
        break;
    default:
        vec_value_text(v, i, tz_utc(), out);
        break;
    }
}

fb_status text_check(Arena *a, size_t n, size_t *checked, fb_error *err)
{
    if (n <= *checked || n <= 65536) {
        return FB_OK;
    }
    *checked = n * 2;
    return arena_has_room(a, n * 3) ? FB_OK : arena_check(a, err);
}

void text_column(const Vec *values, const size_t *end, uint32_t n, const StrBuf *text, Arena *a,
                 Vec *out)
{
    char *copy = arena_alloc(a, text->n + 1);
    View *data = arena_alloc(a, mem_mul(n, sizeof(View)));

    *out = (Vec){.type = type_string, .len = n, .data = data};
    if (text->n > 0) {
        memcpy(copy, text->p, text->n);
    }
    for (uint32_t i = 0; i < n; i++) {
        size_t from = i > 0 ? end[i - 1] : 0;
        data[i] = view_of(copy + from, end[i] - from);
        if (!vec_is_valid(values, i)) {
            vec_set_null(out, a, i);
        }
    }
}
