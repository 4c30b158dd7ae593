/*
 * fn_collation.c - collate, collation, keys, and which functions take collated strings.
 *
 * Recursion: by the depth of expressions, which is bounded where they are made.
 */
#include "column/collation.h"

#include "expr/collation.h"
#include "expr/fn_util.h"

/* ---- functions ---- */

BINDER(bind_collate)
{
    Vec name;
    TRY(bind_exact(cx, call, 0, type_string, err));
    if (!expr_is_foldable(call->args[1])) {
        return err_set(err, ERR_NON_FOLDABLE_ARGUMENT, "funcName", "`collate`", "paramName",
                       "`collationName`", "paramType", "\"STRING\"", NULL);
    }
    TRY(bind_fold(cx, call->args[1], &name, err));
    if (call->args[1]->type->id != T_STRING || !vec_is_valid(&name, 0)) {
        return err_set(err, ERR_UNEXPECTED_INPUT_TYPE, "functionName", "`collate`", "paramIndex",
                       "first", "requiredType", "\"STRING\"", "inputSql",
                       bind_sql(cx, call->args[1]), "inputType",
                       bind_type_sql(cx, call->args[1]->type), NULL);
    }
    TRY(collation_type(arg_str(&name, 0), &call->type, err));
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

KERNEL(k_collate)
{
    const Type *t = out->type;
    vec_flatten(out, &args[0], cx->arena);
    out->type = t;
    return FB_OK;
}

BINDER(bind_collation)
{
    const Type *t = call->args[0]->type;
    if (t->id != T_NULL && t->id != T_STRING) {
        return bind_type_error(cx, call, 0, "STRING", err);
    }
    t = t->id == T_NULL ? type_string : t;
    const char *name = arena_printf(cx->arena, "SYSTEM.BUILTIN.%s", collation_name(t));
    bind_replace(cx, call, expr_literal_str(cx->arena, str_of(name)));
    return FB_OK;
}

BINDER(bind_collation_key)
{
    return bind_done(call, type_binary);
}

KERNEL(k_collation_key)
{
    const Type *t = call->args[0]->type;
    StrOut o = str_out(cx);
    StrBuf key = {0};
    View *r = ARENA_ARRAY(cx->arena, View, n);
    fb_status st = FB_OK;
    for (uint32_t i = 0; i < n && st == FB_OK; i++) {
        if (!vec_is_valid(out, i)) {
            continue;
        }
        strbuf_clear(&key);
        collation_key(t, arg_str(&args[0], i), &key);
        st = str_out_reserve(&o, key.n, err);
        if (st == FB_OK) {
            r[i] = str_out_copy(&o, strbuf_str(&key));
        }
    }
    strbuf_free(&key);
    out->data = r;
    return st;
}

/* ---- which collation ---- */

typedef struct Found {
    const Type *explicit, *implicit;
    bool differ; /* two columns do */
} Found;

static fb_status note_explicit(BindCtx *cx, Found *f, const Type *t, fb_error *err)
{
    if (f->explicit && f->explicit != t) {
        const char *types = arena_printf(cx->arena, "\"STRING COLLATE %s\", \"STRING COLLATE %s\"",
                                         collation_name(f->explicit), collation_name(t));
        return err_set(err, ERR_COLLATION_MISMATCH_EXPLICIT, "explicitTypes", types, NULL);
    }
    f->explicit = t;
    return FB_OK;
}

/* Literals say nothing, columns and casts what they are, and COLLATE what it says; other calls
 * what is in them. */
static fb_status find(BindCtx *cx, const Expr *e, Found *f, fb_error *err)
{
    while (e->kind == E_ALIAS || (e->kind == E_CAST && !e->user_cast)) {
        e = e->args[0];
    }
    if (e->kind == E_LITERAL || !e->type || e->type->id != T_STRING) {
        return FB_OK;
    }
    if (e->kind == E_CALL && strcmp(e->name, "collate") == 0) {
        return note_explicit(cx, f, e->type, err);
    }
    const Type *t = e->type;
    if (e->kind == E_CALL || e->kind == E_CASE || e->kind == E_AGG) {
        Found inner = {0};
        for (uint32_t i = 0; i < e->n_args; i++) {
            TRY(find(cx, e->args[i], &inner, err));
        }
        if (inner.explicit) {
            return note_explicit(cx, f, inner.explicit, err);
        }
        if (!inner.implicit && t->precision == 0) {
            return FB_OK;
        }
        t = inner.implicit ? inner.implicit : t;
        f->differ |= inner.differ;
    }
    f->differ |= f->implicit && f->implicit != t;
    f->implicit = t;
    return FB_OK;
}

/* Of words between single spaces. */
static bool is_one_of(const char *name, const char *words)
{
    size_t n = strlen(name);
    for (const char *p = words; *p;) {
        size_t len = strcspn(p, " ");
        if (len == n && memcmp(p, name, n) == 0) {
            return true;
        }
        p += len + strspn(p + len, " ");
    }
    return false;
}

static bool compares(const Expr *call)
{
    return is_one_of(call->fn->name, "= == <=> < <= > >= in");
}

static fb_status unify(BindCtx *cx, Expr *call, const Type **ret, fb_error *err)
{
    Found f = {0};
    for (uint32_t i = 0; i < call->n_args; i++) {
        TRY(find(cx, call->args[i], &f, err));
    }
    if (!f.explicit && f.differ) {
        return compares(call) ? err_set(err, ERR_INDETERMINATE_COLLATION_IN_EXPRESSION, "expr",
                                        bind_sql(cx, call), NULL)
                              : err_unsupported(err, "%s, whose collation is indeterminate",
                                                bind_sql(cx, call));
    }
    *ret = f.explicit ? f.explicit : f.implicit;
    for (uint32_t i = 0; !*ret && i < call->n_args; i++) {
        const Type *t = call->args[i]->type;
        *ret = t && t->id == T_STRING && t->precision != 0 ? t : NULL;
    }
    *ret = *ret ? *ret : type_string;
    for (uint32_t i = 0; i < call->n_args; i++) {
        const Type *t = call->args[i]->type;
        if (t && t->id == T_STRING) {
            call->args[i] = bind_cast_expr(cx, call->args[i], *ret);
        }
    }
    return FB_OK;
}

/* ---- which functions ---- */

typedef enum Treatment {
    REFUSED,
    AS_IT_IS, /* does not look into strings, or sees to them itself */
    LOWERED,  /* as UNIFIED, and looks for a text in another: by keys where these are texts */
    UNIFIED,  /* strings of one collation: what gives one of them, or compares them */
    BY_KEY,   /* max and min */
    PLAIN     /* works on characters: takes plain strings, and gives one of the collation */
} Treatment;

/* A map is looked up by its keys, as bytes. */
static bool takes_collated_keys(const Expr *call)
{
    bool found = false;
    for (uint32_t i = 0; i < call->n_args && strcmp(call->fn->name, "map") == 0; i += 2) {
        found = found || type_is_collated(call->args[i]->type);
    }
    const Type *t = call->args[0]->type;
    return found || (strcmp(call->fn->name, "extractvalue") == 0 && t->id == T_MAP &&
                     type_is_collated(t->fields[0].type));
}

static Treatment treatment_of(const Expr *call)
{
    static const char as_it_is[] =
        "!= <> between collate collation isnull isnotnull nullif equal_null $freq_items first "
        "first_value any_value last last_value collect_list struct named_struct typeof to_json "
        "to_csv size cardinality array_size explode explode_outer posexplode posexplode_outer "
        "inline inline_outer string int bigint double extractvalue []. map";
    static const char unified[] = "when if array coalesce nvl nvl2 ifnull";
    static const char plain[] =
        "upper ucase lower lcase concat || substring substr repeat length char_length "
        "character_length len octet_length md5 concat_ws left right reverse lpad rpad hash "
        "xxhash64";
    const char *name = call->fn->name;
    if (strcmp(name, "count") == 0 || strcmp(name, "match schema") == 0) {
        return AS_IT_IS;
    }
    if (call->distinct || takes_collated_keys(call)) {
        return REFUSED;
    }
    if (is_one_of(name, "max min")) {
        return BY_KEY;
    }
    if (is_one_of(name, "contains startswith endswith")) {
        return LOWERED;
    }
    if (is_one_of(name, plain) || (call->n_args == 1 && is_one_of(name, "trim ltrim rtrim"))) {
        return PLAIN;
    }
    if (compares(call) || is_one_of(name, unified)) {
        return UNIFIED;
    }
    return is_one_of(name, as_it_is) ? AS_IT_IS : REFUSED;
}

static const Type *collated_part(const Type *t)
{
    const Type *found = t->id == T_STRING && t->precision != 0 ? t : NULL;
    for (uint32_t i = 0; i < t->n_fields && !found; i++) {
        found = collated_part(t->fields[i].type);
    }
    return found;
}

static fb_status refuse(const Expr *call, const Type *collated, fb_error *err)
{
    return err_unsupported(err, "the function %s of strings with the collation %s", call->fn->name,
                           collation_name(collated_part(collated)));
}

/* max(x) is the x of the greatest key. */
static fb_status extreme_by_key(BindCtx *cx, Expr *call, fb_error *err)
{
    Expr *x = call->args[0];
    if (type_is_nested(x->type)) {
        return refuse(call, x->type, err);
    }
    const char *name = call->fn->name;
    StrBuf shown = {0};
    expr_name(call, &shown);
    bind_show(cx, call, &shown);
    call->args = ARENA_ARRAY(cx->arena, Expr *, 2);
    call->args[0] = x;
    call->args[1] = collation_key_of(cx, x);
    call->n_args = 2;
    call->fn = func_lookup(strcmp(name, "max") == 0 ? "$max_by_key" : "$min_by_key");
    call->name = call->fn->name;
    return FB_OK;
}

fb_status collation_prepare(BindCtx *cx, Expr *call, const Type **ret_type, fb_error *err)
{
    const Type *collated = NULL;
    *ret_type = NULL;
    for (uint32_t i = 0; i < call->n_args && !collated; i++) {
        const Type *t = call->args[i]->type;
        collated = t && type_is_collated(t) ? t : NULL;
    }
    if (!collated) {
        return FB_OK;
    }
    Treatment how = treatment_of(call);
    if (how == REFUSED) {
        return refuse(call, collated, err);
    }
    if (how == BY_KEY) {
        return extreme_by_key(cx, call, err);
    }
    if (how == AS_IT_IS) {
        for (uint32_t i = 0; i < call->n_args && call->distinct; i++) {
            if (type_is_nested(call->args[i]->type) && type_is_collated(call->args[i]->type)) {
                return refuse(call, collated, err);
            }
            call->args[i] = collation_key_of(cx, call->args[i]);
        }
        return FB_OK;
    }
    const Type *t = NULL;
    if (compares(call) && type_is_nested(collated)) {
        return refuse(call, collated, err);
    }
    TRY(unify(cx, call, &t, err));
    if (how == LOWERED) {
        return t->precision == 0 || collation_is_lower(t) ? collation_keys(cx, call, err)
                                                          : refuse(call, t, err);
    }
    for (uint32_t i = 0; i < call->n_args && how == PLAIN; i++) {
        Expr *e = call->args[i];
        if (type_is_nested(e->type) && type_is_collated(e->type)) {
            return refuse(call, e->type, err);
        }
        call->args[i] = e->type->id == T_STRING ? bind_cast_expr(cx, e, type_string) : e;
    }
    bool hashes = strcmp(call->fn->name, "md5") == 0;
    *ret_type = how == PLAIN && !hashes ? t : NULL;
    return FB_OK;
}

Expr *collation_key_of(BindCtx *cx, Expr *e)
{
    if (e->type->id != T_STRING || e->type->precision == 0) {
        return e;
    }
    Expr *key = expr_new(cx->arena, E_CALL, 1);
    key->fn = func_lookup("collation key");
    key->name = key->fn->name;
    key->args[0] = e;
    key->type = type_binary;
    key->nullable = e->nullable;
    key->eval_mode = cx->mode;
    key->start = e->start;
    key->stop = e->stop;
    return key;
}

fb_status collation_keys(BindCtx *cx, Expr *call, fb_error *err)
{
    for (uint32_t i = 0; i < call->n_args; i++) {
        const Type *t = call->args[i]->type;
        if (type_is_nested(t) && type_is_collated(t)) {
            return refuse(call, t, err);
        }
        call->args[i] = collation_key_of(cx, call->args[i]);
    }
    return FB_OK;
}
