"""The tutorial's producer: a random row of a CSV each 100 ms. Usage: KAFKA TOPIC CSV"""

import csv
import json
import random
import sys
import time

from kafka import KafkaProducer

kafka, topic, path = sys.argv[1:]
with open(path, newline="", encoding="utf-8") as file:
    rows = [{name: float(value) if name in ("Open", "High", "Low", "Close") else value
             for name, value in row.items()} for row in csv.DictReader(file)]
producer = KafkaProducer(bootstrap_servers=[kafka],
                         value_serializer=lambda value: json.dumps(value).encode("utf-8"))
while True:
    producer.send(topic, value=random.choice(rows))
    time.sleep(0.1)
