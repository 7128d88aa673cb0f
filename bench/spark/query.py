"""The queries of handler.ts in PySpark: it works through a topic, is done when it has caught up, and prints one line of JSON.

spark-submit query.py BROKERS TOPIC WINDOW [RECORDS_PER_BATCH]

With FOLDER in the environment every tick goes to files of Parquet there, which may be in a bucket, s3a://…, with the checkpoint in
CHECKPOINT; without it bars of windows go nowhere.
"""

import json
import os
import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

brokers, topic, window = sys.argv[1:4]
batch_size = sys.argv[4:5]

spark = SparkSession.builder.appName("bench").getOrCreate()
source = (
    spark.readStream.format("kafka")
    .option("kafka.bootstrap.servers", brokers)
    .option("subscribe", topic)
    .option("startingOffsets", "earliest")
)
for records in batch_size:
    source = source.option("maxOffsetsPerTrigger", records)

schema = "symbol STRING, price DOUBLE, volume BIGINT, timestamp BIGINT"
ticks = source.load().select(F.from_json(F.col("value").cast("string"), schema).alias("tick")).select("tick.*")
bars = (
    ticks.withColumn("time", F.timestamp_millis("timestamp"))
    .withWatermark("time", "10 seconds")
    .groupBy(F.window("time", window), "symbol")
    .agg(F.count("*"), F.avg("price"), F.min("price"), F.max("price"), F.sum("volume"))
)

began = time.monotonic()
folder = os.environ.get("FOLDER")
if folder:
    rows = ticks.withColumn("timestamp", F.timestamp_millis("timestamp"))
    files = rows.writeStream.format("parquet").option("checkpointLocation", os.environ["CHECKPOINT"])
    query = files.trigger(availableNow=True).start(folder)
else:
    query = bars.writeStream.outputMode("update").format("noop").trigger(availableNow=True).start()
query.awaitTermination()
progress = query.recentProgress
print(json.dumps({"seconds": time.monotonic() - began, "records": sum(batch["numInputRows"] for batch in progress)}))
