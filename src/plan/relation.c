/*
 * relation.c - the life of a Relation: an atomic reference count and the maker's own free.
 *
 * Threads: any thread may retain and release.
 */
#include "plan/relation.h"

#include <stdatomic.h>

Relation *relation_retain(Relation *r)
{
    atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
    return r;
}

void relation_release(Relation *r)
{
    if (r && atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) == 1) {
        mem_free(r->identity);
        r->vt->free(r);
    }
}
