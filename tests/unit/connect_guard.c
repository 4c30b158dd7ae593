/*
 * connect_guard.c - the walk before unpacking, and unpacking into an arena.
 *
 * The messages are bytes as PySpark 4.3 sends them, written by hand from the wire format.
 */
#include "connect/proto_guard.h"

#include "spark/connect/base.pb-c.h"
#include "spark/connect/relations.pb-c.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#define RELATION (&spark__connect__relation__descriptor)
#define PLAN_REQUEST (&spark__connect__execute_plan_request__descriptor)

static size_t put_varint(uint8_t *p, uint64_t v)
{
    size_t n = 0;
    for (; v > 127; v >>= 7) {
        p[n++] = (uint8_t)(v | 128);
    }
    p[n++] = (uint8_t)v;
    return n;
}

/* depth messages inside each other: Relation{filter: Filter{input: Relation{...}}}. */
static StrBuf nested(unsigned depth)
{
    size_t cap = (size_t)depth * 12, pos = cap;
    uint8_t *b = mem_alloc(cap);
    for (unsigned left = 1; left < depth; left++) {
        bool holder_is_relation = (depth - 1 - left) % 2 == 0;
        uint8_t head[16];
        head[0] = holder_is_relation ? 0x22 : 0x0A;
        size_t n = 1 + put_varint(head + 1, cap - pos);
        pos -= n;
        memcpy(b + pos, head, n);
    }
    StrBuf s = {0};
    strbuf_append(&s, b + pos, cap - pos);
    mem_free(b);
    return s;
}

static void refused(const ProtobufCMessageDescriptor *d, const void *p, size_t n, const char *why)
{
    Arena a = {0};
    fb_error err = {0};
    ProtobufCMessage *m = NULL;
    assert_int_equal(proto_unpack(d, p, n, &a, &m, &err), FB_ERR);
    assert_null(m);
    assert_string_equal(err_condition(err.id), "CONNECT_INVALID_PLAN.CANNOT_PARSE");
    assert_string_equal(err_class_name(err_class(err.id)),
                        "org.apache.spark.sql.connect.common.InvalidPlanInput");
    if (strstr(err.message, why) == NULL) {
        fail_msg("%s\nlacks: %s", err.message, why);
    }
    err_clear(&err);
    arena_free(&a);
}

#define REFUSED(d, literal, why) refused((d), (literal), sizeof(literal) - 1, (why))

static void test_depth(void **state)
{
    (void)state;
    Arena a = {0};
    fb_error err = {0};
    ProtobufCMessage *m = NULL;
    StrBuf s = nested(PROTO_MAX_DEPTH);
    assert_int_equal(proto_unpack(RELATION, s.p, s.n, &a, &m, &err), FB_OK);
    unsigned depth = 0;
    for (Spark__Connect__Relation *r = (void *)m; r != NULL; depth += 2) {
        bool more = r->rel_type_case == SPARK__CONNECT__RELATION__REL_TYPE_FILTER;
        r = more ? r->filter->input : NULL;
    }
    assert_int_equal(depth, PROTO_MAX_DEPTH);
    strbuf_free(&s);
    arena_free(&a);
    static const unsigned too_deep[] = {PROTO_MAX_DEPTH + 1, 100000, 3000000};
    for (size_t i = 0; i < 3; i++) {
        s = nested(too_deep[i]);
        refused(RELATION, s.p, s.n, "nested more than 4096 deep");
        strbuf_free(&s);
    }
    s = nested(10);
    assert_int_equal(proto_check(RELATION, s.p, s.n, 10, &err), FB_OK);
    assert_int_equal(proto_check(RELATION, s.p, s.n, 9, &err), FB_ERR);
    err_clear(&err);
    strbuf_free(&s);
}

/*
 * ExecutePlanRequest of a plan Filter(id > -2, Range(0, 5, 1)) with reattach options and two tags,
 * as Python's protobuf serializes it.
 */
static const char plan_request[] =
    "\x0A$a1a3c0ef-0ec3-46fa-b8ee-ad41764bc195\x12\x06\x0A\x04user\x1A"
    "4\x0A"
    "2\x0A\x02\x10\x01\x22,\x0A\x0C\x0A\x02\x10\x00z\x06\x08\x00\x10\x05\x18\x01\x12\x1C\x1A\x1A"
    "\x0A\x01>\x12\x06\x12\x04\x0A\x02id\x12\x0D\x0A\x0B"
    "0\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\x22!_SPARK_CONNECT_PYTHON spark/4.3.0*\x04\x0A\x02"
    "\x08\x01"
    "2$0f0f0f0f-0ec3-46fa-b8ee-ad41764bc195:\x03tag:\x05\xC3\xA9t\xC3\xA9";

static void test_round_trip(void **state)
{
    (void)state;
    Arena a = {0};
    fb_error err = {0};
    ProtobufCMessage *m = NULL;
    size_t n_in = sizeof(plan_request) - 1, n_out;
    assert_int_equal(n_in, 191);
    assert_int_equal(proto_unpack(PLAN_REQUEST, plan_request, n_in, &a, &m, &err), FB_OK);
    Spark__Connect__ExecutePlanRequest *r = (void *)m;
    assert_string_equal(r->user_context->user_id, "user");
    assert_string_equal(r->client_type, "_SPARK_CONNECT_PYTHON spark/4.3.0");
    assert_true(r->request_options[0]->reattach_options->reattachable);
    assert_int_equal(r->n_tags, 2);
    assert_string_equal(r->tags[1], "\xC3\xA9t\xC3\xA9");
    assert_int_equal(r->plan->op_type_case, SPARK__CONNECT__PLAN__OP_TYPE_ROOT);
    Spark__Connect__Filter *f = r->plan->root->filter;
    assert_int_equal(f->input->range->end, 5);
    assert_false(f->input->range->has_num_partitions);
    Spark__Connect__Expression__UnresolvedFunction *fn = f->condition->unresolved_function;
    assert_string_equal(fn->function_name, ">");
    assert_string_equal(fn->arguments[0]->unresolved_attribute->unparsed_identifier, "id");
    assert_int_equal(fn->arguments[1]->literal->integer, -2);
    uint8_t *out = proto_pack(m, &n_out);
    assert_int_equal(n_out, n_in);
    assert_memory_equal(out, plan_request, n_in);
    mem_free(out);
    arena_free(&a);
}

static void test_small_messages(void **state)
{
    (void)state;
    Arena a = {0};
    fb_error err = {0};
    ProtobufCMessage *m = NULL;
    /* A Range with a field that nobody knows: newer clients are welcome. */
    static const char range[] = "\x08\x00\x10\x05\x18\x01\xC2\x3E\x03xyz";
    assert_int_equal(
        proto_unpack(&spark__connect__range__descriptor, range, sizeof(range) - 1, &a, &m, &err),
        FB_OK);
    assert_int_equal(((Spark__Connect__Range *)m)->step, 1);
    assert_int_equal(m->n_unknown_fields, 1);
    assert_int_equal(proto_unpack(PLAN_REQUEST, NULL, 0, &a, &m, &err), FB_OK);
    assert_null(((Spark__Connect__ExecutePlanRequest *)m)->session_id);
    /* A string literal may hold a NUL: it is kept as bytes. */
    assert_int_equal(proto_unpack(&spark__connect__expression__literal__descriptor,
                                  "\x6A\x03"
                                  "a\0b",
                                  5, &a, &m, &err),
                     FB_OK);
    Spark__Connect__Expression__Literal *lit = (void *)m;
    assert_int_equal(lit->string.len, 3);
    assert_memory_equal(lit->string.data, "a\0b", 3);
    arena_free(&a);
}

/* C strings of messages have CSTR_NUL for NUL, packed ones the NUL; bytes are left alone. */
static void test_nul(void **state)
{
    static const char bytes[] = "\x0A\x0E"
                                "abc\0defghijk\0\0"
                                "\x22\x03\0\0z";
    (void)state;
    Arena a = {0};
    fb_error err = {0};
    ProtobufCMessage *m;
    assert_int_equal(proto_unpack(PLAN_REQUEST, bytes, sizeof(bytes) - 1, &a, &m, &err), FB_OK);
    Spark__Connect__ExecutePlanRequest *in = (void *)m;
    assert_string_equal(in->session_id, "abc\xFF"
                                        "defghijk\xFF\xFF");
    assert_string_equal(in->client_type, "\xFF\xFFz");
    size_t n;
    uint8_t *packed = proto_pack(m, &n);
    assert_int_equal(n, sizeof(bytes) - 1);
    assert_memory_equal(packed, bytes, n);
    mem_free(packed);
    arena_free(&a);
}

static void test_malformed(void **state)
{
    (void)state;
    REFUSED(PLAN_REQUEST, "\x0A", "longer than its message"); /* no length */
    REFUSED(PLAN_REQUEST,
            "\x0A\x05"
            "abcd",
            "longer than its message");
    REFUSED(PLAN_REQUEST, "\x1A\x02\x0A\x01", "longer than its message"); /* inner beyond outer */
    REFUSED(PLAN_REQUEST, "\x80", "no valid tag");
    REFUSED(PLAN_REQUEST, "\x02\x00", "no valid tag");                 /* field 0 */
    REFUSED(PLAN_REQUEST, "\xF8\xFF\xFF\xFF\x7F\x00", "no valid tag"); /* beyond 32 bits */
    REFUSED(PLAN_REQUEST, "\x0B\x0C", "unknown form");                 /* a group */
    REFUSED(PLAN_REQUEST, "\x0F", "unknown form");
    REFUSED(PLAN_REQUEST, "\x09\x01\x02", "longer than its message"); /* 64 bits cut */
    REFUSED(PLAN_REQUEST, "\x0D\x01\x02", "longer than its message"); /* 32 bits cut */
    REFUSED(PLAN_REQUEST, "\x08\xFF", "does not end");
    REFUSED(PLAN_REQUEST, "\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", "does not end");
    REFUSED(PLAN_REQUEST, "\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "longer than");
    REFUSED(PLAN_REQUEST, "\x08\x01", "not of the type"); /* session_id as a number */
    REFUSED(PLAN_REQUEST,
            "\x1D"
            "abcd",
            "not of the type"); /* plan as 32 bits */
}

static void test_strings(void **state)
{
    (void)state;
    REFUSED(PLAN_REQUEST, "\x0A\x01\x80", "the string session_id is not UTF-8");
    REFUSED(PLAN_REQUEST,
            "\x0A\x0A"
            "12345678\xC3\x28",
            "not UTF-8");
    REFUSED(PLAN_REQUEST, "\x0A\x02\xC0\xAF", "not UTF-8"); /* longer than need be */
    REFUSED(PLAN_REQUEST, "\x0A\x03\xE0\x80\xAF", "not UTF-8");
    REFUSED(PLAN_REQUEST, "\x0A\x03\xED\xA0\x80", "not UTF-8");     /* a surrogate */
    REFUSED(PLAN_REQUEST, "\x0A\x04\xF4\x90\x80\x80", "not UTF-8"); /* beyond U+10FFFF */
    REFUSED(PLAN_REQUEST, "\x0A\x02\xE2\x82", "not UTF-8");         /* cut */
    REFUSED(PLAN_REQUEST,
            "\x3A\x01"
            "t\x3A\x01\xFF",
            "the string tags");
    Arena a = {0};
    fb_error err = {0};
    ProtobufCMessage *m = NULL;
    static const char fine[] = "\x0A\x13"
                               "abcdefgh\x7F\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
    assert_int_equal(proto_unpack(PLAN_REQUEST, fine, sizeof(fine) - 1, &a, &m, &err), FB_OK);
    arena_free(&a);
}

/* An optional message given often is merged each time: memory squared, without a limit. */
static void test_merge_bomb(void **state)
{
    (void)state;
    /* user_context with one entry of extensions, over and over. */
    StrBuf b = {0};
    for (int i = 0; i < 1 << 15; i++) {
        strbuf_append(&b, "\x12\x03\xBA\x3E\x00", 5);
    }
    refused(PLAN_REQUEST, b.p, b.n, "too large when unpacked");
    strbuf_free(&b);
}

/* Whatever the bytes are, the answer is a message or an error. */
static void test_mutations(void **state)
{
    (void)state;
    uint8_t bytes[sizeof(plan_request) - 1];
    uint64_t x = 88172645463325252u;
    Arena a = {0};
    size_t good = 0;
    for (int i = 0; i < 30000; i++) {
        memcpy(bytes, plan_request, sizeof(bytes));
        for (int k = 0; k < 1 + i % 4; k++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            bytes[x % sizeof(bytes)] = (uint8_t)(x >> 32);
        }
        fb_error err = {0};
        ProtobufCMessage *m = NULL;
        if (proto_unpack(PLAN_REQUEST, bytes, sizeof(bytes) - (size_t)(i % 3), &a, &m, &err) ==
            FB_OK) {
            size_t n;
            mem_free(proto_pack(m, &n));
            good++;
        } else {
            assert_int_equal(err.id, ERR_CONNECT_CANNOT_PARSE);
        }
        err_clear(&err);
        arena_reset(&a);
    }
    assert_true(good > 1000 && good < 29000);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_small_messages),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_merge_bomb),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
