"""ticklake's broker and Apache Kafka as two nodes that are measured in the same way."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests" / "pipeline"), str(ROOT / "tests" / "tools")]

from kafka import Kafka  # noqa: E402
from pipeline import BINARY, free_port, wait_until  # noqa: E402
import wire  # noqa: E402


class Node:
    """A server process at `address`; `pid` is its own."""

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self):
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as smaps:
            return next(int(line.split()[1]) for line in smaps if line.startswith("Rss:")) / 1024

    def forget_peak(self):
        with open(f"/proc/{self.pid}/clear_refs", "w", encoding="ascii") as refs:
            refs.write("5")

    def peak_mb(self):
        """The most that was resident since forget_peak()."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024

    def wait_for_answer(self):
        wait_until(self._answers, f"{self.name} answers", interval_s=0.002)

    def _answers(self):
        try:
            return len(wire.ask(self.address, 18, 0, b"")) > 6
        except OSError:
            return False


class TicklakeNode(Node):
    """`ticklake broker` alone, with a data folder of its own that goes with it."""

    name = "ticklake"

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="ticklake-bench-", dir=".")
        self.address = f"127.0.0.1:{free_port()}"
        self.start()
        self.wait_for_answer()
        return self

    def __exit__(self, *_):
        self.stop()
        self.folder.cleanup()

    def start(self):
        self.process = subprocess.Popen(
            [BINARY, "broker", "--data", self.folder.name, "--kafka-listen", self.address],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.process.pid

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


class KafkaNode(Node):
    """Apache Kafka with its defaults: one node, broker and controller, a heap of 1 GB."""

    name = "Kafka"

    def __enter__(self):
        self.server = Kafka(folder=".")
        self.server.__enter__()
        self.address = self.server.address
        self.wait_for_answer()
        return self

    def __exit__(self, *_):
        self.server.__exit__()

    @property
    def pid(self):
        return self.server.process.pid

    def start(self):
        self.server.spawn()

    def stop(self):
        self.server.process.terminate()
        self.server.process.wait(120)


def start_seconds(node, topic):
    """From exec to the first acknowledged produce; the node was stopped and has the topic."""
    began = time.monotonic()
    node.start()
    wait_until(lambda: _produces(node.address, topic), f"{node.name} takes a record", 120, 0.001)
    return time.monotonic() - began


def _produces(address, topic):
    try:
        return wire.produce_one(address, topic)
    except OSError:
        return False  # not listening yet
