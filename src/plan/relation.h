/*
 * relation.h - what the analyzer knows of a data source's table.
 *
 * connector/ and format/ make relations; plan/ only reads the schema, exec/ asks for a Source of
 * rows, stream/ for a StreamSource. Those two are opaque here: the layers above give them meaning.
 */
#ifndef PLAN_RELATION_H
#define PLAN_RELATION_H

#include "base/error.h"
#include "column/type.h"

typedef struct Relation Relation;
struct Source;       /* exec/source.h */
struct StreamSource; /* stream/source.h */
struct Expr;

/* What a scan has to deliver. */
typedef struct ScanRequest {
    const uint32_t *columns; /* ordinals in the relation's schema and, behind it, in what it hides;
                                in output order */
    uint32_t n_columns;
    struct Expr *const
        *pushed; /* simple predicates over the output columns (E_COLUMN); a source may apply them */
    uint32_t n_pushed;
    const char *time_zone;
    /* How the partitions of a batch are made, as the settings of Spark of those names say. */
    uint32_t parallelism;
    int64_t max_partition_bytes, open_cost_bytes;
} ScanRequest;

typedef struct RelationVt {
    const char *kind; /* "json", "socket" … for explain */
    void (*free)(Relation *r);
    /* Batch: a source of all rows. Several may be open at once. */
    fb_status (*scan)(Relation *r, const ScanRequest *req, struct Source **ret, fb_error *err);
    /* Streaming: the source of offsets; checkpoint_dir is <checkpoint>/sources/<k>, made by need.
     */
    fb_status (*stream)(Relation *r, const char *checkpoint_dir, struct StreamSource **ret,
                        fb_error *err);
    /* Local paths of the files it would read now (df.inputFiles); NULL vt entry: none. */
    fb_status (*input_files)(Relation *r, void (*fn)(void *, const char *), void *arg,
                             fb_error *err);
} RelationVt;

struct Relation {
    const RelationVt *vt;
    const Type *schema; /* struct */
    const Type *hidden; /* struct of columns behind those, had by name only; NULL: none */
    const char
        *description; /* "FileScan json", "StreamingRelation socket" detail for explain; owned */
    char *identity;   /* what was asked of the reader, if that says all; NULL: only itself. Owned */
    bool streaming;
    _Atomic int refs;
};

Relation *relation_retain(Relation *r);
void relation_release(Relation *r); /* vt->free at zero */

#endif
