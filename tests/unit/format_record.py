#!/usr/bin/env python3
"""format_record - records what Spark makes of text and JSON files, for unit tests of format.

Needs PySpark 4.3 and Java 17. Usage: format_record.py; rewrites format_json.inc and format_text.inc
beside it. Rows are texts of CAST(x AS STRING), hex for binary, with | between values and ~ for
null; errors are the conditions from the outermost cause to the innermost.
"""

import gzip
import os
import pathlib
import sys
import tempfile
import zlib

HERE = pathlib.Path(__file__).parent
ALL = ("a INT, b STRING, c DATE, d TIMESTAMP, e DOUBLE, f BOOLEAN, "
       "g STRUCT<x:INT,y:ARRAY<STRING>>, h MAP<STRING,INT>, i DECIMAL(10,2), _corrupt_record STRING")
CASES = []  # (kind, name, options, schema, columns, file name, bytes)
WRITES = []  # (name, format, options, schema, bytes)


def add(kind, name, text, options=None, schema=None, columns=None, file="f.txt", conf=None):
    data = text.encode("utf-8") if isinstance(text, str) else text
    CASES.append((kind, name, {**(options or {}), **(conf or {})}, schema, columns, file, data))


def json(name, text, options=None, schema=ALL, **more):
    add("json", name, text, options, schema, **more)


def infer(name, text, options=None, **more):
    add("json", "infer: " + name, text, options, None, columns=None, **more)


def text(name, data, options=None, schema=None, **more):
    add("text", name, data, options, schema, **more)


def write(name, schema, data, options=None, fmt="json"):
    WRITES.append((name, fmt, options or {}, schema, data.encode("utf-8")))


json('basic: plain',
     '{"a":1,"b":"x","c":"2024-01-02","d":"2024-01-02 03:04:05","e":1.5,"f":true,"g":{"x"'
     ':1,"y":["p"]},"h":{"k":1},"i":1.25}\n')
json('basic: missing+extra', '{"b":"x","zzz":[1,2]}\n')
json('basic: bad line', '{"a":1}\n{"a":2\nnot json\n{"a":3}\n')
json('basic: string for int', '{"a":"1","b":"x"}\n')
json('basic: number for string', '{"a":1,"b":5.10}\n')
json('basic: object for string', '{"a":1,"b":{"q": [1, 2]}}\n')
json('basic: float for int', '{"a":1.0,"b":"x"}\n')
json('basic: int overflow', '{"a":3000000000,"b":"x"}\n')
json('basic: int for double', '{"a":1,"e":5}\n')
json('basic: bool for string', '{"b":true}\n')
json('basic: string for double NaN', '{"e":"NaN"}\n{"e":NaN}\n{"e":"Infinity"}\n')
json('basic: string for bool', '{"f":"true","b":"x"}\n')
json('basic: null fields', '{"a":null,"b":null}\n')
json('basic: blank lines', '{"a":1}\n\n  \n{"a":2}\n')
json('basic: top-level array', '[{"a":1},{"a":2}]\n')
json('basic: duplicate key', '{"a":1,"a":2}\n')
json('basic: case', '{"A":1,"B":"x"}\n')
json('basic: single quotes', "{'a':1,'b':'x'}\n")
json('basic: unquoted names', '{a:1}\n')
json('basic: unquoted names on', '{a:1}\n', {'allowUnquotedFieldNames': 'true'})
json('basic: comments', '{/*c*/"a":1}\n')
json('basic: leading zero', '{"a":01}\n')
json('basic: escapes', '{"b":"\\u00e9\\n\\"q\\""}\n')
json('basic: raw ctrl', '{"b":"x\ty"}\n')
json('basic: ts formats',
     '{"d":"2024-01-02T03:04:05.123Z"}\n{"d":"2024-01-02T03:04:05+02:00"}\n{"d":1704164645}\n'
     '{"d":"2013-07-25 00:00:00.0"}\n')
json('basic: date epoch', '{"c":19724}\n{"c":"2024-1-2"}\n')
json('basic: decimal string', '{"i":"1.255"}\n{"i":1.255}\n{"i":123456789012}\n')
json('basic: two docs one line', '{"a":1}{"a":2}\n')
json('basic: trailing junk', '{"a":1} junk\n')
json('basic: array elem null', '{"g":{"x":null,"y":[null,"q"]}}\n')
json('basic: array elem wrong type', '{"g":{"x":"bad","y":["q"]},"a":7}\n')
json('basic: map null', '{"h":{"k":null}}\n')
json('basic: multiLine', '{\n "a":1\n}\n', {'multiLine': 'true'})
json('basic: CRLF', '{"a":1}\r\n{"a":2}\r\n')
json('basic: scalar line', '5\n"s"\nnull\n')
json('basic: dateFormat', '{"c":"02/01/2024"}\n', {'dateFormat': 'dd/MM/yyyy'})
json('basic: prefersDecimal str ts', '{"d":"25-07-2013 10:00"}\n',
     {'timestampFormat': 'dd-MM-yyyy HH:mm'})
json('tab in string then comma', '{"a":1,"b":"x\t,"e":2}\n')
json('tab in string', '{"a":1,"b":"x\ty","e":2}\n')
json('bad escape', '{"a":1,"b":"x\\qy","e":2}\n{"a":1,"b":"x\\q","e":2}\n{"a":2,"b":"\\x41"}\n')
json('bad escape ok', '{"a":1,"b":"x\\qy","e":2}\n',
     {'allowBackslashEscapingAnyCharacter': 'true'})
json('single quote escape', '{"a":1,"b":"it\\\'s","e":2}\n')
json('unknown bad escape', '{"a":1,"zz":"x\\qy","e":2}\n')
json('array int bad elem', '{"g":{"x":1,"y":["p"]},"h":{"k":"bad","j":2},"a":5}\n')
json('arr int',
     '{"v":[1,"x",2],"w":5}\n{"v":[[1]],"w":6}\n{"v":[1,null,3]}\n{"v":{"q":1},"w":7}\n'
     '{"v":[],"w":1}\n{"v":[1.5],"w":8}\n', schema='v ARRAY<INT>, w INT, _corrupt_record STRING')
json('arr arr', '{"v":[[1,"x"],[2]],"w":5}\n{"v":[[1],[2,3],null],"w":6}\n',
     schema='v ARRAY<ARRAY<INT>>, w INT, _corrupt_record STRING')
json('arr struct',
     '{"v":[{"p":1},{"p":"x","q":2},{"p":3}],"w":5}\n{"v":[{"p":1},7],"w":6}\n'
     '{"v":[{"p":1,"p":2}]}\n',
     schema='v ARRAY<STRUCT<p:INT,q:INT>>, w INT, _corrupt_record STRING')
json('map struct',
     '{"v":{"k":{"p":"x","q":2}},"w":5}\n{"v":{"k":{"p":1},"l":3},"w":6}\n'
     '{"v":{"k":{"p":1},"k":{"p":2}},"w":7}\n',
     schema='v MAP<STRING,STRUCT<p:INT,q:INT>>, w INT, _corrupt_record STRING')
json('dup bad second',
     '{"a":1,"a":"x"}\n{"a":"x","a":1}\n{"g":{"x":1},"g":{"x":2}}\n{"g":{"x":1},"g":5}\n'
     '{"g":{"x":1},"g":null}\n{"h":{"a":1},"h":{"b":2}}\n{"g":{"x":1,"x":2,"x":"z"}}\n')
json('root array',
     '[{"a":1},{"a":"x"},{"a":3}]\n[{"a":1},null]\n[]\n[{"a":1},2]\n[1]\n[[{"a":1}]]\n'
     '[{"a":1},{"a":2}\n[{"a":1}{"a":2}]\n')
json('root array trailing', '[{"a":1}] junk\n[{"a":1},]\n')
json('multi array', '[{"a":1},\n{"a":2}]\n{"a":3}', {'multiLine': 'true'})
json('multi obj two', '{"a":1}\n{"a":2}\n', {'multiLine': 'true'})
json('multi bad', '{"a":1\n,"b":tru}\n', {'multiLine': 'true'})
json('multi bad type', '[{"a":"x",\n"b":"y"},{"a":2}]\n', {'multiLine': 'true'})
json('multi empty', '', {'multiLine': 'true'})
json('multi raw str', '{"b": {"q": [1,\n 2]},"a":  1}', {'multiLine': 'true'})
json('empty file', '')
json('comments',
     '{/*c*/"a":1}\n// x\n{"a":2}// y\n/* z */\n{"a"/**/:/**/3/*x*/,/*y*/"b":"q"/*z*/}\n#x\n'
     '{"a":/x}\n', {'allowComments': 'true'})
json('leading zeros', '{"a":01,"e":00.5,"b":007}\n{"a":-01}\n{"a":000}\n{"a":0}\n',
     {'allowNumericLeadingZeros': 'true'})
json('num forms',
     '{"e":1.}\n{"e":.5}\n{"e":+1}\n{"e":1e5}\n{"e":1E+5}\n{"e":1e}\n{"e":-}\n{"e":-0}\n'
     '{"e":-0.0}\n{"e":1e400}\n{"e":1e-400}\n{"e":123456789012345678901234567890}\n{"a":-0}\n'
     '{"a":2147483647}\n{"a":-2147483648}\n{"a":2147483648}\n{"a":1e2}\n')
json('nan forms',
     '{"e":NaN,"a":1}\n{"e":Infinity}\n{"e":-Infinity}\n{"e":-INF}\n{"e":+INF}\n{"e":INF}\n'
     '{"e":"INF"}\n{"e":"+INF"}\n{"e":"-INF"}\n{"e":"+Infinity"}\n{"e":"-Infinity"}\n'
     '{"e":"nan"}\n{"e":"inf"}\n{"e":"1.5"}\n{"e":""}\n{"e":NaNx}\n{"a":NaN}\n{"b":NaN}\n'
     '{"b":-Infinity}\n{"i":NaN}\n')
json('nan off',
     '{"e":NaN,"a":1}\n{"e":"NaN","a":1}\n{"e":-Infinity,"a":1}\n{"e":"Infinity","a":2}\n',
     {'allowNonNumericNumbers': 'false'})
json('byte short',
     '{"p":127,"q":32767,"r":9223372036854775807,"s":1.5}\n{"p":200}\n{"p":255}\n{"p":256}\n'
     '{"p":-128}\n{"p":-129}\n{"q":32768}\n{"q":-32768}\n{"r":9223372036854775808}\n'
     '{"r":-9223372036854775808}\n{"r":-9223372036854775809}\n{"s":3.4e39}\n{"s":16777217}\n'
     '{"s":0.1}\n{"s":"NaN"}\n{"p":"1"}\n{"s":1e-46}\n{"s":123456789123456789}\n',
     schema='p BYTE, q SHORT, r BIGINT, s FLOAT, _corrupt_record STRING')
json('dec',
     '{"i":1}\n{"i":"1,234.5"}\n{"i":" 1"}\n{"i":"1 "}\n{"i":"+1.5"}\n{"i":"1e2"}\n{"i":1e2}\n'
     '{"i":1e10}\n{"i":12345678.995}\n{"i":99999999.995}\n{"i":"abc"}\n{"i":""}\n{"i":true}\n'
     '{"i":-1.005}\n{"i":1e-30}\n{"i":0.000000000000000000000000000000000000000000001}\n'
     '{"i":"1."}\n{"i":".5"}\n{"i":"1d"}\n{"i":"0x10"}\n{"i":[1]}\n{"i":"1,,2"}\n')
json('dec38',
     '{"i":12345678901234567890123456789012345678}\n'
     '{"i":0.12345678901234567890123456789012345678}\n',
     schema='i DECIMAL(38,0), _corrupt_record STRING')
json('bool',
     '{"f":1}\n{"f":"true"}\n{"f":""}\n{"f":TRUE}\n{"f":tru}\n{"f":truex,"a":1}\n'
     '{"f":true ,"a":1}\n{"f":null}\n')
json('strings',
     '{"b":""}\n{"b":5}\n{"b":-0.50e1}\n{"b":true}\n{"b":false}\n{"b":null}\n{"b":[1, 2 ]}\n'
     '{"b":{ "x" : 1 }, "a":3}\n{"b":"\\u0041\\ud83d\\ude00"}\n{"b":"\\ud83d"}\n'
     '{"b":"\\ud83dx"}\n{"b":"\\ude00\\ud83d"}\n{"b":"\\/\\b\\f\\r\\t\\\\"}\n{"b":"\\u00"}\n'
     '{"b":"\\u00zz"}\n{"b":"\\u0000"}\n{"b":"\x7f"}\n{"b":"é€😀"}\n')
json('invalid utf8',
     b'{"a":1,"b":"x\xff"}\n{"a":2,"b":"x\xc3"}\n{"a":3,"b":"\xc3("}\n'
     b'{"a":4,"b":"\xed\xa0\x80"}\n{"a":5,"b":"\xc0\x80"}\n{"a":6,"b":"\xf4\x90\x80\x80"}\n'
     b'{"a":7,"zz":"\xff"}\n{"a":8,"\xff":1}\n{"b":"\xe4\xb8\x96\xe7","a":9}\n'
     b'{"a":10,"b":"\xf0\x9f\x98","e":1}\n')
json('bom mid', b'{"a":1}\n\xef\xbb\xbf{"a":2}\n')
json('bom first', b'\xef\xbb\xbf{"a":1}\n{"a":2}\n')
json('bom multi', b'\xef\xbb\xbf{"a":1}\n', {'multiLine': 'true'})
json('ctrl ok', '{"b":"x\ty","a":1}\n', {'allowUnquotedControlChars': 'true'})
json('unquoted names',
     '{a:1,b_1:2,$c:3,b:"x"}\n{a-b:1,a:2}\n{1a:2}\n{"a":1,b:2}\n{é:1,a:2}\n{a :1}\n{ a: 1}\n'
     '{@a:1}\n{a.b:1}\n', {'allowUnquotedFieldNames': 'true'})
json('single quotes off', '{\'a\':1}\n{"b":\'x\'}\n', {'allowSingleQuotes': 'false'})
json('single quotes on',
     '{\'a\':1}\n{"b":\'x\'}\n{"b":\'x"y\'}\n{"b":\'x\\\'y\'}\n{\'b"\':1,\'a\':2}\n'
     '{\'b\':\'é\',\'a\':3}\n{"b":"x\'y"}\n{\'\':1,\'a\':4}\n')
json('structure',
     '{\n{}\n{"a"}\n{"a":}\n{"a":1,}\n{,"a":1}\n{"a":1 "b":2}\n{"a" 1}\n{"a"::1}\n}\n]\n'
     '{"a":1]\n{"a":[}\n{"a":1}}\n\t{"a":1}\t\n\x0b{"a":1}\n{"a":1,"b":"unterminated\n'
     '{"a":1,"b":"x"\n:\n"\n"a":1\n{"a":[1,2}\n{"zz":[1,{"y":[]}],"a":1}\n'
     '{"zz":{"y":01},"a":1}\n{"zz":[tru],"a":1}\n{"a":1,"zz":"\\u12"}\n')
json('null literal', 'null\nnull x\n null\nnul\nNULL\ntrue\nfalse\n1 2\n1\n1.5\n"x"\n""\n"x\n')
json('escaped key', '{"\\u0061":1,"b\\u0062":2}\n{"a\\n":1}\n')
json('case', '{"A":1,"a":2}\n')
json('date',
     '{"c":"2024-02-30"}\n{"c":"2024-1"}\n{"c":"2024"}\n{"c":"100"}\n{"c":"19724"}\n'
     '{"c":"-5"}\n{"c":""}\n{"c":" 2024-01-02 "}\n{"c":"2024-01-02T10:00"}\n'
     '{"c":"2024-01-02 10:00"}\n{"c":"20240102"}\n{"c":"epoch"}\n{"c":"now"}\n'
     '{"c":"2024-01-02x"}\n{"c":"99999999"}\n{"c":true}\n{"c":"-141428"}\n{"c":"-200000"}\n'
     '{"c":"+5"}\n{"c":"99999999999"}\n{"c":"1500-01-01"}\n{"c":"2024-01-02GMT"}\n')
json('ts',
     '{"d":"2024-01-02"}\n{"d":"2024-01-02 03"}\n{"d":"2024-01-02 03:04"}\n'
     '{"d":"2024-01-02T03:04:05.1234567"}\n{"d":"2024-01-02 03:04:05 Europe/Paris"}\n'
     '{"d":"2024-01-02 03:04:05GMT+1"}\n{"d":"2024-01-02T03:04:05.123+0100"}\n{"d":""}\n'
     '{"d":1.5}\n{"d":-1}\n{"d":99999999999999}\n{"d":9223372036854775808}\n{"d":true}\n'
     '{"d":"epoch"}\n{"d":"2024-01-02 03:04:05.12GMT"}\n{"d":"2024-13-02 03:04:05"}\n'
     '{"d":"2024-01-02 24:00:00"}\n{"d":"x"}\n')
json('ts tz option', '{"d":"2024-01-02 03:04:05","c":"2024-01-02"}\n',
     {'timeZone': 'America/New_York'})
json('ts fmt', '{"d":"02.01.2024 03:04"}\n{"d":"2024-01-02 03:04:05"}\n{"d":5}\n{"d":""}\n',
     {'timestampFormat': 'dd.MM.yyyy HH:mm'})
json('ts fmt fallback', '{"d":"02.01.2024 03:04"}\n{"d":"2024-01-02 03:04:05"}\n',
     {'timestampFormat': 'dd.MM.yyyy HH:mm', 'enableDateTimeParsingFallback': 'true'})
json('date fmt', '{"c":"02.01.2024"}\n{"c":"2024-01-02"}\n{"c":"2.1.2024"}\n',
     {'dateFormat': 'dd.MM.yyyy'})
json('date fmt fallback', '{"c":"02.01.2024"}\n{"c":"2024-01-02"}\n{"c":"100"}\n',
     {'dateFormat': 'dd.MM.yyyy', 'enableDateTimeParsingFallback': 'true'})
json('no fallback', '{"c":"100","d":"x"}\n', {'enableDateTimeParsingFallback': 'false'})
json('default ts fmt text', '{"d":"2024-01-02T03:04:05.123Z"}\n{"d":"2024-01-02 03:04:05"}\n',
     {'timestampFormat': "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]"})
json('ntz',
     '{"d":"2024-01-02 03:04:05"}\n{"d":"2024-01-02T03:04:05.5"}\n'
     '{"d":"2024-01-02T03:04:05Z"}\n{"d":5}\n{"d":"2024-01-02"}\n{"d":""}\n{"d":"x"}\n',
     schema='d TIMESTAMP_NTZ, _corrupt_record STRING')
json('ntz fmt', '{"d":"02/01/2024 03:04"}\n{"d":"2024-01-02T03:04:05Z"}\n',
     {'timestampNTZFormat': 'dd/MM/yyyy HH:mm'}, schema='d TIMESTAMP_NTZ, _corrupt_record STRING')
json('ntz fmt zone', '{"d":"02/01/2024 03:04Z"}\n', {'timestampNTZFormat': 'dd/MM/yyyy HH:mmX'},
     schema='d TIMESTAMP_NTZ, _corrupt_record STRING')
json('binary',
     '{"p":"aGVsbG8="}\n{"p":"aGVsbG8"}\n{"p":""}\n{"p":"a-_b"}\n{"p":5}\n{"p":"aGVs\\nbG8="}\n'
     '{"p":"a"}\n{"p":"aGVs bG8="}\n{"p":"=aa"}\n{"p":null}\n{"p":"aGVsbG8=aGVsbG8="}\n'
     '{"p":"\\u0061GVsbG8="}\n', schema='p BINARY, _corrupt_record STRING')
json('intervals',
     '{"p":"1-2","q":"1 02:03:04"}\n'
     '{"p":"INTERVAL \'1-2\' YEAR TO MONTH","q":"INTERVAL \'1 02:03:04.5\' DAY TO SECOND"}\n'
     '{"p":"x"}\n{"p":5}\n',
     schema='p INTERVAL YEAR TO MONTH, q INTERVAL DAY TO SECOND, _corrupt_record STRING')
json('void', '{"p":5,"a":1}\n{"p":null,"a":1}\n{"p":{"x":1},"a":2}\n{"p":"","a":3}\n',
     schema='p VOID, a INT, _corrupt_record STRING')
json('cal interval', '{"p":"1 day"}\n', schema='p INTERVAL, _corrupt_record STRING')
json('drop', '{"a":"x","b":"y"}\n{"a":1}\nbad\n{"b":"x\ty"}\n', {'mode': 'DROPMALFORMED'})
json('mode bad', '{"a":1}\n', {'mode': 'nonsense'})
json('mode case', 'bad\n{"a":1}\n', {'mode': 'dropMalformed'})
json('failfast ok', '{"a":1,"b":"y"}\n', {'mode': 'FAILFAST'})
json('no corrupt col', '{"a":"x","b":"y"}\nbad\n', schema='a INT, b STRING')
json('corrupt other name', '{"a":"x","b":"y"}\nbad\n', {'columnNameOfCorruptRecord': 'bad'},
     schema='a INT, b STRING, bad STRING')
json('corrupt in data', '{"a":1,"_corrupt_record":"zz"}\n{"a":"x","_corrupt_record":"zz"}\n')
json('corrupt wrong type', '{"a":1}\n', schema='a INT, _corrupt_record INT')
json('corrupt conf', '{"a":"x"}\n', schema='a INT, zz STRING',
     conf={'spark.sql.columnNameOfCorruptRecord': 'zz'})
json('only corrupt', '{"a":"x"}\n', columns=['_corrupt_record'])
json('pruned', '{"a":"x","b":"y","e":1.5}\nbad\n{"a":1,"b":"x\ty"}\n', columns=['e'])
json('pruned2', '{"a":"x","b":"y","e":1.5}\nbad\n', columns=['e', '_corrupt_record'])
json('lineSep', '{"a":1}|{"a":2}|\n{"a":3}', {'lineSep': '|'})
json('lineSep long', '{"a":1}||{"a":2}|||{"a":3}', {'lineSep': '||'})
json('lineSep empty', '{"a":1}\n', {'lineSep': ''})
json('cr', '{"a":1}\r{"a":2}\r\r\n{"a":3}\r\n\n')
json('encoding utf8', '{"a":1,"b":"é"}\n', {'encoding': 'UTF-8'})
json('encoding bad', '{"a":1,"b":"x"}\n', {'encoding': 'nope'})
json('partial off', '{"g":{"x":"bad","y":["q"]},"a":7}\n{"a":"x","b":"y"}\n',
     conf={'spark.sql.json.enablePartialResults': 'false'})
json('exact off', '{"b":{"q": [1, 2]},"a":7}\n{"b":5.10}\n',
     conf={'spark.sql.json.enableExactStringParsing': 'false'})
json('empty str legacy', '{"a":"","b":"y"}\n{"e":""}\n',
     conf={'spark.sql.legacy.json.allowEmptyString.enabled': 'true'})
json('bad option', '{"a":1}\n', {'allowComments': 'maybe'})
json('bad tz', '{"a":1}\n', {'timeZone': 'Nope/Zone'})
infer('bad ratio', '{"a":1}\n', {'samplingRatio': '0'})
json('nested nn', '{"g":{"y":["q",5,true,{"z":1}]}}\n')
json('nested str bad', '{"g":{"x":1,"y":["q\t"]},"a":1}\n{"g":{"x":1,"y":["q\\q","r"]},"a":1}\n')
json('nested trunc', '{"g":{"x":1,"y":["q"\n{"g":{"x":1}\n{"g":{"x":"b"}\n')
json('nested syntax',
     '{"g":{"x":1 "y":["q"]},"a":1}\n{"h":{"k":1,},"a":1}\n{"h":{"k":01},"a":1}\n')
json('unicode name', '{"é":1,"\\u00e9":2}\n', schema='`é` INT, _corrupt_record STRING')
json('empty name', '{"":1,"a":2}\n', schema='`` INT, a INT, _corrupt_record STRING')
json('failfast', '{"a":1,"b":"q"}\n{"a":"x","b":"y"}\n', {'mode': 'FAILFAST'})
json('failfast2', '{"a":1\n', {'mode': 'FAILFAST'})
json('failfast double', '{"a":1,"e":"zz"}\n', {'mode': 'FAILFAST'})
json('failfast null', 'null\n', {'mode': 'FAILFAST'})
json('failfast array', '[{"a":1},{"a":"x"}]\n', {'mode': 'FAILFAST'})
json('failfast empty str', '{"a":"","b":"y"}\n', {'mode': 'FAILFAST'})
json('failfast nocorrupt', '{"a":"x","b":"y"}\n', {'mode': 'FAILFAST'}, schema='a INT, b STRING')
json('failfast nested',
     '{"a":3,"g":{"x":"b","y":["q"]},"h":{"k":1},"c":"2024-01-02","i":1.5,"e":2.0,"f":tru'
     'e,"d":"2024-01-02"}\n', {'mode': 'FAILFAST'})
json('failfast dec', '{"i":"zz"}\n', {'mode': 'FAILFAST'})
json('failfast date', '{"c":"zz"}\n', {'mode': 'FAILFAST'})
json('failfast ts', '{"d":"zz"}\n', {'mode': 'FAILFAST'})
json('failfast int over', '{"a":99999999999}\n', {'mode': 'FAILFAST'})
json('count', '{"a":"x"}\nbad\n\n[{"a":1},{}]\n', columns=[])
json('count drop', '{"a":"x"}\nbad\n\n[{"a":1},{}]\n', {'mode': 'DROPMALFORMED'}, columns=[])
json('utf16', '{"a":1,"b":"x"}\n', {'encoding': 'UTF-16', 'lineSep': '\n'})
json('utf-8 lower', '{"a":1,"b":"x"}\n', {'charset': 'utf8'})
infer('basic',
      '{"z":1,"a":"x","m":1.5,"b":true,"n":null,"e":"","o":{"y":1,"x":"q"},"r":[1,2.5],"s'
      '":[]}\n')
infer('merge',
      '{"a":1,"b":1,"c":1,"d":true,"e":{"x":1},"f":[1],"g":"x","h":null,"i":1}\n'
      '{"a":1.5,"b":"x","c":null,"d":1,"e":5,"f":["x"],"g":{"a":1},"h":1,"i":999999999999'
      '99999999}\n')
infer('big',
      '{"a":9223372036854775807,"b":9223372036854775808,"c":12345678901234567890123456789'
      '0123456789,"d":12345678901234567890.5,"e":1e5,"f":-9223372036854775809}\n')
infer('decimal',
      '{"a":1.5,"b":1,"c":"1.25","d":1e10,"e":0.001,"f":"abc","g":"1,000","h":1e-40,"i":"'
      '1e5","j":"","k":99999999999999999999}\n{"a":10,"b":2.75,"c":"x","d":1.5,"e":"1","f":1}\n',
      {'prefersDecimal': 'true'})
infer('prim str', '{"a":1.5,"b":1,"c":true,"d":null,"e":[1],"f":{"x":1}}\n',
      {'primitivesAsString': 'true'})
infer('ts', '{"a":"2024-01-02","b":"2024-01-02 03:04:05","c":"2024-01-02T03:04:05Z","d":"x"}\n')
infer('ts on',
      '{"a":"2024-01-02","b":"2024-01-02 03:04:05","c":"2024-01-02T03:04:05Z","d":"x","f"'
      ':"2024"}\n', {'inferTimestamp': 'true'})
infer('ts on fmt', '{"a":"2024-01-02","b":"02/01/2024"}\n',
      {'inferTimestamp': 'true', 'timestampFormat': 'dd/MM/yyyy'})
infer('ts on ntz', '{"a":"2024-01-02","b":"2024-01-02 03:04:05","c":"2024-01-02T03:04:05Z"}\n',
      {'inferTimestamp': 'true'}, conf={'spark.sql.timestampType': 'TIMESTAMP_NTZ'})
infer('corrupt', '{"a":1}\nbad\n')
infer('corrupt all', 'bad\n')
infer('corrupt drop', '{"a":1}\nbad\n', {'mode': 'DROPMALFORMED'})
infer('corrupt ff', '{"a":1}\nbad\n', {'mode': 'FAILFAST'})
infer('corrupt name', '{"a":1}\nbad\n', {'columnNameOfCorruptRecord': 'zz'})
infer('scalar', '{"a":1}\n5\n')
infer('scalar ff', '{"a":1}\n5\n', {'mode': 'FAILFAST'})
infer('scalar drop', '{"a":1}\n5\n', {'mode': 'DROPMALFORMED'})
infer('null', '{"a":1}\nnull\n\n')
infer('array', '[{"a":1},{"b":2}]\n{"c":1}\n')
infer('array only', '[1,2]\n')
infer('array empty', '[]\n{"a":1}\n')
infer('empty', '')
infer('blank', '\n\n')
infer('empty obj', '{}\n{"a":{},"b":[],"c":[{}],"d":{"x":null}}\n')
infer('dropnull', '{"a":null,"b":[],"c":[null],"d":{"x":null},"e":1,"f":[[]],"g":""}\n',
      {'dropFieldIfAllNull': 'true'})
infer('nullarr', '{"a":null,"b":[],"c":[null],"d":{"x":null},"e":1,"f":[[]],"g":""}\n')
infer('dup', '{"a":1,"a":"x"}\n')
infer('case', '{"A":1,"a":"x"}\n')
infer('case sens', '{"A":1,"a":"x"}\n', conf={'spark.sql.caseSensitive': 'true'})
infer('sort', '{"b":1,"B":1,"é":1,"a b":1,"_":1,"10":1,"2":1}\n')
infer('multi', '[{"a":1},\n{"b":2}]', {'multiLine': 'true'})
infer('multi2', '{"a":1}\n{"b":2}', {'multiLine': 'true'})
infer('emptyname', '{"":1,"a":2}\n')
infer('mixed arr',
      '{"a":[1,"x",null,{"b":1}],"c":[{"x":1},{"y":2}],"d":[[1],[2.5]],"e":[{"x":1},5]}\n')
infer('trailing', '{"a":1} junk\n')
infer('partial bad', '{"a":"x\ty","b":1}\n')
infer('nan', '{"a":NaN,"b":1}\n')
infer('nan dec', '{"a":NaN,"b":1}\n', {'prefersDecimal': 'true'})
infer('nanstr', '{"a":"NaN","b":1}\n')
infer('longstr', '{"a":1}\n{"a":true}\n')
infer('datestr', '{"a":"2024-01-02"}\n', {'dateFormat': 'yyyy-MM-dd'})
text('basic', 'a\nb\r\nc\rd\n\ne')
text('crcr', 'a\r\r\nb\n\rc')
text('sep', 'a|b|\n|c|', {'lineSep': '|'})
text('sep2', 'a||b|||c||', {'lineSep': '||'})
text('whole', 'a\nb\n', {'wholetext': 'true'})
text('whole bom', b'\xef\xbb\xbfa\nb\n', {'wholetext': 'true'})
text('whole empty', '', {'wholetext': 'true'})
text('bom', b'\xef\xbb\xbfa\nb\n')
text('bom only', b'\xef\xbb\xbf')
text('bom short', b'\xef\xbb\nx')
text('empty', '')
text('nl', '\n')
text('invalid', b'a\xffb\n')
text('nul', 'a\x00b\n')
text('count', 'a\nb\nc', columns=[])
text('schema name', 'a\n', schema='x STRING')
text('schema int', '1\n', schema='x INT')
text('schema two', 'a\n', schema='x STRING, y STRING')
text('schema zero', 'a\n')
text('encoding', 'a\n', {'encoding': 'UTF-16'})
text('encoding8', 'é\n', {'encoding': 'UTF-8'})
text('encoding1', b'\xe9\n', {'encoding': 'ISO-8859-1'})
text('lineSep empty', 'a\n', {'lineSep': ''})
text('wholetext bad', 'a\n', {'wholetext': 'x'})
write('all types',
      'a BYTE, b SHORT, c INT, d LONG, e FLOAT, f DOUBLE, g DECIMAL(10,2), h DECIMAL(38,1'
      '8), i STRING, j BINARY, k DATE, l TIMESTAMP, m TIMESTAMP_NTZ, n BOOLEAN, o INTERVA'
      'L YEAR TO MONTH, p INTERVAL DAY TO SECOND, q VOID',
      '{"a":-1,"b":2,"c":3,"d":9223372036854775807,"e":1.5,"f":-2.5e-10,"g":1.5,"h":0.000'
      '00001,"i":"x","j":"aGk=","k":"2024-02-29","l":"2024-07-02T03:04:05.123456","m":"20'
      '24-01-02 03:04:05.1","n":true,"o":"1-2","p":"1 02:03:04.5"}\n')
write('all types null',
      'a BYTE, b SHORT, c INT, d LONG, e FLOAT, f DOUBLE, g DECIMAL(10,2), h DECIMAL(38,1'
      '8), i STRING, j BINARY, k DATE, l TIMESTAMP, m TIMESTAMP_NTZ, n BOOLEAN, o INTERVA'
      'L YEAR TO MONTH, p INTERVAL DAY TO SECOND, q VOID', '{}\n{"a":1}\n')
write('all types null kept',
      'a BYTE, b SHORT, c INT, d LONG, e FLOAT, f DOUBLE, g DECIMAL(10,2), h DECIMAL(38,1'
      '8), i STRING, j BINARY, k DATE, l TIMESTAMP, m TIMESTAMP_NTZ, n BOOLEAN, o INTERVA'
      'L YEAR TO MONTH, p INTERVAL DAY TO SECOND, q VOID', '{}\n', {'ignoreNullFields': 'false'})
write('floats', 'a DOUBLE, b FLOAT',
      '{"a":1e10,"b":1e-5}\n{"a":"NaN","b":"Infinity"}\n{"a":-0.0,"b":-0.0}\n'
      '{"a":1e7,"b":123456.789}\n{"a":100,"b":1e38}\n{"a":0.001,"b":0.1}\n'
      '{"a":9007199254740993,"b":16777217}\n{"a":1e21,"b":"-Infinity"}\n'
      '{"a":4.9e-324,"b":1.4e-45}\n')
write('decimals', 'a DECIMAL(38,10), b DECIMAL(10,10), c DECIMAL(38,0)',
      '{"a":1e-10,"b":1e-10,"c":12345678901234567890123456789012345678}\n{"a":0,"b":0,"c":0}\n'
      '{"a":-1.5,"b":0.5,"c":-1}\n')
write('strings', 's STRING',
      '{"s":"a\\"b\\\\c/d"}\n{"s":"\\n\\r\\t\\b\\f"}\n{"s":"\\u0001\\u001f\\u007f"}\n'
      '{"s":"é€😀\u2028"}\n{"s":""}\n{"s":"it\'s <b>"}\n{"s":"\\ud800"}\n')
write('ascii', 's STRING, `é` INT', '{"s":"é€😀x","é":1}\n',
      {'writeNonAsciiCharacterAsCodePoint': 'true'})
write('nested',
      'a STRUCT<x:INT,y:STRING,z:ARRAY<INT>>, b MAP<STRING,INT>, c ARRAY<STRUCT<q:INT>>, '
      'd ARRAY<ARRAY<INT>>, e MAP<STRING,STRUCT<k:INT,l:INT>>',
      '{"a":{"x":1,"z":[1,null,3]},"b":{"k":1,"l":null},"c":[{"q":1},null,{}],"d":[[1],[]'
      ',null],"e":{"m":{"k":1},"n":null}}\n{"a":{},"b":{},"c":[],"d":[[]],"e":{}}\n'
      '{"b":{"z":1,"a":2,"m\\"":3}}\n')
write('nested kept',
      'a STRUCT<x:INT,y:STRING,z:ARRAY<INT>>, b MAP<STRING,INT>, c ARRAY<STRUCT<q:INT>>, '
      'd ARRAY<ARRAY<INT>>, e MAP<STRING,STRUCT<k:INT,l:INT>>',
      '{"a":{"x":1,"z":[1,null,3]},"b":{"k":1,"l":null},"c":[{"q":1},null,{}],"d":[[1],[]'
      ',null],"e":{"m":{"k":1},"n":null}}\n{"a":{},"b":{},"c":[],"d":[[]],"e":{}}\n'
      '{"b":{"z":1,"a":2,"m\\"":3}}\n', {'ignoreNullFields': 'false'})
write('nested pretty',
      'a STRUCT<x:INT,y:STRING,z:ARRAY<INT>>, b MAP<STRING,INT>, c ARRAY<STRUCT<q:INT>>, '
      'd ARRAY<ARRAY<INT>>, e MAP<STRING,STRUCT<k:INT,l:INT>>',
      '{"a":{"x":1,"z":[1,null,3]},"b":{"k":1,"l":null},"c":[{"q":1},null,{}],"d":[[1],[]'
      ',null],"e":{"m":{"k":1},"n":null}}\n{"a":{},"b":{},"c":[],"d":[[]],"e":{}}\n'
      '{"b":{"z":1,"a":2,"m\\"":3}}\n', {'pretty': 'true'})
write('nested sorted', 'z INT, y INT, b MAP<STRING,INT>, a STRUCT<d:INT,c:INT>',
      '{"z":1,"y":2,"b":{"z":1,"a":2},"a":{"d":1,"c":2}}\n', {'sortKeys': 'true'})
write('formats', 'l TIMESTAMP, k DATE, m TIMESTAMP_NTZ',
      '{"l":"2024-01-02 03:04:05.6","k":"2024-01-02","m":"2024-01-02 03:04:05.6"}\n',
      {'timestampFormat': 'dd/MM/yyyy HH:mm:ss.SSSSSS', 'dateFormat': 'dd.MM.yyyy',
       'timestampNTZFormat': 'HH:mm'})
write('zone option', 'l TIMESTAMP',
      '{"l":"2024-01-02T03:04:05.6Z"}\n{"l":"1800-01-01T00:00:00Z"}\n'
      '{"l":"2024-07-02T03:04:05Z"}\n', {'timeZone': 'Asia/Kolkata'})
write('zone NY', 'l TIMESTAMP, k DATE',
      '{"l":"2024-01-02T03:04:05.6Z"}\n{"l":"1800-01-01T00:00:00Z"}\n'
      '{"l":"2024-07-02T03:04:05Z"}\n{"k":"+12024-01-01"}\n{"k":"-0001-01-01"}\n',
      {'timeZone': 'America/New_York'})
write('lineSep', 'a INT', '{"a":1}\n{"a":2}\n', {'lineSep': '||'})
write('text', 's STRING', '{"s":"x"}\n{}\n{"s":""}\n{"s":"é"}\n', fmt='text')
write('text sep', 's STRING', '{"s":"x"}\n{"s":"y"}\n', {'lineSep': '|'}, fmt='text')

ONE = b'{"a":1}\n'
MANY = gzip.compress(b'{"a":1}\n{"a":2}\n' * 2000, mtime=0)
json('gzip members', gzip.compress(ONE, mtime=0) + gzip.compress(b'{"a":2}\n', mtime=0),
     schema='a INT', file='f.json.gz')
json('gzip count', MANY, schema='a INT', columns=[], file='f.json.GZ')
json('gzip cut short', MANY[:-20], schema='a INT', file='f.json.gz')
json('gzip cut short, ignored', MANY[:-20], {'ignoreCorruptFiles': 'true'}, schema='a INT',
     columns=[], file='f.json.gz')
json('gzip of something else', b'\x1f\x8b\x08 garbage', schema='a INT', file='f.json.gz')
json('gzip bad checksum', MANY[:-8] + b'\0\0\0\0' + MANY[-4:], schema='a INT', file='f.json.gz')
json('gzip empty', b'', schema='a INT', file='f.json.gz')
json('gzip trailing zeros', gzip.compress(ONE, mtime=0) + bytes(100), schema='a INT',
     file='f.json.gz')
json('gzip trailing junk', gzip.compress(ONE, mtime=0) + b'junk data', schema='a INT',
     file='f.json.gz')
json('gzip multiLine', gzip.compress(b'{"a":1,\n"b":{"q" : 1.50, "r":[1 ,"\\u00e9"]}}\n', mtime=0),
     {'multiLine': 'true'}, file='f.json.gz')
json('deflate', zlib.compress(ONE), schema='a INT', file='f.json.deflate')
text('gzip', gzip.compress(b'a\nb\r\nc', mtime=0), file='f.txt.gz')
text('gzip cut short', MANY[:-20], file='f.txt.gz')
text('gzip wholetext', gzip.compress(b'a\nb\n', mtime=0), {'wholetext': 'true'}, file='f.txt.gz')


def conditions(error):
    """The conditions of a Java exception and its causes."""
    java, found = getattr(error, "java_exception", None) or error._origin, []
    while java is not None:
        try:
            if java.getCondition():
                found.append(java.getCondition())
        except Exception:  # not one of Spark's
            pass
        java = java.getCause()
    return found


def read(spark, case):
    from pyspark.sql import functions as F
    from pyspark.sql.types import BinaryType

    kind, _, options, schema, columns, file, data = case
    path = pathlib.Path(tempfile.mkdtemp()) / file
    path.write_bytes(data)
    conf = {k: v for k, v in options.items() if k.startswith("spark.")}
    for k, v in conf.items():
        spark.conf.set(k, v)
    try:
        options = {k: v for k, v in options.items() if k not in conf}
        reader = spark.read.format(kind).options(**options)
        df = (reader.schema(schema) if schema else reader).load(str(path))
        if kind == "json" and not schema:
            return df.schema.simpleString()
        columns = df.columns if columns is None else columns
        if not columns:
            return f"COUNT {df.count()}"
        texts = [(F.hex(F.col(f"`{c}`")) if isinstance(df.schema[c].dataType, BinaryType)
                  else F.col(f"`{c}`").cast("string")).cast("binary") for c in columns]
        rows = df.select(*[t.alias(f"c{i}") for i, t in enumerate(texts)]).collect()
        return b"\n".join(b"|".join(b"~" if v is None else bytes(v) for v in r) for r in rows)
    except Exception as e:
        return ("ERR " + " < ".join(conditions(e))).strip()
    finally:
        for k in conf:
            spark.conf.unset(k)


def written(spark, case):
    _, fmt, options, schema, data = case
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "in.json").write_bytes(data)
    df = spark.read.schema(schema).json(str(folder / "in.json"))
    df.write.format(fmt).options(**options).save(str(folder / "out"))
    return next((folder / "out").glob("part-*")).read_bytes()


def quote(value):
    """A C string literal, a line of the text each."""
    data = value.encode("utf-8") if isinstance(value, str) else value
    lines, line = [], ""
    for b in data:
        c = chr(b)
        line += ("\\n" if c == "\n" else "\\" + c if c in '"\\' else c if 32 <= b < 127
                 else f"\\{b:03o}")
        if c == "\n" or len(line) > 84:
            lines.append(line)
            line = ""
    if line or not lines:
        lines.append(line)
    return "\n     ".join(f'"{x}"' for x in lines)


def flat(options):
    return ";".join(f"{k}={v}" for k, v in options.items())


def main():
    from pyspark.sql import SparkSession

    os.environ["TZ"] = "UTC"
    spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
             .config("spark.sql.session.timeZone", "UTC").getOrCreate())
    spark.sparkContext.setLogLevel("OFF")
    for kind in ("json", "text"):
        out = ["/* Recorded by format_record.py from Spark 4.3: see there. clang-format off */"]
        for case in CASES:
            if case[0] != kind:
                continue
            _, name, options, schema, columns, file, data = case
            columns = '"-"' if columns is None else quote(",".join(columns))
            schema = quote(schema) if schema else "NULL"
            out.append(f"CASE({quote(name)}, {quote(flat(options))},\n     {schema}, {columns}, "
                       f"{quote(file)},\n     {quote(data)}, {len(data)},\n     "
                       f"{quote(read(spark, case))})")
        for case in WRITES:
            if case[1] == kind:
                name, fmt, options, schema, data = case
                out.append(f"WRITE({quote(name)}, {quote(flat(options))},\n     {quote(schema)},\n"
                           f"     {quote(data)},\n     {quote(written(spark, case))})")
        (HERE / f"format_{kind}.inc").write_text("\n".join(out) + "\n")
    spark.stop()


if __name__ == "__main__":
    sys.exit(main())
