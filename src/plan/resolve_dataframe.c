/*
 * resolve_dataframe.c - columns taken from a DataFrame, as in df.select(df.x) and df["x"].
 *
 * Spark Connect sends such a column with the id of the DataFrame's plan. It is resolved in the
 * output of the plan with that id, wherever below the operator that plan is, and has to come all
 * the way up: a node that does not pass it on hides it. This tells the sides of a join apart, and
 * refuses what another DataFrame with a column of the same name would answer wrongly. What is
 * only there hidden, by a join USING, counts where nothing else has come up. A plan that is found
 * on two ways leaves it open which is meant; between the inputs of the operator itself the
 * shallower one wins. A union has columns of its own, whatever is below it. df["*"] stands for all
 * columns of the DataFrame, each of which has to come all the way up. All this is as in
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
    Expr *e;
    int depth;
} Found;

typedef struct Founds {
    Found *f;
    uint32_t n, cap;
} Founds;

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

/* Whether the plan shows or hides the attribute. */
static bool has_attr(AnalyzeCtx *cx, Plan *p, AttrId id)
{
    Attr *hidden;
    if (attr_by_id(p->out, p->n_out, id)) {
        return true;
    }
    uint32_t n = hidden_output(cx, &p, 1, &hidden);
    return attr_by_id(hidden, n, id) != NULL;
}

/* A column, or a field of one. */
static AttrId column_of(const Expr *e)
{
    while (e->kind != E_ATTR && e->n_args) {
        e = e->args[0];
    }
    return e->kind == E_ATTR ? e->attr : 0;
}

static void found_push(AnalyzeCtx *cx, Founds *l, Found f)
{
    if (l->n == l->cap) {
        uint32_t more = l->cap ? l->cap * 2 : 4;
        Found *grown = ARENA_ARRAY(cx->arena, Found, more);
        if (l->n) {
            memcpy(grown, l->f, l->n * sizeof(*grown));
        }
        l->f = grown;
        l->cap = more;
    }
    l->f[l->n++] = f;
}

/* Keeps what the plan shows or hides. */
static void keep_visible(AnalyzeCtx *cx, Plan *p, Founds *l, uint32_t from)
{
    uint32_t kept = from;
    for (uint32_t i = from; i < l->n; i++) {
        if (has_attr(cx, p, column_of(l->f[i].e))) {
            l->f[kept++] = l->f[i];
        }
    }
    l->n = kept;
}

/* Of several, those that the plan shows. */
static void prefer_shown(const Plan *p, Founds *l)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        if (attr_by_id(p->out, p->n_out, column_of(l->f[i].e))) {
            l->f[kept++] = l->f[i];
        }
    }
    l->n = kept ? kept : l->n;
}

/* Plans are at most PLAN_MAX_DEPTH deep. */
static fb_status search(const Search *s, Plan *p, int depth, Founds *l)
{
    uint32_t from = l->n;
    if (p->plan_id == s->id) {
        Scope own = {.attrs = p->out, .n_attrs = p->n_out, .plans = &p, .n_plans = 1};
        Found f = {.depth = depth};
        TRY(resolve_name(s->cx, &own, s->ref, &f.e, s->err));
        if (f.e) {
            found_push(s->cx, l, f);
        }
    } else if (p->kind != P_SET_OP || p->set_op != SET_UNION) {
        for (uint32_t i = 0; i < p->n_children; i++) {
            TRY(search(s, p->child[i], depth + 1, l));
        }
    }
    keep_visible(s->cx, p, l, from);
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
        Founds l = {0};
        TRY(search(&s, scope->plans[i], 0, &l));
        prefer_shown(scope->plans[i], &l);
        if (l.n > 1 || (l.n && best.e && l.f[0].depth == best.depth)) {
            return report(cx, ref, ERR_AMBIGUOUS_COLUMN_REFERENCE, err);
        }
        if (l.n && (!best.e || l.f[0].depth < best.depth)) {
            best = l.f[0];
        }
    }
    *ret = best.e;
    if (best.e && !attr_by_id(scope->attrs, scope->n_attrs, column_of(best.e))) {
        cx->hidden_used = true;
    }
    return FB_OK;
}

bool has_dataframe(const Plan *p, int64_t id)
{
    if (p->plan_id == id) {
        return true;
    }
    bool is_union = p->kind == P_SET_OP && p->set_op == SET_UNION;
    for (uint32_t i = 0; !is_union && i < p->n_children; i++) {
        if (has_dataframe(p->child[i], id)) {
            return true;
        }
    }
    return false;
}

/* ---- stars ---- */

static fb_status report_star(ErrId id, fb_error *err)
{
    return err_set(err, id, "name", "\"unresolveddataframestar()\"", NULL);
}

/* The output of the plan with the id, NULL if there is none or it does not come all the way up. */
static fb_status search_star(const Search *s, Plan *p, const Plan **ret)
{
    const Plan *found = p->plan_id == s->id ? p : NULL;
    for (uint32_t i = 0; p->plan_id != s->id && i < p->n_children; i++) {
        const Plan *below = NULL;
        TRY(search_star(s, p->child[i], &below));
        if (found && below) {
            return report_star(ERR_AMBIGUOUS_COLUMN_REFERENCE, s->err);
        }
        found = below ? below : found;
    }
    for (uint32_t i = 0; found && found != p && i < found->n_out; i++) {
        if (!has_attr(s->cx, p, found->out[i].id)) {
            found = NULL;
            break;
        }
    }
    *ret = found;
    return FB_OK;
}

fb_status resolve_dataframe_star(AnalyzeCtx *cx, const Scope *scope, const Expr *star,
                                 const Attr **ret, uint32_t *ret_n, fb_error *err)
{
    Search s = {.cx = cx, .id = star->plan_id, .err = err};
    const Plan *best = NULL;
    for (uint32_t i = 0; i < scope->n_plans; i++) {
        const Plan *found = NULL;
        TRY(search_star(&s, scope->plans[i], &found));
        if (found && best) {
            return report_star(ERR_AMBIGUOUS_COLUMN_REFERENCE, err);
        }
        best = found ? found : best;
    }
    if (!best) {
        return report_star(ERR_CANNOT_RESOLVE_DATAFRAME_COLUMN, err);
    }
    for (uint32_t i = 0; i < best->n_out; i++) {
        cx->hidden_used |= !attr_by_id(scope->attrs, scope->n_attrs, best->out[i].id);
    }
    *ret = best->out;
    *ret_n = best->n_out;
    return FB_OK;
}
