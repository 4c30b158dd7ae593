"""DataFrame operations over a batch and over a stream in each output mode: rows and conditions as Spark has them.

`test_stream_frames.py sc://HOST:PORT` writes the recorded answers (stream_frames.txt) anew, from a real Spark."""
import json
import os
import sys
import tempfile

from pyspark.errors import PySparkException
from pyspark.sql.connect import functions as F
from pyspark.sql.connect.session import SparkSession

RECORDED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "stream_frames.txt")
SCHEMA = "k string, v long, a array<int>, m map<string,int>"
# Expressions of the session s and the frame x.
CASES = [
    'x.select(x["*"], F.lit(1).alias("o"))', 'x.withColumn("z", x["*"])', 'x.select(F.struct("*").alias("s")).select("s.*")',
    'x.select(F.count(x["*"]))', 'x.drop(x["v"]).select(x["k"])', 'x.select("m.*")', 'x.selectExpr("* except (v, a)")',
    'x.select(x.colRegex("`[kv]`"))', 'x.select(x["nope"])',
    'x.groupBy("k").pivot("v").count()', 'x.groupBy("k").pivot("v", [1, 2]).sum("v")',
    'x.groupBy().pivot("k", ["a", "b"]).sum("v")', 'x.groupBy("k").pivot("v", [1]).agg(F.first("a"))',
    'x.groupBy("v").pivot("k", ["a", "b"]).agg(F.collect_list("v"))',
    'x.groupBy("k").pivot("v", [1]).agg(F.count_distinct("v"))', 'x.groupBy("k").pivot("nope", [1]).count()',
    'x.rollup("k").pivot("v", [1]).count()', 'x.crosstab("k", "v")',
    'x.withColumn("e", F.explode("a"))', 'x.withColumn("v", F.posexplode("a"))', 'x.withColumn("e", F.explode("m"))',
    'x.withColumns({"e": F.explode("a"), "f": F.lit(1)})', 'x.withColumns({"e": F.explode("a"), "f": F.explode("a")})',
    'x.withColumn("e", F.explode("a") + 1)', 'x.select("k", F.explode("m").alias("kk", "vv"))',
    'x.select(F.stack(F.lit(2), F.lit(1), F.lit(2)))', 'x.where(F.explode("a") > 1)', 'x.select(F.explode("v"))',
    'x.withColumn("e", F.explode("a")).groupBy("e").count()',
    'x.select("v", F.monotonically_increasing_id() >= 0)', 'x.where(F.monotonically_increasing_id() < 2)',
    'x.groupBy(F.monotonically_increasing_id() < 0).count()', 'x.groupBy("k").agg(F.max(F.monotonically_increasing_id()))',
    'x.groupBy("k").agg(F.sum(F.rand(3)))', 'x.select(F.rand(3) < 2, F.randn(3) < 99)',
    'x.withColumn("r", F.rand(3)).groupBy("k").agg(F.max("r") < 1)', 'x.select(F.spark_partition_id())',
    'x.describe()', 'x.sample(0.5, 3)', 'x.sampleBy("k", {"a": 1.0}, 3)', 'x.randomSplit([1.0, 1.0], 3)[0]',
    'x.corr("v", "v")', 'x.approxQuantile("v", [0.0], 0.0)', 'x.exceptAll(x)', 'x.select("v").intersect(s.range(3))',
    's.range(3).subtract(x.select("v"))', 'x.limit(3).select(F.lit(1))', 'x.limit(0)', 'x.tail(2)', 'x.head(2)', 'x.count()',
    'x.offset(1).select(F.lit(1))', 'x.orderBy("v")', 'x.sort("v").limit(2)', 'x.sortWithinPartitions("v")',
    'x.fillna(0)', 'x.toDF("a1", "b1", "c1", "d1")', 'x.unpivot(["k"], ["v"], "n", "val")', 'x.transpose()',
    'x.observe("o", F.count("*"))', 'x.repartition(2)', 'x.coalesce(1)', 'x.cache()', 'x.localCheckpoint()',
    'x.inputFiles() == 0', 'x.isStreaming', 'x.withWatermark("v", "1 minute")', 'x.withWatermark("nope", "1 minute")',
    'x.groupBy("k").agg(F.count_distinct("v"))', 'x.groupBy("k").agg(F.approx_count_distinct("v"))',
    'x.groupBy("k").count().groupBy("count").count()', 'x.groupBy("k").count().where("count > 1")',
    'x.groupBy("k").count().orderBy("k").limit(1)', 'x.limit(3).groupBy().count()',
    'x.join(s.range(3), F.col("id") == F.col("v"), "left")', 'x.join(s.range(3), F.col("id") == F.col("v"), "right")',
    'x.join(s.range(3), F.col("id") == F.col("v"), "full")', 's.range(3).join(x, F.col("id") == F.col("v"), "semi")',
    'x.union(s.createDataFrame([], x.schema))', 'x.select("k").union(x.select("k"))',
    'x.write.format("noop").mode("append").save()',
]


def frame(s, kind, folder):
    if kind == "batch":
        return s.read.schema(SCHEMA).json(folder)
    return s.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1).json(folder)


def rows(s, df, kind, name):
    if df.isStreaming:
        df.writeStream.outputMode(kind).format("memory").queryName(name).trigger(availableNow=True).start().awaitTermination()
        df = s.table(name)
    return f"{df.schema.simpleString()} {sorted(str(tuple(r)) for r in df.collect())}"


def answer(s, case, kind, folder, name):
    try:
        got = eval(case, {"s": s, "F": F, "x": frame(s, kind, folder)})
        return rows(s, got, kind, name) if hasattr(got, "collect") else repr(got)
    except PySparkException as e:
        text = str(e).split("\n")[0][:70] if e.getCondition() == "_LEGACY_ERROR_TEMP_3102" else ""
        return f"{type(e).__name__} {e.getCondition()} {text}".rstrip()


def answers(s):
    out = []
    s.conf.set("spark.sql.shuffle.partitions", 2)
    with tempfile.TemporaryDirectory() as folder:
        for n in range(2):
            path = os.path.join(folder, f"{n}.json")
            with open(path, "w", encoding="utf-8") as f:
                f.writelines(json.dumps({"k": "ab"[i % 2], "v": 10 + i - 10 * n, "a": [i, i + 1], "m": {"x": i}}) + "\n"
                             for i in range(4))
            os.utime(path, (1700000000 + n,) * 2)
        for k, case in enumerate(CASES):
            out.append("# " + case)
            update = ["update"] if "groupBy" in case or "limit" in case else []     # else as append
            out += [f"{kind}: {answer(s, case, kind, folder, f'{kind}{k}')}"
                    for kind in ("batch", "append", "complete", *update)]
    return "\n".join(out) + "\n"


def test_stream_frames(spark):
    with open(RECORDED, encoding="utf-8") as f:
        assert answers(spark) == f.read()


if __name__ == "__main__":
    with open(RECORDED, "w", encoding="utf-8") as f:
        f.write(answers(SparkSession.builder.remote(sys.argv[1]).create()))
