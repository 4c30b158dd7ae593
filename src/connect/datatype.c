/*
 * datatype.c - DataType messages and the engine's types.
 *
 * CHAR and VARCHAR are strings here, as in a schema that is written as text: the field's metadata
 * keeps the declared type. What the engine has no type for is refused by name.
 *
 * Depth: both directions recurse by the nesting of the type, which proto_unpack() bounds to
 * PROTO_MAX_DEPTH messages, and a type takes two of them a level; TYPE_MAX_DEPTH is stricter since
 * types live as long as the process and others recurse over them on smaller stacks.
 */
#include "column/collation.h"
#include "connect/convert.h"

#define TYPE_MAX_DEPTH 200

static fb_status type_at(const SC(DataType) * in, uint32_t depth, const Type **ret, fb_error *err);

static fb_status decimal_type(const SC(DataType__Decimal) * d, const Type **ret, fb_error *err)
{
    int32_t precision = d->has_precision ? d->precision : 10;
    int32_t scale = d->has_scale ? d->scale : 0;
    return type_checked_decimal(precision, scale, ret, err);
}

static fb_status interval_fields(bool has_first, int32_t first, bool has_last, int32_t last,
                                 int32_t max, uint8_t out[2], fb_error *err)
{
    int32_t from = has_first ? first : 0;
    int32_t to = has_last ? last : has_first ? first : max;
    if (from < 0 || to > max || from > to || (has_last && !has_first)) {
        return err_set(err, ERR_CONNECT_DATA_TYPE_UNSUPPORTED, "kindCase",
                       max == 1 ? "YEAR_MONTH_INTERVAL" : "DAY_TIME_INTERVAL", NULL);
    }
    out[0] = (uint8_t)from;
    out[1] = (uint8_t)to;
    return FB_OK;
}

static fb_status array_type(const SC(DataType__Array) * in, uint32_t depth, const Type **ret,
                            fb_error *err)
{
    const Type *element;
    TRY(type_at(in->element_type, depth, &element, err));
    *ret = type_array(element, in->contains_null);
    return FB_OK;
}

static fb_status map_type(const SC(DataType__Map) * in, uint32_t depth, const Type **ret,
                          fb_error *err)
{
    const Type *key, *value;
    TRY(type_at(in->key_type, depth, &key, err));
    TRY(type_at(in->value_type, depth, &value, err));
    *ret = type_map(key, value, in->value_contains_null);
    return FB_OK;
}

/* Metadata with the declared CHAR or VARCHAR added, which keeps what is there. */
static char *char_metadata(const char *metadata, const SC(DataType) * t, Arena *a)
{
    bool is_char = t->kind_case == KIND(CHAR);
    int32_t n = is_char ? t->char_->length : t->var_char->length;
    const char *rest = metadata != NULL && metadata[0] == '{' ? metadata + 1 : "}";
    const char *comma = rest[0] == '}' ? "" : ",";
    return arena_printf(a, "{\"__CHAR_VARCHAR_TYPE_STRING\":\"%s(%d)\"%s%s",
                        is_char ? "char" : "varchar", (int)n, comma, rest);
}

static fb_status struct_field(const SC(DataType__StructField) * in, uint32_t depth, Arena *a,
                              Field *ret, fb_error *err)
{
    const SC(DataType) *t = in->data_type;
    TRY(type_at(t, depth, &ret->type, err));
    ret->name = in->name != NULL ? in->name : "";
    ret->nullable = in->nullable;
    StrBuf metadata = {0};
    if (in->metadata != NULL && in->metadata[0] != '\0') {
        if (!type_metadata_normalize(str_of(in->metadata), &metadata)) {
            strbuf_free(&metadata);
            return err_set(err, ERR_CONNECT_CANNOT_PARSE, "errorMsg",
                           "the metadata of a field is no JSON object", NULL);
        }
        ret->metadata = strbuf_arena(&metadata, a);
    }
    if (t->kind_case == KIND(CHAR) || t->kind_case == KIND(VAR_CHAR)) {
        StrBuf all = {0};
        type_metadata_normalize(str_of(char_metadata(ret->metadata, t, a)), &all);
        ret->metadata = strbuf_arena(&all, a);
    }
    if (ret->metadata != NULL && strcmp(ret->metadata, "{}") == 0) {
        ret->metadata = NULL;
    }
    return FB_OK;
}

static fb_status struct_type(const SC(DataType__Struct) * in, uint32_t depth, const Type **ret,
                             fb_error *err)
{
    if (in->n_fields > UINT32_MAX) {
        return err_internal(err, "a struct of %zu fields", in->n_fields);
    }
    Arena a = {0};
    fb_status st = FB_OK;
    Field *fields = ARENA_ARRAY(&a, Field, in->n_fields);
    for (size_t i = 0; i < in->n_fields; i++) {
        TRY_DONE(struct_field(in->fields[i], depth, &a, &fields[i], err));
    }
    *ret = type_struct(fields, (uint32_t)in->n_fields);
done:
    arena_free(&a);
    return st;
}

static fb_status unsupported_type(const SC(DataType) * in, fb_error *err)
{
    switch (in->kind_case) {
    case KIND(VARIANT):
        return err_unsupported(err, "the data type variant");
    case KIND(GEOMETRY):
    case KIND(GEOGRAPHY):
        return err_unsupported(err, "geospatial data types");
    case KIND(TIME):
        return err_unsupported(err, "the data type time");
#if CONNECT_PROTOS_VERSION >= 40300
    case KIND(TIMESTAMP_NTZ_NANOS):
    case KIND(TIMESTAMP_LTZ_NANOS):
        return err_unsupported(err, "timestamps with nanoseconds");
#endif
    default:
        return err_set(err, ERR_CONNECT_DATA_TYPE_UNSUPPORTED, "kindCase", "KIND_NOT_SET", NULL);
    }
}

static fb_status string_type(const SC(DataType__String) * in, const Type **ret, fb_error *err)
{
    if (in->collation != NULL && in->collation[0] != '\0') {
        return collation_type(str_of(in->collation), ret, err);
    }
    *ret = type_string;
    return FB_OK;
}

static fb_status udt_type(const SC(DataType__UDT) * in, uint32_t depth, const Type **ret,
                          fb_error *err)
{
    UdtNames names = {in->jvm_class, in->python_class, in->serialized_python_class};
    const Type *sql;
    TRY(type_at(in->sql_type, depth, &sql, err));
    if (!names.jvm_class && !names.py_class) {
        return err_set(err, ERR_CONNECT_DATA_TYPE_UNSUPPORTED, "kindCase", "UDT", NULL);
    }
    *ret = type_udt(sql, &names);
    return FB_OK;
}

static fb_status type_with_operands(const SC(DataType) * in, uint32_t depth, const Type **ret,
                                    fb_error *err)
{
    uint8_t f[2] = {0};
    switch (in->kind_case) {
    case KIND(DECIMAL):
        return decimal_type(in->decimal, ret, err);
    case KIND(STRING):
        return string_type(in->string, ret, err);
    case KIND(YEAR_MONTH_INTERVAL): {
        const SC(DataType__YearMonthInterval) *i = in->year_month_interval;
        TRY(interval_fields(i->has_start_field, i->start_field, i->has_end_field, i->end_field, 1,
                            f, err));
        *ret = type_interval_ym(f[0], f[1]);
        return FB_OK;
    }
    case KIND(DAY_TIME_INTERVAL): {
        const SC(DataType__DayTimeInterval) *i = in->day_time_interval;
        TRY(interval_fields(i->has_start_field, i->start_field, i->has_end_field, i->end_field, 3,
                            f, err));
        *ret = type_interval_dt(f[0], f[1]);
        return FB_OK;
    }
    case KIND(ARRAY):
        return array_type(in->array, depth, ret, err);
    case KIND(MAP):
        return map_type(in->map, depth, ret, err);
    case KIND(STRUCT):
        return struct_type(in->struct_, depth, ret, err);
    case KIND(UDT):
        return udt_type(in->udt, depth, ret, err);
    case KIND(UNPARSED): {
        const char *text = in->unparsed->data_type_string;
        Arena own = {0};
        fb_status st = type_from_ddl(str_text(&own, text != NULL ? text : ""), ret, err);
        arena_free(&own);
        return st;
    }
    default:
        return unsupported_type(in, err);
    }
}

static const Type *plain_type(const SC(DataType) * in)
{
    switch (in->kind_case) {
    case KIND(NULL):
        return type_null;
    case KIND(BOOLEAN):
        return type_boolean;
    case KIND(BYTE):
        return type_byte;
    case KIND(SHORT):
        return type_short;
    case KIND(INTEGER):
        return type_int;
    case KIND(LONG):
        return type_long;
    case KIND(FLOAT):
        return type_float;
    case KIND(DOUBLE):
        return type_double;
    case KIND(CHAR):
    case KIND(VAR_CHAR):
        return type_string;
    case KIND(BINARY):
        return type_binary;
    case KIND(DATE):
        return type_date;
    case KIND(TIMESTAMP):
        return type_timestamp;
    case KIND(TIMESTAMP_NTZ):
        return type_timestamp_ntz;
    case KIND(CALENDAR_INTERVAL):
        return type_interval_cal;
    default:
        return NULL;
    }
}

static fb_status type_at(const SC(DataType) * in, uint32_t depth, const Type **ret, fb_error *err)
{
    if (in == NULL) {
        return err_set(err, ERR_CONNECT_DATA_TYPE_UNSUPPORTED, "kindCase", "KIND_NOT_SET", NULL);
    }
    if (depth >= TYPE_MAX_DEPTH) {
        return err_unsupported(err, "data types that are nested more than %d deep", TYPE_MAX_DEPTH);
    }
    *ret = plain_type(in);
    return *ret != NULL ? FB_OK : type_with_operands(in, depth + 1, ret, err);
}

fb_status convert_type(const SC(DataType) * in, const Type **ret, fb_error *err)
{
    return type_at(in, 0, ret, err);
}

/* ---- the other way ---- */

static SC(DataType__Struct) * struct_message(const Type *t, Arena *a)
{
    SC(DataType__Struct) *s = ARENA_NEW(a, SC(DataType__Struct));
    spark__connect__data_type__struct__init(s);
    s->n_fields = t->n_fields;
    s->fields = ARENA_ARRAY(a, SC(DataType__StructField) *, t->n_fields);
    for (uint32_t i = 0; i < t->n_fields; i++) {
        SC(DataType__StructField) *f = ARENA_NEW(a, SC(DataType__StructField));
        spark__connect__data_type__struct_field__init(f);
        f->name = (char *)t->fields[i].name;
        f->data_type = type_message(t->fields[i].type, a);
        f->nullable = t->fields[i].nullable;
        f->has_nullable = true;
        f->metadata = (char *)t->fields[i].metadata;
        s->fields[i] = f;
    }
    return s;
}

#define PLAIN(id, member, kind, Name, name)                                                        \
    case id:                                                                                       \
        m->kind_case = KIND(kind);                                                                 \
        m->member = ARENA_NEW(a, SC(DataType__##Name));                                            \
        spark__connect__data_type__##name##__init(m->member);                                      \
        break

static void set_operands(const Type *t, SC(DataType) * m)
{
    if (t->id == T_STRING && t->precision != 0) {
        m->string->collation = (char *)collation_name(t);
    }
    if (t->id == T_DECIMAL) {
        m->decimal->has_precision = true;
        m->decimal->precision = t->precision;
        m->decimal->has_scale = true;
        m->decimal->scale = t->scale;
    } else if (t->id == T_INTERVAL_YM) {
        m->year_month_interval->has_start_field = true;
        m->year_month_interval->start_field = t->precision;
        m->year_month_interval->has_end_field = true;
        m->year_month_interval->end_field = t->scale;
    } else if (t->id == T_INTERVAL_DT) {
        m->day_time_interval->has_start_field = true;
        m->day_time_interval->start_field = t->precision;
        m->day_time_interval->has_end_field = true;
        m->day_time_interval->end_field = t->scale;
    }
}

static void nested_message(const Type *t, Arena *a, SC(DataType) * m)
{
    if (t->id == T_STRUCT) {
        m->kind_case = KIND(STRUCT);
        m->struct_ = struct_message(t, a);
    } else if (t->id == T_ARRAY) {
        m->kind_case = KIND(ARRAY);
        m->array = ARENA_NEW(a, SC(DataType__Array));
        spark__connect__data_type__array__init(m->array);
        m->array->element_type = type_message(t->fields[0].type, a);
        m->array->contains_null = t->fields[0].nullable;
        m->array->has_contains_null = true;
    } else {
        m->kind_case = KIND(MAP);
        m->map = ARENA_NEW(a, SC(DataType__Map));
        spark__connect__data_type__map__init(m->map);
        m->map->key_type = type_message(t->fields[0].type, a);
        m->map->value_type = type_message(t->fields[1].type, a);
        m->map->value_contains_null = t->fields[1].nullable;
        m->map->has_value_contains_null = true;
    }
}

static void udt_message(const Type *t, Arena *a, SC(DataType) * m)
{
    m->kind_case = KIND(UDT);
    m->udt = ARENA_NEW(a, SC(DataType__UDT));
    spark__connect__data_type__udt__init(m->udt);
    m->udt->type = "udt";
    m->udt->jvm_class = (char *)t->udt.jvm_class;
    m->udt->python_class = (char *)t->udt.py_class;
    m->udt->serialized_python_class = (char *)t->udt.serialized;
    m->udt->sql_type = type_message(type_sql_type(t), a);
}

SC(DataType) * type_message(const Type *t, Arena *a)
{
    SC(DataType) *m = ARENA_NEW(a, SC(DataType));
    spark__connect__data_type__init(m);
    if (type_is_udt(t)) {
        udt_message(t, a, m);
        return m;
    }
    switch (t->id) {
    case T_NULL:
        m->kind_case = KIND(NULL);
        m->null = ARENA_NEW(a, SC(DataType__NULL));
        spark__connect__data_type__null__init(m->null);
        break;
        PLAIN(T_BOOLEAN, boolean, BOOLEAN, Boolean, boolean);
        PLAIN(T_BYTE, byte, BYTE, Byte, byte);
        PLAIN(T_SHORT, short_, SHORT, Short, short);
        PLAIN(T_INT, integer, INTEGER, Integer, integer);
        PLAIN(T_LONG, long_, LONG, Long, long);
        PLAIN(T_FLOAT, float_, FLOAT, Float, float);
        PLAIN(T_DOUBLE, double_, DOUBLE, Double, double);
        PLAIN(T_DECIMAL, decimal, DECIMAL, Decimal, decimal);
        PLAIN(T_STRING, string, STRING, String, string);
        PLAIN(T_BINARY, binary, BINARY, Binary, binary);
        PLAIN(T_DATE, date, DATE, Date, date);
        PLAIN(T_TIMESTAMP, timestamp, TIMESTAMP, Timestamp, timestamp);
        PLAIN(T_TIMESTAMP_NTZ, timestamp_ntz, TIMESTAMP_NTZ, TimestampNTZ, timestamp_ntz);
        PLAIN(T_INTERVAL_YM, year_month_interval, YEAR_MONTH_INTERVAL, YearMonthInterval,
              year_month_interval);
        PLAIN(T_INTERVAL_DT, day_time_interval, DAY_TIME_INTERVAL, DayTimeInterval,
              day_time_interval);
        PLAIN(T_INTERVAL_CAL, calendar_interval, CALENDAR_INTERVAL, CalendarInterval,
              calendar_interval);
    case T_ARRAY:
    case T_MAP:
    case T_STRUCT:
        nested_message(t, a, m);
        break;
    }
    set_operands(t, m);
    return m;
}
