/*
 * expr_constants.c - every function with every mix of constant and flat argument vectors.
 *
 * A constant vector holds one row that stands for all, so that a kernel that forgets to ask reads
 * what lies behind it. Each scalar function and aggregate of functions.def is bound over columns of
 * many combinations of types; for each combination that binds, each mix of constant columns has to
 * give what the same values give in flat ones. Under AddressSanitizer the bytes behind a constant
 * are poisoned by the arena.
 */
#include "expr_harness.h"

#define N_ROWS 70   /* more than a word of validity */
#define MAX_ARGS 4  /* of functions that take any number */
#define MAX_RUNS 24 /* combinations of types a function and number of arguments */

/* Types and the values that their rows go through, as text to be cast. */
static const struct {
    const char *type;
    const char *values[5];
} kinds[] = {
    {"int", {"2", "1", "0", "-3", "7"}},
    {"string", {"a,b", "12", "2024-01-15", "\xC3\xA9x", "day"}},
    {"double", {"1.5", "0", "-2.25", "7", "3.5"}},
    {"array<int>", {"[1,2]", "[2]", "[]", "[3,1,2]", "[7]"}},
    {"date", {"2024-01-15", "2023-12-31", "2024-02-29", "2024-03-10", "2024-01-01"}},
    {"boolean", {"true", "false", "true", "false", "true"}},
    {"timestamp",
     {"2024-01-15 10:11:12", "2023-12-31 23:59:59.5", "2024-02-29 00:00:00", "2024-03-10 02:30:00",
      "2024-01-01 00:00:00"}},
    {"binary", {"ab", "", "12", "a,b", "xyz"}},
    {"bigint", {"1", "2", "-5", "100", "0"}},
    {"decimal(10,2)", {"1.50", "0.25", "-3.00", "12.00", "2.00"}},
    {"interval day to second",
     {"1 02:03:04", "0 00:00:01", "-2 00:00:00", "0 01:00:00", "3 00:00:00"}},
    {"interval month", {"1", "2", "-13", "0", "24"}},
    {"map<int,int>", {"1:2", "2:1", "7:7", "0:2", "1:1"}},
    {"float", {"0.5", "1", "-1", "3.25", "0"}},
    {"tinyint", {"1", "0", "-1", "3", "2"}},
    {"timestamp_ntz",
     {"2024-01-15 10:11:12", "2023-12-31 23:59:59.5", "2024-02-29 00:00:00", "2024-03-10 02:30:00",
      "2024-01-01 00:00:00"}},
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* They need what only a session has, or are another value each time. */
static const char *const skipped[] = {"from_json",
                                      "to_json",
                                      "schema_of_json",
                                      "from_csv",
                                      "to_csv",
                                      "schema_of_csv",
                                      "rand",
                                      "randn",
                                      "uuid",
                                      "shuffle",
                                      "get_json_object",
                                      "json_array_length",
                                      "json_object_keys"};

static uint32_t combinations, mixes, failures;

/* ---- columns ---- */

static void add_value(Harness *h, VecBuilder *b, const Type *t, const char *text)
{
    if (t->id == T_ARRAY) {
        for (const char *p = text; *p; p++) {
            if (*p >= '0' && *p <= '9') {
                vecb_int(vecb_child(b, 0), *p - '0');
            }
        }
        vecb_end_row(b);
        return;
    }
    if (t->id == T_MAP) {
        vecb_int(vecb_child(b, 0), text[0] - '0');
        vecb_int(vecb_child(b, 1), text[2] - '0');
        vecb_end_row(b);
        return;
    }
    Expr *e = expr_cast(&h->arena, expr_literal_str(&h->arena, str_of(text)), t, EVAL_ANSI, false);
    Vec v;
    assert_int_equal(expr_fold(&h->eval, e, &v, &h->err), FB_OK);
    vecb_from(b, &v, 0);
}

/* Rows of one kind; fixed: of that one value, else one after the other with nulls between. */
static Vec make_column(Harness *h, size_t kind, int fixed, uint32_t n)
{
    const Type *t;
    Vec v;
    assert_int_equal(type_from_name(str_of(kinds[kind].type), &t, &h->err), FB_OK);
    VecBuilder *b = vecb_new(&h->arena, t);
    for (uint32_t i = 0; i < n; i++) {
        if (fixed < 0 && i % 7 == 3) {
            vecb_null(b);
        } else {
            add_value(h, b, t, kinds[kind].values[fixed < 0 ? i % 5 : (uint32_t)fixed]);
        }
    }
    vecb_finish(b, &v);
    return v;
}

/* One row that stands for all, and nothing behind it. */
static Vec make_constant(Harness *h, size_t kind, int value)
{
    Vec v = make_column(h, kind, value, 1), alone;
    vec_copy(&alone, &v, &h->arena);
    alone.len = N_ROWS;
    alone.is_const = true;
    return alone;
}

/* ---- evaluating ---- */

static fb_status run_aggregate(Harness *h, const Expr *e, Vec *out)
{
    const AggDef *d = e->fn->agg;
    size_t size = d->state_size(e);
    uint8_t *state = arena_zalloc(&h->arena, size + 16), *states[N_ROWS];
    Vec *args = ARENA_ARRAY(&h->arena, Vec, e->n_args + 1);
    AggCtx cx = {.eval = &h->eval, .keep = &h->arena};
    for (uint32_t k = 0; k < e->n_args; k++) {
        TRY(expr_eval(&h->eval, e->args[k], &h->batch, &args[k], &h->err));
    }
    for (uint32_t i = 0; i < N_ROWS; i++) {
        states[i] = state;
    }
    TRY(d->update(&cx, e, states, args, N_ROWS, &h->err));
    *out = (Vec){.type = e->type, .len = 1};
    return d->finish(&cx, e, states, 1, out, &h->err);
}

static fb_status run(Harness *h, const Expr *e, Vec *out)
{
    err_clear(&h->err);
    return e->kind == E_AGG ? run_aggregate(h, e, out)
                            : expr_eval(&h->eval, e, &h->batch, out, &h->err);
}

static bool same_row(const Vec *a, const Vec *b, uint32_t i)
{
    bool va = vec_is_valid(a, i), vb = vec_is_valid(b, i);
    return va == vb && (!va || vec_eq_at(a, i & vec_mask(a), b, i & vec_mask(b)));
}

static void report(const FuncDef *f, const size_t *kind, uint32_t n, uint32_t mask,
                   const char *what)
{
    StrBuf b = {0};
    for (uint32_t k = 0; k < n; k++) {
        strbuf_printf(&b, "%s%s%s", k ? ", " : "", mask >> k & 1 ? "constant " : "",
                      kinds[kind[k]].type);
    }
    print_message("%s(%s): %s\n", f->name, b.p ? b.p : "", what);
    strbuf_free(&b);
    failures++;
}

/* The mix given by the bits of mask against flat columns of the same values. */
static void check_mix(Harness *h, const FuncDef *f, const Expr *e, const size_t *kind, uint32_t n,
                      uint32_t mask)
{
    Vec got, wanted;
    for (uint32_t k = 0; k < n; k++) {
        int value = mask >> k & 1 ? (int)(mask + k) % 5 : -1;
        h->batch.col[k] = make_column(h, kind[k], value, N_ROWS);
    }
    fb_status st = run(h, e, &wanted);
    for (uint32_t k = 0; k < n; k++) {
        if (mask >> k & 1) {
            h->batch.col[k] = make_constant(h, kind[k], (int)(mask + k) % 5);
        }
    }
    mixes++;
    if (run(h, e, &got) != st) {
        report(f, kind, n, mask, h->err.message ? h->err.message : "no error");
        return;
    }
    uint32_t rows = e->kind == E_AGG ? 1 : N_ROWS;
    for (uint32_t i = 0; st == FB_OK && i < rows; i++) {
        if (!same_row(&got, &wanted, i)) {
            report(f, kind, n, mask, arena_printf(&h->arena, "differs in row %u", i));
            return;
        }
    }
}

/* Whether the function takes columns of these types. */
static bool check_combination(const FuncDef *f, EvalMode mode, const size_t *kind, uint32_t n)
{
    Harness h;
    Expr *args[MAX_ARGS], *e = NULL;
    harness_init(&h, mode);
    for (uint32_t k = 0; k < n; k++) {
        Vec v = make_column(&h, kind[k], -1, N_ROWS);
        harness_column(&h, "c", &v);
        args[k] = expr_copy(&h.arena, h.columns[k]);
    }
    h.batch.n_rows = N_ROWS;
    Expr *call = expr_unresolved_func(&h.arena, f->name, NULL, 0);
    bool binds = func_bind(&h.bind, call, args, n, &e, &h.err) == FB_OK;
    ArenaMark mark = arena_mark(&h.arena);
    for (uint32_t mask = 1; binds && mask < 1u << n; mask++) {
        check_mix(&h, f, e, kind, n, mask);
        arena_rewind(&h.arena, mark);
    }
    harness_free(&h);
    return binds;
}

static bool is_skipped(const FuncDef *f)
{
    for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++) {
        if (strcmp(f->name, skipped[i]) == 0) {
            return true;
        }
    }
    return func_is_internal(f->name) || f->kind == FK_GENERATOR ||
           f->flags & (FN_NONDETERMINISTIC | FN_HIGHER_ORDER);
}

/* Combinations in an order that jumps about, so that each type comes early. */
static void check_function(const FuncDef *f, EvalMode mode)
{
    int most = f->max_args < 0 || f->max_args > MAX_ARGS ? MAX_ARGS : f->max_args;
    for (int n = f->min_args > 1 ? f->min_args : 1; n <= most; n++) {
        uint32_t total = 1, runs = 0, tried = 0;
        for (int k = 0; k < n; k++) {
            total *= (uint32_t)N_KINDS;
        }
        uint32_t step = total > 16 ? (total / 2 + 5) | 1 : 1;
        for (uint32_t at = 0; tried < total && tried < 2500 && runs < MAX_RUNS; tried++) {
            size_t kind[MAX_ARGS];
            uint32_t x = at;
            for (int k = 0; k < n; k++) {
                kind[k] = x % N_KINDS;
                x /= (uint32_t)N_KINDS;
            }
            runs += check_combination(f, mode, kind, (uint32_t)n);
            at = (at + step) % total;
        }
        combinations += runs;
    }
}

/* The rows are of one month and the numbers small, so that what makes much of little stays quick.
 */
static void check_all(EvalMode mode)
{
    size_t n;
    const FuncDef *all = func_all(&n);
    combinations = mixes = failures = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_skipped(&all[i])) {
            check_function(&all[i], mode);
        }
    }
    print_message("%u combinations, %u mixes\n", combinations, mixes);
    assert_int_equal(failures, 0);
    assert_true(combinations > 1500);
}

static void constants_are_as_columns(void **state)
{
    (void)state;
    check_all(EVAL_LEGACY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_are_as_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
