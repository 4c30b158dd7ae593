/*
 * agg_sum.c - sum and try_sum.
 *
 * As in Spark, integral sums are bigint and fail on overflow (ANSI), wrap (legacy) or become null
 * (try_sum); floating sums are double; a decimal(p,s) sums to decimal(p+10,s). Decimals of up to 8
 * digits are summed as bigints of their unscaled values, which is also how Spark keeps them in
 * state (DecimalAggregates), so the buffers are bigint or double  sum, null until a value comes
 *     try_sum of those integrals: sum from 0 on, and isEmpty
 *     decimal(p+10,s)   sum from 0 on and null after an overflow, and isEmpty.
 *
 * Ownership: states belong to the caller. Threads: as the group table.
 */
#include "expr/agg_util.h"

#include "column/decimal.h"
#include "expr/kernel.h"

typedef struct SumLong {
    int64_t sum;
    uint8_t has;
    uint8_t bad; /* try_sum: overflowed */
} SumLong;

typedef struct SumDouble {
    double sum;
    uint8_t has;
} SumDouble;

typedef struct SumDecimal {
    int128_t sum;
    uint8_t has;
    uint8_t bad;
} SumDecimal;

typedef enum SumKind { SUM_LONG, SUM_SMALL_DECIMAL, SUM_DOUBLE, SUM_DECIMAL } SumKind;

static SumKind sum_kind(const Expr *agg)
{
    const Type *t = agg->args[0]->type;
    if (t->id == T_DECIMAL) {
        return t->precision <= 8 ? SUM_SMALL_DECIMAL : SUM_DECIMAL;
    }
    return type_is_integral(t) ? SUM_LONG : SUM_DOUBLE;
}

static size_t sum_size(const Expr *agg)
{
    return sum_kind(agg) == SUM_DECIMAL ? sizeof(SumDecimal) : sizeof(SumLong);
}

static bool sum_tracks_empty(const Expr *agg)
{
    SumKind k = sum_kind(agg);
    return k == SUM_DECIMAL || (k != SUM_DOUBLE && agg->eval_mode == EVAL_TRY);
}

static uint32_t sum_buffers(const Expr *agg, Field *fields)
{
    SumKind k = sum_kind(agg);
    const Type *t = k == SUM_DOUBLE ? type_double : k == SUM_DECIMAL ? agg->type : type_long;
    fields[0] = (Field){.name = "sum", .type = t, .nullable = true};
    if (!sum_tracks_empty(agg)) {
        return 1;
    }
    fields[1] = (Field){.name = "isEmpty", .type = type_boolean, .nullable = true};
    return 2;
}

static fb_status sum_overflow(fb_error *err)
{
    return err_set(err, ERR_ARITHMETIC_OVERFLOW, "message", "overflow", "alternative",
                   " Use 'try_add' to tolerate overflow and return NULL instead.", "config",
                   "\"spark.sql.ansi.enabled\"", NULL);
}

/* What an overflow means in the mode; the wrapped sum is in place already. */
static inline fb_status sum_long_overflowed(const Expr *agg, SumLong *s, fb_error *err)
{
    if (agg->eval_mode == EVAL_ANSI) {
        return sum_overflow(err);
    }
    s->bad = agg->eval_mode == EVAL_TRY;
    return FB_OK;
}

static inline SumLong *sum_long(uint8_t *state)
{
    return (SumLong *)(void *)state;
}

static fb_status sum_update_long(const Expr *agg, uint8_t *const *state, const Vec *v, uint32_t n,
                                 fb_error *err)
{
    /* A vector of int or narrower can't overflow the local sum: one check at its end. */
    if (v->type->id != T_LONG && agg_one_state(state, n)) {
        SumLong *s = sum_long(state[0]);
        int64_t local = 0;
        uint32_t seen = 0;
        AGG_EACH_INTEGRAL(v, n, {
            local += x;
            seen++;
        });
        s->has |= seen > 0;
        return __builtin_add_overflow(s->sum, local, &s->sum) ? sum_long_overflowed(agg, s, err)
                                                              : FB_OK;
    }
    AGG_EACH_INTEGRAL(v, n, {
        SumLong *s = sum_long(state[i]);
        s->has = 1;
        if (__builtin_expect(__builtin_add_overflow(s->sum, (int64_t)x, &s->sum), 0)) {
            TRY(sum_long_overflowed(agg, s, err));
        }
    });
    return FB_OK;
}

static void sum_update_double(uint8_t *const *state, const Vec *v, uint32_t n)
{
    if (v->type->id == T_FLOAT) {
        AGG_EACH(float, v, n, {
            SumDouble *s = (SumDouble *)(void *)state[i];
            s->has = 1;
            s->sum += (double)x;
        });
    } else if (v->type->id == T_DOUBLE) {
        AGG_EACH(double, v, n, {
            SumDouble *s = (SumDouble *)(void *)state[i];
            s->has = 1;
            s->sum += x;
        });
    }
}

/* An overflow sticks: Spark keeps a null there. */
static inline void sum_decimal_add(SumDecimal *s, int128_t x, int precision)
{
    s->has = 1;
    if (__builtin_add_overflow(s->sum, x, &s->sum) || !dec_fits(s->sum, precision)) {
        s->bad = 1;
        s->sum = 0;
    }
}

static fb_status sum_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                            uint32_t n, fb_error *err)
{
    (void)cx;
    switch (sum_kind(agg)) {
    case SUM_LONG:
        return sum_update_long(agg, state, &args[0], n, err);
    case SUM_SMALL_DECIMAL:
        AGG_EACH(int128_t, &args[0], n, {
            SumLong *s = sum_long(state[i]);
            s->has = 1;
            if (__builtin_add_overflow(s->sum, (int64_t)x, &s->sum)) {
                TRY(sum_long_overflowed(agg, s, err));
            }
        });
        return FB_OK;
    case SUM_DOUBLE:
        sum_update_double(state, &args[0], n);
        return FB_OK;
    case SUM_DECIMAL:
        AGG_EACH(int128_t, &args[0], n,
                 { sum_decimal_add((SumDecimal *)(void *)state[i], x, agg->type->precision); });
        return FB_OK;
    }
    return FB_OK;
}

static fb_status sum_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into, uint8_t *const *from,
                           uint32_t n, fb_error *err)
{
    (void)cx;
    SumKind k = sum_kind(agg);
    for (uint32_t i = 0; i < n; i++) {
        if (k == SUM_DOUBLE) {
            SumDouble *a = (SumDouble *)(void *)into[i];
            const SumDouble *b = (const SumDouble *)(const void *)from[i];
            a->sum += b->sum;
            a->has |= b->has;
        } else if (k == SUM_DECIMAL) {
            SumDecimal *a = (SumDecimal *)(void *)into[i];
            const SumDecimal *b = (const SumDecimal *)(const void *)from[i];
            uint8_t has = a->has | b->has;
            sum_decimal_add(a, b->sum, agg->type->precision);
            a->has = has;
            a->bad |= b->bad;
        } else {
            SumLong *a = sum_long(into[i]), *b = sum_long(from[i]);
            a->has |= b->has;
            a->bad |= b->bad;
            if (__builtin_add_overflow(a->sum, b->sum, &a->sum)) {
                TRY(sum_long_overflowed(agg, a, err));
            }
        }
    }
    return FB_OK;
}

static fb_status sum_decimal_overflow(fb_error *err)
{
    return err_set(err, ERR_ARITHMETIC_OVERFLOW, "message", "Overflow in sum of decimals",
                   "alternative", " Use 'try_sum' to tolerate overflow and return NULL instead.",
                   "config", "\"spark.sql.ansi.enabled\"", NULL);
}

static fb_status sum_finish_decimal(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                                    Vec *out, fb_error *err)
{
    int128_t *data = agg_alloc(cx, out, n);
    for (uint32_t i = 0; i < n; i++) {
        const SumDecimal *s = (const SumDecimal *)(const void *)state[i];
        data[i] = s->sum;
        if (s->bad && agg->eval_mode == EVAL_ANSI) {
            return sum_decimal_overflow(err);
        }
        if (!s->has || s->bad) {
            vec_set_null(out, cx->eval->arena, i);
        }
    }
    return FB_OK;
}

static fb_status sum_finish(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                            Vec *out, fb_error *err)
{
    SumKind k = sum_kind(agg);
    out->valid = NULL;
    if (k == SUM_DECIMAL) {
        return sum_finish_decimal(cx, agg, state, n, out, err);
    }
    void *data = agg_alloc(cx, out, n);
    for (uint32_t i = 0; i < n; i++) {
        const SumLong *s = sum_long(state[i]);
        if (k == SUM_DOUBLE) {
            ((double *)data)[i] = ((const SumDouble *)(const void *)s)->sum;
        } else if (k == SUM_SMALL_DECIMAL) {
            ((int128_t *)data)[i] = s->sum;
        } else {
            ((int64_t *)data)[i] = s->sum;
        }
        if (!s->has || (k != SUM_DOUBLE && s->bad)) {
            vec_set_null(out, cx->eval->arena, i);
        }
    }
    return FB_OK;
}

static fb_status sum_store(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n, Vec *out,
                           fb_error *err)
{
    (void)err;
    SumKind k = sum_kind(agg);
    bool tracks = sum_tracks_empty(agg);
    void *data = agg_alloc(cx, &out[0], n);
    out[0].valid = NULL;
    if (tracks) {
        agg_alloc(cx, &out[1], n);
        out[1].valid = NULL;
    }
    for (uint32_t i = 0; i < n; i++) {
        bool has, bad = false;
        if (k == SUM_DECIMAL) {
            const SumDecimal *s = (const SumDecimal *)(const void *)state[i];
            ((int128_t *)data)[i] = s->sum;
            has = s->has;
            bad = s->bad;
        } else if (k == SUM_DOUBLE) {
            const SumDouble *s = (const SumDouble *)(const void *)state[i];
            ((double *)data)[i] = s->sum;
            has = s->has;
        } else {
            const SumLong *s = sum_long(state[i]);
            ((int64_t *)data)[i] = s->sum;
            has = s->has;
            bad = s->bad;
        }
        if (bad || (!tracks && !has)) {
            vec_set_null(&out[0], cx->eval->arena, i);
        }
        if (tracks) {
            VEC_DATA(uint8_t, &out[1])[i] = !has;
        }
    }
    return FB_OK;
}

static fb_status sum_load(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *cols,
                          uint32_t n, fb_error *err)
{
    (void)cx;
    (void)err;
    SumKind k = sum_kind(agg);
    bool tracks = sum_tracks_empty(agg);
    for (uint32_t i = 0; i < n; i++) {
        bool valid = vec_is_valid(&cols[0], i);
        bool has = tracks ? vec_is_valid(&cols[1], i) && !VEC_AT(uint8_t, &cols[1], i) : valid;
        if (k == SUM_DECIMAL) {
            *(SumDecimal *)(void *)state[i] =
                (SumDecimal){valid ? VEC_AT(int128_t, &cols[0], i) : 0, has, has && !valid};
        } else if (k == SUM_DOUBLE) {
            *(SumDouble *)(void *)state[i] =
                (SumDouble){valid ? VEC_AT(double, &cols[0], i) : 0.0, has};
        } else {
            *sum_long(state[i]) =
                (SumLong){valid ? VEC_AT(int64_t, &cols[0], i) : 0, has, has && !valid};
        }
    }
    return FB_OK;
}

const AggDef agg_sum = {sum_size,   sum_buffers, sum_update, sum_merge,
                        sum_finish, sum_store,   sum_load};

/* ---- binding ---- */

fb_status agg_bind_numeric(BindCtx *cx, Expr *call, uint32_t i, const char *required, fb_error *err)
{
    const Type *t = call->args[i]->type;
    if (type_is_numeric(t)) {
        return FB_OK;
    }
    if (t->id == T_STRING || t->id == T_NULL || t->id == T_TIMESTAMP) {
        call->args[i] = bind_cast_expr(cx, call->args[i], type_double);
        return FB_OK;
    }
    if (t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT) {
        return err_unsupported(err, "%s of intervals", call->name);
    }
    return bind_type_error(cx, call, i, required, err);
}

fb_status bind_sum(BindCtx *cx, Expr *call, fb_error *err)
{
    TRY(agg_bind_numeric(cx, call, 0, "\"NUMERIC\" or \"ANSI INTERVAL\"", err));
    const Type *t = call->args[0]->type;
    if (t->id == T_DECIMAL) {
        DecType d = dec_type_bounded(t->precision + 10, t->scale);
        call->type = type_decimal(d.p, d.s);
    } else {
        call->type = type_is_integral(t) ? type_long : type_double;
    }
    call->nullable = true;
    return FB_OK;
}

fb_status bind_try_sum(BindCtx *cx, Expr *call, fb_error *err)
{
    call->eval_mode = EVAL_TRY;
    return bind_sum(cx, call, err);
}
