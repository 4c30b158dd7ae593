"""Counts words that arrive on a socket: the first streaming job everybody writes.

    nc -lk 9998                      in one terminal
    forebay submit wordcount.py      in another
"""
import sys

from pyspark.sql import SparkSession
from pyspark.sql.functions import explode, split

port = int(sys.argv[1]) if len(sys.argv) > 1 else 9998
spark = SparkSession.builder.appName("word count").config("spark.sql.shuffle.partitions", 3) \
    .master("local[2]").getOrCreate()

lines = spark.readStream.format("socket").option("host", "localhost").option("port", port).load()
words = lines.select(explode(split(lines.value, " ")).alias("word"))
counts = words.groupBy("word").count()

query = counts.writeStream.outputMode("complete").format("console").start()
query.awaitTermination()
