-- Errors in Spark's order: of local rows that nobody reads, of constants that no row meets, of the first row that has one.

SELECT a / 0, CAST(s AS INT) FROM VALUES (1, 'x'), (2, 'y') AS t(a, s);
--> error DIVIDE_BY_ZERO 22012
SELECT CAST(s AS INT), a / b FROM VALUES (1, 0, '5'), (2, 1, 'y') AS t(a, b, s);
--> error DIVIDE_BY_ZERO 22012
SELECT sum(a / b), max(CAST(s AS INT)) FROM VALUES (1, 0, '5'), (2, 1, 'y') AS t(a, b, s);
--> error DIVIDE_BY_ZERO 22012
SELECT a FROM VALUES (1, 0, '5'), (2, 1, 'y') AS t(a, b, s) WHERE a / b > 0 AND CAST(s AS INT) > 0;
--> error DIVIDE_BY_ZERO 22012
SELECT 1 FROM (SELECT CAST(s AS INT) AS i FROM VALUES ('x') AS t(s));
--> error CAST_INVALID_INPUT 22018
SELECT count(*) FROM (SELECT CAST(s AS INT) AS i FROM VALUES ('x') AS t(s));
--> error CAST_INVALID_INPUT 22018
SELECT a FROM (SELECT a, 1 / a AS b FROM VALUES (0), (1) AS t(a)) WHERE a > 0;
--> error DIVIDE_BY_ZERO 22012
SELECT a FROM (SELECT a, 1 / a AS b FROM VALUES (0), (1) AS t(a) WHERE a > 0);
--> struct<a:int>
--> 1
SELECT 1 FROM (SELECT 1 / id AS i FROM range(3));
--> struct<1:int>
--> 1
--> 1
--> 1
SELECT CAST(a AS INT) FROM VALUES ('x') AS t(a) EXCEPT SELECT 1 / b FROM VALUES (0) AS u(b);
--> error CAST_INVALID_INPUT 22018
SELECT t.a FROM (SELECT CAST(a AS INT) AS a FROM VALUES ('x') AS t(a)) t JOIN (SELECT 1 / b AS b FROM VALUES (0) AS u(b)) u ON a = b;
--> error CAST_INVALID_INPUT 22018
SELECT a FROM (SELECT a, CAST(s AS INT) FROM VALUES (1, '1'), (2, 'x') AS t(a, s)) LIMIT 1;
--> error CAST_INVALID_INPUT 22018
SELECT to_date('NaN'), count(*) FROM VALUES (1) AS t(a) WHERE a > 5 GROUP BY to_date('NaN');
--> struct<to_date(NaN):date,count(1):bigint>
SELECT a, transform(array(a), x -> 1 / x) FROM VALUES (1), (0) AS t(a) WHERE a > 5;
--> struct<a:int,transform(array(a), lambdafunction((1 / namedlambdavariable()), namedlambdavariable())):array<double>>
SELECT from_json('{"a":1}', 'a INT, b');
--> error PARSE_SYNTAX_ERROR 42601
SELECT from_json('{"a":1}', '');
--> error PARSE_EMPTY_STATEMENT 42617
SELECT from_json('{"a":1}', 'INT');
--> error DATATYPE_MISMATCH.INVALID_JSON_SCHEMA 42K09
SELECT from_json('{"a":1}', 'array<');
--> error PARSE_SYNTAX_ERROR 42601
SELECT from_json('{"a":1}', '{"type":"struct"}');
--> error PARSE_SYNTAX_ERROR 42601
SELECT from_csv('1', 'INT');
--> error INVALID_SCHEMA.NON_STRUCT_TYPE 42K07
SELECT from_csv('1', '');
--> error PARSE_EMPTY_STATEMENT 42617
SELECT from_json('{"a":1}', NULL);
--> error INVALID_SCHEMA.NON_STRING_LITERAL 42K07
SELECT from_json('{"a":1}', 1);
--> error INVALID_SCHEMA.NON_STRING_LITERAL 42K07
SELECT from_json('{"a":1}', s) FROM VALUES ('a INT') AS t(s);
--> error INVALID_SCHEMA.NON_STRING_LITERAL 42K07
SELECT nanvl(1D, 1/0);
--> struct<nanvl(1.0, (1 / 0)):double>
--> 1.0
SELECT nanvl(x, 1/0) FROM VALUES (1D), (NULL) AS t(x);
--> struct<nanvl(x, (1 / 0)):double>
--> 1.0
--> NULL
SELECT nanvl(x, CAST('a' AS DOUBLE)) FROM VALUES (1D), (NULL) AS t(x);
--> struct<nanvl(x, CAST(a AS DOUBLE)):double>
--> 1.0
--> NULL
SELECT x IN (1, 1/0) FROM VALUES (1D) AS t(x);
--> struct<(x IN (1, (1 / 0))):boolean>
--> true
SELECT x IN (1, 1/y) FROM VALUES (1D, 0), (NULL, 0) AS t(x, y);
--> struct<(x IN (1, (1 / y))):boolean>
--> NULL
--> true
SELECT 1 IN (1, 1/y) FROM VALUES (0) AS t(y);
--> struct<(1 IN (1, (1 / y))):boolean>
--> true
SELECT NULL IN (1, 1/y) FROM VALUES (0) AS t(y);
--> struct<(NULL IN (1, (1 / y))):boolean>
--> NULL
SELECT array_sort(NULL);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT sort_array(NULL);
--> struct<sort_array(NULL, true):array<void>>
--> NULL
SELECT array_sort(array(3, NULL, 1));
--> struct<array_sort(array(3, NULL, 1), lambdafunction((IF(((namedlambdavariable() IS NULL) AND (namedlambdavariable() IS NULL)), 0, (IF((namedlambdavariable() IS NULL), 1, (IF((namedlambdavariable() IS NULL), -1, (IF((namedlambdavariable() < namedlambdavariable()), -1, (IF((namedlambdavariable() > namedlambdavariable()), 1, 0)))))))))), namedlambdavariable(), namedlambdavariable())):array<int>>
--> [1, 3, NULL]
SELECT map('a', 1)[NULL];
--> struct<map(a, 1)[NULL]:int>
--> NULL
SELECT element_at(array(1,2), NULL);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT element_at(map('a',1), NULL);
--> struct<element_at(map(a, 1), NULL):int>
--> NULL
SELECT array(a, 1/a)[0] FROM VALUES (0) AS t(a);
--> error DIVIDE_BY_ZERO 22012
SELECT format_string('%h', 'abc');
--> struct<format_string(%h, abc):string>
--> '4ed2cbb4'
SELECT format_string('%H', 'abc');
--> struct<format_string(%H, abc):string>
--> '4ED2CBB4'
SELECT format_string('%h', 1);
--> struct<format_string(%h, 1):string>
--> '1'
SELECT format_string('%h', NULL);
--> struct<format_string(%h, NULL):string>
--> 'null'
SELECT format_string('%h', 1.5D);
--> struct<format_string(%h, 1.5):string>
--> '3ff80000'
SELECT to_json(named_struct('a', CAST(X'FF61' AS STRING)));
--> struct<to_json(named_struct(a, CAST(X'FF61' AS STRING))):string>
--> '{"a":"�a"}'
SELECT to_csv(named_struct('a', X'FF61'));
--> struct<to_csv(named_struct(a, X'FF61')):string>
--> '[FF 61]'
SELECT a FROM VALUES (1, 2) AS t(a, b) HAVING b > 1;
--> error MISSING_GROUP_BY 42803
SELECT sum(a) FROM VALUES (1, 2) AS t(a, b) HAVING b > 1;
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703
SELECT sum(a) FROM VALUES (1, 2) AS t(a, b) GROUP BY a HAVING c > 1;
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703
SELECT a FROM VALUES (1, 2) AS t(a, b) GROUP BY a ORDER BY b;
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703
SELECT a FROM VALUES (1, 2) AS t(a, b) ORDER BY c;
--> error UNRESOLVED_COLUMN.WITH_SUGGESTION 42703
SELECT sum(a) FROM VALUES (1, 2) AS t(a, b) ORDER BY sum(b);
--> struct<sum(a):bigint>
--> 1
SELECT a FROM VALUES (1, 2) AS t(a, b) ORDER BY sum(b);
--> error UNSUPPORTED_EXPR_FOR_OPERATOR 42K0E
SELECT a FROM VALUES (1, 2) AS t(a, b) GROUP BY a HAVING sum(sum(b)) > 1;
--> error NESTED_AGGREGATE_FUNCTION 42607
SELECT a FROM VALUES (1, 2) AS t(a, b) WHERE sum(b) > 1;
--> error INVALID_WHERE_CONDITION 42903
SELECT a FROM VALUES (1, 2) AS t(a, b) LIMIT a;
--> error INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE 42K0E
SELECT a FROM VALUES (1, 2) AS t(a, b) LIMIT 'a';
--> error INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE 42K0E
SELECT a FROM VALUES (1, 2) AS t(a, b) LIMIT -1;
--> error INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE 42K0E
SELECT a FROM VALUES (1, 2) AS t(a, b) LIMIT NULL;
--> error INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE 42K0E
SELECT a FROM VALUES (1, 2) AS t(a, b) LIMIT 1.5;
--> error INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE 42K0E
SELECT a FROM VALUES (1, 2) AS t(a, b) OFFSET a;
--> error INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE 42K0E
SELECT a FROM VALUES (1, 2) AS t(a, b) LIMIT 1 + 1;
--> struct<a:int>
--> 1
SELECT a FROM VALUES (1, 2) AS t(a, b) LIMIT 1L;
--> error INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE 42K0E
SELECT count(*) FROM range(-9223372036854775808L, -9223372036854775806L);
--> struct<count(1):bigint>
--> 2
SELECT count(*) FROM range(0, 10, -1);
--> struct<count(1):bigint>
--> 0
SELECT count(id) FROM range(9223372036854775800L, 9223372036854775807L, 3);
--> struct<count(id):bigint>
--> 3
SELECT coalesce(a, 1), count(*) FROM VALUES (1), (NULL) AS t(a) GROUP BY coalesce(a, 1);
--> struct<coalesce(a, 1):int,count(1):bigint>
--> 1 | 2
SELECT a + 1 AS b, b + 1 AS c FROM VALUES (5) AS t(a);
--> struct<b:int,c:int>
--> 6 | 7
SELECT a + 1 AS a, a + 1 AS c FROM VALUES (5) AS t(a);
--> struct<a:int,c:int>
--> 6 | 6
SELECT sum(a) AS s, s + 1 AS c FROM VALUES (5) AS t(a);
--> struct<s:bigint,c:bigint>
--> 5 | 6
SELECT * FROM (SELECT * FROM VALUES (1, 2, 'x') AS t(a, b, c)) PIVOT (sum(a) FOR c IN ('x'));
--> struct<b:int,x:bigint>
--> 2 | 1
SELECT * FROM VALUES (1, 2, 'x') AS t(a, b, c) PIVOT (sum(a) AS s, count(*) FOR (b, c) IN ((2, 'x') AS q, (3, 'y')));
--> struct<q_s:bigint,q_count(1):bigint,{3, y}_s:bigint,{3, y}_count(1):bigint>
--> 1 | 1 | NULL | NULL
SELECT to_date('%a_', 'D') FROM VALUES (1) AS t(a) WHERE a > 5;
--> struct<to_date(%a_, D):date>
SELECT a FROM (SELECT a, to_date('%a_', 'D') AS d FROM range(3) AS t(a));
--> struct<a:bigint>
--> 0
--> 1
--> 2
SELECT a FROM (SELECT a, to_date('%a_', 'D') AS d FROM VALUES (1) AS t(a));
--> error CANNOT_PARSE_TIMESTAMP 22007
SELECT to_date('%a_', 'yyyy') FROM range(3) WHERE id > 5;
--> error CANNOT_PARSE_TIMESTAMP 22007
SELECT id FROM range(3) WHERE id > 5 AND to_date('%a_', 'yyyy') IS NULL;
--> struct<id:bigint>
SELECT CASE WHEN id > 5 THEN to_date('%a_', 'yyyy') END FROM range(3);
--> struct<CASE WHEN (id > 5) THEN to_date(%a_, yyyy) END:date>
--> NULL
--> NULL
--> NULL
SELECT coalesce(id, CAST('a' AS INT)) FROM range(3);
--> struct<coalesce(id, CAST(a AS INT)):bigint>
--> 0
--> 1
--> 2
SELECT if(id > 5, CAST('a' AS INT), 1) FROM range(3);
--> struct<(IF((id > 5), CAST(a AS INT), 1)):int>
--> 1
--> 1
--> 1
SELECT nvl(id, CAST('a' AS BIGINT)) FROM range(3);
--> struct<nvl(id, CAST(a AS BIGINT)):bigint>
--> 0
--> 1
--> 2
SELECT nullif(id, CAST('a' AS BIGINT)) FROM range(3);
--> error CAST_INVALID_INPUT 22018
SELECT id IN (1, CAST('a' AS BIGINT)) FROM range(3);
--> error CAST_INVALID_INPUT 22018
SELECT id FROM range(3) WHERE false AND CAST('a' AS BIGINT) = 1;
--> struct<id:bigint>
SELECT id FROM range(3) WHERE id > 5 OR CAST('a' AS BIGINT) = 1;
--> error CAST_INVALID_INPUT 22018
SELECT sum(CAST('a' AS BIGINT)) FROM range(0);
--> error CAST_INVALID_INPUT 22018
SELECT count(CAST('a' AS BIGINT)) FROM range(3) GROUP BY id HAVING id > 5;
--> error CAST_INVALID_INPUT 22018
SELECT transform(array(id), x -> CAST('a' AS BIGINT)) FROM range(0);
--> error CAST_INVALID_INPUT 22018
SELECT id FROM range(3) ORDER BY CAST('a' AS BIGINT);
--> error CAST_INVALID_INPUT 22018
SELECT id FROM range(3) LIMIT 0 + CAST('a' AS INT);
--> error CAST_INVALID_INPUT 22018
SELECT a.id FROM range(3) a JOIN range(3) b ON a.id = b.id AND CAST('a' AS INT) = 1;
--> error CAST_INVALID_INPUT 22018
SELECT 1/0 WHERE false;
--> error DIVIDE_BY_ZERO 22012
SELECT CAST('a' AS INT) FROM range(0);
--> error CAST_INVALID_INPUT 22018
SELECT sum(1/x) FILTER (WHERE x <> 0) FROM VALUES (0), (2) AS t(x);
--> struct<sum((1 / x)) FILTER (WHERE (NOT (x = 0))):double>
--> 0.5
SELECT sum(1/x) FILTER (WHERE x <> 0) FROM (SELECT id x FROM range(3));
--> struct<sum((1 / x)) FILTER (WHERE (NOT (x = 0))):double>
--> 1.5
