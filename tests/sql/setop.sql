-- Set operations.
select 1 as a, 'x' as b union all select 2, 'y' union all select 1, 'x';
--> struct<a:int,b:string>
--> 1 | 'x'
--> 1 | 'x'
--> 2 | 'y'

select 1 as a union select 1 union select 2;
--> struct<a:int>
--> 1
--> 2

select * from values (1), (1), (2), (null), (null) except select 2;
--> struct<col1:int>
--> 1
--> NULL

--@ not yet
select * from values (1), (1), (2), (null) as t(a) except all select * from values (1), (null);
--> struct<a:int>
--> 1
--> 2

select * from values (1), (1), (2), (null) intersect select * from values (1), (null), (3);
--> struct<col1:int>
--> 1
--> NULL

--@ not yet
select * from values (1), (1), (2) as t(a) intersect all select * from values (1), (1), (1);
--> struct<a:int>
--> 1
--> 1

select 1 as a union all select 2.5;
--> struct<a:decimal(11,1)>
--> 1.0
--> 2.5

select cast(1 as int) as a union all select cast(3000000000 as bigint);
--> struct<a:bigint>
--> 1
--> 3000000000

select null as a union all select date '2024-02-29';
--> struct<a:date>
--> 2024-02-29
--> NULL

--@ ordered
(select id from range(5) where id > 2) union all (select id + 10 from range(2)) order by id desc;
--> struct<id:bigint>
--> 11
--> 10
--> 4
--> 3

select a, count(*) from (select 1 as a union all select 1 union all select 2) group by a;
--> struct<a:int,count(1):bigint>
--> 1 | 2
--> 2 | 1
