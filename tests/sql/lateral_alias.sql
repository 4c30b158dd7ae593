-- Aliases of the same select list: in aggregates, ambiguous ones, and how they show.

SELECT 1 AS b, sum(b) FROM range(5);
--> error UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC 0A000

SELECT id AS b, sum(b) FROM range(5) GROUP BY id;
--> error UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC 0A000

SELECT 1 AS b, sum(b) + b FROM range(5);
--> error UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC 0A000

SELECT 1 AS b, sum(id + b) FROM range(5);
--> error UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC 0A000

SELECT sum(id) AS b, b + 1 FROM range(5);
--> struct<b:bigint,(lateralAliasReference(b) + 1):bigint>
--> 10 | 11

SELECT sum(id) AS b, sum(b) FROM range(5);
--> error UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC 0A000

SELECT id AS b, b + 1, sum(id) FROM range(5) GROUP BY id;
--> struct<b:bigint,(lateralAliasReference(b) + 1):bigint,sum(id):bigint>
--> 0 | 1 | 0
--> 1 | 2 | 1
--> 2 | 3 | 2
--> 3 | 4 | 3
--> 4 | 5 | 4

SELECT 1 AS b, count(DISTINCT b) FROM range(5);
--> error UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC 0A000

SELECT 1 AS b, sum(id) FILTER (WHERE b > 0) FROM range(5);
--> error UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC 0A000

SELECT id AS b, sum(b) FROM range(5) GROUP BY b;
--> error UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC 0A000

SELECT id AS b, collect_list(named_struct('x', b).x) FROM range(3) GROUP BY id;
--> error UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC 0A000

SELECT 1 AS b, array_sort(collect_list(b)) FROM range(3);
--> error UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC 0A000

SELECT named_struct('x', 1) AS b, sum(b.x) FROM range(3);
--> error UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC 0A000

SELECT 1 AS b, 2 AS b, sum(b) FROM range(5);
--> error AMBIGUOUS_LATERAL_COLUMN_ALIAS 42702

SELECT 1 AS b, 2 AS b, b FROM range(2);
--> error AMBIGUOUS_LATERAL_COLUMN_ALIAS 42702

SELECT 1 AS b, 2 AS B, b + 1 FROM range(2);
--> error AMBIGUOUS_LATERAL_COLUMN_ALIAS 42702

SELECT 1 AS b, b AS c, c + 1 FROM range(2);
--> struct<b:int,c:int,(lateralAliasReference(c) + 1):int>
--> 1 | 1 | 2
--> 1 | 1 | 2

SELECT 1 AS b, named_struct('b', 1) AS c, c.b FROM range(2);
--> struct<b:int,c:struct<b:int>,b:int>
--> 1 | (b=1) | 1
--> 1 | (b=1) | 1

SELECT 1 AS b, 2 AS b, 3 FROM range(2);
--> struct<b:int,b:int,3:int>
--> 1 | 2 | 3
--> 1 | 2 | 3

SELECT 1 AS id, 2 AS id, id FROM range(2);
--> struct<id:int,id:int,id:bigint>
--> 1 | 2 | 0
--> 1 | 2 | 1

SELECT id AS b, sum(b), nope FROM range(5);
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

SELECT array(1) AS b, sum(b) FROM range(5);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

SELECT id AS b, sum(id) FROM range(5);
--> error MISSING_GROUP_BY 42803

SELECT 1 AS b, count(*), b FROM range(5) GROUP BY b;
--> struct<b:int,count(1):bigint,b:int>
--> 1 | 5 | 1

SELECT 1 AS b, count(*) FILTER (WHERE b = 1), b FROM range(5);
--> error UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC 0A000

SELECT 1 AS b, listagg(id) WITHIN GROUP (ORDER BY b) FROM range(5);
--> error UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC 0A000

SELECT 1 AS b, transform(array(1), x -> x + b) FROM range(1);
--> struct<b:int,transform(array(1), lambdafunction((namedlambdavariable() + lateralAliasReference(b)), namedlambdavariable())):array<int>>
--> 1 | [2]

SELECT 1 AS b, transform(array(1), b -> b + 2) FROM range(1);
--> struct<b:int,transform(array(1), lambdafunction((namedlambdavariable() + 2), namedlambdavariable())):array<int>>
--> 1 | [3]

SELECT 1 AS b, 2 AS b, sum(b.x) FROM range(3);
--> error AMBIGUOUS_LATERAL_COLUMN_ALIAS 42702

SELECT 1 AS b, max(id) + b AS c, c + b FROM range(3);
--> struct<b:int,c:bigint,(lateralAliasReference(c) + lateralAliasReference(b)):bigint>
--> 1 | 3 | 4

SELECT id % 2 AS b, max(id) AS c, c + b FROM range(3) GROUP BY b;
--> struct<b:bigint,c:bigint,(lateralAliasReference(c) + lateralAliasReference(b)):bigint>
--> 0 | 2 | 2
--> 1 | 1 | 2
