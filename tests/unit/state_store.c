/*
 * state_store.c - the files of a state store: delta files as Spark writes them, versions from
 * deltas and snapshots, damage, maintenance, and dying at every step of a commit.
 *
 * The recorded files are partition 0 of a word count of Spark 4.3: three versions, the second
 * without a change.
 */
#include "base/vfs.h"
#include "base/vfs_priv.h"
#include "state/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "temp_dir.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const spark_delta[] = {
    "4c5a34426c6f636b254e0000009400000062bbef0c5300000018000100b303000000100000007468"
    "651200010f00010200001c000302000d3000336d61741b00063000140112000f30000030656e6418"
    "00000200006f000102000330005000ffffffff4c5a34426c6f636b15000000000000000000000000",
    "4c5a34426c6f636b150400000004000000db804d08ffffffff4c5a34426c6f636b15000000000000"
    "000000000000",
    "4c5a34426c6f636b253e0000005c0000008698a8045300000018000100b303000000100000007468"
    "651200010f0001020011040600010200002300050200030d00030700e000000100000000000000ff"
    "ffffff4c5a34426c6f636b15000000000000000000000000",
};

/* The records of the third: the word "the" is 4, the empty word 1. */
static const char spark_third[] = "00000018"
                                  "0000000000000000"
                                  "0300000010000000"
                                  "7468650000000000"
                                  "00000010"
                                  "0000000000000000"
                                  "0400000000000000"
                                  "00000010"
                                  "0000000000000000"
                                  "0000000010000000"
                                  "00000010"
                                  "0000000000000000"
                                  "0100000000000000"
                                  "ffffffff";

/* ---- helpers ---- */

static StrBuf unhex(const char *hex)
{
    StrBuf b = {0};
    for (; *hex; hex += 2) {
        unsigned byte = 0;
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        strbuf_putc(&b, (char)byte);
    }
    return b;
}

static void put_file(const char *name, const void *data, size_t n)
{
    fb_error err = {0};
    if (vfs_write_file(at(name), data, n, true, NULL, &err) != FB_OK) {
        fail_msg("%s", err.message);
    }
}

static bool exists(const char *name)
{
    return access(at(name), F_OK) == 0;
}

static StateStore *open_store(uint32_t partition)
{
    StateStore *s = NULL;
    fb_error err = {0};
    assert_int_equal(state_store_open(dir, 0, partition, NULL, "lz4", &s, &err), FB_OK);
    return s;
}

typedef struct Pairs {
    StrBuf text; /* "key=value;" in the order of the keys */
    char *list[64];
    size_t n;
} Pairs;

static fb_status take_pair(void *arg, const uint8_t *key, size_t n_key, const uint8_t *value,
                           size_t n_value, fb_error *err)
{
    Pairs *p = arg;
    StrBuf b = {0};
    (void)err;
    strbuf_append(&b, key, n_key);
    strbuf_putc(&b, '=');
    strbuf_append(&b, value, n_value);
    strbuf_putc(&b, ';');
    assert_true(p->n < 64);
    p->list[p->n++] = strbuf_take(&b);
    return FB_OK;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The pairs of a version as text, or the condition of the failure and the file that it names. */
static char *load(uint32_t partition, int64_t version)
{
    StateStore *s = open_store(partition);
    Pairs p = {0};
    fb_error err = {0};
    fb_status st = state_store_load(s, version, take_pair, &p, &err);
    if (p.n > 0) {
        qsort(p.list, p.n, sizeof(*p.list), by_text);
    }
    for (size_t i = 0; i < p.n; i++) {
        strbuf_puts(&p.text, p.list[i]);
        mem_free(p.list[i]);
    }
    if (st != FB_OK) {
        assert_int_equal(p.n, 0);
        strbuf_printf(&p.text, "%s", err_condition(err.id));
        for (size_t i = 0; i < err.n_params; i++) {
            if (strcmp(err.params[i].key, "fileToRead") == 0) {
                strbuf_printf(&p.text, " %s", err.params[i].value + strlen(dir) + 1);
            }
        }
    }
    err_clear(&err);
    state_store_close(s);
    return strbuf_take(&p.text);
}

static void expect(uint32_t partition, int64_t version, const char *want)
{
    char *got = load(partition, version);
    assert_string_equal(got, want);
    mem_free(got);
}

/* "a=1 b=2 -c": puts and removals of a batch. */
static void change(StateStore *s, const char *changes)
{
    while (*changes) {
        size_t n = strcspn(changes, " ");
        const char *eq = memchr(changes, '=', n);
        if (eq) {
            size_t k = (size_t)(eq - changes);
            state_store_put(s, changes, k, eq + 1, n - k - 1);
        } else {
            state_store_remove(s, changes + 1, n - 1);
        }
        changes += n + (changes[n] == ' ');
    }
}

static void commit(StateStore *s, int64_t version, const char *changes)
{
    fb_error err = {0};
    state_store_begin(s, version);
    change(s, changes);
    if (state_store_commit(s, &err) != FB_OK) {
        fail_msg("%s", err.message);
    }
}

static void snapshot(StateStore *s, const char *all)
{
    fb_error err = {0};
    state_snapshot_begin(s);
    change(s, all);
    assert_int_equal(state_snapshot_commit(s, &err), FB_OK);
}

/* ---- Spark's files ---- */

static void put_spark(int upto)
{
    for (int v = 1; v <= upto; v++) {
        char name[32];
        StrBuf b = unhex(spark_delta[v - 1]);
        (void)snprintf(name, sizeof(name), "0/0/%d.delta", v);
        put_file(name, b.p, b.n);
        strbuf_free(&b);
    }
}

typedef struct Counts {
    int64_t the, sum;
    int n;
} Counts;

static fb_status take_count(void *arg, const uint8_t *key, size_t n_key, const uint8_t *value,
                            size_t n_value, fb_error *err)
{
    Counts *c = arg;
    int64_t v;
    (void)err;
    assert_true(n_key % 8 == 0 && n_key >= 16);
    assert_int_equal(n_value, 16);
    memcpy(&v, value + 8, 8);
    if (n_key == 24 && memcmp(key + 16, "the\0\0\0\0", 8) == 0) {
        c->the = v;
    }
    c->sum += v;
    c->n++;
    return FB_OK;
}

static void test_reads_spark(void **state)
{
    static const Counts want[] = {{3, 5, 3}, {3, 5, 3}, {4, 7, 4}};
    (void)state;
    put_spark(3);
    for (int v = 1; v <= 3; v++) {
        Counts got = {0};
        fb_error err = {0};
        StateStore *s = open_store(0);
        assert_int_equal(state_store_load(s, v, take_count, &got, &err), FB_OK);
        assert_int_equal(got.the, want[v - 1].the);
        assert_int_equal(got.sum, want[v - 1].sum);
        assert_int_equal(got.n, want[v - 1].n);
        state_store_close(s);
    }
}

/* Bytes of a commit: the records are Spark's, in the order of the calls; compressed bytes may
 * differ, a delta without changes must not. */
static void test_writes_as_spark(void **state)
{
    fb_error err = {0};
    char *bytes;
    size_t n;
    StrBuf raw = {0}, want = unhex(spark_third), empty = unhex(spark_delta[1]);
    const uint8_t *r = (const uint8_t *)want.p;
    (void)state;
    StateStore *s = open_store(0);
    commit(s, 1, "");
    assert_int_equal(vfs_read_file(at("0/0/2.delta"), &bytes, &n, &err), FB_OK);
    assert_int_equal(n, empty.n);
    assert_memory_equal(bytes, empty.p, n);
    mem_free(bytes);
    state_store_begin(s, 2);
    state_store_put(s, r + 4, 24, r + 32, 16);
    state_store_put(s, r + 52, 16, r + 72, 16);
    assert_int_equal(state_store_commit(s, &err), FB_OK);
    assert_int_equal(vfs_read_file(at("0/0/3.delta"), &bytes, &n, &err), FB_OK);
    assert_memory_equal(bytes, "LZ4Block\x25", 9);
    assert_int_equal(lz4_block_decode(bytes, n, &raw, &err), FB_OK);
    assert_int_equal(raw.n, want.n);
    assert_memory_equal(raw.p, want.p, raw.n);
    mem_free(bytes);
    strbuf_free(&raw);
    strbuf_free(&want);
    strbuf_free(&empty);
    state_store_close(s);
}

/* ---- versions ---- */

static void test_versions(void **state)
{
    (void)state;
    StateStore *s = open_store(0);
    commit(s, 0, "a=1 b=2 c=3");
    commit(s, 1, "b=20 -c d=4");
    commit(s, 2, "-a c=30 =none -d d=5");
    expect(0, 0, "");
    expect(0, 1, "a=1;b=2;c=3;");
    expect(0, 2, "a=1;b=20;d=4;");
    expect(0, 3, "=none;b=20;c=30;d=5;"); /* a key may be empty */
    /* Another partition, and another store, know nothing of it. */
    expect(1, 1, "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS 0/1/1.delta");
    StateStore *other = open_store(1);
    commit(other, 0, "a=x");
    expect(1, 1, "a=x;");
    expect(0, 1, "a=1;b=2;c=3;");
    state_store_close(other);
    fb_error err = {0};
    assert_int_equal(state_store_open(dir, 0, 0, "left", NULL, &other, &err), FB_OK);
    commit(other, 0, "k=v");
    assert_true(exists("0/0/left/1.delta"));
    state_store_close(other);
    /* The version that a crash left behind is written again. */
    commit(s, 1, "b=21");
    expect(0, 2, "a=1;b=21;c=3;");
    state_store_close(s);
}

static void test_abort_leaves_nothing(void **state)
{
    (void)state;
    StateStore *s = open_store(0);
    state_store_begin(s, 0);
    change(s, "a=1 b=2");
    state_store_abort(s);
    assert_false(exists("0/0"));
    commit(s, 0, "c=3");
    expect(0, 1, "c=3;");
    state_store_close(s);
}

/* Three versions of more than a block each, of values that do not compress: version v + 1 puts
 * every (v + 1)th key from v on. */
static void put_large(void)
{
    StrBuf value = {0};
    StateStore *s = open_store(0);
    fb_error err = {0};
    uint64_t x = 88172645463325252u;
    for (int v = 0; v < 3; v++) {
        state_store_begin(s, v);
        for (int i = v; i < 3000; i += v + 1) {
            strbuf_clear(&value);
            for (int k = 0; k < 5; k++) {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                strbuf_append(&value, &x, 8);
            }
            memcpy(value.p, &v, sizeof(v));
            state_store_put(s, &i, sizeof(i), value.p, value.n);
        }
        assert_int_equal(state_store_commit(s, &err), FB_OK);
    }
    state_store_close(s);
    strbuf_free(&value);
}

typedef struct Last {
    int n[3];
} Last;

static fb_status take_last(void *arg, const uint8_t *key, size_t n_key, const uint8_t *value,
                           size_t n_value, fb_error *err)
{
    Last *l = arg;
    int i, v;
    (void)err;
    assert_int_equal(n_key, sizeof(i));
    assert_int_equal(n_value, 40);
    memcpy(&i, key, sizeof(i));
    memcpy(&v, value, sizeof(v));
    assert_int_equal(v, i >= 2 && (i - 2) % 3 == 0 ? 2 : i >= 1 && (i - 1) % 2 == 0 ? 1 : 0);
    l->n[v]++;
    return FB_OK;
}

static void test_large(void **state)
{
    Last l = {0};
    fb_error err = {0};
    (void)state;
    put_large();
    StateStore *s = open_store(0);
    assert_int_equal(state_store_load(s, 3, take_last, &l, &err), FB_OK);
    assert_int_equal(l.n[0] + l.n[1] + l.n[2], 3000);
    assert_int_equal(l.n[2], 1000);
    assert_int_equal(l.n[1], 1000);
    state_store_close(s);
}

/* ---- damage ---- */

#define DAMAGED "CANNOT_LOAD_STATE_STORE.CANNOT_READ_STREAMING_STATE_FILE 0/0/1.delta"

static void put_records(const char *name, const char *hex)
{
    StrBuf raw = unhex(hex), packed = {0};
    lz4_block_encode(raw.p, raw.n, &packed);
    put_file(name, packed.p, packed.n);
    strbuf_free(&raw);
    strbuf_free(&packed);
}

static void test_damage(void **state)
{
    static const char *const bad[] = {
        "", /* no end mark */
        "00000001"
        "61"
        "00000001"
        "62", /* the same, after a record */
        "00000001"
        "61"
        "00000001", /* a value that is not there */
        "00000001"
        "61"
        "0000",     /* half a size */
        "fffffffe", /* sizes that can't be */
        "7fffffff"
        "61",
        "00000001"
        "61"
        "fffffffe"
        "ffffffff",
        "00000001"
        "61"
        "7fffffff"
        "ffffffff",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        put_records("0/0/1.delta", bad[i]);
        expect(0, 1, DAMAGED);
    }
    put_file("0/0/1.delta", "", 0); /* what a crash leaves of a file that was not synced */
    expect(0, 1, DAMAGED);
    put_file("0/0/1.delta", "v1\n{}", 5); /* foreign */
    expect(0, 1, DAMAGED);
    /* Cut at every byte, and each byte changed in turn: never a wrong answer, never a crash. */
    StrBuf whole = unhex(spark_delta[0]);
    put_spark(1);
    char *good = load(0, 1);
    size_t end_block = whole.n - 21;
    for (size_t n = 0; n < whole.n; n++) {
        put_file("0/0/1.delta", whole.p, n);
        expect(0, 1, n == end_block ? good : DAMAGED); /* without an end block, as Spark */
    }
    for (size_t i = 0; i < whole.n; i++) {
        whole.p[i] = (char)(whole.p[i] ^ 0x41);
        put_file("0/0/1.delta", whole.p, whole.n);
        char *got = load(0, 1);
        if (strcmp(got, DAMAGED) != 0 && strcmp(got, good) != 0) {
            fail_msg("byte %zu: %s", i, got);
        }
        mem_free(got);
        whole.p[i] = (char)(whole.p[i] ^ 0x41);
    }
    mem_free(good);
    strbuf_free(&whole);
}

static void test_blocks(void **state)
{
    static const struct {
        const char *hex;
        const char *want; /* NULL: refused */
    } cases[] = {
        /* a sum that is wrong */
        {"4c5a34426c6f636b10"
         "01000000"
         "01000000"
         "4cb2a605"
         "61",
         NULL},
        {"4c5a34426c6f636b15"
         "00000000"
         "00000000"
         "00000000",
         ""},
        {"", ""},
        {"4c5a34426c6f636b15"
         "00000000"
         "00000000"
         "01000000",
         NULL}, /* a sum of nothing */
        {"4c5a34426c6f636b30"
         "01000000"
         "01000000"
         "00000000"
         "61",
         NULL}, /* no such method */
        {"4c5a34426c6f636b10"
         "01040000"
         "01040000"
         "00000000",
         NULL}, /* more than its class */
        {"4c5a34426c6f636b10"
         "02000000"
         "01000000"
         "00000000"
         "6161",
         NULL}, /* two lengths */
        {"4c5a34426c6f636b15"
         "00000000"
         "01000000"
         "00000000",
         NULL},
        {"4c5a34426c6f636b15"
         "ffffffff"
         "ffffffff"
         "00000000",
         NULL},
        {"4c5a34426c6f636b15"
         "040000",
         NULL},
        {"4c5a34426c6f636c15"
         "00000000"
         "00000000"
         "00000000",
         NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        StrBuf in = unhex(cases[i].hex), out = {0};
        fb_error err = {0};
        fb_status st = lz4_block_decode(in.p, in.n, &out, &err);
        assert_int_equal(st, cases[i].want ? FB_OK : FB_ERR);
        if (st == FB_ERR) {
            assert_string_equal(err_condition(err.id), "STATE_FILE_CORRUPT");
        }
        err_clear(&err);
        strbuf_free(&in);
        strbuf_free(&out);
    }
    /* Streams one after the other are one. */
    StrBuf two = {0}, out = {0};
    fb_error err = {0};
    lz4_block_encode("abc", 3, &two);
    lz4_block_encode("def", 3, &two);
    assert_int_equal(lz4_block_decode(two.p, two.n, &out, &err), FB_OK);
    assert_int_equal(out.n, 6);
    assert_memory_equal(out.p, "abcdef", 6);
    strbuf_free(&two);
    strbuf_free(&out);
}

static void test_missing(void **state)
{
    fb_error err = {0};
    StateStore *s;
    (void)state;
    s = open_store(0);
    commit(s, 0, "a=1");
    commit(s, 1, "a=2");
    commit(s, 2, "a=3");
    state_store_close(s);
    expect(0, 4, "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS 0/0/4.delta");
    assert_int_equal(vfs()->remove(at("0/0/2.delta"), &err), FB_OK);
    expect(0, 1, "a=1;");
    expect(0, 3, "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS 0/0/2.delta");
    expect(0, -1, "CANNOT_LOAD_STATE_STORE.UNEXPECTED_VERSION");
    expect(0, INT64_MAX, "CANNOT_LOAD_STATE_STORE.UNEXPECTED_VERSION");
    /* A version that no memory could list the files of. */
    expect(0, INT64_MAX - 1,
           "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS 0/0/2.delta");
    assert_int_equal(state_store_open(dir, 0, 0, NULL, "zstd", &s, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), "UNSUPPORTED_FEATURE");
    err_clear(&err);
}

/* ---- snapshots and maintenance ---- */

static void test_snapshots(void **state)
{
    fb_error err = {0};
    (void)state;
    StateStore *s = open_store(0);
    commit(s, 0, "a=1");
    commit(s, 1, "b=2");
    snapshot(s, "a=1 b=2");
    commit(s, 2, "-a");
    assert_true(exists("0/0/2.delta") && exists("0/0/2.snapshot"));
    expect(0, 3, "b=2;");
    /* The snapshot is what counts, and it is enough. */
    assert_int_equal(vfs()->remove(at("0/0/1.delta"), &err), FB_OK);
    assert_int_equal(vfs()->remove(at("0/0/2.delta"), &err), FB_OK);
    expect(0, 3, "b=2;");
    expect(0, 2, "a=1;b=2;");
    /* A damaged one: an older one, or the deltas, are tried; without them it is named. */
    put_file("0/0/2.snapshot", "x", 1);
    expect(0, 3, "CANNOT_LOAD_STATE_STORE.CANNOT_READ_STREAMING_STATE_FILE 0/0/2.snapshot");
    commit(s, 0, "a=1");
    commit(s, 1, "b=2");
    expect(0, 3, "b=2;");
    put_records("0/0/1.snapshot", "00000001"
                                  "7a"
                                  "00000001"
                                  "39"
                                  "ffffffff");
    expect(0, 3, "b=2;z=9;");
    /* A delta that is missing is missing for all snapshots, and is what is named. */
    expect(0, 4, "CANNOT_LOAD_STATE_STORE.CANNOT_READ_STREAMING_STATE_FILE 0/0/2.snapshot");
    assert_int_equal(vfs()->remove(at("0/0/2.snapshot"), &err), FB_OK);
    expect(0, 4, "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS 0/0/4.delta");
    /* Newer snapshots than the version, and names that are none, don't matter. */
    put_file("0/0/9.snapshot", "x", 1);
    put_file("0/0/x.snapshot", "x", 1);
    put_file("0/0/.3.snapshot.tmp", "x", 1);
    expect(0, 3, "b=2;z=9;");
    state_store_close(s);
}

static void test_due(void **state)
{
    (void)state;
    StateStore *s = open_store(0);
    for (int64_t v = 0; v < 12; v++) {
        assert_int_equal(state_store_snapshot_due(s, 10), v > 10);
        commit(s, v, "a=1");
    }
    snapshot(s, "a=1");
    assert_false(state_store_snapshot_due(s, 10));
    state_store_close(s);
    /* A store that was just opened knows from its files. */
    s = open_store(0);
    Pairs p = {0};
    fb_error err = {0};
    assert_int_equal(state_store_load(s, 12, take_pair, &p, &err), FB_OK);
    assert_false(state_store_snapshot_due(s, 10));
    assert_true(state_store_snapshot_due(s, -1));
    mem_free(p.list[0]);
    state_store_close(s);
}

/* Versions 1 to 30, snapshots at 10, 20, 30, Hadoop's checksum files beside some. */
static void test_cleanup(void **state)
{
    fb_error err = {0};
    char name[64];
    (void)state;
    StateStore *s = open_store(0);
    assert_int_equal(state_store_cleanup(s, 5, &err), FB_OK); /* nothing there yet */
    for (int v = 0; v < 30; v++) {
        (void)snprintf(name, sizeof(name), "a=%d", v + 1);
        commit(s, v, name);
        (void)snprintf(name, sizeof(name), "0/0/.%d.delta.crc", v + 1);
        put_file(name, "crc", 3);
        if ((v + 1) % 10 == 0) {
            (void)snprintf(name, sizeof(name), "a=%d", v + 1);
            snapshot(s, name);
        }
    }
    assert_int_equal(state_store_cleanup(s, 25, &err), FB_OK); /* version 5 has no snapshot */
    assert_true(exists("0/0/1.delta"));
    put_file("0/0/_metadata/schema", "x", 1);
    assert_int_equal(state_store_cleanup(s, 5, &err), FB_OK); /* 25 needs 20.snapshot */
    for (int v = 1; v <= 30; v++) {
        (void)snprintf(name, sizeof(name), "0/0/%d.delta", v);
        assert_int_equal(exists(name), v >= 20);
        (void)snprintf(name, sizeof(name), "0/0/.%d.delta.crc", v);
        assert_int_equal(exists(name), v >= 20);
    }
    assert_false(exists("0/0/10.snapshot"));
    assert_true(exists("0/0/20.snapshot") && exists("0/0/30.snapshot"));
    assert_true(exists("0/0/_metadata/schema"));
    for (int v = 20; v <= 30; v++) {
        (void)snprintf(name, sizeof(name), "a=%d;", v);
        expect(0, v, name);
    }
    expect(0, 19, "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS 0/0/1.delta");
    state_store_close(s);
}

/* ---- dying at every step ---- */

/* A batch, a snapshot, and the maintenance that follows; the child's whole work. */
static void work(void)
{
    fb_error err = {0};
    Pairs p = {0};
    StateStore *s;
    vfs_set(vfs_crash_from_env());
    if (state_store_open(dir, 0, 0, NULL, NULL, &s, &err) != FB_OK ||
        state_store_load(s, 2, take_pair, &p, &err) != FB_OK) {
        _exit(2);
    }
    state_store_begin(s, 2);
    change(s, "-a c=3");
    if (state_store_commit(s, &err) != FB_OK) {
        _exit(2);
    }
    state_snapshot_begin(s);
    change(s, "b=2 c=3");
    if (state_snapshot_commit(s, &err) != FB_OK || state_store_cleanup(s, 0, &err) != FB_OK) {
        _exit(2);
    }
    _exit(0);
}

static bool died_at(int k, bool torn)
{
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char number[16];
        (void)snprintf(number, sizeof(number), "%d", k);
        (void)setenv("FOREBAY_CRASH_AT", number, 1);
        (void)setenv("FOREBAY_CRASH_TORN", torn ? "1" : "0", 1);
        work();
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        return true;
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    return false;
}

/* Version 3 is there whole or not at all; where it is not, version 2 is, and the batch can be run
 * again over what the crash has left. */
static void test_crash_points(void **state)
{
    for (int torn = 0; torn < 2; torn++) {
        bool died = true, committed = false;
        int k = 1;
        for (; died; k++) {
            StateStore *s = open_store(0);
            commit(s, 0, "a=1");
            commit(s, 1, "b=2");
            died = died_at(k, torn);
            char *got = load(0, 3);
            bool whole = strcmp(got, "b=2;c=3;") == 0;
            assert_true(whole || !committed); /* once it is there it stays */
            committed = whole;
            if (!whole) {
                assert_string_equal(
                    got, "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS 0/0/3.delta");
                expect(0, 2, "a=1;b=2;");
                commit(s, 2, "-a c=3");
                expect(0, 3, "b=2;c=3;");
            }
            mem_free(got);
            state_store_close(s);
            assert_int_equal(teardown(state), 0);
            assert_int_equal(setup(state), 0);
        }
        assert_true(committed);
        assert_true(k > 12); /* two files of five steps and four removals at least */
    }
}

/* ---- the operators of a checkpoint ---- */

static void put_operator(const char *op, const char *text)
{
    fb_error err = {0};
    char path[160];
    (void)snprintf(path, sizeof(path), "%s/state/%s/_metadata/metadata", dir, op);
    assert_int_equal(vfs_write_file(path, text, strlen(text), true, NULL, &err), FB_OK);
}

#define OPERATOR(id, name)                                                                         \
    "v1\n{\"operatorInfo\":{\"operatorId\":" #id ",\"operatorName\":\"" name                       \
    "\"},\"stateStoreInfo\":[{\"storeName\":\"default\",\"numColsPrefixKey\":0,"                   \
    "\"numPartitions\":9}]}"

/* condition NULL: the query may go on. */
static void expect_operators(uint32_t n, const char *condition, const char *said)
{
    static const StateOperator ops[] = {{0, "stateStoreSave"}, {1, "dedupe"}};
    char path[96];
    fb_error err = {0};
    (void)snprintf(path, sizeof(path), "%s/state", dir);
    fb_status st = state_operators_check(path, ops, n, &err);
    if ((st == FB_OK) != (condition == NULL) ||
        (condition &&
         (strcmp(err_condition(err.id), condition) != 0 || !strstr(err.message, said)))) {
        fail_msg("%s", st == FB_OK ? "taken" : err.message);
    }
    err_clear(&err);
}

static void test_operators(void **state)
{
#define MISSING "STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY"
#define NO_MATCH "STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA"
    static const char *const torn[] = {"",         "v1",     "v1\n{\"operatorInfo\":{\"opera",
                                       "\xff\x00", "v9\n{}", "v1\n{}"};
    (void)state;
    expect_operators(0, NULL, NULL);
    expect_operators(1, MISSING, "[(OperatorId: 0 -> OperatorName: stateStoreSave)]");
    put_operator("0", OPERATOR(0, "stateStoreSave"));
    expect_operators(1, NULL, NULL); /* another number of partitions is the offset log's to tell */
    expect_operators(0, NO_MATCH, "are [(OperatorId: 0 -> OperatorName: stateStoreSave)]");
    expect_operators(0, NO_MATCH, "are []");
    expect_operators(2, NO_MATCH, "stateStoreSave), (OperatorId: 1 -> OperatorName: dedupe)]");
    put_operator("1", OPERATOR(1, "dedupe"));
    expect_operators(2, NULL, NULL);
    expect_operators(1, NO_MATCH, "");
    put_operator("0", OPERATOR(7, "stateStoreSave"));
    expect_operators(2, NO_MATCH, "OperatorId: 7");
    put_operator("0", OPERATOR(0, "globalLimit"));
    expect_operators(2, NO_MATCH, "globalLimit");
    for (size_t i = 0; i < sizeof(torn) / sizeof(torn[0]); i++) {
        put_operator("0", torn[i]);
        expect_operators(1, NULL, NULL);
        expect_operators(0, NULL, NULL);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_operators),
        T(test_reads_spark),
        T(test_writes_as_spark),
        T(test_versions),
        T(test_abort_leaves_nothing),
        T(test_large),
        T(test_damage),
        T(test_blocks),
        T(test_missing),
        T(test_snapshots),
        T(test_due),
        T(test_cleanup),
        T(test_crash_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
