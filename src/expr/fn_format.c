/*
 * fn_format.c - format_string (printf): the format and its specifiers.
 *
 * The grammar and the checks are those of java.util.Formatter in the root locale: a specifier is
 * %[index$][flags][width][.precision]conversion, and a flag that a conversion does not take, or a
 * width or precision where none is due, is an error whatever the argument. fn_format_value.c
 * writes the values.
 *
 * Ownership: results are in cx->arena.
 */
#include "expr/fn_format.h"

fb_status fmt_bad(Str spec, fb_error *err)
{
    char text[64];
    size_t n = MIN_OF(spec.n, sizeof(text) - 1);
    memcpy(text, spec.p, n);
    text[n] = '\0';
    return err_set(err, ERR_FORMAT_SPECIFIER, "specifier", text, NULL);
}

/* ---- reading a specifier ---- */

/* Digits at *at. false: there are none, or they are no int. */
static bool read_number(Str s, size_t *at, int32_t *ret)
{
    int64_t n = 0;
    size_t i = *at;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
        n = n > INT32_MAX ? n : n * 10 + (s.p[i] - '0');
    }
    if (i == *at || n > INT32_MAX) {
        return false;
    }
    *at = i;
    *ret = (int32_t)n;
    return true;
}

/* false: none of the flags, or the same again. */
static bool read_flag(FormatSpec *s, char c)
{
    bool *flag = c == '-'   ? &s->left
                 : c == '#' ? &s->alternate
                 : c == '+' ? &s->plus
                 : c == ' ' ? &s->space
                 : c == '0' ? &s->zero
                 : c == ',' ? &s->group
                 : c == '(' ? &s->paren
                            : NULL;
    if (c == '<' && s->index == 0) {
        s->index = -1;
        return true;
    }
    if (!flag || *flag) {
        return false;
    }
    *flag = true;
    return true;
}

/* The flags that a conversion takes, beside the left one. */
static const char *allowed_flags(char conversion)
{
    switch (conversion) {
    case 'd':
        return "+ 0,(";
    case 'o':
    case 'x':
        return "#+ 0("; /* + space ( are refused when a value is written */
    case 'e':
        return "#+ 0(";
    case 'f':
        return "#+ 0,(";
    case 'g':
        return "+ 0,(";
    case 'a':
        return "#+ 0";
    default:
        return "";
    }
}

static bool flags_fit(const FormatSpec *s)
{
    const char *allowed = allowed_flags(s->conversion);
    const struct {
        bool set;
        char c;
    } flags[] = {{s->alternate, '#'}, {s->plus, '+'},  {s->space, ' '},
                 {s->zero, '0'},      {s->group, ','}, {s->paren, '('}};
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (flags[i].set && !strchr(allowed, flags[i].c)) {
            return false;
        }
    }
    bool width_missing = (s->left || s->zero) && s->width < 0;
    return !width_missing && !(s->plus && s->space) && !(s->left && s->zero);
}

static bool spec_is_sound(const FormatSpec *s)
{
    bool cuts = strchr("bhsefga", s->conversion) != NULL;
    if (s->conversion == 'n' && (s->width >= 0 || s->left)) {
        return false;
    }
    return (cuts || s->precision < 0) && flags_fit(s);
}

/* What stands from *at on, after a %. false: malformed. */
static bool read_spec(Str s, size_t *at, FormatSpec *ret)
{
    size_t i = *at;
    int32_t number;
    bool in_flags = true;
    *ret = (FormatSpec){.width = -1, .precision = -1};
    if (i < s.n && s.p[i] >= '1' && s.p[i] <= '9') {
        if (!read_number(s, &i, &number)) {
            return false;
        }
        if (i < s.n && s.p[i] == '$') {
            ret->index = number;
            i++;
        } else {
            ret->width = number;
            in_flags = false;
        }
    }
    for (; in_flags && i < s.n && memchr("-#+ 0,(<", s.p[i], 8); i++) {
        if (!read_flag(ret, s.p[i])) {
            return false;
        }
    }
    if (in_flags && i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && !read_number(s, &i, &ret->width)) {
        return false;
    }
    if (i < s.n && s.p[i] == '.') {
        i++;
        if (!read_number(s, &i, &ret->precision)) {
            return false;
        }
    }
    bool date = i < s.n && (s.p[i] == 't' || s.p[i] == 'T');
    if (i >= s.n || !memchr("bBhHsScCdoxXeEfgGaA%ntT", s.p[i], 23)) {
        return false;
    }
    ret->upper = s.p[i] >= 'A' && s.p[i] <= 'Z';
    ret->conversion = ascii_lower(s.p[i]);
    i += date ? 2 : 1;
    *at = i;
    return i <= s.n && spec_is_sound(ret);
}

/* ---- rows ---- */

static fb_status format_one(Format *f, const FormatSpec *s, fb_error *err)
{
    if (s->conversion == '%') {
        return fmt_text(f, s, STR_LIT("%"), err);
    }
    if (s->conversion == 'n') {
        strbuf_putc(f->out, '\n');
        return FB_OK;
    }
    if (s->width > 1000000 || s->precision > 1000000) {
        return err_unsupported(err, "%.*s in format_string", (int)MIN_OF(s->text.n, 40u),
                               s->text.p);
    }
    uint32_t arg = s->index > 0 ? (uint32_t)s->index : s->index < 0 ? f->last : ++f->next;
    if (arg == 0 || arg >= f->n_args) {
        return fmt_bad(s->text, err);
    }
    f->last = arg;
    return fmt_value(f, s, &f->args[arg], err);
}

static fb_status format_row(Format *f, Str s, fb_error *err)
{
    size_t checked = 0;
    f->next = f->last = 0;
    strbuf_clear(f->out);
    if (s.n >= 3 && memmem(s.p, s.n, "%0$", 3)) {
        return err_set(err, ERR_INVALID_PARAMETER_VALUE_ZERO_INDEX, "parameter", "`strfmt`",
                       "functionName", "`format_string`", NULL);
    }
    for (size_t i = 0; i < s.n;) {
        const char *percent = memchr(s.p + i, '%', s.n - i);
        size_t end = percent ? (size_t)(percent - s.p) : s.n, at = end + 1;
        FormatSpec spec;
        strbuf_append(f->out, s.p + i, end - i);
        if (!percent) {
            break;
        }
        if (!read_spec(s, &at, &spec)) {
            return fmt_bad((Str){percent, MIN_OF(s.n - end, (size_t)8)}, err);
        }
        spec.text = (Str){percent, at - end};
        TRY(format_one(f, &spec, err));
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
