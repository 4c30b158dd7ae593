-- What columns are called: as the query spells them, and as functions were written.
select v, W, d.S, D.V from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<v:int,W:int,S:string,V:int>
--> 1 | 2 | 'abc' | 1

select st.f, st.F, d.st.f, st['f'] from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<f:int,F:int,f:int,st.f:int>
--> 1 | 1 | 1 | 1

select sum(v), max(W)+V from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st) group by V;
--> struct<sum(v):bigint,(max(W) + V):int>
--> 1 | 3

select v as a, a+1, A from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<a:int,(lateralAliasReference(a) + 1):int,A:int>
--> 1 | 2 | 1

select to_date(ts), to_date(dt), to_date(ds), to_date(nt), to_date(ds,'yyyy-MM-dd'), to_date(dt,'yyyy') from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<to_date(ts):date,to_date(dt):date,to_date(ds):date,to_date(nt):date,to_date(ds, yyyy-MM-dd):date,to_date(dt, yyyy):date>
--> 2020-01-01 | 2020-01-01 | 2020-01-01 | 2020-01-01 | 2020-01-01 | 2020-01-01

select to_timestamp(ts), to_timestamp(dt), to_timestamp(ds), to_timestamp(nt), to_timestamp(v) from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<to_timestamp(ts):timestamp,to_timestamp(dt):timestamp,to_timestamp(ds):timestamp,to_timestamp(nt):timestamp,to_timestamp(v):timestamp>
--> 2020-01-01 00:00:00 | 2020-01-01 00:00:00 | 2020-01-01 00:00:00 | 2020-01-01 00:00:00 | 1970-01-01 00:00:01

select to_timestamp_ntz(ts), to_timestamp_ntz(nt), to_timestamp_ltz(ts), to_timestamp_ltz(nt) from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<to_timestamp_ntz(ts):timestamp_ntz,to_timestamp_ntz(nt):timestamp_ntz,to_timestamp_ltz(ts):timestamp,to_timestamp_ltz(nt):timestamp>
--> 2020-01-01 00:00:00 | 2020-01-01 00:00:00 | 2020-01-01 00:00:00 | 2020-01-01 00:00:00

select try_to_date(dt), try_to_date(ds), try_to_timestamp(ts), try_to_timestamp(ds) from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<try_to_date(dt):date,try_to_date(ds):date,try_to_timestamp(ts):timestamp,try_to_timestamp(ds):timestamp>
--> 2020-01-01 | 2020-01-01 | 2020-01-01 00:00:00 | 2020-01-01 00:00:00

select upper(to_date(dt)), year(to_date(ts)), to_date(ts) = dt from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<upper(to_date(dt)):string,year(to_date(ts)):int,(to_date(ts) = dt):boolean>
--> '2020-01-01' | 2020 | true

select +v, -v, ~v, positive(v), negative(v), +db from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<(+ v):int,(- v):int,~v:int,(+ v):int,negative(v):int,(+ db):double>
--> 1 | -1 | -2 | 1 | -1 | 2.5

select (+v) + 1, cast(+v as string), cast(v as string), cast(cast(v as string) as int) from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<((+ v) + 1):int,CAST((+ v) AS STRING):string,v:string,CAST(CAST(v AS STRING) AS INT):int>
--> 2 | '1' | '1' | 1

select s like any ('a','b'), s like all ('a'), s not like any ('a','b'), s not like all ('a'), s ilike any ('A'), s ilike all ('a','b') from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<likeany(s):boolean,likeall(s):boolean,notlikeany(s):boolean,notlikeall(s):boolean,likeany(lower(s)):boolean,likeall(lower(s)):boolean>
--> false | false | true | true | false | false

select s like any ('a', null), s like any (concat('a','b'),'x'), not s like any ('a') from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<(s LIKE a OR s LIKE NULL):boolean,(s LIKE concat(a, b) OR s LIKE x):boolean,(NOT likeany(s)):boolean>
--> NULL | false | true

select struct(V, w AS Q), named_struct('a', v), array(v, W) from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<struct(V, w AS Q):struct<V:int,Q:int>,named_struct(a, v):struct<a:int>,array(v, W):array<int>>
--> (V=1, Q=2) | (a=1) | [1, 2]

select to_json(struct(v, W)) from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<to_json(struct(v, W)):string>
--> '{"v":1,"W":2}'

select nvl(v, w), ifnull(V, 1), nvl2(v, w, 1), nullif(v, W), coalesce(v) from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<nvl(v, w):int,ifnull(V, 1):int,nvl2(v, w, 1):int,nullif(v, W):int,coalesce(v):int>
--> 1 | 1 | 2 | 1 | 1

select left(s, 1), right(S, 1), date_part('year', dt), extract(day from ts), datepart('month', DT) from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<left(s, 1):string,right(S, 1):string,date_part(year, dt):int,extract(day FROM ts):int,datepart(month FROM DT):int>
--> 'a' | 'c' | 2020 | 1 | 1

select int(ds = 'x'), string(v), date(ds), double(V) from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<(ds = x):int,v:string,ds:date,V:double>
--> 0 | '1' | 2020-01-01 | 1.0

select distinct v, V from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<v:int,V:int>
--> 1 | 1

select count(*), count(v), count(distinct V), sum(v) filter (where W > 1) from values (1, 2, 'abc', date'2020-01-01', timestamp'2020-01-01 00:00:00', timestamp_ntz'2020-01-01 00:00:00', '2020-01-01', 2.5D, named_struct('F',1)) d(V, w, s, dt, ts, nt, ds, db, st);
--> struct<count(1):bigint,count(v):bigint,count(DISTINCT V):bigint,sum(v) FILTER (WHERE (W > 1)):bigint>
--> 1 | 1 | 1 | 1

select ID from (select 1 as id);
--> struct<ID:int>
--> 1

select t.ID, T.* from (select 1 as id) t;
--> struct<ID:int,id:int>
--> 1 | 1

select model from (select 1 Model) order by MODEL;
--> struct<model:int>
--> 1

select model, count(*) from (select 1 Model) group by MODEL having Model = 1;
--> struct<model:int,count(1):bigint>
--> 1 | 1

select * from (select 1 Model) a join (select 1 MODEL) b using (mODEL);
--> struct<Model:int>
--> 1

select a from (select 1 A) union all select b from (select 2 B);
--> struct<a:int>
--> 1
--> 2

with T as (select 1 X) select x, t.X from t;
--> struct<x:int,X:int>
--> 1 | 1

select X from values (1) T(x) where x = 1 limit 1;
--> struct<X:int>
--> 1

select id from range(1) where ID = 0;
--> struct<id:bigint>
--> 0

select Col from (select explode(array(1)));
--> struct<Col:int>
--> 1

select A, b from values (1) v(a) lateral view explode(array(2)) t as B;
--> struct<A:int,b:int>
--> 1 | 2

select max(M) from values (map('a', 1)) v(m) lateral view explode(m) t as k, M;
--> error AMBIGUOUS_REFERENCE 42704

select x from (select a as X from values (1) v(a)) group by x;
--> struct<x:int>
--> 1

select a from values (1) v(A) cluster by A;
--> struct<a:int>
--> 1
