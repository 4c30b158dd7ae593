/*
 * resolve_leaf.c - leaves: tables and views, reads, VALUES, ranges, local rows.
 */
#include "plan/analyzer_priv.h"

static Attr *attrs_of_schema(AnalyzeCtx *cx, const Type *schema)
{
    Attr *out = ARENA_ARRAY(cx->arena, Attr, schema->n_fields);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const Field *f = &schema->fields[i];
        out[i] = (Attr){.id = attr_new_id(),
                        .name = f->name,
                        .type = f->type,
                        .nullable = f->nullable,
                        .metadata = f->metadata,
                        .watermark_us = -1};
    }
    return out;
}

/* Takes over the reference to r. */
static Plan *relation_node(AnalyzeCtx *cx, Relation *r)
{
    Plan *p = plan_new(cx->arena, P_RELATION, 0);
    plantree_keep_relation(cx->tree, r);
    p->relation = r;
    p->streaming = r->streaming;
    p->n_out = r->schema->n_fields;
    p->out = attrs_of_schema(cx, r->schema);
    if (r->hidden) {
        p->n_hidden = r->hidden->n_fields;
        p->hidden = attrs_of_schema(cx, r->hidden);
        for (uint32_t i = 0; i < p->n_hidden; i++) {
            p->hidden[i].metadata_column = true;
        }
    }
    return p;
}

static void qualify(AnalyzeCtx *cx, Plan *p, const char *const *parts, uint32_t n)
{
    const char **q = ARENA_ARRAY(cx->arena, const char *, n);
    memcpy(q, parts, n * sizeof(*q));
    Attr *out = ARENA_ARRAY(cx->arena, Attr, p->n_out);
    for (uint32_t i = 0; i < p->n_out; i++) {
        out[i] = p->out[i];
        out[i].qualifier = q;
        out[i].n_qualifier = n;
    }
    p->out = out;
}

static Plan *qualified(AnalyzeCtx *cx, Plan *child, const char *const *parts, uint32_t n)
{
    Plan *p = plan_new(cx->arena, P_SUBQUERY_ALIAS, 1, child);
    p->name = parts[n - 1];
    p->streaming = child->streaming;
    p->out = child->out;
    p->n_out = child->n_out;
    qualify(cx, p, parts, n);
    return p;
}

uint32_t catalog_session_parts(const char *const *parts, uint32_t n)
{
    bool system = n == 3 && cstr_eq_nocase(parts[0], "system");
    return (n == 2 || system) && cstr_eq_nocase(parts[n - 2], "session") ? n - 1 : 0;
}

fb_status catalog_check_parts(const char *const *parts, uint32_t n, fb_error *err)
{
    uint32_t first = n > 2 && cstr_eq_nocase(parts[0], "spark_catalog");
    if (n - first <= 2) {
        return FB_OK;
    }
    StrBuf b = {0};
    for (uint32_t i = first; i < n; i++) {
        strbuf_printf(&b, "%s`%s`", i > first ? "." : "", parts[i]);
    }
    (void)err_set(err, ERR_REQUIRES_SINGLE_PART_NAMESPACE, "sessionCatalog", "spark_catalog",
                  "identifier", b.p, NULL);
    strbuf_free(&b);
    return FB_ERR;
}

static fb_status table_not_found(AnalyzeCtx *cx, const Plan *in, fb_error *err)
{
    StrBuf b = {0};
    bool of_session = in->n_names == 3 && catalog_session_parts(in->names, 3) == 2;
    TRY(of_session ? FB_OK : catalog_check_parts(in->names, in->n_names, err));
    for (uint32_t i = 0; i < in->n_names; i++) {
        strbuf_printf(&b, "%s`%s`", i ? "." : "", in->names[i]);
    }
    fb_status st = err_set(
        err, ERR_TABLE_OR_VIEW_NOT_FOUND, "relationName", strbuf_arena(&b, cx->arena), "searchPath",
        of_session    ? "[`system`.`session`]"
        : in->by_name ? "[`system`.`session`, `spark_catalog`.`default`]"
                      : "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]",
        NULL);
    err_where(err, in->start, in->stop, cx->sql);
    return st;
}

static fb_status resolve_cte(AnalyzeCtx *cx, const CteDef *def, Plan **ret, fb_error *err)
{
    CteDef *saved = cx->ctes;
    cx->ctes = def->visible;
    Plan *p;
    fb_status st = resolve_plan(cx, def->plan, &p, err);
    cx->ctes = saved;
    if (st == FB_OK) {
        *ret = qualified(cx, p, &def->name, 1);
        (*ret)->opaque = true;
    }
    return st;
}

static fb_status resolve_table(AnalyzeCtx *cx, const Plan *in, Plan **ret, fb_error *err)
{
    for (const CteDef *def = in->n_names == 1 ? cx->ctes : NULL; def; def = def->next) {
        if (name_eq(cx, def->name, in->names[0])) {
            return resolve_cte(cx, def, ret, err);
        }
    }
    uint32_t schema = catalog_session_parts(in->names, in->n_names);
    PlanTree *view = cx->cat->view(cx->cat->self, in->names + schema, in->n_names - schema);
    if (view) {
        Plan *p = plan_instance(cx, view);
        plantree_keep_tree(cx->tree, view); /* names and literals stay its */
        *ret = qualified(cx, p, &in->names[in->n_names - 1], 1);
        (*ret)->opaque = true;
        return FB_OK;
    }
    Relation *r = NULL;
    TRY(cx->cat->table(cx->cat->self, in->names, in->n_names, in->streaming, &r, err));
    if (!r) {
        return table_not_found(cx, in, err);
    }
    *ret = relation_node(cx, r); /* files, which answer to no name: text.`/a` */
    return FB_OK;
}

static fb_status resolve_read(AnalyzeCtx *cx, const Plan *in, Plan **ret, fb_error *err)
{
    Relation *r;
    TRY(cx->cat->read(cx->cat->self, in->read, &r, err));
    *ret = relation_node(cx, r);
    bool given = in->read->schema || in->read->schema_type;
    for (uint32_t i = 0; given && i < r->schema->n_fields; i++) {
        if (declares_char(&r->schema->fields[i])) {
            return err_set(err, ERR_UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING, NULL);
        }
    }
    return FB_OK;
}

static fb_status inline_cell(AnalyzeCtx *cx, const Expr *in, Expr **ret, fb_error *err)
{
    Scope none = {0};
    TRY(resolve_expr(cx, &none, in, ret, err));
    if ((*ret)->kind == E_ALIAS) {
        *ret = (*ret)->args[0];
    }
    if (!expr_is_foldable(*ret)) {
        StrBuf b = {0};
        expr_sql(*ret, &b);
        return err_set(err, ERR_INVALID_INLINE_TABLE_CANNOT_EVALUATE, "expr",
                       arena_printf(cx->arena, "\"%s\"", strbuf_arena(&b, cx->arena)), NULL);
    }
    return FB_OK;
}

/* What the cells of VALUES that are no literals may take as constants. */
#define INLINE_BYTES ((uint64_t)4 << 20)

/* The columns take the common type of their cells, which are cast to it. */
static fb_status inline_columns(AnalyzeCtx *cx, const Plan *in, Expr **cells, Field *fields,
                                fb_error *err)
{
    uint32_t n_cols = (uint32_t)in->n, n_rows = n_cols ? in->n_exprs / n_cols : 0;
    Expr **column = ARENA_ARRAY(cx->arena, Expr *, n_rows);
    for (uint32_t c = 0; c < n_cols; c++) {
        bool nullable = false;
        for (uint32_t r = 0; r < n_rows; r++) {
            column[r] = cells[r * n_cols + c];
            nullable |= column[r]->nullable;
        }
        const Type *t = bind_common_type(&cx->bind, column, n_rows, true);
        if (!t) {
            return err_set(err, ERR_INVALID_INLINE_TABLE_INCOMPATIBLE_TYPES, "colName",
                           arena_printf(cx->arena, "`col%u`", c + 1), NULL);
        }
        const char *name = in->n_names > c ? in->names[c] : arena_printf(cx->arena, "col%u", c + 1);
        fields[c] = (Field){.name = name, .type = t, .nullable = nullable};
        for (uint32_t r = 0; r < n_rows; r++) {
            cells[r * n_cols + c] = coerce_to(cx, column[r], t);
        }
    }
    return FB_OK;
}

/* The cells as constants. *ret_small false: they take too much for that. */
static fb_status inline_values(AnalyzeCtx *cx, Expr *const *cells, Batch *b, const Field *fields,
                               bool *ret_small, fb_error *err)
{
    uint64_t bytes = 0;
    for (uint32_t c = 0; c < b->n_cols; c++) {
        VecBuilder *col = vecb_new(cx->arena, fields[c].type);
        for (uint32_t r = 0; r < b->n_rows; r++) {
            Vec v;
            const Expr *cell = cells[r * b->n_cols + c];
            fb_status st = expr_fold(&cx->eval, cell, &v, err);
            bytes += st == FB_OK && cell->kind != E_LITERAL ? vec_bytes(&v, true) : 0;
            if (bytes > INLINE_BYTES || (st != FB_OK && err->id == ERR_UNABLE_TO_ACQUIRE_MEMORY)) {
                err_clear(err);
                *ret_small = false;
                return FB_OK;
            }
            TRY(st);
            vecb_from(col, &v, 0);
        }
        vecb_finish(col, &b->col[c]);
    }
    *ret_small = true;
    return FB_OK;
}

/* Cells that are made when the query runs: a row of expressions each. */
static Plan *inline_rows(AnalyzeCtx *cx, Expr **cells, uint32_t n_rows, const Type *schema)
{
    Plan *one = plan_new(cx->arena, P_ONE_ROW, 0);
    one->out = ARENA_ARRAY(cx->arena, Attr, 1);
    Plan *p = plan_new(cx->arena, P_EXPAND, 1, one);
    p->n_sets = n_rows;
    p->n_set_cols = schema->n_fields;
    p->sets = cells;
    p->n_out = schema->n_fields;
    p->out = attrs_of_schema(cx, schema);
    return p;
}

/* VALUES. */
static fb_status resolve_inline_table(AnalyzeCtx *cx, const Plan *in, Plan **ret, fb_error *err)
{
    uint32_t n_cols = (uint32_t)in->n, n_rows = n_cols ? in->n_exprs / n_cols : 0;
    Expr **cells = ARENA_ARRAY(cx->arena, Expr *, in->n_exprs);
    Field *fields = ARENA_ARRAY(cx->arena, Field, n_cols);
    for (uint32_t i = 0; i < in->n_exprs; i++) {
        TRY(inline_cell(cx, in->exprs[i], &cells[i], err));
    }
    TRY(inline_columns(cx, in, cells, fields, err));
    const Type *schema = type_struct(fields, n_cols);
    Batch b = {.n_rows = n_rows, .n_cols = n_cols, .col = ARENA_ARRAY(cx->arena, Vec, n_cols)};
    bool small;
    TRY(inline_values(cx, cells, &b, fields, &small, err));
    if (!small) {
        *ret = inline_rows(cx, cells, n_rows, schema);
        return FB_OK;
    }
    RowSet *rows = rowset_new(schema);
    rowset_append(rows, &b);
    plantree_keep_rows(cx->tree, rows);
    Plan *p = plan_new(cx->arena, P_LOCAL, 0);
    p->rows = rows;
    p->n_out = n_cols;
    p->out = attrs_of_schema(cx, schema);
    *ret = p;
    return FB_OK;
}

/* by_name: a number of partitions is given, as n. */
static fb_status resolve_range(AnalyzeCtx *cx, const Plan *in, Plan **ret, fb_error *err)
{
    if (in->n < 0 || in->n > INT32_MAX || (in->n == 0 && in->by_name)) {
        return err_set(err, ERR_LEGACY_NO_SLICES, NULL);
    }
    static const char *const id = "id";
    Field f = {.name = id, .type = type_long, .nullable = false};
    Plan *p = plan_copy(cx->arena, in);
    p->kind = P_RANGE;
    p->n_out = 1;
    p->out = attrs_of_schema(cx, type_struct(&f, 1));
    *ret = p;
    return FB_OK;
}

static fb_status bad_range_argument(AnalyzeCtx *cx, const Expr *e, uint32_t i, fb_error *err)
{
    static const char *const place[] = {"first", "second", "third", "4th"};
    StrBuf sql = {0}, type = {0};
    expr_sql(e, &sql);
    type_sql(e->type, &type);
    return err_set(err, ERR_UNEXPECTED_INPUT_TYPE, "functionName", "`range`", "paramIndex",
                   place[i], "requiredType", i == 3 ? "\"INT\"" : "\"BIGINT\"", "inputSql",
                   arena_printf(cx->arena, "\"%s\"", strbuf_arena(&sql, cx->arena)), "inputType",
                   arena_printf(cx->arena, "\"%s\"", strbuf_arena(&type, cx->arena)), NULL);
}

/* Argument i of the table function range. */
static fb_status range_argument(AnalyzeCtx *cx, const Expr *in, uint32_t i, int64_t *ret,
                                fb_error *err)
{
    Scope none = {0};
    Expr *e;
    Vec v;
    TRY(resolve_expr(cx, &none, in, &e, err));
    if (!expr_is_foldable(e) || !type_is_integral(e->type)) {
        return bad_range_argument(cx, e, i, err);
    }
    TRY(expr_fold(&cx->eval, coerce_to(cx, e, type_long), &v, err));
    if (!vec_is_valid(&v, 0)) {
        return bad_range_argument(cx, e, i, err);
    }
    *ret = VEC_AT(int64_t, &v, 0);
    return FB_OK;
}

/* A generator in FROM is a generate over one row. */
static fb_status resolve_generator_table(AnalyzeCtx *cx, const Plan *in, Plan **ret, fb_error *err)
{
    Plan *one = plan_new(cx->arena, P_ONE_ROW, 0);
    Plan *project = plan_new(cx->arena, P_PROJECT, 1, one);
    project->exprs = ARENA_ARRAY(cx->arena, Expr *, 1);
    project->n_exprs = 1;
    project->exprs[0] = expr_unresolved_func(cx->arena, in->name, in->exprs, in->n_exprs);
    return resolve_plan(cx, project, ret, err);
}

static fb_status resolve_tvf(AnalyzeCtx *cx, const Plan *in, Plan **ret, fb_error *err)
{
    const FuncDef *fn = func_is_internal(in->name) ? NULL : func_lookup(in->name);
    if (fn && fn->kind == FK_GENERATOR) {
        return resolve_generator_table(cx, in, ret, err);
    }
    if (fn) {
        return err_set(err, ERR_NOT_A_TABLE_FUNCTION, "functionName",
                       arena_printf(cx->arena, "`%s`", in->name), NULL);
    }
    if (func_is_later(in->name)) {
        fb_status st = err_unsupported(err, "the function %s", in->name);
        err_where(err, in->start, in->stop, cx->sql);
        return st;
    }
    if (!cstr_eq_nocase(in->name, "range")) {
        fb_status st = err_set(err, ERR_UNRESOLVABLE_TABLE_VALUED_FUNCTION, "name",
                               arena_printf(cx->arena, "`%s`", in->name), NULL);
        err_where(err, in->start, in->stop, cx->sql);
        return st;
    }
    int64_t arg[4] = {0, 0, 1, 0};
    if (in->n_exprs < 1 || in->n_exprs > 4) {
        return err_set(err, ERR_WRONG_NUM_ARGS, "functionName", "`range`", "expectedNum",
                       "[1, 2, 3, 4]", "actualNum", arena_printf(cx->arena, "%u", in->n_exprs),
                       "docroot", "https://spark.apache.org/docs/latest", NULL);
    }
    for (uint32_t i = 0; i < in->n_exprs; i++) {
        TRY(range_argument(cx, in->exprs[i], i, &arg[i], err));
    }
    Plan r = *in;
    r.range_start = in->n_exprs == 1 ? 0 : arg[0];
    r.range_end = in->n_exprs == 1 ? arg[0] : arg[1];
    r.range_step = in->n_exprs >= 3 ? arg[2] : 1;
    r.n = arg[3];
    r.by_name = in->n_exprs == 4;
    r.exprs = NULL;
    r.n_exprs = 0;
    if (r.range_step == 0) {
        return err_set(err, ERR_LEGACY_REQUIREMENT, "message", "step (0) cannot be 0", NULL);
    }
    return resolve_range(cx, &r, ret, err);
}

fb_status resolve_leaf(AnalyzeCtx *cx, const Plan *in, Plan **ret, fb_error *err)
{
    switch (in->kind) {
    case P_UNRESOLVED_TABLE:
        return resolve_table(cx, in, ret, err);
    case P_UNRESOLVED_TVF:
        return resolve_tvf(cx, in, ret, err);
    case P_READ:
        return resolve_read(cx, in, ret, err);
    case P_INLINE_TABLE:
        return resolve_inline_table(cx, in, ret, err);
    case P_RANGE:
        return resolve_range(cx, in, ret, err);
    case P_ONE_ROW:
        *ret = plan_copy(cx->arena, in);
        (*ret)->out = ARENA_ARRAY(cx->arena, Attr, 1);
        return FB_OK;
    case P_LOCAL: {
        Plan *p = plan_copy(cx->arena, in);
        plantree_keep_rows(cx->tree, rowset_retain(in->rows));
        p->n_out = in->rows->schema->n_fields;
        p->out = attrs_of_schema(cx, in->rows->schema);
        *ret = p;
        return FB_OK;
    }
    default:
        return err_internal(err, "the analyzer met a leaf of kind %d", (int)in->kind);
    }
}
