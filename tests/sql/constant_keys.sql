-- Constants that fail: where there is no row, as keys of groups, and raise_error, which is no constant.

select raise_error('x') from range(0);
--> struct<raise_error(USER_RAISED_EXCEPTION, map(errorMessage, x)):void>

select count(raise_error('x')) from range(0);
--> struct<count(raise_error(USER_RAISED_EXCEPTION, map(errorMessage, x))):bigint>
--> 0

select raise_error('x') from (select 1 where false);
--> struct<raise_error(USER_RAISED_EXCEPTION, map(errorMessage, x)):void>

select cast('x' as int) from range(0);
--> error CAST_INVALID_INPUT 22018

select cast('x' as int) from (select 1 where false);
--> error CAST_INVALID_INPUT 22018

select raise_error('x') from values (1) t(a) where a > 1;
--> struct<raise_error(USER_RAISED_EXCEPTION, map(errorMessage, x)):void>

select raise_error('x') from range(3) where id > 5;
--> struct<raise_error(USER_RAISED_EXCEPTION, map(errorMessage, x)):void>

select element_at(array(1), 5) from range(0);
--> error INVALID_ARRAY_INDEX_IN_ELEMENT_AT 22003

select date_add(current_date(), cast('x' as int)) from range(0);
--> error CAST_INVALID_INPUT 22018

select count(cast('x' as int)) from range(0);
--> error CAST_INVALID_INPUT 22018

select id from range(3) order by array(5)[3];
--> error INVALID_ARRAY_INDEX 22003

select count(*) from range(3) group by array(5)[3];
--> struct<count(1):bigint>
--> 3

select count(*), id from range(3) group by array(5)[3], id;
--> struct<count(1):bigint,id:bigint>
--> 1 | 0
--> 1 | 1
--> 1 | 2

select array(5)[3] from range(3) group by array(5)[3];
--> error INVALID_ARRAY_INDEX 22003

select count(*) from range(3) group by id, cast('x' as int);
--> struct<count(1):bigint>
--> 1
--> 1
--> 1

select count(*) from range(3) group by cast('x' as int);
--> struct<count(1):bigint>
--> 3

select count(*) from range(3) group by rollup(id, cast('x' as int));
--> error CAST_INVALID_INPUT 22018

select distinct cast('x' as int) from range(3);
--> error CAST_INVALID_INPUT 22018

select count(*) from range(3) group by id + cast('x' as int);
--> error CAST_INVALID_INPUT 22018

select count(*) from range(3) group by id, raise_error('x');
--> error USER_RAISED_EXCEPTION P0001

select count(*) from range(3) group by id, raise_error('x') is null;
--> error USER_RAISED_EXCEPTION P0001

select max(id) from values(1, cast('2' as int)) t(id, b) group by id, array(5)[3];
--> struct<max(id):int>
--> 1
