/*
 * relation_stat.c - DataFrame.describe, summary and stat: plans of ordinary aggregates over the
 * columns in question.
 *
 * The columns get names that nobody else has (toDF), so that dots and capitals in their own don't
 * matter. describe and summary aggregate once and turn the one row into a row a statistic by
 * inline_outer. As in Spark, cov and corr take a null for 0, crosstab counts pairs of texts and
 * runs a query for the values that become its columns.
 */
#include "column/number.h"
#include "connect/convert.h"

#define MAX_CROSSTAB_COLUMNS 10000

/* ---- expressions ---- */

static Expr *ref(Convert *c, const char *name)
{
    Expr *e = expr_new(c->arena, E_UNRESOLVED_ATTR, 0);
    e->parts = ARENA_ARRAY(c->arena, const char *, 1);
    e->parts[0] = name;
    e->n_parts = 1;
    e->nullable = true;
    return e;
}

static Expr *call1(Convert *c, const char *fn, Expr *a)
{
    return expr_unresolved_func(c->arena, fn, &a, 1);
}

static Expr *call2(Convert *c, const char *fn, Expr *a, Expr *b)
{
    Expr *args[2] = {a, b};
    return expr_unresolved_func(c->arena, fn, args, 2);
}

static Expr *text(Convert *c, const char *s)
{
    return expr_literal_str(c->arena, str_of(s));
}

static Expr *as(Convert *c, Expr *e, const Type *t)
{
    return expr_cast(c->arena, e, t, EVAL_ANSI, false);
}

static Expr *doubles(Convert *c, const double *v, size_t n)
{
    Expr **args = ARENA_ARRAY(c->arena, Expr *, n + 1);
    for (size_t i = 0; i < n; i++) {
        args[i] = expr_literal_double(c->arena, type_double, v[i]);
    }
    return expr_unresolved_func(c->arena, "array", args, (uint32_t)n);
}

static const char *numbered(Convert *c, size_t i)
{
    return arena_printf(c->arena, "c%zu", i);
}

/* ---- plans ---- */

static Plan *over(Convert *c, PlanKind kind, Plan *input, Expr **exprs, size_t n)
{
    Plan *p = plan_new(c->arena, kind, 1, input);
    p->exprs = exprs;
    p->n_exprs = (uint32_t)n;
    return p;
}

/* The input's columns of these names, called c0, c1, …, and their types and names. */
static fb_status pick(Convert *c, Plan *input, char *const *names, size_t n, Plan **ret,
                      const Type **ret_schema, fb_error *err)
{
    PlanTree *t;
    Plan *p = input;
    if (names != NULL) {
        Expr **list = ARENA_ARRAY(c->arena, Expr *, n + 1);
        for (size_t i = 0; i < n; i++) {
            const char *name = convert_str(c, names[i]);
            TRY(expr_unresolved_attr(c->arena, str_of(name), &list[i], err));
        }
        p = over(c, P_PROJECT, input, list, n);
    }
    TRY(convert_resolve(c, p, &t, err));
    const Type *schema = plan_schema(t->plan);
    plantree_release(t);
    const char **numbers = ARENA_ARRAY(c->arena, const char *, schema->n_fields + 1);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        numbers[i] = numbered(c, i);
    }
    *ret = plan_new(c->arena, P_TO_DF, 1, p);
    (*ret)->names = numbers;
    (*ret)->n_names = schema->n_fields;
    *ret_schema = schema;
    return FB_OK;
}

/* ---- describe, summary ---- */

typedef struct Statistic {
    const char *name;
    bool numeric;       /* of numbers; texts are read as such */
    bool is_percentile; /* then percentile is its place among those */
    uint32_t percentile;
} Statistic;

typedef struct Summary {
    Statistic *stats;
    size_t n;
    double *percentiles;
    size_t n_percentiles;
} Summary;

static const char *function_of(const Statistic *s)
{
    static const char *const names[][2] = {{"count", "count"},
                                           {"count_distinct", "count"},
                                           {"approx_count_distinct", "approx_count_distinct"},
                                           {"mean", "avg"},
                                           {"stddev", "stddev_samp"},
                                           {"min", "min"},
                                           {"max", "max"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (cstr_eq_nocase(names[i][0], s->name)) {
            return names[i][1];
        }
    }
    return NULL;
}

static fb_status parse_percentile(Convert *c, Summary *s, Statistic *stat, fb_error *err)
{
    Str digits = {stat->name, strlen(stat->name) - 1};
    double p;
    if (!num_parse_f64_java(digits, &p)) {
        return err_set(err, ERR_LEGACY_ILLEGAL_ARGUMENT, "message",
                       arena_printf(c->arena, "%s can't be read as a percentile.", stat->name),
                       NULL);
    }
    p /= 100.0;
    if (!(p >= 0.0 && p <= 1.0)) {
        return err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                       "Percentiles must be in the range [0, 1]", NULL);
    }
    stat->is_percentile = stat->numeric = true;
    stat->percentile = (uint32_t)s->n_percentiles;
    s->percentiles[s->n_percentiles++] = p;
    return FB_OK;
}

static fb_status parse_statistics(Convert *c, const char *const *names, size_t n, Summary *s,
                                  fb_error *err)
{
    s->stats = ARENA_ARRAY(c->arena, Statistic, n + 1);
    s->percentiles = ARENA_ARRAY(c->arena, double, n + 1);
    s->n = n;
    for (size_t i = 0; i < n; i++) {
        Statistic *stat = &s->stats[i];
        *stat = (Statistic){.name = names[i]};
        if (str_has_suffix(str_of(names[i]), STR_LIT("%"))) {
            TRY(parse_percentile(c, s, stat, err));
        }
    }
    for (size_t i = 0; i < n; i++) {
        Statistic *stat = &s->stats[i];
        const char *fn = stat->is_percentile ? "" : function_of(stat);
        if (fn == NULL) {
            return err_set(err, ERR_UNRECOGNIZED_STATISTIC, "stats",
                           arena_printf(c->arena, "'%s'", stat->name), NULL);
        }
        stat->numeric |= strcmp(fn, "avg") == 0 || strcmp(fn, "stddev_samp") == 0;
    }
    return FB_OK;
}

/* The aggregates of column i, one an alias c<i>_<k>; all percentiles are one, c<i>_p. */
static void column_aggregates(Convert *c, const Summary *s, uint32_t i, const Type *t, Expr **list,
                              size_t *n)
{
    const char *column = numbered(c, i);
    for (size_t k = 0; k < s->n; k++) {
        const Statistic *stat = &s->stats[k];
        if (stat->is_percentile) {
            continue;
        }
        bool cast = stat->numeric && t->id == T_STRING;
        Expr *value = ref(c, column);
        value = cast ? expr_cast(c->arena, value, type_double, EVAL_TRY, false) : value;
        Expr *e = call1(c, function_of(stat), value);
        e->distinct = cstr_eq_nocase(stat->name, "count_distinct");
        list[(*n)++] = expr_alias(c->arena, e, arena_printf(c->arena, "%s_%zu", column, k));
    }
    if (s->n_percentiles) {
        Expr *value = ref(c, column);
        value =
            t->id == T_STRING ? expr_cast(c->arena, value, type_double, EVAL_TRY, false) : value;
        Expr *e =
            call2(c, "percentile_approx", value, doubles(c, s->percentiles, s->n_percentiles));
        list[(*n)++] = expr_alias(c->arena, e, arena_printf(c->arena, "%s_p", column));
    }
}

/* What statistic k of column i is in the aggregate's row. */
static Expr *statistic_value(Convert *c, const Summary *s, uint32_t i, size_t k)
{
    const char *column = numbered(c, i);
    if (!s->stats[k].is_percentile) {
        return ref(c, arena_printf(c->arena, "%s_%zu", column, k));
    }
    Expr *at = expr_literal_int(c->arena, type_int, s->stats[k].percentile);
    return call2(c, "get", ref(c, arena_printf(c->arena, "%s_p", column)), at);
}

/* Percentiles of decimals went through doubles, and are shown with the digits these have. */
static Expr *statistic_text(Convert *c, const Summary *s, uint32_t i, size_t k, const Type *t)
{
    Expr *shown = as(c, statistic_value(c, s, i, k), type_string);
    if (!s->stats[k].is_percentile || t->id != T_DECIMAL) {
        return shown;
    }
    Expr *args[3] = {shown, text(c, "^([^.]*)$"), text(c, "$1.0")};
    args[0] = expr_unresolved_func(c->arena, "regexp_replace", args, 3);
    args[1] = text(c, "(\\.[0-9]+?)0+$");
    args[2] = text(c, "$1");
    return expr_unresolved_func(c->arena, "regexp_replace", args, 3);
}

static Plan *summary_plan(Convert *c, const Summary *s, Plan *picked, const Type *schema)
{
    uint32_t *columns = ARENA_ARRAY(c->arena, uint32_t, schema->n_fields + 1), n_columns = 0;
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const Type *t = schema->fields[i].type;
        if (type_is_numeric(t) || t->id == T_STRING) {
            columns[n_columns++] = i;
        }
    }
    Expr **aggregates = ARENA_ARRAY(c->arena, Expr *, n_columns * (s->n + 1) + 1);
    Expr **rows = ARENA_ARRAY(c->arena, Expr *, s->n + 1);
    size_t n = 0;
    for (uint32_t i = 0; i < n_columns; i++) {
        column_aggregates(c, s, columns[i], schema->fields[columns[i]].type, aggregates, &n);
    }
    for (size_t k = 0; k < s->n; k++) {
        Expr **cells = ARENA_ARRAY(c->arena, Expr *, 2 * (size_t)n_columns + 2);
        uint32_t at = 0;
        cells[at++] = text(c, "summary");
        cells[at++] = text(c, s->stats[k].name);
        for (uint32_t i = 0; i < n_columns; i++) {
            cells[at++] = text(c, schema->fields[columns[i]].name);
            cells[at++] = statistic_text(c, s, columns[i], k, schema->fields[columns[i]].type);
        }
        rows[k] = expr_unresolved_func(c->arena, "named_struct", cells, at);
    }
    Plan *one = n ? over(c, P_AGGREGATE, picked, aggregates, n) : plan_new(c->arena, P_ONE_ROW, 0);
    Expr **list = ARENA_ARRAY(c->arena, Expr *, 1);
    list[0] =
        call1(c, "inline_outer", expr_unresolved_func(c->arena, "array", rows, (uint32_t)s->n));
    return over(c, P_PROJECT, one, list, 1);
}

/* Two columns of one name can't be told apart in the result: Spark's refusal of the name. */
static fb_status check_names(Convert *c, Plan *input, const Type *schema, fb_error *err)
{
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (strcmp(schema->fields[k].name, schema->fields[i].name) == 0) {
                PlanTree *t;
                Expr **list = ARENA_ARRAY(c->arena, Expr *, 1);
                list[0] = ref(c, schema->fields[i].name);
                TRY(convert_resolve(c, over(c, P_PROJECT, input, list, 1), &t, err));
                plantree_release(t);
            }
        }
    }
    return FB_OK;
}

static fb_status summarize(Convert *c, Plan *input, char *const *columns, size_t n_columns,
                           const char *const *names, size_t n, Plan **ret, fb_error *err)
{
    Summary s = {0};
    Plan *picked;
    const Type *schema;
    TRY(parse_statistics(c, names, n, &s, err));
    TRY(pick(c, input, n_columns ? columns : NULL, n_columns, &picked, &schema, err));
    TRY(check_names(c, picked->child[0], schema, err));
    *ret = summary_plan(c, &s, picked, schema);
    return FB_OK;
}

fb_status convert_describe(Convert *c, const SC(StatDescribe) * in, Plan *input, Plan **ret,
                           fb_error *err)
{
    static const char *const names[] = {"count", "mean", "stddev", "min", "max"};
    return summarize(c, input, in->cols, in->n_cols, names, sizeof(names) / sizeof(names[0]), ret,
                     err);
}

fb_status convert_summary(Convert *c, const SC(StatSummary) * in, Plan *input, Plan **ret,
                          fb_error *err)
{
    static const char *const names[] = {"count", "mean", "stddev", "min",
                                        "25%",   "50%",  "75%",    "max"};
    if (in->n_statistics == 0) {
        return summarize(c, input, NULL, 0, names, sizeof(names) / sizeof(names[0]), ret, err);
    }
    return summarize(c, input, NULL, 0, convert_names(c, in->statistics, in->n_statistics),
                     in->n_statistics, ret, err);
}

/* ---- cov, corr ---- */

static const char *simple_name(Convert *c, const Type *t)
{
    StrBuf b = {0};
    type_simple_string(t, &b);
    return strbuf_arena(&b, c->arena);
}

static fb_status pair(Convert *c, Plan *input, char *one, char *other, const char *what,
                      const char *fn, double without, const char *name, Plan **ret, fb_error *err)
{
    char *names[2] = {one, other};
    Plan *picked;
    const Type *schema;
    Expr *args[2];
    TRY(pick(c, input, names, 2, &picked, &schema, err));
    for (uint32_t i = 0; i < 2; i++) {
        if (!type_is_numeric(schema->fields[i].type)) {
            return err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                           arena_printf(c->arena,
                                        "Currently %s calculation for columns with dataType %s not "
                                        "supported.",
                                        what, simple_name(c, schema->fields[i].type)),
                           NULL);
        }
        args[i] = call2(c, "coalesce", as(c, ref(c, numbered(c, i)), type_double),
                        expr_literal_double(c->arena, type_double, 0.0));
    }
    Expr **list = ARENA_ARRAY(c->arena, Expr *, 1);
    list[0] = call2(c, "coalesce", call2(c, fn, args[0], args[1]),
                    expr_literal_double(c->arena, type_double, without));
    list[0] = expr_alias(c->arena, list[0], name);
    *ret = over(c, P_AGGREGATE, picked, list, 1);
    return FB_OK;
}

fb_status convert_cov(Convert *c, const SC(StatCov) * in, Plan *input, Plan **ret, fb_error *err)
{
    return pair(c, input, in->col1, in->col2, "covariance", "covar_samp", 0.0, "cov", ret, err);
}

fb_status convert_corr(Convert *c, const SC(StatCorr) * in, Plan *input, Plan **ret, fb_error *err)
{
    if (in->method != NULL && strcmp(in->method, "pearson") != 0) {
        return err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                       "Currently only the calculation of the Pearson Correlation coefficient is "
                       "supported.",
                       NULL);
    }
    return pair(c, input, in->col1, in->col2, "correlation", "corr", __builtin_nan(""), "corr", ret,
                err);
}

/* ---- approxQuantile, freqItems ---- */

fb_status convert_approx_quantile(Convert *c, const SC(StatApproxQuantile) * in, Plan *input,
                                  Plan **ret, fb_error *err)
{
    Plan *picked;
    const Type *schema;
    Expr **columns = ARENA_ARRAY(c->arena, Expr *, in->n_cols + 1);
    TRY(pick(c, input, in->n_cols ? in->cols : (char *[]){""}, in->n_cols, &picked, &schema, err));
    if (!(in->relative_error >= 0)) {
        return err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                       "Relative Error must be non-negative", NULL);
    }
    for (size_t i = 0; i < in->n_probabilities; i++) {
        if (!(in->probabilities[i] >= 0 && in->probabilities[i] <= 1)) {
            return err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                           "percentile should be in the range [0.0, 1.0]", NULL);
        }
    }
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const Field *f = &schema->fields[i];
        if (!type_is_numeric(f->type)) {
            return err_set(err, ERR_LEGACY_REQUIREMENT, "message",
                           arena_printf(c->arena,
                                        "Quantile calculation for column %s with data type %s is "
                                        "not supported.",
                                        f->name, simple_name(c, f->type)),
                           NULL);
        }
        Expr *args[3] = {ref(c, numbered(c, i)), doubles(c, in->probabilities, in->n_probabilities),
                         expr_literal_double(c->arena, type_double, in->relative_error)};
        columns[i] = expr_unresolved_func(c->arena, "$approx_quantiles", args, 3);
    }
    Expr **list = ARENA_ARRAY(c->arena, Expr *, 1);
    list[0] =
        expr_alias(c->arena, expr_unresolved_func(c->arena, "array", columns, schema->n_fields),
                   "approx_quantile");
    *ret = over(c, P_AGGREGATE, picked, list, 1);
    return FB_OK;
}

fb_status convert_freq_items(Convert *c, const SC(StatFreqItems) * in, Plan *input, Plan **ret,
                             fb_error *err)
{
    double support = in->has_support ? in->support : 0.01;
    Plan *picked;
    const Type *schema;
    if (!(support >= 1e-4 && support <= 1.0)) {
        char buf[NUM_F64_TEXT_MAX];
        int n = (int)num_format_f64(support, buf);
        return err_set(
            err, ERR_LEGACY_REQUIREMENT, "message",
            arena_printf(c->arena, "Support must be in [1e-4, 1], but got %.*s.", n, buf), NULL);
    }
    if (in->n_cols == 0) {
        *ret = over(c, P_PROJECT, input, NULL, 0);
        return FB_OK;
    }
    TRY(pick(c, input, in->cols, in->n_cols, &picked, &schema, err));
    Expr **list = ARENA_ARRAY(c->arena, Expr *, in->n_cols);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        Expr *size = expr_literal_int(c->arena, type_int, (int32_t)(1.0 / support));
        list[i] = expr_alias(c->arena, call2(c, "$freq_items", ref(c, numbered(c, i)), size),
                             arena_printf(c->arena, "%s_freqItems", in->cols[i]));
    }
    *ret = over(c, P_AGGREGATE, picked, list, in->n_cols);
    return FB_OK;
}

/* ---- crosstab ---- */

static Expr *item_text(Convert *c, const char *column)
{
    Expr *args[3] = {call1(c, "isnull", ref(c, column)), text(c, "null"),
                     as(c, ref(c, column), type_string)};
    return expr_unresolved_func(c->arena, "when", args, 3);
}

/* The values of the second column of pairs, sorted, as literals; *ret_n of them. */
static fb_status values_of(Convert *c, Plan *pairs, const char *name, Expr ***ret, uint32_t *ret_n,
                           fb_error *err)
{
    PlanTree *t;
    RowSet *rows;
    Expr **one = ARENA_ARRAY(c->arena, Expr *, 1), **order = ARENA_ARRAY(c->arena, Expr *, 1);
    one[0] = ref(c, name);
    order[0] = expr_new(c->arena, E_SORT_ORDER, 1);
    order[0]->args[0] = ref(c, name);
    order[0]->nulls_first = true;
    Plan *distinct = plan_new(c->arena, P_DISTINCT, 1, over(c, P_PROJECT, pairs, one, 1));
    Plan *most = over(c, P_LIMIT, distinct, ARENA_ARRAY(c->arena, Expr *, 1), 1);
    most->exprs[0] = expr_literal_int(c->arena, type_int, MAX_CROSSTAB_COLUMNS + 1);
    Plan *sorted = over(c, P_SORT, most, order, 1);
    sorted->global = true;
    TRY(convert_resolve(c, sorted, &t, err));
    fb_status st = t->plan->streaming ? err_set(err, ERR_LEGACY_3063, NULL)
                                      : session_collect(c->session, t, c->cancel, &rows, err);
    plantree_release(t);
    TRY(st);
    if (rows->n_rows > MAX_CROSSTAB_COLUMNS) {
        rowset_release(rows);
        return err_set(err, ERR_LEGACY_1324, "pivotColumn", name, "maxValues", "10000", "config",
                       "spark.sql.pivotMaxValues", NULL);
    }
    Expr **values = ARENA_ARRAY(c->arena, Expr *, rows->n_rows + 1);
    uint32_t n = 0;
    for (uint32_t b = 0; b < rows->n_batches; b++) {
        for (uint32_t i = 0; i < rows->batches[b].n_rows; i++) {
            values[n++] = expr_literal_vec(c->arena, &rows->batches[b].col[0], i);
        }
    }
    rowset_release(rows);
    *ret = values;
    *ret_n = n;
    return FB_OK;
}

fb_status convert_crosstab(Convert *c, const SC(StatCrosstab) * in, Plan *input, Plan **ret,
                           fb_error *err)
{
    char *names[2] = {in->col1, in->col2};
    Plan *picked;
    const Type *schema;
    if (c->session == NULL) {
        return err_internal(err, "crosstab without a session");
    }
    TRY(pick(c, input, names, 2, &picked, &schema, err));
    const char *first = arena_printf(c->arena, "%s_%s", in->col1, in->col2);
    const char *second = arena_printf(c->arena, "%s+", first); /* another name */
    Expr **both = ARENA_ARRAY(c->arena, Expr *, 2);
    Expr *without[3] = {item_text(c, numbered(c, 1)), text(c, "`"), text(c, "")};
    both[0] = expr_alias(c->arena, item_text(c, numbered(c, 0)), first);
    both[1] = expr_alias(c->arena, expr_unresolved_func(c->arena, "replace", without, 3), second);
    Plan *pairs = over(c, P_PROJECT, picked, both, 2);
    Plan *p = plan_new(c->arena, P_PIVOT, 1, pairs);
    TRY(values_of(c, pairs, second, &p->sets, &p->n_sets, err));
    Expr **list = ARENA_ARRAY(c->arena, Expr *, 1), **groups = ARENA_ARRAY(c->arena, Expr *, 1);
    if (p->n_sets == 0) {
        list[0] = ref(c, first);
        *ret = over(c, P_PROJECT, pairs, list, 1);
        return FB_OK;
    }
    list[0] = call1(c, "count", expr_literal_int(c->arena, type_int, 1));
    groups[0] = ref(c, second);
    p->exprs = list;
    p->n_exprs = 1;
    p->groups = groups;
    p->n_groups = 1;
    p->n_set_cols = 1;
    Plan *filled = plan_new(c->arena, P_FILL_NA, 1, p); /* pairs that do not occur */
    filled->exprs = ARENA_ARRAY(c->arena, Expr *, 1);
    filled->exprs[0] = expr_literal_int(c->arena, type_long, 0);
    filled->n_exprs = 1;
    *ret = filled;
    return FB_OK;
}
