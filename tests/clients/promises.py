"""What every client with a driver is tried for (driver.py), the same for all of them.

The commands of the role admin, which are what an administrator does. A client that has no such call
lists the command in `lacks`, and then it must not be asked:
  create TOPIC PARTITIONS [NAME=VALUE…]     delete TOPIC            topics -> NAME…
  partitions TOPIC -> COUNT                 add_partitions TOPIC COUNT
  config TOPIC NAME -> VALUE                alter TOPIC NAME=VALUE (of that one alone)
  groups -> NAME…                           group NAME -> STATE MEMBERS
  offset GROUP TOPIC PARTITION -> OFFSET    set_offset GROUP TOPIC PARTITION OFFSET
  delete_group NAME
  ends TOPIC PARTITION -> FIRST END         delete_records TOPIC PARTITION OFFSET
"""

import os
import signal
import threading
import time
import unittest

from broker import wait_until
from driver import Driver, DriverError
from secure import broker_under_test

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


def value(number):
    # Long enough that every codec makes a batch of them smaller; else librdkafka sends it as it is.
    return f'{{"n":{number},"text":"' + "tick" * 10 + '"}'


def values(first, last):
    return [value(number) for number in range(first, last)]


class Promises:
    """A test case's promises; it adds `command`, what starts the driver, and `lacks`."""

    command = []
    lacks = ()
    member_settings = {}

    def setUp(self):
        self.broker = self.enterContext(broker_under_test())
        self.addCleanup(self._show_log)

    def _show_log(self):
        outcome = self._outcome
        if outcome is not None and not outcome.success:
            print(self.broker.log()[-4000:])

    def start(self, role, **settings):
        driver = Driver(self.command, role, **self.broker.driver_settings(), **settings)
        self.addCleanup(driver.kill)
        return driver

    def member(self, **settings):
        return self.start("member", group="readers", topic="ticks",
                          **self.member_settings, **settings)

    def send(self, producer, topic, texts, partition=-1):
        """partition -1 is the client's choice, None deals them to four in turn."""
        producer.tell_all(
            ("send", topic, number % 4 if partition is None else partition, f"key-{number % 7}",
             text) for number, text in enumerate(texts))

    def produce(self, texts, topic="ticks", codec="none", partition=0):
        producer = self.start("producer", codec=codec)
        self.send(producer, topic, texts, partition)
        producer.ask("flush")
        producer.leave()

    def read(self, topic, isolation, count):
        """A reader that has seen that many."""
        reader = self.start("reader", topic=topic, isolation=isolation)
        reader.wait_for(lambda: len(reader.seen("value")) >= count, f"{count} records are read")
        return reader


class Codecs(Promises):
    def check_codec(self, codec):
        """What was sent is read, and every batch on disk carries the codec."""
        self.broker.create_topic("ticks", 1)
        self.produce(values(0, 500), codec=codec)
        reader = self.read("ticks", "uncommitted", 500)
        reader.leave()
        self.assertEqual(reader.seen("value"), values(0, 500))
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


class Groups(Promises):
    def test_rebalance(self):
        """A second member joins and leaves under traffic: all seen, none again once committed."""
        self.broker.create_topic("ticks", 4)
        producer = self.start("producer", codec="none")
        produced = []

        def produce_next():
            more = values(len(produced), len(produced) + 200)
            produced.extend(more)
            self.send(producer, "ticks", more, partition=None)
            producer.ask("flush")

        first = self.member()
        first.wait_for(lambda: first.owned() == 4, "it has all partitions")
        produce_next()
        first.wait_for(lambda: len(first.seen("committed")) == 200, "it reads all")

        second = self.member()

        def both():
            return first.seen("committed") + second.seen("committed")

        produce_next()
        second.wait_for(lambda: first.owned() == 2 and second.owned() == 2, "two partitions each")
        wait_until(lambda: len(both()) >= 400, "both read what came meanwhile")
        before = len(first.seen("committed")), len(second.seen("committed"))
        produce_next()
        wait_until(lambda: len(both()) >= 600, "both read on")
        self.assertGreater(len(first.seen("committed")), before[0])
        self.assertGreater(len(second.seen("committed")), before[1])

        second.leave()
        first.wait_for(lambda: first.owned() == 4, "it has all partitions again")
        produce_next()
        wait_until(lambda: len(both()) >= 800, "the rest is read")
        first.leave()
        self.assertEqual(sorted(both()), sorted(produced))
        self.assertEqual(self.broker.committed("readers", "ticks", 4), [200] * 4)

    def check_resume(self, between):
        self.broker.create_topic("ticks", 1)
        self.produce(values(0, 300))
        first = self.member(stop_after=100)
        first.wait_for(lambda: len(first.seen("committed")) >= 100, "the first hundred is read")
        first.leave()
        self.assertEqual(first.seen("committed"), values(0, 100))
        between()
        self.assertEqual(self.broker.committed("readers", "ticks", 1), [100])
        second = self.member()
        second.wait_for(lambda: len(second.seen("committed")) >= 200, "the rest is read")
        second.leave()
        self.assertEqual(second.seen("committed"), values(100, 300))

    def test_resume(self):
        """A consumer that comes back goes on after what it committed."""
        self.check_resume(lambda: None)

    def test_resume_after_kill(self):
        """Commits outlive a broker that is killed."""

        def kill():
            self.broker.stop(signal.SIGKILL)
            self.broker.start()

        self.check_resume(kill)


class Administration(Promises):
    def test_administration(self):
        """Topics, configs, partitions, groups and records as the client's admin has them."""
        admin = self.start("admin")
        self.administer_topics(admin)
        self.administer_groups(admin)
        admin.leave()

    def can(self, command):
        return command not in self.lacks

    def administer_topics(self, admin):
        with self.assertRaises(DriverError):
            admin.ask("create", "wrong", 1, "retention.msec=1")
        admin.ask("create", "ticks", 1, "retention.ms=600000")
        with self.assertRaises(DriverError):
            admin.ask("create", "ticks", 1)
        self.assertIn("ticks", admin.ask("topics"))
        if self.can("config"):
            self.assertEqual(admin.ask("config", "ticks", "retention.ms"), ["600000"])
        if self.can("alter"):
            admin.ask("alter", "ticks", "max.message.bytes=2000")
            self.assertEqual(admin.ask("config", "ticks", "max.message.bytes"), ["2000"])
            self.assertEqual(admin.ask("config", "ticks", "retention.ms"), ["600000"])
            with self.assertRaises(DriverError):
                admin.ask("alter", "ticks", "retention.msec=1")
        if self.can("add_partitions"):
            admin.ask("add_partitions", "ticks", 3)
            self.assertEqual(admin.ask("partitions", "ticks"), ["3"])
            with self.assertRaises(DriverError):
                admin.ask("add_partitions", "ticks", 2)
        admin.ask("create", "gone", 2)
        admin.ask("delete", "gone")
        self.assertNotIn("gone", admin.ask("topics"))

    def administer_groups(self, admin):
        self.produce(values(0, 10))
        reader = self.member()
        reader.wait_for(lambda: len(reader.seen("committed")) == 10, "all is committed")
        if self.can("groups"):
            self.assertEqual(admin.ask("groups"), ["readers"])
        if self.can("group"):
            self.assertEqual(admin.ask("group", "readers"), ["Stable", "1"])
        if self.can("delete_group"):
            with self.assertRaises(DriverError):
                admin.ask("delete_group", "readers")
        reader.leave()
        if self.can("group"):
            self.assertEqual(admin.ask("group", "readers"), ["Empty", "0"])
        self.assertEqual(admin.ask("offset", "readers", "ticks", 0), ["10"])
        if self.can("set_offset"):
            admin.ask("set_offset", "readers", "ticks", 0, 7)
            self.assertEqual(self.broker.committed("readers", "ticks", 1), [7])
        if self.can("delete_group"):
            admin.ask("delete_group", "readers")
            self.assertEqual(self.broker.committed("readers", "ticks", 1), [-1])
        if self.can("delete_records"):
            admin.ask("delete_records", "ticks", 0, 4)
            self.assertEqual(admin.ask("ends", "ticks", 0), ["4", "10"])
        else:
            self.assertEqual(admin.ask("ends", "ticks", 0), ["0", "10"])


class Transactions(Promises):
    def test_commit_and_abort(self):
        """read_committed sees what was committed, not what was aborted or is open."""
        self.broker.create_topic("ticks", 2)
        producer = self.start("producer", codec="none", id="pipe")

        def transaction(texts, *end):
            producer.ask("begin")
            self.send(producer, "ticks", texts)
            producer.ask("flush")
            for command in end:
                producer.ask(command)

        transaction(values(0, 20), "abort")
        transaction(values(20, 40), "commit")
        transaction(values(40, 60))
        everything = self.read("ticks", "uncommitted", 60)
        committed = self.read("ticks", "committed", 20)
        self.assertEqual(sorted(committed.seen("value")), sorted(values(20, 40)))
        self.assertEqual(sorted(everything.seen("value")), sorted(values(0, 60)))
        producer.ask("commit")
        committed.wait_for(lambda: len(committed.seen("value")) >= 40, "the last commit is seen")
        self.assertEqual(sorted(committed.seen("value")), sorted(values(20, 60)))
        for driver in (producer, everything, committed):
            driver.leave()

    def test_fenced(self):
        """A second producer of the same id: the first one's commit fails, its records are unseen."""
        self.broker.create_topic("ticks", 1)
        old = self.start("producer", codec="none", id="pipe")
        old.ask("begin")
        self.send(old, "ticks", values(0, 10))
        old.ask("flush")
        successor = self.start("producer", codec="none", id="pipe")
        successor.ask("begin")
        self.send(successor, "ticks", values(10, 20))
        successor.ask("flush")
        with self.assertRaises(DriverError):
            old.ask("commit")
        successor.ask("commit")
        successor.leave()
        reader = self.read("ticks", "committed", 10)
        reader.leave()
        self.assertEqual(reader.seen("value"), values(10, 20))

    def test_exactly_once_after_kill(self):
        """A copying program and a broker that is killed three times: each result once, in order."""
        self.broker.create_topic("ticks", 1)
        self.broker.create_topic("bars", 1)
        self.produce(values(0, 400))
        progress = Lives(self)
        self.addCleanup(progress.stop)
        for kills in (5, 12, 20):
            wait_until(lambda: progress.transactions() >= kills, f"{kills} transactions", 120)
            self.broker.stop(signal.SIGKILL)
            self.broker.start()
        reader = self.start("reader", topic="bars", isolation="committed")
        reader.wait_for(lambda: len(set(reader.seen("value"))) == 400, "every record has its bar", 120)
        progress.stop()
        reader.leave()
        self.assertEqual(reader.seen("value"), [f"bar of {text}" for text in values(0, 400)])
        self.assertEqual(self.broker.committed("pipe", "ticks", 1), [400])


class WithoutTransactions(Codecs, Groups, Administration):
    """The promises that every client keeps."""


class All(WithoutTransactions, Transactions):
    """Every promise."""


class Lives:
    """A program that is started again whenever it ended, as a supervisor does it. One that gets
    nowhere for long is killed: librdkafka 2.16.0 can wait for ever in send_offsets_to_transaction
    when its coordinator went away meanwhile (no TxnOffsetCommit is sent, no timeout ends it)."""

    PATIENCE_S = 25  # more than the 10 s after which a group forgets one that was killed

    def __init__(self, case):
        self.case = case
        self.drivers = []
        self.stopping = threading.Event()
        self._begin()
        self.supervisor = threading.Thread(target=self._supervise)
        self.supervisor.start()

    def _begin(self):
        self.drivers.append(Driver(self.case.command, "pipe", **self.case.broker.driver_settings(),
                                   id="pipe", group="pipe", input="ticks", output="bars"))

    def _supervise(self):
        progress = -1, 0.0
        while not self.stopping.is_set():
            if self.drivers[-1].process.poll() is not None:
                self._begin()
            if self.transactions() != progress[0]:
                progress = self.transactions(), time.monotonic()
            if time.monotonic() - progress[1] > self.PATIENCE_S:
                self.drivers[-1].process.kill()
                progress = -1, 0.0
            self.stopping.wait(0.02)

    def transactions(self):
        return sum(1 for driver in self.drivers for event in driver.events
                   if event[0] == "transaction")

    def stop(self):
        if self.stopping.is_set():
            return
        self.stopping.set()
        self.supervisor.join()
        self.drivers[-1].end()
        for driver in self.drivers:
            driver.kill()


def main():
    if not os.environ.get("TICKLAKE"):
        raise SystemExit("TICKLAKE names no program; ctest sets it")
    unittest.main(verbosity=2)
