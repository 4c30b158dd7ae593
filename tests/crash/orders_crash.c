/*
 * orders_crash.c - jobs that die at every step of three batches, and must not show it.
 *
 * For each create, write, sync, rename, link, remove and sync_dir that a run of a job makes
 * (base/vfs.h counts them) a run is killed in place of that step, started again, and must end with
 * the answer of a run that never died (crash_jobs.h). Steps that are a write are also tried with
 * half of the bytes written. In a second round the restart dies as well, at another step.
 *
 * A run that may die is a process of its own (this program with --run), as FOREBAY_CRASH_AT is read
 * once; the last one, and the reading of the answer, are in this process.
 */
#include "crash_jobs.h"

#include "base/clock.h"
#include "base/vfs.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_BATCHES 3
#define MAX_STEPS 2000 /* far more than three batches make */

static const Job jobs[] = {{"orders", JOB_ORDERS, N_BATCHES, false},
                           {"parquet", JOB_PARQUET, N_BATCHES, false},
                           {"counts", JOB_COUNTS, N_BATCHES, false},
                           {"limit", JOB_LIMIT, N_BATCHES, false}};
#define N_JOBS (sizeof(jobs) / sizeof(jobs[0]))

static int run_job(const char *name, const char *dir)
{
    fb_error err = {0};
    for (size_t k = 0; k < N_JOBS; k++) {
        if (strcmp(jobs[k].name, name) == 0) {
            must(job_run(&jobs[k], dir, &err), &err, name);
        }
    }
    return 0;
}

/* ---- the harness ---- */

typedef struct Harness {
    const char *self; /* this program */
    const char *base; /* folder of all trials */
    const Job *job;
    const char *want;
    uint32_t n_trials;
    char steps[MAX_STEPS]; /* of a run that doesn't die: first letter of the step's name, from 1 */
    uint32_t n_steps;
} Harness;

/* Starts a run and waits for it; at 0: it must end well, else it may die of SIGKILL. True: it died.
 */
static bool run_child(const Harness *h, const char *dir, uint32_t at, bool torn, const char *log)
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
        (void)execl(h->self, h->self, "--run", h->job->name, dir, (char *)NULL);
        _exit(3);
    }
    if (waitpid(pid, &status, 0) != pid) {
        die("waitpid", NULL);
    }
    if (at && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
        return true;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        (void)fprintf(stderr, "%s: step %" PRIu32 "%s: status %d\n", h->job->name, at,
                      torn ? " torn" : "", status);
        die("a run failed", dir);
    }
    return false;
}

static const char *new_trial(Harness *h, Arena *a)
{
    const char *dir = arena_printf(a, "%s/%s-%" PRIu32, h->base, h->job->name, h->n_trials++);
    job_prepare(h->job, dir);
    return dir;
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

/* The last run, which nothing stops, and its answer. */
static void check_answer(const Harness *h, Arena *a, const char *dir, const char *what)
{
    fb_error err = {0};
    must(job_run(h->job, dir, &err), &err, what);
    const char *got = job_answer(h->job, a, dir);
    if (strcmp(got, h->want) != 0) {
        (void)fprintf(stderr, "%s, %s: got\n%s\nwanted\n%s\n", h->job->name, what, got, h->want);
        die("a wrong answer; its folder", dir);
    }
    job_no_temps(dir);
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
    (void)run_child(h, dir, 0, false, log);
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
    if (!run_child(h, dir, at, torn, NULL)) {
        die("the run ended before its step", arena_printf(&a, "%" PRIu32, at));
    }
    if (again) {
        (void)run_child(h, dir, again, false, NULL);
    }
    check_answer(h, &a, dir,
                 arena_printf(&a, "died at %" PRIu32 "%s, then at %" PRIu32, at,
                              torn ? " (torn)" : "", again));
    arena_free(&a);
}

static void test_job(const char *self, const char *base, const Job *job)
{
    Arena a = {0};
    Harness h = {.self = self, .base = base, .job = job, .want = job_expected(job, &a)};
    count_steps(&h);
    if (h.n_steps < 10 * N_BATCHES) {
        die("a run has too few steps to be true", job->name);
    }
    for (uint32_t at = 1; at <= h.n_steps; at++) {
        trial(&h, at, false, 0);
        if (h.steps[at] == 'w') {
            trial(&h, at, true, 0);
        }
        trial(&h, at, false, 1 + at * 7 % 31);
    }
    (void)printf("%s: %" PRIu32 " steps, %" PRIu32 " trials, always the same answer\n", job->name,
                 h.n_steps, h.n_trials);
    arena_free(&a);
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
    for (size_t k = 0; k < N_JOBS; k++) {
        test_job(argv[0], base, &jobs[k]);
    }
    must(vfs_remove_tree(base, &err), &err, base);
    arena_free(&a);
    return 0;
}
