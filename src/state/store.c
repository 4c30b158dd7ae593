/*
 * store.c - delta and snapshot files of one partition of one store.
 *
 * A version is rebuilt from the newest readable snapshot at or before it and the deltas that
 * follow. The records are gathered in a map of raw bytes, last one wins, and handed over once: the
 * live form of the state is the operator's.
 *
 * Writes are temp file, fsync, rename with overwrite, directory fsync: a version that is written
 * again after a crash replaces what was there.
 */
#include "state/state.h"

#include "base/hash.h"
#include "base/vfs.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define END_OF_RECORDS (-1)

struct StateStore {
    Arena arena;
    const char *dir;
    int64_t version;       /* loaded or committed */
    int64_t last_snapshot; /* newest snapshot at or before version, 0: none */
    StrBuf records;        /* of the changes, or of the snapshot being made */
    StrBuf packed;
};

fb_status state_store_open(const char *state_dir, uint32_t op, uint32_t partition,
                           const char *store_name, const char *codec, StateStore **ret,
                           fb_error *err)
{
    if (codec && strcmp(codec, "lz4") != 0) {
        return err_unsupported(err, "state compressed with %s", codec);
    }
    StateStore *s = mem_zalloc(sizeof(*s));
    s->dir = arena_printf(&s->arena, "%s/%u/%u", state_dir, op, partition);
    if (store_name && strcmp(store_name, "default") != 0) {
        s->dir = vfs_join(&s->arena, s->dir, store_name);
    }
    vfs_remove_temps(s->dir);
    *ret = s;
    return FB_OK;
}

void state_store_close(StateStore *s)
{
    if (!s) {
        return;
    }
    strbuf_free(&s->records);
    strbuf_free(&s->packed);
    arena_free(&s->arena);
    mem_free(s);
}

/* ---- the map used while loading ---- */

typedef struct Entry {
    const uint8_t *key, *value; /* value NULL: removed */
    uint32_t n_key, n_value;
    uint64_t hash;
    bool used;
} Entry;

typedef struct Map {
    Entry *e;
    uint64_t mask, n;
} Map;

static Entry *map_slot(const Map *m, const uint8_t *key, uint32_t n_key, uint64_t hash)
{
    uint64_t k = hash & m->mask;
    while (m->e[k].used && (m->e[k].hash != hash || m->e[k].n_key != n_key ||
                            memcmp(m->e[k].key, key, n_key) != 0)) {
        k = (k + 1) & m->mask;
    }
    return &m->e[k];
}

static void map_put(Map *m, const uint8_t *key, uint32_t n_key, const uint8_t *value,
                    uint32_t n_value)
{
    if (!m->e || m->n * 2 > m->mask) {
        Map grown = {.mask = m->e ? m->mask * 2 + 1 : 1023};
        grown.e = mem_zalloc(mem_mul(grown.mask + 1, sizeof(*grown.e)));
        for (uint64_t i = 0; m->e && i <= m->mask; i++) {
            if (m->e[i].used) {
                *map_slot(&grown, m->e[i].key, m->e[i].n_key, m->e[i].hash) = m->e[i];
            }
        }
        grown.n = m->n;
        mem_free(m->e);
        *m = grown;
    }
    uint64_t hash = hash_bytes(key, n_key, 0);
    Entry *e = map_slot(m, key, n_key, hash);
    m->n += !e->used;
    *e = (Entry){key, value, n_key, n_value, hash, true};
}

/* ---- reading ---- */

static fb_status corrupt(const char *path, const char *why, fb_error *err)
{
    fb_error cause = {0};
    (void)err_set(&cause, ERR_STATE_FILE_CORRUPT, "reason", why, NULL);
    return err_set_cause(err, &cause, ERR_CANNOT_LOAD_STATE_STORE_CANNOT_READ_DELTA_FILE, "clazz",
                         "HDFSStateStoreProvider", "fileToRead", path, "reason", why, NULL);
}

static bool take_i32(const uint8_t **p, const uint8_t *end, int32_t *ret)
{
    uint32_t v;
    if (end - *p < 4) {
        return false;
    }
    memcpy(&v, *p, 4);
    *ret = (int32_t)ntohl(v);
    *p += 4;
    return true;
}

/* Applies the records of one file; keys and values stay in raw, which the caller keeps. */
static fb_status apply_records(const char *path, const StrBuf *raw, Map *m, fb_error *err)
{
    const uint8_t *p = (const uint8_t *)raw->p, *end = p + raw->n;
    for (;;) {
        int32_t n_key, n_value;
        if (!take_i32(&p, end, &n_key)) {
            return corrupt(path, "the end mark is missing: the file was cut short", err);
        }
        if (n_key == END_OF_RECORDS) {
            return FB_OK;
        }
        const uint8_t *key = p;
        if (n_key < 0 || n_key > end - p) {
            return corrupt(path, "a key of an impossible size", err);
        }
        p += n_key;
        if (!take_i32(&p, end, &n_value) || n_value < -1 || n_value > end - p) {
            return corrupt(path, "a value of an impossible size", err);
        }
        const uint8_t *value = n_value < 0 ? NULL : p;
        p += n_value < 0 ? 0 : n_value;
        map_put(m, key, (uint32_t)n_key, value, n_value < 0 ? 0 : (uint32_t)n_value);
    }
}

static fb_status read_file(const char *path, StrBuf *raw, fb_error *err)
{
    char *bytes;
    size_t n;
    fb_error why = {0};
    VfsStat st;
    TRY(vfs()->stat(path, &st, err));
    if (!st.exists) {
        return err_set(err, ERR_CANNOT_LOAD_STATE_STORE_CANNOT_READ_DELTA_FILE_NOT_EXISTS,
                       "fileToRead", path, "clazz", "HDFSStateStoreProvider", NULL);
    }
    TRY(vfs_read_file(path, &bytes, &n, err));
    fb_status status = lz4_block_decode(bytes, n, raw, &why);
    mem_free(bytes);
    if (status != FB_OK) {
        status = corrupt(path, why.n_params ? why.params[0].value : "unreadable", err);
        err_clear(&why);
    }
    return status;
}

typedef struct Versions {
    int64_t *snapshot;
    size_t n, cap;
    int64_t upto;
    int64_t oldest_delta;
} Versions;

static bool parse_name(const char *name, const char *suffix, int64_t *ret)
{
    Str s = str_of(name);
    if (!str_has_suffix(s, str_of(suffix))) {
        return false;
    }
    s.n -= strlen(suffix);
    return s.n && s.p[0] >= '0' && s.p[0] <= '9' && parse_i64(s, ret);
}

static fb_status note_snapshot(void *arg, const char *name, fb_error *err)
{
    Versions *v = arg;
    int64_t id;
    (void)err;
    if (!parse_name(name, ".snapshot", &id) || id > v->upto) {
        return FB_OK;
    }
    if (v->n == v->cap) {
        v->cap = v->cap ? v->cap * 2 : 16;
        v->snapshot = mem_realloc(v->snapshot, mem_mul(v->cap, sizeof(*v->snapshot)));
    }
    v->snapshot[v->n++] = id;
    return FB_OK;
}

static int newest_first(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x > y ? -1 : x < y;
}

/* The bytes of the files that were read; the map's keys and values are in them. */
typedef struct Raws {
    StrBuf *file;
    size_t n, cap;
} Raws;

/* Grows with the files that are there: a version from outside may be any number. */
static StrBuf *add_raw(Raws *r)
{
    if (r->n == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 16;
        r->file = mem_realloc(r->file, mem_mul(r->cap, sizeof(*r->file)));
    }
    r->file[r->n] = (StrBuf){0};
    return &r->file[r->n++];
}

static fb_status load_from(StateStore *s, int64_t snapshot, int64_t version, Map *m, Raws *raws,
                           fb_error *err)
{
    Arena a = {0};
    fb_status st = FB_OK;
    int64_t from = snapshot > 0 ? snapshot : 1;
    for (int64_t v = from; v <= version && st == FB_OK; v++) {
        const char *suffix = v == snapshot ? "snapshot" : "delta";
        const char *path = arena_printf(&a, "%s/%" PRId64 ".%s", s->dir, v, suffix);
        StrBuf *raw = add_raw(raws);
        st = read_file(path, raw, err);
        if (st == FB_OK) {
            st = apply_records(path, raw, m, err);
        }
    }
    arena_free(&a);
    return st;
}

static fb_status hand_over(const Map *m, StateLoadFn fn, void *arg, fb_error *err)
{
    for (uint64_t i = 0; m->e && i <= m->mask; i++) {
        const Entry *e = &m->e[i];
        if (e->used && e->value) {
            TRY(fn(arg, e->key, e->n_key, e->value, e->n_value, err));
        }
    }
    return FB_OK;
}

static void drop(Map *m, Raws *raws)
{
    for (size_t i = 0; i < raws->n; i++) {
        strbuf_free(&raws->file[i]);
    }
    mem_free(raws->file);
    mem_free(m->e);
    *m = (Map){0};
}

/* Tries the snapshots from the newest down, then all deltas from version 1. When a delta is what
 * can't be read the older ones are not tried: they need it, too. */
fb_status state_store_load(StateStore *s, int64_t version, StateLoadFn fn, void *arg, fb_error *err)
{
    Versions snaps = {.upto = version};
    VfsStat dir;
    fb_status st = FB_OK;
    s->version = version;
    s->last_snapshot = 0;
    if (version == 0) {
        return FB_OK;
    }
    if (version < 0 || version == INT64_MAX) {
        char text[24];
        (void)snprintf(text, sizeof(text), "%" PRId64, version);
        return err_set(err, ERR_CANNOT_LOAD_STATE_STORE_UNEXPECTED_VERSION, "version", text, NULL);
    }
    TRY(vfs()->stat(s->dir, &dir, err));
    if (dir.exists) {
        st = vfs()->list(s->dir, note_snapshot, &snaps, err);
    }
    if (snaps.n) {
        qsort(snaps.snapshot, snaps.n, sizeof(*snaps.snapshot), newest_first);
    }
    bool more = st == FB_OK;
    for (size_t i = 0; i <= snaps.n && more; i++) {
        Map m = {0};
        Raws raws = {0};
        int64_t snapshot = i < snaps.n ? snaps.snapshot[i] : 0;
        fb_error why = {0};
        st = load_from(s, snapshot, version, &m, &raws, &why);
        if (st == FB_OK) {
            s->last_snapshot = snapshot;
            err_clear(err); /* a snapshot's failure that did not matter */
            st = hand_over(&m, fn, arg, err);
            drop(&m, &raws);
            break;
        }
        more = raws.n == 1; /* the snapshot itself */
        drop(&m, &raws);
        if (i == 0 || !err_is_set(err)) {
            err_clear(err);
            err_move(err, &why); /* the newest form's failure tells most */
        }
        err_clear(&why);
    }
    mem_free(snaps.snapshot);
    return st;
}

/* ---- writing ---- */

static void put_i32(StrBuf *b, int32_t v)
{
    uint32_t be = htonl((uint32_t)v);
    strbuf_append(b, &be, sizeof(be));
}

void state_store_begin(StateStore *s, int64_t version)
{
    s->version = version;
    strbuf_clear(&s->records);
}

void state_store_put(StateStore *s, const void *key, size_t n_key, const void *value,
                     size_t n_value)
{
    FB_ASSERT(n_key <= INT32_MAX && n_value <= INT32_MAX);
    put_i32(&s->records, (int32_t)n_key);
    strbuf_append(&s->records, key, n_key);
    put_i32(&s->records, (int32_t)n_value);
    strbuf_append(&s->records, value, n_value);
}

void state_store_remove(StateStore *s, const void *key, size_t n_key)
{
    put_i32(&s->records, (int32_t)n_key);
    strbuf_append(&s->records, key, n_key);
    put_i32(&s->records, -1);
}

static fb_status write_records(StateStore *s, int64_t version, const char *suffix, fb_error *err)
{
    Arena a = {0};
    const char *path = arena_printf(&a, "%s/%" PRId64 ".%s", s->dir, version, suffix);
    put_i32(&s->records, END_OF_RECORDS);
    strbuf_clear(&s->packed);
    lz4_block_encode(s->records.p, s->records.n, &s->packed);
    strbuf_clear(&s->records);
    fb_status st = vfs_write_file(path, s->packed.p, s->packed.n, true, NULL, err);
    arena_free(&a);
    return st;
}

fb_status state_store_commit(StateStore *s, fb_error *err)
{
    TRY(write_records(s, s->version + 1, "delta", err));
    s->version++;
    return FB_OK;
}

void state_store_abort(StateStore *s)
{
    strbuf_clear(&s->records);
}

bool state_store_snapshot_due(const StateStore *s, int64_t min_deltas)
{
    return s->version - s->last_snapshot > min_deltas;
}

void state_snapshot_begin(StateStore *s)
{
    strbuf_clear(&s->records);
}

fb_status state_snapshot_commit(StateStore *s, fb_error *err)
{
    TRY(write_records(s, s->version, "snapshot", err));
    s->last_snapshot = s->version;
    return FB_OK;
}

/* ---- cleaning up ---- */

typedef struct Cleanup {
    const char *dir;
    int64_t below; /* files of versions below go */
    Arena arena;
} Cleanup;

static fb_status remove_old(void *arg, const char *name, fb_error *err)
{
    Cleanup *c = arg;
    int64_t id;
    if ((!parse_name(name, ".delta", &id) && !parse_name(name, ".snapshot", &id)) ||
        id >= c->below) {
        return FB_OK;
    }
    TRY(vfs()->remove(vfs_join(&c->arena, c->dir, arena_printf(&c->arena, ".%s.crc", name)), err));
    TRY(vfs()->remove(vfs_join(&c->arena, c->dir, arena_printf(&c->arena, "%s.crc", name)), err));
    TRY(vfs()->remove(vfs_join(&c->arena, c->dir, arena_printf(&c->arena, ".%s.crc.crc", name)),
                      err));
    return vfs()->remove(vfs_join(&c->arena, c->dir, name), err); /* outlived by none of them */
}

fb_status state_store_cleanup(StateStore *s, int64_t keep, fb_error *err)
{
    Versions snaps = {.upto = s->version - keep};
    Cleanup c = {.dir = s->dir};
    VfsStat dir;
    if (snaps.upto < 1) {
        return FB_OK;
    }
    TRY(vfs()->stat(s->dir, &dir, err));
    if (!dir.exists) {
        return FB_OK;
    }
    fb_status st = vfs()->list(s->dir, note_snapshot, &snaps, err);
    for (size_t i = 0; i < snaps.n; i++) {
        c.below = snaps.snapshot[i] > c.below ? snaps.snapshot[i] : c.below;
    }
    mem_free(snaps.snapshot);
    if (st == FB_OK && c.below) {
        st = vfs()->list(s->dir, remove_old, &c, err);
    }
    arena_free(&c.arena);
    return st;
}
