/*
 * files.c - listing.
 *
 * Folders are walked depth-first with a bound on the depth; k=v folders give partition values. The
 * result is sorted by path so that runs are repeatable.
 */
#include "connector/files.h"

#include "column/datetime.h"
#include "column/number.h"
#include "stream/metadata_log.h"

#include <fnmatch.h>
#include <glob.h>
#include <jansson.h>
#include <stdlib.h>

#define MAX_DEPTH 64
#define LOGGED_SIZE_MAX ((int64_t)1 << 46) /* bytes: 64 TiB */
#define HIVE_NULL "__HIVE_DEFAULT_PARTITION__"

/* ---- escaping of partition folders ---- */

static bool needs_escape(unsigned char c)
{
    return c < 0x20 || c == 0x7f || strchr("\"#%'*/:=?\\{[]^", c) != NULL;
}

void files_escape(Str s, StrBuf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (needs_escape(c)) {
            strbuf_printf(out, "%%%02X", c);
        } else {
            strbuf_putc(out, (char)c);
        }
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

char *files_unescape(Arena *a, Str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 &&
            hex_digit(s.p[i + 2]) >= 0) {
            out[n++] = (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2]));
            i += 2;
        } else {
            out[n++] = s.p[i];
        }
    }
    out[n] = 0;
    return out;
}

char *files_display(Arena *a, const char *path)
{
    return arena_printf(a, "file:%s", vfs_absolute(a, path));
}

/* ---- walking ---- */

typedef struct Walk {
    Arena *arena;
    FileList *list;
    const char *pattern; /* pathGlobFilter, or NULL */
    bool recursive;      /* recursiveFileLookup: no partitions, all depths */
    const char *keys[MAX_DEPTH], *values[MAX_DEPTH];
    uint32_t n_keys;
    fb_error *err;
} Walk;

typedef struct Names {
    Arena *arena;
    const char **name;
    size_t n, cap;
} Names;

static fb_status collect_name(void *arg, const char *name, fb_error *err)
{
    Names *l = arg;
    (void)err;
    bool partition = strchr(name, '=') != NULL;
    if ((name[0] == '_' && !partition) || name[0] == '.' ||
        str_has_suffix(str_of(name), STR_LIT("._COPYING_"))) {
        return FB_OK;
    }
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        const char **grown = ARENA_ARRAY(l->arena, const char *, cap);
        if (l->n) {
            memcpy(grown, l->name, l->n * sizeof(*grown));
        }
        l->name = grown;
        l->cap = cap;
    }
    l->name[l->n++] = arena_strdup(l->arena, name);
    return FB_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static fb_status add_file(Walk *w, const char *path, const VfsStat *st, fb_error *err)
{
    FileList *l = w->list;
    if (w->pattern && fnmatch(w->pattern, vfs_basename(path), FNM_PERIOD) != 0) {
        return FB_OK;
    }
    if ((l->after_ms && st->mtime_ms <= l->after_ms) ||
        (l->before_ms && st->mtime_ms >= l->before_ms)) {
        return FB_OK;
    }
    if (l->n == 0 && l->n_keys == 0 && w->n_keys) {
        l->keys = ARENA_ARRAY(w->arena, const char *, w->n_keys);
        memcpy(l->keys, w->keys, w->n_keys * sizeof(*l->keys));
        l->n_keys = w->n_keys;
    }
    bool same = l->n_keys == w->n_keys;
    for (uint32_t k = 0; same && k < w->n_keys; k++) {
        same = strcmp(l->keys[k], w->keys[k]) == 0;
    }
    if (!same) {
        return err_set(err, ERR_CONFLICTING_PARTITION_COLUMN_NAMES, "distinctPartColLists", path,
                       NULL);
    }
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        FileEntry *grown = ARENA_ARRAY(w->arena, FileEntry, cap);
        if (l->n) {
            memcpy(grown, l->file, l->n * sizeof(*grown));
        }
        l->file = grown;
        l->cap = cap;
    }
    FileEntry *f = &l->file[l->n++];
    *f = (FileEntry){
        .path = arena_strdup(w->arena, path), .size = st->size, .mtime_ms = st->mtime_ms};
    f->values = ARENA_ARRAY(w->arena, const char *, w->n_keys);
    memcpy(f->values, w->values, w->n_keys * sizeof(*f->values));
    return FB_OK;
}

static fb_status walk(Walk *w, const char *path, int depth, bool top, fb_error *err);

/* A child of a folder: k=v adds a partition value for what is below. */
static fb_status walk_child(Walk *w, const char *dir, const char *name, int depth, fb_error *err)
{
    const char *eq = w->recursive ? NULL : strchr(name, '=');
    const char *path = vfs_join(w->arena, dir, name);
    if (!eq || eq == name || w->n_keys == MAX_DEPTH) {
        return walk(w, path, depth, false, err);
    }
    VfsStat st;
    TRY(vfs()->stat(path, &st, err));
    if (!st.is_dir) {
        return walk(w, path, depth, false, err);
    }
    char *value = files_unescape(w->arena, str_of(eq + 1));
    w->keys[w->n_keys] = files_unescape(w->arena, (Str){name, (size_t)(eq - name)});
    w->values[w->n_keys] = strcmp(value, HIVE_NULL) == 0 ? NULL : value;
    w->n_keys++;
    fb_status status = walk(w, path, depth, false, err);
    w->n_keys--;
    return status;
}

static fb_status walk(Walk *w, const char *path, int depth, bool top, fb_error *err)
{
    VfsStat st;
    TRY(vfs()->stat(path, &st, err));
    if (!st.exists) {
        return FB_OK; /* gone since it was listed */
    }
    if (!st.is_dir) {
        return add_file(w, path, &st, err);
    }
    /* Plain sub-folders are not read unless asked for, as in Spark. */
    if (depth >= MAX_DEPTH || (!top && !w->recursive && w->n_keys == 0)) {
        return FB_OK;
    }
    Names names = {.arena = w->arena};
    TRY(vfs()->list(path, collect_name, &names, err));
    if (names.n) {
        qsort(names.name, names.n, sizeof(*names.name), by_name);
    }
    for (size_t i = 0; i < names.n; i++) {
        TRY(walk_child(w, path, names.name[i], depth + 1, err));
    }
    return FB_OK;
}

/* ---- a sink's own listing ---- */

fb_status files_has_sink_log(const char *path, bool *ret, fb_error *err)
{
    Arena a = {0};
    VfsStat st;
    fb_status status = vfs()->stat(vfs_join(&a, path, "_spark_metadata"), &st, err);
    *ret = status == FB_OK && st.exists && st.is_dir;
    arena_free(&a);
    return status;
}

typedef struct SinkWalk {
    Walk *w;
    const char *root;
} SinkWalk;

static fb_status add_sink_file(void *arg, int64_t id, const char *line, fb_error *err)
{
    SinkWalk *s = arg;
    json_error_t je;
    json_t *o = json_loads(line, 0, &je);
    const char *uri = json_string_value(json_object_get(o, "path"));
    char *path = NULL;
    fb_status st = FB_OK;
    int64_t size = (int64_t)json_integer_value(json_object_get(o, "size"));
    (void)id;
    /* Files are cut into ranges by the size that the log says: it must be one that can be. */
    if (!uri || size < 0 || size > LOGGED_SIZE_MAX) {
        st = err_set(err, ERR_MALFORMED_LOG_FILE, "path", s->root, "text", line, NULL);
    } else {
        st = vfs_path_of_uri(s->w->arena, uri, &path, err);
    }
    if (st == FB_OK) {
        VfsStat file = {.exists = true,
                        .size = size,
                        .mtime_ms =
                            (int64_t)json_integer_value(json_object_get(o, "modificationTime"))};
        size_t skip = strlen(s->root);
        /* Partition values are in the folders between the root and the file. */
        s->w->n_keys = 0;
        if (strncmp(path, s->root, skip) == 0) {
            for (char *p = path + skip; *p == '/';) {
                char *end = strchr(p + 1, '/');
                char *eq = memchr(p + 1, '=', end ? (size_t)(end - p - 1) : 0);
                if (!end) {
                    break;
                }
                if (eq && s->w->n_keys < MAX_DEPTH) {
                    char *v = files_unescape(s->w->arena, (Str){eq + 1, (size_t)(end - eq - 1)});
                    s->w->keys[s->w->n_keys] =
                        files_unescape(s->w->arena, (Str){p + 1, (size_t)(eq - p - 1)});
                    s->w->values[s->w->n_keys++] = strcmp(v, HIVE_NULL) == 0 ? NULL : v;
                }
                p = end;
            }
        }
        st = add_file(s->w, path, &file, err);
        s->w->n_keys = 0;
    }
    json_decref(o);
    return st;
}

static fb_status list_sink_log(Walk *w, const char *path, fb_error *err)
{
    CompactLog log;
    SinkWalk s = {.w = w, .root = vfs_absolute(w->arena, path)};
    TRY(compact_log_open(&log, vfs_join(w->arena, path, "_spark_metadata"), 10, 100, 600000, err));
    return compact_log_each(&log, add_sink_file, &s, err);
}

/* ---- entry ---- */

static bool has_glob(const char *path)
{
    return strpbrk(path, "*?[{") != NULL;
}

static fb_status path_not_found(Arena *a, const FileList *list, const char *path, fb_error *err)
{
    return err_set(err, ERR_PATH_NOT_FOUND, "path",
                   list->plain_paths ? path : files_display(a, path), NULL);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const FileEntry *)a)->path, ((const FileEntry *)b)->path);
}

static fb_status list_glob(Walk *w, const char *path, bool must_exist, fb_error *err)
{
    glob_t g = {0};
    int rc = glob(path, GLOB_BRACE, NULL, &g);
    fb_status st = FB_OK;
    if (rc == GLOB_NOMATCH) {
        st = must_exist ? path_not_found(w->arena, w->list, path, err) : FB_OK;
    } else if (rc != 0) {
        st =
            err_set(err, ERR_IO, "action", "list", "path", path, "reason", "the glob failed", NULL);
    }
    for (size_t i = 0; rc == 0 && i < g.gl_pathc && st == FB_OK; i++) {
        st = walk(w, g.gl_pathv[i], 0, true, err);
    }
    globfree(&g);
    return st;
}

fb_status files_list(Arena *a, const char *given, const Options *o, bool must_exist, FileList *list,
                     fb_error *err)
{
    char *path;
    VfsStat st;
    bool sink_log = false;
    Walk w = {.arena = a, .list = list, .pattern = options_get(o, "pathGlobFilter")};
    const char *recursive = options_get(o, "recursiveFileLookup");
    if (recursive && !parse_bool(str_of(recursive), &w.recursive)) {
        return err_set(err, ERR_INVALID_OPTION_BOOLEAN, "option", "recursiveFileLookup", "value",
                       recursive, NULL);
    }
    if (*given == 0) {
        return err_set(err, ERR_LEGACY_ILLEGAL_ARGUMENT, "message",
                       "Can not create a Path from an empty string", NULL);
    }
    TRY(vfs_path_of_uri(a, given, &path, err));
    path = vfs_absolute(a, path);
    TRY(vfs()->stat(path, &st, err));
    size_t first = list->n;
    if (!st.exists && has_glob(path)) {
        TRY(list_glob(&w, path, must_exist, err));
    } else if (!st.exists) {
        return must_exist ? path_not_found(a, list, path, err) : FB_OK;
    } else {
        if (st.is_dir) {
            TRY(files_has_sink_log(path, &sink_log, err));
        }
        TRY(sink_log ? list_sink_log(&w, path, err) : walk(&w, path, 0, true, err));
    }
    if (list->n > first) {
        qsort(list->file + first, list->n - first, sizeof(*list->file), by_path);
    }
    return FB_OK;
}

/* ---- types of partition columns ---- */

static bool all_values(const FileList *l, uint32_t key, bool (*fits)(Str s))
{
    bool any = false;
    for (size_t i = 0; i < l->n; i++) {
        const char *v = l->file[i].values[key];
        if (v && !fits(str_of(v))) {
            return false;
        }
        any |= v != NULL;
    }
    return any;
}

static bool fits_int(Str s)
{
    int64_t v;
    return parse_i64(s, &v) && v >= INT32_MIN && v <= INT32_MAX;
}

static bool fits_long(Str s)
{
    int64_t v;
    return parse_i64(s, &v);
}

static bool fits_double(Str s)
{
    double d;
    return num_parse_f64(s, &d);
}

static bool fits_date(Str s)
{
    int32_t days;
    return s.n == 10 && date_parse(s, &days);
}

const Type *files_partition_type(const FileList *list, uint32_t key, bool infer)
{
    if (!infer) {
        return type_string;
    }
    return all_values(list, key, fits_int)      ? type_int
           : all_values(list, key, fits_long)   ? type_long
           : all_values(list, key, fits_double) ? type_double
           : all_values(list, key, fits_date)   ? type_date
                                                : type_string;
}
