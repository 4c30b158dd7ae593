/*
 * regex.c - compiling, interning and matching of regular expressions.
 *
 * Subjects may be any bytes: patterns are compiled for UTF-8 with PCRE2_MATCH_INVALID_UTF, so that
 * malformed bytes match nothing. Machine code that needs more than its stack falls back to the
 * interpreter, whose steps are bounded (MATCH_LIMIT), so that no pattern runs for ever.
 *
 * Ownership: the interned patterns and their table live as long as the process, in regex_table, the
 *            module's only state; its lock is held while a pattern is looked up or compiled.
 */
#include "expr/regex.h"

#include "base/hash.h"
#include "expr/kernel.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <threads.h>

#define MATCH_LIMIT 20000000u

typedef struct RegexTable {
    mtx_t lock;
    Arena arena;
    const Regex *slots[REGEX_KEEP * 2];
    uint32_t n;
} RegexTable;

static RegexTable regex_table;
static once_flag regex_once = ONCE_FLAG_INIT;

static void regex_table_init(void)
{
    FB_ASSERT(mtx_init(&regex_table.lock, mtx_plain) == thrd_success);
}

/* PCRE2's memory comes from an arena and goes with it. */
static void *regex_alloc(size_t n, void *arena)
{
    return arena_alloc(arena, n);
}

static void regex_free(void *p, void *arena)
{
    (void)p;
    (void)arena;
}

static pcre2_general_context *regex_context(Arena *a)
{
    pcre2_general_context *g = pcre2_general_context_create(regex_alloc, regex_free, a);
    FB_ASSERT(g);
    return g;
}

static void regex_compile(Regex *re, const RegexText *t, bool jit, Arena *a)
{
    int code;
    PCRE2_SIZE where;
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    pcre2_compile_context *cx = pcre2_compile_context_create(regex_context(a));
    FB_ASSERT(cx);
    pcre2_set_newline(cx, PCRE2_NEWLINE_ANYCRLF);
    pcre2_code *c = pcre2_compile((PCRE2_SPTR)(t->pcre.p ? t->pcre.p : ""), t->pcre.n, options,
                                  &code, &where, cx);
    if (!c) {
        /* Look-behinds without a bound, properties of Unicode that PCRE2 does not have. */
        bool missing = code == PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH ||
                       code == PCRE2_ERROR_UNKNOWN_UNICODE_PROPERTY ||
                       code == PCRE2_ERROR_PATTERN_TOO_LARGE ||
                       code == PCRE2_ERROR_LOOKBEHIND_TOO_LONG;
        re->status = missing ? REGEX_UNSUPPORTED : REGEX_BAD;
        return;
    }
    pcre2_pattern_info(c, PCRE2_INFO_CAPTURECOUNT, &re->n_groups);
    re->code = c;
    re->jit = jit && pcre2_jit_compile(c, PCRE2_JIT_COMPLETE) == 0;
}

static Regex *regex_new(Arena *a, Str pattern, bool jit)
{
    Regex *re = ARENA_NEW(a, Regex);
    RegexText t;
    re->pattern = (Str){arena_bytes(a, pattern.p, pattern.n), pattern.n};
    regex_translate(pattern, &t);
    re->status = t.status;
    if (t.status == REGEX_OK) {
        regex_compile(re, &t, jit, a);
    }
    if (re->status == REGEX_OK && t.is_text) {
        re->is_text = true;
        re->text = (Str){arena_bytes(a, t.text.p ? t.text.p : "", t.text.n), t.text.n};
    }
    strbuf_free(&t.pcre);
    strbuf_free(&t.text);
    return re;
}

const Regex *regex_get(Arena *a, Str pattern)
{
    uint32_t mask = REGEX_KEEP * 2 - 1;
    call_once(&regex_once, regex_table_init);
    mtx_lock(&regex_table.lock);
    uint32_t at = (uint32_t)hash_bytes(pattern.p, pattern.n, 0) & mask;
    while (regex_table.slots[at] && !str_eq(regex_table.slots[at]->pattern, pattern)) {
        at = (at + 1) & mask;
    }
    const Regex *re = regex_table.slots[at];
    if (!re && regex_table.n < REGEX_KEEP) {
        re = regex_new(&regex_table.arena, pattern, true);
        regex_table.slots[at] = re;
        regex_table.n++;
    }
    mtx_unlock(&regex_table.lock);
    return re ? re : regex_new(a, pattern, false);
}

uint32_t regex_group_of_name(const Regex *re, Str name)
{
    char z[64];
    if (name.n >= sizeof(z)) {
        return 0;
    }
    memcpy(z, name.p, name.n);
    z[name.n] = '\0';
    int n = pcre2_substring_number_from_name(re->code, (PCRE2_SPTR)z);
    return n > 0 ? (uint32_t)n : 0;
}

void regex_matcher_init(RegexMatcher *m, const Regex *re, Arena *a)
{
    pcre2_match_data *data = pcre2_match_data_create(re->n_groups + 1, regex_context(a));
    FB_ASSERT(data);
    *m = (RegexMatcher){re, data, pcre2_get_ovector_pointer(data)};
}

static fb_status regex_failed(const RegexMatcher *m, int code, fb_error *err)
{
    (void)code;
    return err_unsupported(err, "a search for '%.*s' that takes more than %u steps",
                           (int)MIN_OF(m->re->pattern.n, 200), m->re->pattern.p, MATCH_LIMIT);
}

static int regex_interpret(RegexMatcher *m, Str s, size_t from)
{
    pcre2_match_context *cx = pcre2_match_context_create(NULL);
    FB_ASSERT(cx);
    pcre2_set_match_limit(cx, MATCH_LIMIT);
    int n = pcre2_match(m->re->code, (PCRE2_SPTR)s.p, s.n, from, PCRE2_NO_JIT, m->match_data, cx);
    pcre2_match_context_free(cx);
    return n;
}

fb_status regex_find(RegexMatcher *m, Str s, size_t from, bool *found, fb_error *err)
{
    int n = PCRE2_ERROR_JIT_STACKLIMIT;
    if (m->re->jit) {
        n = pcre2_jit_match(m->re->code, (PCRE2_SPTR)s.p, s.n, from, 0, m->match_data, NULL);
    }
    if (n == PCRE2_ERROR_JIT_STACKLIMIT) {
        n = regex_interpret(m, s, from);
    }
    *found = n > 0;
    return n > 0 || n == PCRE2_ERROR_NOMATCH ? FB_OK : regex_failed(m, n, err);
}

size_t regex_next(const RegexMatcher *m, Str s)
{
    size_t at = m->spans[1];
    if (m->spans[0] != at) {
        return at;
    }
    at++; /* an empty match: one character on */
    while (at < s.n && ((uint8_t)s.p[at] & 0xC0) == 0x80) {
        at++;
    }
    return at;
}
