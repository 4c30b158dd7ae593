/*
 * checkpoint.c - reading and writing the root of a checkpoint.
 */
#include "stream/checkpoint.h"

#include "base/clock.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

/* The pinned settings: key, and the value that an offsets file without the key stands for (NULL:
 * the session's). Order and keys are those of Spark 4.3's OffsetSeqMetadata. */
typedef struct Pinned {
    const char *key, *legacy;
} Pinned;

static const Pinned pinned[] = {
    {"spark.sql.shuffle.partitions", NULL},
    {"spark.sql.streaming.stateStore.providerClass", NULL},
    {"spark.sql.streaming.stateStore.compression.codec", "lz4"},
    {"spark.sql.streaming.stateStore.encodingFormat", "unsaferow"},
    {"spark.sql.streaming.stateStore.rocksdb.formatVersion", NULL},
    {"spark.sql.streaming.aggregation.stateFormatVersion", "1"},
    {"spark.sql.streaming.join.stateFormatVersion", "1"},
    {"spark.sql.streaming.flatMapGroupsWithState.stateFormatVersion", "1"},
    {"spark.sql.streaming.multipleWatermarkPolicy", "min"},
    {"spark.sql.streaming.statefulOperator.useStrictDistribution", "false"},
    {"spark.sql.optimizer.pruneFiltersCanPruneStreamingSubplan", "true"},
    {"spark.sql.streaming.stateStore.rowChecksum.enabled", "false"},
    {"spark.sql.streaming.stateStore.rocksdb.mergeOperatorVersion", "1"},
    {"spark.sql.streaming.queryEvolution.enableSourceEvolution", "false"},
    {"spark.sql.function.protobufExtensions.enabled", "false"},
    {"spark.sql.streaming.statefulOperator.alwaysNullableOutput.enabled", "false"},
    {"spark.sql.dropDuplicates.deterministicKeyOrder.enabled", "false"},
};
#define ID_SHOWN 64 /* characters of a wrong id that an error repeats */
#define N_PINNED (sizeof(pinned) / sizeof(pinned[0]))

void checkpoint_conf(const Conf *conf, Options *out, Arena *a)
{
    for (size_t i = 0; i < N_PINNED; i++) {
        const char *value = conf_get(conf, pinned[i].key, a);
        if (value) {
            options_set(out, a, pinned[i].key, value);
        }
    }
}

fb_status checkpoint_restore_conf(const OffsetEntry *entry, Conf *conf, fb_error *err)
{
    for (size_t i = 0; i < N_PINNED; i++) {
        const char *value = options_get_or(&entry->conf, pinned[i].key, pinned[i].legacy);
        if (value) {
            TRY(conf_set(conf, pinned[i].key, value, true, err));
        }
    }
    return FB_OK;
}

/* ---- metadata ---- */

static fb_status malformed(const char *path, const char *text, fb_error *err)
{
    return err_set(err, ERR_MALFORMED_LOG_FILE, "path", path, "text", text, NULL);
}

static fb_status read_metadata(Checkpoint *c, const char *path, fb_error *err)
{
    char *text;
    size_t n;
    TRY(vfs_read_file(path, &text, &n, err));
    json_error_t je;
    json_t *root = json_loadb(text, n, 0, &je);
    const char *id = json_string_value(json_object_get(root, "id"));
    char uuid[37];
    fb_status st = FB_OK;
    if (!id) {
        st = malformed(path, "no query id", err);
    } else if (!uuid_parse(str_of(id), uuid)) {
        st = err_set(
            err, ERR_LEGACY_ILLEGAL_ARGUMENT, "message",
            arena_printf(&c->arena, "Invalid UUID string: %.*s (the id in %s)", ID_SHOWN, id, path),
            NULL);
    } else {
        c->id = arena_strdup(&c->arena, uuid);
    }
    json_decref(root);
    mem_free(text);
    return st;
}

static fb_status write_metadata(Checkpoint *c, const char *path, fb_error *err)
{
    char id[37];
    bool exists = false;
    uuid_new(id);
    c->id = arena_strdup(&c->arena, id);
    const char *text = arena_printf(&c->arena, "{\"id\":\"%s\"}", id);
    TRY(vfs_write_file(path, text, strlen(text), false, &exists, err));
    return exists ? read_metadata(c, path, err) : FB_OK;
}

/* ---- offsets ---- */

/* A number, cut to an integer; one that is not there is 0. False: it is something else. */
static bool json_long(const json_t *o, const char *key, int64_t *ret)
{
    const json_t *v = json_object_get(o, key);
    double d = json_real_value(v);
    *ret = json_is_real(v) && d > -9e18 && d < 9e18 ? (int64_t)d : json_integer_value(v);
    return !v || json_is_number(v);
}

/* The lines of an offsets file after its version line. */
static fb_status parse_offsets(Checkpoint *c, const char *path, char *text, OffsetEntry *e,
                               fb_error *err)
{
    *e = (OffsetEntry){0};
    char *end = strchr(text, '\n');
    Str meta = {text, end ? (size_t)(end - text) : strlen(text)};
    if (meta.n) {
        json_error_t je;
        json_t *root = json_loadb(meta.p, meta.n, 0, &je);
        const char *key;
        json_t *value;
        if (!json_is_object(root) || !json_long(root, "batchWatermarkMs", &e->watermark_ms) ||
            !json_long(root, "batchTimestampMs", &e->timestamp_ms)) {
            const char *why = json_is_object(root) ? "a time is no number" : je.text;
            json_decref(root);
            return malformed(path, why, err);
        }
        json_object_foreach(json_object_get(root, "conf"), key, value)
        {
            if (json_is_string(value)) {
                options_set(&e->conf, &c->arena, key, json_string_value(value));
            }
        }
        json_decref(root);
    }
    uint32_t lines = 0;
    for (const char *p = end; p; p = strchr(p + 1, '\n')) {
        lines++;
    }
    e->offsets = ARENA_ARRAY(&c->arena, const char *, lines);
    for (char *p = end; p;) {
        char *next = strchr(p + 1, '\n');
        Str line = str_trim((Str){p + 1, next ? (size_t)(next - p - 1) : strlen(p + 1)});
        if (line.n || next) { /* a newline at the end is none of a source's */
            bool none = line.n == 1 && line.p[0] == '-';
            e->offsets[e->n++] = none ? NULL : arena_strndup(&c->arena, line.p, line.n);
        }
        p = next;
    }
    return FB_OK;
}

static fb_status read_offsets(Checkpoint *c, int64_t id, OffsetEntry *e, fb_error *err)
{
    char *text;
    int version = 1;
    const char *path = arena_printf(&c->arena, "%s/%" PRId64, c->offsets.dir, id);
    TRY(log_read(&c->offsets, id, 2, &version, &text, err));
    if (!text) {
        return err_set(err, ERR_MISSING_OFFSETS, "batchId", arena_printf(&c->arena, "%" PRId64, id),
                       "path", c->offsets.dir, NULL);
    }
    fb_status st = version == 1 ? parse_offsets(c, path, text, e, err)
                                : err_unsupported(err, "offset log version %d (%s)", version, path);
    mem_free(text);
    return st;
}

static fb_status read_commit(Checkpoint *c, int64_t id, fb_error *err)
{
    char *text;
    int version = 1;
    TRY(log_read(&c->commits, id, 3, &version, &text, err));
    if (!text) {
        return FB_OK;
    }
    if (version != 1) {
        mem_free(text);
        return err_unsupported(err, "commit log version %d (%s/%" PRId64 ")", version,
                               c->commits.dir, id);
    }
    json_error_t je;
    json_t *root = *text ? json_loads(text, 0, &je) : NULL;
    fb_status st = FB_OK;
    bool object = !*text || json_is_object(root);
    if (!object || !json_long(root, "nextBatchWatermarkMs", &c->next_watermark_ms)) {
        st = malformed(arena_printf(&c->arena, "%s/%" PRId64, c->commits.dir, id),
                       object ? "the watermark is no number" : je.text, err);
    }
    json_decref(root);
    mem_free(text);
    return st;
}

/* ---- opening ---- */

static fb_status has_entries(const char *dir, bool *ret, fb_error *err)
{
    Arena a = {0};
    int64_t *ids;
    size_t n = 0;
    MetadataLog l = {dir};
    fb_status st = log_ids(&l, &a, &ids, &n, err);
    *ret = n > 0;
    arena_free(&a);
    return st;
}

static fb_status open_metadata(Checkpoint *c, int64_t last_offset, fb_error *err)
{
    const char *path = vfs_join(&c->arena, c->dir, "metadata");
    VfsStat st;
    bool commits;
    TRY(vfs()->stat(path, &st, err));
    if (st.exists) {
        return read_metadata(c, path, err);
    }
    TRY(has_entries(c->commits.dir, &commits, err));
    if (last_offset >= 0 || commits) {
        return err_set(err, ERR_STREAMING_CHECKPOINT_MISSING_METADATA_FILE, "checkpointLocation",
                       c->dir, NULL);
    }
    return write_metadata(c, path, err);
}

static fb_status state_is_empty(Checkpoint *c, bool *ret, fb_error *err)
{
    VfsStat st;
    const char *path = vfs_join(&c->arena, c->dir, "state/0");
    TRY(vfs()->stat(path, &st, err));
    *ret = !st.exists;
    return FB_OK;
}

static fb_status check_sources(Checkpoint *c, int64_t id, const OffsetEntry *e, uint32_t n_sources,
                               fb_error *err)
{
    if (e->n == n_sources) {
        return FB_OK;
    }
    return err_set(err, ERR_CHECKPOINT_SOURCES, "found", arena_printf(&c->arena, "%u", e->n),
                   "expected", arena_printf(&c->arena, "%u", n_sources), "path",
                   arena_printf(&c->arena, "%s/%" PRId64, c->offsets.dir, id), NULL);
}

static fb_status read_logs(Checkpoint *c, uint32_t n_sources, fb_error *err)
{
    bool empty_state;
    if (c->last_offset < 0) {
        TRY(state_is_empty(c, &empty_state, err));
        if (c->last_commit >= 0) {
            return err_set(err, ERR_STREAMING_CHECKPOINT_NOT_EMPTY, "checkpointLocation", c->dir,
                           NULL);
        }
        return empty_state ? FB_OK
                           : err_set(err, ERR_STATE_STORE_CHECKPOINT_LOCATION_NOT_EMPTY,
                                     "checkpointLocation",
                                     arena_printf(&c->arena, "file:%s/state", c->dir), NULL);
    }
    if (c->last_commit > c->last_offset) {
        return err_set(err, ERR_CHECKPOINT_COMMIT_AHEAD, "commit",
                       arena_printf(&c->arena, "%" PRId64, c->last_commit), "offset",
                       arena_printf(&c->arena, "%" PRId64, c->last_offset), "path", c->dir,
                       "batchId", arena_printf(&c->arena, "%" PRId64, c->last_commit), NULL);
    }
    TRY(read_offsets(c, c->last_offset, &c->last, err));
    if (c->last_offset > 0) {
        TRY(read_offsets(c, c->last_offset - 1, &c->before, err));
    }
    TRY(check_sources(c, c->last_offset, &c->last, n_sources, err));
    if (c->last_offset > 0) {
        TRY(check_sources(c, c->last_offset - 1, &c->before, n_sources, err));
    }
    return c->last_commit >= 0 ? read_commit(c, c->last_commit, err) : FB_OK;
}

static fb_status open_root(Checkpoint *c, const char *dir, fb_error *err)
{
    int64_t *ids;
    size_t n;
    *c = (Checkpoint){.last_offset = -1, .last_commit = -1};
    c->dir = arena_strdup(&c->arena, dir);
    c->offsets.dir = vfs_join(&c->arena, dir, "offsets");
    c->commits.dir = vfs_join(&c->arena, dir, "commits");
    TRY(vfs_make_dirs(dir, err));
    TRY(log_ids(&c->offsets, &c->arena, &ids, &n, err));
    c->last_offset = n ? ids[n - 1] : -1;
    return open_metadata(c, c->last_offset, err);
}

fb_status checkpoint_identify(const char *dir, char ret_id[37], fb_error *err)
{
    Checkpoint c;
    fb_status st = open_root(&c, dir, err);
    if (st == FB_OK) {
        (void)snprintf(ret_id, 37, "%s", c.id);
    }
    checkpoint_close(&c);
    return st;
}

/* A run that failed may have left entries whose folder was not synced, and temp files. */
static fb_status settle(Checkpoint *c, fb_error *err)
{
    TRY(vfs_settle(c->dir, err));
    TRY(c->last_offset >= 0 ? vfs_settle(c->offsets.dir, err) : FB_OK);
    TRY(c->last_commit >= 0 ? vfs_settle(c->commits.dir, err) : FB_OK);
    vfs_remove_temps(c->dir);
    vfs_remove_temps(c->offsets.dir);
    vfs_remove_temps(c->commits.dir);
    return FB_OK;
}

fb_status checkpoint_open(Checkpoint *c, const char *dir, uint32_t n_sources, fb_error *err)
{
    int64_t *ids;
    size_t n;
    TRY(open_root(c, dir, err));
    TRY(log_ids(&c->commits, &c->arena, &ids, &n, err));
    c->last_commit = n ? ids[n - 1] : -1;
    TRY(settle(c, err));
    return read_logs(c, n_sources, err);
}

void checkpoint_close(Checkpoint *c)
{
    arena_free(&c->arena);
}

/* ---- writing ---- */

fb_status checkpoint_write_offsets(Checkpoint *c, int64_t batch, const OffsetEntry *e,
                                   fb_error *err)
{
    json_t *conf = json_object();
    for (uint32_t i = 0; i < e->conf.n; i++) {
        json_object_set_new(conf, e->conf.keys[i], json_string(e->conf.values[i]));
    }
    json_t *root = json_pack("{s:I, s:I, s:o}", "batchWatermarkMs", (json_int_t)e->watermark_ms,
                             "batchTimestampMs", (json_int_t)e->timestamp_ms, "conf", conf);
    char *meta = json_dumps(root, JSON_COMPACT);
    StrBuf b = {0};
    strbuf_puts(&b, meta);
    for (uint32_t i = 0; i < e->n; i++) {
        strbuf_putc(&b, '\n');
        strbuf_puts(&b, e->offsets[i] ? e->offsets[i] : "-");
    }
    free(meta); /* checksrc-allow: jansson's own allocation */
    json_decref(root);
    fb_status st = log_add(&c->offsets, batch, strbuf_str(&b), err);
    strbuf_free(&b);
    return st;
}

fb_status checkpoint_write_commit(Checkpoint *c, int64_t batch, int64_t next_watermark_ms,
                                  fb_error *err)
{
    char body[64];
    int n =
        snprintf(body, sizeof(body), "{\"nextBatchWatermarkMs\":%" PRId64 "}", next_watermark_ms);
    return log_add(&c->commits, batch, (Str){body, (size_t)n}, err);
}

fb_status checkpoint_purge(Checkpoint *c, int64_t batch, int64_t keep, fb_error *err)
{
    if (batch <= keep) {
        return FB_OK;
    }
    TRY(log_purge(&c->offsets, batch - keep, err));
    return log_purge(&c->commits, batch - keep, err);
}
