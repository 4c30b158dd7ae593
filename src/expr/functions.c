/*
 * functions.c - the registry: functions.def as a table, looked up by name, and the binding of a
 * call.
 *
 * The rows of functions.def expand to two arrays of the same order: the FuncDefs, and what is only
 * needed here. ALIAS rows become copies of the row they name, under a name of their own. An index
 * of the names in byte order is made once and searched by bisection: look-ups happen per query, not
 * per row.
 *
 * Ownership: FuncDefs live as long as the process. Threads: the tables are made by call_once and
 * constant from then on.
 */
#include "expr/builtins.h"
#include "expr/collation.h"

#include "expr/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <threads.h>

static FuncDef func_defs[] = {
#define FN(name, min, max, flags, bind, kernel)                                                    \
    {name, FK_SCALAR, min, max, flags, bind, kernel, NULL, NULL, NULL},
#define FN_LAZY_(name, min, max, flags, bind, lazy)                                                \
    {name, FK_SCALAR, min, max, (flags) | FN_LAZY, bind, NULL, lazy, NULL, NULL},
#define AGG(name, min, max, flags, bind, agg)                                                      \
    {name, FK_AGGREGATE, min, max, flags, bind, NULL, NULL, NULL, &agg},
#define GEN(name, min, max, flags, bind, generate)                                                 \
    {name, FK_GENERATOR, min, max, flags, bind, NULL, NULL, generate, NULL},
#define ALIAS(name, of) {name, FK_SCALAR, 0, 0, 0, NULL, NULL, NULL, NULL, NULL},
#define ALIAS_AS(name, of) ALIAS(name, of)
#include "expr/functions.def"
#undef FN
#undef FN_LAZY_
#undef AGG
#undef GEN
#undef ALIAS
#undef ALIAS_AS
};

#define N_FUNCS (sizeof(func_defs) / sizeof(func_defs[0]))

typedef struct AliasRow {
    const char *of;   /* NULL: a function of its own */
    bool shown_as_of; /* in column names */
} AliasRow;

static const AliasRow func_aliases[N_FUNCS] = {
#define FN(name, min, max, flags, bind, kernel) {NULL, false},
#define FN_LAZY_(name, min, max, flags, bind, lazy) {NULL, false},
#define AGG(name, min, max, flags, bind, agg) {NULL, false},
#define GEN(name, min, max, flags, bind, generate) {NULL, false},
#define ALIAS(name, of) {of, false},
#define ALIAS_AS(name, of) {of, true},
#include "expr/functions.def"
#undef FN
#undef FN_LAZY_
#undef AGG
#undef GEN
#undef ALIAS
#undef ALIAS_AS
};

/* Row numbers in the order of names. */
static uint16_t func_index[N_FUNCS];
static once_flag func_once = ONCE_FLAG_INIT;

static int func_compare(const void *a, const void *b)
{
    return strcmp(func_defs[*(const uint16_t *)a].name, func_defs[*(const uint16_t *)b].name);
}

static const FuncDef *func_find(const char *name)
{
    size_t low = 0, high = N_FUNCS;
    while (low < high) {
        size_t mid = (low + high) / 2;
        const FuncDef *f = &func_defs[func_index[mid]];
        int c = strcmp(name, f->name);
        if (c == 0) {
            return f;
        }
        if (c < 0) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return NULL;
}

/* An alias that is a word is shown as a call even if it stands for an infix operator. */
static void func_resolve_alias(size_t i)
{
    const char *name = func_defs[i].name;
    const FuncDef *of = func_find(func_aliases[i].of);
    FB_ASSERT(of && of->bind);
    func_defs[i] = *of;
    func_defs[i].name = name;
    if (ascii_lower(name[0]) >= 'a' && ascii_lower(name[0]) <= 'z') {
        func_defs[i].flags &= ~(uint32_t)FN_OPERATOR;
    }
}

static void func_setup(void)
{
    _Static_assert(N_FUNCS <= UINT16_MAX, "row numbers fit");
    for (size_t i = 0; i < N_FUNCS; i++) {
        func_index[i] = (uint16_t)i;
    }
    qsort(func_index, N_FUNCS, sizeof(func_index[0]), func_compare);
    for (size_t i = 1; i < N_FUNCS; i++) {
        FB_ASSERT(func_compare(&func_index[i - 1], &func_index[i]) < 0);
    }
    for (size_t i = 0; i < N_FUNCS; i++) {
        FB_ASSERT(!func_is_later(func_defs[i].name)); /* what is built is not refused */
        if (func_aliases[i].of) {
            func_resolve_alias(i);
        }
    }
}

#define NAME_MAX_LENGTH 64 /* longer than any function's */

static bool lower_name(const char *name, char out[static NAME_MAX_LENGTH])
{
    size_t n = 0;
    for (; name[n] && n < NAME_MAX_LENGTH - 1; n++) {
        out[n] = ascii_lower(name[n]);
    }
    out[n] = '\0';
    return !name[n];
}

const FuncDef *func_lookup(const char *name)
{
    char lower[NAME_MAX_LENGTH];
    call_once(&func_once, func_setup);
    return lower_name(name, lower) ? func_find(lower) : NULL;
}

bool func_is_internal(const char *name)
{
    return name[0] == '$' || strchr(name, ' ') != NULL;
}

const FuncDef *func_all(size_t *ret_n)
{
    call_once(&func_once, func_setup);
    *ret_n = N_FUNCS;
    return func_defs;
}

/* ---- suggestions ---- */

/* Levenshtein distance by one row of the matrix. */
static uint32_t edit_distance(const char *a, const char *b)
{
    uint32_t row[NAME_MAX_LENGTH + 1];
    uint32_t n = (uint32_t)strlen(b);
    for (uint32_t j = 0; j <= n; j++) {
        row[j] = j;
    }
    for (uint32_t i = 0; a[i]; i++) {
        uint32_t diagonal = row[0];
        row[0] = i + 1;
        for (uint32_t j = 0; j < n; j++) {
            uint32_t cost = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            uint32_t best = MIN_OF(row[j], row[j + 1]) + 1;
            row[j + 1] = MIN_OF(best, cost);
        }
    }
    return row[n];
}

uint32_t func_suggest(const char *name, const char **ret, uint32_t max)
{
    char lower[NAME_MAX_LENGTH];
    uint32_t distance[16], n = 0;
    max = MIN_OF(max, 16);
    call_once(&func_once, func_setup);
    if (!lower_name(name, lower) || max == 0) {
        return 0;
    }
    uint32_t limit = (uint32_t)strlen(lower) / 2;
    for (size_t k = 0; k < N_FUNCS; k++) {
        const char *candidate = func_defs[func_index[k]].name;
        uint32_t d = edit_distance(lower, candidate);
        if (d > limit || (n == max && d >= distance[n - 1])) {
            continue;
        }
        uint32_t at = n < max ? n++ : n - 1;
        for (; at > 0 && distance[at - 1] > d; at--) {
            distance[at] = distance[at - 1];
            ret[at] = ret[at - 1];
        }
        distance[at] = d;
        ret[at] = candidate;
    }
    return n;
}

/* ---- binding ---- */

fb_status bind_arity_error(const char *name, int min, int max, uint32_t actual, fb_error *err)
{
    char expected[48], given[16];
    if (max < 0) {
        snprintf(expected, sizeof(expected), "> %d", min - 1);
    } else if (min == max) {
        snprintf(expected, sizeof(expected), "%d", min);
    } else if (min + 1 == max) {
        snprintf(expected, sizeof(expected), "[%d, %d]", min, max);
    } else {
        size_t at = (size_t)snprintf(expected, sizeof(expected), "[");
        for (int i = min; i <= max && at + 6 < sizeof(expected); i++) {
            at += (size_t)snprintf(expected + at, sizeof(expected) - at, i == max ? "%d]" : "%d, ",
                                   i);
        }
    }
    snprintf(given, sizeof(given), "%u", actual);
    StrBuf quoted = {0};
    strbuf_printf(&quoted, "`%s`", name);
    fb_status st =
        err_set(err, ERR_WRONG_NUM_ARGS, "functionName", quoted.p, "expectedNum", expected,
                "actualNum", given, "docroot", "https://spark.apache.org/docs/latest", NULL);
    strbuf_free(&quoted);
    return st;
}

static ExprKind kind_of_call(FuncKind kind)
{
    switch (kind) {
    case FK_AGGREGATE:
        return E_AGG;
    case FK_GENERATOR:
        return E_GENERATOR;
    default:
        return E_CALL;
    }
}

static fb_status refuse_udt(BindCtx *cx, const Expr *call, fb_error *err)
{
    for (uint32_t i = 0; i < call->n_args; i++) {
        if (call->args[i]->type && type_is_udt(call->args[i]->type)) {
            return bind_type_error(cx, call, i, "a built-in type", err);
        }
    }
    return FB_OK;
}

fb_status func_bind(BindCtx *cx, const Expr *unresolved, Expr **args, uint32_t n_args, Expr **ret,
                    fb_error *err)
{
    const char *name =
        unresolved->n_parts ? unresolved->parts[unresolved->n_parts - 1] : unresolved->name;
    const FuncDef *f = func_lookup(name);
    if (!f) {
        return err_internal(err, "There is no function %s.", name);
    }
    if (n_args && args[n_args - 1]->kind == E_SORT_ORDER && !(f->flags & FN_WITHIN_GROUP)) {
        return err_set(err, ERR_FUNCTION_WITH_UNSUPPORTED_SYNTAX, "prettyName",
                       arena_printf(cx->arena, "`%s`", f->name), "syntax",
                       "WITHIN GROUP (ORDER BY ...)", NULL);
    }
    if (n_args < (uint32_t)f->min_args || (f->max_args >= 0 && n_args > (uint32_t)f->max_args)) {
        return bind_arity_error(f->name, f->min_args, f->max_args, n_args, err);
    }
    const AliasRow *alias = &func_aliases[f - func_defs];
    Expr *call = expr_new(cx->arena, kind_of_call(f->kind), n_args);
    for (uint32_t i = 0; i < n_args; i++) {
        call->args[i] = args[i];
        bind_show_literal(cx, args[i]);
    }
    call->fn = f;
    call->name = alias->of && alias->shown_as_of ? alias->of : f->name;
    call->eval_mode = cx->mode;
    call->distinct = unresolved->distinct;
    call->ignore_nulls = unresolved->ignore_nulls;
    call->filter = unresolved->filter;
    call->start = unresolved->start;
    call->stop = unresolved->stop;
    call->nullable = true;
    if (!(f->flags & FN_TAKES_UDT) && !func_is_internal(f->name)) {
        TRY(refuse_udt(cx, call, err));
    }
    const Type *collated;
    TRY(collation_prepare(cx, call, &collated, err));
    TRY(call->fn->bind(cx, call, err));
    *ret = collated && call->type == type_string ? bind_cast_expr(cx, call, collated) : call;
    return FB_OK;
}
