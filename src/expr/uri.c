/*
 * uri.c - see uri.h.
 *
 * Recursive descent without recursion: each production takes a range and says whether it holds. An
 * authority that is no server (user@host:port) may still be a registry's name; then it has no host.
 * Characters beyond ASCII stand wherever an escape may, but for white space and controls.
 */
#include "expr/uri.h"

#include <string.h>

/* What stands for itself besides letters and digits; an escape may stand beside all of these. */
#define MARKS "_-!.~'()*"
#define PATH_CHARS MARKS ":@&=+$,;/"
#define ANY_CHARS MARKS ";/?:@&=+$,[]"
#define USER_CHARS MARKS ";:&=+$,"
#define REGISTRY_CHARS MARKS "$,;:@&=+"
#define SERVER_CHARS MARKS ";:&=+$,@[]%"

static bool is_alpha(char c)
{
    char low = ascii_lower(c);
    return low >= 'a' && low <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    char low = ascii_lower(c);
    return is_digit(c) || (low >= 'a' && low <= 'f');
}

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c) != NULL;
}

static Str cut(Str s, size_t from, size_t to)
{
    return (Str){s.p + from, to - from};
}

static bool at(Str s, size_t i, char c)
{
    return i < s.n && s.p[i] == c;
}

/* Position of the first byte of set at or behind from, or the end. */
static size_t find(Str s, size_t from, const char *set)
{
    while (from < s.n && !is_one_of(s.p[from], set)) {
        from++;
    }
    return from;
}

/* Bytes of the character at s.p[i], which is not ASCII; 0: white space or a control. */
static size_t other_char(Str s, size_t i)
{
    uint8_t b = (uint8_t)s.p[i];
    size_t width = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
    if (width > s.n - i) {
        return 0;
    }
    uint8_t b1 = (uint8_t)s.p[i + 1];
    uint32_t c = width == 2 ? (b & 0x1Fu) << 6 | (b1 & 0x3Fu)
                 : width == 3
                     ? (b & 0x0Fu) << 12 | (b1 & 0x3Fu) << 6 | ((uint8_t)s.p[i + 2] & 0x3Fu)
                     : 0x10000;
    bool space = c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
                 c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
    return c < 0xA0 || space ? 0 : width;
}

/* How far s has characters of set, letters, digits, escapes and others. */
static size_t span(Str s, const char *set)
{
    size_t i = 0;
    while (i < s.n) {
        char c = s.p[i];
        size_t width = 1;
        if ((uint8_t)c >= 0x80) {
            width = other_char(s, i);
        } else if (is_alpha(c) || is_digit(c) || is_one_of(c, set)) {
            width = 1;
        } else if (c == '%' && s.n - i > 2 && is_hex(s.p[i + 1]) && is_hex(s.p[i + 2])) {
            width = 3;
        } else {
            width = 0;
        }
        if (width == 0) {
            break;
        }
        i += width;
    }
    return i;
}

static bool is_all(Str s, const char *set)
{
    return span(s, set) == s.n;
}

static bool has_bad_escape(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%' && !(s.n - i > 2 && is_hex(s.p[i + 1]) && is_hex(s.p[i + 2]))) {
            return true;
        }
    }
    return false;
}

/* ---- hosts ---- */

/* Bytes of an IPv4 address at the start of s; 0: none. */
static size_t ipv4_span(Str s)
{
    size_t i = 0;
    for (int part = 0; part < 4; part++) {
        uint32_t value = 0;
        size_t from;
        if (part > 0 && !at(s, i, '.')) {
            return 0;
        }
        i += part > 0;
        for (from = i; i < s.n && is_digit(s.p[i]); i++) {
            value = value > 255 ? value : value * 10 + (uint32_t)(s.p[i] - '0');
        }
        if (i == from || value > 255) {
            return 0;
        }
    }
    return i;
}

/* Hexadecimal groups with at most one ::, the last two of which may be an IPv4 address. */
static bool is_ipv6(Str s)
{
    uint32_t bytes = 0;
    bool gap = false;
    size_t i = 0;
    if (at(s, 0, ':') && !at(s, 1, ':')) {
        return false;
    }
    while (i < s.n) {
        if (at(s, i, ':') && at(s, i + 1, ':') && !gap) {
            gap = true;
            i += 2;
            continue;
        }
        if (i > 0 && s.p[i - 1] != ':') { /* a group behind a group */
            if (!at(s, i, ':') || i + 1 == s.n) {
                return false;
            }
            i++;
        }
        size_t from = i;
        while (i < s.n && is_hex(s.p[i])) {
            i++;
        }
        if (at(s, i, '.')) {
            return ipv4_span(cut(s, from, s.n)) == s.n - from &&
                   (gap ? bytes + 4 < 16 : bytes + 4 == 16);
        }
        if (i == from || i - from > 4) {
            return false;
        }
        bytes += 2;
    }
    return gap ? bytes < 16 : bytes == 16;
}

/* [address] or [address%scope], with its brackets, at the start of s; 0: none. */
static size_t ipv6_span(Str s)
{
    size_t end = find(s, 1, "]");
    if (end == s.n) {
        return 0;
    }
    Str inside = cut(s, 1, end);
    size_t scope = find(inside, 0, "%");
    for (size_t i = scope + 1; i < inside.n; i++) {
        char c = inside.p[i];
        if (!is_alpha(c) && !is_digit(c) && c != '_' && c != '.') {
            return 0;
        }
    }
    return scope + 1 == inside.n || !is_ipv6(cut(inside, 0, scope)) ? 0 : end + 1;
}

/* Labels with dots between, and maybe one at the end; the last of several begins with a letter. */
static size_t name_span(Str s)
{
    size_t i = 0, label = 0;
    while (i < s.n && (is_alpha(s.p[i]) || is_digit(s.p[i]))) {
        label = i;
        while (i < s.n && (is_alpha(s.p[i]) || is_digit(s.p[i]) || s.p[i] == '-')) {
            i++;
        }
        if (s.p[i - 1] == '-') {
            return 0;
        }
        if (!at(s, i, '.')) {
            break;
        }
        i++;
    }
    return label > 0 && !is_alpha(s.p[label]) ? 0 : i;
}

static bool parse_server(Str s, Uri *u)
{
    size_t from = 0, user = find(s, 0, "@");
    Str user_info = {0};
    if (user < s.n) {
        user_info = cut(s, 0, user);
        from = user + 1;
        if (!is_all(user_info, USER_CHARS)) {
            return false;
        }
    }
    Str rest = cut(s, from, s.n);
    size_t host = at(rest, 0, '[') ? ipv6_span(rest) : ipv4_span(rest);
    if (!at(rest, 0, '[') && (host == 0 || (host < rest.n && rest.p[host] != ':'))) {
        host = name_span(rest);
    }
    if (host == 0 || (host < rest.n && rest.p[host] != ':')) {
        return false;
    }
    uint64_t port = 0;
    for (size_t i = host + 1; i < rest.n; i++) {
        port = port * 10 + (uint64_t)(rest.p[i] - '0');
        if (!is_digit(rest.p[i]) || port > INT32_MAX) {
            return false;
        }
    }
    u->user_info = user_info;
    u->host = cut(rest, 0, host);
    return true;
}

static bool parse_authority(Str s, Uri *u)
{
    bool registry = is_all(s, REGISTRY_CHARS);
    if (!registry &&
        (!is_all(s, SERVER_CHARS) || (has_bad_escape(s) && !at(s, find(s, 0, "["), '[')))) {
        return false;
    }
    u->authority = s;
    return (is_all(s, SERVER_CHARS) && parse_server(s, u)) || registry;
}

/* ---- the whole ---- */

static bool parse_scheme(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!is_alpha(c) && (i == 0 || (!is_digit(c) && !is_one_of(c, "+-.")))) {
            return false;
        }
    }
    return s.n > 0;
}

/* Authority, path and query from `from` on; *ret_end: where they end. */
static bool parse_hierarchy(Str s, size_t from, size_t *ret_end, Uri *u)
{
    size_t end;
    if (at(s, from, '/') && at(s, from + 1, '/')) {
        from += 2;
        end = find(s, from, "/?#");
        if (end > from ? !parse_authority(cut(s, from, end), u) : end == s.n) {
            return false;
        }
        from = end;
    }
    end = find(s, from, "?#");
    u->path = cut(s, from, end);
    if (!is_all(u->path, PATH_CHARS)) {
        return false;
    }
    if (at(s, end, '?')) {
        from = end + 1;
        end = find(s, from, "#");
        u->query = cut(s, from, end);
        if (!is_all(u->query, ANY_CHARS)) {
            return false;
        }
    }
    *ret_end = end;
    return true;
}

bool uri_parse(Str text, Uri *ret)
{
    *ret = (Uri){.scheme = {0}};
    size_t colon = find(text, 0, ":/?#"), from = 0, end;
    if (at(text, colon, ':')) {
        ret->scheme = cut(text, 0, colon);
        from = colon + 1;
        if (!parse_scheme(ret->scheme)) {
            return false;
        }
    }
    if (from > 0 && !at(text, from, '/')) { /* opaque */
        end = find(text, from, "#");
        if (end == from || !is_all(cut(text, from, end), ANY_CHARS)) {
            return false;
        }
    } else if (!parse_hierarchy(text, from, &end, ret)) {
        return false;
    }
    if (at(text, end, '#')) {
        ret->fragment = cut(text, end + 1, text.n);
        return is_all(ret->fragment, ANY_CHARS);
    }
    return true;
}
