/*
 * connect_plan.c - conversion of hand-made messages: relations and expressions to unresolved plans
 * (compared by the parser's dump), types and literals both ways, positions, refusals, bounds.
 *
 * What the plans should be is what SparkConnectPlanner of Spark 4.3 makes of the same messages.
 */
#include "column/timezone.h"
#include "connect/convert.h"
#include "connect/proto_guard.h"

#include "sql_dump.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static Arena arena; /* messages and plans of one test */

/* ---- making messages ---- */

#define NEW(Name, name)                                                                            \
    ({                                                                                             \
        SC(Name) *new_ = ARENA_NEW(&arena, SC(Name));                                              \
        spark__connect__##name##__init(new_);                                                      \
        new_;                                                                                      \
    })

typedef SC(Relation) Rel;
typedef SC(Expression) Ex;

static char *text(const char *s)
{
    return arena_strdup(&arena, s);
}

static char **texts(size_t *n, const char *first, ...)
{
    char **list = ARENA_ARRAY(&arena, char *, 16);
    va_list ap;
    va_start(ap, first);
    *n = 0;
    for (const char *s = first; s != NULL; s = va_arg(ap, const char *)) {
        list[(*n)++] = text(s);
    }
    va_end(ap);
    return list;
}

static Ex *attr(const char *name)
{
    Ex *e = NEW(Expression, expression);
    e->expr_type_case = EXPR(UNRESOLVED_ATTRIBUTE);
    e->unresolved_attribute =
        NEW(Expression__UnresolvedAttribute, expression__unresolved_attribute);
    e->unresolved_attribute->unparsed_identifier = text(name);
    return e;
}

static SC(Expression__Literal) * int_literal(int32_t v)
{
    SC(Expression__Literal) *l = NEW(Expression__Literal, expression__literal);
    l->literal_type_case = LIT(INTEGER);
    l->integer = v;
    return l;
}

static SC(Expression__Literal) * string_literal(const char *s)
{
    SC(Expression__Literal) *l = NEW(Expression__Literal, expression__literal);
    l->literal_type_case = LIT(STRING);
    l->string = (ProtobufCBinaryData){.len = strlen(s), .data = (uint8_t *)text(s)};
    return l;
}

static Ex *literal(SC(Expression__Literal) * l)
{
    Ex *e = NEW(Expression, expression);
    e->expr_type_case = EXPR(LITERAL);
    e->literal = l;
    return e;
}

static Ex *call(const char *name, size_t n, ...)
{
    Ex *e = NEW(Expression, expression);
    SC(Expression__UnresolvedFunction) *f =
        NEW(Expression__UnresolvedFunction, expression__unresolved_function);
    va_list ap;
    e->expr_type_case = EXPR(UNRESOLVED_FUNCTION);
    e->unresolved_function = f;
    f->function_name = text(name);
    f->n_arguments = n;
    f->arguments = ARENA_ARRAY(&arena, Ex *, n);
    va_start(ap, n);
    for (size_t i = 0; i < n; i++) {
        f->arguments[i] = va_arg(ap, Ex *);
    }
    va_end(ap);
    return e;
}

static Ex *sql_expr(const char *sql)
{
    Ex *e = NEW(Expression, expression);
    e->expr_type_case = EXPR(EXPRESSION_STRING);
    e->expression_string = NEW(Expression__ExpressionString, expression__expression_string);
    e->expression_string->expression = text(sql);
    return e;
}

static SC(Expression__Alias) * alias_of(Ex *child, const char *name)
{
    SC(Expression__Alias) *a = NEW(Expression__Alias, expression__alias);
    a->expr = child;
    a->name = texts(&a->n_name, name, NULL);
    return a;
}

static Ex *aliased(Ex *child, const char *name)
{
    Ex *e = NEW(Expression, expression);
    e->expr_type_case = EXPR(ALIAS);
    e->alias = alias_of(child, name);
    return e;
}

static SC(Expression__SortOrder) * order(Ex *child, bool desc)
{
    SC(Expression__SortOrder) *o = NEW(Expression__SortOrder, expression__sort_order);
    o->child = child;
    o->direction =
        desc ? SPARK__CONNECT__EXPRESSION__SORT_ORDER__SORT_DIRECTION__SORT_DIRECTION_DESCENDING
             : SPARK__CONNECT__EXPRESSION__SORT_ORDER__SORT_DIRECTION__SORT_DIRECTION_ASCENDING;
    return o;
}

static Ex **list(size_t *n, Ex *first, ...)
{
    Ex **v = ARENA_ARRAY(&arena, Ex *, 16);
    va_list ap;
    va_start(ap, first);
    *n = 0;
    for (Ex *e = first; e != NULL; e = va_arg(ap, Ex *)) {
        v[(*n)++] = e;
    }
    va_end(ap);
    return v;
}

static Rel *relation(int kind)
{
    Rel *r = NEW(Relation, relation);
    r->rel_type_case = kind;
    return r;
}

static Rel *table(const char *name)
{
    Rel *r = relation(REL(READ));
    r->read = NEW(Read, read);
    r->read->read_type_case = SPARK__CONNECT__READ__READ_TYPE_NAMED_TABLE;
    r->read->named_table = NEW(Read__NamedTable, read__named_table);
    r->read->named_table->unparsed_identifier = text(name);
    return r;
}

static Rel *with_id(Rel *r, int64_t id)
{
    r->common = NEW(RelationCommon, relation_common);
    r->common->has_plan_id = true;
    r->common->plan_id = id;
    return r;
}

static Rel *filter(Rel *input, Ex *condition)
{
    Rel *r = relation(REL(FILTER));
    r->filter = NEW(Filter, filter);
    r->filter->input = input;
    r->filter->condition = condition;
    return r;
}

static Rel *project(Rel *input, Ex *one)
{
    Rel *r = relation(REL(PROJECT));
    r->project = NEW(Project, project);
    r->project->input = input;
    r->project->expressions = list(&r->project->n_expressions, one, NULL);
    return r;
}

static Rel *sql(const char *query)
{
    Rel *r = relation(REL(SQL));
    r->sql = NEW(SQL, sql);
    r->sql->query = text(query);
    return r;
}

/* ---- comparing ---- */

static void expect(const Rel *r, const char *want)
{
    Convert c;
    fb_error err = {0};
    Plan *p;
    StrBuf got = {0};
    convert_init(&c, &arena, NULL, NULL, NULL);
    if (convert_relation(&c, r, &p, &err) != FB_OK) {
        fail_msg("%s\nwanted: %s", err.message, want);
    }
    assert_int_equal(c.depth, 0);
    dump_plan(&got, p);
    assert_string_equal(strbuf_str(&got).p, want);
    strbuf_free(&got);
    convert_free(&c);
}

static void expect_expr(const Ex *e, const char *want)
{
    Convert c;
    fb_error err = {0};
    Expr *x;
    StrBuf got = {0};
    convert_init(&c, &arena, NULL, NULL, NULL);
    if (convert_expr(&c, e, &x, &err) != FB_OK) {
        fail_msg("%s\nwanted: %s", err.message, want);
    }
    dump_expr(&got, x);
    assert_string_equal(strbuf_str(&got).p, want);
    strbuf_free(&got);
    convert_free(&c);
}

static void refuse(const Rel *r, const char *condition, const char *said)
{
    Convert c;
    fb_error err = {0};
    Plan *p;
    convert_init(&c, &arena, NULL, NULL, NULL);
    assert_int_equal(convert_relation(&c, r, &p, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), condition);
    if (strstr(err.message, said) == NULL) {
        fail_msg("%s\nlacks: %s", err.message, said);
    }
    err_clear(&err);
    convert_free(&c);
}

static void refuse_expr(Ex *e, const char *condition, const char *said)
{
    refuse(project(table("t"), e), condition, said);
}

static int reset(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

/* ---- expressions ---- */

static void test_expressions(void **state)
{
    (void)state;
    expect_expr(attr("a.`b.c`"), "a.`b.c`");
    expect_expr(call("==", 2, attr("a"), literal(int_literal(1))), "(== a 1)");
    expect_expr(call("when", 3, attr("c"), literal(string_literal("x")), literal(int_literal(2))),
                "(when c 'x' 2)");
    Ex *distinct = call("count", 1, attr("a"));
    distinct->unresolved_function->is_distinct = true;
    expect_expr(distinct, "(count DISTINCT a)");
    expect_expr(aliased(attr("a"), "b"), "a AS b");
    expect_expr(sql_expr("a + 1 AS x"), "(+ a 1) AS x");
    expect_expr(sql_expr("count(*)"), "(count *)");

    Ex *star = NEW(Expression, expression);
    star->expr_type_case = EXPR(UNRESOLVED_STAR);
    star->unresolved_star = NEW(Expression__UnresolvedStar, expression__unresolved_star);
    expect_expr(star, "*");
    star->unresolved_star->unparsed_target = text("t.s.*");
    expect_expr(star, "t.s.*");
    star->unresolved_star->unparsed_target = text("t");
    refuse_expr(star, "CONNECT_INVALID_PLAN.UNRESOLVED_STAR_TARGET_INVALID", "t");

    Ex *cast = NEW(Expression, expression);
    cast->expr_type_case = EXPR(CAST);
    cast->cast = NEW(Expression__Cast, expression__cast);
    cast->cast->expr = attr("a");
    cast->cast->cast_to_type_case = SPARK__CONNECT__EXPRESSION__CAST__CAST_TO_TYPE_TYPE_STR;
    cast->cast->type_str = text("decimal(10,2)");
    expect_expr(cast, "cast(a decimal(10,2))");
    cast->cast->eval_mode = SPARK__CONNECT__EXPRESSION__CAST__EVAL_MODE__EVAL_MODE_TRY;
    expect_expr(cast, "try_cast(a decimal(10,2))");

    Ex *extract = NEW(Expression, expression);
    extract->expr_type_case = EXPR(UNRESOLVED_EXTRACT_VALUE);
    extract->unresolved_extract_value =
        NEW(Expression__UnresolvedExtractValue, expression__unresolved_extract_value);
    extract->unresolved_extract_value->child = attr("a");
    extract->unresolved_extract_value->extraction = literal(string_literal("f"));
    expect_expr(extract, "a['f']");
}

static void test_lambda_and_window(void **state)
{
    (void)state;
    SC(Expression__UnresolvedNamedLambdaVariable) *v = NEW(
        Expression__UnresolvedNamedLambdaVariable, expression__unresolved_named_lambda_variable);
    v->name_parts = texts(&v->n_name_parts, "x_1", NULL);
    Ex *ref = NEW(Expression, expression);
    ref->expr_type_case = EXPR(UNRESOLVED_NAMED_LAMBDA_VARIABLE);
    ref->unresolved_named_lambda_variable = v;
    Ex *lambda = NEW(Expression, expression);
    lambda->expr_type_case = EXPR(LAMBDA_FUNCTION);
    lambda->lambda_function = NEW(Expression__LambdaFunction, expression__lambda_function);
    lambda->lambda_function->function = call("+", 2, ref, literal(int_literal(1)));
    lambda->lambda_function->n_arguments = 1;
    lambda->lambda_function->arguments = &v;
    expect_expr(call("transform", 2, attr("a"), lambda), "(transform a \\x_1 -> (+ x_1 1))");
    lambda->lambda_function->n_arguments = 0;
    refuse_expr(lambda, "CONNECT_INVALID_PLAN.LAMBDA_FUNCTION_ARGUMENT_COUNT_INVALID", "not 0");

    Ex *window = NEW(Expression, expression);
    window->expr_type_case = EXPR(WINDOW);
    window->window = NEW(Expression__Window, expression__window);
    window->window->window_function = call("row_number", 0);
    window->window->partition_spec = list(&window->window->n_partition_spec, attr("k"), NULL);
    SC(Expression__SortOrder) *o = order(attr("v"), true);
    window->window->n_order_spec = 1;
    window->window->order_spec = &o;
    expect_expr(window, "over((row_number), k, v desc last)");
}

static void test_literals(void **state)
{
    (void)state;
    expect_expr(literal(int_literal(-5)), "-5");
    expect_expr(literal(string_literal("x")), "'x'");
    SC(Expression__Literal) *l = NEW(Expression__Literal, expression__literal);
    l->literal_type_case = LIT(LONG);
    l->long_ = INT64_MIN;
    expect_expr(literal(l), "-9223372036854775808:bigint");
    l->literal_type_case = LIT(DATE);
    l->date = 19724;
    expect_expr(literal(l), "2024-01-02:date");
    l->literal_type_case = LIT(NULL);
    l->null = type_message(type_long, &arena);
    expect_expr(literal(l), "NULL");
    l->literal_type_case = LIT(DAY_TIME_INTERVAL);
    l->day_time_interval = 86400000000;
    expect_expr(literal(l), "INTERVAL '1 00:00:00' DAY TO SECOND:interval day to second");
    /* PySpark sends decimals as decimal(10, 0) whatever they are. */
    l->literal_type_case = LIT(DECIMAL);
    l->decimal = NEW(Expression__Literal__Decimal, expression__literal__decimal);
    l->decimal->value = text("1.50");
    l->decimal->has_precision = true;
    l->decimal->precision = 10;
    l->decimal->has_scale = true;
    expect_expr(literal(l), "1.50:decimal(10,2)");
    l->decimal->value = text("1E40");
    refuse_expr(literal(l), "CONNECT_INVALID_PLAN.UNSUPPORTED_LITERAL_TYPE", "decimal");
    l->literal_type_case = LIT(TIME);
    l->time = NEW(Expression__Literal__Time, expression__literal__time);
    refuse_expr(literal(l), "UNSUPPORTED_FEATURE", "time");
    l->literal_type_case = LIT(_NOT_SET);
    refuse_expr(literal(l), "CONNECT_INVALID_PLAN.UNSUPPORTED_LITERAL_TYPE", "without a value");
}

static SC(Expression__Literal) *
    array_of(SC(Expression__Literal) * *elements, size_t n, const Type *t)
{
    SC(Expression__Literal) *l = NEW(Expression__Literal, expression__literal);
    l->literal_type_case = LIT(ARRAY);
    l->array = NEW(Expression__Literal__Array, expression__literal__array);
    l->array->n_elements = n;
    l->array->elements = elements;
    l->array->element_type = t != NULL ? type_message(t, &arena) : NULL;
    return l;
}

static void test_nested_literals(void **state)
{
    (void)state;
    SC(Expression__Literal) * ints[2] = {int_literal(1), int_literal(2)};
    expect_expr(literal(array_of(ints, 2, type_int)), "[1, 2]:array<int>");
    expect_expr(literal(array_of(ints, 2, NULL)), "[1, 2]:array<int>");
    expect_expr(literal(array_of(ints, 0, type_int)), "[]:array<int>");
    SC(Expression__Literal) * arrays[1] = {array_of(ints, 2, type_int)};
    expect_expr(literal(array_of(arrays, 1, NULL)), "[[1, 2]]:array<array<int>>");
    refuse_expr(literal(array_of(ints, 2, type_string)),
                "CONNECT_INVALID_PLAN.INCOMPATIBLE_LITERAL_DATA_TYPE", "integer");
    SC(Expression__Literal) * keys[1] = {string_literal("a")};
    SC(Expression__Literal) *map = NEW(Expression__Literal, expression__literal);
    map->literal_type_case = LIT(MAP);
    map->map = NEW(Expression__Literal__Map, expression__literal__map);
    map->map->n_keys = 1;
    map->map->keys = keys;
    map->map->n_values = 1;
    map->map->values = ints;
    expect_expr(literal(map), "{a -> 1}:map<string,int>");
    map->map->n_values = 2;
    refuse_expr(literal(map), "CONNECT_INVALID_PLAN.INCOMPATIBLE_LITERAL_DATA_TYPE", "map");
}

/* ---- types ---- */

static void test_types_both_ways(void **state)
{
    (void)state;
    static const char *const ddl[] = {
        "a BOOLEAN, b TINYINT, c SMALLINT, d INT, e BIGINT, f FLOAT, g DOUBLE, h DECIMAL(38,18)",
        "a STRING NOT NULL, b BINARY, c DATE, d TIMESTAMP, e TIMESTAMP_NTZ, f VOID",
        "a INTERVAL YEAR TO MONTH, b INTERVAL DAY TO SECOND, c INTERVAL HOUR, d INTERVAL",
        "a ARRAY<INT>, b MAP<STRING, ARRAY<STRUCT<x: INT, y: DATE>>>, c STRUCT<z: DOUBLE>",
        "a STRING COLLATE UNICODE_CI, b ARRAY<STRING COLLATE UTF8_LCASE_RTRIM>",
        "a INT COMMENT 'with metadata'"};
    for (size_t i = 0; i < sizeof(ddl) / sizeof(ddl[0]); i++) {
        const Type *t, *back;
        fb_error err = {0};
        ProtobufCMessage *unpacked;
        size_t n;
        assert_int_equal(type_from_ddl(str_of(ddl[i]), &t, &err), FB_OK);
        uint8_t *bytes = proto_pack(&type_message(t, &arena)->base, &n);
        assert_int_equal(proto_unpack(SC_DESC(data_type), bytes, n, &arena, &unpacked, &err),
                         FB_OK);
        assert_int_equal(convert_type((SC(DataType) *)unpacked, &back, &err), FB_OK);
        assert_ptr_equal(back, t);
        mem_free(bytes);
    }
}

static void refuse_type(SC(DataType) * t, const char *condition)
{
    const Type *ret;
    fb_error err = {0};
    assert_int_equal(convert_type(t, &ret, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), condition);
    err_clear(&err);
}

static void test_types_refused(void **state)
{
    (void)state;
    SC(DataType) *t = NEW(DataType, data_type);
    refuse_type(NULL, "CONNECT_INVALID_PLAN.DATA_TYPE_UNSUPPORTED_PROTO_TO_CATALYST");
    refuse_type(t, "CONNECT_INVALID_PLAN.DATA_TYPE_UNSUPPORTED_PROTO_TO_CATALYST");
    t->kind_case = KIND(VARIANT);
    refuse_type(t, "UNSUPPORTED_FEATURE");
    t->kind_case = KIND(DECIMAL);
    t->decimal = NEW(DataType__Decimal, data_type__decimal);
    t->decimal->has_precision = true;
    t->decimal->precision = 39;
    refuse_type(t, "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION");
    t->kind_case = KIND(STRING);
    t->string = NEW(DataType__String, data_type__string);
    t->string->collation = text("de_CI");
    refuse_type(t, "UNSUPPORTED_FEATURE");
    t = type_message(type_int, &arena);
    for (int i = 0; i < 1000; i++) {
        SC(DataType) *outer = NEW(DataType, data_type);
        outer->kind_case = KIND(ARRAY);
        outer->array = NEW(DataType__Array, data_type__array);
        outer->array->element_type = t;
        t = outer;
    }
    refuse_type(t, "UNSUPPORTED_FEATURE");
}

static void test_char_keeps_its_length(void **state)
{
    (void)state;
    const Type *t;
    fb_error err = {0};
    SC(DataType) *s = NEW(DataType, data_type);
    SC(DataType__StructField) *f = NEW(DataType__StructField, data_type__struct_field);
    s->kind_case = KIND(STRUCT);
    s->struct_ = NEW(DataType__Struct, data_type__struct);
    s->struct_->n_fields = 1;
    s->struct_->fields = &f;
    f->name = text("c");
    f->data_type = NEW(DataType, data_type);
    f->data_type->kind_case = KIND(VAR_CHAR);
    f->data_type->var_char = NEW(DataType__VarChar, data_type__var_char);
    f->data_type->var_char->length = 7;
    assert_int_equal(convert_type(s, &t, &err), FB_OK);
    assert_ptr_equal(t->fields[0].type, type_string);
    assert_string_equal(t->fields[0].metadata, "{\"__CHAR_VARCHAR_TYPE_STRING\":\"varchar(7)\"}");
}

/* ---- relations ---- */

static void test_rows(void **state)
{
    (void)state;
    expect(filter(table("db.t"), call(">", 2, attr("a"), literal(int_literal(1)))),
           "Filter[(> a 1)](Table[db.t])");
    expect(project(NULL, literal(int_literal(1))), "Project[1](One)");
    Rel *r = relation(REL(SORT));
    r->sort = NEW(Sort, sort);
    SC(Expression__SortOrder) * keys[2] = {order(attr("a"), false), order(attr("b"), true)};
    r->sort->input = table("t");
    r->sort->n_order = 2;
    r->sort->order = keys;
    r->sort->has_is_global = true;
    r->sort->is_global = true;
    expect(r, "Sort[a asc first, b desc last](Table[t])");
    keys[1]->null_ordering =
        SPARK__CONNECT__EXPRESSION__SORT_ORDER__NULL_ORDERING__SORT_NULLS_FIRST;
    r->sort->is_global = false;
    expect(r, "SortLocal[a asc first, b desc first](Table[t])");
    r = relation(REL(LIMIT));
    r->limit = NEW(Limit, limit);
    r->limit->input = table("t");
    r->limit->limit = 7;
    expect(r, "Limit[7](Table[t])");
    r = relation(REL(DEDUPLICATE));
    r->deduplicate = NEW(Deduplicate, deduplicate);
    r->deduplicate->input = table("t");
    refuse(r, "CONNECT_INVALID_PLAN.DEDUPLICATE_REQUIRES_COLUMNS_OR_ALL", "");
    r->deduplicate->column_names = texts(&r->deduplicate->n_column_names, "a", NULL);
    expect(r, "Deduplicate[a](Table[t])");
    r->deduplicate->all_columns_as_keys = true;
    refuse(r, "CONNECT_INVALID_PLAN.DEDUPLICATE_ALL_COLUMNS_AND_SUBSET", "");
    r = relation(REL(WITH_WATERMARK));
    r->with_watermark = NEW(WithWatermark, with_watermark);
    r->with_watermark->input = table("t");
    r->with_watermark->event_time = text("ts");
    r->with_watermark->delay_threshold = text("10 minutes");
    expect(r, "EventTimeWatermark[10 minutes ts](Table[t])");
}

static void test_columns(void **state)
{
    (void)state;
    Rel *r = relation(REL(WITH_COLUMNS));
    r->with_columns = NEW(WithColumns, with_columns);
    SC(Expression__Alias) *added = alias_of(literal(int_literal(1)), "x");
    r->with_columns->input = table("t");
    r->with_columns->n_aliases = 1;
    r->with_columns->aliases = &added;
    expect(r, "WithColumns[1 AS x](Table[t])");
    added->name = texts(&added->n_name, "x", "y", NULL);
    refuse(r, "CONNECT_INVALID_PLAN.WITH_COLUMNS_REQUIRE_SINGLE_NAME_PART", "not 2");
    r = relation(REL(WITH_COLUMNS_RENAMED));
    r->with_columns_renamed = NEW(WithColumnsRenamed, with_columns_renamed);
    SC(WithColumnsRenamed__Rename) *rename =
        NEW(WithColumnsRenamed__Rename, with_columns_renamed__rename);
    rename->col_name = text("a");
    rename->new_col_name = text("b");
    r->with_columns_renamed->input = table("t");
    r->with_columns_renamed->n_renames = 1;
    r->with_columns_renamed->renames = &rename;
    expect(r, "Project[a.b](Table[t])");
    r = relation(REL(DROP));
    r->drop = NEW(Drop, drop);
    r->drop->input = table("t");
    r->drop->columns = list(&r->drop->n_columns, attr("a"), NULL);
    r->drop->column_names = texts(&r->drop->n_column_names, "b", NULL);
    expect(r, "DataFrameDropColumns[a : b](Table[t])");
    r = relation(REL(TO_DF));
    r->to_df = NEW(ToDF, to_df);
    r->to_df->input = table("t");
    r->to_df->column_names = texts(&r->to_df->n_column_names, "x", "y", NULL);
    expect(r, "ToDf[x.y](Table[t])");
    r = relation(REL(SUBQUERY_ALIAS));
    r->subquery_alias = NEW(SubqueryAlias, subquery_alias);
    r->subquery_alias->input = table("t");
    r->subquery_alias->alias = text("a");
    expect(r, "As[a ](Table[t])");
}

static void test_joins_and_sets(void **state)
{
    (void)state;
    Rel *r = relation(REL(JOIN));
    r->join = NEW(Join, join);
    r->join->left = table("l");
    r->join->right = table("r");
    refuse(r, "CONNECT_INVALID_PLAN.INVALID_ENUM", "join_type");
    r->join->join_type = SPARK__CONNECT__JOIN__JOIN_TYPE__JOIN_TYPE_LEFT_SEMI;
    r->join->using_columns = texts(&r->join->n_using_columns, "k", NULL);
    expect(r, "Join[semi k](Table[l], Table[r])");
    r->join->join_condition = call("==", 2, attr("l.a"), attr("r.a"));
    refuse(r, "CONNECT_INVALID_PLAN.USING_COLUMNS_OR_JOIN_CONDITION_SET_IN_JOIN", "");
    r->join->n_using_columns = 0;
    r->join->join_type = SPARK__CONNECT__JOIN__JOIN_TYPE__JOIN_TYPE_FULL_OUTER;
    expect(r, "Join[full (== l.a r.a)](Table[l], Table[r])");
    r = relation(REL(SET_OP));
    r->set_op = NEW(SetOperation, set_operation);
    r->set_op->left_input = table("l");
    refuse(r, "CONNECT_INVALID_PLAN.SET_OPERATION_MUST_HAVE_TWO_INPUTS", "");
    r->set_op->right_input = table("r");
    r->set_op->set_op_type = SPARK__CONNECT__SET_OPERATION__SET_OP_TYPE__SET_OP_TYPE_UNION;
    r->set_op->is_all = true;
    expect(r, "UnionAll[](Table[l], Table[r])");
    r->set_op->set_op_type = SPARK__CONNECT__SET_OPERATION__SET_OP_TYPE__SET_OP_TYPE_EXCEPT;
    expect(r, "Except All[](Table[l], Table[r])");
    r->set_op->by_name = true;
    refuse(r, "CONNECT_INVALID_PLAN.EXCEPT_DOES_NOT_SUPPORT_UNION_BY_NAME", "");
}

static Rel *group_by(int type)
{
    Rel *r = relation(REL(AGGREGATE));
    r->aggregate = NEW(Aggregate, aggregate);
    r->aggregate->input = table("t");
    r->aggregate->group_type = type;
    r->aggregate->grouping_expressions =
        list(&r->aggregate->n_grouping_expressions, attr("a"), attr("b"), NULL);
    r->aggregate->aggregate_expressions = list(&r->aggregate->n_aggregate_expressions,
                                               call("count", 1, literal(int_literal(1))), NULL);
    return r;
}

static void test_aggregates(void **state)
{
    (void)state;
    expect(group_by(SPARK__CONNECT__AGGREGATE__GROUP_TYPE__GROUP_TYPE_GROUPBY),
           "Aggregate[a, b, (count 1) by a, b](Table[t])");
    expect(group_by(SPARK__CONNECT__AGGREGATE__GROUP_TYPE__GROUP_TYPE_ROLLUP),
           "Aggregate[a, b, (count 1) by a, b sets 3,1,0](Table[t])");
    expect(group_by(SPARK__CONNECT__AGGREGATE__GROUP_TYPE__GROUP_TYPE_CUBE),
           "Aggregate[a, b, (count 1) by a, b sets 3,1,2,0](Table[t])");
    Rel *r = group_by(SPARK__CONNECT__AGGREGATE__GROUP_TYPE__GROUP_TYPE_GROUPING_SETS);
    SC(Aggregate__GroupingSets) *
        sets[2] = {NEW(Aggregate__GroupingSets, aggregate__grouping_sets),
                   NEW(Aggregate__GroupingSets, aggregate__grouping_sets)};
    sets[0]->grouping_set = list(&sets[0]->n_grouping_set, attr("b"), NULL);
    r->aggregate->n_grouping_sets = 2;
    r->aggregate->grouping_sets = sets;
    expect(r, "Aggregate[a, b, (count 1) by a, b sets 2,0](Table[t])");
    refuse(group_by(SPARK__CONNECT__AGGREGATE__GROUP_TYPE__GROUP_TYPE_PIVOT),
           "CONNECT_INVALID_PLAN.AGGREGATE_WITH_PIVOT_REQUIRES_PIVOT", "");
}

static void test_reads(void **state)
{
    (void)state;
    Rel *r = table("a.`b c`");
    r->read->is_streaming = true;
    expect(r, "Stream[a.`b c`]");
    r->read->read_type_case = SPARK__CONNECT__READ__READ_TYPE_DATA_SOURCE;
    r->read->data_source = NEW(Read__DataSource, read__data_source);
    SC(Read__DataSource__OptionsEntry) *o =
        NEW(Read__DataSource__OptionsEntry, read__data_source__options_entry);
    o->key = text("maxFilesPerTrigger");
    o->value = text("1");
    r->read->data_source->format = text("json");
    r->read->data_source->n_options = 1;
    r->read->data_source->options = &o;
    expect(r, "UnresolvedDataSource[ maxFilesPerTrigger=1]");
    r->read->data_source->paths = texts(&r->read->data_source->n_paths, "/a", "/b", NULL);
    refuse(r, "CONNECT_INVALID_PLAN.MULTIPLE_PATHS_NOT_SUPPORTED_FOR_STREAMING_SOURCE", "");
    r = relation(REL(RANGE));
    r->range = NEW(Range, range);
    refuse(r, "", "step (0) cannot be 0");
}

static void test_ids_and_copies(void **state)
{
    (void)state;
    Convert c;
    fb_error err = {0};
    Plan *p;
    Ex *column = attr("a");
    column->unresolved_attribute->has_plan_id = true;
    column->unresolved_attribute->plan_id = 0;
    Rel *r = with_id(project(with_id(table("t"), 0), column), 1);
    convert_init(&c, &arena, NULL, NULL, NULL);
    assert_int_equal(convert_relation(&c, r, &p, &err), FB_OK);
    /* Nothing of the plan may point into the messages. */
    memset(column->unresolved_attribute->unparsed_identifier, '?', 1);
    memset(r->project->input->read->named_table->unparsed_identifier, '?', 1);
    assert_int_equal(p->plan_id, 2);
    assert_int_equal(p->child[0]->plan_id, 1);
    assert_int_equal(p->exprs[0]->plan_id, 1);
    assert_string_equal(p->exprs[0]->parts[0], "a");
    assert_string_equal(p->child[0]->names[0], "t");
    convert_free(&c);
}

/* ---- SQL ---- */

static void test_sql(void **state)
{
    (void)state;
    expect(sql("SELECT a FROM t WHERE b > 1"), "Project[a](Filter[(> b 1)](Table[t]))");
    Rel *r = sql("SELECT :x + 1");
    SC(SQL__NamedArgumentsEntry) *arg = NEW(SQL__NamedArgumentsEntry, sql__named_arguments_entry);
    arg->key = text("x");
    arg->value = literal(int_literal(41));
    r->sql->n_named_arguments = 1;
    r->sql->named_arguments = &arg;
    expect(r, "Project[(+ 41 1)](One)");
    refuse(sql("SELEC 1"), "PARSE_SYNTAX_ERROR", "SELEC");

    /* spark.sql("... {df}", df=df) */
    Rel *with = relation(REL(WITH_RELATIONS));
    Rel *named = relation(REL(SUBQUERY_ALIAS));
    named->subquery_alias = NEW(SubqueryAlias, subquery_alias);
    named->subquery_alias->input = table("t");
    named->subquery_alias->alias = text("df_1");
    with->with_relations = NEW(WithRelations, with_relations);
    with->with_relations->root = sql("SELECT * FROM df_1");
    with->with_relations->n_references = 1;
    with->with_relations->references = &named;
    expect(with, "With[df_1](Project[*](Table[df_1]), Table[t])");
    with->with_relations->root = sql("SHOW TABLES");
    refuse(with, "CONNECT_INVALID_PLAN.INVALID_SQL_WITH_REFERENCES", "SHOW TABLES");
}

static Ex *subquery_of(int64_t plan_id)
{
    Ex *e = NEW(Expression, expression);
    e->expr_type_case = EXPR(SUBQUERY_EXPRESSION);
    e->subquery_expression = NEW(SubqueryExpression, subquery_expression);
    e->subquery_expression->plan_id = plan_id;
    e->subquery_expression->subquery_type =
        SPARK__CONNECT__SUBQUERY_EXPRESSION__SUBQUERY_TYPE__SUBQUERY_TYPE_SCALAR;
    return e;
}

static void test_subqueries(void **state)
{
    (void)state;
    Rel *with = relation(REL(WITH_RELATIONS));
    Rel *reference = with_id(table("s"), 5);
    with->with_relations = NEW(WithRelations, with_relations);
    with->with_relations->root = project(table("t"), subquery_of(5));
    with->with_relations->n_references = 1;
    with->with_relations->references = &reference;
    expect(with, "Project[scalar(Table[s])](Table[t])");
    refuse(project(table("t"), subquery_of(5)),
           "CONNECT_INVALID_PLAN.INVALID_WITH_RELATION_REFERENCE", "");
    /* A relation that refers to itself twice would grow without end. */
    reference->rel_type_case = REL(PROJECT);
    reference->project = NEW(Project, project);
    reference->project->input = table("s");
    reference->project->expressions =
        list(&reference->project->n_expressions, subquery_of(5), subquery_of(5), NULL);
    refuse(with, "PLAN_TOO_DEEP", "2000");
}

/* The place of an error is looked for in the text that it came from. */
static void test_positions(void **state)
{
    (void)state;
    Convert c;
    fb_error err = {0};
    Expr *one, *two;
    convert_init(&c, &arena, NULL, NULL, NULL);
    assert_int_equal(convert_expr(&c, sql_expr("a + b"), &one, &err), FB_OK);
    assert_int_equal(convert_expr(&c, sql_expr("x BETWEEN 1 AND yy"), &two, &err), FB_OK);
    (void)err_set(&err, ERR_DIVIDE_BY_ZERO, "config", "c", NULL);
    err_where(&err, two->start + 16, two->start + 18, (Str){0});
    convert_locate(&c, &err);
    assert_int_equal(err.start, 16);
    assert_string_equal(err.fragment, "yy");
    err_clear(&err);
    (void)err_set(&err, ERR_DIVIDE_BY_ZERO, "config", "c", NULL);
    err_where(&err, one->start, one->stop, (Str){0});
    convert_locate(&c, &err);
    assert_string_equal(err.fragment, "a + b");
    err_clear(&err);
    /* A position of a view's own text is not known here. */
    (void)err_set(&err, ERR_DIVIDE_BY_ZERO, "config", "c", NULL);
    err_where(&err, 3, 4, (Str){0});
    convert_locate(&c, &err);
    assert_int_equal(err.start, -1);
    assert_null(err.summary);
    err_clear(&err);

    Ex *called = call("/", 2, attr("a"), literal(int_literal(0)));
    SC(PythonOrigin) *o = NEW(PythonOrigin, python_origin);
    o->fragment = text("__truediv__");
    o->call_site = text("/job.py:7");
    called->common = NEW(ExpressionCommon, expression_common);
    called->common->origin = NEW(Origin, origin);
    called->common->origin->function_case = SPARK__CONNECT__ORIGIN__FUNCTION_PYTHON_ORIGIN;
    called->common->origin->python_origin = o;
    assert_int_equal(convert_expr(&c, called, &one, &err), FB_OK);
    (void)err_set(&err, ERR_DIVIDE_BY_ZERO, "config", "c", NULL);
    err_where(&err, one->start, one->stop, (Str){0});
    convert_locate(&c, &err);
    assert_string_equal(err.summary,
                        "== DataFrame ==\n\"__truediv__\" was called from\n/job.py:7\n");
    err_clear(&err);
    convert_free(&c);
}

/* ---- refusals and bounds ---- */

static void test_refused_by_name(void **state)
{
    (void)state;
    Rel *r = relation(REL(MAP_PARTITIONS));
    r->map_partitions = NEW(MapPartitions, map_partitions);
    refuse(r, "UNSUPPORTED_FEATURE", "DataFrame.mapInPandas");
    refuse(relation(REL(_NOT_SET)), "CONNECT_INVALID_PLAN.INVALID_ONE_OF_FIELD_NOT_SET",
           "rel_type");
    refuse(filter(NULL, attr("a")), "CONNECT_INVALID_PLAN.FIELD_CANNOT_BE_EMPTY", "input");
    refuse(filter(table("t"), NULL), "CONNECT_INVALID_PLAN.FIELD_CANNOT_BE_EMPTY", "expr");
    Ex *udf = NEW(Expression, expression);
    udf->expr_type_case = EXPR(COMMON_INLINE_USER_DEFINED_FUNCTION);
    udf->common_inline_user_defined_function =
        NEW(CommonInlineUserDefinedFunction, common_inline_user_defined_function);
    udf->common_inline_user_defined_function->function_name = text("f");
    udf->common_inline_user_defined_function->function_case =
        SPARK__CONNECT__COMMON_INLINE_USER_DEFINED_FUNCTION__FUNCTION_PYTHON_UDF;
    refuse_expr(udf, "UNSUPPORTED_FEATURE", "Python UDF f");
}

static void test_depth(void **state)
{
    (void)state;
    Rel *r = table("t");
    for (int i = 0; i < CONVERT_MAX_DEPTH - 2; i++) {
        r = filter(r, attr("a"));
    }
    Convert c;
    fb_error err = {0};
    Plan *p;
    convert_init(&c, &arena, NULL, NULL, NULL);
    assert_int_equal(convert_relation(&c, r, &p, &err), FB_OK);
    convert_free(&c);
    refuse(filter(filter(r, attr("a")), attr("a")), "PLAN_TOO_DEEP", "2000");
    Ex *e = attr("a");
    for (int i = 0; i < CONVERT_MAX_DEPTH; i++) {
        e = call("+", 1, e);
    }
    refuse_expr(e, "PLAN_TOO_DEEP", "2000");
}

/* ---- with a session ---- */

typedef struct Fixture {
    Engine *engine;
    Session *session;
    Convert c;
} Fixture;

static Str first_cell(const RowSet *rows)
{
    assert_int_equal(rows->n_rows, 1);
    return view_str(&VEC_AT(View, &rows->batches[0].col[0], 0));
}

static RowSet *run(Fixture *f, const Rel *r)
{
    fb_error err = {0};
    PlanTree *t;
    RowSet *rows;
    if (convert_analyze(&f->c, r, &t, &err) != FB_OK ||
        session_collect(f->session, t, NULL, &rows, &err) != FB_OK) {
        fail_msg("%s", err.message);
    }
    plantree_release(t);
    return rows;
}

static Rel *range(int64_t n)
{
    Rel *r = relation(REL(RANGE));
    r->range = NEW(Range, range);
    r->range->end = n;
    r->range->step = 1;
    return r;
}

static void test_tables_made_here(void **state)
{
    (void)state;
    Fixture f = {.engine = engine_new(1)};
    f.session = session_new(f.engine, NULL);
    convert_init(&f.c, &arena, NULL, f.session, NULL);
    Rel *show = relation(REL(SHOW_STRING));
    show->show_string = NEW(ShowString, show_string);
    show->show_string->input = range(3);
    show->show_string->num_rows = 2;
    show->show_string->truncate = 20;
    RowSet *rows = run(&f, show);
    static const char drawn[] = "+---+\n| id|\n+---+\n|  0|\n|  1|\n+---+\n"
                                "only showing top 2 rows";
    assert_true(str_eq(first_cell(rows), str_of(drawn)));
    rowset_release(rows);
    Rel *catalog = relation(REL(CATALOG));
    catalog->catalog = NEW(Catalog, catalog);
    catalog->catalog->cat_type_case = CAT(CURRENT_DATABASE);
    catalog->catalog->current_database = NEW(CurrentDatabase, current_database);
    rows = run(&f, catalog);
    assert_true(str_eq(first_cell(rows), STR_LIT("default")));
    rowset_release(rows);
    /* A DataFrame that is kept under an id. */
    PlanTree *t;
    fb_error err = {0};
    assert_int_equal(convert_analyze(&f.c, range(4), &t, &err), FB_OK);
    session_cache_plan(f.session, "some-id", t);
    plantree_release(t);
    Rel *kept = relation(REL(CACHED_REMOTE_RELATION));
    kept->cached_remote_relation = NEW(CachedRemoteRelation, cached_remote_relation);
    kept->cached_remote_relation->relation_id = text("some-id");
    rows = run(&f, kept);
    assert_int_equal(rows->n_rows, 4);
    rowset_release(rows);
    kept->cached_remote_relation->relation_id = text("other");
    refuse(kept, "CONNECT_INVALID_PLAN.DATAFRAME_NOT_FOUND", "other");
    convert_free(&f.c);
    session_release(f.session);
    engine_free(f.engine);
}

static void test_replace(void **state)
{
    (void)state;
    Fixture f = {.engine = engine_new(1)};
    f.session = session_new(f.engine, NULL);
    convert_init(&f.c, &arena, NULL, f.session, NULL);
    Rel *r = relation(REL(REPLACE));
    SC(NAReplace__Replacement) *one = NEW(NAReplace__Replacement, nareplace__replacement);
    one->old_value = string_literal("x");
    one->new_value = string_literal("y");
    r->replace = NEW(NAReplace, nareplace);
    r->replace->input = sql("SELECT 'x' AS a");
    r->replace->n_replacements = 1;
    r->replace->replacements = &one;
    RowSet *rows = run(&f, r);
    assert_true(str_eq(first_cell(rows), STR_LIT("y")));
    rowset_release(rows);
    convert_free(&f.c);
    session_release(f.session);
    engine_free(f.engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_expressions, reset),
        cmocka_unit_test_teardown(test_lambda_and_window, reset),
        cmocka_unit_test_teardown(test_literals, reset),
        cmocka_unit_test_teardown(test_nested_literals, reset),
        cmocka_unit_test_teardown(test_types_both_ways, reset),
        cmocka_unit_test_teardown(test_types_refused, reset),
        cmocka_unit_test_teardown(test_char_keeps_its_length, reset),
        cmocka_unit_test_teardown(test_rows, reset),
        cmocka_unit_test_teardown(test_columns, reset),
        cmocka_unit_test_teardown(test_joins_and_sets, reset),
        cmocka_unit_test_teardown(test_aggregates, reset),
        cmocka_unit_test_teardown(test_reads, reset),
        cmocka_unit_test_teardown(test_ids_and_copies, reset),
        cmocka_unit_test_teardown(test_sql, reset),
        cmocka_unit_test_teardown(test_subqueries, reset),
        cmocka_unit_test_teardown(test_positions, reset),
        cmocka_unit_test_teardown(test_refused_by_name, reset),
        cmocka_unit_test_teardown(test_depth, reset),
        cmocka_unit_test_teardown(test_tables_made_here, reset),
        cmocka_unit_test_teardown(test_replace, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
