-- Texts that hold values: JSON and CSV in functions.

-- from_json: what is read, what is not, and the modes.
select from_json('{"a":1}', 'a int');
--> struct<from_json({"a":1}):struct<a:int>>
--> (a=1)
select from_json('{"a":1}', 'a int not null');
--> struct<from_json({"a":1}):struct<a:int>>
--> (a=1)
select from_json('{"a":"x"}', 'a int not null, b int');
--> struct<from_json({"a":"x"}):struct<a:int,b:int>>
--> (a=NULL, b=NULL)
select from_json('', 'a int');
--> struct<from_json():struct<a:int>>
--> NULL
select from_json('  ', 'a int');
--> struct<from_json(  ):struct<a:int>>
--> NULL
select from_json(null, 'a int');
--> struct<from_json(NULL):struct<a:int>>
--> NULL
select from_json(cast(null as string), 'a int');
--> struct<from_json(CAST(NULL AS STRING)):struct<a:int>>
--> NULL
select from_json('oops', 'a int');
--> struct<from_json(oops):struct<a:int>>
--> (a=NULL)
select from_json('{"a":1', 'a int');
--> struct<from_json({"a":1):struct<a:int>>
--> (a=NULL)
select from_json('{"a":1} xyz', 'a int');
--> struct<from_json({"a":1} xyz):struct<a:int>>
--> (a=1)
select from_json('{"a":1}{"a":2}', 'a int');
--> struct<from_json({"a":1}{"a":2}):struct<a:int>>
--> (a=1)
select from_json('[{"a":1},{"a":2}]', 'a int');
--> struct<from_json([{"a":1},{"a":2}]):struct<a:int>>
--> (a=NULL)
select from_json('[{"a":1}]', 'a int');
--> struct<from_json([{"a":1}]):struct<a:int>>
--> (a=NULL)
select from_json('[]', 'a int');
--> struct<from_json([]):struct<a:int>>
--> (a=NULL)
select from_json('[]', 'array<int>');
--> struct<from_json([]):array<int>>
--> []
select from_json('[1,2,"x"]', 'array<int>');
--> struct<from_json([1,2,"x"]):array<int>>
--> NULL
select from_json('[1,2,null]', 'array<int>');
--> struct<from_json([1,2,null]):array<int>>
--> [1, 2, NULL]
select from_json('[{"a":1},{"a":"x"}]', 'array<struct<a:int>>');
--> struct<from_json([{"a":1},{"a":"x"}]):array<struct<a:int>>>
--> [(a=1), (a=NULL)]
select from_json('{"a":1}', 'array<struct<a:int>>');
--> struct<from_json({"a":1}):array<struct<a:int>>>
--> [(a=1)]
select from_json('{"a":1}', 'array<int>');
--> struct<from_json({"a":1}):array<int>>
--> NULL
select from_json('{"a":1, "b":"x"}', 'map<string,int>');
--> struct<entries:map<string,int>>
--> NULL
select from_json('{"a":1, "b":2}', 'map<string,int>');
--> struct<entries:map<string,int>>
--> {'a': 1, 'b': 2}
select from_json('[1]', 'map<string,int>');
--> struct<entries:map<string,int>>
--> NULL
select from_json('{"1":2}', 'map<int,int>');
--> error DATATYPE_MISMATCH.INVALID_JSON_MAP_KEY_TYPE 42K09
select from_json('1', 'int');
--> error DATATYPE_MISMATCH.INVALID_JSON_SCHEMA 42K09
select from_json('"x"', 'string');
--> error DATATYPE_MISMATCH.INVALID_JSON_SCHEMA 42K09
select from_json('1', 'a int');
--> struct<from_json(1):struct<a:int>>
--> (a=NULL)
select from_json('null', 'a int');
--> struct<from_json(null):struct<a:int>>
--> (a=NULL)
select from_json('null', 'array<int>');
--> struct<from_json(null):array<int>>
--> NULL
select from_json('null', 'map<string,int>');
--> struct<entries:map<string,int>>
--> NULL
select from_json('{"a":1,"b":"x"}', 'a int, b int, _corrupt_record string');
--> struct<from_json({"a":1,"b":"x"}):struct<a:int,b:int,_corrupt_record:string>>
--> (a=1, b=NULL, _corrupt_record='{"a":1,"b":"x"}')
select from_json('{"a":1,"b":2}', 'a int, b int, _corrupt_record string');
--> struct<from_json({"a":1,"b":2}):struct<a:int,b:int,_corrupt_record:string>>
--> (a=1, b=2, _corrupt_record=NULL)
select from_json('oops', 'a int, c string', map('columnNameOfCorruptRecord','c'));
--> struct<from_json(oops):struct<a:int,c:string>>
--> (a=NULL, c='oops')
select from_json('oops', 'a int, c int', map('columnNameOfCorruptRecord','c'));
--> error INVALID_CORRUPT_RECORD_TYPE 42804
select from_json('oops', 'a int, _corrupt_record int');
--> error INVALID_CORRUPT_RECORD_TYPE 42804
select from_json('oops', 'a int', map('mode','FAILFAST'));
--> error MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION 22023
select from_json('{"a":"x"}', 'a int', map('mode','FAILFAST'));
--> error MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION 22023
select from_json('[{"a":1}]', 'a int', map('mode','FAILFAST'));
--> error MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_JSON_ARRAYS_AS_STRUCTS 22023
select from_json('[1,"x"]', 'array<int>', map('mode','FAILFAST'));
--> error MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION 22023
select from_json('', 'a int', map('mode','FAILFAST'));
--> struct<from_json():struct<a:int>>
--> NULL
select from_json('{"a":"x"}', 'a double', map('mode','FAILFAST'));
--> error MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_STRING_AS_DATATYPE 22023
select from_json('{"a":1}', 'a int', map('mode','DROPMALFORMED'));
--> error PARSE_MODE_UNSUPPORTED 42601
select from_json('{"a":1}', 'a int', map('mode','foo'));
--> struct<from_json({"a":1}):struct<a:int>>
--> (a=1)
select from_json('{"a":1}', 'a int', map('nosuch','foo'));
--> struct<from_json({"a":1}):struct<a:int>>
--> (a=1)
select from_json('{"a":1}', 'a int', map('a',1));
--> error INVALID_OPTIONS.NON_STRING_TYPE 42K06
select from_json('{"a":1}', 'a int', 'x');
--> error INVALID_OPTIONS.NON_MAP_FUNCTION 42K06
select from_json('{"a":1}', 'a int', map('a',cast(null as string)));
--> struct<from_json({"a":1}):struct<a:int>>
--> (a=1)
select from_json('{"a":1}', 'a int', map('mode', concat('FAIL','FAST')));
--> struct<from_json({"a":1}):struct<a:int>>
--> (a=1)
select from_json(value, value) from values ('a int') t(value);
--> error INVALID_SCHEMA.NON_STRING_LITERAL 42K07
select from_json(value, 'a int') from values ('{"a":1}'), (null), ('x'), ('') t(value);
--> struct<from_json(value):struct<a:int>>
--> (a=1)
--> (a=NULL)
--> NULL
--> NULL
select from_json(value, schema_of_json('{"a":1}')) from values ('{"a":1}') t(value);
--> struct<from_json(value):struct<a:bigint>>
--> (a=1)
select from_json(value, 'garbage in here') from values ('{"a":1}') t(value);
--> error PARSE_SYNTAX_ERROR 42601
select from_json(value, 1) from values ('{"a":1}') t(value);
--> error INVALID_SCHEMA.NON_STRING_LITERAL 42K07
select from_json(value, null) from values ('{"a":1}') t(value);
--> error INVALID_SCHEMA.NON_STRING_LITERAL 42K07
select from_json(value, cast(null as string)) from values ('{"a":1}') t(value);
--> error INVALID_SCHEMA.NON_STRING_LITERAL 42K07
select from_json(value, '') from values ('{"a":1}') t(value);
--> error PARSE_EMPTY_STATEMENT 42617
select from_json(1, 'a int');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
select from_json(binary('x'), 'a int');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
select from_json('{"a":1}');
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
select from_json('{"a":1}', 'a int', map(), 1);
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
select from_json('{"a":1}', 'a int', map());
--> error INVALID_OPTIONS.NON_STRING_TYPE 42K06
select from_json('{"a":1}', '{"type":"struct","fields":[{"name":"a","type":"integer","nullable":false,"metadata":{}}]}');
--> struct<from_json({"a":1}):struct<a:int>>
--> (a=1)
select from_json('{"a":1}', concat('a ', 'int'));
--> struct<from_json({"a":1}):struct<a:int>>
--> (a=1)
select from_json('{"a":1,"a":2,"A":3}', 'a int');
--> struct<from_json({"a":1,"a":2,"A":3}):struct<a:int>>
--> (a=2)
select from_json('{"A":3}', 'a int');
--> struct<from_json({"A":3}):struct<a:int>>
--> (a=NULL)
select from_json('{"a":3}', 'a int, A int');
--> struct<from_json({"a":3}):struct<a:int,A:int>>
--> (a=3, A=NULL)
select from_json('{"a":{"b":"x","c":1}}', 'a struct<b:int,c:int>, _corrupt_record string');
--> struct<from_json({"a":{"b":"x","c":1}}):struct<a:struct<b:int,c:int>,_corrupt_record:string>>
--> (a=(b=NULL, c=1), _corrupt_record='{"a":{"b":"x","c":1}}')
select from_json('{"a":{"b":"x","c":1}}', 'a struct<b:int,c:int>');
--> struct<from_json({"a":{"b":"x","c":1}}):struct<a:struct<b:int,c:int>>>
--> (a=(b=NULL, c=1))
select from_json('{"a":[1,"x"],"b":2}', 'a array<int>, b int');
--> struct<from_json({"a":[1,"x"],"b":2}):struct<a:array<int>,b:int>>
--> (a=NULL, b=2)
select from_json('{"a":NaN,"b":"NaN","c":Infinity,"d":"-INF"}', 'a double, b float, c double, d double');
--> struct<from_json({"a":NaN,"b":"NaN","c":Infinity,"d":"-INF"}):struct<a:double,b:float,c:double,d:double>>
--> (a=nan, b=nan, c=inf, d=-inf)
select from_json('{"a":NaN}', 'a double', map('allowNonNumericNumbers','false'));
--> struct<from_json({"a":NaN}):struct<a:double>>
--> (a=NULL)
select from_json('{"a":1.25,"b":"1,234.5","c":1e3}', 'a decimal(3,2), b decimal(10,2), c decimal(5,0)');
--> struct<from_json({"a":1.25,"b":"1,234.5","c":1e3}):struct<a:decimal(3,2),b:decimal(10,2),c:decimal(5,0)>>
--> (a=1.25, b=1234.50, c=1000)
select from_json('{"a":1.2567}', 'a decimal(3,2)');
--> struct<from_json({"a":1.2567}):struct<a:decimal(3,2)>>
--> (a=1.26)
select from_json('{"a":123456.25}', 'a decimal(3,2)');
--> struct<from_json({"a":123456.25}):struct<a:decimal(3,2)>>
--> (a=NULL)
select from_json('{"t":"2020-01-01T00:00:00Z","d":"2020-01-02","n":"2020-01-01 10:00:00","u":"2020-01-01 10:00"}', 't timestamp, d date, n timestamp_ntz, u timestamp');
--> struct<from_json({"t":"2020-01-01T00:00:00Z","d":"2020-01-02","n":"2020-01-01 10:00:00","u":"2020-01-01 10:00"}):struct<t:timestamp,d:date,n:timestamp_ntz,u:timestamp>>
--> (t=2020-01-01 00:00:00, d=2020-01-02, n=2020-01-01 10:00:00, u=2020-01-01 10:00:00)
select from_json('{"t":"01/02/2020"}', 't timestamp', map('timestampFormat','dd/MM/yyyy','timeZone','UTC'));
--> struct<from_json({"t":"01/02/2020"}):struct<t:timestamp>>
--> (t=2020-02-01 00:00:00)
select from_json('{"t":"01/02/2020"}', 't date', map('dateFormat','dd/MM/yyyy'));
--> struct<from_json({"t":"01/02/2020"}):struct<t:date>>
--> (t=2020-02-01)
select from_json('{"a":1,"b":[1, 2],"c":{"x" : 1}}', 'a string, b string, c string');
--> struct<from_json({"a":1,"b":[1, 2],"c":{"x" : 1}}):struct<a:string,b:string,c:string>>
--> (a='1', b='[1,2]', c='{"x":1}')
select from_json('{a:1}', 'a int', map('allowUnquotedFieldNames','true'));
--> struct<from_json({a:1}):struct<a:int>>
--> (a=1)
select from_json("{'a':1}", 'a int');
--> struct<from_json({'a':1}):struct<a:int>>
--> (a=1)
select from_json("{'a':1}", 'a int', map('allowSingleQuotes','false'));
--> struct<from_json({'a':1}):struct<a:int>>
--> (a=NULL)
select from_json('{"a":/*x*/1}', 'a int', map('allowComments','true'));
--> struct<from_json({"a":/*x*/1}):struct<a:int>>
--> (a=1)
select from_json('{"a":01}', 'a int', map('allowNumericLeadingZeros','true'));
--> struct<from_json({"a":01}):struct<a:int>>
--> (a=1)
select from_json('{"a":1}', 'struct<>');
--> struct<from_json({"a":1}):struct<>>
--> ()
select from_json('{"a":1}', 'a void');
--> struct<from_json({"a":1}):struct<a:void>>
--> (a=NULL)
select from_json('{"a":1}', 'a char(3), b varchar(4)');
--> error UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING 0A000
select from_json('{"a":"YWI="}', 'a binary');
--> struct<from_json({"a":"YWI="}):struct<a:binary>>
--> (a=X'6162')
select from_json('{"a":null}', 'a int');
--> struct<from_json({"a":null}):struct<a:int>>
--> (a=NULL)
select from_json('{"a":128,"b":300}', 'a tinyint, b tinyint');
--> struct<from_json({"a":128,"b":300}):struct<a:tinyint,b:tinyint>>
--> (a=-128, b=NULL)
select from_json('{"a":3000000000}', 'a int');
--> struct<from_json({"a":3000000000}):struct<a:int>>
--> (a=NULL)
select from_json('{"a":"\u00e4\n"}', 'a string') as c;
--> struct<c:struct<a:string>>
--> (a=NULL)
select from_json('{"a":{"x":1,"y":"z"}}', 'a map<string,int>');
--> struct<from_json({"a":{"x":1,"y":"z"}}):struct<a:map<string,int>>>
--> (a=NULL)
select from_json('{"a":{"1":1}}', 'a map<int,int>');
--> error DATATYPE_MISMATCH.INVALID_JSON_MAP_KEY_TYPE 42K09
select from_json('{"_corrupt_record":1}', '_corrupt_record string');
--> struct<from_json({"_corrupt_record":1}):struct<_corrupt_record:string>>
--> (_corrupt_record=NULL)
select from_json('oops', '_corrupt_record string');
--> struct<from_json(oops):struct<_corrupt_record:string>>
--> (_corrupt_record='oops')
select from_json('{"a":1}', 'a int', map('primitivesAsString','true'));
--> struct<from_json({"a":1}):struct<a:int>>
--> (a=1)
select from_json('{"a":1}', 'a int', map('samplingRatio','0'));
--> struct<from_json({"a":1}):struct<a:int>>
--> (a=1)
select from_json('[{"a":1},{"a":2}]', 'array<struct<a:int>>');
--> struct<from_json([{"a":1},{"a":2}]):array<struct<a:int>>>
--> [(a=1), (a=2)]
select from_json('[[1],[2]]', 'array<array<int>>');
--> struct<from_json([[1],[2]]):array<array<int>>>
--> [[1], [2]]
select from_json('[1,2', 'array<int>');
--> struct<from_json([1,2):array<int>>
--> NULL
select from_json('[1,2] x', 'array<int>');
--> struct<from_json([1,2] x):array<int>>
--> [1, 2]
select from_json(value, 'a int').* from values ('{"a":1}') t(value);
--> error PARSE_SYNTAX_ERROR 42601
select from_json('{"a":"x","b":1}', 'a int, b int', map('mode','FAILFAST'));
--> error MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION 22023
select from_json('{"a":"x","b":1}', 'a int, b int, _corrupt_record string', map('mode','FAILFAST'));
--> error MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION 22023
select from_json('[{"a":"x"}]', 'array<struct<a:int>>', map('mode','FAILFAST'));
--> error MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION 22023
select from_json('{"a":1.50,"b":[1.50, 1e2, NaN]}', 'a string, b string');
--> struct<from_json({"a":1.50,"b":[1.50, 1e2, NaN]}):struct<a:string,b:string>>
--> (a='1.5', b='[1.5,100.0,"NaN"]')
select from_json('{"a":"x"}', 'a int', map('mode','FAILFAST')) from values (1) t(x) where x > 5;
--> struct<from_json({"a":"x"}):struct<a:int>>
select from_json('{"a":"x"}', 'map<string,struct<b:int>>');
--> struct<entries:map<string,struct<b:int>>>
--> NULL
select from_json('{"a":{"b":"x"},"c":{"b":1}}', 'map<string,struct<b:int>>');
--> struct<entries:map<string,struct<b:int>>>
--> {'a': (b=NULL), 'c': (b=1)}
select from_json('{"a":"x"}','array<struct<a:int>>');
--> struct<from_json({"a":"x"}):array<struct<a:int>>>
--> [(a=NULL)]
select from_json('{"a":"x","b":2}','array<struct<a:int,b:int>>');
--> struct<from_json({"a":"x","b":2}):array<struct<a:int,b:int>>>
--> [(a=NULL, b=2)]
select from_json('{"a":[{"b":"x"}]}', 'a array<struct<b:int>>, _corrupt_record string');
--> struct<from_json({"a":[{"b":"x"}]}):struct<a:array<struct<b:int>>,_corrupt_record:string>>
--> (a=[(b=NULL)], _corrupt_record='{"a":[{"b":"x"}]}')
select from_json('"abc"', 'a int, _corrupt_record string');
--> struct<from_json("abc"):struct<a:int,_corrupt_record:string>>
--> (a=NULL, _corrupt_record='"abc"')
select from_json('{"a":1}}', 'a int');
--> struct<from_json({"a":1}}):struct<a:int>>
--> (a=1)
select from_json('{"a":1,}', 'a int, _corrupt_record string');
--> struct<from_json({"a":1,}):struct<a:int,_corrupt_record:string>>
--> (a=NULL, _corrupt_record='{"a":1,}')
select from_json('{"a":1 "b":2}', 'a int, b int, _corrupt_record string');
--> struct<from_json({"a":1 "b":2}):struct<a:int,b:int,_corrupt_record:string>>
--> (a=NULL, b=NULL, _corrupt_record='{"a":1 "b":2}')
select from_json('{"b":2, "a":tru}', 'a boolean, b int, _corrupt_record string');
--> struct<from_json({"b":2, "a":tru}):struct<a:boolean,b:int,_corrupt_record:string>>
--> (a=NULL, b=NULL, _corrupt_record='{"b":2, "a":tru}')
select from_json('{"a":"1"}', 'a int');
--> struct<from_json({"a":"1"}):struct<a:int>>
--> (a=NULL)
select from_json('{"a":1}', 'a string');
--> struct<from_json({"a":1}):struct<a:string>>
--> (a='1')
select from_json('{"a":true}', 'a string');
--> struct<from_json({"a":true}):struct<a:string>>
--> (a='true')
select from_json('{"a":"true"}', 'a boolean');
--> struct<from_json({"a":"true"}):struct<a:boolean>>
--> (a=NULL)
select from_json('{"a":1.0}', 'a int');
--> struct<from_json({"a":1.0}):struct<a:int>>
--> (a=NULL)
select from_json('{"a":1}', 'a double, a2 float');
--> struct<from_json({"a":1}):struct<a:double,a2:float>>
--> (a=1.0, a2=NULL)
select from_json('{"a":""}', 'a int, _corrupt_record string');
--> struct<from_json({"a":""}):struct<a:int,_corrupt_record:string>>
--> (a=NULL, _corrupt_record='{"a":""}')
select from_json('{"a":""}', 'a string, _corrupt_record string');
--> struct<from_json({"a":""}):struct<a:string,_corrupt_record:string>>
--> (a='', _corrupt_record=NULL)
select from_json('{"a":1577836800,"b":"1577836800"}', 'a timestamp, b timestamp, _corrupt_record string');
--> struct<from_json({"a":1577836800,"b":"1577836800"}):struct<a:timestamp,b:timestamp,_corrupt_record:string>>
--> (a=2020-01-01 00:00:00, b=NULL, _corrupt_record='{"a":1577836800,"b":"1577836800"}')
select from_json('{"a":"2020-01-01T00:00:00.123456+02:00","b":"2020-01-01 00:00:00"}', 'a timestamp, b timestamp_ntz');
--> struct<from_json({"a":"2020-01-01T00:00:00.123456+02:00","b":"2020-01-01 00:00:00"}):struct<a:timestamp,b:timestamp_ntz>>
--> (a=2019-12-31 22:00:00.123456, b=2020-01-01 00:00:00)
-- a time is one of today
select date_format(j.a, 'HH:mm:ss') t, to_date(j.a) between current_date() and current_date() + 1 today
from (select from_json('{"a":"12:34"}', 'a timestamp') j);
--> struct<t:string,today:boolean>
--> '12:34:00' | true
select from_json('{"a":{}}', 'a struct<b:int>');
--> struct<from_json({"a":{}}):struct<a:struct<b:int>>>
--> (a=(b=NULL))
select from_json('{"a":{}}', 'a map<string,int>');
--> struct<from_json({"a":{}}):struct<a:map<string,int>>>
--> (a={})
select from_json('{"a":{"k":1,"k":2}}', 'a map<string,int>');
--> struct<from_json({"a":{"k":1,"k":2}}):struct<a:map<string,int>>>
--> (a={'k': 2})
select from_json('{"k":1,"k":2}', 'map<string,int>');
--> struct<entries:map<string,int>>
--> {'k': 2}
select from_json('{"a":"x\\\\u00e4y\\\\n"}', 'a string') as c;
--> struct<c:struct<a:string>>
--> (a='x\\u00e4y\\n')
select from_json(concat('{"a":"', repeat('x', 100), '"}'), 'a string');
--> struct<from_json(concat({"a":", repeat(x, 100), "})):struct<a:string>>
--> (a='xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')
select from_json('{"a":1}', 'a INT COMMENT "hello"');
--> struct<from_json({"a":1}):struct<a:int>>
--> (a=1)
select from_json('{"A":1}', 'a int') union all select from_json('{"a":1}', 'a int');
--> struct<from_json({"A":1}):struct<a:int>>
--> (a=1)
--> (a=NULL)
select from_json(v, 'a int').a as a, count(*) from values ('{"a":1}'),('{"a":1}'),('{"a":2}') t(v) group by from_json(v, 'a int').a order by a;
--> struct<a:int,count(1):bigint>
--> 1 | 2
--> 2 | 1
select from_json(v, 'a int') = from_json(v, 'a int') from values ('{"a":1}') t(v);
--> struct<(from_json(v) = from_json(v)):boolean>
--> true
select from_json(to_json(named_struct('a',1,'t',timestamp'2020-01-01 00:00:00')), 'a int, t timestamp');
--> struct<from_json(to_json(named_struct(a, 1, t, TIMESTAMP '2020-01-01 00:00:00'))):struct<a:int,t:timestamp>>
--> (a=1, t=2020-01-01 00:00:00)

-- to_json.
select to_json(named_struct('a',1,'b',null));
--> struct<to_json(named_struct(a, 1, b, NULL)):string>
--> '{"a":1}'
select to_json(named_struct('a',1,'b',null), map('ignoreNullFields','false'));
--> struct<to_json(named_struct(a, 1, b, NULL)):string>
--> '{"a":1,"b":null}'
select to_json(named_struct('a',1,'b',array(1,null)), map('pretty','true'));
--> struct<to_json(named_struct(a, 1, b, array(1, NULL))):string>
--> '{\n  "a" : 1,\n  "b" : [ 1, null ]\n}'
select to_json(cast(null as struct<a:int>));
--> struct<to_json(NULL):string>
--> NULL
select to_json(array(1,2,null));
--> struct<to_json(array(1, 2, NULL)):string>
--> '[1,2,null]'
select to_json(array(named_struct('a',1),null));
--> struct<to_json(array(named_struct(a, 1), NULL)):string>
--> '[{"a":1},null]'
select to_json(map('x',1,'y',null));
--> struct<to_json(map(x, 1, y, NULL)):string>
--> '{"x":1,"y":null}'
select to_json(map('x',1,'y',null), map('ignoreNullFields','true'));
--> struct<to_json(map(x, 1, y, NULL)):string>
--> '{"x":1,"y":null}'
select to_json(map(1,2));
--> struct<to_json(map(1, 2)):string>
--> '{"1":2}'
select to_json(map(date'2020-01-01',2));
--> struct<to_json(map(DATE '2020-01-01', 2)):string>
--> '{"18262":2}'
select to_json(map(named_struct('a',1),2));
--> struct<to_json(map(named_struct(a, 1), 2)):string>
--> '{"[1]":2}'
select to_json(map(array(1),2));
--> struct<to_json(map(array(1), 2)):string>
--> '{"[1]":2}'
select to_json(1);
--> error DATATYPE_MISMATCH.INVALID_JSON_SCHEMA 42K09
select to_json('x');
--> error DATATYPE_MISMATCH.INVALID_JSON_SCHEMA 42K09
select to_json(null);
--> struct<to_json(NULL):string>
--> NULL
select to_json();
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
select to_json(named_struct('a',1),'x');
--> error INVALID_OPTIONS.NON_MAP_FUNCTION 42K06
select to_json(named_struct('a',1), map('a',1));
--> error INVALID_OPTIONS.NON_STRING_TYPE 42K06
select to_json(array());
--> struct<to_json(array()):string>
--> '[]'
select to_json(map());
--> struct<to_json(map()):string>
--> '{}'
select to_json(named_struct('t',timestamp'2020-01-01 10:00:00','d',date'2020-01-01','n',timestamp_ntz'2020-01-01 10:00:00.123'));
--> struct<to_json(named_struct(t, TIMESTAMP '2020-01-01 10:00:00', d, DATE '2020-01-01', n, TIMESTAMP_NTZ '2020-01-01 10:00:00.123')):string>
--> '{"t":"2020-01-01T10:00:00.000Z","d":"2020-01-01","n":"2020-01-01T10:00:00.123"}'
select to_json(named_struct('t',timestamp'2020-01-01 10:00:00'), map('timestampFormat','dd/MM/yyyy HH','timeZone','UTC'));
--> struct<to_json(named_struct(t, TIMESTAMP '2020-01-01 10:00:00')):string>
--> '{"t":"01/01/2020 10"}'
select to_json(named_struct('t',timestamp'2020-01-01 10:00:00'), map('timestampFormat','bbb'));
--> error INVALID_DATETIME_PATTERN.WITH_SUGGESTION 22007
select to_json(named_struct('f',float('nan'),'d',double('infinity'),'x',1.5D,'y',1.10BD,'z',1e10D,'b',x'0102','bo',true));
--> struct<to_json(named_struct(f, nan, d, infinity, x, 1.5, y, 1.10, z, 1.0E10, b, X'0102', bo, true)):string>
--> '{"f":"NaN","d":"Infinity","x":1.5,"y":1.10,"z":1.0E10,"b":"AQI=","bo":true}'
select to_json(named_struct('i',interval 1 day,'y',interval 1 year,'ya',interval '1-2' year to month));
--> struct<to_json(named_struct(i, INTERVAL '1' DAY, y, INTERVAL '1' YEAR, ya, INTERVAL '1-2' YEAR TO MONTH)):string>
--> '{"i":"INTERVAL \'1\' DAY","y":"INTERVAL \'1\' YEAR","ya":"INTERVAL \'1-2\' YEAR TO MONTH"}'
select to_json(named_struct('v',cast(null as void)));
--> struct<to_json(named_struct(v, CAST(NULL AS VOID))):string>
--> '{}'
select to_json(named_struct('s','a"b\\\n\té/')) as c;
--> struct<c:string>
--> '{"s":"a\\"b\\\\\\n\\té/"}'
select to_json(named_struct('s','é'), map('writeNonAsciiCharacterAsCodePoint','true'));
--> struct<to_json(named_struct(s, é)):string>
--> '{"s":"\\u00E9"}'
select to_json(array(array(1),array()));
--> struct<to_json(array(array(1), array())):string>
--> '[[1],[]]'
select to_json(struct(a,b)) from values (1,'x'),(null,'y') t(a,b);
--> struct<to_json(struct(a, b)):string>
--> '{"a":1,"b":"x"}'
--> '{"b":"y"}'
select to_json(s) from values (named_struct('a',1)),(null) t(s);
--> struct<to_json(s):string>
--> '{"a":1}'
--> NULL
select to_json(named_struct('a',1), map('mode','DROPMALFORMED'));
--> struct<to_json(named_struct(a, 1)):string>
--> '{"a":1}'
select to_json(named_struct('a',named_struct('b',null),'c',array(named_struct('d',null)),'m',map('k',named_struct('e',null))));
--> struct<to_json(named_struct(a, named_struct(b, NULL), c, array(named_struct(d, NULL)), m, map(k, named_struct(e, NULL)))):string>
--> '{"a":{},"c":[{}],"m":{"k":{}}}'
select to_json(map(named_struct('a',date'2020-01-01','b',map('x',array(1,2))),2));
--> error DATATYPE_MISMATCH.INVALID_MAP_KEY_TYPE 42K09
select to_json(from_json('{"a":1,"b":"x"}', 'a int, b string, c int'));
--> struct<to_json(from_json({"a":1,"b":"x"})):string>
--> '{"a":1,"b":"x"}'

-- schema_of_json.
select schema_of_json('{"a":1,"b":[1.5,2],"c":{"d":"x","e":null},"f":true}');
--> struct<schema_of_json({"a":1,"b":[1.5,2],"c":{"d":"x","e":null},"f":true}):string>
--> 'STRUCT<a: BIGINT, b: ARRAY<DOUBLE>, c: STRUCT<d: STRING, e: STRING>, f: BOOLEAN>'
select schema_of_json('1');
--> struct<schema_of_json(1):string>
--> 'BIGINT'
select schema_of_json('[]');
--> struct<schema_of_json([]):string>
--> 'ARRAY<STRING>'
select schema_of_json('[null]');
--> struct<schema_of_json([null]):string>
--> 'ARRAY<STRING>'
select schema_of_json('{}');
--> struct<schema_of_json({}):string>
--> 'STRUCT<>'
select schema_of_json('null');
--> struct<schema_of_json(null):string>
--> 'STRING'
select schema_of_json('""');
--> struct<schema_of_json(""):string>
--> 'STRING'
select schema_of_json('');
--> struct<schema_of_json():string>
--> 'STRING'
select schema_of_json(' ');
--> struct<schema_of_json( ):string>
--> 'STRING'
select schema_of_json(null);
--> error DATATYPE_MISMATCH.UNEXPECTED_NULL 42K09
select schema_of_json(cast(null as string));
--> error DATATYPE_MISMATCH.UNEXPECTED_NULL 42K09
select schema_of_json(value) from values ('x') t(value);
--> error DATATYPE_MISMATCH.NON_FOLDABLE_INPUT 42K09
select schema_of_json(1);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
select schema_of_json('{"a":1}', map('primitivesAsString','true'));
--> struct<schema_of_json({"a":1}):string>
--> 'STRUCT<a: STRING>'
select schema_of_json('{"a":1.1}', map('prefersDecimal','true'));
--> struct<schema_of_json({"a":1.1}):string>
--> 'STRUCT<a: DECIMAL(2,1)>'
select schema_of_json('{"a":"2020-01-01T00:00:00"}', map('inferTimestamp','true'));
--> struct<schema_of_json({"a":"2020-01-01T00:00:00"}):string>
--> 'STRUCT<a: TIMESTAMP>'
select schema_of_json('{"a":null,"b":[]}', map('dropFieldIfAllNull','true'));
--> struct<schema_of_json({"a":null,"b":[]}):string>
--> 'STRUCT<>'
select schema_of_json('{"a":1,"a":"x","A":1}');
--> struct<schema_of_json({"a":1,"a":"x","A":1}):string>
--> 'STRUCT<A: BIGINT, a: BIGINT, a: STRING>'
select schema_of_json('{"a b":1,"c-d":{"":1}}');
--> struct<schema_of_json({"a b":1,"c-d":{"":1}}):string>
--> 'STRUCT<`a b`: BIGINT>'
select schema_of_json('{"a":1} x');
--> struct<schema_of_json({"a":1} x):string>
--> 'STRUCT<a: BIGINT>'
select schema_of_json('[1,"x",{"a":1}]');
--> struct<schema_of_json([1,"x",{"a":1}]):string>
--> 'ARRAY<STRING>'
select schema_of_json('[{"a":1},{"a":"x","b":2}]');
--> struct<schema_of_json([{"a":1},{"a":"x","b":2}]):string>
--> 'ARRAY<STRUCT<a: STRING, b: BIGINT>>'
select schema_of_json('{"a":12345678901234567890, "b":1e400}');
--> struct<schema_of_json({"a":12345678901234567890, "b":1e400}):string>
--> 'STRUCT<a: DECIMAL(20,0), b: DOUBLE>'
select schema_of_json(concat('{"a"',':1}'));
--> struct<schema_of_json(concat({"a", :1})):string>
--> 'STRUCT<a: BIGINT>'

-- from_csv.
select from_csv('1,x', 'a int, b string');
--> struct<from_csv(1,x):struct<a:int,b:string>>
--> (a=1, b='x')
select from_csv('1', 'a int, b string');
--> struct<from_csv(1):struct<a:int,b:string>>
--> (a=1, b=NULL)
select from_csv('1,x,z', 'a int, b string');
--> struct<from_csv(1,x,z):struct<a:int,b:string>>
--> (a=1, b='x')
select from_csv('', 'a int');
--> struct<from_csv():struct<a:int>>
--> (a=NULL)
select from_csv('  ', 'a int');
--> struct<from_csv(  ):struct<a:int>>
--> (a=NULL)
select from_csv('', 'a string');
--> struct<from_csv():struct<a:string>>
--> (a=NULL)
select from_csv(null, 'a int');
--> struct<from_csv(NULL):struct<a:int>>
--> NULL
select from_csv('x,y', 'a int, b string');
--> struct<from_csv(x,y):struct<a:int,b:string>>
--> (a=NULL, b='y')
select from_csv('x,y', 'a int, b string, _corrupt_record string');
--> struct<from_csv(x,y):struct<a:int,b:string,_corrupt_record:string>>
--> (a=NULL, b='y', _corrupt_record='x,y')
select from_csv('1,y', 'a int, b string, _corrupt_record string');
--> struct<from_csv(1,y):struct<a:int,b:string,_corrupt_record:string>>
--> (a=1, b='y', _corrupt_record=NULL)
select from_csv('1', 'a int, b string, _corrupt_record string');
--> struct<from_csv(1):struct<a:int,b:string,_corrupt_record:string>>
--> (a=1, b=NULL, _corrupt_record='1')
select from_csv('1', 'a int, _corrupt_record int');
--> error INVALID_CORRUPT_RECORD_TYPE 42804
select from_csv('x', 'a int', map('mode','FAILFAST'));
--> error MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION 22023
select from_csv('x,1', 'a int, b int, _corrupt_record string', map('mode','FAILFAST'));
--> error MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION 22023
select from_csv('1,2,3', 'a int', map('mode','FAILFAST'));
--> error MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION 22023
select from_csv('1', 'a int', map('mode','DROPMALFORMED'));
--> error PARSE_MODE_UNSUPPORTED 42601
select from_csv('1;2', 'a int, b int', map('sep',';'));
--> struct<from_csv(1;2):struct<a:int,b:int>>
--> (a=1, b=2)
select from_csv('"a,b",c', 'a string, b string');
--> struct<from_csv("a,b",c):struct<a:string,b:string>>
--> (a='a,b', b='c')
select from_csv('a\nb,c', 'a string, b string') as c;
--> struct<c:struct<a:string,b:string>>
--> (a='a\nb', b='c')
select from_csv('#a', 'a string', map('comment','#'));
--> struct<from_csv(#a):struct<a:string>>
--> (a=NULL)
select from_csv('a,b', 'a string, b string', map('header','true'));
--> struct<from_csv(a,b):struct<a:string,b:string>>
--> (a='a', b='b')
select from_csv('1', 'int');
--> error INVALID_SCHEMA.NON_STRUCT_TYPE 42K07
select from_csv('1', 'array<int>');
--> error INVALID_SCHEMA.NON_STRUCT_TYPE 42K07
select from_csv('1', 'map<string,int>');
--> error INVALID_SCHEMA.NON_STRUCT_TYPE 42K07
select from_csv('1', 'a array<int>');
--> error UNSUPPORTED_DATATYPE 0A000
select from_csv('1', 'a struct<b:int>');
--> error UNSUPPORTED_DATATYPE 0A000
select from_csv('1', '');
--> error PARSE_EMPTY_STATEMENT 42617
select from_csv('1', value) from values ('a int') t(value);
--> error INVALID_SCHEMA.NON_STRING_LITERAL 42K07
select from_csv(value, schema_of_csv('1,x')) from values ('2,y') t(value);
--> struct<from_csv(value):struct<_c0:int,_c1:string>>
--> (_c0=2, _c1='y')
select from_csv(1, 'a int');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
select from_csv('1', 'a int', map('a',1));
--> error INVALID_OPTIONS.NON_STRING_TYPE 42K06
select from_csv('1', 'a int', map('maxColumns','1'));
--> struct<from_csv(1):struct<a:int>>
--> (a=1)
select from_csv('1,2', 'a int, b int', map('maxColumns','1'));
--> error MALFORMED_CSV_RECORD KD000
select from_csv('abc', 'a string', map('maxCharsPerColumn','2'));
--> error MALFORMED_CSV_RECORD KD000
select from_csv('2020-01-01,2020-01-01 10:00:00,1.5,true,NaN', 'a date, b timestamp, c decimal(3,1), d boolean, e double');
--> struct<from_csv(2020-01-01,2020-01-01 10:00:00,1.5,true,NaN):struct<a:date,b:timestamp,c:decimal(3,1),d:boolean,e:double>>
--> (a=2020-01-01, b=2020-01-01 10:00:00, c=1.5, d=true, e=nan)
select from_csv('NULL,1', 'a string, b int', map('nullValue','NULL'));
--> struct<from_csv(NULL,1):struct<a:string,b:int>>
--> (a=NULL, b=1)
select from_csv(' a , b ', 'a string, b string');
--> struct<from_csv( a , b ):struct<a:string,b:string>>
--> (a=' a ', b=' b ')
select from_csv(' a , b ', 'a string, b string', map('ignoreLeadingWhiteSpace','true','ignoreTrailingWhiteSpace','true'));
--> struct<from_csv( a , b ):struct<a:string,b:string>>
--> (a='a', b='b')
select from_csv('1,2', 'a int not null, b int');
--> struct<from_csv(1,2):struct<a:int,b:int>>
--> (a=1, b=2)
select from_csv('x,2', 'a int not null, b int');
--> struct<from_csv(x,2):struct<a:int,b:int>>
--> (a=NULL, b=2)
select from_csv('1,2', 'b int, b int');
--> struct<from_csv(1,2):struct<b:int,b:int>>
--> (b=1, b=2)
select from_csv('1', 'struct<>');
--> struct<from_csv(1):struct<>>
--> ()
select from_csv('oops', '_corrupt_record string');
--> struct<from_csv(oops):struct<_corrupt_record:string>>
--> (_corrupt_record=NULL)
select from_csv('1', 'a void');
--> error UNSUPPORTED_DATATYPE 0A000
select from_csv('1,2\n3,4', 'a int, b int') as c;
--> struct<c:struct<a:int,b:int>>
--> (a=1, b=NULL)
select from_csv('', 'a int, _corrupt_record string');
--> struct<from_csv():struct<a:int,_corrupt_record:string>>
--> (a=NULL, _corrupt_record=NULL)
select from_csv('  ', 'a int, _corrupt_record string');
--> struct<from_csv(  ):struct<a:int,_corrupt_record:string>>
--> (a=NULL, _corrupt_record='  ')
select from_csv('#a', 'a int, _corrupt_record string', map('comment','#'));
--> struct<from_csv(#a):struct<a:int,_corrupt_record:string>>
--> (a=NULL, _corrupt_record=NULL)
select from_csv('#a\n1', 'a int, _corrupt_record string', map('comment','#')) as c;
--> struct<c:struct<a:int,_corrupt_record:string>>
--> (a=NULL, _corrupt_record=NULL)
select from_csv('x\n', 'a int, _corrupt_record string') as c;
--> struct<c:struct<a:int,_corrupt_record:string>>
--> (a=NULL, _corrupt_record='x')
select from_csv('x\r\n', 'a int, _corrupt_record string') as c;
--> struct<c:struct<a:int,_corrupt_record:string>>
--> (a=NULL, _corrupt_record='x')
select from_csv('1\n', 'a int, _corrupt_record string') as c;
--> struct<c:struct<a:int,_corrupt_record:string>>
--> (a=NULL, _corrupt_record='1')
select from_csv('', 'a int', map('mode','FAILFAST'));
--> error MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION 22023
select from_csv('1,"a""b"', 'a int, b string');
--> struct<from_csv(1,"a""b"):struct<a:int,b:string>>
--> (a=1, b='"a""b"')
select from_csv('1,"a\\"b"', 'a int, b string');
--> struct<from_csv(1,"a\"b"):struct<a:int,b:string>>
--> (a=1, b='a"b')
select from_csv('1,"ab', 'a int, b string');
--> struct<from_csv(1,"ab):struct<a:int,b:string>>
--> (a=1, b='ab')
select from_csv('1,a"b', 'a int, b string');
--> struct<from_csv(1,a"b):struct<a:int,b:string>>
--> (a=1, b='a"b')
select from_csv('1,2', 'a int, b int', map('lineSep',','));
--> struct<from_csv(1,2):struct<a:int,b:int>>
--> (a=1, b=2)
select from_csv('1,2', 'a int, b int', map('multiLine','true'));
--> struct<from_csv(1,2):struct<a:int,b:int>>
--> (a=1, b=2)
select from_csv(v, 'a int, b string') from values ('1,x'),(null),('y'),(''),('3,z,w') t(v);
--> struct<from_csv(v):struct<a:int,b:string>>
--> (a=1, b='x')
--> (a=3, b='z')
--> (a=NULL, b=NULL)
--> (a=NULL, b=NULL)
--> NULL
select from_csv(v, '_corrupt_record string, a int') from values ('1,x'),(null),('y'),(''),('3') t(v);
--> struct<from_csv(v):struct<_corrupt_record:string,a:int>>
--> (_corrupt_record='1,x', a=1)
--> (_corrupt_record='y', a=NULL)
--> (_corrupt_record=NULL, a=3)
--> (_corrupt_record=NULL, a=NULL)
--> NULL
select from_csv('"",', 'a string, b string');
--> struct<from_csv("",):struct<a:string,b:string>>
--> (a=NULL, b=NULL)
select from_csv('"",', 'a string, b string', map('emptyValue','E','nullValue','N'));
--> struct<from_csv("",):struct<a:string,b:string>>
--> (a='E', b=NULL)
select from_csv('01/02/2020,2020', 'a date, b int', map('dateFormat','dd/MM/yyyy'));
--> struct<from_csv(01/02/2020,2020):struct<a:date,b:int>>
--> (a=2020-02-01, b=2020)
select from_csv('01/02/2020 10', 'a timestamp', map('timestampFormat','dd/MM/yyyy HH'));
--> struct<from_csv(01/02/2020 10):struct<a:timestamp>>
--> (a=2020-02-01 10:00:00)
select from_csv('9999999999,-129,1e3,abc', 'a int, b tinyint, c float, d boolean');
--> struct<from_csv(9999999999,-129,1e3,abc):struct<a:int,b:tinyint,c:float,d:boolean>>
--> (a=NULL, b=NULL, c=1000.0, d=NULL)
select from_csv('abc', 'a binary');
--> struct<from_csv(abc):struct<a:binary>>
--> (a=X'616263')
select from_csv('1', 'a string', map('mode','failfast'));
--> struct<from_csv(1):struct<a:string>>
--> (a='1')

-- to_csv.
select to_csv(named_struct('a',1,'b','x,y','c',null));
--> struct<to_csv(named_struct(a, 1, b, x,y, c, NULL)):string>
--> '1,"x,y",'
select to_csv(named_struct('a',null));
--> struct<to_csv(named_struct(a, NULL)):string>
--> NULL
select to_csv(named_struct('a',''));
--> struct<to_csv(named_struct(a, )):string>
--> '""'
select to_csv(named_struct('a',null,'b',null));
--> struct<to_csv(named_struct(a, NULL, b, NULL)):string>
--> ','
select to_csv(named_struct('a','x"y\nz')) as c;
--> struct<c:string>
--> '"x\\"y\nz"'
select to_csv(named_struct('a',array(1,2),'m',map(1,2),'s',named_struct('z',1)));
--> struct<to_csv(named_struct(a, array(1, 2), m, map(1, 2), s, named_struct(z, 1))):string>
--> '"[1, 2]",{1 -> 2},{1}'
select to_csv(array(1));
--> error DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE 42K09
select to_csv(1);
--> error DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE 42K09
select to_csv(null);
--> struct<to_csv(NULL):string>
--> NULL
select to_csv(cast(null as struct<a:int>));
--> struct<to_csv(NULL):string>
--> NULL
select to_csv(named_struct('a',1,'b',2), map('sep','|','header','true'));
--> struct<to_csv(named_struct(a, 1, b, 2)):string>
--> '1|2'
select to_csv(named_struct('a',1,'b',null), map('nullValue','NIL'));
--> struct<to_csv(named_struct(a, 1, b, NULL)):string>
--> '1,NIL'
select to_csv(named_struct('a','x','b',null), map('quoteAll','true'));
--> struct<to_csv(named_struct(a, x, b, NULL)):string>
--> '"x",""'
select to_csv(named_struct('t',timestamp'2020-01-01 10:00:00','d',date'2020-01-01','x',1.5D,'b',x'0102'));
--> struct<to_csv(named_struct(t, TIMESTAMP '2020-01-01 10:00:00', d, DATE '2020-01-01', x, 1.5, b, X'0102')):string>
--> '2020-01-01T10:00:00.000Z,2020-01-01,1.5,[01 02]'
select to_csv(named_struct('i',interval 1 day));
--> struct<to_csv(named_struct(i, INTERVAL '1' DAY)):string>
--> "INTERVAL '1' DAY"
select to_csv(named_struct('v',cast(null as void)));
--> struct<to_csv(named_struct(v, CAST(NULL AS VOID))):string>
--> NULL
select to_csv(named_struct('a',' x '));
--> struct<to_csv(named_struct(a,  x )):string>
--> 'x'
select to_csv(s) from values (named_struct('a',1)),(null) t(s);
--> struct<to_csv(s):string>
--> '1'
--> NULL
select to_csv(named_struct('a',1,'b',null,'c',cast(null as void)));
--> struct<to_csv(named_struct(a, 1, b, NULL, c, CAST(NULL AS VOID))):string>
--> '1,,'
select to_csv(named_struct('a','#x','b','#y'));
--> struct<to_csv(named_struct(a, #x, b, #y)):string>
--> '"#x",#y'
select to_csv(named_struct('a','x\\y','b','"q"'));
--> struct<to_csv(named_struct(a, x\y, b, "q")):string>
--> 'x\\y,"\\"q\\""'
select to_csv(named_struct('a','x;y'), map('sep',';;'));
--> struct<to_csv(named_struct(a, x;y)):string>
--> 'x;y'
select to_csv(named_struct('a','','b',''), map('emptyValue',''));
--> struct<to_csv(named_struct(a, , b, )):string>
--> ','
select to_csv(named_struct('a',''), map('emptyValue',''));
--> struct<to_csv(named_struct(a, )):string>
--> NULL
select to_csv(named_struct('a',interval '1-2' year to month,'b',interval '1 02:03:04.5' day to second));
--> struct<to_csv(named_struct(a, INTERVAL '1-2' YEAR TO MONTH, b, INTERVAL '1 02:03:04.5' DAY TO SECOND)):string>
--> "INTERVAL '1-2' YEAR TO MONTH,INTERVAL '1 02:03:04.5' DAY TO SECOND"
select to_csv(named_struct('a',1.0D,'b',float(1e10),'c',1e-10BD,'d',cast('inf' as double)));
--> struct<to_csv(named_struct(a, 1.0, b, 1.0E10, c, 1E-10, d, CAST(inf AS DOUBLE))):string>
--> '1.0,1.0E10,1E-10,Infinity'
select to_csv(named_struct('a',timestamp'1800-01-01 10:00:00'));
--> struct<to_csv(named_struct(a, TIMESTAMP '1800-01-01 10:00:00')):string>
--> '1800-01-01T10:00:00.000Z'
select to_csv(named_struct('a',1), map('mode','DROPMALFORMED'));
--> struct<to_csv(named_struct(a, 1)):string>
--> '1'
select to_csv(named_struct('a', array('x',null), 'm', map('k',null), 's', named_struct('n',null)), map('nullValue','NIL'));
--> struct<to_csv(named_struct(a, array(x, NULL), m, map(k, NULL), s, named_struct(n, NULL))):string>
--> '"[x, NIL]",{k -> NIL},{ NIL}'
select to_csv(named_struct('a', array(null,'x'), 's', named_struct('n',null,'b',1)));
--> struct<to_csv(named_struct(a, array(NULL, x), s, named_struct(n, NULL, b, 1))):string>
--> '"[, x]","{, 1}"'
select to_csv(named_struct('a', array(true,false), 'd', array(date'2020-01-01'), 't', array(timestamp'2020-01-01 10:00:00'), 'n', array(timestamp_ntz'2020-01-01 10:00:00'), 'f', array(1.5D, float(2)), 'x', array(1.50BD,1e-10BD), 'b', array(x'00ff')));
--> struct<to_csv(named_struct(a, array(true, false), d, array(DATE '2020-01-01'), t, array(TIMESTAMP '2020-01-01 10:00:00'), n, array(TIMESTAMP_NTZ '2020-01-01 10:00:00'), f, array(1.5, 2), x, array(1.50, 1E-10), b, array(X'00FF'))):string>
--> '"[true, false]",[2020-01-01],[2020-01-01T10:00:00.000Z],[2020-01-01T10:00:00.000],"[1.5, 2.0]","[1.5000000000, 1E-10]",[[00 FF]]'
select to_csv(named_struct('d', array(date'2020-01-01'), 't', map(timestamp'2020-01-01 10:00:00',date'2020-01-01')), map('dateFormat','dd/MM/yyyy','timestampFormat','HH dd'));
--> struct<to_csv(named_struct(d, array(DATE '2020-01-01'), t, map(TIMESTAMP '2020-01-01 10:00:00', DATE '2020-01-01'))):string>
--> '[01/01/2020],{10 01 -> 01/01/2020}'
select to_csv(named_struct('i', array(interval '1' day), 'y', array(interval '1' year), 'e', array(), 'm', map(), 's', array(named_struct('a',1))));
--> struct<to_csv(named_struct(i, array(INTERVAL '1' DAY), y, array(INTERVAL '1' YEAR), e, array(), m, map(), s, array(named_struct(a, 1)))):string>
--> "[INTERVAL '1' DAY],[INTERVAL '1' YEAR],[],{},[{1}]"
select to_csv(named_struct('a', map('k',1,'l',null,'m',3), 'b', array(array(1,null),null)));
--> struct<to_csv(named_struct(a, map(k, 1, l, NULL, m, 3), b, array(array(1, NULL), NULL))):string>
--> '"{k -> 1, l ->, m -> 3}","[[1,],]"'

-- schema_of_csv.
select schema_of_csv('1,abc,2.5,true,2020-01-01,2020-01-01 10:00:00');
--> struct<schema_of_csv(1,abc,2.5,true,2020-01-01,2020-01-01 10:00:00):string>
--> 'STRUCT<_c0: INT, _c1: STRING, _c2: DOUBLE, _c3: BOOLEAN, _c4: DATE, _c5: TIMESTAMP>'
select schema_of_csv(null);
--> error DATATYPE_MISMATCH.UNEXPECTED_NULL 42K09
select schema_of_csv(cast(null as string));
--> error DATATYPE_MISMATCH.UNEXPECTED_NULL 42K09
select schema_of_csv(1);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
select schema_of_csv(value) from values ('x') t(value);
--> error DATATYPE_MISMATCH.NON_FOLDABLE_INPUT 42K09
select schema_of_csv('1|a', map('delimiter','|'));
--> struct<schema_of_csv(1|a):string>
--> 'STRUCT<_c0: INT, _c1: STRING>'
select schema_of_csv('a,b', map('header','true'));
--> struct<schema_of_csv(a,b):string>
--> 'STRUCT<_c0: STRING, _c1: STRING>'
select schema_of_csv('1,a', map('inferSchema','false'));
--> struct<schema_of_csv(1,a):string>
--> 'STRUCT<_c0: INT, _c1: STRING>'
select schema_of_csv('2020-01-01', map('preferDate','false'));
--> struct<schema_of_csv(2020-01-01):string>
--> 'STRUCT<_c0: TIMESTAMP>'
select schema_of_csv('1\n2,3') as c;
--> struct<c:string>
--> 'STRUCT<_c0: STRING, _c1: INT>'
select schema_of_csv('1,,"a,b"');
--> struct<schema_of_csv(1,,"a,b"):string>
--> 'STRUCT<_c0: INT, _c1: STRING, _c2: STRING>'
select schema_of_csv('12345678901,1e5,12345678901234567890,NaN,Inf');
--> struct<schema_of_csv(12345678901,1e5,12345678901234567890,NaN,Inf):string>
--> 'STRUCT<_c0: BIGINT, _c1: DOUBLE, _c2: DECIMAL(20,0), _c3: DOUBLE, _c4: DOUBLE>'
select schema_of_csv('x', map('mode','DROPMALFORMED'));
--> struct<schema_of_csv(x):string>
--> 'STRUCT<_c0: STRING>'
select schema_of_csv('01/02/2020', map('dateFormat','dd/MM/yyyy'));
--> struct<schema_of_csv(01/02/2020):string>
--> 'STRUCT<_c0: DATE>'

-- Names of fields, repeated names, nested values.
select from_json('{"a":3}', 'a int, a int');
--> struct<from_json({"a":3}):struct<a:int,a:int>>
--> (a=NULL, a=3)
select from_json(value, 'a int').a from values ('{"a":1}') t(value);
--> struct<from_json(value).a:int>
--> 1
select from_json(value, 'array<struct<a:int>>')[0].a from values ('[{"a":1}]') t(value);
--> struct<from_json(value)[0].a:int>
--> 1
select from_csv(v, 'a int, b string').a from values ('1,x'),(null),('y'),(''),('3,z,w') t(v);
--> struct<from_csv(v).a:int>
--> 1
--> 3
--> NULL
--> NULL
--> NULL
select array(named_struct('a',1))[0].a, named_struct('a',1).a;
--> struct<array(named_struct(a, 1))[0].a:int,named_struct(a, 1).a:int>
--> 1 | 1
select s['a'], s.a, a.b, a[0].b, m['k'].b from values (named_struct('a',1), array(named_struct('b',1)), map('k',named_struct('b',1))) t(s, a, m);
--> struct<s.a:int,a:int,b:array<int>,a[0].b:int,m[k].b:int>
--> 1 | 1 | [1] | 1 | 1
select to_csv(named_struct('a', array('x',null,'y,z'), 'm', map('k',null), 's', named_struct('t', timestamp'2020-01-01 10:00:00','d',date'2020-01-01','n',null,'b',x'01ff','f',1.5D)));
--> struct<to_csv(named_struct(a, array(x, NULL, y,z), m, map(k, NULL), s, named_struct(t, TIMESTAMP '2020-01-01 10:00:00', d, DATE '2020-01-01', n, NULL, b, X'01FF', f, 1.5))):string>
--> '"[x,, y,z]",{k ->},"{2020-01-01T10:00:00.000Z, 2020-01-01,, [01 FF], 1.5}"'
select to_json(map(1.5D,1)), to_json(map(true,1)), to_json(map(1.50BD,1)), to_json(map(timestamp'2020-01-01 00:00:00',1));
--> struct<to_json(map(1.5, 1)):string,to_json(map(true, 1)):string,to_json(map(1.50, 1)):string,to_json(map(TIMESTAMP '2020-01-01 00:00:00', 1)):string>
--> '{"1.5":1}' | '{"true":1}' | '{"1.50":1}' | '{"1577836800000000":1}'
select j.* from (select from_json(v, 'a int, b array<int>, c struct<d:string>') as j from values ('{"a":1,"b":[1,null],"c":{"d":"x"}}'), ('{"a":"x","b":[1,"y"],"c":{"d":{"e":1}}}'), ('[]'), (null), ('') t(v));
--> struct<a:int,b:array<int>,c:struct<d:string>>
--> 1 | [1, NULL] | (d='x')
--> NULL | NULL | (d='{"e":1}')
--> NULL | NULL | NULL
--> NULL | NULL | NULL
--> NULL | NULL | NULL
select from_json(v, 'map<string,array<int>>') as m from values ('{"a":[1]}'), ('{"a":[1],"b":null}'), ('{"a":1}'), ('[]'), ('{}') t(v);
--> struct<m:map<string,array<int>>>
--> NULL
--> NULL
--> {'a': [1], 'b': NULL}
--> {'a': [1]}
--> {}

-- Parts of JSON texts.
select json_tuple('{"a":1.50,"b":true,"c":"x\\u00e4"}','a','b','c');
--> struct<c0:string,c1:string,c2:string>
--> '1.5' | 'true' | 'xä'
select json_tuple('oops','a'), 1;
--> struct<c0:string,1:int>
--> NULL | 1
select json_tuple(null,'a');
--> error DATATYPE_MISMATCH.NON_STRING_TYPE 42K09
select json_tuple('{"a":1}','A','a','a');
--> struct<c0:string,c1:string,c2:string>
--> NULL | '1' | '1'
select json_tuple(v, k) from values ('{"a":1,"b":2}','a'),('{"a":1,"b":2}','b'),('{"a":1}',null),(null,'a'),('[1]','a') t(v,k);
--> struct<c0:string>
--> '1'
--> '2'
--> NULL
--> NULL
--> NULL
select json_tuple('{"a":1}');
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
select json_tuple('{"a":1}', 1);
--> error DATATYPE_MISMATCH.NON_STRING_TYPE 42K09
select json_tuple(1, 'a');
--> error DATATYPE_MISMATCH.NON_STRING_TYPE 42K09
select v, x, y from values ('{"a":1,"b":2}') t(v) lateral view json_tuple(v,'a','b') j as x, y;
--> struct<v:string,x:string,y:string>
--> '{"a":1,"b":2}' | '1' | '2'
select json_tuple(v,'a','b') as (x,y) from values ('{"a":1,"b":2}') t(v);
--> struct<x:string,y:string>
--> '1' | '2'
select json_tuple('{"a":{"b":[1, 2.50]},"c":null,"d":""}','a','c','d');
--> struct<c0:string,c1:string,c2:string>
--> '{"b":[1,2.5]}' | NULL | ''
select json_tuple('{"a":1,"a":2}','a');
--> struct<c0:string>
--> '2'
select json_tuple('{"a":1','a');
--> struct<c0:string>
--> NULL
select json_tuple('{"a":1} x','a');
--> struct<c0:string>
--> '1'
select json_tuple("{'a':1}",'a');
--> struct<c0:string>
--> '1'
select json_tuple('{"a":1e400,"b":NaN,"c":01}','a','b','c');
--> struct<c0:string,c1:string,c2:string>
--> NULL | NULL | NULL
select v, p, get_json_object(v, p) as g from values ('{"a":1}','$.a'),('{"a":1}','$.b'),('{"a":1}','a'),('{"a":1}',''),('{"a":1}','$'),('{"a":null}','$.a'),('{"a":[1,2]}','$.a[1]'),('{"a":[1,2]}','$.a[*]'),('{"a":[{"b":1},{"b":2},{"c":3}]}','$.a[*].b'),('{"a":[{"b":1}]}','$.a[*].b'),('{"a":{"b":"x"}}','$.*'),('{"a b":1}',"$['a b']"),('{"a":{"b":1.50}}','$.a'),('{"a":"x\\"y"}','$.a'),('{"a":["x"]}','$.a'),('[1,2,3]','$[5]'),('[[1,2],[3]]','$[*][*]'),('[[1,2],[3]]','$[*]'),('[[1,2],[3]]','$[*][0]'),('[[1,2],[3]]','$[0][*]'),('{"a":1,"a":2}','$.a'),('oops','$.a'),('{"a":1','$.a'),('{"a":1} x','$.a'),(null,'$.a'),('{"a":1}',null),('"x"','$'),('1.50','$'),('{"a":{"b":[{"c":1},{"c":2}]}}','$.a.b.c'),('{"a":true}','$.a'),('[{"a":1},{"a":2}]','$.a'),('[{"a":1},{"a":2}]','$[*].a'),('{"a":[]}','$.a[*]'),('{"a":[null]}','$.a[0]'),('{"a":{"x":1,"y":2}}','$.a.*'),('{"a":1}','$.'),('{"a":1}','$.a.b'),('{"a":1}','$.a[0]'),('{"a":1}',' $.a'),('{"a":1}','$ .a'),('{"a":1}','$.A'),('{"a":1e2}','$.a'),('{"a":NaN}','$.a'),('{"é":"ü"}','$.é'),('{"a-b":1}','$.a-b'),('[1,[2,3]]','$[1]'),('{"a":[[{"b":1},{"b":2}],[{"b":3}]]}','$.a[*][*].b'),('{"a":[[{"b":1},{"b":2}],[{"b":3}]]}','$.a[*].b'),("{'a':1}",'$.a'),('{"a":"\\u00e4\\n"}','$.a'),('{"a":["\\u00e4\\n"]}','$.a'),('{"a":1}',"$[a]"),('{"a":1}',"$['a'"),('{"a":[1,2]}','$.a[-1]'),('{"a":[1,2]}','$.a[01]'),('','$'),('{"a":[{"b":[1,2]},{"b":[3]}]}','$.a[*].b[*]'),('{"a":[{"b":[1,2]},{"b":[3]}]}','$.a[*].b[0]'),('{"a":[{"b":[1,2]},{"b":[3]}]}','$.a[0].b[*]'),('{"a":{"b":{"c":1}}}',"$['a']['b'].c") t(v,p);
--> struct<v:string,p:string,g:string>
--> "{'a':1}" | '$.a' | '1'
--> '"x"' | '$' | 'x'
--> '' | '$' | NULL
--> '1.50' | '$' | '1.5'
--> '[1,2,3]' | '$[5]' | NULL
--> '[1,[2,3]]' | '$[1]' | '[2,3]'
--> '[[1,2],[3]]' | '$[*]' | '[[1,2],[3]]'
--> '[[1,2],[3]]' | '$[*][*]' | '[1,2,3]'
--> '[[1,2],[3]]' | '$[*][0]' | '[1,3]'
--> '[[1,2],[3]]' | '$[0][*]' | '[1,2]'
--> '[{"a":1},{"a":2}]' | '$.a' | NULL
--> '[{"a":1},{"a":2}]' | '$[*].a' | '[1,2]'
--> 'oops' | '$.a' | NULL
--> '{"a b":1}' | "$['a b']" | '1'
--> '{"a":"\\u00e4\\n"}' | '$.a' | 'ä\n'
--> '{"a":"x\\"y"}' | '$.a' | 'x"y'
--> '{"a":1' | '$.a' | NULL
--> '{"a":1,"a":2}' | '$.a' | '1'
--> '{"a":1e2}' | '$.a' | '100.0'
--> '{"a":1} x' | '$.a' | '1'
--> '{"a":1}' | "$['a'" | NULL
--> '{"a":1}' | ' $.a' | NULL
--> '{"a":1}' | '$ .a' | NULL
--> '{"a":1}' | '$' | '{"a":1}'
--> '{"a":1}' | '$.' | NULL
--> '{"a":1}' | '$.A' | NULL
--> '{"a":1}' | '$.a' | '1'
--> '{"a":1}' | '$.a.b' | NULL
--> '{"a":1}' | '$.a[0]' | NULL
--> '{"a":1}' | '$.b' | NULL
--> '{"a":1}' | '$[a]' | NULL
--> '{"a":1}' | '' | NULL
--> '{"a":1}' | 'a' | NULL
--> '{"a":1}' | NULL | NULL
--> '{"a":NaN}' | '$.a' | NULL
--> '{"a":["\\u00e4\\n"]}' | '$.a' | '["ä\\n"]'
--> '{"a":["x"]}' | '$.a' | '["x"]'
--> '{"a":[1,2]}' | '$.a[*]' | '[1,2]'
--> '{"a":[1,2]}' | '$.a[-1]' | NULL
--> '{"a":[1,2]}' | '$.a[01]' | '2'
--> '{"a":[1,2]}' | '$.a[1]' | '2'
--> '{"a":[[{"b":1},{"b":2}],[{"b":3}]]}' | '$.a[*].b' | NULL
--> '{"a":[[{"b":1},{"b":2}],[{"b":3}]]}' | '$.a[*][*].b' | NULL
--> '{"a":[]}' | '$.a[*]' | NULL
--> '{"a":[null]}' | '$.a[0]' | 'null'
--> '{"a":[{"b":1},{"b":2},{"c":3}]}' | '$.a[*].b' | '[1,2]'
--> '{"a":[{"b":1}]}' | '$.a[*].b' | '1'
--> '{"a":[{"b":[1,2]},{"b":[3]}]}' | '$.a[*].b[*]' | '[[1,2],[3]]'
--> '{"a":[{"b":[1,2]},{"b":[3]}]}' | '$.a[*].b[0]' | '[1,3]'
--> '{"a":[{"b":[1,2]},{"b":[3]}]}' | '$.a[0].b[*]' | '[1,2]'
--> '{"a":null}' | '$.a' | NULL
--> '{"a":true}' | '$.a' | 'true'
--> '{"a":{"b":"x"}}' | '$.*' | NULL
--> '{"a":{"b":1.50}}' | '$.a' | '{"b":1.5}'
--> '{"a":{"b":[{"c":1},{"c":2}]}}' | '$.a.b.c' | NULL
--> '{"a":{"b":{"c":1}}}' | "$['a']['b'].c" | '1'
--> '{"a":{"x":1,"y":2}}' | '$.a.*' | NULL
--> '{"a-b":1}' | '$.a-b' | '1'
--> '{"é":"ü"}' | '$.é' | 'ü'
--> NULL | '$.a' | NULL
select get_json_object('{"a":1}', 1);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
select get_json_object(1, '$');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
select get_json_object('{"a":1}');
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
select json_array_length(v) from values ('[1,2]'),('[]'),('{}'),('x'),(null),('[1,'),('[1] x'),('[[1,2],{"a":[1]}]') t(v);
--> struct<json_array_length(v):int>
--> 0
--> 1
--> 2
--> 2
--> NULL
--> NULL
--> NULL
--> NULL
select json_object_keys(v) from values ('{"a":1,"b":{"c":1}}'),('{}'),('[]'),('x'),(null),('{"a":'),('{"a":1,"a":2}'),('{"a":1} x'),('') t(v);
--> struct<json_object_keys(v):array<string>>
--> NULL
--> NULL
--> NULL
--> NULL
--> NULL
--> ['a', 'a']
--> ['a', 'b']
--> ['a']
--> []

-- Where reading goes on behind an error, and rows in queries.
select from_json(v, 'a int, m map<string,string>, c array<int>, b string, d struct<e:double>, _corrupt_record string') as j from values
    ('{"a":1,"c":[1,2,nul],"b":"x"}'), ('{"a":1,"c":[1,2,nul-],"b":"x"}'), ('{"a":1,"b":[1, 2"], "d" : { "e" : Infinity } }'),
    ('{"m":{"p":1,"q":"r"},"c":[1.,2]}'), ('{"m":{"p":1,"q":"r"},"c":[1.g,2]}'), ('{"m":{"p":1},"c":[0.,2]}'), ('{"a":1,"c":[1e,2]}'),
    ('{"a":1,"d":{"e":w"}}'), ('{"a":-0,"b":-0}'), ('{"b":[-0, 1.50, "x", {"y" : null}]}'), ('{"a":1,"m":{"k":[1, 2],"l":tru}}') t(v);
--> struct<j:struct<a:int,m:map<string,string>,c:array<int>,b:string,d:struct<e:double>,_corrupt_record:string>>
--> (a=0, m=NULL, c=NULL, b='0', d=NULL, _corrupt_record=NULL)
--> (a=1, m=NULL, c=NULL, b='x', d=NULL, _corrupt_record='{"a":1,"c":[1,2,nul],"b":"x"}')
--> (a=1, m=NULL, c=NULL, b=NULL, d=(e=inf), _corrupt_record='{"a":1,"b":[1, 2"], "d" : { "e" : Infinity } }')
--> (a=1, m=NULL, c=NULL, b=NULL, d=NULL, _corrupt_record='{"a":1,"c":[1e,2]}')
--> (a=1, m=NULL, c=NULL, b=NULL, d=NULL, _corrupt_record='{"a":1,"d":{"e":w"}}')
--> (a=1, m=NULL, c=NULL, b=NULL, d=NULL, _corrupt_record='{"a":1,"m":{"k":[1, 2],"l":tru}}')
--> (a=NULL, m=NULL, c=NULL, b='[0,1.5,"x",{"y":null}]', d=NULL, _corrupt_record=NULL)
--> (a=NULL, m=NULL, c=NULL, b=NULL, d=NULL, _corrupt_record='{"a":1,"c":[1,2,nul-],"b":"x"}')
--> (a=NULL, m=NULL, c=NULL, b=NULL, d=NULL, _corrupt_record='{"m":{"p":1,"q":"r"},"c":[1.g,2]}')
--> (a=NULL, m=NULL, c=NULL, b=NULL, d=NULL, _corrupt_record='{"m":{"p":1},"c":[0.,2]}')
--> (a=NULL, m={'p': '1', 'q': 'r'}, c=NULL, b=NULL, d=NULL, _corrupt_record='{"m":{"p":1,"q":"r"},"c":[1.,2]}')
select from_json(concat('\ufeff','{\"a\":1}'), 'a int, _corrupt_record string').a as c;
--> struct<c:int>
--> NULL
select from_csv(v, 'a int') as c from values (concat('\ufeff','1')), (concat('\ufeff','2')) t(v);
--> struct<c:struct<a:int>>
--> (a=1)
--> (a=NULL)
select from_json('{"a":-0,"b":-00.5}', 'a string, b string', map('allowNumericLeadingZeros','true'));
--> struct<from_json({"a":-0,"b":-00.5}):struct<a:string,b:string>>
--> (a='0', b='-0.5')
select from_json('{"a":"x"}', 'a int', map('mode','FAILFAST')).a from values (1) t(x) where x = 2;
--> struct<from_json({"a":"x"}).a:int>
select from_json('{"a":[{"b":1},{"b":"x"}]}', 'a array<struct<b:int>>');
--> struct<from_json({"a":[{"b":1},{"b":"x"}]}):struct<a:array<struct<b:int>>>>
--> (a=[(b=1), (b=NULL)])
select from_json('{"a":1}', 'a int') is null, from_json('', 'a int') is null;
--> struct<(from_json({"a":1}) IS NULL):boolean,(from_json() IS NULL):boolean>
--> false | true
select to_json(named_struct('a', from_json('{"x":1}', 'map<string,int>')));
--> struct<to_json(named_struct(a, entries)):string>
--> '{"a":{"x":1}}'
select schema_of_json('{"a":[]}'), schema_of_json('[[]]'), schema_of_json('[{}]'), schema_of_json('{"a":{}}');
--> struct<schema_of_json({"a":[]}):string,schema_of_json([[]]):string,schema_of_json([{}]):string,schema_of_json({"a":{}}):string>
--> 'STRUCT<a: ARRAY<STRING>>' | 'ARRAY<ARRAY<STRING>>' | 'ARRAY<STRUCT<>>' | 'STRUCT<>'
select from_json('{"a":1}', schema_of_json('{"a":1,"b":[{"c":"x"}]}'));
--> struct<from_json({"a":1}):struct<a:bigint,b:array<struct<c:string>>>>
--> (a=1, b=NULL)
select from_json(v, 'a int, b string').b, count(*) from values ('{"a":1,"b":"x"}'),('{"a":2,"b":"x"}'),('oops') t(v) group by 1 order by 1;
--> struct<from_json(v).b:string,count(1):bigint>
--> 'x' | 2
--> NULL | 1
select distinct from_json(v, 'a int') from values ('{"a":1}'),('{"a": 1}'),('oops') t(v) order by 1;
--> struct<from_json(v):struct<a:int>>
--> (a=1)
--> (a=NULL)
select from_json(v, 'a int') as j from values ('{"a":1}'),('{"a": 2}'),('oops'),(null) t(v) order by j desc;
--> struct<j:struct<a:int>>
--> (a=1)
--> (a=2)
--> (a=NULL)
--> NULL
select explode(from_json('[{"a":1},{"a":2}]', 'array<struct<a:int>>'));
--> struct<col:struct<a:int>>
--> (a=1)
--> (a=2)
select inline(from_json('[{"a":1},{"a":2}]', 'array<struct<a:int>>'));
--> struct<a:int>
--> 1
--> 2
select explode(from_json('{"a":1,"b":2}', 'map<string,int>'));
--> struct<key:string,value:int>
--> 'a' | 1
--> 'b' | 2
select t.v, j.a from values ('{"a":1}') t(v) lateral view explode(array(from_json(v, 'a int'))) x as j;
--> struct<v:string,a:int>
--> '{"a":1}' | 1

-- The session's time zone.
set spark.sql.session.timeZone = Asia/Kolkata;
select to_json(named_struct('t', timestamp'2020-01-01 10:00:00')), from_json('{"t":"2020-01-01 10:00:00"}', 't timestamp') as j, from_json('{"t":"2020-01-01 10:00:00"}', 't timestamp', map('timeZone', 'UTC')) as u;
--> struct<to_json(named_struct(t, TIMESTAMP '2020-01-01 10:00:00')):string,j:struct<t:timestamp>,u:struct<t:timestamp>>
--> '{"t":"2020-01-01T10:00:00.000+05:30"}' | (t=2020-01-01 04:30:00) | (t=2020-01-01 10:00:00)
select to_csv(named_struct('t', timestamp'2020-01-01 10:00:00')), from_csv('2020-01-01 10:00:00', 't timestamp') as c;
--> struct<to_csv(named_struct(t, TIMESTAMP '2020-01-01 10:00:00')):string,c:struct<t:timestamp>>
--> '2020-01-01T10:00:00.000+05:30' | (t=2020-01-01 04:30:00)
