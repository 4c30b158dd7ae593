/*
 * column_type.c - interned types, their texts, and the DDL and JSON readers.
 *
 * All expectations are answers of Spark 4.3 (StructType.fromDDL, DataType.fromDDL, PySpark's
 * _parse_datatype_string, DataType.fromJson and the texts of the results).
 */
#include "column/type.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

typedef struct GoodDdl {
    const char *ddl, *simple, *sql, *json;
} GoodDdl;

typedef struct BadDdl {
    const char *ddl, *condition, *param, *hint;
} BadDdl;

static const GoodDdl good[] = {
    {"bigint", "bigint", "BIGINT", "\"long\""},
    {"a bigint", "struct<a:bigint>", "STRUCT<a: BIGINT>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"long\",\"nullable\":true,"
     "\"metadata\":{}}]}"},
    {"A BIGINT NOT NULL COMMENT 'x''y', `b c` array<struct<a:int,b: string not null comment "
     "\"q\">>",
     "struct<A:bigint,b c:array<struct<a:int,b:string>>>",
     "STRUCT<A: BIGINT NOT NULL COMMENT 'x\\'y', `b c`: ARRAY<STRUCT<a: INT, b: STRING NOT NULL "
     "COMMENT 'q'>>>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"A\",\"type\":\"long\",\"nullable\":false,"
     "\"metadata\":{\"comment\":\"x'y\"}},{\"name\":\"b "
     "c\",\"type\":{\"type\":\"array\",\"elementType\":{\"type\":\"struct\",\"fields\":[{\"name\":"
     "\"a\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}},{\"name\":\"b\",\"type\":"
     "\"string\",\"nullable\":false,\"metadata\":{\"comment\":\"q\"}}]},\"containsNull\":true},"
     "\"nullable\":true,\"metadata\":{}}]}"},
    {"struct<a int, b: decimal>", "struct<a:int,b:decimal(10,0)>",
     "STRUCT<a: INT, b: DECIMAL(10,0)>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{}},{\"name\":\"b\",\"type\":\"decimal(10,0)\",\"nullable\":true,\"metadata\":{}"
     "}]}"},
    {"decimal", "decimal(10,0)", "DECIMAL(10,0)", "\"decimal(10,0)\""},
    {"dec(5)", "decimal(5,0)", "DECIMAL(5,0)", "\"decimal(5,0)\""},
    {"numeric(7,3)", "decimal(7,3)", "DECIMAL(7,3)", "\"decimal(7,3)\""},
    {"decimal( 7 , 3 )", "decimal(7,3)", "DECIMAL(7,3)", "\"decimal(7,3)\""},
    {"int", "int", "INT", "\"integer\""},
    {"INTEGER", "int", "INT", "\"integer\""},
    {"long", "bigint", "BIGINT", "\"long\""},
    {"short", "smallint", "SMALLINT", "\"short\""},
    {"byte", "tinyint", "TINYINT", "\"byte\""},
    {"tinyint", "tinyint", "TINYINT", "\"byte\""},
    {"smallint", "smallint", "SMALLINT", "\"short\""},
    {"float", "float", "FLOAT", "\"float\""},
    {"real", "float", "FLOAT", "\"float\""},
    {"double", "double", "DOUBLE", "\"double\""},
    {"boolean", "boolean", "BOOLEAN", "\"boolean\""},
    {"string", "string", "STRING", "\"string\""},
    {"binary", "binary", "BINARY", "\"binary\""},
    {"date", "date", "DATE", "\"date\""},
    {"timestamp", "timestamp", "TIMESTAMP", "\"timestamp\""},
    {"timestamp_ntz", "timestamp_ntz", "TIMESTAMP_NTZ", "\"timestamp_ntz\""},
    {"timestamp_ltz", "timestamp", "TIMESTAMP", "\"timestamp\""},
    {"void", "void", "VOID", "\"void\""},
    {"interval", "interval", "INTERVAL", "\"interval\""},
    {"interval year", "interval year", "INTERVAL YEAR", "\"interval year\""},
    {"interval month", "interval month", "INTERVAL MONTH", "\"interval month\""},
    {"interval year to month", "interval year to month", "INTERVAL YEAR TO MONTH",
     "\"interval year to month\""},
    {"interval day", "interval day", "INTERVAL DAY", "\"interval day\""},
    {"interval hour", "interval hour", "INTERVAL HOUR", "\"interval hour\""},
    {"interval minute", "interval minute", "INTERVAL MINUTE", "\"interval minute\""},
    {"interval second", "interval second", "INTERVAL SECOND", "\"interval second\""},
    {"interval day to hour", "interval day to hour", "INTERVAL DAY TO HOUR",
     "\"interval day to hour\""},
    {"interval day to minute", "interval day to minute", "INTERVAL DAY TO MINUTE",
     "\"interval day to minute\""},
    {"interval day to second", "interval day to second", "INTERVAL DAY TO SECOND",
     "\"interval day to second\""},
    {"interval hour to minute", "interval hour to minute", "INTERVAL HOUR TO MINUTE",
     "\"interval hour to minute\""},
    {"interval hour to second", "interval hour to second", "INTERVAL HOUR TO SECOND",
     "\"interval hour to second\""},
    {"interval minute to second", "interval minute to second", "INTERVAL MINUTE TO SECOND",
     "\"interval minute to second\""},
    {"array<int>", "array<int>", "ARRAY<INT>",
     "{\"type\":\"array\",\"elementType\":\"integer\",\"containsNull\":true}"},
    {"map<string,int>", "map<string,int>", "MAP<STRING, INT>",
     "{\"type\":\"map\",\"keyType\":\"string\",\"valueType\":\"integer\",\"valueContainsNull\":"
     "true}"},
    {"map<string, array<map<int,struct<>>>>", "map<string,array<map<int,struct<>>>>",
     "MAP<STRING, ARRAY<MAP<INT, STRUCT<>>>>",
     "{\"type\":\"map\",\"keyType\":\"string\",\"valueType\":{\"type\":\"array\",\"elementType\":{"
     "\"type\":\"map\",\"keyType\":\"integer\",\"valueType\":{\"type\":\"struct\",\"fields\":[]},"
     "\"valueContainsNull\":true},\"containsNull\":true},\"valueContainsNull\":true}"},
    {"struct<>", "struct<>", "STRUCT<>", "{\"type\":\"struct\",\"fields\":[]}"},
    {"int int", "struct<int:int>", "STRUCT<int: INT>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"int\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{}}]}"},
    {"1a int", "struct<1a:int>", "STRUCT<`1a`: INT>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"1a\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{}}]}"},
    {"`a``b` int", "struct<a`b:int>", "STRUCT<`a``b`: INT>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a`b\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{}}]}"},
    {"timestamp without time zone", "timestamp_ntz", "TIMESTAMP_NTZ", "\"timestamp_ntz\""},
    {"timestamp with local time zone", "timestamp", "TIMESTAMP", "\"timestamp\""},
    {"a int -- c\n, b /* x */ int", "struct<a:int,b:int>", "STRUCT<a: INT, b: INT>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{}},{\"name\":\"b\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}]}"},
    {"select int, from string", "struct<select:int,from:string>",
     "STRUCT<select: INT, from: STRING>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"select\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{}},{\"name\":\"from\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}}]"
     "}"},
    {"`a` int", "struct<a:int>", "STRUCT<a: INT>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{}}]}"},
    {"a int comment 'it\\'s \\n \\u00e9'", "struct<a:int>", "STRUCT<a: INT COMMENT 'it\\'s \n é'>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{\"comment\":\"it's \\n é\"}}]}"},
    {"a int comment r'x\\n'", "struct<a:int>", "STRUCT<a: INT COMMENT 'x\\\\n'>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{\"comment\":\"x\\\\n\"}}]}"},
    {"a int comment 'a' 'b'", "struct<a:int>", "STRUCT<a: INT COMMENT 'ab'>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{\"comment\":\"ab\"}}]}"},
    {"a struct<b int not null, c:int comment 'z'>", "struct<a:struct<b:int,c:int>>",
     "STRUCT<a: STRUCT<b: INT NOT NULL, c: INT COMMENT 'z'>>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"struct\",\"fields\":[{"
     "\"name\":\"b\",\"type\":\"integer\",\"nullable\":false,\"metadata\":{}},{\"name\":\"c\","
     "\"type\":\"integer\",\"nullable\":true,\"metadata\":{\"comment\":\"z\"}}]},\"nullable\":true,"
     "\"metadata\":{}}]}"},
    {"array<array<array<int>>>", "array<array<array<int>>>", "ARRAY<ARRAY<ARRAY<INT>>>",
     "{\"type\":\"array\",\"elementType\":{\"type\":\"array\",\"elementType\":{\"type\":\"array\","
     "\"elementType\":\"integer\",\"containsNull\":true},\"containsNull\":true},\"containsNull\":"
     "true}"},
    {"struct<a:struct<b:struct<c:int>>>", "struct<a:struct<b:struct<c:int>>>",
     "STRUCT<a: STRUCT<b: STRUCT<c: INT>>>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"struct\",\"fields\":[{"
     "\"name\":\"b\",\"type\":{\"type\":\"struct\",\"fields\":[{\"name\":\"c\",\"type\":"
     "\"integer\",\"nullable\":true,\"metadata\":{}}]},\"nullable\":true,\"metadata\":{}}]},"
     "\"nullable\":true,\"metadata\":{}}]}"},
    {"a int, a string", "struct<a:int,a:string>", "STRUCT<a: INT, a: STRING>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{}},{\"name\":\"a\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}}]}"},
    {"a int, A string", "struct<a:int,A:string>", "STRUCT<a: INT, A: STRING>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{}},{\"name\":\"A\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}}]}"},
    {"struct<a:int,a:int>", "struct<a:int,a:int>", "STRUCT<a: INT, a: INT>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{}},{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}]}"},
    {"timestamp string", "struct<timestamp:string>", "STRUCT<timestamp: STRING>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"timestamp\",\"type\":\"string\",\"nullable\":"
     "true,\"metadata\":{}}]}"},
    {"struct int", "struct<struct:int>", "STRUCT<struct: INT>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"struct\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{}}]}"},
    {"array array<int>", "struct<array:array<int>>", "STRUCT<array: ARRAY<INT>>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"array\",\"type\":{\"type\":\"array\","
     "\"elementType\":\"integer\",\"containsNull\":true},\"nullable\":true,\"metadata\":{}}]}"},
    {"decimal decimal(3,1)", "struct<decimal:decimal(3,1)>", "STRUCT<decimal: DECIMAL(3,1)>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"decimal\",\"type\":\"decimal(3,1)\","
     "\"nullable\":true,\"metadata\":{}}]}"},
    {"interval interval", "struct<interval:interval>", "STRUCT<interval: INTERVAL>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"interval\",\"type\":\"interval\",\"nullable\":"
     "true,\"metadata\":{}}]}"},
    {"a interval day to second, b interval", "struct<a:interval day to second,b:interval>",
     "STRUCT<a: INTERVAL DAY TO SECOND, b: INTERVAL>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"interval day to "
     "second\",\"nullable\":true,\"metadata\":{}},{\"name\":\"b\",\"type\":\"interval\","
     "\"nullable\":true,\"metadata\":{}}]}"},
    {"a timestamp_ntz, b timestamp_ltz", "struct<a:timestamp_ntz,b:timestamp>",
     "STRUCT<a: TIMESTAMP_NTZ, b: TIMESTAMP>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"timestamp_ntz\",\"nullable\":"
     "true,\"metadata\":{}},{\"name\":\"b\",\"type\":\"timestamp\",\"nullable\":true,\"metadata\":{"
     "}}]}"},
    {"`` int", "struct<:int>", "STRUCT<``: INT>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{}}]}"},
    {"a   \t\n int", "struct<a:int>", "STRUCT<a: INT>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,"
     "\"metadata\":{}}]}"},
    {"a decimal(10)", "struct<a:decimal(10,0)>", "STRUCT<a: DECIMAL(10,0)>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"decimal(10,0)\",\"nullable\":"
     "true,\"metadata\":{}}]}"},
    {"a decimal(10,2) not null", "struct<a:decimal(10,2)>", "STRUCT<a: DECIMAL(10,2) NOT NULL>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"decimal(10,2)\",\"nullable\":"
     "false,\"metadata\":{}}]}"},
    {"interval  year", "interval year", "INTERVAL YEAR", "\"interval year\""},
    {"struct<`a b`:int>", "struct<a b:int>", "STRUCT<`a b`: INT>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a "
     "b\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}]}"},
    {"date date, time timestamp", "struct<date:date,time:timestamp>",
     "STRUCT<date: DATE, time: TIMESTAMP>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"date\",\"type\":\"date\",\"nullable\":true,"
     "\"metadata\":{}},{\"name\":\"time\",\"type\":\"timestamp\",\"nullable\":true,\"metadata\":{}}"
     "]}"},
    {"struct<interval interval day>", "struct<interval:interval day>",
     "STRUCT<interval: INTERVAL DAY>",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"interval\",\"type\":\"interval "
     "day\",\"nullable\":true,\"metadata\":{}}]}"},
};

static const BadDdl bad_ddl[] = {
    {"bool", "PARSE_SYNTAX_ERROR", "end of input", ""},
    {"str", "PARSE_SYNTAX_ERROR", "end of input", ""},
    {"bytes", "PARSE_SYNTAX_ERROR", "end of input", ""},
    {"null", "PARSE_SYNTAX_ERROR", "end of input", ""},
    {"interval second to day", "PARSE_SYNTAX_ERROR", "'to'", ""},
    {"interval day to day", "PARSE_SYNTAX_ERROR", "'to'", ""},
    {"interval month to year", "PARSE_SYNTAX_ERROR", "'to'", ""},
    {"interval days", "UNSUPPORTED_DATATYPE", "\"DAYS\"", ""},
    {"interval year to year", "PARSE_SYNTAX_ERROR", "'to'", ""},
    {"array", "PARSE_SYNTAX_ERROR", "end of input", ""},
    {"map", "PARSE_SYNTAX_ERROR", "end of input", ""},
    {"struct", "PARSE_SYNTAX_ERROR", "end of input", ""},
    {"array<>", "PARSE_SYNTAX_ERROR", "'<>'", ""},
    {"map<int>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"a", "PARSE_SYNTAX_ERROR", "end of input", ""},
    {"a b c", "PARSE_SYNTAX_ERROR", "'c'", ": extra input 'c'"},
    {"a int,", "PARSE_SYNTAX_ERROR", "end of input", ""},
    {"a int b int", "PARSE_SYNTAX_ERROR", "'b'", ""},
    {", a int", "PARSE_SYNTAX_ERROR", "','", ""},
    {"a int,, b int", "PARSE_SYNTAX_ERROR", "','", ""},
    {"1 int", "PARSE_SYNTAX_ERROR", "'1'", ""},
    {"a-b int", "INVALID_IDENTIFIER", "a-b", ""},
    {"a.b int", "PARSE_SYNTAX_ERROR", "'.'", ""},
    {"a nosuch", "UNSUPPORTED_DATATYPE", "\"NOSUCH\"", ""},
    {"nosuch", "PARSE_SYNTAX_ERROR", "end of input", ""},
    {"array<nosuch>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"struct<a:nosuch>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"decimal(39,2)", "PARSE_SYNTAX_ERROR", "'('", ""},
    {"decimal(5,7)", "PARSE_SYNTAX_ERROR", "'('", ""},
    {"decimal(5,-2)", "PARSE_SYNTAX_ERROR", "'('", ""},
    {"decimal(a)", "PARSE_SYNTAX_ERROR", "'('", ""},
    {"string(5)", "PARSE_SYNTAX_ERROR", "'('", ""},
    {"int(5)", "PARSE_SYNTAX_ERROR", "'('", ""},
    {"timestamp with time zone", "PARSE_SYNTAX_ERROR", "'time'", ""},
    {"double precision", "UNSUPPORTED_DATATYPE", "\"PRECISION\"", ""},
    {"object", "PARSE_SYNTAX_ERROR", "end of input", ""},
    {"a int null", "PARSE_SYNTAX_ERROR", "'null'", ""},
    {"a int not null not null", "PARSE_SYNTAX_ERROR", "'not'", ""},
    {"a int comment 'x' not null", "PARSE_SYNTAX_ERROR", "'not'", ""},
    {"a int default 5", "PARSE_SYNTAX_ERROR", "'default'", ""},
    {"a int generated always as (1)", "PARSE_SYNTAX_ERROR", "'generated'", ""},
    {"é int", "INVALID_IDENTIFIER", "é", ""},
    {"'a' int", "PARSE_SYNTAX_ERROR", "''a''", ""},
    {"\"a\" int", "PARSE_SYNTAX_ERROR", "'\"a\"'", ""},
    {"a ARRAY<INT NOT NULL>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"map<int,int not null>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"interval day to second, b int", "PARSE_SYNTAX_ERROR", "'to'", ""},
    {"int;", "PARSE_SYNTAX_ERROR", "';'", ""},
    {"a int;", "PARSE_SYNTAX_ERROR", "';'", ""},
    {"json", "PARSE_SYNTAX_ERROR", "end of input", ""},
    {"decimal()", "PARSE_SYNTAX_ERROR", "'('", ""},
    {"struct<a:int>>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"struct<a:int", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"array<int", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"map<int;int>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"a INT COMMENT x", "PARSE_SYNTAX_ERROR", "'x'", ""},
    {"struct<a::int>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"struct<:int>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"a /* unclosed", "UNCLOSED_BRACKETED_COMMENT", NULL, ""},
    {"a int options(x=1)", "PARSE_SYNTAX_ERROR", "'options'", ""},
    {"x'ab' int", "PARSE_SYNTAX_ERROR", "''ab''", ""},
    {"bigint not null", "PARSE_SYNTAX_ERROR", "'null'", ": extra input 'null'"},
    {"int comment 'x'", "PARSE_SYNTAX_ERROR", "''x''", ": extra input ''x''"},
};

static const BadDdl bad_name[] = {
    {"a: int", "PARSE_SYNTAX_ERROR", "':'", ""},
    {"a: int, b: string", "PARSE_SYNTAX_ERROR", "':'", ""},
    {"a int, b: string", "PARSE_SYNTAX_ERROR", "'int'", ""},
    {"bool", "UNSUPPORTED_DATATYPE", "\"BOOL\"", ""},
    {"str", "UNSUPPORTED_DATATYPE", "\"STR\"", ""},
    {"bytes", "UNSUPPORTED_DATATYPE", "\"BYTES\"", ""},
    {"null", "UNSUPPORTED_DATATYPE", "\"NULL\"", ""},
    {"interval second to day", "PARSE_SYNTAX_ERROR", "'to'", ""},
    {"interval day to day", "PARSE_SYNTAX_ERROR", "'to'", ""},
    {"interval month to year", "PARSE_SYNTAX_ERROR", "'to'", ""},
    {"interval days", "PARSE_SYNTAX_ERROR", "'days'", ""},
    {"interval year to year", "PARSE_SYNTAX_ERROR", "'to'", ""},
    {"array", "INCOMPLETE_TYPE_DEFINITION.ARRAY", NULL, ""},
    {"map", "INCOMPLETE_TYPE_DEFINITION.MAP", NULL, ""},
    {"struct", "INCOMPLETE_TYPE_DEFINITION.STRUCT", NULL, ""},
    {"array<>", "PARSE_SYNTAX_ERROR", "'<>'", ""},
    {"map<int>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"", "PARSE_EMPTY_STATEMENT", NULL, ""},
    {"  ", "PARSE_EMPTY_STATEMENT", NULL, ""},
    {"a", "UNSUPPORTED_DATATYPE", "\"A\"", ""},
    {"a b c", "PARSE_SYNTAX_ERROR", "'b'", ""},
    {"a int,", "PARSE_SYNTAX_ERROR", "'int'", ""},
    {"a int b int", "PARSE_SYNTAX_ERROR", "'int'", ""},
    {", a int", "PARSE_SYNTAX_ERROR", "','", ""},
    {"a int,, b int", "PARSE_SYNTAX_ERROR", "'int'", ""},
    {"1 int", "PARSE_SYNTAX_ERROR", "'1'", ""},
    {"a-b int", "PARSE_SYNTAX_ERROR", "'-'", ""},
    {"a.b int", "PARSE_SYNTAX_ERROR", "'.'", ""},
    {"a nosuch", "PARSE_SYNTAX_ERROR", "'nosuch'", ": extra input 'nosuch'"},
    {"nosuch", "UNSUPPORTED_DATATYPE", "\"NOSUCH\"", ""},
    {"array<nosuch>", "UNSUPPORTED_DATATYPE", "\"NOSUCH\"", ""},
    {"struct<a:nosuch>", "UNSUPPORTED_DATATYPE", "\"NOSUCH\"", ""},
    {"decimal(39,2)", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "39", ""},
    {"decimal(5,7)", "DECIMAL_SCALE_EXCEEDS_PRECISION", "7", ""},
    {"decimal(5,-2)", "PARSE_SYNTAX_ERROR", "'-'", ""},
    {"decimal(a)", "PARSE_SYNTAX_ERROR", "'a'", ""},
    {"string(5)", "UNSUPPORTED_DATATYPE", "\"STRING(5)\"", ""},
    {"int(5)", "UNSUPPORTED_DATATYPE", "\"INT(5)\"", ""},
    {"timestamp with time zone", "PARSE_SYNTAX_ERROR", "'with'", ""},
    {"double precision", "PARSE_SYNTAX_ERROR", "'precision'", ""},
    {"object", "UNSUPPORTED_DATATYPE", "\"OBJECT\"", ""},
    {"a int null", "PARSE_SYNTAX_ERROR", "'int'", ""},
    {"a int not null not null", "PARSE_SYNTAX_ERROR", "'int'", ""},
    {"a int comment 'x' not null", "PARSE_SYNTAX_ERROR", "'int'", ""},
    {"a int default 5", "PARSE_SYNTAX_ERROR", "'int'", ""},
    {"a int generated always as (1)", "PARSE_SYNTAX_ERROR", "'int'", ""},
    {"é int", "INVALID_IDENTIFIER", "é", ""},
    {"'a' int", "PARSE_SYNTAX_ERROR", "''a''", ""},
    {"\"a\" int", "PARSE_SYNTAX_ERROR", "'\"a\"'", ""},
    {"a ARRAY<INT NOT NULL>", "PARSE_SYNTAX_ERROR", "'ARRAY'", ""},
    {"map<int,int not null>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"interval day to second, b int", "PARSE_SYNTAX_ERROR", "','", ""},
    {"int;", "PARSE_SYNTAX_ERROR", "';'", ""},
    {"a int;", "PARSE_SYNTAX_ERROR", "'int'", ""},
    {"json", "UNSUPPORTED_DATATYPE", "\"JSON\"", ""},
    {"a:int", "PARSE_SYNTAX_ERROR", "':'", ""},
    {"a:int not null", "PARSE_SYNTAX_ERROR", "':'", ""},
    {"decimal()", "PARSE_SYNTAX_ERROR", "')'", ""},
    {"struct<a:int>>", "PARSE_SYNTAX_ERROR", "'>'", ": extra input '>'"},
    {"struct<a:int", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"array<int", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"map<int;int>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"a INT COMMENT x", "PARSE_SYNTAX_ERROR", "'INT'", ""},
    {"struct<a::int>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"struct<:int>", "PARSE_SYNTAX_ERROR", "'<'", ""},
    {"a /* unclosed", "UNCLOSED_BRACKETED_COMMENT", NULL, ""},
    {"a int options(x=1)", "PARSE_SYNTAX_ERROR", "'int'", ""},
    {"x'ab' int", "PARSE_SYNTAX_ERROR", "''ab''", ""},
    {"bigint not null", "PARSE_SYNTAX_ERROR", "'not'", ""},
    {"int comment 'x'", "PARSE_SYNTAX_ERROR", "'comment'", ""},
};

static const Type *from_ddl(const char *ddl)
{
    fb_error err = {0};
    const Type *t = NULL;
    fb_status st = type_from_ddl(str_of(ddl), &t, &err);

    if (st != FB_OK) {
        fail_msg("%s: %s", ddl, err.message);
    }
    return t;
}

static void check_text(void (*text)(const Type *, StrBuf *), const Type *t, const char *expect)
{
    StrBuf b = {0};

    text(t, &b);
    assert_string_equal(b.n > 0 ? b.p : "", expect);
    strbuf_free(&b);
}

static void test_good_ddl(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        const Type *t = from_ddl(good[i].ddl);
        check_text(type_simple_string, t, good[i].simple);
        check_text(type_sql, t, good[i].sql);
        check_text(type_json, t, good[i].json);
        fb_error err = {0};
        const Type *again = NULL;
        assert_int_equal(type_from_json(str_of(good[i].json), &again, &err), FB_OK);
        assert_ptr_equal(again, t);
    }
}

static const char *param_of(const fb_error *err, const char *key)
{
    for (size_t i = 0; i < err->n_params; i++) {
        if (strcmp(err->params[i].key, key) == 0) {
            return err->params[i].value;
        }
    }
    return NULL;
}

static void check_bad(const BadDdl *b, fb_status (*read)(Str, const Type **, fb_error *))
{
    fb_error err = {0};
    const Type *t = NULL;

    if (read(str_of(b->ddl), &t, &err) == FB_OK) {
        fail_msg("%s was accepted", b->ddl);
    }
    if (strcmp(err_condition(err.id), b->condition) != 0) {
        fail_msg("%s: %s instead of %s", b->ddl, err.message, b->condition);
    }
    bool found = b->param == NULL;
    for (size_t i = 0; i < err.n_params; i++) {
        found = found || strcmp(err.params[i].value, b->param) == 0;
    }
    const char *hint = param_of(&err, "hint");
    if (!found || strcmp(hint ? hint : "", b->hint) != 0) {
        fail_msg("%s: %s instead of %s%s", b->ddl, err.message, b->param, b->hint);
    }
    err_clear(&err);
}

static void test_bad_ddl(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_ddl) / sizeof(bad_ddl[0]); i++) {
        check_bad(&bad_ddl[i], type_from_ddl);
    }
}

static void test_bad_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_name) / sizeof(bad_name[0]); i++) {
        check_bad(&bad_name[i], type_from_name);
    }
}

/* What only the third try of _parse_datatype_string takes. */
static void test_struct_fields_form(void **state)
{
    (void)state;
    assert_ptr_equal(from_ddl("a: int"), from_ddl("a INT"));
    assert_ptr_equal(from_ddl("a: int, b: string"), from_ddl("a int, b string"));
    assert_ptr_equal(from_ddl("a int, b: string"), from_ddl("a int, b string"));
    assert_ptr_equal(from_ddl("a:int not null"), from_ddl("a int not null"));
    assert_ptr_equal(from_ddl(""), from_ddl("struct<>"));
    assert_ptr_equal(from_ddl("  "), type_struct(NULL, 0));
    assert_ptr_equal(from_ddl("string collate utf8_binary"), type_string);
}

/* A collation is part of a string's type, and of all its texts. */
static void test_collations(void **state)
{
    (void)state;
    const Type *t = from_ddl(
        "a string collate utf8_lcase, b array<string collate UNICODE_AI_CI>, "
        "c map<string, string collate `unicode_cs_rtrim`>, d struct<e:string collate utf8_binary>, "
        "f varchar(3) collate utf8_lcase_rtrim");
    assert_ptr_not_equal(t->fields[0].type, type_string);
    assert_false(type_same(t->fields[0].type, type_string));
    check_text(type_simple_string, t,
               "struct<a:string collate UTF8_LCASE,b:array<string collate UNICODE_CI_AI>,"
               "c:map<string,string collate UNICODE_RTRIM>,d:struct<e:string>,"
               "f:string collate UTF8_LCASE_RTRIM>");
    StrBuf json = {0};
    const Type *again;
    fb_error err = {0};
    type_json(t, &json);
    assert_non_null(strstr(json.p, "{\"__COLLATIONS\":{\"a\":\"spark.UTF8_LCASE\"}}"));
    assert_non_null(strstr(json.p, "{\"b.element\":\"icu.UNICODE_CI_AI\"}"));
    assert_non_null(strstr(json.p, "{\"c.value\":\"icu.UNICODE_RTRIM\"}"));
    assert_int_equal(type_from_json(strbuf_str(&json), &again, &err), FB_OK);
    assert_ptr_equal(again, t);
    strbuf_free(&json);
    check_text(type_ddl, t,
               "a STRING COLLATE UTF8_LCASE,b ARRAY<STRING COLLATE UNICODE_CI_AI>,"
               "c MAP<STRING, STRING COLLATE UNICODE_RTRIM>,d STRUCT<e: STRING>,"
               "f STRING COLLATE UTF8_LCASE_RTRIM");
    const char *bad =
        "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\","
        "\"nullable\":true,\"metadata\":{\"__COLLATIONS\":{\"a\":\"icu.UNICODE\"}}}]}";
    assert_int_equal(type_from_json(str_of(bad), &again, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), "INVALID_JSON_DATA_TYPE_FOR_COLLATIONS");
    err_clear(&err);
    assert_int_equal(type_from_ddl(STR_LIT("a string collate nosuch"), &again, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), "COLLATION_INVALID_NAME");
    err_clear(&err);
}

static void check_unsupported(const char *ddl)
{
    fb_error err = {0};
    const Type *t = NULL;

    assert_int_equal(type_from_ddl(str_of(ddl), &t, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), "UNSUPPORTED_FEATURE");
    err_clear(&err);
}

static void test_unsupported(void **state)
{
    (void)state;
    check_unsupported("variant");
    check_unsupported("a variant");
    check_unsupported("time(3)");
    check_unsupported("a string collate de");
    check_unsupported("a array<char(3)>");
    check_unsupported("a map<varchar(3), int>");
    check_unsupported("decimal(0)");
}

static void test_char_and_varchar(void **state)
{
    (void)state;
    check_text(type_json,
               from_ddl("a CHAR(5), b varchar( 7 ) comment 'q', c struct<d:character(2)>"),
               "{\"type\":\"struct\",\"fields\":["
               "{\"name\":\"a\",\"type\":\"string\",\"nullable\":true,\"metadata\":"
               "{\"__CHAR_VARCHAR_TYPE_STRING\":\"char(5)\"}},"
               "{\"name\":\"b\",\"type\":\"string\",\"nullable\":true,\"metadata\":"
               "{\"comment\":\"q\",\"__CHAR_VARCHAR_TYPE_STRING\":\"varchar(7)\"}},"
               "{\"name\":\"c\",\"type\":{\"type\":\"struct\",\"fields\":["
               "{\"name\":\"d\",\"type\":\"string\",\"nullable\":true,\"metadata\":"
               "{\"__CHAR_VARCHAR_TYPE_STRING\":\"char(2)\"}}]},"
               "\"nullable\":true,\"metadata\":{}}]}");
    assert_ptr_equal(from_ddl("char(5)"), type_string);
    check_bad(&(BadDdl){"varchar", "DATATYPE_MISSING_SIZE", "\"VARCHAR\"", ""}, type_from_name);
    check_bad(&(BadDdl){"character", "DATATYPE_MISSING_SIZE", "\"CHAR\"", ""}, type_from_name);
}

static void test_depth(void **state)
{
    (void)state;
    StrBuf b = {0};
    fb_error err = {0};
    const Type *t = NULL;

    for (int i = 0; i < 90; i++) {
        strbuf_puts(&b, "array<");
    }
    strbuf_puts(&b, "int");
    for (int i = 0; i < 90; i++) {
        strbuf_puts(&b, ">");
    }
    assert_int_equal(type_from_name(strbuf_str(&b), &t, &err), FB_OK);
    strbuf_clear(&b);
    type_json(t, &b);
    const Type *again = NULL;
    assert_int_equal(type_from_json(strbuf_str(&b), &again, &err), FB_OK);
    assert_ptr_equal(t, again);
    strbuf_clear(&b);
    for (int i = 0; i < 100000; i++) {
        strbuf_puts(&b, "struct<a:");
    }
    assert_int_equal(type_from_ddl(strbuf_str(&b), &t, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), "UNSUPPORTED_FEATURE");
    err_clear(&err);
    strbuf_clear(&b);
    for (int i = 0; i < 1000; i++) {
        strbuf_puts(&b, "{\"type\":\"array\",\"containsNull\":true,\"elementType\":");
    }
    strbuf_puts(&b, "\"long\"");
    for (int i = 0; i < 1000; i++) {
        strbuf_putc(&b, '}');
    }
    assert_int_equal(type_from_json(strbuf_str(&b), &t, &err), FB_ERR);
    assert_string_equal(err_condition(err.id), "UNSUPPORTED_FEATURE");
    err_clear(&err);
    strbuf_free(&b);
}

static const char all_json[] =
    "{\"type\":\"struct\",\"fields\":[{\"name\":\"a b\",\"type\":\"long\",\"nullable\":fa"
    "lse,\"metadata\":{\"n\":1.5,\"nul\":null,\"l\":[1,2],\"comment\":\"x\\n'q'\",\"o\":{"
    "\"k\":1.0E300},\"z\":true}},{\"name\":\"a.b\",\"type\":\"decimal(20,4)\",\"nullable"
    "\":true,\"metadata\":{}},{\"name\":\"`t`\",\"type\":{\"type\":\"array\",\"elementTyp"
    "e\":{\"type\":\"map\",\"keyType\":\"string\",\"valueType\":{\"type\":\"struct\",\"fi"
    "elds\":[{\"name\":\"x\",\"type\":\"integer\",\"nullable\":false,\"metadata\":{\"comm"
    "ent\":\"c\"}},{\"name\":\"y z\",\"type\":\"interval day to second\",\"nullable\":tru"
    "e,\"metadata\":{}}]},\"valueContainsNull\":false},\"containsNull\":false},\"nullable"
    "\":true,\"metadata\":{}},{\"name\":\"1a\",\"type\":\"void\",\"nullable\":true,\"meta"
    "data\":{}},{\"name\":\"12\",\"type\":\"binary\",\"nullable\":true,\"metadata\":{}},{"
    "\"name\":\"é\\n\\t\\\"\\\\\",\"type\":\"interval year to month\",\"nullable\":true,"
    "\"metadata\":{}},{\"name\":\"ci\",\"type\":\"interval\",\"nullable\":true,\"metadata"
    "\":{}},{\"name\":\"n\",\"type\":\"timestamp_ntz\",\"nullable\":true,\"metadata\":{}}"
    ",{\"name\":\"_x\",\"type\":\"short\",\"nullable\":true,\"metadata\":{}},{\"name\":\""
    "\",\"type\":\"byte\",\"nullable\":true,\"metadata\":{}},{\"name\":\"select\",\"type"
    "\":\"float\",\"nullable\":true,\"metadata\":{}},{\"name\":\"m\",\"type\":{\"type\":"
    "\"map\",\"keyType\":{\"type\":\"struct\",\"fields\":[{\"name\":\"k\",\"type\":\"inte"
    "ger\",\"nullable\":false,\"metadata\":{}}]},\"valueType\":{\"type\":\"array\",\"elem"
    "entType\":\"string\",\"containsNull\":false},\"valueContainsNull\":true},\"nullable"
    "\":true,\"metadata\":{}},{\"name\":\"d2\",\"type\":\"interval hour\",\"nullable\":tr"
    "ue,\"metadata\":{}},{\"name\":\"y2\",\"type\":\"interval month\",\"nullable\":true,"
    "\"metadata\":{}},{\"name\":\"s\",\"type\":{\"type\":\"struct\",\"fields\":[]},\"null"
    "able\":true,\"metadata\":{}},{\"name\":\"dt\",\"type\":\"date\",\"nullable\":true,\""
    "metadata\":{}},{\"name\":\"b\",\"type\":\"boolean\",\"nullable\":true,\"metadata\":{"
    "}},{\"name\":\"db\",\"type\":\"double\",\"nullable\":true,\"metadata\":{}},{\"name\""
    ":\"ts\",\"type\":\"timestamp\",\"nullable\":true,\"metadata\":{}}]}";

/* Damaged text: refused or read, never a crash, and an error exactly when it is refused. */
static void damage(const char *text, fb_status (*read)(Str, const Type **, fb_error *))
{
    static const char bytes[] = "<>(),:'\"`{}[]\\ \n0a-/*\xc3\xff";
    static uint64_t random = 7;
    size_t n = strlen(text);

    for (int round = 0; n > 0 && round < 200; round++) {
        char *copy = mem_alloc(n); /* of the exact size, for the address sanitizer */
        fb_error err = {0};
        const Type *t = NULL;
        memcpy(copy, text, n);
        for (int k = 0; k < 1 + round % 3; k++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            copy[(random >> 33) % n] = bytes[(random >> 20) % (sizeof(bytes) - 1)];
        }
        fb_status st = read((Str){copy, n}, &t, &err);
        assert_int_equal(st == FB_OK, !err_is_set(&err));
        err_clear(&err);
        mem_free(copy);
    }
}

static void test_damaged_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        damage(good[i].ddl, type_from_ddl);
        damage(good[i].ddl, type_from_name);
        damage(good[i].json, type_from_json);
    }
    damage(all_json, type_from_json);
}

static void test_all_texts(void **state)
{
    (void)state;
    fb_error err = {0};
    const Type *t = NULL;
    StrBuf b = {0};

    assert_int_equal(type_from_json(str_of(all_json), &t, &err), FB_OK);
    check_text(type_json, t, all_json);
    check_text(
        type_simple_string, t,
        "struct<a b:bigint,a.b:decimal(20,4),`t`:array<map<string,struct<x:int,y z:interval d"
        "ay to second>>>,1a:void,12:binary,é\n\t\"\\:interval year to month,ci:interval,n:tim"
        "estamp_ntz,_x:smallint,:tinyint,select:float,m:map<struct<k:int>,array<string>>,d2:i"
        "nterval hour,y2:interval month,s:struct<>,dt:date,b:boolean,db:double,ts:timestamp>");
    check_text(
        type_sql, t,
        "STRUCT<`a b`: BIGINT NOT NULL COMMENT 'x\n\\'q\\'', `a.b`: DECIMAL(20,4), ```t```: A"
        "RRAY<MAP<STRING, STRUCT<x: INT NOT NULL COMMENT 'c', `y z`: INTERVAL DAY TO SECOND>>"
        ">, `1a`: VOID, `12`: BINARY, `é\n\t\"\\`: INTERVAL YEAR TO MONTH, ci: INTERVAL, n: T"
        "IMESTAMP_NTZ, _x: SMALLINT, ``: TINYINT, select: FLOAT, m: MAP<STRUCT<k: INT NOT NUL"
        "L>, ARRAY<STRING>>, d2: INTERVAL HOUR, y2: INTERVAL MONTH, s: STRUCT<>, dt: DATE, b:"
        " BOOLEAN, db: DOUBLE, ts: TIMESTAMP>");
    check_text(
        type_ddl, t,
        "`a b` BIGINT NOT NULL COMMENT 'x\n\\'q\\'',`a.b` DECIMAL(20,4),```t``` ARRAY<MAP<STR"
        "ING, STRUCT<x: INT NOT NULL COMMENT 'c', `y z`: INTERVAL DAY TO SECOND>>>,`1a` VOID,"
        "`12` BINARY,`é\n\t\"\\` INTERVAL YEAR TO MONTH,ci INTERVAL,n TIMESTAMP_NTZ,_x SMALLI"
        "NT,`` TINYINT,select FLOAT,m MAP<STRUCT<k: INT NOT NULL>, ARRAY<STRING>>,d2 INTERVAL"
        " HOUR,y2 INTERVAL MONTH,s STRUCT<>,dt DATE,b BOOLEAN,db DOUBLE,ts TIMESTAMP");
    type_tree_string(t, 0, &b);
    assert_string_equal(b.p, "root\n"
                             " |-- a b: long (nullable = false)\n"
                             " |-- a.b: decimal(20,4) (nullable = true)\n"
                             " |-- `t`: array (nullable = true)\n"
                             " |    |-- element: map (containsNull = false)\n"
                             " |    |    |-- key: string\n"
                             " |    |    |-- value: struct (valueContainsNull = false)\n"
                             " |    |    |    |-- x: integer (nullable = false)\n"
                             " |    |    |    |-- y z: interval day to second (nullable = true)\n"
                             " |-- 1a: void (nullable = true)\n"
                             " |-- 12: binary (nullable = true)\n"
                             " |-- é\\n"
                             "\\t\"\\: interval year to month (nullable = true)\n"
                             " |-- ci: interval (nullable = true)\n"
                             " |-- n: timestamp_ntz (nullable = true)\n"
                             " |-- _x: short (nullable = true)\n"
                             " |-- : byte (nullable = true)\n"
                             " |-- select: float (nullable = true)\n"
                             " |-- m: map (nullable = true)\n"
                             " |    |-- key: struct\n"
                             " |    |    |-- k: integer (nullable = false)\n"
                             " |    |-- value: array (valueContainsNull = true)\n"
                             " |    |    |-- element: string (containsNull = false)\n"
                             " |-- d2: interval hour (nullable = true)\n"
                             " |-- y2: interval month (nullable = true)\n"
                             " |-- s: struct (nullable = true)\n"
                             " |-- dt: date (nullable = true)\n"
                             " |-- b: boolean (nullable = true)\n"
                             " |-- db: double (nullable = true)\n"
                             " |-- ts: timestamp (nullable = true)\n");
    strbuf_clear(&b);
    type_tree_string(t, 2, &b);
    assert_string_equal(b.p, "root\n"
                             " |-- a b: long (nullable = false)\n"
                             " |-- a.b: decimal(20,4) (nullable = true)\n"
                             " |-- `t`: array (nullable = true)\n"
                             " |    |-- element: map (containsNull = false)\n"
                             " |-- 1a: void (nullable = true)\n"
                             " |-- 12: binary (nullable = true)\n"
                             " |-- é\\n"
                             "\\t\"\\: interval year to month (nullable = true)\n"
                             " |-- ci: interval (nullable = true)\n"
                             " |-- n: timestamp_ntz (nullable = true)\n"
                             " |-- _x: short (nullable = true)\n"
                             " |-- : byte (nullable = true)\n"
                             " |-- select: float (nullable = true)\n"
                             " |-- m: map (nullable = true)\n"
                             " |    |-- key: struct\n"
                             " |    |-- value: array (valueContainsNull = true)\n"
                             " |-- d2: interval hour (nullable = true)\n"
                             " |-- y2: interval month (nullable = true)\n"
                             " |-- s: struct (nullable = true)\n"
                             " |-- dt: date (nullable = true)\n"
                             " |-- b: boolean (nullable = true)\n"
                             " |-- db: double (nullable = true)\n"
                             " |-- ts: timestamp (nullable = true)\n");
    strbuf_free(&b);
    check_text(
        type_json, type_as_nullable(t),
        "{\"type\":\"struct\",\"fields\":[{\"name\":\"a b\",\"type\":\"long\",\"nullable\":tr"
        "ue,\"metadata\":{\"n\":1.5,\"nul\":null,\"l\":[1,2],\"comment\":\"x\\n'q'\",\"o\":{"
        "\"k\":1.0E300},\"z\":true}},{\"name\":\"a.b\",\"type\":\"decimal(20,4)\",\"nullable"
        "\":true,\"metadata\":{}},{\"name\":\"`t`\",\"type\":{\"type\":\"array\",\"elementTyp"
        "e\":{\"type\":\"map\",\"keyType\":\"string\",\"valueType\":{\"type\":\"struct\",\"fi"
        "elds\":[{\"name\":\"x\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{\"comme"
        "nt\":\"c\"}},{\"name\":\"y z\",\"type\":\"interval day to second\",\"nullable\":true"
        ",\"metadata\":{}}]},\"valueContainsNull\":true},\"containsNull\":true},\"nullable\":"
        "true,\"metadata\":{}},{\"name\":\"1a\",\"type\":\"void\",\"nullable\":true,\"metadat"
        "a\":{}},{\"name\":\"12\",\"type\":\"binary\",\"nullable\":true,\"metadata\":{}},{\"n"
        "ame\":\"é\\n\\t\\\"\\\\\",\"type\":\"interval year to month\",\"nullable\":true,\"me"
        "tadata\":{}},{\"name\":\"ci\",\"type\":\"interval\",\"nullable\":true,\"metadata\":{"
        "}},{\"name\":\"n\",\"type\":\"timestamp_ntz\",\"nullable\":true,\"metadata\":{}},{\""
        "name\":\"_x\",\"type\":\"short\",\"nullable\":true,\"metadata\":{}},{\"name\":\"\","
        "\"type\":\"byte\",\"nullable\":true,\"metadata\":{}},{\"name\":\"select\",\"type\":"
        "\"float\",\"nullable\":true,\"metadata\":{}},{\"name\":\"m\",\"type\":{\"type\":\"ma"
        "p\",\"keyType\":{\"type\":\"struct\",\"fields\":[{\"name\":\"k\",\"type\":\"integer"
        "\",\"nullable\":true,\"metadata\":{}}]},\"valueType\":{\"type\":\"array\",\"elementT"
        "ype\":\"string\",\"containsNull\":true},\"valueContainsNull\":true},\"nullable\":tru"
        "e,\"metadata\":{}},{\"name\":\"d2\",\"type\":\"interval hour\",\"nullable\":true,\"m"
        "etadata\":{}},{\"name\":\"y2\",\"type\":\"interval month\",\"nullable\":true,\"metad"
        "ata\":{}},{\"name\":\"s\",\"type\":{\"type\":\"struct\",\"fields\":[]},\"nullable\":"
        "true,\"metadata\":{}},{\"name\":\"dt\",\"type\":\"date\",\"nullable\":true,\"metadat"
        "a\":{}},{\"name\":\"b\",\"type\":\"boolean\",\"nullable\":true,\"metadata\":{}},{\"n"
        "ame\":\"db\",\"type\":\"double\",\"nullable\":true,\"metadata\":{}},{\"name\":\"ts\""
        ",\"type\":\"timestamp\",\"nullable\":true,\"metadata\":{}}]}");
    assert_true(type_same(t, type_as_nullable(t)));
    assert_ptr_not_equal(t, type_as_nullable(t));
    assert_ptr_equal(type_as_nullable(type_as_nullable(t)), type_as_nullable(t));
}

typedef struct JsonCase {
    const char *json, *result; /* result: JSON, or a condition */
    bool ok;
} JsonCase;

static const JsonCase json_cases[] = {
    {"{\"fields\":[{\"metadata\":{},\"name\":\"f0\",\"nullable\":true,\"type\":\"integer\""
     "},{\"metadata\":{},\"name\":\"f1\",\"nullable\":true,\"type\":\"integer\"},{\"metada"
     "ta\":{},\"name\":\"f2\",\"nullable\":true,\"type\":\"integer\"},{\"metadata\":{},\"n"
     "ame\":\"f3\",\"nullable\":true,\"type\":\"integer\"},{\"metadata\":{},\"name\":\"f4"
     "\",\"nullable\":true,\"type\":\"integer\"},{\"metadata\":{},\"name\":\"f5\",\"nullab"
     "le\":true,\"type\":\"integer\"},{\"metadata\":{},\"name\":\"f6\",\"nullable\":true,"
     "\"type\":\"integer\"},{\"metadata\":{},\"name\":\"f7\",\"nullable\":true,\"type\":\""
     "integer\"},{\"metadata\":{},\"name\":\"f8\",\"nullable\":true,\"type\":\"integer\"},"
     "{\"metadata\":{},\"name\":\"f9\",\"nullable\":true,\"type\":\"integer\"},{\"metadata"
     "\":{},\"name\":\"f10\",\"nullable\":true,\"type\":\"integer\"},{\"metadata\":{},\"na"
     "me\":\"f11\",\"nullable\":true,\"type\":\"integer\"},{\"metadata\":{},\"name\":\"f12"
     "\",\"nullable\":true,\"type\":\"integer\"},{\"metadata\":{},\"name\":\"f13\",\"nulla"
     "ble\":true,\"type\":\"integer\"},{\"metadata\":{},\"name\":\"f14\",\"nullable\":true"
     ",\"type\":\"integer\"},{\"metadata\":{},\"name\":\"f15\",\"nullable\":true,\"type\":"
     "\"integer\"},{\"metadata\":{},\"name\":\"f16\",\"nullable\":true,\"type\":\"integer"
     "\"},{\"metadata\":{},\"name\":\"f17\",\"nullable\":true,\"type\":\"integer\"},{\"met"
     "adata\":{},\"name\":\"f18\",\"nullable\":true,\"type\":\"integer\"},{\"metadata\":{}"
     ",\"name\":\"f19\",\"nullable\":true,\"type\":\"integer\"},{\"metadata\":{},\"name\":"
     "\"f20\",\"nullable\":true,\"type\":\"integer\"},{\"metadata\":{},\"name\":\"f21\",\""
     "nullable\":true,\"type\":\"integer\"},{\"metadata\":{},\"name\":\"f22\",\"nullable\""
     ":true,\"type\":\"integer\"},{\"metadata\":{},\"name\":\"f23\",\"nullable\":true,\"ty"
     "pe\":\"integer\"},{\"metadata\":{},\"name\":\"f24\",\"nullable\":true,\"type\":\"int"
     "eger\"},{\"metadata\":{},\"name\":\"f25\",\"nullable\":true,\"type\":\"integer\"},{"
     "\"metadata\":{},\"name\":\"f26\",\"nullable\":true,\"type\":\"integer\"},{\"metadata"
     "\":{},\"name\":\"f27\",\"nullable\":true,\"type\":\"integer\"},{\"metadata\":{},\"na"
     "me\":\"f28\",\"nullable\":true,\"type\":\"integer\"},{\"metadata\":{},\"name\":\"f29"
     "\",\"nullable\":true,\"type\":\"integer\"}],\"type\":\"struct\"}",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"f0\",\"type\":\"integer\",\"nullable\":"
     "true,\"metadata\":{}},{\"name\":\"f1\",\"type\":\"integer\",\"nullable\":true,\"meta"
     "data\":{}},{\"name\":\"f2\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}},"
     "{\"name\":\"f3\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}},{\"name\":"
     "\"f4\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}},{\"name\":\"f5\",\"ty"
     "pe\":\"integer\",\"nullable\":true,\"metadata\":{}},{\"name\":\"f6\",\"type\":\"inte"
     "ger\",\"nullable\":true,\"metadata\":{}},{\"name\":\"f7\",\"type\":\"integer\",\"nul"
     "lable\":true,\"metadata\":{}},{\"name\":\"f8\",\"type\":\"integer\",\"nullable\":tru"
     "e,\"metadata\":{}},{\"name\":\"f9\",\"type\":\"integer\",\"nullable\":true,\"metadat"
     "a\":{}},{\"name\":\"f10\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}},{"
     "\"name\":\"f11\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}},{\"name\":"
     "\"f12\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}},{\"name\":\"f13\",\""
     "type\":\"integer\",\"nullable\":true,\"metadata\":{}},{\"name\":\"f14\",\"type\":\"i"
     "nteger\",\"nullable\":true,\"metadata\":{}},{\"name\":\"f15\",\"type\":\"integer\","
     "\"nullable\":true,\"metadata\":{}},{\"name\":\"f16\",\"type\":\"integer\",\"nullable"
     "\":true,\"metadata\":{}},{\"name\":\"f17\",\"type\":\"integer\",\"nullable\":true,\""
     "metadata\":{}},{\"name\":\"f18\",\"type\":\"integer\",\"nullable\":true,\"metadata\""
     ":{}},{\"name\":\"f19\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}},{\"na"
     "me\":\"f20\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}},{\"name\":\"f21"
     "\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}},{\"name\":\"f22\",\"type"
     "\":\"integer\",\"nullable\":true,\"metadata\":{}},{\"name\":\"f23\",\"type\":\"integ"
     "er\",\"nullable\":true,\"metadata\":{}},{\"name\":\"f24\",\"type\":\"integer\",\"nul"
     "lable\":true,\"metadata\":{}},{\"name\":\"f25\",\"type\":\"integer\",\"nullable\":tr"
     "ue,\"metadata\":{}},{\"name\":\"f26\",\"type\":\"integer\",\"nullable\":true,\"metad"
     "ata\":{}},{\"name\":\"f27\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}},"
     "{\"name\":\"f28\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}},{\"name\":"
     "\"f29\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}]}",
     true},
    {"{\"fields\":[],\"type\":\"struct\"}", "{\"type\":\"struct\",\"fields\":[]}", true},
    {"\"void\"", "\"void\"", true},
    {"\"null\"", "\"void\"", true},
    {"\"interval\"", "\"interval\"", true},
    {"\"calendarinterval\"", "INVALID_JSON_DATA_TYPE", false},
    {"\"decimal\"", "\"decimal(10,0)\"", true},
    {"\"decimal(39,0)\"", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", false},
    {"\"decimal(5,6)\"", "DECIMAL_SCALE_EXCEEDS_PRECISION", false},
    {"\"decimal(5,-6)\"", "NEGATIVE_SCALE_DISALLOWED", false},
    {"\"decimal( 5 , 2 )\"", "\"decimal(5,2)\"", true},
    {"\"integer\"", "\"integer\"", true},
    {"\"int\"", "INVALID_JSON_DATA_TYPE", false},
    {"\"interval day to second\"", "\"interval day to second\"", true},
    {"\"interval day\"", "\"interval day\"", true},
    {"\"interval year to month\"", "\"interval year to month\"", true},
    {"\"nosuch\"", "INVALID_JSON_DATA_TYPE", false},
    {"\"timestamp_ltz\"", "\"timestamp\"", true},
    {"{\"type\":\"struct\"}", "INVALID_JSON_DATA_TYPE", false},
    {"{\"type\":\"array\",\"elementType\":\"integer\",\"containsNull\":true}",
     "{\"type\":\"array\",\"elementType\":\"integer\",\"containsNull\":true}", true},
    {"{\"type\":\"array\",\"elementType\":\"integer\"}", "INVALID_JSON_DATA_TYPE", false},
    {"{\"type\":\"map\",\"keyType\":\"integer\",\"valueType\":\"string\",\"valueContainsNu"
     "ll\":false}",
     "{\"type\":\"map\",\"keyType\":\"integer\",\"valueType\":\"string\",\"valueContainsNu"
     "ll\":false}",
     true},
    {"{\"type\":\"map\",\"keyType\":\"integer\"}", "INVALID_JSON_DATA_TYPE", false},
    {"{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":t"
     "rue}]}",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":t"
     "rue,\"metadata\":{}}]}",
     true},
    {"{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\"}]}",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":t"
     "rue,\"metadata\":{}}]}",
     true},
    {"{\"type\":\"struct\",\"fields\":[{\"type\":\"integer\",\"nullable\":true,\"metadata"
     "\":{}}]}",
     "INVALID_JSON_DATA_TYPE", false},
    {"{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":t"
     "rue,\"metadata\":{},\"extra\":1}]}",
     "INVALID_JSON_DATA_TYPE", false},
    {"{\"fields\":[],\"type\":\"struct\"}", "{\"type\":\"struct\",\"fields\":[]}", true},
    {"{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"nullable\":true,\"type\":\"intege"
     "r\",\"metadata\":{\"b\":1,\"a\":[1.0,2.5]}}]}",
     "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":t"
     "rue,\"metadata\":{\"a\":[1.0,2.5],\"b\":1}}]}",
     true},
    {"[1]", "INVALID_JSON_DATA_TYPE", false},
    {"1", "INVALID_JSON_DATA_TYPE", false},
    {"{", "INVALID_JSON_DATA_TYPE", false},
    {"", "INVALID_JSON_DATA_TYPE", false},
    {"nosuch", "INVALID_JSON_DATA_TYPE", false},
};

static void test_json_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(json_cases) / sizeof(json_cases[0]); i++) {
        const JsonCase *c = &json_cases[i];
        fb_error err = {0};
        const Type *t = NULL;
        fb_status st = type_from_json(str_of(c->json), &t, &err);
        if ((st == FB_OK) != c->ok) {
            fail_msg("%s: %s", c->json, st == FB_OK ? "accepted" : err.message);
        }
        if (c->ok) {
            check_text(type_json, t, c->result);
        } else if (strcmp(err_condition(err.id), c->result) != 0) {
            fail_msg("%s: %s instead of %s", c->json, err.message, c->result);
        }
        err_clear(&err);
    }
}

static void test_interning(void **state)
{
    (void)state;
    char name[] = "same", other[] = "same";
    Field f = {.name = name, .type = type_array(type_long, false), .nullable = true};
    Field g = {
        .name = other, .type = type_array(type_long, false), .nullable = true, .metadata = "{}"};
    const Type *t = type_struct(&f, 1);

    assert_ptr_equal(t, type_struct(&g, 1));
    name[0] = 'X';
    assert_string_equal(t->fields[0].name, "same");
    g.nullable = false;
    assert_ptr_not_equal(t, type_struct(&g, 1));
    assert_true(type_same(t, type_struct(&g, 1)));
    g.nullable = true;
    g.metadata = "{\"a\":1}";
    assert_ptr_not_equal(t, type_struct(&g, 1));
    assert_true(type_same(t, type_struct(&g, 1)));
    assert_ptr_not_equal(type_array(type_long, true), type_array(type_long, false));
    assert_false(type_same(type_array(type_long, true), type_array(type_int, true)));
    assert_ptr_equal(type_decimal(10, 2), type_decimal(10, 2));
    assert_ptr_equal(type_interval_dt(0, 3), type_interval_dt(0, 3));
    assert_ptr_not_equal(type_interval_ym(0, 1), type_interval_ym(0, 0));
    /* Enough types to make the table grow several times. */
    const Type *first = type_decimal(1, 0), *many[20 * 20];
    for (uint32_t i = 0; i < 400; i++) {
        char field[16] = {'f', (char)('a' + i % 20), (char)('a' + i / 20), 0};
        many[i] = type_struct(&(Field){.name = field, .type = type_int}, 1);
    }
    for (uint32_t i = 0; i < 400; i++) {
        char field[16] = {'f', (char)('a' + i % 20), (char)('a' + i / 20), 0};
        assert_ptr_equal(many[i], type_struct(&(Field){.name = field, .type = type_int}, 1));
    }
    assert_ptr_equal(first, type_decimal(1, 0));
}

enum { N_THREADS = 4, N_THREAD_TYPES = 500 };

static void *make_types(void *arg)
{
    const Type **made = arg;

    for (uint32_t i = 0; i < N_THREAD_TYPES; i++) {
        char name[16] = {'t', (char)('a' + i % 20), (char)('a' + i / 20), 0};
        Field f = {.name = name, .type = type_decimal((uint8_t)(1 + i % 38), 0)};
        made[i] = type_array(type_struct(&f, 1), i % 2 == 0);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    static const Type *made[N_THREADS][N_THREAD_TYPES];
    pthread_t threads[N_THREADS];

    for (int k = 0; k < N_THREADS; k++) {
        assert_int_equal(pthread_create(&threads[k], NULL, make_types, made[k]), 0);
    }
    for (int k = 0; k < N_THREADS; k++) {
        pthread_join(threads[k], NULL);
        assert_memory_equal(made[k], made[0], sizeof(made[0]));
    }
}

static void test_metadata_order(void **state)
{
    (void)state;
    StrBuf b = {0};

    assert_true(type_metadata_normalize(STR_LIT("{ \"b\": 1, \"a\": 1e300 }"), &b));
    assert_string_equal(b.p, "{\"a\":1.0E300,\"b\":1}");
    strbuf_clear(&b);
    assert_true(type_metadata_normalize(
        STR_LIT(
            "{\"comment\":\"x\",\"l\":[1,2],\"n\":1.5,\"nul\":null,\"o\":{\"k\":1},\"z\":true}"),
        &b));
    assert_string_equal(b.p,
                        "{\"n\":1.5,\"nul\":null,\"l\":[1,2],\"comment\":\"x\",\"o\":{\"k\":1},"
                        "\"z\":true}");
    strbuf_clear(&b);
    assert_true(type_metadata_normalize(STR_LIT("{}"), &b));
    assert_string_equal(b.p, "{}");
    assert_false(type_metadata_normalize(STR_LIT("[1]"), &b));
    assert_false(type_metadata_normalize(STR_LIT("{"), &b));
    strbuf_free(&b);
}

static void test_field_index(void **state)
{
    (void)state;
    const Type *t = from_ddl("a int, A string, Bc int");

    assert_int_equal(type_field_index(t, STR_LIT("a"), true), 0);
    assert_int_equal(type_field_index(t, STR_LIT("A"), true), 1);
    assert_int_equal(type_field_index(t, STR_LIT("a"), false), -2);
    assert_int_equal(type_field_index(t, STR_LIT("bC"), false), 2);
    assert_int_equal(type_field_index(t, STR_LIT("bC"), true), -1);
    assert_int_equal(type_field_index(t, STR_LIT("x"), false), -1);
}

static void test_predicates(void **state)
{
    (void)state;
    assert_true(type_is_orderable(from_ddl("array<struct<a:int,b:string>>")));
    assert_false(type_is_orderable(from_ddl("struct<a:map<int,int>>")));
    assert_false(type_is_orderable(type_interval_cal)); /* as ORDER BY make_interval(1) says */
    assert_true(type_is_orderable(type_null));
    assert_true(type_is_numeric(type_decimal(3, 1)));
    assert_false(type_is_numeric(type_boolean));
    assert_false(type_is_integral(type_decimal(3, 0)));
    assert_int_equal(type_width(type_decimal(3, 1)), 16);
    assert_int_equal(type_width(type_boolean), 1);
    assert_int_equal(type_width(from_ddl("array<int>")), 4);
    assert_int_equal(type_width(from_ddl("struct<a:int>")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_ddl),         cmocka_unit_test(test_bad_ddl),
        cmocka_unit_test(test_bad_name),         cmocka_unit_test(test_struct_fields_form),
        cmocka_unit_test(test_unsupported),      cmocka_unit_test(test_collations),
        cmocka_unit_test(test_char_and_varchar), cmocka_unit_test(test_depth),
        cmocka_unit_test(test_all_texts),        cmocka_unit_test(test_json_cases),
        cmocka_unit_test(test_interning),        cmocka_unit_test(test_damaged_texts),
        cmocka_unit_test(test_threads),          cmocka_unit_test(test_metadata_order),
        cmocka_unit_test(test_field_index),      cmocka_unit_test(test_predicates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
