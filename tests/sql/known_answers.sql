-- What needs no value (IS NULL of what is never null), who is asked first (max_by), nullability of elements, constant keys.

SELECT element_at(array_compact(map_values(map('a', id))), 1) FROM range(1);
--> struct<element_at(array_compact(map_values(map(a, id))), 1):bigint>
--> 0

SELECT element_at(array_compact(array(id, null)), 1) FROM range(1);
--> struct<element_at(array_compact(array(id, NULL)), 1):bigint>
--> 0

SELECT element_at(array_compact(array(id, null)), CAST(id + 1 AS INT)) FROM range(1);
--> struct<element_at(array_compact(array(id, NULL)), CAST((id + 1) AS INT)):bigint>
--> 0

SELECT element_at(array_distinct(array(id)), 1) FROM range(1);
--> struct<element_at(array_distinct(array(id)), 1):bigint>
--> 0

SELECT element_at(map_values(map('a', id)), 1) FROM range(1);
--> struct<element_at(map_values(map(a, id)), 1):bigint>
--> 0

SELECT array_distinct(array(id))[0] FROM range(1);
--> struct<array_distinct(array(id))[0]:bigint>
--> 0

SELECT array_compact(array(id, null))[0] FROM range(1);
--> struct<array_compact(array(id, NULL))[0]:bigint>
--> 0

SELECT mode(id) FILTER (WHERE id > 1) FROM range(3);
--> struct<mode(id) FILTER (WHERE (id > 1)):bigint>
--> 2

SELECT mode(id, true) FILTER (WHERE id > 1) FROM range(3);
--> struct<mode() WITHIN GROUP (ORDER BY id DESC) FILTER (WHERE (id > 1)):bigint>
--> 2

SELECT mode() WITHIN GROUP (ORDER BY id DESC) FILTER (WHERE id > 1) FROM range(3);
--> struct<mode() WITHIN GROUP (ORDER BY id) FILTER (WHERE (id > 1)):bigint>
--> 2

SELECT min_by(id, id) FILTER (WHERE id > 1), max_by(id, id, 2) FILTER (WHERE id > 1) FROM range(3);
--> struct<min_by(id, id) FILTER (WHERE (id > 1)):bigint,max_by(id, id, 2) FILTER (WHERE (id > 1)):array<bigint>>
--> 2 | [2]

SELECT median(id) FILTER (WHERE id > 1), percentile(id, 0.5) FILTER (WHERE id > 1), percentile_cont(0.5) WITHIN GROUP (ORDER BY id) FILTER (WHERE id > 1) FROM range(3);
--> struct<median(id) FILTER (WHERE (id > 1)):double,percentile(id, 0.5, 1) FILTER (WHERE (id > 1)):double,percentile_cont(0.5) WITHIN GROUP (ORDER BY id) FILTER (WHERE (id > 1)):double>
--> 2.0 | 2.0 | 2.0

SELECT listagg(id) FILTER (WHERE id > 1), listagg(id) WITHIN GROUP (ORDER BY id) FILTER (WHERE id > 1), count_if(id > 1) FILTER (WHERE id > 1), any_value(id) FILTER (WHERE id > 1), try_sum(id) FILTER (WHERE id > 1) FROM range(3);
--> struct<listagg(id, NULL) FILTER (WHERE (id > 1)):string,listagg(id, NULL) WITHIN GROUP (ORDER BY id ASC NULLS FIRST) FILTER (WHERE (id > 1)):string,count_if((id > 1)) FILTER (WHERE (id > 1)):bigint,any_value(id) FILTER (WHERE (id > 1)):bigint,try_sum(id) FILTER (WHERE (id > 1)):bigint>
--> '2' | '2' | 1 | 2 | 2

SELECT max_by(cast(a as int), cast(b as int)) FROM values ('x', '1.z') t(a, b);
--> error CAST_INVALID_INPUT 22018

SELECT max_by(cast(a as int), array(1)[cast(b as int)]) FROM values ('x', 5) t(a, b);
--> error INVALID_ARRAY_INDEX 22003

SELECT min_by(cast(a as int), array(1)[cast(b as int)]) FROM values ('x', 5) t(a, b);
--> error INVALID_ARRAY_INDEX 22003

SELECT max_by(array(1)[b], cast(a as int)) FROM values ('x', 5) t(a, b);
--> error CAST_INVALID_INPUT 22018

SELECT max_by(cast(a as int), b) FROM values ('1', null), ('x', null) t(a, b);
--> struct<max_by(CAST(a AS INT), b):int>
--> NULL

SELECT cast('x' as int) is null FROM range(1);
--> error CAST_INVALID_INPUT 22018

SELECT (array(1)[id + 5]) is null FROM range(1);
--> struct<(array(1)[(id + 5)] IS NULL):boolean>
--> false

SELECT element_at(array(id), 5) is null FROM range(1);
--> struct<(element_at(array(id), 5) IS NULL):boolean>
--> false

SELECT (id div 0) is null FROM range(1);
--> error DIVIDE_BY_ZERO 22012

SELECT (id / 0) is not null FROM range(1);
--> error DIVIDE_BY_ZERO 22012

SELECT (9223372036854775807 + id + 1) is null FROM range(1, 2);
--> struct<(((9223372036854775807 + id) + 1) IS NULL):boolean>
--> false

SELECT (9223372036854775807 + id) is not null, 1 FROM range(1, 2);
--> struct<((9223372036854775807 + id) IS NOT NULL):boolean,1:int>
--> true | 1

SELECT isnull(cast(s as int)) FROM values ('x') t(s);
--> error CAST_INVALID_INPUT 22018

SELECT 1 FROM range(1, 2) WHERE (9223372036854775807 + id) is not null;
--> struct<1:int>
--> 1

SELECT 1 FROM range(1, 2) WHERE (9223372036854775807 + id) is null;
--> struct<1:int>

SELECT coalesce(9223372036854775807 + id, 1) FROM range(1, 2);
--> error ARITHMETIC_OVERFLOW 22003

SELECT raise_error('x') is null FROM range(1);
--> error USER_RAISED_EXCEPTION P0001

SELECT nvl2(9223372036854775807 + id, 1, 2) FROM range(1, 2);
--> struct<nvl2((9223372036854775807 + id), 1, 2):int>
--> 1

SELECT trunc(DATE'0001-01-01', 'week'), trunc(DATE'0001-01-03', 'year');
--> struct<trunc(DATE '0001-01-01', week):date,trunc(DATE '0001-01-03', year):date>
--> 0001-01-01 | 0001-01-01

SELECT unix_micros(from_utc_timestamp(timestamp_micros(9223372036854775807), '+02:00'));
--> error None None

SELECT unix_micros(to_utc_timestamp(timestamp_micros(-9223372036854775808), '+02:00'));
--> error None None

SELECT unix_micros(from_utc_timestamp(timestamp_micros(-9223372036854775808), 'America/New_York'));
--> error None None

SELECT unix_micros(from_utc_timestamp(timestamp_micros(9223372036854775807), 'Asia/Kolkata'));
--> error None None

SELECT unix_micros(to_utc_timestamp(timestamp_micros(9223372036854775807), 'America/New_York'));
--> error None None

SELECT unix_micros(date_trunc('year', timestamp_micros(-9223372036854775808)));
--> error None None

SELECT unix_micros(date_trunc('day', timestamp_micros(-9223372036854775808)));
--> error None None

SELECT array(id)[0], array(id, 2)[1], element_at(array(id), 1), element_at(array(id), -1), element_at(array(id), 3) FROM range(0);
--> struct<array(id)[0]:bigint,array(id, 2)[1]:bigint,element_at(array(id), 1):bigint,element_at(array(id), -1):bigint,element_at(array(id), 3):bigint>

SELECT element_at(array(id), CAST(id AS INT)) FROM range(0);
--> struct<element_at(array(id), CAST(id AS INT)):bigint>

SELECT array_distinct(array(id))[CAST(id AS INT)] FROM range(0);
--> struct<array_distinct(array(id))[CAST(id AS INT)]:bigint>

SELECT array(id)[CAST(id AS INT)] FROM range(0);
--> struct<array(id)[CAST(id AS INT)]:bigint>

SELECT split('a', 'b')[0], map('a', id)['a'], element_at(map('a', id), 'a') FROM range(0);
--> struct<split(a, b, -1)[0]:string,map(a, id)[a]:bigint,element_at(map(a, id), a):bigint>

SELECT sequence(0, 1)[1], element_at(sequence(0, 1), -2), transform(array(id), x -> x)[0] FROM range(0);
--> struct<sequence(0, 1)[1]:int,element_at(sequence(0, 1), -2):int,transform(array(id), lambdafunction(namedlambdavariable(), namedlambdavariable()))[0]:bigint>

SELECT a[0], element_at(a, 1) FROM values (array(1)) t(a);
--> struct<a[0]:int,element_at(a, 1):int>
--> 1 | 1

SELECT a[i], element_at(a, i) FROM values (array(1), 0) t(a, i) WHERE i > 5;
--> struct<a[i]:int,element_at(a, i):int>

SELECT array(named_struct('x', id)).x[0] FROM range(0);
--> struct<array(named_struct(x, id)).x[0]:bigint>

SELECT a[0][0] FROM values (array(array(1))) t(a);
--> struct<a[0][0]:int>
--> 1

SELECT true AS c2, sum(id) FROM range(2) GROUP BY true WITH ROLLUP;
--> struct<c2:boolean,sum(id):bigint>
--> NULL | 1
--> true | 1

SELECT true, sum(id) FROM range(2) GROUP BY true WITH ROLLUP;
--> struct<true:boolean,sum(id):bigint>
--> NULL | 1
--> true | 1

SELECT 5, count(*), 5 + id FROM range(2) GROUP BY ROLLUP(id, (2+3));
--> struct<5:int,count(1):bigint,(5 + id):bigint>
--> 5 | 1 | 5
--> 5 | 1 | 5
--> 5 | 1 | 6
--> 5 | 1 | 6
--> 5 | 2 | NULL

SELECT '5', count(*), concat('5', id) FROM range(2) GROUP BY ROLLUP(id, '5');
--> struct<5:string,count(1):bigint,concat(5, id):string>
--> '5' | 1 | '50'
--> '5' | 1 | '51'
--> NULL | 1 | NULL
--> NULL | 1 | NULL
--> NULL | 2 | NULL

SELECT '5', count(*), concat('6', id) FROM range(2) GROUP BY CUBE(id, '5');
--> struct<5:string,count(1):bigint,concat(6, id):string>
--> '5' | 1 | '60'
--> '5' | 1 | '61'
--> '5' | 2 | NULL
--> NULL | 1 | '60'
--> NULL | 1 | '61'
--> NULL | 2 | NULL

SELECT 'x' AS a, id, count(*) FROM range(2) GROUP BY GROUPING SETS ((a, id), (id));
--> struct<a:string,id:bigint,count(1):bigint>
--> 'x' | 0 | 1
--> 'x' | 1 | 1
--> NULL | 0 | 1
--> NULL | 1 | 1

SELECT 1 + 1 AS a, id, count(*) FROM range(2) GROUP BY GROUPING SETS ((1 + 1, id), (id));
--> struct<a:int,id:bigint,count(1):bigint>
--> 2 | 0 | 1
--> 2 | 1 | 1
--> NULL | 0 | 1
--> NULL | 1 | 1

SELECT NULL AS a, count(*) FROM range(2) GROUP BY ROLLUP(NULL);
--> struct<a:void,count(1):bigint>
--> NULL | 2
--> NULL | 2

SELECT -13 AS q, count(*) FROM range(2) GROUP BY CUBE(-13, id);
--> error GROUP_BY_POS_OUT_OF_RANGE 42805

SELECT 1 AS a, 'x' AS b, count(*) FROM range(2) GROUP BY CUBE(a, b);
--> struct<a:int,b:string,count(1):bigint>
--> 1 | 'x' | 2
--> 1 | NULL | 2
--> NULL | 'x' | 2
--> NULL | NULL | 2

SELECT max_by(id, CASE WHEN id = 2 THEN NULL ELSE id END), min_by(id, CASE WHEN id = 0 THEN NULL ELSE id END) FILTER (WHERE id <> 1) FROM range(4);
--> struct<max_by(id, CASE WHEN (id = 2) THEN NULL ELSE id END):bigint,min_by(id, CASE WHEN (id = 0) THEN NULL ELSE id END) FILTER (WHERE (NOT (id = 1))):bigint>
--> 3 | 2

SELECT id % 2, max_by(id, CASE WHEN id > 2 THEN NULL ELSE id END), min_by(id, NULL) FROM range(6) GROUP BY 1;
--> struct<(id % 2):bigint,max_by(id, CASE WHEN (id > 2) THEN NULL ELSE id END):bigint,min_by(id, NULL):bigint>
--> 0 | 2 | NULL
--> 1 | 1 | NULL

SELECT max_by(DISTINCT id, id) FROM range(3);
--> struct<max_by(DISTINCT id, id):bigint>
--> 2
