"""Filters JSON orders that are dropped into a folder and appends them as CSV.

    forebay submit orders_to_csv.py data/in data/out data/checkpoint

Kill it whenever you like and start it again: nothing is lost and nothing is written twice.
"""
import sys

from pyspark.sql import SparkSession

inbox, outbox, checkpoint = sys.argv[1:4]
spark = SparkSession.builder.appName("orders to csv").master("local[2]").getOrCreate()

schema = "order_id long, order_date date, order_customer_id long, order_status string"
spark.readStream.schema(schema).json(inbox).createOrReplaceTempView("orders")
complete = spark.sql("select * from orders where order_status = 'COMPLETE'")

query = complete.writeStream.format("csv").outputMode("append") \
    .option("path", outbox).option("checkpointLocation", checkpoint).start()
query.awaitTermination()
