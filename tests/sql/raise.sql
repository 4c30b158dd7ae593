-- Errors that a query asks for, and strings whose bytes are no UTF-8.

select assert_true(true);
--> struct<assert_true(true, 'true' is not true!):void>
--> NULL

select assert_true(id>=0) from range(2);
--> struct<assert_true((id >= 0), '(id >= 0)' is not true!):void>
--> NULL
--> NULL

select assert_true(id>0) from range(2);
--> error USER_RAISED_EXCEPTION P0001

select assert_true(id>0,'bad') from range(2);
--> error USER_RAISED_EXCEPTION P0001

select assert_true(null);
--> error USER_RAISED_EXCEPTION P0001

select assert_true('x');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select assert_true(false,null);
--> error USER_RAISED_EXCEPTION P0001

select assert_true(false,5);
--> error USER_RAISED_EXCEPTION P0001

select assert_true(true,false);
--> struct<assert_true(true, false):void>
--> NULL

select assert_true(false,cast('abc' as binary));
--> error USER_RAISED_EXCEPTION P0001

select assert_true();
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select assert_true(true,'a','b');
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error('x');
--> error USER_RAISED_EXCEPTION P0001

select raise_error(null);
--> error USER_RAISED_EXCEPTION P0001

select raise_error(5);
--> error USER_RAISED_EXCEPTION P0001

select raise_error(date'2020-01-01');
--> error USER_RAISED_EXCEPTION P0001

select raise_error(array(1));
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select raise_error();
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error('x','y','z');
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error('USER_RAISED_EXCEPTION', map('errorMessage','hey'));
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error('DIVIDE_BY_ZERO', map('config','hey'));
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error('NOPE_XX', map('config','hey'));
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error('NOPE_XX', map());
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error('UNRESOLVED_COLUMN.WITHOUT_SUGGESTION', map('objectName','`a`'));
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error('UNRESOLVED_COLUMN', map('objectName','`a`'));
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error('UNRESOLVED_COLUMN.WITHOUT_SUGGESTION', map('x','`a`'));
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error('UNRESOLVED_COLUMN.WITHOUT_SUGGESTION', null);
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error(null, map('x','y'));
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error('USER_RAISED_EXCEPTION', map('errorMessage',null));
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error('USER_RAISED_EXCEPTION', map('errorMessage',5));
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error('USER_RAISED_EXCEPTION', 5);
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select raise_error(5, map('errorMessage','x'));
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select if(true,1,raise_error('x'));
--> struct<(IF(true, 1, raise_error(USER_RAISED_EXCEPTION, map(errorMessage, x)))):int>
--> 1

select if(id=0,1,raise_error('x')) c from range(1);
--> struct<c:int>
--> 1

select if(id>=0,'1',raise_error('x')) c from range(1);
--> struct<c:string>
--> '1'

select coalesce(1,raise_error('x'));
--> struct<coalesce(1, raise_error(USER_RAISED_EXCEPTION, map(errorMessage, x))):int>
--> 1

select case when id>5 then raise_error('no') else id end from range(2);
--> struct<CASE WHEN (id > 5) THEN raise_error(USER_RAISED_EXCEPTION, map(errorMessage, no)) ELSE id END:bigint>
--> 0
--> 1

select raise_error('x') from range(0);
--> struct<raise_error(USER_RAISED_EXCEPTION, map(errorMessage, x)):void>

select count(raise_error('x')) from range(0);
--> struct<count(raise_error(USER_RAISED_EXCEPTION, map(errorMessage, x))):bigint>
--> 0

select 1 from range(2) where raise_error('y') is null;
--> error USER_RAISED_EXCEPTION P0001

select raise_error(concat('i',id)) from range(2);
--> error USER_RAISED_EXCEPTION P0001

select typeof(raise_error('x'));
--> struct<typeof(raise_error(USER_RAISED_EXCEPTION, map(errorMessage, x))):string>
--> 'void'

select assert_true(id=0) is null from range(1);
--> struct<(assert_true((id = 0), '(id = 0)' is not true!) IS NULL):boolean>
--> true

select uuid() is null, raise_error('z');
--> error USER_RAISED_EXCEPTION P0001

select 1 + raise_error('x');
--> error USER_RAISED_EXCEPTION P0001

select concat('a',raise_error('x'));
--> error USER_RAISED_EXCEPTION P0001

select id from range(3) where assert_true(id<2) is null;
--> error USER_RAISED_EXCEPTION P0001

select id from range(3) where id<2 or raise_error('r') is null;
--> error USER_RAISED_EXCEPTION P0001

select array(raise_error('x'));
--> error USER_RAISED_EXCEPTION P0001

select is_valid_utf8('abc');
--> struct<is_valid_utf8(abc):boolean>
--> true

select is_valid_utf8(x'61C362');
--> struct<is_valid_utf8(X'61C362'):boolean>
--> false

select is_valid_utf8(cast(x'F0908061' as string));
--> struct<is_valid_utf8(CAST(X'F0908061' AS STRING)):boolean>
--> false

select is_valid_utf8(null);
--> struct<is_valid_utf8(NULL):boolean>
--> NULL

select is_valid_utf8(5);
--> struct<is_valid_utf8(5):boolean>
--> true

select is_valid_utf8(array(1));
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select is_valid_utf8(cast(x'EDA080' as string));
--> struct<is_valid_utf8(CAST(X'EDA080' AS STRING)):boolean>
--> false

select is_valid_utf8('a','b');
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select is_valid_utf8('');
--> struct<is_valid_utf8():boolean>
--> true

select hex(is_valid_utf8(s)) from values ('a'),(cast(x'C341' as string)),(null) v(s);
--> struct<hex(is_valid_utf8(s)):string>
--> '66616C7365'
--> '74727565'
--> NULL

select make_valid_utf8('abc');
--> struct<make_valid_utf8(abc):string>
--> 'abc'

select make_valid_utf8(x'61C362');
--> struct<make_valid_utf8(X'61C362'):string>
--> 'a�b'

select make_valid_utf8(cast(x'F0908061' as string));
--> struct<make_valid_utf8(CAST(X'F0908061' AS STRING)):string>
--> '�a'

select make_valid_utf8(null);
--> struct<make_valid_utf8(NULL):string>
--> NULL

select make_valid_utf8(5);
--> struct<make_valid_utf8(5):string>
--> '5'

select make_valid_utf8(array(1));
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select make_valid_utf8(cast(x'EDA080' as string));
--> struct<make_valid_utf8(CAST(X'EDA080' AS STRING)):string>
--> '���'

select make_valid_utf8('a','b');
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select make_valid_utf8('');
--> struct<make_valid_utf8():string>
--> ''

select hex(make_valid_utf8(s)) from values ('a'),(cast(x'C341' as string)),(null) v(s);
--> struct<hex(make_valid_utf8(s)):string>
--> '61'
--> 'EFBFBD41'
--> NULL

select validate_utf8('abc');
--> struct<validate_utf8(abc):string>
--> 'abc'

select validate_utf8(x'61C362');
--> error INVALID_UTF8_STRING 22029

select validate_utf8(cast(x'F0908061' as string));
--> error INVALID_UTF8_STRING 22029

select validate_utf8(null);
--> struct<validate_utf8(NULL):string>
--> NULL

select validate_utf8(5);
--> struct<validate_utf8(5):string>
--> '5'

select validate_utf8(array(1));
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select validate_utf8(cast(x'EDA080' as string));
--> error INVALID_UTF8_STRING 22029

select validate_utf8('a','b');
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select validate_utf8('');
--> struct<validate_utf8():string>
--> ''

select hex(validate_utf8(s)) from values ('a'),(cast(x'C341' as string)),(null) v(s);
--> error INVALID_UTF8_STRING 22029

select try_validate_utf8('abc');
--> struct<try_validate_utf8(abc):string>
--> 'abc'

select try_validate_utf8(x'61C362');
--> struct<try_validate_utf8(X'61C362'):string>
--> NULL

select try_validate_utf8(cast(x'F0908061' as string));
--> struct<try_validate_utf8(CAST(X'F0908061' AS STRING)):string>
--> NULL

select try_validate_utf8(null);
--> struct<try_validate_utf8(NULL):string>
--> NULL

select try_validate_utf8(5);
--> struct<try_validate_utf8(5):string>
--> '5'

select try_validate_utf8(array(1));
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select try_validate_utf8(cast(x'EDA080' as string));
--> struct<try_validate_utf8(CAST(X'EDA080' AS STRING)):string>
--> NULL

select try_validate_utf8('a','b');
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605

select try_validate_utf8('');
--> struct<try_validate_utf8():string>
--> ''

select hex(try_validate_utf8(s)) from values ('a'),(cast(x'C341' as string)),(null) v(s);
--> struct<hex(try_validate_utf8(s)):string>
--> '61'
--> NULL
--> NULL
