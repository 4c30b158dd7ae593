"""Parquet files of each engine are read by the other: types, layouts, nulls, nesting, odd files and refusals."""
import datetime
import decimal
import glob
import os
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROWS = 4500     # more than a batch
NULL = "if(id % {1} = 0, null, {0})"
COLUMNS = {
    "b": NULL.format("cast(id % 100 as tinyint)", 3),
    "s": NULL.format("cast(id - 500 as smallint)", 4),
    "i": NULL.format("cast(id * 1000 as int)", 5),
    "l": NULL.format("id * 1000000007", 6),
    "f": NULL.format("cast(id as float) / 4", 7),
    "d": NULL.format("cast(id as double) / 3", 8),
    "o": NULL.format("id % 2 = 0", 9),
    "t": NULL.format("repeat(cast(id as string), cast(id % 5 as int))", 10),
    "y": NULL.format("cast(concat('x', id) as binary)", 11),
    "da": NULL.format("date_add(date'1970-01-01', cast(id as int) * 97 - 400000)", 3),
    "ts": NULL.format("timestamp_micros(id * 86399999999 - 400000000000000)", 4),
    "tn": NULL.format("cast(timestamp_micros(id * 86399999999 - 400000000000000) as timestamp_ntz)", 5),
    "d9": NULL.format("cast(id - 4000 as decimal(9,2))", 3),
    "d18": NULL.format("cast(id * 100003 - 4000 as decimal(18,4))", 4),
    "d38": NULL.format("cast(id - 4000 as decimal(38,10))", 5),
    "dt": NULL.format("timestamp_micros(id * 77777) - timestamp_micros(0)", 6),
    "every": "cast(id as int)",
    "nothing": "cast(null as string)",
    "v": "null",
    "al": "case id % 4 when 0 then null when 1 then cast(array() as array<bigint>) when 2 then array(id, null) "
          "else array(id) end",
    "at": "if(id % 3 = 0, null, array(cast(id as string), null, 'a longer string than twelve'))",
    "ma": "case id % 4 when 0 then null when 1 then cast(map() as map<string,int>) when 2 then map('k', null) "
          "else map('k', 1, cast(id as string), 2) end",
    "st": "if(id % 5 = 0, null, named_struct('x', " + NULL.format("id", 2) + ", 'q', array(named_struct('z', "
          + NULL.format("'s'", 3) + "))))",
    "aa": "if(id % 6 = 0, null, array(array(id), null, cast(array() as array<bigint>)))",
    "sn": "if(id % 5 = 0, null, named_struct('x', id, 'y', named_struct('z', cast(id as string), 'w', array(id))))",
    "asn": "if(id % 5 = 0, null, array(named_struct('x', id), if(id % 3 = 0, null, named_struct('x', id))))",
    "ams": "array(map(cast(id as string), named_struct('w', id)))",
}
CONFS = {
    "default": {},
    "micros": {"spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS"},
    "millis": {"spark.sql.parquet.outputTimestampType": "TIMESTAMP_MILLIS"},
    "legacy": {"spark.sql.parquet.writeLegacyFormat": "true"},
}


@pytest.fixture(autouse=True)
def quiet(spark):
    """Spark's log is full of the refusals that are asked for here."""
    spark.sparkContext.setLogLevel("OFF")
    yield
    spark.sparkContext.setLogLevel("ERROR")


def made(session, rows=ROWS):
    return session.range(0, rows, 1, 1).selectExpr("id", *(f"{e} as {c}" for c, e in COLUMNS.items()))


def rows_of(frame):
    return sorted((tuple(map(plain, r)) for r in frame.collect()), key=lambda r: r[0])


def plain(v):
    """Values that compare: what is in rows and maps, and binary whatever its class."""
    if isinstance(v, dict):
        return sorted((k, plain(x)) for k, x in v.items())
    if isinstance(v, (list, tuple)):
        return tuple(plain(x) for x in v)
    return bytes(v) if isinstance(v, bytearray) else v


def layout(folder):
    """The schema of a file without what differs by how an expression's nullability is derived."""
    text = str(pq.ParquetFile(glob.glob(f"{folder}/*.parquet")[0]).schema)
    return re.sub(r"(required|optional) ", "", text.split("\n", 1)[1])


@pytest.mark.parametrize("conf", CONFS)
def test_each_reads_the_other(tmp_path, spark, forebay, conf):
    frames = {}
    for name, session in (("spark", spark), ("forebay", forebay)):
        for k, v in CONFS[conf].items():
            session.conf.set(k, v)
        try:
            made(session).write.parquet(f"{tmp_path}/{name}")
        finally:
            for k in CONFS[conf]:
                session.conf.unset(k)
    for writer in ("spark", "forebay"):
        for reader, session in (("spark", spark), ("forebay", forebay)):
            frames[writer, reader] = session.read.parquet(f"{tmp_path}/{writer}")
    schemas = {k: f.schema.json() for k, f in frames.items()}
    assert len(set(schemas.values())) == 1, schemas
    rows = {k: rows_of(f) for k, f in frames.items()}
    assert len(rows["spark", "spark"]) == ROWS
    for k, got in rows.items():
        assert got == rows["spark", "spark"], k
    assert layout(f"{tmp_path}/spark") == layout(f"{tmp_path}/forebay")


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "zstd", "lz4", "lz4_raw"])
def test_codecs(tmp_path, spark, forebay, codec):
    names = {}
    for name, session in (("spark", spark), ("forebay", forebay)):
        made(session, 500).select("id", "t", "al").write.option("compression", codec).parquet(f"{tmp_path}/{name}")
        files = [f for f in os.listdir(f"{tmp_path}/{name}") if f.endswith(".parquet") and f[0] != "."]
        names[name] = [re.sub(r"part-\d{5}-[0-9a-f-]{36}", "part", f) for f in files]
    assert names["spark"] == names["forebay"]
    want = rows_of(spark.read.parquet(f"{tmp_path}/spark"))
    for reader, writer in ((spark, "forebay"), (forebay, "spark"), (forebay, "forebay")):
        assert rows_of(reader.read.parquet(f"{tmp_path}/{writer}")) == want


def test_footer_and_partitions(tmp_path, spark, forebay):
    for name, session in (("spark", spark), ("forebay", forebay)):
        session.range(0, 10, 1, 1).selectExpr("id", "cast(id as string) as t", "id % 2 as p", "'a b' as q") \
            .write.partitionBy("p", "q").parquet(f"{tmp_path}/{name}")
    pairs = {}
    for name in ("spark", "forebay"):
        files = glob.glob(f"{tmp_path}/{name}/p=1/q=a b/part-*.parquet")
        assert len(files) == 1 and os.path.exists(f"{tmp_path}/{name}/_SUCCESS")
        pairs[name] = pq.ParquetFile(files[0]).metadata.metadata
    assert pairs["spark"] == pairs["forebay"]
    assert rows_of(spark.read.parquet(f"{tmp_path}/forebay")) == rows_of(forebay.read.parquet(f"{tmp_path}/spark"))


def odd_files(folder):
    """Files of another writer, with types that Spark never writes."""
    day, dec = datetime.date(2020, 1, 2), decimal.Decimal("1.5")
    columns = {
        "u8": pa.array([200, None], pa.uint8()), "u16": pa.array([60000, None], pa.uint16()),
        "u32": pa.array([4000000000, None], pa.uint32()), "u64": pa.array([2**64 - 1, None], pa.uint64()),
        "ns": pa.array([123456789], pa.timestamp("ns")), "time": pa.array([1], pa.time64("us")),
        "fixed": pa.array([b"abcd", None], pa.binary(4)), "f16": pa.array([1.5], pa.float16()),
        "large": pa.array(["x", None], pa.large_string()), "dict": pa.array(["x", None, "x"]).dictionary_encode(),
        "date64": pa.array([day], pa.date64()), "duration": pa.array([5], pa.duration("us")),
        "seconds": pa.array([5], pa.timestamp("s")), "uuid": pa.array([b"0123456789abcdef"], pa.uuid()),
        "null": pa.nulls(2), "zone": pa.array([5], pa.timestamp("us", "Asia/Tokyo")),
        "lists": pa.array([[["a"], None], []], pa.list_(pa.list_(pa.string()))),
        "wide": pa.array([dec], pa.decimal256(50, 2)),
        "fixed_list": pa.array([[1, 2], None], pa.list_(pa.int32(), 2)),
    }
    for name, array in columns.items():
        os.makedirs(f"{folder}/{name}")
        pq.write_table(pa.table({"c": array}), f"{folder}/{name}/f.parquet")
    os.makedirs(f"{folder}/dec_int")
    pq.write_table(pa.table({"c": pa.array([dec], pa.decimal128(9, 2))}), f"{folder}/dec_int/f.parquet",
                   store_decimal_as_integer=True)
    os.makedirs(f"{folder}/groups")
    pq.write_table(pa.table({"c": list(range(1000))}), f"{folder}/groups/f.parquet", row_group_size=64)
    return sorted(os.listdir(folder))


def answer(make):
    """Schema and rows, or the condition."""
    try:
        frame = make()
        return frame.schema.json(), sorted(map(plain, frame.collect()), key=repr)
    except Exception as e:  # noqa: BLE001  (the classes differ between the two clients)
        return condition(e)


def condition(e):
    got = getattr(e, "getCondition", lambda: None)()
    text = re.findall(r"\[([A-Z_0-9]+(?:\.[A-Z_0-9]+)*)\]", str(e))
    return got or (text[0] if text else type(e).__name__)


def test_files_of_another_writer(tmp_path, spark, forebay):
    got = {}
    for name in odd_files(tmp_path):
        got[name] = [answer(lambda s=s, n=name: s.read.parquet(f"{tmp_path}/{n}")) for s in (spark, forebay)]
    assert {k: v[1] for k, v in got.items()} == {k: v[0] for k, v in got.items()}


def test_schema_of_the_user(tmp_path, spark, forebay):
    """Columns by name whatever the case, missing ones null, types that fit or do not."""
    made(spark, 20).write.parquet(f"{tmp_path}/d")
    pq.write_table(pa.table({"a": [1], "A": [2]}), f"{tmp_path}/dup.parquet")
    schemas = ["ID long, T string, no int", "no int", "st struct<Q:array<struct<z:string,no:int>>>",
               "st struct<no:int>", "i long", "i double", "i decimal(20,3)", "i decimal(9,2)", "i string",
               "l int", "l double", "f double", "d float", "t binary", "y string", "da timestamp_ntz", "da timestamp",
               "ts timestamp_ntz", "tn timestamp", "d9 decimal(18,4)", "d9 decimal(9,4)", "d9 decimal(8,2)",
               "d18 long", "b int", "i tinyint", "st int", "i struct<a:int>", "al array<string>", "al string",
               "ma map<string,bigint>", "ma array<int>", "nothing int", "v int", "dt long", "al array<int>"]
    got = {}
    for s in schemas:
        got[s] = [answer(lambda e=e, s=s: e.read.schema(s).parquet(f"{tmp_path}/d")) for e in (spark, forebay)]
    for s in ("a int", "a int, A int"):
        got[s] = [answer(lambda e=e, s=s: e.read.schema(s).parquet(f"{tmp_path}/dup.parquet"))
                  for e in (spark, forebay)]
    got["dup"] = [answer(lambda e=e: e.read.parquet(f"{tmp_path}/dup.parquet")) for e in (spark, forebay)]
    assert {k: v[1] for k, v in got.items()} == {k: v[0] for k, v in got.items()}


def test_merged_schemas(tmp_path, spark, forebay):
    pq.write_table(pa.table({"b": ["x"], "a": [5], "s": [{"x": 1}]}), f"{tmp_path}/1.parquet")
    pq.write_table(pa.table({"a": [1], "s": [{"y": "q", "x": 2}]}), f"{tmp_path}/2.parquet")
    pq.write_table(pa.table({"c": [True]}), f"{tmp_path}/3.parquet")
    open(f"{tmp_path}/0.parquet", "wb").close()     # an empty file counts for nothing

    def both(merge):
        return [answer(lambda s=s: s.read.option("mergeSchema", merge).parquet(str(tmp_path)))
                for s in (spark, forebay)]
    for merge in (True, False):
        want, got = both(merge)
        assert got == want
    pq.write_table(pa.table({"a": ["s"]}), f"{tmp_path}/4.parquet")
    assert both(True) == ["CANNOT_MERGE_SCHEMAS"] * 2


def test_damaged_files(tmp_path, spark, forebay):
    pq.write_table(pa.table({"id": [1, 2, 3]}), f"{tmp_path}/good")
    good = open(f"{tmp_path}/good", "rb").read()
    bad = {"empty": b"", "short": b"PAR1", "text": b"this is text, however long it may be, and not Parquet",
           "cut": good[:-20], "length": good[:-8] + b"\xff\xff\xff\x7fPAR1", "zero": good[:-8] + b"\0\0\0\0PAR1",
           "footer": good[:-60] + b"\xff" * 52 + good[-8:], "data": good[:4] + b"\xee" * 36 + good[40:]}
    got = {}
    for name, data in bad.items():
        os.makedirs(f"{tmp_path}/{name}")
        with open(f"{tmp_path}/{name}/f.parquet", "wb") as f:
            f.write(data)
        for how, read in {"inferred": lambda s: s.read, "given": lambda s: s.read.schema("id long"),
                          "ignored": lambda s: s.read.schema("id long").option("ignoreCorruptFiles", True)}.items():
            got[name, how] = [answer(lambda s=s, r=read, n=name: r(s).parquet(f"{tmp_path}/{n}"))
                              for s in (spark, forebay)]
    assert {k: v[1] for k, v in got.items()} == {k: v[0] for k, v in got.items()}


def test_refused_writes(tmp_path, spark, forebay):
    got = {}
    for what, sql, options in (("codec", "select 1 a", {"compression": "nope"}), ("twice", "select 1 a, 2 A", {}),
                               ("interval", "select interval '1' month + interval '1' day v", {})):
        got[what] = []
        for name, s in (("spark", spark), ("forebay", forebay)):
            try:
                s.sql(sql).write.options(**options).parquet(f"{tmp_path}/{what}-{name}")
                got[what].append("written")
            except Exception as e:  # noqa: BLE001
                got[what].append(condition(e))
    assert {k: v[1] for k, v in got.items()} == {k: v[0] for k, v in got.items()}


def test_streams(tmp_path, spark, forebay):
    """What one engine's stream wrote, the other reads as a batch and as a stream."""
    for k in range(2):
        made(spark, 50).selectExpr(f"id + {k * 50} as id", "t", "ts", "st", "id % 3 as p").coalesce(1) \
            .write.mode("append").parquet(f"{tmp_path}/in")
    for name, session in (("spark", spark), ("forebay", forebay)):
        source = session.read.parquet(f"{tmp_path}/in").schema
        session.readStream.schema(source).option("maxFilesPerTrigger", 1).parquet(f"{tmp_path}/in") \
            .writeStream.partitionBy("p").option("checkpointLocation", f"{tmp_path}/{name}-ck") \
            .trigger(availableNow=True).start(f"{tmp_path}/{name}").awaitTermination()
        assert sorted(os.listdir(f"{tmp_path}/{name}/_spark_metadata"))[-2:] == ["0", "1"]
    want = rows_of(spark.read.parquet(f"{tmp_path}/in"))
    assert len(want) == 100
    for writer in ("spark", "forebay"):
        for session in (spark, forebay):
            back = session.read.load(f"{tmp_path}/{writer}")
            assert rows_of(back) == want
            back = session.readStream.schema(back.schema).format("parquet").load(f"{tmp_path}/{writer}")
            view = f"seen_{writer}"
            back.writeStream.format("memory").queryName(view).trigger(availableNow=True).start().awaitTermination()
            assert rows_of(session.table(view)) == want
