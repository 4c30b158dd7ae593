/*
 * expr_calls.h - expressions written as SQL calls, for the tests of the function families.
 *
 *   name(arg, …)  'text' with \\ \' \n \t  X'hex'  DATE'…' TIMESTAMP'…' TIMESTAMP_NTZ'…'
 *   1 1L 1S 1Y 1.5 1.5D 1.5F  -1  true false NULL  INTERVAL '1' DAY
 *   extract(YEAR FROM arg), and a bare word as an argument, which is a string (timestampadd)
 *
 * The tables (expr_*.inc) are recorded from Spark by expr_calls.py in the session time zone
 * America/Los_Angeles:
 *   CASE(text, column name or NULL, type, nullable, CAST(… AS STRING) or NULL)
 *   FAIL(text, column name, type, nullable, condition of the run or NULL for any error)
 *   BAD(text, condition of the analysis)
 * Each is evaluated as a constant, with its literal arguments as columns that have nulls, and with
 * only the first of them as a column.
 */
#ifndef EXPR_CALLS_H
#define EXPR_CALLS_H

/* Only the making and the texts of the harness are used here, not its notation. */
#pragma GCC diagnostic ignored "-Wunused-function"
#include "expr_harness.h"

typedef struct CallCase {
    const char *text, *name, *type;
    int nullable;
    const char *value, *condition;
    enum { CALL_VALUE, CALL_FAIL, CALL_BAD } kind;
} CallCase;

#define CASE(text, name, type, nullable, value)                                                    \
    {text, name, type, nullable, value, NULL, CALL_VALUE},
#define FAIL(text, name, type, nullable, cond) {text, name, type, nullable, NULL, cond, CALL_FAIL},
#define BAD(text, cond) {text, NULL, NULL, 0, NULL, cond, CALL_BAD},

/* ---- reading ---- */

/* The column of that name, or NULL. */
static const Expr *call_column_named(const Harness *h, Str name)
{
    for (uint32_t i = 0; i < h->n_columns; i++) {
        if (str_eq(str_of(h->columns[i]->name), name)) {
            return h->columns[i];
        }
    }
    return NULL;
}

static fb_status call_expr(Harness *h, const char **p, Expr **ret);

static void call_space(const char **p)
{
    while (**p == ' ') {
        (*p)++;
    }
}

static bool call_word(const char **p, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(*p, word, n) != 0) {
        return false;
    }
    *p += n;
    return true;
}

static Str call_quoted(Harness *h, const char **p)
{
    StrBuf b = {0};
    for ((*p)++; **p != '\''; (*p)++) {
        assert_true(**p != '\0');
        if (**p == '\\') {
            (*p)++;
            strbuf_putc(&b, **p == 'n' ? '\n' : **p == 't' ? '\t' : **p);
        } else {
            strbuf_putc(&b, **p);
        }
    }
    (*p)++;
    return strbuf_bytes(&b, &h->arena);
}

static Expr *call_hex(Harness *h, Str s)
{
    char *bytes = arena_alloc(&h->arena, s.n / 2 + 1);
    for (size_t i = 0; i + 1 < s.n; i += 2) {
        unsigned byte;
        assert_int_equal(sscanf(s.p + i, "%2x", &byte), 1);
        bytes[i / 2] = (char)byte;
    }
    return expr_literal_binary(&h->arena, (Str){bytes, s.n / 2});
}

/* After INTERVAL: 1 MONTH, '1' MONTH. */
static Expr *call_interval(Harness *h, const char **p)
{
    static const struct {
        const char *name;
        int64_t us;
        uint8_t field;
    } units[] = {{"DAY", US_PER_DAY, 0}, {"HOUR", US_PER_HOUR, 1}, {"MINUTE", US_PER_MINUTE, 2}};
    call_space(p);
    bool quoted = **p == '\'';
    *p += quoted;
    int64_t n = 0;
    while (**p >= '0' && **p <= '9') {
        n = n * 10 + *(*p)++ - '0';
    }
    *p += quoted;
    call_space(p);
    if (call_word(p, "MONTH")) {
        return expr_literal_int(&h->arena, type_interval_ym(1, 1), n);
    }
    for (size_t k = 0; k < 3; k++) {
        if (call_word(p, units[k].name)) {
            return expr_literal_int(&h->arena, type_interval_dt(units[k].field, units[k].field),
                                    n * units[k].us);
        }
    }
    fail_msg("interval at %s", *p);
    return NULL;
}

static Expr *call_typed(Harness *h, const char **p)
{
    int32_t date;
    int64_t us;
    if (call_word(p, "INTERVAL ")) {
        return call_interval(h, p);
    }
    if (call_word(p, "X'") || call_word(p, "x'")) {
        (*p)--;
        return call_hex(h, call_quoted(h, p));
    }
    if (call_word(p, "DATE'")) {
        (*p)--;
        assert_true(date_parse(call_quoted(h, p), &date));
        return expr_literal_int(&h->arena, type_date, date);
    }
    if (call_word(p, "TIMESTAMP'")) {
        (*p)--;
        assert_true(ts_parse(call_quoted(h, p), h->eval.tz, &us));
        return expr_literal_int(&h->arena, type_timestamp, us);
    }
    if (call_word(p, "TIMESTAMP_NTZ'")) {
        (*p)--;
        assert_true(ts_ntz_parse(call_quoted(h, p), true, &us));
        return expr_literal_int(&h->arena, type_timestamp_ntz, us);
    }
    return NULL;
}

static fb_status call_args(Harness *h, const char **p, Expr **args, uint32_t *n)
{
    for (*n = 0;;) {
        call_space(p);
        if (**p == ')') {
            (*p)++;
            return FB_OK;
        }
        TRY(call_expr(h, p, &args[(*n)++]));
        call_space(p);
        if (!call_word(p, ",") && !call_word(p, "FROM ")) {
            assert_true(**p == ')');
        }
    }
}

static fb_status call_expr(Harness *h, const char **p, Expr **ret)
{
    Expr *args[64];
    uint32_t n;
    call_space(p);
    *ret = call_typed(h, p);
    if (*ret) {
        return FB_OK;
    }
    if (**p == '\'') {
        *ret = expr_literal_str(&h->arena, call_quoted(h, p));
        return FB_OK;
    }
    const char *from = *p;
    while (**p && !strchr(" ,()", **p)) {
        (*p)++;
    }
    Str word = {from, (size_t)(*p - from)};
    if (**p == '(') {
        (*p)++;
        const char *name = arena_strndup(&h->arena, word.p, word.n);
        TRY(call_args(h, p, args, &n));
        return func_bind(&h->bind, expr_unresolved_func(&h->arena, name, NULL, 0), args, n, ret,
                         &h->err);
    }
    if (str_eq(word, STR_LIT("NULL"))) {
        *ret = expr_literal_null(&h->arena, type_null);
    } else if (strchr("-0123456789", word.p[0]) || str_eq(word, STR_LIT("true")) ||
               str_eq(word, STR_LIT("false"))) {
        *ret = read_word(h, word);
    } else if (call_column_named(h, word)) {
        *ret = expr_copy(&h->arena, call_column_named(h, word));
    } else {
        *ret = expr_literal_str(&h->arena, word);
    }
    return FB_OK;
}

/* ---- checking ---- */

#define CALL_ROWS 70 /* more than one word of validity */

static int call_failures;

static void call_report(const CallCase *c, const char *how, const char *got, const char *wanted)
{
    print_message("%s (%s): %s, Spark has %s\n", c->text, how, got ? got : "null",
                  wanted ? wanted : "null");
    call_failures++;
}

static char *call_value(Harness *h, const Vec *v, uint32_t i)
{
    StrBuf b = {0};
    if (!vec_is_valid(v, i)) {
        return NULL;
    }
    if (v->type->id == T_BINARY) {
        Str s = view_str(&VEC_AT(View, v, i));
        strbuf_append(&b, s.p, s.n);
    } else {
        vec_value_text(v, i, h->eval.tz, &b);
    }
    return strbuf_arena(&b, &h->arena);
}

static bool call_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool call_row_is_null(uint32_t i)
{
    return i % 7 == 3;
}

static Expr *call_column(Harness *h, const Expr *literal)
{
    VecBuilder *b = vecb_new(&h->arena, literal->type);
    for (uint32_t i = 0; i < CALL_ROWS; i++) {
        if (call_row_is_null(i) || !vec_is_valid(literal->value, 0)) {
            vecb_null(b);
        } else {
            vecb_from(b, literal->value, 0);
        }
    }
    Vec v;
    vecb_finish(b, &v);
    harness_column(h, "c", &v);
    return expr_copy(&h->arena, h->columns[h->n_columns - 1]);
}

static void call_check_result(Harness *h, const CallCase *c, fb_status st, const Vec *v, uint32_t n,
                              bool null_rows, const char *how)
{
    if (st != FB_OK) {
        const char *condition = err_condition(h->err.id);
        if (c->kind != CALL_FAIL || (c->condition && strcmp(condition, c->condition) != 0)) {
            call_report(c, how, h->err.message, c->condition ? c->condition : c->value);
        }
        err_clear(&h->err);
        return;
    }
    if (c->kind == CALL_FAIL) {
        call_report(c, how, "no error", c->condition);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        const char *got = call_value(h, v, i);
        if (null_rows && call_row_is_null(i)) {
            if (got && n > 1) {
                call_report(c, how, got, "null in a row with a null");
                return;
            }
        } else if (!(n > 1 && call_row_is_null(i)) && !call_same(got, c->value)) {
            call_report(c, how, got, c->value);
            return;
        }
    }
}

/* Replaces literal arguments of the outermost call by columns. */
static void call_check_columns(Harness *h, const CallCase *c, const Expr *e, bool only_first)
{
    uint32_t replaced = 0;
    Expr *copy = expr_copy(&h->arena, e);
    if (e->kind != E_CALL) {
        return;
    }
    copy->args = ARENA_ARRAY(&h->arena, Expr *, e->n_args + 1);
    h->n_columns = 0;
    for (uint32_t i = 0; i < e->n_args; i++) {
        Expr *arg = e->args[i];
        bool take = arg->kind == E_LITERAL && arg->type->id != T_NULL && h->n_columns < 16;
        take = take && (!only_first || replaced == 0);
        copy->args[i] = take ? call_column(h, arg) : arg;
        replaced += take;
    }
    if (replaced == 0) {
        return;
    }
    Vec v;
    fb_status st = expr_eval(&h->eval, copy, &h->batch, &v, &h->err);
    call_check_result(h, c, st, &v, CALL_ROWS, e->fn->flags & FN_NULL_IN_NULL_OUT,
                      only_first ? "first column" : "columns");
}

static void call_check(const CallCase *c)
{
    Harness h;
    const char *text = c->text;
    Expr *e;
    harness_init(&h, EVAL_ANSI);
    h.bind.tz_name = h.eval.tz_name = "America/Los_Angeles";
    h.bind.tz = h.eval.tz = tz_find(STR_LIT("America/Los_Angeles"));
    fb_status st = call_expr(&h, &text, &e);
    if (st != FB_OK) {
        const char *condition = err_condition(h.err.id);
        if (c->kind != CALL_BAD || !call_same(condition, c->condition)) {
            call_report(c, "binding", h.err.message, c->condition ? c->condition : c->value);
        }
        harness_free(&h);
        return;
    }
    if (c->kind == CALL_BAD) {
        call_report(c, "binding", "no error", c->condition);
        harness_free(&h);
        return;
    }
    const char *name = harness_name(&h, e), *type = harness_type(&h, e->type);
    /* expr_name() has no time zone to print moments in. */
    if (c->name && strcmp(name, c->name) != 0 && !strstr(name, "TIMESTAMP '")) {
        call_report(c, "name", name, c->name);
    }
    if (strcmp(type, c->type) != 0) {
        call_report(c, "type", type, c->type);
    }
    if (e->nullable != (c->nullable != 0)) {
        call_report(c, "nullable", e->nullable ? "1" : "0", c->nullable ? "1" : "0");
    }
    Vec v;
    st = expr_fold(&h.eval, e, &v, &h.err);
    call_check_result(&h, c, st, &v, 1, false, "constant");
    call_check_columns(&h, c, e, false);
    call_check_columns(&h, c, e, true);
    harness_free(&h);
}

static void call_check_all(const CallCase *cases, size_t n)
{
    call_failures = 0;
    for (size_t i = 0; i < n; i++) {
        call_check(&cases[i]);
    }
    assert_int_equal(call_failures, 0);
}

#endif
