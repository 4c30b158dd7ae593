-- UNPIVOT, EXCEPT ALL and INTERSECT ALL, generators, small statements. Answers: run.py --complete.
SELECT explode(collect_list(id)) FROM range(3);
--> struct<col:bigint>
--> 0
--> 1
--> 2
SELECT explode(collect_list(id)), count(1), explode(array(1)) FROM range(3);
--> error UNSUPPORTED_GENERATOR.MULTI_GENERATOR 42K0E
SELECT id%2, posexplode(collect_list(id)) AS (p, v) FROM range(3) GROUP BY id%2;
--> struct<(id % 2):bigint,p:int,v:bigint>
--> 0 | 0 | 0
--> 0 | 1 | 2
--> 1 | 0 | 1
SELECT explode(explode(array(array(1))));
--> error UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS 42K0E
SELECT 1 + explode(array(1));
--> error UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS 42K0E
SELECT sum(explode(array(1)));
--> error UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS 42K0E
SELECT explode(array(id, sum(id))) FROM range(3) GROUP BY id;
--> struct<col:bigint>
--> 0
--> 0
--> 1
--> 1
--> 2
--> 2
SELECT * FROM (VALUES (1,1),(1,1),(2,2),(NULL,3)) t(a,b) EXCEPT ALL SELECT * FROM (VALUES (1,1),(NULL,3)) u(a,b);
--> struct<a:int,b:int>
--> 1 | 1
--> 2 | 2
SELECT * FROM (VALUES (1),(1),(2)) t(a) INTERSECT ALL SELECT * FROM (VALUES (1.0),(1),(3)) u(a);
--> struct<a:decimal(11,1)>
--> 1.0
--> 1.0
SELECT * FROM (VALUES (map(1,2))) t(a) EXCEPT ALL SELECT * FROM (VALUES (map(1,2))) u(a);
--> error UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE 0A000
SELECT * FROM (VALUES (map(1,2))) t(a) INTERSECT SELECT * FROM (VALUES (map(1,2))) u(a);
--> error UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE 0A000
SELECT * FROM VALUES (1,2,3),(4,NULL,6) t(a,b,c) UNPIVOT (v FOR n IN (b,c));
--> struct<a:int,n:string,v:int>
--> 1 | 'b' | 2
--> 1 | 'c' | 3
--> 4 | 'c' | 6
SELECT * FROM VALUES (1,2,3),(4,NULL,6) t(a,b,c) UNPIVOT INCLUDE NULLS (v FOR n IN (b AS x, c));
--> struct<a:int,n:string,v:int>
--> 1 | 'c' | 3
--> 1 | 'x' | 2
--> 4 | 'c' | 6
--> 4 | 'x' | NULL
SELECT * FROM VALUES (1,2,3,4,5) t(a,b,c,d,e) UNPIVOT ((v,w) FOR n IN ((b,c) AS x, (d,e)));
--> struct<a:int,n:string,v:int,w:int>
--> 1 | 'd_e' | 4 | 5
--> 1 | 'x' | 2 | 3
SELECT * FROM VALUES (1,'x') t(a,b) UNPIVOT (v FOR n IN (a,b));
--> error UNPIVOT_VALUE_DATA_TYPE_MISMATCH 42K09
SELECT * FROM VALUES (1,2L) t(a,b) UNPIVOT (v FOR n IN (a,b));
--> struct<n:string,v:bigint>
--> 'a' | 1
--> 'b' | 2
SELECT * FROM VALUES (1,2L) t(a,b) UNPIVOT (v FOR n IN (zz));
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703
SELECT * FROM VALUES (1,struct(2 as x,3 as y)) t(a,b) UNPIVOT (v FOR n IN (b.x,b.y));
--> error UNPIVOT_REQUIRES_ATTRIBUTES 42K0A
SELECT explode(array(1)), explode(array(2,3)), 5;
--> struct<col:int,col:int,5:int>
--> 1 | 2 | 5
--> 1 | 3 | 5
SELECT posexplode(array(1)), inline(array(struct(1,2)));
--> struct<pos:int,col:int,col1:int,col2:int>
--> 0 | 1 | 1 | 2
SELECT * FROM (SELECT id % 3 AS a FROM range(10)) EXCEPT ALL SELECT id FROM range(2);
--> struct<a:bigint>
--> 0
--> 0
--> 0
--> 1
--> 1
--> 2
--> 2
--> 2
SELECT * FROM (SELECT id % 3 AS a, cast(NULL AS STRING) AS s FROM range(10)) INTERSECT ALL SELECT id, NULL FROM range(2) UNION ALL SELECT 1, NULL;
--> struct<a:bigint,s:string>
--> 0 | NULL
--> 1 | NULL
--> 1 | NULL
SELECT count(*) FROM (SELECT id % 2 AS a FROM range(1000) EXCEPT ALL SELECT 0 FROM range(200));
--> struct<count(1):bigint>
--> 800
SELECT a FROM (SELECT 1 AS a EXCEPT ALL SELECT 2 AS b) WHERE a > 0;
--> struct<a:int>
--> 1
SELECT array(1) AS a EXCEPT ALL SELECT array(2);
--> struct<a:array<int>>
--> [1]
SELECT struct(1, 'x') AS a INTERSECT ALL SELECT struct(1, 'x');
--> struct<a:struct<col1:int,col2:string>>
--> (col1=1, col2='x')
SELECT n, sum(v) FROM VALUES (1, 2, 3), (4, NULL, 6) t(a, b, c) UNPIVOT (v FOR n IN (b, c)) GROUP BY n;
--> struct<n:string,sum(v):bigint>
--> 'b' | 2
--> 'c' | 9
SELECT * FROM VALUES (1, 2, 3) t(a, b, c) |> UNPIVOT (v FOR n IN (b, c));
--> struct<a:int,n:string,v:int>
--> 1 | 'b' | 2
--> 1 | 'c' | 3
DROP TEMPORARY VIEW v;
--> error PARSE_SYNTAX_ERROR 42601
DROP TEMP VIEW IF EXISTS v;
--> error PARSE_SYNTAX_ERROR 42601
DROP TEMPORARY FUNCTION f;
--> error ROUTINE_NOT_FOUND 42883
DROP TEMPORARY FUNCTION IF EXISTS f;
DROP FUNCTION IF EXISTS f;
DROP FUNCTION f;
--> error ROUTINE_NOT_FOUND 42883
DROP TEMPORARY FUNCTION upper;
--> error FORBIDDEN_OPERATION 42809
DROP TEMPORARY FUNCTION a.b;
--> error INVALID_TEMP_OBJ_QUALIFIER 42602
DROP TEMPORARY VARIABLE IF EXISTS x;
DROP TEMPORARY VARIABLE x;
--> error VARIABLE_NOT_FOUND 42883
SHOW CATALOGS;
--> struct<catalog:string>
--> 'spark_catalog'
SHOW CATALOGS LIKE 'x*';
--> struct<catalog:string>
SHOW CURRENT NAMESPACE;
--> struct<catalog:string,namespace:string>
--> 'spark_catalog' | 'default'
SET CATALOG spark_catalog;
DESCRIBE QUERY SELECT 1 AS a;
--> struct<col_name:string,data_type:string,comment:string>
--> 'a' | 'int' | NULL
SELECT foo.upper('x');
--> error UNRESOLVED_ROUTINE 42883
SELECT builtin.upper('x');
--> struct<upper(x):string>
--> 'X'
SELECT system.builtin.upper('x');
--> struct<upper(x):string>
--> 'X'
SELECT * FROM upper('x');
--> error NOT_A_TABLE_FUNCTION 42887
SELECT range(3);
--> error NOT_A_SCALAR_FUNCTION 42887
SELECT * FROM nosuch(3);
--> error UNRESOLVABLE_TABLE_VALUED_FUNCTION 42883
