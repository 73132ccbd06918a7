"""`ticklake dead-letters`: what could be no row is counted, shown and sent back once, from its topic
and from the lake."""

import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from pipeline import BINARY, DEADLINE_S, free_port, run, wait_until

PICTURE = b"\xff\xd8\xff" + b"j" * 3_000_000


class DeadLetters(unittest.TestCase):
    def setUp(self):
        self.data = tempfile.mkdtemp(prefix="ticklake-test-")
        self.addCleanup(shutil.rmtree, self.data)
        self.lake = os.path.join(self.data, "lake")
        self.kafka = f"127.0.0.1:{free_port()}"
        self.start_broker()

    def start_broker(self):
        self.broker = subprocess.Popen(
            [BINARY, "broker", "--data", os.path.join(self.data, "broker"), "--kafka-listen",
             self.kafka], stderr=subprocess.DEVNULL)
        self.addCleanup(self.broker.wait)
        self.addCleanup(self.broker.kill)
        wait_until(lambda: run("topic", "list", "--kafka", self.kafka, check=False).returncode == 0,
                   "the broker answers")

    def make_topic(self, name, **config):
        admin = AdminClient({"bootstrap.servers": self.kafka})
        for made in admin.create_topics([NewTopic(name, 1, 1, config=config)]).values():
            made.result(DEADLINE_S)

    def produce(self, topic, values, **options):
        producer = Producer({"bootstrap.servers": self.kafka, "message.max.bytes": 20_000_000})
        for value in values:
            producer.produce(topic, value, **options)
        self.assertEqual(producer.flush(DEADLINE_S), 0)

    def sink(self, *topics):
        """What the topics hold now becomes rows and dead letters."""
        run("sink", "--kafka", self.kafka, "--lake", self.lake, "--until-end",
            *(flag for topic in topics for flag in ("--topic", topic)), timeout=120)

    def letters(self, command, *arguments, check=True):
        done = run("dead-letters", command, *arguments, "--kafka", self.kafka, "--lake", self.lake,
                   "--json", check=check, timeout=120)
        return [json.loads(line) for line in done.stdout.splitlines()] if check else done

    def records(self, topic):
        done = run("consume", "--topic", topic, "--exit", "--json", "--kafka", self.kafka)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_letters_of_both_places_are_counted_and_shown_with_their_bytes(self):
        self.make_topic("pictures", **{"max.message.bytes": "10485760"})
        self.make_topic("orders")
        self.produce("pictures", [b'{"n":1}', PICTURE, b"no JSON"], key=b"k\xff")
        self.produce("orders", [b'{"n":1}', b"[1]", b'{"n":2}', b"\x00\x01"])
        self.sink("pictures", "orders")
        counted = {row["topic"]: row for row in self.letters("list")}
        self.assertEqual(
            {topic: (row["letters"], row["in_topic"], row["in_lake"], row["replayed"])
             for topic, row in counted.items()},
            {"orders": (2, 2, 0, 0), "pictures": (2, 1, 1, 0)})
        self.assertTrue(all(row["newest_reason"] for row in counted.values()))
        old, new = self.letters("show", "pictures", "--bytes", "5")
        self.assertEqual((old["offset"], old["place"], old["value_bytes"]),
                         (1, "lake", len(PICTURE)))
        self.assertEqual(base64.b64decode(old["value_base64"]), PICTURE[:5])
        self.assertEqual((new["offset"], new["place"], base64.b64decode(new["key_base64"])),
                         (2, "topic", b"k\xff"))
        self.assertEqual([letter["offset"]
                          for letter in self.letters("show", "orders", "--count", "1")], [3])
        shown = run("dead-letters", "show", "orders", "--kafka", self.kafka, "--lake", self.lake)
        self.assertIn("orders/0@3, in the topic\n", shown.stdout)
        self.assertIn("  value: \\x00\\x01\n", shown.stdout)

    def test_a_replay_sends_what_is_chosen_once_however_often_it_is_asked_for(self):
        self.make_topic("pictures", **{"max.message.bytes": "10485760"})
        self.produce("pictures", [b'{"n":1}', PICTURE, b"no JSON", b"nor this"], key=b"k")
        self.sink("pictures")
        self.assertEqual(self.letters("replay", "pictures", "--offset", "2"),
                         [{"topic": "pictures", "sent": 1, "sent_before": 0}])
        sent = self.records("pictures")[4:]
        self.assertEqual([(record["value"], record["key"], record["headers"]) for record in sent],
                         [("no JSON", "k", {"ticklake.replay_of": "pictures/0@2"})])
        # The picture is larger than a producer sends by itself.
        large = ("-X", "message.max.bytes=20000000")
        self.assertEqual(self.letters("replay", "pictures", "--all", *large),
                         [{"topic": "pictures", "sent": 2, "sent_before": 1}])
        self.assertEqual(self.letters("replay", "pictures", "--all", *large),
                         [{"topic": "pictures", "sent": 0, "sent_before": 3}])
        self.assertEqual(len(self.records("pictures")), 7)
        self.assertEqual([row["replayed"] for row in self.letters("list", "pictures")], [3])
        self.assertEqual(self.letters("replay", "pictures", check=False).returncode, 2)

    def test_a_batch_without_an_outcome_was_sent_if_the_groups_offset_says_so(self):
        self.make_topic("orders")
        self.produce("orders", [b"no JSON", b"nor this"])
        self.sink("orders")
        folder = os.path.join(self.lake, "_ticklake", "dead-letters", "orders", "replayed")
        os.makedirs(folder)
        (first, _) = self.letters("show", "orders")
        # As a replay leaves it that was killed before its transaction.
        with open(f"{folder}/{0:020}.json", "w", encoding="utf-8") as batch:
            json.dump({"format": 1, "number": 0, "created_us": time.time_ns() // 1000,
                       "letters": [[first["topic_id"], 0, 0]]}, batch)
        self.assertEqual(self.letters("replay", "orders", "--offset", "0"),
                         [{"topic": "orders", "sent": 1, "sent_before": 0}])
        # And after it.
        os.remove(f"{folder}/{1:020}.outcome.json")
        self.assertEqual(self.letters("replay", "orders", "--all"),
                         [{"topic": "orders", "sent": 1, "sent_before": 1}])
        self.assertEqual([record["value"] for record in self.records("orders")],
                         ["no JSON", "nor this"] * 2)

    def test_a_letter_that_cannot_be_sent_is_named_and_stops_no_other(self):
        self.make_topic("pictures", **{"max.message.bytes": "10485760"})
        self.produce("pictures", [b"one", PICTURE, b"two"])
        self.sink("pictures")
        done = self.letters("replay", "pictures", "--all", check=False)
        self.assertEqual(json.loads(done.stdout)["sent"], 2)
        self.assertIn("note: pictures/0@1 was not sent: ", done.stderr)

    def test_a_replay_that_was_killed_at_any_moment_is_finished_by_the_next_without_doubling(self):
        self.make_topic("orders")
        count = 3_000
        self.produce("orders", [b"no JSON %d" % n for n in range(count)])
        self.sink("orders")
        folder = os.path.join(self.lake, "_ticklake", "dead-letters", "orders", "replayed")
        arguments = [BINARY, "dead-letters", "replay", "orders", "--all", "--kafka", self.kafka,
                     "--lake", self.lake]
        for batch in range(3):
            replay = subprocess.Popen(arguments, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)
            # Its batch is noted; whether it is sent yet is chance.
            wait_until(lambda number=batch: os.path.exists(f"{folder}/{number:020}.json")
                       or replay.poll() is not None, f"batch {batch} is begun", 120, 0.001)
            replay.send_signal(signal.SIGKILL)
            replay.wait(DEADLINE_S)
        self.letters("replay", "orders", "--all")
        values = [record["value"] for record in self.records("orders")[count:]]
        self.assertEqual(len(values), count)
        self.assertEqual(len(set(values)), count)


if __name__ == "__main__":
    unittest.main()
