/*
 * kernel.h - what the families of functions in this folder share.
 *
 * Ownership: everything allocated here comes from cx->arena (kernels) or the plan's arena
 * (binders).
 */
#ifndef EXPR_KERNEL_H
#define EXPR_KERNEL_H

#include "base/budget.h"
#include "expr/builtins.h"

#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))

/* Data for out->len values of out->type; keeps out->valid, which the caller of a kernel has set. */
static inline void *kernel_alloc(EvalCtx *cx, Vec *out)
{
    size_t n = out->len ? out->len : 1;
    out->data = arena_alloc(cx->arena, mem_mul(n, type_width(out->type)));
    return out->data;
}

/* For kernels that make much of little: room for count values of width bytes in cx->arena, or
 * UNABLE_TO_ACQUIRE_MEMORY. */
static inline fb_status eval_reserve(EvalCtx *cx, uint64_t count, size_t width, fb_error *err)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, width, &bytes)) {
        bytes = SIZE_MAX;
    }
    return arena_reserve(cx->arena, bytes) ? FB_OK : arena_check(cx->arena, err);
}

static inline bool bit_get(const uint64_t *bits, uint32_t i)
{
    return bits[i >> 6] >> (i & 63) & 1;
}
/* Row i of out, which is flat, becomes null. */
static inline void kernel_null(EvalCtx *cx, Vec *out, uint32_t i)
{
    if (!out->valid) {
        out->valid = vec_new_validity(cx->arena, out->len, true);
    }
    out->valid[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}
/* Whether row i of the result under way is still wanted: kernels raise no error for others. */
static inline bool kernel_wants(const Vec *out, uint32_t i)
{
    return !out->valid || bit_get(out->valid, i);
}

/* used[c] = true for the columns of a batch of n_cols that e reads; e is in a lambda of n_params
 * parameters, which are not of that batch. */
void expr_mark_columns(const Expr *e, uint32_t n_params, uint32_t n_cols, bool *used);
/* Evaluates e on n rows of in (ascending or not) only; out has n rows. rows NULL: all of them. */
fb_status eval_rows(EvalCtx *cx, const Expr *e, const Batch *in, const uint32_t *rows, uint32_t n,
                    Vec *out, fb_error *err);
/* A vector of strings, or a copy with U+FFFD for what is no UTF-8; see FN_JAVA_STRINGS. */
Vec eval_valid_strings(EvalCtx *cx, const Vec *v, bool java);
/* The one row of v stands for n rows from now on; the children of structs are copied into a. */
void vec_make_const(Vec *v, uint32_t n, Arena *a);
/* Whether evaluating e where it is not needed is harmless and cheap. */
bool expr_is_cheap(const Expr *e);
int64_t f64_to_i64_saturating(double x); /* as Java's (long): NaN is 0 */
/* rows = the rows of the boolean vector that are true, or for want false: not true. */
uint32_t vec_true_rows(const Vec *v, bool want, uint32_t n, uint32_t *rows);

/* Value i as a SQL literal, as messages quote values: 'x', 1L, 1.5BD, DATE '2024-01-01'. */
void literal_sql(const struct TimeZone *tz, const Vec *v, uint32_t i, StrBuf *out);

/* ---- binding ---- */
fb_status bind_diff_types(BindCtx *cx, const Expr *call, fb_error *err); /* BINARY_OP_DIFF_TYPES */
/* DATATYPE_MISMATCH.DATA_DIFF_TYPES of n expressions that have no common type. */
fb_status bind_data_diff_types(BindCtx *cx, const Expr *call, Expr *const *es, uint32_t n,
                               const char *function, fb_error *err);
fb_status bind_arity_error(const char *name, int min, int max, uint32_t actual, fb_error *err);
/* Puts replacement in the place of call, which column names go on to show as it was written: for
 * functions that are defined by others (Spark's RuntimeReplaceable). */
void bind_replace(BindCtx *cx, Expr *call, Expr *replacement);
/* A bound call of the named function. */
fb_status bind_call(BindCtx *cx, const char *name, Expr **args, uint32_t n, Expr **ret,
                    fb_error *err);
char *bind_sql(BindCtx *cx, const Expr *e); /* "expr" in double quotes, as messages quote it */
int64_t literal_int(const Expr *e);         /* of an integer literal that is not null */
bool bind_is_null_literal(const Expr *e);

#endif
