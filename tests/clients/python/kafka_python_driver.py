"""The driver of kafka-python 3."""

import sys

import frame
from kafka import (ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer,
                   OffsetAndMetadata, TopicPartition)
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import CommitFailedError, KafkaError


def connection(settings):
    options = {"bootstrap_servers": settings["bootstrap"]}
    if settings["security"] == "sasl_ssl":
        options.update(security_protocol="SASL_SSL", ssl_cafile=settings["ca"],
                       sasl_mechanism=settings["mechanism"],
                       sasl_plain_username=settings["user"],
                       sasl_plain_password=settings["password"])
    return options


def consumer(settings, **options):
    return KafkaConsumer(
        **connection(settings), auto_offset_reset="earliest", enable_auto_commit=False,
        heartbeat_interval_ms=200, session_timeout_ms=10000, metadata_max_age_ms=1000,
        fetch_max_wait_ms=100, **options)


class Producer:
    def __init__(self, settings):
        codec = settings["codec"]
        self.client = KafkaProducer(
            **connection(settings), acks="all", linger_ms=20,
            compression_type=None if codec == "none" else codec,
            transactional_id=settings.get("id"))
        self.sent = []
        if "id" in settings:
            self.client.init_transactions()

    def send(self, topic, partition, key, value):
        where = None if partition == "-1" else int(partition)
        self.sent.append(self.client.send(topic, key=key.encode(), value=value.encode(),
                                          partition=where))

    def flush(self):
        self.client.flush(30)
        sent, self.sent = self.sent, []
        for future in sent:
            future.get(30)

    def begin(self):
        self.client.begin_transaction()

    def commit(self):
        self.client.commit_transaction()

    def abort(self):
        self.client.abort_transaction()


def run_producer(settings):
    producer = Producer(settings)
    frame.serve(producer)
    producer.client.close(10)


class Member(ConsumerRebalanceListener):
    def __init__(self, settings):
        self.client = consumer(settings, group_id=settings["group"], max_poll_records=20)
        # If it joins before it knows the partitions it has to join again at once, and then 3.0.12
        # now and then drops the second assignment, which the broker gave, on a busy machine.
        self.client.partitions_for_topic(settings["topic"])
        self.client.subscribe([settings["topic"]], listener=self)
        self.left = int(settings.get("stop_after", sys.maxsize))

    def on_partitions_revoked(self, revoked):
        frame.say("owned", 0)

    def on_partitions_assigned(self, assigned):
        frame.say("owned", len(self.client.assignment()))

    def run(self):
        ended = frame.end_of_input()
        while not ended.is_set():
            for partition, records in self.client.poll(timeout_ms=50).items():
                self.process(partition, records)
        self.client.close(autocommit=False)

    def process(self, partition, records):
        for record in records:
            if self.left == 0:
                return
            self.left -= 1
            try:
                self.client.commit({partition: OffsetAndMetadata(record.offset + 1, "", -1)})
            except CommitFailedError:
                return  # a rebalance took it away: whoever has it now reads it
            frame.say("committed", record.value.decode())


def run_reader(settings):
    client = consumer(settings, isolation_level=f"read_{settings['isolation']}")
    topic = settings["topic"]
    client.assign([TopicPartition(topic, index) for index in client.partitions_for_topic(topic)])
    client.seek_to_beginning()
    ended = frame.end_of_input()
    while not ended.is_set():
        for records in client.poll(timeout_ms=50).values():
            for record in records:
                frame.say("value", record.value.decode())
    client.close()


def run_pipe(settings):
    producer = Producer({**settings, "codec": "none"}).client
    client = consumer(settings, group_id=settings["group"], max_poll_records=10,
                      isolation_level="read_committed")
    client.subscribe([settings["input"]])
    ended = frame.end_of_input()
    while not ended.is_set():
        for partition, records in client.poll(timeout_ms=50).items():
            producer.begin_transaction()
            for record in records:
                producer.send(settings["output"], value=b"bar of " + record.value)
            offsets = {partition: OffsetAndMetadata(records[-1].offset + 1, "", -1)}
            producer.send_offsets_to_transaction(offsets, client.group_metadata())
            producer.commit_transaction()
            frame.say("transaction")
    client.close(autocommit=False)
    producer.close(10)


class Admin:
    def __init__(self, settings):
        self.client = KafkaAdminClient(**connection(settings))

    def create(self, topic, partitions, *configs):
        self.client.create_topics({topic: {
            "num_partitions": int(partitions), "replication_factor": 1,
            "configs": dict(config.split("=", 1) for config in configs)}})

    def delete(self, topic):
        self.client.delete_topics([topic])

    def topics(self):
        return self.client.list_topics()

    def partitions(self, topic):
        return [len(self.client.describe_topics([topic])[0]["partitions"])]

    def add_partitions(self, topic, count):
        self.client.create_partitions({topic: int(count)})

    def config(self, topic, name):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs={name: None})
        described = self.client.describe_configs([resource], config_filter="all")
        return [described["topic"][topic][name]["value"]]

    def alter(self, topic, config):
        name, value = config.split("=", 1)
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs={name: value})
        altered = self.client.alter_configs([resource], raise_on_unknown=False)
        outcome = altered["topic"][topic]
        if "OK" not in str(outcome):
            raise KafkaError(outcome)

    def groups(self):
        return [group["group_id"] for group in self.client.list_groups()]

    def group(self, name):
        described = self.client.describe_groups([name])[name]
        return [described["group_state"], len(described["members"])]

    def offset(self, group, topic, partition):
        offsets = self.client.list_group_offsets([group])[group]
        return [offsets[TopicPartition(topic, int(partition))].offset]

    def set_offset(self, group, topic, partition, offset):
        where = TopicPartition(topic, int(partition))
        self.client.alter_group_offsets(group, {where: OffsetAndMetadata(int(offset), "", -1)})

    def delete_group(self, name):
        outcome = self.client.delete_groups([name])[name]
        if "OK" not in str(outcome):
            raise KafkaError(outcome)

    def ends(self, topic, partition):
        where = TopicPartition(topic, int(partition))
        return [self.client.list_partition_offsets({where: spec})[where].offset
                for spec in (OffsetSpec.EARLIEST, OffsetSpec.LATEST)]

    def delete_records(self, topic, partition, offset):
        self.client.delete_records({TopicPartition(topic, int(partition)): int(offset)})


def run_admin(settings):
    admin = Admin(settings)
    frame.serve(admin)
    admin.client.close()


frame.run({"producer": run_producer, "member": lambda settings: Member(settings).run(),
           "reader": run_reader, "pipe": run_pipe, "admin": run_admin})
