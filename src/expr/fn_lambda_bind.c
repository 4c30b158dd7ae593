/*
 * fn_lambda_bind.c - the types of higher-order functions: what their lambdas get, and what they
 * give.
 *
 * The analyzer resolves the arguments that are no lambdas, asks func_lambda_params() what each
 * lambda gets, resolves its body with that, and binds.
 */
#include "expr/coerce.h"
#include "expr/fn_util.h"

static bool is_fold(const char *fn)
{
    return strcmp(fn, "aggregate") == 0 || strcmp(fn, "reduce") == 0;
}

static bool takes_pairs(const char *fn)
{
    return strcmp(fn, "zip_with") == 0 || strcmp(fn, "map_zip_with") == 0;
}

bool func_takes_lambda(const FuncDef *f, uint32_t i)
{
    if (!(f->flags & FN_HIGHER_ORDER)) {
        return false;
    }
    return takes_pairs(f->name) || is_fold(f->name) ? i >= 2 : i == 1;
}

static LambdaParam element_of(const Type *list, uint32_t k)
{
    return (LambdaParam){list->fields[k].type, list->fields[k].nullable};
}

static uint32_t map_params(Expr *const *args, const char *fn, LambdaParam params[static 3])
{
    params[0] = element_of(args[0]->type, 0);
    params[0].nullable = false;
    if (strcmp(fn, "map_zip_with") != 0) {
        params[1] = element_of(args[0]->type, 1);
        return 2;
    }
    params[1] = (LambdaParam){args[0]->type->fields[1].type, true};
    params[2] = (LambdaParam){args[1]->type->fields[1].type, true};
    return 3;
}

uint32_t func_lambda_params(BindCtx *cx, const FuncDef *f, Expr *const *args, uint32_t i,
                            uint32_t n_wanted, LambdaParam params[static 3])
{
    const char *fn = f->name;
    TypeId first = args[0]->type->id;
    if (strncmp(fn, "map_", 4) == 0 || strncmp(fn, "transform_", 10) == 0) {
        bool two = strcmp(fn, "map_zip_with") == 0;
        bool maps = first == T_MAP && (!two || args[1]->type->id == T_MAP);
        if (!maps) {
            return 0;
        }
        if (two) {
            const Type *k = coerce_wider(cx->mode, args[0]->type->fields[0].type,
                                         args[1]->type->fields[0].type, false);
            uint32_t n = map_params(args, fn, params);
            params[0].type = k ? k : params[0].type;
            return n;
        }
        return map_params(args, fn, params);
    }
    if (first != T_ARRAY || (strcmp(fn, "zip_with") == 0 && args[1]->type->id != T_ARRAY)) {
        return 0;
    }
    params[0] = element_of(args[0]->type, 0);
    if (is_fold(fn)) {
        params[1] = params[0];
        params[0] = (LambdaParam){args[1]->type, true};
        return i == 2 ? 2 : 1;
    }
    if (strcmp(fn, "zip_with") == 0) {
        params[1] = element_of(args[1]->type, 0);
        params[0].nullable = params[1].nullable = true;
        return 2;
    }
    if (strcmp(fn, "array_sort") == 0) {
        params[1] = params[0];
        return 2;
    }
    params[1] = (LambdaParam){type_int, false};
    bool indexed = strcmp(fn, "transform") == 0 || strcmp(fn, "filter") == 0;
    return indexed && n_wanted == 2 ? 2 : 1;
}

/* ---- binders ---- */

static fb_status require_kind(BindCtx *cx, Expr *call, uint32_t i, TypeId id, fb_error *err)
{
    if (call->args[i]->type->id == id) {
        return FB_OK;
    }
    return bind_type_error(cx, call, i, id == T_MAP ? "\"MAP\"" : "\"ARRAY\"", err);
}

static fb_status require_boolean(BindCtx *cx, Expr *call, fb_error *err)
{
    if (call->args[1]->type->id == T_BOOLEAN) {
        return FB_OK;
    }
    return bind_type_error(cx, call, 1, "\"BOOLEAN\"", err);
}

BINDER(bind_transform)
{
    TRY(require_kind(cx, call, 0, T_ARRAY, err));
    call->type = type_array(call->args[1]->type, call->args[1]->nullable);
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

BINDER(bind_filter)
{
    TRY(require_kind(cx, call, 0, T_ARRAY, err));
    TRY(require_boolean(cx, call, err));
    call->type = call->args[0]->type;
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

BINDER(bind_exists)
{
    TRY(require_kind(cx, call, 0, T_ARRAY, err));
    TRY(require_boolean(cx, call, err));
    call->type = type_boolean;
    call->nullable = call->args[0]->nullable || call->args[1]->nullable;
    return FB_OK;
}

BINDER(bind_zip_with)
{
    TRY(require_kind(cx, call, 0, T_ARRAY, err));
    TRY(require_kind(cx, call, 1, T_ARRAY, err));
    call->type = type_array(call->args[2]->type, call->args[2]->nullable);
    call->nullable = call->args[0]->nullable || call->args[1]->nullable;
    return FB_OK;
}

BINDER(bind_map_filter)
{
    TRY(require_kind(cx, call, 0, T_MAP, err));
    TRY(require_boolean(cx, call, err));
    call->type = call->args[0]->type;
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

BINDER(bind_transform_values)
{
    TRY(require_kind(cx, call, 0, T_MAP, err));
    const Type *m = call->args[0]->type;
    call->type = type_map(m->fields[0].type, call->args[1]->type, call->args[1]->nullable);
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

/* The new keys as an array, put together with the old values, which checks them. */
BINDER(bind_transform_keys)
{
    Expr *both[2], *result, *map = call->args[0];
    TRY(require_kind(cx, call, 0, T_MAP, err));
    TRY(bind_call(cx, "$transform_entries", call->args, 2, &both[0], err));
    TRY(bind_call(cx, "map_values", &map, 1, &both[1], err));
    TRY(bind_call(cx, "map_from_arrays", both, 2, &result, err));
    bind_replace(cx, call, result);
    return FB_OK;
}

BINDER(bind_transform_entries)
{
    call->type = type_array(call->args[1]->type, call->args[1]->nullable);
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

BINDER(bind_map_zip_with)
{
    TRY(require_kind(cx, call, 0, T_MAP, err));
    TRY(require_kind(cx, call, 1, T_MAP, err));
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    const Type *key = coerce_wider(cx->mode, a->fields[0].type, b->fields[0].type, false);
    if (!key) {
        return err_set(err, ERR_DATATYPE_MISMATCH_MAP_ZIP_WITH_DIFF_TYPES, "functionName",
                       "`map_zip_with`", "leftType", bind_type_sql(cx, a->fields[0].type),
                       "rightType", bind_type_sql(cx, b->fields[0].type), "sqlExpr",
                       bind_sql(cx, call), NULL);
    }
    call->args[0] =
        bind_cast_expr(cx, call->args[0], type_map(key, a->fields[1].type, a->fields[1].nullable));
    call->args[1] =
        bind_cast_expr(cx, call->args[1], type_map(key, b->fields[1].type, b->fields[1].nullable));
    call->type = type_map(key, call->args[2]->type, call->args[2]->nullable);
    call->nullable = call->args[0]->nullable || call->args[1]->nullable;
    return FB_OK;
}

/* x -> x */
static Expr *identity(BindCtx *cx, const Type *t)
{
    Expr *lambda = expr_new(cx->arena, E_LAMBDA, 1), *var = expr_new(cx->arena, E_LAMBDA_VAR, 0);
    var->column = lambda->column = 1;
    var->type = lambda->type = t;
    var->nullable = lambda->nullable = true;
    lambda->args[0] = var;
    return lambda;
}

BINDER(bind_fold_array)
{
    TRY(require_kind(cx, call, 0, T_ARRAY, err));
    if (call->n_args == 3) {
        bind_add_arg(cx, call, identity(cx, call->args[1]->type));
    }
    const Type *acc = call->args[1]->type;
    if (!type_same(acc, call->args[2]->type)) {
        return bind_type_error(cx, call, 2, bind_type_sql(cx, acc), err);
    }
    call->type = call->args[3]->type;
    call->nullable = call->args[0]->nullable || call->args[3]->nullable;
    return FB_OK;
}

BINDER(bind_array_sort_by)
{
    TRY(require_kind(cx, call, 0, T_ARRAY, err));
    if (call->args[1]->type->id != T_INT) {
        return bind_type_error(cx, call, 1, "\"INT\"", err);
    }
    call->type = call->args[0]->type;
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}
