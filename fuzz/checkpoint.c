/*
 * checkpoint.c - fuzz target: the logs of a checkpoint: metadata, offsets, commits, the file
 * source's log, and the log that a file sink leaves for readers.
 *
 * The input is a list of files: a line with the path in the checkpoint, then what is in it, up to
 * the byte 0xFF. They are read as a restart reads them, then written to as the next batch does.
 */
#include <stdio.h>

#include "connector/connector.h"
#include "stream/checkpoint.h"
#include "support/fuzz.h"

#define CK FUZZ_DIR "/ck"
#define FILES_MAX 32

static void put_files(FuzzIn *in)
{
    char path[128];

    for (int i = 0; i < FILES_MAX && in->n > 0; i++) {
        Str one = fuzz_until(in, 0xFF);
        FuzzIn file = {(const uint8_t *)one.p, one.n};
        Str name = fuzz_until(&file, '\n');
        bool ok = name.n > 0 && name.n < 100 && !memchr(name.p, '\0', name.n) && name.p[0] != '/' &&
                  name.p[name.n - 1] != '/' && !memmem(name.p, name.n, "//", 2);
        if (ok) {
            (void)snprintf(path, sizeof(path), CK "/%.*s", (int)name.n, name.p);
            fuzz_put_file(path, file.p, file.n);
        }
    }
}

static fb_status count_line(void *arg, int64_t id, const char *line, fb_error *err)
{
    uint64_t *n = arg;

    (void)err;
    FB_ASSERT(id >= 0 && *line != '\0' && !strchr(line, '\n'));
    (*n)++;
    return FB_OK;
}

/* What was there and what is added must be found again. */
static void try_compact_log(const char *dir)
{
    static const char *const lines[] = {"{\"path\":\"file:///a\"}", "{\"path\":\"file:///b\"}"};
    CompactLog log;
    fb_error err = {0};
    uint64_t before = 0, after = 0;

    fb_status st = compact_log_open(&log, dir, 3, 2, 0, &err);
    fuzz_failed(st, &err);
    if (st != FB_OK) {
        return;
    }
    FB_ASSERT(log.interval > 0 && log.newest >= -1 && log.newest < INT64_MAX);
    st = compact_log_each(&log, count_line, &before, &err);
    fuzz_failed(st, &err);
    for (int i = 0; i < 4 && st == FB_OK; i++) {
        st = compact_log_add(&log, log.newest + 1, lines, 2, &err);
        fuzz_failed(st, &err);
        after += 2;
    }
    if (st == FB_OK) {
        uint64_t found = 0;
        FB_ASSERT(compact_log_each(&log, count_line, &found, &err) == FB_OK);
        FB_ASSERT(found == before + after);
    }
}

static void try_checkpoint(void)
{
    Checkpoint c;
    OffsetEntry next = {0};
    Conf *conf = conf_new();
    fb_error err = {0};
    char id[37];

    fuzz_failed(checkpoint_identify(CK, id, &err), &err);
    fb_status st = checkpoint_open(&c, CK, 1, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        FB_ASSERT(c.last_offset >= -1 && c.last_offset < INT64_MAX);
        FB_ASSERT(c.last_offset < 0 || c.last.n == 1);
        fuzz_failed(checkpoint_restore_conf(&c.last, conf, &err), &err);
        next = c.last;
        const char *zero = "0";
        next.offsets = &zero;
        next.n = 1;
        st = checkpoint_write_offsets(&c, c.last_offset + 1, &next, &err);
        FB_ASSERT(st == FB_OK);
        st = checkpoint_write_commit(&c, c.last_offset + 1, 0, &err);
        fuzz_failed(st, &err);
        fuzz_failed(checkpoint_purge(&c, c.last_offset + 1, 2, &err), &err);
    }
    checkpoint_close(&c);
    conf_free(conf);
}

static void note_file(void *arg, const char *path)
{
    (void)arg;
    FB_ASSERT(path != NULL);
}

/* The file source's log, and a folder that a sink has written. */
static void try_files(void)
{
    static const char *const paths[] = {CK "/out"};
    FileRelationSpec spec = {
        .format = "text", .options = &(Options){0}, .paths = paths, .n_paths = 1};
    Conf *conf = conf_new();
    Relation *r = NULL;
    struct StreamSource *source = NULL;
    fb_error err = {0};

    fb_status st = file_relation(&spec, conf, &r, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        fuzz_failed(r->vt->input_files(r, note_file, NULL, &err), &err);
        relation_release(r);
    }
    spec.streaming = true;
    st = file_relation(&spec, conf, &r, &err);
    fuzz_failed(st, &err);
    if (st == FB_OK) {
        st = r->vt->stream(r, CK "/sources/0", &source, &err);
        fuzz_failed(st, &err);
        if (st == FB_OK) {
            Arena a = {0};
            const char *offset;
            fuzz_failed(source->vt->latest_offset(source, "{\"logOffset\":0}", READ_BY_OPTIONS, &a,
                                                  &offset, &err),
                        &err);
            source->vt->free(source);
            arena_free(&a);
        }
        relation_release(r);
    }
    conf_free(conf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzIn in = {data, size};

    vfs_set_fsync(false);
    put_files(&in);
    try_files();
    try_compact_log(CK "/sources/0");
    try_compact_log(CK "/out/_spark_metadata");
    try_checkpoint();
    fuzz_remove_files();
    return 0;
}
