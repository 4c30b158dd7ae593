/*
 * crash_jobs.h - the jobs that are stopped at each of their steps, their input and their answers.
 *
 * orders_crash.c kills them, errors_crash.c makes their calls fail. A job works in a folder of its
 * own: DIR/in has a JSON file for each batch, DIR/out what it writes, DIR/checkpoint the rest.
 */
#ifndef CRASH_JOBS_H
#define CRASH_JOBS_H

#include "session/session.h"

typedef enum JobKind {
    JOB_ORDERS,  /* a filter into CSV; what was read is archived */
    JOB_PARQUET, /* the same into Parquet, by partition */
    JOB_COUNTS,  /* a running count by status: update mode, noop sink */
    JOB_LIMIT,   /* the first rows of the stream into CSV: they end within the second batch */
    JOB_WRITE    /* no stream: df.write in mode overwrite, by partition */
} JobKind;

typedef struct Job {
    const char *name;
    JobKind kind;
    uint32_t n_batches;
    bool compacts; /* logs and state are compacted as soon as can be, and what is old goes */
} Job;

_Noreturn void die(const char *what, const char *detail);
void must(fb_status st, const fb_error *err, const char *what);

/* Makes the folder, with the input of all batches. */
void job_prepare(const Job *j, const char *dir);
/* One run, from opening an engine to the end of all that is there to do. */
fb_status job_run(const Job *j, const char *dir, fb_error *err);
/* What the finished job's folder says, as lines, sorted; the engine reads it. For JOB_COUNTS one
 * more file goes through, and the answer is all that is in the state. */
const char *job_answer(const Job *j, Arena *a, const char *dir);
/* What it has to say. */
const char *job_expected(const Job *j, Arena *a);
/* No temp file of a killed or failed run is left below the folder. */
void job_no_temps(const char *dir);
/* JOB_WRITE: what the folder says before any run. */
const char *job_before(const Job *j, Arena *a);

#endif
