/*
 * convert.h - Spark Connect's messages as the engine's unresolved plans, expressions and types.
 *
 * A Convert is the conversion of one request: the arena that everything is made in, the session
 * that the plan is for, and the texts that positions refer to.
 *
 * Positions. A request can hold many SQL texts (df.selectExpr("a + 1", "b"), spark.sql(...)), but
 * the analyzer and the evaluation know one number per expression. Hence each text gets a range of
 * positions of its own, above CONVERT_FIRST_POSITION, and plans are analysed without a text;
 * convert_locate() afterwards finds the text that an error's position lies in. Positions below are
 * those of a view's own text, which is not known here, and are dropped. An expression that was
 * built in Python has the call site instead (common.origin); it gets a range of one.
 *
 * Relations that only give a table (catalog functions, show_string) are evaluated during the
 * conversion, as in Spark.
 *
 * Ownership: plans and expressions live in the arena and share nothing with the messages; row sets
 * in them are kept by the Convert, which has to outlive the analysis, as the messages have to
 * outlive the Convert. convert_analyze() builds in the arena of the tree that it returns, so that
 * the tree may outlive the request. Threads: a Convert belongs to one thread at a time.
 */
#ifndef CONNECT_CONVERT_H
#define CONNECT_CONVERT_H

#include "connect/messages.h"
#include "session/session.h"
#include "sql/sql.h"

struct ConnSession;

/* Levels of relations and expressions together; the analyzer accepts no more either. */
#define CONVERT_MAX_DEPTH 2000
/* Nodes of one conversion: relations that are referred to several times are converted each time. */
#define CONVERT_MAX_NODES 4000000
#define CONVERT_FIRST_POSITION (1 << 24)

typedef struct ConvertText {
    int first, n;         /* positions [first, first + n) */
    Str text;             /* SQL text; p NULL for a call site */
    const char *fragment; /* Python: the function that made the expression, and where */
    const char *call_site;
} ConvertText;

typedef struct ConvertReference {
    int64_t plan_id; /* as in messages */
    const SC(Relation) * relation;
} ConvertReference;

typedef struct Convert {
    Arena *arena;
    struct ConnSession *conn; /* NULL: no artifacts (tests) */
    Session *session;         /* NULL: what needs one is refused (tests) */
    _Atomic bool *cancel;     /* for what is run during the conversion; or NULL */
    uint32_t depth, nodes;
    ConvertText *texts;
    uint32_t n_texts, cap_texts;
    int next_position;
    ConvertReference *references; /* of with_relations, for subquery expressions */
    uint32_t n_references, cap_references;
    RowSet **rows;
    uint32_t n_rows, cap_rows;
    Observed **observed; /* of the request's DataFrames */
    uint32_t n_observed, cap_observed;
} Convert;

void convert_init(Convert *c, Arena *a, struct ConnSession *conn, Session *s, _Atomic bool *cancel);
void convert_free(Convert *c);                      /* lets go of the row sets; the arena stays */
fb_status convert_enter(Convert *c, fb_error *err); /* c->depth-- leaves */

/* ---- datatype.c ---- */
fb_status convert_type(const SC(DataType) * in, const Type **ret, fb_error *err);
SC(DataType) * type_message(const Type *t, Arena *a);

/* ---- literal.c ---- */
fb_status convert_literal(Convert *c, const SC(Expression__Literal) * in, Expr **ret,
                          fb_error *err);

/* ---- expression.c ---- */
fb_status convert_expr(Convert *c, const SC(Expression) * in, Expr **ret, fb_error *err);
fb_status convert_exprs(Convert *c, SC(Expression) *const *in, size_t n, Expr ***ret,
                        fb_error *err);
fb_status convert_sort_order(Convert *c, const SC(Expression__SortOrder) * in, Expr **ret,
                             fb_error *err);
fb_status convert_alias(Convert *c, const SC(Expression__Alias) * in, Expr **ret, fb_error *err);

/* ---- sql_text.c ---- */
/* Parsed, with positions of its own; args as for sql_parse_statement(). */
fb_status convert_sql(Convert *c, const char *sql, const SqlArgs *args, Plan **ret, fb_error *err);
fb_status convert_sql_expr(Convert *c, const char *sql, Expr **ret, fb_error *err);
/* The parameters of spark.sql(query, args); at most one of the four lists is not empty. */
fb_status convert_sql_args(Convert *c, const SC(SQL) * in, SqlArgs *ret, fb_error *err);
fb_status convert_command_args(Convert *c, const SC(SqlCommand) * in, SqlArgs *ret, fb_error *err);
void convert_origin(Convert *c, const SC(Expression) * in, Expr *e);
/* Gives an error whose position lies in a text of c its context, or drops the position. */
void convert_locate(const Convert *c, fb_error *err);
/* Forgets the positions of a resolved plan that outlives its texts; nobody else uses it yet. */
void convert_strip_positions(PlanTree *t);

/* ---- relation.c ---- */
fb_status convert_relation(Convert *c, const SC(Relation) * in, Plan **ret, fb_error *err);
/* The same, resolved; caller releases. Errors are located. */
fb_status convert_analyze(Convert *c, const SC(Relation) * in, PlanTree **ret, fb_error *err);
/* The unresolved plan resolved. */
fb_status convert_resolve(Convert *c, const Plan *p, PlanTree **ret, fb_error *err);
Plan *convert_rows(Convert *c, RowSet *rows);                    /* takes over the reference */
StorageLevel convert_storage_level(const SC(StorageLevel) * in); /* NULL: the default one */

/* ---- relation_read.c: leaves ---- */
fb_status convert_read(Convert *c, const SC(Read) * in, Plan **ret, fb_error *err);
fb_status convert_local(Convert *c, const SC(LocalRelation) * in, Plan **ret, fb_error *err);
fb_status convert_cached_local(Convert *c, const char *hash, Plan **ret, fb_error *err);
fb_status convert_chunked_local(Convert *c, const SC(ChunkedCachedLocalRelation) * in, Plan **ret,
                                fb_error *err);
fb_status convert_cached_remote(Convert *c, const char *id, Plan **ret, fb_error *err);
fb_status convert_range(Convert *c, const SC(Range) * in, Plan **ret, fb_error *err);
fb_status convert_table_function(Convert *c, const SC(UnresolvedTableValuedFunction) * in,
                                 Plan **ret, fb_error *err);

/* ---- relation_group.c: aggregates, pivots, unpivots ---- */
fb_status convert_aggregate(Convert *c, const SC(Aggregate) * in, Plan *input, Plan **ret,
                            fb_error *err);
fb_status convert_unpivot(Convert *c, const SC(Unpivot) * in, Plan *input, Plan **ret,
                          fb_error *err);

/* ---- relation_na.c: fillna, dropna, replace ---- */
fb_status convert_fill_na(Convert *c, const SC(NAFill) * in, Plan *input, Plan **ret,
                          fb_error *err);
fb_status convert_drop_na(Convert *c, const SC(NADrop) * in, Plan *input, Plan **ret);
fb_status convert_sample_by(Convert *c, const SC(StatSampleBy) * in, Plan *input, Plan **ret,
                            fb_error *err);
fb_status convert_replace(Convert *c, const SC(NAReplace) * in, Plan *input, Plan **ret,
                          fb_error *err);

/* ---- relation_stat.c: describe, summary, DataFrame.stat ---- */
fb_status convert_describe(Convert *c, const SC(StatDescribe) * in, Plan *input, Plan **ret,
                           fb_error *err);
fb_status convert_summary(Convert *c, const SC(StatSummary) * in, Plan *input, Plan **ret,
                          fb_error *err);
fb_status convert_cov(Convert *c, const SC(StatCov) * in, Plan *input, Plan **ret, fb_error *err);
fb_status convert_corr(Convert *c, const SC(StatCorr) * in, Plan *input, Plan **ret, fb_error *err);
fb_status convert_crosstab(Convert *c, const SC(StatCrosstab) * in, Plan *input, Plan **ret,
                           fb_error *err);
fb_status convert_freq_items(Convert *c, const SC(StatFreqItems) * in, Plan *input, Plan **ret,
                             fb_error *err);
fb_status convert_approx_quantile(Convert *c, const SC(StatApproxQuantile) * in, Plan *input,
                                  Plan **ret, fb_error *err);

/* ---- observe.c ---- */
fb_status convert_observe(Convert *c, const SC(Relation) * in, Plan *input, Plan **ret,
                          fb_error *err);

/* ---- relation_transpose.c ---- */
fb_status convert_transpose(Convert *c, const SC(Transpose) * in, Plan *input, Plan **ret,
                            fb_error *err);

/* ---- relation_show.c: tables drawn on the server ---- */
fb_status convert_show(Convert *c, const SC(ShowString) * in, Plan **ret, fb_error *err);
fb_status convert_html(Convert *c, const SC(HtmlString) * in, Plan **ret, fb_error *err);

/* ---- catalog.c ---- */
fb_status convert_catalog(Convert *c, const SC(Catalog) * in, Plan **ret, fb_error *err);

/* Copies of strings of a message in the arena; "" for one that is not set. */
const char *convert_str(Convert *c, const char *s);
const char *const *convert_names(Convert *c, char *const *in, size_t n);

#endif
