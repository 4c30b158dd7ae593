/*
 * expr_java_math.c - mathematical functions to the last bit, as Spark computes them.
 *
 * expr_java_math.inc was recorded from Spark by expr_java_math.py: a function, its arguments, and
 * the result (ABSENT: null).
 */
#include "expr_harness.h"

#include <math.h>

#define ABSENT 0x1.deadp+1000 /* no result is this */

typedef struct MathCase {
    const char *name;
    double x, y, wanted;
} MathCase;

static const MathCase cases[] = {
#define MATH(name, x, y, wanted) {name, x, y, wanted},
#include "expr_java_math.inc"
#undef MATH
};

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof(a)) == 0 || (a != a && b != b);
}

static void last_bits(void **state)
{
    (void)state;
    uint32_t failures = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const MathCase *c = &cases[i];
        Harness h;
        Expr *args[2], *e;
        Vec v;
        harness_init(&h, EVAL_ANSI);
        args[0] = expr_literal_double(&h.arena, type_double, c->x);
        args[1] = expr_literal_double(&h.arena, type_double, c->y);
        bool two = strcmp(c->name, "pow") == 0 || strcmp(c->name, "atan2") == 0 ||
                   strcmp(c->name, "hypot") == 0;
        Expr *call = expr_unresolved_func(&h.arena, c->name, NULL, 0);
        assert_int_equal(func_bind(&h.bind, call, args, two ? 2 : 1, &e, &h.err), FB_OK);
        assert_int_equal(expr_fold(&h.eval, e, &v, &h.err), FB_OK);
        double got = vec_is_valid(&v, 0) ? VEC_AT(double, &v, 0) : ABSENT;
        if (!same_bits(got, c->wanted)) {
            print_message("%s(%a, %a) is %a, Spark has %a\n", c->name, c->x, c->y, got, c->wanted);
            failures++;
        }
        harness_free(&h);
    }
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
