/*
 * plan.h - the logical plan: one tree for every door.
 *
 * SQL text, Connect messages and C calls all build an unresolved Plan out of these nodes; the
 * analyzer (analyzer.h) returns a resolved one, in which every expression is typed and each node
 * knows its output attributes; the optimizer rewrites that; exec/ compiles it.
 *
 * Ownership: a plan lives in the arena it was built in and is not changed afterwards. A PlanTree
 * bundles a plan with its arena for what outlives a request: temp views, running queries.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "base/options.h"
#include "expr/expr.h"
#include "plan/observed.h"
#include "plan/relation.h"

/* Name of a subquery in FROM that has none: its columns answer to no qualifier. */
#define PLAN_NO_NAME "__auto_generated_subquery_name"

typedef struct Plan Plan;

/* A column of a node's output. */
typedef struct Attr {
    AttrId id;
    const char *name;
    const Type *type;
    bool nullable;
    const char *metadata;         /* JSON or NULL */
    const char *const *qualifier; /* t of t.a, or db.t; n_qualifier 0 = none */
    uint32_t n_qualifier;
    int64_t watermark_us; /* event-time column: delay; -1 otherwise */
    bool metadata_column; /* hidden by its relation: plain names find it too */
} Attr;

typedef enum JoinType {
    JOIN_INNER,
    JOIN_LEFT,
    JOIN_RIGHT,
    JOIN_FULL,
    JOIN_LEFT_SEMI,
    JOIN_LEFT_ANTI,
    JOIN_CROSS
} JoinType;
typedef enum SetOp { SET_UNION, SET_EXCEPT, SET_INTERSECT } SetOp;

typedef enum PlanKind {
    /* ---- unresolved only ---- */
    P_UNRESOLVED_TABLE, /* name parts; options; streaming (readStream.table, SQL STREAM t); by_name:
                           of a command that does not look among what is built in */
    P_UNRESOLVED_TVF,   /* name, exprs: range(…), explode(…) as a table */
    P_READ,             /* read: format, schema, options, paths; streaming */
    P_INLINE_TABLE,     /* VALUES: rows of exprs, n_cols a row */
    P_WITH,             /* CTEs: names, child[1..] their plans; child[0] the query */
    P_WITH_COLUMNS,     /* exprs: aliases to add or replace; by_name (|> SET): only to replace, else
                           UNRESOLVED_COLUMN */
    P_RENAME_COLUMNS,   /* names[2k] -> names[2k+1] */
    P_DROP_COLUMNS,     /* exprs (attributes) or names */
    P_TO_DF,            /* names */
    P_TO_SCHEMA,        /* type: df.to(schema); by_name, or for rows that it was made for */
    P_HINT,             /* name, exprs */
    P_SUBQUERY_ALIAS,   /* name, names = column aliases; in resolved plans it only qualifies */
    P_LATERAL_VIEW,     /* exprs[0] generator call, name table alias, names column aliases, outer */
    P_FILL_NA,          /* names, exprs = literals */
    P_DROP_NA,          /* names, n = min non-nulls (-1: all) */
    P_PIVOT,            /* layout: sql/parse_relation.c */
    P_UNPIVOT,          /* layout: connect/relation_group.c */
    /* ---- both ---- */
    P_PROJECT,   /* exprs; unresolved may hold stars, generators, aggregates */
    P_FILTER,    /* exprs[0]; having = true: may use aggregates of the child aggregate */
    P_AGGREGATE, /* groups; exprs = output list (resolved: E_ALIAS / E_ATTR over groups and E_AGG);
                    grouping sets in sets */
    P_SORT,      /* exprs = E_SORT_ORDER; global; all: ORDER BY ALL, exprs[0] gives the direction */
    P_LIMIT,     /* exprs[0] foldable */
    P_OFFSET,
    P_TAIL,   /* last n rows */
    P_JOIN,   /* join_type; exprs[0] condition or none; names = USING; natural; lateral */
    P_SET_OP, /* set_op, all, by_name, allow_missing */
    P_DISTINCT,
    P_DEDUPLICATE,     /* names or all; within_watermark */
    P_REPARTITION,     /* n partitions (0: default), exprs; shuffle */
    P_WATERMARK,       /* exprs[0] event time, delay in name as written */
    P_COLLECT_METRICS, /* name; exprs = aggregates over all rows, which pass; observed; resolved:
                          gen_out = what they give */
    P_SAMPLE,          /* lower, upper, seed, with_replacement; all: over rows in a fixed order */
    P_RANGE,           /* start, end, step, n; by_name: n is given */
    P_LOCAL,           /* rows */
    P_ONE_ROW,         /* SELECT without FROM */
    /* ---- resolved only ---- */
    P_RELATION, /* relation: a source's table; out = its columns (pruned: columns) */
    P_GENERATE, /* exprs[0] E_GENERATOR; out = child's required + generated; outer, gen_out */
    P_EXPAND,   /* projections: n_sets rows of n_out exprs */
    P_CACHED,   /* rows, kept in n partitions: what another plan gave */
    /* ---- commands: run at once, result is a small table ---- */
    P_COMMAND /* command */
} PlanKind;

/* What spark.read / readStream say. */
typedef struct ReadSpec {
    const char *format;      /* NULL: spark.sql.sources.default */
    const char *schema;      /* DDL or JSON text, or NULL */
    const Type *schema_type; /* or already parsed */
    Options options;
    const char *const *paths;
    uint32_t n_paths;
    bool streaming;
} ReadSpec;

typedef enum CommandKind {
    CMD_CREATE_VIEW,   /* names[0]; child[0]; replace, is_global; (only temp views) */
    CMD_DROP_VIEW,     /* name parts; if_exists */
    CMD_DROP_FUNCTION, /* name parts; if_exists; is_temp */
    CMD_DROP_VARIABLE,
    CMD_SHOW_CATALOGS,
    CMD_SHOW_CURRENT, /* SHOW CURRENT NAMESPACE */
    CMD_SET_CATALOG,
    CMD_DESCRIBE_DATABASE,
    CMD_SET, /* key, value; both optional */
    CMD_RESET,
    CMD_SHOW_TABLES,
    CMD_SHOW_VIEWS,
    CMD_SHOW_DATABASES,
    CMD_SHOW_COLUMNS,
    CMD_SHOW_FUNCTIONS,
    CMD_SHOW_CREATE,
    CMD_SHOW_PROPERTIES, /* SHOW TBLPROPERTIES */
    CMD_DESCRIBE,        /* table name or query (child[0]) */
    CMD_DESCRIBE_FUNCTION,
    CMD_USE,
    CMD_EXPLAIN, /* child[0]; key = mode */
    CMD_CREATE_TABLE,
    CMD_DROP_TABLE,
    CMD_INSERT,
    CMD_MERGE,
    CMD_CACHE,
    CMD_UNCACHE,
    CMD_REFRESH /* what is not built yet is refused by name */
} CommandKind;

typedef struct Command {
    CommandKind kind;
    const char *const *names; /* parts of the identifier */
    uint32_t n_names;
    const char *key, *value; /* SET; pattern of SHOW … LIKE in key */
    const char *what;        /* the statement in words, for refusals: "MERGE INTO" */
    bool replace, is_temp, is_global, if_exists, if_not_exists, extended;
    Plan *query;
} Command;

struct Plan {
    PlanKind kind;
    uint32_t n_children;
    Plan **child;
    /* resolved output; out is NULL in an unresolved node */
    Attr *out;
    uint32_t n_out;
    bool streaming; /* this node or one below reads a stream; unresolved tables: STREAM asked for */
    /* common operands */
    Expr **exprs;
    uint32_t n_exprs;
    Expr **groups;
    uint32_t n_groups;
    Expr **by; /* P_PIVOT of a grouped DataFrame (all is set): what it is grouped by */
    uint32_t n_by;
    Attr *hidden; /* of the P_PROJECT over a join USING: the keys it does not show, and those that
                     its input hides; of a P_RELATION: its metadata columns (resolve_hidden.c) */
    uint32_t n_hidden;
    const char *const *names;
    uint32_t n_names;
    const char *name;
    int64_t n;       /* limit after folding, partitions, range partitions, min non-nulls */
    int64_t plan_id; /* Connect's id of the DataFrame; 0 none */
    int start, stop; /* place in the SQL text; -1 */
    bool outer, global, all, by_name, allow_missing, having, natural, lateral, within_watermark,
        shuffle, recursive;
    bool adaptive; /* P_REPARTITION: small partitions may become one */
    bool in_steps; /* P_AGGREGATE: one in Spark's plan over another, which no stream can have */
    bool opaque;   /* P_SUBQUERY_ALIAS of a view or a CTE: nothing that it hides can be had */
    JoinType join_type;
    SetOp set_op;
    /* kind-specific */
    const ReadSpec *read; /* P_READ */
    Relation *relation;   /* P_RELATION, retained by the plan's tree */
    const uint32_t
        *columns;  /* P_RELATION after pruning: source column of out[k]; NULL = all in order */
    Expr **pushed; /* P_RELATION: filters the source may use to skip data; still applied above */
    uint32_t n_pushed;
    RowSet *rows;       /* P_LOCAL, retained by the plan's tree */
    bool no_rows;       /* P_LOCAL: the optimizer knows that filters above leave none of them */
    Observed *observed; /* P_COLLECT_METRICS, retained by the plan's tree */
    Attr *gen_out;      /* P_GENERATE: the generated columns */
    uint32_t n_gen_out;
    Expr **sets;         /* P_AGGREGATE grouping sets / P_EXPAND: n_sets * n_set_cols exprs */
    uint64_t *set_masks; /* P_AGGREGATE, unresolved: bit k = groups[k] is in the set */
    uint32_t n_sets, n_set_cols;
    int64_t range_start, range_end, range_step;
    double sample_lower, sample_upper;
    int64_t sample_seed;
    bool has_seed, with_replacement;
    int64_t watermark_us; /* P_WATERMARK: delay */
    const Type *type;     /* P_TO_SCHEMA */
    const Command *command;
};

Plan *plan_new(Arena *a, PlanKind kind, uint32_t n_children, ...); /* children: Plan* */
Plan *plan_copy(Arena *a, const Plan *p);                          /* shallow */
const char *plan_node_name(const Plan *p); /* "Project", "Aggregate" … as Spark's nodeName */
const Type *plan_schema(const Plan *p);    /* struct of the output attributes */
/* Pre-order visit of plan nodes (not of subquery plans inside expressions). */
typedef bool (*PlanVisit)(void *arg, const Plan *p);
bool plan_visit(const Plan *p, PlanVisit fn, void *arg);

/* e, without its alias, over the columns of a batch that has the attributes in their order.
 * *ret_missing is set to one that is not among them. */
Expr *attrs_bind(Arena *a, const Expr *e, const Attr *in, uint32_t n_in, const Expr **ret_missing);

/* A plan with a lifetime of its own. */
typedef struct PlanTree {
    Arena arena;
    ArenaQuota quota; /* of the arena, once plantree_limit() was called */
    Plan *plan;
    _Atomic int refs;
    Relation **relations; /* retained; released with the tree */
    uint32_t n_relations, cap_relations;
    RowSet **rowsets;
    uint32_t n_rowsets, cap_rowsets;
    Observed **observed;
    uint32_t n_observed, cap_observed;
    struct PlanTree **trees; /* whose names and literals it shares: the views it reads */
    uint32_t n_trees, cap_trees;
} PlanTree;
PlanTree *plantree_new(void);
PlanTree *plantree_retain(PlanTree *t);
void plantree_release(PlanTree *t);
/* From here on the tree draws on the budget: statements and views that double with each level end
 * in an error of whoever looks (arena_check). The budget outlives the tree. */
void plantree_limit(PlanTree *t, struct MemBudget *budget);
void plantree_keep_relation(PlanTree *t, Relation *r); /* takes over one reference */
void plantree_keep_rows(PlanTree *t, RowSet *r);       /* takes over one reference */
void plantree_keep_observed(PlanTree *t, Observed *o); /* takes over one reference */
void plantree_keep_tree(PlanTree *t, PlanTree *other); /* takes over one reference */

/* Tree text of a resolved or unresolved plan as Spark's explain prints logical plans. */
void plan_explain(const Plan *p, StrBuf *out);

#endif
