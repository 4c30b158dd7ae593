/*
 * parquet_pick.c - which leaves of a file give the columns wanted, and whether their types fit.
 *
 * Columns and fields of structs are found by name, without regard to case unless the session says
 * otherwise; what the file does not have is null. Which type can be read as which is Spark's table
 * (ParquetVectorUpdaterFactory): a leaf's numbers go where its physical type goes, decimals only
 * grow, strings and binary are the same bytes.
 *
 * Files of old Spark versions may hold dates and timestamps of the Julian calendar; their footer
 * says so, and columns of such a file are marked.
 *
 * Of a struct only the leaves wanted are read. When none of its fields is in the file, one leaf is
 * read all the same, since it tells which structs are null.
 */
#include "format/parquet_priv.h"

#include <stdlib.h>

#define PATH_MAX_NAMES (2 * PARQUET_MAX_DEPTH + 8)

typedef struct Picker {
    const ParquetInput *in;
    const ParquetNode *nodes;
    const ParquetOptions *o;
    Arena *arena;
    Picks *out;
    bool *taken;                      /* by column of the file */
    const char *path[PATH_MAX_NAMES]; /* names down to the node at hand */
    uint32_t n_path;
    bool old_dates, old_int96; /* of the Julian calendar */
    fb_error *err;
} Picker;

/* ---- errors ---- */

static fb_status mismatch(Picker *p, const Type *want, const ParquetNode *n)
{
    static const char *const physical[] = {"BOOLEAN", "INT32",  "INT64",  "INT96",
                                           "FLOAT",   "DOUBLE", "BINARY", "FIXED_LEN_BYTE_ARRAY"};
    StrBuf column = {0}, expected = {0};

    strbuf_putc(&column, '[');
    for (uint32_t i = 0; i < p->n_path; i++) {
        strbuf_printf(&column, "%s%s", i ? ", " : "", p->path[i]);
    }
    strbuf_putc(&column, ']');
    type_simple_string(want, &expected);
    fb_status st = err_set(p->err, ERR_FAILED_READ_FILE_PARQUET_COLUMN_DATA_TYPE_MISMATCH, "path",
                           vfs_uri_of_path(p->arena, p->in->path), "column", column.p,
                           "expectedType", expected.p, "actualType",
                           n->physical == PARQUET_GROUP ? "group" : physical[n->physical], NULL);
    strbuf_free(&column);
    strbuf_free(&expected);
    return st;
}

/* A struct, list or map where the file has something else. */
static fb_status group_mismatch(Picker *p, const Type *want, const ParquetNode *n)
{
    StrBuf text = {0};

    strbuf_printf(&text, "the column %s is a ", n->name);
    parquet_type_text(n, &text);
    strbuf_puts(&text, ", which can't be read as ");
    type_simple_string(want, &text);
    fb_status st =
        err_set(p->err, ERR_IO, "action", "read", "path", p->in->path, "reason", text.p, NULL);
    strbuf_free(&text);
    return st;
}

static fb_status unsupported_read(Picker *p, const Type *want, const ParquetNode *n)
{
    StrBuf type = {0}, text = {0};

    type_simple_string(want, &type);
    parquet_type_text(n, &text);
    fb_status st =
        err_unsupported(p->err, "reading a Parquet column of type %s as %s", text.p, type.p);
    strbuf_free(&type);
    strbuf_free(&text);
    return st;
}

/* ---- leaves ---- */

/* From decimals, and from integers of so many digits. */
static bool decimal_fits(const ParquetNode *n, const Type *want)
{
    int precision, scale = 0;

    if (n->logical == PARQUET_DECIMAL) {
        precision = n->precision;
        scale = n->scale;
    } else if (n->logical == PARQUET_NONE || (n->logical == PARQUET_INT && n->is_signed)) {
        precision = n->physical == PARQUET_INT32 ? 10 : n->physical == PARQUET_INT64 ? 20 : 99;
    } else {
        return n->logical == PARQUET_INT && n->bits == 64 && want->precision == 20 &&
               want->scale == 0;
    }
    int more_scale = want->scale - scale, more_digits = want->precision - precision;
    return more_scale >= 0 && more_digits >= more_scale;
}

static bool int32_fits(const ParquetNode *n, const Type *want)
{
    bool plain = n->logical != PARQUET_INT || n->is_signed || n->bits < 32;

    switch (want->id) {
    case T_BYTE:
    case T_SHORT:
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM:
        return plain;
    case T_LONG:
    case T_DOUBLE:
        return true;
    case T_TIMESTAMP_NTZ:
        return n->logical == PARQUET_DATE;
    case T_DECIMAL:
        return decimal_fits(n, want);
    default:
        return false;
    }
}

static bool int64_fits(const ParquetNode *n, const Type *want)
{
    bool time = n->logical == PARQUET_TIMESTAMP && n->unit != 9;

    switch (want->id) {
    case T_LONG:
    case T_INTERVAL_DT:
        return n->logical != PARQUET_INT || n->is_signed;
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
        return time;
    case T_DECIMAL:
        return decimal_fits(n, want);
    default:
        return false;
    }
}

static bool leaf_fits(const ParquetNode *n, const Type *want)
{
    switch (n->physical) {
    case PARQUET_BOOLEAN:
        return want->id == T_BOOLEAN;
    case PARQUET_INT32:
        return int32_fits(n, want);
    case PARQUET_INT64:
        return int64_fits(n, want);
    case PARQUET_INT96:
        return want->id == T_TIMESTAMP || want->id == T_TIMESTAMP_NTZ;
    case PARQUET_FLOAT:
        return want->id == T_FLOAT || want->id == T_DOUBLE;
    case PARQUET_DOUBLE:
        return want->id == T_DOUBLE;
    default:
        break;
    }
    if (n->logical == PARQUET_DECIMAL) {
        return want->id == T_BINARY || (want->id == T_DECIMAL && decimal_fits(n, want));
    }
    return want->id == T_BINARY || (want->id == T_STRING && n->physical == PARQUET_BYTE_ARRAY);
}

/* What Spark reads as the raw bytes or numbers of the file and the engine does not get to see. */
static bool is_raw_read(const ParquetNode *n, const Type *want)
{
    bool scaled = n->logical == PARQUET_TIMESTAMP &&
                  (n->unit == 9 || (n->unit == 3 && !type_is_datetime(want)));
    bool sign_lost = n->logical == PARQUET_INT && n->physical == PARQUET_INT32 && n->bits == 32 &&
                     !n->is_signed && want->id == T_DOUBLE;

    return scaled || sign_lost || (n->logical == PARQUET_DECIMAL && want->id == T_BINARY) ||
           n->logical == PARQUET_FLOAT16 || n->logical == PARQUET_TIME ||
           n->logical == PARQUET_INTERVAL;
}

/* Whether the file's integers are those of the wanted type: its statistics then are, too. */
static bool keeps_integers(const ParquetNode *n, const Type *want)
{
    bool is_signed = n->logical == PARQUET_NONE || (n->logical == PARQUET_INT && n->is_signed);

    switch (want->id) {
    case T_BYTE:
        return n->physical == PARQUET_INT32 && n->logical == PARQUET_INT && n->bits == 8 &&
               n->is_signed;
    case T_SHORT:
        return n->physical == PARQUET_INT32 && n->logical == PARQUET_INT && n->bits == 16 &&
               n->is_signed;
    case T_INT:
    case T_LONG:
        return is_signed;
    case T_DATE:
        return n->logical == PARQUET_DATE;
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
        return n->physical == PARQUET_INT64 && n->logical == PARQUET_TIMESTAMP && n->unit == 6;
    default:
        return false;
    }
}

static void take_leaf(Picker *p, const ParquetNode *n)
{
    if (!p->taken[n->column]) {
        p->taken[n->column] = true;
        p->out->leaf[p->out->n_leaves++] = n->column;
    }
}

static fb_status pick_leaf(Picker *p, const Type *want, const ParquetNode *n, Pick *pick)
{
    if (want->id == T_STRUCT) {
        return group_mismatch(p, want, n);
    }
    if (!leaf_fits(n, want) && !(n->logical == PARQUET_NULL && want->id == T_NULL)) {
        return mismatch(p, want, n);
    }
    if (is_raw_read(n, want)) {
        return unsupported_read(p, want, n);
    }
    pick->old_calendar = (want->id == T_DATE || want->id == T_TIMESTAMP) &&
                         (n->physical == PARQUET_INT96 ? p->old_int96 : p->old_dates);
    pick->leaf = keeps_integers(n, want) && !pick->old_calendar ? n->column : -1;
    take_leaf(p, n);
    return FB_OK;
}

/* ---- groups ---- */

static fb_status pick_value(Picker *p, const Type *want, int32_t i, Pick *pick);

/* One step down, which gives the name for messages. */
static fb_status pick_below(Picker *p, const Type *want, int32_t i, Pick *pick)
{
    if (p->n_path == PATH_MAX_NAMES) {
        return err_unsupported(p->err, "Parquet types nested more than %d deep", PARQUET_MAX_DEPTH);
    }
    p->path[p->n_path++] = p->nodes[i].name;
    fb_status st = pick_value(p, want, i, pick);
    p->n_path--;
    return st;
}

static fb_status pick_field(Picker *p, const Type *want, int32_t i, Pick *pick)
{
    const ParquetNode *n = &p->nodes[i];

    if (n->repetition != PARQUET_REPEATED) {
        return pick_below(p, want, i, pick);
    }
    *pick = (Pick){.type = want, .name = n->name, .leaf = -1};
    if (want->id != T_ARRAY) {
        return mismatch(p, want, n);
    }
    pick->child = ARENA_NEW(p->arena, Pick);
    return pick_below(p, want->fields[0].type, i, pick->child);
}

/* The field of group i with this name: its node, -1 for none. */
static fb_status find_field(Picker *p, int32_t i, const char *name, int32_t *ret)
{
    int32_t at = i + 1;

    *ret = -1;
    for (int32_t k = 0; k < p->nodes[i].n_children; k++) {
        const char *have = p->nodes[at].name;
        bool same = p->o->case_sensitive ? strcmp(have, name) == 0 : cstr_eq_nocase(have, name);
        if (same && *ret >= 0) {
            StrBuf matched = {0};
            strbuf_printf(&matched, "[%s, %s]", p->nodes[*ret].name, have);
            fb_status st = err_set(p->err, ERR_LEGACY_2093, "requiredFieldName", name,
                                   "matchedOrcFields", matched.p, NULL);
            strbuf_free(&matched);
            return st;
        }
        if (same) {
            *ret = at;
        }
        at += p->nodes[at].span;
    }
    return FB_OK;
}

/* Leaves that tell which rows of group i are null: one is enough, but a map needs both parts. */
static void take_witness(Picker *p, int32_t i)
{
    int32_t at = i + 1, best = at;

    for (int32_t k = 0; k < p->nodes[i].n_children; k++) {
        if (p->nodes[at].physical != PARQUET_GROUP) {
            best = at;
            break;
        }
        at += p->nodes[at].span;
    }
    for (int32_t k = 0; k < p->nodes[best].span; k++) {
        if (p->nodes[best + k].physical != PARQUET_GROUP) {
            take_leaf(p, &p->nodes[best + k]);
        }
    }
}

static fb_status pick_struct(Picker *p, const Type *want, int32_t i, Pick *pick)
{
    int32_t before = p->out->n_leaves;

    pick->child = ARENA_ARRAY(p->arena, Pick, want->n_fields);
    for (uint32_t k = 0; k < want->n_fields; k++) {
        const Field *f = &want->fields[k];
        int32_t at;
        TRY(find_field(p, i, f->name, &at));
        pick->child[k] = (Pick){.type = f->type, .leaf = -1};
        if (at >= 0) {
            TRY(pick_field(p, f->type, at, &pick->child[k]));
        }
    }
    if (p->out->n_leaves == before && i > 0 && p->nodes[i].n_children > 0) {
        take_witness(p, i);
    }
    return FB_OK;
}

static fb_status pick_value(Picker *p, const Type *want, int32_t i, Pick *pick)
{
    const ParquetNode *n = &p->nodes[i];

    *pick = (Pick){.type = want, .name = n->name, .leaf = -1};
    if (n->physical != PARQUET_GROUP) {
        return pick_leaf(p, want, n, pick);
    }
    int32_t first = n->logical == PARQUET_LIST  ? parquet_list_element(p->nodes, i)
                    : n->logical == PARQUET_MAP ? parquet_map_key(p->nodes, i)
                                                : i + 1;
    TypeId id = n->logical == PARQUET_LIST ? T_ARRAY : n->logical == PARQUET_MAP ? T_MAP : T_STRUCT;
    if (want->id != id || first < 0 || n->logical == PARQUET_OTHER) {
        return group_mismatch(p, want, n);
    }
    if (id == T_STRUCT) {
        return pick_struct(p, want, i, pick);
    }
    pick->child = ARENA_ARRAY(p->arena, Pick, want->n_fields);
    for (uint32_t k = 0; k < want->n_fields; k++) {
        TRY(pick_below(p, want->fields[k].type, first, &pick->child[k]));
        first += p->nodes[first].span;
    }
    return FB_OK;
}

static int by_number(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

    return (x > y) - (x < y);
}

/* Whether the file's Spark is older than major.minor, or says that it wrote the old calendar. */
static bool is_old(const ParquetInput *in, const char *mark, int64_t major, int64_t minor)
{
    const char *version = in->shim->pair(in->file, PARQUET_SPARK_VERSION);
    const char *dot = version ? strchr(version, '.') : NULL;
    int64_t a, b;

    if (dot && parse_i64((Str){version, (size_t)(dot - version)}, &a)) {
        const char *end = dot + 1 + strspn(dot + 1, "0123456789");
        bool known = parse_i64((Str){dot + 1, (size_t)(end - dot - 1)}, &b);
        if (a < major || (a == major && known && b < minor)) {
            return true;
        }
    }
    return in->shim->pair(in->file, mark) != NULL;
}

fb_status parquet_pick(const ParquetInput *in, const ParquetOptions *o, const ReadPlan *plan,
                       Arena *a, Picks *ret, fb_error *err)
{
    Picker p = {.in = in,
                .nodes = in->nodes,
                .o = o,
                .arena = a,
                .out = ret,
                .taken = ARENA_ARRAY(a, bool, (size_t)in->n_nodes),
                .err = err};

    *ret = (Picks){.column = ARENA_ARRAY(a, Pick, plan->n_columns),
                   .place = ARENA_ARRAY(a, uint32_t, plan->n_columns),
                   .leaf = ARENA_ARRAY(a, int32_t, (size_t)in->n_nodes)};
    p.old_dates = is_old(in, "org.apache.spark.legacyDateTime", 3, 0);
    p.old_int96 = is_old(in, "org.apache.spark.legacyINT96", 3, 1);
    for (uint32_t k = 0; k < plan->n_columns; k++) {
        const Field *f = &plan->schema->fields[plan->columns[k]];
        int32_t at;
        TRY(find_field(&p, 0, f->name, &at));
        ret->column[k] = (Pick){.type = f->type, .leaf = -1};
        if (at >= 0) {
            TRY(pick_field(&p, f->type, at, &ret->column[k]));
        }
    }
    if (ret->n_leaves > 0) {
        qsort(ret->leaf, (size_t)ret->n_leaves, sizeof(*ret->leaf), by_number);
    }
    return FB_OK;
}
