/*
 * partitions.c - partition columns from folders.
 *
 * From each folder that has files one goes up while the names are k=v, to a base: what the user
 * asked for, or the option basePath. All folders must come to the same base, and find the same
 * columns on the way. A column has the type of the user's schema, or the widest of those that the
 * values look like; values are turned into it once a folder.
 */
#include "connector/partitions.h"

#include "column/datetime.h"
#include "column/decimal.h"
#include "column/number.h"
#include "expr/expr.h"

#include <stdlib.h>

#define HIVE_NULL "__HIVE_DEFAULT_PARTITION__"
#define KEYS_MAX 256

/* ---- rules ---- */

static fb_status base_path(Arena *a, const char *given, PartitionRules *ret, fb_error *err)
{
    VfsStat st;
    char *path;
    const char *message = NULL;
    if (*given == 0) {
        message = "Can not create a Path from an empty string";
    } else {
        TRY(vfs_path_of_uri(a, given, &path, err));
        ret->base = vfs_absolute(a, path);
        ret->base_given = arena_strdup(a, given);
        TRY(vfs()->stat(ret->base, &st, err));
        message = !st.exists   ? "Option 'basePath' not found: there is no such folder"
                  : !st.is_dir ? "Option 'basePath' must be a directory"
                               : NULL;
    }
    return message ? err_set(err, ERR_LEGACY_ILLEGAL_ARGUMENT, "message", message, NULL) : FB_OK;
}

fb_status partition_rules(Arena *a, const Options *o, const Conf *conf, PartitionRules *ret,
                          fb_error *err)
{
    const char *base = options_get(o, "basePath"), *zone = options_get(o, "timeZone");
    const char *recursive = options_get(o, "recursiveFileLookup");
    *ret = (PartitionRules){
        .infer = conf_get_bool(conf, "spark.sql.sources.partitionColumnTypeInference.enabled"),
        .validate = conf_get_bool(conf, "spark.sql.sources.validatePartitionColumns"),
        .case_sensitive = conf_get_bool(conf, "spark.sql.caseSensitive"),
        .ignore_invalid = conf_get_bool(conf, "spark.sql.files.ignoreInvalidPartitionPaths"),
        .ansi = conf_get_bool(conf, "spark.sql.ansi.enabled"),
        .after_us = INT64_MIN,
        .before_us = INT64_MAX,
    };
    if (recursive && !parse_bool(str_of(recursive), &ret->recursive)) {
        return err_set(err, ERR_INVALID_OPTION_BOOLEAN, "option", "recursiveFileLookup", "value",
                       recursive, NULL);
    }
    const char *type = conf_get(conf, "spark.sql.timestampType", a);
    ret->ntz = type && cstr_eq_nocase(type, "TIMESTAMP_NTZ");
    zone = zone ? arena_strdup(a, zone) : conf_get(conf, "spark.sql.session.timeZone", a);
    ret->zone = tz_system();
    if (zone && *zone) {
        TRY(tz_get(str_of(zone), &ret->zone, err));
    }
    ret->zone_name = zone;
    const char *filter = options_get(o, "pathGlobFilter");
    TRY(files_name_filter(a, filter ? arena_strdup(a, filter) : NULL, &ret->names, err));
    return base && !ret->recursive ? base_path(a, base, ret, err) : FB_OK;
}

/* ---- the columns of one folder ---- */

static fb_status split_name(Arena *a, Str name, const char **ret_key, const char **ret_raw,
                            fb_error *err)
{
    const char *eq = memchr(name.p, '=', name.n);
    *ret_key = NULL;
    if (!eq) {
        return FB_OK;
    }
    size_t n = (size_t)(eq - name.p);
    const char *key = files_unescape(a, (Str){name.p, n}).p;
    if (*key == 0 || n + 1 == name.n) {
        return err_set(
            err, *key == 0 ? ERR_EMPTY_PARTITION_COLUMN_NAME : ERR_EMPTY_PARTITION_COLUMN_VALUE,
            "columnSpec", arena_strndup(a, name.p, name.n), NULL);
    }
    *ret_key = key;
    *ret_raw = arena_strndup(a, eq + 1, name.n - n - 1);
    return FB_OK;
}

static int compare_str(Str a, Str b)
{
    int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return c ? c : a.n != b.n ? (a.n < b.n ? -1 : 1) : 0;
}

static int by_text(const void *a, const void *b)
{
    return compare_str(str_of(*(const char *const *)a), str_of(*(const char *const *)b));
}

/* bases are sorted. */
static bool is_base(const char *const *bases, uint32_t n, Str path)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        int c = compare_str(str_of(bases[mid]), path);
        if (c == 0) {
            return true;
        }
        *(c < 0 ? &low : &high) = c < 0 ? mid + 1 : mid;
    }
    return false;
}

fb_status partition_folder(Arena *a, FileFolder *f, const char *const *bases, uint32_t n_bases,
                           const char **ret_base, fb_error *err)
{
    const char *keys[KEYS_MAX], *raw[KEYS_MAX];
    uint32_t n = 0;
    Str path = str_of(f->path);
    *ret_base = NULL;
    f->n_keys = 0;
    while (path.n > 0 && !is_base(bases, n_bases, path)) {
        size_t at = path.n;
        while (at > 0 && path.p[at - 1] != '/') {
            at--;
        }
        Str name = {path.p + at, path.n - at};
        if (str_eq_nocase(name, STR_LIT("_temporary"))) {
            return FB_OK; /* what a write left behind: of no base */
        }
        const char *key, *value;
        TRY(split_name(a, name, &key, &value, err));
        if (!key && n > 0) {
            break;
        }
        if (key && n < KEYS_MAX) {
            keys[n] = key;
            raw[n++] = value;
        }
        path.n = at > 0 ? at - 1 : 0;
    }
    f->n_keys = n;
    f->keys = ARENA_ARRAY(a, const char *, n);
    f->raw = ARENA_ARRAY(a, const char *, n);
    for (uint32_t k = 0; k < n; k++) {
        f->keys[k] = keys[n - 1 - k];
        f->raw[k] = raw[n - 1 - k];
    }
    *ret_base = n ? arena_strndup(a, path.p, path.n) : f->path;
    return FB_OK;
}

/* ---- types ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Integer.parseInt and Long.parseLong: a sign and digits, nothing else. */
static bool java_i64(const char *raw, int64_t low, int64_t high, int64_t *ret)
{
    Str s = str_of(raw);
    s.p += s.n > 0 && *s.p == '+';
    s.n -= (size_t)(s.p - raw);
    return s.n > 0 && (is_digit(*s.p) || (s.p == raw && *s.p == '-')) && parse_i64(s, ret) &&
           *ret >= low && *ret <= high;
}

/* A whole number that is too large for a long, or in the form 1e5: new BigDecimal(raw) with a scale
 * of 0 or less. Its digits, 0 if it is none. */
static int whole_decimal(const char *raw)
{
    const char *p = raw + (*raw == '-' || *raw == '+');
    int digits = 0, scale = 0;
    int64_t exponent = 0;
    bool any = false, point = false, nonzero = false;
    for (; is_digit(*p) || (*p == '.' && !point); p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        any = true;
        nonzero |= *p != '0';
        digits += nonzero && digits <= DEC_MAX_PRECISION;
        scale += point;
    }
    if (any && (*p == 'e' || *p == 'E')) {
        const char *sign = p + 1;
        if (!java_i64(sign, -1000, 1000, &exponent)) {
            return 0;
        }
        p = sign + strlen(sign);
    }
    int64_t wide = (digits ? digits : 1) + exponent - scale;
    return !any || *p || exponent < scale || wide > DEC_MAX_PRECISION ? 0 : (int)wide;
}

/* The text behind a year of the pattern yyyy: of four digits, with - of more too, with + of more
 * only. NULL: there is none. */
static const char *behind_year(const char *p)
{
    char sign = *p == '-' || *p == '+' ? *p++ : 0;
    size_t n = strspn(p, "0123456789");
    return n < 4 || (n == 4 && sign == '+') || (n > 4 && !sign) ? NULL : p + n;
}

static bool looks_like(const char *p, const char *form)
{
    for (; *form; form++, p++) {
        if (*form == '0' ? !is_digit(*p) : *p != *form) {
            return false;
        }
    }
    return *p == 0;
}

/* yyyy-MM-dd */
static bool is_plain_date(const char *text)
{
    const char *p = behind_year(text);
    return p && looks_like(p, "-00-00");
}

/* yyyy-MM-dd HH:mm:ss[.S] */
static bool is_plain_time(const char *text)
{
    const char *p = behind_year(text);
    return p && (looks_like(p, "-00-00 00:00:00") || looks_like(p, "-00-00 00:00:00.0"));
}

/* HH:mm:ss, with up to six digits behind a point. */
static bool is_plain_time_of_day(const char *text)
{
    static const char *const form[] = {"00:00:00.0",    "00:00:00.00",    "00:00:00.000",
                                       "00:00:00.0000", "00:00:00.00000", "00:00:00.000000"};
    bool looks = looks_like(text, "00:00:00");
    for (size_t i = 0; i < sizeof(form) / sizeof(form[0]) && !looks; i++) {
        looks = looks_like(text, form[i]);
    }
    return looks && memcmp(text, "24", 2) < 0 && text[3] < '6' && text[6] < '6';
}

/* What looks like a TIME, a type that is not there: a column of nothing else is refused, as in
 * Spark, and it is a string beside others. */
static const Type time_like = {.id = T_STRING};

static const Type *infer_type(Arena *a, const PartitionRules *r, const char *raw)
{
    int64_t i;
    double d;
    int32_t days;
    if (strcmp(raw, HIVE_NULL) == 0) {
        return type_null;
    }
    if (!r->infer) {
        return type_string;
    }
    if (java_i64(raw, INT32_MIN, INT32_MAX, &i)) {
        return type_int;
    }
    if (java_i64(raw, INT64_MIN, INT64_MAX, &i)) {
        return type_long;
    }
    int digits = whole_decimal(raw);
    if (digits) {
        return type_decimal((uint8_t)digits, 0);
    }
    if (num_parse_f64_java(str_of(raw), &d)) {
        return type_double;
    }
    Str t = files_unescape(a, str_of(raw));
    const char *text = t.p;
    if (is_plain_time(text) && (r->ntz ? ts_ntz_parse(t, true, &i) : ts_parse(t, r->zone, &i))) {
        return r->ntz ? type_timestamp_ntz : type_timestamp;
    }
    if (is_plain_time_of_day(text)) {
        return &time_like;
    }
    return is_plain_date(raw) && date_parse(str_of(raw), &days) ? type_date : type_string;
}

static bool is_time(const Type *t)
{
    return t->id == T_DATE || t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ;
}

static int whole_digits(const Type *t)
{
    return t->id == T_INT ? 10 : t->id == T_LONG ? 20 : t->id == T_DECIMAL ? t->precision : 0;
}

/* What holds both without a loss; a string when nothing else does. */
static const Type *wider(const Type *a, const Type *b)
{
    if (a->id == T_NULL || a == b) {
        return b;
    }
    if (b->id != T_NULL && (a == &time_like || b == &time_like)) {
        return type_string;
    }
    if (type_same(a, b)) {
        return b;
    }
    if (b->id == T_NULL) {
        return a;
    }
    if (is_time(a) && is_time(b)) {
        return a->id == T_DATE ? b : a;
    }
    if ((a->id == T_DOUBLE && b->id == T_INT) || (a->id == T_INT && b->id == T_DOUBLE)) {
        return type_double;
    }
    int x = whole_digits(a), y = whole_digits(b);
    if (!x || !y) {
        return type_string;
    }
    return a->id != T_DECIMAL && b->id != T_DECIMAL ? type_long
                                                    : type_decimal((uint8_t)(x > y ? x : y), 0);
}

/* ---- values ---- */

static bool java_bool(const char *raw, bool *ret)
{
    *ret = cstr_eq_nocase(raw, "true");
    return *ret || cstr_eq_nocase(raw, "false");
}

/* The value by the cast of Spark, of which no failure is an error here; null: none. */
static bool cast_value(Arena *a, const PartitionRules *r, const char *text, const Type *t, Vec *out)
{
    EvalCtx cx = {.arena = a, .tz = r->zone, .tz_name = r->zone_name};
    fb_error err = {0};
    Vec str;
    vec_init_const(&str, type_string, 1, a);
    VEC_DATA(View, &str)[0] = view_of(text, strlen(text));
    bool ok = cast_allowed(type_string, t, EVAL_LEGACY) &&
              cast_vec(&cx, &str, t, EVAL_LEGACY, out, &err) == FB_OK;
    err_clear(&err);
    return ok;
}

static void put_int(Vec *v, int64_t i)
{
    switch (v->type->id) {
    case T_BOOLEAN:
    case T_BYTE:
        VEC_DATA(int8_t, v)[0] = (int8_t)i;
        break;
    case T_SHORT:
        VEC_DATA(int16_t, v)[0] = (int16_t)i;
        break;
    case T_INT:
        VEC_DATA(int32_t, v)[0] = (int32_t)i;
        break;
    default:
        VEC_DATA(int64_t, v)[0] = i;
        break;
    }
}

/* False: the text is no value of the type. */
static bool make_value(Arena *a, const PartitionRules *r, const char *raw, const Type *t, Vec *out)
{
    int64_t i;
    double d;
    bool b;
    Str s = str_of(raw);
    vec_init_const(out, t, 1, a);
    switch (t->id) {
    case T_STRING:
        s = files_unescape(a, s);
        VEC_DATA(View, out)[0] = view_of(s.p, s.n);
        return true;
    case T_BINARY:
        VEC_DATA(View, out)[0] = view_of(arena_strdup(a, raw), s.n);
        return true;
    case T_BYTE:
    case T_SHORT:
    case T_INT: /* the smaller ones wrap, as in Spark */
        if (!java_i64(raw, INT32_MIN, INT32_MAX, &i)) {
            return false;
        }
        put_int(out, i);
        return true;
    case T_LONG:
        if (!java_i64(raw, INT64_MIN, INT64_MAX, &i)) {
            return false;
        }
        put_int(out, i);
        return true;
    case T_BOOLEAN:
        if (!java_bool(raw, &b)) {
            return false;
        }
        put_int(out, b);
        return true;
    case T_FLOAT:
    case T_DOUBLE:
        if (!num_parse_f64_java(s, &d)) {
            return false;
        }
        if (t->id == T_FLOAT) {
            VEC_DATA(float, out)[0] = (float)d;
        } else {
            VEC_DATA(double, out)[0] = d;
        }
        return true;
    case T_DECIMAL: /* one that has no room is null, one that is no number an error */
        return cast_value(a, r, raw, t, out) && (vec_is_valid(out, 0) || num_parse_f64(s, &d)) &&
               !strpbrk(raw, "dDfFiINn ");
    case T_DATE:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
        raw = t->id == T_DATE ? raw : files_unescape(a, s).p;
        return cast_value(a, r, raw, t, out) && (vec_is_valid(out, 0) || !r->ansi);
    case T_INTERVAL_YM:
    case T_INTERVAL_DT:
        return cast_value(a, r, files_unescape(a, s).p, t, out) && vec_is_valid(out, 0);
    default:
        return false;
    }
}

static fb_status bad_value(Arena *a, const char *name, const Type *t, const char *raw,
                           fb_error *err)
{
    StrBuf type = {0}, column = {0};
    type_sql(t, &type);
    for (const char *p = name; *p; p++) {
        strbuf_puts(&column, *p == '`' ? "``" : (const char[]){*p, '\0'});
    }
    fb_status st = err_set(err, ERR_INVALID_PARTITION_VALUE, "value", arena_printf(a, "'%s'", raw),
                           "dataType", arena_printf(a, "\"%s\"", type.p), "columnName",
                           arena_printf(a, "`%s`", strbuf_str(&column).p), NULL);
    strbuf_free(&type);
    strbuf_free(&column);
    return st;
}

static bool same_key(const PartitionRules *r, const char *a, const char *b)
{
    return r->case_sensitive ? strcmp(a, b) == 0 : cstr_eq_nocase(a, b);
}

fb_status partition_values(Arena *a, const PartitionRules *r, const PartitionKeys *keys,
                           const FileFolder *f, const Vec **ret, fb_error *err)
{
    Vec *v = ARENA_ARRAY(a, Vec, keys->n);
    for (uint32_t k = 0; k < keys->n; k++) {
        const char *raw = NULL, *key = NULL;
        for (uint32_t j = 0; j < f->n_keys && !raw; j++) {
            key = f->keys[j];
            raw = same_key(r, key, keys->name[k]) ? f->raw[j] : NULL;
        }
        bool null = !raw || strcmp(raw, HIVE_NULL) == 0 || keys->type[k]->id == T_NULL;
        if (!null && !make_value(a, r, raw, keys->type[k], &v[k])) {
            if (r->validate) {
                return bad_value(a, key, keys->type[k], raw, err);
            }
            null = true;
        }
        if (null) {
            vec_init_null(&v[k], keys->type[k], 1, a);
        }
    }
    *ret = v;
    return FB_OK;
}

/* ---- all folders ---- */

static fb_status find_bases(Arena *a, const PartitionRules *r, const FileList *list,
                            const char ***ret, uint32_t *ret_n, fb_error *err)
{
    const char **bases = ARENA_ARRAY(a, const char *, list->n_roots + 1);
    for (uint32_t i = 0; i < list->n_roots; i++) {
        const FileRoot *root = &list->root[i];
        bases[i] = root->is_file ? vfs_dirname(a, root->path) : root->path;
        if (r->base && strncmp(root->path, r->base, strlen(r->base)) != 0) {
            return err_set(err, ERR_LEGACY_ILLEGAL_ARGUMENT, "message",
                           arena_printf(a, "Wrong basePath %s for the root path: %s", r->base_given,
                                        files_display(a, root->path)),
                           NULL);
        }
    }
    *ret_n = r->base ? 1 : list->n_roots;
    if (r->base) {
        bases[0] = r->base;
    } else if (list->n_roots) {
        qsort(bases, list->n_roots, sizeof(*bases), by_text);
    }
    *ret = bases;
    return FB_OK;
}

#define SHOWN_MAX 1000 /* folders that a message looks at */

/* All ways up must lead to one place. */
static fb_status check_bases(Arena *a, const PartitionRules *r, const FileList *list,
                             const char **base, fb_error *err)
{
    const char *first = NULL;
    bool differ = false, any = false;
    for (uint32_t i = 0; i < list->n_folders; i++) {
        any |= list->folder[i].n_keys > 0;
        base[i] = r->ignore_invalid && list->folder[i].n_keys == 0 ? NULL : base[i];
        differ |= first && base[i] && !cstr_eq_nocase(first, base[i]);
        first = first ? first : base[i];
    }
    if (!any || !differ) {
        return FB_OK;
    }
    StrBuf text = {0};
    strbuf_puts(&text, "\n");
    for (uint32_t i = 0; i < list->n_folders && i < SHOWN_MAX; i++) {
        bool seen = !base[i];
        for (uint32_t j = 0; j < i && !seen; j++) {
            seen = base[j] && cstr_eq_nocase(base[i], base[j]);
        }
        if (!seen) {
            strbuf_printf(&text, "\t%s\n", files_display(a, base[i]));
        }
    }
    fb_status st =
        err_set(err, ERR_CONFLICTING_DIRECTORY_STRUCTURES, "discoveredBasePaths", text.p, NULL);
    strbuf_free(&text);
    return st;
}

static bool same_keys(const PartitionRules *r, const FileFolder *a, const FileFolder *b)
{
    bool same = a->n_keys == b->n_keys;
    for (uint32_t k = 0; same && k < a->n_keys; k++) {
        same = same_key(r, a->keys[k], b->keys[k]);
    }
    return same;
}

static fb_status keys_differ(Arena *a, const PartitionRules *r, const FileList *list, fb_error *err)
{
    StrBuf names = {0}, paths = {0};
    uint32_t n = 0;
    strbuf_puts(&names, "\n");
    for (uint32_t i = 0; i < list->n_folders && i < SHOWN_MAX; i++) {
        const FileFolder *f = &list->folder[i];
        bool seen = f->n_keys == 0;
        for (uint32_t j = 0; j < i && !seen; j++) {
            seen = same_keys(r, f, &list->folder[j]);
        }
        if (!seen) {
            strbuf_printf(&names, "\tPartition column name list #%u: ", n++);
            for (uint32_t k = 0; k < f->n_keys; k++) {
                strbuf_printf(&names, "%s%s", k ? ", " : "", f->keys[k]);
            }
            strbuf_putc(&names, '\n');
        }
        if (f->n_keys) {
            strbuf_printf(&paths, "\n\t%s", files_display(a, f->path));
        }
    }
    fb_status st = err_set(err, ERR_CONFLICTING_PARTITION_COLUMN_NAMES, "distinctPartColLists",
                           names.p, "suspiciousPaths", strbuf_str(&paths).p, NULL);
    strbuf_free(&names);
    strbuf_free(&paths);
    return st;
}

static const Field *given_field(const PartitionRules *r, const Type *schema, const char *name)
{
    int at = schema ? type_field_index(schema, str_of(name), r->case_sensitive) : -1;
    return at < 0 ? NULL : &schema->fields[at];
}

static fb_status resolve_keys(Arena *a, const PartitionRules *r, const FileList *list,
                              const Type *schema, PartitionKeys *ret, fb_error *err)
{
    const FileFolder *first = NULL;
    for (uint32_t i = 0; i < list->n_folders; i++) {
        const FileFolder *f = &list->folder[i];
        if (f->n_keys && first && !same_keys(r, first, f)) {
            return keys_differ(a, r, list, err);
        }
        first = first || !f->n_keys ? first : f;
    }
    ret->n = first ? first->n_keys : 0;
    ret->name = ARENA_ARRAY(a, const char *, ret->n);
    ret->type = ARENA_ARRAY(a, const Type *, ret->n);
    for (uint32_t k = 0; k < ret->n; k++) {
        const Field *given = given_field(r, schema, first->keys[k]);
        ret->name[k] = given ? given->name : first->keys[k];
        ret->type[k] = given ? given->type : NULL;
        for (uint32_t i = 0; !given && i < list->n_folders; i++) {
            const FileFolder *f = &list->folder[i];
            if (f->n_keys) {
                const Type *t = infer_type(a, r, f->raw[k]);
                ret->type[k] = ret->type[k] ? wider(ret->type[k], t) : t;
            }
        }
        if (ret->type[k] == &time_like) {
            return err_set(err, ERR_UNSUPPORTED_TIME_TYPE, NULL);
        }
    }
    return FB_OK;
}

fb_status partitions_find(Arena *a, const PartitionRules *r, FileList *list, const Type *schema,
                          PartitionKeys *ret, fb_error *err)
{
    const char **bases = NULL, **base = ARENA_ARRAY(a, const char *, list->n_folders);
    uint32_t n_bases = 0;
    *ret = (PartitionKeys){0};
    if (r->recursive) {
        return FB_OK;
    }
    TRY(find_bases(a, r, list, &bases, &n_bases, err));
    for (uint32_t i = 0; i < list->n_folders; i++) {
        TRY(partition_folder(a, &list->folder[i], bases, n_bases, &base[i], err));
    }
    TRY(check_bases(a, r, list, base, err));
    TRY(resolve_keys(a, r, list, schema, ret, err));
    for (uint32_t i = 0; i < list->n_folders && ret->n; i++) {
        const FileFolder *f = &list->folder[i];
        const Vec *values = NULL;
        TRY(f->n_keys ? partition_values(a, r, ret, f, &values, err) : FB_OK);
        for (size_t k = f->first; k < f->first + f->n; k++) {
            list->file[k].values = values;
        }
    }
    return FB_OK;
}

/* ---- the files of the dataset ---- */

static bool is_wanted(const PartitionRules *r, const FileEntry *f)
{
    int64_t us = tz_utc_to_local(r->zone, f->mtime_ms * 1000);
    return us > r->after_us && us < r->before_us && files_name_passes(&r->names, f->path);
}

static int folder_by_path(const void *key, const void *folder)
{
    return compare_str(str_of(key), str_of(((const FileFolder *)folder)->path));
}

static int file_by_path(const void *key, const void *file)
{
    return strcmp(key, ((const FileEntry *)file)->path);
}

/* Of a dataset without partitions: what is right in the folders asked for, once for each of them.
 */
static void choose_plain(Arena *a, const PartitionRules *r, FileList *list)
{
    size_t n = 0, cap = 0;
    FileEntry *chosen = NULL;
    for (uint32_t i = 0; i < list->n_roots; i++) {
        const FileRoot *root = &list->root[i];
        const char *path = root->is_file ? vfs_dirname(a, root->path) : root->path;
        const FileFolder *d = list->n_folders ? bsearch(path, list->folder, list->n_folders,
                                                        sizeof(*d), folder_by_path)
                                              : NULL;
        const FileEntry *f = d ? &list->file[d->first] : NULL, *end = d ? f + d->n : NULL;
        if (root->is_file && d) {
            f = bsearch(root->path, f, d->n, sizeof(*f), file_by_path);
            end = f ? f + 1 : NULL;
        }
        for (; f < end; f++) {
            if (!is_wanted(r, f)) {
                continue;
            }
            if (n == cap) {
                FileEntry *grown = ARENA_ARRAY(a, FileEntry, cap = cap ? 2 * cap : d->n + 64);
                if (n) {
                    memcpy(grown, chosen, n * sizeof(*grown));
                }
                chosen = grown;
            }
            chosen[n++] = *f;
        }
    }
    list->file = chosen;
    list->n = n;
}

void partitions_choose(Arena *a, const PartitionRules *r, bool beside, FileList *list)
{
    bool partitioned = false;
    size_t n = 0;
    for (size_t i = 0; i < list->n && !partitioned; i++) {
        partitioned = list->file[i].values != NULL;
    }
    if (!partitioned && !r->recursive) {
        choose_plain(a, r, list);
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        if ((list->file[i].values || beside || r->recursive) && is_wanted(r, &list->file[i])) {
            list->file[n++] = list->file[i];
        }
    }
    list->n = n;
}
