/*
 * fn_util.c - helpers of the scalar functions: constants at binding, string building, UTF-8.
 *
 * Spark counts characters by the first byte of each (UTF8String), without checking the rest, and a
 * stray continuation byte counts as one; so do the functions here, never reading past the end.
 *
 * Ownership: see fn_util.h. Threads: no state.
 */
#include "expr/fn_util.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* ---- binding ---- */

fb_status bind_fold(BindCtx *cx, const Expr *e, Vec *ret, fb_error *err)
{
    EvalCtx eval = {.arena = cx->arena, .tz = cx->tz, .tz_name = cx->tz_name};
    return expr_fold(&eval, e, ret, err);
}

bool bind_const_str(BindCtx *cx, const Expr *call, uint32_t i, Str *ret)
{
    const Expr *e = call->args[i];
    fb_error ignored = {0};
    Vec v;
    if (!expr_is_foldable(e) || !type_is_view(e->type)) {
        return false;
    }
    if (bind_fold(cx, e, &v, &ignored) != FB_OK) {
        err_clear(&ignored); /* it fails again when the query runs, if it does */
        return false;
    }
    if (!vec_is_valid(&v, 0)) {
        return false;
    }
    Str s = arg_str(&v, 0); /* of a view in the vector or in the plan's arena */
    if (call->fn && (call->fn->flags & FN_UTF8_ONLY)) {
        s = str_to_utf8(cx->arena, s, call->fn->flags & FN_JAVA_STRINGS);
    }
    *ret = (Str){arena_bytes(cx->arena, s.p, s.n), s.n};
    return true;
}

fb_status bind_cast_all(BindCtx *cx, Expr *call, uint32_t from, uint32_t to, const Type *t,
                        fb_error *err)
{
    for (uint32_t i = from; i < to && i < call->n_args; i++) {
        TRY(bind_cast(cx, call, i, t, err));
    }
    return FB_OK;
}

fb_status bind_exact(BindCtx *cx, Expr *call, uint32_t i, const Type *t, fb_error *err)
{
    const Type *given = call->args[i]->type;
    if (given->id == T_NULL || given->id == t->id) {
        return bind_cast(cx, call, i, t, err);
    }
    return bind_type_error(cx, call, i, bind_type_sql(cx, t), err);
}

fb_status bind_string_or_binary(BindCtx *cx, Expr *call, uint32_t i, fb_error *err)
{
    const Type *t = call->args[i]->type;
    if (t->id == T_BINARY) {
        return FB_OK;
    }
    if (type_is_nested(t)) {
        return bind_type_error(cx, call, i, "(\"STRING\" or \"BINARY\")", err);
    }
    return bind_cast(cx, call, i, type_string, err);
}

void bind_add_arg(BindCtx *cx, Expr *call, Expr *e)
{
    Expr **args = ARENA_ARRAY(cx->arena, Expr *, call->n_args + 1);
    for (uint32_t i = 0; i < call->n_args; i++) {
        args[i] = call->args[i];
    }
    args[call->n_args++] = e;
    call->args = args;
}

void bind_show(BindCtx *cx, Expr *call, StrBuf *text)
{
    call->parts = ARENA_ARRAY(cx->arena, const char *, 1);
    call->parts[0] = strbuf_arena(text, cx->arena);
    call->n_parts = 1;
}

fb_status bind_done(Expr *call, const Type *t)
{
    call->type = t;
    call->nullable = bind_any_nullable(call);
    return FB_OK;
}

fb_status bind_non_foldable_as(BindCtx *cx, const Expr *call, uint32_t i, const char *name,
                               const char *type, fb_error *err)
{
    return err_set(err, ERR_DATATYPE_MISMATCH_NON_FOLDABLE_INPUT, "inputName",
                   arena_printf(cx->arena, "`%s`", name), "inputType", type, "inputExpr",
                   bind_sql(cx, call->args[i]), "sqlExpr", bind_sql(cx, call), NULL);
}

fb_status bind_non_foldable(BindCtx *cx, const Expr *call, uint32_t i, const char *name,
                            fb_error *err)
{
    return bind_non_foldable_as(cx, call, i, name, bind_type_sql(cx, call->args[i]->type), err);
}

/* ---- making strings ---- */

View view_part(const View *v, size_t from, size_t n)
{
    return make_view(view_ptr(v) + from, (uint32_t)n);
}

#define STR_PIECE ((size_t)32768)

void str_out_grow(StrOut *o, size_t n)
{
    size_t piece = n > STR_PIECE ? n : STR_PIECE;
    o->p = arena_alloc(o->arena, piece);
    o->end = o->p + piece;
}

fb_status str_out_ask(StrOut *o, uint64_t n, fb_error *err)
{
    size_t piece = n > STR_PIECE ? n : STR_PIECE;
    if (!arena_reserve(o->arena, MIN_OF(piece, (size_t)STR_MAX_BYTES))) {
        return arena_check(o->arena, err);
    }
    if (n > STR_MAX_BYTES) {
        return err_unsupported(err, "a string of more than %u bytes", STR_MAX_BYTES);
    }
    str_out_grow(o, n);
    return FB_OK;
}

fb_status str_buf_ask(EvalCtx *cx, size_t n, size_t *checked, fb_error *err)
{
    if (n > STR_MAX_BYTES) {
        return err_unsupported(err, "a string of more than %u bytes", STR_MAX_BYTES);
    }
    *checked = n * 2;
    if (!arena_has_room(cx->arena, n * 3)) { /* the buffer when it has doubled, and the copy */
        return arena_check(cx->arena, err);
    }
    return FB_OK;
}

View str_out_copy(StrOut *o, Str s)
{
    if (s.n <= 12) {
        return make_view(s.p, (uint32_t)s.n);
    }
    memcpy(str_out_room(o, s.n), s.p, s.n);
    return str_out_take(o, s.n);
}

/* ---- UTF-8 ---- */

#define R4(x) x, x, x, x
#define R16(x) R4(x), R4(x), R4(x), R4(x)
/* C0, C1 and F5..FF never start a character and 80..BF continue one: all count as one byte. */
const uint8_t utf8_width[256] = {
    R16(1), R16(1), R16(1), R16(1), R16(1), R16(1), R16(1), R16(1), R16(1), R16(1), R16(1),
    R16(1), 1,      1,      2,      2,      R4(2),  R4(2),  R4(2),  R16(2), R16(3), 4,
    4,      4,      4,      4,      1,      1,      1,      R4(1),  R4(1),
};

bool str_is_ascii(Str s)
{
    uint64_t acc = 0;
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        uint64_t x;
        memcpy(&x, s.p + i, 8);
        acc |= x;
    }
    for (; i < s.n; i++) {
        acc |= (uint64_t)((unsigned char)s.p[i] & 0x80);
    }
    return (acc & UINT64_C(0x8080808080808080)) == 0;
}

uint32_t utf8_length(Str s)
{
    uint32_t n = 0;
    size_t i = 0;
    while (i < s.n) {
        uint64_t x;
        if (i + 8 <= s.n) { /* eight ASCII characters at once */
            memcpy(&x, s.p + i, 8);
            if ((x & UINT64_C(0x8080808080808080)) == 0) {
                n += 8;
                i += 8;
                continue;
            }
        }
        i += utf8_width[(unsigned char)s.p[i]];
        n++;
    }
    return n;
}

size_t utf8_offset(Str s, size_t n)
{
    size_t i = 0;
    while (n > 0 && i < s.n) {
        uint64_t x;
        if (n >= 8 && i + 8 <= s.n) {
            memcpy(&x, s.p + i, 8);
            if ((x & UINT64_C(0x8080808080808080)) == 0) {
                n -= 8;
                i += 8;
                continue;
            }
        }
        i += utf8_width[(unsigned char)s.p[i]];
        n--;
    }
    return i < s.n ? i : s.n;
}

#if defined(__SSE2__)
/* Sixteen places at a time, by the needle's first and last byte; needle.n >= 2. After many places
 * that only look right it gives up and leaves *at for an algorithm that is never quadratic. */
static bool find_by_ends(Str s, Str needle, size_t *at)
{
    const __m128i first = _mm_set1_epi8(needle.p[0]);
    const __m128i last = _mm_set1_epi8(needle.p[needle.n - 1]);
    uint32_t wrong = 0;
    size_t i = *at;
    for (; i + needle.n - 1 + 16 <= s.n && wrong < 256; i += 16) {
        const char *p = s.p + i;
        __m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + needle.n - 1));
        __m128i both = _mm_and_si128(_mm_cmpeq_epi8(a, first), _mm_cmpeq_epi8(b, last));
        for (uint32_t bits = (uint32_t)_mm_movemask_epi8(both); bits; bits &= bits - 1) {
            size_t k = i + (uint32_t)__builtin_ctz(bits);
            if (memcmp(s.p + k, needle.p, needle.n) == 0) {
                *at = k;
                return true;
            }
            wrong++;
        }
    }
    *at = i;
    return false;
}
#endif

size_t str_find(Str s, Str needle, size_t from)
{
    if (from > s.n || needle.n > s.n - from) {
        return SIZE_MAX;
    }
    if (needle.n == 0) {
        return from;
    }
#if defined(__SSE2__)
    if (needle.n >= 2 && find_by_ends(s, needle, &from)) {
        return from;
    }
#endif
    const char *hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}
