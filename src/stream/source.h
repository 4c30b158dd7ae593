/*
 * source.h - streaming sources: offsets, and the rows between two of them.
 *
 * Offsets are JSON texts as the checkpoint keeps them. Threads: the query's thread only, but
 * latest_offset may be asked while nothing runs.
 */
#ifndef STREAM_SOURCE_H
#define STREAM_SOURCE_H

#include "base/options.h"
#include "exec/source.h"
#include "plan/relation.h"

typedef struct StreamSource StreamSource;

/* How much latest_offset may take. */
typedef enum ReadLimit { READ_BY_OPTIONS, READ_ALL } ReadLimit; /* trigger once: READ_ALL */

typedef struct StreamSourceVt {
    /* End of what may be read now, after start (NULL at the very first). *ret NULL: nothing there
     * yet. Equal to start: nothing new. For the file source this writes sources/<k>/<n>. The text
     * belongs to the arena. */
    fb_status (*latest_offset)(StreamSource *s, const char *start, ReadLimit limit, Arena *a,
                               const char **ret, fb_error *err);
    /* A restarted query's newest two offsets in the log, NULL: none. Refuses what can't have been
     * written: a later offset that is before the earlier, or one that the source never gave. NULL
     * entry: all are taken. */
    fb_status (*check)(StreamSource *s, const char *earlier, const char *later, fb_error *err);
    /* Fixes the end for trigger AvailableNow; later latest_offset calls stop there. NULL entry:
     * no support, and the query runs one batch. */
    fb_status (*prepare_available_now)(StreamSource *s, fb_error *err);
    /* A Source of the physical plan for the requested columns, owned by the caller, who frees it
     * before the StreamSource. Called once for each place of the plan that reads this relation. */
    fb_status (*scan)(StreamSource *s, const ScanRequest *req, Source **ret, fb_error *err);
    /* Binds all of them to (start, end] before a run. start NULL: from the beginning. */
    fb_status (*bind)(StreamSource *s, const char *start, const char *end, fb_error *err);
    fb_status (*commit)(StreamSource *s, const char *end,
                        fb_error *err); /* rows up to end are done; may be NULL */
    /* Offset that is known to be there but not read yet, for progress; may be NULL. */
    void (*stop)(StreamSource *s); /* wakes nothing, closes connections; free follows */
    void (*free)(StreamSource *s);
} StreamSourceVt;

struct StreamSource {
    const StreamSourceVt *vt;
    char *description; /* "FileStreamSource[file:/in]" as progress shows it; owned */
    int wake_fd; /* becomes readable when there may be new data (eventfd, inotify), or -1: poll */
};

#endif
