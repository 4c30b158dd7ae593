/*
 * parse_literal.c - numbers, strings, typed literals, intervals and parameters.
 *
 * Types of numbers are Spark's: 1 is an int, or a bigint or decimal if it needs to be; 1.5 is
 * decimal(2,1); 1e3 a double; suffixes Y S L F D BD force a type.
 *
 * TIMESTAMP '…' depends on the session time zone, which the parser does not know. It becomes a cast
 * of the string to timestamp whose name is "timestamp_literal"; the text is checked here, so that a
 * wrong one is an INVALID_TYPED_LITERAL as it is in Spark. DATE, TIMESTAMP_NTZ and intervals are
 * literals. An interval's type follows from the units that were written: INTERVAL 1 DAY 2 HOURS is
 * a day-to-hour interval.
 */
#include "column/datetime.h"
#include "column/decimal.h"
#include "column/interval.h"
#include "column/number.h"
#include "sql/parser.h"

#include <math.h>

/* ---- strings and parameters ---- */

Str sql_literal_str(const Expr *e)
{
    if (e->kind != E_LITERAL || e->type != type_string || !vec_is_valid(e->value, 0)) {
        return (Str){0};
    }
    return view_str(&VEC_DATA(View, e->value)[0]);
}

static const Expr *find_argument(const Parser *p, const char *name)
{
    if (!p->args || (p->args->names != NULL) != (name != NULL)) {
        return NULL;
    }
    if (!name) {
        return p->n_positional < p->args->n ? p->args->values[p->n_positional] : NULL;
    }
    for (uint32_t i = 0; i < p->args->n; i++) {
        if (strcmp(p->args->names[i], name) == 0) {
            return p->args->values[i];
        }
    }
    return NULL;
}

/* ? or :name */
fb_status sql_parameter(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    const char *name = NULL;
    if (sql_accept(p, TK_COLON)) {
        TRY(sql_bare_name(p, &name));
    } else {
        sql_advance(p);
    }
    if (p->no_parameters) {
        err_set(p->err, ERR_PARAMETER_MARKER_IN_UNEXPECTED_STATEMENT, "statement",
                "the query of CREATE VIEW", NULL);
        return sql_error_from(p, start);
    }
    const Expr *value = find_argument(p, name);
    p->n_positional += name == NULL;
    if (!value) {
        err_set(p->err, ERR_UNBOUND_SQL_PARAMETER, "name",
                name ? name : arena_printf(p->a, "_%u", start), NULL);
        return sql_error_from(p, start);
    }
    *ret = expr_copy(p->a, value);
    sql_place(p, *ret, start);
    return FB_OK;
}

fb_status sql_string(Parser *p, Str *ret)
{
    StrBuf b = {0};
    bool any = false;
    for (;; any = true) {
        if (sql_is(p, TK_STRING)) {
            sql_unescape(sql_text(p, sql_tok(p)), &b);
            sql_advance(p);
            continue;
        }
        if (!sql_is(p, TK_QUESTION) && !sql_is(p, TK_COLON)) {
            break;
        }
        Expr *e;
        uint32_t start = sql_here(p);
        if (sql_parameter(p, &e) != FB_OK) {
            strbuf_free(&b);
            return FB_ERR;
        }
        Str s = sql_literal_str(e);
        if (!s.p) {
            strbuf_free(&b);
            err_unsupported(p->err, "a parameter that is not a string in this place");
            return sql_error_from(p, start);
        }
        strbuf_append(&b, s.p, s.n);
    }
    if (!any) {
        strbuf_free(&b);
        return sql_syntax_error(p);
    }
    *ret = strbuf_bytes(&b, p->a);
    return FB_OK;
}

/* ---- numbers ---- */

static fb_status out_of_range(Parser *p, uint32_t start, const char *digits, const char *min,
                              const char *max, const char *type)
{
    err_set(p->err, ERR_INVALID_NUMERIC_LITERAL_RANGE, "rawStrippedQualifier", digits, "minValue",
            min, "maxValue", max, "typeName", type, NULL);
    return sql_error_from(p, start);
}

static fb_status sized_integer(Parser *p, uint32_t start, const char *digits, TokenKind kind,
                               Expr **ret)
{
    const Type *t = kind == TK_BYTE ? type_byte : kind == TK_SHORT ? type_short : type_long;
    int64_t min = kind == TK_BYTE ? INT8_MIN : kind == TK_SHORT ? INT16_MIN : INT64_MIN;
    int64_t max = kind == TK_BYTE ? INT8_MAX : kind == TK_SHORT ? INT16_MAX : INT64_MAX;
    int64_t v;
    if (!num_parse_i64(str_of(digits), false, &v) || v < min || v > max) {
        const char *name = kind == TK_BYTE ? "tinyint" : kind == TK_SHORT ? "smallint" : "bigint";
        return out_of_range(p, start, digits, arena_printf(p->a, "%lld", (long long)min),
                            arena_printf(p->a, "%lld", (long long)max), name);
    }
    *ret = expr_literal_int(p->a, t, v);
    return FB_OK;
}

static fb_status decimal_literal(Parser *p, uint32_t start, const char *digits, Expr **ret)
{
    int128_t v;
    DecType t;
    if (dec_parse_natural(str_of(digits), &v, &t) != DEC_OK) {
        uint32_t precision = 0;
        for (const char *s = digits; *s && *s != 'e' && *s != 'E'; s++) {
            precision += *s >= '0' && *s <= '9' && (precision > 0 || *s != '0');
        }
        err_set(p->err, ERR_DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION, "precision",
                arena_printf(p->a, "%u", precision), "maxPrecision", "38", NULL);
        return sql_error_from(p, start);
    }
    *ret = expr_literal_decimal(p->a, type_decimal(t.p, t.s), v);
    return FB_OK;
}

static fb_status floating_literal(Parser *p, uint32_t start, const char *digits, bool is_float,
                                  Expr **ret)
{
    double d = 0;
    float f = 0;
    bool ok =
        is_float ? num_parse_f32_java(str_of(digits), &f) : num_parse_f64_java(str_of(digits), &d);
    d = is_float ? (double)f : d;
    if (!ok || isinf(d)) {
        return is_float ? out_of_range(p, start, digits, "-3.4028234663852886E+38",
                                       "3.4028234663852886E+38", "float")
                        : out_of_range(p, start, digits, "-1.7976931348623157E+308",
                                       "1.7976931348623157E+308", "double");
    }
    *ret = expr_literal_double(p->a, is_float ? type_float : type_double, d);
    return FB_OK;
}

static fb_status plain_integer(Parser *p, uint32_t start, const char *digits, Expr **ret)
{
    int64_t v;
    if (!num_parse_i64(str_of(digits), false, &v)) {
        return decimal_literal(p, start, digits, ret);
    }
    bool is_int = v >= INT32_MIN && v <= INT32_MAX;
    *ret = expr_literal_int(p->a, is_int ? type_int : type_long, v);
    return FB_OK;
}

static fb_status number(Parser *p, bool negative, uint32_t start, Expr **ret)
{
    const Token *t = sql_tok(p);
    Str text = sql_text(p, t);
    bool suffix = t->kind == TK_LONG || t->kind == TK_SHORT || t->kind == TK_BYTE ||
                  t->kind == TK_FLOAT || t->kind == TK_DOUBLE;
    text.n -= t->kind == TK_BIGDECIMAL ? 2 : suffix;
    const char *digits = arena_printf(p->a, "%s%.*s", negative ? "-" : "", (int)text.n, text.p);
    TokenKind kind = t->kind;
    sql_advance(p);
    switch (kind) {
    case TK_INT:
        TRY(plain_integer(p, start, digits, ret));
        break;
    case TK_LONG:
    case TK_SHORT:
    case TK_BYTE:
        TRY(sized_integer(p, start, digits, kind, ret));
        break;
    case TK_DECIMAL:
    case TK_BIGDECIMAL:
        TRY(decimal_literal(p, start, digits, ret));
        break;
    default:
        TRY(floating_literal(p, start, digits, kind == TK_FLOAT, ret));
        break;
    }
    sql_place(p, *ret, start);
    return FB_OK;
}

/* A wrong literal stands for NULL until its error is told. */
static fb_status or_defer(Parser *p, fb_status st, Expr **ret)
{
    if (st == FB_OK) {
        return FB_OK;
    }
    *ret = expr_literal_null(p->a, type_null);
    return sql_defer(p);
}

/* The token is a number; negative: a minus before it, at start, belongs to it. */
fb_status sql_number(Parser *p, bool negative, uint32_t start, Expr **ret)
{
    return or_defer(p, number(p, negative, start, ret), ret);
}

fb_status sql_integer(Parser *p, int64_t *ret)
{
    if (sql_is(p, TK_QUESTION) || sql_is(p, TK_COLON)) {
        Expr *e;
        uint32_t start = sql_here(p);
        TRY(sql_parameter(p, &e));
        bool ok = e->kind == E_LITERAL && vec_is_valid(e->value, 0) &&
                  (e->type == type_int || e->type == type_long);
        if (!ok) {
            err_unsupported(p->err, "a parameter that is not an integer in this place");
            return sql_error_from(p, start);
        }
        *ret =
            e->type == type_int ? VEC_DATA(int32_t, e->value)[0] : VEC_DATA(int64_t, e->value)[0];
        return FB_OK;
    }
    if (!sql_is(p, TK_INT) || !num_parse_i64(sql_text(p, sql_tok(p)), false, ret)) {
        return sql_syntax_error(p);
    }
    sql_advance(p);
    return FB_OK;
}

/* ---- intervals ---- */

typedef struct IntervalUnit {
    const char *name; /* singular */
    bool is_month;    /* year-month family */
    uint8_t field;    /* of the type: year 0 month 1; day 0 hour 1 minute 2 second 3 */
    bool in_to;       /* may stand in FROM unit TO unit */
} IntervalUnit;

static const IntervalUnit interval_units[] = {
    {"YEAR", true, 0, true},          {"MONTH", true, 1, true},
    {"WEEK", false, 0, false},        {"DAY", false, 0, true},
    {"HOUR", false, 1, true},         {"MINUTE", false, 2, true},
    {"SECOND", false, 3, true},       {"MILLISECOND", false, 3, false},
    {"MICROSECOND", false, 3, false}, {"NANOSECOND", false, 3, false},
};

/* text is a unit's name, singular or plural, in any case. */
static const IntervalUnit *unit_of_text(Str text)
{
    for (size_t i = 0; i < sizeof(interval_units) / sizeof(interval_units[0]); i++) {
        Str name = str_of(interval_units[i].name);
        Str head = {text.p, name.n};
        bool plural = text.n == name.n + 1 && ascii_lower(text.p[name.n]) == 's';
        if ((text.n == name.n || plural) && str_eq_nocase(head, name)) {
            return &interval_units[i];
        }
    }
    return NULL;
}

static const IntervalUnit *unit_at(const Parser *p, uint32_t ahead)
{
    const Token *t = sql_ahead(p, ahead);
    return t->kind == TK_WORD ? unit_of_text(sql_text(p, t)) : NULL;
}

/* Tokens of an interval's value `ahead`: 1, or 2 with a sign; 0 if there is none. */
static uint32_t value_tokens(const Parser *p, uint32_t ahead)
{
    TokenKind k = sql_ahead(p, ahead)->kind;
    uint32_t sign = k == TK_PLUS || k == TK_MINUS;
    k = sql_ahead(p, ahead + sign)->kind;
    return k == TK_INT || k == TK_DECIMAL || k == TK_STRING ? sign + 1 : 0;
}

static bool pair_at(const Parser *p, uint32_t ahead)
{
    uint32_t n = value_tokens(p, ahead);
    return n > 0 && unit_at(p, ahead + n);
}

bool sql_at_interval(const Parser *p)
{
    if (!sql_is_kw(p, KW_INTERVAL)) {
        return false;
    }
    TokenKind next = sql_ahead(p, 1)->kind;
    return pair_at(p, 1) || next == TK_INT || next == TK_DECIMAL;
}

/* The value with its sign: a minus before '-1' makes 1. *ret_string: it was quoted. */
static fb_status interval_value(Parser *p, const char **ret, bool *ret_string)
{
    bool minus = sql_is(p, TK_MINUS);
    if (minus || sql_is(p, TK_PLUS)) {
        sql_advance(p);
    }
    Str text = sql_text(p, sql_tok(p));
    *ret_string = sql_is(p, TK_STRING);
    if (*ret_string) {
        TRY(sql_string(p, &text));
    } else {
        sql_advance(p);
    }
    if (minus && text.n > 0 && text.p[0] == '-') {
        text = (Str){text.p + 1, text.n - 1};
        minus = false;
    }
    *ret = arena_printf(p->a, "%s%.*s", minus ? "-" : "", (int)text.n, text.p);
    return FB_OK;
}

typedef struct Fields {
    bool months, times;
    uint8_t m_first, m_last, t_first, t_last;
} Fields;

static void add_field(Fields *f, const IntervalUnit *u)
{
    bool *any = u->is_month ? &f->months : &f->times;
    uint8_t *first = u->is_month ? &f->m_first : &f->t_first;
    uint8_t *last = u->is_month ? &f->m_last : &f->t_last;
    if (!*any || u->field < *first) {
        *first = u->field;
    }
    if (!*any || u->field > *last) {
        *last = u->field;
    }
    *any = true;
}

/* A literal of the type that the fields give. */
static fb_status interval_of(Parser *p, IntervalCal v, const Fields *f, uint32_t start, Expr **ret)
{
    if (f->months && f->times) {
        err_set(p->err, ERR_LEGACY_0029, "literal", sql_source(p, start), NULL);
        return sql_error_from(p, start);
    }
    if (f->months) {
        *ret = expr_literal_int(p->a, type_interval_ym(f->m_first, f->m_last), v.months);
        return FB_OK;
    }
    int64_t us;
    if (__builtin_mul_overflow((int64_t)v.days, US_PER_DAY, &us) ||
        __builtin_add_overflow(us, v.micros, &us)) {
        err_set(p->err, ERR_DATETIME_OVERFLOW, "operation", sql_source(p, start), NULL);
        return sql_error_from(p, start);
    }
    *ret = expr_literal_int(p->a, type_interval_dt(f->t_first, f->t_last), us);
    return FB_OK;
}

/* " 1 day 2 hours" from the pairs at hand. */
static fb_status interval_pairs(Parser *p, Fields *fields, char **ret)
{
    StrBuf b = {0};
    do {
        uint32_t start = sql_here(p);
        const char *value;
        bool quoted;
        if (interval_value(p, &value, &quoted) != FB_OK) {
            strbuf_free(&b);
            return FB_ERR;
        }
        for (const char *s = value; quoted && *s; s++) {
            if (ascii_lower(*s) >= 'a' && ascii_lower(*s) <= 'z') {
                err_set(p->err, ERR_LEGACY_0026, "value", value, NULL);
                sql_error_from(p, start);
                if (sql_defer(p) != FB_OK) {
                    strbuf_free(&b);
                    return FB_ERR;
                }
                value = "0";
            }
        }
        const IntervalUnit *u = unit_at(p, 0);
        if (!u) {
            strbuf_free(&b);
            return sql_syntax_error(p);
        }
        Str unit = sql_text(p, sql_tok(p));
        strbuf_printf(&b, " %s %.*s", value, (int)unit.n, unit.p);
        add_field(fields, u);
        sql_advance(p);
    } while (pair_at(p, 0));
    *ret = strbuf_arena(&b, p->a);
    return FB_OK;
}

static const char *lower_word(Parser *p, const Token *t)
{
    Str s = sql_text(p, t);
    char *w = arena_strndup(p->a, s.p, s.n);
    for (size_t i = 0; i < s.n; i++) {
        w[i] = ascii_lower(w[i]);
    }
    return w;
}

static fb_status two_intervals(Parser *p, uint32_t start)
{
    while (pair_at(p, 0)) {
        p->at += value_tokens(p, 0) + 1;
    }
    err_set(p->err, ERR_LEGACY_0024, NULL);
    return sql_error_from(p, start);
}

/* '1-2' YEAR TO MONTH, behind INTERVAL. */
static fb_status interval_from_to(Parser *p, uint32_t start, Expr **ret)
{
    uint32_t value_start = sql_here(p);
    const char *value;
    bool quoted;
    TRY(interval_value(p, &value, &quoted));
    const Token *from_word = sql_tok(p);
    const IntervalUnit *from = unit_at(p, 0), *to = unit_at(p, 2);
    sql_advance(p);
    sql_advance(p);
    if (!to || !to->in_to) {
        return sql_syntax_error(p);
    }
    const Token *to_word = sql_tok(p);
    sql_advance(p);
    if (pair_at(p, 0)) {
        return two_intervals(p, start);
    }
    if (!quoted) {
        err_set(p->err, ERR_LEGACY_0027, NULL);
        return sql_error_from(p, value_start);
    }
    fb_status st;
    if (from->is_month != to->is_month || from->field >= to->field) {
        st = err_set(p->err, ERR_INVALID_INTERVAL_FROM_TO, "input", value, "from",
                     lower_word(p, from_word), "to", lower_word(p, to_word), NULL);
    } else if (from->is_month) {
        int32_t months;
        st = interval_literal_ym(str_of(value), from->field, to->field, &months, p->err);
        if (st == FB_OK) {
            *ret = expr_literal_int(p->a, type_interval_ym(from->field, to->field), months);
        }
    } else {
        int64_t us;
        st = interval_literal_dt(str_of(value), from->field, to->field, &us, p->err);
        if (st == FB_OK) {
            *ret = expr_literal_int(p->a, type_interval_dt(from->field, to->field), us);
        }
    }
    return st == FB_OK ? FB_OK : sql_error_from(p, value_start);
}

static bool at_from_to(const Parser *p)
{
    uint32_t n = value_tokens(p, 0);
    const IntervalUnit *u = n ? unit_at(p, n) : NULL;
    return u && u->in_to && sql_word_is(p, sql_ahead(p, n + 1), "TO");
}

static fb_status interval(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    sql_advance(p);
    if (at_from_to(p)) {
        TRY(interval_from_to(p, start, ret));
        sql_place(p, *ret, start);
        return FB_OK;
    }
    char *text;
    Fields fields = {0};
    IntervalCal v;
    uint32_t value_start = sql_here(p);
    TRY(interval_pairs(p, &fields, &text));
    if (sql_is_word(p, "TO") && unit_at(p, 1)) {
        sql_advance(p);
        sql_advance(p);
        return two_intervals(p, start);
    }
    if (interval_parse(str_of(text), &v, p->err) != FB_OK) {
        return sql_error_from(p, value_start);
    }
    TRY(interval_of(p, v, &fields, start, ret));
    sql_place(p, *ret, start);
    return FB_OK;
}

fb_status sql_interval(Parser *p, Expr **ret)
{
    return or_defer(p, interval(p, ret), ret);
}

fb_status sql_interval_text(Parser *p, const char **ret)
{
    TRY(sql_expect_kw(p, KW_INTERVAL));
    if (value_tokens(p, 0) == 0) {
        return sql_syntax_error(p);
    }
    uint32_t start = sql_here(p);
    char *text;
    Fields fields = {0};
    IntervalCal v;
    if (at_from_to(p)) {
        return err_unsupported(p->err, "an interval FROM unit TO unit in this place");
    }
    TRY(interval_pairs(p, &fields, &text));
    if (interval_parse(str_of(text), &v, p->err) != FB_OK) {
        return sql_error_from(p, start);
    }
    *ret = text + 1;
    return FB_OK;
}

/* ---- DATE '…' and kin ---- */

static fb_status invalid_typed(Parser *p, uint32_t start, const char *type, Str value)
{
    err_set(p->err, ERR_INVALID_TYPED_LITERAL, "valueType", arena_printf(p->a, "\"%s\"", type),
            "value", arena_printf(p->a, "'%.*s'", (int)value.n, value.p), NULL);
    return sql_error_from(p, start);
}

/* now, today, tomorrow, yesterday: they depend on the session's clock and zone, so that they
 * become calls. */
static Expr *special_date(Parser *p, Str s)
{
    static const struct {
        const char *word;
        int days;
    } words[] = {{"now", 0}, {"today", 0}, {"tomorrow", 1}, {"yesterday", -1}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_eq_nocase(str_trim(s), str_of(words[i].word))) {
            Expr *today = sql_call(p, "current_date", NULL, NULL, NULL);
            Expr *days = expr_literal_int(p->a, type_int, words[i].days);
            return words[i].days ? sql_call(p, "date_add", today, days, NULL) : today;
        }
    }
    return NULL;
}

static fb_status date_literal(Parser *p, uint32_t start, Str s, Expr **ret)
{
    int32_t days;
    if (date_parse(s, &days)) {
        *ret = expr_literal_int(p->a, type_date, days);
    } else if (str_eq_nocase(str_trim(s), STR_LIT("epoch"))) {
        *ret = expr_literal_int(p->a, type_date, 0);
    } else {
        *ret = special_date(p, s);
    }
    return *ret ? FB_OK : invalid_typed(p, start, "DATE", s);
}

static fb_status timestamp_literal(Parser *p, uint32_t start, const char *type, Str s, Expr **ret)
{
    int64_t us;
    Expr *day = special_date(p, s);
    if (str_eq_nocase(str_trim(s), STR_LIT("epoch"))) {
        *ret = expr_literal_int(p->a, type_timestamp, 0);
    } else if (str_eq_nocase(str_trim(s), STR_LIT("now"))) {
        *ret = sql_call(p, "current_timestamp", NULL, NULL, NULL);
    } else if (day) {
        *ret = expr_cast(p->a, day, type_timestamp, EVAL_ANSI, false);
    } else if (ts_ntz_parse(s, true, &us)) {
        *ret = expr_cast(p->a, expr_literal_str(p->a, s), type_timestamp, EVAL_ANSI, false);
        (*ret)->name = "timestamp_literal";
    } else {
        return invalid_typed(p, start, type, s);
    }
    return FB_OK;
}

static fb_status timestamp_ntz_literal(Parser *p, uint32_t start, Str s, Expr **ret)
{
    int64_t us;
    if (!ts_ntz_parse(s, true, &us)) {
        if (!str_eq_nocase(str_trim(s), STR_LIT("epoch"))) {
            return invalid_typed(p, start, "TIMESTAMP_NTZ", s);
        }
        us = 0;
    }
    *ret = expr_literal_int(p->a, type_timestamp_ntz, us);
    return FB_OK;
}

static fb_status hex_literal(Parser *p, uint32_t start, Str s, Expr **ret)
{
    size_t n = (s.n + 1) / 2;
    char *bytes = arena_zalloc(p->a, n + 1);
    for (size_t i = 0; i < s.n; i++) {
        char c = ascii_lower(s.p[i]);
        int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (d < 0) {
            return invalid_typed(p, start, "X", s);
        }
        size_t nibble = i + (s.n & 1); /* an odd count has a zero in front */
        bytes[nibble / 2] = (char)(bytes[nibble / 2] | d << (nibble & 1 ? 0 : 4));
    }
    *ret = expr_literal_binary(p->a, (Str){bytes, n});
    return FB_OK;
}

/* INTERVAL '1 day 2 hours': the units in the text give the type. */
static fb_status interval_string(Parser *p, uint32_t start, Str s, Expr **ret)
{
    IntervalCal v;
    fb_error ignored = {0};
    Fields fields = {0};
    if (interval_parse(s, &v, &ignored) != FB_OK) {
        err_clear(&ignored);
        return invalid_typed(p, start, "INTERVAL", s);
    }
    for (size_t i = 0; i < s.n;) {
        size_t n = 0;
        while (i + n < s.n && ascii_lower(s.p[i + n]) >= 'a' && ascii_lower(s.p[i + n]) <= 'z') {
            n++;
        }
        const IntervalUnit *u = n ? unit_of_text((Str){s.p + i, n}) : NULL;
        if (u) {
            add_field(&fields, u);
        }
        i += n ? n : 1;
    }
    return interval_of(p, v, &fields, start, ret);
}

static fb_status typed_literal(Parser *p, Expr **ret)
{
    uint32_t start = sql_here(p);
    const Token *word = sql_tok(p);
    StrBuf b = {0};
    sql_advance(p);
    sql_unescape(sql_text(p, sql_tok(p)), &b);
    Str s = strbuf_bytes(&b, p->a);
    sql_advance(p);
    *ret = NULL;
    if (sql_word_is(p, word, "DATE")) {
        TRY(date_literal(p, start, s, ret));
    } else if (sql_word_is(p, word, "TIMESTAMP")) {
        TRY(timestamp_literal(p, start, "TIMESTAMP", s, ret));
    } else if (sql_word_is(p, word, "TIMESTAMP_LTZ")) {
        TRY(timestamp_literal(p, start, "TIMESTAMP_LTZ", s, ret));
    } else if (sql_word_is(p, word, "TIMESTAMP_NTZ")) {
        TRY(timestamp_ntz_literal(p, start, s, ret));
    } else if (sql_word_is(p, word, "INTERVAL")) {
        TRY(interval_string(p, start, s, ret));
    } else if (sql_word_is(p, word, "X")) {
        TRY(hex_literal(p, start, s, ret));
    } else if (sql_word_is(p, word, "TIME")) {
        err_set(p->err, ERR_UNSUPPORTED_TIME_TYPE, NULL);
        return sql_error_from(p, start);
    } else {
        Str text = sql_text(p, word);
        char *type = arena_printf(p->a, "\"%.*s\"", (int)text.n, text.p);
        for (char *c = type; *c; c++) {
            *c = ascii_upper(*c);
        }
        err_set(p->err, ERR_UNSUPPORTED_TYPED_LITERAL, "unsupportedType", type, "supportedTypes",
                "\"DATE\", \"TIMESTAMP_NTZ\", \"TIMESTAMP_LTZ\", \"TIMESTAMP\", \"INTERVAL\", "
                "\"X\", \"TIME\"",
                NULL);
        return sql_error_from(p, start);
    }
    sql_place(p, *ret, start);
    return FB_OK;
}

/* A word and a string: DATE '…', X'…' */
fb_status sql_typed_literal(Parser *p, Expr **ret)
{
    return or_defer(p, typed_literal(p, ret), ret);
}
