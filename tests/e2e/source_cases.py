"""Files as sources: partition columns, basePath, _metadata, input_file_name(), options of readers, in batch and as streams.

usage: source_cases.py --record sc://HOST:PORT     asks real Spark and writes its answers into source_cases.json

cases(s, base) gives label -> function of an answer, in the order in which they are to run; base is an empty folder. An
answer is the schema and the sorted rows, or the condition of the error with its parameters. test_sources.py compares.
"""
import json
import os
import sys
import tempfile

from pyspark.sql.connect import functions as F

ANSWERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "source_cases.json")
HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
OLD, NEW = 1600000000, 1700000000           # 2020-09-13T12:26:40Z, 2023-11-14T22:13:20Z
UNTOLD = ("CONFLICTING_DIRECTORY_STRUCTURES", "CONFLICTING_PARTITION_COLUMN_NAMES", "STREAM_FAILED")    # order, ids


def put(base, name, text="r\n", time=NEW):
    path = os.path.join(base, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.utime(path, (time, time))


def answer(base, make):
    try:
        frame = make()
        if isinstance(frame, list):
            return frame
        got = [frame.schema.simpleString(), sorted(str(r) for r in frame.collect())]
    except Exception as e:      # a wrong class shows as a wrong condition
        condition = getattr(e, "getCondition", lambda: None)() or type(e).__name__
        told = condition != type(e).__name__ and condition not in UNTOLD
        got = {"error": condition, **(dict(sorted(e.getMessageParameters().items())) if told else {})}
    return json.loads(json.dumps(got, ensure_ascii=False).replace(base, "BASE"))


def read(s, base, paths, schema=None, source="text", **options):
    reader = s.read.options(**options)
    reader = reader.schema(schema) if schema else reader
    return reader.format(source).load([f"{base}/{p}" for p in paths.split()] if " " in paths else f"{base}/{paths}")


# ---- types and values of partition columns ----

INFERRED = [
    "1 2", "1 2147483648", "1 9223372036854775808", "1 1.5", "1 x", f"{HIVE_NULL} 1", HIVE_NULL, "2020-01-01 2020-01-02",
    "2020-01-01 2020-01-01%2000%3A00%3A00", "2020-01-01 1", "true false", "01 1", "+1 -1", "1e3", "1e3 1", "NaN 1.0",
    "1d 2f", "2020-1-1", "2020-02-30", "12:30:00", "12:30", "24:00:00", "12:30:00.123456", "12:30:00.1234567", "12:30:00 x",
    "a%2Fb", "%", "a%zz", "é", "%201", "0x1", "Infinity -Infinity", "1_000", "9" * 38 + " 1", "9" * 39 + " 1",
    "2020-01-01%2012%3A00%3A00.5", "2020-01-01T12%3A00%3A00", "2020-01-01%2012%3A00%3A00", "2020-01", "1.0 2.00", "-0",
    "0001-01-01", "10000-01-01", "null", f"{HIVE_NULL} 2020-01-01", f"{HIVE_NULL} x", "9223372036854775808 1.5",
    "2147483648 1.5", "2147483648 9223372036854775808", "2020-01-01%2012%3A00%3A00 x",
]
GIVEN = ["int", "bigint", "string", "date", "timestamp", "timestamp_ntz", "double", "float", "boolean", "decimal(5,2)",
         "smallint", "tinyint", "binary", "interval day", "interval year", "array<int>", "struct<a:int>", "char(3)"]
VALUES = ["1", "300", "x", "2020-01-01", "1.5", "true", HIVE_NULL, "12345678901", "2020-01-01%2012%3A00%3A00", "1e2", "-1"]


def tree(base, name, values):
    for i, v in enumerate(values):
        put(base, f"{name}/p={v}/f{i}.txt", f"r{i}\n")


def value_cases(s, base):
    for k, values in enumerate(INFERRED):
        tree(base, f"inferred{k}", values.split(" "))
        yield f"inferred {values}", lambda k=k: read(s, base, f"inferred{k}")
    for i, v in enumerate(VALUES):
        tree(base, f"given{i}", [v])
        for t in GIVEN:
            yield f"{v} as {t}", lambda i=i, t=t: read(s, base, f"given{i}", f"value string, p {t}")
    for key, value in [("spark.sql.sources.validatePartitionColumns", "false"),
                       ("spark.sql.sources.partitionColumnTypeInference.enabled", "false")]:
        yield f"{key} off", lambda key=key, value=value: s.conf.set(key, value) or []
        for i in (2, 3, 7):
            yield f"{VALUES[i]} inferred, {key} off", lambda i=i: read(s, base, f"given{i}")
            for t in ("int", "date", "timestamp", "boolean", "decimal(5,2)", "double", "interval day"):
                yield (f"{VALUES[i]} as {t}, {key} off",
                       lambda i=i, t=t: read(s, base, f"given{i}", f"value string, p {t}"))
        yield f"{key} on", lambda key=key: s.conf.set(key, "true") or []
    put(base, "same/value=1/a.txt")
    for schema in (None, "value string", "a string", "a string, b string", "VALUE string, a string"):
        yield f"value=1, {schema}", lambda schema=schema: read(s, base, "same", schema)


# ---- shapes of trees ----

TREES = {
    "mixed": "p=1/a.txt p=2/b.txt x/c.txt", "names": "p=1/a.txt q=2/b.txt", "depths": "p=1/a.txt p=2/q=3/b.txt",
    "orders": "p=1/q=1/a.txt q=1/p=1/b.txt", "root": "p=1/a.txt b.txt", "below": "p=1/x/a.txt", "two": "p=1/x/a.txt p=1/b.txt",
    "empty_name": "=1/a.txt", "empty_value": "p=/a.txt", "hidden": "p=1/_x/a.txt p=1/.h p=1/b.txt p=1/_c.txt",
    "underscore": "_p=1/b.txt", "dot": ".p=1/b.txt p=2/a.txt", "bases": "x=1/y/p=1/a.txt x=2/y/p=1/a.txt",
    "twins": "a/p=1/f.txt b/p=2/f.txt", "left_over": "p=1/a.txt p=1/_temporary/0/x=2/b.txt", "deep": "p=1/q=2/a.txt",
    "spaces": "a%20b=1/a.txt",
}
PLACES = [
    ("mixed/p=1 mixed/p=2", None), ("mixed/p=1 mixed/p=2", "mixed"), ("mixed/p=1 mixed/x", "mixed"), ("mixed/p=*", None),
    ("mixed/p=*", "mixed"), ("mixed/p=1/a.txt", None), ("mixed/p=1/a.txt", "mixed"), ("bases/x=1/y", None),
    ("bases/x=*/y", None), ("twins/a twins/b", None), ("twins/a/p=1 twins/b/p=2", None), ("deep/p=1", "deep"),
    ("deep/p=1", None), ("deep/p=1/q=2", "deep/p=1"), ("deep/p=1", "deep/p=1/q=2"), ("deep", ""), ("deep", "deep/"),
    ("deep", "deep/p=1/q=2/a.txt"), ("deep", "mixed"), ("deep", "nowhere"),
]


def tree_cases(s, base):
    for name, files in TREES.items():
        for f in files.split():
            put(base, f"{name}/{f}")
        yield f"tree {name}", lambda name=name: read(s, base, name)
        yield f"tree {name}, recursive", lambda name=name: read(s, base, name, recursiveFileLookup=True)
    for paths, base_path in PLACES:
        options = {} if base_path is None else {"basePath": f"{base}/{base_path}"}
        yield f"{paths} from {base_path}", lambda paths=paths, o=options: read(s, base, paths, **o)
    yield "basePath as a URI", lambda: read(s, base, "deep/p=1", basePath=f"file:{base}/deep")
    yield "basePath and recursive", lambda: read(s, base, "mixed", recursiveFileLookup=True, basePath=f"{base}/nowhere")
    key = "spark.sql.files.ignoreInvalidPartitionPaths"
    yield "invalid paths ignored", lambda: s.conf.set(key, "true") or []
    for name in ("mixed", "root", "names"):
        yield f"tree {name}, invalid paths ignored", lambda name=name: read(s, base, name)
    yield "invalid paths told", lambda: s.conf.set(key, "false") or []
    put(base, "json/p=1/a.json", '{"p":9,"x":1}\n')
    for schema in (None, "p string, x int", "x int, p string, z int", "x int", "P date, x int"):
        yield f"in file and folder, {schema}", lambda schema=schema: read(s, base, "json", schema, "json")


# ---- options ----

TIMES = [
    {"modifiedBefore": "2020-09-13T12:26:40"}, {"modifiedBefore": "2020-09-13T12:26:41"},
    {"modifiedAfter": "2020-09-13T12:26:40"}, {"modifiedAfter": "2020-09-13T12:26:39"},
    {"modifiedAfter": "2020-09-13 17:56:39"}, {"modifiedBefore": "2020-09-13T08:26:41", "timeZone": "America/New_York"},
    {"modifiedAfter": "2020-09-13T12:26:39Z"}, {"modifiedAfter": "2020-09-13T12:26:40+05:30"},
    {"modifiedAfter": "2022-01-01", "modifiedBefore": "2023-01-01"}, {"modifiedAfter": "2020-09-13T12:26:40.0001"},
    {"modifiedAfter": "2020"}, {"modifiedAfter": "x"}, {"modifiedBefore": ""},
]
GLOBS = ["*.txt", "a*", "{a,b}.*", "?.csv", "[ab].*", "[^a].*", "", "*", "{a,{b,c}}.*", "a.txt", "*/a.txt", "A*"]


def option_cases(s, base):
    for name, time in (("a.txt", OLD), ("b.csv", NEW), ("c.txt", 1650000000)):
        put(base, f"options/{name}", f"{name[0]}\n", time)
    for zone in ("Asia/Kolkata", "America/New_York", "UTC"):
        yield f"zone {zone}", lambda zone=zone: s.conf.set("spark.sql.session.timeZone", zone) or []
        for o in TIMES:
            yield f"{o} in {zone}", lambda o=o: read(s, base, "options", **o)
    for g in GLOBS:
        yield f"pathGlobFilter {g}", lambda g=g: read(s, base, "options", pathGlobFilter=g)
    yield "pathGlobFilter of partitions", lambda: read(s, base, "mixed/p=1 mixed/p=2", basePath=f"{base}/mixed", pathGlobFilter="a*")
    yield "nothing to infer from", lambda: read(s, base, "options", None, "csv", pathGlobFilter="zzz")
    yield "nothing new", lambda: read(s, base, "options", "a string", "csv", modifiedAfter="2030-01-01")
    for o in ("recursiveFileLookup", "ignoreMissingFiles", "ignoreCorruptFiles"):
        yield f"{o} maybe", lambda o=o: read(s, base, "options", **{o: "maybe"})
    yield "missing", lambda: read(s, base, "options/a.txt options/zz.txt", ignoreMissingFiles=True)
    yield "missing glob", lambda: read(s, base, "options/zz*", ignoreMissingFiles=True)


# ---- links ----

def link_cases(s, base):
    for name, target in (("self/me", "."), ("self/itself", "itself"), ("self/nowhere", "/nonexistent/f"), ("loop/d/up", "..")):
        os.makedirs(os.path.dirname(f"{base}/{name}"), exist_ok=True)
        os.symlink(target, f"{base}/{name}")
    put(base, "self/a.txt")
    put(base, "loop/d/a.txt")
    for name in ("self", "loop"):
        yield f"links {name}", lambda name=name: read(s, base, name)
        yield f"links {name}, recursive", lambda name=name: read(s, base, name, recursiveFileLookup=True).groupBy().count()
    yield "links, stream", lambda: run(s, base, "self", s.readStream.text(f"{base}/self"))


# ---- _metadata and input_file_name() ----

SELECTS = """select *, _metadata.file_name from T
select _metadata.* from T
select x._metadata.file_size from T x where _metadata.file_size > 2
select x._metadata.* from T x
select _METADATA.FILE_name from T
select _metadata m from T
select m.file_name from (select _metadata m from T)
select _metadata.file_name from (select _metadata m from T)
select _metadata.file_name from (select 1 _metadata, value from T)
select x._metadata.file_name from (select value from T) x
with c as (select * from T) select _metadata.file_name from c
select _metadata.file_name from v
select _metadata.file_name, count(*) from T group by _metadata.file_name
select value from T group by value having max(_metadata.file_size) > 2
select value from T order by _metadata.file_name, value
select _metadata.file_name from T group by rollup(_metadata.file_name)
select distinct _metadata.file_size from T
select _metadata.file_name from T union all select value from T
select _metadata from (select value from T union all select value from T)
select _metadata.file_name from T x join (select 1) y
select _metadata.file_name from T x join T y
select x._metadata.file_name from T x join T y on x._metadata.file_name = y._metadata.file_name
select x._metadata.file_name from T x natural join T y
select x._metadata.file_name from T x join T y using (value)
select x._metadata.file_name from T x left semi join T y using (value)
select *, _metadata.file_name from T lateral view explode(array(1)) e as z
select x.* from T x
select * except (_metadata) from T
select * except (nope) from T
select text.value from T
select _metadata.nope from T
select _metadata.row_index from T
select _metadata from range(3)
select input_file_name(), input_file_block_start(), input_file_block_length() from T
select input_file_name(), input_file_block_start(), input_file_block_length()
select input_file_name(1) from T
select input_file_name() from v where value = 'y'
select input_file_name() f, count(*) from T group by 1
select max(f) from (select input_file_name() f from T)
select * from T order by input_file_name(), value
select explode(array(value, value)), input_file_name() from T
select input_file_name() from (select * from T union all select * from T)
select input_file_name() from (select * from T limit 1)
select input_file_name() from (select * from T offset 1)
select input_file_name() from (select * from T order by value)
select input_file_name() from (select * from T sort by value)
select input_file_name() from (select distinct value from T)
select input_file_name() from (select value, count(*) from T group by value)
select input_file_name() from (select /*+ repartition(2) */ * from T)
select input_file_name() from (select /*+ coalesce(1) */ * from T)
select input_file_name() from T x join T y
select * from T x join T y where input_file_block_start() = 0
select count(*) from (select input_file_name() from T) x join T y
select input_file_name() from (select * from T union all select * from T) x join T y
select input_file_name() from T x left semi join T y on x.value = y.value
select count(input_file_name()) from T
select sum(rand(1)) from T
select count(1) filter (where rand() > 0) from T
select * from T x join T y on rand() > 0.5"""


def metadata_cases(s, base):
    put(base, "meta/p=1/a.txt", "x\ny\n")
    put(base, "meta/p=2/b b%.txt", "x\n", OLD)
    put(base, "shadow/a.json", '{"_metadata":"a","b":1}\n')
    put(base, "large/a.txt", ("%099d\n" % 1) * 100000)
    df, shadow = s.read.text(f"{base}/meta"), s.read.json(f"{base}/shadow")
    time = F.col("_metadata.file_modification_time").cast("string")
    s.read.text(f"{base}/meta").createOrReplaceTempView("v")
    for sql in SELECTS.split("\n"):
        yield sql, lambda sql=sql: s.sql(sql.replace(" T", f" text.`{base}/meta`"))
    follow = {
        "hidden": lambda: df.drop("_metadata").withColumnRenamed("_metadata", "m"),
        "row": lambda: df.select("value", "_metadata.file_path", time),
        "nullability": lambda: [str(df.select("_metadata").schema), str(s.range(1).select(F.input_file_name()).schema)],
        "df[...]": lambda: df.select("value").select(df["_metadata"].file_size),
        "withColumn": lambda: df.withColumn("f", F.col("_metadata.file_name")),
        "filter": lambda: df.select("value").filter("_metadata.file_size > 2"),
        "sort": lambda: df.select("value").sort("_metadata.file_name"),
        "aliases": lambda: df.alias("a").alias("b").select("b._metadata.file_size"),
        "alias of before": lambda: df.alias("a").alias("b").select("a._metadata.file_size"),
        "alias of a side": lambda: df.alias("a").crossJoin(df.alias("b")).select("b._metadata.file_name"),
        "two sides": lambda: df.crossJoin(s.read.text(f"{base}/meta")).select("_metadata"),
        "USING": lambda: df.join(s.range(3).withColumnRenamed("id", "p"), "p").select("_metadata"),
        "distinct": lambda: df.distinct().select("_metadata.file_name"),
        "dropDuplicates": lambda: df.dropDuplicates(["_metadata"]),
        "repartition": lambda: df.repartition(2, "_metadata.file_name"),
        "toDF": lambda: df.toDF("a", "b").limit(3).select("_metadata.file_name"),
        "na": lambda: df.na.fill("q").select("_metadata.file_name"),
        "unpivot": lambda: df.unpivot(["p"], ["value"], "a", "b").select("_metadata"),
        "groupBy": lambda: df.groupBy("value").agg(F.count("_metadata.file_name")),
        "above groupBy": lambda: df.groupBy("p").count().select("_metadata"),
        "metadataColumn": lambda: df.selectExpr("1 as _metadata").select(df.metadataColumn("_metadata").file_size),
        "metadataColumn of another": lambda: s.range(1).select(df.metadataColumn("_metadata")),
        "metadataColumn, a column": lambda: df.select(df.metadataColumn("value")),
        "metadataColumn, a field": lambda: df.select(df.metadataColumn("_metadata.file_name")),
        "in the way": lambda: shadow.select("_metadata", "__metadata.file_size"),
        "metadataColumn, in the way": lambda: shadow.select(shadow.metadataColumn("_metadata").file_block_start),
        "replaced": lambda: df.withColumn("_metadata", df.value).select("_metadata"),
        "max(input_file_name())": lambda: df.agg(F.max(F.input_file_name())),
        "in a condition": lambda: df.join(s.range(1), F.input_file_name() != "x"),
        "joined later": lambda: df.join(df.select("value", F.input_file_name()), "value"),
        "JSON": lambda: s.read.json(f"{base}/shadow").select("b", "_metadata", F.input_file_name()),
    }
    yield from ((f"frame {label}", make) for label, make in follow.items())


# ---- streams ----

def run(s, base, name, df):
    q = df.writeStream.format("json").option("checkpointLocation", f"{base}/checkpoint/{name}").trigger(availableNow=True)
    q = q.start(f"{base}/out/{name}")
    try:
        q.awaitTermination()
    finally:
        q.stop()
    return s.read.schema(df.schema).json(f"{base}/out/{name}")


def stream_cases(s, base):
    def stream(name, paths, schema=None, **options):
        reader = s.readStream.options(**options)
        return lambda: run(s, base, name, (reader.schema(schema) if schema else reader).text(f"{base}/{paths}"))

    def glob_later():
        counts = []
        for k in range(3):
            counts.append(run(s, base, "later", s.readStream.option("maxFilesPerTrigger", 1).text(f"{base}/later*/")).count())
            put(base, f"later{k}/a.txt")
        return counts

    def clean(source):
        run(s, base, "written", s.readStream.text(f"{base}/meta"))
        df = s.readStream.schema("value string").option("cleanSource", source).option("sourceArchiveDir", f"{base}/archive")
        return run(s, base, f"clean_{source}", df.json(f"{base}/out/written"))

    def of_meta(name, *columns):
        return lambda: run(s, base, name, s.readStream.text(f"{base}/meta").select(*columns))

    size = F.col("_metadata.file_size")
    yield "stream _metadata", of_meta("s1", "*", "_metadata.file_name", size, "_metadata.file_block_length")
    yield "stream input_file_name", of_meta("s2", "value", F.input_file_name(), F.expr("input_file_block_length()"))
    yield "stream _metadata filter", lambda: run(s, base, "s3", s.readStream.text(f"{base}/meta").filter(size > 2))
    yield "stream", stream("s4", "meta")
    yield "stream of a partition", stream("s5", "meta/p=1")
    yield "stream of a glob", stream("s6", "meta/p=*")
    yield "stream of a glob, basePath", stream("s7", "meta/p=*", basePath=f"{base}/meta")
    yield "stream, basePath nowhere", stream("s8", "meta/p=*", basePath=f"{base}/nowhere")
    yield "stream, basePath elsewhere", stream("s9", "meta/p=*", basePath=f"{base}/meta/p=1")
    yield "stream of nothing", stream("s10", "nothing*")
    yield "stream of a folder that is missing", stream("s11", "nothing")
    yield "stream given string", stream("s12", "meta", "value string, p string")
    yield "stream given date", stream("s13", "deep", "value string, p date")
    yield "stream given too little", stream("s14", "meta", "value string")
    yield "stream of a tree that is mixed", stream("s15", "root")
    yield "stream of conflicting folders", stream("s16", "mixed")
    yield "stream modifiedBefore", stream("s17", "meta", modifiedBefore="2021-01-01T00:00:00")
    yield "stream pathGlobFilter", stream("s18", "meta", pathGlobFilter="a*")
    yield "stream recursive", stream("s19", "mixed", recursiveFileLookup=True)
    yield "stream of a glob that matches later", glob_later
    yield "cleanSource delete", lambda: clean("delete")
    yield "cleanSource archive", lambda: clean("archive")
    yield "cleanSource off", lambda: clean("off")


def cases(s, base):
    s.conf.set("spark.sql.session.timeZone", "UTC")
    for family in (value_cases, tree_cases, option_cases, link_cases, metadata_cases, stream_cases):
        yield from family(s, base)


def answers(s, base):
    return {label: answer(base, make) for label, make in cases(s, base)}


if __name__ == "__main__":
    from pyspark.sql.connect.session import SparkSession
    if len(sys.argv) != 3 or sys.argv[1] != "--record":
        sys.exit(__doc__)
    session = SparkSession.builder.remote(sys.argv[2]).create()
    session.conf.set("spark.connect.session.planCache.enabled", "false")    # cached plans forget DataFrames
    with tempfile.TemporaryDirectory() as folder:
        told = answers(session, folder)
    with open(ANSWERS, "w", encoding="utf-8") as out:
        out.write("{\n" + ",\n".join(f"{json.dumps(k, ensure_ascii=False)}: {json.dumps(v, ensure_ascii=False)}"
                                      for k, v in told.items()) + "\n}\n")
