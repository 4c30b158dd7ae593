/*
 * file_stream.c - the file source of streams: FileStreamSource of Spark.
 *
 * New files are found by listing: a path that the log does not have, not older than maxFileAge
 * before the newest file seen. They are taken in order of modification time, up to the limit of a
 * trigger, and written to the source's log before the batch's offset is; the log's own counter is
 * the offset. A batch reads the files of the entries after its start.
 */
#include "connector/file_scan.h"

#include "base/hash.h"
#include "base/log.h"
#include "column/number.h"
#include "stream/metadata_log.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct LoggedFile {
    const char *path; /* in arena */
    int64_t mtime_ms, batch;
} LoggedFile;

typedef enum CleanSource { CLEAN_OFF, CLEAN_DELETE, CLEAN_ARCHIVE } CleanSource;

typedef struct FileStream {
    StreamSource base;
    FileTable *table;
    Arena arena;
    CompactLog log;
    LoggedFile *logged; /* in log order */
    size_t n_logged, cap_logged;
    uint32_t *seen; /* open addressing: index of logged + 1 */
    uint32_t seen_mask;
    int64_t newest_mtime_ms;
    Source **scan;
    uint32_t n_scans, cap_scans;
    int64_t max_files, max_bytes; /* 0: no limit */
    int64_t max_age_ms;
    bool latest_first, name_only;
    CleanSource clean;
    const char *archive;
    int64_t cleaned; /* offsets up to this are cleaned */
    bool frozen;     /* AvailableNow: only the files listed at the start */
    FileList available;
    Arena available_arena;
} FileStream;

/* ---- files seen ---- */

static const char *identity(const FileStream *s, const char *path)
{
    return s->name_only ? vfs_basename(path) : path;
}

static uint32_t *seen_slot(FileStream *s, const char *path)
{
    const char *id = identity(s, path);
    uint32_t k = (uint32_t)hash_bytes(id, strlen(id), 0) & s->seen_mask;
    while (s->seen[k] && strcmp(identity(s, s->logged[s->seen[k] - 1].path), id) != 0) {
        k = (k + 1) & s->seen_mask;
    }
    return &s->seen[k];
}

static void remember(FileStream *s, const char *path, int64_t mtime_ms, int64_t batch)
{
    if (s->n_logged == s->cap_logged) {
        s->cap_logged = s->cap_logged ? s->cap_logged * 2 : 256;
        s->logged = mem_realloc(s->logged, mem_mul(s->cap_logged, sizeof(*s->logged)));
    }
    if ((s->n_logged + 1) * 2 > s->seen_mask) {
        uint32_t slots = s->seen_mask ? (s->seen_mask + 1) * 2 : 1024;
        mem_free(s->seen);
        s->seen = mem_zalloc(mem_mul(slots, sizeof(*s->seen)));
        s->seen_mask = slots - 1;
        for (size_t i = 0; i < s->n_logged; i++) {
            *seen_slot(s, s->logged[i].path) = (uint32_t)i + 1;
        }
    }
    s->logged[s->n_logged++] = (LoggedFile){arena_strdup(&s->arena, path), mtime_ms, batch};
    *seen_slot(s, path) = (uint32_t)s->n_logged;
    s->newest_mtime_ms = mtime_ms > s->newest_mtime_ms ? mtime_ms : s->newest_mtime_ms;
}

static bool is_new(FileStream *s, const FileEntry *f)
{
    bool limited = s->max_files || s->max_bytes;
    if (!(s->latest_first && limited) && f->mtime_ms < s->newest_mtime_ms - s->max_age_ms) {
        return false;
    }
    return !s->seen_mask || *seen_slot(s, f->path) == 0;
}

static fb_status load_entry(void *arg, int64_t id, const char *line, fb_error *err)
{
    FileStream *s = arg;
    json_error_t je;
    json_t *o = json_loads(line, 0, &je);
    const char *uri = json_string_value(json_object_get(o, "path"));
    char *path = NULL;
    (void)id;
    fb_status st =
        uri ? vfs_path_of_uri(&s->arena, uri, &path, err)
            : err_set(err, ERR_MALFORMED_LOG_FILE, "path", s->log.log.dir, "text", line, NULL);
    if (st == FB_OK) {
        remember(s, path, (int64_t)json_integer_value(json_object_get(o, "timestamp")),
                 (int64_t)json_integer_value(json_object_get(o, "batchId")));
    }
    json_decref(o);
    return st;
}

/* ---- offsets ---- */

static bool parse_offset(const char *text, int64_t *ret)
{
    if (!text) {
        *ret = -1;
        return true;
    }
    if (parse_i64(str_of(text), ret)) {
        return true;
    }
    json_error_t je;
    json_t *o = json_loads(text, 0, &je);
    const json_t *n = json_object_get(o, "logOffset");
    bool ok = json_is_integer(n);
    *ret = ok ? (int64_t)json_integer_value(n) : -1;
    json_decref(o);
    return ok;
}

static fb_status bad_offset(const FileStream *s, const char *text, fb_error *err)
{
    return err_set(err, ERR_MALFORMED_LOG_FILE, "path", s->log.log.dir, "text", text, NULL);
}

/* An offset is ahead of the log: without what the log told, files would be read again or never. */
static fb_status not_logged(const FileStream *s, int64_t id, fb_error *err)
{
    Arena a = {0};
    fb_status st = err_set(err, ERR_LEGACY_ILLEGAL_STATE, "message",
                           arena_printf(&a,
                                        "batch %" PRId64 " doesn't exist in %s, which tells the "
                                        "files that were read: the checkpoint is not whole",
                                        id, s->log.log.dir),
                           NULL);
    arena_free(&a);
    return st;
}

static fb_status stream_check(StreamSource *src, const char *earlier, const char *later,
                              fb_error *err)
{
    FileStream *s = (FileStream *)src;
    int64_t from, to;
    char message[256];
    if (!parse_offset(earlier, &from) || !parse_offset(later, &to)) {
        return bad_offset(s, "an offset of the file source", err);
    }
    if (to > s->log.newest) {
        return not_logged(s, to, err);
    }
    s->cleaned = from; /* a file that has come back under the name of an older one is not ours */
    if (!later || to >= from) {
        return FB_OK;
    }
    (void)snprintf(message, sizeof(message),
                   "assertion failed: the offset log goes from logOffset %" PRId64
                   " back to %" PRId64 ", so files that were read would be read again",
                   from, to);
    return err_set(err, ERR_LEGACY_ILLEGAL_STATE, "message", message, NULL);
}

static int by_time(const void *a, const void *b)
{
    const FileEntry *x = a, *y = b;
    if (x->mtime_ms != y->mtime_ms) {
        return x->mtime_ms < y->mtime_ms ? -1 : 1;
    }
    return strcmp(x->path, y->path);
}

static int latest_first(const void *a, const void *b)
{
    return by_time(b, a);
}

/* A sink's files are what its log says: if they were removed the folder would not be whole. */
static fb_status refuse_clean(FileStream *s, fb_error *err)
{
    bool logged = false;
    if (s->clean != CLEAN_OFF && s->table->n_paths == 1) {
        TRY(files_has_sink_log(s->table->paths[0], s->table->conf, &logged, err));
    }
    return logged ? err_set(err, ERR_CLEAN_SOURCE_OF_SINK, NULL) : FB_OK;
}

static fb_status list_files(FileStream *s, Arena *a, FileList *list, fb_error *err)
{
    list->plain_paths = true;
    TRY(refuse_clean(s, err));
    return file_table_list(s->table, a, false, list, err);
}

/* How many of the new files, in order, one batch takes. */
static size_t take(const FileStream *s, const FileEntry *f, size_t n, ReadLimit limit)
{
    if (limit == READ_ALL) {
        return n;
    }
    if (s->max_files && n > (size_t)s->max_files) {
        return (size_t)s->max_files;
    }
    if (s->max_bytes) {
        int64_t bytes = 0;
        size_t k = 0;
        while (k < n && (k == 0 || bytes + f[k].size <= s->max_bytes)) {
            bytes += f[k++].size;
        }
        return k;
    }
    return n;
}

static fb_status log_files(FileStream *s, const FileEntry *f, size_t n, fb_error *err)
{
    Arena a = {0};
    int64_t id = s->log.newest + 1;
    const char **lines = ARENA_ARRAY(&a, const char *, n);
    for (size_t i = 0; i < n; i++) {
        json_t *o = json_pack("{s:s, s:I, s:I}", "path", vfs_uri_of_path(&a, f[i].path),
                              "timestamp", (json_int_t)f[i].mtime_ms, "batchId", (json_int_t)id);
        char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
        if (!text) {
            arena_free(&a);
            json_decref(o);
            return err_set(err, ERR_IO, "action", "record the name of", "path", f[i].path, "reason",
                           "it is not valid UTF-8", NULL);
        }
        lines[i] = arena_strdup(&a, text);
        free(text); /* checksrc-allow: jansson's own allocation */
        json_decref(o);
    }
    fb_status st = compact_log_add(&s->log, id, lines, n, err);
    for (size_t i = 0; st == FB_OK && i < n; i++) {
        remember(s, f[i].path, f[i].mtime_ms, id);
    }
    arena_free(&a);
    return st;
}

static fb_status stream_latest(StreamSource *src, const char *start, ReadLimit limit, Arena *out,
                               const char **ret, fb_error *err)
{
    FileStream *s = (FileStream *)src;
    Arena a = {0};
    FileList fresh = {0};
    size_t n = 0;
    fb_status st = FB_OK;
    int64_t from;
    if (parse_offset(start, &from) && from > s->log.newest) {
        return not_logged(s, from, err);
    }
    if (s->frozen) {
        fresh = s->available;
        fresh.file = ARENA_ARRAY(&a, FileEntry, fresh.n);
        if (fresh.n) {
            memcpy(fresh.file, s->available.file, fresh.n * sizeof(*fresh.file));
        }
    } else {
        st = list_files(s, &a, &fresh, err);
    }
    for (size_t i = 0; i < fresh.n; i++) {
        if (is_new(s, &fresh.file[i])) {
            fresh.file[n++] = fresh.file[i];
        }
    }
    if (st == FB_OK && n) {
        qsort(fresh.file, n, sizeof(*fresh.file), s->latest_first ? latest_first : by_time);
        st = log_files(s, fresh.file, take(s, fresh.file, n, limit), err);
    }
    arena_free(&a);
    *ret =
        s->log.newest < 0 ? NULL : arena_printf(out, "{\"logOffset\":%" PRId64 "}", s->log.newest);
    return st;
}

static fb_status stream_freeze(StreamSource *src, fb_error *err)
{
    FileStream *s = (FileStream *)src;
    s->frozen = true;
    return list_files(s, &s->available_arena, &s->available, err);
}

/* ---- reading ---- */

static fb_status stream_scan(StreamSource *src, const ScanRequest *req, Source **ret, fb_error *err)
{
    FileStream *s = (FileStream *)src;
    TRY(file_scan_new(s->table, req, ret, err));
    if (s->n_scans == s->cap_scans) {
        s->cap_scans = s->cap_scans ? s->cap_scans * 2 : 4;
        s->scan = mem_realloc(s->scan, mem_mul(s->cap_scans, sizeof(*s->scan)));
    }
    s->scan[s->n_scans++] = *ret;
    return FB_OK;
}

/* Partition values from the folders of a path; nothing else is known of a file of the log. */
static fb_status path_values(FileStream *s, Arena *a, const char *path, const Vec **ret,
                             fb_error *err)
{
    const FileTable *t = s->table;
    FileFolder folder = {.path = vfs_dirname(a, path)};
    const char *bases[1], *base;
    char *given;
    uint32_t n = 0;
    if (t->rules.base) {
        bases[n++] = t->rules.base;
    } else if (t->n_paths == 1 && !files_is_glob(t->paths[0])) {
        TRY(vfs_path_of_uri(a, t->paths[0], &given, err));
        bases[n++] = vfs_absolute(a, given);
    }
    if (t->keys.n) {
        TRY(partition_folder(a, &folder, bases, n, &base, err));
    }
    return partition_values(a, &t->rules, &t->keys, &folder, ret, err);
}

static fb_status stream_bind(StreamSource *src, const char *start, const char *end, fb_error *err)
{
    FileStream *s = (FileStream *)src;
    int64_t from, to;
    if (!parse_offset(start, &from) || !parse_offset(end, &to)) {
        return bad_offset(s, "an offset of the file source", err);
    }
    Arena a = {0};
    FileEntry *files = ARENA_ARRAY(&a, FileEntry, s->n_logged);
    size_t n = 0;
    fb_status st = FB_OK;
    for (size_t i = 0; i < s->n_logged && st == FB_OK; i++) {
        const LoggedFile *f = &s->logged[i];
        VfsStat file;
        if (f->batch <= from || f->batch > to) {
            continue;
        }
        st = vfs()->stat(f->path, &file, err);
        if (st == FB_OK && !file.exists && s->table->ignore_missing) {
            continue;
        }
        if (st == FB_OK && !file.exists) {
            st = err_set(err, ERR_FAILED_READ_FILE_FILE_NOT_EXIST, "path",
                         arena_printf(&a, "file://%s", f->path), NULL);
        }
        files[n] = (FileEntry){.path = f->path, .size = file.size, .mtime_ms = f->mtime_ms};
        if (st == FB_OK) {
            st = path_values(s, &a, f->path, &files[n++].values, err);
        }
    }
    for (uint32_t i = 0; st == FB_OK && i < s->n_scans; i++) {
        file_scan_bind(s->scan[i], files, n);
    }
    arena_free(&a);
    return st;
}

/* ---- cleaning ---- */

static void clean_file(FileStream *s, const char *path)
{
    fb_error err = {0};
    Arena a = {0};
    fb_status st;
    if (s->clean == CLEAN_DELETE) {
        st = vfs()->remove(path, &err);
    } else {
        const char *to = arena_printf(&a, "%s%s", s->archive, path);
        st = vfs()->mkdirs(vfs_dirname(&a, to), &err);
        if (st == FB_OK) {
            st = vfs()->rename(path, to, &err);
        }
    }
    if (st != FB_OK) {
        LOG_WARN("FileStreamSource", "can't clean up %s: %s", path, err.message);
    }
    err_clear(&err);
    arena_free(&a);
}

static fb_status stream_commit(StreamSource *src, const char *end, fb_error *err)
{
    FileStream *s = (FileStream *)src;
    int64_t to;
    (void)err;
    if (s->clean == CLEAN_OFF || !parse_offset(end, &to)) {
        return FB_OK;
    }
    for (size_t i = 0; i < s->n_logged; i++) {
        if (s->logged[i].batch > s->cleaned && s->logged[i].batch <= to) {
            clean_file(s, s->logged[i].path);
        }
    }
    s->cleaned = to;
    return FB_OK;
}

/* ---- options ---- */

static fb_status bad_option(const char *option, const char *value, const char *expected,
                            fb_error *err)
{
    return err_set(err, ERR_STREAM_OPTION_INVALID, "value", value, "option", option, "expected",
                   expected, NULL);
}

static fb_status positive(const Options *o, const char *option, int64_t most, int64_t *ret,
                          fb_error *err)
{
    const char *v = options_get(o, option);
    if (v && (!parse_i64(str_of(v), ret) || *ret <= 0 || *ret > most)) {
        return bad_option(option, v, "a positive integer", err);
    }
    return FB_OK;
}

/* Of the cache of listings, which this source does without: checked, so that a typing error shows.
 */
static fb_status cache_options(const Options *o, fb_error *err)
{
    const char *files = options_get(o, "maxCachedFiles");
    const char *ratio = options_get(o, "discardCachedInputRatio");
    int64_t n;
    double d;
    if (files && (!parse_i64(str_of(files), &n) || n < 0 || n > INT32_MAX)) {
        return bad_option("maxCachedFiles", files, "an integer greater than or equal to 0", err);
    }
    if (ratio && (!num_parse_f64(str_trim(str_of(ratio)), &d) || !(d >= 0 && d <= 1))) {
        return bad_option("discardCachedInputRatio", ratio, "a positive float between 0 and 1",
                          err);
    }
    return FB_OK;
}

static fb_status flag(const Options *o, const char *option, bool *ret, fb_error *err)
{
    const char *v = options_get(o, option);
    return v && !parse_bool(str_of(v), ret) ? bad_option(option, v, "'true' or 'false'", err)
                                            : FB_OK;
}

/* Next component of an absolute path; false at its end. */
static bool next_part(const char **path, Arena *a, const char **ret)
{
    *path += strspn(*path, "/");
    size_t n = strcspn(*path, "/");
    *ret = arena_strndup(a, *path, n);
    *path += n;
    return n > 0;
}

/* Whether the two agree as deep as the shallower goes: files moved there would be read again. */
static bool archive_meets_source(const char *archive, const char *source, Arena *a)
{
    const char *x, *y;
    while (next_part(&archive, a, &x) && next_part(&source, a, &y)) {
        if (fnmatch(y, x, 0) != 0) {
            return false;
        }
    }
    return true;
}

static fb_status check_archive(FileStream *s, fb_error *err)
{
    char *path;
    for (uint32_t i = 0; i < s->table->n_paths; i++) {
        TRY(vfs_path_of_uri(&s->arena, s->table->paths[i], &path, err));
        if (archive_meets_source(s->archive, vfs_absolute(&s->arena, path), &s->arena)) {
            return err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                           "Base archive path cannot be set to the path where archived path can "
                           "possibly match with source pattern. Choose a sourceArchiveDir that is "
                           "neither the source's folder nor above or below it.",
                           NULL);
        }
    }
    return FB_OK;
}

static fb_status clean_option(FileStream *s, const Options *o, fb_error *err)
{
    const char *clean = options_get_or(o, "cleanSource", "off");
    const char *archive = options_get(o, "sourceArchiveDir");
    if (cstr_eq_nocase(clean, "off")) {
        return FB_OK;
    }
    if (cstr_eq_nocase(clean, "delete")) {
        s->clean = CLEAN_DELETE;
        return FB_OK;
    }
    if (!cstr_eq_nocase(clean, "archive")) {
        return bad_option("cleanSource", clean, "archive, delete or off", err);
    }
    if (!archive) {
        return err_set(err, ERR_LEGACY_ILLEGAL_ARGUMENT, "message",
                       "Archive mode must be used with 'sourceArchiveDir' option.", NULL);
    }
    char *path;
    TRY(vfs_path_of_uri(&s->arena, archive, &path, err));
    s->clean = CLEAN_ARCHIVE;
    s->archive = vfs_absolute(&s->arena, path);
    return check_archive(s, err);
}

static fb_status read_options(FileStream *s, fb_error *err)
{
    const Options *o = &s->table->options;
    const char *age = options_get_or(o, "maxFileAge", "7d");
    TRY(positive(o, "maxFilesPerTrigger", INT32_MAX, &s->max_files, err));
    TRY(positive(o, "maxBytesPerTrigger", INT64_MAX, &s->max_bytes, err));
    if (s->max_files && s->max_bytes) {
        return err_set(err, ERR_LEGACY_ILLEGAL_ARGUMENT, "message",
                       "Options 'maxFilesPerTrigger' and 'maxBytesPerTrigger' can't be both set "
                       "at the same time",
                       NULL);
    }
    if (!conf_parse_time_ms(str_of(age), &s->max_age_ms) || s->max_age_ms < 0) {
        return bad_option("maxFileAge", age, "a duration such as 7d", err);
    }
    TRY(cache_options(o, err));
    TRY(flag(o, "latestFirst", &s->latest_first, err));
    TRY(flag(o, "fileNameOnly", &s->name_only, err));
    for (int i = 0; i < 2; i++) {
        const char *key = i ? "modifiedAfter" : "modifiedBefore";
        if (options_get(o, key)) {
            return err_set(err, ERR_LEGACY_ILLEGAL_ARGUMENT, "message",
                           i ? "option 'modifiedafter' is not allowed in file stream sources"
                             : "option 'modifiedbefore' is not allowed in file stream sources",
                           NULL);
        }
    }
    return clean_option(s, o, err);
}

/* ---- making and freeing ---- */

static void stream_free(StreamSource *src)
{
    FileStream *s = (FileStream *)src;
    file_table_release(s->table);
    mem_free(s->logged);
    mem_free(s->seen);
    mem_free(s->scan);
    mem_free(s->base.description);
    arena_free(&s->arena);
    arena_free(&s->available_arena);
    mem_free(s);
}

static char *describe(const FileTable *t)
{
    Arena a = {0};
    StrBuf b = {0};
    fb_error ignored = {0};
    char *path = NULL;
    strbuf_puts(&b, "FileStreamSource[");
    if (t->n_paths && vfs_path_of_uri(&a, t->paths[0], &path, &ignored) == FB_OK) {
        strbuf_puts(&b, files_display(&a, path));
    }
    err_clear(&ignored);
    strbuf_putc(&b, ']');
    arena_free(&a);
    return strbuf_take(&b);
}

fb_status file_stream_new(FileTable *t, const char *checkpoint_dir, const Conf *conf,
                          StreamSource **ret, fb_error *err)
{
    static const StreamSourceVt vt = {.latest_offset = stream_latest,
                                      .check = stream_check,
                                      .prepare_available_now = stream_freeze,
                                      .scan = stream_scan,
                                      .bind = stream_bind,
                                      .commit = stream_commit,
                                      .free = stream_free};
    FileStream *s = mem_zalloc(sizeof(*s));
    s->base.vt = &vt;
    s->base.wake_fd = -1;
    s->base.description = describe(t);
    s->table = file_table_retain(t);
    s->cleaned = -1;
    fb_status st = read_options(s, err);
    if (st == FB_OK) {
        st = compact_log_open(
            &s->log, arena_strdup(&s->arena, checkpoint_dir),
            conf_get_int(conf, "spark.sql.streaming.fileSource.log.compactInterval"),
            conf_get_int(conf, "spark.sql.streaming.minBatchesToRetain"),
            conf_get_int(conf, "spark.sql.streaming.fileSource.log.cleanupDelay"), err);
    }
    if (st == FB_OK) {
        st = compact_log_each(&s->log, load_entry, s, err);
    }
    if (st != FB_OK) {
        stream_free(&s->base);
        return st;
    }
    *ret = &s->base;
    return FB_OK;
}
