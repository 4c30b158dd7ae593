/*
 * fn_charset.c - encode and decode between strings and bytes, and decode(x, search, result, …),
 * which is a CASE.
 *
 * UTF-8, US-ASCII and ISO-8859-1; what a charset has no bytes for, and bytes that are none of its
 * characters, fail with MALFORMED_CHARACTER_CODING as Spark does by default.
 *
 * Ownership: results are in cx->arena or share the input's bytes.
 */
#include "expr/fn_util.h"

typedef enum Charset { CHARSET_UTF8, CHARSET_ASCII, CHARSET_LATIN1 } Charset;

static fb_status charset_of(EvalCtx *cx, const char *function, Str name, Charset *ret,
                            fb_error *err)
{
    static const char *const known[] = {"utf-8", "us-ascii", "iso-8859-1"};
    static const char *const later[] = {"utf-16", "utf-16be", "utf-16le", "utf-32"};
    for (uint32_t k = 0; k < 3; k++) {
        if (str_eq_nocase(name, str_of(known[k]))) {
            *ret = (Charset)k;
            return FB_OK;
        }
    }
    for (uint32_t k = 0; k < 4; k++) {
        if (str_eq_nocase(name, str_of(later[k]))) {
            return err_unsupported(err, "%s with the charset %s", function, later[k]);
        }
    }
    return err_set(err, ERR_INVALID_PARAMETER_VALUE_CHARSET, "functionName",
                   arena_printf(cx->arena, "`%s`", function), "parameter", "`charset`", "charset",
                   arena_strndup(cx->arena, name.p, name.n), "charsets",
                   "iso-8859-1, us-ascii, utf-16, utf-16be, utf-16le, utf-32, utf-8", NULL);
}

static fb_status malformed(EvalCtx *cx, const char *function, Str charset, fb_error *err)
{
    return err_set(err, ERR_MALFORMED_CHARACTER_CODING, "function",
                   arena_printf(cx->arena, "`%s`", function), "charset",
                   arena_strndup(cx->arena, charset.p, charset.n), NULL);
}

/* One byte a character up to U+00FF: false for others. */
static bool to_latin1(StrOut *o, Str s, View *ret)
{
    char *to = str_out_room(o, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c >= 0x80) {
            if (c > 0xC3 || c < 0xC2 || i + 1 >= s.n || ((uint8_t)s.p[i + 1] & 0xC0) != 0x80) {
                return false;
            }
            c = (uint8_t)((c & 3) << 6 | ((uint8_t)s.p[++i] & 0x3F));
        }
        to[n++] = (char)c;
    }
    *ret = str_out_take(o, n);
    return true;
}

static View from_latin1(StrOut *o, Str s)
{
    char *to = str_out_room(o, s.n * 2);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c < 0x80) {
            to[n++] = (char)c;
        } else {
            to[n++] = (char)(0xC0 | c >> 6);
            to[n++] = (char)(0x80 | (c & 0x3F));
        }
    }
    return str_out_take(o, n);
}

static fb_status recode(EvalCtx *cx, const Vec *args, bool encode, uint32_t n, Vec *out,
                        fb_error *err)
{
    const char *function = encode ? "encode" : "decode";
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        Charset charset = CHARSET_UTF8;
        const View *v = &VEC_AT(View, &args[0], i);
        Str s = view_str(v), name = arg_str(&args[1], i);
        bool ok = true;
        data[i] = *v;
        if (!kernel_wants(out, i)) {
            continue;
        }
        TRY(charset_of(cx, function, name, &charset, err));
        if (s.n > STR_MAX_BYTES / 2) {
            return err_unsupported(err, "%s of %zu bytes", function, s.n);
        }
        if (charset == CHARSET_ASCII) {
            ok = str_is_ascii(s);
        } else if (charset == CHARSET_UTF8) {
            ok = encode || str_is_utf8(s);
        } else if (encode) {
            ok = to_latin1(&o, s, &data[i]);
        } else {
            data[i] = from_latin1(&o, s);
        }
        if (!ok) {
            return malformed(cx, function, name, err);
        }
    }
    return FB_OK;
}

KERNEL(fn_encode)
{
    return recode(cx, args, true, n, out, err);
}

KERNEL(fn_decode)
{
    return recode(cx, args, false, n, out, err);
}

BINDER(bind_encode)
{
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    call->type = type_binary;
    call->nullable = true;
    return FB_OK;
}

/* decode(x, search, result, …[, default]): nulls are equal. */
static fb_status bind_decode_case(BindCtx *cx, Expr *call, fb_error *err)
{
    uint32_t n = 0;
    Expr **when = ARENA_ARRAY(cx->arena, Expr *, call->n_args + 1), *chosen;
    for (uint32_t i = 1; i + 1 < call->n_args; i += 2) {
        Expr *sides[2] = {call->args[0], call->args[i]};
        TRY(bind_call(cx, "<=>", sides, 2, &when[n++], err));
        when[n++] = call->args[i + 1];
    }
    bool has_default = call->n_args % 2 == 0;
    when[n++] = has_default ? call->args[call->n_args - 1] /* else NULL, and it is a string */
                            : expr_literal_null(cx->arena, type_string);
    TRY(bind_call(cx, "when", when, n, &chosen, err));
    bind_replace(cx, call, chosen);
    return FB_OK;
}

BINDER(bind_decode)
{
    if (call->n_args > 2) {
        return bind_decode_case(cx, call, err);
    }
    TRY(bind_cast(cx, call, 0, type_binary, err));
    TRY(bind_cast(cx, call, 1, type_string, err));
    call->type = type_string;
    call->nullable = true;
    return FB_OK;
}
