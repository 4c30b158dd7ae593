SELECT timestamp_seconds(4615731355817601682L);
--> error DATETIME_OVERFLOW 22008
SELECT timestamp_millis(4615731355817601682L);
--> error DATETIME_OVERFLOW 22008
SELECT timestamp_micros(-9223372036854775808L) - INTERVAL 1 MONTH;
--> error None None
SELECT timestamp_micros(-9223372036854775808L) - INTERVAL 1 DAY;
--> error None None
SELECT timestamp_micros(-9223372036854775808L) - INTERVAL 1 HOUR;
--> error None None
SELECT timestamp_micros(9223372036854775807L) + INTERVAL 1 MONTH;
--> error None None
SELECT timestamp_micros(9223372036854775807L) + INTERVAL 1 DAY;
--> error None None
SELECT timestamp_micros(9223372036854775807L) + INTERVAL '1' SECOND;
--> error None None
SELECT CAST(9223372036854775807L AS TIMESTAMP_NTZ);
--> error DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION 42K09
SELECT CAST(1e300D AS TIMESTAMP);
--> error CAST_OVERFLOW 22003
SELECT CAST(DATE'5881580-07-11' AS TIMESTAMP);
--> error None None
SELECT CAST(date_add(DATE'1970-01-01', 2147483647) AS TIMESTAMP);
--> error None None
SELECT date_add(DATE'1970-01-01', 2147483647) - DATE'0001-01-01';
--> error None None
SELECT add_months(DATE'2024-01-01', 2147483647);
--> error ARITHMETIC_OVERFLOW 22003
SELECT timestamp_micros(9223372036854775807L) - timestamp_micros(-9223372036854775808L);
--> error None None
SELECT CAST(date_add(DATE'1970-01-01', 2147483647) AS TIMESTAMP_NTZ);
--> error None None
SELECT CAST(1 AS TIMESTAMP) = try_add(DATE'1582-10-15', -2147483648);
--> error None None
SELECT timestampadd(MONTH, 2147483647, TIMESTAMP'2024-01-01');
--> error DATETIME_OVERFLOW 22008
SELECT timestampadd(YEAR, 2147483647, TIMESTAMP'2024-01-01');
--> error DATETIME_OVERFLOW 22008
SELECT timestampadd(DAY, 2147483647, TIMESTAMP'2024-01-01');
--> error DATETIME_OVERFLOW 22008
SELECT unix_micros(CAST(123456789012345 AS TIMESTAMP));
--> struct<unix_micros(CAST(123456789012345 AS TIMESTAMP)):bigint>
--> 9223372036854775807
SELECT date_trunc('year', timestamp_micros(-9223372036854775808L));
--> error None None
SELECT to_unix_timestamp(date_add(DATE'1970-01-01', 2147483647));
--> error None None
SELECT unix_date(date_add(DATE'1970-01-01', 2147483647));
--> struct<unix_date(date_add(DATE '1970-01-01', 2147483647)):int>
--> 2147483647
SELECT hour(date_add(DATE'1970-01-01', 2147483647));
--> error None None
SELECT from_unixtime(9223372036854775807L);
--> struct<from_unixtime(9223372036854775807, yyyy-MM-dd HH:mm:ss):string>
--> '1969-12-31 23:59:59'
SELECT from_unixtime(-9223372036854775808L);
--> struct<from_unixtime(-9223372036854775808, yyyy-MM-dd HH:mm:ss):string>
--> '1970-01-01 00:00:00'
SELECT months_between(date_add(DATE'1970-01-01', 2147483647), TIMESTAMP'2024-01-01');
--> error None None
SELECT date_format(date_add(DATE'1970-01-01', 2147483647), 'yyyy');
--> error None None
SELECT timestamp_micros(9223372036854775807L) - INTERVAL '-1' SECOND;
--> error None None
SELECT DATE'2024-01-01' + INTERVAL 2147483647 MONTH;
--> error ARITHMETIC_OVERFLOW 22003
SELECT DATE'2024-01-01' + INTERVAL '999999999' YEAR;
--> error INVALID_INTERVAL_FORMAT.ARITHMETIC_EXCEPTION 22006
SELECT INTERVAL '1' DAY * 9223372036854775807L;
--> error None None
SELECT INTERVAL '1' YEAR * 2147483647;
--> error None None
SELECT -CAST(-9223372036854775808L AS BIGINT);
--> error ARITHMETIC_OVERFLOW 22003
SELECT abs(-9223372036854775808L);
--> error ARITHMETIC_OVERFLOW 22003
SELECT CAST('999999-01-01' AS TIMESTAMP);
--> error CAST_INVALID_INPUT 22018
SELECT D & i FROM VALUES (1D, 2) AS t(d, i);
--> error DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES 42K09
SELECT s | i FROM VALUES ('1', 2) AS t(s, i);
--> struct<(s | i):bigint>
--> 3
SELECT s ^ s FROM VALUES ('1', 2) AS t(s, i);
--> error DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE 42K09
SELECT b & i FROM VALUES (true, 2) AS t(b, i);
--> error DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES 42K09
SELECT NULL & i FROM VALUES (true, 2) AS t(b, i);
--> struct<(NULL & i):int>
--> NULL
SELECT i & NULL FROM VALUES (true, 2) AS t(b, i);
--> struct<(i & NULL):int>
--> NULL
SELECT NULL ^ NULL;
--> struct<(NULL ^ NULL):int>
--> NULL
SELECT NULL | 1L;
--> struct<(NULL | 1):bigint>
--> NULL
SELECT d ^ d FROM VALUES (1D, 2) AS t(d, i);
--> error DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE 42K09
SELECT 1.5 & 1;
--> error DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES 42K09
SELECT 1Y & 1L;
--> struct<(1 & 1):bigint>
--> 1
SELECT DATE'2024-01-01' & 1;
--> error DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES 42K09
SELECT X'01' | X'02';
--> error DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE 42K09
SELECT map_concat(map('a',1), map(1S,2));
--> error DATATYPE_MISMATCH.DATA_DIFF_TYPES 42K09
SELECT map_concat(map('a',1), 3);
--> error DATATYPE_MISMATCH.MAP_CONCAT_DIFF_TYPES 42K09
SELECT map_concat(map('a',1), map('b', 2D));
--> struct<map_concat(map(a, 1), map(b, 2.0)):map<string,double>>
--> {'a': 1.0, 'b': 2.0}
SELECT map_concat(map('a',1), NULL);
--> error DATATYPE_MISMATCH.MAP_CONCAT_DIFF_TYPES 42K09
SELECT map_concat(map('a',1), array(1));
--> error DATATYPE_MISMATCH.MAP_CONCAT_DIFF_TYPES 42K09
SELECT map_concat(array(1), array(1));
--> error DATATYPE_MISMATCH.MAP_CONCAT_DIFF_TYPES 42K09
SELECT INTERVAL '1' DAY * 9223372036854775807L;
--> error None None
SELECT INTERVAL '1' YEAR * 2147483647;
--> error None None
SELECT INTERVAL '1' YEAR * 1e300D;
--> error None None
SELECT INTERVAL '1' DAY * 1e300D;
--> error None None
SELECT INTERVAL '1' DAY * 99999999999999999999BD;
--> error None None
SELECT INTERVAL '1' YEAR * 99999999999999999999BD;
--> error None None
SELECT INTERVAL '178956970' YEAR / 1e-300D;
--> error None None
SELECT INTERVAL '1' DAY / 1e-300D;
--> error None None
SELECT try_add('a', 1);
--> struct<try_add(a, 1):bigint>
--> NULL
SELECT try_add('1', 1);
--> struct<try_add(1, 1):bigint>
--> 2
SELECT try_add('1.5', 1);
--> struct<try_add(1.5, 1):bigint>
--> NULL
SELECT try_add('1.5', 1.5D);
--> struct<try_add(1.5, 1.5):double>
--> 3.0
SELECT try_add(s, 1) FROM VALUES ('a'), ('1'), (NULL) AS t(s);
--> struct<try_add(s, 1):bigint>
--> 2
--> NULL
--> NULL
SELECT try_add(s, 1.5) FROM VALUES ('a'), ('1'), (NULL) AS t(s);
--> struct<try_add(s, 1.5):double>
--> 2.5
--> NULL
--> NULL
SELECT try_add(s, s) FROM VALUES ('a'), ('1'), (NULL) AS t(s);
--> error DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE 42K09
SELECT try_subtract('a', 1);
--> struct<try_subtract(a, 1):bigint>
--> NULL
SELECT try_multiply('a', 1);
--> struct<try_multiply(a, 1):bigint>
--> NULL
SELECT try_multiply(s, 2L) FROM VALUES ('a'), ('1'), (NULL) AS t(s);
--> struct<try_multiply(s, 2):bigint>
--> 2
--> NULL
--> NULL
SELECT try_divide('a', 1);
--> struct<try_divide(a, 1):double>
--> NULL
SELECT try_divide(s, 0) FROM VALUES ('a'), ('1'), (NULL) AS t(s);
--> struct<try_divide(s, 0):double>
--> NULL
--> NULL
--> NULL
SELECT try_mod('a', 1);
--> struct<try_mod(a, 1):bigint>
--> NULL
SELECT try_mod(s, 0) FROM VALUES ('a'), ('1'), (NULL) AS t(s);
--> struct<try_mod(s, 0):bigint>
--> NULL
--> NULL
--> NULL
SELECT try_sum(s) FROM VALUES ('a'), ('1'), (NULL) AS t(s);
--> error CAST_INVALID_INPUT 22018
SELECT try_avg(s) FROM VALUES ('a'), ('1'), (NULL) AS t(s);
--> error CAST_INVALID_INPUT 22018
SELECT try_add(true, 1);
--> error DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES 42K09
SELECT try_add(DATE'2024-01-01', 'a');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT try_add(DATE'2024-01-01', '1');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT try_add(1, DATE'2024-01-01');
--> struct<try_add(1, DATE '2024-01-01'):date>
--> 2024-01-02
SELECT try_add(TIMESTAMP'2024-01-01', INTERVAL 1 DAY);
--> struct<try_add(TIMESTAMP '2024-01-01 00:00:00', INTERVAL '1' DAY):timestamp>
--> 2024-01-02 00:00:00
SELECT try_add(1, 1/0);
--> error DIVIDE_BY_ZERO 22012
SELECT try_add(1, CAST('a' AS INT));
--> error CAST_INVALID_INPUT 22018
SELECT try_divide(1/0, 1);
--> error DIVIDE_BY_ZERO 22012
SELECT try_multiply(2147483647 + 1, 1);
--> error ARITHMETIC_OVERFLOW 22003
SELECT sequence(TIMESTAMP'2024-01-02', TIMESTAMP'2024-01-01');
--> struct<sequence(TIMESTAMP '2024-01-02 00:00:00', TIMESTAMP '2024-01-01 00:00:00'):array<timestamp>>
--> [2024-01-02 00:00:00, 2024-01-01 00:00:00]
SELECT sequence(TIMESTAMP'2024-01-01', TIMESTAMP'2024-01-03');
--> struct<sequence(TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-01-03 00:00:00'):array<timestamp>>
--> [2024-01-01 00:00:00, 2024-01-02 00:00:00, 2024-01-03 00:00:00]
SELECT sequence(DATE'2024-01-03', DATE'2024-01-01');
--> struct<sequence(DATE '2024-01-03', DATE '2024-01-01'):array<date>>
--> [2024-01-03, 2024-01-02, 2024-01-01]
SELECT sequence(TIMESTAMP_NTZ'2024-01-03', TIMESTAMP_NTZ'2024-01-01');
--> struct<sequence(TIMESTAMP_NTZ '2024-01-03 00:00:00', TIMESTAMP_NTZ '2024-01-01 00:00:00'):array<timestamp_ntz>>
--> [2024-01-03 00:00:00, 2024-01-02 00:00:00, 2024-01-01 00:00:00]
SELECT sequence(TIMESTAMP'2024-01-02', TIMESTAMP'2024-01-01', INTERVAL 1 DAY);
--> error None None
SELECT sequence(TIMESTAMP'2024-01-02', NULL);
--> struct<sequence(TIMESTAMP '2024-01-02 00:00:00', NULL):array<timestamp>>
--> NULL
SELECT sequence(5, 1);
--> struct<sequence(5, 1):array<int>>
--> [5, 4, 3, 2, 1]
SELECT sequence(5, 1, 1);
--> error None None
SELECT sequence(1, 5, 0);
--> error None None
SELECT sequence(1, 1, 0);
--> struct<sequence(1, 1, 0):array<int>>
--> [1]
SELECT sequence(1Y, 5L);
--> struct<sequence(1, 5):array<bigint>>
--> [1, 2, 3, 4, 5]
SELECT sequence('1', 5);
--> struct<sequence(1, 5):array<bigint>>
--> [1, 2, 3, 4, 5]
SELECT to_timestamp(DATE'2024-01-01', 'yyyy');
--> struct<to_timestamp(DATE '2024-01-01', yyyy):timestamp>
--> 2024-01-01 00:00:00
SELECT to_timestamp(TIMESTAMP_NTZ'2024-01-01 01:02:03', 'yyyy');
--> struct<to_timestamp(TIMESTAMP_NTZ '2024-01-01 01:02:03', yyyy):timestamp>
--> 2024-01-01 01:02:03
SELECT to_timestamp(TIMESTAMP'2024-01-01 01:02:03', 'yyyy');
--> struct<to_timestamp(TIMESTAMP '2024-01-01 01:02:03', yyyy):timestamp>
--> 2024-01-01 01:02:03
SELECT to_timestamp(1);
--> struct<to_timestamp(1):timestamp>
--> 1970-01-01 00:00:01
SELECT to_timestamp(1.5D);
--> struct<to_timestamp(1.5):timestamp>
--> 1970-01-01 00:00:01.500000
SELECT to_timestamp(true);
--> error CAST_INVALID_INPUT 22018
SELECT to_timestamp(true, 'yyyy');
--> error CANNOT_PARSE_TIMESTAMP 22007
SELECT to_timestamp(DATE'2024-01-01');
--> struct<to_timestamp(DATE '2024-01-01'):timestamp>
--> 2024-01-01 00:00:00
SELECT to_date(TIMESTAMP'2024-01-01 01:02:03', 'yyyy');
--> struct<to_date(TIMESTAMP '2024-01-01 01:02:03', yyyy):date>
--> 2024-01-01
SELECT to_date(DATE'2024-01-01', 'yyyy');
--> struct<to_date(DATE '2024-01-01', yyyy):date>
--> 2024-01-01
SELECT to_date(1, 'yyyy');
--> error CANNOT_PARSE_TIMESTAMP 22007
SELECT to_date(1);
--> error CAST_INVALID_INPUT 22018
SELECT to_date(true, 'yyyy');
--> error CANNOT_PARSE_TIMESTAMP 22007
SELECT try_to_timestamp(DATE'2024-01-01', 'yyyy');
--> struct<try_to_timestamp(DATE '2024-01-01', yyyy):timestamp>
--> 2024-01-01 00:00:00
SELECT try_to_timestamp(TIMESTAMP_NTZ'2024-01-01 01:02:03', 'yyyy');
--> struct<try_to_timestamp(TIMESTAMP_NTZ '2024-01-01 01:02:03', yyyy):timestamp>
--> 2024-01-01 01:02:03
SELECT try_to_timestamp(true, 'yyyy');
--> struct<try_to_timestamp(true, yyyy):timestamp>
--> NULL
SELECT try_to_timestamp(true);
--> struct<try_to_timestamp(true):timestamp>
--> NULL
SELECT try_to_date(true, 'yyyy');
--> struct<try_to_date(true, yyyy):date>
--> NULL
SELECT try_to_date(1, 'yyyy');
--> struct<try_to_date(1, yyyy):date>
--> NULL
SELECT unix_timestamp(true, 'yyyy');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT unix_timestamp(1, 'yyyy');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT unix_timestamp(1);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT unix_timestamp(true);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT unix_timestamp(1.5, 'yyyy');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT unix_timestamp(array(1), 'yyyy');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT unix_timestamp(DATE'2024-01-01', 1);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT unix_timestamp('2024', 1);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT unix_timestamp(NULL, 'yyyy');
--> struct<unix_timestamp(NULL, yyyy):bigint>
--> NULL
SELECT to_unix_timestamp(true, 'yyyy');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT to_unix_timestamp(1.5D);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT to_unix_timestamp(TIMESTAMP_NTZ'2024-01-01 01:02:03');
--> struct<to_unix_timestamp(TIMESTAMP_NTZ '2024-01-01 01:02:03', yyyy-MM-dd HH:mm:ss):bigint>
--> 1704070923
SELECT date_part(s, TIMESTAMP'2024-01-01') FROM VALUES ('year') AS t(s);
--> error NON_FOLDABLE_ARGUMENT 42K08
SELECT date_part(NULL, TIMESTAMP'2024-01-01');
--> struct<date_part(NULL, TIMESTAMP '2024-01-01 00:00:00'):double>
--> NULL
SELECT date_part(1, TIMESTAMP'2024-01-01');
--> error NON_FOLDABLE_ARGUMENT 42K08
SELECT date_part('foo', TIMESTAMP'2024-01-01');
--> error INVALID_EXTRACT_FIELD 42601
SELECT date_part('year', 1);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT date_part('year', 'abc');
--> error CAST_INVALID_INPUT 22018
SELECT date_part('year', '2024-01-01');
--> struct<date_part(year, 2024-01-01):int>
--> 2024
SELECT date_part(lower('YEAR'), DATE'2024-01-01');
--> struct<date_part(lower(YEAR), DATE '2024-01-01'):int>
--> 2024
SELECT datepart(s, TIMESTAMP'2024-01-01') FROM VALUES ('year') AS t(s);
--> error NON_FOLDABLE_ARGUMENT 42K08
SELECT extract(foo FROM TIMESTAMP'2024-01-01');
--> error INVALID_EXTRACT_FIELD 42601
SELECT map_contains_key(map('a', 1), 1);
--> error DATATYPE_MISMATCH.MAP_FUNCTION_DIFF_TYPES 42K09
SELECT map_contains_key(map('a', 1), NULL);
--> error DATATYPE_MISMATCH.NULL_TYPE 42K09
SELECT map_contains_key(NULL, 1);
--> error DATATYPE_MISMATCH.MAP_FUNCTION_DIFF_TYPES 42K09
SELECT map_contains_key(map(), 1);
--> struct<map_contains_key(map(), 1):boolean>
--> false
SELECT map_contains_key(1, 1);
--> error DATATYPE_MISMATCH.MAP_FUNCTION_DIFF_TYPES 42K09
SELECT map_contains_key(map(1, 1), 1L);
--> struct<map_contains_key(map(1, 1), 1):boolean>
--> true
SELECT map_contains_key(map(1L, 1), 1);
--> struct<map_contains_key(map(1, 1), 1):boolean>
--> true
SELECT map_contains_key(map(1, 1), '1');
--> error DATATYPE_MISMATCH.MAP_FUNCTION_DIFF_TYPES 42K09
SELECT map_contains_key(map(map(1,2), 1), map(1,2));
--> error DATATYPE_MISMATCH.INVALID_MAP_KEY_TYPE 42K09
SELECT array_join(NULL, ',');
--> struct<array_join(NULL, ,):string>
--> NULL
SELECT array_join(array('a'), NULL);
--> struct<array_join(array(a), NULL):string>
--> NULL
SELECT array_join(array('a', NULL), ',', NULL);
--> struct<array_join(array(a, NULL), ,, NULL):string>
--> NULL
SELECT array_join(array(1, 2), ',');
--> struct<array_join(array(1, 2), ,):string>
--> '1,2'
SELECT array_join(array(array('a')), ',');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT array_join('a', ',');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT array_join(array(), ',');
--> struct<array_join(array(), ,):string>
--> ''
SELECT array_join(array(NULL), ',');
--> struct<array_join(array(NULL), ,):string>
--> ''
SELECT array_join(array('a'), 1);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT array_repeat('a', '2');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT array_repeat('a', 2L);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT array_repeat('a', 2.5);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT array_repeat('a', 2Y);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT array_repeat('a', NULL);
--> struct<array_repeat(a, NULL):array<string>>
--> NULL
SELECT array_repeat('a', true);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT array_repeat('a', -1);
--> struct<array_repeat(a, -1):array<string>>
--> []
SELECT array_repeat('a', 1.5D);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT array_repeat(NULL, 2);
--> struct<array_repeat(NULL, 2):array<void>>
--> [NULL, NULL]
SELECT array_repeat('a', DATE'2024-01-01');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT sort_array(array(1, 2), a) FROM VALUES (1) AS t(a);
--> error DATATYPE_MISMATCH.NON_FOLDABLE_INPUT 42K09
SELECT sort_array(array(1, 2), 1);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT regr_count(a, 1) FROM VALUES (DATE'2024-01-01') AS t(a);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT regr_count('1', 1);
--> struct<regr_count(1, 1):bigint>
--> 1
SELECT listagg(X'61', ' ');
--> error DATATYPE_MISMATCH.DATA_DIFF_TYPES 42K09
SELECT listagg('a', array(1));
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT listagg('a', X'2C');
--> error DATATYPE_MISMATCH.DATA_DIFF_TYPES 42K09
