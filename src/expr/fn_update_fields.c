/*
 * fn_update_fields.c - Column.withField and Column.dropFields: a struct with fields set and taken
 * away.
 *
 * $update_fields(struct, op, …) applies its ops from left to right. $withfield('name', value) sets
 * every field of that name, or adds one behind the last; $dropfield('name') takes every one away.
 * Which child or argument each field of the result comes from is known
 * once the call is bound.
 */
#include "expr/kernel.h"

/* The fields as the ops so far leave them; from[k] is the child of the struct, or the number of
 * its children plus that of the argument. */
typedef struct Updated {
    Field *fields;
    uint32_t *from;
    uint32_t n;
} Updated;

static Str name_of(const Expr *op)
{
    return view_str(&VEC_DATA(View, op->args[0]->value)[0]);
}

/* Spark's OptimizeUpdateFields: of what sets one field twice, with no field dropped after the
 * first, the last is kept, in the place of the first. */
static void keep_last(Expr *call)
{
    uint32_t from = call->n_args;
    while (from > 1 && call->args[from - 1]->fn->bind == bind_with_field) {
        from--;
    }
    uint32_t kept = from;
    for (uint32_t i = from; i < call->n_args; i++) {
        uint32_t k = from;
        while (k < kept && !str_eq_nocase(name_of(call->args[k]), name_of(call->args[i]))) {
            k++;
        }
        call->args[k] = call->args[i];
        kept += k == kept;
    }
    call->n_args = kept;
}

static void with_field(Arena *a, Updated *u, const Type *s, const Expr *op, uint32_t arg)
{
    Str name = name_of(op);
    const Field field = {arena_strndup(a, name.p, name.n), op->type, op->nullable, NULL};
    bool found = false;
    for (uint32_t k = 0; k < u->n; k++) {
        if (str_eq_nocase(str_of(u->fields[k].name), name)) {
            u->fields[k] = field;
            u->from[k] = s->n_fields + arg;
            found = true;
        }
    }
    if (!found) {
        u->fields[u->n] = field;
        u->from[u->n++] = s->n_fields + arg;
    }
}

static void drop_field(Updated *u, const Expr *op)
{
    Str name = name_of(op);
    uint32_t kept = 0;
    for (uint32_t k = 0; k < u->n; k++) {
        if (!str_eq_nocase(str_of(u->fields[k].name), name)) {
            u->fields[kept] = u->fields[k];
            u->from[kept++] = u->from[k];
        }
    }
    u->n = kept;
}

fb_status bind_update_fields(BindCtx *cx, Expr *call, fb_error *err)
{
    keep_last(call);
    const Type *s = call->args[0]->type;
    if (s->id != T_STRUCT) {
        return bind_type_error(cx, call, 0, "\"STRUCT\"", err);
    }
    Updated u = {ARENA_ARRAY(cx->arena, Field, s->n_fields + call->n_args),
                 ARENA_ARRAY(cx->arena, uint32_t, s->n_fields + call->n_args), s->n_fields};
    for (uint32_t k = 0; k < s->n_fields; k++) {
        u.fields[k] = s->fields[k];
        u.from[k] = k;
    }
    for (uint32_t i = 1; i < call->n_args; i++) {
        if (call->args[i]->fn->bind == bind_with_field) {
            with_field(cx->arena, &u, s, call->args[i], i);
        } else {
            drop_field(&u, call->args[i]);
        }
    }
    if (u.n == 0) {
        return err_set(err, ERR_DATATYPE_MISMATCH_CANNOT_DROP_ALL_FIELDS, "sqlExpr",
                       bind_sql(cx, call), NULL);
    }
    call->type = type_struct(u.fields, u.n);
    call->nullable = call->args[0]->nullable;
    call->fn_data = u.from;
    return FB_OK;
}

fb_status k_update_fields(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                          fb_error *err)
{
    (void)n;
    (void)err;
    const Vec *s = &args[0];
    const uint32_t *from = call->fn_data;
    Vec whole;
    vec_flatten(&whole, s, cx->arena);
    out->child = ARENA_ARRAY(cx->arena, Vec, out->type->n_fields);
    for (uint32_t k = 0; k < out->type->n_fields; k++) {
        uint32_t at = from[k], kept = s->type->n_fields;
        vec_flatten(&out->child[k], at < kept ? &whole.child[at] : &args[at - kept], cx->arena);
    }
    const Vec *both[1] = {&whole};
    vec_and_validity(out, both, 1, cx->arena);
    return FB_OK;
}

fb_status bind_with_field(BindCtx *cx, Expr *call, fb_error *err)
{
    (void)cx;
    (void)err;
    call->type = call->args[1]->type;
    call->nullable = call->args[1]->nullable;
    return FB_OK;
}

fb_status k_with_field(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                       fb_error *err)
{
    (void)call;
    (void)n;
    (void)err;
    vec_flatten(out, &args[1], cx->arena);
    return FB_OK;
}

/* The value of a $dropfield is not looked at. */
fb_status bind_drop_field(BindCtx *cx, Expr *call, fb_error *err)
{
    (void)cx;
    (void)err;
    call->type = type_string;
    call->nullable = false;
    return FB_OK;
}

fb_status k_drop_field(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                       fb_error *err)
{
    (void)call;
    (void)n;
    (void)err;
    vec_flatten(out, &args[0], cx->arena);
    return FB_OK;
}
