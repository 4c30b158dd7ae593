/*
 * schema.c - operator metadata and state schema files.
 *
 * The schema file is Java DataOutput: UTF "v2", then key and value schema JSON, each as a count of
 * chunks of at most 65,535 characters. Strings are modified UTF-8; the JSON of a schema has no NUL
 * and names beyond the BMP are rare, so plain UTF-8 is written and characters beyond the BMP are
 * turned into surrogate pairs as Java does.
 */
#include "state/state.h"

#include "base/log.h"
#include "base/vfs.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define UTF_MAX 65535u

/* ---- Java's DataOutput ---- */

static void put_be(StrBuf *b, uint32_t v, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--) {
        strbuf_putc(b, (char)(v >> (8 * i)));
    }
}

static void put_surrogate(StrBuf *b, uint32_t u)
{
    strbuf_putc(b, (char)(0xe0 | u >> 12));
    strbuf_putc(b, (char)(0x80 | (u >> 6 & 0x3f)));
    strbuf_putc(b, (char)(0x80 | (u & 0x3f)));
}

/* UTF-8 to Java's modified UTF-8: four-byte sequences become two surrogates of three bytes. */
static void to_modified(Str s, StrBuf *out)
{
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0xf0 && i + 3 < s.n) {
            uint32_t u = (uint32_t)(c & 7) << 18 | (uint32_t)(s.p[i + 1] & 0x3f) << 12 |
                         (uint32_t)(s.p[i + 2] & 0x3f) << 6 | (uint32_t)(s.p[i + 3] & 0x3f);
            u -= 0x10000;
            put_surrogate(out, 0xd800 | u >> 10);
            put_surrogate(out, 0xdc00 | (u & 0x3ff));
            i += 4;
        } else {
            strbuf_putc(out, s.p[i++]);
        }
    }
}

/* Chunks are cut at characters, never inside one. */
static void put_chunks(StrBuf *b, Str json)
{
    StrBuf text = {0}, chunks = {0};
    uint32_t n = 0;
    to_modified(json, &text);
    for (size_t at = 0; at < text.n;) {
        size_t len = text.n - at < UTF_MAX ? text.n - at : UTF_MAX;
        while (len > 1 && at + len < text.n && (text.p[at + len] & 0xc0) == 0x80) {
            len--;
        }
        put_be(&chunks, (uint32_t)len, 2);
        strbuf_append(&chunks, text.p + at, len);
        at += len;
        n++;
    }
    put_be(b, n, 4);
    strbuf_append(b, chunks.p ? chunks.p : "", chunks.n);
    strbuf_free(&chunks);
    strbuf_free(&text);
}

typedef struct Reader {
    const unsigned char *p, *end;
    bool bad;
} Reader;

static uint32_t get_be(Reader *r, int bytes)
{
    uint32_t v = 0;
    if (r->end - r->p < bytes) {
        r->bad = true;
        return 0;
    }
    for (int i = 0; i < bytes; i++) {
        v = v << 8 | *r->p++;
    }
    return v;
}

static Str get_utf(Reader *r)
{
    uint32_t n = get_be(r, 2);
    if (r->bad || (size_t)(r->end - r->p) < n) {
        r->bad = true;
        return (Str){"", 0};
    }
    Str s = {(const char *)r->p, n};
    r->p += n;
    return s;
}

static void get_chunks(Reader *r, int version, StrBuf *out)
{
    uint32_t n = version == 1 ? 1 : get_be(r, 4);
    for (uint32_t i = 0; i < n && !r->bad; i++) {
        Str s = get_utf(r);
        strbuf_append(out, s.p, s.n);
    }
}

/* ---- the schema file ---- */

static fb_status write_schema(const char *path, const StateStoreInfo *s, fb_error *err)
{
    StrBuf b = {0}, json = {0};
    put_be(&b, 2, 2);
    strbuf_puts(&b, "v2");
    type_json(type_as_nullable(s->key), &json);
    put_chunks(&b, strbuf_str(&json));
    strbuf_clear(&json);
    type_json(type_as_nullable(s->value), &json);
    put_chunks(&b, strbuf_str(&json));
    fb_status st = vfs_write_file(path, b.p, b.n, true, NULL, err);
    strbuf_free(&b);
    strbuf_free(&json);
    return st;
}

static bool same_columns(const Type *stored, const Type *wanted)
{
    if (stored->n_fields != wanted->n_fields) {
        return false;
    }
    for (uint32_t i = 0; i < stored->n_fields; i++) {
        if (!type_same(type_as_nullable(stored->fields[i].type),
                       type_as_nullable(wanted->fields[i].type))) {
            return false;
        }
    }
    return true;
}

static fb_status incompatible(ErrId id, const Type *stored, const Type *wanted, fb_error *err)
{
    StrBuf a = {0}, b = {0};
    type_simple_string(stored, &a);
    type_simple_string(wanted, &b);
    fb_status st = id == ERR_STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE
                       ? err_set(err, id, "storedKeySchema", a.p, "newKeySchema", b.p, NULL)
                       : err_set(err, id, "storedValueSchema", a.p, "newValueSchema", b.p, NULL);
    strbuf_free(&a);
    strbuf_free(&b);
    return st;
}

static fb_status check_schema(const char *path, const StateStoreInfo *s, fb_error *err)
{
    char *bytes;
    size_t n;
    StrBuf key = {0}, value = {0};
    const Type *stored_key = NULL, *stored_value = NULL;
    TRY(vfs_read_file(path, &bytes, &n, err));
    Reader r = {(const unsigned char *)bytes, (const unsigned char *)bytes + n, false};
    Str version = get_utf(&r);
    int v = str_eq(version, STR_LIT("v2")) ? 2 : str_eq(version, STR_LIT("v1")) ? 1 : 0;
    fb_status st = FB_OK;
    if (v) {
        get_chunks(&r, v, &key);
        get_chunks(&r, v, &value);
    }
    if (!v || r.bad) {
        st = err_set(err, ERR_MALFORMED_LOG_FILE, "path", path, "text",
                     v ? "cut short" : "not a state schema of version 1 or 2", NULL);
    }
    if (st == FB_OK) {
        st = type_from_json(strbuf_str(&key), &stored_key, err);
    }
    if (st == FB_OK) {
        st = type_from_json(strbuf_str(&value), &stored_value, err);
    }
    if (st == FB_OK && !same_columns(stored_key, s->key)) {
        st = incompatible(ERR_STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE, stored_key, s->key, err);
    }
    if (st == FB_OK && !same_columns(stored_value, s->value)) {
        st = incompatible(ERR_STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE, stored_value, s->value, err);
    }
    strbuf_free(&key);
    strbuf_free(&value);
    mem_free(bytes);
    return st;
}

/* ---- operator metadata ---- */

static fb_status write_metadata(const char *path, uint32_t op, const char *name,
                                uint32_t n_partitions, const StateStoreInfo *stores,
                                uint32_t n_stores, fb_error *err)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < n_stores; i++) {
        json_array_append_new(list, json_pack("{s:s, s:i, s:i}", "storeName", stores[i].name,
                                              "numColsPrefixKey", (int)stores[i].n_prefix_cols,
                                              "numPartitions", (int)n_partitions));
    }
    json_t *root = json_pack("{s:{s:i, s:s}, s:o}", "operatorInfo", "operatorId", (int)op,
                             "operatorName", name, "stateStoreInfo", list);
    char *text = json_dumps(root, JSON_COMPACT);
    StrBuf b = {0};
    strbuf_printf(&b, "v1\n%s", text);
    free(text); /* checksrc-allow: jansson's own allocation */
    json_decref(root);
    fb_status st = vfs_write_file(path, b.p, b.n, true, NULL, err);
    strbuf_free(&b);
    return st;
}

/* The operator of a metadata file into *ret. False if the file does not tell one. */
static bool read_metadata(const char *path, Arena *a, StateOperator *ret, fb_error *err)
{
    char *bytes;
    size_t n;
    if (vfs_read_file(path, &bytes, &n, err) != FB_OK) {
        err_clear(err);
        return false;
    }
    json_error_t je;
    bool v1 = strncmp(bytes, "v1\n", 3) == 0;
    json_t *root = v1 ? json_loads(bytes + 3, 0, &je) : NULL;
    const json_t *info = json_object_get(root, "operatorInfo");
    const json_t *id = json_object_get(info, "operatorId");
    const char *name = json_string_value(json_object_get(info, "operatorName"));
    bool ok = json_is_integer(id) && name;
    if (ok) {
        *ret = (StateOperator){json_integer_value(id), arena_strdup(a, name)};
    }
    json_decref(root);
    mem_free(bytes);
    return ok;
}

typedef struct OperatorList {
    Arena *arena;
    const char *state_dir;
    StateOperator op[STATE_MAX_OPERATORS];
    uint32_t n;
    bool any, unreadable;
} OperatorList;

static fb_status collect_operator(void *arg, const char *name, fb_error *err)
{
    OperatorList *l = arg;
    int64_t id;
    StateOperator op;
    l->any = true;
    if (!parse_i64(str_of(name), &id) || l->n == STATE_MAX_OPERATORS) {
        return FB_OK;
    }
    const char *path = arena_printf(l->arena, "%s/%s/_metadata/metadata", l->state_dir, name);
    if (!read_metadata(path, l->arena, &op, err)) {
        l->unreadable = true;
        return FB_OK;
    }
    for (uint32_t i = 0; i < l->n; i++) {
        if (l->op[i].id == op.id) {
            l->op[i] = op;
            return FB_OK;
        }
    }
    l->op[l->n++] = op;
    return FB_OK;
}

static int by_id(const void *a, const void *b)
{
    const StateOperator *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

static const char *describe(const StateOperator *ops, uint32_t n, Arena *a)
{
    const char *text = "";
    for (uint32_t i = 0; i < n; i++) {
        text = arena_printf(a, "%s%s(OperatorId: %" PRId64 " -> OperatorName: %s)", text,
                            i ? ", " : "", ops[i].id, ops[i].name);
    }
    return text;
}

static bool same_operators(const StateOperator *x, uint32_t n_x, const StateOperator *y,
                           uint32_t n_y)
{
    for (uint32_t i = 0; n_x == n_y && i < n_x; i++) {
        if (x[i].id != y[i].id || strcmp(x[i].name, y[i].name) != 0) {
            return false;
        }
    }
    return n_x == n_y;
}

fb_status state_operators_check(const char *state_dir, const StateOperator *ops, uint32_t n,
                                fb_error *err)
{
    Arena a = {0};
    VfsStat st;
    OperatorList *l = ARENA_NEW(&a, OperatorList);
    *l = (OperatorList){.arena = &a, .state_dir = state_dir};
    fb_status status = vfs()->stat(state_dir, &st, err);
    if (status == FB_OK && st.exists) {
        status = vfs()->list(state_dir, collect_operator, l, err);
    }
    qsort(l->op, l->n, sizeof(l->op[0]), by_id);
    if (status == FB_OK && n && !l->any) {
        status = err_set(err, ERR_STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY,
                         "OpsInCurBatchSeq", describe(ops, n, &a), NULL);
    } else if (status == FB_OK && l->unreadable) {
        LOG_WARN("state",
                 "an operator's metadata in %s can't be read: whether the query has the "
                 "checkpoint's operators is known from the state's schemas alone",
                 state_dir);
    } else if (status == FB_OK && l->n && !same_operators(l->op, l->n, ops, n)) {
        status = err_set(err, ERR_STREAMING_STATEFUL_OPERATOR_NOT_MATCH, "OpsInMetadataSeq",
                         describe(l->op, l->n, &a), "OpsInCurBatchSeq", describe(ops, n, &a), NULL);
    }
    arena_free(&a);
    return status;
}

fb_status state_operator_check(const char *state_dir, uint32_t op, const char *operator_name,
                               uint32_t n_partitions, const StateStoreInfo *stores,
                               uint32_t n_stores, bool is_restart, fb_error *err)
{
    Arena a = {0};
    VfsStat st;
    const char *path = arena_printf(&a, "%s/%u/_metadata/metadata", state_dir, op);
    fb_status status = vfs()->stat(path, &st, err);
    vfs_remove_temps(vfs_dirname(&a, path));
    if (status == FB_OK && !(st.exists && is_restart)) {
        status = write_metadata(path, op, operator_name, n_partitions, stores, n_stores, err);
    }
    for (uint32_t i = 0; i < n_stores && status == FB_OK; i++) {
        bool plain = strcmp(stores[i].name, "default") == 0;
        path = arena_printf(&a, "%s/%u/0/%s%s_metadata/schema", state_dir, op,
                            plain ? "" : stores[i].name, plain ? "" : "/");
        vfs_remove_temps(vfs_dirname(&a, path));
        status = vfs()->stat(path, &st, err);
        if (status == FB_OK) {
            status = st.exists && is_restart ? check_schema(path, &stores[i], err)
                                             : write_schema(path, &stores[i], err);
        }
    }
    arena_free(&a);
    return status;
}
