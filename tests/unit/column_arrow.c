/*
 * Batches as Arrow C Data and as IPC streams: every type there and back, layouts of other writers,
 * and input that lies. Format strings and the refusals are those of Spark 4.3's ArrowUtils.
 */
#include "column/arrow.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define ZONE "America/New_York"

/* ---- helpers ---- */

static void assert_ok(fb_status st, fb_error *err)
{
    if (st != FB_OK) {
        fail_msg("%s", err->message ? err->message : "failed without a message");
    }
}

static void assert_fails(fb_status st, fb_error *err, ErrId id, const char *part)
{
    assert_int_equal(st, FB_ERR);
    if (err->id != id || !strstr(err->message, part)) {
        fail_msg("not the expected error (%s): %s", part, err->message);
    }
    err_clear(err);
}

static const Type *ddl(const char *text)
{
    fb_error err = {0};
    const Type *t = NULL;
    assert_ok(type_from_ddl(str_of(text), &t, &err), &err);
    return t;
}

/* One column of some type with row i made of number i; every third row is null if it may be. */
static void fill(VecBuilder *b, const Type *t, uint32_t i, bool nullable)
{
    static const char *const words[] = {"", "x", "twelve bytes", "thirteen byte",
                                        "zürich, a long one"};
    if (t->id == T_NULL || (nullable && i % 3 == 2)) {
        vecb_null(b);
        return;
    }
    switch (t->id) {
    case T_BOOLEAN:
        vecb_bool(b, i % 2 == 0);
        break;
    case T_FLOAT:
    case T_DOUBLE:
        vecb_double(b, i * 0.25 - 3);
        break;
    case T_DECIMAL:
        vecb_decimal(b, (int128_t)(i * 37 % 9000) - 99);
        break;
    case T_STRING:
    case T_BINARY:
        vecb_str(b, str_of(words[i % 5]));
        break;
    case T_INTERVAL_CAL:
        vecb_interval(b, (IntervalCal){(int32_t)i - 2, 3, (int64_t)i * 1000001});
        break;
    case T_ARRAY:
        for (uint32_t k = 0; k < i % 4; k++) {
            fill(vecb_child(b, 0), t->fields[0].type, i + k, t->fields[0].nullable);
        }
        vecb_end_row(b);
        break;
    case T_MAP:
        for (uint32_t k = 0; k < i % 3; k++) {
            fill(vecb_child(b, 0), t->fields[0].type, 3 * (i + k), false);
            fill(vecb_child(b, 1), t->fields[1].type, i + k, t->fields[1].nullable);
        }
        vecb_end_row(b);
        break;
    case T_STRUCT:
        for (uint32_t k = 0; k < t->n_fields; k++) {
            fill(vecb_child(b, k), t->fields[k].type, i + k, t->fields[k].nullable);
        }
        vecb_end_row(b);
        break;
    default:
        vecb_int(b, (int64_t)i * 11 - 20);
        break;
    }
}

static Batch make_batch(const Type *schema, uint32_t n_rows, Arena *a)
{
    Batch b = {.n_rows = n_rows, .n_cols = schema->n_fields};
    b.col = ARENA_ARRAY(a, Vec, b.n_cols);
    for (uint32_t c = 0; c < b.n_cols; c++) {
        VecBuilder *vb = vecb_new(a, schema->fields[c].type);
        for (uint32_t i = 0; i < n_rows; i++) {
            fill(vb, schema->fields[c].type, i, schema->fields[c].nullable);
        }
        vecb_finish(vb, &b.col[c]);
    }
    return b;
}

static void assert_rows(const RowSet *r, const Batch *b)
{
    assert_int_equal(r->n_rows, b->n_rows);
    uint32_t row = 0;
    for (uint32_t k = 0; k < r->n_batches; k++) {
        const Batch *part = &r->batches[k];
        assert_true(part->n_rows <= BATCH_ROWS);
        assert_int_equal(part->n_cols, b->n_cols);
        for (uint32_t i = 0; i < part->n_rows; i++, row++) {
            for (uint32_t c = 0; c < b->n_cols; c++) {
                if (b->col[c].type->id != T_NULL && !vec_eq_at(&part->col[c], i, &b->col[c], row)) {
                    fail_msg("column %u differs in row %u", c, row);
                }
            }
        }
    }
}

static RowSet *through_c_data(const Batch *b, const Type *schema)
{
    fb_error err = {0};
    struct ArrowSchema s;
    struct ArrowArray a;
    const Type *back;
    assert_ok(arrow_export_schema(schema, ZONE, &s, &err), &err);
    assert_ok(arrow_import_schema(&s, &back, &err), &err);
    assert_ptr_equal(back, schema);
    assert_ok(arrow_export_batch(b, schema, &a, &err), &err);
    RowSet *r = rowset_new(schema);
    assert_ok(arrow_import_array(&a, &s, r, &err), &err);
    a.release(&a);
    s.release(&s);
    assert_null(a.release);
    assert_null(s.release);
    return r;
}

static RowSet *through_ipc(const Batch *b, const Type *schema)
{
    fb_error err = {0};
    StrBuf bytes = {0};
    RowSet *r;
    assert_ok(arrow_ipc_encode(b, schema, ZONE, &bytes, &err), &err);
    assert_true(bytes.n > 8);
    assert_memory_equal(bytes.p + bytes.n - 8, "\xff\xff\xff\xff\0\0\0\0", 8);
    assert_ok(arrow_ipc_decode(bytes.p, bytes.n, &r, &err), &err);
    assert_ptr_equal(r->schema, schema);
    strbuf_free(&bytes);
    return r;
}

static void assert_round_trip(const Batch *b, const Type *schema)
{
    RowSet *r = through_c_data(b, schema);
    assert_rows(r, b);
    rowset_release(r);
    r = through_ipc(b, schema);
    assert_rows(r, b);
    rowset_release(r);
}

static const char all_types[] =
    "v VOID, b BOOLEAN, i1 TINYINT, i2 SMALLINT, i4 INT, i8 BIGINT, f FLOAT, d DOUBLE,"
    "d9 DECIMAL(9,2), d38 DECIMAL(38,18), s STRING, bin BINARY, dt DATE, ts TIMESTAMP,"
    "ntz TIMESTAMP_NTZ, ym INTERVAL YEAR TO MONTH, ds INTERVAL DAY TO SECOND, cal INTERVAL,"
    "b_nn BOOLEAN NOT NULL, i8_nn BIGINT NOT NULL, s_nn STRING NOT NULL,"
    "a ARRAY<INT>, aa ARRAY<ARRAY<STRING>>, m MAP<STRING, DECIMAL(5,1)>, st STRUCT<x: INT, y: "
    "STRING>,"
    "deep ARRAY<STRUCT<k: MAP<INT, ARRAY<BOOLEAN>>, t: TIMESTAMP, v: VOID>>, ma MAP<STRUCT<q: "
    "INT>, BINARY>,"
    "e STRUCT<>";

/* ---- there and back ---- */

static void *encode_once(void *arg)
{
    Arena a = {0};
    const Type *schema = arg;
    Batch b = make_batch(schema, 7, &a);
    RowSet *r = through_ipc(&b, schema);
    assert_rows(r, &b);
    rowset_release(r);
    arena_free(&a);
    return NULL;
}

/* The first use of the shim library, by several threads at once. */
static void test_first_load(void **state)
{
    (void)state;
    pthread_t threads[3];
    const Type *schema = ddl("a INT, s STRING");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, encode_once, (void *)schema), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    Arena a = {0};
    const Type *schema = ddl(all_types);
    static const uint32_t lengths[] = {0, 1, 2, 3, 63, 64, 65, 130, 4096, 4097, 10000};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        Batch b = make_batch(schema, lengths[i], &a);
        assert_round_trip(&b, schema);
        arena_reset(&a);
    }
    arena_free(&a);
}

static void test_slices_and_constants(void **state)
{
    (void)state;
    Arena a = {0};
    const Type *schema = ddl(all_types);
    Batch b = make_batch(schema, 300, &a);
    static const uint32_t from[] = {1, 7, 64, 131};
    for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
        Batch part = batch_slice(&b, from[i], 150, &a);
        assert_round_trip(&part, schema);
    }
    for (uint32_t row = 0; row < 3; row++) { /* row 2 is null where it may be */
        Batch fixed = {.n_rows = 5, .n_cols = b.n_cols, .col = ARENA_ARRAY(&a, Vec, b.n_cols)};
        for (uint32_t c = 0; c < b.n_cols; c++) {
            Vec one = vec_slice(&b.col[c], row, 1, &a);
            fixed.col[c] = one;
            fixed.col[c].len = 5;
            fixed.col[c].is_const = true;
            for (uint32_t k = 0; one.type->id == T_STRUCT && k < one.type->n_fields; k++) {
                fixed.col[c].child[k].len = 5;
                fixed.col[c].child[k].is_const = true;
            }
        }
        assert_round_trip(&fixed, schema);
    }
    Batch nulls = {.n_rows = 9, .n_cols = b.n_cols, .col = ARENA_ARRAY(&a, Vec, b.n_cols)};
    const Type *nullable = type_as_nullable(schema);
    for (uint32_t c = 0; c < b.n_cols; c++) {
        vec_init_null(&nulls.col[c], nullable->fields[c].type, 9, &a);
    }
    assert_round_trip(&nulls, nullable);
    arena_free(&a);
}

static void test_no_columns(void **state)
{
    (void)state;
    const Type *none = type_struct(NULL, 0), *void_only = ddl("v VOID");
    Batch b = {.n_rows = 10001};
    assert_round_trip(&b, none);
    b.n_rows = 0;
    assert_round_trip(&b, none);
    Vec v = {.type = type_null, .len = 10001};
    b = (Batch){.n_rows = 10001, .n_cols = 1, .col = &v};
    assert_round_trip(&b, void_only);
}

static void test_long_strings(void **state)
{
    (void)state;
    Arena a = {0};
    const Type *schema = ddl("s STRING");
    VecBuilder *vb = vecb_new(&a, type_string);
    char *big = arena_alloc(&a, 3000000);
    memset(big, 'q', 3000000);
    for (size_t i = 0; i < 200; i++) {
        vecb_str(vb, (Str){big, i % 5 == 0 ? i * 15000 : i % 14});
        if (i % 7 == 0) {
            vecb_null(vb);
        }
    }
    Batch b = {.n_rows = vecb_len(vb), .n_cols = 1, .col = ARENA_NEW(&a, Vec)};
    vecb_finish(vb, b.col);
    assert_round_trip(&b, schema);
    arena_free(&a);
}

/* ---- schemas ---- */

static void test_schema_formats(void **state)
{
    (void)state;
    fb_error err = {0};
    struct ArrowSchema s;
    static const char *const formats[] = {
        "n", "b",  "c",   "s",         "i",    "l",   "f",   "g",   "d:9,2", "d:38,18",
        "u", "z",  "tdD", "tsu:" ZONE, "tsu:", "tiM", "tDu", "tin", "b",     "l",
        "u", "+l", "+l",  "+m",        "+s",   "+l",  "+m",  "+s"};
    const Type *schema = ddl(all_types);
    assert_ok(arrow_export_schema(schema, ZONE, &s, &err), &err);
    assert_int_equal(s.n_children, sizeof(formats) / sizeof(formats[0]));
    for (int64_t i = 0; i < s.n_children; i++) {
        assert_string_equal(s.children[i]->format, formats[i]);
        assert_string_equal(s.children[i]->name, schema->fields[i].name);
        bool nullable = s.children[i]->flags & ARROW_FLAG_NULLABLE;
        assert_int_equal(nullable, schema->fields[i].nullable);
    }
    struct ArrowSchema *list = s.children[21], *map = s.children[23];
    assert_string_equal(list->children[0]->name, "element");
    assert_string_equal(map->children[0]->name, "entries");
    assert_int_equal(map->children[0]->flags, 0);
    assert_string_equal(map->children[0]->children[0]->name, "key");
    assert_int_equal(map->children[0]->children[0]->flags, 0);
    assert_string_equal(map->children[0]->children[1]->name, "value");
    assert_int_equal(map->children[0]->children[1]->flags, ARROW_FLAG_NULLABLE);

    /* A child that was moved out lives on its own. */
    struct ArrowSchema moved = *list;
    list->release = NULL;
    s.release(&s);
    assert_string_equal(moved.children[0]->format, "i");
    moved.release(&moved);
}

static void test_schema_metadata_and_names(void **state)
{
    (void)state;
    fb_error err = {0};
    struct ArrowSchema s;
    const Type *back;
    Field inner[3] = {{"a", type_int, true, NULL},
                      {"b", type_int, true, NULL},
                      {"a", type_string, false, "{\"k\":[1, \" x\\\" \"]}"}};
    Field outer[2] = {{"st", type_struct(inner, 3), true, "{\"c\":0.1}"},
                      {"st", type_int, false, NULL}};
    assert_ok(arrow_export_schema(type_struct(outer, 2), NULL, &s, &err), &err);
    assert_string_equal(s.children[0]->name, "st"); /* columns keep equal names */
    assert_string_equal(s.children[1]->name, "st");
    assert_null(s.children[1]->metadata);
    assert_string_equal(s.children[0]->children[0]->name, "a_0");
    assert_string_equal(s.children[0]->children[1]->name, "b");
    assert_string_equal(s.children[0]->children[2]->name, "a_1");
    assert_memory_equal(s.children[0]->metadata,
                        "\1\0\0\0\25\0\0\0SPARK::metadata::json\11\0\0\0{\"c\":0.1}", 42);
    assert_ok(arrow_import_schema(&s, &back, &err), &err);
    assert_string_equal(back->fields[0].metadata, "{\"c\":0.1}");
    assert_string_equal(back->fields[0].type->fields[2].metadata, "{\"k\":[1,\" x\\\" \"]}");
    assert_null(back->fields[1].metadata);
    s.release(&s);
}

static void nothing_to_release(struct ArrowSchema *s)
{
    s->release = NULL;
}

static fb_status import_format(const char *format, const Type **ret, fb_error *err)
{
    struct ArrowSchema child = {
        .format = format, .name = "c", .flags = ARROW_FLAG_NULLABLE, .release = nothing_to_release};
    struct ArrowSchema element = {.format = "i", .name = "item", .release = nothing_to_release};
    struct ArrowSchema *children[] = {&child}, *elements[] = {&element};
    if (format[0] == '+') {
        child.n_children = 1;
        child.children = elements;
    }
    struct ArrowSchema s = {
        .format = "+s", .n_children = 1, .children = children, .release = nothing_to_release};
    return arrow_import_schema(&s, ret, err);
}

static void test_import_formats(void **state)
{
    (void)state;
    static const struct {
        const char *format, *type;
    } good[] = {{"C", "smallint"},
                {"S", "int"},
                {"I", "bigint"},
                {"L", "decimal(20,0)"},
                {"U", "string"},
                {"Z", "binary"},
                {"vu", "string"},
                {"vz", "binary"},
                {"w:16", "binary"},
                {"tdm", "date"},
                {"tss:", "timestamp_ntz"},
                {"tsn:UTC", "timestamp"},
                {"tDs", "interval day to second"},
                {"tiD", "interval day to second"},
                {"tin", "interval"},
                {"d:7,3", "decimal(7,3)"},
                {"d:7,3,32", "decimal(7,3)"},
                {"d:7,3,64", "decimal(7,3)"},
                {"+L", "array<int>"},
                {"+w:3", "array<int>"}};
    static const struct {
        const char *format, *name;
    } bad[] = {{"e", "FloatingPoint(HALF)"},
               {"tts", "Time(SECOND, 32)"},
               {"ttn", "Time(NANOSECOND, 64)"},
               {"d:40,2,256", "Decimal(40,2,256)"},
               {"d:5,2,256", "Decimal"},
               {"d:5,7", "Decimal"},
               {"d:5", "Decimal"},
               {"d:5,-1", "Decimal"},
               {"d:5,1,", "Decimal"},
               {"+ud:0,1", "Union(Dense)"},
               {"+r", "RunEndEncoded"},
               {"+vl", "ListView"},
               {"tsu", "tsu"},
               {"ts", "ts"},
               {"t", "t"},
               {"tDuu", "tDuu"},
               {"", "\"\""},
               {"w:-1", "w:-1"},
               {"w:", "w:"},
               {"+w:0", "+w:0"},
               {"?", "?"}};
    fb_error err = {0};
    const Type *t;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        StrBuf text = {0};
        assert_ok(import_format(good[i].format, &t, &err), &err);
        type_simple_string(t->fields[0].type, &text);
        assert_string_equal(text.p, good[i].type);
        strbuf_free(&text);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        fb_status st = import_format(bad[i].format, &t, &err);
        assert_fails(st, &err, ERR_UNSUPPORTED_ARROWTYPE, bad[i].name);
    }
}

static void test_depth(void **state)
{
    (void)state;
    fb_error err = {0};
    struct ArrowSchema s, level[100];
    struct ArrowSchema *ptr[100];
    const Type *t = type_int;
    for (int i = 0; i < 70; i++) {
        t = type_array(t, true);
    }
    Field f = {"deep", t, true, NULL};
    assert_fails(arrow_export_schema(type_struct(&f, 1), ZONE, &s, &err), &err,
                 ERR_UNSUPPORTED_FEATURE, "64 deep");
    for (int i = 0; i < 100; i++) {
        ptr[i] = &level[i];
        level[i] = (struct ArrowSchema){.format = i == 0    ? "+s"
                                                  : i == 99 ? "i"
                                                            : "+l",
                                        .name = "x",
                                        .n_children = i < 99,
                                        .children = &ptr[i + 1 < 100 ? i + 1 : 99],
                                        .release = nothing_to_release};
    }
    assert_fails(arrow_import_schema(&level[0], &t, &err), &err, ERR_UNSUPPORTED_FEATURE,
                 "64 deep");
}

/* ---- layouts of other writers ---- */

/* A batch of one column, put together by hand. */
typedef struct Hand {
    struct ArrowSchema schema, column, child, dictionary_schema;
    struct ArrowArray array, values, child_array, dictionary;
    struct ArrowSchema *schema_ptr, *child_schema_ptr;
    struct ArrowArray *array_ptr, *child_ptr;
    const void *buffers[4], *child_buffers[3], *dictionary_buffers[3], *none[1];
} Hand;

static void hand_init(Hand *h, const char *format, int64_t length, int64_t offset)
{
    *h = (Hand){0};
    h->column = (struct ArrowSchema){.format = format, .name = "c", .flags = ARROW_FLAG_NULLABLE};
    h->schema_ptr = &h->column;
    h->schema = (struct ArrowSchema){.format = "+s", .n_children = 1, .children = &h->schema_ptr};
    h->values = (struct ArrowArray){.length = length,
                                    .null_count = -1,
                                    .offset = offset,
                                    .n_buffers = 2,
                                    .buffers = h->buffers};
    h->array_ptr = &h->values;
    h->array = (struct ArrowArray){.length = length,
                                   .n_buffers = 1,
                                   .buffers = h->none,
                                   .n_children = 1,
                                   .children = &h->array_ptr};
}

static void hand_child(Hand *h, const char *format, int64_t length, int64_t offset)
{
    h->child = (struct ArrowSchema){.format = format, .name = "item", .flags = ARROW_FLAG_NULLABLE};
    h->child_schema_ptr = &h->child;
    h->column.n_children = 1;
    h->column.children = &h->child_schema_ptr;
    h->child_array = (struct ArrowArray){.length = length,
                                         .null_count = -1,
                                         .offset = offset,
                                         .n_buffers = 2,
                                         .buffers = h->child_buffers};
    h->child_ptr = &h->child_array;
    h->values.n_children = 1;
    h->values.children = &h->child_ptr;
}

static fb_status hand_import(Hand *h, RowSet **ret, fb_error *err)
{
    const Type *t;
    *ret = NULL;
    TRY(arrow_import_schema(&h->schema, &t, err));
    RowSet *r = rowset_new(t);
    fb_status st = arrow_import_array(&h->array, &h->schema, r, err);
    if (st == FB_OK) {
        *ret = r;
    } else {
        assert_int_equal(r->n_rows, 0);
        rowset_release(r);
    }
    return st;
}

/* The column's rows as text, with blanks between. */
static void assert_imports(Hand *h, const char *expected)
{
    fb_error err = {0};
    StrBuf text = {0};
    RowSet *r;
    assert_ok(hand_import(h, &r, &err), &err);
    for (uint32_t i = 0; i < r->n_rows; i++) {
        const Vec *v = &r->batches[0].col[0];
        strbuf_puts(&text, i > 0 ? " " : "");
        if (vec_is_valid(v, i)) {
            vec_value_text(v, i, NULL, &text);
        } else {
            strbuf_puts(&text, "NULL");
        }
    }
    assert_string_equal(strbuf_str(&text).p, expected);
    strbuf_free(&text);
    rowset_release(r);
}

static void assert_refused(Hand *h, ErrId id, const char *part)
{
    fb_error err = {0};
    RowSet *r;
    assert_fails(hand_import(h, &r, &err), &err, id, part);
}

static void test_import_numbers(void **state)
{
    (void)state;
    Hand h;
    static const uint8_t u8[] = {255, 7, 128};
    static const uint16_t u16[] = {65535, 7};
    static const uint32_t u32[] = {4294967295u, 7};
    static const uint64_t u64[] = {18446744073709551615ull, 7};
    static const int32_t i32[] = {-150, 7};
    static const uint8_t bits[] = {0x5a};
    hand_init(&h, "C", 2, 1);
    h.buffers[1] = u8;
    assert_imports(&h, "7 128");
    hand_init(&h, "S", 2, 0);
    h.buffers[1] = u16;
    assert_imports(&h, "65535 7");
    hand_init(&h, "I", 2, 0);
    h.buffers[1] = u32;
    assert_imports(&h, "4294967295 7");
    hand_init(&h, "L", 2, 0);
    h.buffers[1] = u64;
    assert_imports(&h, "18446744073709551615 7");
    hand_init(&h, "d:5,2,32", 2, 0);
    h.buffers[1] = i32;
    assert_imports(&h, "-1.50 0.07");
    hand_init(&h, "b", 5, 2);
    h.buffers[1] = bits;
    assert_imports(&h, "false true true false true");
}

static void test_import_temporal(void **state)
{
    (void)state;
    Hand h;
    static const int64_t v[] = {1, -1, INT64_C(86400000) * 3, INT64_MAX};
    hand_init(&h, "tdm", 3, 0);
    h.buffers[1] = v;
    assert_imports(&h, "1970-01-01 1969-12-31 1970-01-04");
    hand_init(&h, "tss:", 2, 0);
    h.buffers[1] = v;
    assert_imports(&h, "1970-01-01 00:00:01 1969-12-31 23:59:59");
    hand_init(&h, "tsm:", 2, 0);
    h.buffers[1] = v;
    assert_imports(&h, "1970-01-01 00:00:00.001 1969-12-31 23:59:59.999");
    hand_init(&h, "tsn:", 2, 0);
    h.buffers[1] = v;
    assert_imports(&h, "1970-01-01 00:00:00 1969-12-31 23:59:59.999999");
    hand_init(&h, "tss:", 4, 0);
    h.buffers[1] = v;
    assert_refused(&h, ERR_DATETIME_OVERFLOW, "\"c\"");
    hand_init(&h, "tdm", 4, 0);
    h.buffers[1] = v;
    assert_refused(&h, ERR_DATETIME_OVERFLOW, "\"c\"");
    static const uint8_t last_null[] = {7};
    h.buffers[0] = last_null;
    assert_imports(&h, "1970-01-01 1969-12-31 1970-01-04 NULL");
    static const int32_t day_time[] = {2, 3500, INT32_MAX, 0};
    hand_init(&h, "tiD", 1, 0);
    h.buffers[1] = day_time;
    assert_imports(&h, "INTERVAL '2 00:00:03.5' DAY TO SECOND");
    hand_init(&h, "tiD", 2, 0);
    h.buffers[1] = day_time;
    assert_refused(&h, ERR_DATETIME_OVERFLOW, "\"c\"");
    static const int64_t month_day_nano[] = {INT64_C(5) << 32 | 2, -1500};
    hand_init(&h, "tin", 1, 0);
    h.buffers[1] = month_day_nano;
    assert_imports(&h, "2 months 5 days -0.000002 seconds");
}

static void test_import_strings(void **state)
{
    (void)state;
    Hand h;
    static const int32_t offsets[] = {0, 1, 1, 15, 17};
    static const int64_t large[] = {0, 1, 1, 15, 17};
    static const char bytes[] = "abcdefghijklmnopq";
    static const uint8_t valid[] = {0x0d};
    hand_init(&h, "u", 4, 0);
    h.values.n_buffers = 3;
    h.buffers[0] = valid;
    h.buffers[1] = offsets;
    h.buffers[2] = bytes;
    assert_imports(&h, "a NULL bcdefghijklmno pq");
    h.column.format = "U";
    h.buffers[1] = large;
    assert_imports(&h, "a NULL bcdefghijklmno pq");
    h.values.offset = 2;
    h.values.length = h.array.length = 2;
    assert_imports(&h, "bcdefghijklmno pq");

    hand_init(&h, "w:3", 3, 1);
    h.buffers[1] = bytes;
    assert_imports(&h, "def ghi jkl");

    static const int32_t views[] = {2, 0x6968, 0, 0, 14, 0x64636261, 0, 1};
    static const int64_t sizes[] = {15};
    hand_init(&h, "vu", 2, 0);
    h.values.n_buffers = 4;
    h.buffers[1] = views;
    h.buffers[2] = bytes;
    h.buffers[3] = sizes;
    assert_imports(&h, "hi bcdefghijklmno");
    static const int64_t short_sizes[] = {14};
    h.buffers[3] = short_sizes;
    assert_refused(&h, ERR_IO, "outside of its buffer");
    static const int32_t other_buffer[] = {13, 0, 1, 0, 13, 0, 0, 0};
    h.buffers[1] = other_buffer;
    assert_refused(&h, ERR_IO, "outside of its buffer");
}

static void test_import_dictionary(void **state)
{
    (void)state;
    Hand h;
    static const int8_t indices[] = {9, 1, 0, 0, 1};
    static const uint8_t valid[] = {0x17};
    static const int32_t offsets[] = {0, 3, 17};
    hand_init(&h, "c", 4, 1);
    h.buffers[0] = valid;
    h.buffers[1] = indices;
    h.dictionary_schema = (struct ArrowSchema){.format = "u", .flags = ARROW_FLAG_NULLABLE};
    h.column.dictionary = &h.dictionary_schema;
    h.dictionary =
        (struct ArrowArray){.length = 2, .n_buffers = 3, .buffers = h.dictionary_buffers};
    h.dictionary_buffers[1] = offsets;
    h.dictionary_buffers[2] = "redred or green x";
    h.values.dictionary = &h.dictionary;
    assert_imports(&h, "red or green x red NULL red or green x");
}

static void test_import_lists(void **state)
{
    (void)state;
    Hand h;
    static const int64_t large[] = {1, 3, 3, 6};
    static const int32_t items[] = {10, 11, 12, 13, 14, 15, 16, 17};
    static const uint8_t valid[] = {0x7f};
    hand_init(&h, "+L", 3, 0);
    hand_child(&h, "i", 7, 1);
    h.buffers[1] = large;
    h.child_buffers[0] = valid;
    h.child_buffers[1] = items;
    assert_imports(&h, "[12, 13] [] [14, 15, 16]");
    h.child_array.length = 5;
    assert_refused(&h, ERR_IO, "fewer rows");

    hand_init(&h, "+w:2", 2, 1);
    hand_child(&h, "i", 6, 2);
    h.values.n_buffers = 1;
    h.child_buffers[0] = valid;
    h.child_buffers[1] = items;
    assert_imports(&h, "[14, 15] [16, null]");
    h.values.length = h.array.length = 3;
    assert_refused(&h, ERR_IO, "fewer rows");
}

/* ---- input that lies ---- */

static void test_hostile_arrays(void **state)
{
    (void)state;
    Hand h;
    static const int32_t backwards[] = {0, 5, 3}, negative[] = {-5, 0, 3}, good[] = {0, 2, 3};
    hand_init(&h, "u", 2, 0);
    h.values.n_buffers = 3;
    h.buffers[1] = backwards;
    h.buffers[2] = "abcdef";
    assert_refused(&h, ERR_IO, "offsets");
    h.buffers[1] = negative;
    assert_refused(&h, ERR_IO, "negative");
    h.buffers[1] = good;
    h.buffers[2] = NULL;
    assert_refused(&h, ERR_IO, "offsets");
    h.buffers[1] = NULL;
    assert_refused(&h, ERR_IO, "no values");
    h.buffers[1] = good;
    h.values.n_buffers = 2;
    assert_refused(&h, ERR_IO, "number of buffers");
    h.values.n_buffers = 3;
    h.buffers[2] = "abcdef";
    h.values.length = 1;
    assert_refused(&h, ERR_IO, "fewer rows");
    h.values.length = 2;
    h.values.offset = INT64_MAX - 1;
    assert_refused(&h, ERR_IO, "impossible");
    h.values.offset = -1;
    assert_refused(&h, ERR_IO, "impossible");
    h.values.offset = 0;
    h.values.null_count = 1;
    assert_refused(&h, ERR_IO, "no validity");
    h.values.null_count = 0;
    assert_imports(&h, "ab c");
    h.array_ptr = NULL;
    assert_refused(&h, ERR_IO, "child is missing");

    hand_init(&h, "+l", 2, 0);
    hand_child(&h, "n", 3, 0);
    h.child_array.n_buffers = 0;
    h.buffers[1] = backwards;
    assert_refused(&h, ERR_IO, "lists");
    h.buffers[1] = negative;
    assert_refused(&h, ERR_IO, "lists");
    h.buffers[1] = good;
    assert_imports(&h, "[null, null] [null]");

    hand_init(&h, "+w:2", 2, 0);
    hand_child(&h, "n", INT64_C(1) << 40, 0);
    assert_refused(&h, ERR_UNSUPPORTED_ARROWTYPE, "FixedSizeList");

    hand_init(&h, "n", INT64_C(1) << 40, 0);
    h.values.n_buffers = 0;
    assert_refused(&h, ERR_UNSUPPORTED_FEATURE, "2^31 rows");
}

static void test_hostile_values(void **state)
{
    (void)state;
    Hand h;
    static const uint8_t valid[] = {1};
    static const int64_t one_null[] = {1, 2};
    hand_init(&h, "l", 2, 0);
    h.column.flags = 0;
    h.buffers[0] = valid;
    h.buffers[1] = one_null;
    assert_refused(&h, ERR_NOT_NULL_ASSERT_VIOLATION, "c");
    h.values.null_count = 0;
    assert_imports(&h, "1 2");

    static const int64_t decimals[] = {99999, -100000};
    hand_init(&h, "d:5,0,64", 1, 0);
    h.buffers[1] = decimals;
    assert_imports(&h, "99999");
    h.array.length = h.values.length = 2;
    assert_refused(&h, ERR_IO, "precision");
    h.buffers[0] = valid;
    assert_imports(&h, "99999 NULL");

    static const uint16_t indices[] = {0, 1};
    static const int32_t values[] = {4, 5};
    hand_init(&h, "S", 2, 0);
    h.buffers[1] = indices;
    h.dictionary_schema = (struct ArrowSchema){.format = "i", .flags = ARROW_FLAG_NULLABLE};
    h.column.dictionary = &h.dictionary_schema;
    h.dictionary =
        (struct ArrowArray){.length = 2, .n_buffers = 2, .buffers = h.dictionary_buffers};
    h.dictionary_buffers[1] = values;
    h.values.dictionary = &h.dictionary;
    assert_imports(&h, "4 5");
    h.dictionary.length = 1;
    assert_refused(&h, ERR_IO, "outside of the dictionary");
    h.values.dictionary = NULL;
    assert_refused(&h, ERR_IO, "dictionary is missing");
    h.dictionary_schema.format = "+s";
    assert_refused(&h, ERR_UNSUPPORTED_ARROWTYPE, "Dictionary");
    h.column.format = "g";
    assert_refused(&h, ERR_IO, "not integers");

    hand_init(&h, "l", 2, 0);
    h.buffers[1] = one_null;
    h.column.name = "\xff";
    assert_refused(&h, ERR_IO, "UTF-8");
    h.column.name = "c";
    h.column.metadata = "\1\0\0\0\25\0\0\0SPARK::metadata::json\3\0\0\0[1]";
    assert_refused(&h, ERR_IO, "JSON object");
}

/* One short string named by so many rows that a copy of them would not fit into memory. */
static void test_amplified_dictionary(void **state)
{
    (void)state;
    Hand h;
    enum { LONG = 64 << 20, ROWS = 4096 };
    Arena a = {0};
    static const int8_t indices[ROWS];
    int32_t offsets[2] = {0, LONG};
    char *bytes = arena_zalloc(&a, LONG);
    hand_init(&h, "c", ROWS, 0);
    h.buffers[1] = indices;
    h.dictionary_schema = (struct ArrowSchema){.format = "z"};
    h.column.dictionary = &h.dictionary_schema;
    h.dictionary =
        (struct ArrowArray){.length = 1, .n_buffers = 3, .buffers = h.dictionary_buffers};
    h.dictionary_buffers[1] = offsets;
    h.dictionary_buffers[2] = bytes;
    h.values.dictionary = &h.dictionary;
    assert_refused(&h, ERR_UNABLE_TO_ACQUIRE_MEMORY, "274877972480");
    arena_free(&a);
}

/* ---- streams ---- */

static void test_export_errors(void **state)
{
    (void)state;
    fb_error err = {0};
    IntervalCal far = {.micros = INT64_C(18000000000000000)};
    Vec v = {.type = type_interval_cal, .len = 1, .data = &far};
    Batch b = {.n_rows = 1, .n_cols = 1, .col = &v};
    StrBuf out = {0};
    strbuf_puts(&out, "kept");
    fb_status st = arrow_ipc_encode(&b, ddl("c INTERVAL"), ZONE, &out, &err);
    assert_fails(st, &err, ERR_DATETIME_OVERFLOW, "5000000 hours");
    assert_string_equal(out.p, "kept");
    strbuf_free(&out);
}

/* Written by pyarrow 26: one dictionary column of strings, three rows, bodies compressed by zstd.
 */
static const char compressed_stream[] = "ffffffff900000001000000000000a000c00060005000800"
                                        "0a0000000001040004000000bcffffff0400000001000000"
                                        "14000000100018000800060007000c001000140010000000"
                                        "0000010514000000400000001c0000000400000000000000"
                                        "01000000730000000800080000000400080000000c000000"
                                        "08000c000800070008000000000000012000000004000400"
                                        "0400000000000000ffffffffc00000001400000000000000"
                                        "0c0018000600050008000c000c0000000002040018000000"
                                        "400000000000000000000000080008000000040008000000"
                                        "100000000c001e001000040008000c000c00000060000000"
                                        "240000001800000002000000000000000000000000000600"
                                        "080007000600000000000001030000000000000000000000"
                                        "000000000000000000000000000000001d00000000000000"
                                        "20000000000000001a000000000000000000000001000000"
                                        "020000000000000000000000000000000c00000000000000"
                                        "28b52ffd200c610000000000005000000051000000000000"
                                        "510000000000000028b52ffd20514d0000187a7a6201008b"
                                        "022c000000000000ffffffffa00000001400000000000000"
                                        "0c0018000600050008000c000c000000000304001c000000"
                                        "3800000000000000000000000c001e001000040008000c00"
                                        "0c0000005000000024000000180000000300000000000000"
                                        "000000000000060008000700060000000000000102000000"
                                        "000000000000000012000000000000001800000000000000"
                                        "1d0000000000000000000000010000000300000000000000"
                                        "0100000000000000010000000000000028b52ffd20010900"
                                        "00050000000000000c0000000000000028b52ffd200c6100"
                                        "00000000000000000001000000000000ffffffff00000000";

static void test_compressed_stream(void **state)
{
    (void)state;
    fb_error err = {0};
    RowSet *r;
    StrBuf bytes = {0};
    for (const char *p = compressed_stream; *p; p += 2) {
        const char digits[] = "0123456789abcdef";
        ptrdiff_t high = strchr(digits, p[0]) - digits, low = strchr(digits, p[1]) - digits;
        strbuf_putc(&bytes, (char)(high << 4 | low));
    }
    assert_ok(arrow_ipc_decode(bytes.p, bytes.n, &r, &err), &err);
    assert_int_equal(r->n_rows, 3);
    const Vec *v = &r->batches[0].col[0];
    assert_ptr_equal(v->type, type_string);
    assert_int_equal(VEC_DATA(View, v)[0].len, 80);
    assert_memory_equal(VEC_DATA(View, v)[0].ptr, "zzzzzzzzzzzzzzzz", 16);
    assert_false(vec_is_valid(v, 1));
    assert_true(str_eq(view_str(&VEC_DATA(View, v)[2]), STR_LIT("b")));
    rowset_release(r);
    strbuf_free(&bytes);
}

static void test_corrupt_streams(void **state)
{
    (void)state;
    fb_error err = {0};
    Arena a = {0};
    RowSet *r;
    StrBuf bytes = {0};
    assert_fails(arrow_ipc_decode(NULL, 0, &r, &err), &err, ERR_IO, "");
    assert_fails(arrow_ipc_decode("\1\2\3\4\5", 5, &r, &err), &err, ERR_IO, "");
    const Type *schema = ddl("i INT, s STRING, a ARRAY<STRING>, m MAP<INT, BOOLEAN>,"
                             "d DECIMAL(9,2), st STRUCT<x: BIGINT, y: BINARY>, v VOID");
    Batch b = make_batch(schema, 20, &a);
    assert_ok(arrow_ipc_encode(&b, schema, ZONE, &bytes, &err), &err);
    for (size_t n = 0; n < bytes.n - 8; n += 3) { /* each prefix, as a block of its own for ASan */
        char *part = mem_alloc(n + 1);
        memcpy(part, bytes.p, n);
        if (arrow_ipc_decode(part, n, &r, &err) == FB_OK) {
            assert_int_equal(r->n_rows, 0); /* cut between two messages: a stream may just end */
            rowset_release(r);
        }
        err_clear(&err);
        mem_free(part);
    }
    uint32_t n_refused = 0;
    for (size_t i = 0; i < bytes.n; i++) {
        for (int bit = 0; bit < 8; bit += 3) {
            bytes.p[i] = (char)(bytes.p[i] ^ 1 << bit);
            if (arrow_ipc_decode(bytes.p, bytes.n, &r, &err) == FB_OK) {
                rowset_release(r);
            } else {
                assert_non_null(err.message);
                n_refused++;
            }
            err_clear(&err);
            bytes.p[i] = (char)(bytes.p[i] ^ 1 << bit);
        }
    }
    assert_true(n_refused > 0);
    strbuf_free(&bytes);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_load),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_slices_and_constants),
        cmocka_unit_test(test_no_columns),
        cmocka_unit_test(test_long_strings),
        cmocka_unit_test(test_schema_formats),
        cmocka_unit_test(test_schema_metadata_and_names),
        cmocka_unit_test(test_import_formats),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_import_numbers),
        cmocka_unit_test(test_import_temporal),
        cmocka_unit_test(test_import_strings),
        cmocka_unit_test(test_import_dictionary),
        cmocka_unit_test(test_import_lists),
        cmocka_unit_test(test_hostile_arrays),
        cmocka_unit_test(test_hostile_values),
        cmocka_unit_test(test_amplified_dictionary),
        cmocka_unit_test(test_export_errors),
        cmocka_unit_test(test_compressed_stream),
        cmocka_unit_test(test_corrupt_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
