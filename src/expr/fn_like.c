/*
 * fn_like.c - LIKE and ILIKE.
 *
 * A pattern is compiled to items: a literal byte, `_` (one character) or `%`. Patterns without `_`
 * and with at most one run of text, or text % text, are matched by comparing ends or by searching;
 * the others by the usual loop that goes back to the last `%`. A constant pattern is compiled once
 * a vector. ILIKE is LIKE of both sides in lower case.
 *
 * Ownership: compiled patterns live in cx->arena.
 */
#include "expr/fn_util.h"

#include "expr/fn_string_case.h"

typedef enum LikeShape {
    LIKE_EXACT,
    LIKE_PREFIX,
    LIKE_SUFFIX,
    LIKE_CONTAINS,
    LIKE_ENDS,
    LIKE_ANY
} LikeShape;

enum { ITEM_BYTE, ITEM_ONE, ITEM_RUN };

typedef struct LikePattern {
    LikeShape shape;
    Str head, tail; /* text before and after the only %, or all text in head */
    uint8_t *kinds; /* ITEM_… */
    char *bytes;
    uint32_t n;
} LikePattern;

/* 'text' as a SQL literal, for messages. */
static char *quote_literal(Arena *a, Str s)
{
    StrBuf b = {0};
    strbuf_putc(&b, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'' || s.p[i] == '\\') {
            strbuf_putc(&b, '\\');
        }
        strbuf_putc(&b, s.p[i]);
    }
    strbuf_putc(&b, '\'');
    return strbuf_arena(&b, a);
}

static fb_status like_bad_escape(Arena *a, Str pattern, size_t at, fb_error *err)
{
    char *format = quote_literal(a, pattern);
    if (at >= pattern.n) {
        return err_set(err, ERR_INVALID_FORMAT_ESC_AT_THE_END, "format", format, NULL);
    }
    size_t w = MIN_OF((size_t)utf8_width[(uint8_t)pattern.p[at]], pattern.n - at);
    return err_set(err, ERR_INVALID_FORMAT_ESC_IN_THE_MIDDLE, "format", format, "char",
                   quote_literal(a, (Str){pattern.p + at, w}), NULL);
}

static void like_shape(LikePattern *p)
{
    uint32_t runs = 0, first = 0;
    p->shape = LIKE_ANY;
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->kinds[i] == ITEM_ONE) {
            return;
        }
        if (p->kinds[i] == ITEM_RUN) {
            first = runs++ == 0 ? i : first;
        }
    }
    if (runs == 0) {
        p->shape = LIKE_EXACT;
        p->head = (Str){p->bytes, p->n};
    } else if (runs == 1) {
        p->head = (Str){p->bytes, first};
        p->tail = (Str){p->bytes + first + 1, p->n - first - 1};
        p->shape = p->tail.n == 0 ? LIKE_PREFIX : p->head.n == 0 ? LIKE_SUFFIX : LIKE_ENDS;
    } else if (runs == 2 && p->n >= 2 && p->kinds[0] == ITEM_RUN &&
               p->kinds[p->n - 1] == ITEM_RUN) {
        p->shape = LIKE_CONTAINS;
        p->head = (Str){p->bytes + 1, p->n - 2};
    }
}

static fb_status like_compile(Arena *a, Str pattern, Str escape, LikePattern *p, fb_error *err)
{
    *p = (LikePattern){0};
    p->kinds = arena_alloc(a, pattern.n + 1);
    p->bytes = arena_alloc(a, pattern.n + 1);
    for (size_t i = 0; i < pattern.n;) {
        bool escaped = escape.n && str_has_prefix((Str){pattern.p + i, pattern.n - i}, escape);
        if (escaped) {
            i += escape.n;
            Str rest = {pattern.p + i, pattern.n - i};
            bool ok = rest.n && (rest.p[0] == '_' || rest.p[0] == '%');
            if (!ok && !(rest.n && str_has_prefix(rest, escape))) {
                return like_bad_escape(a, pattern, i, err);
            }
        }
        size_t w = MIN_OF((size_t)utf8_width[(uint8_t)pattern.p[i]], pattern.n - i);
        char c = pattern.p[i];
        if (!escaped && c == '%') {
            if (p->n == 0 || p->kinds[p->n - 1] != ITEM_RUN) {
                p->kinds[p->n++] = ITEM_RUN;
            }
        } else if (!escaped && c == '_') {
            p->kinds[p->n++] = ITEM_ONE;
        } else {
            for (size_t k = 0; k < w; k++) {
                p->kinds[p->n] = ITEM_BYTE;
                p->bytes[p->n++] = pattern.p[i + k];
            }
        }
        i += w;
    }
    like_shape(p);
    return FB_OK;
}

/* After a %: the next place from i on where the literal byte behind it stands, or the end. */
static size_t like_skip(const LikePattern *p, uint32_t k, Str s, size_t i)
{
    if (k >= p->n || p->kinds[k] != ITEM_BYTE || i >= s.n) {
        return i;
    }
    const char *hit = memchr(s.p + i, p->bytes[k], s.n - i);
    return hit ? (size_t)(hit - s.p) : s.n;
}

static bool like_walk(const LikePattern *p, Str s)
{
    size_t i = 0, back_i = 0;
    uint32_t k = 0, back_k = UINT32_MAX;
    while (i < s.n) {
        size_t w = MIN_OF((size_t)utf8_width[(uint8_t)s.p[i]], s.n - i);
        if (k < p->n && p->kinds[k] == ITEM_RUN) {
            back_k = ++k;
            if (k == p->n) {
                return true;
            }
            back_i = i = like_skip(p, k, s, i);
        } else if (k < p->n && p->kinds[k] == ITEM_ONE) {
            k++;
            i += w;
        } else if (k < p->n && p->bytes[k] == s.p[i]) {
            k++;
            i++;
        } else if (back_k != UINT32_MAX) {
            back_i += MIN_OF((size_t)utf8_width[(uint8_t)s.p[back_i]], s.n - back_i);
            i = back_i = like_skip(p, back_k, s, back_i);
            k = back_k;
        } else {
            return false;
        }
    }
    while (k < p->n && p->kinds[k] == ITEM_RUN) {
        k++;
    }
    return k == p->n;
}

static bool like_match(const LikePattern *p, Str s)
{
    switch (p->shape) {
    case LIKE_EXACT:
        return str_eq(s, p->head);
    case LIKE_PREFIX:
        return str_has_prefix(s, p->head);
    case LIKE_SUFFIX:
        return str_has_suffix(s, p->tail);
    case LIKE_CONTAINS:
        return str_find(s, p->head, 0) != SIZE_MAX;
    case LIKE_ENDS:
        return s.n >= p->head.n + p->tail.n && str_has_prefix(s, p->head) &&
               str_has_suffix(s, p->tail);
    case LIKE_ANY:
        return like_walk(p, s);
    }
    return false;
}

static fb_status like_all(EvalCtx *cx, const Vec *v, const Vec *patterns, Str escape, uint32_t n,
                          Vec *out, fb_error *err)
{
    uint8_t *data = kernel_alloc(cx, out);
    LikePattern p = {0};
    Str last = {0};
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        Str pattern = arg_str(patterns, i);
        if (!p.kinds || (!patterns->is_const && !str_eq(pattern, last))) {
            TRY(like_compile(cx->arena, pattern, escape, &p, err));
            last = pattern;
        }
        data[i] = like_match(&p, arg_str(v, i));
    }
    return FB_OK;
}

static Str like_escape(const Expr *call, const Vec *args)
{
    return call->n_args == 3 ? arg_str(&args[2], 0) : STR_LIT("\\");
}

KERNEL(fn_like)
{
    return like_all(cx, &args[0], &args[1], like_escape(call, args), n, out, err);
}

KERNEL(fn_ilike)
{
    Vec lower[2];
    for (uint32_t k = 0; k < 2; k++) {
        uint32_t rows = args[k].is_const ? 1 : n;
        lower[k] = (Vec){.type = type_string, .len = rows, .is_const = args[k].is_const};
        lower[k].valid = args[k].valid;
        TRY(map_case_vec(cx, &args[k], rows, CASE_LOWER, &lower[k], err));
        lower[k].len = n;
    }
    Str escape = like_escape(call, args);
    char small[4];
    if (escape.n == 1) {
        small[0] = ascii_lower(escape.p[0]);
        escape.p = small;
    }
    return like_all(cx, &lower[0], &lower[1], escape, n, out, err);
}

BINDER(bind_like)
{
    Str escape;
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    if (call->n_args == 3) {
        if (!bind_const_str(cx, call, 2, &escape) || utf8_length(escape) != 1) {
            return err_set(err, ERR_INVALID_ESCAPE_CHAR, "sqlExpr", bind_sql(cx, call->args[2]),
                           NULL);
        }
    }
    return bind_done(call, type_boolean);
}

BINDER(bind_ilike)
{
    StrBuf text = {0};
    strbuf_printf(&text, "%s(", call->name);
    expr_name(call->args[0], &text);
    strbuf_puts(&text, ", ");
    expr_name(call->args[1], &text);
    strbuf_putc(&text, ')');
    bind_show(cx, call, &text);
    return bind_like(cx, call, err);
}
