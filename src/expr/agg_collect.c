/*
 * agg_collect.c - collect_list (array_agg) and collect_set; nulls are left out.
 *
 * A state is a growing array of elements: values of the type's width, or views for strings, binary
 * and nested values, the latter as UnsafeRows of one column. A set also has an open-addressing
 * table of element numbers. Spark keeps both as one binary column `buf`, an UnsafeRow that holds
 * one array, and gives a set in the iteration order of Scala's HashSet, which agg_set_order.c
 * knows.
 *
 * Ownership: states belong to the caller, elements to the table's arena. Results of lists of
 * strings refer to the table's arena. Threads: as the group table.
 */
#include "column/unsafe_row.h"
#include "expr/agg_set_order.h"
#include "expr/agg_util.h"
#include "expr/kernel.h"

typedef struct ListState {
    char *data;      /* cap elements */
    uint32_t *table; /* sets: element number + 1, or 0 */
    uint32_t n, cap;
    uint32_t table_cap; /* a power of two, or 0 */
} ListState;

/* The mark that bind leaves in fn_data. */
static const char set_mark = 1;

static bool list_is_set(const Expr *agg)
{
    return agg->fn_data != NULL;
}

static const Type *list_element(const Expr *agg)
{
    return agg->type->fields[0].type;
}

static bool list_has_views(const Type *t)
{
    return type_is_view(t) || type_is_nested(t);
}

static size_t list_width(const Type *t)
{
    return list_has_views(t) ? sizeof(View) : type_width(t);
}

static size_t list_size(const Expr *agg)
{
    (void)agg;
    return sizeof(ListState);
}

static uint32_t list_buffers(const Expr *agg, Field *fields)
{
    (void)agg;
    fields[0] = (Field){.name = "buf", .type = type_binary, .nullable = true};
    return 1;
}

static inline ListState *list_of(uint8_t *state)
{
    return (ListState *)(void *)state;
}

/* ---- adding ---- */

/* What is larger asks before it grows. Smaller lists are charged with their table, which goes to
 * disk when it has no room. */
#define LIST_ASKS_BYTES ((size_t)4 << 20)

typedef struct ListAdd {
    const Type *type;
    Arena *keep;
    Arena *eval; /* whose quota is asked */
    size_t width;
    bool set, views;
} ListAdd;

static bool list_may_grow(const ListAdd *how, size_t bytes)
{
    return bytes <= LIST_ASKS_BYTES || arena_has_room(how->eval, bytes);
}

/* Room for one element more; NULL: there is none, and the quota is over. */
static void *list_push(ListState *s, const ListAdd *how)
{
    size_t width = how->width;
    if (s->n == s->cap) {
        FB_ASSERT(s->cap <= UINT32_MAX / 2);
        uint32_t cap = s->cap ? s->cap * 2 : 4;
        if (!list_may_grow(how, mem_mul(cap, width))) {
            return NULL;
        }
        char *data = arena_alloc(how->keep, mem_mul(cap, width));
        if (s->n) {
            memcpy(data, s->data, s->n * width);
        }
        s->data = data;
        s->cap = cap;
    }
    return s->data + (size_t)s->n++ * width;
}

static uint64_t list_hash(const void *x, size_t width, bool views)
{
    if (views) {
        return view_hash(x, 0);
    }
    if (width == 16) {
        return hash_bytes(x, 16, 0);
    }
    uint64_t bits = 0;
    memcpy(&bits, x, width);
    return hash_u64(bits, 0);
}

static bool list_equal(const void *a, const void *b, size_t width, bool views)
{
    return views ? view_eq(a, b) : memcmp(a, b, width) == 0;
}

static bool set_rehash(ListState *s, const ListAdd *how)
{
    uint32_t cap = s->table_cap ? s->table_cap * 2 : 8;
    if (!list_may_grow(how, mem_mul(cap, sizeof(uint32_t)))) {
        return false;
    }
    s->table = arena_zalloc(how->keep, mem_mul(cap, sizeof(uint32_t)));
    s->table_cap = cap;
    for (uint32_t k = 0; k < s->n; k++) {
        uint64_t at = list_hash(s->data + k * how->width, how->width, how->views) & (cap - 1);
        while (s->table[at]) {
            at = (at + 1) & (cap - 1);
        }
        s->table[at] = k + 1;
    }
    return true;
}

/* Whether x is new; then its place in the table is taken for the element to be pushed next. */
static bool set_claim(ListState *s, const ListAdd *how, const void *x)
{
    uint64_t at = list_hash(x, how->width, how->views) & (s->table_cap - 1);
    for (; s->table[at]; at = (at + 1) & (s->table_cap - 1)) {
        if (list_equal(s->data + (s->table[at] - 1) * how->width, x, how->width, how->views)) {
            return false;
        }
    }
    s->table[at] = s->n + 1;
    return true;
}

static ListAdd list_add_new(AggCtx *cx, const Expr *agg)
{
    const Type *t = list_element(agg);
    return (ListAdd){
        t, cx->keep, cx->eval->arena, list_width(t), list_is_set(agg), list_has_views(t)};
}

/* False: there is no room, and the quota is over. */
static inline bool list_add(const ListAdd *how, ListState *s, const void *x)
{
    if (how->set) {
        if (s->n >= s->table_cap / 2 && !set_rehash(s, how)) {
            return false;
        }
        if (!set_claim(s, how, x)) {
            return true;
        }
    }
    void *to = list_push(s, how);
    if (!to) {
        return false;
    }
    if (how->views) {
        *(View *)to = view_copy(how->keep, *(const View *)x);
    } else {
        memcpy(to, x, how->width);
    }
    return true;
}

/* The error of list_add(). */
static fb_status list_full(const ListAdd *how, fb_error *err)
{
    return arena_check(how->eval, err);
}

static bool list_add_nested(const ListAdd *how, uint8_t *const *state, const Vec *v, uint32_t n)
{
    StrBuf row = {0};
    bool added = true;
    for (uint32_t i = 0; i < n && added; i++) {
        if (vec_is_valid(v, i)) {
            strbuf_clear(&row);
            unsafe_row_encode(v, 1, i, &row);
            View x = view_of(row.p, row.n);
            added = list_add(how, list_of(state[i]), &x);
        }
    }
    strbuf_free(&row);
    return added;
}

static fb_status list_update(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                             uint32_t n, fb_error *err)
{
    ListAdd how = list_add_new(cx, agg);
    Vec v = args[0];
    if (how.type->id == T_NULL) {
        return FB_OK;
    }
    if (type_is_nested(how.type)) {
        return list_add_nested(&how, state, &v, n) ? FB_OK : list_full(&how, err);
    }
    if (how.set) {
        vec_normalize_floats(&v, &args[0], cx->eval->arena);
    }
    const char *data = v.data;
    uint32_t mask = vec_mask(&v);
    bool nulls = vec_may_have_nulls(&v);
    for (uint32_t i = 0; i < n; i++) {
        if ((!nulls || vec_is_valid(&v, i)) &&
            !list_add(&how, list_of(state[i]), data + (i & mask) * how.width)) {
            return list_full(&how, err);
        }
    }
    return FB_OK;
}

static fb_status list_merge(AggCtx *cx, const Expr *agg, uint8_t *const *into, uint8_t *const *from,
                            uint32_t n, fb_error *err)
{
    ListAdd how = list_add_new(cx, agg);
    for (uint32_t i = 0; i < n; i++) {
        const ListState *s = list_of(from[i]);
        for (uint32_t k = 0; k < s->n; k++) {
            if (!list_add(&how, list_of(into[i]), s->data + k * how.width)) {
                return list_full(&how, err);
            }
        }
    }
    return FB_OK;
}

/* ---- results ---- */

static void list_copy(const ListState *s, const Type *t, bool set, char *to, Arena *a)
{
    size_t width = list_width(t);
    if (!set) {
        if (s->n) {
            memcpy(to, s->data, s->n * width);
        }
        return;
    }
    uint32_t *order = ARENA_ARRAY(a, uint32_t, s->n ? s->n : 1);
    scala_set_order(t, s->data, width, s->n, order, a);
    for (uint32_t k = 0; k < s->n; k++) {
        memcpy(to + k * width, s->data + order[k] * width, width);
    }
}

static fb_status list_array_nested(const Expr *agg, uint8_t *const *state, uint32_t n, Vec *out,
                                   Arena *a, fb_error *err)
{
    const Type *t = list_element(agg);
    VecBuilder *rows = vecb_new(a, agg->type), *elements = vecb_child(rows, 0);
    for (uint32_t i = 0; i < n; i++) {
        const ListState *s = list_of(state[i]);
        View *views = arena_alloc(a, mem_mul(s->n ? s->n : 1, sizeof(View)));
        list_copy(s, t, list_is_set(agg), (char *)views, a);
        for (uint32_t k = 0; k < s->n; k++) {
            TRY(unsafe_row_decode(view_ptr(&views[k]), views[k].len, &elements, 1, &t, err));
        }
        vecb_end_row(rows);
    }
    vecb_finish(rows, out);
    return FB_OK;
}

/* The lists as an array vector. */
static fb_status list_array(const Expr *agg, uint8_t *const *state, uint32_t n, Vec *out, Arena *a,
                            fb_error *err)
{
    const Type *t = list_element(agg);
    if (type_is_nested(t)) {
        return list_array_nested(agg, state, n, out, a, err);
    }
    uint64_t total = 0;
    vec_init(out, agg->type, n, a);
    for (uint32_t i = 0; i < n; i++) {
        total += list_of(state[i])->n;
        if (total > INT32_MAX) {
            return err_unsupported(err, "more than 2147483647 collected values in a batch");
        }
        VEC_DATA(uint32_t, out)[i + 1] = (uint32_t)total;
    }
    size_t width = list_width(t);
    if (!arena_reserve(a, mem_mul((size_t)total, width))) {
        return arena_check(a, err);
    }
    vec_init(&out->child[0], t, (uint32_t)total, a);
    for (uint32_t i = 0; width && i < n; i++) {
        char *to = (char *)out->child[0].data + VEC_DATA(uint32_t, out)[i] * width;
        list_copy(list_of(state[i]), t, list_is_set(agg), to, a);
    }
    return FB_OK;
}

static fb_status list_finish(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                             Vec *out, fb_error *err)
{
    return list_array(agg, state, n, out, cx->eval->arena, err);
}

static fb_status list_store(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n,
                            Vec *out, fb_error *err)
{
    Vec lists;
    TRY(list_array(agg, state, n, &lists, cx->eval->arena, err));
    View *bufs = agg_alloc(cx, out, n);
    out->valid = NULL;
    TRY(eval_reserve(cx->eval, vec_bytes(&lists, false), 1, err)); /* the rows; one grows beside */
    StrBuf row = {0};
    for (uint32_t i = 0; i < n; i++) {
        strbuf_clear(&row);
        unsafe_row_encode(&lists, 1, i, &row);
        bufs[i] = view_copy(cx->eval->arena, view_of(row.p, row.n));
    }
    strbuf_free(&row);
    return FB_OK;
}

static fb_status list_load(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *cols,
                           uint32_t n, fb_error *err)
{
    ListAdd how = list_add_new(cx, agg);
    VecBuilder *b = vecb_new(cx->eval->arena, agg->type);
    for (uint32_t i = 0; i < n; i++) {
        if (vec_is_valid(&cols[0], i)) {
            Str row = view_str(&VEC_AT(View, &cols[0], i));
            TRY(unsafe_row_decode(row.p, row.n, &b, 1, &agg->type, err));
        } else {
            vecb_null(b);
        }
    }
    Vec lists;
    vecb_finish(b, &lists);
    const uint32_t *offsets = lists.data;
    for (uint32_t i = 0; i < n; i++) {
        *list_of(state[i]) = (ListState){0};
        if (!vec_is_valid(&lists, i)) {
            continue;
        }
        uint32_t from = offsets[i], count = offsets[i + 1] - from;
        Vec part = vec_slice(&lists.child[0], from, count, cx->eval->arena);
        if (type_is_nested(how.type)) {
            uint8_t **same =
                arena_alloc(cx->eval->arena, mem_mul(count ? count : 1, sizeof(*same)));
            for (uint32_t k = 0; k < count; k++) {
                same[k] = state[i];
            }
            TRY(list_add_nested(&how, same, &part, count) ? FB_OK : list_full(&how, err));
            continue;
        }
        for (uint32_t k = 0; how.width && k < count; k++) {
            if (!list_add(&how, list_of(state[i]), (const char *)part.data + k * how.width)) {
                return list_full(&how, err);
            }
        }
    }
    return FB_OK;
}

const AggDef agg_list = {list_size,   list_buffers, list_update, list_merge,
                         list_finish, list_store,   list_load};

/* ---- binding ---- */

fb_status bind_collect_list(BindCtx *cx, Expr *call, fb_error *err)
{
    (void)cx;
    (void)err;
    call->type = type_array(call->args[0]->type, false);
    call->nullable = false;
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

fb_status bind_collect_set(BindCtx *cx, Expr *call, fb_error *err)
{
    if (has_map(call->args[0]->type)) {
        return err_set(err, ERR_DATATYPE_MISMATCH_UNSUPPORTED_INPUT_TYPE, "functionName",
                       "`collect_set`", "dataType", "\"MAP\" or \"COLLATED STRING\"", "sqlExpr",
                       bind_sql(cx, call), NULL);
    }
    call->fn_data = &set_mark;
    return bind_collect_list(cx, call, err);
}
