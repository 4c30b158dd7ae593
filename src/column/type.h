/*
 * type.h - Spark's data types.
 *
 * Types are interned: equal types are the same pointer, live as long as the process and are shared
 * freely between threads. Equality covers everything that Spark's DataType equality covers: field
 * names, nullability, and metadata of nested fields.
 */
#ifndef COLUMN_TYPE_H
#define COLUMN_TYPE_H

#include "base/error.h"
#include "base/str.h"

typedef enum TypeId {
    T_NULL, /* Spark's void */
    T_BOOLEAN,
    T_BYTE,
    T_SHORT,
    T_INT,
    T_LONG,
    T_FLOAT,
    T_DOUBLE,
    T_DECIMAL,
    T_STRING,
    T_BINARY,
    T_DATE,          /* days since 1970, int32 */
    T_TIMESTAMP,     /* microseconds since 1970 UTC, int64 */
    T_TIMESTAMP_NTZ, /* microseconds of local time */
    T_INTERVAL_YM,   /* months, int32 */
    T_INTERVAL_DT,   /* microseconds, int64 */
    T_INTERVAL_CAL,  /* IntervalCal below */
    T_ARRAY,
    T_MAP,
    T_STRUCT
} TypeId;

typedef struct Type Type;

typedef struct Field {
    const char *name; /* interned, UTF-8 */
    const Type *type;
    bool nullable;
    const char *metadata; /* compact JSON object or NULL for {}; interned */
} Field;

/* What a user-defined type has beside its SQL type: names of classes, each NULL if it has none. */
typedef struct UdtNames {
    const char *jvm_class, *py_class, *serialized;
} UdtNames;

struct Type {
    TypeId id;         /* of a user-defined type: of the SQL type that it is kept as */
    uint8_t precision; /* decimal: 1..38; string: its collation (collation.h); interval: first field
                          (YM: 0 year 1 month; DT: 0 day 1 hour 2 minute 3 second) */
    uint8_t scale;     /* decimal: 0..38; interval: last field */
    uint32_t n_fields; /* struct: its fields; array: 1 "element"; map: 2 "key", "value" */
    const Field *fields;
    UdtNames udt; /* all NULL: no user-defined type */
};

typedef struct IntervalCal {
    int32_t months, days;
    int64_t micros;
} IntervalCal;

extern const Type *const type_null,
    *const type_boolean, *const type_byte,
                             *const type_short,
                                 *const type_int,
                                     *const type_long,
                                         *const type_float,
                                             *const type_double,
                                                 *const type_string,
                                                     *const type_binary,
                                                         *const type_date,
                                                             *const type_timestamp,
                                                                 *const type_timestamp_ntz,
                                                                     *const type_interval_cal;
const Type *type_interval_ym(uint8_t first, uint8_t last);
const Type *type_interval_dt(uint8_t first, uint8_t last);
const Type *type_decimal(uint8_t precision, uint8_t scale);
const Type *type_collated(uint8_t collation); /* a string; see collation.h */
/* The same for numbers from outside. Errors: DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION,
 * DECIMAL_SCALE_EXCEEDS_PRECISION, NEGATIVE_SCALE_DISALLOWED. */
fb_status type_checked_decimal(int64_t p, int64_t s, const Type **ret, fb_error *err);
const Type *type_array(const Type *element, bool contains_null);
const Type *type_map(const Type *key, const Type *value, bool value_contains_null);
const Type *type_struct(const Field *fields, uint32_t n); /* copies names and metadata */

/* A user-defined type over the SQL type t; there is a name. */
const Type *type_udt(const Type *t, const UdtNames *names);
bool type_is_udt(const Type *t);
const Type *type_sql_type(const Type *udt); /* what it is kept as */

/* The same type with every nested (and top-level struct field) nullability true: Spark's
 * asNullable. */
const Type *type_as_nullable(const Type *t);
/* Equal but for nullability and metadata (Spark's sameType with case-sensitive names). */
bool type_same(const Type *a, const Type *b);

bool type_is_integral(const Type *t); /* byte, short, int, long */
bool type_is_numeric(const Type *t);  /* integral, float, double, decimal */
bool type_is_fractional(const Type *t);
bool type_is_datetime(const Type *t);  /* date, timestamp, timestamp_ntz */
bool type_is_nested(const Type *t);    /* array, map, struct */
bool type_is_orderable(const Type *t); /* no map inside */
bool type_is_view(const Type *t);      /* stored as View: string, binary */
size_t type_width(const Type *t); /* bytes of one value in Vec.data; arrays and maps 4 (offsets),
                                     structs and null 0 */

/* "bigint", "decimal(10,2)", "struct<a:int,b:array<string>>": Spark's simpleString / catalogString
 * (untruncated). */
void type_simple_string(const Type *t, StrBuf *out);
/* "BIGINT", "STRUCT<a: INT, b: ARRAY<STRING>>": Spark's sql, as error messages quote it. */
void type_sql(const Type *t, StrBuf *out);
/* Schema as a DDL list "a BIGINT,b STRING": StructType.toDDL. */
void type_ddl(const Type *schema, StrBuf *out);
/* Spark's JSON form; json is compact. */
void type_json(const Type *t, StrBuf *out);
/* Tree of printSchema: "root\n |-- a: long (nullable = true)\n"; level 0 = all. */
void type_tree_string(const Type *schema, int level, StrBuf *out);
/* Metadata from outside in the form that Field.metadata has (compact, keys in Spark's order), so
 * that equal metadata gives equal types; false: not a JSON object. */
bool type_metadata_normalize(Str json, StrBuf *out);
fb_status type_from_json(Str json, const Type **ret, fb_error *err);
/* A type ("bigint", "array<struct<a: int>>") or, when it reads as a column list ("a INT, b STRING
 * NOT NULL COMMENT 'x'"), a struct. Depth-bounded. Errors: PARSE_SYNTAX_ERROR,
 * UNSUPPORTED_DATATYPE. */
fb_status type_from_ddl(Str ddl, const Type **ret, fb_error *err);
fb_status type_from_name(Str ddl, const Type **ret, fb_error *err); /* a single type only */

/* COLUMN_ALREADY_EXISTS when two fields of the struct have one name; nested: or of a struct in it.
 */
fb_status type_check_names(const Type *schema, bool case_sensitive, bool nested, fb_error *err);

/* Field lookup by name, ASCII case-insensitive unless case_sensitive; -1 none, -2 ambiguous. */
int type_field_index(const Type *schema, Str name, bool case_sensitive);

#endif
