/*
 * resolve_grouping.c - GROUPING SETS, ROLLUP and CUBE.
 *
 * The input is expanded: each row comes once for every grouping set, with the grouping columns that
 * the set lacks set to null, and a number that tells which they are (bit i from the left is 1 when
 * the i-th grouping column is absent). The aggregate then groups by those columns, that number and
 * the set's position, which keeps equal sets apart. Aggregate functions read the original columns.
 */
#include "plan/analyzer_priv.h"

typedef struct Sets {
    AnalyzeCtx *cx;
    const Scope *scope;
    Expr *const *groups; /* resolved, over the child */
    uint32_t n_groups;
    Expr **keys; /* references to the expanded columns */
    Expr *id;    /* reference to the number */
    fb_error *err;
    fb_status st;
} Sets;

static fb_status call2(AnalyzeCtx *cx, const char *name, Expr *a, Expr *b, Expr **ret,
                       fb_error *err)
{
    Expr *args[2] = {a, b};
    return func_bind(&cx->bind, expr_unresolved_func(cx->arena, name, NULL, 0), args, 2, ret, err);
}

/* grouping(x): the bit of x in the number, as tinyint. */
static fb_status grouping_bit(Sets *s, const Expr *call, Expr **ret, fb_error *err)
{
    AnalyzeCtx *cx = s->cx;
    Expr *x;
    if (call->n_args != 1) {
        return err_set(err, ERR_WRONG_NUM_ARGS, "functionName", "`grouping`", "expectedNum", "1",
                       "actualNum", arena_printf(cx->arena, "%u", call->n_args), "docroot",
                       "https://spark.apache.org/docs/latest", NULL);
    }
    TRY(resolve_expr(cx, s->scope, call->args[0], &x, err));
    for (uint32_t i = 0; i < s->n_groups; i++) {
        if (expr_equal(s->groups[i], x)) {
            Expr *shifted, *bit;
            Expr *by = expr_literal_int(cx->arena, type_int, s->n_groups - 1 - i);
            TRY(call2(cx, "shiftright", s->id, by, &shifted, err));
            TRY(call2(cx, "&", shifted, expr_literal_int(cx->arena, type_long, 1), &bit, err));
            *ret = expr_cast(cx->arena, bit, type_byte, EVAL_LEGACY, false);
            (*ret)->nullable = false;
            return FB_OK;
        }
    }
    StrBuf b = {0};
    expr_sql(x, &b);
    return err_set(err, ERR_GROUPING_COLUMN_MISMATCH, "grouping",
                   arena_printf(cx->arena, "\"%s\"", strbuf_arena(&b, cx->arena)),
                   "groupingColumns", "the GROUP BY columns", NULL);
}

/* Replaces grouping() and grouping_id() in an unresolved expression by resolved ones. */
static Expr *replace_calls(Sets *s, const Expr *e)
{
    const char *fn = e->kind == E_UNRESOLVED_FUNC && e->n_parts ? e->parts[e->n_parts - 1] : "";
    Expr *out = NULL;
    if (s->st != FB_OK) {
        return (Expr *)e;
    }
    if (cstr_eq_nocase(fn, "grouping_id")) {
        return s->id;
    }
    if (cstr_eq_nocase(fn, "grouping")) {
        s->st = grouping_bit(s, e, &out, s->err);
        return out ? out : (Expr *)e;
    }
    Expr *copy = expr_copy(s->cx->arena, e);
    copy->args = ARENA_ARRAY(s->cx->arena, Expr *, e->n_args);
    for (uint32_t i = 0; i < e->n_args; i++) {
        copy->args[i] = replace_calls(s, e->args[i]);
    }
    return copy;
}

static bool is_grouping_call(const Expr *e)
{
    return e->kind == E_UNRESOLVED_FUNC && e->n_parts == 1 &&
           (cstr_eq_nocase(e->parts[0], "grouping") || cstr_eq_nocase(e->parts[0], "grouping_id"));
}

static Expr *replace_groups(const Sets *s, const Expr *e)
{
    if (e->kind == E_AGG) {
        return (Expr *)e; /* aggregates read what was there before the expansion */
    }
    for (uint32_t i = 0; i < s->n_groups; i++) {
        if (expr_equal(s->groups[i], e)) {
            return s->keys[i];
        }
    }
    Expr *copy = expr_copy(s->cx->arena, e);
    copy->args = ARENA_ARRAY(s->cx->arena, Expr *, e->n_args);
    for (uint32_t i = 0; i < e->n_args; i++) {
        copy->args[i] = replace_groups(s, e->args[i]);
    }
    return copy;
}

static Attr new_attr(const char *name, const Type *t, bool nullable)
{
    return (Attr){
        .id = attr_new_id(), .name = name, .type = t, .nullable = nullable, .watermark_us = -1};
}

/* child's columns, the keys (null where a set lacks them), the number, the position. */
static Plan *make_expand(AnalyzeCtx *cx, const Plan *in, Plan *child, Expr *const *groups,
                         uint32_t n_groups)
{
    uint32_t n = child->n_out + n_groups + 2;
    Plan *p = plan_new(cx->arena, P_EXPAND, 1, child);
    p->streaming = child->streaming;
    p->n_sets = in->n_sets;
    p->n_set_cols = n;
    p->n_out = n;
    p->out = ARENA_ARRAY(cx->arena, Attr, n);
    p->sets = ARENA_ARRAY(cx->arena, Expr *, (size_t)n * in->n_sets);
    for (uint32_t i = 0; i < child->n_out; i++) {
        p->out[i] = child->out[i];
    }
    for (uint32_t i = 0; i < n_groups; i++) {
        const char *name = groups[i]->kind == E_ATTR ? groups[i]->name : "_groupingexpression";
        p->out[child->n_out + i] = new_attr(name, groups[i]->type, true);
    }
    p->out[n - 2] = new_attr("spark_grouping_id", type_long, false);
    p->out[n - 1] = new_attr("_gen_grouping_pos", type_int, false);
    for (uint32_t s = 0; s < in->n_sets; s++) {
        Expr **row = p->sets + (size_t)s * n;
        uint64_t id = 0;
        for (uint32_t i = 0; i < child->n_out; i++) {
            row[i] = ref_of_attr(cx, &child->out[i]);
        }
        for (uint32_t i = 0; i < n_groups; i++) {
            bool present = in->set_masks[s] >> i & 1;
            row[child->n_out + i] =
                present ? groups[i] : expr_literal_null(cx->arena, groups[i]->type);
            id = id << 1 | !present;
        }
        row[n - 2] = expr_literal_int(cx->arena, type_long, (int64_t)id);
        row[n - 1] = expr_literal_int(cx->arena, type_int, s);
    }
    return p;
}

fb_status resolve_grouping_sets(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret_child,
                                Expr ***ret_groups, uint32_t *ret_n, Expr **ret_list, fb_error *err)
{
    Scope scope = scope_of(&child, 1, cx->arena);
    uint32_t n = in->n_groups;
    Expr **groups = ARENA_ARRAY(cx->arena, Expr *, n);
    for (uint32_t i = 0; i < n; i++) {
        TRY(resolve_expr(cx, &scope, in->groups[i], &groups[i], err));
    }
    Plan *expand = make_expand(cx, in, child, groups, n);
    Sets s = {.cx = cx, .scope = &scope, .groups = groups, .n_groups = n, .err = err};
    Expr **keys = ARENA_ARRAY(cx->arena, Expr *, n + 2);
    for (uint32_t i = 0; i < n + 2; i++) {
        keys[i] = ref_of_attr(cx, &expand->out[child->n_out + i]);
    }
    s.keys = keys;
    s.id = keys[n];
    for (uint32_t i = 0; i < in->n_exprs; i++) {
        const Expr *item = in->exprs[i];
        Expr *e = replace_calls(&s, item);
        TRY(s.st);
        if (is_grouping_call(item)) {
            StrBuf b = {0};
            expr_name(item, &b);
            e = expr_alias(cx->arena, e, strbuf_arena(&b, cx->arena));
        }
        if (e->kind == E_UNRESOLVED_STAR) {
            return err_unsupported(err, "* in the select list of GROUPING SETS");
        }
        TRY(resolve_expr(cx, &scope, e, &e, err));
        ret_list[i] = replace_groups(&s, e);
        if (ret_list[i]->kind != E_ALIAS && ret_list[i]->kind != E_ATTR) {
            ret_list[i] = name_expr(cx, ret_list[i]);
        }
    }
    *ret_child = expand;
    *ret_groups = keys;
    *ret_n = n + 2;
    return FB_OK;
}
