"""What may be null in a stream, as Spark 4.3 has it: at all depths behind a node that keeps state, else what the
expressions say. The memory sink's table has the schema of what it was started with."""
import pytest
from pyspark.sql.connect import functions as F

# name: (frame of x, output mode, its columns: ? may be null)
CASES = {
    "plain": (lambda x: x.where("k is not null"), "append", "k? c st<a> ar<element>"),
    "generated": (lambda x: x.select("k", F.explode(F.split("k", " ")).alias("w")), "append", "k? w"),
    "position": (lambda x: x.select(F.posexplode(F.split("k", " "))), "append", "pos col"),
    "outer": (lambda x: x.select(F.explode_outer(F.split("k", " "))), "append", "col?"),
    "aggregate": (lambda x: x.groupBy("k").agg(F.count("*").alias("n"), F.struct(F.count("k").alias("z")).alias("s")),
                  "complete", "k? n? s?<z?>"),
    "beyond": (lambda x: x.groupBy("c").agg(F.count("*").alias("n")).selectExpr("n", "c", "n + 1 m", "3 as x"),
               "complete", "n? c? m? x"),
    "having": (lambda x: x.groupBy("c").count().where("count > 0"), "update", "c? count?"),
    "limit": (lambda x: x.limit(1), "append", "k? c? st?<a?> ar?<element?>"),
    "union": (lambda x: x.select("c").union(x.select("c")), "append", "c"),
    "static": (lambda x: x.select("k", "c").join(x.sparkSession.range(3).selectExpr("string(id) k", "id"), "k", "left"),
               "append", "k? c id?"),
}
# What no query runs yet: the schema alone.
SCHEMAS = {
    "distinct": (lambda x: x.select("c", "st").distinct(), "c? st?<a?>"),
    "duplicates": (lambda x: x.select("c", "ar").dropDuplicates(["c"]), "c? ar?<element?>"),
    "two streams": (lambda x: x.select("k", "c").join(x.selectExpr("k", "c c2"), "k"), "k? c? c2?"),
}


def told(schema):
    out = []
    for f in schema.fields:
        text = f.name + "?" * f.nullable
        if hasattr(f.dataType, "fields"):
            text += f"<{told(f.dataType)}>"
        elif hasattr(f.dataType, "containsNull"):
            text += f"<element{'?' * f.dataType.containsNull}>"
        out.append(text)
    return " ".join(out)


def stream(spark, folder):
    (folder / "in").mkdir()
    (folder / "in" / "a.json").write_text('{"k":"a b"}\n')
    return spark.readStream.schema("k string").json(str(folder / "in")).selectExpr("k", "1 c", "struct(1 a) st", "array(1) ar")


@pytest.mark.parametrize("name", CASES)
def test_memory_sink(spark, tmp_path, name):
    make, mode, want = CASES[name]
    df = make(stream(spark, tmp_path))
    assert told(df.schema) == want
    table = "nullable_" + name
    query = df.writeStream.outputMode(mode).option("checkpointLocation", str(tmp_path / "cp")).format("memory")
    assert query.queryName(table).trigger(availableNow=True).start().awaitTermination(60)
    assert told(spark.table(table).schema) == want
    assert spark.table(table).count() > 0


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema(spark, tmp_path, name):
    make, want = SCHEMAS[name]
    assert told(make(stream(spark, tmp_path)).schema) == want
