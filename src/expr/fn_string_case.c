/*
 * fn_string_case.c - upper, lower, initcap.
 *
 * ASCII is mapped here, eight bytes at a time; the rest goes through ICU's full case mappings in
 * the root locale, as Spark does since 4.0 (spark.sql.icu.caseMappings.enabled). Words of initcap
 * are what stands between spaces.
 *
 * Ownership: results are in cx->arena. Threads: an ICU case map is made for a vector that needs
 * one.
 */
#include "expr/fn_string_case.h"

#include "expr/fn_util.h"

#include <unicode/ucasemap.h>

typedef struct CaseMap {
    UCaseMap *map;
    CaseFn fn;
} CaseMap;

static fb_status case_open(CaseMap *m, fb_error *err)
{
    if (m->map) {
        return FB_OK;
    }
    UErrorCode status = U_ZERO_ERROR;
    uint32_t options = U_TITLECASE_WHOLE_STRING | U_TITLECASE_NO_BREAK_ADJUSTMENT;
    m->map = ucasemap_open("", m->fn == CASE_TITLE ? options : 0, &status);
    return U_FAILURE(status) ? err_internal(err, "ICU: %s", u_errorName(status)) : FB_OK;
}

/* Eight bytes at a time: flips bit 5 of the letters first..first+25. */
static inline uint64_t flip_letters(uint64_t x, char first)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t from = x + ones * (uint64_t)(0x80 - first);      /* bit 7: >= first */
    uint64_t past = x + ones * (uint64_t)(0x80 - first - 26); /* bit 7: > last */
    return x ^ (((from & ~past) & (ones * 0x80)) >> 2);
}

static void map_ascii(char *to, Str s, bool upper)
{
    char first = upper ? 'a' : 'A';
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        uint64_t x;
        memcpy(&x, s.p + i, 8);
        x = flip_letters(x, first);
        memcpy(to + i, &x, 8);
    }
    for (; i < s.n; i++) {
        to[i] = upper ? ascii_upper(s.p[i]) : ascii_lower(s.p[i]);
    }
}

/* A short ASCII string within its view: false if it is not one. Padding stays zero. */
static bool map_inline(const View *v, bool upper, View *ret)
{
    uint32_t head = load32(v->prefix);
    uint64_t rest = load64(v->rest);
    if (v->len > 12 || ((head | rest) & UINT64_C(0x8080808080808080)) != 0) {
        return false;
    }
    char first = upper ? 'a' : 'A';
    *ret = view_from_words(v->len, (uint32_t)flip_letters(head, first), flip_letters(rest, first));
    return true;
}

static void title_ascii(char *to, Str s)
{
    bool start = true;
    for (size_t i = 0; i < s.n; i++) {
        to[i] = start ? ascii_upper(s.p[i]) : ascii_lower(s.p[i]);
        start = s.p[i] == ' ';
    }
}

/* One piece through ICU, written at to; the bytes it takes, which may be more than room. */
static fb_status map_icu(const CaseMap *m, char *to, size_t room, Str s, size_t *ret, fb_error *err)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t cap = (int32_t)room, n = (int32_t)s.n, wrote;
    if (m->fn == CASE_UPPER) {
        wrote = ucasemap_utf8ToUpper(m->map, to, cap, s.p, n, &status);
    } else if (m->fn == CASE_LOWER) {
        wrote = ucasemap_utf8ToLower(m->map, to, cap, s.p, n, &status);
    } else {
        wrote = ucasemap_utf8ToTitle((UCaseMap *)m->map, to, cap, s.p, n, &status);
    }
    if (U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR) {
        return err_internal(err, "ICU: %s", u_errorName(status));
    }
    *ret = (size_t)wrote;
    return FB_OK;
}

static fb_status map_unicode(const CaseMap *m, StrOut *o, Str s, View *ret, fb_error *err)
{
    /* No mapping makes more than three bytes of one. */
    size_t room = s.n * 3 + 16, at = 0;
    if (s.n > STR_MAX_BYTES / 4) {
        return err_unsupported(err, "case mapping of a string of %zu bytes", s.n);
    }
    char *p = str_out_room(o, room);
    for (size_t from = 0; from < s.n;) {
        const char *space = m->fn == CASE_TITLE ? memchr(s.p + from, ' ', s.n - from) : NULL;
        size_t end = space ? (size_t)(space - s.p) : s.n, wrote = 0;
        if (end > from) {
            TRY(map_icu(m, p + at, room - at, (Str){s.p + from, end - from}, &wrote, err));
            FB_ASSERT(wrote <= room - at);
        }
        at += wrote;
        if (space) {
            p[at++] = ' ';
            end++;
        }
        from = end;
    }
    *ret = str_out_take(o, at);
    return FB_OK;
}

static fb_status map_case(EvalCtx *cx, const Vec *v, uint32_t n, CaseMap *m, Vec *out,
                          fb_error *err)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(v, i);
        if (!kernel_wants(out, i)) {
            data[i] = (View){0};
            continue;
        }
        if (m->fn != CASE_TITLE && map_inline(&VEC_AT(View, v, i), m->fn == CASE_UPPER, &data[i])) {
            continue;
        }
        if (!str_is_ascii(s)) {
            TRY(case_open(m, err));
            TRY(map_unicode(m, &o, s, &data[i], err));
            continue;
        }
        char *p = str_out_room(&o, s.n);
        if (m->fn == CASE_TITLE) {
            title_ascii(p, s);
        } else {
            map_ascii(p, s, m->fn == CASE_UPPER);
        }
        data[i] = str_out_take(&o, s.n);
    }
    return FB_OK;
}

fb_status map_case_vec(EvalCtx *cx, const Vec *v, uint32_t n, CaseFn fn, Vec *out, fb_error *err)
{
    CaseMap m = {.fn = fn};
    fb_status st = map_case(cx, v, n, &m, out, err);
    if (m.map) {
        ucasemap_close(m.map);
    }
    return st;
}

KERNEL(fn_upper)
{
    return map_case_vec(cx, &args[0], n, CASE_UPPER, out, err);
}

KERNEL(fn_lower)
{
    return map_case_vec(cx, &args[0], n, CASE_LOWER, out, err);
}

KERNEL(fn_initcap)
{
    return map_case_vec(cx, &args[0], n, CASE_TITLE, out, err);
}

BINDER(bind_string_to_string)
{
    TRY(bind_cast(cx, call, 0, type_string, err));
    return bind_done(call, type_string);
}
