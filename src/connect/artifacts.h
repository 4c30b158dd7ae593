/*
 * artifacts.h - what clients upload: the blobs of a session.
 *
 * Only rows and schemas of local relations are kept (names "cache/<sha256>"); of other artifacts,
 * which are files of the client's program, the names are.
 *
 * Ownership: a Blob is counted; artifacts_get() returns it retained. Threads: any.
 */
#ifndef CONNECT_ARTIFACTS_H
#define CONNECT_ARTIFACTS_H

#include "base/error.h"

struct ConnSession;

/* Bytes of all blobs of a session; the oldest that have been used least recently give way. */
#define ARTIFACTS_MAX ((size_t)4 << 30)

typedef struct Blob {
    _Atomic int refs;
    size_t n;
    uint8_t bytes[];
} Blob;

Blob *blob_new(size_t n);
Blob *blob_retain(Blob *b);
void blob_release(Blob *b); /* NULL is fine */

typedef struct Artifact {
    struct Artifact *next;
    char *name; /* "cache/<hash>", "pyfiles/x.py" */
    Blob *blob; /* NULL: only the name is kept */
} Artifact;

/* The artifacts of a session, newest or last used first. A zeroed one is empty. */
typedef struct Artifacts {
    Artifact *first;
    size_t n, bytes;
} Artifacts;

void artifacts_free(Artifacts *list);
/* The blob of "cache/<hash>", or NULL. */
Blob *artifacts_get(struct ConnSession *s, const char *hash);
bool artifacts_exist(struct ConnSession *s, const char *name);
/* Takes over the reference to blob. */
fb_status artifacts_put(struct ConnSession *s, const char *name, Blob *blob, fb_error *err);

#endif
