/*
 * fn_string_misc.c - levenshtein, soundex.
 *
 * Ownership: results are in cx->arena.
 */
#include "expr/fn_util.h"

/* ---- levenshtein ---- */

/* The characters of s: start and width of each. */
typedef struct Chars {
    Str *at;
    uint32_t n;
} Chars;

static Chars chars_of(Arena *a, Str s)
{
    Chars c = {ARENA_ARRAY(a, Str, s.n + 1), 0};
    for (size_t i = 0; i < s.n;) {
        size_t w = MIN_OF((size_t)utf8_width[(uint8_t)s.p[i]], s.n - i);
        c.at[c.n++] = (Str){s.p + i, w};
        i += w;
    }
    return c;
}

/* One row of the matrix, the shorter text across. */
static int32_t edit_distance(Arena *a, Chars s, Chars t)
{
    if (s.n > t.n) {
        Chars swap = s;
        s = t;
        t = swap;
    }
    uint32_t *row = arena_alloc(a, ((size_t)s.n + 1) * sizeof(uint32_t));
    for (uint32_t j = 0; j <= s.n; j++) {
        row[j] = j;
    }
    for (uint32_t i = 0; i < t.n; i++) {
        uint32_t diagonal = row[0];
        row[0] = i + 1;
        for (uint32_t j = 0; j < s.n; j++) {
            uint32_t change = diagonal + !str_eq(s.at[j], t.at[i]);
            uint32_t insert = MIN_OF(row[j], row[j + 1]) + 1;
            diagonal = row[j + 1];
            row[j + 1] = MIN_OF(change, insert);
        }
    }
    return (int32_t)row[s.n];
}

KERNEL(fn_levenshtein)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        ArenaMark mark = arena_mark(cx->arena);
        uint64_t bytes = (uint64_t)arg_str(&args[0], i).n + arg_str(&args[1], i).n;
        TRY(eval_reserve(cx, bytes + 2, sizeof(Str) + sizeof(uint32_t), err));
        Chars s = chars_of(cx->arena, arg_str(&args[0], i));
        Chars t = chars_of(cx->arena, arg_str(&args[1], i));
        data[i] = edit_distance(cx->arena, s, t);
        if (call->n_args == 3 && data[i] > VEC_AT(int32_t, &args[2], i)) {
            data[i] = -1; /* beyond the threshold */
        }
        arena_rewind(cx->arena, mark);
    }
    return FB_OK;
}

BINDER(bind_levenshtein)
{
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    if (call->n_args == 3) {
        TRY(bind_cast(cx, call, 2, type_int, err));
    }
    return bind_done(call, type_int);
}

/* ---- soundex ---- */

/* Codes of A to Z: 0 is not coded, 7 (H, W) is skipped without ending a run. */
static const char soundex_codes[] = "01230127022455012623017202";

/* Four characters, or false: the text does not begin with a letter and stays as it is. */
static bool soundex(Str s, char to[static 4])
{
    char first = s.n ? ascii_upper(s.p[0]) : '\0', last;
    if (first < 'A' || first > 'Z') {
        return false;
    }
    memcpy(to, "0000", 4);
    to[0] = first;
    last = soundex_codes[first - 'A'];
    for (size_t i = 1, n = 1; i < s.n && n < 4; i++) {
        char c = ascii_upper(s.p[i]);
        if (c < 'A' || c > 'Z') {
            last = '0';
            continue;
        }
        char code = soundex_codes[c - 'A'];
        if (code == '7') {
            continue;
        }
        if (code != '0' && code != last) {
            to[n++] = code;
        }
        last = code;
    }
    return true;
}

KERNEL(fn_soundex)
{
    View *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        char code[4];
        const View *v = &VEC_AT(View, &args[0], i);
        data[i] = soundex(view_str(v), code) ? make_view(code, 4) : *v;
    }
    return FB_OK;
}

BINDER(bind_soundex)
{
    TRY(bind_exact(cx, call, 0, type_string, err));
    return bind_done(call, type_string);
}
