/*
 * fn_misc.c - what a session gives: current_user, current_database, current_catalog, version.
 */
#include "expr/fn_util.h"

/* Every row the same text. */
static void text_all(EvalCtx *cx, const char *text, uint32_t n, Vec *out)
{
    View *data = kernel_alloc(cx, out);
    View v = view_of(text ? text : "", text ? strlen(text) : 0);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = v;
    }
}

KERNEL(fn_current_user)
{
    text_all(cx, cx->user, n, out);
    return FB_OK;
}

KERNEL(fn_current_database)
{
    text_all(cx, cx->database, n, out);
    return FB_OK;
}

KERNEL(fn_current_catalog)
{
    text_all(cx, "spark_catalog", n, out);
    return FB_OK;
}

KERNEL(fn_version)
{
    text_all(cx, "4.3.0 forebay-" FOREBAY_VERSION, n, out);
    return FB_OK;
}

BINDER(bind_text)
{
    call->type = type_string;
    call->nullable = false;
    return FB_OK;
}
