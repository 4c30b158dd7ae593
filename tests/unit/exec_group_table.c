/*
 * exec_group_table.c - the table of groups against a model: a hundred thousand insertions, finds
 * and removals of random keys, for a key of strings, one of several columns, and a nested one.
 *
 * Key number i of IDS has its values from i alone, so the model is an array: whether the key is in
 * the table, and what its payload counts. After removals its place is used again by others, and a
 * key that comes back begins at zero.
 */
#include "exec/group_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#define IDS 3000u
#define ROWS 64u
#define ROUNDS 1700u /* of ROWS operations */
#define MAX_KEYS 3

typedef struct Payload {
    uint64_t id, count;
} Payload;

typedef struct Model {
    bool there[IDS];
    uint64_t count[IDS], size;
} Model;

typedef struct Shape {
    const Type *type[MAX_KEYS];
    uint32_t n;
} Shape;

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* Value k of key i; i % 17 == 3 makes nulls, of which a key of one column has only one. */
static void put_value(VecBuilder *b, const Type *t, uint32_t k, uint32_t i)
{
    char text[64];

    if (i % 17 == 3 && k > 0) {
        vecb_null(b);
        return;
    }
    switch (t->id) {
    case T_STRING:
        /* Half of them are longer than a view holds, and begin alike. */
        (void)snprintf(text, sizeof(text), i % 2 ? "k%u" : "a common beginning %u", i);
        vecb_str_copy(b, str_of(text));
        break;
    case T_DOUBLE:
        vecb_double(b, i / 3);
        break;
    case T_DECIMAL:
        vecb_decimal(b, (int128_t)i << 64);
        break;
    case T_STRUCT:
        vecb_int(vecb_child(b, 0), i);
        (void)snprintf(text, sizeof(text), "nested %u", i % 5);
        vecb_str_copy(vecb_child(b, 1), str_of(text));
        vecb_end_row(b);
        break;
    default:
        vecb_int(b, i % 100);
        break;
    }
}

static void make_keys(const Shape *s, const uint32_t *ids, uint32_t n, Vec *out, Arena *a)
{
    for (uint32_t k = 0; k < s->n; k++) {
        VecBuilder *b = vecb_new(a, s->type[k]);
        for (uint32_t i = 0; i < n; i++) {
            put_value(b, s->type[k], k, ids[i]);
        }
        vecb_finish(b, &out[k]);
    }
}

static void upsert(GroupTable *t, const Shape *s, Model *m, const uint32_t *ids, Arena *a)
{
    Vec keys[MAX_KEYS];
    uint8_t *payload[ROWS], is_new[ROWS];

    make_keys(s, ids, ROWS, keys, a);
    group_table_upsert(t, keys, ROWS, NULL, payload, is_new, a);
    for (uint32_t i = 0; i < ROWS; i++) {
        Payload *p = (Payload *)(void *)payload[i];
        assert_int_equal(is_new[i], !m->there[ids[i]]);
        if (is_new[i]) {
            assert_true(p->id == 0 && p->count == 0); /* zeroed, also where a row was before */
            p->id = ids[i];
            m->there[ids[i]] = true;
            m->count[ids[i]] = 0;
            m->size++;
        }
        assert_int_equal(p->id, ids[i]);
        assert_int_equal(p->count, m->count[ids[i]]);
        p->count++;
        m->count[ids[i]]++;
    }
}

static void find(GroupTable *t, const Shape *s, const Model *m, const uint32_t *ids,
                 uint8_t **payload, Arena *a)
{
    Vec keys[MAX_KEYS];

    make_keys(s, ids, ROWS, keys, a);
    group_table_find(t, keys, ROWS, NULL, payload, a);
    for (uint32_t i = 0; i < ROWS; i++) {
        assert_int_equal(payload[i] != NULL, m->there[ids[i]]);
        if (payload[i]) {
            assert_int_equal(((Payload *)(void *)payload[i])->count, m->count[ids[i]]);
        }
    }
}

static void remove_found(GroupTable *t, const Shape *s, Model *m, const uint32_t *ids, Arena *a)
{
    uint8_t *payload[ROWS];

    find(t, s, m, ids, payload, a);
    for (uint32_t i = 0; i < ROWS; i++) {
        if (payload[i] && m->there[ids[i]]) { /* an id may be in the batch twice */
            group_table_remove(t, payload[i]);
            m->there[ids[i]] = false;
            m->size--;
        }
    }
}

/* All live rows, each once, with the keys that they were put in by. */
static void check_all(const GroupTable *t, const Shape *s, const Model *m, Arena *a)
{
    uint8_t *payload[ROWS];
    uint32_t ids[ROWS], n;
    uint64_t pos = 0, seen = 0;
    Vec got[MAX_KEYS], want[MAX_KEYS];

    while ((n = group_table_scan(t, &pos, payload, ROWS)) > 0) {
        for (uint32_t i = 0; i < n; i++) {
            ids[i] = (uint32_t)((Payload *)(void *)payload[i])->id;
            assert_true(ids[i] < IDS && m->there[ids[i]]);
            assert_int_equal(((Payload *)(void *)payload[i])->count, m->count[ids[i]]);
        }
        group_table_keys(t, payload, n, got, a);
        make_keys(s, ids, n, want, a);
        for (uint32_t k = 0; k < s->n; k++) {
            for (uint32_t i = 0; i < n; i++) {
                assert_true(vec_eq_at(&got[k], i, &want[k], i));
            }
        }
        seen += n;
    }
    assert_int_equal(seen, m->size);
    assert_int_equal(group_table_size(t), m->size);
}

static void run(const Shape *s, uint64_t seed)
{
    GroupTable *t = group_table_new(s->type, s->n, sizeof(Payload));
    Model *m = mem_zalloc(sizeof(*m));
    Arena a = {0};

    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t ids[ROWS];
        uint8_t *payload[ROWS];
        /* Phases in which the table grows, shrinks, and nearly empties. */
        uint32_t span = round / 200 % 2 ? 200 : IDS, phase = round / 100 % 4;
        for (uint32_t i = 0; i < ROWS; i++) {
            ids[i] = (uint32_t)(next_random(&seed) % span);
        }
        uint64_t what = next_random(&seed) % 8;
        if (what == 0) {
            find(t, s, m, ids, payload, &a);
        } else if (what <= (phase == 3 ? 6 : phase)) {
            remove_found(t, s, m, ids, &a);
        } else {
            upsert(t, s, m, ids, &a);
        }
        assert_int_equal(group_table_size(t), m->size);
        if (round % 50 == 49) {
            check_all(t, s, m, &a);
        }
        if (round % 600 == 599) {
            group_table_clear(t);
            memset(m, 0, sizeof(*m));
            check_all(t, s, m, &a);
        }
        arena_reset(&a);
    }
    group_table_free(t);
    mem_free(m);
    arena_free(&a);
}

static void test_strings(void **state)
{
    (void)state;
    run(&(Shape){{type_string}, 1}, 88172645463325252u);
}

static void test_columns(void **state)
{
    (void)state;
    run(&(Shape){{type_string, type_double, type_long}, 3}, 1234567u);
    run(&(Shape){{type_decimal(38, 0), type_int}, 2}, 7654321u);
}

static void test_nested(void **state)
{
    const Field fields[] = {{"a", type_int, true, NULL}, {"b", type_string, true, NULL}};
    (void)state;
    run(&(Shape){{type_struct(fields, 2)}, 1}, 42u);
}

/* Rows that come and go one after the other take no more room than those that are there. */
static void test_room_is_used_again(void **state)
{
    Shape s = {{type_long, type_decimal(38, 0)}, 2};
    GroupTable *t = group_table_new(s.type, s.n, sizeof(Payload));
    Arena a = {0};
    size_t held = 0;

    (void)state;
    for (uint32_t round = 0; round < 2000; round++) {
        uint32_t ids[ROWS];
        uint8_t *payload[ROWS];
        Vec keys[MAX_KEYS];
        for (uint32_t i = 0; i < ROWS; i++) {
            ids[i] = round * ROWS + i;
        }
        make_keys(&s, ids, ROWS, keys, &a);
        group_table_upsert(t, keys, ROWS, NULL, payload, NULL, &a);
        for (uint32_t i = 0; i < ROWS; i++) {
            group_table_remove(t, payload[i]);
        }
        assert_int_equal(group_table_size(t), 0);
        held = round == 1000 ? group_table_bytes(t) : held;
        arena_reset(&a);
    }
    assert_true(group_table_bytes(t) <= held);
    group_table_free(t);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_room_is_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
