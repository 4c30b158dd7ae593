/*
 * column_unsafe_row.c - UnsafeRow bytes and Murmur3 hashes equal Spark's.
 *
 * Rows and hashes were taken from Spark 4.3 (queryExecution.toRdd of a literal select, and hash()
 * of the same columns). Values are in the notation of column_notation.h.
 */
#include "column/unsafe_row.h"

#include "column_notation.h"

#define MAX_COLS 80
#define NO_HASH INT64_MIN /* Spark does not hash maps */

typedef struct Case {
    const char *schema, *value, *bytes;
    int64_t hash;
} Case;

static const Case cases[] = {
    {"a int,b string,c string,d bigint", "(null,'x',null,7)",
     "050000000000000000000000000000000100000028000000000000000000000007000000000000007800"
     "000000000000",
     2060754802},
    {"a struct<p:int,q:string>,b struct<p:int,q:string>", "((1,'hello'),null)",
     "020000000000000020000000180000000000000000000000000000000000000001000000000000000500"
     "00001800000068656c6c6f000000",
     -1505279299},
    {"a array<int>", "([1,2,null,4])",
     "000000000000000020000000100000000400000000000000040000000000000001000000020000000000"
     "000004000000",
     2029771627},
    {"a array<string>", "(['a',null,'bcdefghij'])",
     "000000000000000040000000100000000300000000000000020000000000000001000000280000000000"
     "0000000000000900000030000000610000000000000062636465666768696a00000000000000",
     1768116366},
    {"a map<string,int>", "({'k1':1,'k2':2})",
     "000000000000000050000000100000003000000000000000020000000000000000000000000000000200"
     "00002000000002000000280000006b310000000000006b32000000000000020000000000000000000000"
     "000000000100000002000000",
     NO_HASH},
    {"a decimal(18,2),b decimal(20,2),c decimal(38,0),d decimal(38,0),e decimal(10,0)",
     "(12345,12345,-1,null,null)",
     "180000000000000039300000000000000200000030000000010000004000000000000000500000000000"
     "00000000000030390000000000000000000000000000ff00000000000000000000000000000000000000"
     "000000000000000000000000",
     1932448006},
    {"a decimal(38,0)", "(12345678901234567890123456789012345678)",
     "000000000000000010000000100000000949b0f6f0023313c4499050de38f34e", -1328266464},
    {"a interval,b interval", "(i14 3 14706700000,null)",
     "0200000000000000100000001800000010000000280000000e00000003000000e06e966c030000000000"
     "0000000000000000000000000000",
     -1493581024},
    {"a boolean,b tinyint,c smallint,d int,e bigint,f float,g double,h date,i timestamp,j "
     "timestamp_ntz,k interval year to month,l interval day to second,m void",
     "(true,-3,-300,-70000,-5000000000,f1.5,f-2.25,19723,1704067200000001,-1000000,-14,937"
     "84500000,null)",
     "00100000000000000100000000000000fd00000000000000d4fe00000000000090eefeff00000000000e"
     "fad5feffffff0000c03f0000000000000000000002c00b4d00000000000001202110d70d0600c0bdf0ff"
     "fffffffff2ffffff0000000020e7fdd5150000000000000000000000",
     -293840681},
    {"a string,b binary,c binary,d string,e string,f string",
     "('',x'',x'00ff41','é','12345678','123456789')",
     "000000000000000000000000380000000000000038000000030000003800000002000000400000000800"
     "000048000000090000005000000000ff410000000000c3a9000000000000313233343536373831323334"
     "353637383900000000000000",
     772120211},
    {"a array<boolean>", "([true,false,null])",
     "00000000000000001800000010000000030000000000000004000000000000000100000000000000", 292098604},
    {"a array<smallint>", "([1,null,-1])",
     "000000000000000018000000100000000300000000000000020000000000000001000000ffff0000",
     1057569921},
    {"a array<tinyint>", "([1])",
     "00000000000000001800000010000000010000000000000000000000000000000100000000000000",
     -559580957},
    {"a array<float>", "([f1.5,null])",
     "00000000000000001800000010000000020000000000000002000000000000000000c03f00000000",
     -221251528},
    {"a array<double>", "([f1.5,null,f-0.0])",
     "0000000000000000280000001000000003000000000000000200000000000000000000000000f83f0000"
     "0000000000000000000000000080",
     239642606},
    {"a array<decimal(10,2)>", "([125,null])",
     "00000000000000002000000010000000020000000000000002000000000000007d000000000000000000"
     "000000000000",
     1910520950},
    {"a array<decimal(20,2)>", "([125,null,-9876543210987654321])",
     "000000000000000040000000100000000300000000000000020000000000000001000000280000000000"
     "00000000000009000000300000007d00000000000000ff76ef78471c48f34f00000000000000",
     -264318757},
    {"a array<interval>", "([i1 2 3000000,null])",
     "000000000000000030000000100000000200000000000000020000000000000010000000200000000000"
     "0000000000000100000002000000c0c62d0000000000",
     432748207},
    {"a array<date>", "([19723,null])",
     "00000000000000001800000010000000020000000000000002000000000000000b4d000000000000",
     -456589419},
    {"a array<interval month>", "([1])",
     "00000000000000001800000010000000010000000000000000000000000000000100000000000000",
     -559580957},
    {"a array<timestamp>", "([1704067200000000])",
     "000000000000000018000000100000000100000000000000000000000000000000202110d70d0600",
     1545358984},
    {"a array<array<string>>", "([['a'],null,[]])",
     "000000000000000050000000100000000300000000000000020000000000000020000000280000000000"
     "000000000000080000004800000001000000000000000000000000000000010000001800000061000000"
     "000000000000000000000000",
     1485273170},
    {"a array<struct<x:int,y:string>>", "([(1,'longer than eight'),null])",
     "000000000000000050000000100000000200000000000000020000000000000030000000200000000000"
     "0000000000000000000000000000010000000000000011000000180000006c6f6e676572207468616e20"
     "656967687400000000000000",
     -1609172284},
    {"a map<string,array<int>>", "({'a':[1,2],'b':null})",
     "000000000000000070000000100000003000000000000000020000000000000000000000000000000100"
     "000020000000010000002800000061000000000000006200000000000000020000000000000002000000"
     "000000001800000020000000000000000000000002000000000000000000000000000000010000000200"
     "0000",
     NO_HASH},
    {"a map<int,struct<x:decimal(30,1),y:binary>>", "({1:(null,x'01')})",
     "000000000000000068000000100000001800000000000000010000000000000000000000000000000100"
     "000000000000010000000000000000000000000000003000000018000000010000000000000000000000"
     "180000000100000028000000000000000000000000000000000000000100000000000000",
     NO_HASH},
    {"a map<void,void>,b array<void>", "({},[])",
     "000000000000000018000000180000000800000030000000080000000000000000000000000000000000"
     "0000000000000000000000000000",
     NO_HASH},
    {"a array<void>", "([null,null])",
     "000000000000000020000000100000000200000000000000030000000000000000000000000000000000"
     "000000000000",
     42},
    {"a array<int>",
     "([1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,3"
     "1,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,5"
     "9,60,61,62,63,64,65,66,67,68,69,70])",
     "000000000000000030010000100000004600000000000000000000000000000000000000000000000100"
     "000002000000030000000400000005000000060000000700000008000000090000000a0000000b000000"
     "0c0000000d0000000e0000000f0000001000000011000000120000001300000014000000150000001600"
     "00001700000018000000190000001a0000001b0000001c0000001d0000001e0000001f00000020000000"
     "2100000022000000230000002400000025000000260000002700000028000000290000002a0000002b00"
     "00002c0000002d0000002e0000002f000000300000003100000032000000330000003400000035000000"
     "360000003700000038000000390000003a0000003b0000003c0000003d0000003e0000003f0000004000"
     "0000410000004200000043000000440000004500000046000000",
     1385477995},
    {"a array<string>",
     "(['1','2','3','4',null,'6','7','8','9',null,'11','12','13','14',null,'16','17','18',"
     "'19',null,'21','22','23','24',null,'26','27','28','29',null,'31','32','33','34',null"
     ",'36','37','38','39',null,'41','42','43','44',null,'46','47','48','49',null,'51','52"
     "','53','54',null,'56','57','58','59',null,'61','62','63','64',null])",
     "0000000000000000c0030000100000004100000000000000104208218410420801000000000000000100"
     "000020020000010000002802000001000000300200000100000038020000000000000000000001000000"
     "400200000100000048020000010000005002000001000000580200000000000000000000020000006002"
     "000002000000680200000200000070020000020000007802000000000000000000000200000080020000"
     "020000008802000002000000900200000200000098020000000000000000000002000000a00200000200"
     "0000a802000002000000b002000002000000b8020000000000000000000002000000c002000002000000"
     "c802000002000000d002000002000000d8020000000000000000000002000000e002000002000000e802"
     "000002000000f002000002000000f8020000000000000000000002000000000300000200000008030000"
     "020000001003000002000000180300000000000000000000020000002003000002000000280300000200"
     "000030030000020000003803000000000000000000000200000040030000020000004803000002000000"
     "500300000200000058030000000000000000000002000000600300000200000068030000020000007003"
     "000002000000780300000000000000000000020000008003000002000000880300000200000090030000"
     "0200000098030000000000000000000002000000a003000002000000a803000002000000b00300000200"
     "0000b8030000000000000000000031000000000000003200000000000000330000000000000034000000"
     "000000003600000000000000370000000000000038000000000000003900000000000000313100000000"
     "000031320000000000003133000000000000313400000000000031360000000000003137000000000000"
     "313800000000000031390000000000003231000000000000323200000000000032330000000000003234"
     "000000000000323600000000000032370000000000003238000000000000323900000000000033310000"
     "000000003332000000000000333300000000000033340000000000003336000000000000333700000000"
     "000033380000000000003339000000000000343100000000000034320000000000003433000000000000"
     "343400000000000034360000000000003437000000000000343800000000000034390000000000003531"
     "000000000000353200000000000035330000000000003534000000000000353600000000000035370000"
     "000000003538000000000000353900000000000036310000000000003632000000000000363300000000"
     "00003634000000000000",
     -444983595},
    {"c0 bigint,c1 bigint,c2 bigint,c3 bigint,c4 bigint,c5 bigint,c6 bigint,c7 bigint,c8 b"
     "igint,c9 bigint,c10 bigint,c11 bigint,c12 bigint,c13 bigint,c14 bigint,c15 bigint,c1"
     "6 bigint,c17 bigint,c18 bigint,c19 bigint,c20 bigint,c21 bigint,c22 bigint,c23 bigin"
     "t,c24 bigint,c25 bigint,c26 bigint,c27 bigint,c28 bigint,c29 bigint,c30 bigint,c31 b"
     "igint,c32 bigint,c33 bigint,c34 bigint,c35 bigint,c36 bigint,c37 bigint,c38 bigint,c"
     "39 bigint,c40 bigint,c41 bigint,c42 bigint,c43 bigint,c44 bigint,c45 bigint,c46 bigi"
     "nt,c47 bigint,c48 bigint,c49 bigint,c50 bigint,c51 bigint,c52 bigint,c53 bigint,c54 "
     "bigint,c55 bigint,c56 bigint,c57 bigint,c58 bigint,c59 bigint,c60 bigint,c61 bigint,"
     "c62 bigint,c63 bigint,c64 bigint",
     "(0,1,2,null,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,"
     "30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,"
     "58,59,60,61,62,63,null)",
     "080000000000000001000000000000000000000000000000010000000000000002000000000000000000"
     "000000000000040000000000000005000000000000000600000000000000070000000000000008000000"
     "0000000009000000000000000a000000000000000b000000000000000c000000000000000d0000000000"
     "00000e000000000000000f00000000000000100000000000000011000000000000001200000000000000"
     "130000000000000014000000000000001500000000000000160000000000000017000000000000001800"
     "00000000000019000000000000001a000000000000001b000000000000001c000000000000001d000000"
     "000000001e000000000000001f0000000000000020000000000000002100000000000000220000000000"
     "000023000000000000002400000000000000250000000000000026000000000000002700000000000000"
     "280000000000000029000000000000002a000000000000002b000000000000002c000000000000002d00"
     "0000000000002e000000000000002f000000000000003000000000000000310000000000000032000000"
     "000000003300000000000000340000000000000035000000000000003600000000000000370000000000"
     "0000380000000000000039000000000000003a000000000000003b000000000000003c00000000000000"
     "3d000000000000003e000000000000003f000000000000000000000000000000",
     1654795910},
    {"a struct<a:struct<b:struct<c:string,d:decimal(38,2)>>,e:interval>",
     "(((('deep',500)),i0 1 0))",
     "000000000000000068000000100000000000000000000000400000001800000010000000580000000000"
     "000000000000300000001000000000000000000000000400000018000000020000002000000064656570"
     "0000000001f4000000000000000000000000000000000000010000000000000000000000",
     50409863},
    {"a struct<s:timestamp,e:timestamp>,b string", "((1704067200000000,1704067210000000),'a')",
     "000000000000000018000000180000000100000030000000000000000000000000202110d70d060080b6"
     "b910d70d06006100000000000000",
     -262600135},
    {"a decimal(20,1),b decimal(19,0),c decimal(19,0),d decimal(19,0),e decimal(19,0),f de"
     "cimal(19,0),g decimal(38,0)",
     "(0,127,128,-128,-129,255,-99999999999999999999999999999999999999)",
     "000000000000000001000000400000000100000050000000020000006000000001000000700000000200"
     "000080000000020000009000000010000000a0000000000000000000000000000000000000007f000000"
     "000000000000000000000000008000000000000000000000000000008000000000000000000000000000"
     "0000ff7f000000000000000000000000000000ff0000000000000000000000000000b4c4b357a5793b85"
     "f675ddc000000001",
     -1029729095},
    {"a float,b double,c float,d double", "(fnan,fnan,f-0.0,f-0.0)",
     "00000000000000000000c07f00000000000000000000f87f00000080000000000000000000000080", 468437667},
};

/* ---- what is common ---- */

typedef struct Row {
    Arena arena;
    const Type *schema;
    Vec cols[MAX_COLS]; /* three rows each: nulls, the value, nulls */
} Row;

static void row_make(Row *r, const char *schema, const char *value)
{
    fb_error err = {0};

    *r = (Row){0};
    assert_int_equal(type_from_ddl(str_of(schema), &r->schema, &err), FB_OK);
    assert_true(r->schema->n_fields <= MAX_COLS);
    const char *p = value + 1;
    for (uint32_t k = 0; k < r->schema->n_fields; k++) {
        VecBuilder *b = vecb_new(&r->arena, r->schema->fields[k].type);
        p = k > 0 ? expect(p, ',') : p;
        vecb_null(b);
        p = add_value(b, r->schema->fields[k].type, p);
        vecb_null(b);
        vecb_finish(b, &r->cols[k]);
    }
    assert_string_equal(p, ")");
}

static void check_bytes(const Case *c, const StrBuf *got)
{
    StrBuf hex = {0};

    for (size_t i = 0; i < got->n; i++) {
        strbuf_printf(&hex, "%02x", (unsigned char)got->p[i]);
    }
    if (strcmp(hex.p, c->bytes) != 0) {
        fail_msg("%s %s\n  %s\n  %s", c->schema, c->value, hex.p, c->bytes);
    }
    strbuf_free(&hex);
}

typedef struct Decoder {
    Arena arena;
    VecBuilder *builders[MAX_COLS];
    const Type *types[MAX_COLS];
    uint32_t n;
} Decoder;

static void decoder_make(Decoder *d, const Type *schema)
{
    *d = (Decoder){.n = schema->n_fields};
    for (uint32_t k = 0; k < d->n; k++) {
        d->types[k] = schema->fields[k].type;
        d->builders[k] = vecb_new(&d->arena, d->types[k]);
    }
}

static fb_status decode(Decoder *d, const void *p, size_t n)
{
    fb_error err = {0};
    fb_status st = unsafe_row_decode(p, n, d->builders, d->n, d->types, &err);

    if (st != FB_OK) {
        assert_string_equal(err_condition(err.id),
                            "CANNOT_LOAD_STATE_STORE.VALUE_ROW_FORMAT_VALIDATION_FAILURE");
    }
    err_clear(&err);
    return st;
}

/* ---- tests ---- */

static void test_rows_of_spark(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Row r;
        StrBuf b = {0};
        row_make(&r, cases[i].schema, cases[i].value);
        uint32_t n = r.schema->n_fields;
        strbuf_puts(&b, "");
        unsafe_row_encode(r.cols, n, 1, &b);
        check_bytes(&cases[i], &b);
        /* The same from constants, and back. */
        static const uint32_t one[] = {1};
        Vec konst[MAX_COLS];
        Decoder d;
        decoder_make(&d, r.schema);
        if (decode(&d, b.p, b.n) != FB_OK) {
            fail_msg("%s %s is refused", cases[i].schema, cases[i].value);
        }
        for (uint32_t k = 0; k < n; k++) {
            vec_gather(&konst[k], &r.cols[k], one, 1, &r.arena);
            Vec got;
            vecb_finish(d.builders[k], &got);
            assert_int_equal(got.len, 1);
            assert_true(vec_eq_at(&got, 0, &konst[k], 0));
        }
        strbuf_clear(&b);
        unsafe_row_encode(konst, n, 0, &b);
        check_bytes(&cases[i], &b);
        arena_free(&d.arena);
        arena_free(&r.arena);
        strbuf_free(&b);
    }
}

static void test_hashes_of_spark(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Row r;
        uint32_t h[3] = {42, 42, 42};
        if (cases[i].hash == NO_HASH) {
            continue;
        }
        row_make(&r, cases[i].schema, cases[i].value);
        for (uint32_t k = 0; k < r.schema->n_fields; k++) {
            vec_murmur3(&r.cols[k], 3, h);
        }
        if ((int32_t)h[1] != cases[i].hash) {
            fail_msg("%s %s: %d instead of %lld", cases[i].schema, cases[i].value, (int32_t)h[1],
                     (long long)cases[i].hash);
        }
        assert_int_equal(h[0], 42); /* nulls leave the seed */
        assert_int_equal(h[2], 42);
        arena_free(&r.arena);
    }
}

typedef struct HashCase {
    const char *schema, *value;
    int32_t hash;
} HashCase;

/* Single values, among them those of checkpoint partitioning. */
static const HashCase hashes[] = {
    {"a boolean", "(true)", -559580957},
    {"a int", "(1)", -559580957},
    {"a tinyint", "(1)", -559580957},
    {"a boolean", "(false)", 933211791},
    {"a float", "(f0)", 933211791},
    {"a float", "(f-0.0)", 933211791},
    {"a bigint", "(1)", -1712319331},
    {"a bigint", "(-1)", -939490007},
    {"a int", "(null)", 42},
    {"a double", "(f0)", -1670924195},
    {"a double", "(f-0.0)", -1670924195},
    {"a double", "(f1.5)", 1290763749},
    {"a float", "(f1.5)", -221251528},
    {"a double", "(fnan)", -1281358385},
    {"a float", "(fnan)", -349261430},
    {"a string", "('')", 142593372},
    {"a string", "('a')", 1485273170},
    {"a string", "('ab')", -97053317},
    {"a string", "('abc')", 1322437556},
    {"a string", "('abcd')", -396302900},
    {"a string", "('abcde')", 814637928},
    {"a string", "('\xc3\xa9')", 2119106806},
    {"a string", "('a text beyond twelve bytes \xc3\xa9')", -2001869747},
    {"a binary", "(x'0102')", 1964783052},
    {"a date", "(19723)", -456589419},
    {"a timestamp", "(1704067200000000)", 1545358984},
    {"a decimal(10,2)", "(125)", 1910520950},
    {"a decimal(20,2)", "(125)", -1153375511},
    {"a decimal(20,2)", "(-125)", -342901333},
    {"a decimal(38,0)", "(0)", -783713497},
    {"a array<int>", "([1,2])", -222940379},
    {"a array<int>", "([1,null,2])", -222940379},
};

static void test_single_hashes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
        Row r;
        uint32_t h[3] = {42, 42, 42};
        row_make(&r, hashes[i].schema, hashes[i].value);
        vec_murmur3(&r.cols[0], 3, h);
        if ((int32_t)h[1] != hashes[i].hash) {
            fail_msg("%s %s: %d", hashes[i].schema, hashes[i].value, (int32_t)h[1]);
        }
        arena_free(&r.arena);
    }
    /* (window of ten seconds, 'a') of three partitions */
    assert_int_equal(murmur3_partition((uint32_t)-262600135, 3), 2);
}

static void test_empty_row(void **state)
{
    (void)state;
    StrBuf b = {0};
    Decoder d = {0};

    unsafe_row_encode(NULL, 0, 0, &b);
    assert_int_equal(b.n, 0);
    assert_int_equal(decode(&d, "", 0), FB_OK);
    strbuf_free(&b);
}

/* Whatever the bytes are: no crash, and after a failure the builders are as before. */
static void test_damaged_rows(void **state)
{
    (void)state;
    uint64_t random = 99;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Row r;
        StrBuf good = {0};
        Decoder d;
        row_make(&r, cases[i].schema, cases[i].value);
        unsafe_row_encode(r.cols, r.schema->n_fields, 1, &good);
        decoder_make(&d, r.schema);
        uint32_t rows = 0;
        for (int round = 0; round < 400; round++) {
            char *copy = mem_alloc(good.n + 1);
            memcpy(copy, good.p, good.n);
            size_t n = round < 100 ? good.n * (size_t)round / 100 : good.n;
            for (int k = 0; round >= 100 && k < 3; k++) {
                random = random * 6364136223846793005u + 1442695040888963407u;
                copy[(random >> 33) % good.n] = (char)(random >> 20);
            }
            char *exact = mem_alloc(n + 1); /* so that ASan sees a read beyond n */
            memcpy(exact + 1, copy, n);
            rows += decode(&d, exact + 1, n) == FB_OK;
            for (uint32_t c = 0; c < d.n; c++) {
                assert_int_equal(vecb_len(d.builders[c]), rows);
            }
            mem_free(exact);
            mem_free(copy);
        }
        for (uint32_t c = 0; c < d.n; c++) {
            Vec v;
            uint64_t *h = mem_zalloc((rows + 1) * sizeof(uint64_t));
            vecb_finish(d.builders[c], &v);
            vec_hash(&v, rows, h); /* reads all that was taken */
            mem_free(h);
        }
        arena_free(&d.arena);
        arena_free(&r.arena);
        strbuf_free(&good);
    }
}

/* Arrays whose elements all name the same bytes would grow without end. */
static void test_overlapping_items(void **state)
{
    (void)state;
    enum { N = 1000 };
    fb_error err = {0};
    const Type *schema = NULL;
    uint64_t *words = mem_zalloc((4 + 2 * N) * sizeof(uint64_t));
    uint32_t header = 8 + (uint32_t)VEC_WORDS(N) * 8, size = header + N * 8;
    Decoder d;

    assert_int_equal(type_from_ddl(STR_LIT("a array<array<array<string>>>"), &schema, &err), FB_OK);
    words[1] = (uint64_t)16 << 32 | size;
    words[2] = N;
    for (uint32_t k = 0; k < N; k++) {
        words[2 + header / 8 + k] = size; /* each element is the array itself */
    }
    decoder_make(&d, schema);
    assert_int_equal(decode(&d, words, 16 + size), FB_ERR);
    assert_int_equal(vecb_len(d.builders[0]), 0);
    assert_true(d.arena.allocated < 1 << 20);
    arena_free(&d.arena);
    mem_free(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_of_spark), cmocka_unit_test(test_hashes_of_spark),
        cmocka_unit_test(test_single_hashes), cmocka_unit_test(test_empty_row),
        cmocka_unit_test(test_damaged_rows),  cmocka_unit_test(test_overlapping_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
