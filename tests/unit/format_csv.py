#!/usr/bin/env python3
"""Records format_csv.inc from real Spark: python format_csv.py (needs pyspark and Java).

The cases are what Spark 4.3 reads, writes and infers; options are written "key=value" with \\v
between them, keys that begin with "spark." are configuration.
"""
import glob
import os
import random
import re
import shutil
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DIR = tempfile.mkdtemp()
CORRUPT = ", _corrupt_record string"
out = []


def c_string(data):
    """A C literal of bytes, readable where that is possible."""
    text, after_octal = "", False
    for b in data if isinstance(data, bytes) else data.encode():
        c = chr(b)
        if c in '"\\':
            text += "\\" + c
        elif c == "\n":
            text += "\\n"
        elif c == "\t":
            text += "\\t"
        elif 32 <= b < 127:
            text += c
        else:
            text += "\\%03o" % b
    return '"' + text.replace("??", "?\\?") + '"'


def options_text(options):
    return "\v".join(f"{k}={v}" for k, v in options.items())


def conditions(error):
    """The conditions of an error and its causes, and what a malformed record looked like."""
    text = str(error)
    names = []
    for name in re.findall(r"\[([A-Z][A-Z0-9_.]+)\]", text):
        names += [] if name in names else [name]
    if "CSV header" in text:
        names.append("_LEGACY_ERROR_TEMP_3241")
    record = re.search(r"record parsing: (.*?)\.\n", text, re.S)
    return "!" + ">".join(names[:2]) + (" " + record.group(1) if record else "")


def with_options(spark, options, run):
    conf = {k: v for k, v in options.items() if k.startswith("spark.")}
    for k, v in conf.items():
        spark.conf.set(k, v)
    try:
        return run({k: v for k, v in options.items() if k not in conf})
    except Exception as e:
        return conditions(e)
    finally:
        for k in conf:
            spark.conf.unset(k)


def rows_text(rows):
    return "".join("|".join("<null>" if v is None else v for v in row) + "\n" for row in rows)


def read(spark, ddl, text, options=None, columns=None):
    """columns: names, [] for a count, None for all."""
    from pyspark.sql.functions import col
    path = DIR + "/read.csv"
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())

    def run(reader_options):
        df = spark.read.options(**reader_options).schema(ddl).csv(path)
        if columns == []:
            return f"{df.count()} rows"
        names = df.columns if columns is None else columns
        return rows_text(df.select(*[col(f"`{c}`").cast("string") for c in names]).collect())

    options = options or {}
    expected = with_options(spark, options, run)
    out.append(f"READ({c_string(ddl)}, {c_string(options_text(options))}, "
               f"{c_string('*' if columns is None else ','.join(columns))},\n"
               f"     {c_string(text)},\n     {c_string(expected)})")


def write(spark, df, table, options):
    path = DIR + "/write"
    shutil.rmtree(path, ignore_errors=True)

    def run(writer_options):
        df.write.options(**writer_options).csv(path)
        return b"".join(open(f, "rb").read() for f in sorted(glob.glob(path + "/part*")))

    expected = with_options(spark, options, run)
    out.append(f"WRITE({c_string(table)}, {c_string(options_text(options))},\n"
               f"      {c_string(expected)})")


def infer(spark, files, options):
    path = DIR + "/infer"
    shutil.rmtree(path, ignore_errors=True)
    os.mkdir(path)
    files = files if isinstance(files, list) else [files]
    for i, text in enumerate(files):
        with open(f"{path}/f{i}.csv", "wb") as f:
            f.write(text.encode())
    expected = with_options(
        spark, options, lambda o: spark.read.options(**o).csv(path).schema.simpleString())
    out.append(f"INFER({c_string(options_text(options))}, {len(files)}, "
               + ", ".join(c_string(f) for f in (files + ["", ""])[:2])
               + f",\n      {c_string(expected)})")


# ---- writing ----

STRINGS = ["a", "", None, " a ", " ", "\t", "a b", "a,b", 'a"b', '"a', 'a"', '"a"', '""', '"', "a\\b",
           "\\", "a\\", 'a\\"b', "a\\,b", "a\nb", "a\rb", "a\r\nb", "#a", "a#", "'a'", ' "a" ',
           " 'a','a,b ',' a,b", "a||b", "|a", "a|", "é,ü", "é ", "NA", "\x01a\x02", 'x\\\\"y', " #a",
           "\u00a0a", '"a,b"', 'a""b', '"\\', "a\\ b", '" "', 'a"\n', "a\\\n", " \n ",
           "twelve bytes", "thirteen bytes", "longer than a word of sixteen",
           "longer than, a word of sixteen"]
WRITE_OPTIONS = [
    {}, {"quoteAll": "true"}, {"escapeQuotes": "false"}, {"quote": "'"}, {"quote": ""},
    {"escape": '"'}, {"escape": ""}, {"sep": "||"}, {"sep": "\\t"}, {"sep": ";"}, {"sep": " "},
    {"sep": "ab"}, {"sep": "é"}, {"emptyValue": "EMPTY"}, {"emptyValue": ""}, {"nullValue": "NULL"},
    {"nullValue": "a,b"}, {"nullValue": '""'}, {"ignoreLeadingWhiteSpace": "false"},
    {"ignoreTrailingWhiteSpace": "false"},
    {"ignoreLeadingWhiteSpace": "false", "ignoreTrailingWhiteSpace": "false"},
    {"comment": "a"}, {"comment": ""}, {"lineSep": "|"}, {"lineSep": "\r\n"}, {"lineSep": "\r"},
    {"lineSep": "a"}, {"charToEscapeQuoteEscaping": "!"},
    {"charToEscapeQuoteEscaping": "\\", "escape": '"'},
    {"quoteAll": "true", "escapeQuotes": "false"},
    {"quoteAll": "true", "nullValue": "NULL", "emptyValue": "EMPTY"},
    {"quoteAll": "true", "ignoreLeadingWhiteSpace": "false", "ignoreTrailingWhiteSpace": "false"},
    {"quote": "a"}, {"escape": "a"}, {"emptyValue": '"x"'}, {"emptyValue": '"x'},
    {"quoteAll": "true", "sep": "||"}, {"escapeQuotes": "false", "escape": '"'}, {"nullValue": " "},
    {"emptyValue": " "}, {"emptyValue": "#x"},
    {"spark.sql.legacy.nullValueWrittenAsQuotedEmptyStringCsv": "true"}]
COLUMN_NAMES = ["a,b", " c ", '"d', "'e'", "' f '", "'", "''", "", "#g", " "]
TYPES = """select * from values
 (cast(1 as tinyint), cast(-2 as smallint), 3, 4L, cast(1.5 as float), 2.5D, cast(1.10 as decimal(10,2)),
  cast(0.0000001 as decimal(20,10)), true, date'2024-02-29', timestamp'2024-02-29 01:02:03.456789',
  timestamp_ntz'2024-02-29 01:02:03.456789', cast('abc' as binary), interval '1-2' year to month,
  interval '1 02:03:04.5' day to second),
 (null,null,null,null,null,null,null,null,null,null,null,null,null,null,null),
 (cast(-128 as tinyint), cast(-32768 as smallint), -2147483648, -9223372036854775808L,
  cast('NaN' as float), cast('Infinity' as double), cast(-1.10 as decimal(10,2)),
  cast(0 as decimal(20,10)), false, date'0001-01-01', timestamp'1000-02-28 01:02:03',
  timestamp_ntz'1969-12-31 23:59:59.000001', X'00ff2c22', interval '-1-2' year to month,
  interval '-1 02:03:04.5' day to second),
 (1Y, 1S, 1, 1L, cast(1e20 as float), 1e-7D, 0, 1, false, date'+12345-01-02',
  timestamp'+12345-01-02 00:00:00', timestamp_ntz'0000-01-01 00:00:00', X'', interval '3' month,
  interval '3' day)
 as t(b,s,i,l,f,d,dec,dec2,bo,da,ts,tn,bi,ym,dt)"""
TYPE_OPTIONS = [
    {}, {"header": "true"}, {"dateFormat": "dd/MM/yyyy"},
    {"timestampFormat": "yyyy,MM dd HH:mm:ss.SSSSSS z"}, {"timeZone": "America/Los_Angeles"},
    {"timestampNTZFormat": "HH:mm"}, {"quote": "1"}, {"header": "true", "quoteAll": "true"},
    {"nullValue": "1"}, {"sep": "-"}, {"sep": "."}, {"comment": "1"}, {"escape": "-"},
    {"dateFormat": " yyyy "}, {"dateFormat": "''"}, {"quote": "-"}, {"sep": "0"}, {"sep": "T"}]


def record_writing(spark):
    out.extend("TEXT(NULL)" if s is None else f"TEXT({c_string(s)})" for s in STRINGS)
    out.extend(f"NAME({c_string(s)})" for s in COLUMN_NAMES)
    from pyspark.sql.types import StringType, StructField, StructType
    two = StructType([StructField("a", StringType()), StructField("b", StringType())])
    one = StructType([StructField("a", StringType())])
    pairs = list(zip(STRINGS, STRINGS[1:] + STRINGS[:1]))
    df2 = spark.createDataFrame(pairs, two).coalesce(1)
    df1 = spark.createDataFrame([(s,) for s in STRINGS], one).coalesce(1)
    for options in WRITE_OPTIONS:
        write(spark, df2, "strings", options)
    for options in WRITE_OPTIONS[:4]:
        write(spark, df1, "one", options)
    types = spark.sql(TYPES).coalesce(1)
    for options in TYPE_OPTIONS:
        write(spark, types, "types", options)
    df = spark.createDataFrame([tuple("x" for _ in COLUMN_NAMES)], COLUMN_NAMES).coalesce(1)
    for options in ({}, {"quoteAll": "true"}, {"ignoreLeadingWhiteSpace": "false"},
                    {"quote": "'"}, {"lineSep": "|"}):
        write(spark, df, "names", dict(options, header="true"))
    write(spark, df.filter("1=0"), "empty", {"header": "true"})
    write(spark, df.filter("1=0"), "empty", {})


# ---- reading ----

INTS = ["1", "-1", "+1", " 1", "1 ", "01", "127", "128", "-128", "-129", "32768", "2147483647",
        "2147483648", "-2147483648", "-2147483649", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "1.0", "1e3", "", "+", "-", "--1", "0x10",
        "１２", "٣", "1_000", "00000000000000000000000001", "1,0", "99999999", "100000000",
        "1234567812345678", "12345678123456789", "-0", "abc", "1L", "12a45678", "a2345678",
        "1234567a", "12345678a", "1é"]
DOUBLES = ["1", "1.5", "-1.5", "+1.5", ".5", "5.", "1e3", "1E-3", "1.7976931348623157E308", "1e309",
           "4.9e-324", "NaN", "nan", "Infinity", "-Infinity", "inf", "Inf", "-Inf", "INF",
           "+Infinity", " 1.5 ", "1.5d", "1.5f", "0x1p3", "1,5", "123456789012345678901234567890",
           "-0", "-0.0", "", ".", "e", "1e", "1.5.5", "9007199254740993", "3.4028235e38", "1e39",
           "1e-46", "16777217", "abc", "+Inf", "0.30000000000000004", "12345678.12345678",
           "0000000000000000000000.5"]
DECIMALS = ["1", "1.5", "1.255", "1.245", "-1.255", "12345678.12", "123456789.1", "99999999.995",
            "99999999.994", "1e2", "1E-3", "1,000.5", "1,0,0", ".5", "5.", "+1", "-.5", "", " 1",
            "1 ", "abc", "1e10", "1e-400", "0.005", "-0.005", "1e8", "0e50", "NaN", "1.2e1.5",
            "٣.٥", "--1", "1e", "e5", "1,"]
DATES = ["2024-01-02", "2024-1-2", "2024", "2024-01", "2024-02-30", "2024-01-02 10:00:00",
         "2024-01-02T10:00:00", "2024-01-02x", " 2024-01-02", "2024-01-02 ", "20240102",
         "10000-01-01", "+10000-01-01", "-0044-03-15", "0000-01-01", "02/01/2024", "today",
         "1970-01-01", "2023-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "1", "19000",
         "2024-01-02GMT", "12-01-02", "abcd-01-02", "2024-01-0a", "2024-01-02Z", "2024:01-02", ""]
TIMES = ["2024-01-02 03:04:05", "2024-01-02T03:04:05", "2024-01-02 03:04:05.1",
         "2024-01-02 03:04:05.123456", "2024-01-02 03:04:05.1234567", "2024-01-02 03:04",
         "2024-01-02", "2024-01", "2024", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.123Z",
         "2024-01-02T03:04:05+02:00", "2024-01-02 03:04:05 Europe/Paris",
         "2024-01-02T03:04:05GMT+01:00", "2024-01-02T03:04:05.000GMT", "2024-01-02 24:00:00",
         "2024-01-02 23:59:60", "2024-01-02 3:4:5", " 2024-01-02 03:04:05",
         "2024-01-02 03:04:05 ", "10000-01-01 00:00:00", "0000-01-01 00:00:00",
         "-0001-01-01 00:00:00", "2024-02-30 00:00:00", "2024-03-31 02:30:00",
         "2024-10-27 02:30:00", "1900-01-01 00:00:00", "abc", "2024-01-02 03:04:05.",
         "2024-01-02 03:04:5", "2024-01-02 0a:04:05", "2024-01-02 03:04:05.12a",
         "2024-01-02 03:04:05,5", "02/01/2024 10:00", "", "2024-01-02  03:04:05",
         "2024-01-02x03:04:05", "2024-01-02 25:00:00", "2024-01-02 03:60:00"]
TS_OPTIONS = [
    {}, {"timeZone": "Europe/Paris"},
    {"timestampFormat": "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]",
     "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss[.SSS]"},
    {"timestampFormat": "dd/MM/yyyy HH:mm", "timestampNTZFormat": "dd/MM/yyyy HH:mm"},
    {"timestampFormat": "yyyy-MM-dd HH:mm:ss", "enableDateTimeParsingFallback": "true",
     "timestampNTZFormat": "yyyy-MM-dd HH:mm:ss"},
    {"enableDateTimeParsingFallback": "false"}]
DATE_OPTIONS = [
    {}, {"preferDate": "false"}, {"enableDateTimeParsingFallback": "false"},
    {"enableDateTimeParsingFallback": "false", "preferDate": "false"}, {"dateFormat": "yyyy-MM-dd"},
    {"dateFormat": "dd/MM/yyyy"},
    {"dateFormat": "dd/MM/yyyy", "enableDateTimeParsingFallback": "true"}, {"dateFormat": "yyyy"}]


def lines(values):
    return "".join(f'"{v}"\n' for v in values)


def record_types(spark):
    for t in ("byte", "short", "int", "bigint"):
        read(spark, f"a {t}" + CORRUPT, lines(INTS))
    for t in ("float", "double"):
        read(spark, f"a {t}" + CORRUPT, lines(DOUBLES))
    read(spark, "a double" + CORRUPT, "-1\n1\nx\nNaN\nInfinity\n2\n",
         {"nanValue": "-1", "positiveInf": "x", "negativeInf": "2"})
    read(spark, "a boolean" + CORRUPT, lines(["true", "FALSE", "t", "1", "yes", " true", ""]))
    for t in ("decimal(10,2)", "decimal(38,18)", "decimal(5,0)", "decimal(20,0)"):
        read(spark, f"a {t}" + CORRUPT, lines(DECIMALS))
    for options in DATE_OPTIONS:
        read(spark, "a date" + CORRUPT, lines(DATES), options)
    for t in ("timestamp", "timestamp_ntz"):
        for options in TS_OPTIONS:
            read(spark, f"a {t}" + CORRUPT, lines(TIMES), options)
    read(spark, "a interval year to month, b interval day to second" + CORRUPT,
         "1-2,1 02:03:04.5\nINTERVAL '1-2' YEAR TO MONTH,INTERVAL '1 02:03:04.5' DAY TO SECOND\n"
         "x,y\n-1-2,-1 0:0:0\n5,5\n,\n1-13,1 25:00:00\n")
    read(spark, "a binary" + CORRUPT, 'abc\n[61 62]\n"a,b"\n')


SPIKE = "a INT, b STRING, c DATE, d TIMESTAMP, e DOUBLE, f BOOLEAN" + CORRUPT
SPIKE_CASES = [
    ("1,x,2024-01-02,2024-01-02 03:04:05,1.5,true\n", {}), ("1,x\n", {}),
    ("1,x,2024-01-02,2024-01-02 03:04:05,1.5,true,EXTRA\n", {}),
    ("zz,x,2024-01-02,2024-01-02 03:04:05,1.5,true\n2,y,,,,\n", {}),
    ('1,"x,y",2024-01-02,2024-01-02 03:04:05,1.5,true\n', {}),
    ('1,"x\\"y",2024-01-02,2024-01-02 03:04:05,1.5,true\n', {}),
    ('1,"x""y",2024-01-02,2024-01-02 03:04:05,1.5,true\n', {}), ('1,,,,,\n2,"",,,,\n', {}),
    ('1,"x\ny",2024-01-02,,1.5,true\n3,z,,,,\n', {}),
    ('1,"x\ny",2024-01-02,,1.5,true\n3,z,,,,\n', {"multiLine": "true"}),
    (" 1 , x ,2024-01-02,, 1.5 ,true\n", {}), ("1,x,,,,\r\n2,y,,,,\r\n", {}),
    ("1,x,,,,\n\n2,y,,,,\n", {}), ("1,x,02/01/2024,,,\n", {"dateFormat": "dd/MM/yyyy"}),
    ("1,x,,2013-07-25 00:00:00.0,,\n", {}), ("1,x,,2013-07-25T00:00:00.123456Z,,\n", {}),
    ("1,x,,25-07-2013 10:00,,\n", {"timestampFormat": "dd-MM-yyyy HH:mm"}),
    ("1,x,2013-07-25 00:00:00,,,\n", {}), ("1,x,,,NaN,\n2,y,,,Inf,\n3,z,,,-Infinity,\n", {}),
    ("1.0,x,,,,\n", {}), ("3000000000,x,,,,\n", {}),
    ("1,x,,,,TRUE\n2,x,,,,t\n3,x,,,,1\n4,x,,,,yes\n", {}),
    ("1,null,,,,\n2,NULL,,,,\n3,NA,,,,\n", {}), ("1,NA,,,,\n", {"nullValue": "NA"}),
    ("#c\n1,x,,,,\n", {"comment": "#"}), ("1||x||||||||\n", {"sep": "||"}), ("\ufeff1,x,,,,\n", {}),
    ('1,"x,,,,\n2,y,,,,\n', {}), ("zz,x,,,,\n2,y,,,,\n", {"mode": "DROPMALFORMED"}),
    ("zz,x,,,,\n2,y,,,,\n", {"mode": "FAILFAST"})]
S3 = "a int, b string, c int"
S3_TEXT = "1,x,3\nzz,y,4\n5,w\n6,v,7,8\n9,u,zz\n,,\n"
HEADERS = ["a,b,c\n1,x,3\n", "A,B,C\n1,x,3\n", "x,y,z\n1,x,3\n", "a,b\n1,x,3\n", "a,b,c,d\n1,x,3\n",
           "\n  \na,b,c\n1,x,3\n", "a,b,\n1,x,3\n", "a,b,c\na,b,c\n1,x,3\n", "b,a,c\n1,x,3\n", "",
           "a,b,c\n", '"a","b","c"\n1,x,3\n', " a,b,c\n1,x,3\n"]


def record_reading(spark):
    for text, options in SPIKE_CASES:
        read(spark, SPIKE, text, options)
    for mode in ("PERMISSIVE", "DROPMALFORMED", "FAILFAST"):
        for prune in ("true", "false"):
            for columns in (None, ["a"], ["b"], ["c"], ["c", "a"], ["a", "_corrupt_record"],
                            ["_corrupt_record"], []):
                read(spark, S3 + CORRUPT, S3_TEXT, {"mode": mode, "columnPruning": prune}, columns)
    fail = {"mode": "FAILFAST"}
    for text in ("1,x,3\n5,w\n", "1,x,3\n6,v,7,8\n", "1,x,zz\n", "1,x,zz,5\n", "zz,x,yy\n"):
        read(spark, S3, text, fail)
    for t, v in (("byte", "300"), ("float", "x"), ("boolean", "x"), ("decimal(5,2)", "12345"),
                 ("date", "x"), ("timestamp", "x"), ("timestamp_ntz", "x")):
        read(spark, f"a string, d date, t timestamp, e decimal(5,1), z {t}",
             f"q,2024-01-02,2024-01-02 03:04:05,1.25,{v}\n", fail)
    for text in HEADERS:
        for enforce in ("true", "false"):
            for columns in (None, ["a", "c"], []):
                read(spark, S3, text, {"header": "true", "enforceSchema": enforce}, columns)
    header = {"header": "true"}
    read(spark, S3, HEADERS[1],
         dict(header, enforceSchema="false", **{"spark.sql.caseSensitive": "true"}))
    read(spark, "É int", "é\n1\n", dict(header, enforceSchema="false"))
    read(spark, S3, "#q\n  #z\na,b,c\n #w\n1,x,3\n#k\n", dict(header, comment="#"))
    many = {"multiLine": "true"}
    for text in ("a,b,c\r\n1,x,3\r\n", "a,x,c\r\n1,x,3\r\n"):
        read(spark, S3, text, dict(header, enforceSchema="false", **many))
    text = 'a,b,c\r\n1,"x\r\ny",3\r\n4,5\r\n\r\nzz,5,6\n'
    for options in (header, {}, {"mode": "DROPMALFORMED"}, fail, {"columnPruning": "true"}):
        for columns in (None, ["a"], ["a", "_corrupt_record"], []):
            read(spark, S3 + CORRUPT, text, dict(options, **many), columns)
    for options, text in (({"maxColumns": "2"}, "a,b,c\n"), ({"maxColumns": "3"}, "a,b,c\n"),
                          ({"maxCharsPerColumn": "3"}, "abcd,b,c\n"),
                          ({"maxCharsPerColumn": "3"}, "abc,b,c\n"),
                          ({"mode": "DROPMALFORMED", "maxColumns": "1"}, "a,b\n")):
        read(spark, "a string, b string, c string" + CORRUPT, text, options)
    read(spark, "a string, b string" + CORRUPT, b"a\xff\xfe,b\xc3\n\xe9,\x80\n\xed\xa0\x80,\xf0\x9f\n"
         b"\xe0\x80\x80,\xf5\x80\nok,\xf0\x9f\x98\x80\n")
    read(spark, "a string" + CORRUPT, "a\f|b\r|c\n|d\v|e,f\f|e,f\r\n|e,f\n\r|", {"lineSep": "|"})
    for text in ("x", "", "\n\n", "\ufeff\n\ufeffa\n", "\t\na\n", "a\rb\r", "a\r\n\r\nb"):
        read(spark, "a string", text)
    read(spark, "_corrupt_record string, a int", "x\n1\n")
    read(spark, "a int, _corrupt_record string, b int", "1,2\nx,y\n3\n")
    read(spark, "a int, bad string", "x\n", {"columnNameOfCorruptRecord": "bad"})
    read(spark, "a int, _corrupt_record int", "x\n")
    read(spark, "a int" + CORRUPT, "1\nx\n", {"spark.sql.csv.parser.columnPruning.enabled": "false"})
    read(spark, "a string", '1,2\n"\n#\n\n  \n', {"comment": "#"}, [])


# ---- what is quoted badly ----

LEADING, TRAILING = {"ignoreLeadingWhiteSpace": "true"}, {"ignoreTrailingWhiteSpace": "true"}
SPACES = dict(LEADING, **TRAILING)
NAMES = {"nullValue": "N", "emptyValue": "E"}


def handling(name, **more):
    return dict({"unescapedQuoteHandling": name}, **more)


QUOTES = [
    ({}, 'ab,"\\ #\t'), ({}, 'a,,""\\ '), ({}, '",a'), ({}, '"\\,a '), ({"escape": '"'}, 'a,"\\ '),
    ({"escape": ""}, 'a,"\\ \0'), ({"quote": ""}, 'a,"\\ \0'), ({"quote": "'"}, "a,'\\ \""),
    (LEADING, 'a, \t"\\'), (TRAILING, 'a,\t"\\'), (SPACES, 'a,  "\\\x01'),
    ({"charToEscapeQuoteEscaping": "!"}, 'a,"\\!"\\!'),
    ({"charToEscapeQuoteEscaping": "!", "escape": '"'}, 'a,"!"!'),
    ({"charToEscapeQuoteEscaping": "\\", "escape": "!"}, 'a,"\\!"!\\ '),
    (handling("STOP_AT_CLOSING_QUOTE"), 'a,"\\ '),
    (handling("STOP_AT_CLOSING_QUOTE", escape='"'), 'a,"\\ '),
    (handling("SKIP_VALUE"), 'a,"\\ '), (handling("SKIP_VALUE", escape='"'), 'a,"\\ '),
    (handling("BACK_TO_DELIMITER"), 'a,"\\ '), (handling("BACK_TO_DELIMITER", escape='"'), 'a,"\\ '),
    (handling("RAISE_ERROR"), 'aaaaaa,'), ({"sep": "||"}, 'a||"\\ ,'), ({"sep": "||"}, '|a"'),
    ({"sep": "aab"}, 'ab" aa'), (dict(LEADING, sep="||"), 'a||" \\'),
    (dict(TRAILING, sep="||"), 'a||" \\'), (dict(SPACES, sep="||"), 'a||" |'),
    ({"sep": "||", "escape": '"'}, 'a||"\\ '),
    (handling("STOP_AT_CLOSING_QUOTE", sep="||"), 'a||"\\ '), ({"comment": "#"}, 'a,#" '),
    ({"nullValue": "a"}, 'ab,"" '), ({"emptyValue": "E"}, 'a,"" \\'), (NAMES, 'aN,"" \\'),
    (dict(NAMES, escape='"'), 'aN,"" \\'), (dict(NAMES, sep="||"), 'aN||"" \\'),
    (dict(NAMES, **SPACES), 'aN,"" \\'), ({"sep": "\\t"}, 'a\t"\\ '), ({"sep": " "}, 'a "\\,'),
    (dict(SPACES, sep="\\t"), 'a\t"\\ '), ({"sep": "é"}, 'aé"\\ è'), ({"sep": '"'}, 'a,"\\'),
    ({"quote": ","}, 'a,"\\'), ({"quote": " "}, 'a, "\\'), ({"escape": ","}, 'a,"\\'),
    ({"escape": " "}, 'a, "\\'), ({"quote": "a"}, 'ab,"\\'), ({"lineSep": "|"}, 'a,"\\ \n\r'),
    ({"lineSep": "\n"}, 'a,"\\ \r'), ({"maxCharsPerColumn": "100"}, 'a,"\\ ')]
FOUR = "c0 string, c1 string, c2 string, c3 string" + CORRUPT


def record_quotes(spark):
    rng = random.Random(2)

    def word(alphabet, n):
        return "".join(rng.choice(alphabet) for _ in range(rng.randint(1, n)))

    for k, (options, alphabet) in enumerate(QUOTES):
        sep = options.get("lineSep", "\n")
        if any(c in alphabet for c in " \t") and options.get("ignoreTrailingWhiteSpace") and \
                "sep" not in options:
            alphabet += "aaaa"  # Spark fails on white space at the start of a line
        text = "".join(word(alphabet, rng.choice([3, 6, 12, 24])) + sep for _ in range(16))
        columns = [None, ["c1", "c3", "_corrupt_record"], ["c2", "_corrupt_record"]]
        read(spark, FOUR, text, options)
        read(spark, FOUR, text, options, columns[1 + k % 2])
        if options.get("unescapedQuoteHandling") != "BACK_TO_DELIMITER":
            letters = list(alphabet) + 2 * [rng.choice(["\n", "\r\n", "\r"])]
            text = "".join(rng.choice(letters) for _ in range(120))
            read(spark, FOUR, text, dict(options, multiLine="true"))


# ---- inference ----

INFER = {"inferSchema": "true"}
VALUES = ["1", "2147483648", "9223372036854775808", "1.5", "1e3", "NaN", "Inf", "-Infinity", "true",
          "2024-01-02", "2024-01-02 03:04:05", "2024-01-02T03:04:05Z", "10:30:00.5", "abc", "",
          "2024", "2024-01", "12345678901234567890123456789012345678",
          "123456789012345678901234567890123456789", "1,000", "1.0", "+5", " 1", "1E400", "1d",
          "0x10", "2024-01-02 03", "12:30 PM", "today", "1.50E2", "100e-2"]
PAIRS = ["1", "3000000000", "12345678901234567890", "1.5", "true", "2024-01-02",
         "2024-01-02 03:04:05", "abc", "", "1e30"]
DATE_TEXTS = ["2024-01-02\n", "02/01/2024\n", "2024-01-02\n2024-01-02 03:04:05\n",
              "02/01/2024\n2024-01-02 03:04:05\n", "2024-01-02 03:04:05\n2024-01-02\n",
              "2024-01\n2024-01-02 03:04:05\n", "02/01/2024 10:00\n02/01/2024\n", "2024-01\n"]
NTZ = {"spark.sql.timestampType": "TIMESTAMP_NTZ"}
HEADER_TEXTS = ["a,b,a\n1,2,3\n", "A,b,a\n1,2,3\n", "a,,c\n1,2,3\n", 'a,"",c\n', "NA,b\n",
                " a ,b\n", "a0,a,a\n", "a,b\n1,2,3\n", "a,b,c\n1\n", "", "\n\n", "a,b\na,b\n1,2\n",
                "a.b,c d\n1,2\n", "\ufeffa,b\n1,2\n", "#q\na,b\n", "É,é\n", '"a\nb",c\n1,2\n']


def record_inference(spark):
    for v in VALUES:
        infer(spark, f'"{v}"\n', INFER)
    for a in PAIRS:
        for b in PAIRS:
            infer(spark, f'"{a}"\n"{b}"\n', INFER)
    for options in ({"preferDate": "false"}, {"dateFormat": "dd/MM/yyyy"},
                    {"timestampFormat": "yyyy-MM-dd HH:mm:ss"}, {"dateFormat": "yyyy-MM"},
                    {"dateFormat": "dd/MM/yyyy", "timestampFormat": "dd/MM/yyyy HH:mm"}, NTZ,
                    dict(NTZ, timestampNTZFormat="yyyy-MM-dd HH:mm:ss")):
        for text in DATE_TEXTS:
            infer(spark, text, dict(INFER, **options))
    infer(spark, "x\ny\nz\n", dict(INFER, nanValue="x", positiveInf="y", negativeInf="z"))
    infer(spark, "NA\n1\n", dict(INFER, nullValue="NA"))
    infer(spark, "2024-01-02 03:04:05\n2024-01-02T03:04:05Z\n", dict(INFER, **NTZ))
    header = {"header": "true"}
    for text in HEADER_TEXTS:
        for options in ({}, header, dict(header, **INFER), dict(header, multiLine="true", **INFER),
                        dict(header, nullValue="NA"), dict(header, comment="#", **INFER)):
            infer(spark, text, options)
    for text in ("a,A,b\n", "a,a,b\n"):
        infer(spark, text, dict(header, **{"spark.sql.caseSensitive": "true"}))
    infer(spark, ["1,2\n", "1,2,3\n"], INFER)
    infer(spark, ["x,y\n1,2\n", "a,b,c\n1,2,3\n"], dict(header, **INFER))
    infer(spark, ["", "a\n1\n"], dict(header, **INFER))
    for ratio in ("0", "1.5", "-1"):
        infer(spark, "1\n2\n", dict(INFER, samplingRatio=ratio))
    infer(spark, "a,b,c\n", {"maxColumns": "2"})
    rng = random.Random(3)
    for ratio in ("0.1", "0.3", "0.5", "0.9"):
        for n in (5, 40):
            for many in ({}, {"multiLine": "true"}):
                for _ in range(3):
                    at = rng.randrange(n)
                    text = "".join("%d,%s\n" % (i, "x" if i == at else 1) for i in range(n))
                    infer(spark, text, dict(INFER, samplingRatio=ratio, **many))


# ---- options that are refused ----

BAD_OPTIONS = [
    {"sep": "\\x"}, {"quote": "ab"}, {"escape": "ab"}, {"comment": "ab"},
    {"charToEscapeQuoteEscaping": "ab"}, {"lineSep": ""}, {"lineSep": "abc"}, {"encoding": "xx"},
    {"timeZone": "xx"}, {"sep": "\\n"}]


def record_options(spark):
    for options in BAD_OPTIONS:
        read(spark, "a string", "a\n", options)


def main():
    os.environ["TZ"] = "UTC"
    from pyspark.sql import SparkSession
    spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
             .config("spark.sql.session.timeZone", "UTC").getOrCreate())
    spark.sparkContext.setLogLevel("OFF")
    for record in (record_writing, record_types, record_reading, record_quotes, record_inference,
                   record_options):
        record(spark)
    with open(os.path.join(HERE, "format_csv.inc"), "w") as f:
        f.write(f"/* Recorded from Spark {spark.version} by format_csv.py. */\n")
        f.write("\n".join(out) + "\n")
    spark.stop()
    shutil.rmtree(DIR)


if __name__ == "__main__":
    main()
