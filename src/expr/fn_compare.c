/*
 * fn_compare.c - = == <=> < <= > >= != <> in between isnull isnotnull isnan not and or.
 *
 * A comparison is bound to one type for both sides; its kernel dispatches on that type once and
 * then runs a loop over plain arrays: column with column, or column with constant (a constant on
 * the left is turned around). Floating point follows Spark: NaN equals NaN and is above everything,
 * -0.0 equals 0.0. Structs, arrays and intervals go value by value through vec_cmp_at.
 *
 * IN with a list of constants is a loop per constant while they are few, else a look-up in a hash
 * table made for the batch.
 */
#include "expr/compare.h"

#include "expr/coerce.h"
#include "expr/collation.h"
#include "expr/fn_util.h"
#include "expr/kernel.h"

typedef enum CmpOp { CMP_EQ, CMP_LT, CMP_LE, CMP_GT, CMP_GE } CmpOp;

static const CmpOp cmp_ops[] = {CMP_EQ, CMP_LT, CMP_LE, CMP_GT, CMP_GE};

static CmpOp cmp_swapped(CmpOp op)
{
    static const CmpOp swapped[] = {CMP_EQ, CMP_GT, CMP_GE, CMP_LT, CMP_LE};
    return swapped[op];
}

/* ---- binding ---- */

fb_status bind_diff_types(BindCtx *cx, const Expr *call, fb_error *err)
{
    return err_set(err, ERR_DATATYPE_MISMATCH_BINARY_OP_DIFF_TYPES, "left",
                   bind_type_sql(cx, call->args[0]->type), "right",
                   bind_type_sql(cx, call->args[1]->type), "sqlExpr", bind_sql(cx, call), NULL);
}

/*
 * An integer compared with a decimal literal: Spark rounds the literal to a bigint instead of
 * widening the integers, and decides at once when the literal is out of bigint's range.
 */
static bool integral_with_literal(BindCtx *cx, Expr *call, CmpOp op)
{
    uint32_t lit = call->args[0]->type->id == T_DECIMAL ? 0 : 1;
    Expr *k = call->args[lit], *other = call->args[1 - lit];
    if (op == CMP_EQ || k->kind != E_LITERAL || k->type->id != T_DECIMAL ||
        bind_is_null_literal(k) || !type_is_integral(other->type)) {
        return false;
    }
    op = lit == 0 ? cmp_swapped(op) : op; /* other OP literal */
    int128_t v = VEC_DATA(int128_t, k->value)[0], whole;
    int scale = k->type->scale;
    if (dec_cmp(v, scale, INT64_MIN, 0) < 0 || dec_cmp(v, scale, INT64_MAX, 0) > 0) {
        bool above = v > 0;
        Expr *value = expr_literal_bool(cx->arena, (op == CMP_LT || op == CMP_LE) == above);
        value->start = call->start;
        value->stop = call->stop;
        *call = *value;
        return true;
    }
    DecRound mode = op == CMP_GT || op == CMP_LE ? DEC_FLOOR : DEC_CEILING;
    if (!dec_rescale(v, scale, (DecType){38, 0}, mode, &whole)) {
        return false;
    }
    call->args[lit] = expr_literal_int(cx->arena, type_long, (int64_t)whole);
    return false;
}

/* Legacy mode compares a boolean with a number as 0 and 1. */
static const Type *legacy_boolean(BindCtx *cx, const Type *a, const Type *b)
{
    if (cx->mode == EVAL_ANSI) {
        return NULL;
    }
    if (a->id == T_BOOLEAN && type_is_numeric(b)) {
        return b;
    }
    return b->id == T_BOOLEAN && type_is_numeric(a) ? a : NULL;
}

/* An integer literal beside a decimal counts as the smallest decimal that holds it. */
static const Type *literal_decimal(const Expr *call, const Type *otherwise)
{
    for (uint32_t i = 0; i < 2; i++) {
        const Expr *e = call->args[i];
        const Type *other = call->args[1 - i]->type;
        if (e->kind == E_LITERAL && type_is_integral(e->type) && other->id == T_DECIMAL &&
            vec_is_valid(e->value, 0)) {
            DecType d = dec_type_wider(coerce_decimal_of_literal(e), dec_type_of(other));
            return type_decimal(d.p, d.s);
        }
    }
    return otherwise;
}

/* Structs compare by position: other names are no obstacle when the types are the same. */
static bool same_structure(const Type *a, const Type *b)
{
    if (!type_is_nested(a)) {
        return a == b;
    }
    if (a->id != b->id || a->n_fields != b->n_fields) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_fields; i++) {
        if (!same_structure(a->fields[i].type, b->fields[i].type)) {
            return false;
        }
    }
    return true;
}

static fb_status bind_comparison(BindCtx *cx, Expr *call, CmpOp op, bool null_safe, fb_error *err)
{
    call->fn_data = &cmp_ops[op];
    if (integral_with_literal(cx, call, op)) {
        return FB_OK;
    }
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    const Type *t = a == b ? a : coerce_compare(cx->mode, a, b);
    t = a->id == T_DECIMAL || b->id == T_DECIMAL ? literal_decimal(call, t) : t;
    if (!t && op == CMP_EQ) {
        t = legacy_boolean(cx, a, b);
    }
    if (!t && same_structure(a, b)) {
        t = a;
    }
    if (!t) {
        return bind_diff_types(cx, call, err);
    }
    if (!type_is_orderable(t) || t->id == T_INTERVAL_CAL) {
        return err_set(
            err, ERR_DATATYPE_MISMATCH_INVALID_ORDERING_TYPE, "functionName",
            arena_printf(cx->arena, "`%s`", strcmp(call->name, "==") == 0 ? "=" : call->name),
            "dataType", bind_type_sql(cx, t), "sqlExpr", bind_sql(cx, call), NULL);
    }
    for (uint32_t i = 0; i < 2; i++) {
        call->args[i] = bind_cast_expr(cx, call->args[i], t);
    }
    call->type = type_boolean;
    call->nullable = !null_safe && bind_any_nullable(call);
    return collation_keys(cx, call, err);
}

fb_status bind_eq(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_comparison(cx, call, CMP_EQ, false, err);
}

fb_status bind_eq_null_safe(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_comparison(cx, call, CMP_EQ, true, err);
}

fb_status bind_lt(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_comparison(cx, call, CMP_LT, false, err);
}

fb_status bind_le(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_comparison(cx, call, CMP_LE, false, err);
}

fb_status bind_gt(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_comparison(cx, call, CMP_GT, false, err);
}

fb_status bind_ge(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_comparison(cx, call, CMP_GE, false, err);
}

fb_status bind_ne(BindCtx *cx, Expr *call, fb_error *err)
{
    Expr *eq, *not ;
    TRY(bind_call(cx, "=", call->args, 2, &eq, err));
    eq->start = call->start;
    eq->stop = call->stop;
    TRY(bind_call(cx, "not", &eq, 1, &not, err));
    not ->start = call->start;
    not ->stop = call->stop;
    *call = *not ;
    return FB_OK;
}

/* a BETWEEN b AND c is a >= b AND a <= c, each compared in a type of its own. */
fb_status bind_between(BindCtx *cx, Expr *call, fb_error *err)
{
    Expr *low, *high;
    TRY(bind_call(cx, ">=", (Expr *[]){call->args[0], call->args[1]}, 2, &low, err));
    TRY(bind_call(cx, "<=", (Expr *[]){call->args[0], call->args[2]}, 2, &high, err));
    Expr *both = expr_new(cx->arena, E_AND, 2);
    both->args[0] = low;
    both->args[1] = high;
    both->type = type_boolean;
    both->nullable = low->nullable || high->nullable;
    bind_replace(cx, call, both);
    return FB_OK;
}

static fb_status bind_logic(BindCtx *cx, Expr *call, ExprKind kind, fb_error *err)
{
    for (uint32_t i = 0; i < 2; i++) {
        const Type *t = call->args[i]->type, *other = call->args[1 - i]->type;
        bool text = t->id == T_STRING && other->id == T_BOOLEAN && cx->mode == EVAL_ANSI;
        if (text || (t->id == T_NULL && (other->id == T_NULL || other->id == T_BOOLEAN))) {
            call->args[i] = bind_cast_expr(cx, call->args[i], type_boolean);
        }
    }
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    if (a != b && cx->mode == EVAL_ANSI && (a->id == T_STRING || b->id == T_STRING)) {
        /* promoted as the operands of any operator, to what is no boolean */
        a = coerce_wider(cx->mode, a, b, true);
        b = a;
    }
    if (!a || a != b) {
        return bind_diff_types(cx, call, err);
    }
    if (a != type_boolean) {
        return err_set(err, ERR_DATATYPE_MISMATCH_BINARY_OP_WRONG_TYPE, "inputType", "\"BOOLEAN\"",
                       "actualDataType", bind_type_sql(cx, a), "sqlExpr", bind_sql(cx, call), NULL);
    }
    call->kind = kind;
    call->fn = NULL;
    call->type = type_boolean;
    call->nullable = bind_any_nullable(call);
    return FB_OK;
}

fb_status bind_and(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_logic(cx, call, E_AND, err);
}

fb_status bind_or(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_logic(cx, call, E_OR, err);
}

fb_status bind_not(BindCtx *cx, Expr *call, fb_error *err)
{
    TRY(bind_cast(cx, call, 0, type_boolean, err));
    call->type = type_boolean;
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

fb_status bind_null_test(BindCtx *cx, Expr *call, fb_error *err)
{
    (void)cx;
    (void)err;
    call->type = type_boolean;
    call->nullable = false;
    return FB_OK;
}

fb_status bind_isnan(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type;
    if (t->id != T_DOUBLE && t->id != T_FLOAT) {
        if (!coerce_implicit(cx->mode, t, type_double)) {
            return bind_type_error(cx, call, 0, "(\"DOUBLE\" or \"FLOAT\")", err);
        }
        call->args[0] = bind_cast_expr(cx, call->args[0], type_double);
    }
    call->type = type_boolean;
    call->nullable = false;
    return FB_OK;
}

/* Whether an element can raise an error: those after the one that is found are not evaluated. */
static bool fails_in_list(BindCtx *cx, const Expr *call)
{
    for (uint32_t i = 2; i < call->n_args && expr_is_deterministic(call->args[0]); i++) {
        const Expr *e = call->args[i];
        fb_error err = {0};
        Vec v;
        if (expr_can_fail(e) && (!expr_is_foldable(e) || bind_fold(cx, e, &v, &err) != FB_OK)) {
            err_clear(&err);
            return true;
        }
    }
    return false;
}

/* x = a OR x = b OR …, which looks at one after the other. */
static fb_status in_as_or(BindCtx *cx, Expr *call, fb_error *err)
{
    Expr *any = NULL;
    for (uint32_t i = 1; i < call->n_args; i++) {
        Expr *sides[2] = {call->args[0], call->args[i]}, *equal;
        TRY(bind_call(cx, "==", sides, 2, &equal, err));
        if (any) {
            Expr *either[2] = {any, equal};
            TRY(bind_call(cx, "or", either, 2, &any, err));
        } else {
            any = equal;
        }
    }
    bind_replace(cx, call, any);
    return FB_OK;
}

fb_status bind_in(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type;
    bool same = true;
    for (uint32_t i = 1; i < call->n_args; i++) {
        same = same && type_same(t, call->args[i]->type);
    }
    if (!same) {
        t = bind_common_type(cx, call->args, call->n_args, true);
    }
    if (!t) {
        return bind_data_diff_types(cx, call, call->args, call->n_args, "in", err);
    }
    if (!type_is_orderable(t)) {
        return err_set(err, ERR_DATATYPE_MISMATCH_INVALID_ORDERING_TYPE, "functionName", "`in`",
                       "dataType", bind_type_sql(cx, t), "sqlExpr", bind_sql(cx, call), NULL);
    }
    for (uint32_t i = 0; i < call->n_args; i++) {
        call->args[i] = bind_cast_expr(cx, call->args[i], t);
    }
    call->type = type_boolean;
    call->nullable = bind_any_nullable(call);
    return fails_in_list(cx, call) ? in_as_or(cx, call, err) : collation_keys(cx, call, err);
}

/* ---- loops ---- */

#define INT_EQ(x, y) ((x) == (y))
#define INT_LT(x, y) ((x) < (y))
#define INT_LE(x, y) ((x) <= (y))
#define INT_GT(x, y) ((x) > (y))
#define INT_GE(x, y) ((x) >= (y))
/* x != x is true of NaN only */
#define NUM_EQ(x, y) (((x) == (y)) | (((x) != (x)) & ((y) != (y))))
#define NUM_LT(x, y) (((x) < (y)) | (((y) != (y)) & ((x) == (x))))
#define NUM_LE(x, y) (((x) <= (y)) | ((y) != (y)))
#define NUM_GT(x, y) NUM_LT(y, x)
#define NUM_GE(x, y) NUM_LE(y, x)

#define VIEW_LT(x, y) (view_cmp(&(x), &(y)) < 0)
#define VIEW_LE(x, y) (view_cmp(&(x), &(y)) <= 0)
#define VIEW_GT(x, y) (view_cmp(&(x), &(y)) > 0)
#define VIEW_GE(x, y) (view_cmp(&(x), &(y)) >= 0)
#define VIEW_EQ(x, y) view_eq(&(x), &(y))

/* One loop body for all operators of a type: column with column, column with constant, and
 * column with constant over the rows of a selection. */
#define CMP_LOOP(T, TEST)                                                                          \
    if (y_const) {                                                                                 \
        const T k = y[0];                                                                          \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            r[i] = TEST(x[i], k);                                                                  \
        }                                                                                          \
    } else {                                                                                       \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            r[i] = TEST(x[i], y[i]);                                                               \
        }                                                                                          \
    }

#define CMP_SELECT(T, TEST)                                                                        \
    if (in) {                                                                                      \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            out[m] = in[i];                                                                        \
            m += TEST(x[in[i]], k);                                                                \
        }                                                                                          \
    } else {                                                                                       \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            out[m] = i;                                                                            \
            m += TEST(x[i], k);                                                                    \
        }                                                                                          \
    }

#define CMP_SWITCH(LOOP, T, F)                                                                     \
    switch (op) {                                                                                  \
    case CMP_EQ:                                                                                   \
        LOOP(T, F##_EQ) break;                                                                     \
    case CMP_LT:                                                                                   \
        LOOP(T, F##_LT) break;                                                                     \
    case CMP_LE:                                                                                   \
        LOOP(T, F##_LE) break;                                                                     \
    case CMP_GT:                                                                                   \
        LOOP(T, F##_GT) break;                                                                     \
    default:                                                                                       \
        LOOP(T, F##_GE) break;                                                                     \
    }

#define CMP_FUNCTIONS(name, T, F)                                                                  \
    static void cmp_##name(CmpOp op, const T *restrict x, const T *restrict y, bool y_const,       \
                           uint32_t n, uint8_t *restrict r)                                        \
    {                                                                                              \
        CMP_SWITCH(CMP_LOOP, T, F)                                                                 \
    }                                                                                              \
    static uint32_t select_##name(CmpOp op, const T *restrict x, T k, const uint32_t *in,          \
                                  uint32_t n, uint32_t *restrict out)                              \
    {                                                                                              \
        uint32_t m = 0;                                                                            \
        CMP_SWITCH(CMP_SELECT, T, F)                                                               \
        return m;                                                                                  \
    }

CMP_FUNCTIONS(i8, int8_t, INT)
CMP_FUNCTIONS(i16, int16_t, INT)
CMP_FUNCTIONS(i32, int32_t, INT)
CMP_FUNCTIONS(i64, int64_t, INT)
CMP_FUNCTIONS(i128, int128_t, INT)
CMP_FUNCTIONS(f32, float, NUM)
CMP_FUNCTIONS(f64, double, NUM)
CMP_FUNCTIONS(view, View, VIEW)

static bool cmp_holds(CmpOp op, int c)
{
    switch (op) {
    case CMP_EQ:
        return c == 0;
    case CMP_LT:
        return c < 0;
    case CMP_LE:
        return c <= 0;
    case CMP_GT:
        return c > 0;
    default:
        return c >= 0;
    }
}

static void cmp_nested(CmpOp op, const Vec *a, const Vec *b, uint32_t n, uint8_t *r)
{
    bool by_eq = a->type->id == T_INTERVAL_CAL;
    for (uint32_t i = 0; i < n; i++) {
        if (!vec_is_valid(a, i) || !vec_is_valid(b, i)) {
            r[i] = 0;
        } else if (by_eq) {
            r[i] = vec_eq_at(a, i, b, i);
        } else {
            r[i] = cmp_holds(op, vec_cmp_at(a, i, b, i));
        }
    }
}

/* r[i] = a[i] OP b[i]; a is flat, or n is 1. Null rows give anything. */
static void cmp_values(CmpOp op, const Vec *a, const Vec *b, uint32_t n, uint8_t *r)
{
    bool k = b->is_const;
    switch (a->type->id) {
    case T_BOOLEAN:
    case T_BYTE:
        cmp_i8(op, a->data, b->data, k, n, r);
        break;
    case T_SHORT:
        cmp_i16(op, a->data, b->data, k, n, r);
        break;
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM:
        cmp_i32(op, a->data, b->data, k, n, r);
        break;
    case T_LONG:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        cmp_i64(op, a->data, b->data, k, n, r);
        break;
    case T_FLOAT:
        cmp_f32(op, a->data, b->data, k, n, r);
        break;
    case T_DOUBLE:
        cmp_f64(op, a->data, b->data, k, n, r);
        break;
    case T_DECIMAL:
        cmp_i128(op, a->data, b->data, k, n, r);
        break;
    case T_STRING:
    case T_BINARY:
        cmp_view(op, a->data, b->data, k, n, r);
        break;
    default:
        cmp_nested(op, a, b, n, r);
        break;
    }
}

static void cmp_vectors(CmpOp op, const Vec *a, const Vec *b, uint32_t n, uint8_t *r)
{
    if (a->is_const && b->is_const) {
        cmp_values(op, a, b, 1, r);
        memset(r, r[0], n);
    } else if (a->is_const) {
        cmp_values(cmp_swapped(op), b, a, n, r);
    } else {
        cmp_values(op, a, b, n, r);
    }
}

fb_status k_compare(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                    fb_error *err)
{
    (void)err;
    cmp_vectors(*(const CmpOp *)call->fn_data, &args[0], &args[1], n, kernel_alloc(cx, out));
    return FB_OK;
}

fb_status k_eq_null_safe(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                         fb_error *err)
{
    (void)call;
    (void)err;
    const Vec *a = &args[0], *b = &args[1];
    uint8_t *r = kernel_alloc(cx, out);
    if (a->type->id != T_NULL) {
        cmp_vectors(CMP_EQ, a, b, n, r);
    }
    if (!vec_may_have_nulls(a) && !vec_may_have_nulls(b)) {
        return FB_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        bool va = vec_is_valid(a, i), vb = vec_is_valid(b, i);
        r[i] = va && vb ? r[i] : va == vb;
    }
    return FB_OK;
}

/* ---- selecting ---- */

static uint32_t select_values(CmpOp op, const Vec *x, const Vec *k, const uint32_t *in, uint32_t n,
                              uint32_t *out, bool *ret_done)
{
    *ret_done = true;
    switch (x->type->id) {
    case T_BOOLEAN:
    case T_BYTE:
        return select_i8(op, x->data, VEC_DATA(int8_t, k)[0], in, n, out);
    case T_SHORT:
        return select_i16(op, x->data, VEC_DATA(int16_t, k)[0], in, n, out);
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM:
        return select_i32(op, x->data, VEC_DATA(int32_t, k)[0], in, n, out);
    case T_LONG:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        return select_i64(op, x->data, VEC_DATA(int64_t, k)[0], in, n, out);
    case T_FLOAT:
        return select_f32(op, x->data, VEC_DATA(float, k)[0], in, n, out);
    case T_DOUBLE:
        return select_f64(op, x->data, VEC_DATA(double, k)[0], in, n, out);
    case T_DECIMAL:
        return select_i128(op, x->data, VEC_DATA(int128_t, k)[0], in, n, out);
    case T_STRING:
    case T_BINARY:
        return select_view(op, x->data, VEC_DATA(View, k)[0], in, n, out);
    default:
        *ret_done = false;
        return 0;
    }
}

static uint32_t drop_nulls(const uint64_t *valid, uint32_t *rows, uint32_t n)
{
    uint32_t m = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = rows[i];
        rows[m] = row;
        m += bit_get(valid, row);
    }
    return m;
}

bool compare_select(const Expr *call, const Batch *batch, const uint32_t *in, uint32_t n_in,
                    uint32_t *out, uint32_t *ret_n)
{
    if (call->kind != E_CALL || call->fn->kernel != k_compare) {
        return false;
    }
    const Expr *x = call->args[0], *k = call->args[1];
    CmpOp op = *(const CmpOp *)call->fn_data;
    if (x->kind == E_LITERAL) {
        const Expr *t = x;
        x = k;
        k = t;
        op = cmp_swapped(op);
    }
    if (x->kind != E_COLUMN || k->kind != E_LITERAL || !vec_is_valid(k->value, 0)) {
        return false;
    }
    const Vec *v = &batch->col[x->column];
    if (v->is_const || v->type->id != k->type->id) {
        return false;
    }
    bool done;
    uint32_t m = select_values(op, v, k->value, in, n_in, out, &done);
    *ret_n = done && v->valid ? drop_nulls(v->valid, out, m) : m;
    return done;
}

/* ---- not, is null, is nan ---- */

fb_status k_not(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out, fb_error *err)
{
    (void)call;
    (void)err;
    const uint8_t *restrict x = args[0].data;
    uint8_t *restrict r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        r[i] = x[i] ^ 1;
    }
    return FB_OK;
}

static void null_test(EvalCtx *cx, const Vec *v, bool want_null, uint32_t n, Vec *out)
{
    uint8_t *restrict r = kernel_alloc(cx, out);
    if (!vec_may_have_nulls(v) || v->type->id == T_NULL) {
        memset(r, want_null == (v->type->id == T_NULL), n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        r[i] = vec_is_valid(v, i) != want_null;
    }
}

fb_status k_isnull(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                   fb_error *err)
{
    (void)call;
    (void)err;
    null_test(cx, &args[0], true, n, out);
    return FB_OK;
}

fb_status k_isnotnull(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                      fb_error *err)
{
    (void)call;
    (void)err;
    null_test(cx, &args[0], false, n, out);
    return FB_OK;
}

fb_status k_isnan(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                  fb_error *err)
{
    (void)call;
    (void)err;
    const Vec *v = &args[0];
    uint8_t *r = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        bool nan;
        if (v->type->id == T_FLOAT) {
            float x = VEC_AT(float, v, i);
            nan = x != x;
        } else {
            double x = VEC_AT(double, v, i);
            nan = x != x;
        }
        r[i] = nan && vec_is_valid(v, i);
    }
    return FB_OK;
}

/* ---- in ---- */

/* Up to this many constants are compared one after the other. */
#define IN_LOOP_MAX 8

typedef struct InSet {
    Vec values; /* the constants that are not null, flat */
    uint64_t *hash;
    uint32_t *slot; /* value number + 1, 0 = free */
    uint32_t mask;
} InSet;

static void in_set_build(EvalCtx *cx, const Vec *parts, uint32_t n, InSet *s)
{
    vec_concat(&s->values, parts, n, cx->arena);
    s->hash = ARENA_ARRAY(cx->arena, uint64_t, n);
    vec_hash(&s->values, n, s->hash);
    uint32_t size = 16;
    while (size < 2 * n) {
        size *= 2;
    }
    s->mask = size - 1;
    s->slot = ARENA_ARRAY(cx->arena, uint32_t, size);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = (uint32_t)s->hash[i] & s->mask;
        while (s->slot[at]) {
            at = (at + 1) & s->mask;
        }
        s->slot[at] = i + 1;
    }
}

static bool in_set_has(const InSet *s, const Vec *v, uint32_t i, uint64_t hash)
{
    for (uint32_t at = (uint32_t)hash & s->mask; s->slot[at]; at = (at + 1) & s->mask) {
        uint32_t k = s->slot[at] - 1;
        if (s->hash[k] == hash && vec_eq_at(&s->values, k, v, i)) {
            return true;
        }
    }
    return false;
}

static void in_set_probe(EvalCtx *cx, const Vec *parts, uint32_t n_parts, const Vec *value,
                         uint32_t n, uint8_t *r)
{
    InSet set = {0};
    in_set_build(cx, parts, n_parts, &set);
    Vec flat;
    vec_normalize_floats(&flat, value, cx->arena);
    uint64_t *hash = ARENA_ARRAY(cx->arena, uint64_t, n);
    vec_hash(&flat, n, hash);
    for (uint32_t i = 0; i < n; i++) {
        r[i] = in_set_has(&set, &flat, i, hash[i]);
    }
}

/* r[i] |= value[i] = item[i] where both are there; rows where item is null get a mark in unknown.
 */
static void in_compare(const Vec *value, const Vec *item, uint32_t n, uint8_t *scratch, uint8_t *r,
                       uint8_t *unknown)
{
    cmp_vectors(CMP_EQ, value, item, n, scratch);
    bool nulls = vec_may_have_nulls(item);
    for (uint32_t i = 0; i < n; i++) {
        bool there = !nulls || vec_is_valid(item, i);
        r[i] |= scratch[i] & there;
        unknown[i] |= !there;
    }
}

/* The value's nulls make the row null; so does a null in the list unless another item is equal. */
fb_status k_in(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out, fb_error *err)
{
    (void)err;
    uint8_t *r = kernel_alloc(cx, out);
    uint8_t *scratch = ARENA_ARRAY(cx->arena, uint8_t, n + 1);
    uint8_t *unknown = ARENA_ARRAY(cx->arena, uint8_t, n + 1);
    Vec *parts = ARENA_ARRAY(cx->arena, Vec, call->n_args);
    uint32_t n_parts = 0;
    bool null_item = false;
    memset(r, 0, n);
    for (uint32_t k = 1; k < call->n_args; k++) {
        if (!args[k].is_const) {
            in_compare(&args[0], &args[k], n, scratch, r, unknown);
        } else if (!vec_is_valid(&args[k], 0)) {
            null_item = true;
        } else {
            vec_normalize_floats(&parts[n_parts], &args[k], cx->arena);
            parts[n_parts++].len = 1;
        }
    }
    if (n_parts > IN_LOOP_MAX && !args[0].is_const) {
        in_set_probe(cx, parts, n_parts, &args[0], n, scratch);
        for (uint32_t i = 0; i < n; i++) {
            r[i] |= scratch[i];
        }
    } else {
        for (uint32_t k = 0; k < n_parts; k++) {
            in_compare(&args[0], &parts[k], n, scratch, r, unknown);
        }
    }
    bool value_nulls = vec_may_have_nulls(&args[0]);
    for (uint32_t i = 0; i < n; i++) {
        if ((value_nulls && !vec_is_valid(&args[0], i)) || (!r[i] && (null_item || unknown[i]))) {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

/* The kernel of names that are lowered when they are bound. */
fb_status k_none(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                 fb_error *err)
{
    (void)cx;
    (void)args;
    (void)n;
    (void)out;
    return err_internal(err, "%s has no kernel.", call->name);
}
