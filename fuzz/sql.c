/*
 * sql.c - fuzz target: SQL text, cut into tokens and parsed.
 *
 * A text is parsed as a statement, as an expression, as a name, and as a script; a statement that
 * sql_split() hands out is a piece of its script, in order.
 */
#include "sql/sql.h"
#include "support/fuzz.h"

typedef struct Script {
    Str text;
    const char *at;
} Script;

static fb_status take_statement(void *arg, Str statement, fb_error *err)
{
    Script *s = arg;

    (void)err;
    FB_ASSERT(statement.n > 0 && statement.p >= s->at &&
              statement.p + statement.n <= s->text.p + s->text.n);
    s->at = statement.p + statement.n;
    return FB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena a = {0};
    fb_error err = {0};
    Plan *plan = NULL;
    Expr *expr = NULL;
    const char **parts = NULL;
    uint32_t n_parts = 0;
    Str sql = fuzz_exact((Str){(const char *)data, size});

    fb_status st = sql_parse_statement(&a, sql, NULL, &plan, &err);
    if (st == FB_OK) {
        FB_ASSERT(plan != NULL);
        StrBuf text = {0};
        plan_explain(plan, &text);
        strbuf_free(&text);
    }
    fuzz_failed(st, &err);
    fuzz_failed(sql_parse_expr(&a, sql, &expr, &err), &err);
    st = sql_parse_name(&a, sql, &parts, &n_parts, &err);
    FB_ASSERT(st != FB_OK || n_parts > 0);
    fuzz_failed(st, &err);
    Script script = {sql, sql.p};
    fuzz_failed(sql_split(sql, take_statement, &script, &err), &err);
    arena_free(&a);
    mem_free((void *)(uintptr_t)sql.p);
    return 0;
}
