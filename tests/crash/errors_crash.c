/*
 * errors_crash.c - jobs in which each call of the file table fails once, and which must not show
 * it.
 *
 * For each step of a job (base/vfs.h counts every open, read, write, sync, rename, list, stat, …) a
 * run has that call return an error; it may fail or not. Then a run without faults must end with
 * the answer of a run that never had one, and leave no temp files. The four errors take turns over
 * the steps, from another one on in each job; with --all every step sees all four.
 *
 * A batch write has no restart: its folder says after the error what it said before or, if the
 * write succeeded, what was written, and nothing between.
 *
 * Runs are in this process, an engine each: what a restart finds is on disk alone.
 */
#include "crash_jobs.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/vfs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const int errors[] = {EIO, ENOSPC, EMFILE, EACCES};
#define N_ERRORS (sizeof(errors) / sizeof(errors[0]))

static const Job jobs[] = {{"orders", JOB_ORDERS, 5, true},
                           {"parquet", JOB_PARQUET, 5, true},
                           {"counts", JOB_COUNTS, 4, true},
                           {"limit", JOB_LIMIT, 4, true},
                           {"write", JOB_WRITE, 2, false}};

typedef struct Harness {
    const Job *job;
    const char *base;
    const char *want, *before;
    uint32_t n_trials, n_failed;
} Harness;

static void check_text(const Harness *h, const char *got, const char *want, const char *dir,
                       uint64_t at, int errnum, const char *what)
{
    if (strcmp(got, want) != 0) {
        (void)fprintf(stderr, "%s, step %" PRIu64 " (%s) fails with %s: got\n%s\nwanted\n%s\n",
                      h->job->name, at, what, strerrorname_np(errnum), got, want);
        die("a wrong answer; its folder", dir);
    }
}

/* One run with a fault, what it may leave, and the run after it. Returns the steps it had. */
static uint64_t trial(Harness *h, uint64_t at, int errnum)
{
    Arena a = {0};
    fb_error err = {0};
    const char *dir = arena_printf(&a, "%s/%s-%" PRIu32, h->base, h->job->name, h->n_trials++);
    job_prepare(h->job, dir);
    vfs_fault_set(at, errnum);
    fb_status st = job_run(h->job, dir, &err);
    uint64_t steps = vfs_fault_steps();
    const char *what = arena_strdup(&a, vfs_fault_what());
    vfs_fault_set(0, 0); /* which syncs nothing */
    h->n_failed += st != FB_OK;
    if (!at) {
        must(st, &err, "a run without a fault");
    }
    err_clear(&err);
    if (h->job->kind == JOB_WRITE) {
        check_text(h, job_answer(h->job, &a, dir), st == FB_OK ? h->want : h->before, dir, at,
                   errnum, what);
    }
    if (job_run(h->job, dir, &err) != FB_OK) {
        (void)fprintf(stderr, "%s, step %" PRIu64 " (%s) fails with %s: the restart: %s\n",
                      h->job->name, at, what, strerrorname_np(errnum), err.message);
        die("the restart failed; its folder", dir);
    }
    check_text(h, job_answer(h->job, &a, dir), h->want, dir, at, errnum, what);
    job_no_temps(dir);
    must(vfs_remove_tree(dir, &err), &err, dir);
    arena_free(&a);
    return steps;
}

static void test_job(const char *base, size_t k, bool all)
{
    Arena a = {0};
    Harness h = {.job = &jobs[k], .base = base};
    h.want = job_expected(h.job, &a);
    h.before = job_before(h.job, &a);
    uint64_t n = trial(&h, 0, 0);
    if (n < 20) {
        die("a run has too few steps to be true", h.job->name);
    }
    for (uint64_t at = 1; at <= n; at++) {
        for (size_t e = 0; e < (all ? N_ERRORS : 1); e++) {
            (void)trial(&h, at, errors[(at + k + e) % N_ERRORS]);
        }
    }
    (void)printf("%s: %" PRIu64 " steps, %" PRIu32 " trials, %" PRIu32
                 " runs failed, always the same answer\n",
                 h.job->name, n, h.n_trials, h.n_failed);
    arena_free(&a);
}

int main(int argc, char **argv)
{
    char id[37];
    Arena a = {0};
    fb_error err = {0};
    const char *tmp = getenv("TMPDIR");
    bool all = argc > 1 && strcmp(argv[1], "--all") == 0;
    uuid_new(id);
    const char *base = arena_printf(&a, "%s/forebay-errors-%s", tmp && *tmp ? tmp : "/tmp", id);
    log_set_level(LOG_LEVEL_OFF); /* each failed query says so */
    vfs_set_fsync(true);
    for (size_t k = 0; k < sizeof(jobs) / sizeof(jobs[0]); k++) {
        test_job(base, k, all);
    }
    must(vfs_remove_tree(base, &err), &err, base);
    arena_free(&a);
    return 0;
}
