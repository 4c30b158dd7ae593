/*
 * eval.c - evaluating expressions over batches.
 *
 * A tree is evaluated bottom-up, one vector a node. Constants stay constant: a call whose arguments
 * are all constant runs its kernel on one row. Where Spark would not evaluate an operand for a row
 * (the right side of AND after false, the branches of CASE, the second operand after a null one),
 * and evaluating it could raise an error or is costly, it is evaluated on a gathered subset of the
 * rows only; the subset holds just the columns that the operand reads.
 *
 * Memory: vectors come from cx->arena and live until its owner resets it. Frames are kept small
 * (argument vectors are in the arena), as the recursion follows the depth of the expression, which
 * the analyzer bounds (PLAN_MAX_DEPTH).
 * Threads: an EvalCtx belongs to one thread; expressions are only read.
 */
#include "column/datetime.h"
#include "expr/kernel.h"

/* A tree of up to this many nodes without a costly function is evaluated where it isn't needed
 * rather than gathering a subset for it. */
#define CHEAP_NODES 8

void vec_make_const(Vec *v, uint32_t n, Arena *a)
{
    v->is_const = true;
    v->len = n;
    if (v->type->id == T_STRUCT) {
        const Vec *old = v->child;
        v->child = ARENA_ARRAY(a, Vec, v->type->n_fields + 1);
        for (uint32_t k = 0; k < v->type->n_fields; k++) {
            v->child[k] = old[k];
            vec_make_const(&v->child[k], n, a);
        }
    }
}

/* ---- which operands may be evaluated for nothing ---- */

static bool count_cheap_node(void *arg, const Expr *e)
{
    uint32_t *left = arg;
    if (*left == 0 || e->kind == E_CAST || (e->fn && !(e->fn->flags & FN_OPERATOR))) {
        return false;
    }
    (*left)--;
    return true;
}

bool expr_is_cheap(const Expr *e)
{
    uint32_t left = CHEAP_NODES;
    return expr_visit(e, count_cheap_node, &left) && !expr_can_fail(e) && expr_is_deterministic(e);
}

/* ---- subsets of rows ---- */

void expr_mark_columns(const Expr *e, uint32_t n_params, uint32_t n_cols, bool *used)
{
    if (e->kind == E_COLUMN) {
        used[e->column] = true;
    } else if (e->kind == E_LAMBDA_VAR && e->column > n_params) {
        used[n_cols - (e->column - n_params)] = true;
    }
    uint32_t inner = n_params + (e->kind == E_LAMBDA ? e->column : 0);
    for (uint32_t i = 0; i < e->n_args; i++) {
        expr_mark_columns(e->args[i], inner, n_cols, used);
    }
}

/* The batch of the given rows with the columns that e reads; the other columns are null. */
static void batch_subset(EvalCtx *cx, const Expr *e, const Batch *in, const uint32_t *rows,
                         uint32_t n, Batch *out)
{
    bool *used = ARENA_ARRAY(cx->arena, bool, in->n_cols + 1);
    expr_mark_columns(e, 0, in->n_cols, used);
    *out = (Batch){.n_rows = n, .n_cols = in->n_cols, .seq = in->seq};
    out->col = ARENA_ARRAY(cx->arena, Vec, in->n_cols + 1);
    for (uint32_t c = 0; c < in->n_cols; c++) {
        if (used[c]) {
            vec_gather(&out->col[c], &in->col[c], rows, n, cx->arena);
        } else {
            vec_init_null(&out->col[c], in->col[c].type, n, cx->arena);
        }
    }
}

fb_status eval_rows(EvalCtx *cx, const Expr *e, const Batch *in, const uint32_t *rows, uint32_t n,
                    Vec *out, fb_error *err)
{
    if (!rows) {
        return expr_eval(cx, e, in, out, err);
    }
    if (e->kind == E_LITERAL) {
        *out = *e->value;
        vec_make_const(out, n, cx->arena);
        return FB_OK;
    }
    if (e->kind == E_COLUMN) {
        vec_gather(out, &in->col[e->column], rows, n, cx->arena);
        return FB_OK;
    }
    Batch *sub = ARENA_NEW(cx->arena, Batch);
    batch_subset(cx, e, in, rows, n, sub);
    return expr_eval(cx, e, sub, out, err);
}

uint32_t vec_true_rows(const Vec *v, bool want, uint32_t n, uint32_t *rows)
{
    uint32_t m = 0;
    if (v->is_const || v->type->id == T_NULL) {
        bool value = vec_is_valid(v, 0) && VEC_DATA(uint8_t, v)[0];
        for (uint32_t i = 0; value == want && i < n; i++) {
            rows[m++] = i;
        }
        return m;
    }
    const uint8_t *data = v->data;
    if (!v->valid) {
        for (uint32_t i = 0; i < n; i++) {
            rows[m] = i;
            m += data[i] == want;
        }
        return m;
    }
    for (uint32_t i = 0; i < n; i++) {
        rows[m] = i;
        m += (data[i] & bit_get(v->valid, i)) == want;
    }
    return m;
}

/* ---- calls ---- */

/* Rows of the arguments evaluated so far in which none is null; UINT32_MAX: in all of them. */
static uint32_t rows_without_nulls(EvalCtx *cx, const Vec *args, uint32_t n_args, uint32_t n,
                                   uint32_t **ret_rows)
{
    const Vec **ins = ARENA_ARRAY(cx->arena, const Vec *, n_args + 1);
    for (uint32_t k = 0; k < n_args; k++) {
        ins[k] = &args[k];
    }
    Vec both = {.type = type_boolean, .len = n};
    vec_and_validity(&both, ins, n_args, cx->arena);
    if (!both.valid) {
        return UINT32_MAX;
    }
    uint32_t *rows = ARENA_ARRAY(cx->arena, uint32_t, n + 1), m = 0;
    for (uint32_t i = 0; i < n; i++) {
        rows[m] = i;
        m += bit_get(both.valid, i);
    }
    *ret_rows = rows;
    return m == n ? UINT32_MAX : m;
}

/* Evaluates e on the given rows; the others become null. */
static fb_status eval_scattered(EvalCtx *cx, const Expr *e, const Batch *in, const uint32_t *rows,
                                uint32_t m, Vec *out, fb_error *err)
{
    Vec *sub = ARENA_NEW(cx->arena, Vec);
    if (m == 0) {
        vec_init_null(out, e->type, in->n_rows, cx->arena);
        return FB_OK;
    }
    TRY(eval_rows(cx, e, in, rows, m, sub, err));
    uint32_t *from = arena_alloc(cx->arena, mem_mul(in->n_rows, sizeof(*from)));
    memset(from, 0xff, in->n_rows * sizeof(*from));
    for (uint32_t k = 0; k < m; k++) {
        from[rows[k]] = k;
    }
    vec_gather_nullable(out, sub, from, in->n_rows, cx->arena);
    return FB_OK;
}

/* The arguments from k on are needed only where the ones before are not null. */
static fb_status eval_strict_arg(EvalCtx *cx, const Expr *e, uint32_t k, const Batch *in, Vec *args,
                                 fb_error *err)
{
    const Expr *arg = e->args[k];
    uint32_t *rows = NULL;
    bool plain = arg->kind == E_COLUMN || arg->kind == E_LITERAL || k == 0 || !expr_can_fail(arg);
    uint32_t m = plain ? UINT32_MAX : rows_without_nulls(cx, args, k, in->n_rows, &rows);
    if (m == UINT32_MAX) {
        return expr_eval(cx, arg, in, &args[k], err);
    }
    return eval_scattered(cx, arg, in, rows, m, &args[k], err);
}

/* Two arguments, the second one first, as division looks at its divisor. Step k of two. */
static fb_status eval_last_first(EvalCtx *cx, const Expr *e, uint32_t k, const Batch *in, Vec *args,
                                 fb_error *err)
{
    uint32_t at = e->n_args - 1 - k, *rows = NULL, m = UINT32_MAX;
    const Expr *arg = e->args[at];
    if (k > 0 && arg->kind != E_COLUMN && arg->kind != E_LITERAL && expr_can_fail(arg)) {
        m = rows_without_nulls(cx, &args[at + 1], k, in->n_rows, &rows);
    }
    if (m == UINT32_MAX) {
        return expr_eval(cx, arg, in, &args[at], err);
    }
    return eval_scattered(cx, arg, in, rows, m, &args[at], err);
}

Vec eval_valid_strings(EvalCtx *cx, const Vec *v, bool java)
{
    uint32_t n = v->is_const ? 1 : v->len, i = 0;
    const View *from = v->data;
    while (i < n && str_is_utf8(view_str(&from[i]))) {
        i++;
    }
    if (i == n) {
        return *v;
    }
    Vec out = *v;
    View *to = arena_alloc(cx->arena, mem_mul(n, sizeof(View)));
    memcpy(to, from, n * sizeof(View));
    for (; i < n; i++) {
        Str s = str_to_utf8(cx->arena, view_str(&from[i]), java);
        to[i] = view_of(s.p, s.n);
    }
    out.data = to;
    return out;
}

static fb_status run_kernel(EvalCtx *cx, const Expr *e, Vec *args, uint32_t n, Vec *out,
                            fb_error *err)
{
    for (uint32_t k = 0; k < e->n_args && (e->fn->flags & FN_UTF8_ONLY); k++) {
        if (args[k].type->id == T_STRING) {
            args[k] = eval_valid_strings(cx, &args[k], e->fn->flags & FN_JAVA_STRINGS);
        }
    }
    *out = (Vec){.type = e->type, .len = n};
    if (e->fn->flags & FN_NULL_IN_NULL_OUT) {
        const Vec **ins = ARENA_ARRAY(cx->arena, const Vec *, e->n_args + 1);
        for (uint32_t k = 0; k < e->n_args; k++) {
            ins[k] = &args[k];
        }
        vec_and_validity(out, ins, e->n_args, cx->arena);
    }
    return e->fn->kernel(cx, e, args, n, out, err);
}

static bool has_null_literal(const Expr *e)
{
    for (uint32_t k = 0; k < e->n_args; k++) {
        if (e->args[k]->kind == E_LITERAL && !vec_is_valid(e->args[k]->value, 0)) {
            return true;
        }
    }
    return false;
}

static fb_status eval_call(EvalCtx *cx, const Expr *e, const Batch *in, Vec *out, fb_error *err)
{
    const FuncDef *f = e->fn;
    if (f->lazy) {
        return f->lazy(cx, e, in, out, err);
    }
    bool strict = f->flags & FN_NULL_IN_NULL_OUT;
    if (strict && !cx->as_written &&
        has_null_literal(e)) { /* nothing else is evaluated, as if optimized away */
        vec_init_null(out, e->type, in->n_rows, cx->arena);
        return FB_OK;
    }
    bool all_const = !(f->flags & FN_NONDETERMINISTIC);
    Vec *args = ARENA_ARRAY(cx->arena, Vec, e->n_args + 1);
    for (uint32_t k = 0; k < e->n_args; k++) {
        if (strict && (f->flags & FN_LAST_FIRST)) {
            TRY(eval_last_first(cx, e, k, in, args, err));
        } else if (strict) {
            TRY(eval_strict_arg(cx, e, k, in, args, err));
        } else {
            TRY(expr_eval(cx, e->args[k], in, &args[k], err));
        }
        const Vec *made = &args[f->flags & FN_LAST_FIRST ? e->n_args - 1 - k : k];
        if (strict && (made->type->id == T_NULL || made->is_const) && !vec_is_valid(made, 0)) {
            vec_init_null(out, e->type, in->n_rows, cx->arena);
            return FB_OK;
        }
        all_const = all_const && made->is_const;
    }
    if (!all_const) {
        return run_kernel(cx, e, args, in->n_rows, out, err);
    }
    for (uint32_t k = 0; k < e->n_args; k++) {
        vec_make_const(&args[k], 1, cx->arena);
    }
    TRY(run_kernel(cx, e, args, 1, out, err));
    vec_make_const(out, in->n_rows, cx->arena);
    return FB_OK;
}

/* ---- AND, OR ---- */

/* Three-valued: the result is decided where either side is the deciding value (false of AND, true
 * of OR), else null where either is null. */
static void logic_combine(EvalCtx *cx, bool is_or, const Vec *a, const Vec *b, uint32_t n, Vec *out)
{
    *out = (Vec){.type = type_boolean, .len = n};
    uint8_t *restrict r = kernel_alloc(cx, out);
    bool flat = !a->is_const && !b->is_const && a->data && b->data;
    if (flat && !a->valid && !b->valid) {
        const uint8_t *x = a->data, *y = b->data;
        for (uint32_t i = 0; i < n; i++) {
            r[i] = is_or ? x[i] | y[i] : x[i] & y[i];
        }
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        bool va = vec_is_valid(a, i), vb = vec_is_valid(b, i);
        bool xa = va && VEC_AT(uint8_t, a, i), xb = vb && VEC_AT(uint8_t, b, i);
        bool decided = (va && xa == is_or) || (vb && xb == is_or);
        r[i] = decided ? is_or : !is_or;
        if (!decided && !(va && vb)) {
            kernel_null(cx, out, i);
        }
    }
}

static fb_status eval_logic(EvalCtx *cx, const Expr *e, const Batch *in, Vec *out, fb_error *err)
{
    bool is_or = e->kind == E_OR;
    uint32_t n = in->n_rows;
    Vec *side = ARENA_ARRAY(cx->arena, Vec, 2);
    TRY(expr_eval(cx, e->args[0], in, &side[0], err));
    if (side[0].is_const && vec_is_valid(&side[0], 0)) {
        bool value = VEC_DATA(uint8_t, &side[0])[0];
        if (value == is_or) {
            *out = side[0];
            return FB_OK;
        }
        return expr_eval(cx, e->args[1], in, out, err);
    }
    if (expr_is_cheap(e->args[1])) {
        TRY(expr_eval(cx, e->args[1], in, &side[1], err));
    } else {
        uint32_t *rows = ARENA_ARRAY(cx->arena, uint32_t, n + 1), m = 0;
        for (uint32_t i = 0; i < n; i++) {
            bool decided =
                vec_is_valid(&side[0], i) && (VEC_AT(uint8_t, &side[0], i) != 0) == is_or;
            rows[m] = i;
            m += !decided;
        }
        if (m == n) {
            TRY(expr_eval(cx, e->args[1], in, &side[1], err));
        } else {
            TRY(eval_scattered(cx, e->args[1], in, rows, m, &side[1], err));
        }
    }
    logic_combine(cx, is_or, &side[0], &side[1], n, out);
    return FB_OK;
}

/* ---- CASE ---- */

/* The state of a CASE under way: part[i] and row[i] say where row i's value comes from. */
typedef struct CaseState {
    Vec *parts;
    uint32_t n_parts, n_left;
    uint8_t *part;
    uint32_t *row;
    uint32_t *left; /* rows that no condition has taken yet, ascending */
} CaseState;

/* Gives the rows take[0..m) the value of e. */
static fb_status case_take(EvalCtx *cx, CaseState *s, const Expr *e, const Batch *in,
                           const uint32_t *take, uint32_t m, fb_error *err)
{
    if (m == 0) {
        return FB_OK;
    }
    Vec *v = &s->parts[s->n_parts];
    bool whole = m == in->n_rows || e->kind == E_COLUMN || expr_is_cheap(e);
    TRY(eval_rows(cx, e, in, whole ? NULL : take, m, v, err));
    uint8_t part = (uint8_t)s->n_parts;
    for (uint32_t k = 0; k < m; k++) {
        s->part[take[k]] = part;
        s->row[take[k]] = whole ? take[k] : k;
    }
    s->n_parts++;
    return FB_OK;
}

/* One WHEN … THEN over the rows that are left. */
static fb_status case_step(EvalCtx *cx, CaseState *s, const Expr *when, const Expr *then,
                           const Batch *in, fb_error *err)
{
    Vec *cond = ARENA_NEW(cx->arena, Vec);
    const uint32_t *subset = s->n_left == in->n_rows ? NULL : s->left;
    TRY(eval_rows(cx, when, in, subset, s->n_left, cond, err));
    uint32_t *take = arena_alloc(cx->arena, mem_mul(s->n_left + 1, sizeof(*take)));
    uint32_t m = 0, rest = 0;
    bool nulls = vec_may_have_nulls(cond) || cond->is_const;
    const uint8_t *data = cond->data;
    for (uint32_t k = 0; k < s->n_left; k++) {
        uint32_t row = s->left[k];
        bool yes = nulls ? vec_is_valid(cond, k) && VEC_AT(uint8_t, cond, k) : data[k];
        take[m] = row;
        s->left[rest] = row; /* at or before k */
        m += yes;
        rest += !yes;
    }
    s->n_left = rest;
    return case_take(cx, s, then, in, take, m, err);
}

/* Part numbers are bytes: a CASE of more branches is merged in steps of this many. */
#define CASE_MAX_PARTS 250

static void case_merge(EvalCtx *cx, CaseState *s, uint32_t n, Vec *out)
{
    vec_interleave(out, s->parts, s->part, s->row, n, cx->arena);
}

static fb_status eval_case(EvalCtx *cx, const Expr *e, const Batch *in, Vec *out, fb_error *err)
{
    uint32_t n = in->n_rows, n_pairs = e->n_args / 2;
    CaseState *s = ARENA_NEW(cx->arena, CaseState);
    s->parts = ARENA_ARRAY(cx->arena, Vec, CASE_MAX_PARTS + 2);
    s->part = ARENA_ARRAY(cx->arena, uint8_t, n + 1);
    s->row = ARENA_ARRAY(cx->arena, uint32_t, n + 1);
    s->left = ARENA_ARRAY(cx->arena, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        s->left[i] = i;
    }
    s->n_left = n;
    /* Part 0 is the null of rows that no branch takes. */
    vec_init_null(&s->parts[s->n_parts++], e->type, n, cx->arena);
    for (uint32_t k = 0; k < n_pairs && s->n_left > 0; k++) {
        TRY(case_step(cx, s, e->args[2 * k], e->args[2 * k + 1], in, err));
        if (s->n_parts == CASE_MAX_PARTS) {
            Vec *merged = ARENA_NEW(cx->arena, Vec);
            case_merge(cx, s, n, merged);
            s->parts[1] = *merged;
            s->n_parts = 2;
            for (uint32_t i = 0; i < n; i++) {
                s->part[i] = s->part[i] != 0;
                s->row[i] = i;
            }
        }
    }
    if (e->n_args % 2 && s->n_left > 0) {
        TRY(case_take(cx, s, e->args[e->n_args - 1], in, s->left, s->n_left, err));
    }
    if (s->n_parts == 2 && s->parts[1].len == n && s->part[0] == 1 &&
        memchr(s->part, 0, n) == NULL) {
        *out = s->parts[1]; /* one branch took all rows */
        return FB_OK;
    }
    case_merge(cx, s, n, out);
    return FB_OK;
}

/* ---- the rest ---- */

static fb_status eval_field(EvalCtx *cx, const Expr *e, const Batch *in, Vec *out, fb_error *err)
{
    Vec *parent = ARENA_NEW(cx->arena, Vec);
    TRY(expr_eval(cx, e->args[0], in, parent, err));
    *out = parent->child[e->column];
    if (!vec_may_have_nulls(parent)) {
        return FB_OK;
    }
    if (parent->is_const) {
        vec_init_null(out, e->type, in->n_rows, cx->arena);
        return FB_OK;
    }
    Vec flat = *out;
    vec_flatten(out, &flat, cx->arena);
    const Vec *ins[2] = {parent, out};
    Vec both = {.type = type_boolean, .len = in->n_rows};
    vec_and_validity(&both, ins, 2, cx->arena);
    out->valid = both.valid;
    return FB_OK;
}

/* 'epoch', 'now', 'today', 'tomorrow' and 'yesterday' are moments where a constant is cast. */
static bool cast_special(EvalCtx *cx, const Expr *e, const Vec *child, uint32_t n, Vec *out)
{
    if (!type_is_datetime(e->type) || child->type->id != T_STRING || !child->is_const ||
        !vec_is_valid(child, 0) || !expr_is_foldable(e->args[0])) {
        return false;
    }
    Str s = view_str(&VEC_DATA(View, child)[0]);
    Vec v;
    vec_init_const(&v, e->type, n, cx->arena);
    bool special = e->type->id == T_DATE
                       ? date_parse_special(s, cx->tz, cx->now_us, VEC_DATA(int32_t, &v))
                   : e->type->id == T_TIMESTAMP
                       ? ts_parse_special(s, cx->tz, cx->now_us, VEC_DATA(int64_t, &v))
                       : ts_ntz_parse_special(s, cx->tz, cx->now_us, VEC_DATA(int64_t, &v));
    if (special) {
        *out = v;
    }
    return special;
}

static fb_status eval_cast(EvalCtx *cx, const Expr *e, const Batch *in, Vec *out, fb_error *err)
{
    Vec *child = ARENA_NEW(cx->arena, Vec);
    TRY(expr_eval(cx, e->args[0], in, child, err));
    if (cast_special(cx, e, child, in->n_rows, out)) {
        return FB_OK;
    }
    return cast_vec(cx, child, e->type, e->eval_mode, out, err);
}

static fb_status eval_node(EvalCtx *cx, const Expr *e, const Batch *in, Vec *out, fb_error *err)
{
    switch (e->kind) {
    case E_COLUMN:
        FB_ASSERT(e->column < in->n_cols);
        *out = in->col[e->column];
        return FB_OK;
    case E_LAMBDA_VAR:
        FB_ASSERT(e->column <= in->n_cols);
        *out = in->col[in->n_cols - e->column];
        return FB_OK;
    case E_LITERAL:
        *out = *e->value;
        vec_make_const(out, in->n_rows, cx->arena);
        return FB_OK;
    case E_ALIAS:
        return expr_eval(cx, e->args[0], in, out, err);
    case E_CALL:
        return eval_call(cx, e, in, out, err);
    case E_CAST:
        return eval_cast(cx, e, in, out, err);
    case E_AND:
    case E_OR:
        return eval_logic(cx, e, in, out, err);
    case E_CASE:
        return eval_case(cx, e, in, out, err);
    case E_FIELD:
        return eval_field(cx, e, in, out, err);
    default:
        return err_internal(err, "An expression of kind %d can't be evaluated.", (int)e->kind);
    }
}

fb_status expr_eval(EvalCtx *cx, const Expr *e, const Batch *in, Vec *out, fb_error *err)
{
    if (in->n_rows == 0 && e->kind != E_COLUMN) {
        vec_init(out, e->type, 0, cx->arena);
        return FB_OK;
    }
    fb_status st = eval_node(cx, e, in, out, err);
    if (st == FB_OK) {
        st = arena_check(cx->arena, err);
    }
    if (__builtin_expect(st != FB_OK, 0)) {
        err_where(err, e->start, e->stop,
                  (Str){0}); /* the innermost place is set first and stays */
    }
    return st;
}

/* ---- what calls keep ---- */

typedef struct EvalKept {
    const Expr *call;
    void *what;
    void (*close)(void *what);
    struct EvalKept *next;
} EvalKept;

void *eval_kept(const EvalCtx *cx, const Expr *call)
{
    for (const EvalKept *k = cx->kept ? *cx->kept : NULL; k; k = k->next) {
        if (k->call == call) {
            return k->what;
        }
    }
    return NULL;
}

bool eval_keep(EvalCtx *cx, const Expr *call, void *what, void (*close)(void *what))
{
    if (!cx->kept) {
        return false;
    }
    EvalKept *k = mem_alloc(sizeof(*k));
    *k = (EvalKept){call, what, close, *cx->kept};
    *cx->kept = k;
    return true;
}

void eval_kept_free(EvalKept **kept)
{
    while (*kept) {
        EvalKept *k = *kept;
        *kept = k->next;
        k->close(k->what);
        mem_free(k);
    }
}

/* Before a plan runs there is neither a budget nor a way to cancel: a constant that takes more than
 * this to make, or to keep, is not made. */
#define FOLD_WORK_BYTES ((int64_t)4 << 20)
#define FOLD_KEEP_BYTES ((uint64_t)1 << 20)

/* The value is made in an arena of its own, so that only what it takes itself stays. */
static fb_status fold_in(EvalCtx *cx, const Expr *e, Arena *keep, Vec *out, fb_error *err)
{
    Batch one = {.n_rows = 1};
    Vec v, row;
    uint32_t first = 0;
    TRY(expr_eval(cx, e, &one, &v, err));
    vec_gather(&row, &v, &first, 1, cx->arena);
    uint64_t bytes = vec_bytes(&row, true);
    if (bytes > FOLD_KEEP_BYTES) {
        arena_refuse(cx->arena, bytes);
        return arena_check(cx->arena, err);
    }
    vec_copy(out, &row, keep);
    vec_make_const(out, 1, keep);
    return FB_OK;
}

fb_status expr_fold(EvalCtx *cx, const Expr *e, Vec *out, fb_error *err)
{
    MemBudget budget = {.limit = FOLD_WORK_BYTES};
    ArenaQuota quota = {.budget = &budget};
    Arena work = {.quota = &quota};
    EvalCtx own = *cx;
    if (e->kind == E_LITERAL) {
        *out = *e->value;
        return FB_OK;
    }
    own.arena = &work;
    own.kept = NULL;
    fb_status st = fold_in(&own, e, cx->arena, out, err);
    arena_free(&work);
    return st;
}
