/*
 * column_vec.c - vectors: views, validity, gather and its kin, order, equality and hashing.
 *
 * Two kinds of tests: known answers, and random vectors of many types (nested, constant, sliced,
 * with nulls) on which each operation must agree, row by row, with what its contract says.
 */
#include "column/vec.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* ---- random vectors ---- */

static uint64_t random_state = 88172645463325252ull;

static uint32_t random_below(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % n;
}

static const Type *ddl(const char *text)
{
    fb_error err = {0};
    const Type *t = NULL;

    if (type_from_ddl(str_of(text), &t, &err) != FB_OK) {
        fail_msg("%s", err.message);
    }
    return t;
}

static void add_random(VecBuilder *b, const Type *t, bool nulls, int depth);

static void add_random_list(VecBuilder *b, const Type *t, bool nulls, int depth)
{
    static const char *const keys[] = {"k1", "k2", "a key beyond twelve bytes", ""};
    uint32_t n = random_below(4), first = random_below(4);

    for (uint32_t i = 0; i < n; i++) {
        if (t->id == T_MAP) {
            vecb_str(vecb_child(b, 0), str_of(keys[(first + i) % 4]));
            add_random(vecb_child(b, 1), t->fields[1].type, nulls, depth + 1);
        } else {
            add_random(vecb_child(b, 0), t->fields[0].type, nulls, depth + 1);
        }
    }
    vecb_end_row(b);
}

/* Values come from small sets, so that equal ones meet. Maps have string keys. */
static void add_random(VecBuilder *b, const Type *t, bool nulls, int depth)
{
    static const char *const texts[] = {
        "",         "a",    "ab", "abcd", "abcde", "twelve bytes", "thirteen byte", "thirteen bytf",
        "\xc3\xa9", "a\x01"};
    static const double doubles[] = {0.0, -0.0, 1.5, -1.5, NAN, INFINITY, 1e300, 5e-324};

    if (t->id == T_NULL || (nulls && random_below(4) == 0)) {
        vecb_null(b);
        return;
    }
    switch (t->id) {
    case T_BOOLEAN:
        vecb_bool(b, random_below(2) == 1);
        break;
    case T_FLOAT:
    case T_DOUBLE:
        vecb_double(b, doubles[random_below(t->id == T_FLOAT ? 6 : 8)]);
        break;
    case T_DECIMAL: {
        int128_t x = (int128_t)random_below(5) - 2;
        vecb_decimal(b, t->precision > 18 ? x * 1000000000000000000ll * 7 : x * 1000);
        break;
    }
    case T_STRING:
    case T_BINARY:
        vecb_str(b, str_of(texts[random_below(10)]));
        break;
    case T_INTERVAL_CAL:
        vecb_interval(b, (IntervalCal){(int32_t)random_below(2), (int32_t)random_below(2) - 1,
                                       (int64_t)random_below(3)});
        break;
    case T_ARRAY:
    case T_MAP:
        add_random_list(b, t, nulls, depth);
        break;
    case T_STRUCT:
        for (uint32_t k = 0; k < t->n_fields; k++) {
            add_random(vecb_child(b, k), t->fields[k].type, nulls, depth + 1);
        }
        vecb_end_row(b);
        break;
    default:
        vecb_int(b, (int64_t)random_below(5) - 2);
        break;
    }
}

static Vec random_flat(const Type *t, uint32_t n, bool nulls, Arena *a)
{
    VecBuilder *b = vecb_new(a, t);
    Vec v;

    for (uint32_t i = 0; i < n; i++) {
        add_random(b, t, nulls, 0);
    }
    vecb_finish(b, &v);
    assert_int_equal(v.len, n);
    return v;
}

static void make_const(Vec *v, uint32_t n)
{
    v->is_const = true;
    v->len = n;
    for (uint32_t k = 0; v->type->id == T_STRUCT && k < v->type->n_fields; k++) {
        make_const(&v->child[k], n);
    }
}

/* Flat, a slice at an odd place, or constant; with and without nulls; structs may have a constant
 * child. */
static Vec random_vec(const Type *t, uint32_t n, Arena *a)
{
    bool nulls = random_below(3) > 0;
    Vec v;

    switch (random_below(4)) {
    case 0:
        v = random_flat(t, 1, nulls, a);
        make_const(&v, n);
        return v;
    case 1: {
        uint32_t from = random_below(70);
        v = random_flat(t, from + n + random_below(5), nulls, a);
        return vec_slice(&v, from, n, a);
    }
    default:
        v = random_flat(t, n, nulls, a);
        if (t->id == T_STRUCT && t->n_fields > 0 && random_below(2) == 0) {
            v.child[0] = random_flat(t->fields[0].type, 1, nulls, a);
            make_const(&v.child[0], n);
        }
        return v;
    }
}

static const char *const type_texts[] = {
    "boolean",
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "float",
    "double",
    "decimal(10,2)",
    "decimal(38,3)",
    "string",
    "binary",
    "date",
    "timestamp",
    "timestamp_ntz",
    "interval year to month",
    "interval day to second",
    "interval",
    "void",
    "array<int>",
    "array<string>",
    "array<array<string>>",
    "map<string,bigint>",
    "map<string,array<double>>",
    "struct<a:int,b:string>",
    "struct<a:struct<x:decimal(20,2),y:interval>,b:array<struct<c:string>>>",
    "array<struct<a:boolean,b:map<string,struct<z:date>>>>",
    "struct<>",
    "array<void>",
    "struct<a:array<boolean>,b:void>"};
#define N_TYPES (sizeof(type_texts) / sizeof(type_texts[0]))
#define ROUNDS 12

static void check_same_rows(const Vec *a, uint32_t i, const Vec *b, uint32_t j)
{
    assert_ptr_equal(a->type, b->type);
    assert_int_equal(vec_is_valid(a, i), vec_is_valid(b, j));
    assert_true(vec_eq_at(a, i, b, j));
    assert_true(vec_eq_at(b, j, a, i));
}

static uint32_t some_length(void)
{
    static const uint32_t lengths[] = {0, 1, 2, 63, 64, 65, 130, 200};
    return lengths[random_below(8)];
}

/* ---- random tests ---- */

static void test_gather(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_TYPES * ROUNDS; t++) {
        Arena a = {0};
        uint32_t n = some_length(), m = n > 0 ? some_length() : 0, rows[200];
        Vec v = random_vec(ddl(type_texts[t % N_TYPES]), n, &a), out;
        for (uint32_t k = 0; k < m; k++) {
            rows[k] = random_below(n);
        }
        vec_gather(&out, &v, rows, m, &a);
        assert_int_equal(out.len, m);
        for (uint32_t k = 0; k < m; k++) {
            check_same_rows(&out, k, &v, rows[k]);
        }
        for (uint32_t k = 0; k < m; k++) {
            rows[k] = random_below(3) == 0 ? UINT32_MAX : rows[k];
        }
        vec_gather_nullable(&out, &v, rows, m, &a);
        assert_int_equal(out.len, m);
        for (uint32_t k = 0; k < m; k++) {
            if (rows[k] == UINT32_MAX) {
                assert_false(vec_is_valid(&out, k));
            } else {
                check_same_rows(&out, k, &v, rows[k]);
            }
        }
        arena_free(&a);
    }
}

static bool all_flat(const Vec *v)
{
    bool flat = !v->is_const;
    for (uint32_t k = 0; v->type->id == T_STRUCT && k < v->type->n_fields; k++) {
        flat = flat && all_flat(&v->child[k]) && v->child[k].len == v->len;
    }
    return flat;
}

static void test_flatten_slice_copy(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_TYPES * ROUNDS; t++) {
        Arena a = {0}, kept = {0};
        uint32_t n = some_length();
        Vec v = random_vec(ddl(type_texts[t % N_TYPES]), n, &a), flat, copy;
        vec_flatten(&flat, &v, &a);
        assert_int_equal(flat.len, n);
        assert_true(all_flat(&flat));
        uint32_t from = random_below(n + 1), m = random_below(n - from + 1);
        Vec slice = vec_slice(&v, from, m, &a);
        assert_int_equal(slice.len, m);
        for (uint32_t k = 0; k < n; k++) {
            check_same_rows(&flat, k, &v, k);
        }
        for (uint32_t k = 0; k < m; k++) {
            check_same_rows(&slice, k, &v, from + k);
        }
        assert_int_equal(vec_count_nulls(&flat), vec_count_nulls(&v));
        /* The copy must outlive the arena of the original. */
        uint64_t h[200] = {0}, g[200] = {0};
        vec_hash(&slice, m, h);
        vec_copy(&copy, &slice, &kept);
        arena_free(&a);
        vec_hash(&copy, m, g);
        assert_memory_equal(h, g, m * sizeof(h[0]));
        arena_free(&kept);
    }
}

static void test_concat_interleave(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_TYPES * ROUNDS; t++) {
        Arena a = {0};
        Vec parts[4], out;
        uint32_t n_parts = 1 + random_below(4), total = 0;
        for (uint32_t p = 0; p < n_parts; p++) {
            parts[p] = random_vec(ddl(type_texts[t % N_TYPES]), some_length(), &a);
            total += parts[p].len;
        }
        vec_concat(&out, parts, n_parts, &a);
        assert_int_equal(out.len, total);
        assert_true(all_flat(&out));
        uint32_t at = 0, m = 0, row[150];
        uint8_t part[150];
        for (uint32_t p = 0; p < n_parts; p++) {
            for (uint32_t k = 0; k < parts[p].len; k++) {
                check_same_rows(&out, at++, &parts[p], k);
            }
        }
        for (; total > 0 && m < 150; m++) {
            do {
                part[m] = (uint8_t)random_below(n_parts);
            } while (parts[part[m]].len == 0);
            row[m] = random_below(parts[part[m]].len);
        }
        vec_interleave(&out, parts, part, row, m, &a);
        assert_int_equal(out.len, m);
        for (uint32_t k = 0; k < m; k++) {
            check_same_rows(&out, k, &parts[part[k]], row[k]);
        }
        arena_free(&a);
    }
}

/* Equal rows have equal hashes, whatever vector they are in; order agrees with equality. */
static void test_hash_and_order(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_TYPES * ROUNDS; t++) {
        Arena a = {0};
        const Type *type = ddl(type_texts[t % N_TYPES]);
        Vec v = random_vec(type, 60, &a), w = random_vec(type, 60, &a);
        uint64_t hv[60] = {0}, hw[60] = {0};
        uint32_t mv[60], mw[60];
        for (uint32_t i = 0; i < 60; i++) {
            hv[i] = hw[i] = 7;
            mv[i] = mw[i] = 42;
        }
        vec_hash(&v, 60, hv);
        vec_hash(&w, 60, hw);
        vec_murmur3(&v, 60, mv);
        vec_murmur3(&w, 60, mw);
        for (uint32_t i = 0; i < 60; i++) {
            for (uint32_t j = 0; j < 60; j++) {
                bool eq = vec_eq_at(&v, i, &w, j);
                if (eq != (hv[i] == hw[j])) {
                    fail_msg("%s rows %u and %u", type_texts[t % N_TYPES], i, j);
                }
                if (eq && !strstr(type_texts[t % N_TYPES], "map")) {
                    assert_int_equal(mv[i], mw[j]);
                }
                if (type_is_orderable(type) && vec_is_valid(&v, i) && vec_is_valid(&w, j)) {
                    int c = vec_cmp_at(&v, i, &w, j);
                    assert_int_equal(c == 0, eq);
                    assert_int_equal(c, -vec_cmp_at(&w, j, &v, i));
                }
            }
        }
        arena_free(&a);
    }
}

static void test_builder_from_and_truncate(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_TYPES * ROUNDS; t++) {
        Arena a = {0};
        const Type *type = ddl(type_texts[t % N_TYPES]);
        Vec v = random_vec(type, 90, &a), out;
        VecBuilder *b = vecb_new(&a, type);
        for (uint32_t i = 0; i < 90; i++) {
            vecb_from(b, &v, i);
        }
        vecb_truncate(b, 41);
        assert_int_equal(vecb_len(b), 41);
        for (uint32_t i = 60; i < 90; i++) {
            vecb_from(b, &v, i);
        }
        vecb_finish(b, &out);
        assert_int_equal(out.len, 71);
        for (uint32_t i = 0; i < 71; i++) {
            check_same_rows(&out, i, &v, i < 41 ? i : i + 19);
        }
        assert_int_equal(vecb_len(b), 0);
        vecb_finish(b, &out);
        assert_int_equal(out.len, 0);
        arena_free(&a);
    }
}

/* ---- known answers ---- */

static int view_cmp_text(const char *p, size_t n, const char *q, size_t m)
{
    View a = view_of(p, n), b = view_of(q, m);

    assert_int_equal(view_eq(&a, &b), view_cmp(&a, &b) == 0);
    assert_int_equal(view_cmp(&a, &b), -view_cmp(&b, &a));
    return view_cmp(&a, &b);
}

static void test_views(void **state)
{
    (void)state;
    assert_int_equal(sizeof(View), 16);
    assert_int_equal(view_cmp_text("", 0, "", 0), 0);
    assert_int_equal(view_cmp_text("", 0, "\0", 1), -1);
    assert_int_equal(view_cmp_text("a", 1, "a\0", 2), -1);
    assert_int_equal(view_cmp_text("a\0b", 3, "a\0", 2), 1);
    assert_int_equal(view_cmp_text("abc", 3, "abd", 3), -1);
    assert_int_equal(view_cmp_text("\x7f", 1, "\x80", 1), -1);
    assert_int_equal(view_cmp_text("abcdefghijkl", 12, "abcdefghijklm", 13), -1);
    assert_int_equal(view_cmp_text("abcdefghijklz", 13, "abcdefghijkl", 12), 1);
    assert_int_equal(view_cmp_text("abcdefghijklm", 13, "abcdefghijkln", 13), -1);
    assert_int_equal(view_cmp_text("abcdefgh1", 9, "abcdefgh\xff", 9), -1);
    Arena a = {0};
    char text[] = "beyond twelve bytes";
    View v = view_of(text, strlen(text)), w = view_copy(&a, v);
    assert_true(view_eq(&v, &w));
    text[15] = '#';
    assert_false(view_eq(&v, &w));
    assert_int_equal(view_str(&w).n, 19);
    arena_free(&a);
}

static void test_validity(void **state)
{
    (void)state;
    Arena a = {0};
    Vec v, w, out, konst;

    vec_init(&v, type_int, 130, &a);
    assert_false(vec_may_have_nulls(&v));
    vec_set_null(&v, &a, 0);
    vec_set_null(&v, &a, 64);
    vec_set_null(&v, &a, 129);
    assert_int_equal(vec_count_nulls(&v), 3);
    assert_false(vec_is_valid(&v, 129));
    assert_true(vec_is_valid(&v, 128));
    vec_init(&w, type_long, 130, &a);
    vec_set_null(&w, &a, 1);
    vec_init(&out, type_long, 130, &a);
    vec_and_validity(&out, (const Vec *const[]){&v, &w}, 2, &a);
    assert_int_equal(vec_count_nulls(&out), 4);
    vec_set_null(&out, &a, 2); /* must not reach the inputs */
    assert_true(vec_is_valid(&v, 2) && vec_is_valid(&w, 2));
    vec_init_null(&konst, type_string, 130, &a);
    assert_int_equal(vec_count_nulls(&konst), 130);
    vec_and_validity(&out, (const Vec *const[]){&w, &konst}, 2, &a);
    assert_int_equal(vec_count_nulls(&out), 130);
    vec_init_const(&konst, type_int, 130, &a);
    VEC_DATA(int32_t, &konst)[0] = 5;
    vec_and_validity(&out, (const Vec *const[]){&konst}, 1, &a);
    assert_null(out.valid);
    assert_int_equal(VEC_AT(int32_t, &konst, 77), 5);
    vec_init_null(&konst, ddl("struct<a:array<int>,b:string>"), 9, &a);
    assert_false(vec_is_valid(&konst, 8));
    assert_int_equal(konst.child[0].len, 9);
    vec_flatten(&out, &konst, &a);
    assert_int_equal(vec_count_nulls(&out), 9);
    arena_free(&a);
}

static Vec doubles_of(Arena *a, const double *x, uint32_t n)
{
    Vec v;

    vec_init(&v, type_double, n, a);
    memcpy(v.data, x, n * sizeof(double));
    return v;
}

static void test_floats(void **state)
{
    (void)state;
    Arena a = {0};
    uint64_t odd_nan = 0xfff8000000000123ull;
    double x[6] = {-INFINITY, -0.0, 0.0, 1, INFINITY, NAN};
    Vec v = doubles_of(&a, x, 6), out;

    for (uint32_t i = 0; i < 6; i++) {
        for (uint32_t j = 0; j < 6; j++) {
            uint32_t p = i == 1 ? 2 : i, q = j == 1 ? 2 : j; /* the zeros are equal */
            assert_int_equal(vec_cmp_at(&v, i, &v, j), (p > q) - (p < q));
        }
    }
    memcpy(&x[0], &odd_nan, 8);
    v = doubles_of(&a, x, 6);
    assert_true(vec_eq_at(&v, 0, &v, 5));
    vec_normalize_floats(&out, &v, &a);
    static const uint64_t bits[3] = {0x7ff8000000000000ull, 0, 0};
    assert_memory_equal(out.data, bits, sizeof(bits));
    Vec strings = random_flat(type_string, 4, true, &a);
    vec_normalize_floats(&out, &strings, &a);
    assert_ptr_equal(out.data, strings.data);
    Vec nested = random_flat(ddl("array<struct<a:float,b:int>>"), 50, true, &a);
    vec_normalize_floats(&out, &nested, &a);
    assert_ptr_not_equal(out.child[0].child[0].data, nested.child[0].child[0].data);
    assert_ptr_equal(out.child[0].child[1].data, nested.child[0].child[1].data);
    for (uint32_t i = 0; i < 50; i++) {
        check_same_rows(&out, i, &nested, i);
    }
    arena_free(&a);
}

/* Spark: nulls first, then element by element, then the shorter first. */
static void test_nested_order(void **state)
{
    (void)state;
    Arena a = {0};
    VecBuilder *b = vecb_new(&a, ddl("array<int>")), *e = vecb_child(b, 0);
    static const int rows[][3] = {{-1, 0, 0}, {-2, 0, 0}, {-2, 7, 0},
                                  {1, 0, 0},  {1, 2, 0},  {2, 0, 0}};
    static const uint32_t lengths[] = {0, 1, 2, 1, 2, 1};
    Vec v;

    for (uint32_t i = 0; i < 6; i++) { /* in ascending order; -2 is null */
        for (uint32_t k = 0; k < lengths[i]; k++) {
            if (rows[i][k] == -2) {
                vecb_null(e);
            } else {
                vecb_int(e, rows[i][k]);
            }
        }
        vecb_end_row(b);
    }
    vecb_finish(b, &v);
    for (uint32_t i = 0; i < 6; i++) {
        for (uint32_t j = 0; j < 6; j++) {
            assert_int_equal(vec_cmp_at(&v, i, &v, j), (i > j) - (i < j));
        }
    }
    arena_free(&a);
}

static void test_map_equality(void **state)
{
    (void)state;
    Arena a = {0};
    VecBuilder *b = vecb_new(&a, ddl("map<string,int>"));
    static const char *const keys[3][2] = {{"a", "b"}, {"b", "a"}, {"a", "b"}};
    static const int values[3][2] = {{1, 2}, {2, 1}, {2, 1}};
    Vec v;
    uint64_t h[3] = {1, 1, 1};

    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 2; k++) {
            vecb_str(vecb_child(b, 0), str_of(keys[i][k]));
            vecb_int(vecb_child(b, 1), values[i][k]);
        }
        vecb_end_row(b);
    }
    vecb_finish(b, &v);
    vec_hash(&v, 3, h);
    assert_true(vec_eq_at(&v, 0, &v, 1)); /* the order of entries does not count */
    assert_int_equal(h[0], h[1]);
    assert_false(vec_eq_at(&v, 0, &v, 2));
    assert_int_not_equal(h[0], h[2]);
    arena_free(&a);
}

/* ---- builder ---- */

static void test_builder_unfinished_rows(void **state)
{
    (void)state;
    Arena a = {0};
    VecBuilder *b = vecb_new(&a, ddl("struct<a:array<int>,b:string>"));
    Vec v;

    /* A row given up in the middle becomes null and leaves nothing behind. */
    vecb_int(vecb_child(vecb_child(b, 0), 0), 1);
    vecb_null(b);
    vecb_int(vecb_child(vecb_child(b, 0), 0), 2);
    vecb_end_row(vecb_child(b, 0));
    char text[] = "copied beyond twelve bytes";
    vecb_str_copy(vecb_child(b, 1), str_of(text));
    memset(text, '#', sizeof(text) - 1);
    vecb_end_row(b);
    vecb_int(vecb_child(vecb_child(b, 0), 0), 3);
    vecb_finish(b, &v);
    assert_int_equal(v.len, 2);
    assert_false(vec_is_valid(&v, 0));
    const uint32_t *offsets = v.child[0].data;
    assert_int_equal(offsets[1], 0);
    assert_int_equal(offsets[2], 1);
    assert_int_equal(v.child[0].child[0].len, 1);
    assert_int_equal(VEC_AT(int32_t, &v.child[0].child[0], 0), 2);
    assert_true(
        str_eq(view_str(&VEC_DATA(View, &v.child[1])[1]), STR_LIT("copied beyond twelve bytes")));
    arena_free(&a);
}

static void test_builder_widths(void **state)
{
    (void)state;
    Arena a = {0};
    const Type *types[] = {type_byte, type_short, type_date, type_timestamp};

    for (size_t k = 0; k < 4; k++) {
        VecBuilder *b = vecb_new(&a, types[k]);
        Vec v;
        for (int i = 0; i < 1000; i++) {
            if (i % 7 == 3) {
                vecb_null(b);
            } else {
                vecb_int(b, i % 100 - 50);
            }
        }
        vecb_finish(b, &v);
        for (uint32_t i = 0; i < 1000; i++) {
            int64_t want = (int64_t)(i % 100) - 50;
            assert_int_equal(vec_is_valid(&v, i), i % 7 != 3);
            if (i % 7 != 3) {
                int64_t got = k == 0   ? VEC_AT(int8_t, &v, i)
                              : k == 1 ? VEC_AT(int16_t, &v, i)
                              : k == 2 ? VEC_AT(int32_t, &v, i)
                                       : VEC_AT(int64_t, &v, i);
                assert_int_equal(got, want);
            }
        }
    }
    arena_free(&a);
}

/* ---- row sets ---- */

static void test_rowset(void **state)
{
    (void)state;
    const Type *schema = ddl("a int, b string");
    RowSet *r = rowset_new(schema);
    static const uint64_t seqs[] = {5, 1, 5, 0, 3, 1};

    for (uint32_t k = 0; k < 6; k++) {
        Arena a = {0};
        Vec cols[2] = {random_flat(type_int, 3, false, &a), random_flat(type_string, 3, true, &a)};
        Batch b = {.n_rows = 3, .n_cols = 2, .col = cols, .seq = seqs[k]};
        VEC_DATA(int32_t, &cols[0])[0] = (int32_t)k;
        rowset_append(r, &b);
        arena_free(&a);
    }
    assert_int_equal(r->n_rows, 18);
    rowset_sort_by_seq(r);
    static const int order[] = {3, 1, 5, 4, 0, 2};
    for (uint32_t k = 0; k < 6; k++) {
        assert_int_equal(VEC_AT(int32_t, &r->batches[k].col[0], 0), order[k]);
    }
    assert_ptr_equal(rowset_retain(r), r);
    rowset_release(r);
    rowset_clear(r);
    assert_int_equal(r->n_rows, 0);
    assert_int_equal(r->n_batches, 0);
    rowset_release(r);
}

static void test_batches(void **state)
{
    (void)state;
    Arena a = {0};
    Vec cols[2] = {random_flat(type_long, 100, true, &a), random_flat(type_string, 100, true, &a)};
    Batch b = {.n_rows = 100, .n_cols = 2, .col = cols, .seq = 9}, out;
    static const uint32_t rows[] = {99, 0, 50};

    batch_gather(&out, &b, rows, 3, &a);
    assert_int_equal(out.n_rows, 3);
    assert_int_equal(out.seq, 9);
    check_same_rows(&out.col[1], 2, &cols[1], 50);
    out = batch_slice(&b, 10, 20, &a);
    check_same_rows(&out.col[0], 19, &cols[0], 29);
    batch_copy(&out, &b, &a);
    check_same_rows(&out.col[1], 99, &cols[1], 99);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gather),
        cmocka_unit_test(test_flatten_slice_copy),
        cmocka_unit_test(test_concat_interleave),
        cmocka_unit_test(test_hash_and_order),
        cmocka_unit_test(test_builder_from_and_truncate),
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_validity),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_nested_order),
        cmocka_unit_test(test_map_equality),
        cmocka_unit_test(test_builder_unfinished_rows),
        cmocka_unit_test(test_builder_widths),
        cmocka_unit_test(test_rowset),
        cmocka_unit_test(test_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
