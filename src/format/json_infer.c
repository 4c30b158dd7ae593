/*
 * json_infer.c - the schema of JSON files, as Spark's JsonInferSchema finds it.
 *
 * Each record has a type: objects are structs with their fields sorted by name (in the order of
 * UTF-16 units), numbers are bigint or double (or decimal, where they are too large, or where the
 * option prefersDecimal asks for it), strings are strings, nulls and empty strings have no type
 * yet. The types of all records are merged into the narrowest that holds them; what does not fit
 * together is a string, and what has no type in the end becomes one. Lines that are no JSON give a
 * column for corrupt records.
 *
 * A record's type is made in an arena of its own; what the merged type takes from it is copied, so
 * that memory depends on the schema, not on the number of records.
 *
 * Recursion is bounded by JSON_DEPTH_MAX, the depth at which the scanner gives up.
 */
#include <stdio.h>

#include "base/budget.h"
#include "base/vfs.h"
#include "column/decimal.h"
#include "column/number.h"
#include "format/json_priv.h"

typedef struct InferType InferType;

typedef struct InferField {
    Str name;
    InferType *type;
} InferField;

/* T_NULL, T_BOOLEAN, T_LONG, T_DOUBLE, T_DECIMAL, T_STRING, timestamps, T_ARRAY and T_STRUCT. */
struct InferType {
    TypeId id;
    int precision, scale; /* of a decimal */
    InferType *element;
    InferField *field; /* sorted; names may repeat inside of one record */
    uint32_t n, cap;
};

typedef struct Infer {
    const JsonOptions *o;
    JsonText text;
    JsonParser parser;
    JsonTape *tape;
    Arena record;    /* the type of the record at hand */
    Arena keep;      /* root, copied anew now and then */
    InferType *root; /* a struct */
    uint64_t random;
    MemBudget budget; /* of this inference alone */
    ArenaQuota quota;
    fb_error *err; /* set: the inference has failed */
} Infer;

static InferType *infer_value(Infer *x);
static const Type *canonical(const Infer *x, const InferType *t);

/* ---- types ---- */

static InferType *new_type(Arena *a, TypeId id)
{
    InferType *t = ARENA_NEW(a, InferType);

    t->id = id;
    return t;
}

static InferType *new_decimal(Arena *a, int precision, int scale)
{
    InferType *t = new_type(a, T_DECIMAL);

    t->precision = precision;
    t->scale = scale;
    return t;
}

static void add_field(Arena *a, InferType *t, Str name, InferType *type)
{
    if (t->n == t->cap) {
        uint32_t cap = t->cap ? t->cap * 2 : 8;
        InferField *fields = ARENA_ARRAY(a, InferField, cap);
        if (t->n > 0) {
            memcpy(fields, t->field, t->n * sizeof(*fields));
        }
        t->field = fields;
        t->cap = cap;
    }
    t->field[t->n++] = (InferField){name, type};
}

static InferType *copy_type(Arena *a, const InferType *t)
{
    InferType *c = new_type(a, t->id);

    c->precision = t->precision;
    c->scale = t->scale;
    c->element = t->element ? copy_type(a, t->element) : NULL;
    for (uint32_t i = 0; i < t->n; i++) {
        Str name = {arena_bytes(a, t->field[i].name.p, t->field[i].name.n), t->field[i].name.n};
        add_field(a, c, name, copy_type(a, t->field[i].type));
    }
    return c;
}

/* String.compareTo: by UTF-16 units. That is the order of the bytes, but for characters beyond
 * U+FFFF, which come before U+E000 there. */
static int compare_names(Str a, Str b)
{
    size_t n = a.n < b.n ? a.n : b.n, i = 0;

    while (i < n && a.p[i] == b.p[i]) {
        i++;
    }
    if (i == n) {
        return (a.n > b.n) - (a.n < b.n);
    }
    unsigned x = (unsigned char)a.p[i], y = (unsigned char)b.p[i];
    bool swap = (x >= 0xF0) != (y >= 0xF0) && x >= 0xEE && y >= 0xEE;
    return (x > y) != swap ? 1 : -1;
}

/* Insertion from the end: fields mostly come in some order already, and equal ones keep theirs. */
static void sort_fields(InferType *t)
{
    for (uint32_t i = 1; i < t->n; i++) {
        InferField f = t->field[i];
        uint32_t k = i;
        for (; k > 0 && compare_names(t->field[k - 1].name, f.name) > 0; k--) {
            t->field[k] = t->field[k - 1];
        }
        t->field[k] = f;
    }
}

/* ---- merging ---- */

#define LONG_DIGITS 20 /* of the decimal that stands for a bigint */

static bool is_datetime(const InferType *t)
{
    return t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ;
}

static bool is_long_in_decimal(const InferType *a, const InferType *b)
{
    return a->id == T_LONG && b->id == T_DECIMAL && b->precision - b->scale >= LONG_DIGITS &&
           b->scale >= 0;
}

static bool same_name(const Infer *x, Str a, Str b)
{
    return x->o->case_sensitive ? str_eq(a, b) : str_eq_nocase(a, b);
}

static bool types_equal(const InferType *a, const InferType *b)
{
    if (a->id != b->id || a->precision != b->precision || a->scale != b->scale || a->n != b->n ||
        (a->id == T_ARRAY && !types_equal(a->element, b->element))) {
        return false;
    }
    for (uint32_t i = 0; i < a->n; i++) {
        if (!str_eq(a->field[i].name, b->field[i].name) ||
            !types_equal(a->field[i].type, b->field[i].type)) {
            return false;
        }
    }
    return true;
}

/* The common type that loses nothing (findTightestCommonType); NULL: there is none. */
static InferType *tightest(Infer *x, InferType *a, InferType *b)
{
    if (a->id == T_NULL || types_equal(a, b)) {
        return b;
    }
    if (b->id == T_NULL || is_long_in_decimal(b, a)) {
        return a;
    }
    if (is_long_in_decimal(a, b)) {
        return b;
    }
    if ((a->id == T_LONG && b->id == T_DOUBLE) || (a->id == T_DOUBLE && b->id == T_LONG)) {
        return a->id == T_DOUBLE ? a : b;
    }
    if (is_datetime(a) && is_datetime(b)) {
        return a->id == T_TIMESTAMP ? a : b;
    }
    if (a->id == T_ARRAY && b->id == T_ARRAY) {
        InferType *e = tightest(x, a->element, b->element), *t = new_type(&x->record, T_ARRAY);
        t->element = e;
        return e ? t : NULL;
    }
    if (a->id != T_STRUCT || b->id != T_STRUCT || a->n != b->n) {
        return NULL;
    }
    InferType *t = new_type(&x->record, T_STRUCT);
    for (uint32_t i = 0; i < a->n; i++) {
        InferType *f = same_name(x, a->field[i].name, b->field[i].name)
                           ? tightest(x, a->field[i].type, b->field[i].type)
                           : NULL;
        if (!f) {
            return NULL;
        }
        add_field(&x->record, t, a->field[i].name, f);
    }
    return t;
}

static InferType *merge(Infer *x, InferType *a, InferType *b);

static InferType *merge_structs(Infer *x, InferType *a, InferType *b)
{
    InferType *t = new_type(&x->record, T_STRUCT);
    uint32_t i = 0, k = 0;

    while (i < a->n || k < b->n) {
        int c = i == a->n ? 1 : k == b->n ? -1 : compare_names(a->field[i].name, b->field[k].name);
        InferType *type = c < 0   ? a->field[i].type
                          : c > 0 ? b->field[k].type
                                  : merge(x, a->field[i].type, b->field[k].type);
        add_field(&x->record, t, c <= 0 ? a->field[i].name : b->field[k].name, type);
        i += c <= 0;
        k += c >= 0;
    }
    return t;
}

static InferType *merge_decimals(Infer *x, int p1, int s1, int p2, int s2)
{
    int scale = s1 > s2 ? s1 : s2, range = p1 - s1 > p2 - s2 ? p1 - s1 : p2 - s2;

    return range + scale > DEC_MAX_PRECISION ? new_type(&x->record, T_DOUBLE)
                                             : new_decimal(&x->record, range + scale, scale);
}

/* The type that holds values of both (compatibleType). */
static InferType *merge(Infer *x, InferType *a, InferType *b)
{
    InferType *t = tightest(x, a, b);

    if (t) {
        return t;
    }
    bool da = a->id == T_DECIMAL, db = b->id == T_DECIMAL;
    if ((da && b->id == T_DOUBLE) || (db && a->id == T_DOUBLE)) {
        return da ? b : a;
    }
    if ((da || a->id == T_LONG) && (db || b->id == T_LONG)) {
        return merge_decimals(x, da ? a->precision : LONG_DIGITS, da ? a->scale : 0,
                              db ? b->precision : LONG_DIGITS, db ? b->scale : 0);
    }
    if (a->id == T_STRUCT && b->id == T_STRUCT) {
        return merge_structs(x, a, b);
    }
    if (a->id == T_ARRAY && b->id == T_ARRAY) {
        t = new_type(&x->record, T_ARRAY);
        t->element = merge(x, a->element, b->element);
        return t;
    }
    return new_type(&x->record, T_STRING);
}

/* ---- the type of a value ---- */

static InferType *infer_failed(Infer *x, const char *why)
{
    x->parser.why = why;
    return NULL;
}

/* precision and scale of java.math.BigDecimal; false: no number, or more than 38 digits. */
static bool big_decimal(Str s, int *ret_precision, int *ret_scale)
{
    int digits = 0, fraction = 0;
    int64_t exponent = 0;
    size_t i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');
    bool point = false, any = false;

    for (; i < s.n && s.p[i] != 'e' && s.p[i] != 'E'; i++) {
        if (s.p[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (s.p[i] < '0' || s.p[i] > '9' || digits > DEC_MAX_PRECISION) {
            return false;
        }
        any = true;
        digits += digits > 0 || s.p[i] != '0';
        fraction += point;
    }
    if (i < s.n) {
        i += 1u + (i + 1 < s.n && s.p[i + 1] == '+');
        if (!parse_i64((Str){s.p + i, s.n - i}, &exponent) || exponent > INT32_MAX / 2 ||
            exponent < INT32_MIN / 2) {
            return false;
        }
    }
    *ret_precision = digits > 0 ? digits : 1;
    *ret_scale = fraction - (int)exponent;
    return any && digits <= DEC_MAX_PRECISION;
}

static Str without_commas(Arena *a, Str s)
{
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        p[n] = s.p[i];
        n += s.p[i] != ',';
    }
    return (Str){p, n};
}

static InferType *infer_string(Infer *x)
{
    Arena *a = &x->record;
    int precision, scale;
    int64_t ts;

    if (!json_read_text(&x->parser)) {
        return NULL;
    }
    Str s = x->parser.text;
    if (s.n == 0) {
        return new_type(a, T_NULL);
    }
    if (x->o->prefers_decimal && big_decimal(without_commas(a, s), &precision, &scale) &&
        scale >= 0 && scale <= precision) {
        return new_decimal(a, precision, scale);
    }
    if (x->o->infer_timestamp) {
        const JsonText *t = &x->text;
        if (x->o->ntz_by_default && json_parse_ts_ntz(t, s, &ts)) {
            return new_type(a, T_TIMESTAMP_NTZ);
        }
        if (t->ts ? datefmt_parse_ts(t->ts, s, &ts) : ts_parse(s, t->tz, &ts)) {
            return new_type(a, T_TIMESTAMP);
        }
    }
    return new_type(a, T_STRING);
}

static InferType *infer_number(Infer *x)
{
    Arena *a = &x->record;
    Str s = x->parser.text;
    int precision, scale;
    int64_t i;
    double d;

    if (x->o->primitives_as_string) {
        return new_type(a, T_STRING);
    }
    if (x->parser.tok == JT_INT && json_parse_long(s, &i)) {
        return new_type(a, T_LONG);
    }
    if (x->parser.tok == JT_FLOAT && !x->o->prefers_decimal) {
        return new_type(a, T_DOUBLE);
    }
    if (json_double_word(s, &d)) {
        return infer_failed(x, "a number that is no decimal");
    }
    if (!big_decimal(s, &precision, &scale) || scale > DEC_MAX_PRECISION) {
        return new_type(a, T_DOUBLE);
    }
    if (scale < 0) {
        char text[16];
        snprintf(text, sizeof(text), "'%d'", scale);
        err_set(x->err, ERR_NEGATIVE_SCALE_DISALLOWED, "scale", text, "sqlConf",
                "\"spark.sql.legacy.allowNegativeScaleOfDecimal\"", NULL);
        return NULL;
    }
    return new_decimal(a, precision > scale ? precision : scale, scale);
}

static InferType *infer_object(Infer *x)
{
    JsonParser *j = &x->parser;
    InferType *t = new_type(&x->record, T_STRUCT);

    for (;;) {
        if (!json_next(j)) {
            return NULL;
        }
        if (j->tok == JT_NONE || j->tok == JT_END_OBJECT) {
            break;
        }
        Str name = json_current_name(j);
        InferType *f = infer_value(x);
        if (!f || arena_check(&x->record, x->err) != FB_OK) {
            return NULL;
        }
        add_field(&x->record, t, name, f);
    }
    sort_fields(t);
    return t;
}

static InferType *infer_array(Infer *x)
{
    JsonParser *j = &x->parser;
    InferType *t = new_type(&x->record, T_ARRAY);

    t->element = new_type(&x->record, T_NULL);
    for (;;) {
        if (!json_next(j)) {
            return NULL;
        }
        if (j->tok == JT_NONE || j->tok == JT_END_ARRAY) {
            return t;
        }
        InferType *e = infer_value(x);
        if (!e || arena_check(&x->record, x->err) != FB_OK) {
            return NULL;
        }
        t->element = merge(x, t->element, e);
    }
}

/* Of the value at or behind the parser's token; NULL: bad JSON, or x->err. */
static InferType *infer_value(Infer *x)
{
    JsonParser *j = &x->parser;

    while (j->tok == JT_NAME) {
        if (!json_next(j)) {
            return NULL;
        }
    }
    switch (j->tok) {
    case JT_NONE:
    case JT_NULL:
        return new_type(&x->record, T_NULL);
    case JT_STRING:
        return infer_string(x);
    case JT_START_OBJECT:
        return infer_object(x);
    case JT_START_ARRAY:
        return infer_array(x);
    case JT_INT:
    case JT_FLOAT:
        return infer_number(x);
    case JT_TRUE:
    case JT_FALSE:
        return new_type(&x->record, x->o->primitives_as_string ? T_STRING : T_BOOLEAN);
    default:
        return infer_failed(x, "a bracket where a value is expected");
    }
}

/* ---- records ---- */

static fb_status fail_fast(Infer *x)
{
    fb_error cause = {0};

    err_set(&cause, ERR_MALFORMED_JSON, "reason", x->parser.why ? x->parser.why : "", NULL);
    return err_set_cause(x->err, &cause, ERR_MALFORMED_RECORD_IN_PARSING, "badRecord",
                         x->o->corrupt_name, "failFastMode", "FAILFAST", NULL);
}

static fb_status fail_record_type(Infer *x, const InferType *t)
{
    StrBuf name = {0};

    strbuf_putc(&name, '"');
    type_sql(canonical(x, t), &name);
    strbuf_putc(&name, '"');
    fb_status st = err_set(x->err, ERR_INVALID_JSON_RECORD_TYPE, "failFastMode", "FAILFAST",
                           "invalidType", name.p, NULL);
    strbuf_free(&name);
    return st;
}

/* A struct with the column for corrupt records. */
static InferType *corrupt_struct(Infer *x)
{
    InferType *t = new_type(&x->record, T_STRUCT);

    add_field(&x->record, t, str_of(x->o->corrupt_name), new_type(&x->record, T_STRING));
    return t;
}

static bool has_field(const InferType *t, Str name)
{
    for (uint32_t i = 0; i < t->n; i++) {
        if (str_eq(t->field[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Takes the record's type into the root (compatibleRootType). */
static fb_status add_record(Infer *x, InferType *t)
{
    while (t->id == T_ARRAY) {
        t = t->element;
    }
    if (t->id == T_NULL) {
        return FB_OK;
    }
    if (t->id != T_STRUCT) {
        if (x->o->mode == MODE_FAILFAST) {
            return fail_record_type(x, t);
        }
        if (x->o->mode == MODE_DROPMALFORMED || has_field(x->root, str_of(x->o->corrupt_name))) {
            return FB_OK;
        }
        t = corrupt_struct(x);
    }
    if (types_equal(x->root, t)) {
        return FB_OK;
    }
    InferType *merged = merge(x, x->root, t);
    if (!types_equal(x->root, merged)) {
        Arena old = x->keep;
        x->keep = (Arena){0};
        x->root = copy_type(&x->keep, merged);
        arena_free(&old);
    }
    return FB_OK;
}

static fb_status infer_record(Infer *x, Str record, bool line)
{
    const JsonTapeTok *tape = line ? json_tape_line(x->tape, record.p, record.n) : NULL;
    fb_status st = FB_OK;

    if (tape) {
        json_start_tape(&x->parser, tape);
    } else {
        json_start(&x->parser, record.p, record.n);
    }
    InferType *t = json_next(&x->parser) ? infer_value(x) : NULL;
    if (err_is_set(x->err)) {
        st = FB_ERR;
    } else if (!t && x->o->mode == MODE_FAILFAST) {
        st = fail_fast(x);
    } else if (t || x->o->mode == MODE_PERMISSIVE) {
        st = add_record(x, t ? t : corrupt_struct(x));
    }
    arena_reset(&x->record);
    return st;
}

/* Whether the record belongs to the sample; the same ones each time. */
static bool sampled(Infer *x)
{
    x->random ^= x->random << 13;
    x->random ^= x->random >> 7;
    x->random ^= x->random << 17;
    return x->o->sampling_ratio > 0.99 ||
           (double)(x->random >> 11) < x->o->sampling_ratio * (double)(UINT64_C(1) << 53);
}

static fb_status infer_lines(Infer *x, LineReader *l)
{
    for (;;) {
        Str line;
        fb_status st = lines_next(l, &line, x->err);
        if (st != FB_OK) {
            return st == FB_STOP ? FB_OK : st;
        }
        if (sampled(x)) {
            TRY(infer_record(x, line, true));
        }
        lines_release(l);
    }
}

static fb_status infer_file(Infer *x, const char *path)
{
    VfsStat stat = {0};
    LineReader *l = NULL;
    Str content;
    ReadPlan skip = {.ignore_corrupt = x->o->ignore_corrupt,
                     .ignore_missing = x->o->ignore_missing};

    TRY(vfs()->stat(path, &stat, x->err));
    FileRange range = {
        .path = path, .to = stat.size, .size = stat.size, .whole = true, .quota = &x->quota};
    if (stat.exists && stat.size == 0) {
        return FB_OK;
    }
    fb_status st = x->o->multi_line ? lines_whole(&range, &l, &content, x->err)
                                    : lines_open(&range, x->o->line_sep, &l, x->err);
    if (st == FB_OK && x->o->multi_line) {
        st = sampled(x) ? infer_record(x, content, false) : FB_OK;
    } else if (st == FB_OK) {
        st = infer_lines(x, l);
    }
    lines_close(l);
    return st != FB_OK && format_skips_error(&skip, x->err) ? FB_OK : st;
}

/* ---- the schema ---- */

/* The type as Spark keeps it: no empty structs, no fields without a name, strings for what never
 * had a value. NULL: nothing is left. */
static const Type *canonical(const Infer *x, const InferType *t)
{
    switch (t->id) {
    case T_NULL:
        return x->o->drop_null_fields ? NULL : type_string;
    case T_BOOLEAN:
        return type_boolean;
    case T_LONG:
        return type_long;
    case T_DOUBLE:
        return type_double;
    case T_DECIMAL:
        return type_decimal((uint8_t)t->precision, (uint8_t)t->scale);
    case T_TIMESTAMP:
        return type_timestamp;
    case T_TIMESTAMP_NTZ:
        return type_timestamp_ntz;
    case T_ARRAY: {
        const Type *e = canonical(x, t->element);
        return e ? type_array(e, true) : NULL;
    }
    case T_STRUCT:
        break;
    default:
        return type_string;
    }
    Field *fields = mem_alloc(mem_mul(t->n + 1, sizeof(*fields)));
    Arena names = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        const Type *f = t->field[i].name.n > 0 ? canonical(x, t->field[i].type) : NULL;
        if (f) {
            const char *name = arena_strndup(&names, t->field[i].name.p, t->field[i].name.n);
            fields[n++] = (Field){.name = name, .type = f, .nullable = true};
        }
    }
    const Type *s = n > 0 ? type_struct(fields, n) : NULL;
    arena_free(&names);
    mem_free(fields);
    return s;
}

/* What the option inferTimestamp needs. */
static fb_status prepare_times(Infer *x)
{
    const Type *all = type_struct(
        (Field[]){{.name = "a", .type = type_timestamp}, {.name = "b", .type = type_timestamp_ntz}},
        2);
    const TimeZone *tz = x->o->tz ? x->o->tz : x->o->session_tz;

    return x->o->infer_timestamp ? json_text_init(&x->text, x->o, tz, all, x->err) : FB_OK;
}

static fb_status infer_all(Infer *x, const char *const *paths, uint32_t n_paths, const Type **ret)
{
    if (!(x->o->sampling_ratio > 0)) {
        char text[NUM_F64_TEXT_MAX + 64], ratio[NUM_F64_TEXT_MAX];
        size_t n = num_format_f64(x->o->sampling_ratio, ratio);
        snprintf(text, sizeof(text), "samplingRatio (%.*s) should be greater than 0", (int)n,
                 ratio);
        return err_set(x->err, ERR_LEGACY_REQUIREMENT, "message", text, NULL);
    }
    TRY(prepare_times(x));
    for (uint32_t i = 0; i < n_paths; i++) {
        TRY(infer_file(x, paths[i]));
    }
    const Type *schema = canonical(x, x->root);
    *ret = schema ? schema : type_struct(NULL, 0);
    return type_check_names(*ret, x->o->case_sensitive, true, x->err);
}

static Infer *infer_new(const JsonOptions *o, fb_error *err)
{
    Infer *x = mem_zalloc(sizeof(*x));

    x->o = o;
    x->err = err;
    x->random = UINT64_C(0x9E3779B97F4A7C15);
    x->parser.arena = &x->record;
    x->parser.features = x->o->features;
    x->tape = json_tape_new();
    x->root = new_type(&x->keep, T_STRUCT);
    return x;
}

static void infer_free(Infer *x)
{
    json_tape_free(x->tape);
    json_text_free(&x->text);
    arena_free(&x->record);
    arena_free(&x->keep);
    mem_free(x);
}

fb_status json_infer(const void *options, const Conf *conf, const char *const *paths,
                     uint32_t n_paths, const Type **ret, fb_error *err)
{
    Infer *x = infer_new(options, err);

    infer_limit(conf, &x->budget, &x->quota);
    x->record.quota = &x->quota;
    fb_status st = infer_all(x, paths, n_paths, ret);
    infer_free(x);
    return st;
}

/* ---- a single value ---- */

/* Nothing is left of a struct: it stays one, without fields. */
static const Type *canonical_value(const Infer *x, const InferType *t)
{
    const InferType *e = t->id == T_ARRAY ? t->element : t;
    const Type *type = canonical(x, t);

    if (type) {
        return type;
    }
    if (e->id != T_STRUCT) {
        return type_string;
    }
    return e == t ? type_struct(NULL, 0) : type_array(type_struct(NULL, 0), true);
}

static fb_status infer_text(Infer *x, Str text, const Type **ret)
{
    TRY(prepare_times(x));
    json_start(&x->parser, text.p, text.n);
    const InferType *t = json_next(&x->parser) ? infer_value(x) : NULL;
    if (err_is_set(x->err)) {
        return FB_ERR;
    }
    if (!t) {
        return err_set(x->err, ERR_MALFORMED_JSON, "reason", x->parser.why ? x->parser.why : "",
                       NULL);
    }
    *ret = canonical_value(x, t);
    return FB_OK;
}

fb_status json_infer_text(const void *options, Str text, const Type **ret, fb_error *err)
{
    Infer *x = infer_new(options, err);

    fb_status st = infer_text(x, text, ret);
    infer_free(x);
    return st;
}
