/*
 * arrow_export.c - types and batches as structs of the Arrow C Data Interface.
 *
 * The mapping is Spark's (org.apache.spark.sql.util.ArrowUtils and ArrowWriter, 4.3):
 *
 *   void null, boolean bool, byte..long int8..int64, float, double, decimal decimal128(p,s),
 *   string utf8, binary, date date32, timestamp timestamp[us, session zone], timestamp_ntz
 *   timestamp[us], year-month interval interval[months], day-time interval duration[us], calendar
 *   interval interval[month_day_nano], array list<element>, map map<entries<key, value>>, struct
 *
 * Nullability is the type's, a field's metadata is kept under ARROW_METADATA_KEY, and when fields
 * of a nested struct share a name all of them get a suffix ("a_0", "a_1"), since readers address
 * them by name.
 *
 * Most buffers have the engine's layout: validity words are Arrow's bitmap on a little-endian
 * machine, offsets of arrays below 2^31 are Arrow's. Booleans are packed, views become offsets and
 * bytes, calendar intervals get nanoseconds. A column that is_const is flattened first.
 *
 * Ownership: each exported struct owns a node (its buffers and the structs of its children) and can
 * be released alone, as the interface demands of children that a consumer moves out. A struct that
 * could not be completed is released before the error is returned.
 *
 * Threads: pure; the results may be released on any thread.
 */
#include "column/arrow_priv.h"

#include "column/interval.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- schema ---- */

typedef struct SchemaNode {
    char *format, *name, *metadata;
    struct ArrowSchema *children; /* n_children structs */
    struct ArrowSchema **child_ptrs;
} SchemaNode;

static void schema_release(struct ArrowSchema *s)
{
    SchemaNode *node = s->private_data;
    for (int64_t i = 0; i < s->n_children; i++) {
        if (node->children[i].release) {
            node->children[i].release(&node->children[i]);
        }
    }
    mem_free(node->format);
    mem_free(node->name);
    mem_free(node->metadata);
    mem_free(node->children);
    mem_free(node->child_ptrs);
    mem_free(node);
    s->release = NULL;
}

/* One pair in the interface's encoding: count, then length and bytes of key and value. */
static char *metadata_encode(const char *json)
{
    int32_t n_pairs = 1, key_len = (int32_t)strlen(ARROW_METADATA_KEY);
    int32_t json_len = (int32_t)strlen(json);
    StrBuf b = {0};
    strbuf_append(&b, &n_pairs, sizeof(n_pairs));
    strbuf_append(&b, &key_len, sizeof(key_len));
    strbuf_append(&b, ARROW_METADATA_KEY, (size_t)key_len);
    strbuf_append(&b, &json_len, sizeof(json_len));
    strbuf_append(&b, json, (size_t)json_len);
    return strbuf_take(&b);
}

static void format_of(const Type *t, const char *time_zone, StrBuf *out)
{
    static const char *const fixed[] = {
        [T_NULL] = "n",          [T_BOOLEAN] = "b",       [T_BYTE] = "c",
        [T_SHORT] = "s",         [T_INT] = "i",           [T_LONG] = "l",
        [T_FLOAT] = "f",         [T_DOUBLE] = "g",        [T_STRING] = "u",
        [T_BINARY] = "z",        [T_DATE] = "tdD",        [T_TIMESTAMP_NTZ] = "tsu:",
        [T_INTERVAL_YM] = "tiM", [T_INTERVAL_DT] = "tDu", [T_INTERVAL_CAL] = "tin",
        [T_ARRAY] = "+l",        [T_MAP] = "+m",          [T_STRUCT] = "+s"};
    if (t->id == T_DECIMAL) {
        strbuf_printf(out, "d:%d,%d", t->precision, t->scale);
    } else if (t->id == T_TIMESTAMP) {
        strbuf_puts(out, "tsu:");
        strbuf_puts(out, time_zone);
    } else {
        strbuf_puts(out, fixed[t->id]);
    }
}

/* Makes ret a struct that owns itself, with n_children children that are still empty. */
static SchemaNode *schema_init(struct ArrowSchema *ret, const char *format, const char *name,
                               bool nullable, uint32_t n_children)
{
    SchemaNode *node = mem_zalloc(sizeof(*node));
    node->format = mem_strdup(format);
    node->name = mem_strdup(name);
    *ret = (struct ArrowSchema){.format = node->format,
                                .name = node->name,
                                .flags = nullable ? ARROW_FLAG_NULLABLE : 0,
                                .n_children = n_children,
                                .release = schema_release,
                                .private_data = node};
    if (n_children > 0) {
        node->children = mem_zalloc(mem_mul(n_children, sizeof(*node->children)));
        node->child_ptrs = mem_zalloc(mem_mul(n_children, sizeof(*node->child_ptrs)));
        for (uint32_t i = 0; i < n_children; i++) {
            node->child_ptrs[i] = &node->children[i];
        }
        ret->children = node->child_ptrs;
    }
    return node;
}

static int field_ptr_cmp(const void *a, const void *b)
{
    const Field *x = *(const Field *const *)a, *y = *(const Field *const *)b;
    int c = strcmp(x->name, y->name);
    return c != 0 ? c : (x > y) - (x < y);
}

/* Names of a nested struct's fields: those that occur more than once are numbered. */
static const char **unique_names(const Type *t, Arena *scratch)
{
    const char **names = ARENA_ARRAY(scratch, const char *, t->n_fields);
    const Field **sorted = ARENA_ARRAY(scratch, const Field *, t->n_fields);
    for (uint32_t i = 0; i < t->n_fields; i++) {
        sorted[i] = &t->fields[i];
        names[i] = t->fields[i].name;
    }
    qsort(sorted, t->n_fields, sizeof(*sorted), field_ptr_cmp);
    for (uint32_t i = 0, n; i < t->n_fields; i += n) {
        for (n = 1; i + n < t->n_fields && strcmp(sorted[i]->name, sorted[i + n]->name) == 0;) {
            n++;
        }
        for (uint32_t k = 0; n > 1 && k < n; k++) {
            const Field *f = sorted[i + k];
            names[f - t->fields] = arena_printf(scratch, "%s_%u", f->name, k);
        }
    }
    return names;
}

static fb_status export_field(const char *name, const Field *f, const char *time_zone, int depth,
                              Arena *scratch, struct ArrowSchema *ret, fb_error *err);

/* The struct type t as fields of ret, which is set up for them. */
static fb_status export_fields(const Type *t, const char **names, const char *time_zone, int depth,
                               Arena *scratch, struct ArrowSchema *ret, fb_error *err)
{
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const char *name = names ? names[i] : t->fields[i].name;
        TRY(export_field(name, &t->fields[i], time_zone, depth, scratch, ret->children[i], err));
    }
    return FB_OK;
}

/* Sets up ret always; a failure leaves what was done so far to ret's owner. */
static fb_status export_field(const char *name, const Field *f, const char *time_zone, int depth,
                              Arena *scratch, struct ArrowSchema *ret, fb_error *err)
{
    if (depth > ARROW_MAX_DEPTH) {
        return err_unsupported(err, "types nested more than %d deep as Arrow", ARROW_MAX_DEPTH);
    }
    const Type *t = f->type;
    StrBuf format = {0};
    format_of(t, time_zone, &format);
    uint32_t n_children = t->id == T_MAP ? 1 : t->n_fields;
    SchemaNode *node = schema_init(ret, format.p, name, f->nullable, n_children);
    strbuf_free(&format);
    if (f->metadata) {
        if (strlen(f->metadata) > INT32_MAX) {
            return err_unsupported(err, "more than 2 GiB of metadata of one field");
        }
        node->metadata = metadata_encode(f->metadata);
        ret->metadata = node->metadata;
    }
    if (t->id == T_MAP) {
        struct ArrowSchema *entries = ret->children[0];
        schema_init(entries, "+s", "entries", false, 2);
        return export_fields(t, NULL, time_zone, depth + 2, scratch, entries, err);
    }
    const char **names = t->id == T_STRUCT ? unique_names(t, scratch) : NULL;
    return export_fields(t, names, time_zone, depth + 1, scratch, ret, err);
}

fb_status arrow_export_schema(const Type *schema, const char *time_zone, struct ArrowSchema *ret,
                              fb_error *err)
{
    Arena scratch = {0};
    schema_init(ret, "+s", "", false, schema->n_fields);
    fb_status st =
        export_fields(schema, NULL, time_zone ? time_zone : "UTC", 1, &scratch, ret, err);
    arena_free(&scratch);
    if (st != FB_OK) {
        ret->release(ret);
    }
    return st;
}

/* ---- batches ---- */

typedef struct Export {
    Arena *scratch; /* flattened columns; outlives the export when buffers are borrowed */
    bool borrow;
    fb_error *err;
} Export;

typedef struct ArrayNode {
    const void *buffers[3];
    void *owned[3]; /* the buffers that are freed with the node */
    struct ArrowArray *children;
    struct ArrowArray **child_ptrs;
} ArrayNode;

static void array_release(struct ArrowArray *a)
{
    ArrayNode *node = a->private_data;
    for (int64_t i = 0; i < a->n_children; i++) {
        if (node->children[i].release) {
            node->children[i].release(&node->children[i]);
        }
    }
    for (int i = 0; i < 3; i++) {
        mem_free(node->owned[i]);
    }
    mem_free(node->children);
    mem_free(node->child_ptrs);
    mem_free(node);
    a->release = NULL;
}

static ArrayNode *array_init(struct ArrowArray *ret, int64_t length, int n_buffers,
                             uint32_t n_children)
{
    ArrayNode *node = mem_zalloc(sizeof(*node));
    *ret = (struct ArrowArray){.length = length,
                               .n_buffers = n_buffers,
                               .n_children = n_children,
                               .buffers = node->buffers,
                               .release = array_release,
                               .private_data = node};
    if (n_children > 0) {
        node->children = mem_zalloc(mem_mul(n_children, sizeof(*node->children)));
        node->child_ptrs = mem_zalloc(mem_mul(n_children, sizeof(*node->child_ptrs)));
        for (uint32_t i = 0; i < n_children; i++) {
            node->child_ptrs[i] = &node->children[i];
        }
        ret->children = node->child_ptrs;
    }
    return node;
}

static void *array_own(ArrayNode *node, int k, void *p)
{
    node->owned[k] = p;
    node->buffers[k] = p;
    return p;
}

/* Buffer k is the n bytes at p, which have Arrow's layout. */
static void array_put(const Export *e, ArrayNode *node, int k, const void *p, size_t n)
{
    static const int64_t nothing;
    if (n == 0) {
        node->buffers[k] = &nothing; /* consumers want a buffer even when it is empty */
    } else if (e->borrow) {
        node->buffers[k] = p;
    } else {
        memcpy(array_own(node, k, mem_alloc(n)), p, n);
    }
}

static uint32_t count_nulls(const Vec *v)
{
    uint32_t n_valid = 0, full = v->len / 64;
    for (uint32_t w = 0; w < full; w++) {
        n_valid += (uint32_t)__builtin_popcountll(v->valid[w]);
    }
    if (v->len % 64 != 0) {
        uint64_t tail = v->valid[full] & ((1ull << (v->len % 64)) - 1);
        n_valid += (uint32_t)__builtin_popcountll(tail);
    }
    return v->len - n_valid;
}

static void export_validity(const Export *e, const Vec *v, ArrayNode *node, struct ArrowArray *ret)
{
    ret->null_count = v->valid ? count_nulls(v) : 0;
    if (ret->null_count > 0) {
        array_put(e, node, 0, v->valid, VEC_WORDS(v->len) * sizeof(uint64_t));
    }
}

/* Bytes 0/1 to bits, eight at a time: the multiplication moves byte k's low bit to bit 56 + k. */
static void pack_bools(const uint8_t *from, uint32_t n, uint8_t *to)
{
    uint32_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t x;
        memcpy(&x, from + i, 8);
        x &= 0x0101010101010101ull;
        to[i / 8] = (uint8_t)((x * 0x0102040810204080ull) >> 56);
    }
    if (i < n) {
        uint8_t bits = 0;
        for (uint32_t k = 0; i + k < n; k++) {
            bits = (uint8_t)(bits | (from[i + k] & 1) << k);
        }
        to[i / 8] = bits;
    }
}

static inline bool row_is_valid(const uint64_t *valid, uint32_t i)
{
    return !valid || (valid[i >> 6] >> (i & 63) & 1);
}

/*
 * Views to offsets and bytes in one pass. Inline views are written as 12 bytes whatever their
 * length, the next one overwrites what is too much; so the buffer always has room for 12 bytes of
 * each row to come, and only a long string has to look at the capacity.
 */
static fb_status export_views(const Export *e, const Vec *v, ArrayNode *node)
{
    const View *views = v->data;
    uint32_t n = v->len;
    int32_t *offsets = array_own(node, 1, mem_alloc(((size_t)n + 1) * sizeof(int32_t)));
    size_t cap = (size_t)n * 12 + 1, at = 0;
    char *bytes = array_own(node, 2, mem_alloc(cap));
    offsets[0] = 0;
    for (uint32_t i = 0; i < n; i++) {
        const View *view = &views[i];
        if (!row_is_valid(v->valid, i)) {
            /* its view is not looked at */
        } else if (view->len <= 12) {
            memcpy(bytes + at, (const char *)view + offsetof(View, prefix), 12);
            at += view->len;
        } else {
            size_t rest = (size_t)(n - i) * 12 + 1;
            if (cap - at < view->len + rest) {
                cap += cap / 2 + view->len + rest;
                bytes = mem_realloc(bytes, cap);
                array_own(node, 2, bytes);
            }
            memcpy(bytes + at, view->ptr, view->len);
            at += view->len;
            if (at > INT32_MAX) {
                return err_unsupported(e->err, "more than 2 GiB of strings in one Arrow column");
            }
        }
        offsets[i + 1] = (int32_t)at;
    }
    if (at > INT32_MAX) {
        return err_unsupported(e->err, "more than 2 GiB of strings in one Arrow column");
    }
    return FB_OK;
}

typedef struct MonthDayNano {
    int32_t months, days;
    int64_t nanos;
} MonthDayNano;

static fb_status export_intervals(const Export *e, const Vec *v, ArrayNode *node)
{
    const IntervalCal *from = v->data;
    MonthDayNano *to = array_own(node, 1, mem_zalloc((size_t)v->len * sizeof(*to) + 1));
    for (uint32_t i = 0; i < v->len; i++) {
        if (!row_is_valid(v->valid, i)) {
            continue;
        }
        to[i].months = from[i].months;
        to[i].days = from[i].days;
        if (__builtin_mul_overflow(from[i].micros, 1000, &to[i].nanos)) {
            StrBuf text = {0};
            strbuf_puts(&text, "write the interval ");
            interval_format(from[i], &text);
            strbuf_puts(&text, " with Arrow's nanoseconds, which reach about 292 years");
            fb_status st = err_set(e->err, ERR_DATETIME_OVERFLOW, "operation", text.p, NULL);
            strbuf_free(&text);
            return st;
        }
    }
    return FB_OK;
}

static fb_status export_vec(const Export *e, const Vec *v, const Type *t, int depth,
                            struct ArrowArray *ret);

/* Writes the offsets so that the first is 0 and gives the rows of child k that they cover. */
static fb_status export_offsets(const Export *e, const Vec *v, ArrayNode *node, uint32_t *ret_from,
                                uint32_t *ret_n)
{
    const uint32_t *offsets = v->data;
    uint32_t from = v->len ? offsets[0] : 0, n = v->len ? offsets[v->len] - from : 0;
    if (n > INT32_MAX) {
        return err_unsupported(e->err, "more than 2^31 elements of arrays in one Arrow column");
    }
    if (from == 0 && v->len) {
        array_put(e, node, 1, offsets, ((size_t)v->len + 1) * sizeof(uint32_t));
    } else {
        uint32_t *to = array_own(node, 1, mem_zalloc(((size_t)v->len + 1) * sizeof(uint32_t)));
        for (uint32_t i = 1; i <= v->len; i++) {
            to[i] = offsets[i] - from;
        }
    }
    *ret_from = from;
    *ret_n = n;
    return FB_OK;
}

static fb_status export_elements(const Export *e, const Vec *v, uint32_t k, const Type *t,
                                 uint32_t from, uint32_t n, int depth, struct ArrowArray *ret)
{
    Vec part;
    if (n == 0) {
        vec_init(&part, t, 0, e->scratch);
    } else if (from == 0 && n == v->child[k].len) {
        part = v->child[k];
    } else {
        part = vec_slice(&v->child[k], from, n, e->scratch);
    }
    return export_vec(e, &part, t, depth, ret);
}

static fb_status export_list(const Export *e, const Vec *v, const Type *t, int depth,
                             struct ArrowArray *ret)
{
    ArrayNode *node = array_init(ret, v->len, 2, 1);
    export_validity(e, v, node, ret);
    uint32_t from = 0, n = 0;
    TRY(export_offsets(e, v, node, &from, &n));
    if (t->id == T_ARRAY) {
        const Type *element = t->fields[0].type;
        return export_elements(e, v, 0, element, from, n, depth + 1, ret->children[0]);
    }
    struct ArrowArray *entries = ret->children[0];
    array_init(entries, n, 1, 2);
    for (uint32_t k = 0; k < 2; k++) {
        const Type *part = t->fields[k].type;
        TRY(export_elements(e, v, k, part, from, n, depth + 2, entries->children[k]));
    }
    return FB_OK;
}

static fb_status export_struct(const Export *e, const Vec *v, const Type *t, int depth,
                               struct ArrowArray *ret)
{
    ArrayNode *node = array_init(ret, v->len, 1, t->n_fields);
    export_validity(e, v, node, ret);
    for (uint32_t k = 0; k < t->n_fields; k++) {
        if (v->child[k].len != v->len) {
            return err_internal(e->err, "field %u of a struct has %u rows instead of %u", k,
                                v->child[k].len, v->len);
        }
        TRY(export_vec(e, &v->child[k], t->fields[k].type, depth + 1, ret->children[k]));
    }
    return FB_OK;
}

/* As export_field: what was set up before a failure belongs to ret's owner. */
static fb_status export_vec(const Export *e, const Vec *v, const Type *t, int depth,
                            struct ArrowArray *ret)
{
    if (depth > ARROW_MAX_DEPTH) {
        return err_unsupported(e->err, "types nested more than %d deep as Arrow", ARROW_MAX_DEPTH);
    }
    if (v->type->id != t->id) {
        return err_internal(e->err, "a column of type %d where the schema has %d", v->type->id,
                            t->id);
    }
    Vec flat;
    if (v->is_const) {
        vec_flatten(&flat, v, e->scratch);
        v = &flat;
    }
    switch (t->id) {
    case T_NULL:
        array_init(ret, v->len, 0, 0);
        ret->null_count = v->len;
        return FB_OK;
    case T_ARRAY:
    case T_MAP:
        return export_list(e, v, t, depth, ret);
    case T_STRUCT:
        return export_struct(e, v, t, depth, ret);
    default:
        break;
    }
    ArrayNode *node = array_init(ret, v->len, type_is_view(t) ? 3 : 2, 0);
    export_validity(e, v, node, ret);
    if (type_is_view(t)) {
        return export_views(e, v, node);
    }
    if (t->id == T_INTERVAL_CAL) {
        return export_intervals(e, v, node);
    }
    if (t->id == T_BOOLEAN) {
        pack_bools(v->data, v->len, array_own(node, 1, mem_alloc((size_t)v->len / 8 + 1)));
    } else {
        array_put(e, node, 1, v->data, (size_t)v->len * type_width(t));
    }
    return FB_OK;
}

static fb_status export_batch(const Export *e, const Batch *b, const Type *schema,
                              struct ArrowArray *ret)
{
    if (b->n_cols != schema->n_fields) {
        return err_internal(e->err, "a batch of %u columns for a schema of %u", b->n_cols,
                            schema->n_fields);
    }
    array_init(ret, b->n_rows, 1, b->n_cols);
    fb_status st = FB_OK;
    for (uint32_t k = 0; k < b->n_cols && st == FB_OK; k++) {
        if (b->col[k].len != b->n_rows) {
            st = err_internal(e->err, "column %u has %u rows instead of %u", k, b->col[k].len,
                              b->n_rows);
        } else {
            st = export_vec(e, &b->col[k], schema->fields[k].type, 1, ret->children[k]);
        }
    }
    if (st != FB_OK) {
        ret->release(ret);
    }
    return st;
}

fb_status arrow_export_batch(const Batch *b, const Type *schema, struct ArrowArray *ret,
                             fb_error *err)
{
    Arena scratch = {0};
    fb_status st = export_batch(&(Export){.scratch = &scratch, .err = err}, b, schema, ret);
    arena_free(&scratch);
    return st;
}

fb_status arrow_export_borrowed(const Batch *b, const Type *schema, Arena *scratch,
                                struct ArrowArray *ret, fb_error *err)
{
    return export_batch(&(Export){.scratch = scratch, .borrow = true, .err = err}, b, schema, ret);
}
