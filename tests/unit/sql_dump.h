/*
 * sql_dump.h - the trees that the parser makes, as short texts for the tests to compare.
 *
 * Expressions: a, a.b for names; 1, 'x' for literals; (+ a b) for calls; other kinds by a word.
 * Plans: Kind[operands](children).
 */
#ifndef SQL_DUMP_H
#define SQL_DUMP_H

#include "sql/sql.h"

static void dump_expr(StrBuf *b, const Expr *e);
static void dump_plan(StrBuf *b, const Plan *p);

static void dump_parts(StrBuf *b, const char *const *parts, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        bool plain = parts[i][0] && !strpbrk(parts[i], ". `()'");
        strbuf_printf(b, plain ? "%s%s" : "%s`%s`", i ? "." : "", parts[i]);
    }
}

static void dump_list(StrBuf *b, Expr *const *v, uint32_t n, const char *sep)
{
    for (uint32_t i = 0; i < n; i++) {
        strbuf_puts(b, i ? sep : "");
        dump_expr(b, v[i]);
    }
}

static void dump_literal(StrBuf *b, const Expr *e)
{
    if (!vec_is_valid(e->value, 0)) {
        strbuf_puts(b, "NULL");
        return;
    }
    bool bare = e->type == type_int || e->type == type_string || e->type == type_boolean;
    if (e->type == type_string) {
        strbuf_putc(b, '\'');
    }
    vec_value_text(e->value, 0, tz_utc(), b);
    if (e->type == type_string) {
        strbuf_putc(b, '\'');
    }
    if (!bare) {
        strbuf_putc(b, ':');
        type_simple_string(e->type, b);
    }
}

static void dump_call(StrBuf *b, const Expr *e)
{
    strbuf_putc(b, '(');
    dump_parts(b, e->parts, e->n_parts);
    strbuf_puts(b, e->distinct ? " DISTINCT" : "");
    strbuf_puts(b, e->n_args ? " " : "");
    dump_list(b, e->args, e->n_args, " ");
    strbuf_puts(b, e->ignore_nulls ? " IGNORE NULLS" : "");
    if (e->filter) {
        strbuf_puts(b, " FILTER ");
        dump_expr(b, e->filter);
    }
    strbuf_putc(b, ')');
}

static void dump_wrapped(StrBuf *b, const char *word, const Expr *e)
{
    strbuf_printf(b, "%s(", word);
    if (e->plan) {
        dump_plan(b, e->plan);
        strbuf_puts(b, e->n_args ? " : " : "");
    }
    dump_list(b, e->args, e->n_args, ", ");
    strbuf_putc(b, ')');
}

static void dump_expr(StrBuf *b, const Expr *e)
{
    switch (e->kind) {
    case E_UNRESOLVED_ATTR:
        dump_parts(b, e->parts, e->n_parts);
        break;
    case E_UNRESOLVED_STAR:
        dump_parts(b, e->parts, e->n_parts);
        strbuf_puts(b, e->n_parts ? ".*" : "*");
        if (e->n_args) {
            dump_wrapped(b, "-", e);
        }
        break;
    case E_UNRESOLVED_FUNC:
        dump_call(b, e);
        break;
    case E_UNRESOLVED_EXTRACT:
        dump_expr(b, e->args[0]);
        strbuf_putc(b, '[');
        dump_expr(b, e->args[1]);
        strbuf_putc(b, ']');
        break;
    case E_SUBQUERY:
        dump_wrapped(b, e->name, e);
        break;
    case E_NAMED_ARG:
        strbuf_printf(b, "%s=>", e->name);
        dump_expr(b, e->args[0]);
        break;
    case E_LAMBDA:
        strbuf_puts(b, "\\");
        dump_parts(b, e->parts, e->n_parts);
        strbuf_puts(b, " -> ");
        dump_expr(b, e->args[0]);
        break;
    case E_WINDOW:
        dump_wrapped(b, "over", e);
        break;
    case E_LITERAL:
        dump_literal(b, e);
        break;
    case E_ALIAS:
        dump_expr(b, e->args[0]);
        strbuf_puts(b, " AS ");
        strbuf_puts(b, e->name ? e->name : "(");
        dump_parts(b, e->parts, e->n_parts);
        strbuf_puts(b, e->name ? "" : ")");
        break;
    case E_CAST:
        strbuf_puts(b, e->eval_mode == EVAL_TRY ? "try_cast(" : "cast(");
        dump_expr(b, e->args[0]);
        strbuf_putc(b, ' ');
        type_simple_string(e->type, b);
        strbuf_puts(b, e->name ? " " : "");
        strbuf_puts(b, e->name ? e->name : "");
        strbuf_putc(b, ')');
        break;
    case E_SORT_ORDER:
        dump_expr(b, e->args[0]);
        strbuf_puts(b, e->desc ? " desc" : " asc");
        strbuf_puts(b, e->nulls_first ? " first" : " last");
        break;
    default:
        strbuf_printf(b, "?%d", (int)e->kind);
        break;
    }
}

static void dump_join(StrBuf *b, const Plan *p)
{
    static const char *const types[] = {"inner", "left", "right", "full", "semi", "anti", "cross"};
    strbuf_printf(b, "%s%s%s ", types[p->join_type], p->natural ? " natural" : "",
                  p->lateral ? " lateral" : "");
}

static void dump_sets(StrBuf *b, const Plan *p)
{
    for (uint32_t i = 0; p->set_masks && i < p->n_sets; i++) {
        strbuf_printf(b, "%s%llx", i ? "," : " sets ", (unsigned long long)p->set_masks[i]);
    }
    for (uint32_t i = 0; p->sets && i < p->n_sets; i++) {
        strbuf_puts(b, " {");
        dump_list(b, p->sets + (size_t)i * p->n_set_cols, p->n_set_cols, ", ");
        strbuf_puts(b, "}");
    }
}

static void dump_command(StrBuf *b, const Command *c)
{
    strbuf_printf(b, "%s", c->what);
    strbuf_puts(b, c->n_names ? " " : "");
    dump_parts(b, c->names, c->n_names);
    if (c->key) {
        strbuf_printf(b, " key=%s", c->key);
    }
    if (c->value) {
        strbuf_printf(b, " value=%s", c->value);
    }
    strbuf_printf(b, "%s%s%s%s%s%s", c->replace ? " replace" : "", c->is_temp ? " temp" : "",
                  c->is_global ? " global" : "", c->if_exists ? " if_exists" : "",
                  c->if_not_exists ? " if_not_exists" : "", c->extended ? " extended" : "");
}

static const char *plan_word(const Plan *p)
{
    switch (p->kind) {
    case P_UNRESOLVED_TABLE:
        return p->streaming ? "Stream" : "Table";
    case P_UNRESOLVED_TVF:
        return p->streaming ? "StreamTvf" : "Tvf";
    case P_INLINE_TABLE:
        return "Values";
    case P_WITH:
        return p->recursive ? "WithRecursive" : "With";
    case P_WITH_COLUMNS:
        return p->by_name ? "SetColumns" : "WithColumns";
    case P_TO_DF:
        return "ToDf";
    case P_HINT:
        return "Hint";
    case P_SUBQUERY_ALIAS:
        return "As";
    case P_LATERAL_VIEW:
        return p->outer ? "LateralViewOuter" : "LateralView";
    case P_FILTER:
        return p->having ? "Having" : "Filter";
    case P_SORT:
        return p->global ? (p->all ? "SortAll" : "Sort") : "SortLocal";
    case P_AGGREGATE:
        return p->all ? "AggregateAll" : "Aggregate";
    case P_LIMIT:
        return "Limit";
    case P_SET_OP:
        return p->set_op == SET_UNION && p->all ? "UnionAll" : plan_node_name(p);
    case P_ONE_ROW:
        return "One";
    default:
        return plan_node_name(p);
    }
}

static void dump_plan(StrBuf *b, const Plan *p)
{
    strbuf_puts(b, plan_word(p));
    if (p->kind == P_ONE_ROW) {
        return;
    }
    strbuf_putc(b, '[');
    if (p->kind == P_JOIN) {
        dump_join(b, p);
    }
    if (p->kind == P_COMMAND) {
        dump_command(b, p->command);
    }
    if (p->kind == P_SAMPLE) {
        strbuf_printf(b, "%g..%g", p->sample_lower, p->sample_upper);
        if (p->has_seed) {
            strbuf_printf(b, " seed %lld", (long long)p->sample_seed);
        }
    }
    if (p->name) {
        strbuf_printf(b, "%s ", p->name);
    }
    dump_list(b, p->exprs, p->n_exprs, ", ");
    if (p->n_groups) {
        strbuf_puts(b, " by ");
        dump_list(b, p->groups, p->n_groups, ", ");
    }
    dump_sets(b, p);
    if (p->n_names) {
        strbuf_puts(b, p->n_exprs || p->name ? " : " : "");
        dump_parts(b, p->names, p->n_names);
    }
    for (uint32_t i = 0; p->read && i < p->read->options.n; i++) {
        strbuf_printf(b, " %s=%s", p->read->options.keys[i], p->read->options.values[i]);
    }
    strbuf_putc(b, ']');
    if (p->n_children) {
        strbuf_putc(b, '(');
        for (uint32_t i = 0; i < p->n_children; i++) {
            strbuf_puts(b, i ? ", " : "");
            dump_plan(b, p->child[i]);
        }
        strbuf_putc(b, ')');
    }
}

#endif
