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

fb_status convert_aggregate(Convert *c, const SC(Aggregate) * in, Plan *input, Plan **ret,
                            fb_error *err)
{
    size_t n_groups = in->n_grouping_expressions, n_aggregates = in->n_aggregate_expressions;
    if (in->group_type == SPARK__CONNECT__AGGREGATE__GROUP_TYPE__GROUP_TYPE_PIVOT) {
        return in->pivot ? err_unsupported(err, "pivot")
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
