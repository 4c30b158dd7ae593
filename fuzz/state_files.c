/*
 * state_files.c - fuzz target: state of a checkpoint: delta and snapshot files, the LZ4 block
 * stream that they are, the schema and the metadata of an operator.
 *
 * The first byte chooses. 0: a file's bytes as they are. 1: records, packed by the target, as
 * 1.delta, 2.snapshot and 3.delta, cut at the bytes 0xFF 0xFE. 2: a schema file. 3: metadata.
 */
#include "base/hash.h"
#include "state/state.h"
#include "support/fuzz.h"

#define STATE FUZZ_DIR "/state"
#define PART STATE "/0/0"

typedef struct Loaded {
    uint64_t n, sum; /* the same in any order */
} Loaded;

static fb_status take_entry(void *arg, const uint8_t *key, size_t n_key, const uint8_t *value,
                            size_t n_value, fb_error *err)
{
    Loaded *l = arg;

    (void)err;
    l->n++;
    l->sum += hash_bytes((const char *)key, n_key, hash_bytes((const char *)value, n_value, 0));
    return FB_OK;
}

static fb_status load(int64_t version, Loaded *ret)
{
    StateStore *s;
    fb_error err = {0};

    FB_ASSERT(state_store_open(STATE, 0, 0, NULL, "lz4", &s, &err) == FB_OK);
    fb_status st = state_store_load(s, version, take_entry, ret, &err);
    fuzz_failed(st, &err);
    FB_ASSERT(st == FB_OK || ret->n == 0); /* nothing is handed over that can't be all of it */
    state_store_close(s);
    return st;
}

static void try_raw(Str bytes)
{
    StrBuf raw = {0}, again = {0}, packed = {0};
    fb_error err = {0};

    fb_status st = lz4_block_decode(bytes.p, bytes.n, &raw, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        lz4_block_encode(raw.p, raw.n, &packed);
        FB_ASSERT(lz4_block_decode(packed.p, packed.n, &again, &err) == FB_OK);
        FB_ASSERT(str_eq(strbuf_str(&raw), strbuf_str(&again)));
    }
    fuzz_put_file(PART "/1.delta", bytes.p, bytes.n);
    (void)load(1, &(Loaded){0});
    strbuf_free(&raw);
    strbuf_free(&again);
    strbuf_free(&packed);
}

static Str until_mark(Str *text)
{
    const char *e = text->n > 0 ? memmem(text->p, text->n, "\xFF\xFE", 2) : NULL;
    Str s = {text->p, e ? (size_t)(e - text->p) : text->n};
    size_t skip = s.n + (e ? 2 : 0);

    *text = (Str){text->p + skip, text->n - skip};
    return s;
}

typedef struct Copy {
    StateStore *to;
} Copy;

static fb_status copy_entry(void *arg, const uint8_t *key, size_t n_key, const uint8_t *value,
                            size_t n_value, fb_error *err)
{
    Copy *c = arg;

    (void)err;
    state_store_put(c->to, key, n_key, value, n_value);
    return FB_OK;
}

/* A version that was loaded, written as a snapshot, is the same without what it came from. */
static void rewrite(int64_t version, const Loaded *want)
{
    StateStore *from, *to;
    fb_error err = {0};
    Loaded got = {0};

    FB_ASSERT(state_store_open(STATE, 0, 0, NULL, NULL, &from, &err) == FB_OK);
    FB_ASSERT(state_store_open(STATE, 0, 0, NULL, NULL, &to, &err) == FB_OK);
    state_store_begin(to, version);
    state_snapshot_begin(to);
    FB_ASSERT(state_store_load(from, version, copy_entry, &(Copy){to}, &err) == FB_OK);
    FB_ASSERT(state_snapshot_commit(to, &err) == FB_OK);
    FB_ASSERT(state_store_cleanup(to, 0, &err) == FB_OK);
    FB_ASSERT(load(version, &got) == FB_OK);
    FB_ASSERT(got.n == want->n && got.sum == want->sum);
    state_store_close(from);
    state_store_close(to);
}

static void try_records(Str bytes)
{
    static const char *const names[] = {PART "/1.delta", PART "/2.snapshot", PART "/3.delta"};
    StrBuf packed = {0};

    for (int i = 0; i < 3; i++) {
        Str one = until_mark(&bytes);
        strbuf_clear(&packed);
        lz4_block_encode(one.p, one.n, &packed);
        fuzz_put_file(names[i], packed.p, packed.n);
    }
    strbuf_free(&packed);
    for (int64_t version = -1; version <= 4; version++) {
        Loaded l = {0};
        if (load(version, &l) == FB_OK && version > 0) {
            rewrite(version, &l);
        }
    }
}

static void try_operator(const char *path, Str bytes)
{
    const Field key = {"k", type_string, true, NULL}, value = {"v", type_long, true, NULL};
    StateStoreInfo store = {"default", 0, type_struct(&key, 1), type_struct(&value, 1)};
    fb_error err = {0};

    if (bytes.n > 4096) { /* types live as long as the process */
        return;
    }
    FB_ASSERT(state_operator_check(STATE, 0, "stateStoreSave", 2, &store, 1, false, &err) == FB_OK);
    FB_ASSERT(state_operator_check(STATE, 0, "stateStoreSave", 2, &store, 1, true, &err) == FB_OK);
    fuzz_put_file(path, bytes.p, bytes.n);
    fuzz_failed(state_operator_check(STATE, 0, "stateStoreSave", 2, &store, 1, true, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzIn in = {data, size};
    uint32_t what = fuzz_choice(&in, 4);
    Str bytes = fuzz_exact(fuzz_rest(&in));

    vfs_set_fsync(false);
    fuzz_put_file(FUZZ_DIR "/.keep", "", 0);
    if (what == 0) {
        try_raw(bytes);
    } else if (what == 1) {
        try_records(bytes);
    } else {
        try_operator(what == 2 ? PART "/_metadata/schema" : STATE "/0/_metadata/metadata", bytes);
    }
    fuzz_remove_files();
    mem_free((void *)(uintptr_t)bytes.p);
    return 0;
}
