/*
 * check_plan.c - what can be told only of a whole plan: aggregates have their value in an Aggregate
 * or what observes only, and generators make their rows in a Generate only; functions that say
 * which file a row comes from need one that does, and some places want expressions that give the
 * same each time.
 */
#include "plan/analyzer_priv.h"

typedef struct Check {
    AnalyzeCtx *cx;
    const Plan *plan; /* whose expressions are looked at */
    fb_error *err;
    fb_status st;
    bool generator; /* the expression visited may be one */
    StrBuf bad;     /* what has no place, as Spark lists it */
} Check;

static fb_status refuse(const Check *c, ErrId id, const char *parameter, const Expr *e)
{
    StrBuf sql = {0};
    expr_sql(e, &sql);
    fb_status st = err_set(c->err, id, parameter,
                           arena_printf(c->cx->arena, "\"%s\"", strbuf_str(&sql).p), NULL);
    strbuf_free(&sql);
    err_where(c->err, e->start, e->stop, c->cx->sql);
    return st;
}

#define SEVERAL 2

/* Tables of files whose rows come together in the rows of p: 0, 1 or SEVERAL. Those of a union come
 * one after the other. */
static uint32_t file_tables(const Plan *p)
{
    uint32_t n = p->kind == P_RELATION && p->relation->vt->input_files ? 1 : 0;
    bool is_union = p->kind == P_SET_OP && p->set_op == SET_UNION;
    for (uint32_t i = 0; i < p->n_children && n < SEVERAL; i++) {
        uint32_t below = file_tables(p->child[i]);
        n = !is_union || below == SEVERAL ? n + below : n | below;
    }
    return n < SEVERAL ? n : SEVERAL;
}

/* In the body of a lambda: what its parameter is, an aggregate over rows can't see. */
static bool check_lambda(void *arg, const Expr *e)
{
    Check *c = arg;
    for (uint32_t i = 0; e->kind == E_AGG && c->st == FB_OK && i < e->n_args; i++) {
        if (expr_contains(e->args[i], E_LAMBDA_VAR)) {
            c->st = err_unsupported(c->err, "the aggregate %s of a lambda's parameter", e->name);
        }
    }
    return c->st == FB_OK;
}

static bool check_expr(void *arg, const Expr *e)
{
    Check *c = arg;
    if (e->kind == E_CALL && (e->fn->flags & FN_INPUT_FILE) && file_tables(c->plan) == SEVERAL) {
        c->st = refuse(c, ERR_MULTI_SOURCES, "expr", e);
    } else if (e->kind == E_LAMBDA) {
        expr_visit(e->args[0], check_lambda, c);
    } else if (e->kind == E_AGG) {
        for (uint32_t i = 0; i < e->n_args && c->st == FB_OK; i++) {
            if (!expr_is_deterministic(e->args[i]) && c->plan->kind != P_COLLECT_METRICS) {
                c->st = refuse(c, ERR_AGGREGATE_NONDETERMINISTIC, "sqlExpr", e);
            }
        }
        if (c->st == FB_OK && e->filter && !expr_is_deterministic(e->filter)) {
            c->st =
                refuse(c, ERR_INVALID_AGGREGATE_FILTER_NON_DETERMINISTIC, "filterExpr", e->filter);
        }
    }
    return c->st == FB_OK;
}

static bool list_misplaced(void *arg, const Expr *e)
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

static fb_status check_places(Check *c, const Plan *p)
{
    if (p->kind == P_AGGREGATE || p->kind == P_COLLECT_METRICS) {
        return FB_OK;
    }
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        c->generator = p->kind == P_GENERATE;
        expr_visit(p->exprs[i], list_misplaced, c);
    }
    for (uint32_t i = 0; i < p->n_sets * p->n_set_cols; i++) {
        expr_visit(p->sets[i], list_misplaced, c);
    }
    return c->bad.n
               ? err_set(c->err, ERR_UNSUPPORTED_EXPR_FOR_OPERATOR, "operator", plan_node_name(p),
                         "invalidExprSqls", strbuf_arena(&c->bad, c->cx->arena), NULL)
               : FB_OK;
}

static fb_status check_list(Check *c, Expr *const *list, size_t n)
{
    for (size_t i = 0; i < n && c->st == FB_OK; i++) {
        (void)expr_visit(list[i], check_expr, c);
    }
    return c->st;
}

static fb_status check_node(Check *c, const Plan *p)
{
    for (uint32_t i = 0; i < p->n_children; i++) {
        TRY(check_node(c, p->child[i]));
    }
    c->plan = p;
    TRY(check_places(c, p));
    TRY(check_list(c, p->exprs, p->n_exprs));
    TRY(check_list(c, p->groups, p->n_groups));
    TRY(check_list(c, p->sets, (size_t)p->n_sets * p->n_set_cols));
    if (p->kind == P_JOIN && p->n_exprs && !expr_is_deterministic(p->exprs[0])) {
        return refuse(c, ERR_INVALID_NON_DETERMINISTIC_EXPRESSIONS, "sqlExprs", p->exprs[0]);
    }
    return FB_OK;
}

fb_status check_plan(AnalyzeCtx *cx, const Plan *p, fb_error *err)
{
    Check c = {.cx = cx, .err = err, .st = FB_OK};
    return check_node(&c, p);
}
