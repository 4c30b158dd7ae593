/*
 * resolve_schema.c - df.to(schema): the columns and fields of the schema, by name and in its order.
 *
 * What is missing is null where it may be. Types are cast where Spark's store assignment would. The
 * fields of nested values are put in order by the function "match schema", below a cast.
 */
#include "plan/analyzer_priv.h"

/* Where in the schema: column.field.element. */
typedef struct Path {
    const struct Path *up;
    const char *name;
    bool by_position;
} Path;

static void path_text(const Path *p, StrBuf *out)
{
    if (p->up) {
        path_text(p->up, out);
        strbuf_putc(out, '.');
    }
    strbuf_printf(out, "`%s`", p->name);
}

static const char *path_name(AnalyzeCtx *cx, const Path *p)
{
    StrBuf b = {0};
    path_text(p, &b);
    return strbuf_arena(&b, cx->arena);
}

static bool is_ansi_interval(const Type *t)
{
    return t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT;
}

static bool is_datetime(const Type *t)
{
    return t->id == T_DATE || t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ;
}

/* Spark's rule for what may be stored as what (Cast.canANSIStoreAssign). */
static bool can_store(const Type *from, const Type *to)
{
    if (from == to || from->id == T_NULL) {
        return true;
    }
    if (type_is_nested(from) || type_is_nested(to)) {
        return false;
    }
    return (type_is_numeric(from) && type_is_numeric(to)) || to->id == T_STRING ||
           (is_datetime(from) && is_datetime(to)) || (is_ansi_interval(from) && from->id == to->id);
}

static fb_status wrong_type(AnalyzeCtx *cx, const Path *at, const Type *from, const Type *to,
                            fb_error *err)
{
    return err_set(err, ERR_INVALID_COLUMN_OR_FIELD_DATA_TYPE, "name", path_name(cx, at), "type",
                   bind_type_sql(&cx->bind, from), "expectedType", bind_type_sql(&cx->bind, to),
                   NULL);
}

/* The one field of the name; -1: none. Of rows that a schema was made for, it is the i-th. */
static fb_status find_field(AnalyzeCtx *cx, const Type *from, uint32_t i, const Path *at, int *ret,
                            fb_error *err)
{
    uint32_t hits = 0;
    *ret = at->by_position ? (int)i : -1;
    for (i = 0; i < from->n_fields && !at->by_position; i++) {
        if (name_eq(cx, from->fields[i].name, at->name)) {
            *ret = (int)i;
            hits++;
        }
    }
    return hits < 2 ? FB_OK
                    : err_set(err, ERR_AMBIGUOUS_COLUMN_OR_FIELD, "name", path_name(cx, at), "n",
                              arena_printf(cx->arena, "%u", hits), NULL);
}

static fb_status no_field(AnalyzeCtx *cx, const Type *from, const char *name, const Path *of,
                          fb_error *err)
{
    StrBuf names = {0};
    for (uint32_t i = 0; i < from->n_fields; i++) {
        strbuf_printf(&names, "%s`%s`", i ? ", " : "", from->fields[i].name);
    }
    return err_set(err, ERR_UNRESOLVED_FIELD_WITH_SUGGESTION, "fieldName",
                   arena_printf(cx->arena, "`%s`", name), "columnPath", path_name(cx, of),
                   "proposal", strbuf_arena(&names, cx->arena), NULL);
}

static fb_status check(AnalyzeCtx *cx, const Type *from, bool nullable, const Type *to,
                       bool may_be_null, const Path *at, fb_error *err);

static fb_status check_fields(AnalyzeCtx *cx, const Type *from, const Type *to, const Path *at,
                              fb_error *err)
{
    for (uint32_t i = 0; i < to->n_fields; i++) {
        const Field *f = &to->fields[i];
        Path below = {at, f->name, at->by_position && from->n_fields == to->n_fields};
        int k;
        TRY(find_field(cx, from, i, &below, &k, err));
        if (k < 0 && !f->nullable) {
            return no_field(cx, from, f->name, at, err);
        }
        if (k >= 0) {
            TRY(check(cx, from->fields[k].type, from->fields[k].nullable, f->type, f->nullable,
                      &below, err));
        }
    }
    return FB_OK;
}

/* Types are at most as deep as their parsers take. */
static fb_status check(AnalyzeCtx *cx, const Type *from, bool nullable, const Type *to,
                       bool may_be_null, const Path *at, fb_error *err)
{
    static const char *const parts[2][2] = {{"element", NULL}, {"key", "value"}};
    if (nullable && !may_be_null) {
        return err_set(err, ERR_NULLABLE_COLUMN_OR_FIELD, "name", path_name(cx, at), NULL);
    }
    if (!at->by_position && from != to && (type_is_udt(from) || type_is_udt(to))) {
        return wrong_type(cx, at, from, to, err);
    }
    if (from->id != to->id || !type_is_nested(to)) {
        return can_store(from, to) ? FB_OK : wrong_type(cx, at, from, to, err);
    }
    if (to->id == T_STRUCT) {
        return check_fields(cx, from, to, at, err);
    }
    uint32_t last = to->n_fields - 1;
    if (from->fields[last].nullable && !to->fields[last].nullable) {
        ErrId id = to->id == T_MAP ? ERR_NOT_NULL_MAP_VALUE : ERR_NOT_NULL_ARRAY_ELEMENT;
        return err_set(err, id, "columnPath", path_name(cx, at), NULL);
    }
    for (uint32_t i = 0; i < to->n_fields; i++) {
        Path below = {at, parts[to->id == T_MAP][i], at->by_position};
        TRY(check(cx, from->fields[i].type, from->fields[i].nullable, to->fields[i].type,
                  to->fields[i].nullable, &below, err));
    }
    return FB_OK;
}

static fb_status match(AnalyzeCtx *cx, Expr *e, const Type *t, bool by_name, Expr **ret,
                       fb_error *err)
{
    *ret = e;
    if (type_is_nested(t) && e->type->id == t->id && e->type != t) {
        FieldMatch how = !by_name             ? MATCH_POSITION
                         : cx->case_sensitive ? MATCH_NAME
                                              : MATCH_NAME_ANY_CASE;
        Expr *args[3] = {e, expr_literal_null(cx->arena, t),
                         expr_literal_int(cx->arena, type_int, how)};
        TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, "match schema", NULL, 0), args, 3,
                      ret, err));
    }
    if ((*ret)->type != t) {
        *ret = expr_cast(cx->arena, *ret, t, cx->bind.mode, false);
    }
    return FB_OK;
}

/* The column of a field of the schema; NULL: there is none, and null will do. */
static fb_status find_column(AnalyzeCtx *cx, const Plan *child, uint32_t i, const Field *f,
                             const Path *at, const Attr **ret, fb_error *err)
{
    int k;
    TRY(find_field(cx, plan_schema(child), i, at, &k, err));
    *ret = k >= 0 ? &child->out[k] : NULL;
    if (k < 0 && !f->nullable) {
        Scope s = {.attrs = child->out, .n_attrs = child->n_out};
        Expr *ref = expr_new(cx->arena, E_UNRESOLVED_ATTR, 0);
        ref->parts = ARENA_ARRAY(cx->arena, const char *, 1);
        ref->parts[0] = f->name;
        ref->n_parts = 1;
        return unresolved_column(cx, &s, ref, err);
    }
    return FB_OK;
}

bool declares_char(const Field *f)
{
    bool found = f->metadata && strstr(f->metadata, "\"__CHAR_VARCHAR_TYPE_STRING\"");
    for (uint32_t i = 0; type_is_nested(f->type) && !found && i < f->type->n_fields; i++) {
        found = declares_char(&f->type->fields[i]);
    }
    return found;
}

fb_status resolve_to_schema(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err)
{
    Expr **list = ARENA_ARRAY(cx->arena, Expr *, in->type->n_fields);
    for (uint32_t i = 0; i < in->type->n_fields; i++) {
        const Field *f = &in->type->fields[i];
        Path at = {NULL, f->name, !in->by_name};
        const Attr *a;
        Expr *e;
        if (declares_char(f)) {
            return err_set(err, ERR_UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING, NULL);
        }
        TRY(find_column(cx, child, i, f, &at, &a, err));
        if (a) {
            TRY(check(cx, a->type, a->nullable, f->type, f->nullable, &at, err));
            TRY(match(cx, ref_of_attr(cx, a), f->type, in->by_name, &e, err));
        } else {
            e = expr_literal_null(cx->arena, f->type);
        }
        list[i] = expr_alias(cx->arena, e, f->name);
        list[i]->attr = attr_new_id();
        list[i]->metadata = f->metadata;
    }
    *ret = make_project(cx, child, list, in->type->n_fields);
    return FB_OK;
}
