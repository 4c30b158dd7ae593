/*
 * crash_jobs.c - see crash_jobs.h.
 *
 * Row k of the input has status k mod 3; the three statuses are also what is partitioned by. The
 * answers are made of the ids by arithmetic, not by the engine.
 */
#include "crash_jobs.h"

#include "base/vfs.h"
#include "column/timezone.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define ROWS_A_FILE 20
#define N_STATUS 3
#define LIMIT 31   /* of JOB_LIMIT */
#define OLD_ROWS 5 /* of JOB_WRITE's folder, ids from OLD_ID on */
#define OLD_ID 9000

static const char *const status_names[N_STATUS] = {"COMPLETE", "PENDING", "CLOSED"};

_Noreturn void die(const char *what, const char *detail)
{
    (void)fprintf(stderr, "crash: %s: %s\n", what, detail ? detail : "");
    exit(1);
}

void must(fb_status st, const fb_error *err, const char *what)
{
    if (st != FB_OK) {
        die(what, err->message);
    }
}

/* ---- input ---- */

/* DIR/in/<k>.json; the times of the files give their order. */
static void drop_file(const char *dir, uint32_t k)
{
    Arena a = {0};
    StrBuf text = {0};
    fb_error err = {0};
    const char *path = arena_printf(&a, "%s/in/%" PRIu32 ".json", dir, k);
    for (uint32_t i = 0; i < ROWS_A_FILE; i++) {
        uint32_t id = k * ROWS_A_FILE + i;
        strbuf_printf(
            &text, "{\"order_id\":%" PRIu32 ",\"order_status\":\"%s\",\"amount\":%" PRIu32 ".25}\n",
            id, status_names[id % N_STATUS], id);
    }
    must(vfs_write_file(path, text.p, text.n, true, NULL, &err), &err, path);
    struct timespec times[2] = {{.tv_sec = 1700000000 + k}, {.tv_sec = 1700000000 + k}};
    if (utimensat(AT_FDCWD, path, times, 0) != 0) {
        die("utimensat", path);
    }
    strbuf_free(&text);
    arena_free(&a);
}

/* What a run before left in DIR/out. */
static void drop_old(const char *dir)
{
    Arena a = {0};
    StrBuf text = {0};
    fb_error err = {0};
    const char *path =
        arena_printf(&a, "%s/out/order_status=COMPLETE/part-00000-old.c000.csv", dir);
    for (uint32_t id = OLD_ID; id < OLD_ID + OLD_ROWS; id++) {
        strbuf_printf(&text, "%" PRIu32 ",%" PRIu32 ".25\n", id, id);
    }
    must(vfs_write_file(path, text.p, text.n, true, NULL, &err), &err, path);
    strbuf_free(&text);
    arena_free(&a);
}

void job_prepare(const Job *j, const char *dir)
{
    for (uint32_t k = 0; k < j->n_batches; k++) {
        drop_file(dir, k);
    }
    if (j->kind == JOB_WRITE) {
        drop_old(dir);
    }
}

/* ---- runs ---- */

#define SCHEMA "order_id BIGINT, order_status STRING, amount DECIMAL(10,2)"
#define COUNTS                                                                                     \
    "SELECT order_status, count(*) AS n, sum(amount) AS total FROM orders GROUP BY order_status"

static fb_status analyze_view(Session *s, const char *name, const Plan *read, fb_error *err)
{
    PlanTree *tree;
    TRY(session_analyze(s, read, (Str){0}, &tree, err));
    fb_status st = session_create_view(s, name, tree, false, true, err);
    plantree_release(tree);
    return st;
}

/* The temp view over DIR/in (format json) or DIR/out. */
static fb_status read_view(Session *s, const Job *j, const char *dir, const char *name,
                           const char *format, const char *schema, bool streaming, fb_error *err)
{
    Arena a = {0};
    bool in = strcmp(format, "json") == 0;
    const char *path = arena_printf(&a, "%s/%s", dir, in ? "in" : "out");
    ReadSpec spec = {
        .format = format, .schema = schema, .paths = &path, .n_paths = 1, .streaming = streaming};
    if (streaming) {
        options_set(&spec.options, &a, "maxFilesPerTrigger", "1");
    }
    if (streaming && j->kind == JOB_ORDERS && j->compacts) {
        options_set(&spec.options, &a, "cleanSource", "archive");
        options_set(&spec.options, &a, "sourceArchiveDir", arena_printf(&a, "%s/archive", dir));
    }
    Plan *read = plan_new(&a, P_READ, 0);
    read->read = &spec;
    read->streaming = streaming;
    fb_status st = analyze_view(s, name, read, err);
    arena_free(&a);
    return st;
}

static fb_status query_of(Session *s, const char *sql, PlanTree **ret, fb_error *err)
{
    RowSet *rows = NULL;
    return session_sql(s, str_of(sql), NULL, ret, &rows, err);
}

static fb_status run_query(Session *s, const char *sql, const StreamWriteSpec *w, fb_error *err)
{
    Query *q;
    bool ended;
    PlanTree *tree = NULL;
    TRY(query_of(s, sql, &tree, err));
    fb_status st = session_start_query(s, tree, w, &q, err);
    if (st == FB_OK) {
        st = query_await(q, -1, &ended, err);
        query_release(q);
    }
    plantree_release(tree);
    return st;
}

static fb_status write_batch(Session *s, const char *dir, fb_error *err)
{
    static const char *const by = "order_status";
    Arena a = {0};
    PlanTree *tree = NULL;
    WriteSpec w = {.format = "csv",
                   .path = arena_printf(&a, "%s/out", dir),
                   .mode = SAVE_OVERWRITE,
                   .partition_by = &by,
                   .n_partition_by = 1};
    fb_status st = query_of(s, "SELECT order_id, amount, order_status FROM orders", &tree, err);
    if (st == FB_OK) {
        st = session_write(s, tree, &w, NULL, err);
        plantree_release(tree);
    }
    arena_free(&a);
    return st;
}

static fb_status run_stream(Session *s, const Job *j, const char *dir, bool show, fb_error *err)
{
    static const char *const by = "order_status";
    Arena a = {0};
    StreamWriteSpec w = {.output_mode = "append", .trigger = TRIGGER_AVAILABLE_NOW};
    const char *sql = "SELECT order_id, amount FROM orders WHERE order_status = 'COMPLETE'";
    options_set(&w.options, &a, "checkpointLocation", arena_printf(&a, "%s/checkpoint", dir));
    if (j->kind == JOB_COUNTS) {
        sql = COUNTS;
        w.format = show ? "memory" : "noop";
        w.output_mode = show ? "complete" : "update";
        w.query_name = show ? "counted" : NULL;
    } else {
        w.format = j->kind == JOB_PARQUET ? "parquet" : "csv";
        w.path = arena_printf(&a, "%s/out", dir);
    }
    if (j->kind == JOB_LIMIT) {
        sql = arena_printf(&a, "SELECT order_id, amount FROM orders LIMIT %d", LIMIT);
    }
    if (j->kind == JOB_PARQUET) {
        sql = "SELECT order_id, amount, order_status FROM orders";
        w.partition_by = &by;
        w.n_partition_by = 1;
    }
    fb_status st = run_query(s, sql, &w, err);
    arena_free(&a);
    return st;
}

static void set_conf(Session *s, const Job *j)
{
    static const char *const compact[][2] = {
        {"spark.sql.streaming.fileSink.log.compactInterval", "2"},
        {"spark.sql.streaming.fileSink.log.cleanupDelay", "0"},
        {"spark.sql.streaming.fileSource.log.compactInterval", "2"},
        {"spark.sql.streaming.fileSource.log.cleanupDelay", "0"},
        {"spark.sql.streaming.minBatchesToRetain", "1"},
        {"spark.sql.streaming.stateStore.minDeltasForSnapshot", "1"}};
    fb_error err = {0};
    must(conf_set(session_conf(s), "spark.sql.shuffle.partitions", "3", false, &err), &err, "conf");
    for (size_t i = 0; j->compacts && i < sizeof(compact) / sizeof(compact[0]); i++) {
        must(conf_set(session_conf(s), compact[i][0], compact[i][1], false, &err), &err, "conf");
    }
}

fb_status job_run(const Job *j, const char *dir, fb_error *err)
{
    Engine *e = engine_new(2);
    Session *s = session_new(e, NULL);
    set_conf(s, j);
    fb_status st = read_view(s, j, dir, "orders", "json", SCHEMA, j->kind != JOB_WRITE, err);
    if (st == FB_OK) {
        st = j->kind == JOB_WRITE ? write_batch(s, dir, err) : run_stream(s, j, dir, false, err);
    }
    session_release(s);
    engine_free(e);
    return st;
}

/* ---- answers ---- */

/* Rows of a query of one string column, as lines. */
static const char *lines_of(Session *s, Arena *a, const char *sql)
{
    fb_error err = {0};
    RowSet *rows;
    StrBuf out = {0};
    PlanTree *tree = NULL;
    must(query_of(s, sql, &tree, &err), &err, sql);
    must(session_collect(s, tree, NULL, &rows, &err), &err, "reading the answer");
    for (uint32_t b = 0; b < rows->n_batches; b++) {
        for (uint32_t i = 0; i < rows->batches[b].n_rows; i++) {
            vec_value_text(&rows->batches[b].col[0], i, tz_system(), &out);
            strbuf_putc(&out, '\n');
        }
    }
    rowset_release(rows);
    plantree_release(tree);
    return strbuf_arena(&out, a);
}

const char *job_answer(const Job *j, Arena *a, const char *dir)
{
    static const char rows[] = "SELECT concat_ws(',', order_id, amount) AS line FROM written "
                               "ORDER BY line";
    fb_error err = {0};
    const char *text;
    Engine *e = engine_new(1);
    Session *s = session_new(e, NULL);
    set_conf(s, j);
    if (j->kind == JOB_COUNTS) {
        drop_file(dir, j->n_batches);
        must(read_view(s, j, dir, "orders", "json", SCHEMA, true, &err), &err, "reading");
        must(run_stream(s, j, dir, true, &err), &err, "showing the state");
        text = lines_of(s, a,
                        "SELECT concat_ws(' ', order_status, n, total) AS line FROM counted "
                        "ORDER BY line");
    } else {
        const char *schema = j->kind == JOB_ORDERS || j->kind == JOB_LIMIT
                                 ? "order_id BIGINT, amount DECIMAL(10,2)"
                                 : "order_id BIGINT, amount DECIMAL(10,2), order_status STRING";
        const char *format = j->kind == JOB_PARQUET ? "parquet" : "csv";
        must(read_view(s, j, dir, "written", format, schema, false, &err), &err, "reading");
        text = lines_of(s, a, rows);
    }
    session_release(s);
    engine_free(e);
    return text;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *sorted_lines(Arena *a, const char **lines, size_t n)
{
    StrBuf out = {0};
    qsort(lines, n, sizeof(lines[0]), by_text);
    for (size_t i = 0; i < n; i++) {
        strbuf_printf(&out, "%s\n", lines[i]);
    }
    return strbuf_arena(&out, a);
}

/* Rows of every step-th id from first on. */
static const char *row_lines(Arena *a, uint32_t first, uint32_t end, uint32_t step)
{
    const char **lines = ARENA_ARRAY(a, const char *, end - first);
    size_t n = 0;
    for (uint32_t id = first; id < end; id += step) {
        lines[n++] = arena_printf(a, "%" PRIu32 ",%" PRIu32 ".25", id, id);
    }
    return sorted_lines(a, lines, n);
}

const char *job_before(const Job *j, Arena *a)
{
    return j->kind == JOB_WRITE ? row_lines(a, OLD_ID, OLD_ID + OLD_ROWS, 1) : "";
}

const char *job_expected(const Job *j, Arena *a)
{
    const char *lines[N_STATUS];
    if (j->kind != JOB_COUNTS) {
        uint32_t end = j->kind == JOB_LIMIT ? LIMIT : j->n_batches * ROWS_A_FILE;
        return row_lines(a, 0, end, j->kind == JOB_ORDERS ? N_STATUS : 1);
    }
    for (uint32_t k = 0; k < N_STATUS; k++) {
        uint32_t count = 0, cents = 0;
        for (uint32_t id = k; id < (j->n_batches + 1) * ROWS_A_FILE; id += N_STATUS) {
            count++;
            cents += 100 * id + 25;
        }
        lines[k] = arena_printf(a, "%s %" PRIu32 " %" PRIu32 ".%02" PRIu32, status_names[k], count,
                                cents / 100, cents % 100);
    }
    return sorted_lines(a, lines, N_STATUS);
}

/* ---- leftovers ---- */

typedef struct Walk {
    Arena *arena;
    const char *dir;
} Walk;

static fb_status find_temp(void *arg, const char *name, fb_error *err)
{
    const Walk *w = arg;
    VfsStat st;
    const char *path = vfs_join(w->arena, w->dir, name);
    if (str_has_suffix(str_of(name), STR_LIT(".tmp"))) {
        die("a temp file is left", path);
    }
    TRY(vfs()->stat(path, &st, err));
    Walk below = {w->arena, path};
    return st.is_dir ? vfs()->list(path, find_temp, &below, err) : FB_OK;
}

void job_no_temps(const char *dir)
{
    Arena a = {0};
    fb_error err = {0};
    Walk w = {&a, dir};
    must(vfs()->list(dir, find_temp, &w, &err), &err, dir);
    arena_free(&a);
}
