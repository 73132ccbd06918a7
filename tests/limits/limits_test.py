"""What clients may cost, whatever they send: the memory of the real binary while raw clients try to
take it, and its descriptors with many partitions (in CI 2,000) of several segments each."""

import gzip
import os
import pathlib
import resource
import socket
import struct
import sys
import time
import unittest

from kafka.record.util import calc_crc32c, encode_varint

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "clients"))
from broker import Broker, text, wait_until  # noqa: E402

MIB = 1 << 20
PRODUCE, FETCH, METADATA, OFFSET_FETCH, JOIN_GROUP, API_VERSIONS = 0, 1, 3, 9, 11, 18
# Everything that is bounded together, with what the allocator and AddressSanitizer add to it.
MEMORY_MAX = 1600 * MIB
PARTITIONS = 2000 if os.environ.get("CI") == "true" else 400
SEGMENTS = 4
# Two for each partition that is written to, the broker's cache of 512, and what a program has.
DESCRIPTORS_MAX = 2 * PARTITIONS + 700


def frame(key, version, body):
    header = struct.pack(">hhi", key, version, 1) + text("hostile")
    return struct.pack(">i", len(header) + len(body)) + header + body


def varint(value):
    encoded = []
    encode_varint(value, encoded.append)
    return bytes(encoded)


def batch(record_bytes, attributes=0, count=1):
    behind_crc = struct.pack(">hiqqqhii", attributes, count - 1, 0, 0, -1, -1, -1, count) + record_bytes
    return (struct.pack(">qiibI", 0, 9 + len(behind_crc), 0, 2, calc_crc32c(behind_crc)) +
            behind_crc)


def record(value_bytes):
    body = b"\0\0\0" + varint(1) + b"k" + varint(len(value_bytes)) + value_bytes + b"\0"
    return varint(len(body)) + body


def bomb(bytes_in_memory):
    """A small gzip batch of one large record."""
    return batch(gzip.compress(record(bytes(bytes_in_memory)), 9), attributes=1)


def produce(topic, partitions, records, acks=1):
    body = struct.pack(">hhii", -1, acks, 30000, 1) + text(topic)
    body += struct.pack(">i", len(partitions))
    for partition in partitions:
        body += struct.pack(">ii", partition, len(records)) + records
    return frame(PRODUCE, 3, body)


def fetch(topic, partitions, wait_ms, min_bytes=1):
    body = struct.pack(">iiiibi", -1, wait_ms, min_bytes, 50 * MIB, 0, 1) + text(topic)
    body += struct.pack(">i", len(partitions))
    return frame(FETCH, 4, body + b"".join(
        struct.pack(">iqi", partition, 0, 50 * MIB) for partition in partitions))


def metadata(names):
    return frame(METADATA, 4, struct.pack(">i", len(names)) + b"".join(map(text, names)) + b"\0")


class Hostile:
    """Sends without ever reading an answer."""

    def __init__(self, broker):
        self.connection = socket.create_connection(("127.0.0.1", broker.port), timeout=10)
        self.connection.settimeout(0.2)

    def send(self, request, times=1):
        """As often as the broker takes it, and at most so often."""
        try:
            for _ in range(times):
                self.connection.sendall(request)
        except OSError:  # it reads no more, or has had enough of this client
            pass

    def close(self):
        self.connection.close()


class Limits(unittest.TestCase):
    def setUp(self):
        # Freed memory that AddressSanitizer holds back would be counted.
        os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8"

    def memory(self, broker, field="VmHWM"):
        status = pathlib.Path(f"/proc/{broker.process.pid}/status").read_text()
        return int(status.split(field + ":")[1].split()[0]) * 1024

    def exchange(self, broker, request, seconds=120):
        with socket.create_connection(("127.0.0.1", broker.port), timeout=seconds) as connection:
            connection.sendall(request)
            with connection.makefile("rb") as stream:
                return stream.read(struct.unpack(">i", stream.read(4))[0])[4:]

    def attack(self, broker, name, clients, request, times=1):
        before = self.memory(broker, "VmRSS")
        hostile = [Hostile(broker) for _ in range(clients)]
        for client in hostile:
            client.send(request, times)
        # Whoever behaves is served all the same.
        self.assertGreater(len(broker.request(API_VERSIONS, 0, b"")), 6)
        held = self.memory(broker, "VmRSS")
        for client in hostile:
            client.close()
        self.assertGreater(len(broker.request(API_VERSIONS, 0, b"")), 6)
        print(f"{name}: {before // MIB} MiB before, {held // MIB} MiB held, "
              f"{self.memory(broker) // MIB} MiB at most, {self.memory(broker, 'VmRSS') // MIB} MiB after",
              flush=True)
        self.assertLess(self.memory(broker), MEMORY_MAX, name)

    def test_memory(self):
        with Broker() as broker:
            broker.create_topic("prices", 100)
            broker.create_topic("keyed", 1, {"cleanup.policy": "compact"})
            self.exchange(broker, produce("prices", range(100), batch(record(bytes(900_000)))))
            nobody = [f"nobody-{i}" for i in range(20_000)]
            hundred = list(range(100))
            self.attack(broker, "lengths of requests that do not come", 200,
                        struct.pack(">i", 90 * MIB))
            self.attack(broker, "requests that stop before their end", 30,
                        struct.pack(">i", 90 * MIB) + bytes(30 * MIB))
            self.attack(broker, "metadata of unknown topics, unread", 8, metadata(nobody), 100)
            self.attack(broker, "one topic's metadata, again and again", 10,
                        metadata(["prices"] * 50_000), 20)
            self.attack(broker, "two million empty names", 5,
                        frame(METADATA, 4, struct.pack(">i", 2_000_000) + bytes(4_000_001)), 5)
            self.attack(broker, "records fetched and unread", 5, fetch("prices", hundred, 0), 50)
            self.attack(broker, "fetches of one partition 10,000 times that wait", 20,
                        fetch("empty", [0] * 10_000, 60_000), 100)
            broker.create_topic("empty", 1)
            self.attack(broker, "waiting fetches", 20, fetch("empty", [0] * 10_000, 60_000), 100)
            self.attack(broker, "produce to 100,000 partitions that are not there", 10,
                        produce("prices", range(1000, 101_000), b""), 5)
            self.attack(broker, "decompression bombs", 4, produce("keyed", [0], bomb(300 * MIB)), 5)
            self.assertIn(b"prices", self.exchange(broker, metadata(["prices"])))

    def test_descriptors(self):
        # The broker, which inherits them, raises its own limit to the hard one.
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, DESCRIPTORS_MAX))
        with Broker() as broker:
            broker.create_topic("prices", PARTITIONS, {"segment.bytes": "1000"})
            everywhere = range(PARTITIONS)
            records = batch(record(bytes(800)))
            for _ in range(SEGMENTS):
                answer = self.exchange(broker, produce("prices", everywhere, records, acks=-1))
                self.assertEqual(self.errors(answer), {0})
            self.assertEqual(len(list(broker.data.rglob("prices-*/*.log"))), PARTITIONS * SEGMENTS)
            answer = self.exchange(broker, fetch("prices", everywhere, 0))
            self.assertGreater(len(answer), PARTITIONS * 800)
            self.assertLess(self.descriptors(broker), 1000)
            broker.stop()
            began = time.monotonic()
            broker.start()
            print(f"{PARTITIONS} partitions of {SEGMENTS} segments: start in "
                  f"{time.monotonic() - began:.1f} s", flush=True)
            self.assertLess(self.descriptors(broker), 1000)
            answer = self.exchange(broker, fetch("prices", everywhere, 0))
            self.assertGreater(len(answer), PARTITIONS * 800)
            answer = self.exchange(broker, produce("prices", everywhere, records, acks=-1))
            self.assertEqual(self.errors(answer), {0})
            self.assertEqual(broker.process.poll(), None)

    def descriptors(self, broker):
        count = len(os.listdir(f"/proc/{broker.process.pid}/fd"))
        print(f"{count} descriptors", flush=True)
        return count

    def errors(self, answer):
        """The error codes of a Produce response of version 3 for one topic."""
        position = 4 + 2 + len("prices")
        count, = struct.unpack_from(">i", answer, position)
        return {struct.unpack_from(">ihqq", answer, position + 4 + i * 22)[1] for i in range(count)}


if __name__ == "__main__":
    unittest.main(verbosity=2)
