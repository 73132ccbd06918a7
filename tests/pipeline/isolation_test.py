"""One bad thing stops one thing: a record, topic or table that is bad costs itself, is shown, and is
tried again. Each test looks once more after a restart."""

import base64
import datetime
import glob
import json
import os
import time
import unittest
import urllib.request

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from pipeline import Pipeline, run, wait_until


def make_topic(pipeline, name, **config):
    admin = AdminClient({"bootstrap.servers": pipeline.kafka})
    for made in admin.create_topics([NewTopic(name, 1, 1, config=config)]).values():
        made.result(30)


def produce(pipeline, topic, values, **options):
    """Values with acks=all through librdkafka; `timestamp` and `key` are for all of them."""
    producer = Producer({"bootstrap.servers": pipeline.kafka, "message.max.bytes": 20_000_000})
    failures = []
    for value in values:
        producer.produce(topic, value, on_delivery=lambda error, _: error and failures.append(error),
                         **options)
    assert producer.flush(30) == 0 and not failures, failures


def where_of(pipeline):
    return [problem["where"] for problem in pipeline.status()["problems"]]


def error_of(pipeline, sql):
    """The server's answer to a statement that it refuses."""
    try:
        rows = pipeline.query(sql)
    except AssertionError as refused:
        return str(refused)
    raise AssertionError(f"{sql} was answered: {rows}")


class Isolation(unittest.TestCase):
    def pipeline(self, *flags):
        pipeline = Pipeline("--feed", "none", "--flush-age", "300ms", *flags).start()
        self.addCleanup(pipeline.__exit__, None)
        return pipeline

    def wait_for_rows(self, pipeline, table, count, column="n"):
        wait_until(lambda: pipeline.value_or(f'SELECT count(*) FROM "{table}"', 0) == count,
                   f"{count} rows of {table}: {pipeline.status()['problems']}")
        self.assertEqual(pipeline.value(f'SELECT count(DISTINCT {column}) FROM "{table}"'), count)

    def wait_until_durable(self, pipeline, topic, offset):
        def is_durable():
            parts = pipeline.status()["sink"]["partitions"]
            return any(p["topic"] == topic and p["durable_offset"] >= offset for p in parts)
        wait_until(is_durable, f"{topic} is in files: {pipeline.status()['problems']}")

    def restart(self, pipeline, kill=True):
        if kill:
            pipeline.kill()
        else:
            self.assertEqual(pipeline.stop(), 0)
        pipeline.start()

    def test_topics_that_differ_in_case_are_tables_of_their_own(self):
        pipeline = self.pipeline()
        counts = {"quotes": 2, "Quotes": 3, "QUOTES": 4}
        for topic, count in counts.items():
            pipeline.produce(topic, [json.dumps({"n": n, "of": topic}) for n in range(count)])
            wait_until(lambda topic=topic: any(
                part["topic"] == topic and part["visible_offset"] == counts[topic]
                for part in pipeline.status()["sink"]["partitions"]), f"{topic} is read")
        tables = {"quotes": "quotes", "Quotes": "Quotes_2", "QUOTES": "QUOTES_3"}
        for kill in (True, False, True):
            for topic, table in tables.items():
                self.wait_for_rows(pipeline, table, counts[topic])
                self.assertEqual(pipeline.query(f'SELECT DISTINCT "of" FROM "{table}"'), [[topic]])
            self.assertIn("topic Quotes", where_of(pipeline), "the user is told the name")
            self.restart(pipeline, kill)
        self.assertEqual(pipeline.stop(), 0)
        lake = run("sql", "--lake", f"{pipeline.data}/lake", "SELECT count(*) FROM quotes_2")
        self.assertIn("3", lake.stdout)

    def test_a_topic_named_as_a_table_of_sqls_own_is_a_table(self):
        pipeline = self.pipeline()
        for topic in ("sqlite_master", "duckdb_columns", "main", "select", "information_schema",
                      "1st-level", "hot", "wide"):
            pipeline.produce(topic, ['{"n":1}'])
            name = topic.replace("-", "_")
            table = f"{name}_2" if topic in ("sqlite_master", "duckdb_columns") else name
            self.wait_for_rows(pipeline, table, 1)
        self.assertEqual(len(pipeline.query("SHOW TABLES")), 8)

    def test_a_dead_letter_that_its_topic_does_not_take_is_kept_and_stops_nobody(self):
        pipeline = self.pipeline()
        make_topic(pipeline, "pictures", **{"max.message.bytes": "10485760"})
        make_topic(pipeline, "keyed.dead-letter", **{"cleanup.policy": "compact"})
        picture = b"\xff\xd8\xff" + b"j" * 3_000_000
        produce(pipeline, "pictures", [b'{"n":1}', picture, b'{"n":2}'])
        produce(pipeline, "keyed", [b"no key, no JSON", b'{"n":1}'])
        produce(pipeline, "others", [b'{"n":1}', b"a letter that can go", b'{"n":2}'])
        self.wait_for_rows(pipeline, "pictures", 2)
        self.wait_for_rows(pipeline, "keyed", 1)
        self.wait_for_rows(pipeline, "others", 2)
        for topic, end in (("pictures", 3), ("keyed", 2), ("others", 3)):
            self.wait_until_durable(pipeline, topic, end)
        for kill in (True, False, True):
            sink = pipeline.status()["sink"]
            self.assertEqual(sink["dead_letters"], 3)
            self.assertEqual(sink["dead_letters_kept"], 2)
            self.assertEqual(sorted(where_of(pipeline)),
                             ["keyed.dead-letter", "pictures.dead-letter"])
            with urllib.request.urlopen(pipeline.url + "/health/ready", timeout=30) as ready:
                self.assertEqual(len(json.load(ready)["problems"]), 2)
            shown = run("status", "--url", pipeline.url).stdout
            self.assertIn("pictures.dead-letter", shown)
            self.restart(pipeline, kill)
            self.wait_for_rows(pipeline, "pictures", 2)
        kept = glob.glob(f"{pipeline.data}/lake/_ticklake/dead-letters/pictures/*/0/*.jsonl")
        self.assertEqual(len(kept), 1)
        with open(kept[0], encoding="utf-8") as lines:
            letter = json.loads(lines.read())
        self.assertEqual(base64.b64decode(letter["value_base64"]), picture)
        self.assertEqual((letter["topic"], letter["offset"]), ("pictures", 1))

    def test_a_topic_of_249_characters_is_a_table_and_its_dead_letters_are_kept(self):
        pipeline = self.pipeline()
        topics = [f"exchange.{letter * 230}.trades-v2"[:249].ljust(249, "z") for letter in "ab"]
        for topic in topics:
            produce(pipeline, topic, [b'{"n":1}', b"no JSON", b'{"n":2}'])
        produce(pipeline, "short", [b'{"n":1}'])
        self.wait_for_rows(pipeline, "short", 1)
        for kill in (True, True, False):
            for topic in topics:
                table = topic.replace(".", "_").replace("-", "_")
                self.wait_for_rows(pipeline, table, 2)
                self.wait_until_durable(pipeline, topic, 3)
            self.assertEqual(pipeline.status()["sink"]["dead_letters_kept"], 2)
            self.restart(pipeline, kill)

    def test_times_that_are_no_milliseconds_are_rows_before_and_after_a_restart(self):
        pipeline = self.pipeline()
        now = int(time.time())
        units = [now, now * 1000, now * 1_000_000, now * 1_000_000_000, 2**63 - 1, 1]
        for n, timestamp in enumerate(units):
            produce(pipeline, "times", [json.dumps({"n": n})], timestamp=timestamp)
        produce(pipeline, "others", [b'{"n":1}'])
        for kill in (True, False, True):
            self.wait_for_rows(pipeline, "times", len(units))
            self.wait_for_rows(pipeline, "others", 1)
            self.wait_until_durable(pipeline, "times", len(units))
            self.assertEqual(pipeline.query("SELECT n FROM times ORDER BY _offset"),
                             [[n] for n in range(len(units))])
            self.assertEqual(pipeline.value("SELECT count(*) FROM times WHERE dt IS NULL"), 3)
            self.assertEqual(pipeline.status()["problems"], [])
            self.restart(pipeline, kill)

    def test_a_topic_of_dead_letters_alone_is_explained_to_who_asks_for_it(self):
        pipeline = self.pipeline()
        pipeline.produce("prices", ["AAPL,184.40,100", "MSFT,372.1,5"])
        pipeline.produce("others", ['{"n":1}'])
        self.wait_for_rows(pipeline, "others", 1)

        def explanation():
            said = error_of(pipeline, "SELECT * FROM Prices")
            return said if "prices.dead-letter" in said else None
        for kill in (True, False, True):
            said = wait_until(explanation, "it is said where the records are")
            self.assertIn("no rows", said)
            self.assertIn("2 are in the topic prices.dead-letter", said)
            self.assertRegex(said, "offset 1.*looks like CSV text")
            self.wait_until_durable(pipeline, "prices", 2)
            self.assertIn("table prices", wait_until(lambda: where_of(pipeline), "a problem"))
            self.restart(pipeline, kill)
        self.assertEqual(pipeline.stop(), 0)
        lake = run("sql", "--lake", f"{pipeline.data}/lake", "FROM prices", check=False)
        self.assertEqual(lake.returncode, 1)
        self.assertIn("prices.dead-letter", lake.stderr)

    def test_a_table_that_cannot_be_written_waits_alone_and_goes_on_by_itself(self):
        pipeline = self.pipeline("--flush-rows", "100")
        # Where the folder of today's (or tomorrow's) files should be stands a file.
        os.makedirs(f"{pipeline.data}/lake/blocked")
        today = datetime.datetime.now(datetime.timezone.utc).date()
        days = [f"{pipeline.data}/lake/blocked/dt={today + datetime.timedelta(n)}" for n in (0, 1)]
        for day in days:
            with open(day, "w", encoding="utf-8"):
                pass
        pipeline.produce("blocked", [json.dumps({"n": n}) for n in range(450)])
        pipeline.produce("free", [json.dumps({"n": n}) for n in range(450)])
        self.wait_for_rows(pipeline, "free", 450)
        self.wait_until_durable(pipeline, "free", 450)
        wait_until(lambda: "flush of blocked/0" in where_of(pipeline), "the problem is shown")
        pipeline.produce("free", [json.dumps({"n": n}) for n in range(450, 500)])
        self.wait_for_rows(pipeline, "free", 500)
        self.assertTrue(pipeline.is_alive())
        for day in days:
            os.remove(day)
        self.wait_for_rows(pipeline, "blocked", 450)
        self.wait_until_durable(pipeline, "blocked", 450)
        wait_until(lambda: where_of(pipeline) == [], "no problem is left")
        self.restart(pipeline)
        self.wait_for_rows(pipeline, "blocked", 450)

    def test_a_table_whose_files_cannot_be_read_hides_no_other_at_a_start(self):
        pipeline = self.pipeline()
        for topic in ("broken", "whole"):
            pipeline.produce(topic, ['{"n":1}', '{"n":2}'])
            self.wait_until_durable(pipeline, topic, 2)
        self.assertEqual(pipeline.stop(), 0)
        record, = glob.glob(f"{pipeline.data}/lake/_ticklake/broken/*/*/0/*0.json")
        with open(record, encoding="utf-8") as file:
            good = file.read()
        with open(record, "w", encoding="utf-8") as file:
            file.write("{")
        pipeline.start()
        pipeline.produce("whole", ['{"n":3}'])
        self.wait_for_rows(pipeline, "whole", 3)
        wait_until(lambda: "broken/0" in where_of(pipeline), "the problem is shown")
        self.assertEqual(pipeline.stop(), 0)
        with open(record, "w", encoding="utf-8") as file:
            file.write(good)
        pipeline.start()
        self.wait_for_rows(pipeline, "broken", 2)


if __name__ == "__main__":
    unittest.main()
