/*
 * parse_set.c - SET and RESET.
 *
 * Their values are not tokens but the text of the statement: SET a = 1 2 3 sets a to "1 2 3". As
 * in Spark a key holds letters, digits, dots, colons, backslashes and underscores unless it is
 * quoted, and a value ends at a semicolon.
 */
#include "column/timezone.h"
#include "sql/parser.h"

/* The text behind the token just read, up to the end of the statement, trimmed. */
static Str remainder_text(const Parser *p)
{
    uint32_t from = p->tok[p->at - 1].stop;
    return str_trim((Str){p->sql.p + from, p->sql.n - from});
}

static void skip_to_end(Parser *p)
{
    p->at = p->n - 1;
}

static bool is_key_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == ':' || c == '\\';
}

static size_t key_length(Str s)
{
    size_t n = 0;
    while (n < s.n && is_key_char(s.p[n])) {
        n++;
    }
    return n;
}

/* Cuts semicolons off the end; false if one stands before. */
static bool cut_semicolons(Str *s)
{
    while (s->n > 0 && s->p[s->n - 1] == ';') {
        s->n--;
    }
    for (size_t i = 0; i < s->n; i++) {
        if (s->p[i] == ';') {
            return false;
        }
    }
    *s = str_trim(*s);
    return true;
}

static const char *copy(Parser *p, Str s)
{
    return arena_strndup(p->a, s.p, s.n);
}

static fb_status invalid_set(Parser *p)
{
    skip_to_end(p);
    err_set(p->err, ERR_INVALID_SET_SYNTAX, NULL);
    err_where(p->err, 0, (int)p->sql.n, p->sql);
    return FB_ERR;
}

/* `key` [= value | = `value`] */
static fb_status set_quoted(Parser *p, Command *c)
{
    TRY(sql_bare_name(p, &c->key));
    if (!sql_accept(p, TK_EQ)) {
        return sql_expect_end(p);
    }
    TokenKind behind = sql_ahead(p, 1)->kind;
    if (sql_is(p, TK_QUOTED) && (behind == TK_EOF || behind == TK_SEMICOLON)) {
        TRY(sql_bare_name(p, &c->value));
        return sql_expect_end(p);
    }
    Str value = remainder_text(p);
    if (!cut_semicolons(&value)) {
        return invalid_set(p);
    }
    c->value = copy(p, value);
    skip_to_end(p);
    return FB_OK;
}

static fb_status set_plain(Parser *p, Command *c)
{
    Str rest = remainder_text(p);
    size_t n = key_length(rest);
    Str behind = str_trim((Str){rest.p + n, rest.n - n});
    if (str_eq(rest, STR_LIT("-v"))) {
        c->key = "-v";
    } else if (n > 0 && behind.n > 0 && behind.p[0] == '=') {
        Str value = {behind.p + 1, behind.n - 1};
        if (!cut_semicolons(&value)) {
            return invalid_set(p);
        }
        if (value.n > 1 && value.p[0] == '`' && value.p[value.n - 1] == '`') {
            c->value = sql_unquote_name(p->a, value);
        } else {
            c->value = copy(p, value);
        }
        c->key = copy(p, (Str){rest.p, n});
    } else if (!cut_semicolons(&behind) || behind.n > 0 || (n == 0 && rest.n > 0 && behind.n > 0)) {
        return invalid_set(p);
    } else if (n > 0) {
        c->key = copy(p, (Str){rest.p, n});
    }
    skip_to_end(p);
    return FB_OK;
}

/* INTERVAL … as a zone offset: whole seconds, at most 18 hours. */
static fb_status zone_of_interval(Parser *p, const char **ret)
{
    Expr *e;
    uint32_t start = sql_here(p);
    TRY(sql_interval(p, &e));
    int64_t us = e->type->id == T_INTERVAL_DT ? VEC_DATA(int64_t, e->value)[0] : -1;
    int64_t seconds = us / 1000000;
    if (e->type->id != T_INTERVAL_DT || us % 1000000 != 0 || seconds > 64800 || seconds < -64800) {
        err_set(p->err, ERR_LEGACY_0045, NULL);
        return sql_error_from(p, start);
    }
    int64_t a = seconds < 0 ? -seconds : seconds;
    char *zone = arena_printf(p->a, "%c%02d:%02d", seconds < 0 ? '-' : '+', (int)(a / 3600),
                              (int)(a / 60 % 60));
    *ret = a % 60 ? arena_printf(p->a, "%s:%02d", zone, (int)(a % 60)) : zone;
    return FB_OK;
}

/* Behind SET TIME ZONE. */
static fb_status set_time_zone(Parser *p, Command *c)
{
    uint32_t start = sql_here(p);
    c->key = "spark.sql.session.timeZone";
    if (sql_is(p, TK_STRING)) {
        Str s;
        TRY(sql_string(p, &s));
        c->value = s.p;
    } else if (sql_accept_word(p, "LOCAL")) {
        c->value = arena_strdup(p->a, tz_id(tz_system()));
    } else if (sql_at_interval(p)) {
        TRY(zone_of_interval(p, &c->value));
    } else {
        skip_to_end(p);
        err_set(p->err, ERR_LEGACY_0045, NULL);
        return sql_error_from(p, start);
    }
    return sql_expect_end(p);
}

/* A name, or a string that holds one. */
static fb_status catalog_name(Parser *p, Command *c)
{
    NameList names = {0};
    if (sql_is(p, TK_STRING)) {
        Str s;
        TRY(sql_string(p, &s));
        sql_push_name(p, &names, s.p);
    } else {
        const char *name;
        TRY(sql_bare_name(p, &name));
        sql_push_name(p, &names, name);
    }
    c->names = names.v;
    c->n_names = names.n;
    return FB_OK;
}

fb_status sql_set(Parser *p, Plan **ret)
{
    Command *c;
    *ret = sql_command(p, CMD_SET, "SET", &c);
    sql_advance(p);
    const Token *next = sql_ahead(p, 1);
    if (sql_accept_words(p, "TIME", "ZONE")) {
        return set_time_zone(p, c);
    }
    bool names = sql_is_name(p, next, false) || next->kind == TK_LPAREN;
    if ((sql_is_word(p, "VAR") || sql_is_word(p, "VARIABLE")) && names) {
        return err_unsupported(p->err, "the statement SET VARIABLE");
    }
    if (sql_is_word(p, "ROLE") && next->kind != TK_EQ && next->kind != TK_DOT) {
        err_set(p->err, ERR_INVALID_STATEMENT_OR_CLAUSE, "operation", "SET ROLE", NULL);
        return sql_error_from(p, 0);
    }
    if (sql_is_word(p, "CATALOG") && next->kind != TK_EQ && next->kind != TK_DOT &&
        next->kind != TK_EOF) {
        sql_advance(p);
        *ret = sql_command(p, CMD_SET_CATALOG, "SET CATALOG", &c);
        return catalog_name(p, c);
    }
    if (sql_is_word(p, "PATH") && next->kind == TK_EQ) {
        return err_unsupported(p->err, "the statement SET PATH");
    }
    return sql_is(p, TK_QUOTED) ? set_quoted(p, c) : set_plain(p, c);
}

fb_status sql_reset(Parser *p, Plan **ret)
{
    Command *c;
    *ret = sql_command(p, CMD_RESET, "RESET", &c);
    sql_advance(p);
    if (sql_is(p, TK_QUOTED)) {
        TRY(sql_bare_name(p, &c->key));
        return sql_expect_end(p);
    }
    Str rest = remainder_text(p);
    size_t n = key_length(rest);
    Str behind = {rest.p + n, rest.n - n};
    skip_to_end(p);
    if (!cut_semicolons(&behind) || behind.n > 0) {
        err_set(p->err, ERR_INVALID_RESET_COMMAND_FORMAT, NULL);
        err_where(p->err, 0, (int)p->sql.n, p->sql);
        return FB_ERR;
    }
    c->key = n > 0 ? copy(p, (Str){rest.p, n}) : NULL;
    return FB_OK;
}
