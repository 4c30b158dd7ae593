/*
 * agg_quantile.c - percentile_approx (approx_percentile), and the quantiles of DataFrame.stat.
 *
 * The summary is Greenwald and Khanna's ("Space-efficient online computation of quantile
 * summaries", 2001) with the changes of Spark's QuantileSummaries: values are gathered in a head
 * buffer and inserted 50,000 at a time, sorted; a summary is compressed when it has 10,000 samples,
 * or four times what the error allows for; summaries of workers are merged with their errors added.
 * The same input in one piece gives the same answer as in Spark.
 *
 * Ownership: states belong to the caller, samples to the table's arena, in buffers that are used
 * again. Threads: as the group table.
 */
#include "expr/agg_quantile.h"
#include "expr/agg_util.h"
#include "expr/fn_util.h"

#include <math.h>
#include <stdlib.h>

#define GK_HEAD 50000u
#define GK_COMPRESS 10000u
#define GK_ACCURACY 10000

typedef struct GkSample {
    double value;
    int64_t g, delta;
} GkSample;

typedef struct GkState {
    double *head;
    GkSample *sample, *spare; /* spare: the other buffer of a flush or merge */
    int64_t count;            /* of values in sample */
    uint32_t n_head, cap_head, n, cap, cap_spare;
} GkState;

typedef struct QuantileOp {
    double error;
    const double *p;
    uint32_t n_p;
    uint32_t compress_at; /* samples that make it compress at a flush */
    bool is_array;
    bool empty_is_array; /* no input: no quantiles, rather than null; NaN is no input */
} QuantileOp;

static GkState *gk_of(uint8_t *state)
{
    return (GkState *)(void *)state;
}

static size_t gk_size(const Expr *agg)
{
    (void)agg;
    return sizeof(GkState);
}

static uint32_t gk_buffers(const Expr *agg, Field *fields)
{
    (void)agg;
    fields[0] = (Field){.name = "buf", .type = type_binary, .nullable = true};
    return 1;
}

/* ---- the summary ---- */

/* Double.compare: -0.0 before 0.0, NaN last. */
static int compare_doubles(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;
    if (a < b || a > b) {
        return a < b ? -1 : 1;
    }
    if (a == b) {
        return (signbit(b) != 0) - (signbit(a) != 0);
    }
    return (isnan(a) != 0) - (isnan(b) != 0);
}

/* Room for n samples in the spare buffer. */
static GkSample *gk_spare(GkState *s, uint32_t n, Arena *keep)
{
    if (s->cap_spare < n) {
        uint32_t cap = s->cap_spare ? s->cap_spare : 64;
        while (cap < n) {
            cap *= 2;
        }
        s->spare = arena_alloc(keep, mem_mul(cap, sizeof(GkSample)));
        s->cap_spare = cap;
    }
    return s->spare;
}

static void gk_swap(GkState *s, uint32_t n)
{
    GkSample *old = s->sample;
    uint32_t cap = s->cap;
    s->sample = s->spare;
    s->cap = s->cap_spare;
    s->spare = old;
    s->cap_spare = cap;
    s->n = n;
}

static void gk_flush(GkState *s, double error, Arena *keep)
{
    if (s->n_head == 0) {
        return;
    }
    GkSample *out = gk_spare(s, s->n + s->n_head, keep);
    uint32_t n = 0, at = 0;
    qsort(s->head, s->n_head, sizeof(double), compare_doubles);
    for (uint32_t k = 0; k < s->n_head; k++) {
        double x = s->head[k];
        while (at < s->n && s->sample[at].value <= x) {
            out[n++] = s->sample[at++];
        }
        s->count++;
        bool edge = n == 0 || (at == s->n && k == s->n_head - 1);
        int64_t delta = edge ? 0 : (int64_t)floor(2.0 * error * (double)s->count);
        out[n++] = (GkSample){x, 1, delta};
    }
    while (at < s->n) {
        out[n++] = s->sample[at++];
    }
    s->n_head = 0;
    gk_swap(s, n);
}

/* COMPRESS, from the end, in place: the last sample stays, and so does the least. */
static void gk_compress(GkState *s, double error)
{
    double threshold = 2.0 * error * (double)s->count;
    if (s->n == 0) {
        return;
    }
    GkSample first = s->sample[0], head = s->sample[s->n - 1];
    uint32_t to = s->n; /* samples [to, n) are done */
    for (uint32_t i = s->n - 1; i-- > 1;) {
        const GkSample *x = &s->sample[i];
        if ((double)(x->g + head.g + head.delta) < threshold) {
            head.g += x->g;
        } else {
            s->sample[--to] = head;
            head = *x;
        }
    }
    s->sample[--to] = head;
    if (first.value <= head.value && s->n > 1) {
        s->sample[--to] = first;
    }
    s->n -= to;
    memmove(s->sample, s->sample + to, s->n * sizeof(GkSample));
}

static void gk_settle(GkState *s, double error, Arena *keep)
{
    gk_flush(s, error, keep);
    gk_compress(s, error);
}

static inline void gk_add(GkState *s, const QuantileOp *op, double x, Arena *keep)
{
    if (s->n_head == s->cap_head) {
        uint32_t cap = s->cap_head ? s->cap_head * 2 : 16;
        cap = cap > GK_HEAD ? GK_HEAD : cap;
        double *grown = arena_alloc(keep, cap * sizeof(double));
        if (s->n_head) {
            memcpy(grown, s->head, s->n_head * sizeof(double));
        }
        s->head = grown;
        s->cap_head = cap;
    }
    s->head[s->n_head++] = x;
    if (s->n_head == GK_HEAD) {
        gk_flush(s, op->error, keep);
        if (s->n >= op->compress_at) {
            gk_compress(s, op->error);
        }
    }
}

/* Both are settled. What interleaves gets the error of the other side. */
static void gk_merge_into(GkState *a, const GkState *b, double error, Arena *keep)
{
    if (b->count == 0) {
        return;
    }
    GkSample *out = gk_spare(a, a->n + b->n, keep);
    int64_t a_more = (int64_t)floor(2.0 * error * (double)b->count);
    int64_t b_more = (int64_t)floor(2.0 * error * (double)a->count);
    uint32_t i = 0, k = 0, n = 0;
    while (i < a->n && k < b->n) {
        GkSample next;
        if (a->sample[i].value < b->sample[k].value) {
            next = a->sample[i++];
            next.delta += k > 0 ? a_more : 0;
        } else {
            next = b->sample[k++];
            next.delta += i > 0 ? b_more : 0;
        }
        out[n++] = next;
    }
    while (i < a->n) {
        out[n++] = a->sample[i++];
    }
    while (k < b->n) {
        out[n++] = b->sample[k++];
    }
    bool both = a->count > 0;
    a->count += b->count;
    gk_swap(a, n);
    if (both) {
        gk_compress(a, error);
    }
}

/* Of a settled summary that is not empty. */
static double gk_query(const GkState *s, double error, double p)
{
    int64_t widest = 0, least = 0, rank = (int64_t)ceil(p * (double)s->count);
    if (p <= error || s->n == 1) {
        return s->sample[0].value;
    }
    if (p >= 1.0 - error) {
        return s->sample[s->n - 1].value;
    }
    for (uint32_t i = 0; i < s->n; i++) {
        int64_t width = s->sample[i].delta + s->sample[i].g;
        widest = width > widest ? width : widest;
    }
    for (uint32_t i = 0; i + 1 < s->n; i++) {
        least += s->sample[i].g;
        if (least + s->sample[i].delta - widest / 2 <= rank && rank <= least + widest / 2) {
            return s->sample[i].value;
        }
    }
    return s->sample[s->n - 1].value;
}

/* ---- the aggregate ---- */

fb_status quantile_doubles(EvalCtx *cx, const Vec *v, uint32_t n, Vec *out, fb_error *err)
{
    Vec numbers = *v;
    switch (v->type->id) {
    case T_DATE:
    case T_INTERVAL_YM:
        numbers.type = type_int;
        break;
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        numbers.type = type_long;
        break;
    default:
        break;
    }
    numbers.len = n;
    return cast_vec(cx, &numbers, type_double, EVAL_LEGACY, out, err);
}

static fb_status gk_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                           uint32_t n, fb_error *err)
{
    const QuantileOp *op = agg->fn_data;
    Vec v;
    TRY(quantile_doubles(cx->eval, &args[0], n, &v, err));
    for (uint32_t i = 0; i < n; i++) {
        if (vec_is_valid(&v, i)) {
            double x = VEC_AT(double, &v, i);
            if (!op->empty_is_array || !isnan(x)) {
                gk_add(gk_of(state[i]), op, x, cx->keep);
            }
        }
    }
    return FB_OK;
}

static fb_status gk_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into, uint8_t *const *from,
                          uint32_t n, fb_error *err)
{
    const QuantileOp *op = agg->fn_data;
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        gk_settle(gk_of(into[i]), op->error, cx->keep);
        gk_settle(gk_of(from[i]), op->error, cx->keep);
        gk_merge_into(gk_of(into[i]), gk_of(from[i]), op->error, cx->keep);
    }
    return FB_OK;
}

fb_status quantile_values(EvalCtx *cx, const Vec *v, const Type *t, Vec *out, fb_error *err)
{
    if (t->id == T_DOUBLE) {
        *out = *v;
        return FB_OK;
    }
    bool four = t->id == T_DATE || t->id == T_INTERVAL_YM;
    bool eight = t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ || t->id == T_INTERVAL_DT;
    const Type *number = four ? type_int : eight ? type_long : t;
    TRY(cast_vec(cx, v, number, EVAL_LEGACY, out, err));
    out->type = t;
    return FB_OK;
}

static fb_status gk_finish(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n, Vec *out,
                           fb_error *err)
{
    const QuantileOp *op = agg->fn_data;
    Arena *a = cx->eval->arena;
    Vec all, typed;
    uint32_t n_all = 0;
    uint64_t total = (uint64_t)n * op->n_p;
    TRY(total > INT32_MAX ? err_unsupported(err, "more than 2147483647 percentiles in a batch")
                          : eval_reserve(cx->eval, total, sizeof(double), err));
    vec_init(&all, type_double, (uint32_t)total, a);
    double *data = all.data;
    if (op->is_array) {
        vec_init(out, agg->type, n, a);
    } else {
        vec_init(out, agg->type, 0, a);
        out->len = n;
    }
    for (uint32_t i = 0; i < n; i++) {
        GkState *s = gk_of(state[i]);
        gk_settle(s, op->error, cx->keep);
        bool empty = s->count == 0;
        for (uint32_t k = 0; k < op->n_p && (!empty || !op->is_array); k++) {
            data[n_all++] = empty ? 0.0 : gk_query(s, op->error, op->p[k]);
        }
        if (op->is_array) {
            VEC_DATA(uint32_t, out)[i + 1] = n_all;
        }
        if ((empty || op->n_p == 0) && !op->empty_is_array) {
            vec_set_null(out, a, i);
        }
    }
    all.len = n_all;
    const Type *value = op->is_array ? agg->type->fields[0].type : agg->type;
    TRY(quantile_values(cx->eval, &all, value, &typed, err));
    if (op->is_array) {
        out->child[0] = typed;
    } else {
        out->data = typed.data;
    }
    return FB_OK;
}

static fb_status gk_store(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n, Vec *out,
                          fb_error *err)
{
    const QuantileOp *op = agg->fn_data;
    View *bufs = agg_alloc(cx, out, n);
    (void)err;
    out->valid = NULL;
    for (uint32_t i = 0; i < n; i++) {
        GkState *s = gk_of(state[i]);
        gk_settle(s, op->error, cx->keep);
        size_t bytes = sizeof(int64_t) + s->n * sizeof(GkSample);
        char *p = arena_alloc(cx->eval->arena, bytes);
        memcpy(p, &s->count, sizeof(int64_t));
        if (s->n) {
            memcpy(p + sizeof(int64_t), s->sample, s->n * sizeof(GkSample));
        }
        bufs[i] = view_of(p, bytes);
    }
    return FB_OK;
}

static fb_status gk_load(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *cols,
                         uint32_t n, fb_error *err)
{
    (void)agg;
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        GkState *s = gk_of(state[i]);
        *s = (GkState){0};
        if (!vec_is_valid(&cols[0], i)) {
            continue;
        }
        Str row = view_str(&VEC_AT(View, &cols[0], i));
        uint32_t count = (uint32_t)((row.n - sizeof(int64_t)) / sizeof(GkSample));
        memcpy(&s->count, row.p, sizeof(int64_t));
        GkSample *to = gk_spare(s, count ? count : 1, cx->keep);
        if (count) {
            memcpy(to, row.p + sizeof(int64_t), count * sizeof(GkSample));
        }
        gk_swap(s, count);
    }
    return FB_OK;
}

const AggDef agg_quantile = {gk_size,   gk_buffers, gk_update, gk_merge,
                             gk_finish, gk_store,   gk_load};

/* ---- binding ---- */

static fb_status out_of_range(BindCtx *cx, const Expr *call, const char *name, const char *range,
                              const Vec *v, uint32_t i, fb_error *err)
{
    StrBuf text = {0};
    literal_sql(cx->tz, v, i, &text);
    return err_set(err, ERR_DATATYPE_MISMATCH_VALUE_OUT_OF_RANGE, "exprName", name, "valueRange",
                   range, "currentValue", strbuf_arena(&text, cx->arena), "sqlExpr",
                   bind_sql(cx, call), NULL);
}

static fb_status unexpected_null(BindCtx *cx, const Expr *call, const char *name, fb_error *err)
{
    return err_set(err, ERR_DATATYPE_MISMATCH_UNEXPECTED_NULL, "exprName", name, "sqlExpr",
                   bind_sql(cx, call), NULL);
}

static fb_status not_foldable(BindCtx *cx, const Expr *call, uint32_t i, const char *name,
                              const char *type, fb_error *err)
{
    return err_set(err, ERR_DATATYPE_MISMATCH_NON_FOLDABLE_INPUT, "inputName", name, "inputType",
                   type, "inputExpr", bind_sql(cx, call->args[i]), "sqlExpr", bind_sql(cx, call),
                   NULL);
}

/* The argument as a double or an array of doubles. */
static fb_status percentage_type(BindCtx *cx, Expr *call, uint32_t i, fb_error *err)
{
    const Type *t = call->args[i]->type;
    static const char required[] = "(\"DOUBLE\" or \"ARRAY<DOUBLE>\")";
    if (t->id != T_ARRAY) {
        if (!type_is_numeric(t) && t->id != T_STRING && t->id != T_NULL) {
            return bind_type_error(cx, call, i, required, err);
        }
        call->args[i] = bind_cast_expr(cx, call->args[i], type_double);
        return FB_OK;
    }
    const Type *e = t->fields[0].type;
    bool empty = e->id == T_NULL && !t->fields[0].nullable;
    if ((!type_is_numeric(e) && !empty) || t->fields[0].nullable) {
        return bind_type_error(cx, call, i, required, err);
    }
    call->args[i] = bind_cast_expr(cx, call->args[i], type_array(type_double, false));
    return FB_OK;
}

fb_status bind_percentages(BindCtx *cx, Expr *call, uint32_t i, Percentages *ret, fb_error *err)
{
    Vec v;
    TRY(percentage_type(cx, call, i, err));
    bool array = call->args[i]->type->id == T_ARRAY;
    if (!expr_is_foldable(call->args[i])) {
        return not_foldable(cx, call, i, "`percentage`", array ? "\"ARRAY<DOUBLE>\"" : "\"DOUBLE\"",
                            err);
    }
    TRY(bind_fold(cx, call->args[i], &v, err));
    if (!vec_is_valid(&v, 0)) {
        return unexpected_null(cx, call, "percentage", err);
    }
    const Vec *values = array ? &v.child[0] : &v;
    uint32_t from = array ? VEC_DATA(uint32_t, &v)[0] : 0;
    uint32_t n = array ? VEC_DATA(uint32_t, &v)[1] - from : 1;
    double *p = ARENA_ARRAY(cx->arena, double, n + 1);
    for (uint32_t k = 0; k < n; k++) {
        p[k] = VEC_AT(double, values, from + k);
        if (!(p[k] >= 0.0 && p[k] <= 1.0)) {
            return out_of_range(cx, call, "percentage", "[0.0, 1.0]", values, from + k, err);
        }
    }
    *ret = (Percentages){p, n, array};
    return FB_OK;
}

static fb_status accuracy_of(BindCtx *cx, Expr *call, double *ret, fb_error *err)
{
    Vec v;
    const Expr *e = call->args[2];
    if (!type_is_integral(e->type) && e->type->id != T_NULL && e->type->id != T_STRING) {
        return bind_type_error(cx, call, 2, "\"INTEGRAL\"", err);
    }
    if (!expr_is_foldable(e)) {
        return not_foldable(cx, call, 2, "`accuracy`", bind_type_sql(cx, e->type), err);
    }
    TRY(bind_fold(cx, bind_cast_expr(cx, call->args[2], type_long), &v, err));
    if (!vec_is_valid(&v, 0)) {
        return unexpected_null(cx, call, "accuracy", err);
    }
    int64_t accuracy = VEC_AT(int64_t, &v, 0);
    if (accuracy <= 0 || accuracy > INT32_MAX) {
        return out_of_range(cx, call, "accuracy", "(0, 2147483647]", &v, 0, err);
    }
    *ret = 1.0 / (double)accuracy;
    return FB_OK;
}

static void quantile_done(BindCtx *cx, Expr *call, const Percentages *p, double error,
                          const Type *value, QuantileOp **ret)
{
    QuantileOp *op = ARENA_NEW(cx->arena, QuantileOp);
    *op = (QuantileOp){.error = error, .p = p->p, .n_p = p->n, .is_array = p->is_array};
    op->compress_at = GK_COMPRESS;
    call->fn_data = op;
    call->type = p->is_array ? type_array(value, false) : value;
    call->nullable = true;
    *ret = op;
}

fb_status bind_percentile_approx(BindCtx *cx, Expr *call, fb_error *err)
{
    Percentages p;
    QuantileOp *op;
    double error = 0;
    if (call->n_args == 2) {
        bind_add_arg(cx, call, expr_literal_int(cx->arena, type_int, GK_ACCURACY));
    }
    const Type *t = call->args[0]->type;
    if (t->id == T_STRING || t->id == T_NULL) {
        call->args[0] = bind_cast_expr(cx, call->args[0], type_double);
        t = type_double;
    }
    if (!type_is_numeric(t) && t->id != T_DATE && t->id != T_TIMESTAMP &&
        t->id != T_TIMESTAMP_NTZ && t->id != T_INTERVAL_YM && t->id != T_INTERVAL_DT) {
        return bind_type_error(cx, call, 0,
                               "(\"NUMERIC\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP_NTZ\" or "
                               "\"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\" or "
                               "\"TIME\")",
                               err);
    }
    TRY(bind_percentages(cx, call, 1, &p, err));
    TRY(accuracy_of(cx, call, &error, err));
    quantile_done(cx, call, &p, error, t, &op);
    double most = trunc(1.0 / error) * 4.0; /* of a compressed summary, twice over */
    op->compress_at = most < GK_COMPRESS ? (uint32_t)most : GK_COMPRESS;
    return FB_OK;
}

/* DataFrame.stat.approxQuantile: (value, array of probabilities, relative error). */
fb_status bind_approx_quantiles(BindCtx *cx, Expr *call, fb_error *err)
{
    Percentages p;
    QuantileOp *op;
    Vec v;
    call->args[0] = bind_cast_expr(cx, call->args[0], type_double);
    TRY(bind_percentages(cx, call, 1, &p, err));
    TRY(bind_fold(cx, call->args[2], &v, err));
    quantile_done(cx, call, &p, VEC_AT(double, &v, 0), type_double, &op);
    op->empty_is_array = true;
    call->nullable = false;
    return FB_OK;
}
