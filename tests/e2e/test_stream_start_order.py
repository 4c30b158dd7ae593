"""Which of several faults of a start is told: that of the sink, then of the checkpoint, then of the plan. As Spark 4.3."""
import pytest
from pyspark.errors import PySparkException

SINK = "STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE"
NO_PATH, NO_CHECKPOINT, NO_PLAN = "_LEGACY_ERROR_TEMP_2047", "_LEGACY_ERROR_TEMP_1298", "_LEGACY_ERROR_TEMP_3102"
# plan, format, mode, with a checkpoint, with a path
CASES = [
    ("sort", "json", "append", True, True, NO_PLAN), ("sort", "json", "append", True, False, NO_PATH),
    ("sort", "json", "append", False, True, NO_CHECKPOINT), ("sort", "json", "append", False, False, NO_PATH),
    ("sort", "json", "update", True, True, SINK), ("sort", "json", "complete", False, True, SINK),
    ("sort", "nosuch", "append", True, False, "DATA_SOURCE_NOT_FOUND"), ("sort", "noop", "append", True, False, NO_PLAN),
    ("plain", "json", "complete", True, True, SINK), ("plain", "json", "update", False, False, NO_PATH),
    ("plain", "nosuch", "complete", False, False, "DATA_SOURCE_NOT_FOUND"),
    ("plain", "noop", "complete", True, False, "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"),
    ("count", "json", "append", False, True, NO_CHECKPOINT), ("count", "json", "complete", False, True, SINK),
]
PLANS = {"sort": lambda x: x.orderBy("k"), "plain": lambda x: x, "count": lambda x: x.groupBy("k").count()}


@pytest.mark.parametrize("plan, form, mode, checkpoint, path, want", CASES)
def test_first_fault(spark, tmp_path, plan, form, mode, checkpoint, path, want):
    (tmp_path / "in").mkdir()
    df = PLANS[plan](spark.readStream.schema("k string").json(str(tmp_path / "in")))
    w = df.writeStream.outputMode(mode).format(form).trigger(availableNow=True)
    if checkpoint:
        w = w.option("checkpointLocation", str(tmp_path / "cp"))
    with pytest.raises(PySparkException) as e:
        w.start(str(tmp_path / "out")) if path else w.start()
    assert e.value.getCondition() == want
    assert not (tmp_path / "out").exists()     # Spark leaves an empty log in some of them
