/*
 * pushdown.c - which predicates a source gets to see.
 *
 * Those that Spark translates to its data source filters: comparisons of a column with a constant,
 * IS [NOT] NULL, IN, prefix, suffix and containment of strings, and AND, OR, NOT of such. Sources
 * that apply them (JSON, CSV) then count the rows that are left, as Spark's do.
 */
#include "exec/exec_priv.h"

#include "expr/function.h"

static bool is_one_of(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(name, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_column(const Expr *e)
{
    return e->kind == E_ATTR || e->kind == E_COLUMN;
}

static bool is_comparison(const Expr *e)
{
    static const char *const ops[] = {
        "=", "==", "<=>", "<", "<=", ">", ">=", "startswith", "endswith", "contains"};
    return e->n_args == 2 && is_one_of(e->fn->name, ops, sizeof(ops) / sizeof(ops[0])) &&
           ((is_column(e->args[0]) && e->args[1]->kind == E_LITERAL) ||
            (is_column(e->args[1]) && e->args[0]->kind == E_LITERAL));
}

static bool is_membership(const Expr *e)
{
    if (strcmp(e->fn->name, "in") != 0 || !is_column(e->args[0])) {
        return false;
    }
    for (uint32_t i = 1; i < e->n_args; i++) {
        if (e->args[i]->kind != E_LITERAL) {
            return false;
        }
    }
    return true;
}

static bool is_pushable(const Expr *e)
{
    static const char *const null_tests[] = {"isnull", "isnotnull"};
    switch (e->kind) {
    case E_AND:
    case E_OR:
        return is_pushable(e->args[0]) && is_pushable(e->args[1]);
    case E_CALL:
        if (strcmp(e->fn->name, "not") == 0) {
            return is_pushable(e->args[0]);
        }
        if (e->n_args == 1 && is_one_of(e->fn->name, null_tests, 2)) {
            return is_column(e->args[0]);
        }
        return is_comparison(e) || is_membership(e);
    default:
        return false;
    }
}

fb_status exec_pushed(Exec *x, const Plan *relation, Expr ***ret, uint32_t *ret_n, fb_error *err)
{
    Expr **list = ARENA_ARRAY(&x->arena, Expr *, relation->n_pushed);
    *ret = list;
    *ret_n = 0;
    for (uint32_t i = 0; i < relation->n_pushed; i++) {
        if (is_pushable(relation->pushed[i])) {
            TRY(exec_bind(x, relation->pushed[i], relation->out, relation->n_out, &list[(*ret_n)++],
                          err));
        }
    }
    return FB_OK;
}
