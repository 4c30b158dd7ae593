/*
 * parse_primary.c - operands: names, calls, CASE, CAST, parentheses, lambdas, and what follows them
 * without a space (fields, elements, ::).
 *
 * A function call is read the same way whatever the function; only the forms with words between
 * the arguments (EXTRACT, TRIM, SUBSTRING, POSITION, OVERLAY) and those with a unit as the first
 * argument (DATEADD, DATEDIFF) are known by name here.
 */
#include "sql/parser.h"

/* ---- parentheses ---- */

static Expr *scalar_subquery(Parser *p, Plan *q, uint32_t start)
{
    Expr *e = expr_new(p->a, E_SUBQUERY, 0);
    e->name = "scalar";
    e->plan = q;
    e->nullable = true;
    sql_place(p, e, start);
    return e;
}

/* (a, b) ->, or (a, b, …) ->; one name stands without parentheses. */
static bool at_lambda_list(const Parser *p)
{
    uint32_t i = 1;
    for (;; i += 2) {
        if (!sql_is_name(p, sql_ahead(p, i), false)) {
            return false;
        }
        TokenKind k = sql_ahead(p, i + 1)->kind;
        if (k == TK_RPAREN) {
            return i > 1 && sql_ahead(p, i + 2)->kind == TK_ARROW;
        }
        if (k != TK_COMMA) {
            return false;
        }
    }
}

static fb_status lambda(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    NameList names = {0};
    if (sql_is(p, TK_LPAREN)) {
        TRY(sql_name_list(p, &names));
    } else {
        const char *name;
        TRY(sql_bare_name(p, &name));
        sql_push_name(p, &names, name);
    }
    TRY(sql_expect(p, TK_ARROW));
    Expr *e = expr_new(p->a, E_LAMBDA, 1);
    e->parts = names.v;
    e->n_parts = names.n;
    TRY(sql_expr(p, &e->args[0]));
    sql_place(p, e, start);
    *ret = e;
    return FB_OK;
}

/* (a, b AS x, 1): a struct whose fields are named as Spark's CreateStruct does. */
static Expr *row(Parser *p, const ExprList *items, uint32_t start)
{
    ExprList args = {0};
    for (uint32_t i = 0; i < items->n; i++) {
        Expr *e = items->v[i];
        const char *name = arena_printf(p->a, "col%u", i + 1);
        if (e->kind == E_ALIAS && e->name) {
            name = e->name;
        } else if (e->kind == E_UNRESOLVED_ATTR) {
            name = e->parts[e->n_parts - 1];
        }
        sql_push_expr(p, &args, expr_literal_str(p->a, str_text(p->a, name)));
        sql_push_expr(p, &args, e);
    }
    Expr *e = expr_unresolved_func(p->a, "named_struct", args.v, args.n);
    sql_place(p, e, start);
    return e;
}

/*
 * What stands in parentheses: a query (*q) or an expression (*e). Where a parenthesis follows a
 * parenthesis, the inner one is read first; if it was a query, the next token tells whether it goes
 * on as a query ("((SELECT 1) UNION …)") or was an operand ("((SELECT 1) + 1)").
 */
static fb_status in_parens(Parser *p, Expr **e, Plan **q)
{
    uint32_t start = sql_here(p);
    *e = NULL;
    *q = NULL;
    TRY(sql_enter(p));
    sql_advance(p);
    if (sql_starts_query(p, 0)) {
        TRY(sql_query(p, q));
    } else if (sql_is(p, TK_LPAREN) && !at_lambda_list(p)) {
        uint32_t inner = sql_here(p);
        TRY(in_parens(p, e, q));
        if (*q && sql_at_query_tail(p)) {
            TRY(sql_query_rest(p, *q, q));
        } else if (*q && !sql_is(p, TK_RPAREN)) {
            *e = scalar_subquery(p, *q, inner);
            *q = NULL;
        }
        p->given = *e;
    }
    if (!*q) {
        ExprList items = {0};
        TRY(sql_named_expr_list(p, &items));
        if (items.n == 1 && items.v[0]->kind == E_ALIAS) {
            return sql_syntax_error(p);
        }
        if (!sql_accept(p, TK_RPAREN)) {
            return sql_syntax_error(p);
        }
        *e = items.n > 1 ? row(p, &items, start) : items.v[0];
    } else {
        TRY(sql_expect(p, TK_RPAREN));
    }
    p->depth--;
    return FB_OK;
}

static fb_status parenthesis(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    if (at_lambda_list(p)) {
        return lambda(p, ret);
    }
    Plan *q;
    TRY(in_parens(p, ret, &q));
    if (q) {
        *ret = scalar_subquery(p, q, start);
    }
    return FB_OK;
}

/* ---- CASE, CAST ---- */

static bool at_case(const Parser *p)
{
    const Token *next = sql_ahead(p, 1);
    if (!sql_is_kw(p, KW_CASE) || !sql_can_start_expr(p, next)) {
        return false;
    }
    return next->kw == KW_WHEN ||
           (next->kw != KW_AS && next->kind != TK_STAR && !sql_starts_clause(p, 1, false));
}

static fb_status case_expr(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    Expr *operand = NULL;
    ExprList args = {0};
    sql_advance(p);
    if (!sql_is_kw(p, KW_WHEN)) {
        TRY(sql_expr(p, &operand));
    }
    do {
        Expr *when, *then;
        uint32_t at = sql_here(p);
        TRY(sql_expect_kw(p, KW_WHEN));
        TRY(sql_expr(p, &when));
        if (operand) {
            when = sql_call(p, "==", operand, when, NULL);
            sql_place(p, when, at);
        }
        TRY(sql_expect_kw(p, KW_THEN));
        TRY(sql_expr(p, &then));
        sql_push_expr(p, &args, when);
        sql_push_expr(p, &args, then);
    } while (sql_is_kw(p, KW_WHEN));
    if (sql_accept_kw(p, KW_ELSE)) {
        Expr *otherwise;
        TRY(sql_expr(p, &otherwise));
        sql_push_expr(p, &args, otherwise);
    }
    TRY(sql_expect_kw(p, KW_END));
    for (uint32_t i = 0; i < args.n; i++) {
        if (args.v[i]->kind == E_UNRESOLVED_STAR) {
            args.v[i]->name = "casewhen";
        }
    }
    *ret = expr_unresolved_func(p->a, "when", args.v, args.n);
    sql_place(p, *ret, start);
    return FB_OK;
}

static fb_status cast_expr(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    EvalMode mode = sql_is_kw(p, KW_TRY_CAST) ? EVAL_TRY : EVAL_ANSI;
    Expr *e;
    const Type *t;
    sql_advance(p);
    sql_advance(p);
    TRY(sql_expr(p, &e));
    if (!sql_accept_kw(p, KW_AS)) {
        return sql_syntax_error(p);
    }
    TRY(sql_type(p, &t));
    if (!sql_accept(p, TK_RPAREN)) {
        return sql_syntax_error(p);
    }
    *ret = expr_cast(p->a, e, t, mode, true);
    sql_place(p, *ret, start);
    return FB_OK;
}

/* ---- windows: OVER (…) ---- */

static fb_status frame_bound(Parser *p)
{
    if (sql_accept_word(p, "UNBOUNDED")) {
        return sql_accept_word(p, "PRECEDING") ? FB_OK : sql_expect_word(p, "FOLLOWING");
    }
    if (sql_is_kw(p, KW_CURRENT) && sql_word_is(p, sql_ahead(p, 1), "ROW")) {
        sql_advance(p);
        sql_advance(p);
        return FB_OK;
    }
    Expr *ignored;
    TRY(sql_expr(p, &ignored));
    return sql_accept_word(p, "PRECEDING") ? FB_OK : sql_expect_word(p, "FOLLOWING");
}

static fb_status window_frame(Parser *p, const char **ret)
{
    uint32_t start = sql_here(p);
    if (!sql_accept_word(p, "RANGE") && !sql_accept_word(p, "ROWS")) {
        return FB_OK;
    }
    if (sql_accept_kw(p, KW_BETWEEN)) {
        TRY(frame_bound(p));
        TRY(sql_expect_kw(p, KW_AND));
    }
    TRY(frame_bound(p));
    *ret = sql_source(p, start);
    return FB_OK;
}

/* Behind OVER. args[0] the function, then `column` partition expressions, then the sort orders;
 * parts: the name of a window; name: the frame as written. */
static fb_status window(Parser *p, Expr *fn, uint32_t start, Expr **ret)
{
    ExprList args = {0};
    NameList names = {0};
    const char *name, *frame = NULL;
    uint32_t n_partition = 0;
    sql_push_expr(p, &args, fn);
    if (!sql_is(p, TK_LPAREN)) {
        TRY(sql_name(p, false, &name));
        sql_push_name(p, &names, name);
    } else {
        sql_advance(p);
        bool by = sql_ahead(p, 1)->kw == KW_BY;
        if (by && (sql_is_kw(p, KW_PARTITION) || sql_is_kw(p, KW_DISTRIBUTE) ||
                   sql_is_kw(p, KW_CLUSTER))) {
            sql_advance(p);
            sql_advance(p);
            TRY(sql_expr_list(p, &args));
            n_partition = args.n - 1;
        } else if (!by && sql_is_name(p, sql_tok(p), false) && sql_ahead(p, 1)->kind == TK_RPAREN) {
            TRY(sql_name(p, false, &name));
            sql_push_name(p, &names, name);
        }
        if ((sql_is_kw(p, KW_ORDER) || sql_is_kw(p, KW_SORT)) && sql_ahead(p, 1)->kw == KW_BY) {
            sql_advance(p);
            sql_advance(p);
            TRY(sql_sort_items(p, &args));
        }
        TRY(window_frame(p, &frame));
        TRY(sql_expect(p, TK_RPAREN));
    }
    Expr *e = expr_new(p->a, E_WINDOW, args.n);
    memcpy(e->args, args.v, args.n * sizeof(*args.v));
    e->column = n_partition;
    e->name = frame;
    e->parts = names.v;
    e->n_parts = names.n;
    sql_place(p, e, start);
    *ret = e;
    return FB_OK;
}

/* ---- function calls ---- */

typedef struct Call {
    NameList name;
    ExprList args;
    uint32_t start;
    uint32_t first_arg; /* token */
    bool distinct, ignore_nulls;
    Expr *filter;
} Call;

static bool call_is(const Call *c, const char *const *names)
{
    for (; c->name.n == 1 && *names; names++) {
        if (cstr_eq_nocase(c->name.v[0], *names)) {
            return true;
        }
    }
    return false;
}

static fb_status argument(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    if (p->given || !sql_is_name(p, sql_tok(p), false) || sql_ahead(p, 1)->kind != TK_FAT_ARROW) {
        return sql_expr(p, ret);
    }
    const char *name;
    Expr *value;
    TRY(sql_bare_name(p, &name));
    sql_advance(p);
    if (sql_is_kw(p, KW_TABLE) && sql_ahead(p, 1)->kind == TK_LPAREN) {
        return err_unsupported(p->err, "TABLE arguments");
    }
    TRY(sql_expr(p, &value));
    Expr *e = expr_new(p->a, E_NAMED_ARG, 1);
    e->args[0] = value;
    e->name = name;
    sql_place(p, e, start);
    *ret = e;
    return FB_OK;
}

static fb_status close_arguments(Parser *p)
{
    if (sql_accept(p, TK_RPAREN)) {
        return FB_OK;
    }
    TokenKind next = sql_ahead(p, 1)->kind;
    if (!sql_is(p, TK_EOF) && (next == TK_COMMA || next == TK_RPAREN)) {
        return sql_extra_input(p);
    }
    return sql_is_kw(p, KW_FROM) ? sql_syntax_error_hint(p, ": missing ')'") : sql_syntax_error(p);
}

/* The arguments up to and with the closing parenthesis. */
static fb_status arguments(Parser *p, Call *c)
{
    static const char *const takes_nulls[] = {"first", "last", "any_value", NULL};
    c->first_arg = p->at;
    if (!p->given && sql_accept(p, TK_RPAREN)) {
        return FB_OK;
    }
    if (!p->given && (sql_is_kw(p, KW_DISTINCT) || sql_is_kw(p, KW_ALL)) &&
        sql_can_start_expr(p, sql_ahead(p, 1))) {
        c->distinct = sql_is_kw(p, KW_DISTINCT);
        sql_advance(p);
    }
    if (sql_is_kw(p, KW_TABLE) && sql_ahead(p, 1)->kind == TK_LPAREN && !p->given) {
        return err_unsupported(p->err, "TABLE arguments");
    }
    do {
        Expr *e;
        TRY(argument(p, &e));
        sql_push_expr(p, &c->args, e);
    } while (sql_accept(p, TK_COMMA));
    if (call_is(c, takes_nulls) && sql_is_kw(p, KW_IGNORE) && sql_ahead(p, 1)->kw == KW_NULLS) {
        sql_advance(p);
        sql_advance(p);
        c->ignore_nulls = true;
    }
    return close_arguments(p);
}

static bool is_datetime_unit(const Parser *p, const Token *t)
{
    static const char *const units[] = {"DAY",         "DAYOFYEAR", "HOUR",  "MICROSECOND",
                                        "MILLISECOND", "MINUTE",    "MONTH", "QUARTER",
                                        "SECOND",      "WEEK",      "YEAR"};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (sql_word_is(p, t, units[i])) {
            return true;
        }
    }
    return false;
}

/* DATEADD(unit, n, ts) and DATEDIFF(unit, start, end), whatever they were called by. */
static fb_status with_unit(Parser *p, Call *c)
{
    static const char *const adds[] = {"dateadd", "date_add", "timestampadd", NULL};
    static const char *const diffs[] = {"datediff", "date_diff", "timediff", "timestampdiff", NULL};
    bool add = call_is(c, adds);
    if (c->args.n != 3 || (!add && !call_is(c, diffs))) {
        return FB_OK;
    }
    const Token *unit = &p->tok[c->first_arg];
    if (unit[1].kind != TK_COMMA) {
        return FB_OK;
    }
    if (unit->kind == TK_STRING) {
        Str s = sql_literal_str(c->args.v[0]);
        err_set(p->err, ERR_INVALID_DATETIME_UNIT, "functionName",
                arena_printf(p->a, "`%s`", c->name.v[0]), "parameter", "`unit`", "invalidValue",
                arena_printf(p->a, "'%.*s'", (int)s.n, s.p), NULL);
        return sql_error_from(p, c->start);
    }
    if (!is_datetime_unit(p, unit)) {
        return FB_OK;
    }
    c->name.v[0] = add ? "timestampadd" : "timestampdiff";
    c->args.v[0] = expr_literal_str(p->a, sql_text(p, unit));
    return FB_OK;
}

static fb_status filter_clause(Parser *p, Call *c)
{
    if (!sql_is_kw(p, KW_FILTER) || sql_ahead(p, 1)->kind != TK_LPAREN ||
        sql_ahead(p, 2)->kw != KW_WHERE) {
        return FB_OK;
    }
    sql_advance(p);
    sql_advance(p);
    sql_advance(p);
    TRY(sql_expr(p, &c->filter));
    return sql_expect(p, TK_RPAREN);
}

/* WITHIN GROUP (ORDER BY …): the orderings are the last arguments. */
static fb_status within_group(Parser *p, Call *c)
{
    if (!sql_is_kw(p, KW_WITHIN) || sql_ahead(p, 1)->kw != KW_GROUP) {
        return FB_OK;
    }
    sql_advance(p);
    sql_advance(p);
    TRY(sql_expect(p, TK_LPAREN));
    TRY(sql_expect_kw(p, KW_ORDER));
    TRY(sql_expect_word(p, "BY"));
    TRY(sql_sort_items(p, &c->args));
    return sql_expect(p, TK_RPAREN);
}

/* The call behind its closing parenthesis: FILTER, IGNORE NULLS, OVER. */
static fb_status finish_call(Parser *p, Call *c, Expr **ret)
{
    TRY(within_group(p, c));
    TRY(filter_clause(p, c));
    if ((sql_is_kw(p, KW_IGNORE) || sql_is_kw(p, KW_RESPECT)) && sql_ahead(p, 1)->kw == KW_NULLS) {
        c->ignore_nulls |= sql_is_kw(p, KW_IGNORE);
        sql_advance(p);
        sql_advance(p);
    }
    Expr *e = expr_new(p->a, E_UNRESOLVED_FUNC, c->args.n);
    e->user_call = true;
    if (c->args.n) {
        memcpy(e->args, c->args.v, c->args.n * sizeof(*c->args.v));
    }
    e->parts = c->name.v;
    e->n_parts = c->name.n;
    e->name = c->name.v[c->name.n - 1];
    e->distinct = c->distinct;
    e->ignore_nulls = c->ignore_nulls;
    e->filter = c->filter;
    sql_place(p, e, c->start);
    *ret = e;
    if (sql_is_kw(p, KW_OVER) &&
        (sql_ahead(p, 1)->kind == TK_LPAREN || sql_is_name(p, sql_ahead(p, 1), false))) {
        sql_advance(p);
        return window(p, e, c->start, ret);
    }
    return FB_OK;
}

/* At the opening parenthesis. */
static fb_status call(Parser *p, Call *c, Expr **ret)
{
    sql_advance(p);
    TRY(arguments(p, c));
    TRY(with_unit(p, c));
    return finish_call(p, c, ret);
}

static Call call_of(Parser *p, uint32_t start, const char *name)
{
    Call c = {.start = start};
    sql_push_name(p, &c.name, name);
    return c;
}

/* STRUCT(a AS x, 1) takes names. */
static fb_status struct_expr(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    ExprList args = {0};
    sql_advance(p);
    sql_advance(p);
    if (!sql_is(p, TK_RPAREN)) {
        TRY(sql_named_expr_list(p, &args));
    }
    TRY(sql_expect(p, TK_RPAREN));
    *ret = expr_unresolved_func(p->a, "struct", args.v, args.n);
    sql_place(p, *ret, start);
    return FB_OK;
}

/* ---- the forms with words inside ---- */

static bool from_follows(const Parser *p)
{
    return sql_is_kw(p, KW_FROM) && sql_can_start_expr(p, sql_ahead(p, 1));
}

/* TRIM([BOTH | LEADING | TRAILING] [x] FROM s) */
static fb_status trim_expr(Parser *p, Expr **ret)
{
    Call c = call_of(p, sql_here(p), "trim");
    const char *fn = NULL;
    Expr *what = NULL, *from;
    sql_advance(p);
    sql_advance(p);
    if (sql_can_start_expr(p, sql_ahead(p, 1))) {
        fn = sql_is_word(p, "BOTH")       ? "trim"
             : sql_is_word(p, "LEADING")  ? "ltrim"
             : sql_is_word(p, "TRAILING") ? "rtrim"
                                          : NULL;
    }
    if (fn) {
        sql_advance(p);
    }
    if (!from_follows(p)) {
        if (sql_is(p, TK_RPAREN)) {
            TRY(arguments(p, &c));
            return finish_call(p, &c, ret);
        }
        TRY(sql_value_expr(p, &what));
        if (!fn && !sql_is_kw(p, KW_FROM)) {
            p->given = what;
            TRY(arguments(p, &c));
            return finish_call(p, &c, ret);
        }
    }
    TRY(sql_expect_kw(p, KW_FROM));
    TRY(sql_value_expr(p, &from));
    TRY(sql_expect(p, TK_RPAREN));
    *ret = what ? sql_call(p, fn ? fn : "trim", what, from, NULL)
                : sql_call(p, fn ? fn : "trim", from, NULL, NULL);
    sql_place(p, *ret, c.start);
    return FB_OK;
}

/* A first argument, then the word that makes the form special, or an ordinary call. */
static fb_status first_argument(Parser *p, Keyword word, Call *c, bool *ret_special, Expr **ret)
{
    sql_advance(p);
    sql_advance(p);
    *ret_special = false;
    c->first_arg = p->at;
    bool plain = sql_is(p, TK_RPAREN) || sql_ahead(p, 1)->kind == TK_FAT_ARROW;
    if (!plain) {
        TRY(sql_value_expr(p, ret));
        if (sql_accept_kw(p, word)) {
            *ret_special = true;
            return FB_OK;
        }
        p->given = *ret;
    }
    TRY(arguments(p, c));
    return finish_call(p, c, ret);
}

/* SUBSTRING(s FROM a [FOR n]) */
static fb_status substring_expr(Parser *p, Expr **ret)
{
    Str name = sql_text(p, sql_tok(p));
    Call c = call_of(p, sql_here(p), arena_strndup(p->a, name.p, name.n));
    bool special;
    Expr *s, *from, *length = NULL;
    TRY(first_argument(p, KW_FROM, &c, &special, &s));
    *ret = s;
    if (!special) {
        return FB_OK;
    }
    TRY(sql_value_expr(p, &from));
    if (sql_accept_kw(p, KW_FOR)) {
        TRY(sql_value_expr(p, &length));
    }
    TRY(sql_expect(p, TK_RPAREN));
    *ret = sql_call(p, "substring", s, from, length);
    sql_place(p, *ret, c.start);
    return FB_OK;
}

/* POSITION(a IN s) */
static fb_status position_expr(Parser *p, Expr **ret)
{
    Call c = call_of(p, sql_here(p), "position");
    bool special;
    Expr *part, *s;
    TRY(first_argument(p, KW_IN, &c, &special, &part));
    *ret = part;
    if (!special) {
        return FB_OK;
    }
    TRY(sql_value_expr(p, &s));
    TRY(sql_expect(p, TK_RPAREN));
    *ret = sql_call(p, "locate", part, s, NULL);
    sql_place(p, *ret, c.start);
    return FB_OK;
}

/* OVERLAY(s PLACING r FROM a [FOR n]) */
static fb_status overlay_expr(Parser *p, Expr **ret)
{
    Call c = call_of(p, sql_here(p), "overlay");
    bool special;
    Expr *args[4];
    uint32_t n = 3;
    TRY(first_argument(p, KW_PLACING, &c, &special, &args[0]));
    *ret = args[0];
    if (!special) {
        return FB_OK;
    }
    TRY(sql_value_expr(p, &args[1]));
    TRY(sql_expect_kw(p, KW_FROM));
    TRY(sql_value_expr(p, &args[2]));
    if (sql_accept_kw(p, KW_FOR)) {
        TRY(sql_value_expr(p, &args[3]));
        n = 4;
    }
    TRY(sql_expect(p, TK_RPAREN));
    *ret = expr_unresolved_func(p->a, "overlay", args, n);
    sql_place(p, *ret, c.start);
    return FB_OK;
}

/* EXTRACT(year FROM x) */
static fb_status extract_expr(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    const char *field;
    Expr *from;
    sql_advance(p);
    sql_advance(p);
    TRY(sql_bare_name(p, &field));
    TRY(sql_expect_kw(p, KW_FROM));
    TRY(sql_value_expr(p, &from));
    TRY(sql_expect(p, TK_RPAREN));
    *ret = sql_call(p, "extract", expr_literal_str(p->a, str_of(field)), from, NULL);
    sql_place(p, *ret, start);
    return FB_OK;
}

/* ---- names ---- */

static bool at_star_except(const Parser *p)
{
    if (!sql_is_kw(p, KW_EXCEPT) || sql_ahead(p, 1)->kind != TK_LPAREN ||
        !sql_is_name(p, sql_ahead(p, 2), false)) {
        return false;
    }
    TokenKind k = sql_ahead(p, 3)->kind;
    return k == TK_COMMA || k == TK_RPAREN || k == TK_DOT;
}

static Expr *attribute(Parser *p, const NameList *names, uint32_t start)
{
    Expr *e = expr_new(p->a, E_UNRESOLVED_ATTR, 0);
    e->parts = names->v;
    e->n_parts = names->n;
    e->nullable = true;
    sql_place(p, e, start);
    return e;
}

/* At the star; target may be empty. */
static fb_status star(Parser *p, const NameList *target, uint32_t start, Expr **ret)
{
    ExprList except = {0};
    sql_advance(p);
    if (at_star_except(p)) {
        sql_advance(p);
        sql_advance(p);
        do {
            NameList column = {0};
            uint32_t at = sql_here(p);
            TRY(sql_names(p, &column));
            sql_push_expr(p, &except, attribute(p, &column, at));
        } while (sql_accept(p, TK_COMMA));
        TRY(sql_expect(p, TK_RPAREN));
    }
    Expr *e = expr_new(p->a, E_UNRESOLVED_STAR, except.n);
    if (except.n) {
        memcpy(e->args, except.v, except.n * sizeof(*except.v));
    }
    e->parts = target->v;
    e->n_parts = target->n;
    sql_place(p, e, start);
    *ret = e;
    return FB_OK;
}

/* a, a.b.c, a.b.*, a.b(…), IDENTIFIER('a.b') */
static fb_status name_expr(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    NameList names = {0};
    const char *name;
    if (sql_is_kw(p, KW_IDENTIFIER) && sql_ahead(p, 1)->kind == TK_LPAREN) {
        TRY(sql_names(p, &names));
    } else {
        TRY(sql_bare_name(p, &name));
        sql_push_name(p, &names, name);
    }
    while (sql_is(p, TK_DOT) && sql_is_name(p, sql_ahead(p, 1), false)) {
        sql_advance(p);
        TRY(sql_bare_name(p, &name));
        sql_push_name(p, &names, name);
    }
    if (sql_is(p, TK_DOT) && sql_ahead(p, 1)->kind == TK_STAR) {
        sql_advance(p);
        return star(p, &names, start, ret);
    }
    if (sql_is(p, TK_LPAREN)) {
        Call c = {.name = names, .start = start};
        return call(p, &c, ret);
    }
    *ret = attribute(p, &names, start);
    return FB_OK;
}

/* The forms that begin with a word of their own; *ret stays NULL if this is none of them. */
static fb_status keyword_expr(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    bool paren = sql_ahead(p, 1)->kind == TK_LPAREN;
    switch (sql_tok(p)->kw) {
    case KW_NULL:
        sql_advance(p);
        *ret = expr_literal_null(p->a, type_null);
        break;
    case KW_TRUE:
    case KW_FALSE:
        *ret = expr_literal_bool(p->a, sql_is_kw(p, KW_TRUE));
        sql_advance(p);
        break;
    case KW_INTERVAL:
        return sql_at_interval(p) ? sql_interval(p, ret) : FB_OK;
    case KW_CASE:
        return at_case(p) ? case_expr(p, ret) : FB_OK;
    case KW_CAST:
    case KW_TRY_CAST:
        return paren ? cast_expr(p, ret) : FB_OK;
    case KW_STRUCT:
        return paren ? struct_expr(p, ret) : FB_OK;
    case KW_TRIM:
        return paren ? trim_expr(p, ret) : FB_OK;
    case KW_SUBSTR:
    case KW_SUBSTRING:
        return paren ? substring_expr(p, ret) : FB_OK;
    case KW_POSITION:
        return paren ? position_expr(p, ret) : FB_OK;
    case KW_OVERLAY:
        return paren ? overlay_expr(p, ret) : FB_OK;
    case KW_EXTRACT:
        return paren && sql_ahead(p, 3)->kw == KW_FROM ? extract_expr(p, ret) : FB_OK;
    default:
        return FB_OK;
    }
    sql_place(p, *ret, start);
    return FB_OK;
}

static fb_status word_expr(Parser *p, Expr **ret)
{
    *ret = NULL;
    if (sql_is(p, TK_WORD)) {
        TRY(keyword_expr(p, ret));
        if (*ret) {
            return FB_OK;
        }
        if (sql_ahead(p, 1)->kind == TK_STRING) {
            return sql_typed_literal(p, ret);
        }
    }
    if (sql_ahead(p, 1)->kind == TK_ARROW) {
        return lambda(p, ret);
    }
    return name_expr(p, ret);
}

/* ---- primaries and what follows them ---- */

static fb_status base(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    if (p->given) {
        *ret = p->given;
        p->given = NULL;
        return FB_OK;
    }
    switch (sql_tok(p)->kind) {
    case TK_WORD:
    case TK_QUOTED:
        return word_expr(p, ret);
    case TK_STRING: {
        Str s;
        TRY(sql_string(p, &s));
        *ret = expr_literal_str(p->a, s);
        sql_place(p, *ret, start);
        return FB_OK;
    }
    case TK_INT:
    case TK_DECIMAL:
    case TK_EXPONENT:
    case TK_LONG:
    case TK_SHORT:
    case TK_BYTE:
    case TK_FLOAT:
    case TK_DOUBLE:
    case TK_BIGDECIMAL:
        return sql_number(p, false, start, ret);
    case TK_MINUS: /* unary() has seen that a number follows */
        sql_advance(p);
        if (sql_tok(p)->kind < TK_INT || sql_tok(p)->kind > TK_BIGDECIMAL) {
            return sql_syntax_error(p);
        }
        return sql_number(p, true, start, ret);
    case TK_STAR: {
        NameList none = {0};
        return star(p, &none, start, ret);
    }
    case TK_QUESTION:
    case TK_COLON:
        return sql_parameter(p, ret);
    case TK_LPAREN:
        return parenthesis(p, ret);
    default:
        return sql_syntax_error(p);
    }
}

static Expr *field_of(Parser *p, Expr *e, const char *name)
{
    if (e->kind == E_UNRESOLVED_ATTR) {
        NameList names = {0};
        for (uint32_t i = 0; i < e->n_parts; i++) {
            sql_push_name(p, &names, e->parts[i]);
        }
        sql_push_name(p, &names, name);
        return attribute(p, &names, (uint32_t)e->start);
    }
    Expr *x = expr_new(p->a, E_UNRESOLVED_EXTRACT, 2);
    x->args[0] = e;
    x->args[1] = expr_literal_str(p->a, str_text(p->a, name));
    return x;
}

static fb_status element_of(Parser *p, Expr **e)
{
    Expr *x = expr_new(p->a, E_UNRESOLVED_EXTRACT, 2);
    sql_advance(p);
    x->args[0] = *e;
    TRY(sql_value_expr(p, &x->args[1]));
    TRY(sql_expect(p, TK_RBRACKET));
    *e = x;
    return FB_OK;
}

/* e COLLATE name, which may be qualified: the catalog has one schema of them. */
static fb_status collated(Parser *p, Expr *e, Expr **ret)
{
    Expr *args[2] = {e, NULL};
    const char *name;
    do {
        sql_advance(p);
        TRY(sql_bare_name(p, &name));
    } while (sql_is(p, TK_DOT) && sql_is_name(p, sql_ahead(p, 1), false));
    args[1] = expr_literal_str(p->a, str_text(p->a, name));
    *ret = expr_unresolved_func(p->a, "collate", args, 2);
    return FB_OK;
}

fb_status sql_primary(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    Expr *e;
    TRY(base(p, &e));
    if (e->start >= 0) {
        start = (uint32_t)e->start;
    }
    for (;;) {
        const Token *next = sql_ahead(p, 1);
        if (sql_is(p, TK_DOT) && sql_is_name(p, next, false)) {
            const char *name;
            sql_advance(p);
            TRY(sql_bare_name(p, &name));
            e = field_of(p, e, name);
        } else if (sql_is(p, TK_LBRACKET)) {
            TRY(element_of(p, &e));
        } else if (sql_is(p, TK_DOUBLE_COLON)) {
            const Type *t;
            sql_advance(p);
            TRY(sql_type(p, &t));
            e = expr_cast(p->a, e, t, EVAL_ANSI, true);
        } else if (sql_is_kw(p, KW_COLLATE) && sql_is_name(p, next, false)) {
            TRY(collated(p, e, &e));
        } else if (sql_is(p, TK_COLON) &&
                   (sql_is_name(p, next, false) || next->kind == TK_LBRACKET)) {
            err_unsupported(p->err, "paths into VARIANT values (a:b)");
            return sql_error_from(p, start);
        } else {
            break;
        }
        sql_place(p, e, start);
    }
    *ret = e;
    return FB_OK;
}
