"""The tutorial's consumer: each message as an object of its own. Usage: KAFKA TOPIC BUCKET"""

import json
import sys

from kafka import KafkaConsumer
from s3fs import S3FileSystem

kafka, topic, bucket = sys.argv[1:]
consumer = KafkaConsumer(topic, bootstrap_servers=[kafka], auto_offset_reset="earliest",
                         value_deserializer=lambda value: json.loads(value.decode("utf-8")))
s3 = S3FileSystem()
for count, message in enumerate(consumer):
    with s3.open(f"s3://{bucket}/stock_market_{count}.json", "w") as file:
        json.dump(message.value, file)
