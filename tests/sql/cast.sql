-- Casts, with and without ANSI rules.
select cast('12' as int), cast(' 7 ' as bigint), cast('1.5' as double), cast('1e3' as float), cast('-3.456' as decimal(5, 2));
--> struct<CAST(12 AS INT):int,CAST( 7  AS BIGINT):bigint,CAST(1.5 AS DOUBLE):double,CAST(1e3 AS FLOAT):float,CAST(-3.456 AS DECIMAL(5,2)):decimal(5,2)>
--> 12 | 7 | 1.5 | 1000.0 | -3.46

select cast(3.99 as int), cast(-3.99D as bigint), cast(true as int), cast(0 as boolean), cast('yes' as boolean);
--> struct<CAST(3.99 AS INT):int,CAST(-3.99 AS BIGINT):bigint,CAST(true AS INT):int,CAST(0 AS BOOLEAN):boolean,CAST(yes AS BOOLEAN):boolean>
--> 3 | -3 | 1 | false | true

select cast(1.0D as string), cast(1e20D as string), cast(0.1F as string), cast(123456789.125D as string), cast(-0.0D as string);
--> struct<CAST(1.0 AS STRING):string,CAST(1.0E20 AS STRING):string,CAST(0.1 AS STRING):string,CAST(1.23456789125E8 AS STRING):string,CAST(-0.0 AS STRING):string>
--> '1.0' | '1.0E20' | '0.1' | '1.23456789125E8' | '-0.0'

select cast(12.50 as string), cast(date '2024-03-01' as string), cast(timestamp '2024-03-01 10:20:30.5' as string);
--> struct<CAST(12.50 AS STRING):string,CAST(DATE '2024-03-01' AS STRING):string,CAST(TIMESTAMP '2024-03-01 10:20:30.5' AS STRING):string>
--> '12.50' | '2024-03-01' | '2024-03-01 10:20:30.5'

select cast('2024-2-9' as date), cast('2024-02-09 23:59:59.999999' as timestamp), cast('2024' as date);
--> struct<CAST(2024-2-9 AS DATE):date,CAST(2024-02-09 23:59:59.999999 AS TIMESTAMP):timestamp,CAST(2024 AS DATE):date>
--> 2024-02-09 | 2024-02-09 23:59:59.999999 | 2024-01-01

select cast('2024-02-09T10:00:00+02:00' as timestamp), cast(timestamp '2024-02-09 10:00:00' as date), cast(date '2024-02-09' as timestamp);
--> struct<CAST(2024-02-09T10:00:00+02:00 AS TIMESTAMP):timestamp,CAST(TIMESTAMP '2024-02-09 10:00:00' AS DATE):date,CAST(DATE '2024-02-09' AS TIMESTAMP):timestamp>
--> 2024-02-09 08:00:00 | 2024-02-09 | 2024-02-09 00:00:00

select cast(1700000000 as timestamp), cast(timestamp '2023-11-14 22:13:20' as bigint), cast(1.5D as timestamp);
--> struct<CAST(1700000000 AS TIMESTAMP):timestamp,CAST(TIMESTAMP '2023-11-14 22:13:20' AS BIGINT):bigint,CAST(1.5 AS TIMESTAMP):timestamp>
--> 2023-11-14 22:13:20 | 1700000000 | 1970-01-01 00:00:01.500000

select cast(array(1, null, 3) as array<string>), cast(map('a', 1) as map<string, double>);
--> struct<array(1, NULL, 3):array<string>,map(a, 1):map<string,double>>
--> ['1', NULL, '3'] | {'a': 1.0}

select cast(named_struct('a', 1, 'b', '2') as struct<x: string, y: int>) as s;
--> struct<s:struct<x:string,y:int>>
--> (x='1', y=2)

select cast('abc' as binary), cast(X'616263' as string), cast(array(1, 2) as string), cast(map(1, 'x') as string);
--> struct<CAST(abc AS BINARY):binary,CAST(X'616263' AS STRING):string,CAST(array(1, 2) AS STRING):string,CAST(map(1, x) AS STRING):string>
--> X'616263' | 'abc' | '[1, 2]' | '{1 -> x}'

select try_cast('x' as int), try_cast('300' as tinyint), try_cast('2024-13-01' as date), try_cast('9.5' as int);
--> struct<TRY_CAST(x AS INT):int,TRY_CAST(300 AS TINYINT):tinyint,TRY_CAST(2024-13-01 AS DATE):date,TRY_CAST(9.5 AS INT):int>
--> NULL | NULL | NULL | NULL

select cast('x' as int);
--> error CAST_INVALID_INPUT 22018

select cast('1.5' as int);
--> error CAST_INVALID_INPUT 22018

select cast(300 as tinyint);
--> error CAST_OVERFLOW 22003

select cast(3e9D as int);
--> error CAST_OVERFLOW 22003

select cast('2024-02-30' as date);
--> error CAST_INVALID_INPUT 22018

select cast(123.456 as decimal(4, 2));
--> error NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION 22003

select cast('maybe' as boolean);
--> error CAST_INVALID_INPUT 22018

select cast(array(1) as int);
--> error DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION 42K09

select 1 + '2', '3' * 1.5, 2 = '2', concat(1, true, 2.50);
--> struct<(1 + 2):bigint,(3 * 1.5):double,(2 = 2):boolean,concat(1, true, 2.50):string>
--> 3 | 4.5 | true | '1true2.50'

set spark.sql.ansi.enabled=false;

select cast('x' as int), cast(300 as tinyint), cast('2024-02-30' as date), cast(123.456 as decimal(4, 2));
--> struct<CAST(x AS INT):int,CAST(300 AS TINYINT):tinyint,CAST(2024-02-30 AS DATE):date,CAST(123.456 AS DECIMAL(4,2)):decimal(4,2)>
--> NULL | 44 | NULL | NULL

select 2147483647 + 1, 1 / 0, 5 % 0, cast('1.7' as int), array(1)[5];
--> struct<(2147483647 + 1):int,(1 / 0):double,(5 % 0):int,CAST(1.7 AS INT):int,array(1)[5]:int>
--> -2147483648 | NULL | NULL | 1 | NULL
