SELECT make_dt_interval(0, 0, 0, 1e12);
--> error NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION 22003
SELECT make_dt_interval(106751991, 4, 0, 54.775807), make_dt_interval(-106751991, -4, 0, -54.775808);
--> struct<make_dt_interval(106751991, 4, 0, 54.775807):interval day to second,make_dt_interval(-106751991, -4, 0, -54.775808):interval day to second>
--> 106751991 days, 4:00:54.775807 | -106751992 days, 19:59:05.224192
SELECT make_dt_interval(106751992, -24, 0, 0);
--> error INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION 22015
SELECT CAST(make_ym_interval(1, 2) AS STRING), CAST(make_ym_interval() AS STRING), CAST(make_ym_interval(178956970, 7) AS STRING), CAST(make_ym_interval(-178956970, -8) AS STRING), CAST(make_ym_interval(NULL, 1) AS STRING);
--> struct<CAST(make_ym_interval(1, 2) AS STRING):string,CAST(make_ym_interval(0, 0) AS STRING):string,CAST(make_ym_interval(178956970, 7) AS STRING):string,CAST(make_ym_interval(-178956970, -8) AS STRING):string,CAST(make_ym_interval(NULL, 1) AS STRING):string>
--> "INTERVAL '1-2' YEAR TO MONTH" | "INTERVAL '0-0' YEAR TO MONTH" | "INTERVAL '178956970-7' YEAR TO MONTH" | "INTERVAL '-178956970-8' YEAR TO MONTH" | NULL
SELECT CAST(make_ym_interval(178956971, -12) AS STRING);
--> error INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION 22015
SELECT CAST(make_ym_interval(y, m) AS STRING) FROM VALUES (1, 2), (NULL, 1), (0, -1) AS t(y, m);
--> struct<CAST(make_ym_interval(y, m) AS STRING):string>
--> "INTERVAL '-0-1' YEAR TO MONTH"
--> "INTERVAL '1-2' YEAR TO MONTH"
--> NULL
SELECT make_dt_interval(1, 12, 30, 01.001001);
--> struct<make_dt_interval(1, 12, 30, 1.001001):interval day to second>
--> 1 day, 12:30:01.001001
SELECT make_dt_interval(2), make_dt_interval(100, null, 3), make_dt_interval(), make_dt_interval(1, 2), make_dt_interval(-1, -2, -3, -4.5), make_dt_interval(0, 0, 0, 0.1234567);
--> struct<make_dt_interval(2, 0, 0, 0.000000):interval day to second,make_dt_interval(100, NULL, 3, 0.000000):interval day to second,make_dt_interval(0, 0, 0, 0.000000):interval day to second,make_dt_interval(1, 2, 0, 0.000000):interval day to second,make_dt_interval(-1, -2, -3, -4.5):interval day to second,make_dt_interval(0, 0, 0, 0.1234567):interval day to second>
--> 2 days, 0:00:00 | NULL | 0:00:00 | 1 day, 2:00:00 | -2 days, 21:56:55.500000 | 0:00:00.123457
SELECT make_dt_interval(2147483647), make_dt_interval(106751991, 4, 0, 54.775807);
--> error INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION 22015
SELECT make_dt_interval(106751992);
--> error INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION 22015
SELECT make_dt_interval(2147483647, 2147483647, 2147483647, 999999999999);
--> error INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION 22015
SELECT make_dt_interval('1', '2');
--> struct<make_dt_interval(1, 2, 0, 0.000000):interval day to second>
--> 1 day, 2:00:00
SELECT make_dt_interval('a');
--> error CAST_INVALID_INPUT 22018
SELECT make_dt_interval(1L, 2, 3, 4D);
--> struct<make_dt_interval(1, 2, 3, 4.0):interval day to second>
--> 1 day, 2:03:04
SELECT make_dt_interval(true);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT make_dt_interval(1,2,3,4,5);
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
SELECT make_dt_interval(d, h, m, s) FROM VALUES (1, 2, 3, 4.5), (NULL, 1, 1, 1.0), (0, 0, 0, -0.000001) AS t(d, h, m, s);
--> struct<make_dt_interval(d, h, m, s):interval day to second>
--> -1 day, 23:59:59.999999
--> 1 day, 2:03:04.500000
--> NULL
SELECT make_ym_interval(1, 2), make_ym_interval(1, 0), make_ym_interval(-1, 1), make_ym_interval(2), make_ym_interval(), make_ym_interval(NULL, 1);
--> error NOT_IMPLEMENTED 0A000
SELECT make_ym_interval(178956970, 8);
--> error INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION 22015
SELECT make_ym_interval(-178956970, -9);
--> error INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION 22015
SELECT make_ym_interval(178956970, 7), make_ym_interval(-178956970, -8);
--> error NOT_IMPLEMENTED 0A000
SELECT make_ym_interval(1,2,3);
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
SELECT make_ym_interval('1', '2');
--> error NOT_IMPLEMENTED 0A000
SELECT make_ym_interval(array(1));
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT make_ym_interval(y, m) FROM VALUES (1, 2), (NULL, 1), (0, -1) AS t(y, m);
--> error NOT_IMPLEMENTED 0A000
SELECT CAST(make_interval(100, 11, 1, 1, 12, 30, 01.001001) AS STRING);
--> struct<CAST(make_interval(100, 11, 1, 1, 12, 30, 1.001001) AS STRING):string>
--> '100 years 11 months 8 days 12 hours 30 minutes 1.001001 seconds'
SELECT CAST(make_interval(100, null, 3) AS STRING), CAST(make_interval(0, 1, 0, 1, 0, 0, 100.000001) AS STRING), CAST(make_interval() AS STRING), CAST(make_interval(1) AS STRING);
--> struct<CAST(make_interval(100, NULL, 3, 0, 0, 0, 0.000000) AS STRING):string,CAST(make_interval(0, 1, 0, 1, 0, 0, 100.000001) AS STRING):string,CAST(make_interval(0, 0, 0, 0, 0, 0, 0.000000) AS STRING):string,CAST(make_interval(1, 0, 0, 0, 0, 0, 0.000000) AS STRING):string>
--> NULL | '1 months 1 days 1 minutes 40.000001 seconds' | '0 seconds' | '1 years'
SELECT CAST(make_interval(-1, -2, -3, -4, -5, -6, -7.5) AS STRING);
--> struct<CAST(make_interval(-1, -2, -3, -4, -5, -6, -7.5) AS STRING):string>
--> '-1 years -2 months -25 days -5 hours -6 minutes -7.5 seconds'
SELECT CAST(make_interval(2147483647) AS STRING);
--> error ARITHMETIC_OVERFLOW 22003
SELECT CAST(make_interval(0, 0, 2147483647) AS STRING);
--> error ARITHMETIC_OVERFLOW 22003
SELECT CAST(make_interval(0, 0, 0, 0, 2147483647, 2147483647, 999999999999.999999) AS STRING);
--> struct<CAST(make_interval(0, 0, 0, 0, 2147483647, 2147483647, 999999999999.999999) AS STRING):string>
--> '2461052818 hours 53 minutes 39.999999 seconds'
SELECT CAST(make_interval(1, 2, 3, 4, 5, 6, 7.0000009) AS STRING);
--> struct<CAST(make_interval(1, 2, 3, 4, 5, 6, 7.0000009) AS STRING):string>
--> '1 years 2 months 25 days 5 hours 6 minutes 7.000001 seconds'
SELECT CAST(make_interval('1') AS STRING);
--> struct<CAST(make_interval(1, 0, 0, 0, 0, 0, 0.000000) AS STRING):string>
--> '1 years'
SELECT make_interval(1,2,3,4,5,6,7,8);
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
SELECT date'2020-01-01' + make_interval(1, 1, 1, 1), timestamp'2020-01-01 00:00:00' + make_interval(0, 0, 0, 0, 1);
--> struct<DATE '2020-01-01' + make_interval(1, 1, 1, 1, 0, 0, 0.000000):date,TIMESTAMP '2020-01-01 00:00:00' + make_interval(0, 0, 0, 0, 1, 0, 0.000000):timestamp>
--> 2021-02-09 | 2020-01-01 01:00:00
SELECT CAST(make_interval(y) AS STRING) FROM VALUES (1), (NULL) AS t(y);
--> struct<CAST(make_interval(y, 0, 0, 0, 0, 0, 0.000000) AS STRING):string>
--> '1 years'
--> NULL
SELECT CAST(try_make_interval(2147483647) AS STRING), CAST(try_make_interval(1, 2, 3) AS STRING), CAST(try_make_interval(0, 0, 2147483647) AS STRING);
--> struct<CAST(try_make_interval(2147483647, 0, 0, 0, 0, 0, 0.000000) AS STRING):string,CAST(try_make_interval(1, 2, 3, 0, 0, 0, 0.000000) AS STRING):string,CAST(try_make_interval(0, 0, 2147483647, 0, 0, 0, 0.000000) AS STRING):string>
--> NULL | '1 years 2 months 21 days' | NULL
SELECT CAST(try_make_interval() AS STRING);
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
SELECT typeof(make_interval(1)), typeof(try_make_interval(1)), typeof(make_dt_interval(1)), typeof(make_ym_interval(1));
--> struct<typeof(make_interval(1, 0, 0, 0, 0, 0, 0.000000)):string,typeof(try_make_interval(1, 0, 0, 0, 0, 0, 0.000000)):string,typeof(make_dt_interval(1, 0, 0, 0.000000)):string,typeof(make_ym_interval(1, 0)):string>
--> 'interval' | 'interval' | 'interval day to second' | 'interval year to month'
SET spark.sql.ansi.enabled=false;
SELECT CAST(make_interval(2147483647) AS STRING), CAST(make_interval(1) AS STRING);
--> struct<CAST(make_interval(2147483647, 0, 0, 0, 0, 0, 0.000000) AS STRING):string,CAST(make_interval(1, 0, 0, 0, 0, 0, 0.000000) AS STRING):string>
--> NULL | '1 years'
SELECT CAST(make_interval(y) AS STRING) FROM VALUES (1), (2147483647) AS t(y);
--> struct<CAST(make_interval(y, 0, 0, 0, 0, 0, 0.000000) AS STRING):string>
--> '1 years'
--> NULL
SELECT CAST(try_make_interval(1) AS STRING);
--> struct<CAST(try_make_interval(1, 0, 0, 0, 0, 0, 0.000000) AS STRING):string>
--> '1 years'
SELECT make_ym_interval(178956970, 8);
--> error INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION 22015
SELECT make_dt_interval(106751992);
--> error INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION 22015
SELECT make_ym_interval('a', 1), make_dt_interval('a');
--> error NOT_IMPLEMENTED 0A000
