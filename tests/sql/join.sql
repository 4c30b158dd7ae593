-- Joins of all kinds, with nulls among the keys.
create temporary view l as select * from values (1, 'a'), (2, 'b'), (2, 'bb'), (null, 'n'), (4, 'd') as t(k, v);

create temporary view r as select * from values (2, 20), (2, 22), (3, 30), (null, 0), (4, 40) as t(k, w);

select l.k, v, w from l join r on l.k = r.k;
--> struct<k:int,v:string,w:int>
--> 2 | 'b' | 20
--> 2 | 'b' | 22
--> 2 | 'bb' | 20
--> 2 | 'bb' | 22
--> 4 | 'd' | 40

select * from l left join r on l.k = r.k and w > 20;
--> struct<k:int,v:string,k:int,w:int>
--> 1 | 'a' | NULL | NULL
--> 2 | 'b' | 2 | 22
--> 2 | 'bb' | 2 | 22
--> 4 | 'd' | 4 | 40
--> NULL | 'n' | NULL | NULL

select * from l right outer join r on l.k = r.k;
--> struct<k:int,v:string,k:int,w:int>
--> 2 | 'b' | 2 | 20
--> 2 | 'b' | 2 | 22
--> 2 | 'bb' | 2 | 20
--> 2 | 'bb' | 2 | 22
--> 4 | 'd' | 4 | 40
--> NULL | NULL | 3 | 30
--> NULL | NULL | NULL | 0

select l.k as lk, r.k as rk, v, w from l full join r on l.k = r.k;
--> struct<lk:int,rk:int,v:string,w:int>
--> 1 | NULL | 'a' | NULL
--> 2 | 2 | 'b' | 20
--> 2 | 2 | 'b' | 22
--> 2 | 2 | 'bb' | 20
--> 2 | 2 | 'bb' | 22
--> 4 | 4 | 'd' | 40
--> NULL | 3 | NULL | 30
--> NULL | NULL | 'n' | NULL
--> NULL | NULL | NULL | 0

select * from l join r using (k);
--> struct<k:int,v:string,w:int>
--> 2 | 'b' | 20
--> 2 | 'b' | 22
--> 2 | 'bb' | 20
--> 2 | 'bb' | 22
--> 4 | 'd' | 40

select * from l full join r using (k);
--> struct<k:int,v:string,w:int>
--> 1 | 'a' | NULL
--> 2 | 'b' | 20
--> 2 | 'b' | 22
--> 2 | 'bb' | 20
--> 2 | 'bb' | 22
--> 3 | NULL | 30
--> 4 | 'd' | 40
--> NULL | 'n' | NULL
--> NULL | NULL | 0

select * from l left semi join r on l.k = r.k;
--> struct<k:int,v:string>
--> 2 | 'b'
--> 2 | 'bb'
--> 4 | 'd'

select * from l anti join r on l.k = r.k;
--> struct<k:int,v:string>
--> 1 | 'a'
--> NULL | 'n'

select v, w from l cross join r where v < 'b' and w >= 30;
--> struct<v:string,w:int>
--> 'a' | 30
--> 'a' | 40

select * from l natural join r;
--> struct<k:int,v:string,w:int>
--> 2 | 'b' | 20
--> 2 | 'b' | 22
--> 2 | 'bb' | 20
--> 2 | 'bb' | 22
--> 4 | 'd' | 40

select v, w from l join r on l.k <=> r.k where l.k is null;
--> struct<v:string,w:int>
--> 'n' | 0

select l.v, r.w from l join r on l.k < r.k and length(l.v) = 1;
--> struct<v:string,w:int>
--> 'a' | 20
--> 'a' | 22
--> 'a' | 30
--> 'a' | 40
--> 'b' | 30
--> 'b' | 40

select a.v, b.v from l a, l b where a.k = b.k and a.v < b.v;
--> struct<v:string,v:string>
--> 'b' | 'bb'

--@ not yet
select * from l where k in (select k from r where w > 20);
--> struct<k:int,v:string>
--> 2 | 'b'
--> 2 | 'bb'
--> 4 | 'd'

--@ not yet
select * from l where k not in (select k from r where k is not null);
--> struct<k:int,v:string>
--> 1 | 'a'

select * from (select k, count(*) as n from l group by k) x join (select k, sum(w) as s from r group by k) y using (k);
--> struct<k:int,n:bigint,s:bigint>
--> 2 | 2 | 42
--> 4 | 1 | 40

--@ not yet
select l.v, e from l, lateral (select l.k * 10 as e) where l.k is not null;
--> struct<v:string,e:int>
--> 'a' | 10
--> 'b' | 20
--> 'bb' | 20
--> 'd' | 40
