"""Parquet through a script: Spark's file names and layout, the default format, streams, conditions; pyarrow as witness."""
import glob
import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
from harness import Script, drop

JOB = """
import json, sys
from datetime import timezone
from pyspark.sql import SparkSession
spark = SparkSession.builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
box, out = sys.argv[1:]


def condition(make):
    try:
        make()
        return None
    except Exception as e:
        return [e.getCondition(), e.getSqlState()]


orders = spark.readStream.schema("id long, status string, at timestamp, tags array<string>").json(box)
q = orders.writeStream.partitionBy("status").option("checkpointLocation", out + "-ck") \\
    .trigger(availableNow=True).start(out)      # the default format
q.awaitTermination()
back = spark.read.load(out)
back.createOrReplaceTempView("back")
again = spark.readStream.schema(back.schema).parquet(out).groupBy("status").count() \\
    .writeStream.outputMode("complete").format("memory").queryName("again").trigger(availableNow=True).start()
again.awaitTermination()
spark.range(3).write.save(out + "-batch")
print("ANSWER " + json.dumps({
    "schema": back.schema.simpleString(),
    "rows": sorted([r.id, r.status, f"{r['at'].astimezone(timezone.utc):%Y-%m-%d %H:%M:%S}", r.tags] for r in back.collect()),
    "projected": sorted(r.n for r in spark.sql(f"select ifnull(cardinality(tags), 0) n from parquet.`{out}`").collect()),
    "again": sorted(map(list, spark.table("again").collect())),
    "batch": spark.read.parquet(out + "-batch").count(),
    "conditions": {
        "codec": condition(lambda: spark.range(1).write.option("compression", "lzma").save(out + "-x")),
        "text": condition(lambda: spark.read.parquet(box).schema),
        "given": condition(lambda: spark.read.schema("id long").parquet(box).collect()),
        "mismatch": condition(lambda: spark.read.schema("id string").parquet(out + "-batch").collect()),
        "no schema": condition(lambda: spark.readStream.parquet(out).schema),
        "nothing": condition(lambda: spark.read.option("pathGlobFilter", "*.none").parquet(out + "-batch").schema),
        "twice": condition(lambda: spark.sql("select 1 a, 2 A").write.save(out + "-x")),
        "calendar": condition(lambda: spark.read.option("datetimeRebaseMode", "LEGACY").parquet(out).schema),
    }}))
"""


PRUNED = """
import json, sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
out = sys.argv[1]
spark.range(200000).selectExpr(
    "if(id between 50000 and 90000, null, id) l", "cast(id as int) i", "cast(id % 100 as tinyint) b",
    "date_add(date'1960-01-01', cast(id / 100 as int)) d", "timestamp_micros(id * 1000000 - 50000000000) t") \\
    .write.option("parquet.block.size", 100000).parquet(out)
frame = spark.read.parquet(out)
filters = ["l = 7", "l < 100", "100 > l", "l >= 199990", "i <= 3", "i > 199990 or i = 5", "d < date'1960-01-10'",
           "t >= timestamp'1970-01-02 17:00:00'", "l is null", "l is not null and l > 40000 and l < 100000", "b = 200",
           "not (l < 199000)", "l <=> null", "i in (1, 2)", "l > i", "i > 500000", "5 <= i and i <= 5"]
answers = {}
for on in ("true", "false"):
    spark.conf.set("spark.sql.parquet.filterPushdown", on)
    frame = spark.read.parquet(out)
    answers[on] = [list(frame.where(f).selectExpr("count(*)", "sum(l)", "sum(i)").first()) for f in filters]
spark.conf.set("spark.sql.parquet.filterPushdown", "true")
q = spark.readStream.schema(frame.schema).parquet(out).where("i < 10").writeStream.format("memory") \\
    .queryName("few").trigger(availableNow=True).start()
q.awaitTermination()
print("ANSWER " + json.dumps({"answers": answers, "read": q.lastProgress["numInputRows"],
                              "rows": spark.table("few").count()}))
"""


def test_row_groups_are_skipped(tmp_path):
    """Filters give the same rows with and without the statistics; with them most of a file is not read."""
    (tmp_path / "job.py").write_text(PRUNED)
    s = Script(str(tmp_path / "job.py"), str(tmp_path / "out"), cwd=tmp_path)
    assert s.finish() == 0, s.text
    got = json.loads(re.search(r"ANSWER (.*)", s.text).group(1))
    assert got["answers"]["true"] == got["answers"]["false"]
    assert [a[0] for a in got["answers"]["true"]][:5] == [1, 100, 100, 10, 4]
    assert got["rows"] == 10 and 10 <= got["read"] < 100000


def test_script(tmp_path):
    box, out = str(tmp_path / "in"), str(tmp_path / "out")
    for k in range(2):
        drop(box, f"{k}.json", [json.dumps({"id": 10 * k + i, "status": "AB"[i % 2], "at": f"2024-05-0{k + 1}T10:00:00Z",
                                            "tags": None if i == 0 else ["t"] * i}) for i in range(3)])
    (tmp_path / "job.py").write_text(JOB)
    s = Script(str(tmp_path / "job.py"), box, out, cwd=tmp_path)
    assert s.finish() == 0, s.text
    got = json.loads(re.search(r"ANSWER (.*)", s.text).group(1))
    assert got["schema"] == "struct<id:bigint,at:timestamp,tags:array<string>,status:string>"
    want = sorted([10 * k + i, "AB"[i % 2], f"2024-05-0{k + 1} 10:00:00", None if i == 0 else ["t"] * i]
                  for k in range(2) for i in range(3))
    assert got["rows"] == want
    assert got["projected"] == [0, 0, 1, 1, 2, 2]
    assert got["again"] == [["A", 4], ["B", 2]]
    assert got["batch"] == 3
    assert got["conditions"] == {        # recorded from Spark 4.3
        "codec": ["CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION", "56038"],
        "text": ["FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER", "KD001"],
        "given": ["FAILED_READ_FILE.NO_HINT", "KD001"],
        "mismatch": ["FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH", "KD001"],
        "no schema": ["_LEGACY_ERROR_TEMP_2048", None],
        "nothing": ["UNABLE_TO_INFER_SCHEMA", "42KD9"],
        "twice": ["COLUMN_ALREADY_EXISTS", "42711"],
        "calendar": ["UNSUPPORTED_FEATURE", "0A000"],
    }
    files = glob.glob(f"{out}/status=A/part-*.parquet")
    assert files and all(re.search(r"/part-\d{5}-[0-9a-f-]{36}\.c000\.snappy\.parquet$", f) for f in files)
    footer = pq.ParquetFile(files[0])
    assert footer.metadata.metadata[b"org.apache.spark.version"] == b"4.3.0"
    assert footer.schema.column(1).physical_type == "INT96"
    assert footer.schema.column(2).path == "tags.list.element"
    ids = sum((pq.read_table(f).column("id").to_pylist() for f in files), [])
    assert sorted(ids) == [0, 2, 10, 12]
    assert pa.types.is_list(pq.read_table(files[0]).column("tags").type)
