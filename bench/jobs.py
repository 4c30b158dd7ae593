"""The PySpark jobs of the benchmark. The same script runs on Spark and under `forebay submit`.

usage: jobs.py orders|words RESULT.json INPUT [OUTPUT] CHECKPOINT
       jobs.py line|count PORT CHECKPOINT     prints what arrives on a socket, until it is killed
       jobs.py hello                          one small query
       jobs.py idle                           a session that waits for its standard input to end
"""
import json
import sys
import time

from pyspark.sql import SparkSession

SCHEMA = "order_id long, order_date date, order_customer_id long, order_status string"
COUNT = "select word, count(*) as n from (select explode(split(value, ' ')) as word from lines) group by word"


def run(writer, checkpoint, result):
    """Runs to the end of the input; keeps each batch's milliseconds, and the groups in its state, as the engine reports them."""
    begin = time.perf_counter()
    query = writer.option("checkpointLocation", checkpoint).trigger(availableNow=True).start()
    query.awaitTermination()
    wall_s = time.perf_counter() - begin
    batches = [json.loads(p.json) for p in query.recentProgress]
    with open(result, "w") as f:
        json.dump({"wall_s": wall_s, "batches_ms": [b["durationMs"]["triggerExecution"] for b in batches
                                                    if b["numInputRows"]],
                   "groups": sum(s["numRowsTotal"] for s in batches[-1]["stateOperators"])}, f)


def orders(spark, result, source, out, checkpoint):
    spark.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1).json(source).createOrReplaceTempView("orders")
    rows = spark.sql("select * from orders where order_status = 'COMPLETE'")
    run(rows.writeStream.format("csv").outputMode("append").option("path", out), checkpoint, result)


def words(spark, result, source, checkpoint):
    spark.readStream.option("maxFilesPerTrigger", 1).text(source).createOrReplaceTempView("lines")
    run(spark.sql(COUNT).writeStream.format("noop").outputMode("complete"), checkpoint, result)


def socket_lines(spark, port):
    return spark.readStream.format("socket").option("host", "127.0.0.1").option("port", port).load()


def line(spark, port, checkpoint):
    lines = socket_lines(spark, port)
    lines.writeStream.format("console").option("checkpointLocation", checkpoint).start().awaitTermination()


def count(spark, port, checkpoint):
    socket_lines(spark, port).createOrReplaceTempView("lines")
    spark.sql(COUNT).writeStream.format("console").outputMode("update") \
        .option("checkpointLocation", checkpoint).start().awaitTermination()


def hello(spark):
    print("rows:", spark.range(3).count())


def idle(spark):
    spark.range(3).count()
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    session = SparkSession.builder.appName("bench").master("local[2]") \
        .config("spark.sql.shuffle.partitions", 2).getOrCreate()
    {f.__name__: f for f in (orders, words, line, count, hello, idle)}[sys.argv[1]](session, *sys.argv[2:])
