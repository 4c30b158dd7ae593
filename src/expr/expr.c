/*
 * expr.c - making, copying, rewriting and comparing expressions.
 *
 * Everything here is independent of what the functions do: trees are walked by kind, and what a
 * function is like (deterministic, may fail) is read from the flags of its row in functions.def.
 *
 * Recursion: by the depth of the expression, which the analyzer bounds (PLAN_MAX_DEPTH).
 * Ownership: nodes are allocated from the arena given and share their children.
 * Threads:   pure, but for attr_new_id(), which takes numbers from one atomic counter.
 */
#include "expr/expr.h"
#include "expr/function.h"

#include <stdatomic.h>

/* Commutative operators are compared in both orders only this far down, as each level doubles the
 * work of a comparison that fails. */
#define EQUAL_SWAP_LEVELS 4

/* ---- making ---- */

Expr *expr_new(Arena *a, ExprKind kind, uint32_t n_args)
{
    Expr *e = ARENA_NEW(a, Expr);
    e->kind = kind;
    e->n_args = n_args;
    e->args = n_args ? ARENA_ARRAY(a, Expr *, n_args) : NULL;
    e->start = -1;
    e->stop = -1;
    return e;
}

static Expr *literal_of(Arena *a, const Type *t, Vec **ret_value)
{
    Expr *e = expr_new(a, E_LITERAL, 0);
    Vec *v = ARENA_NEW(a, Vec);
    vec_init_const(v, t, 1, a);
    e->type = t;
    e->value = v;
    *ret_value = v;
    return e;
}

Expr *expr_literal_null(Arena *a, const Type *t)
{
    Expr *e = expr_new(a, E_LITERAL, 0);
    Vec *v = ARENA_NEW(a, Vec);
    vec_init_null(v, t, 1, a);
    e->type = t;
    e->value = v;
    e->nullable = true;
    return e;
}

Expr *expr_literal_bool(Arena *a, bool v)
{
    Vec *value;
    Expr *e = literal_of(a, type_boolean, &value);
    VEC_DATA(uint8_t, value)[0] = v;
    return e;
}

Expr *expr_literal_int(Arena *a, const Type *t, int64_t v)
{
    Vec *value;
    Expr *e = literal_of(a, t, &value);
    switch (type_width(t)) {
    case 1:
        VEC_DATA(int8_t, value)[0] = (int8_t)v;
        break;
    case 2:
        VEC_DATA(int16_t, value)[0] = (int16_t)v;
        break;
    case 4:
        VEC_DATA(int32_t, value)[0] = (int32_t)v;
        break;
    default:
        FB_ASSERT(type_width(t) == 8);
        VEC_DATA(int64_t, value)[0] = v;
        break;
    }
    return e;
}

Expr *expr_literal_double(Arena *a, const Type *t, double v)
{
    Vec *value;
    Expr *e = literal_of(a, t, &value);
    if (t->id == T_FLOAT) {
        VEC_DATA(float, value)[0] = (float)v;
    } else {
        FB_ASSERT(t->id == T_DOUBLE);
        VEC_DATA(double, value)[0] = v;
    }
    return e;
}

static Expr *literal_of_bytes(Arena *a, const Type *t, Str s)
{
    Vec *value;
    Expr *e = literal_of(a, t, &value);
    VEC_DATA(View, value)[0] = view_copy(a, view_of(s.p, s.n));
    return e;
}

Expr *expr_literal_str(Arena *a, Str s)
{
    return literal_of_bytes(a, type_string, s);
}

Expr *expr_literal_binary(Arena *a, Str s)
{
    return literal_of_bytes(a, type_binary, s);
}

Expr *expr_literal_decimal(Arena *a, const Type *t, int128_t unscaled)
{
    Vec *value;
    Expr *e = literal_of(a, t, &value);
    VEC_DATA(int128_t, value)[0] = unscaled;
    return e;
}

Expr *expr_literal_vec(Arena *a, const Vec *v, uint32_t i)
{
    if (!vec_is_valid(v, i)) {
        return expr_literal_null(a, v->type);
    }
    Expr *e = expr_new(a, E_LITERAL, 0);
    Vec *copy = ARENA_NEW(a, Vec);
    Vec row;
    uint32_t at = i & vec_mask(v);
    vec_gather(&row, v, &at, 1, a);
    VecBuilder *b = vecb_new(a, v->type);
    vecb_from(b, &row, 0);
    vecb_finish(b, &row);
    vec_copy(copy, &row, a);
    copy->is_const = true;
    e->type = v->type;
    e->value = copy;
    return e;
}

/* The part of a dotted name at *i, which goes to the dot behind it or to the end; false: it is
 * written in a way that Spark refuses. A quoted part is a whole part. */
static bool name_part(Str s, size_t *i, StrBuf *part)
{
    bool quoted = *i < s.n && s.p[*i] == '`', closed = !quoted;
    size_t k = *i + quoted;

    for (; k < s.n && (!closed || s.p[k] != '.'); k++) {
        if (s.p[k] == '`') {
            if (closed) {
                return false;
            }
            closed = k + 1 == s.n || s.p[k + 1] != '`';
            if (closed) {
                k++;
                break;
            }
            k++;
        }
        strbuf_putc(part, s.p[k]);
    }
    *i = k;
    bool ends = k == s.n || (s.p[k] == '.' && k + 1 < s.n);
    return closed && ends && (quoted || part->n > 0 || s.n == 0);
}

fb_status expr_unresolved_attr(Arena *a, Str dotted, Expr **ret, fb_error *err)
{
    Expr *e = expr_new(a, E_UNRESOLVED_ATTR, 0);
    StrBuf part = {0};
    uint32_t cap = 1;
    bool ok = true, more = true;

    for (size_t i = 0; i < dotted.n; i++) {
        cap += dotted.p[i] == '.';
    }
    e->parts = ARENA_ARRAY(a, const char *, cap);
    for (size_t i = 0; ok && more; i++) {
        strbuf_clear(&part);
        ok = name_part(dotted, &i, &part);
        more = i < dotted.n;
        e->parts[e->n_parts++] = arena_strndup(a, part.p ? part.p : "", part.n);
    }
    strbuf_free(&part);
    if (!ok) {
        return err_set(err, ERR_INVALID_ATTRIBUTE_NAME_SYNTAX, "name",
                       arena_strndup(a, dotted.p, dotted.n), NULL);
    }
    e->nullable = true;
    *ret = e;
    return FB_OK;
}

Expr *expr_unresolved_func(Arena *a, const char *name, Expr **args, uint32_t n)
{
    Expr *e = expr_new(a, E_UNRESOLVED_FUNC, n);
    for (uint32_t i = 0; i < n; i++) {
        e->args[i] = args[i];
    }
    e->parts = ARENA_ARRAY(a, const char *, 1);
    e->n_parts = 1;
    e->parts[0] = arena_strdup(a, name);
    e->name = e->parts[0];
    return e;
}

Expr *expr_alias(Arena *a, Expr *child, const char *name)
{
    Expr *e = expr_new(a, E_ALIAS, 1);
    e->args[0] = child;
    e->name = arena_strdup(a, name);
    e->type = child->type;
    e->nullable = child->nullable;
    return e;
}

Expr *expr_cast(Arena *a, Expr *child, const Type *to, EvalMode mode, bool user)
{
    Expr *e = expr_new(a, E_CAST, 1);
    e->args[0] = child;
    e->type = to;
    e->eval_mode = mode;
    e->user_cast = user;
    e->nullable = child->nullable || !child->type || cast_forces_null(child->type, to, mode);
    e->start = child->start;
    e->stop = child->stop;
    return e;
}

Expr *expr_attr(Arena *a, AttrId id, const char *name, const Type *t, bool nullable)
{
    Expr *e = expr_new(a, E_ATTR, 0);
    e->attr = id;
    e->name = arena_strdup(a, name);
    e->type = t;
    e->nullable = nullable;
    return e;
}

Expr *expr_copy(Arena *a, const Expr *e)
{
    Expr *c = arena_alloc(a, sizeof(*c));
    *c = *e;
    if (e->n_args) {
        c->args = ARENA_ARRAY(a, Expr *, e->n_args);
        memcpy(c->args, e->args, e->n_args * sizeof(*e->args));
    }
    return c;
}

AttrId attr_new_id(void)
{
    static _Atomic AttrId last; /* ids only have to be unique in the process */
    return atomic_fetch_add(&last, 1) + 1;
}

/* ---- walking ---- */

Expr *expr_rewrite(Arena *a, const Expr *e, ExprRewrite fn, void *arg)
{
    Expr *c = expr_copy(a, e);
    for (uint32_t i = 0; i < c->n_args; i++) {
        c->args[i] = expr_rewrite(a, e->args[i], fn, arg);
        if (!c->args[i]) {
            return NULL;
        }
    }
    if (e->filter) {
        c->filter = expr_rewrite(a, e->filter, fn, arg);
        if (!c->filter) {
            return NULL;
        }
    }
    return fn(arg, a, c);
}

bool expr_visit(const Expr *e, ExprVisit fn, void *arg)
{
    if (!fn(arg, e)) {
        return false;
    }
    for (uint32_t i = 0; i < e->n_args; i++) {
        if (!expr_visit(e->args[i], fn, arg)) {
            return false;
        }
    }
    return !e->filter || expr_visit(e->filter, fn, arg);
}

static bool is_not_kind(void *arg, const Expr *e)
{
    return e->kind != *(const ExprKind *)arg;
}

bool expr_contains(const Expr *e, ExprKind kind)
{
    return !expr_visit(e, is_not_kind, &kind);
}

static bool is_foldable_node(void *arg, const Expr *e)
{
    (void)arg;
    switch (e->kind) {
    case E_LITERAL:
    case E_ALIAS:
    case E_CAST:
    case E_AND:
    case E_OR:
    case E_CASE:
    case E_FIELD:
        return true;
    case E_CALL:
        return !(e->fn->flags & FN_NONDETERMINISTIC);
    default:
        return false;
    }
}

bool expr_is_foldable(const Expr *e)
{
    return expr_visit(e, is_foldable_node, NULL);
}

static bool is_deterministic_node(void *arg, const Expr *e)
{
    (void)arg;
    return !e->fn || !(e->fn->flags & FN_NONDETERMINISTIC);
}

bool expr_is_deterministic(const Expr *e)
{
    return expr_visit(e, is_deterministic_node, NULL);
}

static bool is_safe_node(void *arg, const Expr *e)
{
    (void)arg;
    if (e->kind == E_CAST) {
        return e->eval_mode != EVAL_ANSI || !cast_can_fail(e->args[0]->type, e->type);
    }
    if (e->fn && (e->fn->flags & FN_FAILS_IN_ANSI) && e->eval_mode == EVAL_ANSI) {
        return false;
    }
    return !e->fn || !(e->fn->flags & FN_CAN_FAIL);
}

bool expr_can_fail(const Expr *e)
{
    return !expr_visit(e, is_safe_node, NULL);
}

uint32_t expr_depth(const Expr *e)
{
    uint32_t deepest = e->filter ? expr_depth(e->filter) : 0;
    for (uint32_t i = 0; i < e->n_args; i++) {
        uint32_t d = expr_depth(e->args[i]);
        deepest = d > deepest ? d : deepest;
    }
    return deepest + 1;
}

/* ---- equality ---- */

static const Expr *without_alias(const Expr *e)
{
    while (e->kind == E_ALIAS && e->n_args == 1) {
        e = e->args[0];
    }
    return e;
}

static bool name_equal(const char *a, const char *b)
{
    return a == b || (a && b && cstr_eq_nocase(a, b));
}

static bool parts_equal(const Expr *a, const Expr *b)
{
    if (a->n_parts != b->n_parts) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_parts; i++) {
        if (!name_equal(a->parts[i], b->parts[i])) {
            return false;
        }
    }
    return true;
}

static bool literal_equal(const Expr *a, const Expr *b)
{
    return a->type == b->type && vec_eq_at(a->value, 0, b->value, 0);
}

static bool is_commutative(const Expr *e)
{
    if (e->kind == E_AND || e->kind == E_OR) {
        return true;
    }
    if (e->kind != E_CALL || e->n_args != 2) {
        return false;
    }
    static const char *const names[] = {"+", "*", "&", "|", "^", "=", "==", "<=>"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(e->fn->name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool node_equal(const Expr *a, const Expr *b)
{
    if (a->kind != b->kind || a->n_args != b->n_args || a->fn != b->fn ||
        a->eval_mode != b->eval_mode || a->column != b->column || a->distinct != b->distinct ||
        a->ignore_nulls != b->ignore_nulls || a->desc != b->desc ||
        a->nulls_first != b->nulls_first || a->plan != b->plan || !a->filter != !b->filter) {
        return false;
    }
    switch (a->kind) {
    case E_LITERAL:
        return literal_equal(a, b);
    case E_ATTR:
        return a->attr == b->attr;
    case E_COLUMN:
        return true;
    case E_CAST:
        return a->type == b->type;
    case E_UNRESOLVED_REGEX:
    case E_SUBQUERY:
    case E_NAMED_ARG:
        return name_equal(a->name, b->name);
    case E_UNRESOLVED_ATTR:
    case E_UNRESOLVED_STAR:
    case E_UNRESOLVED_FUNC:
        return parts_equal(a, b);
    case E_LAMBDA: /* resolved ones don't care for names */
        return a->type && b->type ? true : parts_equal(a, b);
    default:
        return true; /* parts are only the text that is shown */
    }
}

static bool equal_at(const Expr *a, const Expr *b, int swaps)
{
    a = without_alias(a);
    b = without_alias(b);
    if (a == b) {
        return true;
    }
    if (!node_equal(a, b) || (a->filter && !equal_at(a->filter, b->filter, 0))) {
        return false;
    }
    uint32_t i = 0;
    while (i < a->n_args && equal_at(a->args[i], b->args[i], swaps - 1)) {
        i++;
    }
    if (i == a->n_args) {
        return true;
    }
    return swaps > 0 && is_commutative(a) && equal_at(a->args[0], b->args[1], swaps - 1) &&
           equal_at(a->args[1], b->args[0], swaps - 1);
}

bool expr_equal(const Expr *a, const Expr *b)
{
    return equal_at(a, b, EQUAL_SWAP_LEVELS);
}
