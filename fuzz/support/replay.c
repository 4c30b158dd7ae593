/*
 * replay.c - the main program of a fuzz target in ordinary builds: runs it once on each file of the
 * folders and files named, and once on nothing.
 *
 * Files are read in the order of their names, so that a failure comes back the same way. The name
 * is printed before the file is run: the last one printed is the one that broke.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/vfs.h"
#include "support/fuzz.h"

typedef struct Names {
    Arena arena;
    const char *dir;
    const char **name;
    size_t n, cap;
} Names;

static fb_status collect(void *arg, const char *name, fb_error *err)
{
    Names *l = arg;

    (void)err;
    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 64;
        l->name = mem_realloc(l->name, mem_mul(l->cap, sizeof(*l->name)));
    }
    l->name[l->n++] = vfs_join(&l->arena, l->dir, name);
    return FB_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static fb_status gather(Names *l, const char *path, fb_error *err)
{
    VfsStat st;

    TRY(vfs()->stat(path, &st, err));
    l->dir = path;
    return st.is_dir ? vfs()->list(path, collect, l, err) : collect(l, "", err);
}

int main(int argc, char **argv)
{
    Names l = {0};
    fb_error err = {0};
    fb_status st = FB_OK;

    for (int i = 1; i < argc && st == FB_OK; i++) {
        st = gather(&l, argv[i], &err);
    }
    if (l.n > 0) {
        qsort(l.name, l.n, sizeof(*l.name), by_name);
    }
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (size_t i = 0; i < l.n && st == FB_OK; i++) {
        char *data;
        size_t n;
        st = vfs_read_file(l.name[i], &data, &n, &err);
        if (st == FB_OK) {
            printf("%s\n", l.name[i]);
            (void)fflush(stdout);
            /* Of its own size, so that a sanitizer sees the first byte behind it. */
            uint8_t *exact = mem_alloc(n);
            memcpy(exact, data, n);
            mem_free(data);
            LLVMFuzzerTestOneInput(exact, n);
            mem_free(exact);
        }
    }
    if (st != FB_OK) {
        printf("%s\n", err.message);
    }
    err_clear(&err);
    mem_free(l.name);
    arena_free(&l.arena);
    return st == FB_OK ? 0 : 1;
}
