/*
 * fn_string_search.c - finding and replacing plain text: contains, startswith, endswith, instr,
 * locate, position, replace, translate, find_in_set.
 *
 * Texts are searched as bytes: in well-formed UTF-8 a match can only start at a character.
 *
 * Ownership: results are in cx->arena or share the input's bytes.
 */
#include "expr/fn_util.h"

/* ---- contains, startswith, endswith ---- */

KERNEL(fn_contains)
{
    uint8_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = str_find(arg_str(&args[0], i), arg_str(&args[1], i), 0) != SIZE_MAX;
    }
    return FB_OK;
}

KERNEL(fn_startswith)
{
    uint8_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = str_has_prefix(arg_str(&args[0], i), arg_str(&args[1], i));
    }
    return FB_OK;
}

KERNEL(fn_endswith)
{
    uint8_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = str_has_suffix(arg_str(&args[0], i), arg_str(&args[1], i));
    }
    return FB_OK;
}

BINDER(bind_string_predicate)
{
    if (call->args[0]->type->id == T_BINARY && call->args[1]->type->id == T_BINARY) {
        call->type = type_boolean;
        call->nullable = true;
        return FB_OK;
    }
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    return bind_done(call, type_boolean);
}

/* ---- positions, counted in characters from 1; 0 = not found ---- */

static int32_t char_position(Str s, Str needle, size_t from_char)
{
    if (needle.n == 0) {
        return 1;
    }
    size_t at = str_find(s, needle, utf8_offset(s, from_char));
    return at == SIZE_MAX ? 0 : (int32_t)utf8_length((Str){s.p, at}) + 1;
}

KERNEL(fn_instr)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = char_position(arg_str(&args[0], i), arg_str(&args[1], i), 0);
    }
    return FB_OK;
}

BINDER(bind_strings_to_int)
{
    TRY(bind_cast_all(cx, call, 0, call->n_args, type_string, err));
    return bind_done(call, type_int);
}

BINDER(bind_instr)
{
    if (call->n_args > 2) {
        return err_unsupported(err, "instr with a position and an occurrence");
    }
    return bind_strings_to_int(cx, call, err);
}

/* locate(needle, string, start): a null start gives 0, whatever the others are. */
KERNEL(fn_locate)
{
    int32_t *data = kernel_alloc(cx, out);
    out->valid = NULL;
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0;
        if (!vec_is_valid(&args[2], i)) {
            continue;
        }
        if (!vec_is_valid(&args[0], i) || !vec_is_valid(&args[1], i)) {
            kernel_null(cx, out, i);
            continue;
        }
        int32_t start = VEC_AT(int32_t, &args[2], i);
        if (start >= 1) {
            data[i] = char_position(arg_str(&args[1], i), arg_str(&args[0], i), (size_t)start - 1);
        }
    }
    return FB_OK;
}

BINDER(bind_locate)
{
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    if (call->n_args == 2) {
        bind_add_arg(cx, call, expr_literal_int(cx->arena, type_int, 1));
    }
    TRY(bind_cast(cx, call, 2, type_int, err));
    call->type = type_int;
    call->nullable = call->args[0]->nullable || call->args[1]->nullable;
    return FB_OK;
}

/* Number of the part of the comma-separated list that equals s. */
static int32_t find_in_set(Str s, Str list)
{
    if (s.n && memchr(s.p, ',', s.n)) {
        return 0;
    }
    size_t from = 0;
    for (int32_t k = 1;; k++) {
        const char *comma = list.n > from ? memchr(list.p + from, ',', list.n - from) : NULL;
        size_t end = comma ? (size_t)(comma - list.p) : list.n;
        if (str_eq((Str){list.p + from, end - from}, s)) {
            return k;
        }
        if (!comma) {
            return 0;
        }
        from = end + 1;
    }
}

KERNEL(fn_find_in_set)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = find_in_set(arg_str(&args[0], i), arg_str(&args[1], i));
    }
    return FB_OK;
}

/* ---- replace ---- */

static fb_status replace_row(StrOut *o, const View *v, Str search, Str with, View *ret,
                             fb_error *err)
{
    Str s = view_str(v);
    uint64_t hits = 0;
    *ret = *v;
    if (search.n == 0) {
        return FB_OK;
    }
    for (size_t at = str_find(s, search, 0); at != SIZE_MAX;
         at = str_find(s, search, at + search.n)) {
        hits++;
    }
    if (hits == 0) {
        return FB_OK;
    }
    uint64_t total = s.n - hits * search.n + hits * with.n;
    TRY(str_out_reserve(o, total, err));
    char *to = o->p;
    size_t from = 0;
    for (size_t at = str_find(s, search, 0); at != SIZE_MAX; at = str_find(s, search, from)) {
        memcpy(to, s.p + from, at - from);
        to += at - from;
        memcpy(to, with.p, with.n);
        to += with.n;
        from = at + search.n;
    }
    memcpy(to, s.p + from, s.n - from);
    *ret = str_out_take(o, total);
    return FB_OK;
}

KERNEL(fn_replace)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (View){0};
        if (kernel_wants(out, i)) {
            TRY(replace_row(&o, &VEC_AT(View, &args[0], i), arg_str(&args[1], i),
                            arg_str(&args[2], i), &data[i], err));
        }
    }
    return FB_OK;
}

BINDER(bind_replace_text)
{
    if (call->n_args == 2) {
        bind_add_arg(cx, call, expr_literal_str(cx->arena, STR_LIT("")));
    }
    TRY(bind_cast_all(cx, call, 0, 3, type_string, err));
    return bind_done(call, type_string);
}

/* ---- translate ---- */

/* What becomes of each character of `from`; remade when the two texts change. */
typedef struct Translation {
    Str from, to;
    Str *old, *new; /* new.p NULL: dropped */
    uint32_t n;
    uint8_t ascii[128]; /* number in old + 1, 0 none, 255 beyond 254 */
} Translation;

static Str next_char(Str s, size_t *at)
{
    size_t w = MIN_OF((size_t)utf8_width[(uint8_t)s.p[*at]], s.n - *at);
    Str c = {s.p + *at, w};
    *at += w;
    return c;
}

static uint32_t translation_find(const Translation *t, Str c)
{
    if (c.n == 1 && (uint8_t)c.p[0] < 128 && t->ascii[(uint8_t)c.p[0]] != 255) {
        return t->ascii[(uint8_t)c.p[0]] - 1u; /* none: UINT32_MAX */
    }
    for (uint32_t k = 0; k < t->n; k++) {
        if (str_eq(t->old[k], c)) {
            return k;
        }
    }
    return UINT32_MAX;
}

static void translation_make(EvalCtx *cx, Translation *t, Str from, Str to)
{
    *t = (Translation){.from = from, .to = to};
    t->old = ARENA_ARRAY(cx->arena, Str, from.n + 1);
    t->new = ARENA_ARRAY(cx->arena, Str, from.n + 1);
    size_t j = 0;
    for (size_t i = 0; i < from.n;) {
        Str c = next_char(from, &i);
        Str with = j < to.n ? next_char(to, &j) : (Str){0};
        if (translation_find(t, c) != UINT32_MAX) {
            continue; /* the first one counts */
        }
        t->old[t->n] = c;
        t->new[t->n++] = with;
        if (c.n == 1 && (uint8_t)c.p[0] < 128) {
            t->ascii[(uint8_t)c.p[0]] = t->n < 255 ? (uint8_t)t->n : 255;
        }
    }
}

static View translate_row(const Translation *t, StrOut *o, Str s)
{
    char *p = str_out_room(o, s.n * 4), *to = p; /* a byte can become a character of 4 */
    for (size_t i = 0; i < s.n;) {
        Str c = next_char(s, &i);
        uint32_t k = translation_find(t, c);
        if (k != UINT32_MAX) {
            c = t->new[k];
        }
        memcpy(to, c.p ? c.p : "", c.n);
        to += c.n;
    }
    return str_out_take(o, (size_t)(to - p));
}

KERNEL(fn_translate)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    Translation t = {0};
    for (uint32_t i = 0; i < n; i++) {
        Str from = arg_str(&args[1], i), to = arg_str(&args[2], i), s = arg_str(&args[0], i);
        data[i] = (View){0};
        if (!kernel_wants(out, i)) {
            continue;
        }
        if (s.n > STR_MAX_BYTES / 4) {
            return err_unsupported(err, "translate of a string of %zu bytes", s.n);
        }
        if (!t.old || !str_eq(t.from, from) || !str_eq(t.to, to)) {
            translation_make(cx, &t, from, to);
        }
        TRY(str_out_reserve(&o, s.n * 4, err));
        data[i] = translate_row(&t, &o, s);
    }
    return FB_OK;
}

BINDER(bind_strings_to_string)
{
    TRY(bind_cast_all(cx, call, 0, call->n_args, type_string, err));
    return bind_done(call, type_string);
}
