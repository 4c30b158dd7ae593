-- What must be refused, and under which condition.
create temporary view t as select * from values (1, 'a'), (2, 'b') as t(id, name);

select nope from t;
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select nam from t;
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select * from no_such_table;
--> error TABLE_OR_VIEW_NOT_FOUND 42P01

select id from t join t u on t.id = u.id;
--> error AMBIGUOUS_REFERENCE 42704

select 1 / 0;
--> error DIVIDE_BY_ZERO 22012

select 10 % 0;
--> error REMAINDER_BY_ZERO 22012

select 2147483647 + 1;
--> error ARITHMETIC_OVERFLOW 22003

select cast(9223372036854775807 as bigint) + 1;
--> error ARITHMETIC_OVERFLOW 22003

select cast(99 as decimal(2, 0)) * cast(1e37 as decimal(38, 0));
--> error NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION 22003

select array(1, 2)[5];
--> error INVALID_ARRAY_INDEX 22003

select element_at(array(1), 0);
--> error INVALID_INDEX_OF_ZERO 22003

select element_at(array(1), 3);
--> error INVALID_ARRAY_INDEX_IN_ELEMENT_AT 22003

select sum(name) from t;
--> error CAST_INVALID_INPUT 22018

select id, count(*) from t;
--> error MISSING_GROUP_BY 42803

select id from t group by name;
--> error MISSING_AGGREGATION 42803

select * from t where count(*) > 1;
--> error INVALID_WHERE_CONDITION 42903

select sum(sum(id)) from t;
--> error NESTED_AGGREGATE_FUNCTION 42607

select no_such_function(id) from t;
--> error UNRESOLVED_ROUTINE 42883

select substring(name) from t;
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select abs(name, id) from t;
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select upper(array(1)) from t;
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select id + array(1) from t;
--> error DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES 42K09

select 1 union all select 1, 2;
--> error NUM_COLUMNS_MISMATCH 42826

select array(1) union all select 1;
--> error INCOMPATIBLE_COLUMN_TYPE 42825

select id from t order by 5;
--> error ORDER_BY_POS_OUT_OF_RANGE 42805

select id from t group by 3;
--> error GROUP_BY_POS_OUT_OF_RANGE 42805

selec 1;
--> error PARSE_SYNTAX_ERROR 42601

select from where;
--> error UNRESOLVED_COLUMN.WITHOUT_SUGGESTION 42703

select 'open;
--> error PARSE_SYNTAX_ERROR 42601

select (1;
--> error PARSE_SYNTAX_ERROR 42601

select id from t where name;
--> error DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN 42K09

select id from t where null;
--> error DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN 42K09

select count(*) filter (where name) from t;
--> error INVALID_AGGREGATE_FILTER.NOT_BOOLEAN 42903

select id from t join t u on t.name;
--> error JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE 42K0E

--@ not yet
select (select id from t) as one;
--> error SCALAR_SUBQUERY_TOO_MANY_ROWS 21000

select explode(id) from t;
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select id from t limit -1;
--> error INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE 42K0E

select to_date('x', 'yyyy');
--> error CANNOT_PARSE_TIMESTAMP 22007

select cast(id as no_such_type) from t;
--> error UNSUPPORTED_DATATYPE 0A000

--@ not yet
select raise_error('own words');
--> error USER_RAISED_EXCEPTION P0001

select date '2024-13-45';
--> error INVALID_TYPED_LITERAL 42604

create temporary view t as select 1;
--> error TEMP_TABLE_OR_VIEW_ALREADY_EXISTS 42P07

drop view no_such_view;
--> error TABLE_OR_VIEW_NOT_FOUND 42P01

select 1 as (a, b);
--> error MULTI_ALIAS_WITHOUT_GENERATOR 42K0E

select a from (select upper('x') as (a));
--> error MULTI_ALIAS_WITHOUT_GENERATOR 42K0E

-- Names that the engine keeps to itself are nobody's functions.
select `$percentile`(1);
--> error UNRESOLVED_ROUTINE 42883

select `match schema`(1, 2, 3);
--> error UNRESOLVED_ROUTINE 42883

select `* interval`(interval 1 day, 2);
--> error UNRESOLVED_ROUTINE 42883

select * from `$replicate`(2);
--> error UNRESOLVABLE_TABLE_VALUED_FUNCTION 42883
