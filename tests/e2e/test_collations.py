"""Collated strings in schemas, comparisons, groups, joins, order and files: as Spark 4.3 answers.

The expectations are recorded from real Spark over Spark Connect; a case is a Python expression with the session s, the frame
D, the schema S, and W of a collation.
"""
import pytest
from pyspark.errors import PySparkException
from pyspark.sql import Row
from pyspark.sql import types as T
from pyspark.sql.connect import functions as F

S = T.StructType([
    T.StructField("a", T.StringType("UTF8_LCASE")), T.StructField("b", T.ArrayType(T.StringType("UNICODE_CI"))),
    T.StructField("m", T.MapType(T.StringType(), T.StringType("UTF8_LCASE"))),
    T.StructField("s", T.StructType([T.StructField("x", T.StringType("UNICODE"))]))])
WORDS = [("a", 1), ("A", 2), ("á", 3), ("Á", 4), ("a ", 5), ("b", 6), ("B", 7), ("Σ", 8), ("σ", 9), ("ς", 10), ("İ", 11), ("i", 12), ("-", 13), ("a-b", 14), ("ab", 15), ("1", 16), ("é", 17), ("e\u0301", 18), ("", 19), (" ", 20), (None, 21), ("Æ", 22), ("ae", 23), ("ﬁ", 24), ("fi", 25), ("𝒜", 26), ("日", 27), ("ǅ", 28), ("ａ", 29)]


def refused(f):
    try:
        return f()
    except PySparkException as e:
        return e.getCondition()


def people(s):
    return s.createDataFrame([("Alice", 1, "é"), ("alice", 2, "E"), ("ALICE ", 3, "e"), ("bob", 4, None), (None, 5, "É"), ("Bob", 6, "ß")], "n string collate utf8_lcase, i int, u string")


def words(s, collation):
    return s.createDataFrame(WORDS, "x string, i int").select(F.collate("x", collation).alias("x"), "i")


PER_COLLATION = [
    '[r.i for r in W.orderBy("x", "i").collect()]',
    '[r.i for r in W.orderBy(F.desc("x"), "i").collect()]',
    'sorted(sorted(r.g) for r in W.groupBy("x").agg(F.collect_list("i").alias("g")).collect())',
    '(W.select("x").distinct().count(), W.dropDuplicates(["x"]).count(), W.dropDuplicates().count())',
    'sorted((r[0], r[1]) for r in W.alias("a").join(W.alias("b"), F.expr("a.x = b.x and a.i < b.i")).select("a.i", "b.i").collect())',
    '(W.join(W.select("x", F.col("i").alias("j")), "x").count(), W.filter("i < 6").join(W.filter("i > 3").select("x", F.col("i").alias("j")), "x", "full").count())',
    '(W.filter("i > 1").select("x").subtract(W.filter("i = 1").select("x")).count(), W.select("x").intersect(W.filter("i = 1").select("x")).count())',
    '[tuple(r) for r in W.agg(F.countDistinct("x"), F.expr("count(distinct x, i)"), F.count("x")).collect()]',
    'sorted(r.i for r in W.filter("x in (\'A\', \'FI\', \'e\\u0301\')").collect())',
    'sorted(r.i for r in W.filter("x > \'a\' and x <= \'FI\'").collect())',
    '(W.rollup("x").count().count(), W.select("x").schema.simpleString())',
]
BY_COLLATION = {
    'UTF8_LCASE': [
        '[21, 19, 20, 13, 16, 1, 2, 5, 14, 15, 23, 6, 7, 18, 25, 12, 11, 3, 4, 22, 17, 28, 8, 9, 10, 27, 24, 29, 26]',
        '[26, 29, 24, 27, 8, 9, 10, 28, 17, 22, 3, 4, 11, 12, 25, 18, 6, 7, 23, 15, 14, 5, 1, 2, 16, 13, 20, 19, 21]',
        '[[1, 2], [3, 4], [5], [6, 7], [8, 9, 10], [11], [12], [13], [14], [15], [16], [17], [18], [19], [20], [21], [22], [23], [24], [25], [26], [27], [28], [29]]',
        '(24, 24, 29)',
        '[(1, 2), (3, 4), (6, 7), (8, 9), (8, 10), (9, 10)]',
        '(40, 29)',
        '(23, 1)',
        '[(23, 28, 28)]',
        '[1, 2, 18, 25]',
        '[5, 6, 7, 14, 15, 18, 23, 25]',
        "(25, 'struct<x:string collate UTF8_LCASE>')",
    ],
    'UTF8_BINARY_RTRIM': [
        '[21, 19, 20, 13, 16, 2, 7, 1, 5, 14, 15, 23, 6, 18, 25, 12, 4, 22, 3, 17, 11, 28, 8, 10, 9, 27, 24, 29, 26]',
        '[26, 29, 24, 27, 9, 10, 8, 28, 11, 17, 3, 22, 4, 12, 25, 18, 6, 23, 15, 14, 1, 5, 7, 2, 16, 13, 19, 20, 21]',
        '[[1, 5], [2], [3], [4], [6], [7], [8], [9], [10], [11], [12], [13], [14], [15], [16], [17], [18], [19, 20], [21], [22], [23], [24], [25], [26], [27], [28], [29]]',
        '(27, 27, 29)',
        '[(1, 5), (19, 20)]',
        '(32, 29)',
        '(26, 1)',
        '[(26, 28, 28)]',
        '[2, 18]',
        '[]',
        "(28, 'struct<x:string collate UTF8_BINARY_RTRIM>')",
    ],
    'UTF8_LCASE_RTRIM': [
        '[21, 19, 20, 13, 16, 1, 2, 5, 14, 15, 23, 6, 7, 18, 25, 12, 11, 3, 4, 22, 17, 28, 8, 9, 10, 27, 24, 29, 26]',
        '[26, 29, 24, 27, 8, 9, 10, 28, 17, 22, 3, 4, 11, 12, 25, 18, 6, 7, 23, 15, 14, 1, 2, 5, 16, 13, 19, 20, 21]',
        '[[1, 2, 5], [3, 4], [6, 7], [8, 9, 10], [11], [12], [13], [14], [15], [16], [17], [18], [19, 20], [21], [22], [23], [24], [25], [26], [27], [28], [29]]',
        '(22, 22, 29)',
        '[(1, 2), (1, 5), (2, 5), (3, 4), (6, 7), (8, 9), (8, 10), (9, 10), (19, 20)]',
        '(46, 29)',
        '(21, 1)',
        '[(21, 28, 28)]',
        '[1, 2, 5, 18, 25]',
        '[6, 7, 14, 15, 18, 23, 25]',
        "(23, 'struct<x:string collate UTF8_LCASE_RTRIM>')",
    ],
    'UNICODE': [
        '[21, 19, 20, 13, 16, 1, 29, 2, 26, 3, 4, 5, 14, 15, 23, 22, 6, 7, 28, 17, 18, 25, 24, 12, 11, 9, 8, 10, 27]',
        '[27, 10, 8, 9, 11, 12, 24, 25, 17, 18, 28, 7, 6, 22, 23, 15, 14, 5, 4, 3, 26, 2, 29, 1, 16, 13, 20, 19, 21]',
        '[[1], [2], [3], [4], [5], [6], [7], [8], [9], [10], [11], [12], [13], [14], [15], [16], [17, 18], [19], [20], [21], [22], [23], [24], [25], [26], [27], [28], [29]]',
        '(28, 28, 29)',
        '[(17, 18)]',
        '(30, 29)',
        '(27, 1)',
        '[(27, 28, 28)]',
        '[2, 17, 18]',
        '[2, 3, 4, 5, 6, 7, 14, 15, 17, 18, 22, 23, 24, 25, 26, 28, 29]',
        "(29, 'struct<x:string collate UNICODE>')",
    ],
    'UNICODE_CI': [
        '[21, 19, 20, 13, 16, 1, 2, 26, 29, 3, 4, 5, 14, 15, 23, 22, 6, 7, 28, 17, 18, 24, 25, 12, 11, 8, 9, 10, 27]',
        '[27, 8, 9, 10, 11, 12, 24, 25, 17, 18, 28, 6, 7, 22, 23, 15, 14, 5, 3, 4, 1, 2, 26, 29, 16, 13, 20, 19, 21]',
        '[[1, 2, 26, 29], [3, 4], [5], [6, 7], [8, 9, 10], [11], [12], [13], [14], [15], [16], [17, 18], [19], [20], [21], [22], [23], [24, 25], [27], [28]]',
        '(20, 20, 29)',
        '[(1, 2), (1, 26), (1, 29), (2, 26), (2, 29), (3, 4), (6, 7), (8, 9), (8, 10), (9, 10), (17, 18), (24, 25), (26, 29)]',
        '(54, 29)',
        '(19, 1)',
        '[(19, 28, 28)]',
        '[1, 2, 17, 18, 24, 25, 26, 29]',
        '[3, 4, 5, 6, 7, 14, 15, 17, 18, 22, 23, 24, 25, 28]',
        "(21, 'struct<x:string collate UNICODE_CI>')",
    ],
    'UNICODE_AI': [
        '[21, 19, 20, 13, 16, 1, 3, 29, 2, 4, 26, 5, 14, 15, 23, 22, 6, 7, 28, 17, 18, 24, 25, 12, 11, 9, 10, 8, 27]',
        '[27, 8, 9, 10, 11, 12, 24, 25, 17, 18, 28, 7, 6, 22, 23, 15, 14, 5, 2, 4, 26, 1, 3, 29, 16, 13, 20, 19, 21]',
        '[[1, 3, 29], [2, 4, 26], [5], [6], [7], [8], [9, 10], [11], [12], [13], [14], [15], [16], [17, 18], [19], [20], [21], [22], [23], [24, 25], [27], [28]]',
        '(22, 22, 29)',
        '[(1, 3), (1, 29), (2, 4), (2, 26), (3, 29), (4, 26), (9, 10), (17, 18), (24, 25)]',
        '(46, 29)',
        '(21, 1)',
        '[(21, 28, 28)]',
        '[2, 4, 17, 18, 26]',
        '[2, 4, 5, 6, 7, 14, 15, 17, 18, 22, 23, 24, 25, 26, 28]',
        "(23, 'struct<x:string collate UNICODE_AI>')",
    ],
    'UNICODE_CI_AI': [
        '[21, 19, 20, 13, 16, 1, 2, 3, 4, 26, 29, 5, 14, 15, 22, 23, 6, 7, 28, 17, 18, 24, 25, 11, 12, 8, 9, 10, 27]',
        '[27, 8, 9, 10, 11, 12, 24, 25, 17, 18, 28, 6, 7, 22, 23, 15, 14, 5, 1, 2, 3, 4, 26, 29, 16, 13, 20, 19, 21]',
        '[[1, 2, 3, 4, 26, 29], [5], [6, 7], [8, 9, 10], [11, 12], [13], [14], [15], [16], [17, 18], [19], [20], [21], [22, 23], [24, 25], [27], [28]]',
        '(17, 17, 29)',
        '[(1, 2), (1, 3), (1, 4), (1, 26), (1, 29), (2, 3), (2, 4), (2, 26), (2, 29), (3, 4), (3, 26), (3, 29), (4, 26), (4, 29), (6, 7), (8, 9), (8, 10), (9, 10), (11, 12), (17, 18), (22, 23), (24, 25), (26, 29)]',
        '(74, 35)',
        '(16, 1)',
        '[(16, 28, 28)]',
        '[1, 2, 3, 4, 17, 18, 24, 25, 26, 29]',
        '[5, 6, 7, 14, 15, 17, 18, 22, 23, 24, 25, 28]',
        "(18, 'struct<x:string collate UNICODE_CI_AI>')",
    ],
    'UNICODE_CI_RTRIM': [
        '[21, 19, 20, 13, 16, 1, 2, 5, 26, 29, 3, 4, 14, 15, 23, 22, 6, 7, 28, 17, 18, 24, 25, 12, 11, 8, 9, 10, 27]',
        '[27, 8, 9, 10, 11, 12, 24, 25, 17, 18, 28, 6, 7, 22, 23, 15, 14, 3, 4, 1, 2, 5, 26, 29, 16, 13, 19, 20, 21]',
        '[[1, 2, 5, 26, 29], [3, 4], [6, 7], [8, 9, 10], [11], [12], [13], [14], [15], [16], [17, 18], [19, 20], [21], [22], [23], [24, 25], [27], [28]]',
        '(18, 18, 29)',
        '[(1, 2), (1, 5), (1, 26), (1, 29), (2, 5), (2, 26), (2, 29), (3, 4), (5, 26), (5, 29), (6, 7), (8, 9), (8, 10), (9, 10), (17, 18), (19, 20), (24, 25), (26, 29)]',
        '(64, 33)',
        '(17, 1)',
        '[(17, 28, 28)]',
        '[1, 2, 5, 17, 18, 24, 25, 26, 29]',
        '[3, 4, 6, 7, 14, 15, 17, 18, 22, 23, 24, 25, 28]',
        "(19, 'struct<x:string collate UNICODE_CI_RTRIM>')",
    ],
}
CASES = [
    ('D.schema.json()',
     '\'{"fields":[{"metadata":{"__COLLATIONS":{"n":"spark.UTF8_LCASE"}},"name":"n","nullable":true,"type":"string"},{"metadata":{},"name":"i","nullable":true,"type":"integer"},{"metadata":{},"name":"u","nullable":true,"type":"string"}],"type":"struct"}\''),
    ('D.dtypes',
     "[('n', 'string collate UTF8_LCASE'), ('i', 'int'), ('u', 'string')]"),
    ('S.json() == s.createDataFrame([("A", ["x"], {"k": "v"}, Row(x="q"))], S).schema.json()',
     'True'),
    ('s.createDataFrame([("A", ["x"], {"k": "v"}, Row(x="q"))], S).collect()',
     "[Row(a='A', b=['x'], m={'k': 'v'}, s=Row(x='q'))]"),
    ('s.createDataFrame([("A",)], "a string").to(T.StructType([T.StructField("a", T.StringType("UNICODE_CI"))])).schema.simpleString()',
     "'struct<a:string collate UNICODE_CI>'"),
    ('s.createDataFrame([("A",)], "a string collate unicode").to(T.StructType([T.StructField("a", T.StringType())])).schema.simpleString()',
     "'struct<a:string>'"),
    ('s.createDataFrame([("A",)], "a string").select(F.col("a").cast(T.StringType("UTF8_LCASE"))).schema.simpleString()',
     "'struct<a:string collate UTF8_LCASE>'"),
    ('s.createDataFrame([("A",)], "a string").select(F.collate("a", "utf8_lcase"), F.collation("a")).collect()',
     "[Row(collate(a, utf8_lcase)='A', collation(a)='SYSTEM.BUILTIN.UTF8_BINARY')]"),
    ('s.createDataFrame([("Alice",), ("alice",)], T.StructType([T.StructField("n", T.StringType("UNICODE_CI"))])).distinct().count()',
     '1'),
    ('D.filter("n = \'ALICE\'").count()',
     '2'),
    ('D.filter(F.col("n").isin("ALICE", "BOB")).count()',
     '4'),
    ('D.filter(F.col("n").contains("LIC")).count()',
     '3'),
    ('sorted(r.c for r in D.groupBy("n").agg(F.sum("i").alias("c")).collect())',
     '[3, 3, 5, 10]'),
    ('D.groupBy("n", "u").count().count()',
     '6'),
    ('D.groupBy().pivot("n", ["ALICE", "bob"]).count().collect()',
     '[Row(ALICE=2, bob=2)]'),
    ('D.fillna({"n": "zed"}).filter("i = 5").collect()',
     "[Row(n=None, i=5, u='É')]"),
    ('[r.n for r in D.replace("ALICE", "q").orderBy("i").collect()]',
     "['Alice', 'alice', 'ALICE ', 'bob', None, 'Bob']"),
    ('(D.write.parquet(tmp + "/p"), s.read.parquet(tmp + "/p").schema.simpleString(), s.read.parquet(tmp + "/p").filter("n = \'BOB\'").count())[1:]',
     "('struct<n:string collate UTF8_LCASE,i:int,u:string>', 2)"),
    ('(D.write.json(tmp + "/j"), s.read.schema("n string collate utf8_lcase, i int").json(tmp + "/j").filter("n = \'ALICE\'").count())[1]',
     '2'),
    ('(D.write.csv(tmp + "/c"), s.read.schema("n string collate utf8_lcase, i int").csv(tmp + "/c").filter("n = \'ALICE\'").count())[1]',
     '3'),
    ('(D.createOrReplaceTempView("people"), s.sql("describe people").collect(), s.sql("select typeof(n) t from people limit 1").collect())[1:]',
     "([Row(col_name='n', data_type='string collate UTF8_LCASE', comment=None), Row(col_name='i', data_type='int', comment=None), Row(col_name='u', data_type='string', comment=None)], [Row(t='string collate UTF8_LCASE')])"),
    ('D.cache().filter("n = \'BOB\'").count()',
     '2'),
    ('D.describe().collect()',
     "[Row(summary='count', n='5', i='6', u='5'), Row(summary='mean', n=None, i='3.5', u=None), Row(summary='stddev', n=None, i='1.8708286933869707', u=None), Row(summary='min', n='Alice', i='1', u='E'), Row(summary='max', n='bob', i='6', u='é')]"),
    ('D.select(F.max("n"), F.min("n")).collect()',
     "[Row(max(n)='bob', min(n)='Alice')]"),
    ('D.repartition(3, "n").count()',
     '6'),
    ('D.selectExpr("n as m").withColumnRenamed("m", "k").schema.simpleString()',
     "'struct<k:string collate UTF8_LCASE>'"),
    ('refused(lambda: D.write.partitionBy("n").csv(tmp + "/f"))',
     "'INVALID_PARTITION_COLUMN_DATA_TYPE'"),
]

@pytest.mark.parametrize("collation", BY_COLLATION)
def test_collation(spark, collation):
    env = {"F": F, "W": words(spark, collation)}
    got = [repr(eval(case, env)) for case in PER_COLLATION]
    assert got == BY_COLLATION[collation]


def test_frames(spark, tmp_path):
    env = {"s": spark, "F": F, "T": T, "S": S, "Row": Row, "D": people(spark), "tmp": str(tmp_path), "refused": refused}
    wrong = [(case, want, got) for case, want in CASES if (got := repr(eval(case, env))) != want]
    assert not wrong


@pytest.mark.parametrize("query", [
    'D.filter(F.col("n").like("AL%"))', 'D.select(F.initcap("n"))', 'D.select(F.approx_count_distinct("n"))', 'D.exceptAll(D)',
    'D.groupBy(F.array("n")).count()', 'D.orderBy(F.struct("n"))', 'D.select(F.collate("u", "de_CI"))',
    's.readStream.format("socket").option("host", "127.0.0.1").option("port", 1).load().selectExpr("collate(value, \'utf8_lcase\') x").groupBy("x").count()'
    '.writeStream.format("memory").queryName("q").outputMode("complete").start()',
])
def test_refused(spark, query):
    with pytest.raises(PySparkException, match="UNSUPPORTED_FEATURE.*(collat|UTF8_LCASE)"):
        r = eval(query, {"s": spark, "F": F, "D": people(spark)})
        r.collect()
