/*
 * resolve_observe.c - DataFrame.observe(): aggregates over the rows that pass.
 *
 * As in Spark's CheckAnalysis columns and what is not deterministic may only stand inside of an
 * aggregate, and aggregates are plain: without DISTINCT, FILTER, OVER, and none in another.
 */
#include "plan/analyzer_priv.h"

/* item: the whole metric, whose text the error has. */
static fb_status refuse(AnalyzeCtx *cx, ErrId id, const Expr *item, fb_error *err)
{
    StrBuf b = {0};
    strbuf_putc(&b, '"');
    expr_sql(item, &b);
    strbuf_putc(&b, '"');
    fb_status st = err_set(err, id, "expr", strbuf_arena(&b, cx->arena), NULL);
    err_where(err, item->start, item->stop, cx->sql);
    return st;
}

static bool is_no_window(void *arg, const Expr *e)
{
    (void)arg;
    return e->kind != E_WINDOW;
}

/* Before it is resolved, which a window function can't be. */
static fb_status check_window(AnalyzeCtx *cx, const Expr *item, fb_error *err)
{
    const Expr *e = item->kind == E_ALIAS ? item->args[0] : item;
    if (e->kind != E_WINDOW) {
        return expr_visit(item, is_no_window, NULL) ? FB_OK
                                                    : refuse(cx, ERR_OBSERVED_WINDOW, item, err);
    }
    StrBuf b = {0};
    const char *text = window_sql(e, cx->arena);
    strbuf_printf(&b, "\"%s AS ", text);
    expr_sql_identifier(e == item ? text : item->name, &b);
    strbuf_putc(&b, '"');
    fb_status st = err_set(err, ERR_OBSERVED_WINDOW, "expr", strbuf_arena(&b, cx->arena), NULL);
    err_where(err, item->start, item->stop, cx->sql);
    return st;
}

static fb_status check_metric(AnalyzeCtx *cx, const Expr *item, const Expr *e, bool in_aggregate,
                              fb_error *err)
{
    if (e->kind == E_AGG && in_aggregate) {
        return refuse(cx, ERR_OBSERVED_NESTED, item, err);
    }
    if (e->kind == E_AGG && (e->distinct || e->filter)) {
        return refuse(cx, e->distinct ? ERR_OBSERVED_DISTINCT : ERR_OBSERVED_FILTER, item, err);
    }
    if (e->kind == E_ATTR && !in_aggregate) {
        return refuse(cx, ERR_OBSERVED_ATTRIBUTE, item, err);
    }
    if (!in_aggregate && e != item && e->kind != E_AGG && !expr_is_deterministic(e)) {
        return refuse(cx, ERR_OBSERVED_NON_DETERMINISTIC, item, err);
    }
    for (uint32_t i = 0; i < e->n_args; i++) {
        TRY(check_metric(cx, item, e->args[i], in_aggregate || e->kind == E_AGG, err));
    }
    return FB_OK;
}

fb_status resolve_observe(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    Scope s = scope_of(&child, 1, cx->arena);
    Plan *p = plan_new(cx->arena, P_COLLECT_METRICS, 1, child);
    TRY(refuse_generators(cx, in, "CollectMetrics", err));
    for (uint32_t i = 0; i < in->n_exprs; i++) {
        TRY(check_window(cx, in->exprs[i], err));
    }
    TRY(resolve_list(cx, &s, in, &p->exprs, &p->n_exprs, err));
    name_list(cx, p->exprs, p->n_exprs);
    p->gen_out = ARENA_ARRAY(cx->arena, Attr, p->n_exprs);
    p->n_gen_out = p->n_exprs;
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        TRY(check_metric(cx, p->exprs[i], p->exprs[i], false, err));
        p->gen_out[i] = attr_of_expr(p->exprs[i]);
    }
    p->name = in->name;
    p->out = child->out;
    p->n_out = child->n_out;
    p->streaming = child->streaming;
    if (in->observed) {
        p->observed = observed_retain(in->observed);
        plantree_keep_observed(cx->tree, p->observed);
        if (p->streaming) {
            observed_set_streaming(p->observed);
        }
    }
    *ret = p;
    return FB_OK;
}

/* The observed nodes of a plan, in a list by next. */
typedef struct Seen {
    const Plan *node;
    const struct Seen *next;
} Seen;

typedef struct Check {
    Arena arena;
    const Seen *seen;
    const Plan *twice;
} Check;

static int64_t frame_of(const Plan *p)
{
    return p->observed ? observed_plan_id(p->observed) : 0;
}

/* One DataFrame may be in a plan more than once. */
static bool is_new_or_same(void *arg, const Plan *p)
{
    Check *c = arg;
    if (p->kind != P_COLLECT_METRICS) {
        return true;
    }
    for (const Seen *s = c->seen; s; s = s->next) {
        if (strcmp(s->node->name, p->name) == 0 &&
            (frame_of(s->node) != frame_of(p) || s->node->n_exprs != p->n_exprs)) {
            c->twice = p;
            return false;
        }
    }
    Seen *s = ARENA_NEW(&c->arena, Seen);
    *s = (Seen){p, c->seen};
    c->seen = s;
    return true;
}

fb_status check_observed(const Plan *p, fb_error *err)
{
    Check c = {0};
    fb_status st = FB_OK;
    if (!plan_visit(p, is_new_or_same, &c)) {
        st = err_set(err, ERR_DUPLICATED_METRICS_NAME, "metricName", c.twice->name, NULL);
    }
    arena_free(&c.arena);
    return st;
}
