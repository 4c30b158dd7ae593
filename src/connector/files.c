/*
 * files.c - listing.
 *
 * Folders are listed one after the other from a queue, as deep as they go; the result is sorted so
 * that runs are repeatable. Symbolic links are followed, as by Spark: a link to a folder above
 * shows the same files again below itself, until the kernel follows no more links (40). As folders
 * with several such links would multiply without end in sight, links inside of links are followed a
 * bounded number of times. Links to nowhere, or to themselves, are as if they were not there.
 */
#include "connector/files.h"

#include "base/log.h"
#include "stream/metadata_log.h"

#include <fnmatch.h>
#include <glob.h>
#include <jansson.h>
#include <stdlib.h>

#define NESTED_LINKS_MAX 10000
#define ALTERNATIVES_MAX 10000             /* that {a,b} of a pattern make */
#define LOGGED_SIZE_MAX ((int64_t)1 << 46) /* bytes: 64 TiB */

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

Str files_unescape(Arena *a, Str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        int c =
            s.p[i] == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 && hex_digit(s.p[i + 2]) >= 0
                ? hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2])
                : -1;
        if (c < 0) {
            out[n++] = s.p[i];
            continue;
        }
        i += 2;
        if (c >= 0x80) { /* a character of two bytes in UTF-8 */
            out[n++] = (char)(0xc0 | c >> 6);
            c = 0x80 | (c & 0x3f);
        }
        out[n++] = (char)c;
    }
    out[n] = 0;
    return (Str){out, n};
}

char *files_display(Arena *a, const char *path)
{
    return arena_printf(a, "file:%s", vfs_absolute(a, path));
}

/* ---- what was found ---- */

static bool is_hidden(const char *name)
{
    return (name[0] == '_' && !strchr(name, '=')) || name[0] == '.' ||
           str_has_suffix(str_of(name), STR_LIT("._COPYING_"));
}

static void *grown(Arena *a, const void *old, size_t n, size_t *cap, size_t size)
{
    *cap = *cap ? *cap * 2 : 64;
    void *p = arena_alloc(a, mem_mul(*cap, size));
    if (n) {
        memcpy(p, old, n * size);
    }
    return p;
}

static void add_file(Arena *a, FileList *l, const char *path, int64_t size, int64_t mtime_ms)
{
    if (l->n == l->cap) {
        l->file = grown(a, l->file, l->n, &l->cap, sizeof(*l->file));
    }
    l->file[l->n++] =
        (FileEntry){.path = arena_strdup(a, path), .size = size, .mtime_ms = mtime_ms};
}

static void add_root(Arena *a, FileList *l, const char *path, bool is_file)
{
    if (l->n_roots == l->cap_roots) {
        size_t cap = l->cap_roots;
        l->root = grown(a, l->root, l->n_roots, &cap, sizeof(*l->root));
        l->cap_roots = (uint32_t)cap;
    }
    l->root[l->n_roots++] = (FileRoot){arena_strdup(a, path), is_file};
}

/* ---- walking ---- */

typedef struct Folder {
    const char *path;
    bool in_link; /* there is a link on the way */
} Folder;

typedef struct Walk {
    Arena *arena;
    FileList *list;
    Folder *queue;
    size_t n, cap, next;
    uint32_t nested_links;
    Folder at;
} Walk;

static void enqueue(Walk *w, const char *path, bool in_link)
{
    if (w->n == w->cap) {
        w->queue = grown(w->arena, w->queue, w->n, &w->cap, sizeof(*w->queue));
    }
    w->queue[w->n++] = (Folder){arena_strdup(w->arena, path), in_link};
}

static fb_status take_name(void *arg, const char *name, fb_error *err)
{
    Walk *w = arg;
    VfsStat st;
    if (is_hidden(name)) {
        return FB_OK;
    }
    ArenaMark mark = arena_mark(w->arena);
    const char *path = vfs_join(w->arena, w->at.path, name);
    TRY(vfs()->stat(path, &st, err));
    if (!st.exists) {
        arena_rewind(w->arena, mark); /* gone since it was listed, or a link to nowhere */
    } else if (!st.is_dir) {
        add_file(w->arena, w->list, path, st.size, st.mtime_ms);
    } else if (!st.is_link || !w->at.in_link || w->nested_links++ < NESTED_LINKS_MAX) {
        enqueue(w, path, w->at.in_link || st.is_link);
    } else if (w->nested_links == NESTED_LINKS_MAX + 1) {
        LOG_WARN("FileIndex",
                 "Links to folders that have links themselves are not followed any "
                 "further: there are too many, such as %s",
                 path);
    }
    return FB_OK;
}

static fb_status walk(Arena *a, const char *path, FileList *list, fb_error *err)
{
    Walk w = {.arena = a, .list = list};
    enqueue(&w, path, false);
    while (w.next < w.n) {
        w.at = w.queue[w.next++];
        fb_status status = vfs()->list(w.at.path, take_name, &w, err);
        if (status != FB_OK && w.next > 1) {
            VfsStat st;
            fb_error quiet = {0};
            bool gone = vfs()->stat(w.at.path, &st, &quiet) == FB_OK && !st.exists;
            err_clear(&quiet);
            if (gone) {
                err_clear(err);
                status = FB_OK;
            }
        }
        TRY(status);
    }
    return FB_OK;
}

static fb_status add_path(Arena *a, const char *path, const VfsStat *st, FileList *list,
                          fb_error *err)
{
    add_root(a, list, path, !st->is_dir);
    if (st->is_dir) {
        return walk(a, path, list, err);
    }
    if (!is_hidden(vfs_basename(path))) {
        add_file(a, list, path, st->size, st->mtime_ms);
    }
    return FB_OK;
}

/* ---- patterns ---- */

bool files_is_glob(const char *path)
{
    return strpbrk(path, "{}[]*?\\") != NULL;
}

/* The first { of a pattern that is neither escaped nor in [], its }, and the commas between them.
 */
typedef struct Braces {
    size_t open, close, comma[64];
    size_t n_commas;
} Braces;

static bool find_braces(const char *p, Braces *b, const char **ret_bad)
{
    size_t depth = 0;
    *b = (Braces){0};
    for (size_t i = 0; p[i]; i++) {
        if (p[i] == '\\' && p[i + 1]) {
            i++;
        } else if (p[i] == '[') {
            const char *end = strchr(p + i + 1 + (p[i + 1] == '^' || p[i + 1] == '!'), ']');
            if (!end) {
                *ret_bad = "a [ is not closed";
                return false;
            }
            i = (size_t)(end - p);
        } else if (p[i] == '{' && depth++ == 0) {
            b->open = i;
        } else if (p[i] == ',' && depth == 1 && b->n_commas < 64) {
            b->comma[b->n_commas++] = i;
        } else if (p[i] == '}' && depth > 0 && --depth == 0) {
            b->close = i;
            return true;
        }
    }
    *ret_bad = depth > 0 ? "a { is not closed" : NULL;
    return false;
}

fb_status files_name_filter(Arena *a, const char *glob, NameFilter *ret, fb_error *err)
{
    const char **todo = NULL;
    size_t n = 0, cap = 0, done = 0;
    *ret = (NameFilter){0};
    if (!glob) {
        return FB_OK;
    }
    todo = grown(a, todo, n, &cap, sizeof(*todo));
    todo[n++] = glob;
    ret->pattern = ARENA_ARRAY(a, const char *, ALTERNATIVES_MAX);
    while (done < n) {
        const char *p = todo[done++], *bad = NULL;
        Braces b;
        if (!find_braces(p, &b, &bad)) {
            if (bad || ret->n == ALTERNATIVES_MAX) {
                const char *why = bad ? bad : "it has too many alternatives";
                return err_set(err, ERR_LEGACY_ILLEGAL_ARGUMENT, "message",
                               arena_printf(a, "Illegal file pattern: %s in %s", why, glob), NULL);
            }
            ret->pattern[ret->n++] = p;
            continue;
        }
        for (size_t k = 0; k <= b.n_commas && n < ALTERNATIVES_MAX; k++) {
            size_t from = k ? b.comma[k - 1] + 1 : b.open + 1;
            size_t to = k < b.n_commas ? b.comma[k] : b.close;
            if (n == cap) {
                todo = grown(a, todo, n, &cap, sizeof(*todo));
            }
            todo[n++] = arena_printf(a, "%.*s%.*s%s", (int)b.open, p, (int)(to - from), p + from,
                                     p + b.close + 1);
        }
    }
    return FB_OK;
}

bool files_name_passes(const NameFilter *f, const char *path)
{
    for (size_t i = 0; i < f->n; i++) {
        if (fnmatch(f->pattern[i], vfs_basename(path), 0) == 0) {
            return true;
        }
    }
    return !f->pattern;
}

/* ---- a sink's own listing ---- */

fb_status files_has_sink_log(const char *given, const Conf *conf, bool *ret, fb_error *err)
{
    Arena a = {0};
    VfsStat st = {0};
    char *path;
    *ret = false;
    if (*given == 0 || files_is_glob(given) ||
        conf_get_bool(conf, "spark.sql.streaming.fileStreamSink.ignoreMetadata")) {
        return FB_OK;
    }
    fb_status status = vfs_path_of_uri(&a, given, &path, err);
    if (status == FB_OK) {
        status = vfs()->stat(vfs_join(&a, path, "_spark_metadata"), &st, err);
    }
    *ret = status == FB_OK && st.exists && st.is_dir;
    arena_free(&a);
    return status;
}

typedef struct SinkWalk {
    Arena *arena;
    FileList *list;
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
        st = vfs_path_of_uri(s->arena, uri, &path, err);
    }
    if (st == FB_OK) {
        add_file(s->arena, s->list, path, size,
                 (int64_t)json_integer_value(json_object_get(o, "modificationTime")));
    }
    json_decref(o);
    return st;
}

fb_status files_add_logged(Arena *a, const char *given, FileList *list, fb_error *err)
{
    CompactLog log;
    char *path;
    TRY(vfs_path_of_uri(a, given, &path, err));
    SinkWalk s = {.arena = a, .list = list, .root = vfs_absolute(a, path)};
    add_root(a, list, s.root, false);
    TRY(compact_log_find(&log, vfs_join(a, s.root, "_spark_metadata"), 1, err));
    return compact_log_each(&log, add_sink_file, &s, err);
}

/* ---- entry ---- */

static fb_status path_not_found(Arena *a, const FileList *list, const char *path, fb_error *err)
{
    return err_set(err, ERR_PATH_NOT_FOUND, "path",
                   list->plain_paths ? path : files_display(a, path), NULL);
}

static bool has_dot_part(const char *path)
{
    for (const char *p = strstr(path, "/."); p; p = strstr(p + 1, "/.")) {
        const char *rest = p + 2 + (p[2] == '.');
        if (*rest == 0 || *rest == '/') {
            return true;
        }
    }
    return false;
}

static fb_status add_glob(Arena *a, const char *path, bool must_exist, FileList *list,
                          fb_error *err)
{
    glob_t g = {0};
    int rc = glob(path, GLOB_BRACE | GLOB_PERIOD, NULL, &g);
    fb_status st = FB_OK;
    size_t n = 0;
    if (rc != 0 && rc != GLOB_NOMATCH) {
        st =
            err_set(err, ERR_IO, "action", "list", "path", path, "reason", "the glob failed", NULL);
    }
    for (size_t i = 0; rc == 0 && i < g.gl_pathc && st == FB_OK; i++) {
        VfsStat stat;
        if (has_dot_part(g.gl_pathv[i])) {
            continue;
        }
        st = vfs()->stat(g.gl_pathv[i], &stat, err);
        if (st == FB_OK && stat.exists) {
            n++;
            st = add_path(a, g.gl_pathv[i], &stat, list, err);
        }
    }
    globfree(&g);
    if (st == FB_OK && n == 0 && must_exist) {
        return path_not_found(a, list, path, err);
    }
    return st;
}

fb_status files_add(Arena *a, const char *given, bool must_exist, FileList *list, fb_error *err)
{
    char *path;
    VfsStat st;
    if (*given == 0) {
        return err_set(err, ERR_LEGACY_ILLEGAL_ARGUMENT, "message",
                       "Can not create a Path from an empty string", NULL);
    }
    TRY(vfs_path_of_uri(a, given, &path, err));
    path = vfs_absolute(a, path);
    if (files_is_glob(path)) {
        return add_glob(a, path, must_exist && !list->plain_paths, list, err);
    }
    TRY(vfs()->stat(path, &st, err));
    if (!st.exists) {
        return must_exist ? path_not_found(a, list, path, err) : FB_OK;
    }
    return add_path(a, path, &st, list, err);
}

static size_t folder_length(const char *path)
{
    return (size_t)(vfs_basename(path) - path) - 1;
}

static int by_folder(const void *a, const void *b)
{
    const char *x = ((const FileEntry *)a)->path, *y = ((const FileEntry *)b)->path;
    size_t nx = folder_length(x), ny = folder_length(y);
    int c = memcmp(x, y, nx < ny ? nx : ny);
    return c ? c : nx != ny ? (nx < ny ? -1 : 1) : strcmp(x + nx, y + ny);
}

void files_group(Arena *a, FileList *list)
{
    size_t n = 0;
    list->n_folders = 0;
    if (list->n == 0) {
        return;
    }
    qsort(list->file, list->n, sizeof(*list->file), by_folder);
    list->folder = ARENA_ARRAY(a, FileFolder, list->n);
    for (size_t i = 0; i < list->n; i++) {
        FileEntry *f = &list->file[i];
        size_t length = folder_length(f->path);
        FileFolder *last = list->n_folders ? &list->folder[list->n_folders - 1] : NULL;
        if (n && strcmp(list->file[n - 1].path, f->path) == 0) {
            continue; /* two of the paths given have it */
        }
        if (!last || strlen(last->path) != length || memcmp(last->path, f->path, length) != 0) {
            last = &list->folder[list->n_folders++];
            *last = (FileFolder){.path = arena_strndup(a, f->path, length), .first = n};
        }
        last->n++;
        f->folder = list->n_folders - 1;
        list->file[n++] = *f;
    }
    list->n = n;
}
