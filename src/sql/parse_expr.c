/*
 * parse_expr.c - operators, predicates, aliases, sort orders and types.
 *
 * Precedence, lowest first (SqlBaseParser of Spark 4.3):
 *     OR; AND; NOT; one predicate (BETWEEN, IN, LIKE, IS …); = < …; |; ^; &; << >>; + - ||;
 *     * / % DIV; unary - + ~; postfix . [] ::
 * Operators become calls of the functions that Spark Connect names for them, so that SQL and
 * DataFrame code give the same trees. Chains of AND and of OR are built balanced, as Spark does:
 * a thousand of them are ten levels deep.
 */
#include "sql/parser.h"

/* ---- making nodes ---- */

/* What Spark calls an operator's expression; NULL for one that it takes for a function. */
static const char *operator_class(const char *name, uint32_t n_args)
{
    static const char *const names[][2] = {
        {"*", "multiply"},
        {"+", "add"},
        {"/", "divide"},
        {"%", "remainder"},
        {"div", "integraldivide"},
        {"&", "bitwiseand"},
        {"|", "bitwiseor"},
        {"^", "bitwisexor"},
        {"~", "bitwisenot"},
        {"==", "equalto"},
        {"=", "equalto"},
        {"<=>", "equalnullsafe"},
        {"<", "lessthan"},
        {"<=", "lessthanorequal"},
        {">", "greaterthan"},
        {">=", "greaterthanorequal"},
        {"<>", "equalto"},
        {"!=", "equalto"},
        {"and", "and"},
        {"or", "or"},
        {"not", "not"},
        {"isNull", "isnull"},
        {"isNotNull", "isnotnull"},
        {"like", "like"},
        {"rlike", "rlike"},
        {"||", "concat"},
    };
    if (n_args == 1 && (*name == '+' || *name == '-')) {
        return *name == '-' ? "unaryminus" : "unarypositive";
    }
    if (strcmp(name, "-") == 0) {
        return "subtract";
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i][0], name) == 0) {
            return names[i][1];
        }
    }
    return NULL;
}

Expr *sql_call(Parser *p, const char *name, Expr *a, Expr *b, Expr *c)
{
    Expr *args[3];
    uint32_t n = 0;
    Expr *const given[3] = {a, b, c};
    for (int i = 0; i < 3; i++) {
        if (given[i]) {
            args[n++] = given[i];
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        if (args[i]->kind == E_UNRESOLVED_STAR) {
            args[i]->name = operator_class(name, n); /* where it may not stand */
        }
    }
    Expr *e = expr_unresolved_func(p->a, name, args, n);
    if (n > 0 && args[0]->start >= 0) {
        sql_place(p, e, (uint32_t)args[0]->start);
    }
    return e;
}

/* Halves as Spark's reduceToExpressionTree cuts them. */
Expr *sql_tree(Parser *p, const char *op, Expr **v, uint32_t n)
{
    if (n == 1) {
        return v[0];
    }
    uint32_t left = (n - 1) / 2 + 1;
    Expr *a = sql_tree(p, op, v, left), *b = sql_tree(p, op, v + left, n - left);
    Expr *e = sql_call(p, op, a, b, NULL);
    e->stop = b->stop;
    return e;
}

/* A call of named_struct() or `struct`() by name is a function like any other. */
bool sql_is_row(const Parser *p, const Expr *e)
{
    if (e->kind != E_UNRESOLVED_FUNC || e->n_parts != 1 || e->start < 0) {
        return false;
    }
    char c = p->sql.p[e->start];
    return strcmp(e->parts[0], "named_struct") == 0
               ? c == '('
               : strcmp(e->parts[0], "struct") == 0 && (c == 's' || c == 'S');
}

static Expr *negated(Parser *p, Expr *e, bool negate, uint32_t start)
{
    if (!negate) {
        return e;
    }
    Expr *n = sql_call(p, "not", e, NULL, NULL);
    sql_place(p, n, start);
    return n;
}

/* ---- value expressions ---- */

typedef struct BinaryOp {
    const char *name; /* NULL: not an operator */
    int precedence;
    bool negate;
} BinaryOp;

static BinaryOp binary_op(const Parser *p)
{
    switch (sql_tok(p)->kind) {
    case TK_STAR:
        return (BinaryOp){"*", 7, false};
    case TK_SLASH:
        return (BinaryOp){"/", 7, false};
    case TK_PERCENT:
        return (BinaryOp){"%", 7, false};
    case TK_WORD:
        if (sql_is_kw(p, KW_DIV) && sql_can_start_expr(p, sql_ahead(p, 1))) {
            return (BinaryOp){"div", 7, false};
        }
        return (BinaryOp){0};
    case TK_PLUS:
        return (BinaryOp){"+", 6, false};
    case TK_MINUS:
        return (BinaryOp){"-", 6, false};
    case TK_CONCAT:
        return (BinaryOp){"concat", 6, false};
    case TK_SHIFT_LEFT:
        return (BinaryOp){"<<", 5, false};
    case TK_SHIFT_RIGHT:
        return (BinaryOp){">>", 5, false};
    case TK_SHIFT_RIGHT_UNSIGNED:
        return (BinaryOp){">>>", 5, false};
    case TK_AMPERSAND:
        return (BinaryOp){"&", 4, false};
    case TK_HAT:
        return (BinaryOp){"^", 3, false};
    case TK_PIPE:
        return sql_at_pipe(p) ? (BinaryOp){0} : (BinaryOp){"|", 2, false};
    case TK_EQ:
        return (BinaryOp){"==", 1, false};
    case TK_NEQ:
        return (BinaryOp){"==", 1, true};
    case TK_NSEQ:
        return (BinaryOp){"<=>", 1, false};
    case TK_LT:
        return (BinaryOp){"<", 1, false};
    case TK_LTE:
        return (BinaryOp){"<=", 1, false};
    case TK_GT:
        return (BinaryOp){">", 1, false};
    case TK_GTE:
        return (BinaryOp){">=", 1, false};
    default:
        return (BinaryOp){0};
    }
}

static bool is_number(TokenKind k)
{
    return k >= TK_INT && k <= TK_BIGDECIMAL;
}

/* Unary minus, plus and ~; a minus right before a number is the number's sign. */
static fb_status unary(Parser *p, Expr **ret)
{
    const char *op = NULL;
    if (!p->given) {
        if (sql_is(p, TK_MINUS) && !is_number(sql_ahead(p, 1)->kind)) {
            op = "-";
        } else if (sql_is(p, TK_PLUS)) {
            op = "+";
        } else if (sql_is(p, TK_TILDE)) {
            op = "~";
        }
    }
    if (!op) {
        return sql_primary(p, ret);
    }
    uint32_t start = sql_here(p);
    sql_advance(p);
    TRY(sql_enter(p));
    Expr *e;
    TRY(unary(p, &e));
    p->depth--;
    *ret = sql_call(p, op, e, NULL, NULL);
    sql_place(p, *ret, start);
    return FB_OK;
}

static fb_status value_of(Parser *p, int min_precedence, Expr **ret)
{
    uint32_t start = p->given && p->given->start >= 0 ? (uint32_t)p->given->start : sql_here(p);
    TRY(unary(p, ret));
    for (;;) {
        BinaryOp op = binary_op(p);
        if (!op.name || op.precedence < min_precedence) {
            return FB_OK;
        }
        sql_advance(p);
        Expr *right;
        TRY(value_of(p, op.precedence + 1, &right));
        Expr *e = sql_call(p, op.name, *ret, right, NULL);
        sql_place(p, e, start);
        *ret = negated(p, e, op.negate, start);
    }
}

fb_status sql_value_expr(Parser *p, Expr **ret)
{
    TRY(sql_enter(p));
    TRY(value_of(p, 1, ret));
    p->depth--;
    return FB_OK;
}

fb_status sql_primary_expr(Parser *p, Expr **ret)
{
    return sql_primary(p, ret);
}

/* ---- predicates ---- */

static Expr *subquery(Parser *p, const char *name, Plan *q, Expr *const *args, uint32_t n_args,
                      uint32_t start)
{
    Expr *e = expr_new(p->a, E_SUBQUERY, n_args);
    for (uint32_t i = 0; i < n_args; i++) {
        e->args[i] = args[i];
    }
    e->name = name;
    e->plan = q;
    e->nullable = true;
    sql_place(p, e, start);
    return e;
}

/* The values to the left of IN (SELECT …): those of a row, or one. */
static Expr *in_subquery(Parser *p, Expr *value, Plan *q, uint32_t start)
{
    if (!sql_is_row(p, value)) {
        return subquery(p, "in", q, &value, 1, start);
    }
    if (strcmp(value->parts[0], "struct") == 0) {
        return subquery(p, "in", q, value->args, value->n_args, start);
    }
    Expr **args = ARENA_ARRAY(p->a, Expr *, value->n_args / 2);
    for (uint32_t i = 0; i < value->n_args / 2; i++) {
        args[i] = value->args[2 * i + 1];
    }
    return subquery(p, "in", q, args, value->n_args / 2, start);
}

/* Spark takes the list of IN for expressions where it can be one: a call of values(), or SELECT as
 * the type of a literal. */
static bool in_list_of_query_word(const Parser *p)
{
    TokenKind next = sql_ahead(p, 1)->kind, behind = sql_ahead(p, 2)->kind;
    bool ends = behind == TK_RPAREN || behind == TK_COMMA;
    return (next == TK_STRING && ends) || (sql_is_kw(p, KW_VALUES) && next == TK_LPAREN);
}

/* Behind "IN ("; in: where NOT IN or IN began. */
static fb_status in_list(Parser *p, Expr *value, uint32_t start, uint32_t in, Expr **ret)
{
    if (sql_is(p, TK_RPAREN)) {
        sql_advance(p);
        err_set(p->err, ERR_EMPTY_IN_PREDICATE, NULL);
        return sql_error_from(p, in);
    }
    Plan *q = NULL;
    if (sql_starts_query(p, 0) && !in_list_of_query_word(p)) {
        TRY(sql_query(p, &q));
        TRY(sql_expect(p, TK_RPAREN));
        *ret = in_subquery(p, value, q, start);
        return FB_OK;
    }
    ExprList args = {0};
    sql_push_expr(p, &args, value);
    TRY(sql_expr_list(p, &args));
    if (args.n == 2 && sql_at_query_tail(p) && args.v[1]->kind == E_SUBQUERY &&
        strcmp(args.v[1]->name, "scalar") == 0) {
        TRY(sql_query_rest(p, args.v[1]->plan, &q)); /* IN ((SELECT …) UNION …) */
        TRY(sql_expect(p, TK_RPAREN));
        *ret = in_subquery(p, value, q, start);
        return FB_OK;
    }
    TRY(sql_expect(p, TK_RPAREN));
    *ret = expr_unresolved_func(p->a, "in", args.v, args.n);
    sql_place(p, *ret, start);
    return FB_OK;
}

static fb_status between(Parser *p, Expr *value, uint32_t start, Expr **ret)
{
    Expr *low, *high;
    sql_advance(p);
    TRY(sql_value_expr(p, &low));
    if (!sql_is_kw(p, KW_AND)) {
        return sql_is_kw(p, KW_OR) ? sql_syntax_error_hint(p, ": missing 'AND'")
                                   : sql_syntax_error(p);
    }
    sql_advance(p);
    TRY(sql_value_expr(p, &high));
    *ret = sql_call(p, "between", value, low, high);
    sql_place(p, *ret, start);
    return FB_OK;
}

static bool at_more_of_value(const Parser *p)
{
    return binary_op(p).name || sql_is(p, TK_LBRACKET) || sql_is(p, TK_DOT) ||
           sql_is(p, TK_DOUBLE_COLON);
}

static bool is_constant_text(const Expr *e)
{
    return e->kind == E_LITERAL && e->type == type_string && vec_is_valid(e->value, 0);
}

/* LIKE ANY | SOME | ALL (patterns): alternatives or conjuncts of single LIKEs. *negate is used up:
 * NOT LIKE ANY holds if one of the patterns does not match. Where the value goes on behind the
 * parenthesis, ANY(…) was a call: it is given to the caller, and *ret is NULL. */
static fb_status like_quantified(Parser *p, const char *op, Expr *value, uint32_t start,
                                 bool *negate, Expr **ret)
{
    bool all = sql_is_kw(p, KW_ALL);
    ExprList patterns = {0};
    uint32_t word_at = sql_here(p);
    Str word = sql_text(p, sql_tok(p));
    sql_advance(p);
    sql_advance(p);
    if (sql_accept(p, TK_RPAREN)) {
        err_set(p->err, ERR_EMPTY_QUANTIFIED_PATTERN, NULL);
        return sql_error_from(p, start);
    }
    TRY(sql_expr_list(p, &patterns));
    TRY(sql_expect(p, TK_RPAREN));
    if (at_more_of_value(p)) {
        const char *name = arena_strndup(p->a, word.p, word.n);
        p->given = expr_unresolved_func(p->a, name, patterns.v, patterns.n);
        sql_place(p, p->given, word_at);
        *ret = NULL;
        return FB_OK;
    }
    bool constant = true;
    for (uint32_t i = 0; i < patterns.n; i++) {
        Expr *e = sql_call(p, op, value, patterns.v[i], NULL);
        constant &= is_constant_text(patterns.v[i]);
        sql_place(p, e, start);
        patterns.v[i] = negated(p, e, *negate, start);
    }
    *ret = sql_tree(p, all ? "and" : "or", patterns.v, patterns.n);
    if (constant) {
        (*ret)->column_name =
            all ? (*negate ? "notlikeall" : "likeall") : (*negate ? "notlikeany" : "likeany");
    }
    *negate = false;
    return FB_OK;
}

static uint32_t utf8_length(Str s)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    }
    return n;
}

static fb_status like(Parser *p, Expr *value, uint32_t start, bool *negate, Expr **ret)
{
    const char *op = sql_is_kw(p, KW_LIKE) ? "like" : "ilike";
    sql_advance(p);
    bool quantified = sql_is_kw(p, KW_ANY) || sql_is_kw(p, KW_SOME) || sql_is_kw(p, KW_ALL);
    if (quantified && sql_ahead(p, 1)->kind == TK_LPAREN) {
        TRY(like_quantified(p, op, value, start, negate, ret));
        if (*ret) {
            return FB_OK;
        }
    }
    Expr *pattern, *escape = NULL;
    TRY(sql_value_expr(p, &pattern));
    if (sql_is_kw(p, KW_ESCAPE) && sql_can_start_expr(p, sql_ahead(p, 1))) {
        Str s;
        sql_advance(p);
        TRY(sql_string(p, &s));
        if (utf8_length(s) != 1) {
            err_set(p->err, ERR_INVALID_ESC, "invalidEscape",
                    arena_printf(p->a, "'%.*s'", (int)s.n, s.p), NULL);
            return sql_error_from(p, start);
        }
        escape = expr_literal_str(p->a, s);
    }
    *ret = sql_call(p, op, value, pattern, escape);
    sql_place(p, *ret, start);
    return FB_OK;
}

/* What may follow IS [NOT]. */
static bool is_test(const Parser *p, uint32_t ahead)
{
    const Token *t = sql_ahead(p, ahead);
    switch (t->kw) {
    case KW_NULL:
    case KW_TRUE:
    case KW_FALSE:
    case KW_UNKNOWN:
        return true;
    case KW_DISTINCT:
        return sql_ahead(p, ahead + 1)->kw == KW_FROM;
    default:
        return false;
    }
}

static fb_status is_predicate(Parser *p, Expr *value, uint32_t start, Expr **ret)
{
    sql_advance(p);
    bool negate = sql_accept_kw(p, KW_NOT) || sql_accept(p, TK_BANG);
    Keyword kw = sql_tok(p)->kw;
    sql_advance(p);
    switch (kw) {
    case KW_NULL:
    case KW_UNKNOWN:
        *ret = sql_call(p, negate ? "isNotNull" : "isNull", value, NULL, NULL);
        sql_place(p, *ret, start);
        return FB_OK;
    case KW_TRUE:
    case KW_FALSE:
        *ret = sql_call(p, "<=>", value, expr_literal_bool(p->a, kw == KW_TRUE), NULL);
        break;
    default: {
        Expr *other;
        sql_advance(p); /* FROM */
        TRY(sql_value_expr(p, &other));
        *ret = sql_call(p, "<=>", value, other, NULL);
        negate = !negate; /* IS DISTINCT FROM is the negative one */
        break;
    }
    }
    sql_place(p, *ret, start);
    *ret = negated(p, *ret, negate, start);
    return FB_OK;
}

static bool at_not(const Parser *p, uint32_t ahead)
{
    return sql_ahead(p, ahead)->kw == KW_NOT || sql_ahead(p, ahead)->kind == TK_BANG;
}

/* BETWEEN, IN, LIKE … at `ahead`, with something behind that can belong to it. */
static bool starts_predicate(const Parser *p, uint32_t ahead)
{
    const Token *next = sql_ahead(p, ahead + 1);
    switch (sql_ahead(p, ahead)->kw) {
    case KW_BETWEEN:
    case KW_LIKE:
    case KW_ILIKE:
    case KW_RLIKE:
    case KW_REGEXP:
        return sql_can_start_expr(p, next);
    case KW_IN:
        return next->kind == TK_LPAREN;
    default:
        return false;
    }
}

static fb_status predicate(Parser *p, Expr **ret)
{
    Expr *value = *ret;
    uint32_t start = value->start >= 0 ? (uint32_t)value->start : sql_here(p);
    if (sql_is_kw(p, KW_IS) && is_test(p, at_not(p, 1) ? 2 : 1)) {
        return is_predicate(p, value, start, ret);
    }
    bool negate = at_not(p, 0) && starts_predicate(p, 1);
    if (!negate && !starts_predicate(p, 0)) {
        return FB_OK;
    }
    if (negate) {
        sql_advance(p);
    }
    switch (sql_tok(p)->kw) {
    case KW_BETWEEN:
        TRY(between(p, value, start, ret));
        break;
    case KW_IN:
        sql_advance(p);
        sql_advance(p);
        TRY(in_list(p, value, start, sql_tok(p)[negate ? -3 : -2].start, ret));
        break;
    case KW_LIKE:
    case KW_ILIKE:
        TRY(like(p, value, start, &negate, ret));
        break;
    default: {
        Expr *pattern;
        sql_advance(p);
        TRY(sql_value_expr(p, &pattern));
        *ret = sql_call(p, "rlike", value, pattern, NULL);
        sql_place(p, *ret, start);
        break;
    }
    }
    *ret = negated(p, *ret, negate, start);
    return FB_OK;
}

/* ---- NOT, AND, OR ---- */

/* EXISTS ( and, behind any number of parentheses, a query. */
static bool at_exists(const Parser *p)
{
    if (p->given || !sql_is_kw(p, KW_EXISTS) || sql_ahead(p, 1)->kind != TK_LPAREN) {
        return false;
    }
    uint32_t i = 2;
    while (sql_ahead(p, i)->kind == TK_LPAREN) {
        i++;
    }
    return sql_starts_query(p, i);
}

static fb_status exists(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    Plan *q;
    sql_advance(p);
    sql_advance(p);
    TRY(sql_query(p, &q));
    TRY(sql_expect(p, TK_RPAREN));
    *ret = subquery(p, "exists", q, NULL, 0, start);
    return FB_OK;
}

static fb_status negation(Parser *p, Expr **ret)
{
    uint32_t first = p->at, nots = 0;
    while (!p->given && at_not(p, 0) && sql_can_start_expr(p, sql_ahead(p, 1))) {
        sql_advance(p);
        nots++;
    }
    if (at_exists(p)) {
        TRY(exists(p, ret));
    } else {
        TRY(value_of(p, 1, ret));
        TRY(predicate(p, ret));
    }
    while (nots > 0) {
        nots--;
        *ret = negated(p, *ret, true, p->tok[first + nots].start);
    }
    return FB_OK;
}

static bool accept_connective(Parser *p, Keyword kw)
{
    if (!sql_is_kw(p, kw) || !sql_can_start_expr(p, sql_ahead(p, 1))) {
        return false;
    }
    sql_advance(p);
    return true;
}

fb_status sql_expr(Parser *p, Expr **ret)
{
    TRY(sql_enter(p));
    ExprList ors = {0};
    do {
        Expr *e;
        ExprList ands = {0};
        TRY(negation(p, &e));
        while (accept_connective(p, KW_AND)) {
            sql_push_expr(p, &ands, e);
            TRY(negation(p, &e));
        }
        if (ands.n > 0) {
            sql_push_expr(p, &ands, e);
            e = sql_tree(p, "and", ands.v, ands.n);
        }
        *ret = e;
        if (ors.n == 0 && !sql_is_kw(p, KW_OR)) {
            break;
        }
        sql_push_expr(p, &ors, e);
    } while (accept_connective(p, KW_OR));
    if (ors.n > 0) {
        *ret = sql_tree(p, "or", ors.v, ors.n);
    }
    p->depth--;
    return FB_OK;
}

/* ---- lists, aliases, sort orders ---- */

fb_status sql_expr_list(Parser *p, ExprList *ret)
{
    do {
        Expr *e;
        TRY(sql_expr(p, &e));
        sql_push_expr(p, ret, e);
    } while (sql_accept(p, TK_COMMA));
    return FB_OK;
}

static Expr *alias_of_names(Parser *p, Expr *e, const NameList *names)
{
    Expr *a = expr_new(p->a, E_ALIAS, 1);
    a->args[0] = e;
    a->parts = names->v;
    a->n_parts = names->n;
    return a;
}

fb_status sql_named_expr(Parser *p, Expr **ret)
{
    uint32_t start = p->given && p->given->start >= 0 ? (uint32_t)p->given->start : sql_here(p);
    TRY(sql_expr(p, ret));
    bool as = sql_is_kw(p, KW_AS);
    if (sql_is_kw(p, KW_USING) && sql_ahead(p, 1)->kind == TK_STRING) {
        return err_unsupported(p->err, "TRANSFORM … USING a script");
    }
    if (!as && !sql_is(p, TK_LPAREN) &&
        (!sql_is_name(p, sql_tok(p), false) || sql_starts_clause(p, 0, false))) {
        return FB_OK;
    }
    if (as && sql_as_before_name(p, false)) {
        sql_advance(p);
    }
    if (sql_is(p, TK_LPAREN)) {
        NameList names = {0};
        TRY(sql_name_list(p, &names));
        *ret = alias_of_names(p, *ret, &names);
    } else {
        const char *name;
        TRY(sql_name(p, false, &name));
        *ret = expr_alias(p->a, *ret, name);
    }
    sql_place(p, *ret, start);
    return FB_OK;
}

fb_status sql_named_expr_list(Parser *p, ExprList *ret)
{
    do {
        Expr *e;
        TRY(sql_named_expr(p, &e));
        sql_push_expr(p, ret, e);
    } while (sql_accept(p, TK_COMMA));
    return FB_OK;
}

fb_status sql_sort_items(Parser *p, ExprList *ret)
{
    do {
        uint32_t start = sql_here(p);
        Expr *e = expr_new(p->a, E_SORT_ORDER, 1);
        TRY(sql_expr(p, &e->args[0]));
        if (!sql_accept_kw(p, KW_ASC)) {
            e->desc = sql_accept_kw(p, KW_DESC);
        }
        e->nulls_first = !e->desc;
        if (sql_is_kw(p, KW_NULLS)) {
            sql_advance(p);
            if (sql_accept_word(p, "FIRST")) {
                e->nulls_first = true;
            } else {
                TRY(sql_expect_word(p, "LAST"));
                e->nulls_first = false;
            }
        }
        sql_place(p, e, start);
        sql_push_expr(p, ret, e);
    } while (sql_accept(p, TK_COMMA));
    return FB_OK;
}

/* ---- types ---- */

/* Passes over <…>, with >> and >>> closing two and three. */
static fb_status skip_angles(Parser *p)
{
    int open = 0;
    do {
        switch (sql_tok(p)->kind) {
        case TK_EOF:
            return sql_syntax_error(p);
        case TK_LT:
            open++;
            break;
        case TK_GT:
            open--;
            break;
        case TK_SHIFT_RIGHT:
            open -= 2;
            break;
        case TK_SHIFT_RIGHT_UNSIGNED:
            open -= 3;
            break;
        default:
            break;
        }
        if (open < 0) {
            return sql_syntax_error(p);
        }
        sql_advance(p);
    } while (open > 0);
    return FB_OK;
}

static fb_status skip_type_arguments(Parser *p)
{
    sql_advance(p);
    do {
        int64_t ignored;
        if (!sql_accept_kw(p, KW_ANY)) {
            TRY(sql_integer(p, &ignored));
        }
    } while (sql_accept(p, TK_COMMA));
    return sql_expect(p, TK_RPAREN);
}

static bool is_interval_field(const Parser *p, uint32_t ahead)
{
    static const char *const fields[] = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (sql_word_is(p, sql_ahead(p, ahead), fields[i])) {
            return true;
        }
    }
    return false;
}

/* Words that go on after a type's name. */
static void skip_type_words(Parser *p, const Token *name)
{
    if (name->kw == KW_INTERVAL && is_interval_field(p, 0)) {
        sql_advance(p);
        if (sql_is_word(p, "TO") && is_interval_field(p, 1)) {
            sql_advance(p);
            sql_advance(p);
        }
    }
    bool time = name->kw == KW_TIMESTAMP || sql_word_is(p, name, "TIME");
    if (time && sql_is_kw(p, KW_WITH) && sql_word_is(p, sql_ahead(p, 1), "LOCAL")) {
        sql_advance(p);
        sql_advance(p);
        sql_accept_words(p, "TIME", "ZONE");
    } else if (time && sql_accept_word(p, "WITHOUT")) {
        sql_accept_words(p, "TIME", "ZONE");
    }
    if (sql_is_kw(p, KW_COLLATE) && sql_is_name(p, sql_ahead(p, 1), false)) {
        sql_advance(p);
        sql_advance(p);
    }
}

/* Finds where the type ends and leaves its text to the one parser of types. */
fb_status sql_type(Parser *p, const Type **ret)
{
    uint32_t start = sql_here(p);
    const Token *name = sql_tok(p);
    if (!sql_is_name(p, name, false)) {
        return sql_syntax_error(p);
    }
    sql_advance(p);
    bool nested =
        sql_word_is(p, name, "ARRAY") || sql_word_is(p, name, "MAP") || name->kw == KW_STRUCT;
    if (nested && sql_is(p, TK_LT)) {
        TRY(skip_angles(p));
    } else if (sql_is(p, TK_NEQ) && name->kw == KW_STRUCT) {
        sql_advance(p);
    } else {
        if (sql_is(p, TK_LPAREN)) {
            TRY(skip_type_arguments(p));
        }
        skip_type_words(p, name);
    }
    if (type_from_name(str_of(sql_source(p, start)), ret, p->err) == FB_OK) {
        return FB_OK;
    }
    int at = p->err->start, end = p->err->stop; /* in the type's own text */
    err_unplace(p->err);
    if (p->err->id == ERR_PARSE_SYNTAX_ERROR && at >= 0) {
        err_where(p->err, (int)start + at, (int)start + end, p->sql);
    } else if (err_class(p->err->id) == EC_PARSE) {
        sql_error_from(p, start);
    }
    *ret = type_null;
    return sql_defer(p);
}
