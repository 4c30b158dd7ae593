/*
 * resolve_join.c - joins with ON, USING and NATURAL; UNION, EXCEPT, INTERSECT.
 */
#include "plan/analyzer_priv.h"

#include "column/collation.h"

/* ---- joins ---- */

static const Attr *column_named(const AnalyzeCtx *cx, const Plan *p, const char *name)
{
    for (uint32_t i = 0; i < p->n_out; i++) {
        if (name_eq(cx, p->out[i].name, name)) {
            return &p->out[i];
        }
    }
    return NULL;
}

bool join_left_nullable(JoinType t)
{
    return t == JOIN_RIGHT || t == JOIN_FULL;
}

bool join_right_nullable(JoinType t)
{
    return t == JOIN_LEFT || t == JOIN_FULL;
}

bool join_is_semi(JoinType t)
{
    return t == JOIN_LEFT_SEMI || t == JOIN_LEFT_ANTI;
}

void join_output(AnalyzeCtx *cx, Plan *p)
{
    const Plan *l = p->child[0], *r = p->child[1];
    bool semi = join_is_semi(p->join_type);
    p->n_out = l->n_out + (semi ? 0 : r->n_out);
    p->out = ARENA_ARRAY(cx->arena, Attr, p->n_out);
    for (uint32_t i = 0; i < p->n_out; i++) {
        bool left = i < l->n_out;
        p->out[i] = left ? l->out[i] : r->out[i - l->n_out];
        p->out[i].nullable |=
            left ? join_left_nullable(p->join_type) : join_right_nullable(p->join_type);
    }
    if (l->streaming && r->streaming) {
        widen_stateful(cx, p);
    }
}

static fb_status using_error(AnalyzeCtx *cx, const char *name, const char *side, const Plan *p,
                             fb_error *err)
{
    StrBuf b = {0};
    for (uint32_t i = 0; i < p->n_out; i++) {
        strbuf_printf(&b, "%s`%s`", i ? ", " : "", p->out[i].name);
    }
    return err_set(err, ERR_UNRESOLVED_USING_COLUMN_FOR_JOIN, "colName",
                   arena_printf(cx->arena, "`%s`", name), "side", side, "suggestion",
                   strbuf_arena(&b, cx->arena), NULL);
}

static fb_status equals(AnalyzeCtx *cx, Expr *l, Expr *r, Expr **ret, fb_error *err)
{
    Expr *args[2] = {l, r};
    return func_bind(&cx->bind, expr_unresolved_func(cx->arena, "=", NULL, 0), args, 2, ret, err);
}

/* The joined column as USING shows it: the side that can't be null, or the first that is not. */
static fb_status using_column(AnalyzeCtx *cx, JoinType type, const Attr *l, const Attr *r,
                              Expr **ret, fb_error *err)
{
    Attr la = *l, ra = *r;
    la.nullable |= join_left_nullable(type);
    ra.nullable |= join_right_nullable(type);
    if (type == JOIN_RIGHT) {
        *ret = ref_of_attr(cx, &ra);
        return FB_OK;
    }
    if (type != JOIN_FULL) {
        *ret = ref_of_attr(cx, &la);
        return FB_OK;
    }
    Expr *args[2] = {ref_of_attr(cx, &la), ref_of_attr(cx, &ra)};
    Expr *e;
    TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, "coalesce", NULL, 0), args, 2, &e,
                  err));
    *ret = expr_alias(cx->arena, e, l->name);
    (*ret)->attr = attr_new_id();
    return FB_OK;
}

static bool has_id(const AttrId *ids, uint32_t n, AttrId id)
{
    for (uint32_t i = 0; i < n; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

/* The keys that the projection does not show, and what was hidden below. keys: left, right, left …,
 * over the output of the join. */
static void hide_keys(AnalyzeCtx *cx, Plan *p, const AttrId *keys, uint32_t n)
{
    const Plan *join = p->child[0];
    JoinType t = join->join_type;
    Attr *below;
    uint32_t n_below = hidden_output(cx, p->child, 1, &below);
    p->hidden = ARENA_ARRAY(cx->arena, Attr, (size_t)n * 2 + n_below + 1);
    for (uint32_t side = 0; side < 2 && !join_is_semi(t); side++) {
        bool shown = side == 0 ? t != JOIN_RIGHT && t != JOIN_FULL : t == JOIN_RIGHT;
        for (uint32_t i = 0; !shown && i < n; i++) {
            p->hidden[p->n_hidden++] = *attr_by_id(join->out, join->n_out, keys[2 * i + side]);
        }
    }
    for (uint32_t i = 0; i < n_below; i++) {
        if (!below[i].metadata_column) { /* those end here, as in Spark */
            p->hidden[p->n_hidden++] = below[i];
        }
    }
}

/* Equalities on the columns, and a projection that shows each of them once, first. */
static fb_status join_using(AnalyzeCtx *cx, Plan *join, const char *const *names, uint32_t n,
                            Plan **ret, fb_error *err)
{
    Plan *l = join->child[0], *r = join->child[1];
    Expr **list = NULL, *cond = NULL;
    uint32_t n_list = 0, cap = 0;
    AttrId *keys = ARENA_ARRAY(cx->arena, AttrId, (size_t)n * 2);
    for (uint32_t i = 0; i < n; i++) {
        const Attr *la = column_named(cx, l, names[i]), *ra = column_named(cx, r, names[i]);
        if (!la) {
            return using_error(cx, names[i], "left", l, err);
        }
        if (!ra) {
            return using_error(cx, names[i], "right", r, err);
        }
        Expr *eq, *shown;
        keys[2 * i] = la->id;
        keys[2 * i + 1] = ra->id;
        TRY(equals(cx, ref_of_attr(cx, la), ref_of_attr(cx, ra), &eq, err));
        if (cond) {
            Expr *args[2] = {cond, eq};
            TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, "and", NULL, 0), args, 2,
                          &cond, err));
        } else {
            cond = eq;
        }
        TRY(using_column(cx, join->join_type, la, ra, &shown, err));
        list_push(cx->arena, &list, &n_list, &cap, shown);
    }
    join->exprs = ARENA_ARRAY(cx->arena, Expr *, 1);
    join->exprs[0] = cond;
    join->n_exprs = cond ? 1 : 0;
    join_output(cx, join);
    for (uint32_t i = 0; i < join->n_out; i++) {
        if (!has_id(keys, n * 2, join->out[i].id)) {
            list_push(cx->arena, &list, &n_list, &cap, ref_of_attr(cx, &join->out[i]));
        }
    }
    *ret = make_project(cx, join, list, n_list);
    hide_keys(cx, *ret, keys, n);
    return FB_OK;
}

static uint32_t common_names(AnalyzeCtx *cx, const Plan *l, const Plan *r, const char ***ret)
{
    const char **names = ARENA_ARRAY(cx->arena, const char *, l->n_out);
    bool *used = ARENA_ARRAY(cx->arena, bool, r->n_out);
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_out; i++) {
        uint32_t k = 0;
        while (k < r->n_out && (used[k] || !name_eq(cx, l->out[i].name, r->out[k].name))) {
            k++;
        }
        if (k < r->n_out) {
            used[k] = true;
            names[n++] = l->out[i].name;
        }
    }
    *ret = names;
    return n;
}

fb_status resolve_join(AnalyzeCtx *cx, const Plan *in, Plan *left, Plan *right, Plan **ret,
                       fb_error *err)
{
    Plan *p = plan_new(cx->arena, P_JOIN, 2, left, right);
    p->join_type = in->join_type;
    p->streaming = left->streaming || right->streaming;
    if (in->natural && join_is_semi(in->join_type)) {
        return err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                       in->join_type == JOIN_LEFT_SEMI ? "Unsupported natural join type LeftSemi"
                                                       : "Unsupported natural join type LeftAnti",
                       NULL);
    }
    if (in->natural) {
        const char **names;
        uint32_t n = common_names(cx, left, right, &names);
        return join_using(cx, p, names, n, ret, err);
    }
    if (in->n_names) {
        return join_using(cx, p, in->names, in->n_names, ret, err);
    }
    join_output(cx, p);
    if (in->n_exprs) {
        Plan *both[2] = {left, right};
        Scope s = scope_of(both, 2, cx->arena);
        s.plans = p->child;
        p->exprs = ARENA_ARRAY(cx->arena, Expr *, 1);
        TRY(resolve_expr(cx, &s, in->exprs[0], &p->exprs[0], err));
        if (p->exprs[0]->type->id != T_BOOLEAN) {
            StrBuf sql = {0}, type = {0};
            expr_sql(p->exprs[0], &sql);
            type_sql(p->exprs[0]->type, &type);
            return err_set(err, ERR_JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE, "joinCondition",
                           arena_printf(cx->arena, "\"%s\"", strbuf_arena(&sql, cx->arena)),
                           "conditionType",
                           arena_printf(cx->arena, "\"%s\"", strbuf_arena(&type, cx->arena)), NULL);
        }
        p->n_exprs = 1;
        if (p->join_type == JOIN_CROSS) {
            p->join_type = JOIN_INNER;
        }
    } else if (p->join_type == JOIN_INNER) {
        p->join_type = JOIN_CROSS;
    }
    *ret = p;
    return FB_OK;
}

/* ---- set operations ---- */

static const char *set_op_name(const Plan *in)
{
    switch (in->set_op) {
    case SET_UNION:
        return "UNION";
    case SET_EXCEPT:
        return in->all ? "EXCEPT ALL" : "EXCEPT";
    case SET_INTERSECT:
        return in->all ? "INTERSECT ALL" : "INTERSECT";
    }
    return "";
}

static fb_status count_mismatch(AnalyzeCtx *cx, const Plan *in, const Plan *first, const Plan *bad,
                                fb_error *err)
{
    return err_set(err, ERR_NUM_COLUMNS_MISMATCH, "operator", set_op_name(in), "firstNumColumns",
                   arena_printf(cx->arena, "%u", first->n_out), "invalidOrdinalNum", "second",
                   "invalidNumColumns", arena_printf(cx->arena, "%u", bad->n_out), NULL);
}

/* unionByName: the child's columns in the first one's order, nulls for those it lacks. */
static fb_status by_name(AnalyzeCtx *cx, const Plan *in, const Plan *first, Plan *child, Plan **ret,
                         fb_error *err)
{
    Expr **list = NULL;
    uint32_t n = 0, cap = 0;
    for (uint32_t i = 0; i < first->n_out; i++) {
        const Attr *a = column_named(cx, child, first->out[i].name);
        if (!a && !in->allow_missing) {
            return require_among(cx, child, first->out[i].name, err);
        }
        Expr *e = a ? ref_of_attr(cx, a)
                    : expr_alias(cx->arena, expr_literal_null(cx->arena, first->out[i].type),
                                 first->out[i].name);
        if (!a) {
            e->attr = attr_new_id();
        }
        list_push(cx->arena, &list, &n, &cap, e);
    }
    *ret = make_project(cx, child, list, n);
    return FB_OK;
}

/* Columns that only a later child has are added, as nulls, to the first. */
static void add_missing(AnalyzeCtx *cx, Plan **children, uint32_t n)
{
    for (uint32_t c = 1; c < n; c++) {
        Expr **list = NULL;
        uint32_t m = 0, cap = 0;
        Plan *first = children[0];
        for (uint32_t i = 0; i < first->n_out; i++) {
            list_push(cx->arena, &list, &m, &cap, ref_of_attr(cx, &first->out[i]));
        }
        for (uint32_t i = 0; i < children[c]->n_out; i++) {
            const Attr *a = &children[c]->out[i];
            if (!column_named(cx, first, a->name)) {
                Expr *e = expr_alias(cx->arena, expr_literal_null(cx->arena, a->type), a->name);
                e->attr = attr_new_id();
                list_push(cx->arena, &list, &m, &cap, e);
            }
        }
        if (m > first->n_out) {
            children[0] = make_project(cx, first, list, m);
        }
    }
}

/* Casts the child's columns to the common types; unchanged if they have them. */
static Plan *cast_columns(AnalyzeCtx *cx, Plan *child, const Type *const *types)
{
    Expr **list = ARENA_ARRAY(cx->arena, Expr *, child->n_out);
    bool changed = false;
    for (uint32_t i = 0; i < child->n_out; i++) {
        list[i] = ref_of_attr(cx, &child->out[i]);
        if (child->out[i].type != types[i]) {
            changed = true;
            list[i] = expr_alias(cx->arena, coerce_to(cx, list[i], types[i]), child->out[i].name);
            list[i]->attr = attr_new_id();
        }
    }
    return changed ? make_project(cx, child, list, child->n_out) : child;
}

static fb_status common_types(AnalyzeCtx *cx, const Plan *in, Plan **children, uint32_t n,
                              const Type **types, fb_error *err)
{
    static const char *const ordinals[] = {"first", "second", "third", "fourth", "fifth"};
    for (uint32_t i = 0; i < children[0]->n_out; i++) {
        types[i] = children[0]->out[i].type;
        for (uint32_t c = 1; c < n; c++) {
            const Type *other = children[c]->out[i].type;
            const Type *t = type_same(types[i], other)
                                ? bind_common_type2(&cx->bind, types[i], other, false)
                                : bind_common_type2(&cx->bind, types[i], other, true);
            if (!t) {
                return err_set(err, ERR_INCOMPATIBLE_COLUMN_TYPE, "operator", set_op_name(in),
                               "columnOrdinalNumber", i < 5 ? ordinals[i] : "later",
                               "tableOrdinalNumber", c < 5 ? ordinals[c] : "later", "dataType1",
                               bind_type_sql(&cx->bind, other), "dataType2",
                               bind_type_sql(&cx->bind, types[i]), "hint", "", NULL);
            }
            types[i] = t;
        }
    }
    return FB_OK;
}

static bool contains_map(const Type *t)
{
    bool found = t->id == T_MAP;
    for (uint32_t i = 0; type_is_nested(t) && !found && i < t->n_fields; i++) {
        found = contains_map(t->fields[i].type);
    }
    return found;
}

fb_status refuse_maps(AnalyzeCtx *cx, const Attr *a, uint32_t n, fb_error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        if (type_is_nested(a[i].type) && type_is_collated(a[i].type)) {
            return err_unsupported(err, "distinct rows of collated strings inside of %s",
                                   bind_type_sql(&cx->bind, a[i].type));
        }
        if (contains_map(a[i].type)) {
            StrBuf type = {0};
            type_sql(a[i].type, &type);
            return err_set(err, ERR_SET_OPERATION_ON_MAP_TYPE, "colName",
                           arena_printf(cx->arena, "`%s`", a[i].name), "dataType",
                           arena_printf(cx->arena, "\"%s\"", strbuf_arena(&type, cx->arena)), NULL);
        }
    }
    return FB_OK;
}

fb_status resolve_set_op(AnalyzeCtx *cx, const Plan *in, Plan **children, uint32_t n, Plan **ret,
                         fb_error *err)
{
    if (in->by_name && in->allow_missing) {
        add_missing(cx, children, n);
    }
    for (uint32_t c = 1; in->by_name && c < n; c++) {
        if (!in->allow_missing && children[c]->n_out != children[0]->n_out) {
            return count_mismatch(cx, in, children[0], children[c], err);
        }
        TRY(by_name(cx, in, children[0], children[c], &children[c], err));
    }
    for (uint32_t c = 1; c < n; c++) {
        if (children[c]->n_out != children[0]->n_out) {
            return count_mismatch(cx, in, children[0], children[c], err);
        }
    }
    if (in->set_op != SET_UNION || !in->all) {
        TRY(refuse_maps(cx, children[0]->out, children[0]->n_out, err));
        for (uint32_t i = 0; in->all && i < children[0]->n_out; i++) {
            if (type_is_collated(children[0]->out[i].type)) {
                return err_unsupported(err, "EXCEPT ALL and INTERSECT ALL of collated strings");
            }
        }
    }
    const Type **types = ARENA_ARRAY(cx->arena, const Type *, children[0]->n_out);
    TRY(common_types(cx, in, children, n, types, err));
    Plan *p = plan_copy(cx->arena, in);
    p->child = ARENA_ARRAY(cx->arena, Plan *, n);
    for (uint32_t c = 0; c < n; c++) {
        p->child[c] = cast_columns(cx, children[c], types);
        p->streaming |= children[c]->streaming;
    }
    p->n_out = children[0]->n_out;
    p->out = ARENA_ARRAY(cx->arena, Attr, p->n_out);
    for (uint32_t i = 0; i < p->n_out; i++) {
        p->out[i] = p->child[0]->out[i];
        if (in->set_op == SET_UNION) { /* else they are the first child's columns */
            p->out[i].id = attr_new_id();
        }
        for (uint32_t c = 1; c < n && in->set_op == SET_UNION; c++) {
            p->out[i].nullable |= p->child[c]->out[i].nullable;
        }
        for (uint32_t c = 1; c < n && in->set_op == SET_INTERSECT; c++) {
            p->out[i].nullable &= p->child[c]->out[i].nullable;
        }
    }
    *ret = p;
    if (in->set_op == SET_UNION && !in->all) {
        Plan *d = plan_new(cx->arena, P_DISTINCT, 1, p);
        d->out = p->out;
        d->n_out = p->n_out;
        d->streaming = p->streaming;
        widen_stateful(cx, d);
        *ret = d;
    }
    return FB_OK;
}
