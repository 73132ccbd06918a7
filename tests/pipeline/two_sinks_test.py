"""Two sinks on the same partitions by mistake: no row twice, in SQL and in the files."""

import signal
import subprocess
import unittest

from pipeline import BINARY, Pipeline, count_in, run, spawn_simulation, wait_until
from plain_duckdb import PlainDuckDb

ROWS = 60_000


class TwoSinksTest(unittest.TestCase):
    def test_a_second_sink_in_another_group_doubles_nothing(self):
        with Pipeline("--feed", "none", "--flush-rows", "1500", "--flush-age", "100ms") as pipeline:
            producer = spawn_simulation(pipeline.kafka, "orders", "20000/s", "--count", str(ROWS))
            # The same lake, a group of its own: it is given every partition that `up` has too,
            # and cuts at other offsets.
            rival = subprocess.Popen(
                [BINARY, "sink", "--kafka", pipeline.kafka, "--topic", "orders",
                 "--lake", f"{pipeline.data}/lake", "--group", "by-mistake",
                 "--flush-rows", "1100", "--flush-age", "70ms"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                text=True)
            try:
                _, said = producer.communicate(timeout=120)
                self.assertEqual(count_in(said, r"([\d,]+) (?:records )?acknowledged"), ROWS)
                wait_until(lambda: pipeline.value_or("SELECT count(*) FROM orders", 0) >= ROWS,
                           "all rows in SQL")
                self.assertEqual(
                    pipeline.query("SELECT count(*), count(DISTINCT seq) FROM orders"),
                    [[ROWS, ROWS]])
                self.assertIsNone(rival.poll(), "the second sink is still running")
                rival.send_signal(signal.SIGINT)
                _, rival_said = rival.communicate(timeout=60)
                self.assertEqual(rival.returncode, 0, rival_said)
            finally:
                if rival.poll() is None:
                    rival.kill()
                    rival.wait()
            self.assertEqual(pipeline.stop(), 0, pipeline.log()[-2000:])
            files = f"read_parquet('{pipeline.data}/lake/orders/*/*.parquet')"
            self.assertEqual(
                PlainDuckDb().rows(f"SELECT count(*), count(DISTINCT seq), count(DISTINCT _offset)"
                                   f" FROM {files}"),
                [[str(ROWS)] * 3])
            lake = run("sql", "--lake", f"{pipeline.data}/lake", "--output", "csv",
                       "SELECT count(*) AS rows FROM orders")
            self.assertEqual(lake.stdout.split(), ["rows", str(ROWS)])


if __name__ == "__main__":
    unittest.main()
