/*
 * parser.h - shared by the files of the parser; nobody else includes it.
 *
 * The parser is a recursive descent over an array of tokens with a Pratt loop for operators. It
 * never goes back: where Spark's grammar needs more than a few tokens of look-ahead (a parenthesis
 * may open a query, a row, a lambda, a relation), the part that is read first is handed on as
 * `given` to the rule that turns out to be right.
 *
 * No word is reserved. A word is a clause or an operator where what follows can belong to one, and
 * a name otherwise (sql_starts_clause).
 *
 * Depth: every rule that can contain itself passes sql_enter(), which refuses more than
 * SQL_MAX_DEPTH levels; loops that build left-deep trees are caught by sql_check_depth() over the
 * finished tree, which does not recurse.
 *
 * Errors: as in Spark a syntax error anywhere comes before a wrong literal or type, so that those
 * wait in p->deferred until the statement has been read (sql_defer).
 *
 * Conventions: functions return FB_OK and set *ret, or return FB_ERR with p->err set. Everything
 * made lives in p->a.
 */
#ifndef SQL_PARSER_H
#define SQL_PARSER_H

#include "sql/lexer.h"
#include "sql/sql.h"

#define SQL_MAX_DEPTH 2000

typedef struct Parser {
    Arena *a;
    Str sql;
    const Token *tok;
    uint32_t n;  /* tokens, with the TK_EOF */
    uint32_t at; /* the token looked at */
    uint32_t depth;
    const SqlArgs *args;
    uint32_t n_positional; /* parameter markers ? met so far */
    bool no_parameters;    /* inside the query of a view */
    Expr *given;           /* a primary expression that has been read already */
    fb_error deferred;     /* a wrong literal; told unless the syntax is wrong too */
    fb_error *err;
} Parser;

/* A growing list in the arena. */
typedef struct ExprList {
    Expr **v;
    uint32_t n, cap;
} ExprList;
typedef struct NameList {
    const char **v;
    uint32_t n, cap;
} NameList;
typedef struct PlanList {
    Plan **v;
    uint32_t n, cap;
} PlanList;

/* ---- parser.c: tokens, names, errors ---- */
fb_status sql_parser_init(Parser *p, Arena *a, Str sql, const SqlArgs *args, fb_error *err);
void sql_push_expr(Parser *p, ExprList *l, Expr *e);
void sql_push_name(Parser *p, NameList *l, const char *name);
void sql_push_plan(Parser *p, PlanList *l, Plan *q);

static inline const Token *sql_tok(const Parser *p)
{
    return &p->tok[p->at];
}
/* The token `ahead` places on, or the TK_EOF. */
static inline const Token *sql_ahead(const Parser *p, uint32_t ahead)
{
    return &p->tok[ahead < p->n - p->at ? p->at + ahead : p->n - 1];
}
static inline void sql_advance(Parser *p)
{
    p->at += p->at + 1 < p->n;
}
static inline bool sql_is(const Parser *p, TokenKind kind)
{
    return sql_tok(p)->kind == kind;
}
static inline bool sql_is_kw(const Parser *p, Keyword kw)
{
    return sql_tok(p)->kw == kw;
}
static inline Str sql_text(const Parser *p, const Token *t)
{
    return (Str){p->sql.p + t->start, t->stop - t->start};
}
bool sql_accept(Parser *p, TokenKind kind);
bool sql_accept_kw(Parser *p, Keyword kw);
/* Words that are no Keyword are compared by text, upper case. */
bool sql_word_is(const Parser *p, const Token *t, const char *word);
bool sql_is_word(const Parser *p, const char *word);
bool sql_accept_word(Parser *p, const char *word);
bool sql_accept_words(Parser *p, const char *first, const char *second); /* both or none */
fb_status sql_expect(Parser *p, TokenKind kind);
fb_status sql_expect_kw(Parser *p, Keyword kw);
fb_status sql_expect_word(Parser *p, const char *word);
fb_status sql_expect_end(Parser *p);

/* PARSE_SYNTAX_ERROR at the current token. */
fb_status sql_syntax_error(Parser *p);
fb_status sql_syntax_error_hint(Parser *p, const char *hint);
fb_status sql_extra_input(Parser *p); /* … with the hint that the token is one too many */
/* Adds the place from byte `start` to the end of the last token read; returns FB_ERR. */
fb_status sql_error_from(Parser *p, uint32_t start);
/* Behind a literal or type that failed with all its tokens read: keeps the error for later. FB_ERR
 * if the syntax was at fault. */
fb_status sql_defer(Parser *p);
uint32_t sql_here(const Parser *p); /* start byte of the current token */
void sql_place(const Parser *p, Expr *e, uint32_t start);
void sql_place_plan(const Parser *p, Plan *q, uint32_t start);
const char *sql_source(const Parser *p,
                       uint32_t start); /* text from start to the last token read */

fb_status sql_enter(Parser *p); /* p->depth-- leaves */
fb_status sql_check_expr(Parser *p, const Expr *e);
fb_status sql_check_plan(Parser *p, const Plan *q);

/* Names. strict: none of the words that belong to joins and set operations (table aliases). */
bool sql_is_name(const Parser *p, const Token *t, bool strict);
/* At AS: it introduces an alias, rather than being the alias itself ("SELECT a AS FROM t"). */
bool sql_as_before_name(const Parser *p, bool after_table);
/* One name without its back-quotes; refuses a-b (INVALID_IDENTIFIER). */
fb_status sql_name(Parser *p, bool strict, const char **ret);
fb_status sql_bare_name(Parser *p, const char **ret); /* a-b ends before the minus */
fb_status sql_names(Parser *p, NameList *ret);        /* a.b.c, or IDENTIFIER('a.b.c') */
fb_status sql_name_list(Parser *p, NameList *ret);    /* (a, b) */
fb_status sql_split_name(Parser *p, Str text, NameList *ret);
/* The word at token t begins a clause of a query, seen from what follows it. */
bool sql_starts_clause(const Parser *p, uint32_t ahead, bool after_table);
bool sql_can_start_expr(const Parser *p, const Token *t);
/* SELECT, FROM, VALUES, TABLE or WITH here begins a query rather than being a name. */
bool sql_starts_query(const Parser *p, uint32_t ahead);
bool sql_at_query_tail(const Parser *p); /* UNION …, ORDER BY …, |> … behind a query */
bool sql_at_pipe(const Parser *p);

/* ---- parse_literal.c ---- */
fb_status sql_string(Parser *p, Str *ret); /* adjacent literals, or a parameter; arena bytes */
fb_status sql_number(Parser *p, bool negative, uint32_t start, Expr **ret);
fb_status sql_typed_literal(Parser *p, Expr **ret);
fb_status sql_parameter(Parser *p, Expr **ret);
bool sql_at_interval(const Parser *p); /* the word INTERVAL here begins a literal */
fb_status sql_interval(Parser *p, Expr **ret);
fb_status sql_interval_text(Parser *p,
                            const char **ret);  /* "10 seconds": WATERMARK, SET TIME ZONE */
fb_status sql_integer(Parser *p, int64_t *ret); /* an INTEGER_VALUE token or a parameter */
Str sql_literal_str(const Expr *e);             /* of a string literal; p NULL otherwise */

/* ---- parse_expr.c ---- */
fb_status sql_expr(Parser *p, Expr **ret);
fb_status sql_value_expr(Parser *p, Expr **ret);   /* no predicates, AND, OR, NOT */
fb_status sql_primary_expr(Parser *p, Expr **ret); /* no infix operators */
fb_status sql_named_expr(Parser *p, Expr **ret);   /* with an optional alias */
fb_status sql_expr_list(Parser *p, ExprList *ret); /* one or more */
fb_status sql_named_expr_list(Parser *p, ExprList *ret);
fb_status sql_sort_items(Parser *p, ExprList *ret);
fb_status sql_type(Parser *p, const Type **ret);
Expr *sql_call(Parser *p, const char *name, Expr *a, Expr *b,
               Expr *c);                                         /* NULL: argument not there */
Expr *sql_tree(Parser *p, const char *op, Expr **v, uint32_t n); /* balanced */
bool sql_is_row(const Parser *p, const Expr *e); /* made of (a, b) or struct(a, b) */

/* ---- parse_primary.c ---- */
fb_status sql_primary(Parser *p, Expr **ret);

/* ---- parse_query.c ---- */
fb_status sql_query(Parser *p, Plan **ret);
/* The rest of a query whose first part, a query in parentheses, has been read. */
fb_status sql_query_rest(Parser *p, Plan *first, Plan **ret);
fb_status sql_query_primary(Parser *p, Plan **ret);

Plan *sql_node1(Parser *p, PlanKind kind, Plan *child, Expr *e);
Plan *sql_alias_plan(Parser *p, Plan *child, const char *name, const NameList *columns);
typedef enum SelectForm {
    SELECT_WHOLE,      /* with its own FROM */
    SELECT_AFTER_FROM, /* FROM t SELECT … WHERE … */
    SELECT_PIPE        /* |> SELECT … [GROUP BY …] */
} SelectForm;
fb_status sql_select_clause(Parser *p, Plan *input, SelectForm form, Plan **ret);

/* ---- parse_group.c ---- */
/* GROUP BY …, behind GROUP: sets groups, sets or all of agg. named: aliases are allowed. */
fb_status sql_group_by(Parser *p, bool named, Plan *agg);

/* ---- parse_relation.c ---- */
fb_status sql_from(Parser *p, Plan **ret);      /* behind FROM */
fb_status sql_options(Parser *p, Options *ret); /* ('key' = 'value', …) */
bool sql_at_join(const Parser *p);
fb_status sql_join(Parser *p, Plan *left, Plan **ret);
fb_status sql_lateral_views(Parser *p, Plan **plan);
fb_status sql_pivot(Parser *p, Plan *child, Plan **ret);   /* at PIVOT */
fb_status sql_unpivot(Parser *p, Plan *child, Plan **ret); /* at UNPIVOT */
fb_status sql_sample(Parser *p, Plan *child, Plan **ret);  /* at TABLESAMPLE */
fb_status sql_inline_table(Parser *p, Plan **ret);         /* behind VALUES */

/* ---- parse_pipe.c ---- */
fb_status sql_pipe(Parser *p, Plan *input, Plan **ret); /* behind |> */
fb_status sql_organize(Parser *p, Plan **plan, const char **ret_clause, bool pipe);

/* ---- parse_statement.c, parse_set.c ---- */
fb_status sql_statement(Parser *p, Plan **ret);
fb_status sql_set(Parser *p, Plan **ret);   /* at SET */
fb_status sql_reset(Parser *p, Plan **ret); /* at RESET */
Plan *sql_command(Parser *p, CommandKind kind, const char *what, Command **ret);

#endif
