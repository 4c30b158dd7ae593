-- GROUPING SETS, ROLLUP and CUBE: names and aliases of their columns; what can be grouped by.
select V from values (1) d(v) group by rollup(v);
--> struct<v:int>
--> 1
--> NULL

select v from values (1) d(v) group by rollup(V);
--> struct<V:int>
--> 1
--> NULL

select V as b, v from values (1) d(v) group by rollup(v);
--> struct<b:int,v:int>
--> 1 | 1
--> NULL | NULL

select d.V, count(*) from values (1) d(v) group by cube(d.v);
--> struct<v:int,count(1):bigint>
--> 1 | 1
--> NULL | 1

select v, v from values (1) d(v) group by rollup(v);
--> struct<v:int,v:int>
--> 1 | 1
--> NULL | NULL

select v+1, v+1 as q, (v+1)*2, sum(v) from values (1) d(v) group by cube(v+1);
--> struct<(v + 1):int,q:int,((v + 1) * 2):int,sum(v):bigint>
--> 2 | 2 | 4 | 1
--> NULL | NULL | NULL | 1

select (v+1)*2 c from values (1) d(v) group by rollup(v+1);
--> struct<c:int>
--> 4
--> NULL

select v as b, count(*) from values (1) d(v) group by rollup(b);
--> struct<b:int,count(1):bigint>
--> 1 | 1
--> NULL | 1

select v+1 as b, count(*) from values (1) d(v) group by rollup(b);
--> struct<b:int,count(1):bigint>
--> 2 | 1
--> NULL | 1

select v+1 as b, count(*) from values (1) d(v) group by rollup(1);
--> struct<b:int,count(1):bigint>
--> 2 | 1
--> NULL | 1

select v, w, count(*) from values (1,2) d(v,w) group by v, rollup(w);
--> struct<v:int,w:int,count(1):bigint>
--> 1 | 2 | 1
--> 1 | NULL | 1

select v, w, count(*) from values (1,2) d(v,w) group by grouping sets ((v),(w),());
--> struct<v:int,w:int,count(1):bigint>
--> 1 | NULL | 1
--> NULL | 2 | 1
--> NULL | NULL | 1

select v x, w y, count(*) c from values (1,2) d(v,w) group by grouping sets ((v,w),(w)) having x is null;
--> struct<x:int,y:int,c:bigint>
--> NULL | 2 | 1

select v x, w y, count(*) c from values (1,2) d(v,w) group by grouping sets ((v,w),(w)) having v is null;
--> struct<x:int,y:int,c:bigint>
--> NULL | 2 | 1

select v x, w y, count(*) c from values (1,2) d(v,w) group by grouping sets ((v,w),(w)) order by v, w desc;
--> struct<x:int,y:int,c:bigint>
--> 1 | 2 | 1
--> NULL | 2 | 1

select v x, w y, count(*) c from values (1,2) d(v,w) group by grouping sets ((v,w),(w)) order by x nulls first;
--> struct<x:int,y:int,c:bigint>
--> 1 | 2 | 1
--> NULL | 2 | 1

select v x from values (1,2) d(v,w) group by rollup(v) order by count(*) desc, v;
--> struct<x:int>
--> 1
--> NULL

select v, w, grouping(v), grouping(w), grouping_id(w) from values (1,2) d(v,w) group by cube(v,w);
--> error GROUPING_ID_COLUMN_MISMATCH 42803

select * from values (1,2) d(v,w) group by rollup(v,w);
--> struct<v:int,w:int>
--> 1 | 2
--> 1 | NULL
--> NULL | NULL

select *, count(*) from values (1,2) d(v,w) group by rollup(v,w);
--> struct<v:int,w:int,count(1):bigint>
--> 1 | 2 | 1
--> 1 | NULL | 1
--> NULL | NULL | 1

select d.*, 1 from values (1,2) d(v,w) group by cube(v,w);
--> struct<v:int,w:int,1:int>
--> 1 | 2 | 1
--> 1 | NULL | 1
--> NULL | 2 | 1
--> NULL | NULL | 1

select v from values (1,2) d(v,w) group by rollup(v, v);
--> struct<v:int>
--> 1
--> 1
--> NULL

select v, grouping(v), grouping_id() from values (1,2) d(v,w) group by rollup(v, v);
--> struct<v:int,grouping(v):tinyint,grouping_id():bigint>
--> 1 | 0 | 0
--> 1 | 0 | 0
--> NULL | 1 | 1

select v, count(*) from values (1,2) d(v,w) group by rollup(v, (v, w));
--> struct<v:int,count(1):bigint>
--> 1 | 1
--> 1 | 1
--> NULL | 1

select v, w, count(*) from values (1,2) d(v,w) group by cube(v), rollup(w);
--> struct<v:int,w:int,count(1):bigint>
--> 1 | 2 | 1
--> 1 | NULL | 1
--> NULL | 2 | 1
--> NULL | NULL | 1

select v, count(*) from values (1,2) d(v,w) group by v with rollup;
--> struct<v:int,count(1):bigint>
--> 1 | 1
--> NULL | 1

select v, count(*) from values (1,2) d(v,w) group by v with cube having count(*) > 0;
--> struct<v:int,count(1):bigint>
--> 1 | 1
--> NULL | 1

select v, w, count(*) from values (1,2) d(v,w) group by v, w grouping sets ((v), (w));
--> struct<v:int,w:int,count(1):bigint>
--> 1 | NULL | 1
--> NULL | 2 | 1

select w, count(*) from values (1,2) d(v,w) group by rollup(v);
--> error MISSING_AGGREGATION 42803

select sum(v), v from values (1,2) d(v,w) group by rollup(v);
--> struct<sum(v):bigint,v:int>
--> 1 | 1
--> 1 | NULL

select sum(v) + v from values (1,2) d(v,w) group by rollup(v);
--> struct<(sum(v) + v):bigint>
--> 2
--> NULL

select coalesce(v, 0) z, v is null from values (1,2) d(v,w) group by rollup(v);
--> struct<z:int,(v IS NULL):boolean>
--> 0 | true
--> 1 | false

select upper(cast(v as string)) z from values (1,2) d(v,w) group by rollup(v);
--> struct<z:string>
--> '1'
--> NULL

select s.f, s from values (named_struct('f',1)) d(s) group by rollup(s.f, s);
--> struct<f:int,s:struct<f:int>>
--> 1 | (f=1)
--> 1 | NULL
--> NULL | NULL

select s.f as q from values (named_struct('f',1)) d(s) group by rollup(s.f);
--> struct<q:int>
--> 1
--> NULL

select s.f from values (named_struct('f',1)) d(s) group by cube(s.f) having f is not null;
--> struct<f:int>
--> 1

select v as k, count(*) as n from values (1,2) d(v,w) group by cube(v, w) having k is not null and n > 0 order by k;
--> struct<k:int,n:bigint>
--> 1 | 1
--> 1 | 1

select x from (select v as x, count(*) n from values (1) d(v) group by rollup(v)) where x is not null;
--> struct<x:int>
--> 1

select t.x, t.* from (select v as x, count(*) n from values (1) d(v) group by rollup(v)) t order by t.x;
--> struct<x:int,x:int,n:bigint>
--> 1 | 1 | 1
--> NULL | NULL | 1

select 1 as one from values (1) d(v) group by rollup(v);
--> struct<one:int>
--> 1
--> 1

select v, 'a' l, current_date() is null from values (1) d(v) group by rollup(v);
--> struct<v:int,l:string,(current_date() IS NULL):boolean>
--> 1 | 'a' | false
--> NULL | 'a' | false

select grouping(v)+1, grouping(v) as gg from values (1) d(v) group by rollup(v) order by gg;
--> struct<(grouping(v) + 1):int,gg:tinyint>
--> 1 | 0
--> 2 | 1

select grouping(v) from values (1) d(v) group by v;
--> error UNSUPPORTED_GROUPING_EXPRESSION 42K0E

select grouping_id(v) from values (1) d(v) group by v;
--> error UNSUPPORTED_GROUPING_EXPRESSION 42K0E

select grouping(w) from values (1,2) d(v,w) group by rollup(v);
--> error GROUPING_COLUMN_MISMATCH 42803

select grouping_id(w) from values (1,2) d(v,w) group by rollup(v);
--> error GROUPING_ID_COLUMN_MISMATCH 42803

select grouping_id(w, v) from values (1,2) d(v,w) group by rollup(v, w);
--> error GROUPING_ID_COLUMN_MISMATCH 42803

select v, count(distinct w), sum(w) filter (where v is null) from values (1,2) d(v,w) group by rollup(v);
--> struct<v:int,count(DISTINCT w):bigint,sum(w) FILTER (WHERE (v IS NULL)):bigint>
--> 1 | 1 | NULL
--> NULL | 1 | NULL

select m from values (map(1,2)) d(m) group by m;
--> struct<m:map<int,int>>
--> {1: 2}

select m, count(*) n from values (map(1,2)), (map(1,2)) d(m) group by m;
--> struct<m:map<int,int>,n:bigint>
--> {1: 2} | 2

select m, count(*) n from values (map(1,2,3,4)), (map(3,4,1,2)) d(m) group by m;
--> struct<m:map<int,int>,n:bigint>
--> {1: 2, 3: 4} | 2

select s, count(*) n from values (named_struct('m', map(1,2))) d(s) group by s;
--> struct<s:struct<m:map<int,int>>,n:bigint>
--> (m={1: 2}) | 1

select a, count(*) n from values (array(map(1,2))) d(a) group by a;
--> struct<a:array<map<int,int>>,n:bigint>
--> [{1: 2}] | 1

select distinct m from values (map(1,2)) d(m);
--> error UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE 0A000

select distinct a from values (array(map(1,2))) d(a);
--> error UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE 0A000

select distinct s from values (named_struct('m',map(1,2))) d(s);
--> error UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE 0A000

select m from values (map(1,2)) d(m) union select m from values (map(1,2)) d(m);
--> error UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE 0A000

select m from values (map(1,2)) d(m) intersect select m from values (map(1,2)) d(m);
--> error UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE 0A000

select m from values (map(1,2)) d(m) except select m from values (map(1,2)) d(m);
--> error UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE 0A000

select m from values (map(1,2)) d(m) order by m;
--> error DATATYPE_MISMATCH.INVALID_ORDERING_TYPE 42K09

select count(distinct m) from values (map(1,2)) d(m);
--> struct<count(DISTINCT m):bigint>
--> 1

select max(m) from values (map(1,2)) d(m);
--> error DATATYPE_MISMATCH.INVALID_ORDERING_TYPE 42K09

select m, count(*) from values (map(1,2)) d(m) group by rollup(m);
--> struct<m:map<int,int>,count(1):bigint>
--> NULL | 1
--> {1: 2} | 1

select map(1,v) k, count(*) from values (1) d(v) group by map(1,v);
--> struct<k:map<int,int>,count(1):bigint>
--> {1: 1} | 1

select map(1,v) k, count(*) from values (1) d(v) group by k;
--> struct<k:map<int,int>,count(1):bigint>
--> {1: 1} | 1

select 1 from values (map(1,2)) d(m) join values (map(1,2)) e(m) using (m);
--> error DATATYPE_MISMATCH.INVALID_ORDERING_TYPE 42K09

select m = m from values (map(1,2)) d(m);
--> error DATATYPE_MISMATCH.INVALID_ORDERING_TYPE 42K09

select collect_set(m) from values (map(1,2)) d(m);
--> error DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE 42K09

select v, w, x, count(*) from values (1,2,3) d(v,w,x) group by all;
--> struct<v:int,w:int,x:int,count(1):bigint>
--> 1 | 2 | 3 | 1

select v a, w+x, count(*) from values (1,2,3) d(v,w,x) group by all having a = 1 order by all;
--> struct<a:int,(w + x):int,count(1):bigint>
--> 1 | 5 | 1

select v, grouping(v) g from values (1,2) d(v,w) group by rollup(v) having grouping(v) = 1;
--> struct<v:int,g:tinyint>
--> NULL | 1

select v, count(*) from values (1,2),(3,2) d(v,w) group by rollup(v) order by grouping(v), v;
--> struct<v:int,count(1):bigint>
--> 1 | 1
--> 3 | 1
--> NULL | 2

select f, count(*) from values (-0.0D),(0.0D) t(f) group by f;
--> struct<f:double,count(1):bigint>
--> 0.0 | 2

select v+1, w from values (1,2),(5,6) d(v,w) group by cube(v+1, w) having v+1 > 2 and w is not null;
--> struct<(v + 1):int,w:int>
--> 6 | 6
