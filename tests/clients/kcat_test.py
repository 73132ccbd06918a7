"""kcat (librdkafka) against the real broker."""

import re
import signal
import subprocess
import threading
import unittest

from broker import wait_until
from secure import broker_under_test

FAST_GROUP = ["-X", "heartbeat.interval.ms=200", "-X", "session.timeout.ms=10000",
              "-X", "auto.offset.reset=earliest"]


def lines(first, last):
    # Long enough that every codec makes a batch of them smaller; else librdkafka sends it as it is.
    return [f'key-{i % 7}={{"n":{i},"text":"{"tick" * 10}"}}' for i in range(first, last)]


def run(arguments, text_in=None):
    done = subprocess.run(["kcat", *arguments], input=text_in, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, f"kcat {arguments}: {done.stderr}"
    return done.stdout.splitlines()


def reach(broker):
    return ["-b", broker.address, *broker.kcat()]


def produce(broker, topic, records, codec="none", partition=None):
    where = [] if partition is None else ["-p", str(partition)]
    run([*reach(broker), "-P", "-t", topic, *where, "-K", "=", "-z", codec, "-X", "acks=all"],
        "\n".join(records) + "\n")


class Member:
    """`kcat -G`, with what it printed so far."""

    def __init__(self, broker, group, topic):
        self.process = subprocess.Popen(
            ["kcat", *reach(broker), "-u", "-f", "%k=%s\n", *FAST_GROUP, "-G", group, topic],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.seen = []
        self.messages = []
        self.threads = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.seen)),
            threading.Thread(target=self._read, args=(self.process.stderr, self.messages))]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def _read(stream, into):
        for line in stream:
            into.append(line.rstrip("\n"))

    def assigned(self):
        """How many partitions its last rebalance gave it; 0 if it took them away."""
        last = [line for line in self.messages if "rebalanced" in line]
        if not last or "assigned" not in last[-1]:
            return 0
        return len(re.findall(r"\[\d+\]", last[-1]))

    def leave(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=30)
        for thread in self.threads:
            thread.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return code


class Kcat(unittest.TestCase):
    def setUp(self):
        self.broker = self.enterContext(broker_under_test())

    def check_codec(self, codec):
        records = lines(0, 500)
        produce(self.broker, "ticks", records, codec)
        read = run([*reach(self.broker), "-C", "-t", "ticks", "-o", "beginning", "-e", "-q",
                    "-f", "%k=%s\n"])
        self.assertEqual(read, records)
        self.assertEqual(set(self.broker.batch_codecs("ticks")), {codec})

    def test_none(self):
        self.check_codec("none")

    def test_gzip(self):
        self.check_codec("gzip")

    def test_snappy(self):
        self.check_codec("snappy")

    def test_lz4(self):
        self.check_codec("lz4")

    def test_zstd(self):
        self.check_codec("zstd")

    def test_rebalance(self):
        """A second member joins and leaves under traffic: every record once."""
        broker = self.broker
        broker.create_topic("ticks", 4)
        expected = []

        def produce_next():
            for partition in range(4):
                records = lines(len(expected), len(expected) + 100)
                expected.extend(records)
                produce(broker, "ticks", records, partition=partition)

        first = Member(broker, "readers", "ticks")
        self.addCleanup(first.leave)
        wait_until(lambda: first.assigned() == 4, "the first member has all partitions")
        produce_next()
        wait_until(lambda: len(first.seen) == 400, "the first member reads all")

        second = Member(broker, "readers", "ticks")
        self.addCleanup(second.leave)
        produce_next()
        wait_until(lambda: first.assigned() == 2 and second.assigned() == 2, "two partitions each")
        before = len(first.seen), len(second.seen)
        produce_next()
        wait_until(lambda: len(first.seen) + len(second.seen) >= 1200, "both read on")
        self.assertGreater(len(first.seen), before[0])
        self.assertGreater(len(second.seen), before[1])

        self.assertEqual(second.leave(), 0)
        wait_until(lambda: first.assigned() == 4, "the first member has all partitions again")
        produce_next()
        wait_until(lambda: len(first.seen) + len(second.seen) >= 1600, "the rest is read")
        self.assertEqual(first.leave(), 0)
        self.assertEqual(sorted(first.seen + second.seen), sorted(expected))
        self.assertEqual(broker.committed("readers", "ticks", 4), [400] * 4)

    def check_resume(self, between):
        produce(self.broker, "ticks", lines(0, 300))
        read = [*reach(self.broker), "-q", "-f", "%k=%s\n", *FAST_GROUP]
        first = run([*read, "-c", "100", "-G", "readers", "ticks"])
        self.assertEqual(first, lines(0, 100))
        self.assertEqual(self.broker.committed("readers", "ticks", 1), [100])
        between()
        self.assertEqual(self.broker.committed("readers", "ticks", 1), [100])
        second = run([*read, "-c", "200", "-G", "readers", "ticks"])
        self.assertEqual(second, lines(100, 300))

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
