"""A ticklake broker of the test's own: the real binary, on a free port, with a data folder that
goes with it. What the tests need to know beside the client under test (topics, committed offsets,
codecs on disk) is asked in Kafka's own bytes here, so that no other client stands between."""

import os
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import time

BINARY = os.environ.get("TICKLAKE", "")
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
BATCH_HEADER_BYTES = 61


def wait_until(condition, what, seconds=30):
    """The first true value of condition(), looked at every 20 ms."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s still not: {what}")
        time.sleep(0.02)


def text(value):
    encoded = value.encode()
    return struct.pack(">h", len(encoded)) + encoded


class Broker:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="ticklake-clients-")
        self.data = pathlib.Path(self.folder.name) / "data"
        self.log_path = pathlib.Path(self.folder.name) / "broker.log"
        self.port = self.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.process = None

    @staticmethod
    def free_port():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def listen_flags(self):
        return ["--kafka-listen", self.address]

    def driver_settings(self):
        """How a driver (driver.py) reaches it."""
        return {"bootstrap": self.address, "security": "plaintext"}

    def kcat(self):
        """What kcat needs beside the address; kafka_python() is the same of python3-kafka."""
        return []

    def kafka_python(self):
        return {}

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGKILL)
        self.folder.cleanup()

    def start(self):
        if not os.access(BINARY, os.X_OK):
            raise AssertionError(f"TICKLAKE={BINARY!r} is no program; ctest sets it")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "broker", "--data", str(self.data), *map(str, self.listen_flags())],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self._answers, "the broker answers", 60)

    def stop(self, how=signal.SIGTERM):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
        self.process = None

    def log(self):
        return self.log_path.read_text(errors="replace")

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the broker ended with {self.process.returncode}:\n{self.log()}")
        return self.answers_one()

    def answers_one(self):
        """Whether it answers a client that comes now."""
        try:
            return len(self.request(18, 0, b"")) > 6
        except OSError:
            return False

    def request(self, api_key, version, body):
        """One request with a header of version 1; the body of its response."""
        header = struct.pack(">hhi", api_key, version, 1) + text("test")
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(struct.pack(">i", len(header) + len(body)) + header + body)
            with connection.makefile("rb") as stream:
                size_bytes = stream.read(4)
                if len(size_bytes) < 4:
                    raise ConnectionError("the broker closed the connection")
                return stream.read(struct.unpack(">i", size_bytes)[0])[4:]

    def create_topic(self, name, partitions, configs=()):
        body = struct.pack(">i", 1) + text(name) + struct.pack(">ihi", partitions, 1, 0)
        body += struct.pack(">i", len(configs))
        for key, value in dict(configs).items():
            body += text(key) + text(value)
        answer = self.request(19, 2, body + struct.pack(">i?", 10000, False))
        error = struct.unpack_from(">h", answer, 8 + 2 + len(name))[0]
        assert error == 0, f"CreateTopics {name}: error {error}"

    def committed(self, group, topic, partitions):
        """The committed offsets of partitions 0 to partitions - 1, -1 where there is none."""
        indexes = struct.pack(f">i{partitions}i", partitions, *range(partitions))
        answer = self.request(9, 1, text(group) + struct.pack(">i", 1) + text(topic) + indexes)
        position = 4 + 2 + len(topic) + 4
        offsets = {}
        for _ in range(partitions):
            index, offset, metadata_bytes = struct.unpack_from(">iqh", answer, position)
            position += 14 + max(metadata_bytes, 0) + 2
            offsets[index] = offset
        return [offsets[index] for index in range(partitions)]

    def batch_codecs(self, topic):
        """The codec of each batch of the topic, as its attributes on disk name it."""
        codecs = []
        for path in sorted(self.data.rglob(f"{topic}-*/*.log")):
            content = path.read_bytes()
            position = 0
            while position + BATCH_HEADER_BYTES <= len(content):
                length, = struct.unpack_from(">i", content, position + 8)
                if length <= 0:  # room that was set aside
                    break
                assert content[position + 16] == 2, f"{path}: no batch of version 2 at {position}"
                attributes, = struct.unpack_from(">h", content, position + 21)
                codecs.append(CODECS[attributes & 7])
                position += 12 + length
        return codecs
