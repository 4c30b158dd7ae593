/*
 * resolve_partition.c - repartition, coalesce, their hints, and sample.
 *
 * The hints COALESCE, REPARTITION, REPARTITION_BY_RANGE and REBALANCE become the operators they
 * stand for; other hints (how to join) do not change what a query answers.
 */
#include "plan/analyzer_priv.h"

#include "base/clock.h"
#include "column/number.h"

static fb_status check_count(AnalyzeCtx *cx, int64_t n, fb_error *err)
{
    if (n > 0) {
        return FB_OK;
    }
    return err_set(
        err, ERR_LEGACY_REQUIREMENT, "message",
        arena_printf(cx->arena, "Number of partitions (%lld) must be positive.", (long long)n),
        NULL);
}

static Plan *passing(AnalyzeCtx *cx, PlanKind kind, Plan *child)
{
    Plan *p = plan_new(cx->arena, kind, 1, child);
    p->streaming = child->streaming;
    p->out = child->out;
    p->n_out = child->n_out;
    return p;
}

/* All of the keys say a direction, or none does: ranges, or hashes. */
static fb_status check_keys(const Plan *p, fb_error *err)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        n += p->exprs[i]->kind == E_SORT_ORDER;
    }
    if (n == 0 || n == p->n_exprs) {
        return FB_OK;
    }
    return err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                   "Partition expressions have to be all sort orders, or none of them.", NULL);
}

static fb_status partition_by(AnalyzeCtx *cx, Plan *p, Expr *const *in, uint32_t n, fb_error *err)
{
    Scope s = scope_of(p->child, 1, cx->arena);
    p->exprs = ARENA_ARRAY(cx->arena, Expr *, n);
    p->n_exprs = n;
    for (uint32_t i = 0; i < n; i++) {
        TRY(resolve_expr(cx, &s, in[i], &p->exprs[i], err));
    }
    return check_keys(p, err);
}

fb_status resolve_repartition(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret,
                              fb_error *err)
{
    Plan *p = passing(cx, P_REPARTITION, child);
    p->n = in->n;
    p->shuffle = in->shuffle;
    p->adaptive = in->n_exprs > 0 && in->n == 0;
    p->start = in->start;
    p->stop = in->stop;
    if (!p->adaptive) {
        TRY(check_count(cx, in->n, err));
    }
    *ret = p;
    return partition_by(cx, p, in->exprs, in->n_exprs, err);
}

/* ---- hints ---- */

/* An int literal, as wide as a number of partitions may be. */
static bool is_count(const Expr *e, int64_t *ret)
{
    if (e->kind == E_UNRESOLVED_FUNC && e->n_args == 1 && strcmp(e->name, "negative") == 0 &&
        is_count(e->args[0], ret)) {
        *ret = -*ret;
        return true;
    }
    if (e->kind != E_LITERAL || e->type != type_int || !vec_is_valid(e->value, 0)) {
        return false;
    }
    *ret = VEC_AT(int32_t, e->value, 0);
    return true;
}

/* A column, or its name as a string. */
static fb_status hint_column(AnalyzeCtx *cx, Expr *e, Expr **ret, fb_error *err)
{
    *ret = e->kind == E_UNRESOLVED_ATTR ? e : NULL;
    if (e->kind == E_LITERAL && e->type->id == T_STRING && vec_is_valid(e->value, 0)) {
        TRY(expr_unresolved_attr(cx->arena, view_str(VEC_DATA(View, e->value)), ret, err));
    }
    return FB_OK;
}

static fb_status bad_parameters(AnalyzeCtx *cx, const char *hint, const StrBuf *list, fb_error *err)
{
    const char *text = arena_strndup(cx->arena, list->p, list->n);
    return err_set(err, ERR_LEGACY_1047, "hintName", hint, "invalidParams", text, NULL);
}

/* The columns of a hint into p. */
static fb_status hint_columns(AnalyzeCtx *cx, const char *hint, Plan *p, Expr *const *in,
                              uint32_t n, bool range, fb_error *err)
{
    Expr **key = ARENA_ARRAY(cx->arena, Expr *, n);
    StrBuf bad = {0};
    for (uint32_t i = 0; i < n; i++) {
        bool ordered = range && in[i]->kind == E_SORT_ORDER;
        TRY(hint_column(cx, ordered ? in[i]->args[0] : in[i], &key[i], err));
        if (!key[i]) {
            strbuf_puts(&bad, bad.n ? ", \"" : "\"");
            expr_sql(in[i], &bad);
            strbuf_putc(&bad, '"');
        } else if (ordered) {
            key[i] = in[i];
        } else if (range) {
            Expr *o = expr_new(cx->arena, E_SORT_ORDER, 1);
            o->args[0] = key[i];
            o->nulls_first = true;
            key[i] = o;
        }
    }
    fb_status st = bad.n ? bad_parameters(cx, hint, &bad, err) : partition_by(cx, p, key, n, err);
    strbuf_free(&bad);
    return st;
}

fb_status resolve_hint(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    bool coalesce = cstr_eq_nocase(in->name, "COALESCE");
    bool rebalance = cstr_eq_nocase(in->name, "REBALANCE");
    bool range = cstr_eq_nocase(in->name, "REPARTITION_BY_RANGE");
    *ret = child;
    if (!coalesce && !rebalance && !range && !cstr_eq_nocase(in->name, "REPARTITION")) {
        return FB_OK;
    }
    const char *name = coalesce    ? "COALESCE"
                       : rebalance ? "REBALANCE"
                       : range     ? "REPARTITION_BY_RANGE"
                                   : "REPARTITION";
    Plan *p = passing(cx, P_REPARTITION, child);
    bool counted = in->n_exprs > 0 && is_count(in->exprs[0], &p->n);
    if (coalesce && (!counted || in->n_exprs > 1)) {
        return err_set(err, ERR_LEGACY_1048, "hintName", name, NULL);
    }
    if (counted) {
        TRY(check_count(cx, p->n, err));
    }
    p->shuffle = !coalesce;
    p->adaptive = rebalance || !counted;
    *ret = p;
    return hint_columns(cx, name, p, in->exprs + counted, in->n_exprs - counted, range, err);
}

/* ---- sample ---- */

#define ROUNDING 1e-6
#define POISSON_MAX 40 /* means from here on are drawn in another way */

static fb_status check_fraction(AnalyzeCtx *cx, const Plan *in, fb_error *err)
{
    double fraction = in->sample_upper - in->sample_lower;
    if (in->with_replacement && fraction >= POISSON_MAX) {
        return err_unsupported(err, "a sample with replacement and a fraction of %d or more",
                               POISSON_MAX);
    }
    bool fits = fraction >= -ROUNDING && (in->with_replacement || fraction <= 1 + ROUNDING);
    if (fits) {
        return FB_OK;
    }
    char text[NUM_F64_TEXT_MAX];
    size_t n = num_format_f64(fraction, text);
    return err_set(
        err, ERR_LEGACY_REQUIREMENT, "message",
        arena_printf(cx->arena,
                     in->with_replacement
                         ? "Sampling fraction (%s) must be nonnegative with replacement"
                         : "Sampling fraction (%s) must be on interval [0, 1] without replacement",
                     arena_strndup(cx->arena, text, n)),
        NULL);
}

/* Parts of a random split must not overlap, so each looks at the rows of a partition in the same
 * order: that of all columns which have one. */
static Plan *in_fixed_order(AnalyzeCtx *cx, Plan *child)
{
    Plan *p = passing(cx, P_SORT, child);
    p->exprs = ARENA_ARRAY(cx->arena, Expr *, child->n_out);
    for (uint32_t i = 0; i < child->n_out; i++) {
        if (type_is_orderable(child->out[i].type)) {
            Expr *o = expr_new(cx->arena, E_SORT_ORDER, 1);
            o->args[0] = ref_of_attr(cx, &child->out[i]);
            o->type = o->args[0]->type;
            o->nulls_first = true;
            p->exprs[p->n_exprs++] = o;
        }
    }
    return p->n_exprs ? p : child;
}

fb_status resolve_sample(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    TRY(check_fraction(cx, in, err));
    if (in->all) {
        child = in_fixed_order(cx, child);
    }
    Plan *p = passing(cx, P_SAMPLE, child);
    p->sample_lower = in->sample_lower;
    p->sample_upper = in->sample_upper;
    p->with_replacement = in->with_replacement;
    p->sample_seed = in->has_seed ? in->sample_seed : (int64_t)random_u64();
    p->has_seed = true;
    p->start = in->start;
    p->stop = in->stop;
    *ret = p;
    return FB_OK;
}
