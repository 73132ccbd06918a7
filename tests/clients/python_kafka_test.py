"""Debian's python3-kafka against the real broker."""

import signal
import threading
import unittest

from kafka import (ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer,
                   TopicPartition)
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.errors import CommitFailedError, InvalidConfigurationError, KafkaError, NonEmptyGroupError
from kafka.structs import OffsetAndMetadata

from broker import wait_until
from secure import broker_under_test

# What consumers share; the client finds out by itself which versions the broker speaks.
FAST_GROUP = {"auto_offset_reset": "earliest", "enable_auto_commit": False,
              "heartbeat_interval_ms": 200, "session_timeout_ms": 10000,
              "metadata_max_age_ms": 1000, "consumer_timeout_ms": 20000}


def reach(broker):
    return {"bootstrap_servers": broker.address, **broker.kafka_python()}


def value(number):
    return (f'{{"n":{number},"text":"' + "tick" * 10 + '"}').encode()


class Member(threading.Thread, ConsumerRebalanceListener):
    """A consumer on a thread of its own that commits each record and then counts it as done."""

    def __init__(self, broker, group, topic):
        super().__init__()
        self.consumer = KafkaConsumer(**reach(broker), group_id=group,
                                      **FAST_GROUP)
        self.consumer.subscribe([topic], listener=self)
        self.owned = set()
        self.committed = []
        self.leaving = threading.Event()
        self.failure = None
        self.start()

    def on_partitions_revoked(self, revoked):
        self.owned = set()

    def on_partitions_assigned(self, assigned):
        self.owned = set(assigned)

    def run(self):
        try:
            while not self.leaving.is_set():
                for records in self.consumer.poll(timeout_ms=50, max_records=20).values():
                    self._process(records)
        except Exception as error:  # shown by the test, on its own thread
            self.failure = error
        finally:
            self.consumer.close(autocommit=False)

    def _process(self, records):
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            try:
                self.consumer.commit({partition: OffsetAndMetadata(record.offset + 1, "")})
            except CommitFailedError:
                return  # a rebalance took it away: whoever has it now reads it
            self.committed.append(record.value)

    def leave(self):
        self.leaving.set()
        self.join(30)
        if self.failure is not None:
            raise self.failure


class PythonKafka(unittest.TestCase):
    def setUp(self):
        self.broker = self.enterContext(broker_under_test())

    def producer(self, **options):
        producer = KafkaProducer(**reach(self.broker), acks="all", linger_ms=50,
                                 **options)
        self.addCleanup(producer.close)
        return producer

    def check_codec(self, codec):
        producer = self.producer(compression_type=codec)
        for number in range(500):
            producer.send("ticks", key=b"key-%d" % (number % 7), value=value(number))
        producer.flush(30)
        consumer = KafkaConsumer("ticks", **reach(self.broker),
                                 auto_offset_reset="earliest", consumer_timeout_ms=10000)
        self.addCleanup(consumer.close)
        read = [next(consumer) for _ in range(500)]
        self.assertEqual([record.value for record in read], [value(n) for n in range(500)])
        self.assertEqual(read[8].key, b"key-1")
        self.assertEqual(set(self.broker.batch_codecs("ticks")), {codec or "none"})

    def test_none(self):
        self.check_codec(None)

    def test_gzip(self):
        self.check_codec("gzip")

    def test_snappy(self):
        self.check_codec("snappy")

    def test_lz4(self):
        self.check_codec("lz4")

    def test_zstd(self):
        self.check_codec("zstd")

    def test_rebalance(self):
        """A second member joins and leaves under traffic: all seen, none again once committed."""
        self.broker.create_topic("ticks", 4)
        producer = self.producer()
        expected = []

        def produce_next():
            for _ in range(200):
                expected.append(value(len(expected)))
                producer.send("ticks", value=expected[-1], partition=len(expected) % 4)
            producer.flush(30)

        first = Member(self.broker, "readers", "ticks")
        self.addCleanup(first.leave)
        wait_until(lambda: len(first.owned) == 4, "the first member has all partitions")
        produce_next()
        wait_until(lambda: len(first.committed) == 200, "the first member reads all")

        second = Member(self.broker, "readers", "ticks")
        self.addCleanup(second.leave)
        produce_next()
        wait_until(lambda: len(first.owned) == 2 and len(second.owned) == 2, "two partitions each")
        before = len(first.committed), len(second.committed)
        produce_next()
        wait_until(lambda: len(first.committed) + len(second.committed) >= 600, "both read on")
        self.assertGreater(len(first.committed), before[0])
        self.assertGreater(len(second.committed), before[1])

        second.leave()
        wait_until(lambda: len(first.owned) == 4, "the first member has all partitions again")
        produce_next()
        wait_until(lambda: len(first.committed) + len(second.committed) >= 800, "the rest is read")
        first.leave()
        self.assertEqual(sorted(first.committed + second.committed), sorted(expected))
        self.assertEqual(self.broker.committed("readers", "ticks", 4), [200] * 4)

    def admin(self):
        client = KafkaAdminClient(**reach(self.broker))
        self.addCleanup(client.close)
        return client

    def configs_of(self, admin, topic):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        answer = admin.describe_configs([resource])[0]
        return {config[0]: config[1] for config in answer.resources[0][4]}

    def test_administration(self):
        """Topics, configs, partitions and groups as the client's admin sees and changes them."""
        admin = self.admin()
        with self.assertRaises(InvalidConfigurationError):
            admin.create_topics([NewTopic("wrong", 1, 1, topic_configs={"retention.msec": "1"})])
        admin.create_topics([NewTopic("ticks", 1, 1, topic_configs={"retention.ms": "600000"})])
        self.assertEqual(self.configs_of(admin, "ticks")["retention.ms"], "600000")
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "ticks",
                                            configs={"max.message.bytes": "2000"})])
        configs = self.configs_of(admin, "ticks")
        self.assertEqual((configs["max.message.bytes"], configs["retention.ms"]),
                         ("2000", "604800000"))
        with self.assertRaises(KafkaError):
            self.producer().send("ticks", value=bytes(3000)).get(30)
        admin.create_partitions({"ticks": NewPartitions(3)})
        self.assertEqual(len(admin.describe_topics(["ticks"])[0]["partitions"]), 3)

        producer = self.producer()
        for number in range(10):
            producer.send("ticks", value=value(number), partition=0)
        producer.flush(30)
        member = Member(self.broker, "readers", "ticks")
        self.addCleanup(member.leave)
        wait_until(lambda: len(member.committed) == 10, "all is read and committed")
        self.assertEqual(admin.list_consumer_groups(), [("readers", "consumer")])
        described = admin.describe_consumer_groups(["readers"])[0]
        self.assertEqual((described.state, len(described.members)), ("Stable", 1))
        self.assertEqual(admin.delete_consumer_groups(["readers"]), [("readers", NonEmptyGroupError)])
        member.leave()
        offsets = admin.list_consumer_group_offsets("readers")
        self.assertEqual(offsets[TopicPartition("ticks", 0)].offset, 10)
        admin.delete_consumer_groups(["readers"])
        self.assertEqual(admin.list_consumer_groups(), [])
        self.assertEqual(self.broker.committed("readers", "ticks", 1), [-1])

    def test_compaction(self):
        """Of each key the last value stays, over a kill too; records without a key are refused."""
        self.admin().create_topics([NewTopic("ticks", 1, 1, topic_configs={
            "cleanup.policy": "compact", "segment.bytes": "1000",
            "min.cleanable.dirty.ratio": "0.01"})])
        producer = self.producer(retries=0)
        with self.assertRaises(KafkaError):
            producer.send("ticks", value=b"no key").get(30)
        for number in range(90):
            producer.send("ticks", key=b"key-%d" % (number % 3), value=value(number)).get(30)

        def is_compacted():
            try:
                return len(self.broker.batch_codecs("ticks")) <= 10
            except FileNotFoundError:  # a segment was replaced between list and read
                return False

        wait_until(is_compacted, "the cleaner has been there", 60)
        self.broker.stop(signal.SIGKILL)
        self.broker.start()
        consumer = KafkaConsumer("ticks", **reach(self.broker),
                                 auto_offset_reset="earliest", consumer_timeout_ms=3000)
        self.addCleanup(consumer.close)
        last = {record.key: (record.offset, record.value) for record in consumer}
        self.assertEqual(last, {b"key-%d" % (n % 3): (n, value(n)) for n in (87, 88, 89)})

    def test_codec_of_topic(self):
        """compression.type of the topic, from when it is set, is the codec on disk."""
        admin = self.admin()
        admin.create_topics([NewTopic("ticks", 1, 1)])
        producer = self.producer(compression_type="gzip")
        expected = []
        for codec in ("producer", "lz4", "zstd", "snappy", "uncompressed"):
            admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "ticks",
                                                configs={"compression.type": codec})])
            for _ in range(100):
                expected.append(value(len(expected)))
                producer.send("ticks", key=b"key", value=expected[-1])
            producer.flush(30)
        codecs = self.broker.batch_codecs("ticks")
        self.assertEqual(list(dict.fromkeys(codecs)), ["gzip", "lz4", "zstd", "snappy", "none"])
        consumer = KafkaConsumer("ticks", **reach(self.broker),
                                 auto_offset_reset="earliest", consumer_timeout_ms=10000)
        self.addCleanup(consumer.close)
        self.assertEqual([next(consumer).value for _ in expected], expected)

    def check_resume(self, between):
        producer = self.producer()
        for number in range(300):
            producer.send("ticks", value=value(number))
        producer.flush(30)
        for first, last in ((0, 100), (100, 300)):
            consumer = KafkaConsumer("ticks", **reach(self.broker),
                                     group_id="readers", **FAST_GROUP)
            read = [next(consumer).value for _ in range(last - first)]
            self.assertEqual(read, [value(number) for number in range(first, last)])
            consumer.commit()
            consumer.close(autocommit=False)
            self.assertEqual(self.broker.committed("readers", "ticks", 1), [last])
            between()
            self.assertEqual(self.broker.committed("readers", "ticks", 1), [last])

    def test_resume(self):
        """A consumer that comes back goes on after what it committed."""
        self.check_resume(lambda: None)

    def test_resume_after_kill(self):
        """Commits outlive a broker that is killed."""

        def kill():
            self.broker.stop(signal.SIGKILL)
            self.broker.start()

        self.check_resume(kill)


if __name__ == "__main__":
    unittest.main(verbosity=2)
