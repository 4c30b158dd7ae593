"""Partitions, samples and caches of DataFrames: which rows are where, in which files, as Spark 4.3 has them.

A case is a Python expression with the session s, an empty folder d and the helpers below; the answers are recorded from
real Spark over Spark Connect with local[2] and three shuffle partitions.
"""
import csv
import glob
import os

import pytest
from pyspark import StorageLevel
from pyspark.sql.connect import functions as F

from harness import run_script


def parts(df):
    """{partition: first column of its rows}"""
    found = {}
    for r in df.select("*", F.spark_partition_id().alias("p")).collect():
        found.setdefault(r.p, []).append(r[0])
    return found


def ids(df):
    return [r[0] for r in df.collect()]


def files(df, d, **options):
    """Rows of each file that the DataFrame becomes, by the number in its name."""
    df.write.csv(f"{d}/out", **options)
    found = {}
    for path in glob.glob(f"{d}/out/part-*"):
        with open(path) as f:
            found[int(os.path.basename(path).split("-")[1])] = [r[0] for r in csv.reader(f)]
    return dict(sorted(found.items()))


def lines(d, sizes):
    """Text files of so many lines."""
    for i, n in enumerate(sizes):
        with open(f"{d}/{i}.txt", "w") as f:
            f.write("".join(f"{i}.{k}\n" for k in range(n)))
    return d


CASES = [
    ('parts(s.range(7)), parts(s.range(0, 7, 1, 3)), parts(s.range(0))',
     '({0: [0, 1, 2], 1: [3, 4, 5, 6]}, {0: [0, 1], 1: [2, 3], 2: [4, 5, 6]}, {})'),
    ('parts(s.range(20).repartition(3)), parts(s.range(20).repartition(4))',
     '({0: [3, 5, 2, 1, 14, 10, 12], 1: [7, 6, 9, 19, 13, 16, 17], 2: [0, 8, 4, 11, 15, 18]}, {0: [5, 9, 13, 18], 1: [3, 6, 4, 19, 15, 12], 2: [7, 8, 1, 11, 10, 17], 3: [0, 2, 14, 16]})'),
    ('parts(s.range(20).repartition(4, "id")), parts(s.range(10).repartition(3, F.col("id") % 2, "id"))',
     '({0: [2, 4, 5, 8, 12, 15, 19], 1: [0, 1, 6, 9, 10, 11], 2: [14, 16, 17, 18], 3: [3, 7, 13]}, {0: [1], 1: [0, 2, 3, 4, 5, 6, 8], 2: [7, 9]})'),
    ('parts(s.range(20).repartition("id"))',
     '{0: [3, 6, 7, 0, 1, 2, 4, 5, 8, 9, 11, 16, 12, 13, 14, 18, 19, 10, 15, 17]}'),
    ('parts(s.range(20).repartition(1)), parts(s.range(20).repartition(1, "id"))',
     '({0: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]}, {0: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]})'),
    ('parts(s.range(20).repartition(4, "id").repartition(2))',
     '{0: [7, 5, 8, 9, 1, 11, 13, 10, 18, 17], 1: [3, 0, 6, 2, 4, 19, 14, 15, 16, 12]}'),
    ('parts(s.range(20).repartitionByRange(3, F.desc("id"))), parts(s.range(20).repartitionByRange(3, F.col("id") % 4))',
     '({0: [13, 14, 15, 16, 17, 18, 19], 1: [6, 7, 8, 9, 10, 11, 12], 2: [0, 1, 2, 3, 4, 5]}, {0: [0, 1, 4, 5, 8, 9, 12, 13, 16, 17], 1: [2, 6, 10, 14, 18], 2: [3, 7, 11, 15, 19]})'),
    ('parts(s.range(20).repartitionByRange(F.col("id") % 4))',
     '{0: [0, 1, 4, 5, 8, 9, 2, 6, 3, 7, 12, 13, 16, 17, 10, 14, 18, 11, 15, 19]}'),
    ('ids(s.range(10, 0, -1).repartitionByRange(3, "id").sortWithinPartitions("id"))',
     '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]'),
    ('parts(s.range(0, 10, 1, 5).coalesce(2)), parts(s.range(0, 10, 1, 5).coalesce(9))',
     '({0: [0, 1, 2, 3], 1: [4, 5, 6, 7, 8, 9]}, {0: [0, 1], 1: [2, 3], 2: [4, 5], 3: [6, 7], 4: [8, 9]})'),
    ('parts(s.range(3).union(s.range(3)).coalesce(2)), parts(s.range(3).union(s.range(3)))',
     '({0: [0, 1, 2], 1: [0, 1, 2]}, {0: [0], 1: [1, 2], 2: [0], 3: [1, 2]})'),
    ('parts(s.range(0, 10, 1, 2).sortWithinPartitions(F.desc("id"))), parts(s.range(5).orderBy(F.desc("id")))',
     '({0: [4, 3, 2, 1, 0], 1: [9, 8, 7, 6, 5]}, {0: [4, 3, 2, 1, 0]})'),
    ('parts(s.range(10).limit(6)), parts(s.range(10).limit(6).repartition(2))',
     '({0: [0, 1, 2, 3, 4, 5]}, {0: [0, 2, 1], 1: [3, 5, 4]})'),
    ('parts(s.createDataFrame([(i, "x" * i, None if i % 3 else 1.5) for i in range(12)], "a int, b string, c double").repartition(3))',
     '{0: [4, 5, 10, 11], 1: [3, 0, 8, 9], 2: [1, 2, 6, 7]}'),
    ('parts(s.createDataFrame([(i, "x" * i, None if i % 3 else 1.5) for i in range(12)], "a int, b string, c double").repartition(3, "b", "c"))',
     '{0: [2, 5, 9, 11], 1: [4, 6, 7], 2: [0, 1, 3, 8, 10]}'),
    ('parts(s.createDataFrame([(i, None if i % 3 else 1.5) for i in range(12)], "a int, c double").repartitionByRange(3, "c"))',
     '{0: [1, 2, 4, 5, 7, 8, 10, 11], 1: [0, 3, 6, 9]}'),
    ('parts(s.createDataFrame([(i,) for i in range(5)], "a int")), parts(s.createDataFrame([(i,) for i in range(5)], "a int").sample(0.5, 3))',
     '({0: [0, 1, 2, 3, 4]}, {0: [0], 1: [3, 4]})'),
    ('parts(s.range(10).hint("repartition", 3)), parts(s.range(10).hint("coalesce", 1)), parts(s.range(10).hint("repartition", 2, "id"))',
     '({0: [3, 4, 6], 1: [0, 1, 7, 8], 2: [2, 5, 9]}, {0: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}, {0: [2, 4, 5, 8], 1: [0, 1, 3, 6, 7, 9]})'),
    ('files(s.range(0, 6, 1, 4), d)',
     "{0: ['0'], 1: ['1', '2'], 2: ['3'], 3: ['4', '5']}"),
    ('files(s.range(10).repartition(3, "id"), d)',
     "{0: ['3', '6', '7'], 1: ['0'], 2: ['1', '2', '4', '5', '8', '9']}"),
    ('files(s.range(10).filter("id > 7"), d)',
     "{0: [], 1: ['8', '9']}"),
    ('files(s.range(0), d)',
     '{0: []}'),
    ('files(s.createDataFrame([(i,) for i in range(5)], "a int"), d)',
     "{0: ['0', '1'], 1: ['2', '3', '4']}"),
    ('files(s.createDataFrame([(i,) for i in range(5)], "a int").filter("a > 2").withColumn("b", F.col("a")), d)',
     "{0: ['3'], 1: ['4']}"),
    ('files(s.range(5).union(s.range(5, 8)), d)',
     "{0: ['0', '1'], 1: ['2', '3', '4'], 2: ['5'], 3: ['6', '7']}"),
    ('files(s.range(5).orderBy(F.desc("id")), d)',
     "{0: ['4', '3', '2', '1', '0']}"),
    ('files(s.range(9).groupBy((F.col("id") % 2).alias("k")).count().orderBy("k"), d)',
     "{0: ['0', '1']}"),
    ('files(s.range(0, 9, 1, 9).repartition(9, "id").coalesce(1).sortWithinPartitions("id"), d)',
     "{0: ['0', '1', '2', '3', '4', '5', '6', '7', '8']}"),
    ('ids(s.range(20).sample(0.5, 3)), ids(s.range(20).sample(True, 1.5, 3)), ids(s.range(20).sample(0.0, 3)), ids(s.range(3).sample(1.0, 3))',
     '([0, 4, 5, 8, 11, 12, 13, 14, 15, 16, 18], [2, 4, 5, 6, 7, 7, 9, 9, 11, 12, 13, 14, 14, 14, 16, 17, 17, 18, 18, 18], [], [0, 1, 2])'),
    ('[ids(x) for x in s.range(30).randomSplit([1.0, 2.0, 1.0], 7)]',
     '[[8, 11, 13, 22, 25], [0, 1, 3, 4, 6, 12, 15, 16, 17, 18, 20, 21, 23, 24, 27, 28, 29], [2, 5, 7, 9, 10, 14, 19, 26]]'),
    ('ids(s.range(60, 100).sampleBy(F.col("id") % 3, {0: 0.4, 1: 0.7}, 5))',
     '[60, 61, 64, 66, 69, 70, 75, 76, 79, 82, 85, 88, 91, 96, 97, 99]'),
    ('[tuple(r) for r in s.range(6).select(F.rand(3), F.round(F.randn(3), 12), F.monotonically_increasing_id()).collect()]',
     '[(0.25738143505962285, -1.185493078173, 0), (0.6698885713796182, 0.830116712135, 1), (0.9416651198480125, 0.115239772571, 2), (0.9531453492357947, -1.108182237586, 8589934592), (0.06613556112256402, -0.229454323089, 8589934593), (0.144530390957615, -0.205250698153, 8589934594)]'),
    ('parts(s.read.text(lines(d, [3, 9, 1, 5]))), parts(s.read.text(d).coalesce(1))',
     "({0: ['1.0', '1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7', '1.8', '3.0', '3.1', '3.2', '3.3', '3.4'], 1: ['0.0', '0.1', '0.2', '2.0']}, {0: ['1.0', '1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7', '1.8', '3.0', '3.1', '3.2', '3.3', '3.4', '0.0', '0.1', '0.2', '2.0']})"),
    ('[tuple(r) for r in s.read.text(lines(d, [2, 3, 1])).select("value", F.monotonically_increasing_id()).collect()]',
     "[('1.0', 0), ('1.1', 1), ('1.2', 2), ('0.0', 3), ('0.1', 4), ('2.0', 8589934592)]"),
]


def evaluate(expression, s, d):
    return eval(expression, {**globals(), "s": s, "d": str(d)})


@pytest.mark.parametrize("expression,expected", CASES, ids=range(len(CASES)))
def test_answer(spark, tmp_path, expression, expected):
    spark.conf.set("spark.sql.shuffle.partitions", "3")
    assert repr(evaluate(expression, spark, tmp_path)) == expected


def test_sequence(spark):
    """What pandas-on-Spark numbers rows with."""
    df = spark.range(0, 10, 1, 4).union(spark.range(3))
    call = F.call_function("distributed_sequence_id")
    assert [r[1] for r in df.select("id", call).collect()] == list(range(13))


def test_large_exchange_spills(tmp_path):
    script = """
from pyspark.sql import SparkSession, functions as F
s = SparkSession.builder.getOrCreate()
df = s.range(0, 600000, 1, 2).select("id", F.repeat(F.lit("x"), 100).alias("t")).repartition(7, "id")
got = df.groupBy(F.spark_partition_id().alias("p")).agg(F.count("*"), F.sum("id")).collect()
want = s.range(600000).groupBy(F.expr("pmod(hash(id), 7)").alias("p")).agg(F.count("*"), F.sum("id")).collect()
print(sorted(map(tuple, got)) == sorted(map(tuple, want)), len(got))
"""
    status, text = run_script(tmp_path, script, options=["--conf", "spark.forebay.memory.limit=48m"])
    assert status == 0 and "True 7" in text, text


def test_cache_is_computed_once(spark, tmp_path):
    path = f"{tmp_path}/in"
    spark.range(3).coalesce(1).write.parquet(path)
    df = spark.read.schema("id long").parquet(path)
    assert not df.is_cached
    df.persist(StorageLevel.MEMORY_ONLY)
    assert df.storageLevel == StorageLevel.MEMORY_ONLY
    assert df.count() == 3
    for f in glob.glob(f"{path}/*.parquet"):
        os.remove(f)
    assert ids(df.filter("id > 0").select(F.col("id") + 1)) == [2, 3]
    assert df.union(df).count() == 6
    df.unpersist()
    assert not df.is_cached and df.count() == 0


def test_cache_is_forgotten_when_its_files_are_written(spark, tmp_path):
    path = f"{tmp_path}/in"
    spark.range(5).write.parquet(path)
    df = spark.read.schema("id long").parquet(path).cache()
    assert df.count() == 5
    spark.range(7).write.mode("append").parquet(path)
    assert df.count() == 12
    df.unpersist()


def test_cached_tables(spark):
    spark.range(4).createOrReplaceTempView("cached_u")
    spark.sql("CACHE LAZY TABLE cached_k OPTIONS ('storageLevel' 'DISK_ONLY') AS SELECT id * 2 AS k FROM cached_u")
    assert spark.catalog.isCached("cached_k") and not spark.catalog.isCached("cached_u")
    assert spark.table("cached_k").storageLevel == StorageLevel.DISK_ONLY
    assert ids(spark.table("cached_k")) == [0, 2, 4, 6]
    assert spark.sql("SELECT id * 2 AS other FROM cached_u").is_cached
    spark.catalog.dropTempView("cached_k")
    assert not spark.sql("SELECT id * 2 AS other FROM cached_u").is_cached
    spark.catalog.cacheTable("cached_u")
    assert spark.range(4).is_cached
    spark.sql("UNCACHE TABLE cached_u")
    assert not spark.range(4).is_cached
    spark.sql("CACHE TABLE cached_u")
    spark.catalog.clearCache()
    assert not spark.catalog.isCached("cached_u")
    spark.catalog.dropTempView("cached_u")


def test_random_rows_stay_when_cached(spark):
    df = spark.sql("SELECT id, rand() AS r FROM range(1000)").cache()
    assert df.select("id").count() == 1000
    df.unpersist()
