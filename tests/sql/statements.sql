-- Names of tables and functions, SHOW TBLPROPERTIES, DROP of what is built in or temporary: conditions and their parameters.

CREATE TEMPORARY VIEW tv AS SELECT 1 id;
SELECT * FROM session.tv;
--> struct<id:int>
--> 1
SELECT tv.id FROM system.session.tv;
--> struct<id:int>
--> 1
DESCRIBE system.session.tv;
--> struct<col_name:string,data_type:string,comment:string>
--> 'id' | 'int' | NULL
SHOW COLUMNS IN system.session.tv;
--> struct<col_name:string>
--> 'id'
SELECT * FROM system.session.nosuch;
--> error TABLE_OR_VIEW_NOT_FOUND 42P01
SELECT * FROM session.nosuch;
--> error TABLE_OR_VIEW_NOT_FOUND 42P01
SELECT * FROM nosuch;
--> error TABLE_OR_VIEW_NOT_FOUND 42P01
SELECT * FROM a.b;
--> error TABLE_OR_VIEW_NOT_FOUND 42P01
SELECT * FROM a.b.c;
--> error REQUIRES_SINGLE_PART_NAMESPACE 42K05
SELECT * FROM a.b.c.d;
--> error REQUIRES_SINGLE_PART_NAMESPACE 42K05
SELECT * FROM spark_catalog.a.b;
--> error TABLE_OR_VIEW_NOT_FOUND 42P01
SELECT * FROM spark_catalog.default.a.b;
--> error REQUIRES_SINGLE_PART_NAMESPACE 42K05
SELECT a.b.c(1);
--> error REQUIRES_SINGLE_PART_NAMESPACE 42K05
SELECT a.b(1);
--> error UNRESOLVED_ROUTINE 42883
SELECT system.nosuch.upper('a');
--> error REQUIRES_SINGLE_PART_NAMESPACE 42K05
SELECT builtin.upper('a'), system.builtin.upper('b');
--> struct<upper(a):string,upper(b):string>
--> 'A' | 'B'
SHOW TBLPROPERTIES tv;
--> struct<key:string,value:string>
SHOW TBLPROPERTIES tv ('a');
--> struct<key:string,value:string>
SHOW TBLPROPERTIES tv (a.b);
--> struct<key:string,value:string>
SHOW TBLPROPERTIES nosuch;
--> error TABLE_OR_VIEW_NOT_FOUND 42P01
SHOW TBLPROPERTIES a.b.c;
--> error REQUIRES_SINGLE_PART_NAMESPACE 42K05
SHOW TBLPROPERTIES;
--> error PARSE_SYNTAX_ERROR 42601
SHOW COLUMNS IN nosuch;
--> error TABLE_OR_VIEW_NOT_FOUND 42P01
SHOW COLUMNS IN a.b.c;
--> error REQUIRES_SINGLE_PART_NAMESPACE 42K05
SHOW CREATE TABLE nosuch;
--> error TABLE_OR_VIEW_NOT_FOUND 42P01
REFRESH TABLE nosuch;
--> error TABLE_OR_VIEW_NOT_FOUND 42P01
DROP TEMPORARY VIEW tv;
--> error PARSE_SYNTAX_ERROR 42601
DROP TEMPORARY TABLE tv;
--> error PARSE_SYNTAX_ERROR 42601
DROP TEMP VIEW tv;
--> error PARSE_SYNTAX_ERROR 42601
DROP TEMPORARY;
--> error PARSE_SYNTAX_ERROR 42601
DROP VIEW a.b.c;
--> error REQUIRES_SINGLE_PART_NAMESPACE 42K05
DROP TABLE a.b.c;
--> error REQUIRES_SINGLE_PART_NAMESPACE 42K05
DROP VIEW nosuch;
--> error TABLE_OR_VIEW_NOT_FOUND 42P01
DROP VIEW IF EXISTS nosuch;
DROP FUNCTION upper;
--> error FORBIDDEN_OPERATION 42809
DROP FUNCTION IF EXISTS upper;
--> error FORBIDDEN_OPERATION 42809
DROP FUNCTION default.upper;
--> error ROUTINE_NOT_FOUND 42883
DROP FUNCTION a.upper;
--> error SCHEMA_NOT_FOUND 42704
DROP FUNCTION nosuch;
--> error ROUTINE_NOT_FOUND 42883
DROP FUNCTION IF EXISTS nosuch;
DROP TEMPORARY FUNCTION upper;
--> error FORBIDDEN_OPERATION 42809
DROP TEMPORARY FUNCTION nosuch;
--> error ROUTINE_NOT_FOUND 42883
DROP TEMPORARY FUNCTION IF EXISTS nosuch;
DROP TEMPORARY VARIABLE nosuch;
--> error VARIABLE_NOT_FOUND 42883
DROP TEMPORARY VARIABLE IF EXISTS nosuch;
DESCRIBE FUNCTION nosuch;
--> error UNRESOLVED_ROUTINE 42883
--@ not yet
DESCRIBE FUNCTION upper;
--> struct<function_desc:string>
--> 'Class: org.apache.spark.sql.catalyst.expressions.Upper'
--> 'Function: upper'
--> 'Usage: upper(str) - Returns `str` with all characters changed to uppercase.'
--@ not yet
DESCRIBE FUNCTION EXTENDED sum;
--> struct<function_desc:string>
--> 'Class: org.apache.spark.sql.catalyst.expressions.aggregate.Sum'
--> 'Extended Usage:\n    Arguments:\n      * expr - The expression to sum over the group.\n        An expression that evaluates to a numeric or interval.\n  \n    Examples:\n      > SELECT sum(col) FROM VALUES (5), (10), (15) AS tab(col);\n       30\n      > SELECT sum(col) FROM VALUES (NULL), (10), (15) AS tab(col);\n       25\n      > SELECT sum(col) FROM VALUES (NULL), (NULL) AS tab(col);\n       NULL\n  \n    Since: 1.0.0\n'
--> 'Function: sum'
--> 'Usage: sum(expr) - Returns the sum calculated from values of a group.'
--@ not yet
SHOW CREATE TABLE tv;
--> error EXPECT_PERMANENT_VIEW_NOT_TEMP 42809
--@ not yet
SHOW PARTITIONS tv;
--> error EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE 42809
DROP VIEW system.session.tv;
SELECT * FROM tv;
--> error TABLE_OR_VIEW_NOT_FOUND 42P01
