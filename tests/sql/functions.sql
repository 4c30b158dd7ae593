-- Scalar functions and operators.
select 7 / 2, 7 div 2, 7 % 3, -7 % 3, pmod(-7, 3), -7 div 2, 2 * 3.50, 1.10 + 2.205, 10.00 / 3;
--> struct<(7 / 2):double,(7 div 2):bigint,(7 % 3):int,(-7 % 3):int,pmod(-7, 3):int,(-7 div 2):bigint,(2 * 3.50):decimal(5,2),(1.10 + 2.205):decimal(5,3),(10.00 / 3):decimal(8,6)>
--> 3.5 | 3 | 1 | -1 | 2 | -3 | 7.00 | 3.305 | 3.333333

select abs(-2), sign(-1.5), floor(-1.5), ceil(1.2), round(2.5), round(-2.345, 2), bround(2.5), sqrt(2), power(2, 10);
--> struct<abs(-2):int,sign(-1.5):double,FLOOR(-1.5):decimal(2,0),CEIL(1.2):decimal(2,0),round(2.5, 0):decimal(2,0),round(-2.345, 2):decimal(4,2),bround(2.5, 0):decimal(2,0),SQRT(2):double,POWER(2, 10):double>
--> 2 | -1.0 | -2 | 2 | 3 | -2.35 | 2 | 1.4142135623730951 | 1024.0

select round(exp(1), 12), ln(10), log10(1000), log2(8), sin(0), cos(0), pi(), degrees(pi()), greatest(1, null, 3), least(2, 1.5);
--> struct<round(EXP(1), 12):double,ln(10):double,LOG10(1000):double,LOG2(8):double,SIN(0):double,COS(0):double,PI():double,DEGREES(PI()):double,greatest(1, NULL, 3):int,least(2, 1.5):decimal(11,1)>
--> 2.718281828459 | 2.302585092994046 | 3.0 | 3.0 | 0.0 | 1.0 | 3.141592653589793 | 180.0 | 3 | 1.5

select 5 & 3, 5 | 3, 5 ^ 3, ~5, shiftleft(1, 4), shiftright(-16, 2), bit_count(255), hex(255), unhex('4D');
--> struct<(5 & 3):int,(5 | 3):int,(5 ^ 3):int,~5:int,shiftleft(1, 4):int,shiftright(-16, 2):int,bit_count(255):int,hex(255):string,unhex(4D):binary>
--> 1 | 7 | 6 | -6 | 16 | -4 | 8 | 'FF' | X'4d'

select conv('ff', 16, 10), conv('-10', 10, 2);
--> struct<conv(ff, 16, 10):string,conv(-10, 10, 2):string>
--> '255' | '1111111111111111111111111111111111111111111111111111111111110110'

select length('héllo'), octet_length('héllo'), upper('straße'), lower('ÀB'), initcap('the big CAT'), reverse('añb');
--> struct<length(héllo):int,octet_length(héllo):int,upper(straße):string,lower(ÀB):string,initcap(the big CAT):string,reverse(añb):string>
--> 5 | 6 | 'STRASSE' | 'àb' | 'The Big Cat' | 'bña'

select substring('Forebay', 2, 3), substr('Forebay', -3), left('abc', 2), right('abc', 2), instr('banana', 'an'), locate('an', 'banana', 3);
--> struct<substring(Forebay, 2, 3):string,substr(Forebay, -3, 2147483647):string,left(abc, 2):string,right(abc, 2):string,instr(banana, an):int,locate(an, banana, 3):int>
--> 'ore' | 'bay' | 'ab' | 'bc' | 2 | 4

select trim('  a '), ltrim('  a'), rtrim('a  '), trim(both 'x' from 'xxaxx'), lpad('7', 3, '0'), rpad('ab', 5, 'xy'), repeat('ab', 3);
--> struct<trim(  a ):string,ltrim(  a):string,rtrim(a  ):string,TRIM(BOTH x FROM xxaxx):string,lpad(7, 3, 0):string,rpad(ab, 5, xy):string,repeat(ab, 3):string>
--> 'a' | 'a' | 'a' | 'a' | '007' | 'abxyx' | 'ababab'

select concat('a', null, 'b'), concat_ws('-', 'a', null, 'b', array('c', 'd')), 'a' || 'b', replace('banana', 'an', 'AN'), translate('abc', 'ab', 'x');
--> struct<concat(a, NULL, b):string,concat_ws(-, a, NULL, b, array(c, d)):string,concat(a, b):string,replace(banana, an, AN):string,translate(abc, ab, x):string>
--> NULL | 'a-b-c-d' | 'ab' | 'bANANa' | 'xc'

select split('a,b,,c', ','), split('a1b22c', '[0-9]+', 2), regexp_replace('x12y3', '[0-9]+', '#'), regexp_extract('k=v', '(\\w)=(\\w)', 2), 'Spark' rlike '^S.*k$';
--> struct<split(a,b,,c, ,, -1):array<string>,split(a1b22c, [0-9]+, 2):array<string>,regexp_replace(x12y3, [0-9]+, #, 1):string,regexp_extract(k=v, (\w)=(\w), 2):string,RLIKE(Spark, ^S.*k$):boolean>
--> ['a', 'b', '', 'c'] | ['a', 'b22c'] | 'x#y#' | 'v' | true

select 'abc' like 'a%c', 'a_c' like 'a\\_c', 'ABC' ilike 'abc', startswith('abc', 'ab'), endswith('abc', 'bc'), contains('abc', 'd');
--> struct<abc LIKE a%c:boolean,a_c LIKE a\_c:boolean,ilike(ABC, abc):boolean,startswith(abc, ab):boolean,endswith(abc, bc):boolean,contains(abc, d):boolean>
--> true | true | true | true | true | false

select coalesce(null, 2), nvl(null, 'x'), nvl2(1, 'a', 'b'), nullif(3, 3), if(1 > 2, 'y', 'n'), isnull(null), isnotnull(1), isnan(double('NaN'));
--> struct<coalesce(NULL, 2):int,nvl(NULL, x):string,nvl2(1, a, b):string,nullif(3, 3):int,(IF((1 > 2), y, n)):string,(NULL IS NULL):boolean,(1 IS NOT NULL):boolean,isnan(NaN):boolean>
--> 2 | 'x' | 'a' | NULL | 'n' | true | true | true

select year(d), month(d), day(d), dayofweek(d), weekday(d), dayofyear(d), weekofyear(d), quarter(d), last_day(d)
from (select date '2024-02-29' as d);
--> struct<year(d):int,month(d):int,day(d):int,dayofweek(d):int,weekday(d):int,dayofyear(d):int,weekofyear(d):int,quarter(d):int,last_day(d):date>
--> 2024 | 2 | 29 | 5 | 3 | 60 | 9 | 1 | 2024-02-29

select date_add(d, 1), date_sub(d, 60), add_months(d, 12), datediff(d, date '2024-01-01'), months_between(d, date '2023-12-31'), trunc(d, 'MM'), next_day(d, 'Mon')
from (select date '2024-02-29' as d);
--> struct<date_add(d, 1):date,date_sub(d, 60):date,add_months(d, 12):date,datediff(d, DATE '2024-01-01'):int,months_between(d, DATE '2023-12-31', true):double,trunc(d, MM):date,next_day(d, Mon):date>
--> 2024-03-01 | 2023-12-31 | 2025-02-28 | 59 | 2.0 | 2024-02-01 | 2024-03-04

select hour(t), minute(t), second(t), date_trunc('hour', t), date_format(t, 'yyyy/MM/dd HH:mm:ss.SSS EEE'), unix_timestamp(t), t + interval 90 minutes
from (select timestamp '2024-02-29 13:14:15.678' as t);
--> struct<hour(t):int,minute(t):int,second(t):int,date_trunc(hour, t):timestamp,date_format(t, yyyy/MM/dd HH:mm:ss.SSS EEE):string,unix_timestamp(t, yyyy-MM-dd HH:mm:ss):bigint,t + INTERVAL '90' MINUTE:timestamp>
--> 13 | 14 | 15 | 2024-02-29 13:00:00 | '2024/02/29 13:14:15.678 Thu' | 1709212455 | 2024-02-29 14:44:15.678000

select to_date('29.02.2024', 'dd.MM.yyyy'), to_timestamp('2024-02-29 10', 'yyyy-MM-dd HH'), from_unixtime(0), make_date(2024, 2, 29), timestampadd(day, 3, timestamp '2024-02-27 00:00:00');
--> struct<to_date(29.02.2024, dd.MM.yyyy):date,to_timestamp(2024-02-29 10, yyyy-MM-dd HH):timestamp,from_unixtime(0, yyyy-MM-dd HH:mm:ss):string,make_date(2024, 2, 29):date,timestampadd(day, 3, TIMESTAMP '2024-02-27 00:00:00'):timestamp>
--> 2024-02-29 | 2024-02-29 10:00:00 | '1970-01-01 00:00:00' | 2024-02-29 | 2024-03-01 00:00:00

select size(array(1, 2)), array_contains(array(1, null), 1), array_distinct(array(1, 1, 2)), array_union(array(1, 2), array(2, 3)), array_intersect(array(1, 2), array(2, 3)), array_except(array(1, 2), array(2)), array_join(array('a', null, 'b'), ','), element_at(array(1, 2), -1), slice(array(1, 2, 3), 2, 2), sequence(1, 7, 3), flatten(array(array(1), array(2, 3)));
--> struct<size(array(1, 2)):int,array_contains(array(1, NULL), 1):boolean,array_distinct(array(1, 1, 2)):array<int>,array_union(array(1, 2), array(2, 3)):array<int>,array_intersect(array(1, 2), array(2, 3)):array<int>,array_except(array(1, 2), array(2)):array<int>,array_join(array(a, NULL, b), ,):string,element_at(array(1, 2), -1):int,slice(array(1, 2, 3), 2, 2):array<int>,sequence(1, 7, 3):array<int>,flatten(array(array(1), array(2, 3))):array<int>>
--> 2 | true | [1, 2] | [1, 2, 3] | [2] | [1] | 'a,b' | 2 | [2, 3] | [1, 4, 7] | [1, 2, 3]

select sort_array(array(3, null, 1)), sort_array(array('b', 'a'), false), array_max(array(1, 5, null)), array_min(array(2, 1)), array_position(array(4, 5), 5), array_remove(array(1, 2, 1), 1), array_repeat('x', 2), reverse(array(1, 2));
--> struct<sort_array(array(3, NULL, 1), true):array<int>,sort_array(array(b, a), false):array<string>,array_max(array(1, 5, NULL)):int,array_min(array(2, 1)):int,array_position(array(4, 5), 5):bigint,array_remove(array(1, 2, 1), 1):array<int>,array_repeat(x, 2):array<string>,reverse(array(1, 2)):array<int>>
--> [NULL, 1, 3] | ['b', 'a'] | 5 | 1 | 2 | [2] | ['x', 'x'] | [2, 1]

select map('a', 1, 'b', 2)['b'], map_keys(map('a', 1)), map_values(map('a', 1)), element_at(map('a', 1), 'z'), map_from_arrays(array('k'), array(9)), size(map());
--> struct<map(a, 1, b, 2)[b]:int,map_keys(map(a, 1)):array<string>,map_values(map(a, 1)):array<int>,element_at(map(a, 1), z):int,map_from_arrays(array(k), array(9)):map<string,int>,size(map()):int>
--> 2 | ['a'] | [1] | NULL | {'k': 9} | 0

--@ not yet
select transform(array(1, 2, 3), x -> x * x) as t, filter(array(1, 2, 3), x -> x % 2 = 1) as f, exists(array(1, 2), x -> x > 1) as e,
    aggregate(array(1, 2, 3), 0, (acc, x) -> acc + x) as a;
--> struct<t:array<int>,f:array<int>,e:boolean,a:int>
--> [1, 4, 9] | [1, 3] | true | 6

select md5('a'), sha1('a'), sha2('a', 256), crc32('a'), hash('a', 1), xxhash64('a', 1), base64('abc'), unbase64('YWJj');
--> struct<md5(a):string,sha1(a):string,sha2(a, 256):string,crc32(a):bigint,hash(a, 1):int,xxhash64(a, 1):bigint,base64(abc):string,unbase64(YWJj):binary>
--> '0cc175b9c0f1b6a831c399e269772661' | '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8' | 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb' | 3904355907 | 532252686 | -4810547614043336770 | 'YWJj' | X'616263'

select from_json('{"a": 1, "b": [true, null]}', 'a int, b array<boolean>') as j, to_json(named_struct('x', 1, 'y', array('z'))) as t;
--> struct<j:struct<a:int,b:array<boolean>>,t:string>
--> (a=1, b=[true, NULL]) | '{"x":1,"y":["z"]}'

select get_json_object('{"a": {"b": 7}}', '$.a.b') as g;
--> struct<g:string>
--> '7'

select typeof(1), typeof(1.5), typeof(1.5D), typeof('x'), typeof(array(1)), typeof(null), typeof(date '2024-01-01'), typeof(interval 1 day);
--> struct<typeof(1):string,typeof(1.5):string,typeof(1.5):string,typeof(x):string,typeof(array(1)):string,typeof(NULL):string,typeof(DATE '2024-01-01'):string,typeof(INTERVAL '1' DAY):string>
--> 'int' | 'decimal(2,1)' | 'double' | 'string' | 'array<int>' | 'void' | 'date' | 'interval day'

select 1 = 1.0, 'a' < 'b', null = 1, not (null and false), null or true, 3 between 2 and 4, 5 in (1, null, 5), 6 in (1, null), 2 <> 3, date '2024-01-01' < timestamp '2024-01-01 00:00:01';
--> struct<(1 = 1.0):boolean,(a < b):boolean,(NULL = 1):boolean,(NOT (NULL AND false)):boolean,(NULL OR true):boolean,between(3, 2, 4):boolean,(5 IN (1, NULL, 5)):boolean,(6 IN (1, NULL)):boolean,(NOT (2 = 3)):boolean,(DATE '2024-01-01' < TIMESTAMP '2024-01-01 00:00:01'):boolean>
--> true | true | NULL | true | true | true | true | NULL | true | true

select ascii('A'), chr(66), space(2), substring_index('a.b.c', '.', 2);
--> struct<ascii(A):int,chr(66):string,space(2):string,substring_index(a.b.c, ., 2):string>
--> 65 | 'B' | '  ' | 'a.b'

--@ not yet
select format_number(1234567.891, 2), format_string('%d-%s-%.1f', 7, 'x', 1.25D);
--> struct<format_number(1234567.891, 2):string,format_string(%d-%s-%.1f, 7, x, 1.25):string>
--> '1,234,567.89' | '7-x-1.3'

--@ not yet
select levenshtein('kitten', 'sitting'), soundex('Robert');
--> struct<levenshtein(kitten, sitting):int,soundex(Robert):string>
--> 3 | 'R163'

select try_divide(1, 0), try_add(2147483647, 1), try_subtract(-2147483648, 1), try_element_at(array(1), 9);
--> struct<try_divide(1, 0):double,try_add(2147483647, 1):int,try_subtract(-2147483648, 1):int,try_element_at(array(1), 9):int>
--> NULL | NULL | NULL | NULL

--@ not yet
select try_to_number('x', '9');
--> struct<try_to_number(x, 9):decimal(1,0)>
--> NULL
