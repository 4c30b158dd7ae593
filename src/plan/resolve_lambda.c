/*
 * resolve_lambda.c - arguments of higher-order functions.
 *
 * The arguments that are no lambdas come first, since their types are those of the parameters. In a
 * body a name is a parameter of the innermost lambda that has it before it is a column. What stands
 * where a lambda is wanted and is none, is the body of one that does not look at its parameters.
 */
#include "plan/analyzer_priv.h"

#define NO_NAME "" /* no name in a query is that */

Expr *resolve_lambda_variable(const AnalyzeCtx *cx, const char *name)
{
    uint32_t behind = 0; /* parameters of lambdas further inside */
    for (const LambdaScope *l = cx->lambdas; l; behind += l->n, l = l->next) {
        for (uint32_t k = 0; k < l->n; k++) {
            if (name_eq(cx, l->names[k], name)) {
                Expr *e = expr_new(cx->arena, E_LAMBDA_VAR, 0);
                e->column = behind + l->n - k;
                e->type = l->params[k].type;
                e->nullable = l->params[k].nullable;
                return e;
            }
        }
    }
    return NULL;
}

static fb_status placed(AnalyzeCtx *cx, const Expr *at, fb_status st, fb_error *err)
{
    err_where(err, at->start, at->stop, cx->sql);
    return st;
}

fb_status refuse_lambda(AnalyzeCtx *cx, const Expr *lambda, const char *fn, fb_error *err)
{
    return placed(cx, lambda, err_set(err, ERR_INVALID_LAMBDA_NOT_HIGHER_ORDER, "class", fn, NULL),
                  err);
}

static fb_status check_names(AnalyzeCtx *cx, const Expr *lambda, fb_error *err)
{
    bool twice = false;
    StrBuf all = {0};
    for (uint32_t i = 0; i < lambda->n_parts; i++) {
        strbuf_printf(&all, "%s`%s`", i ? ", " : "", lambda->parts[i]);
        for (uint32_t k = 0; k < i; k++) {
            twice |= name_eq(cx, lambda->parts[i], lambda->parts[k]);
        }
    }
    const char *names = strbuf_arena(&all, cx->arena);
    return twice ? placed(cx, lambda,
                          err_set(err, ERR_INVALID_LAMBDA_DUPLICATES, "args", names,
                                  "caseSensitiveConfig", "\"spark.sql.caseSensitive\"", NULL),
                          err)
                 : FB_OK;
}

/* in: a lambda, or a body without parameters. n: how many it gets. */
static fb_status resolve_lambda(AnalyzeCtx *cx, const Scope *s, const Expr *in,
                                const LambdaParam *params, uint32_t n, Expr **ret, fb_error *err)
{
    static const char *const none[3] = {NO_NAME, NO_NAME, NO_NAME};
    bool lambda = in->kind == E_LAMBDA;
    if (lambda) {
        TRY(check_names(cx, in, err));
    }
    if (lambda && in->n_parts != n) {
        return placed(cx, in,
                      err_set(err, ERR_INVALID_LAMBDA_NUM_ARGS, "expectedNumArgs",
                              arena_printf(cx->arena, "%u", in->n_parts), "actualNumArgs",
                              arena_printf(cx->arena, "%u", n), NULL),
                      err);
    }
    LambdaScope scope = {lambda ? in->parts : none, params, n, cx->lambdas};
    Expr *e = expr_new(cx->arena, E_LAMBDA, 1);
    cx->lambdas = &scope;
    fb_status st = resolve_expr(cx, s, lambda ? in->args[0] : in, &e->args[0], err);
    cx->lambdas = scope.next;
    TRY(st);
    while (e->args[0]->kind == E_ALIAS) {
        e->args[0] = e->args[0]->args[0];
    }
    e->column = n;
    e->type = e->args[0]->type;
    e->nullable = e->args[0]->nullable;
    e->start = in->start;
    e->stop = in->stop;
    *ret = e;
    return FB_OK;
}

fb_status resolve_higher_order(AnalyzeCtx *cx, const Scope *s, const Expr *in, const FuncDef *def,
                               Expr ***ret_args, uint32_t *ret_n, fb_error *err)
{
    Expr **args = ARENA_ARRAY(cx->arena, Expr *, in->n_args + 1);
    for (uint32_t i = 0; i < in->n_args; i++) {
        const Expr *a = in->args[i];
        if (func_takes_lambda(def, i)) {
            args[i] = (Expr *)a;
            continue;
        }
        if (a->kind == E_LAMBDA) {
            return placed(cx, in, err_set(err, ERR_INVALID_LAMBDA_PARAMETER, NULL), err);
        }
        TRY(resolve_expr(cx, s, a, &args[i], err));
        while (args[i]->kind == E_ALIAS) {
            args[i] = args[i]->args[0];
        }
    }
    *ret_args = args;
    *ret_n = in->n_args;
    if (in->n_args < (uint32_t)def->min_args || in->n_args > (uint32_t)def->max_args) {
        return FB_OK; /* binding says so */
    }
    for (uint32_t i = 0; i < in->n_args; i++) {
        LambdaParam params[3];
        const Expr *a = in->args[i];
        if (!func_takes_lambda(def, i)) {
            continue;
        }
        uint32_t n = func_lambda_params(&cx->bind, def, args, i,
                                        a->kind == E_LAMBDA ? a->n_parts : 1, params);
        if (n == 0) {
            return FB_OK; /* the same */
        }
        TRY(resolve_lambda(cx, s, a, params, n, &args[i], err));
    }
    return FB_OK;
}
