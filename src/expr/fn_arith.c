/*
 * fn_arith.c - + - * / % div pmod of numbers, their try_ forms, unary minus, plus and abs.
 *
 * Binding finds the type both sides are computed in: integers and floats in their common type,
 * "/" in double, "div" in bigint, decimals each in a type of its own with Spark's result type
 * (DecimalPrecision), an integer literal counting as the smallest decimal that holds it.
 *
 * Integer loops compute wrapped results and keep one sticky bit of overflow, so that they are free
 * of branches; only when it is set the rows are looked at one by one for the first that is not
 * null. In legacy mode wrapping is the answer; TRY nulls the rows. Division does the same with
 * zero divisors. Decimal sums and products whose result type was not cut to 38 digits can't
 * overflow, and run as plain 128-bit arithmetic.
 */
#include "expr/arith.h"

#include <math.h>
#include <stdio.h>

const char *arith_symbol(ArithOp op)
{
    static const char *const symbols[] = {"+", "-", "*", "/", "div", "%", "pmod"};
    return symbols[op];
}

const char *arith_try_name(ArithOp op)
{
    static const char *const names[] = {"try_add",    "try_subtract", "try_multiply", "try_divide",
                                        "try_divide", "try_mod",      "try_mod"};
    return names[op];
}

/* ---- errors ---- */

fb_status arith_overflow_error(const char *message, const char *try_name, fb_error *err)
{
    StrBuf hint = {0};
    if (try_name) {
        strbuf_printf(&hint, " Use '%s' to get NULL instead.", try_name);
    }
    fb_status st = err_set(err, ERR_ARITHMETIC_OVERFLOW, "message", message, "alternative",
                           hint.p ? hint.p : "", "config", "\"spark.sql.ansi.enabled\"", NULL);
    strbuf_free(&hint);
    return st;
}

fb_status interval_overflow_error(const char *try_name, fb_error *err)
{
    if (!try_name) {
        return err_set(err, ERR_INTERVAL_ARITHMETIC_OVERFLOW_WITHOUT_SUGGESTION, NULL);
    }
    StrBuf name = {0};
    strbuf_printf(&name, "`%s`", try_name);
    fb_status st = err_set(err, ERR_INTERVAL_ARITHMETIC_OVERFLOW_WITH_SUGGESTION, "functionName",
                           name.p, NULL);
    strbuf_free(&name);
    return st;
}

fb_status arith_decimal_error(int128_t value, int scale, DecType to, fb_error *err)
{
    char text[DEC_TEXT_MAX + 1], precision[8], digits[8];
    text[dec_format(value, scale, text)] = '\0';
    snprintf(precision, sizeof(precision), "%d", to.p);
    snprintf(digits, sizeof(digits), "%d", to.s);
    return err_set(err, ERR_NUMERIC_VALUE_OUT_OF_RANGE, "value", text, "precision", precision,
                   "scale", digits, "config", "\"spark.sql.ansi.enabled\"", NULL);
}

static fb_status zero_error(ArithOp op, fb_error *err)
{
    ErrId id = op == AR_MOD || op == AR_PMOD ? ERR_REMAINDER_BY_ZERO : ERR_DIVIDE_BY_ZERO;
    return err_set(err, id, "config", "\"spark.sql.ansi.enabled\"", NULL);
}

/* ---- binding ---- */

static const char *accepted_types(ArithOp op)
{
    switch (op) {
    case AR_ADD:
    case AR_SUB:
        return "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or "
               "\"INTERVAL\")";
    case AR_DIV:
        return "(\"DOUBLE\" or \"DECIMAL\")";
    case AR_IDIV:
        return "(\"BIGINT\" or \"DECIMAL\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO "
               "MONTH\")";
    default:
        return "\"NUMERIC\"";
    }
}

static fb_status wrong_types(BindCtx *cx, const Expr *call, ArithOp op, fb_error *err)
{
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    if (!type_same(a, b)) {
        return bind_diff_types(cx, call, err);
    }
    return err_set(err, ERR_DATATYPE_MISMATCH_BINARY_OP_WRONG_TYPE, "inputType", accepted_types(op),
                   "actualDataType", bind_type_sql(cx, a), "sqlExpr", bind_sql(cx, call), NULL);
}

static void cast_both(BindCtx *cx, Expr *call, const Type *t)
{
    call->args[0] = bind_cast_expr(cx, call->args[0], t);
    call->args[1] = bind_cast_expr(cx, call->args[1], t);
}

/* Strings first: in ANSI mode they take the type that goes with the other side, else double. */
static void promote_strings(BindCtx *cx, Expr *call)
{
    for (uint32_t i = 0; i < 2; i++) {
        const Type *other = call->args[1 - i]->type;
        if (call->args[i]->type->id != T_STRING) {
            continue;
        }
        if (cx->mode != EVAL_ANSI) {
            bool interval = other->id == T_INTERVAL_YM || other->id == T_INTERVAL_DT ||
                            other->id == T_INTERVAL_CAL;
            if (!interval) {
                call->args[i] = bind_cast_expr(cx, call->args[i], type_double);
            }
        } else if (other->id != T_STRING) {
            const Type *t = coerce_wider(cx->mode, type_string, other, true);
            if (t) {
                cast_both(cx, call, t);
            }
            return;
        }
    }
}

/* The decimal type that an operand has beside a decimal; literals get the smallest. */
static DecType decimal_operand(const Expr *e)
{
    if (e->kind == E_LITERAL && type_is_integral(e->type) && vec_is_valid(e->value, 0)) {
        return coerce_decimal_of_literal(e);
    }
    return coerce_decimal_for(e->type);
}

static DecType decimal_result(ArithOp op, DecType a, DecType b, bool keep_scale)
{
    switch (op) {
    case AR_ADD:
    case AR_SUB:
        return dec_type_add(a, b, keep_scale);
    case AR_MUL:
        return dec_type_mul(a, b, keep_scale);
    case AR_DIV:
        return dec_type_div(a, b, keep_scale);
    case AR_IDIV:
        return dec_type_idiv(a, b, keep_scale);
    default:
        return dec_type_mod(a, b, keep_scale);
    }
}

static void bind_decimals(BindCtx *cx, Expr *call, Arith *fn)
{
    DecType d[2];
    for (uint32_t i = 0; i < 2; i++) {
        Expr *e = call->args[i];
        d[i] = decimal_operand(e);
        call->args[i] = bind_cast_expr(cx, e, type_decimal(d[i].p, d[i].s));
    }
    fn->scale_a = d[0].s;
    fn->scale_b = d[1].s;
    fn->result = decimal_result(fn->op, d[0], d[1], !cx->decimal_precision_loss);
    call->type = fn->op == AR_IDIV ? type_long : type_decimal(fn->result.p, fn->result.s);
}

/* The type in which a and b are computed when neither is a decimal; NULL: not numbers. */
static const Type *number_type(BindCtx *cx, const Expr *call, ArithOp op)
{
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    if (a->id == T_NULL && b->id == T_NULL) {
        return op == AR_IDIV ? type_long : type_double;
    }
    const Type *t = coerce_tightest(cx->mode, a, b);
    bool floats = (a->id == T_DECIMAL && (b->id == T_DOUBLE || b->id == T_FLOAT)) ||
                  (b->id == T_DECIMAL && (a->id == T_DOUBLE || a->id == T_FLOAT));
    if (floats) {
        t = type_double;
    }
    if (t && op == AR_DIV && type_is_numeric(t)) {
        return type_double;
    }
    if (t && op == AR_IDIV && type_is_integral(t)) {
        return type_long;
    }
    return t;
}

static bool is_interval_op(const Type *t, ArithOp op)
{
    if (t->id == T_INTERVAL_CAL) {
        return op == AR_ADD || op == AR_SUB;
    }
    return (t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT) &&
           (op == AR_ADD || op == AR_SUB || op == AR_IDIV);
}

static bool computes_in(const Type *t, ArithOp op)
{
    if (op == AR_IDIV && (t->id == T_FLOAT || t->id == T_DOUBLE)) {
        return false;
    }
    return type_is_numeric(t) || is_interval_op(t, op);
}

static bool may_be_null(const Expr *call, ArithOp op)
{
    if (op >= AR_DIV || call->eval_mode == EVAL_TRY) {
        return true;
    }
    return bind_any_nullable(call) || (call->type->id == T_DECIMAL && call->eval_mode != EVAL_ANSI);
}

static fb_status bind_numbers(BindCtx *cx, Expr *call, ArithOp op, fb_error *err)
{
    Arith *fn = ARENA_NEW(cx->arena, Arith);
    fn->op = op;
    call->fn_data = fn;
    promote_strings(cx, call);
    for (uint32_t i = 0; call->eval_mode == EVAL_TRY && i < 2; i++) {
        Expr *arg = call->args[i];
        if (arg->kind == E_CAST && !arg->user_cast && arg->args[0]->type->id == T_STRING) {
            arg->eval_mode = EVAL_TRY; /* text that is no number gives null */
            arg->nullable = true;
        }
    }
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    if (a->id == T_NULL && b->id == T_DECIMAL && op == AR_DIV) {
        cast_both(cx, call, type_double);
    } else if (a->id == T_NULL && b->id == T_DECIMAL) {
        call->args[0] = bind_cast_expr(cx, call->args[0], b);
    } else if (b->id == T_NULL && a->id == T_DECIMAL) {
        call->args[1] = bind_cast_expr(cx, call->args[1], a);
    }
    a = call->args[0]->type;
    b = call->args[1]->type;
    bool decimals = (a->id == T_DECIMAL || b->id == T_DECIMAL) &&
                    (a->id == T_DECIMAL || type_is_integral(a)) &&
                    (b->id == T_DECIMAL || type_is_integral(b));
    if (decimals) {
        bind_decimals(cx, call, fn);
    } else {
        const Type *t = number_type(cx, call, op);
        if (!t || !computes_in(t, op)) {
            return wrong_types(cx, call, op, err);
        }
        cast_both(cx, call, t);
        call->type = op == AR_IDIV ? type_long : t;
        bool exact = t->id == T_FLOAT || t->id == T_DOUBLE;
        if (exact && op < AR_DIV && call->eval_mode == EVAL_ANSI) {
            call->eval_mode = EVAL_LEGACY; /* floats don't overflow: nothing can fail */
        }
    }
    call->nullable = may_be_null(call, op);
    return FB_OK;
}

static fb_status bind_arith(BindCtx *cx, Expr *call, ArithOp op, fb_error *err)
{
    bool done = false;
    if (op <= AR_DIV) {
        TRY(bind_time_arith(cx, call, op, &done, err));
    }
    return done ? FB_OK : bind_numbers(cx, call, op, err);
}

static fb_status bind_sign(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type;
    if (t->id == T_STRING || t->id == T_NULL) {
        t = type_double;
        call->args[0] = bind_cast_expr(cx, call->args[0], t);
    }
    if (!type_is_numeric(t) && t->id != T_INTERVAL_YM && t->id != T_INTERVAL_DT &&
        !(t->id == T_INTERVAL_CAL && strcmp(call->name, "abs") != 0)) {
        bool abs = strcmp(call->name, "abs") == 0;
        return bind_type_error(cx, call, 0,
                               abs ? "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL "
                                     "YEAR TO MONTH\")"
                                   : accepted_types(AR_ADD),
                               err);
    }
    call->type = t;
    call->nullable = call->args[0]->nullable;
    if (t->id == T_FLOAT || t->id == T_DOUBLE || t->id == T_DECIMAL) {
        call->eval_mode = EVAL_LEGACY; /* nothing can overflow */
    }
    return FB_OK;
}

fb_status bind_negative(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_sign(cx, call, err);
}

/* Unary plus is its operand; only names show it. */
fb_status bind_positive(BindCtx *cx, Expr *call, fb_error *err)
{
    call->name = "+";
    TRY(bind_sign(cx, call, err));
    Expr *same = expr_copy(cx->arena, call->args[0]);
    bind_replace(cx, call, same);
    return FB_OK;
}

fb_status bind_add(BindCtx *cx, Expr *call, fb_error *err)
{
    return call->n_args == 1 ? bind_positive(cx, call, err) : bind_arith(cx, call, AR_ADD, err);
}

fb_status bind_subtract(BindCtx *cx, Expr *call, fb_error *err)
{
    return call->n_args == 1 ? bind_negative(cx, call, err) : bind_arith(cx, call, AR_SUB, err);
}

fb_status bind_multiply(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_arith(cx, call, AR_MUL, err);
}

fb_status bind_divide(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_arith(cx, call, AR_DIV, err);
}

fb_status bind_div(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_arith(cx, call, AR_IDIV, err);
}

fb_status bind_mod(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_arith(cx, call, AR_MOD, err);
}

fb_status bind_pmod(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_arith(cx, call, AR_PMOD, err);
}

/* try_add(a, b) is a + b in TRY mode under its own name. */
static fb_status bind_try(BindCtx *cx, Expr *call, const char *op, fb_error *err)
{
    const FuncDef *f = func_lookup(op);
    Expr *inner = expr_copy(cx->arena, call);
    inner->fn = f;
    inner->name = f->name;
    inner->eval_mode = EVAL_TRY;
    TRY(f->bind(cx, inner, err));
    inner->nullable = true;
    bind_replace(cx, call, inner);
    return FB_OK;
}

fb_status bind_try_add(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_try(cx, call, "+", err);
}

fb_status bind_try_subtract(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_try(cx, call, "-", err);
}

fb_status bind_try_multiply(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_try(cx, call, "*", err);
}

fb_status bind_try_divide(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_try(cx, call, "/", err);
}

fb_status bind_try_mod(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_try(cx, call, "%", err);
}

/* ---- integer and float loops ---- */

/* Runs BODY with a, b for each row; one side may be constant. */
#define LOOPS(T, BODY)                                                                             \
    if (ka) {                                                                                      \
        const T a = x[0];                                                                          \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            const T b = y[i];                                                                      \
            BODY                                                                                   \
        }                                                                                          \
    } else if (kb) {                                                                               \
        const T b = y[0];                                                                          \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            const T a = x[i];                                                                      \
            BODY                                                                                   \
        }                                                                                          \
    } else {                                                                                       \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            const T a = x[i], b = y[i];                                                            \
            BODY                                                                                   \
        }                                                                                          \
    }

/* Result true: some row overflowed or had a zero divisor. W is wide enough for a product. */
#define INT_KERNELS(name, T, U, W)                                                                 \
    static bool add_##name(const T *restrict x, bool ka, const T *restrict y, bool kb, uint32_t n, \
                           T *restrict r)                                                          \
    {                                                                                              \
        T bad = 0;                                                                                 \
        LOOPS(T, U s = (U)((U)a + (U)b); r[i] = (T)s; bad |= (T)((s ^ (U)a) & (s ^ (U)b));)        \
        return bad < 0;                                                                            \
    }                                                                                              \
    static bool sub_##name(const T *restrict x, bool ka, const T *restrict y, bool kb, uint32_t n, \
                           T *restrict r)                                                          \
    {                                                                                              \
        T bad = 0;                                                                                 \
        LOOPS(T, U s = (U)((U)a - (U)b); r[i] = (T)s; bad |= (T)(((U)a ^ (U)b) & ((U)a ^ s));)     \
        return bad < 0;                                                                            \
    }                                                                                              \
    static bool mul_##name(const T *restrict x, bool ka, const T *restrict y, bool kb, uint32_t n, \
                           T *restrict r)                                                          \
    {                                                                                              \
        int bad = 0;                                                                               \
        LOOPS(T, W w = (W)a * (W)b; r[i] = (T)w; bad |= w != (W)r[i];)                             \
        return bad;                                                                                \
    }                                                                                              \
    static bool mod_##name(const T *restrict x, bool ka, const T *restrict y, bool kb, uint32_t n, \
                           T *restrict r)                                                          \
    {                                                                                              \
        int bad = 0;                                                                               \
        LOOPS(T, bad |= b == 0; r[i] = b == 0 || b == -1 ? 0 : (T)(a % b);)                        \
        return bad;                                                                                \
    }                                                                                              \
    static bool pmod_##name(const T *restrict x, bool ka, const T *restrict y, bool kb,            \
                            uint32_t n, T *restrict r)                                             \
    {                                                                                              \
        int bad = 0;                                                                               \
        LOOPS(T, bad |= b == 0; T m = b == 0 || b == -1 ? 0 : (T)(a % b);                          \
              r[i] = m < 0 ? (T)((W)((W)m + (W)b) % (W)b) : m;)                                    \
        return bad;                                                                                \
    }

INT_KERNELS(i8, int8_t, uint8_t, int32_t)
INT_KERNELS(i16, int16_t, uint16_t, int32_t)
INT_KERNELS(i32, int32_t, uint32_t, int64_t)
INT_KERNELS(i64, int64_t, uint64_t, int128_t)

static bool div_i64(const int64_t *restrict x, bool ka, const int64_t *restrict y, bool kb,
                    uint32_t n, int64_t *restrict r)
{
    int bad = 0;
    LOOPS(int64_t, bad |= b == 0 || (b == -1 && a == INT64_MIN);
          r[i] = b == 0    ? 0
                 : b == -1 ? (int64_t)(0 - (uint64_t)a)
                           : a / b;)
    return bad;
}

#define FLOAT_KERNELS(name, T, FMOD)                                                               \
    static bool add_##name(const T *restrict x, bool ka, const T *restrict y, bool kb, uint32_t n, \
                           T *restrict r)                                                          \
    {                                                                                              \
        LOOPS(T, r[i] = a + b;)                                                                    \
        return false;                                                                              \
    }                                                                                              \
    static bool sub_##name(const T *restrict x, bool ka, const T *restrict y, bool kb, uint32_t n, \
                           T *restrict r)                                                          \
    {                                                                                              \
        LOOPS(T, r[i] = a - b;)                                                                    \
        return false;                                                                              \
    }                                                                                              \
    static bool mul_##name(const T *restrict x, bool ka, const T *restrict y, bool kb, uint32_t n, \
                           T *restrict r)                                                          \
    {                                                                                              \
        LOOPS(T, r[i] = a * b;)                                                                    \
        return false;                                                                              \
    }                                                                                              \
    static bool mod_##name(const T *restrict x, bool ka, const T *restrict y, bool kb, uint32_t n, \
                           T *restrict r)                                                          \
    {                                                                                              \
        int bad = 0;                                                                               \
        LOOPS(T, bad |= b == 0; r[i] = FMOD(a, b);)                                                \
        return bad;                                                                                \
    }                                                                                              \
    static bool pmod_##name(const T *restrict x, bool ka, const T *restrict y, bool kb,            \
                            uint32_t n, T *restrict r)                                             \
    {                                                                                              \
        int bad = 0;                                                                               \
        LOOPS(T, bad |= b == 0; T m = FMOD(a, b); r[i] = m < 0 ? FMOD(m + b, b) : m;)              \
        return bad;                                                                                \
    }

FLOAT_KERNELS(f32, float, fmodf)
FLOAT_KERNELS(f64, double, fmod)

static bool div_f64(const double *restrict x, bool ka, const double *restrict y, bool kb,
                    uint32_t n, double *restrict r)
{
    int bad = 0;
    LOOPS(double, bad |= b == 0; r[i] = a / b;)
    return bad;
}

#define RUN_OP(name, T)                                                                            \
    static bool run_##name(ArithOp op, const Vec *a, const Vec *b, uint32_t n, void *r)            \
    {                                                                                              \
        bool ka = a->is_const, kb = b->is_const;                                                   \
        switch (op) {                                                                              \
        case AR_ADD:                                                                               \
            return add_##name(a->data, ka, b->data, kb, n, r);                                     \
        case AR_SUB:                                                                               \
            return sub_##name(a->data, ka, b->data, kb, n, r);                                     \
        case AR_MUL:                                                                               \
            return mul_##name(a->data, ka, b->data, kb, n, r);                                     \
        case AR_MOD:                                                                               \
            return mod_##name(a->data, ka, b->data, kb, n, r);                                     \
        default:                                                                                   \
            return pmod_##name(a->data, ka, b->data, kb, n, r);                                    \
        }                                                                                          \
    }

RUN_OP(i8, int8_t)
RUN_OP(i16, int16_t)
RUN_OP(i32, int32_t)
RUN_OP(i64, int64_t)
RUN_OP(f32, float)
RUN_OP(f64, double)

static bool run_flat(ArithOp op, const Vec *a, const Vec *b, uint32_t n, void *r)
{
    bool ka = a->is_const, kb = b->is_const;
    switch (a->type->id) {
    case T_BYTE:
        return run_i8(op, a, b, n, r);
    case T_SHORT:
        return run_i16(op, a, b, n, r);
    case T_INT:
        return run_i32(op, a, b, n, r);
    case T_LONG:
        return op == AR_IDIV ? div_i64(a->data, ka, b->data, kb, n, r) : run_i64(op, a, b, n, r);
    case T_FLOAT:
        return run_f32(op, a, b, n, r);
    default:
        return op == AR_DIV ? div_f64(a->data, ka, b->data, kb, n, r) : run_f64(op, a, b, n, r);
    }
}

/* ---- rows that failed ---- */

static int64_t int_value(const Vec *v, uint32_t i)
{
    switch (v->type->id) {
    case T_BYTE:
        return VEC_AT(int8_t, v, i);
    case T_SHORT:
        return VEC_AT(int16_t, v, i);
    case T_INT:
    case T_INTERVAL_YM:
        return VEC_AT(int32_t, v, i);
    default:
        return VEC_AT(int64_t, v, i);
    }
}

static bool is_zero(const Vec *v, uint32_t i)
{
    switch (v->type->id) {
    case T_FLOAT:
        return VEC_AT(float, v, i) == 0;
    case T_DOUBLE:
        return VEC_AT(double, v, i) == 0;
    case T_DECIMAL:
        return VEC_AT(int128_t, v, i) == 0;
    default:
        return int_value(v, i) == 0;
    }
}

static bool int_overflows(ArithOp op, const Vec *a, const Vec *b, uint32_t i)
{
    int128_t x = int_value(a, i), y = int_value(b, i), r;
    switch (op) {
    case AR_ADD:
        r = x + y;
        break;
    case AR_SUB:
        r = x - y;
        break;
    case AR_MUL:
        r = x * y;
        break;
    case AR_IDIV:
        return y == -1 && x == INT64_MIN;
    default:
        return false;
    }
    int bits = (int)type_width(a->type) * 8 - 1;
    return r >= (int128_t)1 << bits || r < -((int128_t)1 << bits);
}

static fb_status overflow_error(ArithOp op, const Vec *a, const Vec *b, uint32_t i, fb_error *err)
{
    TypeId t = a->type->id;
    if (op == AR_IDIV) {
        return arith_overflow_error("Overflow in integral divide", "try_divide", err);
    }
    if (t != T_BYTE && t != T_SHORT) {
        return arith_overflow_error("overflow", arith_try_name(op), err);
    }
    StrBuf name = {0}, x = {0}, y = {0};
    strbuf_printf(&name, "`%s`", arith_try_name(op));
    strbuf_printf(&x, "%dS", (int)int_value(a, i));
    strbuf_printf(&y, "%dS", (int)int_value(b, i));
    fb_status st = err_set(err, ERR_BINARY_ARITHMETIC_OVERFLOW, "value1", x.p, "symbol",
                           arith_symbol(op), "value2", y.p, "functionName", name.p, NULL);
    strbuf_free(&name);
    strbuf_free(&x);
    strbuf_free(&y);
    return st;
}

/* Some row overflowed or was divided by zero: raises the error of the first, or nulls them. */
static fb_status failed_rows(EvalCtx *cx, const Expr *call, ArithOp op, const Vec *args, uint32_t n,
                             Vec *out, fb_error *err)
{
    bool divides = op >= AR_DIV;
    bool zeros_only = op != AR_IDIV;
    for (uint32_t i = 0; i < n; i++) {
        if (!kernel_wants(out, i)) {
            continue;
        }
        if (divides && is_zero(&args[1], i)) {
            if (call->eval_mode == EVAL_ANSI) {
                return zero_error(op, err);
            }
            kernel_null(cx, out, i);
        } else if (!(divides && zeros_only) && call->eval_mode != EVAL_LEGACY &&
                   int_overflows(op, &args[0], &args[1], i)) {
            if (call->eval_mode == EVAL_ANSI) {
                return overflow_error(op, &args[0], &args[1], i, err);
            }
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

/* ---- decimals ---- */

typedef struct DecFactors {
    uint128_t a, b; /* bring the operands to the result's scale */
} DecFactors;

/* Wrapping arithmetic: rows that are null may hold anything. */
static void add_decimals(DecFactors f, const int128_t *restrict x, bool ka,
                         const int128_t *restrict y, bool kb, uint32_t n, int128_t *restrict r)
{
    LOOPS(int128_t, r[i] = (int128_t)((uint128_t)a * f.a + (uint128_t)b * f.b);)
}

static void sub_decimals(DecFactors f, const int128_t *restrict x, bool ka,
                         const int128_t *restrict y, bool kb, uint32_t n, int128_t *restrict r)
{
    LOOPS(int128_t, r[i] = (int128_t)((uint128_t)a * f.a - (uint128_t)b * f.b);)
}

static void mul_decimals(const int128_t *restrict x, bool ka, const int128_t *restrict y, bool kb,
                         uint32_t n, int128_t *restrict r)
{
    LOOPS(int128_t, r[i] = (int128_t)((uint128_t)a * (uint128_t)b);)
}

/* Sums and products that fit their type by construction. false: not such a case. */
static bool decimal_fast(const Arith *fn, const Vec *a, const Vec *b, uint32_t n, int128_t *r)
{
    bool ka = a->is_const, kb = b->is_const;
    if (fn->op == AR_MUL) {
        int whole = a->type->precision + b->type->precision + 1;
        if (whole > DEC_MAX_PRECISION || fn->result.s != fn->scale_a + fn->scale_b) {
            return false;
        }
        mul_decimals(a->data, ka, b->data, kb, n, r);
        return true;
    }
    int whole_a = a->type->precision - fn->scale_a, whole_b = b->type->precision - fn->scale_b;
    int scale = MAX_OF(fn->scale_a, fn->scale_b);
    int whole = MAX_OF(whole_a, whole_b) + 1;
    if (fn->op > AR_SUB || fn->result.s != scale || whole + scale > fn->result.p) {
        return false;
    }
    DecFactors f = {dec_pow10[scale - fn->scale_a], dec_pow10[scale - fn->scale_b]};
    if (fn->op == AR_ADD) {
        add_decimals(f, a->data, ka, b->data, kb, n, r);
    } else {
        sub_decimals(f, a->data, ka, b->data, kb, n, r);
    }
    return true;
}

static bool decimal_one(const Arith *fn, int128_t a, int128_t b, int128_t *r)
{
    int sa = fn->scale_a, sb = fn->scale_b;
    int128_t m;
    switch (fn->op) {
    case AR_ADD:
        return dec_add(a, sa, b, sb, fn->result, r);
    case AR_SUB:
        return dec_sub(a, sa, b, sb, fn->result, r);
    case AR_MUL:
        return dec_mul(a, sa, b, sb, fn->result, r);
    case AR_DIV:
        return dec_div(a, sa, b, sb, fn->result, r);
    case AR_MOD:
        return dec_mod(a, sa, b, sb, fn->result, r);
    default:
        if (!dec_mod(a, sa, b, sb, fn->result, &m)) {
            return false;
        }
        if (m >= 0) {
            *r = m;
            return true;
        }
        /* (m + b) % b, exactly: both at the result's scale or coarser */
        return dec_add(m, fn->result.s, b, sb, (DecType){38, fn->result.s}, r) &&
               dec_mod(*r, fn->result.s, b, sb, fn->result, r);
    }
}

/* What the error shows: the exact value where 128 bits hold it, the limit where they don't. */
static int128_t decimal_shown(const Arith *fn, int128_t a, int128_t b)
{
    int128_t r = 0;
    Arith wide = *fn;
    wide.result = (DecType){38, fn->result.s};
    if (decimal_one(&wide, a, b, &r)) {
        return r;
    }
    if (fn->op <= AR_SUB && fn->scale_a == fn->scale_b) {
        int128_t sum;
        bool over = fn->op == AR_ADD ? __builtin_add_overflow(a, b, &sum)
                                     : __builtin_sub_overflow(a, b, &sum);
        if (!over) {
            return sum;
        }
    }
    return (a < 0) != (b < 0) ? -(int128_t)dec_pow10[38] : (int128_t)dec_pow10[38];
}

static fb_status run_decimals(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                              fb_error *err)
{
    const Arith *fn = call->fn_data;
    int128_t *r = kernel_alloc(cx, out);
    if (fn->op < AR_DIV && decimal_fast(fn, &args[0], &args[1], n, r)) {
        return FB_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        int128_t a = VEC_AT(int128_t, &args[0], i), b = VEC_AT(int128_t, &args[1], i);
        r[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        bool zero = fn->op >= AR_DIV && b == 0;
        if (zero && call->eval_mode == EVAL_ANSI) {
            return zero_error(fn->op, err);
        }
        if (!zero && decimal_one(fn, a, b, &r[i])) {
            continue;
        }
        r[i] = 0;
        if (call->eval_mode == EVAL_ANSI) {
            return arith_decimal_error(decimal_shown(fn, a, b), fn->result.s, fn->result, err);
        }
        kernel_null(cx, out, i);
    }
    return FB_OK;
}

static fb_status run_decimal_div(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,
                                 Vec *out, fb_error *err)
{
    const Arith *fn = call->fn_data;
    int64_t *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int128_t a = VEC_AT(int128_t, &args[0], i), b = VEC_AT(int128_t, &args[1], i);
        r[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        if (b != 0 && dec_idiv(a, fn->scale_a, b, fn->scale_b, &r[i])) {
            continue;
        }
        if (call->eval_mode == EVAL_ANSI) {
            return b == 0 ? zero_error(fn->op, err)
                          : arith_overflow_error("Overflow in integral divide", "try_divide", err);
        }
        kernel_null(cx, out, i);
    }
    return FB_OK;
}

/* ---- intervals of one kind ---- */

static fb_status run_calendar(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                              fb_error *err)
{
    const Arith *fn = call->fn_data;
    IntervalCal *r = kernel_alloc(cx, out);
    bool add = fn->op == AR_ADD;
    for (uint32_t i = 0; i < n; i++) {
        IntervalCal a = VEC_AT(IntervalCal, &args[0], i), b = VEC_AT(IntervalCal, &args[1], i);
        bool over = add ? __builtin_add_overflow(a.months, b.months, &r[i].months) |
                              __builtin_add_overflow(a.days, b.days, &r[i].days) |
                              __builtin_add_overflow(a.micros, b.micros, &r[i].micros)
                        : __builtin_sub_overflow(a.months, b.months, &r[i].months) |
                              __builtin_sub_overflow(a.days, b.days, &r[i].days) |
                              __builtin_sub_overflow(a.micros, b.micros, &r[i].micros);
        if (!over || !kernel_wants(out, i) || call->eval_mode == EVAL_LEGACY) {
            continue;
        }
        if (call->eval_mode == EVAL_ANSI) {
            return interval_overflow_error(arith_try_name(fn->op), err);
        }
        kernel_null(cx, out, i);
    }
    return FB_OK;
}

/* YM and DT add and subtract as integers do, but overflow is an error in legacy mode too. */
static fb_status run_intervals(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                               fb_error *err)
{
    const Arith *fn = call->fn_data;
    const Vec *a = &args[0], *b = &args[1];
    void *r = kernel_alloc(cx, out);
    if (fn->op == AR_IDIV) {
        for (uint32_t i = 0; i < n; i++) {
            int64_t x = int_value(a, i), y = int_value(b, i);
            ((int64_t *)r)[i] = y == 0 ? 0 : y == -1 ? (int64_t)(0 - (uint64_t)x) : x / y;
        }
        return failed_rows(cx, call, AR_IDIV, args, n, out, err);
    }
    bool bad =
        a->type->id == T_INTERVAL_YM ? run_i32(fn->op, a, b, n, r) : run_i64(fn->op, a, b, n, r);
    for (uint32_t i = 0; bad && i < n; i++) {
        if (kernel_wants(out, i) && int_overflows(fn->op, a, b, i)) {
            if (call->eval_mode != EVAL_TRY) {
                return interval_overflow_error(arith_try_name(fn->op), err);
            }
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

/* ---- kernels ---- */

fb_status k_arith(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                  fb_error *err)
{
    const Arith *fn = call->fn_data;
    switch (args[0].type->id) {
    case T_DECIMAL:
        return fn->op == AR_IDIV ? run_decimal_div(cx, call, args, n, out, err)
                                 : run_decimals(cx, call, args, n, out, err);
    case T_INTERVAL_YM:
    case T_INTERVAL_DT:
        return run_intervals(cx, call, args, n, out, err);
    case T_INTERVAL_CAL:
        return run_calendar(cx, call, args, n, out, err);
    default:
        break;
    }
    bool bad = run_flat(fn->op, &args[0], &args[1], n, kernel_alloc(cx, out));
    if (!bad || (call->eval_mode == EVAL_LEGACY && fn->op < AR_DIV)) {
        return FB_OK;
    }
    return failed_rows(cx, call, fn->op, args, n, out, err);
}

#define NEGATE(name, T, U)                                                                         \
    static bool negate_##name(const T *restrict x, bool abs, uint32_t n, T *restrict r)            \
    {                                                                                              \
        int bad = 0;                                                                               \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            T m = (T)(0 - (U)x[i]);                                                                \
            bad |= m == x[i] && m != 0;                                                            \
            r[i] = abs && x[i] > 0 ? x[i] : m;                                                     \
        }                                                                                          \
        return bad;                                                                                \
    }

NEGATE(i8, int8_t, uint8_t)
NEGATE(i16, int16_t, uint16_t)
NEGATE(i32, int32_t, uint32_t)
NEGATE(i64, int64_t, uint64_t)

static bool negate_values(const Vec *v, bool abs, uint32_t n, void *r)
{
    switch (v->type->id) {
    case T_BYTE:
        return negate_i8(v->data, abs, n, r);
    case T_SHORT:
        return negate_i16(v->data, abs, n, r);
    case T_INT:
    case T_INTERVAL_YM:
        return negate_i32(v->data, abs, n, r);
    case T_LONG:
    case T_INTERVAL_DT:
        return negate_i64(v->data, abs, n, r);
    case T_FLOAT:
        for (uint32_t i = 0; i < n; i++) {
            float x = VEC_DATA(float, v)[i];
            ((float *)r)[i] = abs ? fabsf(x) : -x;
        }
        return false;
    case T_DOUBLE:
        for (uint32_t i = 0; i < n; i++) {
            double x = VEC_DATA(double, v)[i];
            ((double *)r)[i] = abs ? fabs(x) : -x;
        }
        return false;
    case T_DECIMAL:
        for (uint32_t i = 0; i < n; i++) {
            int128_t x = VEC_DATA(int128_t, v)[i];
            ((int128_t *)r)[i] = abs && x > 0 ? x : (int128_t)(0 - (uint128_t)x);
        }
        return false;
    default:
        for (uint32_t i = 0; i < n; i++) {
            IntervalCal x = VEC_DATA(IntervalCal, v)[i];
            ((IntervalCal *)r)[i] =
                (IntervalCal){(int32_t)(0 - (uint32_t)x.months), (int32_t)(0 - (uint32_t)x.days),
                              (int64_t)(0 - (uint64_t)x.micros)};
        }
        return false;
    }
}

static bool is_minimum(const Vec *v, uint32_t i)
{
    int bits = (int)type_width(v->type) * 8 - 1;
    return int_value(v, i) == (bits == 63 ? INT64_MIN : -(INT64_C(1) << bits));
}

static fb_status negate(EvalCtx *cx, const Expr *call, const Vec *v, bool abs, uint32_t n, Vec *out,
                        fb_error *err)
{
    bool interval = v->type->id == T_INTERVAL_YM || v->type->id == T_INTERVAL_DT;
    bool bad = negate_values(v, abs, n, kernel_alloc(cx, out));
    if (!bad || (call->eval_mode == EVAL_LEGACY && !interval)) {
        return FB_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i) && is_minimum(v, i)) {
            return interval ? interval_overflow_error(NULL, err)
                            : arith_overflow_error("overflow", NULL, err);
        }
    }
    return FB_OK;
}

/* "-" has one or two arguments. */
fb_status k_subtract(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                     fb_error *err)
{
    return call->n_args == 1 ? negate(cx, call, args, false, n, out, err)
                             : k_arith(cx, call, args, n, out, err);
}

fb_status k_abs(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out, fb_error *err)
{
    return negate(cx, call, args, true, n, out, err);
}
