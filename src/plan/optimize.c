/*
 * optimize.c - the order of the passes, and what they share.
 *
 * Plans are never changed in place: a pass copies the nodes it rewrites. Expressions that could
 * fail are not moved to where they would see rows that they did not see before.
 */
#include "plan/optimize.h"

#include "base/clock.h"
#include "column/timezone.h"

void split_and(Arena *a, Expr *e, Expr ***list, uint32_t *n, uint32_t *cap)
{
    if (e->kind == E_AND) {
        split_and(a, e->args[0], list, n, cap);
        split_and(a, e->args[1], list, n, cap);
        return;
    }
    list_push(a, list, n, cap, e);
}

Expr *join_and(Arena *a, Expr *const *list, uint32_t n)
{
    Expr *e = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (!e) {
            e = list[i];
            continue;
        }
        Expr *both = expr_new(a, E_AND, 2);
        both->type = type_boolean;
        both->nullable = e->nullable || list[i]->nullable;
        both->args[0] = e;
        both->args[1] = list[i];
        e = both;
    }
    return e;
}

typedef struct Substitution {
    Expr *const *named;
    uint32_t n;
} Substitution;

static Expr *substitute_one(void *arg, Arena *a, Expr *e)
{
    const Substitution *s = arg;
    (void)a;
    if (e->kind != E_ATTR) {
        return e;
    }
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->named[i]->attr == e->attr) {
            return s->named[i]->kind == E_ALIAS ? s->named[i]->args[0] : s->named[i];
        }
    }
    return e;
}

Expr *substitute(Arena *a, const Expr *e, Expr *const *named, uint32_t n)
{
    Substitution s = {named, n};
    return expr_rewrite(a, e, substitute_one, &s);
}

bool has_attr(const Attr *attrs, uint32_t n, AttrId id)
{
    for (uint32_t i = 0; i < n; i++) {
        if (attrs[i].id == id) {
            return true;
        }
    }
    return false;
}

typedef struct AttrSet {
    const Attr *attrs;
    uint32_t n;
} AttrSet;

static bool attr_is_in(void *arg, const Expr *e)
{
    const AttrSet *s = arg;
    return e->kind != E_ATTR || has_attr(s->attrs, s->n, e->attr);
}

bool only_uses(const Expr *e, const Attr *attrs, uint32_t n)
{
    AttrSet s = {attrs, n};
    return expr_visit(e, attr_is_in, &s);
}

Plan *with_children(Arena *a, const Plan *p, Plan *const *child)
{
    bool same = true;
    for (uint32_t i = 0; i < p->n_children; i++) {
        same &= child[i] == p->child[i];
    }
    if (same) {
        return (Plan *)p;
    }
    Plan *q = plan_copy(a, p);
    q->child = ARENA_ARRAY(a, Plan *, p->n_children);
    for (uint32_t i = 0; i < p->n_children; i++) {
        q->child[i] = child[i];
    }
    return q;
}

static OptimizeCtx context(const Catalog *cat, Arena *a)
{
    fb_error err = {0};
    const char *tz_name = conf_get(cat->conf, "spark.sql.session.timeZone", a);
    const TimeZone *tz = tz_system();
    if (tz_name && tz_get(str_of(tz_name), &tz, &err) != FB_OK) {
        err_clear(&err); /* the analyzer refused it before */
    }
    OptimizeCtx cx = {.arena = a};
    cx.bind = (BindCtx){.arena = a, .mode = EVAL_ANSI, .tz = tz, .tz_name = tz_id(tz)};
    cx.eval = (EvalCtx){.arena = a,
                        .tz = tz,
                        .tz_name = tz_id(tz),
                        .now_us = clock_now_us(),
                        .user = cat->user,
                        .database = cat->current_database(cat->self)};
    return cx;
}

static Plan *passes(OptimizeCtx *cx, Plan *lowered)
{
    Plan *p = optimize_fold(cx, lowered);
    p = optimize_filters(cx, p);
    p = optimize_limits(cx, p);
    return optimize_prune(cx, p);
}

Plan *optimize(const Catalog *cat, Arena *a, Plan *p)
{
    OptimizeCtx cx = context(cat, a);
    return passes(&cx, optimize_lower(&cx, p));
}

fb_status optimize_to_run(const Catalog *cat, Arena *a, Plan *p, Plan **ret, fb_error *err)
{
    OptimizeCtx cx = context(cat, a);
    Plan *lowered = optimize_lower(&cx, p);
    TRY(optimize_local(&cx, lowered, err));
    *ret = passes(&cx, lowered);
    return optimize_constants(&cx, *ret, err);
}
