-- Groups and aggregate functions.
create temporary view sales as select * from values
    ('a', 'x', 10, 1.50, 0.5D), ('a', 'y', 20, 2.25, 1.5D), ('b', 'x', null, 3.00, null), ('b', 'x', 5, null, 2.5D),
    (null, 'y', 7, 1.00, 0.25D), ('a', 'x', 10, 1.50, -0.5D), ('c', null, null, null, null)
    as t(shop, item, n, price, w);

select count(*), count(n), count(distinct n), sum(n), avg(n), min(n), max(n) from sales;
--> struct<count(1):bigint,count(n):bigint,count(DISTINCT n):bigint,sum(n):bigint,avg(n):double,min(n):int,max(n):int>
--> 7 | 5 | 4 | 52 | 10.4 | 5 | 20

select shop, count(*) as c, sum(n) as s, avg(price) as p, sum(price), sum(w) from sales group by shop;
--> struct<shop:string,c:bigint,s:bigint,p:decimal(7,6),sum(price):decimal(13,2),sum(w):double>
--> 'a' | 3 | 40 | 1.750000 | 5.25 | 1.5
--> 'b' | 2 | 5 | 3.000000 | 3.00 | 2.5
--> 'c' | 1 | NULL | NULL | NULL | NULL
--> NULL | 1 | 7 | 1.000000 | 1.00 | 0.25

select shop, item, max(price) from sales group by shop, item having count(*) > 1;
--> struct<shop:string,item:string,max(price):decimal(3,2)>
--> 'a' | 'x' | 1.50
--> 'b' | 'x' | 3.00

select shop, min(item), max(item), any_value(n) is null as u from sales group by shop;
--> struct<shop:string,min(item):string,max(item):string,u:boolean>
--> 'a' | 'x' | 'y' | false
--> 'b' | 'x' | 'x' | true
--> 'c' | NULL | NULL | true
--> NULL | 'y' | 'y' | false

select n % 2 = 0 as even, count(*) from sales group by n % 2 = 0;
--> struct<even:boolean,count(1):bigint>
--> NULL | 2
--> false | 2
--> true | 3

select upper(shop) as s, sum(n * price) from sales group by 1;
--> struct<s:string,sum((n * price)):decimal(24,2)>
--> 'A' | 75.00
--> 'B' | NULL
--> 'C' | NULL
--> NULL | 7.00

select item, count(*) filter (where n > 6) as big, count_if(price is null) as unknown from sales group by item;
--> struct<item:string,big:bigint,unknown:bigint>
--> 'x' | 2 | 1
--> 'y' | 2 | 0
--> NULL | 0 | 1

select shop, sort_array(collect_list(n)) as l, sort_array(collect_set(n)) as s from sales group by shop;
--> struct<shop:string,l:array<int>,s:array<int>>
--> 'a' | [10, 10, 20] | [10, 20]
--> 'b' | [5] | [5]
--> 'c' | [] | []
--> NULL | [7] | [7]

select shop, first(n, true) as f, last(price, true) as l from sales where shop in ('b', 'c') group by shop;
--> struct<shop:string,f:int,l:decimal(3,2)>
--> 'b' | 5 | 3.00
--> 'c' | NULL | NULL

select round(stddev(n), 6), round(stddev_pop(n), 6), round(var_samp(w), 6), round(corr(n, w), 6) from sales;
--> struct<round(stddev(n), 6):double,round(stddev_pop(n), 6):double,round(var_samp(w), 6):double,round(corr(n, w), 6):double>
--> 5.770615 | 5.161395 | 1.3625 | 0.001856

select shop, max_by(item, n), min_by(item, price) from sales where n is not null group by shop;
--> struct<shop:string,max_by(item, n):string,min_by(item, price):string>
--> 'a' | 'y' | 'x'
--> 'b' | 'x' | NULL
--> NULL | 'y' | 'y'

select bool_and(n > 4), bool_or(n > 15), every(n > 5), some(n is null) from sales;
--> struct<bool_and((n > 4)):boolean,bool_or((n > 15)):boolean,every((n > 5)):boolean,some((n IS NULL)):boolean>
--> true | true | false | true

select bit_and(n), bit_or(n), bit_xor(n) from sales;
--> struct<bit_and(n):int,bit_or(n):int,bit_xor(n):int>
--> 0 | 31 | 22

select count(*), sum(n), max(price) from sales where n > 1000;
--> struct<count(1):bigint,sum(n):bigint,max(price):decimal(3,2)>
--> 0 | NULL | NULL

select shop, count(*) from sales where n > 1000 group by shop;
--> struct<shop:string,count(1):bigint>

select shop, item, sum(n), grouping(shop) as gs from sales group by rollup(shop, item);
--> struct<shop:string,item:string,sum(n):bigint,gs:tinyint>
--> 'a' | 'x' | 20 | 0
--> 'a' | 'y' | 20 | 0
--> 'a' | NULL | 40 | 0
--> 'b' | 'x' | 5 | 0
--> 'b' | NULL | 5 | 0
--> 'c' | NULL | NULL | 0
--> 'c' | NULL | NULL | 0
--> NULL | 'y' | 7 | 0
--> NULL | NULL | 52 | 1
--> NULL | NULL | 7 | 0

select shop, sum(n) from sales group by grouping sets ((shop), ());
--> struct<shop:string,sum(n):bigint>
--> 'a' | 40
--> 'b' | 5
--> 'c' | NULL
--> NULL | 52
--> NULL | 7

select distinct shop, sum(n) from sales group by shop, item;
--> struct<shop:string,sum(n):bigint>
--> 'a' | 20
--> 'b' | 5
--> 'c' | NULL
--> NULL | 7

select sum(distinct n), avg(distinct price) from sales;
--> struct<sum(DISTINCT n):bigint,avg(DISTINCT price):decimal(7,6)>
--> 42 | 1.937500

--@ ordered
select shop, sum(n) as total from sales group by shop order by total desc nulls last, shop limit 2;
--> struct<shop:string,total:bigint>
--> 'a' | 40
--> NULL | 7

select sum(cast(9223372036854775807 as bigint) - n) is null as none from sales where false;
--> struct<none:boolean>
--> true

select sum(price) / count(price), avg(price) from sales;
--> struct<(sum(price) / count(price)):decimal(34,23),avg(price):decimal(7,6)>
--> 1.85000000000000000000000 | 1.850000

select sum(a), avg(a), max(a) from values (cast('NaN' as double)), (1.0D) as t(a);
--> struct<sum(a):double,avg(a):double,max(a):double>
--> nan | nan | nan
