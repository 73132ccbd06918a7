"""A real client (librdkafka) whose history the checker reads: one JSON object a line on stdout.

  client.py sender  BOOTSTRAP NAME TOPIC PARTITIONS
  client.py mover   BOOTSTRAP NAME INPUT OUTPUT
  client.py reader  BOOTSTRAP ISOLATION TOPIC PARTITIONS

The end of its standard input ends it in good order. What it says:
  sender  {"send": VALUE, "p": P} before a record is handed to the client, {"acked": VALUE, "p": P, "o": OFFSET}
          when the broker has acknowledged it, {"failed": VALUE, "why": …} when the client gave it up. A value is
          NAME.LIFE:NUMBER; a life is one idempotent producer, whose numbers rise within a partition.
  mover   reads INPUT in a group and writes two entries for each record, `VALUE -` to partition 0 and `VALUE +` to
          partition 1 of OUTPUT, with the input's offset in the same transaction:
          {"begin": ID, "values": […]}, then {"committed": ID} or {"aborted": ID} or neither, if nobody knows.
          One in ten transactions is aborted on purpose; its entries end in `!`.
  reader  {"p": P, "o": OFFSET, "v": VALUE} for each record from the beginning on.
"""

import json
import random
import select
import sys
import time

from confluent_kafka import (OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer,
                             TopicPartition)

IN_FLIGHT_MAX = 500
RECORDS_PER_SECOND = 400  # in bursts; a mover has to keep up
RECORDS_PER_TRANSACTION = 100
CALL_S = 20


def say(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def input_ended():
    readable, _, _ = select.select([sys.stdin], [], [], 0)
    return bool(readable) and sys.stdin.buffer.raw.read(1) == b""


def settings(bootstrap, **more):
    return {"bootstrap.servers": bootstrap, "reconnect.backoff.ms": 10,
            "reconnect.backoff.max.ms": 100, "socket.timeout.ms": 5000, "log_level": 0,
            "retry.backoff.ms": 20,
            **{name.replace("_", "."): value for name, value in more.items()}}


class Sender:
    def __init__(self, bootstrap, name, topic, partitions):
        self.bootstrap, self.name, self.topic = bootstrap, name, topic
        self.partitions = int(partitions)
        self.life = -1
        self.begin_life()

    def begin_life(self):
        self.life += 1
        self.number = 0
        self.in_flight = 0
        self.is_fatal = False
        self.client = Producer(settings(self.bootstrap, enable_idempotence=True, linger_ms=2,
                                        batch_num_messages=20) | {"error_cb": self.told})

    def told(self, error):
        if error.fatal():
            self.is_fatal = True

    def delivered(self, error, message):
        self.in_flight -= 1
        value = message.value().decode()
        if error is None:
            say(acked=value, p=message.partition(), o=message.offset())
        else:
            say(failed=value, p=message.partition(), why=error.str())

    def run(self):
        chance = random.Random(self.name)
        while not input_ended():
            if self.is_fatal:
                self.client.flush(CALL_S)
                self.begin_life()
            burst = chance.randrange(1, 100)
            next_burst = time.monotonic() + burst / RECORDS_PER_SECOND
            while burst > 0 and self.in_flight < IN_FLIGHT_MAX and not self.is_fatal:
                self.send_next()
                burst -= 1
            while time.monotonic() < next_burst:
                self.client.poll(0.005)
        self.client.flush(60)

    def send_next(self):
        value = f"{self.name}.{self.life}:{self.number}"
        partition = self.number % self.partitions
        say(send=value, p=partition)
        try:
            self.client.produce(self.topic, value, partition=partition,
                                on_delivery=self.delivered)
        except (KafkaException, BufferError) as error:
            say(failed=value, p=partition, why=str(error))
            self.is_fatal = self.is_fatal or isinstance(error, KafkaException)
        else:
            self.in_flight += 1
        self.number += 1


class Mover:
    def __init__(self, bootstrap, name, source, target):
        self.bootstrap, self.name, self.source, self.target = bootstrap, name, source, target
        self.chance = random.Random(name)
        self.number = 0
        self.consumer = self.producer = None

    def connect(self):
        """New clients: what an application does after an error that only a restart mends."""
        self.close()
        self.producer = Producer(settings(
            self.bootstrap, transactional_id=self.name, transaction_timeout_ms=20000, linger_ms=1))
        self.producer.init_transactions(CALL_S)
        self.consumer = Consumer(settings(
            self.bootstrap, group_id="movers", auto_offset_reset="earliest",
            enable_auto_commit=False, isolation_level="read_committed",
            session_timeout_ms=6000, heartbeat_interval_ms=300, fetch_wait_max_ms=50))
        self.consumer.subscribe([self.source])

    def close(self):
        if self.consumer is not None:
            self.consumer.close()
        self.consumer = self.producer = None

    def run(self):
        while not input_ended():
            try:
                if self.producer is None:
                    self.connect()
                self.move()
            except KafkaException as error:
                say(trouble=str(error))
                self.recover(error.args[0])
        self.close()

    def recover(self, error):
        if not error.txn_requires_abort():
            self.close()
            return
        try:
            self.producer.abort_transaction(CALL_S)
            say(aborted=self.id())
        except KafkaException as again:
            say(trouble=str(again))
        # The group hands out again what was not committed.
        self.close()

    def id(self):
        return f"{self.name}:{self.number}"

    def move(self):
        messages = [message for message in
                    self.consumer.consume(RECORDS_PER_TRANSACTION, timeout=0.05)
                    if message.error() is None]
        if not messages:
            return
        self.number += 1
        is_vain = self.chance.random() < 0.1
        mark = f" {self.id()}" + ("!" if is_vain else "")
        entries = [(sign == "+", f"{message.value().decode()} {sign}{mark}")
                   for message in messages for sign in "-+"]
        say(begin=self.id(), values=[value for _, value in entries])
        self.producer.begin_transaction()
        for partition, value in entries:
            self.producer.produce(self.target, value, partition=int(partition))
        next_offsets = {}
        for message in messages:
            next_offsets[message.partition()] = message.offset() + 1
        self.producer.send_offsets_to_transaction(
            [TopicPartition(self.source, partition, offset)
             for partition, offset in next_offsets.items()],
            self.consumer.consumer_group_metadata(), CALL_S)
        if is_vain:
            self.producer.abort_transaction(CALL_S)
            say(aborted=self.id())
            self.close()
            return
        self.producer.commit_transaction(CALL_S)
        say(committed=self.id())


def run_reader(bootstrap, isolation, topic, partitions):
    consumer = Consumer(settings(
        bootstrap, group_id="readers", enable_auto_commit=False, isolation_level=isolation,
        fetch_wait_max_ms=50, auto_offset_reset="error"))
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING)
                     for partition in range(int(partitions))])
    while not input_ended():
        for message in consumer.consume(500, timeout=0.05):
            if message.error() is None:
                say(p=message.partition(), o=message.offset(), v=message.value().decode())
            elif message.error().code() == KafkaError._AUTO_OFFSET_RESET:
                say(reset=message.error().str())
    consumer.close()


if __name__ == "__main__":
    role, *arguments = sys.argv[1:]
    if role == "reader":
        run_reader(*arguments)
    else:
        {"sender": Sender, "mover": Mover}[role](*arguments).run()
