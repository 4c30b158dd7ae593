/*
 * sql_text.c - SQL inside of messages, and the positions that errors refer to.
 *
 * Each text is parsed for itself, then the positions in the result are moved into the range that
 * the text got (convert.h). Parts of a parsed tree may be shared (a BETWEEN b AND c uses a twice),
 * so what lies in a range above CONVERT_FIRST_POSITION has been moved already and stays; a text
 * is at most that long, or its positions are given up.
 *
 * Depth: the parser bounds the trees that are walked here (PLAN_MAX_DEPTH).
 */
#include "connect/convert.h"

/* ---- ranges ---- */

/* The first position of a new range, or 0 when there is no room. */
static int new_range(Convert *c, ConvertText t)
{
    if (t.n < 0 || t.n >= CONVERT_FIRST_POSITION || c->next_position > INT32_MAX - t.n - 1) {
        return 0;
    }
    if (c->n_texts == c->cap_texts) {
        c->cap_texts = c->cap_texts ? c->cap_texts * 2 : 16;
        c->texts = mem_realloc(c->texts, mem_mul(c->cap_texts, sizeof(ConvertText)));
    }
    t.first = c->next_position;
    c->texts[c->n_texts++] = t;
    c->next_position += t.n + 1; /* the place behind the last character counts as inside */
    return t.first;
}

static void move(int *start, int *stop, int by)
{
    if (*start < 0 || *start >= CONVERT_FIRST_POSITION) {
        return;
    }
    *start = by ? *start + by : -1;
    *stop = by ? *stop + by : -1;
}

static void move_plan(Plan *p, int by);

static void move_expr(Expr *e, int by)
{
    if (e == NULL) {
        return;
    }
    bool moved = e->start >= CONVERT_FIRST_POSITION;
    move(&e->start, &e->stop, by);
    for (uint32_t i = 0; i < e->n_args && !moved; i++) {
        move_expr(e->args[i], by);
    }
    if (!moved) {
        move_expr(e->filter, by);
    }
    if (e->plan != NULL && !moved) {
        move_plan(e->plan, by);
    }
}

static void move_exprs(Expr **list, size_t n, int by)
{
    for (size_t i = 0; i < n; i++) {
        move_expr(list[i], by);
    }
}

static void move_plan(Plan *p, int by)
{
    if (p == NULL) {
        return;
    }
    move(&p->start, &p->stop, by);
    for (uint32_t i = 0; i < p->n_children; i++) {
        move_plan(p->child[i], by);
    }
    move_exprs(p->exprs, p->n_exprs, by);
    move_exprs(p->groups, p->n_groups, by);
    if (p->sets != NULL) {
        move_exprs(p->sets, (size_t)p->n_sets * p->n_set_cols, by);
    }
    if (p->command != NULL) {
        move_plan(p->command->query, by);
    }
}

static bool strip_expr(void *arg, const Expr *e)
{
    (void)arg;
    Expr *own = (Expr *)e; /* the tree is not shared yet, see the header */
    own->start = -1;
    own->stop = -1;
    return true;
}

static bool strip_plan(void *arg, const Plan *p)
{
    Plan *own = (Plan *)p;
    own->start = -1;
    own->stop = -1;
    for (uint32_t i = 0; i < p->n_exprs; i++) {
        expr_visit(p->exprs[i], strip_expr, arg);
    }
    for (uint32_t i = 0; i < p->n_groups; i++) {
        expr_visit(p->groups[i], strip_expr, arg);
    }
    for (size_t i = 0; p->sets != NULL && i < (size_t)p->n_sets * p->n_set_cols; i++) {
        expr_visit(p->sets[i], strip_expr, arg);
    }
    return true;
}

void convert_strip_positions(PlanTree *t)
{
    plan_visit(t->plan, strip_plan, NULL);
}

/* ---- parsing ---- */

/* A copy of the text for the parser, whose results may point into it; the range gets the message's
 * own, which lives as long as the conversion. */
static Str own_text(Convert *c, const char *sql)
{
    Str s = str_of(sql != NULL ? sql : "");
    char *own = arena_bytes(c->arena, s.p, s.n);
    str_restore_nul(own, s.n);
    return (Str){own, s.n};
}

static int range_of(Convert *c, const char *sql)
{
    Str text = str_of(sql != NULL ? sql : "");
    if (text.n >= CONVERT_FIRST_POSITION) {
        return 0;
    }
    return new_range(c, (ConvertText){.n = (int)text.n, .text = text});
}

fb_status convert_sql(Convert *c, const char *sql, const SqlArgs *args, Plan **ret, fb_error *err)
{
    TRY(sql_parse_statement(c->arena, own_text(c, sql), args, ret, err));
    move_plan(*ret, range_of(c, sql));
    return FB_OK;
}

fb_status convert_sql_expr(Convert *c, const char *sql, Expr **ret, fb_error *err)
{
    TRY(sql_parse_expr(c->arena, own_text(c, sql), ret, err));
    move_expr(*ret, range_of(c, sql));
    return FB_OK;
}

/* A parameter is a literal; older clients send it as such, newer ones as an expression. */
static fb_status sql_arg(Convert *c, const SC(Expression) * e, const SC(Expression__Literal) * lit,
                         Expr **ret, fb_error *err)
{
    if (e == NULL) {
        return convert_literal(c, lit, ret, err);
    }
    TRY(convert_expr(c, e, ret, err));
    (*ret)->start = -1;
    (*ret)->stop = -1;
    return FB_OK;
}

typedef struct ArgsIn {
    size_t n_args, n_pos_args, n_named, n_pos;
    SC(SQL__ArgsEntry) * *args;
    SC(SqlCommand__ArgsEntry) * *command_args;
    SC(Expression__Literal) * *pos_args;
    SC(SQL__NamedArgumentsEntry) * *named;
    SC(SqlCommand__NamedArgumentsEntry) * *command_named;
    SC(Expression) * *pos;
} ArgsIn;

static fb_status sql_args(Convert *c, const ArgsIn *in, SqlArgs *ret, fb_error *err)
{
    size_t n_named = in->n_named ? in->n_named : in->n_args;
    size_t n_pos = in->n_pos ? in->n_pos : in->n_pos_args;
    size_t n = n_named ? n_named : n_pos;
    *ret = (SqlArgs){0};
    if (n == 0) {
        return FB_OK;
    }
    if (n > UINT32_MAX) {
        return err_internal(err, "%zu parameters", n);
    }
    const char **names = n_named ? ARENA_ARRAY(c->arena, const char *, n) : NULL;
    Expr **values = ARENA_ARRAY(c->arena, Expr *, n);
    for (size_t i = 0; i < n; i++) {
        const SC(Expression) *e = NULL;
        const SC(Expression__Literal) *lit = NULL;
        const char *name = NULL;
        if (in->n_named) {
            name = in->named ? in->named[i]->key : in->command_named[i]->key;
            e = in->named ? in->named[i]->value : in->command_named[i]->value;
        } else if (in->n_args) {
            name = in->args ? in->args[i]->key : in->command_args[i]->key;
            lit = in->args ? in->args[i]->value : in->command_args[i]->value;
        } else if (in->n_pos) {
            e = in->pos[i];
        } else {
            lit = in->pos_args[i];
        }
        if (names != NULL) {
            names[i] = convert_str(c, name);
        }
        TRY(sql_arg(c, e, lit, &values[i], err));
    }
    *ret = (SqlArgs){.names = names, .values = values, .n = (uint32_t)n};
    return FB_OK;
}

fb_status convert_sql_args(Convert *c, const SC(SQL) * in, SqlArgs *ret, fb_error *err)
{
    ArgsIn a = {.n_args = in->n_args,
                .n_pos_args = in->n_pos_args,
                .n_named = in->n_named_arguments,
                .n_pos = in->n_pos_arguments,
                .args = in->args,
                .pos_args = in->pos_args,
                .named = in->named_arguments,
                .pos = in->pos_arguments};
    return sql_args(c, &a, ret, err);
}

fb_status convert_command_args(Convert *c, const SC(SqlCommand) * in, SqlArgs *ret, fb_error *err)
{
    ArgsIn a = {.n_args = in->n_args,
                .n_pos_args = in->n_pos_args,
                .n_named = in->n_named_arguments,
                .n_pos = in->n_pos_arguments,
                .command_args = in->args,
                .pos_args = in->pos_args,
                .command_named = in->named_arguments,
                .pos = in->pos_arguments};
    return sql_args(c, &a, ret, err);
}

/* ---- call sites and errors ---- */

void convert_origin(Convert *c, const SC(Expression) * in, Expr *e)
{
    if (e->start >= 0 || in->common == NULL || in->common->origin == NULL ||
        in->common->origin->function_case != SPARK__CONNECT__ORIGIN__FUNCTION_PYTHON_ORIGIN) {
        return;
    }
    const SC(PythonOrigin) *o = in->common->origin->python_origin;
    if (o->fragment == NULL || o->call_site == NULL || o->call_site[0] == '\0') {
        return;
    }
    int first =
        new_range(c, (ConvertText){.n = 1, .fragment = o->fragment, .call_site = o->call_site});
    if (first) {
        e->start = first;
        e->stop = first + 1;
    }
}

static const ConvertText *text_at(const Convert *c, int position)
{
    uint32_t lo = 0, hi = c->n_texts;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (c->texts[mid].first <= position) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    const ConvertText *t = lo ? &c->texts[lo - 1] : NULL;
    return t != NULL && position <= t->first + t->n ? t : NULL;
}

void convert_locate(const Convert *c, fb_error *err)
{
    if (!err_is_set(err) || err->start < 0 || err->summary != NULL) {
        return;
    }
    const ConvertText *t = text_at(c, err->start);
    int start = err->start, stop = err->stop;
    err->start = -1;
    err->stop = -1;
    if (t == NULL) {
        return;
    }
    if (t->text.p != NULL) {
        int last = t->first + t->n;
        err_where(err, start - t->first, (stop < last ? stop : last) - t->first, t->text);
        return;
    }
    StrBuf b = {0};
    strbuf_printf(&b, "== DataFrame ==\n\"%s\" was called from\n%s\n", t->fragment, t->call_site);
    err->summary = strbuf_take(&b);
    err->fragment = mem_strdup(t->fragment);
}
