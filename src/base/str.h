/*
 * str.h - borrowed byte strings and a growing one.
 *
 * Str borrows; it need not be NUL-terminated. StrBuf owns its bytes (malloc) and keeps them
 * NUL-terminated; strbuf_free() or strbuf_take() ends it.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/arena.h"
#include <stdbool.h>
#include <string.h>

typedef struct Str {
    const char *p;
    size_t n; /* bytes */
} Str;

#define STR_LIT(s) ((Str){"" s, sizeof(s) - 1})

static inline Str str_of(const char *s)
{
    return (Str){s, s ? strlen(s) : 0};
}
static inline bool str_eq(Str a, Str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
bool str_eq_nocase(Str a, Str b); /* ASCII only */
/* Bytes of the UTF-8 sequence at p (RFC 3629: shortest form, no surrogates), or 0. */
size_t utf8_sequence(const char *text, size_t n); /* n > 0 */
bool str_is_utf8(Str s);
/* Bytes at text that are no UTF-8 and become one U+FFFD: as many as could begin a character. With
 * surrogates, as Java decodes, an encoded surrogate is one such sequence. */
size_t utf8_malformed(const char *text, size_t n, bool surrogates);
/* s if it is UTF-8, else a copy in the arena with U+FFFD for what is not. */
Str str_to_utf8(Arena *a, Str s, bool surrogates);
/* What a C string says: NUL for CSTR_NUL. A copy in the arena if there is one, else s itself. */
Str str_text(Arena *a, const char *s);
void str_restore_nul(char *p, size_t n); /* the same in place */
/* str_eq() of what two texts say when either may have the one or the other. */
bool str_same_name(Str a, Str b, bool case_sensitive);
bool str_has_prefix(Str s, Str prefix);
bool str_has_suffix(Str s, Str suffix);
Str str_trim(Str s); /* ASCII white space, both ends */
int str_cmp(Str a, Str b);
bool cstr_eq_nocase(const char *a, const char *b);
char ascii_lower(char c);
char ascii_upper(char c);

typedef struct StrBuf {
    char *p;
    size_t n, cap;
} StrBuf;

void strbuf_append(StrBuf *b, const void *p, size_t n);
void strbuf_puts(StrBuf *b, const char *s);
void strbuf_putc(StrBuf *b, char c);
void strbuf_printf(StrBuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_reserve(StrBuf *b, size_t extra);
void strbuf_clear(StrBuf *b);            /* empties, keeps the memory */
char *strbuf_take(StrBuf *b);            /* caller mem_free()s; never NULL */
char *strbuf_arena(StrBuf *b, Arena *a); /* copy into the arena as a C string, then free */
Str strbuf_bytes(StrBuf *b, Arena *a);   /* copy into the arena as it is, then free */
void strbuf_free(StrBuf *b);
static inline Str strbuf_str(const StrBuf *b)
{
    return (Str){b->p ? b->p : "", b->n};
}

/* Strict number parsing, locale-free: the whole string must be the number. */
bool parse_i64(Str s, int64_t *out);
bool parse_u64(Str s, uint64_t *out);
bool parse_bool(Str s, bool *out); /* true, false; any case */

#endif
