/*
 * names.c - fuzz target: small texts: settings, URIs of files, folders of partitions, time zones,
 * and the names that clients give columns.
 *
 * What is written of a path or value must read back as it was.
 */
#include "base/conf.h"
#include "column/timezone.h"
#include "connector/files.h"
#include "expr/expr.h"
#include "support/fuzz.h"

static void try_settings(Str s, const char *text)
{
    int64_t i;
    uint64_t u;
    bool b;
    Conf *conf = conf_new();
    fb_error err = {0};

    (void)conf_parse_bytes(s, &i);
    (void)conf_parse_time_ms(s, &i);
    if (parse_i64(s, &i) && i > 0) {
        FB_ASSERT(parse_u64(s, &u) && u == (uint64_t)i);
    }
    (void)parse_bool(s, &b);
    const char *const keys[] = {"spark.sql.shuffle.partitions", "spark.sql.session.timeZone",
                                "spark.forebay.memory.limit", "spark.sql.caseSensitive"};
    for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
        fb_status st = conf_set(conf, keys[k], text, true, &err);
        fuzz_failed(st, &err);
        (void)conf_get_int(conf, keys[k]);
    }
    fuzz_failed(conf_set(conf, text, "1", false, &err), &err);
    conf_free(conf);
    const TimeZone *tz = tz_find(s);
    if (tz) {
        FB_ASSERT(tz_find(str_of(tz_id(tz))) == tz);
        (void)tz_offset_at(tz, 1700000000);
        (void)tz_offset_at_local(tz, INT64_MAX / 2000000);
    }
}

static void try_paths(Str s, const char *text)
{
    Arena a = {0};
    fb_error err = {0};
    char *path = NULL, *again = NULL;
    StrBuf escaped = {0};

    fb_status st = vfs_path_of_uri(&a, text, &path, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK && path[0] == '/') {
        const char *uri = vfs_uri_of_path(&a, path); /* of the path without its "." and ".." */
        st = vfs_path_of_uri(&a, uri, &again, &err);
        FB_ASSERT(st == FB_OK && strcmp(uri, vfs_uri_of_path(&a, again)) == 0);
        FB_ASSERT(strcmp(again, vfs_absolute(&a, path)) == 0);
    }
    FB_ASSERT(vfs_absolute(&a, text)[0] == '/');
    FB_ASSERT(vfs_dirname(&a, text) && vfs_basename(text));
    files_escape(s, &escaped);
    FB_ASSERT(strcmp(files_unescape(&a, strbuf_str(&escaped)).p, text) == 0);
    (void)files_unescape(&a, s);
    strbuf_free(&escaped);
    arena_free(&a);
}

static void try_column(Str s)
{
    Arena a = {0};
    Expr *e = NULL;
    fb_error err = {0};

    fb_status st = expr_unresolved_attr(&a, s, &e, &err);
    FB_ASSERT(st != FB_OK || e->n_parts > 0);
    fuzz_failed(st, &err);
    arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena a = {0};
    size_t n = size > 0 ? strnlen((const char *)data, size) : 0;
    const char *text = arena_strndup(&a, (const char *)data, n);
    Str s = fuzz_exact(str_of(text));

    fuzz_put_file(FUZZ_DIR "/.keep", "", 0); /* nothing on disk is meant */
    try_settings(s, text);
    try_paths(s, text);
    try_column(s);
    mem_free((void *)(uintptr_t)s.p);
    arena_free(&a);
    return 0;
}
