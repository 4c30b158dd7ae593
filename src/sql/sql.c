/*
 * sql.c - the entries of sql.h: one statement, one expression, one name, a script.
 */
#include "sql/parser.h"

/* A refusal that named no place is about where the parser stood. */
static fb_status failed(Parser *p)
{
    err_clear(&p->deferred);
    err_where(p->err, (int)sql_here(p), (int)sql_tok(p)->stop, p->sql);
    return FB_ERR;
}

static fb_status finish(Parser *p)
{
    if (!err_is_set(&p->deferred)) {
        return FB_OK;
    }
    err_move(p->err, &p->deferred);
    return FB_ERR;
}

fb_status sql_parse_statement(Arena *a, Str sql, const SqlArgs *args, Plan **ret, fb_error *err)
{
    Parser p;
    if (sql.n == 0) {
        err_set(err, ERR_PARSE_EMPTY_STATEMENT, NULL);
        err_where(err, 0, 0, sql);
        return FB_ERR;
    }
    TRY(sql_parser_init(&p, a, sql, args, err));
    if (str_trim(sql).n == 0) {
        err_set(err, ERR_PARSE_EMPTY_STATEMENT, NULL);
        return failed(&p);
    }
    Plan *q;
    if (sql_statement(&p, &q) != FB_OK || sql_expect_end(&p) != FB_OK ||
        sql_check_plan(&p, q) != FB_OK) {
        return failed(&p);
    }
    *ret = q;
    return finish(&p);
}

fb_status sql_parse_expr(Arena *a, Str sql, Expr **ret, fb_error *err)
{
    Parser p;
    TRY(sql_parser_init(&p, a, sql, NULL, err));
    Expr *e;
    if (sql_named_expr(&p, &e) != FB_OK || sql_expect(&p, TK_EOF) != FB_OK) {
        return failed(&p);
    }
    /* As the one item of a plan, so that subqueries are looked into. */
    Plan *q = plan_new(a, P_PROJECT, 0);
    q->exprs = &e;
    q->n_exprs = 1;
    if (sql_check_plan(&p, q) != FB_OK) {
        return failed(&p);
    }
    *ret = e;
    return finish(&p);
}

fb_status sql_parse_name(Arena *a, Str s, const char ***ret_parts, uint32_t *ret_n, fb_error *err)
{
    Parser p;
    NameList names = {0};
    const char *name;
    TRY(sql_parser_init(&p, a, s, NULL, err));
    TRY(sql_name(&p, false, &name));
    sql_push_name(&p, &names, name);
    while (sql_is(&p, TK_DOT) && sql_is_name(&p, sql_ahead(&p, 1), false)) {
        sql_advance(&p);
        TRY(sql_name(&p, false, &name));
        sql_push_name(&p, &names, name);
    }
    TRY(sql_expect(&p, TK_EOF));
    *ret_parts = names.v;
    *ret_n = names.n;
    return FB_OK;
}

fb_status sql_split(Str script, fb_status (*fn)(void *arg, Str statement, fb_error *err), void *arg,
                    fb_error *err)
{
    Arena a = {0};
    Token *tok = NULL;
    uint32_t n = 0;
    fb_status st = sql_lex(&a, script, &tok, &n, err);
    for (uint32_t i = 0, first = 0; st == FB_OK && i < n; i++) {
        if (tok[i].kind != TK_SEMICOLON && tok[i].kind != TK_EOF) {
            continue;
        }
        if (i > first) {
            Str statement = {script.p + tok[first].start, tok[i - 1].stop - tok[first].start};
            st = fn(arg, statement, err);
        }
        first = i + 1;
    }
    arena_free(&a);
    return st;
}
