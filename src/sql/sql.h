/*
 * sql.h - SQL text to unresolved plans: lexer, Pratt parser for expressions, statements.
 *
 * Everything returned lives in the arena given. Keywords are non-reserved as in Spark's default
 * (non-enforced ANSI) grammar. Errors are PARSE_SYNTAX_ERROR and kin, with the place.
 */
#ifndef SQL_SQL_H
#define SQL_SQL_H

#include "plan/plan.h"

/* One statement (a trailing semicolon is allowed). Named and positional parameters are given as
 * resolved literal expressions, by name or in order; n_args 0: none. */
typedef struct SqlArgs {
    const char *const *names; /* NULL: positional */
    Expr *const *values;
    uint32_t n;
} SqlArgs;
fb_status sql_parse_statement(Arena *a, Str sql, const SqlArgs *args, Plan **ret, fb_error *err);
/* A script for `forebay sql -f`: calls fn for each statement's text, splitting at top-level
 * semicolons. */
fb_status sql_split(Str script, fb_status (*fn)(void *arg, Str statement, fb_error *err), void *arg,
                    fb_error *err);
/* An expression, possibly with an alias: selectExpr, expr(), filter("…"). */
fb_status sql_parse_expr(Arena *a, Str sql, Expr **ret, fb_error *err);
/* A dotted column or table name: `a b`.c */
fb_status sql_parse_name(Arena *a, Str s, const char ***ret_parts, uint32_t *ret_n, fb_error *err);

#endif
