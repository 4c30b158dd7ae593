/*
 * catalog.h - what the analyzer asks of the session it works for.
 *
 * The session fills this table (session/); tests fill it with a few relations.
 */
#ifndef PLAN_CATALOG_H
#define PLAN_CATALOG_H

#include "base/conf.h"
#include "expr/text_codec.h"
#include "plan/plan.h"

typedef struct Catalog Catalog;
struct Catalog {
    void *self;
    const Conf *conf;
    /* The resolved plan of a temp view, retained for the caller; NULL if there is none. Names are
     * compared without case. */
    PlanTree *(*view)(void *self, const char *const *parts, uint32_t n);
    /* A relation for a catalog table; FB_OK and *ret NULL: no such table. */
    fb_status (*table)(void *self, const char *const *parts, uint32_t n, bool streaming,
                       Relation **ret, fb_error *err);
    /* spark.read / readStream: the relation with its schema known (inferred if need be). */
    fb_status (*read)(void *self, const ReadSpec *spec, Relation **ret, fb_error *err);
    const char *(*current_database)(void *self);
    const char *user;
    const TextCodecs *codecs; /* JSON and CSV for functions; NULL: such functions are refused */
};

/* REQUIRES_SINGLE_PART_NAMESPACE for a name of more parts than the session's catalog has; where its
 * catalog is left out, of more than two. */
fb_status catalog_check_parts(const char *const *parts, uint32_t n, fb_error *err);
/* How many parts of a name, session.x or system.session.x, say that x is a temporary view. */
uint32_t catalog_session_parts(const char *const *parts, uint32_t n);

#endif
