-- PIVOT: null where a group has no row of the value; types and names of the values.
select * from (select * from values (1,'a',5),(2,'b',6),(2,null,7) v(k,s,x)) pivot (count(*) for s in ('a','b'));
--> struct<k:int,x:int,a:bigint,b:bigint>
--> 1 | 5 | 1 | NULL
--> 2 | 6 | NULL | 1
--> 2 | 7 | NULL | NULL

select * from (select * from values (1,'a',5),(2,'b',6),(2,null,7) v(k,s,x)) pivot (count(*) c, sum(x) for s in ('a' as aa,'b'));
--> struct<k:int,aa_c:bigint,aa_sum(x):bigint,b_c:bigint,b_sum(x):bigint>
--> 1 | 1 | 5 | NULL | NULL
--> 2 | NULL | NULL | 1 | 6

select * from (select * from values (1,'a',5),(2,'b',6),(2,null,7) v(k,s,x)) pivot (sum(x)+1 for s in ('a','b',null));
--> struct<k:int,a:bigint,b:bigint,null:bigint>
--> 1 | 6 | NULL | NULL
--> 2 | NULL | 7 | 8

select * from (select * from values (1,'a',5),(2,'b',6),(2,null,7) v(k,s,x)) pivot (count(x) for s in ('a','zz'));
--> struct<k:int,a:bigint,zz:bigint>
--> 1 | 1 | NULL
--> 2 | NULL | NULL

select * from (select * from values (1,'a',5),(2,'b',6),(2,null,7) v(k,s,x)) pivot (count(distinct x), collect_list(x) for s in ('a','zz'));
--> struct<k:int,a_count(DISTINCT x):bigint,a_collect_list(x):array<int>,zz_count(DISTINCT x):bigint,zz_collect_list(x):array<int>>
--> 1 | 1 | [5] | 0 | []
--> 2 | 0 | [] | 0 | []

select * from (select * from values (1,'a',5),(2,'b',6),(2,null,7) v(k,s,x)) pivot (coalesce(sum(x),0) as t for s in ('a','zz'));
--> struct<k:int,a:bigint,zz:bigint>
--> 1 | 5 | NULL
--> 2 | NULL | NULL

select * from (select * from values (1,'a',5),(2,'b',6) v(k,s,x)) pivot (max(x) for (s,k) in (('a',1),('b',2)));
--> struct<{a, 1}:int,{b, 2}:int>
--> 5 | 6

select * from (select s,x from values (1,'a',5),(2,'b',6) v(k,s,x)) pivot (max(x) for s in ('a','b'));
--> struct<a:int,b:int>
--> 5 | 6

select * from (select s,x from values (1,'a',5),(2,'b',6) v(k,s,x)) pivot (count(*) for s in ('a','c'));
--> struct<x:int,a:bigint,c:bigint>
--> 5 | 1 | NULL
--> 6 | NULL | NULL

select * from (select * from values (1,'a',5),(2,'b',6) v(k,s,x)) pivot (first(x) for s in ('a','b')) where k = 1;
--> struct<k:int,a:int,b:int>
--> 1 | 5 | NULL

select * from (select * from values (1,2.50BD,5),(2,1.5BD,6) v(k,s,x)) pivot (sum(x) for s in (2.5,1.5));
--> struct<k:int,2.5:bigint,1.5:bigint>
--> 1 | 5 | NULL
--> 2 | NULL | 6

select * from (select * from values (1,date'2020-01-01',5) v(k,s,x)) pivot (sum(x) for s in (date'2020-01-01', date'2021-01-01'));
--> struct<k:int,2020-01-01:bigint,2021-01-01:bigint>
--> 1 | 5 | NULL

select * from (select * from values (1,'a',5) v(k,s,x)) pivot (sum(x) for s in (1));
--> struct<k:int,1:bigint>
--> 1 | NULL

select * from (select * from values (1,'a',5) v(k,s,x)) pivot (x for s in ('a'));
--> error _LEGACY_ERROR_TEMP_1006 None

select * from (select * from values (1,'a',5) v(k,s,x)) pivot (x+sum(k) for s in ('a'));
--> error _LEGACY_ERROR_TEMP_1006 None

select * from (select * from values (1,'a',5) v(k,s,x)) pivot (sum(x) for s in (upper('a'), 'b'||'c'));
--> struct<k:int,A:bigint,bc:bigint>
--> 1 | NULL | NULL

select * from (select * from values (1,'a',5) v(k,s,x)) pivot (sum(x) for s in (k));
--> error NON_LITERAL_PIVOT_VALUES 42K08

select * from (select * from values (1,'a',5) v(k,s,x)) pivot (sum(x) for q in ('a'));
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select * from (select * from values (1,1,5) v(k,s,x)) pivot (sum(x) for s in ('a'));
--> error CAST_INVALID_INPUT 22018

select * from (select * from values (1,1,5) v(k,s,x)) pivot (sum(x) for s in ('1', 2L));
--> struct<k:int,1:bigint,2:bigint>
--> 1 | 5 | NULL

select * from (select * from values (1,'a',5),(2,'b',6),(2,'b',7) v(k,s,x)) pivot (min(x) filter (where x > 6) for s in ('a','b'));
--> struct<k:int,a:int,b:int>
--> 1 | NULL | NULL
--> 2 | NULL | 7
