-- The keys of the sides of joins USING and NATURAL: by qualified name, by star, from what is above.
select * from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<k:int,l:string,c:int,r:string,c:int>
--> 1 | 'x' | 10 | 'p' | 10

select y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<K:int,r:string,c:int,k:int,l:string,c:int>
--> 1 | 'p' | 10 | 1 | 'x' | 10

select k, K, x.k, y.K from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<k:int,K:int,k:int,K:int>
--> 1 | 1 | 1 | 1

select l, r from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) where y.k is null;
--> struct<l:string,r:string>

select l, r from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) order by y.k desc nulls first, x.k;
--> struct<l:string,r:string>
--> 'x' | 'p'

select y.k, count(*) n from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) group by y.k having y.k is null or n > 0;
--> struct<k:int,n:bigint>
--> 1 | 1

select y.k, x.k, sum(length(r)) from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) group by rollup(y.k, x.k);
--> struct<k:int,k:int,sum(length(r)):bigint>
--> 1 | 1 | 1
--> 1 | NULL | 1
--> NULL | NULL | 1

select * from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) left join values (1,5),(3,6) z(k,m) on y.k = z.k;
--> struct<k:int,l:string,c:int,r:string,c:int,k:int,m:int>
--> 1 | 'x' | 10 | 'p' | 10 | 1 | 5

select z.k, y.k, x.k, m from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) left join values (1,5),(3,6) z(k,m) using (k);
--> struct<k:int,k:int,k:int,m:int>
--> 1 | 1 | 1 | 5

select z.*, y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) full join values (1,5),(4,6) z(k,m) using (k);
--> struct<k:int,m:int,K:int,r:string,c:int,k:int,l:string,c:int>
--> 1 | 5 | 1 | 'p' | 10 | 1 | 'x' | 10
--> 4 | 6 | NULL | NULL | NULL | NULL | NULL | NULL

select distinct l from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) order by y.k;
--> struct<l:string>
--> 'x'

select l, u, y.k from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) lateral view explode(array(1,2)) e as u;
--> struct<l:string,u:int,k:int>
--> 'x' | 1 | 1
--> 'x' | 2 | 1

select max(y.k), min(x.k), count(k) from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) having max(y.k) > 0;
--> struct<max(k):int,min(k):int,count(k):bigint>
--> 1 | 1 | 1

select y.k from (select * from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k));
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select t.k, y.k from (select * from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k)) t;
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select struct(y.*), y.* except (k) from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<struct(K, r, c):struct<K:int,r:string,c:int>,r:string,c:int>
--> (K=1, r='p', c=10) | 'p' | 10

select * from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (K, c);
--> struct<k:int,c:int,l:string,r:string>
--> 1 | 10 | 'x' | 'p'

select y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (K, c);
--> struct<K:int,c:int,r:string,k:int,c:int,l:string>
--> 1 | 10 | 'p' | 1 | 10 | 'x'

select k, K, x.k, y.K from values (1,'x',10),(2,'y',20) x(k,l,c) join values (1,'p',10),(3,'q',20) y(K,r,c) using (K, c);
--> struct<k:int,K:int,k:int,K:int>
--> 1 | 1 | 1 | 1

select * from values (1,'x',10),(2,'y',20) x(k,l,c) natural join values (1,'p',10),(3,'q',20) y(K,r,c);
--> struct<k:int,c:int,l:string,r:string>
--> 1 | 10 | 'x' | 'p'

select y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) natural join values (1,'p',10),(3,'q',20) y(K,r,c);
--> struct<K:int,c:int,r:string,k:int,c:int,l:string>
--> 1 | 10 | 'p' | 1 | 10 | 'x'

select k, K, x.k, y.K from values (1,'x',10),(2,'y',20) x(k,l,c) natural join values (1,'p',10),(3,'q',20) y(K,r,c);
--> struct<k:int,K:int,k:int,K:int>
--> 1 | 1 | 1 | 1

select * from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<k:int,l:string,c:int,r:string,c:int>
--> 1 | 'x' | 10 | 'p' | 10
--> 2 | 'y' | 20 | NULL | NULL

select y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<K:int,r:string,c:int,k:int,l:string,c:int>
--> 1 | 'p' | 10 | 1 | 'x' | 10
--> NULL | NULL | NULL | 2 | 'y' | 20

select k, K, x.k, y.K from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<k:int,K:int,k:int,K:int>
--> 1 | 1 | 1 | 1
--> 2 | 2 | 2 | NULL

select l, r from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) where y.k is null;
--> struct<l:string,r:string>
--> 'y' | NULL

select l, r from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) order by y.k desc nulls first, x.k;
--> struct<l:string,r:string>
--> 'x' | 'p'
--> 'y' | NULL

select y.k, count(*) n from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) group by y.k having y.k is null or n > 0;
--> struct<k:int,n:bigint>
--> 1 | 1
--> NULL | 1

select y.k, x.k, sum(length(r)) from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) group by rollup(y.k, x.k);
--> struct<k:int,k:int,sum(length(r)):bigint>
--> 1 | 1 | 1
--> 1 | NULL | 1
--> NULL | 2 | NULL
--> NULL | NULL | 1
--> NULL | NULL | NULL

select * from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) left join values (1,5),(3,6) z(k,m) on y.k = z.k;
--> struct<k:int,l:string,c:int,r:string,c:int,k:int,m:int>
--> 1 | 'x' | 10 | 'p' | 10 | 1 | 5
--> 2 | 'y' | 20 | NULL | NULL | NULL | NULL

select z.k, y.k, x.k, m from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) left join values (1,5),(3,6) z(k,m) using (k);
--> struct<k:int,k:int,k:int,m:int>
--> 1 | 1 | 1 | 5
--> NULL | NULL | 2 | NULL

select z.*, y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) full join values (1,5),(4,6) z(k,m) using (k);
--> struct<k:int,m:int,K:int,r:string,c:int,k:int,l:string,c:int>
--> 1 | 5 | 1 | 'p' | 10 | 1 | 'x' | 10
--> 4 | 6 | NULL | NULL | NULL | NULL | NULL | NULL
--> NULL | NULL | NULL | NULL | NULL | 2 | 'y' | 20

select distinct l from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) order by y.k;
--> struct<l:string>
--> 'x'
--> 'y'

select l, u, y.k from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) lateral view explode(array(1,2)) e as u;
--> struct<l:string,u:int,k:int>
--> 'x' | 1 | 1
--> 'x' | 2 | 1
--> 'y' | 1 | NULL
--> 'y' | 2 | NULL

select max(y.k), min(x.k), count(k) from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) having max(y.k) > 0;
--> struct<max(k):int,min(k):int,count(k):bigint>
--> 1 | 1 | 2

select y.k from (select * from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k));
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select t.k, y.k from (select * from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k)) t;
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select struct(y.*), y.* except (k) from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<struct(K, r, c):struct<K:int,r:string,c:int>,r:string,c:int>
--> (K=1, r='p', c=10) | 'p' | 10
--> (K=NULL, r=NULL, c=NULL) | NULL | NULL

select * from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (K, c);
--> struct<k:int,c:int,l:string,r:string>
--> 1 | 10 | 'x' | 'p'
--> 2 | 20 | 'y' | NULL

select y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (K, c);
--> struct<K:int,c:int,r:string,k:int,c:int,l:string>
--> 1 | 10 | 'p' | 1 | 10 | 'x'
--> NULL | NULL | NULL | 2 | 20 | 'y'

select k, K, x.k, y.K from values (1,'x',10),(2,'y',20) x(k,l,c) left join values (1,'p',10),(3,'q',20) y(K,r,c) using (K, c);
--> struct<k:int,K:int,k:int,K:int>
--> 1 | 1 | 1 | 1
--> 2 | 2 | 2 | NULL

select * from values (1,'x',10),(2,'y',20) x(k,l,c) natural left join values (1,'p',10),(3,'q',20) y(K,r,c);
--> struct<k:int,c:int,l:string,r:string>
--> 1 | 10 | 'x' | 'p'
--> 2 | 20 | 'y' | NULL

select y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) natural left join values (1,'p',10),(3,'q',20) y(K,r,c);
--> struct<K:int,c:int,r:string,k:int,c:int,l:string>
--> 1 | 10 | 'p' | 1 | 10 | 'x'
--> NULL | NULL | NULL | 2 | 20 | 'y'

select k, K, x.k, y.K from values (1,'x',10),(2,'y',20) x(k,l,c) natural left join values (1,'p',10),(3,'q',20) y(K,r,c);
--> struct<k:int,K:int,k:int,K:int>
--> 1 | 1 | 1 | 1
--> 2 | 2 | 2 | NULL

select * from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<K:int,l:string,c:int,r:string,c:int>
--> 1 | 'x' | 10 | 'p' | 10
--> 3 | NULL | NULL | 'q' | 20

select y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<K:int,r:string,c:int,k:int,l:string,c:int>
--> 1 | 'p' | 10 | 1 | 'x' | 10
--> 3 | 'q' | 20 | NULL | NULL | NULL

select k, K, x.k, y.K from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<k:int,K:int,k:int,K:int>
--> 1 | 1 | 1 | 1
--> 3 | 3 | NULL | 3

select l, r from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) where y.k is null;
--> struct<l:string,r:string>

select l, r from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) order by y.k desc nulls first, x.k;
--> struct<l:string,r:string>
--> 'x' | 'p'
--> NULL | 'q'

select y.k, count(*) n from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) group by y.k having y.k is null or n > 0;
--> struct<k:int,n:bigint>
--> 1 | 1
--> 3 | 1

select y.k, x.k, sum(length(r)) from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) group by rollup(y.k, x.k);
--> struct<k:int,k:int,sum(length(r)):bigint>
--> 1 | 1 | 1
--> 1 | NULL | 1
--> 3 | NULL | 1
--> 3 | NULL | 1
--> NULL | NULL | 2

select * from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) left join values (1,5),(3,6) z(k,m) on y.k = z.k;
--> struct<K:int,l:string,c:int,r:string,c:int,k:int,m:int>
--> 1 | 'x' | 10 | 'p' | 10 | 1 | 5
--> 3 | NULL | NULL | 'q' | 20 | 3 | 6

select z.k, y.k, x.k, m from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) left join values (1,5),(3,6) z(k,m) using (k);
--> struct<k:int,k:int,k:int,m:int>
--> 1 | 1 | 1 | 5
--> 3 | 3 | NULL | 6

select z.*, y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) full join values (1,5),(4,6) z(k,m) using (k);
--> struct<k:int,m:int,K:int,r:string,c:int,k:int,l:string,c:int>
--> 1 | 5 | 1 | 'p' | 10 | 1 | 'x' | 10
--> 4 | 6 | NULL | NULL | NULL | NULL | NULL | NULL
--> NULL | NULL | 3 | 'q' | 20 | NULL | NULL | NULL

select distinct l from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) order by y.k;
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select l, u, y.k from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) lateral view explode(array(1,2)) e as u;
--> struct<l:string,u:int,k:int>
--> 'x' | 1 | 1
--> 'x' | 2 | 1
--> NULL | 1 | 3
--> NULL | 2 | 3

select max(y.k), min(x.k), count(k) from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) having max(y.k) > 0;
--> struct<max(k):int,min(k):int,count(k):bigint>
--> 3 | 1 | 2

select y.k from (select * from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k));
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select t.k, y.k from (select * from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k)) t;
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select struct(y.*), y.* except (k) from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<struct(K, r, c):struct<K:int,r:string,c:int>,r:string,c:int>
--> (K=1, r='p', c=10) | 'p' | 10
--> (K=3, r='q', c=20) | 'q' | 20

select * from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (K, c);
--> struct<K:int,c:int,l:string,r:string>
--> 1 | 10 | 'x' | 'p'
--> 3 | 20 | NULL | 'q'

select y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (K, c);
--> struct<K:int,c:int,r:string,k:int,c:int,l:string>
--> 1 | 10 | 'p' | 1 | 10 | 'x'
--> 3 | 20 | 'q' | NULL | NULL | NULL

select k, K, x.k, y.K from values (1,'x',10),(2,'y',20) x(k,l,c) right join values (1,'p',10),(3,'q',20) y(K,r,c) using (K, c);
--> struct<k:int,K:int,k:int,K:int>
--> 1 | 1 | 1 | 1
--> 3 | 3 | NULL | 3

select * from values (1,'x',10),(2,'y',20) x(k,l,c) natural right join values (1,'p',10),(3,'q',20) y(K,r,c);
--> struct<K:int,c:int,l:string,r:string>
--> 1 | 10 | 'x' | 'p'
--> 3 | 20 | NULL | 'q'

select y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) natural right join values (1,'p',10),(3,'q',20) y(K,r,c);
--> struct<K:int,c:int,r:string,k:int,c:int,l:string>
--> 1 | 10 | 'p' | 1 | 10 | 'x'
--> 3 | 20 | 'q' | NULL | NULL | NULL

select k, K, x.k, y.K from values (1,'x',10),(2,'y',20) x(k,l,c) natural right join values (1,'p',10),(3,'q',20) y(K,r,c);
--> struct<k:int,K:int,k:int,K:int>
--> 1 | 1 | 1 | 1
--> 3 | 3 | NULL | 3

select * from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<k:int,l:string,c:int,r:string,c:int>
--> 1 | 'x' | 10 | 'p' | 10
--> 2 | 'y' | 20 | NULL | NULL
--> 3 | NULL | NULL | 'q' | 20

select y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<K:int,r:string,c:int,k:int,l:string,c:int>
--> 1 | 'p' | 10 | 1 | 'x' | 10
--> 3 | 'q' | 20 | NULL | NULL | NULL
--> NULL | NULL | NULL | 2 | 'y' | 20

select k, K, x.k, y.K from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<k:int,K:int,k:int,K:int>
--> 1 | 1 | 1 | 1
--> 2 | 2 | 2 | NULL
--> 3 | 3 | NULL | 3

select l, r from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) where y.k is null;
--> struct<l:string,r:string>
--> 'y' | NULL

select l, r from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) order by y.k desc nulls first, x.k;
--> struct<l:string,r:string>
--> 'x' | 'p'
--> 'y' | NULL
--> NULL | 'q'

select y.k, count(*) n from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) group by y.k having y.k is null or n > 0;
--> struct<k:int,n:bigint>
--> 1 | 1
--> 3 | 1
--> NULL | 1

select y.k, x.k, sum(length(r)) from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) group by rollup(y.k, x.k);
--> struct<k:int,k:int,sum(length(r)):bigint>
--> 1 | 1 | 1
--> 1 | NULL | 1
--> 3 | NULL | 1
--> 3 | NULL | 1
--> NULL | 2 | NULL
--> NULL | NULL | 2
--> NULL | NULL | NULL

select * from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) left join values (1,5),(3,6) z(k,m) on y.k = z.k;
--> struct<k:int,l:string,c:int,r:string,c:int,k:int,m:int>
--> 1 | 'x' | 10 | 'p' | 10 | 1 | 5
--> 2 | 'y' | 20 | NULL | NULL | NULL | NULL
--> 3 | NULL | NULL | 'q' | 20 | 3 | 6

select z.k, y.k, x.k, m from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) left join values (1,5),(3,6) z(k,m) using (k);
--> struct<k:int,k:int,k:int,m:int>
--> 1 | 1 | 1 | 5
--> 3 | 3 | NULL | 6
--> NULL | NULL | 2 | NULL

select z.*, y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) full join values (1,5),(4,6) z(k,m) using (k);
--> struct<k:int,m:int,K:int,r:string,c:int,k:int,l:string,c:int>
--> 1 | 5 | 1 | 'p' | 10 | 1 | 'x' | 10
--> 4 | 6 | NULL | NULL | NULL | NULL | NULL | NULL
--> NULL | NULL | 3 | 'q' | 20 | NULL | NULL | NULL
--> NULL | NULL | NULL | NULL | NULL | 2 | 'y' | 20

select distinct l from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) order by y.k;
--> struct<l:string>
--> 'x'
--> 'y'
--> NULL

select l, u, y.k from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) lateral view explode(array(1,2)) e as u;
--> struct<l:string,u:int,k:int>
--> 'x' | 1 | 1
--> 'x' | 2 | 1
--> 'y' | 1 | NULL
--> 'y' | 2 | NULL
--> NULL | 1 | 3
--> NULL | 2 | 3

select max(y.k), min(x.k), count(k) from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k) having max(y.k) > 0;
--> struct<max(k):int,min(k):int,count(k):bigint>
--> 3 | 1 | 3

select y.k from (select * from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k));
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select t.k, y.k from (select * from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k)) t;
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select struct(y.*), y.* except (k) from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<struct(K, r, c):struct<K:int,r:string,c:int>,r:string,c:int>
--> (K=1, r='p', c=10) | 'p' | 10
--> (K=3, r='q', c=20) | 'q' | 20
--> (K=NULL, r=NULL, c=NULL) | NULL | NULL

select * from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (K, c);
--> struct<k:int,c:int,l:string,r:string>
--> 1 | 10 | 'x' | 'p'
--> 2 | 20 | 'y' | NULL
--> 3 | 20 | NULL | 'q'

select y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (K, c);
--> struct<K:int,c:int,r:string,k:int,c:int,l:string>
--> 1 | 10 | 'p' | 1 | 10 | 'x'
--> 3 | 20 | 'q' | NULL | NULL | NULL
--> NULL | NULL | NULL | 2 | 20 | 'y'

select k, K, x.k, y.K from values (1,'x',10),(2,'y',20) x(k,l,c) full join values (1,'p',10),(3,'q',20) y(K,r,c) using (K, c);
--> struct<k:int,K:int,k:int,K:int>
--> 1 | 1 | 1 | 1
--> 2 | 2 | 2 | NULL
--> 3 | 3 | NULL | 3

select * from values (1,'x',10),(2,'y',20) x(k,l,c) natural full join values (1,'p',10),(3,'q',20) y(K,r,c);
--> struct<k:int,c:int,l:string,r:string>
--> 1 | 10 | 'x' | 'p'
--> 2 | 20 | 'y' | NULL
--> 3 | 20 | NULL | 'q'

select y.*, x.* from values (1,'x',10),(2,'y',20) x(k,l,c) natural full join values (1,'p',10),(3,'q',20) y(K,r,c);
--> struct<K:int,c:int,r:string,k:int,c:int,l:string>
--> 1 | 10 | 'p' | 1 | 10 | 'x'
--> 3 | 20 | 'q' | NULL | NULL | NULL
--> NULL | NULL | NULL | 2 | 20 | 'y'

select k, K, x.k, y.K from values (1,'x',10),(2,'y',20) x(k,l,c) natural full join values (1,'p',10),(3,'q',20) y(K,r,c);
--> struct<k:int,K:int,k:int,K:int>
--> 1 | 1 | 1 | 1
--> 2 | 2 | 2 | NULL
--> 3 | 3 | NULL | 3

select * from values (1,'x',10),(2,'y',20) x(k,l,c) left semi join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<k:int,l:string,c:int>
--> 1 | 'x' | 10

select x.k from values (1,'x',10),(2,'y',20) x(k,l,c) left semi join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<k:int>
--> 1

select y.k from values (1,'x',10),(2,'y',20) x(k,l,c) left semi join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select y.* from values (1,'x',10),(2,'y',20) x(k,l,c) left semi join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> error CANNOT_RESOLVE_STAR_EXPAND 42704

select * from values (1,'x',10),(2,'y',20) x(k,l,c) left anti join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<k:int,l:string,c:int>
--> 2 | 'y' | 20

select x.k from values (1,'x',10),(2,'y',20) x(k,l,c) left anti join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> struct<k:int>
--> 2

select y.k from values (1,'x',10),(2,'y',20) x(k,l,c) left anti join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

select y.* from values (1,'x',10),(2,'y',20) x(k,l,c) left anti join values (1,'p',10),(3,'q',20) y(K,r,c) using (k);
--> error CANNOT_RESOLVE_STAR_EXPAND 42704

select * from values (1) a(k) natural cross join values (1) b(k);
--> error INCOMPATIBLE_JOIN_TYPES 42613

select * from values (1) a(k) natural join values (1) b(j);
--> struct<k:int,j:int>
--> 1 | 1

select * from values (1,2) a(k,k) natural join values (1) b(k);
--> struct<k:int,k:int>
--> 1 | 2

select * from values (1,2) a(k,k) join values (1) b(k) using (k);
--> struct<k:int,k:int>
--> 1 | 2

select * from values (1,2) a(k,j) join values (1,3) b(k,j) using (k,k);
--> struct<k:int,k:int,j:int,j:int>
--> 1 | 1 | 2 | 3

select a.k from values (1) a(k) cross join values (1) b(k) using (k);
--> struct<k:int>
--> 1
