/*
 * parse_relation.c - FROM: tables, table functions, VALUES, subqueries, joins, LATERAL, samples,
 * PIVOT and UNPIVOT, STREAM and WATERMARK.
 *
 * Layout of the nodes that the analyzer refuses so far:
 *   P_PIVOT    exprs = aggregates; groups = pivot columns; sets = n_sets values of n_set_cols
 *              expressions, the first of a value in an E_ALIAS if it was named.
 *   P_UNPIVOT  name = column of names; names = columns of values; sets = n_sets rows of n_set_cols
 *              columns, the first in an E_ALIAS if named; all = INCLUDE NULLS.
 * A subquery without an alias gets the name that Spark shows in messages.
 */
#include "column/number.h"
#include "sql/parser.h"

static fb_status relation(Parser *p, bool *ret_lateral, Plan **ret);

/* ---- clauses behind a table ---- */

static bool at_alias(const Parser *p)
{
    const Token *t = sql_tok(p);
    bool nearest = (sql_is_word(p, "APPROX") || sql_is_word(p, "EXACT")) &&
                   sql_word_is(p, sql_ahead(p, 1), "NEAREST");
    return sql_is_name(p, t, true) && !nearest && !sql_starts_clause(p, 0, true);
}

/* [AS] name [(columns)]; *ret_name NULL when there is none. */
static fb_status table_alias(Parser *p, const char **ret_name, NameList *columns)
{
    *ret_name = NULL;
    bool as = sql_is_kw(p, KW_AS);
    if (as && sql_as_before_name(p, true)) {
        sql_advance(p);
    } else if (!as && !at_alias(p)) {
        return FB_OK;
    }
    TRY(sql_name(p, true, ret_name));
    return sql_is(p, TK_LPAREN) ? sql_name_list(p, columns) : FB_OK;
}

typedef struct Fraction {
    double upper;
    Expr *rows;
} Fraction;

static fb_status bad_fraction(Parser *p, double f, uint32_t start)
{
    char buf[NUM_F64_TEXT_MAX];
    size_t n = num_format_f64(f, buf);
    err_set(p->err, ERR_INVALID_TABLESAMPLE_FRACTION, "fraction", arena_strndup(p->a, buf, n),
            NULL);
    return sql_error_from(p, start);
}

static fb_status sample_percent(Parser *p, bool negative, uint32_t start, Fraction *ret)
{
    double percent = 0;
    if (!num_parse_f64_java(sql_text(p, sql_tok(p)), &percent)) {
        return sql_syntax_error(p);
    }
    sql_advance(p);
    sql_advance(p);
    ret->upper = (negative ? -percent : percent) / 100.0;
    if (ret->upper < -1e-6 || ret->upper > 1 + 1e-6) {
        return bad_fraction(p, ret->upper, start);
    }
    return FB_OK;
}

static fb_status sample_buckets(Parser *p, uint32_t start, Fraction *ret)
{
    int64_t num, den;
    sql_advance(p);
    TRY(sql_integer(p, &num));
    TRY(sql_expect_word(p, "OUT"));
    TRY(sql_expect_word(p, "OF"));
    TRY(sql_integer(p, &den));
    if (sql_is_kw(p, KW_ON)) {
        while (!sql_is(p, TK_RPAREN) && !sql_is(p, TK_EOF)) {
            sql_advance(p);
        }
        err_set(p->err, ERR_LEGACY_0015, "msg", "BUCKET x OUT OF y ON colname", NULL);
        return sql_error_from(p, start);
    }
    ret->upper = (double)num / (double)den;
    if (den == 0 || ret->upper < -1e-6 || ret->upper > 1 + 1e-6) {
        return bad_fraction(p, ret->upper, start);
    }
    return FB_OK;
}

/* 5 ROWS; a size in bytes ("100M") and anything else have no meaning. */
static fb_status sample_rows(Parser *p, uint32_t start, Fraction *ret)
{
    uint32_t at = sql_here(p);
    TRY(sql_expr(p, &ret->rows));
    const char *text = sql_source(p, at);
    if (sql_accept_word(p, "ROWS")) {
        return FB_OK;
    }
    size_t digits = strspn(text, "0123456789");
    char unit = ascii_lower(text[digits]);
    bool bytes = digits > 0 && unit && strchr("bkmg", unit) && !text[digits + 1];
    if (bytes) {
        err_set(p->err, ERR_LEGACY_0015, "msg", "byteLengthLiteral", NULL);
    } else {
        err_set(p->err, ERR_LEGACY_0016, "bytesStr", text, NULL);
    }
    return sql_error_from(p, start);
}

/* At TABLESAMPLE. */
fb_status sql_sample(Parser *p, Plan *child, Plan **ret)
{
    uint32_t start = sql_here(p);
    Fraction f = {0};
    sql_advance(p);
    if (sql_is_word(p, "SYSTEM")) {
        return err_unsupported(p->err, "TABLESAMPLE SYSTEM");
    }
    sql_accept_word(p, "BERNOULLI");
    TRY(sql_expect(p, TK_LPAREN));
    bool minus = sql_is(p, TK_MINUS);
    const Token *number = sql_ahead(p, minus), *unit = sql_ahead(p, minus + 1u);
    if ((number->kind == TK_INT || number->kind == TK_DECIMAL) && sql_word_is(p, unit, "PERCENT")) {
        if (minus) {
            sql_advance(p);
        }
        TRY(sample_percent(p, minus, start, &f));
    } else if (sql_is_word(p, "BUCKET")) {
        TRY(sample_buckets(p, start, &f));
    } else if (sql_accept(p, TK_RPAREN)) {
        err_set(p->err, ERR_LEGACY_0014, NULL);
        return sql_error_from(p, start);
    } else {
        TRY(sample_rows(p, start, &f));
    }
    TRY(sql_expect(p, TK_RPAREN));
    Plan *q;
    if (f.rows) {
        q = sql_node1(p, P_LIMIT, child, f.rows);
    } else {
        q = sql_node1(p, P_SAMPLE, child, NULL);
        q->sample_upper = f.upper < 0 ? 0 : f.upper > 1 ? 1 : f.upper;
    }
    if (sql_accept_word(p, "REPEATABLE")) {
        TRY(sql_expect(p, TK_LPAREN));
        TRY(sql_integer(p, &q->sample_seed));
        TRY(sql_expect(p, TK_RPAREN));
        q->has_seed = true;
    }
    sql_place_plan(p, q, start);
    *ret = q;
    return FB_OK;
}

/* WATERMARK expr DELAY OF INTERVAL …: the node is made by the caller, above the alias. */
static fb_status watermark(Parser *p, Plan **ret)
{
    *ret = NULL;
    if (!sql_is_kw(p, KW_WATERMARK) || !sql_starts_clause(p, 0, true)) {
        return FB_OK;
    }
    uint32_t start = sql_here(p);
    Expr *e;
    Plan *q = plan_new(p->a, P_WATERMARK, 0);
    sql_advance(p);
    TRY(sql_named_expr(p, &e));
    TRY(sql_expect_kw(p, KW_DELAY));
    TRY(sql_expect_word(p, "OF"));
    TRY(sql_interval_text(p, &q->name));
    q->exprs = ARENA_ARRAY(p->a, Expr *, 1);
    q->exprs[0] = e;
    q->n_exprs = 1;
    sql_place_plan(p, q, start);
    *ret = q;
    return FB_OK;
}

static Plan *above(Parser *p, Plan *node, Plan *child)
{
    node->child = ARENA_ARRAY(p->a, Plan *, 1);
    node->child[0] = child;
    node->n_children = 1;
    node->streaming = child->streaming;
    return node;
}

/* [TABLESAMPLE …] [WATERMARK …] [alias] behind *plan. anonymous: its name when no alias is given,
 * or NULL. */
static fb_status suffixes(Parser *p, Plan **plan, bool sampled, const char *anonymous)
{
    uint32_t start = (*plan)->start >= 0 ? (uint32_t)(*plan)->start : sql_here(p);
    Plan *sample = NULL, *mark;
    const char *name;
    NameList columns = {0};
    if (sampled && sql_is_kw(p, KW_TABLESAMPLE) && sql_starts_clause(p, 0, true)) {
        TRY(sql_sample(p, plan_new(p->a, P_ONE_ROW, 0), &sample));
    }
    TRY(watermark(p, &mark));
    TRY(table_alias(p, &name, &columns));
    if (name || anonymous) {
        *plan = sql_alias_plan(p, *plan, name ? name : anonymous, &columns);
        sql_place_plan(p, *plan, start);
    }
    if (sample) {
        *plan = above(p, sample, *plan);
    }
    if (mark) {
        *plan = above(p, mark, *plan);
    }
    return FB_OK;
}

/* ---- tables ---- */

/* 'k' or a.b = value */
static fb_status option(Parser *p, Options *o)
{
    const char *key;
    uint32_t start = sql_here(p);
    if (sql_is(p, TK_STRING)) { /* one literal: the next may be the value */
        StrBuf b = {0};
        sql_unescape(sql_text(p, sql_tok(p)), &b);
        sql_advance(p);
        key = strbuf_arena(&b, p->a);
    } else {
        NameList names = {0};
        StrBuf b = {0};
        TRY(sql_names(p, &names));
        for (uint32_t i = 0; i < names.n; i++) {
            strbuf_printf(&b, "%s%s", i ? "." : "", names.v[i]);
        }
        key = strbuf_arena(&b, p->a);
    }
    sql_accept(p, TK_EQ);
    const Token *t = sql_tok(p);
    const char *value;
    if (t->kind == TK_STRING) {
        Str s;
        TRY(sql_string(p, &s));
        value = s.p;
    } else if (t->kind == TK_INT || t->kind == TK_DECIMAL || t->kw == KW_TRUE ||
               t->kw == KW_FALSE) {
        Str s = sql_text(p, t);
        bool is_true = t->kw == KW_TRUE;
        value = t->kind == TK_WORD ? (is_true ? "true" : "false") : arena_strndup(p->a, s.p, s.n);
        sql_advance(p);
    } else {
        return sql_syntax_error(p);
    }
    if (options_get(o, key)) {
        err_unsupported(p->err, "the same option twice");
        return sql_error_from(p, start);
    }
    options_set(o, p->a, key, value);
    return FB_OK;
}

fb_status sql_options(Parser *p, Options *ret)
{
    TRY(sql_expect(p, TK_LPAREN));
    do {
        TRY(option(p, ret));
    } while (sql_accept(p, TK_COMMA));
    return sql_expect(p, TK_RPAREN);
}

static fb_status table_options(Parser *p, Plan *table)
{
    if (!sql_is_kw(p, KW_WITH) || sql_ahead(p, 1)->kind != TK_LPAREN) {
        return FB_OK;
    }
    ReadSpec *spec = ARENA_NEW(p->a, ReadSpec);
    spec->streaming = table->streaming;
    sql_advance(p);
    sql_advance(p);
    do {
        TRY(option(p, &spec->options));
    } while (sql_accept(p, TK_COMMA));
    table->read = spec;
    return sql_expect(p, TK_RPAREN);
}

static fb_status refuse_time_travel(Parser *p)
{
    switch (sql_tok(p)->kw) {
    case KW_VERSION:
    case KW_SYSTEM_VERSION:
    case KW_TIMESTAMP:
    case KW_SYSTEM_TIME:
    case KW_FOR:
        return sql_starts_clause(p, 0, true) ? err_unsupported(p->err, "time travel (… AS OF)")
                                             : FB_OK;
    case KW_CHANGES:
        return sql_starts_clause(p, 0, true) ? err_unsupported(p->err, "CHANGES FROM") : FB_OK;
    default:
        return sql_is(p, TK_AT) ? err_unsupported(p->err, "time travel (table@version)") : FB_OK;
    }
}

static fb_status refuse_identified_by(Parser *p)
{
    if (sql_is_word(p, "IDENTIFIED") && sql_ahead(p, 1)->kw == KW_BY) {
        return err_unsupported(p->err, "IDENTIFIED BY");
    }
    return FB_OK;
}

/* name(arguments); names have been read, the parenthesis is next. */
static fb_status table_function(Parser *p, const NameList *names, uint32_t start, Plan **ret)
{
    Plan *q = plan_new(p->a, P_UNRESOLVED_TVF, 0);
    StrBuf name = {0};
    for (uint32_t i = 0; i < names->n; i++) {
        strbuf_printf(&name, "%s%s", i ? "." : "", names->v[i]);
    }
    q->name = strbuf_arena(&name, p->a);
    ExprList args = {0};
    sql_advance(p);
    while (!sql_is(p, TK_RPAREN)) {
        Expr *e;
        if (sql_is_kw(p, KW_TABLE)) {
            return err_unsupported(p->err, "TABLE arguments");
        }
        if (sql_is_name(p, sql_tok(p), false) && sql_ahead(p, 1)->kind == TK_FAT_ARROW) {
            e = expr_new(p->a, E_NAMED_ARG, 1);
            uint32_t at = sql_here(p);
            TRY(sql_bare_name(p, &e->name));
            sql_advance(p);
            TRY(sql_expr(p, &e->args[0]));
            sql_place(p, e, at);
        } else {
            TRY(sql_expr(p, &e));
        }
        sql_push_expr(p, &args, e);
        if (!sql_accept(p, TK_COMMA)) {
            break;
        }
        if (sql_is(p, TK_RPAREN)) {
            return sql_syntax_error(p);
        }
    }
    TRY(sql_expect(p, TK_RPAREN));
    q->exprs = args.v;
    q->n_exprs = args.n;
    sql_place_plan(p, q, start);
    *ret = q;
    return FB_OK;
}

/* A table or a table function, without the clauses behind. */
static fb_status named_relation(Parser *p, bool streaming, Plan **ret)
{
    uint32_t start = sql_here(p);
    NameList names = {0};
    TRY(sql_names(p, &names));
    if (sql_is(p, TK_LPAREN)) {
        TRY(table_function(p, &names, start, ret));
        (*ret)->streaming = streaming;
        return FB_OK;
    }
    Plan *q = plan_new(p->a, P_UNRESOLVED_TABLE, 0);
    q->names = names.v;
    q->n_names = names.n;
    q->streaming = streaming;
    sql_place_plan(p, q, start);
    *ret = q;
    return FB_OK;
}

/* STREAM t, STREAM(t), STREAM f(…), STREAM(f(…)) */
static fb_status stream(Parser *p, Plan **ret)
{
    sql_advance(p);
    bool paren = sql_accept(p, TK_LPAREN);
    TRY(named_relation(p, true, ret));
    if (paren) {
        TRY(sql_expect(p, TK_RPAREN));
    }
    TRY(refuse_time_travel(p));
    if ((*ret)->kind == P_UNRESOLVED_TABLE) {
        TRY(table_options(p, *ret));
    }
    TRY(refuse_identified_by(p));
    return suffixes(p, ret, false, NULL);
}

static bool at_stream(const Parser *p)
{
    const Token *next = sql_ahead(p, 1);
    if (!sql_is_kw(p, KW_STREAM)) {
        return false;
    }
    if (next->kind == TK_LPAREN) {
        return sql_is_name(p, sql_ahead(p, 2), false);
    }
    return sql_is_name(p, next, true) && next->kw != KW_AS && !sql_starts_clause(p, 1, true);
}

static fb_status table(Parser *p, Plan **ret)
{
    TRY(named_relation(p, false, ret));
    if ((*ret)->kind == P_UNRESOLVED_TVF) {
        TRY(refuse_identified_by(p));
        return suffixes(p, ret, false, NULL);
    }
    TRY(refuse_time_travel(p));
    TRY(table_options(p, *ret));
    return suffixes(p, ret, true, NULL);
}

/* ---- VALUES ---- */

/* The cells of a row: those of (a, b) or struct(a, b), or one. */
static void row_cells(Parser *p, const Expr *e, ExprList *ret)
{
    if (!sql_is_row(p, e)) {
        sql_push_expr(p, ret, (Expr *)e);
        return;
    }
    bool named = strcmp(e->parts[0], "named_struct") == 0;
    for (uint32_t i = named; i < e->n_args; i += named ? 2 : 1) {
        Expr *cell = e->args[i];
        sql_push_expr(p, ret, cell->kind == E_ALIAS ? cell->args[0] : cell);
    }
}

/* Behind VALUES, with the alias that may follow. */
fb_status sql_inline_table(Parser *p, Plan **ret)
{
    uint32_t start = sql_here(p), values = sql_tok(p)[-1].start;
    ExprList rows = {0}, cells = {0};
    const char *name;
    NameList columns = {0};
    TRY(sql_expr_list(p, &rows));
    row_cells(p, rows.v[0], &cells);
    uint32_t width = cells.n;
    TRY(table_alias(p, &name, &columns));
    uint32_t expected = columns.n ? columns.n : width;
    for (uint32_t i = 0; i < rows.n; i++) {
        uint32_t before = i == 0 ? 0 : cells.n;
        if (i > 0) {
            row_cells(p, rows.v[i], &cells);
        }
        if (cells.n - before != expected) {
            err_set(p->err, ERR_INVALID_INLINE_TABLE_NUM_COLUMNS_MISMATCH, "expectedNumCols",
                    arena_printf(p->a, "%u", expected), "actualNumCols",
                    arena_printf(p->a, "%u", cells.n - before), "rowIndex",
                    arena_printf(p->a, "%u", i), NULL);
            sql_error_from(p, values);
            TRY(sql_defer(p));
            break;
        }
    }
    for (uint32_t i = columns.n; i < width; i++) {
        sql_push_name(p, &columns, arena_printf(p->a, "col%u", i + 1));
    }
    Plan *q = plan_new(p->a, P_INLINE_TABLE, 0);
    q->exprs = cells.v;
    q->n_exprs = cells.n;
    q->n = width;
    q->names = columns.v;
    q->n_names = columns.n;
    sql_place_plan(p, q, start);
    *ret = name ? sql_alias_plan(p, q, name, NULL) : q;
    return FB_OK;
}

/* ---- parentheses ---- */

static fb_status relation_rest(Parser *p, Plan **plan);

/* "(" in FROM: a query (*ret_query, without an alias) or a relation. As in parse_primary.c, what
 * stands in inner parentheses is read before it is known what it belongs to. */
static fb_status in_parens(Parser *p, Plan **ret, bool *ret_query)
{
    TRY(sql_enter(p));
    sql_advance(p);
    *ret_query = false;
    if (sql_starts_query(p, 0)) {
        *ret_query = true;
        TRY(sql_query(p, ret));
    } else if (sql_is(p, TK_LPAREN)) {
        bool query;
        TRY(in_parens(p, ret, &query));
        if (query && sql_at_query_tail(p)) {
            TRY(sql_query_rest(p, *ret, ret));
            *ret_query = true;
        } else if (query && sql_is(p, TK_RPAREN)) {
            *ret_query = true;
        } else {
            TRY(suffixes(p, ret, true, query ? PLAN_NO_NAME : NULL));
            TRY(relation_rest(p, ret));
        }
    } else {
        bool lateral;
        TRY(relation(p, &lateral, ret));
    }
    if (!sql_is(p, TK_RPAREN) && sql_is(p, TK_EOF)) {
        return sql_syntax_error_hint(p, ": missing ')'");
    }
    TRY(sql_expect(p, TK_RPAREN));
    p->depth--;
    return FB_OK;
}

static fb_status relation_primary(Parser *p, Plan **ret)
{
    if (sql_is(p, TK_LPAREN)) {
        bool query;
        TRY(in_parens(p, ret, &query));
        return suffixes(p, ret, true, query ? PLAN_NO_NAME : NULL);
    }
    if (sql_is_kw(p, KW_VALUES) && sql_starts_query(p, 0)) {
        sql_advance(p);
        return sql_inline_table(p, ret);
    }
    if (at_stream(p)) {
        return stream(p, ret);
    }
    bool call = sql_ahead(p, 1)->kind == TK_LPAREN;
    if (call && (sql_is_word(p, "UNNEST") || sql_is_word(p, "JSON_TABLE"))) {
        Str name = sql_text(p, sql_tok(p));
        return err_unsupported(p->err, "%.*s in FROM", (int)name.n, name.p);
    }
    if (!sql_is_name(p, sql_tok(p), false)) {
        return sql_syntax_error(p);
    }
    return table(p, ret);
}

/* Behind LATERAL. */
static fb_status lateral_primary(Parser *p, Plan **ret)
{
    uint32_t start = sql_here(p);
    TRY(relation_primary(p, ret));
    const Plan *q = *ret;
    while (q->kind == P_SUBQUERY_ALIAS) {
        q = q->child[0];
    }
    if (q->kind == P_UNRESOLVED_TABLE && p->sql.p[start] != '(') {
        err_set(p->err, ERR_LATERAL_WITHOUT_SUBQUERY, NULL);
        return sql_error_from(p, start);
    }
    return FB_OK;
}

/* ---- joins ---- */

bool sql_at_join(const Parser *p)
{
    switch (sql_tok(p)->kw) {
    case KW_JOIN:
    case KW_INNER:
    case KW_CROSS:
    case KW_LEFT:
    case KW_RIGHT:
    case KW_FULL:
    case KW_SEMI:
    case KW_ANTI:
    case KW_NATURAL:
        return true;
    case KW_ASOF:
        return sql_ahead(p, 1)->kw == KW_JOIN;
    default:
        return false;
    }
}

static JoinType join_type(Parser *p)
{
    Keyword kw = sql_tok(p)->kw;
    if (kw != KW_JOIN && kw != KW_ASOF) {
        sql_advance(p);
    }
    switch (kw) {
    case KW_CROSS:
        return JOIN_CROSS;
    case KW_LEFT:
        if (sql_accept_kw(p, KW_SEMI)) {
            return JOIN_LEFT_SEMI;
        }
        if (sql_accept_kw(p, KW_ANTI)) {
            return JOIN_LEFT_ANTI;
        }
        sql_accept_kw(p, KW_OUTER);
        return JOIN_LEFT;
    case KW_RIGHT:
        sql_accept_kw(p, KW_OUTER);
        return JOIN_RIGHT;
    case KW_FULL:
        sql_accept_kw(p, KW_OUTER);
        return JOIN_FULL;
    case KW_SEMI:
        return JOIN_LEFT_SEMI;
    case KW_ANTI:
        return JOIN_LEFT_ANTI;
    default:
        return JOIN_INNER;
    }
}

static fb_status join_criteria(Parser *p, Plan *join)
{
    if (sql_accept_kw(p, KW_ON)) {
        Expr *e;
        TRY(sql_expr(p, &e));
        join->exprs = ARENA_ARRAY(p->a, Expr *, 1);
        join->exprs[0] = e;
        join->n_exprs = 1;
    } else if (sql_is_kw(p, KW_USING)) {
        NameList names = {0};
        sql_advance(p);
        TRY(sql_name_list(p, &names));
        join->names = names.v;
        join->n_names = names.n;
    } else if (sql_is_word(p, "APPROX") || sql_is_word(p, "EXACT")) {
        return err_unsupported(p->err, "NEAREST joins");
    }
    return FB_OK;
}

/* At the first word of the join. */
fb_status sql_join(Parser *p, Plan *left, Plan **ret)
{
    uint32_t start = sql_here(p);
    bool natural = sql_accept_kw(p, KW_NATURAL);
    JoinType type = join_type(p);
    if (sql_is_kw(p, KW_ASOF)) {
        return err_unsupported(p->err, "ASOF JOIN");
    }
    if (natural && type == JOIN_CROSS) {
        err_set(p->err, ERR_INCOMPATIBLE_JOIN_TYPES, "joinType1", "NATURAL", "joinType2", "CROSS",
                NULL);
        return sql_error_from(p, start);
    }
    TRY(sql_expect_kw(p, KW_JOIN));
    bool lateral = sql_accept_kw(p, KW_LATERAL);
    Plan *right;
    TRY(lateral ? lateral_primary(p, &right) : relation_primary(p, &right));
    Plan *q = plan_new(p->a, P_JOIN, 2, left, right);
    q->join_type = type;
    q->natural = natural;
    q->lateral = lateral;
    if (!natural) {
        TRY(join_criteria(p, q));
    }
    sql_place_plan(p, q, start);
    *ret = q;
    return FB_OK;
}

/* ---- PIVOT, UNPIVOT ---- */

static fb_status trailing_alias(Parser *p, Plan **plan)
{
    const char *name;
    NameList none = {0};
    TRY(table_alias(p, &name, &none));
    if (none.n) {
        return sql_syntax_error(p);
    }
    if (name) {
        *plan = sql_alias_plan(p, *plan, name, NULL);
    }
    return FB_OK;
}

static Expr *column_ref(Parser *p, const char *name)
{
    Expr *e = expr_new(p->a, E_UNRESOLVED_ATTR, 0);
    e->parts = ARENA_ARRAY(p->a, const char *, 1);
    e->parts[0] = name;
    e->n_parts = 1;
    e->nullable = true;
    return e;
}

static fb_status optional_alias(Parser *p, Expr **e)
{
    if (sql_accept_kw(p, KW_AS) || sql_is_name(p, sql_tok(p), false)) {
        const char *name;
        TRY(sql_name(p, false, &name));
        *e = expr_alias(p->a, *e, name);
    }
    return FB_OK;
}

static fb_status pivot_columns(Parser *p, ExprList *ret)
{
    NameList names = {0};
    const char *name;
    if (sql_is(p, TK_LPAREN)) {
        TRY(sql_name_list(p, &names));
    } else {
        TRY(sql_name(p, false, &name));
        sql_push_name(p, &names, name);
    }
    for (uint32_t i = 0; i < names.n; i++) {
        sql_push_expr(p, ret, column_ref(p, names.v[i]));
    }
    return FB_OK;
}

static fb_status pivot_value(Parser *p, uint32_t width, ExprList *ret)
{
    Expr *e;
    ExprList cells = {0};
    TRY(sql_expr(p, &e));
    row_cells(p, e, &cells);
    if (cells.n != width) {
        return err_unsupported(p->err, "a PIVOT value of %u parts for %u columns", cells.n, width);
    }
    TRY(optional_alias(p, &cells.v[0]));
    for (uint32_t i = 0; i < cells.n; i++) {
        sql_push_expr(p, ret, cells.v[i]);
    }
    return FB_OK;
}

fb_status sql_pivot(Parser *p, Plan *child, Plan **ret)
{
    uint32_t start = sql_here(p);
    ExprList aggregates = {0}, columns = {0}, values = {0};
    sql_advance(p);
    TRY(sql_expect(p, TK_LPAREN));
    TRY(sql_named_expr_list(p, &aggregates));
    TRY(sql_expect_kw(p, KW_FOR));
    TRY(pivot_columns(p, &columns));
    TRY(sql_expect_kw(p, KW_IN));
    TRY(sql_expect(p, TK_LPAREN));
    Plan *q = plan_new(p->a, P_PIVOT, 1, child);
    do {
        TRY(pivot_value(p, columns.n, &values));
        q->n_sets++;
    } while (sql_accept(p, TK_COMMA));
    TRY(sql_expect(p, TK_RPAREN));
    TRY(sql_expect(p, TK_RPAREN));
    q->exprs = aggregates.v;
    q->n_exprs = aggregates.n;
    q->groups = columns.v;
    q->n_groups = columns.n;
    q->sets = values.v;
    q->n_set_cols = columns.n;
    sql_place_plan(p, q, start);
    *ret = q;
    return trailing_alias(p, ret);
}

/* One row of UNPIVOT's IN: a column, or (a, b), with an optional alias. */
static fb_status unpivot_row(Parser *p, bool several, uint32_t width, ExprList *ret)
{
    uint32_t first = ret->n;
    if (several) {
        TRY(sql_expect(p, TK_LPAREN));
    }
    do {
        NameList names = {0};
        uint32_t start = sql_here(p);
        TRY(sql_names(p, &names));
        Expr *e = column_ref(p, names.v[0]);
        e->parts = names.v;
        e->n_parts = names.n;
        sql_place(p, e, start);
        sql_push_expr(p, ret, e);
    } while (several && sql_accept(p, TK_COMMA));
    if (several) {
        TRY(sql_expect(p, TK_RPAREN));
    }
    if (ret->n - first != width) {
        return err_unsupported(p->err, "an UNPIVOT row of %u columns for %u", ret->n - first,
                               width);
    }
    return optional_alias(p, &ret->v[first]);
}

fb_status sql_unpivot(Parser *p, Plan *child, Plan **ret)
{
    uint32_t start = sql_here(p);
    NameList values = {0};
    ExprList rows = {0};
    Plan *q = plan_new(p->a, P_UNPIVOT, 1, child);
    sql_advance(p);
    if (sql_is_kw(p, KW_INCLUDE) || sql_is_kw(p, KW_EXCLUDE)) {
        q->all = sql_is_kw(p, KW_INCLUDE);
        sql_advance(p);
        TRY(sql_expect_kw(p, KW_NULLS));
    }
    TRY(sql_expect(p, TK_LPAREN));
    bool several = sql_is(p, TK_LPAREN);
    if (several) {
        TRY(sql_name_list(p, &values));
    } else {
        const char *name;
        TRY(sql_bare_name(p, &name));
        sql_push_name(p, &values, name);
    }
    TRY(sql_expect_kw(p, KW_FOR));
    TRY(sql_bare_name(p, &q->name));
    TRY(sql_expect_kw(p, KW_IN));
    TRY(sql_expect(p, TK_LPAREN));
    do {
        TRY(unpivot_row(p, several, values.n, &rows));
        q->n_sets++;
    } while (sql_accept(p, TK_COMMA));
    TRY(sql_expect(p, TK_RPAREN));
    TRY(sql_expect(p, TK_RPAREN));
    q->names = values.v;
    q->n_names = values.n;
    q->sets = rows.v;
    q->n_set_cols = values.n;
    sql_place_plan(p, q, start);
    *ret = q;
    return trailing_alias(p, ret);
}

/* ---- relations ---- */

/* Joins, PIVOT and UNPIVOT behind *plan. */
static fb_status relation_rest(Parser *p, Plan **plan)
{
    for (;;) {
        if (sql_at_join(p)) {
            TRY(sql_join(p, *plan, plan));
        } else if (sql_is_kw(p, KW_PIVOT) && sql_starts_clause(p, 0, true)) {
            TRY(sql_pivot(p, *plan, plan));
        } else if (sql_is_kw(p, KW_UNPIVOT) && sql_starts_clause(p, 0, true)) {
            TRY(sql_unpivot(p, *plan, plan));
        } else if (sql_is_kw(p, KW_BIN) && sql_starts_clause(p, 0, true)) {
            return err_unsupported(p->err, "BIN BY");
        } else {
            return FB_OK;
        }
    }
}

static fb_status relation(Parser *p, bool *ret_lateral, Plan **ret)
{
    TRY(sql_enter(p));
    *ret_lateral = sql_is_kw(p, KW_LATERAL) && sql_ahead(p, 1)->kw != KW_VIEW;
    if (*ret_lateral) {
        sql_advance(p);
        TRY(lateral_primary(p, ret));
    } else {
        TRY(relation_primary(p, ret));
    }
    TRY(relation_rest(p, ret));
    p->depth--;
    return FB_OK;
}

/* The columns of a LATERAL VIEW, with or without AS. */
static fb_status view_columns(Parser *p, Plan *view)
{
    NameList columns = {0};
    if (!sql_accept_kw(p, KW_AS) &&
        (!sql_is_name(p, sql_tok(p), true) || sql_starts_clause(p, 0, true))) {
        return FB_OK;
    }
    do {
        const char *name;
        TRY(sql_bare_name(p, &name));
        sql_push_name(p, &columns, name);
    } while (sql_accept(p, TK_COMMA));
    view->names = columns.v;
    view->n_names = columns.n;
    return FB_OK;
}

fb_status sql_lateral_views(Parser *p, Plan **plan)
{
    while (sql_is_kw(p, KW_LATERAL) && sql_ahead(p, 1)->kw == KW_VIEW) {
        uint32_t start = sql_here(p);
        Plan *view = plan_new(p->a, P_LATERAL_VIEW, 1, *plan), *call;
        NameList names = {0};
        sql_advance(p);
        sql_advance(p);
        view->outer = sql_accept_kw(p, KW_OUTER);
        uint32_t at = sql_here(p);
        TRY(sql_names(p, &names));
        if (!sql_is(p, TK_LPAREN)) {
            return sql_syntax_error(p);
        }
        TRY(table_function(p, &names, at, &call));
        Expr *e = expr_unresolved_func(p->a, names.v[names.n - 1], call->exprs, call->n_exprs);
        e->parts = names.v;
        e->n_parts = names.n;
        sql_place(p, e, at);
        view->exprs = ARENA_ARRAY(p->a, Expr *, 1);
        view->exprs[0] = e;
        view->n_exprs = 1;
        TRY(sql_bare_name(p, &view->name));
        TRY(view_columns(p, view));
        sql_place_plan(p, view, start);
        *plan = view;
    }
    return FB_OK;
}

/* Behind FROM. */
fb_status sql_from(Parser *p, Plan **ret)
{
    Plan *all = NULL;
    do {
        bool lateral;
        Plan *q;
        TRY(relation(p, &lateral, &q));
        if (all) {
            all = plan_new(p->a, P_JOIN, 2, all, q);
            all->join_type = JOIN_INNER;
            all->lateral = lateral;
        } else {
            all = q;
        }
    } while (sql_accept(p, TK_COMMA));
    TRY(sql_lateral_views(p, &all));
    if (sql_is_kw(p, KW_PIVOT) && sql_starts_clause(p, 0, true)) {
        TRY(sql_pivot(p, all, &all));
    }
    if (sql_is_kw(p, KW_UNPIVOT) && sql_starts_clause(p, 0, true)) {
        TRY(sql_unpivot(p, all, &all));
    }
    *ret = all;
    return FB_OK;
}
