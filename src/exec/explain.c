/*
 * explain.c - the physical plan as text: the tree of operators, then the pipelines that run it, in
 * their order.
 */
#include "exec/exec.h"

void exec_explain(const Exec *x, const Plan *plan, StrBuf *out)
{
    plan_explain(plan, out);
    strbuf_printf(out, "\nPipelines (%u worker%s):\n", x->n_workers, x->n_workers == 1 ? "" : "s");
    for (uint32_t i = 0; i < x->n_pipes; i++) {
        const Pipeline *p = &x->pipes[i];
        strbuf_printf(out, "(%u) %s", i + 1, p->source_owned ? "Scan" : "Rows kept before");
        for (const Op *op = p->first; op; op = op->next) {
            strbuf_printf(out, " -> %s", op->vt->name);
        }
        strbuf_putc(out, '\n');
    }
}
