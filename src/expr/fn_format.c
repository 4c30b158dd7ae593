/*
 * fn_format.c - format_string (printf).
 *
 * The conversions of java.util.Formatter in the root locale that Spark's values can meet: s S b B d
 * o x X c f e E g % n with flags - # + space 0 , ( and width, precision and n$ and < indexes. An
 * argument keeps its type, as in Spark: %d wants an integer, %f a double or float (not a decimal),
 * %s takes anything and shows dates and timestamps as the numbers they are inside. Doubles are
 * rounded HALF_UP from their shortest decimal form, which is what Java does.
 *
 * Ownership: results are in cx->arena.
 */
#include "expr/fn_util.h"

#include "column/number.h"

#include <math.h>

typedef struct Spec {
    bool left, alternate, plus, space, zero, group, paren;
    int32_t width, precision; /* -1: none */
    int32_t index;            /* from 1; 0 the next; -1 the same as before */
    char conversion;
} Spec;

typedef struct Format {
    EvalCtx *cx;
    const Vec *args; /* [0] is the format */
    uint32_t n_args, row;
    uint32_t next, last; /* argument numbers */
    StrBuf *out;
} Format;

static fb_status bad_format(Str spec, fb_error *err)
{
    char text[64];
    size_t n = MIN_OF(spec.n, sizeof(text) - 1);
    memcpy(text, spec.p, n);
    text[n] = '\0';
    return err_set(err, ERR_FORMAT_SPECIFIER, "specifier", text, NULL);
}

/* ---- digits ---- */

/* |v| in decimal, rounded HALF_UP at `precision` places: the text without a sign. */
static void fixed_digits(double v, int32_t precision, StrBuf *to)
{
    int32_t exp10 = 0;
    uint64_t digits = v > 0 ? num_shortest_f64(v, &exp10) : 0;
    char buf[NUM_I64_TEXT_MAX];
    int64_t drop = -(int64_t)exp10 - precision; /* digits beyond the precision */
    if (drop > 0) {
        for (; drop > 1 && digits; drop--) {
            digits /= 10;
        }
        digits = drop > 1 ? 0 : (digits + 5) / 10;
        exp10 = -precision;
    }
    size_t n = digits ? num_format_u64(digits, buf) : 0;
    int64_t whole = (int64_t)n + exp10; /* digits before the point */
    if (whole <= 0) {
        strbuf_putc(to, '0');
    }
    for (int64_t k = 0; k < whole; k++) {
        strbuf_putc(to, (size_t)k < n ? buf[k] : '0');
    }
    if (precision > 0) {
        strbuf_putc(to, '.');
    }
    for (int64_t k = 0; k < precision; k++) {
        int64_t at = whole + k;
        strbuf_putc(to, at >= 0 && (size_t)at < n ? buf[at] : '0');
    }
}

/* d.ddde+xx */
static void scientific_digits(double v, int32_t precision, StrBuf *to)
{
    int32_t exp10 = 0;
    uint64_t digits = v > 0 ? num_shortest_f64(v, &exp10) : 0;
    char buf[NUM_I64_TEXT_MAX];
    size_t n = num_format_u64(digits, buf);
    int32_t exponent = digits ? (int32_t)n - 1 + exp10 : 0;
    if ((int64_t)n - 1 > precision) {
        int64_t drop = (int64_t)n - 1 - precision;
        for (; drop > 1; drop--) {
            digits /= 10;
        }
        digits = (digits + 5) / 10;
        size_t was = n - (size_t)((int64_t)n - 1 - precision);
        n = num_format_u64(digits, buf);
        exponent += n > was; /* 9.99 -> 10.0 */
    }
    strbuf_putc(to, buf[0]);
    if (precision > 0) {
        strbuf_putc(to, '.');
    }
    for (int64_t k = 1; k <= precision; k++) {
        strbuf_putc(to, (size_t)k < n ? buf[k] : '0');
    }
    strbuf_printf(to, "e%c%02d", exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
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

/* ---- padding ---- */

static void put_padding(StrBuf *to, int64_t n, char c)
{
    for (; n > 0; n--) {
        strbuf_putc(to, c);
    }
}

static void put_text(Format *f, const Spec *s, Str text)
{
    if (s->precision >= 0) {
        text.n = utf8_offset(text, (size_t)s->precision);
    }
    int64_t missing = s->width - (int64_t)utf8_length(text);
    put_padding(f->out, s->left ? 0 : missing, ' ');
    strbuf_append(f->out, text.p, text.n);
    put_padding(f->out, s->left ? missing : 0, ' ');
}

/* Sign, zeros, digits. */
static void put_signed(Format *f, const Spec *s, bool negative, Str digits)
{
    StrBuf body = {0};
    const char *before = negative ? (s->paren ? "(" : "-") : s->plus ? "+" : s->space ? " " : "";
    const char *after = negative && s->paren ? ")" : "";
    if (s->group) {
        put_grouped(&body, digits);
    } else {
        strbuf_append(&body, digits.p, digits.n);
    }
    int64_t missing = s->width - (int64_t)(strlen(before) + body.n + strlen(after));
    put_padding(f->out, s->left || s->zero ? 0 : missing, ' ');
    strbuf_puts(f->out, before);
    put_padding(f->out, s->zero ? missing : 0, '0');
    strbuf_append(f->out, body.p ? body.p : "", body.n);
    strbuf_puts(f->out, after);
    put_padding(f->out, s->left ? missing : 0, ' ');
    strbuf_free(&body);
}

/* ---- conversions ---- */

static void upper_from(StrBuf *b, size_t from)
{
    for (size_t i = from; i < b->n; i++) {
        b->p[i] = ascii_upper(b->p[i]);
    }
}

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

static fb_status put_integer(Format *f, const Spec *s, const Vec *v, Str spec, fb_error *err)
{
    int64_t x;
    uint32_t bits;
    char buf[72];
    if (!integral_value(v, f->row, &x, &bits)) {
        return bad_format(spec, err);
    }
    if (s->conversion == 'd') {
        uint64_t magnitude = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
        size_t n = num_format_u64(magnitude, buf);
        put_signed(f, s, x < 0, (Str){buf, n});
        return FB_OK;
    }
    uint64_t raw = bits == 64 ? (uint64_t)x : (uint64_t)x & ((UINT64_C(1) << bits) - 1);
    bool octal = s->conversion == 'o';
    char *p = buf + sizeof(buf);
    do {
        *--p = "0123456789abcdef"[raw & (octal ? 7 : 15)];
        raw >>= octal ? 3 : 4;
    } while (raw);
    if (s->alternate && !octal) {
        *--p = 'x';
    }
    if (s->alternate) {
        *--p = '0';
    }
    Spec plain = {.left = s->left, .zero = s->zero, .width = s->width, .precision = -1};
    size_t from = f->out->n;
    put_signed(f, &plain, false, (Str){p, (size_t)(buf + sizeof(buf) - p)});
    if (s->conversion == 'X') {
        upper_from(f->out, from);
    }
    return FB_OK;
}

static fb_status put_real(Format *f, const Spec *s, const Vec *v, Str spec, fb_error *err)
{
    double x;
    char text[NUM_F64_TEXT_MAX];
    if (v->type->id == T_DOUBLE) {
        x = VEC_AT(double, v, f->row);
    } else if (v->type->id == T_FLOAT) {
        /* The float's own shortest digits count. */
        size_t n = num_format_f32(VEC_AT(float, v, f->row), text);
        if (!num_parse_f64((Str){text, n}, &x)) {
            return bad_format(spec, err);
        }
    } else {
        return bad_format(spec, err);
    }
    if (isnan(x) || isinf(x)) {
        Spec plain = *s;
        plain.zero = plain.group = false;
        put_signed(f, &plain, x < 0, isnan(x) ? STR_LIT("NaN") : STR_LIT("Infinity"));
        return FB_OK;
    }
    StrBuf digits = {0};
    double magnitude = fabs(x);
    int32_t precision = s->precision < 0 ? 6 : s->precision;
    char kind = ascii_lower(s->conversion);
    if (kind == 'g') {
        precision = precision == 0 ? 1 : precision;
        bool fixed = magnitude == 0 || (magnitude >= 1e-4 && magnitude < pow(10, precision));
        int32_t whole = magnitude > 0 ? (int32_t)floor(log10(magnitude)) + 1 : 1;
        if (fixed) {
            fixed_digits(magnitude, MAX_OF(precision - whole, 0), &digits);
        } else {
            scientific_digits(magnitude, precision - 1, &digits);
        }
    } else if (kind == 'e') {
        scientific_digits(magnitude, precision, &digits);
    } else {
        fixed_digits(magnitude, precision, &digits);
    }
    size_t from = f->out->n;
    put_signed(f, s, signbit(x), strbuf_str(&digits));
    if (s->conversion == 'E' || s->conversion == 'G') {
        upper_from(f->out, from);
    }
    strbuf_free(&digits);
    return FB_OK;
}

static fb_status put_any(Format *f, const Spec *s, const Vec *v, Str spec, fb_error *err)
{
    StrBuf text = {0};
    int64_t x;
    uint32_t bits;
    char buf[NUM_I64_TEXT_MAX];
    if (type_is_nested(v->type) || v->type->id == T_BINARY || v->type->id == T_INTERVAL_CAL) {
        (void)spec;
        return err_unsupported(err, "%%%c of a value of this type in format_string", s->conversion);
    }
    if (integral_value(v, f->row, &x, &bits)) { /* dates and timestamps: the number inside */
        strbuf_append(&text, buf, num_format_i64(x, buf));
    } else {
        vec_value_text(v, f->row, f->cx->tz, &text);
    }
    size_t from = f->out->n;
    put_text(f, s, strbuf_str(&text));
    if (s->conversion == 'S') {
        upper_from(f->out, from);
    }
    strbuf_free(&text);
    return FB_OK;
}

static fb_status put_char(Format *f, const Spec *s, const Vec *v, Str spec, fb_error *err)
{
    int64_t x;
    uint32_t bits;
    char utf8[4];
    size_t n = 0;
    if (!integral_value(v, f->row, &x, &bits) || bits == 64 || x < 0 || x > 0x10FFFF) {
        return bad_format(spec, err);
    }
    uint32_t c = (uint32_t)x;
    if (c < 0x80) {
        utf8[n++] = (char)c;
    } else {
        uint32_t tail = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        uint32_t lead = tail == 1 ? 0xC0 : tail == 2 ? 0xE0 : 0xF0;
        utf8[n++] = (char)(lead | c >> 6 * tail);
        while (tail-- > 0) {
            utf8[n++] = (char)(0x80 | (c >> 6 * tail & 0x3F));
        }
    }
    put_text(f, s, (Str){utf8, n});
    return FB_OK;
}

static fb_status put_value(Format *f, const Spec *s, const Vec *v, Str spec, fb_error *err)
{
    bool null = !vec_is_valid(v, f->row);
    char kind = ascii_lower(s->conversion);
    size_t from = f->out->n;
    if (kind == 'b') {
        bool is_false = null || (v->type->id == T_BOOLEAN && !VEC_AT(uint8_t, v, f->row));
        put_text(f, s, is_false ? STR_LIT("false") : STR_LIT("true"));
    } else if (null) {
        Spec plain = *s;
        plain.precision = kind == 's' ? s->precision : -1;
        put_text(f, &plain, STR_LIT("null"));
    } else if (kind == 's') {
        return put_any(f, s, v, spec, err);
    } else if (kind == 'c') {
        return put_char(f, s, v, spec, err);
    } else if (strchr("dox", kind)) {
        return put_integer(f, s, v, spec, err);
    } else {
        return put_real(f, s, v, spec, err);
    }
    if (s->conversion != kind) {
        upper_from(f->out, from);
    }
    return FB_OK;
}

/* ---- the format ---- */

static bool read_number(Str s, size_t *at, int32_t *ret)
{
    int64_t n = 0;
    size_t i = *at;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && n < 100000000; i++) {
        n = n * 10 + (s.p[i] - '0');
    }
    if (i == *at) {
        return false;
    }
    *at = i;
    *ret = (int32_t)n;
    return true;
}

static bool read_flag(Spec *s, char c)
{
    switch (c) {
    case '-':
        s->left = true;
        return true;
    case '#':
        s->alternate = true;
        return true;
    case '+':
        s->plus = true;
        return true;
    case ' ':
        s->space = true;
        return true;
    case '0':
        s->zero = true;
        return true;
    case ',':
        s->group = true;
        return true;
    case '(':
        s->paren = true;
        return true;
    default:
        return false;
    }
}

/* After a %. false: malformed. */
static bool read_spec(Str s, size_t *at, Spec *ret)
{
    size_t i = *at, back = i;
    int32_t number;
    *ret = (Spec){.width = -1, .precision = -1};
    if (i < s.n && s.p[i] == '<') {
        ret->index = -1;
        i++;
    } else if (i < s.n && s.p[i] != '0' && read_number(s, &i, &number) && i < s.n &&
               s.p[i] == '$') {
        ret->index = number;
        i++;
    } else {
        i = back;
    }
    while (i < s.n && read_flag(ret, s.p[i])) {
        i++;
    }
    (void)read_number(s, &i, &ret->width);
    if (i < s.n && s.p[i] == '.') {
        i++;
        if (!read_number(s, &i, &ret->precision)) {
            return false;
        }
    }
    if (i >= s.n || !memchr("sSbBdoxXcCfeEgG%nhH", s.p[i], 19)) {
        return false;
    }
    ret->conversion = s.p[i++];
    *at = i;
    return (!ret->left && !ret->zero) || ret->width >= 0;
}

static fb_status format_one(Format *f, const Spec *s, Str spec, fb_error *err)
{
    if (s->conversion == '%') {
        put_text(f, s, STR_LIT("%"));
        return FB_OK;
    }
    if (s->conversion == 'n') {
        strbuf_putc(f->out, '\n');
        return FB_OK;
    }
    if (ascii_lower(s->conversion) == 'h' || s->width > 1000000 || s->precision > 1000000) {
        return err_unsupported(err, "%.*s in format_string", (int)MIN_OF(spec.n, 40u), spec.p);
    }
    uint32_t arg = s->index > 0 ? (uint32_t)s->index : s->index < 0 ? f->last : ++f->next;
    if (arg == 0 || arg >= f->n_args) {
        return bad_format(spec, err);
    }
    f->last = arg;
    return put_value(f, s, &f->args[arg], spec, err);
}

static fb_status format_row(Format *f, Str s, fb_error *err)
{
    size_t checked = 0;
    f->next = f->last = 0;
    strbuf_clear(f->out);
    for (size_t i = 0; i < s.n;) {
        const char *percent = memchr(s.p + i, '%', s.n - i);
        size_t end = percent ? (size_t)(percent - s.p) : s.n, at = end + 1;
        Spec spec;
        strbuf_append(f->out, s.p + i, end - i);
        if (!percent) {
            break;
        }
        if (!read_spec(s, &at, &spec)) {
            return bad_format((Str){percent, MIN_OF(s.n - end, (size_t)8)}, err);
        }
        TRY(format_one(f, &spec, (Str){percent, at - end}, err));
        TRY(str_buf_check(f->cx, f->out, &checked, err));
        i = at;
    }
    return FB_OK;
}

static fb_status format_all(EvalCtx *cx, const Vec *args, uint32_t n_args, StrBuf *buf, uint32_t n,
                            Vec *out, fb_error *err)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    const Vec *format = &args[0];
    Format f = {.cx = cx, .args = args, .n_args = n_args, .out = buf};
    vec_and_validity(out, &format, 1, cx->arena);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (View){0};
        if (kernel_wants(out, i)) {
            f.row = i;
            TRY(format_row(&f, arg_str(format, i), err));
            TRY(str_out_reserve(&o, buf->n, err));
            data[i] = str_out_copy(&o, strbuf_str(buf));
        }
    }
    return FB_OK;
}

KERNEL(fn_format_string)
{
    StrBuf buf = {0};
    fb_status st = format_all(cx, args, call->n_args, &buf, n, out, err);
    strbuf_free(&buf);
    return st;
}

BINDER(bind_format_string)
{
    TRY(bind_cast(cx, call, 0, type_string, err));
    call->type = type_string;
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}
