/*
 * fn_raise.c - errors that a query asks for: raise_error, assert_true.
 *
 * raise_error(e) has two arguments once it is bound, as Spark's: the condition and the map of its
 * parameters. assert_true(c, e) is if(c, null, raise_error(e)).
 */
#include "expr/fn_util.h"

static Expr *text(BindCtx *cx, const char *s)
{
    return expr_literal_str(cx->arena, str_of(s));
}

BINDER(bind_raise_error)
{
    Expr **args = ARENA_ARRAY(cx->arena, Expr *, 2);
    Expr *pair[2] = {text(cx, "errorMessage"), call->args[0]};
    TRY(bind_call(cx, "map", pair, 2, &args[1], err));
    args[0] = text(cx, "USER_RAISED_EXCEPTION");
    call->args = args;
    call->n_args = 2;
    if (type_is_nested(args[1]->type->fields[1].type)) {
        return bind_type_error(cx, call, 1, "\"MAP<STRING, STRING>\"", err);
    }
    args[1] = bind_cast_expr(cx, args[1], type_map(type_string, type_string, true));
    call->type = type_null;
    call->nullable = true;
    return FB_OK;
}

KERNEL(k_raise_error)
{
    const uint32_t *offset = args[1].data;
    uint32_t i = 0;
    while (i < n && !kernel_wants(out, i)) {
        i++;
    }
    if (i == n) {
        vec_init_null(out, call->type, n, cx->arena);
        return FB_OK;
    }
    const Vec *messages = &args[1].child[1];
    uint32_t at = offset[i & vec_mask(&args[1])];
    Str s = vec_is_valid(messages, at) ? arg_str(messages, at) : STR_LIT("null");
    return err_set(err, ERR_USER_RAISED_EXCEPTION, "errorMessage",
                   arena_strndup(cx->arena, s.p, s.n), NULL);
}

BINDER(bind_assert_true)
{
    if (call->n_args == 1) {
        StrBuf message = {0};
        strbuf_putc(&message, '\'');
        expr_name(call->args[0], &message);
        strbuf_puts(&message, "' is not true!");
        bind_add_arg(cx, call, expr_literal_str(cx->arena, strbuf_str(&message)));
        strbuf_free(&message);
    }
    Expr *raise, *result;
    TRY(bind_call(cx, "raise_error", &call->args[1], 1, &raise, err));
    Expr *parts[3] = {call->args[0], expr_literal_null(cx->arena, type_null), raise};
    TRY(bind_call(cx, "if", parts, 3, &result, err));
    bind_replace(cx, call, result);
    return FB_OK;
}
