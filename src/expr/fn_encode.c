/*
 * fn_encode.c - hex, unhex, bin, base64, unbase64, to_binary, try_to_binary, md5, sha1, sha2,
 * crc32, ascii, chr.
 *
 * base64 is MIME's, as Spark's: lines of 76 characters with CRLF between them; unbase64 skips what
 * is not of the alphabet and is strict about the end, as java.util.Base64's MIME decoder is.
 * Digests are OpenSSL's.
 *
 * Ownership: results are in cx->arena.
 */
#include "expr/fn_util.h"

#include <openssl/evp.h>

static const char hex_upper[] = "0123456789ABCDEF", hex_lower[] = "0123456789abcdef";

/* ---- hex, unhex ---- */

static void put_hex(char *to, const char *digits, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        to[2 * i] = digits[p[i] >> 4];
        to[2 * i + 1] = digits[p[i] & 15];
    }
}

static View hex_number(StrOut *o, uint64_t x)
{
    char buf[16], *p = buf + 16;
    do {
        *--p = hex_upper[x & 15];
        x >>= 4;
    } while (x);
    return str_out_copy(o, (Str){p, (size_t)(buf + 16 - p)});
}

KERNEL(fn_hex)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    if (args[0].type->id == T_LONG) {
        for (uint32_t i = 0; i < n; i++) {
            data[i] = hex_number(&o, (uint64_t)VEC_AT(int64_t, &args[0], i));
        }
        return FB_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(&args[0], i);
        if (s.n > STR_MAX_BYTES / 2) {
            return err_unsupported(err, "hex of %zu bytes", s.n);
        }
        TRY(str_out_reserve(&o, s.n * 2, err));
        put_hex(o.p, hex_upper, (const uint8_t *)s.p, s.n);
        data[i] = str_out_take(&o, s.n * 2);
    }
    return FB_OK;
}

BINDER(bind_hex)
{
    const Type *t = call->args[0]->type;
    if (type_is_numeric(t) || t->id == T_NULL) {
        TRY(bind_cast(cx, call, 0, type_long, err));
    } else if (!type_is_view(t)) {
        if (type_is_nested(t)) {
            return bind_type_error(cx, call, 0, "(\"BIGINT\" or \"BINARY\" or \"STRING\")", err);
        }
        TRY(bind_cast(cx, call, 0, type_string, err));
    }
    return bind_done(call, type_string);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* false: not hexadecimal. An odd first digit stands alone. */
static bool unhex(char *to, Str s)
{
    size_t i = s.n & 1;
    if (i) {
        int v = hex_value(s.p[0]);
        if (v < 0) {
            return false;
        }
        *to++ = (char)v;
    }
    for (; i < s.n; i += 2) {
        int high = hex_value(s.p[i]), low = hex_value(s.p[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        *to++ = (char)(high << 4 | low);
    }
    return true;
}

KERNEL(fn_unhex)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(&args[0], i);
        data[i] = (View){0};
        TRY(str_out_reserve(&o, s.n / 2 + 1, err));
        if (unhex(o.p, s)) {
            data[i] = str_out_take(&o, (s.n + 1) / 2);
        } else {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

BINDER(bind_unhex)
{
    TRY(bind_cast(cx, call, 0, type_string, err));
    call->type = type_binary;
    call->nullable = true;
    return FB_OK;
}

/* ---- bin ---- */

KERNEL(fn_bin)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t x = (uint64_t)VEC_AT(int64_t, &args[0], i);
        char buf[64], *p = buf + 64;
        do {
            *--p = (char)('0' + (x & 1));
            x >>= 1;
        } while (x);
        data[i] = str_out_copy(&o, (Str){p, (size_t)(buf + 64 - p)});
    }
    return FB_OK;
}

BINDER(bind_bin)
{
    TRY(bind_cast(cx, call, 0, type_long, err));
    return bind_done(call, type_string);
}

/* ---- base64 ---- */

#define BASE64_LINE 76u

static const char base64_chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static size_t put_base64(char *to, const uint8_t *p, size_t n)
{
    char *start = to;
    uint32_t column = 0;
    for (size_t i = 0; i < n; i += 3) {
        size_t have = MIN_OF(n - i, (size_t)3);
        uint32_t x = (uint32_t)p[i] << 16 | (have > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
                     (have > 2 ? p[i + 2] : 0u);
        if (column == BASE64_LINE) {
            *to++ = '\r';
            *to++ = '\n';
            column = 0;
        }
        *to++ = base64_chars[x >> 18];
        *to++ = base64_chars[x >> 12 & 63];
        *to++ = have > 1 ? base64_chars[x >> 6 & 63] : '=';
        *to++ = have > 2 ? base64_chars[x & 63] : '=';
        column += 4;
    }
    return (size_t)(to - start);
}

KERNEL(fn_base64)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(&args[0], i);
        if (s.n > STR_MAX_BYTES / 2) {
            return err_unsupported(err, "base64 of %zu bytes", s.n);
        }
        char *p = str_out_room(&o, s.n / 3 * 4 + s.n / 57 * 2 + 8);
        data[i] = str_out_take(&o, put_base64(p, (const uint8_t *)s.p, s.n));
    }
    return FB_OK;
}

BINDER(bind_base64)
{
    TRY(bind_cast(cx, call, 0, type_binary, err));
    return bind_done(call, type_string);
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* false: the last unit is incomplete or padded wrongly. */
static bool unbase64(char *to, Str s, size_t *ret)
{
    char *start = to;
    uint32_t bits = 0, have = 0; /* characters of the unit */
    size_t i = 0;
    while (i < s.n) {
        char c = s.p[i++];
        if (c == '=') {
            if (have == 0 || (have == 2 && (i == s.n || s.p[i++] != '='))) {
                return false;
            }
            break;
        }
        int v = base64_value(c);
        if (v < 0) {
            continue;
        }
        bits = bits << 6 | (uint32_t)v;
        if (++have == 4) {
            *to++ = (char)(bits >> 16);
            *to++ = (char)(bits >> 8);
            *to++ = (char)bits;
            bits = have = 0;
        }
    }
    if (have == 1) {
        return false;
    }
    if (have == 2) {
        *to++ = (char)(bits >> 4);
    } else if (have == 3) {
        *to++ = (char)(bits >> 10);
        *to++ = (char)(bits >> 2);
    }
    for (; i < s.n; i++) {
        if (base64_value(s.p[i]) >= 0) {
            return false;
        }
    }
    *ret = (size_t)(to - start);
    return true;
}

KERNEL(fn_unbase64)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(&args[0], i);
        size_t bytes;
        data[i] = (View){0};
        if (!kernel_wants(out, i)) {
            continue;
        }
        if (!unbase64(str_out_room(&o, s.n / 4 * 3 + 4), s, &bytes)) {
            return err_set(err, ERR_BASE64_MALFORMED, "value",
                           arena_printf(cx->arena, "'%.*s'", (int)MIN_OF(s.n, 1000u), s.p), NULL);
        }
        data[i] = str_out_take(&o, bytes);
    }
    return FB_OK;
}

BINDER(bind_unbase64)
{
    TRY(bind_cast(cx, call, 0, type_string, err));
    return bind_done(call, type_binary);
}

/* ---- to_binary ---- */

#define QUOTED_BYTES 1000u /* of a refused text in its message */

static fb_status bad_bytes(EvalCtx *cx, Str s, const char *format, fb_error *err)
{
    StrBuf text = {0};
    View view = view_of(s.p, MIN_OF(s.n, (size_t)QUOTED_BYTES));
    Vec v = {.type = type_string, .len = 1, .data = &view};
    literal_sql(cx->tz, &v, 0, &text);
    return err_set(err, ERR_CONVERSION_INVALID_INPUT, "str", strbuf_arena(&text, cx->arena), "fmt",
                   format, "targetType", "\"BINARY\"", "suggestion", "`try_to_binary`", NULL);
}

KERNEL(fn_hex_bytes)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(&args[0], i);
        data[i] = (View){0};
        TRY(str_out_reserve(&o, s.n / 2 + 1, err));
        if (unhex(o.p, s)) {
            data[i] = str_out_take(&o, (s.n + 1) / 2);
        } else if (kernel_wants(out, i)) {
            return bad_bytes(cx, s, "'HEX'", err);
        }
    }
    return FB_OK;
}

/* Spark's own rules, stricter than the decoder's: white space only before the padding, which may be
 * left out but has to be whole. */
static bool base64_is_valid(Str s)
{
    size_t digits = 0, padding = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool white = (c >= 9 && c <= 13) || (c >= 28 && c <= 32);
        if (c == '=') {
            padding++;
        } else if (padding || (base64_value(c) < 0 && !white)) {
            return false;
        } else {
            digits += !white;
        }
    }
    return padding == 0 ? digits % 4 != 1 : padding <= 2 && (digits + padding) % 4 == 0;
}

static fb_status base64_rows(EvalCtx *cx, const Vec *v, uint32_t n, bool can_fail, Vec *out,
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
        TRY(str_out_reserve(&o, s.n / 4 * 3 + 4, err));
        if (base64_is_valid(s) && unbase64(o.p, s, &bytes)) {
            data[i] = str_out_take(&o, bytes);
        } else if (can_fail) {
            return bad_bytes(cx, s, "'BASE64'", err);
        } else {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

KERNEL(fn_base64_bytes)
{
    return base64_rows(cx, &args[0], n, true, out, err);
}

KERNEL(fn_try_base64_bytes)
{
    return base64_rows(cx, &args[0], n, false, out, err);
}

typedef enum BytesFormat {
    BYTES_NULL,
    BYTES_HEX,
    BYTES_UTF8,
    BYTES_BASE64,
    BYTES_OTHER
} BytesFormat;

/* Messages name to_binary, also those of try_to_binary. */
static const char *to_binary_sql(BindCtx *cx, const Expr *call)
{
    Expr *e = expr_copy(cx->arena, call);
    e->name = "to_binary";
    return bind_sql(cx, e);
}

static fb_status bytes_format(BindCtx *cx, Expr *call, BytesFormat *ret, Str *text, fb_error *err)
{
    Vec v;
    *ret = BYTES_HEX;
    if (call->n_args == 1) {
        return FB_OK;
    }
    TRY(bind_cast(cx, call, 1, type_string, err));
    if (!expr_is_foldable(call->args[1])) {
        return err_set(err, ERR_DATATYPE_MISMATCH_NON_FOLDABLE_INPUT, "inputName", "`fmt`",
                       "inputType", "\"STRING\"", "inputExpr", bind_sql(cx, call->args[1]),
                       "sqlExpr", to_binary_sql(cx, call), NULL);
    }
    TRY(bind_fold(cx, call->args[1], &v, err));
    if (!vec_is_valid(&v, 0)) {
        *ret = BYTES_NULL;
        return FB_OK;
    }
    Str s = arg_str(&v, 0);
    *text = (Str){arena_strndup(cx->arena, s.p, s.n), s.n};
    *ret = str_eq_nocase(s, STR_LIT("hex"))                                          ? BYTES_HEX
           : str_eq_nocase(s, STR_LIT("utf-8")) || str_eq_nocase(s, STR_LIT("utf8")) ? BYTES_UTF8
           : str_eq_nocase(s, STR_LIT("base64"))                                     ? BYTES_BASE64
                                                                                     : BYTES_OTHER;
    return FB_OK;
}

static fb_status bad_format(BindCtx *cx, const Expr *call, Str text, fb_error *err)
{
    StrBuf quoted = {0};
    for (size_t i = 0; i < text.n; i++) {
        ((char *)text.p)[i] = ascii_lower(text.p[i]);
    }
    View view = view_of(text.p, text.n);
    Vec v = {.type = type_string, .len = 1, .data = &view};
    literal_sql(cx->tz, &v, 0, &quoted);
    return err_set(err, ERR_DATATYPE_MISMATCH_INVALID_ARG_VALUE, "inputName", "fmt", "requireType",
                   "case-insensitive \"STRING\"", "validValues",
                   "'hex', 'utf-8', 'utf8', or 'base64'", "inputValue",
                   strbuf_arena(&quoted, cx->arena), "sqlExpr", to_binary_sql(cx, call), NULL);
}

static fb_status bind_bytes(BindCtx *cx, Expr *call, bool quiet, fb_error *err)
{
    BytesFormat format;
    Str text = {0};
    Expr *args[2], *made;
    TRY(bytes_format(cx, call, &format, &text, err));
    if (format == BYTES_OTHER && !quiet) {
        return bad_format(cx, call, text, err);
    }
    TRY(bind_cast(cx, call, 0, type_string, err));
    args[0] = call->args[0];
    args[1] = expr_literal_str(cx->arena, STR_LIT("UTF-8"));
    switch (format) {
    case BYTES_HEX:
        TRY(bind_call(cx, quiet ? "unhex" : "$hex_bytes", args, 1, &made, err));
        break;
    case BYTES_UTF8:
        TRY(bind_call(cx, "encode", args, 2, &made, err));
        break;
    case BYTES_BASE64:
        TRY(bind_call(cx, quiet ? "$try_base64_bytes" : "$base64_bytes", args, 1, &made, err));
        break;
    default:
        made = expr_literal_null(cx->arena, type_binary);
        break;
    }
    bind_replace(cx, call, made);
    return FB_OK;
}

BINDER(bind_to_binary)
{
    return bind_bytes(cx, call, false, err);
}

BINDER(bind_try_to_binary)
{
    return bind_bytes(cx, call, true, err);
}

/* ---- digests ---- */

/* An algorithm looked up once a vector; freed by digest_close(). */
typedef struct Digest {
    EVP_MD *md;
    EVP_MD_CTX *cx;
} Digest;

static fb_status digest_open(Digest *d, const char *name, fb_error *err)
{
    d->md = EVP_MD_fetch(NULL, name, NULL);
    d->cx = EVP_MD_CTX_new();
    return d->md && d->cx ? FB_OK : err_internal(err, "OpenSSL has no %s.", name);
}

static void digest_close(Digest *d)
{
    EVP_MD_CTX_free(d->cx);
    EVP_MD_free(d->md);
}

static fb_status put_digest(const Digest *d, StrOut *o, Str s, View *ret, fb_error *err)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (!EVP_DigestInit_ex2(d->cx, d->md, NULL) || !EVP_DigestUpdate(d->cx, s.p, s.n) ||
        !EVP_DigestFinal_ex(d->cx, digest, &len)) {
        return err_internal(err, "OpenSSL can't compute the digest.");
    }
    put_hex(str_out_room(o, (size_t)len * 2), hex_lower, digest, len);
    *ret = str_out_take(o, (size_t)len * 2);
    return FB_OK;
}

static fb_status digest_all(EvalCtx *cx, const Vec *v, const char *name, uint32_t n, Vec *out,
                            fb_error *err)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    Digest d = {0};
    fb_status st = digest_open(&d, name, err);
    for (uint32_t i = 0; i < n && st == FB_OK; i++) {
        st = put_digest(&d, &o, arg_str(v, i), &data[i], err);
    }
    digest_close(&d);
    return st;
}

KERNEL(fn_md5)
{
    return digest_all(cx, &args[0], "MD5", n, out, err);
}

KERNEL(fn_sha1)
{
    return digest_all(cx, &args[0], "SHA1", n, out, err);
}

/* Which of the four a length in bits means, or -1. */
static int sha2_index(int32_t bits)
{
    switch (bits) {
    case 224:
        return 0;
    case 0:
    case 256:
        return 1;
    case 384:
        return 2;
    case 512:
        return 3;
    default:
        return -1;
    }
}

/* d: four digests, opened as they are needed. */
static fb_status sha2_rows(EvalCtx *cx, const Vec *args, Digest *d, uint32_t n, Vec *out,
                           fb_error *err)
{
    static const char *const names[] = {"SHA224", "SHA256", "SHA384", "SHA512"};
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        int k = sha2_index(VEC_AT(int32_t, &args[1], i));
        data[i] = (View){0};
        if (k < 0) {
            kernel_null(cx, out, i);
            continue;
        }
        if (!d[k].md) {
            TRY(digest_open(&d[k], names[k], err));
        }
        TRY(put_digest(&d[k], &o, arg_str(&args[0], i), &data[i], err));
    }
    return FB_OK;
}

KERNEL(fn_sha2)
{
    Digest d[4] = {0};
    fb_status st = sha2_rows(cx, args, d, n, out, err);
    for (int k = 0; k < 4; k++) {
        digest_close(&d[k]);
    }
    return st;
}

BINDER(bind_sha2)
{
    TRY(bind_cast(cx, call, 0, type_binary, err));
    TRY(bind_cast(cx, call, 1, type_int, err));
    call->type = type_string;
    call->nullable = true;
    return FB_OK;
}

KERNEL(fn_crc32)
{
    int64_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(&args[0], i);
        data[i] = crc32_bytes(s.p, s.n, 0);
    }
    return FB_OK;
}

BINDER(bind_crc32)
{
    TRY(bind_cast(cx, call, 0, type_binary, err));
    return bind_done(call, type_long);
}

/* ---- ascii, chr ---- */

/* The first character's code point; what is not UTF-8 counts as U+FFFD. */
static int32_t first_code(Str s)
{
    const uint8_t *p = (const uint8_t *)s.p;
    size_t w = s.n ? utf8_width[p[0]] : 0;
    if (w == 0) {
        return 0;
    }
    if (w == 1 && p[0] < 0x80) {
        return p[0];
    }
    if (w == 1 || w > s.n) {
        return 0xFFFD;
    }
    int32_t c = p[0] & (0xFF >> (w + 1));
    for (size_t k = 1; k < w; k++) {
        if ((p[k] & 0xC0) != 0x80) {
            return 0xFFFD;
        }
        c = c << 6 | (p[k] & 0x3F);
    }
    return c;
}

KERNEL(fn_ascii)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = first_code(arg_str(&args[0], i));
    }
    return FB_OK;
}

BINDER(bind_ascii)
{
    TRY(bind_cast(cx, call, 0, type_string, err));
    return bind_done(call, type_int);
}

KERNEL(fn_chr)
{
    View *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int64_t x = VEC_AT(int64_t, &args[0], i);
        uint8_t c = (uint8_t)(x & 0xFF);
        char two[2] = {(char)(0xC0 | c >> 6), (char)(0x80 | (c & 0x3F))}, one = (char)c;
        data[i] = x < 0 ? (View){0} : c < 0x80 ? make_view(&one, 1) : make_view(two, 2);
    }
    return FB_OK;
}

BINDER(bind_chr)
{
    TRY(bind_cast(cx, call, 0, type_long, err));
    return bind_done(call, type_string);
}
