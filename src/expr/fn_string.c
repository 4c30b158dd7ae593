/*
 * fn_string.c - lengths and pieces of strings: length, substring, left, right, trim, pad, repeat,
 * reverse, overlay, substring_index, split_part, space.
 *
 * Characters are counted as Spark's UTF8String does (fn_util.c). Results that are a piece of the
 * input refer to its bytes. Binary arguments count bytes.
 *
 * Ownership: results are in cx->arena or share the input's bytes.
 */
#include "expr/fn_string.h"

#include "expr/fn_util.h"

/* ---- lengths ---- */

KERNEL(fn_length)
{
    int32_t *data = kernel_alloc(cx, out);
    bool binary = args[0].type->id == T_BINARY;
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(&args[0], i);
        data[i] = (int32_t)(binary ? s.n : utf8_length(s));
    }
    return FB_OK;
}

KERNEL(fn_octet_length)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (int32_t)VEC_AT(View, &args[0], i).len;
    }
    return FB_OK;
}

KERNEL(fn_bit_length)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (int32_t)(VEC_AT(View, &args[0], i).len * 8u);
    }
    return FB_OK;
}

BINDER(bind_string_to_int)
{
    TRY(bind_string_or_binary(cx, call, 0, err));
    return bind_done(call, type_int);
}

/* ---- substring ---- */

/* substringSQL: pos counts from 1, from the end if negative; 0 is as 1. */
static View string_part(const View *v, int32_t pos, int64_t length)
{
    Str s = view_str(v);
    bool ascii = str_is_ascii(s);
    int64_t start = pos > 0 ? pos - 1 : 0;
    if (pos < 0) {
        start = (int64_t)(ascii ? s.n : utf8_length(s)) + pos;
    }
    int64_t end = start + length;
    if (end > INT32_MAX) {
        end = INT32_MAX;
    }
    if (end <= start || end <= 0 || start >= (int64_t)s.n) {
        return (View){0};
    }
    start = start < 0 ? 0 : start;
    if (ascii) {
        end = MIN_OF(end, (int64_t)s.n);
        return view_part(v, (size_t)start, (size_t)(end - start));
    }
    size_t from = utf8_offset(s, (size_t)start);
    Str rest = {s.p + from, s.n - from};
    return view_part(v, from, utf8_offset(rest, (size_t)(end - start)));
}

static View binary_part(const View *v, int32_t pos, int64_t length)
{
    int64_t n = v->len, start = pos > 0 ? pos - 1 : pos < 0 ? n + pos : 0;
    int64_t end = n - start < length ? n : start + length;
    start = start < 0 ? 0 : start;
    return pos > n || start >= end ? (View){0} : view_part(v, (size_t)start, (size_t)(end - start));
}

KERNEL(fn_substring)
{
    View *data = kernel_alloc(cx, out);
    bool binary = args[0].type->id == T_BINARY;
    for (uint32_t i = 0; i < n; i++) {
        const View *v = &VEC_AT(View, &args[0], i);
        int32_t pos = VEC_AT(int32_t, &args[1], i), length = VEC_AT(int32_t, &args[2], i);
        data[i] = binary ? binary_part(v, pos, length) : string_part(v, pos, length);
    }
    return FB_OK;
}

BINDER(bind_substring)
{
    TRY(bind_string_or_binary(cx, call, 0, err));
    TRY(bind_cast(cx, call, 1, type_int, err));
    if (call->n_args == 2) {
        bind_add_arg(cx, call, expr_literal_int(cx->arena, type_int, INT32_MAX));
    }
    TRY(bind_cast(cx, call, 2, type_int, err));
    return bind_done(call, call->args[0]->type);
}

KERNEL(fn_left)
{
    View *data = kernel_alloc(cx, out);
    bool binary = args[0].type->id == T_BINARY;
    for (uint32_t i = 0; i < n; i++) {
        const View *v = &VEC_AT(View, &args[0], i);
        int32_t length = VEC_AT(int32_t, &args[1], i);
        data[i] = binary ? binary_part(v, 1, length) : string_part(v, 1, length);
    }
    return FB_OK;
}

BINDER(bind_left)
{
    TRY(bind_string_or_binary(cx, call, 0, err));
    TRY(bind_cast(cx, call, 1, type_int, err));
    return bind_done(call, call->args[0]->type);
}

KERNEL(fn_right)
{
    View *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        const View *v = &VEC_AT(View, &args[0], i);
        int32_t length = VEC_AT(int32_t, &args[1], i);
        data[i] = length <= 0 ? (View){0} : string_part(v, -length, INT32_MAX);
    }
    return FB_OK;
}

BINDER(bind_right)
{
    TRY(bind_cast(cx, call, 0, type_string, err));
    TRY(bind_cast(cx, call, 1, type_int, err));
    call->type = type_string;
    call->nullable = true;
    return FB_OK;
}

/* ---- trim ---- */

typedef enum TrimSide { TRIM_LEFT = 1, TRIM_RIGHT = 2, TRIM_BOTH = 3 } TrimSide;

static View trim_spaces(const View *v, TrimSide side)
{
    const char *p = view_ptr(v);
    uint32_t from = 0, to = v->len;
    while ((side & TRIM_LEFT) && from < to && p[from] == ' ') {
        from++;
    }
    while ((side & TRIM_RIGHT) && to > from && p[to - 1] == ' ') {
        to--;
    }
    return from == 0 && to == v->len ? *v : view_part(v, from, to - from);
}

/* Whether the character c (its bytes) is one of set's. */
static bool has_char(Str set, Str c)
{
    for (size_t i = 0; i < set.n;) {
        size_t w = MIN_OF((size_t)utf8_width[(uint8_t)set.p[i]], set.n - i);
        if (str_eq((Str){set.p + i, w}, c)) {
            return true;
        }
        i += w;
    }
    return false;
}

/* Start of the character that ends before end. */
static size_t previous_char(Str s, size_t end)
{
    size_t i = end - 1;
    while (i > 0 && end - i < 4 && ((uint8_t)s.p[i] & 0xC0) == 0x80) {
        i--;
    }
    return utf8_width[(uint8_t)s.p[i]] == end - i ? i : end - 1;
}

static View trim_set(const View *v, Str set, TrimSide side)
{
    Str s = view_str(v);
    size_t from = 0, to = s.n;
    while ((side & TRIM_LEFT) && from < to) {
        size_t w = MIN_OF((size_t)utf8_width[(uint8_t)s.p[from]], to - from);
        if (!has_char(set, (Str){s.p + from, w})) {
            break;
        }
        from += w;
    }
    while ((side & TRIM_RIGHT) && to > from) {
        size_t start = previous_char(s, to);
        if (start < from || !has_char(set, (Str){s.p + start, to - start})) {
            break;
        }
        to = start;
    }
    return view_part(v, from, to - from);
}

/* args[0]: the string; args[1], if any: the characters. */
static void trim_all(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                     TrimSide side)
{
    View *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        const View *v = &VEC_AT(View, &args[0], i);
        data[i] =
            call->n_args == 1 ? trim_spaces(v, side) : trim_set(v, arg_str(&args[1], i), side);
    }
}

KERNEL(fn_trim)
{
    trim_all(cx, call, args, n, out, TRIM_BOTH);
    return FB_OK;
}

KERNEL(fn_ltrim)
{
    trim_all(cx, call, args, n, out, TRIM_LEFT);
    return FB_OK;
}

KERNEL(fn_rtrim)
{
    trim_all(cx, call, args, n, out, TRIM_RIGHT);
    return FB_OK;
}

BINDER(bind_btrim)
{
    TRY(bind_cast_all(cx, call, 0, call->n_args, type_string, err));
    return bind_done(call, type_string);
}

/* trim(characters, string): the string comes first from here on. */
static fb_status bind_trim_side(BindCtx *cx, Expr *call, const char *side, fb_error *err)
{
    if (call->n_args == 2) {
        StrBuf text = {0};
        Expr *characters = call->args[0];
        call->args[0] = call->args[1];
        call->args[1] = characters;
        strbuf_printf(&text, "TRIM(%s ", side);
        expr_name(call->args[1], &text);
        strbuf_puts(&text, " FROM ");
        expr_name(call->args[0], &text);
        strbuf_putc(&text, ')');
        bind_show(cx, call, &text);
        TRY(bind_cast(cx, call, 1, type_string, err));
        TRY(bind_cast(cx, call, 0, type_string, err));
        return bind_done(call, type_string);
    }
    return bind_btrim(cx, call, err);
}

BINDER(bind_trim)
{
    return bind_trim_side(cx, call, "BOTH", err);
}

BINDER(bind_ltrim)
{
    return bind_trim_side(cx, call, "LEADING", err);
}

BINDER(bind_rtrim)
{
    return bind_trim_side(cx, call, "TRAILING", err);
}

/* ---- growing ---- */

KERNEL(fn_repeat)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(&args[0], i);
        int32_t times = VEC_AT(int32_t, &args[1], i);
        uint64_t total = times > 0 ? (uint64_t)s.n * (uint32_t)times : 0;
        data[i] = (View){0};
        if (total == 0 || !kernel_wants(out, i)) {
            continue;
        }
        TRY(str_out_reserve(&o, total, err));
        char *p = o.p;
        memcpy(p, s.p, s.n);
        for (size_t done = s.n; done < total;) { /* doubling */
            size_t more = MIN_OF(done, total - done);
            memcpy(p + done, p, more);
            done += more;
        }
        data[i] = str_out_take(&o, total);
    }
    return FB_OK;
}

BINDER(bind_repeat)
{
    TRY(bind_cast(cx, call, 0, type_string, err));
    TRY(bind_cast(cx, call, 1, type_int, err));
    return bind_done(call, type_string);
}

KERNEL(fn_space)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        int32_t length = VEC_AT(int32_t, &args[0], i);
        data[i] = (View){0};
        if (length <= 0 || !kernel_wants(out, i)) {
            continue;
        }
        TRY(str_out_reserve(&o, (uint64_t)length, err));
        memset(o.p, ' ', (size_t)length);
        data[i] = str_out_take(&o, (size_t)length);
    }
    return FB_OK;
}

BINDER(bind_space)
{
    TRY(bind_cast(cx, call, 0, type_int, err));
    return bind_done(call, type_string);
}

/* The first n characters (bytes of binary) of s, in bytes. */
static size_t chars_to_bytes(Str s, uint64_t n, bool binary)
{
    return binary ? MIN_OF(n, s.n) : utf8_offset(s, n);
}

/* Fills to with `missing` characters of pad, repeated; returns the bytes. */
static size_t pad_fill(char *to, Str pad, uint32_t pad_chars, uint32_t missing, bool binary)
{
    size_t at = 0;
    for (; missing >= pad_chars; missing -= pad_chars) {
        memcpy(to + at, pad.p, pad.n);
        at += pad.n;
    }
    size_t rest = chars_to_bytes(pad, missing, binary);
    memcpy(to + at, pad.p, rest);
    return at + rest;
}

static fb_status pad_all(EvalCtx *cx, const Vec *args, uint32_t n, Vec *out, bool left,
                         fb_error *err)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    bool binary = args[0].type->id == T_BINARY;
    for (uint32_t i = 0; i < n; i++) {
        const View *v = &VEC_AT(View, &args[0], i);
        Str s = view_str(v), pad = arg_str(&args[2], i);
        int32_t length = VEC_AT(int32_t, &args[1], i);
        data[i] = (View){0};
        if (length <= 0 || !kernel_wants(out, i)) {
            continue;
        }
        uint32_t chars = binary ? (uint32_t)s.n : utf8_length(s);
        if ((uint32_t)length <= chars || pad.n == 0) {
            data[i] = view_part(v, 0, chars_to_bytes(s, (uint32_t)length, binary));
            continue;
        }
        uint32_t missing = (uint32_t)length - chars;
        uint32_t pad_chars = binary ? (uint32_t)pad.n : utf8_length(pad);
        uint64_t most = s.n + (uint64_t)(missing / pad_chars + 1) * pad.n;
        TRY(str_out_reserve(&o, most, err));
        char *p = o.p;
        size_t filled;
        if (left) {
            filled = pad_fill(p, pad, pad_chars, missing, binary);
            memcpy(p + filled, s.p, s.n);
        } else {
            memcpy(p, s.p, s.n);
            filled = pad_fill(p + s.n, pad, pad_chars, missing, binary);
        }
        data[i] = str_out_take(&o, filled + s.n);
    }
    return FB_OK;
}

KERNEL(fn_lpad)
{
    return pad_all(cx, args, n, out, true, err);
}

KERNEL(fn_rpad)
{
    return pad_all(cx, args, n, out, false, err);
}

BINDER(bind_pad)
{
    if (call->n_args == 3 && call->args[2]->type->id != T_BINARY) {
        TRY(bind_cast(cx, call, 0, type_string, err)); /* bytes are padded with bytes */
    }
    TRY(bind_string_or_binary(cx, call, 0, err));
    const Type *t = call->args[0]->type;
    TRY(bind_cast(cx, call, 1, type_int, err));
    if (call->n_args == 2) {
        bind_add_arg(cx, call,
                     t->id == T_BINARY ? expr_literal_binary(cx->arena, (Str){"\0", 1})
                                       : expr_literal_str(cx->arena, STR_LIT(" ")));
    }
    TRY(bind_cast(cx, call, 2, t, err));
    return bind_done(call, t);
}

/* ---- reverse of a string; arrays are fn_collection.c's ---- */

static void reverse_string(char *to, Str s, bool binary)
{
    size_t end = s.n;
    for (size_t i = 0; i < s.n;) {
        size_t w = binary ? 1 : MIN_OF((size_t)utf8_width[(uint8_t)s.p[i]], s.n - i);
        end -= w;
        memcpy(to + end, s.p + i, w);
        i += w;
    }
}

void reverse_strings(EvalCtx *cx, const Vec *v, uint32_t n, Vec *out)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    bool binary = v->type->id == T_BINARY;
    for (uint32_t i = 0; i < n; i++) {
        Str s = arg_str(v, i);
        reverse_string(str_out_room(&o, s.n), s, binary);
        data[i] = str_out_take(&o, s.n);
    }
}

/* ---- overlay ---- */

KERNEL(fn_overlay)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    bool binary = args[0].type->id == T_BINARY;
    for (uint32_t i = 0; i < n; i++) {
        const View *v = &VEC_AT(View, &args[0], i);
        Str with = arg_str(&args[1], i);
        int32_t pos = VEC_AT(int32_t, &args[2], i), length = VEC_AT(int32_t, &args[3], i);
        int64_t skip = length >= 0 ? length : (int64_t)(binary ? with.n : utf8_length(with));
        int64_t rest = (int32_t)(uint32_t)((int64_t)pos + skip); /* wraps as an int does */
        View head, tail;
        if (binary) {
            head = binary_part(v, 1, (int64_t)pos - 1);
            tail = binary_part(v, (int32_t)rest, INT32_MAX);
        } else {
            head = string_part(v, 1, (int64_t)pos - 1);
            tail = string_part(v, (int32_t)rest, INT32_MAX);
        }
        if (!kernel_wants(out, i)) {
            data[i] = (View){0};
            continue;
        }
        TRY(str_out_reserve(&o, (uint64_t)head.len + with.n + tail.len, err));
        char *p = o.p;
        memcpy(p, view_ptr(&head), head.len);
        memcpy(p + head.len, with.p, with.n);
        memcpy(p + head.len + with.n, view_ptr(&tail), tail.len);
        data[i] = str_out_take(&o, head.len + with.n + tail.len);
    }
    return FB_OK;
}

BINDER(bind_overlay)
{
    if (call->n_args == 3) {
        bind_add_arg(cx, call, expr_literal_int(cx->arena, type_int, -1));
    }
    TRY(bind_string_or_binary(cx, call, 0, err));
    TRY(bind_string_or_binary(cx, call, 1, err));
    if (call->args[0]->type != call->args[1]->type) {
        return bind_data_diff_types(cx, call, call->args, 2, "overlay", err);
    }
    TRY(bind_cast_all(cx, call, 2, 4, type_int, err));
    return bind_done(call, call->args[0]->type);
}

/* ---- pieces between delimiters ---- */

/* Position of the last delimiter that starts at or before from; SIZE_MAX if there is none. */
static size_t str_rfind(Str s, Str delim, int64_t from)
{
    for (int64_t i = from; i >= 0; i--) {
        if (memcmp(s.p + i, delim.p, delim.n) == 0) {
            return (size_t)i;
        }
    }
    return SIZE_MAX;
}

static View substring_index(const View *v, Str delim, int32_t count)
{
    Str s = view_str(v);
    if (delim.n == 0 || count == 0) {
        return (View){0};
    }
    if (delim.n > s.n) {
        return *v;
    }
    if (count > 0) {
        size_t at = 0;
        for (int32_t k = 0; k < count; k++) {
            at = str_find(s, delim, k ? at + 1 : 0);
            if (at == SIZE_MAX) {
                return *v;
            }
        }
        return view_part(v, 0, at);
    }
    int64_t at = (int64_t)(s.n - delim.n) + 1;
    for (int64_t k = 0; k < -(int64_t)count; k++) {
        size_t found = str_rfind(s, delim, at - 1);
        if (found == SIZE_MAX) {
            return *v;
        }
        at = (int64_t)found;
    }
    size_t from = (size_t)at + delim.n;
    return view_part(v, from, s.n - from);
}

KERNEL(fn_substring_index)
{
    View *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = substring_index(&VEC_AT(View, &args[0], i), arg_str(&args[1], i),
                                  VEC_AT(int32_t, &args[2], i));
    }
    return FB_OK;
}

BINDER(bind_substring_index)
{
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    TRY(bind_cast(cx, call, 2, type_int, err));
    return bind_done(call, type_string);
}

/* Part number `part` (from 1, or from the end if negative) of s; empty if there is none. */
static View split_part(const View *v, Str delim, int32_t part)
{
    Str s = view_str(v);
    if (delim.n == 0) {
        return part == 1 || part == -1 ? *v : (View){0};
    }
    int64_t want = part;
    if (part < 0) {
        int64_t parts = 1;
        for (size_t at = str_find(s, delim, 0); at != SIZE_MAX;
             at = str_find(s, delim, at + delim.n)) {
            parts++;
        }
        want = parts + part + 1;
    }
    size_t from = 0;
    for (int64_t k = 1; want >= 1; k++) {
        size_t end = str_find(s, delim, from);
        if (k == want) {
            return view_part(v, from, (end == SIZE_MAX ? s.n : end) - from);
        }
        if (end == SIZE_MAX) {
            break;
        }
        from = end + delim.n;
    }
    return (View){0};
}

KERNEL(fn_split_part)
{
    View *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int32_t part = VEC_AT(int32_t, &args[2], i);
        if (part == 0 && kernel_wants(out, i)) {
            return err_set(err, ERR_INVALID_INDEX_OF_ZERO, NULL);
        }
        data[i] = split_part(&VEC_AT(View, &args[0], i), arg_str(&args[1], i), part);
    }
    return FB_OK;
}

BINDER(bind_split_part)
{
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    TRY(bind_cast(cx, call, 2, type_int, err));
    call->type = type_string;
    call->nullable = true;
    return FB_OK;
}
