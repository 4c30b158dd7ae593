/*
 * fn_conv.c - conv: a number's digits in another base.
 *
 * The digits go through 64 bits, unsigned; what does not fit is all ones, or an error in ANSI mode.
 * A negative target base makes the result signed. Reading ends at the first character that is no
 * digit of the source base.
 *
 * Ownership: results are in cx->arena.
 */
#include "expr/arith.h"
#include "expr/fn_util.h"

#define MIN_BASE 2
#define MAX_BASE 36

static uint32_t digit_value(char c)
{
    char low = ascii_lower(c);
    return c >= '0' && c <= '9'       ? (uint32_t)(c - '0')
           : low >= 'a' && low <= 'z' ? (uint32_t)(low - 'a') + 10
                                      : MAX_BASE;
}

/* false: more than 64 bits; *ret is all ones then. */
static bool read_digits(Str s, uint32_t base, uint64_t *ret)
{
    uint64_t x = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint32_t d = digit_value(s.p[i]);
        if (d >= base) {
            break;
        }
        if (__builtin_mul_overflow(x, (uint64_t)base, &x) ||
            __builtin_add_overflow(x, (uint64_t)d, &x)) {
            *ret = UINT64_MAX;
            return false;
        }
    }
    *ret = x;
    return true;
}

static View put_digits(StrOut *o, uint64_t x, uint32_t base, bool negative)
{
    char buf[65], *p = buf + sizeof(buf);
    do {
        *--p = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[x % base];
        x /= base;
    } while (x);
    if (negative) {
        *--p = '-';
    }
    return str_out_copy(o, (Str){p, (size_t)(buf + sizeof(buf) - p)});
}

static bool base_is_valid(int64_t base)
{
    return base >= MIN_BASE && base <= MAX_BASE;
}

/* The value of s as it is shown in base `to`; *fits = false: more than 64 bits. */
static View convert(StrOut *o, Str s, uint32_t from, int32_t to, bool *fits)
{
    bool negative = s.p[0] == '-';
    uint64_t x;
    *fits = read_digits(negative ? (Str){s.p + 1, s.n - 1} : s, from, &x);
    if (to > 0) {
        if (negative) {
            x = (int64_t)x < 0 ? UINT64_MAX : 0 - x;
        }
        return put_digits(o, x, (uint32_t)to, false);
    }
    if ((int64_t)x < 0) {
        x = 0 - x;
        negative = true;
    }
    return put_digits(o, x, (uint32_t)-to, negative);
}

static Str trim_spaces(Str s)
{
    while (s.n && s.p[0] == ' ') {
        s = (Str){s.p + 1, s.n - 1};
    }
    while (s.n && s.p[s.n - 1] == ' ') {
        s.n--;
    }
    return s;
}

KERNEL(fn_conv)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (View){0};
        if (!kernel_wants(out, i)) {
            continue;
        }
        Str s = trim_spaces(arg_str(&args[0], i));
        int64_t from = VEC_AT(int32_t, &args[1], i), to = VEC_AT(int32_t, &args[2], i);
        if (s.n == 0 || !base_is_valid(from) || !base_is_valid(to < 0 ? -to : to)) {
            kernel_null(cx, out, i);
            continue;
        }
        bool fits;
        data[i] = convert(&o, s, (uint32_t)from, (int32_t)to, &fits);
        if (!fits && call->eval_mode == EVAL_ANSI) {
            return arith_overflow_error("Overflow in function conv()", NULL, err);
        }
    }
    return FB_OK;
}

BINDER(bind_conv)
{
    TRY(bind_cast(cx, call, 0, type_string, err));
    TRY(bind_cast_all(cx, call, 1, 3, type_int, err));
    call->type = type_string;
    call->nullable = true;
    return FB_OK;
}
