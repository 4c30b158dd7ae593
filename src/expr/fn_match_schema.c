/*
 * fn_match_schema.c - nested values with the fields that another type has: those of a struct by
 * name, in that order, null where there is none; elements, keys and values likewise. The leaves
 * keep their types; a cast follows where the other type has another. It is what df.to(schema) does
 * below the columns.
 *
 * The arguments are the value, a null of the other type, and a FieldMatch. By position: where both
 * structs have as many fields, else by name.
 *
 * Ownership: the result shares with the argument what is kept. Recursion: by the type.
 */
#include "expr/fn_util.h"

/* The field of from that becomes field i of to; -1: none. */
static int field_of(const Type *from, const Type *to, uint32_t i, FieldMatch how)
{
    if (to->id != T_STRUCT || (how == MATCH_POSITION && from->n_fields == to->n_fields)) {
        return (int)i;
    }
    return type_field_index(from, str_of(to->fields[i].name), how == MATCH_NAME);
}

/* to with the leaves of from. */
static const Type *matched(Arena *a, const Type *from, const Type *to, FieldMatch how)
{
    if (from->id != to->id || !type_is_nested(to)) {
        return from;
    }
    Field *fields = ARENA_ARRAY(a, Field, to->n_fields);
    for (uint32_t i = 0; i < to->n_fields; i++) {
        int k = field_of(from, to, i, how);
        fields[i] = to->fields[i];
        if (k >= 0) {
            fields[i].type = matched(a, from->fields[k].type, to->fields[i].type, how);
            fields[i].nullable = from->fields[k].nullable;
        }
    }
    return to->id == T_STRUCT  ? type_struct(fields, to->n_fields)
           : to->id == T_ARRAY ? type_array(fields[0].type, fields[0].nullable)
                               : type_map(fields[0].type, fields[1].type, fields[1].nullable);
}

static FieldMatch how_of(const Expr *call)
{
    return (FieldMatch)literal_int(call->args[2]);
}

BINDER(bind_match_schema)
{
    call->type = matched(cx->arena, call->args[0]->type, call->args[1]->type, how_of(call));
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

static void rearrange(Vec *out, const Vec *v, const Type *t, FieldMatch how, Arena *a)
{
    uint32_t n = v->is_const ? 1 : v->len;
    *out = *v;
    out->type = t;
    if (t == v->type || !type_is_nested(t)) {
        return;
    }
    out->child = ARENA_ARRAY(a, Vec, t->n_fields);
    for (uint32_t i = 0; i < t->n_fields; i++) {
        int k = field_of(v->type, t, i, how);
        if (k >= 0) {
            rearrange(&out->child[i], &v->child[k], t->fields[i].type, how, a);
        } else {
            Vec none;
            vec_init_null(&none, t->fields[i].type, n, a);
            vec_flatten(&out->child[i], &none, a);
        }
    }
}

KERNEL(k_match_schema)
{
    rearrange(out, &args[0], call->type, how_of(call), cx->arena);
    return FB_OK;
}
