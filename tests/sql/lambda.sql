-- Lambda functions. Answers: run.py --complete.
SELECT transform(array(1,2,3), x -> x + 1), transform(array(1,2,3), (x, i) -> x + i);
--> struct<transform(array(1, 2, 3), lambdafunction((namedlambdavariable() + 1), namedlambdavariable())):array<int>,transform(array(1, 2, 3), lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), namedlambdavariable())):array<int>>
--> [2, 3, 4] | [1, 3, 5]
SELECT transform(array(1,NULL,3), x -> x + id) FROM range(3);
--> struct<transform(array(1, NULL, 3), lambdafunction((namedlambdavariable() + id), namedlambdavariable())):array<bigint>>
--> [1, NULL, 3]
--> [2, NULL, 4]
--> [3, NULL, 5]
SELECT transform(CAST(NULL AS ARRAY<INT>), x -> x + 1), transform(array(), x -> x);
--> struct<transform(NULL, lambdafunction((namedlambdavariable() + 1), namedlambdavariable())):array<int>,transform(array(), lambdafunction(namedlambdavariable(), namedlambdavariable())):array<void>>
--> NULL | []
SELECT filter(array(1,2,3,NULL), x -> x > 1), filter(array(5,6,7), (x,i) -> i > 0);
--> struct<filter(array(1, 2, 3, NULL), lambdafunction((namedlambdavariable() > 1), namedlambdavariable())):array<int>,filter(array(5, 6, 7), lambdafunction((namedlambdavariable() > 0), namedlambdavariable(), namedlambdavariable())):array<int>>
--> [2, 3] | [6, 7]
SELECT exists(array(1,2,3), x -> x % 2 = 0), exists(array(1,NULL), x -> x > 5), exists(array(), x -> true);
--> struct<exists(array(1, 2, 3), lambdafunction(((namedlambdavariable() % 2) = 0), namedlambdavariable())):boolean,exists(array(1, NULL), lambdafunction((namedlambdavariable() > 5), namedlambdavariable())):boolean,exists(array(), lambdafunction(true, namedlambdavariable())):boolean>
--> true | NULL | false
SELECT forall(array(1,2,3), x -> x > 0), forall(array(1,NULL), x -> x > 0), forall(array(0,NULL), x -> x > 0);
--> struct<forall(array(1, 2, 3), lambdafunction((namedlambdavariable() > 0), namedlambdavariable())):boolean,forall(array(1, NULL), lambdafunction((namedlambdavariable() > 0), namedlambdavariable())):boolean,forall(array(0, NULL), lambdafunction((namedlambdavariable() > 0), namedlambdavariable())):boolean>
--> true | NULL | false
SELECT any_match(array(1),x->x>0);
--> error UNRESOLVED_ROUTINE 42883
SELECT aggregate(array(1,2,3), 0, (acc, x) -> acc + x), aggregate(array(1,2,3), 0, (acc, x) -> acc + x, acc -> acc * 10), reduce(array(1,2), 0, (a,b)->a+b);
--> struct<aggregate(array(1, 2, 3), 0, lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), namedlambdavariable()), lambdafunction(namedlambdavariable(), namedlambdavariable())):int,aggregate(array(1, 2, 3), 0, lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), namedlambdavariable()), lambdafunction((namedlambdavariable() * 10), namedlambdavariable())):int,reduce(array(1, 2), 0, lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), namedlambdavariable()), lambdafunction(namedlambdavariable(), namedlambdavariable())):int>
--> 6 | 60 | 3
SELECT aggregate(array(1,NULL,3), 0, (acc, x) -> acc + coalesce(x, 100));
--> struct<aggregate(array(1, NULL, 3), 0, lambdafunction((namedlambdavariable() + coalesce(namedlambdavariable(), 100)), namedlambdavariable(), namedlambdavariable()), lambdafunction(namedlambdavariable(), namedlambdavariable())):int>
--> 104
SELECT aggregate(array(1,2), CAST(0 AS BIGINT), (acc, x) -> acc + x);
--> struct<aggregate(array(1, 2), CAST(0 AS BIGINT), lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), namedlambdavariable()), lambdafunction(namedlambdavariable(), namedlambdavariable())):bigint>
--> 3
SELECT aggregate(array(1,2), 0, (acc, x) -> acc + 1.5D);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT aggregate(array('a','b'), '', (acc, x) -> concat(acc, x), acc -> upper(acc));
--> struct<aggregate(array(a, b), , lambdafunction(concat(namedlambdavariable(), namedlambdavariable()), namedlambdavariable(), namedlambdavariable()), lambdafunction(upper(namedlambdavariable()), namedlambdavariable())):string>
--> 'AB'
SELECT zip_with(array(1,2), array('a','b','c'), (x, y) -> concat(x, y)), zip_with(array(1), CAST(NULL AS ARRAY<INT>), (x,y)->x);
--> struct<zip_with(array(1, 2), array(a, b, c), lambdafunction(concat(namedlambdavariable(), namedlambdavariable()), namedlambdavariable(), namedlambdavariable())):array<string>,zip_with(array(1), NULL, lambdafunction(namedlambdavariable(), namedlambdavariable(), namedlambdavariable())):array<int>>
--> ['1a', '2b', NULL] | NULL
SELECT zip_with(array(1,2), array(10,20,30), (x, y) -> x + y);
--> struct<zip_with(array(1, 2), array(10, 20, 30), lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), namedlambdavariable())):array<int>>
--> [11, 22, NULL]
SELECT map_filter(map(1,0,2,2,3,-1), (k, v) -> k > v);
--> struct<map_filter(map(1, 0, 2, 2, 3, -1), lambdafunction((namedlambdavariable() > namedlambdavariable()), namedlambdavariable(), namedlambdavariable())):map<int,int>>
--> {1: 0, 3: -1}
SELECT transform_keys(map(1,'a',2,'b'), (k, v) -> k + 1), transform_values(map(1,'a',2,'b'), (k, v) -> concat(v, k));
--> struct<transform_keys(map(1, a, 2, b), lambdafunction((namedlambdavariable() + 1), namedlambdavariable(), namedlambdavariable())):map<int,string>,transform_values(map(1, a, 2, b), lambdafunction(concat(namedlambdavariable(), namedlambdavariable()), namedlambdavariable(), namedlambdavariable())):map<int,string>>
--> {2: 'a', 3: 'b'} | {1: 'a1', 2: 'b2'}
SELECT transform_keys(map(1,'a',2,'b'), (k, v) -> 1);
--> error DUPLICATED_MAP_KEY 23505
SELECT transform_keys(map(1,'a'), (k, v) -> CAST(NULL AS INT));
--> error NULL_MAP_KEY 2200E
SELECT map_zip_with(map(1,'a',2,'b'), map(1,'x',3,'y'), (k, v1, v2) -> concat(coalesce(v1,'-'), coalesce(v2,'-')));
--> struct<map_zip_with(map(1, a, 2, b), map(1, x, 3, y), lambdafunction(concat(coalesce(namedlambdavariable(), -), coalesce(namedlambdavariable(), -)), namedlambdavariable(), namedlambdavariable(), namedlambdavariable())):map<int,string>>
--> {1: 'ax', 2: 'b-', 3: '-y'}
SELECT array_sort(array(3,1,2), (a, b) -> b - a), array_sort(array('bc','a',NULL), (l, r) -> CASE WHEN l IS NULL THEN 1 WHEN r IS NULL THEN -1 WHEN length(l) < length(r) THEN -1 ELSE 1 END);
--> struct<array_sort(array(3, 1, 2), lambdafunction((namedlambdavariable() - namedlambdavariable()), namedlambdavariable(), namedlambdavariable())):array<int>,array_sort(array(bc, a, NULL), lambdafunction(CASE WHEN (namedlambdavariable() IS NULL) THEN 1 WHEN (namedlambdavariable() IS NULL) THEN -1 WHEN (length(namedlambdavariable()) < length(namedlambdavariable())) THEN -1 ELSE 1 END, namedlambdavariable(), namedlambdavariable())):array<string>>
--> [3, 2, 1] | ['a', 'bc', NULL]
SELECT array_sort(array(3,1), (a, b) -> CAST(NULL AS INT));
--> error COMPARATOR_RETURNS_NULL 22004
SELECT transform(array(array(1,2),array(3)), a -> transform(a, x -> x * size(a)));
--> struct<transform(array(array(1, 2), array(3)), lambdafunction(transform(namedlambdavariable(), lambdafunction((namedlambdavariable() * size(namedlambdavariable())), namedlambdavariable())), namedlambdavariable())):array<array<int>>>
--> [[2, 4], [3]]
SELECT transform(array(1,2), x -> transform(array(10,20), y -> x + y + id)) FROM range(2);
--> struct<transform(array(1, 2), lambdafunction(transform(array(10, 20), lambdafunction(((namedlambdavariable() + namedlambdavariable()) + id), namedlambdavariable())), namedlambdavariable())):array<array<bigint>>>
--> [[11, 21], [12, 22]]
--> [[12, 22], [13, 23]]
SELECT transform(array(1,0), x -> 1/x);
--> error DIVIDE_BY_ZERO 22012
SELECT transform(array(1), (x, y, z) -> x);
--> error INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH 42K0D
SELECT transform(array(1), (x, x) -> x);
--> error INVALID_LAMBDA_FUNCTION_CALL.DUPLICATE_ARG_NAMES 42K0D
SELECT transform(array(1), 5);
--> struct<transform(array(1), lambdafunction(5, namedlambdavariable())):array<int>>
--> [5]
SELECT transform(5, x -> x);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT transform(x -> x, array(1));
--> error INVALID_LAMBDA_FUNCTION_CALL.PARAMETER_DOES_NOT_ACCEPT_LAMBDA_FUNCTION 42K0D
SELECT filter(array(1), x -> x);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT transform(array(1,2), X -> x + 1);
--> struct<transform(array(1, 2), lambdafunction((namedlambdavariable() + 1), namedlambdavariable())):array<int>>
--> [2, 3]
SELECT transform(array(struct(1 as a, 'p' as b)), s -> s.a);
--> struct<transform(array(struct(1 AS a, p AS b)), lambdafunction(namedlambdavariable().a, namedlambdavariable())):array<int>>
--> [1]
SELECT transform(array(1), x -> y);
--> error UNRESOLVED_COLUMN.WITHOUT_SUGGESTION 42703
SELECT transform(array(id, id+1), x -> x + id) FROM range(3);
--> struct<transform(array(id, (id + 1)), lambdafunction((namedlambdavariable() + id), namedlambdavariable())):array<bigint>>
--> [0, 1]
--> [2, 3]
--> [4, 5]
SELECT sum(aggregate(array(id), 0L, (a,x)->a+x)) FROM range(3);
--> struct<sum(aggregate(array(id), 0, lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), namedlambdavariable()), lambdafunction(namedlambdavariable(), namedlambdavariable()))):bigint>
--> 3
SELECT transform(collect_list(id), x -> x + 1) FROM range(3);
--> struct<transform(collect_list(id), lambdafunction((namedlambdavariable() + 1), namedlambdavariable())):array<bigint>>
--> [1, 2, 3]
SELECT id, transform(array(1), x -> id + x) AS t FROM range(3) GROUP BY id;
--> struct<id:bigint,t:array<bigint>>
--> 0 | [1]
--> 1 | [2]
--> 2 | [3]
SELECT typeof(transform(array(1,2), x -> cast(x as string)));
--> struct<typeof(transform(array(1, 2), lambdafunction(CAST(namedlambdavariable() AS STRING), namedlambdavariable()))):string>
--> 'array<string>'
SELECT filter(array(named_struct('a',1),named_struct('a',2)), x -> x.a = 2);
--> struct<filter(array(named_struct(a, 1), named_struct(a, 2)), lambdafunction((namedlambdavariable().a = 2), namedlambdavariable())):array<struct<a:int>>>
--> [(a=2)]
SELECT count_if(exists(array(id), x -> x > 1)) FROM range(3);
--> struct<count_if(exists(array(id), lambdafunction((namedlambdavariable() > 1), namedlambdavariable()))):bigint>
--> 1
SELECT aggregate(array(), 1, (a,x) -> a + 1), aggregate(CAST(NULL AS ARRAY<INT>), 1, (a,x)->a+x);
--> struct<aggregate(array(), 1, lambdafunction((namedlambdavariable() + 1), namedlambdavariable(), namedlambdavariable()), lambdafunction(namedlambdavariable(), namedlambdavariable())):int,aggregate(NULL, 1, lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), namedlambdavariable()), lambdafunction(namedlambdavariable(), namedlambdavariable())):int>
--> 1 | NULL
SELECT transform(array(1,2), x -> NULL);
--> struct<transform(array(1, 2), lambdafunction(NULL, namedlambdavariable())):array<void>>
--> [NULL, NULL]
SELECT transform(a, x -> CASE WHEN x > 2 THEN x * id WHEN x < 0 THEN NULL ELSE -x END) FROM (SELECT id, array(id, id - 2, NULL, 5) AS a FROM range(4));
--> struct<transform(a, lambdafunction(CASE WHEN (namedlambdavariable() > 2) THEN (namedlambdavariable() * id) WHEN (namedlambdavariable() < 0) THEN NULL ELSE (- namedlambdavariable()) END, namedlambdavariable())):array<bigint>>
--> [-1, NULL, NULL, 5]
--> [-2, 0, NULL, 10]
--> [0, NULL, NULL, 0]
--> [9, -1, NULL, 15]
SELECT id, filter(a, x -> x > id), exists(a, x -> x = id), forall(a, x -> x >= id) FROM (SELECT id, IF(id = 2, NULL, array(id, id + 1, NULL)) AS a FROM range(4));
--> struct<id:bigint,filter(a, lambdafunction((namedlambdavariable() > id), namedlambdavariable())):array<bigint>,exists(a, lambdafunction((namedlambdavariable() = id), namedlambdavariable())):boolean,forall(a, lambdafunction((namedlambdavariable() >= id), namedlambdavariable())):boolean>
--> 0 | [1] | true | NULL
--> 1 | [2] | true | NULL
--> 2 | NULL | NULL | NULL
--> 3 | [4] | true | NULL
SELECT exists(array(1, 0), x -> 1 / x > 0), forall(array(0, 5), x -> x > 0 AND 10 / x > 1);
--> struct<exists(array(1, 0), lambdafunction(((1 / namedlambdavariable()) > 0), namedlambdavariable())):boolean,forall(array(0, 5), lambdafunction(((namedlambdavariable() > 0) AND ((10 / namedlambdavariable()) > 1)), namedlambdavariable())):boolean>
--> true | false
SELECT aggregate(IF(id = 1, NULL, sequence(0, id)), 0L, (a, x) -> a + x, a -> a * id) FROM range(5);
--> struct<aggregate((IF((id = 1), NULL, sequence(0, id))), 0, lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), namedlambdavariable()), lambdafunction((namedlambdavariable() * id), namedlambdavariable())):bigint>
--> 0
--> 18
--> 40
--> 6
--> NULL
SELECT aggregate(sequence(1, 500), '', (a, x) -> right(concat(a, x), 20));
--> struct<aggregate(sequence(1, 500), , lambdafunction(right(concat(namedlambdavariable(), namedlambdavariable()), 20), namedlambdavariable(), namedlambdavariable()), lambdafunction(namedlambdavariable(), namedlambdavariable())):string>
--> '94495496497498499500'
SELECT array_sort(transform(sequence(0, 20), x -> (x * 7) % 11), (a, b) -> b - a);
--> struct<array_sort(transform(sequence(0, 20), lambdafunction(((namedlambdavariable() * 7) % 11), namedlambdavariable())), lambdafunction((namedlambdavariable() - namedlambdavariable()), namedlambdavariable(), namedlambdavariable())):array<int>>
--> [10, 10, 9, 9, 8, 8, 7, 7, 6, 6, 5, 5, 4, 3, 3, 2, 2, 1, 1, 0, 0]
SELECT id, array_sort(IF(id = 1, NULL, array(3, id, 1, 2)), (a, b) -> CASE WHEN a > b THEN -1 WHEN a < b THEN 1 ELSE 0 END) FROM range(4);
--> struct<id:bigint,array_sort((IF((id = 1), NULL, array(3, id, 1, 2))), lambdafunction(CASE WHEN (namedlambdavariable() > namedlambdavariable()) THEN -1 WHEN (namedlambdavariable() < namedlambdavariable()) THEN 1 ELSE 0 END, namedlambdavariable(), namedlambdavariable())):array<bigint>>
--> 0 | [3, 2, 1, 0]
--> 1 | NULL
--> 2 | [3, 2, 2, 1]
--> 3 | [3, 3, 2, 1]
SELECT map_filter(map(id, 1, id + 1, 2), (k, v) -> k + v > 3), transform_values(map(id, 1), (k, v) -> k + v + id) FROM range(3);
--> struct<map_filter(map(id, 1, (id + 1), 2), lambdafunction(((namedlambdavariable() + namedlambdavariable()) > 3), namedlambdavariable(), namedlambdavariable())):map<bigint,int>,transform_values(map(id, 1), lambdafunction(((namedlambdavariable() + namedlambdavariable()) + id), namedlambdavariable(), namedlambdavariable())):map<bigint,bigint>>
--> {2: 2} | {1: 3}
--> {3: 2} | {2: 5}
--> {} | {0: 1}
SELECT zip_with(array(id, 1), sequence(1, 3), (x, y) -> coalesce(x, 0) * y + id) FROM range(2);
--> struct<zip_with(array(id, 1), sequence(1, 3), lambdafunction(((coalesce(namedlambdavariable(), 0) * namedlambdavariable()) + id), namedlambdavariable(), namedlambdavariable())):array<bigint>>
--> [0, 2, 0]
--> [2, 3, 1]
SELECT transform(array(1, 2), x -> filter(array(1, 2, 3), y -> y > x AND y < 3 + id)) FROM range(2);
--> struct<transform(array(1, 2), lambdafunction(filter(array(1, 2, 3), lambdafunction(((namedlambdavariable() > namedlambdavariable()) AND (namedlambdavariable() < (3 + id))), namedlambdavariable())), namedlambdavariable())):array<array<int>>>
--> [[2, 3], [3]]
--> [[2], []]
SELECT transform(array(array(id)), a -> transform(a, x -> transform(array(x, 1), y -> x + y + size(a)))) FROM range(2);
--> struct<transform(array(array(id)), lambdafunction(transform(namedlambdavariable(), lambdafunction(transform(array(namedlambdavariable(), 1), lambdafunction(((namedlambdavariable() + namedlambdavariable()) + size(namedlambdavariable())), namedlambdavariable())), namedlambdavariable())), namedlambdavariable())):array<array<array<bigint>>>>
--> [[[1, 2]]]
--> [[[3, 3]]]
SELECT transform(array('a', 'bb'), x -> CASE WHEN length(x) = 1 THEN upper(x) ELSE reverse(x) END);
--> struct<transform(array(a, bb), lambdafunction(CASE WHEN (length(namedlambdavariable()) = 1) THEN upper(namedlambdavariable()) ELSE reverse(namedlambdavariable()) END, namedlambdavariable())):array<string>>
--> ['A', 'bb']
SELECT id, sum(v) FROM (SELECT id, explode(transform(array(1, 2), x -> x * id)) AS v FROM range(3)) GROUP BY id;
--> struct<id:bigint,sum(v):bigint>
--> 0 | 0
--> 1 | 3
--> 2 | 6
SELECT id FROM range(5) WHERE exists(array(1, 3), x -> x = id);
--> struct<id:bigint>
--> 1
--> 3
SELECT * FROM VALUES (transform(array(1, 2), x -> x + 1)) t(a);
--> error INVALID_INLINE_TABLE.CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE 42000
SELECT map_zip_with(map(1, 'a'), map(1L, 'x', 3L, 'y'), (k, a, b) -> concat(k, coalesce(a, '-'), b));
--> struct<map_zip_with(map(1, a), map(1, x, 3, y), lambdafunction(concat(namedlambdavariable(), coalesce(namedlambdavariable(), -), namedlambdavariable()), namedlambdavariable(), namedlambdavariable(), namedlambdavariable())):map<bigint,string>>
--> {1: '1ax', 3: '3-y'}
