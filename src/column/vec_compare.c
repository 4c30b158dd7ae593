/*
 * vec_compare.c - order, equality and the hashes of values.
 *
 * Order is Spark's (PhysicalDataType.ordering): NaN equals NaN and is above all other numbers,
 * -0.0 equals 0.0, strings and binary compare as unsigned bytes, nested values field by field
 * and element by element with nulls first, then the shorter first. Equality is that order's,
 * extended to maps, whose entries have no order: so their hash adds the hashes of the entries.
 *
 * The grouping hash never leaves the process. Murmur3 decides the partition of a row and must be
 * Spark's for ever (checkpoint format); for fixed widths it is written out here instead of calling
 * base/hash.h, so that the compiler can vectorize the loops.
 *
 * Ownership: nothing is kept; scratch for nested types is freed before returning.
 * Threads:   no state.
 */
#include "column/vec.h"

#include "column/decimal.h"
#include "column/vec_priv.h"

/* ---- order and equality of two values ---- */

static int cmp_double(double x, double y)
{
    if (x < y) {
        return -1;
    }
    if (x > y) {
        return 1;
    }
    return (x != x) - (y != y); /* equal, or some NaN */
}

#define CMP(x, y) (((x) > (y)) - ((x) < (y)))
#define CMP_AT(ctype, a, i, b, j) CMP(VEC_AT(ctype, a, i), VEC_AT(ctype, b, j))

/* Two elements that may be null; null is first. */
static int cmp_nullable(const Vec *a, uint32_t i, const Vec *b, uint32_t j)
{
    bool x = vec_is_valid(a, i), y = vec_is_valid(b, j);

    return x && y ? vec_cmp_at(a, i, b, j) : x - y;
}

static int cmp_lists(const Vec *a, uint32_t i, const Vec *b, uint32_t j)
{
    const uint32_t *x = VEC_DATA(uint32_t, a) + (i & vec_mask(a));
    const uint32_t *y = VEC_DATA(uint32_t, b) + (j & vec_mask(b));
    uint32_t nx = x[1] - x[0], ny = y[1] - y[0];

    for (uint32_t k = 0; k < nx && k < ny; k++) {
        int c = cmp_nullable(&a->child[0], x[0] + k, &b->child[0], y[0] + k);
        if (c != 0) {
            return c;
        }
    }
    return CMP(nx, ny);
}

int vec_cmp_at(const Vec *a, uint32_t i, const Vec *b, uint32_t j)
{
    switch (a->type->id) {
    case T_BOOLEAN:
        return CMP_AT(uint8_t, a, i, b, j);
    case T_BYTE:
        return CMP_AT(int8_t, a, i, b, j);
    case T_SHORT:
        return CMP_AT(int16_t, a, i, b, j);
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM:
        return CMP_AT(int32_t, a, i, b, j);
    case T_LONG:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        return CMP_AT(int64_t, a, i, b, j);
    case T_FLOAT:
        return cmp_double((double)VEC_AT(float, a, i), (double)VEC_AT(float, b, j));
    case T_DOUBLE:
        return cmp_double(VEC_AT(double, a, i), VEC_AT(double, b, j));
    case T_DECIMAL:
        return CMP_AT(int128_t, a, i, b, j);
    case T_STRING:
    case T_BINARY:
        return view_cmp(&VEC_AT(View, a, i), &VEC_AT(View, b, j));
    case T_ARRAY:
        return cmp_lists(a, i, b, j);
    case T_STRUCT:
        for (uint32_t k = 0; k < a->type->n_fields; k++) {
            int c = cmp_nullable(&a->child[k], i, &b->child[k], j);
            if (c != 0) {
                return c;
            }
        }
        return 0;
    case T_NULL:
    case T_INTERVAL_CAL:
    case T_MAP:
        break; /* no order: the analyzer refuses to sort by these */
    }
    return 0;
}

static bool eq_arrays(const Vec *a, uint32_t i, const Vec *b, uint32_t j)
{
    const uint32_t *x = VEC_DATA(uint32_t, a) + (i & vec_mask(a));
    const uint32_t *y = VEC_DATA(uint32_t, b) + (j & vec_mask(b));
    uint32_t n = x[1] - x[0];

    if (n != y[1] - y[0]) {
        return false;
    }
    for (uint32_t k = 0; k < n; k++) {
        if (!vec_eq_at(&a->child[0], x[0] + k, &b->child[0], y[0] + k)) {
            return false;
        }
    }
    return true;
}

/* Keys of a map are distinct, so equal sizes and each key found with its value is enough. */
static bool eq_maps(const Vec *a, uint32_t i, const Vec *b, uint32_t j)
{
    const uint32_t *x = VEC_DATA(uint32_t, a) + (i & vec_mask(a));
    const uint32_t *y = VEC_DATA(uint32_t, b) + (j & vec_mask(b));
    uint32_t n = x[1] - x[0];

    if (n != y[1] - y[0]) {
        return false;
    }
    for (uint32_t k = 0; k < n; k++) {
        uint32_t at = k, tried = 0; /* maps of one origin have one order: look there first */
        while (tried < n && !vec_eq_at(&a->child[0], x[0] + k, &b->child[0], y[0] + at)) {
            at = at + 1 == n ? 0 : at + 1;
            tried++;
        }
        if (tried == n || !vec_eq_at(&a->child[1], x[0] + k, &b->child[1], y[0] + at)) {
            return false;
        }
    }
    return true;
}

static bool eq_interval(const IntervalCal *x, const IntervalCal *y)
{
    return x->months == y->months && x->days == y->days && x->micros == y->micros;
}

bool vec_eq_at(const Vec *a, uint32_t i, const Vec *b, uint32_t j)
{
    bool valid = vec_is_valid(a, i);

    if (!valid || !vec_is_valid(b, j)) {
        return valid == vec_is_valid(b, j);
    }
    switch (a->type->id) {
    case T_STRING:
    case T_BINARY:
        return view_eq(&VEC_AT(View, a, i), &VEC_AT(View, b, j));
    case T_LONG:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
        return VEC_AT(int64_t, a, i) == VEC_AT(int64_t, b, j);
    case T_INT:
    case T_DATE:
        return VEC_AT(int32_t, a, i) == VEC_AT(int32_t, b, j);
    case T_INTERVAL_CAL:
        return eq_interval(&VEC_AT(IntervalCal, a, i), &VEC_AT(IntervalCal, b, j));
    case T_ARRAY:
        return eq_arrays(a, i, b, j);
    case T_MAP:
        return eq_maps(a, i, b, j);
    case T_STRUCT:
        for (uint32_t k = 0; k < a->type->n_fields; k++) {
            if (!vec_eq_at(&a->child[k], i, &b->child[k], j)) {
                return false;
            }
        }
        return true;
    default:
        return vec_cmp_at(a, i, b, j) == 0;
    }
}

/* ---- the grouping hash ---- */

#define NULL_HASH 0x7fb5d329728ea185ull
#define ELEMENT_SEED 0x2545f4914f6cdd1dull

static inline uint64_t hash_i8(const int8_t *x, uint64_t h)
{
    return hash_u64((uint64_t)(int64_t)*x, h);
}

static inline uint64_t hash_i16(const int16_t *x, uint64_t h)
{
    return hash_u64((uint64_t)(int64_t)*x, h);
}

static inline uint64_t hash_i32(const int32_t *x, uint64_t h)
{
    return hash_u64((uint64_t)(int64_t)*x, h);
}

static inline uint64_t hash_i64(const int64_t *x, uint64_t h)
{
    return hash_u64((uint64_t)*x, h);
}

static inline uint64_t hash_f64(const double *x, uint64_t h)
{
    double d = *x + 0.0;
    uint64_t bits;

    memcpy(&bits, &d, 8);
    return hash_u64(d == d ? bits : 0x7ff8000000000000ull, h);
}

static inline uint64_t hash_f32(const float *x, uint64_t h)
{
    double d = (double)*x;

    return hash_f64(&d, h);
}

static inline uint64_t hash_i128(const int128_t *x, uint64_t h)
{
    return hash_u64((uint64_t)((unsigned __int128)*x >> 64), hash_u64((uint64_t)*x, h));
}

static inline uint64_t hash_cal(const IntervalCal *x, uint64_t h)
{
    uint64_t md = (uint64_t)(uint32_t)x->months << 32 | (uint32_t)x->days;

    return hash_u64((uint64_t)x->micros, hash_u64(md, h));
}

/* One loop a case, so that the plain one has neither mask nor test in it. */
#define DEFINE_HASH(name, ctype, one)                                                              \
    static void name(const Vec *v, uint32_t n, uint64_t *restrict h)                               \
    {                                                                                              \
        const ctype *restrict x = v->data;                                                         \
        const uint64_t *restrict valid = v->valid;                                                 \
        if (v->is_const) {                                                                         \
            bool is_valid = n > 0 && vec_is_valid(v, 0);                                           \
            for (uint32_t i = 0; i < n; i++) {                                                     \
                h[i] = is_valid ? one(x, h[i]) : hash_u64(NULL_HASH, h[i]);                        \
            }                                                                                      \
        } else if (!valid) {                                                                       \
            for (uint32_t i = 0; i < n; i++) {                                                     \
                h[i] = one(&x[i], h[i]);                                                           \
            }                                                                                      \
        } else {                                                                                   \
            for (uint32_t i = 0; i < n; i++) {                                                     \
                h[i] = bit_get(valid, i) ? one(&x[i], h[i]) : hash_u64(NULL_HASH, h[i]);           \
            }                                                                                      \
        }                                                                                          \
    }

DEFINE_HASH(hash_vec_i8, int8_t, hash_i8)
DEFINE_HASH(hash_vec_i16, int16_t, hash_i16)
DEFINE_HASH(hash_vec_i32, int32_t, hash_i32)
DEFINE_HASH(hash_vec_i64, int64_t, hash_i64)
DEFINE_HASH(hash_vec_f32, float, hash_f32)
DEFINE_HASH(hash_vec_f64, double, hash_f64)
DEFINE_HASH(hash_vec_i128, int128_t, hash_i128)
DEFINE_HASH(hash_vec_view, View, view_hash)
DEFINE_HASH(hash_vec_cal, IntervalCal, hash_cal)

/* Elements are hashed as one vector from a fixed seed, then folded into their rows: chained for
 * arrays, added up for maps. */
static void hash_vec_lists(const Vec *v, uint32_t n, uint64_t *h)
{
    const uint32_t *offsets = v->data;
    uint32_t mask = vec_mask(v), stored = v->is_const ? (n > 0) : n;
    uint32_t base = offsets[0], total = offsets[stored] - base;
    uint64_t *e = mem_alloc(mem_mul(total > 0 ? total : 1, sizeof(uint64_t)));
    Arena scratch = {0};

    for (uint32_t k = 0; k < total; k++) {
        e[k] = ELEMENT_SEED; /* not 0, which hash_u64(0, 0) does not leave */
    }
    for (uint32_t k = 0; k < v->type->n_fields; k++) {
        Vec used = vec_slice(&v->child[k], base, total, &scratch);
        vec_hash(&used, total, e);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!vec_is_valid(v, i)) {
            h[i] = hash_u64(NULL_HASH, h[i]);
            continue;
        }
        uint32_t from = offsets[i & mask] - base, to = offsets[(i & mask) + 1] - base;
        uint64_t x = hash_u64(to - from, h[i]), sum = 0;
        for (uint32_t k = from; k < to; k++) {
            if (v->type->id == T_ARRAY) {
                x = hash_u64(e[k], x);
            } else {
                sum += e[k];
            }
        }
        h[i] = hash_u64(sum, x);
    }
    arena_free(&scratch);
    mem_free(e);
}

static void hash_vec_struct(const Vec *v, uint32_t n, uint64_t *h)
{
    uint64_t *before = NULL;

    if (vec_may_have_nulls(v)) {
        before = mem_alloc(mem_mul(n > 0 ? n : 1, sizeof(uint64_t)));
        memcpy(before, h, n * sizeof(uint64_t));
    }
    for (uint32_t k = 0; k < v->type->n_fields; k++) {
        vec_hash(&v->child[k], n, h);
    }
    for (uint32_t i = 0; before && i < n; i++) {
        if (!vec_is_valid(v, i)) {
            h[i] = hash_u64(NULL_HASH, before[i]);
        }
    }
    mem_free(before);
}

void vec_hash(const Vec *v, uint32_t n, uint64_t *h)
{
    switch (v->type->id) {
    case T_NULL:
        for (uint32_t i = 0; i < n; i++) {
            h[i] = hash_u64(NULL_HASH, h[i]);
        }
        break;
    case T_BOOLEAN:
    case T_BYTE:
        hash_vec_i8(v, n, h);
        break;
    case T_SHORT:
        hash_vec_i16(v, n, h);
        break;
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM:
        hash_vec_i32(v, n, h);
        break;
    case T_LONG:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        hash_vec_i64(v, n, h);
        break;
    case T_FLOAT:
        hash_vec_f32(v, n, h);
        break;
    case T_DOUBLE:
        hash_vec_f64(v, n, h);
        break;
    case T_DECIMAL:
        hash_vec_i128(v, n, h);
        break;
    case T_STRING:
    case T_BINARY:
        hash_vec_view(v, n, h);
        break;
    case T_INTERVAL_CAL:
        hash_vec_cal(v, n, h);
        break;
    case T_ARRAY:
    case T_MAP:
        hash_vec_lists(v, n, h);
        break;
    case T_STRUCT:
        hash_vec_struct(v, n, h);
        break;
    }
}

/* ---- Spark's Murmur3 ---- */

static inline uint32_t rotl32(uint32_t x, int r)
{
    return x << r | x >> (32 - r);
}

static inline uint32_t mix(uint32_t h, uint32_t k)
{
    return rotl32(h ^ rotl32(k * 0xcc9e2d51u, 15) * 0x1b873593u, 13) * 5 + 0xe6546b64u;
}

static inline uint32_t finish(uint32_t h, uint32_t len)
{
    h ^= len;
    h ^= h >> 16;
    h *= 0x85ebca6bu;
    h ^= h >> 13;
    h *= 0xc2b2ae35u;
    return h ^ h >> 16;
}

static inline uint32_t murmur_u32(uint32_t x, uint32_t seed)
{
    return finish(mix(seed, x), 4);
}

static inline uint32_t murmur_u64(uint64_t x, uint32_t seed)
{
    return finish(mix(mix(seed, (uint32_t)x), (uint32_t)(x >> 32)), 8);
}

static inline uint32_t murmur_i8(const int8_t *x, uint32_t seed)
{
    return murmur_u32((uint32_t)(int32_t)*x, seed);
}

static inline uint32_t murmur_i16(const int16_t *x, uint32_t seed)
{
    return murmur_u32((uint32_t)(int32_t)*x, seed);
}

static inline uint32_t murmur_i32(const int32_t *x, uint32_t seed)
{
    return murmur_u32((uint32_t)*x, seed);
}

static inline uint32_t murmur_i64(const int64_t *x, uint32_t seed)
{
    return murmur_u64((uint64_t)*x, seed);
}

static inline uint32_t murmur_f32(const float *x, uint32_t seed)
{
    float f = *x + 0.0f;
    uint32_t bits;

    memcpy(&bits, &f, 4);
    return murmur_u32(f == f ? bits : 0x7fc00000u, seed);
}

static inline uint32_t murmur_f64(const double *x, uint32_t seed)
{
    double d = *x + 0.0;
    uint64_t bits;

    memcpy(&bits, &d, 8);
    return murmur_u64(d == d ? bits : 0x7ff8000000000000ull, seed);
}

static inline uint32_t murmur_dec_small(const int128_t *x, uint32_t seed)
{
    return murmur_u64((uint64_t)*x, seed);
}

static uint32_t murmur_dec_big(const int128_t *x, uint32_t seed)
{
    uint8_t bytes[DEC_BYTES_MAX];

    return murmur3_bytes(bytes, dec_to_bytes(*x, bytes), seed);
}

static inline uint32_t murmur_view(const View *x, uint32_t seed)
{
    return murmur3_bytes(view_ptr(x), x->len, seed);
}

static inline uint32_t murmur_cal(const IntervalCal *x, uint32_t seed)
{
    seed = murmur_u64((uint64_t)x->micros, seed);
    return murmur_u32((uint32_t)x->months, murmur_u32((uint32_t)x->days, seed));
}

/* The loops over integers gain by a factor where 32-bit multiplications come in vectors. The
 * sanitizers can't run the resolvers that choose a clone. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define WIDE_VECTORS __attribute__((target_clones("avx2", "default"), optimize("O3")))
#else
#define WIDE_VECTORS
#endif
#define NO_ATTRIBUTE

#define DEFINE_MURMUR(attribute, name, ctype, one)                                                 \
    attribute static void name(const Vec *v, uint32_t n, uint32_t *restrict h)                     \
    {                                                                                              \
        const ctype *restrict x = v->data;                                                         \
        const uint64_t *restrict valid = v->valid;                                                 \
        if (v->is_const) {                                                                         \
            for (uint32_t i = 0; i < n && vec_is_valid(v, 0); i++) {                               \
                h[i] = one(x, h[i]);                                                               \
            }                                                                                      \
        } else if (!valid) {                                                                       \
            for (uint32_t i = 0; i < n; i++) {                                                     \
                h[i] = one(&x[i], h[i]);                                                           \
            }                                                                                      \
        } else {                                                                                   \
            for (uint32_t i = 0; i < n; i++) {                                                     \
                h[i] = bit_get(valid, i) ? one(&x[i], h[i]) : h[i];                                \
            }                                                                                      \
        }                                                                                          \
    }

DEFINE_MURMUR(WIDE_VECTORS, murmur_vec_i8, int8_t, murmur_i8)
DEFINE_MURMUR(WIDE_VECTORS, murmur_vec_i16, int16_t, murmur_i16)
DEFINE_MURMUR(WIDE_VECTORS, murmur_vec_i32, int32_t, murmur_i32)
DEFINE_MURMUR(WIDE_VECTORS, murmur_vec_i64, int64_t, murmur_i64)
DEFINE_MURMUR(NO_ATTRIBUTE, murmur_vec_f32, float, murmur_f32)
DEFINE_MURMUR(NO_ATTRIBUTE, murmur_vec_f64, double, murmur_f64)
DEFINE_MURMUR(WIDE_VECTORS, murmur_vec_dec_small, int128_t, murmur_dec_small)
DEFINE_MURMUR(NO_ATTRIBUTE, murmur_vec_dec_big, int128_t, murmur_dec_big)
DEFINE_MURMUR(NO_ATTRIBUTE, murmur_vec_view, View, murmur_view)
DEFINE_MURMUR(NO_ATTRIBUTE, murmur_vec_cal, IntervalCal, murmur_cal)

/* Element by element, each the seed of the next; a map as key, value, key, value. */
static void murmur_vec_lists(const Vec *v, uint32_t n, uint32_t *h)
{
    const uint32_t *offsets = v->data;
    uint32_t mask = vec_mask(v);
    Arena scratch = {0};

    for (uint32_t i = 0; i < n; i++) {
        if (!vec_is_valid(v, i)) {
            continue;
        }
        for (uint32_t k = offsets[i & mask]; k < offsets[(i & mask) + 1]; k++) {
            for (uint32_t c = 0; c < v->type->n_fields; c++) {
                ArenaMark mark = arena_mark(&scratch);
                Vec one = vec_slice(&v->child[c], k, 1, &scratch);
                vec_murmur3(&one, 1, &h[i]);
                arena_rewind(&scratch, mark);
            }
        }
    }
    arena_free(&scratch);
}

static void murmur_vec_struct(const Vec *v, uint32_t n, uint32_t *h)
{
    uint32_t *before = NULL;

    if (vec_may_have_nulls(v)) {
        before = mem_alloc(mem_mul(n > 0 ? n : 1, sizeof(uint32_t)));
        memcpy(before, h, n * sizeof(uint32_t));
    }
    for (uint32_t k = 0; k < v->type->n_fields; k++) {
        vec_murmur3(&v->child[k], n, h);
    }
    for (uint32_t i = 0; before && i < n; i++) {
        h[i] = vec_is_valid(v, i) ? h[i] : before[i];
    }
    mem_free(before);
}

void vec_murmur3(const Vec *v, uint32_t n, uint32_t *h)
{
    switch (v->type->id) {
    case T_NULL:
        break;
    case T_BOOLEAN:
    case T_BYTE:
        murmur_vec_i8(v, n, h);
        break;
    case T_SHORT:
        murmur_vec_i16(v, n, h);
        break;
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM:
        murmur_vec_i32(v, n, h);
        break;
    case T_LONG:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        murmur_vec_i64(v, n, h);
        break;
    case T_FLOAT:
        murmur_vec_f32(v, n, h);
        break;
    case T_DOUBLE:
        murmur_vec_f64(v, n, h);
        break;
    case T_DECIMAL:
        (v->type->precision <= 18 ? murmur_vec_dec_small : murmur_vec_dec_big)(v, n, h);
        break;
    case T_STRING:
    case T_BINARY:
        murmur_vec_view(v, n, h);
        break;
    case T_INTERVAL_CAL:
        murmur_vec_cal(v, n, h);
        break;
    case T_ARRAY:
    case T_MAP:
        murmur_vec_lists(v, n, h);
        break;
    case T_STRUCT:
        murmur_vec_struct(v, n, h);
        break;
    }
}
