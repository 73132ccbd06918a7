"""Kafka's own settings of a broker, as --config and --config-file give them to the real binary: each
acts, is told by DescribeConfigs, and what cannot be given is refused by name."""

import pathlib
import re
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from broker import BINARY, Broker, text, wait_until

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
STATIC, DEFAULT, OF_TOPIC = 4, 5, 1
TOO_LARGE, INVALID_SESSION, METADATA_TOO_LARGE, INVALID_TIMEOUT = 10, 26, 12, 50
GROUP_FULL, DELETION_DISABLED, UNSUPPORTED_MECHANISM, BAD_TIME, NO_LOGIN = 81, 73, 33, 32, 58


class Configured(Broker):
    """Kafka's settings as NAME=VALUE words; `flags` are the binary's own."""

    def __init__(self, *settings, flags=()):
        super().__init__()
        self.flags = [word for setting in settings for word in ("--config", setting)]
        self.flags += map(str, flags)

    def listen_flags(self):
        return [*super().listen_flags(), *self.flags]


def refused(*flags, status=2):
    """What the binary says when it does not start."""
    with tempfile.TemporaryDirectory() as data:
        done = subprocess.run([BINARY, "broker", "--data", data, "--kafka-listen", "127.0.0.1:0",
                               *map(str, flags)], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == status, f"{flags} ended with {done.returncode}: {done.stderr}"
    return done.stderr


def describe(broker, kind=ConfigResourceType.BROKER, name="1"):
    """name -> (value, source, {synonym: source}, is_read_only)"""
    admin = KafkaAdminClient(bootstrap_servers=broker.address)
    try:
        answers = admin.describe_configs([ConfigResource(kind, name)], include_synonyms=True)
    finally:
        admin.close()
    told = {}
    for answer in answers:
        for error, message, _, _, configs in answer.resources:
            assert error == 0, message
            for config, value, read_only, source, _, synonyms in configs:
                told[config] = (value, source, {s[0]: s[2] for s in synonyms}, read_only)
    return told


def kcat(broker, *arguments, text_in=None):
    return subprocess.run(["kcat", "-b", broker.address, *map(str, arguments)], input=text_in,
                          capture_output=True, text=True, timeout=60, check=False)


def produce(broker, topic, *lines, keyed=False, settings=()):
    """Each line as a batch of its own; fails unless all are taken."""
    key = ["-K", ":"] if keyed else []
    for line in lines:
        done = kcat(broker, "-P", "-t", topic, *key, "-X", "acks=all", *settings, text_in=line)
        assert done.returncode == 0 and "ailed" not in done.stderr, done.stderr


def error_of_produce(broker, topic, value, key=None, timestamp_ms=None):
    """The number of the error that a producer gets; 0 if none."""
    producer = KafkaProducer(bootstrap_servers=broker.address, retries=0, max_block_ms=10000,
                             max_request_size=1 << 25, buffer_memory=1 << 26)
    try:
        producer.send(topic, value, key=key, timestamp_ms=timestamp_ms).get(30)
    except Exception as error:  # by what number, is the question
        return getattr(error, "errno", None) or getattr(type(error), "errno", -1)
    finally:
        producer.close(10)
    return 0


def partitions_of(broker, topic):
    listed = kcat(broker, "-L", "-t", topic).stdout
    found = re.search(rf'topic "{topic}" with (\d+) partitions', listed)
    return int(found.group(1)) if found else 0


def segments(broker, topic):
    return sorted(broker.data.rglob(f"{topic}-0/*.log"))


def first_offset(broker, topic):
    consumer = KafkaConsumer(bootstrap_servers=broker.address)
    try:
        partition = TopicPartition(topic, 0)
        return consumer.beginning_offsets([partition])[partition]
    finally:
        consumer.close()


def join(broker, group, session_ms, member=""):
    body = text(group) + struct.pack(">i", session_ms) + text(member) + text("consumer")
    body += struct.pack(">i", 1) + text("range") + struct.pack(">i", 0)
    return struct.unpack_from(">h", broker.request(11, 0, body))[0]


def is_hung_up(broker, sent=b"", seconds=20):
    """Whether the broker closes a connection on which that was sent."""
    with socket.create_connection(("127.0.0.1", broker.port), seconds) as connection:
        try:
            connection.sendall(sent)
            return connection.recv(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False


def log_in(port, mechanism, token=b""):
    """The error of SaslHandshake and what it offers; then that of SaslAuthenticate, and the seconds
    that its answer took, if there is a token."""
    def ask(api_key, version, body):
        whole = struct.pack(">hhi", api_key, version, 1) + text("test") + body
        connection.sendall(struct.pack(">i", len(whole)) + whole)
        return stream.read(struct.unpack(">i", stream.read(4))[0])[4:]

    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        with connection.makefile("rb") as stream:
            answer = ask(17, 1, text(mechanism))
            if token:
                began = time.monotonic()
                refusal = ask(36, 0, struct.pack(">i", len(token)) + token)
                return struct.unpack_from(">h", refusal)[0], time.monotonic() - began
    error, count = struct.unpack_from(">hi", answer)
    offered, at = [], 6
    for _ in range(count):
        size, = struct.unpack_from(">h", answer, at)
        offered.append(answer[at + 2:at + 2 + size].decode())
        at += 2 + size
    return error, offered


class Topics(unittest.TestCase):
    def configured(self, *settings, **more):
        return self.enterContext(Configured(*settings, **more))

    def test_what_a_topic_is_made_with(self):
        broker = self.configured("num.partitions=3", "compression.type=lz4",
                                 "log.message.timestamp.type=LogAppendTime")
        produce(broker, "trades", "1", "2")
        self.assertEqual(partitions_of(broker, "trades"), 3)
        self.assertEqual(set(broker.batch_codecs("trades")), {"lz4"})
        consumer = KafkaConsumer("trades", bootstrap_servers=broker.address,
                                 auto_offset_reset="earliest", consumer_timeout_ms=20000)
        self.assertEqual(next(consumer).timestamp_type, 1)
        consumer.close()

    def test_no_topic_is_made_or_deleted_where_that_is_off(self):
        broker = self.configured("auto.create.topics.enable=false", "delete.topic.enable=FALSE")
        kcat(broker, "-L", "-t", "nobody")
        self.assertEqual(partitions_of(broker, "nobody"), 0)
        broker.create_topic("kept", 1)
        names = struct.pack(">i", 1) + text("kept") + struct.pack(">i", 1000)
        self.assertEqual(struct.unpack(">h", broker.request(20, 3, names)[-2:])[0],
                         DELETION_DISABLED)
        self.assertEqual(partitions_of(broker, "kept"), 1)

    def test_which_records_are_taken(self):
        broker = self.configured("message.max.bytes=2000", "log.cleanup.policy=compact",
                                 "log.message.timestamp.before.max.ms=60000",
                                 "log.message.timestamp.after.max.ms=60000")
        now_ms = int(time.time() * 1000)
        hour_ms = 3600 * 1000
        self.assertEqual(error_of_produce(broker, "t", b"x" * 1000, b"k"), 0)
        self.assertEqual(error_of_produce(broker, "t", b"x" * 3000, b"k"), TOO_LARGE)
        self.assertNotEqual(error_of_produce(broker, "t", b"x"), 0)  # it has no key
        self.assertEqual(error_of_produce(broker, "t", b"x", b"k", now_ms - hour_ms), BAD_TIME)
        self.assertEqual(error_of_produce(broker, "t", b"x", b"k", now_ms + hour_ms), BAD_TIME)
        self.assertEqual(error_of_produce(broker, "t", b"x", b"k", now_ms), 0)

    def test_when_segments_are_closed_and_go(self):
        for setting, value in (("log.segment.bytes=1000", "x" * 600), ("log.roll.ms=1", "1")):
            kept = self.configured(setting)
            produce(kept, "kept", *[value] * 3)
            self.assertEqual(len(segments(kept, "kept")), 3, setting)
        soon = "log.retention.check.interval.ms=200"
        broker = self.configured("log.segment.bytes=1000", "log.retention.bytes=2500", soon)
        produce(broker, "by-size", *["x" * 600] * 6)
        wait_until(lambda: first_offset(broker, "by-size") >= 2, "old segments go by size")
        other = self.configured("log.retention.minutes=1000000", "log.retention.ms=500", soon)
        produce(other, "by-age", "1", "2", "3")
        wait_until(lambda: first_offset(other, "by-age") == 3, "old segments go by age")

    def test_compaction(self):
        settings = ["log.cleanup.policy=compact", "log.segment.bytes=300",
                    "log.cleaner.min.cleanable.ratio=0.01", "log.cleaner.backoff.ms=200"]
        lines = [f"key:{number:0100}" for number in range(8)]

        def size(broker):
            return sum(path.stat().st_size for path in segments(broker, "t")[:-1])

        idle = [self.configured(*settings, off) for off in
                ("log.cleaner.enable=false", "log.cleaner.min.compaction.lag.ms=3600000")]
        for broker in idle:
            produce(broker, "t", *lines, keyed=True)
        cleaning = self.configured(*settings)
        produce(cleaning, "t", *lines, keyed=True)
        wait_until(lambda: size(cleaning) < 600, "old values of the key are gone")
        for broker in idle:
            self.assertGreater(size(broker), 600)


class Clients(unittest.TestCase):
    def configured(self, *settings, **more):
        return self.enterContext(Configured(*settings, **more))

    def test_groups(self):
        broker = self.configured("group.min.session.timeout.ms=1000", "group.max.size=1",
                                 "group.max.session.timeout.ms=2000", "offset.metadata.max.bytes=3")
        self.assertEqual(join(broker, "g", 999), INVALID_SESSION)
        self.assertEqual(join(broker, "g", 2001), INVALID_SESSION)
        self.assertEqual(join(broker, "g", 2000), 0)
        self.assertEqual(join(broker, "g", 2000), GROUP_FULL)
        broker.create_topic("t", 1)
        for metadata, error in (("abc", 0), ("abcd", METADATA_TOO_LARGE)):
            body = text("h") + struct.pack(">i", -1) + text("") + struct.pack(">qi", -1, 1)
            body += text("t") + struct.pack(">iiq", 1, 0, 5) + text(metadata)
            self.assertEqual(struct.unpack(">h", broker.request(8, 2, body)[-2:])[0], error)

    def test_an_empty_group_waits_for_more_members(self):
        broker = self.configured("group.initial.rebalance.delay.ms=1500")
        began = time.monotonic()
        self.assertEqual(join(broker, "g", 6000), 0)
        self.assertGreaterEqual(time.monotonic() - began, 1.4)

    def test_transactions(self):
        broker = self.configured("transaction.max.timeout.ms=5000")
        for timeout_ms, error in ((5000, 0), (5001, INVALID_TIMEOUT)):
            body = text(f"id-{timeout_ms}") + struct.pack(">i", timeout_ms)
            answer = broker.request(22, 0, body)
            self.assertEqual(struct.unpack_from(">ih", answer)[1], error)

    def test_fetches(self):
        def fetch(broker):
            """The bytes of an answer to a fetch of as much as there is, and its session."""
            body = struct.pack(">iiiibii", -1, 0, 0, 1 << 30, 0, 0, 0) + struct.pack(">i", 1)
            body += text("t") + struct.pack(">iiqqi", 1, 0, 0, -1, 1 << 30) + struct.pack(">i", 0)
            answer = broker.request(1, 7, body)
            return len(answer), struct.unpack_from(">ihi", answer)[2]

        some = self.configured("fetch.max.bytes=2000",
                               "max.incremental.fetch.session.cache.slots=0")
        other = self.configured()
        for broker in (some, other):
            produce(broker, "t", *["x" * 900] * 5)
        self.assertLess(fetch(some)[0], 2200)
        self.assertEqual(fetch(some)[1], 0)
        self.assertGreater(fetch(other)[0], 4500)
        self.assertNotEqual(fetch(other)[1], 0)

    def test_connections(self):
        for setting in ("max.connections=2", "max.connections.per.ip=2"):
            broker = self.configured(setting)
            with socket.create_connection(("127.0.0.1", broker.port)), \
                    socket.create_connection(("127.0.0.1", broker.port)):
                wait_until(lambda: is_hung_up(broker, seconds=1), f"{setting}: the third goes")
            wait_until(broker.answers_one, "there is room again")
        broker = self.configured("connections.max.idle.ms=1000", "socket.request.max.bytes=1000")
        self.assertTrue(is_hung_up(broker), "an idle connection")
        self.assertTrue(is_hung_up(broker, struct.pack(">i", 1001)), "a request of 1001 bytes")
        self.assertFalse(is_hung_up(self.configured("connections.max.idle.ms=-1"), seconds=3))

    def test_authentication(self):
        port = Broker.free_port()
        broker = self.configured("sasl.enabled.mechanisms=PLAIN",
                                 "connection.failed.authentication.delay.ms=1500",
                                 "sasl.server.max.receive.size=300",
                                 flags=["--kafka-listen", f"SASL_PLAINTEXT://127.0.0.1:{port}"])
        self.assertEqual(log_in(port, "PLAIN"), (0, ["PLAIN"]))
        self.assertEqual(log_in(port, "SCRAM-SHA-512"), (UNSUPPORTED_MECHANISM, ["PLAIN"]))
        error, seconds = log_in(port, "PLAIN", b"\0alice\0wrong")
        self.assertEqual(error, NO_LOGIN)
        self.assertGreaterEqual(seconds, 1.4)
        broker.port = port
        self.assertTrue(is_hung_up(broker, struct.pack(">i", 301)))


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def file(self, content):
        path = self.folder / "server.properties"
        path.write_text(content)
        return path

    def test_a_file_holds_and_a_flag_wins_over_it_also_after_a_restart(self):
        path = self.file("# the desk's\nnum.partitions = 2\nlog.retention.hours:48\n"
                         "log.cleanup.policy compact,\\\n   delete\nmessage.max.bytes=5000\n")
        with Configured("num.partitions=5", flags=["--config-file", path]) as broker:
            broker.create_topic("t", 1, {"max.message.bytes": "6000"})
            for _ in range(2):
                told = describe(broker)
                self.assertEqual(told["num.partitions"],
                                 ("5", STATIC, {"num.partitions": DEFAULT}, True))
                self.assertEqual(told["log.retention.ms"][:2], ("172800000", STATIC))
                self.assertEqual(told["log.retention.hours"][:2], ("48", STATIC))
                self.assertEqual(told["log.cleanup.policy"][:2], ("compact,delete", STATIC))
                self.assertEqual(told["group.max.size"][:2], ("1000", DEFAULT))
                of_topic = describe(broker, ConfigResourceType.TOPIC, "t")
                self.assertEqual(of_topic["retention.ms"],
                                 ("172800000", STATIC, {"log.retention.hours": STATIC,
                                                        "log.retention.ms": DEFAULT}, False))
                self.assertEqual(of_topic["max.message.bytes"][:2], ("6000", OF_TOPIC))
                self.assertEqual(error_of_produce(broker, "t", b"x" * 5500, b"k"), 0)
                broker.stop(signal.SIGTERM)
                broker.start()

    def test_all_that_a_file_cannot_say_here_is_named_with_its_line(self):
        path = self.file("process.roles=broker,controller\nnode.id=1\n\nnum.partitions=1\n"
                         "listeners=PLAINTEXT://:9092\nlog.dirs=/tmp/logs\nnum.io.threads=8\n"
                         "ssl.key.password=sesame\nlog.retention.huors=1\nlog.segment.bytes=big\n")
        said = refused("--config-file", path)
        self.assertIn("8 of 9 broker settings cannot be used", said)
        for line, name, advice in ((1, "process.roles", "remove it"), (2, "node.id", "remove it"),
                                   (5, "listeners", "--kafka-listen"), (6, "log.dirs", "--data"),
                                   (7, "num.io.threads", "remove it"),
                                   (8, "ssl.key.password", "--tls-key"),
                                   (9, "log.retention.huors", "log.retention.hours"),
                                   (10, "log.segment.bytes", "a number from 14 to 2147483647")):
            self.assertRegex(said, rf"{re.escape(str(path))}, line {line}: .*{name}.*{advice}")
        self.assertNotIn("sesame", said)

    def test_what_does_not_read_is_refused(self):
        self.assertIn("no NAME=VALUE", refused("--config", "num.partitions"))
        self.assertIn("line 2", refused("--config-file", self.file("a=1\nb=\\u00\n")))
        self.assertIn("/nowhere", refused("--config-file", "/nowhere", status=1))
        self.assertIn("--connections", refused("--connections", "5", "--config",
                                               "max.connections=6"))

    def test_the_document_says_what_the_binary_says(self):
        said = subprocess.run([BINARY, "broker", "--help-config"], capture_output=True, text=True,
                              timeout=60, check=True).stdout
        entries = re.findall(r"^(\S+)\n {4}(.+)\n {4}(.+)$", said, re.MULTILINE)
        self.assertGreater(len(entries), 100)
        self.assertLessEqual(max(map(len, said.splitlines())), 100)
        lines = DOCS.read_text().splitlines()
        rows = [line for line in lines if line.startswith("| `")]
        self.assertEqual(rows, [f"| `{a}` | {b} | {c} |" for a, b, c in entries])


if __name__ == "__main__":
    unittest.main()
