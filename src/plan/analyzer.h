/*
 * analyzer.h - from the unresolved plan to a resolved one, and the rules of streaming.
 */
#ifndef PLAN_ANALYZER_H
#define PLAN_ANALYZER_H

#include "plan/catalog.h"

/* Depth of a plan or expression that is accepted; deeper ones are refused (PLAN_TOO_DEEP is ours).
 */
#define PLAN_MAX_DEPTH 2000

/*
 * Resolves relations, stars, names, functions, aliases, USING, HAVING, ORDER BY of hidden columns,
 * GROUP BY ordinals and aliases, generators, CTEs, subqueries in FROM; coerces types; checks
 * aggregates. in may be in any arena that outlives tree. The result lives in tree (which also
 * keeps the relations); tree->plan is set.
 * Errors: Spark's conditions with the place in sql (the statement's text, or empty).
 */
fb_status analyze(const Catalog *cat, const Plan *in, Str sql, PlanTree *tree, fb_error *err);

/* Output-mode and unsupported-operation checks of a streaming query, those of Spark's
 * UnsupportedOperationChecker. */
typedef enum OutputMode { OUTPUT_APPEND, OUTPUT_UPDATE, OUTPUT_COMPLETE } OutputMode;
fb_status output_mode_parse(const char *s, OutputMode *ret, fb_error *err); /* NULL or "": append */
const char *output_mode_name(OutputMode m);                                 /* "append" */
fb_status check_streaming(const Plan *p, OutputMode mode, const Conf *conf, fb_error *err);
/* Whether this node, of an optimized plan, keeps state from batch to batch. */
bool plan_is_stateful(const Plan *p, OutputMode mode);
/* A plan that reads a stream can't be run as a batch: _LEGACY_ERROR_TEMP_3102. */
fb_status check_batch(const Plan *p, fb_error *err);

/* Constant folding, filter push-down through project/join/union into relations, column pruning,
 * projection collapsing, count distinct, limit push-down. Output attributes are unchanged. */
Plan *optimize(const Catalog *cat, Arena *a, Plan *p);
/* The same, with the errors that Spark meets while it optimizes: of expressions over local rows and
 * of constants, whether a row needs them or not. */
fb_status optimize_to_run(const Catalog *cat, Arena *a, Plan *p, Plan **ret, fb_error *err);

#endif
