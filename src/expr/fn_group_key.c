/*
 * fn_group_key.c - values as they are grouped by: -0.0 is 0.0, NaNs are one, maps are in the order
 * of their keys. The optimizer puts it where the value of a key is shown or compared.
 *
 * Ownership: the result shares with the argument what does not change. Recursion: by the type.
 */
#include "expr/fn_util.h"

BINDER(bind_group_key)
{
    return bind_done(call, call->args[0]->type);
}

static bool has_maps(const Type *t)
{
    bool found = t->id == T_MAP;
    for (uint32_t i = 0; type_is_nested(t) && !found && i < t->n_fields; i++) {
        found = has_maps(t->fields[i].type);
    }
    return found;
}

/* Merges the sorted runs at[0..m) and at[m..n). */
static void merge_runs(const Vec *keys, uint32_t *at, uint32_t m, uint32_t n, uint32_t *room)
{
    uint32_t i = 0, j = m, k = 0;
    memcpy(room, at, n * sizeof(*at));
    while (i < m && j < n) {
        bool right = vec_cmp_at(keys, room[j], keys, room[i]) < 0;
        at[k++] = right ? room[j++] : room[i++];
    }
    while (i < m) {
        at[k++] = room[i++];
    }
}

static void sort_entries(const Vec *keys, uint32_t *at, uint32_t n, uint32_t *room)
{
    for (uint32_t run = 1; run < n; run *= 2) {
        for (uint32_t from = 0; from + run < n; from += 2 * run) {
            uint32_t rest = n - from;
            merge_runs(keys, at + from, run, rest < 2 * run ? rest : 2 * run, room);
        }
    }
}

static void sort_maps(Vec *out, const Vec *v, Arena *a)
{
    const Type *t = v->type;
    *out = *v;
    if (!has_maps(t)) {
        return;
    }
    out->child = ARENA_ARRAY(a, Vec, t->n_fields);
    for (uint32_t k = 0; k < t->n_fields; k++) {
        sort_maps(&out->child[k], &v->child[k], a);
    }
    if (t->id != T_MAP) {
        return;
    }
    const uint32_t *offset = v->data;
    uint32_t n = out->child[0].len, rows = v->is_const ? 1 : v->len;
    uint32_t *at = ARENA_ARRAY(a, uint32_t, n), *room = ARENA_ARRAY(a, uint32_t, n);
    for (uint32_t i = 0; i < n; i++) {
        at[i] = i;
    }
    for (uint32_t i = 0; i < rows; i++) {
        if (vec_is_valid(v, i)) {
            sort_entries(&out->child[0], at + offset[i], offset[i + 1] - offset[i], room);
        }
    }
    Vec keys = out->child[0], values = out->child[1];
    vec_gather(&out->child[0], &keys, at, n, a);
    vec_gather(&out->child[1], &values, at, n, a);
}

KERNEL(k_group_key)
{
    Vec sorted, plain;
    const Type *t = out->type;
    sort_maps(&sorted, &args[0], cx->arena);
    vec_normalize_floats(&plain, &sorted, cx->arena);
    *out = plain;
    out->type = t;
    return FB_OK;
}
