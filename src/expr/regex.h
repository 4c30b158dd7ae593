/*
 * regex.h - Java regular expressions on PCRE2.
 *
 * A pattern in java.util.regex's syntax is translated to PCRE2's (regex_translate.c says what
 * differs) and compiled. Patterns without any operator are recognized as plain text, which callers
 * search for themselves.
 *
 * Ownership: regex_get() interns the first REGEX_KEEP patterns of the process, compiled to machine
 *            code; they live as long as the process. Later ones are compiled into the arena given
 * and interpreted, so that many patterns can not fill the memory. Threads:   a Regex is immutable
 * and shared; a RegexMatcher belongs to one thread.
 */
#ifndef EXPR_REGEX_H
#define EXPR_REGEX_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#define REGEX_KEEP 1024u

typedef enum RegexStatus {
    REGEX_OK,
    REGEX_BAD,        /* Java refuses it, too */
    REGEX_UNSUPPORTED /* it has a meaning in Java that is not supported here */
} RegexStatus;

typedef struct Regex {
    RegexStatus status;
    Str pattern;  /* as written */
    bool is_text; /* matches exactly `text`, and has no groups */
    Str text;
    uint32_t n_groups;
    bool jit;
    void *code; /* pcre2_code */
} Regex;

/* The compiled pattern, or one whose status says why there is none. Never NULL. */
const Regex *regex_get(Arena *a, Str pattern);
/* The group's number, or 0 if there is none of that name. */
uint32_t regex_group_of_name(const Regex *re, Str name);

typedef struct RegexMatcher {
    const Regex *re;
    void *match_data; /* pcre2_match_data */
    size_t *spans;    /* start, end of the match and of each group; SIZE_MAX: did not take part */
} RegexMatcher;

void regex_matcher_init(RegexMatcher *m, const Regex *re, Arena *a);
/* The first match in s that starts at or after byte from: *found and m->spans. Errors: a pattern
 * whose search takes too many steps. */
fb_status regex_find(RegexMatcher *m, Str s, size_t from, bool *found, fb_error *err);
/* Where Java's Matcher.find() goes on after the match in m->spans; beyond s.n: nowhere. */
size_t regex_next(const RegexMatcher *m, Str s);

/* ---- regex_translate.c ---- */

typedef struct RegexText {
    RegexStatus status;
    StrBuf pcre;  /* the translation */
    bool is_text; /* `text` is all that it matches */
    StrBuf text;
} RegexText;

/* The caller frees the two buffers. */
void regex_translate(Str java, RegexText *ret);

#endif
