"""DataFrame.observe: its values for batches over Connect, and per batch in a stream's progress; as Spark 4.3 has them."""
import datetime
import decimal
import json
import threading

import pytest
from harness import WAIT_S, drop
from pyspark.errors import PySparkException
from pyspark.sql.connect import functions as F
from pyspark.sql.connect.observation import Observation
from pyspark.sql.connect.window import Window
from pyspark.sql.streaming import StreamingQueryListener
from pyspark.sql.types import Row

N = F.count(F.lit(1)).alias("n")


def frame(s):
    return s.range(5).withColumn("s", F.concat(F.lit("a"), "id"))


def observe(df, *exprs):
    """The observation of exprs over df, once its rows were taken."""
    o = Observation("m")
    df.observe(o, *exprs).collect()
    return o.get


# What runs it, and how many rows it sees then; None: nothing runs.
ACTIONS = [
    (lambda df, tmp: df.collect(), 5),
    (lambda df, tmp: df.count(), 5),
    (lambda df, tmp: df.toPandas(), 5),
    (lambda df, tmp: df.toArrow(), 5),
    (lambda df, tmp: df.show(), 5),
    (lambda df, tmp: df.tail(2), 5),
    (lambda df, tmp: df.orderBy("id").collect(), 5),
    (lambda df, tmp: df.where("id > 2").collect(), 5),
    (lambda df, tmp: df.select(F.lit(1)).collect(), 5),
    (lambda df, tmp: df.groupBy("s").count().collect(), 5),
    (lambda df, tmp: df.union(df).collect(), 5),
    (lambda df, tmp: df.join(df, "id").collect(), 5),
    (lambda df, tmp: df.write.parquet(str(tmp / "out")), 5),
    (lambda df, tmp: df.write.format("noop").mode("overwrite").save(), 5),
    (lambda df, tmp: df.repartition(1).limit(3).collect(), 5),
    (lambda df, tmp: df.first(), 1),
    (lambda df, tmp: df.take(3), 3),
    (lambda df, tmp: df.limit(2).select("id").collect(), 2),
    (lambda df, tmp: df.createOrReplaceTempView("observed"), None),
    (lambda df, tmp: df.schema, None),
]


@pytest.mark.parametrize("act, n", ACTIONS)
def test_actions(spark, tmp_path, capsys, act, n):
    o = Observation()
    act(frame(spark).coalesce(1).observe(o, N, F.max("s")), tmp_path)
    assert o.get == ({} if n is None else {"n": n, "max(s)": f"a{n - 1}"})


VALUES = [
    (F.sum("id"), 10), (F.lit(1), 1), (1 + F.count("*"), 6), (F.avg("id"), 2.0), (F.first("s"), "a0"),
    (F.max(F.lit(1).cast("byte")), 1), (F.max(F.lit(1).cast("short")), 1), (F.max(F.lit(1.5).cast("float")), 1.5),
    (F.bool_and(F.lit(True)), True), (F.max(F.lit(b"ab")), b"ab"), (F.max(F.lit(None)), None),
    (F.sum(F.col("id").cast("decimal(10,2)")), decimal.Decimal("10.00")),
    (F.max(F.lit("2020-01-02").cast("date")), datetime.date(2020, 1, 2)),
    (F.max(F.lit("2020-01-02 03:04:05.678").cast("timestamp_ntz")), datetime.datetime(2020, 1, 2, 3, 4, 5, 678000)),
    (F.max(F.expr("interval 1 day")), datetime.timedelta(days=1)),
    (F.collect_list("s"), ["a0", "a1", "a2", "a3", "a4"]),
    (F.struct(F.max("id").alias("m"), F.max("s").alias("t")), Row(m=4, t="a4")),
    (F.map_from_arrays(F.array(F.max("s")), F.array(F.min("id"))), {"a4": 0}),
    (F.approx_count_distinct("id"), 5),
]


@pytest.mark.parametrize("expr, want", VALUES)
def test_values(spark, expr, want):
    assert observe(frame(spark).coalesce(1), expr.alias("x")) == {"x": want}


def test_no_rows(spark):
    got = observe(frame(spark).where("id > 100"), N, F.sum("id"), F.collect_list("id"), F.struct(F.min("id").alias("q")).alias("st"))
    assert got == {"n": 0, "sum(id)": None, "collect_list(id)": [], "st": Row(q=None)}


def test_several_and_the_same_twice(spark):
    a, b = Observation("a"), Observation("b")
    df = frame(spark).observe(a, N).where("id > 2").observe(b, N, F.sum("id").alias("n2"))
    df.collect()
    assert (a.get, b.get) == ({"n": 5}, {"n": 2, "n2": 7})
    df.where("id > 3").count()
    assert (a.get, b.get) == ({"n": 5}, {"n": 2, "n2": 7})
    with pytest.raises(PySparkException) as e:
        frame(spark).observe(a, N)
    assert e.value.getCondition() == "REUSE_OBSERVATION"


def test_of_a_cached_frame(spark):
    o = Observation("c")
    df = frame(spark).observe(o, N).cache()
    for _ in range(2):
        o._result = {}
        df.count()
        assert o.get == {"n": 5}
    df.unpersist()


def test_names_over_connect(spark):
    """Who gives a name only finds the values beside the rows, under the DataFrame's id."""
    pdf = frame(spark).observe("m", N, F.sum("id")).toPandas()
    (m,) = pdf.attrs["observed_metrics"]
    assert (m.name, m.keys, [v.long for v in m.metrics]) == ("m", ["n", "sum(id)"], [5, 10])


def test_values_that_can_not_be_made(spark):
    o = Observation("o")
    assert len(frame(spark).observe(o, F.expr("1 / sum(0)")).collect()) == 5
    with pytest.raises(PySparkException) as e:
        o.get
    assert e.value.getCondition() == "DIVIDE_BY_ZERO"


METRICS = "INVALID_OBSERVED_METRICS."
REFUSED = [
    (F.col("id"), METRICS + "NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE", '"id"'),
    (F.col("*"), METRICS + "NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE", '"id"'),
    (F.sum("id") + F.col("id"), METRICS + "NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE",
     '"(sum(id) + id) AS `(sum(id) + id)`"'),
    (F.sum(F.sum("id")), METRICS + "NESTED_AGGREGATES_UNSUPPORTED", '"sum(sum(id)) AS `sum(sum(id))`"'),
    (F.count_distinct("id"), METRICS + "AGGREGATE_EXPRESSION_WITH_DISTINCT_UNSUPPORTED",
     '"count(DISTINCT id) AS `count(DISTINCT id)`"'),
    (F.expr("count(*) filter (where id > 1)"), METRICS + "AGGREGATE_EXPRESSION_WITH_FILTER_UNSUPPORTED",
     '"count(1) FILTER (WHERE (id > 1)) AS `count(1) FILTER (WHERE (id > 1))`"'),
    ((F.max(F.rand(3)) < 1).alias("r"), METRICS + "NON_AGGREGATE_FUNC_ARG_IS_NON_DETERMINISTIC",
     '"(max(rand(3)) < 1) AS r"'),
    (F.rand(3), METRICS + "NON_AGGREGATE_FUNC_ARG_IS_NON_DETERMINISTIC", '"rand(3) AS `rand(3)`"'),
    (F.sum("id").over(Window.partitionBy("s")).alias("w"), METRICS + "WINDOW_EXPRESSIONS_UNSUPPORTED",
     '"sum(id) OVER (PARTITION BY s ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS w"'),
    (F.sum("nosuch"), "UNRESOLVED_COLUMN.WITH_SUGGESTION", None),
    (F.explode(F.collect_list("id")), "UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", None),
]


@pytest.mark.parametrize("expr, condition, text", REFUSED)
def test_refused(spark, expr, condition, text):
    with pytest.raises(PySparkException) as e:
        frame(spark).observe("m", expr).schema
    assert e.value.getCondition() == condition
    assert text is None or e.value.getMessageParameters()["expr"] == text


def test_names_are_unique(spark):
    with pytest.raises(PySparkException) as e:
        frame(spark).observe("a", N).where("id > 2").observe("a", N).schema
    assert (e.value.getCondition(), e.value.getMessageParameters()) == ("DUPLICATED_METRICS_NAME", {"metricName": "a"})
    with pytest.raises(PySparkException, match="requirement failed: Name must not be empty"):
        frame(spark).observe("", N).collect()


# ---- streams ----

def stream(spark, tmp_path, batches):
    for k, rows in enumerate(batches):
        drop(str(tmp_path / "in"), f"{k}.json", [json.dumps(r) for r in rows])
    reader = spark.readStream.schema("k string, v long").option("maxFilesPerTrigger", 1)
    return reader.json(str(tmp_path / "in"))


class Watch(StreamingQueryListener):
    def __init__(self):
        self.seen, self.ended = [], threading.Event()

    def onQueryStarted(self, event):
        pass

    def onQueryProgress(self, event):
        self.seen.append(event.progress.observedMetrics)

    def onQueryIdle(self, event):
        pass

    def onQueryTerminated(self, event):
        self.ended.set()


def run(spark, df, mode="append"):
    """observedMetrics of each batch: of the progress, which has to be what a listener gets."""
    watch = Watch()
    spark.streams.addListener(watch)
    q = df.writeStream.format("noop").outputMode(mode).trigger(availableNow=True).start()
    assert q.awaitTermination(int(WAIT_S)) and watch.ended.wait(WAIT_S)
    spark.streams.removeListener(watch)
    got = [p.observedMetrics for p in q.recentProgress]
    assert got == watch.seen
    return got


BATCHES = [[{"k": "ab"[i % 2], "v": 10 * b + i} for i in range(4)] for b in range(3)]


def test_each_batch_of_a_stream(spark, tmp_path):
    df = stream(spark, tmp_path, BATCHES)
    one = df.observe("z", N, F.max("v").alias("most")).where("v % 2 = 0").observe("a", F.min("k"), F.avg("v").alias("av"))
    assert run(spark, one) == [{"z": Row(n=4, most=10 * b + 3), "a": Row(**{"min(k)": "a", "av": 10.0 * b + 1})}
                               for b in range(3)]
    assert list(run(spark, one)[0]) == ["a", "z"]


def test_around_operators_with_state(spark, tmp_path):
    spark.conf.set("spark.sql.shuffle.partitions", 2)
    df = stream(spark, tmp_path, BATCHES)
    counts = df.observe("in", N).groupBy("k").count().observe("out", F.sum("count").alias("s"))
    assert run(spark, counts, "complete") == [{"in": Row(n=4), "out": Row(s=4 * b)} for b in (1, 2, 3)]
    assert run(spark, df.observe("m", N).limit(2)) == [{"m": Row(n=2)}] * 3
    assert run(spark, df.limit(6).observe("m", N)) == [{"m": Row(n=n)} for n in (4, 2, 0)]


def test_values_in_progress(spark, tmp_path):
    df = stream(spark, tmp_path, BATCHES[:1])
    ts = F.max(F.lit("2020-01-02 03:04:05.678").cast("timestamp_ntz"))
    got = run(spark, df.observe(
        "m", F.collect_list("v").alias("list"), F.struct(F.max("v").alias("a"), ts.alias("t")).alias("st"),
        F.map_from_arrays(F.array(F.min("v")), F.array(F.max("k"))).alias("by_number"),
        F.map_from_arrays(F.array(F.max("k")), F.array(F.min("v"))).alias("by_name"),
        F.max(F.lit(b"ab\xff")).alias("bin"), F.max(F.lit(float("nan"))).alias("nan"),
        F.max(F.lit(0.1).cast("float")).alias("f"), F.sum(F.col("v").cast("decimal(10,2)")).alias("dec"),
        F.max(F.lit("2020-01-02").cast("date")).alias("d"), ts.alias("ts"), F.max(F.lit(None)).alias("null")))
    assert got == [{"m": Row(
        list=[0, 1, 2, 3], st={"a": 3, "t": "2020-01-02 03:04:05"}, by_number=[{"key": 0, "value": "b"}],
        by_name={"b": 0}, bin="YWL/", nan="NaN", f=0.10000000149011612, dec=6.0, d="2020-01-02",
        ts="2020-01-02 03:04:05", null=None)}]


def test_a_failure_fails_the_query(spark, tmp_path):
    df = stream(spark, tmp_path, BATCHES[:1]).observe("m", F.expr("1 / sum(0)"))
    q = df.writeStream.format("noop").trigger(availableNow=True).start()
    with pytest.raises(PySparkException, match="DIVIDE_BY_ZERO"):
        q.awaitTermination(int(WAIT_S))


def test_an_observation_of_a_stream(spark, tmp_path):
    with pytest.raises(PySparkException) as e:
        stream(spark, tmp_path, BATCHES[:1]).observe(Observation("o"), N)
    assert e.value.getCondition() == "UNSUPPORTED_OPERATION"
