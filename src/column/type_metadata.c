/*
 * type_metadata.c - the metadata of fields: a JSON object, kept as one canonical text.
 *
 * Spark keeps metadata in Scala maps, so that equality does not depend on the order of the keys,
 * but its JSON shows the order in which those maps are walked. Canonical here is exactly that text:
 * compact, doubles as Java prints them, and the keys of each object
 *   - up to four, in the order of a mutable.HashMap of 16 buckets (hash h ^ h >>> 16; within a
 *     bucket by hash), from which Map1..Map4 are made;
 *   - five and more, in the order of the hash trie immutable.HashMap (Hashing.improve; 5 bits a
 *     level, at each level the single keys first, then the subtrees).
 *
 * Ownership: texts are appended to the caller's buffer; the jansson tree lives within the call.
 * Threads:   no state.
 */
#include "column/type.h"

#include "column/number.h"
#include "column/type_priv.h"

#include <stdlib.h>

#define TRIE_BITS 5
#define TRIE_SLOTS 32

typedef struct Member {
    const char *key;
    const json_t *value;
    uint32_t hash; /* by which the map sorts */
} Member;

/* ---- the order of keys ---- */

/* java.lang.String.hashCode() of valid UTF-8. */
static uint32_t java_hash(const char *s)
{
    uint32_t h = 0;

    for (size_t i = 0; s[i] != '\0';) {
        unsigned char c = (unsigned char)s[i++];
        uint32_t x = c < 0x80 ? c : c < 0xe0 ? c & 31u : c < 0xf0 ? c & 15u : c & 7u;
        while (((unsigned char)s[i] & 0xc0) == 0x80) {
            x = x << 6 | ((unsigned char)s[i++] & 63u);
        }
        if (x >= 0x10000) {
            h = 31 * h + (0xd800 + ((x - 0x10000) >> 10));
            x = 0xdc00 + ((x - 0x10000) & 0x3ff);
        }
        h = 31 * h + x;
    }
    return h;
}

static uint32_t trie_hash(uint32_t h)
{
    h += ~(h << 9);
    h ^= h >> 14;
    h += h << 4;
    return h ^ h >> 10;
}

static int by_bucket(const void *a, const void *b)
{
    uint32_t x = ((const Member *)a)->hash, y = ((const Member *)b)->hash;
    uint32_t p = x & 15, q = y & 15;
    int32_t s = (int32_t)x, t = (int32_t)y;

    return p != q ? (p > q) - (p < q) : (s > t) - (s < t);
}

/* Moves the n members into trie order; the hash has bits for seven levels. */
static void sort_trie(Member *m, size_t n, int shift)
{
    size_t count[TRIE_SLOTS] = {0}, start[TRIE_SLOTS], at = 0;

    if (n < 2 || shift >= 32) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        count[m[i].hash >> shift & (TRIE_SLOTS - 1)]++;
    }
    for (int single = 1; single >= 0; single--) {
        for (size_t s = 0; s < TRIE_SLOTS; s++) {
            if ((count[s] == 1) == (single == 1)) {
                start[s] = at;
                at += count[s];
            }
        }
    }
    Member *sorted = mem_alloc(mem_mul(n, sizeof(Member)));
    size_t next[TRIE_SLOTS];
    memcpy(next, start, sizeof(next));
    for (size_t i = 0; i < n; i++) {
        sorted[next[m[i].hash >> shift & (TRIE_SLOTS - 1)]++] = m[i];
    }
    memcpy(m, sorted, n * sizeof(Member));
    mem_free(sorted);
    for (size_t s = 0; s < TRIE_SLOTS; s++) {
        if (count[s] > 1) {
            sort_trie(m + start[s], count[s], shift + TRIE_BITS);
        }
    }
}

static void sort_members(Member *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t h = java_hash(m[i].key);
        m[i].hash = n <= 4 ? h ^ h >> 16 : trie_hash(h);
    }
    if (n <= 4) {
        qsort(m, n, sizeof(Member), by_bucket);
    } else {
        sort_trie(m, n, 0);
    }
}

/* ---- writing ---- */

static bool put_object(const json_t *v, int depth, StrBuf *out)
{
    size_t n = json_object_size(v), k = 0;
    Member *members = mem_alloc(mem_mul(n > 0 ? n : 1, sizeof(Member)));
    json_t *object = (json_t *)(uintptr_t)v; /* the iterator wants no const, but only reads */
    const char *key;
    json_t *value;
    bool ok = true;

    json_object_foreach(object, key, value)
    {
        members[k++] = (Member){.key = key, .value = value};
    }
    sort_members(members, n);
    strbuf_putc(out, '{');
    for (size_t i = 0; i < n && ok; i++) {
        if (i > 0) {
            strbuf_putc(out, ',');
        }
        type_put_json_string(out, str_of(members[i].key));
        strbuf_putc(out, ':');
        ok = metadata_put_value(members[i].value, depth + 1, out);
    }
    strbuf_putc(out, '}');
    mem_free(members);
    return ok;
}

bool metadata_put_value(const json_t *v, int depth, StrBuf *out)
{
    char number[NUM_F64_TEXT_MAX];

    if (depth > TYPE_MAX_DEPTH) {
        return false;
    }
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return put_object(v, depth, out);
    case JSON_ARRAY:
        strbuf_putc(out, '[');
        for (size_t i = 0; i < json_array_size(v); i++) {
            if (i > 0) {
                strbuf_putc(out, ',');
            }
            if (!metadata_put_value(json_array_get(v, i), depth + 1, out)) {
                return false;
            }
        }
        strbuf_putc(out, ']');
        break;
    case JSON_STRING:
        type_put_json_string(out, (Str){json_string_value(v), json_string_length(v)});
        break;
    case JSON_INTEGER:
        strbuf_append(out, number, num_format_i64(json_integer_value(v), number));
        break;
    case JSON_REAL:
        strbuf_append(out, number, num_format_f64(json_real_value(v), number));
        break;
    case JSON_TRUE:
        strbuf_puts(out, "true");
        break;
    case JSON_FALSE:
        strbuf_puts(out, "false");
        break;
    case JSON_NULL:
        strbuf_puts(out, "null");
        break;
    }
    return true;
}

bool type_metadata_normalize(Str json, StrBuf *out)
{
    json_t *root = json_loadb(json.p ? json.p : "", json.n, JSON_ALLOW_NUL, NULL);
    bool ok = json_is_object(root) && metadata_put_value(root, 0, out);

    json_decref(root);
    return ok;
}

/* ---- reading ---- */

bool metadata_get_string(const char *metadata, const char *key, StrBuf *ret)
{
    json_t *root = metadata ? json_loads(metadata, JSON_ALLOW_NUL, NULL) : NULL;
    json_t *value = json_object_get(root, key);
    bool found = json_is_string(value);

    if (found) {
        strbuf_append(ret, json_string_value(value), json_string_length(value));
    }
    json_decref(root);
    return found;
}
