"""Settings as a client sees them: what real Spark 4.3 takes, refuses and shows."""
import warnings

import pytest
from pyspark.errors import PySparkException

WRONG = [  # key, value, condition as Spark has it
    ("spark.sql.shuffle.partitions", "4294967296", "TYPE_MISMATCH"),
    ("spark.sql.shuffle.partitions", "0", "REQUIREMENT"),
    ("spark.sql.shuffle.partitions", "5.0", "TYPE_MISMATCH"),
    ("spark.sql.files.maxPartitionBytes", "1.5g", "TYPE_MISMATCH"),
    ("spark.sql.files.maxPartitionBytes", "128 mb", "TYPE_MISMATCH"),
    ("spark.sql.files.maxPartitionBytes", "9223372036854775807k", "TYPE_MISMATCH"),
    ("spark.sql.autoBroadcastJoinThreshold", "9223372036854775808", "TYPE_MISMATCH"),
    ("spark.sql.broadcastTimeout", "soon", "TYPE_MISMATCH"),
    ("spark.sql.ansi.enabled", "yes", "TYPE_MISMATCH"),
    ("spark.sql.adaptive.skewJoin.skewedPartitionFactor", "-1", "REQUIREMENT"),
    ("spark.sql.adaptive.rebalancePartitionsSmallPartitionFactor", "1", "REQUIREMENT"),
    ("spark.sql.adaptive.advisoryPartitionSizeInBytes", "0", "REQUIREMENT"),
    ("spark.sql.streaming.minBatchesToRetain", "-1", "REQUIREMENT"),
    ("spark.sql.streaming.join.stateFormatVersion", "5", "REQUIREMENT"),
    ("spark.sql.codegen.aggregate.fastHashMap.capacityBit", "31", "REQUIREMENT"),
    ("spark.sql.avro.deflate.level", "10", "OUT_OF_RANGE_OF_OPTIONS"),
    ("spark.sql.parquet.outputTimestampType", "INT95", "OUT_OF_RANGE_OF_OPTIONS"),
]
TAKEN = [("spark.sql.shuffle.partitions", " 5 "), ("spark.sql.shuffle.partitions", "+5"),
         ("spark.sql.shuffle.partitions", "2147483647"), ("spark.sql.files.maxPartitionBytes", "1kib"),
         ("spark.sql.files.maxPartitionBytes", "-1"), ("spark.sql.broadcastTimeout", "5min"),
         ("spark.sql.broadcastTimeout", "1ms"), ("spark.sql.streaming.pollingDelay", "-5"),
         ("spark.sql.adaptive.skewJoin.skewedPartitionFactor", "2e1"), ("spark.sql.ansi.enabled", " TRUE"),
         ("spark.sql.parquet.outputTimestampType", "timestamp_micros"), ("my.own", "anything")]
SHOWN = [("spark.sql.files.maxPartitionBytes", "134217728b"), ("spark.sql.autoBroadcastJoinThreshold", "10485760b"),
         ("spark.sql.broadcastTimeout", "300000ms"), ("spark.sql.streaming.stopTimeout", "0ms"),
         ("spark.sql.execution.arrow.pyspark.enabled", "true"), ("spark.sql.codegen.wholeStage", "true"),
         ("spark.sql.adaptive.skewJoin.skewedPartitionFactor", "5.0")]
REMOVED = [("spark.sql.fromJsonForceNullableSchema", "true", "false"),
           ("spark.sql.legacy.parquet.int96RebaseModeInRead", "CORRECTED", "LEGACY"),
           ("spark.sql.parquet.int64AsTimestampMillis", "false", "true")]
NOT_BUILT = [("spark.sql.legacy.sizeOfNull", "true", "false"), ("spark.sql.mapKeyDedupPolicy", "exception", "LAST_WIN"),
             ("spark.sql.groupByOrdinal", "true", "false")]


def condition(call):
    with pytest.raises(PySparkException) as e, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        call()
    return e.value.getCondition()


def test_values(spark):
    for key, value, kind in WRONG:
        assert condition(lambda: spark.conf.set(key, value)) == f"INVALID_CONF_VALUE.{kind}", (key, value)
        assert condition(lambda: spark.sql(f"SET {key}={value}")) == f"INVALID_CONF_VALUE.{kind}", (key, value)
    for key, value in TAKEN:
        spark.conf.set(key, value)
        assert spark.conf.get(key) == value
        spark.conf.unset(key)
    for key, value in SHOWN:
        assert spark.conf.get(key) == value
        assert spark.sql(f"SET {key}").collect() == [(key, value)]


def test_old_names(spark):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        spark.conf.set("spark.sql.execution.arrow.enabled", "false")
        spark.conf.set("spark.sql.adaptive.shuffle.targetPostShuffleInputSize", "1k")
    assert len(seen) == 2 and "deprecated" in str(seen[1].message)
    assert spark.conf.get("spark.sql.execution.arrow.pyspark.enabled") == "false"
    assert spark.conf.get("spark.sql.adaptive.advisoryPartitionSizeInBytes") == "1k"
    assert spark.sql("SET mapred.reduce.tasks=9").collect() == [("spark.sql.shuffle.partitions", "9")]
    assert spark.conf.get("spark.sql.shuffle.partitions") == "9"
    spark.sql("RESET spark.sql.shuffle.partitions")
    assert spark.conf.get("spark.sql.shuffle.partitions") == "200"
    for key, default, other in REMOVED:
        spark.conf.set(key, default)
        assert condition(lambda: spark.conf.set(key, other)) == "_LEGACY_ERROR_TEMP_1226"


def test_what_cannot_be_changed(spark, server):
    from pyspark.sql.connect.session import SparkSession

    assert condition(lambda: spark.conf.set("spark.sql.warehouse.dir", "x")) == "CANNOT_MODIFY_STATIC_CONFIG"
    assert condition(lambda: spark.sql("RESET spark.sql.warehouse.dir")) == "CANNOT_MODIFY_STATIC_CONFIG"
    assert condition(lambda: spark.conf.set("spark.driver.memory", "1g")) == "CANNOT_MODIFY_CONFIG"
    assert [spark.conf.isModifiable(k) for k in ("spark.sql.shuffle.partitions", "spark.sql.warehouse.dir", "spark.driver.memory",
                                                 "spark.sql.execution.arrow.pyspark.enabled", "my.own")] == [True, False, False, True, False]
    assert condition(lambda: spark.conf.get("spark.sql.none")) == "SQL_CONF_NOT_FOUND"
    assert spark.conf.get("spark.sql.none", "x") == "x"
    assert condition(lambda: spark.conf.get("spark.sql.ansi.enabled", "x")) == "INVALID_CONF_VALUE.TYPE_MISMATCH"
    # what would change answers and is not built is refused by name, also from a builder
    for key, default, other in NOT_BUILT:
        spark.conf.set(key, default)
        with pytest.raises(PySparkException, match=f"{key}={other}"):
            spark.conf.set(key, other)
    with pytest.raises(PySparkException, match="spark.sql.legacy.sizeOfNull=false"):
        SparkSession.builder.remote(f"sc://127.0.0.1:{server}").config("spark.sql.legacy.sizeOfNull", "false").create()


def test_two_thousand_million_partitions(spark, tmp_path):
    """An error of the query: the engine goes on."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_text('{"k":1}\n')
    spark.conf.set("spark.sql.shuffle.partitions", "2000000000")
    q = spark.readStream.schema("k bigint").json(str(tmp_path / "in")).groupBy("k").count().writeStream.format("noop") \
        .outputMode("update").option("checkpointLocation", str(tmp_path / "cp")).trigger(availableNow=True).start()
    with pytest.raises(PySparkException, match="UNABLE_TO_ACQUIRE_MEMORY"):
        q.awaitTermination(60)
    assert spark.range(3).count() == 3


def test_numbers_of_options(spark, tmp_path):
    """Options of sources and waiting have Java's ints and their ranges."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("1\n")
    plain = spark.readStream.schema("a int")

    def fails(option, value):
        q = plain.option(option, value).csv(str(tmp_path / "in")).writeStream.format("noop").trigger(availableNow=True) \
            .option("checkpointLocation", str(tmp_path / f"{option}{value}")).start()
        with pytest.raises(PySparkException):
            q.awaitTermination(60)

    for option, value in (("maxFilesPerTrigger", "2147483648"), ("maxFilesPerTrigger", "0"), ("maxFilesPerTrigger", " 2 "),
                          ("maxBytesPerTrigger", "1k"), ("maxFileAge", "-1"), ("maxCachedFiles", "2147483648")):
        fails(option, value)
    for option, value in (("maxColumns", "-1"), ("maxCharsPerColumn", "x"), ("inputBufferSize", "0")):
        with pytest.raises(PySparkException):
            spark.read.schema("a int").option(option, value).csv(str(tmp_path / "in")).collect()
    q = plain.csv(str(tmp_path / "in")).writeStream.format("noop").option("checkpointLocation", str(tmp_path / "cp")).start()
    for wait in (q.awaitTermination, spark.streams.awaitAnyTermination):
        with pytest.raises(Exception, match="positive"):
            wait(1e-9)
    q.stop()
    assert spark.range(3)._show_string(2147483647, True, False) == spark.range(3)._show_string(20, True, False)
    assert [spark.range(3).limit(2147483647).count(), spark.range(3).offset(2147483647).count()] == [3, 0]
