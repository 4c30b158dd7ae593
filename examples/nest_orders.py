"""A batch job: joins orders with their items and writes nested JSON.

    forebay submit nest_orders.py data/orders data/order_items data/nested
"""
import sys

from pyspark.sql import SparkSession
from pyspark.sql.functions import collect_list, struct

orders, items, out = sys.argv[1:4]
spark = SparkSession.builder.appName("nest orders").master("local[2]").getOrCreate()

spark.read.json(orders).createOrReplaceTempView("orders")
spark.read.json(items).createOrReplaceTempView("items")
joined = spark.sql("""
    select o.order_id, o.order_status, i.order_item_id, i.order_item_quantity, i.order_item_subtotal
    from orders o join items i on i.order_item_order_id = o.order_id""")
nested = joined.groupBy("order_id", "order_status").agg(
    collect_list(struct("order_item_id", "order_item_quantity", "order_item_subtotal")).alias("line_items"))
nested.repartition(1).orderBy("order_id").write.mode("overwrite").json(out)
