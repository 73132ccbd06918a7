"""`ticklake up --kafka`: everything but the broker, on a Kafka that somebody else runs (here: a
`ticklake broker` of its own)."""

import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

from pipeline import BINARY, Pipeline, count_in, free_port, run, spawn_simulation, wait_until

KILLS = int(os.environ.get("TICKLAKE_KILLS", "6"))
SEED = int(os.environ.get("TICKLAKE_SEED") or random.randrange(2**32))


class Broker:
    """`ticklake broker` on an address and a folder that last over restarts."""

    def __init__(self):
        self.data = tempfile.mkdtemp(prefix="ticklake-broker-")
        self.address = f"127.0.0.1:{free_port()}"
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.data, ignore_errors=True)

    def start(self):
        self.process = subprocess.Popen(
            [BINARY, "broker", "--data", self.data, "--kafka-listen", self.address],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.process.stderr.readline()  # it listens
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def topics(self):
        listed = run("topic", "list", "--kafka", self.address, "--output", "csv").stdout
        return [line.split(",")[0] for line in listed.splitlines()[1:]]


class Questions(threading.Thread):
    """Asks for the count of a table until it is told to stop; it has to be answered each time, and
    may not fall."""

    def __init__(self, pipeline, table):
        super().__init__(daemon=True)
        self.pipeline, self.table = pipeline, table
        self.answers = []
        self.failure = None
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.wait(0.2):
            try:
                count = self.pipeline.value(f"SELECT count(*) FROM {self.table}")
            except (AssertionError, OSError) as error:
                self.failure = self.failure or str(error)
                continue
            if self.answers and count < self.answers[-1]:
                self.failure = self.failure or f"{count} rows after {self.answers[-1]}"
            self.answers.append(count)

    def finish(self):
        self.stopping.set()
        self.join(60)


class OwnKafkaTest(unittest.TestCase):
    def setUp(self):
        self.assertTrue(os.path.exists(BINARY), f"no binary at {BINARY}")

    def test_every_acknowledged_record_is_in_sql_once_while_the_broker_is_killed(self):
        print(f"TICKLAKE_SEED={SEED}", flush=True)
        moments = random.Random(SEED)
        with Broker() as broker, Pipeline("--flush-rows", "3000", "--flush-age", "500ms",
                                          own_kafka=broker.address) as pipeline:
            producer = spawn_simulation(broker.address, "orders", "3000/s")
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM orders", 0) > 0, "a row")
            questions = Questions(pipeline, "orders")
            questions.start()
            for _ in range(KILLS):
                # Waits for nothing: the random moment is the test.
                time.sleep(moments.uniform(0.2, 2))
                broker.kill()
                time.sleep(moments.uniform(0, 1))
                broker.start()
            producer.send_signal(signal.SIGINT)
            _, said = producer.communicate(timeout=120)
            acknowledged = count_in(said, r"([\d,]+) (?:records )?acknowledged")
            self.assertGreater(acknowledged, KILLS * 10, said)
            self.wait_for_rows(pipeline, acknowledged)
            questions.finish()
            self.assertIsNone(questions.failure)
            self.assertGreater(len(questions.answers), KILLS)
            self.check_once(pipeline, acknowledged)
            pipeline.kill()
            pipeline.start()
            self.wait_for_rows(pipeline, acknowledged)
            self.check_once(pipeline, acknowledged)
            self.assertEqual(pipeline.stop(), 0, pipeline.log()[-2000:])

    def wait_for_rows(self, pipeline, count):
        wait_until(lambda: pipeline.value_or("SELECT count(*) FROM orders", 0) >= count,
                   f"{count} rows in SQL")

    def check_once(self, pipeline, expected):
        self.assertEqual(
            pipeline.query("SELECT count(*), count(DISTINCT seq), min(seq), max(seq) FROM orders"),
            [[expected, expected, 1, expected]])

    def test_an_outage_is_shown_stops_nothing_and_ends_by_itself(self):
        with Broker() as broker, Pipeline("--feed", "simulate", "--rate", "200/s",
                                          own_kafka=broker.address) as pipeline:
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM trades", 0) > 100, "trades")
            kafka = pipeline.status()["broker"]
            self.assertEqual((kafka["kind"], kafka["address"], kafka["reachable"]),
                             ("external", broker.address, True))
            broker.kill()
            kafka = wait_until(lambda: self.broker_if(pipeline, reachable=False),
                               "the status says that Kafka is away")
            self.assertIn(broker.address, kafka["error"])
            self.assertIn("ticklake_broker_reachable 0", self.metrics(pipeline))
            shown = run("status", "--url", pipeline.url).stdout
            self.assertIn("no broker answers", shown)
            self.assertGreater(pipeline.value("SELECT count(*) FROM trades"), 100)
            before = pipeline.value("SELECT max(seq) FROM trades")
            broker.start()
            wait_until(lambda: self.broker_if(pipeline, reachable=True), "Kafka is back")
            wait_until(lambda: pipeline.value("SELECT max(seq) FROM trades") > before + 500,
                       "reading and feeding go on")
            count, high = pipeline.query("SELECT count(*), max(seq) FROM trades")[0]
            self.assertEqual(count, high)
            self.assertIn("ticklake_broker_reachable 1", self.metrics(pipeline))

    def broker_if(self, pipeline, reachable):
        kafka = pipeline.status()["broker"]
        return kafka if kafka["reachable"] == reachable else None

    def metrics(self, pipeline):
        with urllib.request.urlopen(pipeline.url + "/metrics", timeout=30) as answer:
            return answer.read().decode()

    def test_ctrl_c_ends_it_while_kafka_is_away(self):
        with Broker() as broker, Pipeline(own_kafka=broker.address) as pipeline:
            pipeline.produce("mine", ['{"a": 1}'])
            wait_until(lambda: pipeline.value_or("SELECT count(*) FROM mine", 0) == 1, "the row")
            broker.kill()
            self.assertEqual(pipeline.stop(), 0, pipeline.log()[-2000:])

    def test_it_writes_nothing_to_a_kafka_unasked_and_reads_the_topics_that_were_named(self):
        with Broker() as broker:
            for topic in ("wanted", "other"):
                run("topic", "create", topic, "--kafka", broker.address)
            with Pipeline("--topic", "wanted", "--topic", "later",
                          own_kafka=broker.address) as pipeline:
                for topic in ("other", "wanted", "later"):
                    pipeline.produce(topic, ['{"a": 1}'])
                for topic in ("wanted", "later"):
                    wait_until(lambda: pipeline.value_or(f"SELECT count(*) FROM {topic}", 0) == 1,
                               topic)
                self.assertEqual(pipeline.query("SHOW TABLES"), [["later"], ["wanted"]])
                self.assertEqual(broker.topics(), ["later", "other", "wanted"])
                self.assertIn("feed       none", pipeline.log())

    def test_each_data_folder_gets_every_record(self):
        with Broker() as broker, Pipeline(own_kafka=broker.address) as one, \
                Pipeline(own_kafka=broker.address) as other:
            run("topic", "create", "shared", "--partitions", "4", "--kafka", broker.address)
            one.produce("shared", [json.dumps({"n": number}) for number in range(1000)])
            for pipeline in (one, other):
                wait_until(lambda: pipeline.value_or("SELECT count(*) FROM shared", 0) == 1000,
                           "every record")
            self.assertNotEqual(one.status()["broker"]["group"], other.status()["broker"]["group"])
            # Two on one folder would write one lake.
            again = run("up", "--data", one.data, "--kafka", broker.address, "--http-listen",
                        f"127.0.0.1:{free_port()}", check=False)
            self.assertEqual(again.returncode, 1, again.stderr)
            self.assertIn("another `ticklake up`", again.stderr)

    def test_no_kafka_at_the_start_is_an_error_that_says_so(self):
        with tempfile.TemporaryDirectory() as data:
            address = f"127.0.0.1:{free_port()}"
            done = run("up", "--data", data, "--kafka", address, check=False)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn(f"no Kafka broker answers at {address}", done.stderr)

    def test_flags_that_have_no_effect_are_refused(self):
        for flags, named in ((("--kafka", "127.0.0.1:1", "--kafka-listen", "127.0.0.1:2"),
                              "--kafka-listen"),
                             (("--kafka", "127.0.0.1:1", "--authorize"), "--authorize"),
                             (("--topic", "a"), "--topic"),
                             (("--kafka", "no address"), "no address")):
            done = run("up", *flags, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(named, done.stderr)


if __name__ == "__main__":
    unittest.main()
