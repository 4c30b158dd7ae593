"""DataFrame cases against what real Spark answered: frame_cases.py has them, frame_cases.json the answers."""
import json

import frame_cases
import pytest
from pyspark.errors import AnalysisException, UnsupportedOperationException
from pyspark.sql.types import ArrayType, StringType, StructField, StructType, VarcharType


def test_frames(spark):
    with open(frame_cases.ANSWERS, encoding="utf-8") as f:
        wanted = json.load(f)
    got = {label: frame_cases.answer(make) for label, make in frame_cases.cases(spark).items()}
    assert got.keys() == wanted.keys()
    wrong = {label: (a, wanted[label]) for label, a in got.items() if a != wanted[label]}
    assert not wrong, "\n".join(f"{label}: {a} for {w}" for label, (a, w) in wrong.items())


def test_names_in_files(spark, tmp_path):
    """What is written is called as the query spells it, folders as partitionBy does."""
    frame = spark.sql("select 1 as Arrival_Time, 'm' as Model").select("model", "ARRIVAL_TIME")
    frame.write.json(str(tmp_path / "json"))
    assert [f.read_text() for f in (tmp_path / "json").glob("part-*")] == ['{"model":"m","ARRIVAL_TIME":1}\n']
    frame.write.partitionBy("MODEL").option("header", True).csv(str(tmp_path / "csv"))
    assert [f.read_text() for f in (tmp_path / "csv" / "MODEL=m").glob("part-*")] == ["ARRIVAL_TIME\n1\n"]
    assert frame.toPandas().columns.tolist() == ["model", "ARRIVAL_TIME"]


def test_refused_types(spark, tmp_path):
    """Collations that are not built are refused by name, not dropped from a schema; CHAR and VARCHAR as in Spark."""
    for name, type_ in (("de_CI", StringType("de_CI")), ("sr_AI", ArrayType(StringType("sr_AI")))):
        with pytest.raises(UnsupportedOperationException, match=name):
            spark.createDataFrame([], StructType([StructField("n", type_)])).collect()
    schema = StructType([StructField("a", VarcharType(3))])
    for make in (lambda: spark.read.schema("a char(3)").csv(str(tmp_path)), lambda: spark.read.schema(schema).csv(str(tmp_path)),
                 lambda: spark.sql("select 'x' a").to(schema)):
        with pytest.raises(AnalysisException) as e:
            make().collect()
        assert e.value.getCondition() == "UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING"
    assert spark.range(3).sameSemantics(spark.range(3))
    frame = spark.createDataFrame([(1, "x")])
    assert frame.sameSemantics(frame) and not frame.sameSemantics(spark.createDataFrame([(2, "x")]))
