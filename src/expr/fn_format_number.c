/*
 * fn_format_number.c - format_number: thousands separated, rounded to a number of places.
 *
 * Rounding is half to even of the exact value, as java.text.DecimalFormat has it: a double shows by
 * its shortest digits, but where those end in a tie the value itself decides. A second argument
 * that is a text is a pattern of DecimalFormat; those of # 0 , and . are known, others refused.
 *
 * Ownership: results are in cx->arena.
 */
#include "column/decimal.h"
#include "column/number.h"
#include "expr/fn_util.h"

#include <math.h>
#include <stdio.h>

#define MAX_PLACES 340 /* that DecimalFormat shows of what is no decimal */

typedef struct Layout {
    uint32_t min_whole, min_places, max_places;
    uint32_t group; /* 0: none */
} Layout;

/* |value| = 0.d1d2… * 10^point */
typedef struct Digits {
    char d[DEC_TEXT_MAX];
    int32_t n, point;
    bool negative;
    double real; /* whose shortest digits these are; 0: the digits are exact */
} Digits;

/* ---- patterns ---- */

/* #…# 0…0 with commas before the point, 0…0 #…# behind it. */
static bool read_pattern(Str s, Layout *ret)
{
    Layout l = {0};
    size_t i = 0;
    uint32_t whole = 0, since_comma = 0;
    bool comma = false;
    for (; i < s.n && s.p[i] != '.'; i++) {
        if (s.p[i] == ',') {
            comma = true;
            since_comma = 0;
        } else if (s.p[i] == '0' || (s.p[i] == '#' && l.min_whole == 0)) {
            l.min_whole += s.p[i] == '0';
            whole++;
            since_comma++;
        } else {
            return false;
        }
    }
    bool point = i < s.n;
    for (i++; i < s.n; i++) {
        if (s.p[i] != '#' && (s.p[i] != '0' || l.max_places != l.min_places)) {
            return false;
        }
        l.min_places += s.p[i] == '0';
        l.max_places++;
    }
    if ((point && l.max_places == 0) || (comma && since_comma == 0) || whole + l.max_places == 0) {
        return false;
    }
    if (point && l.min_whole + l.min_places == 0) {
        *(whole ? &l.min_whole : &l.min_places) = 1; /* one digit is always shown */
    }
    l.group = comma ? since_comma : 0;
    *ret = l;
    return true;
}

static fb_status pattern_layout(EvalCtx *cx, Str s, Layout *ret, fb_error *err)
{
    if (s.n == 0) {
        *ret = (Layout){.min_whole = 1, .group = 3};
        return FB_OK;
    }
    if (!read_pattern(s, ret)) {
        return err_unsupported(err, "the number format %s",
                               arena_printf(cx->arena, "%.*s", (int)MIN_OF(s.n, 100u), s.p));
    }
    return FB_OK;
}

/* ---- digits ---- */

static void digits_of_real(double v, Digits *r)
{
    int32_t exp10 = 0;
    r->negative = signbit(v);
    r->real = fabs(v);
    if (r->real > 0) {
        r->n = (int32_t)num_format_u64(num_shortest_f64(r->real, &exp10), r->d);
        r->point = r->n + exp10;
    }
}

static void digits_of_decimal(int128_t v, int scale, Digits *r)
{
    char buf[DEC_TEXT_MAX];
    size_t n = dec_format(v, 0, buf);
    r->negative = v < 0;
    r->n = v ? (int32_t)n - r->negative : 0;
    memcpy(r->d, buf + r->negative, (size_t)r->n);
    r->point = r->n - scale;
}

static Digits digits_at(const Vec *v, uint32_t i)
{
    Digits r = {.n = 0};
    switch (v->type->id) {
    case T_BYTE:
        digits_of_decimal(VEC_AT(int8_t, v, i), 0, &r);
        break;
    case T_SHORT:
        digits_of_decimal(VEC_AT(int16_t, v, i), 0, &r);
        break;
    case T_INT:
        digits_of_decimal(VEC_AT(int32_t, v, i), 0, &r);
        break;
    case T_LONG:
        digits_of_decimal(VEC_AT(int64_t, v, i), 0, &r);
        break;
    case T_FLOAT:
        digits_of_real((double)VEC_AT(float, v, i), &r);
        break;
    case T_DOUBLE:
        digits_of_real(VEC_AT(double, v, i), &r);
        break;
    default:
        digits_of_decimal(VEC_AT(int128_t, v, i), v->type->scale, &r);
        break;
    }
    return r;
}

/* Whether the value is above, below or at its shortest digits. */
static int side_of_digits(const Digits *r)
{
    char exact[800];
    if (r->real == 0) {
        return 0;
    }
    int n = snprintf(exact, sizeof(exact), "%.767e", r->real); /* all digits there are */
    exact[1] = exact[0];                                       /* the point makes room */
    for (int32_t k = 0; k + 1 < n && exact[k + 1] != 'e'; k++) {
        char shown = k < r->n ? r->d[k] : '0';
        if (exact[k + 1] != shown) {
            return exact[k + 1] > shown ? 1 : -1;
        }
    }
    return 0;
}

static bool rounds_up(const Digits *r, int64_t keep)
{
    if (keep < 0 || r->d[keep] < '5') {
        return false;
    }
    bool tie = r->d[keep] == '5';
    for (int64_t k = keep + 1; tie && k < r->n; k++) {
        tie = r->d[k] == '0';
    }
    int side = tie ? side_of_digits(r) : 1;
    return side ? side > 0 : keep > 0 && (r->d[keep - 1] & 1);
}

/* Keeps the digits of so many places. */
static void round_digits(Digits *r, uint32_t places)
{
    int64_t keep = (int64_t)r->point + places;
    if (keep >= r->n) {
        return;
    }
    bool up = rounds_up(r, keep);
    num_cut_digits(r->d, &r->n, &r->point, keep, up);
}

/* ---- text ---- */

static char digit(const Digits *r, int64_t k)
{
    return k >= 0 && k < r->n ? r->d[k] : '0';
}

static char *put_number(char *to, const Digits *r, const Layout *l)
{
    int64_t whole = r->n && r->point > 0 ? r->point : 0, places = 0, point = r->n ? r->point : 0;
    for (int64_t k = r->n; places == 0 && k > 0 && k > point; k--) {
        places = r->d[k - 1] != '0' ? k - point : 0;
    }
    places = MAX_OF(places, (int64_t)l->min_places);
    whole = MAX_OF(whole, (int64_t)l->min_whole);
    if (whole == 0 && places == 0) {
        whole = 1;
    }
    if (r->negative) {
        *to++ = '-';
    }
    for (int64_t left = whole; left > 0; left--) {
        *to++ = digit(r, point - left);
        if (l->group && left > 1 && (left - 1) % l->group == 0) {
            *to++ = ',';
        }
    }
    if (places > 0) {
        *to++ = '.';
    }
    for (int64_t k = 0; k < places; k++) {
        *to++ = digit(r, point + k);
    }
    return to;
}

static View special_number(double v)
{
    const char *text = v != v ? "NaN" : v > 0 ? "\xE2\x88\x9E" : "-\xE2\x88\x9E";
    return view_of(text, strlen(text));
}

static fb_status format_value(StrOut *o, const Vec *v, uint32_t i, const Layout *l, View *ret,
                              fb_error *err)
{
    Digits r = digits_at(v, i);
    if (r.real - r.real != 0) {
        *ret = special_number(r.negative ? -r.real : r.real);
        return FB_OK;
    }
    Layout shown = *l;
    if (v->type->id != T_DECIMAL) {
        shown.min_places = MIN_OF(shown.min_places, (uint32_t)MAX_PLACES);
        shown.max_places = MIN_OF(shown.max_places, (uint32_t)MAX_PLACES);
    }
    round_digits(&r, shown.max_places);
    uint64_t whole = MAX_OF((uint64_t)(r.point > 0 ? r.point : 0), (uint64_t)shown.min_whole);
    uint64_t places = MAX_OF((uint64_t)shown.min_places, (uint64_t)DEC_TEXT_MAX + MAX_PLACES);
    TRY(str_out_reserve(o, 2 * whole + places + 4, err));
    *ret = str_out_take(o, (size_t)(put_number(o->p, &r, &shown) - o->p));
    return FB_OK;
}

KERNEL(fn_format_number)
{
    const Vec *how = &args[1];
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    Layout l = {.min_whole = 1, .group = 3};
    Str known = {0};
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (View){0};
        if (!kernel_wants(out, i)) {
            continue;
        }
        if (how->type->id == T_INT) {
            int32_t places = VEC_AT(int32_t, how, i);
            if (places < 0) {
                kernel_null(cx, out, i);
                continue;
            }
            l.min_places = l.max_places = (uint32_t)places;
        } else if (!known.p || !str_eq(known, arg_str(how, i))) {
            known = arg_str(how, i);
            TRY(pattern_layout(cx, known, &l, err));
        }
        TRY(format_value(&o, &args[0], i, &l, &data[i], err));
    }
    return FB_OK;
}

BINDER(bind_format_number)
{
    const Type *x = call->args[0]->type, *how = call->args[1]->type;
    if (!type_is_numeric(x) && x->id != T_NULL) {
        return bind_type_error(cx, call, 0, "\"NUMERIC\"", err);
    }
    if (how->id != T_INT && how->id != T_STRING && how->id != T_NULL) {
        return bind_type_error(cx, call, 1, "(\"INT\" or \"STRING\")", err);
    }
    if (x->id == T_NULL) {
        call->args[0] = bind_cast_expr(cx, call->args[0], type_double);
    }
    if (how->id == T_NULL) {
        call->args[1] = bind_cast_expr(cx, call->args[1], type_int);
    }
    call->type = type_string;
    call->nullable = true;
    return FB_OK;
}
