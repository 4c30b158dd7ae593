"""User-defined types: kept as their SQL type, opaque to functions, the user's objects again in Python."""
import pytest
from pyspark.errors import AnalysisException
from pyspark.sql.connect import functions as F
from pyspark.sql.types import ArrayType, DoubleType, LongType, StructField, StructType, UserDefinedType


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __eq__(self, other):
        return (self.x, self.y) == (other.x, other.y)


class PointUDT(UserDefinedType):
    @classmethod
    def sqlType(cls):
        return ArrayType(DoubleType(), False)

    @classmethod
    def module(cls):
        return __name__

    def serialize(self, obj):
        return [obj.x, obj.y]

    def deserialize(self, datum):
        return Point(*datum)


Point.__UDT__ = PointUDT()


@pytest.fixture
def points(spark):
    schema = StructType([StructField("k", LongType()), StructField("p", PointUDT())])
    return spark.createDataFrame([(1, Point(1.0, 2.0)), (2, None)], schema)


def test_values(points, tmp_path):
    field = points.schema["p"].dataType
    assert isinstance(field, UserDefinedType) and field.sqlType() == PointUDT.sqlType()
    rows = points.orderBy("k").collect()
    assert rows[0].p == Point(1.0, 2.0) and rows[1].p is None
    nested = points.filter("k = 1").select(F.array("p", "p").alias("a"), F.struct("p").alias("s"), F.coalesce("p", F.lit(None)).alias("c"))
    row = nested.union(nested).distinct().collect()[0]
    assert row.a == [Point(1.0, 2.0)] * 2 and row.s.p == row.c == Point(1.0, 2.0)
    assert points.groupBy("p").count().count() == 2
    assert points.select(F.max("p"), F.first("p"), F.collect_list("p")).collect()[0][2] == [Point(1.0, 2.0)]
    assert [r.s for r in points.orderBy("k").select(F.col("p").cast("string").alias("s")).collect()] == ["[1.0, 2.0]", None]
    assert points.select(F.typeof("p").alias("t")).collect()[0].t == "array<double>"
    points.write.parquet(str(tmp_path / "p"))
    back = points.sparkSession.read.parquet(str(tmp_path / "p"))
    assert back.schema == points.schema and back.filter("k = 1").collect() == rows[:1]


def test_refused(spark, points):
    plain = spark.sql("select 1L k, array(1.0D) p")
    for make, condition in ((lambda: points.select(F.col("p")[0]), "INVALID_EXTRACT_BASE_FIELD_TYPE"),
                            (lambda: points.select(F.size("p")), "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"),
                            (lambda: points.select(F.explode("p")), "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"),
                            (lambda: points.select(F.col("p").cast("int")), "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION"),
                            (lambda: points.select(F.col("p").cast(PointUDT.sqlType())), "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION"),
                            (lambda: points.union(plain), "INCOMPATIBLE_COLUMN_TYPE"),
                            (lambda: points.to(StructType([StructField("p", PointUDT.sqlType())])), "INVALID_COLUMN_OR_FIELD_DATA_TYPE")):
        with pytest.raises(AnalysisException) as e:
            make().collect()
        assert e.value.getCondition() == condition
