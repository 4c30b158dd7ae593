/*
 * fn_url.c - url_encode, url_decode, try_url_decode: application/x-www-form-urlencoded in UTF-8, as
 * java.net.URLEncoder and URLDecoder have it.
 *
 * Letters, digits and . - * _ stand for themselves, + is a space. What is decoded to bytes that are
 * no UTF-8 becomes U+FFFD, as in a Java String.
 *
 * Ownership: results are in cx->arena.
 */
#include "expr/fn_util.h"

#define QUOTED_BYTES 1000u /* of a refused text in its message */

BINDER(bind_url_text)
{
    TRY(bind_cast(cx, call, 0, type_string, err));
    call->type = type_string;
    call->nullable = true;
    return FB_OK;
}

static bool url_plain(char c)
{
    char low = ascii_lower(c);
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '*' || c == '_';
}

KERNEL(fn_url_encode)
{
    static const char digits[] = "0123456789ABCDEF";
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(&args[0], i);
        TRY(str_out_reserve(&o, (uint64_t)s.n * 3, err));
        char *to = o.p;
        for (size_t k = 0; k < s.n; k++) {
            uint8_t b = (uint8_t)s.p[k];
            if (url_plain(s.p[k])) {
                *to++ = s.p[k];
            } else if (b == ' ') {
                *to++ = '+';
            } else {
                *to++ = '%';
                *to++ = digits[b >> 4];
                *to++ = digits[b & 15];
            }
        }
        data[i] = str_out_take(&o, (size_t)(to - o.p));
    }
    return FB_OK;
}

static int hex_digit(char c)
{
    c = ascii_lower(c);
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Two characters behind a %: Java reads them as a number, which may have a sign. -1: none. */
static int url_byte(const char *p)
{
    int high = p[0] == '+' ? 0 : hex_digit(p[0]), low = hex_digit(p[1]);
    return high < 0 && p[0] == '-' && low == 0 ? 0 : high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* At most s.n bytes to `to`; false: a % without its two digits. */
static bool url_decode(char *to, Str s, size_t *ret)
{
    char *start = to;
    for (size_t k = 0; k < s.n; k++) {
        char c = s.p[k];
        if (c == '%') {
            int b = s.n - k > 2 ? url_byte(s.p + k + 1) : -1;
            if (b < 0) {
                return false;
            }
            *to++ = (char)b;
            k += 2;
        } else {
            *to++ = c == '+' ? ' ' : c;
        }
    }
    *ret = (size_t)(to - start);
    return true;
}

static fb_status decode_rows(EvalCtx *cx, const Vec *v, uint32_t n, bool can_fail, Vec *out,
                             fb_error *err)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(v, i);
        size_t bytes;
        data[i] = (View){0};
        if (!kernel_wants(out, i)) {
            continue;
        }
        if (url_decode(str_out_room(&o, s.n + 1), s, &bytes)) {
            Str made = {o.p, bytes};
            if (str_is_utf8(made)) {
                data[i] = str_out_take(&o, bytes);
            } else {
                made = str_to_utf8(cx->arena, made, true);
                data[i] = view_of(made.p, made.n);
            }
        } else if (can_fail) {
            int quoted = (int)MIN_OF(s.n, (size_t)QUOTED_BYTES);
            return err_set(err, ERR_CANNOT_DECODE_URL, "url",
                           arena_printf(cx->arena, "%.*s", quoted, s.p), NULL);
        } else {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

KERNEL(fn_url_decode)
{
    return decode_rows(cx, &args[0], n, true, out, err);
}

KERNEL(fn_try_url_decode)
{
    return decode_rows(cx, &args[0], n, false, out, err);
}
