/*
 * str.c - borrowed strings, the growing buffer, and number parsing that no locale touches.
 *
 * StrBuf doubles, so that n bytes cost O(log n) calls of realloc, and one byte beyond n is always
 * reserved for the NUL. The parsers accumulate with overflow checks of the compiler and accept an
 * optional sign and decimal digits only: no white space, no other base, nothing behind.
 */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

#define STRBUF_MIN 64

char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

char ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

bool str_eq_nocase(Str a, Str b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (ascii_lower(a.p[i]) != ascii_lower(b.p[i])) {
            return false;
        }
    }
    return true;
}

bool cstr_eq_nocase(const char *a, const char *b)
{
    return str_eq_nocase(str_of(a), str_of(b));
}

size_t utf8_sequence(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    unsigned char c = p[0], low = 0x80, high = 0xBF;
    size_t len;
    if (c < 0x80) {
        return 1;
    } else if (c >= 0xC2 && c <= 0xDF) {
        len = 2;
    } else if (c >= 0xE0 && c <= 0xEF) {
        len = 3;
        low = c == 0xE0 ? 0xA0 : low;
        high = c == 0xED ? 0x9F : high;
    } else if (c >= 0xF0 && c <= 0xF4) {
        len = 4;
        low = c == 0xF0 ? 0x90 : low;
        high = c == 0xF4 ? 0x8F : high;
    } else {
        return 0;
    }
    if (n < len || p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return len;
}

bool str_is_utf8(Str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t n = utf8_sequence(s.p + i, s.n - i);
        if (n == 0) {
            return false;
        }
        i += n;
    }
    return true;
}

size_t utf8_malformed(const char *text, size_t n, bool surrogates)
{
    const unsigned char *p = (const unsigned char *)text;
    unsigned char c = p[0], low = 0x80, high = 0xBF;
    size_t need = c >= 0xC2 && c <= 0xDF ? 2 : c >= 0xE0 && c <= 0xEF ? 3 : 4, k = 1;
    if (c < 0xC2 || c > 0xF4) {
        return 1;
    }
    if (c == 0xE0 || c == 0xF0) {
        low = c == 0xE0 ? 0xA0 : 0x90;
    } else if (c == 0xF4 || (c == 0xED && !surrogates)) {
        high = c == 0xF4 ? 0x8F : 0x9F;
    }
    while (k < need && k < n && p[k] >= low && p[k] <= high) {
        k++;
        low = 0x80;
        high = 0xBF;
    }
    return k;
}

Str str_to_utf8(Arena *a, Str s, bool surrogates)
{
    if (str_is_utf8(s)) {
        return s;
    }
    char *to = arena_alloc(a, mem_mul(s.n, 3)), *start = to; /* each byte at most one U+FFFD */
    for (size_t i = 0; i < s.n;) {
        size_t n = utf8_sequence(s.p + i, s.n - i);
        if (n > 0) {
            memcpy(to, s.p + i, n);
            to += n;
        } else {
            n = utf8_malformed(s.p + i, s.n - i, surrogates);
            memcpy(to, "\xEF\xBF\xBD", 3);
            to += 3;
        }
        i += n;
    }
    return (Str){start, (size_t)(to - start)};
}

void str_restore_nul(char *p, size_t n)
{
    char *end = p + n;
    while ((p = memchr(p, (unsigned char)CSTR_NUL, (size_t)(end - p))) != NULL) {
        *p++ = '\0';
    }
}

Str str_text(Arena *a, const char *s)
{
    Str text = str_of(s);
    if (text.n > 0 && memchr(s, (unsigned char)CSTR_NUL, text.n) != NULL) {
        char *own = arena_bytes(a, s, text.n);
        str_restore_nul(own, text.n);
        text.p = own;
    }
    return text;
}

bool str_same_name(Str a, Str b, bool case_sensitive)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        char x = a.p[i] == '\0' ? CSTR_NUL : a.p[i], y = b.p[i] == '\0' ? CSTR_NUL : b.p[i];
        if (x != y && (case_sensitive || ascii_lower(x) != ascii_lower(y))) {
            return false;
        }
    }
    return true;
}

bool str_has_prefix(Str s, Str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool str_has_suffix(Str s, Str suffix)
{
    return s.n >= suffix.n &&
           (suffix.n == 0 || memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

Str str_trim(Str s)
{
    while (s.n > 0 && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_space(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

int str_cmp(Str a, Str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n > 0 ? memcmp(a.p, b.p, n) : 0;
    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

void strbuf_reserve(StrBuf *b, size_t extra)
{
    size_t need;
    if (__builtin_add_overflow(b->n, extra, &need) || need >= (size_t)PTRDIFF_MAX) {
        need = SIZE_MAX - 1; /* mem_realloc ends the process with its message */
    }
    need++;
    if (need <= b->cap) {
        return;
    }
    size_t cap = b->cap <= (size_t)PTRDIFF_MAX / 2 ? b->cap * 2 : b->cap;
    cap = cap < STRBUF_MIN ? STRBUF_MIN : cap;
    cap = cap < need ? need : cap;
    b->p = mem_realloc(b->p, cap);
    b->cap = cap;
    b->p[b->n] = '\0';
}

void strbuf_append(StrBuf *b, const void *p, size_t n)
{
    strbuf_reserve(b, n);
    if (n > 0) {
        memcpy(b->p + b->n, p, n);
    }
    b->n += n;
    b->p[b->n] = '\0';
}

void strbuf_puts(StrBuf *b, const char *s)
{
    strbuf_append(b, s, strlen(s));
}

void strbuf_putc(StrBuf *b, char c)
{
    strbuf_append(b, &c, 1);
}

void strbuf_printf(StrBuf *b, const char *fmt, ...)
{
    va_list ap;
    strbuf_reserve(b, STRBUF_MIN);
    size_t room = b->cap - b->n;
    va_start(ap, fmt);
    int n = vsnprintf(b->p + b->n, room, fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->p[b->n] = '\0';
        return;
    }
    if ((size_t)n >= room) {
        strbuf_reserve(b, (size_t)n);
        va_start(ap, fmt);
        vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
        va_end(ap);
    }
    b->n += (size_t)n;
}

void strbuf_clear(StrBuf *b)
{
    b->n = 0;
    if (b->p != NULL) {
        b->p[0] = '\0';
    }
}

char *strbuf_take(StrBuf *b)
{
    strbuf_reserve(b, 0);
    char *p = b->p;
    *b = (StrBuf){0};
    return p;
}

char *strbuf_arena(StrBuf *b, Arena *a)
{
    char *p = arena_strndup(a, b->p, b->n);
    strbuf_free(b);
    return p;
}

Str strbuf_bytes(StrBuf *b, Arena *a)
{
    Str s = {arena_bytes(a, b->p, b->n), b->n};
    strbuf_free(b);
    return s;
}

void strbuf_free(StrBuf *b)
{
    mem_free(b->p);
    *b = (StrBuf){0};
}

/* The digits of s as a magnitude; false when there are none, too many, or something else. */
static bool parse_digits(Str s, uint64_t *out)
{
    uint64_t v = 0;
    if (s.n == 0) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        uint64_t d = (uint64_t)(unsigned char)s.p[i] - '0';
        if (d > 9 || __builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, d, &v)) {
            return false;
        }
    }
    *out = v;
    return true;
}

bool parse_u64(Str s, uint64_t *out)
{
    if (s.n > 0 && s.p[0] == '+') {
        s.p++;
        s.n--;
    }
    return parse_digits(s, out);
}

bool parse_i64(Str s, int64_t *out)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    if (negative || (s.n > 0 && s.p[0] == '+')) {
        s.p++;
        s.n--;
    }
    uint64_t v;
    if (!parse_digits(s, &v) || v > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        return false;
    }
    *out = (int64_t)(negative ? 0 - v : v);
    return true;
}

bool parse_bool(Str s, bool *out)
{
    if (str_eq_nocase(s, STR_LIT("true"))) {
        *out = true;
        return true;
    }
    if (str_eq_nocase(s, STR_LIT("false"))) {
        *out = false;
        return true;
    }
    return false;
}
