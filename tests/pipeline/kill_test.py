"""kill -9 at any moment loses nothing that was acknowledged and doubles nothing."""

import os
import random
import signal
import time
import unittest

from pipeline import BINARY, Pipeline, count_in, spawn_simulation, wait_until
from plain_duckdb import PlainDuckDb

KILLS = int(os.environ.get("TICKLAKE_KILLS", "50"))
SEED = int(os.environ.get("TICKLAKE_SEED") or random.randrange(2**32))
# Short enough that kills fall before, between and after the steps of many commits.
FLAGS = ("--flush-rows", "3000", "--flush-age", "150ms")


class KillTest(unittest.TestCase):
    def setUp(self):
        self.assertTrue(os.path.exists(BINARY), f"no binary at {BINARY}")
        print(f"TICKLAKE_SEED={SEED}", flush=True)

    def test_every_acknowledged_record_is_in_sql_and_in_the_files_exactly_once(self):
        moments = random.Random(SEED)
        with Pipeline("--feed", "simulate", "--rate", "2000/s", *FLAGS) as pipeline:
            producer = spawn_simulation(pipeline.kafka, "orders", "3000/s")
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM orders", 0) > 0,
                       "the producer's first rows")
            for _ in range(KILLS):
                # Waits for nothing: the random moment is the test.
                time.sleep(moments.uniform(0.02, 2.5))
                pipeline.kill()
                pipeline.spawn()
            wait_until(pipeline.is_ready, "ready after the last kill")
            producer.send_signal(signal.SIGINT)
            _, said = producer.communicate(timeout=120)
            acknowledged = count_in(said, r"([\d,]+) (?:records )?acknowledged")
            self.assertGreater(acknowledged, KILLS * 10, said)
            wait_until(lambda: pipeline.value("SELECT count(*) FROM orders") >= acknowledged,
                       f"{acknowledged} rows in SQL", deadline_s=300)
            self.check(pipeline.query, "orders", acknowledged, int)
            self.check_trades(pipeline)
            self.assertEqual(pipeline.stop(), 0, pipeline.log()[-2000:])

            files = PlainDuckDb()
            source = f"read_parquet('{pipeline.data}/lake/orders/*/*.parquet')"
            self.check(files.rows, source, acknowledged, int)
            source = f"read_parquet('{pipeline.data}/lake/trades/*/*.parquet')"
            self.check(files.rows, source, int(files.value(f"SELECT max(seq) FROM {source}")), int)

    def test_a_topic_made_just_before_the_kill_is_read_afterwards(self):
        """The sink comes back asking for a topic that its group gave to nobody yet."""
        moments = random.Random(SEED)
        topics = [f"late{number}" for number in range(10)]
        with Pipeline("--feed", "none", *FLAGS) as pipeline:
            for topic in topics:
                pipeline.produce(topic, ['{"seq": 1}'])
                time.sleep(moments.uniform(0, 0.7))  # as above
                pipeline.kill()
                pipeline.start()
            for topic in topics:
                wait_until(lambda: pipeline.value_or(f"SELECT count(*) FROM {topic}", 0) == 1,
                           f"the record of {topic} in SQL")

    def check(self, rows_of, source, expected, number):
        count, distinct, low, high = map(number, rows_of(
            f"SELECT count(*), count(DISTINCT seq), min(seq), max(seq) FROM {source}")[0])
        self.assertEqual((count, distinct, low, high), (expected, expected, 1, expected), source)

    def check_trades(self, pipeline):
        """The embedded feed died with the process each time, and went on without a gap."""
        count, distinct, high = pipeline.query(
            "SELECT count(*), count(DISTINCT seq), max(seq) FROM trades")[0]
        self.assertEqual((count, distinct), (high, high))


if __name__ == "__main__":
    unittest.main()
