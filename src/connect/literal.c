/*
 * literal.c - literals of Connect messages as literal expressions.
 *
 * A literal of an array, map or struct says its type in data_type or, as older clients do, in parts
 * (element_type, key_type, ...); the type of an array without either is that of its first element.
 * Values that do not have the type that the literal claims are refused.
 *
 * A decimal comes as text with a precision and a scale that may be too small for it: the PySpark
 * client always sends those of DecimalType(10, 0). As in Spark the larger ones win.
 *
 * Depth: nested values count as levels of the conversion.
 */
#include "column/decimal.h"
#include "connect/convert.h"

typedef SC(Expression__Literal) Literal;

typedef enum ScalarKind {
    SCALAR_NULL,
    SCALAR_BOOL,
    SCALAR_INT,
    SCALAR_DOUBLE,
    SCALAR_BYTES,
    SCALAR_DECIMAL,
    SCALAR_INTERVAL,
    SCALAR_NONE /* the literal is nested */
} ScalarKind;

typedef struct Scalar {
    ScalarKind kind;
    const Type *type;
    int64_t i;
    double d;
    Str bytes;
    int128_t decimal;
    IntervalCal interval;
} Scalar;

static fb_status mismatch(const Type *declared, const Literal *in, fb_error *err)
{
    StrBuf b = {0};
    type_simple_string(declared, &b);
    const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(
        SC_DESC(expression__literal), (unsigned)in->literal_type_case);
    fb_status st = err_set(err, ERR_CONNECT_LITERAL_TYPE, "literalTypeCase", f ? f->name : "none",
                           "dataTypeKindCase", strbuf_str(&b).p, NULL);
    strbuf_free(&b);
    return st;
}

static fb_status decimal_scalar(const SC(Expression__Literal__Decimal) * in, Scalar *s,
                                fb_error *err)
{
    Str text = str_of(in->value != NULL ? in->value : "");
    DecType t;
    int128_t v;
    if (dec_parse_natural(text, &v, &t) != DEC_OK) {
        return err_set(err, ERR_CONNECT_LITERAL_UNSUPPORTED, "typeInfo",
                       "a decimal that can't be read", NULL);
    }
    int precision = t.p, scale = t.s;
    if (in->has_precision && in->precision > precision) {
        precision = in->precision;
    }
    if (in->has_scale && in->scale > scale) {
        scale = in->scale;
    }
    TRY(type_checked_decimal(precision > scale ? precision : scale, scale, &s->type, err));
    DecType to = {s->type->precision, s->type->scale};
    if (!dec_rescale(v, t.s, to, DEC_HALF_UP, &s->decimal)) {
        return err_set(err, ERR_CONNECT_LITERAL_UNSUPPORTED, "typeInfo",
                       "a decimal of more than 38 digits", NULL);
    }
    s->kind = SCALAR_DECIMAL;
    return FB_OK;
}

static void int_scalar(Scalar *s, const Type *t, int64_t v)
{
    s->kind = SCALAR_INT;
    s->type = t;
    s->i = v;
}

static void bytes_scalar(Scalar *s, const Type *t, ProtobufCBinaryData v)
{
    s->kind = SCALAR_BYTES;
    s->type = t;
    s->bytes = (Str){v.len ? (const char *)v.data : "", v.len};
}

static void double_scalar(Scalar *s, const Type *t, double v)
{
    s->kind = SCALAR_DOUBLE;
    s->type = t;
    s->d = v;
}

static fb_status null_scalar(const Literal *in, Scalar *s, fb_error *err)
{
    s->kind = SCALAR_NULL;
    return convert_type(in->data_type != NULL ? in->data_type : in->null, &s->type, err);
}

static fb_status other_scalar(const Literal *in, Scalar *s, fb_error *err)
{
    const char *what = NULL;
    switch (in->literal_type_case) {
    case LIT(ARRAY):
    case LIT(MAP):
    case LIT(STRUCT):
    case LIT(SPECIALIZED_ARRAY):
        s->kind = SCALAR_NONE;
        return FB_OK;
    case LIT(CALENDAR_INTERVAL):
        s->kind = SCALAR_INTERVAL;
        s->type = type_interval_cal;
        s->interval = (IntervalCal){.months = in->calendar_interval->months,
                                    .days = in->calendar_interval->days,
                                    .micros = in->calendar_interval->microseconds};
        return FB_OK;
    case LIT(TIME):
        return err_unsupported(err, "the data type time");
#if CONNECT_PROTOS_VERSION >= 40300
    case LIT(TIMESTAMP_NTZ_NANOS):
    case LIT(TIMESTAMP_LTZ_NANOS):
        return err_unsupported(err, "timestamps with nanoseconds");
#endif
    default:
        what = "a literal without a value";
        return err_set(err, ERR_CONNECT_LITERAL_UNSUPPORTED, "typeInfo", what, NULL);
    }
}

static fb_status scalar_of(const Literal *in, Scalar *s, fb_error *err)
{
    *s = (Scalar){0};
    switch (in->literal_type_case) {
    case LIT(NULL):
        return null_scalar(in, s, err);
    case LIT(BINARY):
        bytes_scalar(s, type_binary, in->binary);
        return FB_OK;
    case LIT(STRING):
        bytes_scalar(s, type_string, in->string);
        return FB_OK;
    case LIT(BOOLEAN):
        s->kind = SCALAR_BOOL;
        s->type = type_boolean;
        s->i = in->boolean;
        return FB_OK;
    case LIT(BYTE):
        int_scalar(s, type_byte, (int8_t)in->byte);
        return FB_OK;
    case LIT(SHORT):
        int_scalar(s, type_short, (int16_t)in->short_);
        return FB_OK;
    case LIT(INTEGER):
        int_scalar(s, type_int, in->integer);
        return FB_OK;
    case LIT(LONG):
        int_scalar(s, type_long, in->long_);
        return FB_OK;
    case LIT(FLOAT):
        double_scalar(s, type_float, (double)in->float_);
        return FB_OK;
    case LIT(DOUBLE):
        double_scalar(s, type_double, in->double_);
        return FB_OK;
    case LIT(DECIMAL):
        return decimal_scalar(in->decimal, s, err);
    case LIT(DATE):
        int_scalar(s, type_date, in->date);
        return FB_OK;
    case LIT(TIMESTAMP):
        int_scalar(s, type_timestamp, in->timestamp);
        return FB_OK;
    case LIT(TIMESTAMP_NTZ):
        int_scalar(s, type_timestamp_ntz, in->timestamp_ntz);
        return FB_OK;
    case LIT(YEAR_MONTH_INTERVAL):
        int_scalar(s, type_interval_ym(0, 1), in->year_month_interval);
        return FB_OK;
    case LIT(DAY_TIME_INTERVAL):
        int_scalar(s, type_interval_dt(0, 3), in->day_time_interval);
        return FB_OK;
    default:
        return other_scalar(in, s, err);
    }
}

/* ---- the type of a nested literal ---- */

static fb_status literal_type(Convert *c, const Literal *in, const Type **ret, fb_error *err);

static fb_status element_type(Convert *c, const SC(DataType) * declared, Literal *const *elements,
                              size_t n, const Type **ret, fb_error *err)
{
    if (declared != NULL && declared->kind_case != KIND(_NOT_SET)) {
        return convert_type(declared, ret, err);
    }
    if (n == 0) {
        *ret = type_null;
        return FB_OK;
    }
    return literal_type(c, elements[0], ret, err);
}

static fb_status specialized_type(const SC(Expression__Literal__SpecializedArray) * in,
                                  const Type **ret, fb_error *err)
{
    static const Type *const *const elements[] = {
        NULL, &type_boolean, &type_int, &type_long, &type_float, &type_double, &type_string};
    size_t k = (size_t)in->value_type_case;
    if (k == 0 || k >= sizeof(elements) / sizeof(elements[0])) {
        return err_set(err, ERR_CONNECT_LITERAL_UNSUPPORTED, "typeInfo", "an array without values",
                       NULL);
    }
    *ret = type_array(*elements[k], false);
    return FB_OK;
}

static fb_status nested_type(Convert *c, const Literal *in, const Type **ret, fb_error *err)
{
    const Type *key, *value;
    if (in->data_type != NULL) {
        return convert_type(in->data_type, ret, err);
    }
    switch (in->literal_type_case) {
    case LIT(ARRAY):
        TRY(element_type(c, in->array->element_type, in->array->elements, in->array->n_elements,
                         &value, err));
        *ret = type_array(value, true);
        return FB_OK;
    case LIT(MAP):
        TRY(element_type(c, in->map->key_type, in->map->keys, in->map->n_keys, &key, err));
        TRY(element_type(c, in->map->value_type, in->map->values, in->map->n_values, &value, err));
        *ret = type_map(key, value, true);
        return FB_OK;
    case LIT(STRUCT):
        return convert_type(in->struct_->struct_type, ret, err);
    default:
        return specialized_type(in->specialized_array, ret, err);
    }
}

static fb_status literal_type(Convert *c, const Literal *in, const Type **ret, fb_error *err)
{
    Scalar s;
    TRY(convert_enter(c, err));
    fb_status st = scalar_of(in, &s, err);
    if (st == FB_OK && s.kind == SCALAR_NONE) {
        st = nested_type(c, in, ret, err);
    } else if (st == FB_OK) {
        *ret = s.type;
    }
    c->depth--;
    return st;
}

/* ---- values ---- */

static void append_scalar(const Scalar *s, VecBuilder *b)
{
    switch (s->kind) {
    case SCALAR_NULL:
    case SCALAR_NONE:
        vecb_null(b);
        break;
    case SCALAR_BOOL:
        vecb_bool(b, s->i != 0);
        break;
    case SCALAR_INT:
        vecb_int(b, s->i);
        break;
    case SCALAR_DOUBLE:
        vecb_double(b, s->d);
        break;
    case SCALAR_BYTES:
        vecb_str_copy(b, s->bytes);
        break;
    case SCALAR_DECIMAL:
        vecb_decimal(b, s->decimal);
        break;
    case SCALAR_INTERVAL:
        vecb_interval(b, s->interval);
        break;
    }
}

static fb_status append(Convert *c, const Literal *in, const Type *t, VecBuilder *b, fb_error *err);

static fb_status append_specialized(const SC(Expression__Literal__SpecializedArray) * in,
                                    VecBuilder *b)
{
    VecBuilder *e = vecb_child(b, 0);
    switch (in->value_type_case) {
    case SPARK__CONNECT__EXPRESSION__LITERAL__SPECIALIZED_ARRAY__VALUE_TYPE_BOOLS:
        for (size_t i = 0; i < in->bools->n_values; i++) {
            vecb_bool(e, in->bools->values[i]);
        }
        break;
    case SPARK__CONNECT__EXPRESSION__LITERAL__SPECIALIZED_ARRAY__VALUE_TYPE_INTS:
        for (size_t i = 0; i < in->ints->n_values; i++) {
            vecb_int(e, in->ints->values[i]);
        }
        break;
    case SPARK__CONNECT__EXPRESSION__LITERAL__SPECIALIZED_ARRAY__VALUE_TYPE_LONGS:
        for (size_t i = 0; i < in->longs->n_values; i++) {
            vecb_int(e, in->longs->values[i]);
        }
        break;
    case SPARK__CONNECT__EXPRESSION__LITERAL__SPECIALIZED_ARRAY__VALUE_TYPE_FLOATS:
        for (size_t i = 0; i < in->floats->n_values; i++) {
            vecb_double(e, (double)in->floats->values[i]);
        }
        break;
    case SPARK__CONNECT__EXPRESSION__LITERAL__SPECIALIZED_ARRAY__VALUE_TYPE_DOUBLES:
        for (size_t i = 0; i < in->doubles->n_values; i++) {
            vecb_double(e, in->doubles->values[i]);
        }
        break;
    default:
        for (size_t i = 0; i < in->strings->n_values; i++) {
            Arena own = {0};
            vecb_str_copy(e, str_text(&own, in->strings->values[i]));
            arena_free(&own);
        }
        break;
    }
    vecb_end_row(b);
    return FB_OK;
}

static fb_status append_list(Convert *c, Literal *const *elements, size_t n, const Type *t,
                             VecBuilder *b, fb_error *err)
{
    for (size_t i = 0; i < n; i++) {
        TRY(append(c, elements[i], t, b, err));
    }
    return FB_OK;
}

static fb_status append_struct(Convert *c, const Literal *in, const Type *t, VecBuilder *b,
                               fb_error *err)
{
    if (in->struct_->n_elements != t->n_fields) {
        return mismatch(t, in, err);
    }
    for (uint32_t k = 0; k < t->n_fields; k++) {
        TRY(append(c, in->struct_->elements[k], t->fields[k].type, vecb_child(b, k), err));
    }
    vecb_end_row(b);
    return FB_OK;
}

static fb_status append_nested(Convert *c, const Literal *in, const Type *t, VecBuilder *b,
                               fb_error *err)
{
    switch (in->literal_type_case) {
    case LIT(ARRAY):
        if (t->id != T_ARRAY) {
            return mismatch(t, in, err);
        }
        TRY(append_list(c, in->array->elements, in->array->n_elements, t->fields[0].type,
                        vecb_child(b, 0), err));
        vecb_end_row(b);
        return FB_OK;
    case LIT(MAP):
        if (t->id != T_MAP || in->map->n_keys != in->map->n_values) {
            return mismatch(t, in, err);
        }
        TRY(append_list(c, in->map->keys, in->map->n_keys, t->fields[0].type, vecb_child(b, 0),
                        err));
        TRY(append_list(c, in->map->values, in->map->n_values, t->fields[1].type, vecb_child(b, 1),
                        err));
        vecb_end_row(b);
        return FB_OK;
    case LIT(STRUCT):
        return t->id == T_STRUCT ? append_struct(c, in, t, b, err) : mismatch(t, in, err);
    default: {
        const Type *own = NULL;
        TRY(specialized_type(in->specialized_array, &own, err));
        if (t->id != T_ARRAY || t->fields[0].type != own->fields[0].type) {
            return mismatch(t, in, err);
        }
        return append_specialized(in->specialized_array, b);
    }
    }
}

/* An interval's or a decimal's declared type may differ from the one that the value suggests. */
static fb_status fit_scalar(Scalar *s, const Literal *in, const Type *t, fb_error *err)
{
    if (s->type == t || s->kind == SCALAR_NULL) {
        return FB_OK;
    }
    bool same_interval = s->type->id == t->id && (t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT);
    if (s->kind == SCALAR_DECIMAL && t->id == T_DECIMAL) {
        DecType to = {t->precision, t->scale};
        if (dec_rescale(s->decimal, s->type->scale, to, DEC_HALF_UP, &s->decimal)) {
            s->type = t;
            return FB_OK;
        }
    }
    if (!same_interval) {
        return mismatch(t, in, err);
    }
    s->type = t;
    return FB_OK;
}

static fb_status append(Convert *c, const Literal *in, const Type *t, VecBuilder *b, fb_error *err)
{
    Scalar s;
    TRY(convert_enter(c, err));
    fb_status st = scalar_of(in, &s, err);
    if (st == FB_OK && s.kind == SCALAR_NONE) {
        st = append_nested(c, in, t, b, err);
    } else if (st == FB_OK) {
        st = fit_scalar(&s, in, t, err);
        if (st == FB_OK) {
            append_scalar(&s, b);
        }
    }
    c->depth--;
    return st;
}

static Expr *scalar_expr(Arena *a, const Scalar *s)
{
    switch (s->kind) {
    case SCALAR_NULL:
    case SCALAR_NONE:
        return expr_literal_null(a, s->type);
    case SCALAR_BOOL:
        return expr_literal_bool(a, s->i != 0);
    case SCALAR_INT:
        return expr_literal_int(a, s->type, s->i);
    case SCALAR_DOUBLE:
        return expr_literal_double(a, s->type, s->d);
    case SCALAR_BYTES:
        return s->type == type_string ? expr_literal_str(a, s->bytes)
                                      : expr_literal_binary(a, s->bytes);
    case SCALAR_DECIMAL:
        return expr_literal_decimal(a, s->type, s->decimal);
    case SCALAR_INTERVAL:
        break;
    }
    VecBuilder *b = vecb_new(a, s->type);
    Vec v;
    append_scalar(s, b);
    vecb_finish(b, &v);
    return expr_literal_vec(a, &v, 0);
}

fb_status convert_literal(Convert *c, const SC(Expression__Literal) * in, Expr **ret, fb_error *err)
{
    Scalar s;
    const Type *t;
    if (in == NULL) {
        return err_set(err, ERR_CONNECT_FIELD_EMPTY, "fieldName", "literal", "fullName",
                       "spark.connect.Expression.Literal", NULL);
    }
    TRY(scalar_of(in, &s, err));
    if (s.kind != SCALAR_NONE) {
        if (in->data_type != NULL) {
            TRY(convert_type(in->data_type, &t, err));
            TRY(fit_scalar(&s, in, t, err));
        }
        *ret = scalar_expr(c->arena, &s);
        return FB_OK;
    }
    TRY(nested_type(c, in, &t, err));
    VecBuilder *b = vecb_new(c->arena, t);
    Vec v;
    TRY(append(c, in, t, b, err));
    vecb_finish(b, &v);
    *ret = expr_literal_vec(c->arena, &v, 0);
    return FB_OK;
}
