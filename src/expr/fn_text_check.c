/*
 * fn_text_check.c - is_valid_utf8, make_valid_utf8, validate_utf8, try_validate_utf8, luhn_check,
 * quote.
 *
 * make_valid_utf8 is what FN_VALID_STRINGS does to an argument, and nothing else.
 *
 * Ownership: results are in cx->arena or are the arguments' own bytes.
 */
#include "expr/fn_util.h"

/* Bytes of a refused text that its message quotes. */
#define QUOTED_BYTES 1000u

BINDER(bind_utf8_text)
{
    TRY(bind_cast(cx, call, 0, type_string, err));
    call->type = type_string;
    call->nullable = true;
    return FB_OK;
}

BINDER(bind_text_check)
{
    TRY(bind_cast(cx, call, 0, type_string, err));
    call->type = type_boolean;
    call->nullable = true;
    return FB_OK;
}

KERNEL(fn_is_valid_utf8)
{
    uint8_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = str_is_utf8(arg_str(&args[0], i));
    }
    return FB_OK;
}

KERNEL(fn_make_valid_utf8)
{
    View *data = kernel_alloc(cx, out);
    uint32_t mask = vec_mask(&args[0]);
    const View *from = VEC_DATA(View, &args[0]);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = from[i & mask];
    }
    return FB_OK;
}

/* \x61\x80 */
static const char *escaped_bytes(EvalCtx *cx, Str s)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t n = MIN_OF(s.n, (size_t)QUOTED_BYTES);
    char *text = arena_alloc(cx->arena, n * 4 + 1), *to = text;
    for (size_t i = 0; i < n; i++) {
        uint8_t b = (uint8_t)s.p[i];
        *to++ = '\\';
        *to++ = 'x';
        *to++ = digits[b >> 4];
        *to++ = digits[b & 15];
    }
    *to = '\0';
    return text;
}

KERNEL(fn_validate_utf8)
{
    View *data = kernel_alloc(cx, out);
    uint32_t mask = vec_mask(&args[0]);
    const View *from = VEC_DATA(View, &args[0]);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = from[i & mask];
        Str s = arg_str(&args[0], i);
        if (kernel_wants(out, i) && !str_is_utf8(s)) {
            return err_set(err, ERR_INVALID_UTF8_STRING, "str", escaped_bytes(cx, s), NULL);
        }
    }
    return FB_OK;
}

KERNEL(fn_try_validate_utf8)
{
    View *data = kernel_alloc(cx, out);
    uint32_t mask = vec_mask(&args[0]);
    const View *from = VEC_DATA(View, &args[0]);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = from[i & mask];
        if (!str_is_utf8(arg_str(&args[0], i))) {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

/* Digits alone, whose weighted sum ends in 0: every second from the right counts twice. */
static bool luhn(Str s)
{
    uint64_t sum = 0;
    bool twice = false;
    for (size_t i = s.n; i-- > 0;) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
        unsigned x = (unsigned)(s.p[i] - '0') << twice;
        sum += x > 9 ? x - 9 : x;
        twice = !twice;
    }
    return s.n && sum % 10 == 0;
}

KERNEL(fn_luhn_check)
{
    uint8_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = luhn(arg_str(&args[0], i));
    }
    return FB_OK;
}

KERNEL(fn_quote)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(&args[0], i);
        TRY(str_out_reserve(&o, (uint64_t)s.n * 2 + 2, err));
        char *to = o.p;
        *to++ = '\'';
        for (size_t k = 0; k < s.n; k++) {
            if (s.p[k] == '\'') {
                *to++ = '\\';
            }
            *to++ = s.p[k];
        }
        *to++ = '\'';
        data[i] = str_out_take(&o, (size_t)(to - o.p));
    }
    return FB_OK;
}
