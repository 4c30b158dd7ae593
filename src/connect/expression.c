/*
 * expression.c - Expression messages as unresolved expressions.
 *
 * The client names operators as functions ("==", "and", "isNotNull"), as the SQL parser does, so
 * that most of this is a change of form. Columns that were taken from a DataFrame carry its plan
 * id, which starts from 0 in messages and from 1 in plans, where 0 is none.
 *
 * Layout of a window (as the parser's): args[0] the function, then `column` partition expressions,
 * then the sort orders; name: the frame as text.
 *
 * Depth: convert_expr() counts the levels.
 */
#include "connect/convert.h"
#include "expr/function.h"

typedef SC(Expression) Message;

static fb_status missing(const char *field, const char *of, fb_error *err)
{
    return err_set(err, ERR_CONNECT_FIELD_EMPTY, "fieldName", field, "fullName", of, NULL);
}

fb_status convert_exprs(Convert *c, Message *const *in, size_t n, Expr ***ret, fb_error *err)
{
    if (n > UINT32_MAX) {
        return err_internal(err, "a list of %zu expressions", n);
    }
    Expr **list = ARENA_ARRAY(c->arena, Expr *, n);
    for (size_t i = 0; i < n; i++) {
        TRY(convert_expr(c, in[i], &list[i], err));
    }
    *ret = list;
    return FB_OK;
}

/* ---- names ---- */

static fb_status attribute(Convert *c, const SC(Expression__UnresolvedAttribute) * in, Expr **ret,
                           fb_error *err)
{
    if (in->is_metadata_column) { /* the name as a whole */
        *ret = expr_new(c->arena, E_UNRESOLVED_ATTR, 0);
        (*ret)->parts = ARENA_ARRAY(c->arena, const char *, 1);
        (*ret)->parts[0] = arena_strdup(c->arena, in->unparsed_identifier);
        (*ret)->n_parts = 1;
        (*ret)->metadata_column = true;
    } else {
        TRY(expr_unresolved_attr(c->arena, str_of(in->unparsed_identifier), ret, err));
    }
    (*ret)->plan_id = in->has_plan_id ? in->plan_id + 1 : 0;
    return FB_OK;
}

static fb_status star(Convert *c, const SC(Expression__UnresolvedStar) * in, Expr **ret,
                      fb_error *err)
{
    Expr *e = expr_new(c->arena, E_UNRESOLVED_STAR, 0);
    const char *target = in->unparsed_target;
    if (target != NULL && target[0] != '\0') {
        Str t = str_of(target);
        if (!str_has_suffix(t, STR_LIT(".*"))) {
            return err_set(err, ERR_CONNECT_STAR_TARGET, "target", target, NULL);
        }
        if (in->has_plan_id) {
            return err_set(err, ERR_CONNECT_STAR_BOTH, NULL);
        }
        Expr *name;
        TRY(expr_unresolved_attr(c->arena, (Str){t.p, t.n - 2}, &name, err));
        e->parts = name->parts;
        e->n_parts = name->n_parts;
    }
    e->plan_id = in->has_plan_id ? in->plan_id + 1 : 0;
    *ret = e;
    return FB_OK;
}

/* `pattern` or table.`pattern`; what is not in backquotes is a name. */
static fb_status regex(Convert *c, const SC(Expression__UnresolvedRegex) * in, Expr **ret,
                       fb_error *err)
{
    Str text = str_of(convert_str(c, in->col_name));
    const char *open = memchr(text.p, '`', text.n);
    size_t before = open != NULL ? (size_t)(open - text.p) : 0;
    bool table = before > 1 && memchr(text.p, '.', before) == text.p + before - 1;
    bool quoted = open != NULL && text.n - before > 2 && text.p[text.n - 1] == '`';
    if (!quoted || (before > 0 && !table)) {
        TRY(expr_unresolved_attr(c->arena, text, ret, err));
        (*ret)->plan_id = in->has_plan_id ? in->plan_id + 1 : 0;
        return FB_OK;
    }
    Expr *e = expr_new(c->arena, E_UNRESOLVED_REGEX, 0);
    e->name = arena_strndup(c->arena, open + 1, text.n - before - 2);
    if (table) {
        e->parts = ARENA_ARRAY(c->arena, const char *, 1);
        e->parts[0] = arena_strndup(c->arena, text.p, before - 1);
        e->n_parts = 1;
    }
    *ret = e;
    return FB_OK;
}

/* ---- functions ---- */

static Expr *call_of(Convert *c, const char *name, Expr **args, size_t n)
{
    Expr *e = expr_unresolved_func(c->arena, name, NULL, 0);
    e->args = args;
    e->n_args = (uint32_t)n;
    return e;
}

/* The name of a user-defined function may be qualified; that of a built-in one is as it stands. */
/* Clients can't call what the engine keeps to itself. */
static fb_status refuse_internal(Convert *c, const char *name, fb_error *err)
{
    if (!func_is_internal(name)) {
        return FB_OK;
    }
    return err_set(err, ERR_UNRESOLVED_ROUTINE, "routineName", arena_printf(c->arena, "`%s`", name),
                   "searchPath",
                   "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]", NULL);
}

static fb_status function(Convert *c, const SC(Expression__UnresolvedFunction) * in, Expr **ret,
                          fb_error *err)
{
    Expr **args;
    const char *name = in->function_name;
    if (name == NULL || name[0] == '\0') {
        return missing("function_name", "spark.connect.Expression.UnresolvedFunction", err);
    }
    TRY(convert_exprs(c, in->arguments, in->n_arguments, &args, err));
    *ret = call_of(c, name, args, in->n_arguments);
    (*ret)->distinct = in->is_distinct;
    if (in->is_user_defined_function) {
        TRY(sql_parse_name(c->arena, str_of((*ret)->name), &(*ret)->parts, &(*ret)->n_parts, err));
    }
    return refuse_internal(c, (*ret)->parts[(*ret)->n_parts - 1], err);
}

static fb_status call_function(Convert *c, const SC(CallFunction) * in, Expr **ret, fb_error *err)
{
    Expr **args;
    if (in->function_name == NULL) {
        return missing("function_name", "spark.connect.CallFunction", err);
    }
    TRY(convert_exprs(c, in->arguments, in->n_arguments, &args, err));
    *ret = call_of(c, in->function_name, args, in->n_arguments);
    TRY(sql_parse_name(c->arena, str_of((*ret)->name), &(*ret)->parts, &(*ret)->n_parts, err));
    return refuse_internal(c, (*ret)->parts[(*ret)->n_parts - 1], err);
}

static fb_status user_function(const SC(CommonInlineUserDefinedFunction) * in, fb_error *err)
{
    const char *name = in->function_name != NULL ? in->function_name : "";
    switch (in->function_case) {
    case SPARK__CONNECT__COMMON_INLINE_USER_DEFINED_FUNCTION__FUNCTION_PYTHON_UDF:
        return err_unsupported(err, "Python UDF %s", name);
    case SPARK__CONNECT__COMMON_INLINE_USER_DEFINED_FUNCTION__FUNCTION_SCALAR_SCALA_UDF:
        return err_unsupported(err, "Scala UDF %s", name);
    default:
        return err_unsupported(err, "Java UDF %s", name);
    }
}

static fb_status lambda(Convert *c, const SC(Expression__LambdaFunction) * in, Expr **ret,
                        fb_error *err)
{
    if (in->n_arguments < 1 || in->n_arguments > 3) {
        return err_set(err, ERR_CONNECT_LAMBDA_ARGUMENTS, "got",
                       arena_printf(c->arena, "%zu", in->n_arguments), NULL);
    }
    Expr *e = expr_new(c->arena, E_LAMBDA, 1);
    e->n_parts = (uint32_t)in->n_arguments;
    e->parts = ARENA_ARRAY(c->arena, const char *, in->n_arguments);
    for (size_t i = 0; i < in->n_arguments; i++) {
        const SC(Expression__UnresolvedNamedLambdaVariable) *v = in->arguments[i];
        if (v->n_name_parts == 0) {
            return err_set(err, ERR_CONNECT_LAMBDA_NAME, NULL);
        }
        e->parts[i] = convert_str(c, v->name_parts[v->n_name_parts - 1]);
    }
    TRY(convert_expr(c, in->function, &e->args[0], err));
    *ret = e;
    return FB_OK;
}

static fb_status lambda_variable(Convert *c,
                                 const SC(Expression__UnresolvedNamedLambdaVariable) * in,
                                 Expr **ret, fb_error *err)
{
    if (in->n_name_parts == 0) {
        return err_set(err, ERR_CONNECT_LAMBDA_NAME, NULL);
    }
    Expr *e = expr_new(c->arena, E_UNRESOLVED_ATTR, 0);
    e->parts = (const char **)convert_names(c, in->name_parts, in->n_name_parts);
    e->n_parts = (uint32_t)in->n_name_parts;
    e->nullable = true;
    *ret = e;
    return FB_OK;
}

static fb_status named_argument(Convert *c, const SC(NamedArgumentExpression) * in, Expr **ret,
                                fb_error *err)
{
    Expr *e = expr_new(c->arena, E_NAMED_ARG, 1);
    e->name = convert_str(c, in->key);
    TRY(convert_expr(c, in->value, &e->args[0], err));
    *ret = e;
    return FB_OK;
}

/* ---- aliases, casts, orders, structs ---- */

fb_status convert_alias(Convert *c, const SC(Expression__Alias) * in, Expr **ret, fb_error *err)
{
    Expr *child;
    if (in == NULL || in->n_name == 0) {
        return missing("name", "spark.connect.Expression.Alias", err);
    }
    bool has_metadata = in->metadata != NULL && in->metadata[0] != '\0';
    if (in->n_name > 1 && has_metadata) {
        return err_set(err, ERR_CONNECT_ALIAS_METADATA, NULL);
    }
    TRY(convert_expr(c, in->expr, &child, err));
    Expr *e = expr_alias(c->arena, child, in->name[0]);
    if (in->n_name > 1) {
        e->parts = (const char **)convert_names(c, in->name, in->n_name);
        e->n_parts = (uint32_t)in->n_name;
    }
    if (has_metadata) {
        StrBuf b = {0};
        if (!type_metadata_normalize(str_of(in->metadata), &b)) {
            strbuf_free(&b);
            return err_set(err, ERR_CONNECT_CANNOT_PARSE, "errorMsg",
                           "the metadata of an alias is no JSON object", NULL);
        }
        e->metadata = strbuf_arena(&b, c->arena);
    }
    *ret = e;
    return FB_OK;
}

static fb_status cast(Convert *c, const SC(Expression__Cast) * in, Expr **ret, fb_error *err)
{
    Expr *child;
    const Type *to;
    TRY(convert_expr(c, in->expr, &child, err));
    switch (in->cast_to_type_case) {
    case SPARK__CONNECT__EXPRESSION__CAST__CAST_TO_TYPE_TYPE:
        TRY(convert_type(in->type, &to, err));
        break;
    case SPARK__CONNECT__EXPRESSION__CAST__CAST_TO_TYPE_TYPE_STR:
        TRY(type_from_name(str_text(c->arena, in->type_str), &to, err));
        break;
    default:
        return missing("type", "spark.connect.Expression.Cast", err);
    }
    /* Without a mode the session's decides, which the analyzer knows. */
    EvalMode mode = EVAL_ANSI;
    if (in->eval_mode == SPARK__CONNECT__EXPRESSION__CAST__EVAL_MODE__EVAL_MODE_TRY) {
        mode = EVAL_TRY;
    } else if (in->eval_mode == SPARK__CONNECT__EXPRESSION__CAST__EVAL_MODE__EVAL_MODE_LEGACY) {
        return err_unsupported(err, "casts with the eval mode LEGACY");
    }
    *ret = expr_cast(c->arena, child, to, mode, true);
    return FB_OK;
}

fb_status convert_sort_order(Convert *c, const SC(Expression__SortOrder) * in, Expr **ret,
                             fb_error *err)
{
    Expr *e = expr_new(c->arena, E_SORT_ORDER, 1);
    TRY(convert_expr(c, in->child, &e->args[0], err));
    e->desc = in->direction ==
              SPARK__CONNECT__EXPRESSION__SORT_ORDER__SORT_DIRECTION__SORT_DIRECTION_DESCENDING;
    switch (in->null_ordering) {
    case SPARK__CONNECT__EXPRESSION__SORT_ORDER__NULL_ORDERING__SORT_NULLS_FIRST:
        e->nulls_first = true;
        break;
    case SPARK__CONNECT__EXPRESSION__SORT_ORDER__NULL_ORDERING__SORT_NULLS_LAST:
        e->nulls_first = false;
        break;
    default:
        e->nulls_first = !e->desc;
        break;
    }
    e->start = e->args[0]->start;
    e->stop = e->args[0]->stop;
    *ret = e;
    return FB_OK;
}

static fb_status extract(Convert *c, const SC(Expression__UnresolvedExtractValue) * in, Expr **ret,
                         fb_error *err)
{
    Expr *e = expr_new(c->arena, E_UNRESOLVED_EXTRACT, 2);
    TRY(convert_expr(c, in->child, &e->args[0], err));
    TRY(convert_expr(c, in->extraction, &e->args[1], err));
    *ret = e;
    return FB_OK;
}

/* One update of the fields of a struct: set if there is a value, else drop. Updates of updates are
 * one. */
static Expr *update_of(Convert *c, Expr *of, const char *name, Expr *value)
{
    Expr **op = ARENA_ARRAY(c->arena, Expr *, 2);
    op[0] = expr_literal_str(c->arena, str_of(name));
    op[1] = value;
    bool again = of->kind == E_UNRESOLVED_FUNC && strcmp(of->name, "$update_fields") == 0;
    uint32_t n = again ? of->n_args : 1;
    Expr **args = ARENA_ARRAY(c->arena, Expr *, n + 1);
    memcpy(args, again ? of->args : &of, n * sizeof(Expr *));
    args[n] = call_of(c, value ? "$withfield" : "$dropfield", op, value ? 2 : 1);
    return call_of(c, "$update_fields", args, n + 1);
}

/* A name with dots goes into structs in the struct: a.b of s is s with its a updated. */
static Expr *update_path(Convert *c, Expr *of, const char *const *parts, uint32_t n, Expr *value)
{
    Expr **inner = ARENA_ARRAY(c->arena, Expr *, n);
    inner[0] = of;
    for (uint32_t i = 1; i < n; i++) {
        inner[i] = expr_new(c->arena, E_UNRESOLVED_EXTRACT, 2);
        inner[i]->args[0] = inner[i - 1];
        inner[i]->args[1] = expr_literal_str(c->arena, str_of(parts[i - 1]));
    }
    for (uint32_t i = n; i-- > 0;) {
        value = update_of(c, inner[i], parts[i], value);
    }
    return value;
}

static fb_status update_fields(Convert *c, const SC(Expression__UpdateFields) * in, Expr **ret,
                               fb_error *err)
{
    Expr *of, *value = NULL;
    const char **parts;
    uint32_t n;
    TRY(convert_expr(c, in->struct_expression, &of, err));
    if (in->value_expression) {
        TRY(convert_expr(c, in->value_expression, &value, err));
    }
    const char *name = convert_str(c, in->field_name);
    if (*name == '\0') { /* a field may have no name */
        *ret = update_of(c, of, name, value);
        return FB_OK;
    }
    TRY(sql_parse_name(c->arena, str_of(name), &parts, &n, err));
    *ret = update_path(c, of, parts, n, value);
    return FB_OK;
}

/* ---- windows ---- */

static fb_status frame_bound(Convert *c,
                             const SC(Expression__Window__WindowFrame__FrameBoundary) * in,
                             bool lower, StrBuf *out, fb_error *err)
{
    switch (in->boundary_case) {
    case SPARK__CONNECT__EXPRESSION__WINDOW__WINDOW_FRAME__FRAME_BOUNDARY__BOUNDARY_CURRENT_ROW:
        strbuf_puts(out, "CURRENT ROW");
        return FB_OK;
    case SPARK__CONNECT__EXPRESSION__WINDOW__WINDOW_FRAME__FRAME_BOUNDARY__BOUNDARY_UNBOUNDED:
        strbuf_puts(out, lower ? "UNBOUNDED PRECEDING" : "UNBOUNDED FOLLOWING");
        return FB_OK;
    case SPARK__CONNECT__EXPRESSION__WINDOW__WINDOW_FRAME__FRAME_BOUNDARY__BOUNDARY_VALUE: {
        Expr *e;
        TRY(convert_expr(c, in->value, &e, err));
        expr_sql(e, out);
        strbuf_puts(out, " FOLLOWING");
        return FB_OK;
    }
    default:
        return err_set(err, lower ? ERR_CONNECT_FRAME_LOWER : ERR_CONNECT_FRAME_UPPER, NULL);
    }
}

static fb_status frame(Convert *c, const SC(Expression__Window__WindowFrame) * in, const char **ret,
                       fb_error *err)
{
    if (in->lower == NULL || in->upper == NULL) {
        return err_set(err, in->lower ? ERR_CONNECT_FRAME_UPPER : ERR_CONNECT_FRAME_LOWER, NULL);
    }
    StrBuf b = {0};
    bool rows = in->frame_type ==
                SPARK__CONNECT__EXPRESSION__WINDOW__WINDOW_FRAME__FRAME_TYPE__FRAME_TYPE_ROW;
    strbuf_puts(&b, rows ? "ROWS BETWEEN " : "RANGE BETWEEN ");
    fb_status st = frame_bound(c, in->lower, true, &b, err);
    strbuf_puts(&b, " AND ");
    if (st == FB_OK) {
        st = frame_bound(c, in->upper, false, &b, err);
    }
    *ret = strbuf_arena(&b, c->arena);
    return st;
}

static fb_status window(Convert *c, const SC(Expression__Window) * in, Expr **ret, fb_error *err)
{
    size_t n = 1 + in->n_partition_spec + in->n_order_spec;
    if (in->window_function == NULL) {
        return err_set(err, ERR_CONNECT_NO_WINDOW_FUNCTION, NULL);
    }
    if (n > UINT32_MAX) {
        return err_internal(err, "a window of %zu expressions", n);
    }
    Expr *e = expr_new(c->arena, E_WINDOW, (uint32_t)n);
    uint32_t k = 0;
    TRY(convert_expr(c, in->window_function, &e->args[k++], err));
    for (size_t i = 0; i < in->n_partition_spec; i++) {
        TRY(convert_expr(c, in->partition_spec[i], &e->args[k++], err));
    }
    for (size_t i = 0; i < in->n_order_spec; i++) {
        TRY(convert_sort_order(c, in->order_spec[i], &e->args[k++], err));
    }
    e->column = (uint32_t)in->n_partition_spec;
    if (in->frame_spec != NULL) {
        TRY(frame(c, in->frame_spec, &e->name, err));
    }
    *ret = e;
    return FB_OK;
}

/* ---- subqueries ---- */

static const SC(Relation) * reference(const Convert *c, int64_t plan_id)
{
    for (uint32_t i = c->n_references; i-- > 0;) {
        if (c->references[i].plan_id == plan_id) {
            return c->references[i].relation;
        }
    }
    return NULL;
}

static fb_status subquery(Convert *c, const SC(SubqueryExpression) * in, Expr **ret, fb_error *err)
{
    const SC(Relation) *r = reference(c, in->plan_id);
    const char *kind;
    switch (in->subquery_type) {
    case SPARK__CONNECT__SUBQUERY_EXPRESSION__SUBQUERY_TYPE__SUBQUERY_TYPE_SCALAR:
        kind = "scalar";
        break;
    case SPARK__CONNECT__SUBQUERY_EXPRESSION__SUBQUERY_TYPE__SUBQUERY_TYPE_EXISTS:
        kind = "exists";
        break;
    case SPARK__CONNECT__SUBQUERY_EXPRESSION__SUBQUERY_TYPE__SUBQUERY_TYPE_IN:
        kind = "in";
        break;
    case SPARK__CONNECT__SUBQUERY_EXPRESSION__SUBQUERY_TYPE__SUBQUERY_TYPE_TABLE_ARG:
        return err_unsupported(err, "table arguments of functions");
    default:
        return err_set(err, ERR_CONNECT_ENUM, "name", "subquery_type", "number",
                       arena_printf(c->arena, "%d", (int)in->subquery_type), "fullName",
                       "spark.connect.SubqueryExpression", NULL);
    }
    if (r == NULL) {
        return err_set(err, ERR_CONNECT_REFERENCE, NULL);
    }
    Expr *e = expr_new(c->arena, E_SUBQUERY, 0);
    e->name = kind;
    e->nullable = true;
    TRY(convert_exprs(c, in->in_subquery_values, in->n_in_subquery_values, &e->args, err));
    e->n_args = (uint32_t)in->n_in_subquery_values;
    Plan *p;
    TRY(convert_relation(c, r, &p, err));
    e->plan = p;
    *ret = e;
    return FB_OK;
}

/* ---- dispatch ---- */

static fb_status rare_kind(Convert *c, const Message *in, Expr **ret, fb_error *err)
{
    switch (in->expr_type_case) {
    case EXPR(LAMBDA_FUNCTION):
        return lambda(c, in->lambda_function, ret, err);
    case EXPR(UNRESOLVED_NAMED_LAMBDA_VARIABLE):
        return lambda_variable(c, in->unresolved_named_lambda_variable, ret, err);
    case EXPR(NAMED_ARGUMENT_EXPRESSION):
        return named_argument(c, in->named_argument_expression, ret, err);
    case EXPR(COMMON_INLINE_USER_DEFINED_FUNCTION):
        return user_function(in->common_inline_user_defined_function, err);
    case EXPR(SUBQUERY_EXPRESSION):
        return subquery(c, in->subquery_expression, ret, err);
    case EXPR(MERGE_ACTION):
        return err_unsupported(err, "DataFrame.mergeInto");
    case EXPR(TYPED_AGGREGATE_EXPRESSION):
        return err_unsupported(err, "typed aggregates");
    case EXPR(DIRECT_SHUFFLE_PARTITION_ID):
        return err_unsupported(err, "DataFrame.repartitionById");
    case EXPR(EXTENSION):
        return err_unsupported(err, "extensions of Spark Connect");
    default:
        return err_set(err, ERR_CONNECT_ONE_OF_NOT_SET, "name", "expr_type", "fullName",
                       "spark.connect.Expression", NULL);
    }
}

static fb_status convert_kind(Convert *c, const Message *in, Expr **ret, fb_error *err)
{
    switch (in->expr_type_case) {
    case EXPR(LITERAL):
        return convert_literal(c, in->literal, ret, err);
    case EXPR(UNRESOLVED_ATTRIBUTE):
        return attribute(c, in->unresolved_attribute, ret, err);
    case EXPR(UNRESOLVED_FUNCTION):
        return function(c, in->unresolved_function, ret, err);
    case EXPR(EXPRESSION_STRING):
        return convert_sql_expr(c, in->expression_string->expression, ret, err);
    case EXPR(UNRESOLVED_STAR):
        return star(c, in->unresolved_star, ret, err);
    case EXPR(ALIAS):
        return convert_alias(c, in->alias, ret, err);
    case EXPR(CAST):
        return cast(c, in->cast, ret, err);
    case EXPR(UNRESOLVED_REGEX):
        return regex(c, in->unresolved_regex, ret, err);
    case EXPR(SORT_ORDER):
        return convert_sort_order(c, in->sort_order, ret, err);
    case EXPR(WINDOW):
        return window(c, in->window, ret, err);
    case EXPR(UNRESOLVED_EXTRACT_VALUE):
        return extract(c, in->unresolved_extract_value, ret, err);
    case EXPR(UPDATE_FIELDS):
        return update_fields(c, in->update_fields, ret, err);
    case EXPR(CALL_FUNCTION):
        return call_function(c, in->call_function, ret, err);
    default:
        return rare_kind(c, in, ret, err);
    }
}

fb_status convert_expr(Convert *c, const Message *in, Expr **ret, fb_error *err)
{
    if (in == NULL) {
        return missing("expr", "spark.connect.Expression", err);
    }
    TRY(convert_enter(c, err));
    fb_status st = convert_kind(c, in, ret, err);
    c->depth--;
    if (st == FB_OK) {
        convert_origin(c, in, *ret);
    }
    return st;
}
