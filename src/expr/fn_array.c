/*
 * fn_array.c - arrays: sort_array, array_sort, array_join, array_max, array_min, array_position,
 * array_remove, slice, reverse, concat, flatten, array_repeat, array_append, array_prepend,
 * array_compact, array_insert, arrays_zip.
 *
 * Ownership: results are in cx->arena and may share the arguments' elements.
 */
#include "expr/fn_array.h"

#include "expr/coerce.h"

#include "expr/agg_value.h"
#include "expr/fn_string.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- choosing elements ---- */

#define LIST_SMALL 65536        /* elements: less is not worth asking for */
#define MAX_ELEMENTS 2147483632 /* ByteArrayUtils.MAX_ROUNDED_ARRAY_LENGTH */

ListOut list_out(EvalCtx *cx, uint32_t n)
{
    ListOut o = {.arena = cx->arena, .n_rows = n};
    o.offsets = arena_zalloc(cx->arena, ((size_t)n + 1) * sizeof(uint32_t));
    return o;
}

void list_out_grow(ListOut *o)
{
    uint32_t cap = o->cap ? o->cap * 2 : 256;
    bool large = o->cap > UINT32_MAX / 4;
    if (large || o->over || !arena_reserve(o->arena, cap * sizeof(uint32_t))) {
        FB_ASSERT(o->arena->quota); /* without one nobody would look */
        if (large) {
            arena_refuse(o->arena, (size_t)cap * sizeof(uint32_t));
        }
        o->over = true;
        o->n_elements = 0;
        if (o->cap > 0) {
            return;
        }
    }
    uint32_t *elements = arena_alloc(o->arena, cap * sizeof(uint32_t));
    if (o->n_elements) {
        memcpy(elements, o->elements, o->n_elements * sizeof(uint32_t));
    }
    o->elements = elements;
    o->cap = cap;
}

fb_status list_out_reserve(ListOut *o, uint64_t more, const Vec *source, fb_error *err)
{
    uint64_t want = o->n_elements + more;
    size_t width = sizeof(uint32_t) + type_width(source->type);
    if (want <= o->cap) {
        return FB_OK;
    }
    uint32_t most = UINT32_MAX / 4;
    if (more < LIST_SMALL && want <= most) {
        return FB_OK;
    }
    if (!arena_reserve(o->arena, MIN_OF(want, most) * width)) {
        return arena_check(o->arena, err);
    }
    if (want > most) {
        return err_unsupported(err, "more than %u array elements in a batch", most);
    }
    uint32_t *elements = arena_alloc(o->arena, want * sizeof(uint32_t));
    if (o->n_elements) {
        memcpy(elements, o->elements, o->n_elements * sizeof(uint32_t));
    }
    o->elements = elements;
    o->cap = (uint32_t)want;
    return FB_OK;
}

fb_status list_concat_check(EvalCtx *cx, const Vec *parts, uint32_t n_parts, fb_error *err)
{
    uint64_t total = 0;
    for (uint32_t k = 0; k < n_parts; k++) {
        total += parts[k].len;
    }
    if (total >= UINT32_MAX) {
        return err_unsupported(err, "more than %u array elements in a batch", UINT32_MAX);
    }
    size_t width = n_parts ? type_width(parts[0].type) : 0;
    return total < LIST_SMALL ? FB_OK : eval_reserve(cx, total, width, err);
}

void list_out_finish(ListOut *o, const Vec *source, Vec *out)
{
    if (o->over) {
        memset(o->offsets, 0, ((size_t)o->n_rows + 1) * sizeof(uint32_t));
        o->n_elements = 0;
    }
    out->data = o->offsets;
    out->child = ARENA_NEW(o->arena, Vec);
    if (o->n_elements == 0) {
        vec_init(out->child, source->type, 0, o->arena);
    } else if (o->nulls) {
        vec_gather_nullable(out->child, source, o->elements, o->n_elements, o->arena);
    } else {
        vec_gather(out->child, source, o->elements, o->n_elements, o->arena);
    }
}

fb_status list_both(EvalCtx *cx, const Vec *a, const Vec *b, Vec *ret, uint32_t *ret_base,
                    fb_error *err)
{
    Vec parts[2] = {a->child[0], b->child[0]};
    TRY(list_concat_check(cx, parts, 2, err));
    *ret_base = parts[0].len;
    vec_concat(ret, parts, 2, cx->arena);
    return FB_OK;
}

static fb_status bind_array_arg(BindCtx *cx, Expr *call, uint32_t i, fb_error *err)
{
    const Type *t = call->args[i]->type;
    if (t->id == T_NULL) { /* an array of nothing, null as a whole */
        call->args[i] = bind_cast_expr(cx, call->args[i], type_array(type_null, true));
        return FB_OK;
    }
    return t->id == T_ARRAY ? FB_OK : bind_type_error(cx, call, i, "\"ARRAY\"", err);
}

static const Type *element_type(const Expr *call, uint32_t i)
{
    return call->args[i]->type->fields[0].type;
}

/* ---- sorting ---- */

typedef struct SortKey {
    const Vec *v;
    bool descending, nulls_last;
} SortKey;

static int compare_elements(const void *pa, const void *pb, void *arg)
{
    const SortKey *k = arg;
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    bool va = vec_is_valid(k->v, a), vb = vec_is_valid(k->v, b);
    int c;
    if (!va || !vb) {
        c = va == vb ? 0 : (!va == k->nulls_last ? 1 : -1);
    } else {
        c = vec_cmp_at(k->v, a, k->v, b);
        c = k->descending ? -c : c;
    }
    return c ? c : (a > b) - (a < b); /* stable */
}

static void sort_row(ListOut *o, const Vec *v, uint32_t i, SortKey *k)
{
    uint32_t start = o->n_elements;
    for (uint32_t e = list_from(v, i); e < list_to(v, i); e++) {
        list_out_push(o, e);
    }
    if (o->n_elements > start) {
        qsort_r(o->elements + start, o->n_elements - start, sizeof(uint32_t), compare_elements, k);
    }
}

KERNEL(fn_sort_array)
{
    const Vec *v = &args[0];
    ListOut o = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            bool ascending = VEC_AT(uint8_t, &args[1], i);
            SortKey k = {&v->child[0], !ascending, !ascending};
            sort_row(&o, v, i, &k);
        }
        list_out_end_row(&o, i);
    }
    list_out_finish(&o, &v->child[0], out);
    return FB_OK;
}

static fb_status bind_sortable(BindCtx *cx, Expr *call, fb_error *err)
{
    TRY(bind_array_arg(cx, call, 0, err));
    if (!agg_is_orderable(element_type(call, 0))) {
        return err_set(err, ERR_DATATYPE_MISMATCH_INVALID_ORDERING_TYPE, "functionName",
                       arena_printf(cx->arena, "`%s`", call->name), "dataType",
                       bind_type_sql(cx, call->args[0]->type), "sqlExpr", bind_sql(cx, call), NULL);
    }
    return FB_OK;
}

BINDER(bind_sort_array)
{
    if (call->n_args == 1) {
        bind_add_arg(cx, call, expr_literal_bool(cx->arena, true));
    }
    TRY(bind_sortable(cx, call, err));
    if (!expr_is_foldable(call->args[1])) {
        return bind_non_foldable(cx, call, 1, "ascendingOrder", err);
    }
    TRY(bind_exact(cx, call, 1, type_boolean, err));
    return bind_done(call, call->args[0]->type);
}

KERNEL(fn_array_sort)
{
    const Vec *v = &args[0];
    ListOut o = list_out(cx, n);
    SortKey k = {&v->child[0], false, true};
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            sort_row(&o, v, i, &k);
        }
        list_out_end_row(&o, i);
    }
    list_out_finish(&o, &v->child[0], out);
    return FB_OK;
}

/* The comparator that Spark supplies, as it shows in the name. */
#define V "namedlambdavariable()"
#define DEFAULT_COMPARATOR                                                                         \
    "lambdafunction((IF(((" V " IS NULL) AND (" V " IS NULL)), 0, (IF((" V " IS NULL), 1, (IF((" V \
    " IS NULL), -1, (IF((" V " < " V "), -1, (IF((" V " > " V "), 1, 0)))))))))), " V ", " V ")"

BINDER(bind_array_sort)
{
    if (call->n_args == 2) {
        Expr *by;
        TRY(bind_call(cx, "$array_sort_by", call->args, 2, &by, err));
        bind_replace(cx, call, by);
        return FB_OK;
    }
    StrBuf text = {0};
    strbuf_puts(&text, "array_sort(");
    expr_name(call->args[0], &text);
    strbuf_puts(&text, ", " DEFAULT_COMPARATOR ")");
    if (call->args[0]->type->id == T_NULL) {
        strbuf_free(&text);
        return bind_type_error(cx, call, 0, "\"ARRAY\"", err);
    }
    TRY(bind_sortable(cx, call, err));
    bind_show(cx, call, &text);
    return bind_done(call, call->args[0]->type);
}

/* ---- extremes, position ---- */

static void array_extreme(EvalCtx *cx, const Vec *v, bool max, uint32_t n, Vec *out)
{
    const Vec *child = &v->child[0];
    uint32_t *best = arena_alloc(cx->arena, mem_mul(n ? n : 1, sizeof(uint32_t)));
    for (uint32_t i = 0; i < n; i++) {
        best[i] = LIST_NULL;
        if (!kernel_wants(out, i)) {
            continue;
        }
        for (uint32_t e = list_from(v, i); e < list_to(v, i); e++) {
            if (vec_is_valid(child, e) &&
                (best[i] == LIST_NULL || (vec_cmp_at(child, e, child, best[i]) > 0) == max)) {
                if (best[i] == LIST_NULL || vec_cmp_at(child, e, child, best[i]) != 0) {
                    best[i] = e;
                }
            }
        }
    }
    vec_gather_nullable(out, child, best, n, cx->arena);
}

KERNEL(fn_array_max)
{
    array_extreme(cx, &args[0], true, n, out);
    return FB_OK;
}

KERNEL(fn_array_min)
{
    array_extreme(cx, &args[0], false, n, out);
    return FB_OK;
}

BINDER(bind_array_extreme)
{
    TRY(bind_sortable(cx, call, err));
    call->type = element_type(call, 0);
    call->nullable = true;
    return FB_OK;
}

/* The array's elements and the value of one type. */
static fb_status bind_array_and_value(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type, *common = NULL;
    if (t->id == T_ARRAY) {
        common = coerce_tightest(cx->mode, t->fields[0].type, call->args[1]->type);
    }
    if (!common) {
        return err_set(err, ERR_DATATYPE_MISMATCH_ARRAY_FUNCTION_DIFF_TYPES, "functionName",
                       arena_printf(cx->arena, "`%s`", call->name), "dataType", "\"ARRAY\"",
                       "leftType", bind_type_sql(cx, t), "rightType",
                       bind_type_sql(cx, call->args[1]->type), "sqlExpr", bind_sql(cx, call), NULL);
    }
    call->args[0] = bind_cast_expr(cx, call->args[0], type_array(common, t->fields[0].nullable));
    call->args[1] = bind_cast_expr(cx, call->args[1], common);
    return FB_OK;
}

static bool element_equals(const Vec *child, uint32_t e, const Vec *value, uint32_t i)
{
    return vec_is_valid(child, e) && vec_cmp_at(child, e, value, i & vec_mask(value)) == 0;
}

KERNEL(fn_array_position)
{
    int64_t *data = kernel_alloc(cx, out);
    const Vec *v = &args[0];
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        uint32_t from = list_from(v, i);
        for (uint32_t e = from; e < list_to(v, i); e++) {
            if (element_equals(&v->child[0], e, &args[1], i)) {
                data[i] = (int64_t)(e - from) + 1;
                break;
            }
        }
    }
    return FB_OK;
}

BINDER(bind_array_position)
{
    if (call->args[0]->type->id == T_NULL) {
        return err_set(err, ERR_DATATYPE_MISMATCH_NULL_TYPE, "functionName",
                       arena_printf(cx->arena, "`%s`", call->name), "sqlExpr", bind_sql(cx, call),
                       NULL);
    }
    if (call->args[0]->type->id != T_ARRAY) {
        return bind_type_error(cx, call, 0, "\"ARRAY\"", err);
    }
    TRY(bind_array_and_value(cx, call, err));
    return bind_done(call, type_long);
}

KERNEL(fn_array_remove)
{
    const Vec *v = &args[0];
    ListOut o = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            for (uint32_t e = list_from(v, i); e < list_to(v, i); e++) {
                if (!element_equals(&v->child[0], e, &args[1], i)) {
                    list_out_push(&o, e);
                }
            }
        }
        list_out_end_row(&o, i);
    }
    list_out_finish(&o, &v->child[0], out);
    return FB_OK;
}

BINDER(bind_array_remove)
{
    TRY(bind_array_and_value(cx, call, err));
    return bind_done(call, call->args[0]->type);
}

/* ---- append, prepend, compact ---- */

/* A one-element array of each value. */
static Vec as_arrays(EvalCtx *cx, const Vec *v, uint32_t n)
{
    Vec out;
    vec_init(&out, type_array(v->type, true), n, cx->arena);
    vec_flatten(&out.child[0], v, cx->arena);
    for (uint32_t i = 0; i <= n; i++) {
        VEC_DATA(uint32_t, &out)[i] = i;
    }
    return out;
}

static fb_status array_add(EvalCtx *cx, const Vec *args, bool in_front, uint32_t n, Vec *out,
                           fb_error *err)
{
    Vec value = args[1];
    value.len = value.is_const ? n : value.len;
    Vec parts[2] = {args[0], as_arrays(cx, &value, n)};
    if (in_front) {
        parts[0] = parts[1];
        parts[1] = args[0];
    }
    const Vec *array = &args[0];
    vec_and_validity(out, &array, 1, cx->arena);
    return concat_arrays(cx, parts, 2, n, out, err);
}

KERNEL(fn_array_append)
{
    return array_add(cx, args, false, n, out, err);
}

KERNEL(fn_array_prepend)
{
    return array_add(cx, args, true, n, out, err);
}

BINDER(bind_array_append)
{
    const Type *t = call->args[0]->type;
    if (t->id != T_ARRAY) {
        return bind_type_error(cx, call, 0, "\"ARRAY\"", err);
    }
    TRY(bind_array_and_value(cx, call, err));
    call->type = type_array(element_type(call, 0), true); /* whatever is appended */
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

KERNEL(fn_array_compact)
{
    const Vec *v = &args[0];
    ListOut o = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            for (uint32_t e = list_from(v, i); e < list_to(v, i); e++) {
                if (vec_is_valid(&v->child[0], e)) {
                    list_out_push(&o, e);
                }
            }
        }
        list_out_end_row(&o, i);
    }
    list_out_finish(&o, &v->child[0], out);
    return FB_OK;
}

BINDER(bind_array_compact)
{
    TRY(bind_array_arg(cx, call, 0, err));
    return bind_done(call, type_array(element_type(call, 0), false));
}

/* ---- array_insert ---- */

/* Row i with the value at pos (from 1, or from -1 at the end); the hole up to it is filled with
 * nulls. value: the number of the inserted element. */
static fb_status insert_row(ListOut *o, const Vec *v, uint32_t i, int32_t pos, uint32_t value,
                            fb_error *err)
{
    uint32_t from = list_from(v, i), to = list_to(v, i);
    int64_t size = to - from, at = pos > 0 ? (int64_t)pos - 1 : size + pos + 1;
    if (pos == 0) {
        return err_set(err, ERR_INVALID_INDEX_OF_ZERO, NULL);
    }
    int64_t holes = at > size ? at - size : at < 0 ? -at : 0;
    if (size + holes >= MAX_ELEMENTS) {
        char count[24];
        snprintf(count, sizeof(count), "%" PRId64, size + holes + 1);
        return err_set(err, ERR_COLLECTION_SIZE_LIMIT_EXCEEDED_FUNCTION, "numberOfElements", count,
                       "functionName", "`array_insert`", "maxRoundedArrayLength", "2147483632",
                       NULL);
    }
    TRY(list_out_reserve(o, (uint64_t)(size + holes) + 1, &v->child[0], err));
    if (at < 0) {
        list_out_push(o, value);
        for (; holes > 0; holes--) {
            list_out_push(o, LIST_NULL);
        }
    }
    for (uint32_t e = from; e < to; e++) {
        if (e - from == at) {
            list_out_push(o, value);
        }
        list_out_push(o, e);
    }
    for (; holes > 0; holes--) {
        list_out_push(o, LIST_NULL);
    }
    if (at >= size) {
        list_out_push(o, value);
    }
    return FB_OK;
}

KERNEL(fn_array_insert)
{
    const Vec *v = &args[0], *both[] = {&args[0], &args[1]};
    Vec value = args[2];
    value.len = value.is_const ? n : value.len;
    Vec single = as_arrays(cx, &value, n);
    uint32_t base;
    Vec all;
    TRY(list_both(cx, v, &single, &all, &base, err));
    vec_and_validity(out, both, 2, cx->arena);
    ListOut o = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            TRY(insert_row(&o, v, i, VEC_AT(int32_t, &args[1], i), base + i, err));
        }
        list_out_end_row(&o, i);
    }
    list_out_finish(&o, &all, out);
    return FB_OK;
}

BINDER(bind_array_insert)
{
    const Type *t = call->args[0]->type, *common = NULL;
    if (t->id == T_ARRAY) {
        common = coerce_tightest(cx->mode, t->fields[0].type, call->args[2]->type);
    }
    if (!common) {
        return err_set(err, ERR_DATATYPE_MISMATCH_ARRAY_FUNCTION_DIFF_TYPES, "functionName",
                       "`array_insert`", "dataType", "\"ARRAY\"", "leftType", bind_type_sql(cx, t),
                       "rightType", bind_type_sql(cx, call->args[2]->type), "sqlExpr",
                       bind_sql(cx, call), NULL);
    }
    TypeId pos = call->args[1]->type->id;
    if (pos != T_INT && pos != T_SHORT && pos != T_BYTE) {
        return bind_type_error(cx, call, 1, "\"INT\"", err);
    }
    TRY(bind_cast(cx, call, 1, type_int, err));
    call->args[0] = bind_cast_expr(cx, call->args[0], type_array(common, t->fields[0].nullable));
    call->args[2] = bind_cast_expr(cx, call->args[2], common);
    call->type = type_array(common, true);
    call->nullable = call->args[0]->nullable || call->args[1]->nullable;
    return FB_OK;
}

/* ---- arrays_zip ---- */

KERNEL(fn_arrays_zip)
{
    uint32_t n_args = call->n_args;
    ListOut *o = ARENA_ARRAY(cx->arena, ListOut, n_args + 1);
    uint32_t *offsets = arena_zalloc(cx->arena, ((size_t)n + 1) * sizeof(uint32_t));
    for (uint32_t k = 0; k < n_args; k++) {
        o[k] = list_out(cx, n);
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t longest = 0;
        for (uint32_t k = 0; k < n_args && kernel_wants(out, i); k++) {
            uint32_t len = list_to(&args[k], i) - list_from(&args[k], i);
            longest = MAX_OF(longest, len);
        }
        for (uint32_t k = 0; k < n_args && longest; k++) {
            uint32_t from = list_from(&args[k], i), len = list_to(&args[k], i) - from;
            for (uint32_t e = 0; e < longest; e++) {
                list_out_push(&o[k], e < len ? from + e : LIST_NULL);
            }
        }
        offsets[i + 1] = offsets[i] + longest;
    }
    Vec *structs = ARENA_NEW(cx->arena, Vec);
    *structs = (Vec){.type = out->type->fields[0].type, .len = offsets[n]};
    structs->child = ARENA_ARRAY(cx->arena, Vec, n_args + 1);
    for (uint32_t k = 0; k < n_args; k++) {
        Vec list = {0};
        list_out_finish(&o[k], &args[k].child[0], &list);
        structs->child[k] = *list.child;
    }
    out->data = offsets;
    out->child = structs;
    return FB_OK;
}

/* Fields are named after columns and struct fields, others by their number. */
static const char *zip_name(BindCtx *cx, const Expr *e, uint32_t k)
{
    while (e->kind == E_CAST && !e->user_cast) {
        e = e->args[0];
    }
    if (e->kind == E_ATTR || e->kind == E_ALIAS) {
        return e->name;
    }
    if (e->kind == E_FIELD) {
        return e->args[0]->type->fields[e->column].name;
    }
    return arena_printf(cx->arena, "%u", k);
}

BINDER(bind_arrays_zip)
{
    Field *fields = ARENA_ARRAY(cx->arena, Field, call->n_args + 1);
    for (uint32_t k = 0; k < call->n_args; k++) {
        fields[k].name = zip_name(cx, call->args[k], k);
        TRY(bind_array_arg(cx, call, k, err));
        fields[k].type = element_type(call, k);
        fields[k].nullable = true;
    }
    return bind_done(call, type_array(type_struct(fields, call->n_args), false));
}

/* ---- slice ---- */

static fb_status bad_slice(EvalCtx *cx, int32_t length, fb_error *err)
{
    if (length < 0) {
        return err_set(err, ERR_INVALID_PARAMETER_VALUE_LENGTH, "parameter", "`length`",
                       "functionName", "`slice`", "length", arena_printf(cx->arena, "%d", length),
                       NULL);
    }
    return err_set(err, ERR_INVALID_PARAMETER_VALUE_START, "parameter", "`start`", "functionName",
                   "`slice`", NULL);
}

KERNEL(fn_slice)
{
    const Vec *v = &args[0];
    ListOut o = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            int32_t start = VEC_AT(int32_t, &args[1], i), length = VEC_AT(int32_t, &args[2], i);
            int64_t size = list_to(v, i) - list_from(v, i);
            int64_t from = start > 0 ? start - 1 : size + start;
            if (start == 0 || length < 0) {
                return bad_slice(cx, start == 0 ? 0 : length, err);
            }
            int64_t end = MIN_OF(from + length, size);
            for (int64_t e = from; from >= 0 && e < end; e++) {
                list_out_push(&o, list_from(v, i) + (uint32_t)e);
            }
        }
        list_out_end_row(&o, i);
    }
    list_out_finish(&o, &v->child[0], out);
    return FB_OK;
}

BINDER(bind_slice)
{
    TRY(bind_array_arg(cx, call, 0, err));
    TRY(bind_cast_all(cx, call, 1, 3, type_int, err));
    return bind_done(call, call->args[0]->type);
}

/* ---- reverse, of strings too ---- */

KERNEL(fn_reverse)
{
    const Vec *v = &args[0];
    if (v->type->id != T_ARRAY) {
        reverse_strings(cx, v, n, out);
        return FB_OK;
    }
    ListOut o = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            for (uint32_t e = list_to(v, i); e > list_from(v, i); e--) {
                list_out_push(&o, e - 1);
            }
        }
        list_out_end_row(&o, i);
    }
    list_out_finish(&o, &v->child[0], out);
    return FB_OK;
}

BINDER(bind_reverse)
{
    if (call->args[0]->type->id != T_ARRAY) {
        if (type_is_nested(call->args[0]->type)) {
            return bind_type_error(cx, call, 0, "(\"STRING\" or \"ARRAY\")", err);
        }
        TRY(bind_string_or_binary(cx, call, 0, err));
    }
    return bind_done(call, call->args[0]->type);
}

/* ---- concat, flatten, array_repeat ---- */

fb_status concat_arrays(EvalCtx *cx, const Vec *args, uint32_t n_args, uint32_t n, Vec *out,
                        fb_error *err)
{
    Vec *parts = ARENA_ARRAY(cx->arena, Vec, n_args), all;
    uint32_t *base = ARENA_ARRAY(cx->arena, uint32_t, n_args);
    for (uint32_t k = 0, at = 0; k < n_args; k++) {
        parts[k] = args[k].child[0];
        base[k] = at;
        at += parts[k].len;
    }
    TRY(list_concat_check(cx, parts, n_args, err));
    vec_concat(&all, parts, n_args, cx->arena);
    ListOut o = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < n_args && kernel_wants(out, i); k++) {
            for (uint32_t e = list_from(&args[k], i); e < list_to(&args[k], i); e++) {
                list_out_push(&o, base[k] + e);
            }
        }
        list_out_end_row(&o, i);
    }
    list_out_finish(&o, &all, out);
    return FB_OK;
}

KERNEL(fn_flatten)
{
    const Vec *v = &args[0], *inner = &v->child[0];
    ListOut o = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t from = list_from(v, i), to = list_to(v, i), k = from;
        if (kernel_wants(out, i)) {
            while (k < to && vec_is_valid(inner, k)) {
                k++;
            }
            if (k < to) {
                kernel_null(cx, out, i);
            }
        }
        for (k = from; k < to && kernel_wants(out, i); k++) {
            for (uint32_t e = list_from(inner, k); e < list_to(inner, k); e++) {
                list_out_push(&o, e);
            }
        }
        list_out_end_row(&o, i);
    }
    list_out_finish(&o, &inner->child[0], out);
    return FB_OK;
}

BINDER(bind_flatten)
{
    const Type *t = call->args[0]->type;
    if (t->id != T_ARRAY || t->fields[0].type->id != T_ARRAY) {
        return bind_type_error(cx, call, 0, "\"ARRAY\" of \"ARRAY\"", err);
    }
    call->type = t->fields[0].type;
    call->nullable = call->args[0]->nullable || t->fields[0].nullable;
    return FB_OK;
}

KERNEL(fn_array_repeat)
{
    const Vec *count = &args[1];
    Vec value = args[0], flat;
    value.len = value.is_const ? n : value.len;
    vec_flatten(&flat, &value, cx->arena);
    vec_and_validity(out, &count, 1, cx->arena);
    ListOut o = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            int32_t times = VEC_AT(int32_t, count, i);
            if (times > MAX_ELEMENTS) {
                return err_set(err, ERR_COLLECTION_SIZE_LIMIT_EXCEEDED_PARAMETER,
                               "numberOfElements", arena_printf(cx->arena, "%d", times),
                               "functionName", "`array_repeat`", "maxRoundedArrayLength",
                               "2147483632", "parameter", "`count`", NULL);
            }
            TRY(list_out_reserve(&o, times > 0 ? (uint32_t)times : 0, &flat, err));
            for (int32_t k = 0; k < times; k++) {
                list_out_push(&o, i);
            }
        }
        list_out_end_row(&o, i);
    }
    list_out_finish(&o, &flat, out);
    return FB_OK;
}

BINDER(bind_array_repeat)
{
    TRY(bind_exact(cx, call, 1, type_int, err));
    call->type = type_array(call->args[0]->type, call->args[0]->nullable);
    call->nullable = call->args[1]->nullable;
    return FB_OK;
}

/* ---- array_join ---- */

static uint64_t join_bytes(const Vec *v, uint32_t i, Str separator, const Str *for_null)
{
    uint64_t bytes = 0;
    for (uint32_t e = list_from(v, i); e < list_to(v, i); e++) {
        bool valid = vec_is_valid(&v->child[0], e);
        if (valid || for_null) {
            bytes += separator.n + (valid ? arg_str(&v->child[0], e).n : for_null->n);
        }
    }
    return bytes;
}

/* Returns the end. */
static char *join_row(char *to, const Vec *v, uint32_t i, Str separator, const Str *for_null)
{
    bool first = true;
    for (uint32_t e = list_from(v, i); e < list_to(v, i); e++) {
        bool valid = vec_is_valid(&v->child[0], e);
        if (!valid && !for_null) {
            continue;
        }
        if (!first && separator.n) {
            memcpy(to, separator.p, separator.n);
            to += separator.n;
        }
        Str s = valid ? arg_str(&v->child[0], e) : *for_null;
        if (s.n) {
            memcpy(to, s.p, s.n);
            to += s.n;
        }
        first = false;
    }
    return to;
}

KERNEL(fn_array_join)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (View){0};
        if (kernel_wants(out, i)) {
            Str separator = arg_str(&args[1], i), for_null = {0};
            const Str *null_text = call->n_args == 3 ? &for_null : NULL;
            for_null = null_text ? arg_str(&args[2], i) : for_null;
            TRY(str_out_reserve(&o, join_bytes(&args[0], i, separator, null_text), err));
            const char *end = join_row(o.p, &args[0], i, separator, null_text);
            data[i] = str_out_take(&o, (size_t)(end - o.p));
        }
    }
    return FB_OK;
}

BINDER(bind_array_join)
{
    TRY(bind_array_arg(cx, call, 0, err));
    const Type *t = call->args[0]->type;
    if (type_is_nested(t->fields[0].type)) {
        return bind_type_error(cx, call, 0, "\"ARRAY<STRING>\"", err);
    }
    call->args[0] =
        bind_cast_expr(cx, call->args[0], type_array(type_string, t->fields[0].nullable));
    for (uint32_t i = 1; i < call->n_args; i++) {
        TRY(bind_exact(cx, call, i, type_string, err));
    }
    return bind_done(call, type_string);
}
