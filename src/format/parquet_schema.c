/*
 * parquet_schema.c - schemas of Parquet files and Spark's types, both ways.
 *
 * Reading follows Spark's ParquetToSparkSchemaConverter: the footer's own JSON of the Spark schema
 * first, else each column by physical and logical type; lists by the backward-compatibility rules
 * of the format (a repeated field that is not the middle of a three-level list is the element
 * itself). Writing follows SparkToParquetSchemaConverter: three-level lists "list" and "element",
 * maps "key_value", decimals in the smallest form, fields required where Spark's are not nullable;
 * with writeLegacyFormat the layout of Spark 1.4: "bag" and "array", decimals as bytes.
 *
 * With mergeSchema the types of all files become one, as StructType.merge does it: by name, new
 * columns last.
 *
 * Depth: the shim refuses schemas nested more than 100 deep; types here end at PARQUET_MAX_DEPTH.
 */
#include "format/parquet_priv.h"

#include <jansson.h>

/* ---- text ---- */

static void logical_text(const ParquetNode *n, StrBuf *out)
{
    const char *unit = n->unit == 3 ? "MILLIS" : n->unit == 6 ? "MICROS" : "NANOS";
    const char *utc = n->utc ? "true" : "false";
    static const char *const plain[] = {
        [PARQUET_STRING] = "STRING",     [PARQUET_ENUM] = "ENUM",      [PARQUET_JSON] = "JSON",
        [PARQUET_BSON] = "BSON",         [PARQUET_UUID] = "UUID",      [PARQUET_DATE] = "DATE",
        [PARQUET_LIST] = "LIST",         [PARQUET_MAP] = "MAP",        [PARQUET_NULL] = "UNKNOWN",
        [PARQUET_INTERVAL] = "INTERVAL", [PARQUET_FLOAT16] = "FLOAT16"};

    switch (n->logical) {
    case PARQUET_NONE:
        return;
    case PARQUET_DECIMAL:
        strbuf_printf(out, " (DECIMAL(%d,%d))", n->precision, n->scale);
        return;
    case PARQUET_TIME:
        strbuf_printf(out, " (TIME(%s,%s))", unit, utc);
        return;
    case PARQUET_TIMESTAMP:
        strbuf_printf(out, " (TIMESTAMP(%s,%s))", unit, utc);
        return;
    case PARQUET_INT:
        strbuf_printf(out, " (INTEGER(%d,%s))", n->bits, n->is_signed ? "true" : "false");
        return;
    case PARQUET_OTHER:
        strbuf_puts(out, " (OTHER)");
        return;
    default:
        strbuf_printf(out, " (%s)", plain[n->logical]);
    }
}

void parquet_type_text(const ParquetNode *n, StrBuf *out)
{
    static const char *const physical[] = {"BOOLEAN", "INT32",  "INT64",  "INT96",
                                           "FLOAT",   "DOUBLE", "BINARY", "FIXED_LEN_BYTE_ARRAY"};

    strbuf_puts(out, n->physical == PARQUET_GROUP ? "group" : physical[n->physical]);
    logical_text(n, out);
}

static fb_status type_error(ErrId id, const ParquetNode *n, fb_error *err)
{
    StrBuf text = {0};

    parquet_type_text(n, &text);
    fb_status st = err_set(err, id, "parquetType", text.p, NULL);
    strbuf_free(&text);
    return st;
}

static fb_status not_recognized(const ParquetNode *n, fb_error *err)
{
    return err_set(err, ERR_PARQUET_TYPE_NOT_RECOGNIZED, "field", n->name, NULL);
}

/* ---- leaves to types ---- */

static fb_status decimal_type(const ParquetNode *n, int most, const Type **ret, fb_error *err)
{
    if (n->precision > 38) {
        return type_checked_decimal(n->precision, n->scale, ret, err);
    }
    if (n->precision < 1 || n->precision > most || n->scale < 0 || n->scale > n->precision) {
        return type_error(ERR_PARQUET_TYPE_ILLEGAL, n, err);
    }
    *ret = type_decimal((uint8_t)n->precision, (uint8_t)n->scale);
    return FB_OK;
}

static fb_status int32_type(const ParquetNode *n, const Type **ret, fb_error *err)
{
    switch (n->logical) {
    case PARQUET_NONE:
    case PARQUET_NULL:
        *ret = type_int;
        return FB_OK;
    case PARQUET_DATE:
        *ret = type_date;
        return FB_OK;
    case PARQUET_DECIMAL:
        return decimal_type(n, 9, ret, err);
    case PARQUET_INT:
        *ret = n->bits == 8    ? (n->is_signed ? type_byte : type_short)
               : n->bits == 16 ? (n->is_signed ? type_short : type_int)
                               : (n->is_signed ? type_int : type_long);
        return FB_OK;
    case PARQUET_TIME:
        return err_set(err, ERR_UNSUPPORTED_TIME_TYPE, NULL);
    default:
        return type_error(ERR_PARQUET_TYPE_ILLEGAL, n, err);
    }
}

static fb_status int64_type(const ParquetNode *n, const ParquetOptions *o, const Type **ret,
                            fb_error *err)
{
    switch (n->logical) {
    case PARQUET_NONE:
        *ret = type_long;
        return FB_OK;
    case PARQUET_DECIMAL:
        return decimal_type(n, 18, ret, err);
    case PARQUET_INT:
        *ret = n->is_signed ? type_long : type_decimal(20, 0);
        return FB_OK;
    case PARQUET_TIMESTAMP:
        if (n->unit == 9) {
            return type_error(ERR_PARQUET_TYPE_ILLEGAL, n, err);
        }
        *ret = n->utc || !o->infer_ntz ? type_timestamp : type_timestamp_ntz;
        return FB_OK;
    case PARQUET_TIME:
        return n->unit == 6 ? err_set(err, ERR_UNSUPPORTED_TIME_TYPE, NULL)
                            : type_error(ERR_PARQUET_TYPE_ILLEGAL, n, err);
    default:
        return type_error(ERR_PARQUET_TYPE_ILLEGAL, n, err);
    }
}

static fb_status bytes_type(const ParquetNode *n, const ParquetOptions *o, const Type **ret,
                            fb_error *err)
{
    switch (n->logical) {
    case PARQUET_STRING:
    case PARQUET_ENUM:
    case PARQUET_JSON:
        *ret = type_string;
        return FB_OK;
    case PARQUET_BSON:
        *ret = type_binary;
        return FB_OK;
    case PARQUET_NONE:
        *ret = o->binary_as_string ? type_string : type_binary;
        return FB_OK;
    case PARQUET_DECIMAL:
        return decimal_type(n, 38, ret, err);
    default:
        return type_error(ERR_PARQUET_TYPE_ILLEGAL, n, err);
    }
}

fb_status parquet_leaf_type(const ParquetNode *n, const ParquetOptions *o, const Type **ret,
                            fb_error *err)
{
    switch (n->physical) {
    case PARQUET_BOOLEAN:
        *ret = type_boolean;
        return FB_OK;
    case PARQUET_FLOAT:
        *ret = type_float;
        return FB_OK;
    case PARQUET_DOUBLE:
        *ret = type_double;
        return FB_OK;
    case PARQUET_INT32:
        return int32_type(n, ret, err);
    case PARQUET_INT64:
        return int64_type(n, o, ret, err);
    case PARQUET_INT96:
        *ret = type_timestamp;
        return o->int96_as_timestamp
                   ? FB_OK
                   : err_unsupported(err, "spark.sql.parquet.int96AsTimestamp=false");
    case PARQUET_BYTE_ARRAY:
        return bytes_type(n, o, ret, err);
    default:
        break;
    }
    if (n->logical == PARQUET_DECIMAL) {
        return decimal_type(n, 38, ret, err);
    }
    if (n->logical == PARQUET_NONE) {
        *ret = type_binary;
        return FB_OK;
    }
    return type_error(n->logical == PARQUET_INTERVAL ? ERR_PARQUET_TYPE_NOT_SUPPORTED
                                                     : ERR_PARQUET_TYPE_ILLEGAL,
                      n, err);
}

/* ---- groups to types ---- */

static bool ends_with_tuple(const char *name, const char *parent)
{
    size_t n = strlen(parent);

    return strncmp(name, parent, n) == 0 && strcmp(name + n, "_tuple") == 0;
}

int32_t parquet_list_element(const ParquetNode *nodes, int32_t i)
{
    const ParquetNode *list = &nodes[i], *middle = &nodes[i + 1];

    if (list->logical != PARQUET_LIST || list->n_children != 1 ||
        middle->repetition != PARQUET_REPEATED) {
        return -1;
    }
    bool is_element = middle->physical != PARQUET_GROUP || middle->n_children != 1 ||
                      strcmp(middle->name, "array") == 0 ||
                      ends_with_tuple(middle->name, list->name) ||
                      nodes[i + 2].repetition == PARQUET_REPEATED;
    return is_element ? i + 1 : i + 2;
}

int32_t parquet_map_key(const ParquetNode *nodes, int32_t i)
{
    const ParquetNode *map = &nodes[i], *entries = &nodes[i + 1];

    if (map->logical != PARQUET_MAP || map->n_children != 1 || entries->n_children != 2 ||
        entries->repetition != PARQUET_REPEATED) {
        return -1;
    }
    return i + 2;
}

typedef struct ToType {
    const ParquetNode *nodes;
    const ParquetOptions *o;
    Arena *arena;
    fb_error *err;
} ToType;

static fb_status value_type(const ToType *t, int32_t i, int depth, const Type **ret);

static bool is_nullable(const ParquetNode *n)
{
    return n->repetition == PARQUET_OPTIONAL;
}

/* A field: a repeated one that is no part of a list is an array of its own. */
static fb_status field_type(const ToType *t, int32_t i, int depth, Field *ret)
{
    const ParquetNode *n = &t->nodes[i];

    *ret = (Field){.name = n->name, .nullable = is_nullable(n)};
    TRY(value_type(t, i, depth, &ret->type));
    if (n->repetition == PARQUET_REPEATED) {
        ret->type = type_array(ret->type, false);
    }
    return FB_OK;
}

static fb_status struct_type(const ToType *t, int32_t i, int depth, const Type **ret)
{
    uint32_t n = (uint32_t)t->nodes[i].n_children;
    Field *fields = ARENA_ARRAY(t->arena, Field, n);
    int32_t at = i + 1;

    for (uint32_t k = 0; k < n; k++) {
        TRY(field_type(t, at, depth + 1, &fields[k]));
        at += t->nodes[at].span;
    }
    *ret = type_struct(fields, n);
    return FB_OK;
}

static fb_status value_type(const ToType *t, int32_t i, int depth, const Type **ret)
{
    const ParquetNode *n = &t->nodes[i];

    if (depth > PARQUET_MAX_DEPTH) {
        return err_unsupported(t->err, "Parquet types nested more than %d deep", PARQUET_MAX_DEPTH);
    }
    if (n->physical != PARQUET_GROUP) {
        return parquet_leaf_type(n, t->o, ret, t->err);
    }
    if (n->logical == PARQUET_LIST) {
        int32_t element = parquet_list_element(t->nodes, i);
        if (element < 0) {
            return not_recognized(n, t->err);
        }
        const Type *type;
        TRY(value_type(t, element, depth + 1, &type));
        *ret = type_array(type, is_nullable(&t->nodes[element]));
        return FB_OK;
    }
    if (n->logical == PARQUET_MAP) {
        int32_t key = parquet_map_key(t->nodes, i);
        if (key < 0) {
            return not_recognized(n, t->err);
        }
        int32_t value = key + t->nodes[key].span;
        const Type *key_type, *type;
        TRY(value_type(t, key, depth + 1, &key_type));
        TRY(value_type(t, value, depth + 1, &type));
        *ret = type_map(key_type, type, is_nullable(&t->nodes[value]));
        return FB_OK;
    }
    if (n->logical == PARQUET_OTHER) {
        return err_unsupported(t->err, "the Parquet type of the column %s", n->name);
    }
    return struct_type(t, i, depth, ret);
}

fb_status parquet_file_type(ParquetInput *in, const ParquetOptions *o, const Type **ret,
                            fb_error *err)
{
    const char *json = in->shim->pair(in->file, PARQUET_ROW_METADATA);
    fb_error ignored = {0};
    Arena a = {0};

    if (json && type_from_json(str_of(json), ret, &ignored) == FB_OK && (*ret)->id == T_STRUCT) {
        return FB_OK;
    }
    err_clear(&ignored);
    ToType t = {in->nodes, o, &a, err};
    fb_status st = struct_type(&t, 0, 0, ret);
    arena_free(&a);
    return st;
}

/* ---- merging ---- */

typedef struct Merge {
    Arena *arena;
    bool case_sensitive;
    fb_error *err;
} Merge;

static fb_status merge_types(const Merge *m, const Type *a, const Type *b, const Type **ret);

static void quoted_sql(const Type *t, StrBuf *out)
{
    strbuf_putc(out, '"');
    type_sql(t, out);
    strbuf_putc(out, '"');
}

static fb_status incompatible(const Merge *m, const Type *a, const Type *b)
{
    StrBuf left = {0}, right = {0};

    quoted_sql(a, &left);
    quoted_sql(b, &right);
    fb_status st = err_set(m->err, ERR_CANNOT_MERGE_INCOMPATIBLE_DATA_TYPE, "left", left.p, "right",
                           right.p, NULL);
    strbuf_free(&left);
    strbuf_free(&right);
    return st;
}

/* Fields of a with what b has of the same name, then b's others. */
static fb_status merge_structs(const Merge *m, const Type *a, const Type *b, const Type **ret)
{
    uint32_t n = a->n_fields;
    Field *fields = ARENA_ARRAY(m->arena, Field, (size_t)a->n_fields + b->n_fields);
    bool *used = ARENA_ARRAY(m->arena, bool, b->n_fields);

    for (uint32_t i = 0; i < a->n_fields; i++) {
        fields[i] = a->fields[i];
        int at = type_field_index(b, str_of(a->fields[i].name), m->case_sensitive);
        if (at < 0) {
            continue;
        }
        used[at] = true;
        fields[i].nullable |= b->fields[at].nullable;
        TRY(merge_types(m, a->fields[i].type, b->fields[at].type, &fields[i].type));
    }
    for (uint32_t i = 0; i < b->n_fields; i++) {
        if (!used[i]) {
            fields[n++] = b->fields[i];
        }
    }
    *ret = type_struct(fields, n);
    return FB_OK;
}

static fb_status merge_types(const Merge *m, const Type *a, const Type *b, const Type **ret)
{
    const Type *part[2];

    *ret = a;
    if (a == b) {
        return FB_OK;
    }
    if (a->id != b->id || !type_is_nested(a)) {
        return incompatible(m, a, b);
    }
    if (a->id == T_STRUCT) {
        return merge_structs(m, a, b, ret);
    }
    for (uint32_t k = 0; k < a->n_fields; k++) {
        TRY(merge_types(m, a->fields[k].type, b->fields[k].type, &part[k]));
    }
    uint32_t last = a->n_fields - 1;
    bool nullable = a->fields[last].nullable || b->fields[last].nullable;
    *ret = a->id == T_ARRAY ? type_array(part[0], nullable) : type_map(part[0], part[1], nullable);
    return FB_OK;
}

fb_status parquet_merge(const Type *a, const Type *b, bool case_sensitive, const Type **ret,
                        fb_error *err)
{
    Arena arena = {0};
    fb_error cause = {0};
    Merge m = {&arena, case_sensitive, &cause};
    fb_status st = merge_types(&m, a, b, ret);

    if (st != FB_OK) {
        StrBuf left = {0}, right = {0};
        quoted_sql(a, &left);
        quoted_sql(b, &right);
        st = err_set_cause(err, &cause, ERR_CANNOT_MERGE_SCHEMAS, "left", left.p, "right", right.p,
                           NULL);
        strbuf_free(&left);
        strbuf_free(&right);
    }
    arena_free(&arena);
    return st;
}

/* ---- types to nodes ---- */

typedef struct ToNodes {
    const ParquetOptions *o;
    Arena *arena;
    ParquetNode *node;
    int32_t n, cap;
    fb_error *err;
} ToNodes;

static ParquetNode *add_node(ToNodes *t, const char *name, int32_t repetition, int32_t physical)
{
    if (t->n == t->cap) {
        int32_t cap = t->cap ? t->cap * 2 : 32;
        ParquetNode *grown = ARENA_ARRAY(t->arena, ParquetNode, (size_t)cap);
        if (t->n > 0) {
            memcpy(grown, t->node, (size_t)t->n * sizeof(*grown));
        }
        t->node = grown;
        t->cap = cap;
    }
    t->node[t->n] = (ParquetNode){
        .name = name, .repetition = repetition, .physical = physical, .column = -1, .field_id = -1};
    return &t->node[t->n++];
}

/* Bytes of a decimal with so many digits, as a two's complement number. */
static int32_t decimal_bytes(int precision)
{
    int32_t n = 1;
    int128_t limit = 1;

    for (int i = 0; i < precision; i++) {
        limit *= 10;
    }
    while (n < 16 && ((int128_t)1 << (8 * n - 1)) < limit) {
        n++;
    }
    return n;
}

static void decimal_node(ToNodes *t, const char *name, int32_t repetition, const Type *type)
{
    bool as_int = !t->o->legacy && type->precision <= 18;
    ParquetNode *n = add_node(t, name, repetition,
                              !as_int                ? PARQUET_FIXED
                              : type->precision <= 9 ? PARQUET_INT32
                                                     : PARQUET_INT64);

    n->logical = PARQUET_DECIMAL;
    n->precision = type->precision;
    n->scale = type->scale;
    n->length = as_int ? 0 : decimal_bytes(type->precision);
}

static void timestamp_node(ToNodes *t, const char *name, int32_t repetition, bool utc)
{
    int32_t unit = utc ? t->o->timestamp_unit : 6;
    ParquetNode *n = add_node(t, name, repetition, unit ? PARQUET_INT64 : PARQUET_INT96);

    if (unit) {
        n->logical = PARQUET_TIMESTAMP;
        n->utc = utc;
        n->unit = unit;
    }
}

static void leaf_node(ToNodes *t, const char *name, int32_t repetition, const Type *type)
{
    static const struct {
        int32_t physical, logical, bits;
    } plain[] = {[T_NULL] = {PARQUET_BOOLEAN, PARQUET_NULL, 0},
                 [T_BOOLEAN] = {PARQUET_BOOLEAN, PARQUET_NONE, 0},
                 [T_BYTE] = {PARQUET_INT32, PARQUET_INT, 8},
                 [T_SHORT] = {PARQUET_INT32, PARQUET_INT, 16},
                 [T_INT] = {PARQUET_INT32, PARQUET_NONE, 0},
                 [T_LONG] = {PARQUET_INT64, PARQUET_NONE, 0},
                 [T_FLOAT] = {PARQUET_FLOAT, PARQUET_NONE, 0},
                 [T_DOUBLE] = {PARQUET_DOUBLE, PARQUET_NONE, 0},
                 [T_STRING] = {PARQUET_BYTE_ARRAY, PARQUET_STRING, 0},
                 [T_BINARY] = {PARQUET_BYTE_ARRAY, PARQUET_NONE, 0},
                 [T_DATE] = {PARQUET_INT32, PARQUET_DATE, 0},
                 [T_INTERVAL_YM] = {PARQUET_INT32, PARQUET_NONE, 0},
                 [T_INTERVAL_DT] = {PARQUET_INT64, PARQUET_NONE, 0}};

    if (type->id == T_DECIMAL) {
        decimal_node(t, name, repetition, type);
    } else if (type->id == T_TIMESTAMP || type->id == T_TIMESTAMP_NTZ) {
        timestamp_node(t, name, repetition, type->id == T_TIMESTAMP);
    } else {
        ParquetNode *n = add_node(t, name, repetition, plain[type->id].physical);
        n->logical = plain[type->id].logical;
        n->bits = plain[type->id].bits;
        n->is_signed = 1;
    }
}

static fb_status value_nodes(ToNodes *t, const char *name, int32_t repetition, const Type *type,
                             int depth);

static int32_t repetition_of(bool nullable)
{
    return nullable ? PARQUET_OPTIONAL : PARQUET_REQUIRED;
}

static fb_status list_nodes(ToNodes *t, const char *name, int32_t repetition, const Type *type,
                            int depth)
{
    const Field *element = &type->fields[0];
    ParquetNode *n = add_node(t, name, repetition, PARQUET_GROUP);

    n->logical = PARQUET_LIST;
    n->n_children = 1;
    if (t->o->legacy && !element->nullable) {
        return value_nodes(t, "array", PARQUET_REPEATED, element->type, depth + 1);
    }
    add_node(t, t->o->legacy ? "bag" : "list", PARQUET_REPEATED, PARQUET_GROUP)->n_children = 1;
    return value_nodes(t, t->o->legacy ? "array" : "element", repetition_of(element->nullable),
                       element->type, depth + 2);
}

static fb_status map_nodes(ToNodes *t, const char *name, int32_t repetition, const Type *type,
                           int depth)
{
    ParquetNode *n = add_node(t, name, repetition, PARQUET_GROUP);

    n->logical = PARQUET_MAP;
    n->n_children = 1;
    ParquetNode *entries = add_node(t, "key_value", PARQUET_REPEATED, PARQUET_GROUP);
    entries->n_children = 2;
    entries->logical = t->o->legacy ? PARQUET_MAP_ENTRIES : PARQUET_NONE;
    TRY(value_nodes(t, "key", PARQUET_REQUIRED, type->fields[0].type, depth + 2));
    return value_nodes(t, "value", repetition_of(type->fields[1].nullable), type->fields[1].type,
                       depth + 2);
}

/* The metadata's "parquet.field.id", -1 for none. */
static int32_t field_id_of(const Field *f)
{
    json_error_t je;
    json_t *o = f->metadata ? json_loads(f->metadata, 0, &je) : NULL;
    const json_t *id = json_object_get(o, "parquet.field.id");
    json_int_t v = json_is_integer(id) ? json_integer_value(id) : -1;

    json_decref(o);
    return v >= 0 && v <= INT32_MAX ? (int32_t)v : -1;
}

static fb_status value_nodes(ToNodes *t, const char *name, int32_t repetition, const Type *type,
                             int depth)
{
    if (depth > PARQUET_MAX_DEPTH) {
        return err_unsupported(t->err, "types nested more than %d deep in Parquet files",
                               PARQUET_MAX_DEPTH);
    }
    switch (type->id) {
    case T_ARRAY:
        return list_nodes(t, name, repetition, type, depth);
    case T_MAP:
        return map_nodes(t, name, repetition, type, depth);
    case T_STRUCT:
        add_node(t, name, repetition, PARQUET_GROUP)->n_children = (int32_t)type->n_fields;
        for (uint32_t k = 0; k < type->n_fields; k++) {
            const Field *f = &type->fields[k];
            int32_t at = t->n;
            TRY(value_nodes(t, f->name, repetition_of(f->nullable), f->type, depth + 1));
            t->node[at].field_id = t->o->field_ids ? field_id_of(f) : -1;
        }
        return FB_OK;
    default:
        leaf_node(t, name, repetition, type);
        return FB_OK;
    }
}

fb_status parquet_nodes_of(const Type *schema, const ParquetOptions *o, Arena *a,
                           const ParquetNode **ret, int32_t *ret_n, fb_error *err)
{
    ToNodes t = {.o = o, .arena = a, .err = err};

    TRY(value_nodes(&t, "spark_schema", PARQUET_REQUIRED, schema, 0));
    *ret = t.node;
    *ret_n = t.n;
    return FB_OK;
}
