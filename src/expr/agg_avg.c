/*
 * agg_avg.c - avg (mean) and try_avg.
 *
 * The buffers are Spark's: sum and count, both from 0 on. Numbers and decimals of up to 11 digits
 * are summed as double (decimals as their unscaled integers: DecimalAggregates), larger decimals as
 * decimal(p+10,s), null after an overflow. A decimal's average is decimal(p+4,s+4).
 *
 * Ownership: states belong to the caller. Threads: as the group table.
 */
#include "expr/agg_util.h"

#include "column/decimal.h"
#include "expr/kernel.h"

typedef struct AvgDouble {
    double sum;
    int64_t count;
} AvgDouble;

typedef struct AvgDecimal {
    int128_t sum;
    int64_t count;
    uint8_t bad;
} AvgDecimal;

static bool avg_is_big(const Expr *agg)
{
    const Type *t = agg->args[0]->type;
    return t->id == T_DECIMAL && t->precision > 11;
}

/* decimal(p+10,s), what big sums must fit */
static DecType avg_sum_type(const Expr *agg)
{
    const Type *t = agg->args[0]->type;
    return dec_type_bounded(t->precision + 10, t->scale);
}

static size_t avg_size(const Expr *agg)
{
    return avg_is_big(agg) ? sizeof(AvgDecimal) : sizeof(AvgDouble);
}

static uint32_t avg_buffers(const Expr *agg, Field *fields)
{
    const Type *t = type_double;
    if (avg_is_big(agg)) {
        DecType d = avg_sum_type(agg);
        t = type_decimal(d.p, d.s);
    }
    fields[0] = (Field){.name = "sum", .type = t, .nullable = true};
    fields[1] = (Field){.name = "count", .type = type_long, .nullable = true};
    return 2;
}

static inline AvgDouble *avg_double(uint8_t *state)
{
    return (AvgDouble *)(void *)state;
}

static inline AvgDecimal *avg_decimal(uint8_t *state)
{
    return (AvgDecimal *)(void *)state;
}

static inline void avg_decimal_add(AvgDecimal *s, int128_t x, int precision)
{
    if (__builtin_add_overflow(s->sum, x, &s->sum) || !dec_fits(s->sum, precision)) {
        s->bad = 1;
        s->sum = 0;
    }
}

#define AVG_ADD(CT)                                                                                \
    AGG_EACH(CT, v, n, {                                                                           \
        AvgDouble *s = avg_double(state[i]);                                                       \
        s->sum += (double)x;                                                                       \
        s->count++;                                                                                \
    })

static fb_status avg_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                            uint32_t n, fb_error *err)
{
    (void)cx;
    (void)err;
    const Vec *v = &args[0];
    switch (v->type->id) {
    case T_BYTE:
        AVG_ADD(int8_t);
        break;
    case T_SHORT:
        AVG_ADD(int16_t);
        break;
    case T_INT:
        AVG_ADD(int32_t);
        break;
    case T_LONG:
        AVG_ADD(int64_t);
        break;
    case T_FLOAT:
        AVG_ADD(float);
        break;
    case T_DOUBLE:
        AVG_ADD(double);
        break;
    case T_DECIMAL:
        if (!avg_is_big(agg)) {
            AGG_EACH(int128_t, v, n, {
                AvgDouble *s = avg_double(state[i]);
                s->sum += (double)(int64_t)x;
                s->count++;
            });
            break;
        }
        int precision = avg_sum_type(agg).p;
        AGG_EACH(int128_t, v, n, {
            AvgDecimal *s = avg_decimal(state[i]);
            avg_decimal_add(s, x, precision);
            s->count++;
        });
        break;
    default:
        break;
    }
    return FB_OK;
}

static fb_status avg_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into, uint8_t *const *from,
                           uint32_t n, fb_error *err)
{
    (void)cx;
    (void)err;
    if (avg_is_big(agg)) {
        int precision = avg_sum_type(agg).p;
        for (uint32_t i = 0; i < n; i++) {
            AvgDecimal *a = avg_decimal(into[i]), *b = avg_decimal(from[i]);
            avg_decimal_add(a, b->sum, precision);
            a->count += b->count;
            a->bad |= b->bad;
        }
        return FB_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        AvgDouble *a = avg_double(into[i]), *b = avg_double(from[i]);
        a->sum += b->sum;
        a->count += b->count;
    }
    return FB_OK;
}

static fb_status avg_overflow(fb_error *err)
{
    return err_set(err, ERR_ARITHMETIC_OVERFLOW, "message", "Overflow in sum of decimals",
                   "alternative", " Use 'try_avg' to tolerate overflow and return NULL instead.",
                   "config", "\"spark.sql.ansi.enabled\"", NULL);
}

static fb_status avg_finish_big(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                                Vec *out, fb_error *err)
{
    int128_t *data = agg_alloc(cx, out, n);
    int scale = agg->args[0]->type->scale;
    DecType r = {out->type->precision, out->type->scale};
    for (uint32_t i = 0; i < n; i++) {
        const AvgDecimal *s = avg_decimal(state[i]);
        data[i] = 0;
        if (s->count == 0) {
            vec_set_null(out, cx->eval->arena, i);
        } else if (s->bad || !dec_div(s->sum, scale, s->count, 0, r, &data[i])) {
            if (agg->eval_mode == EVAL_ANSI) {
                return avg_overflow(err);
            }
            vec_set_null(out, cx->eval->arena, i);
        }
    }
    return FB_OK;
}

static fb_status avg_finish(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                            Vec *out, fb_error *err)
{
    out->valid = NULL;
    if (avg_is_big(agg)) {
        return avg_finish_big(cx, agg, state, n, out, err);
    }
    void *data = agg_alloc(cx, out, n);
    bool decimal = out->type->id == T_DECIMAL;
    double unit = decimal ? (double)dec_pow10[agg->args[0]->type->scale] : 1.0;
    DecType r = {out->type->precision, out->type->scale};
    for (uint32_t i = 0; i < n; i++) {
        const AvgDouble *s = avg_double(state[i]);
        bool valid = s->count != 0;
        double mean = valid ? s->sum / (double)s->count : 0.0;
        if (decimal) {
            int128_t *d = &((int128_t *)data)[i];
            *d = 0;
            valid = valid && dec_from_f64(mean / unit, r, d);
        } else {
            ((double *)data)[i] = mean;
        }
        if (!valid) {
            vec_set_null(out, cx->eval->arena, i);
        }
    }
    return FB_OK;
}

static fb_status avg_store(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n, Vec *out,
                           fb_error *err)
{
    (void)err;
    void *sum = agg_alloc(cx, &out[0], n);
    int64_t *count = agg_alloc(cx, &out[1], n);
    out[0].valid = out[1].valid = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (avg_is_big(agg)) {
            const AvgDecimal *s = avg_decimal(state[i]);
            ((int128_t *)sum)[i] = s->sum;
            count[i] = s->count;
            if (s->bad) {
                vec_set_null(&out[0], cx->eval->arena, i);
            }
        } else {
            const AvgDouble *s = avg_double(state[i]);
            ((double *)sum)[i] = s->sum;
            count[i] = s->count;
        }
    }
    return FB_OK;
}

static fb_status avg_load(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *cols,
                          uint32_t n, fb_error *err)
{
    (void)cx;
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        bool valid = vec_is_valid(&cols[0], i);
        int64_t count = vec_is_valid(&cols[1], i) ? VEC_AT(int64_t, &cols[1], i) : 0;
        if (avg_is_big(agg)) {
            *avg_decimal(state[i]) =
                (AvgDecimal){valid ? VEC_AT(int128_t, &cols[0], i) : 0, count, !valid};
        } else {
            *avg_double(state[i]) = (AvgDouble){valid ? VEC_AT(double, &cols[0], i) : 0.0, count};
        }
    }
    return FB_OK;
}

const AggDef agg_avg = {avg_size,   avg_buffers, avg_update, avg_merge,
                        avg_finish, avg_store,   avg_load};

fb_status bind_avg(BindCtx *cx, Expr *call, fb_error *err)
{
    TRY(agg_bind_numeric(cx, call, 0, "\"NUMERIC\" or \"ANSI INTERVAL\"", err));
    const Type *t = call->args[0]->type;
    if (t->id == T_DECIMAL) {
        DecType d = dec_type_bounded(t->precision + 4, t->scale + 4);
        call->type = type_decimal(d.p, d.s);
    } else {
        call->type = type_double;
    }
    call->nullable = true;
    return FB_OK;
}

fb_status bind_try_avg(BindCtx *cx, Expr *call, fb_error *err)
{
    call->eval_mode = EVAL_TRY;
    return bind_avg(cx, call, err);
}
