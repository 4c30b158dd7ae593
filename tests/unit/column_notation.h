/*
 * column_notation.h - values of tests as text, put into builders.
 *
 * (..) struct, [..] array, {k:v} map, 'string', x'binary' in hex, f1.5 for floats, true, false,
 * null, i<months> <days> <microseconds>, and integers for all else (decimals: unscaled).
 */
#ifndef COLUMN_NOTATION_H
#define COLUMN_NOTATION_H

#include "column/number.h"
#include "column/vec.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *add_value(VecBuilder *b, const Type *t, const char *p);

static const char *expect(const char *p, char c)
{
    if (*p != c) {
        fail_msg("'%c' expected at %s", c, p);
    }
    return p + 1;
}

static const char *add_integer(VecBuilder *b, const Type *t, const char *p)
{
    bool negative = *p == '-';
    int128_t x = 0;

    for (p += negative; isdigit((unsigned char)*p); p++) {
        x = x * 10 + (*p - '0');
    }
    x = negative ? -x : x;
    if (t->id == T_DECIMAL) {
        vecb_decimal(b, x);
    } else {
        vecb_int(b, (int64_t)x);
    }
    return p;
}

static const char *add_double(VecBuilder *b, const char *p)
{
    size_t n = strcspn(p, ",:)]}");
    double x = 0;

    assert_true(num_parse_f64((Str){p, n}, &x));
    vecb_double(b, x);
    return p + n;
}

static const char *add_text(VecBuilder *b, const char *p, bool hex)
{
    StrBuf s = {0};
    const char *end = strchr(p, '\'');

    assert_non_null(end);
    for (; p < end; p += hex ? 2 : 1) {
        char byte[3] = {p[0], p[1], 0};
        strbuf_putc(&s, hex ? (char)strtoul(byte, NULL, 16) : *p);
    }
    vecb_str_copy(b, strbuf_str(&s));
    strbuf_free(&s);
    return end + 1;
}

static const char *add_nested(VecBuilder *b, const Type *t, const char *p)
{
    const char *close = t->id == T_STRUCT ? ")" : t->id == T_ARRAY ? "]" : "}";
    uint32_t k = 0;

    for (p++; *p != *close; k++) {
        if (k > 0) {
            p = expect(p, ',');
        }
        uint32_t child = t->id == T_STRUCT ? k : 0;
        p = add_value(vecb_child(b, child), t->fields[child].type, p);
        if (t->id == T_MAP) {
            p = add_value(vecb_child(b, 1), t->fields[1].type, expect(p, ':'));
        }
    }
    vecb_end_row(b);
    return p + 1;
}

static const char *add_value(VecBuilder *b, const Type *t, const char *p)
{
    char *end;

    if (strncmp(p, "null", 4) == 0) {
        vecb_null(b);
        return p + 4;
    }
    switch (*p) {
    case '(':
    case '[':
    case '{':
        return add_nested(b, t, p);
    case '\'':
        return add_text(b, p + 1, false);
    case 'x':
        return add_text(b, p + 2, true);
    case 't':
        vecb_bool(b, true);
        return p + 4;
    case 'f':
        if (strncmp(p, "false", 5) == 0) {
            vecb_bool(b, false);
            return p + 5;
        }
        return add_double(b, p + 1);
    case 'i': {
        IntervalCal v;
        v.months = (int32_t)strtol(p + 1, &end, 10);
        v.days = (int32_t)strtol(end, &end, 10);
        v.micros = strtoll(end, &end, 10);
        vecb_interval(b, v);
        return end;
    }
    default:
        return add_integer(b, t, p);
    }
}

#endif
