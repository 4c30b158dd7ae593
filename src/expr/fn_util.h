/*
 * fn_util.h - what the string, date and collection functions share.
 *
 * Ownership: kernels allocate from cx->arena, binders from the plan's arena.
 */
#ifndef EXPR_FN_UTIL_H
#define EXPR_FN_UTIL_H

#include "expr/kernel.h"

#define FN_UNUSED __attribute__((unused))
/* The heads of a kernel and of a binder, as function.h has them. */
#define KERNEL(NAME)                                                                               \
    fb_status NAME(EvalCtx *cx FN_UNUSED, const Expr *call FN_UNUSED, const Vec *args FN_UNUSED,   \
                   uint32_t n FN_UNUSED, Vec *out FN_UNUSED, fb_error *err FN_UNUSED)
#define BINDER(NAME)                                                                               \
    fb_status NAME(BindCtx *cx FN_UNUSED, Expr *call FN_UNUSED, fb_error *err FN_UNUSED)

/* ---- binding ---- */

/* The value of a foldable argument as a const vector in the plan's arena. */
fb_status bind_fold(BindCtx *cx, const Expr *e, Vec *ret, fb_error *err);
/* The string value of argument i if it is constant and not null; false if not. */
bool bind_const_str(BindCtx *cx, const Expr *call, uint32_t i, Str *ret);
/* Casts arguments from..to-1 to t. */
fb_status bind_cast_all(BindCtx *cx, Expr *call, uint32_t from, uint32_t to, const Type *t,
                        fb_error *err);
/* Argument i has to be of type t as it is, or NULL: what Spark does not cast implicitly. */
fb_status bind_exact(BindCtx *cx, Expr *call, uint32_t i, const Type *t, fb_error *err);
/* Leaves binary as it is and casts all else to string. */
fb_status bind_string_or_binary(BindCtx *cx, Expr *call, uint32_t i, fb_error *err);
/* An argument that was left out and shows in the column's name. */
void bind_add_arg(BindCtx *cx, Expr *call, Expr *e);
/* The text that stands for the call in column names and messages. */
void bind_show(BindCtx *cx, Expr *call, StrBuf *text);
/* Sets the type, and nullable = any argument is. */
fb_status bind_done(Expr *call, const Type *t);
/* DATATYPE_MISMATCH.NON_FOLDABLE_INPUT for argument i. */
fb_status bind_non_foldable(BindCtx *cx, const Expr *call, uint32_t i, const char *name,
                            fb_error *err);
fb_status bind_non_foldable_as(BindCtx *cx, const Expr *call, uint32_t i, const char *name,
                               const char *type, fb_error *err);

/* ---- reading ---- */

static inline Str arg_str(const Vec *v, uint32_t i)
{
    return view_str(&VEC_DATA(View, v)[i & vec_mask(v)]);
}

/* Bytes from..from+n of a view, without copying more than 12 of them. */
View view_part(const View *v, size_t from, size_t n);

/* ---- making strings ---- */

static inline uint32_t load32(const char *p)
{
    uint32_t x;
    memcpy(&x, p, 4);
    return x;
}
static inline uint64_t load64(const char *p)
{
    uint64_t x;
    memcpy(&x, p, 8);
    return x;
}
static inline View view_from_words(uint32_t n, uint32_t prefix, uint64_t rest)
{
    View v;
    uint64_t head = (uint64_t)prefix << 32 | n;
    memcpy(&v, &head, 8);
    memcpy(v.rest, &rest, 8);
    return v;
}
/* view_of() without calls, for loops: short strings by two overlapping loads. */
static inline View make_view(const char *p, uint32_t n)
{
    if (n > 12) {
        View v = {.len = n};
        memcpy(v.prefix, p, 4);
        v.ptr = p;
        return v;
    }
    if (n >= 8) {
        return view_from_words(n, load32(p), load64(p + n - 8) >> 8 * (12 - n));
    }
    if (n >= 4) {
        return view_from_words(n, load32(p), n == 4 ? 0 : load32(p + n - 4) >> 8 * (8 - n));
    }
    if (n == 0) {
        return view_from_words(0, 0, 0);
    }
    uint32_t a = (uint8_t)p[0], b = (uint8_t)p[n >> 1], c = (uint8_t)p[n - 1];
    return view_from_words(n, a | b << 8 * (n >> 1) | c << 8 * (n - 1), 0);
}
/* The same where 12 bytes at p may be read whatever n is: no branches on short lengths. */
static inline View make_view_wide(const char *p, uint32_t n)
{
    static const uint32_t head_mask[13] = {0,   0xFF, 0xFFFF, 0xFFFFFF, ~0u, ~0u, ~0u,
                                           ~0u, ~0u,  ~0u,    ~0u,      ~0u, ~0u};
    static const uint64_t rest_mask[13] = {0,
                                           0,
                                           0,
                                           0,
                                           0,
                                           0xFF,
                                           0xFFFF,
                                           0xFFFFFF,
                                           0xFFFFFFFF,
                                           UINT64_C(0xFFFFFFFFFF),
                                           UINT64_C(0xFFFFFFFFFFFF),
                                           UINT64_C(0xFFFFFFFFFFFFFF),
                                           ~UINT64_C(0)};
    if (__builtin_expect(n > 12, 0)) {
        return make_view(p, n);
    }
    return view_from_words(n, load32(p) & head_mask[n], load64(p + 4) & rest_mask[n]);
}

/* Bytes of results, taken from the arena in large pieces. */
typedef struct StrOut {
    Arena *arena;
    char *p, *end;
} StrOut;

static inline StrOut str_out(EvalCtx *cx)
{
    return (StrOut){.arena = cx->arena};
}
void str_out_grow(StrOut *o, size_t n);
/* Room for n bytes at o->p. */
static inline char *str_out_room(StrOut *o, size_t n)
{
    if (__builtin_expect((size_t)(o->end - o->p) < n || !o->p, 0)) {
        str_out_grow(o, n);
    }
    return o->p;
}
/* The same for a result that may be much larger than what it is made of: asks first. Errors: more
 * than a string may have, or than the quota has. */
fb_status str_out_ask(StrOut *o, uint64_t n, fb_error *err);
static inline fb_status str_out_reserve(StrOut *o, uint64_t n, fb_error *err)
{
    bool enough = (size_t)(o->end - o->p) >= n && o->p;
    return __builtin_expect(enough, 1) ? FB_OK : str_out_ask(o, n, err);
}
/* The n bytes written at o->p become a view. */
static inline View str_out_take(StrOut *o, size_t n)
{
    View v = make_view(o->p, (uint32_t)n);
    if (n > 12) {
        o->p += n;
    }
    return v;
}
View str_out_copy(StrOut *o, Str s);
/* While a text grows in a buffer, to be copied when it is whole: whether there is room for that. To
 * be called after each piece; asks only when the text has doubled. *checked starts as 0. */
fb_status str_buf_ask(EvalCtx *cx, size_t n, size_t *checked, fb_error *err);
static inline fb_status str_buf_check(EvalCtx *cx, const StrBuf *b, size_t *checked, fb_error *err)
{
    bool small = b->n <= *checked || b->n <= 65536;
    return __builtin_expect(small, 1) ? FB_OK : str_buf_ask(cx, b->n, checked, err);
}

/* The longest string a result may have (Java arrays). */
#define STR_MAX_BYTES 2147483632u

/* ---- UTF-8, of bytes that may be anything: Spark's rules ---- */

/* Bytes of the character that starts with b, by UTF8String.numBytesForFirstByte. */
extern const uint8_t utf8_width[256];
/* Characters in s: first bytes' widths are trusted and the last one may be cut off. */
uint32_t utf8_length(Str s);
bool str_is_ascii(Str s);
/* Byte position of character number n, at most s.n. */
size_t utf8_offset(Str s, size_t n);
/* Byte position of needle in s at or after from; SIZE_MAX if there is none. */
size_t str_find(Str s, Str needle, size_t from);

#endif
