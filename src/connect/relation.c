/*
 * relation.c - Relation messages as unresolved plans: the nodes that have inputs, and the dispatch.
 *
 * Nearly every relation is one node. The id of the DataFrame (common.plan_id, from 0) goes to the
 * node that gives the relation's output, increased by one since 0 is none there; columns taken from
 * that DataFrame are looked up by it.
 *
 * with_relations carries relations that its root refers to: by name from SQL text, where they
 * become common table expressions, or by plan id from subquery expressions.
 *
 * Depth: convert_relation() counts the levels.
 */
#include "connect/convert.h"
#include "connect/user_names.h"

typedef SC(Relation) Message;

/* Names the method that makes the relation: "DataFrame.mapInPandas". */
static fb_status unsupported_relation(const Message *in, fb_error *err)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field(SC_DESC(relation), (unsigned)in->rel_type_case);
    if (f == NULL || in->rel_type_case == REL(UNKNOWN)) {
        return err_set(err, ERR_CONNECT_ONE_OF_NOT_SET, "name", "rel_type", "fullName",
                       "spark.connect.Relation", NULL);
    }
    const char *name = relation_user_name(in);
    return err_unsupported(err, "%s", name ? name : f->name);
}

static fb_status missing(const char *field, const char *of, fb_error *err)
{
    return err_set(err, ERR_CONNECT_FIELD_EMPTY, "fieldName", field, "fullName", of, NULL);
}

/* A node over one input. */
static fb_status unary(Convert *c, PlanKind kind, const Message *input, Plan **ret, fb_error *err)
{
    Plan *child;
    TRY(convert_relation(c, input, &child, err));
    *ret = plan_new(c->arena, kind, 1, child);
    return FB_OK;
}

static void one_expr(Convert *c, Plan *p, Expr *e)
{
    p->exprs = ARENA_ARRAY(c->arena, Expr *, 1);
    p->exprs[0] = e;
    p->n_exprs = 1;
}

static void set_names(Convert *c, Plan *p, char *const *names, size_t n)
{
    p->names = convert_names(c, names, n);
    p->n_names = (uint32_t)n;
}

/* ---- rows and columns ---- */

static fb_status project(Convert *c, const SC(Project) * in, Plan **ret, fb_error *err)
{
    Plan *child;
    if (in->input != NULL) {
        TRY(convert_relation(c, in->input, &child, err));
    } else {
        child = plan_new(c->arena, P_ONE_ROW, 0);
    }
    Plan *p = plan_new(c->arena, P_PROJECT, 1, child);
    TRY(convert_exprs(c, in->expressions, in->n_expressions, &p->exprs, err));
    p->n_exprs = (uint32_t)in->n_expressions;
    *ret = p;
    return FB_OK;
}

static fb_status filter(Convert *c, const SC(Filter) * in, Plan **ret, fb_error *err)
{
    Expr *condition;
    TRY(unary(c, P_FILTER, in->input, ret, err));
    TRY(convert_expr(c, in->condition, &condition, err));
    one_expr(c, *ret, condition);
    return FB_OK;
}

static fb_status count_node(Convert *c, PlanKind kind, const Message *input, int32_t n, Plan **ret,
                            fb_error *err)
{
    TRY(unary(c, kind, input, ret, err));
    one_expr(c, *ret, expr_literal_int(c->arena, type_int, n));
    return FB_OK;
}

static fb_status sort(Convert *c, const SC(Sort) * in, Plan **ret, fb_error *err)
{
    TRY(unary(c, P_SORT, in->input, ret, err));
    Plan *p = *ret;
    p->exprs = ARENA_ARRAY(c->arena, Expr *, in->n_order);
    for (size_t i = 0; i < in->n_order; i++) {
        TRY(convert_sort_order(c, in->order[i], &p->exprs[i], err));
    }
    p->n_exprs = (uint32_t)in->n_order;
    p->global = in->is_global;
    return FB_OK;
}

static fb_status with_columns(Convert *c, const SC(WithColumns) * in, Plan **ret, fb_error *err)
{
    TRY(unary(c, P_WITH_COLUMNS, in->input, ret, err));
    Plan *p = *ret;
    p->exprs = ARENA_ARRAY(c->arena, Expr *, in->n_aliases);
    p->n_exprs = (uint32_t)in->n_aliases;
    for (size_t i = 0; i < in->n_aliases; i++) {
        if (in->aliases[i]->n_name != 1) {
            return err_set(err, ERR_CONNECT_WITH_COLUMNS_NAME, "got",
                           arena_printf(c->arena, "%zu", in->aliases[i]->n_name), NULL);
        }
        TRY(convert_alias(c, in->aliases[i], &p->exprs[i], err));
    }
    return FB_OK;
}

static fb_status rename_columns(Convert *c, const SC(WithColumnsRenamed) * in, Plan **ret,
                                fb_error *err)
{
    TRY(unary(c, P_RENAME_COLUMNS, in->input, ret, err));
    Plan *p = *ret;
    size_t n = in->n_renames ? in->n_renames : in->n_rename_columns_map;
    const char **names = ARENA_ARRAY(c->arena, const char *, mem_mul(n, 2));
    for (size_t i = 0; i < n; i++) {
        const char *from, *to;
        if (in->n_renames) {
            from = in->renames[i]->col_name;
            to = in->renames[i]->new_col_name;
        } else {
            from = in->rename_columns_map[i]->key;
            to = in->rename_columns_map[i]->value;
        }
        names[2 * i] = convert_str(c, from);
        names[2 * i + 1] = convert_str(c, to);
    }
    p->names = names;
    p->n_names = (uint32_t)(n * 2);
    return FB_OK;
}

static fb_status drop(Convert *c, const SC(Drop) * in, Plan **ret, fb_error *err)
{
    TRY(unary(c, P_DROP_COLUMNS, in->input, ret, err));
    TRY(convert_exprs(c, in->columns, in->n_columns, &(*ret)->exprs, err));
    (*ret)->n_exprs = (uint32_t)in->n_columns;
    set_names(c, *ret, in->column_names, in->n_column_names);
    return FB_OK;
}

static fb_status to_df(Convert *c, const SC(ToDF) * in, Plan **ret, fb_error *err)
{
    TRY(unary(c, P_TO_DF, in->input, ret, err));
    set_names(c, *ret, in->column_names, in->n_column_names);
    return FB_OK;
}

static fb_status to_schema(Convert *c, const SC(ToSchema) * in, Plan **ret, fb_error *err)
{
    TRY(unary(c, P_TO_SCHEMA, in->input, ret, err));
    (*ret)->by_name = true;
    TRY(convert_type(in->schema, &(*ret)->type, err));
    if ((*ret)->type->id != T_STRUCT) {
        StrBuf b = {0};
        type_simple_string((*ret)->type, &b);
        const char *name = strbuf_arena(&b, c->arena);
        return err_set(err, ERR_CONNECT_SCHEMA_NO_STRUCT, "inputSchema", name, "dataType", name,
                       NULL);
    }
    return FB_OK;
}

static fb_status deduplicate(Convert *c, const SC(Deduplicate) * in, Plan **ret, fb_error *err)
{
    if (in->all_columns_as_keys && in->n_column_names) {
        return err_set(err, ERR_CONNECT_DEDUPLICATE_BOTH, NULL);
    }
    if (!in->all_columns_as_keys && !in->n_column_names) {
        return err_set(err, ERR_CONNECT_DEDUPLICATE_NONE, NULL);
    }
    TRY(unary(c, P_DEDUPLICATE, in->input, ret, err));
    set_names(c, *ret, in->column_names, in->n_column_names);
    (*ret)->all = in->all_columns_as_keys;
    (*ret)->within_watermark = in->within_watermark;
    return FB_OK;
}

static fb_status sample(Convert *c, const SC(Sample) * in, Plan **ret, fb_error *err)
{
    TRY(unary(c, P_SAMPLE, in->input, ret, err));
    Plan *p = *ret;
    p->sample_lower = in->lower_bound;
    p->sample_upper = in->upper_bound;
    p->with_replacement = in->with_replacement;
    p->has_seed = in->has_seed;
    p->sample_seed = in->seed;
    p->all = in->deterministic_order;
    return FB_OK;
}

static fb_status watermark(Convert *c, const SC(WithWatermark) * in, Plan **ret, fb_error *err)
{
    TRY(unary(c, P_WATERMARK, in->input, ret, err));
    Expr *time;
    TRY(expr_unresolved_attr(c->arena, str_of(in->event_time), &time, err));
    one_expr(c, *ret, time);
    (*ret)->name = convert_str(c, in->delay_threshold);
    return FB_OK;
}

static fb_status alias(Convert *c, const SC(SubqueryAlias) * in, Plan **ret, fb_error *err)
{
    if (in->n_qualifier) {
        return err_unsupported(err, "aliases with a qualifier");
    }
    TRY(unary(c, P_SUBQUERY_ALIAS, in->input, ret, err));
    (*ret)->name = convert_str(c, in->alias);
    return FB_OK;
}

static fb_status repartition(Convert *c, const SC(Repartition) * in, Plan **ret, fb_error *err)
{
    TRY(unary(c, P_REPARTITION, in->input, ret, err));
    (*ret)->n = in->num_partitions;
    (*ret)->shuffle = !in->has_shuffle || in->shuffle;
    return FB_OK;
}

static fb_status repartition_by(Convert *c, const SC(RepartitionByExpression) * in, Plan **ret,
                                fb_error *err)
{
    TRY(unary(c, P_REPARTITION, in->input, ret, err));
    TRY(convert_exprs(c, in->partition_exprs, in->n_partition_exprs, &(*ret)->exprs, err));
    (*ret)->n_exprs = (uint32_t)in->n_partition_exprs;
    (*ret)->n = in->has_num_partitions ? in->num_partitions : 0;
    (*ret)->shuffle = true;
    return FB_OK;
}

static fb_status hint(Convert *c, const SC(Hint) * in, Plan **ret, fb_error *err)
{
    TRY(unary(c, P_HINT, in->input, ret, err));
    (*ret)->name = convert_str(c, in->name);
    TRY(convert_exprs(c, in->parameters, in->n_parameters, &(*ret)->exprs, err));
    (*ret)->n_exprs = (uint32_t)in->n_parameters;
    return FB_OK;
}

/* ---- two inputs ---- */

static fb_status join_type(int in, JoinType *ret, fb_error *err)
{
    switch (in) {
    case SPARK__CONNECT__JOIN__JOIN_TYPE__JOIN_TYPE_INNER:
        *ret = JOIN_INNER;
        return FB_OK;
    case SPARK__CONNECT__JOIN__JOIN_TYPE__JOIN_TYPE_FULL_OUTER:
        *ret = JOIN_FULL;
        return FB_OK;
    case SPARK__CONNECT__JOIN__JOIN_TYPE__JOIN_TYPE_LEFT_OUTER:
        *ret = JOIN_LEFT;
        return FB_OK;
    case SPARK__CONNECT__JOIN__JOIN_TYPE__JOIN_TYPE_RIGHT_OUTER:
        *ret = JOIN_RIGHT;
        return FB_OK;
    case SPARK__CONNECT__JOIN__JOIN_TYPE__JOIN_TYPE_LEFT_ANTI:
        *ret = JOIN_LEFT_ANTI;
        return FB_OK;
    case SPARK__CONNECT__JOIN__JOIN_TYPE__JOIN_TYPE_LEFT_SEMI:
        *ret = JOIN_LEFT_SEMI;
        return FB_OK;
    case SPARK__CONNECT__JOIN__JOIN_TYPE__JOIN_TYPE_CROSS:
        *ret = JOIN_CROSS;
        return FB_OK;
    default:
        return err_set(err, ERR_CONNECT_ENUM, "name", "join_type", "number", "0", "fullName",
                       "spark.connect.Join", NULL);
    }
}

static fb_status join_of(Convert *c, const Message *left, const Message *right, int type,
                         const SC(Expression) * condition, Plan **ret, fb_error *err)
{
    Plan *l, *r;
    JoinType t = JOIN_INNER;
    TRY(join_type(type, &t, err));
    TRY(convert_relation(c, left, &l, err));
    TRY(convert_relation(c, right, &r, err));
    Plan *p = plan_new(c->arena, P_JOIN, 2, l, r);
    p->join_type = t;
    if (condition != NULL) {
        Expr *e;
        TRY(convert_expr(c, condition, &e, err));
        one_expr(c, p, e);
    }
    *ret = p;
    return FB_OK;
}

static fb_status join(Convert *c, const SC(Join) * in, Plan **ret, fb_error *err)
{
    if (in->join_data_type != NULL) {
        return err_unsupported(err, "joinWith");
    }
    if (in->join_condition != NULL && in->n_using_columns) {
        return err_set(err, ERR_CONNECT_JOIN_USING_AND_CONDITION, NULL);
    }
    TRY(join_of(c, in->left, in->right, (int)in->join_type, in->join_condition, ret, err));
    set_names(c, *ret, in->using_columns, in->n_using_columns);
    return FB_OK;
}

static fb_status lateral_join(Convert *c, const SC(LateralJoin) * in, Plan **ret, fb_error *err)
{
    TRY(join_of(c, in->left, in->right, (int)in->join_type, in->join_condition, ret, err));
    (*ret)->lateral = true;
    return FB_OK;
}

static fb_status set_op(Convert *c, const SC(SetOperation) * in, Plan **ret, fb_error *err)
{
    Plan *l, *r;
    if (in->left_input == NULL || in->right_input == NULL) {
        return err_set(err, ERR_CONNECT_SET_OP_INPUTS, NULL);
    }
    TRY(convert_relation(c, in->left_input, &l, err));
    TRY(convert_relation(c, in->right_input, &r, err));
    Plan *p = plan_new(c->arena, P_SET_OP, 2, l, r);
    switch (in->set_op_type) {
    case SPARK__CONNECT__SET_OPERATION__SET_OP_TYPE__SET_OP_TYPE_UNION:
        p->set_op = SET_UNION;
        if (in->allow_missing_columns && !in->by_name) {
            return err_set(err, ERR_CONNECT_MISSING_NEEDS_NAMES, NULL);
        }
        break;
    case SPARK__CONNECT__SET_OPERATION__SET_OP_TYPE__SET_OP_TYPE_EXCEPT:
        p->set_op = SET_EXCEPT;
        if (in->by_name) {
            return err_set(err, ERR_CONNECT_EXCEPT_BY_NAME, NULL);
        }
        break;
    case SPARK__CONNECT__SET_OPERATION__SET_OP_TYPE__SET_OP_TYPE_INTERSECT:
        p->set_op = SET_INTERSECT;
        if (in->by_name) {
            return err_set(err, ERR_CONNECT_INTERSECT_BY_NAME, NULL);
        }
        break;
    default:
        return err_set(err, ERR_CONNECT_ENUM, "name", "set_op_type", "number", "0", "fullName",
                       "spark.connect.SetOperation", NULL);
    }
    p->all = in->is_all;
    p->by_name = in->by_name;
    p->allow_missing = in->allow_missing_columns;
    *ret = p;
    return FB_OK;
}

/* ---- SQL and the relations that it refers to ---- */

static fb_status sql(Convert *c, const SC(SQL) * in, Plan **ret, fb_error *err)
{
    SqlArgs args;
    RowSet *rows = NULL;
    PlanTree *tree = NULL;
    TRY(convert_sql_args(c, in, &args, err));
    TRY(convert_sql(c, in->query, &args, ret, err));
    if ((*ret)->kind != P_COMMAND) {
        return FB_OK;
    }
    if (c->session == NULL) {
        return err_internal(err, "a command without a session");
    }
    TRY(session_sql(c->session, str_text(c->arena, in->query), &args, &tree, &rows, err));
    if (rows == NULL) {
        plantree_release(tree);
        return err_internal(err, "a command without a result");
    }
    *ret = convert_rows(c, rows);
    return FB_OK;
}

static fb_status sql_with_relations(Convert *c, const SC(WithRelations) * in, Plan **ret,
                                    fb_error *err)
{
    size_t n = in->n_references;
    Plan *p = plan_new(c->arena, P_WITH, 0);
    const char **names = ARENA_ARRAY(c->arena, const char *, n);
    p->n_children = (uint32_t)n + 1;
    p->child = ARENA_ARRAY(c->arena, Plan *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const Message *r = in->references[i];
        if (r->rel_type_case != REL(SUBQUERY_ALIAS) || r->subquery_alias->alias == NULL) {
            return err_set(err, ERR_CONNECT_REFERENCE, NULL);
        }
        names[i] = convert_str(c, r->subquery_alias->alias);
        TRY(convert_relation(c, r->subquery_alias->input, &p->child[i + 1], err));
    }
    SqlArgs args;
    TRY(convert_sql_args(c, in->root->sql, &args, err));
    TRY(convert_sql(c, in->root->sql->query, &args, &p->child[0], err));
    if (p->child[0]->kind == P_COMMAND) {
        return err_set(err, ERR_CONNECT_SQL_REFERENCES, "query", in->root->sql->query, NULL);
    }
    if (in->root->common != NULL && in->root->common->has_plan_id) {
        p->child[0]->plan_id = in->root->common->plan_id + 1;
    }
    p->names = names;
    p->n_names = (uint32_t)n;
    *ret = p;
    return FB_OK;
}

static void push_reference(Convert *c, const Message *r)
{
    if (r->common == NULL || !r->common->has_plan_id) {
        return;
    }
    if (c->n_references == c->cap_references) {
        c->cap_references = c->cap_references ? c->cap_references * 2 : 8;
        c->references =
            mem_realloc(c->references, mem_mul(c->cap_references, sizeof(ConvertReference)));
    }
    c->references[c->n_references++] = (ConvertReference){r->common->plan_id, r};
}

static fb_status with_relations(Convert *c, const SC(WithRelations) * in, Plan **ret, fb_error *err)
{
    if (in->root == NULL || in->n_references >= UINT32_MAX) {
        return missing("root", "spark.connect.WithRelations", err);
    }
    if (in->root->rel_type_case == REL(SQL) && in->n_references) {
        return sql_with_relations(c, in, ret, err);
    }
    uint32_t outer = c->n_references;
    for (size_t i = 0; i < in->n_references; i++) {
        push_reference(c, in->references[i]);
    }
    fb_status st = convert_relation(c, in->root, ret, err);
    c->n_references = outer;
    return st;
}

/* ---- dispatch ---- */

static fb_status convert_leaf(Convert *c, const Message *in, Plan **ret, fb_error *err)
{
    switch (in->rel_type_case) {
    case REL(READ):
        return convert_read(c, in->read, ret, err);
    case REL(LOCAL_RELATION):
        return convert_local(c, in->local_relation, ret, err);
    case REL(CACHED_LOCAL_RELATION):
        return convert_cached_local(c, in->cached_local_relation->hash, ret, err);
    case REL(CHUNKED_CACHED_LOCAL_RELATION):
        return convert_chunked_local(c, in->chunked_cached_local_relation, ret, err);
    case REL(CACHED_REMOTE_RELATION):
        return convert_cached_remote(c, in->cached_remote_relation->relation_id, ret, err);
    case REL(RANGE):
        return convert_range(c, in->range, ret, err);
    case REL(SQL):
        return sql(c, in->sql, ret, err);
    case REL(UNRESOLVED_TABLE_VALUED_FUNCTION):
        return convert_table_function(c, in->unresolved_table_valued_function, ret, err);
    case REL(SHOW_STRING):
        return convert_show(c, in->show_string, ret, err);
    case REL(HTML_STRING):
        return convert_html(c, in->html_string, ret, err);
    case REL(CATALOG):
        return convert_catalog(c, in->catalog, ret, err);
    default:
        return unsupported_relation(in, err);
    }
}

static fb_status convert_statistics(Convert *c, const Message *in, Plan **ret, fb_error *err)
{
    Plan *input;
    switch (in->rel_type_case) {
    case REL(DESCRIBE):
        TRY(convert_relation(c, in->describe->input, &input, err));
        return convert_describe(c, in->describe, input, ret, err);
    case REL(SUMMARY):
        TRY(convert_relation(c, in->summary->input, &input, err));
        return convert_summary(c, in->summary, input, ret, err);
    case REL(COV):
        TRY(convert_relation(c, in->cov->input, &input, err));
        return convert_cov(c, in->cov, input, ret, err);
    case REL(CORR):
        TRY(convert_relation(c, in->corr->input, &input, err));
        return convert_corr(c, in->corr, input, ret, err);
    case REL(CROSSTAB):
        TRY(convert_relation(c, in->crosstab->input, &input, err));
        return convert_crosstab(c, in->crosstab, input, ret, err);
    case REL(FREQ_ITEMS):
        TRY(convert_relation(c, in->freq_items->input, &input, err));
        return convert_freq_items(c, in->freq_items, input, ret, err);
    case REL(APPROX_QUANTILE):
        TRY(convert_relation(c, in->approx_quantile->input, &input, err));
        return convert_approx_quantile(c, in->approx_quantile, input, ret, err);
    default:
        return convert_leaf(c, in, ret, err);
    }
}

/* Relations whose conversion begins with that of their input. */
static fb_status convert_over_input(Convert *c, const Message *in, Plan **ret, fb_error *err)
{
    Plan *input;
    switch (in->rel_type_case) {
    case REL(AGGREGATE):
        TRY(convert_relation(c, in->aggregate->input, &input, err));
        return convert_aggregate(c, in->aggregate, input, ret, err);
    case REL(UNPIVOT):
        TRY(convert_relation(c, in->unpivot->input, &input, err));
        return convert_unpivot(c, in->unpivot, input, ret, err);
    case REL(FILL_NA):
        TRY(convert_relation(c, in->fill_na->input, &input, err));
        return convert_fill_na(c, in->fill_na, input, ret, err);
    case REL(DROP_NA):
        TRY(convert_relation(c, in->drop_na->input, &input, err));
        return convert_drop_na(c, in->drop_na, input, ret);
    case REL(SAMPLE_BY):
        TRY(convert_relation(c, in->sample_by->input, &input, err));
        return convert_sample_by(c, in->sample_by, input, ret, err);
    case REL(REPLACE):
        TRY(convert_relation(c, in->replace->input, &input, err));
        return convert_replace(c, in->replace, input, ret, err);
    case REL(COLLECT_METRICS):
        TRY(convert_relation(c, in->collect_metrics->input, &input, err));
        return convert_observe(c, in, input, ret, err);
    case REL(TRANSPOSE):
        TRY(convert_relation(c, in->transpose->input, &input, err));
        return convert_transpose(c, in->transpose, input, ret, err);
    default:
        return convert_statistics(c, in, ret, err);
    }
}

static fb_status convert_kind(Convert *c, const Message *in, Plan **ret, fb_error *err)
{
    switch (in->rel_type_case) {
    case REL(PROJECT):
        return project(c, in->project, ret, err);
    case REL(FILTER):
        return filter(c, in->filter, ret, err);
    case REL(JOIN):
        return join(c, in->join, ret, err);
    case REL(LATERAL_JOIN):
        return lateral_join(c, in->lateral_join, ret, err);
    case REL(SET_OP):
        return set_op(c, in->set_op, ret, err);
    case REL(SORT):
        return sort(c, in->sort, ret, err);
    case REL(LIMIT):
        return count_node(c, P_LIMIT, in->limit->input, in->limit->limit, ret, err);
    case REL(OFFSET):
        return count_node(c, P_OFFSET, in->offset->input, in->offset->offset, ret, err);
    case REL(TAIL):
        return count_node(c, P_TAIL, in->tail->input, in->tail->limit, ret, err);
    case REL(DEDUPLICATE):
        return deduplicate(c, in->deduplicate, ret, err);
    case REL(SAMPLE):
        return sample(c, in->sample, ret, err);
    case REL(SUBQUERY_ALIAS):
        return alias(c, in->subquery_alias, ret, err);
    case REL(REPARTITION):
        return repartition(c, in->repartition, ret, err);
    case REL(REPARTITION_BY_EXPRESSION):
        return repartition_by(c, in->repartition_by_expression, ret, err);
    case REL(TO_DF):
        return to_df(c, in->to_df, ret, err);
    case REL(TO_SCHEMA):
        return to_schema(c, in->to_schema, ret, err);
    case REL(WITH_COLUMNS):
        return with_columns(c, in->with_columns, ret, err);
    case REL(WITH_COLUMNS_RENAMED):
        return rename_columns(c, in->with_columns_renamed, ret, err);
    case REL(DROP):
        return drop(c, in->drop, ret, err);
    case REL(HINT):
        return hint(c, in->hint, ret, err);
    case REL(WITH_WATERMARK):
        return watermark(c, in->with_watermark, ret, err);
    case REL(WITH_RELATIONS):
        return with_relations(c, in->with_relations, ret, err);
    default:
        return convert_over_input(c, in, ret, err);
    }
}

fb_status convert_relation(Convert *c, const Message *in, Plan **ret, fb_error *err)
{
    if (in == NULL) {
        return missing("input", "spark.connect.Relation", err);
    }
    TRY(convert_enter(c, err));
    fb_status st = convert_kind(c, in, ret, err);
    c->depth--;
    if (st == FB_OK && in->common != NULL && in->common->has_plan_id) {
        (*ret)->plan_id = in->common->plan_id + 1;
    }
    return st;
}
