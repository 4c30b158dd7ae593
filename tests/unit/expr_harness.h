/*
 * expr_harness.h - expressions from a short prefix notation, for the tests of expr/.
 *
 *   (name arg …)            a call, bound: (+ 1 2), (coalesce null 'x')
 *   (cast type arg), (try_cast type arg)
 *   (as name arg)           an alias
 *   1 1L 1S 1Y 1.5 1.5D 1.5F 1e5    as SQL reads them; true false null
 *   'text'                  a string; '' inside is a quote
 *   d'…' t'…' n'…' x'…'     date, timestamp, timestamp_ntz, binary
 *   i"type"'…'              an interval: the text cast to the type
 *   "type"                  a type, for cast
 *   $name                   a column of harness_columns()
 *
 * expr_cases.py has the same notation turned into SQL for Spark.
 */
#ifndef EXPR_HARNESS_H
#define EXPR_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "column/datetime.h"
#include "column/decimal.h"
#include "column/number.h"
#include "column/timezone.h"
#include "expr/function.h"

typedef struct Harness {
    Arena arena;
    BindCtx bind;
    EvalCtx eval;
    const Expr *columns[32]; /* E_COLUMN with a name */
    uint32_t n_columns;
    Batch batch;
    fb_error err;
} Harness;

static inline void harness_init(Harness *h, EvalMode mode)
{
    *h = (Harness){0};
    h->bind = (BindCtx){.arena = &h->arena,
                        .mode = mode,
                        .tz_name = "UTC",
                        .tz = tz_utc(),
                        .decimal_precision_loss = true};
    h->eval = (EvalCtx){.arena = &h->arena,
                        .tz = tz_utc(),
                        .tz_name = "UTC",
                        .now_us = INT64_C(1704067200000000),
                        .user = "u",
                        .database = "default"};
}

static inline void harness_free(Harness *h)
{
    err_clear(&h->err);
    arena_free(&h->arena);
}

static inline void harness_column(Harness *h, const char *name, const Vec *v)
{
    Expr *e = expr_new(&h->arena, E_COLUMN, 0);
    Vec *cols = ARENA_ARRAY(&h->arena, Vec, h->n_columns + 1);
    for (uint32_t i = 0; i < h->n_columns; i++) {
        cols[i] = h->batch.col[i];
    }
    cols[h->n_columns] = *v;
    e->column = h->n_columns;
    e->name = name;
    e->type = v->type;
    e->nullable = true;
    h->columns[h->n_columns++] = e;
    h->batch.col = cols;
    h->batch.n_cols = h->n_columns;
    h->batch.n_rows = v->len;
}

/* ---- reading ---- */

static inline fb_status read_expr(Harness *h, const char **p, Expr **ret);

static inline Str read_until(const char **p, char end)
{
    const char *from = *p;
    while (**p && **p != end) {
        (*p)++;
    }
    Str s = {from, (size_t)(*p - from)};
    *p += **p == end;
    return s;
}

static inline Str read_quoted(Harness *h, const char **p)
{
    StrBuf b = {0};
    (*p)++;
    while (**p && !(**p == '\'' && (*p)[1] != '\'')) {
        *p += **p == '\'';
        strbuf_putc(&b, *(*p)++);
    }
    (*p)++;
    return strbuf_bytes(&b, &h->arena);
}

static inline const Type *read_type(const char **p)
{
    const Type *t = NULL;
    fb_error err = {0};
    while (**p == ' ') {
        (*p)++;
    }
    assert_true(**p == '"');
    (*p)++;
    Str s = read_until(p, '"');
    fb_status st = type_from_name(s, &t, &err);
    if (st != FB_OK) {
        print_message("type %.*s: %s\n", (int)s.n, s.p, err.message);
    }
    assert_int_equal(st, FB_OK);
    return t;
}

static inline Expr *read_number(Harness *h, Str s)
{
    Arena *a = &h->arena;
    char last = s.p[s.n - 1];
    Str body = {s.p, s.n - 1};
    int64_t i = 0;
    double d = 0;
    if (last == 'D' || last == 'F') {
        assert_true(num_parse_f64(body, &d));
        return expr_literal_double(a, last == 'D' ? type_double : type_float, d);
    }
    if (last == 'L' || last == 'S' || last == 'Y') {
        assert_true(num_parse_i64(body, false, &i));
        return expr_literal_int(a,
                                last == 'L'   ? type_long
                                : last == 'S' ? type_short
                                              : type_byte,
                                i);
    }
    if (memchr(s.p, 'e', s.n)) {
        assert_true(num_parse_f64(s, &d));
        return expr_literal_double(a, type_double, d);
    }
    if (memchr(s.p, '.', s.n) || s.n > 19) {
        int128_t v;
        DecType t;
        assert_int_equal(dec_parse_natural(s, &v, &t), DEC_OK);
        return expr_literal_decimal(a, type_decimal(t.p, t.s), v);
    }
    if (!num_parse_i64(s, false, &i)) {
        fail_msg("%.*s is no number", (int)s.n, s.p);
    }
    return expr_literal_int(a, i >= INT32_MIN && i <= INT32_MAX ? type_int : type_long, i);
}

static inline Expr *read_word(Harness *h, Str s)
{
    Arena *a = &h->arena;
    if (str_eq(s, STR_LIT("true")) || str_eq(s, STR_LIT("false"))) {
        return expr_literal_bool(a, s.n == 4);
    }
    if (str_eq(s, STR_LIT("null"))) {
        return expr_literal_null(a, type_null);
    }
    if (s.p[0] == '$') {
        for (uint32_t i = 0; i < h->n_columns; i++) {
            if (str_eq(str_of(h->columns[i]->name), (Str){s.p + 1, s.n - 1})) {
                return expr_copy(a, h->columns[i]);
            }
        }
        fail_msg("no column %.*s", (int)s.n, s.p);
    }
    return read_number(h, s);
}

static inline Expr *read_prefixed(Harness *h, const char **p)
{
    char kind = *(*p)++;
    Arena *a = &h->arena;
    Str s;
    int32_t date;
    int64_t us;
    if (kind == 'i') {
        const Type *t = read_type(p);
        Expr *cast = expr_cast(a, expr_literal_str(a, read_quoted(h, p)), t, EVAL_ANSI, false);
        Vec v;
        assert_int_equal(expr_fold(&h->eval, cast, &v, &h->err), FB_OK);
        return expr_literal_vec(a, &v, 0);
    }
    s = read_quoted(h, p);
    switch (kind) {
    case 'd':
        assert_true(date_parse(s, &date));
        return expr_literal_int(a, type_date, date);
    case 't':
        assert_true(ts_parse(s, tz_utc(), &us));
        return expr_literal_int(a, type_timestamp, us);
    case 'n':
        assert_true(ts_ntz_parse(s, true, &us));
        return expr_literal_int(a, type_timestamp_ntz, us);
    default:
        return expr_literal_binary(a, s);
    }
}

static inline fb_status read_call(Harness *h, const char **p, Expr **ret)
{
    (*p)++;
    const char *from = *p;
    while (**p && **p != ' ' && **p != ')') {
        (*p)++;
    }
    char *name = arena_strndup(&h->arena, from, (size_t)(*p - from));
    bool cast = strcmp(name, "cast") == 0, try_cast = strcmp(name, "try_cast") == 0;
    const Type *t = cast || try_cast ? read_type(p) : NULL;
    Str alias = {0};
    if (strcmp(name, "as") == 0) {
        (*p)++;
        alias = read_until(p, ' ');
    }
    Expr *args[64];
    uint32_t n = 0;
    for (;;) {
        while (**p == ' ') {
            (*p)++;
        }
        if (**p == ')') {
            break;
        }
        TRY(read_expr(h, p, &args[n++]));
    }
    (*p)++;
    if (t) {
        EvalMode mode = try_cast ? EVAL_TRY : h->bind.mode;
        bind_show_literal(&h->bind, args[0]); /* as the analyzer does for every literal */
        *ret = expr_cast(&h->arena, args[0], t, mode, true);
        return bind_cast_check(&h->bind, *ret, &h->err);
    }
    if (alias.p) {
        *ret = expr_alias(&h->arena, args[0], arena_strndup(&h->arena, alias.p, alias.n));
        return FB_OK;
    }
    return func_bind(&h->bind, expr_unresolved_func(&h->arena, name, NULL, 0), args, n, ret,
                     &h->err);
}

static inline fb_status read_expr(Harness *h, const char **p, Expr **ret)
{
    while (**p == ' ') {
        (*p)++;
    }
    if (**p == '(') {
        return read_call(h, p, ret);
    }
    if (**p == '\'') {
        *ret = expr_literal_str(&h->arena, read_quoted(h, p));
        return FB_OK;
    }
    if (strchr("dtnx", **p) && (*p)[1] == '\'') {
        *ret = read_prefixed(h, p);
        return FB_OK;
    }
    if (**p == 'i' && (*p)[1] == '"') {
        *ret = read_prefixed(h, p);
        return FB_OK;
    }
    const char *from = *p;
    while (**p && **p != ' ' && **p != ')') {
        (*p)++;
    }
    *ret = read_word(h, (Str){from, (size_t)(*p - from)});
    return FB_OK;
}

static inline fb_status harness_read(Harness *h, const char *text, Expr **ret)
{
    return read_expr(h, &text, ret);
}

/* ---- texts ---- */

static inline char *harness_name(Harness *h, const Expr *e)
{
    StrBuf b = {0};
    expr_name(e, &b);
    return strbuf_arena(&b, &h->arena);
}

static inline char *harness_type(Harness *h, const Type *t)
{
    StrBuf b = {0};
    type_simple_string(t, &b);
    return strbuf_arena(&b, &h->arena);
}

static inline char *harness_value(Harness *h, const Vec *v, uint32_t i)
{
    StrBuf b = {0};
    if (!vec_is_valid(v, i)) {
        strbuf_puts(&b, "null");
    } else if (v->type->id == T_BINARY) {
        Str s = view_str(&VEC_AT(View, v, i));
        for (size_t k = 0; k < s.n; k++) {
            strbuf_printf(&b, "%02X", (unsigned)(uint8_t)s.p[k]);
        }
    } else {
        vec_value_text(v, i, tz_utc(), &b);
    }
    return strbuf_arena(&b, &h->arena);
}

#endif
