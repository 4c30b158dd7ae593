/*
 * parser.c - what all rules of the parser need: tokens, names, places, errors and bounds.
 *
 * Errors follow ANTLR as Spark reports it: the offending token in quotes or "end of input", and
 * the hint "extra input" where the statement would be right without that token.
 */
#include "sql/parser.h"

#include "base/budget.h"

/* ---- setting up, lists ---- */

fb_status sql_parser_init(Parser *p, Arena *a, Str sql, const SqlArgs *args, fb_error *err)
{
    *p = (Parser){.a = a, .sql = sql, .args = args, .err = err};
    Token *tok = NULL;
    TRY(sql_lex(a, sql, &tok, &p->n, err));
    p->tok = tok;
    return FB_OK;
}

static void *grow(Parser *p, void *v, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap) {
        return v;
    }
    *cap = *cap ? *cap * 2 : 4;
    void *grown = arena_alloc(p->a, mem_mul(*cap, size));
    if (n) {
        memcpy(grown, v, n * size);
    }
    return grown;
}

void sql_push_expr(Parser *p, ExprList *l, Expr *e)
{
    l->v = grow(p, l->v, l->n, &l->cap, sizeof(*l->v));
    l->v[l->n++] = e;
}

void sql_push_name(Parser *p, NameList *l, const char *name)
{
    l->v = grow(p, l->v, l->n, &l->cap, sizeof(*l->v));
    l->v[l->n++] = name;
}

void sql_push_plan(Parser *p, PlanList *l, Plan *q)
{
    l->v = grow(p, l->v, l->n, &l->cap, sizeof(*l->v));
    l->v[l->n++] = q;
}

/* ---- places ---- */

uint32_t sql_here(const Parser *p)
{
    return sql_tok(p)->start;
}

static uint32_t last_stop(const Parser *p)
{
    return p->at > 0 ? p->tok[p->at - 1].stop : 0;
}

void sql_place(const Parser *p, Expr *e, uint32_t start)
{
    e->start = (int)start;
    e->stop = (int)last_stop(p);
}

void sql_place_plan(const Parser *p, Plan *q, uint32_t start)
{
    q->start = (int)start;
    q->stop = (int)last_stop(p);
}

const char *sql_source(const Parser *p, uint32_t start)
{
    uint32_t stop = last_stop(p);
    return arena_strndup(p->a, p->sql.p + start, stop > start ? stop - start : 0);
}

/* ---- errors ---- */

fb_status sql_error_from(Parser *p, uint32_t start)
{
    err_where(p->err, (int)start, (int)last_stop(p), p->sql);
    return FB_ERR;
}

fb_status sql_syntax_error_hint(Parser *p, const char *hint)
{
    const Token *t = sql_tok(p);
    const char *error = "end of input";
    if (t->kind != TK_EOF) {
        Str text = sql_text(p, t);
        error = arena_printf(p->a, "'%.*s'", (int)text.n, text.p);
    }
    err_set(p->err, ERR_PARSE_SYNTAX_ERROR, "error", error, "hint", hint, NULL);
    err_where(p->err, (int)t->start, (int)t->stop, p->sql);
    return FB_ERR;
}

fb_status sql_syntax_error(Parser *p)
{
    return sql_syntax_error_hint(p, "");
}

fb_status sql_extra_input(Parser *p)
{
    Str text = sql_text(p, sql_tok(p));
    return sql_syntax_error_hint(p,
                                 arena_printf(p->a, ": extra input '%.*s'", (int)text.n, text.p));
}

fb_status sql_defer(Parser *p)
{
    if (p->err->id == ERR_PARSE_SYNTAX_ERROR || p->err->id == ERR_FAILED_TO_PARSE_TOO_COMPLEX) {
        return FB_ERR;
    }
    if (err_is_set(&p->deferred)) {
        err_clear(p->err);
    } else {
        err_move(&p->deferred, p->err);
    }
    return FB_OK;
}

/* ---- tokens ---- */

bool sql_accept(Parser *p, TokenKind kind)
{
    if (!sql_is(p, kind)) {
        return false;
    }
    sql_advance(p);
    return true;
}

bool sql_accept_kw(Parser *p, Keyword kw)
{
    if (!sql_is_kw(p, kw)) {
        return false;
    }
    sql_advance(p);
    return true;
}

bool sql_word_is(const Parser *p, const Token *t, const char *word)
{
    return t->kind == TK_WORD && str_eq_nocase(sql_text(p, t), str_of(word));
}

bool sql_is_word(const Parser *p, const char *word)
{
    return sql_word_is(p, sql_tok(p), word);
}

bool sql_accept_word(Parser *p, const char *word)
{
    if (!sql_is_word(p, word)) {
        return false;
    }
    sql_advance(p);
    return true;
}

bool sql_accept_words(Parser *p, const char *first, const char *second)
{
    if (!sql_is_word(p, first) || !sql_word_is(p, sql_ahead(p, 1), second)) {
        return false;
    }
    sql_advance(p);
    sql_advance(p);
    return true;
}

fb_status sql_expect(Parser *p, TokenKind kind)
{
    if (sql_accept(p, kind)) {
        return FB_OK;
    }
    if (!sql_is(p, TK_EOF) && sql_ahead(p, 1)->kind == kind) {
        return sql_extra_input(p);
    }
    return sql_syntax_error(p);
}

fb_status sql_expect_kw(Parser *p, Keyword kw)
{
    if (sql_accept_kw(p, kw)) {
        return FB_OK;
    }
    if (!sql_is(p, TK_EOF) && sql_ahead(p, 1)->kw == kw) {
        return sql_extra_input(p);
    }
    return sql_syntax_error(p);
}

fb_status sql_expect_word(Parser *p, const char *word)
{
    return sql_accept_word(p, word) ? FB_OK : sql_syntax_error(p);
}

fb_status sql_expect_end(Parser *p)
{
    bool semicolon = false;
    while (sql_accept(p, TK_SEMICOLON)) {
        semicolon = true;
    }
    if (sql_is(p, TK_EOF)) {
        return FB_OK;
    }
    if (semicolon || sql_ahead(p, 1)->kind == TK_EOF || sql_ahead(p, 1)->kind == TK_SEMICOLON) {
        return sql_extra_input(p);
    }
    return sql_syntax_error(p);
}

/* ---- bounds ---- */

static fb_status too_complex(Parser *p)
{
    err_set(p->err, ERR_FAILED_TO_PARSE_TOO_COMPLEX, NULL);
    err_where(p->err, (int)sql_here(p), (int)sql_tok(p)->stop, p->sql);
    return FB_ERR;
}

fb_status sql_enter(Parser *p)
{
    if (p->depth >= SQL_MAX_DEPTH) {
        return too_complex(p);
    }
    TRY(arena_check(p->a, p->err));
    p->depth++;
    return FB_OK;
}

/* A tree walk with its own stack, since the tree may be deeper than the C stack bears. */
typedef struct Visit {
    const Expr *e;
    const Plan *q;
    uint32_t depth;
} Visit;

typedef struct Walk {
    Visit *v;
    size_t n, cap;
} Walk;

static void walk_push(Walk *w, const Expr *e, const Plan *q, uint32_t depth)
{
    if (!e && !q) {
        return;
    }
    if (w->n == w->cap) {
        w->cap = w->cap ? w->cap * 2 : 64;
        w->v = mem_realloc(w->v, mem_mul(w->cap, sizeof(*w->v)));
    }
    w->v[w->n++] = (Visit){e, q, depth};
}

static void walk_exprs(Walk *w, Expr *const *v, size_t n, uint32_t depth)
{
    for (size_t i = 0; v && i < n; i++) {
        walk_push(w, v[i], NULL, depth);
    }
}

/* plans: also look into subqueries; false only when an expression ends and they were checked. */
static bool walk_depth_ok(Walk *w, bool plans)
{
    while (w->n > 0) {
        Visit at = w->v[--w->n];
        if (at.depth > SQL_MAX_DEPTH) {
            return false;
        }
        uint32_t below = at.depth + 1;
        if (at.e) {
            walk_exprs(w, at.e->args, at.e->n_args, below);
            walk_push(w, at.e->filter, plans ? at.e->plan : NULL, below);
            if (at.e->filter && at.e->plan && plans) {
                walk_push(w, NULL, at.e->plan, below);
            }
            continue;
        }
        walk_exprs(w, at.q->exprs, at.q->n_exprs, below);
        walk_exprs(w, at.q->groups, at.q->n_groups, below);
        walk_exprs(w, at.q->sets, (size_t)at.q->n_sets * at.q->n_set_cols, below);
        for (uint32_t i = 0; i < at.q->n_children; i++) {
            walk_push(w, NULL, at.q->child[i], below);
        }
    }
    return true;
}

static fb_status check_walk(Parser *p, Walk *w, bool plans)
{
    bool ok = walk_depth_ok(w, plans);
    mem_free(w->v);
    return ok ? FB_OK : too_complex(p);
}

fb_status sql_check_expr(Parser *p, const Expr *e)
{
    Walk w = {0};
    walk_push(&w, e, NULL, 1);
    return check_walk(p, &w, false);
}

fb_status sql_check_plan(Parser *p, const Plan *q)
{
    Walk w = {0};
    walk_push(&w, NULL, q, 1);
    return check_walk(p, &w, true);
}

/* ---- names ---- */

static bool is_strict_word(Keyword kw)
{
    switch (kw) {
    case KW_ANTI:
    case KW_CROSS:
    case KW_EXCEPT:
    case KW_FULL:
    case KW_INNER:
    case KW_INTERSECT:
    case KW_JOIN:
    case KW_LATERAL:
    case KW_LEFT:
    case KW_MINUS:
    case KW_NATURAL:
    case KW_ON:
    case KW_RIGHT:
    case KW_SEMI:
    case KW_UNION:
    case KW_USING:
        return true;
    default:
        return false;
    }
}

bool sql_is_name(const Parser *p, const Token *t, bool strict)
{
    (void)p;
    return t->kind == TK_QUOTED || (t->kind == TK_WORD && !(strict && is_strict_word(t->kw)));
}

static const char *token_name(const Parser *p, const Token *t)
{
    Str text = sql_text(p, t);
    return t->kind == TK_QUOTED ? sql_unquote_name(p->a, text)
                                : arena_strndup(p->a, text.p, text.n);
}

/* A name with other letters than ASCII's has to be quoted. */
static fb_status check_ascii(Parser *p, const Token *t)
{
    Str text = sql_text(p, t);
    for (size_t i = 0; t->kind == TK_WORD && i < text.n; i++) {
        if ((unsigned char)text.p[i] >= 0x80) {
            uint32_t start = sql_here(p);
            sql_advance(p);
            err_set(p->err, ERR_INVALID_IDENTIFIER, "ident", sql_source(p, start), NULL);
            return sql_error_from(p, start);
        }
    }
    return FB_OK;
}

fb_status sql_bare_name(Parser *p, const char **ret)
{
    if (!sql_is_name(p, sql_tok(p), false)) {
        return sql_syntax_error(p);
    }
    TRY(check_ascii(p, sql_tok(p)));
    *ret = token_name(p, sql_tok(p));
    sql_advance(p);
    return FB_OK;
}

/* IDENTIFIER('…' || :x …): the text of a name made of constants. */
static fb_status identifier_text(Parser *p, Str *ret)
{
    StrBuf b = {0};
    uint32_t start = sql_here(p);
    sql_advance(p);
    sql_advance(p);
    do {
        Str s;
        if (!sql_is(p, TK_STRING) && !sql_is(p, TK_QUESTION) && !sql_is(p, TK_COLON)) {
            strbuf_free(&b);
            return err_unsupported(p->err, "IDENTIFIER() of anything but string literals");
        }
        if (sql_string(p, &s) != FB_OK) {
            strbuf_free(&b);
            return FB_ERR;
        }
        strbuf_append(&b, s.p, s.n);
    } while (sql_accept(p, TK_CONCAT));
    *ret = strbuf_bytes(&b, p->a);
    if (sql_expect(p, TK_RPAREN) != FB_OK) {
        return FB_ERR;
    }
    return ret->n > 0 ? FB_OK : sql_error_from(p, start);
}

static bool at_identifier_clause(const Parser *p)
{
    if (!sql_is_kw(p, KW_IDENTIFIER) || sql_ahead(p, 1)->kind != TK_LPAREN) {
        return false;
    }
    TokenKind k = sql_ahead(p, 2)->kind;
    return k == TK_STRING || k == TK_QUESTION || k == TK_COLON;
}

fb_status sql_name(Parser *p, bool strict, const char **ret)
{
    if (at_identifier_clause(p)) {
        Str text;
        NameList parts = {0};
        uint32_t start = sql_here(p);
        TRY(identifier_text(p, &text));
        TRY(sql_split_name(p, text, &parts));
        if (parts.n != 1) {
            err_set(p->err, ERR_INVALID_IDENTIFIER, "ident", text.p, NULL);
            return sql_error_from(p, start);
        }
        *ret = parts.v[0];
        return FB_OK;
    }
    if (!sql_is_name(p, sql_tok(p), strict)) {
        return sql_syntax_error(p);
    }
    uint32_t start = sql_here(p);
    TRY(check_ascii(p, sql_tok(p)));
    *ret = token_name(p, sql_tok(p));
    sql_advance(p);
    if (sql_is(p, TK_MINUS) && sql_is_name(p, sql_ahead(p, 1), false)) {
        uint32_t minus = sql_here(p);
        while (sql_is(p, TK_MINUS) && sql_is_name(p, sql_ahead(p, 1), false)) {
            sql_advance(p);
            sql_advance(p);
        }
        err_set(p->err, ERR_INVALID_IDENTIFIER, "ident", sql_source(p, start), NULL);
        err_where(p->err, (int)minus, (int)minus + 1, p->sql);
        return FB_ERR;
    }
    return FB_OK;
}

fb_status sql_names(Parser *p, NameList *ret)
{
    if (at_identifier_clause(p)) {
        Str text;
        TRY(identifier_text(p, &text));
        TRY(sql_split_name(p, text, ret));
    } else {
        const char *name;
        TRY(sql_name(p, false, &name));
        sql_push_name(p, ret, name);
    }
    while (sql_is(p, TK_DOT) && sql_is_name(p, sql_ahead(p, 1), false)) {
        const char *name;
        sql_advance(p);
        TRY(sql_name(p, false, &name));
        sql_push_name(p, ret, name);
    }
    return FB_OK;
}

fb_status sql_name_list(Parser *p, NameList *ret)
{
    TRY(sql_expect(p, TK_LPAREN));
    do {
        const char *name;
        TRY(sql_name(p, false, &name));
        sql_push_name(p, ret, name);
    } while (sql_accept(p, TK_COMMA));
    return sql_expect(p, TK_RPAREN);
}

fb_status sql_split_name(Parser *p, Str text, NameList *ret)
{
    const char **parts;
    uint32_t n;
    TRY(sql_parse_name(p->a, text, &parts, &n, p->err));
    for (uint32_t i = 0; i < n; i++) {
        sql_push_name(p, ret, parts[i]);
    }
    return FB_OK;
}

/* ---- look-ahead ---- */

bool sql_can_start_expr(const Parser *p, const Token *t)
{
    (void)p;
    switch (t->kind) {
    case TK_WORD:
    case TK_QUOTED:
    case TK_STRING:
    case TK_INT:
    case TK_DECIMAL:
    case TK_EXPONENT:
    case TK_LONG:
    case TK_SHORT:
    case TK_BYTE:
    case TK_FLOAT:
    case TK_DOUBLE:
    case TK_BIGDECIMAL:
    case TK_LPAREN:
    case TK_BANG:
    case TK_PLUS:
    case TK_MINUS:
    case TK_STAR:
    case TK_TILDE:
    case TK_COLON:
    case TK_QUESTION:
        return true;
    default:
        return false;
    }
}

static bool starts_set_operand(const Token *t)
{
    switch (t->kw) {
    case KW_ALL:
    case KW_DISTINCT:
    case KW_SELECT:
    case KW_FROM:
    case KW_TABLE:
    case KW_VALUES:
        return true;
    default:
        return t->kind == TK_LPAREN;
    }
}

/* The clauses that can only follow a table. */
static bool starts_table_clause(const Parser *p, uint32_t ahead)
{
    const Token *t = sql_ahead(p, ahead), *next = sql_ahead(p, ahead + 1);
    switch (t->kw) {
    case KW_TABLESAMPLE:
        return next->kind == TK_LPAREN || sql_word_is(p, next, "BERNOULLI") ||
               sql_word_is(p, next, "SYSTEM");
    case KW_WATERMARK:
        return sql_can_start_expr(p, next);
    case KW_WITH:
        return next->kind == TK_LPAREN;
    case KW_VERSION:
    case KW_SYSTEM_VERSION:
    case KW_TIMESTAMP:
    case KW_SYSTEM_TIME:
        return next->kw == KW_AS && sql_word_is(p, sql_ahead(p, ahead + 2), "OF");
    case KW_FOR:
        return next->kw == KW_VERSION || next->kw == KW_SYSTEM_VERSION ||
               next->kw == KW_TIMESTAMP || next->kw == KW_SYSTEM_TIME;
    case KW_CHANGES:
        return next->kw == KW_FROM;
    case KW_BIN:
        return next->kw == KW_BY;
    case KW_ASOF:
        return next->kw == KW_JOIN;
    default:
        return false;
    }
}

static bool starts_select_clause(const Parser *p, uint32_t ahead)
{
    const Token *t = sql_ahead(p, ahead), *next = sql_ahead(p, ahead + 1);
    switch (t->kw) {
    case KW_WITH: /* ROLLUP, CUBE */
        return next->kw == KW_ROLLUP || next->kw == KW_CUBE;
    case KW_GROUPING:
        return next->kw == KW_SETS;
    case KW_FOR: /* of PIVOT */
        return sql_is_name(p, next, false) || next->kind == TK_LPAREN;
    case KW_DELAY: /* of WATERMARK */
        return sql_word_is(p, next, "OF");
    default:
        return false;
    }
}

/* GROUP BY and kin: a word before them is no clause without operand but a name. */
static bool starts_by(const Token *t, const Token *next)
{
    bool word = t->kw == KW_GROUP || t->kw == KW_ORDER || t->kw == KW_SORT || t->kw == KW_CLUSTER ||
                t->kw == KW_DISTRIBUTE;
    return word && next->kw == KW_BY;
}

bool sql_starts_clause(const Parser *p, uint32_t ahead, bool after_table)
{
    const Token *t = sql_ahead(p, ahead), *next = sql_ahead(p, ahead + 1);
    switch (t->kw) {
    case KW_NONE:
        return false;
    case KW_WHERE:
    case KW_HAVING:
    case KW_QUALIFY:
    case KW_LIMIT:
    case KW_OFFSET:
    case KW_SELECT:
        return sql_can_start_expr(p, next) && !starts_by(next, sql_ahead(p, ahead + 2));
    case KW_FROM:
        return sql_is_name(p, next, false) || next->kind == TK_LPAREN;
    case KW_GROUP:
    case KW_ORDER:
    case KW_SORT:
    case KW_CLUSTER:
    case KW_DISTRIBUTE:
        return next->kw == KW_BY;
    case KW_WINDOW:
        return sql_is_name(p, next, false) && sql_ahead(p, ahead + 2)->kw == KW_AS;
    case KW_UNION:
    case KW_EXCEPT:
    case KW_MINUS:
    case KW_INTERSECT:
        return starts_set_operand(next);
    case KW_LATERAL:
        return next->kw == KW_VIEW;
    case KW_INSERT:
        return sql_word_is(p, next, "INTO") || sql_word_is(p, next, "OVERWRITE");
    case KW_PIVOT:
        return next->kind == TK_LPAREN;
    case KW_UNPIVOT:
        return next->kind == TK_LPAREN || next->kw == KW_INCLUDE || next->kw == KW_EXCLUDE;
    default:
        return after_table ? starts_table_clause(p, ahead) : starts_select_clause(p, ahead);
    }
}

bool sql_as_before_name(const Parser *p, bool after_table)
{
    const Token *name = sql_ahead(p, 1), *behind = sql_ahead(p, 2);
    if (name->kind == TK_LPAREN) {
        return !after_table; /* AS (a, b) names columns; a table is then named "AS" */
    }
    if (name->kind == TK_STRING || name->kind == TK_BAD) {
        return true; /* wrong in any case: the syntax error shall be there */
    }
    if (!sql_is_name(p, name, after_table)) {
        return false;
    }
    return !sql_starts_clause(p, 1, after_table) || sql_starts_clause(p, 2, after_table) ||
           !sql_can_start_expr(p, behind) || behind->kind == TK_LPAREN;
}

bool sql_starts_query(const Parser *p, uint32_t ahead)
{
    const Token *t = sql_ahead(p, ahead), *next = sql_ahead(p, ahead + 1);
    switch (t->kw) {
    case KW_SELECT:
        return next->kind == TK_HINT_START || sql_can_start_expr(p, next);
    case KW_VALUES:
        return sql_can_start_expr(p, next) && next->kind != TK_STAR;
    case KW_FROM:
        return sql_is_name(p, next, false) || next->kind == TK_LPAREN;
    case KW_TABLE:
    case KW_WITH:
        return sql_is_name(p, next, false);
    default:
        return false;
    }
}

/* What may stand behind |> — and so behind a single | that is one (isOperatorPipeStart). */
static bool starts_pipe(const Parser *p, const Token *t)
{
    static const char *const words[] = {"EXTEND", "SET", "DROP", "AGGREGATE"};
    switch (t->kw) {
    case KW_SELECT:
    case KW_AS:
    case KW_WHERE:
    case KW_PIVOT:
    case KW_UNPIVOT:
    case KW_TABLESAMPLE:
    case KW_INNER:
    case KW_CROSS:
    case KW_LEFT:
    case KW_RIGHT:
    case KW_FULL:
    case KW_NATURAL:
    case KW_SEMI:
    case KW_ANTI:
    case KW_ASOF:
    case KW_JOIN:
    case KW_UNION:
    case KW_EXCEPT:
    case KW_MINUS:
    case KW_INTERSECT:
    case KW_ORDER:
    case KW_CLUSTER:
    case KW_DISTRIBUTE:
    case KW_SORT:
    case KW_LIMIT:
    case KW_OFFSET:
    case KW_WINDOW:
    case KW_LATERAL:
    case KW_BIN:
        return true;
    default:
        break;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (sql_word_is(p, t, words[i])) {
            return true;
        }
    }
    return false;
}

bool sql_at_pipe(const Parser *p)
{
    return sql_is(p, TK_OPERATOR_PIPE) || (sql_is(p, TK_PIPE) && starts_pipe(p, sql_ahead(p, 1)));
}

bool sql_at_query_tail(const Parser *p)
{
    switch (sql_tok(p)->kw) {
    case KW_UNION:
    case KW_EXCEPT:
    case KW_MINUS:
    case KW_INTERSECT:
    case KW_ORDER:
    case KW_SORT:
    case KW_CLUSTER:
    case KW_DISTRIBUTE:
    case KW_LIMIT:
    case KW_OFFSET:
    case KW_WINDOW:
        return sql_starts_clause(p, 0, true);
    default:
        return sql_at_pipe(p);
    }
}
