/*
 * fn_cond.c - if, when/case, coalesce, nvl, ifnull, nvl2, nullif.
 *
 * "when" takes cond, value, cond, value, … and possibly an else, as Spark Connect sends it, and
 * becomes E_CASE; "if" evaluates its branches as a CASE does, so that neither raises an error for
 * rows of the other. coalesce goes from argument to argument with the rows that are still null.
 */
#include "expr/kernel.h"

/* The common type of the arguments from, from + step, …; each is cast to it. */
static fb_status cast_to_common(BindCtx *cx, Expr *call, const uint32_t *which, uint32_t n,
                                const char *function, const Type **ret, fb_error *err)
{
    Expr **es = ARENA_ARRAY(cx->arena, Expr *, n + 1);
    const Type *t = n ? call->args[which[0]]->type : type_null;
    bool same = true;
    for (uint32_t i = 0; i < n; i++) {
        es[i] = call->args[which[i]];
        same = same && es[i]->type == t;
    }
    if (!same) {
        t = bind_common_type(cx, es, n, true);
    }
    if (!t) {
        return bind_data_diff_types(cx, call, es, n, function, err);
    }
    for (uint32_t i = 0; i < n; i++) {
        call->args[which[i]] = bind_cast_expr(cx, es[i], t);
    }
    *ret = t;
    return FB_OK;
}

/* ---- when, if ---- */

static bool is_true(const Expr *e)
{
    return e->kind == E_LITERAL && vec_is_valid(e->value, 0) && VEC_DATA(uint8_t, e->value)[0];
}

fb_status bind_when(BindCtx *cx, Expr *call, fb_error *err)
{
    uint32_t n_pairs = call->n_args / 2, n_values = 0;
    uint32_t *values = ARENA_ARRAY(cx->arena, uint32_t, n_pairs + 1);
    call->kind = E_CASE;
    for (uint32_t k = 0; k < n_pairs; k++) {
        const Expr *cond = call->args[2 * k];
        if (cond->type->id != T_BOOLEAN) {
            return bind_type_error(cx, call, 2 * k, "BOOLEAN", err);
        }
        values[n_values++] = 2 * k + 1;
    }
    bool has_else = call->n_args % 2;
    if (has_else) {
        values[n_values++] = call->n_args - 1;
    }
    TRY(cast_to_common(cx, call, values, n_values, "casewhen", &call->type, err));
    call->fn = NULL;
    call->nullable = !has_else;
    for (uint32_t k = 0; k < n_values; k++) {
        bool last = k < n_pairs && is_true(call->args[2 * k]);
        call->nullable = (call->nullable && !last) || call->args[values[k]]->nullable;
        if (last) {
            break; /* what follows is never reached */
        }
    }
    return FB_OK;
}

fb_status bind_if(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *cond = call->args[0]->type;
    if (cond->id == T_NULL) {
        call->args[0] = bind_cast_expr(cx, call->args[0], type_boolean);
    } else if (cond->id != T_BOOLEAN) {
        return bind_type_error(cx, call, 0, "BOOLEAN", err);
    }
    TRY(cast_to_common(cx, call, (const uint32_t[]){1, 2}, 2, "if", &call->type, err));
    call->nullable = call->args[1]->nullable || call->args[2]->nullable;
    return FB_OK;
}

fb_status k_if(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err)
{
    Expr *as_case = expr_new(cx->arena, E_CASE, 3);
    for (uint32_t i = 0; i < 3; i++) {
        as_case->args[i] = call->args[i];
    }
    as_case->type = call->type;
    return expr_eval(cx, as_case, in, out, err);
}

/* ---- coalesce ---- */

fb_status bind_coalesce(BindCtx *cx, Expr *call, fb_error *err)
{
    uint32_t *all = ARENA_ARRAY(cx->arena, uint32_t, call->n_args);
    for (uint32_t i = 0; i < call->n_args; i++) {
        all[i] = i;
    }
    TRY(cast_to_common(cx, call, all, call->n_args, call->name, &call->type, err));
    call->nullable = true;
    for (uint32_t i = 0; i < call->n_args; i++) {
        call->nullable = call->nullable && call->args[i]->nullable;
    }
    return FB_OK;
}

#define COALESCE_MAX_PARTS 250 /* part numbers are bytes */

/* The state of a coalesce under way: as that of CASE in eval.c. */
typedef struct Coalesce {
    Vec *parts;
    uint32_t n_parts, n_left;
    uint8_t *part;
    uint32_t *row, *left;
} Coalesce;

static fb_status coalesce_step(EvalCtx *cx, Coalesce *s, const Expr *e, const Batch *in,
                               fb_error *err)
{
    Vec *v = &s->parts[s->n_parts];
    bool whole = s->n_left == in->n_rows || e->kind == E_COLUMN || expr_is_cheap(e);
    TRY(eval_rows(cx, e, in, whole ? NULL : s->left, s->n_left, v, err));
    uint32_t rest = 0;
    bool nulls = vec_may_have_nulls(v);
    for (uint32_t k = 0; k < s->n_left; k++) {
        uint32_t row = s->left[k], at = whole ? row : k;
        if (nulls && !vec_is_valid(v, at)) {
            s->left[rest++] = row;
        } else {
            s->part[row] = (uint8_t)s->n_parts;
            s->row[row] = at;
        }
    }
    s->n_left = rest;
    s->n_parts++;
    return FB_OK;
}

fb_status k_coalesce(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err)
{
    uint32_t n = in->n_rows;
    TRY(expr_eval(cx, call->args[0], in, out, err));
    if (!vec_may_have_nulls(out)) {
        return FB_OK;
    }
    Coalesce *s = ARENA_NEW(cx->arena, Coalesce);
    s->parts = ARENA_ARRAY(cx->arena, Vec, MIN_OF(call->n_args, COALESCE_MAX_PARTS) + 2);
    s->part = ARENA_ARRAY(cx->arena, uint8_t, n);
    s->row = ARENA_ARRAY(cx->arena, uint32_t, n);
    s->left = ARENA_ARRAY(cx->arena, uint32_t, n);
    vec_init_null(&s->parts[s->n_parts++], call->type, n, cx->arena);
    for (uint32_t i = 0; i < n; i++) {
        s->left[i] = i;
    }
    s->n_left = n;
    for (uint32_t k = 0; k < call->n_args && s->n_left > 0; k++) {
        TRY(coalesce_step(cx, s, call->args[k], in, err));
        if (s->n_parts == COALESCE_MAX_PARTS) {
            Vec *merged = ARENA_NEW(cx->arena, Vec);
            vec_interleave(merged, s->parts, s->part, s->row, n, cx->arena);
            s->parts[1] = *merged;
            s->n_parts = 2;
            for (uint32_t i = 0; i < n; i++) {
                s->part[i] = s->part[i] != 0;
                s->row[i] = i;
            }
        }
    }
    vec_interleave(out, s->parts, s->part, s->row, n, cx->arena);
    return FB_OK;
}

/* ---- nvl2, nullif: by if ---- */

fb_status bind_nvl2(BindCtx *cx, Expr *call, fb_error *err)
{
    Expr *test, *result;
    TRY(bind_call(cx, "isnotnull", call->args, 1, &test, err));
    TRY(bind_call(cx, "if", (Expr *[]){test, call->args[1], call->args[2]}, 3, &result, err));
    bind_replace(cx, call, result);
    return FB_OK;
}

fb_status bind_nullif(BindCtx *cx, Expr *call, fb_error *err)
{
    Expr *test, *result;
    Expr *null = expr_literal_null(cx->arena, call->args[0]->type);
    TRY(bind_call(cx, "=", call->args, 2, &test, err));
    TRY(bind_call(cx, "if", (Expr *[]){test, null, call->args[0]}, 3, &result, err));
    bind_replace(cx, call, result);
    return FB_OK;
}

static fb_status bind_with_zero(BindCtx *cx, Expr *call, const char *name, fb_error *err)
{
    Expr *result, *zero = expr_literal_int(cx->arena, type_int, 0);
    TRY(bind_call(cx, name, (Expr *[]){call->args[0], zero}, 2, &result, err));
    bind_replace(cx, call, result);
    return FB_OK;
}

fb_status bind_nullifzero(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_with_zero(cx, call, "nullif", err);
}

fb_status bind_zeroifnull(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_with_zero(cx, call, "coalesce", err);
}

fb_status bind_equal_null(BindCtx *cx, Expr *call, fb_error *err)
{
    Expr *result;
    TRY(bind_call(cx, "<=>", call->args, 2, &result, err));
    bind_replace(cx, call, result);
    return FB_OK;
}
