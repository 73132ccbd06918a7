"""`ticklake topic`, `group`, `produce`, `consume` and `log`, against the real broker."""

import glob
import json
import shutil
import signal
import subprocess
import tempfile
import unittest

from pipeline import BINARY, DEADLINE_S, free_port, wait_until


class KafkaCommands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data = tempfile.mkdtemp(prefix="ticklake-test-")
        cls.kafka = f"127.0.0.1:{free_port()}"
        cls.broker = subprocess.Popen([BINARY, "broker", "--data", cls.data, "--kafka-listen",
                                       cls.kafka], stderr=subprocess.DEVNULL)
        wait_until(lambda: subprocess.run([BINARY, "topic", "list", "--kafka", cls.kafka],
                                          capture_output=True, check=False).returncode == 0,
                   "the broker answers")

    @classmethod
    def tearDownClass(cls):
        cls.broker.send_signal(signal.SIGTERM)
        cls.broker.wait(DEADLINE_S)
        shutil.rmtree(cls.data)

    def run_command(self, *arguments, text=None, status=0):
        done = subprocess.run([BINARY, *arguments], input=text or "", capture_output=True,
                              text=True, timeout=DEADLINE_S, check=False)
        if status is not None:
            self.assertEqual(done.returncode, status, f"{arguments}: {done.stdout}{done.stderr}")
        return done

    def kafka_command(self, *arguments, **options):
        return self.run_command(*arguments, "--kafka", self.kafka, **options)

    def listing(self, *arguments):
        lines = self.kafka_command(*arguments, "--output", "json").stdout.splitlines()
        return [json.loads(line) for line in lines if line]

    def make_topic(self, name, partitions=1):
        self.kafka_command("topic", "create", name, "--partitions", str(partitions))
        return name

    def consume(self, topic, *flags):
        return self.kafka_command("consume", "--topic", topic, "--exit", *flags).stdout

    def test_a_topic_is_made_listed_described_and_deleted(self):
        self.make_topic("life", 3)
        self.assertIn({"topic": "life", "partitions": 3, "replicas": 1},
                      self.listing("topic", "list"))
        partitions = [row for row in self.listing("topic", "describe", "life")
                      if "partition" in row]
        self.assertEqual([row["partition"] for row in partitions], [0, 1, 2])
        self.kafka_command("topic", "delete", "life")
        self.assertNotIn("life", [row["topic"] for row in self.listing("topic", "list")])

    def test_what_is_there_or_not_there_is_told(self):
        self.make_topic("twice")
        again = self.kafka_command("topic", "create", "twice", status=1)
        self.assertRegex(again.stderr, r"^error: cannot create the topic 'twice'\ncause: .*exists")
        self.kafka_command("topic", "delete", "nowhere", status=1)
        missing = self.kafka_command("consume", "--topic", "nowhere", status=1)
        self.assertEqual(missing.stderr,
                         "error: there is no topic 'nowhere'\ntry: ticklake topic list\n")

    def test_no_broker_is_told_with_what_to_start(self):
        done = self.run_command("topic", "list", "--kafka", "127.0.0.1:1", status=3)
        self.assertRegex(done.stderr, "^error: no Kafka broker answers at 127.0.0.1:1\ncause: .*\n"
                                      "try: start one with `ticklake broker`")

    def test_configuration_is_set_shown_and_given_back(self):
        self.make_topic("settings")
        self.kafka_command("topic", "alter", "settings", "--config", "retention.ms=60000",
                           "--config", "segment.bytes=1048576")
        self.kafka_command("topic", "alter", "settings", "--delete-config", "retention.ms")
        configs = {row["config"]: row["value"]
                   for row in self.listing("topic", "describe", "settings") if "config" in row}
        self.assertEqual(configs, {"segment.bytes": "1048576"})
        wrong = self.kafka_command("topic", "alter", "settings", "--config", "no.such=1", status=2)
        self.assertIn("no.such", wrong.stderr)

    def test_partitions_are_added(self):
        self.make_topic("wider")
        self.kafka_command("topic", "alter", "wider", "--partitions", "4")
        rows = {row["topic"]: row["partitions"] for row in self.listing("topic", "list")}
        self.assertEqual(rows["wider"], 4)

    def test_records_go_in_and_come_out_with_keys_headers_and_values(self):
        self.make_topic("letters")
        self.kafka_command("produce", "--topic", "letters", "--key-separator", ":", "--header",
                           "source=test", "--codec", "zstd", text='a:{"x":1}\nb:two\n')
        self.assertEqual(self.consume("letters"), '{"x":1}\ntwo\n')
        self.assertEqual(self.consume("letters", "--format", r"%t/%p/%o %k=%s %h\n"),
                         'letters/0/0 a={"x":1} source=test\nletters/0/1 b=two source=test\n')
        first, second = map(json.loads, self.consume("letters", "--json").splitlines())
        self.assertEqual((first["key"], first["value"], first["headers"]),
                         ("a", '{"x":1}', {"source": "test"}))
        self.assertEqual((second["offset"], second["value"]), (1, "two"))

    def test_json_lines_copy_a_topic(self):
        self.make_topic("original")
        self.make_topic("copy")
        self.kafka_command("produce", "--topic", "original", "--key", "k", "--header", "h=1",
                           text='{"price":1.50}\nplain\n')
        lines = self.consume("original", "--json")
        self.kafka_command("produce", "--topic", "copy", "--json", text=lines)
        self.assertEqual(self.consume("copy", "--json"), lines.replace("original", "copy"))

    def test_reading_starts_where_it_is_told(self):
        self.make_topic("places")
        self.kafka_command("produce", "--topic", "places", text="0\n1\n2\n3\n")
        self.assertEqual(self.consume("places", "--from", "2"), "2\n3\n")
        self.assertEqual(self.consume("places", "--from", "-1"), "3\n")
        self.assertEqual(self.consume("places", "--count", "1"), "0\n")
        self.assertEqual(self.consume("places", "--from", "2000-01-01T00:00:00Z"), "0\n1\n2\n3\n")
        self.assertEqual(self.consume("places", "--from", "2100-01-01T00:00:00Z"), "")
        self.kafka_command("consume", "--topic", "places", "--from", "somewhere", status=2)

    def test_a_group_is_described_moved_and_deleted(self):
        self.make_topic("work")
        self.kafka_command("produce", "--topic", "work", text="0\n1\n2\n3\n")
        self.consume("work", "--group", "workers")
        self.assertEqual(self.listing("group", "describe", "workers"),
                         [{"topic": "work", "partition": 0, "offset": 4, "end": 4, "lag": 0,
                           "member": ""}])
        dry = self.kafka_command("group", "reset", "workers", "--to-offset", "1")
        self.assertIn("nothing was changed", dry.stderr)
        self.assertEqual(self.listing("group", "describe", "workers")[0]["offset"], 4)
        self.kafka_command("group", "reset", "workers", "--to-offset", "1", "--execute")
        self.assertEqual(self.listing("group", "describe", "workers")[0]["lag"], 3)
        self.assertEqual(self.consume("work", "--group", "workers"), "1\n2\n3\n")
        self.kafka_command("group", "delete", "workers")
        self.assertNotIn("workers", [row["group"] for row in self.listing("group", "list")])
        self.kafka_command("group", "describe", "workers", status=1)

    def test_records_are_deleted_from_the_start_on(self):
        self.make_topic("short")
        self.kafka_command("produce", "--topic", "short", text="0\n1\n2\n")
        self.assertEqual(self.listing("topic", "delete-records", "short", "--before", "2"),
                         [{"partition": 0, "first offset": 2}])
        self.assertEqual(self.consume("short"), "2\n")

    def test_a_segment_is_dumped(self):
        self.make_topic("dumped")
        self.kafka_command("produce", "--topic", "dumped", "--codec", "lz4",
                           text=f"{'one' * 99}\n{'two' * 99}\n")
        segment, = glob.glob(f"{self.data}/broker/dumped-0/*.log")
        records = self.run_command("log", "dump", "--records", segment, status=None)
        self.assertEqual([json.loads(line)["value"] for line in records.stdout.splitlines()],
                         ["one" * 99, "two" * 99])
        batches = self.run_command("log", "dump", "--output", "json", segment, status=None)
        rows = [json.loads(line) for line in batches.stdout.splitlines()]
        self.assertEqual(sum(row["records"] for row in rows), 2)
        self.assertEqual({row["codec"] for row in rows}, {"lz4"})
        self.run_command("log", "dump", __file__, status=2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
