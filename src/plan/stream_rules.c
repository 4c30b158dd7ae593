/*
 * stream_rules.c - what a streaming query may do, by output mode.
 *
 * The checks are those of Spark's UnsupportedOperationChecker, in its order: output mode against
 * aggregation first, then each operator from the leaves up. Most failures carry the condition
 * _LEGACY_ERROR_TEMP_3102, whose text is the contract. What Spark runs but Forebay does not yet
 * (deduplication, joins of two streams, limits in append mode) is refused by name.
 */
#include "plan/analyzer.h"

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

static fb_status refuse(const Plan *p, const char *text, fb_error *err)
{
    StrBuf b = {0};
    strbuf_puts(&b, text);
    strbuf_puts(&b, ";\n");
    plan_explain(p, &b);
    char *msg = strbuf_take(&b);
    fb_status st = err_set(err, ERR_LEGACY_3102, "msg", msg, NULL);
    mem_free(msg);
    return st;
}

typedef struct Check {
    OutputMode mode;
    uint32_t n_aggregates; /* over streams */
    const Plan *root;
    fb_error *err;
    fb_status st;
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
            return refuse(c->root,
                          "Distinct aggregations are not supported on streaming "
                          "DataFrames/Datasets. Consider using approx_count_distinct() instead.",
                          c->err);
        }
    }
    if (has_aggregate_below(p)) {
        return refuse(c->root,
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

static fb_status check_join(const Check *c, const Plan *p)
{
    bool left = p->child[0]->streaming, right = p->child[1]->streaming;
    JoinType t = p->join_type;
    char text[240];
    if (left && right) {
        return err_unsupported(c->err, "joins of two streams");
    }
    if (t == JOIN_FULL) {
        return refuse(c->root,
                      "FullOuter joins with streaming DataFrames/Datasets on the left and a static "
                      "DataFrame/Dataset on the right is not supported",
                      c->err);
    }
    if (left && t == JOIN_RIGHT) {
        return refuse(c->root,
                      "RightOuter join with a streaming DataFrame/Dataset on the left and a static "
                      "DataFrame/DataSet on the right not supported",
                      c->err);
    }
    if (right && (t == JOIN_LEFT || t == JOIN_LEFT_SEMI)) {
        (void)snprintf(text, sizeof(text),
                       "%s join with a streaming DataFrame/Dataset on the right and a static "
                       "DataFrame/Dataset on the left is not supported",
                       join_name(t));
        return refuse(c->root, text, c->err);
    }
    if (right && t == JOIN_LEFT_ANTI) {
        return refuse(c->root,
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
                return refuse(c->root,
                              "Union between streaming and batch DataFrames/Datasets is not "
                              "supported",
                              c->err);
            }
        }
        return FB_OK;
    }
    if (p->set_op == SET_INTERSECT) {
        return refuse(c->root, "Intersect of streaming DataFrames/Datasets is not supported",
                      c->err);
    }
    if (p->child[1]->streaming) {
        return refuse(c->root,
                      "Except on a streaming DataFrame/Dataset on the right is not supported",
                      c->err);
    }
    return err_unsupported(c->err, "EXCEPT on a stream");
}

static fb_status check_limit(const Check *c, const Plan *p)
{
    if (c->mode == OUTPUT_UPDATE) {
        return refuse(c->root,
                      "Limits are not supported on streaming DataFrames/Datasets in Update output "
                      "mode",
                      c->err);
    }
    if (c->mode == OUTPUT_COMPLETE && has_aggregate_below(p)) {
        return FB_OK;
    }
    return err_unsupported(c->err, "limit on a stream in append mode");
}

static fb_status check_node(const Check *c, const Plan *p)
{
    switch (p->kind) {
    case P_AGGREGATE:
    case P_DISTINCT:
        return check_aggregate(c, p);
    case P_JOIN:
        return check_join(c, p);
    case P_SET_OP:
        return check_set_op(c, p);
    case P_DEDUPLICATE:
        return err_unsupported(c->err, "dropDuplicates on a stream");
    case P_SORT:
        if (c->mode == OUTPUT_COMPLETE && has_aggregate_below(p)) {
            return FB_OK;
        }
        return refuse(c->root,
                      "Sorting is not supported on streaming DataFrames/Datasets, unless it is on "
                      "aggregated DataFrame/Dataset in Complete output mode",
                      c->err);
    case P_LIMIT:
        return check_limit(c, p);
    case P_OFFSET:
    case P_TAIL:
        return refuse(c->root, "Offset is not supported on streaming DataFrames/Datasets", c->err);
    case P_SAMPLE:
        return refuse(c->root, "Sampling is not supported on streaming DataFrames/Datasets",
                      c->err);
    default:
        break;
    }
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        if (!expr_visit(p->exprs[i], finds_position_id, NULL)) {
            return refuse(c->root,
                          "Expression(s): monotonically_increasing_id() is not supported with "
                          "streaming DataFrames/Datasets",
                          c->err);
        }
    }
    return FB_OK;
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
    return check_node(c, p);
}

static bool count_aggregates(void *arg, const Plan *p)
{
    Check *c = arg;
    c->n_aggregates += is_stream_aggregate(p);
    return true;
}

fb_status check_streaming(const Plan *p, OutputMode mode, const Conf *conf, fb_error *err)
{
    Check c = {.mode = mode, .root = p, .err = err};
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
