/*
 * fn_random.c - functions whose values depend on where a row is: rand, randn, uniform, randstr,
 * uuid, shuffle, monotonically_increasing_id, spark_partition_id, distributed_sequence_id.
 *
 * A generator is seeded by the seed and the number of the partition, and goes on through the
 * partition, from batch to batch: a worker keeps it by call (eval_keep) and begins anew when the
 * partition or the run is another one. Pipelines with such calls run by partition
 * (exec/partition.h), so that the rows of a partition come to one worker, in order. Numbers are
 * Spark's, except that in a stream each batch has other ones, as there.
 */
#include "base/clock.h"
#include "base/random.h"
#include "expr/fn_array.h"
#include "expr/java_math.h"

#include <math.h>

typedef struct PartState {
    uint64_t run;
    uint32_t partition;
    double next_normal; /* the second of a pair, if has_next */
    bool has_next;
    union {
        XorShift plain;
        Twister twister;
        uint64_t count;
    };
} PartState;

/* What the call has of the partition; *ret_fresh: nothing yet. */
static PartState *state_of(EvalCtx *cx, const Expr *call, bool *ret_fresh)
{
    PartState *s = eval_kept(cx, call);
    if (!s) {
        s = mem_zalloc(sizeof(*s));
        if (!eval_keep(cx, call, s, mem_free)) {
            mem_free(s);
            s = ARENA_NEW(cx->arena, PartState);
        }
        s->run = cx->run + 1; /* not this one */
    }
    *ret_fresh = s->run != cx->run || s->partition != cx->partition;
    s->run = cx->run;
    s->partition = cx->partition;
    return s;
}

static int64_t seed_here(const EvalCtx *cx, const Expr *call)
{
    const int64_t *seed = call->fn_data;
    return (int64_t)((uint64_t)*seed + cx->reseed + cx->partition);
}

static PartState *seeded_state(EvalCtx *cx, const Expr *call)
{
    bool fresh;
    PartState *s = state_of(cx, call, &fresh);
    if (fresh) {
        xorshift_seed(&s->plain, seed_here(cx, call));
        s->has_next = false;
    }
    return s;
}

static XorShift *plain_of(EvalCtx *cx, const Expr *call)
{
    return &seeded_state(cx, call)->plain;
}

static Twister *twister_of(EvalCtx *cx, const Expr *call)
{
    bool fresh;
    PartState *s = state_of(cx, call, &fresh);
    if (fresh) {
        twister_seed(&s->twister, seed_here(cx, call));
    }
    return &s->twister;
}

/* ---- seeds ---- */

static void set_seed(BindCtx *cx, Expr *call, int64_t seed)
{
    int64_t *data = ARENA_NEW(cx->arena, int64_t);
    *data = seed;
    call->fn_data = data;
}

static void set_random_seed(BindCtx *cx, Expr *call)
{
    set_seed(cx, call, (int64_t)random_u64());
}

static int64_t integral_value(const Vec *v)
{
    switch (v->type->id) {
    case T_SHORT:
        return VEC_AT(int16_t, v, 0);
    case T_INT:
        return VEC_AT(int32_t, v, 0);
    default:
        return VEC_AT(int64_t, v, 0);
    }
}

/* Argument i is an integer that is known now, or null, which is 0. */
static fb_status bind_seed(BindCtx *cx, Expr *call, uint32_t i, fb_error *err)
{
    Vec v;
    const Expr *e = call->args[i];
    if (!expr_is_foldable(e)) {
        return err_set(err, ERR_SEED_EXPRESSION_IS_UNFOLDABLE, "seedExpr", bind_sql(cx, e),
                       "exprWithSeed", bind_sql(cx, call), NULL);
    }
    if (e->type->id == T_NULL) {
        set_seed(cx, call, 0);
        return FB_OK;
    }
    if (e->type->id != T_INT && e->type->id != T_LONG && e->type->id != T_SHORT) {
        return bind_type_error(cx, call, i, "(\"INT\" or \"BIGINT\")", err);
    }
    TRY(bind_fold(cx, e, &v, err));
    set_seed(cx, call, vec_is_valid(&v, 0) ? integral_value(&v) : 0);
    return FB_OK;
}

/* The last argument, which the call's name does not show: a literal, or null for none. */
static fb_status take_hidden_seed(BindCtx *cx, Expr *call, uint32_t i, const char *function,
                                  fb_error *err)
{
    if (call->n_args <= i || call->args[i]->type->id == T_NULL) {
        set_random_seed(cx, call);
    } else if (expr_is_foldable(call->args[i]) &&
               (call->args[i]->type->id == T_INT || call->args[i]->type->id == T_LONG)) {
        TRY(bind_seed(cx, call, i, err));
    } else {
        return err_set(err, ERR_INVALID_PARAMETER_VALUE_LONG, "parameter", "`seed`", "functionName",
                       function, "invalidValue", bind_sql(cx, call->args[i]), NULL);
    }
    call->n_args = call->n_args > i ? i : call->n_args;
    return FB_OK;
}

/* ---- rand, randn ---- */

KERNEL(fn_rand)
{
    double *data = kernel_alloc(cx, out);
    XorShift *r = plain_of(cx, call);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = xorshift_double(r);
    }
    return FB_OK;
}

static double next_normal(PartState *p) /* Marsaglia's polar method */
{
    if (p->has_next) {
        p->has_next = false;
        return p->next_normal;
    }
    double a, b, s;
    do {
        a = 2 * xorshift_double(&p->plain) - 1;
        b = 2 * xorshift_double(&p->plain) - 1;
        s = a * a + b * b;
    } while (s >= 1 || s == 0);
    double scale = sqrt(-2 * java_log(s) / s);
    p->next_normal = b * scale;
    p->has_next = true;
    return a * scale;
}

KERNEL(fn_randn)
{
    double *data = kernel_alloc(cx, out);
    PartState *s = seeded_state(cx, call);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = next_normal(s);
    }
    return FB_OK;
}

BINDER(bind_rand)
{
    if (call->n_args == 1) {
        TRY(bind_seed(cx, call, 0, err));
    } else {
        set_random_seed(cx, call);
    }
    call->type = type_double;
    call->nullable = false;
    return FB_OK;
}

/* ---- uniform(min, max[, seed]) ---- */

typedef struct Uniform {
    int64_t seed; /* first: seed_here() reads it */
    bool null;
    double min, span;
} Uniform;

KERNEL(fn_uniform)
{
    const Uniform *u = call->fn_data;
    Vec v;
    if (u->null) {
        vec_init_null(out, call->type, n, cx->arena);
        return FB_OK;
    }
    vec_init(&v, type_double, n, cx->arena);
    XorShift *r = plain_of(cx, call);
    for (uint32_t i = 0; i < n; i++) {
        VEC_DATA(double, &v)[i] = u->min + u->span * xorshift_double(r);
    }
    return cast_vec(cx, &v, call->type, EVAL_ANSI, out, err);
}

/* The wider of two numeric types as uniform sees them: an integer of the larger size, a fraction
 * before any integer. */
static const Type *uniform_type(const Type *a, const Type *b)
{
    static const TypeId order[] = {T_DOUBLE, T_FLOAT, T_DECIMAL, T_LONG, T_INT, T_SHORT, T_BYTE};
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (a->id == order[i] || b->id == order[i]) {
            return a->id == order[i] ? a : b;
        }
    }
    return type_double;
}

static fb_status uniform_bound(BindCtx *cx, Expr *call, uint32_t i, double *ret, bool *ret_null,
                               fb_error *err)
{
    Vec v;
    Expr *e = call->args[i];
    if (!expr_is_foldable(e)) {
        return bind_non_foldable_as(cx, call, i, i ? "max" : "min", "integer or floating-point",
                                    err);
    }
    if (e->type->id == T_NULL) {
        *ret_null = true;
        return FB_OK;
    }
    if (!type_is_numeric(e->type)) {
        return bind_type_error(cx, call, i, "NUMERIC", err);
    }
    TRY(bind_fold(cx, bind_cast_expr(cx, e, type_double), &v, err));
    *ret_null |= !vec_is_valid(&v, 0);
    *ret = VEC_AT(double, &v, 0);
    return FB_OK;
}

BINDER(bind_uniform)
{
    double min = 0, max = 0;
    bool null = false;
    const Type *t = uniform_type(call->args[0]->type, call->args[1]->type);
    TRY(uniform_bound(cx, call, 0, &min, &null, err));
    TRY(uniform_bound(cx, call, 1, &max, &null, err));
    if (call->n_args == 3) {
        TRY(bind_seed(cx, call, 2, err));
    } else {
        set_random_seed(cx, call);
    }
    Uniform *u = ARENA_NEW(cx->arena, Uniform);
    *u = (Uniform){*(const int64_t *)call->fn_data, null, min, max - min};
    call->fn_data = u;
    call->type = null ? type_double : t;
    call->nullable = false; /* as Spark says, null or not */
    return FB_OK;
}

/* ---- randstr(length[, seed]) ---- */

typedef struct RandStr {
    int64_t seed; /* first: seed_here() reads it */
    uint32_t length;
} RandStr;

KERNEL(fn_randstr)
{
    static const char pool[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    uint32_t length = ((const RandStr *)call->fn_data)->length;
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    XorShift *r = plain_of(cx, call);
    for (uint32_t i = 0; i < n; i++) {
        TRY(str_out_reserve(&o, length, err));
        for (uint32_t k = 0; k < length; k++) {
            int32_t v = (int32_t)xorshift_bits(r, 32) % 62;
            o.p[k] = pool[v < 0 ? -v : v];
        }
        data[i] = str_out_take(&o, length);
    }
    return FB_OK;
}

BINDER(bind_randstr)
{
    Vec v;
    if (!expr_is_foldable(call->args[0])) {
        return bind_non_foldable_as(cx, call, 0, "length", "integer", err);
    }
    TRY(bind_cast(cx, call, 0, type_int, err));
    TRY(bind_fold(cx, call->args[0], &v, err));
    int32_t length = vec_is_valid(&v, 0) ? VEC_AT(int32_t, &v, 0) : 0;
    if (length < 0) {
        return err_set(err, ERR_DATATYPE_MISMATCH_VALUE_OUT_OF_RANGE, "exprName", "`length`",
                       "valueRange", "[0, 2147483647]", "currentValue",
                       arena_printf(cx->arena, "%d", length), "sqlExpr", bind_sql(cx, call), NULL);
    }
    if (call->n_args == 2) {
        TRY(bind_seed(cx, call, 1, err));
    } else {
        set_random_seed(cx, call);
    }
    RandStr *s = ARENA_NEW(cx->arena, RandStr);
    *s = (RandStr){*(const int64_t *)call->fn_data, (uint32_t)length};
    call->fn_data = s;
    call->type = type_string;
    call->nullable = false;
    return FB_OK;
}

/* ---- uuid([seed]) ---- */

static void put_hex(char *to, uint64_t x, uint32_t digits)
{
    for (uint32_t i = digits; i-- > 0; x >>= 4) {
        to[i] = "0123456789abcdef"[x & 15];
    }
}

KERNEL(fn_uuid)
{
    View *data = kernel_alloc(cx, out);
    char *text = arena_alloc(cx->arena, mem_mul((size_t)n + 1, 36));
    Twister *t = twister_of(cx, call);
    for (uint32_t i = 0; i < n; i++, text += 36) {
        uint64_t high = (uint64_t)twister_long(t), low = (uint64_t)twister_long(t);
        high = (high & ~UINT64_C(0xF000)) | UINT64_C(0x4000); /* version 4 */
        low = (low | UINT64_C(1) << 63) & ~(UINT64_C(1) << 62);
        memcpy(text, "--------", 8);
        put_hex(text, high >> 32, 8);
        text[8] = text[13] = text[18] = text[23] = '-';
        put_hex(text + 9, high >> 16, 4);
        put_hex(text + 14, high, 4);
        put_hex(text + 19, low >> 48, 4);
        put_hex(text + 24, low, 12);
        data[i] = view_of(text, 36);
    }
    return FB_OK;
}

BINDER(bind_uuid)
{
    TRY(take_hidden_seed(cx, call, 0, "`UUID`", err));
    call->type = type_string;
    call->nullable = false;
    return FB_OK;
}

/* ---- shuffle(array[, seed]) ---- */

KERNEL(fn_shuffle)
{
    const Vec *v = &args[0];
    ListOut o = list_out(cx, n);
    Twister *t = twister_of(cx, call);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t from = vec_is_valid(v, i) ? list_from(v, i) : 0;
        uint32_t len = vec_is_valid(v, i) ? list_to(v, i) - from : 0, base = o.n_elements;
        /* Fisher and Yates from the inside out: element k takes a place among the first k + 1. */
        for (uint32_t k = 0; k < len && !o.over; k++) {
            uint32_t at = (uint32_t)twister_below(t, (int32_t)(k + 1));
            list_out_push(&o, from + k);
            if (!o.over) {
                o.elements[base + k] = o.elements[base + at];
                o.elements[base + at] = from + k;
            }
        }
        list_out_end_row(&o, i);
    }
    list_out_finish(&o, &v->child[0], out);
    return FB_OK;
}

BINDER(bind_shuffle)
{
    TRY(take_hidden_seed(cx, call, 1, "`shuffle`", err));
    const Type *t = call->args[0]->type;
    if (t->id == T_NULL) {
        t = type_array(type_null, true);
        call->args[0] = bind_cast_expr(cx, call->args[0], t);
    }
    if (t->id != T_ARRAY) {
        return bind_type_error(cx, call, 0, "ARRAY", err);
    }
    return bind_done(call, t);
}

/* ---- numbers of rows and partitions ---- */

KERNEL(fn_spark_partition_id)
{
    int32_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (int32_t)cx->partition;
    }
    return FB_OK;
}

BINDER(bind_spark_partition_id)
{
    call->name = "SPARK_PARTITION_ID";
    call->type = type_int;
    call->nullable = false;
    return FB_OK;
}

static void number_rows(EvalCtx *cx, const Expr *call, bool in_partition, uint32_t n, Vec *out)
{
    int64_t *data = kernel_alloc(cx, out);
    bool fresh;
    uint64_t run = cx->run;
    PartState *s = eval_kept(cx, call);
    bool goes_on = s && s->run == run && !in_partition;
    s = state_of(cx, call, &fresh);
    s->count = fresh && !goes_on ? 0 : s->count;
    int64_t first = in_partition ? (int64_t)cx->partition << 33 : 0;
    for (uint32_t i = 0; i < n; i++) {
        data[i] = first + (int64_t)s->count++;
    }
}

KERNEL(fn_monotonically_increasing_id)
{
    number_rows(cx, call, true, n, out);
    return FB_OK;
}

KERNEL(fn_distributed_sequence_id)
{
    number_rows(cx, call, false, n, out);
    return FB_OK;
}

BINDER(bind_row_number_id)
{
    call->type = type_long;
    call->nullable = false;
    return FB_OK;
}
