/*
 * format_codec.c - the codecs behind from_json, to_csv and their like, called as the functions call
 * them: one reader for many vectors, texts with nothing behind them, damaged texts.
 *
 * What Spark answers is in tests/sql/json.sql; here it is about the interface.
 */
#include "format_harness.h"

typedef struct Codec {
    Arena arena; /* options, texts */
    Arena batch; /* results */
    Conf *conf;
    const TextCodec *vt;
    const void *options;
    const Type *type;
    void *reader, *writer;
} Codec;

static void codec_open(Codec *c, const TextCodec *vt, const char *options, const char *ddl)
{
    fb_error err = {0};
    Options o = {0};

    *c = (Codec){.conf = conf_new(), .vt = vt};
    harness_options(options, &o, c->conf, &c->arena);
    assert_int_equal(type_from_ddl(str_of(ddl), &c->type, &err), FB_OK);
    assert_int_equal(vt->options(&o, c->conf, TEXT_READ, &c->arena, &c->options, &err), FB_OK);
    assert_int_equal(vt->check(c->options, c->type, TEXT_READ, &err), FB_OK);
    assert_int_equal(vt->reader_new(c->options, c->type, tz_utc(), &c->reader, &err), FB_OK);
    assert_int_equal(vt->options(&o, c->conf, TEXT_WRITE, &c->arena, &c->options, &err), FB_OK);
    assert_int_equal(vt->writer_new(c->options, c->type, tz_utc(), &c->writer, &err), FB_OK);
}

static void codec_close(Codec *c)
{
    c->vt->reader_free(c->reader);
    c->vt->writer_free(c->writer);
    conf_free(c->conf);
    arena_free(&c->arena);
    arena_free(&c->batch);
}

/* A vector of n strings, each in a block of its own; NULL is null. The blocks are freed by
 * free_texts(). */
static Vec new_texts(const char *const *text, uint32_t n, Arena *a)
{
    Vec v;

    vec_init(&v, type_string, n, a);
    for (uint32_t i = 0; i < n; i++) {
        size_t len = text[i] ? strlen(text[i]) : 0;
        char *block = mem_alloc(len + 1);
        if (len > 0) {
            memcpy(block + 1, text[i], len); /* up to the end of the block */
        }
        VEC_DATA(View, &v)[i] = view_of(block + 1, len);
        if (len <= 12) {
            mem_free(block);
        }
        if (!text[i]) {
            vec_set_null(&v, a, i);
        }
    }
    return v;
}

static void free_texts(Vec *v)
{
    for (uint32_t i = 0; i < v->len; i++) {
        View *text = &VEC_DATA(View, v)[i];
        if (text->len > 12) {
            mem_free((char *)(uintptr_t)text->ptr - 1);
        }
    }
}

/* The rows that come out, one a line. */
static char *read_all(Codec *c, const char *const *text, uint32_t n)
{
    fb_error err = {0};
    StrBuf out = {0};
    Vec rows, v = new_texts(text, n, &c->arena);

    if (c->vt->read(c->reader, &v, n, &c->batch, &rows, &err) != FB_OK) {
        harness_error(&err, &out);
    } else {
        assert_int_equal(rows.len, n);
        for (uint32_t i = 0; i < n; i++) {
            strbuf_puts(&out, i > 0 ? "\n" : "");
            harness_value(&rows, i, &out);
        }
    }
    free_texts(&v);
    arena_reset(&c->batch);
    return strbuf_arena(&out, &c->arena);
}

#define READ(c, ...)                                                                               \
    read_all(c, (const char *const[]){__VA_ARGS__},                                                \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void test_json_vectors_follow_each_other(void **state)
{
    Codec c;

    (void)state;
    codec_open(&c, format_text_codecs()->json, "",
               "a int, b string, c array<int>, d struct<e: int>");
    for (int i = 0; i < 3; i++) {
        assert_string_equal(READ(&c, "{\"a\":1,\"b\":\"0123456789abcdef\",\"c\":[1,2]}", NULL,
                                 "oops", "",
                                 "{\"d\":{\"e\":5},\"b\":\"\\u00e4 long enough for a block\"}"),
                            "{1, 0123456789abcdef, [1, 2], null}\n~\n{null, null, null, null}\n~\n"
                            "{null, \xC3\xA4 long enough for a block, null, {5}}");
        assert_string_equal(READ(&c, "{\"a\":7}"), "{7, null, null, null}");
    }
    codec_close(&c);
}

static void test_json_of_any_length(void **state)
{
    Codec c;
    StrBuf text = {0};

    (void)state;
    codec_open(&c, format_text_codecs()->json, "columnNameOfCorruptRecord=bad",
               "a int, b string, bad string");
    for (size_t n = 0; n < 300; n++) {
        strbuf_clear(&text);
        strbuf_puts(&text, "{\"b\":\"");
        for (size_t k = 0; k < n; k++) {
            strbuf_putc(&text, (char)('a' + k % 26));
        }
        char *want = arena_printf(&c.arena, "{1, %s, null}\n{null, null, %s\",\"a\":1 }",
                                  text.p + 6, text.p);
        char *bad = arena_printf(&c.arena, "%s\",\"a\":1 ", text.p);
        char *good = arena_printf(&c.arena, "%s\",\"a\":1}", text.p);
        assert_string_equal(READ(&c, good, bad), want);
    }
    size_t large = (2u << 20) + 1; /* more than simdjson is asked for */
    char *p = arena_alloc(&c.arena, large + 32);
    memset(p, ' ', large);
    memcpy(p + large, "{\"a\":3}", 8);
    assert_string_equal(READ(&c, p, "{\"a\":4}"), "{3, null, null}\n{4, null, null}");
    strbuf_free(&text);
    codec_close(&c);
}

static void test_failfast_names_the_record(void **state)
{
    Codec c;

    (void)state;
    codec_open(&c, format_text_codecs()->json, "mode=FAILFAST", "a int");
    assert_string_equal(READ(&c, "{\"a\":1}", "{\"a\":\"x\"}"),
                        "ERR MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION < "
                        "CANNOT_PARSE_JSON_FIELD");
    assert_string_equal(READ(&c, "[{\"a\":1}]"), "ERR MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_"
                                                 "JSON_ARRAYS_AS_STRUCTS");
    assert_string_equal(READ(&c, "{\"a\":2}", NULL), "{2}\n~");
    codec_close(&c);
    codec_open(&c, format_text_codecs()->csv, "mode=FAILFAST", "a int");
    assert_string_equal(
        READ(&c, "1", "1,2"),
        "ERR MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION < MALFORMED_CSV_RECORD");
    assert_string_equal(READ(&c, "2", NULL), "{2}\n~");
    codec_close(&c);
}

static void test_csv_vectors_follow_each_other(void **state)
{
    Codec c;

    (void)state;
    codec_open(&c, format_text_codecs()->csv, "columnNameOfCorruptRecord=bad",
               "a int, bad string, b string");
    for (int i = 0; i < 3; i++) {
        assert_string_equal(READ(&c, "1,\"a, quoted \\\" text\"", NULL, "x,a text of some length",
                                 "2,two\nlines", ""),
                            "{1, null, a, quoted \" text}\n~\n"
                            "{null, x,a text of some length, a text of some length}\n"
                            "{2, null, two\nlines}\n{null, null, null}");
        assert_string_equal(READ(&c, "7"), "{7, 7, null}");
    }
    codec_close(&c);
}

/* ---- there and back ---- */

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

static void random_value(uint64_t *x, VecBuilder *b, const Type *t, bool nested)
{
    static const char *const words[] = {"",
                                        "a",
                                        "\"",
                                        "\\",
                                        "\n",
                                        "\t, ",
                                        "\xC3\xA9",
                                        "{}",
                                        "x,y",
                                        "\x01",
                                        "a string of more than twelve bytes"};
    uint64_t r = next_random(x);

    if (r % 7 == 0 && nested) {
        vecb_null(b);
        return;
    }
    switch (t->id) {
    case T_STRUCT:
        for (uint32_t k = 0; k < t->n_fields; k++) {
            random_value(x, vecb_child(b, k), t->fields[k].type, true);
        }
        vecb_end_row(b);
        break;
    case T_ARRAY:
        for (uint64_t k = r % 3; k > 0; k--) {
            random_value(x, vecb_child(b, 0), t->fields[0].type, true);
        }
        vecb_end_row(b);
        break;
    case T_STRING:
        vecb_str(b, str_of(words[(r >> 8) % (sizeof(words) / sizeof(words[0]))]));
        break;
    case T_BOOLEAN:
        vecb_bool(b, r >> 8 & 1);
        break;
    case T_DOUBLE:
        vecb_double(b, (double)(int64_t)r / 1024);
        break;
    case T_DECIMAL:
        vecb_decimal(b, (int64_t)(r % 2000000000) - 1000000000);
        break;
    case T_DATE:
        vecb_int(b, (int64_t)(r % 40000) - 20000);
        break;
    case T_TIMESTAMP:
        vecb_int(b, (int64_t)(r % INT64_C(4000000000000)) * 1000); /* milliseconds are written */
        break;
    default:
        vecb_int(b, (int32_t)r);
        break;
    }
}

/* Values that are written and read again are what they were. */
static void there_and_back(const TextCodec *vt, const char *options, const char *ddl)
{
    Codec c;
    fb_error err = {0};
    uint64_t x = 88172645463325252;

    codec_open(&c, vt, options, ddl);
    for (int round = 0; round < 20; round++) {
        uint32_t n = 1 + (uint32_t)next_random(&x) % 300;
        VecBuilder *b = vecb_new(&c.batch, c.type);
        Vec values, texts, again;
        for (uint32_t i = 0; i < n; i++) {
            random_value(&x, b, c.type, false);
        }
        vecb_finish(b, &values);
        assert_int_equal(c.vt->write(c.writer, &values, n, &c.batch, &texts, &err), FB_OK);
        assert_int_equal(c.vt->read(c.reader, &texts, n, &c.batch, &again, &err), FB_OK);
        for (uint32_t i = 0; i < n; i++) {
            if (!vec_eq_at(&values, i, &again, i)) {
                StrBuf s = {0};
                harness_value(&values, i, &s);
                strbuf_puts(&s, " -> ");
                harness_value(&texts, i, &s);
                strbuf_puts(&s, " -> ");
                harness_value(&again, i, &s);
                fail_msg("%s", s.p);
            }
        }
        arena_reset(&c.batch);
    }
    codec_close(&c);
}

static void test_there_and_back(void **state)
{
    (void)state;
    there_and_back(format_text_codecs()->json, "",
                   "a int, b string, c boolean, d double, e decimal(12,2), f date, g timestamp, "
                   "h array<struct<i: int, j: array<string>>>, k struct<l: string, m: bigint>");
    there_and_back(format_text_codecs()->json, "ignoreNullFields=false;pretty=true;sortKeys=true",
                   "z int, b string, h array<struct<i: int, j: array<string>>>");
    there_and_back(format_text_codecs()->csv,
                   "ignoreLeadingWhiteSpace=false;ignoreTrailingWhiteSpace=false;nullValue=NIL",
                   "a int, b string, c boolean, d double, e decimal(12,2), f date, g timestamp");
}

/* ---- damaged texts ---- */

static const char damage[] = "{}[]\",:\\ 0123456789abcdenulltrue'\x01\xC3\n/*-+.E";

static void damage_text(char *text, size_t n, uint64_t *x)
{
    for (uint64_t k = next_random(x) % 3; k < 3; k++) {
        text[next_random(x) % (n - 1)] = damage[next_random(x) % (sizeof(damage) - 1)];
    }
    if (next_random(x) % 4 == 0) {
        text[next_random(x) % n] = '\0';
    }
}

/* A text is read the same alone and among others, by simdjson or the scanner. Nothing is read
 * beyond a text. */
static void test_damage(void **state)
{
    static const char good[] = "{\"a\":12,\"b\":\"x\\u00e4\\n\",\"c\":[1,2,null],\"d\":{\"e\":5}}";
    Codec c;
    uint64_t x = 2463534242;

    (void)state;
    codec_open(&c, format_text_codecs()->json, "columnNameOfCorruptRecord=bad",
               "a int, b string, c array<int>, d struct<e: int>, bad string");
    for (int round = 0; round < 3000; round++) {
        char text[sizeof(good)];
        memcpy(text, good, sizeof(good));
        damage_text(text, sizeof(text), &x);
        char *alone = READ(&c, text), *among = READ(&c, "{\"a\":1}", text, NULL);
        char *want = arena_printf(&c.arena, "{1, null, null, null, null}\n%s\n~", alone);
        assert_string_equal(among, want);
    }
    codec_close(&c);
}

/* Texts that look like those before are read by layouts, if all columns are flat: the same comes
 * out with a column that is not. */
static void test_layouts(void **state)
{
    static const char good[] =
        "{\"a\":12,\"b\":\"a text of some length\",\"c\": -1.50,\"d\":"
        "\"2024-02-29\",\"e\":\"2024-02-29 10:00:00\",\"f\":true,\"x\":null}";
    static const char flat[] =
        "a int, b string, c double, d date, e timestamp, f boolean, g decimal(5,2)";
    Codec c, other;
    uint64_t x = 2463534242;

    (void)state;
    codec_open(&c, format_text_codecs()->json, "", flat);
    char *ddl = arena_printf(&c.arena, "%s, z array<int>", flat);
    codec_open(&other, format_text_codecs()->json, "", ddl);
    for (int round = 0; round < 3000; round++) {
        char text[sizeof(good)];
        memcpy(text, good, sizeof(good));
        damage_text(text, sizeof(text), &x);
        char *got = READ(&c, good, text, good, NULL, good);
        char *want = READ(&other, good, text, good, NULL, good), *to = want;
        for (const char *p = want; *p; p++) { /* without the last column */
            bool last = strncmp(p, ", null}\n", 8) == 0 || strcmp(p, ", null}") == 0;
            p += last ? 6 : 0;
            *to++ = *p;
        }
        *to = '\0';
        assert_string_equal(got, want);
    }
    codec_close(&c);
    codec_close(&other);
}

/* ---- parts of texts ---- */

static void test_queries(void **state)
{
    const JsonQueries *q = format_text_codecs()->queries;
    Arena a = {0};
    const char *const texts[] = {"{\"a\":[{\"b\":1.50},{\"b\":\"x\"}]}", NULL, "{\"a\":", "[7, 8]"};
    const char *const paths[] = {"$.a[*].b", "$", "$.a", "$[1]"};
    Vec v = new_texts(texts, 4, &a), p = new_texts(paths, 4, &a), out, two[2];
    Vec names[2] = {p, v};

    (void)state;
    q->get(&v, &p, 4, &a, &out);
    Str got = view_str(&VEC_AT(View, &out, 0));
    assert_true(str_eq(got, STR_LIT("[1.5,\"x\"]")));
    assert_false(vec_is_valid(&out, 1) || vec_is_valid(&out, 2));
    got = view_str(&VEC_AT(View, &out, 3));
    assert_true(str_eq(got, STR_LIT("8")));
    q->length(&v, 4, &a, &out);
    assert_false(vec_is_valid(&out, 0) || vec_is_valid(&out, 1) || vec_is_valid(&out, 2));
    assert_int_equal(VEC_AT(int32_t, &out, 3), 2);
    q->keys(&v, 4, &a, &out);
    assert_int_equal(vec_count_nulls(&out), 3);
    q->tuple(&v, names, 2, 4, &a, two);
    assert_int_equal(vec_count_nulls(&two[0]) + vec_count_nulls(&two[1]), 8);
    free_texts(&v);
    free_texts(&p);
    arena_free(&a);
}

/* A path is walked to the depth of the text, which the scanner bounds. */
static void test_deep_texts(void **state)
{
    const JsonQueries *q = format_text_codecs()->queries;
    Arena a = {0};
    StrBuf text = {0}, path = {0};
    Vec out;

    (void)state;
    strbuf_puts(&path, "$");
    for (int k = 0; k < 5000; k++) {
        strbuf_puts(&text, "[");
        strbuf_puts(&path, "[0]");
    }
    const char *const t = text.p, *const p = path.p;
    Vec v = new_texts(&t, 1, &a), steps = new_texts(&p, 1, &a);
    q->get(&v, &steps, 1, &a, &out);
    assert_false(vec_is_valid(&out, 0));
    free_texts(&v);
    free_texts(&steps);
    strbuf_free(&text);
    strbuf_free(&path);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_vectors_follow_each_other),
        cmocka_unit_test(test_json_of_any_length),
        cmocka_unit_test(test_failfast_names_the_record),
        cmocka_unit_test(test_csv_vectors_follow_each_other),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_deep_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
