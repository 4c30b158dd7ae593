/*
 * orders_crash.c - jobs that die at every step of three batches, and must not show it.
 *
 * Three jobs read three JSON files, one a batch: "orders" filters them into CSV, "parquet" does so
 * into Parquet, "counts" keeps a count by status (update mode, noop sink). For each create, write,
 * sync, rename, link, remove and sync_dir that a run makes (base/vfs.h counts them) a run is killed
 * in place of that step, started again, and must end with the answer of a run that never died:
 * orders  the rows of the files that _spark_metadata lists, each once counts  the table that
 * complete mode shows after one more file, which is all in the state Steps that are a write are
 * also tried with half of the bytes written. In a second round the restart dies as well, at another
 * step.
 *
 * Each run is a process of its own (this program with --run), as FOREBAY_CRASH_AT is read once.
 */
#include "base/clock.h"
#include "base/vfs.h"
#include "column/timezone.h"
#include "session/session.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_BATCHES 3
#define ROWS_A_FILE 20
#define MAX_STEPS 2000 /* far more than three batches make */
#define N_STATUS 3

static const char *const status_names[N_STATUS] = {"COMPLETE", "PENDING", "CLOSED"};

static _Noreturn void die(const char *what, const char *detail)
{
    (void)fprintf(stderr, "orders_crash: %s: %s\n", what, detail ? detail : "");
    exit(1);
}

static void must(fb_status st, const fb_error *err, const char *what)
{
    if (st != FB_OK) {
        die(what, err->message);
    }
}

/* ---- one run of a job (--run JOB DIR) ---- */

/* The temp view "orders" over DIR/in. */
static void read_orders(Session *s, const char *dir)
{
    fb_error err = {0};
    Arena a = {0};
    PlanTree *tree;
    const char *path = arena_printf(&a, "%s/in", dir);
    ReadSpec spec = {.format = "json",
                     .schema = "order_id BIGINT, order_status STRING, amount DECIMAL(10,2)",
                     .paths = &path,
                     .n_paths = 1,
                     .streaming = true};
    options_set(&spec.options, &a, "maxFilesPerTrigger", "1");
    Plan *read = plan_new(&a, P_READ, 0);
    read->read = &spec;
    read->streaming = true;
    must(session_analyze(s, read, (Str){0}, &tree, &err), &err, "reading");
    must(session_create_view(s, "orders", tree, false, true, &err), &err, "creating the view");
    plantree_release(tree);
    arena_free(&a);
}

static PlanTree *query_of(Session *s, const char *sql)
{
    fb_error err = {0};
    PlanTree *tree = NULL;
    RowSet *rows = NULL;
    must(session_sql(s, str_of(sql), NULL, &tree, &rows, &err), &err, sql);
    return tree;
}

static void run_query(Session *s, const char *sql, const StreamWriteSpec *w)
{
    fb_error err = {0};
    Query *q;
    bool ended;
    PlanTree *tree = query_of(s, sql);
    must(session_start_query(s, tree, w, &q, &err), &err, "starting");
    must(query_await(q, -1, &ended, &err), &err, "running");
    query_release(q);
    plantree_release(tree);
}

/* Rows of a query, one string each, as lines in DIR/table. */
static void write_table(Session *s, const char *dir, const char *sql)
{
    fb_error err = {0};
    Arena a = {0};
    RowSet *rows;
    StrBuf out = {0};
    PlanTree *tree = query_of(s, sql);
    must(session_collect(s, tree, NULL, &rows, &err), &err, "reading the table");
    for (uint32_t b = 0; b < rows->n_batches; b++) {
        for (uint32_t i = 0; i < rows->batches[b].n_rows; i++) {
            vec_value_text(&rows->batches[b].col[0], i, tz_system(), &out);
            strbuf_putc(&out, '\n');
        }
    }
    must(vfs_write_file(arena_printf(&a, "%s/table", dir), out.p, out.n, true, NULL, &err), &err,
         "writing the table");
    strbuf_free(&out);
    rowset_release(rows);
    plantree_release(tree);
    arena_free(&a);
}

#define COUNTS                                                                                     \
    "SELECT order_status, count(*) AS n, sum(amount) AS total FROM orders GROUP BY order_status"

static int run_job(const char *job, const char *dir)
{
    fb_error err = {0};
    Arena a = {0};
    Engine *e = engine_new(2);
    Session *s = session_new(e, NULL);
    StreamWriteSpec w = {.output_mode = "append", .trigger = TRIGGER_AVAILABLE_NOW};
    must(conf_set(session_conf(s), "spark.sql.shuffle.partitions", "3", false, &err), &err, "conf");
    options_set(&w.options, &a, "checkpointLocation", arena_printf(&a, "%s/checkpoint", dir));
    read_orders(s, dir);
    if (strcmp(job, "parquet_rows") == 0) {
        write_table(s, dir,
                    arena_printf(&a,
                                 "SELECT concat_ws(',', order_id, amount) AS line FROM "
                                 "parquet.`%s/out` ORDER BY line",
                                 dir));
    } else if (strcmp(job, "counts") != 0 && strcmp(job, "table") != 0) {
        w.format = strcmp(job, "parquet") == 0 ? "parquet" : "csv";
        w.path = arena_printf(&a, "%s/out", dir);
        run_query(s, "SELECT order_id, amount FROM orders WHERE order_status = 'COMPLETE'", &w);
    } else if (strcmp(job, "counts") == 0) {
        w.format = "noop";
        w.output_mode = "update";
        run_query(s, COUNTS, &w);
    } else {
        w.format = "memory";
        w.output_mode = "complete";
        w.query_name = "counted";
        run_query(s, COUNTS, &w);
        write_table(s, dir,
                    "SELECT concat_ws(' ', order_status, n, total) FROM counted ORDER BY "
                    "order_status");
    }
    session_release(s);
    engine_free(e);
    arena_free(&a);
    return 0;
}

/* ---- the harness ---- */

typedef struct Harness {
    const char *self; /* this program */
    const char *base; /* folder of all trials */
    const char *job;
    uint32_t n_trials;
    char steps[MAX_STEPS]; /* of a run that doesn't die: first letter of the step's name, from 1 */
    uint32_t n_steps;
} Harness;

/* Starts a run and waits for it; at 0: it must end well, else it may die of SIGKILL. True: it died.
 */
static bool run_child(const Harness *h, const char *job, const char *dir, uint32_t at, bool torn,
                      const char *log)
{
    char number[16];
    int status;
    pid_t pid = fork();
    if (pid < 0) {
        die("fork", NULL);
    }
    if (pid == 0) {
        (void)snprintf(number, sizeof(number), "%" PRIu32, at);
        if ((at && setenv("FOREBAY_CRASH_AT", number, 1) != 0) ||
            (torn && setenv("FOREBAY_CRASH_TORN", "1", 1) != 0) ||
            (log && setenv("FOREBAY_CRASH_LOG", log, 1) != 0)) {
            _exit(3);
        }
        (void)execl(h->self, h->self, "--run", job, dir, (char *)NULL);
        _exit(3);
    }
    if (waitpid(pid, &status, 0) != pid) {
        die("waitpid", NULL);
    }
    if (at && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
        return true;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        (void)fprintf(stderr, "%s: step %" PRIu32 "%s: status %d\n", job, at, torn ? " torn" : "",
                      status);
        die("a run failed", dir);
    }
    return false;
}

static void put(const char *path, Str text)
{
    fb_error err = {0};
    must(vfs_write_file(path, text.p, text.n, true, NULL, &err), &err, path);
}

/* DIR/in/<k>.json; the times of the files give their order. */
static void drop_file(const char *dir, uint32_t k)
{
    Arena a = {0};
    StrBuf text = {0};
    const char *path = arena_printf(&a, "%s/in/%" PRIu32 ".json", dir, k);
    for (uint32_t i = 0; i < ROWS_A_FILE; i++) {
        uint32_t id = k * ROWS_A_FILE + i;
        strbuf_printf(
            &text, "{\"order_id\":%" PRIu32 ",\"order_status\":\"%s\",\"amount\":%" PRIu32 ".25}\n",
            id, status_names[id % N_STATUS], id);
    }
    put(path, (Str){text.p, text.n});
    struct timespec times[2] = {{.tv_sec = 1700000000 + k}, {.tv_sec = 1700000000 + k}};
    if (utimensat(AT_FDCWD, path, times, 0) != 0) {
        die("utimensat", path);
    }
    strbuf_free(&text);
    arena_free(&a);
}

static const char *new_trial(Harness *h, Arena *a)
{
    const char *dir = arena_printf(a, "%s/%s-%" PRIu32, h->base, h->job, h->n_trials++);
    for (uint32_t k = 0; k < N_BATCHES; k++) {
        drop_file(dir, k);
    }
    return dir;
}

/* ---- answers ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Adds the lines of a file, without their newlines. */
static void add_lines(Arena *a, const char *path, const char **lines, size_t *n, size_t cap)
{
    fb_error err = {0};
    char *text;
    size_t size;
    must(vfs_read_file(path, &text, &size, &err), &err, path);
    for (char *p = text, *end; p < text + size; p = end + 1) {
        end = memchr(p, '\n', (size_t)(text + size - p));
        end = end ? end : text + size;
        if (*n == cap) {
            die("too many lines", path);
        }
        lines[(*n)++] = arena_printf(a, "%.*s", (int)(end - p), p);
    }
    mem_free(text);
}

#define MAX_LINES ((size_t)1000)

/* The rows of the files that _spark_metadata lists, sorted. A run that dies after it has chosen a
 * file and before it has written down the batch takes that file with the next one: two batches are
 * fine. */
static const char *sink_rows(Arena *a, const char *dir)
{
    const char *entries[MAX_LINES], *rows[MAX_LINES];
    size_t n_entries = 0, n_rows = 0;
    StrBuf out = {0};
    for (int batch = 0; batch < N_BATCHES; batch++) {
        const char *entry = arena_printf(a, "%s/out/_spark_metadata/%d", dir, batch);
        if (access(entry, F_OK) == 0) {
            add_lines(a, entry, entries, &n_entries, MAX_LINES);
        }
    }
    for (size_t i = 0; i < n_entries; i++) {
        static const char mark[] = "\"path\":\"file://";
        const char *path = strstr(entries[i], mark);
        if (path) {
            path += sizeof(mark) - 1;
            add_lines(a, arena_printf(a, "%.*s", (int)strcspn(path, "\""), path), rows, &n_rows,
                      MAX_LINES);
        }
    }
    qsort(rows, n_rows, sizeof(rows[0]), by_text);
    for (size_t i = 0; i < n_rows; i++) {
        strbuf_printf(&out, "%s\n", rows[i]);
    }
    const char *text = arena_printf(a, "%.*s", (int)out.n, out.n ? out.p : "");
    strbuf_free(&out);
    return text;
}

/* What a job leaves in DIR/table. */
static const char *table_of(const Harness *h, Arena *a, const char *dir, const char *job)
{
    fb_error err = {0};
    char *text;
    size_t n;
    (void)run_child(h, job, dir, 0, false, NULL);
    must(vfs_read_file(arena_printf(a, "%s/table", dir), &text, &n, &err), &err, "the table");
    const char *copy = arena_printf(a, "%s", text);
    mem_free(text);
    return copy;
}

/* One more file into the same state, then the whole table. */
static const char *final_table(const Harness *h, Arena *a, const char *dir)
{
    drop_file(dir, N_BATCHES);
    return table_of(h, a, dir, "table");
}

static const char *expected(Arena *a, const char *job)
{
    const char *lines[MAX_LINES];
    size_t n = 0;
    StrBuf out = {0};
    if (strcmp(job, "counts") != 0) {
        for (uint32_t id = 0; id < N_BATCHES * ROWS_A_FILE; id += N_STATUS) {
            lines[n++] = arena_printf(a, "%" PRIu32 ",%" PRIu32 ".25", id, id);
        }
    } else {
        for (uint32_t k = 0; k < N_STATUS; k++) {
            uint32_t count = 0, cents = 0;
            for (uint32_t id = k; id < (N_BATCHES + 1) * ROWS_A_FILE; id += N_STATUS) {
                count++;
                cents += 100 * id + 25;
            }
            lines[n++] = arena_printf(a, "%s %" PRIu32 " %" PRIu32 ".%02" PRIu32, status_names[k],
                                      count, cents / 100, cents % 100);
        }
    }
    qsort(lines, n, sizeof(lines[0]), by_text);
    for (size_t i = 0; i < n; i++) {
        strbuf_printf(&out, "%s\n", lines[i]);
    }
    const char *text = arena_printf(a, "%.*s", (int)out.n, out.p);
    strbuf_free(&out);
    return text;
}

static void check_answer(const Harness *h, Arena *a, const char *dir, const char *what)
{
    fb_error err = {0};
    const char *want = expected(a, h->job);
    const char *got = strcmp(h->job, "orders") == 0    ? sink_rows(a, dir)
                      : strcmp(h->job, "parquet") == 0 ? table_of(h, a, dir, "parquet_rows")
                                                       : final_table(h, a, dir);
    if (strcmp(got, want) != 0) {
        (void)fprintf(stderr, "%s, %s: got\n%s\nwanted\n%s\n", h->job, what, got, want);
        die("a wrong answer; its folder", dir);
    }
    must(vfs_remove_tree(dir, &err), &err, dir);
}

/* ---- trials ---- */

/* A run that doesn't die: its answer, and its steps. */
static void count_steps(Harness *h)
{
    Arena a = {0};
    const char *lines[MAX_STEPS], *dir = new_trial(h, &a);
    const char *log = arena_printf(&a, "%s/steps", dir);
    size_t n = 0;
    (void)run_child(h, h->job, dir, 0, false, log);
    add_lines(&a, log, lines, &n, MAX_STEPS - 1);
    for (size_t i = 0; i < n; i++) {
        const char *name = strchr(lines[i], ' ');
        h->steps[i + 1] = name ? name[1] : '?';
    }
    h->n_steps = (uint32_t)n;
    check_answer(h, &a, dir, "without a crash");
    arena_free(&a);
}

/* Dies at a step and, if again is not 0, once more at step `again` of the restart; then ends. */
static void trial(Harness *h, uint32_t at, bool torn, uint32_t again)
{
    Arena a = {0};
    const char *dir = new_trial(h, &a);
    if (!run_child(h, h->job, dir, at, torn, NULL)) {
        die("the run ended before its step", arena_printf(&a, "%" PRIu32, at));
    }
    if (again) {
        (void)run_child(h, h->job, dir, again, false, NULL);
    }
    (void)run_child(h, h->job, dir, 0, false, NULL);
    check_answer(h, &a, dir,
                 arena_printf(&a, "died at %" PRIu32 "%s, then at %" PRIu32, at,
                              torn ? " (torn)" : "", again));
    arena_free(&a);
}

static void test_job(const char *self, const char *base, const char *job)
{
    Harness h = {.self = self, .base = base, .job = job};
    count_steps(&h);
    if (h.n_steps < 10 * N_BATCHES) {
        die("a run has too few steps to be true", job);
    }
    for (uint32_t at = 1; at <= h.n_steps; at++) {
        trial(&h, at, false, 0);
        if (h.steps[at] == 'w') {
            trial(&h, at, true, 0);
        }
        trial(&h, at, false, 1 + at * 7 % 31);
    }
    (void)printf("%s: %" PRIu32 " steps, %" PRIu32 " trials, always the same answer\n", job,
                 h.n_steps, h.n_trials);
}

int main(int argc, char **argv)
{
    char id[37];
    Arena a = {0};
    fb_error err = {0};
    if (argc == 4 && strcmp(argv[1], "--run") == 0) {
        return run_job(argv[2], argv[3]);
    }
    const char *tmp = getenv("TMPDIR");
    uuid_new(id);
    const char *base = arena_printf(&a, "%s/forebay-crash-%s", tmp && *tmp ? tmp : "/tmp", id);
    vfs_set_fsync(false); /* of this process; the runs sync as they always do */
    test_job(argv[0], base, "orders");
    test_job(argv[0], base, "parquet");
    test_job(argv[0], base, "counts");
    must(vfs_remove_tree(base, &err), &err, base);
    arena_free(&a);
    return 0;
}
