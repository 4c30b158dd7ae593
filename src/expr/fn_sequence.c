/*
 * fn_sequence.c - sequence(start, stop[, step]) of integers, dates and timestamps.
 *
 * Steps of dates and timestamps are intervals; the k-th element is start + k * step, reckoned anew
 * from the start (so month ends do not drift), in the session's zone. Without a step it is 1 or -1,
 * or a day.
 *
 * Ownership: results are in cx->arena.
 */
#include "expr/fn_array.h"

#include "column/datetime.h"

#define MAX_SEQUENCE 2147483632u /* ByteArrayUtils.MAX_ROUNDED_ARRAY_LENGTH */

static fb_status bad_boundaries(EvalCtx *cx, int64_t start, int64_t stop, const char *step,
                                fb_error *err)
{
    return err_set(err, ERR_SEQUENCE_BOUNDARIES, "start",
                   arena_printf(cx->arena, "%lld", (long long)start), "stop",
                   arena_printf(cx->arena, "%lld", (long long)stop), "step", step, NULL);
}

static fb_status too_many(EvalCtx *cx, uint64_t count, fb_error *err)
{
    return err_set(err, ERR_COLLECTION_SIZE_LIMIT_EXCEEDED_PARAMETER, "numberOfElements",
                   arena_printf(cx->arena, "%llu", (unsigned long long)count), "functionName",
                   "`sequence`", "maxRoundedArrayLength", "2147483632", "parameter", "`count`",
                   NULL);
}

/* ---- integers ---- */

static int64_t integral_at(const Vec *v, uint32_t i)
{
    switch (v->type->id) {
    case T_BYTE:
        return VEC_AT(int8_t, v, i);
    case T_SHORT:
        return VEC_AT(int16_t, v, i);
    case T_INT:
    case T_DATE:
        return VEC_AT(int32_t, v, i);
    default:
        return VEC_AT(int64_t, v, i);
    }
}

static fb_status integral_count(EvalCtx *cx, int64_t start, int64_t stop, int64_t step,
                                uint32_t *ret, fb_error *err)
{
    bool ok =
        (step > 0 && start <= stop) || (step < 0 && start >= stop) || (step == 0 && start == stop);
    if (!ok) {
        return bad_boundaries(cx, start, stop, arena_printf(cx->arena, "%lld", (long long)step),
                              err);
    }
    uint64_t span =
        start <= stop ? (uint64_t)stop - (uint64_t)start : (uint64_t)start - (uint64_t)stop;
    uint64_t stride = step < 0 ? 0 - (uint64_t)step : (uint64_t)step;
    uint64_t count = step == 0 ? 0 : span / stride;
    if (count >= MAX_SEQUENCE) {
        return too_many(cx, count == UINT64_MAX ? count : count + 1, err);
    }
    *ret = (uint32_t)count + 1;
    return FB_OK;
}

/* ---- moments ---- */

static IntervalCal step_at(const Vec *v, uint32_t i)
{
    int64_t us;
    switch (v->type->id) {
    case T_INTERVAL_YM:
        return (IntervalCal){.months = VEC_AT(int32_t, v, i)};
    case T_INTERVAL_DT:
        us = VEC_AT(int64_t, v, i);
        return (IntervalCal){.days = (int32_t)(us / US_PER_DAY), .micros = us % US_PER_DAY};
    default:
        return VEC_AT(IntervalCal, v, i);
    }
}

static bool step_times(IntervalCal step, int64_t k, IntervalCal *ret)
{
    return !__builtin_mul_overflow(step.months, k, &ret->months) &&
           !__builtin_mul_overflow(step.days, k, &ret->days) &&
           !__builtin_mul_overflow(step.micros, k, &ret->micros);
}

typedef struct Moments {
    EvalCtx *cx;
    const Type *type; /* date, timestamp or timestamp_ntz */
    const TimeZone *tz;
    VecBuilder *to;
} Moments;

static int64_t moment_us(const Moments *m, int64_t x)
{
    int64_t us = x;
    if (m->type->id == T_DATE) {
        (void)date_to_ts((int32_t)x, m->tz, &us);
    }
    return us;
}

/* Elements of one row: from start by steps while not past stop. */
static fb_status moment_row(Moments *m, int64_t start, int64_t stop, IntervalCal step,
                            fb_error *err)
{
    int64_t from = moment_us(m, start), end = moment_us(m, stop), us = from, next;
    IntervalCal by;
    bool forward = ts_add_interval(from, step, m->tz, &next) && next >= from;
    bool still = next == from;
    if ((still && from != end) || (!still && from != end && forward != (end > from))) {
        return bad_boundaries(m->cx, start, stop, "the interval", err);
    }
    uint32_t first = vecb_len(m->to);
    for (int64_t k = 0; forward || still ? us <= end : us >= end;) {
        vecb_int(m->to, m->type->id == T_DATE ? ts_to_date(us, m->tz) : us);
        TRY(arena_check(m->cx->arena, err));
        if (vecb_len(m->to) - first >= MAX_SEQUENCE / 16) {
            return too_many(m->cx, MAX_SEQUENCE / 16, err);
        }
        k++;
        if (still || !step_times(step, k, &by) || !ts_add_interval(from, by, m->tz, &us)) {
            break;
        }
    }
    return FB_OK;
}

/* Without a step of the caller's it is a day towards the end. */
static IntervalCal row_step(const Vec *args, bool has_step, uint32_t i)
{
    IntervalCal step = step_at(&args[2], i);
    if (!has_step && integral_at(&args[0], i) > integral_at(&args[1], i)) {
        step = (IntervalCal){.days = -step.days, .micros = -step.micros};
    }
    return step;
}

static fb_status sequence_moments(EvalCtx *cx, const Vec *args, bool has_step, uint32_t n, Vec *out,
                                  fb_error *err)
{
    const Type *t = args[0].type;
    Moments m = {cx, t, t->id == T_TIMESTAMP_NTZ ? tz_utc() : cx->tz, vecb_new(cx->arena, t)};
    uint32_t *offsets = arena_zalloc(cx->arena, ((size_t)n + 1) * sizeof(uint32_t));
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            int64_t start = integral_at(&args[0], i), stop = integral_at(&args[1], i);
            TRY(moment_row(&m, start, stop, row_step(args, has_step, i), err));
        }
        offsets[i + 1] = vecb_len(m.to);
    }
    out->data = offsets;
    out->child = ARENA_NEW(cx->arena, Vec);
    vecb_finish(m.to, out->child);
    return FB_OK;
}

/* to[k] = start + k * step, of the type's width. */
static void fill_integers(void *to, size_t width, int64_t start, int64_t step, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        int64_t x = (int64_t)((uint64_t)start + (uint64_t)k * (uint64_t)step);
        switch (width) {
        case 1:
            ((int8_t *)to)[k] = (int8_t)x;
            break;
        case 2:
            ((int16_t *)to)[k] = (int16_t)x;
            break;
        case 4:
            ((int32_t *)to)[k] = (int32_t)x;
            break;
        default:
            ((int64_t *)to)[k] = x;
            break;
        }
    }
}

/* The rows are counted first, so that memory is asked for once. */
static fb_status sequence_integers(EvalCtx *cx, const Vec *args, bool has_step, uint32_t n,
                                   Vec *out, fb_error *err)
{
    uint32_t *offsets = arena_zalloc(cx->arena, ((size_t)n + 1) * sizeof(uint32_t));
    size_t width = type_width(args[0].type);
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t count = 0;
        if (kernel_wants(out, i)) {
            int64_t start = integral_at(&args[0], i), stop = integral_at(&args[1], i);
            int64_t step = has_step ? integral_at(&args[2], i) : start <= stop ? 1 : -1;
            TRY(integral_count(cx, start, stop, step, &count, err));
        }
        total += count;
        offsets[i + 1] = (uint32_t)MIN_OF(total, (uint64_t)UINT32_MAX);
    }
    TRY(eval_reserve(cx, MIN_OF(total, (uint64_t)UINT32_MAX), width, err));
    if (total >= UINT32_MAX) {
        return err_unsupported(err, "more than %u array elements in a batch", UINT32_MAX);
    }
    out->data = offsets;
    out->child = ARENA_NEW(cx->arena, Vec);
    vec_init(out->child, args[0].type, (uint32_t)total, cx->arena);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t count = offsets[i + 1] - offsets[i];
        if (count > 0) {
            int64_t start = integral_at(&args[0], i), stop = integral_at(&args[1], i);
            int64_t step = has_step ? integral_at(&args[2], i) : start <= stop ? 1 : -1;
            fill_integers((char *)out->child->data + offsets[i] * width, width, start, step, count);
        }
    }
    return FB_OK;
}

KERNEL(fn_sequence)
{
    bool has_step = call->n_args == 3;
    if (type_is_datetime(args[0].type) && has_step) {
        return sequence_moments(cx, args, call->fn_data == NULL, n, out, err);
    }
    return sequence_integers(cx, args, has_step, n, out, err);
}

/* ---- binding ---- */

static bool is_interval(const Type *t)
{
    return t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT || t->id == T_INTERVAL_CAL;
}

static const char own_step; /* marks calls whose step nobody wrote */

BINDER(bind_sequence)
{
    const Type *t = bind_common_type(cx, call->args, 2, true);
    bool has_step = call->n_args == 3;
    if (t && type_is_integral(t) && has_step) {
        t = bind_common_type2(cx, t, call->args[2]->type, true);
    }
    bool ok = t && (type_is_integral(t) || type_is_datetime(t));
    if (ok && type_is_datetime(t) && has_step) {
        ok = is_interval(call->args[2]->type);
    } else if (ok && type_is_datetime(t) && t->id != T_DATE) {
        call->fn_data = &own_step;
        bind_add_arg(cx, call, expr_literal_int(cx->arena, type_interval_dt(0, 3), US_PER_DAY));
        StrBuf text = {0};
        strbuf_puts(&text, "sequence(");
        expr_name(call->args[0], &text);
        strbuf_puts(&text, ", ");
        expr_name(call->args[1], &text);
        strbuf_putc(&text, ')');
        bind_show(cx, call, &text);
    }
    if (!ok) {
        return err_set(err, ERR_DATATYPE_MISMATCH_SEQUENCE_WRONG_INPUT_TYPES, "functionName",
                       "`sequence`", "startType",
                       "(\"TIMESTAMP\" or \"TIMESTAMP_NTZ\" or \"DATE\")", "stepType",
                       "(\"INTERVAL\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")",
                       "otherStartType", "\"INTEGRAL\"", "sqlExpr", bind_sql(cx, call), NULL);
    }
    TRY(bind_cast_all(cx, call, 0, 2, t, err));
    if (has_step && type_is_integral(t)) {
        TRY(bind_cast(cx, call, 2, t, err));
    }
    return bind_done(call, type_array(t, false));
}
