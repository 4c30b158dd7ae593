"""Keeps a running count of orders by status and prints it after each batch.

    forebay submit orders_by_status.py data/in complete      the whole table each time
    forebay submit orders_by_status.py data/in update        the rows that changed
    forebay submit orders_by_status.py data/in append        refused: such a count is never final
"""
import sys

from pyspark.sql import SparkSession

inbox, mode = sys.argv[1:3]
spark = SparkSession.builder.appName("orders by status").config("spark.sql.shuffle.partitions", 3) \
    .master("local[2]").getOrCreate()

schema = "order_id long, order_date date, order_customer_id long, order_status string"
spark.readStream.schema(schema).json(inbox).createOrReplaceTempView("orders")
totals = spark.sql("select order_status, count(*) as total from orders group by order_status")

query = totals.writeStream.format("console").outputMode(mode).start()
query.awaitTermination()
