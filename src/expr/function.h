/*
 * function.h - the function registry.
 *
 * functions.def is the one table: a row gives the name, arity, flags, a bind function that types
 * the call, and the kernel. Operators are functions too ("+", "=", "like" …), under the names that
 * Spark's Connect client sends; the SQL parser uses the same names.
 *
 * Binding. The analyzer calls fn->bind with the arguments resolved. bind checks their types, wraps
 * them in implicit casts (bind_cast), and sets call->type, call->nullable and, if it needs,
 * fn_data. A wrong type is DATATYPE_MISMATCH.*, a wrong count WRONG_NUM_ARGS (checked before bind
 * by arity).
 *
 * Kernels. A kernel gets its argument vectors (each const or flat), n rows, and out whose type is
 * set and whose len is n; it allocates out's data from cx->arena. With FN_NULL_IN_NULL_OUT the
 * caller has already set out->valid to the AND of the arguments' validity (NULL = none null); the
 * kernel must not raise errors for rows that are null there, may compute rubbish in them, and may
 * clear further bits (vec_set_null). If every argument is const the caller passes n = 1 and makes
 * the result const.
 */
#ifndef EXPR_FUNCTION_H
#define EXPR_FUNCTION_H

#include "expr/text_codec.h"

typedef struct BindCtx {
    Arena *arena;  /* of the plan */
    EvalMode mode; /* EVAL_ANSI or EVAL_LEGACY (spark.sql.ansi.enabled) */
    const char *tz_name;
    const struct TimeZone *tz;
    bool decimal_precision_loss; /* spark.sql.decimalOperations.allowPrecisionLoss */
    const Conf *conf;            /* of the session; NULL: no function is bound that needs it */
    const TextCodecs *codecs;
} BindCtx;

typedef enum FuncKind { FK_SCALAR, FK_AGGREGATE, FK_GENERATOR } FuncKind;

enum {
    FN_NULL_IN_NULL_OUT = 1, /* any null argument makes the row null; see above */
    FN_NONDETERMINISTIC = 2,
    FN_CAN_FAIL = 4,       /* may raise an error on some row */
    FN_LAZY = 8,           /* evaluates its arguments itself, only where needed: kernel is lazy */
    FN_OPERATOR = 16,      /* infix in names: (a + b) */
    FN_FAILS_IN_ANSI = 32, /* may raise an error when call->eval_mode is EVAL_ANSI */
    FN_BATCH_ONLY =
        64, /* aggregate whose buffers are not Spark's: spilled, but not kept in state */
    FN_HIGHER_ORDER = 128, /* takes lambdas: func_takes_lambda() */
    FN_WITHIN_GROUP = 256, /* takes WITHIN GROUP: its orderings are the last arguments */
    FN_IN_ORDER = 512,     /* counts the rows of the whole input, in order */
    /* Bytes of string arguments that are no UTF-8 reach the kernel as U+FFFD: */
    FN_JAVA_STRINGS = 1024,  /* as a Java String decodes them */
    FN_VALID_STRINGS = 2048, /* as UTF8String.makeValid does */
    FN_UTF8_ONLY = FN_JAVA_STRINGS | FN_VALID_STRINGS,
    FN_INPUT_FILE =
        4096, /* says which file rows come from: nothing where several are read at once */
    FN_LAST_FIRST = 8192,    /* evaluates its second argument before the first */
    FN_NOT_FOLDABLE = 16384, /* never a constant, whatever its arguments are */
    FN_TAKES_UDT = 32768     /* takes values of user-defined types, which it does not look into */
};

typedef struct AggDef AggDef;
typedef fb_status (*FnBind)(BindCtx *cx, Expr *call, fb_error *err);
typedef fb_status (*FnKernel)(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n, Vec *out,
                              fb_error *err);
/* FN_LAZY: gets the batch and evaluates call->args with expr_eval on the rows it needs. */
typedef fb_status (*FnLazy)(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out,
                            fb_error *err);
/* One input vector set to many rows: explode. rows[k] = input row of output row k. The n_out output
 * columns are out[]. outer variants yield a null row for an empty input. */
typedef fb_status (*FnGenerate)(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,
                                uint32_t **ret_rows, uint32_t *ret_n, Vec *out, fb_error *err);

typedef struct FuncDef {
    const char *name; /* lower case */
    FuncKind kind;
    int min_args, max_args; /* max -1: any number */
    uint32_t flags;
    FnBind bind;
    FnKernel kernel;
    FnLazy lazy;
    FnGenerate generate;
    const AggDef *agg;
} FuncDef;

const FuncDef *func_lookup(const char *name); /* any case; NULL if there is none */
/* Made by the engine alone, for arguments that it knows: a user who writes the name has no function
 * of it. */
bool func_is_internal(const char *name);
const FuncDef *func_all(size_t *ret_n);
/* functions_later.def: what Spark has and is refused by name here. Any case. */
bool func_is_later(const char *name);
const char *const *func_all_later(size_t *ret_n); /* in byte order */
/* Names close to a wrong one, best first, for UNRESOLVED_ROUTINE; at most max. */
uint32_t func_suggest(const char *name, const char **ret, uint32_t max);

/* The call, resolved: looks up, checks arity, binds. kind of the result is E_CALL, E_AGG,
 * E_GENERATOR, or E_AND / E_OR / E_CASE / E_CAST for the names that lower to those ("and", "or",
 * "when", "int(x)" …). args are resolved. */
fb_status func_bind(BindCtx *cx, const Expr *unresolved, Expr **args, uint32_t n_args, Expr **ret,
                    fb_error *err);

/* Higher-order functions: whether argument i is a lambda, and what it gets, at most 3 values, if it
 * has n_wanted parameters; the arguments before it are resolved. 0: the arguments have wrong types,
 * as binding them will say. */
typedef struct LambdaParam {
    const Type *type;
    bool nullable;
} LambdaParam;
bool func_takes_lambda(const FuncDef *f, uint32_t i);
uint32_t func_lambda_params(BindCtx *cx, const FuncDef *f, Expr *const *args, uint32_t i,
                            uint32_t n_wanted, LambdaParam params[static 3]);

/* Wraps call->args[i] in an implicit cast to t unless it has that type; DATATYPE_MISMATCH if Spark
 * does not cast implicitly. bind_common_type finds Spark's tightest common type of n expressions
 * (NULL if there is none); wider = with string promotion (UNION, CASE, COALESCE, IN). */
fb_status bind_cast(BindCtx *cx, Expr *call, uint32_t i, const Type *t, fb_error *err);
Expr *bind_cast_expr(BindCtx *cx, Expr *e, const Type *t); /* no check */
const Type *bind_common_type(BindCtx *cx, Expr *const *es, uint32_t n, bool wider);
const Type *bind_common_type2(BindCtx *cx, const Type *a, const Type *b, bool wider);
/* A cast that the user wrote: DATATYPE_MISMATCH.CAST_* if Spark does not allow it. cast is E_CAST
 * with a resolved argument and eval_mode set. */
fb_status bind_cast_check(BindCtx *cx, const Expr *cast, fb_error *err);
/* A timestamp literal shows in names as its time in the session's zone, which only the binder
 * knows: notes the text in the literal. Literals under calls are treated when the call is bound. */
void bind_show_literal(BindCtx *cx, Expr *literal);
bool bind_any_nullable(const Expr *call);
char *bind_type_sql(BindCtx *cx, const Type *t); /* quoted, for messages */
/* DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE for argument i. */
fb_status bind_type_error(BindCtx *cx, const Expr *call, uint32_t i, const char *required,
                          fb_error *err);

/* ---- aggregates ---- */
/*
 * A group's state is state_size bytes, 16-byte aligned, all zero at first; states of several
 * aggregates lie side by side in one row of the group table. Row i of an update goes to state[i].
 * Variable-size content (strings, lists) goes to cx->keep, the arena of the table.
 */
typedef struct AggCtx {
    EvalCtx *eval;
    Arena *keep;
} AggCtx;

#define AGG_MAX_BUFFERS 64

struct AggDef {
    size_t (*state_size)(const Expr *agg);
    /* The buffer columns as Spark keeps them in state: names and types, all
     * nullable, into fields (room for AGG_MAX_BUFFERS); returns how many. */
    uint32_t (*buffers)(const Expr *agg, Field *fields);
    /* args: the aggregate's argument vectors, n rows; rows excluded by FILTER are not passed. */
    fb_status (*update)(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *args,
                        uint32_t n, fb_error *err);
    fb_status (*merge)(AggCtx *cx, const Expr *agg, uint8_t *const *into, uint8_t *const *from,
                       uint32_t n, fb_error *err);
    /* out->type and len are set; data to be allocated from cx->eval->arena. */
    fb_status (*finish)(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n, Vec *out,
                        fb_error *err);
    /* State to buffer columns (out[k].type, len set) and back. */
    fb_status (*store)(AggCtx *cx, const Expr *agg, uint8_t *const *state, uint32_t n, Vec *out,
                       fb_error *err);
    fb_status (*load)(AggCtx *cx, const Expr *agg, uint8_t *const *state, const Vec *cols,
                      uint32_t n, fb_error *err);
};

#endif
