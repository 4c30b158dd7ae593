/*
 * fn_generate.c - generators: explode, posexplode, inline, their outer forms, and stack.
 *
 * The type of a generator's call is the struct of its output columns. An array vector without nulls
 * is exploded without touching its elements: the child is the result, and only the row numbers are
 * made. Otherwise elements are gathered; the outer forms add a null row for empty or null input.
 *
 * Ownership: rows and columns live in cx->arena and may share memory with the arguments.
 */
#include "expr/fn_util.h"

#define MAX_GENERATED UINT32_C(0x7fffffff)
#define NO_ELEMENT UINT32_MAX

/* Output rows of an array or map: from which row, and which element (NO_ELEMENT: a null row). */
typedef struct Exploded {
    uint32_t *rows;
    uint32_t *elements;  /* NULL: first, first + 1, … */
    uint32_t *positions; /* within the row; NULL unless asked for */
    uint32_t n, first;
} Exploded;

static fb_status too_many_rows(fb_error *err)
{
    return err_unsupported(err, "more than %u generated rows in a batch", MAX_GENERATED);
}

static fb_status explode_count(const Vec *v, uint32_t n, bool outer, uint64_t *ret, fb_error *err)
{
    uint64_t total = 0;
    const uint32_t *offsets = v->data;
    uint32_t mask = vec_mask(v);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t count = vec_is_valid(v, i) ? offsets[(i & mask) + 1] - offsets[i & mask] : 0;
        total += count ? count : outer;
    }
    *ret = total;
    return total > MAX_GENERATED ? too_many_rows(err) : FB_OK;
}

/* Room for n rows of the vectors made: numbers, positions, and elements if they are gathered. */
static fb_status explode_room(EvalCtx *cx, const Vec *v, uint64_t n, bool gathered, bool positions,
                              fb_error *err)
{
    size_t width = (positions ? 2 : 1) * sizeof(uint32_t);
    for (uint32_t k = 0; gathered && k < v->type->n_fields; k++) {
        width += sizeof(uint32_t) + type_width(v->type->fields[k].type);
    }
    return eval_reserve(cx, n, width, err);
}

static fb_status explode_shared(EvalCtx *cx, const Vec *v, uint32_t n, bool positions,
                                Exploded *ret, fb_error *err)
{
    const uint32_t *offsets = v->data;
    uint32_t total = offsets[n] - offsets[0], at = 0;
    if (total > MAX_GENERATED) {
        return too_many_rows(err);
    }
    TRY(explode_room(cx, v, total, false, positions, err));
    ret->n = total;
    ret->first = offsets[0];
    ret->rows = arena_alloc(cx->arena, mem_mul(total ? total : 1, sizeof(uint32_t)));
    ret->positions = positions ? ARENA_ARRAY(cx->arena, uint32_t, total ? total : 1) : NULL;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t count = offsets[i + 1] - offsets[i];
        for (uint32_t k = 0; k < count; k++) {
            ret->rows[at + k] = i;
        }
        for (uint32_t k = 0; positions && k < count; k++) {
            ret->positions[at + k] = k;
        }
        at += count;
    }
    return FB_OK;
}

static fb_status explode_rows(EvalCtx *cx, const Vec *v, uint32_t n, bool outer, bool positions,
                              Exploded *ret, fb_error *err)
{
    *ret = (Exploded){0};
    if (!v->is_const && !v->valid && !outer) {
        return explode_shared(cx, v, n, positions, ret, err);
    }
    uint64_t total;
    TRY(explode_count(v, n, outer, &total, err));
    size_t size = mem_mul(total ? total : 1, sizeof(uint32_t));
    TRY(explode_room(cx, v, total, true, positions, err));
    ret->n = (uint32_t)total;
    ret->rows = arena_alloc(cx->arena, size);
    ret->elements = arena_alloc(cx->arena, size);
    ret->positions = positions ? arena_alloc(cx->arena, size) : NULL;
    const uint32_t *offsets = v->data;
    uint32_t at = 0, mask = vec_mask(v);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t from = offsets[i & mask];
        uint32_t count = vec_is_valid(v, i) ? offsets[(i & mask) + 1] - from : 0;
        for (uint32_t k = 0; k < count; k++, at++) {
            ret->rows[at] = i;
            ret->elements[at] = from + k;
            if (positions) {
                ret->positions[at] = k;
            }
        }
        if (count == 0 && outer) {
            ret->rows[at] = i;
            ret->elements[at] = NO_ELEMENT;
            if (positions) {
                ret->positions[at] = NO_ELEMENT;
            }
            at++;
        }
    }
    return FB_OK;
}

static void explode_column(EvalCtx *cx, const Exploded *x, bool outer, const Vec *child, Vec *out)
{
    if (!x->elements) {
        *out = vec_slice(child, x->first, x->n, cx->arena);
    } else if (outer) {
        vec_gather_nullable(out, child, x->elements, x->n, cx->arena);
    } else {
        vec_gather(out, child, x->elements, x->n, cx->arena);
    }
}

static void explode_positions(EvalCtx *cx, const Exploded *x, Vec *out)
{
    *out = (Vec){.type = type_int, .len = x->n, .data = x->positions};
    for (uint32_t k = 0; k < x->n; k++) {
        if (x->positions[k] == NO_ELEMENT) {
            vec_set_null(out, cx->arena, k);
        }
    }
}

static fb_status explode_any(EvalCtx *cx, const Vec *v, uint32_t n, bool outer, bool positions,
                             uint32_t **ret_rows, uint32_t *ret_n, Vec *out, fb_error *err)
{
    Exploded x;
    TRY(explode_rows(cx, v, n, outer, positions, &x, err));
    if (positions) {
        explode_positions(cx, &x, out++);
    }
    for (uint32_t k = 0; k < v->type->n_fields; k++) {
        explode_column(cx, &x, outer, &v->child[k], &out[k]);
    }
    *ret_rows = x.rows;
    *ret_n = x.n;
    return FB_OK;
}

fb_status gen_explode(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,
                      uint32_t **ret_rows, uint32_t *ret_n, Vec *out, fb_error *err)
{
    (void)call;
    return explode_any(cx, &args[0], n, false, false, ret_rows, ret_n, out, err);
}

fb_status gen_explode_outer(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,
                            uint32_t **ret_rows, uint32_t *ret_n, Vec *out, fb_error *err)
{
    (void)call;
    return explode_any(cx, &args[0], n, true, false, ret_rows, ret_n, out, err);
}

fb_status gen_posexplode(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,
                         uint32_t **ret_rows, uint32_t *ret_n, Vec *out, fb_error *err)
{
    (void)call;
    return explode_any(cx, &args[0], n, false, true, ret_rows, ret_n, out, err);
}

fb_status gen_posexplode_outer(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,
                               uint32_t **ret_rows, uint32_t *ret_n, Vec *out, fb_error *err)
{
    (void)call;
    return explode_any(cx, &args[0], n, true, true, ret_rows, ret_n, out, err);
}

/* A struct's fields as columns; where the struct is null they all are. */
static void spread_struct(EvalCtx *cx, const Vec *s, Vec *out)
{
    Vec flat;
    vec_flatten(&flat, s, cx->arena);
    for (uint32_t k = 0; k < s->type->n_fields; k++) {
        out[k] = flat.child[k];
        if (flat.valid) {
            const Vec *both[] = {&flat, &flat.child[k]};
            vec_flatten(&out[k], &flat.child[k], cx->arena);
            vec_and_validity(&out[k], both, 2, cx->arena);
        }
    }
}

static fb_status inline_any(EvalCtx *cx, const Vec *v, uint32_t n, bool outer, uint32_t **ret_rows,
                            uint32_t *ret_n, Vec *out, fb_error *err)
{
    Vec structs = {.type = v->type->fields[0].type};
    TRY(explode_any(cx, v, n, outer, false, ret_rows, ret_n, &structs, err));
    spread_struct(cx, &structs, out);
    return FB_OK;
}

fb_status gen_inline(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,
                     uint32_t **ret_rows, uint32_t *ret_n, Vec *out, fb_error *err)
{
    (void)call;
    return inline_any(cx, &args[0], n, false, ret_rows, ret_n, out, err);
}

fb_status gen_inline_outer(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,
                           uint32_t **ret_rows, uint32_t *ret_n, Vec *out, fb_error *err)
{
    (void)call;
    return inline_any(cx, &args[0], n, true, ret_rows, ret_n, out, err);
}

/* Column c of stack takes its row r from argument 1 + r * n_cols + c, or null beyond the last. */
fb_status gen_stack(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, uint32_t **ret_rows,
                    uint32_t *ret_n, Vec *out, fb_error *err)
{
    uint32_t height = (uint32_t)VEC_AT(int32_t, &args[0], 0), width = call->type->n_fields;
    if ((uint64_t)n * height > MAX_GENERATED) {
        return too_many_rows(err);
    }
    uint32_t total = n * height;
    size_t bytes = sizeof(uint32_t) + 1;
    for (uint32_t c = 0; c < width; c++) {
        bytes += type_width(call->type->fields[c].type);
    }
    TRY(eval_reserve(cx, total, bytes, err));
    uint32_t *rows = ARENA_ARRAY(cx->arena, uint32_t, total ? total : 1);
    uint8_t *part = arena_alloc(cx->arena, total ? total : 1);
    for (uint32_t k = 0; k < total; k++) {
        rows[k] = k / height;
        part[k] = (uint8_t)(k % height);
    }
    Vec *parts = ARENA_ARRAY(cx->arena, Vec, height);
    for (uint32_t c = 0; c < width; c++) {
        for (uint32_t r = 0; r < height; r++) {
            uint32_t a = 1 + r * width + c;
            if (a < call->n_args) {
                parts[r] = args[a];
            } else {
                vec_init_null(&parts[r], call->type->fields[c].type, n, cx->arena);
            }
        }
        vec_interleave(&out[c], parts, part, rows, total, cx->arena);
    }
    *ret_rows = rows;
    *ret_n = total;
    return FB_OK;
}

/* Each row as often as its number says, at least 0 times. */
fb_status gen_replicate(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,
                        uint32_t **ret_rows, uint32_t *ret_n, Vec *out, fb_error *err)
{
    (void)call;
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        int64_t times = vec_is_valid(&args[0], i) ? VEC_AT(int64_t, &args[0], i) : 0;
        total +=
            times > MAX_GENERATED ? (uint64_t)MAX_GENERATED + 1 : (uint64_t)(times > 0 ? times : 0);
    }
    if (total > MAX_GENERATED) {
        return too_many_rows(err);
    }
    TRY(eval_reserve(cx, total, sizeof(uint32_t), err));
    uint32_t *rows = arena_alloc(cx->arena, mem_mul(total ? total : 1, sizeof(uint32_t))), at = 0;
    for (uint32_t i = 0; i < n; i++) {
        int64_t times = vec_is_valid(&args[0], i) ? VEC_AT(int64_t, &args[0], i) : 0;
        for (int64_t k = 0; k < times; k++) {
            rows[at++] = i;
        }
    }
    vec_init_null(&out[0], type_int, at, cx->arena);
    *ret_rows = rows;
    *ret_n = at;
    return FB_OK;
}

/* ---- binding ---- */

fb_status bind_replicate(BindCtx *cx, Expr *call, fb_error *err)
{
    Field f = {.name = "copy", .type = type_int, .nullable = true};
    TRY(bind_cast(cx, call, 0, type_long, err));
    call->type = type_struct(&f, 1);
    call->nullable = false;
    return FB_OK;
}

static fb_status bind_explode_as(BindCtx *cx, Expr *call, bool outer, bool positions, fb_error *err)
{
    const Type *t = call->args[0]->type;
    Field fields[3];
    uint32_t n = 0;
    if (t->id != T_ARRAY && t->id != T_MAP) {
        return bind_type_error(cx, call, 0, "(\"ARRAY\" or \"MAP\")", err);
    }
    if (positions) {
        fields[n++] = (Field){.name = "pos", .type = type_int, .nullable = outer};
    }
    if (t->id == T_ARRAY) {
        fields[n++] = (Field){"col", t->fields[0].type, outer || t->fields[0].nullable, NULL};
    } else {
        fields[n++] = (Field){"key", t->fields[0].type, outer, NULL};
        fields[n++] = (Field){"value", t->fields[1].type, outer || t->fields[1].nullable, NULL};
    }
    call->type = type_struct(fields, n);
    call->nullable = false;
    return FB_OK;
}

fb_status bind_explode(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_explode_as(cx, call, false, false, err);
}

fb_status bind_explode_outer(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_explode_as(cx, call, true, false, err);
}

fb_status bind_posexplode(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_explode_as(cx, call, false, true, err);
}

fb_status bind_posexplode_outer(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_explode_as(cx, call, true, true, err);
}

static fb_status bind_inline_as(BindCtx *cx, Expr *call, bool outer, fb_error *err)
{
    const Type *t = call->args[0]->type;
    if (t->id != T_ARRAY || t->fields[0].type->id != T_STRUCT) {
        return bind_type_error(cx, call, 0, "\"ARRAY<STRUCT>\"", err);
    }
    const Type *s = t->fields[0].type;
    Field *fields = ARENA_ARRAY(cx->arena, Field, s->n_fields ? s->n_fields : 1);
    for (uint32_t k = 0; k < s->n_fields; k++) {
        fields[k] = s->fields[k];
        fields[k].nullable |= outer || t->fields[0].nullable;
    }
    call->type = type_struct(fields, s->n_fields);
    call->nullable = false;
    return FB_OK;
}

fb_status bind_inline(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_inline_as(cx, call, false, err);
}

fb_status bind_inline_outer(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_inline_as(cx, call, true, err);
}

static fb_status stack_height(BindCtx *cx, Expr *call, uint32_t *ret, fb_error *err)
{
    if (call->args[0]->type != type_int) {
        return bind_type_error(cx, call, 0, "\"INT\"", err);
    }
    if (!expr_is_foldable(call->args[0])) {
        return bind_non_foldable(cx, call, 0, "n", err);
    }
    Vec v;
    TRY(bind_fold(cx, call->args[0], &v, err));
    int32_t height = vec_is_valid(&v, 0) ? VEC_AT(int32_t, &v, 0) : 0;
    if (height <= 0) {
        return err_set(err, ERR_DATATYPE_MISMATCH_VALUE_OUT_OF_RANGE, "exprName", "`n`",
                       "valueRange", "(0, 2147483647]", "currentValue",
                       arena_printf(cx->arena, "%d", height), "sqlExpr", bind_sql(cx, call), NULL);
    }
    if (height > UINT8_MAX) {
        return err_unsupported(err, "stack of more than %d rows", UINT8_MAX);
    }
    *ret = (uint32_t)height;
    return FB_OK;
}

/* The type of column c: of its first argument that is not void. Voids are cast to it. */
static fb_status stack_column(BindCtx *cx, Expr *call, uint32_t c, uint32_t width, const Type **ret,
                              fb_error *err)
{
    uint32_t first = 0;
    for (uint32_t a = 1 + c; a < call->n_args; a += width) {
        const Type *t = call->args[a]->type;
        if (t->id == T_NULL) {
            continue;
        }
        if (!first) {
            first = a;
        } else if (call->args[first]->type != t) {
            return err_set(err, ERR_DATATYPE_MISMATCH_STACK_COLUMN_DIFF_TYPES, "columnIndex",
                           arena_printf(cx->arena, "%u", c), "leftParamIndex",
                           arena_printf(cx->arena, "%u", first), "leftType",
                           bind_type_sql(cx, call->args[first]->type), "rightParamIndex",
                           arena_printf(cx->arena, "%u", a), "rightType", bind_type_sql(cx, t),
                           "sqlExpr", bind_sql(cx, call), NULL);
        }
    }
    *ret = first ? call->args[first]->type : type_null;
    for (uint32_t a = 1 + c; a < call->n_args; a += width) {
        call->args[a] = bind_cast_expr(cx, call->args[a], *ret);
    }
    return FB_OK;
}

fb_status bind_stack(BindCtx *cx, Expr *call, fb_error *err)
{
    uint32_t height = 1;
    TRY(stack_height(cx, call, &height, err));
    uint32_t width = (call->n_args - 1 + height - 1) / height;
    Field *fields = ARENA_ARRAY(cx->arena, Field, width);
    for (uint32_t c = 0; c < width; c++) {
        const Type *t = NULL;
        TRY(stack_column(cx, call, c, width, &t, err));
        fields[c] = (Field){arena_printf(cx->arena, "col%u", c), t, true, NULL};
    }
    call->type = type_struct(fields, width);
    call->nullable = false;
    return FB_OK;
}
