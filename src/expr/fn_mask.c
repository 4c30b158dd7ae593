/*
 * fn_mask.c - mask: each character replaced by one that stands for its kind.
 *
 * Kinds are Unicode's general categories Lu, Ll and Nd, and all others. A replacement that is NULL
 * keeps the characters of its kind. Replacements are constants.
 *
 * Ownership: results are in cx->arena, replacements in the plan's.
 */
#include "expr/fn_util.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

enum { KIND_UPPER, KIND_LOWER, KIND_DIGIT, KIND_OTHER, KINDS };

typedef struct Mask {
    Str by[KINDS]; /* n = 0: keeps */
} Mask;

static int kind_of(UChar32 c)
{
    if (c < 0x80) {
        char low = ascii_lower((char)c);
        return low >= 'a' && low <= 'z' ? (low == (char)c ? KIND_LOWER : KIND_UPPER)
               : c >= '0' && c <= '9'   ? KIND_DIGIT
                                        : KIND_OTHER;
    }
    switch (u_charType(c)) {
    case U_UPPERCASE_LETTER:
        return KIND_UPPER;
    case U_LOWERCASE_LETTER:
        return KIND_LOWER;
    case U_DECIMAL_DIGIT_NUMBER:
        return KIND_DIGIT;
    default:
        return KIND_OTHER;
    }
}

static char *put_masked(char *to, const Mask *m, Str s)
{
    for (int32_t i = 0; i < (int32_t)s.n;) {
        UChar32 c;
        int32_t from = i;
        U8_NEXT_UNSAFE((const uint8_t *)s.p, i, c);
        Str by = m->by[kind_of(c)];
        if (by.n == 0) {
            by = (Str){s.p + from, (size_t)(i - from)};
        }
        memcpy(to, by.p, by.n);
        to += by.n;
    }
    return to;
}

KERNEL(fn_mask)
{
    const Mask *m = call->fn_data;
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    size_t widest = 1;
    for (int k = 0; k < KINDS; k++) {
        widest = MAX_OF(widest, m->by[k].n);
    }
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (View){0};
        if (!vec_is_valid(&args[0], i)) {
            kernel_null(cx, out, i);
            continue;
        }
        Str s = arg_str(&args[0], i);
        TRY(str_out_reserve(&o, (uint64_t)s.n * widest, err));
        data[i] = str_out_take(&o, (size_t)(put_masked(o.p, m, s) - o.p));
    }
    return FB_OK;
}

static fb_status bind_replacement(BindCtx *cx, const Expr *call, uint32_t i, const char *name,
                                  Str *ret, fb_error *err)
{
    Vec v;
    if (!expr_is_foldable(call->args[i])) {
        return bind_non_foldable(cx, call, i, name, err);
    }
    TRY(bind_fold(cx, call->args[i], &v, err));
    *ret = (Str){0};
    if (!vec_is_valid(&v, 0)) {
        return FB_OK;
    }
    *ret = str_to_utf8(cx->arena, arg_str(&v, 0), true);
    if (utf8_length(*ret) != 1) {
        return err_set(err, ERR_DATATYPE_MISMATCH_INPUT_SIZE_NOT_ONE, "exprName", name, "sqlExpr",
                       bind_sql(cx, call), NULL);
    }
    return FB_OK;
}

BINDER(bind_mask)
{
    static const char *const names[KINDS] = {"upperChar", "lowerChar", "digitChar", "otherChar"};
    static const char *const usual[KINDS] = {"X", "x", "n", NULL};
    Mask *m = ARENA_NEW(cx->arena, Mask);
    for (uint32_t k = call->n_args - 1; k < KINDS; k++) {
        bind_add_arg(cx, call,
                     usual[k] ? expr_literal_str(cx->arena, (Str){usual[k], 1})
                              : expr_literal_null(cx->arena, type_string));
    }
    for (uint32_t i = 0; i <= KINDS; i++) {
        TRY(bind_exact(cx, call, i, type_string, err));
    }
    for (uint32_t k = 0; k < KINDS; k++) {
        TRY(bind_replacement(cx, call, k + 1, names[k], &m->by[k], err));
    }
    call->fn_data = m;
    call->type = type_string;
    call->nullable = true;
    return FB_OK;
}
