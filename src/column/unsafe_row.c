/*
 * unsafe_row.c - Spark's UnsafeRow, UnsafeArrayData and UnsafeMapData
 * (org.apache.spark.sql.catalyst .expressions, 4.3), byte for byte.
 *
 *   row    null bitset, ceil(n/64) words | n words of 8 bytes | variable part, items padded to 8
 *   array  int64 count | null bitset | elements at their own width, padded to 8 | variable part
 *   map    int64 bytes of the key array | key array | value array
 *
 * A value of variable length has (offset << 32 | size) in its word, the offset counted from the
 * start of its own row or array. Decimals above 18 digits take 16 bytes in a row even when null,
 * and only their own padded length in an array; calendar intervals take 16 bytes in both. All
 * unused bytes are zero: keys of state are compared as bytes.
 *
 * Encoding appends to a StrBuf that may move as it grows, so places in it are positions, never
 * pointers. Decoding trusts nothing: every offset, size and count is checked against the bytes of
 * its container before it is used, the nesting is that of the types, and after a failure the
 * builders are cut back to where they were.
 *
 * Ownership: encode appends to the caller's buffer; decode copies long strings into the builders'
 *            arena. Threads: no state.
 */
#include "column/unsafe_row.h"

#include "column/decimal.h"

#define MAX_ITEM ((size_t)INT32_MAX) /* Spark's sizes and offsets are Java ints */

/* ---- writing ---- */

static size_t pad8(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

static size_t append_zeros(StrBuf *out, size_t n)
{
    size_t at = out->n;

    strbuf_reserve(out, n);
    memset(out->p + at, 0, n);
    out->n += n;
    out->p[out->n] = '\0';
    return at;
}

static void put(StrBuf *out, size_t at, const void *p, size_t n)
{
    memcpy(out->p + at, p, n);
}

static void put_u64(StrBuf *out, size_t at, uint64_t x)
{
    memcpy(out->p + at, &x, 8);
}

static void set_null_bit(StrBuf *out, size_t bitset, uint32_t k)
{
    char *byte = out->p + bitset + k / 8;

    *byte = (char)(*byte | 1 << (k % 8));
}

static void append_padded(StrBuf *out, const void *p, size_t n)
{
    size_t at = append_zeros(out, pad8(n));

    if (n > 0) {
        memcpy(out->p + at, p, n);
    }
}

/* Bytes of an element of an array; 8 for what has its place in the variable part. */
static size_t element_width(const Type *t)
{
    switch (t->id) {
    case T_BOOLEAN:
    case T_BYTE:
    case T_SHORT:
    case T_INT:
    case T_FLOAT:
    case T_DATE:
    case T_INTERVAL_YM:
        return type_width(t);
    default:
        return 8;
    }
}

static bool is_big_decimal(const Type *t)
{
    return t->id == T_DECIMAL && t->precision > 18;
}

static void encode_row(const Vec *cols, uint32_t n_cols, uint32_t i, StrBuf *out);
static void encode_list(const Vec *v, uint32_t i, StrBuf *out);

/* Appends a value of variable length and writes its word at word_at. */
static void encode_variable(const Vec *v, uint32_t i, StrBuf *out, size_t start, size_t word_at,
                            bool in_row)
{
    size_t at = out->n, size;
    uint8_t bytes[DEC_BYTES_MAX];

    switch (v->type->id) {
    case T_STRING:
    case T_BINARY: {
        const View *view = &VEC_AT(View, v, i);
        size = view->len;
        append_padded(out, view_ptr(view), size);
        break;
    }
    case T_DECIMAL:
        size = dec_to_bytes(VEC_AT(int128_t, v, i), bytes);
        append_zeros(out, in_row ? 16 : pad8(size));
        put(out, at, bytes, size);
        break;
    case T_INTERVAL_CAL: {
        const IntervalCal *cal = &VEC_AT(IntervalCal, v, i);
        size = 16;
        append_zeros(out, size);
        put(out, at, &cal->months, 4);
        put(out, at + 4, &cal->days, 4);
        put(out, at + 8, &cal->micros, 8);
        break;
    }
    case T_STRUCT:
        encode_row(v->child, v->type->n_fields, i, out);
        size = out->n - at;
        break;
    default:
        encode_list(v, i, out);
        size = out->n - at;
        break;
    }
    FB_ASSERT(at - start <= MAX_ITEM && size <= MAX_ITEM);
    put_u64(out, word_at, (uint64_t)(at - start) << 32 | size);
}

/* A null of these types keeps its reserved place in a row. */
static void encode_null(const Type *t, StrBuf *out, size_t start, size_t word_at)
{
    if (is_big_decimal(t) || t->id == T_INTERVAL_CAL) {
        size_t at = append_zeros(out, 16);
        FB_ASSERT(at - start <= MAX_ITEM);
        put_u64(out, word_at, (uint64_t)(at - start) << 32 | (t->id == T_INTERVAL_CAL ? 16 : 0));
    }
}

/* The value at its own width, in zeroed bytes. */
static void encode_value(const Vec *v, uint32_t i, StrBuf *out, size_t start, size_t at,
                         bool in_row)
{
    i &= vec_mask(v);
    switch (v->type->id) {
    case T_BOOLEAN:
    case T_BYTE:
        put(out, at, VEC_DATA(uint8_t, v) + i, 1);
        break;
    case T_SHORT:
        put(out, at, VEC_DATA(int16_t, v) + i, 2);
        break;
    case T_INT:
    case T_FLOAT:
    case T_DATE:
    case T_INTERVAL_YM:
        put(out, at, VEC_DATA(int32_t, v) + i, 4);
        break;
    case T_LONG:
    case T_DOUBLE:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        put(out, at, VEC_DATA(int64_t, v) + i, 8);
        break;
    case T_DECIMAL:
        if (!is_big_decimal(v->type)) {
            put_u64(out, at, (uint64_t)VEC_DATA(int128_t, v)[i]);
            break;
        }
        encode_variable(v, i, out, start, at, in_row);
        break;
    case T_NULL:
        break;
    default:
        encode_variable(v, i, out, start, at, in_row);
        break;
    }
}

static void encode_row(const Vec *cols, uint32_t n_cols, uint32_t i, StrBuf *out)
{
    size_t bitset = VEC_WORDS(n_cols) * 8;
    size_t start = append_zeros(out, bitset + mem_mul(n_cols, 8));

    for (uint32_t k = 0; k < n_cols; k++) {
        size_t word_at = start + bitset + (size_t)k * 8;
        if (vec_is_valid(&cols[k], i)) {
            encode_value(&cols[k], i, out, start, word_at, true);
        } else {
            set_null_bit(out, start, k);
            encode_null(cols[k].type, out, start, word_at);
        }
    }
}

static void encode_array(const Vec *v, uint32_t from, uint32_t n, StrBuf *out)
{
    size_t width = element_width(v->type), header = 8 + VEC_WORDS(n) * 8;
    size_t start = append_zeros(out, header + pad8(mem_mul(n, width)));

    put_u64(out, start, n);
    for (uint32_t k = 0; k < n; k++) {
        if (vec_is_valid(v, from + k)) {
            encode_value(v, from + k, out, start, start + header + k * width, false);
        } else {
            set_null_bit(out, start + 8, k);
        }
    }
}

static void encode_list(const Vec *v, uint32_t i, StrBuf *out)
{
    const uint32_t *offsets = VEC_DATA(uint32_t, v) + (i & vec_mask(v));
    uint32_t n = offsets[1] - offsets[0];

    if (v->type->id == T_ARRAY) {
        encode_array(&v->child[0], offsets[0], n, out);
        return;
    }
    size_t at = append_zeros(out, 8);
    encode_array(&v->child[0], offsets[0], n, out);
    put_u64(out, at, out->n - at - 8);
    encode_array(&v->child[1], offsets[0], n, out);
}

void unsafe_row_encode(const Vec *cols, uint32_t n_cols, uint32_t i, StrBuf *out)
{
    encode_row(cols, n_cols, i, out);
}

/* ---- reading ---- */

/* A row or an array: the bytes that its offsets may name. left counts down, over the whole row,
 * what has been taken out of it: items that overlap could blow up a short row without end. */
typedef struct Span {
    const char *p;
    size_t n;
    size_t *left;
} Span;

static bool take(const Span *in, size_t n)
{
    if (n > *in->left) {
        return false;
    }
    *in->left -= n;
    return true;
}

static uint64_t get_u64(const char *p)
{
    uint64_t x;

    memcpy(&x, p, 8);
    return x;
}

static bool null_bit(const char *bitset, uint32_t k)
{
    return (uint8_t)bitset[k / 8] >> (k % 8) & 1;
}

static bool get_item(const Span *in, uint64_t word, Span *ret)
{
    uint64_t offset = word >> 32, size = word & 0xffffffffu;

    if (offset > in->n || size > in->n - offset) {
        return false;
    }
    *ret = (Span){in->p + offset, (size_t)size, in->left};
    return true;
}

static bool decode_row(const Span *in, VecBuilder *const *cols, VecBuilder *parent, uint32_t n_cols,
                       const Type *const *types, const Field *fields);
static bool decode_array(const Span *in, VecBuilder *b, const Type *t, uint64_t *ret_n);

static bool decode_map(const Span *in, VecBuilder *b, const Type *t)
{
    uint64_t n_keys, n_values;

    if (in->n < 8) {
        return false;
    }
    uint64_t key_bytes = get_u64(in->p);
    if (key_bytes > in->n - 8) {
        return false;
    }
    Span keys = {in->p + 8, (size_t)key_bytes, in->left};
    Span values = {in->p + 8 + key_bytes, in->n - 8 - (size_t)key_bytes, in->left};
    if (!decode_array(&keys, vecb_child(b, 0), t->fields[0].type, &n_keys) ||
        !decode_array(&values, vecb_child(b, 1), t->fields[1].type, &n_values) ||
        n_keys != n_values) {
        return false;
    }
    vecb_end_row(b);
    return true;
}

/* What a word of offset and size names. */
static bool decode_variable(const Span *in, uint64_t word, VecBuilder *b, const Type *t)
{
    uint64_t n;
    Span item;

    if (!get_item(in, word, &item)) {
        return false;
    }
    switch (t->id) {
    case T_STRING:
    case T_BINARY:
        if (!take(in, item.n)) {
            return false;
        }
        vecb_str_copy(b, (Str){item.p, item.n});
        return true;
    case T_DECIMAL: {
        int128_t x;
        if (item.n < 1 || item.n > DEC_BYTES_MAX ||
            !dec_from_bytes((const uint8_t *)item.p, item.n, &x) || !dec_fits(x, t->precision)) {
            return false;
        }
        vecb_decimal(b, x);
        return true;
    }
    case T_INTERVAL_CAL: {
        IntervalCal cal;
        if (item.n != 16) {
            return false;
        }
        memcpy(&cal.months, item.p, 4);
        memcpy(&cal.days, item.p + 4, 4);
        memcpy(&cal.micros, item.p + 8, 8);
        vecb_interval(b, cal);
        return true;
    }
    case T_STRUCT:
        if (!decode_row(&item, NULL, b, t->n_fields, NULL, t->fields)) {
            return false;
        }
        vecb_end_row(b);
        return true;
    case T_ARRAY:
        if (!decode_array(&item, vecb_child(b, 0), t->fields[0].type, &n)) {
            return false;
        }
        vecb_end_row(b);
        return true;
    case T_MAP:
        return decode_map(&item, b, t);
    default:
        return false;
    }
}

/* A value that is not null; at has element_width(t) bytes. */
static bool decode_value(const Span *in, const char *at, VecBuilder *b, const Type *t)
{
    int16_t i16;
    int32_t i32;
    float f32;
    double f64;

    switch (t->id) {
    case T_BOOLEAN:
        vecb_bool(b, *at != 0);
        return true;
    case T_BYTE:
        vecb_int(b, (int8_t)*at);
        return true;
    case T_SHORT:
        memcpy(&i16, at, 2);
        vecb_int(b, i16);
        return true;
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM:
        memcpy(&i32, at, 4);
        vecb_int(b, i32);
        return true;
    case T_LONG:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        vecb_int(b, (int64_t)get_u64(at));
        return true;
    case T_FLOAT:
        memcpy(&f32, at, 4);
        vecb_double(b, (double)f32);
        return true;
    case T_DOUBLE:
        memcpy(&f64, at, 8);
        vecb_double(b, f64);
        return true;
    case T_NULL:
        vecb_null(b);
        return true;
    case T_DECIMAL:
        if (!is_big_decimal(t)) {
            int64_t unscaled = (int64_t)get_u64(at);
            if (!dec_fits(unscaled, t->precision)) {
                return false;
            }
            vecb_decimal(b, unscaled);
            return true;
        }
        return decode_variable(in, get_u64(at), b, t);
    default:
        return decode_variable(in, get_u64(at), b, t);
    }
}

/* The fields go to cols with types, or to the children of parent with fields. */
static bool decode_row(const Span *in, VecBuilder *const *cols, VecBuilder *parent, uint32_t n_cols,
                       const Type *const *types, const Field *fields)
{
    size_t bitset = VEC_WORDS(n_cols) * 8;

    if (in->n < bitset + (size_t)n_cols * 8 || !take(in, bitset + (size_t)n_cols * 8)) {
        return false;
    }
    for (uint32_t k = 0; k < n_cols; k++) {
        VecBuilder *b = parent ? vecb_child(parent, k) : cols[k];
        const Type *t = parent ? fields[k].type : types[k];
        if (null_bit(in->p, k)) {
            vecb_null(b);
        } else if (!decode_value(in, in->p + bitset + (size_t)k * 8, b, t)) {
            return false;
        }
    }
    return true;
}

static bool decode_array(const Span *in, VecBuilder *b, const Type *t, uint64_t *ret_n)
{
    size_t width = element_width(t);

    if (in->n < 8) {
        return false;
    }
    uint64_t n = get_u64(in->p);
    if (n > in->n / width || n > MAX_ITEM) {
        return false;
    }
    size_t header = 8 + VEC_WORDS(n) * 8;
    if (in->n < header + n * width || !take(in, header + n * width)) {
        return false;
    }
    for (uint32_t k = 0; k < n; k++) {
        if (null_bit(in->p + 8, k)) {
            vecb_null(b);
        } else if (!decode_value(in, in->p + header + k * width, b, t)) {
            return false;
        }
    }
    *ret_n = n;
    return true;
}

fb_status unsafe_row_decode(const void *row, size_t n, VecBuilder *const *cols, uint32_t n_cols,
                            const Type *const *types, fb_error *err)
{
    uint32_t before = n_cols > 0 ? vecb_len(cols[0]) : 0;

    size_t left = n;

    if (decode_row(&(Span){row, n, &left}, cols, NULL, n_cols, types, NULL)) {
        return FB_OK;
    }
    /* Each of the first columns may have one row more; children may have elements without a row. */
    for (uint32_t k = 0; k < n_cols; k++) {
        vecb_truncate(cols[k], before);
    }
    return err_set(err, ERR_CANNOT_LOAD_STATE_STORE_VALUE_ROW_FORMAT_VALIDATION_FAILURE, "msg",
                   "the bytes are not an UnsafeRow of the expected schema", NULL);
}
