/*
 * fn_math.c - mathematical functions: of one or two doubles, logarithms, rounding, greatest, least.
 *
 * Functions of doubles are Java's to the last bit (java_math.h). The
 * logarithms give null at and below their asymptote, as Spark's do. round() works on the decimal
 * digits that a double is printed with (Spark goes through BigDecimal), not on its binary value:
 * round(1.005, 2) is 1.01.
 */
#include "expr/arith.h"

#include "column/number.h"
#include "expr/java_math.h"

#include <math.h>

/* ---- functions of one double ---- */

typedef struct Math1 {
    const char *name;
    const char *shown; /* in column names */
    double (*fn)(double);
    bool is_log; /* null where the argument is not above low */
    double low;
} Math1;

static double java_signum(double x)
{
    return x > 0 ? 1 : x < 0 ? -1 : x; /* keeps zeros and NaN */
}

static double log_2(double x)
{
    return java_log(x) / java_log(2.0);
}

static double cot(double x)
{
    return 1 / java_tan(x);
}

static double csc(double x)
{
    return 1 / java_sin(x);
}

static double sec(double x)
{
    return 1 / java_cos(x);
}

/* By Spark's formulas. */
static double spark_acosh(double x)
{
    if (x < 1) {
        return (double)NAN;
    }
    if (x >= 0x1p28) {
        return java_log(x) + java_log(2.0);
    }
    if (x > 2) {
        return java_log(2 * x - 1 / (x + sqrt(x * x - 1)));
    }
    double t = x - 1;
    return x == 1 ? 0 : java_log1p(t + sqrt(2 * t + t * t));
}

static double spark_asinh(double x)
{
    double a = fabs(x), r = a;
    if (a > 0x1p28) {
        r = isinf(a) ? a : java_log(a) + java_log(2.0);
    } else if (a > 2) {
        r = java_log(2 * a + 1 / (sqrt(x * x + 1) + a));
    } else if (a >= 0x1p-28) {
        double t = x * x;
        r = java_log1p(a + t / (1 + sqrt(1 + t)));
    }
    return copysign(r, x);
}

static double spark_atanh(double x)
{
    return 0.5 * (java_log1p(x) - java_log1p(-x));
}

static double degrees(double x)
{
    return x * 57.29577951308232;
}

static double radians(double x)
{
    return x * 0.017453292519943295;
}

static const Math1 math1[] = {
    {"acos", "ACOS", java_acos, false, 0},
    {"acosh", "ACOSH", spark_acosh, false, 0},
    {"asin", "ASIN", java_asin, false, 0},
    {"asinh", "ASINH", spark_asinh, false, 0},
    {"atan", "ATAN", java_atan, false, 0},
    {"atanh", "ATANH", spark_atanh, false, 0},
    {"cbrt", "CBRT", java_cbrt, false, 0},
    {"cos", "COS", java_cos, false, 0},
    {"cosh", "COSH", java_cosh, false, 0},
    {"cot", "COT", cot, false, 0},
    {"csc", "CSC", csc, false, 0},
    {"degrees", "DEGREES", degrees, false, 0},
    {"exp", "EXP", java_exp, false, 0},
    {"expm1", "EXPM1", java_expm1, false, 0},
    {"ln", "ln", java_log, true, 0},
    {"log10", "LOG10", java_log10, true, 0},
    {"log1p", "LOG1P", java_log1p, true, -1},
    {"log2", "LOG2", log_2, true, 0},
    {"radians", "RADIANS", radians, false, 0},
    {"rint", "rint", rint, false, 0},
    {"sec", "SEC", sec, false, 0},
    {"sign", "sign", java_signum, false, 0},
    {"signum", "SIGNUM", java_signum, false, 0},
    {"sin", "SIN", java_sin, false, 0},
    {"sinh", "SINH", java_sinh, false, 0},
    {"sqrt", "SQRT", sqrt, false, 0},
    {"tan", "TAN", java_tan, false, 0},
    {"tanh", "TANH", java_tanh, false, 0},
};

fb_status bind_math1(BindCtx *cx, Expr *call, fb_error *err)
{
    const Math1 *f = NULL;
    for (size_t i = 0; i < sizeof(math1) / sizeof(math1[0]); i++) {
        if (strcmp(math1[i].name, call->fn->name) == 0) {
            f = &math1[i];
        }
    }
    FB_ASSERT(f);
    call->name = f->shown;
    call->fn_data = f;
    const Type *t = call->args[0]->type;
    bool of_interval = f->fn == java_signum && (t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT);
    if (!of_interval) { /* k_math1 takes its months or microseconds */
        if (f->fn == java_signum && !coerce_implicit(cx->mode, t, type_double)) {
            return bind_type_error(cx, call, 0,
                                   "(\"DOUBLE\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY "
                                   "TO SECOND\")",
                                   err);
        }
        TRY(bind_cast(cx, call, 0, type_double, err));
    }
    call->type = type_double;
    call->nullable = true;
    return FB_OK;
}

fb_status k_math1(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                  fb_error *err)
{
    (void)err;
    const Math1 *f = call->fn_data;
    double *r = kernel_alloc(cx, out);
    if (args[0].type->id != T_DOUBLE) {
        bool months = args[0].type->id == T_INTERVAL_YM;
        for (uint32_t i = 0; i < n; i++) {
            int64_t v = months ? VEC_AT(int32_t, &args[0], i) : VEC_AT(int64_t, &args[0], i);
            r[i] = (v > 0) - (v < 0);
        }
        return FB_OK;
    }
    const double *x = args[0].data;
    if (f->fn == sqrt) {
        for (uint32_t i = 0; i < n; i++) {
            r[i] = sqrt(x[i]);
        }
        return FB_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        r[i] = f->fn(x[i]);
        if (f->is_log && x[i] <= f->low) {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

/* ---- functions of two doubles ---- */

static double spark_atan2(double y, double x)
{
    return java_atan2(y + 0.0, x + 0.0);
}

static double log_base(double base, double x)
{
    return java_log(x) / java_log(base);
}

typedef struct Math2 {
    const char *name, *shown;
    double (*fn)(double, double);
} Math2;

static const Math2 math2[] = {
    {"pow", "pow", java_pow},       {"power", "POWER", java_pow}, {"atan2", "ATAN2", spark_atan2},
    {"hypot", "HYPOT", java_hypot}, {"log", "LOG", log_base},
};

fb_status bind_math2(BindCtx *cx, Expr *call, fb_error *err)
{
    const Math2 *f = NULL;
    for (size_t i = 0; i < sizeof(math2) / sizeof(math2[0]); i++) {
        if (strcmp(math2[i].name, call->fn->name) == 0) {
            f = &math2[i];
        }
    }
    FB_ASSERT(f);
    call->name = f->shown;
    call->fn_data = f;
    TRY(bind_cast(cx, call, 0, type_double, err));
    TRY(bind_cast(cx, call, 1, type_double, err));
    call->type = type_double;
    call->nullable = bind_any_nullable(call) || f->fn == log_base;
    return FB_OK;
}

/* log(x) is log(E(), x) and shows so. */
fb_status bind_log(BindCtx *cx, Expr *call, fb_error *err)
{
    if (call->n_args == 2) {
        return bind_math2(cx, call, err);
    }
    Expr *ln, *e, *log2args;
    TRY(bind_call(cx, "e", NULL, 0, &e, err));
    TRY(bind_call(cx, "log", (Expr *[]){e, call->args[0]}, 2, &log2args, err));
    TRY(bind_call(cx, "ln", call->args, 1, &ln, err));
    *call = *log2args;
    bind_replace(cx, call, ln);
    return FB_OK;
}

fb_status k_math2(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                  fb_error *err)
{
    (void)err;
    const Math2 *f = call->fn_data;
    double *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        double x = VEC_AT(double, &args[0], i), y = VEC_AT(double, &args[1], i);
        r[i] = f->fn(x, y);
        if (f->fn == log_base && (x <= 0 || y <= 0)) {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

fb_status bind_e(BindCtx *cx, Expr *call, fb_error *err)
{
    (void)err;
    call->name = "E";
    bind_replace(cx, call, expr_literal_double(cx->arena, type_double, 2.718281828459045));
    return FB_OK;
}

fb_status bind_pi(BindCtx *cx, Expr *call, fb_error *err)
{
    (void)err;
    call->name = "PI";
    bind_replace(cx, call, expr_literal_double(cx->arena, type_double, 3.141592653589793));
    return FB_OK;
}

/* ---- round, bround ---- */

typedef struct Rounding {
    int scale;
    DecRound mode;
} Rounding;

static bool literal_scale(BindCtx *cx, const Expr *e, int32_t *ret)
{
    EvalCtx eval = {.arena = cx->arena, .tz = cx->tz, .tz_name = cx->tz_name};
    fb_error ignored = {0};
    Vec v;
    bool ok =
        expr_is_foldable(e) && expr_fold(&eval, e, &v, &ignored) == FB_OK && vec_is_valid(&v, 0);
    err_clear(&ignored);
    if (ok) {
        *ret = VEC_DATA(int32_t, &v)[0];
    }
    return ok;
}

/* The scale argument, 0 when it is left out, which names then show. */
static fb_status bind_scale(BindCtx *cx, Expr *call, int *ret, bool *ret_null, fb_error *err)
{
    *ret_null = false;
    if (call->n_args == 1) {
        Expr **args = ARENA_ARRAY(cx->arena, Expr *, 2);
        args[0] = call->args[0];
        args[1] = expr_literal_int(cx->arena, type_int, 0);
        call->args = args;
        call->n_args = 2;
    }
    bool rounds = strcmp(call->fn->name, "round") == 0 || strcmp(call->fn->name, "bround") == 0;
    if ((!expr_is_foldable(call->args[1]) || call->args[1]->type->id != T_INT) && !rounds) {
        return err_set(err, ERR_NON_FOLDABLE_ARGUMENT, "funcName",
                       arena_printf(cx->arena, "`%s`", call->fn->name), "paramName", "`scale`",
                       "paramType", "\"INT\"", NULL);
    }
    if (!coerce_implicit(cx->mode, call->args[1]->type, type_int)) {
        return bind_type_error(cx, call, 1, "\"INT\"", err);
    }
    if (!expr_is_foldable(call->args[1])) {
        return err_set(err, ERR_DATATYPE_MISMATCH_NON_FOLDABLE_INPUT, "inputName", "`scale`",
                       "inputType", "\"INT\"", "inputExpr", bind_sql(cx, call->args[1]), "sqlExpr",
                       bind_sql(cx, call), NULL);
    }
    TRY(bind_cast(cx, call, 1, type_int, err));
    int32_t scale = 0;
    *ret_null = !literal_scale(cx, call->args[1], &scale);
    *ret = scale;
    return FB_OK;
}

/* RoundBase.dataType: one digit more for a carry. */
static const Type *rounded_decimal(const Type *t, int scale)
{
    int whole = t->precision - t->scale + 1;
    if (scale < 0) {
        whole = MAX_OF(whole, scale < -38 ? 39 : -scale + 1);
        return type_decimal((uint8_t)MIN_OF(whole, DEC_MAX_PRECISION), 0);
    }
    int digits = MIN_OF(scale, t->scale);
    return type_decimal((uint8_t)MIN_OF(whole + digits, DEC_MAX_PRECISION), (uint8_t)digits);
}

static fb_status bind_rounding(BindCtx *cx, Expr *call, DecRound mode, fb_error *err)
{
    int scale;
    bool null;
    TRY(bind_scale(cx, call, &scale, &null, err));
    const Type *t = call->args[0]->type;
    if (t->id == T_STRING || t->id == T_NULL) {
        t = type_double;
        call->args[0] = bind_cast_expr(cx, call->args[0], t);
    }
    if (!type_is_numeric(t)) {
        return bind_type_error(cx, call, 0, "NUMERIC", err);
    }
    Rounding *fn = ARENA_NEW(cx->arena, Rounding);
    *fn = (Rounding){scale, mode};
    call->fn_data = fn;
    call->type = t->id == T_DECIMAL ? rounded_decimal(t, scale) : t;
    call->nullable = true;
    return FB_OK;
}

fb_status bind_round(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_rounding(cx, call, DEC_HALF_UP, err);
}

fb_status bind_bround(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_rounding(cx, call, DEC_HALF_EVEN, err);
}

static double round_f64(double x, int scale, DecRound mode)
{
    if (x - x != 0) {
        return x;
    }
    if (x == 0) {
        return 0; /* a decimal has no -0 */
    }
    int32_t exp10;
    uint64_t digits = num_shortest_f64(fabs(x), &exp10);
    int64_t drop = -(int64_t)exp10 - scale;
    if (drop <= 0) {
        return x;
    }
    if (drop > 18) {
        return 0; /* digits has at most 17 */
    }
    uint64_t unit = (uint64_t)dec_pow10[drop], q = digits / unit, rest = digits % unit;
    bool up = rest > unit - rest || (rest == unit - rest && (mode == DEC_HALF_UP || (q & 1)));
    double r = 0;
    num_make_f64(q + up, -scale, x < 0, &r);
    return q + up == 0 ? 0 : r;
}

static fb_status round_ints(EvalCtx *cx, const Expr *call, const Vec *v, uint32_t n, Vec *out,
                            fb_error *err)
{
    const Rounding *fn = call->fn_data;
    size_t width = type_width(v->type);
    if (fn->scale >= 0) {
        out->data = v->data;
        return FB_OK;
    }
    kernel_alloc(cx, out);
    DecType whole = {DEC_MAX_PRECISION, 0};
    for (uint32_t i = 0; i < n; i++) {
        int64_t x = width == 1   ? VEC_AT(int8_t, v, i)
                    : width == 2 ? VEC_AT(int16_t, v, i)
                    : width == 4 ? VEC_AT(int32_t, v, i)
                                 : VEC_AT(int64_t, v, i);
        int128_t r = 0;
        if (fn->scale >= -20) {
            dec_round(x, 0, fn->scale, whole, fn->mode, &r);
        }
        int64_t back = 0;
        switch (width) {
        case 1:
            back = VEC_DATA(int8_t, out)[i] = (int8_t)r;
            break;
        case 2:
            back = VEC_DATA(int16_t, out)[i] = (int16_t)r;
            break;
        case 4:
            back = VEC_DATA(int32_t, out)[i] = (int32_t)r;
            break;
        default:
            back = VEC_DATA(int64_t, out)[i] = (int64_t)r;
            break;
        }
        if (back != r && call->eval_mode == EVAL_ANSI && kernel_wants(out, i)) {
            return arith_overflow_error("Overflow", NULL, err);
        }
    }
    return FB_OK;
}

static fb_status round_decimals(EvalCtx *cx, const Expr *call, const Vec *v, uint32_t n, Vec *out,
                                fb_error *err)
{
    const Rounding *fn = call->fn_data;
    DecType to = dec_type_of(out->type);
    int128_t *r = kernel_alloc(cx, out);
    int scale = MAX_OF(fn->scale, -DEC_MAX_PRECISION);
    for (uint32_t i = 0; i < n; i++) {
        r[i] = 0;
        int128_t x = VEC_AT(int128_t, v, i);
        if (!kernel_wants(out, i) || dec_round(x, v->type->scale, scale, to, fn->mode, &r[i])) {
            continue;
        }
        r[i] = 0;
        if (call->eval_mode == EVAL_ANSI) {
            return arith_decimal_error(x, v->type->scale, to, err);
        }
        kernel_null(cx, out, i);
    }
    return FB_OK;
}

fb_status k_round(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                  fb_error *err)
{
    const Rounding *fn = call->fn_data;
    const Vec *v = &args[0];
    if (v->type->id == T_DECIMAL) {
        return round_decimals(cx, call, v, n, out, err);
    }
    if (type_is_integral(v->type)) {
        return round_ints(cx, call, v, n, out, err);
    }
    void *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        if (v->type->id == T_FLOAT) {
            ((float *)r)[i] = (float)round_f64((double)VEC_AT(float, v, i), fn->scale, fn->mode);
        } else {
            ((double *)r)[i] = round_f64(VEC_AT(double, v, i), fn->scale, fn->mode);
        }
    }
    return FB_OK;
}

/* ---- ceil, floor ---- */

static fb_status bind_ceiling(BindCtx *cx, Expr *call, DecRound mode, fb_error *err)
{
    Rounding *fn = ARENA_NEW(cx->arena, Rounding);
    const Type *t = call->args[0]->type;
    fn->mode = mode;
    call->fn_data = fn;
    call->nullable = true;
    if (call->n_args == 2) {
        bool null;
        TRY(bind_scale(cx, call, &fn->scale, &null, err));
        if (t->id != T_DECIMAL) {
            bool numeric = type_is_numeric(t) || t->id == T_STRING || t->id == T_NULL;
            DecType d = type_is_numeric(t) ? coerce_decimal_for(t) : (DecType){38, 18};
            if (!numeric) {
                return bind_type_error(cx, call, 0, "DECIMAL", err);
            }
            t = type_decimal(d.p, d.s);
            call->args[0] = bind_cast_expr(cx, call->args[0], t);
        }
        call->type = rounded_decimal(t, fn->scale);
        return FB_OK;
    }
    call->name = strcmp(call->name, "ceil") == 0    ? "CEIL"
                 : strcmp(call->name, "floor") == 0 ? "FLOOR"
                                                    : call->name;
    if (t->id == T_DECIMAL) {
        call->type = t->scale == 0 ? t : rounded_decimal(t, 0);
        return FB_OK;
    }
    const Type *in = type_is_integral(t) || t->id == T_NULL ? type_long : type_double;
    if (t->id != T_NULL) {
        if (!type_is_numeric(t) && t->id != T_STRING) {
            return bind_type_error(cx, call, 0, "(\"DECIMAL\" or \"DOUBLE\" or \"BIGINT\")", err);
        }
    }
    call->args[0] = bind_cast_expr(cx, call->args[0], in);
    call->type = type_long;
    return FB_OK;
}

fb_status bind_ceil(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_ceiling(cx, call, DEC_CEILING, err);
}

fb_status bind_floor(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_ceiling(cx, call, DEC_FLOOR, err);
}

fb_status k_ceil(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                 fb_error *err)
{
    const Rounding *fn = call->fn_data;
    const Vec *v = &args[0];
    if (v->type->id == T_DECIMAL) {
        return round_decimals(cx, call, v, n, out, err);
    }
    if (v->type->id == T_LONG) {
        out->data = v->data;
        return FB_OK;
    }
    int64_t *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        double x = VEC_AT(double, v, i);
        x = fn->mode == DEC_CEILING ? ceil(x) : floor(x);
        bool fits = x != x || (x >= -9223372036854775808.0 && x <= 9223372036854775808.0);
        if (!fits && call->eval_mode == EVAL_ANSI && kernel_wants(out, i)) {
            return arith_overflow_error("overflow", NULL, err);
        }
        r[i] = f64_to_i64_saturating(x);
    }
    return FB_OK;
}

/* ---- greatest, least ---- */

static const bool greatest_least[] = {true, false};

static fb_status bind_extreme(BindCtx *cx, Expr *call, const bool *greatest, fb_error *err)
{
    const Type *t = call->args[0]->type;
    for (uint32_t i = 1; i < call->n_args; i++) {
        if (call->args[i]->type != t) {
            t = NULL;
            break;
        }
    }
    t = t ? t : bind_common_type(cx, call->args, call->n_args, false);
    if (!t) {
        return bind_data_diff_types(cx, call, call->args, call->n_args, call->name, err);
    }
    if (!type_is_orderable(t) || t->id == T_INTERVAL_CAL) {
        return err_set(err, ERR_DATATYPE_MISMATCH_INVALID_ORDERING_TYPE, "functionName",
                       arena_printf(cx->arena, "`%s`", call->name), "dataType",
                       bind_type_sql(cx, t), "sqlExpr", bind_sql(cx, call), NULL);
    }
    call->nullable = true;
    for (uint32_t i = 0; i < call->n_args; i++) {
        call->args[i] = bind_cast_expr(cx, call->args[i], t);
        call->nullable = call->nullable && call->args[i]->nullable;
    }
    call->fn_data = greatest;
    call->type = t;
    return FB_OK;
}

fb_status bind_greatest(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_extreme(cx, call, &greatest_least[0], err);
}

fb_status bind_least(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_extreme(cx, call, &greatest_least[1], err);
}

/* Nulls are passed over; the first of equal values stays. */
fb_status k_extreme(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                    fb_error *err)
{
    (void)err;
    bool greatest = *(const bool *)call->fn_data;
    Vec best = args[0];
    uint8_t *part = arena_alloc(cx->arena, n + 1);
    uint32_t *row = arena_alloc(cx->arena, mem_mul((size_t)n + 1, sizeof(*row)));
    for (uint32_t i = 0; i < n; i++) {
        row[i] = i;
    }
    for (uint32_t k = 1; k < call->n_args; k++) {
        const Vec *v = &args[k];
        for (uint32_t i = 0; i < n; i++) {
            bool take = false;
            if (vec_is_valid(v, i)) {
                take = !vec_is_valid(&best, i);
                if (!take) {
                    int c = vec_cmp_at(v, i, &best, i);
                    take = greatest ? c > 0 : c < 0;
                }
            }
            part[i] = take;
        }
        Vec *parts = ARENA_ARRAY(cx->arena, Vec, 2);
        parts[0] = best;
        parts[1] = *v;
        vec_interleave(&best, parts, part, row, n, cx->arena);
    }
    best.type = out->type;
    *out = best;
    return FB_OK;
}

/* ---- nanvl, factorial ---- */

fb_status bind_nanvl(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    const Type *t = a->id == T_FLOAT && b->id == T_FLOAT ? type_float : type_double;
    TRY(bind_cast(cx, call, 0, t, err));
    TRY(bind_cast(cx, call, 1, t, err));
    call->type = t;
    call->nullable = bind_any_nullable(call);
    if (!expr_can_fail(call->args[1]) || !expr_is_deterministic(call->args[0])) {
        return FB_OK;
    }
    /* the second one is evaluated where it is wanted only */
    Expr *args[3] = {NULL, call->args[1], call->args[0]}, *choice;
    TRY(bind_call(cx, "isnan", &call->args[0], 1, &args[0], err));
    TRY(bind_call(cx, "if", args, 3, &choice, err));
    bind_replace(cx, call, choice);
    return FB_OK;
}

fb_status k_nanvl(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                  fb_error *err)
{
    (void)call;
    (void)err;
    uint8_t *part = arena_alloc(cx->arena, n + 1);
    uint32_t *row = arena_alloc(cx->arena, mem_mul((size_t)n + 1, sizeof(*row)));
    for (uint32_t i = 0; i < n; i++) {
        double x = args[0].type->id == T_FLOAT ? (double)VEC_AT(float, &args[0], i)
                                               : VEC_AT(double, &args[0], i);
        part[i] = x != x && vec_is_valid(&args[0], i);
        row[i] = i;
    }
    vec_interleave(out, args, part, row, n, cx->arena);
    return FB_OK;
}

fb_status bind_factorial(BindCtx *cx, Expr *call, fb_error *err)
{
    TRY(bind_cast(cx, call, 0, type_int, err));
    call->type = type_long;
    call->nullable = true;
    return FB_OK;
}

fb_status k_factorial(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                      fb_error *err)
{
    (void)call;
    (void)err;
    int64_t *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        int32_t x = VEC_AT(int32_t, &args[0], i);
        r[i] = 1;
        if (x < 0 || x > 20) {
            kernel_null(cx, out, i);
            continue;
        }
        for (int32_t k = 2; k <= x; k++) {
            r[i] *= k;
        }
    }
    return FB_OK;
}

/* ---- width_bucket ---- */

fb_status bind_width_bucket(BindCtx *cx, Expr *call, fb_error *err)
{
    for (uint32_t i = 0; i < 3; i++) {
        const Type *other = call->args[i]->type;
        if (other->id == T_INTERVAL_YM || other->id == T_INTERVAL_DT) {
            continue; /* months or microseconds, whatever the fields */
        }
        if (!coerce_implicit(cx->mode, other, type_double)) {
            return bind_type_error(cx, call, i,
                                   "(\"DOUBLE\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY "
                                   "TO SECOND\")",
                                   err);
        }
        TRY(bind_cast(cx, call, i, type_double, err));
    }
    if (call->args[0]->type->id != call->args[1]->type->id ||
        call->args[0]->type->id != call->args[2]->type->id) {
        return bind_data_diff_types(cx, call, call->args, 3, "width_bucket", err);
    }
    TRY(bind_cast(cx, call, 3, type_long, err));
    call->type = type_long;
    call->nullable = true;
    return FB_OK;
}

static double bucket_value(const Vec *v, uint32_t i)
{
    switch (v->type->id) {
    case T_INTERVAL_YM:
        return VEC_AT(int32_t, v, i);
    case T_INTERVAL_DT:
        return (double)VEC_AT(int64_t, v, i);
    default:
        return VEC_AT(double, v, i);
    }
}

/* Buckets 1..n of equal width from min to max, which may fall; 0 before them, n + 1 behind. */
static int64_t bucket_of(double x, double min, double max, int64_t n)
{
    double width = fabs(max - min), from = min < max ? x - min : min - x;
    if (from < 0) {
        return 0;
    }
    return from >= width ? n + 1 : f64_to_i64_saturating((double)n * from / width) + 1;
}

fb_status k_width_bucket(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                         fb_error *err)
{
    (void)call;
    (void)err;
    int64_t *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        double x = bucket_value(&args[0], i), min = bucket_value(&args[1], i);
        double max = bucket_value(&args[2], i);
        int64_t buckets = VEC_AT(int64_t, &args[3], i);
        bool defined = buckets > 0 && buckets < INT64_MAX && x == x && min - min == 0 &&
                       max - max == 0 && min != max;
        r[i] = defined ? bucket_of(x, min, max, buckets) : 0;
        if (!defined) {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}
