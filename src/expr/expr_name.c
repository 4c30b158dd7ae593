/*
 * expr_name.c - expressions as text: column names, error messages, explain.
 *
 * One printer with three styles, after Spark's toPrettySQL (names, and what messages quote) and
 * toString (explain). In names literals of strings and numbers are bare, casts that the engine put
 * in do not show, and operators have the parentheses of Expression.sql. A call of a function that
 * is defined by others shows as it was written: binding has left that text in parts[0].
 *
 * Recursion: by the depth of the expression, which the analyzer bounds.
 */
#include "expr/kernel.h"

#include "column/collation.h"
#include "column/datetime.h"
#include "column/decimal.h"
#include "column/interval.h"
#include "column/number.h"
#include "column/timezone.h"

typedef enum Style { STYLE_NAME, STYLE_EXPLAIN } Style;

static void print(const Expr *e, Style style, StrBuf *out);

static void print_list(const Expr *e, uint32_t from, Style style, StrBuf *out)
{
    for (uint32_t i = from; i < e->n_args; i++) {
        strbuf_puts(out, i > from ? ", " : "");
        print(e->args[i], style, out);
    }
}

/* ---- literals ---- */

static void print_binary(Str s, StrBuf *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        strbuf_putc(out, digits[(uint8_t)s.p[i] >> 4]);
        strbuf_putc(out, digits[(uint8_t)s.p[i] & 15]);
    }
}

static void print_quoted(Str s, StrBuf *out)
{
    strbuf_putc(out, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'' || s.p[i] == '\\') {
            strbuf_putc(out, '\\');
        }
        strbuf_putc(out, s.p[i]);
    }
    strbuf_putc(out, '\'');
}

static void print_value(const TimeZone *tz, const Vec *v, uint32_t i, bool bare, Style style,
                        StrBuf *out);

/* ARRAY(1, 2), MAP('k', 1), NAMED_STRUCT('a', 1): Literal.sql of nested values. */
static void print_nested(const TimeZone *tz, const Vec *v, uint32_t i, Style style, StrBuf *out)
{
    const Type *t = v->type;
    i &= vec_mask(v);
    if (t->id == T_STRUCT) {
        strbuf_puts(out, "NAMED_STRUCT(");
        for (uint32_t k = 0; k < t->n_fields; k++) {
            strbuf_puts(out, k ? ", " : "");
            print_quoted(str_of(t->fields[k].name), out);
            strbuf_puts(out, ", ");
            print_value(tz, &v->child[k], i, false, style, out);
        }
    } else {
        strbuf_puts(out, t->id == T_ARRAY ? "ARRAY(" : "MAP(");
        const uint32_t *offset = v->data;
        for (uint32_t k = offset[i]; k < offset[i + 1]; k++) {
            strbuf_puts(out, k > offset[i] ? ", " : "");
            print_value(tz, &v->child[0], k, false, style, out);
            if (t->id == T_MAP) {
                strbuf_puts(out, ", ");
                print_value(tz, &v->child[1], k, false, style, out);
            }
        }
    }
    strbuf_putc(out, ')');
}

static void print_special_float(const Type *t, double x, bool bare, StrBuf *out)
{
    const char *text = x != x ? "NaN" : x > 0 ? "Infinity" : "-Infinity";
    if (bare) {
        strbuf_puts(out, text);
        return;
    }
    strbuf_printf(out, "CAST('%s' AS %s)", text, t->id == T_FLOAT ? "FLOAT" : "DOUBLE");
}

static void print_number(const Vec *v, uint32_t i, bool bare, StrBuf *out)
{
    const Type *t = v->type;
    char buf[DEC_TEXT_MAX];
    switch (t->id) {
    case T_BYTE:
        strbuf_printf(out, bare ? "%d" : "%dY", VEC_AT(int8_t, v, i));
        return;
    case T_SHORT:
        strbuf_printf(out, bare ? "%d" : "%dS", VEC_AT(int16_t, v, i));
        return;
    case T_INT:
        strbuf_printf(out, "%d", VEC_AT(int32_t, v, i));
        return;
    case T_LONG:
        strbuf_append(out, buf, num_format_i64(VEC_AT(int64_t, v, i), buf));
        strbuf_puts(out, bare ? "" : "L");
        return;
    case T_DECIMAL:
        strbuf_append(out, buf, dec_format_sci(VEC_AT(int128_t, v, i), t->scale, buf));
        strbuf_puts(out, bare ? "" : "BD");
        return;
    default:
        break;
    }
    double x = t->id == T_FLOAT ? (double)VEC_AT(float, v, i) : VEC_AT(double, v, i);
    if (x != x || x - x != 0) {
        print_special_float(t, x, bare, out);
        return;
    }
    if (t->id == T_FLOAT && bare) {
        strbuf_append(out, buf, num_format_f32(VEC_AT(float, v, i), buf));
        return;
    }
    if (t->id == T_FLOAT) {
        strbuf_puts(out, "CAST(");
        strbuf_append(out, buf, num_format_f32(VEC_AT(float, v, i), buf));
        strbuf_puts(out, " AS FLOAT)");
        return;
    }
    strbuf_append(out, buf, num_format_f64(x, buf));
    strbuf_puts(out, bare ? "" : "D");
}

static void print_value(const TimeZone *tz, const Vec *v, uint32_t i, bool bare, Style style,
                        StrBuf *out)
{
    const Type *t = v->type;
    if (!vec_is_valid(v, i)) {
        if (bare || t->id == T_NULL) {
            strbuf_puts(out, style == STYLE_EXPLAIN ? "null" : "NULL");
            return;
        }
        strbuf_puts(out, "CAST(NULL AS ");
        type_sql(t, out);
        strbuf_putc(out, ')');
        return;
    }
    if (type_is_numeric(t)) {
        print_number(v, i, bare, out);
        return;
    }
    switch (t->id) {
    case T_STRING:
        if (bare) {
            strbuf_append(out, view_ptr(&VEC_AT(View, v, i)), VEC_AT(View, v, i).len);
        } else {
            print_quoted(view_str(&VEC_AT(View, v, i)), out);
        }
        return;
    case T_BINARY:
        strbuf_puts(out, style == STYLE_EXPLAIN ? "0x" : "X'");
        print_binary(view_str(&VEC_AT(View, v, i)), out);
        strbuf_puts(out, style == STYLE_EXPLAIN ? "" : "'");
        return;
    case T_BOOLEAN:
        strbuf_puts(out, VEC_AT(uint8_t, v, i) ? "true" : "false");
        return;
    case T_ARRAY:
    case T_MAP:
    case T_STRUCT:
        print_nested(tz, v, i, style, out);
        return;
    case T_INTERVAL_YM:
    case T_INTERVAL_DT:
        vec_value_text(v, i, tz, out);
        return;
    default:
        break;
    }
    if (style != STYLE_EXPLAIN) {
        strbuf_puts(out, t->id == T_DATE            ? "DATE '"
                         : t->id == T_INTERVAL_CAL  ? "INTERVAL '"
                         : t->id == T_TIMESTAMP_NTZ ? "TIMESTAMP_NTZ '"
                                                    : "TIMESTAMP '");
    }
    vec_value_text(v, i, tz, out);
    strbuf_puts(out, style != STYLE_EXPLAIN ? "'" : "");
}

/* Floats stand bare in messages, and so do NaN and the infinities of both kinds. */
void literal_sql(const struct TimeZone *tz, const Vec *v, uint32_t i, StrBuf *out)
{
    bool bare = false;
    if (vec_is_valid(v, i)) {
        double x = v->type->id == T_DOUBLE ? VEC_AT(double, v, i) : 0;
        bare = v->type->id == T_FLOAT || x - x != 0;
    }
    if (bare) {
        print_number(v, i, true, out);
        return;
    }
    print_value(tz, v, i, false, STYLE_NAME, out);
}

/* ---- names ---- */

/* An identifier, in backquotes unless it is plain. */
static void print_part(const char *s, StrBuf *out)
{
    bool plain = s[0] && !(s[0] >= '0' && s[0] <= '9');
    for (const char *p = s; *p; p++) {
        char c = ascii_lower(*p);
        plain = plain && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
    }
    if (plain) {
        strbuf_puts(out, s);
        return;
    }
    strbuf_putc(out, '`');
    for (const char *p = s; *p; p++) {
        strbuf_puts(out, *p == '`' ? "`" : "");
        strbuf_putc(out, *p);
    }
    strbuf_putc(out, '`');
}

void expr_sql_identifier(const char *name, StrBuf *out)
{
    print_part(name, out);
}

static void print_parts(const Expr *e, StrBuf *out)
{
    for (uint32_t i = 0; i < e->n_parts; i++) {
        strbuf_puts(out, i ? "." : "");
        print_part(e->parts[i], out);
    }
}

/* ---- calls ---- */

static void print_infix(const Expr *e, const char *op, Style style, StrBuf *out)
{
    strbuf_putc(out, '(');
    print(e->args[0], style, out);
    strbuf_printf(out, " %s ", op);
    print(e->args[1], style, out);
    strbuf_putc(out, ')');
}

static void print_prefix(const char *before, const Expr *arg, const char *after, Style style,
                         StrBuf *out)
{
    strbuf_puts(out, before);
    print(arg, style, out);
    strbuf_puts(out, after);
}

static void print_like(const Expr *e, const char *op, Style style, StrBuf *out)
{
    print(e->args[0], style, out);
    strbuf_printf(out, " %s ", op);
    print(e->args[1], style, out);
    if (e->n_args == 3) {
        strbuf_puts(out, " ESCAPE '");
        print(e->args[2], style, out);
        strbuf_putc(out, '\'');
    }
}

static void print_in(const Expr *e, Style style, StrBuf *out)
{
    bool explain = style == STYLE_EXPLAIN;
    strbuf_puts(out, explain ? "" : "(");
    print(e->args[0], style, out);
    strbuf_puts(out, " IN (");
    for (uint32_t i = 1; i < e->n_args; i++) {
        strbuf_puts(out, i > 1 ? (explain ? "," : ", ") : "");
        print(e->args[i], style, out);
    }
    strbuf_puts(out, explain ? ")" : "))");
}

/* Functions whose text is not name(arguments). true: printed. */
static bool print_special(const Expr *e, Style style, StrBuf *out)
{
    const char *name = e->name;
    bool explain = style == STYLE_EXPLAIN;
    if (strcmp(name, "not") == 0 || strcmp(name, "!") == 0) {
        print_prefix(explain ? "NOT " : "(NOT ", e->args[0], explain ? "" : ")", style, out);
    } else if (strcmp(name, "isnull") == 0 && !explain) {
        print_prefix("(", e->args[0], " IS NULL)", style, out);
    } else if (strcmp(name, "isnotnull") == 0 && !explain) {
        print_prefix("(", e->args[0], " IS NOT NULL)", style, out);
    } else if (strcmp(name, "if") == 0) {
        strbuf_puts(out, explain ? "if (" : "(IF(");
        print(e->args[0], style, out);
        strbuf_puts(out, explain ? ") " : ", ");
        print(e->args[1], style, out);
        strbuf_puts(out, explain ? " else " : ", ");
        print(e->args[2], style, out);
        strbuf_puts(out, explain ? "" : "))");
    } else if (strcmp(name, "in") == 0) {
        print_in(e, style, out);
    } else if (strcmp(name, "-") == 0 && e->n_args == 1) {
        print_prefix(explain ? "-" : "(- ", e->args[0], explain ? "" : ")", style, out);
    } else if (strcmp(name, "+") == 0 && e->n_args == 1) {
        print_prefix(explain ? "+" : "(+ ", e->args[0], explain ? "" : ")", style, out);
    } else if (strcmp(name, "~") == 0) {
        print_prefix("~", e->args[0], "", style, out);
    } else if (strcmp(name, "extractvalue") == 0) {
        print(e->args[0], style, out);
        print_prefix("[", e->args[1], "]", style, out);
    } else if (strcmp(name, "[].") == 0) {
        print(e->args[0], style, out);
        strbuf_printf(out, ".%s", e->args[0]->type->fields[0].type->fields[e->column].name);
    } else if (strcmp(name, "like") == 0) {
        print_like(e, "LIKE", style, out);
    } else if (strcmp(name, "+ interval") == 0 || strcmp(name, "- interval") == 0) {
        print(e->args[0], style, out);
        strbuf_puts(out, name[0] == '+' ? " + " : " - ");
        print(e->args[1], style, out);
    } else if (strcmp(name, "$update_fields") == 0) {
        strbuf_puts(out, "update_fields(");
        print_list(e, 0, style, out);
        strbuf_putc(out, ')');
    } else if (strcmp(name, "$withfield") == 0) {
        print_prefix("WithField(", e->args[1], ")", style, out);
    } else if (strcmp(name, "$dropfield") == 0) {
        strbuf_puts(out, "dropfield()");
    } else if (name[0] && name[1] == ' ') {
        print_infix(e, (const char[]){name[0], '\0'}, style, out); /* "- date", "* interval" … */
    } else {
        return false;
    }
    return true;
}

static void print_call(const Expr *e, Style style, StrBuf *out)
{
    if (strcmp(e->name, "collation key") == 0) { /* compared by, as the type says */
        print(e->args[0], style, out);
        return;
    }
    if (print_special(e, style, out)) {
        return;
    }
    if ((e->fn->flags & FN_OPERATOR) && e->n_args == 2) {
        print_infix(e, strcmp(e->name, "==") == 0 ? "=" : e->name, style, out);
        return;
    }
    strbuf_puts(out, e->name);
    strbuf_puts(out, e->distinct ? "(DISTINCT " : "(");
    print_list(e, 0, style, out);
    strbuf_putc(out, ')');
    if (e->ignore_nulls && style == STYLE_EXPLAIN) {
        strbuf_puts(out, " ignore nulls");
    }
    if (e->filter) {
        print_prefix(" FILTER (WHERE ", e->filter, ")", style, out);
    }
}

static void print_case(const Expr *e, Style style, StrBuf *out)
{
    strbuf_puts(out, "CASE");
    for (uint32_t i = 0; i + 1 < e->n_args; i += 2) {
        print_prefix(" WHEN ", e->args[i], "", style, out);
        print_prefix(" THEN ", e->args[i + 1], "", style, out);
    }
    if (e->n_args % 2) {
        print_prefix(" ELSE ", e->args[e->n_args - 1], "", style, out);
    }
    strbuf_puts(out, " END");
}

/*
 * TIMESTAMP 'x' comes from the parser as a cast with this name, as its value depends on the
 * session's zone. Text without a zone of its own is the time in that zone already.
 */
static bool print_timestamp_literal(const Expr *e, StrBuf *out)
{
    const Expr *text = e->args[0];
    int64_t us = 0;
    char buf[TS_TEXT_MAX];
    if (!e->name || strcmp(e->name, "timestamp_literal") != 0 || text->kind != E_LITERAL ||
        text->type->id != T_STRING || !vec_is_valid(text->value, 0)) {
        return false;
    }
    Str s = view_str(&VEC_DATA(View, text->value)[0]);
    bool zoned = ts_text_has_zone(s);
    if (zoned ? !ts_parse(s, tz_system(), &us) : !ts_ntz_parse(s, true, &us)) {
        return false;
    }
    size_t n = zoned ? ts_format(us, tz_system(), buf) : ts_local_format(us, buf);
    strbuf_puts(out, "TIMESTAMP '");
    strbuf_append(out, buf, n);
    strbuf_putc(out, '\'');
    return true;
}

static void print_cast(const Expr *e, Style style, StrBuf *out)
{
    bool explain = style == STYLE_EXPLAIN;
    if (!explain && print_timestamp_literal(e, out)) {
        return;
    }
    if (!e->user_cast && e->type->id == T_STRING && e->type->precision != 0 &&
        e->args[0]->kind == E_LITERAL && e->args[0]->type == type_string) {
        strbuf_putc(out, '\'');
        print(e->args[0], style, out);
        strbuf_printf(out, "' collate %s", collation_name(e->type));
        return;
    }
    if ((!e->user_cast || type_is_nested(e->type)) && !explain) {
        print(e->args[0], style, out);
        return;
    }
    if (explain) {
        strbuf_puts(out, e->eval_mode == EVAL_TRY ? "try_cast(" : "cast(");
    } else {
        strbuf_puts(out, e->eval_mode == EVAL_TRY ? "TRY_CAST(" : "CAST(");
    }
    print(e->args[0], style, out);
    strbuf_puts(out, explain ? " as " : " AS ");
    if (explain) {
        type_simple_string(e->type, out);
    } else {
        type_sql(e->type, out);
    }
    strbuf_putc(out, ')');
}

static void print_sort_order(const Expr *e, Style style, StrBuf *out)
{
    print(e->args[0], style, out);
    strbuf_puts(out, e->desc ? " DESC" : " ASC");
    strbuf_puts(out, e->nulls_first ? " NULLS FIRST" : " NULLS LAST");
}

static void print_attr(const Expr *e, Style style, StrBuf *out)
{
    strbuf_puts(out, e->name);
    if (style == STYLE_EXPLAIN) {
        strbuf_printf(out, "#%u", e->attr);
        strbuf_puts(out, e->type == type_long ? "L" : "");
    }
}

static void print_alias(const Expr *e, Style style, StrBuf *out)
{
    print(e->args[0], style, out);
    strbuf_puts(out, " AS ");
    if (style == STYLE_EXPLAIN) {
        strbuf_puts(out, e->name ? e->name : "");
        strbuf_printf(out, "#%u", e->attr);
        strbuf_puts(out, e->type == type_long ? "L" : "");
    } else if (e->name) {
        print_part(e->name, out);
    } else {
        print_parts(e, out);
    }
}

#define LAMBDA_VARIABLE "namedlambdavariable()"

static void print_unresolved(const Expr *e, Style style, StrBuf *out)
{
    switch (e->kind) {
    case E_UNRESOLVED_ATTR:
        strbuf_puts(out, style == STYLE_EXPLAIN ? "'" : "");
        print_parts(e, out);
        break;
    case E_UNRESOLVED_STAR:
        print_parts(e, out);
        strbuf_puts(out, e->n_parts ? ".*" : "*");
        break;
    case E_UNRESOLVED_FUNC:
        strbuf_puts(out, style == STYLE_EXPLAIN ? "'" : "");
        print_parts(e, out);
        strbuf_puts(out, e->distinct ? "(DISTINCT " : "(");
        print_list(e, 0, style, out);
        strbuf_putc(out, ')');
        break;
    case E_UNRESOLVED_EXTRACT:
        print(e->args[0], style, out);
        print_prefix("[", e->args[1], "]", style, out);
        break;
    case E_NAMED_ARG:
        strbuf_printf(out, "%s => ", e->name);
        print(e->args[0], style, out);
        break;
    case E_LAMBDA:
        strbuf_puts(out, "lambdafunction(");
        print(e->args[0], style, out);
        for (uint32_t i = 0; i < (e->type ? e->column : e->n_parts); i++) {
            strbuf_printf(out, ", %s", e->type ? LAMBDA_VARIABLE : e->parts[i]);
        }
        strbuf_putc(out, ')');
        break;
    case E_LAMBDA_VAR:
        strbuf_puts(out, LAMBDA_VARIABLE);
        break;
    case E_SUBQUERY:
        strbuf_puts(out, strcmp(e->name, "exists") == 0 ? "exists()" : "scalarsubquery()");
        break;
    default:
        strbuf_puts(out, e->name ? e->name : "");
        print_list(e, 0, style, out);
        break;
    }
}

static void print(const Expr *e, Style style, StrBuf *out)
{
    bool resolved = e->kind > E_WINDOW && e->kind != E_ALIAS;
    if (resolved && e->n_parts == 1 && style == STYLE_NAME) {
        strbuf_puts(out, e->parts[0]);
        return;
    }
    switch (e->kind) {
    case E_LITERAL:
        print_value(tz_system(), e->value, 0,
                    style == STYLE_EXPLAIN || type_is_numeric(e->type) || e->type->id == T_STRING ||
                        !vec_is_valid(e->value, 0),
                    style, out);
        break;
    case E_ATTR:
        print_attr(e, style, out);
        break;
    case E_COLUMN:
        if (e->name) {
            print_attr(e, style, out);
        } else {
            strbuf_printf(out, "input[%u]", e->column);
        }
        break;
    case E_ALIAS:
        print_alias(e, style, out);
        break;
    case E_CAST:
        print_cast(e, style, out);
        break;
    case E_CALL:
    case E_AGG:
    case E_GENERATOR:
        print_call(e, style, out);
        break;
    case E_AND:
        print_infix(e, "AND", style, out);
        break;
    case E_OR:
        print_infix(e, "OR", style, out);
        break;
    case E_CASE:
        print_case(e, style, out);
        break;
    case E_FIELD:
        print(e->args[0], style, out);
        strbuf_printf(out, ".%s", e->name ? e->name : e->args[0]->type->fields[e->column].name);
        break;
    case E_SORT_ORDER:
        print_sort_order(e, style, out);
        break;
    default:
        print_unresolved(e, style, out);
        break;
    }
}

void expr_name(const Expr *e, StrBuf *out)
{
    print(e, STYLE_NAME, out);
}

void expr_sql(const Expr *e, StrBuf *out)
{
    print(e, STYLE_NAME, out);
}

void expr_explain(const Expr *e, StrBuf *out)
{
    print(e, STYLE_EXPLAIN, out);
}
