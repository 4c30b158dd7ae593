/*
 * parse_query.c - WITH, SELECT, set operations, and the clauses that order and cut a result.
 *
 * The tree follows Spark's AstBuilder, inside out: FROM, LATERAL VIEW, WHERE, then the select list
 * (a project, or an aggregate where GROUP BY or HAVING asks for one), HAVING, DISTINCT, hints; set
 * operations with INTERSECT binding tighter; ORDER BY and kin, OFFSET, LIMIT; WITH outermost.
 */
#include "sql/parser.h"

Plan *sql_node1(Parser *p, PlanKind kind, Plan *child, Expr *e)
{
    Plan *q = plan_new(p->a, kind, 1, child);
    if (e) {
        q->exprs = ARENA_ARRAY(p->a, Expr *, 1);
        q->exprs[0] = e;
        q->n_exprs = 1;
    }
    return q;
}

Plan *sql_alias_plan(Parser *p, Plan *child, const char *name, const NameList *columns)
{
    Plan *q = plan_new(p->a, P_SUBQUERY_ALIAS, 1, child);
    q->name = name;
    if (columns) {
        q->names = columns->v;
        q->n_names = columns->n;
    }
    return q;
}

/* ---- SELECT ---- */

typedef struct Select {
    ExprList items;
    bool distinct;
    PlanList hints; /* without children yet */
} Select;

/* The hints of one comment; names and arguments are kept for error messages only. */
static fb_status hint(Parser *p, Select *s)
{
    sql_advance(p);
    do {
        Plan *h = plan_new(p->a, P_HINT, 0);
        ExprList args = {0};
        TRY(sql_bare_name(p, &h->name));
        if (sql_accept(p, TK_LPAREN)) {
            do {
                Expr *e;
                TRY(sql_primary_expr(p, &e));
                sql_push_expr(p, &args, e);
            } while (sql_accept(p, TK_COMMA));
            TRY(sql_expect(p, TK_RPAREN));
        }
        h->exprs = args.v;
        h->n_exprs = args.n;
        sql_push_plan(p, &s->hints, h);
        sql_accept(p, TK_COMMA);
    } while (!sql_is(p, TK_HINT_END) && !sql_is(p, TK_EOF));
    return sql_expect(p, TK_HINT_END);
}

/* ALL or DISTINCT before a select list, unless it is a column of that name. */
static bool accept_quantifier(Parser *p, bool *ret_distinct)
{
    *ret_distinct = sql_is_kw(p, KW_DISTINCT);
    if ((!*ret_distinct && !sql_is_kw(p, KW_ALL)) || !sql_can_start_expr(p, sql_ahead(p, 1))) {
        *ret_distinct = false;
        return false;
    }
    sql_advance(p);
    return true;
}

/* SELECT [hints] [ALL | DISTINCT] items */
static fb_status select_list(Parser *p, Select *s)
{
    sql_advance(p);
    while (sql_is(p, TK_HINT_START)) {
        TRY(hint(p, s));
    }
    accept_quantifier(p, &s->distinct);
    return sql_named_expr_list(p, &s->items);
}

static fb_status refuse_windows(Parser *p)
{
    if (sql_is_kw(p, KW_WINDOW) && sql_starts_clause(p, 0, true)) {
        return err_unsupported(p->err, "the WINDOW clause");
    }
    return FB_OK;
}

static bool accept_clause(Parser *p, Keyword kw)
{
    if (!sql_is_kw(p, kw) || !sql_starts_clause(p, 0, true)) {
        return false;
    }
    sql_advance(p);
    return true;
}

static fb_status where_clause(Parser *p, Plan **plan)
{
    if (!accept_clause(p, KW_WHERE)) {
        return FB_OK;
    }
    Expr *e;
    uint32_t start = sql_here(p);
    TRY(sql_expr(p, &e));
    *plan = sql_node1(p, P_FILTER, *plan, e);
    sql_place_plan(p, *plan, start);
    return FB_OK;
}

static Plan *select_node(Parser *p, PlanKind kind, Plan *input, const Select *s)
{
    Plan *q = plan_new(p->a, kind, 1, input);
    q->exprs = s->items.v;
    q->n_exprs = s->items.n;
    return q;
}

static Plan *finish_select(Parser *p, Plan *q, const Select *s)
{
    if (s->distinct) {
        q = sql_node1(p, P_DISTINCT, q, NULL);
    }
    for (uint32_t i = s->hints.n; i-- > 0;) {
        Plan *h = sql_node1(p, P_HINT, q, NULL);
        h->name = s->hints.v[i]->name;
        h->exprs = s->hints.v[i]->exprs;
        h->n_exprs = s->hints.v[i]->n_exprs;
        q = h;
    }
    return q;
}

/* GROUP BY and HAVING over input, which has passed WHERE. */
static fb_status aggregate_clauses(Parser *p, Plan *input, const Select *s, uint32_t start,
                                   Plan **ret)
{
    Plan *q = NULL;
    if (accept_clause(p, KW_GROUP)) {
        q = select_node(p, P_AGGREGATE, input, s);
        TRY(sql_group_by(p, false, q));
        sql_place_plan(p, q, start);
    }
    if (accept_clause(p, KW_HAVING)) {
        Expr *e;
        uint32_t at = sql_here(p);
        TRY(sql_expr(p, &e));
        if (!q) { /* HAVING alone makes one group */
            q = select_node(p, P_AGGREGATE, input, s);
            sql_place_plan(p, q, start);
        }
        q = sql_node1(p, P_FILTER, q, e);
        q->having = true;
        sql_place_plan(p, q, at);
    }
    if (!q) {
        q = select_node(p, P_PROJECT, input, s);
        sql_place_plan(p, q, start);
    }
    *ret = q;
    return FB_OK;
}

/* At SELECT. input: what FROM or a pipe gave before it, or NULL. */
fb_status sql_select_clause(Parser *p, Plan *input, SelectForm form, Plan **ret)
{
    uint32_t start = sql_here(p);
    Select s = {0};
    TRY(select_list(p, &s));
    if (form == SELECT_WHOLE && accept_clause(p, KW_FROM)) {
        TRY(sql_from(p, &input));
    }
    if (!input) {
        input = plan_new(p->a, P_ONE_ROW, 0);
    }
    if (form != SELECT_PIPE) {
        TRY(sql_lateral_views(p, &input));
        TRY(where_clause(p, &input));
    }
    TRY(aggregate_clauses(p, input, &s, start, ret));
    TRY(refuse_windows(p));
    if (form != SELECT_PIPE && sql_is_kw(p, KW_QUALIFY) && sql_starts_clause(p, 0, true)) {
        return err_unsupported(p->err, "QUALIFY");
    }
    *ret = finish_select(p, *ret, &s);
    return FB_OK;
}

/* ---- FROM first ---- */

static fb_status from_statement(Parser *p, Plan **ret)
{
    Plan *from, *all = NULL;
    sql_advance(p);
    TRY(sql_from(p, &from));
    while (sql_is_kw(p, KW_SELECT)) {
        Plan *q;
        TRY(sql_select_clause(p, from, SELECT_AFTER_FROM, &q));
        if (sql_is_kw(p,
                      KW_SELECT)) { /* each SELECT has its own ORDER BY; the last is the query's */
            TRY(sql_organize(p, &q, NULL, false));
        }
        if (all) {
            all = plan_new(p->a, P_SET_OP, 2, all, q);
            all->set_op = SET_UNION;
            all->all = true;
        } else {
            all = q;
        }
        if (!sql_is_kw(p, KW_SELECT) && all != q && sql_at_query_tail(p)) {
            return err_unsupported(p->err,
                                   "clauses behind the last of several SELECTs of one FROM");
        }
    }
    if (sql_is_kw(p, KW_INSERT)) {
        return err_unsupported(p->err, "INSERT behind FROM");
    }
    *ret = all ? all : from;
    return FB_OK;
}

/* ---- set operations ---- */

fb_status sql_query_primary(Parser *p, Plan **ret)
{
    uint32_t start = sql_here(p);
    switch (sql_tok(p)->kw) {
    case KW_SELECT:
        return sql_select_clause(p, NULL, SELECT_WHOLE, ret);
    case KW_FROM:
        return from_statement(p, ret);
    case KW_VALUES:
        sql_advance(p);
        return sql_inline_table(p, ret);
    case KW_TABLE: {
        NameList names = {0};
        sql_advance(p);
        TRY(sql_names(p, &names));
        *ret = plan_new(p->a, P_UNRESOLVED_TABLE, 0);
        (*ret)->names = names.v;
        (*ret)->n_names = names.n;
        sql_place_plan(p, *ret, start);
        return FB_OK;
    }
    default:
        break;
    }
    if (sql_is(p, TK_LPAREN)) {
        sql_advance(p);
        TRY(sql_query(p, ret));
        return sql_expect(p, TK_RPAREN);
    }
    if (sql_is_word(p, "MAP") || sql_is_word(p, "REDUCE")) {
        return err_unsupported(p->err, "MAP and REDUCE … USING a script");
    }
    return sql_syntax_error(p);
}

static int set_precedence(const Parser *p)
{
    switch (sql_tok(p)->kw) {
    case KW_INTERSECT:
        return sql_starts_clause(p, 0, true) ? 2 : 0;
    case KW_UNION:
    case KW_EXCEPT:
    case KW_MINUS: /* they have to be there even if what follows is wrong */
        return 1;
    default:
        return 0;
    }
}

static fb_status set_operations(Parser *p, int min_precedence, Plan **plan)
{
    for (;;) {
        int precedence = set_precedence(p);
        if (precedence == 0 || precedence < min_precedence) {
            return FB_OK;
        }
        Keyword kw = sql_tok(p)->kw;
        sql_advance(p);
        bool all = sql_accept_kw(p, KW_ALL);
        if (!all) {
            sql_accept_kw(p, KW_DISTINCT);
        }
        Plan *right;
        TRY(sql_query_primary(p, &right));
        TRY(set_operations(p, precedence + 1, &right));
        Plan *q = plan_new(p->a, P_SET_OP, 2, *plan, right);
        q->set_op = kw == KW_UNION ? SET_UNION : kw == KW_INTERSECT ? SET_INTERSECT : SET_EXCEPT;
        q->all = all;
        *plan = q;
    }
}

/* Set operations and pipes behind *plan. */
static fb_status query_term_rest(Parser *p, Plan **plan)
{
    TRY(set_operations(p, 1, plan));
    while (sql_at_pipe(p)) {
        sql_advance(p);
        TRY(sql_pipe(p, *plan, plan));
    }
    return FB_OK;
}

fb_status sql_query_rest(Parser *p, Plan *first, Plan **ret)
{
    TRY(query_term_rest(p, &first));
    TRY(sql_organize(p, &first, NULL, false));
    *ret = first;
    return FB_OK;
}

/* ---- ORDER BY, LIMIT and kin ---- */

static bool accept_by(Parser *p, Keyword kw)
{
    if (!sql_is_kw(p, kw) || sql_ahead(p, 1)->kw != KW_BY) {
        return false;
    }
    sql_advance(p);
    sql_advance(p);
    return true;
}

/* ORDER BY ALL, unless quoted: all columns of the result. */
static bool is_all(const Expr *e, const Parser *p)
{
    const Expr *child = e->args[0];
    return child->kind == E_UNRESOLVED_ATTR && child->n_parts == 1 &&
           cstr_eq_nocase(child->parts[0], "all") && p->sql.p[child->start] != '`';
}

static Plan *sort_node(Parser *p, Plan *child, const ExprList *order, bool global)
{
    Plan *q = plan_new(p->a, P_SORT, 1, child);
    q->exprs = order->v;
    q->n_exprs = order->n;
    q->global = global;
    q->all = global && order->n == 1 && is_all(order->v[0], p);
    return q;
}

static Plan *distribute_node(Parser *p, Plan *child, const ExprList *by)
{
    Plan *q = plan_new(p->a, P_REPARTITION, 1, child);
    q->exprs = by->v;
    q->n_exprs = by->n;
    q->shuffle = true;
    return q;
}

static void note_clause(const char *clause, const char **seen, uint32_t *n)
{
    seen[(*n)++] = clause;
}

static fb_status order_clauses(Parser *p, Plan **plan, const char **seen, uint32_t *n)
{
    ExprList order = {0}, cluster = {0}, distribute = {0}, sort = {0};
    uint32_t start = sql_here(p);
    if (accept_by(p, KW_ORDER)) {
        note_clause("ORDER BY", seen, n);
        TRY(sql_sort_items(p, &order));
    }
    if (accept_by(p, KW_CLUSTER)) {
        note_clause("CLUSTER BY", seen, n);
        TRY(sql_expr_list(p, &cluster));
    }
    if (accept_by(p, KW_DISTRIBUTE)) {
        note_clause("DISTRIBUTE BY", seen, n);
        TRY(sql_expr_list(p, &distribute));
    }
    if (accept_by(p, KW_SORT)) {
        note_clause("SORT BY", seen, n);
        TRY(sql_sort_items(p, &sort));
    }
    bool together = distribute.n > 0 && sort.n > 0;
    if (*n > (together ? 2u : 1u)) {
        err_set(p->err, ERR_COMBINATION_QUERY_RESULT_CLAUSES, NULL);
        return sql_error_from(p, start);
    }
    if (cluster.n > 0) {
        distribute = cluster;
        for (uint32_t i = 0; i < cluster.n; i++) {
            Expr *o = expr_new(p->a, E_SORT_ORDER, 1);
            o->args[0] = cluster.v[i];
            o->nulls_first = true;
            sql_push_expr(p, &sort, o);
        }
    }
    if (distribute.n > 0) {
        *plan = distribute_node(p, *plan, &distribute);
    }
    if (order.n > 0 || sort.n > 0) {
        *plan = sort_node(p, *plan, order.n > 0 ? &order : &sort, order.n > 0);
        sql_place_plan(p, *plan, start);
    }
    return FB_OK;
}

/* ret_clause, if given: the first clause found, or NULL. pipe: only one of them is allowed. */
fb_status sql_organize(Parser *p, Plan **plan, const char **ret_clause, bool pipe)
{
    const char *seen[8];
    uint32_t n = 0;
    Expr *limit = NULL, *offset = NULL;
    uint32_t start = sql_here(p), limit_at = start, offset_at = start;
    TRY(order_clauses(p, plan, seen, &n));
    TRY(refuse_windows(p));
    if (accept_clause(p, KW_LIMIT)) {
        note_clause("LIMIT", seen, &n);
        limit_at = sql_here(p);
        if (!sql_accept_kw(p, KW_ALL)) {
            TRY(sql_expr(p, &limit));
        }
    }
    bool limit_only = n == 1;
    if (accept_clause(p, KW_OFFSET)) {
        offset_at = sql_here(p);
        if (!limit_only || strcmp(seen[0], "LIMIT") != 0) {
            note_clause("OFFSET", seen, &n);
        }
        TRY(sql_expr(p, &offset));
    }
    if (pipe && n > 1) {
        err_set(p->err, ERR_MULTIPLE_QUERY_RESULT_CLAUSES, "clause1", seen[0], "clause2", seen[1],
                NULL);
        return sql_error_from(p, start);
    }
    if (offset) {
        *plan = sql_node1(p, P_OFFSET, *plan, offset);
        sql_place_plan(p, *plan, offset_at);
    }
    if (limit) {
        *plan = sql_node1(p, P_LIMIT, *plan, limit);
        sql_place_plan(p, *plan, limit_at);
    }
    if (ret_clause) {
        *ret_clause = n > 0 || offset ? "" : NULL;
    }
    return FB_OK;
}

/* ---- WITH ---- */

static fb_status named_query(Parser *p, NameList *names, PlanList *plans)
{
    const char *name;
    NameList columns = {0};
    uint32_t start = sql_here(p);
    TRY(sql_name(p, false, &name));
    for (uint32_t i = 0; i < names->n; i++) {
        if (strcmp(names->v[i], name) == 0) {
            err_set(p->err, ERR_DUPLICATED_CTE_NAMES, "duplicateNames",
                    arena_printf(p->a, "`%s`", name), NULL);
            return sql_error_from(p, start);
        }
    }
    if (sql_is(p, TK_LPAREN) && !sql_starts_query(p, 1)) {
        TRY(sql_name_list(p, &columns));
    }
    if (sql_is_word(p, "MAX") && sql_word_is(p, sql_ahead(p, 1), "RECURSION")) {
        return err_unsupported(p->err, "MAX RECURSION LEVEL");
    }
    sql_accept_kw(p, KW_AS);
    Plan *q;
    TRY(sql_expect(p, TK_LPAREN));
    TRY(sql_query(p, &q));
    TRY(sql_expect(p, TK_RPAREN));
    if (columns.n > 0) {
        q = sql_alias_plan(p, q, name, &columns);
        sql_place_plan(p, q, start);
    }
    sql_push_name(p, names, name);
    sql_push_plan(p, plans, q);
    return FB_OK;
}

static fb_status with_query(Parser *p, Plan **ret)
{
    NameList names = {0};
    PlanList plans = {0};
    sql_push_plan(p, &plans, NULL);
    sql_advance(p);
    bool recursive = sql_is_kw(p, KW_RECURSIVE) && sql_is_name(p, sql_ahead(p, 1), false) &&
                     sql_ahead(p, 1)->kw != KW_AS;
    if (recursive) {
        sql_advance(p);
    }
    do {
        TRY(named_query(p, &names, &plans));
    } while (sql_accept(p, TK_COMMA));
    if (sql_is_kw(p, KW_INSERT) || sql_is_word(p, "MERGE") || sql_is_word(p, "UPDATE") ||
        sql_is_word(p, "DELETE")) {
        return err_unsupported(p->err, "WITH before a statement that writes");
    }
    TRY(sql_query_primary(p, &plans.v[0]));
    TRY(sql_query_rest(p, plans.v[0], &plans.v[0]));
    Plan *q = plan_new(p->a, P_WITH, 0);
    q->child = plans.v;
    q->n_children = plans.n;
    for (uint32_t i = 0; i < plans.n; i++) {
        q->streaming |= plans.v[i]->streaming;
    }
    q->names = names.v;
    q->n_names = names.n;
    q->recursive = recursive;
    *ret = q;
    return FB_OK;
}

fb_status sql_query(Parser *p, Plan **ret)
{
    TRY(sql_enter(p));
    if (sql_is_kw(p, KW_WITH) && sql_is_name(p, sql_ahead(p, 1), false)) {
        TRY(with_query(p, ret));
    } else {
        Plan *first;
        TRY(sql_query_primary(p, &first));
        TRY(sql_query_rest(p, first, ret));
    }
    p->depth--;
    return FB_OK;
}
