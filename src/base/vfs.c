/*
 * vfs.c - the table in force, and what is built from its calls: durable whole-file writes, whole
 * reads, removing a tree, and paths.
 *
 * A durable write is: temp file in the target's folder, write, fsync, rename (or link_new when an
 * existing target must stay), fsync of the folder. A reader therefore sees the old file, the new
 * one or none, never a part, and after a return of FB_OK a power cut does not take it back. Folders
 * made on the way are synced up to the first one that existed.
 */
#include "base/clock.h"
#include "base/vfs_priv.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define TEMP_NAME_PART 200 /* of 255 bytes; ".", uuid and ".tmp" take 42 */
#define TEMP_SUFFIX ".tmp"
#define READ_FILE_MAX ((int64_t)16 << 30) /* nothing the engine reads whole comes near it */
#define READ_FILE_FIRST ((size_t)4096)    /* for files that report no size, as in /proc */

static _Atomic(const Vfs *) table; /* NULL until the first use or vfs_set() */
static pthread_once_t table_once = PTHREAD_ONCE_INIT;
static _Atomic bool fsync_on = true;

static void table_init(void)
{
    const Vfs *none = NULL;
    const Vfs *crash = vfs_crash_from_env();
    atomic_compare_exchange_strong(&table, &none, crash != NULL ? crash : &vfs_posix);
}

const Vfs *vfs(void)
{
    const Vfs *v = atomic_load_explicit(&table, memory_order_acquire);
    if (__builtin_expect(v == NULL, 0)) {
        pthread_once(&table_once, table_init);
        v = atomic_load_explicit(&table, memory_order_acquire);
    }
    return v;
}

void vfs_set(const Vfs *v)
{
    atomic_store_explicit(&table, v != NULL ? v : &vfs_posix, memory_order_release);
}

void vfs_set_fsync(bool on)
{
    atomic_store_explicit(&fsync_on, on, memory_order_relaxed);
}

typedef struct MissingDir {
    struct MissingDir *inside; /* the next level down */
    const char *path;
} MissingDir;

/* Makes dir with all above it and, when syncing, makes their entries durable from the top down. */
static fb_status make_folders(Arena *a, const char *dir, bool sync, fb_error *err)
{
    MissingDir *missing = NULL;
    for (const char *d = dir;;) {
        VfsStat s;
        TRY(vfs()->stat(d, &s, err));
        if (s.exists) {
            break;
        }
        MissingDir *m = ARENA_NEW(a, MissingDir);
        *m = (MissingDir){missing, d};
        missing = m;
        const char *up = vfs_dirname(a, d);
        if (strcmp(up, d) == 0) {
            break;
        }
        d = up;
    }
    for (; missing != NULL; missing = missing->inside) {
        TRY(vfs()->mkdirs(missing->path, err));
        if (sync) {
            TRY(vfs()->sync_dir(vfs_dirname(a, missing->path), err));
        }
    }
    return FB_OK;
}

static fb_status write_temp(const char *temp, const void *data, size_t n, bool sync, fb_error *err)
{
    VfsFile *f = NULL;
    TRY(vfs()->create(temp, &f, err));
    fb_status st = vfs()->write(f, data, n, err);
    if (st == FB_OK && sync) {
        st = vfs()->sync(f, err);
    }
    vfs()->close(f);
    return st;
}

static void remove_quietly(const char *path)
{
    fb_error ignored = {0};
    vfs()->remove(path, &ignored);
    err_clear(&ignored);
}

static fb_status write_file(Arena *a, const char *path, const void *data, size_t n, bool overwrite,
                            bool *exists, fb_error *err)
{
    bool sync = atomic_load_explicit(&fsync_on, memory_order_relaxed);
    const char *dir = vfs_dirname(a, path);
    TRY(make_folders(a, dir, sync, err));
    if (!overwrite) { /* saves the write; the decision falls in link_new() */
        VfsStat s;
        TRY(vfs()->stat(path, &s, err));
        if (s.exists) {
            *exists = true;
            return FB_OK;
        }
    }
    char uuid[37];
    uuid_new(uuid);
    const char *name =
        arena_printf(a, ".%.*s.%s" TEMP_SUFFIX, TEMP_NAME_PART, vfs_basename(path), uuid);
    const char *temp = vfs_join(a, dir, name);
    fb_status st = write_temp(temp, data, n, sync, err);
    if (st == FB_OK) {
        st = overwrite ? vfs()->rename(temp, path, err) : vfs()->link_new(temp, path, exists, err);
    }
    if (st != FB_OK || *exists) {
        remove_quietly(temp);
        return st;
    }
    return sync ? vfs()->sync_dir(dir, err) : FB_OK;
}

fb_status vfs_make_dirs(const char *path, fb_error *err)
{
    Arena a = {0};
    fb_status st =
        make_folders(&a, path, atomic_load_explicit(&fsync_on, memory_order_relaxed), err);
    arena_free(&a);
    return st;
}

fb_status vfs_settle(const char *dir, fb_error *err)
{
    return atomic_load_explicit(&fsync_on, memory_order_relaxed) ? vfs()->sync_dir(dir, err)
                                                                 : FB_OK;
}

fb_status vfs_settle_file(VfsFile *f, fb_error *err)
{
    return atomic_load_explicit(&fsync_on, memory_order_relaxed) ? vfs()->sync(f, err) : FB_OK;
}

/* ".<name>.<uuid>.tmp", as write_file() and Spark's CheckpointFileManager name them. */
static bool is_temp_name(Str s)
{
    char uuid[37];
    size_t tail = strlen(TEMP_SUFFIX);
    if (s.n < 36 + 3 + tail || s.p[0] != '.' || !str_has_suffix(s, STR_LIT(TEMP_SUFFIX))) {
        return false;
    }
    const char *id = s.p + s.n - tail - 36;
    return id[-1] == '.' && uuid_parse((Str){id, 36}, uuid);
}

typedef struct Temps {
    Arena arena;
    const char *dir;
} Temps;

static fb_status remove_temp(void *arg, const char *name, fb_error *err)
{
    Temps *t = arg;
    (void)err;
    if (is_temp_name(str_of(name))) {
        remove_quietly(vfs_join(&t->arena, t->dir, name));
    }
    return FB_OK;
}

void vfs_remove_temps(const char *dir)
{
    Temps t = {.dir = dir};
    fb_error ignored = {0};
    (void)vfs()->list(dir, remove_temp, &t, &ignored);
    err_clear(&ignored);
    arena_free(&t.arena);
}

fb_status vfs_write_file(const char *path, const void *data, size_t n, bool overwrite,
                         bool *ret_exists, fb_error *err)
{
    Arena a = {0};
    bool exists = false;
    fb_status st = write_file(&a, path, data, n, overwrite, &exists, err);
    arena_free(&a);
    if (st == FB_OK && ret_exists != NULL) {
        *ret_exists = exists;
    }
    return st;
}

static fb_status read_all(VfsFile *f, const char *path, size_t hint, StrBuf *b, fb_error *err)
{
    /* One byte more than the size: the end is found without a second round. */
    strbuf_reserve(b, hint + 1);
    for (;;) {
        size_t got = 0;
        size_t room = b->cap - b->n - 1;
        TRY(vfs()->read_at(f, b->p + b->n, room, (int64_t)b->n, &got, err));
        b->n += got;
        b->p[b->n] = '\0';
        if (got < room) {
            return FB_OK;
        }
        if ((int64_t)b->n > READ_FILE_MAX) {
            return err_errno(err, EFBIG, "read", path);
        }
        strbuf_reserve(b, b->n);
    }
}

fb_status vfs_read_file(const char *path, char **ret, size_t *ret_n, fb_error *err)
{
    VfsFile *f = NULL;
    VfsStat s;
    TRY(vfs()->stat(path, &s, err));
    if (s.size > READ_FILE_MAX) {
        return err_errno(err, EFBIG, "read", path);
    }
    TRY(vfs()->open_read(path, &f, err));
    StrBuf b = {0};
    size_t hint = s.size > 0 ? (size_t)s.size : READ_FILE_FIRST;
    fb_status st = read_all(f, path, hint, &b, err);
    vfs()->close(f);
    if (st != FB_OK) {
        strbuf_free(&b);
        return st;
    }
    if (ret_n != NULL) {
        *ret_n = b.n;
    }
    *ret = strbuf_take(&b);
    return FB_OK;
}

/* A path waiting to be removed; a folder stays on the stack below its content. */
typedef struct TreeItem {
    struct TreeItem *below;
    const char *path;
    bool emptied;
} TreeItem;

typedef struct TreeWalk {
    Arena arena;
    TreeItem *top;
    const char *dir;
} TreeWalk;

static void tree_push(TreeWalk *w, const char *path)
{
    TreeItem *item = ARENA_NEW(&w->arena, TreeItem);
    item->below = w->top;
    item->path = path;
    w->top = item;
}

static fb_status tree_add_child(void *arg, const char *name, fb_error *err)
{
    TreeWalk *w = arg;
    (void)err;
    tree_push(w, vfs_join(&w->arena, w->dir, name));
    return FB_OK;
}

static fb_status tree_step(TreeWalk *w, fb_error *err)
{
    TreeItem *item = w->top;
    if (!item->emptied) {
        VfsStat s;
        TRY(vfs()->stat(item->path, &s, err));
        item->emptied = true;
        if (s.exists && s.is_dir && !s.is_link) {
            w->dir = item->path;
            return vfs()->list(item->path, tree_add_child, w, err);
        }
    }
    w->top = item->below;
    return vfs()->remove(item->path, err);
}

fb_status vfs_remove_tree(const char *path, fb_error *err)
{
    TreeWalk w = {0};
    fb_status st = FB_OK;
    tree_push(&w, path);
    while (st == FB_OK && w.top != NULL) {
        st = tree_step(&w, err);
    }
    arena_free(&w.arena);
    return st;
}

char *vfs_join(Arena *a, const char *dir, const char *name)
{
    size_t n = strlen(dir);
    if (n == 0) {
        return arena_strdup(a, name);
    }
    return arena_printf(a, dir[n - 1] == '/' ? "%s%s" : "%s/%s", dir, name);
}

const char *vfs_basename(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

char *vfs_dirname(Arena *a, const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') {
        n--;
    }
    while (n > 0 && path[n - 1] != '/') {
        n--;
    }
    while (n > 1 && path[n - 1] == '/') {
        n--;
    }
    return n == 0 ? arena_strdup(a, ".") : arena_strndup(a, path, n);
}

char *vfs_absolute(Arena *a, const char *path)
{
    StrBuf in = {0};
    StrBuf out = {0};
    if (path[0] != '/') {
        char *cwd = getcwd(NULL, 0); /* the C library allocates */
        strbuf_puts(&in, cwd != NULL ? cwd : "/");
        mem_free(cwd);
    }
    strbuf_putc(&in, '/');
    strbuf_puts(&in, path);
    for (const char *p = in.p; *p != '\0';) {
        const char *end = strchrnul(p, '/');
        Str part = {p, (size_t)(end - p)};
        if (str_eq(part, STR_LIT(".."))) {
            while (out.n > 0 && out.p[--out.n] != '/') {
            }
        } else if (part.n > 0 && !str_eq(part, STR_LIT("."))) {
            strbuf_putc(&out, '/');
            strbuf_append(&out, part.p, part.n);
        }
        p = *end != '\0' ? end + 1 : end;
    }
    if (out.n == 0) {
        strbuf_putc(&out, '/');
    }
    char *r = arena_strndup(a, out.p, out.n);
    strbuf_free(&in);
    strbuf_free(&out);
    return r;
}

static int hex_value(char c)
{
    char l = ascii_lower(c);
    if (l >= '0' && l <= '9') {
        return l - '0';
    }
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/* Length of "scheme" when path starts with "scheme:", else 0. A colon behind a slash is a name's.
 */
static size_t scheme_length(const char *path)
{
    size_t n = 0;
    for (; path[n] != '\0' && path[n] != ':' && path[n] != '/'; n++) {
        char l = ascii_lower(path[n]);
        bool letter = l >= 'a' && l <= 'z';
        bool other = (l >= '0' && l <= '9') || l == '+' || l == '-' || l == '.';
        if (!letter && (n == 0 || !other)) {
            return 0;
        }
    }
    return path[n] == ':' ? n : 0;
}

static fb_status bad_uri(fb_error *err, const char *uri, const char *why)
{
    return err_set(err, ERR_IO, "action", "read the URI", "path", uri, "reason", why, NULL);
}

fb_status vfs_path_of_uri(Arena *a, const char *uri, char **ret, fb_error *err)
{
    size_t n = scheme_length(uri);
    if (n == 0) {
        *ret = arena_strdup(a, uri);
        return FB_OK;
    }
    if (!str_eq_nocase((Str){uri, n}, STR_LIT("file"))) {
        return err_unsupported(err, "the file system of %s", uri);
    }
    const char *p = uri + n + 1;
    if (p[0] == '/' &&
        p[1] == '/') { /* an authority: only the empty one, as Hadoop's local files */
        p += 2;
        if (*p != '/') {
            return bad_uri(err, uri, "a file URI can't name a machine");
        }
    }
    if (*p != '/') {
        return bad_uri(err, uri, "the path is not absolute");
    }
    char *out = arena_alloc(a, strlen(p) + 1);
    size_t m = 0;
    for (; *p != '\0'; p++) {
        int c = (unsigned char)*p;
        if (c == '%') {
            int hi = hex_value(p[1]);
            int lo = hi < 0 ? -1 : hex_value(p[2]);
            if (lo < 0 || hi * 16 + lo == 0) {
                return bad_uri(err, uri, "a % must be followed by two hexadecimal digits, not 00");
            }
            c = hi * 16 + lo;
            p += 2;
        }
        out[m++] = (char)c;
    }
    out[m] = '\0';
    *ret = out;
    return FB_OK;
}

/* How many bytes of p are a non-ASCII character that java.net.URI escapes (a control or a space
 * character of Unicode), or 0. p ends with a NUL, so that no byte behind it is looked at. */
static size_t uri_wide_space(const unsigned char *p)
{
    if (p[0] == 0xC2 && p[1] >= 0x80 && p[1] <= 0xA0) {
        return 2; /* U+0080..U+00A0 */
    }
    if (p[0] == 0xE1 && p[1] == 0x9A && p[2] == 0x80) {
        return 3; /* U+1680 */
    }
    if (p[0] == 0xE2 && p[1] == 0x80 &&
        ((p[2] >= 0x80 && p[2] <= 0x8A) || p[2] == 0xA8 || p[2] == 0xA9 || p[2] == 0xAF)) {
        return 3; /* U+2000..U+200A, U+2028, U+2029, U+202F */
    }
    if ((p[0] == 0xE2 && p[1] == 0x81 && p[2] == 0x9F) ||
        (p[0] == 0xE3 && p[1] == 0x80 && p[2] == 0x80)) {
        return 3; /* U+205F, U+3000 */
    }
    return 0;
}

static bool uri_keeps(unsigned char c)
{
    return c >= 0x80 || (c >= '0' && c <= '9') ||
           (ascii_lower((char)c) >= 'a' && ascii_lower((char)c) <= 'z') ||
           (c != 0 && strchr("-_.!~*'();/:@&=+$,", c) != NULL);
}

char *vfs_uri_of_path(Arena *a, const char *path)
{
    StrBuf b = {0};
    const unsigned char *p = (const unsigned char *)vfs_absolute(a, path);
    strbuf_puts(&b, "file://");
    while (*p != '\0') {
        size_t escape = uri_wide_space(p);
        if (escape == 0 && !uri_keeps(*p)) {
            escape = 1;
        }
        if (escape == 0) {
            strbuf_putc(&b, (char)*p++);
        }
        for (; escape > 0; escape--) {
            strbuf_printf(&b, "%%%02X", *p++);
        }
    }
    return strbuf_arena(&b, a);
}
