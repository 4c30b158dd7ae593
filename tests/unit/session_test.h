/*
 * session_test.h - for the tests of session/: a session, SQL in, rows out as one text.
 *
 * Rows are written "a|b\n", nulls as NULL. Folders for files are below /tmp and removed at the end.
 */
#ifndef UNIT_SESSION_TEST_H
#define UNIT_SESSION_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/vfs.h"
#include "column/timezone.h"
#include "session/session.h"
#include "sql/sql.h"

#include <stdio.h>

typedef struct Test {
    Engine *engine;
    Session *session;
    char dir[128];
    fb_error err;
} Test;

static inline int test_setup(void **state)
{
    char id[37];
    fb_error err = {0};
    Test *t = mem_zalloc(sizeof(*t));
    t->engine = engine_new(2);
    t->session = session_new(t->engine, NULL);
    uuid_new(id);
    (void)snprintf(t->dir, sizeof(t->dir), "/tmp/forebay-unit-%s", id);
    assert_int_equal(vfs()->mkdirs(t->dir, &err), FB_OK);
    assert_int_equal(
        conf_set(session_conf(t->session), "spark.sql.session.timeZone", "UTC", false, &err),
        FB_OK);
    assert_int_equal(
        conf_set(session_conf(t->session), "spark.sql.shuffle.partitions", "2", false, &err),
        FB_OK);
    *state = t;
    return 0;
}

static inline int test_teardown(void **state)
{
    Test *t = *state;
    fb_error err = {0};
    session_release(t->session);
    engine_free(t->engine);
    assert_int_equal(vfs_remove_tree(t->dir, &err), FB_OK);
    err_clear(&t->err);
    mem_free(t);
    return 0;
}

#define OK(t, expr)                                                                                \
    do {                                                                                           \
        if ((expr) != FB_OK) {                                                                     \
            fail_msg("%s", (t)->err.message ? (t)->err.message : "no message");                    \
        }                                                                                          \
    } while (0)

static inline void rows_text(const RowSet *r, StrBuf *out)
{
    const TimeZone *tz = tz_system();
    for (uint32_t b = 0; b < r->n_batches; b++) {
        for (uint32_t i = 0; i < r->batches[b].n_rows; i++) {
            for (uint32_t c = 0; c < r->batches[b].n_cols; c++) {
                const Vec *v = &r->batches[b].col[c];
                strbuf_puts(out, c ? "|" : "");
                if (vec_is_valid(v, i)) {
                    vec_value_text(v, i, tz, out);
                } else {
                    strbuf_puts(out, "NULL");
                }
            }
            strbuf_putc(out, '\n');
        }
    }
}

/* Rows of a statement, or "error CONDITION"; the text is the caller's to free. */
static inline char *run_sql(Test *t, const char *sql, char **ret_schema)
{
    PlanTree *tree;
    RowSet *rows;
    StrBuf out = {0}, schema = {0};
    fb_status st = session_sql(t->session, str_of(sql), NULL, &tree, &rows, &t->err);
    if (st == FB_OK && tree) {
        st = session_collect(t->session, tree, NULL, &rows, &t->err);
        plantree_release(tree);
    }
    if (st != FB_OK) {
        strbuf_printf(&out, "error %s\n", err_condition(t->err.id));
        err_clear(&t->err);
    } else {
        rows_text(rows, &out);
        type_simple_string(rows->schema, &schema);
        rowset_release(rows);
    }
    if (ret_schema) {
        *ret_schema = strbuf_take(&schema);
    } else {
        strbuf_free(&schema);
    }
    return strbuf_take(&out);
}

static inline void expect(Test *t, const char *sql, const char *rows)
{
    char *got = run_sql(t, sql, NULL);
    if (strcmp(got, rows) != 0) {
        fail_msg("%s\ngot:\n%s\nexpected:\n%s", sql, got, rows);
    }
    mem_free(got);
}

static inline void expect_schema(Test *t, const char *sql, const char *schema)
{
    char *got;
    mem_free(run_sql(t, sql, &got));
    assert_string_equal(got, schema);
    mem_free(got);
}

static inline PlanTree *plan_of(Test *t, const char *sql)
{
    PlanTree *tree = NULL;
    RowSet *rows;
    OK(t, session_sql(t->session, str_of(sql), NULL, &tree, &rows, &t->err));
    assert_non_null(tree);
    return tree;
}

static inline const char *path_in(const Test *t, const char *name, Arena *a)
{
    return arena_printf(a, "%s/%s", t->dir, name);
}

static inline void put_file(Test *t, const char *path, const char *text)
{
    OK(t, vfs_write_file(path, text, strlen(text), true, NULL, &t->err));
}

#endif
