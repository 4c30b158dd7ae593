-- Collated strings: types and names, precedence, comparisons, groups, order, joins, and what is refused.

SELECT collation('a'), collation('a' COLLATE utf8_lcase), collation(NULL), typeof('a' COLLATE unicode_ci);
--> struct<collation(a):string,collation(collate(a, utf8_lcase)):string,collation(NULL):string,typeof(collate(a, unicode_ci)):string>
--> 'SYSTEM.BUILTIN.UTF8_BINARY' | 'SYSTEM.BUILTIN.UTF8_LCASE' | 'SYSTEM.BUILTIN.UTF8_BINARY' | 'string collate UNICODE_CI'
SELECT 'a' COLLATE UTF8_LCASE, cast(1 AS STRING COLLATE utf8_lcase), cast('x' AS ARRAY<STRING>) IS NULL;
--> error DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION 42K09
SELECT 'a' COLLATE utf8_lcase = 'A', 'a' = 'A' COLLATE utf8_lcase, collate('a', 'utf8_lcase') = 'A';
--> struct<(collate(a, utf8_lcase) = 'A' collate UTF8_LCASE):boolean,('a' collate UTF8_LCASE = collate(A, utf8_lcase)):boolean,(collate(a, utf8_lcase) = 'A' collate UTF8_LCASE):boolean>
--> true | true | true
SELECT 'a' COLLATE unicode_ci = 'A', 'a' COLLATE unicode = 'A', 'á' COLLATE unicode_ai = 'a', 'Á' COLLATE unicode_ai_ci = 'a';
--> struct<(collate(a, unicode_ci) = 'A' collate UNICODE_CI):boolean,(collate(a, unicode) = 'A' collate UNICODE):boolean,(collate(á, unicode_ai) = 'a' collate UNICODE_AI):boolean,(collate(Á, unicode_ai_ci) = 'a' collate UNICODE_CI_AI):boolean>
--> true | false | true | true
SELECT 'a ' COLLATE utf8_binary_rtrim = 'a', 'A ' COLLATE utf8_lcase_rtrim = 'a', 'A ' COLLATE unicode_rtrim_ci = 'a', ' a' COLLATE utf8_lcase_rtrim = 'a';
--> struct<(collate(a , utf8_binary_rtrim) = 'a' collate UTF8_BINARY_RTRIM):boolean,(collate(A , utf8_lcase_rtrim) = 'a' collate UTF8_LCASE_RTRIM):boolean,(collate(A , unicode_rtrim_ci) = 'a' collate UNICODE_CI_RTRIM):boolean,(collate( a, utf8_lcase_rtrim) = 'a' collate UTF8_LCASE_RTRIM):boolean>
--> true | true | true | false
SELECT 'É' COLLATE utf8_lcase = 'é', 'é' COLLATE unicode = 'é', 'é' COLLATE utf8_lcase = 'é', 'Σ' COLLATE utf8_lcase = 'ς', 'İ' COLLATE utf8_lcase = 'i';
--> struct<(collate(É, utf8_lcase) = 'é' collate UTF8_LCASE):boolean,(collate(é, unicode) = 'é' collate UNICODE):boolean,(collate(é, utf8_lcase) = 'é' collate UTF8_LCASE):boolean,(collate(Σ, utf8_lcase) = 'ς' collate UTF8_LCASE):boolean,(collate(İ, utf8_lcase) = 'i' collate UTF8_LCASE):boolean>
--> true | true | true | true | false
SELECT 'b' COLLATE utf8_lcase > 'A', 'b' > 'C', 'b' COLLATE unicode < 'C', 'ABC' COLLATE utf8_lcase IN ('abc'), 'b' COLLATE utf8_lcase BETWEEN 'A' AND 'C', 'a' COLLATE utf8_lcase <=> NULL;
--> struct<(collate(b, utf8_lcase) > 'A' collate UTF8_LCASE):boolean,(b > C):boolean,(collate(b, unicode) < 'C' collate UNICODE):boolean,(collate(ABC, utf8_lcase) IN ('abc' collate UTF8_LCASE)):boolean,between(collate(b, utf8_lcase), A, C):boolean,(collate(a, utf8_lcase) <=> NULL):boolean>
--> true | true | true | true | true | false
SELECT CASE 'ABC' COLLATE utf8_lcase WHEN 'abc' THEN 1 END, nullif('a' COLLATE utf8_lcase, 'A'), equal_null('a' COLLATE utf8_lcase, 'A');
--> struct<CASE WHEN (collate(ABC, utf8_lcase) = 'abc' collate UTF8_LCASE) THEN 1 END:int,nullif(collate(a, utf8_lcase), A):string collate UTF8_LCASE,equal_null(collate(a, utf8_lcase), A):boolean>
--> 1 | NULL | true
SELECT x COLLATE UNICODE_AI_CI, x COLLATE unicode_cs_as, x COLLATE unicode_rtrim_ci, x COLLATE system.builtin.utf8_lcase FROM VALUES ('a') t(x);
--> struct<collate(x, UNICODE_AI_CI):string collate UNICODE_CI_AI,collate(x, unicode_cs_as):string collate UNICODE,collate(x, unicode_rtrim_ci):string collate UNICODE_CI_RTRIM,collate(x, utf8_lcase):string collate UTF8_LCASE>
--> 'a' | 'a' | 'a' | 'a'
SELECT array('a' COLLATE utf8_lcase), map('k', 'v' COLLATE utf8_lcase), struct('a' COLLATE utf8_lcase AS x);
--> struct<array(collate(a, utf8_lcase)):array<string collate UTF8_LCASE>,map(k, collate(v, utf8_lcase)):map<string,string collate UTF8_LCASE>,struct(collate(a, utf8_lcase) AS x):struct<x:string collate UTF8_LCASE>>
--> ['a'] | {'k': 'v'} | (x='a')
SELECT coalesce('a' COLLATE utf8_lcase, 'b'), if(true, 'a' COLLATE utf8_lcase, 'q'), array('a' COLLATE utf8_lcase, 'b');
--> struct<coalesce(collate(a, utf8_lcase), 'b' collate UTF8_LCASE):string collate UTF8_LCASE,(IF(true, collate(a, utf8_lcase), 'q' collate UTF8_LCASE)):string collate UTF8_LCASE,array(collate(a, utf8_lcase), 'b' collate UTF8_LCASE):array<string collate UTF8_LCASE>>
--> 'a' | 'a' | ['a', 'b']
SELECT upper(x), concat(x, 'b'), x || x, substring(x, 1, 1) = 'A', lower(x) = 'A', trim(x), repeat(x, 2) FROM (SELECT 'a' COLLATE utf8_lcase x);
--> struct<upper(x):string collate UTF8_LCASE,concat(x, 'b' collate UTF8_LCASE):string collate UTF8_LCASE,concat(x, x):string collate UTF8_LCASE,(substring(x, 1, 1) = 'A' collate UTF8_LCASE):boolean,(lower(x) = 'A' collate UTF8_LCASE):boolean,trim(x):string collate UTF8_LCASE,repeat(x, 2):string collate UTF8_LCASE>
--> 'A' | 'ab' | 'aa' | true | true | 'a' | 'aa'
SELECT length(x), md5(x), hash(x), to_json(struct(x)), x IS NULL, string(x), x::string = 'A' FROM (SELECT 'a' COLLATE utf8_lcase x);
--> struct<length(x):int,md5(x):string,hash(x):int,to_json(struct(x)):string,(x IS NULL):boolean,x:string,(CAST(x AS STRING) = A):boolean>
--> 1 | '0cc175b9c0f1b6a831c399e269772661' | 1485273170 | '{"x":"a"}' | false | 'a' | false
SELECT map('a', x)['a'] = 'A', struct(x).x = 'A', array(x)[0] = 'A', upper(x) = upper('a') FROM (SELECT 'a' COLLATE utf8_lcase x);
--> struct<(map(a, x)[a] = 'A' collate UTF8_LCASE):boolean,(struct(x).x = 'A' collate UTF8_LCASE):boolean,(array(x)[0] = 'A' collate UTF8_LCASE):boolean,(upper(x) = upper(a)):boolean>
--> true | true | true | true
SELECT contains('ABC' COLLATE utf8_lcase, 'b'), startswith('ABC' COLLATE utf8_lcase, 'a'), endswith('ABC' COLLATE utf8_lcase, 'bc');
--> struct<contains(collate(ABC, utf8_lcase), 'b' collate UTF8_LCASE):boolean,startswith(collate(ABC, utf8_lcase), 'a' collate UTF8_LCASE):boolean,endswith(collate(ABC, utf8_lcase), 'bc' collate UTF8_LCASE):boolean>
--> true | true | true
SELECT cast(x AS INT), cast(x AS BINARY), cast(x AS STRING) FROM (SELECT '1' COLLATE utf8_lcase x);
--> struct<x:int,x:binary,x:string>
--> 1 | X'31' | '1'
SELECT from_json('{"a":"x"}', 'a string collate utf8_lcase');
--> struct<from_json({"a":"x"}):struct<a:string collate UTF8_LCASE>>
--> (a='x')
SELECT cast(struct('a' AS x) AS STRUCT<x: STRING COLLATE utf8_lcase>), cast(array('a') AS ARRAY<STRING COLLATE unicode>);
--> struct<struct(a AS x):struct<x:string collate UTF8_LCASE>,array(a):array<string collate UNICODE>>
--> (x='a') | ['a']

-- groups, order, sets, joins
SELECT lower(c), count(*) n FROM (SELECT x COLLATE utf8_lcase c FROM VALUES ('a'), ('A'), ('b'), (NULL) t(x)) GROUP BY c;
--> struct<lower(c):string collate UTF8_LCASE,n:bigint>
--> 'a' | 2
--> 'b' | 1
--> NULL | 1
SELECT lower(c), count(*) n FROM (SELECT x COLLATE utf8_lcase c FROM VALUES ('a'), ('A'), ('b') t(x)) GROUP BY c HAVING c >= 'A' ORDER BY c DESC;
--> struct<lower(c):string collate UTF8_LCASE,n:bigint>
--> 'a' | 2
--> 'b' | 1
--@ ordered
SELECT c, i FROM (SELECT x COLLATE utf8_lcase c, i FROM VALUES ('b', 1), ('A', 2), ('B', 3), ('a', 4) t(x, i)) ORDER BY c, i;
--> struct<c:string collate UTF8_LCASE,i:int>
--> 'A' | 2
--> 'a' | 4
--> 'b' | 1
--> 'B' | 3
--@ ordered
SELECT c FROM (SELECT x COLLATE utf8_lcase c FROM VALUES ('b'), ('A'), ('B'), ('a') t(x)) ORDER BY c, c COLLATE utf8_binary;
--> struct<c:string collate UTF8_LCASE>
--> 'A'
--> 'a'
--> 'B'
--> 'b'
--@ ordered
SELECT x COLLATE unicode FROM VALUES ('b'), ('A'), ('B'), ('a'), ('-'), ('á'), ('1'), ('ab'), ('a b') t(x) ORDER BY x COLLATE unicode;
--> struct<collate(x, unicode):string collate UNICODE>
--> '-'
--> '1'
--> 'a'
--> 'A'
--> 'á'
--> 'a b'
--> 'ab'
--> 'b'
--> 'B'
SELECT count(*) FROM (SELECT DISTINCT x COLLATE unicode_ci FROM VALUES ('a'), ('A'), ('b'), ('B'), ('á') t(x));
--> struct<count(1):bigint>
--> 3
SELECT count(DISTINCT c), count(c), max(c), min(c) FROM (SELECT x COLLATE utf8_lcase c FROM VALUES ('b'), ('A'), ('B') t(x));
--> struct<count(DISTINCT c):bigint,count(c):bigint,max(c):string collate UTF8_LCASE,min(c):string collate UTF8_LCASE>
--> 2 | 3 | 'b' | 'A'
SELECT lower(c), count(*) FROM (SELECT x COLLATE utf8_lcase c FROM VALUES ('a'), ('A'), ('b') t(x)) GROUP BY ROLLUP(c);
--> struct<lower(c):string collate UTF8_LCASE,count(1):bigint>
--> 'a' | 2
--> 'b' | 1
--> NULL | 3
SELECT count(*) FROM (SELECT x COLLATE utf8_lcase x FROM VALUES ('a') t(x) UNION SELECT 'A' COLLATE utf8_lcase);
--> struct<count(1):bigint>
--> 1
SELECT x COLLATE utf8_lcase FROM VALUES ('a'), ('b') t(x) INTERSECT SELECT 'A' COLLATE utf8_lcase;
--> struct<collate(x, utf8_lcase):string collate UTF8_LCASE>
--> 'a'
SELECT x COLLATE utf8_lcase FROM VALUES ('a'), ('b') t(x) EXCEPT SELECT 'A' COLLATE utf8_lcase;
--> struct<collate(x, utf8_lcase):string collate UTF8_LCASE>
--> 'b'
SELECT a.x, b.x FROM (SELECT 'a' COLLATE utf8_lcase x) a JOIN (SELECT 'A' COLLATE utf8_lcase x) b ON a.x = b.x;
--> struct<x:string collate UTF8_LCASE,x:string collate UTF8_LCASE>
--> 'a' | 'A'
SELECT * FROM (SELECT 'a' COLLATE utf8_lcase x, 1 i) JOIN (SELECT 'A' COLLATE utf8_lcase x, 2 j) USING (x);
--> struct<x:string collate UTF8_LCASE,i:int,j:int>
--> 'a' | 1 | 2
SELECT first(c), last(c), any_value(c), collect_list(c) FROM (SELECT 'a' COLLATE utf8_lcase c);
--> struct<first(c):string collate UTF8_LCASE,last(c):string collate UTF8_LCASE,any_value(c):string collate UTF8_LCASE,collect_list(c):array<string collate UTF8_LCASE>>
--> 'a' | 'a' | 'a' | ['a']
DESCRIBE SELECT 'a' COLLATE utf8_lcase x;
--> struct<col_name:string,data_type:string,comment:string>
--> 'x' | 'string collate UTF8_LCASE' | NULL

-- what Spark refuses
SELECT 'a' COLLATE utf8_lcase < 'B' COLLATE utf8_binary;
--> error COLLATION_MISMATCH.EXPLICIT 42P21
SELECT 'a' COLLATE nosuch;
--> error COLLATION_INVALID_NAME 42704
SELECT 'a' COLLATE utf8_binary_ci;
--> error COLLATION_INVALID_NAME 42704
SELECT 'a' COLLATE unicode_ci_cs;
--> error COLLATION_INVALID_NAME 42704
SELECT cast('a' AS STRING COLLATE nosuch);
--> error COLLATION_INVALID_NAME 42704
SELECT collation(1);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT collate(1, 'utf8_lcase');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT collate('a', NULL);
--> error UNEXPECTED_INPUT_TYPE 42K09
SELECT collate('a', y) FROM VALUES ('utf8_lcase') t(y);
--> error NON_FOLDABLE_ARGUMENT 42K08
SELECT x = y FROM (SELECT 'a' COLLATE utf8_lcase x, 'A' y);
--> error INDETERMINATE_COLLATION_IN_EXPRESSION 42P22
SELECT cast(x AS STRING) = x FROM (SELECT 'a' COLLATE utf8_lcase x);
--> error INDETERMINATE_COLLATION_IN_EXPRESSION 42P22
SELECT * FROM (SELECT 'a' COLLATE utf8_lcase x) UNION ALL (SELECT 'b');
--> error INCOMPATIBLE_COLUMN_TYPE 42825
SELECT cast(x AS INT) FROM (SELECT 'a' COLLATE utf8_lcase x);
--> error CAST_INVALID_INPUT 22018

-- what is not built is refused
--@ not yet
SELECT 'a' COLLATE de;
--> struct<collate(a, de):string collate de>
--> 'a'
--@ not yet
SELECT 'a' COLLATE sr_Cyrl_SRB_AI;
--> struct<collate(a, sr_Cyrl_SRB_AI):string collate sr_Cyrl_SRB_AI>
--> 'a'
--@ not yet
SELECT 'ABC' COLLATE utf8_lcase LIKE 'ab%';
--> struct<collate(ABC, utf8_lcase) LIKE ab%:boolean>
--> true
--@ not yet
SELECT contains('ABC' COLLATE unicode_ci, 'b');
--> struct<contains(collate(ABC, unicode_ci), 'b' collate UNICODE_CI):boolean>
--> true
--@ not yet
SELECT array_contains(array('A' COLLATE utf8_lcase), 'a');
--> struct<array_contains(array(collate(A, utf8_lcase)), 'a' collate UTF8_LCASE):boolean>
--> true
--@ not yet
SELECT map(x, 1) FROM (SELECT 'a' COLLATE utf8_lcase x);
--> struct<map(x, 1):map<string collate UTF8_LCASE,int>>
--> {'a': 1}
--@ not yet
SELECT greatest(x, 'B') FROM (SELECT 'a' COLLATE utf8_lcase x);
--> struct<greatest(x, 'B' collate UTF8_LCASE):string collate UTF8_LCASE>
--> 'B'
--@ not yet
SELECT x || z FROM (SELECT 'a' COLLATE utf8_lcase x, 'A' COLLATE unicode_ci z);
--> error CANNOT_PARSE_DATATYPE None
--@ not yet
SELECT array(x) = array('A') FROM (SELECT 'a' COLLATE utf8_lcase x);
--> struct<(array(x) = array(A)):boolean>
--> true
--@ not yet
SELECT struct(c), count(*) FROM (SELECT 'a' COLLATE utf8_lcase c) GROUP BY struct(c);
--> struct<struct(c):struct<c:string collate UTF8_LCASE>,count(1):bigint>
--> (c='a') | 1
