/*
 * metadata_log.c - HDFSMetadataLog and CompactibleFileStreamLog of Spark, on local files.
 */
#include "stream/metadata_log.h"

#include "base/clock.h"
#include "base/log.h"

#include <inttypes.h>
#include <stdlib.h>

#define COMPACT_SUFFIX ".compact"
#define ID_MAX ((int64_t)1 << 40) /* a batch a millisecond gets there in 35 years */

/* ---- single files ---- */

static char *entry_path(const MetadataLog *l, Arena *a, int64_t id, bool compact)
{
    return vfs_join(a, l->dir, arena_printf(a, "%" PRId64 "%s", id, compact ? COMPACT_SUFFIX : ""));
}

static fb_status add_file(const MetadataLog *l, int64_t id, bool compact, Str body, fb_error *err)
{
    Arena a = {0};
    StrBuf b = {0};
    bool exists = false;
    const char *path = entry_path(l, &a, id, compact);
    strbuf_puts(&b, "v1");
    if (body.n) {
        strbuf_putc(&b, '\n');
        strbuf_append(&b, body.p, body.n);
    }
    fb_status st = vfs_write_file(path, b.p, b.n, false, &exists, err);
    if (st == FB_OK && exists) {
        st = err_set(err, ERR_CONCURRENT_STREAM_LOG_UPDATE, "batchId",
                     arena_printf(&a, "%" PRId64, id), "path", path, NULL);
    }
    strbuf_free(&b);
    arena_free(&a);
    return st;
}

fb_status log_add(const MetadataLog *l, int64_t id, Str body, fb_error *err)
{
    return add_file(l, id, false, body, err);
}

/* "v1" -> 1; -1 if the line is no version. */
static int parse_version(Str line)
{
    int64_t v;
    if (line.n < 2 || line.p[0] != 'v' || !parse_i64((Str){line.p + 1, line.n - 1}, &v) || v < 1 ||
        v > INT32_MAX) {
        return -1;
    }
    return (int)v;
}

static fb_status read_file(const char *path, int max_version, int *ret_version, char **ret,
                           fb_error *err)
{
    char *text;
    size_t n;
    TRY(vfs_read_file(path, &text, &n, err));
    if (memchr(text, '\0', n)) { /* blocks that a crash of the machine left unwritten */
        mem_free(text);
        return err_set(err, ERR_MALFORMED_LOG_FILE, "path", path, "text", "it has zero bytes in it",
                       NULL);
    }
    char *nl = memchr(text, '\n', n);
    Str head = {text, nl ? (size_t)(nl - text) : n};
    int version = parse_version(head);
    if (version < 0 || version > max_version) {
        char first[24];
        size_t k = head.n < sizeof(first) - 1 ? head.n : sizeof(first) - 1;
        memcpy(first, head.p, k);
        first[k] = 0;
        fb_status st =
            version < 0 ? err_set(err, ERR_MALFORMED_LOG_FILE, "path", path, "text", first, NULL)
                        : err_set(err, ERR_UNSUPPORTED_LOG_VERSION, "path", path, "version", first,
                                  "maxSupportedVersion", max_version == 1 ? "1" : "2", NULL);
        mem_free(text);
        return st;
    }
    if (ret_version) {
        *ret_version = version;
    }
    size_t skip = nl ? head.n + 1 : head.n;
    memmove(text, text + skip, n - skip + 1);
    *ret = text;
    return FB_OK;
}

fb_status log_read(const MetadataLog *l, int64_t id, int max_version, int *ret_version, char **ret,
                   fb_error *err)
{
    Arena a = {0};
    VfsStat st;
    const char *path = entry_path(l, &a, id, false);
    *ret = NULL;
    fb_status status = vfs()->stat(path, &st, err);
    if (status == FB_OK && st.exists) {
        status = read_file(path, max_version, ret_version, ret, err);
    }
    arena_free(&a);
    return status;
}

/* ---- listing ---- */

typedef struct IdList {
    Arena *arena;
    int64_t *ids;
    size_t n, cap;
    bool compact; /* collect "<id>.compact" too */
    int64_t newest_compact, second_compact;
} IdList;

static void add_id(IdList *l, int64_t id)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        int64_t *grown = ARENA_ARRAY(l->arena, int64_t, cap);
        if (l->n) {
            memcpy(grown, l->ids, l->n * sizeof(*grown));
        }
        l->ids = grown;
        l->cap = cap;
    }
    l->ids[l->n++] = id;
}

/* An id as it is written: of "07" and "7" only one can be the file of batch 7. */
static bool parse_id(Str s, int64_t *ret)
{
    return s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9' && (s.p[0] != '0' || s.n == 1) &&
           parse_i64(s, ret) && *ret < ID_MAX;
}

static fb_status collect_id(void *arg, const char *name, fb_error *err)
{
    IdList *l = arg;
    Str s = str_of(name);
    int64_t id;
    bool compact = false;
    (void)err;
    if (l->compact && str_has_suffix(s, STR_LIT(COMPACT_SUFFIX))) {
        compact = true;
        s.n -= strlen(COMPACT_SUFFIX);
    }
    if (!parse_id(s, &id)) {
        return FB_OK;
    }
    if (compact) {
        if (id > l->newest_compact) {
            l->second_compact = l->newest_compact;
            l->newest_compact = id;
        } else if (id > l->second_compact) {
            l->second_compact = id;
        }
    }
    add_id(l, id);
    return FB_OK;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static fb_status list_ids(const char *dir, IdList *l, fb_error *err)
{
    VfsStat st;
    TRY(vfs()->stat(dir, &st, err));
    if (!st.exists) {
        return FB_OK;
    }
    TRY(vfs()->list(dir, collect_id, l, err));
    if (l->n) {
        qsort(l->ids, l->n, sizeof(*l->ids), compare_ids);
    }
    return FB_OK;
}

fb_status log_ids(const MetadataLog *l, Arena *a, int64_t **ret, size_t *ret_n, fb_error *err)
{
    IdList list = {.arena = a, .newest_compact = -1, .second_compact = -1};
    TRY(list_ids(l->dir, &list, err));
    *ret = list.ids;
    *ret_n = list.n;
    return FB_OK;
}

/* An entry and Hadoop's hidden checksum file of it, which must never outlive it: it goes first. */
static fb_status remove_entry(const MetadataLog *l, Arena *a, int64_t id, bool compact,
                              fb_error *err)
{
    const char *suffix = compact ? COMPACT_SUFFIX : "";
    TRY(vfs()->remove(vfs_join(a, l->dir, arena_printf(a, ".%" PRId64 "%s.crc", id, suffix)), err));
    return vfs()->remove(entry_path(l, a, id, compact), err);
}

fb_status log_purge(const MetadataLog *l, int64_t below, fb_error *err)
{
    Arena a = {0};
    int64_t *ids;
    size_t n;
    fb_status st = log_ids(l, &a, &ids, &n, err);
    for (size_t i = 0; st == FB_OK && i < n && ids[i] < below; i++) {
        st = remove_entry(l, &a, ids[i], false, err);
    }
    arena_free(&a);
    return st;
}

/* ---- compacting ---- */

static bool is_compaction(int64_t id, int64_t interval)
{
    return (id + 1) % interval == 0;
}

/* The interval that an existing log was written with. */
static int64_t derive_interval(const IdList *ids, int64_t conf)
{
    if (ids->second_compact >= 0) {
        return ids->newest_compact - ids->second_compact;
    }
    if (ids->newest_compact < 0) {
        return conf;
    }
    int64_t first = ids->newest_compact + 1;
    if (first <= conf) {
        return first;
    }
    /* The least divisor from conf on, found with its counterpart below the root. */
    int64_t best = first;
    for (int64_t d = 1; d <= first / d; d++) {
        if (first % d == 0) {
            best = d >= conf && d < best ? d : best;
            best = first / d >= conf && first / d < best ? first / d : best;
        }
    }
    return best;
}

fb_status compact_log_find(CompactLog *l, const char *dir, int64_t interval, fb_error *err)
{
    Arena a = {0};
    IdList ids = {.arena = &a, .compact = true, .newest_compact = -1, .second_compact = -1};
    *l = (CompactLog){.log = {dir}, .newest = -1};
    fb_status st = list_ids(dir, &ids, err);
    if (st == FB_OK) {
        l->interval = derive_interval(&ids, interval > 0 ? interval : 1);
        l->newest = ids.n ? ids.ids[ids.n - 1] : -1;
    }
    arena_free(&a);
    return st;
}

fb_status compact_log_open(CompactLog *l, const char *dir, int64_t interval, int64_t keep,
                           int64_t delay_ms, fb_error *err)
{
    TRY(compact_log_find(l, dir, interval, err));
    l->keep = keep;
    l->delay_ms = delay_ms;
    TRY(l->newest >= 0 ? vfs_settle(dir, err) : FB_OK);
    vfs_remove_temps(dir);
    return FB_OK;
}

typedef fb_status (*LineFn)(void *arg, int64_t id, const char *line, fb_error *err);

static fb_status each_line(const char *path, int64_t id, LineFn fn, void *arg, fb_error *err)
{
    char *text;
    TRY(read_file(path, 1, NULL, &text, err));
    fb_status st = FB_OK;
    for (char *line = text; *line && st == FB_OK;) {
        char *end = strchr(line, '\n');
        char *next = end ? end + 1 : line + strlen(line);
        if (end) {
            *end = 0;
        }
        if (*line) {
            st = fn(arg, id, line, err);
        }
        line = next;
    }
    mem_free(text);
    return st;
}

/* All entries up to that id, or with INT64_MAX those that are there. */
static fb_status each_entry(const CompactLog *l, int64_t upto, LineFn fn, void *arg, fb_error *err)
{
    bool whole = upto == INT64_MAX;
    Arena a = {0};
    IdList ids = {.arena = &a, .compact = true, .newest_compact = -1, .second_compact = -1};
    fb_status st = list_ids(l->log.dir, &ids, err);
    int64_t from = ids.newest_compact <= upto ? ids.newest_compact : ids.second_compact;
    int64_t want = from < 0 ? 0 : from; /* the next id: a gap is an entry that was lost */
    for (size_t i = 0; i < ids.n && st == FB_OK; i++) {
        int64_t id = ids.ids[i];
        if (id < want || id > upto) {
            continue;
        }
        if (id > want) {
            break;
        }
        want++;
        st = each_line(entry_path(&l->log, &a, id, id == from), id, fn, arg, err);
    }
    int64_t newest = ids.n > 0 ? ids.ids[ids.n - 1] : -1;
    if (st == FB_OK && want <= (whole ? newest : upto)) {
        st = err_set(err, ERR_LEGACY_ILLEGAL_STATE, "message",
                     arena_printf(&a, "%s doesn't exist, though later entries do: restore it",
                                  entry_path(&l->log, &a, want, false)),
                     NULL);
    }
    arena_free(&a);
    return st;
}

fb_status compact_log_each(const CompactLog *l, LineFn fn, void *arg, fb_error *err)
{
    return each_entry(l, INT64_MAX, fn, arg, err);
}

static void add_line(StrBuf *body, const char *line)
{
    if (body->n) {
        strbuf_putc(body, '\n');
    }
    strbuf_puts(body, line);
}

static fb_status compact_line(void *arg, int64_t id, const char *line, fb_error *err)
{
    StrBuf *body = arg;
    (void)id;
    (void)err;
    add_line(body, line);
    return FB_OK;
}

fb_status compact_log_has(const CompactLog *l, int64_t id, bool *ret, fb_error *err)
{
    Arena a = {0};
    VfsStat plain = {0}, compact = {0};
    fb_status st = vfs()->stat(entry_path(&l->log, &a, id, false), &plain, err);
    if (st == FB_OK) {
        st = vfs()->stat(entry_path(&l->log, &a, id, true), &compact, err);
    }
    arena_free(&a);
    *ret = plain.exists || compact.exists;
    return st;
}

/* Deletes files that the last compaction made superfluous, unless they are young: another process
 * may still be reading them. */
static fb_status clean_up(const CompactLog *l, int64_t id, fb_error *err)
{
    Arena a = {0};
    IdList ids = {.arena = &a, .compact = true, .newest_compact = -1, .second_compact = -1};
    int64_t horizon = id + 1 - l->keep;
    int64_t compact = horizon > 0 ? horizon / l->interval * l->interval - 1 : -1;
    if (compact < 0) {
        return FB_OK;
    }
    fb_status st = list_ids(l->log.dir, &ids, err);
    int64_t now = clock_now_ms();
    for (size_t i = 0; i < ids.n && st == FB_OK && ids.ids[i] < compact; i++) {
        bool is_compact = is_compaction(ids.ids[i], l->interval);
        VfsStat file;
        st = vfs()->stat(entry_path(&l->log, &a, ids.ids[i], is_compact), &file, err);
        if (st == FB_OK && file.exists && now - file.mtime_ms > l->delay_ms) {
            st = remove_entry(&l->log, &a, ids.ids[i], is_compact, err);
        }
    }
    arena_free(&a);
    return st;
}

fb_status compact_log_add(CompactLog *l, int64_t id, const char *const *lines, size_t n,
                          fb_error *err)
{
    StrBuf body = {0};
    bool compact = is_compaction(id, l->interval);
    fb_status st = FB_OK;
    if (compact) {
        st = each_entry(l, id - 1, compact_line, &body, err);
    }
    for (size_t i = 0; i < n; i++) {
        add_line(&body, lines[i]);
    }
    if (st == FB_OK) {
        st = add_file(&l->log, id, compact, strbuf_str(&body), err);
    }
    strbuf_free(&body);
    if (st != FB_OK) {
        return st;
    }
    l->newest = id;
    fb_error failed = {0};
    if (compact && clean_up(l, id, &failed) != FB_OK) { /* the entry stands; the next one tries */
        LOG_WARN("CompactibleFileStreamLog", "can't remove old entries of %s: %s", l->log.dir,
                 failed.message);
        err_clear(&failed);
    }
    return FB_OK;
}
