/* optimize.h - the passes of the optimizer; each takes and returns a resolved plan. */
#ifndef PLAN_OPTIMIZE_H
#define PLAN_OPTIMIZE_H

#include "plan/analyzer_priv.h"

typedef struct OptimizeCtx {
    Arena *arena;
    BindCtx bind;
    EvalCtx eval;
    uint64_t folded_bytes; /* of all constants */
} OptimizeCtx;

Plan *optimize_lower(OptimizeCtx *cx, Plan *p);   /* DISTINCT, EXCEPT, INTERSECT; aliases removed */
Plan *optimize_fold(OptimizeCtx *cx, Plan *p);    /* constants; filters that are always true */
Plan *optimize_filters(OptimizeCtx *cx, Plan *p); /* push-down */
Plan *optimize_limits(OptimizeCtx *cx, Plan *p);  /* of streams: those that decide nothing */
Plan *optimize_prune(OptimizeCtx *cx, Plan *p);   /* columns nobody needs; projections collapsed */

/* What may be one constant, and whether it is so at any time. */
bool fold_may(const Expr *e);
bool fold_reads_no_clock(const Expr *e);
/* optimize_local.c: errors of what Spark's optimizer evaluates. The first takes the plan before it
 * is changed, the second when it is done. */
fb_status optimize_local(OptimizeCtx *cx, const Plan *p, fb_error *err);
fb_status optimize_constants(OptimizeCtx *cx, const Plan *p, fb_error *err);

/* Conjuncts of a condition, and back. */
void split_and(Arena *a, Expr *e, Expr ***list, uint32_t *n, uint32_t *cap);
Expr *join_and(Arena *a, Expr *const *list, uint32_t n); /* NULL for none */
/* e with the attributes that a list of named expressions defines replaced by their definitions. */
Expr *substitute(Arena *a, const Expr *e, Expr *const *named, uint32_t n);
bool has_attr(const Attr *attrs, uint32_t n, AttrId id);
/* Whether all attributes of e are among attrs. */
bool only_uses(const Expr *e, const Attr *attrs, uint32_t n);
/* A copy of p with other children; streaming and outputs are p's. */
Plan *with_children(Arena *a, const Plan *p, Plan *const *child);

#endif
