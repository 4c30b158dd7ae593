/*
 * agg_set_order.c - hash codes of Spark's values on the JVM, and HashSet's iteration order.
 *
 * mutable.HashSet of Scala 2.13 has a power of two of buckets, an element's being the low bits of
 * its hash h ^ h >>> 16; a bucket's list is sorted by hash, then by age. Tables are made by
 * sizeHint() when partial sets are merged, so their size follows from the number of elements. The
 * hash is Scala's ##: of boxed numbers by value; of UTF8String, UnsafeRow and UnsafeArrayData
 * Murmur3 of the bytes with seed 42; binary values are wrapped into an UnsafeArrayData; of Decimal
 * that of scala.math.BigDecimal. Doubles are kept by their bits, NaN and zero being normalized.
 *
 * Threads: pure.
 */
#include "expr/agg_set_order.h"

#include "column/decimal.h"
#include "column/number.h"

#include <stdlib.h>

static int32_t java_hash_long(int64_t v)
{
    return (int32_t)(uint32_t)((uint64_t)v ^ (uint64_t)v >> 32);
}

/* That of the Int of the same value, if there is one. */
static int32_t scala_hash_long(int64_t v)
{
    return v == (int32_t)v ? (int32_t)v : java_hash_long(v);
}

/* Statics.doubleHash */
static int32_t scala_hash_double(double d)
{
    int64_t bits;
    float f = (float)d;
    if (d >= -0x1p63 && d < 0x1p63 && (double)(int64_t)d == d) {
        return scala_hash_long((int64_t)d);
    }
    if ((double)f == d) {
        int32_t float_bits;
        memcpy(&float_bits, &f, sizeof(f));
        return float_bits;
    }
    memcpy(&bits, &d, sizeof(d));
    return java_hash_long(bits);
}

/* java.math.BigInteger.hashCode, and scala.BigInt's for what fits a long. */
static int32_t java_hash_big(int128_t v)
{
    uint128_t mag = v < 0 ? -(uint128_t)v : (uint128_t)v;
    uint32_t h = 0;
    for (int word = 3; word >= 0; word--) {
        h = 31 * h + (uint32_t)(mag >> 32 * word); /* leading zero words leave 0 */
    }
    return (int32_t)(v < 0 ? 0 - h : h);
}

static int32_t scala_hash_big(int128_t v)
{
    return v >= INT64_MIN && v <= INT64_MAX ? scala_hash_long((int64_t)v) : java_hash_big(v);
}

static uint32_t mix_last(uint32_t hash, uint32_t k)
{
    k *= 0xcc9e2d51u;
    k = k << 15 | k >> 17;
    return hash ^ k * 0x1b873593u;
}

/* Whether u * 10^-scale is what the nearest double prints as. u has no trailing zeros. */
static bool is_decimal_double(int128_t u, int scale, double d)
{
    int32_t exp10;
    uint64_t digits = num_shortest_f64(d < 0 ? -d : d, &exp10);
    while (digits && digits % 10 == 0) {
        digits /= 10;
        exp10++;
    }
    return (int128_t)digits == (u < 0 ? -u : u) && exp10 == -scale;
}

/* scala.math.BigDecimal.hashCode */
static int32_t scala_hash_decimal(int128_t v, int scale)
{
    while (v != 0 && scale > 0 && v % 10 == 0) {
        v /= 10;
        scale--;
    }
    if (v == 0 || scale == 0) { /* whole */
        return scala_hash_big(v);
    }
    double d = dec_to_f64(v, scale);
    if (is_decimal_double(v, scale, d)) {
        return scala_hash_double(d);
    }
    return (int32_t)mix_last((uint32_t)java_hash_big(v), (uint32_t)scale);
}

/* UnsafeArrayData of bytes: count, null bits, the bytes padded to words. */
static int32_t hash_binary(const View *v, Arena *scratch)
{
    ArenaMark mark = arena_mark(scratch);
    size_t head = 8 + ((size_t)v->len + 63) / 64 * 8, body = ((size_t)v->len + 7) / 8 * 8;
    char *p = arena_zalloc(scratch, head + body);
    uint64_t count = v->len;
    memcpy(p, &count, 8);
    memcpy(p + head, view_ptr(v), v->len);
    uint32_t h = murmur3_bytes(p, head + body, 42);
    arena_rewind(scratch, mark);
    return (int32_t)h;
}

static int32_t element_hash(const Type *t, const void *x, Arena *scratch)
{
    const View *v = x;
    switch (t->id) {
    case T_BOOLEAN:
        return *(const uint8_t *)x ? 1231 : 1237;
    case T_BYTE:
        return *(const int8_t *)x;
    case T_SHORT:
        return *(const int16_t *)x;
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM:
    case T_FLOAT: /* of the bits */
        return *(const int32_t *)x;
    case T_LONG:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        return scala_hash_long(*(const int64_t *)x);
    case T_DOUBLE:
        return java_hash_long(*(const int64_t *)x);
    case T_DECIMAL:
        return scala_hash_decimal(*(const int128_t *)x, t->scale);
    case T_STRING:
        return (int32_t)murmur3_bytes(view_ptr(v), v->len, 42);
    case T_BINARY:
        return hash_binary(v, scratch);
    case T_ARRAY:
    case T_STRUCT: /* the nested bytes follow null bits and word of the outer row */
        return (int32_t)murmur3_bytes(view_ptr(v) + 16, v->len - 16, 42);
    default:
        return 0;
    }
}

typedef struct SetEntry {
    uint32_t bucket;
    int32_t hash;
    uint32_t age;
} SetEntry;

static int compare_entries(const void *pa, const void *pb)
{
    const SetEntry *a = pa, *b = pb;
    if (a->bucket != b->bucket) {
        return a->bucket < b->bucket ? -1 : 1;
    }
    if (a->hash != b->hash) {
        return a->hash < b->hash ? -1 : 1;
    }
    return (a->age > b->age) - (a->age < b->age);
}

/* HashSet.sizeHint: a power of two with room at load factor 0.75. */
static uint32_t table_size(uint32_t n)
{
    uint32_t want = (uint32_t)(((double)n + 1.0) / 0.75), size = 16;
    while (size < want && size < 1u << 30) {
        size *= 2;
    }
    return size;
}

void scala_set_order(const Type *t, const void *data, size_t width, uint32_t n, uint32_t *order,
                     Arena *scratch)
{
    SetEntry *entries = ARENA_ARRAY(scratch, SetEntry, n ? n : 1);
    uint32_t mask = table_size(n) - 1;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t h = (uint32_t)element_hash(t, (const char *)data + k * width, scratch);
        h ^= h >> 16;
        entries[k] = (SetEntry){h & mask, (int32_t)h, k};
    }
    qsort(entries, n, sizeof(SetEntry), compare_entries);
    for (uint32_t k = 0; k < n; k++) {
        order[k] = entries[k].age;
    }
}
