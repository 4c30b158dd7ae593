/*
 * vec.h - vectors and batches: the form in which all data flows.
 *
 * A Vec is one column of up to BATCH_ROWS rows (more inside arrays): values of the type's width
 * packed in data, and a validity bitmap (bit i of the 64-bit words set = row i is not null; NULL =
 * no nulls). The values of null rows are unspecified but always safe to read.
 *
 *   boolean           uint8_t 0/1              decimal      int128_t unscaled
 *   byte…long, float  C types                  date         int32_t
 *   string, binary    View                     timestamp    int64_t
 *   array, map        uint32_t offsets[len+1] into child[0] (map: child[0] keys, child[1] values)
 *   struct            child[k], each of the same length (no data)
 *   null (void)       nothing; every row is null
 *
 * is_const: data and validity hold one entry (row 0) that stands for all len rows; an array has
 * offsets[0..1], a struct's children are const too. Kernels index with i & vec_mask(v).
 *
 * A View is a string that is inline up to 12 bytes and else points to bytes that it does not own;
 * its first 4 bytes are always in prefix, so most comparisons never leave the view. Unused inline
 * bytes are zero: two inline views are equal when their 16 bytes are.
 *
 * Ownership: a Batch and all that is reachable from it is borrowed for the duration of the push
 * call that hands it over. Who keeps rows longer copies them (vec_copy, RowSet). Kernels allocate
 * results from the arena they are given. Vec structs are plain values: copying the struct shares
 * the memory.
 */
#ifndef COLUMN_VEC_H
#define COLUMN_VEC_H

#include "base/arena.h"
#include "base/hash.h"
#include "column/type.h"

#define BATCH_ROWS 4096u

typedef __int128 int128_t;

typedef struct View {
    uint32_t len;
    char prefix[4];
    union {
        char rest[8];    /* bytes 4..11 when len <= 12 */
        const char *ptr; /* all bytes when len > 12 */
    };
} View;
_Static_assert(sizeof(View) == 16, "a view is 16 bytes");

typedef struct Vec {
    const Type *type;
    uint32_t len;
    bool is_const;
    uint64_t *valid;
    void *data;
    struct Vec *child;
} Vec;

typedef struct Batch {
    uint32_t n_rows;
    uint32_t n_cols;
    Vec *col;
    uint64_t seq; /* position of the rows in the input order; sinks that keep order sort by it */
} Batch;

/* ---- views ---- */
View view_of(const char *p, size_t n); /* borrows p when n > 12; n < 2^32 */
static inline const char *view_ptr(const View *v)
{
    return v->len <= 12 ? v->prefix : v->ptr;
}
static inline Str view_str(const View *v)
{
    return (Str){view_ptr(v), v->len};
}
static inline bool view_eq(const View *a, const View *b)
{
    uint64_t a0, b0, a1, b1;
    memcpy(&a0, a, 8);
    memcpy(&b0, b, 8);
    if (a0 != b0) {
        return false;
    }
    memcpy(&a1, (const char *)a + 8, 8);
    memcpy(&b1, (const char *)b + 8, 8);
    return a1 == b1 || (a->len > 12 && memcmp(a->ptr, b->ptr, a->len) == 0);
}
int view_cmp(const View *a, const View *b); /* bytewise, as Spark's UTF8_BINARY */
View view_copy(Arena *a, View v);           /* long bytes go into the arena */
static inline uint64_t view_hash(const View *v, uint64_t seed)
{
    return hash_bytes(view_ptr(v), v->len, seed);
}

/* ---- validity ---- */
static inline uint32_t vec_mask(const Vec *v)
{
    return v->is_const ? 0u : ~0u;
}
static inline bool vec_is_valid(const Vec *v, uint32_t i)
{
    i &= vec_mask(v);
    return v->type->id != T_NULL && (!v->valid || (v->valid[i >> 6] >> (i & 63) & 1));
}
#define VEC_WORDS(n) (((size_t)(n) + 63) / 64)
uint64_t *vec_new_validity(Arena *a, uint32_t n, bool all_valid);
void vec_set_null(Vec *v, Arena *a,
                  uint32_t i); /* flat vectors; makes the bitmap if there is none */
bool vec_may_have_nulls(const Vec *v);
uint32_t vec_count_nulls(const Vec *v);

/* Typed access: VEC_AT(int64_t, v, i), const-aware. */
#define VEC_AT(ctype, v, i) (((const ctype *)(v)->data)[(i)&vec_mask(v)])
#define VEC_DATA(ctype, v) ((ctype *)(v)->data)

/* ---- making vectors ---- */
void vec_init(Vec *v, const Type *t, uint32_t n,
              Arena *a); /* flat; data allocated (not cleared; offsets zeroed), no nulls; structs
                            recurse; arrays' children are left empty */
void vec_init_null(Vec *v, const Type *t, uint32_t n, Arena *a);  /* const null */
void vec_init_const(Vec *v, const Type *t, uint32_t n, Arena *a); /* room for one value, valid */
Vec vec_slice(const Vec *v, uint32_t from, uint32_t n, Arena *a); /* shares the data where it can */
/* rows[k] names the source row of result row k. */
void vec_gather(Vec *out, const Vec *v, const uint32_t *rows, uint32_t n, Arena *a);
/* As gather; row UINT32_MAX gives null (outer joins). */
void vec_gather_nullable(Vec *out, const Vec *v, const uint32_t *rows, uint32_t n, Arena *a);
void vec_flatten(Vec *out, const Vec *v, Arena *a); /* const -> flat; flat stays shared */
void vec_copy(Vec *out, const Vec *v, Arena *a);    /* deep: nothing shared with v */
/* Bytes of the values themselves, as if nothing was shared: what a copy or a text of them takes at
 * least. A constant counts once (as vec_copy() has it), or for each row if whole. */
uint64_t vec_bytes(const Vec *v, bool whole);
uint64_t batch_bytes(const Batch *b, bool whole);
/* Appends vectors of one type end to end into a flat one (deep only in the packed parts; views
 * share). */
void vec_concat(Vec *out, const Vec *parts, uint32_t n_parts, Arena *a);
/* out row k = from part[k] row row[k]: CASE merges its branches with it. */
void vec_interleave(Vec *out, const Vec *parts, const uint8_t *part, const uint32_t *row,
                    uint32_t n, Arena *a);
void vec_and_validity(Vec *out, const Vec *const *ins, uint32_t n_ins,
                      Arena *a); /* out.valid = AND of the inputs' over out.len rows */

/* ---- comparing and hashing ---- */
/* Spark's ordering of two non-null values of one orderable type: NaN above all, -0.0 = 0.0. */
int vec_cmp_at(const Vec *a, uint32_t i, const Vec *b, uint32_t j);
/* Grouping equality of two values, nulls equal, nested by element. */
bool vec_eq_at(const Vec *a, uint32_t i, const Vec *b, uint32_t j);
/* Chains the column's grouping hash into h[0..n): h[i] = mix(value_i, h[i]). */
void vec_hash(const Vec *v, uint32_t n, uint64_t *h);
/* Chains Spark's Murmur3 (Murmur3_x86_32): seed of row i is h[i]; nulls leave it. */
void vec_murmur3(const Vec *v, uint32_t n, uint32_t *h);
/* -0.0 -> 0.0, NaN -> canonical NaN; other types pass through shared. For group and join keys. */
void vec_normalize_floats(Vec *out, const Vec *v, Arena *a);

/* ---- building row by row (cold paths, readers of odd rows, literals) ---- */
typedef struct VecBuilder VecBuilder;
/* Memory of the builder and of its result comes from the arena. */
VecBuilder *vecb_new(Arena *a, const Type *t);
void vecb_null(VecBuilder *b);
void vecb_bool(VecBuilder *b, bool v);
void vecb_int(VecBuilder *b, int64_t v); /* any integral, date, timestamp, interval of one number */
void vecb_double(VecBuilder *b, double v); /* float, double */
void vecb_decimal(VecBuilder *b, int128_t unscaled);
void vecb_str(VecBuilder *b, Str s);      /* string, binary; borrows bytes beyond 12 */
void vecb_str_copy(VecBuilder *b, Str s); /* copies them into the arena */
void vecb_interval(VecBuilder *b, IntervalCal v);
void vecb_from(VecBuilder *b, const Vec *v,
               uint32_t i); /* appends row i of a vector of the same type; borrows */
/* Nested: append to the children, then close the row. Array: child 0; map: 0 keys, 1 values;
 * struct: one value in each. */
VecBuilder *vecb_child(VecBuilder *b, uint32_t k);
void vecb_end_row(VecBuilder *b); /* array, map: the row ends with what the children hold now;
                                     struct: all children got one value */
uint32_t vecb_len(const VecBuilder *b);
void vecb_truncate(VecBuilder *b, uint32_t len); /* drops the rows after len, nested too */
void vecb_finish(VecBuilder *b, Vec *out); /* the builder starts anew (empty) with fresh memory */

/* ---- batches ---- */
void batch_gather(Batch *out, const Batch *b, const uint32_t *rows, uint32_t n, Arena *a);
void batch_copy(Batch *out, const Batch *b, Arena *a);
Batch batch_slice(const Batch *b, uint32_t from, uint32_t n, Arena *a);

/* ---- rows kept in memory: temp tables, memory sink, build sides, cached relations ---- */
/* A RowSet owns its memory. Threads: one writer; readers when nobody writes. */
typedef struct RowSet {
    Arena arena;
    const Type *schema; /* struct */
    Batch *batches;
    uint32_t n_batches, cap;
    uint64_t n_rows;
    _Atomic int refs;
} RowSet;
RowSet *rowset_new(const Type *schema);
RowSet *rowset_retain(RowSet *r);
void rowset_release(RowSet *r);
void rowset_append(RowSet *r, const Batch *b); /* deep copy */
void rowset_sort_by_seq(RowSet *r);            /* stable */
void rowset_clear(RowSet *r);

/* Spark's text of a value as CAST(x AS STRING) gives it under ANSI ("null" for a null, which the
 * cast itself gives only inside nested values); tz is for timestamps. */
struct TimeZone;
void vec_value_text(const Vec *v, uint32_t i, const struct TimeZone *tz, StrBuf *out);
/* The same as show() prints it: binary as [00 FF], nulls as NULL. */
void vec_value_pretty(const Vec *v, uint32_t i, const struct TimeZone *tz, StrBuf *out);

#endif
