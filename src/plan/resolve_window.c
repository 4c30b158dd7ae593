/*
 * resolve_window.c - fn(…) OVER (…): refused.
 *
 * Window functions are not built. On a stream Spark has none either, and says so by a condition
 * that names the function and its window as it prints them: in capitals, with the frame that the
 * function has by default when none is written.
 */
#include "plan/analyzer_priv.h"

static bool over_a_stream(const Scope *s)
{
    for (; s; s = s->next) {
        for (uint32_t i = 0; i < s->n_plans; i++) {
            if (s->plans[i]->streaming) {
                return true;
            }
        }
    }
    return false;
}

/* Functions of the position in the partition count rows; aggregates take what is equal in order. */
static const char *default_frame(const Expr *fn, bool ordered)
{
    static const char *const by_rows[] = {"row_number", "rank",  "dense_rank", "percent_rank",
                                          "cume_dist",  "ntile", "lag",        "lead"};
    if (!ordered) {
        return "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";
    }
    for (size_t i = 0; i < sizeof(by_rows) / sizeof(by_rows[0]); i++) {
        if (fn->n_parts && cstr_eq_nocase(fn->parts[fn->n_parts - 1], by_rows[i])) {
            return "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
        }
    }
    return "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
}

static void print_items(const Expr *e, uint32_t from, uint32_t to, const char *title, StrBuf *b)
{
    for (uint32_t i = from; i < to; i++) {
        strbuf_puts(b, i == from ? title : ", ");
        expr_sql(e->args[i], b);
    }
    strbuf_puts(b, from < to ? " " : "");
}

static const char *window_text(const Expr *e, Arena *a)
{
    StrBuf b = {0};
    uint32_t keys = 1 + e->column;
    strbuf_putc(&b, '(');
    print_items(e, 1, keys, "PARTITION BY ", &b);
    print_items(e, keys, e->n_args, "ORDER BY ", &b);
    strbuf_puts(&b, e->name ? e->name : default_frame(e->args[0], keys < e->n_args));
    strbuf_putc(&b, ')');
    return strbuf_arena(&b, a);
}

const char *window_sql(const Expr *e, Arena *a)
{
    StrBuf fn = {0};
    expr_sql(e->args[0], &fn);
    return arena_printf(a, "%s OVER %s", strbuf_arena(&fn, a), window_text(e, a));
}

static char *in_capitals(const char *text, Arena *a)
{
    char *s = arena_strdup(a, text);
    for (char *p = s; *p; p++) {
        *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    }
    return s;
}

fb_status refuse_window(AnalyzeCtx *cx, const Scope *s, const Expr *in, fb_error *err)
{
    StrBuf fn = {0};
    if (!over_a_stream(s)) {
        return err_unsupported(err, "window functions (OVER)");
    }
    expr_sql(in->args[0], &fn);
    const char *function = strbuf_arena(&fn, cx->arena), *spec = window_text(in, cx->arena);
    const char *name = cx->window_name;
    if (!name) {
        name = window_sql(in, cx->arena);
    }
    return err_set(err, ERR_NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING, "windowFunc",
                   in_capitals(function, cx->arena), "columnName",
                   arena_printf(cx->arena, "`%s`", name), "windowSpec",
                   in_capitals(spec, cx->arena), NULL);
}
