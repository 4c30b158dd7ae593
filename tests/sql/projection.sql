-- What a select list can hold, filters, order and limits.
create temporary view people as select * from values
    (1, 'Ann', 'Oslo', 34, 1200.50), (2, 'Bo', null, 28, 900.00), (3, 'Cy', 'Rome', null, 1500.25),
    (4, null, 'Oslo', 41, null), (5, 'Eve', 'Bern', 28, 900.00) as t(id, name, city, age, pay);

select * from people;
--> struct<id:int,name:string,city:string,age:int,pay:decimal(6,2)>
--> 1 | 'Ann' | 'Oslo' | 34 | 1200.50
--> 2 | 'Bo' | NULL | 28 | 900.00
--> 3 | 'Cy' | 'Rome' | NULL | 1500.25
--> 4 | NULL | 'Oslo' | 41 | NULL
--> 5 | 'Eve' | 'Bern' | 28 | 900.00

select id, upper(name) as who, age + 1 from people where city = 'Oslo';
--> struct<id:int,who:string,(age + 1):int>
--> 1 | 'ANN' | 35
--> 4 | NULL | 42

select p.*, p.pay * 2 as twice from people p where p.age between 28 and 34;
--> struct<id:int,name:string,city:string,age:int,pay:decimal(6,2),twice:decimal(8,2)>
--> 1 | 'Ann' | 'Oslo' | 34 | 1200.50 | 2401.00
--> 2 | 'Bo' | NULL | 28 | 900.00 | 1800.00
--> 5 | 'Eve' | 'Bern' | 28 | 900.00 | 1800.00

select people.id as `a b`, 'x' || name from people where name like '_o' or name like 'E%';
--> struct<a b:int,concat(x, name):string>
--> 2 | 'xBo'
--> 5 | 'xEve'

select id from people where city is null or age is null;
--> struct<id:int>
--> 2
--> 3

select id, city <=> null as gone, city = null as unknown from people;
--> struct<id:int,gone:boolean,unknown:boolean>
--> 1 | false | NULL
--> 2 | true | NULL
--> 3 | false | NULL
--> 4 | false | NULL
--> 5 | false | NULL

select id, case when age < 30 then 'young' when age < 40 then 'grown' else 'old or unknown' end as stage from people;
--> struct<id:int,stage:string>
--> 1 | 'grown'
--> 2 | 'young'
--> 3 | 'old or unknown'
--> 4 | 'old or unknown'
--> 5 | 'young'

select distinct city, age is null from people;
--> struct<city:string,(age IS NULL):boolean>
--> 'Bern' | false
--> 'Oslo' | false
--> 'Rome' | true
--> NULL | false

--@ ordered
select id, age from people order by age, id desc;
--> struct<id:int,age:int>
--> 3 | NULL
--> 5 | 28
--> 2 | 28
--> 1 | 34
--> 4 | 41

--@ ordered
select id, age from people order by age desc nulls first, 1;
--> struct<id:int,age:int>
--> 3 | NULL
--> 4 | 41
--> 1 | 34
--> 2 | 28
--> 5 | 28

--@ ordered
select name, city from people order by city nulls last, name nulls first limit 3;
--> struct<name:string,city:string>
--> 'Eve' | 'Bern'
--> NULL | 'Oslo'
--> 'Ann' | 'Oslo'

--@ ordered
select id from people order by pay desc, id limit 2 offset 1;
--> struct<id:int>
--> 1
--> 2

select count(*) from (select * from people limit 3);
--> struct<count(1):bigint>
--> 3

with young as (select * from people where age < 30), rich as (select * from young where pay >= 900)
select y.id, r.city from young y join rich r on y.id = r.id;
--> struct<id:int,city:string>
--> 2 | NULL
--> 5 | 'Bern'

select * except (pay, age) from people where id in (1, 5);
--> struct<id:int,name:string,city:string>
--> 1 | 'Ann' | 'Oslo'
--> 5 | 'Eve' | 'Bern'

select id, explode(array(age, id)) as v from people where id < 3;
--> struct<id:int,v:int>
--> 1 | 1
--> 1 | 34
--> 2 | 2
--> 2 | 28

select id, pos, c from people lateral view posexplode(split(coalesce(city, ''), '')) t as pos, c where id in (2, 5);
--> struct<id:int,pos:int,c:string>
--> 2 | 0 | ''
--> 5 | 0 | 'B'
--> 5 | 1 | 'e'
--> 5 | 2 | 'r'
--> 5 | 3 | 'n'

select * from range(2, 11, 4);
--> struct<id:bigint>
--> 10
--> 2
--> 6

select * from values (1, 'a'), (2, 'b') where col1 > 1;
--> struct<col1:int,col2:string>
--> 2 | 'b'

select s.a, s.b.c, arr[1], m['k'] from
    (select named_struct('a', 1, 'b', named_struct('c', 'deep')) as s, array(10, 20) as arr, map('k', 2.5) as m);
--> struct<a:int,c:string,arr[1]:int,m[k]:decimal(2,1)>
--> 1 | 'deep' | 20 | 2.5

--@ not yet
select id from people where exists (select 1 from range(3) r where r.id = people.id);
--> struct<id:int>
--> 1
--> 2

--@ not yet
select id from people where age > (select avg(age) from people);
--> struct<id:int>
--> 1
--> 4

from people |> where id > 3 |> select id, city;
--> struct<id:int,city:string>
--> 4 | 'Oslo'
--> 5 | 'Bern'
