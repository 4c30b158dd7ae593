"""What a stream's reader, writer and progress say beside its rows."""
import json

import pytest
from harness import WAIT_S, drop
from pyspark.errors import PySparkException

LEGACY = "spark.sql.legacy.pathOptionBehavior.enabled"


def finish(writer):
    q = writer.trigger(availableNow=True).start()
    assert q.awaitTermination(int(WAIT_S))
    return q


def test_which_path_wins(spark, tmp_path):
    """load(path) and start(path) beside the option: refused, or as the legacy setting has it."""
    box, out, other = (str(tmp_path / d) for d in ("in", "out", "other"))
    drop(box, "a.txt", ["x", "y"])

    def read():
        return spark.readStream.option("path", other).text(box)

    with pytest.raises(PySparkException) as e:
        read().schema
    assert e.value.getCondition() == "_LEGACY_ERROR_TEMP_1188"
    spark.conf.set(LEGACY, True)
    writer = read().writeStream.format("text").option("path", other).option("checkpointLocation", str(tmp_path / "ck"))
    q = writer.start(out)
    q.processAllAvailable()
    q.stop()
    assert sorted(r.value for r in spark.read.option("path", other).text(out).collect()) == ["x", "y"]
    assert not (tmp_path / "other").exists()


def test_stores_in_progress(spark, tmp_path):
    """The instances of an operator's state, and an entry for each of the first of them."""
    drop(str(tmp_path / "in"), "a.json", [json.dumps({"k": i % 3}) for i in range(9)])
    for partitions, groups, n in ((3, ["k"], 3), (7, ["k"], 7), (7, [], 1)):
        spark.conf.set("spark.sql.shuffle.partitions", partitions)
        df = spark.readStream.schema("k int").json(str(tmp_path / "in")).limit(8).groupBy(*groups).count()
        q = finish(df.writeStream.format("noop").outputMode("complete"))
        count, limit = q.lastProgress["stateOperators"]
        assert (count["operatorName"], limit["operatorName"]) == ("stateStoreSave", "globalLimit")
        assert (count["numShufflePartitions"], count["numStateStoreInstances"]) == (partitions, n)
        assert (limit["numShufflePartitions"], limit["numStateStoreInstances"], limit["numRowsTotal"]) == (partitions, 1, 1)
        for op, stores in ((count, n), (limit, 1)):
            shown = {k for k in op["customMetrics"] if k.startswith("SnapshotLastUploaded.")}
            assert shown <= {f"SnapshotLastUploaded.partition_{p}_default" for p in range(stores)}
            assert len(shown) == min(stores, 5)
