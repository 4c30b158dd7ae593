/*
 * fn_lambda.c - higher-order functions over arrays and maps: transform, filter, exists, forall,
 * zip_with, map_filter, transform_keys, transform_values, map_zip_with.
 *
 * All elements of a batch are put side by side and the lambda is evaluated over them once. Where
 * Spark stops at the first element that decides (exists, forall), and the lambda may fail, elements
 * are taken in rounds instead: the first of each row, then the second of those that are undecided.
 */
#include "expr/lambda.h"

/* ---- calling a lambda ---- */

fb_status lambda_elements(EvalCtx *cx, const Vec *v, uint32_t n, Elements *ret, fb_error *err)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        total += vec_is_valid(v, i) ? list_to(v, i) - list_from(v, i) : 0;
    }
    if (total > INT32_MAX) {
        return err_unsupported(err, "more than %u array elements in a batch", INT32_MAX);
    }
    TRY(eval_reserve(cx, total, 2 * sizeof(uint32_t), err));
    *ret = (Elements){.n = (uint32_t)total, .contiguous = true};
    ret->offsets = ARENA_ARRAY(cx->arena, uint32_t, (size_t)n + 1);
    ret->rows = arena_alloc(cx->arena, mem_mul(total + 1, sizeof(uint32_t)));
    ret->elements = arena_alloc(cx->arena, mem_mul(total + 1, sizeof(uint32_t)));
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t from = vec_is_valid(v, i) ? list_from(v, i) : 0;
        uint32_t to = vec_is_valid(v, i) ? list_to(v, i) : 0;
        for (uint32_t e = from; e < to; e++, at++) {
            ret->rows[at] = i;
            ret->elements[at] = e;
            ret->contiguous &= e == ret->elements[0] + at;
        }
        ret->offsets[i + 1] = at;
    }
    return FB_OK;
}

void lambda_child(EvalCtx *cx, const Vec *v, uint32_t k, const Elements *e, Vec *out)
{
    if (e->contiguous) {
        *out = vec_slice(&v->child[k], e->n ? e->elements[0] : 0, e->n, cx->arena);
    } else {
        vec_gather(out, &v->child[k], e->elements, e->n, cx->arena);
    }
}

fb_status lambda_eval(EvalCtx *cx, const Expr *lambda, const Batch *in, const uint32_t *rows,
                      uint32_t m, const Vec *params, Vec *out, fb_error *err)
{
    uint32_t k = lambda->column;
    bool *used = ARENA_ARRAY(cx->arena, bool, in->n_cols + 1);
    Batch *b = ARENA_NEW(cx->arena, Batch);
    *b = (Batch){.n_rows = m, .n_cols = in->n_cols + k, .seq = in->seq};
    b->col = ARENA_ARRAY(cx->arena, Vec, (size_t)b->n_cols + 1);
    expr_mark_columns(lambda->args[0], k, in->n_cols, used);
    for (uint32_t c = 0; c < in->n_cols; c++) {
        if (used[c]) {
            vec_gather(&b->col[c], &in->col[c], rows, m, cx->arena);
        } else {
            vec_init_null(&b->col[c], in->col[c].type, m, cx->arena);
        }
    }
    for (uint32_t i = 0; i < k; i++) {
        b->col[in->n_cols + i] = params[i];
    }
    return expr_eval(cx, lambda->args[0], b, out, err);
}

bool lambda_is_closed(const Expr *lambda, const Batch *in)
{
    bool used[64] = {false}, any = false;
    if (in->n_cols >= sizeof(used) || !expr_is_deterministic(lambda)) {
        return false;
    }
    expr_mark_columns(lambda->args[0], lambda->column, in->n_cols, used);
    for (uint32_t c = 0; c < in->n_cols; c++) {
        any |= used[c];
    }
    return !any;
}

/* Arguments whose lambda needs no row are computed once. */
static bool once(const Expr *lambda, const Batch *in, const Vec *args, uint32_t n_args)
{
    for (uint32_t i = 0; i < n_args; i++) {
        if (!args[i].is_const) {
            return false;
        }
    }
    return lambda_is_closed(lambda, in);
}

/* The rows that are computed: all, or the one that stands for them. */
static uint32_t rows_of(const Expr *lambda, Batch *in, Vec *args, uint32_t n_args, Arena *a)
{
    if (!once(lambda, in, args, n_args)) {
        return in->n_rows;
    }
    for (uint32_t i = 0; i < n_args; i++) {
        vec_make_const(&args[i], 1, a);
    }
    in->n_rows = 1;
    return 1;
}

static void done(EvalCtx *cx, Vec *out, uint32_t n, uint32_t n_rows)
{
    if (n != n_rows) {
        vec_make_const(out, n_rows, cx->arena);
    }
}

/* A list vector of the rows of e, null where one of the arguments is. */
static void list_result(EvalCtx *cx, const Expr *call, const Elements *e, const Vec *args,
                        uint32_t n_args, uint32_t n, Vec *out)
{
    const Vec *ins[2] = {&args[0], n_args > 1 ? &args[1] : NULL};
    *out = (Vec){.type = call->type, .len = n, .data = e->offsets};
    out->child = ARENA_ARRAY(cx->arena, Vec, 2);
    vec_and_validity(out, ins, n_args, cx->arena);
}

static void positions(EvalCtx *cx, const Elements *e, Vec *out)
{
    *out = (Vec){.type = type_int, .len = e->n};
    int32_t *data = arena_alloc(cx->arena, mem_mul(e->n + 1, sizeof(int32_t)));
    for (uint32_t k = 0; k < e->n; k++) {
        data[k] = (int32_t)(k - e->offsets[e->rows[k]]);
    }
    out->data = data;
}

/* ---- transform, filter ---- */

fb_status fn_transform(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err)
{
    const Expr *lambda = call->args[1];
    Batch b = *in;
    Vec v, params[2], made;
    Elements e;
    TRY(expr_eval(cx, call->args[0], in, &v, err));
    uint32_t n = rows_of(lambda, &b, &v, 1, cx->arena);
    TRY(lambda_elements(cx, &v, n, &e, err));
    lambda_child(cx, &v, 0, &e, &params[0]);
    if (lambda->column > 1) {
        positions(cx, &e, &params[1]);
    }
    TRY(lambda_eval(cx, lambda, &b, e.rows, e.n, params, &made, err));
    list_result(cx, call, &e, &v, 1, n, out);
    vec_flatten(&out->child[0], &made, cx->arena);
    done(cx, out, n, in->n_rows);
    return FB_OK;
}

/* Keeps the elements for which v is true. */
static void keep_true(Elements *e, const Vec *v, uint32_t n)
{
    uint32_t at = 0, k = 0;
    for (uint32_t i = 0; i < n; i++) {
        for (; k < e->offsets[i + 1]; k++) {
            if (vec_is_valid(v, k) && VEC_AT(uint8_t, v, k)) {
                e->elements[at] = e->elements[k];
                e->rows[at++] = i;
            }
        }
        e->offsets[i + 1] = at; /* the old end has been used */
    }
    e->n = at;
    e->contiguous = false;
}

fb_status fn_filter(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err)
{
    const Expr *lambda = call->args[1];
    bool map = call->type->id == T_MAP;
    Batch b = *in;
    Vec v, params[2], wanted;
    Elements e;
    TRY(expr_eval(cx, call->args[0], in, &v, err));
    uint32_t n = rows_of(lambda, &b, &v, 1, cx->arena);
    TRY(lambda_elements(cx, &v, n, &e, err));
    lambda_child(cx, &v, 0, &e, &params[0]);
    if (map) {
        lambda_child(cx, &v, 1, &e, &params[1]);
    } else if (lambda->column > 1) {
        positions(cx, &e, &params[1]);
    }
    TRY(lambda_eval(cx, lambda, &b, e.rows, e.n, params, &wanted, err));
    keep_true(&e, &wanted, n);
    list_result(cx, call, &e, &v, 1, n, out);
    for (uint32_t k = 0; k < (map ? 2u : 1u); k++) {
        lambda_child(cx, &v, k, &e, &out->child[k]);
    }
    done(cx, out, n, in->n_rows);
    return FB_OK;
}

/* ---- exists, forall ---- */

/* What the elements of a row have said so far. */
enum { SAID_NOTHING, SAID_NULL, SAID_IT };

/* says: the value that decides: true of exists, false of forall. */
static void hear(uint8_t *said, const uint32_t *rows, const Vec *v, uint32_t m, bool says)
{
    for (uint32_t k = 0; k < m; k++) {
        uint8_t *s = &said[rows[k]];
        if (!vec_is_valid(v, k)) {
            *s = *s == SAID_IT ? SAID_IT : SAID_NULL;
        } else if ((VEC_AT(uint8_t, v, k) != 0) == says) {
            *s = SAID_IT;
        }
    }
}

static fb_status ask_at_once(EvalCtx *cx, const Expr *lambda, const Batch *in, const Vec *v,
                             const Elements *e, bool says, uint8_t *said, fb_error *err)
{
    Vec element, answer;
    lambda_child(cx, v, 0, e, &element);
    TRY(lambda_eval(cx, lambda, in, e->rows, e->n, &element, &answer, err));
    hear(said, e->rows, &answer, e->n, says);
    return FB_OK;
}

static fb_status ask_in_rounds(EvalCtx *cx, const Expr *lambda, const Batch *in, const Vec *v,
                               const Elements *e, bool says, uint8_t *said, fb_error *err)
{
    uint32_t *rows = ARENA_ARRAY(cx->arena, uint32_t, (size_t)in->n_rows + 1);
    uint32_t *elements = ARENA_ARRAY(cx->arena, uint32_t, (size_t)in->n_rows + 1);
    uint32_t m = in->n_rows;
    for (uint32_t i = 0; i < m; i++) {
        rows[i] = i;
    }
    for (uint32_t round = 0;; round++) {
        uint32_t left = 0;
        ArenaMark mark = arena_mark(cx->arena);
        for (uint32_t k = 0; k < m; k++) {
            uint32_t i = rows[k], at = e->offsets[i] + round;
            if (said[i] != SAID_IT && at < e->offsets[i + 1]) {
                elements[left] = e->elements[at];
                rows[left++] = i;
            }
        }
        m = left;
        if (m == 0) {
            return FB_OK;
        }
        Vec element, answer;
        vec_gather(&element, &v->child[0], elements, m, cx->arena);
        TRY(lambda_eval(cx, lambda, in, rows, m, &element, &answer, err));
        hear(said, rows, &answer, m, says);
        arena_rewind(cx->arena, mark);
    }
}

static fb_status ask(EvalCtx *cx, const Expr *call, const Batch *in, bool says, Vec *out,
                     fb_error *err)
{
    const Expr *lambda = call->args[1];
    Batch b = *in;
    Vec v;
    Elements e;
    TRY(expr_eval(cx, call->args[0], in, &v, err));
    uint32_t n = rows_of(lambda, &b, &v, 1, cx->arena);
    TRY(lambda_elements(cx, &v, n, &e, err));
    uint8_t *said = arena_zalloc(cx->arena, (size_t)n + 1);
    if (expr_can_fail(lambda)) {
        TRY(ask_in_rounds(cx, lambda, &b, &v, &e, says, said, err));
    } else {
        TRY(ask_at_once(cx, lambda, &b, &v, &e, says, said, err));
    }
    const Vec *ins[1] = {&v};
    *out = (Vec){.type = type_boolean, .len = n};
    uint8_t *data = kernel_alloc(cx, out);
    vec_and_validity(out, ins, 1, cx->arena);
    bool shared = out->valid == v.valid;
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (said[i] == SAID_IT) == says;
        if (said[i] == SAID_NULL && shared && out->valid) {
            uint64_t *own = vec_new_validity(cx->arena, n, true);
            memcpy(own, out->valid, VEC_WORDS(n) * sizeof(uint64_t));
            out->valid = own;
            shared = false;
        }
        if (said[i] == SAID_NULL) {
            kernel_null(cx, out, i);
            shared = false;
        }
    }
    done(cx, out, n, in->n_rows);
    return FB_OK;
}

fb_status fn_exists(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err)
{
    return ask(cx, call, in, true, out, err);
}

fb_status fn_forall(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err)
{
    return ask(cx, call, in, false, out, err);
}

/* ---- zip_with ---- */

fb_status fn_zip_with(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err)
{
    const Expr *lambda = call->args[2];
    Batch b = *in;
    Vec v[2], params[2], made;
    TRY(expr_eval(cx, call->args[0], in, &v[0], err));
    TRY(expr_eval(cx, call->args[1], in, &v[1], err));
    uint32_t n = rows_of(lambda, &b, v, 2, cx->arena);
    ListOut sides[2] = {list_out(cx, n), list_out(cx, n)};
    Elements e = {.offsets = ARENA_ARRAY(cx->arena, uint32_t, (size_t)n + 1)};
    for (uint32_t i = 0; i < n; i++) {
        bool both = vec_is_valid(&v[0], i) && vec_is_valid(&v[1], i);
        uint32_t a = both ? list_to(&v[0], i) - list_from(&v[0], i) : 0;
        uint32_t c = both ? list_to(&v[1], i) - list_from(&v[1], i) : 0;
        uint32_t most = a > c ? a : c;
        for (uint32_t k = 0; k < most; k++) {
            list_out_push(&sides[0], k < a ? list_from(&v[0], i) + k : LIST_NULL);
            list_out_push(&sides[1], k < c ? list_from(&v[1], i) + k : LIST_NULL);
        }
        e.offsets[i + 1] = sides[0].n_elements;
    }
    TRY(sides[0].over || sides[1].over ? arena_check(cx->arena, err) : FB_OK);
    e.n = sides[0].n_elements;
    e.rows = arena_alloc(cx->arena, mem_mul(e.n + 1, sizeof(uint32_t)));
    for (uint32_t i = 0, k = 0; i < n; i++) {
        for (; k < e.offsets[i + 1]; k++) {
            e.rows[k] = i;
        }
    }
    for (uint32_t k = 0; k < 2; k++) {
        vec_gather_nullable(&params[k], &v[k].child[0], sides[k].elements, e.n, cx->arena);
    }
    TRY(lambda_eval(cx, lambda, &b, e.rows, e.n, params, &made, err));
    list_result(cx, call, &e, v, 2, n, out);
    vec_flatten(&out->child[0], &made, cx->arena);
    done(cx, out, n, in->n_rows);
    return FB_OK;
}

/* ---- maps ---- */

/* The values of the lambda over keys and values, as an array, or as the values of the map. */
fb_status fn_transform_entries(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out,
                               fb_error *err)
{
    const Expr *lambda = call->args[1];
    bool map = call->type->id == T_MAP;
    Batch b = *in;
    Vec v, params[2], made;
    Elements e;
    TRY(expr_eval(cx, call->args[0], in, &v, err));
    uint32_t n = rows_of(lambda, &b, &v, 1, cx->arena);
    TRY(lambda_elements(cx, &v, n, &e, err));
    lambda_child(cx, &v, 0, &e, &params[0]);
    lambda_child(cx, &v, 1, &e, &params[1]);
    TRY(lambda_eval(cx, lambda, &b, e.rows, e.n, params, &made, err));
    list_result(cx, call, &e, &v, 1, n, out);
    if (map) {
        vec_flatten(&out->child[0], &params[0], cx->arena);
    }
    vec_flatten(&out->child[map], &made, cx->arena);
    done(cx, out, n, in->n_rows);
    return FB_OK;
}

typedef struct ZipMaps {
    Vec keys;      /* of both maps */
    uint32_t base; /* of the second one's */
    ListOut key, value[2];
} ZipMaps;

/* The keys of row i, each once: the first map's, then what only the second has. */
static void zip_row(ZipMaps *z, const Vec *v, ElementSet *seen, uint32_t i)
{
    uint32_t a = list_from(&v[0], i), a_end = list_to(&v[0], i);
    uint32_t b = list_from(&v[1], i), b_end = list_to(&v[1], i), first = z->key.n_elements;
    element_set_clear(seen, a_end - a + b_end - b);
    for (uint32_t k = a; k < a_end; k++) {
        (void)element_set_add(seen, k);
        list_out_push(&z->key, k);
        list_out_push(&z->value[0], k);
        list_out_push(&z->value[1], LIST_NULL);
    }
    for (uint32_t k = b; k < b_end && !z->key.over; k++) {
        if (element_set_add(seen, z->base + k)) {
            list_out_push(&z->key, z->base + k);
            list_out_push(&z->value[0], LIST_NULL);
            list_out_push(&z->value[1], k);
            continue;
        }
        uint32_t at = first;
        while (!vec_eq_at(&z->keys, z->key.elements[at], &z->keys, z->base + k)) {
            at++;
        }
        z->value[1].elements[at] = k;
    }
}

fb_status fn_map_zip_with(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err)
{
    const Expr *lambda = call->args[2];
    Batch b = *in;
    Vec v[2], params[3], made;
    ZipMaps z = {0};
    TRY(expr_eval(cx, call->args[0], in, &v[0], err));
    TRY(expr_eval(cx, call->args[1], in, &v[1], err));
    uint32_t n = rows_of(lambda, &b, v, 2, cx->arena);
    TRY(list_both(cx, &v[0], &v[1], &z.keys, &z.base, err));
    z.key = list_out(cx, n);
    z.value[0] = list_out(cx, n);
    z.value[1] = list_out(cx, n);
    ElementSet seen = element_set(cx, &z.keys);
    for (uint32_t i = 0; i < n; i++) {
        if (vec_is_valid(&v[0], i) && vec_is_valid(&v[1], i)) {
            zip_row(&z, v, &seen, i);
        }
        list_out_end_row(&z.key, i);
    }
    TRY(arena_check(cx->arena, err));
    Elements e = {.offsets = z.key.offsets, .n = z.key.n_elements};
    e.rows = arena_alloc(cx->arena, mem_mul(e.n + 1, sizeof(uint32_t)));
    for (uint32_t i = 0, k = 0; i < n; i++) {
        for (; k < e.offsets[i + 1]; k++) {
            e.rows[k] = i;
        }
    }
    vec_gather(&params[0], &z.keys, z.key.elements, e.n, cx->arena);
    for (uint32_t k = 0; k < 2; k++) {
        vec_gather_nullable(&params[k + 1], &v[k].child[1], z.value[k].elements, e.n, cx->arena);
    }
    TRY(lambda_eval(cx, lambda, &b, e.rows, e.n, params, &made, err));
    list_result(cx, call, &e, v, 2, n, out);
    out->child[0] = params[0];
    vec_flatten(&out->child[1], &made, cx->arena);
    done(cx, out, n, in->n_rows);
    return FB_OK;
}
