/*
 * fn_format_value.c - the values of format_string, as java.util.Formatter writes them.
 *
 * An argument keeps its type, as in Spark: %d wants an integer, %f a double or float (not a
 * decimal), %s takes anything and shows dates and timestamps as the numbers they are inside.
 * Doubles are rounded HALF_UP from their shortest decimal form, which is what Java does; floats
 * are widened first. A null is the text "null" of any conversion. Widths and precisions count
 * UTF-16 units.
 *
 * Ownership: texts go into the format's buffer.
 */
#include "expr/fn_format.h"

#include "column/number.h"
#include "expr/fn_string_case.h"

#include <math.h>
#include <stdio.h>

/* ---- texts ---- */

static size_t utf16_width(char lead)
{
    return (uint8_t)lead >= 0xF0 ? 2 : 1;
}

static size_t utf16_length(Str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i += utf8_width[(uint8_t)s.p[i]]) {
        n += utf16_width(s.p[i]);
    }
    return n;
}

static void put_padding(StrBuf *to, int64_t n, char c)
{
    for (; n > 0; n--) {
        strbuf_putc(to, c);
    }
}

static void put_padded(Format *f, const FormatSpec *s, Str text)
{
    int64_t missing = s->width - (int64_t)utf16_length(text);
    put_padding(f->out, s->left ? 0 : missing, ' ');
    strbuf_append(f->out, text.p, text.n);
    put_padding(f->out, s->left ? missing : 0, ' ');
}

static fb_status upper_case(Format *f, Str *text, fb_error *err)
{
    View *v = ARENA_NEW(f->cx->arena, View);
    *v = view_of(text->p, text->n);
    Vec in = {.type = type_string, .len = 1, .data = v}, out = {.type = type_string, .len = 1};
    TRY(map_case_vec(f->cx, &in, 1, CASE_UPPER, &out, err));
    *text = view_str(VEC_DATA(View, &out));
    return FB_OK;
}

fb_status fmt_text(Format *f, const FormatSpec *s, Str text, fb_error *err)
{
    StrBuf cut = {0};
    size_t units = 0, i = 0;
    while (s->precision >= 0 && i < text.n && units < (size_t)s->precision) {
        units += utf16_width(text.p[i]);
        i += utf8_width[(uint8_t)text.p[i]];
    }
    if (s->precision >= 0 && units > (size_t)s->precision) { /* half of a pair is no character */
        strbuf_append(&cut, text.p, i - 4);
        strbuf_putc(&cut, '?');
        text = strbuf_str(&cut);
    } else if (s->precision >= 0) {
        text.n = MIN_OF(i, text.n);
    }
    fb_status st = s->upper ? upper_case(f, &text, err) : FB_OK;
    if (st == FB_OK) {
        put_padded(f, s, text);
    }
    strbuf_free(&cut);
    return st;
}

/* Sign and prefix, zeros, digits. */
static void put_signed(Format *f, const FormatSpec *s, bool negative, const char *prefix,
                       Str digits)
{
    const char *before = negative ? (s->paren ? "(" : "-") : s->plus ? "+" : s->space ? " " : "";
    const char *after = negative && s->paren ? ")" : "";
    size_t from = f->out->n;
    int64_t missing =
        s->width - (int64_t)(strlen(before) + strlen(prefix) + digits.n + strlen(after));
    put_padding(f->out, s->left || s->zero ? 0 : missing, ' ');
    strbuf_puts(f->out, before);
    strbuf_puts(f->out, prefix);
    put_padding(f->out, s->zero ? missing : 0, '0');
    strbuf_append(f->out, digits.p, digits.n);
    strbuf_puts(f->out, after);
    put_padding(f->out, s->left ? missing : 0, ' ');
    for (size_t i = from; s->upper && i < f->out->n; i++) {
        f->out->p[i] = ascii_upper(f->out->p[i]);
    }
}

/* Commas between the digits before the point. */
static void put_grouped(StrBuf *to, Str digits)
{
    const char *point = memchr(digits.p, '.', digits.n);
    size_t whole = point ? (size_t)(point - digits.p) : digits.n;
    for (size_t k = 0; k < digits.n; k++) {
        if (k > 0 && k < whole && (whole - k) % 3 == 0) {
            strbuf_putc(to, ',');
        }
        strbuf_putc(to, digits.p[k]);
    }
}

static void put_number(Format *f, const FormatSpec *s, bool negative, Str digits)
{
    StrBuf grouped = {0};
    if (s->group) {
        put_grouped(&grouped, digits);
        digits = strbuf_str(&grouped);
    }
    put_signed(f, s, negative, "", digits);
    strbuf_free(&grouped);
}

/* ---- integers ---- */

static bool integral_value(const Vec *v, uint32_t i, int64_t *ret, uint32_t *ret_bits)
{
    switch (v->type->id) {
    case T_BYTE:
        *ret = VEC_AT(int8_t, v, i);
        *ret_bits = 8;
        return true;
    case T_SHORT:
        *ret = VEC_AT(int16_t, v, i);
        *ret_bits = 16;
        return true;
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM:
        *ret = VEC_AT(int32_t, v, i);
        *ret_bits = 32;
        return true;
    case T_LONG:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        *ret = VEC_AT(int64_t, v, i);
        *ret_bits = 64;
        return true;
    default:
        return false;
    }
}

static fb_status put_integer(Format *f, const FormatSpec *s, const Vec *v, fb_error *err)
{
    int64_t x;
    uint32_t bits;
    char buf[NUM_I64_TEXT_MAX + 4];
    if (!integral_value(v, f->row, &x, &bits)) {
        return fmt_bad(s->text, err);
    }
    if (s->conversion == 'd') {
        uint64_t magnitude = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
        size_t n = num_format_u64(magnitude, buf);
        put_number(f, s, x < 0, (Str){buf, n});
        return FB_OK;
    }
    if (s->plus || s->space || s->paren) {
        return fmt_bad(s->text, err);
    }
    uint64_t raw = bits == 64 ? (uint64_t)x : (uint64_t)x & ((UINT64_C(1) << bits) - 1);
    bool octal = s->conversion == 'o';
    char *p = buf + sizeof(buf);
    do {
        *--p = "0123456789abcdef"[raw & (octal ? 7 : 15)];
        raw >>= octal ? 3 : 4;
    } while (raw);
    const char *prefix = !s->alternate ? "" : octal ? "0" : "0x";
    put_signed(f, s, false, prefix, (Str){p, (size_t)(buf + sizeof(buf) - p)});
    return FB_OK;
}

static fb_status put_char(Format *f, const FormatSpec *s, const Vec *v, fb_error *err)
{
    int64_t x;
    uint32_t bits;
    char utf8[4];
    size_t n = 0;
    if (!integral_value(v, f->row, &x, &bits) || bits == 64 || x < 0 || x > 0x10FFFF) {
        return fmt_bad(s->text, err);
    }
    uint32_t c = (uint32_t)x;
    if (c < 0x80) {
        utf8[n++] = (char)c;
    } else if (c >= 0xD800 && c < 0xE000) { /* half of a pair */
        utf8[n++] = '?';
    } else {
        uint32_t tail = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        uint32_t lead = tail == 1 ? 0xC0 : tail == 2 ? 0xE0 : 0xF0;
        utf8[n++] = (char)(lead | c >> 6 * tail);
        while (tail-- > 0) {
            utf8[n++] = (char)(0x80 | (c >> 6 * tail & 0x3F));
        }
    }
    return fmt_text(f, s, (Str){utf8, n}, err);
}

/* ---- doubles ---- */

/* Decimal digits: 0.d1d2… * 10^point. */
typedef struct Decimals {
    char d[NUM_I64_TEXT_MAX];
    int32_t n, point;
} Decimals;

static Decimals shortest_decimals(double v)
{
    Decimals r = {.n = 0};
    int32_t exp10 = 0;
    if (v > 0) {
        r.n = (int32_t)num_format_u64(num_shortest_f64(v, &exp10), r.d);
        r.point = r.n + exp10;
    }
    return r;
}

/* Rounds HALF_UP to keep digits, which may be none or fewer. */
static void round_decimals(Decimals *r, int64_t keep)
{
    if (keep >= r->n) {
        return;
    }
    bool up = keep >= 0 && r->d[keep] >= '5';
    num_cut_digits(r->d, &r->n, &r->point, keep, up);
}

static char digit_at(const Decimals *r, int64_t k)
{
    return k >= 0 && k < r->n ? r->d[k] : '0';
}

static void put_fraction(const Decimals *r, int64_t from, int32_t precision, bool point, StrBuf *to)
{
    if (precision > 0 || point) {
        strbuf_putc(to, '.');
    }
    for (int64_t k = 0; k < precision; k++) {
        strbuf_putc(to, digit_at(r, from + k));
    }
}

static void fixed_digits(Decimals *r, int32_t precision, bool point, StrBuf *to)
{
    round_decimals(r, (int64_t)r->point + precision);
    if (r->point <= 0) {
        strbuf_putc(to, '0');
    }
    for (int64_t k = 0; k < r->point; k++) {
        strbuf_putc(to, digit_at(r, k));
    }
    put_fraction(r, r->point, precision, point, to);
}

/* d.ddde+xx */
static void scientific_digits(Decimals *r, int32_t precision, bool point, StrBuf *to)
{
    round_decimals(r, (int64_t)precision + 1);
    int32_t exponent = r->n ? r->point - 1 : 0;
    strbuf_putc(to, digit_at(r, 0));
    put_fraction(r, 1, precision, point, to);
    strbuf_printf(to, "e%c%02d", exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
}

/* The shorter of the two, by the size of the rounded value. */
static void general_digits(Decimals *r, int32_t precision, StrBuf *to)
{
    precision = precision == 0 ? 1 : precision;
    round_decimals(r, precision);
    int32_t exponent = r->n ? r->point - 1 : 0;
    if (exponent < -4 || exponent >= precision) {
        scientific_digits(r, precision - 1, false, to);
    } else {
        fixed_digits(r, precision - 1 - exponent, false, to);
    }
}

/* h.hhhp± of a magnitude, as Double.toHexString, rounded half to even at precision digits. */
static void hex_digits(double v, int32_t precision, StrBuf *to)
{
    uint64_t bits;
    int32_t exponent, scale = 0, digits = precision == 0 ? 1 : precision;
    bool cut = digits > 0 && digits < 13;
    if (cut && v > 0 && v < 0x1p-1022) { /* with as many digits as a normal number */
        v *= 0x1p54;
        scale = 54;
    }
    memcpy(&bits, &v, sizeof(bits));
    if (cut) {
        int shift = 52 - 4 * digits;
        uint64_t rest = bits & ((UINT64_C(1) << shift) - 1), half = UINT64_C(1) << (shift - 1);
        bits >>= shift;
        bits += rest > half || (rest == half && (bits & 1));
        bits <<= shift;
    }
    exponent = (int32_t)(bits >> 52);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    strbuf_putc(to, exponent ? '1' : '0');
    strbuf_putc(to, '.');
    int32_t n = 0;
    do {
        strbuf_putc(to, "0123456789abcdef"[fraction >> 48 & 15]);
        fraction = fraction << 4 & ((UINT64_C(1) << 52) - 1);
        n++;
    } while (fraction);
    put_padding(to, digits - n, '0');
    exponent = exponent ? exponent - 1023 - scale : v == 0 ? 0 : -1022;
    strbuf_printf(to, "p%d", exponent);
}

static fb_status put_real(Format *f, const FormatSpec *s, const Vec *v, fb_error *err)
{
    double x;
    if (v->type->id == T_DOUBLE) {
        x = VEC_AT(double, v, f->row);
    } else if (v->type->id == T_FLOAT) {
        x = (double)VEC_AT(float, v, f->row);
    } else {
        return fmt_bad(s->text, err);
    }
    if (isnan(x) || isinf(x)) {
        FormatSpec plain = *s;
        plain.zero = plain.group = false;
        plain.plus = plain.plus && !isnan(x);
        plain.space = plain.space && !isnan(x);
        put_signed(f, &plain, x < 0, "", isnan(x) ? STR_LIT("NaN") : STR_LIT("Infinity"));
        return FB_OK;
    }
    StrBuf digits = {0};
    Decimals r = shortest_decimals(fabs(x));
    int32_t precision = s->precision < 0 ? 6 : s->precision;
    switch (s->conversion) {
    case 'a':
        hex_digits(fabs(x), s->precision, &digits);
        put_signed(f, s, signbit(x), "0x", strbuf_str(&digits));
        strbuf_free(&digits);
        return FB_OK;
    case 'e':
        scientific_digits(&r, precision, s->alternate, &digits);
        break;
    case 'g':
        general_digits(&r, precision, &digits);
        break;
    default:
        fixed_digits(&r, precision, s->alternate, &digits);
    }
    put_number(f, s, signbit(x), strbuf_str(&digits));
    strbuf_free(&digits);
    return FB_OK;
}

/* ---- anything ---- */

static fb_status put_any(Format *f, const FormatSpec *s, const Vec *v, fb_error *err)
{
    StrBuf text = {0};
    int64_t x;
    uint32_t bits;
    char buf[NUM_I64_TEXT_MAX];
    if (type_is_nested(v->type) || v->type->id == T_BINARY) {
        return err_unsupported(err, "%%%c of a value of this type in format_string", s->conversion);
    }
    if (v->type->id == T_STRING) {
        return fmt_text(f, s, arg_str(v, f->row), err);
    }
    if (integral_value(v, f->row, &x, &bits)) { /* dates and timestamps: the number inside */
        return fmt_text(f, s, (Str){buf, num_format_i64(x, buf)}, err);
    }
    vec_value_text(v, f->row, f->cx->tz, &text);
    fb_status st = fmt_text(f, s, strbuf_str(&text), err);
    strbuf_free(&text);
    return st;
}

static uint32_t fold_hash(uint64_t x)
{
    return (uint32_t)(x ^ x >> 32);
}

/* The hash that the value has as a Java object. */
static fb_status put_hash(Format *f, const FormatSpec *s, const Vec *v, fb_error *err)
{
    int64_t x;
    uint32_t bits, h;
    char buf[16];
    if (integral_value(v, f->row, &x, &bits)) {
        h = bits == 64 ? fold_hash((uint64_t)x) : (uint32_t)x;
    } else if (v->type->id == T_BOOLEAN) {
        h = VEC_AT(uint8_t, v, f->row) ? 1231 : 1237;
    } else if (v->type->id == T_STRING) {
        Str text = arg_str(v, f->row);
        h = murmur3_bytes(text.p, text.n, 42);
    } else if (v->type->id == T_FLOAT) {
        float r = VEC_AT(float, v, f->row);
        r = r == r ? r : NAN;
        memcpy(&h, &r, sizeof(h));
    } else if (v->type->id == T_DOUBLE) {
        double r = VEC_AT(double, v, f->row);
        uint64_t raw;
        r = r == r ? r : (double)NAN;
        memcpy(&raw, &r, sizeof(raw));
        h = fold_hash(raw);
    } else {
        return err_unsupported(err, "%%h of a value of this type in format_string");
    }
    size_t n = (size_t)snprintf(buf, sizeof(buf), "%x", h);
    return fmt_text(f, s, (Str){buf, n}, err);
}

fb_status fmt_value(Format *f, const FormatSpec *s, const Vec *v, fb_error *err)
{
    bool null = !vec_is_valid(v, f->row);
    if (s->conversion == 'b') {
        bool is_false = null || (v->type->id == T_BOOLEAN && !VEC_AT(uint8_t, v, f->row));
        return fmt_text(f, s, is_false ? STR_LIT("false") : STR_LIT("true"), err);
    }
    if (null) {
        return fmt_text(f, s, STR_LIT("null"), err);
    }
    switch (s->conversion) {
    case 's':
        return put_any(f, s, v, err);
    case 'h':
        return put_hash(f, s, v, err);
    case 'c':
        return put_char(f, s, v, err);
    case 'd':
    case 'o':
    case 'x':
        return put_integer(f, s, v, err);
    case 't':
        return err_unsupported(err, "%.*s in format_string", (int)MIN_OF(s->text.n, 40u),
                               s->text.p);
    default:
        return put_real(f, s, v, err);
    }
}
