"""The driver of confluent-kafka (librdkafka)."""

import sys

import frame
from confluent_kafka import (Consumer, ConsumerGroupTopicPartitions, IsolationLevel, KafkaException,
                             Producer, TopicPartition)
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource,
                                   NewPartitions, NewTopic, OffsetSpec)


def connection(settings):
    options = {"bootstrap.servers": settings["bootstrap"]}
    if settings["security"] == "sasl_ssl":
        options.update({"security.protocol": "sasl_ssl", "ssl.ca.location": settings["ca"],
                        "sasl.mechanism": settings["mechanism"],
                        "sasl.username": settings["user"], "sasl.password": settings["password"]})
    return options


def consumer(settings, group, **options):
    options = {name.replace("_", "."): value for name, value in options.items()}
    if settings.get("protocol") == "consumer":
        options["group.protocol"] = "consumer"
    else:
        options.update({"heartbeat.interval.ms": 200, "session.timeout.ms": 10000})
    return Consumer({**connection(settings), "group.id": group, "auto.offset.reset": "earliest",
                     "enable.auto.commit": False, "fetch.wait.max.ms": 100, **options})


def polled(client):
    """The next record, or None within 50 ms."""
    record = client.poll(0.05)
    if record is not None and record.error():
        if record.error().fatal():
            raise KafkaException(record.error())
        return None
    return record


class Sender:
    def __init__(self, settings):
        options = {**connection(settings), "acks": "all", "linger.ms": 20,
                   "compression.type": settings.get("codec", "none")}
        if "id" in settings:
            options.update({"transactional.id": settings["id"], "transaction.timeout.ms": 30000})
        self.client = Producer(options)
        self.failures = []
        if "id" in settings:
            self.client.init_transactions(30)
            self.begin = self.client.begin_transaction
            self.commit = self.client.commit_transaction
            self.abort = self.client.abort_transaction

    def on_delivery(self, error, _):
        if error is not None:
            self.failures.append(error)

    def send(self, topic, partition, key, value):
        self.client.produce(topic, value, key, int(partition), on_delivery=self.on_delivery)

    def flush(self):
        left = self.client.flush(30)
        if left or self.failures:
            raise KafkaException(f"{left} not sent: {self.failures[:1]}")


def run_producer(settings):
    frame.serve(Sender(settings))


class Member:
    def __init__(self, settings):
        self.client = consumer(settings, settings["group"])
        self.client.subscribe([settings["topic"]], on_assign=self.assigned, on_revoke=self.revoked)
        self.left = int(settings.get("stop_after", sys.maxsize))

    # The client itself carries out what these leave to it, after they return.
    def assigned(self, client, partitions):
        frame.say("owned", len(client.assignment()) + len(partitions))

    def revoked(self, client, partitions):
        frame.say("owned", len(client.assignment()) - len(partitions))

    def run(self):
        ended = frame.end_of_input()
        while not ended.is_set():
            record = polled(self.client)
            if record is not None and self.left > 0:
                self.left -= 1
                self.process(record)
        self.client.close()

    def process(self, record):
        where = TopicPartition(record.topic(), record.partition(), record.offset() + 1)
        try:
            for committed in self.client.commit(offsets=[where], asynchronous=False):
                if committed.error is not None:
                    raise KafkaException(committed.error)
        except KafkaException:
            self.read_again(record)
        else:
            frame.say("committed", record.value().decode())

    def read_again(self, record):
        """A rebalance came between: whoever has the partition now reads the record."""
        try:
            self.client.seek(TopicPartition(record.topic(), record.partition(), record.offset()))
        except KafkaException:
            pass  # it is no longer ours


def run_reader(settings):
    client = consumer(settings, "reader", isolation_level=f"read_{settings['isolation']}")
    topic = settings["topic"]
    partitions = client.list_topics(topic, 30).topics[topic].partitions
    client.assign([TopicPartition(topic, index, 0) for index in partitions])
    ended = frame.end_of_input()
    while not ended.is_set():
        record = polled(client)
        if record is not None:
            frame.say("value", record.value().decode())
    client.close()


def run_pipe(settings):
    producer = Sender(settings).client
    client = consumer(settings, settings["group"], isolation_level="read_committed")
    client.subscribe([settings["input"]])
    ended = frame.end_of_input()
    while not ended.is_set():
        records = [record for record in client.consume(10, 0.05) if not record.error()]
        if not records:
            continue
        producer.begin_transaction()
        for record in records:
            producer.produce(settings["output"], b"bar of " + record.value())
        last = records[-1]
        producer.send_offsets_to_transaction(
            [TopicPartition(last.topic(), last.partition(), last.offset() + 1)],
            client.consumer_group_metadata(), 30)
        producer.commit_transaction(30)
        frame.say("transaction")
    client.close()


def outcome(futures):
    """The results of calls that were begun, or what the first that failed raised."""
    return {name: future.result(30) for name, future in futures.items()}


class Admin:
    def __init__(self, settings):
        self.client = AdminClient(connection(settings))

    def create(self, topic, partitions, *configs):
        config = dict(entry.split("=", 1) for entry in configs)
        outcome(self.client.create_topics([NewTopic(topic, int(partitions), 1, config=config)]))

    def delete(self, topic):
        outcome(self.client.delete_topics([topic]))

    def topics(self):
        return self.client.list_topics(timeout=30).topics

    def partitions(self, topic):
        return [len(self.client.list_topics(topic, 30).topics[topic].partitions)]

    def add_partitions(self, topic, count):
        outcome(self.client.create_partitions([NewPartitions(topic, int(count))]))

    def config(self, topic, name):
        described = outcome(self.client.describe_configs([ConfigResource("topic", topic)]))
        return [next(iter(described.values()))[name].value]

    def alter(self, topic, config):
        name, value = config.split("=", 1)
        entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        outcome(self.client.incremental_alter_configs(
            [ConfigResource("topic", topic, incremental_configs=[entry])]))

    def groups(self):
        return [group.group_id for group in self.client.list_consumer_groups().result(30).valid]

    def group(self, name):
        described = outcome(self.client.describe_consumer_groups([name]))[name]
        return [described.state.name.capitalize(), len(described.members)]

    def offset(self, group, topic, partition):
        asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, int(partition))])
        found = outcome(self.client.list_consumer_group_offsets([asked]))[group]
        return [found.topic_partitions[0].offset]

    def set_offset(self, group, topic, partition, offset):
        where = TopicPartition(topic, int(partition), int(offset))
        outcome(self.client.alter_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group, [where])]))

    def delete_group(self, name):
        outcome(self.client.delete_consumer_groups([name]))

    def ends(self, topic, partition):
        where = TopicPartition(topic, int(partition))
        found = [outcome(self.client.list_offsets(
            {where: spec}, isolation_level=IsolationLevel.READ_UNCOMMITTED))
            for spec in (OffsetSpec.earliest(), OffsetSpec.latest())]
        return [offsets[where].offset for offsets in found]

    def delete_records(self, topic, partition, offset):
        outcome(self.client.delete_records([TopicPartition(topic, int(partition), int(offset))]))


frame.run({"producer": run_producer, "member": lambda settings: Member(settings).run(),
           "reader": run_reader, "pipe": run_pipe,
           "admin": lambda settings: frame.serve(Admin(settings))})
