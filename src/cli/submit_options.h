/* submit_options.h - the command line of forebay submit, in spark-submit's spelling. */
#ifndef CLI_SUBMIT_OPTIONS_H
#define CLI_SUBMIT_OPTIONS_H

#include "base/error.h"

typedef struct SubmitOptions {
    const char *master;
    char **script; /* script and its arguments, NULL-terminated */
    const char *py_files, *files;
    const char **confs; /* "key=value"; a later one wins */
    size_t n_confs, cap_confs;
    Arena *arena;
} SubmitOptions;

/* Exit status when there is nothing to run, else -1. Notes and refusals go to standard error. */
int submit_parse(int argc, char **argv, SubmitOptions *o, Arena *a);

#endif
