/*
 * plan_explain.c - the tree text of logical plans: a node a line, children indented by "+- " and
 * ":- " as Spark draws them.
 */
#include "plan/plan.h"

static void list_text(StrBuf *out, Expr *const *e, uint32_t n)
{
    strbuf_putc(out, '[');
    for (uint32_t i = 0; i < n; i++) {
        if (i) {
            strbuf_puts(out, ", ");
        }
        expr_explain(e[i], out);
    }
    strbuf_putc(out, ']');
}

static void attrs_text(StrBuf *out, const Attr *a, uint32_t n)
{
    strbuf_putc(out, '[');
    for (uint32_t i = 0; i < n; i++) {
        strbuf_printf(out, "%s%s#%u%s", i ? ", " : "", a[i].name, a[i].id,
                      a[i].type->id == T_LONG ? "L" : "");
    }
    strbuf_putc(out, ']');
}

static const char *join_text(JoinType t)
{
    static const char *const names[] = {"Inner",    "LeftOuter", "RightOuter", "FullOuter",
                                        "LeftSemi", "LeftAnti",  "Cross"};
    return names[t];
}

static void names_text(StrBuf *out, const Plan *p)
{
    strbuf_putc(out, '[');
    for (uint32_t i = 0; i < p->n_names; i++) {
        strbuf_printf(out, "%s%s", i ? ", " : "", p->names[i]);
    }
    strbuf_putc(out, ']');
}

static void node_text(const Plan *p, StrBuf *out)
{
    if (p->streaming && p->kind != P_RELATION) {
        strbuf_putc(out, '~');
    }
    strbuf_puts(out, plan_node_name(p));
    switch (p->kind) {
    case P_PROJECT:
    case P_REPARTITION:
        strbuf_putc(out, ' ');
        list_text(out, p->exprs, p->n_exprs);
        break;
    case P_FILTER:
        strbuf_putc(out, ' ');
        expr_explain(p->exprs[0], out);
        break;
    case P_AGGREGATE:
        strbuf_putc(out, ' ');
        list_text(out, p->groups, p->n_groups);
        strbuf_puts(out, ", ");
        list_text(out, p->exprs, p->n_exprs);
        break;
    case P_SORT:
        strbuf_putc(out, ' ');
        list_text(out, p->exprs, p->n_exprs);
        strbuf_puts(out, p->global ? ", true" : ", false");
        break;
    case P_LIMIT:
    case P_OFFSET:
    case P_TAIL:
        if (p->out) {
            strbuf_printf(out, " %lld", (long long)p->n);
        }
        break;
    case P_JOIN:
        strbuf_printf(out, " %s", join_text(p->join_type));
        if (p->n_exprs) {
            strbuf_puts(out, ", ");
            expr_explain(p->exprs[0], out);
        }
        break;
    case P_RELATION:
        strbuf_putc(out, ' ');
        attrs_text(out, p->out, p->n_out);
        strbuf_printf(out, " %s",
                      p->relation->description ? p->relation->description : p->relation->vt->kind);
        break;
    case P_GENERATE:
        strbuf_putc(out, ' ');
        expr_explain(p->exprs[0], out);
        strbuf_printf(out, ", %s, ", p->outer ? "true" : "false");
        attrs_text(out, p->gen_out, p->n_gen_out);
        break;
    case P_COLLECT_METRICS:
        strbuf_printf(out, " %s, ", p->name);
        list_text(out, p->exprs, p->n_exprs);
        break;
    case P_LOCAL:
        strbuf_putc(out, ' ');
        attrs_text(out, p->out, p->n_out);
        break;
    case P_RANGE:
        strbuf_printf(out, " (%lld, %lld, step=%lld)", (long long)p->range_start,
                      (long long)p->range_end, (long long)p->range_step);
        break;
    case P_SUBQUERY_ALIAS:
        strbuf_printf(out, " %s", p->name ? p->name : PLAN_NO_NAME);
        break;
    case P_UNRESOLVED_TABLE:
        strbuf_putc(out, ' ');
        names_text(out, p);
        break;
    default:
        break;
    }
}

/* Depth-first with the prefix that draws the lines of the ancestors. */
static void tree_text(const Plan *p, StrBuf *prefix, bool last, bool root, StrBuf *out)
{
    size_t kept = prefix->n;
    strbuf_append(out, prefix->p ? prefix->p : "", prefix->n);
    if (!root) {
        strbuf_puts(out, last ? "+- " : ":- ");
        strbuf_puts(prefix, last ? "   " : ":  ");
    }
    node_text(p, out);
    strbuf_putc(out, '\n');
    for (uint32_t i = 0; i < p->n_children; i++) {
        tree_text(p->child[i], prefix, i + 1 == p->n_children, false, out);
    }
    prefix->n = kept;
}

void plan_explain(const Plan *p, StrBuf *out)
{
    StrBuf prefix = {0};
    tree_text(p, &prefix, true, true, out);
    strbuf_free(&prefix);
}
