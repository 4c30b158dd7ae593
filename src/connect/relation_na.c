/*
 * relation_na.c - fillna, dropna and replace.
 *
 * fillna and dropna are nodes of the plan. replace is a projection: each column whose type takes
 * part becomes CASE WHEN it equals an old value THEN the new one ... ELSE the column, so that the
 * input has to be analysed first to know its columns. As in Spark numbers replace numbers of any
 * kind (the column is compared as a double), strings strings, booleans booleans, and an old value
 * of NULL stands for nothing.
 */
#include "connect/convert.h"

fb_status convert_fill_na(Convert *c, const SC(NAFill) * in, Plan *input, Plan **ret, fb_error *err)
{
    if (in->n_values == 0) {
        return err_set(err, ERR_CONNECT_FILL_EMPTY, NULL);
    }
    if (in->n_values > 1 && in->n_values != in->n_cols) {
        return err_set(err, ERR_CONNECT_FILL_LENGTH, NULL);
    }
    Plan *p = plan_new(c->arena, P_FILL_NA, 1, input);
    p->names = convert_names(c, in->cols, in->n_cols);
    p->n_names = (uint32_t)in->n_cols;
    p->exprs = ARENA_ARRAY(c->arena, Expr *, in->n_values);
    p->n_exprs = (uint32_t)in->n_values;
    for (size_t i = 0; i < in->n_values; i++) {
        TRY(convert_literal(c, in->values[i], &p->exprs[i], err));
    }
    *ret = p;
    return FB_OK;
}

fb_status convert_drop_na(Convert *c, const SC(NADrop) * in, Plan *input, Plan **ret)
{
    Plan *p = plan_new(c->arena, P_DROP_NA, 1, input);
    p->names = convert_names(c, in->cols, in->n_cols);
    p->n_names = (uint32_t)in->n_cols;
    p->n = in->has_min_non_nulls ? in->min_non_nulls : -1;
    *ret = p;
    return FB_OK;
}

/* ---- replace ---- */

typedef struct Replacement {
    Expr *old_value, *new_value;
} Replacement;

static bool same_family(const Type *a, const Type *b)
{
    return type_is_numeric(a) ? type_is_numeric(b) : a->id == b->id && a->precision == b->precision;
}

/* The type that says which columns take part: that of the first old value that is not NULL. */
static const Type *family_of(const Replacement *r, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (r[i].old_value->type->id != T_NULL) {
            return r[i].old_value->type;
        }
    }
    return NULL;
}

static Expr *column_ref(Convert *c, const char *name)
{
    Expr *e = expr_new(c->arena, E_UNRESOLVED_ATTR, 0);
    e->parts = ARENA_ARRAY(c->arena, const char *, 1);
    e->parts[0] = name;
    e->n_parts = 1;
    e->nullable = true;
    return e;
}

/* Names of their own for columns of which two have the same one; NULL: all have. */
static const char **distinct_names(Convert *c, const Type *schema)
{
    bool twice = false;
    for (uint32_t i = 0; i < schema->n_fields && !twice; i++) {
        for (uint32_t k = 0; k < i; k++) {
            twice |= cstr_eq_nocase(schema->fields[i].name, schema->fields[k].name);
        }
    }
    const char **names = twice ? ARENA_ARRAY(c->arena, const char *, schema->n_fields) : NULL;
    for (uint32_t i = 0; twice && i < schema->n_fields; i++) {
        names[i] = arena_printf(c->arena, "c%u", i);
    }
    return names;
}

static Expr *replaced(Convert *c, const Field *f, const char *shown, const Replacement *r, size_t n)
{
    Expr **args = ARENA_ARRAY(c->arena, Expr *, 2 * n + 1);
    uint32_t k = 0;
    const Type *as = type_is_numeric(f->type) ? type_double : f->type;
    for (size_t i = 0; i < n; i++) {
        Expr *sides[2] = {column_ref(c, f->name), r[i].old_value};
        if (type_is_numeric(f->type)) {
            sides[0] = expr_cast(c->arena, sides[0], as, EVAL_ANSI, false);
            sides[1] = expr_cast(c->arena, sides[1], as, EVAL_ANSI, false);
        }
        args[k++] = expr_unresolved_func(c->arena, "==", sides, 2);
        args[k++] = expr_cast(c->arena, r[i].new_value, f->type, EVAL_ANSI, false);
    }
    args[k++] = column_ref(c, f->name);
    return expr_alias(c->arena, expr_unresolved_func(c->arena, "when", args, k), shown);
}

static bool is_named(const SC(NAReplace) * in, const char *name)
{
    bool all = in->n_cols == 0;
    for (size_t i = 0; i < in->n_cols && !all; i++) {
        all = strcmp(in->cols[i], "*") == 0 || cstr_eq_nocase(in->cols[i], name);
    }
    return all;
}

static fb_status check_columns(Convert *c, const SC(NAReplace) * in, const Type *schema,
                               fb_error *err)
{
    for (size_t i = 0; i < in->n_cols; i++) {
        if (strcmp(in->cols[i], "*") != 0 &&
            type_field_index(schema, str_of(in->cols[i]), false) < 0) {
            StrBuf b = {0};
            for (uint32_t k = 0; k < schema->n_fields; k++) {
                strbuf_printf(&b, "%s`%s`", k ? ", " : "", schema->fields[k].name);
            }
            return err_set(err, ERR_UNRESOLVED_COLUMN_WITH_SUGGESTION, "objectName",
                           arena_printf(c->arena, "`%s`", in->cols[i]), "proposal",
                           strbuf_arena(&b, c->arena), NULL);
        }
    }
    return FB_OK;
}

static fb_status replacements(Convert *c, const SC(NAReplace) * in, Replacement **ret,
                              fb_error *err)
{
    Replacement *r = ARENA_ARRAY(c->arena, Replacement, in->n_replacements);
    for (size_t i = 0; i < in->n_replacements; i++) {
        TRY(convert_literal(c, in->replacements[i]->old_value, &r[i].old_value, err));
        TRY(convert_literal(c, in->replacements[i]->new_value, &r[i].new_value, err));
    }
    *ret = r;
    return FB_OK;
}

fb_status convert_replace(Convert *c, const SC(NAReplace) * in, Plan *input, Plan **ret,
                          fb_error *err)
{
    PlanTree *t;
    Replacement *r;
    TRY(replacements(c, in, &r, err));
    const Type *family = family_of(r, in->n_replacements);
    if (family == NULL) {
        *ret = input;
        return FB_OK;
    }
    TRY(convert_resolve(c, input, &t, err));
    const Type *schema = plan_schema(t->plan);
    plantree_release(t);
    TRY(check_columns(c, in, schema, err));
    const char **names = distinct_names(c, schema);
    if (names) {
        input = plan_new(c->arena, P_TO_DF, 1, input);
        input->names = names;
        input->n_names = schema->n_fields;
    }
    Plan *p = plan_new(c->arena, P_PROJECT, 1, input);
    p->n_exprs = schema->n_fields;
    p->exprs = ARENA_ARRAY(c->arena, Expr *, p->n_exprs);
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        Field f = schema->fields[i];
        bool takes_part = same_family(f.type, family) && is_named(in, f.name);
        const char *shown = f.name;
        f.name = names ? names[i] : f.name;
        p->exprs[i] = takes_part ? replaced(c, &f, shown, r, in->n_replacements)
                      : names    ? expr_alias(c->arena, column_ref(c, f.name), shown)
                                 : column_ref(c, f.name);
    }
    *ret = p;
    return FB_OK;
}
