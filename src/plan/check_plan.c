/*
 * check_plan.c - what holds of every resolved plan, whichever way it was made: aggregates have
 * their value in an Aggregate only, and generators make their rows in a Generate only.
 */
#include "plan/analyzer_priv.h"

typedef struct Check {
    AnalyzeCtx *cx;
    fb_error *err;
    fb_status st;
    bool generator; /* the expression visited may be one */
    StrBuf bad;     /* what has no place, as Spark lists it */
} Check;

/* What a lambda's parameter is, an aggregate over rows can't see. */
static bool visit_lambda(void *arg, const Expr *e)
{
    Check *c = arg;
    for (uint32_t i = 0; e->kind == E_AGG && c->st == FB_OK && i < e->n_args; i++) {
        if (expr_contains(e->args[i], E_LAMBDA_VAR)) {
            c->st = err_unsupported(c->err, "the aggregate %s of a lambda's parameter", e->name);
        }
    }
    return c->st == FB_OK;
}

static bool visit_expr(void *arg, const Expr *e)
{
    Check *c = arg;
    if (e->kind == E_AGG || (e->kind == E_GENERATOR && !c->generator)) {
        strbuf_puts(&c->bad, c->bad.n ? ", \"" : "\"");
        expr_sql(e, &c->bad);
        strbuf_putc(&c->bad, '"');
    }
    c->generator = false;
    return true;
}

static bool visit_plan(void *arg, const Plan *p)
{
    Check *c = arg;
    if (p->kind == P_AGGREGATE || p->kind == P_COLLECT_METRICS) {
        for (uint32_t i = 0; i < p->n_exprs && c->st == FB_OK; i++) {
            expr_visit(p->exprs[i], visit_lambda, c);
        }
        return c->st == FB_OK;
    }
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        c->generator = p->kind == P_GENERATE;
        expr_visit(p->exprs[i], visit_expr, c);
    }
    for (uint32_t i = 0; i < p->n_sets * p->n_set_cols; i++) {
        expr_visit(p->sets[i], visit_expr, c);
    }
    if (c->bad.n) {
        c->st = err_set(c->err, ERR_UNSUPPORTED_EXPR_FOR_OPERATOR, "operator", plan_node_name(p),
                        "invalidExprSqls", strbuf_arena(&c->bad, c->cx->arena), NULL);
    }
    return c->st == FB_OK;
}

fb_status check_plan(AnalyzeCtx *cx, const Plan *p, fb_error *err)
{
    Check c = {.cx = cx, .err = err};
    plan_visit(p, visit_plan, &c);
    return c.st;
}
