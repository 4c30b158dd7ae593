/*
 * analyzer_priv.h - shared by the files of the analyzer.
 *
 * Resolution is bottom-up: a node's children are resolved first and give the Scope in which its
 * expressions are resolved. Everything made lives in cx->arena (the result tree's).
 */
#ifndef PLAN_ANALYZER_PRIV_H
#define PLAN_ANALYZER_PRIV_H

#include "expr/function.h"
#include "plan/analyzer.h"

typedef struct CteDef {
    const char *name;
    const Plan *plan;       /* unresolved */
    struct CteDef *next;    /* enclosing and earlier ones */
    struct CteDef *visible; /* what the CTE's own plan may refer to */
} CteDef;

/* The parameters of a lambda whose body is being resolved. */
typedef struct LambdaScope {
    const char *const *names;
    const LambdaParam *params;
    uint32_t n;
    const struct LambdaScope *next; /* of the lambda around it */
} LambdaScope;

typedef struct AnalyzeCtx {
    const Catalog *cat;
    PlanTree *tree;
    Arena *arena; /* tree->arena */
    BindCtx bind;
    EvalCtx eval;
    Str sql;
    CteDef *ctes;
    int depth;
    bool case_sensitive;
    bool hidden_used;           /* the node being resolved uses a hidden column of its input */
    const LambdaScope *lambdas; /* innermost first */
    struct {
        const char *used;         /* the last alias of the same list that was used, or NULL */
        const char *in_aggregate; /* the first one that an aggregate used, */
        const char *aggregate;    /* and that aggregate */
    } lateral;
    const char *window_name; /* alias of the window function being resolved, or NULL */
} AnalyzeCtx;

/* The names that an expression may use. */
typedef struct Scope {
    const Attr *attrs;
    uint32_t n_attrs;
    Plan *const *plans; /* resolved children, searched for Connect's plan ids */
    uint32_t n_plans;
    Expr *const *aliases; /* earlier items of the same select list (lateral column aliases) */
    uint32_t n_aliases;
    const struct Scope *next; /* tried when a name is not found here (HAVING, ORDER BY); arguments
                                 of aggregates try it first */
} Scope;

/* resolve_expr.c */
fb_status resolve_expr(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr **ret, fb_error *err);
/* After a select list: refuses aggregates that used an alias of the same list. */
fb_status check_lateral(AnalyzeCtx *cx, fb_error *err);
/* Finds a (possibly nested) column; *ret NULL and FB_OK when there is none. */
fb_status resolve_name(AnalyzeCtx *cx, const Scope *s, const Expr *ref, Expr **ret, fb_error *err);
fb_status unresolved_column(AnalyzeCtx *cx, const Scope *s, const Expr *ref, fb_error *err);
/* UNRESOLVED_COLUMN_AMONG_FIELD_NAMES when the plan has no column of that name. */
fb_status require_among(AnalyzeCtx *cx, const Plan *p, const char *name, fb_error *err);
/* Whether it stands for any number of columns (a star, a pattern), and appends them to list. */
bool expands(const Expr *e);
fb_status expand_item(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr ***list, uint32_t *n,
                      uint32_t *cap, fb_error *err);
Expr *ref_of_attr(AnalyzeCtx *cx, const Attr *a);
Attr attr_of_expr(const Expr *e); /* E_ATTR or E_ALIAS with attr set */
/* Gives an unnamed expression its alias; E_ATTR and E_ALIAS stay. */
Expr *name_expr(AnalyzeCtx *cx, Expr *e);
Expr *coerce_to(AnalyzeCtx *cx, Expr *e, const Type *t);
fb_status require_boolean(AnalyzeCtx *cx, const Expr *e, fb_error *err);
Scope scope_of(Plan *const *children, uint32_t n, Arena *a);
bool name_eq(const AnalyzeCtx *cx, const char *a, const char *b);
void list_push(Arena *a, Expr ***list, uint32_t *n, uint32_t *cap, Expr *e);

/* resolve_hidden.c: the columns that the plans hide; p with those shown that its nodes use */
uint32_t hidden_output(AnalyzeCtx *cx, Plan *const *plans, uint32_t n, Attr **ret);
Plan *show_hidden(AnalyzeCtx *cx, Plan *p);
fb_status check_plan(AnalyzeCtx *cx, const Plan *p, fb_error *err);
const Attr *attr_by_id(const Attr *attrs, uint32_t n, AttrId id); /* NULL: not there */

/* resolve_dataframe.c: a column with the id of a plan. *ret NULL and FB_OK when there is none. */
fb_status resolve_dataframe_column(AnalyzeCtx *cx, const Scope *scope, const Expr *ref, Expr **ret,
                                   fb_error *err);
fb_status no_dataframe_column(AnalyzeCtx *cx, const Expr *ref, fb_error *err);
bool has_dataframe(const Plan *p, int64_t id); /* whether its columns could be resolved over p */
/* The columns of df["*"]. */
fb_status resolve_dataframe_star(AnalyzeCtx *cx, const Scope *scope, const Expr *star,
                                 const Attr **ret, uint32_t *ret_n, fb_error *err);

/* resolve_lambda.c: calls that take lambdas. */
fb_status resolve_higher_order(AnalyzeCtx *cx, const Scope *s, const Expr *in, const FuncDef *def,
                               Expr ***ret_args, uint32_t *ret_n, fb_error *err);
Expr *resolve_lambda_variable(const AnalyzeCtx *cx, const char *name); /* NULL: none */
fb_status refuse_lambda(AnalyzeCtx *cx, const Expr *lambda, const char *fn, fb_error *err);

/* resolve_window.c: fn(…) OVER (…), which no query can have yet */
fb_status refuse_window(AnalyzeCtx *cx, const Scope *s, const Expr *in, fb_error *err);
const char *window_sql(const Expr *e, Arena *a); /* fn(…) OVER (…) */

/* resolve_plan.c */
fb_status resolve_plan(AnalyzeCtx *cx, const Plan *in, Plan **ret, fb_error *err);
void set_output_from_exprs(AnalyzeCtx *cx, Plan *p); /* out of a project or aggregate */
/* What a node with state tells of a stream may be null, at all depths, whatever its child says:
 * the state can come from another run. Of a batch: nothing. */
void widen_stateful(AnalyzeCtx *cx, Plan *p);
Plan *make_project(AnalyzeCtx *cx, Plan *child, Expr **exprs, uint32_t n);
/* A projection of child to the columns of like. */
Plan *project_to(AnalyzeCtx *cx, Plan *child, const Plan *like);
/* A copy of a resolved plan in cx's tree with fresh attribute ids. */
Plan *plan_instance(AnalyzeCtx *cx, const PlanTree *view);

/* resolve_select.c: project, aggregate, having, sort, generators */
fb_status resolve_project(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err);
/* A projection of resolved items, which may be generators; names what has no name. */
fb_status project_items(AnalyzeCtx *cx, Plan *child, Expr **list, uint32_t n, Plan **ret,
                        fb_error *err);
fb_status resolve_aggregate(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err);
fb_status resolve_filter(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err);
fb_status resolve_sort(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err);
/* Checks the output list and names it; n_groups 0: one group. */
fb_status make_aggregate(AnalyzeCtx *cx, Plan *child, Expr **groups, uint32_t n_groups,
                         Expr **exprs, uint32_t n_exprs, Plan **ret, fb_error *err);
fb_status resolve_lateral_view(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret,
                               fb_error *err);

/* One item of a select list appended to list, stars expanded. */
fb_status resolve_item(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr ***list, uint32_t *n,
                       uint32_t *cap, fb_error *err);
/* A select list resolved, stars expanded, not yet named; and named. */
fb_status resolve_list(AnalyzeCtx *cx, const Scope *scope, const Plan *in, Expr ***ret,
                       uint32_t *ret_n, fb_error *err);
void name_list(AnalyzeCtx *cx, Expr **list, uint32_t n);
/* Before expressions are resolved: where no generator can be. */
fb_status refuse_generators(AnalyzeCtx *cx, const Plan *in, const char *plan, fb_error *err);
/* A grouping expression; list is the select list, for positions and aliases. */
fb_status resolve_group(AnalyzeCtx *cx, const Scope *s, const Expr *g, Expr *const *list,
                        uint32_t n, Expr **ret, fb_error *err);

/* resolve_grouping.c: *child becomes the expanded input; its grouping columns, and the select list
 * over them. */
fb_status resolve_grouping_sets(AnalyzeCtx *cx, const Plan *in, Plan **child, Expr ***ret_groups,
                                uint32_t *ret_n, Expr ***ret_list, uint32_t *ret_n_list,
                                fb_error *err);
/* Another expression over the input of the expansion, as if it stood in that select list. */
fb_status resolve_over_sets(AnalyzeCtx *cx, const Plan *expand, const Scope *scope, const Expr *in,
                            Expr **ret, fb_error *err);

/* resolve_observe.c; the second refuses a name that stands for different things in one plan */
fb_status resolve_observe(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err);
fb_status check_observed(const Plan *p, fb_error *err);

/* resolve_pivot.c */
fb_status resolve_pivot(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err);

/* resolve_unpivot.c */
fb_status resolve_unpivot(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err);

/* resolve_join.c */
bool join_left_nullable(JoinType t);
bool join_right_nullable(JoinType t);
bool join_is_semi(JoinType t); /* semi or anti: the output is the left side's */
void join_output(AnalyzeCtx *cx, Plan *p);
/* Maps can't be compared: not for DISTINCT and set operations. */
fb_status refuse_maps(AnalyzeCtx *cx, const Attr *a, uint32_t n, fb_error *err);
fb_status resolve_join(AnalyzeCtx *cx, const Plan *in, Plan *left, Plan *right, Plan **ret,
                       fb_error *err);
fb_status resolve_set_op(AnalyzeCtx *cx, const Plan *in, Plan **children, uint32_t n, Plan **ret,
                         fb_error *err);

/* resolve_columns.c: the DataFrame API's column operations */
fb_status resolve_columns(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err);

/* resolve_partition.c */
fb_status resolve_repartition(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret,
                              fb_error *err);
fb_status resolve_hint(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err);
fb_status resolve_sample(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err);

/* resolve_schema.c: df.to(schema) */
fb_status resolve_to_schema(AnalyzeCtx *cx, const Plan *in, Plan *child, Plan **ret, fb_error *err);
bool declares_char(const Field *f); /* CHAR(n) or VARCHAR(n), itself or inside */

/* resolve_leaf.c: tables, reads, values, ranges */
fb_status resolve_leaf(AnalyzeCtx *cx, const Plan *in, Plan **ret, fb_error *err);

#endif
