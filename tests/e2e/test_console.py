"""The console, byte for byte as Spark's: values of many types, modes, options; streams and batches.

This file is also the job whose output is compared. `test_console.py --record` writes the recorded output (console.txt)
anew, by a real Spark with a JVM."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDED = os.path.join(HERE, "console.txt")
SCHEMA = ("k string, v long, t string, d double, ts timestamp, dt date, dec decimal(10,3), b boolean, arr array<int>, "
          "m map<string,int>, st struct<q:string,z:array<struct<e:int>>>, bin binary, "
          "a_very_long_column_name_of_more_than_twenty_characters int")
FILES = [
    [{"k": "a", "v": 1, "t": "short", "d": 1.5, "ts": "2024-01-02T03:04:05.678Z", "dt": "2024-02-03", "dec": 12.345,
      "b": True, "arr": [1, 2, None], "m": {"x": 1, "y": None}, "st": {"q": "w", "z": [{"e": 1}]}, "bin": "YWI="},
     {"k": "a rather long key which is longer than twenty", "v": -22222222222, "t": "é" * 22, "d": 1e300,
      "ts": "1970-01-01T00:00:00Z", "dt": "0001-01-01", "dec": -0.001, "b": False, "arr": [], "m": {},
      "st": {"q": None, "z": []}}, {"k": None}],
    [{"k": "tab\tnew\nline\r\0x", "v": 5, "t": "データ" * 5, "d": -0.0, "ts": "2024-12-31T23:59:59.999999Z",
      "arr": list(range(30))}, {"k": "", "v": 0, "t": "\U0001F600" * 3, "d": "NaN"}],
    [{"k": str(i), "v": i} for i in range(25)],
]


def job(s, folder):
    from pyspark.sql import functions as F
    for k, rows in enumerate(FILES):
        path = os.path.join(folder, f"{k}.json")
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(r) + "\n" for r in rows)
        os.utime(path, (1700000000 + k,) * 2)
    stream = s.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1).json(folder)
    batch = s.read.schema(SCHEMA).json(folder)
    values = [F.expr("interval 1 day").alias("a"), F.expr("interval '1-2' year to month"), F.lit(b"\x00\xff"),
              F.lit(1.0).cast("float"), F.lit(1).cast("byte"), F.expr("timestamp_ntz'2020-01-01 00:00:00'"),
              F.lit(float("inf")), F.struct(F.lit(None)), F.map_from_arrays(F.array(F.lit(1)), F.array(F.lit(b"a"))),
              F.lit(1).alias("é"), F.lit(2).alias("データ"), F.lit(3).alias("a\tb"), F.lit(4).alias(""), F.lit(None)]
    runs = [
        (stream, "append", {}), (stream, "append", {"truncate": False}), (stream.select("k", "t"), "append", {"numRows": 3}),
        (stream.select("k"), "append", {"NUMROWS": 0, "truncate": "FALSE"}), (stream.select("v"), "append", {"numRows": -5}),
        (stream.select("k"), "append", {"vertical": "true", "foo": "bar"}), (stream.limit(1).select(*values), "append", {}),
        (stream.groupBy("k").count().orderBy("k"), "complete", {}),
        (stream.where("v = 5").groupBy("k").count(), "update", {"numRows": 1}),
        (stream.groupBy().agg(F.count("*"), F.sum("v").alias("s"), F.max("ts")), "complete", {}),
        (stream.where("v > 1000000"), "append", {}), (stream.select(), "append", {}),
        (stream.select("k", F.col("v").alias("k")), "append", {"truncate": 5}), (stream.select("k"), "append", {"numRows": "x"}),
    ]
    for df, mode, options in runs:
        print("#", mode, options, flush=True)
        try:
            w = df.writeStream.outputMode(mode).format("console").options(**options)
            w.trigger(availableNow=True).start().awaitTermination()
        except Exception as e:
            print(type(e).__name__, e.getCondition(), flush=True)
    for options in ({}, {"numRows": 40}, {"numRows": 3, "truncate": False}, {"numRows": -1}, {"truncate": 5}, {"numRows": ""}):
        print("# batch", options, flush=True)
        try:
            batch.orderBy("v", "k").write.format("console").options(**options).mode("append").save()
        except Exception as e:
            print(type(e).__name__, e.getCondition(), flush=True)


def output(command):
    env = {**os.environ, "TZ": "UTC", "PYSPARK_PYTHON": sys.executable}
    p = subprocess.run([*command, os.path.abspath(__file__)], env=env, stdout=subprocess.PIPE, check=True, timeout=300)
    return p.stdout.decode()


def test_console(tmp_path, monkeypatch):
    from harness import FOREBAY
    monkeypatch.chdir(tmp_path)
    with open(RECORDED, encoding="utf-8", newline="") as f:
        assert output([FOREBAY, "submit"]) == f.read()


if __name__ == "__main__" and "--record" in sys.argv:
    with open(RECORDED, "w", encoding="utf-8", newline="") as recorded:
        recorded.write(output([sys.executable]))
elif __name__ == "__main__":
    from pyspark.sql import SparkSession
    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false") \
        .config("spark.sql.shuffle.partitions", "2").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    with tempfile.TemporaryDirectory() as box:
        job(session, box)
    session.stop()
