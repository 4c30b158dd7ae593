/*
 * fn_struct.c - making structs, arrays and maps, taking values out of them, and their sizes.
 *
 * extractvalue is value[key] and value.name of SQL and Connect: by the type of the value it becomes
 * a struct's field (E_FIELD), the same field of each struct in an array, an element, or a map's
 * value. Elements and values are found as row numbers of the child vector and gathered in one go.
 * Looking for a key goes through a map from its start, as Spark does.
 */
#include "expr/coerce.h"
#include "expr/kernel.h"

#include <stdio.h>

/* ---- struct, named_struct ---- */

/* The name that struct(e) gives the field: that of a column, alias or field, else col1, col2 … */
static const char *field_name(BindCtx *cx, const Expr *e, uint32_t i)
{
    if (e->kind == E_ATTR || (e->kind == E_ALIAS && e->name)) {
        return e->name;
    }
    if (e->kind == E_FIELD) {
        return e->name;
    }
    return arena_printf(cx->arena, "col%u", i + 1);
}

fb_status bind_struct(BindCtx *cx, Expr *call, fb_error *err)
{
    (void)err;
    Field *fields = ARENA_ARRAY(cx->arena, Field, call->n_args + 1);
    for (uint32_t i = 0; i < call->n_args; i++) {
        const Expr *e = call->args[i];
        fields[i] = (Field){field_name(cx, e, i), e->type, e->nullable, NULL};
        if (e->kind == E_ALIAS) {
            fields[i].metadata = e->metadata;
        }
    }
    call->type = type_struct(fields, call->n_args);
    call->nullable = false;
    return FB_OK;
}

static fb_status names_not_constant(BindCtx *cx, const Expr *call, fb_error *err)
{
    StrBuf inputs = {0};
    strbuf_putc(&inputs, '[');
    for (uint32_t i = 0; i < call->n_args; i += 2) {
        strbuf_puts(&inputs, i ? ", " : "");
        strbuf_puts(&inputs, bind_sql(cx, call->args[i]));
    }
    strbuf_putc(&inputs, ']');
    return err_set(err, ERR_DATATYPE_MISMATCH_CREATE_NAMED_STRUCT_WITHOUT_FOLDABLE_STRING,
                   "inputExprs", strbuf_arena(&inputs, cx->arena), "sqlExpr", bind_sql(cx, call),
                   NULL);
}

fb_status bind_named_struct(BindCtx *cx, Expr *call, fb_error *err)
{
    if (call->n_args % 2) {
        char given[16];
        snprintf(given, sizeof(given), "%u", call->n_args);
        return err_set(err, ERR_WRONG_NUM_ARGS, "functionName", "`named_struct`", "expectedNum",
                       "2n (n > 0)", "actualNum", given, "docroot",
                       "https://spark.apache.org/docs/latest", NULL);
    }
    EvalCtx eval = {.arena = cx->arena, .tz = cx->tz, .tz_name = cx->tz_name};
    uint32_t n = call->n_args / 2;
    Field *fields = ARENA_ARRAY(cx->arena, Field, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const Expr *name = call->args[2 * i], *value = call->args[2 * i + 1];
        Vec text;
        if (name->type->id != T_STRING || !expr_is_foldable(name)) {
            return names_not_constant(cx, call, err);
        }
        TRY(expr_fold(&eval, name, &text, err));
        if (!vec_is_valid(&text, 0)) {
            return err_set(err, ERR_DATATYPE_MISMATCH_UNEXPECTED_NULL, "exprName",
                           bind_sql(cx, name), "sqlExpr", bind_sql(cx, call), NULL);
        }
        Str s = view_str(&VEC_DATA(View, &text)[0]);
        fields[i] = (Field){arena_strndup(cx->arena, s.p, s.n), value->type, value->nullable, NULL};
    }
    call->type = type_struct(fields, n);
    call->nullable = false;
    return FB_OK;
}

static void make_struct(EvalCtx *cx, const Vec *args, uint32_t first, uint32_t step, Vec *out)
{
    const Type *t = out->type;
    out->child = ARENA_ARRAY(cx->arena, Vec, t->n_fields + 1);
    for (uint32_t k = 0; k < t->n_fields; k++) {
        vec_flatten(&out->child[k], &args[first + k * step], cx->arena);
    }
}

fb_status k_struct(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                   fb_error *err)
{
    (void)call;
    (void)n;
    (void)err;
    make_struct(cx, args, 0, 1, out);
    return FB_OK;
}

fb_status k_named_struct(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                         fb_error *err)
{
    (void)call;
    (void)n;
    (void)err;
    make_struct(cx, args, 1, 2, out);
    return FB_OK;
}

/* ---- array, map ---- */

/* The common type of every step-th argument from first on, to which they are cast. */
static const Type *common_of(BindCtx *cx, Expr *call, uint32_t first, uint32_t step,
                             bool *ret_nullable)
{
    uint32_t n = 0;
    Expr **es = ARENA_ARRAY(cx->arena, Expr *, call->n_args + 1);
    const Type *t = NULL;
    bool same = true;
    *ret_nullable = false;
    for (uint32_t i = first; i < call->n_args; i += step) {
        es[n++] = call->args[i];
        t = t ? t : call->args[i]->type;
        same = same && t == call->args[i]->type;
    }
    t = same && t ? t : bind_common_type(cx, es, n, true);
    for (uint32_t i = first; t && i < call->n_args; i += step) {
        call->args[i] = bind_cast_expr(cx, call->args[i], t);
        *ret_nullable = *ret_nullable || call->args[i]->nullable;
    }
    return t;
}

fb_status bind_array(BindCtx *cx, Expr *call, fb_error *err)
{
    bool nullable;
    const Type *t = common_of(cx, call, 0, 1, &nullable);
    if (!t) {
        return bind_data_diff_types(cx, call, call->args, call->n_args, "array", err);
    }
    call->type = type_array(t, nullable);
    call->nullable = false;
    return FB_OK;
}

/* n_lists vectors of n rows become one in which the values of a row stand together. */
static void interleave_lists(EvalCtx *cx, const Vec *args, uint32_t first, uint32_t step,
                             uint32_t n_lists, uint32_t n, const Type *t, Vec *out)
{
    if (n_lists == 0) {
        vec_init(out, t, 0, cx->arena);
        return;
    }
    Vec *parts = ARENA_ARRAY(cx->arena, Vec, n_lists);
    for (uint32_t k = 0; k < n_lists; k++) {
        vec_flatten(&parts[k], &args[first + k * step], cx->arena);
    }
    if (n_lists == 1) {
        *out = parts[0];
        return;
    }
    Vec all;
    vec_concat(&all, parts, n_lists, cx->arena);
    uint32_t *rows = arena_alloc(cx->arena, mem_mul((size_t)n * n_lists + 1, sizeof(*rows)));
    for (uint32_t i = 0, m = 0; i < n; i++) {
        for (uint32_t k = 0; k < n_lists; k++) {
            rows[m++] = k * n + i;
        }
    }
    vec_gather(out, &all, rows, n * n_lists, cx->arena);
}

static fb_status list_offsets(EvalCtx *cx, uint32_t len, uint32_t n, Vec *out, fb_error *err)
{
    if ((uint64_t)len * n >= UINT32_MAX) {
        return err_internal(err, "%u lists of %u elements are too many for a batch.", n, len);
    }
    uint32_t *offsets = arena_alloc(cx->arena, mem_mul((size_t)n + 1, sizeof(*offsets)));
    for (uint32_t i = 0; i <= n; i++) {
        offsets[i] = i * len;
    }
    out->data = offsets;
    out->child = ARENA_ARRAY(cx->arena, Vec, 2);
    return FB_OK;
}

fb_status k_array(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                  fb_error *err)
{
    TRY(list_offsets(cx, call->n_args, n, out, err));
    interleave_lists(cx, args, 0, 1, call->n_args, n, call->type->fields[0].type, &out->child[0]);
    return FB_OK;
}

static bool has_map(const Type *t)
{
    if (t->id == T_MAP) {
        return true;
    }
    for (uint32_t k = 0; k < t->n_fields; k++) {
        if (has_map(t->fields[k].type)) {
            return true;
        }
    }
    return false;
}

static fb_status map_diff_types(BindCtx *cx, const Expr *call, uint32_t first, ErrId id,
                                fb_error *err)
{
    StrBuf types = {0};
    strbuf_putc(&types, '[');
    for (uint32_t i = first; i < call->n_args; i += 2) {
        strbuf_puts(&types, i > first ? ", " : "");
        strbuf_puts(&types, bind_type_sql(cx, call->args[i]->type));
    }
    strbuf_putc(&types, ']');
    return err_set(err, id, "functionName", "`map`", "dataType", strbuf_arena(&types, cx->arena),
                   "sqlExpr", bind_sql(cx, call), NULL);
}

fb_status bind_map(BindCtx *cx, Expr *call, fb_error *err)
{
    if (call->n_args % 2) {
        char given[16];
        snprintf(given, sizeof(given), "%u", call->n_args);
        return err_set(err, ERR_WRONG_NUM_ARGS, "functionName", "`map`", "expectedNum",
                       "2n (n > 0)", "actualNum", given, "docroot",
                       "https://spark.apache.org/docs/latest", NULL);
    }
    bool key_nullable, nullable;
    const Type *k = common_of(cx, call, 0, 2, &key_nullable);
    if (!k) {
        return map_diff_types(cx, call, 0, ERR_DATATYPE_MISMATCH_CREATE_MAP_KEY_DIFF_TYPES, err);
    }
    const Type *v = common_of(cx, call, 1, 2, &nullable);
    if (!v) {
        return map_diff_types(cx, call, 1, ERR_DATATYPE_MISMATCH_CREATE_MAP_VALUE_DIFF_TYPES, err);
    }
    if (has_map(k)) {
        return err_set(err, ERR_DATATYPE_MISMATCH_INVALID_MAP_KEY_TYPE, "keyType",
                       bind_type_sql(cx, k), "sqlExpr", bind_sql(cx, call), NULL);
    }
    call->type = type_map(k, v, nullable);
    call->nullable = false;
    return FB_OK;
}

static fb_status duplicate_key(EvalCtx *cx, const Vec *keys, uint32_t at, fb_error *err)
{
    StrBuf key = {0};
    vec_value_text(keys, at, cx->tz, &key);
    fb_status st = err_set(err, ERR_DUPLICATED_MAP_KEY, "key", key.p ? key.p : "",
                           "mapKeyDedupPolicy", "\"spark.sql.mapKeyDedupPolicy\"", NULL);
    strbuf_free(&key);
    return st;
}

/* Keys must not be null, nor equal within a row. Hashes spare most comparisons. */
static fb_status check_keys(EvalCtx *cx, const Vec *keys, uint32_t len, uint32_t n, fb_error *err)
{
    if (vec_count_nulls(keys) > 0) {
        return err_set(err, ERR_NULL_MAP_KEY, NULL);
    }
    if (len < 2) {
        return FB_OK;
    }
    uint64_t *hash = ARENA_ARRAY(cx->arena, uint64_t, (size_t)len * n + 1);
    vec_hash(keys, len * n, hash);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t base = i * len;
        for (uint32_t a = 1; a < len; a++) {
            for (uint32_t b = 0; b < a; b++) {
                if (hash[base + a] == hash[base + b] && vec_eq_at(keys, base + a, keys, base + b)) {
                    return duplicate_key(cx, keys, base + a, err);
                }
            }
        }
    }
    return FB_OK;
}

fb_status k_map(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out, fb_error *err)
{
    uint32_t len = call->n_args / 2;
    const Type *k = call->type->fields[0].type, *v = call->type->fields[1].type;
    TRY(list_offsets(cx, len, n, out, err));
    Vec *keys = ARENA_NEW(cx->arena, Vec);
    interleave_lists(cx, args, 0, 2, len, n, k, keys);
    vec_normalize_floats(&out->child[0], keys, cx->arena);
    interleave_lists(cx, args, 1, 2, len, n, v, &out->child[1]);
    return check_keys(cx, &out->child[0], len, n, err);
}

/* ---- extracting: binding ---- */

static fb_status field_not_found(BindCtx *cx, const Type *t, Str name, fb_error *err)
{
    StrBuf fields = {0}, field = {0};
    for (uint32_t k = 0; k < t->n_fields; k++) {
        strbuf_printf(&fields, "%s`%s`", k ? ", " : "", t->fields[k].name);
    }
    strbuf_printf(&field, "`%.*s`", (int)name.n, name.p);
    return err_set(err, ERR_FIELD_NOT_FOUND, "fieldName", strbuf_arena(&field, cx->arena), "fields",
                   strbuf_arena(&fields, cx->arena), NULL);
}

static fb_status find_field(BindCtx *cx, const Type *t, Str name, uint32_t *ret, fb_error *err)
{
    int at = type_field_index(t, name, false);
    if (at == -1) {
        return field_not_found(cx, t, name, err);
    }
    if (at == -2) {
        uint32_t count = 0;
        char number[16];
        for (uint32_t k = 0; k < t->n_fields; k++) {
            count += str_eq_nocase(str_of(t->fields[k].name), name);
        }
        snprintf(number, sizeof(number), "%u", count);
        StrBuf field = {0};
        strbuf_printf(&field, "`%.*s`", (int)name.n, name.p);
        return err_set(err, ERR_AMBIGUOUS_REFERENCE_TO_FIELDS, "field",
                       strbuf_arena(&field, cx->arena), "count", number, NULL);
    }
    *ret = (uint32_t)at;
    return FB_OK;
}

static fb_status extract_field(BindCtx *cx, Expr *call, Str name, fb_error *err)
{
    const Type *t = call->args[0]->type;
    uint32_t at = 0;
    TRY(find_field(cx, t, name, &at, err));
    call->kind = E_FIELD;
    call->fn = NULL;
    call->column = at;
    call->n_args = 1;
    call->name = arena_strndup(cx->arena, name.p, name.n); /* as written */
    call->type = t->fields[at].type;
    call->nullable = call->args[0]->nullable || t->fields[at].nullable;
    return FB_OK;
}

static fb_status extract_array_field(BindCtx *cx, Expr *call, Str name, fb_error *err)
{
    const Type *t = call->args[0]->type, *element = t->fields[0].type;
    uint32_t at = 0;
    TRY(find_field(cx, element, name, &at, err));
    call->fn = func_lookup("[].");
    call->name = call->fn->name;
    call->column = at;
    call->n_args = 1;
    call->type =
        type_array(element->fields[at].type, t->fields[0].nullable || element->fields[at].nullable);
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

static fb_status extract_map_value(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type, *k = t->fields[0].type;
    if (!coerce_implicit(cx->mode, call->args[1]->type, k)) {
        return bind_type_error(cx, call, 1, bind_type_sql(cx, k), err);
    }
    call->args[1] = bind_cast_expr(cx, call->args[1], k);
    call->type = t->fields[1].type;
    call->nullable = true;
    return FB_OK;
}

/* Of array(a, b, …)[constant] it is known which element it is. Past the ends it is an error
 * (strict) or null. first is the number of the first element; counting from 1, 0 is an error. */
static bool item_nullable(const Expr *call, int64_t first, bool strict)
{
    const Expr *array = call->args[0], *index = call->args[1];
    bool known = array->kind == E_CALL && array->fn->kernel == k_array &&
                 index->kind == E_LITERAL && type_is_integral(index->type) &&
                 vec_is_valid(index->value, 0);
    bool fields = array->kind == E_CALL && array->fn->kernel == k_array_fields &&
                  array->args[0]->kind == E_CALL && array->args[0]->fn->kernel == k_array;
    bool by_element = fields || !expr_is_foldable(index); /* whatever the array holds, else */
    if (!known && by_element && call->eval_mode == EVAL_ANSI && call->fn->bind != bind_get) {
        return array->nullable || index->nullable || array->type->fields[0].nullable;
    }
    if (!known) {
        return true;
    }
    int64_t at = literal_int(index), n = array->n_args;
    if (first == 1 && at == 0) {
        return false;
    }
    at = first == 1 && at < 0 ? at + n : at - first;
    return at >= 0 && at < n ? array->args[at]->nullable : !strict;
}

fb_status bind_extractvalue(BindCtx *cx, Expr *call, fb_error *err)
{
    Expr *base = call->args[0], *key = call->args[1];
    const Type *t = base->type;
    bool is_name =
        key->kind == E_LITERAL && key->type->id == T_STRING && vec_is_valid(key->value, 0);
    Str name = is_name ? view_str(&VEC_DATA(View, key->value)[0]) : (Str){0};
    switch (type_is_udt(t) ? T_STRING : t->id) {
    case T_NULL:
        bind_replace(cx, call, expr_literal_null(cx->arena, type_null));
        return FB_OK;
    case T_STRUCT:
        if (is_name) {
            return extract_field(cx, call, name, err);
        }
        return err_set(err, ERR_INVALID_EXTRACT_FIELD_TYPE, "extraction", bind_sql(cx, key), NULL);
    case T_ARRAY:
        if (is_name && t->fields[0].type->id == T_STRUCT) {
            return extract_array_field(cx, call, name, err);
        }
        if (!type_is_integral(key->type)) {
            if (key->type->id != T_NULL) {
                return bind_type_error(cx, call, 1, "INTEGRAL", err);
            }
            call->args[1] = bind_cast_expr(cx, key, type_int);
        }
        call->type = t->fields[0].type;
        call->nullable = item_nullable(call, 0, call->eval_mode == EVAL_ANSI);
        return FB_OK;
    case T_MAP:
        return extract_map_value(cx, call, err);
    default:
        return err_set(err, ERR_INVALID_EXTRACT_BASE_FIELD_TYPE, "base", bind_sql(cx, base),
                       "other", bind_type_sql(cx, t), NULL);
    }
}

fb_status bind_array_fields(BindCtx *cx, Expr *call, fb_error *err)
{
    (void)cx;
    return err_internal(err, "%s is bound through extractvalue.", call->fn->name);
}

static fb_status bind_array_index(BindCtx *cx, Expr *call, int64_t first, bool strict,
                                  fb_error *err)
{
    const Type *t = call->args[0]->type;
    if (t->id != T_ARRAY) {
        return bind_type_error(cx, call, 0, "ARRAY", err);
    }
    TRY(bind_cast(cx, call, 1, type_int, err));
    call->type = t->fields[0].type;
    call->nullable = item_nullable(call, first, strict);
    return FB_OK;
}

fb_status bind_get(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_array_index(cx, call, 0, false, err);
}

static fb_status map_key_error(BindCtx *cx, const Expr *call, fb_error *err)
{
    return err_set(err, ERR_DATATYPE_MISMATCH_MAP_FUNCTION_DIFF_TYPES, "functionName",
                   arena_printf(cx->arena, "`%s`", call->name), "dataType", "\"MAP\"", "leftType",
                   bind_type_sql(cx, call->args[0]->type), "rightType",
                   bind_type_sql(cx, call->args[1]->type), "sqlExpr", bind_sql(cx, call), NULL);
}

static fb_status bind_element(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type, *key = call->args[1]->type;
    if (t->id == T_MAP) {
        const Type *k = t->fields[0].type;
        const Type *common = coerce_wider(cx->mode, k, key, false);
        if (!common || (common != k && !type_same(common, k))) {
            return map_key_error(cx, call, err);
        }
        call->args[1] = bind_cast_expr(cx, call->args[1], k);
        call->type = t->fields[1].type;
        call->nullable = true;
        return FB_OK;
    }
    if (t->id == T_ARRAY) {
        if (key->id == T_LONG || !type_is_integral(key)) {
            return bind_type_error(cx, call, 1, "INT", err);
        }
        return bind_array_index(cx, call, 1, call->eval_mode == EVAL_ANSI, err);
    }
    return bind_type_error(cx, call, 0, "(\"ARRAY\" or \"MAP\")", err);
}

fb_status bind_element_at(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_element(cx, call, err);
}

fb_status bind_try_element_at(BindCtx *cx, Expr *call, fb_error *err)
{
    call->eval_mode = EVAL_TRY;
    return bind_element(cx, call, err);
}

/* ---- extracting: kernels ---- */

static int64_t index_at(const Vec *v, uint32_t i)
{
    switch (type_width(v->type)) {
    case 1:
        return VEC_AT(int8_t, v, i);
    case 2:
        return VEC_AT(int16_t, v, i);
    case 4:
        return VEC_AT(int32_t, v, i);
    default:
        return VEC_AT(int64_t, v, i);
    }
}

static fb_status index_error(ErrId id, int64_t index, uint32_t size, fb_error *err)
{
    char given[24], count[16];
    snprintf(given, sizeof(given), "%lld", (long long)index);
    snprintf(count, sizeof(count), "%u", size);
    return err_set(err, id, "indexValue", given, "arraySize", count, NULL);
}

/* Gathers child rows; the rows that the arguments made null stay so. */
static void take_rows(EvalCtx *cx, const Vec *child, const uint32_t *rows, uint32_t n, Vec *out)
{
    const Type *t = out->type;
    vec_gather_nullable(out, child, rows, n, cx->arena);
    out->type = t;
}

/* The row of child[0] that holds the key of row i, or UINT32_MAX. */
static uint32_t find_key(const Vec *map, const Vec *key, uint32_t i)
{
    const uint32_t *offset = map->data;
    uint32_t at = i & vec_mask(map);
    for (uint32_t k = offset[at]; k < offset[at + 1]; k++) {
        if (vec_eq_at(&map->child[0], k, key, i)) {
            return k;
        }
    }
    return UINT32_MAX;
}

static fb_status map_values(EvalCtx *cx, const Vec *args, uint32_t n, Vec *out)
{
    Vec *key = ARENA_NEW(cx->arena, Vec);
    vec_normalize_floats(key, &args[1], cx->arena);
    uint32_t *rows = arena_alloc(cx->arena, mem_mul((size_t)n + 1, sizeof(*rows)));
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = kernel_wants(out, i) ? find_key(&args[0], key, i) : UINT32_MAX;
    }
    take_rows(cx, &args[0].child[1], rows, n, out);
    return FB_OK;
}

/* array[index] from 0; past the ends: null, or in ANSI mode the error strict. */
static fb_status array_items(EvalCtx *cx, const Vec *args, uint32_t n, ErrId strict, Vec *out,
                             fb_error *err)
{
    const uint32_t *offset = args[0].data;
    uint32_t *rows = arena_alloc(cx->arena, mem_mul((size_t)n + 1, sizeof(*rows)));
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = UINT32_MAX;
        if (!kernel_wants(out, i)) {
            continue;
        }
        uint32_t at = i & vec_mask(&args[0]), size = offset[at + 1] - offset[at];
        int64_t index = index_at(&args[1], i);
        if (index >= 0 && index < size) {
            rows[i] = offset[at] + (uint32_t)index;
        } else if (strict != ERR_NONE) {
            return index_error(strict, index, size, err);
        }
    }
    take_rows(cx, &args[0].child[0], rows, n, out);
    return FB_OK;
}

fb_status k_extractvalue(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                         fb_error *err)
{
    if (args[0].type->id == T_MAP) {
        return map_values(cx, args, n, out);
    }
    ErrId strict = call->eval_mode == EVAL_ANSI ? ERR_INVALID_ARRAY_INDEX : ERR_NONE;
    return array_items(cx, args, n, strict, out, err);
}

fb_status k_get(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out, fb_error *err)
{
    (void)call;
    return array_items(cx, args, n, ERR_NONE, out, err);
}

fb_status k_element_at(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                       fb_error *err)
{
    if (args[0].type->id == T_MAP) {
        return map_values(cx, args, n, out);
    }
    const uint32_t *offset = args[0].data;
    uint32_t *rows = arena_alloc(cx->arena, mem_mul((size_t)n + 1, sizeof(*rows)));
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = UINT32_MAX;
        if (!kernel_wants(out, i)) {
            continue;
        }
        uint32_t at = i & vec_mask(&args[0]), size = offset[at + 1] - offset[at];
        int64_t index = index_at(&args[1], i);
        int64_t size_of = index < 0 ? -index : index;
        if (index == 0) {
            return err_set(err, ERR_INVALID_INDEX_OF_ZERO, NULL);
        }
        if (size_of <= size) {
            rows[i] = (uint32_t)(index > 0 ? offset[at] + index - 1 : offset[at + 1] + index);
        } else if (call->eval_mode == EVAL_ANSI) {
            return index_error(ERR_INVALID_ARRAY_INDEX_IN_ELEMENT_AT, index, size, err);
        }
    }
    take_rows(cx, &args[0].child[0], rows, n, out);
    return FB_OK;
}

/* array.field: the array's offsets over the field of its structs. */
fb_status k_array_fields(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                         fb_error *err)
{
    (void)n;
    (void)err;
    const Vec *element = &args[0].child[0];
    Vec *field = ARENA_NEW(cx->arena, Vec);
    vec_flatten(field, &element->child[call->column], cx->arena);
    if (vec_may_have_nulls(element)) {
        const Vec *both[2] = {element, field};
        Vec *masked = ARENA_NEW(cx->arena, Vec);
        *masked = *field;
        vec_and_validity(masked, both, 2, cx->arena);
        field = masked;
    }
    out->data = args[0].data;
    out->child = field;
    return FB_OK;
}

/* ---- size, array_contains, map_keys, map_values, map_entries, map_contains_key ---- */

fb_status bind_size(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type;
    bool any = strcmp(call->fn->name, "array_size") != 0;
    if (t->id == T_NULL) {
        t = type_array(type_null, true);
        call->args[0] = bind_cast_expr(cx, call->args[0], t);
    }
    if (t->id != T_ARRAY && !(any && t->id == T_MAP)) {
        return bind_type_error(cx, call, 0, any ? "(\"ARRAY\" or \"MAP\")" : "ARRAY", err);
    }
    call->type = type_int;
    bool minus_one = any && call->eval_mode != EVAL_ANSI;
    call->nullable = !minus_one && call->args[0]->nullable;
    return FB_OK;
}

/* spark.sql.legacy.sizeOfNull: outside ANSI mode the size of null is -1. */
fb_status k_size(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                 fb_error *err)
{
    (void)err;
    const Vec *v = &args[0];
    const uint32_t *offset = v->data;
    int32_t *r = kernel_alloc(cx, out);
    bool minus_one = call->eval_mode != EVAL_ANSI && strcmp(call->fn->name, "array_size") != 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = i & vec_mask(v);
        r[i] = -1;
        if (vec_is_valid(v, i)) {
            r[i] = (int32_t)(offset[at + 1] - offset[at]);
        } else if (!minus_one) {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

fb_status bind_array_contains(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type, *v = call->args[1]->type;
    if (t->id != T_ARRAY && t->id != T_NULL && v->id != T_NULL) {
        return bind_type_error(cx, call, 0, "\"ARRAY\"", err);
    }
    if (v->id == T_NULL || t->id == T_NULL) {
        return err_set(err, ERR_DATATYPE_MISMATCH_NULL_TYPE, "functionName", "`array_contains`",
                       "sqlExpr", bind_sql(cx, call), NULL);
    }
    const Type *common =
        t->id == T_ARRAY ? coerce_wider(cx->mode, t->fields[0].type, v, false) : NULL;
    if (common && common != v && (v->id == T_INTERVAL_YM || v->id == T_INTERVAL_DT)) {
        common = NULL; /* intervals of other fields do not meet here */
    } else if (common && common != t->fields[0].type &&
               (common->id == T_INTERVAL_YM || common->id == T_INTERVAL_DT)) {
        common = t->fields[0].type->id == T_NULL ? common : NULL;
    }
    if (!common) {
        return err_set(err, ERR_DATATYPE_MISMATCH_ARRAY_FUNCTION_DIFF_TYPES, "functionName",
                       "`array_contains`", "dataType", "\"ARRAY\"", "leftType",
                       bind_type_sql(cx, t), "rightType", bind_type_sql(cx, v), "sqlExpr",
                       bind_sql(cx, call), NULL);
    }
    if (!type_is_orderable(common)) {
        return err_set(err, ERR_DATATYPE_MISMATCH_INVALID_ORDERING_TYPE, "functionName",
                       "`array_contains`", "dataType", bind_type_sql(cx, common), "sqlExpr",
                       bind_sql(cx, call), NULL);
    }
    if (common != t->fields[0].type) {
        bool nulls = t->fields[0].nullable || cast_forces_null(t->fields[0].type, common, cx->mode);
        call->args[0] = bind_cast_expr(cx, call->args[0], type_array(common, nulls));
    }
    call->args[1] = bind_cast_expr(cx, call->args[1], common);
    call->type = type_boolean;
    call->nullable = bind_any_nullable(call) || call->args[0]->type->fields[0].nullable;
    return FB_OK;
}

fb_status k_array_contains(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                           fb_error *err)
{
    (void)call;
    (void)err;
    uint8_t *r = kernel_alloc(cx, out);
    const Vec *v = &args[0], *element = &v->child[0];
    const uint32_t *offset = v->data;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = i & vec_mask(v);
        bool null = false;
        r[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        for (uint32_t k = offset[at]; k < offset[at + 1] && !r[i]; k++) {
            bool there = vec_is_valid(element, k);
            null = null || !there;
            r[i] = there && vec_cmp_at(element, k, &args[1], i) == 0;
        }
        if (!r[i] && null) {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

static fb_status bind_map_arg(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type;
    if (t->id == T_NULL) {
        return bind_cast(cx, call, 0, type_map(type_null, type_null, true), err);
    }
    return t->id == T_MAP ? FB_OK : bind_type_error(cx, call, 0, "MAP", err);
}

static fb_status bind_map_part(BindCtx *cx, Expr *call, uint32_t part, fb_error *err)
{
    TRY(bind_map_arg(cx, call, err));
    call->type = type_array(call->args[0]->type->fields[part].type, true); /* whatever the map */
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

fb_status bind_map_keys(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_map_part(cx, call, 0, err);
}

fb_status bind_map_values(BindCtx *cx, Expr *call, fb_error *err)
{
    return bind_map_part(cx, call, 1, err);
}

static void map_part(EvalCtx *cx, const Vec *map, uint32_t part, Vec *out)
{
    out->data = map->data;
    out->child = ARENA_NEW(cx->arena, Vec);
    *out->child = map->child[part];
}

fb_status k_map_keys(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                     fb_error *err)
{
    (void)call;
    (void)n;
    (void)err;
    map_part(cx, &args[0], 0, out);
    return FB_OK;
}

fb_status k_map_values(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                       fb_error *err)
{
    (void)call;
    (void)n;
    (void)err;
    map_part(cx, &args[0], 1, out);
    return FB_OK;
}

fb_status bind_map_entries(BindCtx *cx, Expr *call, fb_error *err)
{
    TRY(bind_map_arg(cx, call, err));
    const Type *t = call->args[0]->type;
    const Field fields[2] = {{"key", t->fields[0].type, false, NULL},
                             {"value", t->fields[1].type, t->fields[1].nullable, NULL}};
    call->type = type_array(type_struct(fields, 2), false);
    call->nullable = call->args[0]->nullable;
    return FB_OK;
}

fb_status k_map_entries(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                        fb_error *err)
{
    (void)n;
    (void)err;
    const Vec *map = &args[0];
    Vec *entries = ARENA_NEW(cx->arena, Vec);
    *entries = (Vec){.type = call->type->fields[0].type, .len = map->child[0].len};
    entries->child = ARENA_ARRAY(cx->arena, Vec, 2);
    vec_flatten(&entries->child[0], &map->child[0], cx->arena);
    vec_flatten(&entries->child[1], &map->child[1], cx->arena);
    out->data = map->data;
    out->child = entries;
    return FB_OK;
}

fb_status bind_map_contains_key(BindCtx *cx, Expr *call, fb_error *err)
{
    const Type *t = call->args[0]->type;
    const Type *key = call->args[1]->type;
    if (key->id == T_NULL) {
        return err_set(err, ERR_DATATYPE_MISMATCH_NULL_TYPE, "functionName", "`map_contains_key`",
                       "sqlExpr", bind_sql(cx, call), NULL);
    }
    const Type *common =
        t->id == T_MAP ? coerce_wider(cx->mode, t->fields[0].type, key, false) : NULL;
    if (!common) {
        return map_key_error(cx, call, err);
    }
    if (!type_same(common, t->fields[0].type)) {
        const Type *wider = type_map(common, t->fields[1].type, t->fields[1].nullable);
        call->args[0] = bind_cast_expr(cx, call->args[0], wider);
    }
    call->args[1] = bind_cast_expr(cx, call->args[1], common);
    call->type = type_boolean;
    call->nullable = true;
    return FB_OK;
}

fb_status k_map_contains_key(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                             fb_error *err)
{
    (void)call;
    (void)err;
    uint8_t *r = kernel_alloc(cx, out);
    Vec *key = ARENA_NEW(cx->arena, Vec);
    vec_normalize_floats(key, &args[1], cx->arena);
    for (uint32_t i = 0; i < n; i++) {
        r[i] = kernel_wants(out, i) && find_key(&args[0], key, i) != UINT32_MAX;
    }
    return FB_OK;
}

/* ---- typeof ---- */

fb_status bind_typeof(BindCtx *cx, Expr *call, fb_error *err)
{
    (void)err;
    StrBuf name = {0};
    type_simple_string(call->args[0]->type, &name);
    bind_replace(cx, call, expr_literal_str(cx->arena, strbuf_str(&name)));
    strbuf_free(&name);
    return FB_OK;
}
