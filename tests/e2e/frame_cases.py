"""DataFrame cases: what columns are called, where they come from, and whether they may be null.

usage: frame_cases.py --record sc://HOST:PORT     asks real Spark and writes its answers into frame_cases.json

cases(s) gives label -> function that makes a DataFrame in the session s. An answer is the schema, nullability
included ("!" for what is never null), and the sorted rows, or the condition of the error. test_frame_cases.py compares.
"""
import json
import os
import sys

from pyspark.sql import Row
from pyspark.sql.connect import functions as F
from pyspark.sql.types import (ArrayType, BinaryType, BooleanType, DateType, DecimalType, DoubleType, IntegerType, LongType,
                               MapType, StringType, StructField, StructType, TimestampType)

ANSWERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "frame_cases.json")


def type_text(t):
    if isinstance(t, StructType):
        return "struct<" + ",".join(f"{f.name}:{type_text(f.dataType)}{'' if f.nullable else '!'}" for f in t.fields) + ">"
    if isinstance(t, ArrayType):
        return f"array<{type_text(t.elementType)}{'' if t.containsNull else '!'}>"
    if isinstance(t, MapType):
        return f"map<{type_text(t.keyType)},{type_text(t.valueType)}{'' if t.valueContainsNull else '!'}>"
    return t.simpleString()


def answer(make):
    try:
        frame = make()
        return [type_text(frame.schema), sorted(str(r) for r in frame.collect())]
    except Exception as e:      # a wrong class shows as a wrong condition
        condition = getattr(e, "getCondition", lambda: None)()
        return {"error": condition or type(e).__name__}


def join_cases(s):
    a = s.createDataFrame([(1, "x", 10), (2, "y", 20)], "k int, l string, c int")
    b = s.createDataFrame([(1, "p", 10), (3, "q", 20)], "k int, r string, c int")
    c = s.createDataFrame([(1, "t"), (3, "u")], "k int, t string")

    def follow(j):
        yield "b.*", lambda: j().select(b["*"])
        yield "a.*, b.*", lambda: j().select(a["*"], b["*"])
        yield "b.k, a.k, k", lambda: j().select(b["k"], a.k, "k")
        yield "filter", lambda: j().filter(b.k.isNull())
        yield "sort", lambda: j().sort(b.k.desc(), a.k)
        yield "groupBy", lambda: j().groupBy(b.k).agg(F.count("*"), F.max(a.k))
        yield "withColumn", lambda: j().withColumn("n", b.k + 1).select(b.k, "n", a.k)
        yield "drop b.k", lambda: j().drop(b.k)
        yield "drop k", lambda: j().drop("k").select(b.k, a.k)
        yield "renamed", lambda: j().withColumnRenamed("k", "kk").select("kk", b.k, a.k)
        yield "distinct", lambda: j().distinct().select(b.k)
        yield "select l", lambda: j().select("l").select(b.k)
        yield "alias", lambda: j().alias("z").select(b.k)
        yield "three", lambda: j().join(c, "k").select(a.k, b.k, c.k, "k")
        yield "three, full", lambda: c.join(j(), "k", "full").select(c["*"], b["*"], a["*"])
        yield "three, on", lambda: j().join(c, b.k == c.k, "left")
        yield "dropDuplicates", lambda: j().dropDuplicates(["k"]).select(b.k)

    for how in ("inner", "left", "right", "full", "semi", "anti"):
        for label, make in follow(lambda how=how: a.join(b, "k", how)):
            yield f"using {how}: {label}", make
        for label, make in list(follow(lambda how=how: a.join(b, a.k == b.k, how)))[:6]:
            yield f"on {how}: {label}", make


def self_join_cases(s):
    c1 = s.createDataFrame([Row(a=1, b=2, c=3)])
    f = c1.filter("a > 0")
    frames = {"intersect": lambda: f.intersect(c1), "subtract": lambda: c1.subtract(f), "union": lambda: c1.union(c1),
              "cross": lambda: c1.crossJoin(c1.groupBy("b").count()), "on": lambda: f.join(c1, c1.a == f.a)}
    for how in ("inner", "left", "right", "full", "semi"):
        frames[f"using {how}"] = lambda how=how: f.join(c1, "a", how)
    for name, o in frames.items():
        yield f"{name}: c1.a", lambda o=o: o().select(c1.a)
        yield f"{name}: f.a", lambda o=o: o().select(f.a)
        yield f"{name}: c1.*", lambda o=o: o().select(c1["*"])
        yield f"{name}: f.*", lambda o=o: o().select(f["*"])
        yield f"{name}: drop", lambda o=o: o().drop(c1.a)
        yield f"{name}: drop a", lambda o=o: o().drop("a").select(c1.a)
        yield f"{name}: select f.b", lambda o=o: o().select(f.b).select(c1.b)
        yield f"{name}: join", lambda o=o: o().join(c1, "a").select(c1.a)


def column_cases(s):
    c1, c2 = s.createDataFrame([Row(a=1, b=2, c=3)]), s.createDataFrame([Row(a=2, b=0)])
    x = c1.alias("x")

    def both():
        return c1.join(c2, c1.a != c2.a)

    yield "drop of another frame", lambda: c1.drop(c2["a"])
    yield "drop of what was replaced", lambda: c1.withColumn("a", F.lit(0)).drop(c1["a"])
    yield "drop twice", lambda: both().drop("a")
    yield "renames: chain", lambda: c1.withColumnsRenamed({"a": "x", "x": "y", "b": "x"})
    yield "renames: back", lambda: c1.withColumnsRenamed({"a": "b", "b": "a"})
    yield "renames: case", lambda: c1.withColumnsRenamed({"a": "n", "N": "m"})
    yield "dropna of equal names", lambda: both().dropna()
    yield "dropDuplicates of equal names", lambda: both().dropDuplicates(["a"])
    yield "pattern", lambda: c1.select(c1.colRegex("`(a)?+.+`"), c1.colRegex("`A`"), x.colRegex("b"))
    yield "pattern of a table", lambda: x.select(x.colRegex("x.`a|b`"), x.colRegex("y.`a`"))
    yield "pattern in a call", lambda: c1.select(F.array(c1.colRegex("`a|b`")))
    yield "pattern in groupBy", lambda: c1.groupBy(c1.colRegex("`a|b`")).count()
    yield "narrowed *", lambda: c1.select(c1.a).select(c1["*"])
    yield "self join *", lambda: c1.join(c1).select(c1["*"])
    yield "grouped *", lambda: c1.groupBy("a").count().select(c1["*"])
    yield "struct of *", lambda: c1.select(F.struct(c1["*"]), c1["*"])
    yield "spelling", lambda: c1.select("A", F.col("B"), c1.a).groupBy("a").agg(F.sum("B"))
    yield "spelling in rows", lambda: c1.select(F.to_json(F.struct("A", "B")))
    yield "set operation keeps the table", lambda: x.subtract(c1).select("x.a")
    for label, c in (("alias, cast", F.col("a").alias("id").cast("string")), ("alias in a call", F.upper(F.col("a").alias("q"))),
                     ("alias in a sum", F.sum(F.col("a").alias("q"))), ("alias, plus", F.col("a").alias("id") + 1)):
        yield label, lambda c=c: c1.select(c)


def group_cases(s):
    d = s.sql("select * from values (1,'a',5,1.5D,date'2020-01-01'),(2,'b',6,2.5D,date'2021-01-01'),"
              "(2,null,7,2.5D,null) v(k,s,x,f,d)")
    g = d.groupBy("k")
    yield "pivot: values", lambda: g.pivot("s", ["a", "b"]).count()
    yield "pivot: found values", lambda: g.pivot("d").max("x")
    yield "pivot: first", lambda: g.pivot("s").agg(F.first("s"))
    yield "pivot: several", lambda: g.pivot("s", ["a", "zz"]).agg(F.count("x"), F.sum("x").alias("t"))
    yield "pivot: mixed", lambda: g.pivot("s", ["a", "zz"]).agg(F.count("x"), F.max("s"))
    yield "pivot: expressions", lambda: d.groupBy((F.col("k") + 1).alias("q")).pivot(F.upper("s"), ["A"]).sum("x")
    yield "pivot: no groups", lambda: d.groupBy().pivot("k", [1, 2]).sum("x")
    yield "pivot: no aggregate", lambda: g.pivot("s", ["a"]).agg(F.col("x"))
    yield "pivot: wrong type", lambda: g.pivot("d", [1]).count()
    for m in ("rollup", "cube"):
        def sets(*a, m=m):
            return getattr(d, m)(*a)
        yield f"{m}: spelling", lambda sets=sets: sets("K").count()
        yield f"{m}: aliases", lambda sets=sets: sets((F.col("k") + 1).alias("kk"), "s").agg(
            F.sum("x").alias("t"), F.grouping("s"), F.grouping_id())
        yield f"{m}: expression", lambda sets=sets: sets(F.col("k") + 1).agg(F.sum("x"))
        yield f"{m}: filter", lambda sets=sets: sets("k").count().filter("k is null")
        yield f"{m}: twice", lambda sets=sets: sets("k", "k").agg(F.count("*"), F.grouping_id())
        yield f"{m}: not grouped", lambda sets=sets: sets("k").agg(F.grouping("s"))
    yield "sets", lambda: d.groupingSets([["k", "s"], ["k"]], "k", "s").agg(F.count("*"))
    z = s.sql("select * from values (-0.0D,1),(0.0D,1),(1.0D,1) z(f,c)")
    yield "distinct of zeros", lambda: z.distinct()
    yield "dropDuplicates of zeros", lambda: z.dropDuplicates(["f"])
    yield "dropDuplicates of a map", lambda: s.sql("select map(1, 2) m").dropDuplicates(["m"])


def schema_cases(s):
    def fields(*f):
        return StructType([StructField(*x) for x in f])

    d = s.createDataFrame([(1, "5")], "id long, name string")
    e = s.sql("select named_struct('a',1,'b','z') s, array(named_struct('x',1,'y',2)) ar, map('k',named_struct('x',1)) m, "
              "cast(null as int) n, 1 nn")
    flat = {"missing": fields(("x", IntegerType()), ("ID", IntegerType())), "not null": fields(("q", LongType(), False)),
            "string to int": fields(("name", IntegerType())), "long to time": fields(("id", TimestampType())),
            "string to binary": fields(("name", BinaryType())), "to decimal": fields(("id", DecimalType(5, 2))),
            "to boolean": fields(("name", BooleanType())), "to date": fields(("id", DateType())), "to double": fields(("id", DoubleType()))}
    nested = {"struct": fields(("s", fields(("b", StringType()), ("a", LongType())))),
              "struct, missing": fields(("s", fields(("b", StringType()), ("q", LongType())))),
              "struct, not null": fields(("s", fields(("q", LongType(), False)))),
              "array": fields(("ar", ArrayType(fields(("y", LongType()), ("x", StringType()))))),
              "map": fields(("m", MapType(StringType(), fields(("x", LongType()))))),
              "map key": fields(("m", MapType(IntegerType(), fields(("x", LongType()))))),
              "null to not null": fields(("n", IntegerType(), False)), "to null": fields(("nn", IntegerType(), True)),
              "case": fields(("S", fields(("B", StringType()))))}
    for label, t in flat.items():
        yield f"to: {label}", lambda t=t: d.to(t)
    for label, t in nested.items():
        yield f"to: {label}", lambda t=t: e.to(t)


def update_cases(s):
    d = s.createDataFrame([Row(a=Row(b=1, c=2, d=Row(e=3, f="x"))), Row(a=None)], "a struct<b:int,c:int,d:struct<e:int,f:string>>")
    twice = s.sql("select named_struct('a',1,'a',2,'b',3) s, array(named_struct('x',1)) r, map('k',1) m")
    one = F.lit(1)
    for label, make in {
            "set": lambda: d.a.withField("b", F.lit("k")), "add": lambda: d.a.withField("z", one), "spelling": lambda: d.a.withField("B", one),
            "deep": lambda: d.a.withField("d.e", one), "deep, twice": lambda: d.a.withField("d.e", one).withField("d.g", one),
            "deep, no such": lambda: d.a.withField("q.e", one), "dot in a name": lambda: d.a.withField("`q.e`", one),
            "no name": lambda: d.a.withField("", one), "bad name": lambda: d.a.withField("a..b", one),
            "not a struct": lambda: d.a.b.withField("a", one), "deep, not a struct": lambda: d.a.withField("b.x", one),
            "null": lambda: F.lit(None).withField("b", one), "drop": lambda: d.a.dropFields("b", "C"), "drop all": lambda: d.a.dropFields("b", "c", "d"),
            "drop no such": lambda: d.a.dropFields("zz"), "drop deep": lambda: d.a.dropFields("d.e"), "drop deep, all": lambda: d.a.dropFields("d.e", "d.f"),
            "drop all, set": lambda: d.a.dropFields("b", "c", "d").withField("n", one), "drop, set": lambda: d.a.dropFields("b").withField("b", one),
            "set twice": lambda: d.a.withField("x", one).withField("y", one).withField("X", F.lit(3)),
            "set twice, drop": lambda: d.a.withField("b", one).withField("b", F.lit(2)).dropFields("c"), "of itself": lambda: d.a.withField("b", d.a.b + d.a.c),
            "named between": lambda: d.a.dropFields("b").alias("z").dropFields("c"), "aggregates": lambda: F.max("a").withField("z", F.count("*"))}.items():
        yield f"update: {label}", lambda make=make: d.select(make())
    for label, make in {"both": lambda: twice.s.withField("a", F.lit("n")), "drop both": lambda: twice.s.dropFields("a"),
                        "in both": lambda: twice.s.withField("a.x", one), "array": lambda: twice.r.withField("x", one), "map": lambda: twice.m.withField("x", one),
                        "in a lambda": lambda: F.transform("r", lambda x: x.withField("y", x.x + 1))}.items():
        yield f"update: {label}", lambda make=make: twice.select(make())
    yield "update: column", lambda: d.withColumn("a", F.col("a").withField("b", F.col("a.b") + F.col("a.c")).dropFields("c"))
    yield "update: group", lambda: d.groupBy(d.a.withField("b", F.lit(3))).count()


def aggregate_cases(s):
    """Aggregates where rows are meant."""
    d = s.range(3)
    total = F.sum("id")
    yield "aggregate: column", lambda: d.withColumn("z", total)
    yield "aggregate: all columns", lambda: d.withColumns({"id": F.abs(total) + 1, "b": F.max("id")})
    yield "aggregate: sort", lambda: d.sort(total + 1)
    yield "aggregate: sort within", lambda: d.sortWithinPartitions("id", total)
    yield "aggregate: sort of groups", lambda: d.groupBy("id").agg(total).sort(F.max("id"))
    yield "aggregate: hash", lambda: d.repartition(3, total)
    yield "aggregate: ranges", lambda: d.repartitionByRange(3, total)
    yield "aggregate: filter", lambda: d.filter(total > 1)
    yield "aggregate: join", lambda: d.alias("a").join(d.alias("b"), F.sum("a.id") == F.col("b.id"))
    yield "aggregate: unpivot", lambda: d.unpivot("id", [total], "a", "b")
    yield "aggregate: sampleBy", lambda: d.sampleBy(total, {1: 0.5}, 3)
    yield "aggregate: explode", lambda: d.select(F.explode(F.array(total, total)))
    yield "aggregate: lambda", lambda: d.select(F.transform(F.array(F.lit(1)), lambda x: x + total))
    yield "aggregate: row", lambda: d.select("id", total)
    yield "aggregate: order", lambda: s.sql("select id from range(3) order by sum(id)")
    yield "aggregate: lateral view", lambda: s.sql("select * from range(3) lateral view explode(array(sum(id))) t as x")


def cases(s):
    all_of_them = {}
    for group in (join_cases, self_join_cases, column_cases, group_cases, schema_cases, update_cases, aggregate_cases):
        for label, make in group(s):
            assert label not in all_of_them, label
            all_of_them[label] = make
    return all_of_them


if __name__ == "__main__":
    if sys.argv[1:2] != ["--record"]:
        sys.exit(__doc__)
    from pyspark.sql.connect.session import SparkSession

    session = SparkSession.builder.remote(sys.argv[2]).create()
    with open(ANSWERS, "w", encoding="utf-8") as out:
        json.dump({k: answer(v) for k, v in cases(session).items()}, out, indent=0, sort_keys=True, ensure_ascii=False)
        out.write("\n")
