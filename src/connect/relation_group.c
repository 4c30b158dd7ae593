/*
 * relation_group.c - groupBy and its kin, unpivot.
 *
 * The output of an aggregate is its groups and then its aggregates, so that the plan's expressions
 * are both lists. ROLLUP and CUBE become grouping sets, each a mask over the groups, in Spark's
 * order: ROLLUP drops groups from the right, CUBE is each subset of the groups behind the first
 * with the first, and then all of them without.
 */
#include "connect/convert.h"

#define MAX_GROUPS 64u
#define MAX_CUBE 12u /* groups of a CUBE; 4,096 sets */

static fb_status too_many(fb_error *err)
{
    return err_set(err, ERR_GROUPING_SIZE_LIMIT_EXCEEDED, "maxSize", "64", NULL);
}

static fb_status rollup(Convert *c, Plan *p)
{
    p->n_sets = p->n_groups + 1;
    p->set_masks = ARENA_ARRAY(c->arena, uint64_t, p->n_sets);
    for (uint32_t i = 0; i < p->n_sets; i++) {
        uint32_t kept = p->n_groups - i;
        p->set_masks[i] = kept == 64 ? ~UINT64_C(0) : (UINT64_C(1) << kept) - 1;
    }
    return FB_OK;
}

static fb_status cube(Convert *c, Plan *p, fb_error *err)
{
    uint32_t n = p->n_groups;
    if (n > MAX_CUBE) {
        return err_unsupported(err, "cubes of more than %u columns", MAX_CUBE);
    }
    p->n_sets = 1u << n;
    p->set_masks = ARENA_ARRAY(c->arena, uint64_t, p->n_sets);
    for (uint32_t k = 0; k < p->n_sets; k++) {
        for (uint32_t g = 0; g < n; g++) {
            bool left_out = k >> (n - 1 - g) & 1;
            p->set_masks[k] |= left_out ? 0 : UINT64_C(1) << g;
        }
    }
    return FB_OK;
}

static fb_status grouping_sets(Convert *c, const SC(Aggregate) * in, Plan *p, fb_error *err)
{
    p->n_sets = (uint32_t)in->n_grouping_sets;
    p->set_masks = ARENA_ARRAY(c->arena, uint64_t, p->n_sets);
    for (uint32_t i = 0; i < p->n_sets; i++) {
        const SC(Aggregate__GroupingSets) *set = in->grouping_sets[i];
        for (size_t k = 0; k < set->n_grouping_set; k++) {
            Expr *e;
            uint32_t g = 0;
            TRY(convert_expr(c, set->grouping_set[k], &e, err));
            while (g < p->n_groups && !expr_equal(p->groups[g], e)) {
                g++;
            }
            if (g == p->n_groups) {
                return err_unsupported(err, "grouping sets of columns that are not grouped by");
            }
            p->set_masks[i] |= UINT64_C(1) << g;
        }
    }
    return FB_OK;
}

static fb_status set_masks(Convert *c, const SC(Aggregate) * in, Plan *p, fb_error *err)
{
    switch (in->group_type) {
    case SPARK__CONNECT__AGGREGATE__GROUP_TYPE__GROUP_TYPE_GROUPBY:
        return FB_OK;
    case SPARK__CONNECT__AGGREGATE__GROUP_TYPE__GROUP_TYPE_ROLLUP:
        return p->n_groups > MAX_GROUPS ? too_many(err) : rollup(c, p);
    case SPARK__CONNECT__AGGREGATE__GROUP_TYPE__GROUP_TYPE_CUBE:
        return cube(c, p, err);
    case SPARK__CONNECT__AGGREGATE__GROUP_TYPE__GROUP_TYPE_GROUPING_SETS:
        return p->n_groups > MAX_GROUPS ? too_many(err) : grouping_sets(c, in, p, err);
    default:
        return err_set(err, ERR_CONNECT_ENUM, "name", "group_type", "number",
                       arena_printf(c->arena, "%d", (int)in->group_type), "fullName",
                       "spark.connect.Aggregate", NULL);
    }
}

/* ---- pivot ---- */

/* The different values of the column, in order: one more than max at most. */
static fb_status collect_values(Convert *c, const SC(Aggregate) * in, int64_t max, RowSet **ret,
                                fb_error *err)
{
    Arena *outer = c->arena;
    PlanTree *t = plantree_new();
    Plan *input;
    Expr *column;
    c->arena = &t->arena;
    fb_status st = convert_relation(c, in->input, &input, err);
    if (st == FB_OK) {
        st = convert_expr(c, in->pivot->col, &column, err);
    }
    if (st == FB_OK) {
        Plan *project = plan_new(c->arena, P_PROJECT, 1, input);
        project->exprs = ARENA_ARRAY(c->arena, Expr *, 1);
        project->exprs[0] = column;
        project->n_exprs = 1;
        Plan *sort = plan_new(c->arena, P_SORT, 1, plan_new(c->arena, P_DISTINCT, 1, project));
        sort->global = sort->all = true;
        Plan *limit = plan_new(c->arena, P_LIMIT, 1, sort);
        limit->exprs = ARENA_ARRAY(c->arena, Expr *, 1);
        limit->exprs[0] = expr_literal_int(c->arena, type_int, max + 1);
        limit->n_exprs = 1;
        t->plan = limit;
        st = session_resolve(c->session, t, (Str){0}, err);
    }
    c->arena = outer;
    if (st == FB_OK) {
        st = t->plan->streaming ? err_set(err, ERR_LEGACY_3063, NULL)
                                : session_collect(c->session, t, c->cancel, ret, err);
    }
    if (st != FB_OK) {
        convert_locate(c, err);
    }
    plantree_release(t);
    return st;
}

/* Without a list, the values are those that the column has, as in Spark found by a query. */
static fb_status found_values(Convert *c, const SC(Aggregate) * in, Plan *p, fb_error *err)
{
    RowSet *rows = NULL;
    if (c->session == NULL) {
        return err_unsupported(err, "GroupedData.pivot without values");
    }
    int64_t max = conf_get_int(session_conf(c->session), "spark.sql.pivotMaxValues");
    TRY(collect_values(c, in, max, &rows, err));
    if (rows->n_rows > (uint64_t)max) {
        rowset_release(rows);
        return err_set(err, ERR_LEGACY_1324, "pivotColumn", "of pivot()", "maxValues",
                       arena_printf(c->arena, "%lld", (long long)max), "config",
                       "spark.sql.pivotMaxValues", NULL);
    }
    p->sets = ARENA_ARRAY(c->arena, Expr *, rows->n_rows);
    for (uint32_t b = 0; b < rows->n_batches; b++) {
        const Batch *batch = &rows->batches[b];
        for (uint32_t i = 0; i < batch->n_rows; i++) {
            p->sets[p->n_sets++] = expr_literal_vec(c->arena, &batch->col[0], i);
        }
    }
    rowset_release(rows);
    return FB_OK;
}

static fb_status pivot(Convert *c, const SC(Aggregate) * in, Plan *input, Plan **ret, fb_error *err)
{
    const SC(Aggregate__Pivot) *pv = in->pivot;
    Plan *p = plan_new(c->arena, P_PIVOT, 1, input);
    p->all = true;
    p->n_by = (uint32_t)in->n_grouping_expressions;
    TRY(convert_exprs(c, in->grouping_expressions, in->n_grouping_expressions, &p->by, err));
    p->n_exprs = (uint32_t)in->n_aggregate_expressions;
    TRY(convert_exprs(c, in->aggregate_expressions, in->n_aggregate_expressions, &p->exprs, err));
    p->groups = ARENA_ARRAY(c->arena, Expr *, 1);
    p->n_groups = 1;
    TRY(convert_expr(c, pv->col, &p->groups[0], err));
    p->n_set_cols = 1;
    if (pv->n_values == 0) {
        TRY(found_values(c, in, p, err));
    } else {
        p->sets = ARENA_ARRAY(c->arena, Expr *, pv->n_values);
        p->n_sets = (uint32_t)pv->n_values;
    }
    for (size_t i = 0; i < pv->n_values; i++) {
        TRY(convert_literal(c, pv->values[i], &p->sets[i], err));
    }
    *ret = p;
    return FB_OK;
}

fb_status convert_aggregate(Convert *c, const SC(Aggregate) * in, Plan *input, Plan **ret,
                            fb_error *err)
{
    size_t n_groups = in->n_grouping_expressions, n_aggregates = in->n_aggregate_expressions;
    if (in->group_type == SPARK__CONNECT__AGGREGATE__GROUP_TYPE__GROUP_TYPE_PIVOT) {
        return in->pivot ? pivot(c, in, input, ret, err)
                         : err_set(err, ERR_CONNECT_PIVOT_MISSING, NULL);
    }
    if (n_groups + n_aggregates > UINT32_MAX) {
        return too_many(err);
    }
    Expr **aggregates;
    Plan *p = plan_new(c->arena, P_AGGREGATE, 1, input);
    TRY(convert_exprs(c, in->grouping_expressions, n_groups, &p->groups, err));
    p->n_groups = (uint32_t)n_groups;
    TRY(convert_exprs(c, in->aggregate_expressions, n_aggregates, &aggregates, err));
    p->n_exprs = (uint32_t)(n_groups + n_aggregates);
    p->exprs = ARENA_ARRAY(c->arena, Expr *, p->n_exprs);
    for (size_t i = 0; i < n_groups; i++) {
        p->exprs[i] = p->groups[i];
    }
    for (size_t i = 0; i < n_aggregates; i++) {
        p->exprs[n_groups + i] = aggregates[i];
    }
    TRY(set_masks(c, in, p, err));
    *ret = p;
    return FB_OK;
}

/* As the parser lays it out: name the column of names, names the columns of values, sets a row for
 * each column of values (none: all that are no ids), groups the ids (NULL, in SQL: all that are no
 * values); all: nulls are kept. */
fb_status convert_unpivot(Convert *c, const SC(Unpivot) * in, Plan *input, Plan **ret,
                          fb_error *err)
{
    Plan *p = plan_new(c->arena, P_UNPIVOT, 1, input);
    TRY(convert_exprs(c, in->ids, in->n_ids, &p->groups, err));
    p->n_groups = (uint32_t)in->n_ids;
    p->groups = p->groups ? p->groups : ARENA_ARRAY(c->arena, Expr *, 1);
    if (in->values != NULL) {
        TRY(convert_exprs(c, in->values->values, in->values->n_values, &p->sets, err));
        p->sets = p->sets ? p->sets : ARENA_ARRAY(c->arena, Expr *, 1);
        p->n_sets = (uint32_t)in->values->n_values;
        p->n_set_cols = 1;
    }
    const char **names = ARENA_ARRAY(c->arena, const char *, 1);
    names[0] = convert_str(c, in->value_column_name);
    p->names = names;
    p->n_names = 1;
    p->name = convert_str(c, in->variable_column_name);
    p->all = true;
    *ret = p;
    return FB_OK;
}
