/*
 * parquet_prune.c - which row groups a filter leaves nothing of, by the statistics of their
 * columns.
 *
 * Comparisons of integers, dates and timestamps with a constant, tests for null, and AND and OR of
 * those are looked at; everything else may match. Least and greatest values are the file's word: a
 * file that lies about them loses rows, as it does with Spark.
 */
#include "expr/function.h"
#include "format/parquet_priv.h"

typedef struct Pruner {
    const ParquetInput *in;
    const ReadPlan *plan;
    const Picks *picks;
    int32_t group;
} Pruner;

static const Pick *pick_of(const Pruner *p, const Expr *e)
{
    uint32_t k = e->kind == E_COLUMN ? p->plan->pushed_column[e->column] : p->plan->n_columns;

    return k < p->plan->n_columns ? &p->picks->column[k] : NULL;
}

/* The integer of a constant of the same type as the column. */
static bool constant_of(const Expr *e, const Type *t, int64_t *ret)
{
    if (e->kind != E_LITERAL || e->type != t || !e->value || !vec_is_valid(e->value, 0)) {
        return false;
    }
    switch (t->id) {
    case T_BYTE:
        *ret = VEC_AT(int8_t, e->value, 0);
        return true;
    case T_SHORT:
        *ret = VEC_AT(int16_t, e->value, 0);
        return true;
    case T_INT:
    case T_DATE:
        *ret = VEC_AT(int32_t, e->value, 0);
        return true;
    case T_LONG:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
        *ret = VEC_AT(int64_t, e->value, 0);
        return true;
    default:
        return false;
    }
}

static bool comparison_may_match(const Pruner *p, const char *op, const Expr *column,
                                 const Expr *constant, bool swapped)
{
    const Pick *pick = pick_of(p, column);
    ParquetStats s;
    int64_t v;

    if (!pick || pick->leaf < 0 || !constant_of(constant, pick->type, &v)) {
        return true;
    }
    p->in->shim->stats(p->in->file, p->group, pick->leaf, &s);
    if (s.has_null_count && s.n_nulls == s.n_values) {
        return false; /* no comparison is true for a null */
    }
    if (!s.has_bounds) {
        return true;
    }
    if (strcmp(op, "=") == 0 || strcmp(op, "==") == 0) {
        return s.low <= v && v <= s.high;
    }
    bool less = (op[0] == '<') != swapped; /* the column is on the small side */
    bool or_equal = op[1] == '=';
    return less ? (or_equal ? s.low <= v : s.low < v) : (or_equal ? s.high >= v : s.high > v);
}

static bool call_may_match(const Pruner *p, const Expr *e)
{
    static const char *const ops[] = {"=", "==", "<", "<=", ">", ">="};
    const char *name = e->fn->name;

    if (e->n_args == 1 && strcmp(name, "isnotnull") == 0) {
        const Pick *pick = pick_of(p, e->args[0]);
        ParquetStats s = {0};
        if (pick && pick->leaf >= 0) {
            p->in->shim->stats(p->in->file, p->group, pick->leaf, &s);
        }
        return !s.has_null_count || s.n_nulls < s.n_values;
    }
    for (size_t i = 0; e->n_args == 2 && i < sizeof(ops) / sizeof(ops[0]); i++) {
        if (strcmp(name, ops[i]) == 0) {
            bool swapped = e->args[0]->kind == E_LITERAL;
            return comparison_may_match(p, name, e->args[swapped], e->args[!swapped], swapped);
        }
    }
    return true;
}

static bool may_match(const Pruner *p, const Expr *e)
{
    switch (e->kind) {
    case E_AND:
        return may_match(p, e->args[0]) && may_match(p, e->args[1]);
    case E_OR:
        return may_match(p, e->args[0]) || may_match(p, e->args[1]);
    case E_CALL:
        return call_may_match(p, e);
    default:
        return true;
    }
}

bool parquet_may_match(const ParquetInput *in, const ReadPlan *plan, const Picks *picks,
                       int32_t group)
{
    const ParquetOptions *o = plan->options;
    Pruner p = {in, plan, picks, group};

    for (uint32_t i = 0; o->prune && i < plan->n_pushed; i++) {
        if (!may_match(&p, plan->pushed[i])) {
            return false;
        }
    }
    return true;
}
