/*
 * parse_pipe.c - SQL pipes: FROM t |> WHERE … |> AGGREGATE … GROUP BY …
 *
 * Each operator becomes the plan node of the clause it stands for; nothing in the plan remembers
 * the pipe. Where Spark allows aggregate functions in one operator and not in another, the names
 * are looked up here.
 *
 * SET replaces columns that exist: P_WITH_COLUMNS with by_name, one node for each assignment, as
 * each sees the ones before it.
 */
#include "expr/function.h"
#include "sql/parser.h"

/* An aggregate function outside windows and subqueries. The depth has been checked. */
static bool has_aggregate(const Expr *e)
{
    if (e->kind == E_UNRESOLVED_FUNC) {
        const FuncDef *fn = func_lookup(e->parts[e->n_parts - 1]);
        if (fn && fn->kind == FK_AGGREGATE) {
            return true;
        }
    }
    for (uint32_t i = 0; e->kind != E_WINDOW && e->kind != E_SUBQUERY && i < e->n_args; i++) {
        if (has_aggregate(e->args[i])) {
            return true;
        }
    }
    return false;
}

static const char *text_of(Parser *p, const Expr *e)
{
    return e->start < 0 ? ""
                        : arena_strndup(p->a, p->sql.p + e->start, (size_t)(e->stop - e->start));
}

static fb_status no_aggregates(Parser *p, const ExprList *l, const char *clause)
{
    for (uint32_t i = 0; i < l->n; i++) {
        TRY(sql_check_expr(p, l->v[i]));
        if (has_aggregate(l->v[i])) {
            const Expr *e = l->v[i]->kind == E_ALIAS ? l->v[i]->args[0] : l->v[i];
            err_set(p->err, ERR_PIPE_OPERATOR_CONTAINS_AGGREGATE_FUNCTION, "expr", text_of(p, e),
                    "clause", clause, NULL);
            err_where(p->err, e->start, e->stop, p->sql);
            return FB_ERR;
        }
    }
    return FB_OK;
}

static Plan *project(Parser *p, Plan *input, const ExprList *items)
{
    Plan *q = plan_new(p->a, P_PROJECT, 1, input);
    q->exprs = items->v;
    q->n_exprs = items->n;
    return q;
}

static fb_status pipe_extend(Parser *p, Plan *input, Plan **ret)
{
    uint32_t start = sql_here(p);
    ExprList items = {0}, added = {0};
    sql_advance(p);
    TRY(sql_named_expr_list(p, &added));
    TRY(no_aggregates(p, &added, "EXTEND"));
    sql_push_expr(p, &items, expr_new(p->a, E_UNRESOLVED_STAR, 0));
    for (uint32_t i = 0; i < added.n; i++) {
        sql_push_expr(p, &items, added.v[i]);
    }
    *ret = project(p, input, &items);
    sql_place_plan(p, *ret, start);
    return FB_OK;
}

static fb_status pipe_set(Parser *p, Plan *input, Plan **ret)
{
    sql_advance(p);
    do {
        uint32_t start = sql_here(p);
        NameList names = {0};
        ExprList one = {0};
        Expr *e;
        TRY(sql_names(p, &names));
        TRY(sql_expect(p, TK_EQ));
        TRY(sql_expr(p, &e));
        if (names.n > 1) {
            err_set(p->err, ERR_LEGACY_0035, "message",
                    "SQL pipe syntax |> SET operator with multi-part assignment key (only "
                    "single-part keys are allowed)",
                    NULL);
            return sql_error_from(p, start);
        }
        sql_push_expr(p, &one, e);
        TRY(no_aggregates(p, &one, "SET"));
        input = sql_node1(p, P_WITH_COLUMNS, input, expr_alias(p->a, e, names.v[0]));
        input->by_name = true;
        sql_place_plan(p, input, start);
    } while (sql_accept(p, TK_COMMA));
    *ret = input;
    return FB_OK;
}

static fb_status pipe_drop(Parser *p, Plan *input, Plan **ret)
{
    uint32_t start = sql_here(p);
    ExprList columns = {0}, items = {0};
    sql_advance(p);
    do {
        NameList names = {0};
        Expr *e = expr_new(p->a, E_UNRESOLVED_ATTR, 0);
        uint32_t at = sql_here(p);
        TRY(sql_names(p, &names));
        e->parts = names.v;
        e->n_parts = names.n;
        sql_place(p, e, at);
        sql_push_expr(p, &columns, e);
    } while (sql_accept(p, TK_COMMA));
    Expr *star = expr_new(p->a, E_UNRESOLVED_STAR, columns.n);
    memcpy(star->args, columns.v, columns.n * sizeof(*columns.v));
    sql_place(p, star, start);
    sql_push_expr(p, &items, star);
    *ret = project(p, input, &items);
    sql_place_plan(p, *ret, start);
    return FB_OK;
}

static fb_status unsupported_group(Parser *p, const char *what, uint32_t start)
{
    err_set(p->err, ERR_PIPE_OPERATOR_AGGREGATE_UNSUPPORTED_CASE, "case", what, NULL);
    return sql_error_from(p, start);
}

static fb_status aggregate_items(Parser *p, ExprList *ret)
{
    TRY(sql_named_expr_list(p, ret));
    for (uint32_t i = 0; i < ret->n; i++) {
        const Expr *e = ret->v[i];
        TRY(sql_check_expr(p, e));
        if (!has_aggregate(e)) {
            err_set(p->err, ERR_PIPE_OPERATOR_AGGREGATE_NO_AGGREGATE, "expr", text_of(p, e), NULL);
            err_where(p->err, e->start, e->stop, p->sql);
            return FB_ERR;
        }
    }
    return FB_OK;
}

/* AGGREGATE [items] [GROUP BY keys]: the keys come first in the result. */
static fb_status pipe_aggregate(Parser *p, Plan *input, Plan **ret)
{
    uint32_t start = sql_here(p);
    ExprList aggregates = {0}, items = {0};
    Plan *q = plan_new(p->a, P_AGGREGATE, 1, input);
    sql_advance(p);
    bool by = sql_is_kw(p, KW_GROUP) && sql_ahead(p, 1)->kw == KW_BY;
    if (!by && sql_can_start_expr(p, sql_tok(p))) {
        TRY(aggregate_items(p, &aggregates));
    }
    if (sql_is_kw(p, KW_GROUP) && sql_ahead(p, 1)->kw == KW_BY) {
        sql_advance(p);
        TRY(sql_group_by(p, true, q));
    } else if (aggregates.n == 0) {
        err_set(p->err, ERR_LEGACY_0035, "message",
                "The AGGREGATE clause requires a list of aggregate expressions or a list of "
                "grouping expressions, or both",
                NULL);
        return sql_error_from(p, start);
    }
    if (q->n_sets > 0) {
        return unsupported_group(p, "GROUP BY ROLLUP, CUBE or GROUPING SETS", start);
    }
    if (q->all) {
        return unsupported_group(p, "GROUP BY ALL", start);
    }
    for (uint32_t i = 0; i < q->n_groups; i++) {
        sql_push_expr(p, &items, q->groups[i]);
    }
    for (uint32_t i = 0; i < aggregates.n; i++) {
        sql_push_expr(p, &items, aggregates.v[i]);
    }
    q->exprs = items.v;
    q->n_exprs = items.n;
    sql_place_plan(p, q, start);
    *ret = q;
    return FB_OK;
}

static fb_status pipe_set_operation(Parser *p, Plan *input, Plan **ret)
{
    Keyword kw = sql_tok(p)->kw;
    sql_advance(p);
    bool all = sql_accept_kw(p, KW_ALL);
    if (!all) {
        sql_accept_kw(p, KW_DISTINCT);
    }
    Plan *right;
    TRY(sql_query_primary(p, &right));
    Plan *q = plan_new(p->a, P_SET_OP, 2, input, right);
    q->set_op = kw == KW_UNION ? SET_UNION : kw == KW_INTERSECT ? SET_INTERSECT : SET_EXCEPT;
    q->all = all;
    *ret = q;
    return FB_OK;
}

static fb_status pipe_where(Parser *p, Plan *input, Plan **ret)
{
    Expr *e;
    sql_advance(p);
    uint32_t start = sql_here(p);
    TRY(sql_expr(p, &e));
    *ret = sql_node1(p, P_FILTER, input, e);
    sql_place_plan(p, *ret, start);
    return FB_OK;
}

/* A word that is no keyword of the lexer. */
static fb_status pipe_word(Parser *p, Plan *input, Plan **ret)
{
    if (sql_is_word(p, "EXTEND")) {
        return pipe_extend(p, input, ret);
    }
    if (sql_is_word(p, "SET")) {
        return pipe_set(p, input, ret);
    }
    if (sql_is_word(p, "DROP")) {
        return pipe_drop(p, input, ret);
    }
    if (sql_is_word(p, "AGGREGATE")) {
        return pipe_aggregate(p, input, ret);
    }
    const char *clause;
    *ret = input;
    TRY(sql_organize(p, ret, &clause, true));
    return clause ? FB_OK : sql_syntax_error(p);
}

/* Behind |> */
fb_status sql_pipe(Parser *p, Plan *input, Plan **ret)
{
    const char *name;
    switch (sql_tok(p)->kw) {
    case KW_SELECT:
        return sql_select_clause(p, input, SELECT_PIPE, ret);
    case KW_WHERE:
        return pipe_where(p, input, ret);
    case KW_AS:
        sql_advance(p);
        TRY(sql_name(p, false, &name));
        *ret = sql_alias_plan(p, input, name, NULL);
        return FB_OK;
    case KW_PIVOT:
        return sql_pivot(p, input, ret);
    case KW_UNPIVOT:
        return sql_unpivot(p, input, ret);
    case KW_TABLESAMPLE:
        return sql_sample(p, input, ret);
    case KW_UNION:
    case KW_EXCEPT:
    case KW_MINUS:
    case KW_INTERSECT:
        return pipe_set_operation(p, input, ret);
    case KW_BIN:
        return err_unsupported(p->err, "BIN BY");
    default:
        return sql_at_join(p) ? sql_join(p, input, ret) : pipe_word(p, input, ret);
    }
}
