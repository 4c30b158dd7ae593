/*
 * relation_sample.c - sampleBy: rows are kept with the probability that is given for their stratum,
 * and not at all without one.
 *
 * It is a filter: rand(seed) < CASE WHEN col = stratum THEN fraction … ELSE 0 END.
 */
#include "connect/convert.h"

static Expr *call2(Convert *c, const char *name, Expr *a, Expr *b)
{
    Expr **args = ARENA_ARRAY(c->arena, Expr *, 2);
    args[0] = a;
    args[1] = b;
    return expr_unresolved_func(c->arena, name, args, 2);
}

fb_status convert_sample_by(Convert *c, const SC(StatSampleBy) * in, Plan *input, Plan **ret,
                            fb_error *err)
{
    Expr *column, **args = ARENA_ARRAY(c->arena, Expr *, in->n_fractions * 2 + 1);
    uint32_t n = 0;
    TRY(convert_expr(c, in->col, &column, err));
    for (size_t i = 0; i < in->n_fractions; i++) {
        Expr *stratum;
        TRY(convert_literal(c, in->fractions[i]->stratum, &stratum, err));
        args[n++] = call2(c, "<=>", column, stratum);
        args[n++] = expr_literal_double(c->arena, type_double, in->fractions[i]->fraction);
    }
    args[n++] = expr_literal_double(c->arena, type_double, 0);
    Expr *share = n == 1 ? args[0] : expr_unresolved_func(c->arena, "when", args, n);
    Expr **seed = ARENA_ARRAY(c->arena, Expr *, 1);
    seed[0] = expr_literal_int(c->arena, type_long, in->seed);
    Plan *p = plan_new(c->arena, P_FILTER, 1, input);
    p->exprs = ARENA_ARRAY(c->arena, Expr *, 1);
    p->n_exprs = 1;
    p->exprs[0] =
        call2(c, "<", expr_unresolved_func(c->arena, "rand", seed, in->has_seed ? 1 : 0), share);
    *ret = p;
    return FB_OK;
}
