"""`ticklake up`: everything runs, real data is in SQL, and a restart goes on where it was."""

import os
import subprocess
import unittest

from pipeline import Pipeline, free_port, run, wait_until
from plain_duckdb import PlainDuckDb

SP500_ROWS = 5105


class UpTest(unittest.TestCase):
    def test_the_real_data_set_arrives_whole_through_the_broker_and_trades_follow(self):
        with Pipeline() as pipeline:
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM sp500", 0) >= SP500_ROWS,
                       "the real data set in SQL")
            count, first, last = pipeline.query(
                "SELECT count(*), min(date), max(date) FROM sp500")[0]
            self.assertEqual((count, str(first)[:10], str(last)[:10]),
                             (SP500_ROWS, "2000-01-03", "2020-04-17"))
            before = wait_until(lambda: pipeline.value_or("SELECT count(*) FROM trades", 0),
                                "trades in SQL")
            wait_until(lambda: pipeline.value("SELECT count(*) FROM trades") > before,
                       "more trades")
            # It came by Kafka: the log holds as many records.
            counted = subprocess.run(
                ["kcat", "-b", pipeline.kafka, "-C", "-t", "sp500", "-e", "-q", "-f", "%o\n"],
                capture_output=True, text=True, timeout=60, check=True)
            self.assertEqual(len(counted.stdout.split()), SP500_ROWS)

    def test_a_restart_repeats_nothing_and_goes_on(self):
        with Pipeline("--rate", "2000/s") as pipeline:
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM trades", 0) > 500, "trades")
            self.assertEqual(pipeline.stop(), 0, pipeline.log()[-2000:])
            lake = f"{pipeline.data}/lake/trades/*/*.parquet"
            stopped_at = int(PlainDuckDb().value(f"SELECT max(seq) FROM read_parquet('{lake}')"))
            pipeline.start()
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM trades", 0) > stopped_at,
                       "new trades after the restart")
            count, distinct, high = pipeline.query(
                "SELECT count(*), count(DISTINCT seq), max(seq) FROM trades")[0]
            self.assertEqual((count, distinct), (high, high))
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM sp500", 0) >= SP500_ROWS,
                       "the real data set")
            self.assertEqual(pipeline.value("SELECT count(*) FROM sp500"), SP500_ROWS)

    def test_the_times_of_a_tick_can_be_asked_for_and_stay_out_of_the_way(self):
        with Pipeline("--flush-age", "300ms") as pipeline:
            wait_until(lambda: pipeline.value_or(
                "SELECT count(*) FROM trades WHERE _durable_time IS NOT NULL", 0) > 100,
                "durable trades")
            columns = [row[0] for row in pipeline.query("DESCRIBE trades")]
            self.assertEqual(columns, ["symbol", "price", "size", "venue", "seq", "event_time"])
            disordered = pipeline.value(
                "SELECT count(*) FROM trades WHERE NOT (_event_time <= _append_time"
                " + INTERVAL 1 MILLISECOND AND _append_time <= _visible_time)")
            self.assertEqual(disordered, 0)
            symbols = pipeline.query(
                "SELECT symbol, quantile_cont(epoch_us(_visible_time) - epoch_us(_event_time),"
                " 0.99) FROM trades GROUP BY symbol")
            self.assertGreater(len(symbols), 3)
            self.assertTrue(all(latency_us > 0 for _, latency_us in symbols))

    def test_json_lines_are_written_where_they_are_asked_for(self):
        with Pipeline("--format", "json", "--feed", "none", "--flush-age", "100ms") as pipeline:
            pipeline.produce("notes", ['{"n":1,"text":"a"}', '{"n":2,"text":null}'])
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM notes", 0) == 2, "notes")
            self.assertEqual(pipeline.stop(), 0)
            rows = PlainDuckDb().rows(
                f"SELECT n, text FROM read_json('{pipeline.data}/lake/notes/*/*.json*') ORDER BY n")
            self.assertEqual(rows, [["1", "a"], ["2", None]])

    def test_a_schema_grows_with_what_arrives(self):
        with Pipeline("--feed", "none", "--flush-age", "100ms") as pipeline:
            for line, expected in (
                    ('{"a":1}', [["a", "BIGINT"]]),
                    ('{"a":1.5,"b":true}', [["a", "DOUBLE"], ["b", "BOOLEAN"]]),
                    ('{"b":false,"c":{"d":[1]}}',
                     [["a", "DOUBLE"], ["b", "BOOLEAN"], ["c", "VARCHAR"]])):
                pipeline.produce("wide", [line])
                wait_until(lambda e=expected: [r[:2] for r in self.describe(pipeline)] == e,
                           f"{expected} after {line}")
            self.assertEqual(pipeline.query("SELECT a, b, c FROM wide ORDER BY _offset"),
                             [[1.0, None, None], [1.5, True, None], [None, False, '{"d":[1]}']])

    def describe(self, pipeline):
        try:
            return pipeline.query("DESCRIBE wide")
        except AssertionError:
            return []

    def test_status_shows_every_stage(self):
        with Pipeline() as pipeline:
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM trades", 0), "trades")
            shown = run("status", "--url", pipeline.url).stdout
            for stage in ("feed", "broker", "sink", "lake", "query"):
                self.assertIn(stage, shown)
            self.assertLessEqual(max(map(len, shown.splitlines())), 80)

    def test_a_port_in_use_and_a_data_folder_in_use_are_said_clearly(self):
        with Pipeline("--feed", "none") as pipeline:
            other = run("up", "--data", pipeline.data + "-2", "--kafka-listen", pipeline.kafka,
                        "--http-listen", "127.0.0.1:0", check=False)
            self.assertNotEqual(other.returncode, 0)
            self.assertIn(f"error: cannot listen on {pipeline.kafka}", other.stderr)
            self.assertIn("in use", other.stderr)
            self.assertIn("try:", other.stderr)
            same = run("up", "--data", pipeline.data, "--kafka-listen",
                       f"127.0.0.1:{free_port()}", "--http-listen", "127.0.0.1:0", check=False)
            self.assertNotEqual(same.returncode, 0)
            self.assertIn("error:", same.stderr)
            self.assertIn(os.path.basename(pipeline.data), same.stderr)
            self.assertTrue(pipeline.is_ready())


if __name__ == "__main__":
    unittest.main()
