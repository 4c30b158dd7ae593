/*
 * fn_json.c - get_json_object, json_tuple, json_array_length, json_object_keys.
 *
 * The JSON format answers, through JsonQueries of text_codec.h.
 */
#include "expr/fn_util.h"

/* All arguments are strings, or NULL; fn_data is the table. */
static fb_status bind_query(BindCtx *cx, Expr *call, const Type *t, fb_error *err)
{
    if (!cx->codecs) {
        return err_unsupported(err, "the function %s here", call->fn->name);
    }
    for (uint32_t i = 0; i < call->n_args; i++) {
        TypeId id = call->args[i]->type->id;
        if (id != T_STRING && id != T_NULL) {
            return bind_type_error(cx, call, i, "STRING", err);
        }
        TRY(bind_cast(cx, call, i, type_string, err));
    }
    call->fn_data = cx->codecs->queries;
    call->type = t;
    return FB_OK;
}

BINDER(bind_get_json_object)
{
    return bind_query(cx, call, type_string, err);
}

BINDER(bind_json_array_length)
{
    return bind_query(cx, call, type_int, err);
}

BINDER(bind_json_object_keys)
{
    return bind_query(cx, call, type_array(type_string, true), err);
}

KERNEL(fn_get_json_object)
{
    const JsonQueries *q = call->fn_data;
    q->get(&args[0], &args[1], n, cx->arena, out);
    return FB_OK;
}

KERNEL(fn_json_array_length)
{
    const JsonQueries *q = call->fn_data;
    q->length(&args[0], n, cx->arena, out);
    return FB_OK;
}

KERNEL(fn_json_object_keys)
{
    const JsonQueries *q = call->fn_data;
    q->keys(&args[0], n, cx->arena, out);
    return FB_OK;
}

/* ---- json_tuple ---- */

BINDER(bind_json_tuple)
{
    uint32_t n = call->n_args - 1;
    Field *fields = ARENA_ARRAY(cx->arena, Field, n);
    if (!cx->codecs) {
        return err_unsupported(err, "the function json_tuple here");
    }
    for (uint32_t i = 0; i <= n; i++) {
        if (call->args[i]->type->id != T_STRING) {
            return err_set(err, ERR_DATATYPE_MISMATCH_NON_STRING_TYPE, "funcName", "`json_tuple`",
                           "sqlExpr", bind_sql(cx, call), NULL);
        }
    }
    for (uint32_t k = 0; k < n; k++) {
        fields[k] = (Field){arena_printf(cx->arena, "c%u", k), type_string, true, NULL};
    }
    call->fn_data = cx->codecs->queries;
    call->type = type_struct(fields, n);
    call->nullable = false;
    return FB_OK;
}

fb_status gen_json_tuple(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,
                         uint32_t **ret_rows, uint32_t *ret_n, Vec *out, fb_error *err)
{
    const JsonQueries *q = call->fn_data;
    uint32_t *rows = ARENA_ARRAY(cx->arena, uint32_t, n + 1);
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = i;
    }
    q->tuple(&args[0], &args[1], call->n_args - 1, n, cx->arena, out);
    *ret_rows = rows;
    *ret_n = n;
    return FB_OK;
}
