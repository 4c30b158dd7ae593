/*
 * fn_string_concat.c - concat of strings and binary, concat_ws, elt.
 *
 * concat measures a row, takes room for it and copies; constants are read once. Arrays are
 * concatenated in fn_array.c.
 *
 * Ownership: results are in cx->arena.
 */
#include "expr/fn_string.h"
#include "expr/fn_util.h"

#include <stdio.h>

static fb_status concat_strings(EvalCtx *cx, const Vec *args, uint32_t n_args, uint32_t n, Vec *out,
                                fb_error *err)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t total = 0;
        if (!kernel_wants(out, i)) {
            data[i] = (View){0};
            continue;
        }
        for (uint32_t k = 0; k < n_args; k++) {
            total += VEC_AT(View, &args[k], i).len;
        }
        TRY(str_out_reserve(&o, total, err));
        char *to = o.p;
        for (uint32_t k = 0; k < n_args; k++) {
            const View *v = &VEC_AT(View, &args[k], i);
            memcpy(to, view_ptr(v), v->len);
            to += v->len;
        }
        data[i] = str_out_take(&o, total);
    }
    return FB_OK;
}

KERNEL(fn_concat)
{
    if (out->type->id == T_ARRAY) {
        return concat_arrays(cx, args, call->n_args, n, out, err);
    }
    return concat_strings(cx, args, call->n_args, n, out, err);
}

/* The types of all arguments, as "Input to `concat` should all be the same type" lists them. */
static fb_status concat_mixed(BindCtx *cx, Expr *call, fb_error *err)
{
    StrBuf types = {0};
    strbuf_putc(&types, '(');
    for (uint32_t i = 0; i < call->n_args; i++) {
        strbuf_puts(&types, i ? " or " : "");
        strbuf_puts(&types, bind_type_sql(cx, call->args[i]->type));
    }
    strbuf_putc(&types, ')');
    char *list = strbuf_arena(&types, cx->arena);
    return err_set(err, ERR_DATATYPE_MISMATCH_DATA_DIFF_TYPES, "functionName",
                   arena_printf(cx->arena, "`%s`", call->name), "dataType", list, "sqlExpr",
                   bind_sql(cx, call), NULL);
}

BINDER(bind_concat)
{
    uint32_t arrays = 0, binary = 0;
    for (uint32_t i = 0; i < call->n_args; i++) {
        arrays += call->args[i]->type->id == T_ARRAY;
        binary += call->args[i]->type->id == T_BINARY;
    }
    if (arrays > 0) {
        const Type *t =
            arrays == call->n_args ? bind_common_type(cx, call->args, call->n_args, true) : NULL;
        if (!t) {
            return concat_mixed(cx, call, err);
        }
        for (uint32_t i = 0; i < call->n_args; i++) {
            call->args[i] = bind_cast_expr(cx, call->args[i], t);
        }
        return bind_done(call, t);
    }
    const Type *t = binary > 0 && binary == call->n_args ? type_binary : type_string;
    TRY(bind_cast_all(cx, call, 0, call->n_args, t, err));
    return bind_done(call, t);
}

/* ---- concat_ws ---- */

/* Calls fn with each string of row i: arguments 1.. that are not null, and elements of arrays. */
typedef void (*JoinFn)(void *arg, Str s);

static void join_row(const Vec *args, uint32_t n_args, uint32_t i, JoinFn fn, void *arg)
{
    for (uint32_t k = 1; k < n_args; k++) {
        const Vec *v = &args[k];
        if (!vec_is_valid(v, i)) {
            continue;
        }
        if (v->type->id != T_ARRAY) {
            fn(arg, arg_str(v, i));
            continue;
        }
        uint32_t at = i & vec_mask(v);
        const uint32_t *offsets = v->data;
        for (uint32_t j = offsets[at]; j < offsets[at + 1]; j++) {
            if (vec_is_valid(&v->child[0], j)) {
                fn(arg, arg_str(&v->child[0], j));
            }
        }
    }
}

typedef struct Join {
    Str separator;
    uint64_t bytes;
    uint32_t count;
    char *to;
} Join;

static void join_measure(void *arg, Str s)
{
    Join *j = arg;
    j->bytes += s.n + (j->count ? j->separator.n : 0);
    j->count++;
}

static void join_write(void *arg, Str s)
{
    Join *j = arg;
    if (j->count++) {
        memcpy(j->to, j->separator.p, j->separator.n);
        j->to += j->separator.n;
    }
    memcpy(j->to, s.p, s.n);
    j->to += s.n;
}

KERNEL(fn_concat_ws)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    const Vec *separator = &args[0];
    vec_and_validity(out, &separator, 1, cx->arena);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (View){0};
        if (!kernel_wants(out, i)) {
            continue;
        }
        Join j = {.separator = arg_str(&args[0], i)};
        join_row(args, call->n_args, i, join_measure, &j);
        uint64_t bytes = j.bytes;
        TRY(str_out_reserve(&o, bytes, err));
        j.to = o.p;
        j.count = 0;
        join_row(args, call->n_args, i, join_write, &j);
        data[i] = str_out_take(&o, bytes);
    }
    return FB_OK;
}

BINDER(bind_concat_ws)
{
    TRY(bind_cast(cx, call, 0, type_string, err));
    for (uint32_t i = 1; i < call->n_args; i++) {
        const Type *t = call->args[i]->type;
        if (t->id == T_ARRAY) {
            if (type_is_nested(t->fields[0].type)) {
                return bind_type_error(cx, call, i, "(\"ARRAY<STRING>\" or \"STRING\")", err);
            }
            TRY(bind_cast(cx, call, i, type_array(type_string, t->fields[0].nullable), err));
            continue;
        }
        if (type_is_nested(t)) {
            return bind_type_error(cx, call, i, "(\"ARRAY<STRING>\" or \"STRING\")", err);
        }
        TRY(bind_cast(cx, call, i, type_string, err));
    }
    call->type = type_string;
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

/* ---- elt ---- */

static fb_status elt_index(int32_t index, uint32_t size, fb_error *err)
{
    char a[16], b[16];
    snprintf(a, sizeof(a), "%d", index);
    snprintf(b, sizeof(b), "%u", size);
    return err_set(err, ERR_INVALID_ARRAY_INDEX, "indexValue", a, "arraySize", b, NULL);
}

KERNEL(fn_elt)
{
    View *data = kernel_alloc(cx, out);
    bool ansi = call->eval_mode == EVAL_ANSI;
    out->valid = NULL;
    for (uint32_t i = 0; i < n; i++) {
        int32_t index = vec_is_valid(&args[0], i) ? VEC_AT(int32_t, &args[0], i) : 0;
        bool inside = index >= 1 && (uint32_t)index < call->n_args;
        data[i] = (View){0};
        if (!inside && ansi && vec_is_valid(&args[0], i)) {
            return elt_index(index, call->n_args - 1, err);
        }
        if (!inside || !vec_is_valid(&args[index], i)) {
            kernel_null(cx, out, i);
            continue;
        }
        data[i] = VEC_AT(View, &args[index], i);
    }
    return FB_OK;
}

BINDER(bind_elt)
{
    uint32_t binary = 0;
    TRY(bind_cast(cx, call, 0, type_int, err));
    for (uint32_t i = 1; i < call->n_args; i++) {
        binary += call->args[i]->type->id == T_BINARY;
    }
    const Type *t = binary == call->n_args - 1 ? type_binary : type_string;
    TRY(bind_cast_all(cx, call, 1, call->n_args, t, err));
    call->type = t;
    call->nullable = true;
    return FB_OK;
}
