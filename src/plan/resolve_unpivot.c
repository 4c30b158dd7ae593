/*
 * resolve_unpivot.c - UNPIVOT and DataFrame.unpivot, lowered to an expansion: each input row gives
 * one row for each row of columns, with its name and values.
 *
 * Layout of the unresolved node: connect/relation_group.c. Without ids (SQL) these are all columns
 * that are no values; without values, the values are all columns that are no ids.
 */
#include "plan/analyzer_priv.h"

#include <stdlib.h>

typedef struct Unpivot {
    AnalyzeCtx *cx;
    const Plan *in;
    Plan *child;
    Expr **ids;
    uint32_t n_ids;
    Expr **values; /* n_rows rows of width */
    const char **names;
    uint32_t n_rows, width;
    fb_error *err;
} Unpivot;

static fb_status resolve_columns_of(Unpivot *u, Expr *const *in, uint32_t n, Expr ***ret,
                                    uint32_t *ret_n)
{
    Scope s = scope_of(&u->child, 1, u->cx->arena);
    Expr **list = NULL;
    uint32_t cap = 0;
    *ret_n = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (expands(in[i])) {
            TRY(expand_item(u->cx, &s, in[i], &list, ret_n, &cap, u->err));
            continue;
        }
        Expr *e;
        TRY(resolve_expr(u->cx, &s, in[i], &e, u->err));
        list_push(u->cx->arena, &list, ret_n, &cap, name_expr(u->cx, e));
    }
    *ret = list;
    return FB_OK;
}

static fb_status require_columns(Unpivot *u, Expr *const *list, uint32_t n, const char *given,
                                 const char *empty)
{
    StrBuf b = {0};
    for (uint32_t i = 0; i < n; i++) {
        const Expr *e = list[i]->kind == E_ALIAS ? list[i]->args[0] : list[i];
        if (e->kind != E_ATTR) {
            strbuf_printf(&b, "%s\"", b.n ? ", " : "");
            expr_sql(list[i], &b);
            strbuf_putc(&b, '"');
        }
    }
    if (b.n == 0) {
        return FB_OK;
    }
    return err_set(u->err, ERR_UNPIVOT_REQUIRES_ATTRIBUTES, "given", given, "empty", empty,
                   "expressions", strbuf_arena(&b, u->cx->arena), NULL);
}

static bool is_one_of(Expr *const *list, uint32_t n, AttrId id)
{
    for (uint32_t i = 0; i < n; i++) {
        const Expr *e = list[i]->kind == E_ALIAS ? list[i]->args[0] : list[i];
        if (e->kind == E_ATTR && e->attr == id) {
            return true;
        }
    }
    return false;
}

/* The child's columns that are not in the list. */
static Expr **others(Unpivot *u, Expr *const *list, uint32_t n, uint32_t *ret_n)
{
    Expr **out = NULL;
    uint32_t cap = 0;
    *ret_n = 0;
    for (uint32_t i = 0; i < u->child->n_out; i++) {
        if (!is_one_of(list, n, u->child->out[i].id)) {
            list_push(u->cx->arena, &out, ret_n, &cap, ref_of_attr(u->cx, &u->child->out[i]));
        }
    }
    return out;
}

/* The columns of values, from the node or from what the ids leave. */
static fb_status resolve_values(Unpivot *u)
{
    const Plan *in = u->in;
    uint32_t n;
    u->width = in->n_names;
    if (in->sets == NULL && in->n_sets == 0) {
        TRY(require_columns(u, u->ids, u->n_ids, "id", "value"));
        u->values = others(u, u->ids, u->n_ids, &u->n_rows);
    } else {
        TRY(resolve_columns_of(u, in->sets, in->n_sets * in->n_set_cols, &u->values, &n));
        u->n_rows = u->width ? n / u->width : 0;
    }
    return u->n_rows ? FB_OK : err_set(u->err, ERR_UNPIVOT_REQUIRES_VALUE_COLUMNS, NULL);
}

/* What a row is called: its alias, or its columns' names. */
static const char *row_name(Unpivot *u, uint32_t row)
{
    Expr *const *cells = u->values + (size_t)row * u->width;
    StrBuf b = {0};
    if (cells[0]->kind == E_ALIAS && !cells[0]->auto_alias) {
        return cells[0]->name;
    }
    for (uint32_t k = 0; k < u->width; k++) {
        strbuf_printf(&b, "%s%s", k ? "_" : "", cells[k]->name);
    }
    return strbuf_arena(&b, u->cx->arena);
}

#define MAX_NAMED 3 /* columns that a message names for one type */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One type of the column, and the first of those that have it. */
static const char *type_text(Unpivot *u, uint32_t column, uint32_t row, bool *done)
{
    const Type *t = u->values[(size_t)row * u->width + column]->type;
    uint32_t n = 0;
    StrBuf b = {0};
    strbuf_putc(&b, '"');
    type_sql(t, &b);
    strbuf_puts(&b, "\" (");
    for (uint32_t k = row; k < u->n_rows; k++) {
        const Expr *e = u->values[(size_t)k * u->width + column];
        if (e->type != t) {
            continue;
        }
        done[k] = true;
        if (++n <= MAX_NAMED) {
            strbuf_printf(&b, "%s`%s`", n > 1 ? ", " : "", e->name);
        } else if (n == MAX_NAMED + 1) {
            strbuf_puts(&b, ", ...");
        }
    }
    strbuf_putc(&b, ')');
    return strbuf_arena(&b, u->cx->arena);
}

static fb_status type_mismatch(Unpivot *u, uint32_t column)
{
    StrBuf b = {0};
    bool *done = ARENA_ARRAY(u->cx->arena, bool, u->n_rows);
    const char **texts = ARENA_ARRAY(u->cx->arena, const char *, u->n_rows);
    uint32_t n = 0;
    for (uint32_t r = 0; r < u->n_rows; r++) {
        if (!done[r]) {
            texts[n++] = type_text(u, column, r, done);
        }
    }
    qsort(texts, n, sizeof(*texts), by_text);
    for (uint32_t i = 0; i < n; i++) {
        strbuf_printf(&b, "%s%s", i ? ", " : "", texts[i]);
    }
    return err_set(u->err, ERR_UNPIVOT_VALUE_DATA_TYPE_MISMATCH, "types",
                   strbuf_arena(&b, u->cx->arena), NULL);
}

static fb_status value_types(Unpivot *u, const Type **types)
{
    for (uint32_t k = 0; k < u->width; k++) {
        types[k] = type_null;
        for (uint32_t r = 0; r < u->n_rows; r++) {
            const Type *t = u->values[(size_t)r * u->width + k]->type;
            types[k] = bind_common_type2(&u->cx->bind, types[k], t, false);
            if (types[k] == NULL) {
                return type_mismatch(u, k);
            }
        }
    }
    return FB_OK;
}

static Expr *without_alias(Expr *e)
{
    return e->kind == E_ALIAS ? e->args[0] : e;
}

static Plan *expand(Unpivot *u, const Type *const *types)
{
    AnalyzeCtx *cx = u->cx;
    uint32_t n = u->n_ids + 1 + u->width;
    Plan *p = plan_new(cx->arena, P_EXPAND, 1, u->child);
    p->streaming = u->child->streaming;
    p->n_sets = u->n_rows;
    p->n_set_cols = n;
    p->n_out = n;
    p->out = ARENA_ARRAY(cx->arena, Attr, n);
    p->sets = ARENA_ARRAY(cx->arena, Expr *, (size_t)n * u->n_rows);
    for (uint32_t i = 0; i < u->n_ids; i++) {
        p->out[i] = attr_of_expr(u->ids[i]);
        p->out[i].id = attr_new_id();
    }
    for (uint32_t i = u->n_ids; i < n; i++) {
        bool name = i == u->n_ids;
        p->out[i] = (Attr){.id = attr_new_id(),
                           .name = name ? u->in->name : u->in->names[i - u->n_ids - 1],
                           .type = name ? type_string : types[i - u->n_ids - 1],
                           .watermark_us = -1};
    }
    for (uint32_t r = 0; r < u->n_rows; r++) {
        Expr **row = p->sets + (size_t)r * n;
        for (uint32_t i = 0; i < u->n_ids; i++) {
            row[i] = without_alias(u->ids[i]);
        }
        row[u->n_ids] = expr_literal_str(cx->arena, str_text(cx->arena, row_name(u, r)));
        for (uint32_t k = 0; k < u->width; k++) {
            Expr *e = without_alias(u->values[(size_t)r * u->width + k]);
            row[u->n_ids + 1 + k] = coerce_to(cx, e, types[k]);
            p->out[u->n_ids + 1 + k].nullable |= e->nullable;
        }
    }
    return p;
}

/* EXCLUDE NULLS: rows whose values are all null go. */
static fb_status not_all_null(Unpivot *u, Plan *p, Plan **ret)
{
    AnalyzeCtx *cx = u->cx;
    Expr *any = NULL;
    for (uint32_t k = 0; k < u->width; k++) {
        Expr *value = ref_of_attr(cx, &p->out[u->n_ids + 1 + k]), *there;
        TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, "isnotnull", NULL, 0), &value, 1,
                      &there, u->err));
        if (any) {
            Expr *both[2] = {any, there};
            TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, "or", NULL, 0), both, 2, &any,
                          u->err));
        } else {
            any = there;
        }
    }
    Plan *f = plan_new(cx->arena, P_FILTER, 1, p);
    f->exprs = ARENA_ARRAY(cx->arena, Expr *, 1);
    f->exprs[0] = any;
    f->n_exprs = 1;
    f->streaming = p->streaming;
    f->out = p->out;
    f->n_out = p->n_out;
    *ret = f;
    return FB_OK;
}

fb_status resolve_unpivot(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    Unpivot u = {.cx = cx, .in = in, .child = child, .err = err};
    const Type **types = ARENA_ARRAY(cx->arena, const Type *, in->n_names + 1);
    TRY(resolve_columns_of(&u, in->groups, in->n_groups, &u.ids, &u.n_ids));
    TRY(resolve_values(&u));
    if (in->groups == NULL) {
        uint32_t n = u.n_rows * u.width;
        TRY(require_columns(&u, u.values, n, "value", "id"));
        u.ids = others(&u, u.values, n, &u.n_ids);
    }
    TRY(value_types(&u, types));
    Plan *p = expand(&u, types);
    if (in->all) {
        *ret = p;
        return FB_OK;
    }
    return not_all_null(&u, p, ret);
}
