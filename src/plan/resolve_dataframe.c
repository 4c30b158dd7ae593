/*
 * resolve_dataframe.c - columns taken from a DataFrame, as in df.select(df.x) and df["x"].
 *
 * Spark Connect sends such a column with the id of the DataFrame's plan. It is resolved in the
 * output of the plan with that id, wherever below the operator that plan is, and has to come all
 * the way up: a node that does not pass it on hides it. This tells the sides of a join apart, and
 * refuses what another DataFrame with a column of the same name would answer wrongly. A plan that
 * is found on two ways leaves it open which is meant; between the inputs of the operator itself
 * the shallower one wins. A union has columns of its own, whatever is below it. All this is as in
 * Spark's ColumnResolutionHelper.
 */
#include "plan/analyzer_priv.h"

typedef struct Search {
    AnalyzeCtx *cx;
    const Expr *ref; /* without its plan id */
    int64_t id;
    fb_error *err;
} Search;

typedef struct Found {
    Expr *e; /* NULL: not found, or hidden */
    int depth;
} Found;

const Plan *find_plan_id(const Plan *p, int64_t id)
{
    if (p->plan_id == id) {
        return p;
    }
    for (uint32_t i = 0; i < p->n_children; i++) {
        const Plan *hit = find_plan_id(p->child[i], id);
        if (hit) {
            return hit;
        }
    }
    return NULL;
}

static fb_status report(const AnalyzeCtx *cx, const Expr *ref, ErrId id, fb_error *err)
{
    StrBuf b = {0};
    strbuf_putc(&b, '"');
    for (uint32_t i = 0; i < ref->n_parts; i++) {
        strbuf_puts(&b, i ? "." : "");
        strbuf_puts(&b, ref->parts[i]);
    }
    strbuf_putc(&b, '"');
    fb_status st = err_set(err, id, "name", b.p, NULL);
    strbuf_free(&b);
    err_where(err, ref->start, ref->stop, cx->sql);
    return st;
}

fb_status no_dataframe_column(AnalyzeCtx *cx, const Expr *ref, fb_error *err)
{
    return report(cx, ref, ERR_CANNOT_RESOLVE_DATAFRAME_COLUMN, err);
}

static bool has_attr(const Attr *attrs, uint32_t n, const Expr *e)
{
    while (e->kind != E_ATTR) {
        if (e->n_args == 0) {
            return false;
        }
        e = e->args[0];
    }
    for (uint32_t i = 0; i < n; i++) {
        if (attrs[i].id == e->attr) {
            return true;
        }
    }
    return false;
}

/* A key of one side of a join USING, of which the project shows one for both. In an inner join the
 * two are equal; elsewhere the hidden one may be null, and to show it is not built. */
static fb_status hidden_key(const Search *s, const Plan *p, Expr **e)
{
    for (uint32_t i = 0; p->kind == P_PROJECT && i < p->n_groups; i++) {
        if ((*e)->kind != E_ATTR || (*e)->attr != p->groups[i]->attr) {
            continue;
        }
        if (p->child[0]->join_type != JOIN_INNER) {
            return err_unsupported(s->err, "the key of one side of an outer join USING");
        }
        *e = ref_of_attr(s->cx, &p->out[i / 2]);
    }
    return FB_OK;
}

/* Plans are at most PLAN_MAX_DEPTH deep. */
static fb_status search(const Search *s, const Plan *p, int depth, Found *ret)
{
    Found found = {0};
    if (p->plan_id == s->id) {
        Scope own = {.attrs = p->out, .n_attrs = p->n_out};
        TRY(resolve_name(s->cx, &own, s->ref, &found.e, s->err));
        found.depth = depth;
    } else if (p->kind != P_SET_OP || p->set_op != SET_UNION) {
        for (uint32_t i = 0; i < p->n_children; i++) {
            Found below = {0};
            TRY(search(s, p->child[i], depth + 1, &below));
            if (below.e && found.e) {
                return report(s->cx, s->ref, ERR_AMBIGUOUS_COLUMN_REFERENCE, s->err);
            }
            found = below.e ? below : found;
        }
    }
    if (found.e && !has_attr(p->out, p->n_out, found.e)) {
        TRY(hidden_key(s, p, &found.e));
        found.e = has_attr(p->out, p->n_out, found.e) ? found.e : NULL;
    }
    *ret = found;
    return FB_OK;
}

fb_status resolve_dataframe_column(AnalyzeCtx *cx, const Scope *scope, const Expr *ref, Expr **ret,
                                   fb_error *err)
{
    Expr plain = *ref;
    plain.plan_id = 0;
    Search s = {.cx = cx, .ref = &plain, .id = ref->plan_id, .err = err};
    Found best = {0};
    for (uint32_t i = 0; i < scope->n_plans; i++) {
        Found found = {0};
        TRY(search(&s, scope->plans[i], 0, &found));
        if (found.e && best.e && found.depth == best.depth) {
            return report(cx, ref, ERR_AMBIGUOUS_COLUMN_REFERENCE, err);
        }
        if (found.e && (!best.e || found.depth < best.depth)) {
            best = found;
        }
    }
    *ret = best.e && has_attr(scope->attrs, scope->n_attrs, best.e) ? best.e : NULL;
    return FB_OK;
}
