-- Partitions as a query sees them: hints, numbers of rows and partitions, seeds, samples.
SET spark.sql.leafNodeDefaultParallelism = 2;

CREATE TEMPORARY VIEW t20 AS SELECT id, spark_partition_id() AS p FROM range(0, 20, 1, 4);

--@ ordered
SELECT id, spark_partition_id() FROM range(0, 7, 1, 3);
--> struct<id:bigint,SPARK_PARTITION_ID():int>
--> 0 | 0
--> 1 | 0
--> 2 | 1
--> 3 | 1
--> 4 | 2
--> 5 | 2
--> 6 | 2

--@ ordered
SELECT id, spark_partition_id() FROM (SELECT /*+ REPARTITION(3) */ id FROM range(10));
--> struct<id:bigint,SPARK_PARTITION_ID():int>
--> 3 | 0
--> 4 | 0
--> 6 | 0
--> 0 | 1
--> 1 | 1
--> 7 | 1
--> 8 | 1
--> 2 | 2
--> 5 | 2
--> 9 | 2

--@ ordered
SELECT id, spark_partition_id() FROM (SELECT /*+ REPARTITION(3, id) */ id FROM range(10));
--> struct<id:bigint,SPARK_PARTITION_ID():int>
--> 3 | 0
--> 6 | 0
--> 7 | 0
--> 0 | 1
--> 1 | 2
--> 2 | 2
--> 4 | 2
--> 5 | 2
--> 8 | 2
--> 9 | 2

--@ ordered
SELECT id, spark_partition_id() FROM (SELECT /*+ REPARTITION(id) */ id FROM range(10));
--> struct<id:bigint,SPARK_PARTITION_ID():int>
--> 3 | 0
--> 0 | 0
--> 1 | 0
--> 2 | 0
--> 4 | 0
--> 6 | 0
--> 7 | 0
--> 5 | 0
--> 8 | 0
--> 9 | 0

--@ ordered
SELECT id, spark_partition_id() FROM (SELECT /*+ REPARTITION */ id FROM range(10));
--> struct<id:bigint,SPARK_PARTITION_ID():int>
--> 3 | 0
--> 4 | 0
--> 0 | 0
--> 1 | 0
--> 2 | 0
--> 6 | 0
--> 7 | 0
--> 8 | 0
--> 5 | 0
--> 9 | 0

--@ ordered
SELECT id, spark_partition_id() FROM (SELECT /*+ COALESCE(2) */ id FROM range(0, 10, 1, 5));
--> struct<id:bigint,SPARK_PARTITION_ID():int>
--> 0 | 0
--> 1 | 0
--> 2 | 0
--> 3 | 0
--> 4 | 1
--> 5 | 1
--> 6 | 1
--> 7 | 1
--> 8 | 1
--> 9 | 1

--@ ordered
SELECT id, spark_partition_id() FROM (SELECT /*+ COALESCE(9) */ id FROM range(0, 6, 1, 3));
--> struct<id:bigint,SPARK_PARTITION_ID():int>
--> 0 | 0
--> 1 | 0
--> 2 | 1
--> 3 | 1
--> 4 | 2
--> 5 | 2

--@ ordered
SELECT id, spark_partition_id() FROM (SELECT /*+ REPARTITION_BY_RANGE(3, id) */ id FROM range(10, 0, -1));
--> struct<id:bigint,SPARK_PARTITION_ID():int>
--> 4 | 0
--> 3 | 0
--> 2 | 0
--> 1 | 0
--> 7 | 1
--> 6 | 1
--> 5 | 1
--> 10 | 2
--> 9 | 2
--> 8 | 2

--@ ordered
SELECT id, spark_partition_id() FROM (SELECT /*+ REBALANCE(id) */ id FROM range(10));
--> struct<id:bigint,SPARK_PARTITION_ID():int>
--> 3 | 0
--> 0 | 0
--> 1 | 0
--> 2 | 0
--> 4 | 0
--> 6 | 0
--> 7 | 0
--> 5 | 0
--> 8 | 0
--> 9 | 0

--@ ordered
SELECT id, spark_partition_id() FROM (SELECT /*+ REPARTITION(2), COALESCE(1) */ id FROM range(6));
--> struct<id:bigint,SPARK_PARTITION_ID():int>
--> 2 | 0
--> 5 | 0
--> 0 | 1
--> 1 | 1
--> 3 | 1
--> 4 | 1

--@ ordered
SELECT id, spark_partition_id() FROM (SELECT id FROM range(20) DISTRIBUTE BY id % 3 SORT BY id DESC);
--> struct<id:bigint,SPARK_PARTITION_ID():int>
--> 19 | 0
--> 18 | 0
--> 17 | 0
--> 16 | 0
--> 15 | 0
--> 14 | 0
--> 13 | 0
--> 12 | 0
--> 11 | 0
--> 10 | 0
--> 9 | 0
--> 8 | 0
--> 7 | 0
--> 6 | 0
--> 5 | 0
--> 4 | 0
--> 3 | 0
--> 2 | 0
--> 1 | 0
--> 0 | 0

--@ ordered
SELECT id, spark_partition_id() FROM (SELECT id FROM range(10) SORT BY id DESC);
--> struct<id:bigint,SPARK_PARTITION_ID():int>
--> 4 | 0
--> 3 | 0
--> 2 | 0
--> 1 | 0
--> 0 | 0
--> 9 | 1
--> 8 | 1
--> 7 | 1
--> 6 | 1
--> 5 | 1

--@ ordered
SELECT id, spark_partition_id() FROM (SELECT id FROM range(3) UNION ALL SELECT id FROM range(0, 3, 1, 3));
--> struct<id:bigint,SPARK_PARTITION_ID():int>
--> 0 | 0
--> 1 | 1
--> 2 | 1
--> 0 | 2
--> 1 | 3
--> 2 | 4

--@ ordered
SELECT a, spark_partition_id() FROM (SELECT /*+ REPARTITION(3) */ * FROM VALUES (1, 'x', 1.5), (2, null, null), (3, 'a longer text', 2.5) AS v(a, b, c));
--> struct<a:int,SPARK_PARTITION_ID():int>
--> 1 | 0
--> 3 | 1
--> 2 | 2

SELECT /*+ REPARTITION(0) */ * FROM range(3);
--> error None None

SELECT /*+ REPARTITION(1.5) */ * FROM range(3);
--> error _LEGACY_ERROR_TEMP_1047 None

SELECT /*+ REPARTITION(id, 2) */ * FROM range(3);
--> error _LEGACY_ERROR_TEMP_1047 None

SELECT /*+ REPARTITION('a') */ * FROM range(3);
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703

SELECT /*+ COALESCE */ * FROM range(3);
--> error _LEGACY_ERROR_TEMP_1048 None

SELECT /*+ COALESCE(2, id) */ * FROM range(3);
--> error _LEGACY_ERROR_TEMP_1048 None

SELECT /*+ REPARTITION_BY_RANGE(2, 3) */ * FROM range(3);
--> error _LEGACY_ERROR_TEMP_1047 None

SELECT /*+ NO_SUCH_HINT(1) */ * FROM range(3);
--> struct<id:bigint>
--> 0
--> 1
--> 2

SELECT * FROM range(0, 5, 1, null);
--> error UNEXPECTED_INPUT_TYPE 42K09

--@ ordered
SELECT id, monotonically_increasing_id() FROM range(0, 6, 1, 3);
--> struct<id:bigint,monotonically_increasing_id():bigint>
--> 0 | 0
--> 1 | 1
--> 2 | 8589934592
--> 3 | 8589934593
--> 4 | 17179869184
--> 5 | 17179869185

--@ ordered
SELECT rand(5), randn(5), uniform(1, 10, 3), randstr(5, 3), uuid(5), shuffle(array(1, 2, 3, 4), 7) FROM range(0, 4, 1, 2);
--> struct<rand(5):double,randn(5):double,uniform(1, 10, 3):int,randstr(5, 3):string,uuid():string,shuffle(array(1, 2, 3, 4)):array<int>>
--> 0.02390696427502892 | 1.5298496477243015 | 3 | 'nurJI' | '99b370cd-2be6-4419-b53a-bf23bbe7c58b' | [1, 2, 4, 3]
--> 0.09509767744084452 | 0.2517460544935095 | 7 | 'pH4cm' | 'f818d780-2c21-4ec4-8941-9ac0541ea444' | [1, 4, 3, 2]
--> 0.07039836716341774 | -0.24587658470592705 | 9 | '5H0As' | '1089e7b4-a9dc-48c8-ac4a-439156b1d48d' | [2, 3, 1, 4]
--> 0.7362038093711971 | 0.13518800093763123 | 1 | 'IR86W' | 'c69a1423-29a7-475d-b3b6-52a4f9590e20' | [2, 4, 3, 1]

--@ ordered
SELECT rand(-3), rand(1 + 1), rand(null), rand(5L) FROM range(0, 4, 1, 2);
--> struct<rand(-3):double,rand((1 + 1)):double,rand(NULL):double,rand(5):double>
--> 0.7618556634486083 | 0.5311207224659675 | 0.7604953758285915 | 0.02390696427502892
--> 0.43928077484217554 | 0.2861372051669987 | 0.5234194256885571 | 0.09509767744084452
--> 0.5162900553617957 | 0.25738143505962285 | 0.6363787615254752 | 0.07039836716341774
--> 0.38758453464652565 | 0.6698885713796182 | 0.5993846534021868 | 0.7362038093711971

--@ ordered
SELECT CASE WHEN id % 2 = 0 THEN rand(5) END, rand(3) + rand(3) FROM range(0, 6, 1, 2);
--> struct<CASE WHEN ((id % 2) = 0) THEN rand(5) END:double,(rand(3) + rand(3)):double>
--> 0.02390696427502892 | 0.5147628701192457
--> NULL | 1.3397771427592364
--> 0.09509767744084452 | 1.883330239696025
--> NULL | 1.9062906984715895
--> 0.07039836716341774 | 0.13227112224512805
--> NULL | 0.28906078191523

--@ ordered
SELECT a, rand(5), spark_partition_id(), monotonically_increasing_id() FROM VALUES 1, 2, 3 AS v(a);
--> struct<a:int,rand(5):double,SPARK_PARTITION_ID():int,monotonically_increasing_id():bigint>
--> 1 | 0.02390696427502892 | 0 | 0
--> 2 | 0.09509767744084452 | 0 | 1
--> 3 | 0.7705061443410145 | 0 | 2

SELECT sum(r) FROM (SELECT CAST(rand(5) * 1000 AS INT) AS r FROM range(0, 100, 1, 3));
--> struct<sum(r):bigint>
--> 48566

SELECT count(*) FROM range(0, 10000, 1, 3) WHERE rand(7) < 0.25;
--> struct<count(1):bigint>
--> 2570

SELECT rand(id) FROM range(3);
--> error SEED_EXPRESSION_IS_UNFOLDABLE 42K08

SELECT rand('a') FROM range(3);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

SELECT uuid(id) FROM range(3);
--> error INVALID_PARAMETER_VALUE.LONG 22023

SELECT uniform('a', 3, 3);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

SELECT randstr(-1, 3);
--> error DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE 42K09

SELECT shuffle(3, 3);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

--@ ordered
SELECT id FROM t20 TABLESAMPLE (50 PERCENT) REPEATABLE (3);
--> struct<id:bigint>
--> 0
--> 4
--> 6
--> 7
--> 8
--> 9
--> 10
--> 11
--> 14
--> 15
--> 17

--@ ordered
SELECT id FROM t20 TABLESAMPLE (BUCKET 1 OUT OF 4) REPEATABLE (11);
--> struct<id:bigint>
--> 0
--> 1
--> 8
--> 9
--> 15
