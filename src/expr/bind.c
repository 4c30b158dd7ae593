/*
 * bind.c - what binders are made of: implicit casts, common types, and the errors of wrong types.
 *
 * Ownership: everything is allocated from cx->arena.
 */
#include "expr/coerce.h"
#include "expr/kernel.h"

bool bind_is_null_literal(const Expr *e)
{
    return e->kind == E_LITERAL && !vec_is_valid(e->value, 0);
}

void bind_replace(BindCtx *cx, Expr *call, Expr *replacement)
{
    StrBuf shown = {0};
    int start = call->start, stop = call->stop;
    expr_name(call, &shown);
    *call = *replacement;
    call->start = start;
    call->stop = stop;
    call->parts = ARENA_ARRAY(cx->arena, const char *, 1);
    call->parts[0] = strbuf_arena(&shown, cx->arena);
    call->n_parts = 1;
}

fb_status bind_call(BindCtx *cx, const char *name, Expr **args, uint32_t n, Expr **ret,
                    fb_error *err)
{
    Expr name_only = {.kind = E_UNRESOLVED_FUNC, .name = name, .start = -1, .stop = -1};
    return func_bind(cx, &name_only, args, n, ret, err);
}

int64_t literal_int(const Expr *e)
{
    switch (e->type->id) {
    case T_BYTE:
        return VEC_DATA(int8_t, e->value)[0];
    case T_SHORT:
        return VEC_DATA(int16_t, e->value)[0];
    case T_INT:
        return VEC_DATA(int32_t, e->value)[0];
    default:
        return VEC_DATA(int64_t, e->value)[0];
    }
}

/* A cast of NULL is the null of that type, and an integer literal that gets wider a literal: names
 * show the same, and comparisons with a constant can be recognized. */
Expr *bind_cast_expr(BindCtx *cx, Expr *e, const Type *t)
{
    if (e->type == t) {
        return e;
    }
    if (e->kind == E_LITERAL && type_is_integral(e->type) && type_is_integral(t) &&
        e->type->id < t->id && vec_is_valid(e->value, 0)) {
        Expr *wide = expr_literal_int(cx->arena, t, literal_int(e));
        wide->parts = e->parts; /* of an alias of the same list */
        wide->n_parts = e->n_parts;
        wide->start = e->start;
        wide->stop = e->stop;
        return wide;
    }
    if (bind_is_null_literal(e) && e->type->id == T_NULL) {
        Expr *null = expr_literal_null(cx->arena, t);
        null->start = e->start;
        null->stop = e->stop;
        return null;
    }
    return expr_cast(cx->arena, e, t, cx->mode, false);
}

fb_status bind_cast(BindCtx *cx, Expr *call, uint32_t i, const Type *t, fb_error *err)
{
    Expr *e = call->args[i];
    if (e->type == t || (type_same(e->type, t) && type_is_nested(t))) {
        return FB_OK;
    }
    if (!coerce_implicit(cx->mode, e->type, t)) {
        StrBuf required = {0};
        type_sql(t, &required);
        fb_status st = bind_type_error(cx, call, i, required.p, err);
        strbuf_free(&required);
        return st;
    }
    call->args[i] = bind_cast_expr(cx, e, t);
    return FB_OK;
}

const Type *bind_common_type2(BindCtx *cx, const Type *a, const Type *b, bool wider)
{
    return coerce_wider(cx->mode, a, b, wider);
}

/* Legacy mode folds strings first, as the order matters there: (int, boolean, string). */
const Type *bind_common_type(BindCtx *cx, Expr *const *es, uint32_t n, bool wider)
{
    const Type *t = type_null;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; t && i < n; i++) {
            bool first = cx->mode != EVAL_ANSI && wider && es[i]->type->id == T_STRING;
            if (first == (pass == 0)) {
                t = coerce_wider(cx->mode, t, es[i]->type, wider);
            }
        }
    }
    return t;
}

bool bind_any_nullable(const Expr *call)
{
    for (uint32_t i = 0; i < call->n_args; i++) {
        if (call->args[i]->nullable) {
            return true;
        }
    }
    return false;
}

/* ---- casts that the user wrote ---- */

static bool holds_timestamp(const Type *t)
{
    bool found = t->id == T_TIMESTAMP;
    for (uint32_t i = 0; i < t->n_fields && !found; i++) {
        found = holds_timestamp(t->fields[i].type);
    }
    return found;
}

void bind_show_literal(BindCtx *cx, Expr *literal)
{
    if (literal->kind != E_LITERAL || literal->n_parts > 0 || !cx->tz ||
        !holds_timestamp(literal->type) || !vec_is_valid(literal->value, 0)) {
        return;
    }
    StrBuf text = {0};
    literal_sql(cx->tz, literal->value, 0, &text);
    literal->parts = ARENA_ARRAY(cx->arena, const char *, 1);
    literal->parts[0] = strbuf_arena(&text, cx->arena);
    literal->n_parts = 1;
}

static const char *cast_function(const Type *from, const Type *to)
{
    if (type_is_numeric(from) && to->id == T_DATE) {
        return "`DATE_FROM_UNIX_DATE`";
    }
    return from->id == T_DATE && type_is_numeric(to) ? "`UNIX_DATE`" : NULL;
}

fb_status bind_cast_check(BindCtx *cx, const Expr *cast, fb_error *err)
{
    const Type *from = cast->args[0]->type, *to = cast->type;
    if (cast_allowed(from, to, cast->eval_mode)) {
        return FB_OK;
    }
    char *sql = bind_sql(cx, cast), *src = bind_type_sql(cx, from), *dst = bind_type_sql(cx, to);
    const char *function = cast_function(from, to);
    if (function && cast->eval_mode != EVAL_LEGACY) {
        return err_set(err, ERR_DATATYPE_MISMATCH_CAST_WITH_FUNC_SUGGESTION, "srcType", src,
                       "targetType", dst, "functionNames", function, "sqlExpr", sql, NULL);
    }
    if (cast->eval_mode == EVAL_ANSI && cast_allowed(from, to, EVAL_LEGACY)) {
        return err_set(err, ERR_DATATYPE_MISMATCH_CAST_WITH_CONF_SUGGESTION, "srcType", src,
                       "targetType", dst, "config", "\"spark.sql.ansi.enabled\"", "configVal",
                       "'false'", "sqlExpr", sql, NULL);
    }
    return err_set(err, ERR_DATATYPE_MISMATCH_CAST_WITHOUT_SUGGESTION, "srcType", src, "targetType",
                   dst, "sqlExpr", sql, NULL);
}

/* int(x) and the like: a cast that names do not show. */
fb_status bind_cast_function(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *types[] = {type_boolean, type_byte,      type_short,  type_int,
                           type_long,    type_float,     type_double, type_decimal(10, 0),
                           type_date,    type_timestamp, type_binary, type_string};
    static const char *const names[] = {"boolean", "tinyint",   "smallint", "int",
                                        "bigint",  "float",     "double",   "decimal",
                                        "date",    "timestamp", "binary",   "string"};
    const Type *to = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], call->fn->name) == 0) {
            to = types[i];
        }
    }
    FB_ASSERT(to);
    Expr *cast = expr_cast(cx->arena, call->args[0], to, cx->mode, false);
    TRY(bind_cast_check(cx, cast, err));
    cast->start = call->start;
    cast->stop = call->stop;
    *call = *cast;
    return FB_OK;
}

/* ---- errors ---- */

char *bind_sql(BindCtx *cx, const Expr *e)
{
    StrBuf b = {0};
    strbuf_putc(&b, '"');
    expr_sql(e, &b);
    strbuf_putc(&b, '"');
    return strbuf_arena(&b, cx->arena);
}

char *bind_type_sql(BindCtx *cx, const Type *t)
{
    StrBuf b = {0};
    strbuf_puts(&b, type_is_udt(t) ? "UDT(\"" : "\"");
    type_sql(t, &b);
    strbuf_puts(&b, type_is_udt(t) ? "\")" : "\"");
    return strbuf_arena(&b, cx->arena);
}

static const char *ordinal(BindCtx *cx, uint32_t i)
{
    static const char *const words[] = {"first", "second", "third", "fourth", "fifth"};
    return i < 5 ? words[i] : arena_printf(cx->arena, "%uth", i + 1);
}

fb_status bind_type_error(BindCtx *cx, const Expr *call, uint32_t i, const char *required,
                          fb_error *err)
{
    const char *quoted = required;
    if (required[0] != '"' && required[0] != '(') {
        quoted = arena_printf(cx->arena, "\"%s\"", required);
    }
    return err_set(err, ERR_DATATYPE_MISMATCH_UNEXPECTED_INPUT_TYPE, "paramIndex", ordinal(cx, i),
                   "requiredType", quoted, "inputSql", bind_sql(cx, call->args[i]), "inputType",
                   bind_type_sql(cx, call->args[i]->type), "sqlExpr", bind_sql(cx, call), NULL);
}

/* The messages of some list the types as alternatives, the others as a sequence. */
fb_status bind_data_diff_types(BindCtx *cx, const Expr *call, Expr *const *es, uint32_t n,
                               const char *function, fb_error *err)
{
    static const char *const alike[] = {"coalesce", "array", "overlay", "width_bucket",
                                        "map_concat"};
    bool alternatives = false;
    for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++) {
        alternatives = alternatives || strcmp(function, alike[i]) == 0;
    }
    StrBuf types = {0};
    strbuf_putc(&types, alternatives ? '(' : '[');
    for (uint32_t i = 0; i < n; i++) {
        strbuf_puts(&types, i == 0 ? "" : alternatives ? " or " : ", ");
        strbuf_puts(&types, bind_type_sql(cx, es[i]->type));
    }
    strbuf_putc(&types, alternatives ? ')' : ']');
    return err_set(err, ERR_DATATYPE_MISMATCH_DATA_DIFF_TYPES, "functionName",
                   arena_printf(cx->arena, "`%s`", function), "dataType",
                   strbuf_arena(&types, cx->arena), "sqlExpr", bind_sql(cx, call), NULL);
}
