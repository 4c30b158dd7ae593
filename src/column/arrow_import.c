/*
 * arrow_import.c - arrays of the Arrow C Data Interface as rows.
 *
 * An array is taken in slices of BATCH_ROWS rows. For each slice vectors are made in a scratch
 * arena, which point into the Arrow memory where the layouts agree; rowset_append() then copies
 * them, or a function gets them as they are. Child ranges follow from the offsets of the slice, so
 * that the whole is linear. What the formats become is in arrow_schema.c.
 *
 * The arrays may come from an IPC stream of an untrusted client. The shim has validated those, but
 * all that has a stated bound is checked here again: offsets ascend and stay inside the child,
 * indices inside the dictionary, views inside their buffers, decimals inside their precision,
 * lengths inside 32 bits. Columns and fields that are not nullable hold no nulls. Dictionaries and
 * views can name one long string many times: what such a slice takes is counted before it is
 * copied.
 *
 * Ownership: nothing of the Arrow structs is kept or released. Threads: pure.
 */
#include "column/arrow_priv.h"

#include "base/budget.h"

#include <stdio.h>

#define MS_PER_DAY INT64_C(86400000)

typedef struct Import {
    Arena *scratch; /* this slice's vectors */
    fb_error *err;
} Import;

/* An array, what is known of it, and its children: made once, read a slice at a time. */
typedef struct Source {
    const struct ArrowArray *a;
    const char *name; /* path of the field, for messages */
    const Type *type;
    ArrowFormat format;
    struct Source *child;
    Vec *dictionary; /* the values, when format is that of the indices */
    bool repeats;    /* it or a child can name the same bytes many times */
} Source;

static fb_status corrupt_column(const Import *im, const Source *src, const char *reason)
{
    StrBuf text = {0};
    if (src->name) {
        strbuf_printf(&text, "column \"%.200s\": ", src->name);
    }
    strbuf_puts(&text, reason);
    fb_status st = arrow_corrupt(im->err, text.p);
    strbuf_free(&text);
    return st;
}

/* Rows from .. from + n of the array exist. */
static fb_status check_range(const Import *im, const Source *src, int64_t from, int64_t n)
{
    if (from < 0 || n < 0 || n > src->a->length || from > src->a->length - n) {
        return corrupt_column(im, src, "it has fewer rows than its parent refers to");
    }
    return FB_OK;
}

/* n bits of p from bit at on, in words whose other bits are zero. Reads no byte without them. */
static uint64_t *copy_bits(const uint8_t *p, int64_t at, uint32_t n, Arena *a)
{
    uint64_t *words = arena_zalloc(a, VEC_WORDS(n) * sizeof(uint64_t));
    p += at / 8;
    uint32_t shift = (uint32_t)(at % 8);
    size_t n_bytes = ((size_t)shift + n + 7) / 8;
    for (size_t w = 0; w < VEC_WORDS(n); w++) {
        size_t left = n_bytes - w * 8;
        uint64_t low = 0;
        memcpy(&low, p + w * 8, left < 8 ? left : 8);
        words[w] = low >> shift;
        if (shift > 0 && left > 8) {
            words[w] |= (uint64_t)p[w * 8 + 8] << (64 - shift);
        }
    }
    if (n % 64 != 0) {
        words[n / 64] &= (1ull << (n % 64)) - 1;
    }
    return words;
}

static bool all_set(const uint64_t *words, uint32_t n)
{
    for (uint32_t w = 0; w < n / 64; w++) {
        if (words[w] != ~0ull) {
            return false;
        }
    }
    return n % 64 == 0 || words[n / 64] == (1ull << (n % 64)) - 1;
}

static void import_validity(const Import *im, const Source *src, int64_t at, uint32_t n, Vec *out)
{
    const uint8_t *bits = src->a->buffers[0];
    out->valid = NULL;
    if (n > 0 && bits && src->a->null_count != 0) {
        uint64_t *valid = copy_bits(bits, at, n, im->scratch);
        out->valid = all_set(valid, n) ? NULL : valid;
    }
}

static bool is_valid(const Vec *v, uint32_t i)
{
    return !v->valid || (v->valid[i >> 6] >> (i & 63) & 1);
}

/* Values as in a Vec: shared when they are aligned, which IPC promises for 8 bytes only. */
static void import_same(const Import *im, const uint8_t *p, uint32_t n, size_t width, Vec *out)
{
    if (n > 0 && (uintptr_t)p % width == 0) {
        out->data = (void *)(uintptr_t)p;
        return;
    }
    out->data = arena_alloc(im->scratch, n * width);
    if (n > 0) {
        memcpy(out->data, p, n * width);
    }
}

static fb_status overflow(const Import *im, const Source *src, const char *what)
{
    StrBuf text = {0};
    strbuf_printf(&text, "read %s of the Arrow column \"%.200s\"", what, src->name);
    fb_status st = err_set(im->err, ERR_DATETIME_OVERFLOW, "operation", text.p, NULL);
    strbuf_free(&text);
    return st;
}

static int64_t floor_div(int64_t v, int64_t by)
{
    return v / by - (v % by < 0);
}

/* int64 values in another unit. */
static fb_status import_int64(const Import *im, const Source *src, const uint8_t *p, Vec *out)
{
    int64_t *to = arena_zalloc(im->scratch, out->len * sizeof(int64_t));
    int32_t *days = (int32_t *)to;
    out->data = to;
    for (uint32_t i = 0; i < out->len; i++) {
        int64_t v = arrow_get_i64(p, i);
        if (!is_valid(out, i)) {
            continue;
        }
        if (src->format.layout == ARROW_DIVIDED) {
            to[i] = floor_div(v, src->format.scale);
        } else if (src->format.layout == ARROW_SCALED) {
            if (__builtin_mul_overflow(v, src->format.scale, &to[i])) {
                return overflow(im, src, "a value in microseconds");
            }
        } else {
            int64_t day = floor_div(v, MS_PER_DAY);
            if (day < INT32_MIN || day > INT32_MAX) {
                return overflow(im, src, "a date");
            }
            days[i] = (int32_t)day;
        }
    }
    return FB_OK;
}

static fb_status import_day_time(const Import *im, const Source *src, const uint8_t *p, Vec *out)
{
    int64_t *to = arena_zalloc(im->scratch, out->len * sizeof(int64_t));
    out->data = to;
    for (int64_t i = 0; i < out->len; i++) {
        int64_t ms = arrow_get_i32(p, 2 * i) * MS_PER_DAY + arrow_get_i32(p, 2 * i + 1);
        if (is_valid(out, (uint32_t)i) && __builtin_mul_overflow(ms, 1000, &to[i])) {
            return overflow(im, src, "a value in microseconds");
        }
    }
    return FB_OK;
}

static void import_month_day_nano(const Import *im, const uint8_t *p, Vec *out)
{
    IntervalCal *to = arena_alloc(im->scratch, out->len * sizeof(IntervalCal));
    out->data = to;
    for (int64_t i = 0; i < out->len; i++) {
        int64_t us = floor_div(arrow_get_i64(p, 2 * i + 1), 1000);
        to[i] = (IntervalCal){arrow_get_i32(p, 4 * i), arrow_get_i32(p, 4 * i + 1), us};
    }
}

static fb_status import_decimal(const Import *im, const Source *src, const uint8_t *p, Vec *out)
{
    int128_t limit = 1;
    for (int i = 0; i < src->type->precision; i++) {
        limit *= 10;
    }
    if (src->format.layout == ARROW_DECIMAL128) {
        import_same(im, p, out->len, sizeof(int128_t), out);
    } else {
        int128_t *to = arena_alloc(im->scratch, out->len * sizeof(int128_t));
        for (uint32_t i = 0; i < out->len; i++) {
            to[i] =
                src->format.layout == ARROW_DECIMAL32 ? arrow_get_i32(p, i) : arrow_get_i64(p, i);
        }
        out->data = to;
    }
    for (uint32_t i = 0; i < out->len; i++) {
        int128_t v = VEC_DATA(int128_t, out)[i];
        if ((v >= limit || v <= -limit) && is_valid(out, i)) {
            return corrupt_column(im, src, "a decimal has more digits than its precision");
        }
    }
    return FB_OK;
}

static void import_unsigned(const Import *im, const Source *src, const uint8_t *p, Vec *out)
{
    void *data = arena_alloc(im->scratch, out->len * type_width(src->type));
    for (uint32_t i = 0; i < out->len; i++) {
        switch (src->format.layout) {
        case ARROW_UINT8:
            ((int16_t *)data)[i] = p[i];
            break;
        case ARROW_UINT16: {
            uint16_t v;
            memcpy(&v, p + (size_t)i * 2, 2);
            ((int32_t *)data)[i] = v;
            break;
        }
        case ARROW_UINT32:
            ((int64_t *)data)[i] = (uint32_t)arrow_get_i32(p, i);
            break;
        default:
            ((int128_t *)data)[i] = (uint64_t)arrow_get_i64(p, i);
            break;
        }
    }
    out->data = data;
}

static fb_status import_utf8(const Import *im, const Source *src, int64_t at, Vec *out)
{
    bool large = src->format.layout == ARROW_LARGE_UTF8;
    const void *offsets = src->a->buffers[1];
    const char *bytes = src->a->buffers[2];
    View *views = arena_zalloc(im->scratch, out->len * sizeof(View));
    out->data = views;
    if (out->len == 0) {
        return FB_OK;
    }
    int64_t prev = large ? arrow_get_i64(offsets, at) : arrow_get_i32(offsets, at);
    if (prev < 0) {
        return corrupt_column(im, src, "an offset is negative");
    }
    for (uint32_t i = 0; i < out->len; i++) {
        int64_t next =
            large ? arrow_get_i64(offsets, at + i + 1) : arrow_get_i32(offsets, at + i + 1);
        if (next < prev || next - prev > INT32_MAX || (next > prev && !bytes)) {
            return corrupt_column(im, src, "its offsets are not those of strings");
        }
        if (is_valid(out, i)) {
            views[i] = view_of(next > prev ? bytes + prev : "", (size_t)(next - prev));
        }
        prev = next;
    }
    return FB_OK;
}

/* Arrow's views: length, then 12 bytes inline or prefix, number of the buffer and offset in it. */
static fb_status import_views(const Import *im, const Source *src, int64_t at, Vec *out)
{
    const struct ArrowArray *a = src->a;
    const void *sizes = a->buffers[a->n_buffers - 1];
    const char *from = a->buffers[1];
    View *views = arena_zalloc(im->scratch, out->len * sizeof(View));
    out->data = views;
    for (uint32_t i = 0; i < out->len; i++) {
        const char *p = from + (at + i) * 16;
        int32_t len = arrow_get_i32(p, 0);
        if (!is_valid(out, i)) {
            continue;
        }
        if (len >= 0 && len <= 12) {
            views[i] = view_of(p + 4, (size_t)len);
            continue;
        }
        int32_t k = arrow_get_i32(p, 2), offset = arrow_get_i32(p, 3);
        if (len < 0 || k < 0 || k >= a->n_buffers - 3 || !sizes || !a->buffers[2 + k] ||
            offset < 0 || offset > arrow_get_i64(sizes, k) - len) {
            return corrupt_column(im, src, "a view is outside of its buffer");
        }
        views[i] = view_of((const char *)a->buffers[2 + k] + offset, (size_t)len);
    }
    return FB_OK;
}

static void import_fixed_binary(const Import *im, const Source *src, int64_t at, Vec *out)
{
    const char *p = src->a->buffers[1];
    size_t size = (size_t)src->format.scale;
    View *views = arena_zalloc(im->scratch, out->len * sizeof(View));
    for (uint32_t i = 0; i < out->len; i++) {
        if (is_valid(out, i)) {
            views[i] = view_of(size > 0 ? p + ((size_t)at + i) * size : "", size);
        }
    }
    out->data = views;
}

/* Bytes of one value in Arrow's buffer 1. */
static size_t stored_width(const Source *src)
{
    switch (src->format.layout) {
    case ARROW_UINT8:
        return 1;
    case ARROW_UINT16:
        return 2;
    case ARROW_UINT32:
    case ARROW_DECIMAL32:
        return 4;
    case ARROW_SAME:
        return type_width(src->format.type);
    case ARROW_DECIMAL128:
    case ARROW_MONTH_DAY_NANO:
        return 16;
    default:
        return 8;
    }
}

/* Values without children; out has type, length and validity. at is the row in the buffers. */
static fb_status import_flat(const Import *im, const Source *src, int64_t at, Vec *out)
{
    const uint8_t *p = src->a->buffers[1];
    uint32_t n = out->len;
    if (p && src->format.layout != ARROW_BOOL) {
        p += (size_t)at * stored_width(src);
    }
    switch (src->format.layout) {
    case ARROW_BOOL: {
        uint64_t *bits = n > 0 ? copy_bits(p, at, n, im->scratch) : NULL;
        uint8_t *to = arena_alloc(im->scratch, (size_t)n);
        for (uint32_t i = 0; i < n; i++) {
            to[i] = bits[i >> 6] >> (i & 63) & 1;
        }
        out->data = to;
        return FB_OK;
    }
    case ARROW_SAME:
        import_same(im, p, n, type_width(src->format.type), out);
        return FB_OK;
    case ARROW_UINT8:
    case ARROW_UINT16:
    case ARROW_UINT32:
    case ARROW_UINT64:
        import_unsigned(im, src, p, out);
        return FB_OK;
    case ARROW_DECIMAL32:
    case ARROW_DECIMAL64:
    case ARROW_DECIMAL128:
        return import_decimal(im, src, p, out);
    case ARROW_UTF8:
    case ARROW_LARGE_UTF8:
        return import_utf8(im, src, at, out);
    case ARROW_VIEW:
        return import_views(im, src, at, out);
    case ARROW_FIXED_BINARY:
        import_fixed_binary(im, src, at, out);
        return FB_OK;
    case ARROW_DAY_TIME:
        return import_day_time(im, src, p, out);
    case ARROW_MONTH_DAY_NANO:
        import_month_day_nano(im, p, out);
        return FB_OK;
    default:
        return import_int64(im, src, p, out);
    }
}

/* ---- nested ---- */

static fb_status import_range(const Import *im, const Source *src, int64_t from, uint32_t n,
                              Vec *out);

/* A field that is not nullable has no nulls in the rows of valid (NULL: all). Drops its validity.
 */
static fb_status check_not_null(const Import *im, const char *name, const uint64_t *valid, Vec *v)
{
    bool all_null = v->type->id == T_NULL;
    if (!all_null && !v->valid) {
        return FB_OK;
    }
    for (uint32_t i = 0; i < v->len; i++) {
        bool present = !valid || (valid[i >> 6] >> (i & 63) & 1);
        if (present && (all_null || !is_valid(v, i))) {
            return err_set(im->err, ERR_NOT_NULL_ASSERT_VIOLATION, "walkedTypePath", name, NULL);
        }
    }
    v->valid = NULL;
    return FB_OK;
}

static fb_status import_struct(const Import *im, const Source *src, int64_t at, Vec *out)
{
    uint32_t n_fields = out->type->n_fields;
    out->child = ARENA_ARRAY(im->scratch, Vec, n_fields);
    for (uint32_t k = 0; k < n_fields; k++) {
        const Source *child = &src->child[k];
        TRY(import_range(im, child, at, out->len, &out->child[k]));
        if (!out->type->fields[k].nullable) {
            TRY(check_not_null(im, child->name, out->valid, &out->child[k]));
        }
    }
    return FB_OK;
}

/* The offsets of a list's rows, from 0 on, and where the elements start in the child. */
static fb_status import_offsets(const Import *im, const Source *src, int64_t at, Vec *out,
                                int64_t *ret_start)
{
    uint32_t *to = arena_zalloc(im->scratch, ((size_t)out->len + 1) * sizeof(uint32_t));
    const void *offsets = src->a->n_buffers > 1 ? src->a->buffers[1] : NULL;
    out->data = to;
    *ret_start = 0;
    if (out->len == 0) {
        return FB_OK;
    }
    if (src->format.layout == ARROW_FIXED_LIST) {
        int64_t size = src->format.scale;
        if (__builtin_mul_overflow(at, size, ret_start) || out->len * size > INT32_MAX) {
            return corrupt_column(im, src, "it has too many elements");
        }
        for (uint32_t i = 1; i <= out->len; i++) {
            to[i] = i * (uint32_t)size;
        }
        return FB_OK;
    }
    bool large = src->format.layout == ARROW_LARGE_LIST;
    int64_t start = large ? arrow_get_i64(offsets, at) : arrow_get_i32(offsets, at), prev = start;
    for (uint32_t i = 1; i <= out->len; i++) {
        int64_t next = large ? arrow_get_i64(offsets, at + i) : arrow_get_i32(offsets, at + i);
        if (prev < 0 || next < prev || next - start > INT32_MAX) {
            return corrupt_column(im, src, "its offsets are not those of lists");
        }
        to[i] = (uint32_t)(next - start);
        prev = next;
    }
    *ret_start = start;
    return FB_OK;
}

static fb_status import_list(const Import *im, const Source *src, int64_t at, Vec *out)
{
    int64_t start;
    TRY(import_offsets(im, src, at, out, &start));
    uint32_t n = VEC_DATA(uint32_t, out)[out->len];
    Vec *elements = ARENA_ARRAY(im->scratch, Vec, 2);
    out->child = elements;
    if (src->format.layout != ARROW_MAP) {
        TRY(import_range(im, src->child, start, n, elements));
        bool nullable = out->type->fields[0].nullable;
        return nullable ? FB_OK : check_not_null(im, src->name, NULL, elements);
    }
    const Source *entries = src->child;
    Vec nulls = {.type = src->type, .len = n};
    TRY(check_range(im, entries, start, n));
    int64_t entries_at = entries->a->offset + start;
    import_validity(im, entries, entries_at, n, &nulls);
    TRY(check_not_null(im, src->name, NULL, &nulls));
    for (uint32_t k = 0; k < 2; k++) {
        TRY(import_range(im, &entries->child[k], entries_at, n, &elements[k]));
        if (!out->type->fields[k].nullable) {
            TRY(check_not_null(im, src->name, NULL, &elements[k]));
        }
    }
    return FB_OK;
}

/* Index i of a dictionary array as a signed number; -1 for one that fits no dictionary. */
static int64_t dictionary_index(const Source *src, const uint8_t *p, int64_t i)
{
    switch (src->format.layout) {
    case ARROW_UINT8:
        return p[i];
    case ARROW_UINT16: {
        uint16_t v;
        memcpy(&v, p + i * 2, 2);
        return v;
    }
    case ARROW_UINT32:
        return (uint32_t)arrow_get_i32(p, i);
    case ARROW_UINT64:
        return arrow_get_i64(p, i); /* 2^63 and up are negative */
    default:
        break;
    }
    switch (src->format.type->id) {
    case T_BYTE:
        return (int8_t)p[i];
    case T_SHORT: {
        int16_t v;
        memcpy(&v, p + i * 2, 2);
        return v;
    }
    case T_INT:
        return arrow_get_i32(p, i);
    default:
        return arrow_get_i64(p, i);
    }
}

static fb_status import_dictionary(const Import *im, const Source *src, int64_t at, Vec *out)
{
    const uint8_t *p = src->a->buffers[1];
    uint32_t n = out->len, n_values = src->dictionary->len;
    uint32_t *rows = arena_alloc(im->scratch, n * sizeof(uint32_t));
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = UINT32_MAX;
        if (is_valid(out, i)) {
            int64_t index = dictionary_index(src, p, at + i);
            if (index < 0 || index >= n_values) {
                return corrupt_column(im, src, "an index is outside of the dictionary");
            }
            rows[i] = (uint32_t)index;
        }
    }
    if (n_values == 0) { /* then every row is null */
        Vec nulls;
        vec_init_null(&nulls, src->type, n, im->scratch);
        vec_flatten(out, &nulls, im->scratch);
    } else {
        vec_gather_nullable(out, src->dictionary, rows, n, im->scratch);
    }
    return FB_OK;
}

/* Rows from .. from + n of the array (its own offset comes on top) as a flat vector. */
static fb_status import_range(const Import *im, const Source *src, int64_t from, uint32_t n,
                              Vec *out)
{
    TRY(check_range(im, src, from, n));
    int64_t at = src->a->offset + from;
    *out = (Vec){.type = src->type, .len = n};
    if (src->format.layout == ARROW_NULL) {
        return FB_OK;
    }
    import_validity(im, src, at, n, out);
    if (src->dictionary) {
        return import_dictionary(im, src, at, out);
    }
    switch (src->format.layout) {
    case ARROW_STRUCT:
        return import_struct(im, src, at, out);
    case ARROW_LIST:
    case ARROW_LARGE_LIST:
    case ARROW_FIXED_LIST:
    case ARROW_MAP:
        return import_list(im, src, at, out);
    default:
        return import_flat(im, src, at, out);
    }
}

/* ---- setting up ---- */

static int64_t buffers_of(ArrowLayout layout)
{
    switch (layout) {
    case ARROW_NULL:
        return 0;
    case ARROW_STRUCT:
    case ARROW_FIXED_LIST:
        return 1;
    case ARROW_UTF8:
    case ARROW_LARGE_UTF8:
    case ARROW_VIEW:
        return 3;
    default:
        return 2;
    }
}

/* Counts, lengths and pointers of one array, before any of its memory is read. */
static fb_status check_array(const Import *im, const Source *src, int64_t n_children)
{
    const struct ArrowArray *a = src->a;
    int64_t n_buffers = buffers_of(src->format.layout);
    bool more_buffers = src->format.layout == ARROW_VIEW; /* any number of data buffers */
    if (!a || a->length < 0 || a->offset < 0 || a->offset > INT64_MAX / 32 - a->length) {
        return corrupt_column(im, src, "its length or offset is impossible");
    }
    if (n_buffers > 0 &&
        (a->n_buffers < n_buffers || !a->buffers || (!more_buffers && a->n_buffers != n_buffers))) {
        return corrupt_column(im, src, "it has the wrong number of buffers");
    }
    bool no_bytes = src->format.layout == ARROW_FIXED_BINARY && src->format.scale == 0;
    if (n_buffers > 1 && a->length > 0 && !a->buffers[1] && !no_bytes) {
        return corrupt_column(im, src, "it has rows but no values");
    }
    if (src->format.layout == ARROW_FIXED_BINARY &&
        src->format.scale > INT64_MAX / 32 / (a->offset + a->length + 1)) {
        return corrupt_column(im, src, "its length or offset is impossible");
    }
    if (n_buffers > 0 && a->null_count > 0 && a->length > 0 && !a->buffers[0]) {
        return corrupt_column(im, src, "it has nulls but no validity");
    }
    if (n_children > 0 && (a->n_children != n_children || !a->children)) {
        return corrupt_column(im, src, "it has the wrong number of children");
    }
    for (int64_t i = 0; i < n_children; i++) {
        if (!a->children[i]) {
            return corrupt_column(im, src, "a child is missing");
        }
    }
    return FB_OK;
}

/* The schema was imported as type t before: its counts and depth are known to be good. */
static fb_status prepare(const Import *im, const struct ArrowArray *a, const struct ArrowSchema *s,
                         const Type *t, const char *name, Arena *keep, Source *ret)
{
    *ret = (Source){.a = a, .name = name, .type = t};
    TRY(arrow_format_parse(s->format, &ret->format, im->err));
    ret->repeats = s->dictionary || ret->format.layout == ARROW_VIEW;
    int64_t n_children = ret->format.type ? 0 : s->n_children;
    TRY(check_array(im, ret, n_children));
    if (s->dictionary) {
        Source values;
        if (!a->dictionary || a->dictionary->length >= UINT32_MAX) {
            return corrupt_column(im, ret, "its dictionary is missing or too large");
        }
        TRY(prepare(im, a->dictionary, s->dictionary, t, name, keep, &values));
        ret->dictionary = ARENA_NEW(keep, Vec);
        Import whole = {.scratch = keep, .err = im->err};
        return import_range(&whole, &values, 0, (uint32_t)a->dictionary->length, ret->dictionary);
    }
    ret->child = ARENA_ARRAY(keep, Source, (size_t)n_children);
    Source *children = ret->child;
    if (ret->format.layout == ARROW_MAP) { /* its entries have no type of their own here */
        a = a->children[0];
        s = s->children[0];
        *ret->child = (Source){.a = a, .name = name, .format = {.layout = ARROW_STRUCT}};
        TRY(check_array(im, ret->child, 2));
        n_children = 2;
        children = ret->child->child = ARENA_ARRAY(keep, Source, 2);
    }
    for (int64_t i = 0; i < n_children; i++) {
        const Field *f = &t->fields[i];
        const char *path = name ? arena_printf(keep, "%s.%s", name, f->name) : f->name;
        TRY(prepare(im, a->children[i], s->children[i], f->type, path, keep, &children[i]));
        ret->repeats |= children[i].repeats;
    }
    return FB_OK;
}

/* What a deep copy takes, more or less. */
static int64_t deep_size(const Vec *v)
{
    int64_t size = (int64_t)v->len * (int64_t)type_width(v->type);
    if (type_is_view(v->type)) {
        for (uint32_t i = 0; i < v->len; i++) {
            uint32_t len = VEC_DATA(View, v)[i].len;
            size += len > 12 && is_valid(v, i) ? len : 0;
        }
    }
    uint32_t n = type_is_nested(v->type) ? v->type->n_fields : 0;
    for (uint32_t k = 0; k < n; k++) {
        size += deep_size(&v->child[k]);
    }
    return size;
}

static fb_status check_memory(const Import *im, const Vec *rows, const RowSet *to, int64_t limit)
{
    int64_t size = deep_size(rows), left = limit - (int64_t)to->arena.allocated;
    if (limit == 0 || size <= left) {
        return FB_OK;
    }
    char requested[24], received[24];
    snprintf(requested, sizeof(requested), "%lld", (long long)size);
    snprintf(received, sizeof(received), "%lld", (long long)(left < 0 ? 0 : left));
    return err_set(im->err, ERR_UNABLE_TO_ACQUIRE_MEMORY, "requestedBytes", requested,
                   "receivedBytes", received, NULL);
}

/* Slices of BATCH_ROWS rows, one after the other. */
static fb_status import_slices(const Import *im, const Source *src, ArrowBatchFn fn, void *arg)
{
    for (int64_t from = 0; from < src->a->length; from += BATCH_ROWS) {
        int64_t left = src->a->length - from;
        Vec rows;
        arena_reset(im->scratch);
        TRY(import_range(im, src, from, left < BATCH_ROWS ? (uint32_t)left : BATCH_ROWS, &rows));
        if (rows.valid) {
            return corrupt_column(im, src, "a whole row is null");
        }
        Batch b = {.n_rows = rows.len, .n_cols = rows.type->n_fields, .col = rows.child};
        TRY(fn(arg, &b, im->err));
    }
    return FB_OK;
}

typedef struct Append {
    const Import *im;
    RowSet *to;
    const Source *src;
    int64_t limit;
} Append;

static fb_status append_rows(void *arg, Batch *b, fb_error *err)
{
    Append *p = arg;
    (void)err; /* the import's own */
    b->seq = p->to->n_rows;
    if (p->src->repeats) {
        Vec rows = {.type = p->to->schema, .len = b->n_rows, .child = b->col};
        TRY(check_memory(p->im, &rows, p->to, p->limit));
    }
    rowset_append(p->to, b);
    return FB_OK;
}

fb_status arrow_import_rows(const struct ArrowArray *a, const struct ArrowSchema *s, RowSet *to,
                            fb_error *err)
{
    if (a->length > INT32_MAX) {
        return err_unsupported(err, "more than 2^31 rows in one Arrow batch");
    }
    Arena keep = {0}, scratch = {0};
    Import im = {.scratch = &scratch, .err = err};
    Source src;
    fb_status st = prepare(&im, a, s, to->schema, NULL, &keep, &src);
    if (st == FB_OK) {
        Append append = {&im, to, &src, src.repeats ? budget_default_limit() : 0};
        st = import_slices(&im, &src, append_rows, &append);
    }
    arena_free(&scratch);
    arena_free(&keep);
    return st;
}

fb_status arrow_import_each(const struct ArrowArray *a, const struct ArrowSchema *s, const Type *t,
                            ArrowBatchFn fn, void *arg, fb_error *err)
{
    Arena keep = {0}, scratch = {0};
    Import im = {.scratch = &scratch, .err = err};
    Source src;
    fb_status st = prepare(&im, a, s, t, NULL, &keep, &src);
    if (st == FB_OK) {
        st = import_slices(&im, &src, fn, arg);
    }
    arena_free(&scratch);
    arena_free(&keep);
    return st;
}

fb_status arrow_import_array(const struct ArrowArray *a, const struct ArrowSchema *s, RowSet *to,
                             fb_error *err)
{
    const Type *type;
    TRY(arrow_import_schema(s, &type, err));
    if (type != to->schema) {
        return err_internal(err, "Arrow rows of another schema than the rowset's");
    }
    return arrow_import_rows(a, s, to, err);
}
