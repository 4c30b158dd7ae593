-- Values and types of functions where an implementation easily differs: last digits, odd arguments, bytes that are no text.
select c, 'a' in (c, 'a'), 5 in (length(c), 5), null in (c, 'x') from values ('x'), ('y'), (null) v(c);
--> struct<c:string,(a IN (c, a)):boolean,(5 IN (length(c), 5)):boolean,(NULL IN (c, x)):boolean>
--> 'x' | true | true | NULL
--> 'y' | true | true | NULL
--> NULL | true | true | NULL

select stddev_pop(x), var_pop(x), skewness(x), kurtosis(x), covar_pop(x, x), corr(x, x), avg(x) from values (1e300D) v(x);
--> struct<stddev_pop(x):double,var_pop(x):double,skewness(x):double,kurtosis(x):double,covar_pop(x, x):double,corr(x, x):double,avg(x):double>
--> 0.0 | 0.0 | NULL | NULL | 0.0 | NULL | 1e+300

select k, stddev_samp(x), kurtosis(x), corr(x, -x) from values (1, 1e300D), (1, 2e300D), (2, 1D), (2, 3D), (2, 7.5D) v(k, x) group by k;
--> struct<k:int,stddev_samp(x):double,kurtosis(x):double,corr(x, (- x)):double>
--> 1 | inf | nan | nan
--> 2 | 3.3291640592396967 | -1.4999999999999996 | -1.0

select exp(1), ln(0.77), pow(0.247, 6.63), cbrt(-0.4463), hypot(0.5, 14.89), acosh(-1e10), asinh(1e200), atan2(710.0, -5.98);
--> struct<EXP(1):double,ln(0.77):double,pow(0.247, 6.63):double,CBRT(-0.4463):double,HYPOT(0.5, 14.89):double,ACOSH(-1.0E10):double,ASINH(1.0E200):double,ATAN2(710.0, -5.98):double>
--> 2.7182818284590455 | -0.2613647641344075 | 9.409808824287348e-05 | -0.7642033942174018 | 14.898392530739685 | nan | 461.2101657793691 | 1.5792186628522868

select sin(0.44045), cos(-0.9587), sin(1e22), cos(-123456.789), sinh(0.2032), tanh(-0.2);
--> struct<SIN(0.44045):double,COS(-0.9587):double,SIN(1.0E22):double,COS(-123456.789):double,SINH(0.2032):double,TANH(-0.2):double>
--> 0.4263465601743376 | 0.5745844501869674 | -0.8522008497671888 | 0.05167253271870138 | 0.20460125257121511 | -0.197375320224904

select sign(interval '0.5' second), signum(interval '-1' minute), sign(interval '0' month), sign(interval '-3' year);
--> struct<sign(INTERVAL '00.5' SECOND):double,SIGNUM(INTERVAL '-01' MINUTE):double,sign(INTERVAL '0' MONTH):double,sign(INTERVAL '-3' YEAR):double>
--> 1.0 | -1.0 | 0.0 | -1.0

select cast(round(c, 1) as string), cast(bround(c, 1) as string), cast(round(c) as string) from values (-0.0F), (-0.04F) v(c);
--> struct<CAST(round(c, 1) AS STRING):string,CAST(bround(c, 1) AS STRING):string,CAST(round(c, 0) AS STRING):string>
--> '0.0' | '0.0' | '0.0'
--> '0.0' | '0.0' | '0.0'

select cast('epoch' as date), year(' EPOCH '), cast('epoch UTC' as timestamp), try_cast('now UTC' as date);
--> struct<CAST(epoch AS DATE):date,year( EPOCH ):int,CAST(epoch UTC AS TIMESTAMP):timestamp,TRY_CAST(now UTC AS DATE):date>
--> 1970-01-01 | 1970 | 1970-01-01 00:00:00 | NULL

select cast('epoch' as date) from values ('epoch') v(c) where cast(c as date) is null;
--> error CAST_INVALID_INPUT 22018

select hex(upper(cast(X'FF61' as string))), hex(lower(cast(X'EDA080' as string))), hex(translate(cast(X'EDA080' as string), 'a', 'b'));
--> struct<hex(upper(CAST(X'FF61' AS STRING))):string,hex(lower(CAST(X'EDA080' AS STRING))):string,hex(translate(CAST(X'EDA080' AS STRING), a, b)):string>
--> 'EFBFBD41' | 'EFBFBDEFBFBDEFBFBD' | 'EFBFBD'

select hex(split(cast(X'FF61' as string), 'x')[0]), hex(split(cast(X'FF61' as string), '')[0]), hex(split_part(cast(X'80' as string), 'x', 1)), hex(regexp_replace(cast(X'E28261' as string), 'a', 'b')), regexp_count(cast(X'F0808080' as string), '.'), cast(X'80' as string) like '_', cast(X'EDA080' as string) ilike '_';
--> struct<hex(split(CAST(X'FF61' AS STRING), x, -1)[0]):string,hex(split(CAST(X'FF61' AS STRING), , -1)[0]):string,hex(split_part(CAST(X'80' AS STRING), x, 1)):string,hex(regexp_replace(CAST(X'E28261' AS STRING), a, b, 1)):string,regexp_count(CAST(X'F0808080' AS STRING), .):int,CAST(X'80' AS STRING) LIKE _:boolean,ilike(CAST(X'EDA080' AS STRING), _):boolean>
--> 'EFBFBD61' | 'FF' | 'EFBFBD' | 'EFBFBD62' | 4 | true | false

select hex(format_string('%s', cast(X'FF61' as string))), hex(encode(cast(X'FF61' as string), 'utf-8')), to_json(named_struct('a', cast(X'E28261' as string))), from_json(concat('{"a":"', cast(X'FF61' as string), '"}'), 'a string').a;
--> struct<hex(format_string(%s, CAST(X'FF61' AS STRING))):string,hex(encode(CAST(X'FF61' AS STRING), utf-8)):string,to_json(named_struct(a, CAST(X'E28261' AS STRING))):string,from_json(concat({"a":", CAST(X'FF61' AS STRING), "})).a:string>
--> 'EFBFBD61' | 'EFBFBD61' | '{"a":"�a"}' | '�a'

select format_string('%S|%G|%3s|%a|%h|%#o|%,.2f|%(d', 'é', double('-Infinity'), '😀', 1.5D, 'abc', 9, 1234567.891D, -5);
--> struct<format_string(%S|%G|%3s|%a|%h|%#o|%,.2f|%(d, é, -Infinity, 😀, 1.5, abc, 9, 1234567.891, -5):string>
--> 'É|-INFINITY| 😀|0x1.8p0|4ed2cbb4|011|1,234,567.89|(5)'

select format_string('%.1e|%10.3f|%.0f|%b|%5d', cast(null as string), null, null, null, null), format_string('%.10e %g %020a', 1.1F, 999999.9D, 1.5D);
--> struct<format_string(%.1e|%10.3f|%.0f|%b|%5d, CAST(NULL AS STRING), NULL, NULL, NULL, NULL):string,format_string(%.10e %g %020a, 1.1, 999999.9, 1.5):string>
--> 'n|       nul||false| null' | '1.1000000238e+00 1.00000e+06 0x00000000000001.8p0'

select format_string('%#.0e|%-8s|%08.2f|%<s %1$s|%n%%|%c', 1.5D, 'ab', -1.5D, 65);
--> struct<format_string(%#.0e|%-8s|%08.2f|%<s %1$s|%n%%|%c, 1.5, ab, -1.5, 65):string>
--> '2.e+00|ab      |-0001.50|-1.5 1.5|\n%|A'

select format_string('%,e', 1D);
--> error None None

select format_string('%-d', 1);
--> error None None

select format_string('%0$s', 1);
--> error INVALID_PARAMETER_VALUE.ZERO_INDEX 22023

select format_string('%.2d', 1);
--> error None None

select unix_micros(timestamp_seconds(1e20D)), unix_micros(timestamp_seconds(-1e20D)), timestamp_seconds(double('NaN'));
--> struct<unix_micros(timestamp_seconds(1.0E20)):bigint,unix_micros(timestamp_seconds(-1.0E20)):bigint,timestamp_seconds(NaN):timestamp>
--> 9223372036854775807 | -9223372036854775808 | NULL

select timestamp_seconds(1.23456789BD);
--> error None None

select unix_micros(try_cast(-99999999999999999999999999999999999999BD as timestamp)), unix_micros(cast(12345678901234567890123456789012.345678BD as timestamp)), try_cast(1e20D as timestamp);
--> struct<unix_micros(TRY_CAST(-99999999999999999999999999999999999999 AS TIMESTAMP)):bigint,unix_micros(CAST(12345678901234567890123456789012.345678 AS TIMESTAMP)):bigint,TRY_CAST(1.0E20 AS TIMESTAMP):timestamp>
--> -80237960548581376 | -4302749291975736272 | NULL

select cast(timestamp'9999-12-31 23:59:59.999999' as decimal(38,18)), cast(timestamp'2024-01-01 00:00:00.999999' as decimal(12,2));
--> struct<CAST(TIMESTAMP '9999-12-31 23:59:59.999999' AS DECIMAL(38,18)):decimal(38,18),CAST(TIMESTAMP '2024-01-01 00:00:00.999999' AS DECIMAL(12,2)):decimal(12,2)>
--> 253402300799.999999000000000000 | 1704067201.00

select get_json_object('{"a":{"b":"1"},"a ":7}', '$. a'), get_json_object('{"a":{"b":2}}', '$. a. b'), get_json_object('[3,4]', '$[ 1]'), get_json_object('[3,4]', '$[1 ]'), get_json_object('{"a":1,"a ":7}', '$.a ');
--> struct<get_json_object({"a":{"b":"1"},"a ":7}, $. a):string,get_json_object({"a":{"b":2}}, $. a. b):string,get_json_object([3,4], $[ 1]):string,get_json_object([3,4], $[1 ]):string,get_json_object({"a":1,"a ":7}, $.a ):string>
--> '{"b":"1"}' | '2' | '4' | NULL | '7'

select regexp_replace('é-²a_b', '\\b', '|'), regexp_replace('a_́b', '\\b', '|'), regexp_replace('éé', '\\B', '|'), regexp_count('foo bar foo', '\\bfoo\\b');
--> struct<regexp_replace(é-²a_b, \b, |, 1):string,regexp_replace(a_́b, \b, |, 1):string,regexp_replace(éé, \B, |, 1):string,regexp_count(foo bar foo, \bfoo\b):int>
--> '|é|-²|a_b|' | '|a_|́|b|' | 'é|é' | 2

select date_trunc('dow', 'x'), trunc('x', 'hour'), make_date('abc', 7, null);
--> struct<date_trunc(dow, x):timestamp,trunc(x, hour):date,make_date(abc, 7, NULL):date>
--> NULL | NULL | NULL

select decode(c, 'a', 1, 'b', 2), decode(c, 'a', 1.5, 'b', 2), decode(c, 'x', 1, 2) from values ('a') v(c);
--> struct<decode(c, a, 1, b, 2):bigint,decode(c, a, 1.5, b, 2):double,decode(c, x, 1, 2):int>
--> 1 | 1.5 | 2

select concat_ws(',', array(0.5D, 1D), array(true), array(date'2024-01-01')), lpad(X'61', 3, 'b'), lpad(X'61', 3, X'62'), map_entries(null), map_keys(map(1, 2));
--> struct<concat_ws(,, array(0.5, 1.0), array(true), array(DATE '2024-01-01')):string,lpad(X'61', 3, b):string,lpad(X'61', 3, X'62'):binary,map_entries(NULL):array<struct<key:void,value:void>>,map_keys(map(1, 2)):array<int>>
--> '0.5,1.0,true,2024-01-01' | 'bba' | X'626261' | NULL | [1]

select array_remove(array(1), cast(1 as decimal(18,0))), sequence('2024-01-01', date'2024-01-03', interval 1 day), sequence(1, '3');
--> struct<array_remove(array(1), CAST(1 AS DECIMAL(18,0))):array<decimal(18,0)>,sequence(2024-01-01, DATE '2024-01-03', INTERVAL '1' DAY):array<date>,sequence(1, 3):array<bigint>>
--> [] | [2024-01-01, 2024-01-02, 2024-01-03] | [1, 2, 3]

select unix_date('2024-01-01');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select unix_date(timestamp_ntz'2024-01-01 00:00:00');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select soundex(1);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select sort_array(array(2, 1), c) from values (true) v(c);
--> error DATATYPE_MISMATCH.NON_FOLDABLE_INPUT 42K09

select array_remove(array(1.5BD), cast(1 as decimal(18,0)));
--> error DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES 42K09

select array_intersect(array(0.5BD), array(2.345BD));
--> error DATATYPE_MISMATCH.BINARY_ARRAY_DIFF_TYPES 42K09

select overlay(X'61', 'b', 1);
--> error DATATYPE_MISMATCH.DATA_DIFF_TYPES 42K09

select timestampdiff(dayofyear, date'2012-01-01', date'2012-01-02');
--> error INVALID_PARAMETER_VALUE.DATETIME_UNIT 22023

select floor(2.5, c) from values (1) v(c);
--> error NON_FOLDABLE_ARGUMENT 42K08

select unbase64('====');
--> error None None

select 1 and 'x';
--> error DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE 42K09

select array_insert(array(1), null, 1);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select width_bucket(1, 2, interval '1' day, 4);
--> error DATATYPE_MISMATCH.DATA_DIFF_TYPES 42K09

select sequence(null, null);
--> error DATATYPE_MISMATCH.SEQUENCE_WRONG_INPUT_TYPES 42K09

select sum(t), avg(t) from values (timestamp'2024-01-01 00:00:00') v(t);
--> struct<sum(t):double,avg(t):double>
--> 1704067200.0 | 1704067200.0
