/*
 * fn_map.c - map_from_arrays, map_from_entries, map_concat.
 *
 * Keys must not be null, nor equal within a map (spark.sql.mapKeyDedupPolicy = EXCEPTION). -0.0 as
 * a key becomes 0.0.
 *
 * Ownership: results are in cx->arena and may share the arguments' elements.
 */
#include "expr/fn_array.h"

static fb_status duplicate_key(EvalCtx *cx, const Vec *keys, uint32_t at, fb_error *err)
{
    StrBuf key = {0};
    vec_value_text(keys, at, cx->tz, &key);
    return err_set(err, ERR_DUPLICATED_MAP_KEY, "key", strbuf_arena(&key, cx->arena),
                   "mapKeyDedupPolicy", "\"spark.sql.mapKeyDedupPolicy\"", NULL);
}

/* The keys of all rows of the finished map. */
static fb_status check_keys(EvalCtx *cx, const Vec *map, const Vec *shown, uint32_t n,
                            fb_error *err)
{
    ElementSet seen = element_set(cx, &map->child[0]);
    for (uint32_t i = 0; i < n; i++) {
        if (!kernel_wants(map, i)) {
            continue;
        }
        element_set_clear(&seen, list_to(map, i) - list_from(map, i));
        for (uint32_t e = list_from(map, i); e < list_to(map, i); e++) {
            if (!vec_is_valid(&map->child[0], e)) {
                return err_set(err, ERR_NULL_MAP_KEY, NULL);
            }
            if (!element_set_add(&seen, e)) {
                return duplicate_key(cx, shown, e, err);
            }
        }
    }
    return FB_OK;
}

fb_status map_finish(EvalCtx *cx, ListOut *o, const Vec *keys, const Vec *values, uint32_t n,
                     Vec *out, fb_error *err)
{
    Vec k = {.type = out->type}, v = k, *child = ARENA_ARRAY(cx->arena, Vec, 2);
    list_out_finish(o, keys, &k);
    list_out_finish(o, values, &v);
    vec_normalize_floats(&child[0], k.child, cx->arena);
    child[1] = *v.child;
    out->data = o->offsets;
    out->child = child;
    return check_keys(cx, out, k.child, n, err);
}

KERNEL(fn_map_from_arrays)
{
    const Vec *keys = &args[0], *values = &args[1];
    ListOut ko = list_out(cx, n), vo = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            uint32_t len = list_to(keys, i) - list_from(keys, i);
            if (len != list_to(values, i) - list_from(values, i)) {
                return err_set(err, ERR_MAP_ARRAYS_DIFFER, NULL);
            }
            for (uint32_t k = 0; k < len; k++) {
                list_out_push(&ko, list_from(keys, i) + k);
                list_out_push(&vo, list_from(values, i) + k);
            }
        }
        list_out_end_row(&ko, i);
    }
    Vec k = {.type = out->type}, v = k, *child = ARENA_ARRAY(cx->arena, Vec, 2);
    list_out_finish(&ko, &keys->child[0], &k);
    list_out_finish(&vo, &values->child[0], &v);
    vec_normalize_floats(&child[0], k.child, cx->arena);
    child[1] = *v.child;
    out->data = ko.offsets;
    out->child = child;
    return check_keys(cx, out, k.child, n, err);
}

BINDER(bind_map_from_arrays)
{
    for (uint32_t i = 0; i < 2; i++) {
        if (call->args[i]->type->id == T_NULL) {
            call->args[i] = bind_cast_expr(cx, call->args[i], type_array(type_null, true));
        }
        if (call->args[i]->type->id != T_ARRAY) {
            return bind_type_error(cx, call, i, "\"ARRAY\"", err);
        }
    }
    const Field *k = &call->args[0]->type->fields[0], *v = &call->args[1]->type->fields[0];
    return bind_done(call, type_map(k->type, v->type, v->nullable));
}

/* A null entry makes the map null. */
KERNEL(fn_map_from_entries)
{
    const Vec *v = &args[0];
    Vec entries;
    ListOut o = list_out(cx, n);
    vec_flatten(&entries, &v->child[0], cx->arena);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t e = list_from(v, i); e < list_to(v, i) && kernel_wants(out, i); e++) {
            if (!vec_is_valid(&entries, e)) {
                kernel_null(cx, out, i);
            }
        }
        for (uint32_t e = list_from(v, i); e < list_to(v, i) && kernel_wants(out, i); e++) {
            list_out_push(&o, e);
        }
        list_out_end_row(&o, i);
    }
    return map_finish(cx, &o, &entries.child[0], &entries.child[1], n, out, err);
}

BINDER(bind_map_from_entries)
{
    const Type *t = call->args[0]->type, *pair = t->id == T_ARRAY ? t->fields[0].type : NULL;
    if (!pair || pair->id != T_STRUCT || pair->n_fields != 2) {
        return bind_type_error(cx, call, 0, "\"ARRAY\" of pair \"STRUCT\"", err);
    }
    call->type = type_map(pair->fields[0].type, pair->fields[1].type, pair->fields[1].nullable);
    call->nullable = call->args[0]->nullable || t->fields[0].nullable;
    return FB_OK;
}

KERNEL(fn_map_concat)
{
    uint32_t n_args = call->n_args, at = 0;
    Vec *keys = ARENA_ARRAY(cx->arena, Vec, n_args + 1), all_keys;
    Vec *values = ARENA_ARRAY(cx->arena, Vec, n_args + 1), all_values;
    uint32_t *base = ARENA_ARRAY(cx->arena, uint32_t, n_args + 1);
    for (uint32_t k = 0; k < n_args; k++) {
        keys[k] = args[k].child[0];
        values[k] = args[k].child[1];
        base[k] = at;
        at += keys[k].len;
    }
    if (n_args == 0) { /* the empty map */
        vec_init(out, out->type, n, cx->arena);
        return FB_OK;
    }
    TRY(list_concat_check(cx, keys, n_args, err));
    TRY(list_concat_check(cx, values, n_args, err));
    vec_concat(&all_keys, keys, n_args, cx->arena);
    vec_concat(&all_values, values, n_args, cx->arena);
    ListOut o = list_out(cx, n);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < n_args && kernel_wants(out, i); k++) {
            for (uint32_t e = list_from(&args[k], i); e < list_to(&args[k], i); e++) {
                list_out_push(&o, base[k] + e);
            }
        }
        list_out_end_row(&o, i);
    }
    return map_finish(cx, &o, &all_keys, &all_values, n, out, err);
}

BINDER(bind_map_concat)
{
    const Type *t = type_map(type_string, type_string, false);
    if (call->n_args > 0) {
        t = bind_common_type(cx, call->args, call->n_args, true);
    }
    bool maps = t && t->id == T_MAP;
    for (uint32_t i = 0; i < call->n_args; i++) {
        maps = maps && call->args[i]->type->id == T_MAP;
    }
    bool all = call->n_args > 0;
    for (uint32_t i = 0; i < call->n_args; i++) {
        all = all && call->args[i]->type->id == T_MAP;
    }
    if (!maps && all) {
        return bind_data_diff_types(cx, call, call->args, call->n_args, "map_concat", err);
    }
    if (!maps) {
        StrBuf types = {0};
        for (uint32_t i = 0; i < call->n_args; i++) {
            strbuf_puts(&types, i ? ", " : "[");
            strbuf_puts(&types, bind_type_sql(cx, call->args[i]->type));
        }
        strbuf_putc(&types, ']');
        return err_set(err, ERR_DATATYPE_MISMATCH_MAP_CONCAT_DIFF_TYPES, "functionName",
                       "`map_concat`", "dataType", strbuf_arena(&types, cx->arena), "sqlExpr",
                       bind_sql(cx, call), NULL);
    }
    for (uint32_t i = 0; i < call->n_args; i++) {
        call->args[i] = bind_cast_expr(cx, call->args[i], t);
    }
    return bind_done(call, t);
}
