/*
 * explain.c - explain() in Spark's sections. There is no generated code and there are no
 * statistics: the mode codegen says so, the mode cost shows the optimized and the physical plan.
 */
#include "session/session_priv.h"

fb_status explain_mode_parse(const char *name, ExplainMode *ret, fb_error *err)
{
    static const char *const names[] = {"simple", "extended", "codegen", "cost", "formatted"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (cstr_eq_nocase(name, names[i])) {
            *ret = (ExplainMode)i;
            return FB_OK;
        }
    }
    return err_unsupported(err, "EXPLAIN %s", name);
}

static void section(StrBuf *out, const char *title, const Plan *p)
{
    strbuf_printf(out, "== %s ==\n", title);
    if (p) {
        plan_explain(p, out);
        strbuf_putc(out, '\n');
    }
}

static void schema_line(const Plan *p, StrBuf *out)
{
    for (uint32_t i = 0; i < p->n_out; i++) {
        strbuf_printf(out, "%s%s: ", i ? ", " : "", p->out[i].name);
        type_simple_string(p->out[i].type, out);
    }
    strbuf_putc(out, '\n');
}

/* A stream has no physical plan of its own before it is started. */
static fb_status physical(Session *s, const Plan *best, StrBuf *out, fb_error *err)
{
    Exec *x;
    section(out, "Physical Plan", NULL);
    if (best->streaming) {
        plan_explain(best, out);
        return FB_OK;
    }
    RowSet *none = rowset_new(plan_schema(best));
    Op *sink = op_collect(none);
    rowset_release(none);
    TRY(exec_compile(best, s->conf, s->engine->pool, &s->engine->budget, NULL, sink, &x, err));
    exec_explain(x, best, out);
    exec_free(x);
    return FB_OK;
}

fb_status explain_text(Session *s, const Plan *parsed, const Plan *analyzed, ExplainMode mode,
                       StrBuf *out, fb_error *err)
{
    Arena a = {0};
    if (mode == EXPLAIN_CODEGEN) {
        strbuf_puts(out, "Found 0 WholeStageCodegen subtrees.\n");
        return FB_OK;
    }
    const Plan *best = optimize(&s->catalog, &a, (Plan *)analyzed);
    if (mode == EXPLAIN_EXTENDED) {
        section(out, "Parsed Logical Plan", parsed);
        section(out, "Analyzed Logical Plan", NULL);
        schema_line(analyzed, out);
        plan_explain(analyzed, out);
        strbuf_putc(out, '\n');
    }
    if (mode == EXPLAIN_EXTENDED || mode == EXPLAIN_COST) {
        section(out, "Optimized Logical Plan", best);
    }
    fb_status st = physical(s, best, out, err);
    if (mode != EXPLAIN_EXTENDED) {
        strbuf_putc(out, '\n');
    }
    arena_free(&a);
    return st;
}

fb_status session_explain(Session *s, const PlanTree *t, ExplainMode mode, StrBuf *out,
                          fb_error *err)
{
    return explain_text(s, t->plan, t->plan, mode, out, err);
}
