/*
 * write.c - df.write: file formats, and the formats console and noop.
 *
 * Files appear only when the whole job is done (connector/file_write.c); the save mode is looked at
 * before anything runs, as Spark does.
 */
#include "session/session_priv.h"

#include "column/timezone.h"
#include "connector/connector.h"
#include "connector/files.h"
#include "format/format.h"

#include <stdio.h>

fb_status write_path(Arena *a, const Conf *conf, const char *given, const Options *o, ErrId twice,
                     char **ret, fb_error *err)
{
    const char *option = options_get(o, "path");
    char *path;
    if (given && option && !conf_get_bool(conf, LEGACY_PATH_OPTION)) {
        bool batch = twice == ERR_LEGACY_1307;
        return err_set(err, twice, "config", LEGACY_PATH_OPTION, batch ? NULL : "method", "start",
                       NULL);
    }
    if (!given && !option) {
        *ret = NULL;
        return FB_OK;
    }
    TRY(vfs_path_of_uri(a, given ? given : option, &path, err));
    *ret = vfs_absolute(a, path);
    return FB_OK;
}

/* *ret_skip: mode ignore, and there is something. */
static fb_status look_at_target(const WriteSpec *w, const char *path, bool *ret_skip, fb_error *err)
{
    VfsStat st;
    *ret_skip = false;
    TRY(vfs()->stat(path, &st, err));
    if (!st.exists || w->mode == SAVE_APPEND || w->mode == SAVE_OVERWRITE) {
        return FB_OK;
    }
    if (w->mode == SAVE_IGNORE) {
        *ret_skip = true;
        return FB_OK;
    }
    Arena a = {0};
    fb_status rc =
        err_set(err, ERR_PATH_ALREADY_EXISTS, "outputPath", files_display(&a, path), NULL);
    arena_free(&a);
    return rc;
}

typedef struct Commit {
    FileWrite *write; /* NULL: committed, or failed at that */
    bool overwrite;
} Commit;

static fb_status commit(void *arg, fb_error *err)
{
    Commit *c = arg;
    FileWrite *w = c->write;
    c->write = NULL;
    return file_write_commit(w, c->overwrite, err);
}

static fb_status write_files(Session *s, const PlanTree *t, const WriteSpec *w, const char *format,
                             Arena *a, _Atomic bool *cancel, fb_error *err)
{
    char *path;
    bool skip;
    FileWrite *write;
    Op *op;
    TRY(write_path(a, s->conf, w->path, &w->options, ERR_LEGACY_1307, &path, err));
    if (!path) {
        return err_set(err, ERR_LEGACY_2047, NULL);
    }
    TRY(type_check_names(plan_schema(t->plan), conf_get_bool(s->conf, "spark.sql.caseSensitive"),
                         false, err));
    TRY(look_at_target(w, path, &skip, err));
    if (skip) {
        return FB_OK;
    }
    FileWriteSpec spec = {.format = format,
                          .options = &w->options,
                          .path = path,
                          .schema = plan_schema(t->plan),
                          .partition_by = w->partition_by,
                          .n_partition_by = w->n_partition_by,
                          .time_zone = conf_get(s->conf, "spark.sql.session.timeZone", a)};
    const char *how = conf_get(s->conf, "spark.sql.sources.partitionOverwriteMode", a);
    how = options_get_or(&w->options, "partitionOverwriteMode", how ? how : "static");
    if (!cstr_eq_nocase(how, "static") && !cstr_eq_nocase(how, "dynamic")) {
        return err_set(err, ERR_INVALID_OPTION_VALUE, "option", "partitionOverwriteMode", "value",
                       how, "expected", "static or dynamic", NULL);
    }
    if (w->mode == SAVE_OVERWRITE && w->n_partition_by && cstr_eq_nocase(how, "dynamic")) {
        return err_unsupported(err, "the dynamic overwriting of partitions");
    }
    TRY(file_write_begin(&spec, s->conf, &write, &op, err));
    Commit c = {write, w->mode == SAVE_OVERWRITE};
    fb_status st = run_then(s, t->plan, cancel, op, commit, &c, err);
    if (c.write) {
        file_write_abort(c.write);
    }
    cache_forget_path(s->engine, vfs_absolute(a, path));
    return st;
}

/* The batch form of the console: a table without the streaming sink's header. */
static fb_status write_console(Session *s, const PlanTree *t, const WriteSpec *w, fb_error *err)
{
    int64_t n_rows, truncate;
    StrBuf out = {0};
    TRY(console_options(&w->options, &n_rows, &truncate, err));
    TRY(session_show(s, t, n_rows, truncate, false, &out, err));
    strbuf_putc(&out, '\n');
    (void)fwrite(out.p, 1, out.n, stdout);
    (void)fflush(stdout);
    strbuf_free(&out);
    return FB_OK;
}

static fb_status write_noop(Session *s, const PlanTree *t, const WriteSpec *w, _Atomic bool *cancel,
                            fb_error *err)
{
    if (w->mode == SAVE_ERROR_IF_EXISTS || w->mode == SAVE_IGNORE) {
        return err_set(err, ERR_UNSUPPORTED_DATA_SOURCE_SAVE_MODE, "source", "noop", "createMode",
                       w->mode == SAVE_IGNORE ? "\"Ignore\"" : "\"ErrorIfExists\"", NULL);
    }
    return run_into(s, t->plan, cancel, op_discard(), err);
}

fb_status session_write(Session *s, const PlanTree *t, const WriteSpec *w, _Atomic bool *cancel,
                        fb_error *err)
{
    Arena a = {0};
    fb_status st;
    if (t->plan->streaming) {
        return err_set(err, ERR_CALL_ON_STREAMING_DATASET_UNSUPPORTED, "methodName", "`write`",
                       NULL);
    }
    if (w->table) {
        return err_unsupported(err, "writing to the table %s", w->table);
    }
    const char *format = w->format ? w->format : conf_get(s->conf, "spark.sql.sources.default", &a);
    if (format_lookup(format)) {
        st = write_files(s, t, w, format, &a, cancel, err);
    } else if (cstr_eq_nocase(format, "console")) {
        st = write_console(s, t, w, err);
    } else if (cstr_eq_nocase(format, "noop")) {
        st = write_noop(s, t, w, cancel, err);
    } else if (cstr_eq_nocase(format, "socket") || cstr_eq_nocase(format, "memory")) {
        st = err_set(err, ERR_DATA_SOURCE_NOT_FOUND, "provider", format, NULL);
    } else {
        /* The connectors' table knows which names Spark has. */
        StreamSink *none;
        SinkSpec spec = {.format = format, .options = &w->options};
        st = connector_sink(&spec, s->conf, &none, err);
        FB_ASSERT(st != FB_OK);
    }
    arena_free(&a);
    return st;
}
