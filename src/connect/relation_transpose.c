/*
 * relation_transpose.c - DataFrame.transpose: rows become columns.
 *
 * The values of the index column, as texts and in their order, are the names of the new columns, so
 * the input has to run during the conversion, as in Spark; rows whose index is null are left out.
 * The other columns become rows, with their names in the column `key`. The number of rows is
 * bounded by spark.sql.transposeMaxValues.
 */
#include "connect/convert.h"
#include "expr/coerce.h"

#define MAX_VALUES "spark.sql.transposeMaxValues"

typedef struct Transpose {
    Plan *input;
    const Type *schema; /* of the input */
    uint32_t index;     /* field that gives the names */
    const Type *value;  /* common type of the others */
    int64_t most;
} Transpose;

static Expr *ref(Convert *c, const char *name)
{
    Expr *e = expr_new(c->arena, E_UNRESOLVED_ATTR, 0);
    e->parts = ARENA_ARRAY(c->arena, const char *, 1);
    e->parts[0] = name;
    e->n_parts = 1;
    e->nullable = true;
    return e;
}

static const char *quoted_type(Convert *c, const Type *t)
{
    StrBuf b = {0};
    type_sql(t, &b);
    return arena_printf(c->arena, "\"%s\"", strbuf_arena(&b, c->arena));
}

static fb_status find_index(Convert *c, const SC(Transpose) * in, Transpose *t, fb_error *err)
{
    PlanTree *tree;
    const char *name = NULL;
    TRY(convert_resolve(c, t->input, &tree, err));
    t->schema = plan_schema(tree->plan);
    plantree_release(tree);
    if (in->n_index_columns > 1) {
        return err_set(err, ERR_TRANSPOSE_INVALID_INDEX_COLUMN, "reason",
                       "a transpose has one index column", NULL);
    }
    if (in->n_index_columns == 1) {
        Plan *p = plan_new(c->arena, P_PROJECT, 1, t->input);
        TRY(convert_exprs(c, in->index_columns, 1, &p->exprs, err));
        p->n_exprs = 1;
        TRY(convert_resolve(c, p, &tree, err));
        name = arena_strdup(c->arena, tree->plan->out[0].name);
        plantree_release(tree);
    }
    for (uint32_t i = 0; name && i < t->schema->n_fields; i++) {
        if (cstr_eq_nocase(t->schema->fields[i].name, name)) {
            t->index = i;
            name = NULL;
        }
    }
    if (name != NULL) {
        return err_set(err, ERR_TRANSPOSE_INVALID_INDEX_COLUMN, "reason",
                       "the index column has to be a column of the DataFrame", NULL);
    }
    return FB_OK;
}

static fb_status check_types(Convert *c, Transpose *t, fb_error *err)
{
    t->value = type_null;
    for (uint32_t i = 0; i < t->schema->n_fields; i++) {
        const Type *type = t->schema->fields[i].type;
        if (i == t->index && type_is_nested(type)) {
            return err_set(err, ERR_TRANSPOSE_INVALID_INDEX_COLUMN, "reason",
                           arena_printf(c->arena, "Index column must be of atomic type, but is %s",
                                        quoted_type(c, type)),
                           NULL);
        }
        if (i == t->index) {
            continue;
        }
        const Type *common = coerce_wider(EVAL_ANSI, t->value, type, false);
        if (common == NULL) {
            return err_set(err, ERR_TRANSPOSE_NO_LEAST_COMMON_TYPE, "dt1", quoted_type(c, t->value),
                           "dt2", quoted_type(c, type), NULL);
        }
        t->value = common;
    }
    if (t->value->id == T_NULL) {
        t->value = type_string;
    }
    return FB_OK;
}

/* Index as text, then the values in their common type; sorted; one row more than is allowed. */
static Plan *rows_plan(Convert *c, const Transpose *t)
{
    uint32_t n = t->schema->n_fields, at = 1;
    const char **names = ARENA_ARRAY(c->arena, const char *, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        names[i] = arena_printf(c->arena, "c%u", i);
    }
    Plan *named = plan_new(c->arena, P_TO_DF, 1, t->input);
    named->names = names;
    named->n_names = n;
    Expr *index = ref(c, names[t->index]);
    Plan *filter = plan_new(c->arena, P_FILTER, 1, named);
    filter->exprs = ARENA_ARRAY(c->arena, Expr *, 1);
    filter->exprs[0] = expr_unresolved_func(c->arena, "isnotnull", &index, 1);
    filter->n_exprs = 1;
    Plan *sort = plan_new(c->arena, P_SORT, 1, filter);
    sort->exprs = ARENA_ARRAY(c->arena, Expr *, 1);
    sort->exprs[0] = expr_new(c->arena, E_SORT_ORDER, 1);
    sort->exprs[0]->args[0] = ref(c, names[t->index]);
    sort->exprs[0]->nulls_first = true;
    sort->n_exprs = 1;
    sort->global = true;
    Plan *limit = plan_new(c->arena, P_LIMIT, 1, sort);
    limit->exprs = ARENA_ARRAY(c->arena, Expr *, 1);
    limit->exprs[0] = expr_literal_int(c->arena, type_int, t->most + 1);
    limit->n_exprs = 1;
    Plan *p = plan_new(c->arena, P_PROJECT, 1, limit);
    p->exprs = ARENA_ARRAY(c->arena, Expr *, n);
    p->n_exprs = n;
    p->exprs[0] = expr_cast(c->arena, ref(c, names[t->index]), type_string, EVAL_ANSI, false);
    for (uint32_t i = 0; i < n; i++) {
        if (i != t->index) {
            p->exprs[at++] = expr_cast(c->arena, ref(c, names[i]), t->value, EVAL_ANSI, false);
        }
    }
    return p;
}

static Str text_at(const Vec *v, uint32_t i)
{
    return view_str(&VEC_AT(View, v, i));
}

static Plan *turned(Convert *c, const Transpose *t, RowSet *in)
{
    uint32_t n_rows = (uint32_t)in->n_rows, n_cols = t->schema->n_fields, column = 1;
    Arena a = {0};
    Field *fields = ARENA_ARRAY(&a, Field, n_rows + 1);
    VecBuilder **cols = ARENA_ARRAY(&a, VecBuilder *, n_rows + 1);
    fields[0] = (Field){.name = "key", .type = type_string, .nullable = false};
    cols[0] = vecb_new(&a, type_string);
    for (uint32_t k = 0, i = 0; k < n_cols; k++) {
        if (k != t->index) {
            vecb_str(cols[0], str_text(c->arena, t->schema->fields[k].name));
            i++;
        }
    }
    for (uint32_t b = 0; b < in->n_batches; b++) {
        const Batch *batch = &in->batches[b];
        for (uint32_t i = 0; i < batch->n_rows; i++, column++) {
            Str name = text_at(&batch->col[0], i);
            fields[column] = (Field){
                .name = arena_strndup(&a, name.p, name.n), .type = t->value, .nullable = true};
            cols[column] = vecb_new(&a, t->value);
            for (uint32_t k = 1; k < batch->n_cols; k++) {
                vecb_from(cols[column], &batch->col[k], i);
            }
        }
    }
    RowSet *rows = rowset_new(type_struct(fields, n_rows + 1));
    Vec *v = ARENA_ARRAY(&a, Vec, n_rows + 1);
    for (uint32_t k = 0; k <= n_rows; k++) {
        vecb_finish(cols[k], &v[k]);
    }
    Batch batch = {.n_rows = n_cols - 1, .n_cols = n_rows + 1, .col = v};
    if (batch.n_rows) {
        rowset_append(rows, &batch);
    }
    arena_free(&a);
    return convert_rows(c, rows);
}

fb_status convert_transpose(Convert *c, const SC(Transpose) * in, Plan *input, Plan **ret,
                            fb_error *err)
{
    Transpose t = {.input = input};
    PlanTree *tree;
    RowSet *rows;
    if (c->session == NULL) {
        return err_internal(err, "transpose without a session");
    }
    TRY(find_index(c, in, &t, err));
    if (t.schema->n_fields == 0) {
        *ret = input;
        return FB_OK;
    }
    TRY(check_types(c, &t, err));
    t.most = conf_get_int(session_conf(c->session), MAX_VALUES);
    TRY(convert_resolve(c, rows_plan(c, &t), &tree, err));
    fb_status st = session_collect(c->session, tree, c->cancel, &rows, err);
    plantree_release(tree);
    TRY(st);
    if (rows->n_rows > (uint64_t)t.most) {
        rowset_release(rows);
        return err_set(err, ERR_TRANSPOSE_EXCEED_ROW_LIMIT, "maxValues",
                       arena_printf(c->arena, "%lld", (long long)t.most), "config", MAX_VALUES,
                       NULL);
    }
    *ret = turned(c, &t, rows);
    rowset_release(rows);
    return FB_OK;
}
