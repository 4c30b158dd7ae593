/*
 * Plan nodes and the trees that keep them: building, copying, walking, names, lifetimes.
 */
#include "plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static Plan *table(Arena *a, const char *name, bool streaming)
{
    Plan *p = plan_new(a, P_UNRESOLVED_TABLE, 0);
    p->name = name;
    p->streaming = streaming;
    return p;
}

static bool count_until_join(void *arg, const Plan *p)
{
    int *n = arg;
    ++*n;
    return p->kind != P_JOIN;
}

static bool count_all(void *arg, const Plan *p)
{
    (void)p;
    ++*(int *)arg;
    return true;
}

static void test_nodes(void **state)
{
    (void)state;
    Arena a = {0};
    Plan *join = plan_new(&a, P_JOIN, 2, table(&a, "x", false), table(&a, "y", true));
    Plan *top = plan_new(&a, P_PROJECT, 1, join);
    assert_int_equal(join->n_children, 2);
    assert_string_equal(join->child[1]->name, "y");
    assert_true(join->streaming);
    assert_true(top->streaming);
    assert_int_equal(top->start, -1);

    int n = 0;
    assert_true(plan_visit(top, count_all, &n));
    assert_int_equal(n, 4);
    n = 0;
    assert_false(plan_visit(top, count_until_join, &n));
    assert_int_equal(n, 2);

    Plan *copy = plan_copy(&a, top);
    copy->kind = P_DISTINCT;
    assert_int_equal(top->kind, P_PROJECT);
    assert_ptr_equal(copy->child, top->child);
    arena_free(&a);
}

static void test_names(void **state)
{
    (void)state;
    Arena a = {0};
    Plan *p = plan_new(&a, P_SET_OP, 0);
    assert_string_equal(plan_node_name(p), "Union");
    p->set_op = SET_EXCEPT;
    assert_string_equal(plan_node_name(p), "Except");
    p->all = true;
    assert_string_equal(plan_node_name(p), "Except All");
    for (int kind = P_UNRESOLVED_TABLE; kind <= P_COMMAND; kind++) {
        assert_true(strlen(plan_node_name(plan_new(&a, (PlanKind)kind, 0))) > 0);
    }
    arena_free(&a);
}

static void test_schema(void **state)
{
    (void)state;
    Arena a = {0};
    Attr out[] = {{.name = "k", .type = type_string},
                  {.name = "v", .type = type_long, .nullable = true}};
    Plan *p = plan_new(&a, P_PROJECT, 0);
    assert_int_equal(plan_schema(p)->n_fields, 0);
    p->out = out;
    p->n_out = 2;
    const Type *t = plan_schema(p);
    assert_int_equal(t->n_fields, 2);
    assert_string_equal(t->fields[0].name, "k");
    assert_false(t->fields[0].nullable);
    assert_true(t->fields[1].nullable);
    assert_ptr_equal(t, plan_schema(p));
    arena_free(&a);
}

/* ---- lifetimes ---- */

static int freed;

static void count_free(Relation *r)
{
    freed++;
    mem_free(r);
}

static const RelationVt counting = {.kind = "test", .free = count_free};

static void test_trees(void **state)
{
    (void)state;
    PlanTree *t = plantree_new();
    t->plan = plan_new(&t->arena, P_ONE_ROW, 0);
    Relation *shared = mem_zalloc(sizeof(*shared));
    shared->vt = &counting;
    shared->refs = 1;
    for (int i = 0; i < 9; i++) {
        plantree_keep_relation(t, relation_retain(shared));
        plantree_keep_rows(t, rowset_new(type_struct(NULL, 0)));
    }
    relation_release(shared);
    assert_ptr_equal(plantree_retain(t), t);
    plantree_release(t);
    assert_int_equal(freed, 0);
    plantree_release(t);
    assert_int_equal(freed, 1);
    plantree_release(NULL);
    relation_release(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_trees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
