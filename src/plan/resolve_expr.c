/*
 * resolve_expr.c - names, stars and functions inside expressions.
 *
 * A dotted name is tried as qualifier.column[.field…] first, then as column[.field…], as Spark
 * does; both compare without case unless spark.sql.caseSensitive. What matches two columns is
 * ambiguous. Columns taken from a DataFrame are resolve_dataframe.c's.
 */
#include "column/datetime.h"
#include "plan/analyzer_priv.h"

#include <stdlib.h>

#define MAX_SUGGESTIONS 5

bool name_eq(const AnalyzeCtx *cx, const char *a, const char *b)
{
    return cx->case_sensitive ? strcmp(a, b) == 0 : cstr_eq_nocase(a, b);
}

void list_push(Arena *a, Expr ***list, uint32_t *n, uint32_t *cap, Expr *e)
{
    if (*n == *cap) {
        uint32_t more = *cap ? *cap * 2 : 8;
        Expr **grown = ARENA_ARRAY(a, Expr *, more);
        if (*n) {
            memcpy(grown, *list, *n * sizeof(*grown));
        }
        *list = grown;
        *cap = more;
    }
    (*list)[(*n)++] = e;
}

Scope scope_of(Plan *const *children, uint32_t n, Arena *a)
{
    Scope s = {.plans = children, .n_plans = n};
    if (n == 1) {
        s.attrs = children[0]->out;
        s.n_attrs = children[0]->n_out;
        return s;
    }
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        total += children[i]->n_out;
    }
    Attr *all = ARENA_ARRAY(a, Attr, total);
    for (uint32_t i = 0, k = 0; i < n; i++) {
        for (uint32_t j = 0; j < children[i]->n_out; j++) {
            all[k++] = children[i]->out[j];
        }
    }
    s.attrs = all;
    s.n_attrs = total;
    return s;
}

Expr *ref_of_attr(AnalyzeCtx *cx, const Attr *a)
{
    Expr *e = expr_attr(cx->arena, a->id, a->name, a->type, a->nullable);
    e->metadata = a->metadata;
    return e;
}

Attr attr_of_expr(const Expr *e)
{
    return (Attr){.id = e->attr,
                  .name = e->name,
                  .type = e->type,
                  .nullable = e->nullable,
                  .metadata = e->metadata,
                  .watermark_us = -1};
}

Expr *coerce_to(AnalyzeCtx *cx, Expr *e, const Type *t)
{
    return bind_cast_expr(&cx->bind, e, t);
}

/* ---- names ---- */

/* Descends into struct fields for the parts of a name that follow the column. */
static fb_status extract_fields(AnalyzeCtx *cx, Expr *base, const char *const *parts, uint32_t n,
                                const Expr *ref, Expr **ret, fb_error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        Expr *call = expr_unresolved_func(cx->arena, "extractvalue", NULL, 0);
        Expr *args[2] = {base, expr_literal_str(cx->arena, str_of(parts[i]))};
        call->start = ref->start;
        call->stop = ref->stop;
        if (func_bind(&cx->bind, call, args, 2, &base, err) != FB_OK) {
            err_where(err, ref->start, ref->stop, cx->sql);
            return FB_ERR;
        }
        base->column_name = parts[i];
    }
    *ret = base;
    return FB_OK;
}

/* Whether the attribute answers to the first n_qual parts as its qualifier. */
static bool qualifier_matches(const AnalyzeCtx *cx, const Attr *a, const char *const *parts,
                              uint32_t n_qual)
{
    if (a->n_qualifier < n_qual) {
        return false;
    }
    for (uint32_t i = 0; i < n_qual; i++) {
        if (!name_eq(cx, a->qualifier[a->n_qualifier - n_qual + i], parts[i])) {
            return false;
        }
    }
    return true;
}

static void quote_name(StrBuf *b, const char *const *parts, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i) {
            strbuf_putc(b, '.');
        }
        strbuf_putc(b, '`');
        for (const char *c = parts[i]; *c; c++) {
            if (*c == '`') {
                strbuf_putc(b, '`');
            }
            strbuf_putc(b, *c);
        }
        strbuf_putc(b, '`');
    }
}

static fb_status ambiguous(AnalyzeCtx *cx, const Expr *ref, const Attr *const *hits,
                           uint32_t n_hits, uint32_t n_qual, fb_error *err)
{
    StrBuf name = {0}, refs = {0};
    quote_name(&name, ref->parts, ref->n_parts);
    strbuf_putc(&refs, '[');
    for (uint32_t i = 0; i < n_hits; i++) {
        if (i) {
            strbuf_puts(&refs, ", ");
        }
        if (hits[i]->n_qualifier) {
            quote_name(&refs, hits[i]->qualifier, hits[i]->n_qualifier);
            strbuf_putc(&refs, '.');
        }
        quote_name(&refs, &ref->parts[n_qual], 1); /* spelled as it was asked for */
    }
    strbuf_putc(&refs, ']');
    fb_status st = err_set(err, ERR_AMBIGUOUS_REFERENCE, "name", strbuf_arena(&name, cx->arena),
                           "referenceNames", strbuf_arena(&refs, cx->arena), NULL);
    err_where(err, ref->start, ref->stop, cx->sql);
    return st;
}

/* One reading of the name: n_qual parts of qualifier, then the column, then fields. */
static fb_status match_at(AnalyzeCtx *cx, const Scope *s, const Expr *ref, uint32_t n_qual,
                          bool metadata_only, Expr **ret, fb_error *err)
{
    const Attr *hits[8];
    uint32_t n_hits = 0;
    for (uint32_t i = 0; i < s->n_attrs && n_hits < 8; i++) {
        const Attr *a = &s->attrs[i];
        if ((a->metadata_column || !metadata_only) && name_eq(cx, a->name, ref->parts[n_qual]) &&
            qualifier_matches(cx, a, ref->parts, n_qual)) {
            bool again = false;
            for (uint32_t k = 0; k < n_hits; k++) {
                again |= hits[k]->id == a->id;
            }
            if (!again) {
                hits[n_hits++] = a;
            }
        }
    }
    if (n_hits == 0) {
        return FB_OK;
    }
    if (n_hits > 1) {
        return ambiguous(cx, ref, hits, n_hits, n_qual, err);
    }
    Expr *e = ref_of_attr(cx, hits[0]);
    e->name = ref->parts[n_qual]; /* a column is called as the query spells it */
    e->start = ref->start;
    e->stop = ref->stop;
    return extract_fields(cx, e, ref->parts + n_qual + 1, ref->n_parts - n_qual - 1, ref, ret, err);
}

/* df.metadataColumn(name): by the name that the column has where no other is in its way. */
static fb_status resolve_metadata_column(AnalyzeCtx *cx, const Scope *s, const Expr *ref,
                                         Expr **ret)
{
    Attr *hidden;
    uint32_t n = hidden_output(cx, s->plans, s->n_plans, &hidden);
    for (uint32_t i = 0; i < n && ref->n_parts == 1 && !*ret; i++) {
        const char *name = hidden[i].name;
        while (hidden[i].metadata_column && name[0] == '_' && name[1] == '_') {
            name++;
        }
        if (hidden[i].metadata_column && name_eq(cx, name, ref->parts[0])) {
            *ret = ref_of_attr(cx, &hidden[i]);
            cx->hidden_used = true;
        }
    }
    return FB_OK;
}

fb_status resolve_name(AnalyzeCtx *cx, const Scope *s, const Expr *ref, Expr **ret, fb_error *err)
{
    *ret = NULL;
    if (ref->plan_id) {
        return resolve_dataframe_column(cx, s, ref, ret, err);
    }
    uint32_t most = ref->n_parts - 1 < 3 ? ref->n_parts - 1 : 3;
    if (ref->metadata_column) {
        return resolve_metadata_column(cx, s, ref, ret);
    }
    for (uint32_t n_qual = most + 1; n_qual-- > 0;) {
        TRY(match_at(cx, s, ref, n_qual, false, ret, err));
        if (*ret) {
            return FB_OK;
        }
    }
    Attr *hidden = NULL;
    Scope h = {.n_attrs = hidden_output(cx, s->plans, s->n_plans, &hidden)};
    h.attrs = hidden;
    for (uint32_t n_qual = most + 1; h.n_attrs && n_qual-- > 0;) {
        TRY(match_at(cx, &h, ref, n_qual, n_qual == 0, ret, err));
        if (*ret) {
            cx->hidden_used = true;
            return FB_OK;
        }
    }
    return FB_OK;
}

/* ---- UNRESOLVED_COLUMN with the closest names ---- */

static uint32_t edit_distance(const char *a, const char *b)
{
    enum { MAX = 256 };
    uint32_t row[MAX + 1];
    size_t n = strlen(a), m = strlen(b);
    if (n > MAX || m > MAX) {
        return UINT32_MAX;
    }
    for (uint32_t j = 0; j <= m; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= n; i++) {
        uint32_t diag = row[0];
        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= m; j++) {
            uint32_t up = row[j];
            uint32_t swap = diag + (a[i - 1] != b[j - 1]);
            uint32_t least = up < row[j - 1] ? up : row[j - 1];
            row[j] = least + 1 < swap ? least + 1 : swap;
            diag = up;
        }
    }
    return row[m];
}

static bool same_qualifier(const Attr *a, const Attr *b)
{
    bool same = a->n_qualifier == b->n_qualifier;
    for (uint32_t i = 0; same && i < a->n_qualifier; i++) {
        same = strcmp(a->qualifier[i], b->qualifier[i]) == 0;
    }
    return same;
}

typedef struct Suggestion {
    const Attr *attr;
    const char *text; /* quoted, with the qualifier where it tells columns apart */
    uint32_t distance;
} Suggestion;

/* Closest first; what is as close, by name, and then in the order of the columns. */
static bool is_closer(const Suggestion *a, const Suggestion *b)
{
    return a->distance != b->distance ? a->distance < b->distance
                                      : strcmp(a->attr->name, b->attr->name) < 0;
}

static uint32_t find_suggestions(AnalyzeCtx *cx, const Scope *s, const Expr *ref,
                                 Suggestion best[MAX_SUGGESTIONS])
{
    StrBuf asked = {0};
    uint32_t n = 0;
    bool qualified = ref->n_parts > 1;
    for (uint32_t i = 0; i < ref->n_parts; i++) {
        strbuf_puts(&asked, i ? "." : "");
        strbuf_puts(&asked, ref->parts[i]);
    }
    const char *name = strbuf_arena(&asked, cx->arena);
    for (uint32_t i = 1; i < s->n_attrs; i++) {
        qualified |= !same_qualifier(&s->attrs[0], &s->attrs[i]);
    }
    for (uint32_t i = 0; i < s->n_attrs; i++) {
        const Attr *a = &s->attrs[i];
        StrBuf text = {0};
        if (qualified && a->n_qualifier) {
            quote_name(&text, a->qualifier, a->n_qualifier);
            strbuf_putc(&text, '.');
        }
        quote_name(&text, &a->name, 1);
        Suggestion x = {.attr = a, .text = strbuf_arena(&text, cx->arena)};
        x.distance = edit_distance(name, x.text);
        uint32_t k = n < MAX_SUGGESTIONS ? n++ : MAX_SUGGESTIONS;
        while (k > 0 && is_closer(&x, &best[k - 1])) {
            if (k < MAX_SUGGESTIONS) {
                best[k] = best[k - 1];
            }
            k--;
        }
        if (k < MAX_SUGGESTIONS) {
            best[k] = x;
        }
    }
    return n;
}

fb_status unresolved_column(AnalyzeCtx *cx, const Scope *s, const Expr *ref, fb_error *err)
{
    StrBuf name = {0}, proposal = {0};
    Suggestion best[MAX_SUGGESTIONS];
    uint32_t n = find_suggestions(cx, s, ref, best);
    quote_name(&name, ref->parts, ref->n_parts);
    for (uint32_t k = 0; k < n; k++) {
        strbuf_puts(&proposal, k ? ", " : "");
        strbuf_puts(&proposal, best[k].text);
    }
    const char *object = strbuf_arena(&name, cx->arena);
    fb_status st;
    if (n) {
        st = err_set(err, ERR_UNRESOLVED_COLUMN_WITH_SUGGESTION, "objectName", object, "proposal",
                     strbuf_arena(&proposal, cx->arena), NULL);
    } else {
        st = err_set(err, ERR_UNRESOLVED_COLUMN_WITHOUT_SUGGESTION, "objectName", object, NULL);
    }
    err_where(err, ref->start, ref->stop, cx->sql);
    return st;
}

fb_status require_among(AnalyzeCtx *cx, const Plan *p, const char *name, fb_error *err)
{
    StrBuf names = {0};
    for (uint32_t i = 0; i < p->n_out; i++) {
        if (name_eq(cx, p->out[i].name, name)) {
            strbuf_free(&names);
            return FB_OK;
        }
        strbuf_puts(&names, i ? ", " : "");
        strbuf_puts(&names, p->out[i].name);
    }
    return err_set(err, ERR_UNRESOLVED_COLUMN_AMONG_FIELD_NAMES, "colName", name, "fieldNames",
                   strbuf_arena(&names, cx->arena), NULL);
}

/* ---- stars ---- */

static bool is_excepted(const AnalyzeCtx *cx, const Expr *star, const char *name)
{
    for (uint32_t i = 0; i < star->n_args; i++) {
        const Expr *x = star->args[i];
        if (name_eq(cx, x->parts[x->n_parts - 1], name)) {
            return true;
        }
    }
    return false;
}

/* What EXCEPT names must be there. */
static fb_status check_excepted(AnalyzeCtx *cx, const Scope *s, const Expr *star, fb_error *err)
{
    for (uint32_t i = 0; i < star->n_args; i++) {
        const Expr *x = star->args[i];
        bool found = x->n_parts > 1;
        for (uint32_t k = 0; k < s->n_attrs && !found; k++) {
            found = name_eq(cx, x->parts[0], s->attrs[k].name);
        }
        if (!found) {
            return unresolved_column(cx, s, x, err);
        }
    }
    return FB_OK;
}

static int by_attr_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sorted_names(AnalyzeCtx *cx, const Scope *s, StrBuf *out)
{
    const char **names = ARENA_ARRAY(cx->arena, const char *, s->n_attrs);
    for (uint32_t i = 0; i < s->n_attrs; i++) {
        names[i] = s->attrs[i].name;
    }
    if (s->n_attrs > 1) {
        qsort(names, s->n_attrs, sizeof(*names), by_attr_name);
    }
    for (uint32_t i = 0; i < s->n_attrs; i++) {
        strbuf_puts(out, i ? ", " : "");
        quote_name(out, &names[i], 1);
    }
}

/* target.* where the target is a struct column rather than a table. */
static fb_status expand_struct(AnalyzeCtx *cx, const Scope *s, const Expr *star, Expr ***list,
                               uint32_t *n, uint32_t *cap, fb_error *err)
{
    Expr *ref = expr_new(cx->arena, E_UNRESOLVED_ATTR, 0);
    ref->parts = star->parts;
    ref->n_parts = star->n_parts;
    ref->start = star->start;
    ref->stop = star->stop;
    Expr *base;
    TRY(resolve_name(cx, s, ref, &base, err));
    if (base && base->type->id != T_STRUCT) {
        return err_set(err, ERR_LEGACY_1050, "attributes",
                       arena_printf(cx->arena, "List(%s)", star->parts[star->n_parts - 1]), NULL);
    }
    if (!base) {
        StrBuf target = {0}, columns = {0};
        quote_name(&target, star->parts, star->n_parts);
        sorted_names(cx, s, &columns);
        fb_status st = err_set(err, ERR_CANNOT_RESOLVE_STAR_EXPAND, "targetString",
                               strbuf_arena(&target, cx->arena), "columns",
                               strbuf_arena(&columns, cx->arena), NULL);
        err_where(err, star->start, star->stop, cx->sql);
        return st;
    }
    for (uint32_t i = 0; i < base->type->n_fields; i++) {
        const char *field = base->type->fields[i].name;
        if (is_excepted(cx, star, field)) {
            continue;
        }
        Expr *e;
        TRY(extract_fields(cx, base, &field, 1, star, &e, err));
        Expr *named = expr_alias(cx->arena, e, field);
        named->attr = attr_new_id();
        list_push(cx->arena, list, n, cap, named);
    }
    return FB_OK;
}

static fb_status expand_star(AnalyzeCtx *cx, const Scope *s, const Expr *star, Expr ***list,
                             uint32_t *n, uint32_t *cap, fb_error *err)
{
    uint32_t before = *n, n_hidden = 0, n_own = 0;
    Attr *hidden;
    const Attr *own;
    if (star->plan_id) {
        TRY(resolve_dataframe_star(cx, s, star, &own, &n_own, err));
    } else if (star->n_parts) {
        n_hidden = hidden_output(cx, s->plans, s->n_plans, &hidden);
    }
    for (uint32_t i = 0; i < n_own; i++) {
        if (!is_excepted(cx, star, own[i].name)) {
            list_push(cx->arena, list, n, cap, ref_of_attr(cx, &own[i]));
        }
    }
    for (uint32_t i = 0; !star->plan_id && i < n_hidden + s->n_attrs; i++) {
        const Attr *a = i < n_hidden ? &hidden[i] : &s->attrs[i - n_hidden];
        bool wanted = star->n_parts == 0 || qualifier_matches(cx, a, star->parts, star->n_parts);
        if (wanted && !(i < n_hidden && a->metadata_column) && !is_excepted(cx, star, a->name)) {
            cx->hidden_used |= i < n_hidden;
            list_push(cx->arena, list, n, cap, ref_of_attr(cx, a));
        }
    }
    if (*n == before && star->n_parts > 0) {
        return expand_struct(cx, s, star, list, n, cap, err);
    }
    return check_excepted(cx, s, star, err);
}

/* The columns whose names match the pattern as a whole. */
static fb_status expand_regex(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr ***list,
                              uint32_t *n, uint32_t *cap, fb_error *err)
{
    const char *pattern =
        arena_printf(cx->arena, "%s\\A(?:%s)\\z", cx->case_sensitive ? "" : "(?i)", in->name);
    for (uint32_t i = 0; i < s->n_attrs; i++) {
        const Attr *a = &s->attrs[i];
        Expr *args[2] = {expr_literal_str(cx->arena, str_text(cx->arena, a->name)),
                         expr_literal_str(cx->arena, str_of(pattern))};
        Expr *call;
        Vec v;
        TRY(func_bind(&cx->bind, expr_unresolved_func(cx->arena, "rlike", NULL, 0), args, 2, &call,
                      err));
        TRY(expr_fold(&cx->eval, call, &v, err));
        if (VEC_AT(uint8_t, &v, 0) && qualifier_matches(cx, a, in->parts, in->n_parts)) {
            list_push(cx->arena, list, n, cap, ref_of_attr(cx, a));
        }
    }
    return FB_OK;
}

fb_status expand_item(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr ***list, uint32_t *n,
                      uint32_t *cap, fb_error *err)
{
    return in->kind == E_UNRESOLVED_STAR ? expand_star(cx, s, in, list, n, cap, err)
                                         : expand_regex(cx, s, in, list, n, cap, err);
}

bool expands(const Expr *e)
{
    return e->kind == E_UNRESOLVED_STAR || e->kind == E_UNRESOLVED_REGEX;
}

/* ---- functions and the rest ---- */

/* Built-in functions answer to their name alone and to (system.)builtin.name. */
static bool names_builtin(const Expr *call)
{
    uint32_t n = call->n_parts;
    return n == 1 || (n == 2 && cstr_eq_nocase(call->parts[0], "builtin")) ||
           (n == 3 && cstr_eq_nocase(call->parts[0], "system") &&
            cstr_eq_nocase(call->parts[1], "builtin"));
}

/* A name that is no function here: one that Spark has, one of a table function, or none at all. */
static fb_status unresolved_routine(AnalyzeCtx *cx, const Expr *call, fb_error *err)
{
    StrBuf name = {0};
    const char *fn = call->parts[call->n_parts - 1];
    fb_status st;
    if (call->n_parts == 1 && (cstr_eq_nocase(call->parts[0], "grouping") ||
                               cstr_eq_nocase(call->parts[0], "grouping_id"))) {
        (void)err_set(err, ERR_UNSUPPORTED_GROUPING_EXPRESSION, NULL);
        err_where(err, call->start, call->stop, cx->sql);
        return FB_ERR;
    }
    quote_name(&name, call->parts, call->n_parts);
    if (names_builtin(call) && func_is_later(fn)) {
        strbuf_free(&name);
        st = err_unsupported(err, "the function %s", fn);
        err_where(err, call->start, call->stop, cx->sql);
        return st;
    }
    if (names_builtin(call) && cstr_eq_nocase(fn, "range")) {
        return err_set(err, ERR_NOT_A_SCALAR_FUNCTION, "functionName",
                       strbuf_arena(&name, cx->arena), NULL);
    }
    if (catalog_check_parts(call->parts, call->n_parts, err) != FB_OK) {
        strbuf_free(&name);
        return FB_ERR;
    }
    st = err_set(err, ERR_UNRESOLVED_ROUTINE, "routineName", strbuf_arena(&name, cx->arena),
                 "searchPath",
                 "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]", NULL);
    err_where(err, call->start, call->stop, cx->sql);
    return st;
}

static fb_status misplaced_star(AnalyzeCtx *cx, const char *in, fb_error *err)
{
    return err_set(err, ERR_INVALID_USAGE_OF_STAR_OR_REGEX, "elem", "'*'", "prettyName",
                   arena_printf(cx->arena, "expression `%s`", in), NULL);
}

/* count(*) counts rows: count(1). Elsewhere a star argument stands for all columns. */
static fb_status resolve_args(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr ***ret,
                              uint32_t *ret_n, fb_error *err)
{
    Expr **args = NULL;
    uint32_t n = 0, cap = 0;
    bool is_count = in->n_parts > 0 && cstr_eq_nocase(in->parts[in->n_parts - 1], "count");
    for (uint32_t i = 0; i < in->n_args; i++) {
        const Expr *a = in->args[i];
        if (a->kind == E_UNRESOLVED_STAR && a->name) {
            return misplaced_star(cx, a->name, err);
        }
        if (a->kind == E_UNRESOLVED_STAR) {
            if (is_count && in->n_args == 1 && a->n_parts == 0 && !in->distinct && !a->n_args) {
                list_push(cx->arena, &args, &n, &cap, expr_literal_int(cx->arena, type_int, 1));
            } else {
                TRY(expand_star(cx, s, a, &args, &n, &cap, err));
            }
            continue;
        }
        if (a->kind == E_LAMBDA) {
            return refuse_lambda(cx, a, in->parts[in->n_parts - 1], err);
        }
        if (expands(a)) {
            TRY(expand_item(cx, s, a, &args, &n, &cap, err));
            continue;
        }
        Expr *r;
        TRY(resolve_expr(cx, s, a, &r, err));
        list_push(cx->arena, &args, &n, &cap, r);
    }
    *ret = args;
    *ret_n = n;
    return FB_OK;
}

/* Arguments of struct(…) name the fields; an alias inside it does too, elsewhere it is dropped. */
static bool keeps_argument_names(const char *fn)
{
    return cstr_eq_nocase(fn, "struct");
}

static fb_status check_aggregate_filter(AnalyzeCtx *cx, const Expr *filter, fb_error *err)
{
    StrBuf sql = {0};
    if (filter->type->id == T_BOOLEAN) {
        return FB_OK;
    }
    expr_sql(filter, &sql);
    (void)err_set(err, ERR_INVALID_AGGREGATE_FILTER_NOT_BOOLEAN, "filterExpr",
                  arena_printf(cx->arena, "\"%s\"", strbuf_arena(&sql, cx->arena)), NULL);
    err_where(err, filter->start, filter->stop, cx->sql);
    return FB_ERR;
}

/* What the alias is of. It still shows as it was written. */
static Expr *without_alias(AnalyzeCtx *cx, const Expr *alias)
{
    StrBuf shown = {0};
    const Expr *e = alias;
    while (e->kind == E_ALIAS) {
        e = e->args[0];
    }
    Expr *bare = expr_copy(cx->arena, e);
    if (!alias->auto_alias) {
        expr_name(alias, &shown);
        bare->parts = ARENA_ARRAY(cx->arena, const char *, 1);
        bare->parts[0] = strbuf_arena(&shown, cx->arena);
        bare->n_parts = 1;
    }
    return bare;
}

/* LIKE ANY (…) and its kin, over constant patterns, are one operator that shows its value only;
 * the parser makes them of single LIKEs and leaves the name in column_name. */
static void show_quantified(AnalyzeCtx *cx, const char *name, Expr *e)
{
    StrBuf shown = {0};
    const Expr *like = e;
    while (like->kind != E_CALL || strcmp(like->name, "not") == 0) {
        like = like->args[0];
    }
    bool lower = strcmp(like->name, "ilike") == 0;
    strbuf_printf(&shown, "%s(%s", name, lower ? "lower(" : "");
    expr_name(like->args[0], &shown);
    strbuf_puts(&shown, lower ? "))" : ")");
    e->parts = ARENA_ARRAY(cx->arena, const char *, 1);
    e->parts[0] = strbuf_arena(&shown, cx->arena);
    e->n_parts = 1;
    e->nullable = true;
}

static fb_status nested_generator(AnalyzeCtx *cx, const Expr *in, Expr **args, uint32_t n,
                                  fb_error *err)
{
    StrBuf sql = {0};
    Expr call = {.kind = E_CALL, .fn = func_lookup(in->parts[in->n_parts - 1])};
    call.name = call.fn->name;
    call.distinct = in->distinct;
    call.args = args;
    call.n_args = n;
    expr_sql(&call, &sql);
    fb_status st = err_set(err, ERR_UNSUPPORTED_GENERATOR_NESTED, "expression",
                           arena_printf(cx->arena, "\"%s\"", strbuf_arena(&sql, cx->arena)), NULL);
    err_where(err, in->start, in->stop, cx->sql);
    return st;
}

static fb_status bind_resolved(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr **args,
                               uint32_t n, Expr **ret, fb_error *err)
{
    const char *fn = in->parts[in->n_parts - 1];
    for (uint32_t i = 0; i < n; i++) {
        if (args[i]->kind == E_ALIAS && !keeps_argument_names(fn)) {
            args[i] = without_alias(cx, args[i]);
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        if (args[i]->kind == E_GENERATOR) {
            return nested_generator(cx, in, args, n, err);
        }
    }
    Expr call = *in;
    if (in->filter) {
        TRY(resolve_expr(cx, s, in->filter, &call.filter, err));
        TRY(check_aggregate_filter(cx, call.filter, err));
    }
    call.column_name = NULL;
    if (func_bind(&cx->bind, &call, args, n, ret, err) != FB_OK) {
        err_where(err, in->start, in->stop, cx->sql);
        return FB_ERR;
    }
    if ((*ret)->start < 0) {
        (*ret)->start = in->start;
        (*ret)->stop = in->stop;
    }
    if (in->column_name) {
        show_quantified(cx, in->column_name, *ret);
    }
    return FB_OK;
}

static fb_status resolve_function(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr **ret,
                                  fb_error *err)
{
    const char *fn = in->parts[in->n_parts - 1];
    const FuncDef *def = in->user_call && func_is_internal(fn) ? NULL : func_lookup(fn);
    if (!def || !names_builtin(in)) {
        return unresolved_routine(cx, in, err);
    }
    if (def->flags & FN_HIGHER_ORDER) {
        Expr **args;
        uint32_t n;
        TRY(resolve_higher_order(cx, s, in, def, &args, &n, err));
        return bind_resolved(cx, s, in, args, n, ret, err);
    }
    Scope inner;
    if (def->kind == FK_AGGREGATE && s->next) {
        Scope outer = *s;
        outer.next = NULL;
        inner = *s->next;
        inner.next = &outer;
        Expr **args;
        uint32_t n;
        TRY(resolve_args(cx, &inner, in, &args, &n, err));
        return bind_resolved(cx, &inner, in, args, n, ret, err);
    }
    Expr **args;
    uint32_t n;
    TRY(resolve_args(cx, s, in, &args, &n, err));
    return bind_resolved(cx, s, in, args, n, ret, err);
}

/* TIMESTAMP 'x' as the parser leaves it: a value of the session's zone, and so is its name. NULL:
 * not one. */
static Expr *resolve_timestamp_literal(AnalyzeCtx *cx, const Expr *cast)
{
    const Expr *text = cast->args[0];
    int64_t us;
    if (!cast->name || strcmp(cast->name, "timestamp_literal") != 0 || text->kind != E_LITERAL ||
        !ts_parse(view_str(&VEC_DATA(View, text->value)[0]), cx->bind.tz, &us)) {
        return NULL;
    }
    Expr *e = expr_literal_int(cx->arena, type_timestamp, us);
    e->start = cast->start;
    e->stop = cast->stop;
    bind_show_literal(&cx->bind, e);
    return e;
}

static fb_status resolve_cast(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr **ret,
                              fb_error *err)
{
    *ret = resolve_timestamp_literal(cx, in);
    if (*ret) {
        return FB_OK;
    }
    Expr *child;
    TRY(resolve_expr(cx, s, in->args[0], &child, err));
    const char *alias = child->kind == E_ALIAS && !child->auto_alias ? child->name : NULL;
    if (child->kind == E_ALIAS) {
        child = without_alias(cx, child);
    }
    EvalMode mode = in->eval_mode == EVAL_TRY ? EVAL_TRY : cx->bind.mode;
    Expr *e = expr_cast(cx->arena, child, in->type, mode, in->user_cast);
    e->name = in->name;
    e->column_name = alias; /* of a cast column that has a name */
    e->parts = in->parts;   /* what it shows as, if it is not a cast to the user */
    e->n_parts = in->n_parts;
    if (in->name && strcmp(in->name, "timestamp_literal") == 0) {
        e->nullable = false; /* the parser has read the text */
    }
    e->start = in->start;
    e->stop = in->stop;
    if (e->name && strcmp(e->name, "timestamp_literal") == 0) {
        e->nullable = false; /* the parser has read it */
    }
    fb_status st = bind_cast_check(&cx->bind, e, err);
    if (st != FB_OK) {
        err_where(err, in->start, in->stop, cx->sql);
    }
    *ret = e;
    return st;
}

/* What an alias of the same list stands for; inside of others it shows as a reference to it. */
static Expr *show_lateral(AnalyzeCtx *cx, const Expr *ref, const Expr *e)
{
    StrBuf shown = {0};
    Expr *copy = expr_copy(cx->arena, e);
    strbuf_printf(&shown, "lateralAliasReference(%s)", ref->parts[ref->n_parts - 1]);
    copy->parts = ARENA_ARRAY(cx->arena, const char *, 1);
    copy->parts[0] = strbuf_arena(&shown, cx->arena);
    copy->n_parts = 1;
    copy->column_name = ref->parts[ref->n_parts - 1];
    return copy;
}

static fb_status resolve_attr(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr **ret,
                              fb_error *err)
{
    Expr *variable = in->plan_id ? NULL : resolve_lambda_variable(cx, in->parts[0]);
    if (variable) {
        return extract_fields(cx, variable, in->parts + 1, in->n_parts - 1, in, ret, err);
    }
    TRY(resolve_name(cx, s, in, ret, err));
    if (*ret) {
        return FB_OK;
    }
    for (uint32_t i = in->plan_id ? 0 : s->n_aliases; i-- > 0;) {
        const Expr *a = s->aliases[i];
        if (a->kind == E_ALIAS && !a->auto_alias && name_eq(cx, a->name, in->parts[0])) {
            TRY(extract_fields(cx, a->args[0], in->parts + 1, in->n_parts - 1, in, ret, err));
            *ret = show_lateral(cx, in, *ret);
            return FB_OK;
        }
    }
    if (s->next) {
        TRY(resolve_name(cx, s->next, in, ret, err));
        if (*ret) {
            return FB_OK;
        }
    }
    if (in->plan_id) {
        return no_dataframe_column(cx, in, err);
    }
    /* current_date and its kin need no parentheses; a column of that name went first. */
    static const char *const bare[] = {"current_date",   "current_timestamp", "current_time",
                                       "localtimestamp", "current_user",      "user",
                                       "session_user",   "current_catalog",   "current_database",
                                       "current_schema"};
    for (size_t i = 0; in->n_parts == 1 && i < sizeof(bare) / sizeof(bare[0]); i++) {
        if (cstr_eq_nocase(bare[i], in->parts[0]) && func_lookup(bare[i])) {
            return func_bind(&cx->bind, expr_unresolved_func(cx->arena, bare[i], NULL, 0), NULL, 0,
                             ret, err);
        }
    }
    return unresolved_column(cx, s, in, err);
}

static fb_status resolve_children(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr **ret,
                                  fb_error *err)
{
    Expr *e = expr_copy(cx->arena, in);
    if (in->n_args) {
        e->args = ARENA_ARRAY(cx->arena, Expr *, in->n_args);
        for (uint32_t i = 0; i < in->n_args; i++) {
            TRY(resolve_expr(cx, s, in->args[i], &e->args[i], err));
        }
    }
    *ret = e;
    return FB_OK;
}

static fb_status resolve_extract(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr **ret,
                                 fb_error *err)
{
    Expr *args[2];
    TRY(resolve_expr(cx, s, in->args[0], &args[0], err));
    TRY(resolve_expr(cx, s, in->args[1], &args[1], err));
    Expr *call = expr_unresolved_func(cx->arena, "extractvalue", NULL, 0);
    fb_status st = func_bind(&cx->bind, call, args, 2, ret, err);
    bool of_a_field = err->id == ERR_FIELD_NOT_FOUND || err->id == ERR_INVALID_EXTRACT_FIELD_TYPE ||
                      err->id == ERR_INVALID_EXTRACT_BASE_FIELD_TYPE;
    if (st != FB_OK && !of_a_field) { /* Spark gives those no place */
        err_where(err, in->start, in->stop, cx->sql);
    }
    return st;
}

/* A list of names is for the columns of a generator. */
static fb_status refuse_names(AnalyzeCtx *cx, const Expr *in, const Expr *child, fb_error *err)
{
    StrBuf sql = {0}, names = {0};
    expr_sql(child, &sql);
    for (uint32_t i = 0; i < in->n_parts; i++) {
        strbuf_printf(&names, "%s%s", i ? ", " : "", in->parts[i]);
    }
    fb_status st = err_set(err, ERR_MULTI_ALIAS_WITHOUT_GENERATOR, "expr",
                           arena_printf(cx->arena, "\"%s\"", strbuf_arena(&sql, cx->arena)),
                           "names", strbuf_arena(&names, cx->arena), NULL);
    err_where(err, in->start, in->stop, cx->sql);
    return st;
}

static fb_status resolve_alias(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr **ret,
                               fb_error *err)
{
    if (in->args[0]->kind == E_WINDOW) {
        cx->window_name = in->name;
    }
    if (in->args[0]->kind == E_UNRESOLVED_STAR) {
        return misplaced_star(cx, "alias", err);
    }
    TRY(resolve_children(cx, s, in, ret, err));
    Expr *e = *ret;
    while (e->args[0]->kind == E_ALIAS) {
        e->args[0] = e->args[0]->args[0];
    }
    if (in->n_parts > 0 && e->args[0]->kind != E_GENERATOR) {
        return refuse_names(cx, in, e->args[0], err);
    }
    e->name = e->name ? e->name : in->parts[0];
    e->type = e->args[0]->type;
    e->nullable = e->args[0]->nullable;
    e->attr = attr_new_id();
    if (!e->metadata && e->args[0]->kind == E_ATTR) {
        e->metadata = e->args[0]->metadata;
    }
    return FB_OK;
}

static fb_status resolve_kind(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr **ret,
                              fb_error *err)
{
    switch (in->kind) {
    case E_UNRESOLVED_ATTR:
        return resolve_attr(cx, s, in, ret, err);
    case E_UNRESOLVED_FUNC:
        return resolve_function(cx, s, in, ret, err);
    case E_UNRESOLVED_EXTRACT:
        return resolve_extract(cx, s, in, ret, err);
    case E_CAST:
        return resolve_cast(cx, s, in, ret, err);
    case E_ALIAS:
        return resolve_alias(cx, s, in, ret, err);
    case E_LITERAL:
        *ret = expr_copy(cx->arena, in);
        bind_show_literal(&cx->bind, *ret);
        return FB_OK;
    case E_ATTR:
        *ret = expr_copy(cx->arena, in);
        return FB_OK;
    case E_SORT_ORDER:
        TRY(resolve_children(cx, s, in, ret, err));
        (*ret)->type = (*ret)->args[0]->type;
        return FB_OK;
    case E_UNRESOLVED_STAR: {
        fb_status st = err_set(err, ERR_INVALID_USAGE_OF_STAR_OR_REGEX, "elem", "'*'", "prettyName",
                               "expression `expression`", NULL);
        err_where(err, in->start, in->stop, cx->sql);
        return st;
    }
    case E_SUBQUERY:
        return err_unsupported(err, "subquery expressions (%s)", in->name);
    case E_WINDOW:
        return refuse_window(cx, s, in, err);
    case E_LAMBDA:
        return err_unsupported(err, "lambda functions");
    case E_NAMED_ARG:
        return err_unsupported(err, "named arguments");
    case E_UNRESOLVED_REGEX:
        return err_set(err, ERR_INVALID_USAGE_OF_STAR_OR_REGEX, "elem",
                       arena_printf(cx->arena, "regular expression '%s'", in->name), "prettyName",
                       "expression `expression`", NULL);
    default:
        return resolve_children(cx, s, in, ret, err);
    }
}

fb_status resolve_expr(AnalyzeCtx *cx, const Scope *s, const Expr *in, Expr **ret, fb_error *err)
{
    if (++cx->depth > PLAN_MAX_DEPTH) {
        cx->depth--;
        return err_set(err, ERR_PLAN_TOO_DEEP, "limit", "2000", NULL);
    }
    fb_status st = resolve_kind(cx, s, in, ret, err);
    cx->depth--;
    return st;
}

fb_status require_boolean(AnalyzeCtx *cx, const Expr *e, fb_error *err)
{
    if (e->type->id == T_BOOLEAN) {
        return FB_OK;
    }
    StrBuf sql = {0}, type = {0};
    expr_sql(e, &sql);
    type_sql(e->type, &type);
    const char *text = arena_printf(cx->arena, "\"%s\"", strbuf_arena(&sql, cx->arena));
    fb_status st =
        err_set(err, ERR_DATATYPE_MISMATCH_FILTER_NOT_BOOLEAN, "sqlExpr", text, "filter", text,
                "type", arena_printf(cx->arena, "\"%s\"", strbuf_arena(&type, cx->arena)), NULL);
    err_where(err, e->start, e->stop, cx->sql);
    return st;
}

Expr *name_expr(AnalyzeCtx *cx, Expr *e)
{
    if ((e->kind == E_ATTR && !e->n_parts) || e->kind == E_ALIAS) {
        return e; /* to_date(d) of a date is d, but shows as it was written */
    }
    const char *name;
    bool derived = false;
    if (e->column_name) {
        name = e->column_name;
    } else if (e->kind == E_CAST && !e->n_parts && e->args[0]->kind == E_ATTR &&
               !e->args[0]->n_parts) {
        name = e->args[0]->name;
    } else if (e->kind == E_CAST && e->args[0]->n_parts && e->args[0]->column_name) {
        name = e->args[0]->column_name; /* of an alias of the same list */
    } else {
        StrBuf b = {0};
        expr_name(e, &b);
        name = strbuf_arena(&b, cx->arena);
        derived = e->kind != E_LITERAL;
    }
    Expr *a = expr_alias(cx->arena, e, name);
    a->attr = attr_new_id();
    a->auto_alias = true;
    if (derived) {
        a->metadata = "{\"__autoGeneratedAlias\":\"true\"}";
    }
    return a;
}
