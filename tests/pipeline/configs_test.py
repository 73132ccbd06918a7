"""`ticklake up` keeps working whatever its broker was told by --config: feed, sink and dead letters."""

import subprocess
import unittest

from pipeline import Pipeline, run, wait_until

SP500_ROWS = 5105


def flags(*settings):
    return [word for setting in settings for word in ("--config", setting)]


class ConfiguredUp(unittest.TestCase):
    def wait_for_rows(self, pipeline):
        wait_until(lambda: pipeline.value_or("SELECT count(*) FROM sp500", 0) >= SP500_ROWS,
                   "the real data set in SQL")
        wait_until(lambda: pipeline.value_or("SELECT count(*) FROM trades", 0) > 0, "trades")

    def test_settings_that_its_own_clients_would_stumble_over(self):
        settings = flags("auto.create.topics.enable=false", "message.max.bytes=20000",
                         "log.cleanup.policy=compact", "group.max.session.timeout.ms=7000",
                         "log.message.timestamp.before.max.ms=60000", "num.partitions=3")
        with Pipeline(*settings) as pipeline:
            self.wait_for_rows(pipeline)
            self.assertEqual(pipeline.value("SELECT count(DISTINCT _partition) FROM trades"), 1)
            run("topic", "create", "mixed", "--partitions", "1", "--kafka", pipeline.kafka)
            # As large as a record may be: its dead letter is a little larger.
            bad = "x" * 19850
            for line in ('{"n":1}', bad, '{"n":2}'):
                pipeline.produce("mixed", [line], key="k")
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM mixed", 0) == 2, "rows")
            letter = wait_until(lambda: self.dead_letter(pipeline), "the dead letter")
            self.assertEqual(letter, bad)
            self.assertEqual(pipeline.stop(), 0, pipeline.log()[-2000:])

    def dead_letter(self, pipeline):
        read = subprocess.run(["kcat", "-b", pipeline.kafka, "-C", "-t", "mixed.dead-letter", "-c",
                               "1", "-o", "beginning", "-e", "-q"],
                              capture_output=True, text=True, timeout=60, check=False)
        return read.stdout.strip() if read.returncode == 0 else ""

    def test_its_own_clients_use_a_mechanism_that_is_enabled(self):
        for mechanism in ("SCRAM-SHA-256", "PLAIN"):
            settings = flags(f"sasl.enabled.mechanisms={mechanism}")
            with Pipeline(*settings, "--authorize") as pipeline:
                self.wait_for_rows(pipeline)
                self.assertEqual(pipeline.stop(), 0, pipeline.log()[-2000:])
                pipeline.start()  # the feed reads where it was, as the same user
                wait_until(lambda: pipeline.status()["feed"]["state"] == "simulating", "the feed")

    def test_what_cannot_be_set_is_refused_before_anything_starts(self):
        done = run("up", *flags("log.dirs=/tmp"), check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--config: log.dirs: it is a flag here; use --data FOLDER", done.stderr)


if __name__ == "__main__":
    unittest.main()
