-- conv, bitmap_*, mask, to_binary, str_to_map
SELECT conv(c, 10, 10) FROM VALUES ('\t1'), ('1\t') AS t(c);
--> struct<conv(c, 10, 10):string>
--> '0'
--> '1'
SELECT try_to_binary(c, 'base64') FROM VALUES ('ab\tcd'), ('ab\rcd'), ('ab\ncd'), (concat('ab', chr(12), 'cd')), (concat('ab', chr(28), 'cd')), ('ab\0cd'), ('ab== '), ('ab=\n='), ('abc ='), ('abc=\n'), ('ab =='), (' '), ('=='), ('abcd=='), ('ab==='), ('===='), ('a b c d e'), ('a bcd ef=='), ('ab-_'), (' abcd\n') AS t(c);
--> struct<try_to_binary(c, base64):binary>
--> NULL
--> NULL
--> NULL
--> NULL
--> NULL
--> NULL
--> NULL
--> NULL
--> NULL
--> NULL
--> X''
--> X'69'
--> X'69b7'
--> X'69b71d'
--> X'69b71d'
--> X'69b71d'
--> X'69b71d'
--> X'69b71d'
--> X'69b71d'
--> X'69b71d79'
SELECT conv('100', 2, 10);
--> struct<conv(100, 2, 10):string>
--> '4'
SELECT conv(100, 2, 10), conv('-10', 16, -10), conv(-10, 16, 10);
--> struct<conv(100, 2, 10):string,conv(-10, 16, -10):string,conv(-10, 16, 10):string>
--> '4' | '-16' | '18446744073709551600'
SELECT conv('big', 36, 16), conv('', 10, 16), conv('  12', 10, 16), conv('12abc', 10, 16), conv('zz', 10, 16);
--> struct<conv(big, 36, 16):string,conv(, 10, 16):string,conv(  12, 10, 16):string,conv(12abc, 10, 16):string,conv(zz, 10, 16):string>
--> '3A48' | NULL | 'C' | 'C' | '0'
SELECT conv('9223372036854775808', 10, 16);
--> struct<conv(9223372036854775808, 10, 16):string>
--> '8000000000000000'
SELECT conv('18446744073709551616', 10, 16);
--> error ARITHMETIC_OVERFLOW 22003
SELECT conv('-9223372036854775809', 10, -16), conv('ff', 16, 10), conv('FF', 16, -2), conv('-1', 10, 16), conv('-1', 10, -16);
--> struct<conv(-9223372036854775809, 10, -16):string,conv(ff, 16, 10):string,conv(FF, 16, -2):string,conv(-1, 10, 16):string,conv(-1, 10, -16):string>
--> '-7FFFFFFFFFFFFFFF' | '255' | '11111111' | 'FFFFFFFFFFFFFFFF' | '-1'
SELECT conv('18446744073709551615', 10, -16), conv('-18446744073709551615', 10, 16);
--> struct<conv(18446744073709551615, 10, -16):string,conv(-18446744073709551615, 10, 16):string>
--> '-1' | 'FFFFFFFFFFFFFFFF'
SELECT conv('1', 1, 10), conv('1', 37, 10), conv('1', 10, 1), conv('1', 10, -37), conv('1', -10, 10), conv('1', 10, 37);
--> struct<conv(1, 1, 10):string,conv(1, 37, 10):string,conv(1, 10, 1):string,conv(1, 10, -37):string,conv(1, -10, 10):string,conv(1, 10, 37):string>
--> NULL | NULL | NULL | NULL | NULL | NULL
SELECT conv(NULL, 10, 16), conv('1', NULL, 16), conv('1', 10, NULL);
--> struct<conv(NULL, 10, 16):string,conv(1, NULL, 16):string,conv(1, 10, NULL):string>
--> NULL | NULL | NULL
SELECT conv(c, 10, 16) FROM VALUES ('255'), (NULL), ('-255'), ('1.9'), ('+3'), (' 7'), ('7 ') AS t(c);
--> struct<conv(c, 10, 16):string>
--> '0'
--> '1'
--> '7'
--> '7'
--> 'FF'
--> 'FFFFFFFFFFFFFF01'
--> NULL
SELECT conv(c, 10, b) FROM VALUES ('255', 16), ('1', NULL), ('99', 99) AS t(c, b);
--> struct<conv(c, 10, b):string>
--> 'FF'
--> NULL
--> NULL
SELECT conv('1', 'a', 10);
--> error CAST_INVALID_INPUT 22018
SELECT conv(true, 10, 2);
--> struct<conv(true, 10, 2):string>
--> '0'
SELECT conv(X'31', 10, 2);
--> struct<conv(X'31', 10, 2):string>
--> '1'
SELECT conv(array(1), 10, 2);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT conv('1', 10);
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
SELECT conv('-', 10, 16), conv('--1', 10, 16), conv('0', 10, 16), conv('-0', 10, 16), conv('-0', 10, -16);
--> struct<conv(-, 10, 16):string,conv(--1, 10, 16):string,conv(0, 10, 16):string,conv(-0, 10, 16):string,conv(-0, 10, -16):string>
--> '0' | '0' | '0' | '0' | '-0'
SELECT conv(3.7D, 10, 2), conv('11', 10L, 2);
--> struct<conv(3.7, 10, 2):string,conv(11, 10, 2):string>
--> '11' | '1011'
SELECT mask('abcd-EFGH-8765-4321');
--> struct<mask(abcd-EFGH-8765-4321, X, x, n, NULL):string>
--> 'xxxx-XXXX-nnnn-nnnn'
SELECT mask('abcd-EFGH-8765-4321', 'Q'), mask('AbCD123-@$#', 'Q', 'q'), mask('AbCD123-@$#', 'Q', 'q', 'd'), mask('AbCD123-@$#', 'Q', 'q', 'd', 'o');
--> struct<mask(abcd-EFGH-8765-4321, Q, x, n, NULL):string,mask(AbCD123-@$#, Q, q, n, NULL):string,mask(AbCD123-@$#, Q, q, d, NULL):string,mask(AbCD123-@$#, Q, q, d, o):string>
--> 'xxxx-QQQQ-nnnn-nnnn' | 'QqQQnnn-@$#' | 'QqQQddd-@$#' | 'QqQQdddoooo'
SELECT mask('AbCD123-@$#', NULL, 'q', 'd', 'o'), mask('AbCD123-@$#', NULL, NULL, NULL, 'o'), mask('AbCD123-@$#', NULL, NULL, NULL, NULL), mask(NULL), mask(NULL, NULL, 'q', 'd', 'o');
--> struct<mask(AbCD123-@$#, NULL, q, d, o):string,mask(AbCD123-@$#, NULL, NULL, NULL, o):string,mask(AbCD123-@$#, NULL, NULL, NULL, NULL):string,mask(NULL, X, x, n, NULL):string,mask(NULL, NULL, q, d, o):string>
--> 'AqCDdddoooo' | 'AbCD123oooo' | 'AbCD123-@$#' | NULL | NULL
SELECT mask('Äöü ß 日本 Ⅷ ٣ 😀', 'X', 'x', 'n', '*');
--> struct<mask(Äöü ß 日本 Ⅷ ٣ 😀, X, x, n, *):string>
--> 'Xxx*x******n**'
SELECT mask('a', 'XY');
--> error DATATYPE_MISMATCH.INPUT_SIZE_NOT_ONE 42K09
SELECT mask('a', '');
--> error DATATYPE_MISMATCH.INPUT_SIZE_NOT_ONE 42K09
SELECT mask('a', 'X', 'xy');
--> error DATATYPE_MISMATCH.INPUT_SIZE_NOT_ONE 42K09
SELECT mask('a', 'X', 'x', 'nn');
--> error DATATYPE_MISMATCH.INPUT_SIZE_NOT_ONE 42K09
SELECT mask('a', 'X', 'x', 'n', 'oo');
--> error DATATYPE_MISMATCH.INPUT_SIZE_NOT_ONE 42K09
SELECT mask('a', 1);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT mask(123);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT mask('a', c) FROM VALUES ('Q') AS t(c);
--> error DATATYPE_MISMATCH.NON_FOLDABLE_INPUT 42K09
SELECT mask(c) FROM VALUES ('Ab1-'), (NULL) AS t(c);
--> struct<mask(c, X, x, n, NULL):string>
--> 'Xxn-'
--> NULL
SELECT mask(c, 'É', 'é', '😀') FROM VALUES ('Ab1-'), (NULL) AS t(c);
--> struct<mask(c, É, é, 😀, NULL):string>
--> 'Éé😀-'
--> NULL
SELECT mask(array('a'));
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT mask('a', 'X', 'x', 'n', 'o', 'p');
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
SELECT mask(X'41');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT mask('a', lower('Q'), 'x');
--> struct<mask(a, lower(Q), x, n, NULL):string>
--> 'x'
SELECT to_binary('abc'), to_binary('ab', 'hex'), to_binary('YWJj', 'base64'), to_binary('äb', 'utf-8'), to_binary('äb', 'UTF8'), to_binary('0A', 'HEX');
--> struct<to_binary(abc):binary,to_binary(ab, hex):binary,to_binary(YWJj, base64):binary,to_binary(äb, utf-8):binary,to_binary(äb, UTF8):binary,to_binary(0A, HEX):binary>
--> X'0abc' | X'ab' | X'616263' | X'c3a462' | X'c3a462' | X'0a'
SELECT to_binary('zz', 'hex');
--> error CONVERSION_INVALID_INPUT 22018
SELECT to_binary('a!', 'base64');
--> error CONVERSION_INVALID_INPUT 22018
SELECT to_binary('abc', 'xyz');
--> error DATATYPE_MISMATCH.INVALID_ARG_VALUE 42K09
SELECT to_binary('abc', NULL), to_binary(NULL, 'hex'), to_binary(NULL), to_binary('ab', CAST(NULL AS STRING));
--> struct<to_binary(abc, NULL):binary,to_binary(NULL, hex):binary,to_binary(NULL):binary,to_binary(ab, CAST(NULL AS STRING)):binary>
--> NULL | NULL | NULL | NULL
SELECT to_binary(NULL, 'xyz');
--> error DATATYPE_MISMATCH.INVALID_ARG_VALUE 42K09
SELECT to_binary(c, 'hex') FROM VALUES ('ab'), (NULL), ('ABC') AS t(c);
--> struct<to_binary(c, hex):binary>
--> NULL
--> X'0abc'
--> X'ab'
SELECT to_binary(c) FROM VALUES ('ab'), (NULL) AS t(c);
--> struct<to_binary(c):binary>
--> NULL
--> X'ab'
SELECT to_binary(c) FROM VALUES ('ab'), ('q') AS t(c);
--> error CONVERSION_INVALID_INPUT 22018
SELECT to_binary('ab', f) FROM VALUES ('hex') AS t(f);
--> error DATATYPE_MISMATCH.NON_FOLDABLE_INPUT 42K09
SELECT to_binary(12);
--> struct<to_binary(12):binary>
--> X'12'
SELECT to_binary(X'41', 'utf-8');
--> struct<to_binary(X'41', utf-8):binary>
--> X'41'
SELECT to_binary('ab', 12);
--> error DATATYPE_MISMATCH.INVALID_ARG_VALUE 42K09
SELECT to_binary(array('a'));
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT to_binary(array('a'), 'utf-8');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT to_binary();
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
SELECT to_binary('a', 'b', 'c');
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
SELECT try_to_binary('abc'), try_to_binary('zz', 'hex'), try_to_binary('a!', 'base64'), try_to_binary('äb', 'utf-8'), try_to_binary('abc', NULL), try_to_binary(NULL);
--> struct<try_to_binary(abc):binary,try_to_binary(zz, hex):binary,try_to_binary(a!, base64):binary,try_to_binary(äb, utf-8):binary,try_to_binary(abc, NULL):binary,try_to_binary(NULL):binary>
--> X'0abc' | NULL | NULL | X'c3a462' | NULL | NULL
SELECT try_to_binary('abc', 'xyz');
--> struct<try_to_binary(abc, xyz):binary>
--> NULL
SELECT try_to_binary(c, 'hex') FROM VALUES ('ab'), (NULL), ('q') AS t(c);
--> struct<try_to_binary(c, hex):binary>
--> NULL
--> NULL
--> X'ab'
SELECT try_to_binary(c, 'utf-8') FROM VALUES ('ab'), (NULL), ('q') AS t(c);
--> struct<try_to_binary(c, utf-8):binary>
--> NULL
--> X'6162'
--> X'71'
SELECT try_to_binary('ab', f) FROM VALUES ('hex') AS t(f);
--> error DATATYPE_MISMATCH.NON_FOLDABLE_INPUT 42K09
SELECT try_to_binary(12);
--> struct<try_to_binary(12):binary>
--> X'12'
SELECT str_to_map('a:1,b:2,c:3', ',', ':');
--> struct<str_to_map(a:1,b:2,c:3, ,, :):map<string,string>>
--> {'a': '1', 'b': '2', 'c': '3'}
SELECT str_to_map('a'), str_to_map('a:1,b:2'), str_to_map('a=1&b=2&c', '&', '='), str_to_map(''), str_to_map(NULL), str_to_map('a:1', NULL), str_to_map('a:1', ',', NULL);
--> struct<str_to_map(a, ,, :):map<string,string>,str_to_map(a:1,b:2, ,, :):map<string,string>,str_to_map(a=1&b=2&c, &, =):map<string,string>,str_to_map(, ,, :):map<string,string>,str_to_map(NULL, ,, :):map<string,string>,str_to_map(a:1, NULL, :):map<string,string>,str_to_map(a:1, ,, NULL):map<string,string>>
--> {'a': NULL} | {'a': '1', 'b': '2'} | {'a': '1', 'b': '2', 'c': NULL} | {'': NULL} | NULL | NULL | NULL
SELECT str_to_map('a:1,a:2');
--> error DUPLICATED_MAP_KEY 23505
SELECT str_to_map('a:1:2,b::,:c,,');
--> error DUPLICATED_MAP_KEY 23505
SELECT str_to_map('a1b12c', '[0-9]+', ''), str_to_map('abc', '', ''), str_to_map('a|b', '|', ':');
--> struct<str_to_map(a1b12c, [0-9]+, ):map<string,string>,str_to_map(abc, , ):map<string,string>,str_to_map(a|b, |, :):map<string,string>>
--> {'a': NULL, 'b': NULL, 'c': NULL} | {'a': NULL, 'b': NULL, 'c': NULL} | {'': NULL, 'a': NULL, 'b': NULL, '|': NULL}
SELECT str_to_map('a.b:c', '.', ':');
--> error DUPLICATED_MAP_KEY 23505
SELECT str_to_map(c) FROM VALUES ('a:1'), (NULL), ('b') AS t(c);
--> struct<str_to_map(c, ,, :):map<string,string>>
--> NULL
--> {'a': '1'}
--> {'b': NULL}
SELECT str_to_map(c, d, e) FROM VALUES ('a:1;b:2', ';', ':'), (NULL, ',', ':'), ('b', NULL, ':') AS t(c, d, e);
--> struct<str_to_map(c, d, e):map<string,string>>
--> NULL
--> NULL
--> {'a': '1', 'b': '2'}
SELECT str_to_map(12);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT str_to_map(X'41');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT str_to_map(array('a'));
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT str_to_map();
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
SELECT bitmap_bit_position(1), bitmap_bit_position(123), bitmap_bit_position(0), bitmap_bit_position(-1), bitmap_bit_position(32768), bitmap_bit_position(32769), bitmap_bit_position(-32768), bitmap_bit_position(NULL);
--> struct<bitmap_bit_position(1):bigint,bitmap_bit_position(123):bigint,bitmap_bit_position(0):bigint,bitmap_bit_position(-1):bigint,bitmap_bit_position(32768):bigint,bitmap_bit_position(32769):bigint,bitmap_bit_position(-32768):bigint,bitmap_bit_position(NULL):bigint>
--> 0 | 122 | 0 | 1 | 32767 | 0 | 0 | NULL
SELECT bitmap_bucket_number(1), bitmap_bucket_number(123), bitmap_bucket_number(0), bitmap_bucket_number(-1), bitmap_bucket_number(32768), bitmap_bucket_number(32769), bitmap_bucket_number(-32768), bitmap_bucket_number(-32767), bitmap_bucket_number(NULL);
--> struct<bitmap_bucket_number(1):bigint,bitmap_bucket_number(123):bigint,bitmap_bucket_number(0):bigint,bitmap_bucket_number(-1):bigint,bitmap_bucket_number(32768):bigint,bitmap_bucket_number(32769):bigint,bitmap_bucket_number(-32768):bigint,bitmap_bucket_number(-32767):bigint,bitmap_bucket_number(NULL):bigint>
--> 1 | 1 | 0 | 0 | 1 | 2 | -1 | 0 | NULL
SELECT bitmap_bit_position(-9223372036854775808L), bitmap_bucket_number(-9223372036854775808L), bitmap_bucket_number(9223372036854775807L), bitmap_bit_position(9223372036854775807L);
--> struct<bitmap_bit_position(-9223372036854775808):bigint,bitmap_bucket_number(-9223372036854775808):bigint,bitmap_bucket_number(9223372036854775807):bigint,bitmap_bit_position(9223372036854775807):bigint>
--> 0 | -281474976710656 | 281474976710656 | 32766
SELECT bitmap_bit_position('12'), bitmap_bit_position(1.7D);
--> struct<bitmap_bit_position(12):bigint,bitmap_bit_position(1.7):bigint>
--> 11 | 0
SELECT bitmap_bit_position('x');
--> error CAST_INVALID_INPUT 22018
SELECT bitmap_bit_position(true);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT bitmap_bucket_number(date'2020-01-01');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT bitmap_count(X'1010'), bitmap_count(X'FFFF'), bitmap_count(X''), bitmap_count(CAST(NULL AS BINARY));
--> struct<bitmap_count(X'1010'):bigint,bitmap_count(X'FFFF'):bigint,bitmap_count(X''):bigint,bitmap_count(CAST(NULL AS BINARY)):bigint>
--> 2 | 16 | 0 | NULL
SELECT bitmap_count('abc');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT bitmap_count(12);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT bitmap_count(NULL);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT bitmap_count(c), bitmap_bit_position(d) FROM VALUES (X'FF', 3), (NULL, NULL), (X'01020304050607080F', 5) AS t(c, d);
--> struct<bitmap_count(c):bigint,bitmap_bit_position(d):bigint>
--> 17 | 4
--> 8 | 2
--> NULL | NULL
SELECT try_to_binary('', 'base64'), try_to_binary('a', 'base64'), try_to_binary('ab', 'base64'), try_to_binary('abc', 'base64'), try_to_binary('ab=', 'base64'), try_to_binary('ab==', 'base64'), try_to_binary('abc=', 'base64'), try_to_binary('abc==', 'base64'), try_to_binary('abcd=', 'base64'), try_to_binary('abcd====', 'base64'), try_to_binary('=', 'base64'), try_to_binary('a===', 'base64');
--> struct<try_to_binary(, base64):binary,try_to_binary(a, base64):binary,try_to_binary(ab, base64):binary,try_to_binary(abc, base64):binary,try_to_binary(ab=, base64):binary,try_to_binary(ab==, base64):binary,try_to_binary(abc=, base64):binary,try_to_binary(abc==, base64):binary,try_to_binary(abcd=, base64):binary,try_to_binary(abcd====, base64):binary,try_to_binary(=, base64):binary,try_to_binary(a===, base64):binary>
--> X'' | NULL | X'69' | X'69b7' | NULL | X'69' | X'69b7' | NULL | NULL | NULL | NULL | NULL
SELECT conv(repeat('1', 65), 2, 10);
--> error ARITHMETIC_OVERFLOW 22003
SELECT conv(repeat('F', 17), 16, 10);
--> error ARITHMETIC_OVERFLOW 22003
SELECT conv('36893488147419103231', 10, 10);
--> error ARITHMETIC_OVERFLOW 22003
SELECT conv(concat('1', repeat('0', 70)), 10, 10);
--> error ARITHMETIC_OVERFLOW 22003
SELECT conv(concat(repeat('0', 70), '12'), 10, 10);
--> struct<conv(concat(repeat(0, 70), 12), 10, 10):string>
--> '12'
SELECT conv('1Y2P0IJ32E8E7', 36, 10), conv('1Y2P0IJ32E8E8', 36, 10);
--> struct<conv(1Y2P0IJ32E8E7, 36, 10):string,conv(1Y2P0IJ32E8E8, 36, 10):string>
--> '9223372036854775807' | '9223372036854775808'
SELECT conv('3W5E11264SGSF', 36, 10);
--> struct<conv(3W5E11264SGSF, 36, 10):string>
--> '18446744073709551615'
SELECT conv('3W5E11264SGSG', 36, 10);
--> error ARITHMETIC_OVERFLOW 22003
SELECT mask(''), mask('x', CAST(NULL AS STRING)), mask('a\U00010400b\U0001D7D8');
--> struct<mask(, X, x, n, NULL):string,mask(x, CAST(NULL AS STRING), x, n, NULL):string,mask(a𐐀b𝟘, X, x, n, NULL):string>
--> '' | 'x' | 'xXxn'
SELECT to_binary('ab', CAST('hex' AS STRING)), to_binary('', 'hex'), to_binary('', 'utf-8'), to_binary('', 'base64');
--> struct<to_binary(ab, CAST(hex AS STRING)):binary,to_binary(, hex):binary,to_binary(, utf-8):binary,to_binary(, base64):binary>
--> X'ab' | X'' | X'' | X''
SELECT str_to_map('a:1,b:2,c', ',', ':')['b'], str_to_map('日:本,x', ',');
--> struct<str_to_map(a:1,b:2,c, ,, :)[b]:string,str_to_map(日:本,x, ,, :):map<string,string>>
--> '2' | {'x': NULL, '日': '本'}
SELECT str_to_map(concat_ws(',', collect_list(a))) FROM VALUES ('x:1'), ('y') AS t(a);
--> struct<str_to_map(concat_ws(,, collect_list(a)), ,, :):map<string,string>>
--> {'x': '1', 'y': NULL}
SELECT to_binary('a!\'b', 'base64');
--> error CONVERSION_INVALID_INPUT 22018
SELECT to_binary('zz\'', 'hex');
--> error CONVERSION_INVALID_INPUT 22018
SET spark.sql.ansi.enabled=false;
SELECT conv('18446744073709551616', 10, 16), conv('-18446744073709551616', 10, 16), conv('18446744073709551616', 10, -16);
--> struct<conv(18446744073709551616, 10, 16):string,conv(-18446744073709551616, 10, 16):string,conv(18446744073709551616, 10, -16):string>
--> 'FFFFFFFFFFFFFFFF' | 'FFFFFFFFFFFFFFFF' | '-1'
SELECT conv('1', 'a', 10), conv('11', '10', 2), conv('11', 10.5, 2);
--> struct<conv(1, a, 10):string,conv(11, 10, 2):string,conv(11, 10.5, 2):string>
--> NULL | '1011' | '1011'
