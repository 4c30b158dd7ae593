/*
 * fn_lambda_fold.c - higher-order functions that go through their array step by step: aggregate
 * (reduce), and array_sort with a comparator.
 *
 * The steps of all rows of a batch are taken together: aggregate merges the first element of each
 * row, then the second of those that have one; array_sort is a bottom-up merge sort in which each
 * round makes the next comparison of every merge that is under way. The values between two rounds
 * are copied to one of two arenas, of which the other is emptied.
 */
#include "expr/lambda.h"

/* ---- aggregate ---- */

typedef struct Fold {
    EvalCtx step; /* its arena is one of two */
    Arena arena[2];
    const Expr *call;
    const Batch *in;
    const Vec *v;
    const Elements *e;
    uint32_t *rows, n; /* rows under way */
    uint32_t *elements, *places;
    Vec acc;    /* of those rows */
    Vec *parts; /* accumulators of rows that are through */
    uint32_t n_parts, cap_parts, n_done;
    uint32_t *done_at; /* row -> its place in the parts put end to end */
} Fold;

/* Rows whose elements are used up leave, with their accumulators copied. */
static void fold_leave(Fold *f, EvalCtx *cx, uint32_t round)
{
    uint32_t left = 0, gone = 0, *leaving = f->elements;
    for (uint32_t k = 0; k < f->n; k++) {
        uint32_t i = f->rows[k];
        if (f->e->offsets[i] + round < f->e->offsets[i + 1]) {
            f->places[left] = k;
            f->rows[left++] = i;
        } else {
            f->done_at[i] = f->n_done++;
            leaving[gone++] = k;
        }
    }
    if (gone == 0) {
        return;
    }
    if (f->n_parts == f->cap_parts) {
        uint32_t cap = f->cap_parts ? f->cap_parts * 2 : 16;
        Vec *grown = ARENA_ARRAY(cx->arena, Vec, cap);
        if (f->n_parts) {
            memcpy(grown, f->parts, f->n_parts * sizeof(Vec));
        }
        f->parts = grown;
        f->cap_parts = cap;
    }
    Vec part, rest;
    vec_gather(&part, &f->acc, leaving, gone, f->step.arena);
    vec_flatten(&rest, &part, f->step.arena);
    vec_copy(&f->parts[f->n_parts++], &rest, cx->arena);
    vec_gather(&rest, &f->acc, f->places, left, f->step.arena);
    f->acc = rest;
    f->n = left;
}

static fb_status fold_round(Fold *f, uint32_t round, fb_error *err)
{
    Vec params[2], made, flat;
    params[0] = f->acc;
    for (uint32_t k = 0; k < f->n; k++) {
        f->elements[k] = f->e->elements[f->e->offsets[f->rows[k]] + round];
    }
    vec_gather(&params[1], &f->v->child[0], f->elements, f->n, f->step.arena);
    TRY(lambda_eval(&f->step, f->call->args[2], f->in, f->rows, f->n, params, &made, err));
    Arena *other = f->step.arena == &f->arena[0] ? &f->arena[1] : &f->arena[0];
    vec_flatten(&flat, &made, f->step.arena);
    vec_copy(&f->acc, &flat, other);
    arena_reset(f->step.arena);
    f->step.arena = other;
    return arena_check(other, err);
}

static fb_status fold_rounds(Fold *f, EvalCtx *cx, fb_error *err)
{
    for (uint32_t round = 0;; round++) {
        fold_leave(f, cx, round);
        if (f->n == 0) {
            return FB_OK;
        }
        TRY(fold_round(f, round, err));
    }
}

static void fold_start(Fold *f, EvalCtx *cx, const Vec *zero)
{
    uint32_t n = f->in->n_rows;
    f->step = *cx;
    f->step.arena = &f->arena[0];
    f->arena[0].quota = f->arena[1].quota = cx->arena->quota;
    f->rows = ARENA_ARRAY(cx->arena, uint32_t, (size_t)n + 1);
    f->elements = ARENA_ARRAY(cx->arena, uint32_t, (size_t)n + 1);
    f->places = ARENA_ARRAY(cx->arena, uint32_t, (size_t)n + 1);
    f->done_at = ARENA_ARRAY(cx->arena, uint32_t, (size_t)n + 1);
    for (uint32_t i = 0; i < n; i++) {
        if (vec_is_valid(f->v, i)) {
            f->rows[f->n++] = i;
        }
    }
    vec_gather(&f->acc, zero, f->rows, f->n, f->step.arena);
}

/* The accumulators of the rows that are not null, in their order, through the last lambda; null
 * elsewhere. */
static fb_status fold_finish(Fold *f, EvalCtx *cx, Vec *out, fb_error *err)
{
    uint32_t n = f->in->n_rows, m = 0;
    uint32_t *rows = f->rows, *from = f->elements;
    Vec all, ordered, made;
    if (f->n_parts == 0) {
        vec_init_null(out, f->call->type, n, cx->arena);
        return FB_OK;
    }
    vec_concat(&all, f->parts, f->n_parts, cx->arena);
    for (uint32_t i = 0; i < n; i++) {
        if (vec_is_valid(f->v, i)) {
            rows[m] = i;
            from[m++] = f->done_at[i];
        }
    }
    vec_gather(&ordered, &all, from, m, cx->arena);
    TRY(lambda_eval(cx, f->call->args[3], f->in, rows, m, &ordered, &made, err));
    if (m == n) {
        *out = made;
        return FB_OK;
    }
    memset(f->places, 0xff, n * sizeof(uint32_t));
    for (uint32_t k = 0; k < m; k++) {
        f->places[rows[k]] = k;
    }
    vec_gather_nullable(out, &made, f->places, n, cx->arena);
    return FB_OK;
}

fb_status fn_fold_array(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err)
{
    Vec v, zero;
    Elements e;
    TRY(expr_eval(cx, call->args[0], in, &v, err));
    TRY(expr_eval(cx, call->args[1], in, &zero, err));
    TRY(lambda_elements(cx, &v, in->n_rows, &e, err));
    Fold f = {.call = call, .in = in, .v = &v, .e = &e};
    fold_start(&f, cx, &zero);
    fb_status st = fold_rounds(&f, cx, err);
    if (st == FB_OK) {
        st = fold_finish(&f, cx, out, err);
    }
    arena_free(&f.arena[0]);
    arena_free(&f.arena[1]);
    return st;
}

/* ---- array_sort with a comparator ---- */

/* A merge under way: runs [a, a_end) and [b, b_end) of from go to `to`. */
typedef struct Merge {
    uint32_t a, a_end, b, b_end, to, row;
} Merge;

typedef struct Sort {
    const Expr *lambda;
    const Batch *in;
    const Vec *elements;   /* that are sorted */
    uint32_t *from, *into; /* their numbers, before and after a level */
    Merge *merge;
    uint32_t n; /* merges under way */
    uint32_t *left, *right, *rows;
} Sort;

static fb_status no_answer(EvalCtx *cx, const Vec *v, uint32_t a, uint32_t b, fb_error *err)
{
    StrBuf one = {0}, other = {0};
    vec_value_text(v, a, cx->tz, &one);
    vec_value_text(v, b, cx->tz, &other);
    return err_set(err, ERR_COMPARATOR_RETURNS_NULL, "firstValue", strbuf_arena(&one, cx->arena),
                   "secondValue", strbuf_arena(&other, cx->arena), NULL);
}

/* Ends merges of which one run is used up. */
static void sort_retire(Sort *s)
{
    uint32_t left = 0;
    for (uint32_t k = 0; k < s->n; k++) {
        Merge m = s->merge[k];
        if (m.a < m.a_end && m.b < m.b_end) {
            s->merge[left++] = m;
            continue;
        }
        while (m.a < m.a_end) {
            s->into[m.to++] = s->from[m.a++];
        }
        while (m.b < m.b_end) {
            s->into[m.to++] = s->from[m.b++];
        }
    }
    s->n = left;
}

static fb_status sort_round(Sort *s, EvalCtx *cx, fb_error *err)
{
    Vec params[2], order;
    for (uint32_t k = 0; k < s->n; k++) {
        s->left[k] = s->from[s->merge[k].a];
        s->right[k] = s->from[s->merge[k].b];
        s->rows[k] = s->merge[k].row;
    }
    vec_gather(&params[0], s->elements, s->left, s->n, cx->arena);
    vec_gather(&params[1], s->elements, s->right, s->n, cx->arena);
    TRY(lambda_eval(cx, s->lambda, s->in, s->rows, s->n, params, &order, err));
    for (uint32_t k = 0; k < s->n; k++) {
        Merge *m = &s->merge[k];
        if (!vec_is_valid(&order, k)) {
            return no_answer(cx, s->elements, s->left[k], s->right[k], err);
        }
        bool second = VEC_AT(int32_t, &order, k) > 0;
        s->into[m->to++] = second ? s->from[m->b++] : s->from[m->a++];
    }
    return FB_OK;
}

/* One level: runs of `width` elements become runs of twice as many. */
static fb_status sort_level(Sort *s, EvalCtx *cx, const Elements *e, uint32_t n, uint32_t width,
                            fb_error *err)
{
    s->n = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t end = e->offsets[i + 1];
        for (uint32_t at = e->offsets[i]; at < end; at += 2 * width) {
            uint32_t b = end - at > width ? at + width : end;
            uint32_t b_end = end - b > width ? b + width : end;
            s->merge[s->n++] = (Merge){at, b, b, b_end, at, i};
        }
    }
    for (;;) {
        sort_retire(s);
        if (s->n == 0) {
            break;
        }
        ArenaMark mark = arena_mark(cx->arena);
        TRY(sort_round(s, cx, err));
        arena_rewind(cx->arena, mark);
    }
    uint32_t *swap = s->from;
    s->from = s->into;
    s->into = swap;
    return FB_OK;
}

fb_status fn_array_sort_by(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err)
{
    Vec v, flat;
    Elements e;
    uint32_t n = in->n_rows, longest = 0;
    TRY(expr_eval(cx, call->args[0], in, &v, err));
    TRY(lambda_elements(cx, &v, n, &e, err));
    TRY(eval_reserve(cx, e.n, 5 * sizeof(uint32_t) + sizeof(Merge), err));
    lambda_child(cx, &v, 0, &e, &flat);
    Sort s = {.lambda = call->args[1], .in = in, .elements = &flat};
    s.from = ARENA_ARRAY(cx->arena, uint32_t, (size_t)e.n + 1);
    s.into = ARENA_ARRAY(cx->arena, uint32_t, (size_t)e.n + 1);
    s.left = ARENA_ARRAY(cx->arena, uint32_t, (size_t)e.n + 1);
    s.right = ARENA_ARRAY(cx->arena, uint32_t, (size_t)e.n + 1);
    s.rows = ARENA_ARRAY(cx->arena, uint32_t, (size_t)e.n + 1);
    s.merge = ARENA_ARRAY(cx->arena, Merge, (size_t)e.n + 1);
    for (uint32_t k = 0; k < e.n; k++) {
        s.from[k] = k;
    }
    for (uint32_t i = 0; i < n; i++) {
        longest = MAX_OF(longest, e.offsets[i + 1] - e.offsets[i]);
    }
    for (uint32_t width = 1; width < longest; width *= 2) {
        TRY(sort_level(&s, cx, &e, n, width, err));
    }
    const Vec *ins[1] = {&v};
    *out = (Vec){.type = call->type, .len = n, .data = e.offsets};
    out->child = ARENA_ARRAY(cx->arena, Vec, 1);
    vec_and_validity(out, ins, 1, cx->arena);
    vec_gather(&out->child[0], &flat, s.from, e.n, cx->arena);
    return FB_OK;
}
