-- LIMIT and OFFSET take constant ints
select * from range(5) limit 1Y;
--> error INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE 42K0E
select * from range(5) limit 2L;
--> error INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE 42K0E
select * from range(5) limit 2147483648;
--> error INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE 42K0E
select * from range(5) offset 2147483648;
--> error INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE 42K0E
select * from range(5) limit 1.0;
--> error INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE 42K0E
select * from range(5) limit '1';
--> error INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE 42K0E
select * from range(5) limit null;
--> error INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE 42K0E
select * from range(5) limit cast(null as int);
--> error INVALID_LIMIT_LIKE_EXPRESSION.IS_NULL 42K0E
select * from range(5) offset cast(null as int);
--> error INVALID_LIMIT_LIKE_EXPRESSION.IS_NULL 42K0E
select * from range(5) limit -1;
--> error INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE 42K0E
select * from range(5) limit 1 + 1;
--> struct<id:bigint>
--> 0
--> 1
select count(*) from (select * from range(5) limit 2147483647);
--> struct<count(1):bigint>
--> 5
select count(*) from (select * from range(5) offset 2147483647);
--> struct<count(1):bigint>
--> 0
