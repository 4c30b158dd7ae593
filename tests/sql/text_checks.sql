-- URLs, UTF-8 checks, check digits, quotes and binary digits.
select bin(13), bin(-13), bin('5'), bin(null), bin(13.7);
--> struct<bin(13):string,bin(-13):string,bin(5):string,bin(NULL):string,bin(13.7):string>
--> '1101' | '1111111111111111111111111111111111111111111111111111111111110011' | '101' | NULL | '1101'

select bin(c) from values (3L),(null) t(c);
--> struct<bin(c):string>
--> '11'
--> NULL

select bin(true);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select bin(date'2020-01-01');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09

select bin('x');
--> error CAST_INVALID_INPUT 22018

select luhn_check('79927398713'), luhn_check('79927398714'), luhn_check(''), luhn_check('0'), luhn_check('4111 1111'), luhn_check(null), luhn_check(0);
--> struct<luhn_check(79927398713):boolean,luhn_check(79927398714):boolean,luhn_check():boolean,luhn_check(0):boolean,luhn_check(4111 1111):boolean,luhn_check(NULL):boolean,luhn_check(0):boolean>
--> true | false | false | true | false | NULL | true

select luhn_check(c) from values ('12'),('18'),('1a'),(' ') t(c);
--> struct<luhn_check(c):boolean>
--> false
--> false
--> false
--> true

select quote('Don\'t'), quote(''), quote(null), quote('a\\b'), quote(1);
--> struct<quote(Don't):string,quote():string,quote(NULL):string,quote(a\b):string,quote(1):string>
--> "'Don\\'t'" | "''" | NULL | "'a\\b'" | "'1'"

select quote(c) from values ('x') t(c);
--> struct<quote(c):string>
--> "'x'"

select url_encode('https://spark.apache.org/a b*~._-é+%'), url_encode(null), url_encode(1), url_encode('');
--> struct<url_encode(https://spark.apache.org/a b*~._-é+%):string,url_encode(NULL):string,url_encode(1):string,url_encode():string>
--> 'https%3A%2F%2Fspark.apache.org%2Fa+b*%7E._-%C3%A9%2B%25' | NULL | '1' | ''

select url_decode('https%3A%2F%2Fspark.apache.org+a%C3%A9'), url_decode(null), url_decode('');
--> struct<url_decode(https%3A%2F%2Fspark.apache.org+a%C3%A9):string,url_decode(NULL):string,url_decode():string>
--> 'https://spark.apache.org aé' | NULL | ''

select url_decode('http%3A%2F%2spark');
--> error CANNOT_DECODE_URL 22546

select url_decode('%zz');
--> error CANNOT_DECODE_URL 22546

select url_decode('a%');
--> error CANNOT_DECODE_URL 22546

select try_url_decode('a%'), try_url_decode('%41b'), try_url_decode(null), try_url_decode('%ff'), try_url_decode('%-1');
--> struct<try_url_decode(a%):string,try_url_decode(%41b):string,try_url_decode(NULL):string,try_url_decode(%ff):string,try_url_decode(%-1):string>
--> NULL | 'Ab' | NULL | '�' | NULL

select url_decode('%4');
--> error CANNOT_DECODE_URL 22546

select url_decode('%+1'), url_decode('%-1');
--> error CANNOT_DECODE_URL 22546

select url_decode('é%20x');
--> struct<url_decode(é%20x):string>
--> 'é x'

select is_valid_utf8('a'), is_valid_utf8(x'61'), is_valid_utf8(x'80'), is_valid_utf8(null), is_valid_utf8(1);
--> struct<is_valid_utf8(a):boolean,is_valid_utf8(X'61'):boolean,is_valid_utf8(X'80'):boolean,is_valid_utf8(NULL):boolean,is_valid_utf8(1):boolean>
--> true | true | false | NULL | true

select is_valid_utf8(c) from values (x'61'),(x'C328') t(c);
--> struct<is_valid_utf8(c):boolean>
--> false
--> true

select make_valid_utf8('a'), make_valid_utf8(x'61'), make_valid_utf8(x'80'), make_valid_utf8(x'F09F98'), make_valid_utf8(null);
--> struct<make_valid_utf8(a):string,make_valid_utf8(X'61'):string,make_valid_utf8(X'80'):string,make_valid_utf8(X'F09F98'):string,make_valid_utf8(NULL):string>
--> 'a' | 'a' | '�' | '�' | NULL

select validate_utf8('a'), validate_utf8(x'61'), validate_utf8(null);
--> struct<validate_utf8(a):string,validate_utf8(X'61'):string,validate_utf8(NULL):string>
--> 'a' | 'a' | NULL

select validate_utf8(x'80');
--> error INVALID_UTF8_STRING 22029

select validate_utf8(x'618061');
--> error INVALID_UTF8_STRING 22029

select try_validate_utf8('a'), try_validate_utf8(x'61'), try_validate_utf8(x'80'), try_validate_utf8(null);
--> struct<try_validate_utf8(a):string,try_validate_utf8(X'61'):string,try_validate_utf8(X'80'):string,try_validate_utf8(NULL):string>
--> 'a' | 'a' | NULL | NULL

select try_validate_utf8(c) from values ('a') t(c);
--> struct<try_validate_utf8(c):string>
--> 'a'

select url_encode(c), url_decode(c), try_url_decode(c), quote(c), is_valid_utf8(c), bin(length(c)) from values ('a b'), (null), ('%C3%A9+x'), ('it''s') v(c);
--> struct<url_encode(c):string,url_decode(c):string,try_url_decode(c):string,quote(c):string,is_valid_utf8(c):boolean,bin(length(c)):string>
--> '%25C3%25A9%2Bx' | 'é x' | 'é x' | "'%C3%A9+x'" | true | '1000'
--> 'a+b' | 'a b' | 'a b' | "'a b'" | true | '11'
--> 'it%27s' | "it's" | "it's" | "'it\\'s'" | true | '100'
--> NULL | NULL | NULL | NULL | NULL | NULL
