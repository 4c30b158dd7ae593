/*
 * fn_utf8.c - is_valid_utf8, make_valid_utf8, validate_utf8, try_validate_utf8: strings whose bytes
 * may be no UTF-8.
 */
#include "expr/fn_util.h"

BINDER(bind_utf8)
{
    TRY(bind_cast_all(cx, call, 0, 1, type_string, err));
    call->type = strcmp(call->fn->name, "is_valid_utf8") == 0 ? type_boolean : type_string;
    call->nullable = true;
    return FB_OK;
}

KERNEL(k_is_valid_utf8)
{
    uint8_t *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        r[i] = vec_is_valid(out, i) && str_is_utf8(arg_str(&args[0], i));
    }
    return FB_OK;
}

/* The argument is made valid before it comes here. */
KERNEL(k_make_valid_utf8)
{
    vec_flatten(out, &args[0], cx->arena);
    return FB_OK;
}

static fb_status invalid(EvalCtx *cx, Str s, fb_error *err)
{
    StrBuf bytes = {0};
    for (size_t i = 0; i < s.n; i++) {
        strbuf_printf(&bytes, "\\x%02X", (uint8_t)s.p[i]);
    }
    return err_set(err, ERR_INVALID_UTF8_STRING, "str", strbuf_arena(&bytes, cx->arena), NULL);
}

KERNEL(k_validate_utf8)
{
    bool strict = strcmp(call->fn->name, "validate_utf8") == 0;
    vec_flatten(out, &args[0], cx->arena);
    for (uint32_t i = 0; i < n; i++) {
        if (!kernel_wants(out, i) || str_is_utf8(arg_str(out, i))) {
            continue;
        }
        if (strict) {
            return invalid(cx, arg_str(out, i), err);
        }
        kernel_null(cx, out, i);
    }
    return FB_OK;
}
