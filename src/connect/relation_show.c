/*
 * relation_show.c - show() and the notebook's table: rows that are drawn here and sent as one
 * string.
 *
 * One row more than is asked for is taken, to know whether there are more. The input runs during
 * the conversion, with the request's cancel flag.
 */
#include "column/show.h"
#include "column/timezone.h"
#include "connect/convert.h"

#define MAX_SHOWN 2147483631 /* Spark's longest array less the row that tells of more */

/* The first rows of the input and whether there are more; *ret is the caller's. */
static fb_status first_rows(Convert *c, const SC(Relation) * input, int64_t n, RowSet **ret,
                            fb_error *err)
{
    PlanTree *t = plantree_new();
    Arena *outer = c->arena;
    c->arena = &t->arena;
    Plan *p;
    fb_status st = convert_relation(c, input, &p, err);
    if (st == FB_OK) {
        Plan *limit = plan_new(c->arena, P_LIMIT, 1, p);
        limit->exprs = ARENA_ARRAY(c->arena, Expr *, 1);
        limit->exprs[0] = expr_literal_int(c->arena, type_int, n + 1);
        limit->n_exprs = 1;
        t->plan = limit;
        st = session_resolve(c->session, t, (Str){0}, err);
    }
    c->arena = outer;
    if (st == FB_OK) {
        st = session_collect(c->session, t, c->cancel, ret, err);
    }
    if (st != FB_OK) {
        convert_locate(c, err);
    }
    plantree_release(t);
    return st;
}

static Plan *one_string(Convert *c, const char *column, Str text)
{
    Field f = {.name = column, .type = type_string, .nullable = false};
    RowSet *rows = rowset_new(type_struct(&f, 1));
    Arena a = {0};
    Vec v;
    VecBuilder *b = vecb_new(&a, type_string);
    vecb_str(b, text);
    vecb_finish(b, &v);
    Batch batch = {.n_rows = 1, .n_cols = 1, .col = &v};
    rowset_append(rows, &batch);
    arena_free(&a);
    return convert_rows(c, rows);
}

static fb_status session_zone(Convert *c, const TimeZone **ret, fb_error *err)
{
    const char *zone = conf_get(session_conf(c->session), "spark.sql.session.timeZone", c->arena);
    *ret = tz_system();
    return zone ? tz_get(str_of(zone), ret, err) : FB_OK;
}

static int64_t shown(int32_t n)
{
    return n < 0 ? 0 : n > MAX_SHOWN ? MAX_SHOWN : n;
}

fb_status convert_show(Convert *c, const SC(ShowString) * in, Plan **ret, fb_error *err)
{
    RowSet *rows;
    const TimeZone *tz;
    StrBuf out = {0};
    int64_t n = shown(in->num_rows);
    if (c->session == NULL) {
        return err_internal(err, "show without a session");
    }
    TRY(session_zone(c, &tz, err));
    TRY(first_rows(c, in->input, n, &rows, err));
    show_rows(rows, n, in->truncate, in->vertical, rows->n_rows > (uint64_t)n, tz, &out);
    *ret = one_string(c, "show_string", strbuf_str(&out));
    strbuf_free(&out);
    rowset_release(rows);
    return FB_OK;
}

fb_status convert_html(Convert *c, const SC(HtmlString) * in, Plan **ret, fb_error *err)
{
    RowSet *rows;
    const TimeZone *tz;
    StrBuf out = {0};
    int64_t n = shown(in->num_rows);
    if (c->session == NULL) {
        return err_internal(err, "a table without a session");
    }
    TRY(session_zone(c, &tz, err));
    TRY(first_rows(c, in->input, n, &rows, err));
    show_html(rows, n, in->truncate, rows->n_rows > (uint64_t)n, tz, &out);
    *ret = one_string(c, "html_string", strbuf_str(&out));
    strbuf_free(&out);
    rowset_release(rows);
    return FB_OK;
}
