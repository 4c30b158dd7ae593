/*
 * fn_split.c - split.
 *
 * The pattern is a Java regular expression; limit <= 0 keeps all pieces, trailing empty ones too. A
 * constant pattern is looked at when the call is bound. One that is plain text of one byte, the
 * usual case, takes two passes over the bytes, sixteen at a time: one counts, so that the result
 * has its size, one makes the views. Other plain texts are searched with memmem, the rest with
 * PCRE2. An empty pattern cuts between characters.
 *
 * Pieces longer than 12 bytes refer to the bytes of the input; nothing is copied.
 *
 * Ownership: the array and its views are in cx->arena, long strings share the input's bytes.
 */
#include "expr/fn_split.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

fb_status pieces_reserve(Pieces *ps, uint64_t more, fb_error *err)
{
    uint64_t want = ps->n + more;
    if (want <= ps->cap) {
        return FB_OK;
    }
    if (want > INT32_MAX) {
        return err_unsupported(err, "more than 2147483647 pieces in a batch");
    }
    uint64_t cap = MAX_OF(want, (uint64_t)ps->cap * 2);
    if (!arena_reserve(ps->arena, mem_mul(cap, sizeof(View)))) {
        return arena_check(ps->arena, err);
    }
    View *p = arena_alloc(ps->arena, mem_mul(cap, sizeof(View)));
    if (ps->n) {
        memcpy(p, ps->p, ps->n * sizeof(View));
    }
    ps->p = p;
    ps->cap = (uint32_t)MIN_OF(cap, (uint64_t)INT32_MAX);
    return FB_OK;
}

static fb_status pieces_add(Pieces *ps, const char *p, size_t n, fb_error *err)
{
    TRY(pieces_reserve(ps, 1, err));
    ps->p[ps->n++] = make_view(p, (uint32_t)n);
    return FB_OK;
}

/* ---- one byte ---- */

/* Bit k of the result: p[k] == c, for 16 bytes. */
static inline uint32_t eq_bits(const char *p, char c)
{
#if defined(__SSE2__)
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8(c)));
#else
    uint32_t bits = 0;
    for (uint32_t k = 0; k < 16; k++) {
        bits |= (uint32_t)(p[k] == c) << k;
    }
    return bits;
#endif
}

static uint32_t count_byte(Str s, char c)
{
    uint32_t n = 0;
    size_t i = 0;
    for (; i + 16 <= s.n; i += 16) {
        n += (uint32_t)__builtin_popcount(eq_bits(s.p + i, c));
    }
    for (; i < s.n; i++) {
        n += s.p[i] == c;
    }
    return n;
}

/* All pieces of s between bytes c; to has room for them. Returns the end. */
static View *cut_byte(View *to, Str s, char c)
{
    const char *start = s.p, *end = s.p + s.n;
    size_t i = 0;
    for (; i + 16 <= s.n; i += 16) {
        for (uint32_t bits = eq_bits(s.p + i, c); bits; bits &= bits - 1) {
            const char *at = s.p + i + (uint32_t)__builtin_ctz(bits);
            /* The piece's 12 bytes are inside of s while 12 are left behind its start. */
            *to++ = end - start >= 12 ? make_view_wide(start, (uint32_t)(at - start))
                                      : make_view(start, (uint32_t)(at - start));
            start = at + 1;
        }
    }
    for (; i < s.n; i++) {
        if (s.p[i] == c) {
            *to++ = make_view(start, (uint32_t)(s.p + i - start));
            start = s.p + i + 1;
        }
    }
    *to++ = make_view(start, (uint32_t)(end - start));
    return to;
}

/* All rows, no limit. */
static fb_status split_byte(Pieces *ps, const Vec *v, char c, uint32_t n, const Vec *out,
                            uint32_t *offsets, fb_error *err)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            total += (uint64_t)count_byte(arg_str(v, i), c) + 1;
        }
        if (total > INT32_MAX) {
            break; /* the reservation says so */
        }
        offsets[i + 1] = (uint32_t)total;
    }
    TRY(pieces_reserve(ps, total, err));
    View *to = ps->p;
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            to = cut_byte(to, arg_str(v, i), c);
        }
    }
    ps->n = (uint32_t)total;
    return FB_OK;
}

/* ---- one row, any pattern ---- */

static fb_status split_text(Pieces *ps, Str s, Str text, int32_t limit, fb_error *err)
{
    size_t from = 0;
    for (int32_t k = 1; limit <= 0 || k < limit; k++) {
        size_t at = str_find(s, text, from);
        if (at == SIZE_MAX) {
            break;
        }
        TRY(pieces_add(ps, s.p + from, at - from, err));
        from = at + text.n;
    }
    return pieces_add(ps, s.p + from, s.n - from, err);
}

/* Between all characters; no empty piece at the end. */
static fb_status split_chars(Pieces *ps, Str s, int32_t limit, fb_error *err)
{
    size_t i = 0;
    for (int32_t k = 1; i < s.n && (limit <= 0 || k < limit); k++) {
        size_t w = MIN_OF((size_t)utf8_width[(uint8_t)s.p[i]], s.n - i);
        if (i + w == s.n) {
            break;
        }
        TRY(pieces_add(ps, s.p + i, w, err));
        i += w;
    }
    return pieces_add(ps, s.p + i, s.n - i, err);
}

/* java.util.regex.Pattern.split */
static fb_status split_regex(Pieces *ps, RegexMatcher *m, Str s, int32_t limit, fb_error *err)
{
    size_t from = 0, search = 0;
    for (int32_t k = 1; (limit <= 0 || k < limit) && search <= s.n;) {
        bool found;
        TRY(regex_find(m, s, search, &found, err));
        if (!found) {
            break;
        }
        search = regex_next(m, s);
        if (m->spans[1] == 0) {
            continue; /* an empty match at the start makes no piece */
        }
        TRY(pieces_add(ps, s.p + from, m->spans[0] - from, err));
        from = m->spans[1];
        k++;
    }
    return pieces_add(ps, s.p + from, s.n - from, err);
}

fb_status split_row(Pieces *ps, RegexpRow *re, Str s, int32_t limit, fb_error *err)
{
    const Regex *regex = re->matcher.re;
    if (regex->pattern.n == 0) {
        return split_chars(ps, s, limit, err);
    }
    s = str_to_utf8(ps->arena, s, true); /* a pattern is looked for in a Java String */
    if (regex->is_text) {
        return split_text(ps, s, regex->text, limit, err);
    }
    return split_regex(ps, &re->matcher, s, limit, err);
}

/* A constant limit of <= 0 and a constant pattern of one plain byte. */
static bool split_is_simple(const Expr *call, const Vec *args)
{
    const Regex *re = call->fn_data;
    return re && re->status == REGEX_OK && re->is_text && re->text.n == 1 && args[2].is_const &&
           VEC_AT(int32_t, &args[2], 0) <= 0;
}

KERNEL(fn_split)
{
    uint32_t *offsets = arena_zalloc(cx->arena, ((size_t)n + 1) * sizeof(uint32_t));
    Pieces ps = {.arena = cx->arena};
    if (split_is_simple(call, args)) {
        const Regex *re = call->fn_data;
        Vec text = eval_valid_strings(cx, &args[0], true);
        TRY(split_byte(&ps, &text, re->text.p[0], n, out, offsets, err));
    } else {
        RegexpRow re = regexp_rows(cx, call, &args[1]);
        TRY(pieces_reserve(&ps, n, err));
        for (uint32_t i = 0; i < n; i++) {
            if (kernel_wants(out, i)) {
                TRY(regexp_row(&re, i, err));
                TRY(split_row(&ps, &re, arg_str(&args[0], i), VEC_AT(int32_t, &args[2], i), err));
            }
            offsets[i + 1] = ps.n;
        }
    }
    if (!ps.p) {
        TRY(pieces_reserve(&ps, 1, err));
    }
    out->data = offsets;
    out->child = ARENA_NEW(cx->arena, Vec);
    out->child[0] = (Vec){.type = type_string, .len = ps.n, .data = ps.p};
    return FB_OK;
}

BINDER(bind_split)
{
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    if (call->n_args == 2) {
        bind_add_arg(cx, call, expr_literal_int(cx->arena, type_int, -1));
    }
    TRY(bind_cast(cx, call, 2, type_int, err));
    regexp_bind_pattern(cx, call, 1);
    return bind_done(call, type_array(type_string, false));
}
