/*
 * shim_load.h - loading the libraries that keep C++ apart (libforebay_arrow.so and others).
 *
 * A shim library is loaded by dlopen when it is first needed, so that a process which needs none
 * does not pay for it, and stays loaded. RTLD_LOCAL keeps its symbols away from the rest of the
 * process. It is looked for, in this order:
 *
 *   1. beside the executable, in ../lib of that folder, and in .. of it (test programs of a build)
 *   2. the path in its environment variable
 *   3. beside the library or program that this code is part of (a Python process loads libforebay)
 *
 * A place that fails is noted and the next is tried; when none is left the error lists them all,
 * and the next use tries again.
 */
#ifndef COLUMN_SHIM_LOAD_H
#define COLUMN_SHIM_LOAD_H

#include "base/error.h"

#include <pthread.h>

/* One library; a static variable of the file that uses it, as
 *     static ShimLib lib = {.lock = PTHREAD_MUTEX_INITIALIZER, .file = …}; */
typedef struct ShimLib {
    pthread_mutex_t lock;
    _Atomic bool loaded;
    const char *file;   /* "libforebay_arrow.so" */
    const char *env;    /* "FOREBAY_ARROW_SHIM" */
    const char *target; /* of the build, for the message */
    bool deep_bind;     /* its own symbols win over those of the process */
    /* Looks the functions up in the handle and keeps them; false: the library does not fit. */
    bool (*accept)(void *handle);
} ShimLib;

/* After FB_OK what accept kept is there, for every thread. */
fb_status shim_load(ShimLib *lib, fb_error *err);

#endif
