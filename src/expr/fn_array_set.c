/*
 * fn_array_set.c - arrays as sets: array_distinct, array_union, array_intersect, array_except,
 * arrays_overlap.
 *
 * Elements are hashed once a vector; each row then fills a small open-addressing table with element
 * numbers. Nulls are equal to each other, NaN to NaN, -0.0 to 0.0, as in grouping. Results keep the
 * order of first appearance.
 *
 * Ownership: results are in cx->arena.
 */
#include "expr/fn_array.h"

#include "expr/coerce.h"

ElementSet element_set(EvalCtx *cx, const Vec *v)
{
    uint64_t *hash = arena_zalloc(cx->arena, mem_mul(v->len ? v->len : 1, sizeof(uint64_t)));
    vec_hash(v, v->len, hash);
    return (ElementSet){.v = v, .hash = hash, .arena = cx->arena};
}

void element_set_clear(ElementSet *s, uint32_t n)
{
    uint32_t size = 8;
    while (size / 2 < n && size < 1u << 30) {
        size *= 2;
    }
    if (size > s->cap) {
        s->slots = arena_alloc(s->arena, size * sizeof(uint32_t));
        s->cap = size;
    }
    s->mask = size - 1;
    memset(s->slots, 0, size * sizeof(uint32_t));
}

/* The slot of the element or of nothing. */
static uint32_t element_slot(const ElementSet *s, uint32_t element)
{
    uint32_t at = (uint32_t)s->hash[element] & s->mask;
    while (s->slots[at]) {
        uint32_t other = s->slots[at] - 1;
        if (s->hash[other] == s->hash[element] && vec_eq_at(s->v, other, s->v, element)) {
            break;
        }
        at = (at + 1) & s->mask;
    }
    return at;
}

bool element_set_add(ElementSet *s, uint32_t element)
{
    uint32_t at = element_slot(s, element);
    if (s->slots[at]) {
        return false;
    }
    s->slots[at] = element + 1;
    return true;
}

bool element_set_has(const ElementSet *s, uint32_t element)
{
    return s->slots[element_slot(s, element)] != 0;
}

KERNEL(fn_array_distinct)
{
    const Vec *v = &args[0];
    ElementSet seen = element_set(cx, &v->child[0]);
    ListOut o = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            element_set_clear(&seen, list_to(v, i) - list_from(v, i));
            for (uint32_t e = list_from(v, i); e < list_to(v, i); e++) {
                if (element_set_add(&seen, e)) {
                    list_out_push(&o, e);
                }
            }
        }
        list_out_end_row(&o, i);
    }
    list_out_finish(&o, &v->child[0], out);
    return FB_OK;
}

typedef enum SetOp { SET_UNION, SET_INTERSECT, SET_EXCEPT } SetOp;

/* Row i: the elements of a, then (for a union) those of b; each once. */
static void set_row(SetOp op, ElementSet *other, ElementSet *seen, const Vec *a, const Vec *b,
                    uint32_t base, uint32_t i, ListOut *o)
{
    uint32_t na = list_to(a, i) - list_from(a, i), nb = list_to(b, i) - list_from(b, i);
    element_set_clear(seen, na + nb);
    element_set_clear(other, nb);
    for (uint32_t e = list_from(b, i); op != SET_UNION && e < list_to(b, i); e++) {
        element_set_add(other, base + e);
    }
    for (uint32_t e = list_from(a, i); e < list_to(a, i); e++) {
        bool in = op == SET_UNION || element_set_has(other, e) == (op == SET_INTERSECT);
        if (in && element_set_add(seen, e)) {
            list_out_push(o, e);
        }
    }
    for (uint32_t e = list_from(b, i); op == SET_UNION && e < list_to(b, i); e++) {
        if (element_set_add(seen, base + e)) {
            list_out_push(o, base + e);
        }
    }
}

static fb_status set_all(EvalCtx *cx, const Vec *args, SetOp op, uint32_t n, Vec *out,
                         fb_error *err)
{
    uint32_t base;
    Vec both;
    TRY(list_both(cx, &args[0], &args[1], &both, &base, err));
    ElementSet seen = element_set(cx, &both), other = seen;
    ListOut o = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            set_row(op, &other, &seen, &args[0], &args[1], base, i, &o);
        }
        list_out_end_row(&o, i);
    }
    list_out_finish(&o, &both, out);
    return FB_OK;
}

KERNEL(fn_array_union)
{
    return set_all(cx, args, SET_UNION, n, out, err);
}

KERNEL(fn_array_intersect)
{
    return set_all(cx, args, SET_INTERSECT, n, out, err);
}

KERNEL(fn_array_except)
{
    return set_all(cx, args, SET_EXCEPT, n, out, err);
}

/* true if they share an element; else null if one of two non-empty arrays has a null. */
KERNEL(fn_arrays_overlap)
{
    const Vec *a = &args[0], *b = &args[1];
    uint32_t base;
    Vec both;
    TRY(list_both(cx, a, b, &both, &base, err));
    ElementSet set = element_set(cx, &both);
    uint8_t *data = kernel_alloc(cx, out);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        uint32_t na = list_to(a, i) - list_from(a, i), nb = list_to(b, i) - list_from(b, i);
        bool nulls = false;
        element_set_clear(&set, na);
        for (uint32_t e = list_from(a, i); e < list_to(a, i); e++) {
            bool valid = vec_is_valid(&both, e);
            nulls |= !valid;
            if (valid) {
                element_set_add(&set, e);
            }
        }
        for (uint32_t e = list_from(b, i); e < list_to(b, i); e++) {
            bool valid = vec_is_valid(&both, base + e);
            nulls |= !valid;
            data[i] |= valid && element_set_has(&set, base + e);
        }
        if (!data[i] && nulls && na && nb) {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

/* ---- binding ---- */

static bool has_map(const Type *t)
{
    bool found = t->id == T_MAP;
    for (uint32_t k = 0; !found && k < t->n_fields; k++) {
        found = has_map(t->fields[k].type);
    }
    return found;
}

static fb_status bind_comparable(BindCtx *cx, Expr *call, const Type *t, fb_error *err)
{
    if (!has_map(t)) {
        return FB_OK;
    }
    return err_set(err, ERR_DATATYPE_MISMATCH_INVALID_ORDERING_TYPE, "functionName",
                   arena_printf(cx->arena, "`%s`", call->name), "dataType", bind_type_sql(cx, t),
                   "sqlExpr", bind_sql(cx, call), NULL);
}

BINDER(bind_array_distinct)
{
    const Type *t = call->args[0]->type;
    if (t->id == T_NULL) {
        call->args[0] = bind_cast_expr(cx, call->args[0], type_array(type_null, true));
    } else if (t->id != T_ARRAY) {
        return bind_type_error(cx, call, 0, "\"ARRAY\"", err);
    }
    TRY(bind_comparable(cx, call, call->args[0]->type->fields[0].type, err));
    return bind_done(call, call->args[0]->type);
}

/* Two arrays with elements of one type. */
static fb_status bind_two_arrays(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *a = call->args[0]->type, *b = call->args[1]->type, *common = NULL;
    if (a->id == T_ARRAY && b->id == T_ARRAY) {
        common = coerce_tightest(cx->mode, a->fields[0].type, b->fields[0].type);
    }
    if (!common) {
        return err_set(err, ERR_DATATYPE_MISMATCH_BINARY_ARRAY_DIFF_TYPES, "functionName",
                       arena_printf(cx->arena, "`%s`", call->name), "arrayType", "\"ARRAY\"",
                       "leftType", bind_type_sql(cx, a), "rightType", bind_type_sql(cx, b),
                       "sqlExpr", bind_sql(cx, call), NULL);
    }
    for (uint32_t i = 0; i < 2; i++) {
        const Type *t = call->args[i]->type;
        call->args[i] =
            bind_cast_expr(cx, call->args[i], type_array(common, t->fields[0].nullable));
    }
    return bind_comparable(cx, call, common, err);
}

static fb_status bind_set_op(BindCtx *cx, Expr *call, SetOp op, fb_error *err)
{
    TRY(bind_two_arrays(cx, call, err));
    const Field *a = &call->args[0]->type->fields[0], *b = &call->args[1]->type->fields[0];
    bool nulls = op == SET_UNION       ? a->nullable || b->nullable
                 : op == SET_INTERSECT ? a->nullable && b->nullable
                                       : a->nullable;
    return bind_done(call, type_array(a->type, nulls));
}

BINDER(bind_array_union)
{
    return bind_set_op(cx, call, SET_UNION, err);
}

BINDER(bind_array_intersect)
{
    return bind_set_op(cx, call, SET_INTERSECT, err);
}

BINDER(bind_array_except)
{
    return bind_set_op(cx, call, SET_EXCEPT, err);
}

BINDER(bind_arrays_overlap)
{
    TRY(bind_two_arrays(cx, call, err));
    TRY(bind_done(call, type_boolean));
    call->nullable |=
        call->args[0]->type->fields[0].nullable || call->args[1]->type->fields[0].nullable;
    return FB_OK;
}
