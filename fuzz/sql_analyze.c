/*
 * sql_analyze.c - fuzz target: SQL queries through the analyzer and the optimizer, which evaluates
 * what is constant.
 *
 * A session is there, with a view to read. Commands are left alone, and no query is run; files are
 * in memory, where there are none.
 */
#include "session/session.h"
#include "sql/sql.h"
#include "support/fuzz.h"

static Session *session(void)
{
    static Engine *engine;
    static Session *s;
    fb_error err = {0};
    PlanTree *view;
    RowSet *none;

    if (!s) {
        fuzz_put_file(FUZZ_DIR "/.keep", "", 0);
        engine = engine_new(1);
        s = session_new(engine, "fuzz");
        Str sql =
            STR_LIT("SELECT id AS a, CAST(id AS STRING) AS b, array(id) AS c, map('k', 2.5) AS d,"
                    " named_struct('x', 1, 'y', DATE '2024-02-29') AS e FROM range(10)");
        FB_ASSERT(session_sql(s, sql, NULL, &view, &none, &err) == FB_OK);
        FB_ASSERT(session_create_view(s, "t", view, false, true, &err) == FB_OK);
        plantree_release(view);
    }
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena a = {0};
    fb_error err = {0};
    Plan *plan = NULL;
    PlanTree *tree = NULL;
    StrBuf text = {0};

    if (size > 1024) { /* types live as long as the process */
        return 0;
    }
    Str sql = fuzz_exact((Str){(const char *)data, size});
    fb_status st = sql_parse_statement(&a, sql, NULL, &plan, &err);
    if (st == FB_OK && plan->kind != P_COMMAND) {
        st = session_analyze(session(), plan, sql, &tree, &err);
    }
    if (tree) {
        st = session_explain(session(), tree, EXPLAIN_EXTENDED, &text, &err);
        plantree_release(tree);
    }
    fuzz_failed(st, &err);
    strbuf_free(&text);
    arena_free(&a);
    mem_free((void *)(uintptr_t)sql.p);
    return 0;
}
