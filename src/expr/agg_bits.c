/*
 * agg_bits.c - bit_and, bit_or, bit_xor of integers.
 *
 * The state is the value so far, sign-extended to 64 bits, and whether there is one; the buffer is
 * one column of the argument's type.
 *
 * Ownership: states belong to the caller. Threads: as the group table.
 */
#include "expr/agg_util.h"
#include "expr/kernel.h"

typedef struct BitState {
    int64_t value;
    uint8_t has;
} BitState;

/* Chosen by the binder, in fn_data: how two values combine. */
typedef int64_t (*BitFn)(int64_t a, int64_t b);
typedef struct BitOp {
    const char *name;
    BitFn fn;
} BitOp;

static int64_t bits_and(int64_t a, int64_t b)
{
    return a & b;
}

static int64_t bits_or(int64_t a, int64_t b)
{
    return a | b;
}

static int64_t bits_xor(int64_t a, int64_t b)
{
    return a ^ b;
}

static const BitOp op_and = {"bit_and", bits_and}, op_or = {"bit_or", bits_or},
                   op_xor = {"bit_xor", bits_xor};

static size_t bits_size(const Expr *agg)
{
    (void)agg;
    return sizeof(BitState);
}

static uint32_t bits_buffers(const Expr *agg, Field *fields)
{
    const BitOp *op = agg->fn_data;
    fields[0] = (Field){.name = op->name, .type = agg->type, .nullable = true};
    return 1;
}

static inline void bits_take(BitState *s, int64_t x, const BitOp *op)
{
    s->value = s->has ? op->fn(s->value, x) : x;
    s->has = 1;
}

static fb_status bits_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                             uint32_t n, fb_error *err)
{
    (void)cx;
    (void)err;
    const BitOp *op = agg->fn_data;
    AGG_EACH_INTEGRAL(&args[0], n, { bits_take((BitState *)(void *)state[i], x, op); });
    return FB_OK;
}

static fb_status bits_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into, uint8_t *const *from,
                            uint32_t n, fb_error *err)
{
    (void)cx;
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const BitState *b = (const BitState *)(const void *)from[i];
        if (b->has) {
            bits_take((BitState *)(void *)into[i], b->value, agg->fn_data);
        }
    }
    return FB_OK;
}

static fb_status bits_finish(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                             Vec *out, fb_error *err)
{
    (void)agg;
    (void)err;
    size_t width = type_width(out->type);
    char *data = agg_alloc(cx, out, n);
    out->valid = NULL;
    for (uint32_t i = 0; i < n; i++) {
        const BitState *s = (const BitState *)(const void *)state[i];
        memcpy(data + i * width, &s->value, width); /* little endian: the low bytes */
        if (!s->has) {
            vec_set_null(out, cx->eval->arena, i);
        }
    }
    return FB_OK;
}

const AggDef agg_bits = {bits_size,   bits_buffers, bits_update, bits_merge,
                         bits_finish, bits_finish,  bits_update};

static fb_status bind_bits(BindCtx *cx, Expr *call, const BitOp *op, fb_error *err)
{
    const Type *t = call->args[0]->type;
    if (t->id == T_NULL) {
        TRY(bind_cast(cx, call, 0, type_int, err));
    } else if (!type_is_integral(t)) {
        return bind_type_error(cx, call, 0, "\"INTEGRAL\"", err);
    }
    call->fn_data = op;
    call->type = call->args[0]->type;
    call->nullable = true;
    return FB_OK;
}

fb_status bind_bit_and_agg(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_bits(cx, call, &op_and, err);
}

fb_status bind_bit_or_agg(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_bits(cx, call, &op_or, err);
}

fb_status bind_bit_xor_agg(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_bits(cx, call, &op_xor, err);
}
