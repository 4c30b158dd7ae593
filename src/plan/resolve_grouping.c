/*
 * resolve_grouping.c - GROUPING SETS, ROLLUP and CUBE.
 *
 * The input is expanded: each row comes once for every grouping set, with the grouping columns that
 * the set lacks set to null, and a number that tells which they are (bit i from the left is 1 when
 * the i-th grouping column is absent). The aggregate then groups by those columns, that number and
 * the set's position, which keeps equal sets apart. Aggregate functions read the original columns.
 *
 * The P_EXPAND keeps the grouping expressions over its input in groups, and in exprs references to
 * the columns it makes of them and to the number: HAVING and ORDER BY are resolved over the input
 * as the select list is, and have the same replaced by the same.
 */
#include "plan/analyzer_priv.h"

typedef struct Sets {
    AnalyzeCtx *cx;
    const Scope *scope;  /* in which arguments of grouping() are resolved */
    Expr *const *groups; /* resolved, over the child; all different */
    uint32_t n_groups;
    Expr *const *keys; /* references to the expanded columns */
    Expr *id;          /* reference to the number */
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

static const char *list_sql(AnalyzeCtx *cx, Expr *const *list, uint32_t n)
{
    StrBuf b = {0};
    for (uint32_t i = 0; i < n; i++) {
        strbuf_puts(&b, i ? ", " : "");
        strbuf_putc(&b, '"');
        expr_sql(list[i], &b);
        strbuf_putc(&b, '"');
    }
    return strbuf_arena(&b, cx->arena);
}

/* grouping_id(a, b): the number, if the columns are those grouped by, all in order. */
static fb_status grouping_number(Sets *s, const Expr *call, Expr **ret, fb_error *err)
{
    AnalyzeCtx *cx = s->cx;
    Expr **args = ARENA_ARRAY(cx->arena, Expr *, call->n_args);
    bool same = call->n_args == 0 || call->n_args == s->n_groups;
    for (uint32_t i = 0; i < call->n_args; i++) {
        TRY(resolve_expr(cx, s->scope, call->args[i], &args[i], err));
        same = same && expr_equal(args[i], s->groups[i]);
    }
    if (!same) {
        return err_set(err, ERR_GROUPING_ID_COLUMN_MISMATCH, "groupingIdColumn",
                       list_sql(cx, args, call->n_args), "groupByColumns",
                       list_sql(cx, s->groups, s->n_groups), NULL);
    }
    *ret = s->id;
    return FB_OK;
}

/* Replaces grouping() and grouping_id() in an unresolved expression by resolved ones, which show as
 * they were written. */
static Expr *replace_calls(Sets *s, const Expr *e)
{
    const char *fn = e->kind == E_UNRESOLVED_FUNC && e->n_parts ? e->parts[e->n_parts - 1] : "";
    bool is_id = cstr_eq_nocase(fn, "grouping_id");
    Expr *out = NULL;
    if (s->st != FB_OK) {
        return (Expr *)e;
    }
    if (is_id || cstr_eq_nocase(fn, "grouping")) {
        StrBuf shown = {0};
        s->st = is_id ? grouping_number(s, e, &out, s->err) : grouping_bit(s, e, &out, s->err);
        if (!out) {
            return (Expr *)e;
        }
        out = expr_copy(s->cx->arena, out);
        expr_name(e, &shown);
        out->parts = ARENA_ARRAY(s->cx->arena, const char *, 1);
        out->parts[0] = strbuf_arena(&shown, s->cx->arena);
        out->n_parts = 1;
        return out;
    }
    Expr *copy = expr_copy(s->cx->arena, e);
    copy->args = ARENA_ARRAY(s->cx->arena, Expr *, e->n_args);
    for (uint32_t i = 0; i < e->n_args; i++) {
        copy->args[i] = replace_calls(s, e->args[i]);
    }
    return copy;
}

static bool calls_grouping(const Expr *e)
{
    if (e->kind == E_UNRESOLVED_FUNC && e->n_parts == 1 &&
        (cstr_eq_nocase(e->parts[0], "grouping") || cstr_eq_nocase(e->parts[0], "grouping_id"))) {
        return true;
    }
    for (uint32_t i = 0; i < e->n_args; i++) {
        if (calls_grouping(e->args[i])) {
            return true;
        }
    }
    return false;
}

/* Nullability from the arguments' again, where a grouping column has become nullable. */
static void renew_nullable(AnalyzeCtx *cx, Expr *e)
{
    if (e->kind == E_CALL && e->n_args) {
        Expr *again;
        fb_error ignored = {0};
        Expr call = {.kind = E_UNRESOLVED_FUNC, .name = e->fn->name, .start = -1, .stop = -1};
        if (func_bind(&cx->bind, &call, e->args, e->n_args, &again, &ignored) == FB_OK &&
            again->type == e->type) {
            e->nullable = again->nullable;
        } else {
            err_clear(&ignored);
            e->nullable = true;
        }
        return;
    }
    bool any = e->kind == E_CASE && e->n_args % 2 == 0;
    for (uint32_t i = 0; i < e->n_args; i++) {
        bool condition = e->kind == E_CASE && i % 2 == 0 && i + 1 < e->n_args;
        any |= !condition && e->args[i]->nullable;
    }
    if (e->kind != E_SORT_ORDER && e->kind != E_ATTR && e->kind != E_LITERAL) {
        e->nullable |= any;
    }
}

static Expr *replace_groups(const Sets *s, const Expr *e)
{
    if (e->kind == E_AGG) {
        return (Expr *)e; /* aggregates read what was there before the expansion */
    }
    for (uint32_t i = 0; e->kind != E_ALIAS && i < s->n_groups; i++) {
        if (expr_equal(s->groups[i], e)) {
            return s->keys[i];
        }
    }
    bool changed = false;
    Expr *copy = expr_copy(s->cx->arena, e);
    copy->args = ARENA_ARRAY(s->cx->arena, Expr *, e->n_args);
    for (uint32_t i = 0; i < e->n_args; i++) {
        copy->args[i] = replace_groups(s, e->args[i]);
        changed |= copy->args[i] != e->args[i];
    }
    if (!changed) {
        return (Expr *)e;
    }
    renew_nullable(s->cx, copy);
    return copy;
}

static Attr new_attr(const char *name, const Type *t, bool nullable)
{
    return (Attr){
        .id = attr_new_id(), .name = name, .type = t, .nullable = nullable, .watermark_us = -1};
}

typedef struct Masks {
    uint64_t *of; /* a set: bit i = groups[i] is in it */
    uint32_t n;
} Masks;

/* A grouping column is null in the sets that lack it. */
static bool in_all(const Masks *m, uint32_t group)
{
    for (uint32_t s = 0; s < m->n; s++) {
        if (!(m->of[s] >> group & 1)) {
            return false;
        }
    }
    return true;
}

static const char *key_name(AnalyzeCtx *cx, const Expr *group)
{
    StrBuf b = {0};
    if (group->kind == E_ATTR) {
        return group->name;
    }
    expr_name(group, &b);
    return strbuf_arena(&b, cx->arena);
}

static bool has_same_sets(const Masks *m)
{
    for (uint32_t s = 1; s < m->n; s++) {
        for (uint32_t t = 0; t < s; t++) {
            if (m->of[s] == m->of[t]) {
                return true;
            }
        }
    }
    return false;
}

/* child's columns, the keys (null where a set lacks them), the number; the position of the set
 * only where two are the same, since these are the keys of a stream's state. */
static Plan *make_expand(AnalyzeCtx *cx, const Masks *masks, Plan *child, Expr **groups,
                         uint32_t n_groups)
{
    uint32_t n_keys = n_groups + (has_same_sets(masks) ? 2 : 1), n = child->n_out + n_keys;
    uint32_t id_at = child->n_out + n_groups;
    Plan *p = plan_new(cx->arena, P_EXPAND, 1, child);
    p->streaming = child->streaming;
    p->n_sets = masks->n;
    p->n_set_cols = n;
    p->n_out = n;
    p->out = ARENA_ARRAY(cx->arena, Attr, n);
    p->sets = ARENA_ARRAY(cx->arena, Expr *, (size_t)n * masks->n);
    for (uint32_t i = 0; i < child->n_out; i++) {
        p->out[i] = child->out[i];
    }
    for (uint32_t i = 0; i < n_groups; i++) {
        bool nullable = groups[i]->nullable || !in_all(masks, i);
        p->out[child->n_out + i] = new_attr(key_name(cx, groups[i]), groups[i]->type, nullable);
        p->out[child->n_out + i].metadata = groups[i]->kind == E_ATTR ? groups[i]->metadata : NULL;
    }
    p->out[id_at] = new_attr("spark_grouping_id", type_long, false);
    if (id_at + 1 < n) {
        p->out[id_at + 1] = new_attr("_gen_grouping_pos", type_int, false);
    }
    for (uint32_t s = 0; s < masks->n; s++) {
        Expr **row = p->sets + (size_t)s * n;
        uint64_t id = 0;
        for (uint32_t i = 0; i < child->n_out; i++) {
            row[i] = ref_of_attr(cx, &child->out[i]);
        }
        for (uint32_t i = 0; i < n_groups; i++) {
            bool present = masks->of[s] >> i & 1;
            row[child->n_out + i] =
                present ? groups[i] : expr_literal_null(cx->arena, groups[i]->type);
            id = id << 1 | !present;
        }
        row[id_at] = expr_literal_int(cx->arena, type_long, (int64_t)id);
        if (id_at + 1 < n) {
            row[id_at + 1] = expr_literal_int(cx->arena, type_int, s);
        }
    }
    p->groups = groups;
    p->n_groups = n_groups;
    p->exprs = ARENA_ARRAY(cx->arena, Expr *, n_keys);
    p->n_exprs = n_keys;
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        p->exprs[i] = ref_of_attr(cx, &p->out[child->n_out + i]);
    }
    return p;
}

/* The grouping expressions without repetitions, and the sets over them. */
static fb_status distinct_groups(AnalyzeCtx *cx, const Plan *in, const Scope *scope,
                                 Expr *const *list, uint32_t n_list, Expr ***ret, uint32_t *ret_n,
                                 Masks *masks, fb_error *err)
{
    Expr **groups = NULL;
    uint32_t n = 0, cap = 0;
    masks->n = in->n_sets;
    masks->of = ARENA_ARRAY(cx->arena, uint64_t, in->n_sets);
    for (uint32_t i = 0; i < in->n_groups; i++) {
        Expr *g;
        uint32_t k = 0;
        TRY(resolve_group(cx, scope, in->groups[i], list, n_list, &g, err));
        while (g->kind == E_ALIAS) {
            g = g->args[0];
        }
        while (k < n && !expr_equal(groups[k], g)) {
            k++;
        }
        if (k == n) {
            list_push(cx->arena, &groups, &n, &cap, g);
        }
        for (uint32_t s = 0; s < in->n_sets; s++) {
            masks->of[s] |= (in->set_masks[s] >> i & 1) << k;
        }
    }
    *ret = groups;
    *ret_n = n;
    return FB_OK;
}

static Sets sets_of(AnalyzeCtx *cx, const Plan *expand, const Scope *scope, fb_error *err)
{
    return (Sets){.cx = cx,
                  .scope = scope,
                  .groups = expand->groups,
                  .n_groups = expand->n_groups,
                  .keys = expand->exprs,
                  .id = expand->exprs[expand->n_groups],
                  .err = err};
}

fb_status resolve_over_sets(AnalyzeCtx *cx, const Plan *expand, const Scope *scope, const Expr *in,
                            Expr **ret, fb_error *err)
{
    Sets s = sets_of(cx, expand, scope->next ? scope->next : scope, err);
    Expr *e = replace_calls(&s, in);
    TRY(s.st);
    TRY(resolve_expr(cx, scope, e, &e, err));
    *ret = replace_groups(&s, e);
    return FB_OK;
}

fb_status resolve_grouping_sets(AnalyzeCtx *cx, const Plan *in, Plan **child, Expr ***ret_groups,
                                uint32_t *ret_n, Expr ***ret_list, uint32_t *ret_n_list,
                                fb_error *err)
{
    Scope scope = scope_of(child, 1, cx->arena);
    Expr **list = NULL, **groups;
    uint32_t n = 0, cap = 0, n_groups;
    const Expr **late = ARENA_ARRAY(cx->arena, const Expr *, in->n_exprs); /* need the sets */
    uint32_t *late_at = ARENA_ARRAY(cx->arena, uint32_t, in->n_exprs), n_late = 0;
    for (uint32_t i = 0; i < in->n_exprs; i++) {
        scope.aliases = list;
        scope.n_aliases = n;
        if (calls_grouping(in->exprs[i])) {
            late[n_late] = in->exprs[i];
            late_at[n_late++] = n;
            list_push(cx->arena, &list, &n, &cap, expr_literal_null(cx->arena, type_null));
        } else {
            TRY(resolve_item(cx, &scope, in->exprs[i], &list, &n, &cap, err));
        }
    }
    TRY(check_lateral(cx, err));
    Masks masks;
    TRY(distinct_groups(cx, in, &scope, list, n, &groups, &n_groups, &masks, err));
    Plan *expand = make_expand(cx, &masks, *child, groups, n_groups);
    Sets s = sets_of(cx, expand, &scope, err);
    for (uint32_t i = 0; i < n_late; i++) {
        Expr *e = replace_calls(&s, late[i]);
        TRY(s.st);
        TRY(resolve_expr(cx, &scope, e, &list[late_at[i]], err));
    }
    for (uint32_t i = 0; i < n; i++) {
        list[i] = replace_groups(&s, name_expr(cx, list[i]));
    }
    *child = expand;
    *ret_groups = expand->exprs;
    *ret_n = expand->n_exprs;
    *ret_list = list;
    *ret_n_list = n;
    return FB_OK;
}
