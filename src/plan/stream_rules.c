/*
 * stream_rules.c - what a streaming query may do, by output mode.
 *
 * The checks are those of Spark's UnsupportedOperationChecker, in its order: output mode against
 * aggregation first, then each operator from the leaves up. Most failures carry the condition
 * _LEGACY_ERROR_TEMP_3102, whose text is the contract. What Spark runs but Forebay does not yet
 * (deduplication, joins of two streams) is refused by name.
 */
#include "plan/analyzer.h"

#include "column/collation.h"

#include "expr/function.h"

#include <stdio.h>

fb_status output_mode_parse(const char *s, OutputMode *ret, fb_error *err)
{
    *ret = OUTPUT_APPEND;
    if (!s || !*s || cstr_eq_nocase(s, "append")) {
        return FB_OK;
    }
    if (cstr_eq_nocase(s, "update")) {
        *ret = OUTPUT_UPDATE;
        return FB_OK;
    }
    if (cstr_eq_nocase(s, "complete")) {
        *ret = OUTPUT_COMPLETE;
        return FB_OK;
    }
    return err_set(err, ERR_STREAMING_OUTPUT_MODE_INVALID, "outputMode", s, NULL);
}

const char *output_mode_name(OutputMode m)
{
    static const char *const names[] = {"append", "update", "complete"};
    return names[m];
}

static fb_status bad_mode(OutputMode mode, const char *operation, fb_error *err)
{
    return err_set(err, ERR_STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION, "outputMode",
                   output_mode_name(mode), "operation", operation, NULL);
}

/* p: the operator at fault, shown behind the text. */
static fb_status refuse(const Plan *p, const char *text, fb_error *err)
{
    StrBuf b = {0};
    strbuf_puts(&b, ";\n");
    plan_explain(p, &b);
    err_set(err, ERR_LEGACY_3102, "msg", text, NULL);
    err_append(err, b.p);
    strbuf_free(&b);
    return FB_ERR;
}

typedef struct Check {
    OutputMode mode;
    uint32_t n_aggregates; /* over streams */
    fb_error *err;
} Check;

static bool is_stream_aggregate(const Plan *p)
{
    return p->streaming && (p->kind == P_AGGREGATE || p->kind == P_DISTINCT);
}

static bool has_aggregate_below(const Plan *p)
{
    for (uint32_t i = 0; i < p->n_children; i++) {
        if (is_stream_aggregate(p->child[i]) || has_aggregate_below(p->child[i])) {
            return true;
        }
    }
    return false;
}

static bool finds_distinct(void *arg, const Expr *e)
{
    (void)arg;
    return !(e->kind == E_AGG && e->distinct);
}

static bool finds_position_id(void *arg, const Expr *e)
{
    (void)arg;
    return !(e->kind == E_CALL && strcmp(e->fn->name, "monotonically_increasing_id") == 0);
}

static fb_status check_aggregate(const Check *c, const Plan *p)
{
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        if (!expr_visit(p->exprs[i], finds_distinct, NULL)) {
            return refuse(p,
                          "Distinct aggregations are not supported on streaming "
                          "DataFrames/Datasets. Consider using approx_count_distinct() instead.",
                          c->err);
        }
    }
    if (p->in_steps || has_aggregate_below(p)) {
        return refuse(p,
                      "Detected pattern of possible 'correctness' issue due to global watermark. "
                      "A stateful operation follows another one that can emit rows which are late "
                      "for it",
                      c->err);
    }
    return FB_OK;
}

static const char *join_name(JoinType t)
{
    static const char *const names[] = {"Inner",    "LeftOuter", "RightOuter", "FullOuter",
                                        "LeftSemi", "LeftAnti",  "Cross"};
    return names[t];
}

/* What Spark refuses whatever the watermarks; the rest is not built. */
static fb_status check_stream_join(const Check *c, const Plan *p)
{
    JoinType t = p->join_type;
    const char *name = join_name(t);
    char text[320];
    if (t == JOIN_LEFT_ANTI) {
        return refuse(p,
                      "LeftAnti joins with a streaming DataFrame/Dataset on the right are not "
                      "supported",
                      c->err);
    }
    if (c->mode == OUTPUT_COMPLETE) {
        (void)snprintf(text, sizeof(text),
                       "%s join between two streaming DataFrames/Datasets is not supported in "
                       "Complete output mode, only in Append%s output mode%s",
                       name, t == JOIN_INNER || t == JOIN_LEFT_SEMI ? " and Update" : "",
                       t == JOIN_INNER || t == JOIN_LEFT_SEMI ? "s" : "");
        return refuse(p, text, c->err);
    }
    bool outer = t == JOIN_LEFT || t == JOIN_RIGHT || t == JOIN_FULL;
    if (outer && c->mode == OUTPUT_UPDATE) {
        (void)snprintf(text, sizeof(text),
                       "%s join between two streaming DataFrames/Datasets is not supported in "
                       "Update output mode, only in Append output mode",
                       name);
        return refuse(p, text, c->err);
    }
    if (outer || t == JOIN_LEFT_SEMI) {
        (void)snprintf(text, sizeof(text),
                       "Stream-stream %s join between two streaming DataFrame/Datasets is not "
                       "supported without a watermark in the join keys, or a watermark on the "
                       "nullable side and an appropriate range condition",
                       name);
        return refuse(p, text, c->err);
    }
    return err_unsupported(c->err, "joins of two streams");
}

static fb_status check_join(const Check *c, const Plan *p)
{
    bool left = p->child[0]->streaming, right = p->child[1]->streaming;
    JoinType t = p->join_type;
    char text[240];
    if (left && right) {
        return check_stream_join(c, p);
    }
    if (t == JOIN_FULL) {
        (void)snprintf(text, sizeof(text),
                       "FullOuter joins with streaming DataFrames/Datasets on the %s and a static "
                       "DataFrame/Dataset on the %s is not supported",
                       left ? "left" : "right", left ? "right" : "left");
        return refuse(p, text, c->err);
    }
    if (left && t == JOIN_RIGHT) {
        return refuse(p,
                      "RightOuter join with a streaming DataFrame/Dataset on the left and a static "
                      "DataFrame/DataSet on the right not supported",
                      c->err);
    }
    if (right && (t == JOIN_LEFT || t == JOIN_LEFT_SEMI)) {
        (void)snprintf(text, sizeof(text),
                       "%s join with a streaming DataFrame/Dataset on the right and a static "
                       "DataFrame/Dataset on the left is not supported",
                       join_name(t));
        return refuse(p, text, c->err);
    }
    if (right && t == JOIN_LEFT_ANTI) {
        return refuse(p,
                      "LeftAnti joins with a streaming DataFrame/Dataset on the right are not "
                      "supported",
                      c->err);
    }
    return FB_OK;
}

static fb_status check_set_op(const Check *c, const Plan *p)
{
    if (p->set_op == SET_UNION) {
        for (uint32_t i = 0; i < p->n_children; i++) {
            if (!p->child[i]->streaming) {
                return refuse(p,
                              "Union between streaming and batch DataFrames/Datasets is not "
                              "supported",
                              c->err);
            }
        }
        return FB_OK;
    }
    if (p->set_op == SET_INTERSECT) {
        return refuse(p, "Intersect of streaming DataFrames/Datasets is not supported", c->err);
    }
    if (p->child[1]->streaming) {
        return refuse(p, "Except on a streaming DataFrame/Dataset on the right is not supported",
                      c->err);
    }
    return err_unsupported(c->err, "EXCEPT on a stream");
}

static fb_status check_limit(const Check *c, const Plan *p)
{
    if (c->mode == OUTPUT_UPDATE) {
        return refuse(p,
                      "Limits are not supported on streaming DataFrames/Datasets in Update output "
                      "mode",
                      c->err);
    }
    return FB_OK;
}

/* A limit counts from batch to batch where its rows come in addition to those before. */
bool plan_is_stateful(const Plan *p, OutputMode mode)
{
    if (p->kind == P_LIMIT && p->streaming) {
        return mode == OUTPUT_APPEND || !has_aggregate_below(p);
    }
    return p->kind == P_AGGREGATE && p->streaming;
}

static bool finds_collated(void *arg, const Expr *e)
{
    (void)arg;
    return !(e->kind == E_AGG && e->n_args > 0 && e->args[e->n_args - 1]->kind == E_CALL &&
             strcmp(e->args[e->n_args - 1]->name, "collation key") == 0);
}

/* The keys of a state are bytes. */
static fb_status check_collations(const Check *c, const Plan *p)
{
    for (uint32_t i = 0; i < p->n_groups; i++) {
        if (type_is_collated(p->groups[i]->type)) {
            return err_unsupported(c->err, "collated strings as keys of a stream's state");
        }
    }
    for (uint32_t i = 0; p->kind == P_AGGREGATE && i < p->n_exprs; i++) {
        if (!expr_visit(p->exprs[i], finds_collated, NULL)) {
            return err_unsupported(c->err, "max and min of collated strings in a stream");
        }
    }
    for (uint32_t i = 0; i < p->n_out; i++) {
        bool keyed = p->kind == P_DISTINCT || p->kind == P_SET_OP || p->kind == P_DEDUPLICATE;
        if ((keyed || (p->kind == P_JOIN && p->child[0]->streaming && p->child[1]->streaming)) &&
            !(p->kind == P_SET_OP && p->set_op == SET_UNION) && type_is_collated(p->out[i].type)) {
            return err_unsupported(c->err, "collated strings as keys of a stream's state");
        }
    }
    return FB_OK;
}

static fb_status refuse_sort(const Check *c, const Plan *p)
{
    return refuse(p,
                  "Sorting is not supported on streaming DataFrames/Datasets, unless it is on "
                  "aggregated DataFrame/Dataset in Complete output mode",
                  c->err);
}

static fb_status check_position_ids(const Check *c, const Plan *p, Expr *const *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!expr_visit(list[i], finds_position_id, NULL)) {
            return refuse(p,
                          "Expression(s): monotonically_increasing_id() is not supported with "
                          "streaming DataFrames/Datasets",
                          c->err);
        }
    }
    return FB_OK;
}

static fb_status check_node(const Check *c, const Plan *p)
{
    TRY(p->streaming ? check_collations(c, p) : FB_OK);
    switch (p->kind) {
    case P_AGGREGATE:
    case P_DISTINCT:
        return check_aggregate(c, p);
    case P_JOIN:
        return check_join(c, p);
    case P_SET_OP:
        return check_set_op(c, p);
    case P_DEDUPLICATE:
        if (p->within_watermark) {
            return refuse(p,
                          "dropDuplicatesWithinWatermark is not supported on streaming "
                          "DataFrames/DataSets without watermark",
                          c->err);
        }
        return err_unsupported(c->err, "dropDuplicates on a stream");
    case P_SORT:
        if (c->mode == OUTPUT_COMPLETE && has_aggregate_below(p)) {
            return FB_OK;
        }
        return refuse_sort(c, p);
    case P_LIMIT:
        return check_limit(c, p);
    case P_OFFSET:
    case P_TAIL:
        return refuse(p, "Offset is not supported on streaming DataFrames/Datasets", c->err);
    case P_SAMPLE:
        return refuse(p, "Sampling is not supported on streaming DataFrames/Datasets", c->err);
    default:
        return FB_OK;
    }
}

/* Leaves first, as Spark's foreachUp. */
static fb_status check_tree(const Check *c, const Plan *p)
{
    if (!p->streaming) {
        return FB_OK;
    }
    for (uint32_t i = 0; i < p->n_children; i++) {
        TRY(check_tree(c, p->child[i]));
    }
    TRY(check_node(c, p));
    TRY(check_position_ids(c, p, p->exprs, p->n_exprs));
    return check_position_ids(c, p, p->groups, p->n_groups);
}

static bool count_aggregates(void *arg, const Plan *p)
{
    Check *c = arg;
    c->n_aggregates += is_stream_aggregate(p);
    return true;
}

fb_status check_streaming(const Plan *p, OutputMode mode, const Conf *conf, fb_error *err)
{
    Check c = {.mode = mode, .err = err};
    if (!p->streaming) {
        return err_set(err, ERR_WRITE_STREAM_NOT_ALLOWED, NULL);
    }
    plan_visit(p, count_aggregates, &c);
    if (!conf_get_bool(conf, "spark.sql.streaming.unsupportedOperationCheck")) {
        return FB_OK;
    }
    if (mode == OUTPUT_APPEND && c.n_aggregates) {
        return bad_mode(mode, "streaming aggregations without watermark", err);
    }
    if (mode == OUTPUT_COMPLETE && !c.n_aggregates) {
        return bad_mode(mode, "no streaming aggregations", err);
    }
    return check_tree(&c, p);
}

fb_status check_batch(const Plan *p, fb_error *err)
{
    if (!p->streaming) {
        return FB_OK;
    }
    return refuse(p,
                  "Queries with streaming sources must be executed with writeStream.start(), or "
                  "from a streaming table or flow definition within a Spark Declarative Pipeline.",
                  err);
}
