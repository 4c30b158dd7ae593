/*
 * fn_misc.c - what a session gives: current_user, current_database, current_catalog, version; and
 * what is known of the file that rows come from.
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

/* ---- the file that is being read ---- */

KERNEL(fn_input_file_name)
{
    text_all(cx, cx->input ? cx->input->uri : "", n, out);
    return FB_OK;
}

static void number_all(EvalCtx *cx, int64_t number, uint32_t n, Vec *out)
{
    int64_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = number;
    }
}

KERNEL(fn_input_file_block_start)
{
    number_all(cx, cx->input ? cx->input->start : -1, n, out);
    return FB_OK;
}

KERNEL(fn_input_file_block_length)
{
    number_all(cx, cx->input ? cx->input->length : -1, n, out);
    return FB_OK;
}

BINDER(bind_input_file_block)
{
    call->type = type_long;
    call->nullable = false;
    return FB_OK;
}
