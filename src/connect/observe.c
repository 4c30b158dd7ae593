/*
 * observe.c - DataFrame.observe() over Connect: one more response, behind the rows, that names what
 * was observed with its values.
 *
 * Every observed DataFrame of the request is in it, without values if nothing ran it (a view was
 * made of it). Values that could not be made come as an error in their place. What is observed of a
 * stream is in its progress.
 */
#include "column/decimal.h"
#include "connect/service_priv.h"

typedef SC(Expression__Literal) Literal;
typedef SC(ExecutePlanResponse__ObservedMetrics) Metrics;

/* ---- the relation ---- */

/* The request's Observed of that DataFrame, which may be in it more than once. */
static Observed *observed_of(Convert *c, const char *name, int64_t plan_id)
{
    for (uint32_t i = 0; i < c->n_observed; i++) {
        Observed *o = c->observed[i];
        if (observed_plan_id(o) == plan_id && strcmp(observed_name(o), name) == 0) {
            return o;
        }
    }
    if (c->n_observed == c->cap_observed) {
        c->cap_observed = c->cap_observed ? c->cap_observed * 2 : 4;
        c->observed = mem_realloc(c->observed, mem_mul(c->cap_observed, sizeof(Observed *)));
    }
    return c->observed[c->n_observed++] = observed_new(name, plan_id);
}

fb_status convert_observe(Convert *c, const SC(Relation) * in, Plan *input, Plan **ret,
                          fb_error *err)
{
    const SC(CollectMetrics) *m = in->collect_metrics;
    const char *name = convert_str(c, m->name);
    bool has_id = in->common != NULL && in->common->has_plan_id;
    if (!*name) {
        return err_set(err, ERR_LEGACY_REQUIREMENT, "message", "Name must not be empty", NULL);
    }
    Plan *p = plan_new(c->arena, P_COLLECT_METRICS, 1, input);
    TRY(convert_exprs(c, m->metrics, m->n_metrics, &p->exprs, err));
    p->n_exprs = (uint32_t)m->n_metrics;
    p->name = name;
    p->observed = observed_of(c, name, has_id ? in->common->plan_id : 0);
    *ret = p;
    return FB_OK;
}

/* ---- values ---- */

static Literal *value_message(const Vec *v, uint32_t i, Arena *a);

static void bytes_of(const Vec *v, uint32_t i, ProtobufCBinaryData *out)
{
    Str s = view_str(&VEC_DATA(View, v)[i & vec_mask(v)]);
    *out = (ProtobufCBinaryData){.len = s.n, .data = (uint8_t *)s.p};
}

/* The precision is the value's own, as that of a BigDecimal. */
static void decimal_message(const Vec *v, uint32_t i, Literal *m, Arena *a)
{
    StrBuf text = {0};
    int32_t digits = 0;
    vec_value_text(v, i, NULL, &text);
    for (size_t k = 0; k < text.n; k++) {
        bool zero = text.p[k] == '0' && digits == 0;
        digits += text.p[k] >= '0' && text.p[k] <= '9' && !zero;
    }
    m->literal_type_case = LIT(DECIMAL);
    m->decimal = ARENA_NEW(a, SC(Expression__Literal__Decimal));
    spark__connect__expression__literal__decimal__init(m->decimal);
    m->decimal->value = (char *)strbuf_arena(&text, a);
    m->decimal->has_precision = true;
    m->decimal->precision = digits ? digits : 1;
    m->decimal->has_scale = true;
    m->decimal->scale = v->type->scale;
}

static void interval_message(const Vec *v, uint32_t i, Literal *m, Arena *a)
{
    IntervalCal t = VEC_AT(IntervalCal, v, i);
    m->literal_type_case = LIT(CALENDAR_INTERVAL);
    m->calendar_interval = ARENA_NEW(a, SC(Expression__Literal__CalendarInterval));
    spark__connect__expression__literal__calendar_interval__init(m->calendar_interval);
    m->calendar_interval->has_months = true;
    m->calendar_interval->months = t.months;
    m->calendar_interval->has_days = true;
    m->calendar_interval->days = t.days;
    m->calendar_interval->has_microseconds = true;
    m->calendar_interval->microseconds = t.micros;
}

static Literal **values_message(const Vec *v, uint32_t from, uint32_t n, Arena *a)
{
    Literal **list = ARENA_ARRAY(a, Literal *, n);
    for (uint32_t i = 0; i < n; i++) {
        list[i] = value_message(v, from + i, a);
    }
    return list;
}

static void nested_message(const Vec *v, uint32_t i, Literal *m, Arena *a)
{
    i &= vec_mask(v);
    const uint32_t *offset = v->data;
    if (v->type->id == T_STRUCT) {
        m->literal_type_case = LIT(STRUCT);
        m->struct_ = ARENA_NEW(a, SC(Expression__Literal__Struct));
        spark__connect__expression__literal__struct__init(m->struct_);
        m->struct_->struct_type = type_message(v->type, a);
        m->struct_->n_elements = v->type->n_fields;
        m->struct_->elements = ARENA_ARRAY(a, Literal *, v->type->n_fields);
        for (uint32_t k = 0; k < v->type->n_fields; k++) {
            m->struct_->elements[k] = value_message(&v->child[k], i, a);
        }
        return;
    }
    uint32_t from = offset[i], n = offset[i + 1] - from;
    if (v->type->id == T_ARRAY) {
        m->literal_type_case = LIT(ARRAY);
        m->array = ARENA_NEW(a, SC(Expression__Literal__Array));
        spark__connect__expression__literal__array__init(m->array);
        m->array->element_type = type_message(v->type->fields[0].type, a);
        m->array->n_elements = n;
        m->array->elements = values_message(&v->child[0], from, n, a);
        return;
    }
    m->literal_type_case = LIT(MAP);
    m->map = ARENA_NEW(a, SC(Expression__Literal__Map));
    spark__connect__expression__literal__map__init(m->map);
    m->map->key_type = type_message(v->type->fields[0].type, a);
    m->map->value_type = type_message(v->type->fields[1].type, a);
    m->map->n_keys = m->map->n_values = n;
    m->map->keys = values_message(&v->child[0], from, n, a);
    m->map->values = values_message(&v->child[1], from, n, a);
}

#define PLAIN(id, kind, member, ctype)                                                             \
    case id:                                                                                       \
        m->literal_type_case = LIT(kind);                                                          \
        m->member = VEC_AT(ctype, v, i);                                                           \
        break

/* Depth: that of the type, which the analyzer bounds. */
static Literal *value_message(const Vec *v, uint32_t i, Arena *a)
{
    Literal *m = ARENA_NEW(a, Literal);
    spark__connect__expression__literal__init(m);
    if (!vec_is_valid(v, i)) {
        m->literal_type_case = LIT(NULL);
        m->null = type_message(v->type, a);
        return m;
    }
    switch (v->type->id) {
        PLAIN(T_BOOLEAN, BOOLEAN, boolean, uint8_t);
        PLAIN(T_BYTE, BYTE, byte, int8_t);
        PLAIN(T_SHORT, SHORT, short_, int16_t);
        PLAIN(T_INT, INTEGER, integer, int32_t);
        PLAIN(T_LONG, LONG, long_, int64_t);
        PLAIN(T_FLOAT, FLOAT, float_, float);
        PLAIN(T_DOUBLE, DOUBLE, double_, double);
        PLAIN(T_DATE, DATE, date, int32_t);
        PLAIN(T_TIMESTAMP, TIMESTAMP, timestamp, int64_t);
        PLAIN(T_TIMESTAMP_NTZ, TIMESTAMP_NTZ, timestamp_ntz, int64_t);
        PLAIN(T_INTERVAL_YM, YEAR_MONTH_INTERVAL, year_month_interval, int32_t);
        PLAIN(T_INTERVAL_DT, DAY_TIME_INTERVAL, day_time_interval, int64_t);
    case T_STRING:
        m->literal_type_case = LIT(STRING);
        bytes_of(v, i, &m->string);
        break;
    case T_BINARY:
        m->literal_type_case = LIT(BINARY);
        bytes_of(v, i, &m->binary);
        break;
    case T_DECIMAL:
        decimal_message(v, i, m, a);
        break;
    case T_INTERVAL_CAL:
        interval_message(v, i, m, a);
        break;
    default:
        nested_message(v, i, m, a);
        break;
    }
    return m;
}

static Metrics *metrics_message(Observed *o, RowSet **ret_row, Arena *a)
{
    fb_error failed = {0};
    Metrics *m = ARENA_NEW(a, Metrics);
    spark__connect__execute_plan_response__observed_metrics__init(m);
    m->name = (char *)observed_name(o);
    m->has_plan_id = true;
    m->plan_id = observed_plan_id(o);
    RowSet *row = *ret_row = observed_take(o, &failed);
    if (row != NULL) {
        const Type *schema = row->schema;
        m->n_keys = m->n_values = schema->n_fields;
        m->keys = ARENA_ARRAY(a, char *, schema->n_fields);
        m->values = ARENA_ARRAY(a, Literal *, schema->n_fields);
        for (uint32_t i = 0; i < schema->n_fields; i++) {
            m->keys[i] = (char *)schema->fields[i].name;
            m->values[i] = value_message(&row->batches[0].col[i], 0, a);
        }
    } else if (err_is_set(&failed)) {
        m->has_root_error_idx = true;
        m->errors = error_messages(&failed, a, &m->n_errors);
    }
    err_clear(&failed);
    return m;
}

fb_status send_observed(Operation *op, const Convert *c, fb_error *err)
{
    Arena a = {0};
    SC(ExecutePlanResponse) m = SPARK__CONNECT__EXECUTE_PLAN_RESPONSE__INIT;
    RowSet **rows = ARENA_ARRAY(&a, RowSet *, c->n_observed);
    fb_status st = FB_OK;
    m.observed_metrics = ARENA_ARRAY(&a, Metrics *, c->n_observed);
    for (uint32_t i = 0; i < c->n_observed; i++) {
        if (!observed_is_streaming(c->observed[i])) {
            uint32_t k = (uint32_t)m.n_observed_metrics++;
            m.observed_metrics[k] = metrics_message(c->observed[i], &rows[k], &a);
        }
    }
    if (m.n_observed_metrics) {
        st = operation_send(op, &m, err);
    }
    for (size_t i = 0; i < m.n_observed_metrics; i++) {
        rowset_release(rows[i]);
    }
    arena_free(&a);
    return st;
}
