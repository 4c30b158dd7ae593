-- Percentiles, modes and lists of values. Answers: run.py --complete.
SELECT percentile_approx(col, array(0.5,0.1)), approx_percentile(col, 0.5D, 100) FROM VALUES (1),(2),(NULL),(10) AS t(col);
--> struct<percentile_approx(col, array(0.5, 0.1), 10000):array<int>,approx_percentile(col, 0.5, 100):int>
--> [2, 1] | 2
SELECT percentile_approx(col, 1.5) FROM VALUES (1),(2) AS t(col);
--> error DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE 42K09
SELECT percentile_approx(col, 0.5, 0) FROM VALUES (1),(2) AS t(col);
--> error DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE 42K09
SELECT percentile_approx(col, col) FROM VALUES (1),(2) AS t(col);
--> error DATATYPE_MISMATCH.NON_FOLDABLE_INPUT 42K09
SELECT percentile_approx(col, 0.5, col) FROM VALUES (1),(2) AS t(col);
--> error DATATYPE_MISMATCH.NON_FOLDABLE_INPUT 42K09
SELECT percentile_approx(col, NULL) FROM VALUES (1),(2) AS t(col);
--> error DATATYPE_MISMATCH.UNEXPECTED_NULL 42K09
SELECT percentile_approx(col, 0.5, NULL) FROM VALUES (1),(2) AS t(col);
--> error DATATYPE_MISMATCH.UNEXPECTED_NULL 42K09
SELECT percentile_approx('a', 0.5);
--> error CAST_INVALID_INPUT 22018
SELECT percentile_approx(true, 0.5);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT percentile_approx('1', 0.5);
--> struct<percentile_approx(1, 0.5, 10000):double>
--> 1.0
SELECT percentile_approx(col, '0.5') FROM VALUES (1),(2) AS t(col);
--> struct<percentile_approx(col, 0.5, 10000):int>
--> 1
SELECT percentile_approx(col, 0.5) FROM VALUES (date'2020-01-01'),(date'2020-01-03') AS t(col);
--> struct<percentile_approx(col, 0.5, 10000):date>
--> 2020-01-01
SELECT percentile_approx(col, 0.5) FROM VALUES (1.5BD),(2.25BD) AS t(col);
--> struct<percentile_approx(col, 0.5, 10000):decimal(3,2)>
--> 1.50
SELECT percentile_approx(col, array()) FROM VALUES (1) AS t(col);
--> struct<percentile_approx(col, array(), 10000):array<int>>
--> NULL
SELECT percentile_approx(col, array(0.5, null)) FROM VALUES (1) AS t(col);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT percentile_approx(CAST(col AS INT), 0.5) FROM VALUES (1L),(5L) t(col) WHERE col > 10;
--> struct<percentile_approx(CAST(col AS INT), 0.5, 10000):int>
--> NULL
SELECT median(x), percentile(x,0.3), percentile(x, array(0.25,0.75)), percentile(x,0.5,2) FROM VALUES (1),(2),(4),(NULL) t(x);
--> struct<median(x):double,percentile(x, 0.3, 1):double,percentile(x, array(0.25, 0.75), 1):array<double>,percentile(x, 0.5, 2):double>
--> 2.0 | 1.6 | [1.5, 3.0] | 2.0
SELECT percentile(x,0.3) FROM VALUES (1.5BD),(2.5BD) t(x);
--> struct<percentile(x, 0.3, 1):double>
--> 1.8
SELECT percentile(x,2) FROM VALUES (1),(2) t(x);
--> error DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE 42K09
SELECT percentile(x,0.5,f) FROM VALUES (1,2),(5,0),(7,3),(8,null) t(x,f);
--> struct<percentile(x, 0.5, f):double>
--> 7.0
SELECT percentile(x,0.5,-1) FROM VALUES (1),(2) t(x);
--> error NEGATIVE_VALUES_IN_FREQUENCY_EXPRESSION 22003
SELECT percentile(x,x) FROM VALUES (1),(2) t(x);
--> error DATATYPE_MISMATCH.NON_FOLDABLE_INPUT 42K09
SELECT percentile('a',0.5);
--> error CAST_INVALID_INPUT 22018
SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY x), percentile_disc(0.25) WITHIN GROUP (ORDER BY x DESC) FROM VALUES (1),(2),(4),(NULL) t(x);
--> struct<percentile_cont(0.25) WITHIN GROUP (ORDER BY x):double,percentile_disc(0.25) WITHIN GROUP (ORDER BY x DESC):double>
--> 1.5 | 4.0
SELECT percentile_cont(array(0.25,0.5)) WITHIN GROUP (ORDER BY x) FROM VALUES (1),(2),(4),(NULL) t(x);
--> struct<percentile_cont(array(0.25, 0.5)) WITHIN GROUP (ORDER BY x):array<double>>
--> [1.5, 2.0]
SELECT percentile_disc(array(0.25,0.5)) WITHIN GROUP (ORDER BY x) FROM VALUES (1),(2),(4),(NULL) t(x);
--> struct<percentile_disc(array(0.25, 0.5)) WITHIN GROUP (ORDER BY x):array<double>>
--> [1.0, 2.0]
SELECT percentile_cont(0.25) FROM VALUES (1),(2) t(x);
--> error INVALID_WITHIN_GROUP_EXPRESSION.WITHIN_GROUP_MISSING 42K0K
SELECT sum(x) WITHIN GROUP (ORDER BY x) FROM VALUES (1),(2) t(x);
--> error INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX 42000
SELECT percentile_cont(DISTINCT 0.25) WITHIN GROUP (ORDER BY x) FROM VALUES (1),(2) t(x);
--> error INVALID_WITHIN_GROUP_EXPRESSION.DISTINCT_UNSUPPORTED 42K0K
SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY x, x) FROM VALUES (1),(2) t(x);
--> error INVALID_WITHIN_GROUP_EXPRESSION.WRONG_NUM_ORDERINGS 42K0K
SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY x) FILTER (WHERE x>1) FROM VALUES (1),(2) t(x);
--> struct<percentile_cont(0.25) WITHIN GROUP (ORDER BY x) FILTER (WHERE (x > 1)):double>
--> 2.0
SELECT median(DISTINCT x), median(x) FILTER (WHERE x>1) FROM VALUES (1),(1),(2) t(x);
--> struct<median(DISTINCT x):double,median(x) FILTER (WHERE (x > 1)):double>
--> 1.5 | 2.0
SELECT mode(x) FROM VALUES (1),(2),(2),(NULL),(NULL),(NULL) t(x);
--> struct<mode(x):int>
--> 2
SELECT mode(x, true), mode(x,false) FROM VALUES (2),(2),(2) t(x);
--> struct<mode() WITHIN GROUP (ORDER BY x DESC):int,mode(x):int>
--> 2 | 2
SELECT mode(x, true) FROM VALUES (3),(1),(2) t(x);
--> struct<mode() WITHIN GROUP (ORDER BY x DESC):int>
--> 1
SELECT mode() WITHIN GROUP (ORDER BY x), mode() WITHIN GROUP (ORDER BY x DESC) FROM VALUES (3),(1),(2) t(x);
--> struct<mode() WITHIN GROUP (ORDER BY x DESC):int,mode() WITHIN GROUP (ORDER BY x):int>
--> 1 | 3
SELECT listagg(x), listagg(x, ', '), string_agg(x,'-') WITHIN GROUP (ORDER BY x DESC), listagg(DISTINCT x) WITHIN GROUP (ORDER BY x) FROM VALUES ('b'),('a'),(NULL),('a') t(x);
--> struct<listagg(x, NULL):string,listagg(x, , ):string,listagg(x, -) WITHIN GROUP (ORDER BY x DESC NULLS LAST):string,listagg(DISTINCT x, NULL) WITHIN GROUP (ORDER BY x ASC NULLS FIRST):string>
--> 'baa' | 'b, a, a' | 'b-a-a' | 'ab'
SELECT listagg(y, ',') WITHIN GROUP (ORDER BY x DESC) FROM VALUES ('b',1),('a',2),(NULL,3) t(x,y);
--> struct<listagg(y, ,) WITHIN GROUP (ORDER BY x DESC NULLS LAST):string>
--> '1,2,3'
SELECT listagg(cast(x as binary), X'00') FROM VALUES ('b'),('a') t(x);
--> struct<listagg(CAST(x AS BINARY), X'00'):binary>
--> X'620061'
SELECT listagg(x) FROM VALUES (1),(2) t(x);
--> struct<listagg(x, NULL):string>
--> '12'
SELECT listagg(x) FROM VALUES ('a') t(x) WHERE x = 'q';
--> struct<listagg(x, NULL):string>
--> NULL
SELECT listagg(x, x) FROM VALUES ('a') t(x);
--> error DATATYPE_MISMATCH.NON_FOLDABLE_INPUT 42K09
SELECT listagg(x, 1) FROM VALUES ('a') t(x);
--> struct<listagg(x, 1):string>
--> 'a'
SELECT listagg(DISTINCT x) WITHIN GROUP (ORDER BY y) FROM VALUES ('a',1) t(x,y);
--> error INVALID_WITHIN_GROUP_EXPRESSION.MISMATCH_WITH_DISTINCT_INPUT 42K0K
SELECT max_by(x,y,2), min_by(x,y,3) FROM VALUES ('a',10),('b',50),('c',20),('d',NULL) t(x,y);
--> struct<max_by(x, y, 2):array<string>,min_by(x, y, 3):array<string>>
--> ['b', 'c'] | ['a', 'c', 'b']
SELECT max_by(x,y,0) FROM VALUES ('a',10) t(x,y);
--> error DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE 42K09
SELECT regr_count(y,x), regr_avgx(y,x), regr_avgy(y,x), regr_sxx(y,x), regr_sxy(y,x), regr_syy(y,x), regr_slope(y,x), regr_intercept(y,x), regr_r2(y,x) FROM (SELECT /*+ COALESCE(1) */ * FROM VALUES (1,2),(2,2.5),(2,3),(3,NULL),(4,5.25) t(y,x));
--> struct<regr_count(y, x):bigint,regr_avgx(y, x):decimal(16,6),regr_avgy(y, x):double,regr_sxx(y, x):double,regr_sxy(y, x):double,regr_syy(y, x):double,regr_slope(y, x):double,regr_intercept(y, x):double,regr_r2(y, x):double>
--> 4 | 3.187500 | 2.25 | 6.171875 | 5.312499999999999 | 4.749999999999999 | 0.8607594936708861 | -0.49367088607594933 | 0.9626915389740172
SELECT y, regr_r2(y,x), regr_slope(y,x), regr_count(y,x) FILTER (WHERE x > 2) FROM VALUES (1,2),(1,3),(2,7) t(y,x) GROUP BY y;
--> struct<y:int,regr_r2(y, x):double,regr_slope(y, x):double,regr_count(y, x) FILTER (WHERE (x > 2)):bigint>
--> 1 | 1.0 | 0.0 | 1
--> 2 | NULL | NULL | 1
SELECT k, median(v), percentile_approx(v, 0.5), mode(v), listagg(s, '+') WITHIN GROUP (ORDER BY s DESC), max_by(s, v, 2) FROM VALUES (1, 5, 'a'), (1, 7, 'b'), (2, NULL, 'c'), (1, 5, NULL), (2, 3, 'd') t(k, v, s) GROUP BY k;
--> struct<k:int,median(v):double,percentile_approx(v, 0.5, 10000):int,mode(v):int,listagg(s, +) WITHIN GROUP (ORDER BY s DESC NULLS LAST):string,max_by(s, v, 2):array<string>>
--> 1 | 5.0 | 5 | 5 | 'b+a' | ['b', 'a']
--> 2 | 3.0 | 3 | 3 | 'd+c' | ['d']
SELECT percentile(x, 0.3), percentile(x, 0.77), percentile_cont(0.123) WITHIN GROUP (ORDER BY x) FROM VALUES (1.5D), (2.7D), (9.3D), (4.1D) t(x);
--> struct<percentile(x, 0.3, 1):double,percentile(x, 0.77, 1):double,percentile_cont(0.123) WITHIN GROUP (ORDER BY x):double>
--> 2.58 | 5.712 | 1.9428
SELECT k, median(v) FROM VALUES (1, 5) t(k, v) GROUP BY k HAVING median(v) > 1 ORDER BY median(v);
--> struct<k:int,median(v):double>
--> 1 | 5.0
SELECT percentile_approx(id, array(0.25, 0.5, 0.9)) FROM range(0, 3000, 1, 1);
--> struct<percentile_approx(id, array(0.25, 0.5, 0.9), 10000):array<bigint>>
--> [749, 1499, 2699]
SELECT median(interval '1' day * id) FROM range(4);
--> struct<median((INTERVAL '1' DAY * id)):interval day to second>
--> 1 day, 12:00:00
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY x), percentile_disc(0.51) WITHIN GROUP (ORDER BY x), percentile_disc(0) WITHIN GROUP (ORDER BY x) FROM VALUES (1), (2), (3), (4) t(x);
--> struct<percentile_disc(0.5) WITHIN GROUP (ORDER BY x):double,percentile_disc(0.51) WITHIN GROUP (ORDER BY x):double,percentile_disc(0) WITHIN GROUP (ORDER BY x):double>
--> 2.0 | 3.0 | 1.0
