/*
 * regex.c - fuzz target: Java's regular expressions, translated, compiled, and searched with.
 *
 * The first line is the pattern, the rest the text. The spans of a match must lie in the text and
 * matches go forward; a pattern that is plain text must be found where a plain search finds it.
 */
#include "expr/regex.h"
#include "support/fuzz.h"

#define MATCHES_MAX 64

static void search(const Regex *re, Str s, Arena *a)
{
    RegexMatcher m;
    fb_error err = {0};
    bool found = true;
    size_t from = 0;

    regex_matcher_init(&m, re, a);
    for (int i = 0; i < MATCHES_MAX && found && from <= s.n; i++) {
        fb_status st = regex_find(&m, s, from, &found, &err);
        fuzz_failed(st, &err);
        if (st != FB_OK || !found) {
            break;
        }
        FB_ASSERT(m.spans[0] <= m.spans[1] && m.spans[1] <= s.n);
        for (uint32_t g = 1; g <= re->n_groups; g++) {
            size_t start = m.spans[2 * g], end = m.spans[2 * g + 1];
            FB_ASSERT((start == SIZE_MAX && end == SIZE_MAX) || (start <= end && end <= s.n));
        }
        size_t next = regex_next(&m, s);
        FB_ASSERT(next > from || next > s.n || m.spans[1] > m.spans[0]);
        FB_ASSERT(next >= from);
        from = next;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzIn in = {data, size};
    Arena a = {0};
    RegexText t = {0};
    Str pattern = fuzz_exact(fuzz_until(&in, '\n')), text = fuzz_exact(fuzz_rest(&in));

    regex_translate(pattern, &t);
    strbuf_free(&t.pcre);
    strbuf_free(&t.text);
    if (size <= 2048) { /* the first patterns are kept */
        const Regex *re = regex_get(&a, pattern);
        FB_ASSERT(re != NULL);
        if (re->status == REGEX_OK && !re->is_text) {
            search(re, text, &a);
            (void)regex_group_of_name(re, text);
        }
    }
    arena_free(&a);
    mem_free((void *)(uintptr_t)pattern.p);
    mem_free((void *)(uintptr_t)text.p);
    return 0;
}
