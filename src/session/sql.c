/*
 * sql.c - a statement's text: queries become plans, commands run at once.
 */
#include "session/session_priv.h"

#include "base/budget.h"

fb_status session_sql(Session *s, Str sql, const struct SqlArgs *args, PlanTree **ret_tree,
                      RowSet **ret_rows, fb_error *err)
{
    PlanTree *t = plantree_new();
    plantree_limit(t, &s->engine->budget);
    *ret_tree = NULL;
    *ret_rows = NULL;
    /* The tree keeps the text's names and literals. */
    Str text = {arena_bytes(&t->arena, sql.p, sql.n), sql.n};
    fb_status st = arena_check(&t->arena, err);
    st = st == FB_OK ? sql_parse_statement(&t->arena, text, args, &t->plan, err) : st;
    if (st == FB_OK && t->plan->kind == P_COMMAND) {
        st = session_command(s, t->plan, text, ret_rows, err);
        plantree_release(t);
        return st;
    }
    if (st == FB_OK) {
        st = session_resolve(s, t, text, err);
    }
    if (st != FB_OK) {
        plantree_release(t);
        return st;
    }
    *ret_tree = t;
    return FB_OK;
}
