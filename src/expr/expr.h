/*
 * expr.h - expressions, from the unresolved form that SQL text and Connect messages give to the
 * bound form that is evaluated over batches.
 *
 * One struct serves all stages; ExprKind says which fields count. The analyzer (plan/) turns
 * unresolved kinds into resolved ones, the physical planner (exec/) turns E_ATTR into E_COLUMN.
 *
 * Ownership: expressions live in the arena of the plan they belong to and are not changed once
 * the analyzer has returned them; transformations copy.
 */
#ifndef EXPR_EXPR_H
#define EXPR_EXPR_H

#include "column/vec.h"

struct Plan;
struct FuncDef;
struct TimeZone;
typedef struct Expr Expr;
typedef struct EvalCtx EvalCtx;
typedef uint32_t AttrId; /* unique in the process; 0 = none */

typedef enum ExprKind {
    /* unresolved */
    E_UNRESOLVED_ATTR,    /* parts: a, t.a, t.a.f */
    E_UNRESOLVED_STAR,    /* parts: the target, possibly none; args: EXCEPT columns
                             (E_UNRESOLVED_ATTR); name: of the operator it is wrongly under */
    E_UNRESOLVED_FUNC,    /* parts: name; args; distinct, ignore_nulls, filter. Operators too: "+",
                             "==", "and" … */
    E_UNRESOLVED_EXTRACT, /* args[0] . or [] args[1] (field name as string literal, or index/key) */
    E_UNRESOLVED_REGEX,   /* name: pattern of columns (df.colRegex); parts: their table, or none */
    E_SUBQUERY,           /* plan; name: "scalar", "exists", "in" (args: the left values) */
    E_NAMED_ARG,          /* name => args[0] */
    E_LAMBDA,             /* args[0] body; parts: parameter names; resolved too: lambda.h */
    E_WINDOW,             /* args[0] OVER (…): refused by the analyzer for now; kept for naming */
    /* resolved */
    E_LITERAL,    /* value: const Vec of length 1 */
    E_ATTR,       /* attr, name */
    E_COLUMN,     /* column: ordinal in the input batch */
    E_LAMBDA_VAR, /* a lambda's parameter; column: distance from the end of the batch, lambda.h */
    E_ALIAS, /* args[0] AS name; several names in parts (generators); attr once resolved; metadata
              */
    E_CAST,  /* args[0] to type; eval_mode; user_cast */
    E_CALL,  /* scalar function fn over args */
    E_AND,   /* args[0..1], three-valued, right side only where needed */
    E_OR,
    E_CASE,  /* args: cond, value, cond, value, … [, else]; n_args odd = has else. IF and COALESCE
                lower to their own fn */
    E_FIELD, /* args[0].field number `column` of a struct */
    E_AGG,   /* aggregate function fn over args; distinct, filter, ignore_nulls */
    E_GENERATOR, /* explode family fn over args; only as (alias of) a select item or LATERAL VIEW */
    E_SORT_ORDER /* args[0] desc, nulls_first */
} ExprKind;

typedef enum EvalMode { EVAL_ANSI, EVAL_LEGACY, EVAL_TRY } EvalMode;

struct Expr {
    ExprKind kind;
    const Type *type; /* NULL while unresolved */
    bool nullable;
    bool distinct, ignore_nulls, desc, nulls_first;
    bool user_call;       /* E_UNRESOLVED_FUNC written in SQL: the engine's own are not found */
    bool user_cast;       /* written by the user: shown in names */
    bool auto_alias;      /* E_ALIAS made by the analyzer from expr_name() */
    bool metadata_column; /* of an unresolved attribute: only a metadata column is meant */
    EvalMode eval_mode;
    uint32_t n_args, n_parts;
    Expr **args;
    const char **parts;
    const char
        *name; /* alias, attribute, or function name as written (lower case for resolution) */
    const char *metadata;    /* alias: JSON or NULL */
    const char *column_name; /* of a field that was written as a dotted name: what the column that
                                holds it is called; else NULL */
    const Vec *value;
    AttrId attr;
    uint32_t column;
    Expr *filter; /* FILTER (WHERE …) of an aggregate */
    const struct FuncDef *fn;
    const void *fn_data; /* made by fn's bind: compiled pattern, chosen kernel …; read-only, in the
                            plan's arena */
    struct Plan *plan;
    int64_t plan_id; /* Connect: the DataFrame an attribute was taken from; 0 none */
    int start, stop; /* byte position in the SQL text, -1 unknown */
};

/* ---- making ---- */
Expr *expr_new(Arena *a, ExprKind kind, uint32_t n_args); /* start/stop -1 */
Expr *expr_literal_null(Arena *a, const Type *t);
Expr *expr_literal_bool(Arena *a, bool v);
Expr *expr_literal_int(Arena *a, const Type *t, int64_t v); /* any type stored as one integer */
Expr *expr_literal_double(Arena *a, const Type *t, double v);
Expr *expr_literal_str(Arena *a, Str s); /* copies */
Expr *expr_literal_binary(Arena *a, Str s);
Expr *expr_literal_decimal(Arena *a, const Type *t, int128_t unscaled);
Expr *expr_literal_vec(Arena *a, const Vec *v, uint32_t i); /* row i of any vector, deep copy */
/* "a.b", "a.`b.c`"; INVALID_ATTRIBUTE_NAME_SYNTAX where Spark's parser of such names says so. */
fb_status expr_unresolved_attr(Arena *a, Str dotted, Expr **ret, fb_error *err);
Expr *expr_unresolved_func(Arena *a, const char *name, Expr **args, uint32_t n);
Expr *expr_alias(Arena *a, Expr *child, const char *name);
Expr *expr_cast(Arena *a, Expr *child, const Type *to, EvalMode mode, bool user);
Expr *expr_attr(Arena *a, AttrId id, const char *name, const Type *t, bool nullable);
Expr *expr_copy(Arena *a, const Expr *e); /* shallow: shares args */
AttrId attr_new_id(void);

/* Rebuilds the tree bottom-up: fn gets each node (a copy whose args are already rewritten) and
 * returns the node to put there. Returns NULL when fn does. Depth is bounded by the analyzer. */
typedef Expr *(*ExprRewrite)(void *arg, Arena *a, Expr *e);
Expr *expr_rewrite(Arena *a, const Expr *e, ExprRewrite fn, void *arg);
/* Pre-order; fn false stops and makes the result false. */
typedef bool (*ExprVisit)(void *arg, const Expr *e);
bool expr_visit(const Expr *e, ExprVisit fn, void *arg);
bool expr_equal(const Expr *a,
                const Expr *b); /* semantically the same; attributes by id, aliases by child */
bool expr_is_foldable(const Expr *e); /* no attributes, deterministic */
bool expr_is_deterministic(const Expr *e);
bool expr_can_fail(const Expr *e); /* evaluating it may raise an error (ANSI casts, division …) */
bool expr_contains(const Expr *e, ExprKind kind);
uint32_t expr_depth(const Expr *e);

/* ---- names and text ---- */
/* The column name Spark gives an unaliased expression (toPrettySQL): "count(1)", "(a + 1)",
 * "CAST(x AS INT)"; implicit casts are not shown. */
void expr_name(const Expr *e, StrBuf *out);
/* The expression as Spark's error messages quote it (toSQLExpr, without the outer quotes). */
void expr_sql(const Expr *e, StrBuf *out);
/* As explain() prints it: attributes as name#id, with L for bigint. */
void expr_explain(const Expr *e, StrBuf *out);
/* A name as it stands in one: in backquotes where they are needed. */
void expr_sql_identifier(const char *name, StrBuf *out);
/* A literal value as SQL text: 'x', 1, DATE '2024-01-01', 1.5BD … quoted form used by expr_sql. */

/* ---- evaluation ---- */
/* Where the rows of a batch come from. */
typedef struct InputFile {
    const char *uri;
    int64_t start, length; /* bytes */
} InputFile;

struct EvalCtx {
    Arena *arena;              /* results and scratch; reset by the caller after each batch */
    const struct TimeZone *tz; /* session time zone */
    const char *tz_name;
    int64_t now_us;     /* current_timestamp(): constant in a query or micro-batch */
    uint32_t partition; /* rand, spark_partition_id */
    uint64_t reseed;    /* of a stream's batch: added to seeds, which so differ from the last's */
    uint64_t run;       /* differs between runs: what a call keeps of a partition ends with it */
    const char *user, *database;
    const InputFile *input; /* NULL: no file, or not known any more */
    bool as_written;        /* a null literal does not spare the arguments before it */
    struct EvalKept **kept; /* what calls keep on this thread; NULL: nothing can be kept */
};

/* Things that cost more to make than a batch takes, kept by the thread that owns cx->kept for the
 * next batches of the same call. eval_kept(): what it has kept, NULL if nothing. eval_keep(): close
 * will end it when the thread's Exec does; false: the caller keeps it. */
void *eval_kept(const EvalCtx *cx, const Expr *call);
bool eval_keep(EvalCtx *cx, const Expr *call, void *what, void (*close)(void *what));
void eval_kept_free(struct EvalKept **kept);

/* Evaluates e over the rows of in. The result has in->n_rows rows, may be const and may share
 * memory with in or with literals; it lives until cx->arena is reset. Errors are Spark's
 * conditions, raised only for rows on which Spark would evaluate the expression. */
fb_status expr_eval(EvalCtx *cx, const Expr *e, const Batch *in, Vec *out, fb_error *err);
/* The rows for which predicate e is true, ascending, into rows (room for in->n_rows). */
fb_status expr_select(EvalCtx *cx, const Expr *e, const Batch *in, uint32_t *rows, uint32_t *ret_n,
                      fb_error *err);
/* Value of a foldable expression as a const vector of length 1 in the arena. */
fb_status expr_fold(EvalCtx *cx, const Expr *e, Vec *out, fb_error *err);
/* Casts a vector; the kernel behind E_CAST. cast_allowed says whether Spark allows it in the mode.
 */
fb_status cast_vec(EvalCtx *cx, const Vec *in, const Type *to, EvalMode mode, Vec *out,
                   fb_error *err);
bool cast_allowed(const Type *from, const Type *to, EvalMode mode);
bool cast_can_fail(const Type *from, const Type *to);
/* Nullability of the cast's result given a non-null input (Cast.forceNullable). */
bool cast_forces_null(const Type *from, const Type *to, EvalMode mode);

/* How df.to(schema) and rows with a schema find the fields: argument of "match schema". */
typedef enum FieldMatch { MATCH_NAME_ANY_CASE, MATCH_NAME, MATCH_POSITION } FieldMatch;

#endif
