/*
 * parse_group.c - GROUP BY: expressions, ROLLUP, CUBE and GROUPING SETS, in any combination.
 *
 * Each item of the list stands for a list of grouping sets: an expression for one set of one,
 * ROLLUP(a, b) for (a, b), (a), (), and so on. The sets of the whole clause are the cross product
 * of its items. The plan gets the distinct expressions as groups and each set as a mask over them,
 * which bounds the expressions to 64, as in Spark.
 */
#include "sql/parser.h"

#define MAX_GROUPS 64
#define MAX_SETS 4096u   /* CUBE of 12 */
#define MAX_SET_SIZE 256 /* expressions of one set, repeated ones too; bounds the cross product */

typedef struct SetList {
    ExprList *v;
    uint32_t n, cap;
} SetList;

static fb_status too_many_sets(Parser *p)
{
    return err_unsupported(p->err, "more than %u grouping sets", MAX_SETS);
}

static fb_status push_set(Parser *p, SetList *l, const ExprList *set)
{
    if (l->n >= MAX_SETS) {
        return too_many_sets(p);
    }
    if (set->n > MAX_SET_SIZE) {
        return err_set(p->err, ERR_GROUPING_SIZE_LIMIT_EXCEEDED, "maxSize", "64", NULL);
    }
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? l->cap * 2 : 4;
        ExprList *v = arena_alloc(p->a, mem_mul(cap, sizeof(*v)));
        if (l->n) {
            memcpy(v, l->v, l->n * sizeof(*v));
        }
        l->v = v;
        l->cap = cap;
    }
    l->v[l->n++] = *set;
    return FB_OK;
}

static void append(Parser *p, ExprList *to, const ExprList *from)
{
    for (uint32_t i = 0; i < from->n; i++) {
        sql_push_expr(p, to, from->v[i]);
    }
}

/* (a, b), (), or a */
static fb_status grouping_set(Parser *p, ExprList *ret)
{
    Expr *e;
    if (sql_is(p, TK_LPAREN) && sql_ahead(p, 1)->kind == TK_RPAREN) {
        sql_advance(p);
        sql_advance(p);
        return FB_OK;
    }
    TRY(sql_expr(p, &e));
    if (!sql_is_row(p, e) || p->sql.p[e->start] != '(') {
        sql_push_expr(p, ret, e);
        return FB_OK;
    }
    for (uint32_t i = 1; i < e->n_args; i += 2) { /* (a, b) was read as a row */
        sql_push_expr(p, ret, e->args[i]);
    }
    return FB_OK;
}

static fb_status rollup_sets(Parser *p, const SetList *of, SetList *ret)
{
    for (uint32_t n = of->n + 1; n-- > 0;) {
        ExprList set = {0};
        for (uint32_t i = 0; i < n; i++) {
            append(p, &set, &of->v[i]);
        }
        TRY(push_set(p, ret, &set));
    }
    return FB_OK;
}

static fb_status cube_sets(Parser *p, const SetList *of, SetList *ret)
{
    if (of->n > 12) {
        return too_many_sets(p);
    }
    for (uint32_t left_out = 0; left_out < 1u << of->n; left_out++) {
        ExprList set = {0};
        for (uint32_t i = 0; i < of->n; i++) {
            if (!(left_out >> (of->n - 1 - i) & 1)) {
                append(p, &set, &of->v[i]);
            }
        }
        TRY(push_set(p, ret, &set));
    }
    return FB_OK;
}

static bool at_rollup_or_cube(const Parser *p)
{
    return (sql_is_kw(p, KW_ROLLUP) || sql_is_kw(p, KW_CUBE)) && sql_ahead(p, 1)->kind == TK_LPAREN;
}

static bool at_grouping_sets(const Parser *p)
{
    return sql_is_kw(p, KW_GROUPING) && sql_ahead(p, 1)->kw == KW_SETS;
}

static fb_status rollup_or_cube(Parser *p, SetList *ret)
{
    bool cube = sql_is_kw(p, KW_CUBE);
    SetList of = {0};
    sql_advance(p);
    sql_advance(p);
    do {
        ExprList set = {0};
        TRY(grouping_set(p, &set));
        TRY(push_set(p, &of, &set));
    } while (sql_accept(p, TK_COMMA));
    TRY(sql_expect(p, TK_RPAREN));
    uint32_t size = 0;
    for (uint32_t i = 0; i < of.n; i++) {
        size += of.v[i].n;
    }
    if (size > MAX_SET_SIZE) {
        return err_set(p->err, ERR_GROUPING_SIZE_LIMIT_EXCEEDED, "maxSize", "64", NULL);
    }
    return cube ? cube_sets(p, &of, ret) : rollup_sets(p, &of, ret);
}

/* GROUPING SETS (…); its elements may be ROLLUP, CUBE and further GROUPING SETS. */
static fb_status grouping_sets(Parser *p, SetList *ret)
{
    TRY(sql_enter(p));
    sql_advance(p);
    sql_advance(p);
    TRY(sql_expect(p, TK_LPAREN));
    do {
        if (at_rollup_or_cube(p)) {
            TRY(rollup_or_cube(p, ret));
        } else if (at_grouping_sets(p)) {
            TRY(grouping_sets(p, ret));
        } else {
            ExprList set = {0};
            TRY(grouping_set(p, &set));
            TRY(push_set(p, ret, &set));
        }
    } while (sql_accept(p, TK_COMMA));
    TRY(sql_expect(p, TK_RPAREN));
    p->depth--;
    return FB_OK;
}

static fb_status cross(Parser *p, SetList *sets, const SetList *with)
{
    SetList product = {0};
    for (uint32_t i = 0; i < sets->n; i++) {
        for (uint32_t k = 0; k < with->n; k++) {
            ExprList set = {0};
            append(p, &set, &sets->v[i]);
            append(p, &set, &with->v[k]);
            TRY(push_set(p, &product, &set));
        }
    }
    *sets = product;
    return FB_OK;
}

/* Column names compare without case, as the analyzer will resolve them. */
static bool same_group(const Expr *a, const Expr *b)
{
    if (a->kind != E_UNRESOLVED_ATTR || b->kind != E_UNRESOLVED_ATTR) {
        return expr_equal(a, b);
    }
    if (a->n_parts != b->n_parts) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_parts; i++) {
        if (!cstr_eq_nocase(a->parts[i], b->parts[i])) {
            return false;
        }
    }
    return true;
}

static fb_status group_index(Parser *p, ExprList *groups, Expr *e, uint32_t *ret)
{
    for (uint32_t i = 0; i < groups->n; i++) {
        if (same_group(groups->v[i], e)) {
            *ret = i;
            return FB_OK;
        }
    }
    if (groups->n >= MAX_GROUPS) {
        return err_set(p->err, ERR_GROUPING_SIZE_LIMIT_EXCEEDED, "maxSize", "64", NULL);
    }
    TRY(sql_check_expr(p, e)); /* expr_equal() recurses */
    *ret = groups->n;
    sql_push_expr(p, groups, e);
    return FB_OK;
}

static fb_status set_masks(Parser *p, Plan *agg, const ExprList *plain, const SetList *sets)
{
    ExprList groups = {0};
    uint32_t k;
    for (uint32_t i = 0; i < plain->n; i++) {
        TRY(group_index(p, &groups, plain->v[i], &k));
    }
    agg->n_sets = sets->n;
    agg->set_masks = ARENA_ARRAY(p->a, uint64_t, sets->n);
    for (uint32_t i = 0; i < sets->n; i++) {
        for (uint32_t j = 0; j < sets->v[i].n; j++) {
            TRY(group_index(p, &groups, sets->v[i].v[j], &k));
            agg->set_masks[i] |= UINT64_C(1) << k;
        }
    }
    agg->groups = groups.v;
    agg->n_groups = groups.n;
    return FB_OK;
}

/* GROUP BY a, b WITH ROLLUP | WITH CUBE | GROUPING SETS (…) */
static fb_status trailing_sets(Parser *p, Plan *agg, const ExprList *plain)
{
    SetList of = {0}, sets = {0};
    if (at_grouping_sets(p)) {
        TRY(grouping_sets(p, &sets));
        return set_masks(p, agg, plain, &sets);
    }
    bool cube = sql_ahead(p, 1)->kw == KW_CUBE;
    sql_advance(p);
    sql_advance(p);
    for (uint32_t i = 0; i < plain->n; i++) {
        ExprList one = {0};
        sql_push_expr(p, &one, plain->v[i]);
        TRY(push_set(p, &of, &one));
    }
    if (of.n > MAX_SET_SIZE) {
        return err_set(p->err, ERR_GROUPING_SIZE_LIMIT_EXCEEDED, "maxSize", "64", NULL);
    }
    TRY(cube ? cube_sets(p, &of, &sets) : rollup_sets(p, &of, &sets));
    return set_masks(p, agg, plain, &sets);
}

static bool is_all(const Parser *p, const ExprList *plain)
{
    const Expr *e = plain->n == 1 ? plain->v[0] : NULL;
    return e && e->kind == E_UNRESOLVED_ATTR && e->n_parts == 1 &&
           cstr_eq_nocase(e->parts[0], "all") && p->sql.p[e->start] != '`';
}

/* One item of the list: its grouping sets, and whether it is more than an expression. */
static fb_status group_item(Parser *p, bool named, SetList *item, bool *analytic, ExprList *plain)
{
    if (at_rollup_or_cube(p)) {
        *analytic = true;
        return rollup_or_cube(p, item);
    }
    if (at_grouping_sets(p)) {
        *analytic = true;
        return grouping_sets(p, item);
    }
    Expr *e;
    ExprList one = {0};
    TRY(named ? sql_named_expr(p, &e) : sql_expr(p, &e));
    sql_push_expr(p, plain, e);
    sql_push_expr(p, &one, e);
    return push_set(p, item, &one);
}

fb_status sql_group_by(Parser *p, bool named, Plan *agg)
{
    ExprList plain = {0}, none = {0};
    SetList *items = NULL, sets = {0};
    uint32_t n = 0, cap = 0;
    bool analytic = false;
    TRY(sql_expect_kw(p, KW_BY));
    do {
        if (n == cap) {
            cap = cap ? cap * 2 : 8;
            SetList *v = ARENA_ARRAY(p->a, SetList, cap);
            if (n) {
                memcpy(v, items, n * sizeof(*v));
            }
            items = v;
        }
        TRY(group_item(p, named, &items[n], &analytic, &plain));
        n++;
    } while (sql_accept(p, TK_COMMA));
    bool with = sql_is_kw(p, KW_WITH) &&
                (sql_ahead(p, 1)->kw == KW_ROLLUP || sql_ahead(p, 1)->kw == KW_CUBE);
    if (!analytic && (with || at_grouping_sets(p))) {
        return trailing_sets(p, agg, &plain);
    }
    if (analytic) {
        TRY(push_set(p, &sets, &none));
        for (uint32_t i = 0; i < n; i++) {
            TRY(cross(p, &sets, &items[i]));
        }
        return set_masks(p, agg, &none, &sets);
    }
    agg->all = is_all(p, &plain);
    agg->groups = agg->all ? NULL : plain.v;
    agg->n_groups = agg->all ? 0 : plain.n;
    return FB_OK;
}
